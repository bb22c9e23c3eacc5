#include "protocols/http/response.hpp"

#include <utility>

namespace weir::http {

namespace {

// Nothing that comes from configuration or a peer may end a line: RFC 9110 §5.5.
void append_clean(std::string& out, std::string_view text) {
    for (char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte >= 0x20 && byte != 0x7F) || c == '\t') out += c;
    }
}

void append_headers(std::string& out, std::span<const HeaderView> headers) {
    for (const HeaderView& header : headers) {
        append_clean(out, header.name);
        out += ": ";
        append_clean(out, header.value);
        out += "\r\n";
    }
    out += "\r\n";
}

std::string_view to_text(Version version) noexcept {
    return version == Version::http_1_0 ? "HTTP/1.0" : "HTTP/1.1";
}

}  // namespace

std::string_view reason_phrase(int status) noexcept {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 305:
            return "Use Proxy";
        case 307:
            return "Temporary Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 407:
            return "Proxy Authentication Required";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 411:
            return "Length Required";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        case 508:
            return "Loop Detected";
        default:
            return "Unknown";
    }
}

std::string format_response_head(Version version, int status, std::span<const HeaderView> headers) {
    std::string out{to_text(version)};
    out += ' ';
    out += std::to_string(status);
    out += ' ';
    out += reason_phrase(status);
    out += "\r\n";
    append_headers(out, headers);
    return out;
}

std::string format_response_head(Version version, int status, std::initializer_list<HeaderView> headers) {
    return format_response_head(version, status,
                                std::span<const HeaderView>{headers.begin(), headers.size()});
}

std::string format_request_head(Version version, std::string_view method, std::string_view target,
                                std::span<const HeaderView> headers) {
    std::string out;
    append_clean(out, method);
    out += ' ';
    append_clean(out, target);
    out += ' ';
    out += to_text(version);
    out += "\r\n";
    append_headers(out, headers);
    return out;
}

}  // namespace weir::http
