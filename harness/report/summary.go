package report

import "time"

// Summarize computes the summary from the scenarios; elapsed is how long the
// run took, which is not the sum of scenarios that run at the same time.
func (r *Report) Summarize(elapsed time.Duration) {
	r.Summary = count(r.Scenarios)
	r.Summary.DurationMS = elapsed.Milliseconds()
}

// count sums up scenarios; its duration is their sum.
func count(scenarios []Scenario) Summary {
	var summary Summary
	for _, scenario := range scenarios {
		summary.add(scenario)
	}
	return summary
}

// add counts one scenario in.
func (s *Summary) add(scenario Scenario) {
	s.Scenarios++
	switch scenario.Verdict {
	case Pass:
		s.Passed++
	case Skipped:
		s.Skipped++
	default:
		s.Failed++
	}
	if scenario.differs() {
		s.Mismatches++
	}
	s.DurationMS += scenario.DurationMS
}

// differs tells whether prediction and observation differ anywhere in the scenario, in a browser or at the edge.
func (s Scenario) differs() bool {
	for _, request := range s.Requests {
		if len(request.Differences) > 0 || len(request.EdgeDifferences) > 0 {
			return true
		}
	}
	return false
}

// failed tells whether the scenario neither passed nor was skipped.
func (s Scenario) failed() bool {
	return s.Verdict != Pass && s.Verdict != Skipped
}

// feature is the part of a report that one feature file accounts for.
type feature struct {
	Name, File string
	Summary    Summary
	Scenarios  []Scenario
}

// features groups the scenarios by file and name of their feature, in the
// order in which the features first appear. Scenarios finish in any order, so
// that one feature's are not neighbours in a report.
func (r Report) features() []feature {
	type key struct{ file, name string }
	var features []feature
	index := map[key]int{}
	for _, scenario := range r.Scenarios {
		k := key{scenario.File, scenario.Feature}
		i, known := index[k]
		if !known {
			i = len(features)
			index[k] = i
			features = append(features, feature{Name: scenario.Feature, File: scenario.File})
		}
		features[i].Scenarios = append(features[i].Scenarios, scenario)
	}
	for i := range features {
		features[i].Summary = count(features[i].Scenarios)
	}
	return features
}
