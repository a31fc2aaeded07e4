package simulator

// blockedAsMixedContent reports whether a secure page's request for an insecure URL is blocked.
// https://w3c.github.io/webappsec-mixed-content/#should-block-fetch
func blockedAsMixedContent(request *request) bool {
	url := request.currentURL()
	return request.client.prohibitsMixedContent && url.isHTTP() && !url.isPotentiallyTrustworthy()
}

// upgradeMixedContent asks for an image by https instead of blocking it.
// https://w3c.github.io/webappsec-mixed-content/#upgrade-algorithm
func upgradeMixedContent(t *trace, request *request) {
	url := request.currentURL()
	if request.destination != "image" || !blockedAsMixedContent(request) || isIPAddress(url.host) {
		return
	}
	upgraded, err := parseURL("https"+url.serialized[len("http"):]+url.fragment, nil)
	if err != nil {
		return
	}
	t.add(algorithmUpgradeMixedContent, "2", url.wire, " becomes ", upgraded.wire)
	request.urlList[len(request.urlList)-1] = upgraded
}
