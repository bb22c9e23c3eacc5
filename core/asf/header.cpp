#include "core/asf/header.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/asf/header_objects.hpp"

namespace weir::asf {

namespace {

constexpr std::size_t kHeaderFixed = 30;  // GUID, size, count of objects, two reserved bytes
constexpr std::size_t kExtensionFixed = 46;
constexpr std::uint8_t kReserved2 = 2;

// What is gathered on the way through the objects and put together at the end.
struct Walk {
    Bytes blob;
    Header header;
    std::vector<StreamExtension> extensions;
    BitRates bit_rates;
};

Error bad(std::string detail) {
    return Error{Errc::bad_input, "ASF header: " + std::move(detail)};
}

Result<> read_file_properties(Walk& w, const Object& o) {
    namespace fp = file_properties;
    auto& h = w.header;
    if (h.file_properties_at != 0)
        return bad(fmt::format("a second File Properties at byte {}, expected one", o.at));
    if (o.bytes.size() < fp::kSize)
        return bad(fmt::format("File Properties at byte {} has size {}, expected {}", o.at, o.bytes.size(),
                               fp::kSize));
    const auto* p = o.bytes.data();
    const auto smallest = load_u32le(p + fp::kMinPacket);
    const auto largest = load_u32le(p + fp::kMaxPacket);
    if (smallest != largest)
        return bad(fmt::format("packet sizes {} to {} at byte {}, expected both equal", smallest, largest,
                               o.at + fp::kMinPacket));
    if (smallest < kMinPacketSize || smallest > kMaxPacketSize)
        return bad(fmt::format("packet size {} at byte {}, expected {} to {}", smallest,
                               o.at + fp::kMinPacket, kMinPacketSize, kMaxPacketSize));
    h.file_properties_at = o.at;
    h.packet_size = smallest;
    h.preroll = load_u64le(p + fp::kPreroll);
    h.broadcast = (load_u32le(p + fp::kFlags) & fp::kBroadcast) != 0;
    h.bit_rate = load_u32le(p + fp::kMaxBitRate);
    return Ok{};
}

Result<> read_object(Walk& w, const Object& o);

Result<> read_extension(Walk& w, const Object& o) {
    if (o.bytes.size() < kExtensionFixed)
        return bad(fmt::format("Header Extension at byte {} has size {}, expected {} or more", o.at,
                               o.bytes.size(), kExtensionFixed));
    // The data size field is not believed: some writers get it wrong. The object's own size bounds the walk,
    // and a remainder too short for an object is theirs too.
    const std::size_t end = o.at + o.bytes.size();
    for (std::size_t at = o.at + kExtensionFixed; end - at >= kObjectHead;) {
        auto inner = object_at(w.blob, at, end);
        if (!inner) return inner.error();
        if (inner.value().guid == kHeaderExtension)
            return bad(fmt::format("a Header Extension inside another at byte {}", at));
        if (auto done = read_object(w, inner.value()); !done) return done;
        at += inner.value().bytes.size();
    }
    return Ok{};
}

Result<> read_object(Walk& w, const Object& o) {
    auto& h = w.header;
    if (o.guid == kFileProperties) return read_file_properties(w, o);
    if (o.guid == kHeaderExtension) return read_extension(w, o);
    if (o.guid == kStreamProperties) {
        auto stream = parse_stream_properties(o);
        if (!stream) return stream.error();
        return add_stream(h, std::move(stream).value(), o.at);
    }
    if (o.guid == kExtendedStreamProperties) {
        auto extension = parse_extended_stream_properties(w.blob, o, h);
        if (!extension) return extension.error();
        w.extensions.push_back(std::move(extension).value());
    } else if (o.guid == kBitrateExclusion || o.guid == kAdvancedExclusion) {
        auto exclusion = parse_exclusion(o);
        if (!exclusion) return exclusion.error();
        h.exclusions.push_back(std::move(exclusion).value());
    } else if (o.guid == kStreamBitrates) {
        w.bit_rates = parse_bit_rates(o);
    } else if (o.guid == kContentEncryption || o.guid == kExtendedContentEncryption ||
               o.guid == kAdvancedContentEncryption) {
        h.content_keys.insert(h.content_keys.end(), o.bytes.begin(), o.bytes.end());
    }
    return Ok{};
}

// Everything that depends on more than one object.
Result<> complete(Walk& w) {
    auto& h = w.header;
    if (h.file_properties_at == 0) return bad("no File Properties in it, expected one");
    if (h.streams.empty()) return bad("no Stream Properties in it, expected one or more");
    std::sort(h.streams.begin(), h.streams.end(),
              [](const auto& a, const auto& b) { return a.number < b.number; });
    std::sort(h.exclusions.begin(), h.exclusions.end());
    std::uint64_t rates = 0;
    for (auto& extension : w.extensions) {
        rates += extension.bit_rate;
        for (auto& stream : h.streams) {
            if (stream.number != extension.number) continue;
            stream.no_clean_points = extension.no_clean_points;
            stream.bit_rate = extension.bit_rate;
            stream.frame_time = extension.frame_time;
            stream.extensions = std::move(extension.extensions);
        }
    }
    for (auto& stream : h.streams) {
        if (const auto rate = w.bit_rates.of[stream.number]; rate != 0) stream.bit_rate = rate;
        h.kinds[stream.number] = stream.kind;
        h.no_clean_points[stream.number] = stream.no_clean_points;
        h.has_video |= stream.kind == StreamKind::video;
        h.has_audio |= stream.kind == StreamKind::audio;
    }
    // GStreamer's muxer writes 0 as the maximum bit rate.
    if (h.bit_rate == 0) h.bit_rate = w.bit_rates.sum;
    if (h.bit_rate == 0) h.bit_rate = static_cast<std::uint32_t>(std::min<std::uint64_t>(rates, 0xFFFFFFFFU));
    return Ok{};
}

}  // namespace

Parsed<std::size_t> find_header_blob(Bytes in, std::size_t limit) {
    limit = std::min(limit, kMaxHeaderBlob);
    if (!begins_like(in, kHeaderObject))
        return Error{Errc::unsupported,
                     fmt::format("not ASF: the first bytes are{}, expected the Header Object's 30 "
                                 "26 B2 75 8E 66 CF 11 at byte 0",
                                 [&] {
                                     std::string text;
                                     for (auto b : in.first(std::min<std::size_t>(in.size(), 8)))
                                         text += fmt::format(" {:02X}", b);
                                     return text;
                                 }())};
    if (in.size() < kHeaderFixed) return Need{kHeaderFixed - in.size()};
    const std::uint64_t size = load_u64le(in.data() + kGuidSize);
    if (size < kHeaderFixed)
        return bad(
            fmt::format("Header Object at byte 0 has size {}, expected {} or more", size, kHeaderFixed));
    if (in[29] != kReserved2)
        return bad(fmt::format("reserved byte 29 is {}, expected {}", in[29], kReserved2));
    if (size > limit)
        return Error{Errc::too_large,
                     fmt::format("ASF header: size {} at byte 16, the limit is {}", size, limit)};
    for (std::uint64_t at = size;;) {
        if (at + kDataObjectHead > limit)
            return Error{
                Errc::too_large,
                fmt::format("ASF header: no Data Object before byte {}, the limit is {}", at, limit)};
        if (in.size() < at + kObjectHead) return Need{static_cast<std::size_t>(at) + kObjectHead - in.size()};
        const auto* p = in.data() + at;
        if (load_guid(p) == kDataObject) {
            const auto end = static_cast<std::size_t>(at) + kDataObjectHead;
            if (in.size() < end) return Need{end - in.size()};
            return Got<std::size_t>{.value = end, .used = end};
        }
        const std::uint64_t step = load_u64le(p + kGuidSize);
        if (step < kObjectHead || step > limit)
            return bad(
                fmt::format("{} at byte {} has size {}, expected the Data Object or an object of {} to {} "
                            "bytes",
                            name_of(load_guid(p)), at, step, kObjectHead, limit));
        at += step;
    }
}

Result<Header> parse_header(Bytes blob, std::size_t limit) {
    const auto found = find_header_blob(blob, limit);
    if (const auto* error = std::get_if<Error>(&found)) return *error;
    if (const auto* need = std::get_if<Need>(&found))
        return bad(
            fmt::format("it ends at byte {}, expected {} more bytes or more", blob.size(), need->more));
    const auto blob_size = std::get<Got<std::size_t>>(found).value;

    Walk w{.blob = blob.first(blob_size), .header = {}, .extensions = {}, .bit_rates = {}};
    w.header.blob_size = blob_size;
    w.header.object_size = static_cast<std::size_t>(load_u64le(blob.data() + kGuidSize));
    w.header.data_object_at = blob_size - kDataObjectHead;
    // The count of objects at byte 24 is not believed; sizes lead the walk.
    for (std::size_t at = kHeaderFixed; at < w.header.object_size;) {
        auto o = object_at(w.blob, at, w.header.object_size);
        if (!o) return o.error();
        if (auto done = read_object(w, o.value()); !done) return done.error();
        at += o.value().bytes.size();
    }
    const auto* data = blob.data() + w.header.data_object_at;
    w.header.data_size = load_u64le(data + kGuidSize);
    w.header.data_packets = load_u64le(data + 40);
    if (auto done = complete(w); !done) return done.error();
    return std::move(w.header);
}

}  // namespace weir::asf
