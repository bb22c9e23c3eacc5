// What the requests of Windows Media push say ([MS-WMHTTP] 2.2.1, 2.2.2). Pure. Real encoders' lapses are
// taken, nothing is sized by what comes from outside.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "protocols/http/request.hpp"

namespace weir::wmpush {

inline constexpr std::string_view kSetupType = "application/x-wms-pushsetup";
inline constexpr std::string_view kStartType = "application/x-wms-pushstart";

enum class Kind { none, setup, start };
// By the Content-Type alone; none for anything but a POST of one of the two.
Kind kind_of(const http::Request& request) noexcept;

inline constexpr std::size_t kMaxCookie = 4 * 1024;
inline constexpr std::size_t kMaxPushId = 255;
// The push-id among the request's cookies; empty for none and for "0", which begin a new push.
Result<std::string> push_id_of(const http::Request& request);

// "WMEncoder/9.0.0.3287": an encoder's.
bool is_encoder(std::string_view user_agent) noexcept;

// The channel's name in "/name", "//name" (an encoder without publishing point writes "//") and "/name.asf";
// `with_suffix` is what came, `name` the same without ".asf". `query`: what follows a '?' in the path, which
// an encoder may have escaped, as its operator typed it into the field for the publishing point.
struct PathNames {
    std::string_view with_suffix;
    std::string_view name;
    std::string_view query;
};
PathNames names_in(std::string_view path) noexcept;

// The body of a PushSetup.
inline constexpr std::size_t kMaxDirectives = 4 * 1024;
struct Directives {
    std::optional<std::string> template_url;  // a path, decoded
    bool auto_destroy = false;
};
Result<Directives> parse_directives(std::string_view body);

}  // namespace weir::wmpush
