# Everything a person or a machine does with this repository. `make help` lists it.

.DEFAULT_GOAL := all
.PHONY: help all run test check quick-tests lint bench soak vsix screenshots format clean setup setup-npm setup-debian

PYTHON ?= python3
UV_VERSION := 0.13.9
UV := build/tools/bin/uv
BIN := .venv/bin
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
# On a busy machine a moment that a test waits for may come late: one more try, and the summary names who needed it.
SECOND_TRY := --reruns 1 -rR
# Tests wait for engines and processes half of their time: more of them at once than there are cores. One that has nothing
# left to do takes from those who have.
PYTEST := $(BIN)/pytest -n $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 2) + 2)') --dist worksteal -q
TESTS := $(PYTEST) -m "not journey"
# A file stays with one process: its tests share what is dear to start.
JOURNEYS := $(BIN)/pytest -m journey -n 2 --dist loadfile -q
DEBIAN_PACKAGES := chromium neovim emacs-nox elpa-eglot ripgrep libkrb5-dev g++ bubblewrap libseccomp2
export UV_PYTHON_DOWNLOADS := never
# Containers like to forbid Python to keep what it compiled: then each of the hundreds of processes that the tests start
# would compile the hub anew, and each of their workers all tests.
export PYTHONDONTWRITEBYTECODE :=

help: ## this list
	@grep -E "^[a-z-]+:.*##" $(MAKEFILE_LIST) | sed "s/:.*## /\t/" | expand -t 13

all: setup vsix ## the hub's environment and the VS Code extension

run: setup ## start the hub here: everything embedded, nothing to configure
	@exec $(BIN)/hive up

test: setup setup-npm setup-debian lint ## all tests: Python, the extension, the browser and editor journeys
	cd vscode-extension && npm run --silent lint && npm run --silent check && npm test --silent
	$(TESTS) $(SECOND_TRY)
	$(JOURNEYS) $(SECOND_TRY)

# Beside each other: what lint has to say stands between the first dots, and in the exit code.
check: setup tests/github/node_modules ## lint, types, import contract and the quick tests: two to three minutes on two cores, for while you work
	@$(MAKE) --no-print-directory --jobs quick-tests lint

quick-tests: setup tests/github/node_modules
	$(PYTEST) -m "not journey and not slow"

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/mypy

format: setup ## format the Python code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup setup-npm ## measure; writes build/bench.json
	$(BIN)/python -m bench

MINUTES ?= 10
soak: setup ## load and random faults for MINUTES=10, then 50 editors; looks whether anything was lost, doubled, stale
	$(BIN)/python -m tests.soak --minutes $(MINUTES)
	$(BIN)/python -m tests.soak_editors --minutes $(MINUTES)

vsix: vscode-extension/node_modules ## build/agent-hive.vsix
	cd vscode-extension && npm run --silent package

# In the repository, and within the README of the .vsix; small enough for both.
PICTURES := views-2-findings views-4-preview views-6-review threads-2-replied
screenshots: ## the pictures of the extension's README, from what its journeys saw last
	mkdir -p vscode-extension/media/screenshots
	for name in $(PICTURES); do pngquant --force --strip --speed 1 --output vscode-extension/media/screenshots/$$name.png 64 build/screenshots/$$name.png; done

clean: ## remove what was built here
	rm -rf build dist .venv vscode-extension/node_modules vscode-extension/out tests/*/node_modules

# --- what the others need ---------------------------------------------------------------------------------------------

setup: .venv/.synced

# pip's --target works also where Debian keeps pip from its own Python, and needs no venv module.
$(UV):
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target build/tools uv==$(UV_VERSION)

.venv/.synced: pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen --quiet --python $(PYTHON)
	@touch $@

setup-npm: vscode-extension/node_modules tests/github/node_modules tests/vscode/node_modules

%/node_modules: %/package-lock.json
	cd $* && $(NPM_CI)
	@touch $@

# Browsers and editors for the journeys: as root they are installed, otherwise the one command is printed and the
# journeys that need them are skipped, each with its reason.
setup-debian:
	@missing=""; for package in $(DEBIAN_PACKAGES); do dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else echo "** Some journeys will be skipped. To run them: sudo apt-get install -y --no-install-recommends$$missing"; fi
