"""Fully connected network: forward, loss, back-propagation and one gradient step; or its counts from sizes alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.given import GivenError, Givens, Reader, array, kind_of, option, real, special
from hwcheck.kernels import activations, curves, losses
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.working import Working
from hwcheck.yamltree import Node, Scalar, Sequence

MAX_LAYERS = 1_000
Curve = Callable[[Any], Any]


class Activation(NamedTuple):
    """A function of each entry, and its slope in its input; `text` is that slope in the output, for formulas."""

    function: Curve
    slope: Callable[[Any, float], Any]
    text: str = ""


ACTIVATIONS = {
    "identity": Activation(activations.identity, lambda z, _: 1.0 + 0.0 * z, "1"),
    "relu": Activation(activations.relu, curves.heaviside, "sign({0})"),
    "sigmoid": Activation(
        activations.sigmoid, lambda z, _: activations.slope_sigmoid(activations.sigmoid(z)), "{0} * (1 - {0})"
    ),
    "tanh": Activation(activations.tanh, lambda z, _: 1.0 - np.tanh(z) ** 2, "1 - {0} * {0}"),
    "leaky_relu": Activation(activations.leaky_relu, lambda z, at: curves.slope_leaky_relu(z, 0.01, at)),
    "elu": Activation(curves.elu, lambda z, at: curves.slope_elu(z, 1.0, at)),
    "softplus": Activation(curves.softplus, lambda z, _: activations.sigmoid(z)),
    "gelu": Activation(activations.gelu, lambda z, _: curves.slope_gelu(z)),
    "swish": Activation(curves.swish, lambda z, _: curves.slope_swish(z)),
    "square": Activation(lambda z: z * z, lambda z, _: 2.0 * z),
    "heaviside": Activation(partial(curves.heaviside, at_zero=0.5), lambda z, _: 0.0 * z),
    "step": Activation(partial(curves.heaviside, at_zero=1.0), lambda z, _: 0.0 * z),
    "softmax": Activation(activations.softmax, lambda z, _: 1.0 + 0.0 * z),
}
"""The slope of softmax is no function of an entry; it is worked out from all of a sample."""


def _sizes(reader: Reader, node: Node) -> tuple[int, ...]:
    if not isinstance(node, Sequence):
        raise GivenError(node, f"expected a list of sizes, found {kind_of(node)}")
    if not 2 <= len(node.items) <= MAX_LAYERS:
        raise GivenError(node, f"expected from 2 to {MAX_LAYERS:,} sizes, inputs first, found {len(node.items):,}")
    return tuple(reader.integer(item, 1) for item in node.items)


def _arrays(reader: Reader, node: Node) -> tuple[Array, ...]:
    """A list of arrays, one a layer."""
    if not isinstance(node, Sequence) or not node.items:
        raise GivenError(node, f"expected a list with one entry a layer, found {kind_of(node)}")
    return tuple(np.asarray(reader.array(item)) for item in node.items)


def _biases(reader: Reader, node: Node) -> tuple[Array, ...] | bool:
    if isinstance(node, Scalar) and node.text.strip() in ("true", "false"):
        return node.text.strip() == "true"
    return _arrays(reader, node)


def _activation(reader: Reader, node: Node) -> tuple[str, ...] | str:
    if isinstance(node, Sequence):
        return tuple(reader.word(item, tuple(ACTIVATIONS)) for item in node.items)
    return reader.word(node, tuple(ACTIVATIONS))


class MLP(Givens):
    """What is given: the weights of every layer and an input, or the sizes of the layers."""

    layers: tuple[int, ...] = special(
        _sizes, expects="a list of sizes",
        doc="sizes only: the number of inputs, of every hidden layer's units, and of outputs",
    )  # fmt: skip
    bias: bool = option(True, False, doc="sizes only: whether every unit has a bias")
    x: Array = array("n", "N n", "", doc="the input; rows are samples")
    W: tuple[Array, ...] = special(
        _arrays, expects="a list of matrices",
        doc="the weights, one matrix a layer: (in, out) under `vectors: row`, (out, in) under `column`",
    )  # fmt: skip
    b: tuple[Array, ...] = special(
        _arrays, default=(), expects="a list of vectors", doc="the biases, one vector a layer; 0 where they are not given"
    )  # fmt: skip
    activation: tuple[str, ...] | str = special(
        _activation, default="identity", expects="a word, or a list with one a layer",
        doc=f"the activation of every layer, the last included: {', '.join(ACTIVATIONS)}",
    )  # fmt: skip
    y: Array = array(
        "", "n_y", "N n_y", doc="what the output should be: values, a class index for cross_entropy, a distribution"
    )
    loss: str = option(*losses.NAMES, "output", doc="the loss; output: the sum of the outputs itself")
    upstream: Array = array("", "n_y", "N n_y", doc="instead of y and loss: the slope of the objective in the output")
    reduction: str = option(
        "mean", "sum", doc="over samples; over all entries for squares and distances",
        others={"mean": "averaged the loss", "sum": "summed the loss"},
    )  # fmt: skip
    vectors: str = option(
        "row", "column", doc="row: x W + b; column: W x + b",
        others={"row": "took vectors as rows", "column": "took vectors as columns"},
    )  # fmt: skip
    at_zero: float = option(
        0, 1, 0.5, doc="the slope of relu and its kin at 0",
        others={0: "took the slope at 0 as 0", 1: "took the slope at 0 as 1", 0.5: "took the slope at 0 as ½"},
    )  # fmt: skip
    lr: float = real(above=0, sign="η", doc="the learning rate of one gradient step")


@kind(
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), chapter 6; Rumelhart, Hinton and Williams (1986)",
    quantities={
        "inputs": "the number of inputs",
        "outputs": "the number of outputs",
        "params.L": "the number of parameters of layer L; layer 1 comes after the inputs",
        "weights": "the number of weights of the whole network",
        "biases": "the number of biases of the whole network",
        "params": "the number of parameters of the whole network",
        "z.L": "layer L before its activation",
        "a.L": "layer L after its activation",
        "p": "the output",
        "loss": "the loss",
        "grad_a.L": "slope of the objective in a.L",
        "grad_z.L": "slope of the objective in z.L",
        "grad_W.L": "slope of the objective in the weights of layer L, summed over the samples",
        "grad_b.L": "slope of the objective in the biases of layer L, summed over the samples",
        "grad_x": "slope of the objective in the input",
        "new_W.L": "the weights of layer L after one gradient step",
        "new_b.L": "the biases of layer L after one gradient step",
    },
    signs={"p": "ŷ", "loss": "ℓ"},
    examples=(
        """
        given: {layers: [784, 16, 10]}
        parts: {a: {ask: inputs}, b: {ask: params.1}, c: {ask: params}}
        """,
        """
        given: {layers: [5, 7, 4, 3]}
        parts: {a: {ask: outputs}, b: {ask: params.3}, c: {ask: weights}, d: {ask: biases}, e: {ask: params}}
        """,
        """
        given: {layers: [6, 5, 2], bias: false}
        parts: {a: {ask: params.2}, b: {ask: params}}
        """,
        """
        given:
          x: [0.5, -1, 2]
          W: [[[0.2, -0.4], [0.7, 0.1], [-0.3, 0.6]], [[0.5, -0.8, 0.3], [1.2, 0.4, -0.6]]]
          b: [[0.1, -0.2], [0.05, 0.3, -0.1]]
          activation: [tanh, softmax]
          y: 2
          loss: cross_entropy
          lr: 0.1
        parts: {a: {ask: z.1}, b: {ask: p}, c: {ask: loss}, d: {ask: grad_W.1}, e: {ask: new_b.2}}
        """,
        """
        given:
          x: [[1, 0.5], [-0.4, 2], [0.3, -1.5]]
          W: [[[0.6, -0.2], [0.3, 0.8], [-0.5, 0.4]], [[0.7, -0.9, 0.2]]]
          b: [[0.2, -0.1, 0.4], [0.1]]
          activation: [relu, sigmoid]
          y: [[1], [0], [1]]
          loss: bce
          vectors: column
          lr: 0.5
        parts: {a: {ask: a.1}, b: {ask: grad_z.2}, c: {ask: grad_W.2}, d: {ask: grad_x}}
        """,
        """
        given:
          x: [[1, -2, 0.5], [0.3, 0.8, -1]]
          W: [[[0.4, -0.3], [0.2, 0.9], [-0.6, 0.5]], [[1.1, 0.3], [-0.7, 0.8]]]
          b: [[0.3, 0.1], [-0.2, 0.4]]
          activation: [sigmoid, identity]
          y: [[1, 0], [-0.5, 2]]
          loss: mse
        parts: {a: {ask: loss}, b: {ask: grad_a.1}}
        """,
        """
        given:
          x: [0, 2]
          W: [[[1, -0.5], [0.5, 0.25]], [[2], [-3]]]
          b: [[-1, 0.2], [0.5]]
          activation: [relu, identity]
          upstream: [1.5]
        parts: {a: {ask: grad_z.1}, b: {ask: grad_b.1}, c: {ask: grad_z.1, given: {at_zero: 0.5}}}
        """,
    ),
)
def mlp(given: MLP, work: Working) -> None:
    """Fully connected network: forward pass, loss, back-propagation and one gradient step; or counts from sizes alone.

    z_L = a_{L-1} W_L + b_L and a_L = φ_L(z_L), with a_0 = x; under `vectors: column` z_L = W_L a_{L-1} + b_L. Rows of x are
    samples; gradients of weights and biases are summed over them, and `loss` follows `reduction`. `grad_X` is the slope of
    the loss in X, or of sum(upstream · p). In counts, each of the n_L units of layer L has a weight for each of its n_{L-1}
    inputs and, with biases, one bias.
    """
    if "layers" in given:
        _count(work, given.layers, given.bias)
        return
    net = _Net(given)
    _count(work, net.sizes, bool(given.b))
    a, last = [net.x], len(net.W)
    zs: list[Array] = []
    for L, (W, b) in enumerate(zip(net.W, net.b, strict=True), 1):
        before, name = a[-1], net.activations[L - 1]
        phi = ACTIVATIONS[name].function
        z = net.back(
            work(
                f"z.{L}", net.out(before @ W + b), formula=net.affine(L, bool(given.b)),
                names={"a_{L-1}": net.out(before), "W_L": net.written(W), "b_L": b},
                slips={
                    **({"left out the bias": lambda before=before, W=W: net.out(before @ W)} if given.b else {}),
                    "took the weights for their transpose": lambda before=before, W=W, b=b: net.out(before @ W.T + b),
                },
            )
        )  # fmt: skip
        zs.append(z)
        a.append(
            net.back(
                work(
                    f"a.{L}", net.out(phi(z)), formula="φ(z_L)", names={"φ": phi, "z_L": net.out(z)},
                    slips={} if name == "identity" else {"left out the activation": lambda z=z: net.out(z)},
                )
            )
        )  # fmt: skip
    p = net.back(work("p", net.out(a[-1]), formula="a_L", names={"a_L": net.out(a[-1])}))
    a[-1] = p

    if "upstream" in given:
        grad, formula = net.like(given.upstream, p, "upstream"), "upstream"
        wrong: dict[str, Callable[[], Any]] = {}
        names: dict[str, Any] = {"upstream": given.upstream}
    else:
        grad, wrong = _loss(given, net, work, p)
        formula, names = _slope_of_loss(given, net, p)

    gradients: dict[str, Array] = {}
    for L in range(last, 0, -1):
        name, z, before, W = net.activations[L - 1], zs[L - 1], a[L - 1], net.W[L - 1]
        grad_a = net.back(
            work(
                f"grad_a.{L}", net.out(grad),
                formula=formula if last == L else net.through(L + 1),
                names=names if last == L else {"W_{L+1}": net.written(net.W[L])},
                slips=wrong if last == L else _back_slips(net, gradients["z"], net.W[L]),
            )
        )  # fmt: skip
        slope = partial(_before, name, z, at_zero=float(given.at_zero))
        grad_z = net.back(
            work(
                f"grad_z.{L}", net.out(slope(grad_a)), formula=_slope_formula(name, L), names={"a_L": net.out(a[L])},
                slips=_slope_slips(net, name, z, a[L], grad_a, float(given.at_zero)),
            )
        )  # fmt: skip
        gradients["z"] = grad_z
        grad_W = work(
            f"grad_W.{L}", net.written(before.T @ grad_z), formula=net.weight_slope(L),
            names={"a_{L-1}": net.out(before)},
            slips={} if net.samples == 1 else {
                "took the first sample only": lambda before=before, g=grad_z: net.written(np.outer(before[0], g[0])),
                "averaged the gradient over the samples again":
                    lambda before=before, g=grad_z: net.written(before.T @ g) / net.samples,
            },
        )  # fmt: skip
        grad_b = work(
            f"grad_b.{L}", grad_z.sum(axis=0), formula=f"grad_z_{L}" if net.samples == 1 else "",
            slips={} if net.samples == 1 else {"took the first sample only": lambda g=grad_z: g[0]},
        )  # fmt: skip
        gradients[f"W.{L}"], gradients[f"b.{L}"] = grad_W, grad_b
        grad = grad_z @ W.T
    work("grad_x", net.out(grad), formula=net.through(1), names={"W_{L+1}": net.written(net.W[0])},
         slips=_back_slips(net, gradients["z"], net.W[0]))  # fmt: skip

    for L in range(1, last + 1):
        for letter, weight in (("W", net.written(net.W[L - 1])), ("b", net.b[L - 1])):
            gradient = gradients[f"{letter}.{L}"]
            work(
                f"new_{letter}.{L}", weight - given.lr * gradient, formula=f"{letter}_L - η grad_{letter}_{L}",
                names={f"{letter}_L": weight},
                slips={
                    "moved up the gradient": lambda w=weight, g=gradient: w + given.lr * g,
                    "left the weight as it was": lambda w=weight: w,
                    f"left out the learning rate{' for the bias' if letter == 'b' else ''}":
                        lambda w=weight, g=gradient: w - g,
                },
            )  # fmt: skip


class _Net:
    """The numbers of one network, with samples as rows and weights (in, out)."""

    def __init__(self, given: MLP) -> None:
        self.given = given
        x = np.asarray(given.x, dtype=np.float64)
        self.rank = x.ndim
        self.x = np.array(x.reshape(1, -1) if x.ndim < 2 else x)
        self.samples = len(self.x)
        self.columns = given.vectors == "column"
        self.W: list[Array] = []
        width = self.x.shape[1]
        for L, weights in enumerate(given.W, 1):
            matrix = self._matrix(weights, width)
            if matrix.ndim != 2 or matrix.shape[0] != width:
                size = " × ".join(map(str, weights.shape)) or "a number"
                raise Undefined(
                    f"W: the matrix of layer {L} is {size}, and the layer has {width} inputs (vectors: {given.vectors})"
                )
            self.W.append(matrix)
            width = matrix.shape[1]
        self.b = [self._bias(L, matrix.shape[1]) for L, matrix in enumerate(self.W)]
        names = given.activation
        self.activations = [names] * len(self.W) if isinstance(names, str) else [*names]
        if len(self.activations) != len(self.W):
            raise Undefined(f"`activation` has {len(self.activations)} entries, and there are {len(self.W)} layers")

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, units of every layer."""
        return (self.x.shape[1], *(matrix.shape[1] for matrix in self.W))

    def _matrix(self, weights: Array, width: int) -> Array:
        if weights.ndim < 2:
            return weights.reshape(width, -1) if weights.size % width == 0 else weights
        return np.ascontiguousarray(weights.T if self.columns else weights)

    def _bias(self, L: int, width: int) -> Array:
        if not self.given.b:
            return np.zeros(width)
        if len(self.given.b) <= L:
            raise Undefined(f"`b` has {len(self.given.b)} entries, and there are {len(self.W)} layers")
        bias = self.given.b[L].ravel()
        if bias.size != width:
            raise Undefined(f"b: the vector of layer {L + 1} has length {bias.size}, and the layer has {width} units")
        return np.array(bias)

    def out(self, rows: Array) -> Any:
        """A value with samples as rows as the problem writes it: a vector for a single sample."""
        return rows if self.rank == 2 else rows[0]

    def back(self, value: Any) -> Array:
        """What `work` handed back, with samples as rows."""
        return np.asarray(value).reshape(1, -1) if self.rank < 2 else np.asarray(value)

    def written(self, weights: Array) -> Array:
        """Weights as the problem writes them."""
        return weights.T if self.columns else weights

    def like(self, value: Any, p: Array, name: str) -> Array:
        """A given of the size of the output."""
        found = np.asarray(value, dtype=np.float64)
        if found.size != p.size:
            raise Undefined(f"`{name}` has {found.size} numbers, and the output has {p.size}")
        return found.reshape(p.shape)

    def target(self, p: Array) -> Array:
        """What the output should be, class indices as rows with a single 1."""
        y = np.asarray(self.given.y, dtype=np.float64)
        if self.given.loss == "cross_entropy" and y.size == len(p) and p.shape[1] > 1:
            labels = y.ravel()
            if not all(label == int(label) and 0 <= label < p.shape[1] for label in labels):
                raise Undefined(f"`y` has classes, which count from 0 to {p.shape[1] - 1}")
            rows: Array = np.eye(p.shape[1])[labels.astype(int)]
            return rows
        return self.like(y, p, "y")

    def affine(self, L: int, bias: bool) -> str:
        """z_L as a person writes it."""
        product = "W_L a_{L-1}" if self.columns else "a_{L-1} W_L"
        return product + (" + b_L" if bias else "")

    def through(self, L: int) -> str:
        """The slope in what goes into layer L."""
        return f"W_{{L+1}}^T grad_z_{L}" if self.columns else f"grad_z_{L} W_{{L+1}}^T"

    def weight_slope(self, L: int) -> str:
        """The slope in the weights of layer L."""
        if self.columns and self.samples == 1:
            return f"grad_z_{L} a_{{L-1}}^T"
        return f"a_{{L-1}}^T grad_z_{L}" if not self.columns else ""


