package ingressnginx

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Answer is what the controller's nginx sends to the client.
type Answer struct {
	Status int
	// Header is in the order on the wire over HTTP/1.1. Date and Connection are left out.
	Header []simulator.Field
	// Body is empty for HEAD requests.
	Body []byte
	// ReachedApp tells whether a backend of an Ingress got the request.
	ReachedApp bool
}

// headerList is a response's header as nginx keeps it: an ordered list.
type headerList []simulator.Field

// set is headers-more's more_set_headers: the first field of that name gets the
// value where it stands, further ones are removed, and without one the field is appended.
func (l *headerList) set(name, value string) {
	found := false
	kept := (*l)[:0]
	for _, field := range *l {
		if strings.EqualFold(field.Name, name) {
			if found {
				continue
			}
			found, field.Value = true, value
		}
		kept = append(kept, field)
	}
	*l = kept
	if !found {
		*l = append(*l, simulator.Field{Name: name, Value: value})
	}
}

func (l *headerList) add(name, value string) {
	*l = append(*l, simulator.Field{Name: name, Value: value})
}

// addCORS adds what the template's CORS block adds, in its order.
func (l *headerList) addCORS(cors *CORS, allowOrigin string) {
	l.set("Access-Control-Allow-Origin", allowOrigin)
	if cors.AllowCredentials {
		l.set("Access-Control-Allow-Credentials", "true")
	}
	l.set("Access-Control-Allow-Methods", cors.AllowMethods)
	l.set("Access-Control-Allow-Headers", cors.AllowHeaders)
	if cors.ExposeHeaders != "" {
		l.set("Access-Control-Expose-Headers", cors.ExposeHeaders)
	}
	l.set("Access-Control-Max-Age", strconv.Itoa(cors.MaxAge))
}

// write sends the answer through net/http.
func (a Answer) write(w http.ResponseWriter) {
	header := w.Header()
	for _, field := range a.Header {
		header[field.Name] = append(header[field.Name], field.Value)
	}
	w.WriteHeader(a.Status)
	// The client is gone when this fails; nobody is left to tell.
	_, _ = w.Write(a.Body)
}
