package fuzz

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Difference is a field in which prediction and observation differ.
type Difference struct {
	// Field is such as "steps[1].reason"; without the step where there is one request only.
	Field     string `json:"field"`
	Predicted string `json:"predicted"`
	Observed  string `json:"observed"`
}

// String gives the difference in one line.
func (d Difference) String() string {
	return fmt.Sprintf("%s: predicted %s, observed %s", d.Field, d.Predicted, d.Observed)
}

// comparison gathers differences.
type comparison struct {
	prefix string
	found  []Difference
}

func (c *comparison) compare(field, predicted, observed string) {
	if predicted != observed {
		c.found = append(c.found, Difference{Field: c.prefix + field, Predicted: predicted, Observed: observed})
	}
}

// Compare compares all of a case's observations.
func Compare(c vectors.Vector, predicted, observed []Observation) []Difference {
	comparison := &comparison{}
	steps := c.Each()
	comparison.compare("requests", strconv.Itoa(len(predicted)), strconv.Itoa(len(observed)))
	for i := range min(len(steps), len(predicted), len(observed)) {
		if len(steps) > 1 {
			comparison.prefix = fmt.Sprintf("steps[%d].", i)
		}
		request := *steps[i].Request
		comparison.outcomes(request, predicted[i].Outcome, observed[i].Outcome)
		comparison.wire(request, predicted[i].Sent, observed[i].Sent)
	}
	return comparison.found
}

func (c *comparison) outcomes(request vectors.Request, predicted, observed simulator.Outcome) {
	if request.Initiator == simulator.InitiatorBeacon && observed.Reason.Code == "net::ERR_ABORTED" {
		// The page is told nothing, and DevTools has lost sight of it; the wire is compared.
		return
	}
	if isElement(request.Initiator) {
		predicted, observed = asAnElementTells(predicted), asAnElementTells(observed)
	}
	c.compare("kind", string(predicted.Kind), string(observed.Kind))
	if !isXHR(request.Initiator) {
		// An XMLHttpRequest does not tell. The harness goes by its first and last URL.
		c.compare("type", string(predicted.Type), string(observed.Type))
	}
	if !sameReason(predicted, observed) {
		c.compare("reason", predicted.Reason.String(), observed.Reason.String())
	}
	c.compare("status", strconv.Itoa(predicted.Status), strconv.Itoa(observed.Status))
	c.compare("final_url", strconv.Quote(predicted.URL), strconv.Quote(observed.URL))
	if !bytes.Equal(predicted.Body, observed.Body) {
		c.compare("body", strconv.QuoteToASCII(string(predicted.Body)), strconv.QuoteToASCII(string(observed.Body)))
	}
	c.headers("header.", predicted.Header, observed.Header, nil)
	if tellsTiming(request.Initiator, predicted, observed) {
		c.compare("timing_allowed", strconv.FormatBool(predicted.TimingAllowed), strconv.FormatBool(observed.TimingAllowed))
	}
	if predicted.UploadEvents != nil && observed.UploadEvents != nil {
		c.compare("upload_events", strconv.FormatBool(*predicted.UploadEvents), strconv.FormatBool(*observed.UploadEvents))
	}
}

// headers compares all lines of all headers but those to ignore, by canonical name.
func (c *comparison) headers(field string, predicted, observed http.Header, ignored map[string]string) {
	names := map[string]bool{}
	for name := range predicted {
		names[http.CanonicalHeaderKey(name)] = true
	}
	for name := range observed {
		names[http.CanonicalHeaderKey(name)] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if ignored[name] == "" && !slices.Equal(predicted[name], observed[name]) {
			c.compare(field+strings.ToLower(name), shown(name, predicted.Values(name)), shown(name, observed.Values(name)))
		}
	}
}

// wire compares what the server saw.
func (c *comparison) wire(request vectors.Request, predicted, observed []vectors.Sent) {
	c.compare("wire", lineOf(predicted), lineOf(observed))
	if lineOf(predicted) != lineOf(observed) {
		return
	}
	ignored := ignoredRequestHeaders()
	for i := range predicted {
		c.headers(fmt.Sprintf("wire[%d].", i), withoutBoundary(request, predicted[i].Header), withoutBoundary(request, observed[i].Header), ignored)
	}
}

// lineOf gives methods and URLs.
func lineOf(sent []vectors.Sent) string {
	list := make([]string, 0, len(sent))
	for _, request := range sent {
		list = append(list, request.Method+" "+request.URL)
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// shown is a header's value; several lines are joined, as every receiver may.
// Blanks around a value are not part of it (RFC 9112, section 5.1).
func shown(name string, values []string) string {
	if len(values) == 0 {
		return "absent"
	}
	return strconv.QuoteToASCII(withoutNoise(name, strings.Trim(strings.Join(values, ", "), " \t")))
}
