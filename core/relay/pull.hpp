// A pull: weir connects to a server or an encoder and takes a stream from it, one attempt long. Protocols
// make pulls (core/relay/protocol.hpp); a channel's PullSources and the command line's clients listen to
// them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/media/container.hpp"
#include "core/media/stream_place.hpp"

namespace weir {

// As what weir introduces itself: protocols treat players and servers differently.
enum class PullAs { player, server };

struct PullRequest {
    PullAs as = PullAs::server;
    ReaderLimits limits = {};
    // How long the other side may take to accept the connection, lookup of its name included, and then again
    // to answer each request with a complete head.
    Duration timeout{10000};
    // For another weir: where it may go on, if it knows that stream; and the channels that what it sends goes
    // to, as far as they are known, the nearest first.
    std::optional<StreamPlace> resume = std::nullopt;
    std::vector<RelayId> via = {};
};

class PullListener {
  public:
    // For those who walk a list: a connection is made; a complete answer came, of whatever status (HTTP's
    // numbers), but for those that only make the pull ask elsewhere or again. Several times where the pull
    // asks several times.
    virtual void on_connected() {}
    virtual void on_answered(int /*status*/) {}
    // What came of the stream, and the pull's reader that takes it. An Error ends the pull with it.
    virtual Result<> on_stream(StreamReader& reader, Bytes bytes) = 0;
    // Once, last, never from inside the call that made the pull. Ok: the stream said that it is over. The
    // pull is to be destroyed later, not in here.
    virtual void on_done(Result<> why) = 0;

  protected:
    ~PullListener() = default;
};

// One attempt; to destroy it is to give up. Not to be destroyed from inside its listener.
class Pull {
  public:
    virtual ~Pull() = default;
};

}  // namespace weir
