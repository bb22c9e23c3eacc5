// Any bytes as an admin port's answer: a table that moves no terminal's cursor, or an Error.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cli/status_table.hpp"
#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto table = weir::cli::status_table(weir::as_text({data, size}));
    const std::string& text = table ? table.value() : table.error().detail;
    WEIR_ASSERT(!text.empty());
    WEIR_ASSERT(
        std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= 0x20 && c <= 0x7E); }));
    return 0;
}
