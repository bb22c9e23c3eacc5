// Resolver: addresses of host names for all who dial on one Loop, which owns it. libuv has four threads for
// lookups and files in the whole process and cannot stop a lookup that runs, so a name is looked up once for
// all who wait for it and at most two names at a time; the rest queue. What was found serves for kFresh, and
// longer where the name service fails or does not answer: a name server that is away must not cost a source
// whose address was known. Told the time by a TimerQueue and looks up through a seam. Loop's thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/address.hpp"
#include "core/base/callback.hpp"
#include "core/base/intrusive_list.hpp"
#include "core/base/result.hpp"
#include "core/base/timer_queue.hpp"
#include "core/io/socket_address.hpp"

namespace weir {

class Resolver {
  public:
    static constexpr std::size_t kMaxRunning = 2;
    static constexpr std::size_t kMaxNames = 1024;  // kept; those that were not asked for longest go
    static constexpr Duration kFresh{30000};
    // The addresses known from before are used when a lookup takes longer...
    static constexpr Duration kSlow{2000};
    // ... or fails, and for so long no other is begun.
    static constexpr Duration kRetry{5000};

    // The name service: libuv's threads, or a test.
    class Lookup {
      public:
        virtual ~Lookup() = default;
        // Calls resolver.finish(name, ...) once, later, unless the Resolver is gone by then or the Error told
        // that there is no lookup.
        virtual Result<> start(Resolver& resolver, const std::string& name) = 0;
    };

    // One who asks: a plain member; to destroy it is to be forgotten.
    class Query : private ListNode<Query> {
      public:
        using OnAnswer = Callback<void(Result<SocketAddresses>)>;

        explicit Query(OnAnswer on_answer) : on_answer_(on_answer) {}
        void withdraw() noexcept { unlink(); }

      private:
        friend class Resolver;
        friend class List<Query>;
        OnAnswer on_answer_;
        Result<SocketAddresses> answer_ = SocketAddresses{};
        std::uint16_t port_ = 0;
    };

    Resolver(TimerQueue& timers, std::unique_ptr<Lookup> lookup);
    ~Resolver();

    // The answer comes once, never before this returns: at least one address, with the port, in the order of
    // the name service. A literal's is known without it. Asked again, `query` forgets what it asked before.
    void ask(Query& query, const Address& address);

    // For the Lookup. What nobody waits for any more is kept all the same.
    void finish(const std::string& name, Result<SocketAddresses> found);

    std::size_t names() const noexcept { return names_.size(); }

  private:
    struct Name {
        enum class State { idle, queued, running };

        std::string text;
        State state = State::idle;
        SocketAddresses good;    // the last that were found; empty: none ever
        TimePoint good_until{};  // until then nothing is looked up
        TimePoint asked_at{};    // what is queued or running, since when
        std::uint64_t used = 0;  // tells who was asked for longest ago
        List<Query> waiting;
    };

    void answer_all(Name& name, const Result<SocketAddresses>& answer);
    void answer(Query& query, Result<SocketAddresses> answer);
    void fall_back(Name& name);
    void start_next();
    bool start(Name& name);
    void leave(Name& name);
    void make_room();
    void watch_slow();
    void on_slow();
    void on_deliver();

    std::unique_ptr<Lookup> lookup_;
    TimerQueue& timers_;
    std::map<std::string, Name, std::less<>> names_;
    std::vector<Name*> busy_;  // queued or running, in the order in which they were asked for
    std::size_t running_ = 0;
    std::uint64_t uses_ = 0;
    List<Query> answered_;
    Timer slow_;     // someone waits too long for a name whose addresses were known
    Timer deliver_;  // answers wait here until whoever asked has returned
};

}  // namespace weir
