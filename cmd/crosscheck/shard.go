package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/crosscheck-dev/crosscheck/harness/report"
	"github.com/crosscheck-dev/crosscheck/steps"
)

// shardFlags are the flags that choose one part of the scenarios.
type shardFlags struct {
	shard string
	costs string
}

func (f *shardFlags) add(set *pflag.FlagSet) {
	set.StringVar(&f.shard, "shard", "", "run one part of the scenarios only, such as 1/4: see crosscheck report merge")
	set.StringVar(&f.costs, "shard-costs", "", "with --shard: an earlier report.json, by whose times the parts take equally long; the same for all shards")
}

// parse gives the part, 0 of 0 for all scenarios.
func (f shardFlags) parse() (index, count int, err error) {
	if f.shard == "" {
		if f.costs != "" {
			return 0, 0, errors.New("--shard-costs says how to split, and --shard which part to run: give both or none")
		}
		return 0, 0, nil
	}
	first, second, _ := strings.Cut(f.shard, "/")
	index, indexErr := strconv.Atoi(first)
	count, countErr := strconv.Atoi(second)
	if indexErr != nil || countErr != nil || index < 1 || index > count {
		return 0, 0, fmt.Errorf("--shard is %q: write it as 1/4, for the first of four parts", f.shard)
	}
	return index, count, nil
}

// narrow leaves the shard in the plan; nil where there is none.
func (f shardFlags) narrow(plan *steps.Plan) (*report.Shard, error) {
	index, count, err := f.parse()
	if err != nil || count == 0 {
		return nil, err
	}
	var costs map[string]int64
	if f.costs != "" {
		earlier, err := report.Read(f.costs)
		if err != nil {
			return nil, fmt.Errorf("--shard-costs: %w", err)
		}
		costs = earlier.Costs()
	}
	return plan.Shard(index, count, costs), nil
}
