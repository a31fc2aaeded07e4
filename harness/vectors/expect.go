package vectors

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/text/encoding/unicode"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Expect is what a vector asserts. A field that is absent is not asserted.
type Expect struct {
	Outcome      string   `json:"outcome,omitempty"`
	Reason       *string  `json:"reason,omitempty"`
	ResponseType *string  `json:"response_type,omitempty"`
	Status       *int     `json:"status,omitempty"`
	FinalURL     *string  `json:"final_url,omitempty"`
	Body         *string  `json:"body,omitempty"`
	Readable     []string `json:"readable_headers,omitempty"`
	Unreadable   []string `json:"unreadable_headers,omitempty"`
	// HeaderValues are exact, by lower-case name; null is a header that script cannot read.
	HeaderValues   map[string]*string `json:"header_values,omitempty"`
	Preflight      *bool              `json:"preflight,omitempty"`
	PreflightSends map[string]*string `json:"preflight_request_headers,omitempty"`
	RequestSends   map[string]*string `json:"request_headers_sent,omitempty"`
	RequestOmits   map[string]*string `json:"request_headers_not_sent,omitempty"`
	// Wire is nil when not asserted, empty when nothing may be sent.
	Wire          *[]WireRequest `json:"wire,omitempty"`
	UploadEvents  *bool          `json:"upload_events,omitempty"`
	TimingAllowed *bool          `json:"timing_allowed,omitempty"`
}

// WireRequest is one request as the server sees it.
type WireRequest struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	// Headers hold exact values; null is an absent header, "*present*" any value.
	Headers map[string]*string `json:"headers,omitempty"`
}

// present stands for any value of a header that must be there.
const present = "*present*"

// Mismatch is an asserted field that is not as it should be.
type Mismatch struct {
	// Field is the name of the assertion; that of a later step begins with "steps[1].".
	Field string `json:"field"`
	Want  string `json:"want"`
	Got   string `json:"got"`
}

// seenRequest is a request as the server saw it.
type seenRequest struct {
	method, url, host string
	header            http.Header
}

func (r seenRequest) preflight() bool {
	return r.method == http.MethodOptions && len(r.header.Values("Access-Control-Request-Method")) > 0
}

// value is a header's value with each byte as a code unit; not ok when the header is absent.
func (r seenRequest) value(name string) (string, bool) {
	if strings.EqualFold(name, "Host") {
		// net/http keeps it apart.
		return r.host, true
	}
	values := r.header.Values(name)
	return IsomorphicDecode(strings.Join(values, ", ")), len(values) > 0
}

// evaluate checks every assertion against what came of the request. An
// assertion that cannot be evaluated does not hold.
func (e *Expect) evaluate(outcome simulator.Outcome, wire []seenRequest) []Mismatch {
	var wrong []Mismatch
	differ := func(field string, want, got any) {
		if !reflect.DeepEqual(want, got) {
			wrong = append(wrong, Mismatch{Field: field, Want: text(want), Got: text(got)})
		}
	}
	if e.Outcome != "" {
		differ("outcome", e.Outcome, outcomeName(outcome))
	}
	if e.Reason != nil {
		got := string(outcome.Reason.Code)
		if *e.Reason == outcome.Reason.String() {
			got = *e.Reason
		}
		differ("reason", *e.Reason, got)
	}
	if e.ResponseType != nil {
		differ("response_type", *e.ResponseType, string(outcome.Type))
	}
	if e.Status != nil {
		differ("status", *e.Status, outcome.Status)
	}
	if e.FinalURL != nil {
		differ("final_url", *e.FinalURL, outcome.URL)
	}
	if e.Body != nil {
		differ("body", *e.Body, DecodeUTF8(outcome.Body))
	}
	readable := readableHeaders(outcome)
	for _, name := range e.Readable {
		if _, ok := readable[strings.ToLower(name)]; !ok {
			wrong = append(wrong, Mismatch{Field: "readable_headers", Want: name, Got: names(readable)})
		}
	}
	for _, name := range e.Unreadable {
		if _, ok := readable[strings.ToLower(name)]; ok {
			wrong = append(wrong, Mismatch{Field: "unreadable_headers", Want: "not " + name, Got: names(readable)})
		}
	}
	for _, name := range sorted(e.HeaderValues) {
		got, ok := readable[strings.ToLower(name)]
		if want := e.HeaderValues[name]; ok != (want != nil) || ok && got != *want {
			wrong = append(wrong, Mismatch{Field: "header_values." + name, Want: shownPointer(want), Got: shown(got, ok)})
		}
	}
	wrong = append(wrong, e.evaluateWire(wire)...)
	switch {
	case e.UploadEvents == nil:
	case outcome.UploadEvents == nil:
		// Where nothing listens, no event fires.
		if *e.UploadEvents {
			wrong = append(wrong, Mismatch{Field: "upload_events", Want: text(true), Got: "nothing that listens"})
		}
	default:
		differ("upload_events", *e.UploadEvents, *outcome.UploadEvents)
	}
	if e.TimingAllowed != nil {
		differ("timing_allowed", *e.TimingAllowed, outcome.TimingAllowed)
	}
	return wrong
}

