// Package cluster is the environment of a Kubernetes cluster that has an
// ingress-nginx: the scenarios' apps run in a pod, their Ingresses are applied as they are written,
// and browsers talk to the real controller.
//
// # What is where
//
// Two pods of this very program (see package pod) are all that runs besides the controller. One
// runs every app of every scenario, each on a port with a Service of its own: a new deployment is a few
// small objects, and no pod has to start. The other is the client from which the cluster is seen from inside.
//
// # Who asked
//
// A session's connections to the controller begin with a PROXY protocol header, whose source address
// is the session's alone. TLS and HTTP stay the browser's and the controller's. The app sees the
// address as X-Real-IP, and keeps a journal by it. So the controller has to be configured with
// use-proxy-protocol, see Controller.
//
// # One host, one configuration
//
// Two scenarios may want two Ingresses for one host. Those with the same deployment
// run side by side, others one after the other, see Running.Release. Each waits until the
// controller serves its configuration on every new connection.
package cluster
