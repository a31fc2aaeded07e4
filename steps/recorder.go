package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// recorder follows one scenario and makes its result.
type recorder struct {
	world    *world
	started  time.Time
	result   report.Scenario
	position map[string]int
	skip     string
	ended    bool
}

func (r *recorder) begin(scenario *godog.Scenario, outline report.Scenario) {
	r.started = time.Now()
	r.result = outline
	r.result.Steps = append([]report.Step(nil), outline.Steps...)
	r.position = make(map[string]int, len(scenario.Steps))
	for i, step := range scenario.Steps {
		r.position[step.Id] = i
		if len(outline.Steps) == 0 {
			r.result.Steps = append(r.result.Steps, report.Step{Keyword: keyword(step.Type), Text: step.Text, Table: rows(step), Status: report.StepNotRun})
		}
	}
}

// line is where the step stands in its file; 0 when that is not known.
func (r *recorder) line(step *godog.Step) int {
	if i, known := r.position[step.Id]; known {
		return r.result.Steps[i].Line
	}
	return 0
}

var stepStatuses = map[godog.StepResultStatus]report.StepStatus{
	godog.StepPassed: report.StepPassed, godog.StepFailed: report.StepFailed, godog.StepPending: report.StepFailed,
	godog.StepUndefined: report.StepUndefined, godog.StepAmbiguous: report.StepAmbiguous,
}

func (r *recorder) step(step *godog.Step, status godog.StepResultStatus, err error) {
	i, known := r.position[step.Id]
	if r.ended || !known {
		return
	}
	if unavailable := new(harness.Unavailable); errors.As(err, &unavailable) {
		r.skip = unavailable.Reason
		r.result.Steps[i].Status, r.result.Steps[i].Message = report.StepSkipped, unavailable.Reason
		return
	}
	if status == godog.StepSkipped {
		return
	}
	r.result.Steps[i].Status = stepStatuses[status]
	switch {
	case status == godog.StepUndefined:
		r.result.Steps[i].Message = undefined(step.Text)
	case err != nil:
		r.result.Steps[i].Message = err.Error()
	}
}

// end decides the verdict. err is the error of the step that ended the scenario.
func (r *recorder) end(err error) report.Scenario {
	r.ended = true
	w := r.world
	restarts := w.restarts()
	if noter, ok := w.running.(harness.Noter); ok {
		r.result.Notes = noter.Notes()
	}
	closing := w.close()
	for i := range w.requests {
		w.requests[i].Differences = comparison{deployed: w.deployed()}.differences(w.requests[i])
		w.requests[i].EdgeDifferences = edgeDifferences(w.requests[i])
		w.requests[i].Advice = report.Advise(w.requests[i])
	}
	r.result.Requests = append([]report.Request{}, w.requests...)
	r.result.Restarts = restarts
	r.result.Retries = w.retried()
	r.result.Verdict, r.result.Message = r.verdict(err, closing)
	r.result.DurationMS = (time.Since(r.started) - w.queued()).Milliseconds()
	return r.result
}

func (r *recorder) verdict(err, closing error) (report.Verdict, string) {
	w := r.world
	var broken *environmentError
	switch {
	case r.skip != "":
		return report.Skipped, r.skip
	case errors.As(err, &broken), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return report.EnvironmentError, r.at(err)
	case err != nil:
		return report.UnexpectedOutcome, r.at(err) + r.hint()
	case closing != nil:
		return report.EnvironmentError, "the scenario's sessions could not be ended: " + closing.Error()
	case w.expected == 0:
		return report.UnexpectedOutcome, "nothing is expected of the last request, so the scenario proves nothing: end it with a Then step"
	}
	if message := w.mistakenForAPI(); message != "" {
		return report.UnexpectedOutcome, message
	}
	var fields []string
	for _, request := range w.requests {
		for _, difference := range request.Differences {
			fields = append(fields, fmt.Sprintf("%s: %s: predicted %q, %s observed %q", request.Text, difference.Field, difference.Predicted, difference.Browser, difference.Observed))
		}
	}
	if message := w.answeredUnlike(); message != "" && len(fields) > 0 {
		return report.EnvironmentError, message
	}
	if len(fields) > 0 {
		return report.SimulatorMismatch, "every expectation holds, but the simulator predicted something else than the browser did:\n" + strings.Join(fields, "\n")
	}
	var edge []report.EdgeDifference
	for _, request := range w.requests {
		edge = append(edge, request.EdgeDifferences...)
	}
	if len(edge) > 0 {
		return report.EdgeModelMismatch, edgeMessage(edge)
	}
	return report.Pass, ""
}

// answeredUnlike says that a deployed API was not the same for all browsers; "" when it was.
func (w *world) answeredUnlike() string {
	if !w.deployed() {
		return ""
	}
	for _, request := range w.requests {
		if unlike := unlikeAnswers(request); unlike != "" {
			return unlike + ": so nothing can be said about the browsers. Run it again, at a lower live.rate in crosscheck.yaml if the API limits requests"
		}
	}
	return ""
}

// hint explains the last request beyond the expectation that failed.
func (r *recorder) hint() string {
	if last, err := r.world.last(); err == nil {
		if hint := r.world.signInHint(*last); hint != "" {
			return "\n" + hint
		}
	}
	if unlike := r.world.answeredUnlike(); unlike != "" {
		return "\n" + unlike
	}
	return ""
}

// at puts the step that failed before what went wrong.
func (r *recorder) at(err error) string {
	for _, step := range r.result.Steps {
		if step.Status == report.StepFailed || step.Status == report.StepUndefined || step.Status == report.StepAmbiguous {
			return fmt.Sprintf("%s %s (line %d): %s", step.Keyword, step.Text, step.Line, step.Message)
		}
	}
	return err.Error()
}
