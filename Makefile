# `make run` shows the demo; everything works without make too (README).
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.requirements
TOOLS := $(VENV)/.requirements-dev
PROGRAMS := $(VENV)/.programs
NPM := tests/flows/npm
CLIENTS := $(NPM)/node_modules/.installed
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore $(BIN)/python -m pip install --quiet
# A list of pytest's own words: make test ARGS="-k lock -n 0"
ARGS ?=
PYTEST_WORKERS ?= 2
HAS = $(wildcard */management/commands/$(1).py)

.PHONY: help run demo tour test lint format tools clean

help:
	@echo "make run     the demo at http://127.0.0.1:8000 (HOST, PORT, DATABASE_URL, CACHE_URL, WORKERS are honoured)"
	@echo "make tour    a walk through the rooms of the running demo: every request as a curl line, and its answer"
	@echo "make test    the tests on SQLite, or on DATABASE_URL and CACHE_URL"
	@echo "make lint    ruff, mypy, missing migrations"
	@echo "make format  let ruff rewrite the source"
	@echo "make clean   caches and left-over test databases; keeps .venv and the data in var"

# Asked first, with the standard library alone: a second run answers in one line before anything slow.
run:
	@state=0; $(PYTHON) -m config.serving.lock || state=$$?; \
	case $$state in 0) exec $(MAKE) --no-print-directory demo;; 3) exit 0;; *) exit $$state;; esac

demo: export DESKGATE_MODE := demo
demo: $(RUNTIME)
	@$(BIN)/python -m config.env demo
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(if $(and $(call HAS,provision),$(wildcard demo)),$(BIN)/python manage.py provision --yes --verbosity 0 demo/)
	@$(if $(call HAS,import_history),$(BIN)/python manage.py import_history --verbosity 0 --relative --application Web_Engagement_Server demo/web-engagement.jsonl)
	@$(if $(call HAS,demo_calls),$(BIN)/python manage.py demo_calls --verbosity 0)
	@$(if $(call HAS,demo_table),$(BIN)/python manage.py demo_table)
	@exec $(BIN)/python manage.py serve

tour:
	@$(PYTHON) -m demo.tour

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Deskgate needs Python 3.11 or newer")'
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.txt | $(BIN)/python
	@echo "Installing requirements ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(TOOLS): requirements.txt requirements-dev.txt | $(BIN)/python
	@echo "Installing requirements and tools ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(RUNTIME)

tools: $(TOOLS)

# What tests/tools.py names. Only where it is sure to work and starts no service: as root with apt-get, without systemd.
# Tried once; elsewhere the tests that need them skip and say why.
$(PROGRAMS): tests/tools.py | $(TOOLS)
	@packages=$$($(BIN)/python -m tests.tools) || exit 1; \
	if [ -z "$$packages" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && [ ! -d /run/systemd/system ]; then \
	  echo "Installing $$packages ..."; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$packages; } >/dev/null 2>&1 \
	    || echo "They could not be installed; the tests that need them will skip"; \
	else echo "Not installed: $$packages; the tests that need them will skip"; \
	fi
	@touch $@

$(CLIENTS): $(NPM)/package-lock.json | $(PROGRAMS)
	@if command -v npm >/dev/null 2>&1 && echo "Installing the npm clients ..." && (cd $(NPM) && npm ci --loglevel $(if $(DESKGATE_NO_SKIPS),error,silent) >/dev/null); \
	then touch $@; else echo "The npm clients are not installed; their tests will skip"; fi

# worksteal: a worker keeps what is beside each other, so that a module's server is started by one of them, once.
test: $(TOOLS) $(PROGRAMS) $(CLIENTS)
	@$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist worksteal $(ARGS)

lint: $(TOOLS)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/python manage.py makemigrations --check --dry-run

format: $(TOOLS)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean:
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis staticfiles var/test-*.sqlite3*
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
