package simulator

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// authenticationEntry is an authentication entry: what answered a challenge, and
// where it is sent unasked from then on.
// https://fetch.spec.whatwg.org/#authentication-entry
type authenticationEntry struct {
	origin, realm string
	// directory is the path of the protection space, which begins with it.
	// https://www.rfc-editor.org/rfc/rfc7617.html#section-2.2
	directory     string
	authorization string
}

// authentications are a session's authentication entries.
type authentications []authenticationEntry

// find is the Authorization that a URL gets unasked, "" for none.
func (a authentications) find(url *parsedURL) string {
	for _, entry := range a {
		if entry.origin == url.origin.serialized && strings.HasPrefix(url.path, entry.directory) {
			return entry.authorization
		}
	}
	return ""
}

// findRealm is the Authorization that has answered the realm's challenge before.
func (a authentications) findRealm(url *parsedURL, realm string) string {
	for _, entry := range a {
		if entry.origin == url.origin.serialized && entry.realm == realm {
			return entry.authorization
		}
	}
	return ""
}

// store creates an authentication entry in place of the one of its protection space.
func (a *authentications) store(url *parsedURL, realm, authorization string) {
	directory := url.path[:strings.LastIndexByte(url.path, '/')+1]
	*a = slices.DeleteFunc(*a, func(entry authenticationEntry) bool {
		return entry.origin == url.origin.serialized && entry.directory == directory
	})
	*a = append(*a, authenticationEntry{origin: url.origin.serialized, realm: realm, directory: directory, authorization: authorization})
}

// appendAuthorization sends what has answered a challenge before. Credentials in
// the URL wait for one.
// https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch, step 8.21.2
func (p *fetchParams) appendAuthorization(request *request, header *wireHeader) {
	url := request.currentURL()
	if header.contains("Authorization") || request.useURLCredentials && url.includesCredentials {
		return
	}
	p.browser.mutex.Lock()
	authorization := p.browser.authentications.find(url)
	p.browser.mutex.Unlock()
	if authorization != "" {
		header.set("Authorization", authorization)
		p.trace.add(algorithmNetworkOrCacheFetch, "8.21.2", "Authorization as it answered a challenge before")
	}
}

// answerToChallenge is the Authorization value that answers a challenge, by the user
// name and password of the URL or by those that answered the realm before; "" where
// the browser would have to ask the user: nobody is there to be asked.
// https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch, step 14
func (p *fetchParams) answerToChallenge(wire *wireRequest, request *request, response *response) (authorization, realm string) {
	url := request.currentURL()
	if response.status != http.StatusUnauthorized || request.tainting == taintingCORS || !response.requestIncludesCredentials ||
		len(wire.header["Authorization"]) > 0 {
		return "", ""
	}
	challenge, _ := getHeader(response.header, "Www-Authenticate")
	scheme, realm, _ := strings.Cut(challenge, " ")
	if byteLowercase(scheme) != "basic" {
		return "", ""
	}
	if request.useURLCredentials && url.includesCredentials {
		credentials := percentDecode(url.record.Username())
		credentials = append(append(credentials, ':'), percentDecode(url.record.Password())...)
		return "Basic " + base64.StdEncoding.EncodeToString(credentials), realm
	}
	p.browser.mutex.Lock()
	defer p.browser.mutex.Unlock()
	return p.browser.authentications.findRealm(url, realm), realm
}

// rememberAuthentication creates an authentication entry, unless the server did not take it.
// https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch, step 17
func (p *fetchParams) rememberAuthentication(url *parsedURL, realm, authorization string, response *response) {
	if response.status == http.StatusUnauthorized {
		return
	}
	p.browser.mutex.Lock()
	defer p.browser.mutex.Unlock()
	p.browser.authentications.store(url, realm, authorization)
}
