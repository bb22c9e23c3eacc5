// One connection, seen from the protocol that speaks on it. core/io implements Peer over a socket; tests over
// a vector. Everything on the worker's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace weir {

enum class CloseReason : std::uint8_t {
    finished,        // all was said
    peer_closed,     // the other side ended or reset it
    protocol_error,  // it sent what its protocol forbids
    refused,         // policy or a limit said no
    timed_out,
    too_slow,
    replaced,  // a newer connection took its place
    shutdown,  // weir stops
    failed,    // the operating system said no
};
std::string_view to_string(CloseReason reason) noexcept;

class Handler;

class Peer {
  public:
    virtual ~Peer() = default;

    // Hands over what the socket takes at once, in order, and returns how many bytes that were; the views are
    // not kept. Fewer than offered: the Handler's on_ready() follows once when there is room again. After
    // write() left something queued, 0.
    virtual std::size_t send(std::span<const Bytes> parts) = 0;
    // Takes all of `bytes`, copying what the socket does not take at once: for short replies. Past
    // kMaxQueued bytes unsent, the connection is closed as too slow.
    virtual void write(Bytes bytes) = 0;
    // The same, and more is on the way: the system may keep it back for that, 200 ms at most.
    virtual void write_ahead(Bytes bytes) { write(bytes); }
    static constexpr std::size_t kMaxQueued = 1280 * 1024;  // the longest stream header, and some

    // Final. What write() queued is still sent (a limited time long) unless `reason` is too_slow or failed.
    // The Handler's on_closed() is called exactly once, later, never before this returns; nothing else is
    // after.
    virtual void close(CloseReason reason) = 0;
    virtual bool is_closing() const noexcept = 0;

    // From the next callback on, `handler` is called. May be called from inside the present one, which stays
    // alive until it has returned.
    virtual void set_handler(std::unique_ptr<Handler> handler) = 0;

    // Made when they are asked for: a connection keeps no text.
    virtual std::string remote() const = 0;          // "192.0.2.1:4711", for logs
    virtual std::string remote_address() const = 0;  // "192.0.2.1"
    virtual std::string local() const = 0;           // "192.0.2.7:8080"
};

// What a protocol does with a connection. Owned by its Peer, destroyed after on_closed().
class Handler {
  public:
    virtual ~Handler() = default;
    virtual void on_bytes(Bytes bytes) noexcept = 0;  // valid during the call
    virtual void on_ready() noexcept {}
    virtual void on_eof() noexcept = 0;  // the other side will send no more; it may still read
    virtual void on_closed(CloseReason) noexcept {}
    // weir stops. True: this closes the connection by itself soon; false: it is closed at once.
    virtual bool on_shutdown() noexcept { return false; }
};

}  // namespace weir
