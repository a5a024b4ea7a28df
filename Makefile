# What one does daily. Every target sets up what it needs and is quiet when there is nothing to do.
# Only python3 (3.10 or newer) and make must be there before.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OTHERS := 3.10 3.11 3.12 3.13 3.14

# Kept, whatever the shell says: hundreds of processes of the suite would compile the same again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo quick test test-slow test-others check generate fetch docs docs-serve docs-test bench soak storm peers clients recipes nightly shuffled lint lint-rest lint-types lint-tests format lock clean

demo: $(READY)
	@$(BIN)/gmigen demo

# For each edit: no sockets, no processes.
quick: $(READY)
	@$(BIN)/pytest -n 2 --quick

# Four at a time on two cores: much of the suite waits for clocks and sockets.
SUITE := pytest -n 4 --dist worksteal
test: $(READY) lint
	@$(BIN)/gmigen check
	@$(BIN)/$(SUITE) -m "not nightly and not slow"

# What takes longer than a few seconds, and the wheel in environments of its own.
test-slow: $(READY)
	@$(BIN)/$(SUITE) -m "slow and not nightly"

# The suite of `make test` on every other supported interpreter of this machine.
test-others: $(READY)
	@main=$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	for version in $(OTHERS); do \
	  if [ $$version = $$main ]; then continue; fi; \
	  found=$$($(BIN)/python .ci/interpreters.py $$version); \
	  if [ -z "$$found" ]; then echo "Python $$version is not installed: not tested."; continue; fi; \
	  $(MAKE) --no-print-directory .venvs/$$version/.ready INTERPRETER="$$found" || exit 1; \
	  echo "Python $$version:"; \
	  .venvs/$$version/bin/$(SUITE) -m "not nightly and not slow" || exit 1; \
	done

check: $(READY)
	@$(BIN)/gmigen check

generate: $(READY)
	@$(BIN)/gmigen generate
	@$(BIN)/python -m gmigen.site.plain

fetch: $(READY)
	@$(BIN)/gmigen fetch

# The documentation as a site, offline; the plain pages in generated/docs are `make generate`'s.
docs: $(READY)
	@$(BIN)/python -m gmigen.site build/docs

docs-serve: docs
	@echo "http://127.0.0.1:8000, until Ctrl-C."
	@$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory build/docs/site

# The site in Debian's Chromium, which is installed when it is missing, and every block of it run.
docs-test: docs
	@$(BIN)/python tests/site/browser.py
	@$(BIN)/pytest -n 2 tests/site

# make bench PARTS="editors generation" measures these again and leaves the rest of the results.
bench: $(READY)
	@$(BIN)/python tests/bench/bench.py $(PARTS)

# Ten thousand jobs in one process, a million looks in virtual time, processes killed at random.
soak: $(READY)
	@$(BIN)/python tests/soak/soak.py

# Batches whose workers are killed, 240 times, on SQLite and on Debian's PostgreSQL.
storm: $(READY)
	@$(BIN)/python tests/storm/storm.py

# This client beside others under the same faults; they are installed into a throwaway environment.
peers: $(READY)
	@$(BIN)/python tests/peers/peers.py

# Other people's clients for this queue, at the emulator; they too go into a throwaway environment.
clients: $(READY)
	@$(BIN)/python tests/clients/clients.py

# The recipes of the docs beside Celery, Gradio, Jupyter and PostgreSQL; throwaway, like the others.
recipes: $(READY)
	@$(BIN)/python tests/recipes/recipes.py

# The long tests: ten thousand documents, hundreds of kills.
nightly: $(READY)
	@$(BIN)/pytest -n 2 -m nightly -o faulthandler_timeout=3600

# Both suites in an order nobody chose, modules and the tests in them; SEED=N repeats one.
shuffled: $(READY)
	@seed=$${SEED:-$$(date +%s)}; echo "SEED=$$seed"; \
	$(BIN)/$(SUITE) -m "not nightly" --random-order-bucket=module --random-order-seed=$$seed

lint: $(READY)
	@$(MAKE) --no-print-directory -j 2 lint-rest lint-types lint-tests

lint-rest: $(READY)
	@$(BIN)/ruff check --quiet
	@$(BIN)/black --check --quiet . || { echo "make format puts this right."; exit 1; }
	@$(BIN)/mypy --no-error-summary

lint-types: $(READY)
	@$(BIN)/pyright --pythonpath $(BIN)/python --level error > $(VENV)/pyright.log || { cat $(VENV)/pyright.log; exit 1; }

# Every test can be imported; the workers of the suite then find it compiled.
lint-tests: $(READY)
	@$(BIN)/pytest --collect-only -qq > $(VENV)/collected.log || { cat $(VENV)/collected.log; exit 1; }

format: $(READY)
	@$(BIN)/ruff check --quiet --fix-only
	@$(BIN)/black --quiet .

lock: $(READY)
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.10 \
	  --generate-hashes --no-header --quiet --upgrade --output-file requirements-dev.lock

clean:
	@rm -rf $(VENV) .venvs dist

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed: make PYTHON=python3.12 ...")'
	@echo "Setting up $(VENV); this happens once."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo "python3 cannot make virtual environments here: install its venv package."; exit 1; }
	@awk '/^uv==/ {on=1} on && !/^(uv==|    --hash)/ {exit} on' requirements-dev.lock > $(VENV)/uv.lock
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install -q --compile-bytecode --require-hashes -r requirements-dev.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install -q --no-deps --no-build-isolation -e .
	@touch $@

.venvs/%/.ready: requirements-dev.lock pyproject.toml $(READY)
	@echo "Setting up .venvs/$*; this happens once."
	@$(BIN)/uv venv -q --clear --python "$(INTERPRETER)" .venvs/$*
	@VIRTUAL_ENV=$(CURDIR)/.venvs/$* $(BIN)/uv pip install -q --compile-bytecode --require-hashes -r requirements-dev.lock
	@VIRTUAL_ENV=$(CURDIR)/.venvs/$* $(BIN)/uv pip install -q --no-deps --no-build-isolation -e .
	@touch $@
