package audit

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// checkOrigins looks for who is let in that should not be.
func (t *target) checkOrigins(asked []*Reach) {
	foreign := ofClass(asked, Foreign)
	t.checkForeign(foreign)
	type group struct {
		rule string
		of   string
	}
	var order []group
	grouped := map[group][]*Reach{}
	for _, reach := range asked {
		rule := ruleOf(reach, t.policy.URL)
		if rule == "" || !reach.allowed() || reach.as(foreign) {
			continue
		}
		key := group{rule, reach.of}
		if grouped[key] == nil {
			order = append(order, key)
		}
		grouped[key] = append(grouped[key], reach)
	}
	for _, key := range order {
		t.letIn(key.rule, grouped[key])
	}
	for _, reach := range asked {
		if reach.Class == Declared && t.known && !reach.allowed() {
			t.refused(reach)
		}
	}
}

// ruleOf is the rule against an origin that is let in; "" for none.
func ruleOf(reach *Reach, url string) string {
	switch reach.Class {
	case Opaque:
		return ruleNull
	case Prefix:
		return rulePrefix
	case Suffix:
		return ruleSuffix
	case Dot:
		return ruleDot
	case Subdomain:
		return ruleSubdomain
	case PublicSuffix:
		return rulePublicSuffix
	case Port:
		return rulePort
	case Insecure, Declared:
		host := strings.TrimPrefix(reach.Origin, "http://")
		switch {
		case host == reach.Origin:
			return ""
		case host == "localhost" || strings.HasPrefix(host, "localhost:") || strings.HasPrefix(host, "127."):
			return ruleLocalhost
		case strings.HasPrefix(url, "https:"):
			return ruleScheme
		}
	case Localhost:
		return ruleLocalhost
	}
	return ""
}

// checkForeign is for a page at any site.
func (t *target) checkForeign(foreign *Reach) {
	switch {
	case foreign.ReadsWithCredentials:
		found := t.find(ruleAnyOriginCredentials, High, "cors-allow-origin",
			fmt.Sprintf("A page at any site (tried: %s) reads %s as the user who visits it: the answer echoes the Origin and allows credentials%s.", foreign.Origin, t.policy.URL, sends(foreign, ", and it may send ")),
			t.fix("List the origins that may read in cors-allow-origin.", "Compare the Origin with a list of whole origins, and answer only those of the list."))
		found.Origin, found.Proof = foreign.Origin, t.proof(foreign, foreign.get)
		return
	case foreign.Reads:
		severity, why := Medium, ""
		switch {
		case guardedByNetwork(t.guards):
			severity, why = High, " The network is what protects it ("+strings.Join(t.guards, ", ")+"), and a page in the browser of somebody inside is inside."
		case foreign.anonymous == http.StatusUnauthorized || foreign.anonymous == http.StatusForbidden:
			severity, why = Low, fmt.Sprintf(" Without credentials the answer is a %d.", foreign.anonymous)
		}
		found := t.find(ruleAnyOrigin, severity, "cors-allow-origin",
			fmt.Sprintf("A page at any site (tried: %s) reads %s, without the user's credentials (Access-Control-Allow-Origin: %s)%s.%s", foreign.Origin, t.policy.URL, foreign.AllowOrigin, sends(foreign, ", and it may send "), why),
			t.fix("If this is public data, set cors-allow-credentials to \"false\" and accept this finding; otherwise list the origins that may read in cors-allow-origin.",
				"If this is public data, accept this finding; otherwise answer only origins of a list."))
		found.Origin, found.Proof = foreign.Origin, t.proof(foreign, foreign.get)
	}
	if len(foreign.Sends) > 0 && (foreign.SendsWithCredentials || !foreign.Reads) {
		severity := Medium
		if foreign.SendsWithCredentials {
			severity = High
		}
		found := t.find(ruleAnyOriginSends, severity, "cors-allow-origin",
			fmt.Sprintf("A page at any site (tried: %s) may send %s to %s%s: it cannot read the answer, and the harm is done before.", foreign.Origin, strings.Join(foreign.Sends, ", "), t.policy.URL, asUser(foreign)),
			"Let preflights be answered by the same list of origins as requests.")
		found.Origin, found.Proof = foreign.Origin, t.proof(foreign, foreign.preflight)
	}
}

// guardedByNetwork tells whether it is the client's address that is checked.
func guardedByNetwork(guards []string) bool {
	return strings.Contains(strings.Join(guards, " "), "source-range")
}

func sends(reach *Reach, before string) string {
	if len(reach.Sends) == 0 {
		return ""
	}
	return before + strings.Join(reach.Sends, ", ") + asUser(reach)
}

func asUser(reach *Reach) string {
	if reach.SendsWithCredentials {
		return " with the user's credentials"
	}
	return " without credentials"
}

