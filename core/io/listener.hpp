// Listener: a listening TCP socket; every connection becomes a TcpPeer and is handed over. A crowd is taken
// from the kernel's queue, which is short, as fast as it comes, and handed over a few at a time. Loop's
// thread.
#pragma once

#include <memory>
#include <optional>
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

// A limit of the owner's of a Listener. no: the connection is closed at once. later: it is asked for again
// when all that came before are handed over, of which some may have been turned away; until then no other is
// taken.
enum class Admission { yes, no, later };

class Listener {
  public:
    // Asked for each connection that comes.
    using Admit = Callback<Admission()>;
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
    void admit(const Arrival& arrival);

    Loop& loop_;
    std::size_t tag_;
    Admit admit_;
    OnPeer on_peer_;
    Handle<uv_poll_s, Listener> poll_;
    std::vector<Arrival> arrived_;  // and not handed over yet, from next_ on
    std::size_t next_ = 0;
    std::optional<Arrival> held_;  // it is admitted later
    Timer timer_;                  // while there are any
    int socket_ = -1;
    int spare_ = -1;  // given up to accept and close a connection when the process has no descriptor left
    std::string local_;
};

}  // namespace weir
