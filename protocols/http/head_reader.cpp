#include "protocols/http/head_reader.hpp"

#include <fmt/format.h>
#include <llhttp.h>

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/text.hpp"

namespace weir::http {

namespace {

// tchar of RFC 9110 §5.6.2.
bool is_token_char(char c) noexcept {
    const bool is_alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return is_alnum || (c != '\0' && std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos);
}

// What methods are made of in practice; "$H" is a token by the grammar, but no method.
bool is_method_char(char c) noexcept {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

std::size_t count(const std::vector<Header>& headers, std::string_view name) {
    std::size_t n = 0;
    for_each_header(headers, name, [&](std::string_view) { ++n; });
    return n;
}

}  // namespace

struct HeadReader::Parser {
    Parser(Kind kind, HeadReader& reader) : owner(reader) {
        llhttp_settings_init(&settings);
        settings.on_url = [](llhttp_t* p, const char* at, size_t n) {
            return append(of(p).head_.target, at, n);
        };
        settings.on_status = [](llhttp_t* p, const char* at, size_t n) {
            return append(of(p).head_.reason, at, n);
        };
        settings.on_header_field = [](llhttp_t* p, const char* at, size_t n) {
            return append(self(p).name, at, n);
        };
        settings.on_header_value = [](llhttp_t* p, const char* at, size_t n) {
            return append(self(p).value, at, n);
        };
        settings.on_header_value_complete = [](llhttp_t* p) { return self(p).on_value(); };
        // The body is BodyReader's: llhttp is stopped here and begins anew with the next head.
        settings.on_headers_complete = [](llhttp_t* p) {
            of(p).complete_ = true;
            return static_cast<int>(HPE_PAUSED);
        };
        llhttp_init(&http, kind == Kind::request ? HTTP_REQUEST : HTTP_RESPONSE, &settings);
        http.data = this;
    }

    static Parser& self(llhttp_t* p) noexcept { return *static_cast<Parser*>(p->data); }
    static HeadReader& of(llhttp_t* p) noexcept { return self(p).owner; }
    static int append(std::string& text, const char* at, size_t n) {
        text.append(at, n);
        return 0;
    }
    int on_value() {
        owner.head_.headers.push_back({std::move(name), std::string(trim(value))});
        name.clear();
        value.clear();
        return 0;
    }

