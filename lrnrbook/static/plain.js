// What kernel.c does, in plain JavaScript: not part of the explorer, but what its speed is measured against.
const plain = { 0: (x) => x, 1: Math.tanh, 2: Math.sin, 3: (x) => Math.max(x, 0) };

export function runPlain(steps, x, points) {
  let z = x;
  for (const { inputs, outputs, weights, bias, activation = 0 } of steps) {
    const out = new Float32Array(outputs * points);
    for (let o = 0; o < outputs; o++) {
      const row = out.subarray(o * points, (o + 1) * points).fill(bias ? bias[o] : 0);
      for (let i = 0; i < inputs; i++) {
        const [w, column] = [weights[o * inputs + i], i * points];
        for (let p = 0; p < points; p++) row[p] += w * z[column + p];
      }
    }
    z = activation ? out.map(plain[activation]) : out;
  }
  const outputs = steps.at(-1).outputs;
  return Array.from({ length: outputs }, (_, i) => z.slice(i * points, (i + 1) * points));
}
