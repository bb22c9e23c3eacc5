// Sources whose packets come when the test wants them. Include before cmocka.hpp.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/media/channel.hpp"
#include "core/media/feed.hpp"
#include "test/support/asf_samples.hpp"

// always last
#include "test/support/cmocka.hpp"

namespace weir::test {

constexpr auto kSource = Feed::Role::source;
constexpr auto kFill = Feed::Role::fill;

// An encoder whose packets come when the test wants them.
struct Encoder {
    Encoder(Channel& c, std::size_t rank = 0, char codec = '3', Feed::Role role = kSource,
            std::string who = "encoder", unsigned key_every = 5)
        : channel(c),
          stream(64, key_every, codec),
          feed(std::make_unique<Feed>(c, rank, role, std::move(who),
                                      Callback<void()>::of<&Encoder::on_replaced>(this))) {}
    void on_replaced() noexcept { ++replaced; }
    Encoder& begin() {
        feed->begin(stream.format());
        return *this;
    }
    Encoder& send(int count) {
        while (count-- > 0) assert_true(feed->append(stream.next()).ok());
        feed->publish();
        return *this;
    }
    void gone() { feed.reset(); }

    Channel& channel;
    VideoStream stream;
    std::unique_ptr<Feed> feed;
    int replaced = 0;
};

}  // namespace weir::test
