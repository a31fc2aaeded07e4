package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(JSONSchema))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource("report.schema.json", document))
	schema, err := compiler.Compile("report.schema.json")
	require.NoError(t, err)
	return schema
}

// written gives the report as a reader's JSON library sees it.
func written(t *testing.T, r Report) any {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, WriteJSON(&out, r))
	document, err := jsonschema.UnmarshalJSON(&out)
	require.NoError(t, err)
	return document
}

func TestAFullReportKeepsToItsSchema(t *testing.T) {
	require.NoError(t, compiledSchema(t).Validate(written(t, sampleReport())))
}

func TestAReportWithNothingInItKeepsToItsSchema(t *testing.T) {
	schema := compiledSchema(t)
	require.NoError(t, schema.Validate(written(t, Report{})))
	empty := Report{Scenarios: []Scenario{{ID: "x", Verdict: Pass, Requests: []Request{{Browsers: []BrowserResult{{Outcome: samplePass().Requests[0].Browsers[0].Outcome}}}}}}}
	require.NoError(t, schema.Validate(written(t, empty)))
}

// at walks into a document by keys; lists are entered at their first element.
func at(t *testing.T, document any, path string) map[string]any {
	t.Helper()
	for _, key := range strings.Fields(path) {
		object, ok := document.(map[string]any)
		require.True(t, ok, key)
		document = object[key]
		if list, ok := document.([]any); ok {
			require.NotEmpty(t, list, key)
			document = list[0]
		}
	}
	object, ok := document.(map[string]any)
	require.True(t, ok, path)
	return object
}

func TestTheSchemaRefusesWhatIsNotInTheModel(t *testing.T) {
	schema := compiledSchema(t)
	for _, path := range []string{
		"", "environment", "summary", "scenarios", "scenarios steps", "scenarios requests", "scenarios requests page", "scenarios requests request",
		"scenarios requests request headers", "scenarios requests request body", "scenarios requests browsers", "scenarios requests browsers outcome",
		"scenarios requests browsers outcome exchanges", "scenarios requests browsers outcome trace", "scenarios requests browsers transits",
		"scenarios requests browsers transits hops", "scenarios requests browsers response_total API",
	} {
		document := written(t, sampleReport())
		at(t, document, path)["unknown_field"] = "x"
		require.Error(t, schema.Validate(document), "a field too many in %q", path)
	}
	for name, spoil := range map[string]func(document any){
		"another version":      func(d any) { at(t, d, "")["schema"] = "crosscheck.report/v2" },
		"a count as text":      func(d any) { at(t, d, "summary")["failed"] = "0" },
		"a negative count":     func(d any) { at(t, d, "summary")["failed"] = json.Number("-1") },
		"an unknown verdict":   func(d any) { at(t, d, "scenarios")["verdict"] = "maybe" },
		"a verdict missing":    func(d any) { delete(at(t, d, "scenarios"), "verdict") },
		"null for a list":      func(d any) { at(t, d, "scenarios")["requests"] = nil },
		"an unknown kind":      func(d any) { at(t, d, "scenarios requests browsers outcome")["kind"] = "fine" },
		"a header as one text": func(d any) { at(t, d, "scenarios requests browsers outcome")["header"] = map[string]any{"ETag": "1"} },
		"a day as the time":    func(d any) { at(t, d, "")["started"] = "2026-11-22" },
	} {
		document := written(t, sampleReport())
		spoil(document)
		require.Error(t, schema.Validate(document), name)
	}
}

func TestReadGivesBackWhatWriteWrote(t *testing.T) {
	path := filepath.Join(t.TempDir(), JSONFile)
	var out bytes.Buffer
	require.NoError(t, WriteJSON(&out, sampleReport()))
	require.NoError(t, os.WriteFile(path, out.Bytes(), 0o600))
	r, err := Read(path)
	require.NoError(t, err)
	require.Equal(t, written(t, sampleReport()), written(t, r))
	require.Equal(t, "MultipleAllowOriginValues [https://app.example.com, https://app.example.com]", r.Scenarios[1].Requests[0].Browsers[1].Outcome.Reason.String())
}

func TestReadRefusesWhatItDoesNotKnow(t *testing.T) {
	for name, test := range map[string]struct{ content, message string }{
		"a newer version": {`{"schema":"crosscheck.report/v9","crosscheck":"v4.0.0","scenarios":7}`, `written in the format "crosscheck.report/v9" by crosscheck v4.0.0, and this version reads "crosscheck.report/v1": read it with that crosscheck`},
		"another schema":  {`{"schema":"crosscheck.comparison/v1"}`, `its schema is "crosscheck.comparison/v1" and not "crosscheck.report/v1"`},
		"no schema":       {`{"tests":1}`, `no "schema" field`},
		"no JSON":         {`<testsuites/>`, "is not a report of crosscheck"},
		"a wrong type":    {`{"schema":"crosscheck.report/v1","scenarios":7}`, "scenarios"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "r.json")
			require.NoError(t, os.WriteFile(path, []byte(test.content), 0o600))
			_, err := Read(path)
			require.ErrorContains(t, err, test.message)
			require.ErrorContains(t, err, path)
		})
	}
	_, err := Read(filepath.Join(t.TempDir(), "missing.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// The model has types of other packages in it; a field that one of them gains
// has to be told in the schema.
func TestTheSchemaKnowsEveryFieldOfTheModel(t *testing.T) {
	var root map[string]any
	require.NoError(t, json.Unmarshal([]byte(JSONSchema), &root))
	requireFields(t, root, root, reflect.TypeFor[Report](), "report")
}

func requireFields(t *testing.T, root, schema map[string]any, model reflect.Type, path string) {
	t.Helper()
	if reference, ok := schema["$ref"].(string); ok {
		schema = root["$defs"].(map[string]any)[filepath.Base(reference)].(map[string]any)
	}
	for model.Kind() == reflect.Pointer {
		model = model.Elem()
	}
	properties, isObject := schema["properties"].(map[string]any)
	values, isMap := schema["additionalProperties"].(map[string]any)
	items, isList := schema["items"].(map[string]any)
	switch {
	case isList && model.Kind() == reflect.Slice:
		requireFields(t, root, items, model.Elem(), path+"[]")
	case isMap && model.Kind() == reflect.Map:
		requireFields(t, root, values, model.Elem(), path+"[]")
	case isObject:
		known := map[string]bool{}
		for name := range properties {
			known[name] = true
		}
		for i := range model.NumField() {
			name, _, _ := strings.Cut(model.Field(i).Tag.Get("json"), ",")
			require.True(t, known[name], "the schema has no %s.%s", path, name)
			requireFields(t, root, properties[name].(map[string]any), model.Field(i).Type, path+"."+name)
			delete(known, name)
		}
		require.Empty(t, known, "the schema has what the model lacks at %s", path)
	}
}
