"""Activation functions with parameters, and the slopes of activation functions in their input, as functions of arrays.

`activations` has the functions without parameters, and slopes in terms of the output.
"""

from __future__ import annotations

from math import erf, pi, sqrt
from typing import Any

import numpy as np

from hwcheck.kernels.activations import sigmoid

Real = Any
"""A float or an array; what goes in comes out."""

GELU_STEEPEST = sqrt(2)
"""Where the slope of gelu is largest: its second derivative (2 - x²) e^(-x²/2) / √(2π) is 0."""
SWISH_STEEPEST = 2.3993572805154676
"""Where the slope of x sigmoid(x) is largest: the root of x tanh(x/2) = 2."""

_erf = np.vectorize(erf, otypes=[np.float64])


def heaviside(x: Real, at_zero: float = 0.5) -> Real:
    """H(x) = 0 below 0, 1 above, and `at_zero` at 0; the slope of max(0, x).

    >>> heaviside(np.array([-2.0, 0.0, 3.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.heaviside(x, at_zero)


def elu(x: Real, alpha: float = 1.0) -> Real:
    """x above 0, α (e^x - 1) below (Clevert et al., 2016).

    >>> elu(np.array([2.0, 0.0])).tolist()
    [2.0, 0.0]
    """
    return np.where(np.asarray(x) > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


def softplus(x: Real, k: float = 1.0) -> Real:
    """ln(1 + e^(k x)) / k, without overflow; max(0, x) for large k (Dugas et al., 2001).

    >>> float(softplus(1000.0))
    1000.0
    """
    return np.logaddexp(0.0, k * np.asarray(x)) / k


def swish(x: Real, k: float = 1.0) -> Real:
    """x sigmoid(k x) (Ramachandran et al., 2017); the SiLU for k = 1.

    >>> float(swish(0.0))
    0.0
    """
    return x * sigmoid(k * np.asarray(x))


def normal_distribution(x: Real) -> Real:
    """Φ(x), the probability that a standard normal number is at most x.

    >>> float(normal_distribution(0.0))
    0.5
    """
    return 0.5 * (1.0 + _erf(np.asarray(x, dtype=np.float64) / sqrt(2.0)))


def normal_density(x: Real) -> Real:
    """φ(x) = e^(-x²/2) / √(2π), the slope of Φ.

    >>> round(float(normal_density(0.0)), 4)
    0.3989
    """
    return np.exp(-0.5 * np.square(np.asarray(x, dtype=np.float64))) / sqrt(2 * pi)


def slope_leaky_relu(x: Real, slope: float = 0.01, at_zero: float = 0.5) -> Real:
    """1 above 0, `slope` below; at 0 the share `at_zero` of the way from `slope` to 1.

    >>> slope_leaky_relu(np.array([-2.0, 0.0, 3.0]), 0.25).tolist()
    [0.25, 0.625, 1.0]
    """
    return slope + (1.0 - slope) * heaviside(x, at_zero)


def slope_elu(x: Real, alpha: float = 1.0, at_zero: float = 0.5) -> Real:
    """1 above 0, α e^x below; at 0 the share `at_zero` of the way from α to 1.

    >>> slope_elu(np.array([0.0, 3.0]), 2.0).tolist()
    [1.5, 1.0]
    """
    above = heaviside(x, at_zero)
    return above + alpha * np.exp(np.minimum(x, 0.0)) * (1.0 - above)


def slope_gelu(x: Real) -> Real:
    """Φ(x) + x φ(x), the slope of x Φ(x) (Hendrycks and Gimpel, 2016).

    >>> float(slope_gelu(0.0))
    0.5
    """
    return normal_distribution(x) + x * normal_density(x)


def slope_swish(x: Real, k: float = 1.0) -> Real:
    """σ + k x σ (1 - σ) with σ = sigmoid(k x).

    >>> float(slope_swish(0.0))
    0.5
    """
    s = sigmoid(k * np.asarray(x))
    return s + k * np.asarray(x) * s * (1.0 - s)
