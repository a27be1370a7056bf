# Two commands do everything on a machine with Python 3.11 or newer: `make run` and `make test`.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
# `make run` shows the demo newsroom unless DEMO=0 stands in .env or before the command.
DEMO ?= $(or $(shell sed -n 's/^DEMO=//p' .env 2>/dev/null),1)
export DEMO
BROWSER_TESTS ?= auto
export BROWSER_TESTS

.PHONY: run setup dev worker test drill check bench lock clean

# The server says whom to sign in as once it is open.
run: QUIET = --verbosity 0
run: setup
	@$(MANAGE) serve --port $(PORT)

dev: setup
	@DEBUG=1 $(MANAGE) runserver $(PORT)

worker: $(VENV)/installed
	@$(MANAGE) worker

setup: $(VENV)/installed
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) collectstatic --noinput --verbosity 0
	@if [ "$(DEMO)" = 1 ]; then $(MANAGE) demo $(QUIET); fi

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed. Name one: make run PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the newsroom needs ..."
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing what the tests need ..."
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/installed

test: $(VENV)/installed-dev
	@$(BIN)/python -m pytest -q -n auto --dist worksteal -m "not drill" $(ARGS)

drill: $(VENV)/installed-dev
	@$(BIN)/python -m pytest -q -m drill -o log_cli=true --log-cli-level=INFO $(ARGS)

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/lint-imports
	$(MANAGE) makemigrations --check --dry-run
	DEMO=0 SITE_URL=https://news.example ALLOWED_HOSTS=news.example $(MANAGE) check --deploy --fail-level WARNING

bench: $(VENV)/installed-dev
	@$(BIN)/python -m bench

# Exact versions with hashes, for every platform, from the two short lists in pyproject.toml.
lock:
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
		--custom-compile-command 'make lock' pyproject.toml -o requirements.txt
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
		--custom-compile-command 'make lock' --extra dev pyproject.toml -o requirements-dev.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
