package chrome_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/chrome"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// everyTab runs the function in more sessions one after another than there are
// tabs, so that every tab is used again.
func everyTab(t *testing.T, network harness.Network, f func(t *testing.T, s harness.Session)) {
	for i := range 12 {
		t.Run(fmt.Sprint(i), func(t *testing.T) { f(t, session(t, network)) })
	}
}

func TestASessionHasNoCookiesCachesOrConnectionsOfTheLast(t *testing.T) {
	for _, protocol := range []string{"http/1.1", "h2"} {
		t.Run(protocol, func(t *testing.T) {
			everyTab(t, nil, func(t *testing.T, _ harness.Session) {
				network := deploy(t).serve("api.example.com:443", allowing(answer(200, "Cache-Control", "max-age=600",
					"Set-Cookie", "id=1; Secure; SameSite=None", "X-Deployment", t.Name(), "Access-Control-Expose-Headers", "X-Deployment")), protocol)
				s, err := browser.NewSession(t.Context(), network)
				require.NoError(t, err)
				defer func() { require.NoError(t, s.Close()) }()
				put := simulator.Request{URL: api, Method: "PUT", Credentials: simulator.CredentialsInclude}
				get := simulator.Request{URL: api, Credentials: simulator.CredentialsInclude}
				for _, request := range []simulator.Request{put, get} {
					outcome := fetch(t, s, request)
					require.Equal(t, t.Name(), outcome.Header.Get("X-Deployment"))
				}
				require.Equal(t, []string{"OPTIONS api.example.com/", "PUT api.example.com/", "GET api.example.com/"}, network.seen())
				require.Empty(t, network.requests[1].Cookies())
				require.Len(t, network.requests[2].Cookies(), 1)
			})
		})
	}
}

func TestAnImageOfTheLastSessionIsFetchedAgain(t *testing.T) {
	network := deploy(t).serve("api.example.com:443", allowing(answer(200, "Cache-Control", "max-age=600", "Content-Type", "image/svg+xml")))
	everyTab(t, network, func(t *testing.T, s harness.Session) {
		require.Len(t, fetch(t, s, simulator.Request{URL: api, Initiator: simulator.InitiatorImage}).Exchanges, 1)
	})
}

func TestStrictTransportSecurityEndsWithItsSession(t *testing.T) {
	network := deploy(t).serve("api.example.com:443", allowing(answer(200, "Strict-Transport-Security", "max-age=600"))).
		serve("api.example.com:80", allowing(answer(200)))
	everyTab(t, network, func(t *testing.T, s harness.Session) {
		page := simulator.PageSpec{URL: "http://app.example.com"}
		plain := fetchFrom(t, s, page, simulator.Request{URL: "http://api.example.com"})
		require.Equal(t, "http://api.example.com/", plain.URL)
		require.Equal(t, simulator.KindReadable, fetchFrom(t, s, page, simulator.Request{URL: api}).Kind)
		upgraded := fetchFrom(t, s, page, simulator.Request{URL: "http://api.example.com/again"})
		require.Equal(t, api+"/again", upgraded.URL)
		require.Equal(t, []string{"request GET " + api + "/again OK"}, lines(upgraded))
	})
}

