#include "cli/get_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/units.hpp"
#include "core/base/text.hpp"
#include "protocols/http/url.hpp"
#include "protocols/msbd/url.hpp"

namespace weir::cli {

namespace {

using Failure = Follower::Failure;
using Why = Follower::Action::Why;

// The Follower's clock decides; the pull's own is for what it does in one go after its first answer.
constexpr Duration kBackstop{1000};

Errc code_of(Failure failure) {
    switch (failure) {
        case Failure::timed_out:
            return Errc::timed_out;
        case Failure::try_another:
            return Errc::refused;
        default:
            return Errc::unreachable;
    }
}

Result<Address> endpoint_of(const std::string& url) {
    if (starts_with_ignoring_case(url, "msbd://")) {
        auto parsed = msbd::parse_url(url);
        return parsed ? Result<Address>{std::move(parsed).value().address} : parsed.error();
    }
    const auto parsed = http::parse_url(url);
    return parsed ? parse_address(parsed.value().authority()) : parsed.error();
}

}  // namespace

Result<GetList> make_get_list(const std::vector<std::string>& urls,
                              std::span<const Protocol* const> protocols) {
    GetList list;
    std::vector<Address> endpoints;
    for (const std::string& url : urls) {
        const Protocol* protocol = find_puller(protocols, url);
        auto shown = protocol ? protocol->check_pull(url)
                              : Result<std::string>{Error{Errc::bad_input, "not a URL that weir gets"}};
        if (!shown) return shown.error();
        auto endpoint = endpoint_of(url);
        if (!endpoint) return endpoint.error();
        endpoints.push_back(endpoint.value());
        const auto distinct = Follower::distinct(endpoints);
        if (distinct.size() < endpoints.size()) {
            endpoints.pop_back();
            list.notes.push_back(distinct.size() == Follower::kMaxEndpoints
                                     ? fmt::format("{} is left out: a list has {} servers at most",
                                                   shown.value(), Follower::kMaxEndpoints)
                                     : fmt::format("{} is left out: {} is in the list already", shown.value(),
                                                   to_string(endpoint.value())));
            continue;
        }
        list.sources.push_back({url, std::move(shown).value(), protocol, std::move(endpoint).value()});
    }
    return list;
}

ListPull::ListPull(Outbound& outbound, std::vector<GetSource> sources, Duration timeout, Listener& listener)
    : outbound_(outbound),
      sources_(std::move(sources)),
      listener_(listener),
      wait_(outbound.timers(), Callback<void()>::of<&ListPull::on_wait>(this)),
      silence_(outbound.timers(), Callback<void()>::of<&ListPull::on_silence>(this)),
      turn_(outbound.timers(), Callback<void()>::of<&ListPull::on_turn>(this)) {
    std::vector<Address> endpoints;
    for (const GetSource& source : sources_) endpoints.push_back(source.endpoint);
    follower_.list(endpoints, timeout, now());
}

void ListPull::ask() {
    const auto start =
        std::exchange(fell_silent_, false) ? Follower::Start::after_last : Follower::Start::by_rule;
    obey(follower_.request(now(), Follower::Repeat::always, start));
}

const GetSource* ListPull::source_at(const Address& endpoint) const {
    const auto found = std::find_if(sources_.begin(), sources_.end(), [&](const GetSource& source) {
        return Follower::is_same(source.endpoint, endpoint);
    });
    return found == sources_.end() ? nullptr : &*found;
}

void ListPull::obey(const Follower::Actions& actions) {
    using Kind = Follower::Action::Kind;
    for (const auto& action : actions) {
        switch (action.kind) {
            case Kind::open: {
                const std::string timeout = format_duration(follower_.timeout());
                source_ = source_at(action.endpoint);
                connection_ = action.connection;
                opens_ = true;
                const std::string why =
                    action.why == Why::last   ? "it answered last, and no longer than " + timeout + " ago"
                    : action.why == Why::back ? "back to the first of the list, after more than " + timeout
                    : action.why == Why::next ? "the next of the list"
                                              : "the first of the list";
                step(fmt::format("contact {} ({})", source().shown, why));
                break;
            }
            case Kind::close:
                phase_ = Phase::over;
                break;
            case Kind::report:
                if (why_) break;  // whoever reported it has said more
                for (const auto& [failure, told] : told_) {
                    if (failure != action.failure) continue;
                    const std::string tried =
                        size() > 1 ? fmt::format(" (the list of {} servers is exhausted)", size()) : "";
                    step(fmt::format("list exhausted: {}: {}", told.who, told.detail));
                    end(Error{code_of(failure), told.detail + tried});
                    who_ = told.who;
                }
                break;
            case Kind::send:
            case Kind::deliver:
                break;  // the pull does so by itself
        }
    }
    if (opens_ || why_) {
        phase_ = Phase::over;
        silence_.stop();
        turn_.start(Duration{0});
    }
    if (follower_.due() == TimePoint::max())
        wait_.stop();
    else
        wait_.start_at(follower_.due());
}

// The request is over; the listener hears of it next turn.
void ListPull::end(Result<> why) {
    who_ = source().shown;
    why_ = std::move(why);
}

void ListPull::on_turn() {
    pull_.reset();  // its connection closes before the next one is opened
    if (std::exchange(opens_, false)) begin();
    if (!why_) return;
    const Result<> why = *std::exchange(why_, std::nullopt);
    listener_.on_done(why);
}

void ListPull::begin() {
    phase_ = Phase::connecting;
    who_ = source().shown;
    pull_ = source().protocol->pull(outbound_, source().url,
                                    {.as = PullAs::player, .timeout = follower_.timeout() + kBackstop},
                                    static_cast<PullListener&>(*this));
}

void ListPull::on_wait() {
    if (!is_late()) wait_.start_at(follower_.due());
}

// The wait is over, whether or not its timer has fired; what comes now comes too late.
bool ListPull::is_late() {
    if (now() < follower_.due()) return false;
    const std::string timeout = format_duration(follower_.timeout());
    step(fmt::format("{}: waited longer than {}", source().shown, timeout));
    failed(Failure::timed_out, "no answer within " + timeout);
    obey(follower_.tick(now()));
    return true;
}

void ListPull::failed(Failure failure, std::string detail) {
    std::erase_if(told_, [failure](const auto& told) { return told.first == failure; });
    told_.emplace_back(failure, Told{source().shown, std::move(detail)});
}

// A pull that was answered makes another connection of its own (WMSP asks for the description, then for the
// stream): a request of its own, which begins with the one who answered last.
void ListPull::ask_again_here() {
    obey(follower_.complete(connection_, Follower::Connect::closed, now()));
    for (const auto& action : follower_.request(now())) connection_ = action.connection;
    step(fmt::format("contact {} (it answered last; for its stream)", source().shown));
    phase_ = Phase::connecting;
    silence_.stop();
}

void ListPull::on_connected() {
    if (phase_ == Phase::answered) ask_again_here();
    if (phase_ != Phase::connecting || is_late()) return;
    phase_ = Phase::waiting;
    obey(follower_.connected(connection_, now()));
}

void ListPull::on_answered(int status) {
    if (phase_ != Phase::waiting || is_late()) return;
    status_ = status;
    step(fmt::format("{}: answered {}", source().shown, status));
    if (status == Follower::kTryAnother) {
        failed(Failure::try_another, fmt::format("the server answered {}", status));
    } else {
        phase_ = Phase::answered;
        silence_.start(kSilenceLimit);
    }
    obey(follower_.header(connection_, status, now()));
}

Result<> ListPull::on_stream(StreamReader& reader, Bytes bytes) {
    if (phase_ != Phase::answered && phase_ != Phase::streaming)
        return Error{Errc::closed, "the server was given up"};
    phase_ = Phase::streaming;
    silence_.start(kSilenceLimit);
    return listener_.on_stream(reader, bytes);
}

void ListPull::on_done(Result<> why) {
    if (phase_ == Phase::over) return;
    // Another connection of a pull that was answered, and it could not be made.
    if (phase_ == Phase::answered && status_ == 200 && !why && why.error().code == Errc::unreachable)
        ask_again_here();
    if (phase_ == Phase::connecting || phase_ == Phase::waiting) {
        if (is_late()) return;
        const std::string detail = why ? "no answer" : why.error().detail;
        step(fmt::format("{}: refused: {}", source().shown, detail));
        failed(Failure::refused, detail);
        return obey(follower_.refused(connection_, now()));
    }
    if (!why && phase_ == Phase::streaming)
        step(fmt::format("{}: the stream broke: {}", source().shown, why.error().detail));
    end(std::move(why));
    // Whether it came whole makes no difference to where the next request begins.
    obey(follower_.complete(connection_, Follower::Connect::closed, now()));
}

void ListPull::on_silence() {
    const std::string detail = fmt::format("nothing came for {} s", kSilenceLimit.count() / 1000);
    step(fmt::format("{}: {}", source().shown, detail));
    end(Error{Errc::timed_out, detail});
    fell_silent_ = true;
    obey(follower_.stalled(connection_, now()));
}

}  // namespace weir::cli
