Feature: What an answer to a preflight must say
  One wrong word in it, and the request is not sent.

  Scenario: A wildcard allows any method and header to a request without credentials
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin  | * |
      | Access-Control-Allow-Methods | * |
      | Access-Control-Allow-Headers | * |
    And a page at "https://app.example.com"
    When the page fetches "DELETE https://api.example.com/api/user" with the headers
      | X-Tenant | blue |
    Then the page can read the response

  Scenario: With credentials the method wildcard is a method called "*"
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | true                    |
      | Access-Control-Allow-Methods     | *                       |
    And a page at "https://app.example.com"
    When the page fetches "DELETE https://api.example.com/api/user" with credentials
    Then the browser blocks the request: MethodDisallowedByPreflightResponse [DELETE]
    When the page fetches "DELETE https://api.example.com/api/user"
    Then the page can read the response

  Scenario: With credentials the header wildcard is a header called "*"
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | true                    |
      | Access-Control-Allow-Headers     | *                       |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials and the headers
      | X-Tenant | blue |
    Then the browser blocks the request: HeaderDisallowedByPreflightResponse [x-tenant]
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | X-Tenant | blue |
    Then the page can read the response

  Scenario: A method list with a syntax error allows nothing
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin  | https://app.example.com |
      | Access-Control-Allow-Methods | GET; PUT                |
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the browser blocks the request: InvalidAllowMethodsPreflightResponse
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]

  Scenario: The preflight is allowed, and the response forgets to
    Given an API at "https://api.example.com" that answers only what follows
    And it answers "OPTIONS /api/user" with status 204 and the headers
      | Access-Control-Allow-Origin  | https://app.example.com |
      | Access-Control-Allow-Methods | PUT                     |
    And it answers "PUT /api/user" with status 200
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader
    And the API received the request
    When the page fetches "DELETE https://api.example.com/api/user"
    Then the browser blocks the request: MethodDisallowedByPreflightResponse [DELETE]
    Given another page at "https://shop.example.net"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the browser blocks the request: PreflightAllowOriginMismatch [https://app.example.com]

  Scenario: A preflight carries no cookie, the request behind it does
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | true                    |
      | Access-Control-Allow-Methods     | PUT                     |
    And the browser holds the cookie "session=blue; Secure; SameSite=None; Path=/" of "https://api.example.com"
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user" with credentials
    Then the preflight carries no header "Cookie"
    And the request carries the header "Cookie" with "session=blue"
    And the page can read the response

  Scenario: Without a max-age an answer is remembered for five seconds
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin  | https://app.example.com |
      | Access-Control-Allow-Methods | PUT                     |
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the browser sends a preflight
    When the page fetches "PUT https://api.example.com/api/user"
    Then the browser sends no preflight
    And the page can read the response
    When the page fetches "DELETE https://api.example.com/api/user"
    Then the browser blocks the request: MethodDisallowedByPreflightResponse [DELETE]
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]

  Scenario: A max-age of one second is over after two
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin  | https://app.example.com |
      | Access-Control-Allow-Methods | PUT                     |
      | Access-Control-Max-Age       | 1                       |
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the browser sends a preflight
    When 2 seconds pass
    And the page fetches "PUT https://api.example.com/api/user"
    Then the browser sends a preflight
    And the page can read the response
    And the answer leaves the API with "1" in the header "Access-Control-Max-Age"
    When the page fetches "DELETE https://api.example.com/api/user"
    Then the browser blocks the request: MethodDisallowedByPreflightResponse [DELETE]
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]

  Scenario: An answer is remembered for one URL, not for the API
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin  | https://app.example.com |
      | Access-Control-Allow-Methods | PUT                     |
      | Access-Control-Max-Age       | 600                     |
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user/1"
    Then the browser sends a preflight
    When the page fetches "PUT https://api.example.com/api/user/2"
    Then the browser sends a preflight
    And the page can read the response
    And the answer leaves the API with "600" in the header "Access-Control-Max-Age"
    When the page fetches "DELETE https://api.example.com/api/user/1"
    Then the browser blocks the request: MethodDisallowedByPreflightResponse [DELETE]
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user/1"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]
