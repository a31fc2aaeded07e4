package steps

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/cucumber/godog"

	"github.com/crosscheck-dev/crosscheck/harness/nearest"
	"github.com/crosscheck-dev/crosscheck/simulator"
)

// options are the members of fetch()'s second argument that a scenario can
// name; headers and the method have other ways to be written.
// https://fetch.spec.whatwg.org/#requestinit
var options = []string{"mode", "credentials", "redirect", "referrer", "referrerPolicy", "keepalive", "body"}

// headerOption is what stands before a header's name among the options.
const headerOption = "header "

func (w *world) thePageFetchesWithOptions(ctx context.Context, text string, table *godog.Table) error {
	rows, err := fields(table)
	if err != nil {
		return err
	}
	request, err := w.request(text, "", nil)
	if err != nil {
		return err
	}
	for i, row := range rows {
		if slices.ContainsFunc(rows[:i], func(other simulator.Field) bool { return other.Name == row.Name }) && !strings.HasPrefix(row.Name, headerOption) {
			return mistake("the option %s is there twice", row.Name)
		}
		if err := setOption(&request, row.Name, row.Value); err != nil {
			return err
		}
	}
	return w.perform(ctx, text, action{fetch: &fetch{page: w.page, request: request}})
}

// setOption reads one option.
func setOption(request *simulator.Request, name, value string) error {
	oneOf := func(allowed ...string) error {
		if !slices.Contains(allowed, value) {
			return mistake("%s is %q: fetch() knows %s", name, value, strings.Join(allowed, ", "))
		}
		return nil
	}
	switch name {
	case "mode":
		request.Mode = simulator.Mode(value)
		return oneOf("cors", "no-cors", "same-origin")
	case "credentials":
		request.Credentials = simulator.CredentialsMode(value)
		return oneOf("omit", "same-origin", "include")
	case "redirect":
		request.Redirect = simulator.RedirectMode(value)
		return oneOf("follow", "error", "manual")
	case "referrer":
		request.Referrer = value
		if value == "" {
			request.Referrer = "no-referrer"
		}
	case "referrerPolicy":
		request.ReferrerPolicy = value
		return oneOf("no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin",
			"origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url")
	case "keepalive":
		var err error
		if request.Keepalive, err = strconv.ParseBool(value); err != nil {
			return mistake("keepalive is %q: write true or false", value)
		}
	case "body":
		request.Body = &simulator.Body{Text: value}
	default:
		header, isHeader := strings.CutPrefix(name, headerOption)
		if !isHeader {
			return mistake(`there is no option %q: did you mean %q? There are %s, and "header NAME"`, name, nearest.To(name, options), strings.Join(options, ", "))
		}
		request.Headers = append(request.Headers, simulator.Field{Name: header, Value: value})
	}
	return nil
}
