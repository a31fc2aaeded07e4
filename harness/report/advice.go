package report

import (
	"fmt"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Advise says in one or two sentences what to change so that the page gets
// its answer, and at which layer, from the browser's reason and from what each
// hop did to the response. It is empty when nothing was refused, or for a
// reason that it does not know.
func Advise(request Request) string {
	e, refused := evidenceOf(request)
	if !refused {
		return ""
	}
	switch e.code() {
	case simulator.MissingAllowOriginHeader, simulator.PreflightMissingAllowOriginHeader:
		return adviseMissing(e)
	case simulator.AllowOriginMismatch, simulator.PreflightAllowOriginMismatch:
		return adviseMismatch(e)
	case simulator.InvalidAllowOriginValue, simulator.PreflightInvalidAllowOriginValue:
		return fmt.Sprintf("%s sends %s: %s, which is no origin: send exactly %s, or a single * without credentials; bare host names and patterns mean nothing to a browser.",
			e.responsible(allowOrigin), allowOrigin, quoted(e.parameter()), e.origin())
	case simulator.MultipleAllowOriginValues, simulator.PreflightMultipleAllowOriginValues:
		return adviseDoubled(e, allowOrigin)
	case simulator.WildcardOriginNotAllowed, simulator.PreflightWildcardOriginNotAllowed:
		return adviseWildcard(e)
	case simulator.InvalidAllowCredentials, simulator.PreflightInvalidAllowCredentials:
		return adviseCredentials(e)
	case simulator.PreflightInvalidStatus:
		return adviseStatus(e)
	case simulator.PreflightDisallowedRedirect:
		return advisePreflightRedirect(e)
	case simulator.MethodDisallowedByPreflightResponse:
		return adviseMethod(e)
	case simulator.HeaderDisallowedByPreflightResponse:
		return adviseHeader(e)
	case simulator.InvalidAllowMethodsPreflightResponse:
		return adviseList(e, allowMethods, "methods")
	case simulator.InvalidAllowHeadersPreflightResponse:
		return adviseList(e, allowHeaders, "header names")
	default:
		return adviseBeyondCORS(e)
	}
}

// what names what was refused.
func (e evidence) what() string {
	if e.preflight() {
		return "preflight"
	}
	return "request"
}

func also(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

// quoted sets off a value that a header had, the empty one too.
func quoted(value string) string { return "\"" + value + "\"" }
