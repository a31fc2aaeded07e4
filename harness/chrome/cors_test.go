package chrome_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// byMethod answers OPTIONS with one handler and everything else with another.
func byMethod(preflight, request http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			preflight(w, r)
			return
		}
		request(w, r)
	}
}

func TestTheReasonIsTheCORSErrorThatTheServerCaused(t *testing.T) {
	get := simulator.Request{URL: api + "/"}
	include := simulator.Request{URL: api + "/", Credentials: simulator.CredentialsInclude}
	put := simulator.Request{URL: api + "/", Method: "PUT"}
	putInclude := simulator.Request{URL: api + "/", Method: "PUT", Credentials: simulator.CredentialsInclude}
	withHeader := simulator.Request{URL: api + "/", Headers: []simulator.Field{{Name: "X-A", Value: "1"}}}
	const allowOrigin, allowCredentials = "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"
	const allowMethods, allowHeaders = "Access-Control-Allow-Methods", "Access-Control-Allow-Headers"
	good := answer(200, allowOrigin, app, allowCredentials, "true", allowMethods, "PUT, PATCH", allowHeaders, "X-A")

	for _, test := range []struct {
		request   simulator.Request
		code      simulator.ReasonCode
		parameter string
		handler   http.HandlerFunc
		exchanges int
	}{
		{get, simulator.MissingAllowOriginHeader, "", answer(200), 1},
		{get, simulator.InvalidAllowOriginValue, "app.example.com", answer(200, allowOrigin, "app.example.com"), 1},
		{get, simulator.AllowOriginMismatch, other, answer(200, allowOrigin, other), 1},
		{get, simulator.MultipleAllowOriginValues, app + ", " + other, answer(200, allowOrigin, app, allowOrigin, other), 1},
		{include, simulator.WildcardOriginNotAllowed, "", answer(200, allowOrigin, "*", allowCredentials, "true"), 1},
		{include, simulator.InvalidAllowCredentials, "TRUE", answer(200, allowOrigin, app, allowCredentials, "TRUE"), 1},
		{get, simulator.RedirectContainsCredentials, "", answer(302, allowOrigin, app, "Location", "https://u:p@api.partner.net/"), 1},
		{get, simulator.CORSDisabledScheme, "", answer(302, allowOrigin, app, "Location", "ftp://api.example.com/"), 1},
		{put, simulator.PreflightInvalidStatus, "", byMethod(answer(404, allowOrigin, app), good), 1},
		{put, simulator.PreflightMissingAllowOriginHeader, "", byMethod(answer(200), good), 1},
		{put, simulator.PreflightInvalidAllowOriginValue, "NULL", byMethod(answer(200, allowOrigin, "NULL"), good), 1},
		{put, simulator.PreflightAllowOriginMismatch, other, byMethod(answer(200, allowOrigin, other), good), 1},
		{put, simulator.PreflightMultipleAllowOriginValues, "*, *", byMethod(answer(200, allowOrigin, "*", allowOrigin, "*"), good), 1},
		{putInclude, simulator.PreflightWildcardOriginNotAllowed, "", byMethod(answer(200, allowOrigin, "*"), good), 1},
		{putInclude, simulator.PreflightInvalidAllowCredentials, "", byMethod(answer(200, allowOrigin, app), good), 1},
		{put, simulator.PreflightDisallowedRedirect, "", byMethod(answer(301, allowOrigin, app, "Location", "/x"), good), 1},
		{put, simulator.InvalidAllowMethodsPreflightResponse, "", byMethod(answer(200, allowOrigin, app, allowMethods, "PUT; POST"), good), 1},
		{withHeader, simulator.InvalidAllowHeadersPreflightResponse, "", byMethod(answer(200, allowOrigin, app, allowHeaders, "X-A; q=1"), good), 1},
		{put, simulator.MethodDisallowedByPreflightResponse, "PUT", byMethod(answer(200, allowOrigin, app, allowMethods, "PATCH"), good), 1},
		{withHeader, simulator.HeaderDisallowedByPreflightResponse, "x-a", byMethod(answer(200, allowOrigin, app, allowHeaders, "X-B"), good), 1},
		{put, simulator.MissingAllowOriginHeader, "", byMethod(good, answer(200)), 2},
		{simulator.Request{URL: api, Mode: simulator.ModeSameOrigin}, simulator.DisallowedByMode, "", good, 0},
		{simulator.Request{URL: api, Mode: simulator.ModeNoCORS, Redirect: simulator.RedirectError}, simulator.NoCORSRedirectModeNotFollow, "", good, 0},
		{simulator.Request{URL: "ftp://api.example.com/"}, simulator.CORSDisabledScheme, "ftp", good, 0},
	} {
		t.Run(string(test.code), func(t *testing.T) {
			network := deploy(t).serve("api.example.com:443", test.handler).serve("api.partner.net:443", good)
			outcome := fetch(t, session(t, network), test.request)
			require.Equal(t, simulator.KindNetworkError, outcome.Kind)
			require.Equal(t, simulator.ResponseError, outcome.Type)
			require.Equal(t, test.code, outcome.Reason.Code)
			require.Equal(t, test.parameter, outcome.Reason.Parameter)
			require.Len(t, outcome.Exchanges, test.exchanges)
			require.Len(t, network.seen(), test.exchanges)
			for _, exchange := range outcome.Exchanges {
				require.NotZero(t, exchange.Status)
				require.Equal(t, app, exchange.RequestHeader.Get("Origin"))
			}
			require.Equal(t, outcome.Reason, fetchBriefly(t, session(t, network), test.request)[0].Reason, "the console names the error too")
		})
	}
}
