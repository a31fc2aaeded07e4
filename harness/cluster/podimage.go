package cluster

import (
	"context"
	"errors"
	"fmt"

	"github.com/crosscheck-dev/crosscheck/fixtures"
	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/node"
)

// PodImage is the image of the pods, with the Express apps where this machine has what they take.
type PodImage struct {
	*Image
	// NoExpress is why the Express apps are not in it; empty when they are.
	NoExpress string
	base      *Base
}

// NewPodImage makes the image from a crosscheck that runs on the nodes. The Express
// apps are installed on this machine with npm, and run on NodeImage from the local Docker.
func NewPodImage(ctx context.Context, program string) (*PodImage, error) {
	p := &PodImage{}
	parts := ImageParts{Program: program}
	err := p.addExpress(ctx, &parts)
	var unavailable *harness.Unavailable
	switch {
	case ctx.Err() != nil:
		return nil, errors.Join(ctx.Err(), p.Close())
	case errors.As(err, &unavailable):
		p.NoExpress, parts.Express, parts.Base = unavailable.Reason, nil, nil
	case err != nil:
		return nil, errors.Join(err, p.Close())
	}
	if p.Image, err = BuildImage(parts); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// addExpress finds what the Express apps take; the error is a *harness.Unavailable where it is not to be had.
func (p *PodImage) addExpress(ctx context.Context, parts *ImageParts) error {
	runtime, err := node.Find(ctx)
	if err != nil {
		return err
	}
	dir, err := node.DefaultDir()
	if err != nil {
		return &harness.Unavailable{Reason: err.Error()}
	}
	parts.Express = map[string]string{}
	for _, read := range []func() (fixtures.NodeApp, error){fixtures.Express4, fixtures.Express5} {
		files, err := read()
		if err != nil {
			return err
		}
		if parts.Express[files.Name], err = runtime.Install(ctx, dir, files); err != nil {
			return err
		}
	}
	if p.base, err = BaseFromDocker(ctx, NodeImage); err != nil {
		return &harness.Unavailable{Reason: fmt.Sprintf("the Express apps need %v", err)}
	}
	parts.Base = p.base.Image
	return nil
}

// Close removes what the image was made from: it cannot be written any more.
func (p *PodImage) Close() error {
	if p.base == nil {
		return nil
	}
	return p.base.Close()
}
