package steps

import (
	"context"

	"github.com/cucumber/godog"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// thePageSendsTheForm sends a FormData, or a URLSearchParams: they differ in the Content-Type that they imply.
func (w *world) thePageSendsTheForm(ctx context.Context, kind, text, how string, table *godog.Table) error {
	rows, err := fields(table)
	if err != nil {
		return err
	}
	entries := make([][2]string, len(rows))
	for i, row := range rows {
		entries[i] = [2]string{row.Name, row.Value}
	}
	body := &simulator.Body{FormData: entries}
	if kind == "URL-encoded form" {
		body = &simulator.Body{URLSearchParams: entries}
	}
	return w.fetch(ctx, text, how, body, nil)
}

func (w *world) thePageSendsTheBlob(ctx context.Context, content, contentType, text, how string) error {
	return w.fetch(ctx, text, how, &simulator.Body{Text: content, Blob: true, Type: contentType}, nil)
}

// thePageFetchesItsOwnBlob fetches a blob: URL of the page's own making.
func (w *world) thePageFetchesItsOwnBlob(ctx context.Context, content, contentType string) error {
	if _, err := w.request("GET /", "", nil); err != nil {
		return err
	}
	request := simulator.Request{Method: "GET", URL: simulator.BlobSelfURL, BlobBody: content, BlobType: contentType}
	return w.perform(ctx, "fetch its own blob", action{fetch: &fetch{page: w.page, request: request}})
}

func (w *world) thePageRequestsByXHR(ctx context.Context, text, how string) error {
	return w.sendByXHR(ctx, text, how, simulator.Request{Initiator: simulator.InitiatorXHR})
}

func (w *world) thePageRequestsByXHRWithHeaders(ctx context.Context, text, how string, table *godog.Table) error {
	headers, err := fields(table)
	if err != nil {
		return err
	}
	return w.sendByXHR(ctx, text, how, simulator.Request{Initiator: simulator.InitiatorXHR, Headers: headers})
}

// listeners say how a page listens to the upload of an XMLHttpRequest: before send(), which
// needs a preflight, or after it.
var listeners = map[string]simulator.Initiator{
	"": simulator.InitiatorXHR, "listening to the upload": simulator.InitiatorXHRUploadListener,
	"listening to the upload too late": simulator.InitiatorXHRUploadListenerLate,
}

func (w *world) thePageSendsByXHR(ctx context.Context, content, text, how, listening string) error {
	return w.sendByXHR(ctx, text, how, simulator.Request{Initiator: listeners[listening], Body: &simulator.Body{Text: content}})
}

func (w *world) sendByXHR(ctx context.Context, text, how string, sent simulator.Request) error {
	request, err := w.request(text, how, sent.Headers)
	if err != nil {
		return err
	}
	request.Initiator, request.Body = sent.Initiator, sent.Body
	return w.perform(ctx, text, action{fetch: &fetch{page: w.page, request: request}})
}
