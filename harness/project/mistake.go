package project

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v3"

	"github.com/crosscheck-dev/crosscheck/harness/nearest"
)

// mistake is an error at the place of a field; at the innermost one that is there.
func (p *Project) mistake(path []string, format string, values ...any) *Error {
	return &Error{File: p.File, Line: p.Line(path...), Reason: fmt.Sprintf(format, values...)}
}

// Line is where a field stands, by the names and indexes that lead to it; where
// the innermost of them stands that is there.
func (p *Project) Line(path ...string) int {
	line, node := 1, p.document
	for _, name := range path {
		key, value := member(node, name)
		if value == nil {
			break
		}
		line, node = key.Line, value
	}
	return line
}

// member is a mapping's key and value, or a sequence's element.
func member(node *yaml.Node, name string) (key, value *yaml.Node) {
	if node == nil {
		return nil, nil
	}
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == name {
				return node.Content[i], node.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(name); err == nil && i < len(node.Content) {
			return node.Content[i], node.Content[i]
		}
	}
	return nil, nil
}

// The forms of what the YAML library says.
var (
	atLine       = regexp.MustCompile(`^(?:yaml: )?(?:.*\bline )(\d+): (.*)`)
	unknownField = regexp.MustCompile(`^field (.+) not found in type \w+\.(\w+)$`)
	wrongKind    = regexp.MustCompile("^cannot unmarshal !!(\\w+)(?: `(.*)`)? into (.+)$")
)

// notYAML says where a file is no YAML.
func (p *Project) notYAML(err error) error {
	if match := atLine.FindStringSubmatch(err.Error()); match != nil {
		line, _ := strconv.Atoi(match[1])
		return &Error{File: p.File, Line: line, Reason: "this is no YAML: " + match[2]}
	}
	return &Error{File: p.File, Line: 1, Reason: "this is no YAML: " + err.Error()}
}

// notProject says where a file is no project, each mistake of it.
func (p *Project) notProject(err error) error {
	var several *yaml.TypeError
	if !errors.As(err, &several) {
		return p.notYAML(err)
	}
	var problems []error
	for _, text := range several.Errors {
		match := atLine.FindStringSubmatch(text)
		if match == nil {
			return p.notYAML(err)
		}
		line, _ := strconv.Atoi(match[1])
		problems = append(problems, &Error{File: p.File, Line: line, Reason: reasonOf(match[2])})
	}
	return errors.Join(problems...)
}

// kinds are words for what a field wants, by its Go type.
var kinds = map[string]string{
	"int": "a whole number", "float64": "a number", "string": "a text", "time.Duration": "a time, such as 10s",
	"[]string": "a list, such as [a, b]", "[]project.Cookie": "a list of cookies", "project.Live": "fields of its own", "live.Hosts": "hosts and their addresses",
	"map[string]project.ClientCertificate": "hosts and their certificate and key", "project.ClientCertificate": "a certificate and its key",
	"map[string]map[string]string": "hosts and their headers", "map[string]string": "headers and their values",
	"project.Project": "fields such as features and live", "project.Cookie": "a cookie's url and set",
}

// reasonOf puts what the YAML library says into the words of this file.
func reasonOf(text string) string {
	if match := unknownField.FindStringSubmatch(text); match != nil {
		return fmt.Sprintf("there is no field %q here: did you mean %q? There are %s", match[1],
			nearest.To(match[1], fields[match[2]]), strings.Join(fields[match[2]], ", "))
	}
	if match := wrongKind.FindStringSubmatch(text); match != nil {
		what := match[2]
		if what == "" {
			what = map[string]string{"seq": "a list", "map": "a mapping"}[match[1]]
		}
		if kind, known := kinds[match[3]]; known {
			return fmt.Sprintf("%s stands where %s is expected", what, kind)
		}
	}
	return text
}

// fields are the names of each type's fields.
var fields = map[string][]string{
	"Project": fieldsOf(Project{}), "Live": fieldsOf(Live{}), "Cookie": fieldsOf(Cookie{}), "ClientCertificate": fieldsOf(ClientCertificate{}),
}

func fieldsOf(structure any) []string {
	var names []string
	kind := reflect.TypeOf(structure)
	for i := range kind.NumField() {
		if name := kind.Field(i).Tag.Get("yaml"); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}
