// Pulls, from the first request to the last word, on servers that answer whatever the input says. The input's
// first byte is how weir asks, and by which protocol; the rest is the answers, "~~~~" between them, each that
// to one attempt to connect; one that begins with '!' is nobody there. However an answer is cut, what comes
// of it is the same.
#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "core/relay/modules.hpp"
#include "core/relay/outbound.hpp"
#include "core/relay/protocol.hpp"
#include "protocols/http/wire.hpp"
#include "protocols/msbd/wire.hpp"
#include "weir/weir.hpp"

using namespace weir;

namespace {

constexpr std::string_view kSecret = "s3cr3t", kSecretSent = "dXNlcjpzM2NyM3Q=";
constexpr std::string_view kBorder = "~~~~";
constexpr int kMaxDials = 64;
constexpr std::size_t kHeaderLimit = 4096;

// The first byte's bits.
constexpr unsigned kWmsp = 1, kPlayer = 2, kCredentials = 4, kWaits = 8, kResets = 16, kTakesLittle = 32,
                   kMsbd = 64;

void require(bool condition) {
    if (!condition) std::abort();
}

class FuzzPeer final : public Peer {
  public:
    std::size_t send(std::span<const Bytes>) override { return 0; }
    void write(Bytes bytes) override {
        if (!closing_) sent += as_text(bytes);
    }
    void close(CloseReason reason) override {
        if (std::exchange(closing_, true)) return;
        reason_ = reason;
    }
    bool is_closing() const noexcept override { return closing_; }
    void set_handler(std::unique_ptr<Handler> handler) override {
        require(!handler_);
        handler_ = std::move(handler);
    }
    std::string remote() const override { return "192.0.2.1:80"; }
    std::string remote_address() const override { return "192.0.2.1"; }
    std::string local() const override { return "192.0.2.7:4711"; }

    void say(Bytes bytes) {
        const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
        if (!closing_) handler_->on_bytes(exact);
    }
    void end(bool by_reset) {
        if (by_reset) return close(CloseReason::peer_closed);
        if (!closing_) handler_->on_eof();
    }
    void sweep() {
        if (!closing_ || !handler_) return;
        handler_->on_closed(reason_);
        handler_.reset();
    }

    std::string sent;

  private:
    std::unique_ptr<Handler> handler_;
    CloseReason reason_ = CloseReason::finished;
    bool closing_ = false;
};

class FuzzOutbound final : public Outbound {
  public:
    struct OneDial final : Dial {
        explicit OneDial(FuzzOutbound& o) : owner(o) { owner.pending = this; }
        ~OneDial() override {
            if (owner.pending == this) owner.pending = nullptr;
        }
        FuzzOutbound& owner;
        OnDone on_done;
    };

    FuzzOutbound() { timers_.set_now(TimePoint{Duration{1'000'000}}); }
    std::unique_ptr<Dial> dial(const Address&, Duration, Dial::OnDone on_done) override {
        require(!pending && ++dials <= kMaxDials);
        auto dial = std::make_unique<OneDial>(*this);
        dial->on_done = on_done;
        return dial;
    }
    std::span<const Container* const> containers() const override { return builtin_modules().containers; }
    TimerQueue& timers() override { return timers_; }
    std::uint32_t random() override { return random_++; }

    Dial::OnDone take_pending() {
        const auto on_done = pending->on_done;
        pending = nullptr;
        return on_done;
    }
    void advance(Duration by) {
        const TimePoint until = timers_.now() + by;
        while (const auto due = timers_.next_due()) {
            if (*due > until) break;
            timers_.run(std::max(*due, timers_.now()));
        }
        timers_.run(until);
    }

    OneDial* pending = nullptr;
    int dials = 0;

  private:
    TimerQueue timers_;
    std::uint32_t random_ = 1000;
};

// What came of it all. Not why it failed: where a length lies, the end of the connection may come first.
struct Outcome {
    std::vector<std::string> requests;
    std::vector<std::uint8_t> stream;  // headers and packets
    bool is_ok = false;

    bool operator==(const Outcome&) const = default;
};

class Listener final : public PullListener, private StreamReader::Output {
  public:
    Listener(Outcome& outcome, bool takes_little) : outcome_(outcome), takes_little_(takes_little) {}

    Result<> on_stream(StreamReader& reader, Bytes bytes) override {
        require(!is_done_);
        return reader.feed(bytes, *this);
    }
    void on_done(Result<> why) override {
        require(may_be_done && !std::exchange(is_done_, true));
        outcome_.is_ok = why.ok();
        if (why) return;
        require(!why.error().detail.empty());
        require(why.error().detail.find(kSecret) == std::string::npos);
        require(why.error().detail.find_first_of("\r\n\x1b") == std::string::npos);
    }
    bool is_done() const noexcept { return is_done_; }

