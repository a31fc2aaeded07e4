// Package har reads the recordings that browsers export from their network
// panels (HTTP Archive 1.2, http://www.softwareishard.com/blog/har-12-spec/), with
// what Chrome, Firefox and Safari add to it and leave out of it.
package har

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// Recording is what a browser recorded.
type Recording struct {
	// File is where it was read from.
	File string
	// Browser is the program that recorded: "Firefox 132.0", or the creator of the file where no browser is named.
	Browser string
	// Pages are the URLs of the documents by their ids, where the browser gives URLs.
	Pages map[string]string
	// Entries are in the order of their beginnings.
	Entries []*Entry
}

// Entry is one request and what came of it.
type Entry struct {
	// Line is where the entry begins in the file.
	Line    int
	Started time.Time
	// Page is the id of the document.
	Page string
	// Type is what asked, such as "fetch", "xhr", "preflight"; "" where the browser does not tell.
	Type   string
	Method string
	URL    string
	// RequestHeader is empty in recordings that leave headers out.
	RequestHeader http.Header
	// Cookies tells whether cookies were sent.
	Cookies bool
	// Body tells whether the request had one.
	Body bool
	// Status is 0 when the recording has no response.
	Status         int
	ResponseHeader http.Header
	// RedirectURL is the absolute URL of a redirect; "" for none.
	RedirectURL string
	// Failure is the browser's own word for what went wrong, such as "net::ERR_FAILED".
	Failure string
}

// Preflight tells whether the entry is a CORS-preflight request.
func (e *Entry) Preflight() bool {
	return e.Method == http.MethodOptions && (e.Type == "preflight" || e.RequestHeader.Get("Access-Control-Request-Method") != "")
}

// Failed tells whether the browser recorded a failure.
func (e *Entry) Failed() bool { return e.Status == 0 || e.Failure != "" }

// Malformed is a file that is no recording, or not all of one.
type Malformed struct {
	File string
	// Line and Column are where reading stopped; 0 where it is the file as a whole.
	Line, Column int
	// Problem says what was found, Next what to do.
	Problem, Next string
}

// Error gives place, problem and next step.
func (e *Malformed) Error() string {
	place := e.File
	if e.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
	return fmt.Sprintf("%s: %s: %s", place, e.Problem, e.Next)
}

// exportAgain is what to do about a file that is not a whole recording.
const exportAgain = `export the recording again (in the network panel: "Save all as HAR", "Export HAR")`

// Load reads a file. A *Malformed error says where it stops making sense; others are the file system's.
func Load(file string) (*Recording, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the recording: %w", err)
	}
	return Parse(file, content)
}

