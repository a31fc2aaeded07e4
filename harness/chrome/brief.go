package chrome

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/audits"
	cdplog "github.com/chromedp/cdproto/log"

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

// complaints are what the console, and DevTools' issues, say about requests that failed.
type complaints struct {
	// byURL has the weightiest complaint about the request for a [plainURL].
	byURL       map[string]complaint
	interrupted bool
}

// complaint is a reason. Of several about one request that of most weight says what happened.
type complaint struct {
	weight int
	reason simulator.Reason
}

// The weights of complaints: one that names the CORS error before one that names the network's.
const (
	aboutStatus = iota + 1
	aboutNetwork
	aboutContent
	aboutCORS
)

var _ observer = (*complaints)(nil)

// observe takes an event, and reports whether it was about a request.
func (c *complaints) observe(event any) bool {
	switch e := event.(type) {
	case *cdplog.EventEntryAdded:
		c.read(e.Entry)
	case *audits.EventIssueAdded:
		details := e.Issue.Details
		if cors := details.CorsIssueDetails; cors != nil && !cors.IsWarning && cors.Request != nil {
			c.note(cors.Request.URL, aboutCORS, simulator.Reason{Code: simulator.ReasonCode(cors.CorsErrorStatus.CorsError), Parameter: cors.CorsErrorStatus.FailedParameter})
		}
		if mixed := details.MixedContentIssueDetails; mixed != nil && mixed.ResolutionStatus == audits.MixedContentResolutionStatusMixedContentBlocked {
			c.note(mixed.InsecureURL, aboutContent, simulator.Reason{Code: simulator.MixedContent})
		}
	default:
		return false
	}
	return true
}

func (c *complaints) note(url string, weight int, reason simulator.Reason) {
	url = plainURL(url)
	if c.byURL[url].weight <= weight {
		c.byURL[url] = complaint{weight, reason}
	}
}

// What the console says begins or ends so. Measured, Chromium 156.
var (
	corsSentence    = regexp.MustCompile(`(?s)^Access to .+? at '(.+?)' (?:\(redirected from '(.+?)'\) )?from origin '.+?' has been blocked by CORS policy: (.*)$`)
	scriptSentence  = regexp.MustCompile(`(?s)^Refused to execute script from '(.+?)' because `)
	networkSentence = "Failed to load resource: "
	statusSentence  = "the server responded with a status of "
)

// read takes an entry of the console.
func (c *complaints) read(entry *cdplog.Entry) {
	text := entry.Text
	if found := corsSentence.FindStringSubmatch(text); found != nil {
		first := found[2]
		if first == "" {
			first = found[1]
		}
		if reason, known := corsReason(found[3], found[1]); known {
			if reason.Code == simulator.CORSDisabledScheme && found[2] != "" {
				// DevTools does not name the scheme of a redirect.
				reason.Parameter = ""
			}
			c.note(first, aboutCORS, reason)
		}
		return
	}
	if found := scriptSentence.FindStringSubmatch(text); found != nil {
		c.note(found[1], aboutStatus, simulator.Reason{Code: simulator.UnusableResponse})
		return
	}
	failure, isFailure := strings.CutPrefix(text, networkSentence)
	switch {
	case !isFailure:
	case strings.HasPrefix(failure, statusSentence):
		c.note(entry.URL, aboutStatus, simulator.Reason{Code: simulator.UnusableResponse})
	case failure == networkChanged:
		c.interrupted = true
	case strings.HasPrefix(failure, "net::ERR_BLOCKED_BY_RESPONSE."):
		c.note(entry.URL, aboutNetwork, simulator.Reason{Code: simulator.CrossOriginResourcePolicy})
	default:
		if entry.URL != "" {
			c.note(entry.URL, aboutNetwork, simulator.Reason{Code: netErrors[failure].code})
		}
	}
}

// sentence is what the console says of a CORS error, around its failed parameter.
type sentence struct {
	code          simulator.ReasonCode
	before, after string
}

