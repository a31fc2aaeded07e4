package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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
