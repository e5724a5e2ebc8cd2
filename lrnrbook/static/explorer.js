// The explorer: sliders for time and hypermodes above the pictures of a wave. One module, two hosts: anywidget calls
// `render` in live Jupyter; in a built page `mount` gives it a plain state of its own.

const GRID = { 1: 400, 2: 96 }; // points a side
const COARSE = { 1: 100, 2: 24 };
const BUDGET = 50; // ms for the network while something moves
const REST = 180; // ms without a change until the picture is drawn in full
const RUN = 6; // s from first to last time
const MARGIN = 0.4; // of the domain, beyond each side
const RANGE = { near: 10, wide: 100 }; // per cent
const [PERTURBED, OVER_DARK, OVER_LIGHT] = ["#d55e00", "#ff9d3b", "#a33f00"]; // the latter two upon colours

const VIEWS = { image: "colours and contours", contours: "contours, base and perturbed" };

function template({ modes, domain }) {
  const slider = (i) => `<label class="lrnr-mode"><span class="lrnr-name"><i style="background:${MODES[i]}"></i>mode ${i + 1}</span>
    <input type="range" data-trait="mode_${i + 1}" min="-10" max="10" step="any" value="0"><output></output></label>`;
  const views = Object.entries(VIEWS).map(([key, text]) => `<option value="${key}">${text}</option>`).join("");
  return `<div class="lrnr-pictures"><canvas class="lrnr-main" role="img"></canvas></div>
  <p class="lrnr-values" aria-live="off"></p>
  <div class="lrnr-controls" role="group">
    <div class="lrnr-row"><button type="button" class="lrnr-play">play</button>
      <label class="lrnr-time"><span class="lrnr-name">time</span>
      <input type="range" data-trait="time" step="any"><output></output></label></div>
    <div class="lrnr-columns"><div class="lrnr-modes"><p class="lrnr-note">Steps along hypermodes; a step of 5 % changes the wave by about 5 %.</p>
      ${Array.from({ length: modes }, (_, i) => slider(i)).join("")}</div>
    <canvas class="lrnr-path" role="img" aria-label="coefficients of the hypermodes over time"></canvas></div>
    <div class="lrnr-row"><button type="button" class="lrnr-reset">reset</button>
      <label><input type="checkbox" data-trait="wide"> far steps (±${RANGE.wide} %)</label>
      <label><input type="checkbox" data-trait="extended"> beyond the ${domain.length > 1 ? "square" : "interval"}</label>
      ${domain.length > 1 ? `<label>show <select data-trait="view">${views}</select></label>` : ""}
    </div></div>`;
}

class View {
  constructor(root, model, state, net) {
    Object.assign(this, { root, model, state, net, frame: 0, speed: null, hover: null, busy: false });
    root.innerHTML = template(model);
    root.querySelector(".lrnr-controls").setAttribute("aria-label", `explorer of ${model.title}`);
    root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab would take the arrow keys
    this.main = root.querySelector(".lrnr-main");
    this.path = root.querySelector(".lrnr-path");
    this.scratch = document.createElement("canvas");
    this.inputs = [...root.querySelectorAll("[data-trait]")];
    this.names = this.inputs.map((input) => input.dataset.trait);
    this.modes = this.names.filter((name) => name.startsWith("mode_"));
    Object.assign(root.querySelector("[data-trait=time]"), { min: model.times[0], max: model.times[1] });
    this.listen();
    this.show();
    this.draw();
  }

