package chrome_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// usable is what each initiator that has events only can do something with.
var usable = map[simulator.Initiator]string{
	simulator.InitiatorImage: "image/png", simulator.InitiatorImageAnonymous: "image/png", simulator.InitiatorImageUseCredentials: "image/png",
	simulator.InitiatorScript: "text/javascript", simulator.InitiatorScriptAnonymous: "text/javascript", simulator.InitiatorScriptUseCredentials: "text/javascript",
	simulator.InitiatorModuleScript: "text/javascript", simulator.InitiatorModuleScriptAnonymous: "text/javascript", simulator.InitiatorModuleScriptUseCredentials: "text/javascript",
	simulator.InitiatorStylesheet: "text/css", simulator.InitiatorStylesheetAnonymous: "text/css", simulator.InitiatorStylesheetUseCredentials: "text/css",
	simulator.InitiatorFont: "font/woff2", simulator.InitiatorEventSource: "text/event-stream", simulator.InitiatorEventSourceWithCredentials: "text/event-stream",
	simulator.InitiatorBeacon: "text/plain",
}

// TestEachInitiatorIsObservedAsPredicted: whatever an answer allows, Chrome makes
// of it what the simulator's Chromium profile says.
func TestEachInitiatorIsObservedAsPredicted(t *testing.T) {
	policies := map[string][]string{
		"/allowed": {"Access-Control-Allow-Origin", app, "Access-Control-Allow-Credentials", "true", "Timing-Allow-Origin", app},
		"/anybody": {"Access-Control-Allow-Origin", "*"},
		"/nobody":  {"Cross-Origin-Resource-Policy", "same-origin"},
	}
	for initiator, contentType := range usable {
		t.Run(string(initiator), func(t *testing.T) {
			t.Parallel()
			handler := func(w http.ResponseWriter, r *http.Request) {
				policy, status, content := policies[r.URL.Path], 200, contentType
				switch r.URL.RawQuery {
				case "missing":
					status = 404
				case "html":
					content = "text/html"
				}
				answer(status, slices.Concat(policy, []string{"Content-Type", content})...)(w, r)
			}
			network := deploy(t).serve("api.example.com:443", handler).serve("app.example.com:443", handler).serve("api.example.com:80", handler)
			both := inBoth(t, network, simulator.PageSpec{URL: app})
			both.setCookie(t, app)
			both.setCookie(t, api)
			for path := range policies {
				for _, url := range []string{api + path, api + path + "?missing", api + path + "?html", app + path} {
					both.agree(t, simulator.Request{URL: url, Initiator: initiator})
				}
			}
			for _, url := range []string{"https://u:p@api.example.com/allowed", "http://api.example.com/allowed", "ftp://api.example.com/", "https://a:b/"} {
				both.agree(t, simulator.Request{URL: url, Initiator: initiator})
			}
		})
	}
}

// TestWhatAnElementHasLoadedIsAskedForAgain: a document keeps images and modules,
// of which the next request must not profit.
func TestWhatAnElementHasLoadedIsAskedForAgain(t *testing.T) {
	for _, initiator := range []simulator.Initiator{simulator.InitiatorImage, simulator.InitiatorModuleScript, simulator.InitiatorStylesheet, simulator.InitiatorFont} {
		t.Run(string(initiator), func(t *testing.T) {
			t.Parallel()
			network := deploy(t).serve("api.example.com:443", answer(200, "Access-Control-Allow-Origin", "*", "Content-Type", usable[initiator]))
			s := session(t, network)
			for range 2 {
				require.Len(t, fetch(t, s, simulator.Request{URL: api + "/x", Initiator: initiator}).Exchanges, 1)
			}
		})
	}
}

