// Pictures of what a view has computed: curves over a line, or colours and contours in a plane.

const [PERTURBED, OVER_DARK, OVER_LIGHT] = ["#d55e00", "#ff9d3b", "#a33f00"]; // the latter two upon colours
const [DATA, DATA_OVER_DARK, READING] = ["#0072b2", "#ff6fb5", "#cc79a7"];

class Pictures {
  curves() {
    const { x, base, perturbed, ghost, data, box } = this.fields;
    const width = this.main.clientWidth;
    const height = width < 480 ? 88 : 125;
    const context = sized(this.main, width, base.length * height + 42);
    this.axes = base.map((u, k) => {
      const limits = this.limits(k, [u, perturbed[k]]);
      const axes = new Axes(context, this.ink, [54, 8 + k * height, width - 66, height - 16], box[0], limits);
      if (this.state.get("extended")) this.outside(axes);
      if (ghost) axes.line(x, ghost[k], "rgb(128 128 128)", 1.6, [2, 3]);
      axes.line(x, u, this.ink);
      if (perturbed !== base) axes.line(x, perturbed[k], PERTURBED, 1.8, [6, 3]);
      if (data) axes.line(data.x, data.values[k], DATA, 1);
      axes.frame(k === base.length - 1 ? this.model.axes[0] : null, this.model.labels[k]);
      if (this.enlarged[k] > 1) axes.note(`axis × ${this.enlarged[k]}`, PERTURBED);
      return axes;
    });
  }

  // Ends of the axis of a field: up to eight times as far if a step needs it, which the panel then says.
  limits(k, curves) {
    const [low, high] = this.model.limits[k];
    const [middle, half] = [(low + high) / 2, (high - low) / 2];
    const most = Math.max(...curves.map((u) => u.reduce((a, v) => Math.max(a, Math.abs(v - middle)), 0)));
    const wanted = most <= half ? 1 : [1.25, 2, 4, 8].find((times) => most <= times * half) ?? 8;
    this.enlarged[k] = this.stepped() ? Math.max(this.enlarged[k] ?? 1, wanted) : 1; // not to and fro under a finger
    return [middle - this.enlarged[k] * half, middle + this.enlarged[k] * half];
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
    const { n, base, perturbed, ghost, data, box } = this.fields;
    const k = this.field();
    const [limits, colours, levels, signed] = ["limits", "colours", "levels", "signed"].map((name) => this.model[name][k]);
    const painter = this.painter?.gl.isContextLost() ? null : this.painter;
    const time = this.state.get("time");
    const width = this.main.clientWidth;
    const room = 7 * (digits(...limits) - 3); // beside the bar, for numbers that are longer than usual
    const most = Math.min(width - 130 - room, 460);
    const [across, up] = box.map(([low, high]) => high - low); // on one scale, unless a side would be too short
    const [wide, tall] = [across / up, up / across].map((share) => Math.round(most * Math.min(1, Math.max(share, 0.25))));
    const context = sized(this.main, width, tall + 50);
    const axes = new Axes(context, this.ink, [50 + (width - 130 - room - wide) / 2, 8, wide, tall], ...box);
    const image = this.state.get("view") === "image";
    this.root.querySelector(".lrnr-key").classList.toggle("lrnr-upon", image && !signed);
    const [lines, dashed] = !image ? [this.ink, PERTURBED] : signed ? ["#000", OVER_LIGHT] : ["#fff", OVER_DARK]; // colours of both signs are light in the middle
    const pale = image && !signed ? "#cfcfcf" : "#777";
    if (painter) {
      const s = [this.still(time), perturbed !== base && this.moved(time), ghost && this.still(this.later(time))];
      painter.draw(axes, this.net, this.model, s, { k, third: this.state.get("third"), image, inks: [lines, dashed, pale] });
    } else {
      if (image) axes.picture(perturbed[k], n, colours, limits, this.scratch);
      if (ghost) axes.contours(ghost[k], n, levels, pale, 1, [1, 3]);
      axes.contours(base[k], n, levels, lines, 1, []);
      if (perturbed !== base) axes.contours(perturbed[k], n, levels, dashed, 1.5, [5, 3]);
    }
    if (data) axes.contours(data.values[k], data.n, levels, image && !signed ? DATA_OVER_DARK : DATA, 1, [], this.model.domain);
    if (this.state.get("extended")) this.outside(axes);
    axes.frame(...this.model.axes.slice(0, 2));
    this.bar(context, axes, { limits, levels, colours, room, label: this.model.labels[k] });
    this.axes = [axes];
  }

  bar(context, axes, { limits, levels, colours, room, label }) {
    const left = axes.left + axes.width + 14;
    const bar = new Axes(context, this.ink, [left, axes.top, 12, axes.height], [0, 1], limits);
    for (let k = 0; k < bar.height; k++) {
      context.fillStyle = `rgb(${colours[Math.round((1 - k / bar.height) * (colours.length - 1))].join(" ")})`;
      context.fillRect(left, bar.top + k, 12, 1.5);
    }
    Object.assign(context, { fillStyle: this.ink, textAlign: "left", textBaseline: "middle" });
    for (const level of levels) context.fillRect(left, bar.y(level), 12, 1);
    for (const value of ticks(...limits, 4)) context.fillText(among(value, limits), left + 16, bar.y(value));
    context.save();
    context.translate(left + 58 + room, bar.top + bar.height / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText(label, 0, 0);
    context.restore();
  }
}
