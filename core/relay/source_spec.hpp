// A channel's sources, as its configuration lists them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/media/feed.hpp"

namespace weir {

struct SourceSpec {
    enum class Kind {
        push,  // "push:"  an encoder connects to weir
        test,  // "test:"  weir's own test signal
    };
    Kind kind = Kind::push;
    std::size_t rank = 0;                  // its place in the list
    Feed::Role role = Feed::Role::source;  // test: behind a live source is fill
    std::string text;
};

// Error: an entry that is none of these, or stands twice.
Result<std::vector<SourceSpec>> parse_sources(std::span<const std::string> sources);

}  // namespace weir
