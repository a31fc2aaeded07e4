package audit

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/crosscheck-dev/crosscheck/harness/explain"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// URLOptions say how a URL is audited.
type URLOptions struct {
	// Origins are those that the policy is to allow; guessed from the URL's host when there are none.
	Origins []string
	// Cookies are the user's, as "name=value" or Set-Cookie headers. They are sent, and never shown.
	Cookies []string
	// Rate is how many requests are sent in a second at most.
	Rate float64
	// Timeout bounds each request.
	Timeout time.Duration
	// Roots, RootsFile and Resolutions are as in explain.Question.
	Roots       *x509.CertPool
	RootsFile   string
	Resolutions []explain.Resolution
}

// URL audits the policy at a URL over the wire: with GET and OPTIONS only, no
// faster than the rate, and no request twice. Errors are *explain.InvalidQuestion,
// *explain.Unreachable and the context's.
func URL(ctx context.Context, address string, options URLOptions) (Result, error) {
	result := Result{Schema: Schema, Policies: []Policy{}, Skipped: []Skipped{}}
	if err := explain.CheckURL("URL", address); err != nil {
		return result, err
	}
	if parsed, err := url.Parse(address); err != nil || parsed.User != nil {
		return result, &explain.InvalidQuestion{Part: "URL", Reason: "it has a user name or password in it, and fetch() refuses that: leave them out"}
	}
	for _, origin := range options.Origins {
		if err := explain.CheckOrigin(origin); err != nil {
			return result, err
		}
	}
	if options.Rate <= 0 || options.Timeout <= 0 {
		return result, fmt.Errorf("audit %s: a rate of %v requests a second and a timeout of %s leave no room for a request", address, options.Rate, options.Timeout)
	}
	network := explain.Network(options.Roots, options.Resolutions)
	defer network.CloseIdleConnections()
	wire := &wireTransport{network: network, interval: time.Duration(float64(time.Second) / options.Rate), timeout: options.Timeout, answers: map[string]*http.Response{}}
	t := &target{
		policy:    Policy{Name: address, URL: address, Answered: "the wire"},
		transport: wire, frugal: true, declared: options.Origins, known: len(options.Origins) > 0,
		curl: func(exchange simulator.Exchange) string {
			return explain.Curl(exchange, options.RootsFile, options.Resolutions)
		},
	}
	for _, cookie := range options.Cookies {
		taken, err := takenCookie(address, cookie)
		if err != nil {
			return result, err
		}
		t.cookies = append(t.cookies, taken)
	}
	if !t.known {
		t.declared = guesses(address)
	}
	policy, err := t.audit(ctx)
	policy.Requests = wire.sent
	switch {
	case err != nil:
		return result, err
	case wire.sent == 0:
		return result, &explain.InvalidQuestion{Part: "URL", Reason: fmt.Sprintf("a browser sends no request there (%s), so there is no policy to ask", ofClass(pointers(policy.Reach), Foreign).reason)}
	}
	t.policy = policy
	t.noteWire()
	result.Policies = append(result.Policies, t.policy)
	return result, nil
}

func pointers(reaches []Reach) []*Reach {
	var list []*Reach
	for i := range reaches {
		list = append(list, &reaches[i])
	}
	return list
}

// takenCookie is the cookie with attributes with which a browser takes and sends it.
func takenCookie(address, cookie string) (string, error) {
	var err error
	// By http there is no SameSite=None.
	for _, attributes := range []string{"; Path=/; Secure; SameSite=None", "; Path=/"} {
		if err = simulator.New(simulator.Chromium).SetCookie(address, cookie+attributes); err == nil {
			return cookie + attributes, nil
		}
	}
	return "", &explain.InvalidQuestion{Part: "--cookie", Reason: fmt.Sprintf("a browser does not take it for %s: %v; write name=value", address, err)}
}

// noteWire says what the answers leave open.
func (t *target) noteWire() {
	if len(t.policy.Reach) == 0 {
		return
	}
	first := t.policy.Reach[0]
	if first.get != nil && first.get.Status >= 300 && first.get.Status < 400 {
		t.note("The URL answers %d (Location: %s): what is there is another policy. Audit that URL.", first.get.Status, first.get.ResponseHeader.Get("Location"))
	}
	for _, reach := range t.policy.Reach {
		if reach.allowed() {
			return
		}
	}
	if t.known {
		t.note("No origin that was tried gets in.")
		return
	}
	t.note("No origin that was tried gets in, and which ones the policy is to allow was guessed: name one with --origin, so that its look-alikes can be tried.")
}

// guesses are origins that an API of this host commonly allows.
func guesses(address string) []string {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil
	}
	registrable, err := publicsuffix.EffectiveTLDPlusOne(parsed.Hostname())
	if err != nil {
		return nil
	}
	var list []string
	for _, host := range []string{registrable, "www." + registrable, "app." + registrable} {
		if host != parsed.Hostname() {
			list = append(list, parsed.Scheme+"://"+host)
		}
	}
	return list
}

// wireTransport sends each request once, and not too many at a time. What an
// answer depends on, as far as CORS goes, is Origin, Access-Control-Request-* and whether there is a cookie.
type wireTransport struct {
	network  http.RoundTripper
	interval time.Duration
	timeout  time.Duration

	mutex   sync.Mutex
	next    time.Time
	sent    int
	reached bool
	answers map[string]*http.Response
	err     error
}

// Err is the trouble that ended the audit.
func (t *wireTransport) Err() error { return t.err }

// RoundTrip answers from memory, or sends the request when it is its turn.
func (t *wireTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	key := request.Method
	for _, name := range []string{"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers", "Cookie"} {
		key += "\n" + request.Header.Get(name)
	}
	answer := t.answers[key]
	if answer == nil {
		if err := t.wait(request.Context()); err != nil {
			return nil, err
		}
		var err error
		if answer, err = t.send(request); err != nil {
			return nil, err
		}
		t.answers[key] = answer
	}
	given := *answer
	given.Header, given.Body, given.Request = answer.Header.Clone(), http.NoBody, request
	return &given, nil
}

// wait is until the next request may be sent.
func (t *wireTransport) wait(ctx context.Context) error {
	now := time.Now()
	if t.next.Before(now) {
		t.next = now
	}
	timer := time.NewTimer(t.next.Sub(now))
	defer timer.Stop()
	t.next = t.next.Add(t.interval)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (t *wireTransport) send(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(request.Context(), t.timeout)
	defer cancel()
	t.sent++
	response, err := t.network.RoundTrip(request.WithContext(ctx))
	if err != nil {
		t.fail(request, err)
		return nil, err
	}
	t.reached = true
	// The body is of no interest, and a little of it is read to keep the connection.
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10)
	if err := response.Body.Close(); err != nil {
		return nil, fmt.Errorf("end the response: %w", err)
	}
	response.ContentLength = -1
	return response, nil
}

// fail ends the audit, unless it is the server's way of answering this request.
func (t *wireTransport) fail(request *http.Request, err error) {
	if request.Context().Err() != nil {
		return
	}
	advice := explain.Remedy(err, t.timeout)
	if advice == "" && !t.reached {
		advice = "the server does not answer as an HTTP server does: look at what listens there"
	}
	if advice != "" && t.err == nil {
		t.err = &explain.Unreachable{Tried: request.Method + " " + request.URL.String(), Cause: err, Advice: advice}
	}
}

// IsInvalid tells whether an error is the asker's.
func IsInvalid(err error) bool {
	var invalid *explain.InvalidQuestion
	return errors.As(err, &invalid)
}
