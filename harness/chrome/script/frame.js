// Adds a frame to this document and resolves when it has been loaded.
(kind, url) => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  frame.addEventListener("load", () => resolve(true));
  const html = "<!doctype html><html><body></body></html>";
  switch (kind) {
    case "url": frame.src = url; break;
    case "sandboxed-srcdoc": frame.setAttribute("sandbox", "allow-scripts"); frame.srcdoc = html; break;
    case "srcdoc": frame.srcdoc = html; break;
    case "data-url": frame.src = "data:text/html," + encodeURIComponent(html); break;
    case "blob": frame.src = URL.createObjectURL(new Blob([html], {type: "text/html"})); break;
    case "about-blank": frame.src = "about:blank"; break;
    default: throw new TypeError("unknown kind of frame: " + kind);
  }
  document.body.append(frame);
})
