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
// A server can do no harm. A response's header is read up to 256 KiB, its body
// up to [WithBodyLimit], bytes of a compressed body counted after decoding; at
// most 20 redirects are followed; at most 1,024 URLs are remembered. There is
// no limit of time but the context's, which ends everything that waits. A body
// that breaks off is a network error, as it is for a script that reads it.
//
// Header values hold bytes: a value with a byte above 0x7F, such as 0xE9, is a
// Go string with that byte, which a script sees as the code unit U+00E9. In a
// [Request] a value is text, as script has it; a string that is not UTF-8 is
// taken for the bytes themselves.
//
// Not modelled: the HTTP cache, service workers, Content Security Policy other
// than its sandbox directive, integrity metadata, and HSTS.
package simulator
