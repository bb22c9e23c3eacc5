#include "protocols/msbd/url.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "protocols/msbd/wire.hpp"

namespace weir::msbd {

namespace {

constexpr std::string_view kScheme = "msbd://";

Error bad(std::string_view text, std::string_view what) {
    return Error{Errc::bad_input, '"' + printable(text, 80) + "\": " + std::string(what) +
                                      ", expected msbd://host[:port]/[channel]"};
}

bool has_port(std::string_view authority) noexcept {
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.rfind(':');
    return colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
}

}  // namespace

std::string Url::text() const {
    std::string out{kScheme};
    out += to_string(address);
    return out + '/' + channel;
}

Result<Url> parse_url(std::string_view text) {
    if (!starts_with_ignoring_case(text, kScheme)) return bad(text, "no msbd:// at its beginning");
    const std::string_view rest = text.substr(kScheme.size());
    const std::string_view authority = rest.substr(0, rest.find('/'));
    std::string_view channel = rest.substr(authority.size());
    if (!channel.empty()) channel.remove_prefix(1);
    if (authority.find('@') != std::string_view::npos)
        return Error{Errc::bad_input, "MSBD knows no users and passwords, leave out what stands before '@'"};
    if (!std::all_of(channel.begin(), channel.end(), is_name_character))
        return bad(text, "a channel's name has letters, digits, '-', '_' and '.' only");
    auto address =
        parse_address(has_port(authority) ? std::string(authority)
                                          : std::string(authority) + ':' + std::to_string(kDefaultPort));
    if (!address) return address.error();
    if (address.value().port == 0) return bad(text, "port 0");
    return Url{.address = std::move(address).value(), .channel = std::string(channel)};
}

}  // namespace weir::msbd
