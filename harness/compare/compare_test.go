package compare

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

var update = flag.Bool("update", false, "write the golden files anew from what is written now")

const (
	app    = "https://app.example.com"
	orders = "https://api.example.com/orders"
)

// answer is how one request went, as a test describes it.
type answer struct {
	reason     simulator.ReasonCode
	status     int
	preflights int
	// header is the answer's; readable are its names that the page can read.
	header   http.Header
	readable []string
	url      string
	// ingress is the controller's version; no hops are known when it is empty.
	ingress string
}

func allowing(origin string) http.Header {
	return http.Header{"Access-Control-Allow-Origin": {origin}}
}

func (a answer) result(browser string) report.BrowserResult {
	outcome := simulator.Outcome{Kind: simulator.KindReadable, Status: a.status, URL: a.url, Header: http.Header{}}
	if a.reason != "" {
		outcome = simulator.Outcome{Kind: simulator.KindNetworkError, Reason: simulator.Reason{Code: a.reason}}
	}
	for _, name := range a.readable {
		outcome.Header[name] = []string{"x"}
	}
	request := http.Header{"Origin": {app}}
	result := report.BrowserResult{Browser: browser}
	for range a.preflights {
		outcome.Exchanges = append(outcome.Exchanges, simulator.Exchange{Kind: simulator.ExchangePreflight, Method: "OPTIONS", URL: orders, Status: 204, RequestHeader: request})
	}
	outcome.Exchanges = append(outcome.Exchanges, simulator.Exchange{
		Kind: simulator.ExchangeRequest, Method: "GET", URL: orders, Status: a.status, RequestHeader: request, ResponseHeader: a.header,
	})
	if a.ingress != "" {
		result.Transits = []harness.Transit{{Service: "API", Method: "GET", URL: orders, ReachedApp: true, Hops: []harness.HopResponse{
			{Hop: "app", Status: a.status}, {Hop: "ingress-nginx " + a.ingress, Status: a.status, Header: a.header},
		}}}
	}
	result.Outcome = outcome
	return result
}

func scenario(name string, verdict report.Verdict, answers ...answer) report.Scenario {
	s := report.Scenario{ID: "orders.feature:" + name, File: "orders.feature", Line: 3, Name: name, Verdict: verdict}
	for _, a := range answers {
		s.Requests = append(s.Requests, report.Request{Text: "GET " + orders, Browsers: []report.BrowserResult{
			{Browser: "simulator", Outcome: simulator.Outcome{Kind: simulator.KindAPIError}}, a.result("chrome"),
		}})
	}
	return s
}

func reportOf(t testing.TB, scenarios ...report.Scenario) *Report {
	t.Helper()
	made, err := Of(report.Report{Crosscheck: "v0.1.0", Environment: report.Environment{Name: "embedded"}, Scenarios: scenarios})
	require.NoError(t, err)
	return made
}

func kinds(c Comparison) []Kind {
	var found []Kind
	for _, change := range c.Changes {
		found = append(found, change.Kind)
	}
	return found
}

