// Loop: one libuv event loop, its own or the embedder's, with the worker's timers and name lookups on it
// and a sweep at the end of each turn, in which what closed itself during the turn is destroyed. Not copied,
// not moved; its thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/base/timer_queue.hpp"

struct uv_loop_s;

namespace weir {

class Handler;
class Resolver;
class TcpPeer;

class Loop {
  public:
    // `outer`: the embedder's loop, which outlives this; null: a loop of its own.
    static Result<std::unique_ptr<Loop>> open(uv_loop_s* outer);
    // Closes every connection that is left and, for its own loop, runs it until all is closed.
    ~Loop();

    // Runs its own loop until stop(). Not for an embedder's.
    void run();
    void stop() noexcept;
    // No timer fires any more: what is stopped must not keep an embedder's loop alive.
    void stop_timers() noexcept;

    uv_loop_s* raw() noexcept { return loop_; }
    TimerQueue& timers() noexcept { return timers_; }
    Resolver& resolver() noexcept { return *resolver_; }
    // To be called first in every callback from libuv.
    void update_now() noexcept;
    // The moment itself, where a turn of the loop may have been long.
    void refresh_now() noexcept;
    bool is_here() const noexcept;  // on the loop's thread

    // One buffer for all reading on this loop: what is read is consumed before the next read.
    static constexpr std::size_t kReceiveBytes = 64 * 1024;
    MutableBytes receive_buffer() noexcept { return {receive_.get(), kReceiveBytes}; }

    // Connections are owned here, so that one can outlive the callback in which it closed itself.
    void own(std::unique_ptr<TcpPeer> peer);
    void sweep_later(TcpPeer& peer);
    // Destroyed at the end of the callback: it may be the one that is being called.
    void retire(std::unique_ptr<Handler> handler);
    // To be called last in a callback from libuv in which handlers were called. The sweep does it, too; but
    // where thousands of requests come in one turn, their parsers would all be held until then.
    void end_callback() noexcept;
    // Destroys what closed itself so far, without waiting for the end of the turn: who must know how many
    // connections there are. Only where nothing of a connection is on the stack.
    void sweep();
    void shut_down_connections();  // each closes as soon as its protocol lets it
    void drop_connections();       // at once; their handlers are destroyed, not told
    // Accepted and no TcpPeer yet: they are connections, too.
    void arrived(int more) noexcept { arrived_ += static_cast<std::size_t>(more); }
    std::size_t not_handed_over() const noexcept { return arrived_; }
    std::size_t connections() const noexcept { return peers_.size() + arrived_; }

    static std::uint64_t wall_us() noexcept;  // the monotonic clock
    static std::uint64_t cpu_us() noexcept;   // what this thread has used of a processor

  private:
    struct Driver;  // libuv's handles
    explicit Loop(uv_loop_s* loop);
    Result<> start();
    void arm_timer();
    void on_timer();
    void end_turn();

    uv_loop_s* loop_ = nullptr;
    std::unique_ptr<uv_loop_s> own_loop_;
    TimerQueue timers_;
    std::unique_ptr<Driver> driver_;
    std::unique_ptr<Resolver> resolver_;
    std::unique_ptr<std::uint8_t[]> receive_;
    std::deque<std::unique_ptr<TcpPeer>> peers_;
    std::size_t arrived_ = 0;
    std::vector<TcpPeer*> closed_;
    std::vector<std::unique_ptr<Handler>> retired_;
    std::uintptr_t thread_ = 0;
    bool timers_stopped_ = false;
    bool is_in_timers_ = false;
    bool is_due_again_ = false;  // something started during on_timer() is due in the next turn
};

}  // namespace weir
