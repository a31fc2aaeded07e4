package compare

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Report is what a comparison needs of a report.json, whichever version of
// crosscheck wrote it: what is not listed here is not looked at.
type Report struct {
	// Path is the file.
	Path string `json:"-"`
	// Schema and Crosscheck are the versions of the format and of its writer.
	Schema      string             `json:"schema"`
	Crosscheck  string             `json:"crosscheck"`
	Environment report.Environment `json:"environment"`
	Scenarios   []Scenario         `json:"scenarios"`
}

// Scenario is a scenario's result.
type Scenario struct {
	ID       string         `json:"id"`
	File     string         `json:"file"`
	Line     int            `json:"line"`
	Name     string         `json:"name"`
	Verdict  report.Verdict `json:"verdict"`
	Message  string         `json:"message"`
	Requests []request      `json:"requests"`
	// Steps are read where a change has to be explained only.
	Steps jsontext.Value `json:"steps"`
}

type request struct {
	Text     string   `json:"text"`
	Line     int      `json:"line"`
	Browsers []result `json:"browsers"`
}

type result struct {
	Browser string  `json:"browser"`
	Outcome outcome `json:"outcome"`
	// Transits are read where something changed only: they are most of a report.
	Transits jsontext.Value `json:"transits"`
}

type outcome struct {
	Kind      simulator.Kind   `json:"kind"`
	Reason    simulator.Reason `json:"reason"`
	Status    int              `json:"status"`
	Header    header           `json:"header"`
	URL       string           `json:"url"`
	Exchanges []exchange       `json:"exchanges"`
}

type exchange struct {
	Kind           simulator.ExchangeKind `json:"kind"`
	Method         string                 `json:"method"`
	URL            string                 `json:"url"`
	Status         int                    `json:"status"`
	RequestHeader  header                 `json:"request_header"`
	ResponseHeader header                 `json:"response_header"`
}

// header is a header as the file has it: most do not change, and are read no further.
type header struct{ jsontext.Value }

// UnmarshalJSONFrom keeps the text.
func (h *header) UnmarshalJSONFrom(decoder *jsontext.Decoder) error {
	value, err := decoder.ReadValue()
	h.Value = value.Clone()
	return err
}

// read gives the header; none in a form that this version does not know.
func (h header) read() http.Header {
	var read http.Header
	if len(h.Value) == 0 || decode(h.Value, &read) != nil {
		return nil
	}
	return read
}

// decode reads JSON several times as fast as encoding/json, which matters: a report of
// 10,000 scenarios has 175 MB. It takes what that one takes.
func decode(content []byte, value any) error {
	return json.Unmarshal(content, value, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// transits gives the ways through the deployment; none in a form that this
// version does not know.
func (r result) transits() []harness.Transit {
	var transits []harness.Transit
	if len(r.Transits) == 0 || decode(r.Transits, &transits) != nil {
		return nil
	}
	return transits
}

// NewerSchema says that a report was written by a newer crosscheck, in a format
// that this one cannot read.
type NewerSchema struct {
	Path, Found, Crosscheck string
}

// Error says what was found, what can be read, and what to do.
func (e *NewerSchema) Error() string {
	return fmt.Sprintf("%s: written in the format %s by crosscheck %s; this version reads %s and older: compare with the newer crosscheck, which reads both",
		e.Path, e.Found, e.Crosscheck, report.Schema)
}

// NotComparable says why a file cannot be compared.
type NotComparable struct {
	Path string
	// Line and Column are where the file stops being JSON; 0 where that is not the trouble.
	Line, Column int
	Reason       string
}

// Error gives the place and the reason.
func (e *NotComparable) Error() string {
	place := e.Path
	if e.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", e.Path, e.Line, e.Column)
	}
	return place + ": " + e.Reason
}

// Read reads a report.json. Errors are *NewerSchema, *NotComparable, and those of reading the file.
func Read(path string) (*Report, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	return parse(path, content)
}

// Of gives a report that was just made.
func Of(made report.Report) (*Report, error) {
	var content bytes.Buffer
	if err := report.WriteJSON(&content, made); err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	return parse("", content.Bytes())
}

func parse(path string, content []byte) (*Report, error) {
	read := Report{Path: path}
	if err := decode(content, &read); err != nil {
		// The head tells more than the trouble that a newer format makes further down.
		var head struct {
			Schema     string `json:"schema"`
			Crosscheck string `json:"crosscheck"`
		}
		if decode(content, &head) == nil {
			if err := checkSchema(path, head.Schema, head.Crosscheck); err != nil {
				return nil, err
			}
		}
		return nil, notJSON(path, content, err)
	}
	if err := checkSchema(path, read.Schema, read.Crosscheck); err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(read.Scenarios))
	for _, scenario := range read.Scenarios {
		if scenario.ID == "" || seen[scenario.ID] {
			return nil, &NotComparable{Path: path, Reason: fmt.Sprintf("the scenario id %q is empty or there twice: scenarios are matched by their ids", scenario.ID)}
		}
		seen[scenario.ID] = true
	}
	return &read, nil
}

// checkSchema accepts every version of the format up to the one that is written today.
func checkSchema(path, found, crosscheck string) error {
	family, current, _ := strings.Cut(report.Schema, "/v")
	name, version, versioned := strings.Cut(found, "/v")
	number, err := strconv.Atoi(version)
	newest, _ := strconv.Atoi(current)
	switch {
	case found == "":
		return &NotComparable{Path: path, Reason: fmt.Sprintf("it has no \"schema\", so it is no report of crosscheck: name two report.json that crosscheck run has written (%s)", report.Schema)}
	case name != family || !versioned || err != nil || number < 1:
		return &NotComparable{Path: path, Reason: fmt.Sprintf("its schema is %q and not %s: name two report.json that crosscheck run has written", found, report.Schema)}
	case number > newest:
		return &NewerSchema{Path: path, Found: found, Crosscheck: crosscheck}
	}
	return nil
}

// notJSON says where a file stops being a report.
func notJSON(path string, content []byte, err error) error {
	var syntax *jsontext.SyntacticError
	var kind *json.SemanticError
	problem := &NotComparable{Path: path, Reason: "it is no report of crosscheck: " + err.Error()}
	offset := int64(-1)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		offset = int64(len(content))
		problem.Reason = "it ends in the middle: was the run that wrote it interrupted? Write it anew"
	case errors.As(err, &syntax):
		offset = syntax.ByteOffset
	case errors.As(err, &kind):
		offset = kind.ByteOffset
	}
	if offset >= 0 {
		before := string(content[:min(offset, int64(len(content)))])
		problem.Line = strings.Count(before, "\n") + 1
		problem.Column = len(before) - strings.LastIndex(before, "\n") - 1
	}
	return problem
}
