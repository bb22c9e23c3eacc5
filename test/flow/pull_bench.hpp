// A channel that pulls, and the servers it pulls from, whose part the test plays.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/asf/chunk.hpp"
#include "core/media/feed.hpp"
#include "test/support/asf_samples.hpp"
#include "test/support/fake_host.hpp"

#include "test/support/cmocka.hpp"

namespace weir::test {

inline constexpr std::string_view kCougar =
    "Server: Cougar/4.1.0.3930\r\nPragma: no-cache\r\nPragma: client-id=1543854732\r\nPragma: "
    "features=\"broadcast\"\r\n";

inline std::string ok(std::string_view headers = {}, std::string_view version = "HTTP/1.0") {
    return std::string(version) + " 200 OK\r\n" + std::string(headers) + "\r\n";
}
inline std::string text_of(Bytes bytes) {
    return std::string(as_text(bytes));
}
inline std::string in_chunk(std::string_view body) {
    return fmt::format("{:x}\r\n{}\r\n", body.size(), body);
}
// $H of a header, in pieces of `piece` bytes.
inline std::string framed_header(Bytes blob, std::size_t piece = asf::kMaxChunkPayload) {
    std::string out;
    for (std::size_t at = 0; at < blob.size(); at += piece) {
        const Bytes part = blob.subspan(at, std::min(piece, blob.size() - at));
        std::uint8_t head[asf::kDataOverhead];
        const auto flags =
            (at == 0 ? asf::kFirstFragment : 0U) | (at + piece >= blob.size() ? asf::kLastFragment : 0U);
        asf::encode_head(asf::ChunkType::header,
                         {.location_id = static_cast<std::uint32_t>(at / piece),
                          .af_flags = static_cast<std::uint8_t>(flags)},
                         part.size(), head);
        out += text_of(head) + text_of(part);
    }
    return out;
}
inline std::string framed_packet(Bytes packet, std::uint32_t number = 0) {
    std::string out(asf::kDataOverhead + packet.size(), '\0');
    asf::encode_data({.location_id = number, .af_flags = static_cast<std::uint8_t>(number)}, packet,
                     {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return out;
}
inline std::string stream_end(std::uint32_t reason) {
    std::uint8_t out[asf::kReasonChunk];
    asf::encode_end(reason, out);
    return text_of(out);
}
inline std::string stream_change() {
    std::uint8_t out[asf::kReasonChunk];
    asf::encode_stream_change(0, out);
    return text_of(out);
}

using Sources = std::vector<SourceConfig>;

struct PullBench {
    explicit PullBench(const Sources& sources, std::size_t header_limit = std::size_t{64} << 10)
        : PullBench(ChannelConfig{.name = "live",
                                  .title = "Live",
                                  .sources = sources,
                                  .header_limit = header_limit,
                                  .origin = {}}) {}
    explicit PullBench(ChannelConfig config) : host({std::move(config)}) { turn(); }

    void turn() { host.advance(Duration{0}); }
    bool is_dialling(std::string_view address) const {
        return host.dials() == std::vector<std::string>{std::string(address)};
    }
    // The one attempt to connect that there is, answered.
    FakePeer& connected(std::string_view address = "up.example:80") {
        turn();
        if (!is_dialling(address))
            print_error("not dialling %s but %zu others\n", std::string(address).c_str(),
                        host.dials().size());
        assert_true(is_dialling(address));
        return host.answer_dial();
    }
    // What weir asks the next server, which answers at once.
    FakePeer& answers(std::string_view answer, std::string_view address = "up.example:80") {
        FakePeer& peer = connected(address);
        peer.say(answer);
        return peer;
    }
    // The server answered all and closes.
    void close(FakePeer& peer) {
        peer.half_close();
        turn();
    }
    // The stream's next packets.
    std::string next(int count = 1) {
        std::string out;
        while (count-- > 0) out += text_of(sent.emplace_back(stream.next()));
        return out;
    }
    std::string next_framed(int count = 1) {
        std::string out;
        while (count-- > 0) {
            const auto number = stream.count();
            out += framed_packet(sent.emplace_back(stream.next()), number);
        }
        return out;
    }
    std::string framed_header() const { return test::framed_header(stream.header()); }
    std::string header() const { return text_of(stream.header()); }

    SourceStatus status(std::size_t n = 0) { return host.sources(host.live()).at(n); }
    bool is_on_air(std::size_t n = 0) { return status(n).state == SourceStatus::State::on_air; }
    std::uint64_t count() { return host.live().log().end(); }
    // All packets of `stream` since `from` and no others are in the channel's log.
    void assert_logged(std::size_t from = 0) {
        const BlockLog& log = host.live().log();
        assert_int_equal(log.end() - log.first(), sent.size() - from);
        for (Seq n = log.first(); n < log.end(); ++n)
            assert_true(text_of(log.packet(n).bytes) == text_of(sent[from + (n - log.first())]));
        assert_true(text_of(host.live().format()->header()) == stream.served_header());
    }
    // The source failed with these words: the connection is closed, one line of the log says why.
    void assert_failed(const FakePeer& peer, std::string_view why) {
        turn();
        if (!peer.was_told()) print_error("the connection is open still\n");
        if (status().error.find(why) == std::string::npos)
            print_error("it says '%s' instead of '%s'\n", status().error.c_str(), std::string(why).c_str());
        assert_true(peer.was_told());
        assert_true(status().error.find(why) != std::string::npos);
        assert_true(status().state == SourceStatus::State::waiting || !host.dials().empty());
        assert_int_equal(host.lines().count(status().error), 1);
        // No end of a sentence from outside is in it, and no line break.
        for (const std::string& line : host.lines().lines) assert_true(line.find('\n') == std::string::npos);
    }

    FakeHost host;
    VideoStream stream;
    std::vector<Buffer> sent;
};

// A text in which weir's version stands as VERSION.
inline std::string without_version(std::string text) {
    if (const auto at = text.find("weir/"); at != std::string::npos) {
        const auto begin = at + 5;
        text.replace(begin, text.find_first_of(" \r", begin) - begin, "VERSION");
    }
    return text;
}
// Without the channel's own id, which is drawn.
inline std::string asked(const FakePeer& peer) {
    std::string text = without_version(peer.sent());
    constexpr std::string_view kVia = "X-Weir-Via: ";
    constexpr std::size_t kDigits = 16;
    if (const auto at = text.find(kVia); at != std::string::npos)
        text.replace(at + kVia.size(), kDigits, "ID");
    return text;
}
inline bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}
inline bool is_play(const FakePeer& peer) {
    return has(peer.sent(), "xPlayStrm=1");
}

}  // namespace weir::test
