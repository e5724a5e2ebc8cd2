// Waves in the plane by the graphics processor (WebGL2): the network at 256 x 256 points, then colours and contour lines.
// The features of all points lie in layers of textures, four by four; a pass makes sixteen of the next ones, and has the
// weights that it needs in a uniform buffer.

const FINE = 256; // points a side
const SIXTIETH = 1000 / 60; // ms for two fields
const STRIP = 16; // rows that say whether a whole picture is worth a try
const FIELDS = ["base", "perturbed", "ghost"];
const FORMULAS = { // by the numbers that network.js gives the activations
  1: "tanh(clamp(x, -10.0, 10.0))",
  2: "sine(x)",
  3: "max(x, 0.0)",
  4: "0.5 * x * (1.0 + error_function(x * 0.70710678))",
};

const WHOLE = `#version 300 es
void main() { gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0, 0, 1); }`; // a triangle over all

const LAYER = (fours) => `#version 300 es
precision highp float;
precision highp sampler2DArray;
layout(std140) uniform Weights { vec4 bias[4]; mat4 weight[${4 * fours}]; };
uniform sampler2DArray features;
uniform int inputs, activation; // inputs by fours
uniform bool first;
uniform vec4 corner, across, up; // of the picture
layout(location = 0) out vec4 a;
layout(location = 1) out vec4 b;
layout(location = 2) out vec4 c;
layout(location = 3) out vec4 d;
vec4 sine(vec4 x) { // by half turns and a series: the built-in one may be off by 5e-4
  vec4 n = round(x * 0.318309886), r = x - n * 3.140625 - n * 9.67653589793e-4, q = r * r;
  return (1.0 - 2.0 * mod(n, 2.0)) * r * (1.0 - q / 6.0 * (1.0 - q / 20.0 * (1.0 - q / 42.0 * (1.0 - q / 72.0 * (1.0 - q / 110.0)))));
}
vec4 error_function(vec4 x) { // formula 7.1.26 of Abramowitz and Stegun
  vec4 k = 1.0 / (1.0 + 0.3275911 * abs(x));
  vec4 p = k * (0.254829592 + k * (-0.284496736 + k * (1.421413741 + k * (-1.453152027 + k * 1.061405429))));
  return sign(x) * (1.0 - p * exp(-x * x));
}
vec4 activate(vec4 x) {
  ${Object.entries(FORMULAS).map(([kind, formula]) => `if (activation == ${kind}) return ${formula};`).join("\n  ")}
  return x;
}
void main() {
  vec2 p = gl_FragCoord.xy / ${FINE}.0;
  a = bias[0]; b = bias[1]; c = bias[2]; d = bias[3];
  for (int i = 0; i < inputs; i++) {
    vec4 z = first ? corner + p.x * across + p.y * up : texelFetch(features, ivec3(gl_FragCoord.xy, i), 0);
    a += weight[4 * i] * z; b += weight[4 * i + 1] * z; c += weight[4 * i + 2] * z; d += weight[4 * i + 3] * z;
  }
  a = activate(a); b = activate(b); c = activate(c); d = activate(d);
}`;

