package explain_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/crosscheck-dev/crosscheck/harness/explain"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// permissive lets everything pass, by way of a redirect where the path says so.
func permissive(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	w.Header().Set("Access-Control-Allow-Credentials", "true")
	w.Header().Set("Access-Control-Allow-Methods", r.Header.Get("Access-Control-Request-Method"))
	w.Header().Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	if r.Method != http.MethodOptions && strings.HasSuffix(r.URL.Path, "/moved") {
		http.Redirect(w, r, "/there", http.StatusTemporaryRedirect)
	}
}

func TestCurlSendsTheBytesThatTheBrowserSends(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl on this machine")
	}
	fields := func(pairs ...string) (list []simulator.Field) {
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, simulator.Field{Name: pairs[i], Value: pairs[i+1]})
		}
		return list
	}
	for name, request := range map[string]simulator.Request{
		"a simple request":           {Method: "GET", URL: userURL},
		"plain http":                 {Method: "GET", URL: "http://api.example.com/user"},
		"a query with brackets":      {Method: "GET", URL: userURL + "?a[]={1,2}&b='%20\"$HOME`id`"},
		"HEAD":                       {Method: "HEAD", URL: userURL, Headers: fields("X-Empty", "")},
		"a JSON body":                {Method: "PUT", URL: userURL, Credentials: simulator.CredentialsInclude, Headers: fields("Content-Type", "application/json", "Authorization", "Bearer it's $x"), Body: &simulator.Body{Text: "{\"a\":\r\n\"it's `x` \\n ü\"}\n"}},
		"a body like a file name":    {Method: "POST", URL: userURL, Body: &simulator.Body{Text: "@/etc/hostname"}},
		"an empty body":              {Method: "POST", URL: userURL, Body: &simulator.Body{}},
		"POST without a body":        {Method: "POST", URL: userURL},
		"PATCH without a body":       {Method: "PATCH", URL: userURL},
		"DELETE with a body":         {Method: "DELETE", URL: userURL, Body: &simulator.Body{Text: "x"}},
		"a large body":               {Method: "POST", URL: userURL, Body: &simulator.Body{Text: strings.Repeat("large ", 15000)}},
		"a header of Latin-1":        {Method: "GET", URL: userURL, Headers: fields("X-Name", "Zoë's café")},
		"a redirect that keeps POST": {Method: "POST", URL: userURL + "/moved", Body: &simulator.Body{Text: "a=b"}},
	} {
		for _, http2 := range []bool{false, true} {
			t.Run(name+map[bool]string{false: " by HTTP/1.1", true: " by HTTP/2"}[http2], func(t *testing.T) {
				server := serve(t, http2, permissive)
				question := server.question(request)
				question.Cookies = []string{"session=it's blue"}
				if strings.HasPrefix(request.URL, "http:") {
					question.Origin = "http://app.example.com"
				}
				explanation, err := explain.Ask(t.Context(), question)
				require.NoError(t, err)
				require.Equal(t, simulator.KindReadable, explanation.Kind, explanation.Reason)
				byBrowser := server.taken()
				require.NotEmpty(t, byBrowser)
				for _, request := range byBrowser {
					if request.Method == http.MethodPatch && request.Body == "" {
						// net/http adds it of its own accord; a browser does for POST and PUT only, and so does the command.
						request.Header.Del("Content-Length")
					}
				}
				for _, command := range explanation.Curl {
					run := exec.CommandContext(t.Context(), "sh", "-c", command)
					// Neither a proxy nor a .curlrc of who runs the test is the command's.
					run.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
					output, err := run.CombinedOutput()
					require.NoError(t, err, "%s\n%s", command, output)
				}
				require.Equal(t, byBrowser, server.taken())
			})
		}
	}
}

// recordingCurl makes a folder whose curl writes its arguments to a file, each ended by a NUL.
func recordingCurl(t *testing.T) (folder, file string) {
	t.Helper()
	folder = t.TempDir()
	file = filepath.Join(folder, "arguments")
	script := "#!/bin/sh\nprintf '%s\\0' \"$@\" > '" + file + "'\n"
	require.NoError(t, os.WriteFile(filepath.Join(folder, "curl"), []byte(script), 0o700))
	return folder, file
}

func TestAShellReadsTheCommandAsItIsMeant(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh on this machine")
	}
	folder, file := recordingCurl(t)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.OneOf(
			rapid.StringMatching(`[ -~\n\t]*`),
			rapid.String(),
			rapid.Map(rapid.SliceOf(rapid.ByteRange(1, 255)), func(b []byte) string { return string(b) }),
		), 1, 8).Draw(t, "arguments")
		groups := make([][]string, len(words))
		for i, word := range words {
			words[i] = strings.ReplaceAll(word, "\x00", "")
			groups[i] = []string{words[i]}
		}
		command := exec.Command(shell, "-c", explain.CurlCommand(groups))
		command.Env = []string{"PATH=" + folder + ":/usr/bin:/bin"}
		output, err := command.CombinedOutput()
		require.NoError(t, err, string(output))
		written, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, strings.Join(words, "\x00")+"\x00", string(written))
	})
}
