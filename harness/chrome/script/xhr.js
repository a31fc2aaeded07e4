async function withXHR(spec) {
  const xhr = new XMLHttpRequest();
  let heard;
  const listen = () => {
    heard = false;
    for (const type of ["loadstart", "progress", "load", "error", "loadend"]) xhr.upload.addEventListener(type, () => { heard = true; });
  };
  const ended = new Promise((resolve) => { xhr.onload = xhr.onerror = xhr.onabort = xhr.ontimeout = resolve; });
  try {
    xhr.open(spec.method || "GET", spec.url);
    xhr.responseType = "arraybuffer";
    xhr.withCredentials = spec.credentials === "include";
    for (const [name, value] of spec.headers) xhr.setRequestHeader(name, value);
    if (spec.initiator === "xhr-upload-listener") listen();
    xhr.send(bodyOf(spec) ?? null);
    if (spec.initiator === "xhr-upload-listener-late") listen();
  } catch (error) {
    return apiError(error, spec);
  }
  if ((await ended).type !== "load") return {...networkError, upload_events: heard};
  return {
    // Script is not told the type of the response.
    kind: "readable", type: "", status: xhr.status, url: xhr.responseURL,
    headers: xhr.getAllResponseHeaders().split("\r\n").filter((line) => line !== "").map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "")];
    }),
    body: base64(xhr.response), upload_events: heard,
  };
}
