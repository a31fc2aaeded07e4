package simulator_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// An http.Handler under test, in memory: no sockets, no browser.
func ExampleWithHandler() {
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example.com")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		w.Header().Set("ETag", `"1"`)
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_, _ = w.Write([]byte("saved"))
	})
	browser := simulator.New(simulator.Chromium, simulator.WithHandler(api))
	page := browser.Open("https://app.example.com")

	outcome := page.Fetch(context.Background(), simulator.Request{Method: "PUT", URL: "https://api.example.com/user"})
	fmt.Println(outcome.Kind, outcome.Status, string(outcome.Body))
	fmt.Println("preflights:", len(outcome.Preflights()))
	fmt.Printf("ETag: %q\n", outcome.Header.Get("ETag"))

	outcome = browser.Open("https://shop.example.net").Fetch(context.Background(), simulator.Request{URL: "https://api.example.com/user"})
	fmt.Println(outcome.Kind, outcome.Reason)
	// Output:
	// readable 200 saved
	// preflights: 1
	// ETag: ""
	// network-error AllowOriginMismatch [https://app.example.com]
}

// The trace says which step of the standard decided.
func ExampleWithTrace() {
	api := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	})
	browser := simulator.New(simulator.Standard, simulator.WithHandler(api), simulator.WithTrace())
	outcome := browser.Open("https://app.example.com").Fetch(context.Background(), simulator.Request{
		URL: "https://api.example.com/user", Credentials: simulator.CredentialsInclude,
	})
	for _, step := range outcome.Trace {
		if step.Algorithm == "CORS check" {
			fmt.Println(step)
			fmt.Println(step.URL)
		}
	}
	// Output:
	// CORS check, step 4: failure: Access-Control-Allow-Origin is *, which a request with credentials does not accept; https://app.example.com was needed
	// https://fetch.spec.whatwg.org/#concept-cors-check
}
