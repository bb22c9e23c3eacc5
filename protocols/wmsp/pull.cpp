#include "protocols/wmsp/pull.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/asf/chunk.hpp"
#include "core/asf/container.hpp"
#include "core/asf/header.hpp"
#include "core/asf/reader.hpp"
#include "core/base/text.hpp"
#include "protocols/http/relay_headers.hpp"
#include "protocols/wmsp/client.hpp"

namespace weir::wmsp {

namespace {

// What may stand around the header in a description: $M, framing.
constexpr std::size_t kDescribeRoom = 64 * 1024;
// A server that neither closes nor streams behind the header of a Describe waits for the next request. One
// that does not call itself a Windows Media server is rather an encoder that streams slowly, and may not take
// another connection (ffmpeg -listen 1).
constexpr Duration kSettle{500}, kSettleUnknown{5000};

std::string random_guid(Outbound& outbound) {
    const auto r = [&] { return outbound.random(); };
    const std::uint32_t b = r(), d = r();
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:04x}{:08x}", r(), b >> 16, b & 0xFFFF, d >> 16,
                       d & 0xFFFF, r());
}

// "Cougar/4.1.0.3930" by the grammar, "Cougar 4.1.0.3920" in captures of WMS 4.1 and from VLC.
bool is_windows_media_server(std::string_view server) noexcept {
    for (const std::string_view token : {"Cougar", "Rex"}) {
        if (!starts_with_ignoring_case(server, token)) continue;
        const auto rest = server.substr(token.size());
        return rest.empty() || rest.front() == '/' || rest.front() == ' ';
    }
    return false;
}

class WmspPull final : public Pull, private http::GetListener {
  public:
    WmspPull(Outbound& outbound, const http::Url& url, const PullRequest& request, PullListener& listener,
             http::Answered answered)
        : outbound_(outbound),
          url_(url),
          limits_(request.limits),
          timeout_(request.timeout),
          listener_(listener),
          identity_{.as = request.as,
                    .guid = random_guid(outbound),
                    .resume = request.resume ? to_string(*request.resume) : std::string{},
                    .via = to_string(std::span{request.via})},
          settle_(outbound.timers(), Callback<void()>::of<&WmspPull::on_settled>(this)) {
        // Of a playlist nothing is read, nor of what is too short for anything.
        if (answered.body.size() < http::kDecideAfter ||
            asf::detect_form(answered.body) == asf::Form::neither)
            ask();
        else
            take_over(std::move(answered));
    }

  private:
    enum class Phase { describe, play };

    void take_over(http::Answered answered) {
        get_ = std::move(answered.get);
        get_->set_listener(*this);
        on_head(*answered.head);
        on_body(answered.body);
    }

    void ask() {
        get_ = std::make_unique<http::Get>(outbound_, url_, timeout_, static_cast<http::GetListener&>(*this));
    }

    std::string request(const http::Url& url, const std::optional<std::string>& authorization) override {
        identity_.authorization = authorization;
        return phase_ == Phase::describe ? describe_request(url, identity_)
                                         : play_request(url, identity_, streams_);
    }

    void on_connected() override { listener_.on_connected(); }
    void on_status(int status) override { listener_.on_answered(status); }

    void on_head(const http::Response& response) override {
        if (response.status != 200) return finish(http::error_of(response));
        if (const auto id = client_id_of(response)) identity_.client_id = id;
        began_ = http::provenance_of(response);
        is_known_server_ = is_windows_media_server(response.header("Server").value_or(""));
    }

    void on_body(Bytes piece) override {
        if (phase_ == Phase::play) return deliver(piece);
        described_.insert(described_.end(), piece.begin(), piece.end());
        look_at_description();
    }

