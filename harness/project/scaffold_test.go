package project_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	yaml "go.yaml.in/yaml/v3"

	"github.com/crosscheck-dev/crosscheck/harness/project"
)

var scaffold = project.Scaffold{
	URL: "https://api.example.com/orders", API: "https://api.example.com", Host: "api.example.com", Origin: "http://localhost:3000", Version: "v1.2.3",
}

func TestWhatIsWrittenIsAProject(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "cors")
	written, err := scaffold.Write(folder)
	require.NoError(t, err)
	require.Len(t, written, 5)
	path := filepath.Join(folder, project.FileName)
	_, err = project.Read(path)
	require.NoError(t, err)

	// Every field that is commented out is one, and a good example.
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	fields := regexp.MustCompile(`(?m)^  # ((?:  |- )*(?:[a-z.]+|- url): .*|[a-z_]+:)$`)
	require.Len(t, fields.FindAll(content, -1), 12, "%s", content)
	require.NoError(t, os.WriteFile(path, fields.ReplaceAll(content, []byte("  $1")), 0o600))
	complete, err := project.Read(path)
	require.NoError(t, err)
	require.Equal(t, "ca.pem", complete.Live.CA)
	require.Equal(t, "10.0.0.5:443", complete.Live.Hosts["api.example.com"])
	require.Equal(t, []string{"API_TOKEN", "SESSION"}, complete.Live.Secrets)
	require.Equal(t, []project.Cookie{{URL: "https://api.example.com", Set: "session=${SESSION}; Secure; SameSite=None; Path=/"}}, complete.Live.Cookies)
	require.Equal(t, 1, complete.Live.Retries)
}

func TestTheWorkflowRunsTheProjectInItsFolder(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, ".git"), 0o755))
	_, err := scaffold.Write(filepath.Join(root, "tests", "cors"))
	require.NoError(t, err)
	content, err := os.ReadFile(filepath.Join(root, ".github", "workflows", "crosscheck.yml"))
	require.NoError(t, err)
	var workflow struct {
		Jobs map[string]struct {
			Defaults struct {
				Run struct {
					WorkingDirectory string `yaml:"working-directory"`
				}
			}
			Steps []struct {
				Run  string
				With map[string]string
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(content, &workflow))
	job := workflow.Jobs["live"]
	require.Equal(t, "tests/cors", job.Defaults.Run.WorkingDirectory)
	require.Equal(t, "go install github.com/crosscheck-dev/crosscheck/cmd/crosscheck@v1.2.3", job.Steps[2].Run)
	require.Equal(t, "crosscheck run", job.Steps[3].Run)
	require.Equal(t, "tests/cors/out", job.Steps[4].With["path"])
}

func TestNothingIsWrittenWhereOneFileIsThere(t *testing.T) {
	folder := t.TempDir()
	readme := filepath.Join(folder, "README.md")
	require.NoError(t, os.WriteFile(readme, []byte("ours"), 0o600))
	_, err := scaffold.Write(folder)
	var exists *project.Exists
	require.ErrorAs(t, err, &exists)
	require.Equal(t, []string{readme}, exists.Files)
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	content, err := os.ReadFile(readme)
	require.NoError(t, err)
	require.Equal(t, "ours", string(content))
}

func TestAFolderThatCannotBeWrittenLeavesNothing(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(root, "features"), nil, 0o600), "a file where a folder is wanted")
	_, err := scaffold.Write(root)
	require.Error(t, err)
	require.NoFileExists(t, filepath.Join(root, project.FileName))
	require.NoFileExists(t, filepath.Join(root, ".gitignore"))
}
