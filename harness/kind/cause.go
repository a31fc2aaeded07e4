package kind

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// lateError says that the time of WithStartupTimeout was up.
type lateError struct{ limit time.Duration }

// Error names the limit.
func (e *lateError) Error() string { return fmt.Sprintf("it was not done within %s", e.limit) }

// Unwrap is context.DeadlineExceeded.
func (e *lateError) Unwrap() error { return context.DeadlineExceeded }

// cause says in one sentence why err came about.
func cause(err error) string {
	var known *causeError
	var failed *StepError
	var late *lateError
	inTime := "it was not done in time"
	if errors.As(err, &late) {
		inTime = late.Error()
	}
	switch {
	case errors.As(err, &failed):
		return failed.Cause
	case errors.Is(err, context.Canceled):
		return "it was interrupted"
	case errors.As(err, &known) && errors.Is(err, context.DeadlineExceeded):
		return inTime + ": " + known.cause
	case errors.As(err, &known):
		return known.cause
	case errors.Is(err, context.DeadlineExceeded):
		return inTime
	}
	return oneLine(err.Error())
}

// dockerCause explains why the engine cannot be used. The client wraps only some of its errors, so the text decides too.
func dockerCause(err error) error {
	text := err.Error()
	var unreachable *net.OpError
	switch {
	case errors.Is(err, os.ErrPermission) || strings.Contains(text, "permission denied"):
		return because(err, "Docker refuses this user: add the user to the group docker, or set DOCKER_HOST to an engine that is yours")
	case strings.Contains(text, "minimum supported API version"):
		return because(err, "Docker is too old: version 20.10 (API %s) or newer is needed", minimumAPI)
	case errors.As(err, &unreachable), strings.Contains(text, "socket not found"), strings.Contains(text, "Cannot connect"),
		strings.Contains(text, "connection refused"), strings.Contains(text, "no such file"), strings.Contains(text, "failed to connect"):
		return because(err, "no Docker engine answers: looked where DOCKER_HOST, Docker's context and ~/.testcontainers.properties say, and at the usual sockets; install Docker or start it")
	}
	return because(err, "Docker does not answer as it should: %s", oneLine(text))
}

// imageCause explains why the node image could not be pulled.
func imageCause(err error, image string) error {
	text := err.Error()
	switch {
	case strings.Contains(text, "no such host"), strings.Contains(text, "dial tcp"), strings.Contains(text, "i/o timeout"),
		strings.Contains(text, "connection refused"), strings.Contains(text, "network is unreachable"), strings.Contains(text, "TLS handshake"),
		strings.Contains(text, "Temporary failure in name resolution"), strings.Contains(text, "request canceled while waiting for connection"):
		return because(err, "the image %s is not in Docker, and its registry cannot be reached: docker pull it where there is a network and docker load it here, or name another image", image)
	case strings.Contains(text, "no space left"):
		return because(err, "Docker's disk is full: the image %s does not fit", image)
	case strings.Contains(text, "manifest unknown"), strings.Contains(text, "not found"), strings.Contains(text, "denied"), strings.Contains(text, "invalid reference"):
		return because(err, "the image %s is not in Docker, and its registry does not have it: is the name right?", image)
	}
	return because(err, "the image %s is not in Docker and cannot be pulled: %s", image, oneLine(text))
}

// containerCause explains why the node's container could not be created or started.
func containerCause(err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, "port is already allocated"), strings.Contains(text, "address already in use"):
		return because(err, "a port of this machine is taken: %s; stop what listens there, or publish another port", between(text, "Bind for ", " failed", "listen tcp4 ", ": bind"))
	case strings.Contains(text, "is already in use by container"):
		return because(err, "another container has the name already: remove it, or choose another name")
	case strings.Contains(text, "reaper"), strings.Contains(text, "ryuk"):
		return because(err, "testcontainers cannot start its reaper Ryuk: is its image in Docker? TESTCONTAINERS_RYUK_DISABLED=true does without it")
	case strings.Contains(text, "no space left"):
		return because(err, "Docker's disk is full")
	case strings.Contains(text, "operation not permitted"), strings.Contains(text, "privileged"):
		return because(err, "Docker does not start privileged containers here, and a kind node needs one: %s", oneLine(text))
	}
	return because(err, "Docker does not start the node's container: %s", oneLine(text))
}

// between returns the text between the first pair of marks that is found, or all of it on one line.
func between(text string, marks ...string) string {
	for i := 0; i+1 < len(marks); i += 2 {
		if _, rest, found := strings.Cut(text, marks[i]); found {
			if inner, _, found := strings.Cut(rest, marks[i+1]); found {
				return inner
			}
		}
	}
	return oneLine(text)
}

// oneLine is text on one line, of a length that a terminal can show.
func oneLine(text string) string {
	const most = 400
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + " …"
	}
	return text
}
