Feature: Linkerd is in the path, and CORS is not its business
  A mesh proxies requests and responses as they are. So it neither helps nor hurts CORS,
  and its dashboards cannot show what the browser does with a response.

  Scenario: Meshing an API that answers CORS changes nothing
    Given the Go API at "https://api.example.com" with the CORS policy
      | allowed origins | https://app.example.com |
      | allowed methods | GET, PUT                |
      | allowed headers | Content-Type            |
      | exposed headers | ETag                    |
    And its pods are meshed by Linkerd
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the headers "ETag"
    And the answer leaves the API with "https://app.example.com" in the header "Access-Control-Allow-Origin"
    And the answer leaves the Linkerd proxy with "https://app.example.com" in the header "Access-Control-Allow-Origin"
    And the page cannot read the header "Link"

  Scenario: Linkerd passes the preflight through to the API
    Given the Go API at "https://api.example.com" with the CORS policy
      | allowed origins | https://app.example.com |
      | allowed methods | GET, PUT                |
      | allowed headers | Content-Type            |
      | exposed headers | ETag                    |
    And its pods are meshed by Linkerd
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user" with the headers
      | Content-Type | application/json |
    Then the API received the preflight
    And the page can read the response
    And Linkerd counted a success with status 204
    And Linkerd counted a success with status 200
    When the page fetches "PATCH https://api.example.com/api/user"
    Then the browser blocks the request: PreflightMissingAllowOriginHeader
    When the page fetches "GET https://api.example.com/api/user" with the headers
      | X-Tenant | blue |
    Then the browser blocks the request: PreflightMissingAllowOriginHeader
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: Where nobody answers CORS, the mesh does not either
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its pods are meshed by Linkerd
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader
    And the answer leaves the Linkerd proxy without the header "Access-Control-Allow-Origin"

  Scenario: The mesh counts a success while the browser rejects
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its pods are meshed by Linkerd
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader
    And the API received the request
    And Linkerd counted a success with status 200

  Scenario: The mesh counts a success for a preflight that ends a request
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its pods are meshed by Linkerd
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the browser blocks the request: PreflightMissingAllowOriginHeader
    And the API did not receive the request
    And Linkerd counted a success with status 200

  Scenario: curl works while the browser fails
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its pods are meshed by Linkerd
    And a page at "https://app.example.com"
    When curl sends "GET https://api.example.com/api/user"
    Then curl gets status 200
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: Pod to pod works while the browser fails
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its pods are meshed by Linkerd
    And a page at "https://app.example.com"
    When another pod sends "GET http://api/api/user"
    Then the pod gets status 200
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: An authorization policy denies without a word of CORS
    Given the Go API at "https://api.example.com" with the CORS policy
      | allowed origins | https://app.example.com |
    And a Linkerd authorization policy denies every request to it
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader
    And the API did not receive the request

  Scenario: The same denial breaks a preflight
    Given the Go API at "https://api.example.com" with the CORS policy
      | allowed origins | https://app.example.com |
      | allowed methods | PUT                     |
    And a Linkerd authorization policy denies every request to it
    And a page at "https://app.example.com"
    When the page fetches "PUT https://api.example.com/api/user"
    Then the preflight is answered with status 403
    And the browser blocks the request: PreflightMissingAllowOriginHeader
    And the API did not receive the preflight

  Scenario: An ingress that answers CORS makes the denial readable
    Given an API at "https://api.example.com" that knows nothing about CORS
    And its Ingress has the annotations
      | enable-cors       | true                    |
      | cors-allow-origin | https://app.example.com |
    And a Linkerd authorization policy denies every request to it
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status 403
    Given another page at "https://shop.example.net"
    When the page fetches "GET https://api.example.com/api/user"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: A failure of the API is a failure to Linkerd, and readable to the page
    Given an API at "https://api.example.com" that answers only what follows
    And it answers every request with status 500 and the headers
      | Access-Control-Allow-Origin | * |
    And its pods are meshed by Linkerd
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/user"
    Then the page can read the status 500
    And Linkerd counted a failure with status 500
