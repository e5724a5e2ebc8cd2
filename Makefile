# `make book` builds the book, `make test` runs every test; both make the environment .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CHECK := import sys; sys.exit(sys.version_info < (3, 11))
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYDEVD_DISABLE_FILE_VALIDATION := 1

.PHONY: help book pdf test coverage mutants train study kernel clean python

help:
	@echo "make book    build the book from the shipped data and models"
	@echo "make pdf     the whole book as one PDF, printed by Chromium"
	@echo "make test    ruff, every test, every notebook, the built book in a browser"
	@echo "make coverage  which lines of the library its own tests run; less than 95 % is an error"
	@echo "make mutants   change the library in one place at a time, and see whether a test fails: an hour or more"
	@echo "make train   train the four laptop models from nothing, two side by side, and print their errors"
	@echo "make study   a command of the reproduction, as in make study ARGS=\"measure step\""
	@echo "make kernel  compile the arithmetic of the explorer, lrnrbook/static/kernel.c, to WebAssembly"
	@echo "make clean   remove the environment and what was built"

python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Python 3.11 or newer is needed, but '$(PYTHON)' was not found: install it, or name it as in 'make PYTHON=python3.12 book'."; exit 2; }
	@$(PYTHON) -c "$(CHECK)" || { echo "Python 3.11 or newer is needed, but '$(PYTHON)' is $$($(PYTHON) -c 'import platform; print(platform.python_version())'): name another as in 'make PYTHON=python3.12 book'."; exit 2; }

$(VENV)/.book: pyproject.toml constraints.txt | python
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[book]"
	mkdir -p $(VENV)/etc/ipython
	echo 'c.IPKernelApp.log_level = "ERROR"' > $(VENV)/etc/ipython/ipython_kernel_config.py
	touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(VENV)/.book
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[book,test,tune]"
	touch $@

# all pages anew: what a page shows changes with the package and its records, not with its notebook alone
book: $(VENV)/.book
	OMP_NUM_THREADS=1 $(BIN)/python book/execute_book.py
	$(BIN)/jupyter-book build . --all -W --keep-going
	@echo "the book: _build/html/index.html"

pdf: $(VENV)/.test book
	$(BIN)/python book/print_book.py _build/html _build/lrnrbook.pdf

test: $(VENV)/.test
	$(BIN)/ruff check .
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

coverage: $(VENV)/.test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist worksteal tests/test_*.py tests/study/test_networks.py lrnrbook \
		--cov=lrnrbook --cov-report=term:skip-covered --cov-fail-under=95

mutants: $(VENV)/.test
	$(BIN)/python tests/mutants.py $(ARGS)

train: $(VENV)/.book
	cd book && ../$(BIN)/python -m study train-all

study: $(VENV)/.test
	cd book && ../$(BIN)/python -m study $(ARGS)

KERNEL := lrnrbook/static/kernel
COMPILE := -m ziglang cc -target wasm32-freestanding -O3 -msimd128 -nostdlib -Wl,--no-entry,--import-memory,--strip-all -Wl,-z,stack-size=16384
kernel: $(VENV)/.test
	$(BIN)/python $(COMPILE) -o $(KERNEL).wasm $(KERNEL).c

clean:
	rm -rf $(VENV) _build book/_build *.egg-info
