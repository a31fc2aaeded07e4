package explain

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/har"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// browserHeaders are request headers that a script cannot set, or that a
// browser adds on its own account: for its cache, for a reload, or because the network panel is open.
var browserHeaders = []string{
	"Accept-Charset", "Accept-Encoding", "Access-Control-Request-Headers", "Access-Control-Request-Method", "Access-Control-Request-Private-Network",
	"Cache-Control", "Connection", "Content-Length", "Cookie", "Date", "Dnt", "Expect", "Host", "If-Modified-Since", "If-None-Match", "If-Range",
	"Keep-Alive", "Origin", "Pragma", "Priority", "Purpose", "Range", "Referer", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	"Upgrade-Insecure-Requests", "User-Agent", "Via", "X-Client-Data",
}

// safelistedHeaders are those that a script may set without a preflight asking for them.
var safelistedHeaders = []string{"Accept", "Accept-Language", "Content-Language", "Content-Type"}

// scriptHeaders are the headers that the page's script has set: those that the
// preflight asks for, where it is in the recording, and else all that are not the browser's own.
func scriptHeaders(entry, preflight *har.Entry) []simulator.Field {
	var fields []simulator.Field
	var requested []string
	if preflight != nil {
		for name := range strings.SplitSeq(preflight.RequestHeader.Get("Access-Control-Request-Headers"), ",") {
			if name = strings.TrimSpace(name); name != "" {
				requested = append(requested, http.CanonicalHeaderKey(name))
			}
		}
	}
	for _, name := range headerNames(entry.RequestHeader) {
		browsers := slices.Contains(browserHeaders, name) || strings.HasPrefix(name, "Sec-") || strings.HasPrefix(name, "Proxy-")
		switch {
		case slices.Contains(requested, name):
		case preflight != nil && !slices.Contains(safelistedHeaders, name), browsers:
			continue
		}
		for _, value := range entry.RequestHeader.Values(name) {
			if !slices.Contains(safelistedHeaders, name) {
				value = valueFor(name)
			}
			fields = append(fields, simulator.Field{Name: name, Value: value})
		}
	}
	// What the preflight asks for is there, even where the recording of the request has no headers.
	for _, name := range requested {
		if entry.RequestHeader.Get(name) == "" {
			fields = append(fields, simulator.Field{Name: name, Value: valueFor(name)})
		}
	}
	return fields
}

// valueFor stands for the value of a header that needs a preflight whatever it
// says. The recorded one may be a secret, and may not be recorded at all.
func valueFor(name string) string {
	switch name {
	case "Content-Type":
		return "application/json"
	case "Range":
		return "bytes=-1"
	}
	return "..."
}

// recordedBody stands for the body: that there is one counts, and what it says may be a secret.
func recordedBody(entry *har.Entry) *simulator.Body {
	if !entry.Body || entry.Method == http.MethodGet || entry.Method == http.MethodHead {
		return nil
	}
	// A Blob without a type adds no Content-Type of its own: what was sent is in the headers.
	return &simulator.Body{Blob: true}
}

// recordedMode is the request's mode; "" for what is no script's: a navigation, a WebSocket.
func recordedMode(entry *har.Entry) simulator.Mode {
	switch mode := entry.RequestHeader.Get("Sec-Fetch-Mode"); mode {
	case "":
	case "cors", "no-cors", "same-origin":
		return simulator.Mode(mode)
	default:
		return ""
	}
	switch entry.Type {
	case "document", "websocket", "image", "script", "stylesheet", "media", "ping", "other", "manifest", "texttrack":
		if entry.RequestHeader.Get("Origin") == "" {
			return simulator.ModeNoCORS
		}
	}
	return simulator.ModeCORS
}

// recordedOrigin is the origin of the page that asks; "" when the recording does not tell.
func recordedOrigin(recording *har.Recording, entry, preflight *har.Entry) string {
	for _, recorded := range []*har.Entry{preflight, entry} {
		if recorded != nil && recorded.RequestHeader.Get("Origin") != "" {
			return recorded.RequestHeader.Get("Origin")
		}
	}
	// Chrome leaves Origin out of requests that it blocked: where they came from is told elsewhere.
	for _, page := range []string{entry.RequestHeader.Get("Referer"), recording.Pages[entry.Page]} {
		if origin := originOf(page); origin != "" {
			return origin
		}
	}
	return ""
}

func originOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return ""
	}
	origin := simulator.New(simulator.Standard).Open(parsed.Scheme + "://" + parsed.Host)
	if origin.Err() != nil {
		return ""
	}
	return origin.Origin()
}
