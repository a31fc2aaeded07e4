package mutate

import (
	"fmt"
	"reflect"
	"time"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// pageWords say which page asks, as a Given step does.
func pageWords(page simulator.PageSpec) string {
	switch page.Frame {
	case simulator.FrameNone:
		return fmt.Sprintf("a page at %q", page.URL)
	case simulator.FrameSandboxedSrcdoc:
		return fmt.Sprintf("a sandboxed frame in a page at %q", page.URL)
	default:
		return fmt.Sprintf("a frame (%s) in a page at %q", page.Frame, page.URL)
	}
}

// requestWords say what is asked for.
func requestWords(request simulator.Request) string {
	text := request.Method + " " + request.URL
	if request.Initiator != "" && request.Initiator != simulator.InitiatorFetch {
		text += " by " + string(request.Initiator)
	}
	if request.Mode != "" {
		text += " in " + string(request.Mode) + " mode"
	}
	if request.Credentials == simulator.CredentialsInclude {
		text += " with credentials"
	}
	for _, header := range request.Headers {
		text += fmt.Sprintf(", %s: %s", header.Name, header.Value)
	}
	return text
}

// words say what the last request of the session is, and what came before.
func (p probe) words() string {
	last := p[len(p)-1]
	text := requestWords(last.request)
	if len(p) == 1 {
		return text
	}
	var since time.Duration
	for _, act := range p[1:] {
		since += act.wait
	}
	first := p[0]
	if pageWords(first.page) != pageWords(last.page) || first.request.Initiator != last.request.Initiator {
		return text + ", after " + pageWords(first.page) + " asked for " + requestWords(first.request)
	}
	return fmt.Sprintf("%s, again %s after the first time", text, since)
}

// expressible tells whether the session can be written in the words of pageWords and when.
func (p probe) expressible() bool {
	for _, act := range p {
		plain := simulator.Request{Method: act.request.Method, URL: act.request.URL, Credentials: act.request.Credentials, Headers: act.request.Headers}
		if act.request.Initiator == simulator.InitiatorImage {
			plain.Initiator = act.request.Initiator
		}
		page := simulator.PageSpec{URL: act.page.URL, Frame: act.page.Frame}
		if !reflect.DeepEqual(plain, act.request) || !reflect.DeepEqual(page, act.page) || plain.Credentials == simulator.CredentialsOmit ||
			page.Frame != simulator.FrameNone && page.Frame != simulator.FrameSandboxedSrcdoc {
			return false
		}
	}
	return true
}

// when writes the When step of a request.
func when(request simulator.Request) string {
	line := fmt.Sprintf("When the page fetches %q", request.Method+" "+request.URL)
	if request.Initiator == simulator.InitiatorImage {
		return fmt.Sprintf("When the page loads the image %q\n", request.URL)
	}
	if request.Credentials == simulator.CredentialsInclude {
		line += " with credentials"
	}
	if len(request.Headers) == 0 {
		return line + "\n"
	}
	if request.Credentials == simulator.CredentialsInclude {
		line += " and the headers\n"
	} else {
		line += " with the headers\n"
	}
	for _, header := range request.Headers {
		line += fmt.Sprintf("  | %s | %s |\n", header.Name, header.Value)
	}
	return line
}