    bool may_be_done = false;

  private:
    Result<> on_format(StreamFormatPtr format) override {
        require(format->header().size() <= kHeaderLimit + 1024);  // normalised, it may grow a little
        return keep(format->header());
    }
    Result<> on_packet(Bytes packet, const PacketInfo&) override { return keep(packet); }
    Result<> on_bad_packet(const Error& why) override {
        require(!why.detail.empty());
        return Ok{};
    }
    Result<> keep(Bytes bytes) {
        outcome_.stream.insert(outcome_.stream.end(), bytes.begin(), bytes.end());
        if (takes_little_ && outcome_.stream.size() > 600) return Error{Errc::incompatible, "that is enough"};
        return Ok{};
    }

    Outcome& outcome_;
    bool takes_little_;
    bool is_done_ = false;
};

// The same of MSBD, which has no secrets: the one request that there is.
std::string checked_connect(const std::string& sent) {
    const auto parsed = msbd::parse_message(as_bytes(sent));
    const auto& [message, used] = std::get<Got<msbd::Message>>(parsed);
    require(used == sent.size() && message.kind == msbd::Kind::connect);
    require(msbd::parse_connect(message.body).value().channel == "live");
    return sent;
}

// One request, whole and by the rules, to a server that may see what is in it. Without what is random in it.
std::string checked(const std::string& sent) {
    http::RequestReader reader;
    Bytes in = as_bytes(sent);
    require(reader.next(in) == http::RequestReader::Event::head && in.empty());
    require(sent.find(kSecret) == std::string::npos);
    if (sent.find(kSecretSent) != std::string::npos)
        require(equal_ignoring_case(reader.request().header("Host").value_or(""), "up.example"));
    std::string out = sent;
    if (const auto at = out.find("Authorization: Digest"); at != std::string::npos)
        out.erase(at, out.find("\r\n", at) - at);
    return out;
}

// `piece`: how many bytes the servers say at a time.
Outcome pull(unsigned options, std::string_view answers, std::size_t piece) {
    Outcome outcome;
    FuzzOutbound outbound;
    Listener listener{outcome, (options & kTakesLittle) != 0};
    const bool is_msbd = (options & kMsbd) != 0;
    const std::string url = is_msbd
                                ? "msbd://up.example/live"
                                : std::string(options & kWmsp ? "mmsh" : "http") + "://" +
                                      (options & kCredentials ? "user:s3cr3t@" : "") + "up.example/a/live?b";
    std::vector<std::unique_ptr<FuzzPeer>> peers;
    const auto turn = [&] {
        for (auto& peer : peers) peer->sweep();
        outbound.advance(Duration{0});
    };
    auto running = find_puller(builtin_modules().protocols, url)
                       ->pull(outbound, url,
                              {.as = options & kPlayer ? PullAs::player : PullAs::server,
                               .limits = {.header_bytes = kHeaderLimit}},
                              listener);
    listener.may_be_done = true;
    turn();
    while (outbound.pending) {
        const auto border = answers.find(kBorder);
        const std::string_view answer = answers.substr(0, border);
        answers.remove_prefix(border == std::string_view::npos ? answers.size() : border + kBorder.size());
        if (answer.empty() || answer.front() == '!') {
            outbound.take_pending()(Error{Errc::refused, "up.example:80: Connection refused"});
            turn();
            continue;
        }
        FuzzPeer& peer = *peers.emplace_back(std::make_unique<FuzzPeer>());
        outbound.take_pending()(static_cast<Peer*>(&peer));
        outcome.requests.push_back(is_msbd ? checked_connect(peer.sent) : checked(peer.sent));
        for (std::size_t at = 0; at < answer.size(); at += piece)
            peer.say(as_bytes(answer.substr(at, piece)));
        turn();
        if (options & kWaits) outbound.advance(Duration{20000});
        peer.end((options & kResets) != 0);
        turn();
    }
    require(listener.is_done());
    running.reset();
    for (auto& peer : peers) {
        require(peer->is_closing());
        peer->sweep();
    }
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto answers = as_text({data + 1, size - 1});
    // Servers cannot know it; the fuzzer does.
    if (answers.find(kSecret) != answers.npos || answers.find(kSecretSent) != answers.npos) return 0;
    const Outcome whole = pull(data[0], answers, std::max<std::size_t>(size, 1));
    require(whole == pull(data[0], answers, 1));
    require(whole == pull(data[0], answers, 7));
    return 0;
}
