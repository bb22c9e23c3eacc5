#include "core/asf/fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace weir::asf {

namespace {

constexpr std::uint8_t kPrefix[kErrorCorrection] = {0x82, 0x00, 0x00};
constexpr std::uint8_t kPaddingByte = 0x08, kPaddingWord = 0x10;
constexpr std::uint8_t kPaddingType = 0x18, kPacketLengthType = 0x60;
constexpr std::size_t kMaxBytePadding = 256;  // the field itself counted

// Writes forward; the caller has computed that everything fits.
class Writer {
  public:
    explicit Writer(MutableBytes out) noexcept : out_(out) {}
    void bytes(Bytes b) noexcept {
        if (!b.empty()) std::memcpy(out_.data() + position_, b.data(), b.size());
        position_ += b.size();
    }
    void number(std::size_t value, std::size_t width) noexcept {
        for (std::size_t i = 0; i < width; ++i)
            out_[position_++] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    void zeros_to(std::size_t end) noexcept {
        std::fill(out_.begin() + static_cast<std::ptrdiff_t>(position_),
                  out_.begin() + static_cast<std::ptrdiff_t>(end), std::uint8_t{0});
        position_ = end;
    }

  private:
    MutableBytes out_;
    std::size_t position_ = 0;
};

// Right size and a part of the right length in front: at most the error-correction bytes are wrong.
bool is_in_form(Bytes packet, const Packet& p, std::size_t size) noexcept {
    if (packet.size() != size || p.ec_size != kErrorCorrection) return false;
    // A Packet Length of 0 means "not stated"; ffmpeg refuses it.
    return p.packet_length.width == 0 || p.stated_size == size;
}

struct Plan {
    std::size_t packet_length_width = 0;
    std::size_t spare = 0;  // for padding, its length field included
};

// How the packet can be laid out in `size` bytes; false where its payloads alone do not fit.
bool make_plan(const Packet& p, std::size_t size, Plan& plan) noexcept {
    const std::size_t content =
        kErrorCorrection + 2 + p.sequence.width + 6 + (p.payloads_end - p.payloads_at);
    plan.packet_length_width = p.packet_length.width;
    if (plan.packet_length_width == 1 && size > 0xFF) plan.packet_length_width = 0;
    // A packet without room gives up its Packet Length: a whole packet says as much by its size.
    if (content + plan.packet_length_width > size) plan.packet_length_width = 0;
    if (content > size) return false;
    plan.spare = size - content - plan.packet_length_width;
    return true;
}

}  // namespace

Result<std::size_t> fit_packet(Bytes packet, const Packet& p, std::size_t size, MutableBytes out) {
    WEIR_ASSERT(out.size() >= size);
    if (p.parity) return Error{Errc::unsupported, "ASF packet: a parity packet is not served"};
    if (is_in_form(packet, p, size)) {
        std::memcpy(out.data(), packet.data(), size);
        // ffmpeg ends where these bytes change in mid-stream.
        std::memcpy(out.data(), kPrefix, sizeof kPrefix);
        return size;
    }
    Plan plan;
    if (!make_plan(p, size, plan))
        return Error{Errc::incompatible,
                     fmt::format("ASF packet: {} bytes of payloads do not fit a packet of {}",
                                 p.payloads_end - p.payloads_at, size)};
    auto flags = static_cast<std::uint8_t>(p.length_flags & ~kPaddingType);
    if (plan.packet_length_width == 0) flags = static_cast<std::uint8_t>(flags & ~kPacketLengthType);
    const std::size_t padding_width = plan.spare == 0 ? 0 : plan.spare <= kMaxBytePadding ? 1 : 2;
    if (padding_width != 0) flags |= padding_width == 1 ? kPaddingByte : kPaddingWord;

    Writer w{out.first(size)};
    w.bytes(kPrefix);
    w.number(flags, 1);
    w.number(p.property_flags, 1);
    w.number(size, plan.packet_length_width);
    w.bytes(packet.subspan(p.sequence.at, p.sequence.width));
    w.number(plan.spare - padding_width, padding_width);
    w.bytes(packet.subspan(p.send_time_at, 6));
    w.bytes(packet.subspan(p.payloads_at, p.payloads_end - p.payloads_at));
    w.zeros_to(size);
    return size;
}

bool has_room_for_error_correction(const Packet& p) noexcept {
    return p.packet_length.width + p.padding.width + p.ec_size >= kErrorCorrection;
}

std::size_t make_filler(std::uint32_t send_time, std::size_t size, MutableBytes out) {
    WEIR_ASSERT(size >= kMinPacketSize && out.size() >= size);
    Writer w{out.first(size)};
    w.bytes(kPrefix);
    w.number(0x11, 1);  // multiple payloads, padding length in a word
    w.number(0x5D, 1);
    w.number(size - kFillerContent, 2);
    w.number(send_time, 4);
    w.number(0, 2);
    w.number(0x80, 1);  // no payload, lengths in words
    w.zeros_to(size);
    return size;
}

}  // namespace weir::asf
