package ingressnginx

import (
	"fmt"
	"slices"
	"strings"
)

// Version is a release of the ingress-nginx controller.
type Version string

// The releases whose behaviour was measured.
const (
	V1_11_0 Version = "v1.11.0"
	V1_15_1 Version = "v1.15.1"
)

// Versions returns the releases that the model knows, the oldest first.
func Versions() []Version { return []Version{V1_11_0, V1_15_1} }

// ParseVersion reads a release's name, with or without the leading "v".
func ParseVersion(text string) (Version, error) {
	version := Version("v" + strings.TrimPrefix(text, "v"))
	if !slices.Contains(Versions(), version) {
		return "", &UnknownVersionError{Version: text}
	}
	return version, nil
}

// UnknownVersionError says that a release is not one of those that were measured.
type UnknownVersionError struct{ Version string }

// Error names the releases that are known.
func (e *UnknownVersionError) Error() string {
	return fmt.Sprintf("ingress-nginx version %q is not modelled: use one of %v", e.Version, Versions())
}

// validatesAnnotations is the default of --enable-annotation-validation,
// which became true in v1.12.0.
func (v Version) validatesAnnotations() bool { return v == V1_15_1 }
