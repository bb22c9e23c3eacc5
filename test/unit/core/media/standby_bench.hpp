// Channels with standbys, and feeds that bring the same packets. Include before cmocka.hpp.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/media/switcher.hpp"
#include "test/support/fake_host.hpp"
#include "test/unit/core/media/encoder.hpp"

// always last
#include "test/support/cmocka.hpp"

namespace weir::test {

constexpr Duration kPace{VideoStream::kPacketMs};

inline std::vector<ChannelConfig> with(std::vector<std::string> keys = {}, std::size_t log_size = 0) {
    ChannelConfig config;
    config.name = "live";
    config.sources = {"push:"};
    for (const auto& key : keys) {
        if (key == "after") config.failback = {.when = Failback::When::after, .beside = Milliseconds{10'000}};
        if (key == "never") config.failback = {.when = Failback::When::never};
    }
    if (log_size > 0) config.log_size = log_size;
    return {config};
}

// One encoder's packets, brought by several feeds, each from where it stands.
struct Original {
    VideoStream stream{};
    std::vector<Buffer> packets{};
    const Buffer& at(std::size_t n) {
        while (packets.size() <= n) packets.push_back(stream.next());
        return packets[n];
    }
};

struct Copy {
    Copy(Channel& channel, Original& o, std::size_t rank, std::string who)
        : original(o),
          feed(std::make_unique<Feed>(channel, rank, kSource, std::move(who),
                                      Callback<void()>::of<&Copy::on_replaced>(this))) {
        feed->begin(original.stream.format());
    }
    void on_replaced() noexcept {}
    void send(std::size_t count) {
        for (; count > 0; --count) assert_true(feed->append(original.at(next++)).ok());
        feed->publish();
    }
    Original& original;
    std::unique_ptr<Feed> feed;
    std::size_t next = 0;
};

// What was served is the original, packet for packet, up to `count`.
inline void assert_served(Channel& channel, Original& original, std::size_t count) {
    assert_int_equal(channel.log().first(), 0);
    assert_int_equal(channel.log().end(), count);
    for (std::size_t n = 0; n < count; ++n)
        assert_true(std::ranges::equal(channel.log().packet(n).bytes, original.at(n)));
    assert_int_equal(channel.stats().runs, 1);
}

inline std::vector<std::uint32_t> times(const Channel& channel) {
    std::vector<std::uint32_t> out;
    for (Seq n = channel.log().first(); n < channel.log().end(); ++n)
        out.push_back(send_time_of(channel.log().packet(n).bytes));
    return out;
}

}  // namespace weir::test
