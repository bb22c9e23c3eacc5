// Several push slots of one channel: encoders in each of them at once, by plain HTTP and as Windows Media
// Encoder; who is on air, who stands by, who is refused.
#include <string>

#include "protocols/http/push_client.hpp"
#include "protocols/wmpush/push_client.hpp"
#include "protocols/wmpush/wire.hpp"
#include "test/support/asf_samples.hpp"
#include "test/support/fake_host.hpp"
#include "test/support/fake_push_listener.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using test::FakeHost;
using test::FakePeer;
using test::VideoStream;
using State = SourceStatus::State;
using wmpush::PacketId;

namespace {

constexpr std::string_view kMain = "/live?source=main";
constexpr std::string_view kBackup = "/live?source=backup";
constexpr std::string_view kHere = "192.0.2.1:4711";
constexpr std::string_view kHereToo = "192.0.2.1:4712";
constexpr std::string_view kElsewhere = "192.0.2.12:4711";

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::vector<ChannelConfig> live(std::vector<SourceConfig> sources = {"push:main", "push:backup"}) {
    return {{.name = "live", .title = {}, .sources = std::move(sources), .origin = {}}};
}

SourceStatus status(FakeHost& host, std::size_t rank) {
    return host.sources(host.live()).at(rank);
}

FakePeer& ask_plain(FakeHost& host, std::string_view target, std::string_view remote = kHere) {
    return host.ask("POST " + std::string(target) + " HTTP/1.1\r\nContent-Type: video/x-ms-asf\r\n\r\n",
                    std::string(remote));
}

// A plain push that sends what the test wants it to.
struct Plain {
    Plain(FakeHost& host, std::string_view target, std::string_view remote = kHere)
        : peer(ask_plain(host, target, remote)) {}
    void begin() {
        peer.say(stream.header());
        send();
    }
    void send(bool is_key = true) { peer.say(stream.next(is_key)); }

    VideoStream stream;
    FakePeer& peer;
};

std::string wm_request(std::string_view type, std::string_view target, std::string_view push_id,
                       std::uint64_t length) {
    return "POST " + std::string(target) + " HTTP/1.1\r\nContent-Type: application/x-wms-" +
           std::string(type) + "\r\nUser-Agent: WMEncoder/9.0.0.3287\r\nHost: relay\r\nContent-Length: " +
           std::to_string(length) + "\r\nCookie: push-id=" + std::string(push_id) + "\r\n\r\n";
}
std::string wm_setup(std::string_view target, std::string_view push_id = "0") {
    return wm_request("pushsetup", target, push_id, 0);
}
std::string wm_start(std::string_view target, std::string_view push_id, std::uint64_t length = 2147483647) {
    return wm_request("pushstart", target, push_id, length);
}
std::string wm_packet(PacketId id, Bytes payload) {
    std::uint8_t head[wmpush::kHead];
    wmpush::encode_head(id, payload.size(), head);
    return std::string(as_text(head)) + std::string(as_text(payload));
}
std::string push_id_in(std::string_view answer) {
    const auto at = answer.find("Set-Cookie: push-id=");
    if (at == std::string_view::npos) return {};
    answer.remove_prefix(at + 20);
    return std::string(answer.substr(0, answer.find('\r')));
}
bool is_status(std::string_view answer, int status) {
    return answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ");
}

// The same as Windows Media Encoder pushes it.
struct WindowsMedia {
    WindowsMedia(FakeHost& host, std::string_view target, std::string_view remote = kHere)
        : peer(host.ask(wm_setup(target), std::string(remote))) {
        assert_true(is_status(peer.sent(), 204));
        push_id = push_id_in(peer.take_sent());
        peer.say(wm_start(target, push_id));
        assert_string_equal(peer.sent().c_str(), "");
    }
    void begin() {
        peer.say(wm_packet(PacketId::header, stream.header()));
        send();
    }
    void send(bool is_key = true) { peer.say(wm_packet(PacketId::data, stream.next(is_key))); }

