package fuzz

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// The files of a report, besides the state.
const (
	// VectorsFile holds the disagreements as vectors that expect what was observed.
	VectorsFile = "disagreements.jsonl"
	// OutcomesFile holds both outcomes of each, in full.
	OutcomesFile = "outcomes.jsonl"
)

// reportFiles are the open files of a report.
type reportFiles struct{ vectors, outcomes *os.File }

// openReport opens the files, to go on with them or to begin anew.
func openReport(folder string, goOn bool) (*reportFiles, error) {
	mode := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if goOn {
		mode = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	}
	vectors, err := os.OpenFile(filepath.Join(folder, VectorsFile), mode, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the report: %w", err)
	}
	outcomes, err := os.OpenFile(filepath.Join(folder, OutcomesFile), mode, 0o600)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the report: %w", err), vectors.Close())
	}
	return &reportFiles{vectors: vectors, outcomes: outcomes}, nil
}

// add writes a disagreement.
func (f *reportFiles) add(found Disagreement) error {
	return errors.Join(writeLine(f.vectors, found.Vector), writeLine(f.outcomes, found))
}

func writeLine(file *os.File, value any) error {
	encoder := json.NewEncoder(file)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write to %s: %w", file.Name(), err)
	}
	return nil
}

func (f *reportFiles) close() error { return errors.Join(f.vectors.Close(), f.outcomes.Close()) }
