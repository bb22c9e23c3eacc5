# shellcheck shell=bash
# Sourced by the checks here: which files are the project's own. Works in a git checkout and in an unpacked archive.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2

all_files() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files -co --exclude-standard | while IFS= read -r file; do [[ -f $file ]] && echo "$file"; done
    else
        find . -path ./build -prune -o -type f -print | sed 's|^\./||'
    fi
}

# cxx_files FOLDER...: C and C++ files of these folders; of all folders when none is given.
cxx_files() {
    local folder
    (($#)) || set -- ''
    for folder; do
        all_files | grep -E '\.(c|cc|cpp|h|hpp)$' | grep "^${folder:+$folder/}"
    done
    return 0
}
