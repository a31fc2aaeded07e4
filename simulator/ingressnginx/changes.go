package ingressnginx

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Change is a change between releases of what the controller answers about
// CORS. Its sources are the project's changelog, pull requests and issues, and what was
// measured of the releases before and after.
type Change struct {
	// Version is the first release that has the change, such as "v1.12.0".
	Version string
	// Summary says what is different, and who notices.
	Summary string
	// References are issues and pull requests of github.com/kubernetes/ingress-nginx, such as "#11819".
	References []string
	// shows tells whether a difference is what the change makes of an answer;
	// nil for a change that no answer shows.
	shows func(Difference) bool
}

// Difference is how the answer to one request differs between two releases.
type Difference struct {
	// Annotations are the Ingress's, without the prefix; nil when they are not known.
	Annotations map[string]string
	// Method and Origin are the request's; Origin is empty when it had none.
	Method, Origin string
	// Before and After are the answers as they left the controller.
	Before, After Headers
}

// Headers is an answer without its body.
type Headers struct {
	Status int
	Header http.Header
}

func (h Headers) values(name string) []string { return h.Header.Values("Access-Control-" + name) }

// allowOrigin is the one Access-Control-Allow-Origin; empty for none.
func (h Headers) allowOrigin() string { return strings.Join(h.values("Allow-Origin"), ", ") }

func (d Difference) preflight() bool { return d.Method == http.MethodOptions }

// gained tells whether CORS headers are there after, and were not before; lost is the reverse.
func (d Difference) gained() bool { return d.Before.allowOrigin() == "" && d.After.allowOrigin() != "" }

func (d Difference) lost() bool { return d.Before.allowOrigin() != "" && d.After.allowOrigin() == "" }

// origins are the elements of cors-allow-origin; nil when the annotation is not known.
func (d Difference) origins() []string {
	list, there := d.Annotations["cors-allow-origin"]
	if !there {
		return nil
	}
	elements := strings.Split(list, ",")
	for i := range elements {
		elements[i] = strings.TrimSpace(elements[i])
	}
	return elements
}

