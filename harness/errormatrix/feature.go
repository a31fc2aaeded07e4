package errormatrix

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// WriteFeature writes the matrix as a feature file: a scenario for each error,
// which expects what the simulator predicts, so that a run shows whether a real browser
// over real hops agrees.
func WriteFeature(out io.Writer, matrix *Matrix) error {
	var text strings.Builder
	text.WriteString("Feature: Which errors a page can read\n  Written by crosscheck errors. Each scenario makes one error on one route.\n")
	for _, route := range matrix.Routes {
		if what := route.inexpressible(); what != "" {
			fmt.Fprintf(&text, "\n  # Left out, since it has %s: %s %s (%s)\n", what, route.method(), route.Request.URL, route.Scenario)
			continue
		}
		fmt.Fprintf(&text, "\n  Rule: %s %s, from a page at %s\n", route.method(), route.Request.URL, route.Page.URL)
		for i := range route.Cases {
			route.Cases[i].scenario(&text, &route)
		}
	}
	if _, err := io.WriteString(out, text.String()); err != nil {
		return fmt.Errorf("write the feature: %w", err)
	}
	return nil
}

// inexpressible is what of a route the steps below have no words for; "" for nothing.
func (r *Route) inexpressible() string {
	plain := simulator.Request{Method: r.Request.Method, URL: r.Request.URL, Credentials: r.Request.Credentials, Headers: r.Request.Headers, Body: r.Request.Body}
	body := r.Request.Body
	page := simulator.PageSpec{URL: r.Page.URL, Frame: r.Page.Frame}
	for _, service := range r.deployment.Services {
		if service.Ingress != nil && len(service.Ingress.Resources) > 0 {
			return "an Ingress of a manifest, which would have to be changed"
		}
	}
	switch {
	case !reflect.DeepEqual(plain, r.Request):
		return "a request with options of its own"
	case body != nil && !reflect.DeepEqual(*body, simulator.Body{Text: body.Text}), body != nil && strings.ContainsAny(body.Text, "'\n"):
		return "a body that is no plain text"
	case !reflect.DeepEqual(page, r.Page), page.Frame != simulator.FrameNone && page.Frame != simulator.FrameSandboxedSrcdoc:
		return "a page with a frame or headers of its own"
	}
	return ""
}

// scenario writes one error.
func (c *Case) scenario(text *strings.Builder, route *Route) {
	verb := "can be read"
	if !c.Readable {
		verb = "cannot be read"
	}
	fmt.Fprintf(text, "\n    Scenario: A %d by the %s %s (%s)\n", c.Error, c.By, verb, c.How)
	w := &stepWriter{text: text, keyword: "Given"}
	for _, service := range c.fault.deployment.Services {
		w.service(service)
	}
	if route.Page.Frame == simulator.FrameSandboxedSrcdoc {
		w.step(fmt.Sprintf("a sandboxed frame in a page at %q", route.Page.URL))
	} else {
		w.step(fmt.Sprintf("a page at %q", route.Page.URL))
	}
	w.keyword = "When"
	for range c.fault.times {
		w.request(c.fault.request, route.method())
	}
	w.keyword = "Then"
	w.expectation(c)
}

// stepWriter writes steps: the first of a kind with its keyword, the others with And.
type stepWriter struct {
	text    *strings.Builder
	keyword string
}

func (w *stepWriter) step(words string) {
	fmt.Fprintf(w.text, "      %s %s\n", w.keyword, words)
	w.keyword = "And"
}

// table writes rows under a step.
func (w *stepWriter) table(rows [][2]string) {
	escape := strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", `\n`)
	width := 0
	for _, row := range rows {
		width = max(width, len(escape.Replace(row[0])))
	}
	for _, row := range rows {
		fmt.Fprintf(w.text, "        | %-*s | %s |\n", width, escape.Replace(row[0]), escape.Replace(row[1]))
	}
}

