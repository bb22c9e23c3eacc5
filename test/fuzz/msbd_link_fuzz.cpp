// What a server says over an MSBD link, whole and cut at places taken from it: the same comes out, and what
// is written is what was read. The first byte seeds the cuts.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "protocols/msbd/reader.hpp"

using namespace weir;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

struct Record final : StreamReader::Output, msbd::LinkReader::Events {
    StreamFormatPtr format;
    std::vector<std::uint8_t> log;

    void note(char what, Bytes bytes) {
        log.push_back(static_cast<std::uint8_t>(what));
        log.insert(log.end(), bytes.begin(), bytes.end());
    }
    Result<> on_format(StreamFormatPtr f) override {
        format = std::move(f);
        note('F', format->header());
        return Ok{};
    }
    Result<> on_packet(Bytes packet, const PacketInfo&) override {
        require(format != nullptr && format->inspect(packet).ok());
        note('P', packet);
        return Ok{};
    }
    Result<> on_bad_packet(const Error& why) override {
        require(!why.detail.empty());
        note('B', {});
        return Ok{};
    }
    Result<> on_provenance(const Provenance& provenance) override {
        require(parse_provenance(to_string(provenance)) == provenance);
        note('N', {});
        return Ok{};
    }
    void on_ping() override { note('p', {}); }
};

std::vector<std::uint8_t> read(Bytes in, std::uint32_t seed) {
    Record out;
    msbd::LinkReader reader{{}, true, out};
    bool failed = false;
    while (!in.empty()) {
        std::size_t part = in.size();
        if (seed != 0) {
            seed = seed * 1664525 + 1013904223;
            part = std::min<std::size_t>(part, 1 + (seed >> 24) % ((seed & 0x10000) != 0 ? 8 : 200));
        }
        // A copy of the exact size, so that reading past it is seen.
        const std::vector<std::uint8_t> exact(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(part));
        failed |= !reader.feed(exact, out).ok();
        in = in.subspan(part);
    }
    require(reader.end().ok() == reader.has_stream());
    out.log.push_back(failed ? 'E' : reader.finished() ? 'X' : reader.is_between_streams() ? 'B' : '-');
    return std::move(out.log);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size < 1) return 0;
    const Bytes in{bytes + 1, size - 1};
    require(read(in, 0) == read(in, 1U + bytes[0]));
    return 0;
}
