package chrome

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
)

// programs are the names under which Chromium is installed, the cheapest to run first.
var programs = []string{
	"chromium-headless-shell", "headless-shell", "headless_shell",
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
}

// applications are where macOS keeps them.
var applications = []string{
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	"/Applications/Google Chrome Canary.app/Contents/MacOS/Google Chrome Canary",
}

// NotFound says that there is no Chrome to run.
type NotFound struct {
	// Variable is the value of the CHROME variable when it is to blame.
	Variable string
	Cause    error
}

// Error says what was looked for and what to do.
func (e *NotFound) Error() string {
	if e.Variable != "" {
		return fmt.Sprintf("the CHROME variable says %q, which cannot be run (%v): set it to the path of a Chromium or Chrome program, or unset it", e.Variable, e.Cause)
	}
	return fmt.Sprintf("no Chrome found: looked on PATH for %s: install the package chromium-headless-shell or chromium, or set the CHROME variable to a program's path",
		strings.Join(programs, ", "))
}

// Unwrap gives the cause.
func (e *NotFound) Unwrap() error { return e.Cause }

// Find gives the path of the Chrome to run: chromeVariable, the value of the
// CHROME variable, when it is not empty, else the first of the usual names on
// PATH, else a macOS application. The error is a *NotFound, or the context's.
func Find(ctx context.Context, chromeVariable string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if chromeVariable != "" {
		path, err := exec.LookPath(chromeVariable)
		if err != nil {
			return "", &NotFound{Variable: chromeVariable, Cause: err}
		}
		return path, nil
	}
	candidates := programs
	if runtime.GOOS == "darwin" {
		candidates = append(candidates[:len(candidates):len(candidates)], applications...)
	}
	for _, candidate := range candidates {
		if path, err := exec.LookPath(candidate); err == nil {
			return path, nil
		}
	}
	return "", &NotFound{Cause: exec.ErrNotFound}
}
