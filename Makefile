# make demo    real figures → workspace → briefs of Zhejiang → dashboard
# make test    format, lint, types, import rules and all tests, browser included
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SPARK := .venv-spark
WORKERS ?= 2
PIP := $(BIN)/python -m pip --disable-pip-version-check install --constraint constraints.txt
# Names go by as packages are fetched; the log is shown if something fails.
NAMES := awk '/^Collecting/ { printf "%s ", $$2; fflush() } END { print "" }'
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
DEFINITION := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test test-spark lint bench bench-scale docs clean
.DELETE_ON_ERROR:

help:
	@echo "make demo    figures, workspace, briefs of Zhejiang, dashboard (FORELAND_DEMO_SERVE=0: without the dashboard)"
	@echo "make test    lint, types, import rules and all tests"
	@echo "make test-spark  questions, loads and faults on a real Spark cluster on this machine (needs Java 17; 0.5 GB the first time)"
	@echo "make lint    format, lint, types and import rules only"
	@echo "make bench   speed and memory against other packages"
	@echo "make bench-scale  1 to 100 million made-up participations under 4 GB (PARTICIPATIONS=1e7 for one size)"
	@echo "make docs    the documentation, into docs/_build/html"
	@echo "make clean   remove what was made"

demo: $(VENV)/installed
	@$(BIN)/foreland demo --dir demo

test: $(VENV)/installed-dev lint
	@chromium="$$(tools/setup_browser.sh)" && CHROMIUM="$$chromium" FORELAND_REQUIRE_BROWSER=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

test-spark: $(VENV)/installed-dev $(SPARK)/installed
	@$(BIN)/python tools/spark_cluster.py -- $(BIN)/python -m pytest tests/engines

lint: $(VENV)/installed-dev
	@echo "== format and lint"
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@echo "== types"
	@$(BIN)/mypy
	@echo "== import rules"
	@$(BIN)/lint-imports

bench: $(VENV)/installed-dev
	@$(BIN)/python benchmarks/run.py

bench-scale: $(VENV)/installed-dev $(if $(findstring spark,$(ENGINES)),$(SPARK)/installed)
	@$(BIN)/python benchmarks/scale.py $(addprefix --participations ,$(PARTICIPATIONS)) $(addprefix --engines ,$(ENGINES)) $(addprefix --dir ,$(DIR))

docs: $(VENV)/installed-docs
	@$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

clean:
	rm -rf $(VENV) $(SPARK) build dist docs/_build docs/reference demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests tools benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

# Environment ------------------------------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; v >= (3, 11) or sys.exit("Foreland needs Python 3.11 or newer; this is %d.%d. Name another: make PYTHON=python3.12 demo" % v)'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python can't make environments. Cure (Debian, Ubuntu): apt-get install python3-venv" >&2; exit 1; }
	@echo "== environment: $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/installed: $(DEFINITION) | $(BIN)/python
	@echo "== installing Foreland and what it needs (a minute or two the first time)"
	@$(PIP) --editable . 2>$(VENV)/pip.log | $(NAMES) || { cat $(VENV)/pip.log >&2; exit 1; }
	@touch $@

$(VENV)/installed-dev: $(DEFINITION) | $(BIN)/python
	@echo "== installing Foreland and the tools for its tests"
	@$(PIP) --editable '.[dev,docs]' 2>$(VENV)/pip.log | $(NAMES) || { cat $(VENV)/pip.log >&2; exit 1; }
	@touch $@ $(VENV)/installed $(VENV)/installed-docs

$(VENV)/installed-docs: $(DEFINITION) | $(BIN)/python
	@echo "== installing Foreland and the tools for its documentation"
	@$(PIP) --editable '.[docs]' 2>$(VENV)/pip.log | $(NAMES) || { cat $(VENV)/pip.log >&2; exit 1; }
	@touch $@ $(VENV)/installed

# Spark itself and its client can't share an environment: both bring the module pyspark.
$(SPARK)/installed: constraints.txt
	@$(PYTHON) tools/spark_cluster.py --find-java
	@echo "== environment: $(SPARK) (Spark itself, about 0.5 GB)"
	@$(PYTHON) -m venv --clear $(SPARK)
	@$(SPARK)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps "pyspark==$$(sed -n 's/^pyspark-client==//p' constraints.txt)"
	@touch $@
