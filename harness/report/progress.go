package report

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/crosscheck-dev/crosscheck/harness/terminal"
)

// Progress shows a run as it goes: on a terminal one live line, with failures
// above it as they come; elsewhere one line for each scenario. Its methods can
// be called from several goroutines. Write errors are dropped: a terminal that
// went away must not end the run.
type Progress struct {
	out         io.Writer
	total       int
	interactive bool
	paint       painter
	now         func() time.Time
	width       func() int

	mutex   sync.Mutex
	started time.Time
	done    Summary
	closed  bool

	stop    chan struct{}
	stopped sync.WaitGroup
}

// refresh is how often the live line's clock moves on while no scenario finishes.
const refresh = time.Second

// NewProgress begins to show a run of total scenarios on out. Interactive asks
// for the live line and is for terminals. Close ends it.
func NewProgress(out io.Writer, total int, interactive bool) *Progress {
	p := newProgress(out, total, interactive, time.Now)
	p.paint = painterFor(out)
	if interactive {
		p.stopped.Go(p.tick)
	}
	return p
}

func newProgress(out io.Writer, total int, interactive bool, now func() time.Time) *Progress {
	p := &Progress{
		out: out, total: total, interactive: interactive, now: now,
		width: func() int { return terminalWidth(out) }, stop: make(chan struct{}),
	}
	p.started = now()
	if interactive {
		p.write(p.line())
	}
	return p
}

// Add shows that a scenario has its result.
func (p *Progress) Add(s Scenario) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.closed {
		return
	}
	p.done.add(s)
	switch {
	case !p.interactive:
		p.write(p.result(s))
	case s.failed():
		p.write("\r\x1b[K" + p.result(s) + p.line())
	default:
		p.write("\r\x1b[K" + p.line())
	}
}

// Close takes the live line away and waits for its clock to stop. What is
// added after that is not shown.
func (p *Progress) Close() {
	p.mutex.Lock()
	if p.closed {
		p.mutex.Unlock()
		return
	}
	p.closed = true
	if p.interactive {
		p.write("\r\x1b[K")
	}
	p.mutex.Unlock()
	close(p.stop)
	p.stopped.Wait()
}

// tick redraws the live line, so that a scenario that hangs can be told from a program that does.
func (p *Progress) tick() {
	ticker := time.NewTicker(refresh)
	defer ticker.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-ticker.C:
			p.redraw()
		}
	}
}

func (p *Progress) redraw() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if !p.closed {
		p.write("\r\x1b[K" + p.line())
	}
}

func (p *Progress) write(text string) { _, _ = io.WriteString(p.out, text) }

// result is a finished scenario's line.
func (p *Progress) result(s Scenario) string {
	words := terminal.Printable(fmt.Sprintf("%s:%d %s%s", s.File, s.Line, s.Name, exampleRow(s.ID)))
	switch {
	case s.Verdict == Pass:
		return fmt.Sprintf("%s   %s (%s)\n", p.paint.green("ok"), words, duration(s.DurationMS))
	case s.Verdict == Skipped:
		return fmt.Sprintf("%s %s: %s\n", p.paint.yellow("skip"), words, terminal.Printable(s.Message))
	default:
		return fmt.Sprintf("%s %s (%s) %s: %s\n", p.paint.red("FAIL"), words, duration(s.DurationMS), s.Verdict.words(), terminal.Printable(firstLine(s.Message)))
	}
}

// barWidth is the bar's length in characters.
const barWidth = 20

// line is the live line, no wider than the terminal: a wrapped line cannot be taken back.
func (p *Progress) line() string {
	elapsed := p.now().Sub(p.started)
	done := p.done.Scenarios
	filled := int(percent(done, p.total) * barWidth / 100)
	filled = min(filled, barWidth)
	text := fmt.Sprintf("%s%s %3.0f %%  %d/%d  %d passed  %d failed  %d skipped  %s",
		strings.Repeat("█", filled), strings.Repeat("░", barWidth-filled), percent(done, p.total),
		done, p.total, p.done.Passed, p.done.Failed, p.done.Skipped, duration(elapsed.Milliseconds()))
	if done > 0 && elapsed > 0 {
		left := elapsed * time.Duration(max(0, p.total-done)) / time.Duration(done)
		text += fmt.Sprintf("  %.1f/s  %s left", float64(done)/elapsed.Seconds(), duration(left.Milliseconds()))
	}
	if runes, width := []rune(text), p.width(); width > 1 && len(runes) >= width {
		text = string(runes[:width-1])
	}
	return text
}

// terminalWidth is 0 when out is no terminal.
func terminalWidth(out io.Writer) int {
	file, ok := out.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}
