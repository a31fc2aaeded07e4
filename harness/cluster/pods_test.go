package cluster

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// refusing is a cluster that refuses to make a pod so many times, and how often it was asked.
func refusing(refusal error, times int) (clients *fake.Clientset, asked *int) {
	clients, asked = fake.NewClientset(), new(int)
	clients.PrependReactor("create", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
		*asked++
		return *asked <= times, nil, refusal
	})
	return clients, asked
}

func TestAPodWaitsForWhatItsNamespaceLacksYet(t *testing.T) {
	t.Parallel()
	pods := corev1.Resource("pods")
	noAccount := apierrors.NewForbidden(pods, appsPodName, errors.New(`error looking up service account crosscheck/default: serviceaccount "default" not found`))
	for name, test := range map[string]struct {
		refusal error
		times   int
		asked   int
		made    bool
	}{
		"the service account comes":   {noAccount, 2, 3, true},
		"the deleted pod goes":        {apierrors.NewAlreadyExists(pods, appsPodName), 2, 3, true},
		"whoever may not, is refused": {apierrors.NewForbidden(pods, appsPodName, errors.New("exceeded quota")), 9, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clients, asked := refusing(test.refusal, test.times)
			e := &Environment{options: Options{Namespace: "crosscheck"}, clientset: clients}
			err := e.replacePod(t.Context(), podOf(appsPodName, "crosscheck:1"))
			require.Equal(t, test.asked, *asked)
			if !test.made {
				require.ErrorIs(t, err, test.refusal)
				return
			}
			require.NoError(t, err)
			_, err = clients.CoreV1().Pods("crosscheck").Get(t.Context(), appsPodName, metav1.GetOptions{})
			require.NoError(t, err)
		})
	}
}

// A cluster whose controllers do not work says so when the time is over.
func TestAServiceAccountThatNeverComesIsNamed(t *testing.T) {
	t.Parallel()
	noAccount := apierrors.NewForbidden(corev1.Resource("pods"), appsPodName, errors.New(`error looking up service account crosscheck/default: serviceaccount "default" not found`))
	clients, _ := refusing(noAccount, 1<<30)
	e := &Environment{options: Options{Namespace: "crosscheck"}, clientset: clients}
	ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
	defer cancel()
	err := e.replacePod(ctx, podOf(appsPodName, "crosscheck:1"))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, `serviceaccount "default" not found`)
}
