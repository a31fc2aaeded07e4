package fuzz

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// This file is the one place for what is not compared, and why.
//
// Not generated, because no two runs of one browser agree or because another
// case would be hurt:
//   - 1xx responses, 408, 421 and 425: Chrome repeats the request, on a connection of another case;
//   - bodies behind 204, 205 and 304: they are taken for the next response;
//   - cookies with the __Host- prefix: their path is the whole host's;
//   - responses that may be stored: the simulator has no HTTP cache;
//   - Access-Control-Max-Age from 1 s to 30 s: whether it has passed depends on the machine;
//   - hosts with a space and paths with "|": Chromium's URL parser is not the standard's, and URLs are not what is tested here;
//   - elements that show a data: or blob: URL, and chrome: URLs: DevTools tells nothing of them;
//   - a module script twice in one document: it is loaded once.

// ignoredRequestHeaders are not compared; the reasons by canonical name.
func ignoredRequestHeaders() map[string]string {
	return map[string]string{
		"Connection":         "Chrome's connection pool decides",
		"Host":               "it is compared as part of the URL",
		"User-Agent":         "the simulator's user chooses it",
		"Sec-Ch-Ua":          "the browser's version and a random brand",
		"Sec-Ch-Ua-Mobile":   "the machine",
		"Sec-Ch-Ua-Platform": "the machine",
		// The Storage Access API's, which the simulator does not follow.
		"Sec-Fetch-Storage-Access": "the user's choice on third-party cookies",
	}
}

// withoutNoise takes from a request header's value what the browser alone decides.
func withoutNoise(name, value string) string {
	if name == "Accept-Encoding" && strings.HasPrefix(value, "gzip, deflate") {
		// Chrome can undo br and zstd, which the simulator does not ask for. That a
		// Range goes with "identity" is compared.
		return "gzip, deflate"
	}
	return value
}

// withoutBoundary takes the random part from the headers of a FormData body.
// Boundaries have their own length in each engine, and with them the body.
func withoutBoundary(request vectors.Request, header http.Header) http.Header {
	const formData = "multipart/form-data; boundary="
	if request.Body == nil || request.Body.FormData == nil {
		return header
	}
	header = header.Clone()
	header.Del("Content-Length")
	if value := header.Get("Content-Type"); strings.HasPrefix(value, formData+"--") {
		header.Set("Content-Type", formData+"…")
	}
	return header
}

func isElement(initiator simulator.Initiator) bool {
	return initiator != "" && initiator != simulator.InitiatorFetch && !isXHR(initiator)
}

// asAnElementTells keeps of an outcome what an element lets a page know:
// whether it loaded. DevTools adds the reason why not, but no response type.
func asAnElementTells(outcome simulator.Outcome) simulator.Outcome {
	outcome.Type, outcome.Status, outcome.Header, outcome.URL, outcome.Body = "", 0, nil, "", nil
	if outcome.Kind == simulator.KindOpaque {
		outcome.Kind = simulator.KindReadable
	}
	return outcome
}

// tellsTiming reports whether Resource Timing has an entry: not for what was not
// sent, and not for what nobody reads to its end: opaque responses, and those to beacons.
func tellsTiming(initiator simulator.Initiator, predicted, observed simulator.Outcome) bool {
	return initiator != simulator.InitiatorBeacon && predicted.Readable() && observed.Readable()
}

// sameReason compares reasons as far as DevTools can tell them.
func sameReason(predicted, observed simulator.Outcome) bool {
	p, o := predicted.Reason, observed.Reason
	switch {
	case p == o:
		return true
	case o.Code == "net::ERR_ABORTED":
		// The renderer did not follow a redirect, or did not take a response; DevTools does not say why.
		return slices.Contains([]simulator.ReasonCode{simulator.MixedContent, simulator.InvalidRedirect, simulator.CORSDisabledScheme, simulator.DisallowedByMode, simulator.UnusableResponse}, p.Code)
	case predicted.Kind == simulator.KindAPIError && observed.Kind == simulator.KindAPIError:
		// The API throws at the first of several mistakes, and a TypeError for most.
		return true
	case strings.Contains(p.Parameter, "://xn--") && p.Parameter == o.Parameter:
		// Whether it is a URL at all, which decides the code, is the URL parser's business.
		return true
	case p.Code != o.Code:
		return false
	case p.Code == simulator.HeaderDisallowedByPreflightResponse:
		// Of several Chromium names any.
		return slices.Contains(disallowedHeaders(predicted), o.Parameter)
	case o.Parameter == "" && !utf8.ValidString(p.Parameter):
		// DevTools speaks JSON, which has no such bytes.
		return true
	case o.Parameter == "" && p.Code == simulator.CORSDisabledScheme:
		// A network error (ERR_UNKNOWN_URL_SCHEME) names no scheme, a CORS issue does.
		return true
	}
	return false
}

// disallowedHeaders are the names that the last preflight asked for and its answer does not list.
func disallowedHeaders(outcome simulator.Outcome) []string {
	preflights := outcome.Preflights()
	if len(preflights) == 0 {
		return nil
	}
	last := preflights[len(preflights)-1]
	allowed := map[string]bool{}
	for name := range strings.SplitSeq(strings.Join(last.ResponseHeader.Values("Access-Control-Allow-Headers"), ","), ",") {
		allowed[strings.ToLower(strings.Trim(name, " \t"))] = true
	}
	return slices.DeleteFunc(strings.Split(last.RequestHeader.Get("Access-Control-Request-Headers"), ","), func(name string) bool { return allowed[name] })
}
