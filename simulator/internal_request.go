package simulator

// tainting is a request's response tainting.
// https://fetch.spec.whatwg.org/#concept-request-response-tainting
type tainting string

const (
	taintingBasic  tainting = "basic"
	taintingCORS   tainting = "cors"
	taintingOpaque tainting = "opaque"
)

// request is a request as the algorithms know it; [Request] is what a script
// passes. The fields bear the standard's names.
// https://fetch.spec.whatwg.org/#concept-request
type request struct {
	client      *Page
	origin      *origin
	initiator   Initiator
	destination string
	method      string
	urlList     []*parsedURL
	headers     headerList
	body        *body
	mode        Mode
	credentials CredentialsMode
	redirect    RedirectMode
	// referrer is the document or URL that the request is said to come from.
	// Once determined it can only shrink: to its origin, then to nothing.
	referrer           *parsedURL
	referrerOriginOnly bool
	noReferrer         bool
	referrerPolicy     referrerPolicy
	tainting           tainting
	redirectCount      int
	unsafeRequest      bool
	useCORSPreflight   bool
	keepalive          bool
	timingAllowFailed  bool
	// useURLCredentials is the use-URL-credentials flag.
	useURLCredentials bool
	// preventsCaching is the cache mode "no-store".
	preventsCaching bool
	// uploadEvents is what the outcome tells of the XMLHttpRequest's upload listeners.
	uploadEvents *bool
	// uploadFailureHeard is the same for a request that fails.
	uploadFailureHeard bool
	// blob is what the URL stands for when it is [BlobSelfURL].
	blob *blob

	// firstURL is room for a URL list without redirects.
	firstURL [1]*parsedURL
}

// newRequest returns a request with what all of the page's requests have in common.
func (p *Page) newRequest(initiator Initiator, method string, url *parsedURL) *request {
	request := &request{
		client: p, origin: p.origin, initiator: initiator, method: method, mode: ModeCORS, credentials: CredentialsSameOrigin,
		redirect: RedirectFollow, referrer: p.referrer, tainting: taintingBasic,
	}
	request.firstURL[0] = url
	request.urlList = request.firstURL[:]
	return request
}

func (r *request) currentURL() *parsedURL { return r.urlList[len(r.urlList)-1] }

// redirectTaint is a request's redirect-taint.
type redirectTaint int

const (
	redirectTaintSameOrigin redirectTaint = iota
	redirectTaintSameSite
	redirectTaintCrossSite
)

// redirectTaint tells how far the chain of redirects strayed from the
// request's origin before it went on to yet another origin.
// https://fetch.spec.whatwg.org/#concept-request-tainted-origin
func (r *request) redirectTaint() redirectTaint {
	taint := redirectTaintSameOrigin
	for i := 1; i < len(r.urlList); i++ {
		url, last := r.urlList[i].origin, r.urlList[i-1].origin
		if !sameSite(url, last) && !sameSite(r.origin, last) {
			return redirectTaintCrossSite
		}
		if !sameOrigin(url, last) && !sameOrigin(r.origin, last) {
			taint = redirectTaintSameSite
		}
	}
	return taint
}

// leftAnOrigin reports whether a redirect led from one origin to another.
func (r *request) leftAnOrigin() bool {
	for i := 1; i < len(r.urlList); i++ {
		if !sameOrigin(r.urlList[i].origin, r.urlList[i-1].origin) {
			return true
		}
	}
	return false
}

// serializedOrigin serializes the request's origin.
// https://fetch.spec.whatwg.org/#serializing-a-request-origin
func (r *request) serializedOrigin() string {
	if r.redirectTaint() != redirectTaintSameOrigin {
		return opaqueOrigin
	}
	return r.origin.serialized
}

// withCredentials reports whether the credentials mode is "include".
func (r *request) withCredentials() bool { return r.credentials == CredentialsInclude }
