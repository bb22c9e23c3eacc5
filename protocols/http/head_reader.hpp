// The first line and the headers of one message, requests and responses alike, from bytes cut anywhere. The
// only user of llhttp. What llhttp (Debian's is the loose mode) leaves open is checked here first, byte by
// byte, so that the answer never depends on how the bytes were cut: the limits, CR LF at every line's end, no
// NUL, no folded lines. Private to protocols/http: RequestReader and ResponseReader stand in front of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "protocols/http/header.hpp"

namespace weir::http {

class HeadReader {
  public:
    enum class Kind { request, response };
    enum class Event { need_more, complete, error };

    struct Head {
        std::string method;  // of a request
        std::string target;
        int status = 0;  // of a response
        std::string reason;
        int major = 1;
        int minor = 1;
        std::vector<Header> headers;
        std::optional<std::uint64_t> content_length;
        bool chunked = false;
        bool keep_alive = false;  // by version and Connection (RFC 9112 §9.3)
    };

    static constexpr std::size_t kMaxBlankLines = 4;  // before a head (RFC 9112 §2.2)

    HeadReader(Kind kind, const HeaderLimits& limits);
    ~HeadReader();
    HeadReader(const HeadReader&) = delete;
    HeadReader& operator=(const HeadReader&) = delete;

    Event next(Bytes& in);  // consumes the head and nothing behind it
    void reset();

    bool has_begun() const noexcept { return total_ > 0; }
    const HeaderLimits& limits() const noexcept { return limits_; }
    Head& head() noexcept { return head_; }
    int error_status() const noexcept { return error_status_; }
    std::string& error_detail() noexcept { return error_detail_; }

  private:
    struct Parser;

    bool skip_blank_lines(Bytes& in);
    bool check(std::uint8_t byte);
    bool feed(Bytes segment);
    bool on_line_end();
    bool on_first_line_end();
    bool on_blank_line();
    bool on_parser_error(Bytes segment);
    bool fail(int status, std::string detail);  // false

    Kind kind_;
    HeaderLimits limits_;
    std::unique_ptr<Parser> parser_;
    Head head_;
    std::string first_line_;
    std::size_t total_ = 0;        // bytes of the head so far
    std::size_t line_ = 0;         // bytes of the present line
    std::size_t lines_ = 0;        // lines that ended
    std::size_t blank_lines_ = 0;  // before the head
    bool after_cr_ = false;
    bool complete_ = false;
    int error_status_ = 0;
    std::string error_detail_;
};

}  // namespace weir::http
