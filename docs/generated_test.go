package docs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/steps"
)

// region is a part of a page that is made from the code.
var region = regexp.MustCompile(`(?s)<!-- generated: ([^\n]*) -->\n.*?<!-- end -->`)

// holdGenerated compares the generated parts of a page with what they should
// be, by name; with -update, they are written. Each has to be in the page once.
func holdGenerated(t *testing.T, name string, parts map[string]string) {
	t.Helper()
	p := read(t, name)
	var found []string
	made := region.ReplaceAllStringFunc(p.text, func(old string) string {
		part := region.FindStringSubmatch(old)[1]
		require.Contains(t, parts, part, "%s has a part that nothing makes: remove it", name)
		found = append(found, part)
		return fmt.Sprintf("<!-- generated: %s -->\n\n%s\n\n<!-- end -->", part, strings.TrimSpace(parts[part]))
	})
	for part := range parts {
		count := len(slices.DeleteFunc(slices.Clone(found), func(other string) bool { return other != part }))
		require.Equal(t, 1, count, "%s needs the lines <!-- generated: %s --> and <!-- end --> once, where that part is to stand", name, part)
	}
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(made), 0o644))
		return
	}
	require.Equal(t, made, p.text, "%s is not what the code says: go test ./docs -update writes it anew", name)
}

func TestTheVocabularyIsThatOfTheCode(t *testing.T) {
	topics := map[string]string{}
	for _, definition := range steps.Vocabulary() {
		topics[definition.Topic] += strings.Join(definition.Examples, "\n") + "\n"
	}
	for topic, examples := range topics {
		topics[topic] = "```gherkin\n" + examples + "```"
	}
	holdGenerated(t, "docs/vocabulary.md", topics)
}

// schema is the part of JSON Schema that report.schema.json is written in.
type schema struct {
	Ref         string             `json:"$ref"`
	Type        string             `json:"type"`
	Const       string             `json:"const"`
	Enum        []string           `json:"enum"`
	Format      string             `json:"format"`
	Description string             `json:"description"`
	Required    []string           `json:"required"`
	Properties  map[string]*schema `json:"properties"`
	Items       *schema            `json:"items"`
	Values      *schema            `json:"-"`
	Definitions map[string]*schema `json:"$defs"`
}

// UnmarshalJSON reads additionalProperties too, which is false or a schema.
func (s *schema) UnmarshalJSON(content []byte) error {
	type plain schema
	if err := json.Unmarshal(content, (*plain)(s)); err != nil {
		return err
	}
	var rest struct {
		Values json.RawMessage `json:"additionalProperties"`
	}
	if err := json.Unmarshal(content, &rest); err != nil || len(rest.Values) == 0 || rest.Values[0] != '{' {
		return err
	}
	s.Values = &schema{}
	return json.Unmarshal(rest.Values, s.Values)
}

// TestTheFieldsOfTheReportAreThoseOfItsSchema: that the schema is the Go types', a test of harness/report holds.
func TestTheFieldsOfTheReportAreThoseOfItsSchema(t *testing.T) {
	var all schema
	require.NoError(t, json.Unmarshal([]byte(report.JSONSchema), &all))
	parts := map[string]string{"report": all.table(t, "report")}
	for name, definition := range all.Definitions {
		if definition.Properties != nil {
			parts[name] = definition.table(t, name)
		}
	}
	holdGenerated(t, "docs/report.md", parts)
}

// table has a row for each field; objects within a field are told by their path.
func (s *schema) table(t *testing.T, name string) string {
	var rows strings.Builder
	rows.WriteString("| field | value | always | meaning |\n|---|---|---|---|\n")
	s.rows(t, &rows, name, "")
	return rows.String()
}

func (s *schema) rows(t *testing.T, rows *strings.Builder, name, prefix string) {
	var fields []string
	for field := range s.Properties {
		fields = append(fields, field)
	}
	// What is always there first, in the schema's order, which is the file's.
	slices.SortFunc(fields, func(a, b string) int {
		if x, y := s.position(a), s.position(b); x != y {
			return x - y
		}
		return strings.Compare(a, b)
	})
	for _, field := range fields {
		value := s.Properties[field]
		always := ""
		if slices.Contains(s.Required, field) {
			always = "yes"
		}
		require.NotEmpty(t, value.Description, "report.schema.json: %s.%s%s has no description", name, prefix, field)
		fmt.Fprintf(rows, "| `%s%s` | %s | %s | %s |\n", prefix, field, value.kind(), always, strings.ReplaceAll(value.Description, "|", "\\|"))
		if value.Properties != nil {
			value.rows(t, rows, name, prefix+field+".")
		}
		if value.Items != nil && value.Items.Properties != nil {
			value.Items.rows(t, rows, name, prefix+field+"[].")
		}
	}
}

// position is that of a required field; the others are behind all of them.
func (s *schema) position(field string) int {
	if at := slices.Index(s.Required, field); at >= 0 {
		return at
	}
	return len(s.Required)
}

// kind says what a value is.
func (s *schema) kind() string {
	switch {
	case s.Ref != "":
		name := s.Ref[strings.LastIndex(s.Ref, "/")+1:]
		if name == "header" {
			return "lists of text by name"
		}
		return fmt.Sprintf("[%s](#%s)", name, name)
	case s.Const != "":
		return "`" + s.Const + "`"
	case s.Enum != nil:
		return "`" + strings.Join(s.Enum, "`, `") + "`"
	case s.Items != nil:
		return "list of " + s.Items.kind()
	case s.Values != nil:
		return s.Values.kind() + " by name"
	case s.Format == "date-time":
		return "time, as in RFC 3339"
	case s.Type == "string":
		return "text"
	case s.Type == "integer":
		return "whole number"
	case s.Type == "boolean":
		return "true or false"
	default:
		return s.Type
	}
}
