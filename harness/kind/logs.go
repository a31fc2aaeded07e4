package kind

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"
)

// nodeLogs are the files that commands in the node make. The names are those of kind export logs, where it has them.
var nodeLogs = map[string][]string{
	"containerd.log":         {"journalctl", "--no-pager", "-u", "containerd.service"},
	"disk.txt":               {"df", "-P"},
	"images.log":             {"crictl", "images"},
	"journal.log":            {"journalctl", "--no-pager"},
	"kubelet.log":            {"journalctl", "--no-pager", "-u", "kubelet.service"},
	"kubernetes-version.txt": {"cat", "/kind/version"},
}

// clusterLogs are the files that kubectl makes, where the API server answers.
var clusterLogs = map[string][]string{
	"kubectl/events.txt":        {"get", "events", "-A", "--sort-by=.metadata.creationTimestamp"},
	"kubectl/nodes.txt":         {"describe", "nodes"},
	"kubectl/pods.txt":          {"get", "pods", "-A", "-o", "wide"},
	"kubectl/pods-describe.txt": {"describe", "pods", "-A"},
}

// CollectLogs writes what explains a failure into the folder, which is made where it is not there: the journals of the kubelet,
// of containerd and of the whole node, the logs of all pods, what kubeadm and the node's container said, docker inspect, and
// what kubectl tells. It collects what it can, and returns the errors about the rest.
func (c *Container) CollectLogs(ctx context.Context, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("collect logs: %w", err)
	}
	// A root keeps what comes from the node within the folder.
	root, err := os.OpenRoot(folder)
	if err != nil {
		return fmt.Errorf("collect logs: %w", err)
	}
	defer root.Close()

	errs := []error{c.saveInspect(ctx, root), c.savePods(ctx, root)}
	var mu sync.Mutex
	var saves errgroup.Group
	saves.SetLimit(4)
	save := func(name string, write func(io.Writer) error) {
		saves.Go(func() error {
			err := saveTo(root, name, write)
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
			return nil // the others go on
		})
	}
	save("serial.log", func(w io.Writer) error { return c.writeSerial(ctx, w) })
	if c.kubeadmSaid != "" {
		save("kubeadm.log", func(w io.Writer) error {
			_, err := io.WriteString(w, c.kubeadmSaid)
			return err
		})
	}
	running, unknown := c.isRunning(ctx)
	if running {
		for name, command := range nodeLogs {
			save(name, func(w io.Writer) error { return c.run(ctx, nil, w, command...) })
		}
		if _, unknown = c.Kubectl(ctx, nil, "get", "--raw", "/readyz", "--request-timeout=2s"); unknown == nil {
			for name, args := range clusterLogs {
				command := append([]string{"kubectl", "--kubeconfig=" + adminConf, "--request-timeout=5s"}, args...)
				save(name, func(w io.Writer) error { return c.run(ctx, nil, w, command...) })
			}
		}
	} else if unknown == nil {
		unknown = errors.New("the node does not run, so its journals cannot be read")
	}
	_ = saves.Wait()
	if err := errors.Join(append(errs, unknown)...); err != nil {
		return fmt.Errorf("collect logs into %s: %w", folder, err)
	}
	return nil
}

// saveTo writes one file.
func saveTo(root *os.Root, name string, write func(io.Writer) error) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	file, err := root.Create(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (c *Container) saveInspect(ctx context.Context, root *os.Root) error {
	inspect, err := c.Inspect(ctx)
	if err != nil {
		return fmt.Errorf("inspect.json: %w", err)
	}
	return saveTo(root, "inspect.json", func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(inspect)
	})
}

// writeSerial writes what the node's container printed.
func (c *Container) writeSerial(ctx context.Context, w io.Writer) error {
	logs, err := c.engine.api.ContainerLogs(ctx, c.GetContainerID(), client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true})
	if err != nil {
		return err
	}
	defer logs.Close()
	_, err = stdcopy.StdCopy(w, w, logs)
	return err
}

// savePods copies the logs of all pods, which the node keeps in one folder. They can be read in a node that stopped, too.
func (c *Container) savePods(ctx context.Context, root *os.Root) error {
	copied, err := c.engine.api.CopyFromContainer(ctx, c.GetContainerID(), client.CopyFromContainerOptions{SourcePath: "/var/log/pods"})
	if errdefs.IsNotFound(err) {
		return nil // no pod ran
	}
	if err != nil {
		return fmt.Errorf("pods: %w", err)
	}
	defer copied.Content.Close()
	return unpack(root, copied.Content)
}

// unpack writes the files of a tar archive into the root. Links are left out: those of the pods' logs lead nowhere here.
func unpack(root *os.Root, archive io.Reader) error {
	files := tar.NewReader(archive)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("pods: %w", err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		name := strings.TrimPrefix(path.Clean("/"+header.Name), "/")
		if !fs.ValidPath(name) {
			return fmt.Errorf("pods: a file name was expected, found %q", header.Name)
		}
		err = saveTo(root, name, func(w io.Writer) error {
			_, err := io.Copy(w, files)
			return err
		})
		if err != nil {
			return err
		}
	}
}
