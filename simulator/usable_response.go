package simulator

import (
	"net/http"
	"strings"
)

// isUsable reports whether what asked for a response can do something with it:
// a script, a style sheet or an event source needs a status and a MIME type.
func (p *fetchParams) isUsable(response *response) bool {
	essence := extractEssence(response.header)
	switch p.request.initiator.withoutCrossorigin() {
	case InitiatorScript:
		return p.hasUsableStatus(response.status)
	case InitiatorModuleScript:
		return isOKStatus(response.status) && p.hasUsableStatus(response.status) && isJavaScriptMIMEType(essence)
	case InitiatorStylesheet:
		return p.hasUsableStatus(response.status) && (essence == "text/css" || p.browser.profile.LoadsAnyStylesheet)
	case InitiatorEventSource, InitiatorEventSourceWithCredentials:
		return response.status == http.StatusOK && essence == "text/event-stream" &&
			(!p.browser.profile.EventStreamsNeedUTF8 || isUTF8(response.header))
	}
	return true
}

// blockedDueToType reports whether a script or a style sheet is a network error for
// its MIME type.
// https://fetch.spec.whatwg.org/#concept-main-fetch, step 19
func (p *fetchParams) blockedDueToType(response *response) bool {
	essence := extractEssence(response.header)
	switch p.request.destination {
	case "script":
		local := response.exchange < 0 && p.browser.profile.RunsLocalScriptsOfAnyType
		return !local && scriptBlockedDueToMIMEType(essence) || determineNosniff(response.header) && !isJavaScriptMIMEType(essence)
	case "style":
		return determineNosniff(response.header) && essence != "text/css"
	}
	return false
}

// hasUsableStatus wants an ok status and a body.
// https://html.spec.whatwg.org/#fetch-a-classic-script
func (p *fetchParams) hasUsableStatus(status int) bool {
	if p.browser.profile.LoadsStatusBelow400 {
		return status < 400
	}
	return isOKStatus(status) && !isNullBodyStatus(status)
}

// isUTF8 reports whether a Content-Type's charset is UTF-8, or none.
func isUTF8(header http.Header) bool {
	contentType, _ := getHeader(header, "Content-Type")
	parsed, ok := parseMIMEType(contentType)
	if !ok {
		return true
	}
	charset := parsed.parameter("charset")
	return charset == nil || strings.EqualFold(charset.value, "UTF-8")
}

// scriptBlockedDueToMIMEType is
// https://fetch.spec.whatwg.org/#should-response-to-request-be-blocked-due-to-mime-type? for a script.
func scriptBlockedDueToMIMEType(essence string) bool {
	return essence == "text/csv" || strings.HasPrefix(essence, "audio/") || strings.HasPrefix(essence, "image/") ||
		strings.HasPrefix(essence, "video/")
}

// determineNosniff is https://fetch.spec.whatwg.org/#determine-nosniff
func determineNosniff(header http.Header) bool {
	options, found := getHeader(header, "X-Content-Type-Options")
	return found && byteLowercase(splitHeaderValue(options)[0]) == "nosniff"
}
