// Short answers as they go on the wire.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/header.hpp"
#include "protocols/http/request.hpp"

namespace weir::http {

// What weir calls itself in Server headers of plain HTTP.
std::string_view server_header();

// A text answer; `body` is left out for HEAD, its length is told all the same. Connection says what `request`
// and the answer allow.
struct Reply {
    int status = 200;
    std::string_view content_type = "text/plain; charset=utf-8";
    std::string body;
    std::vector<HeaderView> more = {};  // values that outlive the call
    bool close = false;
    // Pages of other origins may read it: what a channel sends is public.
    bool cross_origin = true;
};
std::string format(const Request& request, const Reply& reply);
// The same for bytes that were no request.
std::string format_error(int status, std::string_view sentence);

}  // namespace weir::http
