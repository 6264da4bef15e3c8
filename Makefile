# A thin front: meson.build does the work.
# make            the programs, in build/bin/
# make demo       a profile from order to attach   CURVE=p256|brainpool WAY=code|default|smds|all EXPLAIN=1
# make lab        the same set up and left running
# make check      everything that must pass, tests under ASan and UBSan
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc)
TESTENV = RSPKIT_SOURCE=$(CURDIR) RSPKIT_BUILD=$(CURDIR)/build/asan \
  ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

all: deps-build build/build.ninja
	@ninja -C build -n | grep -q 'no work to do' || ninja -C build

build/build.ninja:
	@meson setup build --prefix=$(PREFIX) >/dev/null

build/asan/build.ninja:
	@mkdir -p build
	@CC=gcc meson setup build/asan -Dtests=true -Db_sanitize=address,undefined >/dev/null

build/clang/build.ninja:
	@mkdir -p build
	@CC=clang meson setup build/clang -Dtests=true >/dev/null

build/fuzz/build.ninja:
	@mkdir -p build
	@CC=clang meson setup build/fuzz -Dtests=true -Dfuzz=true -Dprograms=false \
	  -Db_sanitize=address,undefined -Db_lundef=false >/dev/null

demo: all
	@CURVE=$(or $(CURVE),p256) WAY=$(or $(WAY),code) EXPLAIN=$(or $(EXPLAIN),0) tools/demo

lab: all
	@CURVE=$(or $(CURVE),p256) tools/demo --lab

deps-%:
	@tools/install-deps $*

tests: deps-build build/asan/build.ninja
	@ninja -C build/asan --quiet

unit: tests
	@$(TESTENV) tests/run.py $$(find build/asan/tests -type f -name 'test_*' -perm -u+x | sort)

check: deps-build deps-check
	@tests/check

# long runs: every fuzzer for TIME seconds (300), all mutants
check-long: check
	@tests/fuzz/run $(or $(TIME),300)
	@tests/mutants.py

fuzz: deps-build deps-check build/asan/build.ninja build/fuzz/build.ninja
	@ninja -C build/asan --quiet
	@ninja -C build/fuzz --quiet
	@tests/fuzz/run $(or $(TIME),60)

bench: all
	@build/bin/bench && build/bin/bench-card && build/bin/bench-smds && build/bin/bench-events build/bench-events.db && \
	build/bin/bench-store build/bench-store.db

mutants: deps-build
	@tests/mutants.py $(if $(ONLY),"$(ONLY)")

check-layers:
	@tests/check-layers.py

install: all
	@meson configure build --prefix=$(PREFIX)
	@ninja -C build --quiet >/dev/null
	@DESTDIR=$(DESTDIR) meson install -C build --no-rebuild

clean:
	@rm -rf build

.PHONY: all demo lab bench fuzz check-long tests unit check mutants check-layers install clean
