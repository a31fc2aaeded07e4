package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// publishFlags say where a report goes.
type publishFlags struct {
	reportDir string
	github    bool
}

func (f *publishFlags) add(set *pflag.FlagSet) {
	set.StringVar(&f.reportDir, "report-dir", "out", "folder for report.html, report.json, junit.xml and conformance.yaml")
	set.BoolVar(&f.github, "github", os.Getenv("GITHUB_ACTIONS") == "true", "annotate failures at the lines of the feature files, and write a step summary: on in GitHub Actions")
}

// publish writes the report everywhere, and turns it into the exit code's error. resume
// is what withoutCommands gave.
func (f publishFlags) publish(ctx context.Context, result report.Report, out io.Writer, resume func()) error {
	if err := report.WriteFolder(f.reportDir, result); err != nil {
		return environmentFailure(err)
	}
	// Who has stopped reading has the report's files, and the exit code.
	if err := report.WriteSummary(out, result, filepath.Join(f.reportDir, report.HTMLFile)); err != nil && !errors.Is(err, syscall.EPIPE) {
		return environmentFailure(fmt.Errorf("print the summary: %w", err))
	}
	resume()
	if f.github {
		if err := tellGitHub(result, out); err != nil {
			return environmentFailure(err)
		}
	}
	return judge(ctx, result)
}

// tellGitHub writes annotations, and a summary of the step where GitHub wants one.
func tellGitHub(result report.Report, out io.Writer) (err error) {
	workingDirectory, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("name the feature files for GitHub: %w", err)
	}
	root := os.Getenv("GITHUB_WORKSPACE")
	if root == "" {
		root = workingDirectory
	}
	if err := report.WriteAnnotations(out, result, root, workingDirectory); err != nil {
		return fmt.Errorf("annotate failures for GitHub: %w", err)
	}
	path := os.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("write the step summary that GITHUB_STEP_SUMMARY names: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := report.WriteStepSummary(file, result); err != nil {
		return fmt.Errorf("write the step summary to %s: %w", path, err)
	}
	return nil
}

// withoutCommands keeps GitHub from obeying workflow commands in what the run
// prints: scenarios, and what servers answer, could hold some. The function that is returned ends that.
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#stopping-and-starting-workflow-commands
func (f publishFlags) withoutCommands(out io.Writer) (resume func()) {
	if !f.github {
		return func() {}
	}
	token := rand.Text()
	fmt.Fprintf(out, "::stop-commands::%s\n", token)
	return func() { fmt.Fprintf(out, "::%s::\n", token) }
}

// judge turns a report into the exit code's error.
func judge(ctx context.Context, result report.Report) error {
	if ctx.Err() != nil {
		return environmentFailure(errors.New("interrupted: the scenarios that had not run are in the report as environment errors"))
	}
	broken := 0
	for _, scenario := range result.Scenarios {
		switch scenario.Verdict {
		case report.UnexpectedOutcome, report.SimulatorMismatch, report.EdgeModelMismatch:
			return errFailed
		case report.EnvironmentError:
			broken++
		}
	}
	if broken > 0 {
		return environmentFailure(fmt.Errorf("%d scenarios could not be carried out; the report says why", broken))
	}
	// One shard of several may have nothing to do; the merged report is judged as a whole.
	if result.Summary.Passed == 0 && result.Shard == nil {
		return environmentFailure(fmt.Errorf("nothing was tested: all %d scenarios were skipped; the report says why", result.Summary.Skipped))
	}
	return nil
}
