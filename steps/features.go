package steps

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"

	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// FeatureNotFound says that a path names no feature file and no folder with one.
type FeatureNotFound struct{ Path string }

// Error names the path.
func (e *FeatureNotFound) Error() string {
	return e.Path + ": there is no feature file of this name, nor a folder with feature files in it"
}

// ErrNoScenario says that the selection is empty.
var ErrNoScenario = errors.New("no scenario is selected: the paths, lines and tags given leave none")

// lineSuffix is the ":12" that selects the scenario at a line.
var lineSuffix = regexp.MustCompile(`:\d+$`)

// find turns paths into the names of feature files, each once: files, all
// files in a folder, and "file:line" for the scenario that begins there.
func find(files fs.FS, paths []string) ([]string, error) {
	var names []string
	for _, given := range paths {
		name := path.Clean(given)
		line := lineSuffix.FindString(name)
		name = strings.TrimSuffix(name, line)
		info, err := fs.Stat(files, name)
		if err != nil {
			return nil, &FeatureNotFound{Path: given}
		}
		if !info.IsDir() {
			names = append(names, name+line)
			continue
		}
		before := len(names)
		err = fs.WalkDir(files, name, func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && strings.HasSuffix(name, ".feature") {
				names = append(names, name)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look for feature files in %s: %w", given, err)
		}
		if len(names) == before {
			return nil, &FeatureNotFound{Path: given}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	// A line of a file that is selected as a whole selects nothing more.
	return slices.DeleteFunc(names, func(name string) bool {
		line := lineSuffix.FindString(name)
		return line != "" && slices.Contains(names, strings.TrimSuffix(name, line))
	}), nil
}

// sift parts the files that are Gherkin from those that are not; the latter
// become failed results, so that the former still run.
func sift(files fs.FS, names []string) (wellFormed []string, malformed []report.Scenario, err error) {
	for _, name := range names {
		file := lineSuffix.ReplaceAllString(name, "")
		content, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, nil, fmt.Errorf("read the feature file: %w", err)
		}
		if _, err := gherkin.ParseGherkinDocument(bytes.NewReader(content), (&messages.Incrementing{}).NewId); err != nil {
			malformed = append(malformed, parseErrors(file, err)...)
			continue
		}
		wellFormed = append(wellFormed, name)
	}
	return wellFormed, malformed, nil
}

// parseError is how the Gherkin parser writes one error: "(line:column): message".
var parseError = regexp.MustCompile(`\((\d+):\d+\): (.*)`)

// parseErrors gives a failed result for each error in a file that is no Gherkin.
func parseErrors(file string, err error) []report.Scenario {
	var results []report.Scenario
	add := func(line int, message string) {
		results = append(results, report.Scenario{
			ID: fmt.Sprintf("%s:%d", file, line), Feature: file, File: file, Line: line, Tags: []string{},
			Name: "(this file is not well-formed Gherkin)", Verdict: report.UnexpectedOutcome, Message: message,
			Steps: []report.Step{}, Requests: []report.Request{},
		})
	}
	for text := range strings.SplitSeq(err.Error(), "\n") {
		if match := parseError.FindStringSubmatch(text); match != nil {
			line, _ := strconv.Atoi(match[1])
			add(line, match[2])
		}
	}
	if len(results) == 0 {
		add(1, err.Error())
	}
	return results
}
