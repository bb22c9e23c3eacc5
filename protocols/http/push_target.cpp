#include "protocols/http/push_target.hpp"

#include <string>

#include "core/base/text.hpp"
#include "protocols/http/request.hpp"

namespace weir::http {

namespace {

constexpr std::string_view kParameter = "source";

// "/news, /news?source=main or /news?source=backup"; empty where the channel takes no push.
std::string targets(Host& host, const Channel& channel) {
    std::string out;
    std::string last;
    for (const SourceStatus& source : host.sources(channel)) {
        if (!source.slot) continue;
        if (!last.empty()) out += (out.empty() ? "" : ", ") + last;
        last = "/" + channel.name();
        if (!source.slot->empty()) last += "?source=" + *source.slot;
    }
    return out.empty() ? last : out + " or " + last;
}

}  // namespace

Result<const SourceSpec*> find_push_slot(Host& host, const Channel& channel, std::string_view query) {
    // A broken escape names no slot, least of all "push:".
    const auto item = query_item(query, kParameter);
    const std::string name = item ? decode_query(*item).value_or(std::string(*item)) : std::string{};
    if (const SourceSpec* slot = host.push_slot(channel, name)) return slot;
    const std::string there = targets(host, channel);
    if (there.empty())
        return Error{Errc::refused,
                     "channel " + channel.name() + " takes no push: its sources list no \"push:\""};
    const std::string what = name.empty() ? " takes no push without a slot's name, push to "
                                          : " has no push slot \"" + printable(name, 64) + "\", push to ";
    return Error{Errc::not_found, "channel " + channel.name() + what + there};
}

}  // namespace weir::http
