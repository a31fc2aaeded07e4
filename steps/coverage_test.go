package steps_test

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/features"
	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/steps"
)

// TestOurScenariosAskForAllThatTheSimulatorCanDo holds the vocabulary, by the
// scenarios that use it, to the simulator: each field of a request and of a page is set by
// some scenario, and each value of its enumerations is used. What is new in the simulator needs a step.
func TestOurScenariosAskForAllThatTheSimulatorCanDo(t *testing.T) {
	plan, err := steps.Read(steps.Selection{Files: fstest.MapFS{"a.feature": {Data: requestsOf(t)}}, Paths: []string{"."}, Concurrency: 4})
	require.NoError(t, err)
	browser := &askedBrowser{used: map[string]bool{}}
	suite := &steps.Suite{Environment: &fakeEnvironment{}, Browsers: []harness.Browser{browser}}
	for _, result := range suite.Run(t.Context(), plan, nil) {
		require.Equal(t, report.Pass, result.Verdict, "%s: %s", result.Steps[1].Text, result.Message)
	}

	for _, structure := range []any{simulator.Request{}, simulator.Body{}, simulator.PageSpec{}} {
		kind := reflect.TypeOf(structure)
		for i := range kind.NumField() {
			field := kind.Name() + "." + kind.Field(i).Name
			require.True(t, browser.used[field], "no scenario sets %s", field)
		}
	}
	enumerations := enumerationsOf(t, "../simulator/request.go", "../simulator/page.go")
	require.Len(t, enumerations, 5)
	for name, values := range enumerations {
		for _, value := range values {
			require.True(t, browser.used[name+" "+value], "no scenario uses the %s %q", name, value)
		}
	}
}

// requestsOf is a feature with a scenario for each request of a page in our
// features, so that none depends on what came of those before it.
func requestsOf(t *testing.T) []byte {
	t.Helper()
	plan, err := steps.Read(steps.Selection{Files: features.FS(), Paths: []string{features.Root}})
	require.NoError(t, err)
	var text bytes.Buffer
	write := func(keyword string, step steps.PlannedStep) {
		fmt.Fprintf(&text, "    %s %s\n", keyword, step.Text)
		for _, row := range step.Table {
			fmt.Fprintf(&text, "      | %s |\n", strings.Join(row, " | "))
		}
	}
	text.WriteString("Feature: F\n")
	var page steps.PlannedStep
	for i, step := range plan.Steps() {
		switch definition := defining(step.Text)[0]; {
		case definition.Keyword == "Given" && strings.Contains(definition.Pattern, " page at "):
			page = step
		case definition.Keyword == "When" && strings.HasPrefix(step.Text, "the page "):
			fmt.Fprintf(&text, "  Scenario: %d\n", i)
			write("Given", page)
			write("When", step)
			text.WriteString("    Then the page can read the response\n")
		}
	}
	return text.Bytes()
}

// askedBrowser notes what it is asked for, and answers nothing.
type askedBrowser struct {
	mutex sync.Mutex
	used  map[string]bool
}

func (b *askedBrowser) Name() string    { return "asked" }
func (b *askedBrowser) Version() string { return "" }
func (b *askedBrowser) Close() error    { return nil }

func (b *askedBrowser) NewSession(context.Context, harness.Network) (harness.Session, error) {
	return askedSession{b}, nil
}

type askedSession struct{ *askedBrowser }

func (s askedSession) Fetch(_ context.Context, page simulator.PageSpec, request simulator.Request) (simulator.Outcome, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.note(reflect.ValueOf(page))
	s.note(reflect.ValueOf(request))
	if request.Body != nil {
		s.note(reflect.ValueOf(*request.Body))
	}
	return readable(request, 200), nil
}

// note records the fields that are set, and the values of enumerations.
func (s askedSession) note(value reflect.Value) {
	for i := range value.NumField() {
		field := value.Field(i)
		if !field.IsZero() {
			s.used[value.Type().Name()+"."+value.Type().Field(i).Name] = true
		}
		if field.Kind() == reflect.String {
			s.used[fmt.Sprintf("%s %s", field.Type().Name(), field)] = true
		}
	}
}

func (askedSession) SetCookie(context.Context, string, string) error { return nil }
func (askedSession) Wait(context.Context, time.Duration) error       { return nil }
func (askedSession) Restarts() int                                   { return 0 }
func (askedSession) Close() error                                    { return nil }

// enumerationsOf are the values of the typed string constants in source files, by type.
// What a zero value means is a value of its own: "" is asked for by every scenario.
func enumerationsOf(t *testing.T, files ...string) map[string][]string {
	t.Helper()
	defaults := []string{"cors", "same-origin", "follow", "fetch"}
	values := map[string][]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok || spec.Type == nil || len(spec.Values) != 1 {
				return true
			}
			literal, isLiteral := spec.Values[0].(*ast.BasicLit)
			kind, isNamed := spec.Type.(*ast.Ident)
			if !isLiteral || !isNamed {
				return true
			}
			value, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			if kind.Name != "Frame" && slices.Contains(defaults, value) && !(kind.Name == "Mode" && value == "same-origin") {
				value = ""
			}
			values[kind.Name] = append(values[kind.Name], value)
			return true
		})
	}
	return values
}
