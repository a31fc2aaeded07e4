package chrome_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/chrome"
)

// programsOnPath makes PATH one folder with the given shell scripts in it.
func programsOnPath(t *testing.T, scripts map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, script := range scripts {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+script), 0o755))
	}
	t.Setenv("PATH", folder)
	return folder
}

func TestFindPrefersTheVariableThenTheHeadlessShell(t *testing.T) {
	folder := programsOnPath(t, map[string]string{"google-chrome": "", "chromium": "", "chromium-headless-shell": "", "mine": ""})
	path, err := chrome.Find(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, filepath.Join(folder, "chromium-headless-shell"), path)

	path, err = chrome.Find(t.Context(), filepath.Join(folder, "mine"))
	require.NoError(t, err)
	require.Equal(t, filepath.Join(folder, "mine"), path)
}

func TestFindSaysWhatItLookedForAndWhatToInstall(t *testing.T) {
	folder := programsOnPath(t, nil)
	_, err := chrome.Find(t.Context(), "")
	var notFound *chrome.NotFound
	require.ErrorAs(t, err, &notFound)
	require.ErrorContains(t, err, "chromium-headless-shell, headless-shell, headless_shell, chromium, chromium-browser, google-chrome")
	require.ErrorContains(t, err, "install the package")

	plain := filepath.Join(folder, "not-executable")
	require.NoError(t, os.WriteFile(plain, nil, 0o600))
	for _, variable := range []string{plain, filepath.Join(folder, "missing")} {
		_, err = chrome.Find(t.Context(), variable)
		require.ErrorAs(t, err, &notFound)
		require.Equal(t, variable, notFound.Variable)
		require.ErrorContains(t, err, variable)
	}
}

// installs is a package manager that installs the named package as a program.
func installs(name string) string {
	return `case "$*" in *` + name + `) echo "got $*"; printf '#!/bin/sh\n' > "${0%/*}/chromium"; /bin/chmod +x "${0%/*}/chromium";; update) ;; *) echo "no package"; exit 1;; esac`
}

func TestInstallSaysWhatItRunsAndFallsBackToTheNextPackage(t *testing.T) {
	for _, test := range []struct {
		manager, installs string
		lines             []string
	}{
		{"apt-get", " chromium", []string{"apt-get update", "apt-get install --yes --no-install-recommends chromium-headless-shell", "apt-get install --yes --no-install-recommends chromium"}},
		{"dnf", " chromium-headless", []string{"dnf install --assumeyes chromium-headless"}},
		{"yum", " chromium", []string{"yum install --assumeyes chromium-headless", "yum install --assumeyes chromium"}},
		{"apk", " chromium", []string{"apk add chromium"}},
		{"pacman", " chromium", []string{"pacman --sync --noconfirm chromium"}},
		{"zypper", " chromium", []string{"zypper --non-interactive install chromium"}},
		{"brew", " chromium", []string{"brew install --cask chromium"}},
	} {
		t.Run(test.manager, func(t *testing.T) {
			// The space keeps "chromium" from matching at the end of another name.
			pattern := `"` + test.installs + `"`
			folder := programsOnPath(t, map[string]string{
				test.manager: installs(pattern),
				"sudo":       `shift; [ "$1" = true ] || exec "$@"`,
			})
			var out bytes.Buffer
			path, err := chrome.Install(t.Context(), &out)
			require.NoError(t, err, out.String())
			require.Equal(t, filepath.Join(folder, "chromium"), path)
			for _, line := range test.lines {
				require.Contains(t, out.String(), folder+"/"+line+"\n")
			}
			require.Contains(t, out.String(), "got ")
		})
	}
}

func TestInstallWithoutAWayToSaysWhatToInstall(t *testing.T) {
	scripts := map[string]map[string]string{
		"none of the package managers": {},
		"exit status 1":                {"apt-get": "exit 1", "sudo": `shift; [ "$1" = true ] || exec "$@"`},
	}
	if os.Geteuid() != 0 {
		scripts["there is no sudo"] = map[string]string{"apt-get": ""}
		scripts["wants a password"] = map[string]string{"apt-get": "", "sudo": "exit 1"}
	}
	for cause, programs := range scripts {
		t.Run(cause, func(t *testing.T) {
			programsOnPath(t, programs)
			_, err := chrome.Install(t.Context(), &bytes.Buffer{})
			var notInstalled *chrome.NotInstalled
			require.ErrorAs(t, err, &notInstalled)
			require.ErrorContains(t, err, cause)
			require.ErrorContains(t, err, "chromium-headless-shell")
		})
	}
}

func TestInstallEndsWithItsContext(t *testing.T) {
	programsOnPath(t, map[string]string{"apk": "exit 1", "sudo": "exit 0"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := chrome.Install(ctx, &bytes.Buffer{})
	require.Error(t, err)
}
