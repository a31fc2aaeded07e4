package fuzz

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// ExpectObserved turns a case into a vector that expects what the browser did.
// Its note says what was predicted instead.
func ExpectObserved(c vectors.Vector, observed []Observation, browser string, differences []Difference) vectors.Vector {
	c.Steps = append([]vectors.Step(nil), c.Steps...)
	for i := range c.Steps {
		c.Steps[i].Expect = expectationOf(c.Steps[i].Request.Initiator, observed[i])
	}
	c.Area, c.ChromeKnown = areaOf(c, observed), "pass"
	words := make([]string, 0, len(differences))
	for _, difference := range differences {
		words = append(words, difference.String())
	}
	c.Note = "as " + browser + " did; " + strings.Join(words, "; ")
	if len(c.Steps) == 1 {
		c.Request, c.Expect, c.Steps = c.Steps[0].Request, c.Steps[0].Expect, nil
	}
	return c
}

// assertedRequestHeaders are what a script, a page and a server determine.
var assertedRequestHeaders = []string{
	"Origin", "Referer", "Cookie", "Access-Control-Request-Method", "Access-Control-Request-Headers",
	"Content-Type", "Authorization", "Range",
}

func expectationOf(initiator simulator.Initiator, observed Observation) *vectors.Expect {
	outcome := observed.Outcome
	expect := &vectors.Expect{Outcome: "success", Wire: &[]vectors.WireRequest{}}
	switch outcome.Kind {
	case simulator.KindNetworkError:
		expect.Outcome = "network-error"
	case simulator.KindAPIError:
		expect.Outcome = "api-error"
	}
	if outcome.Reason.Code != "" {
		expect.Reason = new(outcome.Reason.String())
	}
	if expect.Outcome == "success" && !isElement(initiator) {
		expect.ResponseType = new(string(outcome.Type))
		expect.Status = new(outcome.Status)
		expect.FinalURL = new(outcome.URL)
		expect.Body = new(vectors.DecodeUTF8(outcome.Body))
		expect.HeaderValues = map[string]*string{}
		for _, exchange := range outcome.Exchanges {
			for name := range exchange.ResponseHeader {
				expect.HeaderValues[strings.ToLower(name)] = nil
			}
		}
		for name, values := range outcome.Header {
			expect.HeaderValues[strings.ToLower(name)] = new(vectors.IsomorphicDecode(strings.Join(values, ", ")))
		}
	}
	for _, sent := range observed.Sent {
		request := vectors.WireRequest{Method: sent.Method, URL: sent.URL, Headers: map[string]*string{}}
		for _, name := range assertedRequestHeaders {
			request.Headers[strings.ToLower(name)] = assertedValue(name, sent.Header)
		}
		*expect.Wire = append(*expect.Wire, request)
	}
	return expect
}

func assertedValue(name string, header http.Header) *string {
	values := header.Values(name)
	switch value := vectors.IsomorphicDecode(strings.Join(values, ", ")); {
	case len(values) == 0:
		return nil
	case name == "Content-Type" && strings.HasPrefix(value, "multipart/form-data; boundary=--"):
		return new("*present*")
	default:
		return &value
	}
}

// areaOf is the area of the format that fits best.
func areaOf(c vectors.Vector, observed []Observation) string {
	first := c.Steps[0].Request
	hops, preflights := 0, 0
	for _, observation := range observed {
		for _, sent := range observation.Sent {
			if sent.Preflight() {
				preflights++
			} else {
				hops++
			}
		}
	}
	switch {
	case len(c.Steps) > 1:
		return "preflight-cache"
	case isElement(first.Initiator):
		return "elements"
	case strings.HasPrefix(string(first.Initiator), "xhr-upload"):
		return "xhr-upload"
	case isXHR(first.Initiator):
		return "xhr"
	case hops > 1:
		return "redirect-cors"
	case preflights > 0:
		return "preflight"
	case first.Mode != "" && first.Mode != simulator.ModeCORS:
		return "modes"
	default:
		return "acao"
	}
}

// classOf is what disagreements of one cause are likely to have in common.
func classOf(c vectors.Vector, differences []Difference) string {
	var class strings.Builder
	for _, difference := range differences {
		field := difference.Field
		if _, rest, found := strings.Cut(field, "]."); found {
			field = rest
		}
		fmt.Fprintln(&class, field, difference.Predicted, difference.Observed)
	}
	return strings.ReplaceAll(class.String(), tokenOf(c), "")
}

// fieldsOf are the fields that differ, without the number of the step and of the request.
func fieldsOf(differences []Difference) map[string]bool {
	fields := map[string]bool{}
	for _, difference := range differences {
		fields[strings.Map(func(r rune) rune {
			if strings.ContainsRune("[]0123456789", r) {
				return -1
			}
			return r
		}, strings.TrimPrefix(difference.Field, "steps["+strconv.Itoa(stepOf(difference.Field))+"]."))] = true
	}
	return fields
}

// stepOf is the number of the step in a field's name, 0 without one.
func stepOf(field string) int {
	var step int
	_, _ = fmt.Sscanf(field, "steps[%d].", &step)
	return step
}
