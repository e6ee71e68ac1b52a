# Everything a developer or a reader runs. `make help` lists it.
# Needs: Python >= 3.11 with venv, and make. Versions are locked in requirements/.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
OUT := reproduction

# The scripts of pages are checked where there is npm. CHAINRULE_REQUIRE_TOOLS=1 asks for it.
SCRIPTS := $(if $(shell command -v npm)$(CHAINRULE_REQUIRE_TOOLS),node_modules/.package-lock.json)

.PHONY: help reproduce reproduce-full reproduce-quick test test-all test-numpy sanitize test-minimums lint types lock goldens bundle screenshots pictures roofline bench profiles workers explore-bench pieces memory study-bench files test-ray model-files fuzz wheel wheels clean

help:  ## List the targets.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

reproduce: $(VENV)/run  ## Install, run the report at its scale with one seed, say where the page is.
	$(BIN)/chainrule reproduce --seeds 1 --resume --out $(OUT)

reproduce-full: $(VENV)/run  ## The same with five seeds; goes on from the one that is there.
	$(BIN)/chainrule reproduce --resume --out $(OUT)

reproduce-quick: $(VENV)/run  ## A look in a minute: on less data, so that most is not judged.
	$(BIN)/chainrule reproduce --quick --resume --out $(OUT)-quick

# A process for each core; one that has nothing left takes tests from another.
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal

test: lint types  ## Install what the tests need, run linter, type checker and tests.
	$(PYTEST) -m "not slow" --cov --cov-fail-under=95

test-all: test  ## The same, then the tests that are slow and seldom fail.
	$(PYTEST) -m slow

test-numpy: $(VENV)/dev  ## Run the tests of training and estimators on NumPy alone.
	CHAINRULE_BACKEND=numpy $(BIN)/python -m pytest tests/training tests/estimators/test_mlp_follows_sklearn.py tests/estimators/test_sklearn_own_tests.py tests/estimators/test_neural_network.py

sanitize: $(VENV)/dev  ## Run the compiled loop's tests with address and undefined-behaviour sanitizers.
	bash tools/sanitize.sh $(BIN)/python

test-ray: $(VENV)/dev  ## Run the tests of studies on Ray, which takes long to start.
	CHAINRULE_TEST_RAY=1 $(BIN)/python -m pytest tests/study/pools/test_contract.py -k ray

lint: $(VENV)/dev $(SCRIPTS)  ## Check style and formatting.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(if $(SCRIPTS),node_modules/.bin/eslint --max-warnings 0)

types: $(VENV)/dev $(SCRIPTS)  ## Check types, strictly.
	$(BIN)/mypy
	$(if $(SCRIPTS),node_modules/.bin/tsc)

test-minimums: .venv-minimums/dev  ## Run the tests with the lowest versions that are supported.
	.venv-minimums/bin/python -m pytest

# --- environments -----------------------------------------------------------------------------

