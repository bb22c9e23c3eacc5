#include "protocols/wmsp/request.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "protocols/wmsp/pragma.hpp"

namespace weir::wmsp {

namespace {

constexpr std::size_t kMaxGuid = 64;

int version_part(std::string_view text) noexcept {
    return static_cast<int>(std::min<std::uint32_t>(leading_u32(text).value_or(0), 999));
}

bool is_decimal_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

// One to four hexadecimal digits and nothing else ([MS-WMSP] 2.2.1.4).
std::optional<std::uint16_t> parse_hex(std::string_view text) noexcept {
    if (text.empty() || text.size() > 4) return std::nullopt;
    unsigned value = 0;
    for (char c : text) {
        if (is_decimal_digit(c))
            value = value * 16 + static_cast<unsigned>(c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value * 16 + static_cast<unsigned>(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            value = value * 16 + static_cast<unsigned>(c - 'A' + 10);
        else
            return std::nullopt;
    }
    return static_cast<std::uint16_t>(value);
}

// "S:D:L". Text glued to the level is not looked at: ffmpeg forgets the CR LF after its last Pragma line.
std::optional<StreamSwitch> parse_switch(std::string_view item) noexcept {
    const auto first = item.find(':');
    if (first == std::string_view::npos) return std::nullopt;
    const auto second = item.find(':', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const auto from = parse_hex(item.substr(0, first));
    const auto to = parse_hex(item.substr(first + 1, second - first - 1));
    const auto level = leading_u32(item.substr(second + 1));
    if (!from || !to || !level || *level > 2) return std::nullopt;
    return StreamSwitch{.from = *from, .to = *to, .level = static_cast<StreamSwitch::Level>(*level)};
}

void add_switches(std::vector<StreamSwitch>& switches, std::string_view value) {
    while (switches.size() < Request::kMaxSwitches) {
        value = trim(value);
        if (value.empty()) return;
        const auto end = std::min(value.find_first_of(" \t"), value.size());
        if (const auto item = parse_switch(value.substr(0, end))) switches.push_back(*item);
        value.remove_prefix(end);
    }
}

// The tokens that the classification needs and the Request does not show.
struct Flags {
    bool has_entry = false;
    bool has_log = false;
    bool pipeline = false;
    bool next_entry = false;
    bool stop = false;
    bool keep_alive = false;
};

// The first of several equal tokens counts; a number that is none is as good as absent.
void take_number(std::optional<std::uint32_t>& number, std::string_view value) noexcept {
    if (!number) number = leading_u32(value);
}

void read_token(const PragmaToken& token, Request& request, Flags& flags) {
    const auto is = [&](std::string_view name) { return equal_ignoring_case(token.name, name); };
    const auto is_one = [&] { return leading_u32(token.value) == std::uint32_t{1}; };
    if (is("xPlayStrm"))
        request.play |= is_one();
    else if (is("client-id")) {
        if (request.client_id || request.client_id_bad) return;
        request.client_id = leading_u32(token.value);
        request.client_id_bad = !request.client_id;
    } else if (is("request-context"))
        take_number(request.request_context, token.value);
    else if (is("stream-time"))
        take_number(request.stream_time, token.value);
    else if (is("packet-num"))
        take_number(request.packet_num, token.value);
    // The specification spells these both ways, in its grammar and in its examples.
    else if (is("stream-switch-count") || is("switch-stream-count")) {
        take_number(request.stream_switch_count, token.value);
    } else if (is("stream-switch-entry") || is("switch-stream-entry")) {
        flags.has_entry = true;
        add_switches(request.switches, token.value);
    } else if (is("xClientGUID")) {
        if (request.client_guid.empty()) request.client_guid = printable(token.value, kMaxGuid);
    } else if (is("version11-enabled"))
        request.version11 |= is_one();
    else if (is("pipeline-experiment"))
        request.pipeline_experiment |= is_one();
    else if (is("packet-pair-experiment"))
        request.packet_pair_experiment |= is_one();
    else if (is("pipeline-request"))
        flags.pipeline |= is_one();
    else if (is("xPlayNextEntry"))
        flags.next_entry |= is_one();
    else if (is("xStopStrm"))
        flags.stop |= is_one();
    else if (is("xKeepAliveInPause"))
        flags.keep_alive |= is_one();
    else if (is("log-line")) {
        flags.has_log = true;
        if (request.log_line.empty()) request.log_line = std::string(token.value);
    }
}

// The order is that of [MS-WMSP] 2.2.2.1 to 2.2.2.10: the first condition that holds decides.
Request::Kind kind_of_get(const Request& request, const Flags& flags) noexcept {
    if (flags.pipeline) return Request::Kind::pipeline;
    if (flags.next_entry) return Request::Kind::play_next_entry;
    if (request.play) return Request::Kind::play;
    if (flags.has_entry) return Request::Kind::select_stream;
    return Request::Kind::describe;
}

Request::Kind kind_of_post(const http::Request& http, const Flags& flags) noexcept {
    const auto header = http.header("Content-Type").value_or("");
    const auto type = trim(header.substr(0, header.find(';')));
    const auto is = [&](std::string_view name) { return equal_ignoring_case(type, name); };
    if (is("application/x-wms-getcontentinfo")) return Request::Kind::get_content_info;
    if (is("application/x-wms-sendevent")) return Request::Kind::send_event;
    if (is("application/x-wms-logstats") || flags.has_log) return Request::Kind::log;
    if (!http.has_empty_body()) return Request::Kind::unknown;
    if (flags.keep_alive) return Request::Kind::keep_alive;
    if (flags.stop) return Request::Kind::stop;
    if (flags.has_entry) return Request::Kind::select_stream;
    return Request::Kind::unknown;
}

}  // namespace

UserAgent parse_user_agent(std::string_view text) noexcept {
    struct Token {
        std::string_view name;
        UserAgent::Kind kind;
    };
    static constexpr Token kTokens[] = {{"NSPlayer", UserAgent::Kind::player},
                                        {"NSServer", UserAgent::Kind::server},
                                        {"WMCacheProxy", UserAgent::Kind::cache_proxy}};
    text = trim(text);
    for (const Token& token : kTokens) {
        if (!starts_with_ignoring_case(text, token.name)) continue;
        UserAgent agent{.kind = token.kind};
        agent.weir = text.find(" weir/") != std::string_view::npos;
        agent.free = text == "NSPlayer/4.1.0.3856" || text == "NSPlayer/7.10.0.3059";
        text.remove_prefix(token.name.size());
        // "/" by the grammar, a blank in captures of WMS 4.1.
        if (text.empty() || (text.front() != '/' && text.front() != ' ')) return agent;
        text.remove_prefix(1);
        agent.major = version_part(text);
        const auto dot = text.find_first_not_of("0123456789");
        if (dot != std::string_view::npos && text[dot] == '.')
            agent.minor = version_part(text.substr(dot + 1));
        return agent;
    }
    return {};
}

bool is_wmsp(const http::Request& request) noexcept {
    return parse_user_agent(request.header("User-Agent").value_or("")).kind != UserAgent::Kind::none;
}

Request classify(const http::Request& http) {
    Request request;
    Flags flags;
    request.agent = parse_user_agent(http.header("User-Agent").value_or(""));
    http.for_each("Pragma", [&](std::string_view line) {
        for_each_token(line, [&](const PragmaToken& token) { read_token(token, request, flags); });
    });
    // The count may stand before or behind the entries, so they are cut here. A count of 0 takes all of them
    // away.
    if (const auto count = request.stream_switch_count; count && *count < request.switches.size())
        request.switches.resize(*count);
    request.keep_alive = http.keep_alive && http::has_list_token(http.headers, "Connection", "keep-alive");

    switch (http.method) {
        case http::Method::options:
            request.by_options = http.path == "*";
            if (request.by_options) request.kind = Request::Kind::keep_alive;
            break;
        case http::Method::get:
            request.kind = kind_of_get(request, flags);
            break;
        case http::Method::post:
            request.kind = kind_of_post(http, flags);
            break;
        case http::Method::head:
        case http::Method::put:
        case http::Method::other:
            break;
    }
    return request;
}

bool Request::needs_context() const noexcept {
    switch (kind) {
        case Kind::play_next_entry:
        case Kind::pipeline:
        case Kind::select_stream:
        case Kind::log:
        case Kind::stop:
            return true;
        case Kind::keep_alive:
            return !by_options;
        case Kind::describe:
        case Kind::play:
        case Kind::get_content_info:
        case Kind::send_event:
        case Kind::unknown:
            return false;
    }
    return false;
}

std::string_view to_string(Request::Kind kind) noexcept {
    switch (kind) {
        case Request::Kind::describe:
            return "describe";
        case Request::Kind::play:
            return "play";
        case Request::Kind::pipeline:
            return "pipeline";
        case Request::Kind::play_next_entry:
            return "play next entry";
        case Request::Kind::select_stream:
            return "select stream";
        case Request::Kind::log:
            return "log";
        case Request::Kind::keep_alive:
            return "keep alive";
        case Request::Kind::stop:
            return "stop";
        case Request::Kind::get_content_info:
            return "get content info";
        case Request::Kind::send_event:
            return "send event";
        case Request::Kind::unknown:
            return "unknown";
    }
    return "unknown";
}

}  // namespace weir::wmsp
