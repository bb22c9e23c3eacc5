#include "core/asf/framed_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace weir::asf {

namespace {

constexpr unsigned kMaxChanges = 10;
// ffmpeg's $E has 8 bytes, and where others have the reason it has a running number.
constexpr std::uint16_t kPlainReason = 4;

Error bad(std::string detail) {
    return Error{Errc::bad_input, "ASF chunks: " + std::move(detail)};
}

}  // namespace

Result<Step> FramedReader::step(Bytes in, StreamReader::Output& out) {
    const auto parsed = parse_chunk(in);
    if (const auto* need = std::get_if<Need>(&parsed)) return Step{.used = 0, .need = in.size() + need->more};
    if (const auto* error = std::get_if<Error>(&parsed)) return *error;
    const auto& got = std::get<Got<Chunk>>(parsed);
    if (auto done = on_chunk(got.value, out); !done) return done.error();
    return Step{.used = got.used, .need = 0};
}

Result<> FramedReader::on_chunk(const Chunk& chunk, StreamReader::Output& out) {
    switch (chunk.type) {
        case ChunkType::header:
            return on_header(chunk);
        case ChunkType::data:
            return on_data(chunk, out);
        case ChunkType::end:
            finished_ = chunk.length != kPlainReason || chunk.reason != kEndEntryFinished;
            return Ok{};
        case ChunkType::stream_change:
            if (++changes_ > kMaxChanges)
                return bad(fmt::format("{} $C without a $D between them, expected at most {}", changes_,
                                       kMaxChanges));
            return Ok{};
        case ChunkType::metadata:
            return is_from_relay_ ? on_metadata(chunk.payload, out) : Result<>{Ok{}};
        case ChunkType::pipeline_test:
        case ChunkType::other:
            break;
    }
    return Ok{};
}

Result<> FramedReader::on_metadata(Bytes text, StreamReader::Output& out) {
    std::string_view said = as_text(text);
    if (!said.starts_with(kProvenanceMark)) return Ok{};
    said.remove_prefix(kProvenanceMark.size());
    const auto provenance = parse_provenance(said);
    if (!provenance)
        return bad(fmt::format("a $M with \"{}\", expected a run, a number and relays", printable(said, 80)));
    return out.on_provenance(*provenance);
}

Result<> FramedReader::on_header(const Chunk& chunk) {
    const auto place = chunk.af_flags & kOnlyFragment;
    if (place == kOnlyFragment) {
        in_fragments_ = false;
        return run_.begin(chunk.payload, limit_);
    }
    if (place == kFirstFragment) {
        in_fragments_ = true;
        fragments_.clear();
    } else if (!in_fragments_ || chunk.location_id != next_fragment_) {
        return bad(
            fmt::format("$H fragment {} with flags 0x{:02X}, expected {}", chunk.location_id, chunk.af_flags,
                        in_fragments_ ? fmt::format("fragment {}", next_fragment_)
                                      : std::string{"a first fragment (0x04) or a whole header (0x0C)"}));
    }
    next_fragment_ = chunk.location_id + 1;
    if (chunk.payload.size() > std::min(limit_, kMaxHeaderBlob) - fragments_.size())
        return Error{Errc::too_large,
                     fmt::format("ASF chunks: a header of {} bytes or more in $H fragments, the limit "
                                 "is {}",
                                 fragments_.size() + chunk.payload.size(), limit_)};
    fragments_.insert(fragments_.end(), chunk.payload.begin(), chunk.payload.end());
    if (place != kLastFragment) return Ok{};
    in_fragments_ = false;
    return run_.begin(fragments_, limit_);
}

Result<> FramedReader::on_data(const Chunk& chunk, StreamReader::Output& out) {
    changes_ = 0;
    if (in_fragments_) return bad("$D inside a header in fragments, expected the last $H fragment (0x08)");
    if (!run_.has_header()) return bad("$D before any $H, expected the header first");
    const auto packet = chunk.payload;
    out.on_number(chunk.location_id);
    if (packet.size() < run_.packet_size()) return run_.deliver_short(packet, out);
    const auto parsed = run_.parse(packet);
    if (!parsed) return out.on_bad_packet(parsed.error());
    return run_.deliver(packet, parsed.value(), out);
}

}  // namespace weir::asf
