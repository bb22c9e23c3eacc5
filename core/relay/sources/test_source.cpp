#include "core/relay/sources/test_source.hpp"

namespace weir {

namespace {
constexpr Duration kMaxCatchUp{2000};  // a process that was stopped for longer goes on from where it is
}

TestSource::TestSource(Channel& channel, const SourceSpec& spec, const Container& container,
                       TimerQueue& timers)
    : channel_(channel),
      timers_(timers),
      signal_(container.open_test_signal()),
      feed_(channel, spec.rank, spec.role, "test signal",
            Callback<void()>::of<&TestSource::on_replaced>(this)),
      timer_(timers, Callback<void()>::of<&TestSource::on_timer>(this)),
      began_(timers.now()) {
    feed_.begin(signal_->format());
    timer_.start(Duration{0});
}

// Packets are due by the clock, not by the number of timers that fired: a loop that was late catches up.
void TestSource::on_timer() {
    const TimePoint expected = began_ + signal_->packet_duration() * static_cast<Duration::rep>(next_packet_);
    if (timers_.now() - expected > kMaxCatchUp) began_ += timers_.now() - expected;
    const auto due = static_cast<std::uint64_t>((timers_.now() - began_) / signal_->packet_duration()) + 1;
    while (next_packet_ < due) {
        if (auto appended = feed_.append(signal_->packet(next_packet_)); !appended)
            channel_.logger().error("channel {}: test signal: {}", channel_.name(), appended.error().detail);
        ++next_packet_;
    }
    feed_.publish();
    timer_.start_at(began_ + signal_->packet_duration() * static_cast<Duration::rep>(next_packet_));
}

}  // namespace weir