    VideoStream stream;
    FakePeer& peer;
    std::string push_id;
};

void assert_refused(FakeHost& host, FakePeer& peer, int status, std::string_view sentence) {
    host.end_turn();
    const std::string line = "HTTP/1.1 " + std::to_string(status) + " ";
    if (!peer.sent().starts_with(line) || !has(peer.sent(), std::string(sentence) + "\n"))
        print_error("%s\n", peer.sent().c_str());
    assert_true(is_status(peer.sent(), status));
    assert_true(has(peer.sent(), std::string(sentence) + "\n"));
    assert_true(peer.was_told());
    assert_true(host.lines().has("refused with " + std::to_string(status) + ": "));
}

// Both are pushed to from one host, and neither is in the other's way.
template <class Better, class Worse>
void assert_rank_decides() {
    FakeHost host{live()};
    Worse backup{host, kBackup};
    backup.begin();
    assert_int_equal(status(host, 1).state, State::on_air);
    assert_int_equal(host.live().log().end(), 1);

    Better main{host, kMain, kHereToo};
    main.begin();
    assert_int_equal(status(host, 0).state, State::on_air);
    assert_int_equal(status(host, 1).state, State::standby);
    assert_int_equal(host.live().log().end(), 2);
    backup.send();
    assert_int_equal(host.live().log().end(), 2);
    main.send(false);
    assert_int_equal(host.live().log().end(), 3);
    assert_false(backup.peer.is_closing());
    assert_int_equal(host.live().stats().switches, 1);

    main.peer.reset();
    host.end_turn();
    backup.send(false);
    backup.send();
    assert_int_equal(status(host, 0).state, State::idle);
    assert_int_equal(status(host, 1).state, State::on_air);
    assert_true(host.live().log().end() >= 4);
    assert_int_equal(host.live().stats().losses, 1);
    assert_int_equal(host.live().state(), Channel::State::streaming);

    const Seq end = host.live().log().end();
    Better again{host, kMain, kHereToo};
    again.begin();
    assert_int_equal(status(host, 0).state, State::on_air);
    assert_int_equal(status(host, 1).state, State::standby);
    assert_int_equal(host.live().log().end(), end + 1);
    assert_int_equal(host.live().format_number(), 1);  // clients notice nothing of all this
    assert_false(backup.peer.is_closing());
}

}  // namespace

static void two_slots_are_live_at_once_and_rank_decides(void**) {
    assert_rank_decides<Plain, Plain>();
    assert_rank_decides<WindowsMedia, WindowsMedia>();
    assert_rank_decides<Plain, WindowsMedia>();
    assert_rank_decides<WindowsMedia, Plain>();
}

static void a_slot_without_a_name_is_one_of_them(void**) {
    FakeHost host{live({"push:main", "push:", "push:third"})};
    Plain third{host, "/live?source=third"}, main{host, kMain}, plain{host, "/live"},
        empty{host, "/live.asf?source=", kElsewhere};
    third.begin();
    plain.begin();
    assert_int_equal(status(host, 1).state, State::on_air);
    assert_int_equal(status(host, 2).state, State::standby);
    main.begin();
    assert_int_equal(status(host, 0).state, State::on_air);
    assert_int_equal(status(host, 1).state, State::standby);
    assert_false(plain.peer.is_closing());
    empty.begin();
    assert_refused(host, empty.peer, 409, "channel live is being pushed to by another encoder");
}

static void each_slot_shows_who_pushes_there(void**) {
    FakeHost host{live({"push:", "push:backup", "test:"})};
    Plain main{host, "/live"};
    WindowsMedia backup{host, kBackup, kElsewhere};
    main.begin();
    backup.begin();
    const SourceStatus first = status(host, 0), second = status(host, 1), third = status(host, 2);
    assert_string_equal(first.source.c_str(), "push:");
    assert_true(first.slot == "");
    assert_string_equal(first.who.c_str(), "push from 192.0.2.1:4711");
    assert_string_equal(second.source.c_str(), "push:backup");
    assert_true(second.slot == "backup");
    assert_string_equal(second.who.c_str(), "push:backup from 192.0.2.12:4711 (WMEncoder/9.0.0.3287)");
    assert_false(third.slot.has_value());
    assert_false(first.standby || second.standby || third.standby);
    main.peer.reset();
    host.end_turn();
    backup.send();
    assert_true(host.lines().has("push:backup from 192.0.2.12:4711 (WMEncoder/9.0.0.3287)"));
}