  listen() {
    const { root, state } = this;
    this.ends = [];
    const on = (target, kind, act) => {
      target.addEventListener(kind, act);
      this.ends.push(() => target.removeEventListener(kind, act));
    };
    on(root, "keydown", (event) => event.stopPropagation());
    for (const input of this.inputs)
      on(input, "input", () => {
        const value = input.type === "checkbox" ? input.checked : input.type === "range" ? Number(input.value) : input.value;
        this.set({ [input.dataset.trait]: value });
      });
    on(root.querySelector(".lrnr-play"), "click", () => {
      const ended = state.get("time") >= this.model.times[1];
      this.set({ playing: !state.get("playing"), ...(ended ? { time: this.model.times[0] } : {}) });
    });
    on(root.querySelector(".lrnr-reset"), "click", () =>
      this.set({ ...Object.fromEntries(this.names.map((name) => [name, this.model.first[name]])), playing: false }));
    on(this.main, "pointermove", (event) => this.point(event));
    on(this.main, "pointerleave", () => this.point(null));
    const changed = () => this.changed();
    for (const name of [...this.names, "playing"]) {
      state.on(`change:${name}`, changed);
      this.ends.push(() => state.off(`change:${name}`, changed));
    }
    const size = new ResizeObserver(() => this.request());
    size.observe(root);
    const sight = new IntersectionObserver((found) => { // out of sight it rests
      this.hidden = !found[found.length - 1].isIntersecting;
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

  changed() {
    this.busy = true;
    this.show();
    this.request();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      this.busy = false;
      this.request();
    }, REST);
  }

  request() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame((now) => {
      if (this.state.get("playing") && !this.hidden) this.advance(now);
      else this.clock = null;
      this.draw();
    });
  }

  advance(now) {
    const [start, end] = this.model.times;
    const time = Math.min(this.state.get("time") + ((now - (this.clock ?? now)) / 1000 / RUN) * (end - start), end);
    this.clock = now;
    if (time < end) this.set({ time });
    else this.set(this.model.play ? { time: start } : { time, playing: false });
    this.request();
  }

  // What the controls say: values, texts and labels.
  show() {
    const { state, root } = this;
    for (const input of this.inputs) {
      const value = state.get(input.dataset.trait);
      if (input.type === "checkbox") input.checked = value;
      else if (input.type !== "range") input.value = value;
      else {
        const mode = input.dataset.trait !== "time";
        if (mode) {
          const range = Math.max(RANGE[state.get("wide") ? "wide" : "near"], Math.abs(value));
          Object.assign(input, { min: -range, max: range });
        }
        input.value = value;
        const text = mode ? `${value > 0 ? "+" : ""}${format(value)} %` : format(value);
        input.nextElementSibling.value = text;
        input.setAttribute("aria-valuetext", text);
      }
    }
    root.querySelector(".lrnr-play").textContent = state.get("playing") ? "pause" : "play";
  }

  steps() {
    return this.modes.map((name) => this.state.get(name));
  }

  box() {
    const beyond = this.state.get("extended") ? MARGIN : 0;
    return this.model.domain.map(([low, high]) => [low - beyond * (high - low), high + beyond * (high - low)]);
  }

  // Base and perturbed fields on n points a side; the speed of this decides how coarse they are while something moves.
  compute(n) {
    const d = this.model.domain.length;
    const box = this.box();
    const middle = ([low, high], k) => low + ((k + 0.5) / n) * (high - low);
    const x = new Float64Array(d * n ** d);
    for (let i = 0; i < n; i++) {
      if (d === 1) x[i] = middle(box[0], i);
      else for (let j = 0; j < n; j++) [x[i * n + j], x[n * n + i * n + j]] = [middle(box[0], i), middle(box[1], j)];
    }
    const [time, steps] = [this.state.get("time"), this.steps()];
    const started = performance.now();
    const base = this.net.evaluate(x, this.net.moved(time, []));
    const perturbed = steps.some((y) => y) ? this.net.evaluate(x, this.net.moved(time, steps)) : base;
    const points = n ** d * (perturbed === base ? 1 : 2);
    this.speed = Math.max((performance.now() - started) / points, 1e-6); // ms a point
    return { n, box, x, base, perturbed };
  }

  // Points a side: all, or as many as the budget allows while something moves.
  side() {
    const d = this.model.domain.length;
    if (!this.busy || !this.speed) return GRID[d];
    const affordable = (BUDGET / this.speed / (this.steps().some((y) => y) ? 2 : 1)) ** (1 / d);
    return Math.max(COARSE[d], Math.min(GRID[d], Math.floor(affordable)));
  }

  draw(side = this.side()) {
    this.fields = this.compute(side);
    this.ink = this.printing ? "#000" : getComputedStyle(this.root).color;
    if (this.model.domain.length === 1) this.curves();
    else this.map();
    this.coefficients();
    this.describe();
    this.values();
    this.root.classList.add("lrnr-drawn");
  }

