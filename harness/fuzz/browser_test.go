package fuzz_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/fuzz"
	"github.com/crosscheck-dev/crosscheck/harness/simulated"
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// sparing is a browser that in brief tells of no failure's reason.
type sparing struct {
	harness.Browser
	inFull int
}

func (s *sparing) NewSession(ctx context.Context, network harness.Network) (harness.Session, error) {
	session, err := s.Browser.NewSession(ctx, network)
	return &sparingSession{session, s, network}, err
}

type sparingSession struct {
	harness.Session
	browser *sparing
	network harness.Network
}

func (s *sparingSession) SetCookies(ctx context.Context, cookies []harness.SetCookie) error {
	for _, cookie := range cookies {
		if err := s.SetCookie(ctx, cookie.URL, cookie.Header); err != nil {
			return err
		}
	}
	return nil
}

func (s *sparingSession) Forget(ctx context.Context) (err error) {
	if err := s.Session.Close(); err != nil {
		return err
	}
	s.Session, err = s.browser.Browser.NewSession(ctx, s.network)
	return err
}

func (s *sparingSession) FetchAll(ctx context.Context, page simulator.PageSpec, requests []simulator.Request, detail harness.Detail) ([]simulator.Outcome, error) {
	var outcomes []simulator.Outcome
	for _, request := range requests {
		outcome, err := s.Fetch(ctx, page, request)
		if err != nil {
			return nil, err
		}
		if detail == harness.InFull {
			s.browser.inFull++
		} else if outcome.Kind == simulator.KindNetworkError {
			outcome.Reason = simulator.Reason{Code: harness.Untold}
		}
		outcomes = append(outcomes, outcome)
	}
	return outcomes, nil
}

// TestWhatIsNotToldInBriefIsFoundOutInFull: from where the case began, with its cookies and all that the server has for it.
func TestWhatIsNotToldInBriefIsFoundOutInFull(t *testing.T) {
	t.Parallel()
	authority, err := ca.New()
	require.NoError(t, err)
	browser := &sparing{Browser: simulated.New(simulator.Chromium, "sparing", authority.Pool())}
	judge := fuzz.NewBrowser(browser, authority)
	defer func() { require.NoError(t, judge.Close()) }()

	once := 1
	url := func(host, token string) string { return "https://" + host + "/" + token + "/" }
	answered := func(token string, pairs ...vectors.Pair) vectors.Exchange {
		return vectors.Exchange{When: vectors.When{URL: url("api.example.com", token)}, Times: &once, Response: vectors.Response{Status: 200, Headers: pairs}}
	}
	withCredentials := func(token string) vectors.Request {
		return vectors.Request{URL: url("api.example.com", token), Credentials: "include"}
	}
	page := vectors.Page{URL: "https://app.example.com/"}
	refused, allowed := withCredentials("s1c0"), withCredentials("s1c1")
	cases := []vectors.Vector{
		{
			ID: "fuzz-s1c0", Page: page, Steps: []vectors.Step{{Request: &refused}},
			Cookies:   []vectors.Cookie{{URL: refused.URL, Name: "id", Value: "7"}},
			Exchanges: []vectors.Exchange{answered("s1c0", vectors.Pair{"Access-Control-Allow-Origin", "*"})},
		},
		{
			ID: "fuzz-s1c1", Page: page, Steps: []vectors.Step{{Request: &allowed}},
			Exchanges: []vectors.Exchange{answered("s1c1",
				vectors.Pair{"Access-Control-Allow-Origin", "https://app.example.com"}, vectors.Pair{"Access-Control-Allow-Credentials", "true"})},
		},
	}
	judged, err := judge.Judge(t.Context(), cases, []harness.Detail{harness.InBrief, harness.InBrief})
	require.NoError(t, err)
	require.Equal(t, 1, browser.inFull)
	require.Len(t, judged[0], 1)
	require.Equal(t, simulator.WildcardOriginNotAllowed, judged[0][0].Outcome.Reason.Code)
	require.Len(t, judged[0][0].Sent, 1)
	require.Equal(t, "id=7", judged[0][0].Sent[0].Header.Get("Cookie"))
	require.True(t, judged[1][0].Outcome.Readable())
}
