Feature: Who may call {{.API}}
  What a browser makes of the API as it is deployed. "crosscheck steps" lists all that can be said.

  Background:
    Given the API at "{{.API}}" as deployed

  Scenario: The app's own page reads the answer
    Given a page at "{{.Origin}}"
    When the page fetches "GET {{.URL}}"
    Then the page can read the response

  # If the API is for everybody's pages, expect here that this page reads it too.
  Scenario: A page that nobody listed does not
    Given a page at "{{.Stranger}}"
    When the page fetches "GET {{.URL}}"
    Then the page cannot read the response
