# Two commands: `make run` and `make test`. The logic is in scripts/.
SHELL := /bin/sh
PORT ?=
SERVE := $(if $(PORT),--port $(PORT))
python = python=$$(sh scripts/python.sh) || exit 1; "$$python"

.DEFAULT_GOAL := help
.PHONY: help run setup dev test check format schema lock wheel clean

help: ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: setup ## Set up, then serve and print the link (PORT=8080 for another port)
	@exec .venv/bin/offhook serve $(SERVE)

setup: ## The part of `make run` before serving: environment, page, weights
	@$(python) scripts/setup.py

dev: ## Serve, and reload when the source changes
	@$(python) scripts/setup.py
	@exec sh scripts/dev.sh $(SERVE)

test: ## Install what the tests need, then run every test
	@$(python) scripts/setup.py
	@$(python) scripts/suites.py

check: ## Lint, types and unit tests, in under a minute
	@$(python) scripts/setup.py environment modules
	@$(python) scripts/suites.py --quick

format: ## Format the Python and mend what ruff can
	@.venv/bin/ruff check --fix . && .venv/bin/ruff format .

schema: ## Write what is generated: configs/bot.schema.json and pages of docs/
	@.venv/bin/offhook schema --write

lock: ## Pin the newest allowed packages into requirements.lock
	@.venv/bin/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
		--extra voices --extra cloud --extra azure --group dev --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --output-file requirements.lock

wheel: ## Build a wheel that carries the page and the shipped bots into dist/
	@$(python) scripts/setup.py environment page
	@.venv/bin/hatchling build -t wheel

clean: ## Remove what `make` made; the weights stay in the cache
	@rm -rf .venv .setup dist client/node_modules client/dist
