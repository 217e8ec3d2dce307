"""How large a gradient can still be after its way back through the steps of a recurrent network."""

from __future__ import annotations

from math import isclose
from typing import Any

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.given import Givens, array, integer, option, real
from hwcheck.kernels.activations import SLOPES
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.values import products
from hwcheck.working import Working

MAX_DERIVATIVE = {"tanh": 1.0, "identity": 1.0, "relu": 1.0, "sigmoid": 0.25}


class GradientBound(Givens):
    """What is given: two numbers, or the recurrent weights and the activation that they come from."""

    rho: float = real(above=0, sign="ρ", doc="the largest singular value of W_h; not needed with W_h")
    W_h: float | Array = array("", "m m", doc="the recurrent weights")
    gamma: float = real(above=0, sign="γ", doc="the largest derivative of φ; not needed with `activation`")
    activation: str = option("tanh", "identity", "relu", "sigmoid", doc="φ, applied to the state")
    steps: int = integer(sign="L", doc="the number L of factors: how many steps the gradient goes back")
    h: Array = array(
        "T", "T m", doc="the states h_1, h_2, … after each step, where its Jacobian is asked; one row a step"
    )


@kind(
    source="Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks (2013), section 2.1",
    quantities={
        "spectral_norm": "ρ where W_h is given: its largest singular value",
        "max_derivative": "γ where it is not given: the largest derivative of the activation",
        "factor": "γρ, the most that one step back can stretch a gradient",
        "regime": "what the bound says of many steps: vanishes | constant | may explode",
        "jacobian.t": "slope of h_t in the state before it",
        "bound": "(γρ)^L, the most that all steps back can stretch a gradient",
    },
    examples=(
        """
        given: {rho: 1.2, gamma: 0.25, steps: 5}
        parts: {a: {ask: factor}, b: {ask: bound}, c: {ask: regime}}
        """,
        """
        given: {W_h: [[0.54, 0], [0.72, 0.9]], steps: 4, h: [[0.5, -0.2], [0.3, 0.8], [-0.6, 0.1]]}
        parts: {a: {ask: spectral_norm}, b: {ask: bound}, c: {ask: regime}, d: {ask: jacobian.1}, e: {ask: jacobian.3}}
        """,
        """
        given: {W_h: -2.5, activation: sigmoid, steps: 3, h: [0.4, 0.7]}
        parts: {a: {ask: max_derivative}, b: {ask: bound}, c: {ask: regime}, d: {ask: jacobian.2}}
        """,
        """
        given: {W_h: [[1, 2], [-2, 0.5]], activation: relu, steps: 2, h: [[3, 0], [0.5, 1.5]]}
        parts: {a: {ask: factor}, b: {ask: jacobian.1}}
        """,
    ),
)
def gradient_bound(given: GradientBound, work: Working) -> None:
    """Vanishing and exploding gradients: how far a recurrent network can stretch them on their way back.

    With h_t = φ(W_h h_{t-1} + …), the Jacobian of one step is diag(φ'(z_t)) W_h, and its spectral norm is at most γρ:
    ρ is the largest singular value of W_h (not its largest eigenvalue), γ the largest derivative of φ (1 for tanh, relu
    and identity, ¼ for the sigmoid). Over L steps a gradient is stretched by at most (γρ)^L. Below 1 it vanishes; above
    1 it may explode, but need not, for this is only a bound. φ'(z_t) is worked out from the state h_t; for relu it is 0
    where the state is 0.
    """
    W = np.atleast_2d(np.asarray(given.W_h, dtype=np.float64)) if "W_h" in given else None
    rho = _rho(given, work, W)
    gamma = given.gamma if "gamma" in given else _gamma(given, work)

    factor = work(
        "factor", gamma * rho, formula="γ ρ", names={"γ": gamma, "ρ": rho},
        slips={
            "left out ρ": lambda: gamma,
            "added γ and ρ instead of multiplying them": lambda: gamma + rho,
            **({"left out γ": lambda: rho} if "gamma" in given else {}),
        },
    )  # fmt: skip
    work(
        "regime", _regime(factor),
        slips={"exchanged vanishing and exploding": lambda: _regime(1 / factor)},
    )  # fmt: skip

    # What is there comes first; somebody who asks for the other is told which given it needs.
    if "h" in given:
        _jacobians(given, work)
        _bound(given, work, factor, gamma, rho)
    else:
        _bound(given, work, factor, gamma, rho)
        _jacobians(given, work)


