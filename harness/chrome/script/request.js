async (spec) => {
  // Makes one request as a page's script would, and tells what the script sees of the result.
  // All state is local: the document is as it was when the promise resolves.
  const headers = (spec.headers || []).map(({name, value}) => [name, value]);
  const initiator = spec.initiator || "fetch";
  const sameOrigin = (url) => { try { return new URL(url).origin === location.origin; } catch { return false; } };

  const body = () => {
    if (!spec.body) return undefined;
    if (!spec.body.form_data) return spec.body.text || "";
    const form = new FormData();
    for (const [name, value] of spec.body.form_data) form.append(name, value);
    return form;
  };

  const base64 = (buffer) => {
    const bytes = new Uint8Array(buffer);
    if (bytes.toBase64) return bytes.toBase64();
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
  };

  const networkError = {kind: "network-error", type: "error"};

  const apiError = (error) => {
    let invalid = false;
    try {
      const url = new URL(spec.url, document.baseURI);
      invalid = initiator === "fetch" && (url.username !== "" || url.password !== "");
    } catch { invalid = true; }
    return {kind: "api-error", code: invalid ? "InvalidURL" : "InvalidRequest", parameter: "", message: String(error)};
  };

  const withFetch = async () => {
    let request;
    try {
      const init = {headers};
      if (spec.method) init.method = spec.method;
      if (spec.mode) init.mode = spec.mode;
      if (spec.credentials) init.credentials = spec.credentials;
      if (spec.redirect) init.redirect = spec.redirect;
      if (spec.referrer) init.referrer = spec.referrer === "no-referrer" ? "" : spec.referrer;
      if (spec.referrer_policy) init.referrerPolicy = spec.referrer_policy;
      if (spec.keepalive) init.keepalive = true;
      const content = body();
      if (content !== undefined) init.body = content;
      request = new Request(spec.url, init);
    } catch (error) {
      return apiError(error);
    }
    let response;
    try {
      response = await fetch(request);
    } catch (error) {
      return {...networkError, message: String(error)};
    }
    if (response.type === "opaque") return {kind: "opaque", type: "opaque", status: 0};
    if (response.type === "opaqueredirect") return {kind: "opaque-redirect", type: "opaqueredirect", status: 0, url: response.url};
    try {
      return {
        kind: "readable", type: response.type, status: response.status, url: response.url,
        headers: [...response.headers], body: base64(await response.arrayBuffer()),
      };
    } catch (error) {
      return {...networkError, message: String(error)};
    }
  };

  const withXHR = () => new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    const listen = () => xhr.upload.addEventListener("progress", () => {});
    xhr.onerror = xhr.onabort = xhr.ontimeout = () => resolve(networkError);
    xhr.onload = () => resolve({
      kind: "readable", type: sameOrigin(new URL(spec.url, document.baseURI)) && sameOrigin(xhr.responseURL) ? "basic" : "cors",
      status: xhr.status, url: xhr.responseURL,
      headers: xhr.getAllResponseHeaders().split("\r\n").filter((line) => line !== "").map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      }),
      body: base64(xhr.response),
    });
    try {
      xhr.open(spec.method || "GET", spec.url);
      xhr.responseType = "arraybuffer";
      xhr.withCredentials = spec.credentials === "include";
      for (const [name, value] of headers) xhr.setRequestHeader(name, value);
      if (initiator === "xhr-upload-listener") listen();
      xhr.send(body() ?? null);
      if (initiator === "xhr-upload-listener-late") listen();
    } catch (error) {
      resolve(apiError(error));
    }
  });

  const withElement = (name) => new Promise((resolve) => {
    const element = document.createElement(name);
    const crossorigin = initiator.split("-crossorigin-")[1];
    const settle = (event) => { element.remove(); resolve({kind: "element", loaded: event.type === "load", cors: Boolean(crossorigin)}); };
    element.onload = element.onerror = settle;
    if (crossorigin) element.crossOrigin = crossorigin;
    if (spec.referrer_policy) element.referrerPolicy = spec.referrer_policy;
    // An element throws nothing for a URL that cannot be parsed: it has an error event.
    if (!URL.canParse(spec.url, document.baseURI)) { resolve({...networkError, code: "InvalidURL"}); return; }
    element.src = spec.url;
    document.body.append(element);
  });

  if (initiator.startsWith("xhr")) return withXHR();
  if (initiator.startsWith("img")) return withElement("img");
  if (initiator.startsWith("script")) return withElement("script");
  return withFetch();
}
