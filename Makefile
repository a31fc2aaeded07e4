# The two commands a newcomer types. Each sets up what it needs.
SHELL := /bin/sh
ENV ?= embedded
ARGS ?=

.PHONY: conformance test lint bench golden clean

## conformance: run the scenarios in the simulator and in Chrome
conformance: bin/crosscheck
	CHROME="$$(bin/crosscheck chrome --install)" && CHROME="$$CHROME" bin/crosscheck run --env $(ENV) $(ARGS)

## test: run the project's own tests
test: bin/crosscheck
	CHROME="$$(bin/crosscheck chrome --install)" && CHROME="$$CHROME" go test -race -shuffle=on ./...

## lint: check format and vet
lint:
	@test -z "$$(go tool gofumpt -l .)" || { go tool gofumpt -l .; echo 'these files are not formatted: go tool gofumpt -w .'; exit 1; }
	go vet ./...
	go tool staticcheck ./...

## bench: the speed goals, as benchmarks
bench: bin/crosscheck
	CHROME="$$(bin/crosscheck chrome --install)" && CHROME="$$CHROME" go test -run '^$$' -bench . -benchmem ./...

bin/crosscheck: FORCE
	@go build -o $@ ./cmd/crosscheck

clean:
	rm -rf bin out

FORCE:
