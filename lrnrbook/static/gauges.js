// Readings that a wave is fitted to: gauges dropped on the picture and dragged, or a profile drawn by hand.

const MOST = 16; // gauges
const BINS = 64; // places of a profile
const GRASP = 16; // px

class Gauges {
  constructor(view) {
    const root = view.root;
    Object.assign(this, { view, box: root.querySelector(".lrnr-fit"), list: root.querySelector(".lrnr-gauges"), grip: null, found: null, due: false });
    this.tool = root.querySelector(".lrnr-tool"); // one dimension only
  }

  get all() {
    return this.view.state.get("gauges");
  }

  get drawn() { // a profile: more readings than gauges there may be
    return this.all.length > MOST;
  }

  listen(on) {
    const { view, box } = this;
    const { main, root } = view;
    on(box, "toggle", () => {
      main.style.touchAction = box.open ? "none" : "";
      main.style.cursor = box.open ? "crosshair" : "";
      view.request();
    });
    on(main, "pointerdown", (event) => this.take(event));
    on(main, "pointermove", (event) => this.drag(event));
    for (const kind of ["pointerup", "pointercancel"]) on(main, kind, () => (this.grip = null));
    on(root.querySelector(".lrnr-add"), "click", () => this.add());
    on(root.querySelector(".lrnr-clear"), "click", () => this.put([]));
    on(this.list, "change", (event) => this.typed(event));
    on(this.list, "click", (event) => {
      const row = event.target.closest("button")?.dataset.row;
      if (row === undefined) return;
      this.put(this.all.filter((_, i) => i !== Number(row)));
      const left = this.list.querySelectorAll("button"); // the focus goes on to the next one
      (left[Math.min(row, left.length - 1)] ?? root.querySelector(".lrnr-add")).focus();
    });
    const changed = () => {
      this.due = this.all.length > 0;
      if (!this.due) this.found = null;
      this.rows(); // Python may have set them, or another view
      view.request();
    };
    view.state.on("change:gauges", changed);
    view.ends.push(() => view.state.off("change:gauges", changed));
  }

  // Readings that a page opens with, or a link: not fitted yet, or with the wave that the link has.
  begin() {
    if (this.all.length) this.box.open = true;
    this.due = this.all.length > 0 && !this.view.state.get("rest").length;
    this.rows();
  }

  put(gauges) {
    this.view.set({ gauges });
    this.rows();
  }

  // Value of field k of the wave that is drawn, at a place.
  value(k, place) {
    const { view } = this;
    return view.net.evaluate(Float64Array.from(place), view.moved(view.state.get("time")))[k][0];
  }

  pixel([k, ...rest]) {
    const axes = this.view.axes[this.view.plane ? 0 : k];
    return [axes.x(rest[0]), axes.y(rest[1])];
  }

  // The field under a pixel, and the place there.
  under(event) {
    const k = this.view.axes.findIndex((axes) => axes.point(event.offsetX, event.offsetY));
    return k < 0 ? null : [k + this.view.field(), this.view.axes[k].point(event.offsetX, event.offsetY)];
  }

  take(event) {
    if (!this.box.open) return;
    const found = this.under(event);
    if (!found) return;
    const [k, place] = found;
    event.preventDefault();
    this.view.main.setPointerCapture(event.pointerId);
    if (this.tool?.value === "profile") {
      this.grip = { field: k, bins: new Map(), last: null };
      return this.sketch(k, place);
    }
    let gauges = this.drawn ? [] : this.all;
    let i = gauges.findIndex((gauge) => (!this.view.plane || gauge[0] === k) && Math.hypot(...this.pixel(gauge).map((a, j) => a - [event.offsetX, event.offsetY][j])) < GRASP);
    if (i < 0) {
      if (gauges.length >= MOST) return this.say(`${MOST} gauges are the most; remove one first.`);
      const x = this.view.plane ? [...this.view.points(place)] : place.slice(0, 1);
      gauges = [...gauges, [k, ...x, this.value(k, x)]];
      i = gauges.length - 1;
      this.put(gauges);
    }
    this.grip = { i, y: event.offsetY, value: gauges[i].at(-1) };
  }

  drag(event) {
    if (!this.grip) return;
    const { axes, plane, model } = this.view;
    if (this.grip.bins) {
      const one = axes[this.grip.field];
      const x = Math.min(Math.max(event.offsetX, one.left), one.left + one.width);
      const y = Math.min(Math.max(event.offsetY, one.top), one.top + one.height);
      return this.sketch(this.grip.field, one.point(x, y));
    }
    const gauge = this.all[this.grip.i];
    const one = axes[plane ? 0 : gauge[0]];
    const span = plane ? model.limits[gauge[0]][1] - model.limits[gauge[0]][0] : one.y1 - one.y0;
    const value = this.grip.value - ((event.offsetY - this.grip.y) / one.height) * span;
    this.put(this.all.map((other, i) => (i === this.grip.i ? [...gauge.slice(0, -1), value] : other)));
  }