// evaluateWire checks what the server saw.
func (e *Expect) evaluateWire(wire []seenRequest) []Mismatch {
	var wrong []Mismatch
	var preflight, request *seenRequest
	for i := range wire {
		switch {
		case !wire[i].preflight():
			request = &wire[i]
		case preflight == nil:
			preflight = &wire[i]
		}
	}
	if e.Preflight != nil && *e.Preflight != (preflight != nil) {
		wrong = append(wrong, Mismatch{Field: "preflight", Want: text(*e.Preflight), Got: text(preflight != nil)})
	}
	if e.PreflightSends != nil {
		wrong = append(wrong, headersSent("preflight_request_headers", e.PreflightSends, preflight)...)
	}
	if e.RequestSends != nil {
		wrong = append(wrong, headersSent("request_headers_sent", e.RequestSends, request)...)
	}
	for _, name := range sorted(e.RequestOmits) {
		if request == nil {
			continue
		}
		if got, ok := request.value(name); isAsSaid(e.RequestOmits[name], got, ok) {
			wrong = append(wrong, Mismatch{Field: "request_headers_not_sent." + name, Want: "not " + shownPointer(e.RequestOmits[name]), Got: shown(got, ok)})
		}
	}
	if e.Wire == nil {
		return wrong
	}
	want, got := make([]string, 0, len(*e.Wire)), make([]string, 0, len(wire))
	for _, w := range *e.Wire {
		want = append(want, w.Method+" "+normalizeURL(w.URL))
	}
	for _, s := range wire {
		got = append(got, s.method+" "+s.url)
	}
	if !slices.Equal(want, got) {
		return append(wrong, Mismatch{Field: "wire", Want: text(want), Got: text(got)})
	}
	for i, w := range *e.Wire {
		wrong = append(wrong, headersSent(fmt.Sprintf("wire[%d].headers", i), w.Headers, &wire[i])...)
	}
	return wrong
}

// headersSent checks the headers of one request; a request that was not sent has none of them right.
func headersSent(field string, want map[string]*string, request *seenRequest) []Mismatch {
	var wrong []Mismatch
	for _, name := range sorted(want) {
		if request == nil {
			wrong = append(wrong, Mismatch{Field: field + "." + name, Want: shownPointer(want[name]), Got: "no such request was sent"})
			continue
		}
		if got, ok := request.value(name); !isAsSaid(want[name], got, ok) {
			wrong = append(wrong, Mismatch{Field: field + "." + name, Want: shownPointer(want[name]), Got: shown(got, ok)})
		}
	}
	return wrong
}

// isAsSaid reports whether a header, absent when not ok, is what a vector says of
// it: null is an absent one, "*present*" any value.
func isAsSaid(said *string, got string, ok bool) bool {
	if said == nil || !ok {
		return said == nil && !ok
	}
	return *said == present || *said == got
}

// outcomeName is the outcome in the format's words.
func outcomeName(outcome simulator.Outcome) string {
	switch outcome.Kind {
	case simulator.KindNetworkError:
		return "network-error"
	case simulator.KindAPIError:
		return "api-error"
	default:
		return "success"
	}
}

// readableHeaders are what script reads, by lower-case name.
func readableHeaders(outcome simulator.Outcome) map[string]string {
	headers := map[string]string{}
	for name, values := range outcome.Header {
		headers[strings.ToLower(name)] = IsomorphicDecode(strings.Join(values, ", "))
	}
	return headers
}

// DecodeUTF8 is what script reads of a body: without a byte order mark, and with
// U+FFFD for what is no UTF-8, once for each sequence that breaks off.
// https://encoding.spec.whatwg.org/#utf-8-decode
func DecodeUTF8(body []byte) string {
	// A decoder that replaces has no error.
	decoded, _ := unicode.UTF8BOM.NewDecoder().Bytes(body)
	return string(decoded)
}

// byteOrderMark is U+FEFF in UTF-8.
const byteOrderMark = "\uFEFF"

// IsomorphicDecode makes each byte a code unit.
// https://infra.spec.whatwg.org/#isomorphic-decode
func IsomorphicDecode(bytes string) string {
	units := make([]rune, len(bytes))
	for i := range len(bytes) {
		units[i] = rune(bytes[i])
	}
	return string(units)
}

// isomorphicEncode makes each code unit a byte; not ok when one does not fit.
// https://infra.spec.whatwg.org/#isomorphic-encode
func isomorphicEncode(text string) (string, bool) {
	encoded := make([]byte, 0, len(text))
	for _, unit := range text {
		if unit > 0xFF {
			return "", false
		}
		encoded = append(encoded, byte(unit))
	}
	return string(encoded), true
}

func sorted[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func names(headers map[string]string) string { return strings.Join(sorted(headers), ", ") }

func shown(value string, ok bool) string {
	if !ok {
		return "absent"
	}
	return text(value)
}

func shownPointer(value *string) string {
	if value == nil {
		return "absent"
	}
	return text(*value)
}

// text is a value as JSON writes it.
func text(value any) string {
	written, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(written)
}
