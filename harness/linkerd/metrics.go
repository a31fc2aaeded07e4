package linkerd

import (
	"fmt"
	"io"
	"strconv"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

// AdminPort is where a proxy serves its metrics, at MetricsPath.
const (
	AdminPort   = 4191
	MetricsPath = "/metrics"
)

// ProxyContainer is the name of the container that the injector adds to a pod.
const ProxyContainer = "linkerd-proxy"

// ServiceAccountIdentity is the name that the proxy of a pod has in its certificate.
func ServiceAccountIdentity(account, namespace string) string {
	return account + "." + namespace + ".serviceaccount.identity." + Namespace + "." + TrustDomain
}

// Inbound is what the proxy beside an app counted of the requests to it.
type Inbound struct {
	// Responses are the series of response_total. One whose client spoke no mutual TLS has no ClientID.
	Responses []linkerd.ResponseTotal
	// Denied is how many requests no authorization policy allowed, of inbound_http_authz_deny_total.
	Denied int
}

// ReadInbound reads, from a proxy's metrics in the text format of Prometheus, what was counted for the app at a port.
// https://linkerd.io/2-edge/reference/proxy-metrics/
func ReadInbound(metrics io.Reader, port int) (Inbound, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(metrics)
	if err != nil {
		return Inbound{}, fmt.Errorf("read the metrics of a Linkerd proxy: %w", err)
	}
	var read Inbound
	for _, metric := range families["response_total"].GetMetric() {
		labels := labelsOf(metric)
		if labels["direction"] != "inbound" || labels["srv_port"] != strconv.Itoa(port) {
			continue
		}
		total := linkerd.ResponseTotal{Classification: labels["classification"], Value: valueOf(metric)}
		if labels["tls"] == "true" {
			total.ClientID = labels["client_id"]
		}
		if code, answered := labels["status_code"]; answered {
			if total.StatusCode, err = strconv.Atoi(code); err != nil {
				return Inbound{}, fmt.Errorf("read the metrics of a Linkerd proxy: response_total has the status_code %q: %w", code, err)
			}
		}
		read.Responses = append(read.Responses, total)
	}
	for _, metric := range families["inbound_http_authz_deny_total"].GetMetric() {
		if labelsOf(metric)["srv_port"] == strconv.Itoa(port) {
			read.Denied += valueOf(metric)
		}
	}
	return read, nil
}

func labelsOf(metric *dto.Metric) map[string]string {
	labels := map[string]string{}
	for _, pair := range metric.GetLabel() {
		labels[pair.GetName()] = pair.GetValue()
	}
	return labels
}

// valueOf is a counter's value, which counts requests: a whole number.
func valueOf(metric *dto.Metric) int {
	if metric.GetCounter() == nil {
		return int(metric.GetUntyped().GetValue())
	}
	return int(metric.GetCounter().GetValue())
}

// Since is what was counted after an earlier reading of the same app. Responses that differ in their client alone stay apart.
func (i Inbound) Since(earlier Inbound) Inbound {
	before := map[linkerd.ResponseTotal]int{}
	for _, total := range earlier.Responses {
		value := total.Value
		total.Value = 0
		before[total] += value
	}
	gained := Inbound{Responses: []linkerd.ResponseTotal{}, Denied: i.Denied - earlier.Denied}
	for _, total := range merged(i.Responses) {
		value := total.Value
		total.Value = 0
		if value -= before[total]; value > 0 {
			total.Value = value
			gained.Responses = append(gained.Responses, total)
		}
	}
	return gained
}

// merged adds up series that differ only in labels that are not read here.
func merged(totals []linkerd.ResponseTotal) []linkerd.ResponseTotal {
	var list []linkerd.ResponseTotal
	at := map[linkerd.ResponseTotal]int{}
	for _, total := range totals {
		key := total
		key.Value = 0
		i, known := at[key]
		if !known {
			at[key] = len(list)
			list = append(list, total)
			continue
		}
		list[i].Value += total.Value
	}
	return list
}

// Count is the number of responses.
func (i Inbound) Count() int {
	count := 0
	for _, total := range i.Responses {
		count += total.Value
	}
	return count
}
