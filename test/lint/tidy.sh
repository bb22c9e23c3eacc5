#!/usr/bin/env bash
# clang-tidy with the checks of .clang-tidy over weir's own sources. Part of `make check-full` and `make tidy`.
set -euo pipefail
source "$(dirname "$0")/sources.sh"

[[ -f build/clang/compile_commands.json ]] || cmake --preset clang >/dev/null
cxx_files core protocols cli | grep '\.cpp$' | xargs -r -n 1 -P "$(nproc)" clang-tidy -p build/clang --quiet
