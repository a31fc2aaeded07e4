package simulator

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// urlCredentials is the Authorization value that answers a challenge with the
// user name and password of the URL, "" where the browser would have to ask the
// user: nobody is there to be asked.
// https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch, step 14
func urlCredentials(request *request, response *response) string {
	url := request.currentURL()
	if response.status != http.StatusUnauthorized || request.tainting == taintingCORS || !response.requestIncludesCredentials ||
		!request.useURLCredentials || !url.includesCredentials || request.headers.contains("Authorization") {
		return ""
	}
	challenge, _ := getHeader(response.header, "Www-Authenticate")
	if scheme, _, _ := strings.Cut(challenge, " "); !strings.EqualFold(scheme, "Basic") {
		return ""
	}
	credentials := percentDecode(url.record.Username())
	credentials = append(append(credentials, ':'), percentDecode(url.record.Password())...)
	return "Basic " + base64.StdEncoding.EncodeToString(credentials)
}
