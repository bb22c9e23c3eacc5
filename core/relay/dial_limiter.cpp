#include "core/relay/dial_limiter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/intrusive_list.hpp"
#include "core/relay/host.hpp"

namespace weir {

namespace {
constexpr Duration kSecond{1000};
}

class DialLimiter::Attempt final : public Dial, private ListNode<Attempt> {
  public:
    Attempt(Endpoint& endpoint, Duration timeout, OnDone on_done);
    ~Attempt() override;

    void wait();
    void begin();
    // Its turn will not come; it is told so a turn of the loop later.
    void miss();
    // It has waited for so many halves of what it may.
    bool has_waited(int halves) const noexcept { return 2 * (timers_.now() - since_) >= halves * timeout_; }

  private:
    friend class List<Attempt>;
    enum class State { fresh, waiting, begun, over };
    void leave() noexcept;
    void on_timer();
    void on_sent();
    void on_dialled(Result<Peer*> result);

    Endpoint& endpoint_;  // until it is over
    TimerQueue& timers_;
    Duration timeout_;
    OnDone on_done_;
    State state_ = State::fresh;
    bool is_sent_ = false;
    TimePoint since_;  // it waits, or has begun
    Timer timer_;      // while it waits
    std::unique_ptr<Dial> dial_;
    std::string missed_;  // why its turn did not come
};

class DialLimiter::Endpoint {
  public:
    Endpoint(DialLimiter& owner, const Address& address);
    ~Endpoint() { WEIR_ASSERT(is_idle()); }

    DialLimiter& owner() noexcept { return owner_; }
    const Address& address() const noexcept { return address_; }
    void enter(Attempt& attempt);
    void left_queue() noexcept;
    void ended() noexcept;
    // One that has begun told the system to connect, or will not do so any more.
    void sent() noexcept;
    // One came to nothing in all its time.
    void on_silence(Duration timeout);
    void on_answer() noexcept { answered_ = now(); }
    std::string crowd() const;

  private:
    TimePoint now() const noexcept { return owner_.timers_.now(); }
    bool is_idle() const noexcept { return waiting_ == 0 && in_flight_ == 0; }
    // When the next one may begin, by the times of those that were sent; those that were not yet may be at
    // any moment from now on, all together.
    TimePoint next_begin() const noexcept {
        if (unsent_ >= kBurst) return TimePoint::max();
        return std::max(sent_[(next_ + unsent_) % kPerSecond] + kSecond + kSpare,
                        sent_[(next_ + kPerSecond - kBurst + unsent_) % kPerSecond] + kBurstTime);
    }
    void begin(Attempt& attempt);
    void tell();
    void arm() noexcept;
    void on_timer();

