#!/usr/bin/env bash
# Spacing is .clang-format's business alone; `format.sh fix` rewrites instead of complaining.
set -euo pipefail
source "$(dirname "$0")/sources.sh"

if [[ ${1:-} == fix ]]; then
    cxx_files | xargs -r clang-format -i
else
    bad=$(cxx_files | xargs -r -n 1 -P "$(nproc)" sh -c 'clang-format --dry-run -Werror "$1" >/dev/null 2>&1 || echo "$1"' sh)
    [[ -z $bad ]] || { printf '%s: not as .clang-format wants it; run make format\n' $bad && exit 1; }
fi
