package live

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// Hosts are the places of hosts: by "host" or "host:port" in lower case, an IP
// address with or without a port. Without one, the URL's port is kept.
type Hosts map[string]string

// CheckHost reports what is wrong with one entry of Hosts.
func CheckHost(host, place string) error {
	if err := CheckName(host); err != nil {
		return err
	}
	if _, err := netip.ParseAddrPort(place); err == nil {
		return nil
	}
	if _, err := netip.ParseAddr(place); err != nil {
		return fmt.Errorf("%q is no place of %s: write an IP address and, if it is not the URL's, a port, such as 10.0.0.5:443", place, host)
	}
	return nil
}

// CheckName reports what is wrong with a "host" or "host:port".
func CheckName(host string) error {
	name, port := host, ""
	if before, after, found := strings.Cut(host, ":"); found && !strings.ContainsAny(after, ":/") {
		name, port = before, after
	}
	if name == "" || strings.ContainsAny(name, ":/ @") || host != strings.ToLower(host) {
		return fmt.Errorf("%q is no host: write a name in lower case, such as api.example.com, and a port only where it is about that port alone", host)
	}
	if port != "" {
		if _, err := netip.ParseAddrPort("0.0.0.0:" + port); err != nil {
			return fmt.Errorf("%q has no port after the host", host)
		}
	}
	return nil
}

// place is the address to connect to for "host:port", and whether it is one of these.
func (h Hosts) place(address string) (place string, known bool) {
	address = strings.ToLower(address)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address, false
	}
	if place, known = h[address]; !known {
		if place, known = h[host]; !known {
			return address, false
		}
	}
	if _, err := netip.ParseAddrPort(place); err == nil {
		return place, true
	}
	return net.JoinHostPort(place, port), true
}
