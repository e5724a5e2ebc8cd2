// The explorer: sliders for time and hypermodes above the pictures of a wave. One module, two hosts: anywidget calls
// `render` in live Jupyter; in a built page `mount` gives it a plain state of its own.

const GRID = { 1: 400, 2: 96 }; // points a side
const COARSE = { 1: 100, 2: 24 };
const BUDGET = 50; // ms for the network while something moves
const REST = 180; // ms without a change until the picture is drawn in full
const RUN = 6; // s from first to last time
const MARGIN = 0.4; // of the domain, beyond each side
const LATER = 1 / 20; // of all times: how much later the ghost is

const percent = (y) => `${y >= 0.05 ? "+" : ""}${format(Math.round(10 * y) / 10 || 0)} %`;

const clocks = new WeakMap(); // when the time of a state was moved last

class View extends Pictures {
  constructor(root, model, state, net, data) {
    super();
    Object.assign(this, { root, model, state, net, data, frame: 0, speed: null, hover: null, busy: false, enlarged: [] });
    this.plane = model.domain.length > 1;
    root.innerHTML = template(model, state instanceof PlainState);
    root.querySelector(".lrnr-controls").setAttribute("aria-label", `explorer of ${model.title}`);
    root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab would take the arrow keys
    this.main = root.querySelector(".lrnr-main");
    this.scratch = document.createElement("canvas");
    this.inputs = [...root.querySelectorAll("[data-trait]")];
    this.names = Object.keys(model.first);
    this.modes = this.names.filter((name) => name.startsWith("mode_")).slice(0, model.modes);
    const ranges = { time: model.times, third: model.domain[2] ?? [0, 0] };
    model.parameters.forEach(([name, ...range], i) => {
      ranges[`mu_${i + 1}`] = range;
      root.querySelector(`[data-trait=mu_${i + 1}]`).previousElementSibling.textContent = name; // which comes from a file
    });
    for (const [name, [min, max]] of Object.entries(ranges))
      Object.assign(root.querySelector(`[data-trait=${name}]`) ?? {}, { min, max });
    this.path = new Path(this);
    this.gauges = new Gauges(this);
    this.listen();
    this.show();
    this.gauges.begin();
    this.gauges.solve();
    this.draw();
    this.say();
    if (this.plane) setTimeout(() => this.choose(), REST);
  }

  // By WebAssembly at first, then by the graphics processor where that is better.
  choose() {
    this.compute(GRID[2]);
    const chain = this.net.chain(this.still(this.model.times[0]));
    this.painter = better(this.model.renderer, chain, this.speed * GRID[2] ** 2);
    this.root.dataset.renderer = this.painter ? "webgl" : "wasm";
    this.request();
  }

