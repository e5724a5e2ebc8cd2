// Where the values of an explorer's controls live without Jupyter, the link that holds them, and what a page has once.

/** State of a page without Jupyter, with the methods of an anywidget model that are used here. */
class PlainState {
  constructor(values) {
    this.known = values;
    this.acts = new Map();
  }
  get(name) {
    return this.known[name];
  }
  set(name, value) {
    if (this.known[name] === value) return;
    this.known[name] = value;
    for (const act of [...(this.acts.get(`change:${name}`) ?? [])]) act();
  }
  save_changes() {}
  on(event, act) {
    this.acts.set(event, [...(this.acts.get(event) ?? []), act]);
  }
  off(event, act) {
    this.acts.set(event, (this.acts.get(event) ?? []).filter((other) => other !== act));
  }
}

const short = (value) => Number(value.toPrecision(5));

/** All values of an explorer as the fragment of an address: `#wave=lrnr-…&time=1.5&mode_2=5`. */
export function toHash(place, values) {
  const said = new URLSearchParams({ wave: place });
  for (const [name, value] of Object.entries(values)) {
    const text = Array.isArray(value) ? value.map((row) => [row].flat().map(short).join("_")).join("~") : String(typeof value === "number" ? short(value) : value);
    said.set(name, text);
  }
  return `#${said}`;
}

/** What such a fragment says of the explorer in a place, in the types that `first` has; null if it means another one. */
export function fromHash(hash, place, first) {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  if (said.get("wave") !== place) return null;
  const read = (name, text) => {
    if (Array.isArray(first[name])) {
      const rows = text ? text.split("~").map((row) => row.split("_").map(Number)) : [];
      if (rows.flat().some((a) => !Number.isFinite(a))) return first[name];
      return name === "rest" ? rows.flat() : rows;
    }
    if (typeof first[name] === "boolean") return text === "true";
    if (typeof first[name] === "string") return text;
    return text !== "" && Number.isFinite(Number(text)) ? Number(text) : first[name];
  };
  return Object.fromEntries(Object.keys(first).map((name) => [name, said.has(name) ? read(name, said.get(name)) : first[name]]));
}

const nets = new Map(); // by their weights, which several explorers may share

function shared(model) {
  if (!nets.has(model.numbers)) nets.set(model.numbers, network(model));
  return nets.get(model.numbers);
}

/** In a page: explorers that wait under a name, and those that are still to come, start when they come near the screen. */
export function serve(name) {
  if (globalThis[name]?.serving) return; // the page has this module twice
  const start = ([place, model]) => {
    const root = document.querySelector(`#${place}:not([data-served])`); // the same explorer may be there twice
    root.dataset.served = "";
    for (const [key, part] of Object.entries(model.parts ?? {})) model[key] ??= document.getElementById(part).textContent;
    const linked = fromHash(location.hash, place, model.first);
    if (linked) root.scrollIntoView({ block: "center" });
    new IntersectionObserver((found, sight) => {
      if (!found.some((one) => one.isIntersecting)) return;
      sight.disconnect();
      mount(root, model);
    }, { rootMargin: "300px" }).observe(root);
  };
  const waiting = globalThis[name] ?? [];
  globalThis[name] = { serving: true, push: start };
  waiting.forEach(start);
}
