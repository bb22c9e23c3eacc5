#include "cli/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "cli/config_file.hpp"
#include "cli/status_table.hpp"
#include "core/base/address.hpp"
#include "core/io/loop.hpp"
#include "core/relay/loop_outbound.hpp"
#include "protocols/http/get.hpp"

namespace weir::cli {

namespace {

constexpr Duration kTimeLimit{5000};
constexpr std::size_t kMaxAnswer = std::size_t{16} << 20;
constexpr std::string_view kPath = "/api/v1/status";

// One question and its whole answer, on a loop that ends with it.
class Question final : private http::GetListener {
  public:
    Question(Loop& loop, http::Url url)
        : loop_(loop),
          outbound_(loop, {}),
          limit_(loop.timers(), Callback<void()>::of<&Question::on_limit>(this)),
          // limit_ is the one that decides.
          get_(outbound_, std::move(url), kTimeLimit * 2, static_cast<http::GetListener&>(*this)) {
        limit_.start(kTimeLimit);
    }

    // After the loop ended.
    Result<std::string> answer() {
        if (error_) return *error_;
        return std::move(body_);
    }

    bool is_connected() const noexcept { return connected_; }  // somebody listens there

  private:
    std::string request(const http::Url& url, const std::optional<std::string>&) override {
        connected_ = true;
        const std::string host = url.host_header();
        const http::HeaderView headers[] = {{"Host", host},
                                            {"User-Agent", "weir/" WEIR_VERSION},
                                            {"Accept", "application/json"},
                                            {"Connection", "close"}};
        return http::format_request_head(http::Version::http_1_1, "GET", url.path, headers);
    }
    void on_head(const http::Response& response) override {
        if (response.status != 200) finish(http::error_of(response));
    }
    void on_body(Bytes piece) override {
        if (body_.size() + piece.size() > kMaxAnswer)
            return finish(Error{Errc::too_large, "the answer is longer than 16 MiB"});
        body_ += as_text(piece);
    }
    void on_done(Result<> result) override {
        if (!result) return finish(result.error());
        finish(std::nullopt);
    }
    void on_limit() { finish(Error{Errc::timed_out, "there was no answer within 5 s"}); }

    void finish(std::optional<Error> why) {
        limit_.stop();
        get_.cancel();
        error_ = std::move(why);
        loop_.stop();
    }

    Loop& loop_;
    LoopOutbound outbound_;
    Timer limit_;
    std::string body_;
    std::optional<Error> error_;
    bool connected_ = false;
    http::Get get_;
};

// Where a listener on `configured` is reached from this machine.
Result<http::Url> url_of(const std::string& configured) {
    auto parsed = parse_address(configured);
    if (!parsed) return parsed.error();
    Address address = std::move(parsed).value();
    if (address.port == 0)
        return Error{Errc::bad_input,
                     "[admin] address = \"" + configured +
                         "\" lets the system pick a port, which weir status cannot know; write one, "
                         "as in \"127.0.0.1:8081\""};
    if (address.host == "0.0.0.0") address.host = "127.0.0.1";
    if (address.host == "::") address.host = "::1";
    return http::Url{.scheme = "http",
                     .host = std::move(address.host),
                     .port = address.port,
                     .path = std::string(kPath),
                     .credentials = {}};
}

int complain(int code, const std::string& what) {
    fmt::print(stderr, "weir status: {}\n", what);
    return code;
}

}  // namespace

int status_command(const StatusOptions& options) {
    const auto file = read_config_file(options.config_file);
    if (!file) return kExitUsage;
    const std::string& configured = file->config.admin.address;
    if (configured.empty())
        return complain(kExitUsage, file->path +
                                        " has no admin port to ask at; add this, and start weir anew:\n\n"
                                        "[admin]\naddress = \"127.0.0.1:8081\"\n");
    auto url = url_of(configured);
    if (!url) return complain(kExitUsage, file->path + ": " + url.error().detail);

    auto loop = Loop::open(nullptr);
    if (!loop) return complain(kExitFailed, loop.error().detail);
    const std::string where = url.value().text();
    Question question{*loop.value(), std::move(url).value()};
    loop.value()->run();
    auto answer = question.answer();
    if (!answer && !question.is_connected())
        return complain(kExitFailed,
                        "weir is not running, or not with " + file->path + ": " + answer.error().detail);
    if (!answer) return complain(kExitFailed, where + ": " + answer.error().detail);
    auto table = status_table(answer.value());
    if (!table) return complain(kExitFailed, where + ": " + table.error().detail);
    std::fputs((options.json ? answer.value() : table.value()).c_str(), stdout);
    return kExitOk;
}

}  // namespace weir::cli
