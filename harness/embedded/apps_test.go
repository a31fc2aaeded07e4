package embedded_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/embedded"
)

func TestTheGoAPIHasThePolicyOfTheDeployment(t *testing.T) {
	w := newWorld(t)
	service := harness.Service{Name: "API", Origin: "https://api.example.com", App: harness.App{Kind: harness.AppGo}}
	bare := ask(t, w.client(w.traffic(service), true), "GET", "https://api.example.com/api/user", "Origin", allowed)
	require.Equal(t, 200, bare.StatusCode)
	require.Empty(t, bare.Header.Get("Access-Control-Allow-Origin"))

	service.App.CORS = &harness.CORSPolicy{
		AllowedOrigins: []string{allowed}, AllowedMethods: []string{"GET", "PUT"}, AllowedHeaders: []string{"Content-Type"},
		ExposedHeaders: []string{"Link"}, AllowCredentials: true, MaxAge: 10 * time.Minute,
	}
	client := w.client(w.traffic(service), true)
	got := ask(t, client, "GET", "https://api.example.com/api/user", "Origin", allowed)
	require.Equal(t, allowed, got.Header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "true", got.Header.Get("Access-Control-Allow-Credentials"))
	require.Equal(t, "Link", got.Header.Get("Access-Control-Expose-Headers"))
	preflight := ask(t, client, "OPTIONS", "https://api.example.com/api/user", "Origin", allowed, "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "content-type")
	require.Equal(t, "600", preflight.Header.Get("Access-Control-Max-Age"))
	require.Equal(t, "PUT", preflight.Header.Get("Access-Control-Allow-Methods"))
	require.Equal(t, "content-type", preflight.Header.Get("Access-Control-Allow-Headers"))
	require.Equal(t, "v1.11.0 v1.15.1", w.environment.Versions()["ingress-nginx (model)"])
}

func TestTheExpressAPIsAnswerAsTheArticleSays(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("Node.js was not found on PATH")
	}
	w := newWorld(t, embedded.WithNodeDir(nodeDir(t)))
	for _, kind := range []harness.AppKind{harness.AppExpress4, harness.AppExpress5} {
		t.Run(string(kind), func(t *testing.T) {
			traffic := w.traffic(harness.Service{Name: "API", Origin: "https://api.example.com", App: harness.App{Kind: kind}})
			for _, http2 := range []bool{false, true} {
				client := w.client(traffic, http2)
				got := ask(t, client, "GET", "https://api.example.com/api/user?x=%zz;y", "Origin", allowed)
				require.Equal(t, 200, got.StatusCode)
				require.JSONEq(t, `{"ok":true}`, got.body)
				require.Equal(t, allowed, got.Header.Get("Access-Control-Allow-Origin"))
				require.Equal(t, "true", got.Header.Get("Access-Control-Allow-Credentials"))
				require.Equal(t, "ETag,Link,Location,Retry-After", got.Header.Get("Access-Control-Expose-Headers"))
				require.Equal(t, "Origin", got.Header.Get("Vary"))
				require.NotContains(t, got.Header, "Date")

				preflight := ask(t, client, "OPTIONS", "https://api.example.com/api/user", "Origin", allowed, "Access-Control-Request-Method", "DELETE")
				require.Equal(t, 204, preflight.StatusCode)
				require.Equal(t, "GET,POST,PUT,DELETE", preflight.Header.Get("Access-Control-Allow-Methods"))
				require.Equal(t, "Content-Type,Authorization", preflight.Header.Get("Access-Control-Allow-Headers"))
				require.Equal(t, "600", preflight.Header.Get("Access-Control-Max-Age"))

				refused := ask(t, client, "GET", "https://api.example.com/api/user", "Origin", foreign)
				require.Equal(t, 500, refused.StatusCode)
				require.Empty(t, refused.Header.Get("Access-Control-Allow-Origin"))
				require.Equal(t, 200, ask(t, client, "GET", "https://api.example.com/api/user").StatusCode)
				require.Equal(t, 200, ask(t, client, "PUT", "https://api.example.com/api/user").StatusCode)
				require.Equal(t, 201, ask(t, client, "POST", "https://api.example.com/api/user").StatusCode)
				require.Equal(t, 204, ask(t, client, "DELETE", "https://api.example.com/api/user").StatusCode)

				exposed := ask(t, client, "GET", "https://api.example.com/api/users", "Origin", allowed)
				for _, name := range []string{"ETag", "Link", "Location", "Retry-After"} {
					require.NotEmpty(t, exposed.Header.Get(name), name)
				}
			}
			transits := traffic.Transits()
			require.Equal(t, "HTTP/1.1", transits[0].Protocol)
			require.Equal(t, "HTTP/2.0", transits[len(transits)-1].Protocol)
			for _, transit := range transits {
				require.True(t, transit.ReachedApp)
				require.Equal(t, "app", transit.Hops[0].Hop)
				require.NotZero(t, transit.Hops[0].Status)
			}
			require.Regexp(t, `^\d+\.\d+\.\d+$`, w.environment.Versions()[string(kind)+": express"])
			require.Regexp(t, `^v\d+\.`, w.environment.Versions()["Node.js"])
		})
	}
}

