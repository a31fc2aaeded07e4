package linkerd_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/crosscheck-dev/crosscheck/harness/linkerd"
)

var update = flag.Bool("update", false, "copy the definitions of the Gateway API's kinds from its module")

// The definitions are those of the module, byte for byte: go test ./harness/linkerd -update copies them anew.
func TestTheGatewayAPIIsThatOfTheModule(t *testing.T) {
	t.Parallel()
	folder, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/gateway-api").Output()
	require.NoError(t, err)
	for _, kind := range []string{"httproutes", "grpcroutes"} {
		name := "gateway.networking.k8s.io_" + kind + ".yaml"
		text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(folder)), "config", "crd", "standard", name))
		require.NoError(t, err)
		copied := filepath.Join("gatewayapi", name)
		if *update {
			require.NoError(t, os.WriteFile(copied, text, 0o644))
		}
		own, err := os.ReadFile(copied)
		require.NoError(t, err)
		require.True(t, string(text) == string(own), "%s differs from the module's: go test ./harness/linkerd -update", copied)
		var definition struct {
			Metadata struct{ Annotations map[string]string }
		}
		require.NoError(t, yaml.Unmarshal(own, &definition))
		require.Equal(t, linkerd.GatewayAPIVersion, definition.Metadata.Annotations["gateway.networking.k8s.io/bundle-version"])
	}
}
