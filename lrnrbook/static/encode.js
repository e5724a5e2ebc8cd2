// From readings of a wave to its hypermode coordinates, by damped Gauss-Newton: what `lrnrbook.Encoder` does in Python.

const [STARTS, FINER] = [41, 17]; // times on the learnt path that are tried first, and around the best of them
const OFF_PATH = 0.05; // how far coordinates are expected off the path, as a share of their range

const span = (low, high, count) => Array.from({ length: count }, (_, k) => low + (k / (count - 1)) * (high - low));

const combinations = (lists) => lists.reduce((found, list) => found.flatMap((a) => list.map((b) => [...a, b])), [[]]); // a from each

/** Solution of A x = b, A symmetric and positive definite (rows of numbers), by Cholesky; null if it is not. */
function solve(A, b) {
  const n = b.length;
  const L = A.map((row) => [...row]);
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let sum = A[i][j];
      for (let k = 0; k < j; k++) sum -= L[i][k] * L[j][k];
      if (i === j && !(sum > 0)) return null;
      L[i][j] = i === j ? Math.sqrt(sum) : sum / L[j][j];
    }
  const y = [];
  for (let i = 0; i < n; i++) y[i] = (b[i] - y.reduce((sum, a, k) => sum + L[i][k] * a, 0)) / L[i][i];
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) y[i] -= L[k][i] * y[k];
    y[i] /= L[i][i];
  }
  return y;
}

/**
 * Coordinates c of the hypermodes that minimise |v - u|^2 / e^2 + |c - c(t)|^2 / (0.05 range)^2, v the network's values
 * at the readings, c(t) the point of the path (of a family: c(t, mu)) that fits best, and e the misfit reached so far.
 * Readings are [field, ...x, value]. Gives the coordinates, nearest time and parameters of the path, the misfit (root mean square,
 * over the fields' magnitudes), the steps taken, and the milliseconds.
 */
export function encode(net, model, readings, most = 30) {
  const started = performance.now();
  const { domain, times, parameters = [], count, scale, shift } = model;
  const points = readings.length;
  const x = Float64Array.from(domain.flatMap((_, i) => readings.map((reading) => reading[1 + i])));
  const target = readings.map((reading) => (reading.at(-1) - shift[reading[0]]) / scale[reading[0]]);
  const unit = (place) => domain.map(([low, high], i) => (2 * (place[i] - low)) / (high - low) - 1);
  const f = (c) => {
    const u = net.evaluate(x, net.added(c));
    return readings.map(([k], p) => (u[k][p] - shift[k]) / scale[k]);
  };
  const square = (values) => values.reduce((sum, v, p) => sum + (v - target[p]) ** 2, 0) / points;
  const at = ([t, ...mu]) => net.coordinates(net.coefficients(t, mu), count);

  // Places of the path, (t, mu): a grid, and around the best of it a finer one, or ever finer ones in a family.
  const ends = [times, ...parameters.map(([, ...range]) => range)];
  const family = ends.length > 1;
  const sides = ends.map((_, i) => (!family ? STARTS : i ? [9, 5][ends.length - 2] ?? 3 : 21));
  const sampled = combinations(ends.map((range, i) => span(...range, sides[i])));
  const path = (net.path ??= sampled.map(at));
  const least = (list) => list.reduce((best, a, k) => (a < list[best] ? k : best), 0);
  function near(far, finer) {
    let [place, reach] = [sampled[least(path.map(far))], ends.map(([low, high], i) => (high - low) / (sides[i] - 1))];
    for (let round = 0; round < (family ? 6 : 1); round++) {
      const tried = combinations(place.map((a, i) => span(a - reach[i], a + reach[i], family ? 5 : finer).map((b) => Math.min(Math.max(b, ends[i][0]), ends[i][1]))));
      place = tried[least(tried.map((one) => far(at(one))))];
      reach = reach.map((a) => a / 2);
    }
    return place;
  }
  const largest = Math.max(...path.flat().map(Math.abs));
  const range = path[0].map((_, i) => {
    const column = path.map((c) => c[i]);
    return Math.max(Math.max(...column) - Math.min(...column), 1e-6 * largest);
  });
  const start = at(near((c) => square(f(c)), FINER));

  const width = range.map((a) => OFF_PATH * a);
  let [c, damping, taken] = [start, 1e-2, 0];
  let value = f(c);
  let error = square(value);
  for (let done = false; taken < most && !done; ) {
    const s = net.added(c);
    const slopes = readings.map(([k, ...place]) => gradient(net.layers, model.activation, s, unit(place), k).slope);
    const J = c.map((_, i) => slopes.map((slope) => width[i] * net.along(i, slope))); // J[i][p]: reading p by coordinate i over its width
    const noise = (Math.max(error, 1e-12) * points) / Math.max(points - count, 1);
    const y = c.map((a, i) => (a - start[i]) / width[i]);
    const dot = (a, b) => a.reduce((sum, v, p) => sum + v * b[p], 0);
    const normal = J.map((a, i) => J.map((b, k) => dot(a, b) / noise + (i === k)));
    const right = J.map((a, i) => dot(a, target.map((v, p) => v - value[p])) / noise - y[i]);
    let found = null;
    for (let tries = 0; tries < 8 && !found; tries++) {
      const s = solve(normal.map((row, i) => row.map((a, k) => (i === k ? a * (1 + damping) : a))), right);
      const to = s && c.map((a, i) => a + s[i] * width[i]);
      const there = s && f(to);
      const pull = s && s.reduce((sum, a, i) => sum + (y[i] + a) ** 2 - y[i] ** 2, 0);
      if (s && (points * (square(there) - error)) / noise + pull < 0) found = { to, there, s };
      else damping *= 4;
    }
    if (!found) break;
    const gain = error - square(found.there);
    [c, value, damping] = [found.to, found.there, damping / 4];
    error = square(value);
    taken++;
    done = Math.abs(gain) <= 1e-3 * error && Math.max(...found.s.map(Math.abs)) < 1e-2;
  }
  const [time, ...mu] = near((place) => place.reduce((sum, a, i) => sum + ((a - c[i]) / range[i]) ** 2, 0), 65);
  return { coordinates: c, time, mu, misfit: Math.sqrt(error), taken, milliseconds: performance.now() - started };
}
