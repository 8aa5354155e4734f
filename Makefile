# `make run` and `make test` are all a newcomer needs; both can be repeated and then cost seconds.
.DEFAULT_GOAL := help
.PHONY: help run setup test test-slack-soak lint format bench bench-retrieval bench-trust eval eval-mutants eval-record screens clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 7860
# Processes that share the tests; each may take 5 GB.
WORKERS ?= 2
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
# An index of the five reports alone, whatever else is in yours. Threads that spin while they wait
# slow each other down where cores are shared.
EVAL_ENV := REPORT_QA_DATA_DIR=runs/index OMP_WAIT_POLICY=passive
EVAL := $(EVAL_ENV) $(BIN)/report-qa
RECORDING := $(wildcard eval/recordings/local.jsonl.gz)

help:  ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

run: setup  ## Install, index the five reports and open the chat page on http://127.0.0.1:7860
	$(BIN)/report-qa web --port $(PORT) --fetch-model

setup: $(INSTALLED)  ## All that `run` does, short of serving
	@$(BIN)/report-qa models prepare
	@$(BIN)/report-qa ingest seeds

test: $(INSTALLED_DEV) lint  ## Lint, types, import rules and all tests
	@$(BIN)/python -m tests.machine
	$(BIN)/report-qa models pull
	OMP_WAIT_POLICY=passive $(BIN)/python -m pytest -n $(WORKERS)
	@$(MAKE) --no-print-directory eval

test-slack-soak: $(INSTALLED_DEV)  ## Deliver a thousand questions fourfold to the Slack bot, with two kills
	$(BIN)/python -m pytest -s -m slack_soak tests/ui/slack

lint: $(INSTALLED_DEV)  ## Style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED_DEV)  ## Put the code in its usual form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(INSTALLED_DEV)  ## Print how long indexing and answering take
	$(BIN)/python -m eval.bench

bench-retrieval: $(INSTALLED_DEV)  ## Print how well paragraphs are found, what each leg adds, and how an index grows
	$(BIN)/python -m eval.retrieval.bench

bench-trust: $(INSTALLED_DEV)  ## Print how many false sentences are caught, true ones flagged, and questions answered without their answer
	@$(EVAL) ingest seeds || $(EVAL) ingest seeds --rebuild
	$(EVAL_ENV) $(BIN)/python -m eval.trust.bench
	$(EVAL_ENV) $(BIN)/python -m eval.left_out

eval: $(INSTALLED_DEV)  ## Ask the golden questions and hold the scores to eval/thresholds.yaml
	@$(EVAL) ingest seeds || $(EVAL) ingest seeds --rebuild
	$(EVAL) eval --split all --jobs 2 --out runs/extractive
	$(if $(RECORDING),$(EVAL) eval --replay $(RECORDING) --out runs/replay)

eval-record: $(INSTALLED_DEV)  ## Record the local model's replies to a sample of the golden questions
	@$(EVAL) ingest seeds || $(EVAL) ingest seeds --rebuild
	rm -rf eval/recordings/local.jsonl.gz runs/record
	$(EVAL) eval --engine local --split open --limit 20 --record eval/recordings/local.jsonl.gz --out runs/record

eval-mutants: $(INSTALLED_DEV)  ## Break the system in 30 small ways and show that the gate notices
	@$(EVAL) ingest seeds || $(EVAL) ingest seeds --rebuild
	$(EVAL_ENV) $(BIN)/python -m eval.mutants

screens: $(INSTALLED_DEV)  ## Make the screenshots of docs/screens anew
	@$(EVAL) ingest seeds || $(EVAL) ingest seeds --rebuild
	$(EVAL_ENV) $(BIN)/python -m tests.ui.screens

clean:  ## Remove the environment and caches, not the index
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "report-qa needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(INSTALLED_DEV): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@
