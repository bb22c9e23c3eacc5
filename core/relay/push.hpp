// A push: weir connects to a server and sends it a stream, one attempt (with its redirects and credentials)
// long. Protocols make pushes; `weir push` and a channel's outgoing links own them and listen to them.
#pragma once

#include <cstddef>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/media/container.hpp"

namespace weir {

class PushListener {
  public:
    // The server takes the stream: the header is on its way, packets may follow, from a sync point on. Maybe
    // from inside begin(). Again where the server wanted a new connection; what was in flight on the old one
    // is lost.
    virtual void on_ready() = 0;
    // The queue has drained after append() said no.
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
    // Says goodbye as the protocol has it; then on_done().
    virtual void end() = 0;
};

// What a protocol wants to know at the next attempt at the same server, to go on there. Owned by whoever
// makes the attempts; what is in it is the protocol's business.
struct PushMemory {
    std::string token;
    StreamFormatPtr format;  // what the server has
};

}  // namespace weir