  listen() {
    const { root, state } = this;
    this.ends = [];
    const on = (target, kind, act, how) => {
      target.addEventListener(kind, act, how);
      this.ends.push(() => target.removeEventListener(kind, act));
    };
    on(root, "keydown", (event) => event.stopPropagation());
    for (const input of this.inputs) {
      const trait = input.dataset.trait;
      on(input, "input", () => {
        const value = input.type === "checkbox" ? input.checked : typeof this.model.first[trait] === "number" ? Number(input.value) : input.value;
        const near = trait === "wide" && !value ? this.modes.map((name) => [name, Math.min(Math.max(state.get(name), -RANGE.near), RANGE.near)]) : [];
        this.set({ [trait]: value, ...Object.fromEntries(near) });
      });
      if (input.type !== "range") continue;
      on(input, "keydown", (event) => { // a hundredth of the range: with step="any" Firefox takes steps of 1
        const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
        if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        input.value = Number(input.value) + (way * (input.max - input.min)) / 100;
        input.dispatchEvent(new Event("input"));
      });
      let before; // a finger that turns out to scroll the page leaves the value as it was
      on(input, "pointerdown", () => (before = state.get(trait)));
      on(input, "pointercancel", () => this.set({ [trait]: before }));
    }
    on(root.querySelector(".lrnr-play"), "click", () => {
      const ended = state.get("time") >= this.model.times[1];
      this.set({ playing: !state.get("playing"), ...(ended ? { time: this.model.times[0] } : {}) });
    });
    on(root.querySelector(".lrnr-reset"), "click", () => this.put(this.model.first));
    const link = root.querySelector(".lrnr-link");
    if (link) on(link, "click", () => this.link(link));
    if (link) on(window, "hashchange", () => {
      const linked = fromHash(location.hash, root.id, this.model.first);
      if (linked) this.put(linked);
    });
    on(this.main, "pointermove", (event) => this.point(event));
    on(this.main, "pointerleave", () => this.point(null));
    this.path.listen(on);
    this.gauges.listen(on);
    const changed = () => this.changed();
    for (const name of [...this.names, "playing"]) {
      state.on(`change:${name}`, changed);
      this.ends.push(() => state.off(`change:${name}`, changed));
    }
    const size = new ResizeObserver(() => this.request());
    size.observe(root);
    const sight = new IntersectionObserver((found) => { // out of sight it rests
      this.hidden = !found.at(-1).isIntersecting;
      this.request();
    });
    sight.observe(root);
    const theme = new MutationObserver(() => this.request()); // of the book and of JupyterLab
    for (const element of [document.documentElement, document.body])
      theme.observe(element, { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light"] });
    on(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.request());
    for (const kind of ["beforeprint", "afterprint"])
      on(window, kind, () => {
        this.printing = kind === "beforeprint";
        this.draw();
      });
    this.ends.push(() => size.disconnect(), () => sight.disconnect(), () => theme.disconnect(), () => cancelAnimationFrame(this.frame), () => clearTimeout(this.rest));
  }

  stop() {
    this.ends.forEach((end) => end());
  }

  set(values) {
    for (const [name, value] of Object.entries(values)) this.state.set(name, value);
    this.state.save_changes();
  }

  // All values at once, and the fit as they have it.
  put(values) {
    this.set({ ...values, playing: false });
    this.gauges.begin();
  }

  // The address that opens the explorer as it is: in the bar of the browser, and to paste.
  async link(button) {
    const hash = toHash(this.root.id, Object.fromEntries(this.names.map((name) => [name, this.state.get(name)])));
    let said = "in the address";
    try {
      history.replaceState(null, "", hash);
      await navigator.clipboard.writeText(location.href.split("#")[0] + hash);
      said = "link copied";
    } catch { /* no right to the clipboard, or no address of its own */ }
    button.textContent = said;
    setTimeout(() => (button.textContent = "copy link"), 2000);
  }

  changed() {
    this.busy = true;
    this.show();
    this.request();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      this.busy = false;
      this.request();
      if (!this.state.get("playing")) requestAnimationFrame(() => this.say());
    }, REST);
  }

  request() {
    cancelAnimationFrame(this.frame);
    if (this.hidden) return void (this.clock = null);
    this.frame = requestAnimationFrame((now) => {
      if (this.state.get("playing")) this.advance(now);
      else this.clock = null;
      this.gauges.solve();
      this.draw();
    });
  }

  // Over and over, but only once for readers who prefer less motion.
  advance(now) {
    const [start, end] = this.model.times;
    const last = clocks.get(this.state); // of all views of one state, of which each frame moves it once
    const passed = ((now - (now - last < 500 && this.clock ? last : now)) / 1000 / RUN) * this.state.get("speed") * (end - start);
    clocks.set(this.state, (this.clock = now));
    const time = this.state.get("time") + passed;
    if (time < end) this.set({ time });
    else this.set(calm() ? { time: end, playing: false } : { time: start });
    this.request();
  }

  wide() {
    return this.state.get("wide") || this.steps().some((y) => Math.abs(y) > RANGE.near);
  }

  // What the controls say: values, texts and labels.
  show() {
    const { state, root } = this;
    for (const input of this.inputs) {
      const value = state.get(input.dataset.trait);
      if (input.dataset.trait === "wide") input.checked = this.wide();
      else if (input.type === "checkbox") input.checked = value;
      else if (input.type !== "range") input.value = value;
      else {
        const mode = this.modes.includes(input.dataset.trait);
        if (mode) {
          const range = RANGE[this.wide() ? "wide" : "near"];
          Object.assign(input, { min: -range, max: range });
        }
        input.value = value;
        const text = mode ? percent(value) : among(value, [Number(input.min), Number(input.max)]);
        input.nextElementSibling.value = text;
        input.setAttribute("aria-valuetext", text);
      }
    }
    root.querySelector(".lrnr-play").textContent = state.get("playing") ? "pause" : "play";
    const drawn = { base: true, step: this.stepped(), data: this.data && state.get("data"), ghost: state.get("ghost") };
    for (const one of root.querySelectorAll("[data-of]")) one.style.visibility = drawn[one.dataset.of] ? "" : "hidden";
  }

