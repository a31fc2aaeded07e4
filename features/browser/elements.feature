Feature: What the elements of a page need of an API
  Not only scripts make requests. Each kind of element, the event stream and the beacon asks
  in a mode of its own, and some ask for leave where one would not expect it.

  Scenario: An image of another origin is shown without anybody's leave
    Given an API at "https://files.example.net" that answers every request with the headers
      | Content-Type | image/png |
    And a page at "https://app.example.com"
    When the page loads the image "https://files.example.net/logo.png"
    Then the response is opaque
    And the request carries no header "Origin"

  Scenario: An image that a canvas is to read needs leave
    Given an API at "https://files.example.net" that answers every request with the headers
      | Content-Type | image/png |
    And a page at "https://app.example.com"
    When the page loads the image with crossorigin "https://files.example.net/logo.png"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: An image with credentials is not satisfied by the wildcard
    Given an API at "https://files.example.net" that answers every request with the headers
      | Content-Type                | image/png |
      | Access-Control-Allow-Origin | *         |
    And a page at "https://app.example.com"
    When the page loads the image with crossorigin "https://files.example.net/logo.png"
    Then the page can read the response
    When the page loads the image with credentials "https://files.example.net/logo.png"
    Then the browser blocks the response: WildcardOriginNotAllowed

  Scenario: A module script needs leave, which a classic script does not
    Given an API at "https://files.example.net" that answers every request with the headers
      | Content-Type | text/javascript |
    And a page at "https://app.example.com"
    When the page loads the script "https://files.example.net/widget.js"
    Then the response is opaque
    When the page loads the module script "https://files.example.net/widget.js"
    Then the browser blocks the response: MissingAllowOriginHeader
    And the request carries the header "Origin" with "https://app.example.com"

  Scenario: A module script leaves the cookies at home
    Given an API at "https://api.example.com" that answers every request with the headers
      | Content-Type                     | text/javascript         |
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | true                    |
    And the browser holds the cookie "session=blue; Secure; SameSite=None; Path=/" of "https://api.example.com"
    And a page at "https://app.example.com"
    When the page loads the module script "https://api.example.com/widget.js"
    Then the page can read the response
    And the request carries no header "Cookie"
    When the page loads the module script with credentials "https://api.example.com/widget.js"
    Then the page can read the response
    And the request carries the header "Cookie" with "session=blue"

  Scenario: A module script of another type than JavaScript is not run
    Given an API at "https://files.example.net" that answers every request with the headers
      | Content-Type                | text/plain |
      | Access-Control-Allow-Origin | *          |
    And a page at "https://app.example.com"
    When the page loads the module script "https://files.example.net/widget.js"
    Then the browser blocks the response: UnusableResponse

  Scenario: A style sheet needs no leave
    Given an API at "https://files.example.net" that answers every request with the headers
      | Content-Type | text/css |
    And a page at "https://app.example.com"
    When the page loads the stylesheet "https://files.example.net/site.css"
    Then the response is opaque

  Scenario: A style sheet with crossorigin does
    Given an API at "https://files.example.net" that answers every request with the headers
      | Content-Type | text/css |
    And a page at "https://app.example.com"
    When the page loads the stylesheet with crossorigin "https://files.example.net/site.css"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: A font always needs leave
    Given an API at "https://fonts.example.net" that answers every request with the headers
      | Content-Type | font/woff2 |
    And a page at "https://app.example.com"
    When the page loads the font "https://fonts.example.net/text.woff2"
    Then the browser blocks the response: MissingAllowOriginHeader
    But the API received the request

  Scenario: A font that anybody may use
    Given an API at "https://fonts.example.net" that answers every request with the headers
      | Content-Type                | font/woff2 |
      | Access-Control-Allow-Origin | *          |
    And a page at "https://app.example.com"
    When the page loads the font "https://fonts.example.net/text.woff2"
    Then the page can read the response
    And the request carries the header "Origin" with "https://app.example.com"

  Scenario: An event stream needs leave, and no preflight
    Given an API at "https://api.example.com" that answers every request with the headers
      | Content-Type                | text/event-stream       |
      | Access-Control-Allow-Origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page opens an event stream "https://api.example.com/events"
    Then the page can read the response
    And the browser sends no preflight
    And the request carries the header "Accept" with "text/event-stream"
    When the page opens an event stream "https://api.example.com/events" with credentials
    Then the browser blocks the response: InvalidAllowCredentials

  Scenario: An error of the API ends an event stream
    Given an API at "https://api.example.com" that answers only what follows
    And it answers every request with status 503 and the headers
      | Content-Type                | text/event-stream       |
      | Access-Control-Allow-Origin | https://app.example.com |
    And a page at "https://app.example.com"
    When the page opens an event stream "https://api.example.com/events"
    Then the browser blocks the response: UnusableResponse
    Given another page at "https://shop.example.net"
    When the page opens an event stream "https://api.example.com/events"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]

  Scenario: A beacon of text needs nobody's leave
    Given an API at "https://api.example.com" that knows nothing about CORS
    And the browser holds the cookie "session=blue; Secure; SameSite=None; Path=/" of "https://api.example.com"
    And a page at "https://app.example.com"
    When the page sends a beacon 'left' to "https://api.example.com/log"
    Then the response is opaque
    And the browser sends no preflight
    And the request carries the header "Cookie" with "session=blue"

  Scenario: A beacon of JSON asks first, with credentials
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin  | *            |
      | Access-Control-Allow-Headers | Content-Type |
    And a page at "https://app.example.com"
    When the page sends a beacon '{"event":"left"}' of type "application/json" to "https://api.example.com/log"
    Then the browser blocks the request: PreflightWildcardOriginNotAllowed
    And the API did not receive the request
    When the page fetches "POST https://api.example.com/log" with the headers
      | Content-Type | application/json |
    Then the page can read the response
    When the page fetches "POST https://api.example.com/log" with the headers
      | X-Tenant | blue |
    Then the browser blocks the request: HeaderDisallowedByPreflightResponse [x-tenant]

  Scenario: A beacon of JSON that is allowed
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | true                    |
      | Access-Control-Allow-Headers     | Content-Type            |
    And a page at "https://app.example.com"
    When the page sends a beacon '{"event":"left"}' of type "application/json" to "https://api.example.com/log"
    Then the browser sends a preflight
    And the request carries the header "Content-Type" with "application/json"
    And the API received the request