  curves() {
    const { x, base, perturbed, box } = this.fields;
    const width = this.main.clientWidth;
    const height = 125;
    const context = sized(this.main, width, base.length * height + 42);
    this.axes = base.map((u, k) => {
      const axes = new Axes(context, this.ink, [54, 8 + k * height, width - 66, height - 16], box[0], this.model.limits[k]);
      if (this.state.get("extended")) this.outside(axes);
      axes.line(x, u, this.ink);
      if (perturbed !== base) axes.line(x, perturbed[k], PERTURBED, 1.8, [6, 3]);
      axes.frame(k === base.length - 1 ? "x" : null, this.model.labels[k]);
      return axes;
    });
  }

  // A veil, or a dashed line, where the network has seen no data.
  outside(axes) {
    const [x, y] = this.model.domain;
    axes.clipped((c) => {
      if (y) {
        Object.assign(c, { strokeStyle: PERTURBED, lineWidth: 1.5 });
        c.setLineDash([2, 4]);
        c.strokeRect(axes.x(x[0]), axes.y(y[1]), axes.x(x[1]) - axes.x(x[0]), axes.y(y[0]) - axes.y(y[1]));
        return;
      }
      c.fillStyle = "rgb(128 128 128 / 25%)";
      c.fillRect(axes.left, axes.top, axes.x(x[0]) - axes.left, axes.height);
      c.fillRect(axes.x(x[1]), axes.top, axes.left + axes.width - axes.x(x[1]), axes.height);
    });
  }

  map() {
    const { n, base, perturbed, box } = this.fields;
    const { limits, colours, levels } = this.model;
    const width = this.main.clientWidth;
    const side = Math.min(width - 130, 460);
    const context = sized(this.main, width, side + 50);
    const axes = new Axes(context, this.ink, [50 + (width - 130 - side) / 2, 8, side, side], ...box);
    const image = this.state.get("view") === "image";
    const signed = this.model.signed; // such colours are light in the middle
    const [lines, dashed] = !image ? [this.ink, PERTURBED] : signed ? ["#000", OVER_LIGHT] : ["#fff", OVER_DARK];
    if (image) axes.picture(perturbed[0], n, colours, limits[0], this.scratch);
    axes.contours(base[0], n, levels, lines, 1, []);
    if (perturbed !== base) axes.contours(perturbed[0], n, levels, dashed, 1.5, [5, 3]);
    if (this.state.get("extended")) this.outside(axes);
    axes.frame("x₁", "x₂");
    this.bar(context, axes, limits[0], levels);
    this.axes = [axes];
  }

