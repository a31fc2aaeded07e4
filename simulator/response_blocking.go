package simulator

import (
	"io"
	"strings"
)

// sniffedBytes is how much of an opaque response Chromium looks at.
const sniffedBytes = 1024

// blockedAsOpaque is Chromium's opaque-response blocking: an element gets no
// opaque response that is data rather than what elements show or run. A
// fetch() gets an opaque response all the same, which shows nothing.
// https://github.com/annevk/orb
func (p *fetchParams) blockedAsOpaque(response *response) bool {
	if !p.browser.profile.BlocksOpaqueData || p.request.tainting != taintingOpaque || p.request.destination == "" ||
		sameOrigin(p.request.origin, p.request.currentURL().origin) {
		return false
	}
	essence := extractEssence(response.header)
	switch {
	case essence == "" || essence == "text/css" || essence == "image/svg+xml":
		return false
	case isNeverSniffed(essence):
		p.trace.add(algorithmOpaqueResponseBlocking, "3.2", "blocked: no element uses the MIME type ", essence)
		return true
	case determineNosniff(response.header) && isBlockedWithNosniff(essence):
		p.trace.add(algorithmOpaqueResponseBlocking, "3.4", "blocked: nosniff and the MIME type ", essence)
		return true
	}
	if looksLikeData(response.start()) {
		p.trace.add(algorithmOpaqueResponseBlocking, "10", "blocked: the body looks like HTML, XML or JSON")
		return true
	}
	return false
}

// start reads the first bytes of a body that nobody else will read.
func (r *response) start() string {
	if r.body == nil {
		return ""
	}
	decoded, err := decodeContent(r.body, r.header["Content-Encoding"])
	if err != nil {
		return ""
	}
	// A body that breaks off is judged by what came of it.
	start, _ := io.ReadAll(io.LimitReader(decoded, sniffedBytes))
	return string(start)
}

// isNeverSniffed reports whether Chromium blocks a MIME type whatever the body is.
func isNeverSniffed(essence string) bool {
	switch essence {
	case "application/gzip", "application/msexcel", "application/mspowerpoint", "application/msword",
		"application/msword-template", "application/pdf", "application/vnd.ces-quickpoint",
		"application/vnd.ces-quicksheet", "application/vnd.ces-quickword", "application/vnd.ms-excel",
		"application/vnd.ms-excel.sheet.macroenabled.12", "application/vnd.ms-powerpoint",
		"application/vnd.ms-powerpoint.presentation.macroenabled.12", "application/vnd.ms-word",
		"application/vnd.ms-word.document.12", "application/vnd.ms-word.document.macroenabled.12",
		"application/vnd.msword", "application/vnd.presentation-openxml", "application/vnd.presentation-openxmlm",
		"application/vnd.spreadsheet-openxml", "application/vnd.wordprocessing-openxml", "application/x-gzip",
		"application/x-protobuf", "application/x-protobuffer", "application/zip", "multipart/byteranges",
		"multipart/signed", "text/csv", "text/event-stream":
		return true
	}
	return strings.HasPrefix(essence, "application/vnd.openxmlformats-officedocument.")
}

func isBlockedWithNosniff(essence string) bool {
	return essence == "text/html" || essence == "text/plain" || isJSONMIMEType(essence) || isXMLMIMEType(essence)
}

// looksLikeData reports whether a body starts as HTML, XML, JSON, or as
// what makes a script of JSON end at once.
func looksLikeData(body string) bool {
	for _, breaker := range [...]string{")]}'", "{}&&", "for(;;);", "for (;;);", "while(1);", "while (1);"} {
		if strings.HasPrefix(body, breaker) {
			return true
		}
	}
	body = strings.TrimLeft(body, "\t\n\f\r ")
	if startsAsJSON(body) || strings.HasPrefix(body, "<?xml") {
		return true
	}
	for _, tag := range [...]string{
		"<!doctype html", "<script", "<html", "<head", "<iframe", "<h1", "<div", "<font", "<table", "<a", "<style", "<title", "<b", "<p",
	} {
		if len(body) >= len(tag) && strings.EqualFold(body[:len(tag)], tag) {
			return true
		}
	}
	return false
}

// startsAsJSON looks for an object with a first name.
func startsAsJSON(body string) bool {
	body, found := strings.CutPrefix(body, "{")
	body = strings.TrimLeft(body, httpWhitespace)
	if !found || !strings.HasPrefix(body, `"`) {
		return false
	}
	for i := 1; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
		case '"':
			return strings.HasPrefix(strings.TrimLeft(body[i+1:], httpWhitespace), ":")
		}
	}
	return false
}
