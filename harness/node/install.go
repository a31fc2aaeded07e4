package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/crosscheck-dev/crosscheck/fixtures"
)

// DefaultDir is where apps are installed: a folder of the user's cache.
func DefaultDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for the Express apps: %w", err)
	}
	return filepath.Join(cache, "crosscheck"), nil
}

// Install puts the app and its locked dependencies into a folder below dir,
// named after their content, and returns the folder. What was installed once stays.
// Two processes may install at once: whoever is first wins, the other takes the winner's.
func (r *Runtime) Install(ctx context.Context, dir string, app fixtures.NodeApp) (string, error) {
	target := filepath.Join(dir, app.Name+"-"+contentHash(app))
	if installed(target) {
		return target, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", unavailable(ctx, fmt.Errorf("make a folder for %s: %w", app.Name, err))
	}
	temporary, err := os.MkdirTemp(dir, app.Name+"-installing-")
	if err != nil {
		return "", unavailable(ctx, fmt.Errorf("make a folder for %s: %w", app.Name, err))
	}
	if err := r.install(ctx, temporary, app); err != nil {
		return "", unavailable(ctx, errors.Join(fmt.Errorf("install %s: %w", app.Name, err), os.RemoveAll(temporary)))
	}
	if err := os.Rename(temporary, target); err != nil {
		if removed := os.RemoveAll(temporary); removed != nil || !installed(target) {
			return "", unavailable(ctx, errors.Join(fmt.Errorf("install %s: %w", app.Name, err), removed))
		}
	}
	return target, nil
}

// install fills a folder that nobody else knows of yet.
func (r *Runtime) install(ctx context.Context, folder string, app fixtures.NodeApp) error {
	for name, content := range app.Files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return err
		}
	}
	_, err := run(ctx, folder, r.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
	return err
}

// installed tells whether a folder is there. It appears by a rename, complete.
func installed(folder string) bool {
	_, err := os.Stat(folder)
	return !errors.Is(err, fs.ErrNotExist)
}

// contentHash names a set of files.
func contentHash(app fixtures.NodeApp) string {
	hash := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(app.Files)) {
		fmt.Fprintf(hash, "%s %d\n", name, len(app.Files[name]))
		hash.Write(app.Files[name])
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}
