// A byte stream from anywhere, whole and cut at places taken from it: the same comes out, and every packet is
// one that its format takes and can serve. The first byte seeds the cuts; its highest bit says that another
// relay sends it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "core/asf/container.hpp"

using namespace weir;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

struct Record final : StreamReader::Output {
    StreamFormatPtr format;
    StreamFormatPtr served;  // what clients have: the first of those that may follow each other
    std::vector<std::uint8_t> log;

    void note(char what, Bytes bytes) {
        log.push_back(static_cast<std::uint8_t>(what));
        log.insert(log.end(), bytes.begin(), bytes.end());
    }
    Result<> on_format(StreamFormatPtr f) override {
        format = std::move(f);
        require(!format->describe().empty() && format->difference(*format).empty());
        require(!format->streams().empty() && format->preroll() >= Duration{0});
        if (!served || !served->difference(*format).empty()) served = format;
        note('F', format->header());
        return Ok{};
    }
    Result<> on_packet(Bytes packet, const PacketInfo& info) override {
        require(format != nullptr && packet.size() <= format->max_packet());
        const auto again = format->inspect(packet);
        require(again.ok() && again.value().media == info.media && again.value().sync == info.sync);
        std::vector<Unit> units;
        format->units(packet, units);
        require(units.empty() || again.value().has_presentation);
        std::vector<std::uint8_t> out(packet.begin(), packet.end());
        Move move;
        move.send = move.presentation = 1000;
        if (format->retime(out, move)) {
            require(format->inspect(out).value().send_time == info.send_time + 1000);
            move.send = move.presentation = 0U - 1000;
            require(format->retime(out, move).ok());
        }
        require(std::equal(out.begin(), out.end(), packet.begin(), packet.end()));
        out.resize(served->max_packet());
        if (const auto fitted = format->fit(packet, *served, out)) {
            require(fitted.value() == out.size());
            // The run's streams may have other numbers than what is served.
            Move renumber;
            renumber.streams = served->map_from(*format);
            require(served->retime(out, renumber).ok());
            const auto sent = served->inspect(out);
            require(sent.ok() && sent.value().media == info.media);
            require(sent.value().send_time == info.send_time);
            std::vector<std::uint8_t> filler(out.size());
            require(served->make_filler(out, filler) == out.size());
            const auto idle = served->inspect(filler);
            require(idle.ok() && !idle.value().media && idle.value().send_time == info.send_time);
        } else {
            // A full packet without the part, in a run that began with it, has no room for it.
            require(!info.media || packet[0] < 0x82);
        }
        note('P', packet);
        return Ok{};
    }
    Result<> on_provenance(const Provenance& provenance) override {
        note('N', as_bytes(to_string(provenance)));
        require(parse_provenance(to_string(provenance)) == provenance);
        return Ok{};
    }
    void on_number(std::uint32_t low) override { log.push_back(static_cast<std::uint8_t>(low)); }
    Result<> on_bad_packet(const Error& why) override {
        require(!why.detail.empty());
        note('B', {});
        return Ok{};
    }
};

// The log, and a last byte for how it ended.
std::vector<std::uint8_t> read(Bytes in, std::uint32_t seed, bool is_from_relay) {
    Record out;
    const auto reader =
        asf::container().open_reader({}, is_from_relay ? std::optional{Provenance{}} : std::nullopt);
    bool failed = false;
    while (!in.empty()) {
        std::size_t part = in.size();
        if (seed != 0) {
            seed = seed * 1664525 + 1013904223;
            part = std::min<std::size_t>(part, 1 + (seed >> 24) % ((seed & 0x10000) != 0 ? 8 : 200));
        }
        // A copy of the exact size, so that reading past it is seen.
        const std::vector<std::uint8_t> exact(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(part));
        failed |= !reader->feed(exact, out).ok();
        in = in.subspan(part);
    }
    failed |= !reader->end().ok();
    out.log.push_back(failed ? 'E' : reader->finished() ? 'X' : '-');
    return std::move(out.log);
}

// What the first bytes tell holds whatever follows them, and what is none of ours cannot be read.
void check_detection(Bytes in, bool is_read) {
    using enum Container::Detected;
    auto before = need_more;
    for (std::size_t n = 0; n <= std::min<std::size_t>(in.size(), 32); ++n) {
        const auto now = asf::container().detect(in.first(n));
        require(before == need_more || now == before);
        before = now;
    }
    require(before != no || !is_read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const Bytes in{bytes + 1, size - 1};
    const bool is_from_relay = (bytes[0] & 0x80) != 0;
    const auto whole = read(in, 0, is_from_relay);
    require(whole == read(in, 1U + bytes[0], is_from_relay));
    check_detection(in, whole.back() != 'E');
    return 0;
}
