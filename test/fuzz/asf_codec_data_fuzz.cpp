// Codec data of two streams of one kind: what differs between them is told in one line, and nothing is read
// past their ends. The input: the kind, the first one's length, both.
#include <algorithm>
#include <cstdlib>

#include "core/asf/codec_data.hpp"

using namespace weir;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

asf::Stream stream(asf::StreamKind kind, Bytes data) {
    asf::Stream s;
    s.kind = kind;
    s.codec_data.assign(data.begin(), data.end());
    return s;
}

void check(const asf::Stream& s) {
    const auto setup = asf::decoder_setup(s);
    require(setup.size() <= s.codec_data.size());
    require(!asf::sound_format(s) || !asf::picture_format(s));
    if (const auto wmv2 = asf::wmv2_setup(s))
        require(wmv2->frame_rate < 32 && wmv2->kib_rate < 2048 && setup.size() == 4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    constexpr asf::StreamKind kKinds[] = {asf::StreamKind::audio, asf::StreamKind::video,
                                          asf::StreamKind::script};
    const auto kind = kKinds[data[0] % std::size(kKinds)];
    const Bytes rest{data + 2, size - 2};
    const auto first = std::min<std::size_t>(data[1], rest.size());
    const auto a = stream(kind, rest.first(first)), b = stream(kind, rest.subspan(first));
    check(a);
    check(b);
    if (a.codec_data == b.codec_data) return 0;
    for (const auto& text : {asf::codec_difference(a, b), asf::codec_difference(b, a)}) {
        require(text.starts_with("codec") && text.size() < 300);
        require(text.find(" instead of ") != std::string::npos);
        for (const char c : text) require(c >= 0x20 && c < 0x7F);
    }
    return 0;
}