    DialLimiter& owner_;
    const Address& address_;
    List<Attempt> queue_;
    std::size_t waiting_ = 0;  // in the queue
    std::size_t in_flight_ = 0;
    std::size_t unsent_ = 0;                  // of those
    std::array<TimePoint, kPerSecond> sent_;  // when the newest were, a ring
    std::size_t next_ = 0;                    // in it: the oldest of them
    TimePoint kept_until_ = TimePoint::min();
    TimePoint answered_ = TimePoint::min();
    TimePoint tell_at_ = TimePoint::max(), quiet_until_ = TimePoint::min();
    std::size_t most_waiting_ = 0;  // since the queue was empty
    Timer timer_;
};

// --- one attempt

DialLimiter::Attempt::Attempt(Endpoint& endpoint, Duration timeout, OnDone on_done)
    : endpoint_(endpoint),
      timers_(endpoint.owner().timers_),
      timeout_(timeout),
      on_done_(on_done),
      since_(timers_.now()),
      timer_(timers_, Callback<void()>::of<&Attempt::on_timer>(this)) {}

DialLimiter::Attempt::~Attempt() {
    dial_.reset();
    leave();
}

void DialLimiter::Attempt::leave() noexcept {
    timer_.stop();
    unlink();
    const State was = std::exchange(state_, State::over);
    if (was == State::waiting) endpoint_.left_queue();
    if (was != State::begun) return;
    if (!std::exchange(is_sent_, true)) endpoint_.sent();
    endpoint_.ended();
}

void DialLimiter::Attempt::wait() {
    state_ = State::waiting;
    timer_.start(timeout_);
}

void DialLimiter::Attempt::begin() {
    if (state_ == State::waiting) endpoint_.left_queue();
    timer_.stop();
    state_ = State::begun;
    since_ = timers_.now();
    dial_ = endpoint_.owner().connect_(endpoint_.address(), timeout_,
                                       Dial::OnDone::of<&Attempt::on_dialled>(this),
                                       Dial::OnSent::of<&Attempt::on_sent>(this));
}

void DialLimiter::Attempt::on_sent() {
    if (!std::exchange(is_sent_, true)) endpoint_.sent();
}

void DialLimiter::Attempt::miss() {
    missed_ = fmt::format("{}: no turn to connect in {} ms: {}", to_string(endpoint_.address()),
                          (timers_.now() - since_).count(), endpoint_.crowd());
    ++endpoint_.owner().stats_.dials_missed;
    leave();
    timer_.start(Duration{0});
}

void DialLimiter::Attempt::on_timer() {
    if (state_ == State::waiting) {
        miss();
        timer_.stop();
    }
    const OnDone tell = on_done_;
    tell(Error{Errc::timed_out, std::move(missed_)});
}

// The last step destroys this, or may.
void DialLimiter::Attempt::on_dialled(Result<Peer*> result) {
    const bool is_silence = !result && timers_.now() - since_ >= timeout_;
    leave();
    if (is_silence)
        endpoint_.on_silence(timeout_);
    else
        endpoint_.on_answer();
    const OnDone tell = on_done_;
    tell(std::move(result));
}

// --- those of one endpoint

DialLimiter::Endpoint::Endpoint(DialLimiter& owner, const Address& address)
    : owner_(owner),
      address_(address),
      timer_(owner.timers_, Callback<void()>::of<&Endpoint::on_timer>(this)) {
    sent_.fill(TimePoint::min());
}

void DialLimiter::Endpoint::enter(Attempt& attempt) {
    if (waiting_ == 0 && in_flight_ < kInFlight && next_begin() <= now()) return begin(attempt);
    if (waiting_ == 0 && quiet_until_ <= now()) tell_at_ = now() + kTellAfter;
    queue_.push_back(attempt);
    attempt.wait();
    most_waiting_ = std::max(most_waiting_, ++waiting_);
    HostStats& stats = owner_.stats_;
    stats.dials_waiting_most = std::max(stats.dials_waiting_most, ++stats.dials_waiting);
    arm();
}

void DialLimiter::Endpoint::begin(Attempt& attempt) {
    ++in_flight_;
    ++unsent_;
    ++owner_.stats_.dials;
    attempt.begin();
}

void DialLimiter::Endpoint::sent() noexcept {
    --unsent_;
    sent_[std::exchange(next_, (next_ + 1) % kPerSecond)] = now();
    kept_until_ = std::max(kept_until_, now() + kSecond + kSpare);
    arm();
}

void DialLimiter::Endpoint::left_queue() noexcept {
    --owner_.stats_.dials_waiting;
    if (--waiting_ == 0) {
        tell_at_ = TimePoint::max();
        most_waiting_ = 0;
    }
    arm();
}

void DialLimiter::Endpoint::ended() noexcept {
    --in_flight_;
    arm();
}

void DialLimiter::Endpoint::on_silence(Duration timeout) {
    if (answered_ > now() - timeout / 2) return;
    for (std::size_t n = waiting_; n > 0; --n) {
        Attempt& attempt = *queue_.pop_front();
        if (attempt.has_waited(1))
            attempt.miss();
        else
            queue_.push_back(attempt);
    }
}

std::string DialLimiter::Endpoint::crowd() const {
    return fmt::format("{} attempts are under way and {} wait", in_flight_, waiting_);
}

void DialLimiter::Endpoint::tell() {
    owner_.log_.info(
        "{}: attempts to connect wait for their turn, {} of them so far; at most {} are made at a time "
        "and {} a second",
        to_string(address_), most_waiting_, kInFlight, kPerSecond);
    tell_at_ = TimePoint::max();
    quiet_until_ = now() + kTellAgain;
    kept_until_ = std::max(kept_until_, quiet_until_);
}

void DialLimiter::Endpoint::arm() noexcept {
    TimePoint due = tell_at_;
    if (waiting_ > 0 && in_flight_ < kInFlight) due = std::min(due, next_begin());
    if (is_idle()) due = std::min(due, kept_until_);
    if (due == TimePoint::max()) return timer_.stop();
    due = std::max(due, now());
    if (!timer_.is_running() || timer_.due() != due) timer_.start_at(due);
}

void DialLimiter::Endpoint::on_timer() {
    if (tell_at_ <= now()) tell();
    while (!queue_.empty() && in_flight_ < kInFlight && next_begin() <= now()) {
        Attempt& attempt = *queue_.pop_front();
        if (attempt.has_waited(2))
            attempt.miss();
        else
            begin(attempt);
    }
    if (!is_idle() || kept_until_ > now()) return arm();
    owner_.endpoints_.erase(address_);  // and this
}

// --- all endpoints

DialLimiter::DialLimiter(TimerQueue& timers, Log& log, HostStats& stats, Connect connect)
    : timers_(timers), log_(log), stats_(stats), connect_(connect) {}

DialLimiter::~DialLimiter() = default;

std::unique_ptr<Dial> DialLimiter::dial(const Address& address, Duration timeout, Dial::OnDone on_done) {
    const auto [it, is_new] = endpoints_.try_emplace(address);
    if (is_new) it->second = std::make_unique<Endpoint>(*this, it->first);
    auto attempt = std::make_unique<Attempt>(*it->second, timeout, on_done);
    it->second->enter(*attempt);
    return attempt;
}

bool DialLimiter::Before::operator()(const Address& a, const Address& b) const noexcept {
    if (a.port != b.port) return a.port < b.port;
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::lexicographical_compare(a.host.begin(), a.host.end(), b.host.begin(), b.host.end(),
                                        [&](char x, char y) { return lower(x) < lower(y); });
}

}  // namespace weir
