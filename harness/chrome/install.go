package chrome

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// packageManager is a way to install Chromium.
type packageManager struct {
	program string
	// before are the arguments of a command to run first; nil for none.
	before []string
	// install are the arguments that come before the package's name.
	install []string
	// packages are tried in order.
	packages []string
	// asUser: it refuses to run as root, and needs no rights.
	asUser bool
}

// packageManagers are tried in order.
var packageManagers = []packageManager{
	{program: "apt-get", before: []string{"update"}, install: []string{"install", "--yes", "--no-install-recommends"}, packages: []string{"chromium-headless-shell", "chromium"}},
	{program: "dnf", install: []string{"install", "--assumeyes"}, packages: []string{"chromium-headless", "chromium"}},
	{program: "yum", install: []string{"install", "--assumeyes"}, packages: []string{"chromium-headless", "chromium"}},
	{program: "apk", install: []string{"add"}, packages: []string{"chromium"}},
	{program: "pacman", install: []string{"--sync", "--noconfirm"}, packages: []string{"chromium"}},
	{program: "zypper", install: []string{"--non-interactive", "install"}, packages: []string{"chromium"}},
	{program: "brew", install: []string{"install", "--cask"}, packages: []string{"chromium"}, asUser: true},
}

// NotInstalled says why Chrome could not be installed.
type NotInstalled struct{ Cause error }

// Error says why, and what to do.
func (e *NotInstalled) Error() string {
	return fmt.Sprintf("cannot install Chrome (%v): install the package chromium-headless-shell or chromium yourself, or set the CHROME variable to a program's path", e.Cause)
}

// Unwrap gives the cause.
func (e *NotInstalled) Unwrap() error { return e.Cause }

// Install installs Chromium with the system's package manager and gives the
// path to run. It says on out what it will run before it does, and passes on
// what that prints. The error is a *NotInstalled, or the context's.
func Install(ctx context.Context, out io.Writer) (string, error) {
	manager, program, err := findPackageManager()
	if err != nil {
		return "", &NotInstalled{Cause: err}
	}
	command := []string{program}
	if os.Geteuid() != 0 && !manager.asUser {
		sudo, err := exec.LookPath("sudo")
		if err != nil {
			return "", &NotInstalled{Cause: fmt.Errorf("%s needs root's rights and there is no sudo", manager.program)}
		}
		// -n: it must not ask for a password.
		if err := exec.CommandContext(ctx, sudo, "-n", "true").Run(); err != nil {
			return "", &NotInstalled{Cause: fmt.Errorf("%s needs root's rights and sudo wants a password", manager.program)}
		}
		command = []string{sudo, "-n", program}
	}
	if manager.before != nil {
		// An outdated list may still do: the installation itself decides.
		_ = run(ctx, out, append(command[:len(command):len(command)], manager.before...))
	}
	for _, name := range manager.packages {
		arguments := append(command[:len(command):len(command)], manager.install...)
		if err = run(ctx, out, append(arguments, name)); err == nil {
			return Find(ctx, "")
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
	}
	return "", &NotInstalled{Cause: err}
}

// findPackageManager gives the first package manager on PATH.
func findPackageManager() (packageManager, string, error) {
	names := make([]string, 0, len(packageManagers))
	for _, manager := range packageManagers {
		if program, err := exec.LookPath(manager.program); err == nil {
			return manager, program, nil
		}
		names = append(names, manager.program)
	}
	return packageManager{}, "", fmt.Errorf("none of the package managers %s is on PATH", strings.Join(names, ", "))
}

// run announces a command and runs it.
func run(ctx context.Context, out io.Writer, command []string) error {
	line := strings.Join(command, " ")
	if _, err := fmt.Fprintf(out, "Installing Chrome: %s\n", line); err != nil {
		return err
	}
	process := exec.CommandContext(ctx, command[0], command[1:]...)
	process.Stdout, process.Stderr = out, out
	process.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if err := process.Run(); err != nil {
		return fmt.Errorf("%s: %w", line, err)
	}
	return nil
}
