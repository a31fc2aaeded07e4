package simulator

import (
	"net/http"
	"strings"
)

// mimeType is a MIME type.
// https://mimesniff.spec.whatwg.org/#mime-type
type mimeType struct {
	// essence is the type and the subtype, in lower case.
	essence string
	// parameters are in the order of their first appearance.
	parameters []mimeParameter
}

// mimeParameter is a parameter; the name is in lower case.
type mimeParameter struct{ name, value string }

const httpWhitespace = "\t\n\r "

// parseMIMEType is https://mimesniff.spec.whatwg.org/#parse-a-mime-type
func parseMIMEType(input string) (parsed mimeType, ok bool) {
	essence, ok := mimeTypeEssence(input)
	if !ok {
		return mimeType{}, false
	}
	parsed.essence = essence
	_, rest, _ := strings.Cut(strings.Trim(input, httpWhitespace), ";")
	for rest != "" {
		var name, value string
		name, value, rest = nextMIMEParameter(rest)
		if isToken(name) && isMIMEParameterValue(value) && parsed.parameter(name) == nil {
			parsed.parameters = append(parsed.parameters, mimeParameter{name, value})
		}
	}
	return parsed, true
}

// nextMIMEParameter cuts one parameter off. Its name is "" when there is none to keep.
func nextMIMEParameter(input string) (name, value, rest string) {
	input = strings.TrimLeft(input, httpWhitespace)
	end := strings.IndexAny(input, ";=")
	if end < 0 {
		return "", "", ""
	}
	name, rest = byteLowercase(input[:end]), input[end+1:]
	if input[end] == ';' {
		return "", "", rest
	}
	if strings.HasPrefix(rest, `"`) {
		value, rest = collectQuotedString(rest)
		_, rest, _ = strings.Cut(rest, ";")
		return name, value, rest
	}
	value, rest, _ = strings.Cut(rest, ";")
	if value = strings.TrimRight(value, httpWhitespace); value == "" {
		return "", "", rest
	}
	return name, value, rest
}

// collectQuotedString collects an HTTP quoted string, and extracts its value.
// https://fetch.spec.whatwg.org/#collect-an-http-quoted-string
func collectQuotedString(input string) (value, rest string) {
	var collected strings.Builder
	for i := 1; i < len(input); i++ {
		switch {
		case input[i] == '"':
			return collected.String(), input[i+1:]
		case input[i] == '\\' && i+1 < len(input):
			i++
		}
		collected.WriteByte(input[i])
	}
	return collected.String(), ""
}

// isMIMEParameterValue wants HTTP quoted-string token code points only: a tab,
// and what is printable.
func isMIMEParameterValue(value string) bool {
	for i := range len(value) {
		if b := value[i]; b < ' ' && b != '\t' || b == 0x7F {
			return false
		}
	}
	return true
}

// parameter finds a parameter by its name; nil when there is none.
func (m *mimeType) parameter(lowercaseName string) *mimeParameter {
	for i := range m.parameters {
		if m.parameters[i].name == lowercaseName {
			return &m.parameters[i]
		}
	}
	return nil
}

// String serializes the MIME type.
// https://mimesniff.spec.whatwg.org/#serialize-a-mime-type
func (m *mimeType) String() string {
	serialized := m.essence
	for _, parameter := range m.parameters {
		value := parameter.value
		if !isToken(value) {
			value = `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(value) + `"`
		}
		serialized += ";" + parameter.name + "=" + value
	}
	return serialized
}

// mimeTypeEssence parses a MIME type as far as its essence, in lower case; the
// parameters cannot make the parser fail.
// https://mimesniff.spec.whatwg.org/#parse-a-mime-type
func mimeTypeEssence(value string) (string, bool) {
	value = strings.Trim(value, httpWhitespace)
	mainType, subtype, found := strings.Cut(value, "/")
	if !found || !isToken(mainType) {
		return "", false
	}
	subtype, _, _ = strings.Cut(subtype, ";")
	subtype = strings.TrimRight(subtype, httpWhitespace)
	if !isToken(subtype) {
		return "", false
	}
	return byteLowercase(mainType) + "/" + byteLowercase(subtype), true
}

// extractEssence extracts a response's MIME type, as far as its essence: the
// last of Content-Type's values that is one; "" for failure.
// https://fetch.spec.whatwg.org/#concept-header-extract-mime-type
func extractEssence(header http.Header) string {
	contentType, found := getHeader(header, "Content-Type")
	if !found {
		return ""
	}
	extracted := ""
	for _, value := range splitHeaderValue(contentType) {
		if essence, ok := mimeTypeEssence(value); ok && essence != "*/*" {
			extracted = essence
		}
	}
	return extracted
}

// isJavaScriptMIMEType is https://mimesniff.spec.whatwg.org/#javascript-mime-type
func isJavaScriptMIMEType(essence string) bool {
	switch essence {
	case "application/ecmascript", "application/javascript", "application/x-ecmascript", "application/x-javascript",
		"text/ecmascript", "text/javascript", "text/javascript1.0", "text/javascript1.1", "text/javascript1.2",
		"text/javascript1.3", "text/javascript1.4", "text/javascript1.5", "text/jscript", "text/livescript",
		"text/x-ecmascript", "text/x-javascript":
		return true
	}
	return false
}

// isJSONMIMEType is https://mimesniff.spec.whatwg.org/#json-mime-type
func isJSONMIMEType(essence string) bool {
	return essence == "application/json" || essence == "text/json" || strings.HasSuffix(essence, "+json")
}

// isXMLMIMEType is https://mimesniff.spec.whatwg.org/#xml-mime-type
func isXMLMIMEType(essence string) bool {
	return essence == "application/xml" || essence == "text/xml" || strings.HasSuffix(essence, "+xml")
}
