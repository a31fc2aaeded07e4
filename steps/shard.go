package steps

import (
	"cmp"
	"slices"

	"github.com/crosscheck-dev/crosscheck/harness/report"
)

// Shard narrows the plan to one of several parts, numbered from 1, which together are
// the whole of it: each is run by a machine of its own. costs are how long scenarios are known to take, by
// id, in any unit; those that are not known count as the average of the others, and where none is
// known all count alike.
//
// The split depends on the selection, the costs and the count only. The costliest scenario
// goes first to the part that has the least to do, so that all end at about the same time
// (R. L. Graham, Bounds on multiprocessing timing anomalies, 1969: no part takes
// longer than 4/3 of what the best split takes).
func (p *Plan) Shard(index, count int, costs map[string]int64) *report.Shard {
	ids := p.ids()
	shard := &report.Shard{Index: index, Of: count, Scenarios: len(ids), Selection: report.SelectionDigest(ids)}
	mine := map[string]bool{}
	for id, part := range split(ids, count, costs) {
		mine[id] = part == index
	}
	p.others = map[string]bool{}
	p.malformed = slices.DeleteFunc(p.malformed, func(s report.Scenario) bool { return !mine[s.ID] })
	p.order = slices.DeleteFunc(p.order, func(pickle string) bool {
		p.others[pickle] = !mine[p.outlines[pickle].ID]
		return p.others[pickle]
	})
	return shard
}

// ids are those of all results that Run would give.
func (p *Plan) ids() []string {
	var ids []string
	for _, s := range p.malformed {
		ids = append(ids, s.ID)
	}
	for _, pickle := range p.order {
		ids = append(ids, p.outlines[pickle].ID)
	}
	return ids
}

// split says for each scenario in which part it is.
func split(ids []string, count int, costs map[string]int64) map[string]int {
	// Every scenario costs something, so that those too quick to measure are shared out as well.
	cost := func(id string) int64 { return costs[id] + 1 }
	known, sum := int64(0), int64(0)
	for _, id := range ids {
		if _, ok := costs[id]; ok {
			known++
			sum += cost(id)
		}
	}
	average := int64(1)
	if known > 0 {
		average = max(1, sum/known)
	}
	estimate := func(id string) int64 {
		if _, ok := costs[id]; ok {
			return cost(id)
		}
		return average
	}
	sorted := slices.SortedFunc(slices.Values(ids), func(a, b string) int {
		return cmp.Or(cmp.Compare(estimate(b), estimate(a)), cmp.Compare(a, b))
	})
	loads := make([]int64, count)
	parts := make(map[string]int, len(ids))
	for _, id := range sorted {
		least := 0
		for i := range loads {
			if loads[i] < loads[least] {
				least = i
			}
		}
		loads[least] += estimate(id)
		parts[id] = least + 1
	}
	return parts
}
