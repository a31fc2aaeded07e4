// Timing tells whether Resource Timing shows the details of a request that begins after it is made.
// An observer is told of every entry, however full the page's own buffer is.
class Timing {
  #resource;
  #begun = performance.now();
  #entry;
  #arrived;
  #observer;

  constructor(url) {
    const parsed = URL.parse(url, document.baseURI);
    // Nothing else is reported.
    if (!parsed || !["http:", "https:"].includes(parsed.protocol)) return;
    this.#resource = Timing.#resourceOf(parsed);
    this.#observer = new PerformanceObserver((list) => this.#take(list.getEntries()));
    this.#observer.observe({type: "resource"});
  }

  // An entry's name has no credentials, and https where the browser upgraded mixed content.
  static #resourceOf({host, pathname, search, hash}) { return host + pathname + search + hash; }

  #take(entries) {
    this.#entry ??= entries.find(({name, startTime}) => startTime >= this.#begun && Timing.#resourceOf(new URL(name)) === this.#resource);
    if (this.#entry) this.#arrived?.();
  }

  // The entry comes with the end of the response, which script waits for only where it can read it.
  async #ended(patience) {
    if (!this.#observer) return;
    this.#take(this.#observer.takeRecords());
    if (!this.#entry && patience > 0) await new Promise((resolve) => { this.#arrived = resolve; setTimeout(resolve, patience); });
  }

  // Without leave every detail is zero.
  // https://fetch.spec.whatwg.org/#create-an-opaque-timing-info
  async allowed(patience) {
    await this.#ended(patience);
    return this.#entry !== undefined && this.#entry.requestStart > 0;
  }

  stop() { this.#observer?.disconnect(); }
}
