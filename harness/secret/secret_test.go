package secret_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/harness/secret"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

const token = `hunter2/"top" secret`

func values(t *testing.T) *secret.Values {
	t.Helper()
	v, err := secret.New(map[string]string{"TOKEN": token + "\n", "LOGIN": "Basic " + base64.StdEncoding.EncodeToString([]byte("ada:correct horse"))})
	require.NoError(t, err)
	return v
}

func TestAValueGoesInByItsNameAndComesOutInEveryForm(t *testing.T) {
	v := values(t)
	expanded, err := v.Expand("Bearer ${TOKEN}")
	require.NoError(t, err)
	require.Equal(t, "Bearer "+token, expanded, "without the line's end")
	encoded, err := json.Marshal(token)
	require.NoError(t, err)
	for _, form := range []string{
		token, url.QueryEscape(token), url.PathEscape(token), string(encoded), fmt.Sprintf("%q", token),
		base64.StdEncoding.EncodeToString([]byte(token)), html.EscapeString(token), fmt.Sprintf("%q", encoded), fmt.Sprintf("%q", fmt.Sprintf("%q", encoded)),
		"hunter2/%22top%22%20secret", "hunter2%252F%2522top%2522%2520secret", `hunter2/&quot;top&quot; secret`, `hunter2\/\u0022top\u0022 secret`, url.QueryEscape(string(encoded)),
	} {
		shown := v.Redact("<" + form + ">")
		require.Contains(t, shown, "${TOKEN}", form)
		require.NotContains(t, shown, "hunter2")
	}
	require.Equal(t, "${LOGIN} and ${LOGIN}", v.Redact("ada:correct horse and correct horse"))
}

func TestANameWithoutAValueIsAnError(t *testing.T) {
	_, err := values(t).Expand("Bearer ${TOKN}")
	require.ErrorContains(t, err, "there is no secret ${TOKN}")
}

func TestAValueThatIsFoundEverywhereIsRefusedWithoutBeingSaid(t *testing.T) {
	_, err := secret.New(map[string]string{"PIN": "4711"})
	require.ErrorContains(t, err, "the secret PIN has 4 bytes")
	require.NotContains(t, err.Error(), "4711")
}

func TestNothingOfAResultKeepsAValue(t *testing.T) {
	v := values(t)
	scenario := report.Scenario{Message: "got " + token, Requests: []report.Request{{
		Request: simulator.Request{URL: "https://api.example.com/?t=" + url.QueryEscape(token), Headers: []simulator.Field{{Name: "Authorization", Value: token}}},
		Browsers: []report.BrowserResult{{Outcome: simulator.Outcome{
			Body:      []byte(`{"echo":` + fmt.Sprintf("%q", token) + `}`),
			Exchanges: []simulator.Exchange{{RequestHeader: http.Header{"Cookie": {"session=" + token}, token: {"a name"}}}},
			Trace:     []simulator.Step{{Text: token}},
		}}},
	}}}
	v.RedactAll(&scenario)
	written, err := json.Marshal(scenario)
	require.NoError(t, err)
	require.NotContains(t, string(written), "hunter2")
	outcome := scenario.Requests[0].Browsers[0].Outcome
	require.Equal(t, `{"echo":"${TOKEN}"}`, string(outcome.Body))
	require.Equal(t, []string{"session=${TOKEN}"}, outcome.Exchanges[0].RequestHeader["Cookie"])
}

func TestARedactedErrorIsStillTheSame(t *testing.T) {
	err := values(t).RedactError(fmt.Errorf("ask %s: %w", token, fs.ErrNotExist))
	require.Equal(t, "ask ${TOKEN}: file does not exist", err.Error())
	require.True(t, errors.Is(err, fs.ErrNotExist))
}

func TestNoSecretsLeaveEverythingAsItIs(t *testing.T) {
	var none *secret.Values
	expanded, err := none.Expand("${TOKEN}")
	require.NoError(t, err)
	require.Equal(t, "${TOKEN}", expanded)
	require.Equal(t, token, none.Redact(token))
	none.RedactAll(&expanded)
}
