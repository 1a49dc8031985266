# Every target that runs Python prepares its environment itself; `make` alone lists the targets.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

ifeq ($(filter oneshell,$(.FEATURES)),)
$(error this Makefile needs GNU make 3.82 or newer)
endif

# Variables: make PYTHON=python3.13 VENV=build/other test
# PYTHON is used when the environment is created; an existing environment is kept.
USABLE      := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
CANDIDATES  := python3 python3.13 python3.12 python3.11 python
PYTHON      ?= $(shell for p in $(CANDIDATES); do if $$p -c '$(USABLE)' >/dev/null 2>&1; then echo $$p; break; fi; done)
VENV        ?= .venv
PYTHONS     ?=
SERVICE     ?=
PYTEST_ARGS ?= -n 3 --dist loadfile --no-loadscope-reorder
PORT        ?= 8010
MIN         ?= 98
DOCS_PORT   ?= 8020
SITE_URL    ?=
UV          ?= uv
LOCK_ARGS   ?=
TOOL        ?=
LANGUAGE    ?=
DOCUMENTS   ?=
OPC         ?= 0.29.1
WAITS       ?= 100 1000
SIMULATION_ARGS ?=

RUN  = $(VENV)/bin/python
CODE = $(wildcard generator tests examples benchmarks)

# An environment is ready when it holds the stamp of its requirements' content. The stamp comes last, so an interrupted
# install is done again, and a changed requirements file has another stamp.
stamp = $(2)/.ready-$(firstword $(shell cksum 2>/dev/null < requirements/$(1).txt))

# $(call environment,NAME,FOLDER,INTERPRETER): FOLDER becomes an environment with exactly requirements/NAME.txt.
define environment
echo "== environment $(2): requirements/$(1).txt"; rm -rf "$(2)"; "$(3)" -m venv "$(2)"; \
"$(2)/bin/python" -m pip install --disable-pip-version-check -qq --require-hashes -r requirements/$(1).txt; \
touch "$(call stamp,$(1),$(2))"
endef

ENV     := $(call stamp,workshop,$(VENV))
PYRIGHT := $(call stamp,pyright,build/pyright-env)
BENCH   := $(call stamp,bench,build/bench-env)
RELEASE := $(call stamp,release,build/release-env)
SCORE   := $(call stamp,scoreboard,build/scoreboard-env)
INTEROP := $(call stamp,interop,build/interop-env)
AIRFLOW := $(call stamp,airflow,build/airflow-env)
BROWSER := $(call stamp,browser,build/browser-env)
CONSOLE := build/console-env/node_modules/swagger-ui-dist

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z-]*:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: env
env: $(ENV) ## Prepare .venv from requirements/workshop.txt (PYTHON=, VENV=); every other target does it too

$(ENV):
	@py='$(PYTHON)'; if [ -z "$$py" ] || ! "$$py" -c '$(USABLE)' >/dev/null 2>&1; then \
	  echo "no usable Python 3.11 or newer (with venv): tried $${py:-$(CANDIDATES)}; say which: make PYTHON=/path/to/python3" >&2; \
	  exit 1; \
	fi; $(call environment,workshop,$(VENV),$$py)

.PHONY: generate
generate: $(ENV) ## Write generated_client/ from openapi/
	@$(RUN) -m generator client

define lint-steps
@echo '== ruff check: $(CODE)'
@$(RUN) -m ruff check --quiet $(CODE)
@echo '== ruff format --check: $(CODE)'
@$(RUN) -m ruff format --check --quiet $(CODE)
@echo '== mypy --strict: generator'
@$(RUN) -m mypy --no-error-summary
@echo '== mypy --strict: generated_client'
@$(RUN) -m mypy --no-error-summary --package cloudjobs
@echo '== English of comments, strings and documentation'
@$(RUN) -m tests.prose
endef

.PHONY: check
check: $(ENV) ## Verify documents, evidence, versions, freshness of generated_client/, style and types; changes nothing
	@echo '== documents, evidence, freshness of generated_client'
	@$(RUN) -m generator check
	@echo '== documents against the last release'
	@$(RUN) -m generator contract diff --last-release
	$(lint-steps)

.PHONY: test
test: $(ENV) ## Run the tests (PYTEST_ARGS="-k name")
	@$(RUN) -m pytest $(PYTEST_ARGS)

