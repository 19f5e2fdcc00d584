# Each target works on a fresh clone with nothing but Python 3.11 or newer (and uses uv if it is installed).

VENV ?= .venv
export VENV
BIN  := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUN  := $(BIN)/python -m
UV   := $(shell command -v uv 2>/dev/null)
LAB  ?=
MADE  = $(subst /,.,$(basename $(shell grep -l __main__ benchmarks/*/*.py)))
BENCH = $(filter-out speed.layers speed.transformer_speed speed.site,$(MADE:benchmarks.%=%))

.DEFAULT_GOAL := help
.PHONY: help course test site notebooks new-chapter bench stability constraints clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

course: $(VENV)/.course ## install the course and open your copy of it in JupyterLab (LAB="--no-browser" passes options on)
	@$(RUN) tools.my_notebooks
	$(BIN)/jupyter lab --log-level=WARN $(if $(filter 0,$(shell id -u)),--allow-root) $(LAB) my_notebooks/00_start_here.ipynb

test: $(VENV)/$(if $(filter site,$(STAGES)),.site,.test) ## lint, types, tests and notebooks (STAGES="lint tests" runs only these)
	$(RUN) tools.check $(STAGES)

site: $(VENV)/.site ## build the website into _site/ from notebooks/, which are not run
	$(RUN) tools.site

notebooks: $(VENV)/.test ## rebuild notebooks/ from lessons/ (CHAPTERS="01 03" runs only these)
	$(RUN) tools.build_notebooks $(CHAPTERS)

new-chapter: $(VENV)/.test ## start a chapter: make new-chapter CHAPTER=17_outlook
	$(RUN) tools.new_chapter $(CHAPTER)

bench: $(VENV)/.bench ## measure speed and quality, takes hours (BENCH=speed.layers only this; it also needs torch)
	@set -e; for name in $(BENCH); do echo "== $$name"; $(RUN) benchmarks.$$name; done

stability: $(VENV)/.bench ## all notebooks on other processors, Pythons and versions, an hour (ROWS="lowest" runs only this)
	$(RUN) tools.stability $(ROWS)

constraints: $(VENV)/.bench ## bring constraints.txt up to the newest versions (then run make test)
	$(INSTALL) --upgrade -e '.[$(TEST),site,bench,stability,download]'
	$(FREEZE) | grep '^[A-Za-z0-9._-]*==' > constraints.txt

# Only what our own tools make, where they make it: anything else may be a learner's work, whatever it is called.
clean: ## remove the virtual environment and the caches of our tools
	@venv=$${VENV%/}; if [ -f "$$venv/pyvenv.cfg" ]; then \
	  case "$$(pwd -P)/" in \
	    "$$(CDPATH= cd -- "$$venv" && pwd -P)"/*) echo "$$venv stays: the course itself is in it";; \
	    *) rm -rf -- "$$venv";; esac; fi
	rm -rf $(CACHES)
	@for folder in $(OURS); do if [ -d $$folder ]; then \
	  find $$folder -type f -path '*/__pycache__/*.cpython-*.pyc' -exec rm -f {} +; \
	  find $$folder -type d -name __pycache__ -empty -exec rmdir {} +; fi; done

OURS   := course_utils tests tools benchmarks
CACHES := _site .stability .pyodide .pytest_cache .mypy_cache .ruff_cache .hypothesis

# --- how the environment is made -------------------------------------------------------------------------------------
# A stamp file says what is installed; it is made anew when the dependencies change.

TEST    := lab,test,browser
INSTALL  = $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python,$(RUN) pip install --quiet --disable-pip-version-check)
FREEZE   = $(if $(UV),$(UV) pip freeze --python $(BIN)/python,$(RUN) pip freeze)

ifneq ($(words $(VENV)),1)
ifneq ($(filter-out clean help,$(or $(MAKECMDGOALS),help)),)
$(error VENV: wanted the name of a folder without blanks, got "$(VENV)")
endif
else

$(VENV)/.course: EXTRAS := [lab]
$(VENV)/.test:   EXTRAS := [$(TEST)]
$(VENV)/.site:   EXTRAS := [$(TEST),site]
$(VENV)/.bench:  EXTRAS := [$(TEST),bench,stability]

$(VENV)/.course $(VENV)/.test $(VENV)/.site $(VENV)/.bench: pyproject.toml constraints.txt | $(BIN)
	@echo "Installing the course$(if $(EXTRAS), with $(EXTRAS)) into $(VENV) (the first time takes a minute or two)"
	@$(INSTALL) --constraint constraints.txt -e '.$(EXTRAS)'
	@touch $@

define CHECK_VERSION
import sys; sys.exit(sys.version_info < (3, 11))
endef

# Without ensurepip (Debian, Ubuntu) `python -m venv` leaves half an environment behind: take it away and say what to do.
# A folder that is there already is none of ours: `make clean` would take it away with what is in it.
$(BIN):
	@if [ -e "$$VENV" ]; then found=yes; else found=; fi; \
	if [ "$$found" ] && [ ! -f "$$VENV/pyvenv.cfg" ] && [ -n "$$(ls -A -- "$$VENV")" ]; then \
	  echo "$$VENV is there already and is no virtual environment; name another: make course VENV=other"; \
	  exit 1; fi; \
	python=; for p in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python); do \
	  if "$$p" -c '$(CHECK_VERSION)' 2>/dev/null; then python="$$p"; break; fi; done; \
	if [ -z "$$python" ]; then \
	  echo "The course needs Python 3.11 or newer; $(if $(PYTHON),$(PYTHON) is not,none was found on the PATH)."; \
	  echo "Get it from python.org (or conda, see README.md), or name it: make course PYTHON=/path/to/python3.12"; \
	  exit 1; fi; \
	if [ -n "$(UV)" ]; then "$(UV)" venv --quiet --python "$$python" -- "$$VENV"; \
	elif ! "$$python" -m venv -- "$$VENV"; then if [ ! "$$found" ]; then rm -rf -- "$$VENV"; fi; \
	  echo "$$python cannot make a virtual environment. On Debian and Ubuntu: sudo apt install python3-venv"; \
	  echo "(or install uv, which needs no such package); then run make again."; \
	  exit 1; fi

endif
