"""Elman network: numbers or vectors, forward, back through time, one gradient step; or its counts from sizes alone."""

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

Real = Any
"""A float, or a vector."""


class RNN(Givens):
    """What is given: numbers or vectors for a working by hand, or sizes only for counting parameters."""

    x: Array = array(
        "T n", "T", doc="the inputs x_1, x_2, …, one row a step; a list of numbers where an input is a number"
    )
    h0: float | Array = array(
        "", "m", default=0.0, sign="h_0", doc="the state before the first step", misread={"took h_0 as 0": 0.0}
    )
    W_x: float | Array = array("", "m n", turns=True, doc="weights of the input; n × m under `vectors: row`")
    W_h: float | Array = array(
        "", "m m", turns=True, doc="weights of the previous state, m × m; not needed for a single step"
    )
    b: float | Array = array("", "m", default=0.0, doc="bias of the state")
    W_y: float | Array = array("", "o m", turns=True, doc="weights of the output; m × o under `vectors: row`")
    b_y: float | Array = array("", "o", default=0.0, doc="bias of the output")
    activation: str = option("tanh", "identity", "relu", "sigmoid", doc="φ, applied to the state")
    output_activation: str = option("identity", "sigmoid", "softmax", doc="ψ, applied to the output")
    target: float | Array = array(
        "", "o?", "T o", sign="t",
        doc="what the output should be: a number, a class index for cross_entropy, or a vector; one a step with `outputs: every`",
    )  # fmt: skip
    outputs: str = option("last", "every", doc="whether only the last step has an output")
    loss: str = option(*losses.NAMES, doc="the loss of one output")
    over_time: str = option(
        "sum", "mean", doc="how the losses of the steps are joined",
        others={"sum": "summed the losses over the steps", "mean": "averaged the losses over the steps"},
    )  # fmt: skip
    lr: float = real(above=0, sign="η", doc="the learning rate of one gradient step")
    vectors: str = option(
        "column", "row", doc="column: W x; row: x W, with every matrix the other way round",
        others={"column": "took vectors as columns", "row": "took vectors as rows"},
    )  # fmt: skip
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
    signs={"y": "ŷ", "loss": "ℓ"},
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
        given:
          x: [[0.5, -1], [0.2, 0.4]]
          h0: [0.1, -0.3, 0.2]
          W_x: [[0.2, -0.4], [0.6, 0.1], [-0.3, 0.5]]
          W_h: [[0.3, -0.1, 0.2], [0.4, 0.2, -0.6], [0.1, 0.7, -0.2]]
          b: [0.1, -0.2, 0.05]
          W_y: [[0.7, -0.5, 0.2], [0.1, 0.9, -0.4]]
          b_y: [0.2, -0.1]
          output_activation: softmax
          loss: cross_entropy
          target: 1
          lr: 0.5
        parts: {a: {ask: h}, b: {ask: y}, c: {ask: grad_W_h}, d: {ask: new_W_x}}
        """,
        """
        given:
          x: [[1, 0.5], [-0.5, 2]]
          W_x: [[0.4, -0.2, 0.1], [0.3, 0.6, -0.5]]
          W_h: [[0.2, 0.5, 0.1], [-0.3, 0.4, 0.6], [0.7, -0.1, 0.3]]
          W_y: [[0.5, 1], [-0.4, 0.2], [0.3, -0.8]]
          b: [0.1, -0.2, 0.3]
          b_y: [0.2, -0.4]
          target: [[1, 0], [0.5, -1]]
          outputs: every
          activation: sigmoid
          loss: mse
          vectors: row
        parts: {a: {ask: h.2}, b: {ask: y}, c: {ask: grad_W_x}, d: {ask: jacobian.2}}
        """,
        """
        given: {inputs: 3, hidden: 4, outputs_size: 2, steps: 5}
        parts: {a: {ask: params}}
        """,
    ),
)
def rnn(given: RNN, work: Working) -> None:
    """Elman network: forward pass, loss, back-propagation through time, one gradient step.

    h_t = φ(W_x x_t + W_h h_{t-1} + b), y = ψ(W_y h_T + b_y). Inputs, states and outputs are numbers, or vectors: columns, with
    weights m × n, m × m and o × m, or rows under `vectors: row`, with all of these the other way round. `grad_X` is the slope
    of the loss in X, and `jacobian.t` has ∂h_t,i / ∂h_{t-1},j in row i, column j.
    """
    if "hidden" in given:
        _count(given, work)
        return
    net = _Net(given)
    phi, slope = FUNCTIONS[given.activation], SLOPES[given.activation]
    x, h = net.x, [net.h0]
    last = len(x)
    for t, x_t in enumerate(x, start=1):
        before = h[-1]
        z = work(
            f"z.{t}", net.state(x_t, before),
            formula=net.sum_of(("W_x", "x_t"), ("W_h", "h_{t-1}"), "b"),
            names={"x_t": x_t, "h_{t-1}": before, "W_h": net.shown(net.W_h)},
            slips=_state_slips(net, t, x_t, before),
        )  # fmt: skip
        h.append(
            work(f"h.{t}", net.like(phi(z)), formula="φ(z_t)",
                 names={"φ": phi, "z_t": z, "x_t": x_t, "h_{t-1}": before},
                 slips={"left out the activation": lambda z=z: z})
        )  # fmt: skip

    asked = range(1, last + 1) if given.outputs == "every" else range(last, last + 1)
    psi = FUNCTIONS[given.output_activation]
    y = {
        t: work(
            _at("y", t, given), net.like(psi(net.output(h[t]))),
            formula=f"ψ({net.sum_of(('W_y', 'h_t'), 'b_y')})", names={"ψ": psi, "h_t": h[t]},
            slips={
                "left out the bias": lambda t=t: net.like(psi(net.output(h[t], bias=False))),
                "left out the output activation": lambda t=t: net.output(h[t]),
            },
        )
        for t in asked
    }  # fmt: skip

    target = dict(zip(asked, net.targets(asked, y[last]), strict=True))
    share = 1 / len(asked) if given.over_time == "mean" else 1.0
    work(
        "loss", share * sum(losses.loss(given.loss, y[t], target[t]) for t in asked),
        formula=_loss_formula(given.loss, net.scalar) if len(asked) == 1 else "",
        names={"t": target[last], "o": np.size(target[last])},
        slips=_other_squares(given, lambda name: share * sum(losses.loss(name, y[t], target[t]) for t in asked)),
    )  # fmt: skip

    grad_y = {
        t: work(
            _at("grad_y", t, given), share * losses.slope(given.loss, y[t], target[t]),
            formula=_slope_formula(given.loss, net.scalar) if share == 1 else "",
            names={"t": target[t], "y": y[t], "o": np.size(y[t])},
            slips={
                "took target minus output": lambda t=t: -share * losses.slope(given.loss, y[t], target[t]),
                **_other_squares(given, lambda name, t=t: share * losses.slope(name, y[t], target[t])),
            },
        )
        for t in asked
    }  # fmt: skip
    inner = {t: _before_activation(given.output_activation, y[t], grad_y[t]) for t in asked}
    """slope in the output before its activation"""

    grad_h = dict.fromkeys(range(1, last + 2), 0.0 * net.h0)
    delta = dict.fromkeys(range(1, last + 2), 0.0 * net.h0)
    """slope in the state before its activation"""
    for t in range(last, 0, -1):
        from_output = net.back(net.W_y, inner[t]) if t in inner else 0.0 * net.h0
        from_later = net.back(net.W_h, delta[t + 1])
        grad_h[t] = work(
            f"grad_h.{t}", from_output + from_later,
            formula=_grad_h_formula(t, last, given, net), names={"W_h": net.shown(net.W_h), **_states(h), **_outputs(given, y)},
            slips={
                **({"left out the later steps": lambda v=from_output: v} if t in inner and t < last else {}),
                **({"left out the recurrent weight": lambda t=t, v=from_output: v + delta[t + 1]} if t < last else {}),
                **({"left out the derivative of the activation":
                    lambda t=t, v=from_output: v + net.back(net.W_h, grad_h[t + 1])}
                   if t < last and given.activation != "identity" else {}),
                **({"went back through the new weight instead of the old":
                    lambda t=t: net.back(net.W_y - given.lr * sum(net.outer(inner[s], h[s]) for s in inner), inner[t])}
                   if t == last and "lr" in given else {}),
                **({"took the weights for their transpose": lambda t=t, v=from_output: v + net.times(net.W_h, delta[t + 1])}
                   if t < last and not net.scalar else {}),
            },
        )  # fmt: skip
        delta[t] = grad_h[t] * net.like(slope(h[t]))
        work(
            f"jacobian.{t}", net.scaled(net.like(slope(h[t])), net.W_h),
            formula=_jacobian_formula(given, net), names={"W_h": net.shown(net.W_h), "h_t": h[t]},
            slips={} if given.activation == "identity" else {
                "left out the derivative of the activation": lambda: net.scaled(1.0 + 0.0 * net.h0, net.W_h)
            },
        )  # fmt: skip

    steps = range(1, last + 1)
    inputs = {f"x_{t}": x[t - 1] for t in steps}
    grad_W_x = work(
        "grad_W_x", net.turned(sum(net.outer(delta[t], x[t - 1]) for t in steps)),
        formula=_through_time(given.activation, last, net.way, "x_{0}"), names={**inputs, **_states(h)},
        slips={"took only the last step's gradient": lambda: net.turned(net.outer(delta[last], x[-1]))},
    )  # fmt: skip
    grad_W_h = work(
        "grad_W_h", net.turned(sum(net.outer(delta[t], h[t - 1]) for t in steps)),
        formula=_through_time(given.activation, last, net.way, "h_{1}"), names=_states(h),
        slips={
            "took only the last step's gradient": lambda: net.turned(net.outer(delta[last], h[last - 1])),
            "took the state of the step itself for the one before":
                lambda: net.turned(sum(net.outer(delta[t], h[t]) for t in steps)),
        },
    )  # fmt: skip
    grad_b = work(
        "grad_b", sum(delta[t] for t in steps),
        formula=_through_time(given.activation, last, net.way), names=_states(h),
        slips={"took only the last step's gradient": lambda: delta[last]},
    )  # fmt: skip
    grad_W_y = work(
        "grad_W_y", net.turned(sum(net.outer(inner[t], h[t]) for t in asked)),
        formula=_over_outputs(given.output_activation, given.outputs, last, net.way, "h_{0}"),
        names={**_states(h), **_outputs(given, y)},
        slips={"took only the last step's gradient": lambda: net.turned(net.outer(inner[last], h[last]))},
    )  # fmt: skip
    grad_b_y = work(
        "grad_b_y", sum(inner[t] for t in asked),
        formula=_over_outputs(given.output_activation, given.outputs, last, net.way), names=_outputs(given, y),
        slips={"took only the last step's gradient": lambda: inner[last]},
    )  # fmt: skip

    gradients = {"W_x": (net.W_x, grad_W_x), "W_h": (net.W_h, grad_W_h), "b": (net.b, grad_b),
                 "W_y": (net.W_y, grad_W_y), "b_y": (net.b_y, grad_b_y)}  # fmt: skip
    for name, (column, gradient) in gradients.items():
        weight = net.turned(column)
        work(
            f"new_{name}", weight - given.lr * gradient, formula=f"{name} - η grad_{name}",
            names={name: weight},
            slips={
                "moved up the gradient": lambda w=weight, g=gradient: w + given.lr * g,
                "left the weight as it was": lambda w=weight: w,
                "left out the learning rate": lambda w=weight, g=gradient: w - g,
            },
        )  # fmt: skip


class _Net:
    """The numbers of one network: floats, or vectors with weights as for columns."""

    def __init__(self, given: RNN) -> None:
        self.given = given
        lone = given.x.ndim == 1 and not any(
            isinstance(given.values.get(name), np.ndarray) for name in ("W_x", "W_h", "W_y", "h0", "b", "b_y")
        )
        self.scalar = lone
        self.row = given.vectors == "row" and not lone
        self.way = "" if lone else "row" if self.row else "column"
        steps = given.x.shape[0]
        if lone:
            self.x: list[Any] = [float(value) for value in given.x]
            self.W_x, self.h0, self.b = given.W_x, given.h0, given.b
            self.W_h = given.W_h if steps > 1 or "W_h" in given else 0.0
            return
        self.x = [np.array(row) for row in given.x.reshape(steps, -1)]
        self.W_x = self._weights("W_x", given.W_x)
        size = self.W_x.shape[0]
        if self.W_x.shape[1] != self.x[0].size:
            raise Undefined(
                f"W_x takes inputs of length {self.W_x.shape[1]}, and those of x have length {self.x[0].size}"
            )
        self.W_h = self._weights("W_h", given.W_h if steps > 1 or "W_h" in given else np.zeros((size, size)))
        if self.W_h.shape != (size, size):
            raise Undefined(f"W_h is {_size(self.W_h)}, and the state has length {size}")
        self.h0, self.b = self._vector("h0", given.h0, size), self._vector("b", given.b, size)

    @property
    def W_y(self) -> Any:  # noqa: N802  the name of the course
        """The weights of the output."""
        if self.scalar:
            return self.given.W_y
        weights = self._weights("W_y", self.given.W_y)
        size = np.size(self.h0)
        if weights.shape[1] != size:
            raise Undefined(f"W_y takes states of length {weights.shape[1]}, and the state has length {size}")
        return weights

    @property
    def b_y(self) -> Any:
        """The bias of the output."""
        return self.given.b_y if self.scalar else self._vector("b_y", self.given.b_y, self.W_y.shape[0])

    def _weights(self, name: str, value: Any) -> Array:
        matrix = np.atleast_2d(np.asarray(value, dtype=np.float64))
        return np.ascontiguousarray(matrix.T if self.row else matrix)

    def _vector(self, name: str, value: Any, size: int) -> Array:
        vector = np.asarray(value, dtype=np.float64)
        if vector.ndim == 0:
            return np.full(size, float(vector))
        if vector.size != size:
            raise Undefined(f"{name} has length {vector.size}, and {size} are needed")
        return vector.ravel()

    def times(self, weights: Any, vector: Any) -> Any:
        """W v."""
        return weights * vector if self.scalar else weights @ vector

    def back(self, weights: Any, vector: Any) -> Any:
        """Wᵀ v."""
        return weights * vector if self.scalar else weights.T @ vector

    def outer(self, vector: Any, other: Any) -> Any:
        """u vᵀ, the slope in the weights between them."""
        return vector * other if self.scalar else np.outer(vector, other)

    def scaled(self, slopes: Any, weights: Any) -> Any:
        """diag(s) W."""
        return slopes * weights if self.scalar else slopes[:, None] * weights

    def turned(self, weights: Any) -> Any:
        """Weights as the problem writes them; vectors and numbers as they are."""
        return weights.T if self.row and isinstance(weights, np.ndarray) and weights.ndim == 2 else weights

    def shown(self, weights: Any) -> Any:
        """Weights for a formula."""
        return self.turned(weights)

    def like(self, value: Any) -> Any:
        """A value as a float or an array."""
        return float(value) if self.scalar else np.asarray(value, dtype=np.float64)

    def state(self, x_t: Any, before: Any, *, bias: bool = True) -> Any:
        """W_x x_t + W_h h_{t-1} + b."""
        return self.times(self.W_x, x_t) + self.times(self.W_h, before) + (self.b if bias else 0.0)

    def output(self, h_t: Any, *, bias: bool = True) -> Any:
        """W_y h_t + b_y."""
        return self.times(self.W_y, h_t) + (self.b_y if bias else 0.0)

    def sum_of(self, *terms: tuple[str, str] | str) -> str:
        """A formula of weights times vectors and a bias, which is left out where it is 0."""
        texts = []
        for term in terms:
            if isinstance(term, tuple):
                texts.append(" ".join(reversed(term)) if self.row else " ".join(term))
            elif np.any(getattr(self.given, term)):
                texts.append(term)
        return " + ".join(texts)

    def targets(self, asked: range, y: Any) -> list[Any]:
        """What each asked output should be."""
        given, count = np.asarray(self.given.target, dtype=np.float64), len(asked)
        size = 1 if self.scalar else y.size
        if self.given.loss == "cross_entropy" and size > 1 and given.size == count:
            return [self._one_hot(float(label), size) for label in given.ravel()]
        if given.size != count * size:
            raise Undefined(f"`target` has {given.size} numbers, and there are {count * size} outputs")
        return [
            float(value) if self.scalar else value
            for value in (given.ravel() if self.scalar else given.reshape(count, size))
        ]

    def _one_hot(self, label: float, size: int) -> Array:
        if label != int(label) or not 0 <= label < size:
            raise Undefined(f"`target` is class {label:g}, and classes count from 0 to {size - 1}")
        row: Array = np.eye(size)[int(label)]
        return row


def _size(matrix: Array) -> str:
    return " × ".join(map(str, matrix.shape))


def _state_slips(net: _Net, t: int, x_t: Any, before: Any) -> dict[str, Any]:
    slips: dict[str, Any] = {
        "left out the previous state": lambda: net.times(net.W_x, x_t) + net.b,
        "left out the recurrent weight": lambda: net.times(net.W_x, x_t) + before + net.b,
        "left out the input": lambda: net.times(net.W_h, before) + net.b,
        "left out the bias": lambda: net.state(x_t, before, bias=False),
        "exchanged the weights of input and state": lambda: (
            net.times(net.W_h, x_t) + net.times(net.W_x, before) + net.b
        ),
    }
    if not net.scalar:
        slips["took only the diagonal of the recurrent weights"] = lambda: (
            net.times(net.W_x, x_t) + np.diag(net.W_h) * before + net.b
        )
    if t > 1:
        slips["took the input of the step before"] = lambda: net.state(net.x[t - 2], before)
    return slips


def _states(h: list[Any]) -> dict[str, Any]:
    return {f"h_{t}": state for t, state in enumerate(h)}


def _outputs(given: RNN, y: dict[int, Any]) -> dict[str, Any]:
    return {f"y_{t}": value for t, value in y.items()} if given.outputs == "every" else {"y": next(iter(y.values()))}


def _before_activation(activation: str, y: Any, slope: Any) -> Any:
    """The slope before an activation, from the slope behind it."""
    if activation == "softmax":
        return y * (slope - np.sum(slope * y))
    found = slope * SLOPES[activation](y)
    return found if isinstance(y, np.ndarray) else float(found)


_LOSS = {
    "half_mse": "1/2 (y - t)^2",
    "half_sum_squares": "1/2 (y - t)^2",
    "mse": "(y - t)^2",
    "sum_squares": "(y - t)^2",
}
_SLOPE = {"half_mse": "y - t", "half_sum_squares": "y - t", "mse": "2 (y - t)", "sum_squares": "2 (y - t)"}


def _loss_formula(loss: str, scalar: bool) -> str:
    if scalar or loss not in _LOSS:
        return _LOSS.get(loss, "") if scalar else "-sum(t * ln(y))" if loss == "cross_entropy" else ""
    half = "1/2 " if loss.startswith("half") else ""
    return f"{half}{'sum' if 'sum' in loss else 'mean'}((y - t) * (y - t))"


def _slope_formula(loss: str, scalar: bool) -> str:
    if scalar or loss not in _SLOPE:
        return _SLOPE.get(loss, "") if scalar else "-t / y" if loss == "cross_entropy" else ""
    return (
        _SLOPE[loss]
        if "sum" in loss
        else f"{_SLOPE[loss].replace('y - t', '(y - t)') if loss == 'half_mse' else _SLOPE[loss]}/o"
    )


def _at(name: str, t: int, given: RNN) -> str:
    return f"{name}.{t}" if given.outputs == "every" else name


def _other_squares(given: RNN, value: Any) -> dict[str, Any]:
    """The ½ of a squared loss, or its derivative's 2, forgotten or added."""
    other = {"half_mse": "mse", "mse": "half_mse", "half_sum_squares": "sum_squares", "sum_squares": "half_sum_squares"}
    if given.loss not in other:
        return {}
    label = "left out the ½" if given.loss.startswith("half") else "put in a ½"
    return {label: lambda: value(other[given.loss])}


