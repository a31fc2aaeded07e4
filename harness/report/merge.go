package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Part is one of the reports that are merged.
type Part struct {
	// Path is where it was read from, for messages.
	Path string
	Report
}

// MergeError says why reports are not those of one run, and what to do.
type MergeError struct{ Reason string }

// Error gives the reason.
func (e *MergeError) Error() string { return "merge reports: " + e.Reason }

func unmergeable(format string, values ...any) error {
	return &MergeError{fmt.Sprintf(format, values...)}
}

// Merge makes one report of those of the shards of a run, or of runs without shards that
// have no scenario in common. All have to be of one crosscheck and one environment, with
// no shard missing or there twice; otherwise the error is a *MergeError. The time is from the
// start of the first to the end of the last.
func Merge(parts []Part) (Report, error) {
	if len(parts) == 0 {
		return Report{}, unmergeable("there is none")
	}
	parts = slices.Clone(parts)
	merged := Report{
		Schema: Schema, Crosscheck: parts[0].Crosscheck,
		Environment: Environment{Name: parts[0].Environment.Name, Versions: map[string]string{}},
	}
	if err := checkShards(parts); err != nil {
		return Report{}, err
	}
	if parts[0].Shard != nil {
		slices.SortFunc(parts, func(a, b Part) int { return a.Shard.Index - b.Shard.Index })
	}
	from := map[string]string{}
	var ended time.Time
	for i, part := range parts {
		if part.Crosscheck != merged.Crosscheck {
			return Report{}, unmergeable("%s is of crosscheck %s, %s of %s: run all of them with one version", parts[0].Path, merged.Crosscheck, part.Path, part.Crosscheck)
		}
		if err := merged.Environment.add(parts[:i], part); err != nil {
			return Report{}, err
		}
		for _, s := range part.Scenarios {
			if other, twice := from[s.ID]; twice {
				return Report{}, unmergeable("the scenario %s is in %s and in %s: merge each run once, and shards that were made with the same features and --shard-costs", s.ID, other, part.Path)
			}
			from[s.ID] = part.Path
			merged.Scenarios = append(merged.Scenarios, s)
		}
		if i == 0 || part.Started.Before(merged.Started) {
			merged.Started = part.Started
		}
		if end := part.Started.Add(time.Duration(part.Summary.DurationMS) * time.Millisecond); end.After(ended) {
			ended = end
		}
	}
	if shard := parts[0].Shard; shard != nil && SelectionDigest(slices.Collect(maps.Keys(from))) != shard.Selection {
		return Report{}, unmergeable("the shards have %d scenarios and not the %d that were selected: make all shards with the same --shard-costs, or with none", len(from), shard.Scenarios)
	}
	slices.SortStableFunc(merged.Scenarios, func(a, b Scenario) int {
		return cmp.Or(cmp.Compare(a.File, b.File), a.Line-b.Line, len(exampleRow(a.ID))-len(exampleRow(b.ID)), cmp.Compare(exampleRow(a.ID), exampleRow(b.ID)))
	})
	merged.Summarize(ended.Sub(merged.Started))
	return merged, nil
}

// add takes a part's environment in. A part tells the versions of what it used, which is not
// all that others used.
func (e *Environment) add(before []Part, part Part) error {
	if part.Environment.Name != e.Name {
		return unmergeable("%s is of the environment %s, %s of %s: compare such reports with crosscheck compare", before[0].Path, e.Name, part.Path, part.Environment.Name)
	}
	for _, component := range sortedKeys(part.Environment.Versions) {
		version, known := e.Versions[component]
		if found := part.Environment.Versions[component]; known && found != version {
			i := slices.IndexFunc(before, func(p Part) bool { return p.Environment.Versions[component] == version })
			return unmergeable("%s was run with %s %s, %s with %s: what differs in more than the scenarios is for crosscheck compare", before[i].Path, component, version, part.Path, found)
		}
		e.Versions[component] = part.Environment.Versions[component]
	}
	return nil
}

// checkShards refuses all but the whole of one run, and runs that were not split.
func checkShards(parts []Part) error {
	first := parts[0]
	seen := map[int]string{}
	for _, part := range parts {
		switch {
		case part.Shard == nil && first.Shard == nil:
			continue
		case part.Shard == nil || first.Shard == nil:
			whole, shard := part, first
			if first.Shard == nil {
				whole, shard = first, part
			}
			return unmergeable("%s is a shard, and %s a whole run", shard.Path, whole.Path)
		case part.Shard.Of != first.Shard.Of:
			return unmergeable("%s is one of %d shards, %s one of %d: they are of different runs", first.Path, first.Shard.Of, part.Path, part.Shard.Of)
		case part.Shard.Selection != first.Shard.Selection:
			return unmergeable("%s is a shard of %d scenarios, %s of %d others: run all shards with the same features and --tags", first.Path, first.Shard.Scenarios, part.Path, part.Shard.Scenarios)
		case seen[part.Shard.Index] != "":
			return unmergeable("shard %d is there twice, as %s and as %s", part.Shard.Index, seen[part.Shard.Index], part.Path)
		}
		seen[part.Shard.Index] = part.Path
	}
	if first.Shard == nil {
		return nil
	}
	var missing []string
	for i := 1; i <= first.Shard.Of; i++ {
		if seen[i] == "" {
			missing = append(missing, Shard{Index: i, Of: first.Shard.Of}.String())
		}
	}
	if len(missing) > 0 {
		return unmergeable("no report is of shard %s: run what is missing with --shard, and name its report too", strings.Join(missing, ", "))
	}
	return nil
}
