package simulator

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// receivedHeader makes a header list of what a transport hands over: names in
// canonical form, without those that are none; values without HTTP tab or space around them. All other bytes
// stay as they are: a Go string with one byte for each code unit of the
// isomorphic decoding that script sees. The transport's own header is not changed.
// https://fetch.spec.whatwg.org/#header-value
func receivedHeader(header http.Header) (http.Header, error) {
	received := true
	for name, values := range header {
		for _, value := range values {
			if strings.ContainsAny(value, "\x00\r\n") {
				return nil, errForbiddenByteInHeader
			}
			received = received && !hasOuterSpace(value)
		}
		received = received && isCanonical(name)
	}
	if received {
		return header, nil
	}
	canonical := make(http.Header, len(header))
	for _, name := range sortedNames(header) {
		if !isToken(name) {
			continue
		}
		canonicalName := http.CanonicalHeaderKey(name)
		for _, value := range header[name] {
			canonical[canonicalName] = append(canonical[canonicalName], strings.Trim(value, "\t "))
		}
	}
	return canonical, nil
}

// errForbiddenByteInHeader says what a header value cannot have.
var errForbiddenByteInHeader = errors.New("malformed HTTP response: a header value has a NUL byte or a line break")

func hasOuterSpace(value string) bool {
	return value != "" && (isTabOrSpace(value[0]) || isTabOrSpace(value[len(value)-1]))
}

func isTabOrSpace(b byte) bool { return b == '\t' || b == ' ' }

// isCanonical is http.CanonicalHeaderKey(name) == name for a token, without its
// cost for the names that are: every one but a hand-made exception.
func isCanonical(name string) bool {
	upper := true
	for i := range len(name) {
		b := name[i]
		if !isTokenByte(b) {
			return false
		}
		if upper && 'a' <= b && b <= 'z' || !upper && 'A' <= b && b <= 'Z' {
			return http.CanonicalHeaderKey(name) == name
		}
		upper = b == '-'
	}
	return true
}

// sortedNames makes the order of headers whose names differ in case only predictable.
func sortedNames(header http.Header) []string {
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
