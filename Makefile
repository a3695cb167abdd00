# Every command a person or CI runs on this project. `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
UV     := $(VENV)/lock/bin/uv
LOCK   := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

NEEDS         := Postroad needs Python 3.11 or later with venv. On Debian: apt-get install python3 python3-venv
CAN_MAKE_VENV := $(PYTHON) -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null

.DEFAULT_GOAL := help
.PHONY: bench help setup demo test test-slow test-fire fire guards check e2e test-bluesky test-wordpress format lock docs clean

help: ## list the commands
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 18

setup: $(STAMP) ## create .venv and install everything pinned in the lock file

$(STAMP): pyproject.toml requirements-dev.lock
	@$(CAN_MAKE_VENV) || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
		&& apt-get update -q && apt-get install -q -y python3-venv && $(CAN_MAKE_VENV); } \
		|| { echo "$(NEEDS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## fill a matrix, publish, measure and report on the shipped sandbox
	$(BIN)/postroad demo

# The hundreds of processes that tests start load what is compiled once, also where the machine says to keep none.
test: setup ## the test suite: SQLite + local, and PostgreSQL + Celery over Redis
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n 2 --dist worksteal -rs

check: setup ## what CI holds: ruff, mypy strict, import rules, house rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.house_rules
	$(BIN)/python -m docs.generate --check

test-slow: setup ## the tests that `make test` leaves out, and more examples for the roll-ups
	$(BIN)/pytest -m slow tests -rs
	$(BIN)/pytest -n 2 --hypothesis-profile thorough tests/store/metrics/test_rollups.py

test-fire: setup ## real processes under a part of the fault matrix, about three minutes
	$(BIN)/pytest -m fire tests/fire -rs

fire: setup ## all 60 kinds of faults, 10,000 deliveries by real processes, about half an hour
	$(BIN)/python -m tests.fire --fleets 2 --json .build/fire.json

guards: setup ## take each guard of the protocol out of a copy of the code: a test has to turn red
	$(BIN)/python -m tests.guards

e2e: test-bluesky test-wordpress ## the suites against real servers

test-bluesky: setup ## the main job on a real Bluesky network (installs it by npm)
	$(BIN)/python -m tests.servers.bluesky
	$(BIN)/pytest -m bluesky tests/real tests/servers -rs

test-wordpress: setup ## the main job on real WordPress sites (installs WordPress by apt)
	$(BIN)/python -m tests.servers.wordpress
	$(BIN)/pytest -m wordpress tests/real tests/servers -rs

bench: setup ## every figure of docs/benchmarks.md, at full size; a quiet machine and a quarter of an hour
	$(BIN)/python -m bench

format: setup ## format and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup ## regenerate the generated pages
	$(BIN)/python -m docs.generate

lock: ## resolve the dependencies again
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet uv
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml --extra dev -o requirements-dev.lock

clean: ## remove what set-up and the demo made
	rm -rf $(VENV) .build demo-data
