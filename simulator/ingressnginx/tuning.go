package ingressnginx

import (
	"slices"
	"strings"
)

// ChangesNoAnswer tells whether an annotation that the model does not know is
// only about the way between controller and application, logs or load: while the application
// answers, a browser gets the same status and headers with it as without it. The
// model does not take part in what the annotation does, such as a timeout.
// https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
func ChangesNoAnswer(annotation string) bool {
	return slices.Contains(tuning, strings.TrimPrefix(annotation, annotationPrefix))
}

var tuning = strings.Fields(`
	client-body-buffer-size connection-proxy-header enable-access-log enable-opentelemetry enable-rewrite-log
	load-balance mirror-host mirror-request-body mirror-target
	opentelemetry-operation-name opentelemetry-trust-incoming-span
	proxy-buffer-size proxy-buffering proxy-buffers-number proxy-busy-buffers-size proxy-connect-timeout proxy-http-version
	proxy-max-temp-file-size proxy-next-upstream proxy-next-upstream-timeout proxy-next-upstream-tries
	proxy-request-buffering proxy-send-timeout
	proxy-ssl-ciphers proxy-ssl-name proxy-ssl-protocols proxy-ssl-secret proxy-ssl-server-name proxy-ssl-verify
	proxy-ssl-verify-depth service-upstream ssl-ciphers ssl-prefer-server-ciphers
	upstream-hash-by upstream-hash-by-subset upstream-hash-by-subset-size upstream-vhost x-forwarded-prefix`)
