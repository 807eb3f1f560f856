# The developer's whole interface. `make demo` and `make test` work on a fresh Debian 12 as root.
SHELL := /bin/bash
.DELETE_ON_ERROR:
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3

# What whence uses of Debian: to run, for the lab, and to build and test it.
RUNS := libbpf1 libpcap0.8 iproute2
LAB := cron anacron at nftables systemd util-linux openssl procps nfdump pmacct softflowd ethtool sqlite3
BUILDS := clang llvm libbpf-dev gcc libc6-dev
TESTS := tshark tcpdump snmp snmpd lldpd openvswitch-switch samba samba-common-bin avahi-daemon dnsmasq-base udhcpc \
  openssh-client openssh-server zstd git postgresql mariadb-server lsof net-tools clamav-daemon libpangoft2-1.0-0 rpm
# Syslog servers that tests and the lab use are unpacked, not installed: they exclude one another, and the machine's own.
SENDERS := rsyslog rsyslog-openssl syslog-ng-core
SENDER_LIBRARIES := libestr0 libfastjson4 liblognorm5 libivykis0 libnet1 libjson-c5 libwrap0 libpcre3
# So is what answers LLMNR: installed, it would become the machine's own resolver.
RESPONDER := systemd-resolved
PEERS := lsof net-tools nethogs bpftrace
PACKET_PEERS := tshark wireshark-common tcpdump softflowd nfdump argus-server argus-client

.PHONY: help install compiled measured system senders demo test test-outside test-cron lint lint-python lint-native format bench bench-packets bench-bisect bench-stories bench-reports bench-power lock docs dist release licences clean native-tools fuzz fuzz-coverage

# The native part is built by cargo; what it is made of decides whether it is built again.
NATIVE := $(shell find native \( -path native/target -o -path native/fuzz \) -prune -o \( -name '*.rs' -o -name 'Cargo.*' \) -print)
CARGO := cargo --locked

# What a crate's tests alone need asks for features of other crates, and cargo would build them, and all that is made of
# them, a second time. So those crates are tested apart, and whence-native is always named: it decides on the features.
CARGO_TEST := $(CARGO) test --quiet --profile quick

help:
	@echo "make demo     solve the mysteries of the lab, on real traffic, with nothing told"
	@echo "make test     everything that must pass"
	@echo "make install  a working whence at $(BIN)/whence"
	@echo "make lint format docs bench bench-packets bench-bisect bench-stories bench-reports bench-power fuzz fuzz-coverage lock dist release licences clean"

install: $(BIN)/whence

$(BIN)/uv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check uv

# Without build isolation: the lock pins the tool that builds, too.
$(BIN)/whence: $(BIN)/uv requirements.lock pyproject.toml $(NATIVE) | native-tools
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	PATH="$(CURDIR)/$(BIN):$$PATH" VIRTUAL_ENV=$(VENV) \
	  $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Programs start in half the time where Python need not compile them: it may not write beside them for
# who is not root, nor where PYTHONDONTWRITEBYTECODE is set.
compiled: install
	@$(BIN)/python -m compileall -q src $(addprefix $(VENV)/lib/python3.*/site-packages/,click rich duckdb msgspec)

native-tools:
	@command -v cargo > /dev/null || { \
	  echo "whence reads packets with a part written in Rust, and there is no cargo to build it." >&2; \
	  echo "Debian's own is too old; Rust 1.85 or newer is wanted: https://rustup.rs" >&2; exit 1; }
	@command -v cc > /dev/null || { echo "no C compiler to link with; try: apt-get install gcc libc6-dev" >&2; exit 1; }

# Debian packages that are missing, and no others; nothing happens where all are there. Servers among them are not started:
# tests start their own, in namespaces. See README.policy-rc.d of init-system-helpers.
define need
	@missing=$$(for package in $(1); do \
	  dpkg-query -W -f='$${db:Status-Status}\n' $$package 2>/dev/null | grep -qx installed || echo $$package; \
	done); if [ -n "$$missing" ]; then echo "installing:" $$missing; apt-get update -qq || exit 1; \
	  policy=/usr/sbin/policy-rc.d; if [ ! -e $$policy ]; then trap "rm -f $$policy" EXIT; \
	    printf '#!/bin/sh\nexit 101\n' > $$policy && chmod 755 $$policy; fi; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi
endef

system:
	$(call need,$(RUNS) $(LAB) $(BUILDS) $(TESTS))

