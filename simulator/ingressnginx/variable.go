package ingressnginx

import (
	"net/http"
	"os"
	"slices"
	"strings"
)

// knownVariables are the nginx variables that annotations may use in URLs.
func knownVariables() []string {
	return []string{"host", "http_host", "best_http_host", "scheme", "pass_access_scheme", "request_uri", "escaped_request_uri", "uri", "request_method"}
}

// unknownVariable returns the first variable of a template that is not modelled, or "".
func unknownVariable(template string) string {
	unknown := ""
	os.Expand(template, func(name string) string {
		if unknown == "" && !slices.Contains(knownVariables(), name) {
			unknown = "$" + name
		}
		return ""
	})
	return unknown
}

// expand replaces the nginx variables in a template.
func expand(template string, request *http.Request) string {
	return os.Expand(template, func(name string) string {
		switch name {
		case "host":
			return hostname(request)
		case "http_host", "best_http_host":
			return request.Host
		case "scheme", "pass_access_scheme":
			return scheme(request)
		case "request_uri":
			return requestURI(request)
		case "escaped_request_uri":
			return escapeURI(requestURI(request))
		case "uri":
			return request.URL.Path
		case "request_method":
			return request.Method
		default:
			return ""
		}
	})
}

func scheme(request *http.Request) string {
	if request.TLS != nil {
		return "https"
	}
	return "http"
}

// hostname is the Host header without its port, in lower case.
func hostname(request *http.Request) string {
	host := request.Host
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:colon]
	}
	return strings.ToLower(host)
}

// requestURI is the path and query as the client sent them; the absolute form of a target loses its origin.
func requestURI(request *http.Request) string {
	if strings.HasPrefix(request.RequestURI, "/") {
		return request.RequestURI
	}
	return request.URL.RequestURI()
}

// escapeURI is set_escape_uri: everything but unreserved characters is percent-encoded.
func escapeURI(uri string) string {
	const digits = "0123456789ABCDEF"
	var escaped strings.Builder
	for i := range len(uri) {
		c := uri[i]
		if isLabelByte(c) || c == '.' || c == '_' || c == '~' {
			escaped.WriteByte(c)
			continue
		}
		escaped.WriteByte('%')
		escaped.WriteByte(digits[c>>4])
		escaped.WriteByte(digits[c&15])
	}
	return escaped.String()
}
