package cluster

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
)

// The model of a controller gives an app as long as the controller does, unless that waited in vain already: this machine may be busy.
func TestTheModelIsPatientWithAppsThatAnswer(t *testing.T) {
	t.Parallel()
	answer, hang := harness.Response{Status: 200}, harness.Response{Fault: harness.FaultHang}
	for name, test := range map[string]struct {
		app     harness.App
		patient bool
	}{
		"an app of ours":          {harness.App{}, true},
		"one that is scripted":    {harness.App{Kind: harness.AppScripted, Responses: []harness.Response{answer}}, true},
		"one that never answers":  {harness.App{Kind: harness.AppScripted, Responses: []harness.Response{hang}}, false},
		"one that does sometimes": {harness.App{Kind: harness.AppScripted, Responses: []harness.Response{answer, hang}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.patient, timeScale(test.app) == 1)
		})
	}
}
