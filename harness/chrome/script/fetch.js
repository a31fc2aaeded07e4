async function withFetch(spec) {
  const init = {headers: spec.headers};
  if (spec.method) init.method = spec.method;
  if (spec.mode) init.mode = spec.mode;
  if (spec.credentials) init.credentials = spec.credentials;
  if (spec.redirect) init.redirect = spec.redirect;
  if (spec.referrer) init.referrer = spec.referrer === "no-referrer" ? "" : spec.referrer;
  if (spec.referrer_policy) init.referrerPolicy = spec.referrer_policy;
  if (spec.keepalive) init.keepalive = true;
  const content = bodyOf(spec);
  if (content !== undefined) init.body = content;
  try {
    const response = await fetch(spec.url, init);
    if (response.type === "opaque") return {kind: "opaque", type: "opaque", status: 0};
    if (response.type === "opaqueredirect") return {kind: "opaque-redirect", type: "opaqueredirect", status: 0, url: response.url};
    return {
      kind: "readable", type: response.type, status: response.status, url: response.url,
      headers: [...response.headers], body: base64(await response.arrayBuffer()),
    };
  } catch (error) {
    // What Chromium says of every network error.
    const isNetworkError = String(error.message).startsWith("Failed to fetch");
    return (isNetworkError ? undefined : refusalOf(spec, init)) ?? {...networkError, message: String(error)};
  }
}

// What fetch() throws before anything is fetched is what making its Request throws.
// https://fetch.spec.whatwg.org/#fetch-method
function refusalOf(spec, init) {
  try {
    new Request(spec.url, init);
  } catch (error) {
    return apiError(error, spec);
  }
}
