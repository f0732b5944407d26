# `make` alone lists the verbs. Needed: Python 3.11 with venv, and Node.js 20 for the end-to-end tests.
# From the environment: PORT, DATABASE_URL and REDIS_URL (see .env.example), PYTEST_ARGS and BENCH_ARGS.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run setup test check fuzz lint format chaos chaos-long soak bench screenshots lock clean
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install -qq --require-hashes
MANAGE := $(BIN)/python manage.py
# Three at a time on two cores: many of the tests wait. Those of `make check` do not.
PYTEST = $(BIN)/python -m pytest -q -n $(if $(filter check,$(MAKECMDGOALS)),2,3) --dist loadgroup $(PYTEST_ARGS)
UV_COMPILE := uv pip compile -q --python-version 3.11.7 --generate-hashes --no-emit-index-url --no-header

# A file in .venv or a node_modules marks each finished installation, so that a second run skips it.
VENV := .venv/.created
BASE := .venv/.base
DEV := .venv/.dev
E2E := tests/e2e/node_modules/.installed
BROWSER := tests/browser/node_modules/.installed
CLIENTS := clients/node_modules/.installed
BENCH := benchmarks/node_modules/.installed

# Empty, not unset: an unset one could come back from a developer's .env file.
EMBEDDED := DATABASE_URL= REDIS_URL=
# Beside the clusters, what shares one process: its numbers are small elsewhere.
WALKS := EVERY_KIND=300 REMOVAL_TRIALS=500 REVOKED_SOCKETS=100
IN_PROCESS := $(addprefix tests/realtime/,test_every_kind.py test_removal_race.py test_revocation.py)
SCENARIOS := $(EMBEDDED) $(WALKS) $(BIN)/python -m pytest -q tests/chaos $(IN_PROCESS) $(PYTEST_ARGS)
DEVELOPMENT := DEBUG=1 DATABASE_URL=sqlite://:memory: REDIS_URL=
PRODUCTION := DEBUG=0 SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
	ALLOWED_HOSTS=example.org FLOW_PROVIDER=tests.worker.bank.Bank DATABASE_URL=postgres://example.org/stoory REDIS_URL=redis://example.org

# Each verb numbers its steps; what is up to date is passed over in silence.
STEPS_check := 5
STEPS_setup := 7
STEPS_test := 10
STEPS_bench := 5
STEPS_screenshots := 6
STEPS_run := 5
STEPS := $(or $(STEPS_$(firstword $(MAKECMDGOALS))),4)
LINT_STEP := $(if $(filter test,$(MAKECMDGOALS)),8,4)
CLIENTS_STEP := $(if $(filter run,$(MAKECMDGOALS)),3,6)
BENCH_STEP := $(if $(filter bench,$(MAKECMDGOALS)),4,7)
step = @echo "[$(1)/$(STEPS)] $(2)"
show = @echo "      $(1)"
npm_ci = @npm ci --prefix $(1) --no-audit --no-fund --loglevel=error > /dev/null
# $(1) is a command, $(2) the environment it needs beyond the usual; only a failure shows its output.
quietly = @echo "      $(1)"; output=$$($(2) $(1) 2>&1) || { echo "$$output"; exit 1; }

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(BASE) $(if $(shell command -v npm),$(CLIENTS)) ## install, migrate, load demo data into a new database, serve on PORT (8000)
	$(call step,4,database)
	@$(MANAGE) migrate -v 0
	$(call step,5,server)
	@SANDBOX_ANSWERS=$${SANDBOX_ANSWERS-1} exec $(MANAGE) serve --demo

setup: $(DEV) $(E2E) $(BROWSER) $(CLIENTS) $(BENCH) ## install all that the tests and the linters need

test: setup lint ## lint, then every test: on SQLite, and again on PostgreSQL and Valkey
	$(call step,9,tests on SQLite and in memory)
	$(call show,$(PYTEST))
	@$(EMBEDDED) $(PYTEST)
	$(call step,10,the same tests on PostgreSQL and Valkey)
	$(call show,$(BIN)/python -m tests.services -- $(PYTEST) -m "not once")
	@$(BIN)/python -m tests.services -- $(PYTEST) -m "not once"

check: lint ## lint and the fast tests, in under a minute
	$(call step,5,fast tests)
	@$(EMBEDDED) $(PYTEST) -m "not slow" --ignore=tests/e2e