MAX_TERMS = 12
_SLOPE_IN = {"identity": "", "tanh": "1 - {0}^2", "sigmoid": "{0} * (1 - {0})", "relu": "sign({0})"}
"""The slope of each activation, in its own value."""


def _slope_in(activation: str, value: str) -> str:
    return _SLOPE_IN[activation].replace("{0}", value)


def _scaled(gradient: str, activation: str, value: str, way: str) -> str:
    """A gradient times the slope of the activation: beside each other for numbers, entry by entry for vectors."""
    slope = _slope_in(activation, value)
    if not slope:
        return gradient
    return f"({gradient} * ({slope}))" if way else f"{gradient} ({slope})"


def _product(gradient: str, factor: str, way: str) -> str:
    """The slope in weights: a number times a number, or u vᵀ (vᵀ u for rows)."""
    if not factor or not way:
        return f"{gradient} {factor}".strip()
    return f"{gradient} {factor}^T" if way == "column" else f"{factor}^T {gradient}"


@cache
def _through_time(activation: str, last: int, way: str, factor: str = "") -> str:
    """The sum over the steps of grad_h_t, the slope of the activation, and a factor ({0} is the step, {1} the one before)."""
    if last > MAX_TERMS:
        return ""
    terms = [
        _product(_scaled(f"grad_h_{t}", activation, f"h_{t}", way), factor.format(t, t - 1), way)
        for t in range(1, last + 1)
    ]
    return " + ".join(terms)


