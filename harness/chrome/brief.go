package chrome

import (
	"context"
	"fmt"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// behindABeacon is how many requests have to follow a beacon in its wave: nobody is told of its
// end, and what the console is told of it comes before theirs.
const behindABeacon = 60

// fetchWaveBriefly makes the requests of a wave, and puts in place what script and the console are told of them.
func (t *tab) fetchWaveBriefly(ctx context.Context, wave wave, requests []simulator.Request, outcomes []simulator.Outcome) error {
	var beacons, others []int
	for _, i := range wave.indices() {
		if requests[i].Initiator == simulator.InitiatorBeacon {
			beacons = append(beacons, i)
		} else {
			others = append(others, i)
		}
	}
	if len(others) < behindABeacon {
		for _, i := range beacons {
			outcomes[i] = untold()
		}
		beacons = nil
	}
	indices := append(beacons, others...)
	asked := make([]simulator.Request, 0, len(indices))
	for _, i := range indices {
		asked = append(asked, requests[i])
	}
	heard := &complaints{byURL: map[string]complaint{}}
	defer t.record(nil)
	results, err := t.makeAll(ctx, asked, heard)
	if err != nil {
		return err
	}
	// What the console is told of a failure comes from the process that tells script of it, and before it does.
	t.record(nil)
	if heard.interrupted {
		return fmt.Errorf("make %d requests: %w", len(wave), errInterrupted)
	}
	said := make([]complaint, len(indices))
	silent, urls := 0, wave.urls()
	for n, i := range indices {
		if said[n] = heard.byURL[urls[i]]; results[n].isSilent(said[n], requests[i].Initiator) {
			silent++
		}
	}
	// The console is told the last URL of a redirect, and of an event source that got another type of content no URL.
	unclaimed := heard.unclaimed(wave)
	for n, i := range indices {
		switch initiator := requests[i].Initiator; {
		case results[n].isSilent(said[n], initiator) && !unclaimed && silent == heard.eventSources:
			said[n] = complaint{aboutStatus, simulator.Reason{Code: simulator.UnusableResponse}}
			fallthrough
		case initiator != simulator.InitiatorBeacon, said[n].reason.Code != "", !unclaimed:
			outcomes[i] = results[n].inBrief(said[n], initiator)
		default:
			outcomes[i] = untold()
		}
	}
	return nil
}

// isSilent reports whether it is an event source's failure of which nobody has said anything.
func (r *scriptResult) isSilent(said complaint, initiator simulator.Initiator) bool {
	return isEventSource(initiator) && said.reason.Code == "" && r.Kind == eventsOnly && !r.Loaded
}

func isEventSource(initiator simulator.Initiator) bool {
	return initiator == simulator.InitiatorEventSource || initiator == simulator.InitiatorEventSourceWithCredentials
}

// untold is the outcome of what is not found out in brief.
func untold() simulator.Outcome {
	return simulator.Outcome{Kind: simulator.KindNetworkError, Type: simulator.ResponseError, Reason: simulator.Reason{Code: harness.Untold}}
}

// inBrief puts together what script and the console are told.
func (r *scriptResult) inBrief(said complaint, initiator simulator.Initiator) simulator.Outcome {
	outcome := r.outcome()
	refused := said.reason.Code != "" && said.weight > aboutStatus
	switch {
	case r.Kind == eventsOnly && r.Loaded && !(initiator == simulator.InitiatorBeacon && refused):
		outcome.Kind = simulator.KindReadable
		return outcome
	case r.Kind == eventsOnly && decodes(initiator) && said.reason.Code == simulator.UnusableResponse:
		// Whether the response was refused as well is not told.
		return untold()
	case r.Kind == eventsOnly:
		outcome = untold()
	case outcome.Kind != simulator.KindNetworkError || outcome.Reason.Code != "":
		return outcome
	}
	outcome.Type, outcome.Reason = simulator.ResponseError, said.reason
	if said.reason.Code == "" {
		outcome.Reason.Code = harness.Untold
	}
	return outcome
}
