package fuzz_test

import (
	"testing"

	"github.com/crosscheck-dev/crosscheck/harness/fuzz"
)

func BenchmarkGenerate(b *testing.B) {
	b.ReportAllocs()
	var index uint64
	for b.Loop() {
		fuzz.Generate(1, index)
		index++
	}
}
