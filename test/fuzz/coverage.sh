#!/usr/bin/env bash
# How much of its parser each fuzz corpus covers: builds the targets with coverage, runs each over its corpus alone,
# prints target, file and lines; exits 1 where a file is below 90 %.
set -euo pipefail
cd "$(dirname "$0")/../.." || exit 2

# A ccache that shortens paths would hide which file a line is of.
export CCACHE_BASEDIR=

minimum=90
build=build/fuzz-coverage

# target: the files whose lines its corpus alone has to cover. A new target and its parser are named here.
parsers=(
    "address: core/base/address.cpp"
    "text: core/base/text.cpp"
    "asf_chunk: core/asf/chunk.cpp"
    "asf_header: core/asf/header.cpp core/asf/header_blob.cpp core/asf/header_compare.cpp core/asf/header_objects.cpp
        core/asf/object.cpp core/asf/guid.cpp core/asf/file.cpp core/asf/streams.cpp"
    "asf_codec_data: core/asf/codec_data.cpp"
    "asf_packet: core/asf/packet.cpp core/asf/fit.cpp core/asf/retime.cpp"
    "asf_reader: core/asf/reader.cpp core/asf/raw_reader.cpp core/asf/framed_reader.cpp core/asf/run.cpp
        core/asf/format.cpp"
    "http_request: protocols/http/head_reader.cpp protocols/http/body_reader.cpp protocols/http/wire.cpp protocols/http/message_reader.cpp
        protocols/http/request.cpp"
    "http_response: protocols/http/response_reader.cpp protocols/http/body_reader.cpp"
    "http_auth: protocols/http/auth.cpp"
    "url: protocols/http/url.cpp"
    "wmsp_request: protocols/wmsp/request.cpp protocols/wmsp/pragma.cpp protocols/wmsp/log_record.cpp"
    "wmsp_selection: protocols/wmsp/selection.cpp"
    "wmsp_client: protocols/wmsp/client.cpp"
    "pull: protocols/wmsp/pull.cpp protocols/http/get.cpp protocols/http/destination.cpp protocols/http/plain_pull.cpp protocols/http/fetch.cpp
        protocols/msbd/pull.cpp"
    "msbd_link: protocols/msbd/reader.cpp"
    "msbd_wire: protocols/msbd/wire.cpp protocols/msbd/url.cpp protocols/msbd/utf16.cpp"
    "wmpush_reader: protocols/wmpush/reader.cpp protocols/wmpush/wire.cpp"
    "wmpush_setup: protocols/wmpush/setup.cpp"
    "config_toml: cli/config_toml.cpp cli/config_node.cpp cli/config_problems.cpp cli/config_reader.cpp cli/config_values.cpp
        cli/config_keys.cpp cli/config_words.cpp cli/config_forms.cpp cli/config_checks.cpp
        cli/config_sources.cpp cli/config_push_targets.cpp"
    "units: cli/units.cpp"
    "h264_setup: cli/h264_setup.cpp"
    "status_table: cli/status_table.cpp"
)

# tool NAME: Debian names the tools after the version, or not.
tool() {
    local found
    found=$(command -v "$1" || compgen -c "$1-" | sort -V | tail -n 1 || true)
    [[ -n $found ]] || { echo "coverage: no $1, install Debian's llvm" >&2 && exit 2; }
    echo "$found"
}
profdata=$(tool llvm-profdata)
cov=$(tool llvm-cov)

targets=()
for entry in "${parsers[@]}"; do targets+=("${entry%%:*}_fuzz"); done
for source in test/fuzz/*_fuzz.cpp; do
    [[ " ${targets[*]} " == *" $(basename "$source" .cpp) "* ]] ||
        { echo "coverage: $source: name its parser here" >&2 && exit 2; }
done

cmake -S . -B $build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O0" -DWEIR_FUZZ=ON \
    -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang \
    -DCMAKE_CXX_FLAGS="-fprofile-instr-generate -fcoverage-mapping" >/dev/null
cmake --build $build --target "${targets[@]}" >$build/build.log || { tail -n 40 $build/build.log && exit 1; }

good=0 bad=0
for entry in "${parsers[@]}"; do
    name=${entry%%:*}
    program=$build/test/fuzz/${name}_fuzz
    LLVM_PROFILE_FILE=$build/$name.profraw "$program" -runs=0 "test/fuzz/corpus/$name" >"$build/$name.log" 2>&1 ||
        { tail -n 40 "$build/$name.log" && exit 1; }
    "$profdata" merge -sparse "$build/$name.profraw" -o "$build/$name.profdata"
    for file in ${entry#*:}; do
        [[ -f $file ]] || { echo "coverage: $file is gone" >&2 && exit 2; }
        # Three columns each for regions, functions and lines: all, missed, covered.
        lines=$("$cov" report "$program" -instr-profile="$build/$name.profdata" "$file" 2>/dev/null |
            awk '$1 == "TOTAL" { print int($10) }')
        verdict=ok
        if ((${lines:-0} >= minimum)); then good=$((good + 1)); else bad=$((bad + 1)) verdict=low; fi
        printf '%-16s %-36s %3d %% %s\n' "$name" "$file" "${lines:-0}" "$verdict"
    done
done
echo "$good passed, $bad failed"
((bad == 0))
