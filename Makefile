# `make run` starts the app, `make test` checks everything. Both prepare .venv first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
STAMP := .venv/.installed
DEV_STAMP := .venv/.installed-dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := $(BIN)/python -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

.PHONY: run test lint bench lock screenshots architecture demo-data clean

run: $(STAMP)
	$(BIN)/python tools/run.py

# What needs no browser on two cores, then what drives one, alone: its pages are waited for.
test: lint
	$(BIN)/python -m pytest --ignore=tests/browser --numprocesses=2 --dist=loadfile
	$(BIN)/python -m pytest tests/browser

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(DEV_STAMP)
	$(BIN)/python benchmarks/page.py

screenshots: $(DEV_STAMP)
	$(BIN)/python tools/screenshots.py

# The list of modules in ARCHITECTURE.md, from the modules themselves.
architecture: $(STAMP)
	$(BIN)/python tools/architecture.py --write

# The raw files of the demo brand, from their generator.
demo-data: $(STAMP)
	$(BIN)/python data/generate.py

# New locks from requirements*.in (see docs/dependencies.md).
lock: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-tools
	$(COMPILE) -o requirements.txt requirements.in
	$(COMPILE) -o requirements-dev.txt requirements-dev.in

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "channelopt needs Python 3.11: install it, then run make again."; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		{ echo "channelopt needs Python 3.11; '$(PYTHON)' is another version. Try: make PYTHON=/path/to/python3.11"; exit 1; }
	"$(PYTHON)" -m venv .venv

$(STAMP): requirements.txt | $(BIN)/python
	@echo "Installing what the app needs (a few minutes the first time) ..."
	$(PIP) -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt $(STAMP)
	@echo "Installing what the tests need ..."
	$(PIP) -r requirements-dev.txt
	@touch $@