// Parse reads the content of a file.
func Parse(file string, content []byte) (*Recording, error) {
	// What stands before the JSON would be a syntax error.
	content = bytes.TrimPrefix(content, []byte("\xEF\xBB\xBF"))
	r := &reader{file: file, content: content, decoder: json.NewDecoder(bytes.NewReader(content)), recording: &Recording{File: file, Pages: map[string]string{}}}
	if err := r.read(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(r.recording.Entries, func(a, b *Entry) int { return a.Started.Compare(b.Started) })
	return r.recording, nil
}

// reader reads the file token by token, so that every entry's place is known.
type reader struct {
	file      string
	content   []byte
	decoder   *json.Decoder
	recording *Recording
	// counted is an offset before which there are so many line breaks: what was
	// counted once is not counted for every entry again.
	counted int
	breaks  int
}

// read reads everything.
func (r *reader) read() error {
	if len(bytes.TrimSpace(r.content)) == 0 {
		return &Malformed{File: r.file, Problem: "the file is empty", Next: exportAgain}
	}
	found := false
	err := r.object(func(name string) error {
		if name != "log" {
			return r.skip()
		}
		found = true
		return r.object(r.log)
	})
	if err != nil {
		return err
	}
	if !found {
		return &Malformed{File: r.file, Problem: `this is JSON, and no HTTP Archive: there is no "log" in it`, Next: "name a file that a browser's network panel has saved as HAR"}
	}
	return nil
}

// log reads one member of the log.
func (r *reader) log(name string) error {
	switch name {
	case "browser", "creator":
		var program struct{ Name, Version string }
		if err := r.value(&program); err != nil {
			return err
		}
		if name == "browser" || r.recording.Browser == "" {
			r.recording.Browser = strings.TrimSpace(program.Name + " " + program.Version)
		}
		return nil
	case "pages":
		var pages []struct{ ID, Title string }
		if err := r.value(&pages); err != nil {
			return err
		}
		for _, page := range pages {
			// Chrome writes the document's URL where the specification has its title.
			if parsed, err := url.Parse(page.Title); err == nil && parsed.Host != "" {
				r.recording.Pages[page.ID] = page.Title
			}
		}
		return nil
	case "entries":
		return r.entries()
	}
	return r.skip()
}

func (r *reader) entries() error {
	if err := r.delimiter('['); err != nil {
		return err
	}
	for r.decoder.More() {
		start := r.next()
		var read entry
		if err := r.value(&read); err != nil {
			return err
		}
		entry, problem := read.entry()
		entry.Line = r.line(start)
		if problem != "" {
			return r.malformed(start, problem, exportAgain)
		}
		r.recording.Entries = append(r.recording.Entries, entry)
	}
	return r.delimiter(']')
}

// object reads an object, member by member.
func (r *reader) object(member func(name string) error) error {
	if err := r.delimiter('{'); err != nil {
		return err
	}
	for r.decoder.More() {
		token, err := r.decoder.Token()
		if err != nil {
			return r.wrong(err)
		}
		name, _ := token.(string)
		if err := member(name); err != nil {
			return err
		}
	}
	return r.delimiter('}')
}

func (r *reader) delimiter(want json.Delim) error {
	start := r.next()
	token, err := r.decoder.Token()
	if err != nil {
		return r.wrong(err)
	}
	if token != want {
		return r.malformed(start, fmt.Sprintf("%v stands where a HTTP Archive has %v", token, want), exportAgain)
	}
	return nil
}

func (r *reader) skip() error {
	var anything json.RawMessage
	return r.value(&anything)
}

func (r *reader) value(into any) error {
	start := r.decoder.InputOffset()
	if err := r.decoder.Decode(into); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			// The offset is that within the value.
			return r.malformed(start+kind.Offset, fmt.Sprintf("%q is a %s, and has to be a %s", kind.Field, kind.Value, kind.Type), exportAgain)
		}
		return r.wrong(err)
	}
	return nil
}

// wrong places an error of the decoder's. Where the file as a whole stops being
// JSON only reading it as a whole tells: the decoder's offsets are those within a value.
func (r *reader) wrong(err error) error {
	var syntax *json.SyntaxError
	if !errors.As(json.Unmarshal(r.content, new(json.RawMessage)), &syntax) {
		return r.malformed(r.decoder.InputOffset(), err.Error(), exportAgain)
	}
	if syntax.Offset >= int64(len(r.content)) {
		return r.malformed(syntax.Offset, fmt.Sprintf("the file ends in the middle, after %d whole entries", len(r.recording.Entries)), "it was cut off: "+exportAgain)
	}
	return r.malformed(syntax.Offset-1, syntax.Error(), "this is no JSON from here on: "+exportAgain)
}

func (r *reader) malformed(offset int64, problem, next string) error {
	line, column := r.position(offset)
	return &Malformed{File: r.file, Line: line, Column: column, Problem: problem, Next: next}
}

// next is where the next value begins.
func (r *reader) next() int64 {
	offset := r.decoder.InputOffset()
	for offset < int64(len(r.content)) && strings.IndexByte(" \t\r\n,:", r.content[offset]) >= 0 {
		offset++
	}
	return offset
}

// line is the line of an offset, from 1.
func (r *reader) line(offset int64) int {
	end := int(offset)
	if end < r.counted {
		r.counted, r.breaks = 0, 0
	}
	r.breaks += bytes.Count(r.content[r.counted:end], []byte("\n"))
	r.counted = end
	return 1 + r.breaks
}

// position is the line and the column of an offset, both from 1.
func (r *reader) position(offset int64) (line, column int) {
	end := min(max(offset, 0), int64(len(r.content)))
	return r.line(end), int(end) - bytes.LastIndexByte(r.content[:end], '\n')
}
