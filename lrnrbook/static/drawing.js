// Axes, curves, pictures and contour lines on a canvas.

export const MODES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]; // Okabe and Ito

/** Numbers fit for an axis: about `count` multiples of 1, 2 or 5 times a power of ten. */
export function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((m) => m * power >= raw * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-6);
  return Array.from({ length: Math.floor(high / step + 1e-6) - first + 1 }, (_, i) => (first + i) * step);
}

/** How many digits tell a hundred values between two ends apart. */
export function digits(low, high) {
  return 3 + Math.min(9, Math.max(0, Math.floor(Math.log10(Math.max(Math.abs(low), Math.abs(high)) / (high - low))) || 0));
}

export function format(value, digits = 3) {
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}

/** A number between two ends, with the digits that tell it from its neighbours. */
export const among = (value, [low, high]) => format(value, digits(low, high));

/** Sharp canvas of a size in CSS pixels; gives its context, cleared. */
export function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.style.height = `${height}px`;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = "12px system-ui, sans-serif";
  context.lineJoin = "round";
  return context;
}

/** A rectangle of the canvas with an x and a y range: maps values to pixels and draws its own axes. */
export class Axes {
  constructor(context, ink, [left, top, width, height], [x0, x1], [y0, y1]) {
    Object.assign(this, { context, ink, left, top, width, height, x0, x1, y0, y1 });
  }
  x = (value) => this.left + ((value - this.x0) / (this.x1 - this.x0)) * this.width;
  y = (value) => this.top + this.height - ((value - this.y0) / (this.y1 - this.y0)) * this.height;

  // The point under a pixel, or null outside.
  point(px, py) {
    const [a, b] = [(px - this.left) / this.width, 1 - (py - this.top) / this.height];
    if (a < 0 || a > 1 || b < 0 || b > 1) return null;
    return [this.x0 + a * (this.x1 - this.x0), this.y0 + b * (this.y1 - this.y0)];
  }

  frame(xlabel, ylabel, xcount = 5, ycount = 4) {
    const { context: c, left, top, width, height } = this;
    c.strokeStyle = c.fillStyle = this.ink;
    c.lineWidth = 1;
    c.setLineDash([]);
    c.strokeRect(left + 0.5, top + 0.5, width, height);
    c.textAlign = "center";
    c.textBaseline = "top";
    if (xlabel)
      for (const value of ticks(this.x0, this.x1, xcount)) {
        c.fillRect(this.x(value), top + height, 1, 4);
        const text = among(value, [this.x0, this.x1]);
        c.fillText(text, Math.min(this.x(value), c.canvas.clientWidth - c.measureText(text).width / 2), top + height + 6);
      }
    c.fillText(xlabel ?? "", left + width / 2, top + height + 21);
    c.textAlign = "right";
    c.textBaseline = "middle";
    for (const value of ticks(this.y0, this.y1, ycount)) {
      c.fillRect(left - 4, this.y(value), 4, 1);
      c.fillText(among(value, [this.y0, this.y1]), left - 7, this.y(value));
    }
    c.save();
    c.translate(left - 46, top + height / 2);
    c.rotate(-Math.PI / 2);
    c.textAlign = "center";
    c.fillText(ylabel, 0, 0);
    c.restore();
  }

  // Run `draw` with everything outside the rectangle cut off.
  clipped(draw) {
    this.context.save();
    this.context.beginPath();
    this.context.rect(this.left, this.top, this.width, this.height);
    this.context.clip();
    draw(this.context);
    this.context.restore();
  }

  line(xs, ys, colour, width = 1.6, dash = []) {
    this.clipped((c) => {
      Object.assign(c, { strokeStyle: colour, lineWidth: width });
      c.setLineDash(dash);
      c.beginPath();
      for (let i = 0; i < xs.length; i++) c.lineTo(this.x(xs[i]), this.y(ys[i]));
      c.stroke();
    });
  }

  // Values on an n x n grid of cells (first index along x), as colours of a map of [r, g, b] between two limits.
  picture(values, n, map, [low, high], scratch) {
    scratch.width = scratch.height = n;
    const pixels = new ImageData(n, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const share = Math.min(Math.max((values[i * n + j] - low) / (high - low), 0), 1) * (map.length - 1);
        const k = Math.min(Math.floor(share), map.length - 2);
        const at = 4 * ((n - 1 - j) * n + i);
        for (let a = 0; a < 3; a++) pixels.data[at + a] = map[k][a] + (share - k) * (map[k + 1][a] - map[k][a]);
        pixels.data[at + 3] = 255;
      }
    scratch.getContext("2d").putImageData(pixels, 0, 0);
    this.context.imageSmoothingEnabled = true;
    this.context.drawImage(scratch, this.left, this.top, this.width, this.height);
  }

