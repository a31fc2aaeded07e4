package steps

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// line reads "PUT https://api.example.com/x".
func line(text string) (method, target string, err error) {
	method, target, found := strings.Cut(text, " ")
	if !found || method == "" || strings.Contains(target, " ") {
		return "", "", mistake(`%q is not a request: write a method and a URL, such as "PUT https://api.example.com/x"`, text)
	}
	if strings.HasPrefix(target, "data:") {
		return method, target, nil
	}
	parsed, err := url.Parse(target)
	if err != nil {
		return "", "", mistake("the request's URL cannot be parsed: %v", err)
	}
	if parsed.Host == "" && !strings.HasPrefix(target, "/") {
		return "", "", mistake(`%q is not a URL with a host, nor a path that begins with "/"`, target)
	}
	return method, target, nil
}

// request makes a request description from a When step's words: how is what
// stands behind the quoted request line, such as " with credentials".
func (w *world) request(text, how string, headers []simulator.Field) (simulator.Request, error) {
	if w.page.URL == "" {
		return simulator.Request{}, mistake(`there is no page yet to make the request: begin with a step such as: Given a page at "https://app.example.com"`)
	}
	method, target, err := line(text)
	if err != nil {
		return simulator.Request{}, err
	}
	request := simulator.Request{Method: method, URL: target, Headers: headers}
	if strings.Contains(how, " with credentials") {
		request.Credentials = simulator.CredentialsInclude
	}
	if strings.Contains(how, " without credentials") {
		request.Credentials = simulator.CredentialsOmit
	}
	if strings.Contains(how, " in no-cors mode") {
		request.Mode = simulator.ModeNoCORS
	}
	if strings.Contains(how, " in same-origin mode") {
		request.Mode = simulator.ModeSameOrigin
	}
	if strings.Contains(how, " refusing redirects") {
		request.Redirect = simulator.RedirectError
	}
	if strings.Contains(how, " without following redirects") {
		request.Redirect = simulator.RedirectManual
	}
	return request, nil
}

// fetch makes a request from the page. The table holds its headers; nil for none.
func (w *world) fetch(ctx context.Context, text, how string, body *simulator.Body, table *godog.Table) error {
	var headers []simulator.Field
	if table != nil {
		var err error
		if headers, err = fields(table); err != nil {
			return err
		}
	}
	request, err := w.request(text, how, headers)
	if err != nil {
		return err
	}
	request.Body = body
	return w.perform(ctx, text, action{fetch: &fetch{page: w.page, request: request}})
}

func (w *world) thePageFetches(ctx context.Context, text, how string) error {
	return w.fetch(ctx, text, how, nil, nil)
}

func (w *world) thePageFetchesWithHeaders(ctx context.Context, text, how string, table *godog.Table) error {
	return w.fetch(ctx, text, how, nil, table)
}

func (w *world) thePageSends(ctx context.Context, content, text, how string) error {
	return w.fetch(ctx, text, how, &simulator.Body{Text: content}, nil)
}

func (w *world) thePageSendsWithHeaders(ctx context.Context, content, text, how string, table *godog.Table) error {
	return w.fetch(ctx, text, how, &simulator.Body{Text: content}, table)
}

func (w *world) thePageWaits(ctx context.Context, text string, milliseconds int) error {
	request, err := w.request(text, "", nil)
	if err != nil {
		return err
	}
	return w.perform(ctx, text, action{fetch: &fetch{page: w.page, request: request, patience: time.Duration(milliseconds) * time.Millisecond}})
}

// elements are those that a scenario can name.
var elements = map[string]simulator.Initiator{
	"image": simulator.InitiatorImage, "image with crossorigin": simulator.InitiatorImageAnonymous,
	"image with credentials": simulator.InitiatorImageUseCredentials,
	"script":                 simulator.InitiatorScript, "script with crossorigin": simulator.InitiatorScriptAnonymous,
	"script with credentials": simulator.InitiatorScriptUseCredentials,
	"module script":           simulator.InitiatorModuleScript, "module script with crossorigin": simulator.InitiatorModuleScriptAnonymous,
	"module script with credentials": simulator.InitiatorModuleScriptUseCredentials,
	"stylesheet":                     simulator.InitiatorStylesheet, "stylesheet with crossorigin": simulator.InitiatorStylesheetAnonymous,
	"stylesheet with credentials": simulator.InitiatorStylesheetUseCredentials,
	"font":                        simulator.InitiatorFont,
}

func (w *world) thePageLoads(ctx context.Context, element, source string) error {
	return w.initiate(ctx, "load the "+element+" "+source, "GET", source, simulator.Request{Initiator: elements[element]})
}

func (w *world) thePageOpensAnEventStream(ctx context.Context, source, how string) error {
	initiator := simulator.InitiatorEventSource
	if how != "" {
		initiator = simulator.InitiatorEventSourceWithCredentials
	}
	return w.initiate(ctx, "open the event stream "+source, "GET", source, simulator.Request{Initiator: initiator})
}

// thePageSendsABeacon sends a string, or a Blob where a type is given.
func (w *world) thePageSendsABeacon(ctx context.Context, content, contentType, target string) error {
	body := &simulator.Body{Text: content, Blob: contentType != "", Type: contentType}
	return w.initiate(ctx, "send a beacon to "+target, "POST", target, simulator.Request{Initiator: simulator.InitiatorBeacon, Body: body})
}

// initiate makes a request by another interface than fetch(), which decides the method.
func (w *world) initiate(ctx context.Context, text, method, target string, how simulator.Request) error {
	request, err := w.request(method+" "+target, "", nil)
	if err != nil {
		return err
	}
	request.Initiator, request.Body = how.Initiator, how.Body
	return w.perform(ctx, text, action{fetch: &fetch{page: w.page, request: request}})
}

func (w *world) secondsPass(ctx context.Context, seconds int) error {
	return w.perform(ctx, "", action{wait: time.Duration(seconds) * time.Second})
}

func (w *world) curlSends(ctx context.Context, text string) error {
	return w.send(ctx, text, nil, clientCurl)
}

func (w *world) curlSendsWithHeaders(ctx context.Context, text string, table *godog.Table) error {
	headers, err := fields(table)
	if err != nil {
		return err
	}
	return w.send(ctx, text, headers, clientCurl)
}

func (w *world) anotherPodSends(ctx context.Context, text string) error {
	return w.send(ctx, text, nil, clientPod)
}
