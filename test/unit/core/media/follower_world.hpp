// The world of failover.md's table, for a Follower: hosts that behave as the row says, requests at the row's
// times, and what came of it written as the table writes it. Time is a number that is moved.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/media/follower.hpp"

#include "test/support/cmocka.hpp"

namespace weir::test {

// One row. Times are seconds. A host or service that is not named is "ok", or the one list A B C.
struct Row {
    const char* name;  // the row, the rule, and what the rule says
    // "A B C", or one list for each of several services: "m: A B; h: B A"
    const char* lists = "A B C";
    const char* timeout = nullptr;  // a wtv-connection-timeout header's value
    // "A ref, ok@10; B 511": how a host behaves, from when.
    //   ok         accepts, answers 200 at once, keeps the connection; any other number is such a status
    //   close      the same, and the answer says "Connection: close"
    //   long       the same, but the answer's body goes on; end:A@t ends it
    //   half       the same, but closes the connection in the middle of the body
    //   ref        refuses     drop  never completes the handshake      hang  accepts and never answers
    //   eof        accepts and closes once the request is there         rst   closes in the middle of the
    //   request junk       sends what is no answer                              drip  a byte of a head every
    //   59 s
    // "59>ok": the connection takes so long (the name's lookup included); "ok+60": so does the answer.
    const char* hosts = "";
    // "req@0": a request. "post@0": one that is not to be sent twice. "silent@9": a request after the last
    // one fell silent. "close:A@70": A closes its connection, and that is seen. "gone:A@70": it is not seen.
    // "stall:A@9": a body stands still. "list:B,C@60", "list:B,C/10@60": another list, another timeout.
    // "stop@5". With several services "m.req@0". "20xreq@0+61": twenty times, 61 s apart.
    const char* events = "req@0";
    const char* contacts = "";  // "A@0 B@60.001 ~B@3600": opened, and (~) used again
    // "A@0", "A=500@0": an answer. "refused@0", "timeout@9", "511@0", "cut@0", "no-service@0", "unsure@0".
    const char* outcomes = "";
    const char* last = nullptr;  // who is last() at the end; "-": nobody
};

enum class Ties { timer_first, event_first };

inline std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const auto end = std::min(text.find(by), text.size());
        auto part = text.substr(0, end);
        while (part.starts_with(' ')) part.remove_prefix(1);
        while (part.ends_with(' ')) part.remove_suffix(1);
        if (!part.empty()) parts.push_back(part);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}
// What stands before `by`, which is taken off with it; all of it where there is none.
inline std::string_view cut_before(std::string_view& text, std::string_view by) {
    const auto at = text.find(by);
    const auto front = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + by.size());
    return front;
}
inline Duration seconds(std::string_view text) {
    return Duration{std::llround(std::stod(std::string(text)) * 1000)};
}
inline std::string text_of(Duration time) {
    const auto ms = time.count();
    return ms % 1000 == 0 ? fmt::format("{}", ms / 1000) : fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}
// "A" or "A:81".
inline Address endpoint(std::string_view text) {
    const auto host = cut_before(text, ":");
    const int port = text.empty() ? 80 : std::stoi(std::string(text));
    return {.host = std::string(host), .port = static_cast<std::uint16_t>(port)};
}
inline std::string text_of(const Address& address) {
    return address.port == 80 ? address.host : fmt::format("{}:{}", address.host, address.port);
}
inline std::vector<Address> endpoints(std::string_view text, char by) {
    std::vector<Address> list;
    for (const auto part : split(text, by)) list.push_back(endpoint(part));
    return list;
}

class FollowerWorld {
  public:
    // origin: what the clock shows when a row begins; it must not matter.
    FollowerWorld(const Row& row, Ties ties, TimePoint origin) : ties_(ties), origin_(origin), now_(origin) {
        for (const auto host : split(row.hosts, ';')) add_host(host);
        const Duration timeout =
            Follower::timeout_of(row.timeout ? std::optional<std::string_view>(row.timeout) : std::nullopt);
        for (const auto text : split(row.lists, ';')) {
            auto list = text;
            const auto name = text.find(':') == 1 && text.size() > 2 && text[2] == ' '
                                  ? std::string(cut_before(list, ":"))
                                  : std::string{};
            services_[name].name = name;
            carry_out(services_[name], services_[name].follower.list(endpoints(list, ' '), timeout, now_));
        }
        if (services_.empty()) services_[""].follower.list({}, timeout, now_);
        for (const auto event : split(row.events, ' ')) add_event(event);
    }

