// Entropy solutions of u_t + F(u)_x = 0 with convex F in a page: exact (Lax and Oleinik), tracked, and as the network
// with five coefficients. The same steps as in conservation.py and entropy.py, where they are explained.
// A profile is { x, u }, piecewise linear between its nodes and zero outside.

export const FLUXES = {
  burgers: { until: 0.7, value: (u) => 0.5 * u ** 2, speed: (u) => u, inverse: (v) => v },
  quartic: {
    until: 0.35,
    value: (u) => 0.25 * u ** 4 + 0.5 * u ** 2,
    speed: (u) => u ** 3 + u,
    inverse: (v) => (2 / Math.sqrt(3)) * Math.sinh(Math.asinh(1.5 * Math.sqrt(3) * v) / 3),
  },
};

// First place in an ordered list at which a value is not below `goal`.
function place(list, goal) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < goal) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function value({ x, u }, y) {
  const j = place(x, y);
  if (j === 0 || j === x.length) return 0;
  return u[j - 1] + ((y - x[j - 1]) / (x[j] - x[j - 1])) * (u[j] - u[j - 1]);
}

// Integral of a profile from its left end, as a function.
function primitive({ x, u }) {
  const before = [0];
  for (let j = 1; j < x.length; j++) before.push(before[j - 1] + ((x[j] - x[j - 1]) * (u[j] + u[j - 1])) / 2);
  return (y) => {
    const z = Math.min(Math.max(y, x[0]), x.at(-1));
    const j = Math.max(place(x, z), 1);
    const d = z - x[j - 1];
    return before[j - 1] + d * (u[j - 1] + (0.5 * (u[j] - u[j - 1]) * d) / (x[j] - x[j - 1]));
  };
}

/** Entropy solution at ordered points x and a time t >= 0. */
export function laxOleinik(flux, profile, x, t, cells = 1500) {
  if (t === 0) return Float64Array.from(x, (one) => value(profile, one));
  const [lowest, highest] = [Math.min(...profile.u), Math.max(...profile.u)];
  const [first, last] = [x[0] - t * flux.speed(highest), x.at(-1) - t * flux.speed(lowest)];
  const even = Array.from({ length: cells + 1 }, (_, i) => first + (i / cells) * (last - first));
  const feet = Float64Array.from([...even, ...profile.x]).sort();
  const area = primitive(profile);
  const areas = feet.map(area);
  const legendre = (v) => flux.inverse(v) * v - flux.value(flux.inverse(v));
  const cost = (y, point, before = area(y)) => before + t * legendre((point - y) / t);
  const best = new Int32Array(x.length);
  (function search(start, end, low, high) { // the feet of characteristics lie in the order of the points
    if (start >= end) return;
    const middle = (start + end) >> 1;
    let least = Infinity;
    for (let i = low; i <= high; i++) {
      const found = cost(feet[i], x[middle], areas[i]);
      if (found < least) [least, best[middle]] = [found, i];
    }
    search(start, middle, low, best[middle]);
    search(middle + 1, end, best[middle], high);
  })(0, x.length, 0, feet.length - 1);
  const ratio = (Math.sqrt(5) - 1) / 2;
  return Float64Array.from(x, (point, p) => {
    let [low, high] = [feet[Math.max(best[p] - 1, 0)], feet[Math.min(best[p] + 1, feet.length - 1)]];
    for (let k = 0; k < 45; k++) {
      const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
      if (cost(a, point) < cost(b, point)) high = b;
      else low = a;
    }
    const middle = (low + high) / 2;
    const foot = cost(middle, point) < cost(feet[best[p]], point) ? middle : feet[best[p]];
    return Math.min(Math.max(flux.inverse((point - foot) / t), lowest), highest);
  });
}

// Steps [x, k left, k right] of a profile rounded to multiples of delta.
function roundedSteps({ x, u }, delta) {
  const found = [];
  let level = 0;
  for (let j = 1; j < x.length; j++) {
    const [a, b] = [u[j - 1] / delta, u[j] / delta];
    const goal = Math.floor(b + 0.5);
    const way = Math.sign(goal - level);
    for (; level !== goal; level += way) {
      const share = Math.min(Math.max((level + way / 2 - a) / (b - a), 0), 1);
      found.push([x[j - 1] + share * (x[j] - x[j - 1]), level, level + way]);
    }
  }
  return found;
}