func TestWhatAChangeIsCalled(t *testing.T) {
	t.Parallel()
	const pass, fail = report.Pass, report.UnexpectedOutcome
	readable := answer{status: 200, header: allowing(app)}
	missing := answer{status: 200, reason: simulator.MissingAllowOriginHeader}
	down := answer{reason: simulator.ConnectionFailed}
	with := func(change func(*answer)) answer {
		changed := answer{status: 200, header: http.Header{"Access-Control-Allow-Origin": {app}, "Etag": {"x"}}}
		change(&changed)
		return changed
	}
	for name, test := range map[string]struct {
		was, is       answer
		before, after report.Verdict
		expected      []Kind
	}{
		"nothing":           {readable, readable, pass, pass, nil},
		"a page is refused": {readable, missing, pass, fail, []Kind{Broken}},
		"a page is refused that was refused before": {missing, missing, pass, pass, nil},
		"a page is let in":                          {missing, readable, pass, fail, []Kind{NewlyAllowed}},
		"a page is let in that was to be":           {missing, readable, fail, pass, []Kind{Fixed}},
		"a page is refused that was to be":          {readable, missing, fail, pass, []Kind{Fixed}},
		"a page is let in where all fails anyway":   {missing, readable, fail, fail, []Kind{NewlyAllowed}},
		"another reason":                            {missing, answer{status: 200, reason: simulator.AllowOriginMismatch, header: allowing("https://a.test")}, pass, fail, []Kind{ReasonChanged}},
		"an app that is up again":                   {down, readable, pass, fail, []Kind{AnswerChanged}},
		"an app that is up again as it should":      {down, readable, fail, pass, []Kind{Fixed}},
		"a preflight":                               {readable, with(func(a *answer) { a.preflights = 1; a.header = allowing(app) }), pass, pass, []Kind{MorePreflights}},
		"no preflight":                              {answer{status: 200, preflights: 2, header: allowing(app)}, readable, pass, pass, []Kind{FewerPreflights}},
		"a preflight in a scenario that is fixed":   {missing, with(func(a *answer) { a.preflights = 1 }), fail, pass, []Kind{MorePreflights, Fixed}},
		"an error":           {readable, answer{status: 503, header: allowing(app)}, pass, fail, []Kind{Broken}},
		"an error's end":     {answer{status: 503, header: allowing(app)}, readable, pass, fail, []Kind{AnswerChanged}},
		"a header is hidden": {with(func(a *answer) { a.readable = []string{"Etag"} }), with(func(*answer) {}), pass, fail, []Kind{Broken}},
		"a header is gone":   {with(func(a *answer) { a.readable = []string{"Etag"} }), readable, pass, fail, []Kind{Broken}},
		"a header is shown":  {with(func(*answer) {}), with(func(a *answer) { a.readable = []string{"Etag"} }), pass, fail, []Kind{NewlyAllowed}},
		"a header is new":    {readable, with(func(a *answer) { a.readable = []string{"Etag"} }), pass, pass, []Kind{AnswerChanged}},
		"the date":           {with(func(a *answer) { a.readable = []string{"Date"} }), with(func(*answer) {}), pass, pass, nil},
		"another URL":        {answer{status: 200, url: orders}, answer{status: 200, url: orders + "/"}, pass, fail, []Kind{AnswerChanged}},
		"every origin":       {readable, answer{status: 200, header: allowing("*")}, pass, pass, []Kind{NewlyAllowed}},
		"every origin, though this page is refused": {readable, answer{status: 200, reason: simulator.WildcardOriginNotAllowed, header: allowing("*")}, pass, fail, []Kind{NewlyAllowed, Broken}},
		"other headers":                   {readable, answer{status: 200, header: http.Header{"Access-Control-Allow-Origin": {app}, "Vary": {"Origin"}}}, pass, pass, []Kind{HeadersChanged}},
		"a verdict alone, for the worse":  {readable, readable, pass, fail, []Kind{Broken}},
		"a verdict alone, for the better": {readable, readable, fail, pass, []Kind{Fixed}},
		"a prediction that was wrong":     {readable, readable, pass, report.SimulatorMismatch, nil},
		"not run":                         {readable, readable, pass, report.Skipped, []Kind{NotRun}},
		"run again":                       {readable, readable, report.EnvironmentError, pass, []Kind{NewlyRun}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := Reports(reportOf(t, scenario("s", test.before, test.was)), reportOf(t, scenario("s", test.after, test.is)), nil)
			require.Equal(t, test.expected, kinds(c))
			unexpected := 0
			for _, kind := range test.expected {
				if !kind.Welcome() {
					unexpected++
				}
			}
			require.Equal(t, unexpected, c.Unexpected)
		})
	}
}

func TestScenariosAreMatchedByTheirIDs(t *testing.T) {
	t.Parallel()
	fine := answer{status: 200}
	c := Reports(
		reportOf(t, scenario("moved", report.Pass, fine), scenario("gone", report.Pass, fine), scenario("asleep", report.Skipped)),
		reportOf(t, scenario("asleep", report.Skipped), scenario("new", report.Pass, fine), scenario("moved", report.Pass, fine)), nil)
	require.Equal(t, []Kind{Removed, Added}, kinds(c))
	require.Equal(t, 1, c.Compared)
	require.Equal(t, 1, c.Unchanged)
	require.Equal(t, 1, c.NotRun)
	require.Equal(t, 1, c.Unexpected)
}

func TestARequestThatIsNoLongerMadeIsTold(t *testing.T) {
	t.Parallel()
	fine := answer{status: 200}
	c := Reports(reportOf(t, scenario("s", report.UnexpectedOutcome, fine, fine)), reportOf(t, scenario("s", report.UnexpectedOutcome, fine)), nil)
	require.Equal(t, []Kind{NotRun}, kinds(c))
}

