// Package kubernetes holds what runs crosscheck's shards in a cluster.
package kubernetes

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	strict "sigs.k8s.io/yaml"
)

// What is in the manifest has to be known to Kubernetes, and the counts of shards in it have to be one.
func TestTheManifestIsOfOnePiece(t *testing.T) {
	content, err := os.ReadFile("shards.yaml")
	require.NoError(t, err)
	var claim corev1.PersistentVolumeClaim
	var job batchv1.Job
	var merge corev1.Pod
	documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for _, object := range []any{&claim, &job, &merge} {
		document, err := documents.Read()
		require.NoError(t, err)
		require.NoError(t, strict.UnmarshalStrict(document, object))
	}
	_, err = documents.Read()
	require.True(t, errors.Is(err, io.EOF))

	require.Equal(t, batchv1.IndexedCompletion, *job.Spec.CompletionMode)
	count := strconv.Itoa(int(*job.Spec.Completions))
	require.Equal(t, *job.Spec.Completions, *job.Spec.Parallelism)
	for _, pod := range []corev1.PodSpec{job.Spec.Template.Spec, merge.Spec} {
		require.Equal(t, []corev1.EnvVar{{Name: "SHARDS", Value: count}}, pod.Containers[0].Env)
		require.Equal(t, "crosscheck:shards", pod.Containers[0].Image)
		require.Equal(t, claim.Name, pod.Volumes[0].PersistentVolumeClaim.ClaimName)
		require.False(t, *pod.Containers[0].SecurityContext.AllowPrivilegeEscalation)
	}
}
