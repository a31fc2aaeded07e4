Feature: A shared cache between the page and the API
  A cache keeps a response and its CORS headers. Whether the second page gets the first
  page's answer depends on one header: Vary.

  Scenario: Without Vary the second page gets the first one's answer
    Given an API at "https://api.example.com" that answers only what follows
    And it allows every origin by echoing it, with the headers
      | Cache-Control | public, s-maxage=60, max-age=0 |
    And a shared cache stands in front of it
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/prices"
    Then the page can read the response
    Given another page at "https://admin.example.com"
    When the page fetches "GET https://api.example.com/api/prices"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]
    And the API did not receive the request

  Scenario: With Vary each page gets its own
    Given an API at "https://api.example.com" that answers only what follows
    And it allows every origin by echoing it, with the headers
      | Cache-Control | public, s-maxage=60, max-age=0 |
      | Vary          | Origin                         |
    And a shared cache stands in front of it
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/prices"
    Then the page can read the response
    Given another page at "https://admin.example.com"
    When the page fetches "GET https://api.example.com/api/prices"
    Then the page can read the response
    And the API received the request
    When the page fetches "GET https://api.example.com/api/prices" with credentials
    Then the browser blocks the response: InvalidAllowCredentials

  Scenario: The ingress never adds Vary, so a cache in front of it is poisoned
    Given an API at "https://api.example.com" that answers every request with the headers
      | Cache-Control | public, s-maxage=60, max-age=0 |
    And its Ingress has the annotations
      | enable-cors       | true                                               |
      | cors-allow-origin | https://app.example.com, https://admin.example.com |
    And a shared cache stands in front of it
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/prices"
    Then the page can read the response
    Given another page at "https://admin.example.com"
    When the page fetches "GET https://api.example.com/api/prices"
    Then the browser blocks the response: AllowOriginMismatch [https://app.example.com]
    When the page fetches "GET https://api.example.com/api/stock"
    Then the page can read the response

  Scenario: A request without Origin fills the cache with an answer without CORS
    Given an API at "https://api.example.com" that answers only what follows
    And it allows every origin by echoing it, with the headers
      | Cache-Control | public, s-maxage=60, max-age=0 |
    And a shared cache stands in front of it
    And a page at "https://app.example.com"
    When the page loads the image "https://api.example.com/logo.png"
    And the page fetches "GET https://api.example.com/logo.png"
    Then the browser blocks the response: MissingAllowOriginHeader
    And the API did not receive the request

  Scenario: A wildcard answer is the same for every page, so the cache does no harm
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | *                              |
      | Cache-Control               | public, s-maxage=60, max-age=0 |
    And a shared cache stands in front of it
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/api/prices"
    Then the page can read the response
    Given another page at "https://anywhere.example.net"
    When the page fetches "GET https://api.example.com/api/prices"
    Then the page can read the response
    And the API did not receive the request
