package mutate_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/mutate"
)

func TestWhatTheCodeOfAnExpressAppSaysIsMutatedOptionByOption(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("Node.js was not found on PATH")
	}
	service := harness.Service{Name: "API", Origin: api, App: harness.App{Kind: harness.AppExpress5}}
	asks := get()
	asks.URL = api + "/api/user"
	result, err := run(t, scenario{name: "allowed", service: service, page: app, request: asks, expects: readable})
	require.NoError(t, err)
	became := fates(result)
	for mutant, fate := range map[string]mutate.Status{
		"widen origin of the cors options of API: https://app.example.com, https://admin.example.com → true":                        mutate.Survived,
		"narrow origin of the cors options of API: https://app.example.com, https://admin.example.com → false":                      mutate.Killed,
		"narrow origin of the cors options of API: https://app.example.com, https://admin.example.com → https://admin.example.com":  mutate.Killed,
		"drop credentials of the cors options of API (true)":                                                                        mutate.Survived,
		"drop methods of the cors options of API (GET, POST, PUT, DELETE)":                                                          mutate.Survived,
		"widen exposedHeaders of the cors options of API: ETag, Link, Location, Retry-After → ETag, Link, Location, Retry-After, *": mutate.Survived,
		"drop maxAge of the cors options of API (600)":                                                                              mutate.Survived,
		"narrow optionsSuccessStatus of the cors options of API: 204 → 404":                                                         mutate.Survived,
		"double methods of the cors options of API (GET, POST, PUT, DELETE)":                                                        mutate.Equivalent,
	} {
		require.Equal(t, fate, became[mutant], mutant)
	}
	options := map[string]bool{}
	for mutant := range became {
		_, rest, _ := strings.Cut(mutant, " ")
		option, _, _ := strings.Cut(rest, " of the cors options")
		options[option] = true
	}
	for _, option := range []string{"origin", "methods", "allowedHeaders", "exposedHeaders", "credentials", "maxAge", "optionsSuccessStatus", "preflightContinue"} {
		require.True(t, options[option], option)
	}
}
