package main

import "runtime/debug"

// version is the module's version, with the commit for a build from a checkout.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= 12 && info.Main.Version == "(devel)" {
			return "devel-" + setting.Value[:12]
		}
	}
	return info.Main.Version
}
