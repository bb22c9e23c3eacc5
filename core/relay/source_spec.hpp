// A channel's sources, as its configuration lists them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/media/feed.hpp"
#include "weir/config.hpp"

namespace weir {

class Protocol;

struct SourceSpec {
    enum class Kind {
        push,  // "push:", "push:NAME"  an encoder connects to weir
        pull,  // "http://..." etc.     weir connects to a server or an encoder
        file,  // "file:PATH"           a recording, played over and over
        test,  // "test:"               weir's own test signal
    };
    Kind kind = Kind::push;
    std::size_t rank = 0;                  // its place in the list
    Feed::Role role = Feed::Role::source;  // file: and test: behind a live source are fill
    std::string text;                      // as configured: may hold credentials, not for people
    std::string shown;                     // the same without them
    const Protocol* protocol = nullptr;    // of a pull
    std::string slot;                      // of a push: NAME, empty for "push:"
    bool standby = false;                  // of a pull: connected even while a better one is on air

    bool is_live() const noexcept { return kind == Kind::push || kind == Kind::pull; }
};

// NAME of "push:NAME": so many name characters (core/base/text.hpp).
inline constexpr std::size_t kMaxSlotName = 64;

// One entry; rank and role are left. Error: what is wrong, what would be right. `protocols`: which may pull.
Result<SourceSpec> parse_source(const SourceConfig& source, std::span<const Protocol* const> protocols);

// The whole list. Error: an entry that is no source, or stands twice.
Result<std::vector<SourceSpec>> parse_sources(std::span<const SourceConfig> sources,
                                              std::span<const Protocol* const> protocols);

}  // namespace weir
