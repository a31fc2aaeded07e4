package ingressnginx

import (
	"cmp"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
)

// location is an nginx location: a path, the program behind it, the rules before it.
type location struct {
	path    string
	kind    PathType
	policy  *policy
	backend http.Handler
	// isDefault marks the location "/" that the controller makes where no
	// Ingress has one: the default backend's 404, under the rules of the host's first Ingress.
	isDefault bool
	// pattern is set when the locations of the host are regular expressions.
	pattern *regexp.Regexp
	// rewrite is set when the annotation rewrite-target applies.
	rewrite *regexp.Regexp
}

// server is an nginx server: the locations of one host.
type server struct {
	hasTLS    bool
	locations []*location
}

// addServer makes the server of an Ingress's host, unless it is there.
func (c *Controller) addServer(ingress Ingress, rules *policy) *server {
	host := strings.ToLower(ingress.Host)
	here := c.servers[host]
	if here == nil {
		here = &server{locations: []*location{{path: "/", kind: Prefix, policy: rules, isDefault: true}}}
		c.servers[host] = here
	}
	here.hasTLS = here.hasTLS || ingress.TLS
	return here
}

// addPath adds a location. Of two equal paths the first one counts.
func (s *server) addPath(ingress string, added Path, rules *policy) error {
	created := &location{path: cmp.Or(added.Path, "/"), kind: cmp.Or(added.Type, Prefix), policy: rules, backend: added.Backend}
	if created.kind == ImplementationSpecific {
		created.kind = Prefix
	}
	if created.kind != Prefix && created.kind != Exact {
		return fmt.Errorf("Ingress %q: path %q has the type %q: use %q, %q or %q", ingress, created.path, added.Type, Prefix, Exact, ImplementationSpecific)
	}
	if !strings.HasPrefix(created.path, "/") {
		return fmt.Errorf("Ingress %q: path %q must begin with a slash", ingress, created.path)
	}
	for i, existing := range s.locations {
		if existing.path == created.path && existing.kind == created.kind {
			if existing.isDefault {
				s.locations[i] = created
			}
			return nil
		}
	}
	s.locations = append(s.locations, created)
	return nil
}

// rewrites tells whether the location changes the path; a target equal to the path is none.
func (l *location) rewrites() bool {
	return l.policy.rewriteTarget != "" && l.policy.rewriteTarget != l.path
}

// finish turns the paths of the Ingresses into nginx locations: a Prefix
// becomes the path itself and everything under it, and one location that
// rewrites or asks for regular expressions makes all of the host regular
// expressions, case-insensitive and anchored at the start only.
func (s *server) finish() error {
	var finished []*location
	useRegex := false
	for _, loc := range s.locations {
		useRegex = useRegex || loc.rewrites() || loc.policy.useRegex
		if loc.rewrites() {
			pattern, err := regexp.Compile("(?i)" + loc.path)
			if err != nil {
				return fmt.Errorf("path %q is to be rewritten and is no regular expression: %w", loc.path, err)
			}
			loc.rewrite = pattern
		}
		if loc.path == "/" || loc.kind == Exact || loc.rewrites() || loc.policy.useRegex {
			finished = append(finished, loc)
			continue
		}
		under := *loc
		under.path = strings.TrimSuffix(loc.path, "/") + "/"
		finished = append(finished, &under)
		if !slices.ContainsFunc(s.locations, func(l *location) bool { return l.kind == Exact && l.path == loc.path }) {
			loc.kind = Exact
			finished = append(finished, loc)
		}
	}
	s.locations = finished
	slices.SortStableFunc(s.locations, func(a, b *location) int {
		return cmp.Or(len(b.path)-len(a.path), cmp.Compare(b.path, a.path))
	})
	if !useRegex {
		return nil
	}
	for _, loc := range s.locations {
		pattern, err := regexp.Compile("(?i)^" + loc.path)
		if err != nil {
			return fmt.Errorf("path %q is no regular expression: %w", loc.path, err)
		}
		loc.pattern = pattern
	}
	return nil
}

// match finds the location of a normalized path. The locations are sorted, the longest first.
func (s *server) match(uri string) *location {
	var found *location
	for _, loc := range s.locations {
		switch {
		case loc.pattern != nil:
			if loc.pattern.MatchString(uri) {
				return loc
			}
		case loc.kind == Exact:
			if uri == loc.path {
				return loc
			}
		case found == nil && strings.HasPrefix(uri, loc.path):
			found = loc
		}
	}
	return found
}

// server finds the server of a host name: by its name, by a wildcard for its
// first label, or the default server, which knows nothing but 404 unless an
// Ingress has no host.
func (c *Controller) server(host string) *server {
	if named := c.servers[host]; named != nil {
		return named
	}
	if _, parent, found := strings.Cut(host, "."); found {
		if wildcard := c.servers["*."+parent]; wildcard != nil {
			return wildcard
		}
	}
	return c.servers[""]
}

// normalize is what nginx makes of a path before it looks for a location:
// decoded, slashes merged, dot segments resolved.
func normalize(uri string) string {
	cleaned := path.Clean("/" + uri)
	if cleaned != "/" && (strings.HasSuffix(uri, "/") || strings.HasSuffix(uri, "/.") || strings.HasSuffix(uri, "/..")) {
		cleaned += "/"
	}
	return cleaned
}
