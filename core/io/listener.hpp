// Listener: a listening TCP socket; every connection becomes a TcpPeer and is handed over. A crowd is taken
// from the kernel's queue, which is short, as fast as it comes, and handed over a few at a time. Loop's
// thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/address.hpp"
#include "core/base/callback.hpp"
#include "core/base/result.hpp"
#include "core/base/timer_queue.hpp"
#include "core/io/handle_ptr.hpp"
#include "core/io/socket_name.hpp"
#include "core/io/socket_options.hpp"

struct uv_poll_s;

namespace weir {

class Loop;
class Peer;

class Listener {
  public:
    // Asked before each connection is taken: false closes it at once. (A limit of the owner's.)
    using Admit = Callback<bool()>;
    using OnPeer = Callback<void(Listener&, Peer&)>;

    // A name in `address` is looked up here and now: only while starting. `options`: for each connection.
    // `tag`: the owner's, to tell listeners apart.
    static Result<std::unique_ptr<Listener>> open(Loop& loop, const Address& address,
                                                  const SocketOptions& options, std::size_t tag, Admit admit,
                                                  OnPeer on_peer);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    const std::string& local() const noexcept { return local_; }  // with the port that the system picked
    std::size_t tag() const noexcept { return tag_; }
    // What the connections have, which may be less than `options` said; half of what the kernel tells.
    std::size_t send_buffer() const noexcept { return send_buffer_in_force(socket_); }

  private:
    Listener(Loop& loop, std::size_t tag, Admit admit, OnPeer on_peer);
    Result<> bind(const Address& address, const SocketOptions& options);
    Result<> watch();
    void on_readable();
    void accept_some();
    void hand_over();
    void refuse_one() noexcept;

    struct Arrival {
        int socket;
        EndAddress from;
    };

    Loop& loop_;
    std::size_t tag_;
    Admit admit_;
    OnPeer on_peer_;
    Handle<uv_poll_s, Listener> poll_;
    std::vector<Arrival> arrived_;  // and not handed over yet, from next_ on
    std::size_t next_ = 0;
    Timer timer_;  // while there are any
    int socket_ = -1;
    int spare_ = -1;  // given up to accept and close a connection when the process has no descriptor left
    std::string local_;
};

}  // namespace weir
