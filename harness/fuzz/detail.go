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
			if !isTold(c, *step.Request, predicted[i][n].Outcome) {
				details[i] = harness.InFull
			}
		}
	}
	return details
}

// isTold reports whether script or the console will be told of the outcome.
func isTold(c vectors.Vector, request vectors.Request, predicted simulator.Outcome) bool {
	initiator := request.Initiator
	switch {
	case initiator == simulator.InitiatorBeacon && (len(c.Each()) > 1 || isRedirected(predicted)):
		// A few of them alone are not waited for, and not every failure behind a redirect is told.
		return false
	case predicted.Kind != simulator.KindNetworkError:
		// An error event of a font or an image may be about its content alone.
		return initiator != simulator.InitiatorFont && (!isImage(initiator) || showsImage(c, predicted))
	}
	switch predicted.Reason.Code {
	case simulator.BlockedByORB, simulator.KeepaliveBodyTooLarge, simulator.InvalidRequest:
		return false
	case simulator.UnusableResponse:
		status := lastOf(predicted).Status
		return !strings.HasPrefix(string(initiator), string(simulator.InitiatorEventSource)) || status == 200 || status >= 400
	case simulator.InvalidURL:
		return !isElement(initiator)
	case simulator.InvalidRedirect:
		return isCORS(request)
	case simulator.CORSDisabledScheme:
		return len(predicted.Exchanges) == 0 || isCORS(request)
	}
	return true
}

// isCORS reports whether the request's mode is "cors", by default or by choice.
func isCORS(request vectors.Request) bool {
	if isElement(request.Initiator) {
		return strings.Contains(string(request.Initiator), "-crossorigin-")
	}
	return request.Mode == "" || request.Mode == simulator.ModeCORS
}

func isRedirected(predicted simulator.Outcome) bool {
	return slices.ContainsFunc(predicted.Exchanges, func(e simulator.Exchange) bool { return e.ResponseHeader.Get("Location") != "" })
}

func lastOf(predicted simulator.Outcome) simulator.Exchange {
	return predicted.Exchanges[len(predicted.Exchanges)-1]
}

// showsImage reports whether what answers the case's last request can be shown as an image. Of
// another URL than expected, to which mixed content is upgraded, there is none.
func showsImage(c vectors.Vector, predicted simulator.Outcome) bool {
	if len(predicted.Exchanges) == 0 || len(c.Exchanges) == 0 {
		return false
	}
	last := c.Exchanges[len(c.Exchanges)-1]
	return last.Response.Body == image && last.When.URL == lastOf(predicted).URL && !strings.Contains(lastOf(predicted).ResponseHeader.Get("Content-Type"), "svg")
}

// isUntold reports whether there is something that was not found out in brief.
func isUntold(observed []Observation) bool {
	return slices.ContainsFunc(observed, func(o Observation) bool { return o.Outcome.Reason.Code == harness.Untold })
}
