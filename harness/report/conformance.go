package report

import (
	"fmt"
	"io"
	"path"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/crosscheck-dev/crosscheck/harness/terminal"
)

// ConformanceAPIVersion is the version of the conformance report's format.
const ConformanceAPIVersion = "crosscheck.conformance/v1"

// conformanceReport is in the manner of the Gateway API's ConformanceReport: who
// was tested, with what, and by profile which tests succeeded.
// https://gateway-api.sigs.k8s.io/concepts/conformance/
type conformanceReport struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Date       string `yaml:"date"`
	Crosscheck string `yaml:"crosscheckVersion"`
	// Shard is there where the run was one part of several, as in "1/4": the profiles are not whole then.
	Shard          string               `yaml:"shard,omitempty"`
	Implementation implementation       `yaml:"implementation"`
	Profiles       []conformanceProfile `yaml:"profiles"`
}

// implementation is what was tested.
type implementation struct {
	Environment string            `yaml:"environment"`
	Versions    map[string]string `yaml:"versions"`
}

// conformanceProfile is a folder of feature files.
type conformanceProfile struct {
	Name string          `yaml:"name"`
	Core conformanceCore `yaml:"core"`
	// SupportedFeatures are those of which every scenario passed, UnsupportedFeatures the others: by their names.
	SupportedFeatures   []string `yaml:"supportedFeatures,omitempty"`
	UnsupportedFeatures []string `yaml:"unsupportedFeatures,omitempty"`
	Summary             string   `yaml:"summary"`
}

type conformanceCore struct {
	Result     conformanceResult     `yaml:"result"`
	Statistics conformanceStatistics `yaml:"statistics"`
	// FailedTests and SkippedTests are ids of scenarios.
	FailedTests  []string `yaml:"failedTests,omitempty"`
	SkippedTests []string `yaml:"skippedTests,omitempty"`
}

// conformanceResult is the Gateway API's: partial is a success of what was not skipped.
type conformanceResult string

const (
	conformanceSuccess conformanceResult = "success"
	conformancePartial conformanceResult = "partial"
	conformanceFailure conformanceResult = "failure"
)

type conformanceStatistics struct {
	Failed  int `yaml:"Failed"`
	Passed  int `yaml:"Passed"`
	Skipped int `yaml:"Skipped"`
}

// WriteConformance writes which of the profiles, which are the folders of the feature
// files, the tested environment conforms to. A scenario that fails in any way, the simulator's or a
// model's included, is a failed test.
func WriteConformance(out io.Writer, r Report) error {
	made := conformanceReport{
		APIVersion: ConformanceAPIVersion, Kind: "ConformanceReport", Date: r.Started.UTC().Format(time.RFC3339), Crosscheck: r.Crosscheck,
		Implementation: implementation{Environment: r.Environment.Name, Versions: presentMap(r.Environment.Versions)},
		Profiles:       []conformanceProfile{},
	}
	if r.Shard != nil {
		made.Shard = r.Shard.String()
	}
	index := map[string]int{}
	for _, feature := range r.features() {
		// YAML has no control characters.
		name := terminal.Printable(path.Dir(feature.File))
		i, known := index[name]
		if !known {
			i = len(made.Profiles)
			index[name] = i
			made.Profiles = append(made.Profiles, conformanceProfile{Name: name})
		}
		made.Profiles[i].add(feature)
	}
	for i := range made.Profiles {
		made.Profiles[i].conclude()
	}
	encoder := yaml.NewEncoder(out, yaml.Indent(2), yaml.IndentSequence(false))
	if err := encoder.Encode(made); err != nil {
		return err
	}
	return encoder.Close()
}

func (p *conformanceProfile) add(f feature) {
	for _, s := range f.Scenarios {
		switch {
		case s.failed():
			p.Core.FailedTests = append(p.Core.FailedTests, terminal.Printable(s.ID))
		case s.Verdict == Skipped:
			p.Core.SkippedTests = append(p.Core.SkippedTests, terminal.Printable(s.ID))
		}
	}
	statistics := &p.Core.Statistics
	statistics.Passed += f.Summary.Passed
	statistics.Failed += f.Summary.Failed
	statistics.Skipped += f.Summary.Skipped
	name := terminal.Printable(f.Name)
	if f.Summary.Passed == f.Summary.Scenarios {
		p.SupportedFeatures = append(p.SupportedFeatures, name)
	} else {
		p.UnsupportedFeatures = append(p.UnsupportedFeatures, name)
	}
}

// conclude says what the numbers come to.
func (p *conformanceProfile) conclude() {
	s := p.Core.Statistics
	all := s.Passed + s.Failed + s.Skipped
	switch {
	case s.Failed > 0:
		p.Core.Result = conformanceFailure
		p.Summary = fmt.Sprintf("Failed with %d of %d scenarios.", s.Failed, all)
	case s.Skipped > 0:
		p.Core.Result = conformancePartial
		p.Summary = fmt.Sprintf("Succeeded as far as it ran: %d of %d scenarios were skipped.", s.Skipped, all)
	default:
		p.Core.Result = conformanceSuccess
		p.Summary = "Succeeded."
	}
}
