Feature: Modes, credentials and redirects as a browser takes them
  What a page's script asks for decides what is sent and what is shown.

  Scenario: no-cors mode needs nobody's permission, and shows nothing
    Given an API at "https://api.example.com" that knows nothing about CORS
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" in no-cors mode
    Then the response is opaque
    And the API received the request

  Scenario: same-origin mode does not even leave the browser
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | * |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response
    When the page fetches "GET https://api.example.com/api/user" in same-origin mode
    Then the browser blocks the request: DisallowedByMode
    And the API did not receive the request

  Scenario: A secure page cannot call an API over plain http
    Given an API at "http://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | * |
    And a page at "http://app.example.com"
    When the page fetches "GET http://api.example.com/api/user"
    Then the page can read the response
    Given another page at "https://app.example.com"
    When the page fetches "GET http://api.example.com/api/user"
    Then the browser blocks the request: MixedContent
    And the API did not receive the request

  Scenario: A cookie without SameSite stays at home on a foreign site's request
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | https://app.partner.net |
      | Access-Control-Allow-Credentials | true                    |
    And the browser holds the cookie "session=blue; Secure; Path=/" of "https://api.example.com"
    And a page at "https://app.partner.net"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response
    And the request carries no header "Cookie"

  Scenario: A cookie without SameSite goes along within one site
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | true                    |
    And the browser holds the cookie "session=blue; Secure; Path=/" of "https://api.example.com"
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response
    And the request carries the header "Cookie" with "session=blue"

  Scenario: A redirect within the API is followed
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    And it answers "GET /old" with status 301 and the headers
      | Access-Control-Allow-Origin | https://app.example.com |
      | Location                    | /new                    |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/old"
    Then the page can read the response
    And the response came from "https://api.example.com/new"

  Scenario: A page that may not read the API may not follow its redirects
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    And it answers "GET /old" with status 301 and the headers
      | Access-Control-Allow-Origin | https://app.example.com |
      | Location                    | /new                    |
    And a page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/old"
    Then the browser blocks the redirect: AllowOriginMismatch [https://app.example.com]
    When the page fetches "GET https://api.example.com/new"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]

  Scenario: After a redirect to another origin the page's own origin is hidden
    Given an API at "https://api.example.com" that answers only what follows
    And it answers "GET /api/user" with status 302 and the headers
      | Access-Control-Allow-Origin | https://app.example.com          |
      | Location                    | https://files.example.net/user/7 |
    And an API at "https://files.example.net" that answers every request with the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the request carries the header "Origin" with "null"
    And the browser blocks the response: AllowOriginMismatch [https://app.example.com]
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the redirect: AllowOriginMismatch [https://app.example.com]

  Scenario: A redirect to another origin loses the token
    Given an API at "https://api.example.com" that answers only what follows
    And it answers "OPTIONS /api/user" with status 204 and the headers
      | Access-Control-Allow-Origin  | https://app.example.com |
      | Access-Control-Allow-Headers | Authorization           |
    And it answers "GET /api/user" with status 302 and the headers
      | Access-Control-Allow-Origin | https://app.example.com          |
      | Location                    | https://files.example.net/user/7 |
    And an API at "https://files.example.net" that answers every request with the headers
      | Access-Control-Allow-Origin | * |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | Authorization | Bearer secret |
    Then the request carries no header "Authorization"
    And the page can read the response
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | X-Tenant | blue |
    Then the browser blocks the request: HeaderDisallowedByPreflightResponse [x-tenant]
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the redirect: AllowOriginMismatch [https://app.example.com]
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | Authorization | Bearer secret |
    Then the browser blocks the request: PreflightAllowOriginMismatch [https://app.example.com]

  Scenario: A page that refuses redirects gets a network error
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    And it answers "GET /old" with status 301 and the headers
      | Access-Control-Allow-Origin | https://app.example.com |
      | Location                    | /new                    |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/old" refusing redirects
    Then the browser blocks the redirect: RedirectModeError

  Scenario: A page that handles redirects itself is told nothing of the target
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    And it answers "GET /old" with status 301 and the headers
      | Access-Control-Allow-Origin | https://app.example.com |
      | Location                    | /new                    |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/old" without following redirects
    Then the response is an opaque redirect

  Scenario: A script needs no CORS to be run
    Given an API at "https://api.example.com" that answers every request with the headers
      | Content-Type | text/javascript |
    And a page at "https://app.example.com"
    When the page loads the script "https://api.example.com/widget.js"
    Then the response is opaque
    And the request carries no header "Origin"

  Scenario: A script with crossorigin does
    Given an API at "https://api.example.com" that answers every request with the headers
      | Content-Type | text/javascript |
    And a page at "https://app.example.com"
    When the page loads the script with crossorigin "https://api.example.com/widget.js"
    Then the browser blocks the response: MissingAllowOriginHeader
    And the request carries the header "Origin" with "https://app.example.com"

  Scenario: A resource policy shuts even no-cors requests out
    Given an API at "https://api.partner.net" that answers every request with the headers
      | Cross-Origin-Resource-Policy | same-origin |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.partner.net/api/user" in no-cors mode
    Then the browser blocks the response: CrossOriginResourcePolicy
