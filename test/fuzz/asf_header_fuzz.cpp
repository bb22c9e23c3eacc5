// A header blob from anywhere: what is taken is served in a form that is taken again and stays as it is.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "core/asf/container.hpp"
#include "core/asf/file.hpp"
#include "core/asf/header.hpp"
#include "test/unit/core/asf/vectors.hpp"

using namespace weir;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const Bytes in{bytes, size};
    const ReaderLimits limits;
    const auto found = asf::find_header_blob(in, limits.header_bytes);
    if (const auto* need = std::get_if<Need>(&found)) require(need->more > 0);
    const auto format = asf::container().parse_header(in, limits);
    if (!format) {
        require(!format.error().detail.empty());
        return 0;
    }
    const auto* got = std::get_if<Got<std::size_t>>(&found);
    require(got != nullptr && got->used <= size);
    const auto& f = *format.value();
    const auto served = f.header();
    require(served.size() <= got->used);
    require(f.max_packet() >= asf::kMinPacketSize && f.max_packet() <= asf::kMaxPacketSize);
    require(!f.describe().empty());
    unsigned last = 0;
    for (const auto& stream : f.streams()) {
        require(stream.number > last && stream.number <= asf::kMaxStreamNumber);
        require(stream.frame_rate >= 0);
        last = stream.number;
    }
    require(last > 0 && f.preroll().count() >= 0);
    require(f.difference(f).empty());
    static const auto known = asf::container().parse_header(asf::vectors::kHeaderBlob, limits).value();
    const bool same_size = f.max_packet() == known->max_packet();
    require(!same_size || known->difference(f).empty() == f.difference(*known).empty());
    require(f.map_from(f).is_identity());
    if (known->difference(f).empty()) {
        const auto map = known->map_from(f);
        std::size_t named = 0;
        for (const auto& stream : f.streams()) named += map[stream.number] == 1 || map[stream.number] == 2;
        require(named == 2);
    }
    const auto again = asf::container().parse_header(served, limits);
    require(again.ok());
    require(again.value()->max_packet() == f.max_packet());
    require(f.difference(*again.value()).empty());
    const auto twice = again.value()->header();
    require(twice.size() == served.size() && std::equal(twice.begin(), twice.end(), served.begin()));
    const auto finished = asf::finish_header(served, {.packets = size, .duration_ms = size});
    require(finished.ok() && finished.value().size() == served.size());
    return 0;
}
