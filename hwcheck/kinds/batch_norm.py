"""Batch normalisation and layer normalisation: forward, and the way back."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.given import Givens, Reader, array, integer, option, real, special
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.values import show_number
from hwcheck.working import Working
from hwcheck.yamltree import Node

SHOWN = 12
"""Terms of an entry's arithmetic that are written out."""


class Axis(IntEnum):
    """Along which axis of `x` the mean is taken."""

    batch = 0
    features = 1

    def __str__(self) -> str:
        return self.name


def _read_axis(reader: Reader, node: Node) -> Axis:
    return Axis[reader.word(node, tuple(Axis.__members__))]


class BatchNorm(Givens):
    """What is given: a batch, and for the way back the slopes of the output."""

    x: Array = array(
        "m n", "m", doc="the batch: one sample a row, one feature a column; or a list of numbers to normalise"
    )
    gamma: float | Array = array("", "n", default=1.0, sign="γ", doc="the scale of each feature, or one for all")
    beta: float | Array = array("", "n", default=0.0, sign="β", doc="the shift of each feature, or one for all")
    eps: float = real(default=1e-5, sign="ε", doc="what is added to the variance, inside the root")
    axis: Axis = special(
        _read_axis, expects=" | ".join(Axis.__members__), default=Axis.batch,
        doc="whether a feature is normalised over the batch, or a sample over its features (layer normalisation)",
        misread={
            "normalised each sample over its features instead of each feature over the batch": Axis.features,
            "normalised each feature over the batch instead of each sample over its features": Axis.batch,
        },
    )  # fmt: skip
    variance: str = option(
        "population", "sample", doc="whether the variance divides by the number of values, or by one less",
        others={
            "population": "took the population variance, which divides by the number of values",
            "sample": "took the sample variance, which divides by one less than the number of values",
        },
    )  # fmt: skip
    mode: str = option("train", "infer", doc="whether the batch's own mean and variance are taken, or the running ones")
    running_mean: float | Array = array("", "n", doc="the running mean of each feature, for `mode: infer`")
    running_var: float | Array = array("", "n", doc="the running variance of each feature, for `mode: infer`")
    upstream: Array = array("m n", "m", doc="slope of the objective in each entry of the output")
    features: int = integer(doc="sizes only: the number n of features, where only `params` is asked")


