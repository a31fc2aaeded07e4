package simulator

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestMaxAge(t *testing.T) {
	cases := []struct {
		value            string
		standard, signed time.Duration
		// -1 is "not a number of seconds".
	}{
		{"600", 600 * time.Second, 600 * time.Second},
		{"0", 0, 0},
		{"00600", 600 * time.Second, 600 * time.Second},
		{"-1", -1, 0},
		{"+600", -1, 600 * time.Second},
		{"", -1, -1},
		{"abc", -1, -1},
		{"1.5", -1, -1},
		{"600s", -1, -1},
		{`"600"`, -1, -1},
		{"600, 600", -1, -1},
		{"4294967296", 4294967296 * time.Second, 4294967296 * time.Second},
		{"9223372036854775807", math.MaxInt64, math.MaxInt64},
		{"9223372036854775808", math.MaxInt64, -1},
		{"99999999999999999999999", math.MaxInt64, -1},
	}
	for _, c := range cases {
		for signed, want := range map[bool]time.Duration{false: c.standard, true: c.signed} {
			got, ok := parseMaxAge(c.value, signed)
			if !ok {
				got = -1
			}
			require.Equal(t, want, got, "%q, signed %v", c.value, signed)
		}
	}
}

func TestAPreflightIsRememberedForItsMaxAge(t *testing.T) {
	put := Request{Method: "PUT", URL: apiURL}
	cases := []struct {
		name, maxAge string
		wait         time.Duration
		preflights   int
	}{
		{"just before", "600", 599 * time.Second, 1},
		{"just after", "600", 600 * time.Second, 2},
		{"not given, within 5 seconds", "", 4 * time.Second, 1},
		{"not given, after 5 seconds", "", 5 * time.Second, 2},
		{"zero", "0", 0, 2},
	}
	for _, profile := range []Profile{Standard, Chromium} {
		for _, c := range cases {
			t.Run(profile.Name+"/"+c.name, func(t *testing.T) {
				header := allow("*", "Access-Control-Allow-Methods", "PUT")
				if c.maxAge != "" {
					header = append(header, fields("Access-Control-Max-Age", c.maxAge)...)
				}
				browser := New(profile, WithHandler(serve(answer{status: 200, header: header})))
				page := browser.Open(appOrigin)
				first := page.Fetch(t.Context(), put)
				browser.Advance(c.wait)
				second := browser.Open(appOrigin).Fetch(t.Context(), put)
				require.Len(t, append(first.Preflights(), second.Preflights()...), c.preflights)
			})
		}
	}
}

func TestWhatAPreflightIsGoodFor(t *testing.T) {
	answered := answer{status: 200, header: allow(appOrigin, "Access-Control-Allow-Credentials", "true",
		"Access-Control-Allow-Methods", "PUT", "Access-Control-Allow-Headers", "X-A")}
	put := Request{Method: "PUT", URL: apiURL}
	cases := []struct {
		name       string
		second     Request
		page       PageSpec
		preflights int
	}{
		{"the same again", put, PageSpec{URL: appOrigin}, 0},
		{"a header it named", Request{URL: apiURL, Headers: fields("x-a", "1")}, PageSpec{URL: appOrigin}, 0},
		{"another URL", Request{Method: "PUT", URL: apiURL + "?2"}, PageSpec{URL: appOrigin}, 1},
		{"credentials", Request{Method: "PUT", URL: apiURL, Credentials: CredentialsInclude}, PageSpec{URL: appOrigin}, 1},
		{"an iframe of another site", put, PageSpec{URL: "https://shop.partner.net", Iframe: appOrigin + "/"}, 1},
		{"an iframe of the same site", put, PageSpec{URL: "https://www1.example.com", Iframe: appOrigin + "/"}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			browser := New(Standard, WithHandler(serve(answered)))
			require.Len(t, browser.Open(appOrigin).Fetch(t.Context(), put).Preflights(), 1)
			outcome := browser.OpenPage(c.page).Fetch(t.Context(), c.second)
			require.Equal(t, KindReadable, outcome.Kind)
			require.Len(t, outcome.Preflights(), c.preflights)
		})
	}
}

func TestAPreflightWithCredentialsServesRequestsWithout(t *testing.T) {
	answered := answer{status: 200, header: allow(appOrigin, "Access-Control-Allow-Credentials", "true", "Access-Control-Allow-Methods", "PUT")}
	for _, profile := range []Profile{Standard, Chromium} {
		page := New(profile, WithHandler(serve(answered))).Open(appOrigin)
		require.Len(t, page.Fetch(t.Context(), Request{Method: "PUT", URL: apiURL, Credentials: CredentialsInclude}).Preflights(), 1)
		require.Empty(t, page.Fetch(t.Context(), Request{Method: "PUT", URL: apiURL}).Preflights())
	}
}

// What the cache says it covers was stored for the same key, is not older than
// its max-age, and is never of less credentials than the request.
func TestThePreflightCacheNeverCoversWhatNoPreflightAllowed(t *testing.T) {
	for _, profile := range []Profile{Standard, Chromium} {
		t.Run(profile.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				type stored struct {
					key    preflightCacheKey
					result preflightResult
					at     time.Time
				}
				cache := preflightCache{profile: &profile}
				now := time.Unix(0, 0)
				var history []stored
				keys := rapid.Custom(func(t *rapid.T) preflightCacheKey {
					return preflightCacheKey{origin: appOrigin, url: rapid.SampledFrom([]string{"1", "2"}).Draw(t, "url")}
				})
				methods := rapid.SampledFrom([]string{"PUT", "PATCH", "*"})
				names := rapid.SampledFrom([]string{"x-a", "x-b", "*"})
				for range rapid.IntRange(1, 20).Draw(t, "steps") {
					now = now.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "wait")) * time.Second)
					key := keys.Draw(t, "key")
					switch rapid.IntRange(0, 4).Draw(t, "action") {
					case 0:
						cache.clear(key)
					case 1, 2:
						result := preflightResult{
							methods: rapid.SliceOfN(methods, 0, 2).Draw(t, "methods"), headerNames: rapid.SliceOfN(names, 0, 2).Draw(t, "names"),
							credentials: rapid.Bool().Draw(t, "credentials"), maxAge: time.Duration(rapid.IntRange(0, 9).Draw(t, "age")) * time.Second,
						}
						cache.store(key, result, now)
						history = append(history, stored{key, result, now})
					default:
						needs := preflightNeeds{method: rapid.SampledFrom([]string{"PUT", "PATCH"}).Draw(t, "method"), credentials: rapid.Bool().Draw(t, "with")}
						if !cache.covers(key, needs, now) {
							continue
						}
						justified := false
						for _, s := range history {
							if s.key != key || needs.credentials && !s.result.credentials {
								continue
							}
							for _, method := range s.result.methods {
								justified = justified || method == needs.method || method == "*"
							}
						}
						if !justified {
							t.Fatalf("covered %+v without a preflight that allows it: %+v", needs, history)
						}
						if cache.covers(key, needs, now.Add(10*time.Second)) {
							t.Fatal("covered longer than any max-age")
						}
					}
				}
			})
		})
	}
}
