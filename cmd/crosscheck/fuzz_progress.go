package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/crosscheck-dev/crosscheck/harness/fuzz"
)

// fuzzProgress shows how far a run is: a bar on a terminal, elsewhere a line now and then.
type fuzzProgress struct {
	out    io.Writer
	bar    *progressbar.ProgressBar
	total  int
	begun  time.Time
	behind int
	told   time.Time
}

// tellEvery is how often a log is told.
const tellEvery = 15 * time.Second

func newFuzzProgress(out *os.File, total, done int) *fuzzProgress {
	p := &fuzzProgress{out: out, total: total, begun: time.Now(), behind: done, told: time.Now()}
	if isTerminal(out) {
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(out), progressbar.OptionShowCount(),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString("cases"), progressbar.OptionSetPredictTime(true),
			progressbar.OptionClearOnFinish())
	}
	return p
}

// show tells how many cases are done.
func (p *fuzzProgress) show(state fuzz.State) {
	done := state.Cases()
	if p.bar != nil {
		_ = p.bar.Set(done)
		return
	}
	if ran := done - p.behind; ran > 0 && time.Since(p.told) >= tellEvery {
		p.told = time.Now()
		each := time.Since(p.begun) / time.Duration(ran)
		fmt.Fprintf(p.out, "%d of %d cases, %d disagreements, %.0f cases/s, %v left\n", done, p.total, state.Disagreements,
			float64(time.Second)/float64(each), (each * time.Duration(p.total-done)).Round(time.Second))
	}
}

func (p *fuzzProgress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

func (p *fuzzProgress) close() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
