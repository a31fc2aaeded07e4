// Timing tells whether Resource Timing shows the details of a request that begins after it is made.
// One observer for all that are under way is told of every entry, however full the page's own buffer is.
class Timing {
  // The requests under way, by what they ask for.
  static #underWay = new Map();
  static #observer = new PerformanceObserver((list) => Timing.#deliver(list.getEntries()));

  static #deliver(entries) {
    for (const entry of entries) {
      const waiting = Timing.#underWay.get(Timing.#resourceOf(new URL(entry.name)));
      waiting?.find((timing) => !timing.#entry && entry.startTime >= timing.#begun)?.#take(entry);
    }
  }

  // An entry's name has no credentials, and https where the browser upgraded mixed content.
  static #resourceOf({host, pathname, search, hash}) { return host + pathname + search + hash; }

  #resource;
  #begun = performance.now();
  #entry;
  #arrived;

  constructor(url) {
    const parsed = URL.parse(url, document.baseURI);
    // Nothing else is reported.
    if (!parsed || !["http:", "https:"].includes(parsed.protocol)) return;
    this.#resource = Timing.#resourceOf(parsed);
    if (Timing.#underWay.size === 0) Timing.#observer.observe({type: "resource"});
    Timing.#underWay.set(this.#resource, [...Timing.#underWay.get(this.#resource) ?? [], this]);
  }

  #take(entry) {
    this.#entry = entry;
    this.#arrived?.();
  }

  // The entry comes with the end of the response, which script waits for only where it can read it.
  async ended(patience) {
    Timing.#deliver(Timing.#observer.takeRecords());
    if (this.#resource === undefined || this.#entry || patience === 0) return;
    let timer;
    await new Promise((resolve) => {
      this.#arrived = resolve;
      timer = setTimeout(resolve, patience);
    });
    clearTimeout(timer);
  }

  // Without leave every detail is zero.
  // https://fetch.spec.whatwg.org/#create-an-opaque-timing-info
  allowed() {
    Timing.#deliver(Timing.#observer.takeRecords());
    return this.#entry !== undefined && this.#entry.requestStart > 0;
  }

  stop() {
    if (this.#resource === undefined) return;
    const others = Timing.#underWay.get(this.#resource).filter((timing) => timing !== this);
    if (others.length > 0) Timing.#underWay.set(this.#resource, others);
    else Timing.#underWay.delete(this.#resource);
    if (Timing.#underWay.size === 0) Timing.#observer.disconnect();
  }
}
