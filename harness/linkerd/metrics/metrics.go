// Package metrics reads what a Linkerd proxy counted of the requests to the app beside it.
package metrics

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

// Address is where a proxy serves its metrics to the containers of its own pod.
const Address = "http://127.0.0.1:4191/metrics"

// The families that are read.
const (
	responseTotal = "response_total"
	denyTotal     = "inbound_http_authz_deny_total"
)

// Inbound is what the proxy beside an app counted of the requests to it.
type Inbound struct {
	// Responses are the series of response_total. One whose client spoke no mutual TLS has no ClientID.
	Responses []linkerd.ResponseTotal `json:"responses"`
	// Denied is how many requests no authorization policy allowed, of inbound_http_authz_deny_total.
	Denied int `json:"denied"`
}

// Ask asks a proxy what it counted for the app at a port. address is where its metrics are, such as [Address].
func Ask(ctx context.Context, client http.RoundTripper, address string, port int) (Inbound, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Inbound{}, fmt.Errorf("ask Linkerd's proxy what it counted: %w", err)
	}
	response, err := client.RoundTrip(request)
	if err != nil {
		return Inbound{}, fmt.Errorf("ask Linkerd's proxy what it counted: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return Inbound{}, fmt.Errorf("ask Linkerd's proxy what it counted: GET %s: status %d", address, response.StatusCode)
	}
	return Read(response.Body, port)
}

// Read reads, from a proxy's metrics in the text format of Prometheus, what was counted for the app at a port.
// https://linkerd.io/2-edge/reference/proxy-metrics/
func Read(metrics io.Reader, port int) (Inbound, error) {
	wanted, err := linesOf(metrics, responseTotal, denyTotal)
	if err != nil {
		return Inbound{}, fmt.Errorf("read the metrics of a Linkerd proxy: %w", err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(wanted)
	if err != nil {
		return Inbound{}, fmt.Errorf("read the metrics of a Linkerd proxy: %w", err)
	}
	read := Inbound{Responses: []linkerd.ResponseTotal{}}
	for _, metric := range families[responseTotal].GetMetric() {
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
	for _, metric := range families[denyTotal].GetMetric() {
		if labelsOf(metric)["srv_port"] == strconv.Itoa(port) {
			read.Denied += valueOf(metric)
		}
	}
	return read, nil
}

// lineLimit bounds a line, in bytes.
const lineLimit = 1 << 20

// linesOf are the series of these families: the rest, mostly histograms, is a thousand times as much to parse.
func linesOf(metrics io.Reader, families ...string) (io.Reader, error) {
	var kept bytes.Buffer
	lines := bufio.NewScanner(metrics)
	lines.Buffer(nil, lineLimit)
	for lines.Scan() {
		name, _, _ := strings.Cut(lines.Text(), "{")
		if slices.Contains(families, name) {
			kept.Write(lines.Bytes())
			kept.WriteByte('\n')
		}
	}
	return &kept, lines.Err()
}

func labelsOf(metric *dto.Metric) map[string]string {
	labels := map[string]string{}
	for _, pair := range metric.GetLabel() {
		labels[pair.GetName()] = pair.GetValue()
	}
	return labels
}

// valueOf is a counter's value, which counts requests: a whole number. What says that it is a counter is not among the lines that are read.
func valueOf(metric *dto.Metric) int { return int(metric.GetUntyped().GetValue()) }

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
