#!/usr/bin/env bash
# What a reader should never meet: endless files, a TODO that nobody tracks, a path of somebody's machine.
set -euo pipefail
source "$(dirname "$0")/sources.sh"

limit=500
found=0

while IFS= read -r file; do
    lines=$(wc -l <"$file")
    ((lines <= limit)) || { echo "$file: $lines lines, split at $limit" && found=1; }
done < <(all_files | grep -E '^(core|protocols|cli|include)/')

# search PATTERN COMPLAINT: text files that hold the pattern (PCRE).
search() {
    local hits
    hits=$(all_files | grep -v '^test/lint/' | tr '\n' '\0' | xargs -0 -r grep -HnIP "$1" || true)
    [[ -z $hits ]] || { echo "$hits" | sed "s|\$|   <- $2|" && found=1; }
}
search '\b(TODO|FIXME|XXX)\b(?!\(#\d+\)| #\d+)' 'name the issue: TODO(#12)'
search '^(<{7}|>{7})( |$)' "what a merge left"
search '(?<![\w.])/(work|root|home/\w+|Users|mnt)/' "a path of somebody's machine"

exit $found
