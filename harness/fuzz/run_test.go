package fuzz_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/fuzz"
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// The judges of these tests are two profiles, whose differences are to be found.
var (
	chromium = fuzz.Simulator{Profile: simulator.Chromium}
	standard = fuzz.Simulator{Profile: simulator.Standard}
)

func TestJudgesThatAgreeLeaveNoDisagreement(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	state, err := fuzz.Run(t.Context(), fuzz.Options{Cases: 450, Sessions: 2, ReportFolder: folder, State: fuzz.State{Seed: 5}}, chromium, chromium)
	require.NoError(t, err)
	require.Equal(t, fuzz.State{Seed: 5, Done: [][2]uint64{{0, 450}}}, state)
	written, err := vectors.Load(filepath.Join(folder, fuzz.VectorsFile))
	require.NoError(t, err)
	require.Empty(t, written)
}

func TestADisagreementIsWrittenAsAVectorThatOneJudgePassesAndTheOtherFails(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	found := 0
	// Headers that no script, page or server determines are compared, and not in the vectors.
	var visible []vectors.Vector
	state, err := fuzz.Run(t.Context(), fuzz.Options{
		Cases: 400, ReportFolder: folder, Browser: "another browser", State: fuzz.State{Seed: 1},
		Found: func(disagreement fuzz.Disagreement) {
			found++
			if slices.ContainsFunc(disagreement.Differences, func(d fuzz.Difference) bool { return d.Field == "kind" || d.Field == "wire" }) {
				visible = append(visible, disagreement.Vector)
			}
		},
	}, chromium, standard)
	require.NoError(t, err)
	require.Zero(t, state.Unconfirmed)
	require.Greater(t, state.Disagreements, 10)
	require.Equal(t, state.Disagreements, found)

	written, err := vectors.Load(filepath.Join(folder, fuzz.VectorsFile))
	require.NoError(t, err)
	require.Len(t, written, state.Disagreements)
	for _, vector := range written {
		require.Contains(t, vector.Note, "as another browser did; ")
		observed := vectors.Simulate(t.Context(), simulator.Standard, vector)
		require.True(t, observed.Pass, "%s: %+v", vector.ID, observed.Mismatches)
	}
	require.NotEmpty(t, visible)
	for _, vector := range visible {
		require.False(t, vectors.Simulate(t.Context(), simulator.Chromium, vector).Pass, vector.ID)
	}
}

// judgeFunc is a judge by its one method.
type judgeFunc func(ctx context.Context, cases []vectors.Vector, details []harness.Detail) ([][]fuzz.Observation, error)

func (f judgeFunc) Judge(ctx context.Context, cases []vectors.Vector, details []harness.Detail) ([][]fuzz.Observation, error) {
	return f(ctx, cases, details)
}

var errBroken = errors.New("the browser is broken")

func TestARunThatWasStoppedGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	whole, err := fuzz.Run(t.Context(), fuzz.Options{Cases: 3 * fuzz.PageRun, ReportFolder: t.TempDir(), State: fuzz.State{Seed: 1}}, chromium, standard)
	require.NoError(t, err)

	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	var done string
	stopping := judgeFunc(func(ctx context.Context, cases []vectors.Vector, _ []harness.Detail) ([][]fuzz.Observation, error) {
		switch {
		case len(cases) == 1:
		case done == "":
			done = cases[0].ID
		default:
			cancel()
			return nil, ctx.Err()
		}
		return standard.Judge(ctx, cases, nil)
	})
	stopped, err := fuzz.Run(ctx, fuzz.Options{Cases: 3 * fuzz.PageRun, ReportFolder: folder, State: fuzz.State{Seed: 1}}, chromium, stopping)
	require.NoError(t, err)
	require.Len(t, stopped.Done, 1)
	require.Equal(t, fuzz.PageRun, stopped.Cases())
	require.Equal(t, "fuzz-"+fuzz.Token(1, stopped.Done[0][0]), done)

	loaded, found, err := fuzz.LoadState(folder)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, stopped, loaded)
	again := judgeFunc(func(ctx context.Context, cases []vectors.Vector, _ []harness.Detail) ([][]fuzz.Observation, error) {
		require.NotEqual(t, done, cases[0].ID, "what is done is not done again")
		return standard.Judge(ctx, cases, nil)
	})
	resumed, err := fuzz.Run(t.Context(), fuzz.Options{Cases: 3 * fuzz.PageRun, ReportFolder: folder, State: loaded}, chromium, again)
	require.NoError(t, err)
	require.Equal(t, whole, resumed)
	written, err := vectors.Load(filepath.Join(folder, fuzz.VectorsFile))
	require.NoError(t, err)
	require.Len(t, written, whole.Disagreements)
}

func TestABrowserThatFailsIsNoDisagreement(t *testing.T) {
	t.Parallel()
	broken := judgeFunc(func(context.Context, []vectors.Vector, []harness.Detail) ([][]fuzz.Observation, error) {
		return nil, errBroken
	})
	state, err := fuzz.Run(t.Context(), fuzz.Options{Cases: 10, ReportFolder: t.TempDir()}, chromium, broken)
	require.ErrorIs(t, err, errBroken)
	require.Zero(t, state.Cases())
	require.Zero(t, state.Disagreements)
}

// TestWhatIsNotThereAloneIsNotConfirmed: cases of a batch may disturb each other.
func TestWhatIsNotThereAloneIsNotConfirmed(t *testing.T) {
	t.Parallel()
	disturbed := judgeFunc(func(ctx context.Context, cases []vectors.Vector, _ []harness.Detail) ([][]fuzz.Observation, error) {
		judged, err := chromium.Judge(ctx, cases, nil)
		if len(cases) > 1 {
			judged[3][0].Outcome.Kind = "disturbed"
		}
		return judged, err
	})
	state, err := fuzz.Run(t.Context(), fuzz.Options{Cases: 100, ReportFolder: t.TempDir(), State: fuzz.State{Seed: 1}}, chromium, disturbed)
	require.NoError(t, err)
	require.Equal(t, 1, state.Unconfirmed)
	require.Zero(t, state.Disagreements)
}

// TestABeaconThatIsRedirectedIsObservedInFull: not every failure behind the redirect is told in brief.
func TestABeaconThatIsRedirectedIsObservedInFull(t *testing.T) {
	t.Parallel()
	redirected := 0
	observer := judgeFunc(func(ctx context.Context, cases []vectors.Vector, details []harness.Detail) ([][]fuzz.Observation, error) {
		judged, err := chromium.Judge(ctx, cases, nil)
		for i, c := range cases {
			steps := c.Each()
			if steps[0].Request.Initiator == simulator.InitiatorBeacon && len(steps) == 1 && len(judged[i][0].Sent) > 0 &&
				slices.ContainsFunc(judged[i][0].Outcome.Exchanges, func(e simulator.Exchange) bool { return e.ResponseHeader.Get("Location") != "" }) {
				redirected++
				require.Equal(t, harness.InFull, details[i], c.ID)
			}
		}
		return judged, err
	})
	_, err := fuzz.Run(t.Context(), fuzz.Options{Cases: 5000, ReportFolder: t.TempDir(), State: fuzz.State{Seed: 1}}, chromium, observer)
	require.NoError(t, err)
	require.NotZero(t, redirected)
}