def _loss(given: MLP, net: _Net, work: Working, p: Array) -> tuple[Array, dict[str, Callable[[], Any]]]:
    """Record the loss; its slope in the output, and the slips of that."""
    if given.loss == "output":
        work("loss", float(p.sum()), formula="sum(p)")
        return np.ones_like(p), {}
    target = net.target(p)
    other = "sum" if given.reduction == "mean" else "mean"
    name = given.loss
    twin = {
        "half_mse": "mse",
        "mse": "half_mse",
        "half_sum_squares": "sum_squares",
        "sum_squares": "half_sum_squares",
    }.get(name)
    half = "left out the ½" if name.startswith("half") else "put in a ½"

    def value(name: str, reduction: str) -> float:
        return losses.loss(name, p, target, reduction)

    def slope(name: str, reduction: str) -> Any:
        return net.out(losses.slope(name, p, target, reduction))

    work(
        "loss", value(name, given.reduction), formula=_LOSSES.get(name, "") if net.samples == 1 else "",
        names={"t": net.out(target)},
        slips={
            **({half: lambda: value(twin, given.reduction)} if twin else {}),
            **({"took the logarithm to base 10": lambda: value(name, given.reduction) / float(np.log(10))}
               if name in ("bce", "cross_entropy") else {}),
        },
    )  # fmt: skip
    grad = losses.slope(name, p, target, given.reduction)
    wrong: dict[str, Callable[[], Any]] = {
        "took target minus output": lambda: -net.out(grad),
        "averaged the loss but summed the gradient" if other == "sum" else "summed the loss but averaged the gradient":
            lambda: slope(name, other),
    }  # fmt: skip
    if twin:
        wrong[half] = lambda: slope(twin, given.reduction)
    return grad, wrong


