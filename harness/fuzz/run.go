package fuzz

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/crosscheck-dev/crosscheck/harness/vectors"
)

// GCPercent is how much garbage a program that only fuzzes may let pile up, see [runtime/debug.SetGCPercent]: a few
// dozen megabytes, instead of a tenth of its processor time.
const GCPercent = 400

// Options say what to run.
type Options struct {
	// Cases are run from index 0 on.
	Cases int
	// Batch is how many cases share a browsing session at most; [PageRun] when 0.
	Batch int
	// Sessions is how many batches run at a time; 1 when 0.
	Sessions int
	// ReportFolder holds the state and the disagreements.
	ReportFolder string
	// Browser is how vectors call what was observed, such as "Chromium 156.0.8078.79".
	Browser string
	// State is where to go on; its Seed is the run's.
	State State
	// Progress is told how far the run is; nil for nobody. Calls do not overlap.
	Progress func(State)
	// Found is told of each disagreement; nil for nobody. Calls do not overlap.
	Found func(Disagreement)
}

// Disagreement is a case in which prediction and observation differ, also when it is run alone.
type Disagreement struct {
	// Vector expects what was observed; it is shrunk unless a few of its like were before.
	Vector      vectors.Vector `json:"vector"`
	Differences []Difference   `json:"differences"`
	Predicted   []Observation  `json:"predicted"`
	Observed    []Observation  `json:"observed"`
}

// shrunkOfAClass is how many disagreements that look alike are shrunk: a rule that
// is wrong shows in many cases.
const shrunkOfAClass = 3

// run is a run that is under way.
type run struct {
	options   Options
	predictor Judge
	observer  Judge
	report    *reportFiles

	mutex   sync.Mutex
	state   State
	classes map[string]int
}

// Run runs the cases that the state does not have yet, and returns the state it
// leaves. A context that ends stops the run after what is under way, without an error.
func Run(ctx context.Context, options Options, predictor, observer Judge) (State, error) {
	if options.Batch <= 0 {
		options.Batch = PageRun
	}
	if err := os.MkdirAll(options.ReportFolder, 0o755); err != nil {
		return options.State, fmt.Errorf("make the report's folder: %w", err)
	}
	report, err := openReport(options.ReportFolder, options.State.Cases() > 0)
	if err != nil {
		return options.State, err
	}
	r := &run{options: options, predictor: predictor, observer: observer, report: report, state: options.State, classes: map[string]int{}}
	r.progress()
	group, groupContext := errgroup.WithContext(ctx)
	group.SetLimit(max(options.Sessions, 1))
	for _, batch := range r.batches() {
		if groupContext.Err() != nil {
			break
		}
		group.Go(func() error { return r.batch(groupContext, batch.from, batch.to) })
	}
	err = group.Wait()
	if ctx.Err() != nil {
		// Whatever broke off did so because of the end.
		err = nil
	}
	return r.state, errors.Join(err, report.close())
}

// batch is a range of cases, from the first to behind the last.
type batch struct{ from, to uint64 }

// batches are what there is to run; those of the same page follow each other, so that it stays open.
func (r *run) batches() []batch {
	byPage := map[string][]batch{}
	for from, to := uint64(0), uint64(0); from < uint64(r.options.Cases); from = to {
		if to = from + 1; !r.options.State.isDone(from) {
			to = r.batchEnd(from)
			page := fmt.Sprintf("%+v", pageOf(r.options.State.Seed, from).Page)
			byPage[page] = append(byPage[page], batch{from, to})
		}
	}
	var batches []batch
	for _, page := range slices.Sorted(maps.Keys(byPage)) {
		batches = append(batches, byPage[page]...)
	}
	return batches
}

// batchEnd is behind the last case of the batch that begins with a case: those of one page.
func (r *run) batchEnd(from uint64) uint64 {
	to := from + 1
	for to < uint64(r.options.Cases) && to-from < uint64(r.options.Batch) && to/PageRun == from/PageRun && !r.options.State.isDone(to) {
		to++
	}
	return to
}

// batch runs the cases from the first to behind the last.
func (r *run) batch(ctx context.Context, from, to uint64) error {
	cases := make([]vectors.Vector, 0, to-from)
	for index := from; index < to; index++ {
		cases = append(cases, Generate(r.options.State.Seed, index))
	}
	predicted, err := r.predictor.Judge(ctx, cases, nil)
	if err != nil {
		return err
	}
	observed, err := r.observer.Judge(ctx, cases, detailsFor(cases, predicted))
	if err != nil {
		return fmt.Errorf("run the cases %d to %d: %w", from, to-1, err)
	}
	disagreements, unconfirmed := 0, 0
	for i, c := range cases {
		differences := Compare(c, predicted[i], observed[i])
		if len(differences) == 0 {
			continue
		}
		confirmed, err := r.investigate(ctx, c)
		if err != nil {
			return err
		}
		if confirmed {
			disagreements++
		} else {
			unconfirmed++
		}
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.state.add(from, to)
	r.state.Disagreements += disagreements
	r.state.Unconfirmed += unconfirmed
	r.progress()
	return r.state.save(r.options.ReportFolder)
}

// progress tells how far the run is.
func (r *run) progress() {
	if r.options.Progress != nil {
		r.options.Progress(r.state)
	}
}

// trial runs a case alone in both judges.
func (r *run) trial(ctx context.Context, c vectors.Vector) (Disagreement, error) {
	alone := []vectors.Vector{c}
	predicted, err := r.predictor.Judge(ctx, alone, nil)
	if err != nil {
		return Disagreement{}, err
	}
	observed, err := r.observer.Judge(ctx, alone, nil)
	if err != nil {
		return Disagreement{}, fmt.Errorf("run the case %s alone: %w", c.ID, err)
	}
	return Disagreement{Vector: c, Predicted: predicted[0], Observed: observed[0], Differences: Compare(c, predicted[0], observed[0])}, nil
}

// investigate runs a case again on its own, shrinks it and writes it down. It
// reports whether the disagreement was there again.
func (r *run) investigate(ctx context.Context, c vectors.Vector) (confirmed bool, err error) {
	found, err := r.trial(ctx, c)
	if err != nil || len(found.Differences) == 0 {
		return false, err
	}
	if r.isNew(classOf(c, found.Differences)) {
		fields := fieldsOf(found.Differences)
		small, err := Shrink(ctx, c, func(ctx context.Context, candidate vectors.Vector) (bool, error) {
			trial, err := r.trial(ctx, candidate)
			// Another disagreement than the one that is shrunk does not count.
			return sharesAny(fields, fieldsOf(trial.Differences)), err
		})
		if err != nil {
			return false, err
		}
		shrunk, err := r.trial(ctx, small)
		if err != nil {
			return false, err
		}
		if len(shrunk.Differences) > 0 {
			found = shrunk
		}
	}
	found.Vector = ExpectObserved(found.Vector, found.Observed, r.options.Browser, found.Differences)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.options.Found != nil {
		r.options.Found(found)
	}
	return true, r.report.add(found)
}

// isNew reports whether few disagreements of the class were shrunk, and counts this one.
func (r *run) isNew(class string) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.classes[class]++
	return r.classes[class] <= shrunkOfAClass
}

func sharesAny(a, b map[string]bool) bool {
	for field := range a {
		if b[field] {
			return true
		}
	}
	return false
}
