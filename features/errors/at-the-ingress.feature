Feature: Errors that NGINX Ingress makes itself
  With CORS at the ingress, most of its own errors can be read by a listed page, and two
  cannot. Nobody notices which until something breaks.

  Scenario: A missing password can be read
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
      | auth-type         | basic                   |
      | auth-secret       | basic-auth              |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status 401
    And the API did not receive the request

  Scenario: The preflight is answered before anybody asks for a password
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
      | auth-type         | basic                   |
      | auth-secret       | basic-auth              |
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the preflight is answered with status 204
    And the page can read the status 401

  Scenario: A page nobody listed is asked for a password in its preflight
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
      | auth-type         | basic                   |
      | auth-secret       | basic-auth              |
    And a page at "https://shop.example.net"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the preflight is answered with status 401
    And the browser blocks the request: PreflightMissingAllowOriginHeader

  Scenario: An address that is not allowed can read that it is not
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors            | true                    |
      | cors-allow-origin      | https://app.example.com |
      | whitelist-source-range | 192.0.2.0/24            |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status 403
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: A path that the API does not have can be read
    Given an API at "https://api.example.com" that answers only what follows
    And it answers every request with status 404
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/nothing"
    Then the page can read the status 404
    And the answer leaves the API without the header "Access-Control-Allow-Origin"
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/nothing"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: A body that is too large cannot be read: that error comes too early
    nginx refuses by Content-Length before its CORS rules run.
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
      | proxy-body-size   | 8                       |
    And a page at "https://app.example.com"
    When the page sends 'more than eight bytes' by "POST https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader
    And the API did not receive the request
    When the page fetches "GET https://api.example.com/api/user" with credentials
    Then the page can read the response

  Scenario: An API that closes the connection is a readable 502
    Given an API at "https://api.example.com" that answers only what follows
    And it closes the connection on every request
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status 502
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: An API that does not listen is a readable 502
    Given an API at "https://api.example.com" that answers only what follows
    And it is down
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status 502
    And the API did not receive the request
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: A preflight succeeds although nobody is there to answer the request
    Given an API at "https://api.example.com" that answers only what follows
    And it is down
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the preflight is answered with status 204
    And the page can read the status 502

  Scenario: An API that takes too long is a readable 504
    Given an API at "https://api.example.com" that answers only what follows
    And it never answers every request
    And its Ingress has the annotations
      | enable-cors        | true                    |
      | cors-allow-origin  | https://app.example.com |
      | proxy-read-timeout | 1                       |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status 504
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: A custom error page loses the CORS headers
    Given an API at "https://api.example.com" that answers only what follows
    And it answers every request with status 503
    And its Ingress has the annotations
      | enable-cors        | true                    |
      | cors-allow-origin  | https://app.example.com |
      | custom-http-errors | 503                     |
      | default-backend    | error-pages             |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader
    When the page fetches "PUT https://api.example.com/api/user" with credentials
    Then the preflight is answered with status 204
    And the browser blocks the response: MissingAllowOriginHeader

  Scenario: The redirect from http to https loses the page's origin
    http and https are two origins, so the second request says "Origin: null", and
    nobody has listed that.
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors        | true                   |
      | cors-allow-origin  | http://app.example.com |
      | force-ssl-redirect | true                   |
    And a page at "http://app.example.com"
    When the page fetches "GET http://api.example.com/api/user"
    Then the request carries the header "Origin" with "null"
    And the browser blocks the response: MissingAllowOriginHeader
    And the API received the request

  Scenario: On plain http the ingress answers the preflight and redirects the request
    The redirect needs a preflight of its own, from an origin that is now null.
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors        | true                   |
      | cors-allow-origin  | http://app.example.com |
      | force-ssl-redirect | true                   |
    And a page at "http://app.example.com"
    When the page fetches "PUT http://api.example.com/api/user"
    Then the browser sends 2 preflights
    And the browser blocks the redirect: PreflightMissingAllowOriginHeader
    And the API did not receive the request

  Scenario: For a page nobody listed, the redirect of the preflight is the end
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors        | true                   |
      | cors-allow-origin  | http://app.example.com |
      | force-ssl-redirect | true                   |
    And a page at "http://shop.example.net"
    When the page fetches "PUT http://api.example.com/api/user"
    Then the browser blocks the request: PreflightDisallowedRedirect

  Scenario: A sign-in redirect carries CORS headers, the sign-in page does not
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                              |
      | cors-allow-origin | https://app.example.com           |
      | auth-url          | https://auth.example.net/check    |
      | auth-signin       | https://login.example.net/sign-in |
    And an API at "https://login.example.net" that knows nothing about CORS
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader
    And the API did not receive the request
    And the API at "https://login.example.net" received the request
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the redirect: MissingAllowOriginHeader

  Scenario: Too many requests can be read, as a 503
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors            | true                    |
      | cors-allow-origin      | https://app.example.com |
      | limit-rpm              | 1                       |
      | limit-burst-multiplier | 1                       |
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    And the page fetches "GET https://api.example.com/api/user"
    And the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status 503
    And the API did not receive the request
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader
