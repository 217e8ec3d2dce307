"""Elman network with one number a step."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.given import Givens, array, integer, option, real
from hwcheck.kernels import losses
from hwcheck.kernels.activations import FUNCTIONS, SLOPES
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.working import Working


class RNN(Givens):
    """What is given: numbers for a working by hand, or sizes only for counting parameters."""

    x: Array = array("T", doc="the inputs x_1, x_2, …, one a step")
    h0: float = real(default=0.0, sign="h_0", doc="the state before the first step", misread={"took h_0 as 0": 0.0})
    W_x: float = real(doc="weight of the input")
    W_h: float = real(doc="weight of the previous state; not needed for a single step")
    b: float = real(default=0.0, doc="bias of the state")
    W_y: float = real(doc="weight of the output")
    b_y: float = real(default=0.0, doc="bias of the output")
    activation: str = option("tanh", "identity", "relu", "sigmoid", doc="φ, applied to the state")
    output_activation: str = option("identity", "sigmoid", doc="ψ, applied to the output")
    target: float | Array = array(
        "", "T", sign="t", doc="what the output should be; a list where every step has an output"
    )
    outputs: str = option("last", "every", doc="whether only the last step has an output")
    loss: str = option(*losses.NAMES, doc="the loss of one output")
    over_time: str = option(
        "sum", "mean", doc="how the losses of the steps are joined",
        others={"sum": "summed the losses over the steps", "mean": "averaged the losses over the steps"},
    )  # fmt: skip
    lr: float = real(above=0, sign="η", doc="the learning rate of one gradient step")
    inputs: int = integer(doc="sizes only: the length n of an input")
    hidden: int = integer(doc="sizes only: the length m of the state")
    outputs_size: int = integer(0, default=0, doc="sizes only: the length of an output")
    steps: int = integer(default=1, doc="sizes only: the number of steps T")
    layers: int = integer(default=1, high=1000, doc="sizes only: how many layers are stacked")
    bidirectional: bool = option(False, True, doc="sizes only: a second network reads backwards")
    bias_vectors: int = option(
        1, 2, 0, doc="sizes only: bias vectors a layer",
        others={1: "counted one bias vector", 2: "counted two bias vectors", 0: "left out the biases"},
    )  # fmt: skip


@kind(
    source="Elman (1990); Goodfellow, Bengio and Courville, Deep Learning (2016), sections 10.2 and 10.2.2",
    quantities={
        "z.t": "the state of step t before the activation",
        "h.t": "the state after step t",
        "y": "the output after the last step",
        "y.t": "the output of step t, with `outputs: every`",
        "loss": "the loss",
        "grad_y": "slope of the loss in the output",
        "grad_y.t": "slope of the loss in the output of step t",
        "grad_h.t": "slope of the loss in the state after step t, through all later steps",
        "jacobian.t": "slope of h.t in the state before it",
        "grad_W_x": "slope of the loss in the input weight, summed over the steps",
        "grad_W_h": "slope of the loss in the recurrent weight, summed over the steps",
        "grad_b": "slope of the loss in the bias",
        "grad_W_y": "slope of the loss in the output weight",
        "grad_b_y": "slope of the loss in the output bias",
        "new_W_x": "the input weight after one gradient step",
        "new_W_h": "the recurrent weight after one gradient step",
        "new_b": "the bias after one gradient step",
        "new_W_y": "the output weight after one gradient step",
        "new_b_y": "the output bias after one gradient step",
        "weights": "sizes only: the number of weights",
        "biases": "sizes only: the number of biases",
        "params": "sizes only: the number of parameters",
        "macs": "sizes only: multiply-adds of a whole sequence",
    },
    examples=(
        """
        given: {x: [0.3, 0.4, 0.2], h0: 0.5, W_x: 0.2, W_h: 0.3, W_y: 0.7, b: 0.1, b_y: -0.2, target: 0.4, lr: 0.15}
        parts:
          a: {ask: h}
          b: {ask: y}
          c: {ask: grad_W_h}
          d: {ask: new_W_h}
        """,
        """
        given: {x: [1, -2], h0: 0.25, W_x: 0.5, W_h: -0.8, W_y: 1.5, target: [0, 1], lr: 0.1, activation: sigmoid,
                b_y: 0.3, outputs: every, output_activation: sigmoid, loss: bce, over_time: mean}
        parts: {a: {ask: y}, b: {ask: loss}, c: {ask: grad_h.1}}
        """,
        """
        given: {x: [0.6, -0.4], W_x: 0.9, W_h: -0.5, W_y: 0.8, b: 0.2, b_y: 0.1, target: 0, output_activation: sigmoid,
                loss: mse}
        parts: {a: {ask: y}, b: {ask: grad_W_x}}
        """,
        """
        given: {x: [1, -1], h0: 0.5, W_x: 0.3, W_h: 0.4, W_y: 2, target: [0.5, 1], activation: relu, outputs: every, loss: mse}
        parts: {a: {ask: loss}}
        """,
        """
        given: {inputs: 3, hidden: 4, outputs_size: 2, steps: 5}
        parts: {a: {ask: params}}
        """,
    ),
)
def rnn(given: RNN, work: Working) -> None:
    """Elman network: forward pass, loss, back-propagation through time, one gradient step.

    h_t = φ(W_x x_t + W_h h_{t-1} + b), y = ψ(W_y h_T + b_y). `grad_X` is the slope of the loss in X.
    """
    if "hidden" in given:
        _count(given, work)
        return
    phi, slope = FUNCTIONS[given.activation], SLOPES[given.activation]
    x = [float(value) for value in given.x]
    last = len(x)
    W_h = given.W_h if last > 1 or "W_h" in given else 0.0
    h = [given.h0]
    for t, x_t in enumerate(x, start=1):
        before = h[-1]
        z = work(
            f"z.{t}", given.W_x * x_t + W_h * before + given.b,
            formula=f"W_x x_t + W_h h_{{t-1}}{' + b' if given.b else ''}",
            names={"x_t": x_t, "h_{t-1}": before, "W_h": W_h},
            slips={
                "left out the previous state": lambda x_t=x_t: given.W_x * x_t + given.b,
                "left out the recurrent weight": lambda x_t=x_t, before=before: given.W_x * x_t + before + given.b,
                "left out the input": lambda before=before: W_h * before + given.b,
                "left out the bias": lambda x_t=x_t, before=before: given.W_x * x_t + W_h * before,
                "exchanged the weights of input and state":
                    lambda x_t=x_t, before=before: W_h * x_t + given.W_x * before + given.b,
                **_earlier_input(given, x, t, before),
            },
        )  # fmt: skip
        h.append(
            work(f"h.{t}", float(phi(z)), formula="φ(z_t)",
                 names={"φ": phi, "z_t": z, "x_t": x_t, "h_{t-1}": before},
                 slips={"left out the activation": lambda z=z: z})
        )  # fmt: skip

    asked = range(1, last + 1) if given.outputs == "every" else [last]
    psi, output_slope = FUNCTIONS[given.output_activation], SLOPES[given.output_activation]
    y = {
        t: work(
            _at("y", t, given), float(psi(given.W_y * h[t] + given.b_y)),
            formula=f"ψ(W_y h_t{' + b_y' if given.b_y else ''})", names={"ψ": psi, "h_t": h[t]},
            slips={
                "left out the bias": lambda t=t: float(psi(given.W_y * h[t])),
                "left out the output activation": lambda t=t: given.W_y * h[t] + given.b_y,
            },
        )
        for t in asked
    }  # fmt: skip

    target = dict(zip(asked, np.atleast_1d(given.target).tolist(), strict=False))
    if len(target) != len(asked) or np.size(given.target) != len(asked):
        raise Undefined(f"`target` has {np.size(given.target)} numbers, and there are {len(asked)} outputs")
    share = 1 / len(asked) if given.over_time == "mean" else 1.0
    work(
        "loss", share * sum(losses.loss(given.loss, y[t], target[t]) for t in asked),
        formula=_LOSS.get(given.loss, "") if len(asked) == 1 else "",
        names={"t": target[last]},
        slips=_other_squares(given, lambda name: share * sum(losses.loss(name, y[t], target[t]) for t in asked)),
    )  # fmt: skip

    grad_y = {
        t: work(
            _at("grad_y", t, given), share * losses.slope(given.loss, y[t], target[t]),
            formula=_SLOPE.get(given.loss, "") if share == 1 else "", names={"t": target[t], "y": y[t]},
            slips={
                "took target minus output": lambda t=t: -share * losses.slope(given.loss, y[t], target[t]),
                **_other_squares(given, lambda name, t=t: share * losses.slope(name, y[t], target[t])),
            },
        )
        for t in asked
    }  # fmt: skip
    inner = {t: grad_y[t] * float(output_slope(y[t])) for t in asked}
    """slope in the output before its activation"""

    grad_h = dict.fromkeys(range(1, last + 2), 0.0)
    delta = dict.fromkeys(range(1, last + 2), 0.0)
    """slope in the state before its activation"""
    for t in range(last, 0, -1):
        from_output = inner.get(t, 0.0) * given.W_y
        from_later = delta[t + 1] * W_h
        grad_h[t] = work(
            f"grad_h.{t}", from_output + from_later,
            formula=_grad_h_formula(t, last, given), names={"W_h": W_h},
            slips={
                **({"left out the later steps": lambda v=from_output: v} if t in inner and t < last else {}),
                **({"left out the recurrent weight": lambda t=t, v=from_output: v + delta[t + 1]} if t < last else {}),
                **({"left out the derivative of the activation": lambda t=t, v=from_output: v + grad_h[t + 1] * W_h}
                   if t < last and given.activation != "identity" else {}),
                **({"went back through the new weight instead of the old": lambda t=t: inner[t] * _moved(given, inner, h)}
                   if t == last and "lr" in given else {}),
            },
        )  # fmt: skip
        delta[t] = grad_h[t] * float(slope(h[t]))
        work(
            f"jacobian.{t}", W_h * float(slope(h[t])),
            formula="W_h s_t", names={"W_h": W_h, "s_t": float(slope(h[t]))},
            slips={"left out the derivative of the activation": lambda: W_h},
        )  # fmt: skip

    steps = range(1, last + 1)
    inputs = {f"x_{t}": x[t - 1] for t in steps}
    states = {f"h_{t}": h[t] for t in range(last + 1)}
    outputs = {f"y_{t}": y[t] for t in asked} if given.outputs == "every" else {"y": y[last]}
    grad_W_x = work(
        "grad_W_x", sum(delta[t] * x[t - 1] for t in steps),
        formula=_through_time(given.activation, last, " x_{0}"), names={**inputs, **states},
        slips={"took only the last step's gradient": lambda: delta[last] * x[-1]},
    )  # fmt: skip
    grad_W_h = work(
        "grad_W_h", sum(delta[t] * h[t - 1] for t in steps),
        formula=_through_time(given.activation, last, " h_{1}"), names=states,
        slips={
            "took only the last step's gradient": lambda: delta[last] * h[last - 1],
            "took the state of the step itself for the one before": lambda: sum(delta[t] * h[t] for t in steps),
        },
    )  # fmt: skip
    grad_b = work(
        "grad_b", float(sum(delta[t] for t in steps)),
        formula=_through_time(given.activation, last), names=states,
        slips={"took only the last step's gradient": lambda: delta[last]},
    )  # fmt: skip
    grad_W_y = work(
        "grad_W_y", sum(inner[t] * h[t] for t in asked),
        formula=_over_outputs(given.output_activation, given.outputs, last, " h_{0}"), names={**states, **outputs},
        slips={"took only the last step's gradient": lambda: inner[last] * h[last]},
    )  # fmt: skip
    grad_b_y = work(
        "grad_b_y", float(sum(inner[t] for t in asked)),
        formula=_over_outputs(given.output_activation, given.outputs, last), names=outputs,
        slips={"took only the last step's gradient": lambda: inner[last]},
    )  # fmt: skip

    gradients = {"W_x": (given.W_x, grad_W_x), "W_h": (W_h, grad_W_h), "b": (given.b, grad_b),
                 "W_y": (given.W_y, grad_W_y), "b_y": (given.b_y, grad_b_y)}  # fmt: skip
    for name, (weight, gradient) in gradients.items():
        work(
            f"new_{name}", weight - given.lr * gradient, formula=f"{name} - η grad_{name}",
            names={name: weight},
            slips={
                "moved up the gradient": lambda w=weight, g=gradient: w + given.lr * g,
                "left the weight as it was": lambda w=weight: w,
                "left out the learning rate": lambda w=weight, g=gradient: w - g,
            },
        )  # fmt: skip


_LOSS = {
    "half_mse": "1/2 (y - t)^2",
    "half_sum_squares": "1/2 (y - t)^2",
    "mse": "(y - t)^2",
    "sum_squares": "(y - t)^2",
}
_SLOPE = {"half_mse": "y - t", "half_sum_squares": "y - t", "mse": "2 (y - t)", "sum_squares": "2 (y - t)"}


def _at(name: str, t: int, given: RNN) -> str:
    return f"{name}.{t}" if given.outputs == "every" else name


def _earlier_input(given: RNN, x: list[float], t: int, before: float) -> dict[str, Any]:
    if t == 1:
        return {}
    value = given.W_x * x[t - 2] + given.W_h * before + given.b
    return {"took the input of the step before": lambda: value}


def _other_squares(given: RNN, value: Any) -> dict[str, Any]:
    """The ½ of a squared loss, or its derivative's 2, forgotten or added."""
    if given.loss in ("half_mse", "half_sum_squares"):
        return {"left out the ½": lambda: value("mse")}
    if given.loss in ("mse", "sum_squares"):
        return {"put in a ½": lambda: value("half_mse")}
    return {}


