// The server's memory of its WMSP clients ([MS-WMSP] 3.2.1): a client-id outlives the connections it is used
// on, until it was idle for too long. One table per worker. Bounded; a client-id belongs to the address it
// was given to.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/intrusive_list.hpp"
#include "core/relay/host.hpp"

namespace weir::wmsp {

class PlayingClient;

class Contexts {
  public:
    struct Context : ListNode<Context> {
        std::uint32_t client_id = 0;
        std::string address;
        PlayingClient* playing = nullptr;  // set while it is STREAMING
        TimePoint last_used{};
    };
    static constexpr std::size_t kMaxContexts = 65536;
    static constexpr Duration kIdleTimeout{75000};  // 60 s and some, the protocol's default (3.2.2)

    explicit Contexts(Host& host);

    Context* find(std::uint32_t client_id, std::string_view address);
    Context& create(std::string_view address);
    void touch(Context& context);  // a request was seen: its idle time begins anew
    void playing(Context& context, PlayingClient& client);
    void stopped(Context& context);  // it plays no more
    std::size_t size() const noexcept { return table_.size(); }

  private:
    void drop_idle();

    Host& host_;
    std::unordered_map<std::uint32_t, std::unique_ptr<Context>> table_;
    List<Context> idle_;  // the longest idle first; those that play are not in it
};

}  // namespace weir::wmsp
