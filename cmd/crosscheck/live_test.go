package main

import (
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// staging is a team's API with TLS of its own. Its certificate is for example.com.
func staging(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if origin := r.Header.Get("Origin"); origin == "https://app.example.com" {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Allow-Headers", "Authorization")
		}
		if r.Method != http.MethodOptions {
			_, _ = fmt.Fprintf(w, `{"authorization":%q,"query":%q}`, r.Header.Get("Authorization"), r.URL.RawQuery)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// writeProject writes a crosscheck.yaml that reaches the server, and its authority's file.
func writeProject(t *testing.T, command *exec.Cmd, server *httptest.Server, more string) {
	t.Helper()
	write(t, command, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	write(t, command, "crosscheck.yaml", "features: [features]\nenvironment: live\nlive:\n  ca: ca.pem\n  rate: 100\n  hosts:\n    example.com: "+server.Listener.Addr().String()+"\n"+more)
}

func TestFromInitToAVerdictOfBothBrowsersOnALiveAPI(t *testing.T) {
	t.Parallel()
	server := staging(t)
	command, output := crosscheck(t, "init", ".", "--url", server.URL+"/orders", "--origin", "https://app.example.com")
	folder := command.Dir
	require.Zero(t, exitCode(t, command), output)
	require.Contains(t, output.String(), "Next: cd . && crosscheck run")
	feature, err := os.ReadFile(filepath.Join(folder, "features", "api.feature"))
	require.NoError(t, err)
	require.Contains(t, string(feature), `"GET `+server.URL+`/orders"`)

	command, output = crosscheck(t, "run")
	command.Dir = folder
	require.NoError(t, os.Remove(filepath.Join(folder, "crosscheck.yaml")))
	writeProject(t, command, server, "")
	require.Zero(t, exitCode(t, command), output)
	require.Contains(t, output.String(), "2 scenarios: 2 passed, 0 failed, 0 skipped")
	require.FileExists(t, filepath.Join(folder, "out", "report.html"))
}

const tokenFeature = `Feature: F
  Background:
    Given the API at "https://example.com" as deployed
    And a page at "https://app.example.com"

  Scenario: With a token
    When the page fetches "GET https://example.com/orders?key=${API_TOKEN}" with the headers
      | Authorization | Bearer ${API_TOKEN} |
    Then the preflight asks for the method "GET" and the headers "authorization"
    And the request carries the header "Authorization" with "Bearer ${API_TOKEN}"

  Scenario: What fails says much
    When the page fetches "GET https://example.com/orders?key=${API_TOKEN}" with the headers
      | Authorization | Bearer ${API_TOKEN} |
    Then the page reads the body 'nothing'
`

func TestASecretIsUsedAndFoundNowhere(t *testing.T) {
	t.Parallel()
	command, output := crosscheck(t, "run")
	command.Env = append(command.Env, "API_TOKEN=tok/hunter2\"+long\n")
	writeProject(t, command, staging(t), "  secrets: [API_TOKEN]\n")
	require.NoError(t, os.Mkdir(filepath.Join(command.Dir, "features"), 0o755))
	write(t, command, "features/token.feature", tokenFeature)
	require.Equal(t, exitFailed, exitCode(t, command), output)
	require.Contains(t, output.String(), "2 scenarios: 1 passed, 1 failed")
	require.Contains(t, output.String(), "${API_TOKEN}")
	require.NotContains(t, output.String(), "hunter2")
	files := 0
	require.NoError(t, filepath.WalkDir(filepath.Join(command.Dir, "out"), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			content, readErr := os.ReadFile(path)
			require.NoError(t, readErr)
			require.NotContains(t, string(content), "hunter2", path)
			files++
		}
		return err
	}))
	require.GreaterOrEqual(t, files, 3)
}

func TestAHeaderOnTheWayIsSentAndFoundNowhere(t *testing.T) {
	t.Parallel()
	command, output := crosscheck(t, "run")
	command.Env = append(command.Env, "GATEWAY_KEY=hunter2-of-the-gateway")
	writeProject(t, command, staging(t), "  secrets: [GATEWAY_KEY]\n  headers:\n    example.com: {Authorization: \"Bearer ${GATEWAY_KEY}\"}\n")
	require.NoError(t, os.Mkdir(filepath.Join(command.Dir, "features"), 0o755))
	// The API sends the header back: both scenarios pass only if it arrived, and the page did not ask for it.
	write(t, command, "features/gateway.feature", `Feature: F
  Background:
    Given the API at "https://example.com" as deployed
    And a page at "https://app.example.com"

  Scenario: With the key of the gateway
    When the page fetches "GET https://example.com/orders"
    Then the browser sends no preflight
    And the page reads the body '{"authorization":"Bearer ${GATEWAY_KEY}","query":""}'

  Scenario: What fails says much
    When the page fetches "GET https://example.com/orders"
    Then the page reads the body 'nothing'
`)
	require.Equal(t, exitFailed, exitCode(t, command), output)
	require.Contains(t, output.String(), "2 scenarios: 1 passed, 1 failed")
	require.NotContains(t, output.String(), "hunter2")
	for _, name := range []string{"report.html", "report.json", "junit.xml"} {
		content, err := os.ReadFile(filepath.Join(command.Dir, "out", name))
		require.NoError(t, err)
		require.NotContains(t, string(content), "hunter2", name)
	}

	command, output = crosscheck(t, "run", "--browser", "simulator", "features")
	writeProject(t, command, staging(t), "  secrets: [GATEWAY_KEY]\n  headers:\n    example.com:\n      X-Api-Key: ${GATEWAY_KEY}\n")
	require.NoError(t, os.Mkdir(filepath.Join(command.Dir, "features"), 0o755))
	write(t, command, "features/a.feature", feature("200"))
	require.Equal(t, exitEnvironment, exitCode(t, command), output)
	require.Contains(t, output.String(), "crosscheck.yaml:11: ${GATEWAY_KEY} is used (crosscheck.yaml:8 lists it), and the environment variable GATEWAY_KEY is not set")
}

func TestALiveRunThatCannotBeSaysWhereAndWhatToDo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		more, variable string
		code           int
		output         []string
	}{
		"a secret that is not set": {
			"  secrets: [OTHER, API_TOKEN]\n", "", exitEnvironment,
			[]string{"features/token.feature:7: ${API_TOKEN} is used (crosscheck.yaml:8 lists it), and the environment variable API_TOKEN is not set: export it"},
		},
		"a secret that is not listed": {
			"  secrets: [API_TOKN]\n", "API_TOKEN=tok-hunter2-long", exitUsage,
			[]string{"features/token.feature:7: ${API_TOKEN} is used, and it is no secret of crosscheck.yaml: list it there under live.secrets, or write ${API_TOKN}"},
		},
		"a secret that is too short": {"  secrets: [API_TOKEN]\n", "API_TOKEN=1234", exitUsage, []string{"crosscheck.yaml: the secret API_TOKEN has 4 bytes"}},
		"an unknown field":           {"  secret: [API_TOKEN]\n", "", exitUsage, []string{`crosscheck.yaml:8: there is no field "secret" here: did you mean "secrets"?`}},
		"a field twice": {
			"environment: live\n", "", exitUsage, []string{`crosscheck.yaml:8: mapping key "environment" already defined at line 2`},
		},
		"a secret of a cookie": {
			"  secrets: [API_TOKEN]\n  timeout: 2s\n  cookies: [{url: \"https://example.com\", set: \"a=${NONE}\"}]\n", "API_TOKEN=tok-hunter2-long", exitUsage,
			[]string{"crosscheck.yaml:10: ${NONE} is used"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command, output := crosscheck(t, "run", "--browser", "simulator")
			command.Env = append(command.Env, "API_TOKEN=")
			if test.variable != "" {
				command.Env = append(command.Env, test.variable)
			}
			writeProject(t, command, staging(t), test.more)
			require.NoError(t, os.Mkdir(filepath.Join(command.Dir, "features"), 0o755))
			write(t, command, "features/token.feature", tokenFeature)
			require.Equal(t, test.code, exitCode(t, command), output)
			for _, want := range test.output {
				require.Contains(t, output.String(), want)
			}
			require.NotContains(t, output.String(), "hunter2")
			require.NoDirExists(t, filepath.Join(command.Dir, "out"))
		})
	}
}

