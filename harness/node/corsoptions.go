package node

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
)

//go:embed corsoptions.mjs
var corsOptions []byte

// CORSOptionsModule is a module for Start that lets WithCORSOptions change what an app's code passes to its cors package.
func CORSOptionsModule() string {
	return "data:text/javascript;base64," + base64.StdEncoding.EncodeToString(corsOptions)
}

// WithCORSOptions has an app, which was started with CORSOptionsModule, answer with other options of its cors
// package: by name, as JSON; null leaves an option out.
func WithCORSOptions(app http.Handler, options map[string]json.RawMessage) (http.Handler, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return nil, fmt.Errorf("change the options of an app's cors package: %w", err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// What is recorded of the request stays as it arrived.
		changed := r.Clone(r.Context())
		changed.Header.Set("X-Crosscheck-Cors-Options", string(text))
		app.ServeHTTP(w, changed)
	}), nil
}
