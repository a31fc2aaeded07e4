// Package live is the environment of what is deployed already: a scenario's
// APIs are URLs, and nothing is started, changed or stopped.
//
// Requests go over the real network, to where the system's resolver or an
// override says that a host is. The server's certificate is checked here, for
// every browser alike, against the system's authorities or those of a file, and
// for the name in the URL; the browser's own TLS ends in this process, at a
// certificate of the run's authority, and what it sends goes on to the server
// byte for byte, in the HTTP version that the server chose. So a browser needs
// no private authority in its own store, and no name in any hosts file.
//
// A host may have additions, a client certificate and headers: its requests are then
// passed on one by one, in the same HTTP version but not byte for byte, and get what the
// host is to get beside what the browser sent. Browsers never know.
//
// A server that cannot be reached, or that has no certificate that a browser
// would trust, is an error of the environment. What the server answers is an outcome.
package live
