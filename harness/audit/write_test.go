package audit

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

var update = flag.Bool("update", false, "write the golden files anew from what is written now")

func writers(result Result) map[string]func(*bytes.Buffer) error {
	return map[string]func(*bytes.Buffer) error{
		"audit.txt":   func(out *bytes.Buffer) error { return WriteText(out, result) },
		"audit.json":  func(out *bytes.Buffer) error { return WriteJSON(out, result) },
		"audit.sarif": func(out *bytes.Buffer) error { return WriteSARIF(out, result, "v0.1.0") },
	}
}

// sample has a policy of each kind, and one that is skipped.
func sample(t testing.TB) Result {
	text := ingress("orders", "enable-cors", "true", "cors-allow-origin", "https://app.example.com, https://*.example.org, null", "auth-url", "https://auth.example.com/check") +
		"---\n" + ingress("public", "enable-cors", "true", "cors-allow-origin", "https://app.example.com/", "backend-protocol", "HTTPS") +
		"---\n" + strings.Replace(ingress("other"), "ingressClassName: nginx", "ingressClassName: traefik", 1)
	return auditManifest(t, text, ingressnginx.V1_15_1)
}

func TestTheWritersWriteWhatTheGoldenFilesHold(t *testing.T) {
	for file, write := range writers(sample(t)) {
		var out bytes.Buffer
		require.NoError(t, write(&out))
		path := filepath.Join("testdata", file)
		if *update {
			require.NoError(t, os.WriteFile(path, out.Bytes(), 0o644))
		}
		golden, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(golden), out.String(), "if the change is meant: go test ./harness/audit -update")
	}
}

// The schema is the one that OASIS has published.
func TestSARIFIsWhatItsSchemaSays(t *testing.T) {
	t.Parallel()
	compiler := jsonschema.NewCompiler()
	schema, err := compiler.Compile("testdata/sarif-schema-2.1.0.json")
	require.NoError(t, err)
	for name, result := range map[string]Result{"findings": sample(t), "none": {Schema: Schema}} {
		var out bytes.Buffer
		require.NoError(t, WriteSARIF(&out, result, "v0.1.0"))
		written, err := jsonschema.UnmarshalJSON(&out)
		require.NoError(t, err)
		require.NoError(t, schema.Validate(written), name)
	}
}

// GitHub's code scanning takes each result by its rule, place and fingerprint.
func TestEverySARIFResultHasARuleAPlaceAndAFingerprint(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, WriteSARIF(&out, sample(t), "v0.1.0"))
	var log sarifLog
	require.NoError(t, json.Unmarshal(out.Bytes(), &log))
	run := log.Runs[0]
	require.Greater(t, len(run.Results), 8)
	prints := map[string]bool{}
	for _, result := range run.Results {
		require.Equal(t, result.RuleID, run.Tool.Driver.Rules[result.RuleIndex].ID)
		require.Positive(t, result.Locations[0].PhysicalLocation.Region.StartLine)
		prints[result.PartialFingerprints["crosscheck/v1"]] = true
	}
	require.Len(t, prints, len(run.Results))
}

func TestEveryRuleIsOfUse(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for _, rule := range Rules() {
		require.NotEmpty(t, rule.Title)
		require.NotEmpty(t, rule.Text)
		require.Positive(t, rule.Severity.rank(), rule.ID)
		require.True(t, strings.HasPrefix(rule.URL, "https://"), rule.ID)
		require.False(t, ids[rule.ID], rule.ID)
		ids[rule.ID] = true
	}
}

// The goal: an Ingress in less than 1 s.
func BenchmarkIngress(b *testing.B) {
	text := ingress("orders", "enable-cors", "true", "cors-allow-origin", "https://app.example.com, https://admin.example.com, https://*.example.org, null", "auth-url", "https://auth.example.com/check")
	b.ReportAllocs()
	for b.Loop() {
		auditManifest(b, text, ingressnginx.V1_15_1)
	}
}
