// A chain of affine maps with activations between them, for many points at once: the arithmetic of the explorer.
// Points are taken 16 at a time and lie side by side in each feature, so that four of them share an instruction.
// Built by `make kernel` to kernel.wasm, without a library; all memory belongs to the caller.
#include <wasm_simd128.h>

#define BLOCK 16

typedef struct {
  int outputs, inputs;  // size of the matrix
  int activation;       // applied to the result: 0 none, 1 tanh, 2 sine, 3 relu, 4 gelu
  const float *weights; // (outputs, inputs), by rows
  const float *bias;    // (outputs), or null
} Step;

static inline v128_t splat(float a) { return wasm_f32x4_splat(a); }
static inline v128_t fma(v128_t a, v128_t b, v128_t c) { return wasm_f32x4_add(wasm_f32x4_mul(a, b), c); }
static inline v128_t clamp(v128_t x, float a, float b) { return wasm_f32x4_pmin(wasm_f32x4_pmax(x, splat(a)), splat(b)); }

// 2^n for whole n, exact
static inline v128_t power_of_two(v128_t n) {
  return wasm_i32x4_shl(wasm_i32x4_add(wasm_i32x4_trunc_sat_f32x4(n), wasm_i32x4_splat(127)), 23);
}

// exp by 2^n times a Taylor sum on [-ln 2 / 2, ln 2 / 2]: relative error below 2e-7
static inline v128_t exponential(v128_t x) {
  x = clamp(x, -87.0f, 88.0f);
  v128_t n = wasm_f32x4_nearest(wasm_f32x4_mul(x, splat(1.44269504f)));
  v128_t r = fma(n, splat(-0.693359375f), x);
  r = fma(n, splat(2.12194440e-4f), r);
  v128_t p = splat(1.0f / 5040);
  const float c[7] = {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f};
  for (int i = 0; i < 7; i++) p = fma(p, r, splat(c[i]));
  return wasm_f32x4_mul(p, power_of_two(n));
}

// 1 - 2 / (exp(2 |x|) + 1) with the sign of x; below 0.1 the odd series, which does not cancel
static inline v128_t hyperbolic_tangent(v128_t x) {
  v128_t a = wasm_f32x4_pmin(wasm_f32x4_abs(x), splat(10.0f)), square = wasm_f32x4_mul(x, x);
  v128_t far = wasm_f32x4_sub(splat(1.0f), wasm_f32x4_div(splat(2.0f), wasm_f32x4_add(exponential(wasm_f32x4_add(a, a)), splat(1.0f))));
  v128_t series = fma(fma(fma(splat(-17.0f / 315), square, splat(2.0f / 15)), square, splat(-1.0f / 3)), square, splat(1.0f));
  v128_t sign = wasm_v128_and(x, wasm_f32x4_splat(-0.0f));
  return wasm_v128_bitselect(wasm_f32x4_mul(x, series), wasm_v128_or(far, sign), wasm_f32x4_lt(a, splat(0.1f)));
}

// sine by whole half turns, then a Taylor sum on [-pi / 2, pi / 2]
static inline v128_t sine(v128_t x) {
  v128_t n = wasm_f32x4_nearest(wasm_f32x4_mul(x, splat(0.318309886f)));
  v128_t r = fma(n, splat(-3.140625f), x);
  r = fma(n, splat(-9.67502593994e-4f), r);
  r = fma(n, splat(-1.50995799e-7f), r);
  v128_t odd = wasm_i32x4_shl(wasm_i32x4_trunc_sat_f32x4(n), 31), q = wasm_f32x4_mul(r, r), p = splat(-1.0f / 39916800);
  const float c[5] = {1.0f / 362880, -1.0f / 5040, 1.0f / 120, -1.0f / 6, 1.0f};
  for (int i = 0; i < 5; i++) p = fma(p, q, splat(c[i]));
  return wasm_v128_xor(wasm_f32x4_mul(p, r), odd);
}