func TestAPredictionIsComparedWithAPredictionUnlessBothHaveABrowser(t *testing.T) {
	t.Parallel()
	predicted := report.Request{Browsers: []report.BrowserResult{{Browser: "simulator", Outcome: simulator.Outcome{Kind: simulator.KindAPIError}}}}
	both := scenario("s", report.Pass, answer{status: 200})
	alone := scenario("s", report.Pass)
	alone.Requests = []report.Request{predicted}
	require.Empty(t, Reports(reportOf(t, alone), reportOf(t, both), nil).Changes)

	observed := scenario("s", report.Pass, answer{status: 200})
	observed.Requests[0].Browsers = observed.Requests[0].Browsers[1:]
	require.Equal(t, []Kind{NewlyAllowed}, kinds(Reports(reportOf(t, alone), reportOf(t, observed), nil)), "no browser made both: the best of each counts")
}

func TestEveryRealBrowserIsCompared(t *testing.T) {
	t.Parallel()
	with := func(chrome, firefox answer) *Report {
		s := scenario("s", report.Pass, chrome)
		s.Requests[0].Browsers = append(s.Requests[0].Browsers, firefox.result("firefox"))
		return reportOf(t, s)
	}
	readable, refused := answer{status: 200}, answer{status: 200, reason: simulator.MissingAllowOriginHeader}
	one := Reports(with(readable, readable), with(readable, refused), nil)
	require.Equal(t, []Kind{Broken}, kinds(one))
	require.Equal(t, "firefox", one.Changes[0].Browser)
	both := Reports(with(readable, readable), with(refused, refused), nil)
	require.Equal(t, []Kind{Broken}, kinds(both))
	require.Equal(t, "chrome, firefox", both.Changes[0].Browser)
}

// upgraded are two reports with a change of every kind that a text shows.
func upgraded(t testing.TB) (before, after *Report) {
	ingress := []report.Step{
		{Keyword: "Given", Text: `an API at "https://api.example.com" that knows nothing about CORS`},
		{Keyword: "Given", Text: "its Ingress has the annotations", Table: [][]string{{"enable-cors", "true"}, {"cors-allow-origin", app + ", https://bad_host.example.com"}}},
	}
	opened := http.Header{"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Credentials": {"true"}}
	was := scenario("The page reads its orders", report.Pass, answer{status: 200, header: allowing(app), ingress: "v1.11.0"})
	is := scenario("The page reads its orders", report.UnexpectedOutcome, answer{status: 200, reason: simulator.WildcardOriginNotAllowed, header: opened, ingress: "v1.15.1"})
	was.Steps, is.Steps = ingress, ingress
	is.Message = "the page cannot read the response"
	first := []report.Scenario{
		was,
		scenario("The page asks first", report.Pass, answer{status: 200}),
		scenario("The page is on time", report.UnexpectedOutcome, answer{reason: simulator.NoResponse}),
		scenario("Gone", report.Pass, answer{status: 200}),
	}
	second := []report.Scenario{
		is,
		scenario("The page asks first", report.Pass, answer{status: 200, preflights: 1}),
		scenario("The page is on time", report.Pass, answer{status: 200}),
		scenario("New\x1b[31m", report.Pass, answer{status: 200}),
	}
	return reportOf(t, first...), reportOf(t, second...)
}

func TestTheTextIsWhatTheGoldenFileHolds(t *testing.T) {
	before, after := upgraded(t)
	after.Environment.Versions = map[string]string{"ingress-nginx": "v1.15.1"}
	before.Environment.Versions = map[string]string{"ingress-nginx": "v1.11.0"}
	before.Path, after.Path = "before/report.json", "after/report.json"
	allowed := readList(t, "- scenario: orders.feature:The page asks*\n  change: more-preflights\n  because: OPS-12\n- scenario: nothing\n  change: broken\n  because: gone\n")
	c := Reports(before, after, allowed)
	for file, write := range map[string]func(*bytes.Buffer) error{
		"comparison.txt":  func(out *bytes.Buffer) error { return WriteText(out, c) },
		"comparison.json": func(out *bytes.Buffer) error { return WriteJSON(out, c) },
	} {
		var out bytes.Buffer
		require.NoError(t, write(&out))
		path := filepath.Join("testdata", file)
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(path, out.Bytes(), 0o644))
		}
		golden, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(golden), out.String(), "if the change is meant: go test ./harness/compare -update")
	}
}