_LOSSES = {
    "half_mse": "1/2 mean((p - t) * (p - t))", "mse": "mean((p - t) * (p - t))",
    "half_sum_squares": "1/2 sum((p - t) * (p - t))", "sum_squares": "sum((p - t) * (p - t))",
    "cross_entropy": "-sum(t * ln(p))", "mae": "mean(abs(p - t))",
}  # fmt: skip


def _slope_of_loss(given: MLP, net: _Net, p: Array) -> tuple[str, dict[str, Any]]:
    """The slope of the loss in the output as a person writes it, and what its names stand for."""
    if given.loss in ("output", "rmse"):
        return "", {}
    names = {"t": net.out(net.target(p)), "o": p.size, "N": net.samples}
    summed = "sum" in given.loss or given.reduction == "sum"
    text = {"cross_entropy": "-t / p", "bce": "(p - t) / (p * (1 - p))", "mae": "sign(p - t)"}.get(given.loss, "")
    if given.loss in losses.SQUARES:
        text = "p - t" if given.loss.startswith("half") else "2 (p - t)"
    share = "N" if given.loss in ("bce", "cross_entropy") else "o"
    if not text or summed or names[share] == 1:
        return text, names
    return f"({text})/{share}", names


def _before(name: str, z: Array, grad_a: Array, *, at_zero: float) -> Array:
    """The slope before an activation."""
    if name == "softmax":
        p = activations.softmax(z)
        return np.asarray(p * (grad_a - (grad_a * p).sum(axis=1, keepdims=True)))
    return np.asarray(grad_a * ACTIVATIONS[name].slope(z, at_zero))