@cache
def _over_outputs(activation: str, outputs: str, last: int, way: str, factor: str = "") -> str:
    """The sum over the outputs of grad_y, the slope of the output's activation, and a factor ({0} is the step)."""
    if last > MAX_TERMS or activation not in _SLOPE_IN:
        return ""
    at = {t: f"_{t}" for t in range(1, last + 1)} if outputs == "every" else {last: ""}
    terms = [
        _product(_scaled(f"grad_y{sign}", activation, f"y{sign}", way), factor.format(t), way) for t, sign in at.items()
    ]
    return " + ".join(terms)


def _grad_h_formula(t: int, last: int, given: RNN, net: _Net) -> str:
    if given.output_activation not in _SLOPE_IN:
        return ""
    at = f"_{t}" if given.outputs == "every" else ""
    here = _back("W_y", _scaled(f"grad_y{at}", given.output_activation, f"y{at}", net.way), net.way)
    later = _back("W_h", _scaled(f"grad_h_{t + 1}", given.activation, f"h_{t + 1}", net.way), net.way)
    if t == last:
        return here
    return f"{here} + {later}" if given.outputs == "every" else later


def _back(weights: str, gradient: str, way: str) -> str:
    """Wᵀ g for columns, g Wᵀ for rows."""
    return {"": f"{gradient} {weights}", "column": f"{weights}^T {gradient}", "row": f"{gradient} {weights}^T"}[way]


def _jacobian_formula(given: RNN, net: _Net) -> str:
    slope = _slope_in(given.activation, "h_t")
    weights = "W_h^T" if net.row else "W_h"
    if not slope:
        return weights
    return f"W_h ({slope})" if net.scalar else f"diag({slope}) {weights}"


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
