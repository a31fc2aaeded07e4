package fuzz

import (
	"context"
	"fmt"
	"time"

	"github.com/crosscheck-dev/crosscheck/harness"
	"github.com/crosscheck-dev/crosscheck/harness/vectors"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// Observation is what came of one request: what the page got, and what the server saw.
type Observation struct {
	Outcome simulator.Outcome `json:"outcome"`
	Sent    []vectors.Sent    `json:"sent"`
}

// Judge runs cases and tells what came of their requests.
type Judge interface {
	// Judge runs the cases, which have one page in common, each as if it were
	// alone, and finds out so much about each; no details mean all of them in full. It
	// returns the observations of each case, one a request. The error is about the
	// judge: a browser that died, or a context that ended.
	Judge(ctx context.Context, cases []vectors.Vector, details []harness.Detail) ([][]Observation, error)
}

// Simulator is the judge whose word is a prediction.
type Simulator struct{ Profile simulator.Profile }

var _ Judge = Simulator{}

// patience bounds one request in the simulator. The server answers in memory.
const patience = 10 * time.Second

// Judge implements Judge. A prediction is always full.
func (s Simulator) Judge(ctx context.Context, cases []vectors.Vector, _ []harness.Detail) ([][]Observation, error) {
	judged := make([][]Observation, len(cases))
	for i, c := range cases {
		observations, err := s.run(ctx, c)
		if err != nil {
			return nil, err
		}
		judged[i] = observations
	}
	return judged, nil
}

func (s Simulator) run(ctx context.Context, c vectors.Vector) ([]Observation, error) {
	stage, err := vectors.NewStage(c.Exchanges, nil)
	if err != nil {
		return nil, fmt.Errorf("make the server of the case %s: %w", c.ID, err)
	}
	defer stage.Close()
	browser := simulator.New(s.Profile, simulator.WithTransport(stage))
	for _, cookie := range c.Cookies {
		// A cookie that browsers refuse is not in the jar: that is part of the case.
		_ = browser.SetCookie(cookie.URL, cookie.SetCookie())
	}
	page := browser.OpenPage(c.Page.Spec())
	var observations []Observation
	for _, step := range c.Each() {
		bounded, cancel := context.WithTimeout(ctx, patience)
		outcome := page.Fetch(bounded, step.Request.ForScript())
		cancel()
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("run the case %s: %w", c.ID, err)
		}
		observations = append(observations, Observation{Outcome: outcome, Sent: stage.Sent()})
	}
	return observations, nil
}
