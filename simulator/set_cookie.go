package simulator

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// maximumCookie is how many bytes a cookie's name and value may have together.
	maximumCookie = 4096
	// maximumCookieAttribute is the longest attribute value that counts, in bytes.
	maximumCookieAttribute = 1024
)

// parsedCookie is a Set-Cookie header taken apart.
type parsedCookie struct {
	cookie cookie
	// domain is the Domain attribute without its dot, in lower case; "" for none.
	domain string
	// rootPath tells that the Path attribute is "/".
	rootPath bool
	// httpOnly is the attribute; every request here is by HTTP.
	httpOnly bool
}

// parseSetCookie is https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-the-set-cookie-header-field-2
func parseSetCookie(header string, now time.Time) (parsedCookie, error) {
	if strings.ContainsFunc(header, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7F }) {
		return parsedCookie{}, errCookieSyntax
	}
	pair, attributes, _ := strings.Cut(header, ";")
	name, value, found := strings.Cut(pair, "=")
	if !found {
		name, value = "", pair
	}
	name, value = strings.Trim(name, "\t "), strings.Trim(value, "\t ")
	if name == "" && value == "" || len(name)+len(value) > maximumCookie {
		return parsedCookie{}, errCookieSyntax
	}
	parsed := parsedCookie{cookie: cookie{name: name, value: value, sameSite: sameSiteLax}}
	maxAged := false
	for attribute := range strings.SplitSeq(attributes, ";") {
		name, value, _ := strings.Cut(attribute, "=")
		name, value = byteLowercase(strings.Trim(name, "\t ")), strings.Trim(value, "\t ")
		if len(value) > maximumCookieAttribute {
			continue
		}
		switch name {
		case "expires":
			if expires, ok := parseCookieDate(value); ok && !maxAged {
				parsed.cookie.setExpires(expires, now)
			}
		case "max-age":
			if expires, ok := parseCookieMaxAge(value, now); ok {
				maxAged = true
				parsed.cookie.setExpires(expires, now)
			}
		case "domain":
			parsed.domain = byteLowercase(strings.TrimPrefix(value, "."))
		case "path":
			parsed.cookie.path, parsed.rootPath = "", value == "/"
			if strings.HasPrefix(value, "/") {
				parsed.cookie.path = value
			}
		case "secure":
			parsed.cookie.secure = true
		case "httponly":
			parsed.httpOnly = true
		case "samesite":
			parsed.cookie.sameSite = parseSameSite(value)
		}
	}
	return parsed, nil
}

func parseSameSite(value string) sameSiteFlag {
	switch flag := sameSiteFlag(byteLowercase(value)); flag {
	case sameSiteStrict, sameSiteNone:
		return flag
	}
	return sameSiteLax
}

// prefixAllows enforces the cookie name prefixes. A cookie without a name must
// not look as if it had one of them.
// https://httpwg.org/http-extensions/draft-ietf-httpbis-layered-cookies.html#name-cookie-name-prefixes
func (p *parsedCookie) prefixAllows(stored *cookie) bool {
	name := byteLowercase(stored.name)
	if name == "" {
		name = byteLowercase(stored.value)
		return !hasAnyPrefix(name, "__secure-", "__host-", "__http-")
	}
	if hasAnyPrefix(name, "__http-", "__host-http-") && !p.httpOnly {
		return false
	}
	if strings.HasPrefix(name, "__host-") && !(stored.hostOnly && p.domain == "" && p.rootPath) {
		return false
	}
	return stored.secure || !hasAnyPrefix(name, "__secure-", "__http-", "__host-")
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(s, prefix) })
}

// setExpires sets when the cookie ends: at the latest after 400 days.
func (c *cookie) setExpires(expires, now time.Time) {
	if limit := now.Add(maximumCookieAge); expires.After(limit) {
		expires = limit
	}
	c.expires = expires
}

// parseCookieMaxAge is https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-the-max-age-attribute-2
func parseCookieMaxAge(value string, now time.Time) (time.Time, bool) {
	digits := strings.TrimPrefix(value, "-")
	if digits == "" || !isDigits(digits) {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseInt(value, 10, 64)
	switch {
	case strings.HasPrefix(value, "-"), seconds == 0:
		return now.Add(-time.Second), true
	case err != nil, seconds > int64(maximumCookieAge/time.Second):
		return now.Add(maximumCookieAge), true
	}
	return now.Add(time.Duration(seconds) * time.Second), true
}

// parseCookieDate is https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-dates
func parseCookieDate(value string) (time.Time, bool) {
	hour, minute, second, day, month, year := -1, 0, 0, 0, 0, -1
	tokens := strings.FieldsFunc(value, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == ':' || r >= 0x7F || r < ' ' && r != '\t')
	})
	for _, token := range tokens {
		number, digits := leadingNumber(token)
		switch {
		case hour < 0 && strings.Count(token, ":") == 2:
			if h, m, s, ok := parseClock(token); ok {
				hour, minute, second = h, m, s
			}
		case day == 0 && digits >= 1 && digits <= 2:
			day = number
		case month == 0 && monthNumber(token) != 0:
			month = monthNumber(token)
		case year < 0 && (digits == 2 || digits == 4):
			year = number
		}
	}
	switch {
	case 70 <= year && year <= 99:
		year += 1900
	case 0 <= year && year <= 69:
		year += 2000
	}
	if hour < 0 || hour > 23 || minute > 59 || second > 59 || day < 1 || day > 31 || month == 0 || year < 1601 {
		return time.Time{}, false
	}
	date := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	return date, date.Day() == day
}

// leadingNumber reads the digits that a token begins with, and tells how many they are.
func leadingNumber(token string) (number, digits int) {
	for digits < len(token) && '0' <= token[digits] && token[digits] <= '9' {
		digits++
	}
	number, err := strconv.Atoi(token[:digits])
	if err != nil {
		return 0, 0
	}
	return number, digits
}

func parseClock(token string) (hour, minute, second int, ok bool) {
	parts := strings.SplitN(token, ":", 3)
	hour, hourDigits := leadingNumber(parts[0])
	minute, minuteDigits := leadingNumber(parts[1])
	second, secondDigits := leadingNumber(parts[2])
	ok = hourDigits == len(parts[0]) && minuteDigits == len(parts[1]) &&
		1 <= hourDigits && hourDigits <= 2 && 1 <= minuteDigits && minuteDigits <= 2 && 1 <= secondDigits && secondDigits <= 2
	return hour, minute, second, ok
}

func monthNumber(token string) int {
	if len(token) < 3 {
		return 0
	}
	for month := time.January; month <= time.December; month++ {
		if strings.EqualFold(token[:3], month.String()[:3]) {
			return int(month)
		}
	}
	return 0
}
