// Answers to pushing encoders, head and body, as Windows Media Services 9 wrote them ([MS-WMHTTP] 2.2.2.1,
// 2.2.2.2): encoders compare the capitals of header names, and report failure where Server is not Cougar.
// Pure.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/request.hpp"

namespace weir::wmpush {

inline constexpr std::string_view kServer = "Cougar/9.01.01.3841";

struct ReplyContext {
    bool http_1_0 = false;
    bool keep_open = false;    // the connection is, after this
    std::string push_id = {};  // empty: none to tell
    std::time_t date = 0;
    std::vector<http::Header> more = {};
};
// Of an answer to `request`, dated now.
ReplyContext reply_to(const http::Request& request, std::string_view push_id = {});

// 204: permission after a PushSetup, a body taken after a PushStart.
std::string accepted(const ReplyContext& context);
// A refusal with its sentence as text. retry_after: seconds, 0 for none.
std::string refused(const ReplyContext& context, int status, std::string_view sentence, int retry_after = 0);

// "Mon, 01 Jan 2007 17:45:16 GMT", whatever the locale.
std::string http_date(std::time_t at);

}  // namespace weir::wmpush
