// A push: weir connects to a server and sends it a stream, one attempt (with its redirects and credentials)
// long. Protocols make pushes; `weir push` and a channel's outgoing links own them and listen to them.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/media/container.hpp"
#include "core/media/stream_place.hpp"

namespace weir {

class Outbound;

// What a server said of itself when it agreed to take a stream.
struct PushReceiver {
    bool is_weir = false;               // then it understands Push::say()
    std::optional<StreamPlace> wanted;  // which packet it lacks next, where it has such a stream
};

class PushListener {
  public:
    // The channels that the stream went through, the nearest first; nothing: no weir pushes it.
    virtual std::vector<RelayId> via() const { return {}; }
    // Before each on_ready(); Push::say() may be called in it.
    virtual void on_accepted(const PushReceiver& /*receiver*/) {}
    // The server takes the stream: the header is on its way, packets may follow, from a sync point on. Maybe
    // from inside begin(). Again where the server wanted a new connection; what was in flight on the old one
    // is lost.
    virtual void on_ready() = 0;
    // queued() has come down to 0: there is room again where append() said no.
    virtual void on_room() = 0;
    // Once, last, never from inside a call to the push. Ok: the stream was ended and the server was told. The
    // push is to be destroyed later, not in here.
    virtual void on_done(Result<> why) = 0;

  protected:
    ~PushListener() = default;
};

// One attempt; to destroy it is to give up without a word. Not to be destroyed from inside its listener.
class Push {
  public:
    // What waits for the network or for the server's consent.
    static constexpr std::size_t kMaxQueued = std::size_t{1} << 20;

    virtual ~Push() = default;
    // The stream's header, as format->header(). Again for a change of it; the first packet after that is a
    // sync point.
    virtual void begin(StreamFormatPtr format) = 0;
    // A packet in the form that the format serves, after on_ready(). False: the queue is full, or nothing can
    // be sent now; the packet was dropped, and whoever sends goes on at a sync point after on_room() or
    // on_ready().
    virtual bool append(Bytes packet) = 0;
    // To a weir: what the next packet is called, where it is not the one behind the last.
    virtual void say(const Provenance& provenance) = 0;
    // Bytes of header and packets that were taken and are not with the kernel yet; 0 while there is no
    // connection.
    virtual std::size_t queued() const noexcept = 0;
    // Says goodbye as the protocol has it; then on_done().
    virtual void end() = 0;
};

// What a protocol wants to know at the next attempt at the same server, to go on there. Owned by whoever
// makes the attempts; what is in it is the protocol's business.
struct PushMemory {
    std::string token;
    StreamFormatPtr format;  // what the server has
    bool is_weir = false;    // it said so
};

// A way of pushing, as weir.toml names it: a constant of a protocol's, listed in protocols/builtin.cpp.
struct PushForm {
    std::string_view name;
    // A URL to push to: gives it as it may be told to anybody, without credentials. Error: what is wrong.
    Result<std::string> (*check)(std::string_view url);
    // One attempt at a URL that check() accepted. `memory` and `listener` outlive it.
    std::unique_ptr<Push> (*open)(Outbound& outbound, std::string_view url, PushMemory& memory,
                                  PushListener& listener);
};

// Null: there is no such form.
inline const PushForm* find_push_form(std::span<const PushForm> forms, std::string_view name) noexcept {
    for (const PushForm& form : forms) {
        if (form.name == name) return &form;
    }
    return nullptr;
}

}  // namespace weir
