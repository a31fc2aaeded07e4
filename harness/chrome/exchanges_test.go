package chrome_test

import (
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// lines lists exchanges as "kind METHOD url status".
func lines(outcome simulator.Outcome) []string {
	list := []string{}
	for _, e := range outcome.Exchanges {
		list = append(list, string(e.Kind)+" "+e.Method+" "+e.URL+" "+http.StatusText(e.Status))
	}
	return list
}

// allowing answers every CORS request of the app's page.
func allowing(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Methods", "PUT, DELETE")
		w.Header().Set("Access-Control-Allow-Headers", "X-A, X-B")
		w.Header().Set("Access-Control-Max-Age", "600")
		if r.Method == http.MethodOptions {
			return
		}
		next(w, r)
	}
}

func TestRedirectHopsAndTheirPreflightsAreInWireOrder(t *testing.T) {
	network := deploy(t).
		serve("api.example.com:443", allowing(answer(307, "Location", other+"/b?x=1#fragment"))).
		serve("api.partner.net:443", allowing(answer(200, "Set-Cookie", "a=1", "Set-Cookie", "b=2")))
	outcome := fetch(t, session(t, network), simulator.Request{URL: api + "/a#here", Method: "PUT"})
	require.Equal(t, []string{
		"preflight OPTIONS https://api.example.com/a OK",
		"request PUT https://api.example.com/a Temporary Redirect",
		"preflight OPTIONS https://api.partner.net/b?x=1 OK",
		"request PUT https://api.partner.net/b?x=1 OK",
	}, lines(outcome))
	require.Equal(t, "null", outcome.Exchanges[3].RequestHeader.Get("Origin"))
	require.Equal(t, other+"/b?x=1#fragment", outcome.Exchanges[1].ResponseHeader.Get("Location"))
	require.Equal(t, []string{"a=1", "b=2"}, outcome.Exchanges[3].ResponseHeader.Values("Set-Cookie"))
	require.Equal(t, other+"/b?x=1", outcome.URL)
}

// TestAPreflightThatChromeNotesLateStaysBeforeItsRequest: the time of its event is that of a thread
// that may be busy until the redirect has begun.
func TestAPreflightThatChromeNotesLateStaysBeforeItsRequest(t *testing.T) {
	sent := func(id, method, url string, at cdp.MonotonicTime, initiator *network.Initiator, redirect *network.Response) any {
		return &network.EventRequestWillBeSent{
			RequestID: network.RequestID(id), Request: &network.Request{Method: method, URL: url}, Timestamp: at,
			Initiator: initiator, RedirectResponse: redirect, RedirectHasExtraInfo: redirect != nil,
		}
	}
	raw := func(id string) []any {
		return []any{
			&network.EventRequestWillBeSentExtraInfo{RequestID: network.RequestID(id)},
			&network.EventResponseReceivedExtraInfo{RequestID: network.RequestID(id), StatusCode: 200},
		}
	}
	script := &network.Initiator{Type: network.InitiatorTypeScript}
	preflight := &network.Initiator{Type: network.InitiatorTypePreflight, RequestID: "1"}
	events := []any{
		sent("1", "PUT", api+"/a", 1, script, nil),
		sent("1", "PUT", other+"/b", 2, script, &network.Response{}),
		sent("2", "OPTIONS", api+"/a", 3, preflight, nil),
		sent("3", "OPTIONS", other+"/b", 4, preflight, nil),
	}
	for _, id := range []string{"1", "1", "2", "3"} {
		events = append(events, raw(id)...)
	}
	for _, id := range []string{"1", "2", "3"} {
		events = append(events,
			&network.EventResponseReceived{RequestID: network.RequestID(id), HasExtraInfo: true, Response: &network.Response{}},
			&network.EventLoadingFinished{RequestID: network.RequestID(id)})
	}
	require.Equal(t, []string{
		"preflight OPTIONS https://api.example.com/a OK",
		"request PUT https://api.example.com/a OK",
		"preflight OPTIONS " + other + "/b OK",
		"request PUT " + other + "/b OK",
	}, lines(simulator.Outcome{Exchanges: chrome.ExchangesOf(events...)}))
}

