package report

import (
	"net/http"
	"slices"
	"sort"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
)

// Action is what a hop did to a response header.
type Action string

// The actions.
const (
	// ActionSet: the header was not there before.
	ActionSet Action = "set"
	// ActionReplaced: the header has other values than before.
	ActionReplaced Action = "replaced"
	// ActionAppended: the values from before are there, and more: the header is
	// doubled, which a browser refuses of Access-Control-Allow-Origin.
	ActionAppended Action = "appended"
	// ActionDropped: the header was there and is no more.
	ActionDropped Action = "dropped"
	// ActionUnchanged: the hop passed the header on.
	ActionUnchanged Action = "unchanged"
)

// HeaderEvent is what one hop did to one header of a response.
type HeaderEvent struct {
	// Header is the name in canonical form.
	Header string
	// Hop is HopResponse.Hop, Index its place among the hops: two proxies can have one name.
	Hop    string
	Index  int
	Action Action
	// Before and After are the header's values as they came to the hop and as they left it.
	Before, After []string
}

// Doubled tells whether the hop made two values of a header that a browser
// accepts one of only; appending to a list, such as Vary, is no harm.
func (e HeaderEvent) Doubled() bool {
	switch e.Header {
	case allowOrigin, allowCredentials, resourcePolicy, "Access-Control-Max-Age":
		return e.Action == ActionAppended
	}
	return false
}

// HeaderEvents follows the headers that decide about cross-origin access
// through the hops of a response, the innermost hop first. The events of a
// header stand together, in the order of the hops; a header that has not
// appeared yet makes none.
func HeaderEvents(hops []harness.HopResponse) []HeaderEvent {
	headers := make([]http.Header, len(hops))
	seen := map[string]bool{}
	for i, hop := range hops {
		headers[i] = canonical(hop.Header)
		for name := range headers[i] {
			if CrossOriginResponseHeader(name) {
				seen[name] = true
			}
		}
	}
	var events []HeaderEvent
	for _, name := range sortedHeaderNames(seen) {
		var before []string
		for i, hop := range hops {
			after := headers[i][name]
			if before == nil && after == nil {
				continue
			}
			events = append(events, HeaderEvent{
				Header: name, Hop: hop.Hop, Index: i, Action: actionOf(before, after), Before: before, After: after,
			})
			before = after
		}
	}
	return events
}

// CrossOriginResponseHeader tells whether a response header takes part in
// deciding what another origin's page may do with the response, or in which
// page gets it.
func CrossOriginResponseHeader(name string) bool {
	name = http.CanonicalHeaderKey(name)
	switch name {
	case "Vary", "Age", "Location", "Timing-Allow-Origin":
		return true
	}
	return strings.HasPrefix(name, "Access-Control-") || strings.HasPrefix(name, "Cross-Origin-")
}

// CrossOriginRequestHeader tells whether a request header takes part in the
// server's decision about another origin's page.
func CrossOriginRequestHeader(name string) bool {
	name = http.CanonicalHeaderKey(name)
	switch name {
	case "Origin", "Cookie", "Authorization", "Referer":
		return true
	}
	return strings.HasPrefix(name, "Access-Control-Request-")
}

// actionOf compares list members and not lines, because a proxy may join or
// split the lines of a header without changing what it says.
func actionOf(before, after []string) Action {
	switch {
	case before == nil:
		return ActionSet
	case after == nil:
		return ActionDropped
	}
	was, is := listMembers(before), listMembers(after)
	switch {
	case slices.Equal(was, is):
		return ActionUnchanged
	case len(is) > len(was) && containsAll(is, was):
		return ActionAppended
	default:
		return ActionReplaced
	}
}

// listMembers splits the lines of a header at their commas.
func listMembers(lines []string) []string {
	var members []string
	for _, line := range lines {
		for member := range strings.SplitSeq(line, ",") {
			members = append(members, strings.TrimSpace(member))
		}
	}
	return members
}

// containsAll tells whether all has every one of some, as often.
func containsAll(all, some []string) bool {
	left := map[string]int{}
	for _, member := range all {
		left[member]++
	}
	for _, member := range some {
		left[member]--
		if left[member] < 0 {
			return false
		}
	}
	return true
}

// canonical joins headers whose names differ in case only. A header without a
// value in it is left out: it was not sent.
func canonical(header http.Header) http.Header {
	joined := http.Header{}
	for _, name := range sortedKeys(header) {
		for _, value := range header[name] {
			joined.Add(name, value)
		}
	}
	return joined
}

// sortedHeaderNames puts the header that decides first before the others,
// which follow by name.
func sortedHeaderNames(names map[string]bool) []string {
	sorted := sortedKeys(names)
	sort.SliceStable(sorted, func(i, j int) bool {
		return sorted[i] == allowOrigin && sorted[j] != allowOrigin
	})
	return sorted
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
