// The library's face (weir/weir.hpp) over Worker and Loop.
#include <optional>

#include "core/io/loop.hpp"
#include "core/io/signals.hpp"
#include "core/io/wakeup.hpp"
#include "core/media/detector.hpp"
#include "core/relay/directory.hpp"
#include "core/relay/protocol.hpp"
#include "core/relay/worker.hpp"
#include "weir/weir.hpp"

namespace weir {

namespace {

class FunctionLog final : public Log {
  public:
    explicit FunctionLog(LogFunction function) : function_(std::move(function)) {}
    void write(LogLevel level, std::string_view line) noexcept override {
        if (function_) function_(static_cast<Severity>(level), line);
    }

  private:
    LogFunction function_;
};
static_assert(static_cast<int>(Severity::error) == static_cast<int>(LogLevel::error));

std::string text_of(const Result<>& result) {
    return result ? std::string{} : result.error().detail;
}

}  // namespace

struct Relay::Impl {
    Impl(Config c, LogFunction l, const Modules& m)
        : config(std::move(c)), modules(m), log(std::move(l)), directory(config, kWorkers) {}

    std::string open(uv_loop_s* outer) {
        auto opened = Loop::open(outer);
        if (!opened) return opened.error().detail;
        loop = std::move(opened).value();
        auto wakeup = Wakeup::open(*loop, Callback<void()>::of<&Impl::on_stop>(this));
        if (!wakeup) return wakeup.error().detail;
        stop_wakeup = std::move(wakeup).value();
        worker.emplace(*loop, config, modules, log);
        for (const ListenConfig& port : config.listen) {
            if (auto listening = worker->listen(port); !listening)
                return port.origin + (port.origin.empty() ? "" : ": ") + listening.error().detail;
        }
        if (!config.admin.address.empty()) {
            if (auto listening = worker->listen(config.admin); !listening)
                return config.admin.origin + (config.admin.origin.empty() ? "" : ": ") +
                       listening.error().detail;
        }
        for (const ChannelConfig& channel : config.channels) {
            if (auto added = home_of(channel.name)->add_channel(channel); !added)
                return "channel " + channel.name + ": " + added.error().detail;
        }
        return {};
    }

    // The worker that a channel belongs to; null: there is no such channel. (One worker runs as yet.)
    Worker* home_of(std::string_view channel) { return directory.home(channel) ? &*worker : nullptr; }

    // A relay that could not start leaves nothing behind.
    std::string close_on_error(std::string error) {
        if (!error.empty()) close();
        return error;
    }

    void close() {
        signals.reset();
        stop_wakeup.reset();
        worker.reset();
        loop.reset();
    }

    void on_signal(int) { on_stop(); }

    void on_stop() {
        if (stopping) return;
        stopping = true;
        log.info("stopping");
        worker->stop(config.server.drain, Callback<void()>::of<&Impl::on_worker_stopped>(this));
    }

    void on_worker_stopped() {
        stopped = true;
        log.info("stopped");
        loop->stop_timers();
        if (own_loop) loop->stop();
        if (when_stopped) when_stopped();
    }

    static constexpr std::size_t kWorkers = 1;

    const Config config;
    const Modules& modules;
    FunctionLog log;
    const Directory directory;
    std::unique_ptr<Loop> loop;
    std::optional<Worker> worker;
    std::unique_ptr<Wakeup> stop_wakeup;
    std::unique_ptr<Signals> signals;
    std::function<void()> when_stopped;
    bool own_loop = false;
    bool stopping = false;
    bool stopped = false;
};

Relay::Relay(Config config, LogFunction log, const Modules& modules)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(log), modules)) {}

Relay::~Relay() {
    impl_->close();
}

std::string Relay::attach(uv_loop_s* loop) {
    return impl_->close_on_error(impl_->open(loop));
}

std::string Relay::start(OwnSignals signals) {
    impl_->own_loop = true;
    std::string error = impl_->open(nullptr);
    if (error.empty() && signals == OwnSignals::yes) {
        auto opened = Signals::open(*impl_->loop, Callback<void(int)>::of<&Impl::on_signal>(impl_.get()));
        if (opened) {
            impl_->signals = std::move(opened).value();
        } else {
            error = opened.error().detail;
        }
    }
    return impl_->close_on_error(std::move(error));
}

void Relay::run() {
    if (impl_->loop && !impl_->stopped) impl_->loop->run();
}

