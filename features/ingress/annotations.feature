Feature: What each CORS annotation of NGINX Ingress does to a browser
  Seven annotations, their defaults and their surprises.

  Scenario: Without enable-cors the other annotations do nothing
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | cors-allow-origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: enable-cors alone lets every page read, without credentials
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors | true |
    And a page at "https://anywhere.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response

  Scenario: enable-cors alone is no use with credentials, though it says so
    The defaults send "*" together with "credentials: true", which no browser takes.
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors | true |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the browser blocks the response: WildcardOriginNotAllowed
    And the API received the request

  Scenario: The default method list lets an update through
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "PATCH https://api.example.com/api/user"
    Then the browser sends a preflight
    And the page can read the response
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: The default header list has Authorization in it
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | Authorization | Bearer secret |
    Then the preflight asks for the method "GET" and the headers "authorization"
    And the page can read the response

  Scenario: The default header list lacks a tracing header
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | Traceparent | 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 |
    Then the browser blocks the request: HeaderDisallowedByPreflightResponse [traceparent]

  Scenario: "*" is not a list of headers to this controller
    The value fails the controller's own check, and the default list is sent instead.
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors        | true                    |
      | cors-allow-origin  | https://app.example.com |
      | cors-allow-headers | *                       |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | X-Tenant | blue |
    Then the browser blocks the request: HeaderDisallowedByPreflightResponse [x-tenant]
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: A wildcard covers one label of a host name
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                  |
      | cors-allow-origin | https://*.example.com |
    And a page at "https://shop.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response
    Given another page at "https://admin.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response

  Scenario: A wildcard does not cover two labels
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                  |
      | cors-allow-origin | https://*.example.com |
    And a page at "https://eu.shop.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: A wildcard does not cover the bare domain
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                  |
      | cors-allow-origin | https://*.example.com |
    And a page at "https://example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: A host that only ends like a listed one is another host
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                  |
      | cors-allow-origin | https://*.example.com |
    And a page at "https://app.evil-example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: A port is part of the origin
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                  |
      | cors-allow-origin | http://localhost:3000 |
    And a page at "http://localhost:30000"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: The developer's own machine can be listed
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                  |
      | cors-allow-origin | http://localhost:3000 |
    And a page at "http://localhost:3000"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response

  Scenario: A list written with blanks instead of commas switches CORS off
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                                              |
      | cors-allow-origin | https://app.example.com https://admin.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: One wildcard element makes the whole list a wildcard
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                       |
      | cors-allow-origin | https://app.example.com, * |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the browser blocks the response: WildcardOriginNotAllowed

  Scenario: Credentials switched off at the ingress
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors            | true                    |
      | cors-allow-origin      | https://app.example.com |
      | cors-allow-credentials | false                   |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the browser blocks the response: InvalidAllowCredentials

  Scenario: "no" is not false: credentials stay allowed
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors            | true                    |
      | cors-allow-origin      | https://app.example.com |
      | cors-allow-credentials | no                      |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response

  Scenario: The forgotten expose list hides the entity tag
    Given an API at "https://api.example.com" that answers every request with the headers
      | ETag | "33a64df5" |
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response
    And the page cannot read the header "ETag"
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: A max-age of zero makes every update cost two requests
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
      | cors-max-age      | 0                       |
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    And the page fetches "PUT https://api.example.com/api/user"
    Then the browser sends a preflight
    And the page can read the response
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: A service's own exception works where the ingress keeps quiet
    Given the Go API at "https://api.example.com" with the CORS policy
      | allowed origins | https://partner.example.net |
    And its Ingress has the annotations
      | enable-cors | false |
    And a page at "https://partner.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the response
    And the answer leaves the Ingress with "https://partner.example.net" in the header "Access-Control-Allow-Origin"
