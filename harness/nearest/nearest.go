// Package nearest finds what was probably meant by a name or a sentence that
// nobody knows.
package nearest

import (
	"slices"
	"strings"

	"github.com/pmezard/go-difflib/difflib"
)

// To is the candidate that is spelled most alike; "" when there are none.
func To(text string, candidates []string) string {
	ranked := Rank(text, candidates)
	if len(ranked) == 0 {
		return ""
	}
	return candidates[ranked[0]]
}

// Rank gives the indexes of the candidates, the one that is spelled most alike first.
func Rank(text string, candidates []string) []int {
	matcher := difflib.NewMatcher(nil, letters(text))
	likeness := make([]float64, len(candidates))
	order := make([]int, len(candidates))
	for i, candidate := range candidates {
		matcher.SetSeq1(letters(candidate))
		likeness[i], order[i] = matcher.Ratio(), i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case likeness[a] > likeness[b]:
			return -1
		case likeness[a] < likeness[b]:
			return 1
		default:
			return 0
		}
	})
	return order
}

func letters(text string) []string { return strings.Split(strings.ToLower(text), "") }
