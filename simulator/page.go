package simulator

// Frame says in which kind of frame a page's script runs.
type Frame string

// The frames. The first two have an opaque origin, the others inherit the
// origin of the page that holds them.
const (
	FrameNone            Frame = ""
	FrameSandboxedSrcdoc Frame = "sandboxed-srcdoc"
	FrameDataURL         Frame = "data-url"
	FrameAboutBlank      Frame = "about-blank"
	FrameSrcdoc          Frame = "srcdoc"
	FrameBlob            Frame = "blob"
)

// PageSpec describes a page: the document whose script makes requests.
type PageSpec struct {
	// URL is the top-level document's URL; "https://app.example.com" means its "/".
	URL string `json:"url"`
	// Frame is a frame inside that document, without a URL of its own.
	Frame Frame `json:"frame,omitempty"`
	// Iframe is the URL of a nested page that makes the requests while URL is the top-level site.
	Iframe string `json:"iframe,omitempty"`
	// Headers are response headers of the page.
	Headers []Field `json:"headers,omitempty"`
}