def _slope_formula(name: str, L: int) -> str:
    if name == "identity":
        return f"grad_a_{L}"
    text = ACTIVATIONS[name].text.replace("{0}", "a_L")
    return f"grad_a_{L} * ({text})" if text else ""


def _slope_slips(
    net: _Net, name: str, z: Array, a: Array, grad_a: Array, at_zero: float
) -> dict[str, Callable[[], Any]]:
    if name == "identity":
        return {}
    slips: dict[str, Callable[[], Any]] = {"left out the derivative of the activation": lambda: net.out(grad_a)}
    if name == "softmax":
        slips["took the Jacobian of softmax as diagonal"] = lambda: net.out(grad_a * a * (1 - a))
    else:
        slips["took the derivative at the wrong value"] = lambda: net.out(grad_a * ACTIVATIONS[name].slope(a, at_zero))
    return slips


def _back_slips(net: _Net, grad_z: Array, W: Array) -> dict[str, Callable[[], Any]]:
    return {"took the weights for their transpose": lambda: net.out(grad_z @ W)}


def _count(work: Working, layers: tuple[int, ...], bias: bool) -> None:
    """Weights, biases and parameters from the sizes of the layers."""
    sizes = list(layers)
    exchanged = "exchanged inputs and outputs"
    sizes[0] = work("inputs", layers[0], slips={exchanged: lambda: layers[-1]})
    sizes[-1] = work("outputs", layers[-1], slips={exchanged: lambda: layers[0]})

    last = len(sizes) - 1
    each = 1 if bias else 0
    """biases of a unit"""
    counts = []
    for L in range(1, last + 1):
        n, m = sizes[L - 1], sizes[L]
        counts.append(
            work(f"params.{L}", n * m + each * m, formula="n m + m" if bias else "n m", names={"n": n, "m": m},
                 slips=_layer_slips(sizes, L, each))
        )  # fmt: skip

    fan_in = [sizes[max(L - 2, 0)] for L in range(1, last + 1)]
    """the number of inputs as somebody takes it who is one layer too early"""
    counted = sum(n * m for n, m in pairwise(sizes))
    weights = work(
        "weights", counted,
        formula=_joined([f"n_{L - 1} n_{L}" for L in range(1, last + 1)]), names=_named(sizes),
        slips={
            "added the sizes instead of multiplying": lambda: sum(sizes[:-1]) + sum(sizes[1:]),
            **({"took the fan-in of another layer": lambda: sum(n * m for n, m in zip(fan_in, sizes[1:], strict=True))}
               if last > 1 else {}),
        },
    )  # fmt: skip
    units = each * sum(sizes[1:])
    biases = work(
        "biases", units,
        formula=_joined([f"n_{L}" for L in range(1, last + 1)]) if bias else "", names=_named(sizes),
        slips=_bias_slips(sizes, last, each),
    )  # fmt: skip

    # On paper the total is the sum of the layers, or that of weights and biases where somebody counted those himself.
    by_layer = (weights, biases) == (counted, units)
    work(
        "params", sum(counts) if by_layer else weights + biases,
        formula=_joined([f"params_{L}" for L in range(1, last + 1)]) if by_layer else "weights + biases",
        slips={
            **({"left out the biases": lambda: weights} if bias else {}),
            **({"left out the hidden biases": lambda: weights + sizes[-1]} if bias and last > 1 else {}),
        },
    )  # fmt: skip


