package explain

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// signatures are the response headers by which programs name themselves.
func signatures() []string {
	return []string{"Server", "X-Powered-By", "Via", "L5d-Proxy-Error", "X-Envoy-Upstream-Service-Time", "Cf-Ray", "X-Amz-Cf-Id", "X-Cache", "Age"}
}

// layer says which hop answered the refused exchange, as far as its response tells.
func layer(outcome simulator.Outcome) string {
	refused := lastExchange(outcome)
	if refused.Status == 0 {
		return ""
	}
	header := refused.ResponseHeader
	var found []string
	for _, name := range signatures() {
		if values := header.Values(name); len(values) > 0 {
			found = append(found, name+": "+strings.Join(values, ", "))
		}
	}
	says := ""
	if len(found) > 0 {
		says = " (" + strings.Join(found, "; ") + ")"
	}
	switch {
	case header.Get("L5d-Proxy-Error") != "":
		return "Linkerd's proxy made this answer itself" + says + ": the app has not seen the request."
	case refused.Status >= 502 && refused.Status <= 504:
		return fmt.Sprintf("A %d is commonly made by a proxy or an ingress that got no answer from the app%s: look there first, and let it add the CORS headers to its own errors.", refused.Status, says)
	case header.Get("X-Powered-By") != "":
		return "The answer passed the app's framework" + says + ": change the CORS policy in the app, unless an ingress in front replaces it."
	case header.Get("Age") != "" || strings.HasPrefix(strings.ToUpper(header.Get("X-Cache")), "HIT"):
		return "A cache gave this answer" + says + ": purge it after a change, and let the origin server send Vary: Origin."
	case variesByOrigin(header) && header.Get("Access-Control-Allow-Origin") == "":
		return "Something that speaks CORS answered and refused (Vary: Origin, no Access-Control-Allow-Origin)" + says + ": change its policy, not another layer's."
	}
	return "Whether the app or a hop in front of it answered, one request from outside cannot tell" + says +
		": ask the app directly with --resolve and compare."
}

func variesByOrigin(header http.Header) bool {
	for _, value := range header.Values("Vary") {
		for member := range strings.SplitSeq(value, ",") {
			if member = strings.TrimSpace(member); member == "*" || strings.EqualFold(member, "Origin") {
				return true
			}
		}
	}
	return false
}
