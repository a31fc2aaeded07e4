package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// message is a text with which the program says that something is wrong.
type message struct {
	// place is "file:line", text as it is written there, with the verbs of fmt.
	place, text string
}

// makers are the functions that make an error of a text, tellers those that return nothing but such texts, and
// worded the fields that hold one.
var (
	makers  = []string{"errors.New", "fmt.Errorf", "because", "mistake"}
	tellers = []string{"Error", "remedy"}
	worded  = []string{"Reason", "Advice"}
)

// messagesOf are the messages that begin in the folders: not those that say only what was being done when another one came up.
func messagesOf(t *testing.T, folders ...string) []message {
	t.Helper()
	var found []message
	for _, folder := range folders {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			add := func(expression ast.Expr) {
				if text, is := literal(expression); is && !strings.Contains(text, "%w") && spoken(text) != "" {
					found = append(found, message{name + ":" + strconv.Itoa(files.Position(expression.Pos()).Line), text})
				}
			}
			ast.Inspect(file, func(node ast.Node) bool {
				switch node := node.(type) {
				case *ast.CallExpr:
					if slices.Contains(makers, called(node)) {
						for _, argument := range node.Args {
							add(argument)
						}
					}
				case *ast.KeyValueExpr:
					if key, is := node.Key.(*ast.Ident); is && slices.Contains(worded, key.Name) {
						add(node.Value)
					}
				case *ast.FuncDecl:
					if slices.Contains(tellers, node.Name.Name) {
						ast.Inspect(node, func(inner ast.Node) bool {
							if end, is := inner.(*ast.ReturnStmt); is && len(end.Results) > 0 {
								add(end.Results[0])
							}
							return true
						})
					}
				}
				return true
			})
			return nil
		}))
	}
	return found
}

// called is how a call names its function, without the receiver of a method.
func called(call *ast.CallExpr) string {
	switch function := call.Fun.(type) {
	case *ast.Ident:
		return function.Name
	case *ast.SelectorExpr:
		if of, is := function.X.(*ast.Ident); is && (of.Name == "errors" || of.Name == "fmt") {
			return of.Name + "." + function.Sel.Name
		}
		return function.Sel.Name
	}
	return ""
}

// literal is the text of an expression: of a literal, of a sum the literals in it, of fmt.Sprintf its format.
func literal(expression ast.Expr) (string, bool) {
	switch expression := expression.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(expression.Value)
		return text, err == nil && expression.Kind == token.STRING
	case *ast.BinaryExpr:
		left, leftIs := literal(expression.X)
		right, rightIs := literal(expression.Y)
		if !leftIs {
			left = "%s"
		}
		if !rightIs {
			right = "%s"
		}
		return left + right, leftIs || rightIs
	case *ast.CallExpr:
		if called(expression) == "fmt.Sprintf" {
			return literal(expression.Args[0])
		}
	}
	return "", false
}

var verb = regexp.MustCompile(`%(\[\d\])?[#+]?[a-z]`)

// spoken is what of a message is always the same.
func spoken(text string) string {
	return strings.Trim(verb.ReplaceAllString(text, ""), " :,;()\"")
}

// unlisted are messages without a row of their own, by the reason why. Each stands for all that contain it, in files whose path begins with in.
var unlisted = []struct{ in, text, why string }{
	// The mistakes of scenarios end with 1: the report has them at their step, and each says what to write.
	{"steps/", "", "a mistake in a scenario"},
	{"harness/service/", "", "a mistake in a scenario"},
	{"harness/apps/", "", "a mistake in a scenario"},
	{"harness/chrome/document.go", "open a page at", "a mistake in a scenario"},
	{"harness/cluster/environment.go", "two services have an Ingress", "a mistake in a scenario"},
	{"harness/cluster/traffic.go", "the deployment does not serve this address", "a mistake in a scenario"},
	{"harness/embedded/traffic.go", "the deployment does not serve this address", "a mistake in a scenario"},
	{"harness/cluster/place.go", "service", "a mistake in a scenario"},
	{"cmd/crosscheck/main.go", "not everything is as expected", "a comparison that failed"},

	{"harness/vectors/", "", "….jsonl:…: …"},
	{"harness/project/", "", "crosscheck.yaml:…: …"},
	{"harness/live/addition.go", "", "crosscheck.yaml:…: …"},
	{"harness/live/hosts.go", "", "crosscheck.yaml:…: …"},
	{"harness/secret/", "", "crosscheck.yaml:…: …"},

	// What stands in the middle of a message that has a row.
	{"harness/browser.go", "the browser %s died", "the browser … died"},
	{"harness/chrome/engine.go", "its process ended", "the browser … died"},
	{"harness/chrome/page.go", "", "the browser shows an error page"},
	{"harness/chrome/remote.go", "there is nothing", "no Chrome answers at …: start it with what crosscheck chrome --remote-flags prints"},
	{"harness/chrome/remote.go", "the Chrome at %s %s", "whose profile says what becomes of cookies of third parties: start chromium-headless-shell"},
	{"harness/cluster/await.go", "", "wait until ingress-nginx serves the Ingress for …"},
	{"harness/cluster/podimage.go", "the Express apps need", "Node.js was not found on PATH"},
	{"harness/helm/repository.go", "GET", "there is no chart … in …"},
	{"harness/helm/ready.go", "", "has no pod that says why"},
	{"harness/live/dial.go", "", "correct HTTPS_PROXY, or except the host by NO_PROXY"},
	{"harness/explain/recorded_transport.go", "", "the file ends in the middle, after … whole entries"},
	{"harness/kind/find.go", "there is no container of this name", "there is no cluster: crosscheck env up makes one"},
	{"harness/kind/logs.go", "", "kubeadm init failed"},
	{"harness/report/merge.go", "merge reports: %s", "merge reports: … is there twice"},

	// What nobody can cause who uses the program: a step of its own that went wrong.
	{"harness/audit/probe.go", "", "the program's own"},
	{"harness/browser.go", "the browser %s cannot", "the program's own"},
	{"harness/bringup/ingress.go", "a line with \"Release:\"", "the program's own"},
	{"harness/chrome/batch.go", "", "the program's own"},
	{"harness/chrome/chrome.go", "", "the program's own"},
	{"harness/chrome/proxy.go", "", "the program's own"},
	{"harness/chrome/session.go", "", "the program's own"},
	{"harness/chrome/tab.go", "", "the program's own"},
	{"harness/cluster/apps.go", "", "the program's own"},
	{"harness/cluster/golden.go", "", "the program's own"},
	{"harness/cluster/pod/", "", "the program's own"},
	{"harness/embedded/environment.go", "", "the program's own"},
	{"harness/fuzz/browser.go", "", "the program's own"},
	{"harness/helm/chart.go", "a chart's name and source were expected", "the program's own"},
	{"harness/helm/release.go", "", "the program's own"},
	{"harness/kind/images.go", "no snapshotter", "the program's own"},
	{"harness/kind/kubeadm.go", "a label of Kubernetes", "the program's own"},
	{"harness/kind/kubeconfig.go", "", "the program's own"},
	{"harness/kind/manifests.go", "was expected", "the program's own"},
	{"harness/kind/nodeimage.go", "was expected, found none", "the program's own"},
	{"harness/kind/options.go", "", "the program's own"},
	{"harness/mutate/run.go", "", "the program's own"},
}

