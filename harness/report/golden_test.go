package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew from what the writers write now")

// packed finds what is in packs.
var packed = regexp.MustCompile(`class="pack">([^<]+)<`)

func TestTheWritersWriteWhatTheGoldenFilesHold(t *testing.T) {
	for _, test := range []struct {
		file  string
		write func(*testing.T, *bytes.Buffer, Report)
	}{
		{"report.json", func(t *testing.T, out *bytes.Buffer, r Report) { require.NoError(t, WriteJSON(out, r)) }},
		{"junit.xml", func(t *testing.T, out *bytes.Buffer, r Report) { require.NoError(t, WriteJUnit(out, r)) }},
		{"report.html", func(t *testing.T, out *bytes.Buffer, r Report) {
			var page bytes.Buffer
			require.NoError(t, WriteHTML(&page, r))
			// Compressed bytes say nothing to a reader, and depend on the compressor's version.
			out.WriteString(packed.ReplaceAllStringFunc(page.String(), func(found string) string {
				return "class=\"pack\">\n" + unpack(t, packed.FindStringSubmatch(found)[1]) + "<"
			}))
		}},
		{"conformance.yaml", func(t *testing.T, out *bytes.Buffer, r Report) { require.NoError(t, WriteConformance(out, r)) }},
		{"annotations.txt", func(t *testing.T, out *bytes.Buffer, r Report) {
			require.NoError(t, WriteAnnotations(out, r, "/checkout", "/checkout/cors"))
		}},
		{"step-summary.md", func(t *testing.T, out *bytes.Buffer, r Report) { require.NoError(t, WriteStepSummary(out, r)) }},
		{"progress.txt", func(_ *testing.T, out *bytes.Buffer, r Report) {
			progress := newProgress(out, len(r.Scenarios), false, time.Now)
			for _, scenario := range r.Scenarios {
				progress.Add(scenario)
			}
			progress.Close()
		}},
		{"summary.txt", func(t *testing.T, out *bytes.Buffer, r Report) {
			require.NoError(t, WriteSummary(out, r, "out/report.html", "out/junit.xml"))
		}},
		{"summary-colours.txt", func(t *testing.T, out *bytes.Buffer, r Report) {
			require.NoError(t, writeSummary(out, r, painter{colours: true}, nil))
		}},
	} {
		t.Run(test.file, func(t *testing.T) {
			var out bytes.Buffer
			test.write(t, &out, sampleReport())
			path := filepath.Join("testdata", test.file)
			if *update {
				require.NoError(t, os.WriteFile(path, out.Bytes(), 0o644))
			}
			golden, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(golden), out.String(), "if the change is meant: go test ./harness/report -update")
		})
	}
}
