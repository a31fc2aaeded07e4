package simulator

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestListsOfTokens(t *testing.T) {
	cases := []struct {
		values []string
		want   []string
		ok     bool
	}{
		{nil, nil, true},
		{[]string{""}, nil, true},
		{[]string{",,PUT,,"}, []string{"PUT"}, true},
		{[]string{" PUT\t, POST "}, []string{"PUT", "POST"}, true},
		{[]string{"PUT", "POST"}, []string{"PUT", "POST"}, true},
		{[]string{"*"}, []string{"*"}, true},
		{[]string{"PUT POST"}, nil, false},
		{[]string{"PUT; POST"}, nil, false},
		{[]string{`"PUT"`}, nil, false},
		{[]string{"PUT", "/"}, nil, false},
		{[]string{"PÜT"}, nil, false},
		{[]string{"PUT\v"}, nil, false},
	}
	for _, c := range cases {
		tokens, ok := extractList(c.values)
		require.Equal(t, c.ok, ok, c.values)
		require.Equal(t, c.want, tokens, c.values)
	}
}

func TestAListComesApartAsItWasPutTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tokens := rapid.SliceOf(rapid.StringMatching("[!#$%&'*+.^_`|~0-9A-Za-z-]+")).Draw(t, "tokens")
		separator := rapid.SampledFrom([]string{",", ", ", " ,\t", ",,"}).Draw(t, "separator")
		got, ok := extractList([]string{strings.Join(tokens, separator)})
		if !ok || strings.Join(got, ",") != strings.Join(tokens, ",") {
			t.Fatalf("%q came apart as %q, %v", tokens, got, ok)
		}
	})
}

func TestHeaderValuesAreSplitOutsideOfQuotes(t *testing.T) {
	cases := map[string][]string{
		"nosniff,":             {"nosniff", ""},
		"":                     {""},
		`text/html;", x/x`:     {`text/html;", x/x`},
		`x/x;test="hi",y/y`:    {`x/x;test="hi"`, "y/y"},
		"x / x,,,1":            {"x / x", "", "", "1"},
		`"1,2", 3`:             {`"1,2"`, "3"},
		`"a\"b,c", d`:          {`"a\"b,c"`, "d"},
		"a\\,b":                {"a\\", "b"},
		"\t TRACE \t, CHICKEN": {"TRACE", "CHICKEN"},
	}
	for value, want := range cases {
		require.Equal(t, want, splitHeaderValue(value), value)
	}
}
