// Package helm installs charts with Helm's own SDK, in the way a program needs it rather than a terminal:
//
//	loaded, err := helm.Load(ctx, helm.Chart{Name: "ingress-nginx", Source: "https://kubernetes.github.io/ingress-nginx", Version: "4.15.1"})
//	client, err := helm.NewClient(kubeconfig)
//	installed, err := client.Install(ctx, helm.Release{Name: "ingress-nginx", Namespace: "ingress-nginx", Chart: loaded})
//
// A chart comes from a repository, a folder or an archive on disk ([Chart]). [Client.Install] installs it or upgrades what is there, does nothing
// where that is the same already, and returns when everything in it is rolled out, which it watches for. What cannot become
// ready, such as a pod whose image nobody has, ends it early and in the pods' own words ([NotReadyError]). A release that a killed
// process left half done is taken up again.
//
// The releases are those that the helm command shows and changes.
package helm
