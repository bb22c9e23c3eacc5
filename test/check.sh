#!/usr/bin/env bash
# The stages of `make check` and, with `full`, of `make check-full`: each runs whatever the ones before did, prints how
# long it took and how many checks passed; the last line sums them up.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

jobs=$(nproc)
logs=build/check
mkdir -p "$logs"
passed=0 failed=0 summary=()

# stage NAME COMMAND...: what COMMAND prints as "N passed, M failed" last, or as CTest does, is counted; else it counts one.
stage() {
    local name=$1 log good bad rc began=$SECONDS
    log=$logs/${name// /-}.log
    shift
    echo "=== $name"
    "$@" 2>&1 | tee "$log"
    rc=${PIPESTATUS[0]}
    read -r good bad < <(sed -nE -e 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' \
        -e 's/^[0-9]+% tests passed, ([0-9]+) tests? failed out of ([0-9]+)$/\2-\1 \1/p' "$log" | tail -n 1) || good=
    if [[ -z $good ]]; then good=$((rc == 0)) bad=$((rc != 0)); fi
    good=$((good))
    if ((rc != 0 && bad == 0)); then bad=1; fi
    passed=$((passed + good)) failed=$((failed + bad))
    summary+=("$(printf '%-4s %-22s %4d passed %3d failed %5d s' "$( ((bad)) && echo FAIL || echo ok)" "$name" "$good" "$bad" $((SECONDS - began)))")
    echo "${summary[-1]}"
}

# preset NAME FOLDER: configures and builds.
preset() { cmake --preset "$1" >/dev/null && cmake --build "$2"; }

# tests FOLDER LABELS: CTest's tests of these labels (a pattern).
tests() { ctest --test-dir "$1" -L "^($2)\$" --output-on-failure --no-tests=error -j "$jobs"; }

# build/weir, and beside it the scale test and the programs of the lab: memory says something only without sanitizers.
release() { cmake --preset release -DWEIR_TESTS=ON >/dev/null && cmake --build build --target weir scale_e2e_test weir-lab-clients weir-lab-source; }

# counted COMMAND ITEM...: runs COMMAND with each item and counts.
counted() {
    local command=$1 item good=0 bad=0
    shift
    for item; do
        if $command "$item"; then good=$((good + 1)); else bad=$((bad + 1)) && echo "FAIL $item"; fi
    done
    echo "$good passed, $bad failed"
    ((bad == 0))
}

lint() { counted bash test/lint/{includes,files,format}.sh; }

# fuzz_one TARGET: its corpus once, then new inputs for fuzz_seconds, kept out of the source tree.
fuzz_one() {
    local name corpus=() folder
    name=$(basename "$1")
    for folder in "test/fuzz/corpus/${name%_fuzz}" "test/data/${name%_fuzz}"; do [[ -d $folder ]] && corpus+=("$folder"); done
    echo "$name ${corpus[*]:-(no corpus)}"
    mkdir -p "$logs/corpus/$name"
    ((${#corpus[@]} == 0)) || "$1" -runs=0 "${corpus[@]}" >"$logs/$name.log" 2>&1 || { tail -n 40 "$logs/$name.log" && return 1; }
    "$1" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$logs/$name-" \
        "$logs/corpus/$name" "${corpus[@]}" >"$logs/$name.log" 2>&1 || { tail -n 40 "$logs/$name.log" && return 1; }
}
fuzz() {
    local targets
    mapfile -t targets < <(find build/fuzz -name '*_fuzz' -type f -executable | sort)
    ((${#targets[@]})) || { echo "no fuzz targets" && return 1; }
    counted fuzz_one "${targets[@]}"
}

fuzz_seconds=5
[[ ${1:-} == full ]] && fuzz_seconds=60

stage "lint" lint
stage "build" release
stage "build asan" preset asan build/asan
stage "tests asan" tests build/asan 'unit|flow|e2e'
stage "examples" tests build/asan examples
stage "build fuzz" preset fuzz build/fuzz
stage "fuzz" fuzz
stage "scale" tests build scale
if [[ ${1:-} == full ]]; then
    stage "fuzz coverage" bash test/fuzz/coverage.sh
    stage "build clang" preset clang build/clang
    stage "clang-tidy" bash test/lint/tidy.sh
    stage "build tsan" preset tsan build/tsan
    stage "tests tsan" tests build/tsan 'unit|flow|e2e'
    stage "players" python3 test/e2e/players/run.py --all
    stage "outages" python3 test/e2e/players/outage.py --all
    stage "lab" python3 test/lab/run.py --quick
    stage "lab figures" python3 test/lab/quick.py
else
    stage "players" python3 test/e2e/players/run.py
    stage "outages" python3 test/e2e/players/outage.py
fi
stage "windows media push" python3 test/e2e/wmpush/run.py
stage "msbd" python3 test/e2e/msbd/run.py
stage "chain" python3 test/e2e/chain/run.py
stage "edges" python3 test/e2e/chain/edges.py
stage "hostile" python3 test/e2e/hostile/run.py
stage "follow" python3 test/e2e/follow/run.py
stage "restart" python3 test/e2e/players/restart.py
stage "fill" python3 test/e2e/fill/run.py
stage "recover" python3 test/e2e/players/recover.py
stage "loop" python3 test/e2e/players/loop.py

echo
printf '%s\n' "${summary[@]}"
echo "$passed passed, $failed failed"
((failed == 0))
