# Everything a newcomer needs; `make help` lists it. Needs only git, make and Python ≥ 3.11.
SHELL := /bin/sh
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := .venv/bin
NO_SERVE ?=
export UV_PYTHON_DOWNLOADS ?= never
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all lint types serve bench docs clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.tools/bin/uv:
	@echo "uv is not installed: a private copy goes to .tools/"
	@$(PYTHON) tools/bootstrap_uv.py .tools

.venv/.ready: pyproject.toml uv.lock | $(filter .tools/bin/uv,$(UV))
	@$(UV) sync --frozen --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')"
	@touch $@

setup: .venv/.ready ## install everything, locked, in .venv

demo: setup ## the demonstration: one veille on a small fictitious web, then the review application
	@$(RUN)/paat demo $(if $(NO_SERVE),--no-serve)

test: setup ## what guards the house, without ../shared nor a browser to install
	@$(RUN)/python -m pytest

test-all: setup ## make test, then the browser's, then the slow ones (half an hour, 4 GB of /tmp; needs chromium)
	@$(RUN)/python -m pytest
	@$(RUN)/python -m pytest -m "browser and not slow"
	@$(RUN)/python -m pytest -m slow

lint: setup ## ruff, import contracts
	@$(RUN)/ruff format --check . && $(RUN)/ruff check . && $(RUN)/lint-imports

types: setup ## mypy, strict
	@$(RUN)/mypy

serve: setup ## the review application alone
	@$(RUN)/paat serve

bench: setup ## timings against named peers, in one run
	@$(RUN)/python -m bench

docs: setup ## rewrite what is generated: .env.example, data dictionary, table schema, commands
	@$(RUN)/python -m tools.write_docs

clean: ## forget the demonstration and the caches (not your data)
	@rm -rf .paat/demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
