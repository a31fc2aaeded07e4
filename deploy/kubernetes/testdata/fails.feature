Feature: A scenario that fails
  Scenario: A page that nobody lets in
    Given an API at "https://api.example.com" that knows nothing about CORS
    And a page at "https://app.example.com"
    When the page fetches "GET https://api.example.com/x"
    Then the page can read the response
