Feature: A team's own manifests are predicted as they are
  The Ingresses are read from the file that is deployed: every path of the host has the
  policy of its own Ingress, and a path that nobody has is the controller's 404.

  Background:
    Given an API at "https://shop.example.com" that knows nothing about CORS
    And its Ingress is that of "k8s/shop.yaml"

  Scenario: The orders are for the app's own page, which may change them
    Given a page at "https://app.example.com"
    When the page fetches "PUT https://shop.example.com/orders/7" with credentials
    Then the page can read the response
    And the answer leaves the Ingress with "https://app.example.com" in the header "Access-Control-Allow-Origin"

  Scenario: The orders are for nobody else
    Given a page at "https://partner.example.net"
    When the page fetches "GET https://shop.example.com/orders/7" with credentials
    Then the browser blocks the response: MissingAllowOriginHeader
    And the API received the request

  Scenario: The app's page may not delete
    Given a page at "https://app.example.com"
    When the page fetches "DELETE https://shop.example.com/orders/7"
    Then the browser blocks the request: MethodDisallowedByPreflightResponse [DELETE]

  Scenario: The catalogue is for everybody, without cookies
    Given a page at "https://partner.example.net"
    When the page fetches "GET https://shop.example.com/catalogue"
    Then the page can read the response
    When the page fetches "GET https://shop.example.com/catalogue" with credentials
    Then the browser blocks the response: WildcardOriginNotAllowed

  Scenario: A path of no Ingress never reaches the application
    Given a page at "https://app.example.com"
    When the page fetches "GET https://shop.example.com/admin"
    Then the page can read the status 404
    And the API did not receive the request

  Scenario: Plain http is sent on to https
    Given a page at "http://app.example.com"
    When the page fetches "GET http://shop.example.com/orders/7"
    Then the browser blocks the response: MissingAllowOriginHeader

  Scenario: The version before answers the app's own page in the same way
    Given its Ingress under ingress-nginx v1.11.0 is that of "k8s/shop.yaml"
    And a page at "https://app.example.com"
    When the page fetches "PUT https://shop.example.com/orders/7" with credentials
    Then the page can read the response
    When the page fetches "PATCH https://shop.example.com/orders/7" with credentials
    Then the browser blocks the request: MethodDisallowedByPreflightResponse [PATCH]
    When the page fetches "GET https://shop.example.com/catalogue"
    Then the page can read the response

  Scenario: Whatever the reason, a page that nobody listed reads no order
    Given a page at "https://partner.example.net"
    When the page fetches "GET https://shop.example.com/orders/7"
    Then the page cannot read the response
    When the page fetches "PUT https://shop.example.com/orders/7"
    Then the page cannot read the response
