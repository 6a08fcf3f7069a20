# Everything from a fresh checkout: "make serve" needs Python 3.11 or later and nothing else. "make help" lists the rest.
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps
# Node of .venv, where one had to be put there, goes before the system's.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix static
NODE := PATH="$(CURDIR)/$(BIN):$$PATH" node
NODE_FITS := const [a, b] = process.versions.node.split(".").map(Number); \
	process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)
STATIC := $(shell find static -name node_modules -prune -o -type f -print 2>/dev/null)
UV := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --quiet $(UPGRADE)
LINTED := service tests native docker docs examples
C_SOURCES = tests/bench/width.cc $(wildcard native/src/*.cc native/src/*.h native/include/*.h native/include/*/*.h examples/*/*.c examples/*/*.h)
ARGS ?=
# The tests start hundreds of Python processes: whoever turned byte code off would have it compiled anew in each.
KEPT := PYTHONDONTWRITEBYTECODE=

.PHONY: help serve test check vitest large partitions examples module pictures pytest lint format rehearse stubs wasm wasm-check bench bench-split bench-browser bench-library conformance golden static package lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile

serve: $(VENV)/.runtime build/static/index.html ## the service and the viewer on http://127.0.0.1:8000 (ARGS="--port 9000")
	$(BIN)/eitherside serve $(ARGS)

test: ## every check and test; pytest's summary comes last
	@$(MAKE) --no-print-directory -j4 lint module chromium postgresql check vitest $(VENV)/.examples $(VENV)/.bench
	@$(MAKE) --no-print-directory pytest

vitest: $(VENV)/.runtime build/static/index.html ## the tests of the browser side that need no browser
	$(NPM) run test

check: static/node_modules/.package-lock.json ## the types and the style of the browser side
	$(NPM) run check

