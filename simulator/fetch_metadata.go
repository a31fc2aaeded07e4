package simulator

// fetchSite is the value of Sec-Fetch-Site: how far the farthest URL of the
// request's chain is from its origin.
// https://w3c.github.io/webappsec-fetch-metadata/#abstract-opdef-set-site
func fetchSite(request *request) string {
	site := "same-origin"
	for _, url := range request.urlList {
		if sameOrigin(url.origin, request.origin) {
			continue
		}
		site = "cross-site"
		if !sameSite(request.origin, url.origin) {
			break
		}
		site = "same-site"
	}
	return site
}

// fetchDestination is the value of Sec-Fetch-Dest.
// https://w3c.github.io/webappsec-fetch-metadata/#abstract-opdef-set-dest
func fetchDestination(request *request) string {
	if request.destination == "" {
		return "empty"
	}
	return request.destination
}