  bar(context, axes, limits, levels) {
    const left = axes.left + axes.width + 14;
    const bar = new Axes(context, this.ink, [left, axes.top, 12, axes.height], [0, 1], limits);
    const { colours } = this.model;
    for (let k = 0; k < bar.height; k++) {
      context.fillStyle = `rgb(${colours[Math.round((1 - k / bar.height) * (colours.length - 1))].join(" ")})`;
      context.fillRect(left, bar.top + k, 12, 1.5);
    }
    Object.assign(context, { fillStyle: this.ink, textAlign: "left", textBaseline: "middle" });
    for (const level of levels) context.fillRect(left, bar.y(level), 12, 1);
    for (const value of ticks(...limits, 4)) context.fillText(format(value), left + 16, bar.y(value));
    context.save();
    context.translate(left + 58, bar.top + bar.height / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText(this.model.labels[0], 0, 0);
    context.restore();
  }

  // Coordinates of the hypermodes over time, each over its own largest size; dots where the perturbed wave is.
  coefficients() {
    const [start, end] = this.model.times;
    const many = 121;
    const times = Array.from({ length: many }, (_, i) => start + (i / (many - 1)) * (end - start));
    this.paths ??= times.map((t) => this.net.coordinates(this.net.coefficients(t)));
    const time = this.state.get("time");
    const here = this.net.coordinates(this.net.moved(time, this.steps()));
    const sizes = here.map((_, i) => Math.max(...this.paths.map((c) => Math.abs(c[i]))));
    const reach = Math.max(1.15, ...here.map((c, i) => 1.1 * Math.abs(c / sizes[i])));
    const width = this.path.clientWidth;
    const context = sized(this.path, width, 190);
    const axes = new Axes(context, this.ink, [54, 8, width - 66, 138], [start, end], [-reach, reach]);
    here.forEach((c, i) => axes.line(times, this.paths.map((path) => path[i] / sizes[i]), MODES[i], 1.5));
    axes.line([time, time], [-reach, reach], this.ink, 1, [2, 3]);
    axes.clipped((c) => {
      here.forEach((value, i) => {
        c.fillStyle = MODES[i];
        c.beginPath();
        c.arc(axes.x(time), axes.y(value / sizes[i]), 4, 0, 7);
        c.fill();
      });
    });
    axes.frame("time", "cᵢ / max |cᵢ|", 4);
  }

  describe() {
    const { base, perturbed } = this.fields;
    this.change = this.model.scale.reduce((sum, _, k) => {
      const [moved, size] = base[k].reduce(([a, b], u, p) => [a + Math.abs(perturbed[k][p] - u), b + Math.abs(u - this.model.shift[k])], [0, 0]);
      return sum + (size ? moved / size : 0) / base.length;
    }, 0);
    const steps = this.steps().map((y, i) => (y ? `mode ${i + 1} ${format(y)} %` : "")).filter(Boolean).join(", ");
    const where = `${this.model.title} at time ${format(this.state.get("time"))}`;
    this.main.setAttribute("aria-label", `${where}: ${this.model.labels.join(", ")}; ${steps ? `base solid, perturbed dashed: ${steps}` : "no perturbation"}`);
  }

  point(event) {
    this.hover = event && [event.offsetX, event.offsetY];
    if (this.axes) this.values();
  }

  // The line below the picture: values under the pointer, or what is drawn.
  values() {
    const { n, base, perturbed, box } = this.fields;
    const line = this.root.querySelector(".lrnr-values");
    const axes = this.hover && this.axes.find((one) => one.point(...this.hover));
    if (!axes) {
      const drawn = perturbed === base ? "" : `; solid: base, dashed: perturbed, which differs by ${format(100 * this.change, 2)} %`;
      line.textContent = `t = ${format(this.state.get("time"))}${drawn}`;
      return;
    }
    const place = axes.point(...this.hover).slice(0, box.length);
    const index = place.reduce((k, a, i) => k * n + Math.min(n - 1, Math.floor((n * (a - box[i][0])) / (box[i][1] - box[i][0]))), 0);
    const fields = base.map((u, k) => `${this.model.labels[k]} ${format(u[index])}${perturbed === base ? "" : ` → ${format(perturbed[k][index])}`}`);
    line.textContent = `${box.length > 1 ? "(x₁, x₂)" : "x"} = ${box.length > 1 ? `(${place.map((a) => format(a)).join(", ")})` : format(place[0])}: ${fields.join(", ")}`;
  }

  /** Milliseconds to compute and to draw base and perturbed fields in full, each drawn out: lists, for the benchmark. */
  measure(repeats) {
    const found = { compute: [], total: [] };
    this.set({ mode_1: 5, playing: false });
    for (let k = 0; k < repeats; k++) {
      const started = performance.now();
      this.compute(GRID[this.model.domain.length]);
      found.compute.push(performance.now() - started);
      const again = performance.now();
      this.draw(GRID[this.model.domain.length]);
      this.main.getContext("2d").getImageData(0, 0, 1, 1); // drawing is done only when its pixels are asked for
      found.total.push(performance.now() - again);
    }
    return found;
  }
}

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

async function start(root, model, state) {
  try {
    const view = new View(root, model, state, await network(model));
    root.explorer = view;
    return view;
  } catch (error) {
    root.insertAdjacentHTML("afterbegin", "<p class='lrnr-note'>This browser cannot run the explorer: it needs WebAssembly with SIMD.</p>");
    throw error;
  }
}

/** In a built page: the explorer of a model in an element, in place of the static figure there. */
export function mount(root, model) {
  const playing = Boolean(model.play) && !matchMedia("(prefers-reduced-motion: reduce)").matches;
  return start(root, model, new PlainState({ ...model.first, playing }));
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
