// Any text as a configuration file: it gives a Config or problems, each of them one line.
#include <cstddef>
#include <cstdint>

#include "cli/config_toml.hpp"
#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::string_view kProtocols[] = {"http", "msbd"};
    const auto loaded = weir::cli::parse_config(weir::as_text({data, size}), "fuzz.toml", kProtocols);
    for (const auto& problem : loaded.problems) {
        WEIR_ASSERT(!problem.key.empty() && !problem.what.empty());
        WEIR_ASSERT(to_string(problem).find('\n') == std::string::npos);
    }
    if (loaded.problems.empty())
        WEIR_ASSERT(!loaded.config.listen.empty() && !loaded.config.channels.empty());
    return 0;
}
