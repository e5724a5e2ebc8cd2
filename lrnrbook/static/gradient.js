// Gradients of single readings of a network by its coefficients, by going backwards through it.

const SLOPES = {
  tanh: (a) => 1 - Math.tanh(a) ** 2,
  sine: Math.cos,
  relu: (a) => (a > 0 ? 1 : 0),
  gelu: (a) => { // x times the normal distribution function, by formula 7.1.26 of Abramowitz and Stegun
    const k = 1 / (1 + 0.3275911 * Math.abs(a) * Math.SQRT1_2);
    const density = Math.exp((-a * a) / 2);
    const tail = 0.5 * k * (0.254829592 + k * (-0.284496736 + k * (1.421413741 + k * (-1.453152027 + k * 1.061405429)))) * density;
    return (a < 0 ? tail : 1 - tail) + (a * density) / Math.sqrt(2 * Math.PI);
  },
};
const VALUES = { tanh: Math.tanh, sine: Math.sin, relu: (a) => Math.max(a, 0), gelu: (a) => a * (SLOPES.gelu(a) - (a * Math.exp((-a * a) / 2)) / Math.sqrt(2 * Math.PI)) };

// A x and A^T x for a matrix of so many rows, given by rows
function times(A, rows, x, out = new Float64Array(rows)) {
  const columns = x.length;
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += A[i * columns + j] * x[j];
    out[i] = sum;
  }
  return out;
}
function transposed(A, columns, x) {
  const out = new Float64Array(columns);
  for (let i = 0; i < x.length; i++) for (let j = 0; j < columns; j++) out[j] += A[i * columns + j] * x[i];
  return out;
}

/** Value, and gradient by s, of output k at a point z of [-1, 1]^d, all normalised. */
export function gradient(layers, activation, s, z, k) {
  let at = 0;
  const passed = layers.map((layer, i) => {
    const [s1, s2] = [s.slice(at, at + layer.r1), s.slice(at + layer.r1, (at += layer.r1 + layer.r2))];
    const inner = transposed(layer.V, layer.r1, z); // V^T z
    const a = times(layer.U, layer.outputs, inner.map((v, j) => v * s1[j]));
    times(layer.B, layer.outputs, s2).forEach((b, o) => (a[o] += b));
    z = i < layers.length - 1 ? a.map(VALUES[activation]) : a;
    return { s1, inner, a };
  });
  let back = new Float64Array(z.length);
  back[k] = 1;
  const parts = [];
  for (let i = layers.length - 1; i >= 0; i--) {
    const { s1, inner, a } = passed[i];
    if (i < layers.length - 1) back = back.map((v, o) => v * SLOPES[activation](a[o]));
    const through = transposed(layers[i].U, layers[i].r1, back); // U^T of it
    parts.unshift(through.map((v, j) => v * inner[j]), transposed(layers[i].B, layers[i].r2, back));
    back = times(layers[i].V, layers[i].inputs, through.map((v, j) => v * s1[j]));
  }
  return { value: z[k], slope: Float64Array.from(parts.flatMap((part) => [...part])) };
}
