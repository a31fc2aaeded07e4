package simulator

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The hosts of the tests: a page, an API on its site, and one on another site.
const (
	appOrigin  = "https://app.example.com"
	apiURL     = "https://api.example.com/data"
	partnerURL = "https://api.partner.net/data"
)

// answer is what the test's server answers to one kind of request.
type answer struct {
	// method and url select requests; "" is every one.
	method, url string
	status      int
	header      []Field
	body        string
}

// fields makes header fields of names and values in turn.
func fields(namesAndValues ...string) []Field {
	var list []Field
	for i := 0; i < len(namesAndValues); i += 2 {
		list = append(list, Field{Name: namesAndValues[i], Value: namesAndValues[i+1]})
	}
	return list
}

// allow is the header that shares a response with an origin, and more.
func allow(origin string, namesAndValues ...string) []Field {
	return append(fields("Access-Control-Allow-Origin", origin), fields(namesAndValues...)...)
}

// serve answers with the first answer that matches, else with an empty 404.
func serve(answers ...answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme := "http://"
		if r.TLS != nil {
			scheme = "https://"
		}
		for _, answer := range answers {
			if answer.method != "" && answer.method != r.Method || answer.url != "" && answer.url != scheme+r.Host+r.RequestURI {
				continue
			}
			for _, field := range answer.header {
				w.Header().Add(field.Name, field.Value)
			}
			w.WriteHeader(answer.status)
			_, _ = w.Write([]byte(answer.body))
			return
		}
		w.WriteHeader(http.StatusNotFound)
	})
}

// fetch makes one request from the app's page in a new browser.
func fetch(t *testing.T, profile Profile, request Request, answers ...answer) Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return New(profile, WithHandler(serve(answers...))).Open(appOrigin).Fetch(ctx, request)
}

// wire is the sequence of requests of some outcomes: "METHOD URL" each.
func wire(outcomes ...Outcome) []string {
	var requests []string
	for _, outcome := range outcomes {
		for _, exchange := range outcome.Exchanges {
			requests = append(requests, exchange.Method+" "+exchange.URL)
		}
	}
	return requests
}

// sent is a header of an outcome's last request; "" when it was not sent.
func sent(outcome Outcome, name string) string {
	if len(outcome.Exchanges) == 0 {
		return ""
	}
	return strings.Join(outcome.Exchanges[len(outcome.Exchanges)-1].RequestHeader[http.CanonicalHeaderKey(name)], ", ")
}
