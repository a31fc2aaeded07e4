// Package apps holds the apps under test as handlers, and what a server makes of
// an app that fails to answer. Environments serve them in this process or in pods.
package apps

import (
	"fmt"
	"net/http"
	"time"

	"github.com/rs/cors"

	"github.com/crosscheck-dev/crosscheck/fixtures/goapi"
	"github.com/crosscheck-dev/crosscheck/harness"
)

// New makes an app that is written in Go. One that fails to answer panics with
// http.ErrAbortHandler, or with ErrMalformed.
func New(app harness.App) (http.Handler, error) {
	switch app.Kind {
	case harness.AppScripted:
		return scripted(app.Responses), nil
	case harness.AppGo:
		return goapi.New(policy(app.CORS)), nil
	default:
		return nil, fmt.Errorf("the app %q is not written in Go", app.Kind)
	}
}

// policy is the configuration of rs/cors; nil for none.
func policy(p *harness.CORSPolicy) *cors.Options {
	if p == nil {
		return nil
	}
	return &cors.Options{
		AllowedOrigins:   p.AllowedOrigins,
		AllowedMethods:   p.AllowedMethods,
		AllowedHeaders:   p.AllowedHeaders,
		ExposedHeaders:   p.ExposedHeaders,
		AllowCredentials: p.AllowCredentials,
		MaxAge:           int(p.MaxAge / time.Second),
	}
}
