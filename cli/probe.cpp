#include "cli/probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cli/probe_report.hpp"
#include "core/io/loop.hpp"
#include "core/io/signals.hpp"
#include "core/relay/loop_outbound.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/protocol.hpp"
#include "weir/weir.hpp"

namespace weir::cli {

namespace {

// So much of the stream tells its rates. A relay's burst brings it at once.
constexpr Duration kEnoughMedia{3000};
// Send times that step so far are another run.
constexpr std::int32_t kMostStep = 5000;

class Prober final : private PullListener, private StreamReader::Output {
  public:
    Prober(Loop& loop, const Protocol& protocol, const ProbeOptions& options, std::string shown)
        : loop_(loop),
          outbound_(loop, builtin_modules().containers),
          limit_(loop.timers(), Callback<void()>::of<&Prober::stop>(this)),
          began_(loop.timers().now()) {
        report_.url = std::move(shown);
        limit_.start(options.time_limit);
        pull_ =
            protocol.pull(outbound_, options.url, {.as = PullAs::player}, static_cast<PullListener&>(*this));
    }

    void on_signal(int) { stop(); }

    const ProbeReport& report() const noexcept { return report_; }
    const std::optional<Error>& failure() const noexcept { return failure_; }

  private:
    Result<> on_stream(StreamReader& reader, Bytes bytes) override { return reader.feed(bytes, *this); }

    Result<> on_format(StreamFormatPtr format) override {
        if (report_.format) {  // another run: what there was is told
            stop();
            return Ok{};
        }
        report_.format = std::move(format);
        for (StreamInfo& info : report_.format->streams()) report_.streams.emplace_back(std::move(info));
        return Ok{};
    }

    Result<> on_packet(Bytes packet, const PacketInfo& info) override {
        if (done_) return Ok{};
        if (!info.media) {
            ++report_.fillers;
            return Ok{};
        }
        if (!report_.first_packet) {
            report_.first_packet = loop_.timers().now() - began_;
        } else {
            const auto step = static_cast<std::int32_t>(info.send_time - last_send_time_);
            if (step > 0 && step < kMostStep) report_.media += Duration{step};
        }
        last_send_time_ = info.send_time;
        ++report_.packets;
        report_.bytes += packet.size();
        units_.clear();
        report_.format->units(packet, units_);
        for (const Unit& unit : units_) {
            if (!unit.begins) continue;
            for (StreamMeter& stream : report_.streams) {
                if (stream.info().number == unit.stream) stream.see(unit.presentation);
            }
        }
        if (report_.media >= kEnoughMedia) stop();
        return Ok{};
    }

    Result<> on_bad_packet(const Error&) override { return Ok{}; }

    void on_done(Result<> why) override {
        if (done_) return;
        if (!why) failure_ = why.error();
        stop();
    }

    void stop() {
        done_ = true;
        limit_.stop();
        loop_.stop();
    }

    Loop& loop_;
    LoopOutbound outbound_;
    Timer limit_;
    TimePoint began_;
    std::unique_ptr<Pull> pull_;
    ProbeReport report_;
    std::vector<Unit> units_;
    std::uint32_t last_send_time_ = 0;
    bool done_ = false;
    std::optional<Error> failure_;
};

}  // namespace

int probe_command(const ProbeOptions& options) {
    const Protocol* protocol = find_puller(builtin_modules().protocols, options.url);
    auto shown = protocol ? protocol->check_pull(options.url)
                          : Result<std::string>{Error{Errc::bad_input, "not a URL that weir pulls from"}};
    if (!shown) {
        fmt::print(stderr, "weir probe: {}\n", shown.error().detail);
        return kExitUsage;
    }
    auto loop = Loop::open(nullptr);
    if (!loop) {
        fmt::print(stderr, "weir probe: {}\n", loop.error().detail);
        return kExitFailed;
    }
    Prober prober{*loop.value(), *protocol, options, shown.value()};
    auto signals = Signals::open(*loop.value(), Callback<void(int)>::of<&Prober::on_signal>(&prober));
    loop.value()->run();
    const ProbeReport& report = prober.report();
    if (report.format) fmt::print("{}", options.as_json ? to_json(report) : to_text(report));
    if (report.first_packet) return kExitOk;
    const std::string why = prober.failure() ? prober.failure()->detail
                            : report.format  ? "no media came in time"
                                             : "no stream header came in time";
    fmt::print(stderr, "weir probe: {}: {}\n", shown.value(), why);
    return kExitFailed;
}

}  // namespace weir::cli
