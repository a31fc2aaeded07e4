package report

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// reasonCodes are the constants of type ReasonCode in the simulator's source,
// so that a code that is added there without advice is noticed here.
func reasonCodes(t *testing.T) []simulator.ReasonCode {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../simulator/reason.go", nil, 0)
	require.NoError(t, err)
	var codes []simulator.ReasonCode
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != "ReasonCode" {
			return true
		}
		for _, value := range spec.Values {
			code, err := strconv.Unquote(value.(*ast.BasicLit).Value)
			require.NoError(t, err)
			codes = append(codes, simulator.ReasonCode(code))
		}
		return true
	})
	require.Greater(t, len(codes), 30)
	return codes
}

func TestEveryReasonHasAdvice(t *testing.T) {
	for _, code := range reasonCodes(t) {
		t.Run(string(code), func(t *testing.T) {
			// The least that can be known: refused before anything was sent.
			bare := Request{Browsers: []BrowserResult{{Browser: "chrome", Outcome: simulator.Outcome{Reason: simulator.Reason{Code: code}}}}}
			require.NotEmpty(t, Advise(bare))
			full := refused(simulator.Reason{Code: code, Parameter: "x"}, "GET", 200, harness.HopResponse{Hop: "app", Status: 200})
			require.NotEmpty(t, Advise(full))
			require.NotContains(t, Advise(full), "%!", "a format's verbs and values agree")
		})
	}
}

func TestWhereNothingWasRefusedThereIsNoAdvice(t *testing.T) {
	require.Empty(t, Advise(Request{}))
	require.Empty(t, Advise(samplePass().Requests[0]))
	curlOnly := refused(simulator.Reason{Code: simulator.ConnectionFailed}, "GET", 0)
	curlOnly.Browsers[0].Browser = "curl"
	require.Empty(t, Advise(curlOnly), "a client without CORS decides nothing")
}

func TestTheBrowsersRefusalCountsBeforeThePrediction(t *testing.T) {
	request := refused(simulator.Reason{Code: simulator.MixedContent}, "GET", 0)
	request.Browsers = append([]BrowserResult{{Browser: "simulator", Outcome: simulator.Outcome{Reason: simulator.Reason{Code: simulator.TooManyRedirects}}}}, request.Browsers...)
	require.Contains(t, Advise(request), "secure page")
	request.Browsers[1].Outcome.Reason = simulator.Reason{}
	require.Contains(t, Advise(request), "20 times", "a prediction alone counts too")
}

// refused is a request to the API that Chrome refused, with the hops of its
// last exchange: an OPTIONS is the preflight of a PUT.
func refused(reason simulator.Reason, method string, status int, hops ...harness.HopResponse) Request {
	exchange := simulator.Exchange{
		Kind: simulator.ExchangeRequest, Method: method, URL: userURL, Status: status, RequestHeader: http.Header{"Origin": {appOrigin}},
	}
	request := simulator.Request{URL: userURL, Method: method}
	if method == "OPTIONS" {
		exchange.Kind, request.Method = simulator.ExchangePreflight, "PUT"
		exchange.RequestHeader.Set("Access-Control-Request-Method", "PUT")
	}
	if len(hops) > 0 {
		exchange.ResponseHeader = hops[len(hops)-1].Header
	}
	return Request{
		Text: method + " " + userURL, Page: simulator.PageSpec{URL: appOrigin}, Request: request,
		Browsers: []BrowserResult{{
			Browser:  "chrome",
			Outcome:  simulator.Outcome{Kind: simulator.KindNetworkError, Reason: reason, Exchanges: []simulator.Exchange{exchange}},
			Transits: []harness.Transit{{Method: method, URL: userURL, Hops: hops}},
		}},
	}
}

// hop is an answer as it left the named hop, its header given as name, value, name, value.
func hop(name string, status int, header ...string) harness.HopResponse {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return harness.HopResponse{Hop: name, Status: status, Header: h}
}

