package simulator_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crosscheck-dev/crosscheck/simulator"
)

func TestTheCredentialsModeIsThatWithWhichCookiesAreSent(t *testing.T) {
	initiators := []simulator.Initiator{
		"", simulator.InitiatorFetch, simulator.InitiatorXHR, simulator.InitiatorXHRUploadListener, simulator.InitiatorXHRUploadListenerLate,
		simulator.InitiatorImage, simulator.InitiatorImageAnonymous, simulator.InitiatorImageUseCredentials,
		simulator.InitiatorScript, simulator.InitiatorScriptAnonymous, simulator.InitiatorScriptUseCredentials,
		simulator.InitiatorModuleScript, simulator.InitiatorModuleScriptAnonymous, simulator.InitiatorModuleScriptUseCredentials,
		simulator.InitiatorStylesheet, simulator.InitiatorStylesheetAnonymous, simulator.InitiatorStylesheetUseCredentials, simulator.InitiatorFont,
		simulator.InitiatorEventSource, simulator.InitiatorEventSourceWithCredentials, simulator.InitiatorBeacon,
	}
	for _, initiator := range initiators {
		for _, credentials := range []simulator.CredentialsMode{"", simulator.CredentialsOmit, simulator.CredentialsSameOrigin, simulator.CredentialsInclude} {
			request := simulator.Request{URL: "https://api.example.com/x", Initiator: initiator, Credentials: credentials}
			for page, sent := range map[string]bool{
				"https://app.example.com": request.CredentialsMode() == simulator.CredentialsInclude,
				"https://api.example.com": request.CredentialsMode() != simulator.CredentialsOmit,
			} {
				var cookie string
				browser := simulator.New(simulator.Standard, simulator.WithHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
					w.Header().Set("Access-Control-Allow-Credentials", "true")
					if r.Method != http.MethodOptions {
						cookie = r.Header.Get("Cookie")
					}
				})))
				require.NoError(t, browser.SetCookie("https://api.example.com", "a=b; Secure; SameSite=None"))
				browser.Open(page).Fetch(t.Context(), request)
				require.Equal(t, sent, cookie == "a=b", "%s %s from %s", initiator, credentials, page)
			}
		}
	}
}
