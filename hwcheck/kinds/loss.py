"""Losses: of each sample, of all of them, and their slopes."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.given import Field, Givens, array, option
from hwcheck.kernels import losses
from hwcheck.kernels.activations import sigmoid, softmax
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.kinds.softmax import check_distribution, cross_entropy, distribution, shown_distribution
from hwcheck.working import Working

Real = Any
"""A float or an array."""
PROBABILITIES = ("bce", "cross_entropy")
NAMES = tuple(dict.fromkeys((*losses.NAMES, *PROBABILITIES)))
SQUARES = {
    "mse": "took the mean of the squares",
    "half_mse": "took half the mean of the squares",
    "sum_squares": "took the sum of the squares",
    "half_sum_squares": "took half the sum of the squares",
}


class Loss(Givens):
    """What is given: what is true, what was predicted, and the loss between them."""

    y: float | Array = array(
        "", "N", "N n",
        doc="what is true: values, or for cross_entropy classes counted from 0, or the probability of each; rows are samples",
    )  # fmt: skip
    prediction: float | Array = array(
        "", "N", "N n", sign="ŷ", doc="what was predicted: values, or for bce and cross_entropy probabilities"
    )
    from_logits: bool = option(
        False, True, doc="whether `prediction` holds the numbers before sigmoid (bce) or softmax (cross_entropy)"
    )
    loss: str = Field(  # type: ignore[assignment]
        lambda reader, node: reader.word(node, NAMES), expects=" | ".join(NAMES), doc="the loss",
        others={label: name for name, label in SQUARES.items()},
    )  # fmt: skip
    reduction: str = option(
        "mean", "sum", doc="how the losses of the samples are joined (for squares and mae, of all entries)",
        others={"mean": "took the mean", "sum": "took the sum"},
    )  # fmt: skip
    log_base: str = option(
        "e", "2", doc="the base of the logarithm in bce and cross_entropy",
        others={"e": "took the natural logarithm", "2": "took the logarithm to base 2"},
    )  # fmt: skip


@kind(
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), sections 3.13, 5.5 and 6.2",
    quantities={
        "z": "the numbers before sigmoid or softmax; without `from_logits` those that give the prediction (ln p for softmax)",
        "p": "the probabilities that `prediction` stands for, with `from_logits`",
        "per_sample": "the loss of each sample; where a prediction is one number, of each number",
        "value": "the loss",
        "grad_prediction": "slope of the loss in `prediction`",
        "grad_z": "slope of the loss in the numbers before sigmoid or softmax",
    },
    examples=(
        """
        given: {y: [1, 0, 2.5], prediction: [0.4, 0.3, 2], loss: mse}
        parts: {a: {ask: per_sample}, b: {ask: value}, c: {ask: grad_prediction}}
        """,
        """
        given: {y: [[1, 0, 2.5], [0.5, -1, 3]], prediction: [[0.4, 0.3, 2], [0.1, -0.7, 4]], loss: half_mse, reduction: sum}
        parts: {a: {ask: per_sample}, b: {ask: value}, c: {ask: grad_prediction}}
        """,
        """
        given: {y: 5, prediction: 7.2, loss: half_sum_squares}
        parts: {a: {ask: value}, b: {ask: grad_prediction}}
        """,
        """
        given: {y: [5, 2], prediction: [6.5, 1], loss: sum_squares}
        parts: {a: {ask: value}, b: {ask: grad_prediction}}
        """,
        """
        given: {y: [1, 4, 2], prediction: [0.4, 4.3, 3], loss: mae}
        parts: {a: {ask: value}, b: {ask: grad_prediction}}
        """,
        """
        given: {y: [1, 4, 2], prediction: [0.4, 4.3, 3], loss: rmse}
        parts: {a: {ask: per_sample}, b: {ask: value}, c: {ask: grad_prediction}}
        """,
        """
        given: {y: [1, 0, 0.2], prediction: [0.7, 0.4, 0.9], loss: bce, log_base: 2}
        parts: {a: {ask: per_sample}, b: {ask: value}, c: {ask: grad_prediction}, d: {ask: grad_z}}
        """,
        """
        given: {y: [[1, 0], [0, 0], [1, 1]], prediction: [[0.7, -0.4], [1.2, -2], [0.3, 0.5]], loss: bce, from_logits: true}
        parts: {a: {ask: p}, b: {ask: per_sample}, c: {ask: value}, d: {ask: grad_z}}
        """,
        """
        given: {y: 1, prediction: [0.2, 0.5, 0.3], loss: cross_entropy}
        parts: {a: {ask: value}, b: {ask: grad_prediction}, c: {ask: grad_z}}
        """,
        """
        given: {y: [0.9, 0.05, 0.05], prediction: [0.6, 0.3, 0.1], loss: cross_entropy}
        parts: {a: {ask: value}, b: {ask: grad_prediction}, c: {ask: grad_z}}
        """,
        """
        given: {y: [2, 1], prediction: [[0.5, 2, -1], [1, 0.2, 0.7]], loss: cross_entropy, from_logits: true}
        parts: {a: {ask: p}, b: {ask: per_sample}, c: {ask: value}, d: {ask: grad_prediction}, e: {ask: z}}
        """,
    ),
)
def loss(given: Loss, work: Working) -> None:
    """The loss of predictions, and its slopes.

    mse is the mean of squares over all entries, half_mse half of that, sum_squares and half_sum_squares the sums, mae the
    mean distance, rmse the root of mse. cross_entropy is -Σ y ln p over the classes of a sample, bce -Σ (y ln p + (1 - y)
    ln(1 - p)) over its outputs. `reduction` joins the samples (for squares and mae all entries; it leaves the sums and rmse
    as they are). Rows are samples; in a plain list each number is one, but for cross_entropy, where a list of probabilities
    is one sample. `grad_z` is the slope in what stands before the sigmoid or softmax. At a distance of 0 the slope of mae
    and rmse is taken as 0.
    """
    if given.loss in SQUARES and given.written.get("loss") not in SQUARES:
        raise Undefined("only a squared loss can be meant as another one")
    if given.loss in PROBABILITIES:
        _of_probabilities(given, work)
    elif given.from_logits:
        raise Undefined(f"`from_logits` is for bce and cross_entropy, not for {given.loss}")
    else:
        _of_values(given, work)


def _mean(given: Loss) -> bool:
    """Whether a mean is taken over samples; sums stay sums, and rmse is the root of a mean."""
    return (given.reduction == "mean" or given.loss == "rmse") and given.loss not in ("sum_squares", "half_sum_squares")


# Squares and distances.


def _of_values(given: Loss, work: Working) -> None:
    y, prediction, name, mean = given.y, given.prediction, given.loss, _mean(given)
    if np.shape(y) != np.shape(prediction):
        raise Undefined(f"`y` is {_size(y)}, and `prediction` {_size(prediction)}")
    away = np.asarray(prediction) - np.asarray(y)
    rank, count = away.ndim, away.size if mean else 1
    inner = "mse" if name == "rmse" else name
    """what the entries are joined to before a root is taken"""

    def join(numbers: Real) -> float:
        return float(np.mean(numbers) if mean else np.sum(numbers))

    def each(entries: Array) -> Real:
        """One number a sample, from one an entry."""
        return np.array([join(row) for row in entries]) if rank == 2 else entries

    entry = _ENTRY[inner] if rank < 2 else _ENTRY[inner].replace("^2", " * (ŷ - y)")
    per_sample = work(
        "per_sample", each(_entries(inner, away)), formula=entry if rank < 2 else "",
        slips={
            **_half(inner, lambda other: each(_entries(other, away))),
            f"left out the {'absolute value' if name == 'mae' else 'square'}": lambda: each(away),
        },
    )  # fmt: skip
    joined = join(per_sample)
    over = "mean" if mean else "sum"
    text = "per_sample" if rank == 0 else f"{over}(per_sample)" if rank == 1 else f"{over}({entry})"
    value = work(
        "value", float(np.sqrt(joined)) if name == "rmse" else joined,
        formula=f"sqrt({text})" if name == "rmse" else text,
        slips={
            **_half(inner, lambda other: join(_entries(other, away))),
            **({} if name != "rmse" else {
                "left out the root": lambda: joined,
                "averaged the distances": lambda: join(np.abs(away)),
            }),
        },
    )  # fmt: skip

    slope = np.asarray(losses.slope(name, np.asarray(prediction), np.asarray(y), given.reduction))
    if name == "rmse":
        slope = away / (count * value) if value != 0 else 0 * away
    work(
        "grad_prediction", slope, formula=_SLOPE[name].replace("{n}", f" / {count}" if count > 1 else ""),
        names={"n": count},
        slips={
            "took target minus prediction": lambda: -slope,
            **({"took the gradient of the sum": lambda: count * slope} if count > 1 else {}),
            **_slope_slips(name, slope, away / count),
        },
    )  # fmt: skip


def _entries(name: str, away: Array) -> Array:
    """The loss of each entry by itself, from its distance."""
    if name == "mae":
        return np.abs(away)
    return (0.5 if name.startswith("half") else 1.0) * np.square(away)


def _slope_slips(name: str, slope: Array, away: Array) -> dict[str, Any]:
    """Mistakes in the slope of one loss; `away` is the distance over the number of entries."""
    if name in ("mse", "sum_squares"):
        return {"left out the derivative's 2": lambda: slope / 2}
    if name.startswith("half"):
        return {"kept the 2 of the square": lambda: 2 * slope}
    if name == "mae":
        return {"took the distance itself": lambda: away}
    return {"left out the derivative of the root": lambda: 2 * away}


def _half(name: str, value: Any) -> dict[str, Any]:
    """The ½ of a squared loss, forgotten or added."""
    other = {"mse": "half_mse", "sum_squares": "half_sum_squares", "half_mse": "mse", "half_sum_squares": "sum_squares"}
    if name not in other:
        return {}
    return {"left out the ½" if name.startswith("half") else "put in a ½": lambda: value(other[name])}


_ENTRY = {
    "mse": "(ŷ - y)^2",
    "sum_squares": "(ŷ - y)^2",
    "half_mse": "1/2 * (ŷ - y)^2",
    "half_sum_squares": "1/2 * (ŷ - y)^2",
    "mae": "abs(ŷ - y)",
}
_SLOPE = {
    "mse": "2 (ŷ - y){n}",
    "sum_squares": "2 (ŷ - y)",
    "half_mse": "(ŷ - y){n}",
    "half_sum_squares": "ŷ - y",
    "mae": "sign(ŷ - y){n}",
    "rmse": "(ŷ - y) / (n value)",
}


def _as(like: Real, value: Real) -> Real:
    """An array, or a number where the other is one."""
    return value if np.ndim(like) else float(value)


def _size(value: Real) -> str:
    return " × ".join(map(str, np.shape(value))) or "a number"


# Cross-entropies.


def _of_probabilities(given: Loss, work: Working) -> None:
    binary = given.loss == "bce"
    base = log(2) if given.log_base == "2" else 1.0
    y = _labels(given)
    batch = np.ndim(given.prediction) == 2
    single = not batch and (not binary or np.ndim(y) == 0)
    p = _probabilities(given, work, binary)
    if np.shape(p) != np.shape(given.prediction):
        raise Undefined(f"`prediction` is {_size(given.prediction)}, and here are probabilities of another size")
    label = "y" if binary or batch else shown_distribution(np.asarray(y))
    named = {} if binary else {"y": y}
    ln, sign = ("log2" if base != 1 else "ln"), "p" if given.from_logits else "ŷ"

    def each(p: Real, y: Real) -> Real:
        """The loss of each sample, natural logarithm."""
        if not binary:
            return cross_entropy(np.asarray(p), np.asarray(y))
        return cross_entropy(_both(p, batch), _both(y, batch))

    count = 1 if single else np.shape(p)[0]
    share = 1 / count if _mean(given) else 1.0
    activation = sigmoid if binary else softmax
    per_sample = work(
        "per_sample", each(p, y) / base,
        formula="" if batch else
        f"-({label} * {ln}({sign}) + (1 - {label}) * {ln}(1 - {sign}))" if binary else f"-sum({label} * {ln}({sign}))",
        names=named,
        slips={
            "left out the minus sign": lambda: -each(p, y) / base,
            "took the logarithm to base 10": lambda: each(p, y) / log(10),
            **({"left out the term with 1 - y": lambda: _per_row(-np.asarray(y) * np.log(p), batch) / base} if binary else {}),
            **({} if given.from_logits else {
                f"put probabilities through {'the sigmoid' if binary else 'softmax'} again": lambda: each(activation(p), y) / base,
            }),
            **({} if binary or _crisp(y) else {
                "took the logarithm of the sum": lambda: -np.log((np.asarray(y) * p).sum(axis=-1)) / base,
            }),
            **({} if binary or _distributed(given) or np.min(given.y) < 1 else {
                "counted the classes from 1": lambda: each(p, np.roll(y, -1, axis=-1)) / base,
            }),
        },
    )  # fmt: skip
    work(
        "value",
        float(np.sum(per_sample)) * share,
        formula="per_sample" if single else f"{'mean' if share != 1 else 'sum'}(per_sample)",
    )

    in_p, in_z = _slope_in_p(p, y, binary) * (share / base), (np.asarray(p) - y) * (share / base)
    scale = _scale(base, count if share != 1 else 1)
    from_both = "" if batch else f"({sign} - {label}){scale}" if scale else f"{sign} - {label}"
    slips: dict[str, Any] = {
        "took y - p for p - y": lambda: _as(p, -in_z),
        **({"took the gradient of the sum": lambda: _as(p, in_z / share)} if share != 1 else {}),
        **({} if binary else {
            "took the Jacobian of softmax as diagonal": lambda: _as(p, -np.asarray(y) * (1 - np.asarray(p)) * share / base),
        }),
        **({"left out the 1/ln 2": lambda: _as(p, in_z * base)} if base != 1 else {}),
    }  # fmt: skip
    if given.from_logits:
        work("grad_prediction", _as(p, in_z), formula=from_both, names=named, slips=slips)
    else:
        work(
            "grad_prediction", _as(p, in_p),
            formula="" if batch else _written_slope(label, binary) + scale, names=named,
            slips={
                "left out the minus sign": lambda: _as(p, -in_p),
                "took the slope in the numbers before the probabilities": lambda: _as(p, in_z),
                **({"took the gradient of the sum": lambda: _as(p, in_p / share)} if share != 1 else {}),
                **({"left out the 1/ln 2": lambda: _as(p, in_p * base)} if base != 1 else {}),
            },
        )  # fmt: skip
    if given.from_logits or _inside(p):
        work(
            "grad_z", _as(p, in_z), formula=from_both, names=named,
            slips={
                **slips,
                **({} if given.from_logits else {"took the slope in the probabilities": lambda: _as(p, in_p)}),
            },
        )  # fmt: skip


def _labels(given: Loss) -> Real:
    """What is true as numbers like the prediction: values from 0 to 1, or the probability of each class."""
    if given.loss == "bce":
        if np.shape(given.y) != np.shape(given.prediction):
            raise Undefined(f"`y` is {_size(given.y)}, and `prediction` {_size(given.prediction)}")
        if np.min(given.y) < 0 or np.max(given.y) > 1:
            worst = np.min(given.y) if np.min(given.y) < 0 else np.max(given.y)
            raise Undefined(f"`y` is {worst:g}, and for bce it is from 0 to 1")
        return given.y
    prediction = np.asarray(given.prediction)
    if prediction.ndim == 0:
        raise Undefined("`prediction` is a number; cross_entropy needs one for each class (for two, use bce)")
    return distribution(given.y, prediction.shape[-1], batch=prediction.ndim == 2, count=len(prediction), name="y")


def _distributed(given: Loss) -> bool:
    """Whether the probability of each class is given rather than a class."""
    return np.ndim(given.y) == np.ndim(given.prediction)


def _probabilities(given: Loss, work: Working, binary: bool) -> Real:
    """The probabilities: as given, or from logits; either way also what stands before them."""
    prediction = given.prediction
    if given.from_logits:
        z = work("z", prediction, formula="ŷ")
        return work(
            "p", sigmoid(z) if binary else softmax(np.asarray(z)), formula="sigmoid(z)" if binary else "softmax(z)",
            slips={
                "left out the minus sign in the exponent": lambda: sigmoid(-np.asarray(z)),
            } if binary else {"did not normalise": lambda: np.exp(z)},
        )  # fmt: skip
    if np.min(prediction) < 0 or np.max(prediction) > 1:
        worst = np.min(prediction) if np.min(prediction) < 0 else np.max(prediction)
        raise Undefined(f"`prediction` is {worst:g}, no probability; give `from_logits: true` if it comes before one")
    if not binary:
        check_distribution(np.asarray(prediction), "prediction")
    if not _inside(prediction):
        return prediction
    logits = np.log(prediction) - np.log1p(-np.asarray(prediction)) if binary else np.log(prediction)
    z = work(
        "z",
        _as(prediction, logits),
        formula="ln(ŷ / (1 - ŷ))" if binary else "ln(ŷ)",
        slips={"took the probabilities": lambda: prediction},
    )
    if np.array_equal(z, logits):
        return prediction
    # A nudged or rounded z gives other probabilities.
    return sigmoid(z) if binary else softmax(np.asarray(z))


def _inside(p: Real) -> bool:
    return bool(np.min(p) > 0 and np.max(p) < 1)


def _crisp(y: Real) -> bool:
    return bool(np.all((np.asarray(y) == 0) | (np.asarray(y) == 1)))


def _both(p: Real, batch: bool) -> Array:
    """p and 1 - p along a last axis, all outputs of a sample in one row."""
    pairs = np.stack([np.asarray(p), 1 - np.asarray(p)], axis=-1)
    return pairs.reshape(len(pairs), -1) if batch else pairs


def _per_row(entries: Array, batch: bool) -> Real:
    return entries.sum(axis=-1) if batch else entries


def _slope_in_p(p: Real, y: Real, binary: bool) -> Array:
    p, y = np.asarray(p), np.asarray(y)
    below = np.where(y == 0, 0.0, -y / np.where(y == 0, 1.0, p))
    return below + np.where(y == 1, 0.0, (1 - y) / np.where(y == 1, 1.0, 1 - p)) if binary else below


def _written_slope(label: str, binary: bool) -> str:
    return f"(ŷ - {label}) / (ŷ * (1 - ŷ))" if binary else f"-{label} / ŷ"


def _scale(base: float, count: int) -> str:
    return (f" / {count}" if count > 1 else "") + (" / ln(2)" if base != 1 else "")
