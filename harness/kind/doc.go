// Package kind runs a kind cluster through testcontainers-go.
package kind
