# Every target makes what it needs: the first command on a bare machine may be any of them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
BENCH  := .venv-bench
DECIDE := .venv-decide
TORCH  := .venv-torch
SERVE  := .venv-serving
RELEASE := .venv-release
LOWEST := .venv-lowest
NEWEST := .venv-newest
SITE   := .venv-docs
CLASSROOM := .venv-classroom
PYODIDE_CORE := tests/helpers/pyodide

# Two targets never install into one environment at once.
.NOTPARALLEL:

.PHONY: picture golden golden-models scripts demo studio test test-all measure-tests test-numpy decision-rivals torch-networks serving release-check lock test-lowest test-newest mutants same map check bench bench-quick docs site classroom clean help

help:
	@echo "make demo      train on the Wisconsin breast cancer table and judge the network"
	@echo "make studio    open the studio in a browser (TABLE=my.csv: with a table of yours)"
	@echo "make test      lint, types and all tests but the slow ones"
	@echo "make test-all  the slow tests too, those in a browser (Chromium), and the three below"
	@echo "make test-numpy  some of the tests by the engine of NumPy, as where nothing is compiled"
	@echo "make decision-rivals  intervals, net benefit and comparisons beside those of other libraries"
	@echo "make torch-networks  networks that came over from PyTorch, beside PyTorch itself"
	@echo "make serving   the recipes of docs/serving.md, with Dask, Spark, MLflow, BentoML and Starlette"
	@echo "make release-check  all that must hold before a release (ALL=1: with all quick tests)"
	@echo "make lock      write release/lock.txt, lock-dev.txt and constraints-lowest.txt"
	@echo "make test-lowest  some tests by the lower bounds of pyproject.toml (test-newest: the newest)"
	@echo "make golden-models  models of every kind, which each later version must read"
	@echo "make mutants   plant faults in a room (ROOM=training), and name those no test notices"
	@echo "make same      do fits give the same bits as an earlier commit? (BASE=COMMIT)"
	@echo "make check     lint and types only"
	@echo "make bench     measure thalweg and its rivals, and write docs/benchmarks.md (bench-quick: less)"
	@echo "make docs      execute every example in README and docs"
	@echo "make site      build the documentation site into build/site, without the network"
	@echo "make classroom  build the notebooks for Python in the browser into build/classroom (PYODIDE=ARCHIVE: offline)"
	@echo "make map       write docs/map.md from the first lines of the modules"
	@echo "make scripts   the minified scripts and styles of the pages, from src/thalweg/reporting/draw"
	@echo "make picture   the pictures of README.md, docs/pictures.md and docs/studio.md, most of them by Chromium"
	@echo "make golden    eight pictures to compare by eye after a change of looks, in docs/pictures/golden"
	@echo "make clean     remove the environment and all that was built"

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.exit(0 if sys.version_info >= (3, 11) else f"thalweg needs Python 3.11 or newer; {sys.executable} is {v}. Name another: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

# pip compiles one file after another; so two processes do it afterwards. A file that does not compile
# there is its package's affair. In src too: where no process may write bytecode
# (PYTHONDONTWRITEBYTECODE), each would compile all of it anew.
define install
$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt -e $(1)
@$(BIN)/python -m compileall -qq -j 2 $(VENV)/lib || true
$(BIN)/python -m compileall -q src
endef

$(VENV)/.core: pyproject.toml constraints.txt | $(VENV)/.made
	$(call install,.)
	@touch $@

# In one call, and the core with it.
$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/.made
	$(call install,'.[dev]')
	@touch $(VENV)/.core $(VENV)/.studio $@

# With what its place Train searches by, and with what reads Parquet. A comma would end an argument
# of `call`, unless it comes from a variable.
STUDIO_NEEDS := '.[studio,tune,parquet]'
$(VENV)/.studio: pyproject.toml constraints.txt | $(VENV)/.made
	$(call install,$(STUDIO_NEEDS))
	@touch $(VENV)/.core $@

demo: $(VENV)/.core
	$(BIN)/thalweg fit wisconsin -o breast.safetensors --report breast.html --rows --force

studio: $(VENV)/.studio
	$(BIN)/thalweg studio $(if $(TABLE),"$(TABLE)")

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Two workers fill two cores: further threads of other libraries would only wait for each other. The
# tests as pytest rewrites them are kept for the next run, also where no process may write bytecode.
# Types are checked beside them: alone, mypy would leave one core idle for a minute.
test: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@mkdir -p build
	$(BIN)/mypy > build/mypy.txt 2>&1 & types=$$!; \
	OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 -m "not slow and not browser"; tests=$$?; \
	wait $$types; types=$$?; cat build/mypy.txt; test $$tests = 0 && test $$types = 0

# Which tests `make test` passes over, because they take long, is measured: about half an hour.
measure-tests: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(BIN)/pytest -q -p measure_tests -m "not slow and not browser"

# TypeScript is installed for one slow test alone.
TYPESCRIPT := tests/helpers/typescript
$(TYPESCRIPT)/node_modules/.package-lock.json: $(TYPESCRIPT)/package-lock.json
	cd $(TYPESCRIPT) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

test-all: check test-numpy decision-rivals torch-networks $(SITE)/.ready $(CLASSROOM)/.ready $(PYODIDE_CORE)/node_modules/.ready \
  $(TYPESCRIPT)/node_modules/.package-lock.json
	HYPOTHESIS_PROFILE=full $(BIN)/pytest -n 2

# Whoever measures coverage switches Numba's compiler off. A test that needs it has "compiled" in its name.
NUMPY_TESTS := network/test_reference_engine network/test_engine network/test_gradcheck training/test_train \
  training/test_callbacks estimators/learning/test_continuing estimators/outputs/test_target_outputs \
  estimators/learning/test_scikit_learn_callbacks tracing/test_network_check
test-numpy: $(VENV)/.dev
	NUMBA_DISABLE_JIT=1 $(BIN)/pytest -n 2 -m "not slow and not browser" -k "not compiled" \
	  $(NUMPY_TESTS:%=tests/%.py)

# MAPIE, dcurves and baycomp are installed here only, with the older pandas that dcurves needs.
$(DECIDE)/.ready: pyproject.toml bench/decision_requirements.txt | $(VENV)/.made
	$(PYTHON) -m venv $(DECIDE)
	$(DECIDE)/bin/python -m pip install --quiet --disable-pip-version-check -r bench/decision_requirements.txt -e .
	@touch $@

decision-rivals: $(DECIDE)/.ready
	$(DECIDE)/bin/python -m bench.decision_rivals

# PyTorch is installed here only, with a pytest of its own.
$(TORCH)/.ready: pyproject.toml constraints.txt bench/torch_requirements.txt | $(VENV)/.made
	$(PYTHON) -m venv $(TORCH)
	$(TORCH)/bin/python -m pip install --quiet --disable-pip-version-check -r bench/torch_requirements.txt -e .
	@touch $@

torch-networks: $(TORCH)/.ready
	$(TORCH)/bin/python -m pytest -q -o addopts= -p no:cacheprovider --noconftest tests/estimators/from_others/beside_pytorch.py

# Their packages are large (Spark needs Java, too), so this is no part of `make test-all`.
$(SERVE)/.ready: pyproject.toml constraints.txt bench/serving_requirements.txt | $(VENV)/.made
	$(PYTHON) -m venv $(SERVE)
	$(SERVE)/bin/python -m pip install --quiet --disable-pip-version-check -r bench/serving_requirements.txt -e .
	@touch $@

serving: $(SERVE)/.ready
	$(SERVE)/bin/python -m pytest -q -o addopts= -p no:cacheprovider --noconftest tests/jobs/recipes/beside_servers.py

# The tools of a release, pinned.
$(RELEASE)/.ready: release/requirements.txt | $(VENV)/.made
	$(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/python -m pip install --quiet --disable-pip-version-check -r release/requirements.txt
	@touch $@

# What it makes lies in .release; docs/versions.md says what each step is for.
release-check: $(RELEASE)/.ready
	$(RELEASE)/bin/python -m release check $(if $(ALL),--all-tests)

lock: $(RELEASE)/.ready
	$(RELEASE)/bin/python -m release lock

# What the bounds of a dependency could break: files, tables, both engines, the command line. A test of
# processor time ("at_once") says nothing about them.
BOUND_TESTS := whole/test_same.py network/test_engine.py network/test_reference_engine.py persistence \
  cli/test_command_line.py cli/verbs/test_predict_for_people.py data/formats/test_delimited.py data/test_read.py \
  estimators/outputs estimators/conformal evaluation/judging/test_two_class_metrics.py reporting/figures \
  tuning/test_tune_estimator.py jobs/exports/test_checked_export.py
# Extras with bounds of their own, and what the tests need beside.
BOUND_EXTRAS := onnx,parquet,tune
BOUND_NEEDS := pytest pytest-xdist duckdb hypothesis jsonschema mpmath openpyxl polars safetensors
BOUND_PYTEST := -m pytest -q -n 2 -p no:cacheprovider -W default::DeprecationWarning \
  -m "not slow and not browser" -k "not at_once" $(BOUND_TESTS:%=tests/%)

$(LOWEST)/.ready: pyproject.toml constraints-lowest.txt | $(VENV)/.made
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-lowest.txt -e '.[$(BOUND_EXTRAS)]' $(BOUND_NEEDS)
	@touch $@

test-lowest: $(LOWEST)/.ready
	OMP_NUM_THREADS=1 $(LOWEST)/bin/python $(BOUND_PYTEST)

# Without constraints: what somebody gets who installs today.
$(NEWEST)/.ready: pyproject.toml | $(VENV)/.made
	$(PYTHON) -m venv $(NEWEST)
	$(NEWEST)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade -e '.[$(BOUND_EXTRAS)]' $(BOUND_NEEDS)
	@touch $@

test-newest: $(NEWEST)/.ready
	OMP_NUM_THREADS=1 $(NEWEST)/bin/python $(BOUND_PYTEST)

# Refused where the models of this version are there.
golden-models: $(VENV)/.dev
	PYTHONPATH=tests/helpers $(BIN)/python tests/helpers/golden_models.py

# About a second a fault; MORE="-n 50 --seed 1" plants 50 others, MORE=--help says the rest.
ROOM ?= training
mutants: $(VENV)/.dev
	PYTHONPATH=tests nice $(BIN)/python -m mutants $(ROOM) $(MORE)

# Fits models of every kind by both; --keep writes anew those that tests/whole/test_same.py loads.
BASE ?= HEAD
same: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m same $(BASE)

docs: $(VENV)/.dev
	$(BIN)/pytest tests/whole/test_docs.py

# Sphinx is installed here only. All but the installation works without a network.
$(SITE)/.ready: pyproject.toml constraints.txt docs/site/requirements.txt | $(VENV)/.made
	$(PYTHON) -m venv $(SITE)
	$(SITE)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r docs/site/requirements.txt -e .
	@touch $@

# OLDER names a folder with built sites of earlier versions: OLDER/0.1.0/index.html.
site: $(SITE)/.ready
	$(SITE)/bin/python docs/site/build_site.py build/site $(if $(OLDER),'$(OLDER)')

# JupyterLite is installed here only. What the site serves is fetched here, too, and compared with its
# hashes; what `make classroom` does itself works without a network.
FOR_BROWSERS := --quiet --disable-pip-version-check --no-deps --only-binary :all: --python-version 3.14 \
  --platform any --implementation py --abi none
$(CLASSROOM)/.ready: docs/classroom/requirements.txt docs/classroom/wheels.txt | $(VENV)/.made
	$(PYTHON) -m venv $(CLASSROOM)
	$(CLASSROOM)/bin/python -m pip install --quiet --disable-pip-version-check -r docs/classroom/requirements.txt
	rm -rf $(CLASSROOM)/wheels
	$(CLASSROOM)/bin/python -m pip download $(FOR_BROWSERS) --require-hashes -r docs/classroom/wheels.txt -d $(CLASSROOM)/wheels
	@touch $@

classroom: $(CLASSROOM)/.ready
	$(CLASSROOM)/bin/python docs/classroom/build_classroom.py build/classroom --wheels $(CLASSROOM)/wheels $(if $(PYODIDE),--pyodide '$(PYODIDE)')

# Pyodide without NumPy, and what the kernel of a notebook needs beside it: for tests alone.
$(PYODIDE_CORE)/node_modules/.ready: $(PYODIDE_CORE)/package-lock.json $(PYODIDE_CORE)/kernel.txt $(CLASSROOM)/.ready
	cd $(PYODIDE_CORE) && npm ci --ignore-scripts --no-audit --no-fund
	$(CLASSROOM)/bin/python -m pip download $(FOR_BROWSERS) --require-hashes -r $(PYODIDE_CORE)/kernel.txt -d $(PYODIDE_CORE)/node_modules/wheels
	@touch $@

# Python alone writes it.
# After a change to a script or a style of a page; the tests say where it is forgotten.
scripts: $(VENV)/.core
	cd tests/helpers/minifier && npm ci --ignore-scripts --no-audit --no-fund
	PYTHONPATH=tests/helpers $(BIN)/python tests/helpers/small_texts.py

map:
	$(PYTHON) tests/helpers/house_map.py

# The rivals are large: they have an environment of their own.
$(BENCH)/.ready: $(VENV)/.core bench/requirements.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -r bench/requirements.txt -e .
	@touch $@

bench: $(BENCH)/.ready
	$(BENCH)/bin/python -m bench
	$(BENCH)/bin/python bench/wisconsin.py
	$(BENCH)/bin/python -m bench.one_row

bench-quick: $(BENCH)/.ready
	$(BENCH)/bin/python -m bench --quick

clean:
	rm -rf $(VENV) $(BENCH) $(DECIDE) $(TORCH) $(SERVE) $(RELEASE) $(LOWEST) $(NEWEST) $(SITE) $(CLASSROOM) $(PYODIDE_CORE)/node_modules .release build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis breast.safetensors breast.html
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

# The pictures of README.md and docs/pictures.md, those of pages by Chromium.
picture: demo
	PYTHONPATH=tests/helpers $(BIN)/python tests/helpers/front_pictures.py breast.html
	PYTHONPATH=tests/helpers $(BIN)/python tests/helpers/studio_pictures.py

# They need Chromium, too.
golden: $(VENV)/.dev
	PYTHONPATH=tests/helpers $(BIN)/python tests/helpers/golden_pictures.py
