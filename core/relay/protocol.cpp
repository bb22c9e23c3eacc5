#include "core/relay/protocol.hpp"

#include "core/base/text.hpp"

namespace weir {

const Protocol* find_puller(std::span<const Protocol* const> protocols, std::string_view url) noexcept {
    const auto colon = url.find("://");
    if (colon == std::string_view::npos) return nullptr;
    for (const Protocol* protocol : protocols) {
        for (const std::string_view scheme : protocol->pull_schemes()) {
            if (equal_ignoring_case(url.substr(0, colon), scheme)) return protocol;
        }
    }
    return nullptr;
}

}  // namespace weir
