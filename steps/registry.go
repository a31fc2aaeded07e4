package steps

import (
	"regexp"
	"sync"

	"github.com/cucumber/godog"
)

// registry registers steps with godog. It compiles each pattern once for all
// scenarios: godog would do it for each, which costs more than a scenario in the simulator.
type registry struct {
	scenario *godog.ScenarioContext
	compiled *sync.Map
}

// Step registers a step as godog.ScenarioContext.Step does.
func (r registry) Step(pattern string, handler any) {
	expression, known := r.compiled.Load(pattern)
	if !known {
		expression, _ = r.compiled.LoadOrStore(pattern, regexp.MustCompile(pattern))
	}
	r.scenario.Step(expression, handler)
}
