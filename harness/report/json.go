package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
)

// JSONSchema is the JSON Schema (draft 2020-12) of report.json.
//
//go:embed report.schema.json
var JSONSchema string

// UnknownSchemaError says that a file is not a report, or one of a version that this program does not know.
type UnknownSchemaError struct {
	// Path is the file, Found its "schema"; empty when it has none. Crosscheck is the version that wrote it.
	Path, Found, Crosscheck string
}

// Error says what was found, what was looked for, and what to do.
func (e *UnknownSchemaError) Error() string {
	family, _, _ := strings.Cut(Schema, "/")
	switch {
	case e.Found == "":
		return fmt.Sprintf("%s: no \"schema\" field, so not a report of crosscheck; expected %q", e.Path, Schema)
	case !strings.HasPrefix(e.Found, family+"/"):
		return fmt.Sprintf("%s: its schema is %q and not %q: name a report.json that crosscheck run has written", e.Path, e.Found, Schema)
	default:
		return fmt.Sprintf("%s: written in the format %q by crosscheck %s, and this version reads %q: read it with that crosscheck, or write it anew with this one",
			e.Path, e.Found, orNothing(e.Crosscheck), Schema)
	}
}

// WriteJSON writes the report as JSON, with every list and map present, empty or not.
func WriteJSON(out io.Writer, r Report) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r.complete())
}

// Read reads a report.json. A file with another schema is an *UnknownSchemaError.
// Fields that this version does not know are ignored: they are additions.
func Read(path string) (Report, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return Report{}, fmt.Errorf("report: %w", err)
	}
	var head struct {
		Schema     string `json:"schema"`
		Crosscheck string `json:"crosscheck"`
	}
	if err := json.Unmarshal(content, &head); err != nil {
		return Report{}, fmt.Errorf("report: %s is not a report of crosscheck: %w", path, err)
	}
	if head.Schema != Schema {
		return Report{}, fmt.Errorf("report: %w", &UnknownSchemaError{Path: path, Found: head.Schema, Crosscheck: head.Crosscheck})
	}
	var r Report
	if err := json.Unmarshal(content, &r); err != nil {
		return Report{}, fmt.Errorf("report: %s: %w", path, err)
	}
	return r, nil
}

// complete gives a copy in which no required list or map is nil. JSON's null
// in the place of an empty list breaks readers that iterate.
func (r Report) complete() Report {
	r.Schema = Schema
	r.Environment.Versions = presentMap(r.Environment.Versions)
	r.Scenarios = each(r.Scenarios, func(s *Scenario) {
		s.Tags = present(s.Tags)
		s.Steps = present(s.Steps)
		s.Requests = each(s.Requests, func(request *Request) {
			request.Browsers = each(request.Browsers, func(b *BrowserResult) {
				b.Outcome.Exchanges = present(b.Outcome.Exchanges)
				b.Transits = each(b.Transits, completeTransit)
			})
		})
	})
	return r
}

func completeTransit(transit *harness.Transit) {
	transit.RequestHeader = presentMap(transit.RequestHeader)
	transit.Hops = each(transit.Hops, func(hop *harness.HopResponse) {
		hop.Header = presentMap(hop.Header)
	})
}

// each changes a copy of every element; the list it gives is never nil.
func each[T any](list []T, change func(*T)) []T {
	list = present(slices.Clone(list))
	for i := range list {
		change(&list[i])
	}
	return list
}

func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func presentMap[M ~map[string]V, V any](m M) M {
	if m == nil {
		return M{}
	}
	return m
}
