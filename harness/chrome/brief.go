package chrome

import (
	"context"
	"fmt"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// fetchWaveBriefly makes the requests of a wave, and puts in place what script and the console are told of them.
func (t *tab) fetchWaveBriefly(ctx context.Context, wave wave, requests []simulator.Request, outcomes []simulator.Outcome) error {
	var indices []int
	var asked []simulator.Request
	for _, i := range wave.indices() {
		if requests[i].Initiator == simulator.InitiatorBeacon {
			// Nobody is told of its end.
			outcomes[i] = untold()
			continue
		}
		indices, asked = append(indices, i), append(asked, requests[i])
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
	about := map[int]complaint{}
	for url, i := range wave {
		about[i] = heard.byURL[url]
	}
	for n, i := range indices {
		outcomes[i] = results[n].inBrief(about[i], requests[i].Initiator)
	}
	return nil
}

// untold is the outcome of what is not found out in brief.
func untold() simulator.Outcome {
	return simulator.Outcome{Kind: simulator.KindNetworkError, Type: simulator.ResponseError, Reason: simulator.Reason{Code: harness.Untold}}
}

// inBrief puts together what script and the console are told.
func (r *scriptResult) inBrief(said complaint, initiator simulator.Initiator) simulator.Outcome {
	outcome := r.outcome()
	switch {
	case r.Kind == eventsOnly && r.Loaded:
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
