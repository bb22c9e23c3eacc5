// The heads of WMSP's answers in the 4.1 personality: what Windows Media Services 4.1 sent, which every
// player takes
// ([MS-WMSP] 3.1.5.5). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/media/stream_place.hpp"

namespace weir::wmsp {

inline constexpr std::string_view kServer = "Cougar/4.1.0.3930";
inline constexpr std::string_view kFeatures = "broadcast";

struct ReplyContext {
    std::optional<std::uint32_t> client_id;  // in every answer once there is one (3.2.5.2)
    bool reset_stream = false;               // xResetStrm=1: the client named an id that is unknown
    bool keep_alive = false;                 // the client asked for it and the connection stays open
    std::optional<Provenance> begins = {};   // to another weir: of the first packet
};

// 200 with the length of the $H that follows. Close after it unless keep_alive: libmms, xine and VLC wait for
// that.
std::string describe_reply(const ReplyContext& context, std::uint64_t content_length);
// 200 without a length: packets until the connection ends, never chunked, never kept alive.
std::string play_reply(const ReplyContext& context);

enum class EmptyStatus { ok = 200, no_content = 204 };
// Log, KeepAlive, Stop, SelectStream and the like: no body, Content-Length: 0.
std::string empty_reply(const ReplyContext& context, EmptyStatus status = EmptyStatus::no_content);
// A refusal with its sentence as text, head and body. Close after it.
std::string error_reply(int status, std::string_view sentence);

}  // namespace weir::wmsp
