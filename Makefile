# make run    sets up what the app needs and starts it        make run PORT=8600 ARGS="--server.headless true"
# make test   sets up what the tests need and passes them     make test VENV=/elsewhere/venv
# The other targets: dev (run, watching the files), test-quick, test-long, golden, lint, format, types, js, unit, browser, ...

VENV ?= .venv
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo $$p && break; done)
IN_VENV = $(VENV)/bin/python -m
PIP_INSTALL = $(IN_VENV) pip install --disable-pip-version-check --progress-bar off

# Processes of the unit tests
WORKERS = $(shell $(VENV)/bin/python -c 'import os; print((os.cpu_count() or 1) + 1)')

# Only the checks of JavaScript need node and npm. Without these they are left out, or fail: make test JS=required
JS ?= optional
NPM ?= $(shell node -e 'process.exit(+(parseInt(process.versions.node) < 18))' 2>/dev/null && command -v npm)

.PHONY: help run dev test test-quick test-long golden lint format types js unit browser audit bench pictures fonts labs deploy setup \
	setup-dev setup-ray setup-jupyter clean

help:
	@sed -n 's/^# //p' Makefile | head -3

run: setup
	$(IN_VENV) streamlit run app.py $(if $(PORT),--server.port $(PORT)) $(ARGS)

dev: setup # the same, and it runs again whenever a file is saved
	$(IN_VENV) streamlit run app.py --server.fileWatcherType auto --server.runOnSave true \
		$(if $(PORT),--server.port $(PORT)) $(ARGS)

test: lint js unit browser # types are a test of unit, beside the others; what fails fastest comes first, also under `make -j`
.NOTPARALLEL:

test-quick: lint types js # in under two minutes: no browser, and no unit test that takes over a second
	$(MAKE) unit ARGS="-m 'not slow' $(ARGS)"

test-long: lint js # long checks whole, of which `make test` tries a sample; the longest takes an hour, and all others run beside it
	$(MAKE) unit WORKERS=1 ARGS="--long $(ARGS) tests/test_everybody.py" & longest=$$!; \
	$(MAKE) -k unit browser ARGS="--long $(ARGS) --ignore=tests/test_everybody.py"; others=$$?; \
	wait $$longest && exit $$others

golden: setup-dev # writes down anew what the app says (tests/golden/sentences.json); look through the diff
	$(IN_VENV) tests.golden

lint: setup-dev
	$(IN_VENV) ruff check .
	$(IN_VENV) ruff format --check .

format: setup-dev $(if $(NPM),node_modules/done)
	$(IN_VENV) ruff check --fix .
	$(IN_VENV) ruff format .
	$(if $(NPM),node_modules/.bin/biome check --write)

types: setup-dev
	$(IN_VENV) mypy

ifneq ($(NPM),)
js: node_modules/done
	node_modules/.bin/biome ci
	node_modules/.bin/tsc
	node --test tests/js/*.test.js
else
js:
	@echo "the checks of JavaScript were left out: they need node 18 or newer and npm, which the app does not"
	@test "$(JS)" != required
endif

unit: setup-dev # a thread each; a quarter of the time they wait, for processes that they started: one process more than cores
	OMP_NUM_THREADS=1 $(IN_VENV) pytest -n $(WORKERS) --dist worksteal --ignore=tests/browser $(ARGS)

browser: setup-dev
	OMP_NUM_THREADS=1 $(IN_VENV) pytest -n auto --dist worksteal tests/browser $(ARGS)

audit: setup # asks the registry's list of known vulnerabilities; what is not on it fails, too
	$(PIP_INSTALL) 'pip-audit>=2.7'
	$(IN_VENV) pip_audit --strict --skip-editable

bench: setup-dev
	$(IN_VENV) bench.ui $(ARGS)

pictures: setup-dev
	$(IN_VENV) bench.pictures $(ARGS)

fonts: setup-dev # the parts of Streamlit's fonts that browsers are sent, anew for another Streamlit
	$(IN_VENV) harness.fonts

labs: setup # lessons as a static site for any web host: make labs APP=https://where.the/app/is
	$(IN_VENV) cnnviz labs build/labs $(if $(APP),--app $(APP))

deploy: $(VENV)/requirements-deploy-done # make deploy SPACE=owner/name
	@$(IN_VENV) deploy "$(SPACE)"

setup: $(VENV)/requirements-done
setup-dev: $(VENV)/requirements-dev-done
setup-ray: $(VENV)/requirements-ray-done
setup-jupyter: $(VENV)/requirements-jupyter-done

# A stamp is written only after pip has succeeded: an interrupted install is simply taken up again.
$(VENV)/requirements-done: requirements.txt | $(VENV)/bin/pip
	$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/requirements-dev-done: requirements.txt requirements-dev.txt | $(VENV)/bin/pip
	$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/requirements-done

$(VENV)/requirements-ray-done: requirements-ray.txt | $(VENV)/bin/pip
	$(PIP_INSTALL) -r requirements-ray.txt
	@touch $@

$(VENV)/requirements-jupyter-done: requirements-jupyter.txt | $(VENV)/bin/pip
	$(PIP_INSTALL) -r requirements-jupyter.txt
	@touch $@

$(VENV)/requirements-deploy-done: requirements-deploy.txt | $(VENV)/bin/pip
	$(PIP_INSTALL) -r requirements-deploy.txt
	@touch $@

node_modules/done: package.json package-lock.json
	$(NPM) ci --no-audit --no-fund
	@touch $@

$(VENV)/bin/pip: # what venv puts there last
	@test -n "$(PYTHON)" || { echo "cnnviz needs Python 3.10 or newer; install it, or say where it is:" \
		"make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv "$(VENV)"

clean:
	rm -rf .venv node_modules .mypy_cache .pytest_cache .ruff_cache
