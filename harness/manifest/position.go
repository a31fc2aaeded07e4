package manifest

import (
	"strconv"

	yamlnode "go.yaml.in/yaml/v3"
)

// child is the node at the end of a path of names and indexes; nil when it is not there.
func child(node *yamlnode.Node, path ...string) *yamlnode.Node {
	for _, name := range path {
		_, node = step(node, name)
	}
	return node
}

// place is where the field at the end of a path is: its name, or the list's
// element. It is the innermost one that is there.
func place(node *yamlnode.Node, path []string) (line, column int) {
	at := node
	for _, name := range path {
		key, value := step(node, name)
		if value == nil {
			break
		}
		at, node = key, value
	}
	if at == nil {
		return 1, 1
	}
	return at.Line, at.Column
}

// step goes to a mapping's value or a sequence's element.
func step(node *yamlnode.Node, name string) (key, value *yamlnode.Node) {
	if node == nil {
		return nil, nil
	}
	switch node.Kind {
	case yamlnode.AliasNode:
		return step(node.Alias, name)
	case yamlnode.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == name {
				return node.Content[i], node.Content[i+1]
			}
		}
	case yamlnode.SequenceNode:
		if index, err := strconv.Atoi(name); err == nil && index >= 0 && index < len(node.Content) {
			return node.Content[index], node.Content[index]
		}
	}
	return nil, nil
}

// placeOfKey is where a name stands first.
func placeOfKey(node *yamlnode.Node, name string) (line, column int) {
	if found := findKey(node, name); found != nil {
		return found.Line, found.Column
	}
	return place(node, nil)
}

// findKey does not follow aliases, which may lead in circles.
func findKey(node *yamlnode.Node, name string) *yamlnode.Node {
	for i, content := range node.Content {
		if node.Kind == yamlnode.MappingNode && i%2 == 0 && content.Value == name {
			return content
		}
		if found := findKey(content, name); found != nil {
			return found
		}
	}
	return nil
}