// TestEachBodyIsSentAsPredicted: the Content-Type that a body implies decides whether there is a preflight.
func TestEachBodyIsSentAsPredicted(t *testing.T) {
	network := deploy(t).serve("api.example.com:443", answer(200, "Access-Control-Allow-Origin", app,
		"Access-Control-Allow-Credentials", "true", "Access-Control-Allow-Headers", "content-type", "Access-Control-Max-Age", "0"))
	bodies := []*simulator.Body{
		nil,
		{},
		{Text: "x"},
		{FormData: [][2]string{{"a", "b"}, {"\"", "\n"}}},
		{FormData: [][2]string{}},
		{URLSearchParams: [][2]string{{"a b", "ü"}}},
		{URLSearchParams: [][2]string{}},
		{Blob: true, Text: "x"},
		{Blob: true, Text: "x", Type: "Text/Plain"},
		{Blob: true, Text: "{}", Type: "application/JSON"},
		{Blob: true, Text: "x", Type: "text/ü"},
		{Text: strings.Repeat("x", 64<<10)},
	}
	tooLarge := &simulator.Body{Text: strings.Repeat("x", 64<<10+1)}
	for _, request := range []simulator.Request{
		{},
		{Keepalive: true},
		{Initiator: simulator.InitiatorXHR},
		{Initiator: simulator.InitiatorXHRUploadListener},
		{Initiator: simulator.InitiatorBeacon},
	} {
		t.Run(fmt.Sprint(request.Initiator, request.Keepalive), func(t *testing.T) {
			t.Parallel()
			both := inBoth(t, network, simulator.PageSpec{URL: app})
			request.Method, request.URL = "POST", api+"/x"
			for _, request.Body = range bodies {
				require.NotEmpty(t, both.agree(t, request).Exchanges)
			}
			request.Body = tooLarge
			refused := request.Keepalive || request.Initiator == simulator.InitiatorBeacon
			require.Equal(t, refused, both.agree(t, request).Reason.Code == simulator.KeepaliveBodyTooLarge)
		})
	}
}

// TestUploadEventsAreObservedAsPredicted: listeners in time and late, of requests
// that succeed, that a preflight refuses, and whose connection breaks.
func TestUploadEventsAreObservedAsPredicted(t *testing.T) {
	allowed := answer(200, "Access-Control-Allow-Origin", app, "Access-Control-Allow-Headers", "x-a", "Access-Control-Max-Age", "0")
	broken := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for name, handler := range map[string]http.HandlerFunc{
		"allowed": allowed, "refused": answer(200), "broken": broken, "refused after the preflight": byMethod(allowed, answer(200)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			network := deploy(t).serve("api.example.com:443", handler).serve("app.example.com:443", handler)
			both := inBoth(t, network, simulator.PageSpec{URL: app})
			for _, initiator := range []simulator.Initiator{simulator.InitiatorXHRUploadListener, simulator.InitiatorXHRUploadListenerLate} {
				for _, url := range []string{app + "/x", api + "/x"} {
					for _, body := range []*simulator.Body{nil, {Text: "x"}} {
						for _, headers := range [][]simulator.Field{nil, {{Name: "X-A", Value: "1"}}} {
							outcome := both.agree(t, simulator.Request{Method: "POST", URL: url, Initiator: initiator, Body: body, Headers: headers})
							require.NotNil(t, outcome.UploadEvents)
						}
					}
				}
			}
		})
	}
}

// TestABlobIsObservedAsPredicted: the page's own Blob, another's, and what a Blob cannot be asked for.
func TestABlobIsObservedAsPredicted(t *testing.T) {
	headers := func(name, value string) []simulator.Field { return []simulator.Field{{Name: name, Value: value}} }
	requests := []simulator.Request{
		{},
		{Mode: simulator.ModeNoCORS},
		{Mode: simulator.ModeSameOrigin},
		{BlobType: "TEXT/Plain"},
		{BlobType: "text/ü"},
		{Headers: headers("X-A", "1")},
		{Method: "HEAD"},
		{Method: "POST"},
		{Initiator: simulator.InitiatorXHR},
		{Initiator: simulator.InitiatorXHR, Method: "POST"},
		{Headers: headers("Range", "bytes=0-1")},
		{Headers: headers("Range", "bytes=-2")},
		{Headers: headers("Range", "bytes=1-99999")},
		{Headers: headers("Range", "bytes=7-")},
		{Headers: headers("Range", "x")},
		{Initiator: simulator.InitiatorScript},
		{Initiator: simulator.InitiatorModuleScript, BlobType: "text/javascript"},
		{Initiator: simulator.InitiatorStylesheet, BlobType: "text/css"},
		{URL: "blob:" + app + "/1"},
		{URL: "blob:" + api + "/1"},
		{URL: "blob:" + api + "/1", Mode: simulator.ModeNoCORS},
		{URL: "blob:" + api + "/1", Initiator: simulator.InitiatorScript},
		{URL: "blob:" + app + "/1", Initiator: simulator.InitiatorModuleScript},
	}
	for _, frame := range []simulator.Frame{simulator.FrameNone, simulator.FrameSandboxedSrcdoc} {
		t.Run(string(frame), func(t *testing.T) {
			t.Parallel()
			both := inBoth(t, deploy(t), simulator.PageSpec{URL: app, Frame: frame})
			for _, request := range requests {
				request.BlobBody = "hello"
				if request.URL == "" {
					request.URL = simulator.BlobSelfURL
				}
				both.agree(t, request)
			}
		})
	}
}