func TestAPreflightFromTheCacheIsNoExchange(t *testing.T) {
	s := session(t, deploy(t).serve("api.example.com:443", allowing(answer(200))))
	request := simulator.Request{URL: api, Method: "PUT"}
	require.Len(t, fetch(t, s, request).Preflights(), 1)
	require.Empty(t, fetch(t, s, request).Preflights())
}

func TestAResponseFromTheHTTPCacheIsNoExchange(t *testing.T) {
	s := session(t, deploy(t).serve("api.example.com:443", allowing(answer(200, "Cache-Control", "max-age=600"))))
	require.Len(t, fetch(t, s, simulator.Request{URL: api}).Exchanges, 1)
	cached := fetch(t, s, simulator.Request{URL: api})
	require.Equal(t, simulator.KindReadable, cached.Kind)
	require.Empty(t, cached.Exchanges)
}

func TestARefusedResponseFromTheHTTPCacheIsNoExchange(t *testing.T) {
	s := session(t, deploy(t).serve("api.example.com:443", answer(200, "Cache-Control", "max-age=600")))
	require.Equal(t, simulator.KindOpaque, fetch(t, s, simulator.Request{URL: api, Mode: simulator.ModeNoCORS}).Kind)
	cached := fetch(t, s, simulator.Request{URL: api})
	require.Equal(t, simulator.MissingAllowOriginHeader, cached.Reason.Code)
	require.Empty(t, cached.Exchanges)
}

func TestHTTP2ExchangesHaveNoPseudoHeaders(t *testing.T) {
	var protocol atomic.Value
	network := deploy(t).serve("api.example.com:443", allowing(func(w http.ResponseWriter, r *http.Request) {
		protocol.Store(r.Proto)
		answer(200, "X-Two", "1", "X-Two", "2", "Access-Control-Expose-Headers", "X-Two")(w, r)
	}), "h2")
	outcome := fetch(t, session(t, network), simulator.Request{URL: api, Method: "PUT", Credentials: simulator.CredentialsInclude})
	require.Equal(t, "HTTP/2.0", protocol.Load())
	require.Equal(t, "1, 2", outcome.Header.Get("X-Two"))
	require.Len(t, outcome.Exchanges, 2)
	for _, e := range outcome.Exchanges {
		require.Equal(t, app, e.RequestHeader.Get("Origin"))
		for name := range e.RequestHeader {
			require.NotContains(t, name, ":")
		}
	}
	require.Equal(t, []string{"1", "2"}, outcome.Exchanges[1].ResponseHeader.Values("X-Two"))
}

func TestAnOpaqueRedirectIsNoNetworkError(t *testing.T) {
	s := session(t, deploy(t).serve("api.example.com:443", allowing(answer(302, "Location", "/x"))))
	outcome := fetch(t, s, simulator.Request{URL: api, Redirect: simulator.RedirectManual})
	require.Equal(t, simulator.KindOpaqueRedirect, outcome.Kind)
	require.Equal(t, simulator.ResponseOpaqueRedirect, outcome.Type)
	require.Equal(t, []string{"request GET https://api.example.com/ Found"}, lines(outcome))
}

func TestAKeptConnectionThatTheServerClosesIsTriedAgain(t *testing.T) {
	// The preflight leaves a kept connection; the request on it and the one on a fresh connection get no answer.
	network := deploy(t).serveRaw("api.example.com:443", func(conn net.Conn) {
		buffer := make([]byte, 4096)
		n, _ := conn.Read(buffer)
		if n > 7 && string(buffer[:7]) == "OPTIONS" {
			_, _ = conn.Write([]byte("HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: PUT\r\n\r\n"))
			_, _ = conn.Read(buffer)
		}
	})
	outcome := fetch(t, session(t, network), simulator.Request{URL: api, Method: "PUT"})
	require.Equal(t, simulator.Reason{Code: simulator.ConnectionFailed}, outcome.Reason)
	require.Equal(t, []string{"preflight OPTIONS https://api.example.com/ No Content", "request PUT https://api.example.com/ "}, lines(outcome))
}

func TestTheBodyAndTheStatusOfAnErrorAreReadable(t *testing.T) {
	s := session(t, deploy(t).serve("api.example.com:443", allowing(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("caf\xc3\xa9\x00"))
	})))
	outcome := fetch(t, s, simulator.Request{URL: api})
	require.Equal(t, http.StatusBadGateway, outcome.Status)
	require.Equal(t, []byte("caf\xc3\xa9\x00"), outcome.Body)
}
