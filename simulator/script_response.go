package simulator

import (
	"net/http"
	"strings"
)

// scriptCanUse reports whether a script element runs a response: its status is
// ok, and no MIME type forbids it.
// https://html.spec.whatwg.org/#fetch-a-classic-script and
// https://fetch.spec.whatwg.org/#concept-main-fetch, step 19
func scriptCanUse(response *response) bool {
	return isOKStatus(response.status) && !blockedDueToMIMEType(response.header) && !blockedDueToNosniff(response.header)
}

// blockedDueToMIMEType is https://fetch.spec.whatwg.org/#should-response-to-request-be-blocked-due-to-mime-type?
// for a script.
func blockedDueToMIMEType(header http.Header) bool {
	contentType, _ := getHeader(header, "Content-Type")
	essence, _ := mimeTypeEssence(contentType)
	return essence == "text/csv" || strings.HasPrefix(essence, "audio/") || strings.HasPrefix(essence, "image/") ||
		strings.HasPrefix(essence, "video/")
}

// blockedDueToNosniff is https://fetch.spec.whatwg.org/#should-response-to-request-be-blocked-due-to-nosniff?
// for a script.
func blockedDueToNosniff(header http.Header) bool {
	options, found := getHeader(header, "X-Content-Type-Options")
	if !found || !strings.EqualFold(splitHeaderValue(options)[0], "nosniff") {
		return false
	}
	contentType, _ := getHeader(header, "Content-Type")
	essence, _ := mimeTypeEssence(contentType)
	return !isJavaScriptMIMEType(essence)
}

// isJavaScriptMIMEType is https://mimesniff.spec.whatwg.org/#javascript-mime-type
func isJavaScriptMIMEType(essence string) bool {
	switch essence {
	case "application/ecmascript", "application/javascript", "application/x-ecmascript", "application/x-javascript",
		"text/ecmascript", "text/javascript", "text/javascript1.0", "text/javascript1.1", "text/javascript1.2",
		"text/javascript1.3", "text/javascript1.4", "text/javascript1.5", "text/jscript", "text/livescript",
		"text/x-ecmascript", "text/x-javascript":
		return true
	}
	return false
}