// x times the normal distribution function, by formula 7.1.26 of Abramowitz and Stegun: absolute error below 2e-7 |x|
static inline v128_t gelu(v128_t x) {
  v128_t a = wasm_f32x4_mul(wasm_f32x4_abs(x), splat(0.70710678f));
  v128_t k = wasm_f32x4_div(splat(1.0f), fma(a, splat(0.3275911f), splat(1.0f))), p = splat(1.061405429f);
  const float c[4] = {-1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f};
  for (int i = 0; i < 4; i++) p = fma(p, k, splat(c[i]));
  v128_t tail = wasm_f32x4_mul(wasm_f32x4_mul(p, k), exponential(wasm_f32x4_neg(wasm_f32x4_mul(a, a))));
  v128_t half = wasm_f32x4_mul(splat(0.5f), tail); // distribution function of -|x|
  v128_t below = wasm_f32x4_lt(x, splat(0.0f));
  return wasm_f32x4_mul(x, wasm_v128_bitselect(half, wasm_f32x4_sub(splat(1.0f), half), below));
}

static void activate(int kind, float *z, int count) {
  for (int i = 0; i < count; i += 4) {
    v128_t x = wasm_v128_load(z + i);
    if (kind == 1) x = hyperbolic_tangent(x);
    if (kind == 2) x = sine(x);
    if (kind == 3) x = wasm_f32x4_pmax(x, splat(0.0f));
    if (kind == 4) x = gelu(x);
    wasm_v128_store(z + i, x);
  }
}

// out (outputs, BLOCK) = weights in (inputs, BLOCK) + bias, two outputs at a time
static void affine(const Step *step, const float *in, float *out) {
  for (int o = 0; o < step->outputs; o += 2) {
    int two = o + 1 < step->outputs; // an odd last output is computed twice
    const float *w = step->weights + o * step->inputs, *v = two ? w + step->inputs : w;
    v128_t a[4], b[4];
    for (int k = 0; k < 4; k++) {
      a[k] = splat(step->bias ? step->bias[o] : 0.0f);
      b[k] = splat(step->bias ? step->bias[o + two] : 0.0f);
    }
    for (int i = 0; i < step->inputs; i++) {
      v128_t p = wasm_v128_load32_splat(w + i), q = wasm_v128_load32_splat(v + i);
      for (int k = 0; k < 4; k++) {
        v128_t z = wasm_v128_load(in + i * BLOCK + 4 * k);
        a[k] = fma(p, z, a[k]);
        b[k] = fma(q, z, b[k]);
      }
    }
    for (int k = 0; k < 4; k++) {
      wasm_v128_store(out + o * BLOCK + 4 * k, a[k]);
      if (two) wasm_v128_store(out + (o + 1) * BLOCK + 4 * k, b[k]);
    }
  }
}

// x (inputs, points) to u (outputs, points); points is a multiple of 16, scratch holds two blocks of the widest step
__attribute__((export_name("run"))) void run(const Step *steps, int count, const float *x, float *u, int points, int widest, float *scratch) {
  for (int start = 0; start < points; start += BLOCK) {
    float *in = scratch, *out = scratch + widest * BLOCK;
    for (int i = 0; i < steps->inputs; i++)
      for (int k = 0; k < BLOCK; k += 4) wasm_v128_store(in + i * BLOCK + k, wasm_v128_load(x + i * points + start + k));
    for (const Step *step = steps; step < steps + count; step++) {
      affine(step, in, out);
      if (step->activation) activate(step->activation, out, step->outputs * BLOCK);
      float *swap = in;
      in = out;
      out = swap;
    }
    for (int i = 0; i < steps[count - 1].outputs; i++)
      for (int k = 0; k < BLOCK; k += 4) wasm_v128_store(u + i * points + start + k, wasm_v128_load(in + i * BLOCK + k));
  }
}
