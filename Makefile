# `make run` serves; `make test` tests everything. The rest is listed by `make help`.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

# One profile and one set of features for every test, so that dependencies compile once.
CARGO_BUILD := cargo build --locked --workspace
CARGO_TEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo "cargo nextest run --locked" || echo "cargo test --locked")

ON_MONGODB := env CHATCONNECT_TEST_DATABASE=mongodb scripts/with-mongod

NODE_MODULES := node_modules/.package-lock.json
WEB := web/dist/index.html
WEB_SOURCES := $(shell find web packages -type f \
	-not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/test/*' 2>/dev/null)

.PHONY: help
help: ## What there is to make
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-21s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- run

.PHONY: run
run: $(WEB) ## Build what is missing or outdated, then serve; settings come from the environment
	cargo build --locked --release --bin chatconnect
	@exec target/release/chatconnect

$(NODE_MODULES): package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

$(WEB): $(NODE_MODULES) $(WEB_SOURCES)
	npm run build
	@touch $@

.PHONY: web
web: $(WEB) ## Build the web client

# ---- test

.PHONY: test
test: test-deps build test-rust types-check test-node test-budget test-e2e test-e2e-mongodb test-network test-cluster test-browser test-browser-mongodb ## Run every test there is

.PHONY: test-deps
test-deps: ## Install what the tests need: Chromium, MongoDB, Redis, nginx, valgrind, a Python environment, the packages of Node
	@scripts/step 'requirements of the tests' scripts/install-test-deps
	@scripts/step 'packages of Node' $(MAKE) --no-print-directory $(NODE_MODULES)

.PHONY: build
build: ## Build the web client and the server as the tests use them
	@scripts/step 'web client' $(MAKE) --no-print-directory $(WEB)
	@scripts/step 'server, debug build' $(CARGO_BUILD) --bins --examples

.PHONY: test-rust
test-rust: $(NODE_MODULES) ## The tests in Rust, beside a MongoDB
	@scripts/step 'tests in Rust' scripts/with-mongod $(CARGO_TEST) --workspace

.PHONY: types-check
types-check: ## Fail when packages/protocol/src/generated is not what the Rust types say
	@scripts/step 'generated types' $(CARGO_TEST) --workspace --test it bindings

.PHONY: types
types: ## Write packages/protocol/src/generated anew from the Rust types
	UPDATE=1 $(CARGO_TEST) --workspace --test it bindings

.PHONY: test-node
test-node: $(NODE_MODULES) ## Unit tests of the packages in TypeScript
	@scripts/step 'unit tests in TypeScript' npm test

.PHONY: test-budget
test-budget: ## What a send and a delivery cost the server, in instructions, against bench/budget.json
	@scripts/step 'instructions per delivery and per send' target/debug/chatconnect-bench budget

.PHONY: test-e2e
test-e2e: $(NODE_MODULES) ## The real binary from the outside, with the real clients
	@scripts/step 'tests from the outside' npm run test --workspace @chatconnect/e2e

.PHONY: test-e2e-mongodb
test-e2e-mongodb: $(NODE_MODULES) ## The same, on MongoDB
	@scripts/step 'tests from the outside, on MongoDB' $(ON_MONGODB) npm run test --workspace @chatconnect/e2e

.PHONY: test-network
test-network: $(NODE_MODULES) ## The shared client on bad networks, against the real server; SEED=17 repeats one run, RUNS=20 does fewer
	@scripts/step 'tests of bad networks' npm run test:network --workspace @chatconnect/e2e

.PHONY: test-cluster
test-cluster: $(NODE_MODULES) ## Two servers on a replica set, whose parts are killed and cut off
	@scripts/step 'tests of a cluster' npm run test:cluster --workspace @chatconnect/e2e

.PHONY: test-browser
test-browser: $(NODE_MODULES) ## The built client in Chromium
	@scripts/step 'tests in the browser' npm run test:browser

.PHONY: test-browser-mongodb
test-browser-mongodb: $(NODE_MODULES) ## What a browser does with the server, on MongoDB; what a page looks like is the same there
	@scripts/step 'tests in the browser, on MongoDB' $(ON_MONGODB) npm run test:browser -- stranger.spec chat.spec settings.spec groups.spec attachments.spec admin.spec marks.spec blocks.spec reports.spec

# ---- measure

BENCH_MODULES := bench/node/node_modules/.package-lock.json

$(BENCH_MODULES): bench/node/package-lock.json
	cd bench/node && npm ci --no-audit --no-fund
	@touch $@

.PHONY: bench-build
bench-build: test-deps $(WEB) $(BENCH_MODULES)
	@scripts/step 'server, release build' cargo build --locked --release --bin chatconnect --example generate_archive
	@scripts/step 'load generator' cargo build --locked --release --package chatconnect-bench

.PHONY: bench
bench: bench-browser ## Measure the server beside Node, and the web client, and write docs/BENCHMARKS.md: an hour, and all cores
	@scripts/step 'measurements' target/release/chatconnect-bench run --report docs --browser bench/results/browser.md

.PHONY: bench-quick
bench-quick: bench-build ## A short look at the same: bench/results/BENCHMARKS.md
	@scripts/step 'measurements' target/release/chatconnect-bench run --quick --report bench/results

.PHONY: bench-browser
bench-browser: bench-build ## How the web client keeps up in Chromium: bench/results/browser.md, some minutes
	@scripts/step 'measurements in the browser' npm run measure --workspace @chatconnect/browser-tests

# ---- lint

# Where clippy stands in for the compiler (.ci/run), it looks at what is built for the tests anyway.
CLIPPY := $(if $(RUSTC_WORKSPACE_WRAPPER),$(CARGO_BUILD) --all-targets,cargo clippy --locked --workspace --all-targets -- -D warnings)

.PHONY: lint
lint: $(NODE_MODULES) ## Formatting, clippy, eslint, tsc, licences
	@scripts/step 'requirements of the lints' scripts/install-lint-deps
	@scripts/step 'formatting' cargo fmt --all --check
	@scripts/step 'web client' $(MAKE) --no-print-directory $(WEB)
	@scripts/step 'clippy' $(CLIPPY)
	@scripts/step 'eslint' npm run lint
	@scripts/step 'tsc' npm run typecheck
	@scripts/step 'cargo deny' cargo deny --locked check bans licenses sources

# ---- clean

.PHONY: clean
clean: ## Remove what was built and installed here; never the data
	rm -rf target node_modules web/node_modules web/dist packages/*/node_modules .venv
	rm -rf tests/*/node_modules tests/browser/results bench/node/node_modules bench/work
