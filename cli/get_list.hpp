// The servers that `weir get` may take its stream from, in order of preference, and ListPull, which gets it
// from one of them by the rules of core/media/follower.hpp. Loop's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/media/follower.hpp"
#include "core/relay/outbound.hpp"
#include "core/relay/protocol.hpp"

namespace weir::cli {

struct GetSource {
    std::string url;    // may hold credentials
    std::string shown;  // without them
    const Protocol* protocol = nullptr;
    Address endpoint;
};

struct GetList {
    std::vector<GetSource> sources;  // of different hosts or ports
    std::vector<std::string> notes;  // what was left out, and why: a sentence each
};

// At least one URL. The Error is about the first that is wrong.
Result<GetList> make_get_list(const std::vector<std::string>& urls,
                              std::span<const Protocol* const> protocols);

class ListPull final : private PullListener {
  public:
    // Nothing at all for so long: the link is dead. (A server sends keep-alive packets once a second.)
    static constexpr Duration kSilenceLimit{30000};

    class Listener {
      public:
        virtual Result<> on_stream(StreamReader& reader, Bytes bytes) = 0;
        // Once for each ask(), last, and neither from inside it nor from inside on_stream(). Ok: the stream
        // said that it is over.
        virtual void on_done(Result<> why) = 0;
        // One step on the way, a line for a person.
        virtual void on_step(const std::string& step) = 0;

      protected:
        ~Listener() = default;
    };

    // sources: at least one. outbound and listener outlive it.
    ListPull(Outbound& outbound, std::vector<GetSource> sources, Duration timeout, Listener& listener);
    ListPull(const ListPull&) = delete;
    ListPull& operator=(const ListPull&) = delete;

    // For the stream: the first time, and again after on_done().
    void ask();

    std::size_t size() const noexcept { return sources_.size(); }
    // Who is being asked, or whom the last on_done() is about.
    const std::string& who() const noexcept { return who_; }
    // Of the last on_done(): there was an answer, and then silence. The next ask() begins with the one behind
    // him.
    bool fell_silent() const noexcept { return fell_silent_; }

  private:
    enum class Phase { over, connecting, waiting, answered, streaming };

    void on_connected() override;
    void on_answered(int status) override;
    Result<> on_stream(StreamReader& reader, Bytes bytes) override;
    void on_done(Result<> why) override;

    TimePoint now() { return outbound_.timers().now(); }
    const GetSource& source() const { return *source_; }
    const GetSource* source_at(const Address& endpoint) const;
    void obey(const Follower::Actions& actions);
    void ask_again_here();
    bool is_late();
    void failed(Follower::Failure failure, std::string detail);
    void end(Result<> why);
    void on_wait();
    void on_silence();
    void on_turn();
    void begin();
    void step(const std::string& what) { listener_.on_step(what); }

    Outbound& outbound_;
    std::vector<GetSource> sources_;
    Listener& listener_;
    Follower follower_;
    Timer wait_;
    Timer silence_;
    Timer turn_;  // what must not happen inside the pull's own callbacks
    Follower::Connection connection_ = 0;
    const GetSource* source_ = nullptr;  // the one that is being asked
    std::unique_ptr<Pull> pull_;
    Phase phase_ = Phase::over;
    int status_ = 0;
    bool opens_ = false;           // source_ is to be connected to, next turn
    std::optional<Result<>> why_;  // it is over, to be told next turn
    std::string who_;
    bool fell_silent_ = false;
    // The newest of each kind, for when the list is exhausted.
    struct Told {
        std::string who, detail;
    };
    std::vector<std::pair<Follower::Failure, Told>> told_;
};

}  // namespace weir::cli
