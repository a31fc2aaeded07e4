package harness

import "regexp"

var plainURL = regexp.MustCompile(`^https?://([a-z0-9]+\.)*[a-z]+(:[1-9][0-9]{3})?/[A-Za-z0-9/_]*(\?[A-Za-z0-9=&_]*)?$`)

// IsPlainURL reports whether every parser of URLs leaves it as it is, which saves parsing it.
func IsPlainURL(raw string) bool { return plainURL.MatchString(raw) }