  // A stroke of a profile: all places between the last point and this one.
  sketch(k, [x, y]) {
    const { bins, last } = this.grip;
    const [low, high] = this.view.box()[0];
    const bin = (a) => Math.min(Math.floor(((a - low) / (high - low)) * BINS), BINS - 1);
    const [from, to] = [bin(last?.[0] ?? x), bin(x)];
    for (let b = Math.min(from, to); b <= Math.max(from, to); b++)
      bins.set(b, from === to ? y : last[1] + ((b - from) / (to - from)) * (y - last[1]));
    this.grip.last = [x, y];
    if (bins.size > MOST) this.put([...bins].map(([b, value]) => [k, low + ((b + 0.5) / BINS) * (high - low), value]));
  }

  add() {
    if (this.drawn || this.all.length >= MOST) return this.say(`${MOST} gauges are the most; remove one first.`);
    const share = ((this.all.length + 1) * 0.618) % 1; // spread over the domain
    const x = this.view.model.domain.map(([low, high], i) => low + (i ? 0.5 : share) * (high - low));
    const k = this.view.field();
    this.put([...this.all, [k, ...x, this.value(k, x)]]);
  }

  typed({ target }) {
    const number = target.dataset.part === "0" ? Number(target.value) : target.valueAsNumber;
    if (!Number.isFinite(number)) return this.rows();
    this.put(this.all.map((gauge, i) => (i === Number(target.dataset.row) ? gauge.map((a, j) => (j === Number(target.dataset.part) ? number : a)) : gauge)));
  }

  // One row a gauge: its field, place and reading, for the keyboard too.
  rows() {
    const { labels, domain } = this.view.model;
    const gauges = this.drawn ? [] : this.all;
    const names = domain.length > 1 ? ["x₁", "x₂", "x₃"].slice(0, domain.length) : ["x"];
    if (this.list.children.length !== gauges.length)
      this.list.innerHTML = gauges.map((_, row) => {
        const number = (part, text) => `<label>${text} <input type="number" step="any" data-row="${row}" data-part="${part}"></label>`;
        const field = labels.length > 1 ? `<label><span class="lrnr-unseen">field</span><select data-row="${row}" data-part="0">${options(Object.entries(labels))}</select></label>` : "";
        return `<li>${field}${names.map((name, i) => number(i + 1, name)).join("")}${number(names.length + 1, "reads")}
          <button type="button" data-row="${row}" aria-label="remove gauge ${row + 1}">×</button></li>`;
      }).join("");
    for (const input of this.list.querySelectorAll("[data-part]"))
      if (input !== document.activeElement || this.grip) {
        const value = gauges[input.dataset.row][input.dataset.part];
        input.value = input.dataset.part === "0" ? value : Number(value.toPrecision(4));
      }
  }

  say(text) {
    this.view.root.querySelector(".lrnr-misfit").textContent = text;
  }

  // The wave that fits, if readings have changed.
  solve() {
    if (!this.due) return;
    const { view } = this;
    const { net, model, modes } = view;
    this.found = encode(net, model, this.all);
    const { time, mu } = this.found;
    const base = net.coordinates(net.coefficients(time, mu), model.count);
    const away = this.found.coordinates.map((c, i) => c - base[i]);
    view.set({
      time, playing: false, rest: away.slice(modes.length), ...Object.fromEntries(mu.map((a, i) => [`mu_${i + 1}`, a])),
      ...Object.fromEntries(modes.map((name, i) => [name, away[i] / model.units[i]])),
    });
    this.due = false;
    const many = this.drawn ? "the profile" : `${this.all.length} gauge${this.all.length > 1 ? "s" : ""}`;
    this.say(`Nearest: ${view.where([time, ...mu])}; misfit ${this.found.misfit < 1e-4 ? "below 0.01" : format(100 * this.found.misfit, 2)} % of the largest value, at ${many}; ${model.count} coordinates, found in ${Math.round(this.found.milliseconds)} ms.`);
  }

  // Readings, with a stick to the wave where that is the picture of a line.
  draw() {
    if (!this.all.length) return;
    const { view } = this;
    const { plane, model, ink } = view;
    const paper = getComputedStyle(view.root).backgroundColor;
    if (this.drawn) {
      const sorted = [...this.all].sort((a, b) => a[1] - b[1]);
      view.axes[sorted[0][0]].line(sorted.map((gauge) => gauge[1]), sorted.map((gauge) => gauge[2]), READING, 3, [1, 4]);
      return;
    }
    for (const gauge of this.all) {
      if (plane && gauge[0] !== view.field()) continue;
      const axes = view.axes[plane ? 0 : gauge[0]];
      const [x, y] = this.pixel(gauge);
      axes.clipped((c) => {
        Object.assign(c, { fillStyle: READING, strokeStyle: paper, lineWidth: 1.5 });
        c.setLineDash([]);
        if (!plane) {
          const foot = axes.y(this.value(gauge[0], gauge.slice(1, -1)));
          c.fillRect(x - 1, Math.min(y, foot), 2, Math.abs(y - foot));
        } else {
          const [low, high] = model.limits[gauge[0]];
          const share = Math.min(Math.max((gauge.at(-1) - low) / (high - low), 0), 1);
          const colours = model.colours[gauge[0]];
          c.fillStyle = `rgb(${colours[Math.round(share * (colours.length - 1))].join(" ")})`;
        }
        c.beginPath();
        c.arc(x, y, 6, 0, 7);
        c.fill();
        c.stroke();
        if (plane) {
          Object.assign(c, { strokeStyle: ink, lineWidth: 1 });
          c.beginPath();
          c.arc(x, y, 7.5, 0, 7);
          c.stroke();
        }
      });
    }
  }
}
