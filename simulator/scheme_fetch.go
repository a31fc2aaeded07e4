package simulator

import "context"

// schemeFetch is https://fetch.spec.whatwg.org/#concept-scheme-fetch
func (p *fetchParams) schemeFetch(ctx context.Context) *response {
	url := p.request.currentURL()
	switch {
	case url.isHTTP():
		return p.httpFetch(ctx, false, nil)
	case url.scheme == "data":
		return p.dataURLFetch(url)
	case url.scheme == "blob":
		return p.blobURLFetch()
	case url.scheme == "about" && url.path == "blank" && !p.browser.profile.RefusesAboutBlank:
		return localResponse("text/html;charset=utf-8", nil)
	}
	p.trace.add(algorithmSchemeFetch, "3", "network error: nothing is behind the scheme ", url.scheme)
	return networkError(CORSDisabledScheme, url.scheme)
}
