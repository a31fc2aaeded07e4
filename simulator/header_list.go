package simulator

import (
	"net/http"
	"slices"
	"strings"
)

// headerList is a header list.
// https://fetch.spec.whatwg.org/#concept-header-list
type headerList []Field

// contains is https://fetch.spec.whatwg.org/#header-list-contains
func (l headerList) contains(name string) bool {
	return slices.ContainsFunc(l, func(field Field) bool { return strings.EqualFold(field.Name, name) })
}

// get returns the combined value and whether there is one.
// https://fetch.spec.whatwg.org/#concept-header-list-get
func (l headerList) get(name string) (string, bool) {
	value, found := "", false
	for _, field := range l {
		if !strings.EqualFold(field.Name, name) {
			continue
		}
		if found {
			value += ", " + field.Value
		} else {
			value, found = field.Value, true
		}
	}
	return value, found
}

// combine is https://fetch.spec.whatwg.org/#concept-header-list-combine
func (l headerList) combine(name, value string) headerList {
	for i, field := range l {
		if strings.EqualFold(field.Name, name) {
			l[i].Value = field.Value + ", " + value
			return l
		}
	}
	return append(l, Field{Name: name, Value: value})
}

// remove is https://fetch.spec.whatwg.org/#concept-header-list-delete
func (l headerList) remove(name string) headerList {
	return slices.DeleteFunc(l, func(field Field) bool { return strings.EqualFold(field.Name, name) })
}

// getHeader gets a header from a response's header list, whose names are in
// canonical form: the values of all headers of that name, combined.
// https://fetch.spec.whatwg.org/#concept-header-list-get
func getHeader(header http.Header, canonicalName string) (value string, found bool) {
	values, found := header[canonicalName]
	switch len(values) {
	case 0:
		return "", found && values != nil
	case 1:
		return values[0], true
	}
	return strings.Join(values, ", "), true
}

// byteLowercase is https://infra.spec.whatwg.org/#byte-lowercase: ASCII only,
// and without an allocation where there is nothing to do.
func byteLowercase(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			lower := []byte(s)
			for ; i < len(lower); i++ {
				if 'A' <= lower[i] && lower[i] <= 'Z' {
					lower[i] += 'a' - 'A'
				}
			}
			return string(lower)
		}
	}
	return s
}

// sortedLowercaseSet converts header names to a sorted-lowercase set.
// https://fetch.spec.whatwg.org/#convert-header-names-to-a-sorted-lowercase-set
func sortedLowercaseSet(names []string) []string {
	for i, name := range names {
		names[i] = byteLowercase(name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// isToken reports whether s is an HTTP token, which methods and header names are.
// https://www.rfc-editor.org/rfc/rfc9110.html#name-tokens
func isToken(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return true
}

func isTokenByte(b byte) bool {
	switch {
	case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9':
		return true
	}
	return strings.IndexByte("!#$%&'*+-.^_`|~", b) >= 0
}

// normalizeHeaderValue is https://fetch.spec.whatwg.org/#concept-header-value-normalize
func normalizeHeaderValue(value string) string { return strings.Trim(value, "\t\n\r ") }

// isHeaderValue reports whether a normalized value is a header value.
// https://fetch.spec.whatwg.org/#header-value
func isHeaderValue(value string) bool { return !strings.ContainsAny(value, "\x00\r\n") }

// byteString converts a script's string to the bytes of a header, as Web IDL
// converts to ByteString: a code unit becomes a byte, and one above 0xFF throws.
// A string that is not UTF-8 is taken for the bytes themselves.
// https://webidl.spec.whatwg.org/#es-ByteString
func byteString(s string) (string, bool) {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < 0x80
	}
	if ascii {
		return s, true
	}
	encoded := make([]byte, 0, len(s))
	for i, r := range s {
		if r == '\uFFFD' && !strings.HasPrefix(s[i:], "\uFFFD") {
			return s, true
		}
		if r > 0xFF {
			return "", false
		}
		encoded = append(encoded, byte(r))
	}
	return string(encoded), true
}
