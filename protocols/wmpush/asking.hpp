// What a pushing client says and reads in HTTP ([MS-WMHTTP] 3.1): its request heads, its cookies. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/http/response.hpp"
#include "protocols/http/url.hpp"
#include "protocols/wmpush/setup.hpp"

namespace weir::wmpush {

// A server takes no other program's push.
inline constexpr std::string_view kClientAgent = "WMEncoder/9.0.0.3287";

// The cookies a server gave, push-id among them.
class Cookies {
  public:
    static constexpr std::size_t kMaxCookies = 16;
    static constexpr std::size_t kMaxSize = 1024;  // of one

    // What `response` sets; broken ones and those over the limits are left out.
    void take(const http::Response& response);
    std::string push_id() const;  // "0" where there is none
    void set_push_id(std::string_view push_id);
    std::string header() const;  // the Cookie header's value

  private:
    std::map<std::string, std::string, std::less<>> values_;
};

// The head of a PushSetup or PushStart with `length` bytes of body.
std::string request_head(Kind kind, const http::Url& url, const Cookies& cookies, std::uint64_t length,
                         const std::optional<std::string>& authorization, const std::string& via = {});

// Whether the answer is one of a Windows Media server (or of what says so).
bool is_media_server(const http::Response& response) noexcept;

}  // namespace weir::wmpush
