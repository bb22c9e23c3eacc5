// The GUIDs by which ASF names its objects (asf.md section 2; ASF specification section 10).
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace weir::asf {

inline constexpr std::size_t kGuidSize = 16;

// Sixteen bytes in wire order: the first three groups of the printed form are little-endian there.
struct Guid {
    std::array<std::uint8_t, kGuidSize> bytes{};
    auto operator<=>(const Guid&) const = default;
};

// The printed form, as the specification writes it; a wrong one does not compile.
consteval Guid guid(std::string_view text) {
    constexpr std::array<std::size_t, kGuidSize> place{6,  4,  2,  0,  11, 9,  16, 14,
                                                       19, 21, 24, 26, 28, 30, 32, 34};
    const auto digit = [](char c) -> unsigned {
        if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
        if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
        throw "not an upper-case hex digit";  // ends the compilation
    };
    Guid out;
    for (std::size_t i = 0; i < kGuidSize; ++i)
        out.bytes[i] = static_cast<std::uint8_t>(digit(text[place[i]]) << 4 | digit(text[place[i] + 1]));
    return out;
}

// `in` holds at least 16 bytes.
inline Guid load_guid(const std::uint8_t* in) noexcept {
    Guid out;
    std::copy_n(in, kGuidSize, out.bytes.begin());
    return out;
}
inline void store_guid(std::uint8_t* out, const Guid& g) noexcept {
    std::copy(g.bytes.begin(), g.bytes.end(), out);
}
// Do the first bytes of `in`, as many as there are, agree with `g`?
inline bool begins_like(Bytes in, const Guid& g) noexcept {
    return std::equal(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(std::min(in.size(), kGuidSize)),
                      g.bytes.begin());
}
inline bool begins_with(Bytes in, const Guid& g) noexcept {
    return in.size() >= kGuidSize && begins_like(in, g);
}

// The specification's name of an object, else the GUID in its printed form. For error texts.
std::string name_of(const Guid& g);

inline constexpr Guid kHeaderObject = guid("75B22630-668E-11CF-A6D9-00AA0062CE6C");
inline constexpr Guid kDataObject = guid("75B22636-668E-11CF-A6D9-00AA0062CE6C");
inline constexpr Guid kFileProperties = guid("8CABDCA1-A947-11CF-8EE4-00C00C205365");
inline constexpr Guid kStreamProperties = guid("B7DC0791-A9B7-11CF-8EE6-00C00C205365");
inline constexpr Guid kHeaderExtension = guid("5FBF03B5-A92E-11CF-8EE3-00C00C205365");
inline constexpr Guid kExtendedStreamProperties = guid("14E6A5CB-C672-4332-8399-A96952065B5A");
inline constexpr Guid kStreamBitrates = guid("7BF875CE-468D-11D1-8D82-006097C9A2B2");
inline constexpr Guid kBitrateExclusion = guid("D6E229DC-35DA-11D1-9034-00A0C90349BE");
inline constexpr Guid kAdvancedExclusion = guid("A08649CF-4775-4670-8A16-6E35357566CD");
inline constexpr Guid kCodecList = guid("86D15240-311D-11D0-A3A4-00A0C90348F6");
inline constexpr Guid kScriptCommand = guid("1EFB1A30-0B62-11D0-A39B-00A0C90348F6");
inline constexpr Guid kMarker = guid("F487CD01-A951-11CF-8EE6-00C00C205365");
inline constexpr Guid kContentDescription = guid("75B22633-668E-11CF-A6D9-00AA0062CE6C");
inline constexpr Guid kExtendedContentDescription = guid("D2D0A440-E307-11D2-97F0-00A0C95EA850");
inline constexpr Guid kMetadata = guid("C5F8CBEA-5BAF-4877-8467-AA8C44FA4CCA");
inline constexpr Guid kMetadataLibrary = guid("44231C94-9498-49D1-A141-1D134E457054");
inline constexpr Guid kLanguageList = guid("7C4346A9-EFE0-4BFC-B229-393EDE415C85");
inline constexpr Guid kPadding = guid("1806D474-CADF-4509-A4BA-9AABCB96AAE8");
inline constexpr Guid kIndexParameters = guid("D6E229DF-35DA-11D1-9034-00A0C90349BE");
inline constexpr Guid kMediaObjectIndexParameters = guid("6B203BAD-3F11-48E4-ACA8-D7613DE2CFA7");
inline constexpr Guid kTimecodeIndexParameters = guid("F55E496D-9797-4B5D-8C8B-604DFE9BFB24");
inline constexpr Guid kContentEncryption = guid("2211B3FB-BD23-11D2-B4B7-00A0C955FC6E");
inline constexpr Guid kExtendedContentEncryption = guid("298AE614-2622-4C17-B935-DAE07EE9289C");
inline constexpr Guid kAdvancedContentEncryption = guid("43058533-6981-49E6-9B74-AD12CB86D58C");

inline constexpr Guid kSimpleIndex = guid("33000890-E5B1-11CF-89F4-00A0C90349CB");
inline constexpr Guid kIndex = guid("D6E229D3-35DA-11D1-9034-00A0C90349BE");
inline constexpr Guid kMediaObjectIndex = guid("FEB103F8-12AD-4C64-840F-2A1D2F7AD48C");
inline constexpr Guid kTimecodeIndex = guid("3CB73FD0-0C4A-4803-953D-EDF7B6228F0C");

inline constexpr Guid kAudio = guid("F8699E40-5B4D-11CF-A8FD-00805F5C442B");
inline constexpr Guid kVideo = guid("BC19EFC0-5B4D-11CF-A8FD-00805F5C442B");
inline constexpr Guid kCommand = guid("59DACFC0-59E6-11D0-A3AC-00A0C90348F6");
inline constexpr Guid kNoErrorCorrection = guid("20FB5700-5B55-11CF-A8FD-00805F5C442B");
inline constexpr Guid kReserved1 = guid("ABD3D211-A9BA-11CF-8EE6-00C00C205365");

}  // namespace weir::asf
