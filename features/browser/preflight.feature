Feature: When a browser asks first
  Some requests could always be made by a form or an image: they are sent at once. All
  others are announced by a preflight, and not sent if the answer does not fit.

  Background:
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin  | https://app.example.com         |
      | Access-Control-Allow-Methods | GET, POST, PUT, DELETE, patch   |
      | Access-Control-Allow-Headers | Content-Type, X-Tenant, X-Trace |
    And a page at "https://app.example.com"

  Scenario Outline: <method> needs no preflight
    When the page fetches "<method> https://api.example.com/api/user"
    Then the browser sends no preflight
    And the page can read the response

    Examples:
      | method |
      | GET    |
      | HEAD   |
      | POST   |

  Scenario: A form's body needs no preflight
    When the page sends 'name=Ada' by "POST https://api.example.com/api/user" with the headers
      | Content-Type | application/x-www-form-urlencoded |
    Then the browser sends no preflight
    And the page can read the response

  Scenario: JSON needs a preflight
    When the page sends '{"name":"Ada"}' by "POST https://api.example.com/api/user" with the headers
      | Content-Type | application/json |
    Then the preflight asks for the method "POST" and the headers "content-type"
    And the page can read the response

  Scenario: A body without a declared type is text, and text needs no preflight
    When the page sends '{"name":"Ada"}' by "POST https://api.example.com/api/user"
    Then the browser sends no preflight
    And the request carries the header "Content-Type" with "text/plain;charset=UTF-8"
    And the page can read the response

  Scenario: A header of the app's own needs a preflight, in lower case and in order
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | X-Trace  | 8f2c |
      | X-Tenant | blue |
    Then the preflight asks for the method "GET" and the headers "x-tenant,x-trace"
    And the page can read the response

  Scenario: A page's own origin needs no preflight, whatever it sends
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response
    Given another page at "https://api.example.com"
    When the page fetches "DELETE https://api.example.com/api/user" with the headers
      | X-Anything | goes |
    Then the browser sends no preflight
    And the page can read the response

  Scenario: put is made PUT, but patch stays as it is written
    When the page fetches "put https://api.example.com/api/user"
    Then the preflight asks for the method "PUT" and the headers ""
    And the page can read the response
    When the page fetches "patch https://api.example.com/api/user/7"
    Then the preflight asks for the method "patch" and the headers ""
    And the page can read the response

  Scenario: PATCH is not allowed by a list that says patch
    When the page fetches "PATCH https://api.example.com/api/user"
    Then the browser blocks the request: MethodDisallowedByPreflightResponse [PATCH]

  Scenario: A header that is not listed stops the request
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | Authorization | Bearer secret |
    Then the browser blocks the request: HeaderDisallowedByPreflightResponse [authorization]

  Scenario: A method that is listed is sent once the preflight has allowed it
    When the page fetches "DELETE https://api.example.com/api/user"
    Then the browser sends a preflight
    And the page can read the response

  Scenario: What needs no preflight is sent for every page, and shown to one
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser sends no preflight
    And the browser blocks the response: AllowOriginMismatch [https://app.example.com]
