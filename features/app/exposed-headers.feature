Feature: Which response headers a page can read
  The header that teams forget: a response may be readable while its pagination, its
  rate limits and its retry hint are not.

  Scenario: The public answer of api.github.com
    Given an API at "https://api.github.com" that answers every request with the headers
      | Access-Control-Allow-Origin   | * |
      | Access-Control-Expose-Headers | ETag, Link, Location, Retry-After, X-GitHub-OTP, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Used, X-RateLimit-Resource, X-RateLimit-Reset, X-OAuth-Scopes, X-Accepted-OAuth-Scopes, X-Poll-Interval, X-GitHub-Media-Type, X-GitHub-SSO, X-GitHub-Request-Id, Deprecation, Sunset, Warning |
      | Content-Type                  | application/json |
      | ETag                          | "644b5b0155e6404a9cc4bd9d8b1ae730" |
      | Link                          | <https://api.github.com/repositories?since=369>; rel="next" |
      | X-RateLimit-Limit             | 60 |
      | X-RateLimit-Remaining         | 57 |
      | X-GitHub-Request-Id           | E2F1:1B2C |
      | Server                        | github.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.github.com/repositories"
    Then the page can read the headers "ETag, Link, X-RateLimit-Limit, X-RateLimit-Remaining, X-GitHub-Request-Id"
    And the page cannot read the header "Server"
    And the page reads "57" in the header "X-RateLimit-Remaining"

  Scenario: Without an expose list the page sees the body and little else
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | *                               |
      | Content-Type                | application/json                |
      | ETag                        | "33a64df5"                      |
      | Link                        | </api/users?page=2>; rel="next" |
      | Retry-After                 | 120                             |
      | X-RateLimit-Remaining       | 57                              |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/users"
    Then the page can read the response
    And the page can read the header "Content-Type"
    And the page cannot read the headers "ETag, Link, Retry-After, X-RateLimit-Remaining"

  Scenario: Seven headers need no expose list
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | *                             |
      | Cache-Control               | no-store                      |
      | Content-Language            | en                            |
      | Content-Type                | application/json              |
      | Expires                     | 0                             |
      | Last-Modified               | Sun, 01 Nov 2026 00:00:00 GMT |
      | Pragma                      | no-cache                      |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/users"
    Then the page can read the headers "Cache-Control, Content-Language, Content-Length, Content-Type, Expires, Last-Modified, Pragma"

  Scenario: The wildcard exposes everything to a request without credentials
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin   | *          |
      | Access-Control-Expose-Headers | *          |
      | ETag                          | "33a64df5" |
      | X-Trace                       | 8f2c       |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/users"
    Then the page can read the headers "ETag, X-Trace"

  Scenario: With credentials the wildcard is the name of a header that nobody sends
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | true                    |
      | Access-Control-Expose-Headers    | *                       |
      | ETag                             | "33a64df5"              |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/users" with credentials
    Then the page can read the response
    And the page cannot read the header "ETag"
    When the page fetches "GET https://api.example.com/api/users"
    Then the page can read the header "ETag"

  Scenario: A cookie is never exposed, whatever the list says
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin   | *                |
      | Access-Control-Expose-Headers | Set-Cookie, ETag |
      | Set-Cookie                    | session=blue     |
      | ETag                          | "33a64df5"       |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/users"
    Then the page can read the header "ETag"
    And the page cannot read the header "Set-Cookie"

  Scenario: The expose list belongs on the response, not on the preflight
    Given an API at "https://api.example.com" that answers only what follows
    And it answers "PUT /api/user" with status 200 and the headers
      | Access-Control-Allow-Origin | *          |
      | ETag                        | "33a64df5" |
    And it answers "OPTIONS /api/user" with status 204 and the headers
      | Access-Control-Allow-Origin   | *    |
      | Access-Control-Allow-Methods  | PUT  |
      | Access-Control-Expose-Headers | ETag |
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the page can read the response
    And the page cannot read the header "ETag"
    When the page fetches "DELETE https://api.example.com/api/user"
    Then the browser blocks the request: MethodDisallowedByPreflightResponse [DELETE]
