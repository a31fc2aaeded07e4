package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// The parts of the SARIF 2.1.0 format that are written.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string            `json:"id"`
		ShortDescription     sarifMessage      `json:"shortDescription"`
		FullDescription      sarifMessage      `json:"fullDescription"`
		HelpURI              string            `json:"helpUri"`
		DefaultConfiguration map[string]string `json:"defaultConfiguration"`
		Properties           map[string]any    `json:"properties"`
	}
	sarifResult struct {
		RuleID              string            `json:"ruleId"`
		RuleIndex           int               `json:"ruleIndex"`
		Level               string            `json:"level"`
		Message             sarifMessage      `json:"message"`
		Locations           []sarifLocation   `json:"locations"`
		PartialFingerprints map[string]string `json:"partialFingerprints"`
		Properties          map[string]any    `json:"properties"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysicalLocation `json:"physicalLocation"`
	}
	sarifPhysicalLocation struct {
		ArtifactLocation map[string]string `json:"artifactLocation"`
		Region           *sarifRegion      `json:"region,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
)

// level is SARIF's word for a severity, score GitHub's number for it.
func (s Severity) level() string {
	return map[Severity]string{High: "error", Medium: "warning", Low: "note", Info: "note"}[s]
}

func (s Severity) score() string {
	return map[Severity]string{High: "8.0", Medium: "5.5", Low: "3.0", Info: "1.0"}[s]
}

// WriteSARIF writes the findings in SARIF 2.1.0, for code scanning. version is crosscheck's.
func WriteSARIF(out io.Writer, r Result, version string) error {
	driver := sarifDriver{Name: "crosscheck", Version: version, InformationURI: "https://github.com/crosscheck-dev/crosscheck"}
	rules := Rules()
	for _, rule := range rules {
		driver.Rules = append(driver.Rules, sarifRule{
			ID: rule.ID, ShortDescription: sarifMessage{rule.Title}, FullDescription: sarifMessage{rule.Text}, HelpURI: rule.URL,
			DefaultConfiguration: map[string]string{"level": rule.Severity.level()},
			Properties:           map[string]any{"tags": []string{"security", "cors"}, "security-severity": rule.Severity.score()},
		})
	}
	results := []sarifResult{}
	for _, policy := range r.Policies {
		for _, finding := range policy.Findings {
			results = append(results, sarifResultOf(policy, finding, slices.IndexFunc(rules, func(rule Rule) bool { return rule.ID == finding.Rule })))
		}
	}
	return writeJSON(out, sarifLog{
		Schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", Version: "2.1.0",
		Runs: []sarifRun{{Tool: sarifTool{driver}, Results: results}},
	})
}

func sarifResultOf(policy Policy, finding Finding, rule int) sarifResult {
	text := finding.Message + " Fix: " + finding.Fix
	location := sarifPhysicalLocation{ArtifactLocation: map[string]string{"uri": policy.URL}}
	if finding.File != "" {
		location.ArtifactLocation["uri"] = (&url.URL{Path: filepath.ToSlash(finding.File)}).String()
		if strings.HasPrefix(finding.File, "<") {
			location.ArtifactLocation["uri"] = "stdin"
		}
		location.Region = &sarifRegion{StartLine: max(1, finding.Line), StartColumn: finding.Column}
	}
	properties := map[string]any{"severity": finding.Severity, "policy": finding.Policy}
	if finding.Origin != "" {
		properties["origin"] = finding.Origin
	}
	if finding.Proof != nil {
		properties["proof"] = finding.Proof
	}
	// Lines move; the policy, the rule and the origin are what a finding is known by.
	print := sha256.Sum256([]byte(finding.Policy + "\n" + finding.Rule + "\n" + finding.Origin))
	return sarifResult{
		RuleID: finding.Rule, RuleIndex: rule, Level: finding.Severity.level(), Message: sarifMessage{text},
		Locations:           []sarifLocation{{location}},
		PartialFingerprints: map[string]string{"crosscheck/v1": hex.EncodeToString(print[:16])},
		Properties:          properties,
	}
}
