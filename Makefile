# `make` lists what there is. Everything works from a fresh clone with Python 3.11 or newer, pip, venv and make.

.DEFAULT_GOAL := help
.PHONY: help run dev test test-all bench bench-comments bench-lists bench-queue lint types format lock messages

# The first Python that is new enough; `make PYTHON=/path/to/python3.12 run` names another.
FIND_PYTHON = for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v "$$python" >/dev/null 2>&1 \
	&& "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && break; \
	python=; done; \
	if [ -z "$$python" ]; then \
	echo "Newsroom needs Python 3.11 or newer, and none was found. Install one, or name it: make PYTHON=/path/to/python3.12 $@" >&2; \
	exit 1; fi;
# Makes .venv and installs what the locks after it name; does nothing when that is done.
PREPARE = @$(FIND_PYTHON) "$$python" -I newsroom/environment.py
BIN = .venv/bin

help: ## List these targets
	@sed -n 's/^\([a-z-]*\): .*## /\1\t/p' Makefile | while IFS='	' read -r name what; do \
	printf 'make %-11s %s\n' "$$name" "$$what"; done

run: ## Serve the site on 127.0.0.1:8000 (PORT=… for another port), with sample content and a login for each role
	$(PREPARE) --port requirements.txt
	@exec $(BIN)/python manage.py serve --demo

dev: ## The same with reload, error pages and no page cache, for work on code and templates
	$(PREPARE) --port requirements.txt
	@DEBUG=1 PAGES_STORE=newsroom.pages.NullStore exec $(BIN)/python manage.py serve --demo --reload

test: ## Run the tests on SQLite, and on PostgreSQL if one answers (ARGS="-k name" for some of them)
	$(PREPARE) requirements-dev.txt
	@exec $(BIN)/python -m tests $(ARGS)

test-all: test ## …and then the heavy tests at full length
	@exec $(BIN)/python -m tests --long $(ARGS)

bench: ## Measure what a stored page costs, beside bare gunicorn and nginx (ROUNDS, REQUESTS, CONNECTIONS)
	$(PREPARE) requirements-dev.txt
	@exec $(BIN)/python -m bench --rounds $(or $(ROUNDS),40) --requests $(or $(REQUESTS),1000) \
	--connections $(or $(CONNECTIONS),1)

bench-comments: ## Measure what a stored comment costs (COMMENTS, CONNECTIONS)
	@exec $(BIN)/python -m bench.comments --comments $(or $(COMMENTS),3000) --connections $(or $(CONNECTIONS),16)

bench-lists: ## Measure what the desk's lists cost with 100 000 articles (ARTICLES; DATABASE_URL for PostgreSQL)
	$(PREPARE) requirements-dev.txt
	@exec $(BIN)/python -m bench.lists --articles $(or $(ARTICLES),100000)

bench-queue: ## Measure what the moderators' queue costs with 100 000 comments (COMMENTS; DATABASE_URL for PostgreSQL)
	$(PREPARE) requirements-dev.txt
	@exec $(BIN)/python -m bench.queue --comments $(or $(COMMENTS),100000)

lint: ## Check code and templates for mistakes and for format
	$(PREPARE) requirements-dev.txt
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@git ls-files -z --cached --others --exclude-standard 'templates/*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2 --check

types: ## Check types
	$(PREPARE) requirements-dev.txt
	@$(BIN)/mypy articles comments newsroom

format: ## Format code and templates
	$(PREPARE) requirements-dev.txt
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .
	@git ls-files -z --cached --others --exclude-standard 'templates/*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2

messages: ## Collect the interface texts into locale/ (where GNU gettext is installed) and compile them
	$(PREPARE) requirements-dev.txt
	@if command -v xgettext >/dev/null 2>&1; then \
	$(BIN)/python manage.py makemessages --all --no-location --ignore '.venv/*' --ignore 'var/*' --ignore 'tests/*'; \
	else echo "GNU gettext is not installed here: the texts are compiled, not collected."; fi
	@$(BIN)/pybabel --quiet compile --domain django --directory locale

LOCK = $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

lock: ## Compile the locks anew; UPGRADE=--upgrade takes the newest releases
	$(PREPARE) requirements-dev.txt
	@$(LOCK) $(UPGRADE) requirements.in -o requirements.txt
	@$(LOCK) $(UPGRADE) requirements-postgres.in -c requirements.txt -o requirements-postgres.txt
	@$(LOCK) $(UPGRADE) requirements-dev.in -c requirements-postgres.txt -o requirements-dev.txt