    void run() {
        while (true) {
            TimePoint due = TimePoint::max();
            for (auto& [name, service] : services_) due = std::min(due, service.follower.due());
            const auto next = std::min_element(queue_.begin(), queue_.end());
            const TimePoint when = next == queue_.end() ? TimePoint::max() : next->at;
            if (due == TimePoint::max() && when == TimePoint::max()) return;
            now_ = std::min(due, when);
            // A timer that fires early changes nothing.
            for (auto& [name, service] : services_)
                if (service.follower.due() > now_) assert_true(service.follower.tick(now_).empty());
            if (due <= now_ && (when > now_ || ties_ == Ties::timer_first)) {
                for (auto& [name, service] : services_)
                    if (service.follower.due() <= now_) carry_out(service, service.follower.tick(now_));
                continue;
            }
            const auto happens = next->happens;
            queue_.erase(next);
            happens();
        }
    }

    const std::string& contacts() const { return contacts_; }
    const std::string& outcomes() const { return outcomes_; }
    std::string last() {
        const auto& last = services_.begin()->second.follower.last();
        return last ? text_of(*last) : "-";
    }
    // Requests that arrived in full, at any host.
    int arrived() const { return arrived_; }

  private:
    struct Service {
        std::string name;
        Follower follower;
        Follower::Connection open = 0;  // with its other end
        std::string peer;
        bool is_gone = false;  // closed by the peer, and nobody has seen it
        int contacts = 0;      // of the request that runs
    };
    struct Event {
        TimePoint at;
        int number;
        std::function<void()> happens;
        bool operator<(const Event& other) const {
            return std::pair(at, number) < std::pair(other.at, other.number);
        }
    };

    void at(TimePoint time, std::function<void()> happens) {
        queue_.push_back({time, ++events_, std::move(happens)});
    }

    void add_host(std::string_view text) {
        const std::string name(cut_before(text, " "));
        for (auto phase : split(text, ',')) {
            const auto behaviour = cut_before(phase, "@");
            hosts_[name].push_back({phase.empty() ? Duration{0} : seconds(phase), std::string(behaviour)});
        }
    }
    std::string behaviour(const std::string& host) {
        std::string found = "ok";
        for (const auto& [since, what] : hosts_[host])
            if (now_ >= origin_ + since) found = what;
        return found;
    }

    void add_event(std::string_view text) {
        auto what = cut_before(text, "@");
        int times = 1;
        Duration apart{0};
        if (const auto x = what.find('x'); x != std::string_view::npos) {
            times = std::stoi(std::string(cut_before(what, "x")));
            auto rest = text;
            text = cut_before(rest, "+");
            apart = seconds(rest);
        }
        const auto dot = what.find('.');
        const std::string service(dot == std::string_view::npos ? "" : cut_before(what, "."));
        for (int i = 0; i < times; ++i)
            at(origin_ + seconds(text) + apart * i,
               [this, service, what = std::string(what)] { happen(services_.at(service), what); });
    }

    void happen(Service& service, std::string_view argument) {
        const auto verb = cut_before(argument, ":");
        Follower& follower = service.follower;
        if (verb == "req" || verb == "post" || verb == "silent") {
            if (follower.is_ready()) service.contacts = 0;
            const auto repeat = verb == "post" ? Follower::Repeat::until_written : Follower::Repeat::always;
            const auto start = verb == "silent" ? Follower::Start::after_last : Follower::Start::by_rule;
            return carry_out(service, follower.request(now_, repeat, start));
        }
        if (verb == "stop") return carry_out(service, follower.stop(now_));
        if (verb == "list") {
            const auto list = cut_before(argument, "/");
            const auto timeout = argument.empty() ? follower.timeout() : seconds(argument);
            return carry_out(service, follower.list(endpoints(list, ','), timeout, now_));
        }
        // The rest happens to the connection that is open, which must be that one.
        if (service.peer != argument)
            print_error("%s has no connection for %s\n", std::string(argument).c_str(),
                        std::string(verb).c_str());
        assert_true(service.peer == argument);
        if (verb == "gone") {
            service.is_gone = true;
        } else if (verb == "close") {
            const auto connection = drop(service);
            carry_out(service, follower.peer_closed(connection, now_));
        } else if (verb == "end") {
            carry_out(service, follower.complete(service.open, Follower::Connect::kept, now_));
        } else if (verb == "stall") {
            carry_out(service, follower.stalled(service.open, now_));
        } else {
            print_error("no such event: %s\n", std::string(verb).c_str());
            assert_true(false);
        }
    }

    static Follower::Connection drop(Service& service) {
        service.peer.clear();
        service.is_gone = false;
        return std::exchange(service.open, 0);
    }

    void carry_out(Service& service, const Follower::Actions& actions) {
        using Kind = Follower::Action::Kind;
        for (const auto& action : actions) {
            switch (action.kind) {
                case Kind::open:
                    assert_int_equal(service.open, 0);  // the one before is closed first
                    service.open = action.connection;
                    service.peer = text_of(action.endpoint);
                    contact(service, "");
                    connect(service);
                    break;
                case Kind::send:
                    assert_int_equal(service.open, action.connection);
                    if (action.why == Follower::Action::Why::idle) contact(service, "~");
                    answer(service);
                    break;
                case Kind::close:
                    assert_int_equal(service.open, action.connection);
                    drop(service);
                    break;
                case Kind::deliver:
                    outcome(service, text_of(action.endpoint) +
                                         (action.status == 200 ? "" : fmt::format("={}", action.status)));
                    break;
                case Kind::report:
                    outcome(service, words(action.failure));
                    break;
            }
        }
    }