// A line is where a level is nearer than half its width, by the slope of the bilinear interpolation; where three levels and
// more pass close by there is a jump, and only the middle one is drawn. Dashes are told along the axis that a line follows.
const COLOUR = (levels) => `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D base, perturbed, ghost, colours;
uniform float levels[${levels}];
uniform vec2 limits;
uniform vec4 inks[3]; // of the lines of the three fields: none where transparent
uniform vec3 widths, dashes;
uniform vec2 side; // pixels
uniform float ratio; // how many of them make one of the page
uniform bool image;
out vec4 colour;
vec3 at(sampler2D field) { // value and slope
  vec2 q = clamp(gl_FragCoord.xy / side * ${FINE}.0 - 0.5, 0.0, ${FINE - 1}.0);
  ivec2 i = min(ivec2(q), ${FINE - 2});
  vec2 s = q - vec2(i);
  vec2 low = vec2(texelFetch(field, i, 0).r, texelFetch(field, i + ivec2(1, 0), 0).r);
  vec2 high = vec2(texelFetch(field, i + ivec2(0, 1), 0).r, texelFetch(field, i + 1, 0).r);
  vec2 middle = mix(low, high, s.y);
  return vec3(mix(middle.x, middle.y, s.x), vec2(middle.y - middle.x, mix(high.x - low.x, high.y - low.y, s.x)) * ${FINE}.0 / side);
}
void draw(sampler2D field, int k) {
  if (inks[k].a == 0.0) return;
  vec3 here = at(field);
  vec2 ends = vec2(here.x);
  ivec2 i = ivec2(gl_FragCoord.xy / side * ${FINE}.0);
  for (int n = 0; n < 16; n++) {
    float u = texelFetch(field, clamp(i + 3 * ivec2(n & 3, n >> 2) - 4, 0, ${FINE - 1}), 0).r;
    ends = vec2(min(ends.x, u), max(ends.y, u));
  }
  int first = -1, many = 0;
  for (int l = 0; l < ${levels}; l++)
    if (levels[l] > ends.x && levels[l] < ends.y) {
      first = first < 0 ? l : first;
      many++;
    }
  int middle = many < 3 ? -1 : first + many / 2;
  float off = 1e9;
  for (int l = 0; l < ${levels}; l++) if (middle < 0 || l == middle) off = min(off, abs(here.x - levels[l]));
  float along = abs(here.y) > abs(here.z) ? gl_FragCoord.y : gl_FragCoord.x;
  float shown = dashes[k] > 0.0 && fract(along / ratio / dashes[k]) > 0.6 ? 0.0 : 1.0;
  float cover = clamp(0.5 * widths[k] * ratio + 0.5 - off / max(length(here.yz), 1e-9), 0.0, 1.0);
  colour = mix(colour, vec4(inks[k].rgb, 1), cover * shown);
}
void main() {
  float many = float(textureSize(colours, 0).x);
  float share = clamp((at(perturbed).x - limits.x) / (limits.y - limits.x), 0.0, 1.0);
  colour = image ? texture(colours, vec2((share * (many - 1.0) + 0.5) / many, 0.5)) : vec4(0);
  draw(ghost, 2);
  draw(base, 0);
  draw(perturbed, 1);
}`;

