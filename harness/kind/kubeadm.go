package kind

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"golang.org/x/mod/semver"
)

const (
	nodeName      = "kind-control-plane"
	adminConf     = "/etc/kubernetes/admin.conf"
	podSubnet     = "10.244.0.0/16"
	serviceSubnet = "10.96.0.0/16"

	// oldestKubernetes is the first version whose node images use the systemd cgroup driver.
	oldestKubernetes = "v1.24.0"
)

//go:embed kubeadm.yaml.tmpl
var kubeadmTemplate string

// A kubeadmConfig is what the configuration of kubeadm depends on.
type kubeadmConfig struct {
	Version  string // of Kubernetes, as in "v1.34.4"
	NodeIP   netip.Addr
	CertSANs []string
	Labels   map[string]string
}

// YAML is the configuration as kubeadm reads it.
func (c kubeadmConfig) YAML() (string, error) {
	if !semver.IsValid(c.Version) {
		return "", because(nil, "the node image says that it is Kubernetes %q, which is no version: is it a kindest/node image?", c.Version)
	}
	if semver.Compare(c.Version, oldestKubernetes) < 0 {
		return "", because(nil, "the node image has Kubernetes %s: %s or newer is needed", c.Version, oldestKubernetes)
	}
	// Extra arguments became a list in v1beta4, which came with Kubernetes 1.31.
	api, arguments := "kubeadm.k8s.io/v1beta4", argumentList
	if semver.Compare(c.Version, "v1.31.0") < 0 {
		api, arguments = "kubeadm.k8s.io/v1beta3", argumentMap
	}
	config, err := template.New("kubeadm").Funcs(template.FuncMap{"json": asJSON, "args": arguments}).Parse(kubeadmTemplate)
	if err != nil {
		return "", err
	}
	var labels []string
	for _, key := range slices.Sorted(maps.Keys(c.Labels)) {
		labels = append(labels, key+"="+c.Labels[key])
	}
	var out bytes.Buffer
	err = config.Execute(&out, map[string]any{
		"API": api, "Version": c.Version, "NodeIP": c.NodeIP.String(), "CertSANs": c.CertSANs,
		"PodSubnet": podSubnet, "ServiceSubnet": serviceSubnet,
		"NodeLabels": strings.Join(labels, ","), "ProviderID": "kind://docker/kind/" + nodeName,
	})
	return out.String(), err
}

// asJSON writes a value in the part of YAML that is JSON, where nothing needs quoting twice.
func asJSON(value any) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}

func argumentList(pairs ...string) (string, error) {
	type argument struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	var list []argument
	for pair := range slices.Chunk(pairs, 2) {
		list = append(list, argument{pair[0], pair[1]})
	}
	return asJSON(list)
}

func argumentMap(pairs ...string) (string, error) {
	arguments := map[string]string{}
	for pair := range slices.Chunk(pairs, 2) {
		arguments[pair[0]] = pair[1]
	}
	return asJSON(arguments)
}

var (
	labelKey   = regexp.MustCompile(`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`)
	labelValue = regexp.MustCompile(`^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$`)
)

// checkLabel refuses what would break the list of labels; the kubelet checks the rest.
func checkLabel(key, value string) error {
	if !labelKey.MatchString(key) || !labelValue.MatchString(value) {
		return fmt.Errorf("a label of Kubernetes was expected, found %q=%q", key, value)
	}
	return nil
}

// initControlPlane runs kubeadm init, as kind does.
func (c *Container) initControlPlane(ctx context.Context) (string, error) {
	inspect, err := c.Inspect(ctx)
	if err != nil {
		return "", err
	}
	ip, err := nodeIP(inspect)
	if err != nil {
		return "", err
	}
	config, err := kubeadmConfig{
		Version: c.kubernetes, NodeIP: ip, Labels: c.settings.nodeLabels,
		CertSANs: slices.Compact([]string{"localhost", "127.0.0.1", c.server()}),
	}.YAML()
	if err != nil {
		return "", err
	}
	if err := c.CopyToContainer(ctx, []byte(config), "/kind/kubeadm.conf", 0o644); err != nil {
		return "", fmt.Errorf("copy kubeadm's configuration: %w", err)
	}
	c.endpoint = netip.AddrPortFrom(ip, 6443)
	var said bytes.Buffer
	err = c.run(ctx, nil, &said, "sh", "-c", "exec kubeadm init --config=/kind/kubeadm.conf --skip-token-print --v=2 2>&1")
	c.kubeadmSaid = said.String()
	if ctx.Err() != nil {
		return "", because(err, "kubeadm init had come to: %s", oneLine(lastLine(c.kubeadmSaid)))
	}
	if err != nil {
		return "", because(err, "kubeadm init failed: %s", kubeadmCause(c.kubeadmSaid))
	}
	// Kubeadm tells load balancers to leave a control plane alone, but here it is where everything runs.
	if _, err := c.Kubectl(ctx, nil, "label", "node", nodeName, "node.kubernetes.io/exclude-from-external-load-balancers-"); err != nil {
		return "", err
	}
	return "Kubernetes " + c.kubernetes, nil
}

// kubeadmCause finds in kubeadm's output why it gave up.
func kubeadmCause(said string) string {
	for line := range strings.Lines(said) {
		why, isError := strings.CutPrefix(line, "error: ")
		why, isPhase := strings.CutPrefix(why, "error execution phase ")
		if isError || isPhase {
			return oneLine(why)
		}
	}
	return oneLine(lastLine(said))
}
