// Chunks of the `$` framing from anywhere, one after the other: what is read is what encode makes.
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    Bytes in{bytes, size};
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
        if (got->value.type != asf::ChunkType::pipeline_test) {
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
