// Any text as a configuration file: it gives a Config or problems, each of them one line. Values that have
// forms of their own are shown as what reads the same.
#include <cstddef>
#include <cstdint>

#include "cli/config_forms.hpp"
#include "cli/config_toml.hpp"
#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"

namespace {

using namespace weir;

void check_forms(const ListenConfig& listen) {
    ListenConfig again;
    WEIR_ASSERT(cli::take_send_buffer(cli::show_send_buffer(listen), again).ok());
    WEIR_ASSERT(cli::take_pacing(cli::show_pacing(listen), again).ok());
    WEIR_ASSERT(again.send_buffer == listen.send_buffer && again.pacing == listen.pacing);
}

void check_forms(const ChannelConfig& channel) {
    ChannelConfig again;
    WEIR_ASSERT(cli::take_latency(cli::show_latency(channel), again).ok());
    WEIR_ASSERT(cli::take_failback(cli::show_failback(channel), again).ok());
    WEIR_ASSERT(cli::take_hold(cli::show_hold(channel), again).ok());
    // Where nothing is said of it the server's is shown.
    WEIR_ASSERT(channel.latency.count() == 0 || again.latency == channel.latency);
    WEIR_ASSERT(again.failback.when == channel.failback.when && again.hold == channel.hold);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::string_view kProtocols[] = {"http", "msbd"};
    const auto loaded = weir::cli::parse_config(weir::as_text({data, size}), "fuzz.toml", kProtocols);
    for (const auto& problem : loaded.problems) {
        WEIR_ASSERT(!problem.key.empty() && !problem.what.empty());
        WEIR_ASSERT(to_string(problem).find('\n') == std::string::npos);
    }
    if (loaded.problems.empty())
        WEIR_ASSERT(!loaded.config.listen.empty() && !loaded.config.channels.empty());
    for (const auto& listen : loaded.config.listen) check_forms(listen);
    for (const auto& channel : loaded.config.channels) check_forms(channel);
    return 0;
}
