package simulator

// fetchSite is the value of Sec-Fetch-Site: how far the farthest URL of the
// request's chain is from its origin.
// https://w3c.github.io/webappsec-fetch-metadata/#abstract-opdef-set-site
func fetchSite(requestOrigin *origin, urlList []*parsedURL) string {
	site := "same-origin"
	for _, url := range urlList {
		if sameOrigin(url.origin, requestOrigin) {
			continue
		}
		site = "cross-site"
		if !sameSite(requestOrigin, url.origin) {
			break
		}
		site = "same-site"
	}
	return site
}

// fetchSiteURLs is the URL list that counts for Sec-Fetch-Site: a preflight's
// is a clone of the request's.
func (p *fetchParams) fetchSiteURLs(request *request, preflight *corsPreflight) []*parsedURL {
	if preflight != nil && p.browser.profile.PreflightsForgetRedirects {
		return request.urlList[len(request.urlList)-1:]
	}
	return request.urlList
}

// fetchDestination is the value of Sec-Fetch-Dest.
// https://w3c.github.io/webappsec-fetch-metadata/#abstract-opdef-set-dest
func fetchDestination(request *request) string {
	if request.destination == "" {
		return "empty"
	}
	return request.destination
}
