# Every target sets up what it needs by itself (packaging/setup.sh) and starts at once when all is there.

PYTHON_HERE := .venv/bin/python
OFFSCREEN := env QT_QPA_PLATFORM=offscreen
# `make test PYTEST="-k history"` passes its words on to pytest.
PYTEST ?=
# A part may hold no test of the one kind or the other, which pytest ends with 5; the whole may not.
NONE_IS_WELL = $(if $(PYTEST),|| [ $$? -eq 5 ])
SELECT := not slow
SETUP := @packaging/setup.sh

.PHONY: help setup setup-tests setup-slow run test test-all lint format docs manual bench faults load-test screenshots \
	package prove prove-deb compare-builds release
# Each target takes all cores by itself, and a release is built only after its tests have passed.
.NOTPARALLEL:

help:
	@echo "make run          open the window (without a display: try the samples in the terminal)"
	@echo "make test         linters, types, architecture and the tests"
	@echo "make test-all     the same with the slow tests"
	@echo "make bench        measure the speed; prints tables"
	@echo "make faults       kill it, fill its disk, spoil its files: what is lost? Renews docs/reliability.md"
	@echo "make load-test    the server under 10, 50, 100 and 200 users; prints a table"
	@echo "make screenshots  renew docs/screenshots from the real window"
	@echo "make docs         renew the pages of the commands and the settings from their own words"
	@echo "make manual       build the manual into build/manual"
	@echo "make package      build the program that people download, both editions, and try it out (20 minutes)"
	@echo "make release      tests, package, checksums, parts list and notes, in dist/"
	@echo "make format       lay out the source the way 'make test' wants it"
	@echo "make setup        only the environment and the system libraries"

setup:
	$(SETUP) window

setup-tests:
	$(SETUP) tests

setup-slow:
	$(SETUP) slow

run:
	$(SETUP) window
	@$(PYTHON_HERE) main.py

lint:
	$(SETUP) environment
	$(PYTHON_HERE) -m ruff check .
	$(PYTHON_HERE) -m ruff format --check .
	$(PYTHON_HERE) -m mypy
	$(PYTHON_HERE) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

test: setup-tests lint
	$(OFFSCREEN) $(PYTHON_HERE) -m pytest -m "not xvfb and $(SELECT)" $(PYTEST) $(NONE_IS_WELL)
	env -u WAYLAND_DISPLAY QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1920x1080x24" \
		$(PYTHON_HERE) -m pytest -m "xvfb and $(SELECT)" $(PYTEST) $(NONE_IS_WELL)

test-all: SELECT := (slow or not slow)
test-all: setup-slow test

format:
	$(SETUP) environment
	$(PYTHON_HERE) -m ruff check --fix .
	$(PYTHON_HERE) -m ruff format .

docs:
	$(SETUP) environment
	$(PYTHON_HERE) docs/make_cli_page.py
	$(PYTHON_HERE) docs/make_settings_page.py

manual:
	$(SETUP) environment
	@NO_MKDOCS_2_WARNING=1 $(PYTHON_HERE) -m mkdocs build --strict
	@echo "open build/manual/index.html"

# Those that need no data of yours; the others say in their first lines what they want.
BENCHMARKS ?= $(basename $(notdir $(wildcard benchmarks/predict_*.py benchmarks/lone_*.py benchmarks/window_*.py benchmarks/history.py)))

bench:
	$(SETUP) window
	@set -e; for name in $(BENCHMARKS); do echo "== $$name"; $(OFFSCREEN) $(PYTHON_HERE) -m benchmarks.$$name; done

# Some 200 kills and every other fault in full, half an hour on two cores; docs/reliability.md is made of its figures.
KILLS ?= 200

faults:
	$(SETUP) tests
	$(OFFSCREEN) WHISKER_FAULTS=long WHISKER_KILLS=$(KILLS) WHISKER_FIGURES=docs/reliability.json \
		$(PYTHON_HERE) -m pytest tests/faults -m "slow or not slow" $(PYTEST); \
		ended=$$?; $(PYTHON_HERE) docs/make_reliability_page.py && exit $$ended

load-test:
	$(SETUP) environment
	$(PYTHON_HERE) -m benchmarks.load_test

screenshots:
	$(SETUP) window
	$(OFFSCREEN) $(PYTHON_HERE) docs/make_screenshots.py

# `make package EDITIONS=light` builds one of them.
EDITIONS ?= light full

package:
	$(SETUP) package
	@$(PYTHON_HERE) packaging/build_app.py $(EDITIONS)
	@$(MAKE) --no-print-directory prove

# The archives as they lie in dist/ are unpacked and tried out.
prove:
	@$(PYTHON_HERE) packaging/prove.py $(foreach edition,$(EDITIONS),$(wildcard dist/whisker-$(edition)-*-linux-*.tar.*))

# Installs each .deb on this very machine, tries it out and removes it again; as root.
prove-deb:
	@$(PYTHON_HERE) packaging/prove_deb.py $(wildcard dist/*.deb)

# Builds twice and says what differs.
compare-builds:
	$(SETUP) package
	@$(PYTHON_HERE) packaging/compare_builds.py $(EDITIONS)

release: test-all package
	@$(PYTHON_HERE) packaging/release.py
