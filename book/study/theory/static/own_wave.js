// A wave that the reader draws, its fronts in space and time, and the network with five coefficients that follows them.

const X = Float64Array.from({ length: 500 }, (_, i) => (i + 0.5) / 500); // for pictures and errors
const REST = 150; // ms without a change until the other widths are computed
const BRUSH = 5; // nodes on either side that a key moves along
const [EXACT, NETWORK, DRAWN, SHOCK, FAN] = ["#8c959f", "#0072b2", "#e69f00", "#d55e00", "#56b4e9"];
const LAWS = { burgers: "Burgers, F = u²/2", quartic: "F = u⁴/4 + u²/2" };

function template({ starts, sizes }) {
  const options = (names) => Object.entries(names).map(([key, name]) => `<option value="${key}">${name}</option>`).join("");
  const ink = (colour, text) => `<span class="lrnr-name"><i style="background:${colour}"></i>${text}</span>`;
  return `<div class="lrnr-columns"><div>
      <canvas class="lrnr-draw" tabindex="0" role="slider" aria-valuemin="-1" aria-valuemax="1"
        aria-label="initial profile: draw it, or choose a place with the left and right arrow keys and move the curve there up and down"></canvas>
      <p class="lrnr-note">${ink(DRAWN, "t = 0, draw here")} ${ink(NETWORK, "network")} ${ink(EXACT, "exact")}</p></div>
    <div><canvas class="lrnr-plane" role="img"></canvas>
      <p class="lrnr-note">${ink(SHOCK, "shocks")} ${ink(FAN, "rarefactions")}</p></div></div>
  <p class="lrnr-count"><b>n = <output class="lrnr-n"></output></b> <span></span></p>
  <p class="lrnr-said" role="status"></p>
  <div class="lrnr-columns"><div class="lrnr-controls" role="group" aria-label="draw your own wave">
      <label class="lrnr-time"><span class="lrnr-name">time</span><input type="range" name="time" min="0" max="1" step="0.01"><output></output></label>
      <label class="lrnr-time"><span class="lrnr-name">width</span><input type="range" name="size" min="0" max="${sizes.length - 1}"><output></output></label>
      <div class="lrnr-row"><label>start from <select name="start"><option value="">your own</option>${options(Object.fromEntries(Object.keys(starts).map((name) => [name, name])))}</select></label>
      <label>law <select name="law">${options(LAWS)}</select></label></div></div>
    <div><canvas class="lrnr-errors" role="img"></canvas></div></div>`;
}

class OwnWave {
  constructor(root, look) {
    const { starts, start, time, size, sizes } = look;
    const count = starts[start].length;
    const profile = { x: Array.from({ length: count }, (_, j) => j / (count - 1)), u: [...starts[start]] };
    Object.assign(this, { root, starts, sizes, profile, law: "burgers", share: time, size, node: count >> 1, networks: [], frame: 0 });
    root.innerHTML = template(look);
    this.at = Object.fromEntries(["draw", "plane", "errors", "n", "count", "said"].map((name) => [name, root.querySelector(`.lrnr-${name}`)]));
    this.inputs = Object.fromEntries([...root.querySelectorAll("[name]")].map((input) => [input.name, input]));
    this.listen();
    Object.assign(this.inputs.time, { value: time });
    Object.assign(this.inputs.size, { value: size });
    this.inputs.start.value = start;
    this.changed();
  }

