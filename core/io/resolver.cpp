#include "core/io/resolver.hpp"

#include <algorithm>
#include <utility>

namespace weir {

Resolver::Resolver(TimerQueue& timers, std::unique_ptr<Lookup> lookup)
    : lookup_(std::move(lookup)),
      timers_(timers),
      slow_(timers, Callback<void()>::of<&Resolver::on_slow>(this)),
      deliver_(timers, Callback<void()>::of<&Resolver::on_deliver>(this)) {}

Resolver::~Resolver() = default;

void Resolver::ask(Query& query, const Address& address) {
    query.withdraw();
    query.port_ = address.port;
    if (address.is_literal()) return answer(query, literal_addresses(address));

    auto found = names_.find(address.host);
    if (found == names_.end()) {
        make_room();
        found = names_.try_emplace(address.host).first;
        found->second.text = address.host;
    }
    Name& name = found->second;
    name.used = ++uses_;
    const TimePoint now = timers_.now();
    const bool is_slow = name.state != Name::State::idle && name.asked_at + kSlow <= now;
    if (!name.good.empty() && (now < name.good_until || is_slow)) return answer(query, name.good);

    name.waiting.push_back(query);
    if (name.state == Name::State::idle) {
        name.state = Name::State::queued;
        name.asked_at = now;
        busy_.push_back(&name);
        start_next();
    }
    watch_slow();
}

void Resolver::finish(const std::string& text, Result<SocketAddresses> found) {
    const auto it = names_.find(text);
    if (it == names_.end() || it->second.state != Name::State::running) return;
    Name& name = it->second;
    --running_;
    name.state = Name::State::idle;
    std::erase(busy_, &name);
    if (found && found.value().empty()) found = Error{Errc::system, "the name has no address"};
    if (found) {
        name.good = found.value();
        name.good_until = timers_.now() + kFresh;
        answer_all(name, found);
    } else if (!name.good.empty()) {
        fall_back(name);
    } else {
        answer_all(name, found);
        names_.erase(it);  // nothing was learnt; whoever asks next has it looked up again
    }
    start_next();
}

// The addresses from before, as if they had been found again, for a while.
void Resolver::fall_back(Name& name) {
    name.good_until = timers_.now() + kRetry;
    answer_all(name, name.good);
}

void Resolver::start_next() {
    for (std::size_t i = 0; i < busy_.size() && running_ < kMaxRunning;) {
        Name& name = *busy_[i];
        if (name.state == Name::State::running || start(name)) {
            ++i;
            continue;
        }
        busy_.erase(busy_.begin() + static_cast<std::ptrdiff_t>(i));
        leave(name);
    }
}

// False: there is nothing to wait for.
bool Resolver::start(Name& name) {
    if (!name.waiting.front()) return false;  // all have given up
    name.state = Name::State::running;
    ++running_;
    auto started = lookup_->start(*this, name.text);
    if (started) return true;
    --running_;
    if (name.good.empty())
        answer_all(name, started.error());
    else
        fall_back(name);
    return false;
}

void Resolver::leave(Name& name) {
    name.state = Name::State::idle;
    if (name.good.empty()) names_.erase(names_.find(name.text));
}

void Resolver::make_room() {
    if (names_.size() < kMaxNames) return;
    auto oldest = names_.end();
    for (auto it = names_.begin(); it != names_.end(); ++it) {
        if (it->second.state != Name::State::idle) continue;  // somebody waits for it: these bound themselves
        if (oldest == names_.end() || it->second.used < oldest->second.used) oldest = it;
    }
    if (oldest != names_.end()) names_.erase(oldest);
}

void Resolver::watch_slow() {
    // They stand in the order of asked_at.
    for (const Name* name : busy_) {
        if (name->good.empty() || name->waiting.empty()) continue;
        slow_.start_at(name->asked_at + kSlow);
        return;
    }
    slow_.stop();
}

void Resolver::on_slow() {
    for (Name* name : busy_) {
        if (name->good.empty() || name->waiting.empty()) continue;
        if (name->asked_at + kSlow <= timers_.now()) fall_back(*name);
    }
    watch_slow();
}

void Resolver::answer_all(Name& name, const Result<SocketAddresses>& result) {
    while (Query* query = name.waiting.pop_front()) answer(*query, result);
}

void Resolver::answer(Query& query, Result<SocketAddresses> result) {
    query.answer_ = std::move(result);
    if (query.answer_) {
        for (SocketAddress& address : query.answer_.value()) address.set_port(query.port_);
    }
    answered_.push_back(query);
    if (!deliver_.is_running()) deliver_.start(Duration{0});
}

void Resolver::on_deliver() {
    // Those who ask again from inside their answer are answered in the next turn. Each may destroy itself or
    // another.
    List<Query> due;
    while (Query* query = answered_.pop_front()) due.push_back(*query);
    while (Query* query = due.pop_front()) {
        const auto tell = query->on_answer_;
        tell(std::exchange(query->answer_, SocketAddresses{}));
    }
}

}  // namespace weir
