// Package vectors reads and runs CORS test vectors: language-neutral facts
// about what a browser does, one JSON object a line. A vector says which page
// makes which request, what the server answers, what script then sees and what the
// wire carries; any fetch implementation can be scored with it.
package vectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// When says which requests an exchange answers.
type When struct {
	Method string `json:"method,omitempty"`
	URL    string `json:"url"`
}

// Response is an answer. A code unit of a header is a byte on the wire.
type Response struct {
	Status     int     `json:"status"`
	Headers    []Pair  `json:"headers,omitempty"`
	Body       string  `json:"body,omitempty"`
	BodyBase64 *string `json:"body_base64,omitempty"`
}

// Pair is a name and a value, written as an array of two.
type Pair [2]string

// UnmarshalJSON reads an array of exactly two strings.
func (p *Pair) UnmarshalJSON(data []byte) error {
	var list []string
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	if len(list) != 2 {
		return fmt.Errorf("a pair has %d elements, it needs a name and a value", len(list))
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
	if err := strictly(data, &object); err != nil {
		return err
	}
	if object.FormData == nil {
		return errors.New(`a body is a string or {"formdata": [[name, value]]}`)
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

// strictly decodes one JSON value, all of whose fields must be known.
func strictly(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
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

// Parse reads the vectors of a file. Empty lines are passed over. The error is a *ParseError.
func Parse(file string, content []byte) ([]Vector, error) {
	var list []Vector
	seen := map[string]int{}
	line := 0
	for text := range bytes.Lines(content) {
		line++
		text = bytes.TrimRight(text, "\r\n")
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		vector := Vector{File: file, Line: line}
		fail := func(column int64, cause error) ([]Vector, error) {
			return nil, &ParseError{File: file, Line: line, Column: int(column) + 1, Cause: cause}
		}
		if err := decoder.Decode(&vector); err != nil {
			return fail(column(err, decoder, text), tidy(err))
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
		list = append(list, vector)
	}
	return list, nil
}

// column is the offset at which decoding failed.
func column(err error, decoder *json.Decoder, text []byte) int64 {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return max(syntax.Offset-1, 0)
	case errors.As(err, &kind):
		return max(kind.Offset-1, 0)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return int64(len(text))
	}
	// encoding/json names an unknown field, but does not say where it stands.
	if _, field, found := strings.Cut(err.Error(), "unknown field "); found {
		return int64(max(bytes.Index(text, []byte(field)), 0))
	}
	return decoder.InputOffset()
}

// tidy says in the file's terms what encoding/json says in Go's.
func tidy(err error) error {
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return fmt.Errorf("%s is a %s, which is not what the field takes", kind.Field, kind.Value)
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
	case v.Page.URL == "":
		return errors.New("the vector has no page.url")
	}
	for _, step := range v.steps() {
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
