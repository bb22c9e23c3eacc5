// weir inside a program of your own, on the event loop that it has already.
//
// This program starts a relay from a Config, publishes generated packets, is its own client, and stops. What
// stands here is all an embedder needs: <weir/weir.hpp>, and a uv_loop_t that somebody runs. Everything is
// called on the loop's thread; only Relay::stop() may come from another.
#include <uv.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "weir/weir.hpp"

namespace {

constexpr std::size_t kPacketsWanted = 60;  // three seconds of the test tone

// Your source of media. Here a timer makes packets; it might be an encoder, a file, another network.
class Source {
  public:
    // Sources that have headers and packets use begin(), append() and flush(). For a plain byte stream, as an
    // encoder would push it, there is Publisher::write().
    Source(weir::Relay& relay, uv_loop_t* loop) : publisher_(relay.publish("tone")) {
        check(publisher_->begin(tone_.header()));
        uv_timer_init(loop, &timer_);
        timer_.data = this;
        const auto period = static_cast<std::uint64_t>(tone_.packet_duration().count());
        uv_timer_start(
            &timer_, [](uv_timer_t* t) { static_cast<Source*>(t->data)->publish(); }, 0, period);
    }

    // A Publisher must not outlive its Relay; to destroy it is to go off air.
    void stop() {
        publisher_.reset();
        uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
    }

  private:
    static void check(const std::string& error) {
        if (error.empty()) return;
        std::fprintf(stderr, "publish: %s\n", error.c_str());
        std::exit(1);
    }
    void publish() {
        check(publisher_->append(tone_.packet(next_++)));
        publisher_->flush();  // now clients may have it: once per batch, not per packet
    }

    weir::TestTone tone_;
    std::unique_ptr<weir::Publisher> publisher_;
    std::uint64_t next_ = 0;
    uv_timer_t timer_{};
};

// A client as simple as can be: GET, then the stream's header, then packets, until the connection ends.
class Client {
  public:
    Client(uv_loop_t* loop, int port, weir::Relay& relay) : relay_(relay) {
        uv_tcp_init(loop, &tcp_);
        tcp_.data = connect_.data = this;
        sockaddr_in to{};
        uv_ip4_addr("127.0.0.1", port, &to);
        uv_tcp_connect(
            &connect_, &tcp_, reinterpret_cast<const sockaddr*>(&to), [](uv_connect_t* c, int status) {
                status == 0 ? static_cast<Client*>(c->data)->ask() : static_cast<Client*>(c->data)->close();
            });
    }

    bool got_all() const { return ended_ && packets() >= kPacketsWanted; }
    std::size_t packets() const {  // whole ones, behind the reply's head and the stream header
        const auto head = got_.find("\r\n\r\n");
        const std::string_view header{reinterpret_cast<const char*>(tone_.header().data()),
                                      tone_.header().size()};
        if (head == std::string::npos || !std::string_view{got_}.substr(head + 4).starts_with(header))
            return 0;
        return (got_.size() - head - 4 - header.size()) / packet_size_;
    }

  private:
    void ask() {
        static char request[] = "GET /tone HTTP/1.0\r\n\r\n";
        const uv_buf_t text = uv_buf_init(request, sizeof request - 1);
        uv_try_write(reinterpret_cast<uv_stream_t*>(&tcp_), &text, 1);
        uv_read_start(
            reinterpret_cast<uv_stream_t*>(&tcp_),
            [](uv_handle_t* h, std::size_t, uv_buf_t* buffer) {
                auto& room = static_cast<Client*>(h->data)->room_;
                *buffer = uv_buf_init(room, sizeof room);
            },
            [](uv_stream_t* s, ssize_t n, const uv_buf_t*) { static_cast<Client*>(s->data)->take(n); });
    }
    void take(ssize_t n) {
        if (n < 0) return close();
        got_.append(room_, static_cast<std::size_t>(n));
        // Enough. stop() may be called again, from anywhere; clients get what is theirs, then their end.
        if (packets() >= kPacketsWanted) relay_.stop();
    }
    void close() {
        ended_ = true;
        uv_close(reinterpret_cast<uv_handle_t*>(&tcp_), nullptr);
        relay_.stop();
    }

    weir::Relay& relay_;
    uv_tcp_t tcp_{};
    uv_connect_t connect_{};
    char room_[65536];
    std::string got_;
    weir::TestTone tone_;
    std::size_t packet_size_ = tone_.packet(0).size();
    bool ended_ = false;
};

}  // namespace

int main() {
    uv_loop_t loop;
    uv_loop_init(&loop);
    bool ok = false;
    {
        // The same settings as in weir.toml, as plain structs with defaults.
        weir::Config config;
        config.listen.emplace_back().address = "127.0.0.1:0";  // any free port
        auto& channel = config.channels.emplace_back();
        channel.name = "tone";
        channel.sources = {"push:"};  // a Publisher takes the place of an encoder's push

        weir::Relay relay{config, [](weir::Severity, std::string_view line) {
                              std::printf("relay: %.*s\n", static_cast<int>(line.size()), line.data());
                          }};
        if (const std::string error = relay.attach(&loop); !error.empty()) {
            std::fprintf(stderr, "%s\n", error.c_str());
            return 1;
        }
        const std::string address = relay.endpoints().front().address;
        std::printf("open http://%s/tone in a player\n", address.c_str());

        Source source{relay, &loop};
        Client client{&loop, std::atoi(address.c_str() + address.rfind(':') + 1), relay};
        relay.on_stopped([&source] { source.stop(); });

        uv_run(&loop, UV_RUN_DEFAULT);  // ends by itself: nothing of the relay is left on the loop
        ok = relay.is_stopped() && client.got_all();
        std::printf("the client got the header, %zu packets%s\n", client.packets(), ok ? ", the end" : "");
    }
    uv_run(&loop, UV_RUN_DEFAULT);  // a Relay's handles close in the loop's next turns
    return ok && uv_loop_close(&loop) == 0 ? 0 : 1;
}