@kind(
    source="Ioffe and Szegedy, Batch Normalization (2015), algorithm 1 and section 3; Ba et al., Layer Normalization (2016)",
    quantities={
        "params": "the number of trainable parameters, a scale and a shift for each feature",
        "mean": "the mean that is taken away: of each feature, or with `axis: features` of each sample",
        "variance": "the variance that is divided by, without ε",
        "normalized": "x with mean 0 and variance 1",
        "output": "the output",
        "grad_beta": "slope of the objective sum(upstream · output) in the shift",
        "grad_gamma": "slope of the objective in the scale",
        "grad_normalized": "slope of the objective in `normalized`",
        "grad_variance": "slope of the objective in `variance`",
        "grad_mean": "slope of the objective in `mean`, through the variance as well",
        "grad_x": "slope of the objective in x, through mean and variance as well",
    },
    examples=(
        """
        given: {x: [[1, 2, 3], [0, 2, 5], [6, 9, 2], [4, -1, 7]], gamma: [2, 0.5, -1], beta: [0.3, -1, 1], eps: 0.25,
                upstream: [[0.5, 1, -2], [3, -1, 0.2], [-0.4, 2, 1], [1, 0.7, -0.6]]}
        parts:
          a: {ask: mean}
          b: {ask: variance}
          c: {ask: normalized}
          d: {ask: output}
          e: {ask: grad_gamma}
          f: {ask: grad_beta}
          g: {ask: grad_x}
          h: {ask: params}
        """,
        """
        given: {x: [[1, 2, 4], [0, -2, 5]], gamma: [1.5, 0.5, 2], beta: [0.1, -1, 0.4], eps: 0.5, axis: features,
                variance: sample, upstream: [[0.5, 1, -2], [3, -1, 0.2]]}
        parts: {a: {ask: mean}, b: {ask: output}, c: {ask: grad_mean}, d: {ask: grad_variance}, e: {ask: grad_x}}
        """,
        """
        given: {x: [[1, 2], [4, -3], [0.5, 6]], gamma: [3, 0.5], beta: [1, -2], eps: 0.5, mode: infer,
                running_mean: [0.5, 1], running_var: [4, 9], upstream: [[1, -2], [0.5, 3], [2, 1]]}
        parts: {a: {ask: output}, b: {ask: grad_x}, c: {ask: mean}}
        """,
        """
        given: {x: [1, 3, 8, 6], gamma: 2, beta: 1, eps: 0.75, upstream: [1, 0, -1, 3]}
        parts: {a: {ask: variance}, b: {ask: normalized}, c: {ask: grad_normalized}, d: {ask: grad_x}}
        """,
        """
        given: {features: 512}
        parts: {a: {ask: params}}
        """,
    ),
    signs={"mean": "μ", "normalized": "x̂"},
)
def batch_norm(given: BatchNorm, work: Working) -> None:
    """Batch normalisation, γ (x - mean) / √(variance + ε) + β, and its gradients.

    A row is a sample, a column a feature. Mean and variance are those of each feature over the batch; with
    `axis: features` those of each sample over its features, which is layer normalisation. Either way each feature has its
    own γ and β. A plain list is one feature over a batch, or one sample over its features. The variance divides by the
    number of values, as all books have it in training; with `variance: sample` by one less, which PyTorch does for its
    running variance only. ε is inside the root. With `mode: infer` mean and variance are the running ones and constant.

    The way back is the paper's: through `normalized`, then `variance`, then `mean`. The objective is sum(upstream · output).
    """
    _count(given, work)
    if "features" in given and "x" not in given:
        return
    x, axis = given.x, int(given.axis) if given.x.ndim == 2 else 0
    _check(given, x)
    count = x.shape[axis]
    below = count - 1 if given.variance == "sample" else count
    if given.mode == "infer":
        mean, variance = _running(given, work, x)
    else:
        if below == 0:
            raise Undefined("a sample variance takes at least two numbers, and here it is of one")
        mean, variance = _of_batch(work, x, axis, below)

    def spread(values: Any) -> Any:
        """Means and the like, one for each row or column, so that they go with `x`."""
        return values[:, None] if axis == 1 else values

    centred = x - spread(mean)
    inner = spread(variance) + given.eps
    if np.any(np.asarray(inner) <= 0):
        raise Undefined("a variance is 0 and `eps` too, so that there is no dividing by its root")
    root = np.sqrt(inner)
    first = {"x": x.flat[0], "mean": np.ravel(mean)[0], "variance": np.ravel(variance)[0], "eps": given.eps}
    normalized = work(
        "normalized", centred / root,
        formula="(x - mean) / sqrt(variance + ε)",
        first=lambda: "({x} - {mean}) / sqrt({variance} + {eps})".format(**{k: _term(v) for k, v in first.items()}),
        slips={
            "left out ε": lambda: centred / np.sqrt(spread(variance)),
            "left out the root": lambda: centred / inner,
            "did not take away the mean": lambda: x / root,
            "added ε outside the root": lambda: centred / (np.sqrt(spread(variance)) + given.eps),
        },
    )  # fmt: skip

    gamma, beta = given.gamma, given.beta
    firsts = [np.ravel(v)[0] for v in (gamma, normalized, beta)]
    work(
        "output", gamma * normalized + beta, formula="γ * normalized + β",
        first=lambda: "{}·{} + {}".format(*map(_term, firsts)),
        slips={
            "left out γ": lambda: normalized + beta,
            "left out β": lambda: gamma * normalized,
            "exchanged γ and β": lambda: beta * normalized + gamma,
        },
    )  # fmt: skip
    _back(given, work, _Forward(x, axis, below, centred, root, normalized))


class _Forward(NamedTuple):
    """What the way back needs of the way there.

    `centred` is x less its mean, `root` √(variance + ε) and `below` what the sum of squares was divided by.
    """

    x: Array
    axis: int
    below: int
    centred: Array
    root: Any
    normalized: Array


def _count(given: BatchNorm, work: Working) -> None:
    x = given.x if "features" not in given else None
    n = given.features if x is None else _features(given, x)
    work(
        "params", 2 * n, formula="2 n", names={"n": n},
        slips={
            "counted the running mean and variance, which are not trained": lambda: 4 * n,
            "left out the shifts": lambda: n,
            **({"counted the samples instead of the features": lambda: 2 * len(x)} if x is not None else {}),
        },
    )  # fmt: skip


def _features(given: BatchNorm, x: Array) -> int:
    return x.shape[-1] if x.ndim == 2 or given.axis is Axis.features else 1


def _check(given: BatchNorm, x: Array) -> None:
    n = _features(given, x)
    for name in ("gamma", "beta", "running_mean", "running_var"):
        size = np.size(getattr(given, name)) if name in given else 1
        if size not in (1, n):
            raise Undefined(
                f"`{name}` has {size} numbers, and there {'is 1 feature' if n == 1 else f'are {n} features'}"
            )
    if "features" in given and given.features != n:
        raise Undefined(f"x has {n} features, and `features` is {given.features}")
    if given.eps < 0:
        raise Undefined(f"`eps` is {given.eps:g}, and may not be below 0")


def _running(given: BatchNorm, work: Working, x: Array) -> tuple[Any, Any]:
    if given.axis is Axis.features:
        raise Undefined("a layer normalisation keeps no running mean and variance; `mode: infer` needs `axis: batch`")
    of_batch = "took the mean and variance of the batch instead of the running ones"
    shape = x.shape[1:]
    mean = work(
        "mean", np.broadcast_to(given.running_mean, shape), formula="running_mean",
        slips={of_batch: lambda: x.mean(axis=0)},
    )  # fmt: skip
    variance = work(
        "variance", np.broadcast_to(given.running_var, shape), formula="running_var",
        slips={of_batch: lambda: x.var(axis=0)},
    )  # fmt: skip
    return mean, variance


