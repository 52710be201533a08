# The targets set up what they need: a virtual environment in .venv with this project in it.
PYTHON ?= python3
BIN := .venv/bin
SHARED ?= ../shared

.PHONY: demo test check format corpus bench docs editors image site clean

.venv/.test: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

.venv/.dev: .venv/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

# The main job: what the linter says of the example images.
demo: .venv/.test
	$(BIN)/lint-multistage graph examples/c/after/Dockerfile examples/go/after/Dockerfile
	$(BIN)/lint-multistage --isolated --exit-zero examples

test: .venv/.test
	$(BIN)/python -m pytest -n auto

check: .venv/.dev test lint

# Everything of `check` but the tests.
.PHONY: lint
lint: .venv/.dev
	$(BIN)/ruff format --check lint_multistage tests examples tools
	$(BIN)/ruff check lint_multistage tests examples tools
	$(BIN)/mypy
	$(BIN)/python -m lint_multistage.docs --check
	$(BIN)/python tools/screens.py --check
	$(BIN)/lint-multistage Dockerfile examples
	$(BIN)/hadolint Dockerfile

format: .venv/.dev
	$(BIN)/ruff check --fix --quiet lint_multistage tests examples tools || true
	$(BIN)/ruff format lint_multistage tests examples tools

# The pages of the checks and the file pattern of the pre-commit hooks.
docs: .venv/.test
	$(BIN)/python -m lint_multistage.docs

# Measurements on real Dockerfiles, where a folder with them and their labels is at hand.
corpus: .venv/.test
	tools/corpus $(SHARED) $(CURDIR)/$(BIN)/lint-multistage

# The extension for Visual Studio Code, packed, and both editors' tests; needs Node.js, and gets Neovim from Debian.
editors: .venv/.test
	tools/editors $(BIN)/python

# The documentation as a site, in build/site; a link that leads nowhere is a mistake.
site: .venv/.test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	$(BIN)/zensical build --strict --clean -f mkdocs.yml

# The linter's own image, built and run without an engine; needs root on Debian.
image: .venv/.test
	$(BIN)/python tools/image.py $(CURDIR)/$(BIN)/lint-multistage

bench: .venv/.dev
	$(BIN)/python tools/bench.py $(SHARED)/corpus

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
