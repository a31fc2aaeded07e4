// Package mutate tells how good a team's CORS scenarios are: it breaks the
// declared policy of each in every small way, runs the scenarios against what is left, and
// reports the mutants that nobody noticed, with what each would have changed for a browser.
//
// A policy is a deployment, and its tests are all scenarios that declare an equal one.
// A mutant of it is killed when one of them fails. One that is not is asked more than the
// scenarios ask: the requests of probes.go, by the simulator, in memory. When some outcome
// differs the mutant has survived; when none does it counts as equivalent, and apart.
package mutate