def _of_batch(work: Working, x: Array, axis: int, below: int) -> tuple[Any, Any]:
    count = x.shape[axis]
    values: Array = x if x.ndim == 1 else np.moveaxis(x, axis, -1)[0]
    """those of the first mean"""
    mean = work(
        "mean", x.mean(axis=axis), formula="sum(x) / m", names={"m": count},
        first=lambda: _over([_term(v) for v in values], count),
        slips={"did not divide by the number of values": lambda: x.sum(axis=axis)},
    )  # fmt: skip
    centred = x - (mean[:, None] if axis == 1 else mean)
    squares = (centred**2).sum(axis=axis)
    middle = _term(np.ravel(mean)[0])
    variance = work(
        "variance", squares / below,
        formula=f"sum((x - mean)^2) / {_divisor(count, below)}", names={"m": count},
        first=lambda: _over([f"({_term(v)} - {middle})^2" for v in values], below),
        slips={
            "did not divide by the number of values": lambda: squares,
            "did not take away the mean": lambda: (x**2).sum(axis=axis) / below,
            "took the standard deviation for the variance": lambda: np.sqrt(squares / below),
            "took the distances for their squares": lambda: np.abs(centred).sum(axis=axis) / below,
        },
    )  # fmt: skip
    return mean, variance


def _back(given: BatchNorm, work: Working, forward: _Forward) -> None:
    x, axis, below, centred, root, normalized = forward
    count, upstream, gamma = x.shape[axis], given.upstream, given.gamma
    if upstream.shape != x.shape:
        sizes = " × ".join(map(str, upstream.shape)), " × ".join(map(str, x.shape))
        raise Undefined(f"`upstream` has the shape {sizes[0]}, and x {sizes[1]}")

    def over_samples(slopes: Array) -> Any:
        return slopes if x.ndim == 1 and given.axis is Axis.features else slopes.sum(axis=0)

    mean_of = "averaged over the samples instead of summing"
    single = np.ndim(over_samples(upstream)) == 0
    work(
        "grad_beta", over_samples(upstream), formula="sum(upstream)" if single else "",
        slips={mean_of: lambda: over_samples(upstream) / len(x)},
    )  # fmt: skip
    work(
        "grad_gamma", over_samples(upstream * normalized), formula="sum(upstream * normalized)" if single else "",
        slips={
            mean_of: lambda: over_samples(upstream * normalized) / len(x),
            "took x for the normalised x": lambda: over_samples(upstream * x),
            "took the slope of the shift": lambda: over_samples(upstream),
        },
    )  # fmt: skip
    grad_normalized = work(
        "grad_normalized", upstream * gamma, formula="γ * upstream", slips={"left out γ": lambda: upstream}
    )  # fmt: skip
    constant = "took mean and variance for constants"
    if given.mode == "infer":
        work("grad_x", grad_normalized / root, formula="grad_normalized / sqrt(variance + ε)",
             slips={"multiplied by the root instead of dividing": lambda: grad_normalized * root})  # fmt: skip
        return

    def total(slopes: Array) -> Any:
        """Summed over what one mean was taken of."""
        return slopes.sum(axis=axis)

    def spread(slopes: Any) -> Any:
        return slopes[:, None] if axis == 1 else slopes

    through_variance = total(grad_normalized * centred / root**3)
    grad_variance = work(
        "grad_variance", -through_variance / 2,
        formula="-1/2 sum(grad_normalized * (x - mean)) / (variance + ε)^(3/2)" if x.ndim == 1 else "",
        slips={
            "lost the minus sign": lambda: through_variance / 2,
            "left out the ½": lambda: -through_variance,
            "took the root for its third power": lambda: -total(grad_normalized * centred / root) / 2,
        },
    )  # fmt: skip
    direct = -total(grad_normalized / root)
    grad_mean = work(
        "grad_mean", direct - 2 * grad_variance * total(centred) / below,
        formula="-sum(grad_normalized) / sqrt(variance + ε)" if x.ndim == 1 else "",
        slips={"lost the minus sign": lambda: -direct, "left out the root of the variance": lambda: -total(grad_normalized)},
    )  # fmt: skip
    by_variance, by_mean = spread(grad_variance) * 2 * centred / below, spread(grad_mean) / count
    work(
        "grad_x", grad_normalized / root + by_variance + by_mean,
        formula=f"grad_normalized / sqrt(variance + ε) + 2 grad_variance (x - mean) / {_divisor(count, below)} + grad_mean / m",
        names={"m": count},
        slips={
            constant: lambda: grad_normalized / root,
            "left out the slope through the variance": lambda: grad_normalized / root + by_mean,
            "left out the slope through the mean": lambda: grad_normalized / root + by_variance,
        },
    )  # fmt: skip


def _divisor(count: int, below: int) -> str:
    return "m" if below == count else "(m - 1)"


def _term(x: float) -> str:
    text = show_number(float(x), 14).replace(",", "")
    return f"({text})" if x < 0 else text


def _over(terms: list[str], count: int) -> str:
    shown = terms if len(terms) <= SHOWN else [*terms[: SHOWN - 1], "…"]
    return f"({' + '.join(shown)})/{count}"
