// weir-floor-uv: the same as weir-floor-epoll on libuv, with uv_try_write. What it costs more is the
// library's share.
//
//   --listen ADDR:PORT  --streams N  --flush MS
#include <uv.h>

#include <deque>

#include "floor.hpp"
#include "net.hpp"
#include "options.hpp"

using namespace bench;

namespace {

struct Connection {
    uv_tcp_t tcp{};
    bool is_open = false, is_push = false, is_player = false;
    std::uint32_t index = 0;
    Ring* ring = nullptr;
    std::uint64_t at = 0;
    std::string asked;  // freed once it is read
    uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&tcp); }
};

struct Floor {
    std::vector<Ring> rings;
    Slots slots;
    uv_loop_t loop{};
    uv_tcp_t listener{};
    uv_timer_t timer{};
    std::deque<Connection> connections;  // one for each that ever came
    char buffer[65536];
};
Floor* floor_of_all = nullptr;

void close(Connection& c) {
    if (c.is_open) uv_close(reinterpret_cast<uv_handle_t*>(&c.tcp), nullptr);
    c.is_open = false;
}

uv_buf_t view(std::string_view bytes) {
    return uv_buf_init(const_cast<char*>(bytes.data()), static_cast<unsigned>(bytes.size()));
}

// False: it is gone.
bool pump(Connection& c) {
    while (c.is_open && c.at < c.ring->end()) {
        const uv_buf_t rest = view(c.ring->behind(c.at));
        const int n = uv_try_write(c.stream(), &rest, 1);
        if (n < 0 && n != UV_EAGAIN) close(c);
        if (n > 0) c.at += static_cast<std::uint64_t>(n);
        if (n != static_cast<int>(rest.len)) break;
    }
    return c.is_open;
}

void on_bytes(Connection& c, std::string_view bytes) {
    Floor& f = *floor_of_all;
    if (c.is_push) return c.ring->take_chunked(bytes);
    if (c.is_player) return;
    c.asked += bytes;
    const Request request = parse_request(c.asked);
    if (!request.is_whole) return;
    std::string().swap(c.asked);
    if (request.stream >= f.rings.size()) return close(c);
    c.ring = &f.rings[request.stream];
    c.is_push = request.is_push, c.is_player = !request.is_push;
    if (c.is_push) {
        c.ring->begin();
        return c.ring->take_chunked(request.rest);
    }
    const std::string head = play_head() + c.ring->header();
    const uv_buf_t out = view(head);
    if (uv_try_write(c.stream(), &out, 1) != static_cast<int>(head.size())) return close(c);
    c.at = c.ring->start();
    if (pump(c)) f.slots.add(c.index);
}

void on_connection(uv_stream_t* listener, int status) {
    if (status < 0) return;
    Floor& f = *floor_of_all;
    Connection& c = f.connections.emplace_back();
    c.index = static_cast<std::uint32_t>(f.connections.size() - 1);
    uv_tcp_init(&f.loop, &c.tcp);
    c.tcp.data = &c;
    c.is_open = uv_accept(listener, c.stream()) == 0;
    if (!c.is_open) return;
    uv_read_start(
        c.stream(),
        [](uv_handle_t*, std::size_t, uv_buf_t* out) {
            *out = uv_buf_init(floor_of_all->buffer, sizeof floor_of_all->buffer);
        },
        [](uv_stream_t* stream, ssize_t n, const uv_buf_t* in) {
            auto& connection = *static_cast<Connection*>(stream->data);
            if (n < 0) return close(connection);
            on_bytes(connection, {in->base, static_cast<std::size_t>(n)});
        });
}

// libuv's timers know milliseconds; a slot that is due in between is visited with the next.
void on_timer(uv_timer_t* timer) {
    Floor& f = *floor_of_all;
    f.slots.visit(now_ns(), [&f](std::uint32_t index) { return pump(f.connections[index]); });
    const std::int64_t rest = std::max<std::int64_t>(0, f.slots.due() - now_ns());
    uv_timer_start(timer, on_timer, static_cast<std::uint64_t>((rest + 500'000) / 1'000'000), 0);
}

}  // namespace

int main(int argc, char** argv) {
    Options options(argc, argv);
    const auto address = parse_address(options.text("listen"));
    const std::size_t streams = options.count("streams", 1);
    const double flush = options.number("flush", 50);
    options.finish();
    raise_descriptors(100'000);
    static Floor f{.rings = std::vector<Ring>(streams),
                   .slots = Slots(flush, now_ns()),
                   .connections = {},
                   .buffer = {}};
    floor_of_all = &f;
    uv_loop_init(&f.loop);
    uv_tcp_init(&f.loop, &f.listener);
    if (uv_tcp_open(&f.listener, listen_on(address)) != 0) give_up("libuv does not take the socket");
    if (uv_listen(reinterpret_cast<uv_stream_t*>(&f.listener), 65535, on_connection) != 0)
        give_up("cannot listen");
    uv_timer_init(&f.loop, &f.timer);
    uv_timer_start(&f.timer, on_timer, 1, 0);
    return uv_run(&f.loop, UV_RUN_DEFAULT);
}
