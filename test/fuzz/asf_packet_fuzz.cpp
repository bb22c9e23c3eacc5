// A packet from anywhere, under a header of 64-byte packets with one audio and one video stream: what is
// taken can be fitted to larger packets, and says the same then; moved in time and back it is the same again.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "core/asf/container.hpp"
#include "core/asf/fit.hpp"
#include "test/unit/core/asf/vectors.hpp"

using namespace weir;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void same_payloads(Bytes a, const asf::Packet& pa, Bytes b, const asf::Packet& pb) {
    asf::Payloads left{a, pa}, right{b, pb};
    for (std::size_t n = 0; n < pa.payload_count; ++n) {
        const auto x = left.next(), y = right.next();
        require(x && y);
        require(x->stream == y->stream && x->key == y->key && x->offset == y->offset);
        require(x->object_size == y->object_size && test::same(x->data, y->data));
    }
    require(!left.next() && !right.next());
}

// Under sizes near and far from the packet's own.
void check_fit(Bytes in, const asf::Packet& parsed) {
    for (const std::size_t size :
         {std::size_t{24}, in.size(), in.size() + 3, in.size() + 200, in.size() + 300}) {
        if (size < asf::kMinPacketSize || size > asf::kMaxPacketSize) continue;
        std::vector<std::uint8_t> out(size);
        const auto fitted = asf::fit_packet(in, parsed, size, out);
        // With room for the three bytes in front, every packet that is none of parity fits.
        if (!fitted) {
            require(parsed.parity || size < in.size() + 3);
            continue;
        }
        require(fitted.value() == size && out[0] == 0x82 && out[1] == 0 && out[2] == 0);
        const auto again = asf::parse_packet(out, size);
        require(again.ok());
        const auto& p = again.value();
        require(p.total == size && p.send_time == parsed.send_time && p.duration == parsed.duration);
        require(p.payload_count == parsed.payload_count);
        same_payloads(in, parsed, out, p);
        std::vector<std::uint8_t> twice(size);
        require(asf::fit_packet(out, p, size, twice).ok() && twice == out);
    }
}

void check_retime(Bytes in, const StreamFormat& format, const PacketInfo& info) {
    for (const std::uint32_t delta : {0x200U, 0x80000000U, 0U - 1000}) {
        auto moved = test::copy(in);
        if (!format.retime(moved, delta)) {
            require(test::same(moved, in));
            continue;
        }
        const auto again = format.inspect(moved);
        require(again.ok());
        const auto& there = again.value();
        require(there.media == info.media && there.sync == info.sync && there.duration == info.duration);
        require(there.send_time == info.send_time + delta);
        require(there.has_presentation == info.has_presentation);
        if (info.has_presentation) {
            require(there.presentation_first == info.presentation_first + delta);
            require(there.presentation_last == info.presentation_last + delta);
        }
        require(format.retime(moved, 0U - delta).ok() && test::same(moved, in));
    }
}

void check_units(Bytes in, const StreamFormat& format, const PacketInfo& info) {
    std::vector<Unit> units;
    format.units(in, units);
    require(units.size() <= in.size() && (units.empty() || info.has_presentation));
    for (const auto& unit : units) require(unit.stream == 1 || unit.stream == 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const auto format = asf::container().parse_header(asf::vectors::kHeaderBlob, {}).value();
    const Bytes in{bytes, size};
    if (const auto parsed = asf::parse_packet(in, asf::kMaxPacketSize)) {
        require(parsed.value().payloads_end <= size && parsed.value().total <= size);
        check_fit(in, parsed.value());
    }
    std::vector<std::uint8_t> out(format->max_packet());
    require(format->make_filler(in, out) == out.size());
    require(format->inspect(out).ok() && !format->inspect(out).value().media);
    const auto info = format->inspect(in);
    if (!info) return 0;
    require(info.value().media || !info.value().sync);
    require(info.value().media || !info.value().has_presentation);
    check_retime(in, *format, info.value());
    check_units(in, *format, info.value());
    const auto fitted = format->fit(in, *format, out);
    if (!fitted) return 0;
    require(fitted.value() == format->max_packet());
    const auto again = format->inspect(out);
    require(again.ok() && again.value().media == info.value().media &&
            again.value().sync == info.value().sync);
    require(again.value().send_time == info.value().send_time);
    return 0;
}
