package steps

import (
	"fmt"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// expectationError says in which browsers an expectation does not hold.
type expectationError struct{ messages []string }

func (e *expectationError) Error() string { return strings.Join(e.messages, "\n") }

// expect checks the last request's result in every browser. The check returns
// what is wrong, or "". Nothing to check is an error too: an expectation that
// no browser evaluated must not pass.
func (w *world) expect(check func(result report.BrowserResult) string) error {
	request, err := w.last()
	if err != nil {
		return err
	}
	if len(request.Browsers) == 0 {
		return mistake("no browser has run the request, so nothing can be expected of it")
	}
	var messages []string
	for _, result := range request.Browsers {
		if wrong := check(result); wrong != "" {
			messages = append(messages, result.Browser+": "+wrong)
		}
	}
	if len(messages) > 0 {
		return &expectationError{messages: messages}
	}
	w.expected++
	return nil
}

// got says in a few words what a browser made of a request.
func got(outcome simulator.Outcome) string {
	switch outcome.Kind {
	case simulator.KindReadable:
		return fmt.Sprintf("the page can read the response, status %d", outcome.Status)
	case simulator.KindNetworkError:
		return "a network error, " + reason(outcome)
	case simulator.KindAPIError:
		return "an exception, " + reason(outcome)
	default:
		return "an " + string(outcome.Kind) + " response"
	}
}

func reason(outcome simulator.Outcome) string {
	if outcome.Reason.Code == "" {
		return "without a reason"
	}
	return outcome.Reason.String()
}

// requestExchanges are the exchanges that are no preflights.
func requestExchanges(outcome simulator.Outcome) []simulator.Exchange {
	var exchanges []simulator.Exchange
	for _, exchange := range outcome.Exchanges {
		if exchange.Kind != simulator.ExchangePreflight {
			exchanges = append(exchanges, exchange)
		}
	}
	return exchanges
}
