package secret_test

import (
	"encoding/json"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/crosscheck-dev/crosscheck/harness/secret"
)

// encodings are those in which programs write text into other text.
var encodings = []func(string) string{
	url.QueryEscape, url.PathEscape, html.EscapeString,
	func(text string) string { quoted := strconv.Quote(text); return quoted[1 : len(quoted)-1] },
	func(text string) string {
		quoted, _ := json.Marshal(text)
		return string(quoted[1 : len(quoted)-1])
	},
	// A browser's URL parser in a query, and in a path.
	func(text string) string {
		return strings.NewReplacer(`"`, "%22", " ", "%20", "<", "%3C", ">", "%3E", "'", "%27").Replace(text)
	},
	func(text string) string {
		return strings.NewReplacer(`"`, "%22", " ", "%20", "{", "%7B", "}", "%7D", "`", "%60").Replace(text)
	},
}

func TestNoChainOfEncodingsShowsAValue(t *testing.T) {
	runes := rapid.RuneFrom([]rune("abcXYZ019-._~ \"'\\/%+&<>=:;,{}`$#?@!()[]|^*\t\néß€漢"), unicode.Latin)
	rapid.Check(t, func(t *rapid.T) {
		value := strings.TrimSpace(rapid.StringOfN(runes, secret.MinimumLength, 40, -1).Draw(t, "value"))
		if len(value) < secret.MinimumLength {
			t.Skip("too short")
		}
		values, err := secret.New(map[string]string{"TOKEN": value})
		require.NoError(t, err)
		shown := value
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(encodings)-1), 0, 3).Draw(t, "chain") {
			shown = encodings[i](shown)
		}
		require.Equal(t, "<${TOKEN}>", values.Redact("<"+shown+">"), shown)
	})
}