def _layer_slips(sizes: list[int], L: int, each: int) -> dict[str, Any]:
    n, m = sizes[L - 1], sizes[L]
    slips: dict[str, Any] = {"added the sizes instead of multiplying": lambda: n + m + each * m}
    if each:
        slips["left out the biases"] = lambda: n * m
        slips["counted one bias for the whole layer"] = lambda: n * m + 1
    else:
        slips["counted biases where there are none"] = lambda: n * m + m
    if L > 1:
        slips["took the fan-in of another layer"] = lambda: sizes[L - 2] * m + each * m
    return slips


def _bias_slips(sizes: list[int], last: int, each: int) -> dict[str, Any]:
    if not each:
        return {"counted biases where there are none": lambda: sum(sizes[1:])}
    slips: dict[str, Any] = {
        "counted one bias for the whole layer": lambda: last,
        "counted a bias for every input too": lambda: sum(sizes),
    }
    if last > 1:
        slips["left out the hidden biases"] = lambda: sizes[-1]
    return slips


def _named(sizes: list[int]) -> dict[str, int]:
    return {f"n_{L}": size for L, size in enumerate(sizes)}


def _joined(terms: list[str]) -> str:
    """A sum of a few terms; a long one is not written out."""
    return " + ".join(terms) if len(terms) <= 8 else ""
