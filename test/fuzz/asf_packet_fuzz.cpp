// A packet from anywhere, under a header of 64-byte packets with one audio and one video stream: what is
// taken can be fitted to larger packets, and says the same then; moved in time and back, or under other
// stream numbers and back, it is the same again.
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

// Of the same delta for all.
Move move_by(std::uint32_t delta) {
    Move move;
    move.send = move.presentation = delta;
    move.numbers.fill(delta);
    move.moves_numbers = true;
    return move;
}

std::vector<Unit> units_of(Bytes packet, const StreamFormat& format) {
    std::vector<Unit> units;
    format.units(packet, units);
    return units;
}

// Streams 1 and 2, which the header names, have each other's number; 5 and 127, which it does not, too.
StreamMap swapped() {
    StreamMap map;
    map.give(1, 2);
    map.give(5, 127);
    return map;
}

// Other stream numbers, there and back: nothing else changes.
void check_renumber(Bytes in, const StreamFormat& format) {
    Move move;
    move.streams = swapped();
    move.moves_streams = true;
    auto moved = test::copy(in);
    if (!format.retime(moved, move)) {
        require(test::same(moved, in));
        return;
    }
    require(format.inspect(moved).ok());
    const auto from = units_of(in, format), to = units_of(moved, format);
    require(from.size() == to.size());
    for (std::size_t n = 0; n < from.size(); ++n) {
        require(to[n].stream == move.streams[from[n].stream] && to[n].number == from[n].number);
        require(to[n].presentation == from[n].presentation && to[n].begins == from[n].begins);
    }
    require(format.retime(moved, move).ok() && test::same(moved, in));
}

// Both have the same objects, the second's moved by `delta`; `mask` is what their number fields hold.
void check_moved(const std::vector<Unit>& from, const std::vector<Unit>& to, std::uint32_t delta,
                 std::uint32_t mask) {
    require(from.size() == to.size());
    for (std::size_t n = 0; n < from.size(); ++n) {
        require(to[n].stream == from[n].stream && to[n].begins == from[n].begins);
        require(to[n].presentation == from[n].presentation + delta);
        require(to[n].number == ((from[n].number + delta) & mask));
    }
}

void check_retime(Bytes in, const StreamFormat& format, const PacketInfo& info, std::uint32_t mask) {
    for (const std::uint32_t delta : {0x200U, 0x80000000U, 0U - 1000}) {
        auto moved = test::copy(in);
        if (!format.retime(moved, move_by(delta))) {
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
        check_moved(units_of(in, format), units_of(moved, format), delta, mask);
        require(format.retime(moved, move_by(0U - delta)).ok() && test::same(moved, in));
    }
}

void check_units(Bytes in, const StreamFormat& format, const PacketInfo& info) {
    const auto units = units_of(in, format);
    require(units.size() <= in.size() && units.empty() != info.has_presentation);
    for (const auto& unit : units) require(unit.stream == 1 || unit.stream == 2);
}

// What the packet's Media Object Number fields can hold.
std::uint32_t number_mask(const asf::Packet& parsed) {
    constexpr std::uint32_t masks[] = {0, 0xFF, 0xFFFF, 0xFFFFFFFF};
    return parsed.parity ? 0 : masks[(parsed.property_flags >> 4) & 3];
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
    check_retime(in, *format, info.value(), number_mask(asf::parse_packet(in, asf::kMaxPacketSize).value()));
    check_renumber(in, *format);
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
