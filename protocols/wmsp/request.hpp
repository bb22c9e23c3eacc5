// What a WMSP client asks for, read from an HTTP request ([MS-WMSP] 2.2.2.1 to 2.2.2.10). Pure. Lenient where
// real players need it, never trusting a number that came from outside: nothing here is sized by one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/request.hpp"

namespace weir::wmsp {

struct UserAgent {
    enum class Kind { none, player, server, cache_proxy };
    Kind kind = Kind::none;
    int major = 0;
    int minor = 0;
    // Says exactly what ffmpeg, libmms, MPlayer and VLC say; those need other treatment than Windows Media
    // Player.
    bool free = false;
    // Another weir, which knows fillers: it says so behind the agent of the protocol.
    bool weir = false;
};
UserAgent parse_user_agent(std::string_view text) noexcept;

// Whether User-Agent begins with NSPlayer, NSServer or WMCacheProxy: others get plain HTTP at the same URL.
bool is_wmsp(const http::Request& request) noexcept;

struct StreamSwitch {
    static constexpr std::uint16_t kNone = 0xFFFF;
    enum class Level : std::uint8_t { full = 0, key_frames = 1, off = 2 };
    std::uint16_t from = kNone;  // read as hexadecimal
    std::uint16_t to = 0;
    Level level = Level::full;

    bool operator==(const StreamSwitch&) const = default;
};

struct SelectedStream {
    std::uint16_t number = 0;
    StreamSwitch::Level level = StreamSwitch::Level::full;

    bool operator==(const SelectedStream&) const = default;
};

// What the client wants of each of `streams`, in their order: full for all where nothing was asked, else off
// for those it does not name. Free clients write stream numbers in decimal: 10 is stream 16, or stream 10
// where there is no 16.
std::vector<SelectedStream> resolve_selection(std::span<const StreamSwitch> switches,
                                              std::span<const std::uint16_t> streams);

struct Request {
    enum class Kind {
        describe,
        play,
        pipeline,
        play_next_entry,
        select_stream,
        log,
        keep_alive,
        stop,
        get_content_info,
        send_event,
        unknown,  // 400, or 405 for a method that WMSP does not have
    };
    static constexpr std::size_t kMaxSwitches = 127;

    Kind kind = Kind::unknown;
    UserAgent agent;
    std::optional<std::uint32_t> client_id;
    bool client_id_bad = false;  // there was one, and it was no number of 32 bits: 400
    std::optional<std::uint32_t> request_context;
    std::optional<std::uint32_t> stream_time;  // milliseconds
    std::optional<std::uint32_t> packet_num;
    std::optional<std::uint32_t> stream_switch_count;  // as said; never a size of anything
    std::vector<StreamSwitch> switches;                // at most kMaxSwitches, cut to the count
    bool play = false;                                 // xPlayStrm=1
    bool version11 = false;                            // version11-enabled=1: chunked is allowed
    bool pipeline_experiment = false;
    bool packet_pair_experiment = false;
    bool keep_alive = false;  // the client said Connection: Keep-Alive and lets us keep it open
    std::string client_guid;  // printable, not checked: VLC's is malformed
    std::string log_line;     // of the Pragma log-line, see log_record.hpp

    bool by_options = false;  // a keep_alive that came as "OPTIONS *", which belongs to no context

    bool needs_context() const noexcept;  // an unknown or missing client-id is an error ([MS-WMSP] 3.2.5.1)
};
std::string_view to_string(Request::Kind kind) noexcept;

Request classify(const http::Request& request);

}  // namespace weir::wmsp
