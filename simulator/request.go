package simulator

import (
	"cmp"
	"strings"
)

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

// The initiators. The element initiators come bare (a no-cors request, except
// for module scripts and fonts) and with a crossorigin attribute (a cors request).
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

	// A module script is a cors request with or without the attribute.
	InitiatorModuleScript               Initiator = "module-script"
	InitiatorModuleScriptAnonymous      Initiator = "module-script-crossorigin-anonymous"
	InitiatorModuleScriptUseCredentials Initiator = "module-script-crossorigin-use-credentials"
	// The link element of a style sheet.
	InitiatorStylesheet               Initiator = "stylesheet"
	InitiatorStylesheetAnonymous      Initiator = "stylesheet-crossorigin-anonymous"
	InitiatorStylesheetUseCredentials Initiator = "stylesheet-crossorigin-use-credentials"
	// InitiatorFont is a font of the document's own style sheet.
	InitiatorFont Initiator = "font"

	InitiatorEventSource                Initiator = "eventsource"
	InitiatorEventSourceWithCredentials Initiator = "eventsource-with-credentials"
	// InitiatorBeacon is navigator.sendBeacon(): script learns nothing of the response.
	InitiatorBeacon Initiator = "beacon"
)

// Request is what a page's script asks for, before the standard normalizes it.
// The zero value of every field but URL is the default of fetch().
type Request struct {
	// URL is absolute, or relative to the page's URL, or [BlobSelfURL].
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
	// Referrer is "about:client" when empty; "no-referrer" stands for the empty
	// string that a script passes.
	Referrer string `json:"referrer,omitempty"`
	// ReferrerPolicy is the page's policy when empty.
	ReferrerPolicy string `json:"referrer_policy,omitempty"`
	// Initiator is "fetch" when empty.
	Initiator Initiator `json:"initiator,omitempty"`
	// Keepalive is fetch()'s keepalive flag.
	Keepalive bool `json:"keepalive,omitempty"`
	// BlobBody is the content of the Blob behind [BlobSelfURL].
	BlobBody string `json:"blob_body,omitempty"`
	// BlobType is that Blob's type, such as "text/plain".
	BlobType string `json:"blob_type,omitempty"`
}

// CredentialsMode is the credentials mode of the request that the initiator makes
// of this: elements, EventSources and beacons have no say in it.
// https://fetch.spec.whatwg.org/#concept-request-credentials-mode
func (r Request) CredentialsMode() CredentialsMode {
	bare, crossorigin, _ := strings.Cut(string(r.Initiator), "-crossorigin-")
	switch initiator := Initiator(bare); initiator {
	case InitiatorImage, InitiatorScript, InitiatorStylesheet, InitiatorModuleScript, InitiatorFont:
		without := crossorigin == "" && initiator != InitiatorModuleScript && initiator != InitiatorFont
		if without || crossorigin == "use-credentials" {
			return CredentialsInclude
		}
		return CredentialsSameOrigin
	case InitiatorEventSourceWithCredentials, InitiatorBeacon:
		return CredentialsInclude
	case InitiatorEventSource:
		return CredentialsSameOrigin
	case InitiatorXHR, InitiatorXHRUploadListener, InitiatorXHRUploadListenerLate:
		if r.Credentials == CredentialsInclude {
			return CredentialsInclude
		}
		return CredentialsSameOrigin
	}
	return cmp.Or(r.Credentials, CredentialsSameOrigin)
}

// BlobSelfURL is the URL, in a [Request] and in its [Outcome], of a Blob that
// the page itself has made; in a browser there is an identifier in it.
const BlobSelfURL = "blob:self"

// Body is a request body as a script passes it: a string, unless another field
// than Text says otherwise. They differ in the Content-Type that they imply.
// https://fetch.spec.whatwg.org/#concept-bodyinit-extract
type Body struct {
	// Text is the string, or a Blob's content.
	Text string `json:"text,omitempty"`
	// FormData are the entries of a FormData; nil for another kind of body.
	FormData [][2]string `json:"form_data,omitzero"`
	// URLSearchParams are the pairs of a URLSearchParams; nil for another kind of body.
	URLSearchParams [][2]string `json:"url_search_params,omitzero"`
	// Blob makes the body a Blob of Text and Type.
	Blob bool `json:"blob,omitempty"`
	// Type is the Blob's type; "" for none.
	Type string `json:"type,omitempty"`
}
