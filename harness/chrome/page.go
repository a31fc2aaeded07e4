package chrome

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// loaded waits until the document that was navigated to has been loaded.
const loaded = `document.readyState === "complete" || new Promise(resolve => addEventListener("load", () => resolve(true)))`

// pageKeyOf identifies a page's spec.
func pageKeyOf(spec simulator.PageSpec) (string, error) {
	key, err := json.Marshal(spec)
	if err != nil {
		return "", fmt.Errorf("describe the page at %q: %w", spec.URL, err)
	}
	return string(key), nil
}

// open makes the tab show the page, unless it does already. An *InvalidPage
// error means that the page's URL is none.
func (t *tab) open(ctx context.Context, spec simulator.PageSpec) error {
	key, err := pageKeyOf(spec)
	if err != nil {
		return err
	}
	if t.page.key == key {
		return nil
	}
	top, err := newDocument(spec.URL, spec.Headers)
	if err != nil {
		return err
	}
	documents := []*document{top}
	var nested *document
	if spec.Iframe != "" {
		if nested, err = newDocument(spec.Iframe, nil); err != nil {
			return err
		}
		documents = append(documents, nested)
	}
	for _, field := range spec.Headers {
		t.noteHeader(field.Name)
		if strings.EqualFold(field.Name, "Set-Cookie") {
			// Opening the page sets the cookie: the next session must open it itself.
			t.dirt.page = true
		}
	}
	t.page = openPage{}
	stop := t.proxy.serve(documents)
	defer stop()

	frame, err := t.navigate(ctx, top.url.Href(true))
	if err != nil {
		return err
	}
	var script scriptContext
	if nested != nil || spec.Frame != simulator.FrameNone {
		// DevTools names the script contexts of frames only while this is on.
		if _, err := cdp.Call(ctx, t.target, runtime.Enable, cdp.Empty{}); err != nil {
			return fmt.Errorf("watch the page's frames: %w", err)
		}
		defer func() { _, _ = cdp.Call(ctx, t.target, runtime.Disable, cdp.Empty{}) }()
	}
	if nested != nil {
		if frame, script, err = t.addFrame(ctx, frame, script, "url", nested.url.Href(true)); err != nil {
			return err
		}
	}
	if spec.Frame != simulator.FrameNone {
		if _, script, err = t.addFrame(ctx, frame, script, string(spec.Frame), ""); err != nil {
			return err
		}
	}
	// Once for each page, so that it is compiled once. It keeps no state.
	if _, err := t.evaluate(ctx, script, installScript); err != nil {
		return fmt.Errorf("prepare the page %s: %w", spec.URL, err)
	}
	t.page = openPage{key: key, script: script}
	return nil
}

// navigations is how often a page is navigated to while the machine's network
// changes: no server of the deployment sees it.
const navigations = 3

// navigate loads the URL in the tab and returns its frame.
func (t *tab) navigate(ctx context.Context, url string) (cdp.FrameID, error) {
	for range navigations {
		result, err := cdp.Call(ctx, t.target, cdppage.Navigate, cdppage.NavigateParams{URL: url})
		switch {
		case err != nil:
			return "", fmt.Errorf("open the page %s: %w", url, err)
		case result.ErrorText == networkChanged:
			if err := calm(ctx); err != nil {
				return "", fmt.Errorf("open the page %s: %w", url, err)
			}
			continue
		case result.ErrorText != "":
			return "", fmt.Errorf("open the page %s: %s", url, result.ErrorText)
		}
		if _, err := t.evaluate(ctx, "", loaded); err != nil {
			return "", fmt.Errorf("wait for the page %s: %w", url, err)
		}
		return result.FrameID, nil
	}
	return "", fmt.Errorf("open the page %s: %w", url, errInterrupted)
}

// addFrame adds a frame to the document of the parent frame, and returns it and its script context.
func (t *tab) addFrame(ctx context.Context, parent cdp.FrameID, script scriptContext, kind, url string) (cdp.FrameID, scriptContext, error) {
	arguments, err := json.Marshal([]string{kind, url})
	if err != nil {
		return "", "", fmt.Errorf("describe a %s frame: %w", kind, err)
	}
	if _, err := t.evaluate(ctx, script, fmt.Sprintf("(%s)(...%s)", strings.TrimSpace(frameScript), arguments)); err != nil {
		return "", "", fmt.Errorf("add a %s frame to the page: %w", kind, err)
	}
	tree, err := cdp.Call(ctx, t.target, cdppage.GetFrameTree, cdp.Empty{})
	if err != nil {
		return "", "", fmt.Errorf("find the %s frame: %w", kind, err)
	}
	child := childOf(tree.FrameTree, parent)
	switch {
	case child == nil:
		return "", "", fmt.Errorf("find the %s frame: the page has none; a Content-Security-Policy may forbid it", kind)
	case child.UnreachableURL != "":
		return "", "", fmt.Errorf("open the frame %s: the browser shows an error page", child.UnreachableURL)
	}
	// The frame's load event came after its script context was made, and events keep their order.
	if err := t.waitUntil(ctx, func() bool { script = t.contexts[child.ID]; return script != "" }); err != nil {
		return "", "", fmt.Errorf("wait for the %s frame's script context: %w", kind, err)
	}
	return child.ID, script, nil
}

// childOf finds the frame inside the given one.
func childOf(tree *cdppage.FrameTree, parent cdp.FrameID) *cdp.Frame {
	for _, child := range tree.ChildFrames {
		if tree.Frame.ID == parent {
			return child.Frame
		}
		if found := childOf(child, parent); found != nil {
			return found
		}
	}
	return nil
}

// visitsAtATime is how many pages one navigation leads through; Chrome follows 20 redirects.
const visitsAtATime = 15

// setCookies lets Chrome take cookies from the responses of pages, each of
// which redirects to the next: it costs little more than one page.
func (t *tab) setCookies(ctx context.Context, cookies []harness.SetCookie) error {
	headers := map[string][]simulator.Field{}
	var urls []string
	for _, cookie := range cookies {
		if headers[cookie.URL] == nil {
			urls = append(urls, cookie.URL)
		}
		headers[cookie.URL] = append(headers[cookie.URL], simulator.Field{Name: "Set-Cookie", Value: cookie.Header})
	}
	t.noteHeader("Set-Cookie")
	t.page = openPage{}
	for some := range slices.Chunk(urls, visitsAtATime) {
		documents := make([]*document, len(some))
		for i, url := range some {
			if i+1 < len(some) {
				headers[url] = append(headers[url], simulator.Field{Name: "Location", Value: some[i+1]})
			}
			var err error
			if documents[i], err = newDocument(url, headers[url]); err != nil {
				return err
			}
		}
		stop := t.proxy.serve(documents)
		_, err := t.navigate(ctx, documents[0].url.Href(true))
		stop()
		if err != nil {
			return err
		}
	}
	return nil
}

// lastingHeaders are response headers that change how a browser context talks
// to a host from then on, beyond its cookies and caches.
var lastingHeaders = map[string]bool{
	"strict-transport-security": true, "alt-svc": true, "accept-ch": true, "critical-ch": true,
	"report-to": true, "reporting-endpoints": true, "nel": true, "clear-site-data": true, "public-key-pins": true,
}

// noteHeader remembers what a response header leaves behind.
func (t *tab) noteHeader(name string) {
	name = strings.ToLower(name)
	t.dirt.cookies = t.dirt.cookies || name == "set-cookie"
	t.dirt.lasting = t.dirt.lasting || lastingHeaders[name]
}
