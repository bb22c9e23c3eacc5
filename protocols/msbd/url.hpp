// msbd://host[:port]/[channel]. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/base/address.hpp"
#include "core/base/result.hpp"

namespace weir::msbd {

struct Url {
    Address address;
    std::string channel;  // empty: the server's own, which a peer of the 4.x era asks for as "NetShow"

    std::string text() const;  // as it may be shown to anybody
};

// Error: what is wrong, what would be right.
Result<Url> parse_url(std::string_view text);

}  // namespace weir::msbd
