// weir pushes to weir over real sockets: what goes into the push comes out at a player, packet by packet.
#include <functional>

#include "core/asf/container.hpp"
#include "core/io/loop.hpp"
#include "core/relay/loop_outbound.hpp"
#include "protocols/http/push_client.hpp"
#include "protocols/wmpush/push_client.hpp"
#include "test/e2e/loopback.hpp"
#include "test/e2e/numbered_stream.hpp"
#include "test/support/fake_push_listener.hpp"

#include "test/support/cmocka.hpp"

using namespace weir;
using namespace weir::test;

namespace {

// More than a push holds, so that it has to wait for the sockets.
constexpr std::uint64_t kPackets = 4000;
constexpr NumberedStreamShape kShape{.packet_size = 1500, .packet_ms = 40, .packets_per_sync = 10};

using Opener = std::function<std::unique_ptr<Push>(Outbound&, const http::Url&, PushMemory&, PushListener&)>;

// Sends as fast as the push lets it, then ends.
class Sender {
  public:
    Sender(Outbound& outbound, std::uint16_t port, const Opener& open)
        : push_(open(outbound, http::parse_url("http://127.0.0.1:" + std::to_string(port) + "/live").value(),
                     memory_, listener)) {
        auto format = asf::container().parse_header(stream_.header(), {});
        push_->begin(std::move(format).value());
    }
    void step() {
        if (listener.ready == 0) return;
        while (next_ < kPackets && push_->append(stream_.packet(next_))) ++next_;
        if (next_ == kPackets && !std::exchange(is_ended_, true)) push_->end();
    }

    FakePushListener listener;

  private:
    NumberedStream stream_{kShape};
    PushMemory memory_;
    std::unique_ptr<Push> push_;
    std::uint64_t next_ = 0;
    bool is_ended_ = false;
};

void push_through(const Opener& open) {
    Turns turns;
    auto relay = std::make_unique<Relay>(config_with_push());
    const std::string error = relay->attach(&turns.loop);
    assert_string_equal(error.c_str(), "");
    {
        auto loop = Loop::open(&turns.loop);
        assert_true(loop.ok());
        const std::vector<const Container*> containers{&asf::container()};
        LoopOutbound outbound{*loop.value(), containers};
        Player player{port_of(*relay), Form::wmsp};
        Sender sender{outbound, port_of(*relay), open};
        assert_true(turns.until([&] { return player.packets.size() >= kPackets && sender.listener.done > 0; },
                                player, sender));
        assert_true(sender.listener.ended_well());
        assert_string_equal(player.wrong().c_str(), "");
        const NumberedStream stream{kShape};
        for (std::uint64_t n = 0; n < kPackets; ++n) assert_true(stream.is_packet(n, player.packets[n]));
    }
    relay->stop();
    uv_run(&turns.loop, UV_RUN_DEFAULT);
    relay.reset();
    uv_run(&turns.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&turns.loop), 0);
}

}  // namespace

static void a_plain_push_brings_every_packet(void**) {
    push_through(http::open_push);
}

static void a_windows_media_push_brings_every_packet(void**) {
    push_through(wmpush::open_push);
}

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(a_plain_push_brings_every_packet),
                                cmocka_unit_test(a_windows_media_push_brings_every_packet)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
