// What Resource Timing calls the request for a URL; undefined where it tells of none. An entry's
// name has no credentials, and https where the browser upgraded mixed content.
function resourceOf(url) {
  const parsed = URL.parse(url, document.baseURI);
  if (!parsed || !["http:", "https:"].includes(parsed.protocol)) return undefined;
  return parsed.host + parsed.pathname + parsed.search + parsed.hash;
}

// Without leave every detail is zero.
// https://fetch.spec.whatwg.org/#create-an-opaque-timing-info
function showsDetails(entry) { return entry !== undefined && entry.requestStart > 0; }

// Timing tells whether Resource Timing shows the details of a request that begins after it is made.
// One observer for all that are under way is told of every entry, however full the page's own buffer is.
class Timing {
  // How many milliseconds to wait for the entry: where nobody reads the body to its end there may be none.
  static #patience = 2000;
  // The requests under way, by what they ask for.
  static #underWay = new Map();
  static #observer = new PerformanceObserver((list) => Timing.#deliver(list.getEntries()));

  static #deliver(entries) {
    for (const entry of entries) {
      const waiting = Timing.#underWay.get(resourceOf(entry.name));
      waiting?.find((timing) => !timing.#entry && entry.startTime >= timing.#begun)?.#take(entry);
    }
  }

  #resource;
  #begun = performance.now();
  #entry;
  #arrived;

  constructor(url) {
    this.#resource = resourceOf(url);
    if (this.#resource === undefined) return;
    if (Timing.#underWay.size === 0) Timing.#observer.observe({type: "resource"});
    Timing.#underWay.set(this.#resource, [...Timing.#underWay.get(this.#resource) ?? [], this]);
  }

  #take(entry) {
    this.#entry = entry;
    this.#arrived?.();
  }

  // The entry comes with the end of the response, which script waits for only where it can read it.
  async ended() {
    Timing.#deliver(Timing.#observer.takeRecords());
    if (this.#resource === undefined || this.#entry) return;
    let timer;
    await new Promise((resolve) => {
      this.#arrived = resolve;
      timer = setTimeout(resolve, Timing.#patience);
    });
    clearTimeout(timer);
  }

  allowed() {
    Timing.#deliver(Timing.#observer.takeRecords());
    return showsDetails(this.#entry);
  }

  stop() {
    if (this.#resource === undefined) return;
    const others = Timing.#underWay.get(this.#resource).filter((timing) => timing !== this);
    if (others.length > 0) Timing.#underWay.set(this.#resource, others);
    else Timing.#underWay.delete(this.#resource);
    if (Timing.#underWay.size === 0) Timing.#observer.disconnect();
  }
}

// Timings tells the same of many requests at once, which are for different resources and begin after it is
// made. The page's own buffer is read once: to be told of each entry costs a page more than to read them all.
class Timings {
  // How often, and every how many milliseconds, the buffer is looked at.
  static #looks = 200;
  static #pause = 10;

  #resources;

  constructor(specs) {
    this.#resources = specs.map(({url}) => resourceOf(url));
    performance.clearResourceTimings();
    performance.setResourceTimingBufferSize(2 * specs.length + 250);
  }

  // An entry comes with the end of the response, and is not waited for where script cannot read it.
  async tell(results) {
    const awaited = new Set(this.#resources.filter((_, i) => results[i].kind === "readable" || results[i].loaded));
    let entries;
    for (let look = 0; look < Timings.#looks; look++) {
      if (look > 0) await new Promise((resolve) => setTimeout(resolve, Timings.#pause));
      entries = new Map(performance.getEntriesByType("resource").map((entry) => [resourceOf(entry.name), entry]));
      if ([...awaited].every((resource) => resource === undefined || entries.has(resource))) break;
    }
    results.forEach((result, i) => { result.timing_allowed = this.#resources[i] !== undefined && showsDetails(entries.get(this.#resources[i])); });
  }
}
