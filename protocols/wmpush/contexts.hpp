// Push contexts ([MS-WMHTTP] 3.2.1): what weir remembers of each pushing encoder under its push-id. A context
// outlives the connections and bodies that carry the push: a body of 2 GiB is over after hours, a connection
// may break, and the encoder goes on where it was. Owned by Contexts, one table per worker, bounded; a
// push-id is worth something only from the address and for the slot it was given to. Worker's thread.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/timer_queue.hpp"
#include "core/media/feed.hpp"
#include "core/relay/host.hpp"
#include "protocols/wmpush/reader.hpp"

namespace weir::wmpush {

class Contexts;

class PushContext {
  public:
    // The connection on which a body of this push is coming. Each call is the last one to it.
    class Carrier {
      public:
        virtual void on_idle() = 0;      // it brought nothing for too long, and the context ends
        virtual void on_replaced() = 0;  // another encoder, or another connection, took its place

      protected:
        ~Carrier() = default;
    };

    PushContext(Contexts& owner, Host& host, Channel& channel, const SourceSpec& slot, std::string push_id,
                std::string address);

    const std::string& push_id() const noexcept { return push_id_; }
    const SourceSpec& slot() const noexcept { return slot_; }
    void expect_names() noexcept { reader_.expect_names(); }  // another weir pushes

    // Between two requests: until the next one, or kInactivityTimeout.
    void await_body();
    // A PushStart with a body of `length` bytes. Its carrier leaves by end_body() or lose_body().
    void begin_body(Carrier& carrier, std::uint64_t length, std::string who);
    // The next of its bytes. Error: refused where another encoder has the slot now; else malformed. The
    // context is of no use then.
    Result<> take(Bytes bytes);
    void end_body();   // all of it came
    void lose_body();  // its connection is gone before
    // Ends the context and destroys it.
    void drop();

    // A carrier may be without packets for so long, a lost one may come back within it.
    static constexpr Duration kIdleTimeout{60'000};
    // Between two requests.
    static constexpr Duration kInactivityTimeout{120'000};
    // Between two bodies of one push the channel counts on it for so long.
    static constexpr Duration kRollOverLimit{5'000};
    // Packets without media keep a push alive for no longer.
    static constexpr Duration kFillerLimit{600'000};

  private:
    friend class Contexts;
    void restart_idle();
    void renew_limits();
    void on_expired();
    void on_gap();
    void on_feed_replaced();

    Contexts& owner_;
    Host& host_;
    Channel& channel_;
    const SourceSpec& slot_;
    std::string push_id_;
    std::string address_;
    std::string who_;
    PushReader reader_;
    std::unique_ptr<Feed> feed_;  // while bytes come, or will within kRollOverLimit
    Carrier* carrier_ = nullptr;
    TimePoint last_media_{};
    TimePoint second_began_{};
    TimePoint minute_began_{};
    TimePoint last_used_{};
    bool replaced_ = false;
    Timer expiry_;  // idle while there is a carrier or one was lost, else inactivity
    Timer gap_;
};

class Contexts {
  public:
    explicit Contexts(Host& host) noexcept : host_(host) {}

    // Null: unknown, or another's.
    PushContext* find(std::string_view push_id, const SourceSpec& slot, std::string_view address) const;
    // Null: there are too many, all at work.
    PushContext* create(Channel& channel, const SourceSpec& slot, std::string_view address);
    void erase(const PushContext& context);
    std::size_t size() const noexcept { return table_.size(); }

    static constexpr std::size_t kMaxContexts = 1024;

  private:
    bool make_room();

    Host& host_;
    std::map<std::string, std::unique_ptr<PushContext>, std::less<>> table_;
};

}  // namespace weir::wmpush
