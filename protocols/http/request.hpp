// A request's head, read. Made by RequestReader; owns its text. What comes from the network may hold any byte
// but NUL: print it with weir::printable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "protocols/http/header.hpp"

namespace weir::http {

enum class Method { get, head, post, put, options, other };

struct Request {
    Method method = Method::other;
    std::string method_name;  // "SOURCE" where method says other
    std::string target;       // as it came
    std::string path;   // percent-decoded, "/..." or "*"; of an absolute URI its path; empty for CONNECT
    std::string query;  // what follows '?', as it came
    int major = 1;
    int minor = 1;
    std::vector<Header> headers;
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    bool expects_continue = false;  // the client waits for "100 Continue" before it sends the body
    bool keep_alive = false;        // by version and Connection; never for a body that lasts until close

    // The first header of that name.
    std::optional<std::string_view> header(std::string_view name) const noexcept {
        return find_header(headers, name);
    }
    template <class F>
    void for_each(std::string_view name, F&& f) const {
        for_each_header(headers, name, std::forward<F>(f));
    }
    // The decoded value of `name` in the query: "" for a bare name, nothing where absent or broken.
    std::optional<std::string> query_value(std::string_view name) const;
    // Neither announces a body.
    bool has_empty_body() const noexcept { return !chunked && content_length.value_or(0) == 0; }
};

// The value of `name` in a query, as it came: "" for a bare name, nothing where absent. Of several the first.
std::optional<std::string_view> query_item(std::string_view query, std::string_view name);
// Nothing for a broken %-escape.
std::optional<std::string> decode_query(std::string_view item);

Method to_method(std::string_view name) noexcept;  // exact: methods are case-sensitive (RFC 9110 §9.1)

// Fills path and query from target; an Error says what is wrong with it.
Result<> split_target(Request& request);

}  // namespace weir::http
