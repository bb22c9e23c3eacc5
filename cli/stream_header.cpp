#include "cli/stream_header.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "core/io/loop.hpp"
#include "core/io/signals.hpp"
#include "core/relay/loop_outbound.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/protocol.hpp"
#include "weir/weir.hpp"

namespace weir::cli {

namespace {

class HeaderPull final : private PullListener, private StreamReader::Output {
  public:
    HeaderPull(Loop& loop, const Protocol& protocol, const std::string& url, Duration time_limit)
        : loop_(loop),
          outbound_(loop, builtin_modules().containers),
          limit_(loop.timers(), Callback<void()>::of<&HeaderPull::on_time>(this)) {
        limit_.start(time_limit);
        pull_ = protocol.pull(outbound_, url, {.as = PullAs::player}, static_cast<PullListener&>(*this));
    }

    void on_signal(int) { fail({Errc::closed, "interrupted"}); }

    Result<StreamFormatPtr> outcome() const {
        if (format_) return format_;
        return failure_.value_or(Error{Errc::closed, "no stream header came"});
    }

  private:
    Result<> on_stream(StreamReader& reader, Bytes bytes) override { return reader.feed(bytes, *this); }
    Result<> on_format(StreamFormatPtr format) override {
        if (!format_) format_ = std::move(format);
        stop();
        return Ok{};
    }
    Result<> on_packet(Bytes, const PacketInfo&) override { return Ok{}; }
    Result<> on_bad_packet(const Error&) override { return Ok{}; }
    void on_done(Result<> why) override {
        if (!why) return fail(why.error());
        stop();
    }

    void on_time() { fail({Errc::timed_out, "no stream header came in time"}); }
    void fail(const Error& why) {
        if (!failure_) failure_ = why;
        stop();
    }
    void stop() {
        limit_.stop();
        loop_.stop();
    }

    Loop& loop_;
    LoopOutbound outbound_;
    Timer limit_;
    std::unique_ptr<Pull> pull_;
    StreamFormatPtr format_;
    std::optional<Error> failure_;
};

}  // namespace

Result<StreamFormatPtr> fetch_stream_header(const std::string& url, Duration time_limit) {
    const Protocol* protocol = find_puller(builtin_modules().protocols, url);
    if (!protocol)
        return Error{Errc::bad_input,
                     "not a URL that weir pulls from, expected http://..., mmsh://... or "
                     "msbd://..."};
    if (auto shown = protocol->check_pull(url); !shown) return shown.error();
    auto loop = Loop::open(nullptr);
    if (!loop) return loop.error();
    HeaderPull pull{*loop.value(), *protocol, url, time_limit};
    auto signals = Signals::open(*loop.value(), Callback<void(int)>::of<&HeaderPull::on_signal>(&pull));
    loop.value()->run();
    return pull.outcome();
}

}  // namespace weir::cli
