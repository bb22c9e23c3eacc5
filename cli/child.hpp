// A program that runs until it ends, or until whoever runs weir wants an end. Blocks: for the command line
// only.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace weir::cli {

struct ChildEnd {
    int exit_code = 0;         // -1: a signal ended it
    bool interrupted = false;  // SIGINT or SIGTERM came here meanwhile, and was handed on to it
};

enum class ChildOutput { shown, dropped };

// words: the program, sought along PATH where it has no slash, and its arguments; no shell sees them. Its
// standard input is empty; its output is ours, or goes nowhere. Error: not_found where there is no such
// program. Not from two threads at once.
Result<ChildEnd> run_child(const std::vector<std::string>& words, ChildOutput output);

}  // namespace weir::cli