  // A few words in the upper right corner.
  note(text, colour) {
    Object.assign(this.context, { fillStyle: colour, textAlign: "right", textBaseline: "top" });
    this.context.fillText(text, this.left + this.width - 4, this.top + 3);
  }

  // Lines of values on n cells a side of a box, by default of the axes' own ranges.
  contours(values, n, levels, colour, width, dash, [[x0, x1], [y0, y1]] = [[this.x0, this.x1], [this.y0, this.y1]]) {
    const at = (k, low, high) => low + ((k + 0.5) / n) * (high - low); // middle of a cell
    this.clipped((c) => {
      Object.assign(c, { strokeStyle: colour, lineWidth: width });
      c.setLineDash(dash);
      c.beginPath();
      const apart = jumps(values, n, levels);
      for (const level of levels)
        for (const line of contour(values, n, level, (k) => apart(k, level)))
          line.forEach(([i, j], k) => {
            const [px, py] = [this.x(at(i, x0, x1)), this.y(at(j, y0, y1))];
            if (k) c.lineTo(px, py);
            else c.moveTo(px, py);
          });
      c.stroke();
    });
  }
}

// Sides of a square through which a line of equal value enters and leaves, by which of its corners lie above:
// bits 1, 2, 4, 8 are the corners (i, j), (i+1, j), (i+1, j+1), (i, j+1); sides 0..3 lie below, right, above, left.
const CROSSINGS = [[], [[3, 0]], [[0, 1]], [[3, 1]], [[1, 2]], [[3, 0], [1, 2]], [[0, 2]], [[3, 2]],
  [[2, 3]], [[2, 0]], [[0, 1], [2, 3]], [[2, 1]], [[1, 3]], [[1, 0]], [[0, 3]], []];

// Where three levels and more pass within a cell of each other there is a jump, whose lines would make a rope: of them only
// the middle one is drawn. Gives whether to draw a level in a cell.
function jumps(values, n, levels) {
  const around = (pick) => { // least or largest value of all corners of the cells around a cell
    const [rows, all] = [new Float64Array(n * n), new Float64Array(n * n)];
    for (let k = 0; k < n * n; k++) {
      const j = k % n;
      rows[k] = pick(values[k], values[k - (j > 0)], values[k + (j + 1 < n)], values[k + 2 * (j + 2 < n)]);
    }
    for (let k = 0; k < n * n; k++) {
      const i = Math.floor(k / n);
      all[k] = pick(rows[k], rows[k - n * (i > 0)], rows[k + n * (i + 1 < n)], rows[k + 2 * n * (i + 2 < n)]);
    }
    return all;
  };
  const [low, high] = [around(Math.min), around(Math.max)];
  return (k, level) => {
    const passing = levels.filter((a) => a > low[k] && a < high[k]);
    return passing.length < 3 || level === passing[passing.length >> 1];
  };
}

/**
 * Lines of equal value of an n x n grid by marching squares, joined: a list of lists of (i, j), indices with fractions.
 * `within` says of a cell whether lines are wanted there.
 */
export function contour(values, n, level, within = () => true) {
  const next = new Map(); // from the edge where a piece starts to the edge where it ends
  const starts = new Set();
  const edge = (i, j, side) => // horizontal edges have even numbers, vertical ones odd
    side === 0 ? 2 * (i * n + j) : side === 2 ? 2 * (i * n + j + 1) : side === 3 ? 2 * (i * n + j) + 1 : 2 * ((i + 1) * n + j) + 1;
  for (let i = 0; i + 1 < n; i++)
    for (let j = 0; j + 1 < n; j++) {
      const k = i * n + j;
      if (!within(k)) continue;
      const kind = (values[k] > level) + 2 * (values[k + n] > level) + 4 * (values[k + n + 1] > level) + 8 * (values[k + 1] > level);
      for (const [from, to] of CROSSINGS[kind]) next.set(edge(i, j, from), edge(i, j, to));
    }
  const ends = new Set(next.values());
  for (const from of next.keys()) if (!ends.has(from)) starts.add(from);
  const place = (code) => {
    const [cell, vertical] = [code >> 1, code & 1];
    const [i, j] = [Math.floor(cell / n), cell % n];
    const [a, b] = [values[cell], values[cell + (vertical ? 1 : n)]];
    const share = (level - a) / (b - a);
    return vertical ? [i, j + share] : [i + share, j];
  };
  const lines = [];
  const follow = (first) => {
    const line = [place(first)];
    let code = first;
    while (next.has(code)) {
      const to = next.get(code);
      next.delete(code);
      line.push(place((code = to)));
    }
    lines.push(line);
  };
  for (const first of starts) follow(first); // open lines first, then rings
  for (const first of [...next.keys()]) if (next.has(first)) follow(first);
  return lines;
}
