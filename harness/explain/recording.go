package explain

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness/har"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// RecordingSchema is the version of the JSON form of a [RecordingExplanation].
const RecordingSchema = "crosscheck.explain-har/v1"

// RecordingExplanation tells which requests of a recording a browser blocked, and why.
type RecordingExplanation struct {
	Schema string `json:"schema"`
	File   string `json:"file"`
	// Browser is what recorded, Profile what the simulator followed.
	Browser string `json:"browser"`
	Profile string `json:"profile"`
	// Requests is how many of the recording's are of a page to another origin, and were looked at.
	Requests int        `json:"requests"`
	Blocked  []Recorded `json:"blocked"`
}

// Recorded is a request of a recording that failed.
type Recorded struct {
	// Line is where its entry begins.
	Line    int       `json:"line"`
	Started time.Time `json:"started,omitzero"`
	Method  string    `json:"method"`
	URL     string    `json:"url"`
	// Origin is that of the page that asked; empty when the recording does not tell.
	Origin string `json:"origin,omitempty"`
	// Status and Failure are as recorded: 0 for no response, and the browser's word for what went wrong.
	Status  int    `json:"status"`
	Failure string `json:"failure,omitempty"`
	Verdict string `json:"verdict"`
	// Assumptions are what the recording does not tell and the verdict builds on.
	Assumptions []string `json:"assumptions,omitempty"`
	// Next is what to do where the recording is not enough; empty where Explanation says it.
	Next string `json:"next,omitempty"`
	// Explanation is nil where the recorded exchanges do not explain the failure.
	Explanation *Explanation `json:"explanation,omitempty"`
}

// RecordingOptions say how a recording is read.
type RecordingOptions struct {
	// Profile is what the simulator follows; by the browser that recorded when its name is empty.
	Profile simulator.Profile
	// Origin is the page's, for requests of which the recording does not tell it.
	Origin string
}

// Recording explains the requests of a recording that the browser blocked. Every
// request of a page to another origin is made again by the simulator over the recorded
// exchanges. The error is the context's.
func Recording(ctx context.Context, recording *har.Recording, options RecordingOptions) (RecordingExplanation, error) {
	if options.Profile.Name == "" {
		options.Profile = profileOf(recording.Browser)
	}
	r := &recordingExplainer{
		options: options, recording: recording, used: map[*har.Entry]bool{}, to: map[string][]*har.Entry{},
		result: RecordingExplanation{
			Schema: RecordingSchema, File: recording.File, Browser: recording.Browser, Profile: options.Profile.Name, Blocked: []Recorded{},
		},
	}
	for _, entry := range recording.Entries {
		r.to[entry.URL] = append(r.to[entry.URL], entry)
	}
	for _, entry := range recording.Entries {
		if !entry.Preflight() {
			r.explain(ctx, entry)
		}
	}
	// A preflight without its request: the browser went no further.
	for _, entry := range recording.Entries {
		if entry.Preflight() && !r.used[entry] {
			r.explain(ctx, entry)
		}
	}
	if err := ctx.Err(); err != nil {
		return r.result, fmt.Errorf("explain %s: interrupted: %w", recording.File, err)
	}
	return r.result, nil
}

// profileOf is the engine that recorded, as far as there is a profile of it.
func profileOf(browser string) simulator.Profile {
	for _, other := range []string{"Firefox", "WebKit", "Safari"} {
		if strings.Contains(browser, other) {
			return simulator.Standard
		}
	}
	return simulator.Chromium
}

type recordingExplainer struct {
	options   RecordingOptions
	recording *har.Recording
	used      map[*har.Entry]bool
	// to are the entries by their URLs.
	to     map[string][]*har.Entry
	result RecordingExplanation
}

// attempt is a request made again, with one credentials mode.
type attempt struct {
	question  *Question
	page      *simulator.Page
	outcome   simulator.Outcome
	transport *recordedTransport
}

func (a attempt) refused() bool { return a.outcome.Kind == simulator.KindNetworkError }

// contradicts tells whether the browser went further than the attempt did: to an
// answer behind a preflight that the attempt was refused, or past a redirect that it did not
// follow and the first attempt did.
func (a attempt) contradicts(first attempt) bool {
	head := a.transport.head
	if last := lastExchange(a.outcome); last.Kind == simulator.ExchangePreflight && !head.Preflight() && head.Status > 0 && !a.transport.has(head) {
		return true
	}
	went := func(a attempt) int {
		count := 0
		for _, taken := range a.transport.taken {
			// Browsers list a request that they did not send, too.
			if taken != head || head.Status > 0 {
				count++
			}
		}
		return count
	}
	return went(a) < went(first)
}

