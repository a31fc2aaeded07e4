package mutate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/crosscheck-dev/crosscheck/fixtures"
	"github.com/crosscheck-dev/crosscheck/harness"
)

// expressCode is what the code of an Express app says of CORS, which no scenario declares.
func expressCode(kind harness.AppKind) (fixtures.CORSOptions, bool) {
	read, express := map[harness.AppKind]func() (fixtures.NodeApp, error){
		harness.AppExpress4: fixtures.Express4, harness.AppExpress5: fixtures.Express5,
	}[kind]
	if !express {
		return fixtures.CORSOptions{}, false
	}
	app, err := read()
	if err != nil {
		return fixtures.CORSOptions{}, false
	}
	code, err := app.CORSOptions()
	return code, err == nil
}

// express mutates the options that an Express app passes to its cors package.
// https://github.com/expressjs/cors#configuration-options
func (m *mutator) express(service harness.Service, code fixtures.CORSOptions, at func(*harness.Deployment) *harness.Service) {
	change := func(option string, operator Operator, from string, to any, words string) {
		// Lists, numbers and booleans have a JSON form.
		text, _ := json.Marshal(to)
		m.try(option+" of the cors options of "+service.Name, operator, from, words, func(d *harness.Deployment) {
			at(d).App.CORSOptions = map[string]json.RawMessage{option: text}
		})
	}
	list := func(option string, values []string, wider string) {
		from := strings.Join(values, ", ")
		set := func(operator Operator, to []string) { change(option, operator, from, to, strings.Join(to, ", ")) }
		change(option, Drop, from, nil, "")
		set(Double, slices.Concat(values, values))
		narrower(values, func(fewer []string) { set(Narrow, fewer) })
		set(Widen, append(slices.Clone(values), wider))
	}
	origins, another := strings.Join(code.Origins, ", "), m.foreignOrigin(code.Origins)
	list("origin", code.Origins, another)
	change("origin", Replace, origins, []string{another}, another)
	change("origin", Widen, origins, true, "true")
	change("origin", Narrow, origins, false, "false")
	list("methods", code.Methods, m.foreignMethod(code.Methods))
	list("allowedHeaders", code.AllowedHeaders, m.foreignHeader(code.AllowedHeaders))
	list("exposedHeaders", code.ExposedHeaders, "*")
	if code.Credentials {
		change("credentials", Drop, "true", nil, "")
	}
	age := fmt.Sprint(code.MaxAge)
	change("maxAge", Drop, age, nil, "")
	change("maxAge", Widen, age, 86400, "86400")
	change("maxAge", Narrow, age, 0, "0")
	// What the package does of itself, and does not when it is told otherwise.
	change("optionsSuccessStatus", Replace, "204", 200, "200")
	change("optionsSuccessStatus", Narrow, "204", 404, "404")
	change("preflightContinue", Widen, "false", true, "true")
}
