package kubernetes

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	strict "sigs.k8s.io/yaml"
)

// standInState names the folder that stands for the cluster of the kubectl below.
const standInState = "CROSSCHECK_TEST_CLUSTER"

// TestMain makes the test binary a kubectl where it is called so.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "kubectl" {
		os.Exit(m.Run())
	}
	if err := (standIn{os.Getenv(standInState)}).kubectl(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// standIn does what ./run asks kubectl for, with processes of this machine in the
// place of pods: the scripts of the manifest run as they are, but for the folders that are mounted.
type standIn struct{ state string }

// path is where something is that pods have at an absolute path.
func (s standIn) path(parts ...string) string {
	return filepath.Join(append([]string{s.state}, parts...)...)
}

func (s standIn) kubectl(arguments []string) error {
	line := strings.Join(arguments, " ")
	switch {
	case strings.HasPrefix(line, "create configmap "):
		for _, argument := range arguments[3:] {
			if err := s.keep(arguments[2], strings.TrimPrefix(argument, "--from-file=")); err != nil {
				return err
			}
		}
		return nil
	case strings.HasPrefix(line, "apply -f "):
		return s.apply(arguments[2])
	case strings.HasPrefix(line, "wait "):
		_, err := os.Stat(s.path("reports", "out", "exit-code"))
		return err
	case strings.HasPrefix(line, "get job "):
		if _, err := os.Stat(s.path("failed")); err == nil {
			fmt.Print("True")
		}
		return nil
	case strings.HasPrefix(line, "logs "):
		content, err := os.ReadFile(s.path("log"))
		fmt.Print(string(content))
		return err
	case strings.HasPrefix(line, "exec crosscheck-merge -- "):
		return s.run(nil, os.Stdout, "sh", "-c", strings.ReplaceAll(strings.Join(arguments[3:], " "), "/reports", s.path("reports")))
	case strings.HasPrefix(line, "delete ") && strings.Contains(line, " -f "):
		return os.WriteFile(s.path("deleted"), nil, 0o644)
	case strings.HasPrefix(line, "delete ") && strings.Contains(line, " configmap "):
		return os.RemoveAll(s.path("configmaps", arguments[len(arguments)-1]))
	}
	return fmt.Errorf("the stand-in for kubectl does not know: %s", line)
}

// keep puts the files of "--from-file=" into a ConfigMap: a folder's, a file, or a file by another name.
func (s standIn) keep(name, from string) error {
	folder := s.path("configmaps", name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	as, file, renamed := strings.Cut(from, "=")
	if !renamed {
		as, file = filepath.Base(from), from
	}
	files := map[string]string{as: file}
	if info, err := os.Stat(file); err != nil {
		return err
	} else if info.IsDir() {
		files = map[string]string{}
		entries, err := os.ReadDir(file)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			// As kubectl does: no folders in the folder.
			if entry.Type().IsRegular() {
				files[entry.Name()] = filepath.Join(file, entry.Name())
			}
		}
	}
	for key, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, key), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// apply runs the pods of the manifest: the shards at the same time, then the merge.
func (s standIn) apply(manifest string) error {
	content, err := os.ReadFile(manifest)
	if err != nil {
		return err
	}
	var claim corev1.PersistentVolumeClaim
	var job batchv1.Job
	var merge corev1.Pod
	documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for _, object := range []any{&claim, &job, &merge} {
		document, err := documents.Read()
		if err != nil {
			return err
		}
		if err := strict.UnmarshalStrict(document, object); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(s.path("reports"), 0o755); err != nil {
		return err
	}
	log, err := os.Create(s.path("log"))
	if err != nil {
		return err
	}
	defer log.Close()
	problems := make([]error, *job.Spec.Completions)
	var pods sync.WaitGroup
	for i := range problems {
		pods.Go(func() { problems[i] = s.pod(job.Spec.Template.Spec, i, log) })
	}
	pods.Wait()
	if err := errors.Join(problems...); err != nil {
		return os.WriteFile(s.path("failed"), []byte(err.Error()), 0o644)
	}
	return s.pod(merge.Spec, -1, log)
}

// pod runs a pod's script to its end.
func (s standIn) pod(spec corev1.PodSpec, index int, log io.Writer) error {
	container := spec.Containers[0]
	mounts := []string{"exec sleep infinity", ""}
	for _, mount := range container.VolumeMounts {
		place := s.path(mount.Name)
		for _, volume := range spec.Volumes {
			switch {
			case volume.Name != mount.Name:
			case volume.ConfigMap != nil:
				place = s.path("configmaps", volume.ConfigMap.Name)
			case volume.EmptyDir != nil:
				place = s.path("pods", strconv.Itoa(index), mount.Name)
				if err := os.MkdirAll(place, 0o755); err != nil {
					return err
				}
			}
		}
		mounts = append(mounts, mount.MountPath+"/", place+"/")
	}
	environment := []string{"JOB_COMPLETION_INDEX=" + strconv.Itoa(index)}
	for _, variable := range container.Env {
		environment = append(environment, variable.Name+"="+variable.Value)
	}
	return s.run(environment, log, container.Command[0], container.Command[1], strings.NewReplacer(mounts...).Replace(container.Args[0]))
}

func (s standIn) run(environment []string, out io.Writer, program string, arguments ...string) error {
	command := exec.Command(program, arguments...)
	command.Env = append(os.Environ(), environment...)
	command.Stdout, command.Stderr = out, out
	return command.Run()
}
