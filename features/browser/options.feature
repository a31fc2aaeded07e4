Feature: What fetch() can be told beyond method, headers and body
  Each option changes what is sent, what is followed or what is shown.

  Background:
    Given an API at "https://api.example.com" that answers every request with the headers
      | Content-Type                     | text/plain              |
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | true                    |
      | Access-Control-Allow-Methods     | PUT                     |
      | Access-Control-Allow-Headers     | X-Tenant, Content-Type  |
    And a page at "https://app.example.com/orders/7"

  Scenario: Everything at once
    Given the browser holds the cookie "session=blue; Secure; SameSite=None; Path=/" of "https://api.example.com"
    When the page fetches "PUT https://api.example.com/user" with the options
      | mode                | cors             |
      | credentials         | include          |
      | redirect            | error            |
      | referrerPolicy      | origin           |
      | header X-Tenant     | blue             |
      | header Content-Type | application/json |
      | body                | {"name":"Ada"}   |
    Then the preflight asks for the method "PUT" and the headers "content-type,x-tenant"
    And the preflight carries the header "Origin" with "https://app.example.com"
    And the request carries the header "Referer" with "https://app.example.com/"
    And the request carries the header "Cookie" with "session=blue"
    And the page can read the response

  Scenario: Without an option, another origin is told the page's origin and no more
    When the page fetches "GET https://api.example.com/user"
    Then the request carries the header "Referer" with "https://app.example.com/"

  Scenario: The policy unsafe-url tells the whole URL
    When the page fetches "GET https://api.example.com/user" with the options
      | referrerPolicy | unsafe-url |
    Then the request carries the header "Referer" with "https://app.example.com/orders/7"
    And the page can read the response

  Scenario: A page may name another of its own URLs
    When the page fetches "GET https://api.example.com/user" with the options
      | referrer       | https://app.example.com/start |
      | referrerPolicy | unsafe-url                    |
    Then the request carries the header "Referer" with "https://app.example.com/start"
    And the page can read the response

  Scenario: A page may keep silent about where it is
    When the page fetches "GET https://api.example.com/user" with the options
      | referrer | |
    Then the request carries no header "Referer"
    And the request carries the header "Origin" with "https://app.example.com"
    And the page can read the response

  Scenario: The page's own policy holds for its requests
    Given another page at "https://app.example.com/orders/7" with the headers
      | Referrer-Policy | no-referrer |
    When the page fetches "GET https://api.example.com/user"
    Then the request carries no header "Referer"
    And the page can read the response

  Scenario: A request that may outlive its page is checked like any other
    When the page fetches "GET https://api.example.com/user" with the options
      | keepalive | true |
    Then the page can read the response

  Scenario: A mode that the interface does not offer to a method
    When the page fetches "PUT https://api.example.com/user" with the options
      | mode | no-cors |
    Then the script gets an exception: InvalidRequest
    And the browser sends 0 requests

  Scenario: A redirect that is followed is two requests
    Given another page at "https://app.example.com"
    And the Go API at "https://old.example.com" without CORS
    And an API at "https://moved.example.com" that answers only what follows
    And it answers "GET /user" with status 307 and the headers
      | Access-Control-Allow-Origin | https://app.example.com      |
      | Location                    | https://api.example.com/user |
    When the page fetches "GET https://moved.example.com/user"
    Then the browser sends 2 requests
    And the last request is "GET https://api.example.com/user"
    And the request carries the header "Origin" with "null"
    And the browser blocks the response: AllowOriginMismatch [https://app.example.com]
    When the page fetches "GET https://moved.example.com/user" with credentials
    Then the browser blocks the redirect: InvalidAllowCredentials
    When the page fetches "GET https://old.example.com/"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: A page reads its own data and blobs without a server
    When the page fetches "GET data:text/plain,hello"
    Then the page reads the body 'hello'
    And the browser sends 0 requests
    When the page fetches its own blob 'hello' of type "text/plain"
    Then the page reads the body 'hello'
    And the response has the type "basic"
    And the browser sends 0 requests

  Scenario: A response of another origin has the type cors
    When the page fetches "GET https://api.example.com/user"
    Then the response has the type "cors"
    And the page reads the body '{"ok":true}'
    And Resource Timing shows no details

  Scenario: Resource Timing shows the details of whoever allows it
    Given an API at "https://open.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | * |
      | Timing-Allow-Origin         | * |
    When the page fetches "GET https://open.example.com/user"
    Then Resource Timing shows the details
