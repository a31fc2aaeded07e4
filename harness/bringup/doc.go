// Package bringup brings up what scenarios run against where everything is real: a kind cluster with ingress-nginx, and Linkerd
// before it. One call goes from nothing, or from a cluster that was kept, to a controller that answers:
//
//	cluster, err := bringup.Up(ctx, bringup.Options{Observe: func(e bringup.StepEvent) { fmt.Println(e) }})
//	if err != nil { … } // a *bringup.StepError; nothing is left running
//	defer cluster.Close(context.WithoutCancel(ctx))
//
// Every part is a named step with its time. Charts and images come from the network, or from this machine where it has them: see [Options].
package bringup