    static const char* words(Follower::Failure failure) {
        switch (failure) {
            case Follower::Failure::no_service:
                return "no-service";
            case Follower::Failure::refused:
                return "refused";
            case Follower::Failure::timed_out:
                return "timeout";
            case Follower::Failure::try_another:
                return "511";
            case Follower::Failure::cut_short:
                return "cut";
            case Follower::Failure::not_repeated:
                return "unsure";
        }
        return "?";
    }

    void contact(Service& service, std::string_view mark) {
        // Each endpoint once, and one more where an idle connection was closed.
        ++service.contacts;
        assert_true(service.contacts <= static_cast<int>(service.follower.endpoints().size()) + 1);
        note(contacts_, service, fmt::format("{}{}@{}", mark, service.peer, text_of(now_ - origin_)));
    }
    void outcome(Service& service, std::string_view what) {
        note(outcomes_, service, fmt::format("{}@{}", what, text_of(now_ - origin_)));
    }
    void note(std::string& where, const Service& service, std::string_view what) {
        if (!where.empty()) where += ' ';
        if (!service.name.empty()) where += service.name + '.';
        where += what;
    }

    // What happens to a connection is told however late it is: the Follower sorts out whether it still
    // matters.
    void later(Service& service, Duration in, std::function<void(Follower::Connection)> happens) {
        at(now_ + in, [connection = service.open, happens = std::move(happens)] { happens(connection); });
    }
    void later_closed(Service& service, Duration in) {
        later(service, in, [this, &service](Follower::Connection c) {
            if (service.open == c) drop(service);
            carry_out(service, service.follower.peer_closed(c, now_));
        });
    }

    // "59>ok+60" as 59 s, "ok", 60 s.
    struct Behaviour {
        Duration connects{0}, answers{0};
        std::string what;
    };
    Behaviour behaviour_of(const Service& service) {
        const std::string text = behaviour(service.peer);
        std::string_view rest(text);
        Behaviour out;
        if (rest.find('>') != std::string_view::npos) out.connects = seconds(cut_before(rest, ">"));
        out.what = cut_before(rest, "+");
        if (!rest.empty()) out.answers = seconds(rest);
        return out;
    }

    void connect(Service& service) {
        const Behaviour host = behaviour_of(service);
        if (host.what == "drop") return;
        later(service, host.connects, [this, &service, refuses = host.what == "ref"](Follower::Connection c) {
            if (!refuses) return carry_out(service, service.follower.connected(c, now_));
            if (service.open == c) drop(service);
            carry_out(service, service.follower.refused(c, now_));
        });
    }

    void answer(Service& service) {
        const Behaviour host = behaviour_of(service);
        if (service.is_gone || host.what == "rst" || host.what == "early") {
            if (host.what == "early") carry_out(service, service.follower.bytes(service.open, now_));
            return later_closed(service, Duration{0});
        }
        ++arrived_;
        service.follower.written(service.open);
        if (host.what == "hang" || host.what == "drop") return;
        if (host.what == "part")
            later(service, host.answers, [this, &service](Follower::Connection c) {
                carry_out(service, service.follower.bytes(c, now_));
            });
        if (host.what == "eof" || host.what == "part") return later_closed(service, host.answers);
        if (host.what == "junk")
            return later(service, host.answers, [this, &service](Follower::Connection c) {
                carry_out(service, service.follower.refused(c, now_));
            });
        if (host.what == "drip") {
            for (int i = 0; i < 4; ++i)
                later(service, Duration{59000} * i, [this, &service](Follower::Connection c) {
                    carry_out(service, service.follower.bytes(c, now_));
                });
            return;
        }
        const bool is_number = host.what[0] >= '0' && host.what[0] <= '9';
        later(service, host.answers,
              [this, &service, what = host.what,
               status = is_number ? std::stoi(host.what) : 200](Follower::Connection c) {
                  carry_out(service, service.follower.header(c, status, now_));
                  if (what == "long" || what == "half") return;
                  if (what == "close" && service.open == c) drop(service);
                  const auto connect = what == "close" ? Follower::Connect::closed : Follower::Connect::kept;
                  carry_out(service, service.follower.complete(c, connect, now_));
              });
        if (host.what == "half") later_closed(service, host.answers);
    }

    Ties ties_;
    TimePoint origin_;
    TimePoint now_;
    std::map<std::string, Service> services_;
    std::map<std::string, std::vector<std::pair<Duration, std::string>>> hosts_;
    std::vector<Event> queue_;
    int events_ = 0;
    int arrived_ = 0;
    std::string contacts_, outcomes_;
};

}  // namespace weir::test