MAX_TERMS = 12
_SLOPE_IN = {
    "identity": "",
    "tanh": " (1 - {0}^2)",
    "sigmoid": " {0} (1 - {0})",
    "relu": " sign({0})",
}
"""The slope of each activation, in its own value."""


def _slope_in(activation: str, value: str) -> str:
    return _SLOPE_IN[activation].replace("{0}", value)


@cache
def _through_time(activation: str, last: int, factor: str = "") -> str:
    """The sum over the steps of grad_h_t, the slope of the activation, and a factor ({0} is the step, {1} the one before)."""
    if last > MAX_TERMS:
        return ""
    steps = range(1, last + 1)
    return " + ".join(f"grad_h_{t}{_slope_in(activation, f'h_{t}')}{factor.format(t, t - 1)}" for t in steps)


@cache
def _over_outputs(activation: str, outputs: str, last: int, factor: str = "") -> str:
    """The sum over the outputs of grad_y, the slope of the output's activation, and a factor ({0} is the step)."""
    if last > MAX_TERMS or activation not in _SLOPE_IN:
        return ""
    at = {t: f"_{t}" for t in range(1, last + 1)} if outputs == "every" else {last: ""}
    return " + ".join(f"grad_y{sign}{_slope_in(activation, f'y{sign}')}{factor.format(t)}" for t, sign in at.items())


