package steps

import (
	"strings"

	"github.com/cucumber/godog"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

// fields reads a table of two columns, name and value. Names may repeat.
func fields(table *godog.Table) ([]simulator.Field, error) {
	if table == nil || len(table.Rows) == 0 {
		return nil, mistake("this step needs a table of two columns under it: name and value")
	}
	list := make([]simulator.Field, 0, len(table.Rows))
	for _, row := range table.Rows {
		if len(row.Cells) != 2 {
			return nil, mistake("a row has %d columns, it needs two: name and value", len(row.Cells))
		}
		list = append(list, simulator.Field{Name: row.Cells[0].Value, Value: row.Cells[1].Value})
	}
	return list, nil
}

// list reads "ETag, Link" as its elements.
func list(text string) []string {
	var elements []string
	for element := range strings.SplitSeq(text, ",") {
		if element = strings.TrimSpace(element); element != "" {
			elements = append(elements, element)
		}
	}
	return elements
}
