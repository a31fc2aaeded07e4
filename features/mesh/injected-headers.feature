Feature: Headers injected at the mesh are not CORS
  The tempting shortcut: have the mesh set Access-Control-Allow-Origin on every response.
  It works in the first demo, and stops working with the first real request.

  Background:
    Given an API at "https://api.example.com" that answers only what follows
    And it answers "GET /api/user" with status 200
    And it answers "PUT /api/user" with status 200
    And it answers "OPTIONS /api/user" with status 405
    And the mesh sets on every response the headers
      | Access-Control-Allow-Origin | https://app.example.com |

  Scenario: The simple request works
    Given a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response
    And the answer leaves the API without the header "Access-Control-Allow-Origin"
    And the answer leaves the Linkerd proxy with "https://app.example.com" in the header "Access-Control-Allow-Origin"

  Scenario: The preflight does not, since the API refuses OPTIONS
    Given a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the preflight is answered with status 405
    And the browser blocks the request: PreflightInvalidStatus
    And the API did not receive the request

  Scenario: The second origin does not, since the header is a constant
    Given a page at "https://admin.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]

  Scenario: Credentials do not, since nobody allows them
    Given a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the browser blocks the response: InvalidAllowCredentials

  Scenario: An ingress in front passes the header on
    Given its Ingress has the annotations
      | proxy-body-size | 1m |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response
    And the answer leaves the Linkerd proxy with "https://app.example.com" in the header "Access-Control-Allow-Origin"
    And the answer leaves the Ingress with "https://app.example.com" in the header "Access-Control-Allow-Origin"

  Scenario: An ingress that answers CORS puts its own in the place of the mesh's
    Given its Ingress has the annotations
      | enable-cors       | true                      |
      | cors-allow-origin | https://admin.example.com |
    And a page at "https://admin.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response
    And the answer leaves the Linkerd proxy with "https://app.example.com" in the header "Access-Control-Allow-Origin"
    And the answer leaves the Ingress with "https://admin.example.com" in the header "Access-Control-Allow-Origin"
    And Linkerd counted a success with status 200
