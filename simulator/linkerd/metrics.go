package linkerd

// ResponseTotal is one series of the proxy's response_total counter.
type ResponseTotal struct {
	// Classification is "success" or "failure", as the proxy labels it.
	Classification string `json:"classification"`
	// StatusCode is the response's HTTP status.
	StatusCode int `json:"status_code"`
	// Value is the count of responses.
	Value int `json:"value"`
}