func (w *stepWriter) fields(words string, fields []simulator.Field) {
	w.step(words)
	var rows [][2]string
	for _, field := range fields {
		rows = append(rows, [2]string{field.Name, field.Value})
	}
	w.table(rows)
}

// service writes the Given steps that declare it.
func (w *stepWriter) service(s harness.Service) {
	w.step(fmt.Sprintf("an API at %q that answers only what follows", s.Origin))
	// The last answer that a scenario gives is looked at first.
	for _, response := range slices.Backward(s.App.Responses) {
		w.response(response)
	}
	if s.Ingress != nil {
		words := "its Ingress has the annotations"
		if s.Ingress.Version != "" {
			words = "its Ingress under ingress-nginx " + s.Ingress.Version + " has the annotations"
		}
		w.step(words)
		var rows [][2]string
		for _, name := range slices.Sorted(maps.Keys(s.Ingress.Annotations)) {
			rows = append(rows, [2]string{name, s.Ingress.Annotations[name]})
		}
		w.table(rows)
	}
	if s.Linkerd != nil {
		w.step("its pods are meshed by Linkerd")
		if len(s.Linkerd.AddedHeaders) > 0 {
			w.fields("the mesh sets on every response the headers", s.Linkerd.AddedHeaders)
		}
		if s.Linkerd.Denied {
			w.step("a Linkerd authorization policy denies every request to it")
		}
	}
	if s.Edge != nil {
		w.fields("a proxy in front of it appends the headers", s.Edge.AppendedHeaders)
	}
	if s.SharedCache {
		w.step("a shared cache stands in front of it")
	}
	if len(s.Protocols) == 1 {
		w.step("it speaks only " + map[string]string{"http/1.1": "HTTP/1.1", "h2": "HTTP/2"}[s.Protocols[0]])
	}
}

func (w *stepWriter) response(r harness.Response) {
	what := "every request"
	if r.Method != "" {
		what = fmt.Sprintf("%q", r.Method+" "+r.Path)
	}
	switch {
	case r.Fault == harness.FaultDown:
		w.step("it is down")
	case r.Fault == harness.FaultHang:
		w.step("it never answers " + what)
	case len(r.Headers) > 0:
		w.fields(fmt.Sprintf("it answers %s with status %d and the headers", what, r.Status), r.Headers)
	default:
		w.step(fmt.Sprintf("it answers %s with status %d", what, r.Status))
	}
}

// request writes a When step.
func (w *stepWriter) request(request simulator.Request, method string) {
	line := fmt.Sprintf("%q", method+" "+request.URL)
	words := "the page fetches " + line
	if request.Body != nil {
		words = "the page sends '" + request.Body.Text + "' by " + line
	}
	switch request.Credentials {
	case simulator.CredentialsInclude:
		words += " with credentials"
	case simulator.CredentialsOmit:
		words += " without credentials"
	}
	if len(request.Headers) == 0 {
		w.step(words)
		return
	}
	w.fields(words+map[bool]string{true: " and the headers", false: " with the headers"}[strings.HasSuffix(words, "credentials")], request.Headers)
}

// expectation writes a Then step.
func (w *stepWriter) expectation(c *Case) {
	var last simulator.Exchange
	if n := len(c.outcome.Exchanges); n > 0 {
		last = c.outcome.Exchanges[n-1]
	}
	switch {
	case c.outcome.Readable():
		w.step(fmt.Sprintf("the page can read the status %d", c.Status))
	case last.Method == "" || last.Kind == simulator.ExchangePreflight && len(c.outcome.Preflights()) == len(c.outcome.Exchanges):
		w.step("the browser blocks the request: " + c.Reason.String())
	case last.Status == 0:
		w.step("the request fails: " + string(c.Reason.Code))
	case last.Kind == simulator.ExchangePreflight, last.Status >= 300 && last.Status < 400 && http.Header(last.ResponseHeader).Get("Location") != "":
		w.step("the browser blocks the redirect: " + c.Reason.String())
	default:
		w.step("the browser blocks the response: " + c.Reason.String())
	}
}
