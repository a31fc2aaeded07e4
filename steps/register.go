package steps

import "github.com/cucumber/godog"

// register gives the vocabulary to godog. The registrations are plain
// statements with literal patterns, so that editors find them; the patterns stay
// within what RE2 and JavaScript's regular expressions share.
func register(sc registry, w *world) {
	sc = sc.about("The API")
	sc.Step(`^an API at "([^"]*)" that knows nothing about CORS$`, w.anAPIThatKnowsNothingAboutCORS,
		`Given an API at "https://api.example.com" that knows nothing about CORS`)
	sc.Step(`^an API at "([^"]*)" that answers every request with the headers$`, w.anAPIThatAnswersWithHeaders,
		`Given an API at "https://api.example.com" that answers every request with the headers
  | Access-Control-Allow-Origin | * |`)
	sc.Step(`^an API at "([^"]*)" that answers only what follows$`, w.anAPIThatAnswersOnly,
		`Given an API at "https://api.example.com" that answers only what follows`)
	sc.Step(`^it answers (?:"([^"]*)"|(every request)) with status (\d+)$`, func(what, every string, status int) error {
		return w.itAnswersWithStatus(what+every, status)
	},
		`Given it answers "OPTIONS /api/user" with status 204`)
	sc.Step(`^it answers (?:"([^"]*)"|(every request)) with status (\d+) and the headers$`, func(what, every string, status int, table *godog.Table) error {
		return w.itAnswersWithStatusAndHeaders(what+every, status, table)
	},
		`Given it answers every request with status 200 and the headers
  | Access-Control-Allow-Origin | * |`)
	sc.Step(`^it allows every origin by echoing it, with the headers$`, w.itEchoesTheOrigin,
		`Given it allows every origin by echoing it, with the headers
  | Vary | Origin |`)
	sc.Step(`^it closes the connection on (?:"([^"]*)"|(every request))$`, func(what, every string) error {
		return w.itClosesTheConnection(what + every)
	},
		`Given it closes the connection on "GET /api/user"`,
		`Given it closes the connection on every request`)
	sc.Step(`^it never answers (?:"([^"]*)"|(every request))$`, func(what, every string) error {
		return w.itNeverAnswers(what + every)
	},
		`Given it never answers every request`)
	sc.Step(`^it answers (?:"([^"]*)"|(every request)) with something that is not HTTP$`, func(what, every string) error {
		return w.itAnswersNoHTTP(what + every)
	},
		`Given it answers every request with something that is not HTTP`)
	sc.Step(`^it is down$`, w.itIsDown,
		`Given it is down`)
	sc.Step(`^it speaks only (HTTP/1\.1|HTTP/2)$`, w.itSpeaksOnly,
		`Given it speaks only HTTP/1.1`,
		`Given it speaks only HTTP/2`)
	sc.Step(`^the Go API at "([^"]*)" with the CORS policy$`, w.theGoAPIWithPolicy,
		`Given the Go API at "https://api.example.com" with the CORS policy
  | allowed origins | https://app.example.com |`)
	sc.Step(`^the Go API at "([^"]*)" without CORS$`, w.theGoAPIWithoutCORS,
		`Given the Go API at "https://api.example.com" without CORS`)
	sc.Step(`^the Express ([45]) API at "([^"]*)"$`, w.theExpressAPI,
		`Given the Express 4 API at "https://api.example.com"`,
		`Given the Express 5 API at "https://api.example.com"`)
	sc.Step(`^the API at "([^"]*)" as deployed$`, w.theAPIAsDeployed,
		`Given the API at "https://api.example.com" as deployed`)
	sc = sc.about("In front of the API")
	sc.Step(`^its Ingress has the annotations$`, w.itsIngressHasTheAnnotations,
		`Given its Ingress has the annotations
  | enable-cors | true |`)
	sc.Step(`^its Ingress under ingress-nginx (v\d+\.\d+\.\d+) has the annotations$`, w.itsIngressUnderVersionHasTheAnnotations,
		`Given its Ingress under ingress-nginx v1.11.0 has the annotations
  | enable-cors | true |`)
	sc.Step(`^its Ingress is that of "([^"]*)"$`, w.itsIngressIsThatOf,
		`Given its Ingress is that of "../k8s/ingress.yaml"`)
	sc.Step(`^its Ingress under ingress-nginx (v\d+\.\d+\.\d+) is that of "([^"]*)"$`, w.itsIngressUnderVersionIsThatOf,
		`Given its Ingress under ingress-nginx v1.11.0 is that of "../k8s/ingress.yaml"`)
	sc.Step(`^its pods are meshed by Linkerd$`, w.itsPodsAreMeshed,
		`Given its pods are meshed by Linkerd`)
	sc.Step(`^the mesh sets on every response the headers$`, w.theMeshSetsTheResponseHeaders,
		`Given the mesh sets on every response the headers
  | Access-Control-Allow-Origin | * |`)
	sc.Step(`^a Linkerd authorization policy denies every request to it$`, w.anAuthorizationPolicyDenies,
		`Given a Linkerd authorization policy denies every request to it`)
	sc.Step(`^a proxy in front of it appends the headers$`, w.aProxyAppendsTheHeaders,
		`Given a proxy in front of it appends the headers
  | Access-Control-Allow-Origin | * |`)
	sc.Step(`^a shared cache stands in front of it$`, w.aSharedCacheStandsInFront,
		`Given a shared cache stands in front of it`)

	sc = sc.about("The page")
	sc.Step(`^(?:a|another) page at "([^"]*)"(?: in a frame of a page at "([^"]*)")?$`, w.aPageAt,
		`Given a page at "https://app.example.com"`, `Given a page at "https://widget.example.net" in a frame of a page at "https://app.example.com"`)
	sc.Step(`^(?:a|another) page at "([^"]*)" with the headers$`, w.aPageWithHeaders,
		`Given a page at "https://app.example.com" with the headers
  | Referrer-Policy | no-referrer |`)
	sc.Step(`^an? (sandboxed|srcdoc|about:blank|data: URL|blob: URL) frame in a page at "([^"]*)"(?: in a frame of a page at "([^"]*)")?$`, w.aFrameIn,
		`Given a sandboxed frame in a page at "https://app.example.com"`,
		`Given a srcdoc frame in a page at "https://app.example.com"`,
		`Given an about:blank frame in a page at "https://app.example.com"`,
		`Given a data: URL frame in a page at "https://app.example.com"`,
		`Given a blob: URL frame in a page at "https://app.example.com"`)
	sc.Step(`^the browser holds the cookie "([^"]*)" of "([^"]*)"$`, w.theBrowserHoldsTheCookie,
		`Given the browser holds the cookie "session=blue; Secure; SameSite=None; Path=/" of "https://api.example.com"`)

	sc = sc.about("What the page does")
	sc.Step(`^the page fetches "([^"]*)"((?: with credentials| without credentials)?(?: in no-cors mode| in same-origin mode)?(?: refusing redirects| without following redirects)?)$`, w.thePageFetches,
		`When the page fetches "GET https://api.example.com/api/user"`,
		`When the page fetches "GET https://api.example.com/api/user" with credentials`,
		`When the page fetches "GET https://api.example.com/api/user" without credentials`,
		`When the page fetches "GET https://api.example.com/api/user" in no-cors mode`,
		`When the page fetches "GET https://api.example.com/api/user" in same-origin mode`,
		`When the page fetches "GET https://api.example.com/api/user" refusing redirects`,
		`When the page fetches "GET https://api.example.com/api/user" without following redirects`)
	sc.Step(`^the page fetches "([^"]*)"((?: with credentials| without credentials)?(?: in no-cors mode| in same-origin mode)?(?: refusing redirects| without following redirects)?) (?:with|and) the headers$`, w.thePageFetchesWithHeaders,
		`When the page fetches "PUT https://api.example.com/api/user" with the headers
  | Content-Type | application/json |`)
	sc.Step(`^the page sends '([^']*)' by "([^"]*)"((?: with credentials| without credentials)?)$`, w.thePageSends,
		`When the page sends '{"name":"Ada"}' by "POST https://api.example.com/api/user"`)
	sc.Step(`^the page sends '([^']*)' by "([^"]*)"((?: with credentials| without credentials)?) (?:with|and) the headers$`, w.thePageSendsWithHeaders,
		`When the page sends '{"name":"Ada"}' by "POST https://api.example.com/api/user" with credentials and the headers
  | Content-Type | application/json |`)
	sc.Step(`^the page fetches "([^"]*)" with the options$`, w.thePageFetchesWithOptions,
		`When the page fetches "PUT https://api.example.com/api/user" with the options
  | credentials         | include                  |
  | redirect            | error                    |
  | referrer            | https://app.example.com/ |
  | referrerPolicy      | origin                   |
  | keepalive           | true                     |
  | header Content-Type | application/json         |
  | body                | {"name":"Ada"}           |`)
	sc.Step(`^the page fetches its own blob '([^']*)' of type "([^"]*)"$`, w.thePageFetchesItsOwnBlob,
		`When the page fetches its own blob 'hello' of type "text/plain"`)
	sc.Step(`^the page sends the (form|URL-encoded form) by "([^"]*)"( with credentials| without credentials)?$`, w.thePageSendsTheForm,
		`When the page sends the form by "POST https://api.example.com/api/user"
  | name | Ada |`,
		`When the page sends the URL-encoded form by "POST https://api.example.com/api/user" with credentials
  | name | Ada |`)
	sc.Step(`^the page sends the blob '([^']*)' of type "([^"]*)" by "([^"]*)"( with credentials| without credentials)?$`, w.thePageSendsTheBlob,
		`When the page sends the blob '<user/>' of type "application/xml" by "POST https://api.example.com/api/user"`)
	sc.Step(`^the page requests "([^"]*)" by XMLHttpRequest( with credentials)?$`, w.thePageRequestsByXHR,
		`When the page requests "GET https://api.example.com/api/user" by XMLHttpRequest with credentials`)
	sc.Step(`^the page requests "([^"]*)" by XMLHttpRequest( with credentials)? (?:with|and) the headers$`, w.thePageRequestsByXHRWithHeaders,
		`When the page requests "PUT https://api.example.com/api/user" by XMLHttpRequest with the headers
  | Content-Type | application/json |`)
	sc.Step(`^the page sends '([^']*)' by XMLHttpRequest "([^"]*)"( with credentials)?(?: (listening to the upload|listening to the upload too late))?$`, w.thePageSendsByXHR,
		`When the page sends 'a file' by XMLHttpRequest "POST https://api.example.com/files" listening to the upload`)
	sc.Step(`^the page fetches "([^"]*)" and waits (\d+) milliseconds for the answer$`, w.thePageWaits,
		`When the page fetches "GET https://api.example.com/api/user" and waits 300 milliseconds for the answer`)
	sc.Step(`^the page loads the (font|(?:image|script|module script|stylesheet)(?: with crossorigin| with credentials)?) "([^"]*)"$`, w.thePageLoads,
		`When the page loads the script "https://api.example.com/widget.js"`,
		`When the page loads the image with crossorigin "https://api.example.com/logo.png"`,
		`When the page loads the module script with credentials "https://api.example.com/widget.mjs"`,
		`When the page loads the stylesheet "https://api.example.com/theme.css"`,
		`When the page loads the font "https://api.example.com/text.woff2"`)
	sc.Step(`^the page opens an event stream "([^"]*)"( with credentials)?$`, w.thePageOpensAnEventStream,
		`When the page opens an event stream "https://api.example.com/events" with credentials`)
	sc.Step(`^the page sends a beacon '([^']*)'(?: of type "([^"]*)")? to "([^"]*)"$`, w.thePageSendsABeacon,
		`When the page sends a beacon '{"name":"Ada"}' of type "application/json" to "https://api.example.com/log"`)
	sc = sc.about("Time, and clients that are no browser")
	sc.Step(`^(\d+) seconds? pass(?:es)?$`, w.secondsPass,
		`When 2 seconds pass`)
	sc.Step(`^curl sends "([^"]*)"$`, w.curlSends,
		`When curl sends "GET https://api.example.com/api/user"`)
	sc.Step(`^curl sends "([^"]*)" with the headers$`, w.curlSendsWithHeaders,
		`When curl sends "GET https://api.example.com/api/user" with the headers
  | Origin | https://app.example.com |`)
	sc.Step(`^another pod sends "([^"]*)"$`, w.anotherPodSends,
		`When another pod sends "GET http://api/api/user"`)

	sc = sc.about("What the page gets")
	sc.Step(`^the page can read the response$`, w.thePageCanReadTheResponse,
		`Then the page can read the response`)
	sc.Step(`^the page cannot read the response$`, w.thePageCannotReadTheResponse,
		`Then the page cannot read the response`)
	sc.Step(`^the page reads the body '([^']*)'$`, w.thePageReadsTheBody,
		`Then the page reads the body '{"ok":true}'`)
	sc.Step(`^the page can read the status (\d+)$`, w.thePageCanReadTheStatus,
		`Then the page can read the status 404`)
	sc.Step(`^the page can read the headers? "([^"]*)"$`, w.thePageCanReadTheHeaders,
		`Then the page can read the headers "ETag, Link"`)
	sc.Step(`^the page cannot read the headers? "([^"]*)"$`, w.thePageCannotReadTheHeaders,
		`Then the page cannot read the header "ETag"`)
	sc.Step(`^the page reads "(.*)" in the header "([^"]*)"$`, func(value, name string) error {
		return w.thePageReadsTheHeader(name, value)
	},
		`Then the page reads "120" in the header "Retry-After"`)
	sc.Step(`^the response is opaque$`, w.theResponseIsOpaque,
		`Then the response is opaque`)
	sc.Step(`^the response is an opaque redirect$`, w.theResponseIsAnOpaqueRedirect,
		`Then the response is an opaque redirect`)
	sc.Step(`^the response came from "([^"]*)"$`, w.theResponseCameFrom,
		`Then the response came from "https://api.example.com/new"`)
	sc.Step(`^the response has the type "(basic|cors|opaque|opaqueredirect|error)"$`, w.theResponseHasTheType,
		`Then the response has the type "basic"`)
	sc.Step(`^Resource Timing shows (the details|no details)$`, w.resourceTimingShows,
		`Then Resource Timing shows no details`,
		`Then Resource Timing shows the details`)
	sc.Step(`^the upload's progress is (heard|not heard)$`, w.theUploadsProgressIs,
		`Then the upload's progress is heard`,
		`Then the upload's progress is not heard`)
	sc.Step(`^the script gets an exception: (\w+)$`, w.theScriptGetsAnException,
		`Then the script gets an exception: InvalidRequest`)
	sc.Step(`^the browser blocks the response: (\w+)(?: \[(.*)\])?$`, w.theBrowserBlocksTheResponse,
		`Then the browser blocks the response: MissingAllowOriginHeader`)
	sc.Step(`^the browser blocks the request: (\w+)(?: \[(.*)\])?$`, w.theBrowserBlocksTheRequest,
		`Then the browser blocks the request: MethodDisallowedByPreflightResponse [DELETE]`)
	sc.Step(`^the browser blocks the redirect: (\w+)(?: \[(.*)\])?$`, w.theBrowserBlocksTheRedirect,
		`Then the browser blocks the redirect: RedirectModeError`)
	sc.Step(`^the request fails: (\w+)$`, w.theRequestFails,
		`Then the request fails: ConnectionFailed`)
	sc = sc.about("What other clients get")
	sc.Step(`^(curl|the pod) gets status (\d+)$`, w.curlGets,
		`Then curl gets status 200`)
	sc.Step(`^(curl|the pod) gets the headers$`, w.curlGetsTheHeaders,
		`Then the pod gets the headers
  | Content-Type | application/json |`)
	sc.Step(`^(curl|the pod) gets no header "([^"]*)"$`, w.curlGetsNoHeader,
		`Then curl gets no header "Access-Control-Allow-Origin"`)

	sc = sc.about("What is sent")
	sc.Step(`^the browser sends a preflight$`, w.theBrowserSendsAPreflight,
		`Then the browser sends a preflight`)
	sc.Step(`^the browser sends no preflight$`, w.theBrowserSendsNoPreflight,
		`Then the browser sends no preflight`)
	sc.Step(`^the browser sends (\d+) preflights$`, w.theBrowserSendsPreflights,
		`Then the browser sends 2 preflights`)
	sc.Step(`^the browser sends (\d+) requests?$`, w.theBrowserSendsRequests,
		`Then the browser sends 2 requests`)
	sc.Step(`^the last request is "([^"]*)"$`, w.theLastRequestIs,
		`Then the last request is "GET https://api.example.com/new"`)
	sc.Step(`^the preflight carries the header "([^"]*)" with "([^"]*)"$`, w.thePreflightCarriesTheHeader,
		`Then the preflight carries the header "Origin" with "https://app.example.com"`)
	sc.Step(`^the preflight asks for the method "([^"]*)" and the headers "([^"]*)"$`, w.thePreflightAsksFor,
		`Then the preflight asks for the method "PUT" and the headers "content-type"`)
	sc.Step(`^the preflight is answered with status (\d+)$`, w.thePreflightIsAnsweredWith,
		`Then the preflight is answered with status 204`)
	sc.Step(`^the preflight carries no header "([^"]*)"$`, w.thePreflightCarriesNoHeader,
		`Then the preflight carries no header "Cookie"`)
	sc.Step(`^the request carries the header "([^"]*)" with "([^"]*)"$`, w.theRequestCarriesTheHeader,
		`Then the request carries the header "Origin" with "null"`)
	sc.Step(`^the request carries no header "([^"]*)"$`, w.theRequestCarriesNoHeader,
		`Then the request carries no header "Cookie"`)
	sc = sc.about("How far it gets")
	sc.Step(`^the API(?: at "([^"]*)")? received the (request|preflight)$`, w.theAPIReceived,
		`Then the API received the request`)
	sc.Step(`^the API(?: at "([^"]*)")? did not receive the (request|preflight)$`, w.theAPIDidNotReceive,
		`Then the API at "https://login.example.net" did not receive the preflight`)
	sc.Step(`^the answer leaves the (API|Linkerd proxy|Ingress|proxy in front|shared cache) with "(.*)" in the header "([^"]*)"$`, func(hop, value, name string) error {
		return w.theHeaderLeaves(hop, name, value)
	},
		`Then the answer leaves the Ingress with "*" in the header "Access-Control-Allow-Origin"`)
	sc.Step(`^the answer leaves the (API|Linkerd proxy|Ingress|proxy in front|shared cache) without the header "([^"]*)"$`, w.noHeaderLeaves,
		`Then the answer leaves the API without the header "Access-Control-Allow-Origin"`)
	sc.Step(`^Linkerd counted a (success|failure)(?: with status (\d+))?$`, w.linkerdCounted,
		`Then Linkerd counted a success with status 200`,
		`Then Linkerd counted a failure`)
}