    // What a Describe brings: $H, by most servers with a close behind it; or the stream itself, at once.
    void look_at_description() {
        const Bytes all{described_};
        const auto form = asf::detect_form(all);
        if (form == asf::Form::neither) return refuse(all);
        if (form == asf::Form::need_more) return;
        if (form == asf::Form::raw) return stream();
        while (looked_at_ < all.size()) {
            const auto parsed = asf::parse_chunk(all.subspan(looked_at_));
            if (const auto* error = std::get_if<Error>(&parsed)) return finish(*error);
            const auto* chunk = std::get_if<Got<asf::Chunk>>(&parsed);
            if (!chunk) return;
            if (chunk->value.type == asf::ChunkType::data) return stream();
            looked_at_ += chunk->used;
            if (looked_at_ > limits_.header_bytes + kDescribeRoom)
                return finish(
                    Error{Errc::too_large,
                          fmt::format("{} bytes of description came and no stream, expected a header of "
                                      "{} at most",
                                      looked_at_, limits_.header_bytes)});
            if (chunk->value.type != asf::ChunkType::header ||
                (chunk->value.af_flags & asf::kLastFragment) == 0)
                continue;
            is_described_ = true;
            settle_.start(is_known_server_ ? kSettle : kSettleUnknown);
        }
    }

    // It begins with no header: a page for people, or a server that forgot the header.
    void refuse(Bytes all) {
        constexpr std::size_t kShown = 24;
        finish(Error{Errc::unsupported,
                     "not a Windows Media stream, which begins with $H or an ASF header: it begins with \"" +
                         printable(as_text(all.first(std::min(all.size(), kShown)))) + "\""});
    }

    void stream() {
        settle_.stop();
        phase_ = Phase::play;
        const auto held = std::exchange(described_, {});
        deliver(held);
    }

    void on_settled() {
        get_->cancel();
        play();
    }

    void play() {
        auto streams = streams_of(described_);
        if (!streams) return finish(streams.error());
        streams_ = std::move(streams).value();
        described_.clear();
        url_ = get_->url();  // a redirect of the Describe holds for the Play
        phase_ = Phase::play;
        ask();
    }

    void deliver(Bytes piece) {
        if (!reader_) reader_ = asf::container().open_reader(limits_, began_);
        if (auto taken = listener_.on_stream(*reader_, piece); !taken) return finish(taken);
        if (reader_->finished()) finish(Ok{});
    }

    void on_done(Result<> result) override {
        settle_.stop();
        if (finished_) return;
        // A Describe without a length ends with its connection, and some servers reset it.
        if (phase_ == Phase::describe) {
            if (is_described_) return play();
            return finish(result ? Error{Errc::closed, "the server sent no stream header"}
                                 : std::move(result));
        }
        if (!result) return finish(std::move(result));
        if (!reader_) return finish(Error{Errc::closed, "the server sent no stream"});
        if (auto ended = reader_->end(); !ended) return finish(ended);
        finish(Error{Errc::closed, "the server ended the connection in mid-stream"});
    }

    void finish(Result<> result) {
        settle_.stop();
        get_->cancel();
        if (!std::exchange(finished_, true)) listener_.on_done(std::move(result));
    }

    Outbound& outbound_;
    http::Url url_;
    ReaderLimits limits_;
    Duration timeout_;
    PullListener& listener_;
    ClientIdentity identity_;
    Timer settle_;
    std::unique_ptr<http::Get> get_;
    Phase phase_ = Phase::describe;
    std::vector<std::uint8_t> described_;
    std::size_t looked_at_ = 0;  // bytes of it, whole chunks
    bool is_described_ = false;  // the header is complete
    bool is_known_server_ = false;
    std::vector<std::uint16_t> streams_;
    std::optional<Provenance> began_;  // where another weir says that its stream begins
    std::unique_ptr<StreamReader> reader_;
    bool finished_ = false;
};

bool is_type(const http::Response& response, std::string_view type) noexcept {
    const auto header = response.header("Content-Type").value_or("");
    return equal_ignoring_case(trim(header.substr(0, header.find(';'))), type);
}

}  // namespace

bool takes_answer(const http::Response& response, Bytes first) noexcept {
    const auto form = first.size() < http::kDecideAfter ? asf::Form::neither : asf::detect_form(first);
    if (form == asf::Form::raw) return false;
    return form == asf::Form::framed || is_type(response, "application/vnd.ms.wms-hdr.asfv1") ||
           is_type(response, "application/x-mms-framed") ||
           is_windows_media_server(response.header("Server").value_or(""));
}

std::unique_ptr<Pull> open_pull(Outbound& outbound, const http::Url& url, const PullRequest& request,
                                PullListener& listener, http::Answered answered) {
    return std::make_unique<WmspPull>(outbound, url, request, listener, std::move(answered));
}

}  // namespace weir::wmsp