# Without pytest's memory of what is logged, which is long here, and which the collector of garbage looks through.
fuzz: $(DEV) ## 200,000 odd frames and 7,000 odd requests for a server in memory (FUZZ_FRAMES, FUZZ_REQUESTS), about 20 minutes
	$(call step,4,fuzz)
	@$(EMBEDDED) FUZZ_FRAMES=$${FUZZ_FRAMES:-200000} FUZZ_REQUESTS=$${FUZZ_REQUESTS:-40} \
		$(BIN)/python -m pytest -q -p no:logging --show-capture=no tests/security/test_fuzz.py tests/rest/test_fuzzing.py

lint: $(DEV) ## style, types, layers, migrations, deployment settings
	$(call step,$(LINT_STEP),lint)
	$(call quietly,$(BIN)/ruff check)
	$(call quietly,$(BIN)/ruff format --check)
	$(call quietly,$(BIN)/mypy,$(DEVELOPMENT))
	$(call quietly,$(BIN)/lint-imports --no-logo)
	$(call quietly,$(MANAGE) makemigrations --check --dry-run,$(DEVELOPMENT))
	$(call quietly,$(MANAGE) check --deploy --fail-level WARNING,$(PRODUCTION))

format: $(DEV) ## sort imports, mend what ruff can mend, format
	$(call step,4,format)
	@$(BIN)/ruff check -q --fix-only
	@$(BIN)/ruff format -q

chaos: $(DEV) ## kill servers, databases and the network, with full numbers, about 20 minutes (CHAOS_SEED plays a run again)
	$(call step,4,chaos)
	@CHAOS=full $(SCENARIOS)

chaos-long: $(DEV) ## the same for more than an hour
	$(call step,4,chaos)
	@CHAOS=long $(SCENARIOS)

soak: $(DEV) ## half an hour of coming, going and talking: what a server holds must come back (SOAK_SECONDS)
	$(call step,4,soak)
	@CHAOS=soak $(SCENARIOS) -k soak

bench: $(DEV) $(BENCH) ## compare with Node on this machine, about half an hour (BENCH_ARGS='--only send' a part of it)
	$(call step,5,benchmarks)
	$(call show,$(BIN)/python -m benchmarks $(BENCH_ARGS))
	@$(BIN)/python -m benchmarks $(BENCH_ARGS)

screenshots: $(DEV) $(BROWSER) $(CLIENTS) ## take the pictures of README.md anew
	@$(EMBEDDED) SCREENSHOTS=docs/images $(BIN)/python -m pytest -q tests/browser/test_pictures.py

lock: ## for maintainers: resolve requirements/*.in anew (needs uv; LOCK_ARGS=--upgrade takes newer versions)
	@command -v uv > /dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	@cd requirements && $(UV_COMPILE) $(LOCK_ARGS) base.in -o base.txt
	@cd requirements && $(UV_COMPILE) $(LOCK_ARGS) dev.in -o dev.txt

clean: ## remove what `make setup` and the tests made; the data in var/ stays
	@rm -rf .venv {tests/e2e,tests/browser,clients,benchmarks}/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV):
	$(call step,1,virtual environment)
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("stoory needs Python 3.11 or newer")'
	@$(PYTHON) -m venv .venv
	@touch $@

$(BASE): requirements/base.txt $(VENV)
	$(call step,2,packages of the server)
	@$(INSTALL) -r $<
	@touch $@

$(DEV): requirements/dev.txt $(BASE)
	$(call step,3,packages of the tests and the linters)
	@$(INSTALL) -r $<
	@touch $@

$(E2E): tests/e2e/package-lock.json
	$(call step,4,packages of the end-to-end tests)
	$(call npm_ci,$(<D))
	@touch $@

$(BROWSER): tests/browser/package-lock.json
	$(call step,5,a browser for the tests of the pages)
	$(call npm_ci,$(<D))
	@touch $@

$(CLIENTS): clients/package-lock.json
	$(call step,$(CLIENTS_STEP),packages of the clients)
	$(call npm_ci,$(<D))
	@touch $@

$(BENCH): benchmarks/package-lock.json
	$(call step,$(BENCH_STEP),packages of the Node servers to compare with)
	$(call npm_ci,$(<D))
	@touch $@
