// The coordinates of the hypermodes, over time or in the plane of two of them: a picture, and a control to drag.

const NEAR = { mouse: 14, touch: 26 }; // px within which a dot is taken

class Path {
  constructor(view) {
    Object.assign(this, { view, canvas: view.root.querySelector(".lrnr-path"), grip: null, chosen: Math.min(1, view.modes.length - 1) });
    const [start, end] = view.model.times;
    this.times = Array.from({ length: 121 }, (_, i) => start + (i / 120) * (end - start));
    this.trace();
  }

  // The path of the parameters as they are.
  trace() {
    const { view } = this;
    if (this.mu === String(view.mu())) return;
    this.mu = String(view.mu());
    this.path = this.times.map((t) => view.net.coordinates(view.still(t)));
    this.sizes = this.path[0].map((_, i) => Math.max(...this.path.map((c) => Math.abs(c[i]))));
  }

  listen(on) {
    const { canvas } = this;
    on(canvas, "pointerdown", (event) => this.take(event));
    on(canvas, "pointermove", (event) => this.drag(event));
    on(canvas, "pointerup", () => (this.grip = null));
    on(canvas, "pointercancel", () => { // the page scrolls instead
      if (this.grip) this.view.set(this.before);
      this.grip = null;
    });
    on(canvas, "touchstart", (event) => { // a finger on a dot drags it, elsewhere it may scroll
      const box = canvas.getBoundingClientRect();
      const [touch] = event.touches;
      if (this.near(touch.clientX - box.left, touch.clientY - box.top, NEAR.touch) !== null) event.preventDefault();
    }, { passive: false });
    on(canvas, "keydown", (event) => this.key(event));
  }

  // The dot of this place: a mode, "plane" for both of one, or null.
  near(px, py, within) {
    const found = this.dots.map(([x, y], i) => [Math.hypot(x - px, y - py), i]).sort((a, b) => a[0] - b[0])[0];
    return found[0] > within ? null : this.plane ? "plane" : found[1];
  }

  take(event) {
    const touch = event.pointerType === "touch";
    const dot = this.near(event.offsetX, event.offsetY, touch ? NEAR.touch : NEAR.mouse);
    if (dot === null && !this.axes.point(event.offsetX, event.offsetY)) return;
    this.grip = dot !== null ? { dot } : { dot: this.plane && !touch ? "plane" : "time" };
    if (this.plane && this.grip.dot === "time") return (this.grip = null);
    if (typeof dot === "number") this.chosen = dot;
    this.before = Object.fromEntries(this.view.names.map((name) => [name, this.view.state.get(name)]));
    this.canvas.setPointerCapture(event.pointerId);
    this.drag(event);
  }

  drag(event) {
    if (!this.grip) {
      this.canvas.style.cursor = this.near(event.offsetX, event.offsetY, NEAR.mouse) === null ? "" : "grab";
      return;
    }
    const { axes, view } = this;
    const within = (a, low, high) => Math.min(Math.max(a, low), high);
    const [x, y] = axes.point(within(event.offsetX, axes.left, axes.left + axes.width), within(event.offsetY, axes.top, axes.top + axes.height));
    const { dot } = this.grip;
    if (dot === "time") view.set({ time: x, playing: false });
    else if (dot === "plane") this.to({ [this.plane - 1]: x, [this.plane]: y });
    else this.to({ [dot]: y * this.sizes[dot] });
  }

  // Steps that bring coordinates where they are wanted.
  to(wanted) {
    const { view } = this;
    const base = view.net.coordinates(view.still(view.state.get("time")));
    const step = (i) => Math.min(Math.max((wanted[i] - base[i]) / view.model.units[i], -RANGE.wide), RANGE.wide);
    view.set({ ...Object.fromEntries(Object.keys(wanted).map((i) => [view.modes[i], Math.round(10 * step(i)) / 10])), playing: false });
  }