  listen() {
    const { draw } = this.at;
    const { time, size, start, law } = this.inputs;
    draw.addEventListener("pointerdown", (event) => {
      draw.setPointerCapture(event.pointerId);
      this.last = null;
      this.paint(event);
    });
    draw.addEventListener("pointermove", (event) => draw.hasPointerCapture(event.pointerId) && this.paint(event));
    draw.addEventListener("keydown", (event) => this.key(event));
    for (const kind of ["focus", "blur"]) draw.addEventListener(kind, () => this.request());
    time.addEventListener("input", () => this.request((this.share = Number(time.value))));
    size.addEventListener("input", () => this.request((this.size = Number(size.value))));
    law.addEventListener("input", () => this.changed((this.law = law.value)));
    start.addEventListener("input", () => start.value && this.changed((this.profile.u = [...this.starts[start.value]])));
    new ResizeObserver(() => this.request()).observe(this.root);
    new MutationObserver(() => this.request()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    for (const kind of ["beforeprint", "afterprint"]) addEventListener(kind, () => this.draw(kind === "beforeprint"));
  }

  // The curve follows the pointer, in a straight line from where it was before.
  paint({ offsetX, offsetY }) {
    const { x, u } = this.profile;
    const { left, top, width, height } = this.axes;
    const within = (value, most) => Math.min(Math.max(value, 0), most);
    const here = [within((offsetX - left) / width, 1) * (x.length - 1), 1 - 2 * within((offsetY - top) / height, 1)];
    const [from, to] = [this.last ?? here, here].sort((a, b) => a[0] - b[0]);
    for (let j = Math.round(from[0]); j <= Math.round(to[0]); j++) {
      const share = to[0] > from[0] ? within((j - from[0]) / (to[0] - from[0]), 1) : 0;
      this.set(j, to[0] > from[0] ? from[1] + share * (to[1] - from[1]) : here[1]);
    }
    this.last = here;
    this.place(Math.round(here[0]));
    this.own();
  }

  place(node) { // where keys move the curve
    this.node = Math.min(Math.max(node, 2), this.profile.u.length - 3);
  }

  set(node, height) { // the ends stay at zero
    if (node > 0 && node < this.profile.u.length - 1) this.profile.u[node] = Math.min(Math.max(height, -1), 1);
  }

  own() {
    this.inputs.start.value = "";
    this.changed();
  }

  key(event) {
    const many = this.profile.u.length - 1;
    const [along, up] = { ArrowLeft: [-2, 0], ArrowRight: [2, 0], Home: [-many, 0], End: [many, 0], ArrowUp: [0, 0.05], ArrowDown: [0, -0.05] }[event.key] ?? [];
    if (along === undefined) return;
    event.preventDefault();
    this.place(this.node + along);
    for (let k = 1 - BRUSH; up && k < BRUSH; k++) this.set(this.node + k, this.profile.u[this.node + k] + up * (1 - Math.abs(k) / BRUSH));
    if (up) this.own();
    else this.request();
  }

  changed() { // another wave: no network of the one before
    this.networks = [];
    this.request();
  }

  request() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.rest);
    this.frame = requestAnimationFrame(() => {
      this.draw();
      this.rest = setTimeout(() => this.others(), REST); // not before: on a busy machine a frame may come late
    });
  }

  // Errors at the other widths, one after the other, when nothing moves; then what is said to who cannot see it.
  others() {
    const next = this.sizes.findIndex((_, k) => this.errors[k] === undefined);
    if (next < 0) {
      this.at.said.textContent = this.summary;
      return;
    }
    this.error(next);
    this.curve();
    this.rest = setTimeout(() => this.others());
  }

  get until() {
    return FLUXES[this.law].until;
  }
  get time() {
    return this.share * this.until;
  }

  network(k) {
    const build = () => {
      const delta = 1 / this.sizes[k];
      const fronts = track(FLUXES[this.law], this.profile, delta, this.until);
      return { fronts, ...frontNetwork(fronts, delta, this.until) };
    };
    return (this.networks[k] ??= build());
  }

  // L1 error of the k-th network at the time that is shown, and its values.
  error(k) {
    const net = this.network(k);
    const u = evaluate(net, X, net.coefficients(this.time));
    this.errors[k] = u.reduce((sum, value, i) => sum + Math.abs(value - this.exact[i]), 0) / X.length;
    return u;
  }

  draw(printing = false) {
    const { time, until, size } = this;
    this.exact = laxOleinik(FLUXES[this.law], this.profile, X, time);
    this.errors = this.sizes.map(() => undefined);
    this.ink = printing ? "#000" : getComputedStyle(this.root).color;
    const u = this.error(size);
    this.waves(u);
    this.plane(this.network(size).fronts);
    this.curve();
    this.tell();
    this.root.classList.add("lrnr-drawn");
  }

  axesOf(canvas, height, xs, ys) {
    const width = canvas.parentElement.clientWidth;
    return new Axes(sized(canvas, width, height), this.ink, [54, 8, width - 66, height - 50], xs, ys);
  }

  waves(u) {
    const axes = (this.axes = this.axesOf(this.at.draw, 230, [0, 1], [-1, 1]));
    axes.line(X, this.exact, EXACT, 5);
    axes.line(this.profile.x, this.profile.u, DRAWN, 2, [6, 3]);
    axes.line(X, u, NETWORK, 1.6);
    axes.frame("x", "u");
    if (document.activeElement !== this.at.draw) return;
    axes.context.beginPath();
    axes.context.arc(axes.x(this.profile.x[this.node]), axes.y(this.profile.u[this.node]), 5, 0, 7);
    axes.context.stroke();
  }

  plane(fronts) {
    const axes = this.axesOf(this.at.plane, 230, [0, 1], [0, this.until]);
    for (const { x0, speed, jump, born, died } of fronts) {
      const ends = [born, Math.min(died, this.until)];
      axes.line(ends.map((t) => x0 + speed * t), ends, jump < 0 ? SHOCK : FAN, 0.6 + 3 * Math.max(-jump, 0));
    }
    axes.line([0, 1], [this.time, this.time], this.ink, 1, [2, 3]);
    axes.frame("x", "t");
  }

  // Error over width, both by powers of ten, and a line of slope -1 through the present network.
  curve() {
    const known = this.sizes.map((_, k) => k).filter((k) => this.errors[k] > 0 && this.networks[k].width);
    const [log, widths, errors] = [Math.log10, known.map((k) => this.networks[k].width), known.map((k) => this.errors[k])];
    const axes = this.axesOf(this.at.errors, 190, [1, 4], [-4, 0]);
    const here = [log(this.network(this.size).width), log(this.errors[this.size])];
    axes.line([here[0] - 4, here[0] + 4], [here[1] + 4, here[1] - 4], this.ink, 1, [2, 3]);
    axes.line(widths.map(log), errors.map(log), NETWORK, 1.5);
    axes.clipped((c) => {
      c.fillStyle = NETWORK;
      known.forEach((k, i) => {
        c.beginPath();
        c.arc(axes.x(log(widths[i])), axes.y(log(errors[i])), k === this.size ? 5 : 2.5, 0, 7);
        c.fill();
      });
    });
    axes.frame("log₁₀ of the width", "log₁₀ of the error", 3);
  }

  tell() {
    const { width, fronts, coefficients } = this.network(this.size);
    const s = coefficients(this.time).map((one) => format(one));
    const now = fronts.filter(({ born, died }) => born <= this.time && this.time < died);
    const shocks = now.filter(({ jump }) => jump < 0).length;
    const error = format(this.errors[this.size], 2);
    this.summary = `${fronts.length} fronts, now ${now.length}, of which ${shocks} shocks; L¹ error ${error}`;
    this.at.n.value = s.length;
    this.at.count.querySelector("span").textContent = `s = (${s[0]}; ${s[1]}, ${s[2]}; ${s[3]}; ${s[4]}); ${this.summary}`;
    this.summary = `${s.length} coefficients, width ${width}, time ${format(this.time)}: ${this.summary}`;
    this.say(this.inputs.time, format(this.time));
    this.say(this.inputs.size, String(width));
    const [place, height] = [this.profile.x[this.node], this.profile.u[this.node]].map((one) => format(one));
    this.at.draw.setAttribute("aria-valuenow", this.profile.u[this.node]);
    this.at.draw.setAttribute("aria-valuetext", `u = ${height} at x = ${place}`);
    this.at.plane.setAttribute("aria-label", `fronts in space and time: ${this.summary}`);
    this.at.errors.setAttribute("aria-label", "error against the exact solution over the width of the network");
  }

  say(input, text) {
    input.nextElementSibling.value = text;
    input.setAttribute("aria-valuetext", text);
  }
}

/** In place of the static figure in an element. */
export function ownWave(root, look) {
  root.ownWave = new OwnWave(root, look);
}
