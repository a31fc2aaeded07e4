package chrome

import (
	"context"
	"fmt"
	"slices"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/nlnwa/whatwg-url/url"

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
	// What the console is told of a failure comes from the process that tells script of it, and before it does. To be
	// given all its entries at once costs less than to be given each when it is made.
	if err := t.command(ctx, cdplog.Enable.Method, cdplog.Disable.Method, cdplog.Clear.Method); err != nil {
		return err
	}
	t.record(nil)
	if heard.interrupted {
		return fmt.Errorf("make %d requests: %w", len(wave), errInterrupted)
	}
	said, unclaimed := heard.of(wave)
	// Of an event source that got content of another type the console is told no URL.
	silent := 0
	for n, i := range indices {
		if results[n].isSilent(said[i], requests[i].Initiator) {
			silent++
		}
	}
	for n, i := range indices {
		if results[n].isSilent(said[i], requests[i].Initiator) && !unclaimed && silent == heard.eventSources {
			said[i] = complaint{weight: aboutStatus, reason: simulator.Reason{Code: simulator.UnusableResponse}}
		}
		outcomes[i] = results[n].inBrief(said[i], requests[i])
		failed := outcomes[i].Kind == simulator.KindNetworkError
		if heard.incomplete && failed || requests[i].Initiator == simulator.InitiatorBeacon && unclaimed && !failed {
			outcomes[i] = untold()
		}
	}
	return nil
}

// isSilent reports whether it is an event source's failure of which nobody has said anything.
func (r *scriptResult) isSilent(said complaint, initiator simulator.Initiator) bool {
	return isEventSource(initiator) && said.weight == 0 && r.Kind == eventsOnly && !r.Loaded
}

func isEventSource(initiator simulator.Initiator) bool {
	return initiator == simulator.InitiatorEventSource || initiator == simulator.InitiatorEventSourceWithCredentials
}

// untold is the outcome of what is not found out in brief.
func untold() simulator.Outcome {
	return simulator.Outcome{Kind: simulator.KindNetworkError, Type: simulator.ResponseError, Reason: simulator.Reason{Code: harness.Untold}}
}

// inBrief puts together what script and the console are told.
func (r *scriptResult) inBrief(said complaint, request simulator.Request) simulator.Outcome {
	outcome := r.outcome()
	refused := said.reason.Code != "" && said.weight > aboutStatus
	switch {
	case r.Kind == eventsOnly && r.Loaded && !(request.Initiator == simulator.InitiatorBeacon && refused):
		outcome.Kind = simulator.KindReadable
		return outcome
	case r.Kind == eventsOnly && decodes(request.Initiator) && said.reason.Code == simulator.UnusableResponse:
		// Whether the response was refused as well is not told.
		return untold()
	case r.Kind == eventsOnly:
		outcome = untold()
	case outcome.Kind != simulator.KindNetworkError || outcome.Reason.Code != "":
		return outcome
	}
	outcome.Type, outcome.Reason = simulator.ResponseError, said.reason
	switch {
	case said.reason.Code != "":
	case request.Redirect == simulator.RedirectError && said.elsewhere && said.weight == aboutNetwork:
		// The console names the URL that was not followed.
		outcome.Reason.Code = simulator.RedirectModeError
	case said.weight == 0 && !isFetchable(request.URL):
		outcome.Reason = silentReason(request)
	default:
		outcome.Reason.Code = harness.Untold
	}
	return outcome
}

// isFetchable reports whether the URL's scheme is one that script can fetch; its own Blobs are no case for the console.
func isFetchable(raw string) bool {
	target, err := url.Parse(raw)
	return err != nil || raw == simulator.BlobSelfURL || slices.Contains(fetchable, target.Scheme())
}
