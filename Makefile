# Everything a developer types. `make help` lists it.
# Needs git, make and Python >= 3.11; everything else is installed into .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
UV := uv==0.13.9
export PYTHONPATH := $(CURDIR)/app
# Install into this directory's .venv, whatever environment is active.
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

.PHONY: install
install: .venv/.installed ## Install into .venv (done by the other targets when needed)

.venv/.installed: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Matins needs Python >= 3.11: make PYTHON=/path/to/python3.11'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo 'This Python has no venv module; install it (Debian: apt install python3-venv).'; exit 1; }
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@test -x .venv/bin/uv || .venv/bin/python -m pip install --quiet --disable-pip-version-check '$(UV)'
	.venv/bin/uv sync --frozen --quiet
	@touch $@

.PHONY: demo
demo: install ## 31 nights of 5 tenants, with a worker killed and the broker flushed on the way
	@.venv/bin/python -m sandbox run --fresh -- .venv/bin/python -m sandbox.demo

.PHONY: dev
dev: install ## Web, worker and beat in the foreground, on what the demo left (PORT=8000)
	@.venv/bin/python -m sandbox dev

.PHONY: test
test: install ## Run the tests on the embedded Postgres and Valkey (ARGS="-k claim" narrows them)
	@.venv/bin/python -m pytest $(ARGS)

.PHONY: check
check: lint test ## Everything that must pass before a commit

.PHONY: tools
tools: .matins/tools/achcli ## Build the peers that tests call: the ACH validator (needs Go)

.matins/tools/achcli: tests/tools/go.mod tests/tools/go.sum
	@command -v go >/dev/null || { echo 'The ACH validator is built with Go >= 1.25; without it its tests are skipped.'; exit 1; }
	cd tests/tools && go build -o $(CURDIR)/$@ github.com/moov-io/ach/cmd/achcli

.PHONY: lint
lint: install ## Format, lint, types, import arrows, migrations in step with the models
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -W ignore::RuntimeWarning app/manage.py makemigrations --check --dry-run

.PHONY: bench
bench: install ## Measure against the peers (ONLY=fanout_10000 runs one row)
	@UV_PROJECT_ENVIRONMENT=.venv/bench .venv/bin/uv sync --frozen --quiet --group bench
	@.venv/bin/python -m sandbox --data .matins/bench run --fresh -- .venv/bench/bin/python -m bench $(if $(ONLY),--only $(ONLY))

.PHONY: clean
clean: ## Delete what the targets made: .venv, the sandbox's data, caches
	@for data in .matins/postgres .matins/bench/postgres; do test ! -L "$$data" || rm -rf "$$(readlink "$$data")"; done
	rm -rf .venv .matins .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