void Relay::stop() noexcept {
    if (impl_->stop_wakeup) impl_->stop_wakeup->notify();
}

bool Relay::is_stopped() const noexcept {
    return impl_->stopped;
}

void Relay::on_stopped(std::function<void()> callback) {
    impl_->when_stopped = std::move(callback);
}

std::vector<Relay::Endpoint> Relay::endpoints() const {
    std::vector<Endpoint> out;
    if (!impl_->worker) return out;
    for (const auto& endpoint : impl_->worker->endpoints()) {
        Endpoint e{.protocols = endpoint.config->protocols, .schemes = {}, .address = endpoint.local};
        for (const Protocol* protocol : impl_->modules.protocols) {
            for (const std::string& name : e.protocols) {
                if (protocol->name() != name) continue;
                for (std::string_view scheme : protocol->schemes()) e.schemes.emplace_back(scheme);
            }
        }
        out.push_back(std::move(e));
    }
    return out;
}

std::string Relay::admin_address() const {
    return impl_->worker ? impl_->worker->admin_address() : std::string{};
}

struct Publisher::Impl {
    Impl(Channel& c, std::size_t rank, std::string who, std::span<const Container* const> known)
        : channel(c),
          containers(known),
          detector(known),
          feed(c, rank, Feed::Role::source, std::move(who), Callback<void()>::of<&Impl::on_replaced>(this)) {}

    void on_replaced() { is_replaced = true; }

    std::string write(Bytes bytes) {
        if (is_replaced) return "another source took this one's place";
        if (!container) {
            auto detected = detector.feed(bytes);
            if (!detected) return detected.error().detail;
            container = detected.value();
            return container ? text_of(feed.write(*container, detector.take_held())) : std::string{};
        }
        return text_of(feed.write(*container, bytes));
    }

    std::string begin(Bytes header) {
        std::string why = "not a stream header that weir knows";
        for (const Container* c : containers) {
            if (c->detect(header) != Container::Detected::yes) continue;
            auto format = c->parse_header(header, {.header_bytes = channel.policy().header_limit});
            if (format) {
                feed.begin(std::move(format).value());
                return {};
            }
            why = format.error().detail;
        }
        return why;
    }

    Channel& channel;
    std::span<const Container* const> containers;
    const Container* container = nullptr;
    Detector detector;
    Feed feed;
    bool is_replaced = false;
};

Publisher::Publisher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Publisher::~Publisher() = default;
std::string Publisher::write(std::span<const std::uint8_t> bytes) {
    return impl_->write(bytes);
}
std::string Publisher::begin(std::span<const std::uint8_t> header) {
    return impl_->begin(header);
}
std::string Publisher::append(std::span<const std::uint8_t> packet) {
    if (impl_->is_replaced) return "another source took this one's place";
    if (!impl_->feed.format()) return "append() before begin()";
    return text_of(impl_->feed.append(packet));
}
void Publisher::flush() {
    impl_->feed.publish();
}
bool Publisher::is_on_air() const noexcept {
    return impl_->feed.is_on_air();
}

std::unique_ptr<Publisher> Relay::publish(std::string_view name, std::string_view slot_name) {
    Worker* home = impl_->worker ? impl_->home_of(name) : nullptr;
    if (!home) return nullptr;
    Channel* channel = home->channel(name);
    const SourceSpec* slot = home->push_slot(*channel, slot_name);
    if (!slot && !slot_name.empty()) return nullptr;
    const std::size_t rank = slot ? slot->rank : home->sources(*channel).size();
    std::string who = "publisher";
    if (slot && !slot_name.empty()) who += " of " + slot->shown;
    auto feed = std::make_unique<Publisher::Impl>(*channel, rank, std::move(who), impl_->modules.containers);
    return std::unique_ptr<Publisher>{new Publisher{std::move(feed)}};
}

struct TestTone::Impl {
    std::unique_ptr<TestSignal> signal;
    StreamFormatPtr format;
};

TestTone::TestTone(const Modules& modules) : impl_(std::make_unique<Impl>()) {
    impl_->signal = modules.containers.front()->open_test_signal();
    impl_->format = impl_->signal->format();
}
TestTone::~TestTone() = default;
std::span<const std::uint8_t> TestTone::header() const {
    return impl_->format->header();
}
std::span<const std::uint8_t> TestTone::packet(std::uint64_t number) {
    return impl_->signal->packet(number);
}
Milliseconds TestTone::packet_duration() const {
    return impl_->signal->packet_duration();
}

}  // namespace weir
