// Chunks of the `$` framing from anywhere, one after the other: what is read is what encode makes.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "core/asf/chunk.hpp"

using namespace weir;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

// Writes the chunk anew; the B bit and what stands behind a reason are not kept.
std::vector<std::uint8_t> encoded(const asf::Chunk& c) {
    std::vector<std::uint8_t> out(asf::kDataOverhead + c.payload.size());
    const asf::DataHead head{
        .location_id = c.location_id, .incarnation = c.incarnation, .af_flags = c.af_flags};
    switch (c.type) {
        case asf::ChunkType::end:
            out.resize(asf::encode_end(c.reason, out));
            break;
        case asf::ChunkType::stream_change:
            out.resize(asf::encode_stream_change(c.reason, out));
            break;
        case asf::ChunkType::data:
            asf::encode_data(head, c.payload, out);
            break;
        default:
            asf::encode_head(c.type, head, c.payload.size(), out);
            std::copy(c.payload.begin(), c.payload.end(), out.begin() + asf::kDataOverhead);
    }
    return out;
}

// A header of any size goes into chunks that hold all of it, in order.
void check_header(Bytes blob) {
    std::vector<std::uint8_t> out(asf::encoded_header_size(blob.size()));
    require(asf::encode_header(1, blob, out) == out.size());
    std::size_t held = 0;
    for (Bytes left = out; !left.empty();) {
        const auto parsed = asf::parse_chunk(left);
        const auto* got = std::get_if<Got<asf::Chunk>>(&parsed);
        require(got != nullptr && got->value.type == asf::ChunkType::header);
        const auto part = got->value.payload;
        require(std::equal(part.begin(), part.end(), blob.begin() + static_cast<std::ptrdiff_t>(held)));
        held += part.size();
        left = left.subspan(got->used);
        require(((got->value.af_flags & asf::kLastFragment) != 0) == left.empty());
    }
    require(held == blob.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    Bytes in{bytes, size};
    check_header(in);
    for (;;) {
        const auto parsed = asf::parse_chunk(in);
        if (const auto* need = std::get_if<Need>(&parsed)) {
            require(need->more > 0 && in.size() + need->more <= asf::kMaxChunk);
            return 0;
        }
        const auto* got = std::get_if<Got<asf::Chunk>>(&parsed);
        if (got == nullptr) return 0;
        require(got->used >= asf::kChunkHead && got->used <= in.size());
        // No shorter prefix is enough.
        require(std::holds_alternative<Need>(asf::parse_chunk(in.first(got->used - 1))));
        if (got->value.type != asf::ChunkType::pipeline_test && got->value.type != asf::ChunkType::other) {
            const auto out = encoded(got->value);
            const auto again = asf::parse_chunk(out);
            const auto* same = std::get_if<Got<asf::Chunk>>(&again);
            require(same != nullptr && same->used == out.size());
            require(same->value.reason == got->value.reason &&
                    same->value.payload.size() == got->value.payload.size());
            if (got->value.length != 8 && !got->value.no_delay && got->used == out.size())
                require(std::equal(out.begin(), out.end(), in.begin()));
        }
        in = in.subspan(got->used);
    }
}
