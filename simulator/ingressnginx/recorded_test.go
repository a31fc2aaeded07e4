package ingressnginx_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

var recordedFile = flag.String("recorded", "fixtures/golden/ingress-nginx/recorded.jsonl",
	"answers of the real controllers, one JSON object a line; a relative name is from the repository's root")

// recording is one line of the file: a request, and what each controller answered.
type recording struct {
	ID          string            `json:"id"`
	Annotations map[string]string `json:"annotations"`
	Request     struct {
		Method  string      `json:"method"`
		Headers [][2]string `json:"headers"`
	} `json:"request"`
	App struct {
		Status  int         `json:"status"`
		Headers [][2]string `json:"headers"`
	} `json:"app"`
	V1_11_0 *recordedAnswer `json:"v1.11.0"`
	V1_15_1 *recordedAnswer `json:"v1.15.1"`
}

type recordedAnswer struct {
	Status     int         `json:"status"`
	Headers    [][2]string `json:"headers"`
	ReachedApp bool        `json:"reached_app"`
}

func readRecordings(t testing.TB, name string) []recording {
	t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join("..", "..", name)
	}
	file, err := os.Open(name)
	require.NoError(t, err)
	defer file.Close()
	var recordings []recording
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line recording
		require.NoError(t, json.Unmarshal(lines.Bytes(), &line), "line %d", len(recordings)+1)
		recordings = append(recordings, line)
	}
	require.NoError(t, lines.Err())
	require.NotEmpty(t, recordings)
	return recordings
}

// echoBodySize is the size of the recorded app's answer without the method and
// the origin that it repeats.
const echoBodySize = 30

func (r recording) app() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		w.Header().Set("X-Backend", "echo")
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		for _, field := range r.App.Headers {
			w.Header().Add(field[0], field[1])
		}
		w.WriteHeader(r.App.Status)
		fmt.Fprint(w, strings.Repeat("x", echoBodySize+len(request.Method)+len(request.Header.Get("Origin"))))
	})
}

// predict asks the model, and keeps of its answer what the recording keeps.
func (r recording) predict(t testing.TB, version ingressnginx.Version) recordedAnswer {
	t.Helper()
	controller, err := ingressnginx.New(ingressnginx.Options{Version: version}, ingressnginx.Ingress{
		Host: "cors.lab", Annotations: r.Annotations, Paths: []ingressnginx.Path{{Path: "/", Backend: r.app()}},
	})
	require.NoError(t, err, r.ID)
	request := httptest.NewRequest(r.Request.Method, "http://cors.lab/", nil)
	for _, field := range r.Request.Headers {
		request.Header.Add(field[0], field[1])
	}
	answer := controller.Answer(request)
	predicted := recordedAnswer{Status: answer.Status, Headers: [][2]string{}, ReachedApp: answer.ReachedApp}
	for _, field := range answer.Header {
		switch name := strings.ToLower(field.Name); {
		case strings.HasPrefix(name, "access-control-"), name == "vary", name == "x-backend", name == "content-length", name == "content-type":
			predicted.Headers = append(predicted.Headers, [2]string{field.Name, field.Value})
		}
	}
	return predicted
}

func (a recordedAnswer) equal(b recordedAnswer) bool {
	return a.Status == b.Status && a.ReachedApp == b.ReachedApp && slices.Equal(a.Headers, b.Headers)
}

func TestRecordedAnswersOfTheRealControllersArePredicted(t *testing.T) {
	const shown = 5
	recordings := readRecordings(t, *recordedFile)
	for _, version := range ingressnginx.Versions() {
		t.Run(string(version), func(t *testing.T) {
			matched, compared := 0, 0
			for _, line := range recordings {
				recorded := line.V1_15_1
				if version == ingressnginx.V1_11_0 {
					recorded = line.V1_11_0
				}
				if recorded == nil {
					continue
				}
				compared++
				predicted := line.predict(t, version)
				if predicted.equal(*recorded) {
					matched++
				} else if compared-matched <= shown {
					t.Logf("%s: annotations %q, %s %q, app %+v\n recorded  %+v\n predicted %+v",
						line.ID, line.Annotations, line.Request.Method, line.Request.Headers, line.App, *recorded, predicted)
				}
			}
			t.Logf("%s: %d of %d matched", version, matched, compared)
			require.NotZero(t, compared)
			require.Equal(t, compared, matched)
		})
	}
}
