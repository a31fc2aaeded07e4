package ingressnginx

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestALimiterLeaksAtItsRate(t *testing.T) {
	client := netip.MustParseAddr("192.0.2.1")
	start := time.Unix(0, 0)
	// limit-rps 2 with the default multiplier: ten more than the first at once.
	limit := newLimiter([]rate{{perSecond: 2000, burst: 10000}})
	allowedAt := func(at time.Duration) int {
		count := 0
		for limit.allow(client, start.Add(at)) {
			count++
		}
		return count
	}
	require.Equal(t, 11, allowedAt(0))
	require.Equal(t, 0, allowedAt(499*time.Millisecond))
	require.Equal(t, 1, allowedAt(500*time.Millisecond))
	require.Equal(t, 2, allowedAt(1500*time.Millisecond))
	require.Equal(t, 11, allowedAt(time.Hour))
}

func TestARequestThatOneRateRefusesIsNotCountedByTheOther(t *testing.T) {
	client := netip.MustParseAddr("192.0.2.1")
	start := time.Unix(0, 0)
	limit := newLimiter([]rate{{perSecond: 1000, burst: 5000}, {perSecond: 1000, burst: 1000}})
	require.True(t, limit.allow(client, start))
	require.True(t, limit.allow(client, start))
	before := limit.buckets[client]
	require.False(t, limit.allow(client, start))
	require.Equal(t, before, limit.buckets[client])
}
