# CareStart: `make run` and `make test` do all their own set-up in .venv; nothing here needs root or Docker.

PORT ?= 8000
DATA ?= .data
JOBS ?= auto
ARGS ?=

# uv and npm trust what this computer trusts, so that they work behind a company's proxy too.
UV_SYSTEM_CERTS ?= 1
export UV_SYSTEM_CERTS
NODE_EXTRA_CA_CERTS ?= $(wildcard /etc/ssl/certs/ca-certificates.crt)
export NODE_EXTRA_CA_CERTS

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := tests/node/node_modules/.ready
SUITE = $(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m "not proof"

# The first Python from 3.11 to 3.13 (what the locked wheels are built for) that can make a virtual environment.
# PYTHON=/path/to/python overrides.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3 python; do \
	if $$name -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1; \
	then echo $$name; break; fi; done)

.PHONY: help run test test-postgres check proof lint lock migration clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: $(READY) ## Serve CareStart on this computer: PORT=8000 DATA=.data
	@$(BIN)/carestart run --port $(PORT) --data $(DATA) $(ARGS)

test: $(READY) $(PEERS) ## Lint the content and pass the whole test suite (ARGS="-k name" for a part)
	$(BIN)/carestart check
	$(SUITE) $(ARGS)

# What is left out reaches no SQL: tests/test_architecture.py holds it to that.
test-postgres: $(READY) $(PEERS) ## The suite's tests that reach SQL, on a PostgreSQL server of their own
	$(SUITE) --postgres --ignore=tests/nlu --ignore=tests/content $(ARGS)

check: lint ## Lint, types, content and the quick tests: before every commit
	$(BIN)/carestart check
	$(BIN)/python -m pytest -q -n $(JOBS) --dist loadgroup -m "not proof and not slow" $(ARGS)

proof: $(READY) $(PEERS) ## The long proofs: kill storms, long random conversations
	$(BIN)/python -m pytest -m proof --timeout=1800 $(ARGS) || { status=$$?; test $$status -eq 5 || exit $$status; }

lint: $(READY) ## Ruff and strict mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Keeps the versions already locked; LOCK_ARGS=--upgrade takes newer ones.
lock: $(READY) ## Write requirements.lock again after a change of pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --quiet --all-extras --group dev --universal --generate-hashes \
		--python-version 3.11 --no-annotate --no-header $(LOCK_ARGS) --output-file requirements.lock

migration: $(READY) ## Write the migration from the last revision to bot/records/tables.py: NAME=what_changed
	$(BIN)/python -m bot.records.migrate $(NAME)
	$(BIN)/ruff format --quiet bot/records/migrations

clean: ## Remove the virtual environment and caches; data stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info

# What tests run against that is written for Node: where it cannot be installed those tests are skipped, and say so.
$(PEERS): tests/node/package-lock.json
	@echo "Installing the programs that tests run against"
	@if command -v npm >/dev/null && npm ci --prefix tests/node --silent --ignore-scripts --no-audit --no-fund; then touch $@; \
	else echo "npm is missing or could not install them: tests that need an OpenAPI server, an OpenID provider, a" \
		"FHIR server or axe are skipped" >&2; fi

# pip installs only uv and setuptools, at the locked versions and hashes; uv installs the rest in seconds. setuptools
# builds the one dependency that comes as source (pypred, pure Python), so that nothing unlocked is ever fetched.
$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "CareStart needs Python 3.11, 3.12 or 3.13 with its venv module" \
		"(Debian: the packages python3 and python3-venv). Or say where one is: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || { echo "Making a virtual environment in $(VENV)"; "$(PYTHON)" -m venv --clear $(VENV); }
	@awk '/^[a-z]/ { on = /^(uv|setuptools)==/ } on { print }' requirements.lock > $(VENV)/installers.txt
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		-r $(VENV)/installers.txt
	@echo "Installing the locked dependencies"
	@$(BIN)/uv pip sync --quiet --require-hashes --no-build-isolation --python $(BIN)/python requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@touch $(READY)
