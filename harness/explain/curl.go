package explain

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// expectContinueFrom is the length in bytes of a body from which some curl asks
// the server first, by an Expect header that browsers never send.
const expectContinueFrom = 1 << 10

// Curl is the command for a POSIX shell that sends the bytes which a browser
// sent in an exchange without a body. rootsFile and resolutions lead it to the same server.
func Curl(exchange simulator.Exchange, rootsFile string, resolutions []Resolution) string {
	question := &Question{RootsFile: rootsFile, Resolutions: resolutions}
	return curlCommand(curlArguments(question, exchange, sentRequest{header: exchange.RequestHeader}))
}

// curlArguments are the arguments with which curl sends what a browser sent in
// an exchange, and nothing of its own: one argument or option a group.
func curlArguments(question *Question, exchange simulator.Exchange, sent sentRequest) [][]string {
	groups := [][]string{{"-sS"}}
	switch {
	case exchange.Method == http.MethodHead:
		// With -X HEAD curl would wait for a body.
		groups = append(groups, []string{"--head"})
	case exchange.Method == http.MethodGet && !sent.hasBody, exchange.Method == http.MethodPost && len(sent.body) > 0:
		groups[0][0] += "i"
	default:
		groups[0][0] += "i"
		groups = append(groups, []string{"-X", exchange.Method})
	}
	if strings.ContainsAny(exchange.URL, "[]{}") {
		groups = append(groups, []string{"--globoff"})
	}
	if encoding := http.Header(exchange.ResponseHeader).Get("Content-Encoding"); encoding != "" {
		groups = append(groups, []string{"--compressed"})
	}
	groups = append(groups, networkArguments(question, exchange.URL)...)
	groups = append(groups, []string{exchange.URL})
	groups = append(groups, headerArguments(sent)...)
	if len(sent.body) > 0 {
		option := "--data-binary"
		if sent.body[0] == '@' {
			// To the other option that is the name of a file.
			option = "--data-raw"
		}
		groups = append(groups, []string{option, string(sent.body)})
	}
	return groups
}

// networkArguments are those that lead curl to the same server.
func networkArguments(question *Question, exchangeURL string) [][]string {
	var groups [][]string
	parsed, err := url.Parse(exchangeURL)
	if err != nil {
		return nil
	}
	if question.RootsFile != "" && parsed.Scheme == "https" {
		groups = append(groups, []string{"--cacert", question.RootsFile})
	}
	for _, resolution := range question.Resolutions {
		if authority(parsed) != resolution.Host+":"+resolution.Port {
			continue
		}
		if resolution.dialed() == resolution.Address {
			groups = append(groups, []string{"--connect-to", resolution.Host + ":" + resolution.Port + ":" + resolution.Address})
		} else {
			groups = append(groups, []string{"--resolve", resolution.Host + ":" + resolution.Port + ":" + resolution.Address})
		}
	}
	return groups
}

// headerArguments are the headers, and the removal of those that curl adds.
func headerArguments(sent sentRequest) [][]string {
	var groups [][]string
	for _, name := range slices.Sorted(maps.Keys(sent.header)) {
		if name == "Content-Length" && len(sent.body) > 0 {
			// curl counts itself.
			continue
		}
		for _, value := range sent.header[name] {
			if value == "" {
				// This is how curl is told to send an empty value.
				groups = append(groups, []string{"-H", name + ";"})
				continue
			}
			groups = append(groups, []string{"-H", name + ": " + value})
		}
	}
	for _, name := range []string{"Accept", "User-Agent"} {
		if _, found := sent.header[name]; !found {
			groups = append(groups, []string{"-H", name + ":"})
		}
	}
	if _, found := sent.header["Content-Type"]; !found && len(sent.body) > 0 {
		groups = append(groups, []string{"-H", "Content-Type:"})
	}
	if len(sent.body) >= expectContinueFrom {
		groups = append(groups, []string{"-H", "Expect:"})
	}
	return groups
}

// curlCommand writes the arguments for a POSIX shell, one option a line.
func curlCommand(groups [][]string) string {
	lines := make([]string, 0, len(groups))
	for _, group := range groups {
		quoted := make([]string, len(group))
		for i, argument := range group {
			quoted[i] = shellQuoted(argument)
		}
		lines = append(lines, strings.Join(quoted, " "))
	}
	return "curl " + strings.Join(lines, " \\\n  ")
}

// shellQuoted gives one word of a POSIX shell. Bytes that are no text, which a
// terminal would not keep, are written in octal.
func shellQuoted(argument string) string {
	const harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+"
	if argument != "" && strings.Trim(argument, harmless) == "" {
		return argument
	}
	var word strings.Builder
	text := strings.Builder{}
	flush := func() {
		if text.Len() > 0 || word.Len() == 0 {
			word.WriteString("'" + strings.ReplaceAll(text.String(), "'", `'\''`) + "'")
			text.Reset()
		}
	}
	for len(argument) > 0 {
		r, size := utf8.DecodeRuneInString(argument)
		if r == utf8.RuneError && size == 1 {
			if text.Len() > 0 {
				flush()
			}
			fmt.Fprintf(&word, `"$(printf '\%03o')"`, argument[0])
		} else {
			text.WriteString(argument[:size])
		}
		argument = argument[size:]
	}
	if text.Len() > 0 || word.Len() == 0 {
		flush()
	}
	return word.String()
}
