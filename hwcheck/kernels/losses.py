"""Losses of predictions y against targets t, and their slopes in y: numbers, vectors of outputs, or rows of samples.

The words mean the same everywhere: `mse` is the mean of squares over all entries, `half_mse` half of that, `sum_squares` and
`half_sum_squares` the sums, `mae` the mean distance, `rmse` the root of `mse`. `cross_entropy` is -Σ t ln y and `bce`
-Σ (t ln y + (1-t) ln(1-y)) over the outputs of a sample. `reduction` is "mean" (over samples; over all entries for squares
and distances) or "sum". (Goodfellow, Bengio and Courville, Deep Learning (2016), sections 5.5 and 6.2.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

SQUARES = ("half_mse", "mse", "half_sum_squares", "sum_squares")
NAMES = (*SQUARES, "mae", "rmse", "bce", "cross_entropy")
Real = Any
"""A float or an array; slopes come out as what went in."""


def loss(name: str, y: Real, t: Real, reduction: str = "mean") -> float:
    """The loss of predictions: a number, a vector (one sample) or rows of samples.

    >>> loss("half_mse", 7.0, 5.0), loss("mse", np.array([7.0, 2.0]), np.array([5.0, 1.0]))
    (2.0, 2.5)
    >>> loss("cross_entropy", np.array([0.5, 0.5]), np.array([0.0, 1.0])) == float(np.log(2))
    True

    `bce` and `cross_entropy` are not finite unless predictions are between 0 and 1.
    """
    y, t = np.asarray(y, dtype=np.float64), np.asarray(t, dtype=np.float64)
    if name == "rmse":
        return float(np.sqrt(np.mean((y - t) ** 2)))
    if name in ("bce", "cross_entropy"):
        entries = -t * _logarithm(y, t) - ((1 - t) * _logarithm(1 - y, 1 - t) if name == "bce" else 0.0)
        return float(entries.sum() * _share(name, y, reduction))
    entries = np.abs(y - t) if name == "mae" else (y - t) ** 2
    half = 0.5 if name.startswith("half") else 1.0
    return float(half * entries.sum() * _share(name, y, reduction))


def slope(name: str, y: Real, t: Real, reduction: str = "mean") -> Real:
    """The slope of `loss` in y; 0 at the kink of `mae` and `rmse`.

    >>> slope("half_mse", 7.0, 5.0), slope("mse", 7.0, 5.0)
    (2.0, 4.0)
    """
    a, t = np.asarray(y, dtype=np.float64), np.asarray(t, dtype=np.float64)
    if name == "rmse":
        root = np.sqrt(np.mean((a - t) ** 2))
        found = (a - t) / (a.size * root) if root else 0.0 * a
    elif name == "mae":
        found = np.sign(a - t) * _share(name, a, reduction)
    elif name == "bce":
        found = (a - t) / (a * (1 - a)) * _share(name, a, reduction)
    elif name == "cross_entropy":
        found = np.where(t == 0, 0.0, -t / np.where(t == 0, 1.0, a)) * _share(name, a, reduction)
    else:
        found = (1.0 if name.startswith("half") else 2.0) * (a - t) * _share(name, a, reduction)
    return found if isinstance(y, np.ndarray) else float(found)


def _logarithm(y: Real, t: Real) -> Real:
    """ln y where t asks for it, so that 0 ln 0 is 0."""
    return np.log(np.where(t == 0, 1.0, y))


def _share(name: str, y: Real, reduction: str) -> float:
    """What the sum over all entries is multiplied by."""
    if "sum" in name or reduction == "sum":
        return 1.0
    if name in ("bce", "cross_entropy"):
        return 1.0 / (len(y) if y.ndim > 1 else 1)
    return 1.0 / max(1, int(y.size))
