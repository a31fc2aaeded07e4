package vectors

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// unknownFields are the paths of what a vector asks or asserts in fields that
// the format does not have, such as "expect.cookies". Those of the vector itself
// and of its steps are notes, which change nothing.
func unknownFields(text []byte) []string {
	var vector map[string]any
	if json.Unmarshal(text, &vector) != nil {
		return nil
	}
	var unknown []string
	collectUnknown("", vector, reflect.TypeFor[Vector](), &unknown)
	slices.Sort(unknown)
	return unknown
}

func collectUnknown(path string, value any, kind reflect.Type, unknown *[]string) {
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch value := value.(type) {
	case []any:
		if kind.Kind() == reflect.Slice {
			for _, element := range value {
				collectUnknown(path, element, kind.Elem(), unknown)
			}
		}
	case map[string]any:
		if kind.Kind() != reflect.Struct || kind == reflect.TypeFor[Body]() {
			return
		}
		notes := kind == reflect.TypeFor[Vector]() || kind == reflect.TypeFor[Step]()
		for name, field := range value {
			switch known, found := fieldNamed(kind, name); {
			case found:
				collectUnknown(strings.TrimPrefix(path+"."+name, "."), field, known.Type, unknown)
			case !notes:
				*unknown = append(*unknown, path+"."+name)
			}
		}
	}
}

// fieldNamed finds a field as encoding/json does: by its tag, in any case.
func fieldNamed(kind reflect.Type, name string) (reflect.StructField, bool) {
	for _, field := range reflect.VisibleFields(kind) {
		if tag, _, _ := strings.Cut(field.Tag.Get("json"), ","); tag != "" && tag != "-" && strings.EqualFold(tag, name) {
			return field, true
		}
	}
	return reflect.StructField{}, false
}
