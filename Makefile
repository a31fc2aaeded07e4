# The two commands a newcomer types. Each sets up what it needs.
SHELL := /bin/sh
ENV ?= embedded
ARGS ?=

# The race detector needs a C compiler, which a machine with only Go has not.
RACE := $(shell command -v "$${CC:-cc}" >/dev/null 2>&1 && echo -race)

.PHONY: conformance golden test test-docs test-kind lint bench clean

## conformance: run the scenarios in the simulator and in Chrome
conformance: bin/crosscheck
	CHROME="$$(bin/crosscheck chrome --install)" && CHROME="$$CHROME" bin/crosscheck run --env $(ENV) $(ARGS)

## golden: record what the real controller answers in the scenarios (ENV=kind, or cluster with its ARGS)
golden: bin/crosscheck
	CHROME="$$(bin/crosscheck chrome --install)" && CHROME="$$CHROME" bin/crosscheck run --env $(ENV) --record-golden fixtures/golden/exchanges $(ARGS)

## test: run the project's own tests, but those that make a cluster
test: bin/crosscheck
	@test -n "$(RACE)" || echo 'no C compiler was found, so the tests run without the race detector'
	CHROME="$$(bin/crosscheck chrome --install)" && CHROME="$$CHROME" go test -short $(RACE) -shuffle=on ./...

## test-docs: run every command of the documentation, and say which were not
test-docs: bin/crosscheck
	CHROME="$$(bin/crosscheck chrome --install)" && CHROME="$$CHROME" go test -count=1 ./docs -args -not-run="$(CURDIR)/bin/docs-not-run.txt"
	@cat bin/docs-not-run.txt

## test-kind: run the tests that make clusters, one after the other; they need Docker and some thirty minutes
test-kind: bin/crosscheck
	CHROME="$$(bin/crosscheck chrome --install)" && CHROME="$$CHROME" \
		go test -p 1 -timeout 40m -shuffle=on ./harness/kind ./harness/helm ./harness/ingressnginx ./harness/linkerd ./harness/bringup ./harness/cluster/... ./deploy/kubernetes ./cmd/crosscheck

## lint: check format and vet
lint:
	@test -z "$$(go tool gofumpt -l .)" || { go tool gofumpt -l .; echo 'these files are not formatted: go tool gofumpt -w .'; exit 1; }
	go vet ./...
	go tool staticcheck ./...

## bench: the speed goals, as benchmarks
bench: bin/crosscheck
	CHROME="$$(bin/crosscheck chrome --install)" && CHROME="$$CHROME" go test -run '^$$' -bench . -benchmem ./...

bin/crosscheck: FORCE
	@CGO_ENABLED=0 go build -ldflags="-s -w" -o $@ ./cmd/crosscheck

clean:
	rm -rf bin out

FORCE:
