package report

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/crosscheck-dev/crosscheck/harness"
)

// hopsWith gives hops that each answer with these values of one header.
func hopsWith(name string, values ...[]string) []harness.HopResponse {
	hops := make([]harness.HopResponse, len(values))
	for i := range values {
		hops[i] = harness.HopResponse{Hop: string(rune('a' + i)), Status: 200, Header: http.Header{}}
		if values[i] != nil {
			hops[i].Header[name] = values[i]
		}
	}
	return hops
}

func TestEveryHopIsSaidToHaveDoneWhatItDid(t *testing.T) {
	const acao = "Access-Control-Allow-Origin"
	for name, test := range map[string]struct {
		header string
		values [][]string
		want   []Action
	}{
		"set by the innermost hop and passed on":    {acao, [][]string{{"*"}, {"*"}, {"*"}}, []Action{ActionSet, ActionUnchanged, ActionUnchanged}},
		"set further out":                           {acao, [][]string{nil, nil, {"*"}}, []Action{ActionSet}},
		"replaced":                                  {acao, [][]string{{"*"}, {"https://a.example"}}, []Action{ActionSet, ActionReplaced}},
		"doubled with the same value":               {acao, [][]string{{"*"}, {"*", "*"}}, []Action{ActionSet, ActionAppended}},
		"doubled with another value in front":       {acao, [][]string{{"*"}, {"https://a.example", "*"}}, []Action{ActionSet, ActionAppended}},
		"doubled in one line":                       {acao, [][]string{{"*"}, {"*, *"}}, []Action{ActionSet, ActionAppended}},
		"lines joined are unchanged":                {"Vary", [][]string{{"Origin", "Accept"}, {"Origin, Accept"}}, []Action{ActionSet, ActionUnchanged}},
		"a list that lost a member is replaced":     {"Vary", [][]string{{"Origin, Accept"}, {"Accept"}}, []Action{ActionSet, ActionReplaced}},
		"longer, but without the member of before":  {"Vary", [][]string{{"Origin"}, {"Accept, Cookie"}}, []Action{ActionSet, ActionReplaced}},
		"a doubled value is counted":                {"Vary", [][]string{{"a, a"}, {"a, b, c"}}, []Action{ActionSet, ActionReplaced}},
		"dropped":                                   {acao, [][]string{{"*"}, nil, nil}, []Action{ActionSet, ActionDropped}},
		"dropped and set anew":                      {acao, [][]string{{"*"}, nil, {"*"}}, []Action{ActionSet, ActionDropped, ActionSet}},
		"set empty is set":                          {acao, [][]string{{""}, {"*"}}, []Action{ActionSet, ActionReplaced}},
		"no hop has it":                             {acao, [][]string{nil, nil}, nil},
		"no values are no header":                   {acao, [][]string{{}, {"*"}}, []Action{ActionSet}},
		"a header without a say is left out":        {"Content-Type", [][]string{{"text/plain"}}, nil},
		"names are compared without regard to case": {"access-control-allow-origin", [][]string{{"*"}, {"*"}}, []Action{ActionSet, ActionUnchanged}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []Action
			for _, event := range HeaderEvents(hopsWith(test.header, test.values...)) {
				require.Equal(t, http.CanonicalHeaderKey(test.header), event.Header)
				got = append(got, event.Action)
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestTheHeaderThatDecidesComesFirst(t *testing.T) {
	events := HeaderEvents([]harness.HopResponse{{Hop: "app", Header: http.Header{
		"Vary": {"Origin"}, "Access-Control-Allow-Credentials": {"true"}, "Access-Control-Allow-Origin": {"*"}, "Cross-Origin-Resource-Policy": {"same-site"},
	}}})
	var names []string
	for _, event := range events {
		names = append(names, event.Header)
	}
	require.Equal(t, []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Cross-Origin-Resource-Policy", "Vary"}, names)
}

func TestOnlyAHeaderOfOneValueCanBeDoubled(t *testing.T) {
	require.True(t, HeaderEvent{Header: allowOrigin, Action: ActionAppended}.Doubled())
	require.False(t, HeaderEvent{Header: "Vary", Action: ActionAppended}.Doubled())
	require.False(t, HeaderEvent{Header: allowOrigin, Action: ActionReplaced}.Doubled())
}

// The events are a complete account: replayed, they give every hop's header.
func TestTheEventsOfAHeaderReplayToWhatEachHopSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SampledFrom([]string{"*", "null", "https://a.example", "a, b", ""})
		lines := rapid.OneOf(rapid.Just[[]string](nil), rapid.SliceOfN(value, 1, 3))
		hops := hopsWith(allowOrigin, rapid.SliceOfN(lines, 0, 5).Draw(t, "hops")...)
		events := HeaderEvents(hops)
		var current []string
		for i, hop := range hops {
			if at := slices.IndexFunc(events, func(e HeaderEvent) bool { return e.Index == i }); at >= 0 {
				require.Equal(t, current, events[at].Before)
				require.Equal(t, hop.Hop, events[at].Hop)
				current = events[at].After
			}
			require.Equal(t, hop.Header[allowOrigin], current)
		}
	})
}
