# Two commands are enough: `make run` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/sh

# Any Python 3 will do here: the first step looks for one that is new enough and says so when there is none.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	if $$name -c "" 2>/dev/null; then echo $$name; break; fi; done)
BOOTSTRAP = $(if $(PYTHON),$(PYTHON),$(error This needs Python 3.11, 3.12 or 3.13, and there is no python3 here)) \
	-IS factcheck/bootstrap.py
BIN = .venv/bin
# For tools that read the settings and open no connection.
DRY = ENVIRONMENT=development SECRET_KEY=only-to-read-the-settings DATABASE_URL=postgresql:///none \
	CELERY_BROKER_URL=redis://127.0.0.1:1/0

.PHONY: help
help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

.PHONY: run
run: ## Run the whole workbench on this machine (PORT, DATA_DIR and SAMPLE=no choose)
	@exec $(BOOTSTRAP) run

.PHONY: test
test: ## Run every test on a throw-away PostgreSQL and Valkey (ARGS="-k word" narrows)
	@exec $(BOOTSTRAP) test $(ARGS)

.PHONY: bench
bench: ## Measure the main operations at 10,000 and 100,000 claims
	@exec $(BOOTSTRAP) bench $(ARGS)

.PHONY: mutants
mutants: ## Change triggers and code a little and say what no test notices (ARGS="triggers --only claim_guard")
	@exec $(BOOTSTRAP) mutants $(ARGS)

.PHONY: setup
setup: ## Make .venv with the packages and the development tools
	@$(BOOTSTRAP) setup

.PHONY: format
format: setup ## Refuse code that is not formatted
	@$(BIN)/ruff format --check --quiet .

.PHONY: lint
lint: setup ## Lint code and templates
	@$(BIN)/ruff check --quiet .
	@$(BIN)/djlint --lint --quiet templates

.PHONY: types
types: setup ## Check the types
	@$(DRY) $(BIN)/mypy

.PHONY: layers
layers: setup ## Check who imports whom
	@$(DRY) $(BIN)/lint-imports --no-logo

.PHONY: migrations
migrations: setup ## Refuse models that differ from their migrations
	@$(BIN)/python manage.py makemigrations --check --dry-run

.PHONY: deployment
deployment: setup ## Refuse production settings that Django's deployment check warns of
	@DEBUG=false ENVIRONMENT=production SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(50))") \
		PUBLIC_URL=https://check.example.org DATABASE_URL=postgresql:///none \
		CELERY_BROKER_URL=redis://127.0.0.1:1/0 \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

.PHONY: ci
ci: ## Everything the project's own CI runs
	@.ci/run

.PHONY: fix
fix: setup ## Format, and mend what the linter can
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .
