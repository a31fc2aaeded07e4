package fuzz

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// StateFile is the name of the state within a report's folder.
const StateFile = "state.json"

// State is what a run that was stopped needs to go on.
type State struct {
	Seed uint64 `json:"seed"`
	// Done are the indices of finished cases: ranges from the first to behind the
	// last, in order, that do not touch each other.
	Done          [][2]uint64 `json:"done"`
	Disagreements int         `json:"disagreements"`
	// Unconfirmed are cases that disagreed once, and not when they were run again alone.
	Unconfirmed int `json:"unconfirmed"`
}

// Cases is how many cases are done.
func (s *State) Cases() int {
	count := 0
	for _, r := range s.Done {
		count += int(r[1] - r[0])
	}
	return count
}

// isDone reports whether a case is done.
func (s *State) isDone(index uint64) bool {
	return slices.ContainsFunc(s.Done, func(r [2]uint64) bool { return r[0] <= index && index < r[1] })
}

// add notes that the cases from the first to behind the last are done.
func (s *State) add(from, to uint64) {
	s.Done = append(s.Done, [2]uint64{from, to})
	slices.SortFunc(s.Done, func(a, b [2]uint64) int {
		if a[0] < b[0] {
			return -1
		}
		return 1
	})
	merged := s.Done[:1]
	for _, r := range s.Done[1:] {
		if last := &merged[len(merged)-1]; r[0] <= last[1] {
			last[1] = max(last[1], r[1])
			continue
		}
		merged = append(merged, r)
	}
	s.Done = merged
}

// LoadState reads the state of a run; not ok when the folder has none.
func LoadState(folder string) (state State, ok bool, err error) {
	path := filepath.Join(folder, StateFile)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, false, nil
	}
	if err != nil {
		return State{}, false, fmt.Errorf("read the state of the run: %w", err)
	}
	if err := json.Unmarshal(content, &state); err != nil {
		return State{}, false, fmt.Errorf("read the state of the run in %s: %w; without --resume a new one begins", path, err)
	}
	return state, true, nil
}

// save writes the state so that a reader finds the old one or the new one, whole.
func (s *State) save(folder string) error {
	content, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("write the state of the run: %w", err)
	}
	path := filepath.Join(folder, StateFile)
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return fmt.Errorf("write the state of the run: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write the state of the run: %w", err)
	}
	return nil
}
