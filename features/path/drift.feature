Feature: The ingress and the app drift apart
  Two policies for one API: the browser gets what the outermost one makes of both.

  Scenario: The ingress allows a method that the app does not have
    Given an API at "https://api.example.com" that answers only what follows
    And it answers every request with status 405
    And it answers "GET /api/user" with status 200
    And its Ingress has the annotations
      | enable-cors        | true                    |
      | cors-allow-origin  | https://app.example.com |
      | cors-allow-methods | GET, DELETE             |
    And a page at "https://app.example.com"
    When the page fetches "DELETE https://api.example.com/api/user"
    Then the browser sends a preflight
    And the API received the request
    And the page can read the status 405
    When the page fetches "PATCH https://api.example.com/api/user"
    Then the browser blocks the request: MethodDisallowedByPreflightResponse [PATCH]
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: The ingress allows a header that the app refuses
    Given an API at "https://api.example.com" that answers only what follows
    And it answers every request with status 400
    And its Ingress has the annotations
      | enable-cors        | true                    |
      | cors-allow-origin  | https://app.example.com |
      | cors-allow-headers | X-Tenant                |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | X-Tenant | blue |
    Then the API received the request
    And the page can read the status 400
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | X-Trace | 8f2c |
    Then the browser blocks the request: HeaderDisallowedByPreflightResponse [x-trace]
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: The app allows a method that the ingress does not pass on
    The ingress answers the preflight itself, so what the app allows is never asked.
    Given the Go API at "https://api.example.com" with the CORS policy
      | allowed origins | https://app.example.com |
      | allowed methods | GET, PUT, DELETE        |
    And its Ingress has the annotations
      | enable-cors        | true                    |
      | cors-allow-origin  | https://app.example.com |
      | cors-allow-methods | GET, PUT                |
    And a page at "https://app.example.com"
    When the page fetches "DELETE https://api.example.com/api/user"
    Then the browser blocks the request: MethodDisallowedByPreflightResponse [DELETE]
    And the API did not receive the preflight
    When the page fetches "PUT https://api.example.com/api/user"
    Then the page can read the response
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: The app allows a header that the ingress does not pass on
    Given the Go API at "https://api.example.com" with the CORS policy
      | allowed origins | https://app.example.com |
      | allowed headers | X-Tenant                |
    And its Ingress has the annotations
      | enable-cors        | true                    |
      | cors-allow-origin  | https://app.example.com |
      | cors-allow-headers | Content-Type            |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | X-Tenant | blue |
    Then the browser blocks the request: HeaderDisallowedByPreflightResponse [x-tenant]
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | Authorization | Bearer secret |
    Then the browser blocks the request: HeaderDisallowedByPreflightResponse [authorization]
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: Both speak CORS: on an allowed origin the ingress replaces the app's answer
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | * |
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response
    And the answer leaves the API with "*" in the header "Access-Control-Allow-Origin"
    And the answer leaves the Ingress with "https://app.example.com" in the header "Access-Control-Allow-Origin"

  Scenario: Both speak CORS: on any other origin the app's answer passes through
    The list at the ingress is no filter. What the app allows, the ingress does not take back.
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | * |
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
    And a page at "https://evil.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response
    And the answer leaves the Ingress with "*" in the header "Access-Control-Allow-Origin"

  Scenario: The app's credentials survive where the ingress says nothing of them
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Credentials | true |
    And its Ingress has the annotations
      | enable-cors            | true                    |
      | cors-allow-origin      | https://app.example.com |
      | cors-allow-credentials | false                   |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response
    When the page fetches "PUT https://api.example.com/api/user" with credentials
    Then the browser blocks the request: PreflightInvalidAllowCredentials

  Scenario: The ingress's expose list hides what the app exposes
    Given the Go API at "https://api.example.com" with the CORS policy
      | allowed origins | https://app.example.com |
      | exposed headers | ETag, Link              |
    And its Ingress has the annotations
      | enable-cors         | true                    |
      | cors-allow-origin   | https://app.example.com |
      | cors-expose-headers | Link                    |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the header "Link"
    And the page cannot read the header "ETag"
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/busy"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: An edge that appends doubles what the app says
    Given the Go API at "https://api.example.com" with the CORS policy
      | allowed origins | https://app.example.com |
    And a proxy in front of it appends the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MultipleAllowOriginValues [https://app.example.com, https://app.example.com]
    And the answer leaves the API with "https://app.example.com" in the header "Access-Control-Allow-Origin"

  Scenario: An edge that appends is enough where the app keeps quiet
    Given an API at "https://api.example.com" that knows nothing about CORS
    And a proxy in front of it appends the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]

  Scenario: Doubled credentials are no credentials
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | true                    |
    And a proxy in front of it appends the headers
      | Access-Control-Allow-Credentials | true |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the browser blocks the response: InvalidAllowCredentials [true, true]