// explain looks at one request, unless it was part of an earlier one.
func (r *recordingExplainer) explain(ctx context.Context, entry *har.Entry) {
	mode := recordedMode(entry)
	if ctx.Err() != nil || r.used[entry] || mode == "" || mode == simulator.ModeNoCORS && !entry.Failed() || !strings.HasPrefix(entry.URL, "http") {
		return
	}
	preflight := entry
	if !entry.Preflight() {
		preflight = r.preflightOf(entry)
	}
	origin := recordedOrigin(r.recording, entry, preflight)
	if origin == "" {
		origin = r.options.Origin
	}
	if origin == originOf(entry.URL) && entry.RedirectURL == "" {
		return
	}
	found := Recorded{Line: entry.Line, Started: entry.Started, Method: entry.Method, URL: entry.URL, Origin: origin, Status: entry.Status, Failure: entry.Failure}
	if entry.Preflight() {
		found.Method = entry.RequestHeader.Get("Access-Control-Request-Method")
	}
	if origin == "" {
		if entry.Failed() {
			r.result.Requests++
			found.Verdict = "The request failed, and the recording does not tell which page made it."
			found.Next = "say which with --origin"
			r.result.Blocked = append(r.result.Blocked, found)
		}
		return
	}
	r.result.Requests++
	attempts := r.attempts(ctx, entry, preflight, found.Method, origin, mode)
	if ctx.Err() == nil && r.judge(&found, entry, attempts) {
		r.result.Blocked = append(r.result.Blocked, found)
	}
}

// preflightOf is the preflight of a request: the last unused one for its URL and
// method that began before it, or else one that began before the next request of the kind,
// unless that one is the first to have the headers that the preflight asks for.
func (r *recordingExplainer) preflightOf(entry *har.Entry) *har.Entry {
	var found *har.Entry
	after := false
	for _, candidate := range r.to[entry.URL] {
		switch {
		case candidate == entry:
			if after = true; found != nil {
				return found
			}
		case r.used[candidate]:
		case !candidate.Preflight():
			if after && candidate.Method == entry.Method {
				return nil
			}
		case candidate.RequestHeader.Get("Access-Control-Request-Method") != entry.Method || !entry.Failed() && !sends(entry, candidate):
		case after:
			if next := r.next(candidate, entry.Method); next != nil && !sends(entry, candidate) && sends(next, candidate) {
				return nil
			}
			return candidate
		default:
			found = candidate
		}
	}
	return found
}

// next is the first request by a method that began after a preflight for its URL.
func (r *recordingExplainer) next(preflight *har.Entry, method string) *har.Entry {
	all := r.to[preflight.URL]
	later := all[slices.Index(all, preflight)+1:]
	if i := slices.IndexFunc(later, func(e *har.Entry) bool { return !e.Preflight() && e.Method == method }); i >= 0 {
		return later[i]
	}
	return nil
}

// sends tells whether a request has the headers that a preflight asks for. Of
// one that failed browsers record fewer headers than it had.
func sends(entry, preflight *har.Entry) bool {
	for name := range strings.SplitSeq(preflight.RequestHeader.Get("Access-Control-Request-Headers"), ",") {
		if name = strings.TrimSpace(name); name != "" && entry.RequestHeader.Get(name) == "" {
			return false
		}
	}
	return true
}

// attempts makes the request again: with credentials where cookies were sent, and
// where none were first without, since the recording does not tell the credentials mode.
func (r *recordingExplainer) attempts(ctx context.Context, entry, preflight *har.Entry, method, origin string, mode simulator.Mode) []attempt {
	modes := []simulator.CredentialsMode{simulator.CredentialsSameOrigin, simulator.CredentialsInclude}
	if entry.Cookies && !entry.Preflight() {
		modes = modes[1:]
	}
	var attempts []attempt
	for _, credentials := range modes {
		question := &Question{Profile: r.options.Profile, Origin: origin, Request: simulator.Request{
			Method: method, URL: entry.URL, Mode: mode, Credentials: credentials, Headers: scriptHeaders(entry, preflight), Body: recordedBody(entry),
		}}
		transport := &recordedTransport{to: r.to, used: r.used, head: entry, preflight: preflight}
		browser := simulator.New(r.options.Profile, simulator.WithTransport(transport), simulator.WithTrace())
		page := browser.OpenPage(question.page())
		attempts = append(attempts, attempt{question: question, page: page, outcome: page.Fetch(ctx, question.Request), transport: transport})
	}
	for _, entry := range attempts[0].transport.taken {
		r.used[entry] = true
	}
	r.used[entry] = true
	return attempts
}

