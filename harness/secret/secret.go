// Package secret keeps values that scenarios use and nobody may read: they are
// written as "${NAME}", put in where they are needed, and taken out again of
// everything that is shown.
package secret

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// MinimumLength is how many bytes a value must have: a shorter one would be
// found all over a report by chance.
const MinimumLength = 6

// minimumPart is how long a part of a value must be to be a secret by itself.
const minimumPart = 8

// Placeholder is how a scenario names a secret.
var Placeholder = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// Values are secrets by name. A nil *Values has none, and leaves every text as it is.
type Values struct {
	byName map[string]string
	// hidden takes every form of every value out of a text.
	hidden *strings.Replacer
}

// New takes the values by name, without white space around them. An error names
// the value that is too short, and not the value.
func New(byName map[string]string) (*Values, error) {
	v := &Values{byName: map[string]string{}}
	type form struct{ text, name string }
	var forms []form
	for name, value := range byName {
		value = strings.TrimSpace(value)
		if len(value) < MinimumLength {
			return nil, fmt.Errorf("the secret %s has %d bytes: a value of less than %d cannot be kept out of a report, since it would be found in other words too", name, len(value), MinimumLength)
		}
		v.byName[name] = value
		for _, text := range formsOf(value) {
			forms = append(forms, form{text, name})
		}
	}
	// The longest first: strings.Replacer tries them in order, and a part must not win over the whole.
	slices.SortFunc(forms, func(a, b form) int {
		if len(a.text) != len(b.text) {
			return len(b.text) - len(a.text)
		}
		return strings.Compare(a.text+a.name, b.text+b.name)
	})
	pairs := make([]string, 0, 2*len(forms))
	for _, f := range forms {
		pairs = append(pairs, f.text, "${"+f.name+"}")
	}
	v.hidden = strings.NewReplacer(pairs...)
	return v, nil
}

// formsOf are the ways in which a value, or a part of it, may come back: as it
// is, and encoded for a URL, HTML, JSON, Go's quotes and base64.
func formsOf(value string) []string {
	texts := []string{value}
	for _, part := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t;,=&:", r) }) {
		if len(part) >= minimumPart {
			texts = append(texts, part)
		}
	}
	// "Basic dXNlcjpwYXNzd29yZA==" is a user and a password.
	if _, credentials, found := strings.Cut(value, " "); found {
		if decoded, err := base64.StdEncoding.DecodeString(credentials); err == nil {
			_, password, _ := strings.Cut(string(decoded), ":")
			if len(password) >= MinimumLength {
				texts = append(texts, string(decoded), password)
			}
		}
	}
	forms := slices.Clone(texts)
	// Twice: a body of JSON that is quoted in a message, a URL in a parameter of a URL.
	for range 2 {
		for _, form := range slices.Clone(forms) {
			for _, encode := range encodings {
				forms = append(forms, encode(form))
			}
		}
		slices.Sort(forms)
		forms = slices.Compact(forms)
	}
	for _, text := range texts {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
			forms = append(forms, encoding.EncodeToString([]byte(text)))
		}
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// encodings are those in which text is written into other text.
var encodings = []func(string) string{
	url.QueryEscape, url.PathEscape, html.EscapeString,
	func(text string) string { quoted := strconv.Quote(text); return quoted[1 : len(quoted)-1] },
	func(text string) string {
		// A string is always valid JSON.
		quoted, _ := json.Marshal(text)
		return string(quoted[1 : len(quoted)-1])
	},
}

// Expand puts the values in. A name without a value is an error.
func (v *Values) Expand(text string) (string, error) {
	if v == nil || !strings.Contains(text, "${") {
		return text, nil
	}
	var missing error
	expanded := Placeholder.ReplaceAllStringFunc(text, func(placeholder string) string {
		name := Placeholder.FindStringSubmatch(placeholder)[1]
		value, known := v.byName[name]
		if !known {
			missing = fmt.Errorf("there is no secret ${%s}: list it under live.secrets in crosscheck.yaml, and set it in the environment", name)
		}
		return value
	})
	return expanded, missing
}

// Redact takes the values out of a text, in every form in which they may have come back.
func (v *Values) Redact(text string) string {
	if v == nil {
		return text
	}
	return v.hidden.Replace(text)
}

// RedactError takes the values out of an error's text. What it wraps can still be asked for by errors.As.
func (v *Values) RedactError(err error) error {
	if v == nil || err == nil || v.Redact(err.Error()) == err.Error() {
		return err
	}
	return &redacted{text: v.Redact(err.Error()), cause: err}
}

type redacted struct {
	text  string
	cause error
}

func (r *redacted) Error() string { return r.text }
func (r *redacted) Unwrap() error { return r.cause }

// RedactAll takes the values out of every string and []byte that the pointer
// leads to: struct fields, elements, map keys and map values.
func (v *Values) RedactAll(pointer any) {
	if v != nil {
		v.redact(reflect.ValueOf(pointer))
	}
}

func (v *Values) redact(value reflect.Value) {
	switch value.Kind() {
	case reflect.Pointer:
		if !value.IsNil() {
			v.redact(value.Elem())
		}
	case reflect.Struct:
		for i := range value.NumField() {
			if value.Type().Field(i).IsExported() {
				v.redact(value.Field(i))
			}
		}
	case reflect.Array, reflect.Slice:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			v.redactBytes(value)
			return
		}
		for i := range value.Len() {
			v.redact(value.Index(i))
		}
	case reflect.Map:
		v.redactMap(value)
	case reflect.String:
		if text := value.String(); value.CanSet() && v.Redact(text) != text {
			value.SetString(v.Redact(text))
		}
	}
}

func (v *Values) redactBytes(value reflect.Value) {
	if value.Kind() == reflect.Slice && value.CanSet() && !value.IsNil() {
		value.SetBytes([]byte(v.Redact(string(value.Bytes()))))
	}
}

// redactMap replaces what is in a map, whose keys and values cannot be changed in place.
func (v *Values) redactMap(value reflect.Value) {
	for _, key := range value.MapKeys() {
		changed := reflect.New(value.Type().Elem()).Elem()
		changed.Set(value.MapIndex(key))
		v.redact(changed)
		name := reflect.New(key.Type()).Elem()
		name.Set(key)
		v.redact(name)
		if name.Interface() != key.Interface() {
			value.SetMapIndex(key, reflect.Value{})
		}
		value.SetMapIndex(name, changed)
	}
}
