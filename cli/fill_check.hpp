// What can be told of a channel's recordings before weir runs: whether they are streams, and whether clients
// of the one may go on with the other. Reads files, and blocks while the disk does: for the command line
// only.
#pragma once

#include <string>
#include <vector>

#include "cli/config_toml.hpp"
#include "weir/config.hpp"

namespace weir::cli {

struct FillReport {
    std::vector<ConfigProblem> warnings;  // a "file:" that is no stream, or does not fit the others
    std::vector<ConfigProblem> notes;     // what each "file:" is
};

// Reads the headers of all "file:" entries and compares those of a channel with each other, and with that of
// "test:" where it stands beside them. `config` is one without problems.
FillReport check_fill(const Config& config, const SourceOrigins& origins);

}  // namespace weir::cli
