// Package vectors reads and runs CORS test vectors: language-neutral facts
// about what a browser does, one JSON object a line. A vector says which page
// makes which request, what the server answers, what script then sees and what the
// wire carries; any fetch implementation can be scored with it.
package vectors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Vector is one line of a vector file. It has either Request and Expect, or Steps.
type Vector struct {
	ID   string `json:"id"`
	Area string `json:"area,omitempty"`
	// Spec is the algorithm of the standard that the vector is about.
	Spec string `json:"spec,omitempty"`
	// Origin is the origin of the environment that makes the request; "null" is opaque.
	Origin    string     `json:"origin,omitempty"`
	Page      Page       `json:"page"`
	Cookies   []Cookie   `json:"cookies,omitempty"`
	Request   *Request   `json:"request,omitempty"`
	Exchanges []Exchange `json:"exchanges,omitempty"`
	Expect    *Expect    `json:"expect,omitempty"`
	Steps     []Step     `json:"steps,omitempty"`
	// ChromeKnown is "pass" or "fail", as measured; ChromeReason says why in a line.
	ChromeKnown  string `json:"chrome_known,omitempty"`
	ChromeReason string `json:"chrome_reason,omitempty"`
	// Contested is set where the standard's letter leaves another result open; see Note.
	Contested bool   `json:"contested,omitempty"`
	Note      string `json:"note,omitempty"`

	// File and Line are where the vector stands.
	File string `json:"-"`
	Line int    `json:"-"`

	// unknown are the paths of fields that the format does not name, where they
	// say what is asked or asserted: such a vector cannot pass.
	unknown []string
}

// Step is one request of a vector that makes several in one session. Page and
// Origin are the vector's when absent.
type Step struct {
	Request      *Request `json:"request,omitempty"`
	Expect       *Expect  `json:"expect,omitempty"`
	WaitMSBefore float64  `json:"wait_ms_before,omitempty"`
	Page         *Page    `json:"page,omitempty"`
	Origin       string   `json:"origin,omitempty"`
}

// Page is the document that makes the request.
type Page struct {
	URL     string          `json:"url"`
	Frame   simulator.Frame `json:"frame,omitempty"`
	Iframe  string          `json:"iframe,omitempty"`
	Headers []Pair          `json:"headers,omitempty"`
}

// Cookie is a cookie of the jar before the first request.
type Cookie struct {
	URL   string `json:"url"`
	Name  string `json:"name"`
	Value string `json:"value"`
	// Attributes are "Path=/; Secure; SameSite=None" when absent.
	Attributes *string `json:"attributes,omitempty"`
}

// Request is what script asks for.
type Request struct {
	URL            string                    `json:"url"`
	Method         *string                   `json:"method,omitempty"`
	Mode           simulator.Mode            `json:"mode,omitempty"`
	Credentials    simulator.CredentialsMode `json:"credentials,omitempty"`
	Redirect       simulator.RedirectMode    `json:"redirect,omitempty"`
	Headers        []Pair                    `json:"headers,omitempty"`
	Initiator      simulator.Initiator       `json:"initiator,omitempty"`
	Body           *Body                     `json:"body,omitempty"`
	Referrer       *string                   `json:"referrer,omitempty"`
	ReferrerPolicy string                    `json:"referrer_policy,omitempty"`
	BlobBody       *string                   `json:"blob_body,omitempty"`
	BlobType       string                    `json:"blob_type,omitempty"`
}

// Exchange is an answer of the server to the requests that it is for.
type Exchange struct {
	When     When     `json:"when"`
	Response Response `json:"response"`
	// Times is how often the answer is given; without limit when absent.
	Times *int `json:"times,omitempty"`
}

// When says which requests an exchange answers: every one of the URL without Method.
type When struct {
	Method string `json:"method,omitempty"`
	URL    string `json:"url"`
}

// Response is an answer. A code unit of a header is a byte on the wire.
type Response struct {
	// Status is 200 when absent.
	Status     int     `json:"status"`
	Headers    []Pair  `json:"headers,omitempty"`
	Body       string  `json:"body,omitempty"`
	BodyBase64 *string `json:"body_base64,omitempty"`
}

// UnmarshalJSON reads a response with the status that it has without saying so.
func (r *Response) UnmarshalJSON(data []byte) error {
	type plain Response
	response := plain{Status: http.StatusOK}
	if err := json.Unmarshal(data, &response); err != nil {
		return within(data, err)
	}
	*r = Response(response)
	return nil
}

// Pair is a name and a value, written as an array of two.
type Pair [2]string

// UnmarshalJSON reads an array of exactly two strings.
func (p *Pair) UnmarshalJSON(data []byte) error {
	var list []string
	if err := json.Unmarshal(data, &list); err != nil {
		return within(data, err)
	}
	if len(list) != 2 {
		return within(data, fmt.Errorf("a pair has %d elements, it needs a name and a value", len(list)))
	}
	p[0], p[1] = list[0], list[1]
	return nil
}

// Body is a request body: a string, or {"formdata": [[name, value]]}.
type Body struct {
	Text     string
	FormData []Pair
}

// UnmarshalJSON reads either form.
func (b *Body) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &b.Text)
	}
	var object struct {
		FormData []Pair `json:"formdata"`
	}
	if err := json.Unmarshal(data, &object); err != nil {
		return within(data, err)
	}
	if object.FormData == nil {
		return within(data, errors.New(`a body is a string or {"formdata": [[name, value]]}`))
	}
	b.FormData = object.FormData
	return nil
}

