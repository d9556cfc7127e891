# Sổ Nắng. `make help` lists every target.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
# A file stays with one process, which so makes its module's installation once; the third one works while the others' processes wait.
PARALLEL := -n 3 --dist loadfile --no-loadscope-reorder

.PHONY: help setup demo test coverage test-fast check contracts-test slither bench lock fmt clean distclean

help: ## List every target
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready ## Install everything inside this folder (done by the other targets when needed)

.venv/.ready: requirements/dev.txt requirements/tools.txt package-lock.json pyproject.toml scripts/setup.sh
	@PYTHON=$(PYTHON) scripts/setup.sh

demo: .venv/.ready ## A day of rooftop-solar trade, then the app until Ctrl-C (ONESHOT=1: exit after the summary)
	@$(BIN)/python -m scripts.demo $(if $(ONESHOT),--oneshot)

test: .venv/.ready ## Prove it all: style, types, architecture, Python and Solidity tests
	@$(MAKE) --no-print-directory check contracts-test
	$(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)

coverage: .venv/.ready ## The Python tests again, saying which lines none of them ran
	$(BIN)/python -m pytest $(PARALLEL) --cov --cov-report=term:skip-covered $(PYTEST_ARGS)

test-fast: .venv/.ready ## The Python tests without the slow ones
	$(BIN)/python -m pytest $(PARALLEL) -m "not slow" $(PYTEST_ARGS)

check: .venv/.ready ## Style, types and the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

contracts-test: .venv/.ready ## Solidity tests, invariants and the gas snapshot
	scripts/forge.sh

slither: .venv/.ready ## Static analysis of the contracts; fails on an unexplained high or medium finding
	scripts/slither.sh

bench: .venv/.ready ## Ratios against named peers, measured side by side
	$(BIN)/python -m scripts.bench

lock: .venv/.ready ## Renew the lock files from requirements/*.in
	@for name in tools base dev bench; do echo "requirements/$$name.txt"; $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt; done

fmt: .venv/.ready ## Format the Python code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Stop what runs from the state folder (SONANG_STATE_DIR, else .sonang) and remove it
	@if [ -x $(BIN)/sonang ]; then $(BIN)/python -m scripts.stop; elif [ -z "$$SONANG_STATE_DIR" ]; then rm -rf .sonang deployments/31337.json; fi
	@rm -rf out cache .pytest_cache .hypothesis .coverage*

distclean: clean ## Remove what was installed too
	@rm -rf .venv .cache node_modules
