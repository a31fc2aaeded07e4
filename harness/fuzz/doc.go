// Package fuzz holds the simulator against a real browser: it makes up cases
// over the whole scope of the simulator, weighted towards the edges of each rule,
// runs them in both, compares everything that a page or a server can see, and shrinks
// each disagreement to a vector that others can run.
package fuzz
