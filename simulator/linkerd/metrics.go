package linkerd

// ResponseTotal is one series of the proxy's response_total counter.
type ResponseTotal struct {
	// Classification is "success" or "failure", as the proxy labels it.
	Classification string `json:"classification"`
	// StatusCode is the response's HTTP status; 0 for one that never arrived.
	StatusCode int `json:"status_code"`
	// ClientID is the client's identity in the mesh, which mutual TLS proved to a real proxy. The model knows none.
	ClientID string `json:"client_id,omitempty"`
	// Value is the count of responses.
	Value int `json:"value"`
}
