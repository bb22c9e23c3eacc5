#include "cli/config_demand.hpp"

#include "core/relay/modules.hpp"
#include "core/relay/on_demand.hpp"
#include "weir/weir.hpp"

namespace weir::cli {

void report_demand(const ChannelConfig& channel, const Seen& seen, Place table, Problems& problems) {
    // What is wrong with these was told already.
    if (!seen.is_good("name") || !seen.is_good("sources")) return;
    const auto problem = check_demand(channel, builtin_modules().protocols);
    if (!problem) return;
    problems.report(seen.place_of(problem->key).value_or(table), "channel." + std::string(problem->key),
                    problem->what);
}

}  // namespace weir::cli