senders: $(VENV)/senders/usr/sbin/rsyslogd $(VENV)/senders/lib/systemd/systemd-resolved
$(VENV)/senders/usr/sbin/rsyslogd: | $(BIN)/uv
	$(call need,$(SENDER_LIBRARIES))
	mkdir -p $(VENV)/senders/packages
	cd $(VENV)/senders/packages && { apt-get download -qq $(SENDERS) || { apt-get update -qq && apt-get download -qq $(SENDERS); }; }
	for package in $(VENV)/senders/packages/*.deb; do dpkg -x $$package $(VENV)/senders || exit 1; done
	touch $@
$(VENV)/senders/lib/systemd/systemd-resolved: | $(BIN)/uv
	mkdir -p $(VENV)/senders/packages
	cd $(VENV)/senders/packages && { apt-get download -qq $(RESPONDER) || { apt-get update -qq && apt-get download -qq $(RESPONDER); }; }
	dpkg -x $(VENV)/senders/packages/$(RESPONDER)_*.deb $(VENV)/senders
	touch $@

demo: system senders compiled
	$(BIN)/whence lab demo

test: system senders compiled lint bpf-check shim-check
	cd native && $(CARGO_TEST) --workspace --exclude whence-names --exclude whence-exports
	cd native && $(CARGO_TEST) -p whence-native -p whence-names
	cd native && $(CARGO_TEST) -p whence-native -p whence-exports
	$(MAKE) --no-print-directory --jobs 2 --output-sync test-outside test-cron
	$(BIN)/pytest tests/lab --ignore=$(CRON_TESTS)

# Side by side: what a real cron starts is waited for until its minute begins.
CRON_TESTS := tests/lab/test_real_launchers.py
test-outside:
	$(BIN)/pytest --ignore=tests/lab --numprocesses 2
test-cron:
	$(BIN)/pytest $(CRON_TESTS)

# Every decoder against bytes that were changed by chance, ten million of each kind: packets for as long as
# MINUTES says; names, flow exports and log lines as often as here, for each of the 24, 9 and 26 ways in which they begin.
MINUTES ?= 5
NAMES ?= 450000
EXPORTS ?= 1120000
LINES ?= 390000
STREAMS ?= 10000000
FUZZ := $(CARGO) test --release --quiet
fuzz: native-tools
	cd native && FUZZ_MINUTES=$(MINUTES) $(FUZZ) -p whence-packets --test mutations -- --nocapture --include-ignored
	cd native && WHENCE_MUTATIONS=$(NAMES) $(FUZZ) -p whence-names -- --nocapture hostile
	cd native && EXPORT_MUTATIONS=$(EXPORTS) $(FUZZ) -p whence-exports --test hostile -- --nocapture
	cd native && WHENCE_MUTATIONS=$(LINES) $(FUZZ) -p whence-logs --test hostile -- --nocapture
	cd native && SNMP_MUTATIONS=10000000 $(FUZZ) -p whence-snmp -- --nocapture hostile
	$(BIN)/python bench/logs/fuzz_framing.py $(STREAMS)

# The same decoders under libFuzzer, which keeps every input that reaches new code and goes on from there.
# SANITIZER=address also looks into the C of zstd, at half the speed.
TARGETS ?= frames files datagrams streams announcements exports logs variables
FUZZ_SECONDS ?= 300
SANITIZER ?= none
fuzz-coverage: native-tools
	@cargo +nightly fuzz --version > /dev/null || { \
	  echo "try: rustup toolchain install nightly && cargo install --locked cargo-fuzz" >&2; exit 1; }
	cd native/fuzz && for target in $(TARGETS); do \
	  mkdir -p corpus/$$target && cargo +nightly fuzz run --fuzz-dir . --sanitizer $(SANITIZER) $$target \
	    corpus/$$target seeds/$$target -- -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=10 \
	    -rss_limit_mb=1024 -print_final_stats=1 || exit 1; \
	done

# Side by side: mypy takes one core, and cargo waits for few crates at a time.
lint: install
	$(MAKE) --no-print-directory --jobs 2 --output-sync lint-python lint-native

lint-python:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lint-native:
	cd native/fuzz && cargo fmt --check
	cd native && cargo fmt --check && $(CARGO) clippy --quiet --workspace --all-targets -- -D warnings

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	cd native && cargo fmt

# Which ways through the native part are taken, counted while it does what it is fast at. It is made
# anew where the native part has changed, in ten minutes.
PROFILED := $(CURDIR)/native/target/profiled
PROFILE := $(PROFILED)/whence.profdata
TO_COUNT := RUSTFLAGS=-Cprofile-generate=$(PROFILED)/counts CARGO_TARGET_DIR=$(PROFILED)
TO_USE := RUSTFLAGS=-Cprofile-use=$(PROFILE) CARGO_TARGET_DIR=$(PROFILED)
MATURIN := PATH="$(CURDIR)/$(BIN):$$PATH" VIRTUAL_ENV=$(VENV) $(BIN)/maturin develop --quiet --release --locked --skip-install
PROFDATA = $(shell rustc --print target-libdir)/../bin/llvm-profdata

$(PROFILE): $(NATIVE) bench/training.py | install
	@test -x $(PROFDATA) || { echo "no llvm-profdata for this rustc; try: rustup component add llvm-tools" >&2; exit 1; }
	$(call need,$(LAB))
	rm -rf $(PROFILED)/counts
	$(TO_COUNT) $(MATURIN)
	$(BIN)/python -m bench.training
	$(PROFDATA) merge -o $@ $(PROFILED)/counts

# The native part with all optimisation, as in a wheel: what is measured.
measured: $(PROFILE)
	$(TO_USE) $(MATURIN)

bench: system measured
	$(call need,$(PEERS))
	$(BIN)/python -m bench.attribution.run --full --output bench/results
	$(BIN)/python -m bench.packets.beacons --json bench/results/beacons.json
	$(BIN)/python bench/durability/kill_case.py 100 > bench/results/durability-case.json
	$(BIN)/python bench/durability/kill_history.py 100 > bench/results/durability-history.json
	$(BIN)/python bench/durability/kill_whence.py 100 > bench/results/durability-whence.json

# What is left in the store by a disk that loses power while whence writes; a minute or two for each writer.
bench-power: system install
	$(call need,libfuse3-3 fuse3 e2fsprogs)
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet -r bench/durability/requirements.txt
	for writer in lake native case history careless; do \
	  $(BIN)/python bench/durability/power.py $$writer 40 || exit 1; \
	done > bench/results/durability-power.jsonl

# 5 GB of captures in /var/tmp while it runs; about half an hour.
bench-packets: system measured
	$(call need,$(PACKET_PEERS))
	$(BIN)/python -m bench.packets.run --full --remove --output bench/results

# Finding a port by mirroring: simulated, and LIVE searches of each kind on OFFICES switches of the lab
# side by side. It may be stopped, and goes on where it was.
SEARCHES ?= 200
LIVE ?= 10
OFFICES ?= 8
bench-bisect: system install
	$(BIN)/python -m bench.bisect.run --runs $(SEARCHES) --live $(LIVE) --offices $(OFFICES)

# Every story of the lab in every variant, SEEDS offices each; a minute for each office of some.
SEEDS ?= 30
bench-stories: system senders install
	$(BIN)/python -m bench.stories.run --seeds $(SEEDS) --offices 2

# Reports of the lab's stories in a real browser, as their readers open them. Chromium and what drives it are for this only.
bench-reports: system install
	$(call need,chromium poppler-utils)
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet -r bench/reports/requirements.txt
	$(BIN)/python -m bench.reports.run > bench/results/reports.md
	$(BIN)/python -m bench.reports.browser >> bench/results/reports.md
	$(BIN)/python -m bench.reports.for_programs >> bench/results/reports.md

# The pages of the reference are made from the code; a test fails when they are stale.
docs: install
	$(BIN)/python docs/generate.py
	$(BIN)/mkdocs build --strict --quiet --site-dir site

DIST := PATH="$(CURDIR)/$(BIN):$$PATH" VIRTUAL_ENV=$(VENV) $(BIN)/uv build --quiet --no-build-isolation --out-dir dist

dist: install
	$(DIST)

# The same, with the native part as it is measured.
release: $(PROFILE)
	$(TO_USE) $(DIST)

# What the wheel's native part is linked with, and the terms of each. A test fails where one is missing.
licences: native-tools
	@command -v cargo-about > /dev/null || { echo "try: cargo install --locked --features cli cargo-about" >&2; exit 1; }
	cd native && cargo about generate --fail -m python/Cargo.toml about.hbs -o ../LICENSES-OF-CRATES.md

# Hashes pin every package; a lock without addresses works behind any mirror.
lock: $(BIN)/uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
	  --all-extras --group dev --group docs pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) dist site native/target native/fuzz/target .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache src/whence/_native.abi3.so

include bpf.mk shim.mk