// Changes are the changes that are known, the oldest first.
func Changes() []Change {
	return []Change{
		{
			Version:    "v0.9.0",
			Summary:    "CORS headers are sent with errors (4xx and 5xx) too, since 0.9-beta.18.",
			References: []string{"#1679", "#1696"},
			shows:      func(d Difference) bool { return d.gained() && d.After.Status >= 400 },
		},
		{
			Version:    "v0.12.0",
			Summary:    "A CORS header of the application is replaced and no longer doubled, and a 504 carries the headers.",
			References: []string{"#2134", "#2138", "#2140"},
			shows: func(d Difference) bool {
				return len(d.Before.values("Allow-Origin")) > 1 && len(d.After.values("Allow-Origin")) == 1 ||
					d.gained() && d.After.Status == http.StatusGatewayTimeout
			},
		},
		{
			Version:    "v0.40.0",
			Summary:    "Access-Control-Allow-Methods and -Headers are no longer sent with answers to other requests than OPTIONS.",
			References: []string{"#7275"},
			shows: func(d Difference) bool {
				return !d.preflight() && !d.lost() && d.Before.values("Allow-Methods") != nil && d.After.values("Allow-Methods") == nil
			},
		},
		{
			Version: "v1.0.5",
			Summary: "Several origins can be listed: Access-Control-Allow-Origin is computed from the request's Origin, and no CORS header is sent without an Origin or for one that is not listed; " +
				"OPTIONS of such a request goes to the application; a bad element is left out, where the whole list fell back to \"*\"; all answers carry Allow-Methods, Allow-Headers and Max-Age.",
			References: []string{"#7614", "#5496", "#7931", "#8469", "#7959"},
			shows: func(d Difference) bool {
				fixed := d.Before.allowOrigin() != "" && d.Before.allowOrigin() != d.Origin
				computed := d.After.allowOrigin() == "" || d.After.allowOrigin() == d.Origin
				return fixed && computed ||
					!d.preflight() && !d.gained() && d.Before.values("Allow-Methods") == nil && d.After.values("Allow-Methods") != nil
			},
		},
		{
			Version:    "v1.1.2",
			Summary:    "A bad element of the list no longer keeps the next one from being checked, and several no longer crash the controller (v1.0.5 to v1.1.1).",
			References: []string{"#8168", "#8185"},
			shows: func(d Difference) bool {
				bad := slices.ContainsFunc(d.origins(), func(element string) bool {
					return element != "" && element != "*" && !strings.Contains(element, "://")
				})
				return bad && d.Before.allowOrigin() != d.After.allowOrigin() && d.After.allowOrigin() != "*" && d.After.allowOrigin() != "null"
			},
		},
		{
			Version:    "v1.2.1",
			Summary:    "The default of cors-allow-headers gains Range.",
			References: []string{"#8459"},
			shows: func(d Difference) bool {
				named := func(h Headers) bool {
					return slices.Contains(strings.Split(strings.Join(h.values("Allow-Headers"), ","), ","), "Range")
				}
				return d.Before.allowOrigin() != "" && !named(d.Before) && named(d.After)
			},
		},
		{
			Version:    "v1.6.4",
			Summary:    "The CORS rules come before authentication: a 401, a 403 and the redirect of auth-signin carry CORS headers.",
			References: []string{"#8786", "#8814", "#9251"},
			shows: func(d Difference) bool {
				return d.gained() && slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusFound}, d.After.Status)
			},
		},
		{
			Version:    "v1.9.0",
			Summary:    "Snippets of users are off by default (allow-snippet-annotations): CORS headers that a snippet set are gone.",
			References: []string{"#9673", "#10393"},
			shows: func(d Difference) bool {
				return d.lost() && (d.Annotations["configuration-snippet"] != "" || d.Annotations["server-snippet"] != "")
			},
		},
		{
			Version:    "v1.9.5",
			Summary:    "An empty element of cors-allow-origin, such as a trailing comma makes, no longer allows every origin with credentials.",
			References: []string{"#10206", "#10616"},
			shows: func(d Difference) bool {
				return d.lost() && d.Before.allowOrigin() == d.Origin && slices.Contains(d.origins(), "")
			},
		},
		{
			Version: "v1.12.0",
			Summary: "Annotations are validated by default (--enable-annotation-validation): one bad element makes the whole of cors-allow-origin invalid, and every origin is allowed (\"*\"), " +
				"with Access-Control-Allow-Credentials: true. Before, the bad element alone was left out. The controller's log has the only word of it. " +
				"Correct the list (a trailing slash, an underscore, a path), or set the flag to false.",
			References: []string{"#11819", "#13092", "#10640"},
			shows: func(d Difference) bool {
				return d.Before.allowOrigin() != "*" && d.After.allowOrigin() == "*"
			},
		},
		{
			Version:    "v1.12.0",
			Summary:    "Origins of any scheme can be listed, such as tauri://localhost; before, they were left out.",
			References: []string{"#11153"},
			shows: func(d Difference) bool {
				scheme, _, found := strings.Cut(d.Origin, "://")
				return found && scheme != "http" && scheme != "https" && d.gained() && d.After.allowOrigin() == d.Origin
			},
		},
		{
			Version:    "v1.12.1",
			Summary:    "The admission webhook no longer tests the configuration with nginx (CVE-2025-1974; v1.11.5 too): a bad one is noticed later only.",
			References: []string{"#13070", "#10672"},
		},
		{
			Version: "v1.13.0",
			Summary: "\"null\" in cors-allow-origin is an origin: every sandboxed frame of any site is let in, with credentials unless cors-allow-credentials is \"false\". " +
				"Before, it was left out. Remove it from the list.",
			References: []string{"#8983", "#12402"},
			shows:      func(d Difference) bool { return d.gained() && d.After.allowOrigin() == "null" },
		},
	}
}

// Explain gives the changes between two releases that make a difference what
// it is. When the second release is the older one, the changes are those that it undoes.
// A name that is no release's has none.
func Explain(from, to string, difference Difference) []Change {
	first, ok := releaseNumber(from)
	last, alsoOK := releaseNumber(to)
	if !ok || !alsoOK {
		return nil
	}
	if slices.Compare(first, last) > 0 {
		first, last = last, first
		difference.Before, difference.After = difference.After, difference.Before
	}
	var found []Change
	for _, change := range Changes() {
		release, _ := releaseNumber(change.Version)
		between := slices.Compare(first, release) < 0 && slices.Compare(release, last) <= 0
		if between && change.shows != nil && change.shows(difference) {
			found = append(found, change)
		}
	}
	return found
}

// releaseNumber reads "v1.12.0".
func releaseNumber(release string) ([]int, bool) {
	parts := strings.Split(strings.TrimPrefix(release, "v"), ".")
	if len(parts) != 3 {
		return nil, false
	}
	numbers := make([]int, 3)
	for i, part := range parts {
		number, err := strconv.Atoi(part)
		if err != nil || number < 0 {
			return nil, false
		}
		numbers[i] = number
	}
	return numbers, true
}
