// A live ASF stream whose packets say which they are: a video stream without a codec, one packet per media
// object, a key frame every so many packets. Packet n of a run depends on n and the run alone, so a receiver
// can tell of any packet whether it is the one that was pushed, byte for byte. It is in the form that weir
// serves already.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/asf/container.hpp"
#include "core/asf/guid.hpp"
#include "core/asf/header.hpp"
#include "core/base/bytes.hpp"
#include "core/media/container.hpp"

namespace weir::test {

struct NumberedStreamShape {
    std::size_t packet_size = 4000;
    std::uint32_t packet_ms = 4;           // the time one packet spans
    std::uint64_t packets_per_sync = 250;  // packet 0 is a sync point, and every so many after it
    std::uint32_t run = 1;                 // written into every packet
};

class NumberedStream {
  public:
    explicit NumberedStream(const NumberedStreamShape& shape = {})
        : shape_(shape),
          header_(make_header(shape)),
          packet_(shape.packet_size),
          noise_(shape.packet_size + kNoise) {
        std::uint32_t x = 0x9E3779B9U + shape.run;
        for (auto& byte : noise_) {
            x ^= x << 13, x ^= x >> 17, x ^= x << 5;
            byte = static_cast<std::uint8_t>(x);
        }
    }

    const NumberedStreamShape& shape() const noexcept { return shape_; }
    Bytes header() const noexcept { return header_; }
    // The header as weir passes it on.
    std::vector<std::uint8_t> served_header() const {
        const auto format = asf::container().parse_header(header_, {});
        const Bytes served = format.value()->header();
        return {served.begin(), served.end()};
    }
    bool is_sync(std::uint64_t n) const noexcept { return n % shape_.packets_per_sync == 0; }

    // Valid until the next call.
    Bytes packet(std::uint64_t n) {
        write_head(n, packet_.data());
        std::copy_n(noise_at(n), packet_.size() - kHead, packet_.data() + kHead);
        return packet_;
    }

    // Which packet of which run; nothing for one that carries no number, as a keep-alive packet.
    struct Name {
        std::uint32_t run;
        std::uint64_t number;
    };
    static std::optional<Name> name_of(Bytes packet) {
        if (packet.size() < kHead || packet[3] != 0) return std::nullopt;
        return Name{.run = load_u32le(packet.data() + kNumberAt + 8),
                    .number = load_u64le(packet.data() + kNumberAt)};
    }
    bool is_packet(std::uint64_t n, Bytes packet) const {
        std::uint8_t head[kHead];
        write_head(n, head);
        return packet.size() == shape_.packet_size && std::equal(head, head + kHead, packet.begin()) &&
               std::equal(packet.begin() + kHead, packet.end(), noise_at(n));
    }

    // The packet as a channel serves it when it comes `packets` later in what is served than in its own run,
    // and `runs` runs began before its own: at each begin an object number is left out. Negative: back.
    std::vector<std::uint8_t> moved(Bytes packet, std::int64_t packets, std::int64_t runs) const {
        std::vector<std::uint8_t> out{packet.begin(), packet.end()};
        for (const std::size_t at : {std::size_t{5}, std::size_t{22}})
            store_u32le(out.data() + at,
                        load_u32le(out.data() + at) + static_cast<std::uint32_t>(packets * shape_.packet_ms));
        out[12] = static_cast<std::uint8_t>(out[12] + packets + runs);
        return out;
    }

  private:
    static constexpr std::size_t kNumberAt = 26, kHead = kNumberAt + 12, kNoise = 4096;
    static constexpr std::uint32_t kPreroll = 1000;

    const std::uint8_t* noise_at(std::uint64_t n) const { return noise_.data() + n * 61 % kNoise; }

    // Error-correction part; single payload, no padding; times; stream, object, offset, replicated data
    // (asf.md 4).
    void write_head(std::uint64_t n, std::uint8_t* p) const {
        const auto time = static_cast<std::uint32_t>(n * shape_.packet_ms);
        std::fill_n(p, kHead, std::uint8_t{0});
        p[0] = 0x82;
        p[4] = 0x5D;
        store_u32le(p + 5, time);
        store_u16le(p + 9, static_cast<std::uint16_t>(shape_.packet_ms));
        p[11] = is_sync(n) ? 0x81 : 0x01;
        p[12] = static_cast<std::uint8_t>(n);
        p[17] = 8;
        store_u32le(p + 18, static_cast<std::uint32_t>(shape_.packet_size - kNumberAt));
        store_u32le(p + 22, time + kPreroll);
        store_u64le(p + kNumberAt, n);
        store_u32le(p + kNumberAt + 8, shape_.run);
    }

    // File Properties, an empty Header Extension, one video stream of 320 x 240, the head of the Data Object.
    static std::vector<std::uint8_t> make_header(const NumberedStreamShape& shape) {
        constexpr std::uint32_t kCodecData = 11 + 40;
        std::vector<std::uint8_t> out;
        const auto number = [&](std::uint64_t v, std::size_t width) {
            for (std::size_t i = 0; i < width; ++i) out.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
        };
        const auto id = [&](const asf::Guid& g) { out.insert(out.end(), g.bytes.begin(), g.bytes.end()); };
        const auto zeros = [&](std::size_t n) { out.resize(out.size() + n); };

        id(asf::kHeaderObject), number(0, 8), number(3, 4), number(0x0201, 2);
        id(asf::kFileProperties), number(104, 8), zeros(16 + 40), number(kPreroll, 8), number(1, 4);
        number(shape.packet_size, 4), number(shape.packet_size, 4),
            number(shape.packet_size * 8000 / shape.packet_ms, 4);
        id(asf::kHeaderExtension), number(46, 8), id(asf::kReserved1), number(6, 2), number(0, 4);
        id(asf::kStreamProperties), number(78 + kCodecData, 8), id(asf::kVideo), id(asf::kNoErrorCorrection);
        zeros(8), number(kCodecData, 4), number(0, 4), number(1, 2), zeros(4);
        number(320, 4), number(240, 4), number(2, 1), number(40, 2);
        number(40, 4), number(320, 4), number(240, 4), number(1, 2), number(24, 2), zeros(24);
        store_u64le(out.data() + 16, out.size());
        id(asf::kDataObject), number(50, 8), zeros(24), number(0x0101, 2);
        return out;
    }

    NumberedStreamShape shape_;
    std::vector<std::uint8_t> header_;
    std::vector<std::uint8_t> packet_;
    std::vector<std::uint8_t> noise_;
};

}  // namespace weir::test
