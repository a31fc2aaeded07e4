package helm

import (
	"encoding/json"
	"reflect"
)

// copyValues is a copy of the values that shares nothing with them: Helm writes into what it is given. Numbers and
// lists come out as from YAML, which is how the values of an installed release look.
func copyValues(values map[string]any) map[string]any {
	text, err := json.Marshal(values)
	if err != nil {
		return values // not from YAML or JSON; Helm will say so
	}
	copied := map[string]any{}
	if err := json.Unmarshal(text, &copied); err != nil {
		return values
	}
	if copied == nil {
		copied = map[string]any{}
	}
	return copied
}

func sameValues(a, b map[string]any) bool {
	return reflect.DeepEqual(copyValues(a), copyValues(b))
}
