#include "test/support/asf_samples.hpp"

#include "core/asf/container.hpp"
#include "test/unit/core/asf/vectors.hpp"

namespace weir::test {

namespace {
constexpr std::size_t kHead = 26;       // of a packet with one payload and neither padding nor lengths
constexpr std::size_t kSendTimeAt = 5;  // behind 82 00 00, two bytes of flags
constexpr std::size_t kStreamAt = 11, kNumberAt = 12, kPresentationAt = 22;
constexpr std::uint8_t kAudio = 1, kVideo = 2;
constexpr std::uint8_t kKey = 0x80;
}  // namespace

Bytes sample_header() {
    return asf::vectors::kHeaderBlob;
}
Bytes sample_key() {
    return asf::vectors::kSingle;
}
Bytes sample_rest() {
    return asf::vectors::kTwo;
}

VideoStream::VideoStream(std::uint32_t packet_size, unsigned key_every, char codec, Numbers numbers)
    : packet_size_(packet_size),
      key_every_(key_every),
      numbers_(numbers),
      header_(asf::vectors::blob_for(packet_size)) {
    // "MP43" is the video's FourCC; its last character stands for the codec.
    const std::string_view fourcc = "MP43";
    const auto at = as_text(header_).rfind(fourcc);
    header_[at + fourcc.size() - 1] = static_cast<std::uint8_t>(codec);
    if (numbers == Numbers::swapped) {
        header_[asf::vectors::kAudioStreamAt + 72] = kVideo;
        header_[asf::vectors::kVideoStreamAt + 72] = kAudio;
    }
    format_ = asf::container().parse_header(header_, {}).value();
}

std::string VideoStream::served_header() const {
    return std::string(as_text(format_->header()));
}

Buffer VideoStream::next() {
    return next(key_every_ != 0 && count_ % key_every_ == 0);
}

Buffer VideoStream::next(bool key) {
    const std::uint32_t n = count_++;
    Buffer p(packet_size_);
    p[0] = 0x82;
    p[4] = 0x5D;
    store_u32le(p.data() + kSendTimeAt, n * kPacketMs);
    store_u16le(p.data() + 9, kPacketMs);
    const std::uint8_t stream = numbers_ == Numbers::usual ? kVideo : kAudio;
    p[kStreamAt] = static_cast<std::uint8_t>(stream | (key ? kKey : 0));
    p[kNumberAt] = static_cast<std::uint8_t>(n);
    p[17] = 8;
    store_u32le(p.data() + 18, packet_size_ - static_cast<std::uint32_t>(kHead));
    store_u32le(p.data() + kPresentationAt, n * kPacketMs + 1000);
    for (std::size_t i = kHead; i < p.size(); ++i)
        p[i] = static_cast<std::uint8_t>(n * 31 + i * 7 + (i >> 8));
    store_u32le(p.data() + kHead, n);
    return p;
}

Buffer VideoStream::next_packets(std::size_t count) {
    Buffer out;
    while (count-- > 0) {
        const Buffer packet = next();
        out.insert(out.end(), packet.begin(), packet.end());
    }
    return out;
}

Buffer served_behind(std::uint32_t packets, Buffer packet, std::uint32_t runs) {
    if (packets == 0) return packet;
    const auto add = [&](std::size_t at) {
        store_u32le(packet.data() + at, load_u32le(packet.data() + at) + packets * VideoStream::kPacketMs);
    };
    add(kSendTimeAt);
    add(kPresentationAt);
    packet[kNumberAt] = static_cast<std::uint8_t>(packet[kNumberAt] + packets + runs);
    return packet;
}

std::uint32_t send_time_of(Bytes packet) {
    return load_u32le(packet.data() + kSendTimeAt);
}
bool is_key(Bytes packet) {
    return packet[kStreamAt] == (kVideo | kKey);
}

}  // namespace weir::test