  steps() {
    return this.modes.map((name) => this.state.get(name));
  }

  stepped() {
    return [...this.steps(), ...this.state.get("rest")].some((y) => y);
  }

  // Parameters of a family as they are.
  mu() {
    return this.model.parameters.map((_, i) => this.state.get(`mu_${i + 1}`));
  }

  // Coefficients at a time, and with the steps as they are.
  still(time) {
    return this.net.coefficients(time, this.mu());
  }

  moved(time, mu = this.mu()) {
    return this.net.moved(time, this.steps(), this.state.get("rest"), mu);
  }

  // Time and parameters in words.
  where([time, ...mu]) {
    const { times, parameters } = this.model;
    return [`t = ${among(time, times)}`, ...mu.map((a, i) => `${parameters[i][0]} = ${among(a, parameters[i].slice(1))}`)].join(", ");
  }

  box() {
    const beyond = this.state.get("extended") ? MARGIN : 0;
    return this.model.domain.slice(0, 2).map(([low, high]) => [low - beyond * (high - low), high + beyond * (high - low)]);
  }

  // Places in the picture, one coordinate after the other, as points of the domain: of three dimensions it shows a plane.
  points(x) {
    if (this.model.domain.length < 3) return x;
    const all = new Float64Array((3 * x.length) / 2).fill(this.state.get("third"));
    all.set(x);
    return all;
  }

  // The field that is drawn in the plane; on a line it is all of them.
  field() {
    const last = this.model.labels.length - 1; // links may say anything
    return this.plane ? Math.min(Math.max(Math.round(this.state.get("field")), 0), last) : 0;
  }

  // Fields on n points a side; the speed of this decides how coarse they are while something moves.
  compute(n) {
    const box = this.box();
    const x = this.points(cells(box, n));
    const time = this.state.get("time");
    const started = performance.now();
    const base = this.net.evaluate(x, this.still(time));
    const perturbed = this.stepped() ? this.net.evaluate(x, this.moved(time)) : base;
    const ghost = this.state.get("ghost") ? this.net.evaluate(x, this.still(this.later(time))) : null;
    this.speed = Math.max((performance.now() - started) / (base[0].length * this.many()), 1e-6); // ms a point
    return { n, box, x, base, perturbed, ghost, data: this.compare(time) };
  }

  many() {
    return 1 + this.stepped() + this.state.get("ghost");
  }

  later(time) {
    const [start, end] = this.model.times;
    return Math.min(time + LATER * (end - start), end);
  }

  // The frame of the data that is nearest in its parameters and then in time, and how far the wave of the same steps is from it at its own time.
  compare(time) {
    if (!this.data || !this.state.get("data")) return null;
    const { n, moments, nearest, values, x } = this.data;
    const k = nearest([time, ...this.mu()]);
    const [at, ...mu] = moments[k];
    const error = difference(this.net.evaluate(x, this.moved(at, mu)), values[k], this.model.shift, this.model.limits);
    return { n, x, moment: moments[k], values: values[k], error };
  }

  // Points a side: all, or as many as the budget allows while something moves.
  side() {
    const d = this.plane ? 2 : 1;
    if (!this.busy || !this.speed) return GRID[d];
    if (this.painter) return COARSE[d]; // only for what is said of them
    const affordable = (BUDGET / this.speed / this.many()) ** (1 / d);
    return Math.max(COARSE[d], Math.min(GRID[d], Math.floor(affordable)));
  }

  draw(side = this.side()) {
    this.fields = this.compute(side);
    this.ink = this.printing ? "#000" : getComputedStyle(this.root).color;
    if (this.plane) this.map();
    else this.curves();
    this.gauges.draw();
    this.path.draw();
    const { base, perturbed } = this.fields;
    this.change = perturbed === base ? 0 : difference(perturbed, base, this.model.shift, this.model.limits);
    this.values();
    this.root.classList.add("lrnr-drawn");
  }