.PHONY: exhaustive
exhaustive: $(ENV) ## Run all cases, also those that make test leaves out or samples (PYTEST_ARGS="-k name")
	@EXHAUSTIVE=1 $(RUN) -m pytest -m 'exhaustive or not exhaustive' $(PYTEST_ARGS)

.PHONY: services
services: $(ENV) ## Generate, check, document and run the made-up services of each kind (make test has a sample)
	@EXHAUSTIVE=1 $(RUN) -m pytest -m 'exhaustive or not exhaustive' tests/services

.PHONY: conformance
conformance: $(ENV) ## Run all cases of tests/client/conformance on every sender (make test has a quarter)
	@EXHAUSTIVE=1 $(RUN) -m pytest -n auto --maxprocesses 4 tests/client/conformance tests/client/test_waiting_table.py

.PHONY: contract
contract: $(ENV) ## Test documents, recordings and the replay server with schemathesis (SERVICE=ges)
	@$(RUN) -m pytest -q -p no:cacheprovider tests/contract/test_schemathesis.py $(if $(SERVICE),-k '$(SERVICE)')

.PHONY: lint
lint: $(ENV) ## Check style and types only
	$(lint-steps)

.PHONY: format
format: $(ENV) ## Format the hand-written code and apply automatic fixes
	@$(RUN) -m ruff check --fix-only --quiet $(CODE)
	@$(RUN) -m ruff format $(CODE)

.PHONY: dist
dist: $(ENV) ## Build sdists and wheels of the client and the generator into dist/, the same bytes each time
	@rm -rf dist
	@for folder in generated_client .; do \
	  SOURCE_DATE_EPOCH=1767225600 $(RUN) -m build --no-isolation --outdir dist $$folder; \
	done

.PHONY: dist-check
dist-check: $(ENV) dist ## Install both wheels in a new environment, and make a client in an empty folder (network, 2 minutes)
	@$(RUN) -m tests.generator.dist_check dist

.PHONY: upgrade-check
upgrade-check: $(ENV) ## Generate with another openapi-python-client (OPC=0.29.0), and show the differences (extra environment)
	@rm -rf build/upgrade-env build/upgrade; mkdir -p build/upgrade; "$(RUN)" -m venv build/upgrade-env
	@build/upgrade-env/bin/python -m pip install --disable-pip-version-check -qq --require-hashes -r requirements/workshop.txt
	@build/upgrade-env/bin/python -m pip install --disable-pip-version-check -qq --no-deps 'openapi-python-client==$(OPC)'
	@echo '== templates that differ from the recorded ones'
	@build/upgrade-env/bin/python -m pytest -q -p no:cacheprovider tests/generator/test_generate.py || true
	@echo '== differences of the client'
	@build/upgrade-env/bin/python -m generator client --output build/upgrade/client
	@diff -r --brief --exclude __pycache__ generated_client build/upgrade/client || true

.PHONY: release-check
release-check: $(ENV) $(RELEASE) dist ## Check whether dist/ can be uploaded, and name the fix if not (extra environment; writes an SBOM into build/)
	@$(RUN) -m generator release-check

$(RELEASE): | $(ENV)
	@$(call environment,release,build/release-env,$(RUN))

.PHONY: pyright
pyright: $(ENV) $(PYRIGHT) ## Check the client's types and the samples with pyright (extra environment, about 200 MB)
	@rm -rf build/samples; $(RUN) -m tests.docs.samples.sources build/samples > /dev/null
	@build/pyright-env/bin/basedpyright --pythonpath $(RUN)

$(PYRIGHT): | $(ENV)
	@$(call environment,pyright,build/pyright-env,$(RUN))

.PHONY: mutate
mutate: $(ENV) ## Measure how strong the contract is; writes build/mutation.json (MIN=98 percent)
	@$(RUN) -m generator contract mutate --min $(MIN)

.PHONY: coverage
coverage: $(ENV) ## Show which parts of the documents recordings and cases exercise; writes build/coverage.json
	@$(RUN) -m generator contract coverage --all

.PHONY: bench
bench: $(ENV) $(BENCH) ## Compare the client with other libraries (extra environment, about 250 MB); writes build/bench.json
	@build/bench-env/bin/python -m benchmarks $(abspath $(RUN))

$(BENCH): | $(ENV)
	@$(call environment,bench,build/bench-env,$(RUN))