func TestAServerThatIsNotThereIsTheEnvironmentsFault(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	command, output := crosscheck(t, "run", "--env", "live", "--browser", "simulator", "a.feature")
	write(t, command, "a.feature", `Feature: F
  Scenario: S
    Given the API at "http://`+address+`" as deployed
    And a page at "http://app.example.com"
    When the page fetches "GET http://`+address+`/x"
    Then the page cannot read the response
`)
	require.Equal(t, exitEnvironment, exitCode(t, command), output)
	require.Contains(t, output.String(), "(line 5): "+address)
	require.Contains(t, output.String(), "nothing listens there")
}

func TestARunThatTestsNothingIsNoSuccess(t *testing.T) {
	t.Parallel()
	command, output := crosscheck(t, "run", "--env", "live", "--browser", "simulator", "good.feature")
	write(t, command, "good.feature", feature("200"))
	require.Equal(t, exitEnvironment, exitCode(t, command), output)
	require.Contains(t, output.String(), "nothing was tested: all 1 scenarios were skipped")
	require.Contains(t, output.String(), "the environment live deploys nothing")
}

func TestInitOverwritesNothing(t *testing.T) {
	t.Parallel()
	command, output := crosscheck(t, "init", "cors", "--url", "https://api.example.com/orders?page=1")
	folder := command.Dir
	require.NoError(t, os.Mkdir(filepath.Join(folder, ".git"), 0o755))
	require.Zero(t, exitCode(t, command), output)
	for _, file := range []string{"cors/crosscheck.yaml", "cors/features/api.feature", "cors/README.md", "cors/.gitignore", ".github/workflows/crosscheck.yml"} {
		require.FileExists(t, filepath.Join(folder, file))
		require.Contains(t, output.String(), "wrote "+file+"\n")
	}
	workflow, err := os.ReadFile(filepath.Join(folder, ".github/workflows/crosscheck.yml"))
	require.NoError(t, err)
	require.Contains(t, string(workflow), "working-directory: cors\n")
	require.Contains(t, string(workflow), "path: cors/out}")
	require.Contains(t, string(workflow), "${{ secrets.API_TOKEN }}")

	require.NoError(t, os.Remove(filepath.Join(folder, "cors/README.md")))
	command, output = crosscheck(t, "init", "cors")
	command.Dir = folder
	require.Equal(t, exitUsage, exitCode(t, command), output)
	require.Contains(t, output.String(), "it would overwrite .github/workflows/crosscheck.yml, cors/.gitignore, cors/crosscheck.yaml, cors/features/api.feature: name another folder")
	require.NoFileExists(t, filepath.Join(folder, "cors/README.md"), "nothing partial")
}

