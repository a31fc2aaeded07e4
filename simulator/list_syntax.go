package simulator

import (
	"regexp"
	"strings"
)

// extractList extracts header list values for the headers whose ABNF is a list
// of tokens: Access-Control-Allow-Methods, Access-Control-Allow-Headers and
// Access-Control-Expose-Headers. Empty elements count for nothing; one element
// that is no token makes the whole header a failure (ok is false).
// https://fetch.spec.whatwg.org/#extract-header-list-values and
// https://www.rfc-editor.org/rfc/rfc9110.html#name-lists-rule-abnf-extension
func extractList(values []string) (tokens []string, ok bool) {
	for _, value := range values {
		for more := true; more; {
			var element string
			element, value, more = strings.Cut(value, ",")
			element = strings.Trim(element, "\t ")
			if element == "" {
				continue
			}
			if !isToken(element) {
				return nil, false
			}
			tokens = append(tokens, element)
		}
	}
	return tokens, true
}

// splitHeaderValue gets, decodes, and splits a header value: at its commas,
// except those within quotes.
// https://fetch.spec.whatwg.org/#header-value-get-decode-and-split
func splitHeaderValue(value string) []string {
	var values []string
	start, quoted := 0, false
	for i := 0; i < len(value); i++ {
		switch {
		case quoted && value[i] == '\\':
			i++
		case value[i] == '"':
			quoted = !quoted
		case value[i] == ',' && !quoted:
			values = append(values, strings.Trim(value[start:i], "\t "))
			start = i + 1
		}
	}
	return append(values, strings.Trim(value[start:], "\t "))
}

// structuredToken is the token of a structured field that is an item, ""
// when it is none. Its parameters have to be some, and say nothing here.
// https://www.rfc-editor.org/rfc/rfc9651.html#name-parsing-an-item
func structuredToken(value string) string {
	value = strings.Trim(value, " ")
	end := 0
	for end < len(value) && (isTokenByte(value[end]) || value[end] == ':' || value[end] == '/') {
		end++
	}
	if !structuredParameters.MatchString(value[end:]) {
		return ""
	}
	return value[:end]
}

// structuredParameters are those of a structured field: a number, a string, a
// token, bytes, a boolean, a date or a display string is the value of each, if any.
var structuredParameters = regexp.MustCompile(`^(;\x20*[a-z*][a-z0-9_.*-]*(=(` + strings.Join([]string{
	`-?[0-9]{1,15}`, `-?[0-9]{1,12}\.[0-9]{1,3}`, `"([\x20!#-\[\]-~]|\\["\\])*"`, "[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*",
	`:[A-Za-z0-9+/=]*:`, `\?[01]`, `@-?[0-9]{1,15}`, `%"([\x20!#$&-~]|%[0-9a-f]{2})*"`,
}, "|") + `))?)*$`)
