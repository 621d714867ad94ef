# Two commands are enough: `make demo` shows the bot at work, `make test` proves that it works.
.DEFAULT_GOAL := help
SOCRBOT := .venv/bin/socrbot

help: ## Says what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup:
	@bash tools/setup.sh run

demo: setup ## Sets everything up and walks the bot through the coming week; nothing leaves this computer
	@$(SOCRBOT) demo

run: setup ## Runs the bot until you stop it with Ctrl-C
	@$(SOCRBOT) run

check: setup ## Checks config/ and posts/
	@$(SOCRBOT) check

setup-test:
	@bash tools/setup.sh test

test: setup-test ## Sets everything up, then checks types, style and layers and runs every test
	@bash tools/lint.sh
	@.venv/bin/python -m pytest -n 2 --dist loadgroup

test-fast: setup-test ## The tests that need no server and take under a minute
	@bash tools/lint.sh
	@.venv/bin/python -m pytest -n 2 --dist loadgroup -m "not slow"

search: setup-test ## Runs the tests of rules five times with examples that no run had before, to find what fails
	@for turn in 1 2 3 4 5; do SOCRBOT_SEARCH=1 .venv/bin/python -m pytest -n 2 -m hypothesis || exit 1; done

bench: setup-test ## Runs every benchmark and prints the ratios that docs/performance.md shows
	@.venv/bin/python benchmarks

lock: setup-test ## Makes the lock files anew from pyproject.toml
	@bash tools/lock.sh

.PHONY: help setup demo run check setup-test test test-fast search bench lock
