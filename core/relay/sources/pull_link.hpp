// PullLink: one of the sources that a channel pulls from. When asked, it connects and feeds the channel, one
// attempt after another; whether and when is the channel's Selector's affair. Owned by PullSources. Worker's
// thread.
#pragma once

#include <memory>
#include <string>

#include "core/media/feed.hpp"
#include "core/relay/host.hpp"
#include "core/relay/pull.hpp"
#include "core/relay/source_spec.hpp"
#include "weir/config.hpp"

namespace weir {

class PullLink final : private PullListener {
  public:
    struct Policy {
        Duration connect_timeout{10000};
        FailoverOn failover_on = FailoverOn::any_error;
        bool may_be_unknown = false;  // anybody may ask for anything: that it is not there is no news
    };
    // All outlive this. on_over: is_over() has become true; from inside what the pull does.
    PullLink(Host& host, Channel& channel, const SourceSpec& spec, const Policy& policy,
             Callback<void()> on_over);
    ~PullLink();

    const SourceSpec& spec() const noexcept { return spec_; }
    // Not from inside what a pull or a feed does.
    void dial();
    void close();
    // It will be closed: what still comes is not taken.
    void give_up(Selector::Cause cause);
    // Its last word was said: it may be closed.
    bool is_over() const noexcept { return is_over_; }
    // At its last attempt the other side had no such stream.
    bool is_unknown() const noexcept { return is_unknown_; }
    // Why its last attempt failed, or its stream broke; empty once media came again.
    const std::string& error() const noexcept { return error_; }

  private:
    void on_answered(int status) override { status_ = status; }
    Result<> on_stream(StreamReader& reader, Bytes bytes) override;
    void on_done(Result<> why) override;
    void on_replaced() noexcept { is_over_ = true; }  // another feed of its rank: an embedder's
    Selector::Cause cause_of(const Result<>& why) const;
    void report(const std::string& why, Errc code);

    Host& host_;
    Channel& channel_;
    const SourceSpec& spec_;
    const Policy& policy_;
    Callback<void()> on_over_;
    std::string who_;
    std::unique_ptr<Pull> pull_;
    std::unique_ptr<Feed> feed_;  // once the pull brought bytes
    int status_ = 0;              // of the last answer
    bool is_over_ = false;
    bool is_unknown_ = false;
    std::string error_;
    bool reported_ = false;  // its failure is in the log
    bool loop_reported_ = false;
};

}  // namespace weir
