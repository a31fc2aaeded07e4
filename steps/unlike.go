package steps

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// unlikeAnswers says where a deployed API gave the browsers answers that
// differ in what decides about CORS; "" when it gave them the same. What the
// browsers make of different answers says nothing about their agreement.
func unlikeAnswers(request report.Request) string {
	predicted := predictionOf(request)
	if predicted == nil {
		return ""
	}
	for _, observed := range request.Browsers {
		count := min(len(predicted.Outcome.Exchanges), len(observed.Outcome.Exchanges))
		for i := range count {
			p, o := predicted.Outcome.Exchanges[i], observed.Outcome.Exchanges[i]
			if p.Method != o.Method || p.URL != o.URL {
				break
			}
			if first, second := decisive(p), decisive(o); first != second {
				return fmt.Sprintf("the API answered %s %s in two ways: to %s with [%s], to %s with [%s]", p.Method, p.URL, Simulator, first, observed.Browser, second)
			}
		}
	}
	return ""
}

// decisive is what of an answer decides about CORS: the status, the headers that
// browsers look at, and where a redirect leads to.
func decisive(exchange simulator.Exchange) string {
	parts := []string{}
	for name, values := range exchange.ResponseHeader {
		switch name = http.CanonicalHeaderKey(name); {
		case strings.HasPrefix(name, "Access-Control-"), name == "Cross-Origin-Resource-Policy", name == "Timing-Allow-Origin":
			parts = append(parts, name+": "+strings.Join(values, ", "))
		case name == "Location":
			// The query may be new each time.
			location, _, _ := strings.Cut(strings.Join(values, ", "), "?")
			parts = append(parts, name+": "+location)
		}
	}
	slices.Sort(parts)
	return strings.Join(append([]string{strconv.Itoa(exchange.Status)}, parts...), "; ")
}
