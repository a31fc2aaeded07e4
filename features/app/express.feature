Feature: An Express API answers CORS itself
  The service that owns the API owns its CORS policy: the cors package with a
  list of allowed origins, behind nothing at all. This is the API of the article
  "CORS and Linkerd", as written for Express 4 and as Express 5 needs it.

  Rule: Express 4

    Background:
      Given the Express 4 API at "https://api.example.com"

    Scenario: The first listed page reads the user
      Given a page at "https://app.example.com"
      When the page fetches "GET https://api.example.com/api/user" with credentials
      Then the page can read the response
      And the browser sends no preflight

    Scenario: The second listed page reads the user too
      Given a page at "https://admin.example.com"
      When the page fetches "GET https://api.example.com/api/user" with credentials
      Then the page can read the response
      And the request carries the header "Origin" with "https://admin.example.com"

    Scenario: A page that is not listed gets an error page it cannot read
      The article's allow-list function calls back with an error, which Express
      turns into a 500 without any CORS header.
      Given a page at "https://shop.example.net"
      When the page fetches "GET https://api.example.com/api/user"
      Then the browser blocks the response: MissingAllowOriginHeader
      And the API received the request

    Scenario: The listed host over plain http is another origin
      Given a page at "http://app.example.com"
      When the page fetches "GET https://api.example.com/api/user"
      Then the browser blocks the response: MissingAllowOriginHeader

    Scenario: A server-side client sends no Origin and is served
      When curl sends "GET https://api.example.com/api/user"
      Then curl gets status 200
      And curl gets no header "Access-Control-Allow-Origin"

    Scenario: A JSON update is preflighted and goes through
      Given a page at "https://app.example.com"
      When the page fetches "PUT https://api.example.com/api/user" with credentials and the headers
        | Content-Type | application/json |
      Then the browser sends a preflight
      And the preflight asks for the method "PUT" and the headers "content-type"
      And the preflight is answered with status 204
      And the page can read the response

    Scenario: A deletion with a token is preflighted and goes through
      Given a page at "https://app.example.com"
      When the page fetches "DELETE https://api.example.com/api/user" with the headers
        | Authorization | Bearer secret |
      Then the preflight asks for the method "DELETE" and the headers "authorization"
      And the page can read the response
      And the API received the request

    Scenario: A header that nobody allowed stops the request before it is sent
      Given a page at "https://app.example.com"
      When the page fetches "PUT https://api.example.com/api/user" with the headers
        | Content-Type | application/json |
        | X-Tenant     | blue             |
      Then the browser blocks the request: HeaderDisallowedByPreflightResponse [x-tenant]
      And the API did not receive the request

    Scenario: A method that nobody allowed stops the request before it is sent
      Given a page at "https://app.example.com"
      When the page fetches "PATCH https://api.example.com/api/user"
      Then the browser blocks the request: MethodDisallowedByPreflightResponse [PATCH]
      And the API did not receive the request

    Scenario: A foreign page's update never arrives
      Given a page at "https://shop.example.net"
      When the page fetches "PUT https://api.example.com/api/user" with the headers
        | Content-Type | application/json |
      Then the browser blocks the request: PreflightMissingAllowOriginHeader
      And the API received the preflight
      And the API did not receive the request

    Scenario: The page reads the headers that the API exposes
      Given a page at "https://app.example.com"
      When the page fetches "GET https://api.example.com/api/users"
      Then the page can read the headers "ETag, Link, Location, Retry-After"
      And the page cannot read the header "X-Powered-By"

    Scenario: For ten minutes the next update needs no preflight
      Given a page at "https://app.example.com"
      When the page fetches "PUT https://api.example.com/api/user"
      Then the browser sends a preflight
      When the page fetches "PUT https://api.example.com/api/user"
      Then the browser sends no preflight
      And the page can read the response

    Scenario: What a preflight allowed may be remembered for ten minutes
      When curl sends "OPTIONS https://api.example.com/api/user" with the headers
        | Origin                        | https://app.example.com |
        | Access-Control-Request-Method | PUT                     |
      Then curl gets the headers
        | Access-Control-Max-Age | 600 |

  Rule: Express 5

    Background:
      Given the Express 5 API at "https://api.example.com"

    Scenario: The listed page reads the user under Express 5
      Given a page at "https://app.example.com"
      When the page fetches "GET https://api.example.com/api/user" with credentials
      Then the page can read the response

    Scenario: Preflights are answered on every path under Express 5
      app.options("*", …) throws in Express 5; "/{*splat}" takes its place.
      Given a page at "https://app.example.com"
      When the page fetches "PUT https://api.example.com/api/user" with credentials and the headers
        | Content-Type | application/json |
      Then the preflight is answered with status 204
      And the page can read the response

    Scenario: A page that is not listed is refused under Express 5
      Given a page at "https://shop.example.net"
      When the page fetches "GET https://api.example.com/api/user" with credentials
      Then the browser blocks the response: MissingAllowOriginHeader
      And the API received the request

    Scenario: The exposed headers are the same under Express 5
      Given a page at "https://app.example.com"
      When the page fetches "GET https://api.example.com/api/users"
      Then the page can read the headers "ETag, Link, Location, Retry-After"
      And the page cannot read the header "X-Powered-By"

    Scenario: The second listed page reads the user under Express 5
      Given a page at "https://admin.example.com"
      When the page fetches "GET https://api.example.com/api/user"
      Then the page can read the response

    Scenario: A deletion with a token goes through under Express 5
      Given a page at "https://app.example.com"
      When the page fetches "DELETE https://api.example.com/api/user" with the headers
        | Authorization | Bearer secret |
      Then the page can read the status 204

    Scenario: No other method and no other header is allowed under Express 5
      Given a page at "https://app.example.com"
      When the page fetches "PATCH https://api.example.com/api/user"
      Then the browser blocks the request: MethodDisallowedByPreflightResponse [PATCH]
      When the page fetches "PUT https://api.example.com/api/user" with the headers
        | X-Tenant | blue |
      Then the browser blocks the request: HeaderDisallowedByPreflightResponse [x-tenant]

    Scenario: What a preflight allowed may be remembered for ten minutes under Express 5
      When curl sends "OPTIONS https://api.example.com/api/user" with the headers
        | Origin                        | https://app.example.com |
        | Access-Control-Request-Method | PUT                     |
      Then curl gets the headers
        | Access-Control-Max-Age | 600 |