/** Fronts { x0, speed, jump, born, died } of a profile up to a time, values being multiples of delta. */
export function track(flux, profile, delta, until) {
  const fronts = [];
  const meetings = []; // [when, i, j], the next one last
  const later = (a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

  function begin(x, t, left, right) {
    const speed = (flux.value(right * delta) - flux.value(left * delta)) / (right * delta - left * delta);
    fronts.push({ x0: x - speed * t, speed, jump: right * delta - left * delta, born: t, died: Infinity, left, right, before: null, after: null });
    return fronts.length - 1;
  }

  function join(i, j, now) { // neighbours, which meet if the left one is faster
    if (i !== null) fronts[i].after = j;
    if (j !== null) fronts[j].before = i;
    if (i === null || j === null) return;
    const closing = fronts[i].speed - fronts[j].speed;
    const meeting = [Math.max((fronts[j].x0 - fronts[i].x0) / closing, now), i, j];
    if (!(closing > 1e-14 && meeting[0] < until)) return;
    let [low, high] = [0, meetings.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (later(meetings[middle], meeting) > 0) low = middle + 1;
      else high = middle;
    }
    meetings.splice(low, 0, meeting);
  }

  roundedSteps(profile, delta).forEach(([x, left, right]) => begin(x, 0, left, right));
  for (let i = 1; i < fronts.length; i++) join(i - 1, i, 0);
  while (meetings.length) {
    const [t, i, j] = meetings.pop();
    const [a, b] = [fronts[i], fronts[j]];
    if (a.died < Infinity || b.died < Infinity || a.after !== j) continue;
    a.died = b.died = t;
    const chain = [a.before, ...(a.left === b.right ? [] : [begin(a.x0 + a.speed * t, t, a.left, b.right)]), b.after];
    for (let k = 1; k < chain.length; k++) join(chain[k - 1], chain[k], t);
  }
  return fronts;
}

/** The network of the fronts on (0, 1), ramps delta^2 wide; `evaluate` takes it with s = (1; 1, t; 1; 1). */
export function frontNetwork(fronts, delta, until) {
  const eps = delta ** 2;
  const kept = fronts.filter(({ born, died }) => died > born && born < until);
  const events = [...new Set(kept.flatMap(({ born, died }) => [born, died]).filter((t) => t > 0 && t < until))].sort((a, b) => a - b);
  const [n, m] = [kept.length, events.length];
  const ramp = (list, of) => [0.5, -0.5].flatMap((shift) => list.map((one) => of(one, shift)));
  const first = [ // of every neuron: slope, constant, speed
    ...ramp(kept, ({ x0, speed }, shift) => [1 / eps, -x0 / eps + shift, -speed / eps]), // right of the front
    ...ramp(events, (when, shift) => [0, when / eps + shift, -1 / eps]), // before the event
  ];
  const rows = []; // of layer 2: four entries [neuron, weight], and the weight in layer 3
  const row = (i, when, last) => {
    const event = 2 * n + place(events, when);
    rows.push({ entries: [[i, 1], [n + i, -1], ...(when > 0 ? [[event, -1], [event + m, 1]] : [])], last });
  };
  kept.forEach(({ born, jump }, i) => row(i, born, jump));
  kept.forEach(({ died, jump }, i) => died < until && row(i, died, -jump));
  return { first, rows, width: Math.max(first.length, rows.length), coefficients: (t) => [1, 1, t, 1, 1] };
}

/** u(x; s) of a network of fronts at points x, for any five coefficients s. */
export function evaluate({ first, rows }, x, s) {
  const z = new Float64Array(first.length);
  return Float64Array.from(x, (point) => {
    first.forEach(([slope, constant, speed], k) => {
      const sum = slope * s[0] * (point - 0.5) + (constant + 0.5 * slope) * s[1] + speed * s[2]; // x is 2 x - 1 in the network
      z[k] = Math.max(sum, 0);
    });
    let u = 0;
    for (const { entries, last } of rows) {
      let sum = 0;
      for (const [k, weight] of entries) sum += weight * z[k];
      u += last * Math.max(s[3] * sum, 0);
    }
    return s[4] * u;
  });
}
