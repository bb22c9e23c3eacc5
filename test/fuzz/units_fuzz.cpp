// Durations and sizes: what is taken reads the same when written out; what is refused gets one line that says
// why.
#include <cstdlib>
#include <string_view>

#include "cli/units.hpp"
#include "core/base/bytes.hpp"

using namespace weir;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

// A message is one line that names something to write instead.
void check_error(const Error& error) {
    require(error.code == Errc::bad_input || error.code == Errc::too_large);
    require(error.detail.find("expected") != std::string::npos && error.detail.size() < 256);
    for (char c : error.detail) require(c >= 0x20 && c < 0x7F);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = as_text({data, size});
    if (const auto duration = cli::parse_duration(text)) {
        require(duration.value() >= Duration::zero());
        const auto written = cli::format_duration(duration.value());
        const auto again = cli::parse_duration(written);
        require(again.ok() && again.value() == duration.value());
        require(written.size() <= text.size() || duration.value() == Duration::zero());
        const auto negative = cli::format_duration(-duration.value());
        require(duration.value() == Duration::zero() ? negative == written : negative == '-' + written);
    } else {
        check_error(duration.error());
    }
    if (const auto bytes = cli::parse_size(text)) {
        const auto written = cli::format_size(bytes.value());
        const auto again = cli::parse_size(written);
        require(again.ok() && again.value() == bytes.value());
    } else {
        check_error(bytes.error());
    }
    return 0;
}
