package budget

import (
	"strconv"
	"strings"
	"time"
)

// Engine is how long a browser engine remembers the answer to a preflight.
type Engine struct {
	Name string
	// Cap is the longest time, Default that of an answer without Access-Control-Max-Age.
	Cap, Default time.Duration
	// distrusts tells that an answer whose max-age is malformed is not remembered at
	// all; the other engines take it for one without.
	distrusts bool
	// signed tells that a negative max-age is a number, and no better than 0.
	signed bool
	// Evidence is where the numbers come from.
	Evidence string
}

// Engines are those whose limits are known.
func Engines() []Engine {
	return []Engine{
		{Name: "Chromium", Cap: 2 * time.Hour, Default: 5 * time.Second, signed: true, Evidence: "measured with Chromium 156: 86400 and 7300 expire between 7150 s and 7250 s"},
		{Name: "Firefox", Cap: 24 * time.Hour, Default: 5 * time.Second, distrusts: true, Evidence: "nsCORSListenerProxy.cpp: capped at 86400, PREFLIGHT_DEFAULT_EXPIRY_SECONDS 5"},
		{Name: "WebKit", Cap: 10 * time.Minute, Default: 5 * time.Second, Evidence: "CrossOriginPreflightResultCache.cpp: maxPreflightCacheTimeout 600_s, defaultPreflightCacheTimeout 5_s"},
	}
}

// Age is how long the engine remembers an answer with these Access-Control-Max-Age
// headers; 0 for not at all.
func (e Engine) Age(values []string) time.Duration {
	if len(values) == 0 {
		return e.Default
	}
	text := strings.TrimSpace(strings.Join(values, ", "))
	seconds, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil && e.distrusts, err == nil && seconds == 0, seconds < 0 && (e.signed || e.distrusts):
		return 0
	case err != nil, seconds < 0:
		return e.Default
	case seconds >= int64(e.Cap/time.Second):
		return e.Cap
	}
	return time.Duration(seconds) * time.Second
}

// Preflights is how many an hour causes in which a request is made perHour
// times, evenly spaced, to one URL: the first of all that fall within the age asks, the others do
// not. It is the average over a long time, so that it need not be a whole number.
func Preflights(perHour float64, age time.Duration) float64 {
	interval := time.Duration(float64(time.Hour) / perHour)
	if age <= interval {
		return perHour
	}
	// The requests at 0, 1, 2, … intervals that come before the age is over.
	within := (age + interval - 1) / interval
	return perHour / float64(within)
}
