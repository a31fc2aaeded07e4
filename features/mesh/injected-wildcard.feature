Feature: A wildcard injected at the mesh
  The same shortcut with "*" opens the API to every page, and still fails where it matters.

  Background:
    Given an API at "https://api.example.com" that knows nothing about CORS
    And the mesh sets on every response the headers
      | Access-Control-Allow-Origin | * |

  Scenario: Every page in the world can read
    Given a page at "https://evil.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response

  Scenario: An update fails: its preflight names no methods
    Given a page at "https://app.example.com"
    When the page fetches "DELETE https://api.example.com/api/user"
    Then the preflight is answered with status 200
    And the browser blocks the request: MethodDisallowedByPreflightResponse [DELETE]

  Scenario: A token fails: its preflight names no headers
    Given a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | Authorization | Bearer secret |
    Then the browser blocks the request: HeaderDisallowedByPreflightResponse [authorization]

  Scenario: Whoever has cookies is refused
    Given a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the browser blocks the response: WildcardOriginNotAllowed
