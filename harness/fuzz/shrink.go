package fuzz

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// shrinkRuns bounds how often a case is run while it is shrunk.
const shrinkRuns = 400

// reduction makes a case simpler in one way.
type reduction func(*vectors.Vector)

// Shrink makes a case as simple as it can while it disagrees: it takes away steps,
// cookies, headers and answers, and puts defaults for the rest, one at a time, until nothing
// more can go. disagrees runs a case in both judges.
func Shrink(ctx context.Context, c vectors.Vector, disagrees func(context.Context, vectors.Vector) (bool, error)) (vectors.Vector, error) {
	runs := 0
	for smaller := true; smaller; {
		smaller = false
		for i := 0; ; {
			reductions := reductionsOf(c)
			if i >= len(reductions) || runs >= shrinkRuns {
				break
			}
			candidate, err := clone(c)
			if err != nil {
				return c, err
			}
			reductions[i](&candidate)
			candidate.Origin = originOf(candidate.Page)
			runs++
			still, err := disagrees(ctx, candidate)
			if err != nil {
				return c, err
			}
			if !still {
				i++
				continue
			}
			// What stood behind the part that is gone is at its place now.
			c, smaller = candidate, true
		}
	}
	return c, nil
}

// clone copies a case with everything that it points to.
func clone(c vectors.Vector) (vectors.Vector, error) {
	var copied vectors.Vector
	written, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(written, &copied)
	}
	if err != nil {
		return c, fmt.Errorf("copy the case %s: %w", c.ID, err)
	}
	return copied, nil
}

func originOf(page vectors.Page) string {
	return simulator.New(simulator.Standard).OpenPage(page.Spec()).Origin()
}

// reductionsOf are the ways in which a case can become simpler, the boldest first.
// Each changes the case: none is offered that would leave it as it is.
func reductionsOf(c vectors.Vector) []reduction {
	var list []reduction
	if len(c.Steps) > 1 {
		for i := range c.Steps {
			list = append(list, func(v *vectors.Vector) { v.Steps = without(v.Steps, i) })
		}
	}
	for i := range c.Exchanges {
		list = append(list, func(v *vectors.Vector) { v.Exchanges = without(v.Exchanges, i) })
	}
	for i := range c.Cookies {
		list = append(list, func(v *vectors.Vector) { v.Cookies = without(v.Cookies, i) })
	}
	list = append(list, pageReductions(c.Page)...)
	for i, step := range c.Steps {
		for _, reduce := range requestReductions(*step.Request) {
			list = append(list, func(v *vectors.Vector) { reduce(v.Steps[i].Request) })
		}
	}
	for i, exchange := range c.Exchanges {
		for _, reduce := range exchangeReductions(exchange) {
			list = append(list, func(v *vectors.Vector) { reduce(&v.Exchanges[i]) })
		}
	}
	return list
}

func pageReductions(page vectors.Page) []reduction {
	var list []reduction
	for i := range page.Headers {
		list = append(list, func(v *vectors.Vector) { v.Page.Headers = without(v.Page.Headers, i) })
	}
	if page.Iframe != "" {
		list = append(list, func(v *vectors.Vector) { v.Page.Iframe = "" })
	}
	if page.Frame != "" {
		list = append(list, func(v *vectors.Vector) { v.Page.Frame = "" })
	}
	if page.URL != appOrigin+"/" {
		list = append(list, func(v *vectors.Vector) { v.Page.URL = appOrigin + "/" })
	}
	return list
}

func requestReductions(request vectors.Request) []func(*vectors.Request) {
	var list []func(*vectors.Request)
	offer := func(applies bool, reduce func(*vectors.Request)) {
		if applies {
			list = append(list, reduce)
		}
	}
	offer(request.Initiator != "", func(r *vectors.Request) { r.Initiator = "" })
	for i := range request.Headers {
		offer(true, func(r *vectors.Request) { r.Headers = without(r.Headers, i) })
	}
	offer(request.Body != nil, func(r *vectors.Request) { r.Body = nil })
	offer(request.Body != nil && request.Body.FormData != nil, func(r *vectors.Request) { r.Body = &vectors.Body{Text: "text"} })
	offer(request.Method != nil, func(r *vectors.Request) { r.Method = nil })
	offer(request.Mode != "", func(r *vectors.Request) { r.Mode = "" })
	offer(request.Credentials != "", func(r *vectors.Request) { r.Credentials = "" })
	offer(request.Redirect != "", func(r *vectors.Request) { r.Redirect = "" })
	offer(request.Referrer != nil, func(r *vectors.Request) { r.Referrer = nil })
	offer(request.ReferrerPolicy != "", func(r *vectors.Request) { r.ReferrerPolicy = "" })
	for i, header := range request.Headers {
		for _, value := range simplerValues(header[1]) {
			offer(true, func(r *vectors.Request) { r.Headers[i][1] = value })
		}
	}
	return list
}

func exchangeReductions(exchange vectors.Exchange) []func(*vectors.Exchange) {
	var list []func(*vectors.Exchange)
	offer := func(applies bool, reduce func(*vectors.Exchange)) {
		if applies {
			list = append(list, reduce)
		}
	}
	offer(exchange.Times != nil, func(e *vectors.Exchange) { e.Times = nil })
	offer(exchange.Response.Body != "", func(e *vectors.Exchange) { e.Response.Body = "" })
	// A 200 with anything in it is no simpler than a 204.
	offer(exchange.Response.Status != 200, func(e *vectors.Exchange) { e.Response.Status = 200 })
	for i, header := range exchange.Response.Headers {
		if header[0] == "Cache-Control" {
			// Without it the HTTP cache would be part of the case.
			continue
		}
		offer(true, func(e *vectors.Exchange) { e.Response.Headers = without(e.Response.Headers, i) })
		for _, value := range simplerValues(header[1]) {
			offer(!strings.EqualFold(header[0], "Location"), func(e *vectors.Exchange) { e.Response.Headers[i][1] = value })
		}
	}
	return list
}

// simplerValues are header values that may do instead of a long one.
func simplerValues(value string) []string {
	const short = 40
	if value == "*" || len(value) < 2 {
		return nil
	}
	simpler := []string{"*", "1"}
	if units := []rune(value); len(units) > short {
		simpler = append(simpler, string(units[:len(units)/2]), string(units[len(units)/2:]))
	}
	return simpler
}

func without[T any](list []T, i int) []T {
	return append(list[:i:i], list[i+1:]...)
}
