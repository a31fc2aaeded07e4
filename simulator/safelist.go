package simulator

import (
	"math"
	"strconv"
	"strings"
)

// isSafelistedMethod reports whether a method is CORS-safelisted.
// https://fetch.spec.whatwg.org/#cors-safelisted-method
func isSafelistedMethod(method string) bool {
	return method == "GET" || method == "HEAD" || method == "POST"
}

const (
	// maximumSafelistedValue is the longest value of a CORS-safelisted request-header, in bytes.
	maximumSafelistedValue = 128
	// maximumSafelistedTotal is how many bytes the values of a request's
	// CORS-safelisted request-headers may have together.
	maximumSafelistedTotal = 1024
)

// isSafelistedRequestHeader reports whether a header is CORS-safelisted.
// https://fetch.spec.whatwg.org/#cors-safelisted-request-header
func isSafelistedRequestHeader(profile *Profile, name, value string) bool {
	// 1.
	if len(value) > maximumSafelistedValue {
		return false
	}
	// 2.
	switch byteLowercase(name) {
	case "accept":
		return !containsUnsafeByte(value)
	case "accept-language", "content-language":
		return isSafelistedLanguage(value)
	case "content-type":
		return !containsUnsafeByte(value) && isSafelistedContentType(value)
	case "range":
		return isSafelistedRange(profile, value)
	}
	return profile.SafelistsClientHints && isClientHint(byteLowercase(name), value)
}

// isClientHint reports whether a header is a client hint with a valid value:
// what Chromium adds to the safelist.
func isClientHint(lowercaseName, value string) bool {
	switch lowercaseName {
	case "save-data":
		return strings.EqualFold(value, "on")
	case "ect":
		return value == "slow-2g" || value == "2g" || value == "3g" || value == "4g"
	case "rtt", "viewport-width", "width":
		return value != "" && isDigits(value)
	case "device-memory", "downlink", "dpr":
		whole, fraction, hasFraction := strings.Cut(value, ".")
		return whole != "" && isDigits(whole) && isDigits(fraction) && hasFraction == (fraction != "")
	}
	return false
}

// containsUnsafeByte looks for a CORS-unsafe request-header byte.
// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte
func containsUnsafeByte(value string) bool {
	for i := range len(value) {
		b := value[i]
		if b < 0x20 && b != '\t' || b == 0x7F || strings.IndexByte(`"():<>?@[\]{}`, b) >= 0 {
			return true
		}
	}
	return false
}

func isSafelistedLanguage(value string) bool {
	for i := range len(value) {
		switch b := value[i]; {
		case '0' <= b && b <= '9', 'A' <= b && b <= 'Z', 'a' <= b && b <= 'z':
		case strings.IndexByte(" *,-.;=", b) >= 0:
		default:
			return false
		}
	}
	return true
}

func isSafelistedContentType(value string) bool {
	essence, ok := mimeTypeEssence(value)
	if !ok {
		return false
	}
	return essence == "application/x-www-form-urlencoded" || essence == "multipart/form-data" || essence == "text/plain"
}

// isSafelistedRange wants a single range without white space that has a start.
func isSafelistedRange(profile *Profile, value string) bool {
	start, end, ok := parseSingleRange(value, false)
	if !ok || start == "" {
		return false
	}
	return !profile.BoundsRange || fitsInt64(start) && (end == "" || fitsInt64(end))
}

// parseSingleRange parses a single range header value. The numbers are digits
// of any length, "" for null.
// https://fetch.spec.whatwg.org/#simple-range-header-value
func parseSingleRange(value string, allowWhitespace bool) (start, end string, ok bool) {
	skip := func(s string) string {
		if allowWhitespace {
			return strings.TrimLeft(s, "\t ")
		}
		return s
	}
	rest, found := strings.CutPrefix(value, "bytes")
	rest, foundEquals := strings.CutPrefix(skip(rest), "=")
	start, end, foundDash := strings.Cut(skip(rest), "-")
	if allowWhitespace {
		start = strings.TrimRight(start, "\t ")
	}
	end = skip(end)
	if !found || !foundEquals || !foundDash || !isDigits(start) || !isDigits(end) || start == "" && end == "" {
		return "", "", false
	}
	return start, end, start == "" || end == "" || !isGreaterDecimal(start, end)
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func fitsInt64(digits string) bool {
	number, err := strconv.ParseInt(digits, 10, 64)
	return err == nil && number < math.MaxInt64
}

// rewriteRange writes a single range without white space and leading zeros.
func rewriteRange(value string) string {
	unit := min(len(value), len("bytes"))
	start, end, ok := parseSingleRange(byteLowercase(value[:unit])+value[unit:], true)
	if !ok || start != "" && !fitsInt64(start) || end != "" && !fitsInt64(end) {
		return value
	}
	return "bytes=" + withoutLeadingZeros(start) + "-" + withoutLeadingZeros(end)
}

func withoutLeadingZeros(digits string) string {
	if trimmed := strings.TrimLeft(digits, "0"); trimmed != "" || digits == "" {
		return trimmed
	}
	return "0"
}

// isGreaterDecimal compares decimal numbers of any length.
func isGreaterDecimal(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}

// unsafeRequestHeaderNames returns the CORS-unsafe request-header names: lower
// case, sorted, each once. These are what a preflight asks for.
// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
func unsafeRequestHeaderNames(profile *Profile, headers headerList) []string {
	if len(headers) == 0 {
		return nil
	}
	// 1.-3.
	var unsafe, potentiallyUnsafe []string
	total := 0
	// 4.
	for _, header := range headers {
		if isSafelistedRequestHeader(profile, header.Name, header.Value) {
			potentiallyUnsafe = append(potentiallyUnsafe, header.Name)
			total += len(header.Value)
		} else {
			unsafe = append(unsafe, header.Name)
		}
	}
	// 5.
	if total > maximumSafelistedTotal {
		unsafe = append(unsafe, potentiallyUnsafe...)
	}
	// 6.
	return sortedLowercaseSet(unsafe)
}

// isNonWildcardRequestHeaderName reports whether a header name has to be listed
// by name in Access-Control-Allow-Headers.
// https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
func isNonWildcardRequestHeaderName(name string) bool {
	return strings.EqualFold(name, "Authorization")
}

// isNoCORSSafelistedRequestHeader reports whether a no-cors request may carry a header.
// https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header
func isNoCORSSafelistedRequestHeader(profile *Profile, name, value string) bool {
	switch byteLowercase(name) {
	case "accept", "accept-language", "content-language", "content-type":
		return isSafelistedRequestHeader(profile, name, value)
	}
	return false
}

// isSafelistedResponseHeaderName reports whether a cors response shows a header
// that Access-Control-Expose-Headers does not list.
// https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
func isSafelistedResponseHeaderName(canonicalName string) bool {
	switch canonicalName {
	case "Cache-Control", "Content-Language", "Content-Length", "Content-Type", "Expires", "Last-Modified", "Pragma":
		return true
	}
	return false
}
