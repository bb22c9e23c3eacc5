#include "protocols/wmsp/log_record.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace weir::wmsp {

const std::array<std::string_view, LogRecord::kFieldCount> LogRecord::kNames = {
    "c-ip",
    "date",
    "time",
    "c-dns",
    "cs-uri-stem",
    "c-starttime",
    "x-duration",
    "c-rate",
    "c-status",
    "c-playerid",
    "c-playerversion",
    "c-playerlanguage",
    "cs(User-Agent)",
    "cs(Referer)",
    "c-hostexe",
    "c-hostexever",
    "c-os",
    "c-osversion",
    "c-cpu",
    "filelength",
    "filesize",
    "avgbandwidth",
    "protocol",
    "transport",
    "audiocodec",
    "videocodec",
    "c-channelURL",
    "sc-bytes",
    "c-bytes",
    "s-pkts-sent",
    "c-pkts-received",
    "c-pkts-lost-client",
    "c-pkts-lost-net",
    "c-pkts-lost-cont-net",
    "c-resendreqs",
    "c-pkts-recovered-ECC",
    "c-pkts-recovered-resent",
    "c-buffercount",
    "c-totalbuffertime",
    "c-quality",
    "s-ip",
    "s-dns",
    "s-totalclients",
    "s-cpu-util",
    "cs-url",
    "cs-media-name",
    "cs-media-role",
};

std::string_view LogRecord::field(std::string_view name) const noexcept {
    const auto at = std::find(kNames.begin(), kNames.end(), name);
    if (at == kNames.end()) return {};
    return values[static_cast<std::size_t>(at - kNames.begin())];
}

LogRecord parse_log_line(std::string_view line) {
    line = line.substr(0, LogRecord::kMaxSize);
    LogRecord record;
    while (record.count < LogRecord::kFieldCount) {
        const auto first = line.find_first_not_of(" \t\r\n");
        if (first == std::string_view::npos) break;
        line.remove_prefix(first);
        const auto end = std::min(line.find_first_of(" \t\r\n"), line.size());
        const auto value = line.substr(0, end);
        if (value != "-") record.values[record.count] = printable(value, LogRecord::kMaxField);
        ++record.count;
        line.remove_prefix(end);
    }
    return record;
}

LogRecord parse_log(std::string_view body) {
    static constexpr std::string_view kOpen = "<Summary>";
    body = body.substr(0, LogRecord::kMaxSize);
    const auto open = body.find(kOpen);
    if (open == std::string_view::npos) return {};
    body.remove_prefix(open + kOpen.size());
    return parse_log_line(body.substr(0, body.find('<')));
}

}  // namespace weir::wmsp
