package fuzz

import (
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// detailsFor chooses how much to find out about each case: no more than it takes to
// see all that is compared, as far as the prediction tells. That decides the cost
// alone: what was not found out in brief is run again in full.
func detailsFor(cases []vectors.Vector, predicted [][]Observation) []harness.Detail {
	details := make([]harness.Detail, len(cases))
	for i, c := range cases {
		details[i] = harness.InBrief
		for n, step := range c.Each() {
			if !isTold(step.Request.Initiator, predicted[i][n].Outcome) {
				details[i] = harness.InFull
			}
		}
	}
	return details
}

// isTold reports whether script or the console will be told of the outcome.
func isTold(initiator simulator.Initiator, predicted simulator.Outcome) bool {
	switch {
	case initiator == simulator.InitiatorBeacon:
		return false
	case predicted.Kind != simulator.KindNetworkError:
		// An error event of a font or an image may be about its content alone.
		return initiator != simulator.InitiatorFont && !strings.HasPrefix(string(initiator), string(simulator.InitiatorImage))
	}
	requests := len(predicted.Exchanges) - len(predicted.Preflights())
	switch predicted.Reason.Code {
	case simulator.RedirectModeError, simulator.BlockedByORB, simulator.KeepaliveBodyTooLarge, simulator.InvalidRequest, simulator.UnusableResponse:
		return false
	case simulator.MixedContent, simulator.DisallowedByMode:
		return requests == 0
	case simulator.InvalidURL:
		return requests == 0 && !isElement(initiator)
	case simulator.CrossOriginResourcePolicy, simulator.InvalidHTTPResponse, simulator.InvalidRedirect, simulator.TooManyRedirects:
		// The console is told of the last URL, and not of the first.
		return requests <= 1
	case simulator.CORSDisabledScheme:
		return initiator == simulator.InitiatorFetch || initiator == ""
	}
	return true
}

// isUntold reports whether there is something that was not found out in brief.
func isUntold(observed []Observation) bool {
	return slices.ContainsFunc(observed, func(o Observation) bool { return o.Outcome.Reason.Code == harness.Untold })
}
