package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Shard says that a report is one part of several, and of what: all parts of one
// selection say the same but for the index.
type Shard struct {
	// Index is from 1 to Of.
	Index int `json:"index"`
	Of    int `json:"of"`
	// Scenarios is how many there are in all parts together, Selection the digest of their ids.
	Scenarios int    `json:"scenarios"`
	Selection string `json:"selection"`
}

// String is the shard as --shard takes it, such as "1/4".
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// SelectionDigest identifies a set of scenarios by their ids, in whatever order.
func SelectionDigest(ids []string) string {
	sum := sha256.Sum256([]byte(strings.Join(slices.Sorted(slices.Values(ids)), "\n")))
	return hex.EncodeToString(sum[:8])
}

// Costs are how long each scenario took that ran, in milliseconds by id.
func (r Report) Costs() map[string]int64 {
	costs := make(map[string]int64, len(r.Scenarios))
	for _, s := range r.Scenarios {
		if s.Verdict != Skipped && s.Verdict != EnvironmentError {
			costs[s.ID] = s.DurationMS
		}
	}
	return costs
}

// WriteCosts writes a report of the times only, a scenario a line: what [Read] and Costs
// want of one, small enough for a ConfigMap.
func (r Report) WriteCosts(w io.Writer) error {
	type cost struct {
		ID         string `json:"id"`
		DurationMS int64  `json:"duration_ms"`
	}
	costs := r.Costs()
	lines := make([]string, 0, len(costs))
	for _, id := range slices.Sorted(maps.Keys(costs)) {
		line, err := json.Marshal(cost{id, costs[id]})
		if err != nil {
			return fmt.Errorf("report: write the times: %w", err)
		}
		lines = append(lines, string(line))
	}
	if _, err := fmt.Fprintf(w, "{\"schema\":%q,\"scenarios\":[\n%s\n]}\n", Schema, strings.Join(lines, ",\n")); err != nil {
		return fmt.Errorf("report: write the times: %w", err)
	}
	return nil
}
