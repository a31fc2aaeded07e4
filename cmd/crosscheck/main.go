// Command crosscheck tells whether a real browser will let a web page talk to
// an API, and proves it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/klog/v2"
)

// The exit codes.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitEnvironment = 3
)

// exitError is an error that decides the exit code.
type exitError struct {
	code  int
	cause error
}

func (e *exitError) Error() string { return e.cause.Error() }
func (e *exitError) Unwrap() error { return e.cause }

// errFailed says that scenarios failed; the report has told the rest.
var errFailed = &exitError{code: exitFailed, cause: errors.New("not everything is as expected")}

func environmentFailure(cause error) error { return &exitError{code: exitEnvironment, cause: cause} }
func usageFailure(cause error) error       { return &exitError{code: exitUsage, cause: cause} }

// interruption says of what failed because of Ctrl-C that it did: it fails in many ways.
func interruption(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	return fmt.Errorf("interrupted: %w", err)
}

func main() { os.Exit(execute()) }

func execute() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second Ctrl-C must not wait for the clean-up of the first.
	context.AfterFunc(ctx, stop)
	// Whoever stops reading, as head does, must not end the run before it has cleaned up.
	signal.Ignore(syscall.SIGPIPE)
	// What the client of Kubernetes logs, such as a watch that ended, is nothing to act on: its errors are returned.
	klog.SetLogger(logr.Discard())

	root := &cobra.Command{
		Use:           "crosscheck",
		Short:         "Tells whether a real browser will let a web page talk to your API, and proves it",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(newRunCommand(), newVectorsCommand(), newExplainCommand(), newFuzzCommand(), newReportCommand(), newCompareCommand(), newUpgradeCommand(),
		newAuditCommand(), newMutateCommand(), newErrorsCommand(), newBudgetCommand(), newEnvCommand(), newChromeCommand(), newPodCommand(),
		newInitCommand(), newStepsCommand())
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if !errors.Is(err, errFailed) {
		fmt.Fprintln(os.Stderr, "crosscheck: "+err.Error())
	}
	var exit *exitError
	if errors.As(err, &exit) {
		return exit.code
	}
	// What is left are cobra's own errors: an unknown command or flag.
	return exitUsage
}