// without reports whether the message needs no row, for a reason that holds: where the reason is a row, it is there.
func (m message) without(rows []string) bool {
	for _, u := range unlisted {
		if strings.HasPrefix(m.place, u.in) && strings.Contains(m.text, u.text) {
			return !strings.Contains(u.why, "…") || slices.Contains(rows, u.why)
		}
	}
	return false
}

// speaksOf reports whether a row is about the message: all parts of it are in the message, in their order, or one of at least
// four words is. A flag's message begins with the flag, and one row speaks for all of them.
func speaksOf(row, text string) bool {
	if row == "--… …" {
		return strings.HasPrefix(text, "--")
	}
	rest, ordered, words := text, true, 0
	for part := range strings.SplitSeq(row, "…") {
		if part = strings.Trim(part, " (),:?"); part == "" {
			continue
		}
		if strings.Count(part, " ") >= 3 && strings.Contains(text, part) {
			return true
		}
		var found bool
		_, rest, found = strings.Cut(rest, part)
		ordered, words = ordered && found, words+len(strings.Fields(part))
	}
	return ordered && (words >= 3 || row == "interrupted: …")
}

// TestEveryMessageHasARow holds the tables to the program the other way round: what it can end with is explained.
func TestEveryMessageHasARow(t *testing.T) {
	var rows []string
	for _, cells := range row.FindAllStringSubmatch(read(t, "docs/troubleshooting.md").text, -1) {
		rows = append(rows, cells[1])
	}
	messages := messagesOf(t, "cmd", "harness", "steps")
	require.Greater(t, len(messages), 250)
	for _, m := range messages {
		explained := slices.ContainsFunc(rows, func(row string) bool { return speaksOf(row, m.text) })
		if !explained && !m.without(rows) {
			t.Errorf("%s: no row of docs/troubleshooting.md explains %q", m.place, m.text)
		}
	}
	for _, u := range unlisted {
		require.True(t, slices.ContainsFunc(messages, func(m message) bool { return strings.HasPrefix(m.place, u.in) && strings.Contains(m.text, u.text) }),
			"there is no such message any more: %s %q", u.in, u.text)
	}
}

func TestARowSpeaksOfWhatItNames(t *testing.T) {
	for _, test := range []struct {
		row, text string
		speaks    bool
	}{
		{"the image … is not in Docker, and its registry cannot be reached", "the image %s is not in Docker, and its registry cannot be reached: docker pull it", true},
		{"the image … is not in Docker, and its registry cannot be reached", "the image %s is not in Docker and cannot be pulled: %s", false},
		{"cannot install Chrome (… needs root's rights and sudo wants a password)", "%s needs root's rights and sudo wants a password", true},
		{"there is no …: there are …", "--format: there is no %q: there are text", true},
		{"there is no …: there are …", "there are some, there is no %q", false},
		{"--… …", "--rate: some requests have to be sent", true},
		{"--… …", "write --rate", false},
		{"interrupted: …", "interrupted: not all was done", true},
		{"is used …", "it is used", false},
	} {
		require.Equal(t, test.speaks, speaksOf(test.row, test.text), "%s / %s", test.row, test.text)
	}
}