func TestAdviceNamesTheLayerAndTheChange(t *testing.T) {
	for name, test := range map[string]struct {
		reason  simulator.Reason
		method  string
		status  int
		hops    []harness.HopResponse
		include bool
		want    []string
	}{
		"nobody answers CORS": {
			reason: simulator.Reason{Code: simulator.MissingAllowOriginHeader}, method: "GET", status: 500,
			hops: []harness.HopResponse{hop("app", 500), hop("linkerd-proxy", 500)}, include: true,
			want: []string{"let app send", "Access-Control-Allow-Origin: " + appOrigin, "Access-Control-Allow-Credentials: true", "this 500 too"},
		},
		"the ingress does not list the origin": {
			reason: simulator.Reason{Code: simulator.MissingAllowOriginHeader}, method: "GET", status: 200,
			hops: []harness.HopResponse{hop("app", 200), hop(ingress, 200)},
			want: []string{ingress, "cors-allow-origin does not list " + appOrigin},
		},
		"a hop drops the header": {
			reason: simulator.Reason{Code: simulator.MissingAllowOriginHeader}, method: "GET", status: 200,
			hops: []harness.HopResponse{hop("app", 200, allowOrigin, "*"), hop("edge", 200)},
			want: []string{"app answers CORS", "edge drops the header"},
		},
		"a policy does not admit the page": {
			reason: simulator.Reason{Code: simulator.PreflightMissingAllowOriginHeader}, method: "OPTIONS", status: 204,
			hops: []harness.HopResponse{hop("app", 204, "Vary", "Origin, Access-Control-Request-Method")},
			want: []string{"app has a CORS policy", "refuses this preflight", "the origin " + appOrigin + ", the method PUT"},
		},
		"an error page takes the place of the app's": {
			reason: simulator.Reason{Code: simulator.MissingAllowOriginHeader}, method: "GET", status: 404,
			hops: []harness.HopResponse{hop("app", 503), hop(ingress, 404)}, want: []string{ingress + " put its own 404", "in the place of app's 503"},
		},
		"a pattern for an origin": {
			reason: simulator.Reason{Code: simulator.AllowOriginMismatch, Parameter: "https://*.example.com"}, method: "GET", status: 200,
			hops: []harness.HopResponse{hop("app", 200, allowOrigin, "https://*.example.com")}, want: []string{"know no patterns"},
		},
		"doubled credentials": {
			reason: simulator.Reason{Code: simulator.InvalidAllowCredentials, Parameter: "true, true"}, method: "GET", status: 200, include: true,
			hops: []harness.HopResponse{hop("app", 200, allowCredentials, "true"), hop("edge", 200, allowCredentials, "true", allowCredentials, "true")},
			want: []string{"edge adds a second Access-Control-Allow-Credentials to the one from app"},
		},
		"credentials dropped": {
			reason: simulator.Reason{Code: simulator.InvalidAllowCredentials}, method: "GET", status: 200, include: true,
			hops: []harness.HopResponse{hop("app", 200, allowCredentials, "true"), hop("edge", 200)}, want: []string{"edge drops Access-Control-Allow-Credentials"},
		},
		"the ingress answers an error itself": {
			reason: simulator.Reason{Code: simulator.MissingAllowOriginHeader}, method: "POST", status: 413,
			hops: []harness.HopResponse{hop(ingress, 413)}, want: []string{ingress + " answered 413 itself", "proxy-body-size"},
		},
		"the ingress asks a preflight for a password": {
			reason: simulator.Reason{Code: simulator.PreflightMissingAllowOriginHeader}, method: "OPTIONS", status: 401,
			hops: []harness.HopResponse{hop(ingress, 401)}, want: []string{ingress + " answered 401 itself", "does not list " + appOrigin},
		},
		"the mesh denies the preflight": {
			reason: simulator.Reason{Code: simulator.PreflightMissingAllowOriginHeader}, method: "OPTIONS", status: 403,
			hops: []harness.HopResponse{hop("linkerd-proxy", 403), hop(ingress, 403)},
			want: []string{"linkerd-proxy answered the preflight with a bare 403", "AuthorizationPolicy"},
		},
		"authentication answers the preflight": {
			reason: simulator.Reason{Code: simulator.PreflightMissingAllowOriginHeader}, method: "OPTIONS", status: 401,
			hops: []harness.HopResponse{hop("app", 401)}, want: []string{"app answered the preflight with 401", "never carries credentials"},
		},
		"a cache answers what it stored": {
			reason: simulator.Reason{Code: simulator.AllowOriginMismatch, Parameter: "https://admin.example.com"}, method: "GET", status: 200,
			hops: []harness.HopResponse{hop("shared cache", 200, allowOrigin, "https://admin.example.com")},
			want: []string{"stored for https://admin.example.com", "Vary: Origin"},
		},
		"a trailing slash": {
			reason: simulator.Reason{Code: simulator.AllowOriginMismatch, Parameter: appOrigin + "/"}, method: "GET", status: 200,
			hops: []harness.HopResponse{hop("app", 200, allowOrigin, appOrigin+"/")}, want: []string{"without a trailing slash"},
		},
		"the default port": {
			reason: simulator.Reason{Code: simulator.AllowOriginMismatch, Parameter: appOrigin + ":443"}, method: "GET", status: 200,
			hops: []harness.HopResponse{hop("app", 200, allowOrigin, appOrigin+":443")}, want: []string{"default port"},
		},
		"another origin": {
			reason: simulator.Reason{Code: simulator.AllowOriginMismatch, Parameter: "https://admin.example.com"}, method: "GET", status: 200,
			hops: []harness.HopResponse{hop("app", 200), hop("linkerd-proxy", 200, allowOrigin, "https://admin.example.com")},
			want: []string{"linkerd-proxy allows", "if " + appOrigin + " may read"},
		},
		"doubled by the edge": {
			reason: simulator.Reason{Code: simulator.MultipleAllowOriginValues, Parameter: "*, *"}, method: "GET", status: 200,
			hops: []harness.HopResponse{hop("app", 200, allowOrigin, "*"), hop("linkerd-proxy", 200, allowOrigin, "*"), hop("edge", 200, allowOrigin, "*", allowOrigin, "*")},
			want: []string{"edge adds a second", "from app"},
		},
		"a list in one header": {
			reason: simulator.Reason{Code: simulator.PreflightMultipleAllowOriginValues, Parameter: "a, b"}, method: "OPTIONS", status: 204,
			hops: []harness.HopResponse{hop("app", 204, allowOrigin, "a, b")}, want: []string{"app sends several values"},
		},
		"a star with credentials at the ingress": {
			reason: simulator.Reason{Code: simulator.WildcardOriginNotAllowed}, method: "GET", status: 200, include: true,
			hops: []harness.HopResponse{hop("app", 200), hop(ingress, 200, allowOrigin, "*")}, want: []string{"cors-allow-origin", "invalid element"},
		},
		"credentials in capitals": {
			reason: simulator.Reason{Code: simulator.InvalidAllowCredentials, Parameter: "TRUE"}, method: "GET", status: 200, include: true,
			hops: []harness.HopResponse{hop("app", 200, allowOrigin, appOrigin, allowCredentials, "TRUE")}, want: []string{`"TRUE"`, `exactly "Access-Control-Allow-Credentials: true"`},
		},
		"no route for OPTIONS": {
			reason: simulator.Reason{Code: simulator.PreflightInvalidStatus}, method: "OPTIONS", status: 404,
			hops: []harness.HopResponse{hop("app", 404), hop("linkerd-proxy", 404)}, want: []string{"app answered the preflight with 404", "routing"},
		},
		"the method is not allowed": {
			reason: simulator.Reason{Code: simulator.MethodDisallowedByPreflightResponse, Parameter: "PUT"}, method: "OPTIONS", status: 204,
			hops: []harness.HopResponse{hop(ingress, 204, allowOrigin, appOrigin, allowMethods, "GET, POST")},
			want: []string{"Add PUT", ingress, "cors-allow-methods"},
		},
		"the method's case": {
			reason: simulator.Reason{Code: simulator.MethodDisallowedByPreflightResponse, Parameter: "patch"}, method: "OPTIONS", status: 204,
			hops: []harness.HopResponse{hop("app", 204, allowMethods, "PATCH")}, want: []string{"case-sensitive", "PATCH"},
		},
		"a star for methods with credentials": {
			reason: simulator.Reason{Code: simulator.MethodDisallowedByPreflightResponse, Parameter: "PUT"}, method: "OPTIONS", status: 204, include: true,
			hops: []harness.HopResponse{hop("app", 204, allowMethods, "*")}, want: []string{"list PUT by name"},
		},
		"the header is not allowed": {
			reason: simulator.Reason{Code: simulator.HeaderDisallowedByPreflightResponse, Parameter: "x-a"}, method: "OPTIONS", status: 204,
			hops: []harness.HopResponse{hop("app", 204, allowOrigin, "*"), hop("edge", 204, allowOrigin, "*")}, want: []string{"Add x-a", "at app"},
		},
		"the app closes": {
			reason: simulator.Reason{Code: simulator.ConnectionFailed}, method: "GET", status: 0,
			hops: []harness.HopResponse{hop("app", 0)}, want: []string{"app closed the connection"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			request := refused(test.reason, test.method, test.status, test.hops...)
			if test.include {
				request.Request.Credentials = simulator.CredentialsInclude
			}
			advice := Advise(request)
			for _, part := range test.want {
				require.Contains(t, advice, part)
			}
		})
	}
}

