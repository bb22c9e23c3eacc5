// A link that was lost goes on at the packet behind the last one, over WMSP and over MSBD, at the same relay
// or at another that has the same stream; and no stream comes to a channel that it went through (decisions of
// the house: docs/protocols.md, "Between weirs").
#include "protocols/http/relay_headers.hpp"
#include "protocols/msbd/wire.hpp"
#include "test/flow/pull_bench.hpp"
#include "test/support/bytes.hpp"
#include "test/unit/core/media/encoder.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;

namespace {

const RunId kRun{{1, 2, 3, 4}}, kOtherRun{{5, 6, 7, 8}};
constexpr RelayId kUp = 0xAAAA, kFar = 0xBBBB;
constexpr std::uint64_t kFirst = (std::uint64_t{1} << 32) + 100;  // beyond what the wire has room for

std::string metadata(const Provenance& provenance) {
    const std::string text = std::string(kProvenanceMark) + to_string(provenance);
    std::string out(asf::kDataOverhead, '\0');
    asf::encode_head(asf::ChunkType::metadata, {.af_flags = asf::kOnlyFragment}, text.size(),
                     {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return out + text;
}

// What stands behind `name` in what was asked; empty: it is not there.
std::string header_in(const std::string& request, std::string_view name) {
    const auto at = request.find(std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 2;
    return request.substr(begin, request.find('\r', begin) - begin);
}

// An upstream weir, by the one protocol or by the other.
enum class Over { wmsp, msbd };

struct Bench : PullBench {
    explicit Bench(Over protocol, const Sources& sources = {})
        : PullBench(ChannelConfig{.name = "live",
                                  .title = "Live",
                                  .sources = sources.empty() ? source(protocol) : sources,
                                  .log_time = Milliseconds{600'000},
                                  .origin = {}}),
          over(protocol) {}

    static Sources source(Over protocol) {
        return {protocol == Over::wmsp ? "mmsh://up.example/live" : "msbd://up.example/live"};
    }
    const char* port() const { return over == Over::wmsp ? "up.example:80" : "up.example:7007"; }

    // Asks for the stream and is answered; resume: what it asked to go on at.
    FakePeer& answered(const Provenance& begins) {
        while (host.dials().empty()) host.advance(Duration{100});
        FakePeer* peer = &connected(port());
        if (over == Over::wmsp) {
            asked_describe = peer->sent();
            peer->say(ok(kCougar) + framed_header());
            close(*peer);
            peer = &connected(port());
            asked_play = peer->take_sent();
            peer->say(ok(std::string(kCougar) + "X-Weir-Resume: " + to_string(begins.place) +
                         "\r\nX-Weir-Via: " + to_string(std::span{begins.via}) + "\r\n") +
                      framed_header());
            resume = parse_stream_place(header_in(asked_play, "X-Weir-Resume"));
            via = *parse_via(header_in(asked_play, "X-Weir-Via"));
        } else {
            const std::string request = peer->take_sent();
            const auto parsed = msbd::parse_message(as_bytes(request));
            const auto connect = msbd::parse_connect(std::get<Got<msbd::Message>>(parsed).value.body);
            resume = connect.value().relay->resume;
            via = connect.value().relay->via;
            const std::string link = std::string(kProvenanceMark) + to_string(begins);
            peer->say(text_of(msbd::encode_connected(0)) +
                      text_of(*msbd::encode_info(msbd::Kind::info, {.packet_size = 64,
                                                                    .bit_rate = 48000,
                                                                    .link = as_bytes(link),
                                                                    .header = stream.header()})));
        }
        return *peer;
    }
    std::string framed(Bytes packet, std::uint64_t number) const {
        if (over == Over::wmsp) return framed_packet(packet, static_cast<std::uint32_t>(number));
        std::string out(msbd::kPacketOverhead, '\0');
        msbd::encode_packet_head({.number = static_cast<std::uint32_t>(number)}, packet.size(),
                                 {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
        return out + text_of(packet);
    }
    std::string change(const Provenance& provenance) const {
        return over == Over::wmsp ? metadata(provenance) : text_of(msbd::encode_provenance(provenance));
    }
    // Packets [from, to) of the stream, made as far as needed; they are called kFirst and so on.
    std::string packets(std::size_t from, std::size_t to) {
        while (sent.size() < to) sent.push_back(stream.next());
        std::string out;
        for (std::size_t i = from; i < to; ++i) out += framed(sent[i], kFirst + i);
        return out;
    }
    static Provenance at(std::uint64_t number, const RunId& run = kRun) {
        return {.place = {.run = run, .number = number}, .via = {kUp, kFar}};
    }

    Over over;
    std::string asked_describe, asked_play;
    std::optional<StreamPlace> resume;
    std::vector<RelayId> via;
};

template <class Test>
void over_both(Test&& test) {
    for (const Over over : {Over::wmsp, Over::msbd}) test(over);
}

void a_lost_link_goes_on_behind_its_last_packet(void**) {
    over_both([](Over over) {
        Bench b{over};
        FakePeer& up = b.answered(Bench::at(kFirst));
        assert_false(b.resume.has_value());
        assert_true(b.via == std::vector<RelayId>{b.host.live().lineage().relay_id()});
        up.say(b.packets(0, 7));
        assert_true(b.is_on_air());
        b.close(up);
        assert_false(b.is_on_air());
        b.host.advance(Duration{3000});
        FakePeer& again = b.answered(Bench::at(kFirst + 7));
        assert_true(b.resume == Bench::at(kFirst + 7).place);
        // Nothing can begin at the seventh packet, but what goes on does.
        assert_false(is_key((b.packets(0, 8), b.sent[7])));
        again.say(b.packets(7, 12));
        assert_true(b.is_on_air());
        b.assert_logged();
        assert_int_equal(b.host.live().stats().resumes, 1);
        assert_int_equal(b.host.live().stats().runs, 1);
        // What is served keeps its upstream's names: who pulls from here may go on elsewhere.
        assert_true(b.host.live().lineage().names().of(11).place(11) == Bench::at(kFirst + 11).place);
    });
}

void a_link_that_is_lost_again_and_again_loses_nothing(void**) {
    over_both([](Over over) {
        Bench b{over};
        std::size_t at = 0;
        for (const std::size_t more : std::initializer_list<std::size_t>{3, 1, 4, 1, 5, 9, 2}) {
            FakePeer& up = b.answered(Bench::at(kFirst + at));
            if (at > 0) assert_true(b.resume == Bench::at(kFirst + at).place);
            up.say(b.packets(at, at + more));
            at += more;
            b.host.advance(Duration{1500});  // as long as a filler takes
            b.close(up);
            b.host.advance(Duration{500});
        }
        b.assert_logged();
        assert_int_equal(b.host.live().stats().resumes, 6);
    });
}

void what_comes_a_second_time_is_left_out(void**) {
    over_both([](Over over) {
        Bench b{over};
        FakePeer& up = b.answered(Bench::at(kFirst));
        up.say(b.packets(0, 7));
        b.close(up);
        b.turn();
        // It does not know that place, or is behind: it begins at a sync point that was served already.
        FakePeer& again = b.answered(Bench::at(kFirst + 5));
        again.say(b.packets(5, 7));
        assert_false(b.is_on_air());
        again.say(b.packets(7, 10));
        assert_true(b.is_on_air());
        b.assert_logged();
        assert_int_equal(b.host.live().stats().resumes, 1);
    });
}

void where_packets_are_missing_the_stream_is_joined_anew(void**) {
    over_both([](Over over) {
        Bench b{over};
        FakePeer& up = b.answered(Bench::at(kFirst));
        up.say(b.packets(0, 7));
        b.close(up);
        b.turn();
        FakePeer& again = b.answered(Bench::at(kFirst + 10));
        again.say(b.packets(10, 13));
        assert_true(b.is_on_air());
        assert_int_equal(b.host.live().stats().resumes, 0);
        assert_int_equal(b.host.live().log().end(), 10);
        // Moved in time: no longer what upstream calls so.
        assert_int_equal(send_time_of(b.host.live().log().packet(7).bytes), 7 * VideoStream::kPacketMs);
        const auto& stretch = b.host.live().lineage().names().of(9);
        assert_true(stretch.is_own && stretch.run != kRun);
        assert_int_equal(stretch.number(9), kFirst + 9);
    });
}

void another_run_is_joined_anew(void**) {
    over_both([](Over over) {
        Bench b{over};
        FakePeer& up = b.answered(Bench::at(kFirst));
        up.say(b.packets(0, 7));
        b.close(up);
        b.turn();
        FakePeer& again = b.answered(Bench::at(kFirst + 7, kOtherRun));
        again.say(b.packets(7, 10));
        assert_false(b.is_on_air());
        again.say(b.packets(10, 12));
        assert_true(b.is_on_air());
        assert_int_equal(b.host.live().stats().resumes, 0);
        assert_int_equal(b.host.live().stats().runs, 2);
    });
}

void a_change_of_names_in_mid_stream_is_followed(void**) {
    over_both([](Over over) {
        Bench b{over};
        FakePeer& up = b.answered(Bench::at(kFirst));
        up.say(b.packets(0, 3) + b.change(Bench::at(kFirst + 3, kOtherRun)) + b.packets(3, 6));
        const auto& names = b.host.live().lineage().names();
        assert_true(names.of(2).place(2) == Bench::at(kFirst + 2).place);
        assert_true(names.of(3).place(3) == Bench::at(kFirst + 3, kOtherRun).place);
        b.close(up);
        b.turn();
        FakePeer& again = b.answered(Bench::at(kFirst + 6, kOtherRun));
        assert_true(b.resume == Bench::at(kFirst + 6, kOtherRun).place);
        again.say(b.packets(6, 8));
        b.assert_logged();
        assert_int_equal(b.host.live().stats().resumes, 1);
    });
}

// All packets of the old run are there, so that it asks for one that never was; the first one has another
// name.
void a_run_that_ended_where_the_link_broke_goes_on_in_the_next(void**) {
    over_both([](Over over) {
        Bench b{over};
        FakePeer& up = b.answered(Bench::at(kFirst));
        up.say(b.packets(0, 7));
        b.close(up);
        b.turn();
        FakePeer& again = b.answered(Bench::at(kFirst + 7));
        again.say(b.change(Bench::at(kFirst + 7, kOtherRun)) + b.packets(7, 9));
        b.assert_logged();
        assert_int_equal(b.host.live().stats().resumes, 1);
        assert_true(b.host.live().lineage().names().of(8).place(8) == Bench::at(kFirst + 8, kOtherRun).place);
    });
}

void it_may_go_on_at_another_origin(void**) {
    Bench b{Over::wmsp, {"mmsh://up.example/live", "msbd://other.example/live"}};
    FakePeer& up = b.answered(Bench::at(kFirst));
    up.say(b.packets(0, 7));
    b.close(up);
    while (b.host.dials().empty()) b.host.advance(Duration{100});
    b.host.refuse_dial_to("up.example:80");
    b.turn();
    b.over = Over::msbd;
    FakePeer* peer = b.host.answer_dial_to("other.example:7007");
    assert_non_null(peer);
    const std::string request = peer->take_sent();
    const auto parsed = msbd::parse_message(as_bytes(request));
    const auto connect = msbd::parse_connect(std::get<Got<msbd::Message>>(parsed).value.body);
    assert_true(connect.value().relay->resume == Bench::at(kFirst + 7).place);
    const std::string link = std::string(kProvenanceMark) + to_string(Bench::at(kFirst + 7));
    peer->say(
        text_of(msbd::encode_connected(0)) +
        text_of(*msbd::encode_info(
            msbd::Kind::info,
            {.packet_size = 64, .bit_rate = 48000, .link = as_bytes(link), .header = b.stream.header()})) +
        b.packets(7, 12));
    b.assert_logged();
    assert_int_equal(b.host.live().stats().resumes, 1);
}

void a_stream_that_went_through_the_channel_is_refused(void**) {
    over_both([](Over over) {
        Bench b{over};
        Provenance loop = Bench::at(kFirst);
        loop.via.push_back(b.host.live().lineage().relay_id());
        FakePeer& up = b.answered(loop);
        b.assert_failed(up, "a loop");
        assert_int_equal(b.host.live().log().end(), 0);
    });
    over_both([](Over over) {  // and one that comes to do so
        Bench b{over};
        Provenance loop = Bench::at(kFirst + 3);
        loop.via.push_back(b.host.live().lineage().relay_id());
        FakePeer& up = b.answered(Bench::at(kFirst));
        up.say(b.packets(0, 3) + b.change(loop) + b.packets(3, 4));
        b.turn();
        assert_true(up.was_told());
        assert_int_equal(b.host.live().log().end(), 3);
        assert_true(b.host.lines().has("a loop"));
    });
}

// --- the other end

constexpr std::string_view kWeir = "NSServer/4.1.0.3930 weir/0.1.0";

std::string play(std::string_view more = {}) {
    return "GET /live HTTP/1.0\r\nUser-Agent: " + std::string(kWeir) +
           "\r\nPragma: no-cache,rate=1.000,request-context=2\r\nPragma: xPlayStrm=1\r\n" +
           std::string(more) +
           "Pragma: stream-switch-count=2\r\nPragma: stream-switch-entry=ffff:1:0 ffff:2:0 \r\n\r\n";
}
std::string connect(std::optional<StreamPlace> resume, std::vector<RelayId> via = {}) {
    return text_of(msbd::encode_connect(
        {.channel = "live", .relay = msbd::RelayRequest{.resume = resume, .via = std::move(via)}}));
}

// Where what the peer is sent begins by its own account, and the numbers and packets.
struct Received {
    Provenance begins;
    std::vector<std::uint32_t> numbers;
    std::vector<Buffer> packets;
    std::vector<Provenance> changes;
};

Received received(Over over, const FakePeer& peer) {
    Received out;
    Bytes rest = as_bytes(peer.sent());
    if (over == Over::wmsp) {
        const std::string head = peer.sent().substr(0, peer.sent().find("\r\n\r\n") + 4);
        out.begins.place = *parse_stream_place(header_in(head, "X-Weir-Resume"));
        out.begins.via = *parse_via(header_in(head, "X-Weir-Via"));
        rest = rest.subspan(head.size());
        while (!rest.empty()) {
            const auto parsed = asf::parse_chunk(rest);
            const auto& [chunk, used] = std::get<Got<asf::Chunk>>(parsed);
            if (chunk.type == asf::ChunkType::data) {
                out.numbers.push_back(chunk.location_id);
                out.packets.emplace_back(chunk.payload.begin(), chunk.payload.end());
            } else if (chunk.type == asf::ChunkType::metadata) {
                out.changes.push_back(
                    *parse_provenance(as_text(chunk.payload).substr(kProvenanceMark.size())));
            }
            rest = rest.subspan(used);
        }
        return out;
    }
    while (!rest.empty()) {
        const auto parsed = msbd::parse_message(rest);
        const auto& [message, used] = std::get<Got<msbd::Message>>(parsed);
        if (message.kind == msbd::Kind::info) {
            const auto info = msbd::parse_info(message);
            out.begins = *parse_provenance(as_text(info.value()->link).substr(kProvenanceMark.size()));
        } else if (message.kind == msbd::Kind::packet) {
            const auto packet = msbd::parse_packet(message.body);
            out.numbers.push_back(packet.value().head.number);
            out.packets.emplace_back(packet.value().payload.begin(), packet.value().payload.end());
        } else if (message.kind == msbd::Kind::provenance) {
            out.changes.push_back(*parse_provenance(as_text(message.body)));
        }
        rest = rest.subspan(used);
    }
    return out;
}

FakePeer& ask(FakeHost& host, Over over, std::optional<StreamPlace> resume, std::vector<RelayId> via = {}) {
    if (over == Over::msbd) return host.ask(connect(resume, std::move(via)));
    std::string more;
    if (resume) more += "X-Weir-Resume: " + to_string(*resume) + "\r\n";
    if (!via.empty()) more += "X-Weir-Via: " + to_string(std::span{via}) + "\r\n";
    return host.ask(play(more));
}

void a_weir_gets_exactly_what_it_asks_to_go_on_with(void**) {
    over_both([](Over over) {
        FakeHost host;
        Encoder encoder{host.live()};
        encoder.begin().send(20);
        host.advance(Duration{100});
        FakePeer& first = ask(host, over, {});
        host.advance(Duration{100});
        const Received began = received(over, first);
        assert_true(began.begins.place.run == host.live().lineage().names().last().run);
        assert_int_equal(began.begins.place.number, began.numbers.front());
        assert_true(began.begins.via == std::vector<RelayId>{host.live().lineage().relay_id()});
        for (const std::uint64_t number : {7U, 0U, 19U, 20U}) {
            FakePeer& peer = ask(host, over, StreamPlace{.run = began.begins.place.run, .number = number});
            host.advance(Duration{100});
            const Received got = received(over, peer);
            assert_int_equal(got.begins.place.number, number);
            assert_int_equal(got.numbers.size(), 20 - number);
            for (std::size_t i = 0; i < got.numbers.size(); ++i) {
                assert_int_equal(got.numbers[i], number + i);
                assert_true(test::same(got.packets[i], host.live().log().packet(number + i).bytes));
            }
        }
        // The next one, which is to come yet.
        FakePeer& next = ask(host, over, StreamPlace{.run = began.begins.place.run, .number = 20});
        encoder.send(2);
        host.advance(Duration{100});
        assert_true(received(over, next).numbers == (std::vector<std::uint32_t>{20, 21}));
    });
}

void what_is_not_held_is_answered_as_to_a_newcomer(void**) {
    over_both([](Over over) {
        FakeHost host;
        Encoder encoder{host.live()};
        encoder.begin().send(8);
        host.advance(Duration{200});
        const RunId run = host.live().lineage().names().last().run;
        for (const StreamPlace wanted : {StreamPlace{run, 9}, StreamPlace{run, ~std::uint64_t{0}},
                                         StreamPlace{kOtherRun, 3}, StreamPlace{RunId{}, 0}}) {
            FakePeer& peer = ask(host, over, wanted);
            host.advance(Duration{200});
            const Received got = received(over, peer);
            assert_true(got.begins.place.run == run);
            assert_int_equal(got.begins.place.number, got.numbers.front());
            assert_int_equal(got.numbers.front() % 5, 0);
        }
    });
}

void a_weir_is_told_when_the_stream_comes_another_way(void**) {
    over_both([](Over over) {
        FakeHost host;
        auto encoder = std::make_unique<Encoder>(host.live());
        encoder->begin().send(3);
        FakePeer& peer = ask(host, over, {});
        host.advance(Duration{200});
        encoder.reset();
        Encoder next{host.live()};
        next.begin().send(3);
        host.advance(Duration{200});
        // The same channel's own stream, under its own name: nothing changed for those downstream.
        const Received got = received(over, peer);
        assert_int_equal(got.numbers.size(), 6);
        for (std::size_t i = 0; i < 6; ++i) assert_int_equal(got.numbers[i], i);
        for (const Provenance& change : got.changes) assert_int_equal(change.place.number, 0);
    });
}

void who_asks_for_its_own_stream_is_refused(void**) {
    over_both([](Over over) {
        FakeHost host;
        Encoder encoder{host.live()};
        encoder.begin().send(8);
        host.advance(Duration{200});
        FakePeer& peer = ask(host, over, {}, {0x1234, host.live().lineage().relay_id()});
        assert_true(peer.is_closing());
        if (over == Over::wmsp)
            assert_true(peer.sent().starts_with("HTTP/1.0 508 Loop Detected\r\n"));
        else
            assert_true(peer.sent() == text_of(msbd::encode_connected(msbd::kLoop)));
        assert_false(ask(host, over, {}, {0x1234, 0x5678}).is_closing());
    });
    FakeHost host;
    const std::string own = to_string(std::vector<RelayId>{host.live().lineage().relay_id()});
    assert_true(host.ask("GET /live HTTP/1.1\r\nHost: a\r\nX-Weir-Via: " + own + "\r\n\r\n")
                    .sent()
                    .starts_with("HTTP/1.1 508 "));
}

// B takes its stream from A; A, whose encoder is gone, asks B.
void who_brings_the_stream_does_not_get_it_back(void**) {
    over_both([](Over over) {
        Bench b{over};
        FakePeer& up = b.answered(Bench::at(kFirst));
        up.say(b.packets(0, 3));
        FakePeer& peer = ask(b.host, over, {}, {kFar});
        assert_true(peer.is_closing());
        assert_false(ask(b.host, over, {}, {0x1234}).is_closing());
    });
}

// Each waits for the other's header: the second one to ask is told what its request would lead to.
void those_who_wait_are_named_upstream(void**) {
    over_both([](Over over) {
        Bench b{over};
        ask(b.host, over, {}, {kUp, kFar});
        b.host.refuse_dial_to("");
        b.host.advance(Duration{5000});
        b.answered(Bench::at(kFirst));
        assert_true(b.via == (std::vector<RelayId>{b.host.live().lineage().relay_id(), kUp, kFar}));
    });
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_link_goes_on_behind_its_last_packet),
        cmocka_unit_test(a_link_that_is_lost_again_and_again_loses_nothing),
        cmocka_unit_test(what_comes_a_second_time_is_left_out),
        cmocka_unit_test(where_packets_are_missing_the_stream_is_joined_anew),
        cmocka_unit_test(another_run_is_joined_anew),
        cmocka_unit_test(a_change_of_names_in_mid_stream_is_followed),
        cmocka_unit_test(a_run_that_ended_where_the_link_broke_goes_on_in_the_next),
        cmocka_unit_test(it_may_go_on_at_another_origin),
        cmocka_unit_test(a_stream_that_went_through_the_channel_is_refused),
        cmocka_unit_test(a_weir_gets_exactly_what_it_asks_to_go_on_with),
        cmocka_unit_test(what_is_not_held_is_answered_as_to_a_newcomer),
        cmocka_unit_test(a_weir_is_told_when_the_stream_comes_another_way),
        cmocka_unit_test(who_asks_for_its_own_stream_is_refused),
        cmocka_unit_test(who_brings_the_stream_does_not_get_it_back),
        cmocka_unit_test(those_who_wait_are_named_upstream),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