static void a_slot_is_taken_over_by_its_own_rule(void**) {
    FakeHost host{live()};
    Plain main{host, kMain};
    Plain backup{host, kBackup, kElsewhere};
    main.begin();
    backup.begin();
    // Each is somebody else's for the other's host.
    assert_refused(host, ask_plain(host, kMain, kElsewhere), 409,
                   "slot main of channel live is being pushed to by another encoder");
    assert_refused(host, ask_plain(host, kBackup), 409,
                   "slot backup of channel live is being pushed to by another encoder");
    assert_refused(host, host.ask(wm_setup(kBackup)), 409,
                   "slot backup of channel live is being pushed to by another encoder");
    // From its own host the newest wins, and the other slot's encoder stays.
    Plain newer{host, kBackup, "192.0.2.12:4712"};
    newer.begin();
    host.end_turn();
    assert_true(backup.peer.was_told());
    assert_int_equal(backup.peer.reason(), CloseReason::replaced);
    assert_false(main.peer.is_closing() || newer.peer.is_closing());
    assert_int_equal(status(host, 0).state, State::on_air);
    assert_int_equal(status(host, 1).state, State::standby);
    // Two seconds of its own silence, whatever the other slot brings.
    for (int i = 0; i < 19; ++i) {
        host.advance(Duration{100});
        main.send();
    }
    host.advance(Duration{99});
    assert_true(is_status(ask_plain(host, kBackup).sent(), 409));
    host.advance(Duration{1});
    WindowsMedia taker{host, kBackup};
    taker.begin();
    host.end_turn();
    assert_true(newer.peer.was_told());
    assert_false(main.peer.is_closing() || taker.peer.is_closing());
    assert_true(is_status(ask_plain(host, kMain, kElsewhere).sent(), 409));
}

// Let in while the slot was free, too late all the same; the other slot is no excuse.
static void a_push_whose_header_comes_late_finds_its_slot_taken(void**) {
    FakeHost host{live()};
    Plain early{host, kBackup, kElsewhere};
    WindowsMedia early_too{host, kBackup, kElsewhere};
    Plain main{host, kMain};
    main.begin();
    Plain present{host, kBackup};
    present.begin();
    early.begin();
    assert_refused(host, early.peer, 409,
                   "slot backup of channel live is being pushed to by another encoder");
    early_too.begin();
    assert_refused(host, early_too.peer, 409,
                   "slot backup of channel live is being pushed to by another encoder");
    assert_false(main.peer.is_closing() || present.peer.is_closing());
}

