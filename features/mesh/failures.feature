Feature: Linkerd answers in the place of an API
  Where there is no response to proxy, the proxy makes one: a status, and no word of CORS.
  The page sees no 502 and no 500, only that CORS failed, and somebody looks for the fault in the wrong place.

  Background:
    Given a page at "https://app.example.com"

  Scenario: An API that does not listen is a CORS error to the page
    Given an API at "https://api.example.com" that answers only what follows
    And it is down
    And its pods are meshed by Linkerd
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader
    And Linkerd counted a failure with status 502

  Scenario: An API that breaks off is a 500 of the proxy's, and a CORS error to the page
    Given an API at "https://api.example.com" that answers only what follows
    And it closes the connection on "GET /api/user"
    And its pods are meshed by Linkerd
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader
    And the API received the request
    And Linkerd counted a failure

  Scenario: An ingress that answers CORS makes the 502 readable
    Given an API at "https://api.example.com" that answers only what follows
    And it is down
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
    And its pods are meshed by Linkerd
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status 502
    And the answer leaves the Ingress with "https://app.example.com" in the header "Access-Control-Allow-Origin"
    And Linkerd counted a failure with status 502

  Scenario: Behind that ingress, an API that breaks off is a 500, where without the mesh it is a 502
    Given an API at "https://api.example.com" that answers only what follows
    And it closes the connection on "GET /api/user"
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
    And its pods are meshed by Linkerd
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status 500
    And the answer leaves the Ingress with "https://app.example.com" in the header "Access-Control-Allow-Origin"

  Scenario: An API that takes too long is given up on by the ingress
    Given an API at "https://api.example.com" that answers only what follows
    And it never answers every request
    And its Ingress has the annotations
      | enable-cors        | true                    |
      | cors-allow-origin  | https://app.example.com |
      | proxy-read-timeout | 1                       |
    And its pods are meshed by Linkerd
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status 504
    And the answer leaves the Ingress with "https://app.example.com" in the header "Access-Control-Allow-Origin"
    And the API received the request

  Scenario: A header that the mesh sets is on its own errors, too
    Given an API at "https://api.example.com" that answers only what follows
    And it is down
    And the mesh sets on every response the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status 502
    And the answer leaves the Linkerd proxy with "https://app.example.com" in the header "Access-Control-Allow-Origin"

  Scenario: A header that the mesh sets makes its denial readable
    Given an API at "https://api.example.com" that knows nothing about CORS
    And the mesh sets on every response the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    And a Linkerd authorization policy denies every request to it
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status 403
    And the answer leaves the Linkerd proxy with "https://app.example.com" in the header "Access-Control-Allow-Origin"
    And the API did not receive the request
