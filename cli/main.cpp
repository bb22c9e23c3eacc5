#include <cstdio>
#include <variant>

#include "cli/check.hpp"
#include "cli/get.hpp"
#include "cli/options.hpp"
#include "cli/probe.hpp"
#include "cli/push.hpp"
#include "cli/run.hpp"
#include "cli/slate.hpp"
#include "cli/status.hpp"
#include "cli/version.hpp"

namespace {

using namespace weir::cli;

struct Dispatch {
    int operator()(const RunOptions& options) const { return run_command(options); }
    int operator()(const CheckOptions& options) const { return check_command(options); }
    int operator()(const GetOptions& options) const { return get_command(options); }
    int operator()(const ProbeOptions& options) const { return probe_command(options); }
    int operator()(const PushOptions& options) const { return push_command(options); }
    int operator()(const SlateOptions& options) const { return slate_command(options); }
    int operator()(const StatusOptions& options) const { return status_command(options); }
    int operator()(const VersionOptions& options) const { return version_command(options); }
};

}  // namespace

int main(int argc, char** argv) {
    const auto parsed = parse_options(argc, argv);
    if (const auto* exit = std::get_if<Exit>(&parsed)) {
        std::fputs(exit->out.c_str(), stdout);
        std::fputs(exit->err.c_str(), stderr);
        return exit->code;
    }
    return std::visit(Dispatch{}, std::get<Options>(parsed));
}
