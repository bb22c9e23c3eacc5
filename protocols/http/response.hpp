// Responses: heads to be sent, as text, and a pull-style reader of those that servers send us, the twin of
// RequestReader (wire.hpp). Owned by the connection, on its worker's thread; no I/O, no clock.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "protocols/http/header.hpp"
#include "protocols/http/message_reader.hpp"

namespace weir::http {

std::string_view reason_phrase(int status) noexcept;  // "Unknown" for one weir does not use

enum class Version { http_1_0, http_1_1 };

// "HTTP/1.x STATUS REASON" and the headers in this order and spelling, each line with CR LF, then the blank
// line. Control characters in names and values are dropped, so no value can begin a line of its own.
std::string format_response_head(Version version, int status, std::span<const HeaderView> headers);
std::string format_response_head(Version version, int status, std::initializer_list<HeaderView> headers);
// "METHOD TARGET HTTP/1.x" in the same way.
std::string format_request_head(Version version, std::string_view method, std::string_view target,
                                std::span<const HeaderView> headers);

struct Response {
    int status = 0;
    std::string reason;
    int major = 1;
    int minor = 1;
    std::vector<Header> headers;
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    bool keep_alive = false;

    std::optional<std::string_view> header(std::string_view name) const noexcept {
        return find_header(headers, name);
    }
    template <class F>
    void for_each(std::string_view name, F&& f) const {
        for_each_header(headers, name, std::forward<F>(f));
    }
};

class ResponseReader final : public MessageReader {
  public:
    // What was asked decides whether a body follows (RFC 9112 §6.3).
    enum class Asked { get, head };
    // An interim answer (100) is a head and an end of its own: reset() and read on.
    explicit ResponseReader(Asked asked = Asked::get, const HeaderLimits& limits = {})
        : MessageReader(HeadReader::Kind::response, limits), asked_(asked) {}

    const Response& response() const noexcept { return response_; }
    const Error& error() const noexcept { return error_; }
    void reset(Asked asked = Asked::get);

  private:
    Result<Framed> on_head(HeadReader::Head& head) override;
    void on_error(int status, std::string detail) override;

    Response response_;
    Error error_;
    Asked asked_;
};

}  // namespace weir::http