func TestARedirectedPreflightIsToldWhereToGo(t *testing.T) {
	request := refused(simulator.Reason{Code: simulator.PreflightDisallowedRedirect}, "OPTIONS", 308, hop(ingress, 308, "Location", userURL))
	request.Browsers[0].Outcome.Exchanges[0].URL = "http://api.example.com/api/user"
	request.Browsers[0].Transits[0].URL = "http://api.example.com/api/user"
	advice := Advise(request)
	require.Contains(t, advice, ingress+" redirects the preflight (308)")
	require.Contains(t, advice, "from http to https")
	require.Contains(t, advice, "call "+userURL)
}

func TestARedirectAcrossOriginsExplainsTheOriginNull(t *testing.T) {
	request := refused(simulator.Reason{Code: simulator.MissingAllowOriginHeader}, "GET", 200, hop(ingress, 200))
	outcome := &request.Browsers[0].Outcome
	first := outcome.Exchanges[0]
	first.Status = 302
	outcome.Exchanges[0].RequestHeader = http.Header{"Origin": {"null"}}
	outcome.Exchanges = append([]simulator.Exchange{first}, outcome.Exchanges...)
	require.Contains(t, Advise(request), `A redirect from one origin to another made the browser send "Origin: null"`)
}

func TestAnOpaqueOriginIsNotToldToBeAllowed(t *testing.T) {
	for _, code := range []simulator.ReasonCode{simulator.MissingAllowOriginHeader, simulator.AllowOriginMismatch} {
		request := refused(simulator.Reason{Code: code}, "GET", 200, hop("app", 200))
		request.Browsers[0].Outcome.Exchanges[0].RequestHeader = http.Header{"Origin": {"null"}}
		require.Contains(t, Advise(request), "a page with an origin of its own")
	}
}
