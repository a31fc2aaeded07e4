package ingressnginx

import (
	"net/netip"
	"sync"
	"time"
)

// limiter is nginx's limit_req for one Ingress: leaky buckets by client
// address, "nodelay", one bucket for each of limit-rps and limit-rpm.
type limiter struct {
	rates []rate

	mu      sync.Mutex
	buckets map[netip.Addr][]bucket
}

// rate is in thousandths of a request, as nginx counts.
type rate struct {
	perSecond int64
	burst     int64
}

type bucket struct {
	excess int64
	last   time.Time
}

func newLimiter(rates []rate) *limiter {
	return &limiter{rates: rates, buckets: make(map[netip.Addr][]bucket)}
}

// allow tells whether a request may pass, and counts it when it may. A request
// that one rate refuses is not counted by the others.
func (l *limiter) allow(client netip.Addr, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	buckets, known := l.buckets[client]
	if !known {
		fresh := make([]bucket, len(l.rates))
		for i := range fresh {
			fresh[i].last = now
		}
		l.buckets[client] = fresh
		return true
	}
	counted := make([]bucket, len(buckets))
	for i, limit := range l.rates {
		elapsed := now.Sub(buckets[i].last).Milliseconds()
		excess := max(0, buckets[i].excess-limit.perSecond*elapsed/1000+1000)
		if excess > limit.burst {
			return false
		}
		counted[i] = bucket{excess: excess, last: now}
	}
	l.buckets[client] = counted
	return true
}
