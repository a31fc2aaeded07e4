package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteJUnit writes the report in the JUnit XML form that CI servers read: a
// testsuite for each feature, a testcase for each scenario.
func WriteJUnit(out io.Writer, r Report) error {
	suites := junitSuites{
		Name: "crosscheck", Tests: len(r.Scenarios), Time: seconds(r.Summary.DurationMS),
	}
	for _, feature := range r.features() {
		suite := junitSuite{
			Name: feature.Name, File: feature.File, Tests: len(feature.Scenarios),
			Skipped: feature.Summary.Skipped, Time: seconds(feature.Summary.DurationMS),
			Timestamp:  r.Started.UTC().Format(time.RFC3339),
			Properties: []junitProperty{{"environment", r.Environment.Name}},
		}
		for _, component := range sortedKeys(r.Environment.Versions) {
			suite.Properties = append(suite.Properties, junitProperty{component, r.Environment.Versions[component]})
		}
		for _, scenario := range feature.Scenarios {
			suite.Cases = append(suite.Cases, junitCaseOf(scenario))
			switch {
			case scenario.Verdict == EnvironmentError:
				suite.Errors++
			case scenario.failed():
				suite.Failures++
			}
		}
		suites.Failures += suite.Failures
		suites.Errors += suite.Errors
		suites.Skipped += suite.Skipped
		suites.Suites = append(suites.Suites, suite)
	}
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(out)
	encoder.Indent("", "  ")
	if err := encoder.Encode(suites); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}

func junitCaseOf(s Scenario) junitCase {
	result := junitCase{
		ClassName: s.File, Name: s.Name + exampleRow(s.ID), Time: seconds(s.DurationMS), File: s.File, Line: s.Line,
	}
	problem := &junitProblem{Message: firstLine(s.Message), Type: string(s.Verdict), Text: explanation(s)}
	switch s.Verdict {
	case Pass:
	case Skipped:
		result.Skipped = &junitSkipped{Message: s.Message}
	case EnvironmentError:
		result.Error = problem
	default:
		result.Failure = problem
	}
	if len(s.Requests) > 0 {
		var text strings.Builder
		for _, request := range s.Requests {
			writeVerdicts(&text, compare(s, request), painter{})
		}
		result.SystemOut = &junitText{text.String()}
	}
	return result
}

// explanation is the message, the steps that failed and are not told of there, and the advice.
func explanation(s Scenario) string {
	lines := []string{s.Message}
	for _, step := range s.Steps {
		if step.failed() && !strings.Contains(s.Message, step.Text) {
			lines = append(lines, fmt.Sprintf("%s:%d: %s %s", s.File, step.Line, step.Keyword, step.Text))
			if step.Message != "" && step.Message != s.Message {
				lines = append(lines, step.Message)
			}
		}
	}
	for _, request := range s.Requests {
		if request.Advice != "" {
			lines = append(lines, request.Text+": "+request.Advice)
		}
	}
	return strings.Join(lines, "\n")
}

// exampleRow gives " #2" for the second row of a scenario outline, whose rows
// share a name: CI servers merge test cases of one name.
func exampleRow(id string) string {
	if i := strings.LastIndexByte(id, '#'); i >= 0 && strings.Trim(id[i+1:], "0123456789") == "" {
		return " " + id[i:]
	}
	return ""
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// seconds writes milliseconds as JUnit's decimal seconds.
func seconds(ms int64) string { return fmt.Sprintf("%.3f", float64(ms)/1000) }

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	File       string          `xml:"file,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	ClassName string        `xml:"classname,attr"`
	Name      string        `xml:"name,attr"`
	Time      string        `xml:"time,attr"`
	File      string        `xml:"file,attr"`
	Line      int           `xml:"line,attr"`
	Skipped   *junitSkipped `xml:"skipped"`
	Failure   *junitProblem `xml:"failure"`
	Error     *junitProblem `xml:"error"`
	SystemOut *junitText    `xml:"system-out"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type junitText struct {
	Text string `xml:",chardata"`
}
