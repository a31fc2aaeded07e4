package fuzz

import (
	"math/rand/v2"
	"strings"
)

// dice are the choices of one case. They depend on the seed and on the case's
// index only, so that a case can be made again on its own.
type dice struct{ *rand.Rand }

// The streams that are derived from a seed.
const (
	casesStream uint64 = iota << 56
	pagesStream
)

// diceFor gives the dice of the n-th element of a stream.
func diceFor(seed uint64, stream, n uint64) dice {
	return dice{rand.New(rand.NewPCG(seed, stream|n))}
}

// percent is true in so many of a hundred cases.
func (d dice) percent(chance int) bool { return d.IntN(100) < chance }

// pick chooses one of the values, all of which are as likely.
func pick[T any](d dice, values ...T) T { return values[d.IntN(len(values))] }

// weighted is a value and how likely it is, in proportion to the others.
type weighted[T any] struct {
	weight int
	value  T
}

// pickWeighted chooses one of the values.
func pickWeighted[T any](d dice, values []weighted[T]) T {
	total := 0
	for _, v := range values {
		total += v.weight
	}
	n := d.IntN(total)
	for _, v := range values {
		if n -= v.weight; n < 0 {
			return v.value
		}
	}
	return values[len(values)-1].value
}

// mixCase changes the case of the letters at random.
func (d dice) mixCase(text string) string {
	return strings.Map(func(r rune) rune {
		if d.percent(50) {
			return []rune(strings.ToUpper(string(r)))[0]
		}
		return []rune(strings.ToLower(string(r)))[0]
	}, text)
}
