package explain

// CurlCommand is curlCommand, for the tests that run it in a shell.
var CurlCommand = curlCommand
