"""Random weights at the start: which spread keeps signals at their size."""

from __future__ import annotations

from math import sqrt
from typing import Any

from hwcheck.given import Givens, integer, option
from hwcheck.kinds import kind
from hwcheck.working import Working


class Initialisation(Givens):
    """What is given: the connections of a layer, and whose rule is meant."""

    fan_in: int = integer(sign="n_in", doc="connections into a unit: the inputs of the layer")
    fan_out: int = integer(
        sign="n_out", doc="connections out of a unit: the outputs of the layer; only glorot needs it"
    )
    scheme: str = option("xavier", "glorot", "he", "lecun", doc="whose rule is meant")


@kind(
    source="LeCun et al. (1998); Glorot and Bengio (2010), equations 12 and 16; He et al. (2015), equation 10",
    quantities={
        "variance": "the variance of a weight",
        "std": "the standard deviation of a weight, for a normal distribution",
        "limit": "the largest size of a weight, for a uniform distribution from -limit to limit",
    },
    examples=(
        """
        given: {fan_in: 300, fan_out: 100}
        parts: {a: {ask: variance}, b: {ask: std}, c: {ask: limit}}
        """,
        """
        given: {fan_in: 784, fan_out: 64, scheme: glorot}
        parts: {a: {ask: variance}, b: {ask: std}, c: {ask: limit}}
        """,
        """
        given: {fan_in: 147, fan_out: 32, scheme: he}
        parts: {a: {ask: variance}, b: {ask: std}, c: {ask: limit}}
        """,
        """
        given: {fan_in: 40, scheme: lecun}
        parts: {a: {ask: std}, b: {ask: limit}}
        """,
    ),
)
def initialisation(given: Initialisation, work: Working) -> None:
    """Variance of random weights with mean 0, by the rule of one of four schemes.

    `xavier` is 1 / n_in, as most courses write it, and so is `lecun`; `glorot` is 2 / (n_in + n_out), what Xavier Glorot
    and Yoshua Bengio wrote, and what PyTorch calls Xavier; `he` is 2 / n_in, for ReLU. For a convolution n_in is
    kernel × kernel × channels in. Weights are either normal with the standard deviation √variance, or uniform between
    -limit and limit, which has the variance limit² / 3.
    """
    fan_in, scheme = given.fan_in, given.scheme
    if scheme == "glorot":
        formula, value = "2 / (fan_in + fan_out)", 2 / (fan_in + given.fan_out)
    elif scheme == "he":
        formula, value = "2 / fan_in", 2 / fan_in
    else:
        formula, value = "1 / fan_in", 1 / fan_in
    variance = work("variance", value, formula=formula, slips=_other_rules(given, value))
    std = work("std", sqrt(variance), formula="sqrt(variance)", slips={"left out the root": lambda: variance})
    work(
        "limit", sqrt(3 * variance), formula="sqrt(3 variance)",
        slips={
            "took the standard deviation for the limit": lambda: std,
            "left out the root": lambda: 3 * variance,
            "took the limit for the whole width of the interval": lambda: sqrt(12 * variance),
            "divided by 3 instead of multiplying": lambda: sqrt(variance / 3),
        },
    )  # fmt: skip


def _other_rules(given: Initialisation, variance: float) -> dict[str, Any]:
    n, scheme = given.fan_in, given.scheme
    slips: dict[str, Any] = {}
    if "fan_out" in given:
        m = given.fan_out
        if scheme == "glorot":
            slips["left out the 2"] = lambda: 1 / (n + m)
            slips["took the inputs alone"] = lambda: 1 / n
        else:
            slips["took the outputs for the inputs"] = lambda: (2 if scheme == "he" else 1) / m
            slips["took the variance of Glorot and Bengio"] = lambda: 2 / (n + m)
    if scheme == "he":
        slips["left out the 2, which makes up for the half that ReLU cuts off"] = lambda: 1 / n
    elif scheme != "glorot":
        slips["took the variance of He, which is for ReLU"] = lambda: 2 / n
    slips["took the standard deviation for the variance"] = lambda: sqrt(variance)
    return slips
