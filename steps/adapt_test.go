package steps_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/steps"
)

func TestAnotherDeploymentRunsInThePlaceOfTheDeclaredOne(t *testing.T) {
	plan, err := steps.Read(steps.Selection{Files: fstest.MapFS{"a.feature": {Data: []byte(readableAPI)}}, Paths: []string{"."}})
	require.NoError(t, err)
	environment := &fakeEnvironment{}
	suite := &steps.Suite{Environment: environment, Browsers: []harness.Browser{answering("simulator", 200)}}
	suite.Adapt = func(id string, declared harness.Deployment) (harness.Deployment, error) {
		require.Equal(t, "a.feature:s", id)
		declared.Services = append([]harness.Service(nil), declared.Services...)
		declared.Services[0].SharedCache = true
		return declared, nil
	}
	results := suite.Run(t.Context(), plan, nil)
	require.Equal(t, report.Pass, results[0].Verdict, results[0].Message)
	require.True(t, environment.applied[0].Services[0].SharedCache)

	suite.Adapt = func(_ string, declared harness.Deployment) (harness.Deployment, error) {
		return declared, &harness.Unavailable{Reason: "not now"}
	}
	results = suite.Run(t.Context(), plan, nil)
	require.Equal(t, report.Skipped, results[0].Verdict)
	require.Equal(t, "not now", results[0].Message)
	require.Len(t, environment.applied, 1, "nothing was made to run")
}
