package fuzz_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/fuzz"
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

func TestShrinkLeavesNothingThatTheDisagreementDoesNotNeed(t *testing.T) {
	t.Parallel()
	method := "PUT"
	big := vectors.Vector{
		ID:      "fuzz-x",
		Page:    vectors.Page{URL: "https://www.partner.net/", Headers: []vectors.Pair{{"Referrer-Policy", "origin"}}},
		Origin:  "https://www.partner.net",
		Cookies: []vectors.Cookie{{URL: "https://api.example.com/", Name: "a", Value: "1"}},
		Exchanges: []vectors.Exchange{
			{When: vectors.When{Method: "OPTIONS", URL: "https://api.example.com/x"}, Response: vectors.Response{Status: 204, Headers: []vectors.Pair{{"X-A", "1"}}}},
			{When: vectors.When{Method: "PUT", URL: "https://api.example.com/x"}, Response: vectors.Response{Status: 404, Body: "body"}},
		},
		Steps: []vectors.Step{
			{Request: &vectors.Request{URL: "https://api.example.com/x"}},
			{Request: &vectors.Request{
				URL: "https://api.example.com/x", Method: &method, Mode: simulator.ModeCORS, Credentials: simulator.CredentialsInclude,
				Headers: []vectors.Pair{{"X-B", "2"}, {"Range", "bytes=0-5"}, {"X-C", "3"}}, Body: &vectors.Body{Text: "text"},
			}},
		},
	}
	hasRange := func(_ context.Context, candidate vectors.Vector) (bool, error) {
		for _, step := range candidate.Steps {
			for _, header := range step.Request.Headers {
				if header[0] == "Range" && header[1] == "bytes=0-5" && step.Request.Method != nil {
					return true, nil
				}
			}
		}
		return false, nil
	}
	small, err := fuzz.Shrink(t.Context(), big, hasRange)
	require.NoError(t, err)
	require.Equal(t, vectors.Vector{
		ID: "fuzz-x", Page: vectors.Page{URL: "https://app.example.com/", Headers: []vectors.Pair{}}, Origin: "https://app.example.com",
		Cookies: []vectors.Cookie{}, Exchanges: []vectors.Exchange{},
		Steps: []vectors.Step{{Request: &vectors.Request{URL: "https://api.example.com/x", Method: &method, Headers: []vectors.Pair{{"Range", "bytes=0-5"}}}}},
	}, normalized(small))
	require.Len(t, big.Steps, 2, "the case itself is left as it was")
}

// normalized has empty lists where copying by JSON leaves none.
func normalized(v vectors.Vector) vectors.Vector {
	if v.Page.Headers == nil {
		v.Page.Headers = []vectors.Pair{}
	}
	if v.Cookies == nil {
		v.Cookies = []vectors.Cookie{}
	}
	if v.Exchanges == nil {
		v.Exchanges = []vectors.Exchange{}
	}
	return v
}
