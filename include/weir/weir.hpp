// weir as a library: a relay inside a program of your own. No global state; two relays in one process are two
// relays.
//
//     weir::Config config;
//     config.listen.push_back({.address = "127.0.0.1:8080"});
//     config.channels.push_back({.name = "news", .sources = {"push:"}});
//     weir::Relay relay{std::move(config)};
//     if (auto error = relay.attach(loop); !error.empty()) ...     // your uv_loop_t; or relay.run()
//     auto news = relay.publish("news");
//     news->write(bytes);                                          // any stream weir knows, as a file would
//     hold it
//
// Threads: everything is to be called on the loop's thread, but for stop(). Errors are sentences for a
// person; an empty string is success. weir does not throw.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/config.hpp"

struct uv_loop_s;

namespace weir {

struct Modules;

// The protocols and containers that come with weir.
const Modules& builtin_modules();

enum class Severity { debug, info, warning, error };
// Called on the loop's thread; must not block. The line is valid during the call.
using LogFunction = std::function<void(Severity, std::string_view line)>;

// Feeds one channel of a relay from inside the process: it takes the place of an encoder's push. Must not
// outlive the Relay. Destroying it takes it off air.
class Publisher {
  public:
    ~Publisher();
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    // A byte stream in pieces of any size. An error is final.
    [[nodiscard]] std::string write(std::span<const std::uint8_t> bytes);
    // Or whole: a stream header, then packets. Clients see a packet when flush() was called after it.
    [[nodiscard]] std::string begin(std::span<const std::uint8_t> header);
    [[nodiscard]] std::string append(std::span<const std::uint8_t> packet);
    void flush();
    bool is_on_air() const noexcept;

  private:
    friend class Relay;
    struct Impl;
    explicit Publisher(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

class Relay {
  public:
    // log: empty for silence.
    explicit Relay(Config config, LogFunction log = {}, const Modules& modules = builtin_modules());
    // Closes what is left at once. On an embedder's loop the handles close within its next turns.
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    // Starts on a loop of yours, which must outlive the Relay and is to be run by you.
    [[nodiscard]] std::string attach(uv_loop_s* loop);
    // Starts on a loop of its own. SIGINT and SIGTERM then stop it if `with_signals`.
    enum class OwnSignals { no, yes };
    [[nodiscard]] std::string start(OwnSignals signals = OwnSignals::no);
    // Runs that loop until stop() has been carried out.
    void run();

    // Stops listening, lets clients read what is theirs for up to Config::server.drain, closes the rest.
    // Returns at once; may be called from any thread, repeatedly.
    void stop() noexcept;
    bool is_stopped() const noexcept;
    void on_stopped(std::function<void()> callback);  // on the loop's thread; must not destroy the Relay

    // After attach() or start(): what it listens on, in the configuration's order, with the ports the system
    // picked.
    struct Endpoint {
        std::vector<std::string> protocols;
        std::vector<std::string> schemes;  // of the URLs by which clients open a channel there
        std::string address;
    };
    std::vector<Endpoint> endpoints() const;
    // The same of Config::admin, as "127.0.0.1:8081"; empty: there is no such port.
    std::string admin_address() const;

    // A publisher has the rank of the channel's "push:SLOT", or "push:" without `slot`; where its sources
    // list no "push:", it comes behind them all. Null: no such channel, or no such slot.
    std::unique_ptr<Publisher> publish(std::string_view channel, std::string_view slot = {});

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// An endless live test signal (a tone with a beep each second) as header and packets, for examples and tests.
class TestTone {
  public:
    explicit TestTone(const Modules& modules = builtin_modules());
    ~TestTone();
    std::span<const std::uint8_t> header() const;
    std::span<const std::uint8_t> packet(std::uint64_t number);  // valid until the next call
    Milliseconds packet_duration() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace weir
