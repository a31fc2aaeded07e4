package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"
	networking "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"
)

// document is one YAML document of a file.
type document struct {
	file, text string
	// above is how many lines of the file stand before it.
	above int
}

func (d document) problem(line, column int, format string, values ...any) error {
	return &Error{File: d.file, Line: d.above + line, Column: column, Reason: fmt.Sprintf(format, values...)}
}

// meta is what tells the kinds of documents apart.
type meta struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		Controller any `json:"controller"`
	} `json:"spec"`
	Items []json.RawMessage `json:"items"`
}

// addDocument takes over the Ingresses and IngressClasses of a document, and passes by everything else.
func (m *Manifests) addDocument(d document) error {
	// One parser knows where everything is; the other reads as Kubernetes does.
	var parsed yamlnode.Node
	if err := yamlnode.Unmarshal([]byte(d.text), &parsed); err != nil {
		return d.notYAML(err)
	}
	if len(parsed.Content) == 0 {
		return nil
	}
	converted, err := yaml.YAMLToJSONStrict([]byte(d.text))
	if err != nil {
		return d.notYAML(err)
	}
	return m.addObject(d, parsed.Content[0], converted)
}

func (m *Manifests) addObject(d document, node *yamlnode.Node, object []byte) error {
	var head meta
	// What is no object, or none of Kubernetes, is none of our business: a values.yaml in a folder.
	if json.Unmarshal(object, &head) != nil {
		return nil
	}
	group, _, _ := strings.Cut(head.APIVersion, "/")
	switch {
	case strings.HasSuffix(head.Kind, "List") && head.Items != nil:
		for i, item := range head.Items {
			if err := m.addObject(d, child(node, "items", strconv.Itoa(i)), item); err != nil {
				return err
			}
		}
		return nil
	case head.Kind == "IngressClass" && group == networking.GroupName:
		if controller, ok := head.Spec.Controller.(string); ok {
			m.Controllers[head.Metadata.Name] = controller
		}
		return nil
	case head.Kind != "Ingress" || group != networking.GroupName && group != "extensions":
		return nil
	case head.APIVersion != networking.SchemeGroupVersion.String():
		line, column := place(node, []string{"apiVersion"})
		return d.problem(line, column, "apiVersion %s is served by no Kubernetes since 1.22: write the Ingress as %s", head.APIVersion, networking.SchemeGroupVersion)
	}
	return m.addIngress(d, node, object)
}

// addIngress decodes an Ingress as an API server with strict field validation does.
func (m *Manifests) addIngress(d document, node *yamlnode.Node, object []byte) error {
	if err := checkStrings(d, node, object); err != nil {
		return err
	}
	read := &Ingress{File: d.file, node: node, above: d.above}
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read.Ingress); err != nil {
		return d.notIngress(node, err)
	}
	if read.Name == "" {
		line, column := place(node, []string{"metadata"})
		return d.problem(line, column, "the Ingress has no name: write metadata.name")
	}
	line, _ := place(node, nil)
	read.Line = d.above + line
	m.Ingresses = append(m.Ingresses, read)
	return nil
}

// checkStrings finds the annotation that is a boolean or a number, the most
// common mistake: an API server refuses "enable-cors: true" without quotes.
func checkStrings(d document, node *yamlnode.Node, object []byte) error {
	var read struct {
		Metadata struct {
			Annotations map[string]json.RawMessage `json:"annotations"`
		} `json:"metadata"`
	}
	if json.Unmarshal(object, &read) != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(read.Metadata.Annotations)) {
		value := string(read.Metadata.Annotations[name])
		if strings.HasPrefix(value, `"`) {
			continue
		}
		line, column := place(node, []string{"metadata", "annotations", name})
		return d.problem(line, column, "the annotation %s is %s, and an API server takes strings only: write it in quotes, %q", name, value, value)
	}
	return nil
}

var unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)

// notIngress says where an object is no Ingress.
func (d document) notIngress(node *yamlnode.Node, err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		line, column := place(node, strings.Split(kind.Field, "."))
		return d.problem(line, column, "%s cannot be a %s: an Ingress has a %s there", kind.Field, kind.Value, kind.Type)
	}
	if match := unknownField.FindStringSubmatch(err.Error()); match != nil {
		line, column := placeOfKey(node, match[1])
		return d.problem(line, column, "an Ingress has no field %q: correct its name or its indentation", match[1])
	}
	line, column := place(node, nil)
	return d.problem(line, column, "this is no Ingress: %v", err)
}

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

// notYAML says where a document is no YAML.
func (d document) notYAML(err error) error {
	line, column, reason := 1, 1, err.Error()
	if match := yamlLine.FindStringSubmatch(reason); match != nil {
		line, _ = strconv.Atoi(match[1])
		reason = match[2]
	}
	if strings.Contains(d.text, "{{") {
		return d.problem(line, column, "%s: this looks like a Helm template: render it first, as in helm template CHART | crosscheck audit -", reason)
	}
	return d.problem(line, column, "this is no YAML: %s", reason)
}
