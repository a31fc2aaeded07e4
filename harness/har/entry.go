package har

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// entry is the JSON form of an entry, as far as it is read.
type entry struct {
	StartedDateTime string    `json:"startedDateTime"`
	PageRef         string    `json:"pageref"`
	ResourceType    string    `json:"_resourceType"`
	Error           string    `json:"_error"`
	Request         *request  `json:"request"`
	Response        *response `json:"response"`
}

type request struct {
	Method   string    `json:"method"`
	URL      string    `json:"url"`
	Headers  []pair    `json:"headers"`
	Cookies  []pair    `json:"cookies"`
	PostData *struct{} `json:"postData"`
}

type response struct {
	Status      int    `json:"status"`
	Headers     []pair `json:"headers"`
	RedirectURL string `json:"redirectURL"`
	Error       string `json:"_error"`
}

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// entry gives what is known, or what the entry lacks to be one.
func (e *entry) entry() (*Entry, string) {
	if e.Request == nil || e.Request.URL == "" || e.Request.Method == "" {
		return &Entry{}, `an entry has no "request" with a method and a URL`
	}
	read := &Entry{
		Page: e.PageRef, Type: strings.ToLower(e.ResourceType), Method: e.Request.Method, URL: withoutFragment(e.Request.URL),
		RequestHeader: header(e.Request.Headers), Failure: e.Error,
	}
	started, err := time.Parse(time.RFC3339Nano, e.StartedDateTime)
	if err != nil && e.StartedDateTime != "" {
		return &Entry{}, fmt.Sprintf("startedDateTime is %q, and no time in ISO 8601", e.StartedDateTime)
	}
	read.Started = started
	read.Cookies = len(e.Request.Cookies) > 0 || read.RequestHeader.Get("Cookie") != ""
	read.Body = e.Request.PostData != nil
	if e.Response == nil {
		return read, ""
	}
	// Safari writes -1 for no response.
	read.Status, read.ResponseHeader = max(e.Response.Status, 0), header(e.Response.Headers)
	if e.Response.Error != "" {
		read.Failure = e.Response.Error
	}
	location := e.Response.RedirectURL
	if location == "" && read.Status >= 300 && read.Status < 400 {
		location = read.ResponseHeader.Get("Location")
	}
	if location != "" {
		read.RedirectURL = resolved(read.URL, location)
	}
	return read, ""
}

// header reads a list of headers. The pseudo-headers of HTTP/2 are no headers;
// Chrome writes several fields of one name as lines of one value.
func header(pairs []pair) http.Header {
	read := http.Header{}
	for _, pair := range pairs {
		if pair.Name == "" || strings.HasPrefix(pair.Name, ":") {
			continue
		}
		for value := range strings.SplitSeq(pair.Value, "\n") {
			read.Add(pair.Name, strings.TrimSpace(value))
		}
	}
	return read
}

func withoutFragment(address string) string {
	before, _, _ := strings.Cut(address, "#")
	return before
}

func resolved(base, reference string) string {
	parsed, err := url.Parse(base)
	if err != nil {
		return reference
	}
	target, err := parsed.Parse(reference)
	if err != nil {
		return reference
	}
	target.Fragment = ""
	return target.String()
}
