package report

import (
	"io"
	"os"

	"golang.org/x/term"
)

// painter colours words for a terminal; the zero value leaves them plain.
type painter struct{ colours bool }

// painterFor paints on terminals whose user has not opted out.
// https://no-color.org
func painterFor(out io.Writer) painter {
	file, ok := out.(*os.File)
	return painter{ok && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == ""}
}

func (p painter) paint(code, text string) string {
	if !p.colours || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p painter) bold(text string) string   { return p.paint("1", text) }
func (p painter) dim(text string) string    { return p.paint("2", text) }
func (p painter) red(text string) string    { return p.paint("31", text) }
func (p painter) green(text string) string  { return p.paint("32", text) }
func (p painter) yellow(text string) string { return p.paint("33", text) }
func (p painter) cyan(text string) string   { return p.paint("36", text) }