static void a_slot_that_is_not_there_is_answered_with_those_that_are(void**) {
    FakeHost named{live({"push:main", "http://up.example/x", "push:backup"})};
    FakeHost mixed{live({"push:", "push:a", "push:b.c"})};
    FakeHost plain{live({"push:"})};
    FakeHost none{live({"test:"})};
    struct Case {
        FakeHost& host;
        std::string_view target;
        int status;
        std::string_view sentence;
    };
    const Case cases[] = {
        {named, "/live", 404,
         "channel live takes no push without a slot's name, push to /live?source=main or "
         "/live?source=backup"},
        {named, "/live.asf?source=&x=y", 404,
         "channel live takes no push without a slot's name, push to /live?source=main or "
         "/live?source=backup"},
        {named, "/live?source=Main", 404,
         "channel live has no push slot \"Main\", push to /live?source=main or /live?source=backup"},
        {mixed, "/live?source=x", 404,
         "channel live has no push slot \"x\", push to /live, /live?source=a or /live?source=b.c"},
        {mixed, "/live?source=%1B%5B2J", 404,
         "channel live has no push slot \"?[2J\", push to /live, "
         "/live?source=a or /live?source=b.c"},
        // Broken, or more than one: never taken for "push:".
        {mixed, "/live?source=%zz", 404,
         "channel live has no push slot \"%zz\", push to /live, /live?source=a or /live?source=b.c"},
        {mixed, "/live?source=x&source=a", 404,
         "channel live has no push slot \"x\", push to /live, /live?source=a or /live?source=b.c"},
        {plain, "/live?source=backup", 404, "channel live has no push slot \"backup\", push to /live"},
        {none, "/live?source=backup", 403, "channel live takes no push: its sources list no \"push:\""},
        {none, "/live", 403, "channel live takes no push: its sources list no \"push:\""},
    };
    for (const Case& c : cases) {
        const auto refused = c.host.stats().pushes_refused;
        assert_refused(c.host, ask_plain(c.host, c.target), c.status, c.sentence);
        assert_refused(c.host, c.host.ask("PUT " + std::string(c.target) + " HTTP/1.1\r\n\r\n"), c.status,
                       c.sentence);
        assert_refused(c.host, c.host.ask("SOURCE " + std::string(c.target) + " HTTP/1.1\r\n\r\n"), c.status,
                       c.sentence);
        assert_refused(c.host, c.host.ask(wm_setup(c.target)), c.status, c.sentence);
        assert_refused(c.host, c.host.ask(wm_start(c.target, "0")), c.status, c.sentence);
        assert_int_equal(c.host.stats().pushes_refused - refused, 5);
    }
}

static void a_slots_name_may_be_escaped_and_other_parameters_pass(void**) {
    for (const std::string_view target : {"/live?source=main", "/live?a=b&source=%6dain&source=x",
                                          "/live.asf?s%6Furce=main", "http://relay/live?source=main"}) {
        FakeHost host{live()};
        Plain push{host, target};
        push.begin();
        assert_int_equal(status(host, 0).state, State::on_air);
        FakeHost other{live()};
        WindowsMedia wm{other, target};
        wm.begin();
        assert_int_equal(status(other, 0).state, State::on_air);
    }
}

// What an operator types into the field for the publishing point may come as a path.
static void an_encoder_may_have_escaped_the_question_mark(void**) {
    for (const std::string_view target : {"/live%3Fsource=main", "//live.asf%3fsource%3Dmain"}) {
        FakeHost host{live()};
        WindowsMedia wm{host, target};
        wm.begin();
        assert_int_equal(status(host, 0).state, State::on_air);
    }
    FakeHost host{live()};
    assert_refused(host, host.ask(wm_setup("/live%3Fsource=x")), 404,
                   "channel live has no push slot \"x\", push to /live?source=main or /live?source=backup");
}

static void a_push_id_is_worth_nothing_in_another_slot(void**) {
    FakeHost host{live()};
    WindowsMedia main{host, kMain};
    main.begin();
    FakePeer& peer = host.ask(wm_setup(kBackup, main.push_id));
    assert_true(is_status(peer.sent(), 403));
    assert_true(has(peer.sent(), "push-id " + main.push_id + " is not known here"));
    // A push of its own, which has to begin with a header; the one in the other slot is left alone.
    FakePeer& start = host.ask(wm_start(kBackup, main.push_id));
    start.say(wm_packet(PacketId::data, VideoStream{}.next()));
    assert_refused(host, start, 400, "$D before any $H, expected the header first");
    assert_false(main.peer.is_closing());
    main.send();
    assert_int_equal(host.live().log().end(), 2);
    // Where it was given it is good.
    assert_true(is_status(host.ask(wm_setup(kMain, main.push_id)).sent(), 204));
}

