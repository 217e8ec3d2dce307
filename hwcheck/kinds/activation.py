"""Activation functions: their value, their derivative, and the largest it can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.given import Field, GivenError, Givens, Reader, array, kind_of, option, real, special
from hwcheck.kernels import curves
from hwcheck.kernels.activations import gelu, leaky_relu, relu, sigmoid
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.symbols import Domain
from hwcheck.working import Working
from hwcheck.yamltree import Node, Scalar

Real = Any
"""A float or an array; what goes in comes out."""
AT_ZERO = {"1/2": 0.5, "½": 0.5, "0.5": 0.5, "0": 0.0, "1": 1.0}
JUMPS = ("heaviside", "step")
PARAMETERS = {
    "slope": ("leaky_relu",),
    "alpha": ("elu",),
    "k": ("sigmoid", "tanh", "softplus", "swish"),
}
"""Which functions have a parameter."""


def _at_zero(_reader: Reader, node: Node) -> float:
    text = node.text.strip() if isinstance(node, Scalar) else ""
    if text not in AT_ZERO:
        raise GivenError(node, f"expected 1/2, 0 or 1, found {kind_of(node)}")
    return AT_ZERO[text]


def _slope(reader: Reader, node: Node) -> float:
    # A symbol is drawn between 0 and 1, where max(slope x, x) is right too.
    value = reader.symbol(node, lambda: Domain(low=0.0, high=1.0))
    return float(value if isinstance(value, int | float) else reader.number(node))


class Activation(Givens):
    """What is given: the function, its parameters, and where it is evaluated."""

    function: str = option(
        "relu", "heaviside", "sigmoid", "tanh", "leaky_relu", "elu", "softplus", "gelu", "swish", "square", "step",
        doc="the function",
    )  # fmt: skip
    x: float | Array = array("", "n", "m n", "l m n", doc="where it is evaluated: a number, or an array entry by entry")
    at_zero: float = Field(  # type: ignore[assignment]  # its value is what its read gives
        _at_zero, doc="what is taken at a jump or kink at 0: as heaviside(0), and as the derivative of relu there",
        expects="1/2 | 0 | 1", default=0.5,
        others={"took ½ at 0": 0.5, "took 0 at 0": 0.0, "took 1 at 0": 1.0},
    )  # fmt: skip
    slope: float = special(_slope, default=0.01, expects="a number", doc="leaky_relu: its slope below 0")
    alpha: float = real(default=1.0, above=0, sign="α", doc="elu: how far below 0 it can fall")
    k: float = real(default=1.0, above=0, doc="sigmoid, tanh, softplus, swish: the steepness, the factor before x")


class Curve(NamedTuple):
    """One activation function.

    In formulas `{kx}` stands for k x, `{H}` for the Heaviside function with the value at 0 that is given.

    Attributes:
        value: its value at x.
        formula: the same as a person writes it.
        derivative: its derivative at x; sigmoid and tanh have it from their value a.
        derivative_formula: the same as a person writes it.
        largest: the largest derivative, None where there is none.
        largest_formula: the same as a person writes it.
        slips: mistakes in the value.
        derivative_slips: mistakes in the derivative.
        largest_slips: mistakes in the largest derivative.
    """

    value: Callable[[Activation, Real], Real]
    formula: str
    derivative: Callable[[Activation, Real, Real], Real]
    derivative_formula: str
    largest: Callable[[Activation], float] | None
    largest_formula: str = ""
    slips: dict[str, Callable[[Activation, Real], Real]] = {}  # noqa: RUF012  # never changed
    derivative_slips: dict[str, Callable[[Activation, Real, Real], Real]] = {}  # noqa: RUF012
    largest_slips: dict[str, Callable[[Activation], float]] = {}  # noqa: RUF012


@kind(
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), sections 3.10 and 6.3",
    quantities={
        "max_derivative": "the largest derivative anywhere (the bound where it is only approached)",
        "value": "the function at x",
        "derivative": "its derivative at x",
    },
    examples=(
        """
        given: {function: relu, x: [-1.5, 0, 2]}
        parts: {a: {ask: value}, b: {ask: derivative}, c: {ask: max_derivative}}
        """,
        """
        given: {function: sigmoid, x: 0.6, k: 3}
        parts: {a: {ask: value}, b: {ask: derivative}, c: {ask: max_derivative}}
        """,
        """
        given: {function: tanh, x: [[0.5, -1, 0.2], [2, 0.1, -0.3]], k: 2}
        parts: {a: {ask: value}, b: {ask: derivative}, c: {ask: max_derivative}}
        """,
        """
        given: {function: leaky_relu, x: [0, -2, 3], slope: 0.1, at_zero: 0}
        parts: {a: {ask: value}, b: {ask: derivative}, c: {ask: max_derivative}}
        """,
        """
        given: {function: elu, x: [-0.7, 1.2, 0], alpha: 1.5, at_zero: 1}
        parts: {a: {ask: value}, b: {ask: derivative}, c: {ask: max_derivative}}
        """,
        """
        given: {function: softplus, x: 0.4, k: 2.5}
        parts: {a: {ask: value}, b: {ask: derivative}, c: {ask: max_derivative}}
        """,
        """
        given: {function: gelu, x: [-0.8, 1.3]}
        parts: {a: {ask: value}, b: {ask: derivative}, c: {ask: max_derivative}}
        """,
        """
        given: {function: swish, x: 1.7, k: 0.5}
        parts: {a: {ask: value}, b: {ask: derivative}, c: {ask: max_derivative}}
        """,
        """
        given: {function: square, x: -1.5}
        parts: {a: {ask: value}, b: {ask: derivative}}
        """,
        """
        given: {function: heaviside, x: [-2, 3, 0.5]}
        parts: {a: {ask: value}, b: {ask: derivative}}
        """,
        """
        given: {function: step, x: -0.4}
        parts: {a: {ask: value}, b: {ask: derivative}}
        """,
    ),
)
def activation(given: Activation, work: Working) -> None:
    """An activation function: its value at x, its derivative there, and the largest derivative it has anywhere.

    relu max(0, x); leaky_relu x above 0 and slope · x below; elu x above 0 and α(e^x - 1) below; sigmoid 1/(1 + e^(-k x));
    tanh tanh(k x); softplus ln(1 + e^(k x))/k; swish x sigmoid(k x); gelu x Φ(x) with the normal distribution function Φ,
    exact; square x². heaviside and step are 0 below 0 and 1 above. At 0 courses differ: heaviside(0) and the derivative of
    relu are `at_zero`, the derivatives of leaky_relu and elu that share of the way from the left one to the right one;
    step(0) is 1 unless `at_zero` is given. The derivative of a sigmoid or tanh is worked out from its value.
    """
    curve = CURVES[given.function]
    for name, functions in PARAMETERS.items():
        if name in given and given.function not in functions:
            raise Undefined(f"{given.function} has no `{name}`; that belongs to {' and '.join(functions)}")
    if curve.largest is not None:
        work(
            "max_derivative", curve.largest(given), formula=_written(curve.largest_formula, given), names=NORMAL,
            slips={label: lambda slip=slip: slip(given) for label, slip in curve.largest_slips.items()},
        )  # fmt: skip
    elif "x" not in given:
        raise Undefined(f"{given.function} has no largest derivative")

    x = given.x
    a = work(
        "value", curve.value(given, x), formula=_written(curve.formula, given), names=NORMAL,
        slips={
            **{label: lambda slip=slip: slip(given, x) for label, slip in curve.slips.items()},
            **({"left out the steepness": lambda: _without_steepness(given, x)} if given.k != 1 else {}),
        },
    )  # fmt: skip
    if given.function in JUMPS and np.any(np.asarray(x) == 0):
        raise Undefined(f"{given.function} has no derivative at 0, where it jumps")
    work(
        "derivative", curve.derivative(given, x, a), formula=_written(curve.derivative_formula, given), names=NORMAL,
        slips={
            "took the value for its derivative": lambda: a,
            **{label: lambda slip=slip: slip(given, x, a) for label, slip in curve.derivative_slips.items()},
        },
    )  # fmt: skip


def _without_steepness(given: Activation, x: Real) -> Real:
    plain = Activation({name: value for name, value in given.values.items() if name != "k"})
    return CURVES[given.function].value(plain, x)


def _jump(given: Activation, x: Real) -> Real:
    return curves.heaviside(x, _at_jump(given))


def _at_jump(given: Activation) -> float:
    # hardlim and the perceptron's threshold are 1 at 0 (Hagan et al., Neural Network Design, section 2)
    return 1.0 if given.function == "step" and "at_zero" not in given else given.at_zero


NORMAL = {"Φ": curves.normal_distribution, "φ": curves.normal_density}
_HEAVISIDE = {0.5: "H(x)", 1.0: "step(x)", 0.0: "(1 - step(-x))"}


def _written(formula: str, given: Activation) -> str:
    text = formula.replace("{H}", _HEAVISIDE[_at_jump(given)])
    steep = given.k != 1
    return text.replace("{kx}", "k x" if steep else "x").replace("{k*}", "k * " if steep else "").replace(
        "{/k}", " / k" if steep else ""
    )  # fmt: skip


CURVES = {
    "relu": Curve(
        value=lambda given, x: relu(x), formula="max(0, x)",
        derivative=lambda given, x, a: curves.heaviside(x, given.at_zero), derivative_formula="{H}",
        largest=lambda given: 1.0, largest_formula="1",
        slips={
            "left negative numbers as they are": lambda given, x: x,
            "took the absolute value": lambda given, x: np.abs(x),
        },
        derivative_slips={"took 1 below 0 as well": lambda given, x, a: np.ones_like(x)},
    ),
    "leaky_relu": Curve(
        value=lambda given, x: leaky_relu(x, given.slope), formula="max(0, x) + slope * min(0, x)",
        derivative=lambda given, x, a: curves.slope_leaky_relu(x, given.slope, given.at_zero),
        derivative_formula="slope + (1 - slope) * {H}",
        largest=lambda given: max(1.0, given.slope), largest_formula="max(1, slope)",
        slips={"took 0 below 0": lambda given, x: relu(x)},
        derivative_slips={"took 0 below 0": lambda given, x, a: curves.slope_leaky_relu(x, 0.0, given.at_zero)},
    ),
    "elu": Curve(
        value=lambda given, x: curves.elu(x, given.alpha), formula="max(0, x) + α * (exp(min(0, x)) - 1)",
        derivative=lambda given, x, a: curves.slope_elu(x, given.alpha, given.at_zero),
        derivative_formula="{H} + α * exp(min(0, x)) * (1 - {H})",
        largest=lambda given: max(1.0, given.alpha), largest_formula="max(1, α)",
        slips={
            "left out the - 1": lambda given, x: np.where(np.asarray(x) > 0, x, given.alpha * np.exp(x)),
            "left out α": lambda given, x: curves.elu(x),
        },
        derivative_slips={"left out α": lambda given, x, a: curves.slope_elu(x, 1.0, given.at_zero)},
        largest_slips={"left out α": lambda given: 1.0},
    ),
    "sigmoid": Curve(
        value=lambda given, x: sigmoid(given.k * np.asarray(x)), formula="1 / (1 + exp(-{kx}))",
        derivative=lambda given, x, a: given.k * a * (1 - a), derivative_formula="{k*}value * (1 - value)",
        largest=lambda given: given.k / 4, largest_formula="{k*}1/4",
        slips={"left out the minus sign in the exponent": lambda given, x: sigmoid(-given.k * np.asarray(x))},
        derivative_slips={
            "took the sigmoid of its value once more":
                lambda given, x, a: given.k * sigmoid(a) * (1 - sigmoid(a)),
            "took the derivative of 1/u at its value instead of at u":
                lambda given, x, a: given.k * np.exp(-given.k * np.asarray(x)) / np.square(a),
            "left out the derivative of the inner function": lambda given, x, a: a * (1 - a),
        },
        largest_slips={
            "took the sigmoid at 0 for its derivative there": lambda given: given.k / 2,
            "took 1 for the largest derivative of the sigmoid": lambda given: given.k,
            "left out the steepness": lambda given: 0.25,
        },
    ),
    "tanh": Curve(
        value=lambda given, x: np.tanh(given.k * np.asarray(x)), formula="tanh({kx})",
        derivative=lambda given, x, a: given.k * (1 - np.square(a)), derivative_formula="{k*}(1 - value * value)",
        largest=lambda given: given.k, largest_formula="{k*}1",
        slips={"took the sigmoid": lambda given, x: sigmoid(given.k * np.asarray(x))},
        derivative_slips={
            "left out the square": lambda given, x, a: given.k * (1 - a),
            "took the tanh of its value once more": lambda given, x, a: given.k * (1 - np.square(np.tanh(a))),
            "left out the derivative of the inner function": lambda given, x, a: 1 - np.square(a),
        },
        largest_slips={
            "took the largest derivative of the sigmoid": lambda given: given.k / 4,
            "left out the steepness": lambda given: 1.0,
        },
    ),
    "softplus": Curve(
        value=lambda given, x: curves.softplus(x, given.k), formula="ln(1 + exp({kx})){/k}",
        derivative=lambda given, x, a: sigmoid(given.k * np.asarray(x)), derivative_formula="sigmoid({kx})",
        largest=lambda given: 1.0, largest_formula="1",
        slips={
            "left out the 1": lambda given, x: x,
            "left out the division by k": lambda given, x: given.k * curves.softplus(x, given.k),
        },
        derivative_slips={
            "took the derivative of the sigmoid":
                lambda given, x, a: sigmoid(given.k * np.asarray(x)) * sigmoid(-given.k * np.asarray(x)),
            "left out the minus sign in the exponent": lambda given, x, a: sigmoid(-given.k * np.asarray(x)),
        },
        largest_slips={"took the largest derivative of the sigmoid": lambda given: given.k / 4},
    ),
    "swish": Curve(
        value=lambda given, x: curves.swish(x, given.k), formula="x * sigmoid({kx})",
        derivative=lambda given, x, a: curves.slope_swish(x, given.k),
        derivative_formula="sigmoid({kx}) + {kx} * sigmoid({kx}) * (1 - sigmoid({kx}))",
        largest=lambda given: float(curves.slope_swish(curves.SWISH_STEEPEST)),
        slips={"left out the factor x": lambda given, x: sigmoid(given.k * np.asarray(x))},
        derivative_slips={
            "left out the second term of the product rule": lambda given, x, a: sigmoid(given.k * np.asarray(x)),
        },
        largest_slips={"took 1 for the largest derivative": lambda given: 1.0},
    ),
    "gelu": Curve(
        value=lambda given, x: gelu(x), formula="x * Φ(x)",
        derivative=lambda given, x, a: curves.slope_gelu(x), derivative_formula="Φ(x) + x * φ(x)",
        largest=lambda given: float(curves.slope_gelu(curves.GELU_STEEPEST)),
        largest_formula="Φ(sqrt(2)) + sqrt(2) φ(sqrt(2))",
        slips={"left out the factor x": lambda given, x: curves.normal_distribution(x)},
        derivative_slips={
            "left out the second term of the product rule": lambda given, x, a: curves.normal_distribution(x),
        },
        largest_slips={"took 1 for the largest derivative": lambda given: 1.0},
    ),
    "square": Curve(
        value=lambda given, x: np.square(x), formula="x * x",
        derivative=lambda given, x, a: 2 * np.asarray(x), derivative_formula="2 x", largest=None,
        slips={"doubled x instead of squaring it": lambda given, x: 2 * np.asarray(x)},
        derivative_slips={"left out the factor 2": lambda given, x, a: x},
    ),
    "heaviside": Curve(
        value=_jump, formula="{H}", derivative=lambda given, x, a: np.zeros_like(x), derivative_formula="0 x", largest=None,
        slips={"exchanged the two sides": lambda given, x: 1 - _jump(given, x)},
    ),
    "step": Curve(
        value=_jump, formula="{H}", derivative=lambda given, x, a: np.zeros_like(x), derivative_formula="0 x", largest=None,
        slips={"exchanged the two sides": lambda given, x: 1 - _jump(given, x)},
    ),
}  # fmt: skip
