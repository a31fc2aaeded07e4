package simulator

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// echoBody answers with the body that it got.
func echoBody() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
}

func TestABodyImpliesItsContentType(t *testing.T) {
	cases := []struct {
		name        string
		body        Body
		contentType string
		content     string
	}{
		{"a string", Body{Text: "ü"}, "text/plain;charset=UTF-8", "ü"},
		{"an empty string", Body{}, "text/plain;charset=UTF-8", ""},
		{"parameters", Body{URLSearchParams: [][2]string{{"a b", "é&=*-._~"}, {"", ""}}}, "application/x-www-form-urlencoded;charset=UTF-8", "a+b=%C3%A9%26%3D*-._%7E&="},
		{"no parameters", Body{URLSearchParams: [][2]string{}}, "application/x-www-form-urlencoded;charset=UTF-8", ""},
		{"a Blob", Body{Blob: true, Text: "x", Type: "a/B"}, "a/b", "x"},
		{"a Blob without a type", Body{Blob: true, Text: "x"}, "", "x"},
		{
			"form data",
			Body{FormData: [][2]string{{"a\"b\nc", "x\ny\rz\r\n"}, {"é", "ü"}}},
			"multipart/form-data; boundary=" + formDataBoundary,
			"--" + formDataBoundary + "\r\nContent-Disposition: form-data; name=\"a%22b%0D%0Ac\"\r\n\r\nx\r\ny\r\nz\r\n\r\n" +
				"--" + formDataBoundary + "\r\nContent-Disposition: form-data; name=\"é\"\r\n\r\nü\r\n--" + formDataBoundary + "--\r\n",
		},
	}
	for _, c := range cases {
		for _, initiator := range []Initiator{InitiatorFetch, InitiatorXHR} {
			t.Run(string(initiator)+" "+c.name, func(t *testing.T) {
				page := New(Standard, WithHandler(echoBody())).Open(appOrigin)
				outcome := page.Fetch(t.Context(), Request{Method: "POST", URL: "/data", Body: &c.body, Initiator: initiator})
				require.Equal(t, c.contentType, sent(outcome, "Content-Type"))
				require.Equal(t, c.content, string(outcome.Body))
				outcome = page.Fetch(t.Context(), Request{Method: "POST", URL: "/data", Body: &c.body, Initiator: initiator, Headers: fields("content-type", "a/b")})
				require.Equal(t, "a/b", sent(outcome, "Content-Type"))
			})
		}
	}
}

func TestAnXMLHttpRequestSaysUTF8InTheContentTypeOfAString(t *testing.T) {
	cases := []struct{ own, standard, chromium string }{
		{`text/plain; charset=latin1;x="a b"`, `text/plain;charset=UTF-8;x="a b"`, `text/plain; charset=UTF-8;x="a b"`},
		{"TEXT/plain; charset=utf-8", "TEXT/plain; charset=utf-8", "TEXT/plain; charset=UTF-8"},
		{"TEXT/plain", "TEXT/plain", "TEXT/plain"},
		{"charset=latin1", "charset=latin1", "charset=latin1"},
		{"", "", ""},
	}
	for _, c := range cases {
		request := Request{Method: "POST", URL: "/data", Initiator: InitiatorXHR, Body: &Body{Text: "x"}, Headers: fields("Content-Type", c.own)}
		require.Equal(t, c.standard, sent(fetch(t, Standard, request, answer{status: 200}), "Content-Type"))
		require.Equal(t, c.chromium, sent(fetch(t, Chromium, request, answer{status: 200}), "Content-Type"))
		request.Body = &Body{URLSearchParams: [][2]string{{"a", "b"}}}
		require.Equal(t, c.own, sent(fetch(t, Standard, request, answer{status: 200}), "Content-Type"), "no string")
	}
}

func TestUploadListenersHearOfABodyWhenTheyAreThereBeforeSend(t *testing.T) {
	yes, no := true, false
	cases := []struct {
		initiator Initiator
		method    string
		body      *Body
		want      *bool
		preflight bool
	}{
		{InitiatorXHR, "POST", &Body{Text: "x"}, nil, false},
		{InitiatorXHRUploadListener, "POST", &Body{Text: "x"}, &yes, true},
		{InitiatorXHRUploadListener, "POST", &Body{}, &yes, true},
		{InitiatorXHRUploadListener, "POST", nil, &no, true},
		{InitiatorXHRUploadListener, "GET", &Body{Text: "x"}, &no, true},
		{InitiatorXHRUploadListenerLate, "POST", &Body{Text: "x"}, &no, false},
		{InitiatorFetch, "POST", &Body{Text: "x"}, nil, false},
	}
	for _, c := range cases {
		outcome := fetch(t, Standard, Request{Method: c.method, URL: apiURL, Initiator: c.initiator, Body: c.body}, answer{status: 200, header: allow("*")})
		require.Equal(t, c.want, outcome.UploadEvents, c)
		require.Equal(t, c.preflight, len(outcome.Preflights()) == 1, c)
		own := fetch(t, Standard, Request{Method: c.method, URL: "/data", Initiator: c.initiator, Body: c.body}, answer{status: 200})
		if c.initiator != InitiatorFetch || c.method != "GET" {
			require.Equal(t, c.want, own.UploadEvents, c)
			require.Empty(t, own.Preflights())
		}
	}
	refused := fetch(t, Standard, Request{Method: "POST", URL: apiURL, Initiator: InitiatorXHRUploadListener, Body: &Body{Text: "x"}}, answer{status: 403})
	require.Equal(t, &yes, refused.UploadEvents, "loadstart comes before the preflight")
}

func TestConditionalRequestsAreNotAnsweredFromACache(t *testing.T) {
	for _, name := range []string{"If-Modified-Since", "If-None-Match", "If-Unmodified-Since", "If-Match", "If-Range"} {
		request := Request{URL: apiURL, Headers: fields(name, `"1"`)}
		ok := answer{status: 200, header: allow("*", "Access-Control-Allow-Headers", "*")}
		standard := fetch(t, Standard, request, ok)
		require.Empty(t, standard.Exchanges[0].RequestHeader.Get("Cache-Control"))
		require.Equal(t, byteLowercase(name), standard.Exchanges[0].RequestHeader.Get("Access-Control-Request-Headers"))
		require.Equal(t, "no-cache", sent(standard, "Cache-Control"))
		require.Equal(t, "no-cache", sent(standard, "Pragma"))
		chromium := fetch(t, Chromium, request, ok)
		require.Equal(t, "max-age=0", chromium.Exchanges[0].RequestHeader.Get("Cache-Control"))
		require.Equal(t, "max-age=0", sent(chromium, "Cache-Control"))
		require.Empty(t, sent(chromium, "Pragma"))
	}
	own := fetch(t, Standard, Request{URL: "/data", Headers: fields("If-Match", "*", "Cache-Control", "own", "Pragma", "own")}, answer{status: 200})
	require.Equal(t, "own", sent(own, "Cache-Control"))
	require.Equal(t, "own", sent(own, "Pragma"))
}
