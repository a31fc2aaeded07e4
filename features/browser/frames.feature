Feature: Which origin a frame has
  A frame with a URL asks as itself. One without inherits the origin of its page, unless it
  is sandboxed or a data: URL: then its origin is null, which no sensible list allows.

  Background:
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | true                    |

  Scenario Outline: A <frame> frame asks as the page that holds it
    Given a <frame> frame in a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/user"
    Then the request carries the header "Origin" with "https://app.example.com"
    And the page can read the response

    Examples:
      | frame       |
      | srcdoc      |
      | about:blank |
      | blob: URL   |

  Scenario Outline: A <frame> frame is nobody
    Given a <frame> frame in a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/user"
    Then the request carries the header "Origin" with "null"
    And the browser blocks the response: AllowOriginMismatch [https://app.example.com]

    Examples:
      | frame     |
      | sandboxed |
      | data: URL |

  Scenario: A page in a frame asks as itself, whoever is around it
    Given a page at "https://widget.example.net" in a frame of a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/user"
    Then the request carries the header "Origin" with "https://widget.example.net"
    And the browser blocks the response: AllowOriginMismatch [https://app.example.com]

  Scenario: In a frame of another site, a cookie that is SameSite=Lax stays at home
    Given the browser holds the cookie "session=blue; Secure; SameSite=Lax; Path=/" of "https://api.example.com"
    And a page at "https://app.example.com" in a frame of a page at "https://portal.example.net"
    When the page fetches "GET https://api.example.com/user" with credentials
    Then the request carries no header "Cookie"
    And the page can read the response
    Given another page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/user" with credentials
    Then the request carries the header "Cookie" with "session=blue"
    And the page can read the response

  Scenario: A page that its server sandboxes is nobody, too
    Given a page at "https://app.example.com" with the headers
      | Content-Security-Policy | sandbox allow-scripts |
    When the page fetches "GET https://api.example.com/user"
    Then the request carries the header "Origin" with "null"
    And the browser blocks the response: AllowOriginMismatch [https://app.example.com]
