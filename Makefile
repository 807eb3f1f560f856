# The developer's whole interface. `make demo` and `make test` work on a fresh Debian 12 as root.
SHELL := /bin/bash
.DELETE_ON_ERROR:
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3

# What whence uses of Debian: to run, for the lab, and to build and test it.
RUNS := libbpf1 iproute2
LAB := cron anacron at systemd util-linux openssl procps
BUILDS := clang llvm libbpf-dev
PEERS := gcc libc6-dev lsof net-tools nethogs bpftrace
PACKET_PEERS := gcc libc6-dev tshark wireshark-common tcpdump softflowd nfdump argus-server argus-client

.PHONY: help install system demo test lint format bench bench-packets lock docs dist clean

help:
	@echo "make demo     solve the built-in mystery, on real traffic, with nothing told"
	@echo "make test     everything that must pass"
	@echo "make install  a working whence at $(BIN)/whence"
	@echo "make lint format docs bench bench-packets lock dist clean"

install: $(BIN)/whence

$(BIN)/uv:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check uv

$(BIN)/whence: $(BIN)/uv requirements.lock pyproject.toml
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	touch $@

# Debian packages that are missing, and no others; nothing happens where all are there.
define need
	@missing=$$(for package in $(1); do \
	  dpkg-query -W -f='$${db:Status-Status}\n' $$package 2>/dev/null | grep -qx installed || echo $$package; \
	done); if [ -n "$$missing" ]; then echo "installing:" $$missing; apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi
endef

system:
	$(call need,$(RUNS) $(LAB) $(BUILDS))

demo: system install
	$(BIN)/whence lab demo

test: system install lint bpf-check
	$(BIN)/pytest

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: system install
	$(call need,$(PEERS))
	$(BIN)/python -m bench.attribution.run --full --output bench/results
	$(BIN)/python bench/durability/kill_case.py 100 > bench/results/durability-case.json
	$(BIN)/python bench/durability/kill_history.py 100 > bench/results/durability-history.json
	$(BIN)/python bench/durability/kill_whence.py 100 > bench/results/durability-whence.json

# 5 GB of captures in /var/tmp while it runs; about half an hour.
bench-packets: install
	$(call need,$(PACKET_PEERS))
	$(BIN)/python -m bench.packets.run --full --remove --output bench/results

# The pages of the reference are made from the code; a test fails when they are stale.
docs: install
	$(BIN)/python docs/generate.py
	$(BIN)/mkdocs build --strict --quiet --site-dir site

dist: install
	$(BIN)/uv build --quiet --out-dir dist

# Hashes pin every package; a lock without addresses works behind any mirror.
lock: $(BIN)/uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
	  --all-extras --group dev --group docs pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

include bpf.mk
