"""A dense layer at unit scale, y = c W x: which c and which learning rates keep its signals at their size."""

from __future__ import annotations

from math import isclose, sqrt
from typing import Any

from hwcheck.given import Givens, integer, option, real
from hwcheck.kinds import kind
from hwcheck.working import Working


class MuP(Givens):
    """What is given: the sizes of the layer, and the factor before its weights."""

    d_in: int = integer(doc="columns of W: the length of x")
    d_out: int = integer(doc="rows of W: the length of y")
    c: float = real(above=0, free=True, doc="the factor before W")
    v_x: float = real(default=1.0, above=0, doc="the variance of each entry of x")
    norm: str = option(
        "l2", "rms", doc="the norm of the gradients that backprop_factor compares",
        others={"l2": "took the l2 norm for the RMS norm", "rms": "took the RMS norm for the l2 norm"},
    )  # fmt: skip


@kind(
    source="Yang, Simon and Bernstein, A Spectral Condition for Feature Learning (2023); EECS 182, homework 4, Q2",
    quantities={
        "scale": "the c that gives y the variance of x",
        "variance": "the variance of each entry of y",
        "sign_norm": "spectral norm of a matrix of signs of rank 1, d_out × d_in",
        "spectral_bound": "the largest spectral norm of ΔW that moves y by an RMS norm of at most 1 wherever x has one of 1",
        "lr.sign": "the learning rate that meets this bound where ΔW is made of signs",
        "lr.muon": "the learning rate that meets this bound where ΔW is made orthogonal",
        "backprop_factor": "by how much a gradient grows on its way back through a W of signs of rank 1",
        "renormaliser": "what to multiply that gradient by so that it keeps its norm",
        "regime": "what happens to the gradient over many such layers: vanishes | constant | explodes",
    },
    examples=(
        """
        given: {d_in: 16, d_out: 9, c: 0.2, v_x: 2}
        parts:
          a: {ask: variance}
          b: {ask: scale}
          c: {ask: spectral_bound}
          d: {ask: lr.sign}
          e: {ask: lr.muon}
          f: {ask: regime}
        """,
        """
        given: {d_in: 8, d_out: 50, c: 0.03, norm: rms}
        parts: {a: {ask: sign_norm}, b: {ask: backprop_factor}, c: {ask: renormaliser}, d: {ask: regime}}
        """,
        """
        given: {d_in: 5, d_out: 20, c: 0.04}
        parts: {a: {ask: backprop_factor}, b: {ask: renormaliser}, c: {ask: regime}}
        """,
    ),
)
def mup(given: MuP, work: Working) -> None:
    """A dense layer with weights of variance 1 and a factor before them, y = c W x.

    W is d_out × d_in, its entries independent of each other and of x, all with mean 0. The RMS norm of a vector is its
    l2 norm over the root of its length; the norm of a matrix is the spectral one. `spectral_bound` is for RMS norms of
    x and Δy; with a batch of one, the signs of a gradient have rank 1. Going back, `norm` says how gradients are
    measured: in the l2 norm the factor is c √(d_in d_out), in the RMS norm c d_out.
    """
    d_in = given.d_in
    work(
        "scale", 1 / sqrt(d_in), formula="1 / sqrt(d_in)",
        slips={
            "left out the root": lambda: 1 / d_in,
            "turned the ratio upside down": lambda: sqrt(d_in),
            **({"took d_out for d_in": lambda: 1 / sqrt(given.d_out)} if "d_out" in given else {}),
        },
    )  # fmt: skip
    c, v_x = given.c, given.v_x
    work(
        "variance", c**2 * d_in * v_x, formula="c^2 d_in v_x",
        slips={
            "left the factor c without its square": lambda: c * d_in * v_x,
            "left out the sum over the inputs": lambda: c**2 * v_x,
            "left out the variance of x": lambda: c**2 * d_in,
            **({"took d_out for d_in": lambda: c**2 * given.d_out * v_x} if "d_out" in given else {}),
        },
    )  # fmt: skip

    d_out = given.d_out
    sign_norm = work(
        "sign_norm", sqrt(d_in * d_out), formula="sqrt(d_in d_out)",
        slips={
            "left out the root": lambda: float(d_in * d_out),
            "took d_out for d_in": lambda: float(d_out),
            "added the sizes instead of multiplying them": lambda: sqrt(d_in + d_out),
        },
    )  # fmt: skip
    bound_slips: dict[str, Any] = {
        "turned the ratio upside down": lambda: sqrt(d_in / d_out) / c,
        "left out the root": lambda: d_out / d_in / c,
        "left out c": lambda: sqrt(d_out / d_in),
        "multiplied by c instead of dividing": lambda: sqrt(d_out / d_in) * c,
        "took the l2 norm for the RMS norm": lambda: 1 / c,
    }
    spectral_bound = work("spectral_bound", sqrt(d_out / d_in) / c, formula="sqrt(d_out / d_in) / c", slips=bound_slips)
    work(
        "lr.sign", spectral_bound / sign_norm, formula="spectral_bound / sign_norm",
        slips={
            "took d_out for d_in": lambda: 1 / (c * d_out),
            "left out c": lambda: 1 / d_in,
            "left out the norm of the signs": lambda: spectral_bound,
            "multiplied by the norm of the signs instead of dividing": lambda: spectral_bound * sign_norm,
        },
    )  # fmt: skip
    work(
        "lr.muon", spectral_bound, formula="spectral_bound",
        slips={**bound_slips, "took the learning rate of the signs": lambda: spectral_bound / sign_norm},
    )  # fmt: skip

    rms = given.norm == "rms"
    growth = sign_norm * sqrt(d_out / d_in) if rms else sign_norm
    backprop_factor = work(
        "backprop_factor", c * growth,
        formula="c sign_norm sqrt(d_out / d_in)" if rms else "c sign_norm",
        slips={
            "left out c": lambda: growth,
            "took d_in for d_out": lambda: c * d_in,
            **({} if rms else {"left out the root": lambda: c * d_in * d_out}),
        },
    )  # fmt: skip
    work(
        "renormaliser", 1 / backprop_factor, formula="1 / backprop_factor",
        slips={"turned the ratio upside down": lambda: backprop_factor},
    )  # fmt: skip
    work(
        "regime", _regime(backprop_factor),
        slips={"exchanged vanishing and exploding": lambda: _regime(1 / backprop_factor)},
    )  # fmt: skip


def _regime(factor: float) -> str:
    # A factor that is 1 on paper, 1/√15 · √15, may miss it by the last digit.
    return "constant" if isclose(factor, 1) else "vanishes" if factor < 1 else "explodes"