static void one_encoder_pushes_into_two_slots_under_two_push_ids(void**) {
    FakeHost host{live()};
    WindowsMedia main{host, kMain}, backup{host, kBackup, kHereToo};
    assert_true(main.push_id != backup.push_id);
    main.begin();
    backup.begin();
    // The better one's connection breaks, and it goes on where it was while the other is on air.
    main.peer.reset();
    host.end_turn();
    backup.send();
    assert_int_equal(status(host, 1).state, State::on_air);
    FakePeer& again = host.ask(wm_start(kMain, main.push_id));
    again.say(wm_packet(PacketId::data, main.stream.next(true)));
    assert_int_equal(status(host, 0).state, State::on_air);
    assert_int_equal(status(host, 1).state, State::standby);
    assert_false(again.is_closing() || backup.peer.is_closing());
}

// --- what weir pushes itself

static void weirs_own_pushes_find_their_slots(void**) {
    FakeHost host{live()};
    const auto url = [](std::string_view target) {
        return http::parse_url("http://relay.example" + std::string(target)).value();
    };
    VideoStream stream, other;
    test::FakePushListener plain_listener, wm_listener;
    PushMemory plain_memory, memory;
    const auto plain = http::open_push(host, url(kMain), plain_memory, plain_listener);
    plain->begin(stream.format());
    FakePeer& plain_client = host.answer_dial();
    FakePeer& plain_server = host.connect();
    assert_true(plain->append(stream.next(true)));
    plain_server.say(plain_client.take_sent());
    assert_int_equal(status(host, 0).state, State::on_air);

    const auto wm = wmpush::open_push(host, url(kBackup), memory, wm_listener);
    wm->begin(other.format());
    FakePeer& wm_client = host.answer_dial();
    FakePeer& wm_server = host.connect();
    wm_server.say(wm_client.take_sent());
    wm_client.say(wm_server.take_sent());
    assert_true(wm->append(other.next(true)));
    wm_server.say(wm_client.take_sent());
    assert_int_equal(status(host, 1).state, State::standby);

    plain->end();
    plain_server.say(plain_client.take_sent());
    plain_client.say(plain_server.take_sent());
    assert_true(plain_listener.ended_well());
    assert_true(wm->append(other.next(true)));
    wm_server.say(wm_client.take_sent());
    assert_int_equal(status(host, 1).state, State::on_air);
}

static void weirs_own_pushes_are_told_which_slots_there_are(void**) {
    FakeHost host{live()};
    const auto url = http::parse_url("http://relay.example/live").value();
    test::FakePushListener plain_listener, wm_listener;
    PushMemory plain_memory, memory;
    VideoStream stream;
    const auto plain = http::open_push(host, url, plain_memory, plain_listener);
    const auto wm = wmpush::open_push(host, url, memory, wm_listener);
    for (Push* push : {plain.get(), wm.get()}) {
        push->begin(stream.format());
        FakePeer& client = host.answer_dial();
        FakePeer& server = host.connect();
        server.say(client.take_sent());
        client.say(server.take_sent());
    }
    host.advance(Duration{0});
    for (const test::FakePushListener* listener : {&plain_listener, &wm_listener}) {
        if (!listener->failed(Errc::not_found)) print_error("%s\n", listener->error.c_str());
        assert_true(listener->failed(Errc::not_found));
        assert_true(has(listener->error, "push to /live?source=main or /live?source=backup"));
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(two_slots_are_live_at_once_and_rank_decides),
        cmocka_unit_test(a_slot_without_a_name_is_one_of_them),
        cmocka_unit_test(each_slot_shows_who_pushes_there),
        cmocka_unit_test(a_slot_is_taken_over_by_its_own_rule),
        cmocka_unit_test(a_push_whose_header_comes_late_finds_its_slot_taken),
        cmocka_unit_test(a_slot_that_is_not_there_is_answered_with_those_that_are),
        cmocka_unit_test(a_slots_name_may_be_escaped_and_other_parameters_pass),
        cmocka_unit_test(an_encoder_may_have_escaped_the_question_mark),
        cmocka_unit_test(a_push_id_is_worth_nothing_in_another_slot),
        cmocka_unit_test(one_encoder_pushes_into_two_slots_under_two_push_ids),
        cmocka_unit_test(weirs_own_pushes_find_their_slots),
        cmocka_unit_test(weirs_own_pushes_are_told_which_slots_there_are),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
