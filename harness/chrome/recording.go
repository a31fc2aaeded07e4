package chrome

import (
	"slices"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
)

// recording is what DevTools says about one request of a page: the request
// itself, its redirects, and the preflights that it caused.
type recording struct {
	// requests are in the order in which DevTools named them first.
	requests []*recordedRequest
	issues   []*audits.CorsIssueDetails
}

// recordedRequest gathers the events of one DevTools request identifier. They
// come from two processes and in no order that can be relied on.
type recordedRequest struct {
	id network.RequestID
	// preflightOf is set for a preflight: the request that caused it.
	preflightOf network.RequestID
	hops        []recordedHop
	// sent and received are the raw headers, in the order of the hops that reached the wire.
	sent     []*network.EventRequestWillBeSentExtraInfo
	received []*network.EventResponseReceivedExtraInfo
	response *network.EventResponseReceived
	failed   *network.EventLoadingFailed
	finished bool
	cached   bool
	// unread: the page cannot read the body, so that nobody may ever take it to its end.
	unread bool
}

// recordedHop is one URL of a request's redirect chain.
type recordedHop struct {
	request *network.Request
	at      cdp.MonotonicTime
	// redirect is the response that sent the request on; nil for the last hop.
	redirect *network.Response
	// hasExtra says that raw headers of the hop exist.
	hasExtra bool
}

// observe takes an event, and reports whether it was about a request.
func (r *recording) observe(event any) bool {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		request := r.request(e.RequestID)
		if e.Initiator != nil && e.Initiator.Type == network.InitiatorTypePreflight {
			request.preflightOf = e.Initiator.RequestID
		}
		if last := len(request.hops) - 1; last >= 0 && e.RedirectResponse != nil {
			request.hops[last].redirect = e.RedirectResponse
			request.hops[last].hasExtra = e.RedirectHasExtraInfo
		}
		request.hops = append(request.hops, recordedHop{request: e.Request, at: e.Timestamp})
	case *network.EventRequestWillBeSentExtraInfo:
		request := r.request(e.RequestID)
		request.sent = append(request.sent, e)
	case *network.EventResponseReceivedExtraInfo:
		request := r.request(e.RequestID)
		request.received = append(request.received, e)
	case *network.EventResponseReceived:
		request := r.request(e.RequestID)
		request.response = e
		if last := len(request.hops) - 1; last >= 0 {
			request.hops[last].hasExtra = e.HasExtraInfo
		}
	case *network.EventRequestServedFromCache:
		r.request(e.RequestID).cached = true
	case *network.EventLoadingFinished:
		r.request(e.RequestID).finished = true
	case *network.EventLoadingFailed:
		r.request(e.RequestID).failed = e
	case *audits.EventIssueAdded:
		if cors := e.Issue.Details.CorsIssueDetails; cors != nil && !cors.IsWarning {
			r.issues = append(r.issues, cors)
		}
	default:
		return false
	}
	return true
}

func (r *recording) request(id network.RequestID) *recordedRequest {
	for _, request := range r.requests {
		if request.id == id {
			return request
		}
	}
	request := &recordedRequest{id: id}
	r.requests = append(r.requests, request)
	return request
}

// settled reports whether every request has ended and its announced raw headers are here.
func (r *recording) settled() bool {
	for _, request := range r.requests {
		if len(request.hops) == 0 {
			// An event of an earlier request that came late.
			continue
		}
		if !request.finished && request.failed == nil && (!request.unread || request.response == nil) {
			return false
		}
		announced := 0
		for _, hop := range request.hops {
			if hop.hasExtra {
				announced++
			}
		}
		if len(request.sent) < announced || len(request.received) < announced {
			return false
		}
	}
	return true
}

// conclusive reports whether the events say on their own what reached the
// wire. A request that failed without a response, or with one that announced no
// raw headers, may have some that are still on their way.
func (r *recording) conclusive() bool {
	for _, request := range r.requests {
		last := len(request.hops) - 1
		if last < 0 || request.failed == nil || len(request.received) > last {
			continue
		}
		if request.response == nil || !request.hops[last].hasExtra {
			return false
		}
	}
	return true
}

// forgetUnsent drops the page's own request when it was announced and nothing
// came of it: what Chrome does with the body of a keepalive request that is too large.
func (r *recording) forgetUnsent() {
	main := r.main()
	if main != nil && main.failed == nil && !main.finished && len(main.sent) == 0 {
		r.requests = slices.DeleteFunc(r.requests, func(q *recordedRequest) bool { return q == main })
	}
}

// main is the page's own request; nil when it was refused before there was any.
func (r *recording) main() *recordedRequest {
	for _, request := range r.requests {
		if len(request.hops) > 0 && request.preflightOf == "" {
			return request
		}
	}
	return nil
}

// preflights are those that the request caused, in order.
func (r *recording) preflights(of network.RequestID) []*recordedRequest {
	var preflights []*recordedRequest
	for _, request := range r.requests {
		if len(request.hops) > 0 && request.preflightOf == of {
			preflights = append(preflights, request)
		}
	}
	return preflights
}