// sentences are Chromium's. Measured, Chromium 156, with a server for each; TestTheConsoleNamesTheCORSError holds them.
var sentences = []sentence{
	{simulator.MissingAllowOriginHeader, "No 'Access-Control-Allow-Origin' header is present on the requested resource.", ""},
	{simulator.InvalidAllowOriginValue, "The 'Access-Control-Allow-Origin' header contains the invalid value '", "'."},
	{simulator.MultipleAllowOriginValues, "The 'Access-Control-Allow-Origin' header contains multiple values '", "', but only one is allowed."},
	{simulator.AllowOriginMismatch, "The 'Access-Control-Allow-Origin' header has a value '", "' that is not equal to the supplied origin."},
	{simulator.WildcardOriginNotAllowed, "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.", ""},
	{simulator.InvalidAllowCredentials, "The value of the 'Access-Control-Allow-Credentials' header in the response is '", "' which must be 'true' when the request's credentials mode is 'include'."},
	{simulator.RedirectContainsCredentials, "Redirect location '' contains a username and password, which is disallowed for cross-origin requests.", ""},
	{simulator.PreflightInvalidStatus, preflightSentence + "It does not have HTTP ok status.", ""},
	{simulator.PreflightDisallowedRedirect, preflightSentence + "Redirect is not allowed for a preflight request.", ""},
	{simulator.InvalidAllowMethodsPreflightResponse, "Cannot parse Access-Control-Allow-Methods response header field in preflight response.", ""},
	{simulator.InvalidAllowHeadersPreflightResponse, "Cannot parse Access-Control-Allow-Headers response header field in preflight response.", ""},
	{simulator.MethodDisallowedByPreflightResponse, "Method ", " is not allowed by Access-Control-Allow-Methods in preflight response."},
	{simulator.HeaderDisallowedByPreflightResponse, "Request header field ", " is not allowed by Access-Control-Allow-Headers in preflight response."},
}

// preflightSentence begins what is said of a preflight's CORS check.
const preflightSentence = "Response to preflight request doesn't pass access control check: "

// ofPreflight are the errors of a CORS check where it is a preflight's.
var ofPreflight = map[simulator.ReasonCode]simulator.ReasonCode{
	simulator.MissingAllowOriginHeader:  simulator.PreflightMissingAllowOriginHeader,
	simulator.InvalidAllowOriginValue:   simulator.PreflightInvalidAllowOriginValue,
	simulator.MultipleAllowOriginValues: simulator.PreflightMultipleAllowOriginValues,
	simulator.AllowOriginMismatch:       simulator.PreflightAllowOriginMismatch,
	simulator.WildcardOriginNotAllowed:  simulator.PreflightWildcardOriginNotAllowed,
	simulator.InvalidAllowCredentials:   simulator.PreflightInvalidAllowCredentials,
}

// advice is what the console adds for some interfaces.
var advice = []string{
	" Have the server send the header with a valid value.",
	" The credentials mode of requests initiated by the XMLHttpRequest is controlled by the withCredentials attribute.",
}

// corsReason is the CORS error that the console speaks of, for the URL at which it happened.
func corsReason(text, url string) (simulator.Reason, bool) {
	for _, addition := range advice {
		text = strings.TrimSuffix(text, addition)
	}
	if strings.HasPrefix(text, "Cross origin requests are only supported for protocol schemes: ") {
		scheme, _, _ := strings.Cut(url, ":")
		return simulator.Reason{Code: simulator.CORSDisabledScheme, Parameter: scheme}, true
	}
	if reason, known := spokenOf(text); known {
		return reason, true
	}
	rest, ofAPreflight := strings.CutPrefix(text, preflightSentence)
	if !ofAPreflight {
		return simulator.Reason{}, false
	}
	reason, known := spokenOf(rest)
	reason.Code, known = ofPreflight[reason.Code], known && ofPreflight[reason.Code] != ""
	return reason, known
}

// spokenOf finds the sentence.
func spokenOf(text string) (simulator.Reason, bool) {
	for _, s := range sentences {
		parameter, begins := strings.CutPrefix(text, s.before)
		parameter, ends := strings.CutSuffix(parameter, s.after)
		if begins && ends && (s.after != "" || parameter == "") {
			return simulator.Reason{Code: s.code, Parameter: unescaped(parameter)}, true
		}
	}
	return simulator.Reason{}, false
}

// escape is how the console shows a byte that is not printable ASCII.
var escape = regexp.MustCompile(`\\u00[0-9A-F]{2}`)

// unescaped gives the bytes of what the console shows.
func unescaped(shown string) string {
	return escape.ReplaceAllStringFunc(shown, func(code string) string {
		value, err := strconv.ParseUint(code[2:], 16, 8)
		if err != nil {
			return code
		}
		return string([]byte{byte(value)})
	})
}
