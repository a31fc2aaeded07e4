package chrome

import (
	_ "embed"
	"net/http"
	"strings"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// The parts of the script that makes requests: one for each interface that a
// page can use, and what they have in common.
var (
	//go:embed script/request.js
	requestScript string
	//go:embed script/batch.js
	batchScript string
	//go:embed script/timing.js
	timingScript string
	//go:embed script/fetch.js
	fetchScript string
	//go:embed script/xhr.js
	xhrScript string
	//go:embed script/element.js
	elementScript string
	//go:embed script/eventsource.js
	eventSourceScript string
	//go:embed script/beacon.js
	beaconScript string
)

// frameScript adds a frame to a page.
//
//go:embed script/frame.js
var frameScript string

// installScript makes crosscheckRequest(simulator.Request), whose promise is a
// [scriptResult], and crosscheckBatch(JSON, number), whose promise is the JSON of many. Any number of
// the former may be under way at a time.
var installScript = `void Object.defineProperties(globalThis, (() => {` +
	strings.Join([]string{requestScript, batchScript, timingScript, fetchScript, xhrScript, elementScript, eventSourceScript, beaconScript}, "\n") +
	"return {crosscheckRequest: {value: timedRequest}, crosscheckBatch: {value: batch}};})())"

// scriptResult is what the script tells of a request.
type scriptResult struct {
	Kind      string      `json:"kind"`
	Type      string      `json:"type"`
	Status    int         `json:"status"`
	URL       string      `json:"url"`
	Headers   [][2]string `json:"headers"`
	Body      []byte      `json:"body"`
	Code      string      `json:"code"`
	Parameter string      `json:"parameter"`
	Message   string      `json:"message"`
	// Origin is the script's own.
	Origin string `json:"origin"`
	// Loaded and CORS describe what had events only.
	Loaded bool `json:"loaded"`
	CORS   bool `json:"cors"`
	// UploadEvents is nil where nothing listened.
	UploadEvents  *bool `json:"upload_events"`
	TimingAllowed bool  `json:"timing_allowed"`
}

// eventsOnly is the kind of a result that script has events of and nothing else.
const eventsOnly = "element"

// outcome is as much of the outcome as script is told.
func (r *scriptResult) outcome() simulator.Outcome {
	outcome := simulator.Outcome{
		Kind: simulator.Kind(r.Kind), Type: simulator.ResponseType(r.Type),
		Status: r.Status, URL: r.URL, Body: r.Body,
		UploadEvents: r.UploadEvents, TimingAllowed: r.TimingAllowed,
	}
	if len(r.Headers) > 0 {
		outcome.Header = http.Header{}
		for _, field := range r.Headers {
			outcome.Header.Add(field[0], isomorphicEncode(field[1]))
		}
	}
	if r.Code != "" {
		outcome.Reason = simulator.Reason{Code: simulator.ReasonCode(r.Code), Parameter: r.Parameter}
	}
	return outcome
}

// hidesBody reports whether the page cannot read the response's body.
func (r *scriptResult) hidesBody() bool {
	return r.Kind == string(simulator.KindOpaque) || r.Kind == string(simulator.KindOpaqueRedirect)
}

// leavesTraces reports whether a request leaves something in the document: a
// script has run, and what elements load stays in the document's memory.
func leavesTraces(initiator simulator.Initiator) bool {
	for _, element := range []simulator.Initiator{
		simulator.InitiatorImage, simulator.InitiatorScript, simulator.InitiatorModuleScript,
		simulator.InitiatorStylesheet, simulator.InitiatorFont,
	} {
		if initiator == element || strings.HasPrefix(string(initiator), string(element)+"-crossorigin-") {
			return true
		}
	}
	return false
}

// isomorphicEncode makes each code unit of what script reads the byte that it
// was on the wire, as simulator.Outcome has it.
// https://infra.spec.whatwg.org/#isomorphic-encode
func isomorphicEncode(text string) string {
	encoded := make([]byte, 0, len(text))
	for _, unit := range text {
		encoded = append(encoded, byte(unit))
	}
	return string(encoded)
}
