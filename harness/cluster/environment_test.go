package cluster

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestASlowMachineHasMoreTimeForEverything(t *testing.T) {
	t.Parallel()
	require.Equal(t, podTimeout, Options{}.within(podTimeout))
	require.Equal(t, podTimeout, Options{StepTimeout: time.Minute}.within(podTimeout), "never less")
	require.Equal(t, 2*time.Minute, Options{StepTimeout: 20 * time.Minute}.within(30*time.Second))
}