// TestTheOwnOriginOfAFrameIsObservedAsPredicted: it decides the response's type, the timing and the cookies.
func TestTheOwnOriginOfAFrameIsObservedAsPredicted(t *testing.T) {
	handler := answer(200, "Access-Control-Allow-Origin", app, "Content-Type", "text/event-stream")
	back := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/back" {
			answer(302, "Access-Control-Allow-Origin", app, "Location", app+"/x")(w, r)
			return
		}
		handler(w, r)
	}
	network := deploy(t).serve("api.example.com:443", back).serve("app.example.com:443", handler)
	for _, frame := range []simulator.Frame{
		simulator.FrameNone, simulator.FrameSrcdoc, simulator.FrameAboutBlank, simulator.FrameBlob, simulator.FrameDataURL, simulator.FrameSandboxedSrcdoc,
	} {
		t.Run(string(frame), func(t *testing.T) {
			t.Parallel()
			both := inBoth(t, network, simulator.PageSpec{URL: app, Frame: frame})
			for _, initiator := range []simulator.Initiator{
				simulator.InitiatorFetch, simulator.InitiatorXHR, simulator.InitiatorScriptAnonymous, simulator.InitiatorFont, simulator.InitiatorEventSource, simulator.InitiatorBeacon,
			} {
				for _, url := range []string{app + "/x", app + "/x?q#fragment", api + "/back"} {
					both.agree(t, simulator.Request{URL: url, Initiator: initiator})
				}
			}
		})
	}
}

// TestTheTimingOfAnOpaqueRedirectIsObservedAsPredicted: whether there is any depends on the Location.
func TestTheTimingOfAnOpaqueRedirectIsObservedAsPredicted(t *testing.T) {
	timed := []string{"Access-Control-Allow-Origin", app, "Timing-Allow-Origin", app}
	handler := func(w http.ResponseWriter, r *http.Request) {
		answer(302, slices.Concat(timed, map[string][]string{"/to": {"Location", "/x"}, "/empty": {"Location", ""}}[r.URL.Path])...)(w, r)
	}
	both := inBoth(t, deploy(t).serve("api.example.com:443", handler).serve("app.example.com:443", handler), simulator.PageSpec{URL: app})
	for _, origin := range []string{app, api} {
		for _, path := range []string{"/to", "/empty", "/nowhere"} {
			outcome := both.agree(t, simulator.Request{URL: origin + path, Redirect: simulator.RedirectManual})
			require.Equal(t, simulator.KindOpaqueRedirect, outcome.Kind)
		}
	}
}

// TestManyRequestsOfAPageShowTheirTiming: the buffer for 250 entries that a page has is not what is asked.
func TestManyRequestsOfAPageShowTheirTiming(t *testing.T) {
	network := deploy(t).serve("api.example.com:443", answer(200, "Access-Control-Allow-Origin", app, "Timing-Allow-Origin", app))
	s := session(t, network)
	for i := range 260 {
		require.True(t, fetch(t, s, simulator.Request{URL: api + "/x"}).TimingAllowed, i)
	}
}
