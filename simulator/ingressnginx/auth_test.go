package ingressnginx_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

func TestBasicAuthenticationChallengesAndHidesTheCredentials(t *testing.T) {
	var authorization string
	backend := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { authorization = r.Header.Get("Authorization") })
	options := ingressnginx.Options{Users: map[string]string{"ada": "secret"}}
	controller := newController(t, options, mainAnnotations("auth-type", "basic", "auth-secret", "users", "auth-realm", "Staff only"), backend)

	answer := controller.Answer(get("/", allowed))
	require.Equal(t, http.StatusUnauthorized, answer.Status)
	require.Equal(t, `Basic realm="Staff only"`, value(answer, "WWW-Authenticate"))

	for user, password := range map[string]string{"ada": "wrong", "bob": "secret", "": ""} {
		request := get("/", allowed)
		request.SetBasicAuth(user, password)
		require.Equal(t, http.StatusUnauthorized, controller.Answer(request).Status)
	}
	request := get("/", allowed)
	request.SetBasicAuth("ada", "secret")
	require.Equal(t, http.StatusOK, controller.Answer(request).Status)
	require.Empty(t, authorization)
}

func TestBasicAuthenticationWithTheDefaultsAnswersAStarWithoutAnOrigin(t *testing.T) {
	options := ingressnginx.Options{Users: map[string]string{}}
	controller := newController(t, options, map[string]string{"enable-cors": "true", "auth-type": "basic", "auth-secret": "users"}, app(200))
	answer := controller.Answer(get("/", ""))
	require.Equal(t, http.StatusUnauthorized, answer.Status)
	require.Equal(t, "*", value(answer, "Access-Control-Allow-Origin"))
}

func TestAnAuthServiceDecides(t *testing.T) {
	for name, test := range map[string]struct {
		service http.Handler
		status  int
		field   [2]string
	}{
		"allowed, and its cookie is passed on": {app(202, "Set-Cookie", "session=1"), 200, [2]string{"Set-Cookie", "session=1"}},
		"unauthorized, with its challenge":     {app(401, "WWW-Authenticate", "Bearer"), 401, [2]string{"WWW-Authenticate", "Bearer"}},
		"forbidden":                            {app(403), 403, [2]string{}},
		"anything else is an error":            {app(302, "Location", "https://login.example.com"), 500, [2]string{}},
		"a closed connection is an error":      {panics(http.ErrAbortHandler), 500, [2]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
				controller := newController(t, ingressnginx.Options{Version: version, AuthService: test.service},
					mainAnnotations("auth-url", "https://auth.example.com/check"), app(200))
				answer := controller.Answer(get("/", allowed))
				require.Equal(t, test.status, answer.Status)
				require.Equal(t, corsHeaders(allowed), accessControl(answer))
				require.Equal(t, test.status == 200, answer.ReachedApp)
				require.Equal(t, test.field[1], value(answer, test.field[0]))

				require.Equal(t, http.StatusNoContent, controller.Answer(preflight("/", allowed)).Status)
			})
		})
	}
}

func TestTheAuthServiceIsToldAboutTheRequest(t *testing.T) {
	var seen *http.Request
	service := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r })
	controller := newController(t, ingressnginx.Options{AuthService: service}, mainAnnotations("auth-url", "https://$host/check?x=1"), app(200))
	request := newRequest(http.MethodPut, "/users?page=2", allowed, "Cookie", "session=1")
	request.ContentLength = 5
	require.Equal(t, http.StatusOK, controller.Answer(request).Status)
	require.Equal(t, http.MethodGet, seen.Method)
	require.Equal(t, "https://cors.lab/check?x=1", seen.URL.String())
	require.Equal(t, host, seen.Host)
	require.Zero(t, seen.ContentLength)
	for name, expected := range map[string]string{
		"Cookie": "session=1", "Origin": allowed, "X-Original-Method": "PUT",
		"X-Original-Url": "http://cors.lab/users?page=2", "X-Auth-Request-Redirect": "/users?page=2",
	} {
		require.Equal(t, expected, seen.Header.Get(name), name)
	}
}

func TestASignInPageIsARedirectWithCORSHeaders(t *testing.T) {
	for name, test := range map[string]struct{ signin, parameter, expected string }{
		"the request's URL is added": {"https://login.example.com/start", "", "https://login.example.com/start?rd=http://cors.lab%2Fusers%3Fpage%3D2"},
		"beside other arguments":     {"https://login.example.com/start?a=1", "", "https://login.example.com/start?a=1&rd=http://cors.lab%2Fusers%3Fpage%3D2"},
		"under another name":         {"https://login.example.com/start", "back", "https://login.example.com/start?back=http://cors.lab%2Fusers%3Fpage%3D2"},
		"unless it is there":         {"https://$host/start?rd=$escaped_request_uri", "", "https://cors.lab/start?rd=%2Fusers%3Fpage%3D2"},
	} {
		t.Run(name, func(t *testing.T) {
			onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
				annotations := mainAnnotations("auth-url", "https://auth.example.com/check", "auth-signin", test.signin, "auth-signin-redirect-param", test.parameter)
				controller := newController(t, ingressnginx.Options{Version: version, AuthService: app(401)}, annotations, app(200))
				answer := controller.Answer(get("/users?page=2", allowed))
				require.Equal(t, http.StatusFound, answer.Status)
				require.Equal(t, test.expected, value(answer, "Location"))
				require.Equal(t, corsHeaders(allowed), accessControl(answer))
				require.Empty(t, accessControl(controller.Answer(get("/", foreign))))
				require.Empty(t, value(controller.Answer(overTLS(get("/", allowed))), "Strict-Transport-Security"))
			})
		})
	}
}

func TestAddressRangesAdmitTheirMembers(t *testing.T) {
	for list, expected := range map[string]int{
		"192.0.2.0/24":           200,
		"10.0.0.0/8, 192.0.2.1":  200,
		"::1, 2001:db8::/32":     403,
		"192.0.2.1/32":           200,
		"192.0.2.1, not-a-range": 503, // the location is denied
	} {
		controller := newController(t, ingressnginx.Options{}, mainAnnotations("whitelist-source-range", list), app(200))
		answer := controller.Answer(get("/", allowed)) // from 192.0.2.1
		require.Equal(t, expected, answer.Status, list)
		require.Equal(t, expected != 503, accessControl(answer) != nil, "a denied location has no CORS rules")
	}
}

func TestRateLimitsAnswer503WithCORSHeadersAndNeverTouchPreflights(t *testing.T) {
	onBothVersions(t, func(t *testing.T, version ingressnginx.Version) {
		controller := newController(t, ingressnginx.Options{Version: version}, mainAnnotations("limit-rpm", "1", "limit-burst-multiplier", "1"), app(200))
		var statuses []int
		for range 6 {
			answer := controller.Answer(get("/", allowed))
			statuses = append(statuses, answer.Status)
			require.Equal(t, corsHeaders(allowed), accessControl(answer))
		}
		require.Equal(t, []int{200, 200, 503, 503, 503, 503}, statuses)
		for range 3 {
			require.Equal(t, http.StatusNoContent, controller.Answer(preflight("/", allowed)).Status)
		}
		require.Equal(t, http.StatusServiceUnavailable, controller.Answer(preflight("/", foreign)).Status)

		other := get("/", allowed)
		other.RemoteAddr = "198.51.100.7:4711"
		require.Equal(t, http.StatusOK, controller.Answer(other).Status, "each client has its own bucket")
	})
}