def _rho(given: GradientBound, work: Working, W: Array | None) -> float:
    if W is None:
        return given.rho
    singular = np.linalg.svd(W, compute_uv=False)
    if "rho" in given:
        # The problem may say ρ with a few digits only.
        if not isclose(singular[0], given.rho, rel_tol=0.01):
            raise Undefined(f"the largest singular value of W_h is {singular[0]:.4g}, and `rho` is {given.rho:g}")
        return given.rho
    slips: dict[str, Any] = {
        "took an eigenvalue for the singular value": lambda: float(np.abs(np.linalg.eigvals(W)).max()),
        "left out the root": lambda: float(singular[0] ** 2),
        "took the smallest singular value": lambda: float(singular[-1]),
        "took the root of the sum of all squares": lambda: float(np.linalg.norm(W)),
    }
    if W.size == 1:
        slips = {"kept the sign of the weight": lambda: float(W[0, 0])}
    rho: float = work("spectral_norm", float(singular[0]), slips=slips)
    return rho


def _gamma(given: GradientBound, work: Working) -> float:
    slips: dict[str, Any] = {}
    if given.activation == "sigmoid":
        slips["took 1 for the largest derivative of the sigmoid"] = lambda: 1.0
        slips["took the sigmoid at 0 for its derivative there"] = lambda: 0.5
    gamma: float = work("max_derivative", MAX_DERIVATIVE[given.activation], slips=slips)
    return gamma


def _regime(factor: float) -> str:
    # The largest singular value of a rotation is 1 on paper, and may miss it by the last digit.
    return "constant" if isclose(factor, 1) else "vanishes" if factor < 1 else "may explode"


def _bound(given: GradientBound, work: Working, factor: float, gamma: float, rho: float) -> None:
    L = given.steps
    work(
        "bound", _power(factor, L), formula="factor^L", names={"L": L},
        slips={
            "took L − 1 factors": lambda: _power(factor, L - 1),
            "took L + 1 factors": lambda: _power(factor, L + 1),
            "multiplied by L instead of taking the power": lambda: L * factor,
            "raised only ρ to the power": lambda: gamma * _power(rho, L),
        },
    )  # fmt: skip


def _power(factor: float, count: int) -> float:
    try:
        power = float(factor**count)
    except OverflowError:
        raise Undefined(f"{factor:g} to the power {count:,} is too large to work with") from None
    if power == 0 and factor != 0:
        raise Undefined(f"{factor:g} to the power {count:,} is too small to work with")
    return power


_SLOPE = {"tanh": "1 - h_t^2", "relu": "s_t", "sigmoid": "h_t (1 - h_t)"}


def _jacobians(given: GradientBound, work: Working) -> None:
    """diag(φ'(z_t)) W_h for every state; a number where W_h is one."""
    states = given.h if given.h.ndim == 2 else given.h[:, None]
    W = np.atleast_2d(np.asarray(given.W_h, dtype=np.float64))
    if states.shape[1] != len(W):
        raise Undefined(f"a state has length {states.shape[1]}, and W_h is {len(W)} × {len(W)}")
    slope = SLOPES[given.activation]
    single = np.ndim(given.W_h) == 0

    def scaled(by: Array) -> Array | float:
        return float(by[0] * W[0, 0]) if single else by[:, None] * W

    for t, h in enumerate(states, start=1):
        slopes = np.asarray(slope(h))
        slips: dict[str, Any] = {"took the activation for its derivative": lambda h=h: scaled(h)}
        if given.activation != "identity":
            slips["left out the derivative of the activation"] = lambda: given.W_h
            if len(W) > 1:
                slips["scaled the columns instead of the rows"] = lambda slopes=slopes: W * slopes
            if t > 1:
                slips["took the state before the step"] = lambda h=states[t - 2]: scaled(np.asarray(slope(h)))
        work(
            f"jacobian.{t}", scaled(slopes), formula=_jacobian_formula(given.activation, single),
            names={"h_t": float(h[0]), "s_t": float(slopes[0]), "W_h": given.W_h} if single else {"h_t": h, "s_t": slopes},
            first=None if single else lambda slopes=slopes: products(slopes[:1], W[0, :1]),
            slips=slips,
        )  # fmt: skip


def _jacobian_formula(activation: str, single: bool) -> str:
    slope = _SLOPE.get(activation)
    if slope is None:
        return "W_h"
    return f"({slope}) W_h" if single else f"diag({slope}) W_h"
