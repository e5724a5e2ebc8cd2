"""A FastLRNR as machine code: one value at one point and time in microseconds (extra `fast`, Numba).

PyTorch takes longer to start its operations than such a small network takes to run. `compiled` packs the weights into
one array and evaluates hypernetwork and compressed layers in one compiled loop; `FastLRNR` itself is the reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np

from lrnrbook.arrays import Numbers, checked
from lrnrbook.fast import FastLRNR
from lrnrbook.hyper import HyperNetwork
from lrnrbook.layers import ACTIVATIONS

SIGMA = {name: number for number, name in enumerate(ACTIVATIONS)}  # tanh 0, sine 1, relu 2, gelu 3


def compiled(fast: FastLRNR) -> Callable[..., np.ndarray]:
    """Compile a FastLRNR of a single wave, whose coefficients come from a `HyperNetwork`; its precision is kept.

    The result is ``f(t)``: u at the points of `fast` in physical units, arrays (P, m) at a time, (..., P, m) at (...).

    Raises ValueError for another network, whose coefficients may be any code, and ImportError without Numba.

    Examples
    --------
    >>> import lrnrbook as lb
    >>> model = lb.load_pretrained("euler", "page")
    >>> fast = lb.FastLRNR.build(model, [0.3, 0.69], rank=24, times=np.linspace(0, 0.038, 801))
    >>> gauge = compiled(fast)
    >>> gauge(0.0123).shape, bool(np.allclose(gauge([0.01, 0.02]), fast([0.01, 0.02]).detach(), rtol=1e-4, atol=1e-2))
    ((2, 3), True)
    """
    if not isinstance(fast.hyper, HyperNetwork):
        raise ValueError(f"the coefficients come from a {type(fast.hyper).__name__}: expected a HyperNetwork")
    if fast.normalisation.parameters:
        raise ValueError(f"the FastLRNR is of a family, of {', '.join(fast.normalisation.parameters)}: expected one of "
                         "a single wave (fast(t, mu) itself takes parameters)")
    run, (weights, hyper, layers, codes), span = _kernel(), _packed(fast), fast.normalisation.times
    points, fields = len(fast.x), len(fast.fields)

    def evaluate(t: Numbers) -> np.ndarray:
        times = np.array(t, np.float64)
        out = np.empty((times.size, points, fields), weights.dtype)
        run(times.reshape(-1), span, weights, hyper, layers, codes, out)
        out = out + fast.normalisation.shift if fast.normalisation.shift else out
        return out.reshape(*times.shape, points, fields)

    return checked(evaluate)


def _packed(fast: FastLRNR) -> tuple[np.ndarray, ...]:
    """All weights in one array (N,), each matrix with the entries of an input together, and tables of where they begin.

    These are (depth, 3), first entry, inputs and outputs of each layer of the hypernetwork, whose bias follows the
    matrix; (pieces, P, layers, 6), first entries of V, U and B, reduced width (number of fields in the last layer), r1
    and r2; (5,), activation, 1 for ReLU's coefficients, 1 for a bottleneck, numbers of coefficients and most values.
    """
    parts, size = [], 0

    def add(matrix) -> int:
        nonlocal size
        values = matrix.detach().cpu().numpy()
        parts.append(np.ascontiguousarray(values.T).ravel())
        size += values.size
        return size - values.size

    hyper = []
    for layer in fast.hyper.layers:
        hyper.append((add(layer.weight), layer.in_features, layer.out_features))
        add(layer.bias)
    ranks = fast.coefficient_ranks
    scale = fast.factors[0].U[0].new_tensor(fast.normalisation.scale)[:, None]
    layers = np.zeros((len(fast.factors), len(fast.x), len(ranks.weights), 6), np.int64)
    for k, piece in enumerate(fast.factors):
        for p in range(len(fast.x)):
            for i, (V, U, B) in enumerate(zip(piece.V, piece.U, piece.B, strict=True)):
                last = i == len(ranks.weights) - 1  # shared by the points, and its values get their units
                U, B = (U * scale, B * scale) if last else (U[p], B[p])
                layers[k, p, i] = add(V[p]), add(U), add(B), len(U), ranks.weights[i], ranks.biases[i]
    hyper = np.array(hyper)
    codes = np.array([SIGMA[fast.activation], fast.hyper.output == "relu", fast.hyper.bottleneck > 0, ranks.total,
                      max(hyper[:, 1:].max(), layers[..., 3:].max())])
    return np.concatenate(parts), hyper, layers, codes


@cache
def _kernel() -> Callable:
    """The loop, compiled at its first call for each precision."""
    try:
        from numba import njit
    except ImportError:
        raise ImportError("compiled() needs Numba: pip install 'lrnrbook[fast]'") from None
    @njit(fastmath=True)
    def multiply(w, at, x, n, y, m):
        """Add A x to y, A (m, n) stored by columns from w[at]."""
        for i in range(n):
            factor, row = x[i], w[at + i * m: at + i * m + m]
            for j in range(m):
                y[j] += factor * row[j]

    @njit(fastmath=True)
    def activate(z, m, code):
        for j in range(m):
            if code == 0:
                z[j] = math.tanh(z[j])
            elif code == 1:
                z[j] = math.sin(z[j])
            elif code == 2:
                z[j] = max(z[j], 0)
            else:
                z[j] = 0.5 * z[j] * (1 + math.erf(z[j] / math.sqrt(2.0)))

    @njit(fastmath=True)
    def run(times, span, w, hyper, layers, codes, out):
        a, b, s = np.empty(codes[4], w.dtype), np.empty(codes[4], w.dtype), np.empty(codes[3], w.dtype)
        pieces, points, depth, _ = layers.shape
        for k in range(len(times)):
            t = (times[k] - span[0]) / (span[1] - span[0])
            a[0] = 2 * t - 1
            for i in range(len(hyper)):
                at, n, m = hyper[i]
                to = s if i == len(hyper) - 1 else b
                to[:m] = w[at + n * m: at + n * m + m]
                multiply(w, at, a, n, to, m)
                if i < len(hyper) - 1 - codes[2]:
                    activate(b, m, 0)
                a, b = b, a
            if codes[1]:
                activate(s, len(s), 2)
            piece = min(max(int(t * pieces), 0), pieces - 1)
            for p in range(points):
                first = 0
                for i in range(depth):
                    v, u, bias, m, r1, r2 = layers[piece, p, i]
                    n = 1 if i == 0 else layers[piece, p, i - 1, 3]
                    b[:r1] = 0
                    if i == 0:  # V^T x itself
                        b[:r1] = w[v: v + r1]
                    else:
                        multiply(w, v, a, n, b, r1)
                    for j in range(r1):
                        b[j] *= s[first + j]
                    a[:m] = 0
                    multiply(w, u, b, r1, a, m)
                    multiply(w, bias, s[first + r1:], r2, a, m)
                    if i < depth - 1:
                        activate(a, m, codes[0])
                    first += r1 + r2
                for j in range(out.shape[2]):
                    out[k, p, j] = a[j]

    return run
