package cluster

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/cluster/pod"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Golden collects what the real hops answered, to hold their models against
// where no cluster is at hand.
type Golden struct {
	// Controller has a [GoldenExchange] of ingress-nginx a line, Mesh a [GoldenRequest] of Linkerd's proxies.
	Controller, Mesh Recording
}

// Recording is a set of lines.
type Recording struct {
	mutex sync.Mutex
	lines map[string]struct{}
}

// GoldenHead is the first line of a recording's file.
type GoldenHead struct {
	// Controller is the release of ingress-nginx, or Linkerd the mesh's; Recorded is the day.
	Controller string `json:"controller,omitempty"`
	Linkerd    string `json:"linkerd,omitempty"`
	Recorded   string `json:"recorded"`
}

// GoldenExchange is one request to an Ingress, and what came of it.
type GoldenExchange struct {
	Origin      string            `json:"origin"`
	Annotations map[string]string `json:"annotations"`
	App         harness.App       `json:"app"`
	GoldenTransit
}

// GoldenTransit is a request, and what the app and the hop in front of it answered.
type GoldenTransit struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Request http.Header `json:"request"`
	// ReachedApp tells whether the app got the request, AppStatus and AppHeader what it answered: 0 when it did not.
	ReachedApp bool        `json:"reached_app"`
	AppStatus  int         `json:"app_status,omitempty"`
	AppHeader  http.Header `json:"app_header,omitempty"`
	// Status and Header are the hop's answer: those headers only that CORS and caches look at.
	Status int         `json:"status"`
	Header http.Header `json:"header"`
}

// The headers that decide what the controller answers, and those of its answer that are kept.
var (
	goldenRequest = []string{"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers", "Authorization", "Content-Length", "Cookie"}
	goldenAnswer  = []string{"Vary", "Location", "Www-Authenticate"}
)

// note keeps an exchange. Those of rate limits depend on others before them, and are left out.
func (g *Golden) note(s *placedService, exchange simulator.Exchange, reached *pod.Request) error {
	limited := slices.ContainsFunc(slices.Collect(maps.Keys(s.Ingress.Annotations)), func(name string) bool { return strings.HasPrefix(name, "limit-") })
	// The file says nothing of what a mesh put in the way, or answered in the place of an app that did not.
	unanswered := exchange.Status >= http.StatusInternalServerError && (reached == nil || reached.Status == 0)
	throughMesh := s.meshed() && (s.Linkerd.Denied || len(s.Linkerd.AddedHeaders) > 0 || unanswered)
	// A line has the annotations of one Ingress.
	if g == nil || s.Ingress.Resources != nil || exchange.Status == 0 || limited || throughMesh {
		return nil
	}
	golden := GoldenExchange{
		Origin: s.At.String(), Annotations: s.Ingress.Annotations, App: s.App,
		GoldenTransit: GoldenTransit{
			Method: exchange.Method, URL: exchange.URL, Request: only(exchange.RequestHeader, goldenRequest),
			Status: exchange.Status, Header: decisive(exchange.ResponseHeader),
		},
	}
	if reached != nil {
		golden.ReachedApp, golden.AppStatus = true, reached.Status
		golden.AppHeader = decisive(reached.ResponseHeader)
	}
	return g.Controller.add(golden)
}

// add adds a line, unless it is there.
func (r *Recording) add(golden any) error {
	line, err := json.Marshal(golden)
	if err != nil {
		return fmt.Errorf("serialize a golden exchange: %w", err)
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.lines == nil {
		r.lines = map[string]struct{}{}
	}
	r.lines[string(line)] = struct{}{}
	return nil
}

// only are the headers of these names, in their canonical form.
func only(header http.Header, names []string) http.Header {
	kept := http.Header{}
	for name, values := range header {
		if name = http.CanonicalHeaderKey(name); slices.Contains(names, name) {
			kept[name] = append(kept[name], values...)
		}
	}
	return kept
}

func corsOf(header http.Header) http.Header {
	kept := http.Header{}
	for name, values := range header {
		if name = http.CanonicalHeaderKey(name); strings.HasPrefix(name, "Access-Control-") {
			kept[name] = append(kept[name], values...)
		}
	}
	return kept
}

// Len is how many different lines there are.
func (r *Recording) Len() int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return len(r.lines)
}

// Write writes the head and the lines, one JSON object each, in an order that does not depend on the run.
func (r *Recording) Write(w io.Writer, head GoldenHead) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	first, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("write the golden exchanges: %w", err)
	}
	lines := append([]string{string(first)}, slices.Sorted(maps.Keys(r.lines))...)
	if _, err := io.WriteString(w, strings.Join(lines, "\n")+"\n"); err != nil {
		return fmt.Errorf("write the golden exchanges: %w", err)
	}
	return nil
}

// ReadGolden reads what Write wrote, of lines of one kind.
func ReadGolden[Line GoldenExchange | GoldenRequest](r io.Reader) (GoldenHead, []Line, error) {
	var head GoldenHead
	var exchanges []Line
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		target := any(&head)
		if number > 1 {
			exchanges = append(exchanges, *new(Line))
			target = &exchanges[len(exchanges)-1]
		}
		if err := json.Unmarshal(lines.Bytes(), target); err != nil {
			return head, nil, fmt.Errorf("read the golden exchanges: line %d: %w", number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return head, nil, fmt.Errorf("read the golden exchanges: %w", err)
	}
	if head.Controller == "" && head.Linkerd == "" {
		return head, nil, errors.New("read the golden exchanges: the first line does not name the controller or the mesh")
	}
	return head, exchanges, nil
}
