// Package project reads crosscheck.yaml: where a team's scenarios are, and how
// its deployed API is reached. It is strict: what it does not know is an error
// that says where it stands and what was probably meant.
package project

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v3"

	"github.com/crosscheck-dev/crosscheck/harness/live"
)

// FileName is the name of the file in its folder.
const FileName = "crosscheck.yaml"

// DefaultRate is how many requests a second a deployed API gets when nothing else is said.
const DefaultRate = 10

// Project is the content of a crosscheck.yaml.
type Project struct {
	// File is the path of the file, as it was given.
	File string `yaml:"-"`
	// Features are the feature files and the folders with them, relative to the file's folder.
	Features []string `yaml:"features"`
	// Environment is where the scenarios run unless --env says otherwise; "" for the command's own default.
	Environment string `yaml:"environment"`
	Live        Live   `yaml:"live"`

	document *yaml.Node
}

// Live says how a deployed API is reached.
type Live struct {
	// CA is a PEM file of authorities that are trusted beside the system's, relative to the file's folder.
	CA string `yaml:"ca"`
	// Hosts say where hosts are: by "host" or "host:port", an IP address with or without a port.
	Hosts live.Hosts `yaml:"hosts"`
	// Rate is how many requests are sent in a second, in the mean; DefaultRate when 0.
	Rate float64 `yaml:"rate"`
	// Retries is how often a scenario is begun anew when a request of it gets no answer.
	Retries int `yaml:"retries"`
	// Timeout is how long a request may take; the command's own when 0.
	Timeout time.Duration `yaml:"timeout"`
	// Secrets are the environment variables that scenarios may use, as "${NAME}".
	Secrets []string `yaml:"secrets"`
	// Cookies are in every browser's jar from the beginning.
	Cookies []Cookie `yaml:"cookies"`
	// ClientCertificates are those of mutual TLS, by "host" or "host:port".
	ClientCertificates map[string]ClientCertificate `yaml:"client_certificates"`
	// Headers are set on requests to a "host" or "host:port" on their way, where no page and no
	// rule of CORS knows of them; the values may use secrets.
	Headers map[string]map[string]string `yaml:"headers"`
}

// ClientCertificate is a certificate and its key, in PEM files relative to the project's folder.
type ClientCertificate struct {
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
}

// Cookie is a cookie as a response from URL would set it.
type Cookie struct {
	URL string `yaml:"url"`
	// Set is the value of a Set-Cookie header; it may use secrets.
	Set string `yaml:"set"`
}

// Error is a mistake in a file.
type Error struct {
	File   string
	Line   int
	Reason string
}

// Error gives the place and the reason.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason) }

// Read reads a file. The error has every mistake that was found: *Error, and
// those of reading files.
func Read(path string) (*Project, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the project: %w", err)
	}
	project := &Project{File: path}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, project.notYAML(err)
	}
	if len(document.Content) > 0 {
		project.document = document.Content[0]
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(project); err != nil && !errors.Is(err, io.EOF) {
		return nil, project.notProject(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, project.mistake(nil, "there is a second document in the file (---): write everything in one")
	}
	return project, project.check()
}

// Find reads the FileName of a folder; nil when there is none.
func Find(folder string) (*Project, error) {
	project, err := Read(filepath.Join(folder, FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return project, err
}

// check finds what cannot be meant so.
func (p *Project) check() error {
	var problems []error
	problem := func(path []string, format string, values ...any) {
		problems = append(problems, p.mistake(path, format, values...))
	}
	if len(p.Features) == 0 {
		problem(nil, "it names no features: write the folder of your feature files, as in features: [features]")
	}
	for host, place := range p.Live.Hosts {
		if err := live.CheckHost(host, place); err != nil {
			problem([]string{"live", "hosts", host}, "%v", err)
		}
	}
	if rate := p.Live.Rate; rate < 0 || math.IsInf(rate, 0) || math.IsNaN(rate) {
		problem([]string{"live", "rate"}, "%v is no rate: write how many requests are sent in a second at most, such as 5", rate)
	}
	if p.Live.Retries < 0 || p.Live.Retries > 10 {
		problem([]string{"live", "retries"}, "%d is no number of retries: write 0 to 10", p.Live.Retries)
	}
	if p.Live.Timeout < 0 {
		problem([]string{"live", "timeout"}, "%s is no time for a request", p.Live.Timeout)
	}
	for i, cookie := range p.Live.Cookies {
		if cookie.URL == "" || !strings.Contains(cookie.Set, "=") {
			problem([]string{"live", "cookies", fmt.Sprint(i)}, "a cookie needs url, such as https://api.example.com, and set, such as session=${SESSION}; Secure; SameSite=None; Path=/")
		}
	}
	problems = append(problems, p.checkAdditions())
	for i, name := range p.Live.Secrets {
		if slices.Contains(p.Live.Secrets[:i], name) {
			problem([]string{"live", "secrets", fmt.Sprint(i)}, "the secret %s is there twice", name)
		}
	}
	return errors.Join(problems...)
}

// Paths are the features, as the program finds them from where it runs.
func (p *Project) Paths() []string {
	paths := make([]string, len(p.Features))
	for i, path := range p.Features {
		paths[i] = p.path(path)
	}
	return paths
}

// path is a path of the file, relative to the folder that it stands in.
func (p *Project) path(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(p.File), path)
}

// Roots are the authorities of live.ca and the system's; nil, without an error, for the system's alone.
func (p *Project) Roots() (*x509.CertPool, error) {
	if p.Live.CA == "" {
		return nil, nil
	}
	content, err := os.ReadFile(p.path(p.Live.CA))
	if err != nil {
		return nil, p.mistake([]string{"live", "ca"}, "the authorities cannot be read: %v", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		// A machine without any.
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(content) {
		return nil, p.mistake([]string{"live", "ca"}, "%s has no certificate in PEM form: it begins with -----BEGIN CERTIFICATE-----", p.Live.CA)
	}
	return roots, nil
}

// SecretLine is the line on which a secret is listed; 0 when it is not.
func (p *Project) SecretLine(name string) int {
	for i, listed := range p.Live.Secrets {
		if listed == name {
			return p.Line("live", "secrets", fmt.Sprint(i))
		}
	}
	return 0
}
