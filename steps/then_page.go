package steps

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cucumber/godog"

	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

func (w *world) thePageCanReadTheResponse() error {
	return w.expect(func(result report.BrowserResult) string {
		if !result.Outcome.Readable() {
			return "got " + got(result.Outcome)
		}
		return ""
	})
}

// thePageCannotReadTheResponse: the response, or leave to ask for it, was
// refused for a reason of the browser's, whichever it is. That there was no answer proves nothing.
func (w *world) thePageCannotReadTheResponse() error {
	return w.expect(func(result report.BrowserResult) string {
		outcome := result.Outcome
		if !slices.Contains([]simulator.Kind{simulator.KindOpaque, simulator.KindOpaqueRedirect, simulator.KindNetworkError}, outcome.Kind) {
			return "got " + got(outcome)
		}
		if n := len(outcome.Exchanges); n == 0 || outcome.Exchanges[n-1].Status == 0 {
			return "there is no response to hide: " + got(outcome)
		}
		return ""
	})
}

func (w *world) thePageReadsTheBody(body string) error {
	return w.expect(func(result report.BrowserResult) string {
		if !result.Outcome.Readable() {
			return "got " + got(result.Outcome)
		}
		if read := string(result.Outcome.Body); read != body {
			return fmt.Sprintf("the page reads %q", read)
		}
		return ""
	})
}

func (w *world) theResponseHasTheType(want string) error {
	return w.expect(func(result report.BrowserResult) string {
		if got := string(result.Outcome.Type); got != want {
			return fmt.Sprintf("it has the type %q", got)
		}
		return ""
	})
}

func (w *world) resourceTimingShows(what string) error {
	return w.expect(func(result report.BrowserResult) string {
		if result.Outcome.TimingAllowed != (what == "the details") {
			return "it shows otherwise; got " + got(result.Outcome)
		}
		return ""
	})
}

func (w *world) theUploadsProgressIs(what string) error {
	return w.expect(func(result report.BrowserResult) string {
		switch heard := result.Outcome.UploadEvents; {
		case heard == nil:
			return "nothing listens to an upload"
		case *heard != (what == "heard"):
			return "it is " + map[bool]string{true: "heard", false: "not heard"}[*heard]
		}
		return ""
	})
}

// theScriptGetsAnException: the interface itself refuses, before anything is fetched.
func (w *world) theScriptGetsAnException(code string) error {
	return w.expect(func(result report.BrowserResult) string {
		if result.Outcome.Kind != simulator.KindAPIError || string(result.Outcome.Reason.Code) != code {
			return "got " + got(result.Outcome)
		}
		return ""
	})
}

func (w *world) thePageCanReadTheStatus(status int) error {
	return w.expect(func(result report.BrowserResult) string {
		if !result.Outcome.Readable() || result.Outcome.Status != status {
			return "got " + got(result.Outcome)
		}
		return ""
	})
}

func (w *world) thePageCanReadTheHeaders(names string) error {
	return w.expect(func(result report.BrowserResult) string {
		return headersReadable(result.Outcome, list(names), true)
	})
}

func (w *world) thePageCannotReadTheHeaders(names string) error {
	return w.expect(func(result report.BrowserResult) string {
		return headersReadable(result.Outcome, list(names), false)
	})
}

// headersReadable says which of the names the script can read although it must
// not, or cannot although it must. What the response does not have on the wire
// proves nothing about hiding, and is wrong too.
func headersReadable(outcome simulator.Outcome, names []string, want bool) string {
	if !outcome.Readable() {
		return "got " + got(outcome)
	}
	exchanges := requestExchanges(outcome)
	var wrong []string
	for _, name := range names {
		readable := len(outcome.Header.Values(name)) > 0
		sent := len(exchanges) > 0 && len(exchanges[len(exchanges)-1].ResponseHeader.Values(name)) > 0
		switch {
		case !sent:
			wrong = append(wrong, name+" is not in the response at all")
		case want && !readable:
			wrong = append(wrong, name+" was sent, but is hidden from the page")
		case !want && readable:
			wrong = append(wrong, name+" can be read")
		}
	}
	return strings.Join(wrong, ", ")
}

func (w *world) thePageReadsTheHeader(name, value string) error {
	return w.expect(func(result report.BrowserResult) string {
		if !result.Outcome.Readable() {
			return "got " + got(result.Outcome)
		}
		if read := strings.Join(result.Outcome.Header.Values(name), ", "); read != value {
			return fmt.Sprintf("the page reads %q", read)
		}
		return ""
	})
}

func (w *world) theResponseIsOpaque() error {
	return w.kindIs(simulator.KindOpaque)
}

func (w *world) theResponseIsAnOpaqueRedirect() error {
	return w.kindIs(simulator.KindOpaqueRedirect)
}

