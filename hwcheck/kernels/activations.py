"""Activation functions and their derivatives, as functions of arrays.

Every `slope_*` takes the function's *output* a = φ(z), because that is what a person has on paper when going back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hwcheck.kernels.types import Array

Real = Any
"""A float or an array; what goes in comes out."""


def identity(z: Real) -> Real:
    """φ(z) = z."""
    return z


def relu(z: Real) -> Real:
    """φ(z) = max(0, z).

    >>> relu(np.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """
    return np.maximum(z, 0.0)


def leaky_relu(z: Real, slope: float = 0.01) -> Real:
    """φ(z) = z for z > 0, slope · z otherwise (Maas et al., 2013)."""
    return np.where(np.asarray(z) > 0, z, slope * np.asarray(z))


def sigmoid(z: Real) -> Real:
    """φ(z) = 1 / (1 + e^(-z)), without overflow, and with all digits of small values.

    >>> float(sigmoid(0.0))
    0.5
    """
    return np.exp(-np.logaddexp(0.0, -np.asarray(z, dtype=np.float64)))


def tanh(z: Real) -> Real:
    """φ(z) = tanh z."""
    return np.tanh(z)


def softmax(z: Array, axis: int = -1) -> Array:
    """e^z over its sum along one axis, shifted so that nothing overflows.

    >>> softmax(np.array([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    shifted = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=axis, keepdims=True))


def gelu(z: Real) -> Real:
    """φ(z) = z Φ(z) with the normal distribution function Φ (Hendrycks and Gimpel, 2016), exact."""
    from math import erf, sqrt  # noqa: PLC0415

    normal = np.vectorize(lambda x: 0.5 * (1.0 + erf(x / sqrt(2.0))))
    return z * normal(np.asarray(z, dtype=np.float64))


def slope_identity(a: Real) -> Real:
    """φ' = 1."""
    return 1.0 + 0.0 * a


def slope_relu(a: Real) -> Real:
    """φ' = 1 where the output is above 0, else 0 (also at 0)."""
    return np.where(np.asarray(a) > 0, 1.0, 0.0)


def slope_sigmoid(a: Real) -> Real:
    """φ' = a (1 - a)."""
    return a * (1.0 - a)


def slope_tanh(a: Real) -> Real:
    """φ' = 1 - a²."""
    return 1.0 - a * a


FUNCTIONS: dict[str, Callable[[Real], Real]] = {
    "identity": identity,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "softmax": softmax,
    "gelu": gelu,
}
SLOPES: dict[str, Callable[[Real], Real]] = {
    "identity": slope_identity,
    "relu": slope_relu,
    "sigmoid": slope_sigmoid,
    "tanh": slope_tanh,
}
