async function withFetch(spec) {
  let request;
  try {
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
    request = new Request(spec.url, init);
  } catch (error) {
    return apiError(error, spec);
  }
  try {
    const response = await fetch(request);
    if (response.type === "opaque") return {kind: "opaque", type: "opaque", status: 0};
    if (response.type === "opaqueredirect") return {kind: "opaque-redirect", type: "opaqueredirect", status: 0, url: response.url};
    return {
      kind: "readable", type: response.type, status: response.status, url: response.url,
      headers: [...response.headers], body: base64(await response.arrayBuffer()),
    };
  } catch (error) {
    return {...networkError, message: String(error)};
  }
}
