package compare

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// AllowList is a file of changes that somebody has looked at and accepted:
//
//   - scenario: features/upgrade.feature:the-page-reads-an-order
//     change: reason-changed
//     because: the ingress answers in the app's stead since v1.15.1, see OPS-12
//   - scenario: features/legacy/*
//     change: more-preflights
//     because: legacy pages are slow anyway
type AllowList []Entry

// Entry accepts changes of one kind in some scenarios.
type Entry struct {
	// Scenario is a scenario's id, in which * stands for any characters.
	Scenario string `json:"scenario" yaml:"scenario"`
	// Change is the kind that is accepted.
	Change Kind `json:"change" yaml:"change"`
	// Request is the request's text as a comparison shows it; all of the scenario's when empty.
	Request string `json:"request,omitempty" yaml:"request"`
	// Because says why, to whoever reads the file next.
	Because string `json:"because" yaml:"because"`
	// Line is where the entry stands in the file.
	Line int `json:"line" yaml:"-"`

	pattern *regexp.Regexp
}

// matches tells whether the entry accepts a change.
func (e Entry) matches(change Change) bool {
	return e.Change == change.Kind && (e.Request == "" || e.Request == change.Request) && e.pattern.MatchString(change.Scenario)
}

// InvalidAllowList says where an allow-list is wrong, and how it is written.
type InvalidAllowList struct {
	Path         string
	Line, Column int
	Reason       string
}

// Error gives file, line, column and reason.
func (e *InvalidAllowList) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.Path, e.Line, e.Column, e.Reason)
}

// ReadAllowList reads an allow-list. What is wrong in it is an *InvalidAllowList.
func ReadAllowList(path string) (AllowList, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the allow-list: %w", err)
	}
	var entries []Entry
	decoder := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict())
	if err := decoder.Decode(&entries); err != nil && !errors.Is(err, io.EOF) {
		return nil, notYAML(path, err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, &InvalidAllowList{Path: path, Line: 1, Column: 1, Reason: "it has more than one document: write one list"}
	}
	list := make(AllowList, 0, len(entries))
	places := entryPlaces(content)
	for i, entry := range entries {
		line, column := 1, 1
		if i < len(places) {
			line, column = places[i].Line, places[i].Column
		}
		entry.Line = line
		if reason := entry.check(); reason != "" {
			return nil, &InvalidAllowList{Path: path, Line: line, Column: column, Reason: reason}
		}
		pieces := strings.Split(entry.Scenario, "*")
		for j := range pieces {
			pieces[j] = regexp.QuoteMeta(pieces[j])
		}
		entry.pattern = regexp.MustCompile("^" + strings.Join(pieces, ".*") + "$")
		list = append(list, entry)
	}
	return list, nil
}

// entryPlaces are where the entries of a YAML list begin.
func entryPlaces(content []byte) []*token.Position {
	file, err := parser.ParseBytes(content, 0)
	if err != nil || len(file.Docs) == 0 {
		return nil
	}
	list, ok := file.Docs[0].Body.(*ast.SequenceNode)
	if !ok {
		return nil
	}
	var places []*token.Position
	for _, entry := range list.Values {
		first := entry.GetToken()
		if mapping, ok := entry.(*ast.MappingNode); ok && len(mapping.Values) > 0 {
			// A mapping's own token is the colon of its first key.
			first = mapping.Values[0].Key.GetToken()
		}
		places = append(places, first.Position)
	}
	return places
}

// check says what is wrong with an entry; "" when nothing is.
func (e Entry) check() string {
	var allowed []string
	for _, kind := range Kinds() {
		if !kind.Welcome() {
			allowed = append(allowed, string(kind))
		}
	}
	switch {
	case e.Scenario == "":
		return "the entry has no scenario: write a scenario's id, with * for any characters"
	case !slices.Contains(allowed, string(e.Change)):
		return fmt.Sprintf("change is %q: write one of %s", e.Change, strings.Join(allowed, ", "))
	case strings.TrimSpace(e.Because) == "":
		return "the entry does not say why: write because"
	}
	return ""
}

// notYAML turns the parser's error into ours.
func notYAML(path string, err error) error {
	problem := &InvalidAllowList{Path: path, Line: 1, Column: 1, Reason: err.Error()}
	var located yaml.Error
	if errors.As(err, &located) {
		problem.Reason = located.GetMessage() + ": write a list of entries with scenario, change, because and, if you like, request"
		if token := located.GetToken(); token != nil && token.Position != nil {
			problem.Line, problem.Column = token.Position.Line, token.Position.Column
		}
	}
	return problem
}
