package simulator

import (
	"strconv"
	"strings"
)

// normalizedRange is a Range header as an engine says it that reads it and
// writes it anew: a single range of bytes, or the value itself if it is none.
func normalizedRange(value string) string {
	unit, set, found := strings.Cut(value, "=")
	if !found || !strings.EqualFold(strings.Trim(unit, " \t"), "bytes") {
		return value
	}
	var only string
	for element := range strings.SplitSeq(set, ",") {
		element = strings.Trim(element, " \t")
		switch {
		case element == "":
		case only != "":
			return value
		default:
			only = element
		}
	}
	first, last, found := strings.Cut(only, "-")
	if !found {
		return value
	}
	start, startOK := rangePosition(first)
	end, endOK := rangePosition(last)
	switch {
	case !startOK || !endOK || start == "" && end == "":
		return value
	case start != "" && end != "" && isGreaterDecimal(start, end):
		return value
	}
	return "bytes=" + start + "-" + end
}

// rangePosition reads a position: a decimal number that fits 64 bits, or nothing,
// for which -1 stands too.
func rangePosition(text string) (position string, ok bool) {
	text = strings.Trim(text, " \t")
	if text == "" {
		return "", true
	}
	number, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || number < -1:
		return "", false
	case number == -1:
		return "", true
	}
	return strconv.FormatInt(number, 10), true
}