func (w *world) kindIs(kind simulator.Kind) error {
	return w.expect(func(result report.BrowserResult) string {
		if result.Outcome.Kind != kind {
			return "got " + got(result.Outcome)
		}
		return ""
	})
}

func (w *world) theResponseCameFrom(url string) error {
	if w.named == nil {
		w.named = map[int]bool{}
	}
	w.named[len(w.requests)-1] = true
	return w.expect(func(result report.BrowserResult) string {
		if result.Outcome.URL != url {
			return fmt.Sprintf("it came from %q", result.Outcome.URL)
		}
		return ""
	})
}

// theBrowserBlocksTheResponse: the request itself was sent and answered, and the page is refused the answer.
func (w *world) theBrowserBlocksTheResponse(code, parameter string) error {
	return w.expect(func(result report.BrowserResult) string {
		if wrong := refusedFor(result.Outcome, code, parameter); wrong != "" {
			return wrong
		}
		exchanges := requestExchanges(result.Outcome)
		if len(exchanges) == 0 || exchanges[len(exchanges)-1].Status == 0 {
			return "there is no response to block: the request was never answered"
		}
		return ""
	})
}

// theBrowserBlocksTheRequest: the preflight was refused, or none was even sent,
// and the request that the script asked for never left.
func (w *world) theBrowserBlocksTheRequest(code, parameter string) error {
	return w.expect(func(result report.BrowserResult) string {
		if wrong := refusedFor(result.Outcome, code, parameter); wrong != "" {
			return wrong
		}
		if exchanges := requestExchanges(result.Outcome); len(exchanges) > 0 {
			return fmt.Sprintf("the request was sent all the same: %s %s", exchanges[0].Method, exchanges[0].URL)
		}
		return ""
	})
}

// theBrowserBlocksTheRedirect: the request was answered by a redirect that the browser does not follow.
func (w *world) theBrowserBlocksTheRedirect(code, parameter string) error {
	return w.expect(func(result report.BrowserResult) string {
		if wrong := refusedFor(result.Outcome, code, parameter); wrong != "" {
			return wrong
		}
		exchanges := requestExchanges(result.Outcome)
		if len(exchanges) == 0 {
			return "nothing was sent"
		}
		if status := exchanges[len(exchanges)-1].Status; status < 300 || status > 399 {
			return fmt.Sprintf("the last answer was no redirect: status %d", status)
		}
		return ""
	})
}

func (w *world) theRequestFails(code string) error {
	return w.expect(func(result report.BrowserResult) string {
		if result.Outcome.Kind != simulator.KindNetworkError || string(result.Outcome.Reason.Code) != code {
			return "got " + got(result.Outcome)
		}
		return ""
	})
}

func refusedFor(outcome simulator.Outcome, code, parameter string) string {
	want := simulator.Reason{Code: simulator.ReasonCode(code), Parameter: parameter}
	if outcome.Kind != simulator.KindNetworkError || outcome.Reason != want {
		return fmt.Sprintf("wanted a network error, %s; got %s", want, got(outcome))
	}
	return ""
}

func (w *world) curlGets(who string, status int) error {
	return w.expect(func(result report.BrowserResult) string {
		if wrong := sentBy(result, who); wrong != "" {
			return wrong
		}
		if result.Outcome.Status != status {
			return fmt.Sprintf("got status %d %s", result.Outcome.Status, result.Outcome.Reason)
		}
		return ""
	})
}

func (w *world) curlGetsTheHeaders(who string, table *godog.Table) error {
	headers, err := fields(table)
	if err != nil {
		return err
	}
	return w.expect(func(result report.BrowserResult) string {
		if wrong := sentBy(result, who); wrong != "" {
			return wrong
		}
		var wrong []string
		for _, header := range headers {
			if value := strings.Join(result.Outcome.Header.Values(header.Name), ", "); value != header.Value {
				wrong = append(wrong, fmt.Sprintf("%s is %q", header.Name, value))
			}
		}
		return strings.Join(wrong, ", ")
	})
}

func (w *world) curlGetsNoHeader(who, name string) error {
	return w.expect(func(result report.BrowserResult) string {
		if wrong := sentBy(result, who); wrong != "" {
			return wrong
		}
		if values := result.Outcome.Header.Values(name); len(values) > 0 {
			return fmt.Sprintf("%s is %q", name, strings.Join(values, ", "))
		}
		return ""
	})
}

// sentBy guards against an expectation about curl that a browser's result would satisfy.
func sentBy(result report.BrowserResult, who string) string {
	names := map[string]client{"curl": clientCurl, "the pod": clientPod}
	if result.Browser != string(names[who]) {
		return fmt.Sprintf("the last request was not sent by %s", who)
	}
	return ""
}
