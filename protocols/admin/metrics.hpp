// A Status as metrics in Prometheus' text format 0.0.4, the answer of /metrics. Names are promised, labels
// are bounded by the configuration: channel, protocol, rank, state. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "protocols/admin/status.hpp"

namespace weir::admin {

inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

std::string to_metrics(const Status& status);

// The metrics there are, in the order in which they are written; docs/operations.md lists them.
struct MetricInfo {
    std::string_view name;
    std::string_view type;    // "counter" or "gauge"
    std::string_view labels;  // "channel, protocol"
    std::string_view help;
};
std::span<const MetricInfo> known_metrics() noexcept;

}  // namespace weir::admin