func TestInitRefusesWhatIsNoURLAndNoOrigin(t *testing.T) {
	t.Parallel()
	for arguments, want := range map[string]string{
		"--url api.example.com":              "--url",
		"--url ftp://api.example.com/":       "--url",
		"--url https://u:p@api.example.com/": "--url",
		"--origin https://app.example.com/x": "--origin",
		"--origin null":                      "--origin",
	} {
		command, output := crosscheck(t, append([]string{"init"}, strings.Fields(arguments)...)...)
		require.Equal(t, exitUsage, exitCode(t, command), arguments)
		require.Contains(t, output.String(), "crosscheck: "+want)
		require.NoDirExists(t, filepath.Join(command.Dir, "crosscheck"))
	}
}

func TestTheStepsAreListedAndTheNearestAnswerWords(t *testing.T) {
	t.Parallel()
	command, output := crosscheck(t, "steps")
	require.Zero(t, exitCode(t, command), output)
	require.Contains(t, output.String(), "Given its Ingress has the annotations\n  | enable-cors | true |\n")
	require.Contains(t, output.String(), "Then the browser sends a preflight\n")

	command, output = crosscheck(t, "steps", "--json", "the", "browser", "has", "a", "cookie")
	require.Zero(t, exitCode(t, command), output)
	require.Contains(t, output.String(), `"keyword": "Given"`)
	require.Contains(t, output.String(), "the browser holds the cookie")

	command, output = crosscheck(t, "run", "typo.feature", "--browser", "simulator")
	write(t, command, "typo.feature", strings.Replace(feature("200"), "can read the status", "cna raed the status", 1))
	require.Equal(t, exitFailed, exitCode(t, command), output)
	require.Contains(t, output.String(), "The nearest are:")
	require.Contains(t, output.String(), "Then the page can read the status 404")
}

func TestAnEnvironmentOfTheProjectThatIsNoneIsSaidAtItsLine(t *testing.T) {
	t.Parallel()
	command, output := crosscheck(t, "run")
	write(t, command, "crosscheck.yaml", "features: [features]\nenvironment: staging\n")
	require.Equal(t, exitUsage, exitCode(t, command), output)
	require.Contains(t, output.String(), `crosscheck.yaml:2: there is no environment "staging": there are embedded, kind, cluster, live`)
}