class Painter {
  constructor(gl) {
    Object.assign(this, { gl, programs: new Map(), depth: 0, weights: gl.createBuffer() });
    gl.bindBuffer(gl.UNIFORM_BUFFER, this.weights);
    this.fields = FIELDS.map(() => {
      const texture = this.texture(gl.TEXTURE_2D, gl.NEAREST);
      gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R32F, FINE, FINE);
      const target = gl.createFramebuffer();
      gl.bindFramebuffer(gl.FRAMEBUFFER, target);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
      return { texture, target };
    });
    this.colours = this.texture(gl.TEXTURE_2D, gl.LINEAR);
  }

  texture(kind, filter) {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.bindTexture(kind, texture);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(kind, name, filter);
    for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(kind, name, gl.CLAMP_TO_EDGE);
    return texture;
  }

  // A program and a function for the places of its uniforms; it is used from now on.
  use(source) {
    const { gl } = this;
    if (!this.programs.has(source)) {
      const program = gl.createProgram();
      for (const [kind, text] of [[gl.VERTEX_SHADER, WHOLE], [gl.FRAGMENT_SHADER, source]]) {
        const shader = gl.createShader(kind);
        gl.shaderSource(shader, text);
        gl.compileShader(shader);
        gl.attachShader(program, shader);
      }
      gl.linkProgram(program);
      if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
      const places = new Map();
      const place = (name) => places.get(name) ?? places.set(name, gl.getUniformLocation(program, name)).get(name);
      this.programs.set(source, { program, place });
    }
    const { program, place } = this.programs.get(source);
    gl.useProgram(program);
    return place;
  }

  // Two stacks of textures for the features, with a target for every four of their layers.
  stacks(depth) {
    const { gl } = this;
    if (depth <= this.depth) return this.pair;
    for (const stack of this.pair ?? []) gl.deleteTexture(stack.texture);
    this.depth = depth;
    this.pair = [0, 1].map(() => {
      const texture = this.texture(gl.TEXTURE_2D_ARRAY, gl.NEAREST);
      gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.RGBA32F, FINE, FINE, depth);
      const targets = Array.from({ length: depth / 4 }, (_, block) => {
        const target = gl.createFramebuffer();
        gl.bindFramebuffer(gl.FRAMEBUFFER, target);
        const slots = [0, 1, 2, 3].map((k) => gl.COLOR_ATTACHMENT0 + k);
        slots.forEach((slot, k) => gl.framebufferTextureLayer(gl.FRAMEBUFFER, slot, texture, 0, 4 * block + k));
        gl.drawBuffers(slots);
        return target;
      });
      return { texture, targets };
    });
    return this.pair;
  }

  /** One field of the network of a chain of maps, in units, into the k-th picture; corners and sides are in units too. */
  evaluate(k, chain, { corner, across, up }, field = 0, rows = FINE) {
    const { gl } = this;
    const last = chain.at(-1);
    const row = last.weights.subarray(field * last.inputs, (field + 1) * last.inputs);
    const steps = [...chain.slice(0, -1), { ...last, outputs: 1, weights: row, bias: last.bias.subarray(field, field + 1) }];
    const fours = Math.max(1, ...steps.map(({ inputs }) => Math.ceil(inputs / 4)));
    const blocks = steps.map(({ outputs }) => Math.ceil(outputs / 16));
    const pair = this.stacks(4 * Math.max(...blocks));
    const place = this.use(LAYER(fours));
    const size = Math.ceil((16 + 64 * fours) / 64) * 64; // numbers of a block, to a multiple of 256 bytes
    gl.bufferData(gl.UNIFORM_BUFFER, packed(steps, size), gl.DYNAMIC_DRAW);
    gl.viewport(0, 0, FINE, rows);
    for (const [name, value] of Object.entries({ corner, across, up })) gl.uniform4fv(place(name), four(value));
    let block = 0;
    steps.forEach(({ inputs, activation }, s) => {
      gl.uniform1i(place("inputs"), Math.ceil(inputs / 4));
      gl.uniform1i(place("activation"), activation ?? 0);
      gl.uniform1i(place("first"), s === 0);
      gl.bindTexture(gl.TEXTURE_2D_ARRAY, pair[(s + 1) % 2].texture);
      for (let b = 0; b < blocks[s]; b++, block++) {
        gl.bindFramebuffer(gl.FRAMEBUFFER, s === steps.length - 1 ? this.fields[k].target : pair[s % 2].targets[b]);
        gl.bindBufferRange(gl.UNIFORM_BUFFER, 0, this.weights, 4 * size * block, 4 * size);
        gl.drawArrays(gl.TRIANGLES, 0, 3);
      }
    });
  }

  /** What the k-th picture holds, (256, 256), by rows from below. */
  values(k, rows = FINE) {
    const { gl } = this;
    const read = new Float32Array(4 * FINE * rows);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.fields[k].target);
    gl.readPixels(0, 0, FINE, rows, gl.RGBA, gl.FLOAT, read);
    return read.filter((_, i) => i % 4 === 0);
  }

  /** Canvas with the wave of the second field in colours (or without), and lines of all three; limits and levels in units. */
  picture({ side, ratio, image, limits, levels, colours, inks, widths, dashes }) {
    const { gl } = this;
    const place = this.use(COLOUR(levels.length));
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    if (gl.canvas.width !== side[0] || gl.canvas.height !== side[1]) [gl.canvas.width, gl.canvas.height] = side;
    gl.viewport(0, 0, ...side);
    [...this.fields.map(({ texture }) => texture), this.colours].forEach((texture, k) => {
      gl.activeTexture(gl.TEXTURE0 + k);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.uniform1i(place([...FIELDS, "colours"][k]), k);
    });
    const map = new Uint8Array(colours.flatMap((one) => [...one, 255]));
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, colours.length, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, map);
    gl.activeTexture(gl.TEXTURE0);
    gl.uniform1fv(place("levels"), levels);
    gl.uniform2fv(place("limits"), limits);
    gl.uniform4fv(place("inks"), inks.flat());
    gl.uniform3fv(place("widths"), widths);
    gl.uniform3fv(place("dashes"), dashes);
    gl.uniform2fv(place("side"), side);
    gl.uniform1f(place("ratio"), ratio);
    gl.uniform1i(place("image"), image);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    return gl.canvas;
  }

  /** Draws field k of some coefficients [base, perturbed, ghost], the last two or none, into axes of a box or of a plane. */
  draw(axes, net, model, [base, perturbed, ghost], { k: field, third, image, inks }) {
    const { scale, shift, domain } = model;
    const units = (values) => values.map((value) => (value - shift[field]) / scale[field]);
    const [x, y, z] = [[axes.x0, axes.x1], [axes.y0, axes.y1], [third]].slice(0, domain.length).map((ends, i) =>
      ends.map((end) => (2 * (end - domain[i][0])) / (domain[i][1] - domain[i][0]) - 1));
    const view = { corner: [x[0], y[0], ...(z ?? [])], across: [x[1] - x[0]], up: [0, y[1] - y[0]] };
    [perturbed && base, perturbed || base, ghost].forEach((s, k) => s && this.evaluate(k, net.chain(s), view, field));
    const ratio = window.devicePixelRatio || 1;
    const ink = (k, shown) => [...numbers(axes.context, inks[k]), shown ? 1 : 0];
    const canvas = this.picture({
      side: [axes.width, axes.height].map((a) => Math.round(a * ratio)), ratio, image, colours: model.colours[field],
      limits: units(model.limits[field]), levels: units(model.levels[field]),
      inks: [ink(0, perturbed), ink(perturbed ? 1 : 0, true), ink(2, ghost)],
      widths: [1, perturbed ? 1.5 : 1, 1], dashes: [0, perturbed ? 8 : 0, 4],
    });
    axes.context.drawImage(canvas, axes.left, axes.top, axes.width, axes.height);
  }

  /** Milliseconds for one field of a chain, or for a share of its rows. */
  time(chain, rows = FINE, repeats = 3) {
    const started = performance.now();
    for (let k = 0; k < repeats; k++) this.evaluate(0, chain, { corner: [-1, -1], across: [2, 0], up: [0, 2] }, 0, rows);
    this.values(0, 1); // waits until it is drawn
    return (performance.now() - started) / repeats;
  }

  /** Whether it draws at 60 frames a second, or at least as fast as another way that takes so many ms for a field. */
  worthwhile(chain, other) {
    const most = Math.max(SIXTIETH / 2, other);
    this.time(chain, 1, 1); // shaders are compiled
    return (this.time(chain, STRIP, 1) * FINE) / STRIP < 10 * most && this.time(chain) < most;
  }
}

