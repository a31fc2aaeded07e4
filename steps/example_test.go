package steps_test

import (
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/cucumber/godog"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/ca"
	"github.com/crosscheck-dev/crosscheck/harness/live"
	"github.com/crosscheck-dev/crosscheck/harness/simulated"
	"github.com/crosscheck-dev/crosscheck/simulator"
	"github.com/crosscheck-dev/crosscheck/steps"
)

// orders is the team's API.
type orders struct{ known map[string]bool }

func (o *orders) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "https://app.example.com")
	if !o.known[r.URL.Path] {
		w.WriteHeader(http.StatusNotFound)
	}
}

const ordersFeature = `Feature: Orders
  Scenario: The app reads an order
    Given the API at "https://example.com" as deployed
    And the order 7 exists
    And a page at "https://app.example.com"
    When the page fetches "GET https://example.com/orders/7"
    Then the page can read the status 200

  Scenario: The app is told that there is no such order
    Given the API at "https://example.com" as deployed
    And a page at "https://app.example.com"
    When the page fetches "GET https://example.com/orders/8"
    Then the page can read the status 404

  Scenario: Nobody else is told
    Given the API at "https://example.com" as deployed
    And a page at "https://shop.example.net"
    When the page fetches "GET https://example.com/orders/7"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]
`

// A team's own godog suite, with its own steps beside these. Its API runs in
// the test, and is reached at its origin by the environment live; add a harness/chrome to the
// browsers to see a real one agree.
func ExampleSuite_InitializeScenario() {
	api := &orders{known: map[string]bool{}}
	server := httptest.NewTLSServer(api)
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())

	authority, err := ca.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	crosscheck := &steps.Suite{
		Environment: live.New(live.Options{Authority: authority, Roots: roots, Hosts: live.Hosts{"example.com": server.Listener.Addr().String()}}),
		Browsers:    []harness.Browser{simulated.New(simulator.Chromium, steps.Simulator, authority.Pool())},
		Roots:       authority.Pool(),
	}
	status := godog.TestSuite{
		Name: "orders",
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			crosscheck.InitializeScenario(sc)
			sc.Step(`^the order (\d+) exists$`, func(id string) { api.known["/orders/"+id] = true })
		},
		Options: &godog.Options{
			Format: "progress", Output: io.Discard, Strict: true,
			FeatureContents: []godog.Feature{{Name: "orders.feature", Contents: []byte(ordersFeature)}},
		},
	}.Run()
	fmt.Println("godog ends with status", status)
	// Output:
	// godog ends with status 0
}