$(VENV)/python:
	@test -n "$(PYTHON)" || { echo "error: no Python >= 3.11 with venv found; pass PYTHON=/path/to/python"; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	touch $@

$(VENV)/run: $(VENV)/python requirements/run.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/dev: $(VENV)/run requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	touch $@

node_modules/.package-lock.json: package.json package-lock.json
	@command -v npm >/dev/null || { echo "error: no npm found: bash tools/install_debian.sh installs it"; exit 2; }
	npm ci --silent
	touch $@

.venv-minimums/dev: requirements/minimums.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv-minimums
	.venv-minimums/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/minimums.txt
	.venv-minimums/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv-peers/done: requirements/run.txt requirements/peers.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/run.txt
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/peers.txt
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

FUZZ_SECONDS ?= 15

fuzz: .venv-fuzz/done  ## Feed mutated files to each reader, FUZZ_SECONDS each; needs a wheel of atheris.
	for target in loader document idx toml csv npy npz; do .venv-fuzz/bin/python -m fuzz $$target $(FUZZ_SECONDS) || exit 1; done

.venv-fuzz/done: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv-fuzz
	.venv-fuzz/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/run.txt
	.venv-fuzz/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	.venv-fuzz/bin/python -m pip install --quiet --disable-pip-version-check "atheris>=3.0"
	touch $@

wheel: .venv-wheels/done  ## Build an sdist and from it a wheel for this Python; check it in a new environment.
	rm -rf dist
	.venv-wheels/bin/python -m build --outdir dist
	.venv-wheels/bin/python -m venv --clear .venv-wheels/check
	.venv-wheels/check/bin/python -m pip install --quiet --disable-pip-version-check dist/*.whl
	.venv-wheels/check/bin/python -W ignore tools/check_wheel.py

wheels: .venv-wheels/done  ## Build and check this system's wheels by cibuildwheel; on Linux it needs Docker.
	.venv-wheels/bin/cibuildwheel --output-dir dist

.venv-wheels/done:
	$(PYTHON) -m venv --clear .venv-wheels
	.venv-wheels/bin/python -m pip install --quiet --disable-pip-version-check "build>=1" "cibuildwheel>=3.2"
	touch $@

# --- what is generated and committed ------------------------------------------------------------

LOCK := uv pip compile pyproject.toml --quiet --generate-hashes --no-annotate --custom-compile-command "make lock"

lock:  ## Bring requirements/ up to date; needs uv.
	$(LOCK) --universal --python-version 3.11 --group build -o requirements/run.txt
	$(LOCK) --universal --python-version 3.11 --group dev -c requirements/run.txt -o requirements/dev.txt
	$(LOCK) --python-version 3.11 --resolution lowest-direct --group minimums -o requirements/minimums.txt

goldens:  ## Recompute tests/goldens; needs torch==2.13.0 in PYTHON's environment.
	$(PYTHON) tools/make_goldens.py

model-files: $(VENV)/run  ## Write tests/formats in the current version of the format.
	$(BIN)/python tools/make_model_files.py

bundle:  ## Recompress the bundled data from SOURCE, a folder with the original files.
	$(BIN)/python tools/bundle_data.py $(SOURCE)

pictures: $(VENV)/run  ## Draw the displays' pictures in docs/.
	$(BIN)/python tools/pictures.py docs/images

bench: .venv-peers/done  ## Measure beside scikit-learn, PyTorch and JAX; keeps tables and charts in docs/.
	.venv-peers/bin/python -m benchmarks --out docs

workers: $(VENV)/run  ## Measure when a second thread pays; keeps the output in docs/.
	$(BIN)/python -m benchmarks.workers | tee docs/workers.txt

profiles: $(VENV)/run  ## Profile the workloads that fall short of a figure, by perf; keeps the output in docs/.
	$(BIN)/python -m benchmarks.profile image small "tiny batches" wide "predict 1 row" | tee docs/profiles.txt

explore-bench: $(VENV)/dev  ## Measure a page that opens a network, in Chromium; keeps the output in docs/.
	$(BIN)/python -m benchmarks.explore | tee docs/explore.txt

pieces: $(VENV)/run  ## Measure products whole and in pieces; keeps the output in docs/.
	$(BIN)/python -m benchmarks.pieces | tee docs/pieces.txt

memory: $(VENV)/run  ## Measure what a fit on a memory map of 6 GB adds; keeps the output in docs/.
	$(BIN)/python -m benchmarks.memory | tee docs/memory.txt

study-bench: $(VENV)/dev  ## Measure what a study costs beside its trainings, Dask included; keeps the output in docs/.
	$(BIN)/python -W ignore -m benchmarks.study | tee docs/study.txt

files: $(VENV)/run  ## Time model files beside their bytes alone; keeps the output in docs/.
	$(BIN)/python -m benchmarks.files | tee docs/files.txt

screenshots: $(VENV)/run  ## Take the pictures in docs/ from $(OUT); needs Chromium.
	$(BIN)/python tools/screenshots.py $(OUT) docs/images

roofline: $(VENV)/run  ## Time an epoch beside its matrix products; keeps the output in docs/.
	$(BIN)/python -m benchmarks.roofline | tee docs/roofline.txt

clean:  ## Remove environments and caches; results stay.
	rm -rf .venv .venv-minimums .venv-fuzz .venv-peers .venv-wheels .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage build
