// The header as weir serves it: "Live header normalisation" of asf.md 3.2, and trimming (5.4).
#include <algorithm>
#include <span>

#include "core/asf/header.hpp"
#include "core/asf/object.hpp"

namespace weir::asf {

namespace {

constexpr std::size_t kHeaderFixed = 30, kExtensionFixed = 46;
constexpr std::uint64_t kUnknownPackets = 0xFFFFFFFF;  // 0 makes xine stop after one packet

// Left out always: nothing a live stream has.
constexpr Guid kNeverServed[] = {kPadding, kIndexParameters, kMediaObjectIndexParameters,
                                 kTimecodeIndexParameters};
// Left out one kind after the other, from the left, until the blob meets the goal.
constexpr Guid kOptional[] = {kMetadataLibrary, kMetadata,      kExtendedContentDescription, kMarker,
                              kCodecList,       kScriptCommand, kContentDescription,         kLanguageList};
// Left out never: players need them. What is in none of the lists goes last of all.
constexpr Guid kNeeded[] = {kFileProperties,           kStreamProperties,  kHeaderExtension,
                            kExtendedStreamProperties, kStreamBitrates,    kBitrateExclusion,
                            kAdvancedExclusion,        kContentEncryption, kExtendedContentEncryption,
                            kAdvancedContentEncryption};

bool is_in(std::span<const Guid> list, const Guid& g) {
    return std::find(list.begin(), list.end(), g) != list.end();
}

// How much has to go: 0 nothing more than kNeverServed, n the first n kinds of kOptional, one more all
// unknown ones.
constexpr std::size_t kEverything = std::size(kOptional) + 1;

bool is_left_out(const Guid& g, std::size_t tier) {
    if (is_in(kNeverServed, g)) return true;
    const std::span optional{kOptional};
    if (is_in(optional.first(std::min(tier, optional.size())), g)) return true;
    return tier == kEverything && !is_in(kNeeded, g);
}

// Appends the objects in [at, end) that stay; says how many. parse_header() has checked every size.
std::uint32_t copy_objects(Bytes blob, std::size_t at, std::size_t end, std::size_t tier,
                           std::vector<std::uint8_t>& out) {
    std::uint32_t count = 0;
    while (end - at >= kObjectHead) {
        const auto o = object_at(blob, at, end);
        if (!o) break;
        const auto bytes = o.value().bytes;
        at += bytes.size();
        if (is_left_out(o.value().guid, tier)) continue;
        ++count;
        if (o.value().guid != kHeaderExtension) {
            out.insert(out.end(), bytes.begin(), bytes.end());
            continue;
        }
        const auto start = out.size();
        out.insert(out.end(), bytes.begin(), bytes.begin() + kExtensionFixed);
        copy_objects(blob, o.value().at + kExtensionFixed, at, tier, out);
        // ffmpeg's mmsh walks into this object by its sizes: both are made right.
        store_u64le(out.data() + start + kGuidSize, out.size() - start);
        store_u32le(out.data() + start + 42,
                    static_cast<std::uint32_t>(out.size() - start - kExtensionFixed));
    }
    return count;
}

void patch_file_properties(std::uint8_t* p, std::uint32_t packet_size) {
    namespace fp = file_properties;
    store_u64le(p + fp::kFileSize, 0);
    store_u64le(p + fp::kPackets, kUnknownPackets);
    store_u64le(p + fp::kPlayDuration, 0);
    store_u64le(p + fp::kSendDuration, 0);
    store_u32le(p + fp::kFlags, fp::kBroadcast);
    store_u32le(p + fp::kMinPacket, packet_size);
    store_u32le(p + fp::kMaxPacket, packet_size);
}

std::uint8_t* find_file_properties(std::vector<std::uint8_t>& out) {
    for (std::size_t at = kHeaderFixed; at < out.size();) {
        const auto o = object_at(out, at, out.size());
        if (!o) break;
        if (o.value().guid == kFileProperties) return out.data() + at;
        // Nobody writes it inside the extension, but parse_header() would take it there.
        if (o.value().guid == kHeaderExtension) {
            at += kExtensionFixed;
            continue;
        }
        at += o.value().bytes.size();
    }
    return nullptr;
}

std::vector<std::uint8_t> build(Bytes blob, const Header& header, std::size_t tier) {
    std::vector<std::uint8_t> out;
    out.reserve(header.blob_size);
    out.assign(blob.begin(), blob.begin() + kHeaderFixed);
    const auto count = copy_objects(blob, kHeaderFixed, header.object_size, tier, out);
    store_u64le(out.data() + kGuidSize, out.size());
    store_u32le(out.data() + kObjectHead, count);
    const auto data = blob.subspan(header.data_object_at, kDataObjectHead);
    out.insert(out.end(), data.begin(), data.end());
    return out;
}

}  // namespace

std::vector<std::uint8_t> normalise_header(Bytes blob, const Header& header, std::uint32_t packet_size) {
    std::vector<std::uint8_t> out;
    for (std::size_t tier = 0; tier <= kEverything; ++tier) {
        out = build(blob, header, tier);
        if (out.size() <= kServedHeaderGoal) break;
    }
    auto* data = out.data() + out.size() - kDataObjectHead;
    if (auto* properties = find_file_properties(out)) {
        patch_file_properties(properties, packet_size);
        std::copy_n(properties + file_properties::kFileId, kGuidSize, data + kObjectHead);
    }
    // Size 0 is legal for a live stream, but libmms and MPlayer spin on it and xine crashes.
    store_u64le(data + kGuidSize, kDataObjectHead);
    store_u64le(data + 40, 0);
    store_u16le(data + 48, 0x0101);  // MPlayer's mmst finds the end of the header by these two bytes
    return out;
}

}  // namespace weir::asf
