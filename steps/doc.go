// Package steps is the Gherkin vocabulary and the verdict: what scenarios can
// say about a deployment, a page and its requests, and whether expected,
// predicted and observed agree.
//
// The files follow a scenario's life: given.go builds the deployment, when.go
// makes requests, then_*.go state expectations, agreement.go compares the
// simulator with the real browsers, suite.go runs it all through godog.
package steps
