package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clock advances by a second each time it is read.
func clock() func() time.Time {
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	return func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}

func TestTheLiveLineCountsAndEstimates(t *testing.T) {
	var out bytes.Buffer
	progress := newProgress(&out, 4, true, clock())
	progress.Add(samplePass())
	require.Contains(t, out.String(), "█████░░░░░░░░░░░░░░░  25 %  1/4  1 passed  0 failed  0 skipped  2.0 s  0.5/s  6.0 s left")
	require.NotContains(t, out.String(), "\n", "a pass leaves no line behind")
	progress.Add(sampleUnexpectedOutcome())
	require.Contains(t, out.String(), "\r\x1b[KFAIL features/drift/doubled.feature:9 App and edge both answer")
	progress.Close()
	require.True(t, strings.HasSuffix(out.String(), "\r\x1b[K"), "the live line is taken away")
	length := out.Len()
	progress.Add(samplePass())
	progress.Close()
	require.Equal(t, length, out.Len(), "nothing is shown after Close")
}

func TestTheLiveLineIsNarrowerThanTheTerminal(t *testing.T) {
	progress := newProgress(io.Discard, 4, true, clock())
	progress.width = func() int { return 30 }
	require.Len(t, []rune(progress.line()), 29)
	progress.Close()
}

func TestARunOfNothingHasALineToo(t *testing.T) {
	progress := newProgress(io.Discard, 0, true, clock())
	require.Contains(t, progress.line(), "0/0")
	progress.Close()
}

func TestManyGoroutinesWriteWholeLines(t *testing.T) {
	for _, interactive := range []bool{false, true} {
		var out bytes.Buffer
		progress := NewProgress(&out, 200, interactive)
		var group sync.WaitGroup
		for i := range 200 {
			group.Go(func() {
				progress.Add(Scenario{File: "f", Line: i, Name: "n", Verdict: UnexpectedOutcome, Message: "m"})
			})
		}
		group.Wait()
		progress.Close()
		for i := range 200 {
			require.Contains(t, out.String(), fmt.Sprintf("FAIL f:%d n (0 ms) unexpected outcome: m\n", i))
		}
	}
}

func TestTheLastLineIsTheTotals(t *testing.T) {
	var out bytes.Buffer
	r := Report{Summary: Summary{Scenarios: 112, Passed: 110, Failed: 1, Skipped: 1, DurationMS: 14210}}
	require.NoError(t, WriteSummary(&out, r, "out/report.html"))
	require.Equal(t, "\nReports: out/report.html\n\n112 scenarios: 110 passed, 1 failed, 1 skipped, 0 mismatches in 14.2 s\n", out.String())
}

func TestDurationsReadAsPeopleSayThem(t *testing.T) {
	for ms, want := range map[int64]string{0: "0 ms", 999: "999 ms", 1000: "1.0 s", 14210: "14.2 s", 125001: "2 m 5 s"} {
		require.Equal(t, want, duration(ms))
	}
}

func TestNoControlCharacterOfAScenarioReachesTheTerminal(t *testing.T) {
	var out bytes.Buffer
	r := Report{Scenarios: []Scenario{sampleExampleRow()}}
	require.NoError(t, WriteSummary(&out, r))
	progress := newProgress(&out, 1, false, time.Now)
	progress.Add(sampleExampleRow())
	require.NotContains(t, out.String(), "\x1b")
	require.NotContains(t, out.String(), "\x00")
}
