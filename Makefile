# Sound It Out. Two commands matter: `make run` and `make test`. Both set up what they need.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

ROOT := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
export PATH := $(ROOT)/.tools/bin:$(PATH)
export UV_PYTHON_DOWNLOADS ?= never
UVRUN := uv run --frozen --project backend
PYTEST = $(UVRUN) pytest -c backend/pyproject.toml -n $(TEST_PROCESSES) --maxprocesses 4 --dist worksteal

HOST ?= 127.0.0.1
PORT ?= 8000
TEST_PROCESSES ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

BACKEND := backend/.venv/.ready
MODELS := models/.ready
WEB := frontend/dist/index.html
NODE_MODULES := frontend/node_modules/.ready
TRAINING := training/.venv/.ready

.PHONY: help
help: ## Show what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

.PHONY: run
run: setup ## Set everything up and serve the app on http://localhost:8000
	$(UVRUN) sounditout serve --host $(HOST) --port $(PORT)

.PHONY: setup
setup: $(BACKEND) $(MODELS) $(WEB) ## Set everything up, serve nothing

# One test more at a time than there are cores, as many wait for a server; each process loads the models, so not too
# many. The servers that tests start are compiled once, also where Python is told to keep nothing. First what takes
# less than three minutes on two cores; then the connections that fail in every way, in less than four; then browsers.
.PHONY: test
test: export PYTHONDONTWRITEBYTECODE :=
test: setup test-programs ## Set everything up and run all tests but those of the benchmarks
	$(PYTEST) backend/tests --ignore backend/tests/scenarios
	$(PYTEST) backend/tests/scenarios
	npm --prefix frontend test -- --maxWorkers=100%
	npm --prefix frontend run size
	npm --prefix frontend run e2e

.PHONY: test-programs
test-programs: ## Install what tests need beside the project: PostgreSQL, proxies, Prometheus, Docker's tools, Chromium
	@scripts/ensure_postgres
	@scripts/ensure_proxies
	@scripts/ensure_prometheus
	@scripts/ensure_docker_tools
	@scripts/ensure_chromium || true # the other tests can do without it

.PHONY: test-bench
test-bench: setup ## Run every benchmark for a moment, several at once: what they find is not looked at
	$(PYTEST) backend/tests/bench -m bench

.PHONY: e2e
e2e: setup ## Read to the web app in a real browser (installs Chromium from Debian when it can)
	npm --prefix frontend run e2e

.PHONY: lint
lint: $(BACKEND) $(NODE_MODULES) ## Linters and type checkers of both languages
	$(UVRUN) ruff check .
	$(UVRUN) ruff format --check .
	cd backend && uv run --frozen mypy
	cd backend && MYPYPATH=src:.. uv run --frozen mypy -p bench
	cd backend && uv run --frozen lint-imports
	npm --prefix frontend run typecheck
	npm --prefix frontend run lint

.PHONY: lint-training
lint-training: $(TRAINING) ## Type checker of the trainer, in its own environment
	cd training && .venv/bin/python -m mypy -p training

.PHONY: format
format: $(BACKEND) ## Format the Python code
	$(UVRUN) ruff check --fix .
	$(UVRUN) ruff format .

.PHONY: schema
schema: $(BACKEND) ## Write the JSON Schema of every message anew
	$(UVRUN) python -m sounditout.schema > docs/protocol.schema.json

.PHONY: doctor
doctor: setup ## Check models, database, audio codecs and voice
	$(UVRUN) sounditout doctor

.PHONY: bench
bench: setup ## Every benchmark, one after the other (about eleven minutes)
	$(UVRUN) python -m bench.latency
	$(UVRUN) python -m bench.crowd
	$(UVRUN) python -m bench.live
	$(UVRUN) python -m bench.roundtrip
	$(UVRUN) python -m bench.idle
	$(UVRUN) python -m bench.profiling
	$(UVRUN) python -m bench.soak
	$(UVRUN) python -m bench.operations
	$(UVRUN) python -m bench.rollout --rollouts 50

.PHONY: train
train: $(TRAINING) $(MODELS) ## Train the listening models: make train CORPUS=path/to/speech
	@test -n "$(CORPUS)" || { echo "say where the corpus is: make train CORPUS=path/to/speech"; exit 2; }
	training/.venv/bin/python -m training.pipeline --corpus "$(CORPUS)"

.PHONY: evaluate
evaluate: $(TRAINING) $(MODELS) ## Word verdicts on speakers never trained on: make evaluate CORPUS=path/to/speech
	@test -n "$(CORPUS)" || { echo "say where the corpus is: make evaluate CORPUS=path/to/speech"; exit 2; }
	training/.venv/bin/python -m training.evaluate --corpus "$(CORPUS)"

.PHONY: test-training
test-training: $(TRAINING) $(MODELS) ## Train for a few steps on generated speech
	training/.venv/bin/python -m pytest training/tests

.PHONY: clean
clean: ## Remove everything that set-up made, except your data
	rm -rf .tools backend/.venv training/.venv models frontend/node_modules frontend/dist

.PHONY: uv
uv:
	@scripts/ensure_uv

$(BACKEND): backend/uv.lock backend/pyproject.toml | uv
	uv sync --frozen --compile-bytecode --project backend
	@touch $@

$(MODELS): models.lock.json scripts/prepare_models.py $(BACKEND)
	$(UVRUN) python scripts/prepare_models.py
	@touch $@

$(NODE_MODULES): frontend/package-lock.json frontend/.npmrc
	npm --prefix frontend ci
	@touch $@

$(WEB): $(NODE_MODULES) $(shell find frontend/src frontend/public frontend/scripts frontend/*.html frontend/*.ts frontend/*.json -type f 2>/dev/null)
	npm --prefix frontend run build
	@touch $@

# Made by uv, filled by pip: pip also looks where a machine keeps PyTorch's CPU build.
$(TRAINING): training/requirements.txt | uv
	uv venv --quiet --clear --seed --python 3.11 training/.venv
	training/.venv/bin/python -m pip install --quiet --requirement training/requirements.txt
	@touch $@
