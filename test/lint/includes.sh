#!/usr/bin/env bash
# Who may include whom. The folders are layers; a layer that can see above itself soon does.
set -euo pipefail
source "$(dirname "$0")/sources.sh"

found=0
complain() {
    echo "$1"
    found=1
}

# includes FOLDER: every #include of its files as FILE:LINE:TARGET, the target with its quotes or brackets.
includes() {
    local files
    mapfile -t files < <(cxx_files "$1")
    ((${#files[@]})) || return 0
    grep -HnoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<][^">]+[">]' "${files[@]}" |
        sed -E 's/:[[:space:]]*#[[:space:]]*include[[:space:]]*/:/' || true
}

# sees FOLDER PATTERN...: of the project's headers, FOLDER includes only those under one of PATTERN.
sees() {
    local folder=$1 allowed place target
    shift
    allowed="^\"($(IFS='|' && echo "$*"))"
    while IFS= read -r line; do
        place=${line%:*} target=${line##*:}
        [[ $target == \<* || $target =~ $allowed ]] || complain "$place: $folder must not see $target"
    done < <(includes "$folder")
}

# standard_only FOLDER: of others' headers, FOLDER includes the C++ standard library's (and fmt) alone.
standard_only() {
    while IFS= read -r line; do
        [[ ${line##*:} =~ ^(\"|\<[a-z_0-9]+\>|\<fmt/) ]] ||
            complain "${line%:*}: $1 is standard library only, not ${line##*:}"
    done < <(includes "$1")
}

# only_in WHERE HEADER: HEADER (a pattern) is included nowhere but in WHERE (a pattern of paths).
only_in() {
    while IFS= read -r line; do
        [[ ! ${line##*:} =~ ^[\"\<]$2 || $line =~ ^($1) ]] ||
            complain "${line%:*}: ${line##*:} is included only in $1"
    done < <(for folder in core protocols cli include; do includes "$folder"; done)
}

sees core/base core/base/
sees core/media core/base/ core/media/
sees core/asf core/base/ core/media/ core/asf/
sees core/io core/base/ core/io/
sees core/relay core/base/ core/media/ core/io/ core/relay/ weir/
sees include weir/
for folder in core/base core/media core/asf; do standard_only "$folder"; done

# Protocols do not know each other; those that ride on HTTP see its headers, Windows Media ones see ASF.
for path in protocols/*/; do
    name=$(basename "$path")
    seen=(core/base/ core/media/ 'core/relay/[a-z_]+\.hpp' "protocols/$name/")
    case $name in wmsp | wmpush | wtvp | admin) seen+=(protocols/http/) ;; esac
    case $name in wmsp | wmpush | wtvp | msbd | mms | msb) seen+=(core/asf/) ;; esac
    sees "protocols/$name" "${seen[@]}"
done

only_in 'core/io/' 'uv\.h'
only_in 'protocols/http/' '(llhttp/)?llhttp\.h'
only_in 'protocols/http/auth\.cpp' 'openssl/'
only_in 'cli/config_toml\.cpp' 'toml'
only_in 'cli/' '(CLI/|spdlog/)'
only_in '(protocols/admin|cli)/' 'nlohmann/'

exit $found