.PHONY: simulation
simulation: $(ENV) ## Simulate waits for 1,000,000 jobs on 16 workers (SIMULATION_ARGS=--all-workers); writes build/simulation.json
	@PYTHONPATH=generated_client/src $(RUN) -m benchmarks.simulation $(SIMULATION_ARGS)

.PHONY: diff-scoreboard
diff-scoreboard: $(ENV) ## Compare our verdicts with labelled pairs of documents, OASDIFF=DIR also with a checkout of oasdiff
	@$(RUN) -m benchmarks.scoreboard.edits --oasdiff "$(OASDIFF)"

.PHONY: recorder-stress
recorder-stress: $(ENV) ## A recording of 10,000 exchanges, of 100 MB, and fifty that are killed
	@PYTHONPATH=generated_client/src $(RUN) -m tests.contract.recorder_stress

.PHONY: foreign-documents
foreign-documents: $(ENV) ## Import the OpenAPI documents of DOCUMENTS=DIR and compare with openapi-python-client
	@if [ -z "$(DOCUMENTS)" ]; then echo 'skipped: give DOCUMENTS=DIR, a folder of OpenAPI documents (YAML or JSON)'; exit 0; fi; \
	$(RUN) -m tests.foreign_documents "$(DOCUMENTS)"

.PHONY: interop
interop: $(ENV) $(INTEROP) ## Run vendors' clients, FastAPI, data frames, a real Ray head (extra environment, about 1 GB); writes build/interop.json
	@PYTHONPATH=generated_client/src $(RUN) -m tests.interop $(abspath build/interop-env/bin/python)

$(INTEROP): | $(ENV)
	@$(call environment,interop,build/interop-env,$(RUN))

.PHONY: airflow
airflow: $(ENV) $(AIRFLOW) ## Check the Airflow provider: types, tests, 100 and 1,000 deferred waits (WAITS="24"; extra environment; PostgreSQL)
	@rm -rf build/airflow; mkdir -p build/airflow
	@$(RUN) -m build --no-isolation --wheel --outdir build/airflow/dist generated_client > build/airflow/build.log
	@PYTHONPATH=generated_client/src $(RUN) -m tests.interop.airflow build/airflow-env/bin/python $(WAITS)

$(AIRFLOW): | $(ENV)
	@$(call environment,airflow,build/airflow-env,$(RUN))

.PHONY: tools
tools: $(ENV) ## Run some 40 OpenAPI tools over the documents (TOOL=name for some; own environments, 3 GB; Node, Java)
	@PYTHONPATH=generated_client/src nice $(RUN) -m tests.interop.tools --tool '$(TOOL)'

.PHONY: clients
clients: $(ENV) ## Generate, compile and run clients and projects in TypeScript, Java and Go in build/clients/ (LANGUAGE=java; Node, a JDK, Maven)
	@PYTHONPATH=generated_client/src nice $(RUN) -m tests.interop.clients --language '$(LANGUAGE)'

.PHONY: scoreboard
scoreboard: $(ENV) $(SCORE) ## Run other tools on ten faulty recordings and count their findings (extra environment, about 150 MB; Node if installed)
	@$(RUN) -m benchmarks.scoreboard build/scoreboard-env/bin/python

$(SCORE): | $(ENV)
	@$(call environment,scoreboard,build/scoreboard-env,$(RUN))

.PHONY: replay-bench
replay-bench: $(ENV) ## Compare the replay server with Prism (needs Node); writes build/replay-bench.json
	@$(RUN) -m benchmarks.scoreboard.replaying

.PHONY: interpreters
interpreters: ## Verify on each installed Python from 3.11 to 3.14 (more: PYTHONS="/path/to/python3 ...")
	@failed=; for py in python3.11 python3.12 python3.13 python3.14 $(PYTHONS); do \
	  if ! "$$py" -c '$(USABLE)' >/dev/null 2>&1; then echo "== $$py: skipped, not here"; continue; fi; \
	  env="build/env-$$("$$py" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"; \
	  if [ ! -f "$(call stamp,workshop,$$env)" ]; then $(call environment,workshop,$$env,$$py); fi; \
	  echo "== $$py"; "$$env/bin/python" -m generator check || failed+=" $$py"; \
	done; [ -z "$$failed" ] || { echo "failed on:$$failed" >&2; exit 1; }

