package simulator

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// benchmarkAPI allows one origin, and is as cheap as an app can be.
func benchmarkAPI() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Access-Control-Allow-Origin", "https://app.example.com")
		if r.Method == http.MethodOptions {
			header.Set("Access-Control-Allow-Methods", "PUT")
			header.Set("Access-Control-Max-Age", "0")
			w.WriteHeader(http.StatusNoContent)
		}
	})
}

func BenchmarkCORSCheck(b *testing.B) {
	header := http.Header{
		"Access-Control-Allow-Origin":      {"https://app.example.com"},
		"Access-Control-Allow-Credentials": {"true"},
	}
	b.ReportAllocs()
	for b.Loop() {
		if reason := corsCheck(nil, "https://app.example.com", CredentialsInclude, header); reason.Code != "" {
			b.Fatal(reason)
		}
	}
}

func benchmarkFetch(b *testing.B, request Request, options ...Option) {
	for _, profile := range []Profile{Standard, Chromium} {
		b.Run(profile.Name, func(b *testing.B) {
			page := New(profile, options...).Open("https://app.example.com")
			require.Equal(b, KindReadable, page.Fetch(context.Background(), request).Kind)
			b.ReportAllocs()
			for b.Loop() {
				if outcome := page.Fetch(context.Background(), request); !outcome.Readable() {
					b.Fatal(outcome.Reason)
				}
			}
		})
	}
}

// The budgets of a fetch against a handler, in allocations: time depends on the
// machine, these do not.
func TestAFetchKeepsToItsAllocations(t *testing.T) {
	for _, profile := range []Profile{Standard, Chromium} {
		page := New(profile, WithHandler(benchmarkAPI())).Open("https://app.example.com")
		for _, budget := range []struct {
			request     Request
			allocations float64
		}{{Request{URL: "https://api.example.com/user"}, 20}, {Request{Method: "PUT", URL: "https://api.example.com/user"}, 45}} {
			require.LessOrEqual(t, testing.AllocsPerRun(100, func() { page.Fetch(t.Context(), budget.request) }), budget.allocations)
		}
	}
}

func BenchmarkSimpleFetch(b *testing.B) {
	benchmarkFetch(b, Request{URL: "https://api.example.com/user"}, WithHandler(benchmarkAPI()))
}

func BenchmarkPreflightedFetch(b *testing.B) {
	benchmarkFetch(b, Request{Method: "PUT", URL: "https://api.example.com/user"}, WithHandler(benchmarkAPI()))
}

func BenchmarkPreflightCacheHit(b *testing.B) {
	cached := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.Method == http.MethodOptions {
			w.Header().Set("Access-Control-Allow-Methods", "*")
			w.Header().Set("Access-Control-Max-Age", "86400")
		}
	})
	benchmarkFetch(b, Request{Method: "PUT", URL: "https://api.example.com/user"}, WithHandler(cached))
}

func BenchmarkTracedFetch(b *testing.B) {
	benchmarkFetch(b, Request{URL: "https://api.example.com/user"}, WithHandler(benchmarkAPI()), WithTrace())
}

func BenchmarkParseURL(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseURL("https://api.example.com/user?page=2", nil); err != nil {
			b.Fatal(err)
		}
	}
}
