// Package simulator is a browser without a screen: the Fetch standard's CORS
// in pure Go. It says what a page's script gets for a request, why, and what
// goes over the wire for it, in microseconds.
//
//	browser := simulator.New(simulator.Chromium, simulator.WithHandler(api))
//	page := browser.Open("https://app.example.com")
//	outcome := page.Fetch(ctx, simulator.Request{Method: "PUT", URL: "https://api.example.com/user"})
//	outcome.Readable() // can the script read the response?
//	outcome.Reason     // if not, why
//	outcome.Exchanges  // the preflight, the redirects, the request itself
//
// The code follows the standard at revision 586cd2a of whatwg/fetch: one
// function for each algorithm, under the algorithm's name, with the section's
// URL above it and the number of the step where the code decides. With
// [WithTrace] an outcome carries the same numbers.
//
// Engines differ from the standard. Each difference is one field of a
// [Profile]; [Differences] is the ledger of them all.
//
// Not modelled: the HTTP cache, service workers, Content Security Policy other
// than its sandbox directive, integrity metadata, and HSTS.
package simulator
