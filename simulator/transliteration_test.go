package simulator

import (
	"net/http"
	"slices"
	"strings"
)

// What follows is the standard's CORS check, CORS-preflight fetch and safelists
// once more: step by step, slow, over plain lists, and sharing no code with the
// simulator. The fuzz targets hold the two against each other.

// naiveGet is https://fetch.spec.whatwg.org/#concept-header-list-get
func naiveGet(name string, list []Field) *string {
	var values []string
	for _, header := range list {
		if naiveLowercase(header.Name) == naiveLowercase(name) {
			values = append(values, header.Value)
		}
	}
	if values == nil {
		return nil
	}
	combined := strings.Join(values, ", ")
	return &combined
}

func naiveLowercase(s string) string {
	lower := ""
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'Z' {
			lower += string(rune(s[i] + 32))
		} else {
			lower += s[i : i+1]
		}
	}
	return lower
}

// naiveCORSCheck is https://fetch.spec.whatwg.org/#concept-cors-check
func naiveCORSCheck(requestOrigin string, credentials CredentialsMode, response []Field) bool {
	// 1. and 2.
	origin := naiveGet("Access-Control-Allow-Origin", response)
	if origin == nil {
		return false
	}
	// 3.
	if credentials != "include" && *origin == "*" {
		return true
	}
	// 4.
	if requestOrigin != *origin {
		return false
	}
	// 5.
	if credentials != "include" {
		return true
	}
	// 6. to 8.
	allowed := naiveGet("Access-Control-Allow-Credentials", response)
	return allowed != nil && *allowed == "true"
}

const naiveTokenBytes = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func naiveIsToken(s string) bool {
	return s != "" && strings.Trim(s, naiveTokenBytes) == "" && !slices.ContainsFunc([]byte(s), func(b byte) bool {
		return strings.IndexByte(naiveTokenBytes, b) < 0
	})
}

// naiveExtract is https://fetch.spec.whatwg.org/#extract-header-list-values for
// a list of tokens. Null is nil and ok.
func naiveExtract(name string, list []Field) (values []string, ok bool) {
	for _, header := range list {
		if naiveLowercase(header.Name) != naiveLowercase(name) {
			continue
		}
		if values == nil {
			values = []string{}
		}
		for _, element := range strings.Split(header.Value, ",") {
			element = strings.Trim(element, " \t")
			if element == "" {
				continue
			}
			if !naiveIsToken(element) {
				return nil, false
			}
			values = append(values, element)
		}
	}
	return values, true
}

// naivePreflightSucceeds is https://fetch.spec.whatwg.org/#cors-preflight-fetch-0, step 7
func naivePreflightSucceeds(requestOrigin, method string, headers []Field, credentials CredentialsMode, status int, response []Field) bool {
	if !naiveCORSCheck(requestOrigin, credentials, response) || status < 200 || status > 299 {
		return false
	}
	// 1. to 3.
	methods, methodsOK := naiveExtract("Access-Control-Allow-Methods", response)
	headerNames, headerNamesOK := naiveExtract("Access-Control-Allow-Headers", response)
	if !methodsOK || !headerNamesOK {
		return false
	}
	// 5.
	safelisted := method == "GET" || method == "HEAD" || method == "POST"
	if !slices.Contains(methods, method) && !safelisted && (credentials == "include" || !slices.Contains(methods, "*")) {
		return false
	}
	listed := func(name string) bool {
		return slices.ContainsFunc(headerNames, func(item string) bool { return naiveLowercase(item) == naiveLowercase(name) })
	}
	// 6.
	for _, header := range headers {
		if naiveLowercase(header.Name) == "authorization" && !listed(header.Name) {
			return false
		}
	}
	// 7.
	for _, unsafeName := range naiveUnsafeNames(headers) {
		if !listed(unsafeName) && (credentials == "include" || !slices.Contains(headerNames, "*")) {
			return false
		}
	}
	return true
}

// naiveUnsafeNames is https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
func naiveUnsafeNames(headers []Field) []string {
	var unsafeNames, potentiallyUnsafeNames []string
	safelistValueSize := 0
	for _, header := range headers {
		if !naiveIsSafelisted(header.Name, header.Value) {
			unsafeNames = append(unsafeNames, header.Name)
		} else {
			potentiallyUnsafeNames = append(potentiallyUnsafeNames, header.Name)
			safelistValueSize += len(header.Value)
		}
	}
	if safelistValueSize > 1024 {
		unsafeNames = append(unsafeNames, potentiallyUnsafeNames...)
	}
	set := map[string]bool{}
	for _, name := range unsafeNames {
		set[naiveLowercase(name)] = true
	}
	var sorted []string
	for name := range set {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	return sorted
}

// naiveIsSafelisted is https://fetch.spec.whatwg.org/#cors-safelisted-request-header
func naiveIsSafelisted(name, value string) bool {
	if len(value) > 128 {
		return false
	}
	unsafeBytes := strings.ContainsAny(value, "\"():<>?@[\\]{}\x7F") ||
		slices.ContainsFunc([]byte(value), func(b byte) bool { return b < 0x20 && b != 0x09 })
	switch naiveLowercase(name) {
	case "accept":
		return !unsafeBytes
	case "accept-language", "content-language":
		const allowed = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz *,-.;="
		return !slices.ContainsFunc([]byte(value), func(b byte) bool { return strings.IndexByte(allowed, b) < 0 })
	case "content-type":
		return !unsafeBytes && slices.Contains([]string{"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}, naiveEssence(value))
	case "range":
		return naiveRangeHasStart(value)
	}
	return false
}

// naiveEssence is https://mimesniff.spec.whatwg.org/#parse-a-mime-type up to the subtype.
func naiveEssence(input string) string {
	input = strings.Trim(input, "\n\r\t ")
	position := 0
	mainType := ""
	for position < len(input) && input[position] != '/' {
		mainType += string(input[position])
		position++
	}
	if !naiveIsToken(mainType) || position >= len(input) {
		return ""
	}
	position++
	subtype := ""
	for position < len(input) && input[position] != ';' {
		subtype += string(input[position])
		position++
	}
	subtype = strings.TrimRight(subtype, "\n\r\t ")
	if !naiveIsToken(subtype) {
		return ""
	}
	return naiveLowercase(mainType) + "/" + naiveLowercase(subtype)
}

// naiveRangeHasStart is https://fetch.spec.whatwg.org/#simple-range-header-value
// without white space, and the safelist's wish for a start.
func naiveRangeHasStart(data string) bool {
	if !strings.HasPrefix(data, "bytes") {
		return false
	}
	position := 5
	digits := func() string {
		start := position
		for position < len(data) && data[position] >= '0' && data[position] <= '9' {
			position++
		}
		return data[start:position]
	}
	if position >= len(data) || data[position] != '=' {
		return false
	}
	position++
	rangeStart := digits()
	if position >= len(data) || data[position] != '-' {
		return false
	}
	position++
	rangeEnd := digits()
	if position < len(data) || rangeStart == "" {
		return false
	}
	if rangeEnd == "" {
		return true
	}
	for len(rangeStart) < len(rangeEnd) {
		rangeStart = "0" + rangeStart
	}
	for len(rangeEnd) < len(rangeStart) {
		rangeEnd = "0" + rangeEnd
	}
	return rangeStart <= rangeEnd
}

// headerOf is the header that a transport makes of a list.
func headerOf(list []Field) http.Header {
	header := http.Header{}
	for _, field := range list {
		header.Add(field.Name, field.Value)
	}
	return header
}
