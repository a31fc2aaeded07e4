Feature: NGINX Ingress answers CORS for a public API
  The platform team answers CORS at the edge, so that services do not have to. These
  are the annotations of the article "CORS and Linkerd".

  Background:
    Given an API at "https://api.example.com" that answers every request with the headers
      | Content-Type | application/json    |
      | ETag         | "33a64df5"          |
      | Link         | </api/users?page=2> |
      | Location     | /api/user/7         |
      | Retry-After  | 120                 |
      | X-Trace      | 8f2c                |
    And its Ingress has the annotations
      | enable-cors            | true                                               |
      | cors-allow-origin      | https://app.example.com, https://admin.example.com |
      | cors-allow-methods     | GET, PUT, POST, DELETE, OPTIONS                    |
      | cors-allow-headers     | Authorization, Content-Type                        |
      | cors-expose-headers    | ETag, Link, Location, Retry-After                  |
      | cors-allow-credentials | true                                               |
      | cors-max-age           | 600                                                |
    And its pods are meshed by Linkerd

  Scenario: The app's own page reads with credentials
    Given a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response
    And the browser sends no preflight

  Scenario: The admin page is let in by the same list
    Given a page at "https://admin.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response

  Scenario: The ingress answers the preflight, the API never sees it
    Given a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user" with credentials and the headers
      | Content-Type | application/json |
    Then the preflight is answered with status 204
    And the API did not receive the preflight
    And the API received the request
    And the page can read the response

  Scenario: Deleting with a token goes through
    Given a page at "https://admin.example.com"
    When the page fetches "DELETE https://api.example.com/api/user" with the headers
      | Authorization | Bearer secret |
    Then the preflight asks for the method "DELETE" and the headers "authorization"
    And the page can read the response

  Scenario: The exposed headers can be read, the rest stays hidden
    Given a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/users" with credentials
    Then the page can read the headers "ETag, Link, Location, Retry-After"
    And the page cannot read the header "X-Trace"

  Scenario: A page nobody listed is refused, after the API has done the work
    Given a page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the browser blocks the response: MissingAllowOriginHeader
    And the API received the request
    And Linkerd counted a success

  Scenario: A foreign page's preflight is passed on to an API that cannot answer it
    Given a page at "https://shop.example.net"
    When the page fetches "PUT https://api.example.com/api/user" with the headers
      | Content-Type | application/json |
    Then the browser blocks the request: PreflightMissingAllowOriginHeader
    And the API received the preflight
    And the API did not receive the request

  Scenario: A header outside the list is refused by the browser, not by the ingress
    Given a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user" with the headers
      | X-Tenant | blue |
    Then the preflight is answered with status 204
    And the browser blocks the request: HeaderDisallowedByPreflightResponse [x-tenant]

  Scenario: A method outside the list is refused by the browser, not by the ingress
    Given a page at "https://app.example.com"
    When the page fetches "PATCH https://api.example.com/api/user"
    Then the preflight is answered with status 204
    And the browser blocks the request: MethodDisallowedByPreflightResponse [PATCH]

  Scenario: For ten minutes the browser asks only once
    Given a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the browser sends a preflight
    When the page fetches "PUT https://api.example.com/api/user"
    Then the browser sends no preflight
    And the page can read the response

  Scenario: A script may even ask for OPTIONS itself, and the ingress answers
    Given a page at "https://app.example.com"
    When the page fetches "OPTIONS https://api.example.com/api/user"
    Then the browser sends a preflight
    And the page can read the status 204
    And the API did not receive the request

  Scenario: curl sends no Origin and gets no CORS headers
    When curl sends "GET https://api.example.com/api/user"
    Then curl gets status 200
    And curl gets no header "Access-Control-Allow-Origin"

  Scenario: curl with an Origin sees what a listed page's browser sees
    When curl sends "GET https://api.example.com/api/user" with the headers
      | Origin | https://app.example.com |
    Then curl gets the headers
      | Access-Control-Allow-Origin      | https://app.example.com           |
      | Access-Control-Allow-Credentials | true                              |
      | Access-Control-Expose-Headers    | ETag, Link, Location, Retry-After |
      | Access-Control-Max-Age           | 600                               |

  Scenario: Another pod goes past the ingress and needs no CORS
    When another pod sends "GET http://api/api/user"
    Then the pod gets status 200
    And the pod gets the headers
      | ETag | "33a64df5" |
    And the pod gets no header "Access-Control-Allow-Origin"