    HeadReader& owner;
    llhttp_settings_t settings;
    llhttp_t http;
    std::string name;
    std::string value;
};

HeadReader::HeadReader(Kind kind, const HeaderLimits& limits) : kind_(kind), limits_(limits) {
    reset();
}

HeadReader::~HeadReader() = default;

void HeadReader::reset() {
    parser_ = std::make_unique<Parser>(kind_, *this);
    head_ = {};
    first_line_.clear();
    total_ = line_ = lines_ = blank_lines_ = 0;
    after_cr_ = complete_ = false;
    error_status_ = 0;
    error_detail_.clear();
}

bool HeadReader::fail(int status, std::string detail) {
    error_status_ = status;
    error_detail_ = std::move(detail);
    return false;
}

// Line by line, and within a line always in this order: llhttp sees what stands before a byte refused here,
// then that byte is refused. So the first fault is the same however the bytes were cut.
HeadReader::Event HeadReader::next(Bytes& in) {
    if (error_status_ != 0) return Event::error;
    if (!has_begun() && !skip_blank_lines(in)) return Event::error;
    while (!in.empty()) {
        std::size_t n = 0;
        bool is_good = true;
        while (n < in.size() && (is_good = check(in[n]))) {
            if (in[n++] == '\n') break;
        }
        const Bytes segment = in.first(n);
        const bool is_line_end = n > 0 && segment.back() == '\n';
        in = in.subspan(n);
        // What check() refused stays noted, unless llhttp finds fault with an earlier byte.
        if (!feed(segment) || !is_good) return Event::error;
        if (is_line_end && !on_line_end()) return Event::error;
        if (complete_) return Event::complete;
    }
    return Event::need_more;
}

bool HeadReader::skip_blank_lines(Bytes& in) {
    while (!in.empty() && (in[0] == '\r' || in[0] == '\n' || after_cr_)) {
        if (after_cr_ != (in[0] == '\n')) return fail(400, "a bare CR or LF before the first line");
        after_cr_ = in[0] == '\r';
        if (!after_cr_ && ++blank_lines_ > kMaxBlankLines)
            return fail(400, fmt::format("more than {} blank lines before the first line", kMaxBlankLines));
        in = in.subspan(1);
    }
    return true;
}

// One more byte of the head: the limits, and what llhttp would let pass.
bool HeadReader::check(std::uint8_t byte) {
    if (total_ == limits_.total) return fail(431, fmt::format("a head of more than {} bytes", limits_.total));
    if (byte == 0) return fail(400, fmt::format("a NUL at byte {} of the head", total_));
    if (after_cr_ != (byte == '\n'))
        return fail(400, fmt::format("a bare {} at byte {} of the head; lines end with CR LF",
                                     after_cr_ ? "CR" : "LF", after_cr_ ? total_ - 1 : total_));
    if (byte != '\r' && byte != '\n') {
        if (line_ == limits_.line)
            return fail(431,
                        fmt::format("line {} of the head is longer than {} bytes", lines_ + 1, limits_.line));
        if (line_ == 0 && lines_ > limits_.count)
            return fail(431, fmt::format("more than {} header lines", limits_.count));
        if (line_ == 0 && lines_ > 0 && (byte == ' ' || byte == '\t'))
            return fail(400, fmt::format("line {} of the head continues the one before it", lines_ + 1));
        ++line_;
    }
    after_cr_ = byte == '\r';
    ++total_;
    return true;
}

bool HeadReader::feed(Bytes segment) {
    const auto text = as_text(segment);
    const auto result = llhttp_execute(&parser_->http, text.data(), text.size());
    if (result != HPE_OK && !(result == HPE_PAUSED && complete_)) return on_parser_error(segment);
    if (lines_ == 0) first_line_ += text;
    return true;
}

bool HeadReader::on_parser_error(Bytes segment) {
    const auto text = as_text(segment);
    const auto code = llhttp_get_errno(&parser_->http);
    if (code == HPE_INVALID_METHOD) {
        const char* at = llhttp_get_error_pos(&parser_->http);
        const bool is_inside = at >= text.data() && at < text.data() + text.size();
        first_line_ +=
            text.substr(0, is_inside ? static_cast<std::size_t>(at - text.data()) + 1 : text.size());
        if (std::all_of(first_line_.begin(), first_line_.end(), is_method_char))
            return fail(405,
                        fmt::format("no method known here begins with '{}'", printable(first_line_, 32)));
        return fail(400, fmt::format("not HTTP: byte {} is 0x{:02x}, in no method", first_line_.size() - 1,
                                     static_cast<unsigned char>(first_line_.back())));
    }
    const int status = code == HPE_INVALID_VERSION || code == HPE_PAUSED_H2_UPGRADE ? 505 : 400;
    const char* reason = llhttp_get_error_reason(&parser_->http);
    return fail(status,
                fmt::format("line {} of the head breaks HTTP: {}", lines_ + 1, reason ? reason : "unknown"));
}

bool HeadReader::on_line_end() {
    const bool is_blank = line_ == 0;
    ++lines_;
    line_ = 0;
    if (lines_ == 1) return on_first_line_end();
    if (is_blank) return on_blank_line();
    return !complete_ || fail(400, "the head ended where there was no blank line");
}

// llhttp speaks RTSP and ICE too, and takes a request without any version for HTTP/0.9.
bool HeadReader::on_first_line_end() {
    const llhttp_t& http = parser_->http;
    std::string_view line{first_line_};
    line.remove_suffix(2);
    if (kind_ == Kind::request) {
        const auto blank = line.rfind(' ');
        const auto protocol = line.substr(blank == std::string_view::npos ? line.size() : blank + 1);
        if (protocol.find('/') == std::string_view::npos || protocol.starts_with('/'))
            return fail(400, "the request line names no version; HTTP/1.0 or HTTP/1.1 should end it");
        if (!protocol.starts_with("HTTP/"))
            return fail(505, fmt::format("'{}' is not spoken here, only HTTP/1.0 and HTTP/1.1",
                                         printable(protocol, 32)));
        head_.method = std::string(line.substr(0, line.find(' ')));
    } else {
        head_.status = http.status_code;
        if (head_.status < 100 || head_.status > 599)
            return fail(400, fmt::format("status {} is none of HTTP's", head_.status));
    }
    head_.major = http.http_major;
    head_.minor = http.http_minor;
    if (head_.major != 1)
        return fail(505, fmt::format("HTTP/{}.{} is not spoken here, only HTTP/1.0 and HTTP/1.1", head_.major,
                                     head_.minor));
    return true;
}

// RFC 9112 §6.1 and §6.3: how long the body is must be said in one way only.
bool HeadReader::on_blank_line() {
    if (!complete_) return fail(400, "the head has a blank line that does not end it");
    // llhttp's loose mode takes blanks for a part of the name, and takes no name; RFC 9112 §5.1 wants both
    // refused.
    for (const Header& header : head_.headers) {
        if (header.name.empty() || !std::all_of(header.name.begin(), header.name.end(), is_token_char))
            return fail(400, fmt::format("'{}' is no header's name", printable(header.name, 64)));
    }
    const bool has_coding = count(head_.headers, "Transfer-Encoding") > 0;
    const std::size_t lengths = count(head_.headers, "Content-Length");
    if (has_coding && lengths > 0) return fail(400, "both Content-Length and Transfer-Encoding");
    if (lengths > 1) return fail(400, "more than one Content-Length");
    if (has_coding) {
        const auto coding = *find_header(head_.headers, "Transfer-Encoding");
        if (count(head_.headers, "Transfer-Encoding") > 1 || !equal_ignoring_case(coding, "chunked"))
            return fail(501, fmt::format("Transfer-Encoding '{}'; only one 'chunked' is understood",
                                         printable(coding)));
        head_.chunked = true;
    }
    if (lengths == 1) {
        const auto value = *find_header(head_.headers, "Content-Length");
        const bool is_number =
            !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
        if (!is_number) return fail(400, fmt::format("Content-Length '{}' is no number", printable(value)));
        head_.content_length = parser_->http.content_length;
    }
    // Chunks in HTTP/1.0 are read, but the connection does not outlive them (RFC 9112 §6.1).
    head_.keep_alive =
        !has_list_token(head_.headers, "Connection", "close") &&
        (head_.minor >= 1 || (!head_.chunked && has_list_token(head_.headers, "Connection", "keep-alive")));
    return true;
}

}  // namespace weir::http