.PHONY: replay
replay: $(ENV) ## Serve the recorded responses on http://127.0.0.1:8010 (PORT=)
	@PYTHONPATH=generated_client/src $(RUN) -m cloudjobs.testing serve --port $(PORT)

.PHONY: docs
docs: $(ENV) ## Build the documentation into build/site (SITE_URL=https://host/path/ for the sitemap)
	@$(RUN) -m generator docs $(if $(SITE_URL),--address $(SITE_URL))

.PHONY: docs-serve
docs-serve: $(ENV) ## Show the documentation on http://127.0.0.1:8020, and reload it when a guide or a document changes (DOCS_PORT=)
	@$(RUN) -m generator docs --serve $(DOCS_PORT)

.PHONY: docs-translations
docs-translations: $(ENV) ## List the translations that are behind their English text
	@$(RUN) -m generator docs --translations

.PHONY: docs-dist
docs-dist: $(ENV) ## Build the documentation and pack it into dist/, ready to publish, the same bytes each time
	@$(RUN) -m generator docs --archive dist/cloudjobs-docs.tar.gz $(if $(SITE_URL),--address $(SITE_URL))

.PHONY: docs-browser
docs-browser: docs $(BROWSER) ## Open the documentation in Chromium (extra environment, about 120 MB; needs Debian's chromium)
	@$(RUN) -m tests.docs.hostile build/hostile-site
	@build/browser-env/bin/python -m tests.docs.browser build/site build/screenshots build/hostile-site

$(BROWSER): | $(ENV)
	@$(call environment,browser,build/browser-env,$(RUN))

.PHONY: docs-console
docs-console: $(ENV) $(CONSOLE) ## Show the documentation with a console page of each document, and the replay that it calls (npm)
	@$(RUN) -m generator docs --console $(CONSOLE)
	@PYTHONPATH=generated_client/src $(RUN) -m cloudjobs.testing serve --jobs 3 --cors http://127.0.0.1:$(DOCS_PORT) & \
	trap "kill $$!" EXIT; echo 'http://127.0.0.1:$(DOCS_PORT)/console/'; \
	$(RUN) -m http.server --bind 127.0.0.1 --directory build/site $(DOCS_PORT)

.PHONY: docs-console-check
docs-console-check: $(ENV) $(CONSOLE) $(BROWSER) ## Send a request from each console page to the replay, in Chromium
	@$(RUN) -m generator docs --output build/console-site --console $(CONSOLE)
	@PYTHONPATH=generated_client/src build/browser-env/bin/python -m tests.docs.console build/console-site $(abspath $(RUN))

$(CONSOLE):
	@npm install --no-save --no-audit --no-fund --ignore-scripts --prefix build/console-env swagger-ui-dist@5.35.0

.PHONY: docs-terminal
docs-terminal: $(ENV) dist ## Type the terminal blocks of all pages into clean shells, with the wheel of dist/ (PAGES="quick-start")
	@PYTHONPATH=generated_client/src $(RUN) -m tests.docs.terminal $(PAGES)

.PHONY: lighthouse
lighthouse: docs ## Compare the page of a document with Redoc, Scalar, Swagger UI and Sphinx (npm, Debian's chromium)
	@$(RUN) -m benchmarks.scoreboard.documentation

.PHONY: docs-figures
docs-figures: $(ENV) ## Copy the measurements in build/ into the documentation, to be committed
	@$(RUN) -m generator figures

.PHONY: docs-samples
docs-samples: $(ENV) ## Update the sample output in the guides, to be reviewed and committed
	@PYTHONPATH=generated_client/src $(RUN) -m tests.docs.samples $(wildcard generator/docs/content/*.md)

.PHONY: lock
lock: ## Compile requirements/*.in into hash-pinned *.txt; needs uv (LOCK_ARGS=--upgrade for newer releases)
	@command -v $(UV) >/dev/null || { echo 'make lock needs uv: pip install uv' >&2; exit 1; }
	@for name in $(basename $(notdir $(wildcard requirements/*.in))); do \
	  echo "== requirements/$$name.txt"; \
	  $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	    --custom-compile-command 'make lock' $(LOCK_ARGS) requirements/$$name.in -o requirements/$$name.txt; \
	done

.PHONY: clean
clean: ## Remove .venv, build/, dist/ and caches
	@rm -rf .venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
