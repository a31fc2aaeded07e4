Feature: A Go API answers CORS itself
  The same policy as the Express API's, with rs/cors in front of a Go handler.

  Background:
    Given the Go API at "https://api.example.com" with the CORS policy
      | allowed origins | https://app.example.com, https://admin.example.com |
      | allowed methods | GET, POST, PUT, DELETE                             |
      | allowed headers | Content-Type, Authorization                        |
      | exposed headers | ETag, Link, Retry-After                            |
      | credentials     | true                                               |
      | max age         | 600                                                |

  Scenario: The listed page reads the user with its cookie
    Given a page at "https://app.example.com"
    And the browser holds the cookie "session=blue; Secure; SameSite=None; Path=/" of "https://api.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response
    And the request carries the header "Cookie" with "session=blue"

  Scenario: Without credentials the cookie stays at home
    Given a page at "https://app.example.com"
    And the browser holds the cookie "session=blue; Secure; SameSite=None; Path=/" of "https://api.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response
    And the request carries no header "Cookie"
    And the answer leaves the API with "https://app.example.com" in the header "Access-Control-Allow-Origin"

  Scenario: A page that is not listed cannot read what it made the API do
    Given a page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader
    And the API received the request

  Scenario: A sub-domain of a listed origin is not listed
    Given a page at "https://beta.app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: Another port of a listed origin is not listed
    Given a page at "https://app.example.com:8443"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader
    And the request carries the header "Origin" with "https://app.example.com:8443"

  Scenario: An update with JSON is preflighted and goes through
    Given a page at "https://admin.example.com"
    When the page fetches "PUT https://api.example.com/api/user" with credentials and the headers
      | Content-Type | application/json |
    Then the browser sends a preflight
    And the page can read the response
    And the API received the request

  Scenario: The middleware answers the preflight, the handler never sees it
    Given a page at "https://app.example.com"
    When the page fetches "DELETE https://api.example.com/api/user"
    Then the preflight asks for the method "DELETE" and the headers ""
    And the preflight is answered with status 204
    And the page can read the response

  Scenario: A method outside the policy is stopped by the preflight
    Given a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the page can read the response
    When the page fetches "PATCH https://api.example.com/api/user"
    Then the browser blocks the request: PreflightMissingAllowOriginHeader
    And the API did not receive the request

  Scenario: A header outside the policy is stopped by the preflight
    rs/cors then answers without any CORS header, so the browser cannot say which one it was.
    Given a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | Authorization | Bearer secret |
    Then the page can read the response
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | X-Tenant | blue |
    Then the browser blocks the request: PreflightMissingAllowOriginHeader
    And the API did not receive the request

  Scenario: A server-side client needs no CORS, and gets it only if it names an origin
    When curl sends "GET https://api.example.com/api/user"
    Then curl gets status 200
    And curl gets no header "Access-Control-Allow-Origin"
    When curl sends "GET https://api.example.com/api/user" with the headers
      | Origin | https://admin.example.com |
    Then curl gets the headers
      | Access-Control-Allow-Origin      | https://admin.example.com |
      | Access-Control-Allow-Credentials | true                      |

  Scenario: The page reads the exposed headers and no others
    Given a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the headers "ETag, Link"
    And the page cannot read the header "X-RateLimit-Remaining"

  Scenario: A new user is created without a preflight
    Given a page at "https://app.example.com"
    When the page fetches "POST https://api.example.com/api/user"
    Then the browser sends no preflight
    And the page can read the status 201

  Scenario: For ten minutes the browser asks only once
    Given a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the browser sends a preflight
    When the page fetches "PUT https://api.example.com/api/user"
    Then the browser sends no preflight
    And the page can read the response
    When curl sends "OPTIONS https://api.example.com/api/user" with the headers
      | Origin                        | https://app.example.com |
      | Access-Control-Request-Method | PUT                     |
    Then curl gets the headers
      | Access-Control-Max-Age | 600 |
