// Any text as an address: what is taken reads back the same from its own text.
#include <cstddef>
#include <cstdint>

#include "core/base/address.hpp"
#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto address = weir::parse_address(weir::as_text({data, size}));
    if (!address) return 0;
    const auto again = weir::parse_address(to_string(address.value()));
    WEIR_ASSERT(again.ok() && again.value() == address.value());
    return 0;
}
