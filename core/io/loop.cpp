#include "core/io/loop.hpp"

#include <pthread.h>
#include <time.h>
#include <uv.h>

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/io/handle.hpp"
#include "core/io/name_lookup.hpp"
#include "core/io/resolver.hpp"
#include "core/io/tcp_peer.hpp"
#include "core/io/uv_error.hpp"

namespace weir {

struct Loop::Driver {
    Handle<uv_timer_t, Loop> timer;
    Handle<uv_prepare_t, Loop> sweep;  // before each wait: nothing that closed is kept over one
};

Loop::Loop(uv_loop_s* loop)
    : loop_(loop),
      resolver_(std::make_unique<Resolver>(timers_, make_name_lookup(*this))),
      receive_(std::make_unique_for_overwrite<std::uint8_t[]>(kReceiveBytes)) {}

Result<std::unique_ptr<Loop>> Loop::open(uv_loop_s* outer) {
    std::unique_ptr<uv_loop_s> own;
    if (!outer) {
        own = std::make_unique<uv_loop_s>();
        if (const int code = uv_loop_init(own.get())) return uv_error("uv_loop_init", code);
    }
    std::unique_ptr<Loop> loop{new Loop{outer ? outer : own.get()}};
    loop->own_loop_ = std::move(own);
    if (auto started = loop->start(); !started) return started.error();
    return loop;
}

Result<> Loop::start() {
    driver_ = std::make_unique<Driver>();
    int code = 0;
    driver_->timer = open_handle<uv_timer_t>(
        this, [this](uv_timer_t* h) { return uv_timer_init(loop_, h); }, code);
    if (!driver_->timer) return uv_error("uv_timer_init", code);
    driver_->sweep = open_handle<uv_prepare_t>(
        this, [this](uv_prepare_t* h) { return uv_prepare_init(loop_, h); }, code);
    if (!driver_->sweep) return uv_error("uv_prepare_init", code);
    uv_prepare_start(&driver_->sweep->uv, [](uv_prepare_t* h) {
        if (auto* self = owner_of<uv_prepare_t, Loop>(h)) self->end_turn();
    });
    uv_unref(reinterpret_cast<uv_handle_t*>(&driver_->sweep->uv));
    timers_.on_earlier(Callback<void()>::of<&Loop::arm_timer>(this));
    thread_ = static_cast<std::uintptr_t>(pthread_self());
    uv_update_time(loop_);
    update_now();
    return Ok{};
}

Loop::~Loop() {
    drop_connections();
    resolver_.reset();
    driver_.reset();
    if (!own_loop_) return;
    uv_run(loop_, UV_RUN_DEFAULT);
    WEIR_ASSERT(uv_loop_close(loop_) == 0);  // some handle was left open
}

void Loop::run() {
    thread_ = static_cast<std::uintptr_t>(pthread_self());
    uv_run(loop_, UV_RUN_DEFAULT);
}

void Loop::stop() noexcept {
    uv_stop(loop_);
}

void Loop::stop_timers() noexcept {
    timers_stopped_ = true;
    uv_timer_stop(&driver_->timer->uv);
}

void Loop::update_now() noexcept {
    timers_.set_now(TimePoint{Duration{uv_now(loop_)}});
}

void Loop::refresh_now() noexcept {
    uv_update_time(loop_);
    update_now();
}

bool Loop::is_here() const noexcept {
    return thread_ == static_cast<std::uintptr_t>(pthread_self());
}

void Loop::own(std::unique_ptr<TcpPeer> peer) {
    peer->set_index(peers_.size());
    peers_.push_back(std::move(peer));
}

void Loop::sweep_later(TcpPeer& peer) {
    closed_.push_back(&peer);
}

void Loop::shut_down_connections() {
    for (auto& peer : peers_) peer->shut_down();
}

void Loop::drop_connections() {
    for (auto& peer : peers_) peer->abandon();
    peers_.clear();
    closed_.clear();
    retired_.clear();
}

void Loop::retire(std::unique_ptr<Handler> handler) {
    retired_.push_back(std::move(handler));
}

void Loop::end_callback() noexcept {
    retired_.clear();
}

void Loop::end_turn() {
    if (is_due_again_) {
        is_due_again_ = false;
        arm_timer();
    }
    sweep();
}

void Loop::sweep() {
    retired_.clear();
    // Handlers that are told of the end may close others.
    while (!closed_.empty()) {
        TcpPeer* peer = closed_.back();
        closed_.pop_back();
        if (!peer->finish()) continue;  // it still has something to send; it comes again
        const std::size_t i = peer->index();
        std::swap(peers_[i], peers_.back());
        peers_[i]->set_index(i);
        peers_.pop_back();
    }
}

void Loop::arm_timer() {
    const auto due = timers_.next_due();
    if (!due || timers_stopped_) {
        uv_timer_stop(&driver_->timer->uv);
        return;
    }
    // uv_now() is what libuv adds the delay to.
    const auto now = static_cast<Duration::rep>(uv_now(loop_));
    auto delay = std::max<Duration::rep>(due->time_since_epoch().count() - now, 0);
    // libuv before 1.46 calls a timer that starts itself anew without delay again and again, and polls never.
    // So what is due now waits until libuv is through with its timers, and the next poll does not wait for
    // long.
    if (delay == 0 && is_in_timers_) {
        is_due_again_ = true;
        delay = 1;
    }
    uv_timer_start(
        &driver_->timer->uv,
        [](uv_timer_t* h) {
            if (auto* self = owner_of<uv_timer_t, Loop>(h)) self->on_timer();
        },
        static_cast<std::uint64_t>(delay), 0);
}

void Loop::on_timer() {
    update_now();
    is_in_timers_ = true;
    timers_.run(timers_.now());
    arm_timer();
    is_in_timers_ = false;
}

namespace {
std::uint64_t microseconds(clockid_t clock) noexcept {
    timespec t{};
    clock_gettime(clock, &t);
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(t.tv_nsec) / 1000;
}
}  // namespace

std::uint64_t Loop::wall_us() noexcept {
    return microseconds(CLOCK_MONOTONIC);
}
std::uint64_t Loop::cpu_us() noexcept {
    return microseconds(CLOCK_THREAD_CPUTIME_ID);
}

}  // namespace weir
