#include "core/io/dialer.hpp"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cstring>
#include <utility>

#include "core/base/timer_queue.hpp"
#include "core/io/handle.hpp"
#include "core/io/loop.hpp"
#include "core/io/resolver.hpp"
#include "core/io/socket_name.hpp"
#include "core/io/socket_options.hpp"
#include "core/io/tcp_peer.hpp"

namespace weir {

struct Dialer::State {
    State(Loop& l, Address a, OnDone done, OnSent sent)
        : loop(l),
          address(std::move(a)),
          on_done(done),
          on_sent(sent),
          timer(l.timers(), Callback<void()>::of<&State::on_timeout>(this)),
          query(Resolver::Query::OnAnswer::of<&State::on_addresses>(this)) {}
    ~State() { drop_socket(); }

    void begin(Duration timeout) {
        timer.start(timeout);
        loop.resolver().ask(query, address);
    }

    void on_addresses(Result<SocketAddresses> found) {
        if (!found) return done(Error{found.error().code, to_string(address) + ": " + found.error().detail});
        candidates = std::move(found).value();
        try_next();
    }

    void try_next() {
        drop_socket();
        while (next < candidates.size()) {
            const SocketAddress& to = candidates[next++];
            socket = ::socket(to.get().sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
            if (socket < 0) {
                last_error = std::string("socket: ") + std::strerror(errno);
                continue;
            }
            set_options(socket, {});
            const bool is_sent = ::connect(socket, &to.get(), to.length) == 0 || errno == EINPROGRESS;
            if (const OnSent tell = std::exchange(on_sent, {})) {
                loop.refresh_now();  // what else was done in this turn of the loop took its time
                tell();
            }
            if (is_sent) {
                if (watch()) return;
                last_error = "cannot watch the socket";
            } else {
                last_error = name_of(to.get()) + ": " + std::strerror(errno);
            }
            drop_socket();
        }
        done(Error{Errc::refused, to_string(address) + ": " + last_error});
    }

    bool watch() {
        int code = 0;
        poll = open_handle<uv_poll_t>(
            this, [this](uv_poll_t* h) { return uv_poll_init_socket(loop.raw(), h, socket); }, code);
        return poll && uv_poll_start(&poll->uv, UV_WRITABLE, [](uv_poll_t* h, int, int) {
                           if (auto* self = owner_of<uv_poll_t, State>(h)) self->on_writable();
                       }) == 0;
    }

    void on_writable() {
        loop.update_now();
        int error = 0;
        socklen_t length = sizeof error;
        ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length);
        if (error != 0) {
            last_error = std::strerror(error);
            try_next();
            return;
        }
        poll.reset();
        const int connected = std::exchange(socket, -1);
        if (Peer* peer = TcpPeer::adopt(loop, connected, remote_end(connected))) return done(peer);
        done(Error{Errc::system, to_string(address) + ": no memory for the connection"});
    }

    void on_timeout() {
        done(Error{last_error.empty() ? Errc::timed_out : Errc::refused,
                   to_string(address) + ": " + (last_error.empty() ? "no answer in time" : last_error)});
    }

    // The owner may destroy this from inside on_done.
    void done(Result<Peer*> result) {
        timer.stop();
        query.withdraw();
        drop_socket();
        const OnDone tell = on_done;
        tell(std::move(result));
    }

    void drop_socket() {
        poll.reset();
        if (socket >= 0) ::close(socket);
        socket = -1;
    }

    Loop& loop;
    Address address;
    OnDone on_done;
    OnSent on_sent;
    Timer timer;
    Resolver::Query query;
    SocketAddresses candidates;
    std::size_t next = 0;
    int socket = -1;
    Handle<uv_poll_t, State> poll;
    std::string last_error;
};

Dialer::Dialer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Dialer::~Dialer() = default;

std::unique_ptr<Dialer> Dialer::start(Loop& loop, const Address& address, Duration timeout, OnDone on_done,
                                      OnSent on_sent) {
    auto state = std::make_unique<State>(loop, address, on_done, on_sent);
    state->begin(timeout);
    return std::unique_ptr<Dialer>{new Dialer{std::move(state)}};
}

}  // namespace weir
