// Images, scripts and style sheets: elements that have a load or an error event.
async function withElement(spec) {
  const [interface_] = spec.initiator.split("-crossorigin-");
  const tag = {img: "img", script: "script", "module-script": "script", stylesheet: "link"}[interface_];
  const element = document.createElement(tag);
  if (spec.crossorigin) element.crossOrigin = spec.crossorigin;
  if (spec.referrer_policy) element.referrerPolicy = spec.referrer_policy;
  // An element throws nothing for a URL that cannot be parsed: it has an error event.
  if (!URL.canParse(spec.url, document.baseURI)) return {...networkError, code: "InvalidURL"};
  const ended = new Promise((resolve) => { element.onload = element.onerror = resolve; });
  if (interface_ === "module-script") element.type = "module";
  if (tag === "link") {
    element.rel = "stylesheet";
    element.href = spec.url;
  } else {
    element.src = spec.url;
  }
  // Nothing of it is painted there.
  document.head.append(element);
  const {type} = await ended;
  element.remove();
  return event(type === "load", spec);
}

// A font of a style sheet in the document. It is loaded when it is used.
async function withFont(spec) {
  if (!URL.canParse(spec.url, document.baseURI)) return {...networkError, code: "InvalidURL"};
  const family = "crosscheck-" + crypto.getRandomValues(new Uint32Array(2)).join("-");
  const quoted = spec.url.replace(/["\\\n\r\f]/g, (c) => "\\" + c.codePointAt(0).toString(16) + " ");
  const sheet = document.createElement("style");
  sheet.textContent = `@font-face { font-family: "${family}"; src: url("${quoted}"); }`;
  document.head.append(sheet);
  try {
    return event((await document.fonts.load(`1em "${family}"`)).length > 0, spec);
  } catch {
    return event(false, spec);
  } finally {
    sheet.remove();
  }
}