// who says who has such a page.
var who = map[string]string{
	ruleNull:         "A sandboxed frame on any site",
	rulePrefix:       "Whoever registers a domain that begins like the allowed one",
	ruleSuffix:       "Whoever registers a domain that ends like the allowed one",
	ruleDot:          "Whoever registers the domain with another character for the dot",
	ruleSubdomain:    "Whoever gets hold of any sub-domain, by a dangling DNS record or by a script that is let in there,",
	rulePublicSuffix: "Anybody, since anybody gets a name under this public suffix,",
	ruleScheme:       "Whoever controls the user's network, and so any page that comes without TLS,",
	rulePort:         "Another program on the same host",
	ruleLocalhost:    "A program on the user's own machine",
}

// letIn is for origins of one kind that are let in.
func (t *target) letIn(rule string, reaches []*Reach) {
	worst := reaches[0]
	var tried []string
	for _, reach := range reaches {
		tried = append(tried, reach.Origin)
		if reach.ReadsWithCredentials && !worst.ReadsWithCredentials {
			worst = reach
		}
	}
	credentialed := worst.ReadsWithCredentials || worst.SendsWithCredentials
	severity := map[bool]Severity{true: High, false: Medium}[credentialed]
	switch rule {
	case ruleSubdomain, ruleScheme, ruleLocalhost:
		severity = map[bool]Severity{true: Medium, false: Low}[credentialed]
	case rulePort:
		severity = map[bool]Severity{true: Low, false: Info}[credentialed]
	}
	can := "may send " + strings.Join(worst.Sends, ", ") + " to " + t.policy.URL + asUser(worst)
	exchange := worst.preflight
	switch {
	case worst.ReadsWithCredentials:
		can, exchange = "reads "+t.policy.URL+" as the user", worst.get
	case worst.Reads:
		can, exchange = "reads "+t.policy.URL+" without credentials", worst.get
	}
	because := ""
	if worst.of != "" && worst.Class != Declared {
		because = fmt.Sprintf(", because %s is allowed", worst.of)
	}
	message := fmt.Sprintf("%s %s%s (tried: %s).", who[rule], can, because, strings.Join(tried, ", "))
	found := t.find(rule, severity, "cors-allow-origin", message, t.fixFor(rule, worst))
	found.Origin, found.Proof = worst.Origin, t.proof(worst, exchange)
}

func (t *target) fixFor(rule string, reach *Reach) string {
	switch rule {
	case ruleNull:
		return t.fix("Remove null from cors-allow-origin.", "Never allow null; give the page that needs it an origin of its own.")
	case rulePrefix, ruleSuffix, ruleDot:
		return "Compare the whole Origin with whole origins; a regular expression needs ^, $ and \\. for a dot."
	case ruleSubdomain, rulePublicSuffix:
		return t.fix("List the sub-domains that need it by name in cors-allow-origin.", "List the sub-domains that need it by name.")
	case ruleScheme:
		return t.fix("Write https:// for "+strings.TrimPrefix(reach.Origin, "http://")+" in cors-allow-origin.", "Allow the https origin only.")
	case rulePort:
		return "Compare the port too: an origin without one means the scheme's own."
	default:
		return t.fix("Remove it from cors-allow-origin, and give developers an Ingress of their own.", "Remove it from the list of the production system.")
	}
}

// refused is for an origin that the policy names in vain.
func (t *target) refused(reach *Reach) {
	reason := reach.reason.String() + ", " + orNone(reach.AllowOrigin)
	found := t.find(ruleRefused, Medium, "cors-allow-origin", fmt.Sprintf("%s is to be allowed, and a browser refuses its pages %s: %s.", reach.Origin, t.policy.URL, reason),
		t.fix("Look at the other findings: is an element of cors-allow-origin not taken?", fmt.Sprintf("crosscheck explain GET %s --origin %s tells which layer answers what.", t.policy.URL, reach.Origin)))
	found.Origin, found.Proof = reach.Origin, t.proof(reach, reach.get)
}

// checkLoose tries what no browser sends, where not everybody is let in anyway.
func (t *target) checkLoose(ctx context.Context, asked []*Reach) error {
	if ofClass(asked, Foreign).Reads || reference(asked) == nil {
		return nil
	}
	for _, loose := range looseOrigins(t.declared) {
		exchange, err := t.raw(ctx, loose.value)
		if err != nil {
			return err
		}
		if exchange.ResponseHeader.Get("Access-Control-Allow-Origin") != loose.value {
			continue
		}
		how := "without regard to case"
		if strings.HasPrefix(loose.value, "x") {
			how = "from its end only"
		}
		found := t.find(ruleLoose, Info, "cors-allow-origin", fmt.Sprintf("The Origin %s is accepted, because %s is allowed and compared %s. No browser sends it.", loose.value, loose.of, how),
			t.fix("Nothing has to be done: ingress-nginx compares so.", "Anchor the pattern at both ends, and compare the case."))
		found.Origin = loose.value
		found.Proof = t.proof(&Reach{}, exchange)
		found.Proof.Script = ""
	}
	return nil
}