// judge says what became of a request, and whether it failed at all.
func (r *recordingExplainer) judge(found *Recorded, entry *har.Entry, attempts []attempt) bool {
	failed := entry.Failed() && !entry.Preflight()
	for _, taken := range attempts[0].transport.taken {
		if taken.Failed() && !taken.Preflight() {
			failed = true
			found.Failure = taken.Failure
		}
	}
	if meaning, next := networkFailure(found.Failure); failed && meaning != "" {
		found.Verdict, found.Next = "The request failed, and CORS is not why: "+meaning+" ("+found.Failure+").", next
		return true
	}
	for i, attempt := range attempts {
		if !attempt.refused() || attempt.transport.missing != "" || attempt.contradicts(attempts[0]) {
			continue
		}
		if i > 0 && !failed {
			// With credentials it would be refused, and the recording says that it was not.
			return false
		}
		explanation := explained(attempt.question, attempt.page, attempt.outcome, func(_ int, exchange simulator.Exchange) sentRequest {
			return sentRequest{header: exchange.RequestHeader}
		})
		found.Explanation, found.Verdict = &explanation, explanation.Verdict
		if i > 0 {
			found.Assumptions = append(found.Assumptions, "the page asked with credentials: without them the recorded answer could be read")
		}
		if !failed && !entry.Preflight() {
			found.Assumptions = append(found.Assumptions, "the recording shows an answer and no failure: a browser refuses this answer to a page, going by its recorded headers")
		}
		if attempt.transport.assumed != "" {
			found.Assumptions = append(found.Assumptions, "the preflight for "+attempt.transport.assumed+" succeeded: it is not in the recording, and the request behind it was answered")
		}
		return true
	}
	if !failed {
		return false
	}
	found.Next = liveCommand(attempts[0].question)
	if missing := attempts[0].transport.missing; missing != "" {
		found.Verdict = fmt.Sprintf("The request failed%s, and the recording does not tell why: it lacks %s.", parenthesized(found.Failure), missing)
		return true
	}
	found.Verdict = fmt.Sprintf("The request failed%s, though a page could read the recorded answer: CORS is not why, or the recording leaves headers out.", parenthesized(found.Failure))
	return true
}

// liveCommand asks the server again.
func liveCommand(question *Question) string {
	words := []string{"ask the server: crosscheck explain", question.Request.Method, shellQuoted(question.Request.URL), "--origin", shellQuoted(question.Origin)}
	if question.Request.Credentials == simulator.CredentialsInclude {
		words = append(words, "--credentials include")
	}
	for _, header := range question.Request.Headers {
		words = append(words, "-H", shellQuoted(header.Name+": "+header.Value))
	}
	return strings.Join(words, " ")
}

// networkFailure tells of a browser's word what it means and what to do, where it has nothing to do with CORS.
func networkFailure(word string) (meaning, next string) {
	for _, known := range []struct{ part, meaning, next string }{
		{"ERR_NAME_NOT_RESOLVED", "nobody knows the host", "check the spelling of the host, and the DNS that the browser uses"},
		{"ERR_UNKNOWN_HOST", "nobody knows the host", "check the spelling of the host, and the DNS that the browser uses"},
		{"CONNECTION_REFUSED", "nothing listens there", "start the server, or correct the port"},
		{"ERR_BLOCKED_BY_CLIENT", "an extension of the browser blocked it", "try without extensions"},
		{"ERR_ABORTED", "the page gave up: it was left, or its script aborted the request", "look for an AbortController, a timeout or a navigation in the page's script"},
		{"BINDING_ABORTED", "the page gave up: it was left, or its script aborted the request", "look for an AbortController, a timeout or a navigation in the page's script"},
		{"ERR_CERT_", "the browser does not trust the certificate", "give the server a certificate that is valid today, for this host and from a known authority"},
		{"SEC_ERROR_", "the browser does not trust the certificate", "give the server a certificate that is valid today, for this host and from a known authority"},
		{"ERR_SSL_", "there was no TLS connection", "compare the protocol versions and host names that the server offers"},
		{"TIMED_OUT", "no answer came in time", "look whether the server hangs, or a firewall drops packets"},
		{"NET_TIMEOUT", "no answer came in time", "look whether the server hangs, or a firewall drops packets"},
		{"ERR_EMPTY_RESPONSE", "the server closed the connection without an answer", "look into the server's log"},
		{"CONNECTION_RESET", "the connection was reset", "look into the server's log, and that of what stands in front of it"},
		{"CONNECTION_CLOSED", "the server closed the connection without an answer", "look into the server's log"},
		{"INTERNET_DISCONNECTED", "there was no network", "try again with one"},
	} {
		if strings.Contains(word, known.part) {
			return known.meaning, known.next
		}
	}
	return "", ""
}