// A colour of the page as three numbers up to 1.
function numbers(context, colour) {
  context.fillStyle = colour;
  return [1, 3, 5].map((k) => parseInt(context.fillStyle.slice(k, k + 2), 16) / 255);
}

const four = (values) => [0, 1, 2, 3].map((k) => values[k] ?? 0);

// Biases and weights of all blocks of sixteen outputs: for every four inputs four matrices, by columns.
function packed(steps, size) {
  const blocks = steps.flatMap(({ inputs, outputs, weights, bias }) =>
    Array.from({ length: Math.ceil(outputs / 16) }, (_, b) => {
      const numbers = new Float32Array(size);
      for (let o = 0; o < Math.min(16, outputs - 16 * b); o++) {
        numbers[o] = bias?.[16 * b + o] ?? 0;
        for (let i = 0; i < inputs; i++)
          numbers[16 + 64 * (i >> 2) + 16 * (o >> 2) + 4 * (i & 3) + (o & 3)] = weights[(16 * b + o) * inputs + i];
      }
      return numbers;
    }));
  const all = new Float32Array(size * blocks.length);
  blocks.forEach((numbers, k) => all.set(numbers, k * size));
  return all;
}

let only; // browsers allow few contexts: one draws for all explorers of a page

/** The painter of this page, or null where there is no WebGL2 with textures of floats, or no more. */
export function painter() {
  if (only === undefined) {
    const gl = document.createElement("canvas").getContext("webgl2", { antialias: false, depth: false });
    only = gl?.getExtension("EXT_color_buffer_float") ? new Painter(gl) : null;
  }
  return only?.gl.isContextLost() ? null : only;
}

const verdicts = new Map(); // by the sizes of the maps

/** The painter if it is the better way on this machine, or the one that is wanted; measured once for networks of a size. */
export function better(wanted, chain, other) {
  const found = wanted === "wasm" ? null : painter();
  const sizes = chain.map(({ inputs, outputs }) => `${inputs}>${outputs}`).join();
  try {
    if (found && !verdicts.has(sizes)) verdicts.set(sizes, wanted === "webgl" || found.worthwhile(chain, other));
    return verdicts.get(sizes) ? found : null;
  } catch { // a shader that this machine cannot have
    return null;
  }
}
