package chrome_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

func TestTheFrameDecidesTheOrigin(t *testing.T) {
	network := deploy(t).serve("api.example.com:443", allowing(answer(200)))
	for _, test := range []struct {
		page   simulator.PageSpec
		origin string
	}{
		{simulator.PageSpec{URL: app}, app},
		{simulator.PageSpec{URL: app + "/deep/page?q=1#part"}, app},
		{simulator.PageSpec{URL: "http://app.example.com"}, "http://app.example.com"},
		{simulator.PageSpec{URL: "https://app.example.com:8443"}, "https://app.example.com:8443"},
		{simulator.PageSpec{URL: "https://bücher.example.com"}, "https://xn--bcher-kva.example.com"},
		{simulator.PageSpec{URL: "https://192.0.2.1"}, "https://192.0.2.1"},
		{simulator.PageSpec{URL: "https://[2001:db8::1]"}, "https://[2001:db8::1]"},
		{simulator.PageSpec{URL: "http://localhost:3000"}, "http://localhost:3000"},
		{simulator.PageSpec{URL: app, Frame: simulator.FrameSandboxedSrcdoc}, "null"},
		{simulator.PageSpec{URL: app, Frame: simulator.FrameDataURL}, "null"},
		{simulator.PageSpec{URL: app, Frame: simulator.FrameAboutBlank}, app},
		{simulator.PageSpec{URL: app, Frame: simulator.FrameSrcdoc}, app},
		{simulator.PageSpec{URL: app, Frame: simulator.FrameBlob}, app},
		{simulator.PageSpec{URL: other, Iframe: app + "/nested"}, app},
		{simulator.PageSpec{URL: other, Iframe: app, Frame: simulator.FrameSandboxedSrcdoc}, "null"},
		{simulator.PageSpec{URL: app, Headers: []simulator.Field{{Name: "Content-Security-Policy", Value: "sandbox allow-scripts"}}}, "null"},
	} {
		t.Run(test.page.URL+" "+string(test.page.Frame)+" "+test.page.Iframe, func(t *testing.T) {
			outcome := fetchFrom(t, session(t, network), test.page, simulator.Request{URL: api, Method: "PUT"})
			require.Equal(t, simulator.KindReadable, outcome.Kind, outcome.Reason)
			require.Len(t, outcome.Exchanges, 2)
			for _, e := range outcome.Exchanges {
				require.Equal(t, test.origin, e.RequestHeader.Get("Origin"))
			}
		})
	}
}

func TestThePageHeadersHold(t *testing.T) {
	page := simulator.PageSpec{URL: app + "/secret", Headers: []simulator.Field{{Name: "Referrer-Policy", Value: "unsafe-url"}}}
	outcome := fetchFrom(t, session(t, deploy(t).serve("api.example.com:443", allowing(answer(200)))), page, simulator.Request{URL: api})
	require.Equal(t, app+"/secret", outcome.Exchanges[0].RequestHeader.Get("Referer"))
}

func TestAPageWhoseOriginIsDeployedReachesTheDeployment(t *testing.T) {
	network := deploy(t).serve("app.example.com:443", answer(200, "X-From", "deployment"), "h2")
	s := session(t, network)
	for range 2 {
		outcome := fetch(t, s, simulator.Request{URL: "/data", Method: "PUT"})
		require.Equal(t, simulator.KindReadable, outcome.Kind, outcome.Reason)
		require.Equal(t, simulator.ResponseBasic, outcome.Type)
		require.Equal(t, "deployment", outcome.Header.Get("X-From"))
	}
	require.Equal(t, simulator.KindReadable, fetchFrom(t, s, simulator.PageSpec{URL: app + "/2"}, simulator.Request{URL: "/x"}).Kind)
	require.Equal(t, []string{"PUT app.example.com/data", "PUT app.example.com/data", "GET app.example.com/x"}, network.seen())
}

func TestEveryInitiatorMakesItsRequest(t *testing.T) {
	for _, test := range []struct {
		initiator simulator.Initiator
		method    string
		kind      simulator.Kind
		origin    string
		exchanges int
		dest      string
	}{
		{simulator.InitiatorFetch, "POST", simulator.KindReadable, app, 1, "empty"},
		{simulator.InitiatorXHR, "POST", simulator.KindReadable, app, 1, "empty"},
		{simulator.InitiatorXHRUploadListener, "POST", simulator.KindReadable, app, 2, "empty"},
		{simulator.InitiatorXHRUploadListenerLate, "POST", simulator.KindReadable, app, 1, "empty"},
		{simulator.InitiatorImage, "", simulator.KindOpaque, "", 1, "image"},
		{simulator.InitiatorImageAnonymous, "", simulator.KindReadable, app, 1, "image"},
		{simulator.InitiatorImageUseCredentials, "", simulator.KindReadable, app, 1, "image"},
		{simulator.InitiatorScript, "", simulator.KindOpaque, "", 1, "script"},
		{simulator.InitiatorScriptAnonymous, "", simulator.KindReadable, app, 1, "script"},
		{simulator.InitiatorScriptUseCredentials, "", simulator.KindReadable, app, 1, "script"},
	} {
		t.Run(string(test.initiator), func(t *testing.T) {
			request := simulator.Request{URL: api, Method: test.method, Initiator: test.initiator}
			if test.method != "" {
				request.Body = &simulator.Body{Text: "text"}
			}
			network := deploy(t).serve("api.example.com:443", allowing(answer(200, "Content-Type", "text/javascript")))
			outcome := fetch(t, session(t, network), request)
			require.Equal(t, test.kind, outcome.Kind, outcome.Reason)
			require.Len(t, outcome.Exchanges, test.exchanges)
			last := outcome.Exchanges[test.exchanges-1]
			require.Equal(t, test.origin, last.RequestHeader.Get("Origin"))
			require.Equal(t, test.dest, last.RequestHeader.Get("Sec-Fetch-Dest"))

			if test.kind == simulator.KindReadable {
				silent := deploy(t).serve("api.example.com:443", answer(200))
				refused := fetch(t, session(t, silent), request)
				require.Equal(t, simulator.KindNetworkError, refused.Kind)
				require.Contains(t, []simulator.ReasonCode{simulator.MissingAllowOriginHeader, simulator.PreflightMissingAllowOriginHeader}, refused.Reason.Code)
			}
		})
	}
}

func TestFormDataHasItsContentType(t *testing.T) {
	var contentType string
	network := deploy(t).serve("api.example.com:443", allowing(func(_ http.ResponseWriter, r *http.Request) { contentType = r.Header.Get("Content-Type") }))
	body := &simulator.Body{FormData: [][2]string{{"a", "1"}}}
	require.Equal(t, simulator.KindReadable, fetch(t, session(t, network), simulator.Request{URL: api, Method: "POST", Body: body}).Kind)
	require.Contains(t, contentType, "multipart/form-data; boundary=")
}
