#include "core/base/peer.hpp"

namespace weir {

std::string_view to_string(CloseReason reason) noexcept {
    switch (reason) {
        case CloseReason::finished:
            return "finished";
        case CloseReason::peer_closed:
            return "peer closed";
        case CloseReason::protocol_error:
            return "protocol error";
        case CloseReason::refused:
            return "refused";
        case CloseReason::timed_out:
            return "timed out";
        case CloseReason::too_slow:
            return "too slow";
        case CloseReason::replaced:
            return "replaced";
        case CloseReason::shutdown:
            return "shutdown";
        case CloseReason::failed:
            return "failed";
    }
    return "unknown";
}

}  // namespace weir
