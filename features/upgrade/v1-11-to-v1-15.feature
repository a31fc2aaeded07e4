Feature: The same Ingress before and after an upgrade of NGINX Ingress
  From v1.12.0 on, one bad element in the origin list throws the whole list away and falls
  back to "*" with credentials. Nothing is refused, nothing is logged where anybody looks.

  Scenario: Before: one invalid element is dropped, the valid one works
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress under ingress-nginx v1.11.0 has the annotations
      | enable-cors       | true                                                  |
      | cors-allow-origin | https://app.example.com, https://bad_host.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response

  Scenario: After: the valid origin loses its credentials
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress under ingress-nginx v1.15.1 has the annotations
      | enable-cors       | true                                                  |
      | cors-allow-origin | https://app.example.com, https://bad_host.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the browser blocks the response: WildcardOriginNotAllowed

  Scenario: Before: a foreign page is refused
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress under ingress-nginx v1.11.0 has the annotations
      | enable-cors       | true                                                  |
      | cors-allow-origin | https://app.example.com, https://bad_host.example.com |
    And a page at "https://evil.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: After: a foreign page can read
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress under ingress-nginx v1.15.1 has the annotations
      | enable-cors       | true                                                  |
      | cors-allow-origin | https://app.example.com, https://bad_host.example.com |
    And a page at "https://evil.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response

  Scenario: Before: a trailing slash switched CORS off
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress under ingress-nginx v1.11.0 has the annotations
      | enable-cors       | true                     |
      | cors-allow-origin | https://app.example.com/ |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: After: a trailing slash lets everybody read
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress under ingress-nginx v1.15.1 has the annotations
      | enable-cors       | true                     |
      | cors-allow-origin | https://app.example.com/ |
    And a page at "https://evil.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the browser blocks the response: WildcardOriginNotAllowed

  Scenario: Before: "null" in the list is ignored
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress under ingress-nginx v1.11.0 has the annotations
      | enable-cors       | true                          |
      | cors-allow-origin | https://app.example.com, null |
    And a sandboxed frame in a page at "https://evil.example.net"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the browser blocks the response: MissingAllowOriginHeader
    Given another page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response

  Scenario: After: "null" lets every sandboxed frame in, with credentials
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress under ingress-nginx v1.15.1 has the annotations
      | enable-cors       | true                          |
      | cors-allow-origin | https://app.example.com, null |
    And a sandboxed frame in a page at "https://evil.example.net"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response
    Given another page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response

  Scenario: Before: a desktop app's own scheme was no origin
    No browser opens a page at such a scheme, so curl stands in for the app's web view.
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress under ingress-nginx v1.11.0 has the annotations
      | enable-cors       | true              |
      | cors-allow-origin | tauri://localhost |
    When curl sends "GET https://api.example.com/api/user" with the headers
      | Origin | tauri://localhost |
    Then curl gets no header "Access-Control-Allow-Origin"
    And curl gets status 200
    Given a page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: After: a desktop app's own scheme is let in
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress under ingress-nginx v1.15.1 has the annotations
      | enable-cors       | true              |
      | cors-allow-origin | tauri://localhost |
    When curl sends "GET https://api.example.com/api/user" with the headers
      | Origin | tauri://localhost |
    Then curl gets the headers
      | Access-Control-Allow-Origin      | tauri://localhost |
      | Access-Control-Allow-Credentials | true              |

  Scenario Outline: A sound list behaves the same under <version>
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress under ingress-nginx <version> has the annotations
      | enable-cors        | true                                               |
      | cors-allow-origin  | https://app.example.com, https://admin.example.com |
      | cors-allow-methods | GET, PUT                                           |
    And a page at "https://admin.example.com"
    When the page fetches "PUT https://api.example.com/api/user" with credentials
    Then the browser sends a preflight
    And the page can read the response
    Given another page at "https://app.example.com"
    When the page fetches "PATCH https://api.example.com/api/user"
    Then the browser blocks the request: MethodDisallowedByPreflightResponse [PATCH]

    Examples:
      | version |
      | v1.11.0 |
      | v1.15.1 |
