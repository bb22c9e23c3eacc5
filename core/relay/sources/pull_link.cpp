#include "core/relay/sources/pull_link.hpp"

#include "core/relay/protocol.hpp"

namespace weir {

namespace {
// HTTP's status by which a Microsoft TV service sends its clients to the next server of their list.
constexpr int kGoElsewhere = 511;
}  // namespace

PullLink::PullLink(Host& host, Channel& channel, const SourceSpec& spec, const Policy& policy,
                   Callback<void()> on_over)
    : host_(host),
      channel_(channel),
      spec_(spec),
      policy_(policy),
      on_over_(on_over),
      who_("pull from " + spec.shown) {}

PullLink::~PullLink() {
    close();
}

void PullLink::dial() {
    is_over_ = is_unknown_ = false;
    status_ = 0;
    host_.log().debug("channel {}: dialling {}", channel_.name(), spec_.shown);
    std::vector<RelayId> via{channel_.lineage().relay_id()};
    via.insert(via.end(), channel_.lineage().waiting().begin(), channel_.lineage().waiting().end());
    pull_ = spec_.protocol->pull(host_, spec_.text,
                                 {.as = PullAs::server,
                                  .limits = {.header_bytes = channel_.policy().header_limit},
                                  .timeout = policy_.connect_timeout,
                                  .resume = channel_.lineage().origin(),
                                  .via = std::move(via)},
                                 *this);
}

void PullLink::close() {
    feed_.reset();
    pull_.reset();
}

void PullLink::give_up(Selector::Cause cause) {
    is_over_ = true;
    if (cause == Selector::Cause::silent) {
        error_ = to_string(cause);
    } else {
        host_.log().info("channel {}: {} is let go: {}", channel_.name(), spec_.shown, to_string(cause));
    }
}

Result<> PullLink::on_stream(StreamReader& reader, Bytes bytes) {
    // Between a loss and the end of the connection more may come.
    if (is_over_) return Error{Errc::closed, "the source was given up"};
    if (!feed_) {
        channel_.switcher().answered(spec_.rank);
        feed_ = std::make_unique<Feed>(channel_, spec_.rank, spec_.role, who_,
                                       Callback<void()>::of<&PullLink::on_replaced>(this));
    }
    const std::uint64_t before = feed_->media();
    auto read = feed_->read(reader, bytes);
    if (before == 0 && feed_->media() > 0) {
        error_.clear();
        reported_ = loop_reported_ = false;
    }
    return read;
}

void PullLink::on_done(Result<> why) {
    if (is_over_) return;
    is_over_ = true;
    on_over_();
    is_unknown_ = !why && why.error().code == Errc::not_found;
    error_ = why ? "the stream ended" : why.error().detail;
    const auto cause = cause_of(why);
    report(error_, why ? Errc::closed : why.error().code);
    if (feed_ && feed_->format()) {
        feed_->leave(cause, error_);
        feed_.reset();
    } else {
        feed_.reset();
        channel_.switcher().failed(spec_.rank, cause);
    }
}

Selector::Cause PullLink::cause_of(const Result<>& why) const {
    using Cause = Selector::Cause;
    if (feed_ && feed_->format()) return why ? Cause::ended : Cause::closed;
    if (why) return Cause::refused;  // an answer that is no stream
    const bool is_refusal = status_ >= 400 && status_ != kGoElsewhere;
    if (policy_.failover_on == FailoverOn::article) return is_refusal ? Cause::refused : Cause::unreachable;
    const Errc code = why.error().code;
    return code == Errc::unreachable || code == Errc::timed_out ? Cause::unreachable : Cause::refused;
}

// A stream that was on air is the channel's to report. A loop is told though something else was told before:
// it does not end by itself.
void PullLink::report(const std::string& why, Errc code) {
    if (channel_.switcher().on_air() == feed_.get() && feed_) return;
    if (policy_.may_be_unknown && code == Errc::not_found)
        return host_.log().debug("channel {}: {}: {}", channel_.name(), spec_.shown, why);
    const bool is_loop = code == Errc::loop;
    if (!reported_ || (is_loop && !loop_reported_))
        host_.log().warning("channel {}: {}: {}", channel_.name(), spec_.shown, why);
    reported_ = true;
    loop_reported_ = loop_reported_ || is_loop;
}

}  // namespace weir
