package vectors_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/harness/vectors"
)

// TestTheOwnVectorsStandInTheFileOfTheirArea: each area of the format has one,
// and each vector says which algorithm it is about and what Chrome makes of it.
func TestTheOwnVectorsStandInTheFileOfTheirArea(t *testing.T) {
	list, err := vectors.Load("../../fixtures/vectors")
	require.NoError(t, err)
	count := map[string]int{}
	for _, vector := range list {
		require.NotEmpty(t, vector.Spec, vector.ID)
		require.Equal(t, vector.Area+".jsonl", filepath.Base(vector.File), vector.ID)
		require.Contains(t, []string{"pass", "fail"}, vector.ChromeKnown, vector.ID)
		require.Equal(t, vector.ChromeKnown == "fail", vector.ChromeReason != "", vector.ID)
		count[vector.Area]++
	}
	areas := []string{
		"acao", "credentials", "safelist", "preflight", "status", "preflight-cache", "redirect-cors", "redirect-basic", "expose",
		"origin-header", "referrer", "modes", "forbidden", "no-cors-headers", "corp", "coep", "elements", "xhr", "xhr-upload",
		"opaque-origin", "tao",
	}
	for _, area := range areas {
		require.GreaterOrEqual(t, count[area], 12, area)
	}
	require.Len(t, count, len(areas))
}

func TestAnIDInTwoFilesIsRefused(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"a.jsonl", "b.jsonl"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("\n"+good), 0o600))
	}
	_, err := vectors.Load(folder)
	var refused *vectors.ParseError
	require.ErrorAs(t, err, &refused)
	require.ErrorContains(t, err, "a.jsonl too")
	require.Equal(t, filepath.Join(folder, "b.jsonl"), refused.File)
	require.Equal(t, 2, refused.Line)
}

func TestAFolderWithoutVectorsIsRefused(t *testing.T) {
	_, err := vectors.Load(t.TempDir())
	require.ErrorContains(t, err, "no *.jsonl file")
}

// TestTheOwnVectorsHaveTheFieldsOfTheFormatOnly: what is misspelt would be passed over.
func TestTheOwnVectorsHaveTheFieldsOfTheFormatOnly(t *testing.T) {
	files, err := filepath.Glob("../../fixtures/vectors/*.jsonl")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		decoder := json.NewDecoder(bytes.NewReader(content))
		decoder.DisallowUnknownFields()
		for decoder.More() {
			require.NoError(t, decoder.Decode(new(vectors.Vector)), file)
		}
	}
}

// FuzzParse: whatever the bytes, there are vectors that can be run or an error that says where.
func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(`{"id": "a", "page": {"url": "u"}, "steps": [{"request": {"url": "u", "method": ""}, "expect": {"wire": []}}]}`))
	f.Add([]byte(`{"id": "a", "cookies": 7}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		list, err := vectors.Parse("f.jsonl", content)
		if err == nil {
			for _, vector := range list {
				require.NotEmpty(t, vector.ID)
			}
			return
		}
		var refused *vectors.ParseError
		require.ErrorAs(t, err, &refused)
		require.Positive(t, refused.Line)
		require.Positive(t, refused.Column)
	})
}
