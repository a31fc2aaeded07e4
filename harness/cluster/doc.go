// Package cluster is the environment of a Kubernetes cluster that has an
// ingress-nginx: the scenarios' apps run in a pod, their Ingresses are applied as they are written,
// and browsers talk to the real controller.
//
// # What is where
//
// Two pods of this very program (see package pod) are all that runs besides the controller. One
// runs every app of every scenario, each on a port with a Service of its own: a new deployment is a few
// small objects, and no pod has to start. The other is the client from which the cluster is seen from inside.
// Where there is Linkerd, both are there a second time, in the mesh.
//
// # The mesh
//
// The ingress controller is in the mesh with the annotation linkerd.io/inject: enabled. Its Ingresses for apps in the mesh have
// the annotation service-upstream, so that its proxy sees the Service that is asked, with its HTTPRoutes, and not the address of a
// pod. (The other way, inject: ingress, wants a header of Linkerd's own from each Ingress, by a snippet.)
// Apps outside of the mesh it reaches past its proxy, as a controller without a mesh does.
//
// Without an Ingress, a meshed app is asked by the client in the mesh. TLS ends before it, in this process: HTTP that
// Linkerd cannot read is bytes to it, of which it counts nothing.
//
// What the apps' proxy counts is no session's: so one session at a time asks an app in the mesh, from Begin to Observe. Each
// response that was counted must have gone to a client whose identity mutual TLS proved; anything else is an error. Behind the
// controller, a request is sent once more by the client in the mesh: that shows the answer as it left the mesh.
//
// # Who asked
//
// A session's connections to the controller begin with a PROXY protocol header, whose source address
// is the session's alone. TLS and HTTP stay the browser's and the controller's. The app sees the
// address as X-Real-IP, and keeps a journal by it. In the mesh without a controller, X-Real-IP is set here. So the controller has to be configured with
// use-proxy-protocol, see Controller.
//
// # One host, one configuration
//
// Two scenarios may want two Ingresses for one host. Those with the same deployment
// run side by side, others one after the other, see Running.Release. Each waits until the
// controller serves its configuration on every new connection.
package cluster
