.DEFAULT_GOAL := help
.PHONY: help run check lint types imports sizes compiled test test-sqlite test-postgres bench soak clients docs messages pictures lock clean

PYTHON := .venv/bin/python
# Checks and tests must not touch an exchange that the shell's EXCHANGE_ variables point at.
# Bytecode is kept, or each worker and each server that a test starts would compile everything again.
CLEAN := env -u PYTHONDONTWRITEBYTECODE $(foreach name,$(filter EXCHANGE_%,$(.VARIABLES)),-u $(name))
SCRATCH := $(CLEAN) EXCHANGE_VAR_DIR=.venv/var
# More workers than two cores, because many tests wait; those that share a running exchange stay on one of them.
PYTEST := $(PYTHON) -m pytest -n 5 --dist loadgroup
# What asks a database alone waits less, and each worker more reads all the tests once more.
PYTEST_POSTGRES := $(PYTHON) -m pytest -n 3 --dist loadgroup
# Folders of which the PostgreSQL lane runs nothing.
NOT_READ := $(addprefix --ignore=tests/,bench browser clients soak)

##@ Use
run: ## Start the demo exchange on one port; Ctrl-C stops everything
	@sh infra/venv.sh run
	@export EXCHANGE_DEMO=$${EXCHANGE_DEMO-True}; \
	if [ "$$EXCHANGE_DEMO" = True ]; then export EXCHANGE_PAYMENT_PROVIDER=$${EXCHANGE_PAYMENT_PROVIDER-demo}; fi; \
	exec $(PYTHON) -m infra run

##@ Check
# What runs on one processor runs two at a time; the lanes take all there are.
test: ## Every check and every test, on both databases
	@$(MAKE) -j 2 lint types imports compiled
	@$(MAKE) COMPILED= test-sqlite test-postgres

check: lint types imports sizes ## Everything but the tests

venv-test:
	@sh infra/venv.sh test

lint: venv-test ## Style, format, and migrations that are missing
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(SCRATCH) $(PYTHON) -m infra makemigrations --check --dry-run

types: venv-test ## mypy --strict
	$(SCRATCH) $(PYTHON) -m mypy

imports: venv-test ## Who may import whom
	.venv/bin/lint-imports

sizes: venv-test ## The rules of the house: sizes, names, doors, generated pages
	$(CLEAN) $(PYTEST) tests/architecture

# One process compiles the tests, for all the workers; what is broken is told by the lanes.
COMPILED := compiled
compiled: venv-test
	-@$(CLEAN) $(PYTHON) -m pytest --collect-only -qq > /dev/null

test-sqlite: venv-test $(COMPILED) ## All tests on SQLite
	$(CLEAN) $(PYTEST)

test-postgres: venv-test $(COMPILED) ## All tests that touch a database, on a PostgreSQL that is started for them
	$(CLEAN) $(PYTHON) tests/postgres.py -- $(PYTEST_POSTGRES) $(NOT_READ) -m "not server and not browser or both_databases"

clients: venv-test ## Programs that others wrote: curl, wget, aria2, pyarrow, Go's log code; what is absent is skipped by name
	$(CLEAN) $(PYTHON) -m pytest tests/clients tests/journeys/test_downloads.py tests/journeys/test_client_page.py -m "slow or server" -q -rs

bench: venv-test ## The exchange beside its peers, then search over 100,000 datasets; an hour on a quiet machine
	@$(CLEAN) $(PYTHON) -m infra.bench $(BENCH); found=$$?; \
	$(CLEAN) $(PYTHON) -m pytest tests/bench -m slow -s -q && exit $$found

soak: venv-test ## The long form of faults, races and attacks: hours; COMPTOIR_SOAK_ROUNDS says how often
	$(CLEAN) $(PYTHON) -m pytest tests/soak tests/faults tests/doors -m slow -s -q

##@ Maintain
docs: venv-test ## Write the generated pages anew
	$(SCRATCH) $(PYTHON) -m infra describe

messages: venv-test ## Bring the French of every app up to date
	$(SCRATCH) $(PYTHON) -m infra messages

pictures: venv-test ## Draw every page into var/pictures, with a page that shows them all
	COMPTOIR_PICTURES=var/pictures $(CLEAN) $(PYTEST) tests/browser -m "browser or slow"
	$(PYTHON) tests/browser/gallery.py var/pictures

LOCK := .venv/bin/uv pip compile -q --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
lock: venv-test ## Lock requirements/*.in to versions with hashes
	$(LOCK) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(LOCK) requirements/run.in -o requirements/run.txt
	$(LOCK) --no-deps requirements/demo.in -o requirements/demo.txt
	$(LOCK) requirements/test.in -o requirements/test.txt

clean: ## Remove the environment and caches; var/ with its data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
