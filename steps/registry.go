package steps

import (
	"reflect"
	"regexp"
	"sync"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v21"

	"github.com/crosscheck-dev/crosscheck/harness/secret"
)

// registry registers steps with godog. It compiles each pattern once for all
// scenarios: godog would do it for each, which costs more than a scenario in the simulator.
type registry struct {
	// step registers a step; godog.ScenarioContext.Step.
	step     func(pattern, handler any)
	compiled *sync.Map
	secrets  *secret.Values
	// topic is what the next steps are about.
	topic string
	// defined, when not nil, is told of each step instead of godog.
	defined func(Definition)
}

// about registers what follows under a heading of the vocabulary.
func (r registry) about(topic string) registry {
	r.topic = topic
	return r
}

// Step registers a step as godog.ScenarioContext.Step does. Examples are the step
// as scenarios write it, with its keyword, and with the table under it where it has one.
func (r registry) Step(pattern string, handler any, examples ...string) {
	if r.defined != nil {
		r.defined(newDefinition(r.topic, pattern, examples))
		return
	}
	expression, known := r.compiled.Load(pattern)
	if !known {
		expression, _ = r.compiled.LoadOrStore(pattern, regexp.MustCompile(pattern))
	}
	if r.secrets != nil {
		handler = r.withSecrets(handler)
	}
	r.step(expression, handler)
}

// withSecrets puts the secrets into what a step is given, and takes them out of its error.
func (r registry) withSecrets(handler any) any {
	step := reflect.ValueOf(handler)
	return reflect.MakeFunc(step.Type(), func(arguments []reflect.Value) []reflect.Value {
		for i, argument := range arguments {
			expanded, err := r.expand(argument.Interface())
			if err != nil {
				failure := mistake("%v", err)
				return []reflect.Value{reflect.ValueOf(&failure).Elem()}
			}
			if expanded != nil {
				arguments[i] = reflect.ValueOf(expanded)
			}
		}
		results := step.Call(arguments)
		if err, failed := results[0].Interface().(error); failed {
			err = r.secrets.RedactError(err)
			results[0] = reflect.ValueOf(&err).Elem()
		}
		return results
	}).Interface()
}

// expand is a step's argument with the secrets in it; nil where nothing can be put in.
func (r registry) expand(argument any) (any, error) {
	switch argument := argument.(type) {
	case string:
		return r.secrets.Expand(argument)
	case *godog.Table:
		// The scenario's own table is what reports show.
		expanded := &godog.Table{}
		for _, row := range argument.Rows {
			copied := &messages.PickleTableRow{}
			for _, cell := range row.Cells {
				value, err := r.secrets.Expand(cell.Value)
				if err != nil {
					return nil, err
				}
				copied.Cells = append(copied.Cells, &messages.PickleTableCell{Value: value})
			}
			expanded.Rows = append(expanded.Rows, copied)
		}
		return expanded, nil
	default:
		return nil, nil
	}
}
