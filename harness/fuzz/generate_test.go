package fuzz_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/crosscheck-dev/crosscheck/harness/fuzz"
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

func TestTheSameSeedAndIndexGiveTheSameCase(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seed, index := rapid.Uint64().Draw(t, "seed"), rapid.Uint64Range(0, 1<<40).Draw(t, "index")
		require.Equal(t, fuzz.Generate(seed, index), fuzz.Generate(seed, index))
	})
	require.NotEqual(t, fuzz.Generate(1, 7).Steps, fuzz.Generate(2, 7).Steps)
}

func TestACaseKeepsToURLsOfItsOwnAndToTheFormat(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		seed, index := rapid.Uint64Range(0, 1<<20).Draw(t, "seed"), rapid.Uint64Range(0, 1<<20).Draw(t, "index")
		c := fuzz.Generate(seed, index)
		for _, exchange := range c.Exchanges {
			require.Contains(t, exchange.When.URL, "/"+fuzz.Token(seed, index))
		}
		for i := range c.Steps {
			c.Steps[i].Expect = &vectors.Expect{Outcome: "success"}
		}
		c.Area, c.Spec = "acao", "CORS check"
		line, err := json.Marshal(c)
		require.NoError(t, err)
		parsed, err := vectors.Parse("case.jsonl", line)
		require.NoError(t, err)
		require.Len(t, parsed, 1)
	})
}

// TestTheCasesReachEveryReason: what the generator never leads to is never compared.
func TestTheCasesReachEveryReason(t *testing.T) {
	t.Parallel()
	const cases = 6000
	reached := map[simulator.ReasonCode]bool{}
	kinds := map[simulator.Kind]bool{}
	judge := fuzz.Simulator{Profile: simulator.Chromium}
	for index := range uint64(cases) {
		judged, err := judge.Judge(t.Context(), []vectors.Vector{fuzz.Generate(1, index)}, nil)
		require.NoError(t, err)
		for _, observation := range judged[0] {
			reached[observation.Outcome.Reason.Code] = true
			kinds[observation.Outcome.Kind] = true
		}
	}
	require.Len(t, kinds, 5)
	for _, code := range simulator.ReasonCodes() {
		switch code {
		case simulator.NoResponse, simulator.KeepaliveBodyTooLarge:
			// The one takes time, and cases have no name for keepalive.
		default:
			require.True(t, reached[code], code)
		}
	}
}
