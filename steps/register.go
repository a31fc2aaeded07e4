package steps

import "github.com/cucumber/godog"

// register gives the vocabulary to godog. The registrations are plain
// statements with literal patterns, so that editors find them; the patterns stay
// within what RE2 and JavaScript's regular expressions share.
func register(sc registry, w *world) {
	// Given: the deployment.
	sc.Step(`^an API at "([^"]*)" that knows nothing about CORS$`, w.anAPIThatKnowsNothingAboutCORS)
	sc.Step(`^an API at "([^"]*)" that answers every request with the headers$`, w.anAPIThatAnswersWithHeaders)
	sc.Step(`^an API at "([^"]*)" that answers only what follows$`, w.anAPIThatAnswersOnly)
	sc.Step(`^it answers (?:"([^"]*)"|(every request)) with status (\d+)$`, func(what, every string, status int) error {
		return w.itAnswersWithStatus(what+every, status)
	})
	sc.Step(`^it answers (?:"([^"]*)"|(every request)) with status (\d+) and the headers$`, func(what, every string, status int, table *godog.Table) error {
		return w.itAnswersWithStatusAndHeaders(what+every, status, table)
	})
	sc.Step(`^it allows every origin by echoing it, with the headers$`, w.itEchoesTheOrigin)
	sc.Step(`^it closes the connection on (?:"([^"]*)"|(every request))$`, func(what, every string) error {
		return w.itClosesTheConnection(what + every)
	})
	sc.Step(`^it never answers (?:"([^"]*)"|(every request))$`, func(what, every string) error {
		return w.itNeverAnswers(what + every)
	})
	sc.Step(`^it answers (?:"([^"]*)"|(every request)) with something that is not HTTP$`, func(what, every string) error {
		return w.itAnswersNoHTTP(what + every)
	})
	sc.Step(`^it is down$`, w.itIsDown)
	sc.Step(`^it speaks only (HTTP/1\.1|HTTP/2)$`, w.itSpeaksOnly)
	sc.Step(`^the Go API at "([^"]*)" with the CORS policy$`, w.theGoAPIWithPolicy)
	sc.Step(`^the Go API at "([^"]*)" without CORS$`, w.theGoAPIWithoutCORS)
	sc.Step(`^the Express ([45]) API at "([^"]*)"$`, w.theExpressAPI)
	sc.Step(`^its Ingress has the annotations$`, w.itsIngressHasTheAnnotations)
	sc.Step(`^its Ingress under ingress-nginx (v\d+\.\d+\.\d+) has the annotations$`, w.itsIngressUnderVersionHasTheAnnotations)
	sc.Step(`^its pods are meshed by Linkerd$`, w.itsPodsAreMeshed)
	sc.Step(`^the mesh sets on every response the headers$`, w.theMeshSetsTheResponseHeaders)
	sc.Step(`^a Linkerd authorization policy denies every request to it$`, w.anAuthorizationPolicyDenies)
	sc.Step(`^a proxy in front of it appends the headers$`, w.aProxyAppendsTheHeaders)
	sc.Step(`^a shared cache stands in front of it$`, w.aSharedCacheStandsInFront)

	// Given: the page and its browser.
	sc.Step(`^(?:a|another) page at "([^"]*)"$`, w.aPageAt)
	sc.Step(`^a sandboxed frame in a page at "([^"]*)"$`, w.aSandboxedFrameIn)
	sc.Step(`^the browser holds the cookie "([^"]*)" of "([^"]*)"$`, w.theBrowserHoldsTheCookie)

	// When.
	sc.Step(`^the page fetches "([^"]*)"((?: with credentials| without credentials)?(?: in no-cors mode| in same-origin mode)?(?: refusing redirects| without following redirects)?)$`, w.thePageFetches)
	sc.Step(`^the page fetches "([^"]*)"((?: with credentials| without credentials)?(?: in no-cors mode| in same-origin mode)?(?: refusing redirects| without following redirects)?) (?:with|and) the headers$`, w.thePageFetchesWithHeaders)
	sc.Step(`^the page sends '([^']*)' by "([^"]*)"((?: with credentials| without credentials)?)$`, w.thePageSends)
	sc.Step(`^the page sends '([^']*)' by "([^"]*)"((?: with credentials| without credentials)?) (?:with|and) the headers$`, w.thePageSendsWithHeaders)
	sc.Step(`^the page fetches "([^"]*)" and waits (\d+) milliseconds for the answer$`, w.thePageWaits)
	sc.Step(`^the page loads the (font|(?:image|script|module script|stylesheet)(?: with crossorigin| with credentials)?) "([^"]*)"$`, w.thePageLoads)
	sc.Step(`^the page opens an event stream "([^"]*)"( with credentials)?$`, w.thePageOpensAnEventStream)
	sc.Step(`^the page sends a beacon '([^']*)'(?: of type "([^"]*)")? to "([^"]*)"$`, w.thePageSendsABeacon)
	sc.Step(`^(\d+) seconds? pass(?:es)?$`, w.secondsPass)
	sc.Step(`^curl sends "([^"]*)"$`, w.curlSends)
	sc.Step(`^curl sends "([^"]*)" with the headers$`, w.curlSendsWithHeaders)
	sc.Step(`^another pod sends "([^"]*)"$`, w.anotherPodSends)

	// Then: what the page gets.
	sc.Step(`^the page can read the response$`, w.thePageCanReadTheResponse)
	sc.Step(`^the page can read the status (\d+)$`, w.thePageCanReadTheStatus)
	sc.Step(`^the page can read the headers? "([^"]*)"$`, w.thePageCanReadTheHeaders)
	sc.Step(`^the page cannot read the headers? "([^"]*)"$`, w.thePageCannotReadTheHeaders)
	sc.Step(`^the page reads "(.*)" in the header "([^"]*)"$`, func(value, name string) error {
		return w.thePageReadsTheHeader(name, value)
	})
	sc.Step(`^the response is opaque$`, w.theResponseIsOpaque)
	sc.Step(`^the response is an opaque redirect$`, w.theResponseIsAnOpaqueRedirect)
	sc.Step(`^the response came from "([^"]*)"$`, w.theResponseCameFrom)
	sc.Step(`^the browser blocks the response: (\w+)(?: \[(.*)\])?$`, w.theBrowserBlocksTheResponse)
	sc.Step(`^the browser blocks the request: (\w+)(?: \[(.*)\])?$`, w.theBrowserBlocksTheRequest)
	sc.Step(`^the browser blocks the redirect: (\w+)(?: \[(.*)\])?$`, w.theBrowserBlocksTheRedirect)
	sc.Step(`^the request fails: (\w+)$`, w.theRequestFails)
	sc.Step(`^(curl|the pod) gets status (\d+)$`, w.curlGets)
	sc.Step(`^(curl|the pod) gets the headers$`, w.curlGetsTheHeaders)
	sc.Step(`^(curl|the pod) gets no header "([^"]*)"$`, w.curlGetsNoHeader)

	// Then: what went over the wire, and how far it got.
	sc.Step(`^the browser sends a preflight$`, w.theBrowserSendsAPreflight)
	sc.Step(`^the browser sends no preflight$`, w.theBrowserSendsNoPreflight)
	sc.Step(`^the browser sends (\d+) preflights$`, w.theBrowserSendsPreflights)
	sc.Step(`^the preflight asks for the method "([^"]*)" and the headers "([^"]*)"$`, w.thePreflightAsksFor)
	sc.Step(`^the preflight is answered with status (\d+)$`, w.thePreflightIsAnsweredWith)
	sc.Step(`^the preflight carries no header "([^"]*)"$`, w.thePreflightCarriesNoHeader)
	sc.Step(`^the request carries the header "([^"]*)" with "([^"]*)"$`, w.theRequestCarriesTheHeader)
	sc.Step(`^the request carries no header "([^"]*)"$`, w.theRequestCarriesNoHeader)
	sc.Step(`^the API(?: at "([^"]*)")? received the (request|preflight)$`, w.theAPIReceived)
	sc.Step(`^the API(?: at "([^"]*)")? did not receive the (request|preflight)$`, w.theAPIDidNotReceive)
	sc.Step(`^the answer leaves the (API|Linkerd proxy|Ingress|proxy in front|shared cache) with "(.*)" in the header "([^"]*)"$`, func(hop, value, name string) error {
		return w.theHeaderLeaves(hop, name, value)
	})
	sc.Step(`^the answer leaves the (API|Linkerd proxy|Ingress|proxy in front|shared cache) without the header "([^"]*)"$`, w.noHeaderLeaves)
	sc.Step(`^Linkerd counted a (success|failure)(?: with status (\d+))?$`, w.linkerdCounted)
}
