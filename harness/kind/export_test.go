package kind

import "net/netip"

// KubeadmYAML is the configuration of kubeadm for a version of Kubernetes.
func KubeadmYAML(version string, labels map[string]string) (string, error) {
	return kubeadmConfig{
		Version: version, NodeIP: netip.MustParseAddr("172.17.0.2"), Labels: labels, CertSANs: []string{"localhost", "127.0.0.1"},
	}.YAML()
}
