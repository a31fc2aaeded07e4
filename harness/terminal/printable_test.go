package terminal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/terminal"
)

func TestNothingThatATerminalObeysIsLeft(t *testing.T) {
	t.Parallel()
	require.Equal(t, "é a b \ufffd[31mred\ufffd\ufffd", terminal.Printable("é a\tb\n\x1b[31mred\r\u202e"))
}
