package embedded

import (
	"fmt"
	"maps"
	"runtime/debug"
	"strings"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

// Versions are those of the edge models, of the Go API's CORS middleware, and
// of Node.js and the Express apps once a deployment used them.
func (e *Environment) Versions() map[string]string {
	versions := map[string]string{
		"ingress-nginx (model)":  strings.Trim(fmt.Sprint(ingressnginx.Versions()), "[]"),
		"linkerd2-proxy (model)": "29637b64f",
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, module := range build.Deps {
			if module.Path == "github.com/rs/cors" {
				versions["rs/cors"] = module.Version
			}
		}
	}
	for _, app := range e.express {
		maps.Copy(versions, app.versions())
	}
	return versions
}
