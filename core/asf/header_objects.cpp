#include "core/asf/header_objects.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::asf {

namespace {

constexpr std::size_t kStreamFixed = 78;
constexpr std::size_t kExtendedFixed = 88;
constexpr std::size_t kExclusionFixed = 42;
constexpr std::size_t kBitratesFixed = 26;
constexpr std::uint32_t kNoCleanPoints = 4;
constexpr std::uint16_t kStreamNumberMask = 0x7F, kEncrypted = 0x8000;

Error bad(const Object& o, std::string detail) {
    return Error{Errc::bad_input,
                 fmt::format("ASF header: {} at byte {}: {}", name_of(o.guid), o.at, detail)};
}

StreamKind kind_of(const Guid& type) noexcept {
    if (type == kAudio) return StreamKind::audio;
    if (type == kVideo) return StreamKind::video;
    if (type == kCommand) return StreamKind::script;
    return StreamKind::other;
}

void append(std::vector<std::uint8_t>& to, Bytes from) {
    to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

Result<Stream> parse_stream_properties(const Object& o) {
    if (o.bytes.size() < kStreamFixed)
        return bad(o, fmt::format("size {}, expected {} or more", o.bytes.size(), kStreamFixed));
    const auto* p = o.bytes.data();
    const std::uint64_t codec = load_u32le(p + 64);
    const std::uint64_t ec = load_u32le(p + 68);
    if (kStreamFixed + codec + ec > o.bytes.size())
        return bad(o, fmt::format("{} + {} bytes of data stated at byte {}, expected at most {}", codec, ec,
                                  o.at + 64, o.bytes.size() - kStreamFixed));
    const auto flags = load_u16le(p + 72);
    Stream s;
    s.number = static_cast<std::uint8_t>(flags & kStreamNumberMask);
    if (s.number == 0) return bad(o, fmt::format("stream number 0 at byte {}, expected 1 to 127", o.at + 72));
    s.encrypted = (flags & kEncrypted) != 0;
    s.type = load_guid(p + 24);
    s.ec_type = load_guid(p + 40);
    s.kind = kind_of(s.type);
    s.time_offset = load_u64le(p + 56);
    append(s.codec_data, o.bytes.subspan(kStreamFixed, static_cast<std::size_t>(codec)));
    append(s.ec_data,
           o.bytes.subspan(kStreamFixed + static_cast<std::size_t>(codec), static_cast<std::size_t>(ec)));
    return s;
}

Result<StreamExtension> parse_extended_stream_properties(Bytes blob, const Object& o, Header& header) {
    if (o.bytes.size() < kExtendedFixed)
        return bad(o, fmt::format("size {}, expected {} or more", o.bytes.size(), kExtendedFixed));
    const auto* p = o.bytes.data();
    StreamExtension e;
    e.bit_rate = load_u32le(p + 40);
    e.no_clean_points = (load_u32le(p + 68) & kNoCleanPoints) != 0;
    e.number = load_u16le(p + 72);
    e.frame_time = load_u64le(p + 76);
    if (e.number == 0 || e.number > kMaxStreamNumber)
        return bad(o, fmt::format("stream number {} at byte {}, expected 1 to 127", e.number, o.at + 72));
    const auto names = load_u16le(p + 84);
    const auto extensions = load_u16le(p + 86);
    Reader r{o.bytes};
    r.skip(kExtendedFixed);
    for (unsigned i = 0; i < names && r.ok(); ++i) {
        r.skip(2);
        r.skip(r.u16le());
    }
    if (!r.ok()) return bad(o, fmt::format("{} stream names stated, they pass its end", names));
    for (unsigned i = 0; i < extensions && r.ok(); ++i) {
        append(e.extensions, r.bytes(kGuidSize + 2));
        r.skip(r.u32le());
    }
    if (!r.ok()) return bad(o, fmt::format("{} payload extensions stated, they pass its end", extensions));
    // A stream described nowhere else ("hidden") stands at the end of this object.
    if (r.left() >= kObjectHead && begins_with(r.rest(), kStreamProperties)) {
        auto inner = object_at(blob, o.at + r.position(), o.at + o.bytes.size());
        if (!inner) return inner.error();
        auto stream = parse_stream_properties(inner.value());
        if (!stream) return stream.error();
        if (auto added = add_stream(header, std::move(stream).value(), inner.value().at); !added)
            return added.error();
    }
    return e;
}

Result<Exclusion> parse_exclusion(const Object& o) {
    if (o.bytes.size() < kExclusionFixed)
        return bad(o, fmt::format("size {}, expected {} or more", o.bytes.size(), kExclusionFixed));
    const std::size_t count = load_u16le(o.bytes.data() + 40);
    if (count * 2 > o.bytes.size() - kExclusionFixed)
        return bad(o, fmt::format("{} streams stated at byte {}, expected at most {}", count, o.at + 40,
                                  (o.bytes.size() - kExclusionFixed) / 2));
    Exclusion e{.type = load_guid(o.bytes.data() + 24), .streams = {}};
    for (std::size_t i = 0; i < count; ++i)
        e.streams.push_back(load_u16le(o.bytes.data() + kExclusionFixed + 2 * i));
    std::sort(e.streams.begin(), e.streams.end());
    return e;
}

BitRates parse_bit_rates(const Object& o) noexcept {
    BitRates rates;
    if (o.bytes.size() < kBitratesFixed) return rates;
    Reader r{o.bytes};
    r.skip(kObjectHead);
    std::uint64_t sum = 0;
    for (unsigned left = r.u16le(); left > 0 && r.left() >= 6; --left) {
        const std::size_t stream = r.u16le() & kStreamNumberMask;
        sum += rates.of[stream] = r.u32le();
    }
    rates.sum = static_cast<std::uint32_t>(std::min<std::uint64_t>(sum, 0xFFFFFFFFU));
    return rates;
}

Result<> add_stream(Header& header, Stream stream, std::size_t at) {
    for (const auto& other : header.streams)
        if (other.number == stream.number)
            return Error{Errc::bad_input, fmt::format("ASF header: stream number {} a second time in Stream "
                                                      "Properties at byte {}, expected another",
                                                      stream.number, at)};
    header.streams.push_back(std::move(stream));
    return Ok{};
}

}  // namespace weir::asf
