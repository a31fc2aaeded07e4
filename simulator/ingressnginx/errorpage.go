package ingressnginx

import (
	"net/http"
	"strconv"
	"strings"
)

// reasonPhrase is nginx's phrase for a status, where it differs from net/http's.
func reasonPhrase(status int) string {
	switch status {
	case http.StatusMethodNotAllowed:
		return "Not Allowed"
	case http.StatusUnauthorized:
		return "Authorization Required"
	case http.StatusServiceUnavailable:
		return "Service Temporarily Unavailable"
	case http.StatusGatewayTimeout:
		return "Gateway Time-out"
	default:
		return http.StatusText(status)
	}
}

// errorPage is the body of nginx's own answers, with server_tokens off.
func errorPage(request *http.Request, status int) []byte {
	title := strconv.Itoa(status) + " " + reasonPhrase(status)
	page := "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
		"</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
	agent := request.UserAgent()
	if status >= http.StatusBadRequest && (strings.Contains(agent, "Chrome/") || strings.Contains(agent, "MSIE ")) {
		// Browsers used to replace short error pages by their own; nginx pads them (msie_padding).
		page += strings.Repeat("<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n", 6)
	}
	return []byte(page)
}
