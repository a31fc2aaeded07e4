Feature: Errors of an app that answers CORS
  A page can handle an error only if it can read it. An error handler that forgets the
  CORS headers turns every error into "Failed to fetch".

  Scenario Outline: The page reads status <status> when the error carries CORS headers
    Given an API at "https://api.example.com" that answers only what follows
    And it answers every request with status <status> and the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status <status>
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]

    Examples:
      | status |
      | 401    |
      | 403    |
      | 404    |
      | 413    |
      | 429    |
      | 500    |

  Scenario Outline: Status <status> without CORS headers is just a network error
    Given an API at "https://api.example.com" that answers only what follows
    And it answers every request with status <status>
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader
    And the API received the request

    Examples:
      | status |
      | 401    |
      | 500    |

  Scenario: The page reads when to come back, if that is exposed
    Given an API at "https://api.example.com" that answers only what follows
    And it answers every request with status 429 and the headers
      | Access-Control-Allow-Origin   | *           |
      | Access-Control-Expose-Headers | Retry-After |
      | Retry-After                   | 120         |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status 429
    And the page reads "120" in the header "Retry-After"

  Scenario: An API that asks the preflight for a token never gets the request
    Browsers send no credentials with a preflight, so authentication must let it pass.
    Given an API at "https://api.example.com" that answers only what follows
    And it answers "OPTIONS /api/user" with status 401 and the headers
      | Access-Control-Allow-Origin  | https://app.example.com |
      | Access-Control-Allow-Headers | Authorization           |
    And it answers "GET /api/user" with status 200 and the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | Authorization | Bearer secret |
    Then the browser blocks the request: PreflightInvalidStatus
    And the API did not receive the request
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | Authorization | Bearer secret |
    Then the browser blocks the request: PreflightAllowOriginMismatch [https://app.example.com]

  Scenario: A router without OPTIONS refuses every preflight
    Given an API at "https://api.example.com" that answers only what follows
    And it answers every request with status 405 and the headers
      | Access-Control-Allow-Origin  | https://app.example.com |
      | Access-Control-Allow-Methods | PUT                     |
    And it answers "PUT /api/user" with status 200 and the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the browser blocks the request: PreflightInvalidStatus
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]

  Scenario: A redirect to a login page ends in a response that nobody may read
    Given an API at "https://api.example.com" that answers only what follows
    And it answers "GET /api/user" with status 302 and the headers
      | Access-Control-Allow-Origin | https://app.example.com           |
      | Location                    | https://login.example.net/sign-in |
    And an API at "https://login.example.net" that knows nothing about CORS
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader
    And the API at "https://login.example.net" received the request
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the redirect: AllowOriginMismatch [https://app.example.com]

  Scenario: A redirect without CORS headers is not followed at all
    Given an API at "https://api.example.com" that answers only what follows
    And it answers "GET /api/user" with status 302 and the headers
      | Location | https://login.example.net/sign-in |
    And an API at "https://login.example.net" that answers every request with the headers
      | Access-Control-Allow-Origin | * |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the redirect: MissingAllowOriginHeader
    And the answer leaves the API with "https://login.example.net/sign-in" in the header "Location"
    And the API at "https://login.example.net" did not receive the request

  Scenario: A preflight must not be redirected, not even to the right place
    Given an API at "https://api.example.com" that answers only what follows
    And it answers "OPTIONS /api/user" with status 308 and the headers
      | Access-Control-Allow-Origin  | https://app.example.com           |
      | Access-Control-Allow-Methods | PUT                               |
      | Location                     | https://api.example.com/api/user/ |
    And it answers "OPTIONS /api/user/" with status 204 and the headers
      | Access-Control-Allow-Origin  | https://app.example.com |
      | Access-Control-Allow-Methods | PUT                     |
    And it answers "PUT /api/user/" with status 200 and the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the browser blocks the request: PreflightDisallowedRedirect
    And the API did not receive the request
    When the page fetches "PUT https://api.example.com/api/user/"
    Then the page can read the response
    When the page fetches "DELETE https://api.example.com/api/user/"
    Then the browser blocks the request: MethodDisallowedByPreflightResponse [DELETE]
    Given another page at "https://shop.example.net"
    When the page fetches "PUT https://api.example.com/api/user/"
    Then the browser blocks the request: PreflightAllowOriginMismatch [https://app.example.com]

  Scenario: An app that closes the connection leaves nothing to read
    Given an API at "https://api.example.com" that answers only what follows
    And it closes the connection on every request
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the request fails: ConnectionFailed

  Scenario: An app that does not listen leaves nothing to read
    Given an API at "https://api.example.com" that answers only what follows
    And it is down
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the request fails: ConnectionFailed
    And the API did not receive the request

  Scenario: An app that never answers keeps the page waiting
    Given an API at "https://api.example.com" that answers only what follows
    And it never answers every request
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" and waits 1000 milliseconds for the answer
    Then the request fails: NoResponse
    And the API received the request

  Scenario: An app that answers no HTTP is not understood
    Given an API at "https://api.example.com" that answers only what follows
    And it answers every request with something that is not HTTP
    And it speaks only HTTP/1.1
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the request fails: InvalidHTTPResponse
    And the API received the request
