Feature: What a CORS policy says to a browser
  APIs that answer exactly the listed headers, so that each line of a policy can be
  seen at work: public, strict, and the ways to get it wrong.

  Scenario: A public read-only API lets every page in
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin   | *                                 |
      | Access-Control-Expose-Headers | ETag, Link, Location, Retry-After |
      | ETag                          | "33a64df5"                        |
      | Link                          | </api/users?page=2>; rel="next"   |
    And a page at "https://anywhere.example.net"
    When the page fetches "GET https://api.example.com/api/users"
    Then the page can read the response
    And the page can read the headers "ETag, Link"

  Scenario: A public API does not care that a page has no origin of its own
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | * |
    And a sandboxed frame in a page at "https://anywhere.example.net"
    When the page fetches "GET https://api.example.com/api/users"
    Then the page can read the response
    And the request carries the header "Origin" with "null"

  Scenario: A strict API answers its one page, with credentials
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | true                    |
      | Access-Control-Expose-Headers    | ETag, Link, Retry-After |
      | Vary                             | Origin                  |
      | ETag                             | "33a64df5"              |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response
    And the page reads ""33a64df5"" in the header "ETag"

  Scenario: The strict API's page is the only one
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | true                    |
    And a page at "https://admin.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]
    And the API received the request

  Scenario: The wildcard with credentials is refused
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | *    |
      | Access-Control-Allow-Credentials | true |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the browser blocks the response: WildcardOriginNotAllowed
    And the API received the request

  Scenario: The same wildcard is fine while no credentials are asked for
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | *    |
      | Access-Control-Allow-Credentials | true |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response

  Scenario: Credentials need to be allowed by name
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the browser blocks the response: InvalidAllowCredentials

  Scenario: Credentials are allowed by the word true and no other
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | True                    |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the browser blocks the response: InvalidAllowCredentials [True]

  Scenario: A list of origins in one header is no policy
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | https://app.example.com, https://admin.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MultipleAllowOriginValues [https://app.example.com, https://admin.example.com]

  Scenario: A wildcard inside a host name means nothing to a browser
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | https://*.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: AllowOriginMismatch [https://*.example.com]

  Scenario: A trailing slash makes another origin
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | https://app.example.com/ |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com/]

  Scenario: An origin without its scheme is not an origin
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: InvalidAllowOriginValue [app.example.com]

  Scenario: One route is public, the next is locked down
    Given an API at "https://api.example.com" that answers only what follows
    And it answers "GET /public/prices" with status 200 and the headers
      | Access-Control-Allow-Origin | * |
    And it answers "GET /api/orders" with status 200 and the headers
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | true                    |
    And a page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/public/prices"
    Then the page can read the response
    When the page fetches "GET https://api.example.com/api/orders" with credentials
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]
    Given another page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/orders" with credentials
    Then the page can read the response

  Scenario: A policy that echoes every origin hands credentials to everybody
    Given an API at "https://api.example.com" that answers only what follows
    And it allows every origin by echoing it, with the headers
      | Access-Control-Allow-Credentials | true |
    And the browser holds the cookie "session=blue; Secure; SameSite=None; Path=/" of "https://api.example.com"
    And a page at "https://evil.example.net"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response
    And the request carries the header "Cookie" with "session=blue"

  Scenario: Allowing the null origin lets any sandboxed page in
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | null |
      | Access-Control-Allow-Credentials | true |
    And a sandboxed frame in a page at "https://evil.example.net"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response
