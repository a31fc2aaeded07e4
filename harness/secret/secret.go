// Package secret keeps values that scenarios use and nobody may read: they are
// written as "${NAME}", put in where they are needed, and taken out again of
// everything that is shown.
package secret

import (
	"encoding/base64"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
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
	// hidden are all forms of all values, the longest first: a part must not win over the whole.
	hidden []form
}

// form is a way in which a value may come back.
type form struct {
	name    string
	length  int
	pattern *regexp.Regexp
}

// New takes the values by name, without white space around them. An error names
// the value that is too short, and not the value.
func New(byName map[string]string) (*Values, error) {
	v := &Values{byName: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		value := strings.TrimSpace(byName[name])
		if len(value) < MinimumLength {
			return nil, fmt.Errorf("the secret %s has %d bytes: a value of less than %d cannot be kept out of a report, since it would be found in other words too", name, len(value), MinimumLength)
		}
		v.byName[name] = value
		for _, text := range textsOf(value) {
			pattern := regexp.MustCompile(anyEncodingOf(text))
			// A value's end may be the beginning of its encoding: "%" of "%25".
			pattern.Longest()
			v.hidden = append(v.hidden, form{name, len(text), pattern})
		}
	}
	slices.SortStableFunc(v.hidden, func(a, b form) int { return b.length - a.length })
	return v, nil
}

// textsOf are a value, those parts of it that are secret by themselves, and each in base64.
func textsOf(value string) []string {
	texts := []string{value}
	for _, part := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t\r\n;,=&:", r) }) {
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
	for _, text := range slices.Clone(texts) {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
			texts = append(texts, encoding.EncodeToString([]byte(text)))
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// What encodings write with may be encoded itself by others.
const (
	// backslashes are those before a character that is quoted, however often.
	backslashes = `(?:\\|%(?:25)*(?i:5c))*`
	ampersand   = `(?:&|%(?:25)*26|` + backslashes + `u0026)(?:amp` + semicolon + `)*`
	semicolon   = `(?:;|%(?:25)*(?i:3b))`
	hash        = `(?:#|%(?:25)*23)`
	plus        = `(?:\+|%(?:25)*(?i:2b))`
)

// anyEncodingOf is a pattern for a text in which any character may be written as
// URLs, HTML, JSON and quoted strings write it, and as often nested as they are: a browser's URL
// parser encodes some characters only, and a message quotes what a body has quoted.
func anyEncodingOf(text string) string {
	var pattern strings.Builder
	for _, r := range text {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-._~", r) {
			// These are written as they are, everywhere.
			pattern.WriteString(regexp.QuoteMeta(string(r)))
			continue
		}
		pattern.WriteString(backslashes + "(?:" + strings.Join(waysToWrite(r), "|") + ")")
	}
	return pattern.String()
}

// waysToWrite are patterns for a character as encodings write it, after any backslashes.
func waysToWrite(r rune) []string {
	percent := ""
	for _, b := range []byte(string(r)) {
		percent += fmt.Sprintf(`%%(?:25)*(?i:%02x)`, b)
	}
	ways := []string{
		regexp.QuoteMeta(string(r)), percent, fmt.Sprintf(`u(?i:%04x)`, r),
		fmt.Sprintf(`%s%s(?:0*%d|(?i:x0*%x))%s`, ampersand, hash, r, r, semicolon),
	}
	switch r {
	case ' ':
		ways = append(ways, plus)
	case '"', '&', '<', '>', '\'':
		ways = append(ways, ampersand+map[rune]string{'"': "quot", '&': "amp", '<': "lt", '>': "gt", '\'': "apos"}[r]+semicolon)
	case '\n', '\r', '\t':
		ways = append(ways, map[rune]string{'\n': "n", '\r': "r", '\t': "t"}[r])
	}
	return ways
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
	for _, hidden := range v.hidden {
		text = hidden.pattern.ReplaceAllLiteralString(text, "${"+hidden.name+"}")
	}
	return text
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
