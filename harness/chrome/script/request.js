// Makes one request as a page's script would, and tells what the script sees of the result.
// Nothing of it is left: the document is as it was when the promise resolves. The
// files beside this one hold a function for each interface that makes requests.
async function request(spec) {
  const initiator = spec.initiator || "fetch";
  const [interface_, crossorigin] = initiator.split("-crossorigin-");
  const isOwnBlob = spec.url === "blob:self";
  const asked = {
    ...spec, initiator, crossorigin,
    url: isOwnBlob ? URL.createObjectURL(new Blob([spec.blob_body || ""], {type: spec.blob_type || ""})) : spec.url,
    headers: (spec.headers || []).map(({name, value}) => [name, value]),
  };
  try {
    const result = await interfaceOf(interface_)(asked);
    result.origin = self.origin;
    if (isOwnBlob && result.url) result.url = spec.url;
    return result;
  } finally {
    if (isOwnBlob) URL.revokeObjectURL(asked.url);
  }
}

// The same, and whether Resource Timing shows its details.
async function timedRequest(spec) {
  const timing = new Timing(spec.url);
  try {
    const result = await request(spec);
    // There is no timing where nothing was sent.
    if (!["api-error", "network-error"].includes(result.kind)) await timing.ended();
    result.timing_allowed = timing.allowed();
    return result;
  } finally {
    timing.stop();
  }
}

function interfaceOf(name) {
  switch (name) {
    case "fetch": return withFetch;
    case "xhr": case "xhr-upload-listener": case "xhr-upload-listener-late": return withXHR;
    case "img": case "script": case "module-script": case "stylesheet": return withElement;
    case "font": return withFont;
    case "eventsource": case "eventsource-with-credentials": return withEventSource;
    case "beacon": return withBeacon;
    default: throw new TypeError("unknown initiator: " + name);
  }
}

// The body as script passes it; undefined for none.
function bodyOf(spec) {
  const body = spec.body;
  if (!body) return undefined;
  if (body.form_data) {
    const form = new FormData();
    for (const [name, value] of body.form_data) form.append(name, value);
    return form;
  }
  if (body.url_search_params) return new URLSearchParams(body.url_search_params);
  if (body.blob) return new Blob([body.text || ""], {type: body.type || ""});
  return body.text || "";
}

function base64(buffer) {
  const bytes = new Uint8Array(buffer);
  if (bytes.toBase64) return bytes.toBase64();
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(text);
}

// What came of a request whose response script cannot see, but that it came. DevTools knows more.
function event(loaded, spec) {
  return {kind: "element", loaded, cors: Boolean(spec.crossorigin) || !["img", "script", "stylesheet", "beacon"].includes(spec.initiator)};
}

const networkError = {kind: "network-error", type: "error"};

// An exception that the interface throws before anything is fetched.
function apiError(error, spec) {
  const url = URL.parse(spec.url, document.baseURI);
  const invalid = !url || spec.initiator === "fetch" && (url.username !== "" || url.password !== "") ||
    spec.initiator === "beacon" && !["http:", "https:"].includes(url.protocol);
  return {kind: "api-error", code: invalid ? "InvalidURL" : "InvalidRequest", parameter: "", message: String(error)};
}
