Feature: What the attribute crossorigin makes of an element
  Without it most elements ask in no-cors mode, with the cookies of the target. With it they
  need leave: crossorigin alone without cookies, "use-credentials" with them.

  Background:
    Given a page at "https://app.example.com"

  Scenario Outline: <element> with crossorigin="use-credentials"
    Given an API at "https://files.example.com" that answers every request with the headers
      | Content-Type                     | <type>                  |
      | Access-Control-Allow-Origin      | https://app.example.com |
      | Access-Control-Allow-Credentials | true                    |
    And the browser holds the cookie "session=blue; Secure; SameSite=None; Path=/" of "https://files.example.com"
    When the page loads the <element> with credentials "https://files.example.com/x"
    Then the page can read the response
    And the request carries the header "Origin" with "https://app.example.com"
    And the request carries the header "Cookie" with "session=blue"

    Examples:
      | element       | type            |
      | image         | image/gif       |
      | script        | text/javascript |
      | module script | text/javascript |
      | stylesheet    | text/css        |

  Scenario Outline: <element> with crossorigin
    Given an API at "https://files.example.com" that answers every request with the headers
      | Content-Type                | <type> |
      | Access-Control-Allow-Origin | *      |
    And the browser holds the cookie "session=blue; Secure; SameSite=None; Path=/" of "https://files.example.com"
    When the page loads the <element> with crossorigin "https://files.example.com/x"
    Then the page can read the response
    And the request carries no header "Cookie"

    Examples:
      | element       | type            |
      | image         | image/gif       |
      | script        | text/javascript |
      | module script | text/javascript |
      | stylesheet    | text/css        |

  Scenario: fetch() can be told to leave the cookies of its own origin at home
    Given an API at "https://files.example.com" that knows nothing about CORS
    And the browser holds the cookie "session=blue; Secure; SameSite=None; Path=/" of "https://files.example.com"
    And a page at "https://files.example.com"
    When the page fetches "GET https://files.example.com/x"
    Then the request carries the header "Cookie" with "session=blue"
    When the page fetches "GET https://files.example.com/x" without credentials
    Then the request carries no header "Cookie"
    And the page can read the response
    And the response has the type "basic"
    And Resource Timing shows the details
