package chrome

import (
	"regexp"
	"strconv"
	"strings"

	cdplog "github.com/chromedp/cdproto/log"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// complaints are what the console says about requests that failed.
type complaints struct {
	// byURL has the weightiest complaint about the request for a [plainURL].
	byURL map[string]complaint
	// eventSources is how often an event source was given up for its content's type; of which the console does not say.
	eventSources int
	interrupted  bool
	// incomplete: the console has made more entries than it keeps.
	incomplete bool
}

// complaint is a reason. Of several about one request that of most weight says what happened.
type complaint struct {
	// weight is 0 where there is no complaint.
	weight int
	// reason has no code where the complaint does not tell it.
	reason simulator.Reason
	// elsewhere: it is about a URL to which the request was redirected.
	elsewhere bool
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
	e, isEntry := event.(*cdplog.EventEntryAdded)
	if isEntry {
		c.read(e.Entry)
	}
	return isEntry
}

// of gives each of the wave's requests, by index, the weightiest complaint about it: one about its URL, or one
// about another URL whose path begins as its path does and as no other's, to which it was redirected. It
// also reports whether there is, or may be, a reason that is none of theirs.
func (c *complaints) of(wave wave) (said map[int]complaint, unclaimed bool) {
	const ofSeveral = -1
	byBeginning := map[string]int{}
	for url, i := range wave {
		if _, taken := byBeginning[beginningOf(url)]; taken {
			i = ofSeveral
		}
		byBeginning[beginningOf(url)] = i
	}
	said, unclaimed = map[int]complaint{}, c.incomplete
	for url, complaint := range c.byURL {
		i, own := wave[url]
		if !own {
			var found bool
			if i, found = byBeginning[beginningOf(url)]; !found || i == ofSeveral {
				unclaimed = unclaimed || complaint.weight > aboutStatus && complaint.reason.Code != ""
				continue
			}
			complaint.elsewhere = true
		}
		if before := said[i]; complaint.weight > before.weight || complaint.weight == before.weight && complaint.elsewhere {
			said[i] = complaint
		}
	}
	return said, unclaimed
}

// beginningOf is the first segment of the path of a [plainURL].
func beginningOf(url string) string {
	_, path, _ := strings.Cut(url, "/")
	first, _, _ := strings.Cut(path, "/")
	first, _, _ = strings.Cut(first, "?")
	return first
}

func (c *complaints) note(url string, weight int, reason simulator.Reason) {
	url = plainURL(url)
	if c.byURL[url].weight <= weight {
		c.byURL[url] = complaint{weight: weight, reason: reason}
	}
}

// What the console says begins or ends so. Measured, Chromium 156.
var (
	corsSentence        = regexp.MustCompile(`(?s)^Access to .+? at '(.+?)' (?:\(redirected from '(.+?)'\) )?from origin '.+?' has been blocked by CORS policy: (.*)$`)
	scriptSentence      = regexp.MustCompile(`(?s)^Refused to (?:execute script|apply style) from '(.+?)' because `)
	mixedSentence       = regexp.MustCompile(`(?s)^Mixed Content: The page at '.+?' was loaded over HTTPS, but requested an insecure .+? '(.+?)'\. This request has been blocked; `)
	fetchSentence       = regexp.MustCompile(`(?s)^Fetch API cannot load (.+?)\. (URL scheme "(.+?)" is not supported|Request mode is "same-origin" but the URL's origin is not same as the request origin .+|Request mode is "no-cors" but the redirect mode is not "follow")\.$`)
	eventSourceSentence = regexp.MustCompile(`(?s)^EventSource's response has a (?:MIME type|charset) \(".*"\) that is not .*\. Aborting the connection\.$`)
	moduleSentence      = "Failed to load module script: "
	networkSentence     = "Failed to load resource: "
	expiredSentence     = regexp.MustCompile(`^[0-9]+ log entries are not shown\.$`)
	statusSentence      = "the server responded with a status of "
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
	if found := mixedSentence.FindStringSubmatch(text); found != nil {
		c.note(found[1], aboutContent, simulator.Reason{Code: simulator.MixedContent})
		return
	}
	if found := fetchSentence.FindStringSubmatch(text); found != nil {
		c.note(found[1], aboutCORS, fetchReason(found[2], found[3]))
		return
	}
	if eventSourceSentence.MatchString(text) {
		c.eventSources++
		return
	}
	if expiredSentence.MatchString(text) {
		c.incomplete = true
		return
	}
	if strings.HasPrefix(text, moduleSentence) {
		c.note(entry.URL, aboutStatus, simulator.Reason{Code: simulator.UnusableResponse})
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

// fetchReason is why fetch() does not begin.
func fetchReason(sentence, scheme string) simulator.Reason {
	switch {
	case scheme != "":
		return simulator.Reason{Code: simulator.CORSDisabledScheme, Parameter: scheme}
	case strings.Contains(sentence, "no-cors"):
		return simulator.Reason{Code: simulator.NoCORSRedirectModeNotFollow}
	default:
		return simulator.Reason{Code: simulator.DisallowedByMode}
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