// MarshalJSON writes the form that UnmarshalJSON reads.
func (b Body) MarshalJSON() ([]byte, error) {
	if b.FormData == nil {
		return json.Marshal(b.Text)
	}
	return json.Marshal(map[string][]Pair{"formdata": b.FormData})
}

// knownInitiators are what a request's initiator can be.
func knownInitiators() []simulator.Initiator {
	return []simulator.Initiator{
		"", simulator.InitiatorFetch, simulator.InitiatorXHR, simulator.InitiatorXHRUploadListener, simulator.InitiatorXHRUploadListenerLate,
		simulator.InitiatorImage, simulator.InitiatorImageAnonymous, simulator.InitiatorImageUseCredentials,
		simulator.InitiatorScript, simulator.InitiatorScriptAnonymous, simulator.InitiatorScriptUseCredentials,
		simulator.InitiatorModuleScript, simulator.InitiatorModuleScriptAnonymous, simulator.InitiatorModuleScriptUseCredentials,
		simulator.InitiatorStylesheet, simulator.InitiatorStylesheetAnonymous, simulator.InitiatorStylesheetUseCredentials,
		simulator.InitiatorFont, simulator.InitiatorEventSource, simulator.InitiatorEventSourceWithCredentials, simulator.InitiatorBeacon,
	}
}

// knownFrames are what a page's frame can be.
func knownFrames() []simulator.Frame {
	return []simulator.Frame{
		simulator.FrameNone, simulator.FrameSandboxedSrcdoc, simulator.FrameDataURL,
		simulator.FrameAboutBlank, simulator.FrameSrcdoc, simulator.FrameBlob,
	}
}

// ParseError says where a file is not a vector file.
type ParseError struct {
	File string
	// Line and Column count from 1; the column is in bytes.
	Line, Column int
	Cause        error
}

// Error gives "file:line:column: cause".
func (e *ParseError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %v", e.File, e.Line, e.Column, e.Cause)
}

// Unwrap gives the cause.
func (e *ParseError) Unwrap() error { return e.Cause }

// Parse reads the vectors of a file. Empty lines are passed over, and so are
// fields of a vector that the format does not name. The error is a *ParseError.
func Parse(file string, content []byte) ([]Vector, error) {
	var list []Vector
	seen := map[string]int{}
	line := 0
	for text := range bytes.Lines(bytes.TrimPrefix(content, []byte(byteOrderMark))) {
		line++
		text = bytes.TrimRight(text, "\r\n")
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		vector := Vector{File: file, Line: line}
		fail := func(column int64, cause error) ([]Vector, error) {
			return nil, &ParseError{File: file, Line: line, Column: int(column) + 1, Cause: cause}
		}
		if err := decoder.Decode(&vector); err != nil {
			return fail(column(err, text, decoder.InputOffset()), tidy(err))
		}
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return fail(decoder.InputOffset(), errors.New("a line holds one object, and this one goes on behind it"))
		}
		if err := vector.check(); err != nil {
			return fail(0, err)
		}
		if first, twice := seen[vector.ID]; twice {
			return fail(0, fmt.Errorf("the id %q is that of line %d too", vector.ID, first))
		}
		seen[vector.ID] = line
		vector.unknown = unknownFields(text)
		list = append(list, vector)
	}
	return list, nil
}

// valueError is an error within a value that decodes itself.
type valueError struct {
	value []byte
	cause error
}

func within(value []byte, cause error) error { return &valueError{bytes.Clone(value), cause} }

// Error tells the cause.
func (e *valueError) Error() string { return tidy(e.cause).Error() }

// column is the offset in text at which decoding failed; otherwise where the error does not say.
func column(err error, text []byte, otherwise int64) int64 {
	var value *valueError
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &value):
		// The same value earlier on the line would have failed earlier.
		return int64(max(bytes.Index(text, value.value), 0)) + column(value.cause, value.value, 0)
	case errors.As(err, &syntax):
		return max(syntax.Offset-1, 0)
	case errors.As(err, &kind):
		return max(kind.Offset-1, 0)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return int64(len(text))
	}
	return otherwise
}

// tidy says in the file's terms what encoding/json says in Go's.
func tidy(err error) error {
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return fmt.Errorf("%s is a %s, which is not what the field takes", cmp.Or(kind.Field, "the value"), kind.Value)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the object does not end on its line")
	default:
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
}

// check refuses what the format does not allow.
func (v *Vector) check() error {
	single := v.Request != nil || v.Expect != nil
	switch {
	case v.ID == "":
		return errors.New("the vector has no id")
	case single && len(v.Steps) > 0:
		return errors.New("a vector has request and expect, or steps, not both")
	case !single && len(v.Steps) == 0:
		return errors.New("the vector has neither request and expect nor steps")
	}
	for _, step := range v.steps() {
		if page, _ := v.environment(step); page.URL == "" {
			return errors.New("the vector has no page.url")
		}
		if step.Request == nil || step.Expect == nil {
			return errors.New("a request needs an expect, and an expect a request")
		}
	}
	return nil
}

// steps are the vector's requests in the form of steps.
func (v *Vector) steps() []Step {
	if len(v.Steps) > 0 {
		return v.Steps
	}
	return []Step{{Request: v.Request, Expect: v.Expect}}
}

// environment is the page that makes the step's request, and its origin as the
// vector states it. An origin without a page stands for the page at its "/".
func (v *Vector) environment(step Step) (Page, string) {
	page, origin := v.Page, v.Origin
	if step.Page != nil {
		page = *step.Page
	}
	if step.Origin != "" {
		origin = step.Origin
	}
	if page.URL == "" && origin != "null" {
		page.URL = origin
	}
	return page, origin
}
