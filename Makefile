# Every target works on a fresh machine that has Python 3.11+, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Its pin of setuptools is meant, and every run would warn of it.
TASKCAT := $(VENV)-taskcat/bin/python -W 'ignore:pkg_resources' -m tests.taskcat --python $(BIN)/python
PLATFORM ?= taskcat

.PHONY: build test pytest demo check fast bench golden audit taskcat taskcat-update taskcat-sandbox hooks clean

build: $(VENV)/.runtime          ## environment, then the main job
	$(BIN)/python -m generator build --all

# What does not touch goes side by side: first what may fail at once, beside what has to be fetched.
test:                            ## format, lint, types, audit, taskcat and every test, on all cores
	@$(MAKE) --no-print-directory --jobs 3 check $(VENV)-audit/.installed $(VENV)-taskcat/.installed
	@$(MAKE) --no-print-directory --jobs 3 audit taskcat-sandbox pytest

pytest: $(VENV)/.dev             ## every test on all cores
	$(BIN)/python -m pytest -n auto --dist worksteal -q

demo: $(VENV)/.demo              ## all of it here: local AWS, deploy, service, load, report
	$(BIN)/python -m generator demo

check: $(VENV)/.dev              ## format, lint and types; warnings are errors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

fast: check                      ## check, and the tests of what is written: settings, templates, policies
	$(BIN)/python -m pytest -n auto -q tests/checks tests/layers tests/policies tests/settings

bench: $(VENV)/.dev              ## the numbers of README, as ratios in one run
	$(BIN)/python -m tests.bench

golden: $(VENV)/.dev             ## write what is generated and committed anew, after a change that is meant
	$(BIN)/python -m generator build --env reference
	$(BIN)/python -m generator build --env quickstart

audit: $(VENV)-audit/.installed  ## checkov and cfripper, in an environment of their own
	$(VENV)-audit/bin/python -m tests.audit

taskcat: $(VENV)-taskcat/.installed $(VENV)/.runtime          ## .taskcat.yml in AWS: it costs (docs/taskcat.md)
	$(BIN)/python -m generator build --env $(PLATFORM)
	$(TASKCAT) run $(PLATFORM) $(if $(TESTS),--tests $(TESTS))

taskcat-update: $(VENV)-taskcat/.installed $(VENV)/.runtime   ## in AWS: the previous release, this one over it
	$(BIN)/python -m generator build --env $(PLATFORM)
	$(TASKCAT) update $(PLATFORM) $(if $(PREVIOUS),--previous $(PREVIOUS))

taskcat-sandbox: $(VENV)-taskcat/.installed $(VENV)/.runtime  ## both in the sandbox, in seven Regions and two
	$(BIN)/python -m generator build --env worldwide --no-lint
	$(BIN)/python -m generator build --env taskcat --no-lint
	$(BIN)/python -m generator sandbox -- $(TASKCAT) run worldwide --keep
	$(BIN)/python -m generator sandbox -- $(TASKCAT) run taskcat
	$(BIN)/python -m generator sandbox -- $(TASKCAT) update taskcat

hooks: $(VENV)/.dev              ## install the pre-commit hooks
	$(BIN)/pre-commit install

clean:
	rm -rf $(VENV) $(VENV)-audit $(VENV)-taskcat .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; say which with: make PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.deploy: $(BIN)/python setup.cfg constraints.txt   # what a pipeline needs, and no more
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.runtime: $(BIN)/python setup.cfg constraints.txt
	$(PIP) install -c constraints.txt -e '.[sandbox]'
	@touch $@

$(VENV)/.demo: $(VENV)/.runtime
	$(PIP) install -c constraints.txt -e '.[sandbox,data-plane,loadtest]'
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@

$(VENV)-audit/.installed: requirements-audit.txt constraints-audit.txt
	$(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/python -m pip --disable-pip-version-check --quiet install \
	  -c constraints-audit.txt -r requirements-audit.txt
	@touch $@

$(VENV)-taskcat/.installed: requirements-taskcat.txt constraints-taskcat.txt
	$(PYTHON) -m venv $(VENV)-taskcat
	$(VENV)-taskcat/bin/python -m pip --disable-pip-version-check --quiet install \
	  -c constraints-taskcat.txt -r requirements-taskcat.txt
	@touch $@