  // In words, when it has come to rest.
  say() {
    const { data } = this.fields;
    const steps = this.steps().map((y, i) => (Math.abs(y) >= 0.05 ? `mode ${i + 1} ${percent(y)}` : "")).filter(Boolean).join(", ");
    const family = this.mu().map((a, i) => `, ${this.model.parameters[i][0]} ${among(a, this.model.parameters[i].slice(1))}`).join("");
    const where = `${this.model.title} at time ${among(this.state.get("time"), this.model.times)}${family}${steps ? `, step along ${steps}` : ""}.`;
    const axes = this.enlarged.map((times, k) => (times > 1 ? ` The axis of ${this.model.labels[k]} is ${times} times as long.` : "")).join("");
    const error = data ? ` It differs from the data by ${format(100 * data.error, 2)} %.` : "";
    const text = `${where} ${happening(this.fields, this.model, this.change)}${error}${axes}`;
    this.main.setAttribute("aria-label", text);
    this.root.querySelector(".lrnr-said").textContent = text;
  }

  point(event) {
    this.hover = event && [event.offsetX, event.offsetY];
    if (this.axes) this.values();
  }

  // The line below the picture: values under the pointer, or what is drawn.
  values() {
    const { n, base, perturbed, data, box } = this.fields;
    const line = this.root.querySelector(".lrnr-values");
    const axes = this.hover && this.axes.find((one) => one.point(...this.hover));
    if (!axes) {
      const change = perturbed === base ? "" : `; the step changes the wave by ${format(100 * this.change, 2)}\u00a0%`;
      const error = data ? `; it differs from the data at ${this.where(data.moment)} by ${format(100 * data.error, 2)}\u00a0%` : "";
      const u = perturbed[this.field()];
      const [low, high] = this.model.limits[this.field()];
      const beyond = this.plane && [-1, 1].map((sign) => u[extreme(u, sign)]);
      const out = beyond && (beyond[0] < low - 0.1 * (high - low) || beyond[1] > high + 0.1 * (high - low)) ? `; values from ${format(beyond[0], 2)} to ${format(beyond[1], 2)}, beyond the colours` : "";
      line.textContent = `${this.where([this.state.get("time"), ...this.mu()])}${change}${error}${out}`;
      return;
    }
    const place = axes.point(...this.hover).slice(0, box.length);
    const index = place.reduce((k, a, i) => k * n + Math.min(n - 1, Math.floor((n * (a - box[i][0])) / (box[i][1] - box[i][0]))), 0);
    const fields = base.map((u, k) => `${this.model.labels[k]} ${among(u[index], this.model.limits[k])}${perturbed === base ? "" : ` → ${among(perturbed[k][index], this.model.limits[k])}`}`);
    line.textContent = `${box.length > 1 ? "(x₁, x₂)" : "x"} = ${box.length > 1 ? `(${place.map((a, i) => among(a, box[i])).join(", ")})` : among(place[0], box[0])}: ${fields.join(", ")}`;
  }
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

async function start(root, model, state) {
  try {
    const [net, data] = await Promise.all([shared(model), model.frames ? frames(model) : null]);
    root.explorer = new View(root, model, state, net, data);
    return root.explorer;
  } catch (error) {
    root.insertAdjacentHTML("afterbegin", "<p class='lrnr-note'>This browser cannot run the explorer: it needs WebAssembly with SIMD.</p>");
    throw error;
  }
}

/** In a built page: the explorer of a model in an element, in place of the static figure there. */
export function mount(root, model) {
  const linked = fromHash(location.hash, root.id, model.first);
  return start(root, model, new PlainState({ ...(linked ?? model.first), playing: !linked && Boolean(model.play) && !calm() }));
}

/** In live Jupyter: anywidget's entry point; the traits of the Python object are the state. */
async function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "lrnr-explorer";
  root.style.minWidth = "min(560px, 80vw)"; // a box of other widgets asks how narrow it may be
  el.append(root);
  const view = await start(root, model.get("_model"), model);
  return () => view.stop();
}

export default { render };
