// A low rank neural representation and its hypernetwork in the browser: u(x; s) for any x and s, from the weights alone.
// Layers are chains of affine maps, which the kernel (kernel.c) runs on blocks of points.

const ACTIVATIONS = { tanh: 1, sine: 2, relu: 3, gelu: 4 };
const BLOCK = 16; // points that the kernel takes at once
const PAGE = 65536; // bytes

function bytes(base64) {
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
async function kernel(binary) {
  const memory = new WebAssembly.Memory({ initial: 4 });
  const { instance } = await WebAssembly.instantiate(bytes(binary), { env: { memory } });
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

/** A model from its description (see `lrnrbook.explorer`): coefficients(t), moved(t, steps), coordinates(s), evaluate(x, s). */
export async function network(model, run) {
  run ??= await kernel(model.kernel); // another may be given, to compare
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
  const along = next(model.modes, n); // steps in s for a change of the output by one per cent
  const onto = next(model.modes, n); // hypermode coordinates of s
  const [start, end] = model.times;

  function coefficients(t) {
    let z = [(2 * (t - start)) / (end - start) - 1];
    for (const { inputs, outputs, activation, W, b } of hyper) {
      z = Array.from({ length: outputs }, (_, i) => {
        let a = b[i];
        for (let k = 0; k < inputs; k++) a += W[i * inputs + k] * z[k];
        return activation === "tanh" ? Math.tanh(a) : activation === "relu" ? Math.max(a, 0) : a;
      });
    }
    return z;
  }

  // s(t) and steps along the hypermodes, as in (5.7)
  function moved(t, steps) {
    const s = coefficients(t);
    steps.forEach((y, i) => {
      if (y) for (let j = 0; j < n; j++) s[j] += y * along[i * n + j];
    });
    return s;
  }

  function coordinates(s) {
    return Array.from({ length: model.modes }, (_, i) => s.reduce((sum, a, j) => sum + a * onto[i * n + j], 0));
  }

  // Fields, each (P), at points x (d P numbers, one coordinate after the other), physical units.
  function evaluate(x, s) {
    const points = x.length / model.domain.length;
    const unit = new Float32Array(x.length);
    model.domain.forEach(([low, high], i) => {
      for (let p = i * points; p < (i + 1) * points; p++) unit[p] = (2 * (x[p] - low)) / (high - low) - 1;
    });
    let at = 0;
    const steps = layers.flatMap((layer, i) => {
      const [s1, s2] = [s.slice(at, at + layer.r1), s.slice(at + layer.r1, (at += layer.r1 + layer.r2))];
      const maps = affine(layer, s1, s2);
      if (i < layers.length - 1) maps.at(-1).activation = ACTIVATIONS[model.activation];
      return maps;
    });
    return run(steps, unit, points).map((u, i) => Float64Array.from(u, (value) => value * model.scale[i] + model.shift[i]));
  }

  return { coefficients, moved, coordinates, evaluate };
}
