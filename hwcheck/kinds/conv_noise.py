"""The noise of a kernel's gradient: how its spread grows with the image that it is summed over."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

from hwcheck.errors import Undefined
from hwcheck.given import Givens, integer, number
from hwcheck.kinds import kind
from hwcheck.working import Working

MAX_FLOAT = 10**300


class ConvNoise(Givens):
    """What is given: the sizes, and the spread of one pixel and of one slope."""

    n: int = integer(doc="the side of the image")
    k: int = integer(doc="the side of the kernel")
    sigma_x: int | float = number(above=0, sign="σ_x", doc="standard deviation of a pixel; its mean is 0")
    sigma_g: int | float = number(
        above=0, sign="σ_g", doc="standard deviation of the slope in one entry of the output; its mean is 0"
    )


@kind(
    source="EECS 182, homework 4, Q7(b); Grinstead and Snell, Introduction to Probability (1997), section 6.2",
    quantities={
        "outputs": "the side of the output",
        "mean": "mean of the gradient in one entry of the kernel",
        "variance": "its variance",
        "std": "its standard deviation",
    },
    examples=(
        """
        given: {n: 28, k: 5, sigma_x: 2, sigma_g: 0.3}
        parts: {a: {ask: outputs}, b: {ask: mean}, c: {ask: variance}, d: {ask: std}}
        """,
        """
        given: {n: 9, k: 3, sigma_x: 3, sigma_g: 5}
        parts: {a: {ask: variance}, b: {ask: std}}
        """,
    ),
)
def conv_noise(given: ConvNoise, work: Working) -> None:
    """The gradient of one entry of a kernel, summed over an image of independent pixels.

    An n × n image and a k × k kernel give m × m outputs without padding, m = n - k + 1. The slope in an entry of the
    kernel is the sum over the outputs of (slope in the output) · (the pixel under that entry): m² products. Pixels and
    slopes are independent of each other and have mean 0, so each product has mean 0 and variance σ_x² σ_g², and the
    variances of different products add up: m² σ_x² σ_g². The standard deviation, m σ_x σ_g, grows like n. With
    whole-number spreads variance and standard deviation are whole numbers.
    """
    n, k, sigma_x, sigma_g = given.n, given.k, given.sigma_x, given.sigma_g
    if k > n:
        raise Undefined(f"the kernel ({k:,} × {k:,}) is larger than the image ({n:,} × {n:,})")
    outputs = work(
        "outputs", n - k + 1, formula="n - k + 1",
        slips={
            "left out the + 1": lambda: n - k,
            "took the side of the image": lambda: n,
            "added the kernel instead of taking it away": lambda: n + k - 1,
        },
    )  # fmt: skip
    work(
        "mean", 0.0, formula="0",
        slips={"took the product of the standard deviations for the mean of a product": lambda: float(
            outputs**2 * sigma_x * sigma_g)},
    )  # fmt: skip

    # Exact, for where growth is asked outputs is beyond all floats.
    x, g = Fraction(sigma_x), Fraction(sigma_g)
    whole = isinstance(sigma_x, int) and isinstance(sigma_g, int)
    variance = work(
        "variance", _real(outputs**2 * x**2 * g**2, whole), formula="outputs^2 sigma_x^2 sigma_g^2",
        slips={
            "left out the sum over the outputs": lambda: _real(x**2 * g**2, whole),
            "counted the outputs along one side only": lambda: _real(outputs * x**2 * g**2, whole),
            "left the standard deviations without their squares": lambda: _real(outputs**2 * x * g, whole),
            "added the standard deviations of the terms instead of their variances":
                lambda: _real(outputs**4 * x**2 * g**2, whole),
            "summed over the entries of the kernel instead of the outputs": lambda: _real(k**2 * x**2 * g**2, whole),
        },
    )  # fmt: skip
    work(
        "std", _root(variance, outputs * x * g, whole), formula="outputs sigma_x sigma_g",
        slips={
            "left out the root": lambda: variance,
            "added the standard deviations of the terms instead of their variances":
                lambda: _real(outputs**2 * x * g, whole),
            "left out the sum over the outputs": lambda: _real(x * g, whole),
        },
    )  # fmt: skip


def _real(value: Fraction, whole: bool) -> int | float:
    """A value as a quantity: whole where it must be, and where no float could hold it."""
    return int(value) if whole or value > MAX_FLOAT else float(value)


def _root(variance: int | float, std: Fraction, whole: bool) -> int | float:
    """The root of a variance; of the right one, which is a square, without taking it."""
    if variance == _real(std**2, whole):
        return _real(std, whole)
    root = sqrt(variance)
    return int(root) if whole and root.is_integer() else root
