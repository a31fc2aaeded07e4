package chrome_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/simulated"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// comparedHeaders are the request headers that pages, initiators and jars determine.
var comparedHeaders = []string{
	"Accept", "Access-Control-Request-Headers", "Authorization", "Access-Control-Request-Method", "Cache-Control", "Content-Type", "Cookie",
	"Origin", "Pragma", "Referer", "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site",
}

// told is what an outcome tells, one field a line.
func told(outcome simulator.Outcome) []string {
	upload := "none"
	if outcome.UploadEvents != nil {
		upload = fmt.Sprint(*outcome.UploadEvents)
	}
	lines := []string{
		"kind " + string(outcome.Kind), "type " + string(outcome.Type), "reason " + outcome.Reason.String(),
		fmt.Sprint("status ", outcome.Status), "url " + outcome.URL, "body " + string(outcome.Body),
		"upload events " + upload, fmt.Sprint("timing ", outcome.TimingAllowed),
	}
	for _, name := range []string{"Content-Type", "Content-Length", "Content-Range", "Etag"} {
		lines = append(lines, "reads "+name+" "+strings.Join(outcome.Header.Values(name), "; "))
	}
	for _, exchange := range outcome.Exchanges {
		lines = append(lines, fmt.Sprintf("%s %s %s %d", exchange.Kind, exchange.Method, exchange.URL, exchange.Status))
		for _, name := range comparedHeaders {
			value := strings.Join(exchange.RequestHeader.Values(name), "; ")
			if boundary := strings.Index(value, "; boundary="); boundary >= 0 {
				// Every engine makes up its own.
				value = value[:boundary]
			}
			lines = append(lines, "  "+name+": "+value)
		}
	}
	return lines
}

// sideBySide is a session in the simulator and one in Chrome.
type sideBySide struct {
	predictor, observer harness.Session
	page                simulator.PageSpec
}

// inBoth begins the sessions, for a page.
func inBoth(t *testing.T, network harness.Network, page simulator.PageSpec) sideBySide {
	t.Helper()
	predictor, err := simulated.New(simulator.Chromium, "simulator", authority.Pool()).NewSession(t.Context(), network)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, predictor.Close()) })
	return sideBySide{predictor: predictor, observer: session(t, network), page: page}
}

// setCookie sets a cookie that goes wherever one can.
func (b sideBySide) setCookie(t *testing.T, url string) {
	t.Helper()
	for _, s := range []harness.Session{b.predictor, b.observer} {
		require.NoError(t, s.SetCookie(t.Context(), url, "id=7; Path=/; Secure; SameSite=None"))
	}
}

// agree makes the request in both, and compares all that they tell.
func (b sideBySide) agree(t *testing.T, request simulator.Request) simulator.Outcome {
	t.Helper()
	predicted, err := b.predictor.Fetch(t.Context(), b.page, request)
	require.NoError(t, err)
	observed, err := b.observer.Fetch(t.Context(), b.page, request)
	require.NoError(t, err)
	require.Equal(t, told(predicted), told(observed), "%+v", request)
	return observed
}