pytest: $(VENV)/.test $(VENV)/.examples $(VENV)/.bench build/static/index.html ## the Python and browser tests alone (ARGS="-k name"; THOROUGH=1 makes up four times as many examples)
	$(KEPT) $(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

large: $(VENV)/.test ## 100 megapixels through the service, and the memory that takes (a minute or two)
	LARGE=1 $(KEPT) $(BIN)/python -m pytest -s tests/service/test_large.py $(ARGS)

partitions: $(VENV)/.test build/static/index.html chromium ## three clients and a service, cut off and killed at random, agree in the end (10 minutes; ARGS="--seed 7")
	cd tests && ../$(BIN)/python -m library.partitions $(ARGS)

lint: $(VENV)/.test ## ruff, mypy and clang-format
	$(BIN)/ruff check $(LINTED)
	$(BIN)/ruff format --check $(LINTED)
	$(BIN)/mypy
	$(BIN)/clang-format --dry-run -Werror --style=file:native/.clang-format $(C_SOURCES)

format: $(VENV)/.test ## lays the Python sources out
	$(BIN)/ruff check --fix $(LINTED)
	$(BIN)/ruff format $(LINTED)

rehearse: $(VENV)/.test ## runs the Dockerfile's steps in folders, without a container engine (as root, on Linux)
	$(BIN)/python docker/rehearse.py $(ARGS)

stubs: $(VENV)/.test ## writes service/eitherside/codec.pyi anew from the module's interface
	$(BIN)/python -m eitherside.stubs

wasm: ## builds build/codec.wasm from the pinned sources (about 15 minutes)
	$(PYTHON) native/build.py

examples: $(VENV)/.examples ## builds the example modules; gets their compiler (ziglang, 100 MB) first
	$(BIN)/python examples/make_module.py examples/fractal/fractal.c

# Builds only where native/ is no longer what the committed module was built from.
module:
	@$(PYTHON) native/build.py --stale || $(PYTHON) native/build.py --check

wasm-check: ## builds it again and compares with the committed one, byte for byte
	$(PYTHON) native/build.py --check

bench: $(VENV)/.bench tests/bench/node_modules/.package-lock.json build/static/index.html chromium ## this code against its peers, side by side, 12 minutes (ARGS="--quick", "--full", "--only decode", "--write" for docs)
	@cd tests && ../$(BIN)/python -m bench $(ARGS)

bench-split: $(VENV)/.test build/static/index.html chromium ## what each place costs three kinds of client (ARGS="--write" for docs)
	$(BIN)/python tests/bench_split.py $(ARGS)

bench-browser: $(VENV)/.test build/static/index.html chromium ## whether the planner picks the faster place, in Chromium slowed down
	$(BIN)/python tests/bench_browser.py $(ARGS)

bench-library: $(VENV)/.test build/static/index.html chromium ## how long a library of 10,000 pictures takes to open, and how it scrolls
	$(BIN)/python tests/bench_library.py

bench-placement: static/node_modules/.package-lock.json ## simulates where calls run; writes the table of docs/placement.md (ARGS=--check)
	$(NODE) static/scripts/bench-placement.mjs $(ARGS)

vectors: static/node_modules/.package-lock.json ## writes tests/placement/vectors.json anew from the planner (ARGS=--check)
	$(NODE) static/scripts/vectors.mjs $(ARGS)

conformance: $(VENV)/.test build/static/index.html ## the conformance suite beside the checkout in every engine; writes docs/conformance.md
	$(BIN)/python docs/conformance.py $(ARGS)

golden: $(VENV)/.test build/static/index.html ## computes tests/golden/golden.json anew in every engine, tells what changed (ARGS=--check)
	cd tests && ../$(BIN)/python -m golden.make $(ARGS)

static: build/static/index.html ## builds the viewer

package: static/node_modules/.package-lock.json ## builds the client library as a package, in build/package
	$(NPM) run package

pictures: $(VENV)/.test build/static/index.html chromium ## photographs every state of the viewer anew (ARGS="strip pixel" for some)
	$(BIN)/python docs/pictures.py $(ARGS)

lock: $(VENV)/.test ## writes the lock files anew (UPGRADE=--upgrade for newer versions)
	$(UV) pyproject.toml --group build -o requirements.lock
	$(UV) pyproject.toml --extra conformance --group build --group test --group docker --group dev -c requirements.lock -o requirements-test.lock
	$(UV) --group examples -o requirements-examples.lock
	$(UV) --group bench -c requirements-test.lock -o requirements-bench.lock
	$(UV) --group node -o requirements-node.lock

clean: ## removes what was installed and built, but for the committed module
	rm -rf $(VENV) static/node_modules tests/bench/node_modules build/static build/package .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; none was found." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
			echo "Python lacks its venv module here: installing Debian's"; \
			apt-get update -q && apt-get install -yq --no-install-recommends python3-venv && $(PYTHON) -m venv $(VENV); \
		else echo "Python lacks its venv module; Debian has it in the package python3-venv." >&2; exit 1; fi; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation --quiet -e .
	@touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.runtime
	$(PIP) -r requirements-test.lock
	@touch $@

# Two of pip at work in one environment would get in each other's way: what it does is one line of prerequisites.
$(VENV)/.examples: requirements-examples.lock | $(VENV)/.test
	$(PIP) -r requirements-examples.lock
	@touch $@

$(VENV)/.bench: requirements-bench.lock | $(VENV)/.examples
	$(PIP) -r requirements-bench.lock
	@touch $@

$(VENV)/.node: requirements-node.lock | $(VENV)/.runtime
	@if node -e '$(NODE_FITS)' 2>/dev/null && npm --version >/dev/null 2>&1; then :; else \
		echo "No Node 20.19 or later on the PATH: installing one in $(VENV)"; $(PIP) -r requirements-node.lock; fi
	@touch $@

static/node_modules/.package-lock.json: static/package-lock.json static/package.json $(VENV)/.node
	$(NPM) ci --no-fund --no-audit
	@touch $@

tests/bench/node_modules/.package-lock.json: tests/bench/package-lock.json tests/bench/package.json $(VENV)/.node
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix tests/bench ci --no-fund --no-audit --ignore-scripts
	@touch $@

build/static/index.html: static/node_modules/.package-lock.json build/codec.wasm $(STATIC)
	$(NPM) run build
	@touch $@

.PHONY: chromium
chromium:
	@if command -v chromium chromium-browser google-chrome >/dev/null 2>&1; then :; \
	elif command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then \
		echo "No Chromium: installing Debian's for the browser tests"; \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends chromium; \
	else echo "No Chromium on the PATH: the browser tests will be skipped. Install it to run them." >&2; fi

# After chromium: two of apt-get at once would get in each other's way.
.PHONY: postgresql
postgresql: chromium
	@if command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then :; \
	elif command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then \
		echo "No PostgreSQL: installing Debian's for the tests of libraries"; \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends postgresql; \
	else echo "No PostgreSQL here: the tests that need it will be skipped. Install it to run them." >&2; fi
