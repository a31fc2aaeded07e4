package simulator

// Field is one header field: a name and a value. Header lists are slices of
// fields where order or repetition matters.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Mode is a request's mode.
// https://fetch.spec.whatwg.org/#concept-request-mode
type Mode string

// The request modes that a script can choose.
const (
	ModeCORS       Mode = "cors"
	ModeNoCORS     Mode = "no-cors"
	ModeSameOrigin Mode = "same-origin"
)

// CredentialsMode is a request's credentials mode.
// https://fetch.spec.whatwg.org/#concept-request-credentials-mode
type CredentialsMode string

// The credentials modes.
const (
	CredentialsOmit       CredentialsMode = "omit"
	CredentialsSameOrigin CredentialsMode = "same-origin"
	CredentialsInclude    CredentialsMode = "include"
)

// RedirectMode is a request's redirect mode.
// https://fetch.spec.whatwg.org/#concept-request-redirect-mode
type RedirectMode string

// The redirect modes.
const (
	RedirectFollow RedirectMode = "follow"
	RedirectError  RedirectMode = "error"
	RedirectManual RedirectMode = "manual"
)

// Initiator names the interface of the page that makes a request.
type Initiator string

// The initiators. The element initiators come bare (a no-cors request) and
// with a crossorigin attribute (a cors request).
const (
	InitiatorFetch                 Initiator = "fetch"
	InitiatorXHR                   Initiator = "xhr"
	InitiatorXHRUploadListener     Initiator = "xhr-upload-listener"
	InitiatorXHRUploadListenerLate Initiator = "xhr-upload-listener-late"
	InitiatorImage                 Initiator = "img"
	InitiatorImageAnonymous        Initiator = "img-crossorigin-anonymous"
	InitiatorImageUseCredentials   Initiator = "img-crossorigin-use-credentials"
	InitiatorScript                Initiator = "script"
	InitiatorScriptAnonymous       Initiator = "script-crossorigin-anonymous"
	InitiatorScriptUseCredentials  Initiator = "script-crossorigin-use-credentials"
)

// Request is what a page's script asks for, before the standard normalizes it.
// The zero value of every field but URL is the default of fetch().
type Request struct {
	// URL is absolute, or relative to the page's URL.
	URL string `json:"url"`
	// Method is GET when empty.
	Method string `json:"method,omitempty"`
	// Mode is "cors" when empty.
	Mode Mode `json:"mode,omitempty"`
	// Credentials is "same-origin" when empty.
	Credentials CredentialsMode `json:"credentials,omitempty"`
	// Redirect is "follow" when empty.
	Redirect RedirectMode `json:"redirect,omitempty"`
	// Headers are in the order in which the script sets them; names may repeat.
	Headers []Field `json:"headers,omitempty"`
	// Body is nil for no body.
	Body *Body `json:"body,omitempty"`
	// Referrer is "about:client" when empty.
	Referrer string `json:"referrer,omitempty"`
	// ReferrerPolicy is the page's policy when empty.
	ReferrerPolicy string `json:"referrer_policy,omitempty"`
	// Initiator is "fetch" when empty.
	Initiator Initiator `json:"initiator,omitempty"`
	// Keepalive is fetch()'s keepalive flag.
	Keepalive bool `json:"keepalive,omitempty"`
}

// Body is a request body as a script passes it: a string, or form data when
// FormData is not nil. The two differ in the Content-Type they imply.
// https://fetch.spec.whatwg.org/#concept-bodyinit-extract
type Body struct {
	Text     string      `json:"text,omitempty"`
	FormData [][2]string `json:"form_data,omitempty"`
}
