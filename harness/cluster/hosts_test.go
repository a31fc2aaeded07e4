package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// taken acquires in the background and says when it has.
func taken(t *testing.T, h *hosts, key string, wanted map[string]string) <-chan struct{} {
	t.Helper()
	got := make(chan struct{})
	go func() {
		defer close(got)
		require.NoError(t, h.acquire(context.WithoutCancel(t.Context()), key, wanted))
	}()
	return got
}

func isTaken(got <-chan struct{}) func() bool {
	return func() bool {
		select {
		case <-got:
			return true
		default:
			return false
		}
	}
}

func (h *hosts) waits(key string) int {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.waiting[key] == nil {
		return 0
	}
	return h.waiting[key].size
}

const (
	soon = 5 * time.Second
	tick = time.Millisecond
)

func TestOneConfigurationIsSharedAndAnotherWaits(t *testing.T) {
	t.Parallel()
	h := newHosts()
	one, two, elsewhere := map[string]string{"a": "1"}, map[string]string{"a": "2"}, map[string]string{"b": "2"}
	require.NoError(t, h.acquire(t.Context(), "one", one))
	require.NoError(t, h.acquire(t.Context(), "one", one))
	require.NoError(t, h.acquire(t.Context(), "elsewhere", elsewhere), "another host is free")
	second := taken(t, h, "two", two)
	require.Eventually(t, func() bool { return h.waits("two") == 1 }, soon, tick)
	h.release(one)
	require.Equal(t, 1, h.waits("two"), "one of two has not ended")
	h.release(one)
	require.Eventually(t, isTaken(second), soon, tick)
	require.Zero(t, h.waits("two"))
}

func TestTheWishOfMostGoesFirst(t *testing.T) {
	t.Parallel()
	h := newHosts()
	now, rare, common := map[string]string{"a": "now"}, map[string]string{"a": "rare"}, map[string]string{"a": "common"}
	require.NoError(t, h.acquire(t.Context(), "now", now))
	first := taken(t, h, "rare", rare)
	require.Eventually(t, func() bool { return h.waits("rare") == 1 }, soon, tick)
	second, third := taken(t, h, "common", common), taken(t, h, "common", common)
	require.Eventually(t, func() bool { return h.waits("common") == 2 }, soon, tick)
	h.release(now)
	require.Eventually(t, isTaken(second), soon, tick)
	require.Eventually(t, isTaken(third), soon, tick)
	require.False(t, isTaken(first)())
	h.release(common)
	h.release(common)
	require.Eventually(t, isTaken(first), soon, tick)
}

func TestWhoGivesUpHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	h := newHosts()
	now, many, other := map[string]string{"a": "now"}, map[string]string{"a": "many"}, map[string]string{"a": "other"}
	require.NoError(t, h.acquire(t.Context(), "now", now))
	ctx, cancel := context.WithCancel(t.Context())
	var gone sync.WaitGroup
	for range 3 {
		gone.Go(func() { require.ErrorIs(t, h.acquire(ctx, "many", many), context.Canceled) })
	}
	require.Eventually(t, func() bool { return h.waits("many") == 3 }, soon, tick)
	waiting := taken(t, h, "other", other)
	require.Eventually(t, func() bool { return h.waits("other") == 1 }, soon, tick)
	cancel()
	gone.Wait()
	h.release(now)
	require.Eventually(t, isTaken(waiting), soon, tick)
}

// Deployments of two hosts wait for both at once: nobody holds one and waits for the other.
func TestManyDeploymentsOfSeveralHostsAllGetTheirTurn(t *testing.T) {
	t.Parallel()
	h := newHosts()
	var mutex sync.Mutex
	using := map[string]map[string]int{}
	var broken atomic.Int32
	var work sync.WaitGroup
	for i := range 300 {
		wanted := map[string]string{}
		for _, host := range []string{"a", "b", "c"} {
			if rand.IntN(2) == 0 {
				wanted[host] = fmt.Sprint(rand.IntN(3))
			}
		}
		work.Go(func() {
			if err := h.acquire(t.Context(), fmt.Sprint(wanted), wanted); err != nil {
				broken.Add(1)
				return
			}
			mutex.Lock()
			for host, configuration := range wanted {
				if using[host] == nil {
					using[host] = map[string]int{}
				}
				using[host][configuration]++
				for other, users := range using[host] {
					if other != configuration && users > 0 {
						broken.Add(1)
					}
				}
			}
			mutex.Unlock()
			time.Sleep(time.Duration(i%3) * tick)
			mutex.Lock()
			for host, configuration := range wanted {
				using[host][configuration]--
			}
			mutex.Unlock()
			h.release(wanted)
		})
	}
	work.Wait()
	require.Zero(t, broken.Load())
}

func TestAForgottenConfigurationIsNotTakenForInstalled(t *testing.T) {
	t.Parallel()
	h := newHosts()
	wanted := map[string]string{"a": "1"}
	require.NoError(t, h.acquire(t.Context(), "k", wanted))
	h.forget("a")
	h.release(wanted)
	require.NoError(t, h.acquire(t.Context(), "other", map[string]string{"a": "2"}))
}
