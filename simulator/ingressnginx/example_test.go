package ingressnginx_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/crosscheck-dev/crosscheck/simulator/ingressnginx"
)

func Example() {
	controller, err := ingressnginx.New(
		ingressnginx.Options{Version: ingressnginx.V1_15_1},
		ingressnginx.Ingress{
			Name: "api",
			Host: "api.example.com",
			Annotations: map[string]string{
				"enable-cors":       "true",
				"cors-allow-origin": "https://app.example.com, https://bad_host.example.com",
			},
			Paths: []ingressnginx.Path{{Path: "/", Backend: http.NotFoundHandler()}},
		})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, finding := range controller.Findings() {
		fmt.Println(finding)
	}
	request := httptest.NewRequest(http.MethodOptions, "http://api.example.com/", nil)
	request.Header.Set("Origin", "https://evil.example.net")
	answer := controller.Answer(request)
	fmt.Println(answer.Status, answer.Header[0].Name, answer.Header[0].Value)
	// Output:
	// Ingress "api": cors-allow-origin "https://app.example.com, https://bad_host.example.com": is invalid: every origin is allowed ("*")
	// 204 Access-Control-Allow-Origin *
}
