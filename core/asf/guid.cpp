#include "core/asf/guid.hpp"

#include <fmt/format.h>

namespace weir::asf {

namespace {

struct Name {
    Guid guid;
    std::string_view text;
};

constexpr Name kNames[] = {
    {kHeaderObject, "Header Object"},
    {kDataObject, "Data Object"},
    {kFileProperties, "File Properties"},
    {kStreamProperties, "Stream Properties"},
    {kHeaderExtension, "Header Extension"},
    {kExtendedStreamProperties, "Extended Stream Properties"},
    {kStreamBitrates, "Stream Bitrate Properties"},
    {kBitrateExclusion, "Bitrate Mutual Exclusion"},
    {kAdvancedExclusion, "Advanced Mutual Exclusion"},
    {kCodecList, "Codec List"},
    {kScriptCommand, "Script Command"},
    {kMarker, "Marker"},
    {kContentDescription, "Content Description"},
    {kExtendedContentDescription, "Extended Content Description"},
    {kMetadata, "Metadata"},
    {kMetadataLibrary, "Metadata Library"},
    {kLanguageList, "Language List"},
    {kPadding, "Padding"},
    {kIndexParameters, "Index Parameters"},
    {kContentEncryption, "Content Encryption"},
    {kExtendedContentEncryption, "Extended Content Encryption"},
    {kAdvancedContentEncryption, "Advanced Content Encryption"},
    {kSimpleIndex, "Simple Index"},
    {kIndex, "Index"},
    {kMediaObjectIndex, "Media Object Index"},
    {kTimecodeIndex, "Timecode Index"},
    {kAudio, "audio"},
    {kVideo, "video"},
    {kCommand, "script"},
};

}  // namespace

std::string name_of(const Guid& g) {
    for (const auto& name : kNames)
        if (name.guid == g) return std::string{name.text};
    const auto* b = g.bytes.data();
    return fmt::format("{:08X}-{:04X}-{:04X}-{:02X}{:02X}-{:02X}{:02X}{:02X}{:02X}{:02X}{:02X}",
                       load_u32le(b), load_u16le(b + 4), load_u16le(b + 6), b[8], b[9], b[10], b[11], b[12],
                       b[13], b[14], b[15]);
}

}  // namespace weir::asf