func TestSessionsAtTheSameTimeKeepTheirDeployments(t *testing.T) {
	var sessions sync.WaitGroup
	for i := range 8 {
		name := fmt.Sprint("deployment ", i)
		network := deploy(t).serve("api.example.com:443", allowing(func(w http.ResponseWriter, r *http.Request) {
			answer(200, "X-Deployment", name, "Access-Control-Expose-Headers", "X-Deployment")(w, r)
		}))
		sessions.Go(func() {
			s, err := browser.NewSession(t.Context(), network)
			if err != nil {
				t.Error(err)
				return
			}
			for range 3 {
				outcome, err := s.Fetch(t.Context(), simulator.PageSpec{URL: app}, simulator.Request{URL: api, Method: "PUT"})
				if err != nil || outcome.Header.Get("X-Deployment") != name {
					t.Errorf("%s: %v, %+v", name, err, outcome)
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	sessions.Wait()
}

func TestASetCookieIsSentWhereItsAttributesAllow(t *testing.T) {
	for _, test := range []struct {
		name, attributes, page string
		credentials            simulator.CredentialsMode
		sent                   bool
	}{
		{"same site", "; Secure; SameSite=Lax", app, simulator.CredentialsInclude, true},
		{"omitted", "; Secure; SameSite=None", app, simulator.CredentialsOmit, false},
		{"Lax from another site", "; Secure; SameSite=Lax", other, simulator.CredentialsInclude, false},
		{"None from another site", "; Secure; SameSite=None", other, simulator.CredentialsInclude, true},
		{"None without Secure", "; SameSite=None", app, simulator.CredentialsInclude, false},
		{"another path", "; Path=/elsewhere; Secure", app, simulator.CredentialsInclude, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			network := deploy(t).serve("api.example.com:443", allowing(answer(200)))
			s := session(t, network)
			require.NoError(t, s.SetCookie(t.Context(), api+"/login", "id=1"+test.attributes))
			outcome := fetchFrom(t, s, simulator.PageSpec{URL: test.page}, simulator.Request{URL: api, Method: "PUT", Credentials: test.credentials})
			require.Len(t, network.seen(), 2)
			require.Equal(t, test.sent, outcome.Exchanges[1].RequestHeader.Get("Cookie") == "id=1", outcome.Exchanges[1].RequestHeader)
			require.Empty(t, outcome.Exchanges[0].RequestHeader.Get("Cookie"))
		})
	}
}

func TestThirdPartyCookiesCanBeBlocked(t *testing.T) {
	blocking := options()
	blocking.ThirdPartyCookies = chrome.BlockThirdPartyCookies
	own, err := chrome.Launch(t.Context(), blocking)
	require.NoError(t, err)
	defer func() { require.NoError(t, own.Close()) }()
	for page, sent := range map[string]bool{app: true, other: false} {
		var cookie string
		s, err := own.NewSession(t.Context(), deploy(t).serve("api.example.com:443", allowing(func(w http.ResponseWriter, r *http.Request) {
			cookie = r.Header.Get("Cookie")
		})))
		require.NoError(t, err)
		require.NoError(t, s.SetCookie(t.Context(), api, "id=1; Secure; SameSite=None"))
		credentialed := simulator.Request{URL: api, Credentials: simulator.CredentialsInclude}
		outcome := fetchFrom(t, s, simulator.PageSpec{URL: page}, credentialed)
		require.Equal(t, sent, outcome.Exchanges[0].RequestHeader.Get("Cookie") == "id=1", page)
		// The policy is DevTools' to keep, whatever it is to tell.
		for _, detail := range []harness.Detail{harness.InBrief, harness.InFull} {
			_, err := s.(harness.Batcher).FetchAll(t.Context(), simulator.PageSpec{URL: page}, []simulator.Request{credentialed}, detail)
			require.NoError(t, err)
			require.Equal(t, sent, cookie == "id=1", page)
		}
		require.NoError(t, s.Close())
	}
}

// TestAcceptedCredentialsEndWithTheSession: Chrome sends a user name and password that a
// server has accepted unasked from then on, and no command clears them.
func TestAcceptedCredentialsEndWithTheSession(t *testing.T) {
	for way, get := range map[string]func(*testing.T, harness.Session, simulator.Request) simulator.Outcome{
		"alone": func(t *testing.T, s harness.Session, r simulator.Request) simulator.Outcome { return fetch(t, s, r) },
		"in a batch": func(t *testing.T, s harness.Session, r simulator.Request) simulator.Outcome {
			return fetchBriefly(t, s, r)[0]
		},
	} {
		t.Run(way, func(t *testing.T) {
			everyTab(t, nil, func(t *testing.T, _ harness.Session) {
				network := deploy(t).serve("app.example.com:443", http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
					if request.Header.Get("Authorization") == "" {
						response.Header().Set("WWW-Authenticate", `Basic realm="a"`)
						response.WriteHeader(http.StatusUnauthorized)
					}
				}))
				s, err := browser.NewSession(t.Context(), network)
				require.NoError(t, err)
				defer func() { require.NoError(t, s.Close()) }()
				require.Equal(t, 401, fetch(t, s, simulator.Request{URL: app, Initiator: simulator.InitiatorXHR}).Status, "nothing is known yet")
				withPassword := simulator.Request{URL: strings.Replace(app, "://", "://user:secret@", 1), Initiator: simulator.InitiatorXHR}
				require.Equal(t, 200, get(t, s, withPassword).Status)
			})
		})
	}
}