func TestTheWayBackIsExplainedToo(t *testing.T) {
	t.Parallel()
	before, after := upgraded(t)
	c := Reports(after, before, nil)
	require.Equal(t, Broken, c.Changes[0].Kind)
	for _, change := range c.Changes {
		if change.Name == "The page reads its orders" {
			require.Equal(t, "v1.12.0", change.Explanations[0].Version)
			require.True(t, change.Explanations[0].Undone)
			return
		}
	}
	require.Fail(t, "the change is not there")
}

func readList(t testing.TB, text string) AllowList {
	t.Helper()
	path := filepath.Join(t.TempDir(), "accepted.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	list, err := ReadAllowList(path)
	require.NoError(t, err)
	return list
}

func TestAnAllowListAcceptsWhatItNames(t *testing.T) {
	t.Parallel()
	readable, missing := answer{status: 200}, answer{status: 200, reason: simulator.MissingAllowOriginHeader}
	before, after := reportOf(t, scenario("s", report.Pass, readable)), reportOf(t, scenario("s", report.UnexpectedOutcome, missing))
	for text, accepted := range map[string]bool{
		"scenario: orders.feature:s\n  change: broken":                             true,
		"scenario: orders.*\n  change: broken":                                     true,
		"scenario: '*'\n  change: broken\n  request: GET " + orders:                true,
		"scenario: '*'\n  change: broken\n  request: PUT " + orders:                false,
		"scenario: orders.feature:s\n  change: newly-allowed":                      false,
		"scenario: ordersXfeature:s\n  change: broken":                             false,
		"scenario: orders.feature\n  change: broken":                               false,
		"scenario: orders.feature:s\n  change: broken\n  request: GET " + orders:   true,
		"scenario: orders.feature:s and more\n  change: broken\n  request: GET x ": false,
	} {
		c := Reports(before, after, readList(t, "- "+text+"\n  because: looked at\n"))
		require.Equal(t, accepted, c.Accepted == 1, text)
		require.Equal(t, accepted, c.Unexpected == 0, text)
		require.Equal(t, accepted, len(c.Unused) == 0, text)
	}
	require.Empty(t, readList(t, ""))
}

func TestAnAllowListThatIsWrongSaysWhere(t *testing.T) {
	t.Parallel()
	for text, expected := range map[string]string{
		"- scenario: a\n  chnge: broken\n":                                  ":2:3: unknown field \"chnge\"",
		"scenario: a\n":                                                     "mapping was used where sequence is expected",
		"- scenario: a\n  change: brokn\n  because: x\n":                    ":1:3: change is \"brokn\": write one of newly-allowed, broken",
		"- scenario: a\n  change: fixed\n  because: x\n":                    ":1:3: change is \"fixed\"",
		"# one\n- scenario: a\n  change: broken\n":                          ":2:3: the entry does not say why",
		"- change: broken\n  because: x\n":                                  ":1:3: the entry has no scenario",
		"- scenario: [\n":                                                   ":1:13: ",
		"- scenario: a\n  change: broken\n  because: x\n---\n- scenario: b": "more than one document",
	} {
		path := filepath.Join(t.TempDir(), "accepted.yaml")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := ReadAllowList(path)
		var invalid *InvalidAllowList
		require.ErrorAs(t, err, &invalid, text)
		require.ErrorContains(t, err, path+":")
		require.ErrorContains(t, err, expected)
	}
	_, err := ReadAllowList("nowhere.yaml")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAFileThatIsNoReportSaysWhy(t *testing.T) {
	t.Parallel()
	for text, expected := range map[string]string{
		`{"schema": "crosscheck.report/v2", "crosscheck": "v9.1.0", "scenarios": []}`:           "written in the format crosscheck.report/v2 by crosscheck v9.1.0; this version reads crosscheck.report/v1 and older",
		`{"schema": "crosscheck.report/v7", "crosscheck": "v9.1.0", "scenarios": {"by": "id"}}`: "compare with the newer crosscheck",
		`{"schema": "crosscheck.report/vX"}`:                                                    "its schema is",
		`{"schema": "crosscheck.explain/v1"}`:                                                   "its schema is",
		`{"name": "x"}`:                                                                         "it has no \"schema\"",
		"{\n  \"schema\": nil":                                                                  ":2:13: ",
		`{"schema": "crosscheck.report/v1", "scenarios": [{"id": "a"`:                           "it ends in the middle",
		``: "it ends in the middle",
		`{"schema": "crosscheck.report/v1", "scenarios": [{"id": "a"}, {"id": "a"}]}`: "\"a\" is empty or there twice",
		"{\"schema\": \"crosscheck.report/v1\",\n\"scenarios\": [{\"id\": 1}]}":       ":2:",
	} {
		path := filepath.Join(t.TempDir(), "report.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := Read(path)
		require.ErrorContains(t, err, expected, text)
		require.ErrorContains(t, err, path)
	}
	_, err := Read("nowhere.json")
	require.ErrorIs(t, err, os.ErrNotExist)
}

// A report of another version of crosscheck may have more than we know, and less.
func TestWhatAReportHasBeyondIsNoTrouble(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"schema": "crosscheck.report/v1", "future": 1, "scenarios": [
		{"id": "a", "verdict": "pass", "steps": "in words", "requests": [{"text": "GET /", "browsers": [
			{"browser": "firefox", "transits": {"by": "hop"}, "outcome": {"kind": "readable", "status": 200, "header": [["a", "b"]], "exchanges": null}}]}]}]}`), 0o600))
	read, err := Read(path)
	require.NoError(t, err)
	require.Empty(t, Reports(read, read, nil).Changes)
	other := *read
	other.Scenarios = []Scenario{read.Scenarios[0]}
	other.Scenarios[0].Requests = []request{{Text: "GET /", Browsers: []result{{Browser: "firefox", Outcome: outcome{Kind: simulator.KindNetworkError}}}}}
	require.Equal(t, []Kind{Broken}, kinds(Reports(read, &other, nil)))
}

// The goal: two reports with 10,000 scenarios in less than 2 s, reading included.
func BenchmarkTenThousandScenarios(b *testing.B) {
	var scenarios [2][]report.Scenario
	for i := range 10_000 {
		name := fmt.Sprintf("scenario %d", i)
		was := answer{status: 200, preflights: i % 2, header: allowing(app), ingress: "v1.11.0"}
		is := was
		is.ingress = "v1.15.1"
		if i%10 == 0 {
			is.header = allowing("*")
		}
		scenarios[0] = append(scenarios[0], traced(scenario(name, report.Pass, was)))
		scenarios[1] = append(scenarios[1], traced(scenario(name, report.Pass, is)))
	}
	var paths [2]string
	size := int64(0)
	for i := range paths {
		paths[i] = filepath.Join(b.TempDir(), "report.json")
		var content bytes.Buffer
		require.NoError(b, report.WriteJSON(&content, report.Report{Scenarios: scenarios[i]}))
		require.NoError(b, os.WriteFile(paths[i], content.Bytes(), 0o600))
		size += int64(content.Len())
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		before, err := Read(paths[0])
		require.NoError(b, err)
		after, err := Read(paths[1])
		require.NoError(b, err)
		require.Equal(b, 1000, Reports(before, after, nil).Counts[NewlyAllowed])
	}
}

// traced gives a scenario the weight of a real one.
func traced(s report.Scenario) report.Scenario {
	for range 8 {
		s.Steps = append(s.Steps, report.Step{Keyword: "Given", Text: `an API at "https://api.example.com" that knows nothing about CORS`, Status: report.StepPassed})
		for i := range s.Requests {
			s.Requests[i].Browsers[1].Outcome.Trace = append(s.Requests[i].Browsers[1].Outcome.Trace, simulator.Step{
				Algorithm: "CORS check", Number: "7", URL: "https://fetch.spec.whatwg.org/#concept-cors-check", Text: "success: Access-Control-Allow-Origin is there and as it should be",
			})
		}
	}
	return s
}

func TestTheJSONFormHasNoNullLists(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, WriteJSON(&out, Reports(reportOf(t), reportOf(t), nil)))
	var fields map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &fields))
	require.Equal(t, []any{}, fields["changes"])
	require.Equal(t, []any{}, fields["unused_entries"])
	require.Equal(t, Schema, fields["schema"])
}