def _grad_h_formula(t: int, last: int, given: RNN) -> str:
    if given.output_activation not in _SLOPE_IN:
        return ""
    at = f"_{t}" if given.outputs == "every" else ""
    here = f"grad_y{at}{_slope_in(given.output_activation, f'y{at}')} W_y"
    later = f"grad_h_{t + 1}{_slope_in(given.activation, f'h_{t + 1}')} W_h"
    if t == last:
        return here
    return f"{here} + {later}" if given.outputs == "every" else later


def _moved(given: RNN, inner: dict[int, float], h: list[float]) -> float:
    return given.W_y - given.lr * sum(inner[t] * h[t] for t in inner)


def _count(given: RNN, work: Working) -> None:
    """Parameters and multiply-adds from sizes alone."""
    n, m, o, T = given.inputs, given.hidden, given.outputs_size, given.steps
    directions = 2 if given.bidirectional else 1
    deeper = (given.layers - 1) * (directions * m * m + m * m)
    recurrent = directions * (n * m + m * m + deeper)
    weights = work(
        "weights", recurrent + directions * m * o,
        formula="n m + m m + m o" if directions == given.layers == 1 else "", names={"n": n, "m": m, "o": o},
        slips={
            "left out the recurrent weights": lambda: recurrent + directions * m * (o - m * given.layers),
            "left out the output layer": lambda: recurrent,
            "multiplied by the number of steps": lambda: T * (recurrent + directions * m * o),
        },
    )  # fmt: skip
    biases = work(
        "biases", given.bias_vectors * directions * given.layers * m + (o if given.bias_vectors else 0),
        slips={"left out the bias of the output": lambda: given.bias_vectors * directions * given.layers * m},
    )  # fmt: skip
    work(
        "params", weights + biases, formula="weights + biases",
        slips={
            "left out the biases": lambda: weights,
            "multiplied by the number of steps": lambda: T * (weights + biases),
        },
    )  # fmt: skip
    work("macs", T * weights, formula="T weights", names={"T": T}, slips={"counted a single step": lambda: weights})
