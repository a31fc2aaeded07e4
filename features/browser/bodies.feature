Feature: What a page sends decides whether it is asked first
  The kind of the body implies a Content-Type, and only three of these need no preflight.

  Background:
    Given an API at "https://api.example.com" that answers every request with the headers
      | Access-Control-Allow-Origin | https://app.example.com |
    And a page at "https://app.example.com"

  Scenario: A form is what any page could always send
    When the page sends the form by "POST https://api.example.com/user"
      | name | Ada |
    Then the browser sends no preflight
    And the page can read the response

  Scenario: So is a URL-encoded form
    When the page sends the URL-encoded form by "POST https://api.example.com/user"
      | name | Ada |
    Then the browser sends no preflight
    And the request carries the header "Content-Type" with "application/x-www-form-urlencoded;charset=UTF-8"
    And the page can read the response

  Scenario: A blob of another type is not
    When the page sends the blob '<user/>' of type "application/xml" by "POST https://api.example.com/user"
    Then the preflight asks for the method "POST" and the headers "content-type"
    And the browser blocks the request: HeaderDisallowedByPreflightResponse [content-type]

  Scenario: XMLHttpRequest asks for leave as fetch() does
    When the page requests "GET https://api.example.com/user" by XMLHttpRequest
    Then the browser sends no preflight
    And the page can read the response
    When the page requests "GET https://api.example.com/user" by XMLHttpRequest with credentials
    Then the browser blocks the response: InvalidAllowCredentials
    When the page requests "GET https://api.example.com/user" by XMLHttpRequest with the headers
      | X-Tenant | blue |
    Then the browser blocks the request: HeaderDisallowedByPreflightResponse [x-tenant]

  Scenario: Who watches an upload needs a preflight
    When the page sends 'a file' by XMLHttpRequest "POST https://api.example.com/files"
    Then the browser sends no preflight
    When the page sends 'a file' by XMLHttpRequest "POST https://api.example.com/files" listening to the upload
    Then the browser sends a preflight
    And the upload's progress is heard
    And the page can read the response

  Scenario: Who begins to watch after it was sent hears nothing
    When the page sends 'a file' by XMLHttpRequest "POST https://api.example.com/files" listening to the upload too late
    Then the browser sends no preflight
    And the upload's progress is not heard
    And the page can read the response
