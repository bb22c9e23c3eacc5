# Thin: every target is one cmake call or one script. Presets are in CMakePresets.json.
.DEFAULT_GOAL := build
.PHONY: build run check check-full lab deps deps-check deps-lab deps-bench asan tsan clang fuzz bench format tidy install clean

# ccache is used where it is, never needed.
CCACHE := $(shell command -v ccache)
ifneq ($(CCACHE),)
export CMAKE_C_COMPILER_LAUNCHER := $(CCACHE)
export CMAKE_CXX_COMPILER_LAUNCHER := $(CCACHE)
endif

preset = cmake --preset $(1) && cmake --build $(2)
tests = ctest --test-dir $(1) --output-on-failure --no-tests=error -j $(shell nproc)

build: deps             # build/weir, optimised, with debug info
	$(call preset,release,build) --target weir

run: build              # weir prints the URLs to open
	build/weir run -c etc/weir.toml

check: deps-check       # what CI runs
	test/check.sh

check-full: deps-lab    # before a release: clang, clang-tidy, thread sanitizer, long fuzzing, every feed with every player
	test/check.sh full

lab: deps-lab           # faults of links, encoders and machines: a quick round of test/lab, then one of its figures
	cmake --preset release -DWEIR_TESTS=ON && cmake --build build --target weir weir-lab-clients weir-lab-source
	test/lab/run.py --quick
	test/lab/quick.py

deps:
	@cmake/deps.sh build

deps-check:
	@cmake/deps.sh check

deps-lab:
	@cmake/deps.sh lab

deps-bench:
	@cmake/deps.sh bench

asan tsan: deps-check
	$(call preset,$@,build/$@) && $(call tests,build/$@)

clang fuzz: deps-check
	$(call preset,$@,build/$@)

bench: deps-bench       # weir beside Cubemap, Icecast and two floors, then a chain of weirs: docs/performance.md; over an hour
	cmake --preset release -DWEIR_TESTS=ON
	cmake --build build --target weir weir-bench-load bench_growth bench_log bench_fanout
	bench/peers.py
	bench/chain.py

format: deps-check
	test/lint/format.sh fix

tidy: deps-check
	test/lint/tidy.sh

install: build
	cmake --install build

clean:
	rm -rf build
