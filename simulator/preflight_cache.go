package simulator

import (
	"slices"
	"strings"
	"time"
)

// preflightCache is a CORS-preflight cache. Time is passed in; the zero value
// is an empty cache of the standard's.
// https://fetch.spec.whatwg.org/#concept-cache
type preflightCache struct {
	// profile says how the engine's cache differs.
	profile *Profile
	entries map[preflightCacheKey][]preflightCacheEntry
}

// preflightCacheKey is what a request and an entry have to have in common.
type preflightCacheKey struct {
	partition string
	origin    string
	url       string
}

// preflightCacheEntry is a cache entry: for a method, or for a header name.
// https://fetch.spec.whatwg.org/#cache-entry
type preflightCacheEntry struct {
	method      string
	headerName  string
	credentials bool
	stored      time.Time
	maxAge      time.Duration
}

// preflightResult is what a preflight's response allowed.
type preflightResult struct {
	methods     []string
	headerNames []string
	credentials bool
	maxAge      time.Duration
}

// preflightNeeds is what a request needs allowed.
type preflightNeeds struct {
	// method is "" when the method needs no permission.
	method string
	// headerNames are the CORS-unsafe request-header names.
	headerNames []string
	credentials bool
}

// covers reports whether the cache allows all that a request needs, so that it
// goes without a preflight.
func (c *preflightCache) covers(key preflightCacheKey, needs preflightNeeds, now time.Time) bool {
	entries, found := c.entries[key]
	if !found {
		return false
	}
	entries = slices.DeleteFunc(entries, func(entry preflightCacheEntry) bool {
		return !now.Before(entry.stored.Add(entry.maxAge))
	})
	c.entries[key] = entries
	covered := len(entries) > 0 && (needs.method == "" || c.matchMethod(entries, needs.method, needs.credentials) != nil)
	for _, name := range needs.headerNames {
		covered = covered && c.matchHeaderName(entries, name, needs.credentials) != nil
	}
	if len(entries) == 0 || !covered && c.profile.OnePreflightResult {
		delete(c.entries, key)
	}
	return covered
}

// matches is a cache entry match, as far as credentials go.
// https://fetch.spec.whatwg.org/#concept-cache-match
func (entry *preflightCacheEntry) matches(credentials bool) bool {
	return entry.credentials || !credentials
}

// matchMethod looks for a method cache entry match.
// https://fetch.spec.whatwg.org/#concept-cache-match-method
func (c *preflightCache) matchMethod(entries []preflightCacheEntry, method string, credentials bool) *preflightCacheEntry {
	for i := range entries {
		entry := &entries[i]
		if entry.method != "" && entry.matches(credentials) && (entry.method == method || c.isWildcard(entry, entry.method)) {
			return entry
		}
	}
	return nil
}

// matchHeaderName looks for a header-name cache entry match.
// https://fetch.spec.whatwg.org/#concept-cache-match-header
func (c *preflightCache) matchHeaderName(entries []preflightCacheEntry, name string, credentials bool) *preflightCacheEntry {
	for i := range entries {
		entry := &entries[i]
		if entry.headerName == "" || !entry.matches(credentials) {
			continue
		}
		if strings.EqualFold(entry.headerName, name) {
			return entry
		}
		if c.isWildcard(entry, entry.headerName) && !isNonWildcardRequestHeaderName(name) {
			return entry
		}
	}
	return nil
}

// isWildcard reports whether "*" counts as one: an engine that keeps one result
// remembers that it came with credentials, where "*" is a mere name.
func (c *preflightCache) isWildcard(entry *preflightCacheEntry, value string) bool {
	return value == "*" && !(c.profile.OnePreflightResult && entry.credentials)
}

// store remembers what a preflight allowed.
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0, steps 7.12 to 7.15
func (c *preflightCache) store(key preflightCacheKey, result preflightResult, now time.Time) {
	if c.entries == nil {
		c.entries = make(map[preflightCacheKey][]preflightCacheEntry)
	}
	entries := c.entries[key]
	if c.profile.OnePreflightResult {
		entries = nil
		if result.maxAge > 0 && len(result.methods)+len(result.headerNames) == 0 {
			// The result itself is remembered: it covers a safelisted method.
			entries = append(entries, preflightCacheEntry{credentials: result.credentials, stored: now, maxAge: result.maxAge})
		}
	}
	for _, method := range result.methods {
		if entry := c.matchMethod(entries, method, result.credentials); entry != nil {
			entry.maxAge = result.maxAge
			continue
		}
		entries = append(entries, preflightCacheEntry{method: method, credentials: result.credentials, stored: now, maxAge: result.maxAge})
	}
	for _, name := range result.headerNames {
		if entry := c.matchHeaderName(entries, name, result.credentials); entry != nil {
			entry.maxAge = result.maxAge
			continue
		}
		entries = append(entries, preflightCacheEntry{headerName: name, credentials: result.credentials, stored: now, maxAge: result.maxAge})
	}
	c.entries[key] = entries
}

// clear clears cache entries.
// https://fetch.spec.whatwg.org/#concept-cache-clear
func (c *preflightCache) clear(key preflightCacheKey) { delete(c.entries, key) }
