package linkerd

import (
	"fmt"
	"slices"
)

// FirstToSetHeaders is the first edge release whose proxies carry out a ResponseHeaderModifier of an HTTPRoute.
// https://github.com/linkerd/linkerd2/pull/11106
const FirstToSetHeaders = "edge-23.7.3"

// SetsHeaders tells whether the proxies of a release set response headers as an HTTPRoute says. An older one takes the
// HTTPRoute, says that it is accepted, and does nothing. Of a release that is no edge release nothing is known, and it is taken for a newer one.
func SetsHeaders(release string) bool {
	version, known := edge(release)
	first, _ := edge(FirstToSetHeaders)
	return !known || slices.Compare(version, first) >= 0
}

// edge are the numbers of an edge release: year, month and number in it.
func edge(release string) (numbers []int, is bool) {
	numbers = make([]int, 3)
	_, err := fmt.Sscanf(release, "edge-%d.%d.%d", &numbers[0], &numbers[1], &numbers[2])
	return numbers, err == nil
}
