package explain

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// WriteText writes the explanation for people.
func WriteText(out io.Writer, e Explanation) error {
	var text strings.Builder
	fmt.Fprintln(&text, printable(e.Verdict))
	if e.Advice != "" {
		fmt.Fprintf(&text, "\nWhat to change\n  %s\n", printable(e.Advice))
		if e.Layer != "" {
			fmt.Fprintf(&text, "  %s\n", printable(e.Layer))
		}
	}
	if len(e.Outcome.Exchanges) > 0 {
		fmt.Fprintf(&text, "\nOn the wire\n")
		for i, exchange := range e.Outcome.Exchanges {
			writeExchange(&text, i+1, exchange, e.Request)
		}
	}
	fmt.Fprintf(&text, "\nDecided by (profile %s)\n", e.Profile)
	for i, step := range e.Outcome.Trace {
		fmt.Fprintf(&text, "  %d. %s\n     %s\n", i+1, printable(step.String()), step.URL)
	}
	if len(e.Notes) > 0 {
		fmt.Fprintf(&text, "\nMind\n")
		for _, note := range e.Notes {
			fmt.Fprintf(&text, "  - %s\n", printable(note))
		}
	}
	if len(e.Curl) > 0 {
		fmt.Fprintf(&text, "\nThe same requests by curl, which does not care about CORS\n")
		for _, command := range e.Curl {
			fmt.Fprintf(&text, "\n%s\n", command)
		}
	}
	if _, err := io.WriteString(out, text.String()); err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}

func writeExchange(text *strings.Builder, number int, exchange simulator.Exchange, request simulator.Request) {
	status := fmt.Sprint(exchange.Status)
	if exchange.Status == 0 {
		status = "no response"
	}
	fmt.Fprintf(text, "  %d. %s %s %s: %s%s\n", number, exchange.Kind, exchange.Method, printable(exchange.URL), status, parenthesized(printable(exchange.Failure)))
	writeHeader(text, ">", exchange.RequestHeader, func(name string) bool { return decides(name, request) })
	writeHeader(text, "<", exchange.ResponseHeader, concernsCORS)
}

func writeHeader(text *strings.Builder, mark string, header http.Header, shown func(name string) bool) {
	for _, name := range headerNames(header) {
		if !shown(name) {
			continue
		}
		for _, value := range header[name] {
			fmt.Fprintf(text, "     %s %s: %s\n", mark, printable(name), printable(value))
		}
	}
}

// decides tells whether a request header is more than every request's.
func decides(name string, request simulator.Request) bool {
	switch name {
	case "Accept", "Accept-Encoding", "Accept-Language", "User-Agent", "Content-Length":
		for _, field := range request.Headers {
			if strings.EqualFold(field.Name, name) {
				return true
			}
		}
		return false
	}
	return true
}

// concernsCORS tells whether a browser, or who looks for the answering hop, looks at a response header.
func concernsCORS(name string) bool {
	switch name {
	case "Vary", "Location", "Set-Cookie", "Timing-Allow-Origin", "Cross-Origin-Resource-Policy", "Content-Type", "Cache-Control", "Age", "Server", "Via", "X-Powered-By", "L5d-Proxy-Error":
		return true
	}
	return strings.HasPrefix(name, "Access-Control-")
}

// maximumShown is how many characters of a server's words are shown; the JSON form has them all.
const maximumShown = 400

// printable makes a server's words safe for a terminal: no control characters,
// no invisible ones, and not too many.
func printable(text string) string {
	var clean strings.Builder
	shown := 0
	for _, r := range text {
		if shown == maximumShown {
			return clean.String() + fmt.Sprintf("… (%d characters)", utf8.RuneCountInString(text))
		}
		shown++
		if !unicode.IsPrint(r) {
			r = unicode.ReplacementChar
		}
		clean.WriteRune(r)
	}
	return clean.String()
}
