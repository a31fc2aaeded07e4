package steps

import (
	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/simulator/linkerd"
)

// observation is what the deployment has seen of a session up to a moment.
type observation struct {
	transits []harness.Transit
	counted  map[string][]linkerd.ResponseTotal
}

// observe reads the traffic's records. services are the names of those to read counters of.
func observe(traffic harness.Traffic, services []harness.Service) observation {
	seen := observation{transits: traffic.Transits(), counted: map[string][]linkerd.ResponseTotal{}}
	for _, service := range services {
		if totals := traffic.ResponseTotal(service.Name); totals != nil {
			seen.counted[service.Name] = totals
		}
	}
	return seen
}

// countedSince is what the counters gained. Counters only grow.
func (after observation) countedSince(before observation) map[string][]linkerd.ResponseTotal {
	gained := map[string][]linkerd.ResponseTotal{}
	for service, totals := range after.counted {
		for _, total := range totals {
			for _, earlier := range before.counted[service] {
				if earlier.Classification == total.Classification && earlier.StatusCode == total.StatusCode {
					total.Value -= earlier.Value
				}
			}
			if total.Value > 0 {
				gained[service] = append(gained[service], total)
			}
		}
	}
	return gained
}
