# Each target works on a fresh machine: it makes .venv, installs the pinned packages there once, then runs.
# Needs: Python 3.11 or newer with venv (Debian: apt install python3-venv) and a network for the first run.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test docs bench lint clean

help:
	@echo "make demo   the same expressions on every backend, and training on crossbars: do they agree, do they learn"
	@echo "make test   the whole test suite, every Python block of the documentation and every docstring"
	@echo "make docs   the site, in docs/_build/html"
	@echo "make bench  tables of speed beside other libraries"
	@echo "make lint   ruff and mypy"
	@echo "make clean  removes .venv and what was built"

demo: $(READY)
	$(BIN)/python examples/demo.py
	$(BIN)/python examples/analog_training.py --picture analog_training.png

test: $(READY)
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile

docs: $(READY)
	$(BIN)/python -m sphinx --fail-on-warning --keep-going -b html docs docs/_build/html

bench: $(READY)
	$(BIN)/python -m benchmarks

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m mypy

clean:
	rm -rf $(VENV) docs/_build docs/generated dist

# Dependency groups need pip 25.1; a fresh venv may bring an older one.
$(READY): pyproject.toml constraints.txt
	@echo "Setting up $(VENV); the first time this takes a few minutes."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[all]" --group dev
	@touch $@
