// Host: all a protocol may ask of the worker it runs on. Worker is one; tests have a fake. Worker's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/log.hpp"
#include "core/base/result.hpp"
#include "core/media/channel.hpp"
#include "core/media/container.hpp"
#include "core/relay/outbound.hpp"
#include "core/relay/push_status.hpp"
#include "core/relay/source_spec.hpp"
#include "core/relay/source_status.hpp"
#include "weir/config.hpp"

namespace weir {

// Counted since the worker began.
struct HostStats {
    std::uint64_t connections = 0;
    std::uint64_t refused_connections = 0;  // over max_connections
    std::uint64_t unknown_protocol = 0;     // first bytes that no protocol of the port speaks
    std::uint64_t bad_requests = 0;         // closed for what they sent
    std::uint64_t timeouts = 0;             // closed for what they did not send in time
    std::uint64_t pushes_refused = 0;
    std::uint64_t links = 0;          // to servers downstream: now
    std::uint64_t links_refused = 0;  // over max_links
    // Attempts of weir's to connect: begun; given up before their turn came; and those that wait for it, now
    // and the most that ever did at a time.
    std::uint64_t dials = 0;
    std::uint64_t dials_missed = 0;
    std::uint64_t dials_waiting = 0;
    std::uint64_t dials_waiting_most = 0;
};

class Host : public Outbound {
  public:
    virtual Channel* channel(std::string_view name) = 0;  // null: no such channel
    // In the configuration's order; those that its "*" made come last.
    virtual std::span<Channel* const> channels() = 0;
    // Whether ask_for() might give a channel.
    virtual bool serves(std::string_view name) const = 0;
    // The channel for a client, or a server downstream, that wants its stream: what is on demand connects to
    // its sources. Error: not_found: there is none; refused: there are too many. Its sentence may be told.
    virtual Result<Channel*> ask_for(std::string_view name) = 0;
    // The slot of `channel` that takes pushes under this name ("" is "push:"), or null where its sources list
    // no such one. As long-lived as the channel.
    virtual const SourceSpec* push_slot(const Channel& channel, std::string_view name) const = 0;
    // Each source of `channel`, in the order of its list.
    virtual std::vector<SourceStatus> sources(const Channel& channel) const = 0;
    // Each server that `channel` is pushed to, likewise.
    virtual std::vector<PushStatus> pushes(const Channel& channel) const = 0;
    virtual Log& log() = 0;
    virtual const ServerConfig& server() const = 0;
    virtual HostStats& stats() = 0;
    virtual std::size_t connections() const = 0;      // open ones
    virtual std::size_t max_connections() const = 0;  // in force: the process may have fewer files
    virtual std::size_t max_links() const = 0;        // likewise
    virtual bool is_stopping() const = 0;
    virtual TimePoint began() const = 0;  // when the worker began

  protected:
    ~Host() = default;
};

}  // namespace weir
