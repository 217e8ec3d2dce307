"""Losses of one prediction y against a target t, and their slopes in y.

The words mean the same everywhere: `mse` the mean of squares over all entries, `half_mse` half of that, `sum_squares`
and `half_sum_squares` the sums, `mae` the mean distance, `rmse` the root of `mse`; `bce` sums -t ln y - (1-t) ln(1-y).
"""

from __future__ import annotations

import numpy as np

SQUARES = ("half_mse", "mse", "half_sum_squares", "sum_squares")
NAMES = (*SQUARES, "mae", "rmse", "bce")


def loss(name: str, y: float, t: float) -> float:
    """The loss of a single prediction.

    >>> loss("half_mse", 7.0, 5.0), loss("mse", 7.0, 5.0)
    (2.0, 4.0)

    `bce` is not finite unless the prediction is between 0 and 1.
    """
    if name in ("half_mse", "half_sum_squares"):
        return 0.5 * (y - t) ** 2
    if name in ("mse", "sum_squares"):
        return (y - t) ** 2
    if name in ("mae", "rmse"):
        return abs(y - t)
    return float(-t * np.log(np.float64(y)) - (1 - t) * np.log(np.float64(1 - y)))


def slope(name: str, y: float, t: float) -> float:
    """The slope of `loss` in y; 0 at the kink of `mae` and `rmse`.

    >>> slope("half_mse", 7.0, 5.0), slope("mse", 7.0, 5.0)
    (2.0, 4.0)
    """
    if name in ("half_mse", "half_sum_squares"):
        return y - t
    if name in ("mse", "sum_squares"):
        return 2 * (y - t)
    if name in ("mae", "rmse"):
        return float(np.sign(y - t))
    return float(np.float64(y - t) / (y * (1 - y)))
