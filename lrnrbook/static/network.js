// A low rank neural representation and its hypernetwork in the browser: u(x; s) for any x and s, from the weights alone.
// Layers are chains of affine maps, which the kernel (kernel.c) runs on blocks of points.

const ACTIVATIONS = { tanh: 1, sine: 2, relu: 3, gelu: 4 };
const BLOCK = 16; // points that the kernel takes at once
const PAGE = 65536; // bytes

export function bytes(base64) {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

// Matrices (rows, cols), by rows, taken one after the other from a list of numbers.
function reader(numbers) {
  let at = 0;
  return (rows, cols) => numbers.subarray(at, (at += rows * cols));
}

// W(s) = U diag(s1) V^T (2.8) as one or two matrices, whichever needs fewer products, and b(s) = B s2 (2.9).
function affine({ inputs, outputs, r1, r2, U, V, B }, s1, s2) {
  const bias = new Float32Array(outputs);
  for (let i = 0; i < outputs; i++) for (let j = 0; j < r2; j++) bias[i] += B[i * r2 + j] * s2[j];
  const kept = [...s1.keys()].filter((j) => s1[j] !== 0);
  const r = kept.length;
  if (inputs * outputs <= r * (inputs + outputs)) {
    const W = new Float32Array(outputs * inputs);
    for (let i = 0; i < outputs; i++)
      for (let k = 0; k < inputs; k++)
        for (const j of kept) W[i * inputs + k] += U[i * r1 + j] * s1[j] * V[k * r1 + j];
    return [{ outputs, inputs, weights: W, bias }];
  }
  const right = new Float32Array(r * inputs);
  const left = new Float32Array(outputs * r);
  kept.forEach((j, row) => {
    for (let k = 0; k < inputs; k++) right[row * inputs + k] = V[k * r1 + j];
    for (let i = 0; i < outputs; i++) left[i * r + row] = U[i * r1 + j] * s1[j];
  });
  return [
    { outputs: r, inputs, weights: right, bias: null },
    { outputs, inputs: r, weights: left, bias },
  ];
}

// The kernel's memory is laid out anew in every call: steps, weights, points, values, scratch.
async function kernel() {
  const memory = new WebAssembly.Memory({ initial: 4 });
  const { instance } = await WebAssembly.instantiate(bytes(KERNEL), { env: { memory } });
  const base = PAGE; // below it the kernel's own stack
  return function run(steps, x, points) {
    const padded = Math.ceil(points / BLOCK) * BLOCK;
    const inputs = steps[0].inputs;
    const outputs = steps.at(-1).outputs;
    const widest = Math.max(...steps.flatMap((step) => [step.inputs, step.outputs]));
    const numbers = steps.reduce((sum, step) => sum + step.weights.length + (step.bias?.length ?? 0) + 8, 0);
    const needed = base + 4 * (5 * steps.length + numbers + (inputs + outputs) * padded + 2 * widest * BLOCK + 16);
    if (needed > memory.buffer.byteLength) memory.grow(Math.ceil((needed - memory.buffer.byteLength) / PAGE));
    const floats = new Float32Array(memory.buffer);
    const words = new Int32Array(memory.buffer);
    let free = base / 4 + 5 * steps.length;
    const put = (values) => {
      floats.set(values, free);
      free += values.length;
      return 4 * (free - values.length);
    };
    steps.forEach((step, i) => {
      words.set([step.outputs, step.inputs, step.activation ?? 0], base / 4 + 5 * i);
      words[base / 4 + 5 * i + 3] = put(step.weights);
      words[base / 4 + 5 * i + 4] = step.bias ? put(step.bias) : 0;
    });
    free = Math.ceil(free / 4) * 4; // 16 bytes
    const at = { x: free, u: free + inputs * padded };
    for (let i = 0; i < inputs; i++) floats.set(x.subarray(i * points, (i + 1) * points), at.x + i * padded);
    instance.exports.run(base, steps.length, 4 * at.x, 4 * at.u, padded, widest, 4 * (at.u + outputs * padded));
    return Array.from({ length: outputs }, (_, i) => floats.slice(at.u + i * padded, at.u + i * padded + points));
  };
}

/** A model from its description (see `lrnrbook.explorer`): its coefficients, hypermode coordinates and fields. */
export async function network(model, run) {
  run ??= await kernel(); // another may be given, to compare
  const next = reader(new Float32Array(bytes(model.numbers).buffer));
  const layers = model.layers.map((layer) => ({
    ...layer,
    U: next(layer.outputs, layer.r1),
    V: next(layer.inputs, layer.r1),
    B: next(layer.outputs, layer.r2),
  }));
  const hyper = model.hyper.map((layer) => ({
    ...layer,
    W: next(layer.outputs, layer.inputs),
    b: next(layer.outputs, 1),
  }));
  const n = hyper.at(-1).outputs;
  const norms = next(n, 1); // of what each coefficient multiplies: columns of norm 1 are the hypermodes' ground
  const basis = next(model.count, n);
  const ends = [model.times, ...(model.parameters ?? []).map(([, ...range]) => range)];

  // at a time, and parameters of a family
  function coefficients(t, mu = []) {
    let z = [t, ...mu].map((a, i) => (2 * (a - ends[i][0])) / (ends[i][1] - ends[i][0]) - 1);
    for (const { inputs, outputs, activation, W, b } of hyper) {
      z = Array.from({ length: outputs }, (_, i) => {
        let a = b[i];
        for (let k = 0; k < inputs; k++) a += W[i * inputs + k] * z[k];
        return activation === "tanh" ? Math.tanh(a) : activation === "relu" ? Math.max(a, 0) : a;
      });
    }
    return z;
  }

  // s of hypermode coordinates c, added to what is there
  function added(c, s = new Array(n).fill(0)) {
    c.forEach((a, i) => {
      if (a) for (let j = 0; j < n; j++) if (norms[j]) s[j] += (a * basis[i * n + j]) / norms[j];
    });
    return s;
  }

  // Slope along the i-th hypermode of what has this slope by s.
  function along(i, slope) {
    let sum = 0;
    for (let j = 0; j < n; j++) if (norms[j]) sum += (slope[j] * basis[i * n + j]) / norms[j];
    return sum;
  }

  // s(t, mu) and steps along the hypermodes, as in (5.7): the first ones in per cent, the rest in coordinates
  function moved(t, steps, rest = [], mu = []) {
    return added([...steps.map((y, i) => y * model.units[i]), ...rest], coefficients(t, mu));
  }

  // of the first hypermodes, or of more
  function coordinates(s, count = model.modes) {
    return Array.from({ length: count }, (_, i) => s.reduce((sum, a, j) => sum + a * norms[j] * basis[i * n + j], 0));
  }

  // u(.; s) in units as a chain of affine maps, each with the activation that follows it.
  function chain(s) {
    let at = 0;
    return layers.flatMap((layer, i) => {
      const [s1, s2] = [s.slice(at, at + layer.r1), s.slice(at + layer.r1, (at += layer.r1 + layer.r2))];
      const maps = affine(layer, s1, s2);
      if (i < layers.length - 1) maps.at(-1).activation = ACTIVATIONS[model.activation];
      return maps;
    });
  }

  // Fields, each (P), at points x (d P numbers, one coordinate after the other), physical units.
  function evaluate(x, s) {
    const points = x.length / model.domain.length;
    const unit = new Float32Array(x.length);
    model.domain.forEach(([low, high], i) => {
      for (let p = i * points; p < (i + 1) * points; p++) unit[p] = (2 * (x[p] - low)) / (high - low) - 1;
    });
    return run(chain(s), unit, points).map((u, i) => Float64Array.from(u, (value) => value * model.scale[i] + model.shift[i]));
  }

  return { coefficients, moved, added, coordinates, along, evaluate, chain, layers };
}
