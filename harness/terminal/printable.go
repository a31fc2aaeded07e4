// Package terminal makes text of others fit for a reader's terminal.
package terminal

import (
	"strings"
	"unicode"
)

// Printable takes control characters out of text that a server, a manifest or a scenario
// wrote: an escape sequence in a header must not reach the reader's terminal.
// Line breaks and tabs become blanks, other characters that have no glyph U+FFFD.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
