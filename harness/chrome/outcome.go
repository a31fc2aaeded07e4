package chrome

import (
	"strings"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// outcome puts together what the page and what DevTools saw.
func (t *tab) outcome(r *recording, result scriptResult, request simulator.Request) simulator.Outcome {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.noteResponses(r)
	if result.Kind == string(simulator.KindNetworkError) && isKeepalive(request) {
		r.forgetUnsent()
	}
	outcome := result.outcome()
	outcome.Exchanges = r.exchanges()
	switch {
	case result.Kind == eventsOnly:
		outcome.Kind, outcome.Type, outcome.Reason = r.eventOutcome(result, request.Initiator)
	case outcome.Readable() && outcome.Type == "":
		outcome.Type = r.responseType(result.Origin, true)
	}
	if outcome.Kind == simulator.KindNetworkError && outcome.Reason.Code == "" {
		outcome.Reason = r.reasonOf(request)
	}
	return outcome
}

// eventOutcome is what came of a request of which script has events only, or not
// even those. DevTools tells a refusal from a response that was of no use.
func (r *recording) eventOutcome(result scriptResult, initiator simulator.Initiator) (simulator.Kind, simulator.ResponseType, simulator.Reason) {
	main := r.main()
	// Chrome aborts the loading of a script whose response it cannot use.
	failed := main == nil || main.failed != nil && (main.failed.ErrorText != "net::ERR_ABORTED" || main.failed.BlockedReason != "" || main.response == nil)
	refused := failed || len(r.issues) > 0
	switch {
	case refused && (!result.Loaded || initiator == simulator.InitiatorBeacon):
		return simulator.KindNetworkError, simulator.ResponseError, simulator.Reason{}
	case !result.Loaded && !decodes(initiator):
		return simulator.KindNetworkError, simulator.ResponseError, simulator.Reason{Code: simulator.UnusableResponse}
	}
	kind, responseType := simulator.KindReadable, r.responseType(result.Origin, result.CORS || r.isCORSBeacon(initiator))
	if responseType == simulator.ResponseOpaque {
		kind = simulator.KindOpaque
	}
	return kind, responseType, simulator.Reason{}
}

// isCORSBeacon reports whether the body made a cors request of a beacon. Plain
// http has no Sec-Fetch-Mode to tell it by, but then there is a preflight.
func (r *recording) isCORSBeacon(initiator simulator.Initiator) bool {
	main := r.main()
	if initiator != simulator.InitiatorBeacon || main == nil {
		return false
	}
	for _, sent := range main.sent {
		if sent.Headers["Sec-Fetch-Mode"] == "cors" {
			return true
		}
	}
	return len(r.preflights(main.id)) > 0
}

// decodes reports whether an error event may be about the content alone: one
// that is no image or no font is none of the Fetch standard's business.
func decodes(initiator simulator.Initiator) bool {
	return strings.HasPrefix(string(initiator), string(simulator.InitiatorImage)) || initiator == simulator.InitiatorFont
}

// responseType is the type of a response where script is not told: basic while
// every URL was of the script's own origin, or was no http URL at all.
// https://fetch.spec.whatwg.org/#concept-request-response-tainting
func (r *recording) responseType(origin string, cors bool) simulator.ResponseType {
	if main := r.main(); main != nil {
		for _, hop := range main.hops {
			url, ok := wireURL(hop.request.URL)
			switch {
			case !ok, strings.HasPrefix(url+"/", origin+"/"):
			case cors:
				return simulator.ResponseCORS
			default:
				return simulator.ResponseOpaque
			}
		}
	}
	return simulator.ResponseBasic
}
