// Frames of the data that a network was trained on, at some points: what it is compared with.

/** Frames from their description: moments (time and parameters), nearest(moment) -> the index, x (d P numbers), values[k] -> fields, each (P). */
export async function frames({ frames: packed, moments, places: n, ends, depth, domain, parameters }) {
  const stream = new Blob([bytes(packed)]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  const [half, fields, points] = [planes.length / 2, ends.length, n ** domain.length];
  const value = (frame, field, p) => {
    const at = (frame * fields + field) * points + p;
    const [low, high] = ends[field];
    return low + ((planes[at] + 256 * planes[half + at]) / (2 ** depth - 1)) * (high - low);
  };
  const values = moments.map((_, frame) =>
    Array.from({ length: fields }, (_, field) => Float64Array.from({ length: points }, (_, p) => value(frame, field, p))));
  const away = ([t, ...mu], [time, ...at]) => { // in time alone among the frames of a run
    const apart = parameters.reduce((sum, [, low, high], i) => sum + ((mu[i] - at[i]) / (high - low)) ** 2, 0);
    return [apart, Math.abs(t - time)];
  };
  const nearest = (place) => moments.map((moment, k) => [...away(moment, place), k]).sort((a, b) => a[0] - b[0] || a[1] - b[1])[0][2];
  return { n, moments, nearest, values, x: cells(domain, n) };
}

/** Middles of n cells a side of a box, one coordinate after the other. */
export function cells(box, n) {
  const d = box.length;
  const x = new Float64Array(d * n ** d);
  const middle = ([low, high], k) => low + ((k + 0.5) / n) * (high - low);
  for (let p = 0; p < n ** d; p++)
    for (let i = 0; i < d; i++) x[i * n ** d + p] = middle(box[i], Math.floor(p / n ** (d - 1 - i)) % n);
  return x;
}

/** Relative l1 difference of fields u from fields v about their middles, mean over the fields. A field that has all
 * but died out, at less than a fiftieth of the range it is drawn in, counts as that large. */
export function difference(u, v, shift, limits) {
  return u.reduce((sum, values, k) => {
    let [moved, size] = [0, 0];
    for (let p = 0; p < values.length; p++) {
      moved += Math.abs(values[p] - v[k][p]);
      size += Math.abs(v[k][p] - shift[k]);
    }
    return sum + moved / Math.max(size, 0.02 * (limits[k][1] - limits[k][0]) * values.length, 1e-300) / u.length;
  }, 0);
}