func TestWithoutNodeTheExpressScenariosAreUnavailable(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	w := newWorld(t)
	deployment := harness.Deployment{Services: []harness.Service{{Name: "API", Origin: "https://api.example.com", App: harness.App{Kind: harness.AppExpress4}}}}
	for range 2 {
		_, err := w.environment.Apply(t.Context(), deployment)
		var unavailable *harness.Unavailable
		require.True(t, errors.As(err, &unavailable), "%v", err)
		require.ErrorContains(t, err, "Node.js was not found on PATH")
	}
}

func TestAnInterruptedStartIsTriedAgain(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("Node.js was not found on PATH")
	}
	w := newWorld(t, embedded.WithNodeDir(nodeDir(t)))
	deployment := harness.Deployment{Services: []harness.Service{{Name: "API", Origin: "https://api.example.com", App: harness.App{Kind: harness.AppExpress4}}}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.environment.Apply(ctx, deployment)
	require.ErrorIs(t, err, context.Canceled)
	_, err = w.environment.Apply(t.Context(), deployment)
	require.NoError(t, err)
}

func TestEqualDeploymentsAreSharedAndAClosedEnvironmentTakesNone(t *testing.T) {
	w := newWorld(t)
	deployment := func(value string) harness.Deployment {
		service := api("https://api.example.com")
		service.Ingress = &harness.Ingress{Annotations: map[string]string{"enable-cors": "true", "cors-max-age": value}}
		return harness.Deployment{Services: []harness.Service{service}}
	}
	first, err := w.environment.Apply(t.Context(), deployment("1"))
	require.NoError(t, err)
	var sharing sync.WaitGroup
	for range 8 {
		sharing.Go(func() {
			again, err := w.environment.Apply(t.Context(), deployment("1"))
			if err != nil || again != first {
				t.Errorf("equal deployment: %v, shared: %v", err, again == first)
			}
		})
	}
	sharing.Wait()
	other, err := w.environment.Apply(t.Context(), deployment("2"))
	require.NoError(t, err)
	require.NotSame(t, first, other)

	require.NoError(t, w.environment.Close())
	_, err = w.environment.Apply(t.Context(), deployment("1"))
	require.ErrorContains(t, err, "closed")
}

// nodeDir is where tests install Express apps: a folder that later runs find
// again, since npm takes seconds.
func nodeDir(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		return t.TempDir()
	}
	return filepath.Join(cache, "crosscheck")
}

func TestClosingTheEnvironmentStopsTheExpressApps(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("Node.js was not found on PATH")
	}
	w := newWorld(t, embedded.WithNodeDir(nodeDir(t)))
	traffic := w.traffic(harness.Service{Name: "API", Origin: "http://api.example.com", App: harness.App{Kind: harness.AppExpress4}})
	client := w.client(traffic, false)
	require.Equal(t, 200, ask(t, client, "GET", "http://api.example.com/api/user").StatusCode)
	require.NoError(t, w.environment.Close())
	_, err := try(t.Context(), client, "GET", "http://api.example.com/api/user")
	require.ErrorContains(t, err, "EOF")
	require.Equal(t, 0, traffic.Transits()[1].Hops[0].Status)
}