  key(event) {
    const { view } = this;
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key] ?? [];
    const [start, end] = view.model.times;
    const step = (i, by) => view.set({ [view.modes[i]]: Math.min(Math.max(view.state.get(view.modes[i]) + by, -RANGE.wide), RANGE.wide) });
    if (event.key === "PageUp" || event.key === "PageDown") {
      this.chosen = (this.chosen + (event.key === "PageUp" ? 1 : view.modes.length - 1)) % view.modes.length;
      this.draw();
    } else if (dx === undefined) return;
    else if (this.plane) step(dx ? this.plane - 1 : this.plane, 0.5 * (dx || dy));
    else if (dx) view.set({ time: Math.min(Math.max(view.state.get("time") + (dx * (end - start)) / 100, start), end) });
    else step(this.chosen, 0.5 * dy);
    event.preventDefault();
  }

  draw() {
    const { view, canvas } = this;
    const { state, net } = view;
    this.plane = Math.min(state.get("plane"), view.modes.length - 1);
    this.height = 158;
    this.context = sized(canvas, canvas.clientWidth, this.height + 40);
    const time = state.get("time");
    this.trace();
    this.base = net.coordinates(view.still(time));
    this.here = net.coordinates(view.moved(time));
    if (this.plane) this.inPlane(time);
    else this.overTime(time);
    const keys = this.plane ? `the arrow keys step along modes ${this.plane} and ${this.plane + 1}`
      : `left and right move the time, up and down the step along mode ${this.chosen + 1}, page up and down choose the mode`;
    canvas.setAttribute("aria-label", `coordinates of the hypermodes; ${keys}`);
  }

  // Each over its own largest size: dots on the curves, which come off with a step.
  overTime(time) {
    const { view, times, sizes, context } = this;
    const [start, end] = view.model.times;
    const reach = view.wide() ? 2.3 : 1.15; // twice as far with far steps, whose box says so
    const axes = new Axes(context, view.ink, [54, 8, this.canvas.clientWidth - 66, this.height - 8], [start, end], [-reach, reach]);
    this.here.forEach((_, i) => axes.line(times, this.path.map((c) => c[i] / sizes[i]), MODES[i], i === this.chosen ? 2.2 : 1.2));
    axes.line([time, time], [-reach, reach], view.ink, 1, [2, 3]);
    this.dots = this.here.map((c, i) => [axes.x(time), axes.y(Math.min(Math.max(c / sizes[i], -reach), reach))]);
    this.here.forEach((c, i) => {
      const foot = this.base[i] / sizes[i];
      if (Math.abs(c / sizes[i] - foot) > 0.01) axes.line([time, time], [foot, c / sizes[i]], MODES[i], 2);
      this.dot(...this.dots[i], MODES[i], i === this.chosen ? 5.5 : 4.5, Math.abs(c / sizes[i]) > reach);
    });
    axes.frame("time", "cᵢ / max |cᵢ|", 4);
    this.axes = axes;
  }

  inPlane(time) {
    const { view, context } = this;
    const [a, b] = [this.plane - 1, this.plane];
    const ends = [a, b].map((i) => { // the path, and a third of its size on each side
      const values = this.path.map((c) => c[i]);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const beyond = (view.wide() ? 1 : 0.35) * Math.max(high - low, 1e-9);
      return [low - beyond, high + beyond];
    });
    const axes = new Axes(context, view.ink, [54, 8, this.canvas.clientWidth - 66, this.height - 8], ...ends);
    axes.line(this.path.map((c) => c[a]), this.path.map((c) => c[b]), view.ink, 1.5);
    const at = (c) => [axes.x(c[a]), axes.y(c[b])];
    axes.clipped((c) => {
      c.fillStyle = view.ink;
      for (let k = 0; k <= 120; k += 15) c.fillRect(at(this.path[k])[0] - 2, at(this.path[k])[1] - 2, 4, 4); // every eighth of the time
      c.textBaseline = "bottom";
      c.textAlign = "left";
      c.fillText("t = " + among(this.times[0], this.times), at(this.path[0])[0] + 4, at(this.path[0])[1] - 3);
    });
    const inside = ([x, y]) => [Math.min(Math.max(x, axes.left), axes.left + axes.width), Math.min(Math.max(y, axes.top), axes.top + axes.height)];
    const [foot, place] = [at(this.base), at(this.here)];
    axes.line([this.base[a], this.here[a]], [this.base[b], this.here[b]], PERTURBED, 1.5, [3, 2]);
    this.dot(...foot, view.ink, 3.5);
    this.dots = [inside(place)];
    this.dot(...this.dots[0], PERTURBED, 6, Math.hypot(place[0] - this.dots[0][0], place[1] - this.dots[0][1]) > 1);
    axes.frame(`c${LOWER[a + 1]}`, `c${LOWER[b + 1]}`, 4);
    this.axes = axes;
  }

  // A dot; a square on the edge where the place lies beyond it.
  dot(x, y, colour, size, beyond = false) {
    const { context: c } = this;
    Object.assign(c, { fillStyle: colour, strokeStyle: getComputedStyle(this.view.root).backgroundColor, lineWidth: 1.5 });
    c.setLineDash([]);
    c.beginPath();
    if (beyond) c.rect(x - size, y - size, 2 * size, 2 * size);
    else c.arc(x, y, size, 0, 7);
    c.fill();
    c.stroke();
  }
}
