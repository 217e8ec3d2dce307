"""Softmax: probabilities, their Jacobian, and the cross-entropy behind it."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.given import Givens, array, option, real
from hwcheck.kernels import activations
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.values import show_number
from hwcheck.working import Working

MAX_CLASSES = 300
"""Classes whose Jacobian is worked out; beyond lies a misprint."""
MAX_SHOWN = 8
"""Numbers that are written out in a formula."""
ROUNDED = 0.005
"""How far each of the numbers of a distribution may have been rounded."""


class Softmax(Givens):
    """What is given: the logits, and for the loss the true class."""

    x: Array = array("n", "N n", doc="the logits; rows are samples")
    label: float | Array = array(
        "", "n|N", "N n", sign="y",
        doc="the true class, counted from 0, or the probability of each class; for N samples one of these for each",
    )  # fmt: skip
    temperature: float = real(default=1.0, above=0, sign="τ", doc="what the logits are divided by")
    reduction: str = option(
        "mean", "sum", doc="how the losses of several samples are joined",
        others={"mean": "averaged over the samples", "sum": "summed over the samples"},
    )  # fmt: skip


@kind(
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), section 6.2.2.3",
    quantities={
        "p": "the probabilities, softmax(x / τ)",
        "jacobian": "slope of each probability (rows) in each logit (columns)",
        "z": "two classes: the number for which p = [sigmoid(z), 1 - sigmoid(z)]",
        "logit.i": "x_i - x_0 (over τ), entries counted from 0: softmax of 0 and these K - 1 numbers is p as well",
        "loss": "the cross-entropy of p and the label, natural logarithm",
        "grad_x": "slope of the loss in x",
    },
    examples=(
        """
        given: {x: [0.5, 2, -1], label: 1}
        parts: {a: {ask: p}, b: {ask: jacobian}, c: {ask: loss}, d: {ask: grad_x}, e: {ask: logit.2}}
        """,
        """
        given: {x: [1.2, -0.3], temperature: 2, label: [0.3, 0.7]}
        parts: {a: {ask: p}, b: {ask: z}, c: {ask: logit.1}, d: {ask: jacobian}, e: {ask: loss}, f: {ask: grad_x}}
        """,
        """
        given: {x: [[0.5, 2, -1], [1, 0.2, 0.7]], label: [2, 0]}
        parts: {a: {ask: p}, b: {ask: jacobian}, c: {ask: logit.1}, d: {ask: loss}, e: {ask: grad_x}}
        """,
        """
        given: {x: [[0.5, 2], [1, 0.2], [-0.4, 0.3]], label: [[0.9, 0.1], [0.2, 0.8], [0, 1]], reduction: sum}
        parts: {a: {ask: z}, b: {ask: loss}, c: {ask: grad_x}}
        """,
    ),
)
def softmax(given: Softmax, work: Working) -> None:
    """Softmax p_i = e^(x_i/τ) / Σ_j e^(x_j/τ), its Jacobian (diag(p) - p pᵀ)/τ, and the cross-entropy -Σ y_i ln p_i.

    A label is a class, counted from 0, or the probability y_i of each class. Softmax does not change when a number is
    added to all logits, so K - 1 numbers are enough: `logit.i` is x_i - x_0, and with two classes z is x_0 - x_1 (x_1 - x_2
    where entries are counted from 1, as in formulas). Rows of x are samples; their losses are averaged, or summed with
    `reduction: sum`, and `grad_x` is the slope of that.
    """
    x, tau = given.x, given.temperature
    n = x.shape[-1]
    if n > MAX_CLASSES:
        raise Undefined(f"{n:,} classes are more than the {MAX_CLASSES} that are worked out here")
    scaled = x / tau
    batch = x.ndim == 2
    cooled = "" if tau == 1 else " / τ"
    p = work(
        "p", activations.softmax(scaled), formula=f"softmax(x{cooled})", first=lambda: _first(scaled),
        slips={
            "did not normalise": lambda: np.exp(scaled),
            "divided the logits by their sum": lambda: x / x.sum(axis=-1, keepdims=True),
            **_tempered(tau, lambda t: activations.softmax(x / t)),
            **({"normalised over the samples": lambda: activations.softmax(scaled, axis=0)} if batch else {}),
        },
    )  # fmt: skip
    if p.shape != x.shape:
        raise Undefined(f"x has {n} classes, and here are probabilities of another number")

    diagonal = p[..., None] * np.eye(n)
    products = p[..., :, None] * p[..., None, :]
    work(
        "jacobian", (diagonal - products) / tau,
        formula="" if batch else _over("diag(p) - p p^T", tau), names={"p": p},
        slips={
            "took the Jacobian as diagonal": lambda: (diagonal - products) * np.eye(n) / tau,
            "left out the diagonal matrix": lambda: -products / tau,
            "added p pᵀ instead of taking it away": lambda: (diagonal + products) / tau,
            **_tempered(tau, lambda t: (diagonal - products) / t),
        },
    )  # fmt: skip
    if n == 2:
        z = scaled[..., 0] - scaled[..., 1]
        work(
            "z", z, formula="" if batch else _over("x_1 - x_2", tau), names={"x": x},
            slips={
                "exchanged the two classes": lambda: -z,
                "took the probability for the logit": lambda: p[..., 0],
                **_tempered(tau, lambda t: (x[..., 0] - x[..., 1]) / t),
            },
        )  # fmt: skip
    for i in range(1, n):
        work(
            f"logit.{i}", scaled[..., i] - scaled[..., 0],
            formula="" if batch else _over("x_{i+1} - x_1", tau), names={"x": x, "i": i},
            slips={
                "took probabilities for logits": lambda i=i: p[..., i],
                "took x_0 - x_i for x_i - x_0": lambda i=i: scaled[..., 0] - scaled[..., i],
                "left out x_0": lambda i=i: scaled[..., i],
                **_tempered(tau, lambda t, i=i: (x[..., i] - x[..., 0]) / t),
            },
        )  # fmt: skip

    y = distribution(given.label, n, batch=batch, count=len(x))
    share = 1 / len(x) if batch and given.reduction == "mean" else 1.0
    loss = cross_entropy(p, y).sum() * share
    shown = shown_distribution(y)
    work(
        "loss", loss, formula="" if batch else f"-sum({shown} * ln(p))", names={"y": y},
        slips={
            "left out the minus sign": lambda: -loss,
            "took the logarithm to base 2": lambda: loss / np.log(2),
            "took the logarithm to base 10": lambda: loss / np.log(10),
            "took logits for probabilities": lambda: -(y * scaled).sum() * share,
            **_label_slips(given, y, lambda other: cross_entropy(p, other).sum() * share),
            **({} if _one_hot(y) else {
                "took the logarithm of the sum": lambda: -np.log((y * p).sum(axis=-1)).sum() * share,
            }),
        },
    )  # fmt: skip
    work(
        "grad_x", (p - y) * share / tau, formula="" if batch else _over(f"p - {shown}", tau), names={"y": y},
        slips={
            "took y - p for p - y": lambda: (y - p) * share / tau,
            "took the Jacobian as diagonal": lambda: -y * (1 - p) * share / tau,
            "took the slope in the probabilities": lambda: np.where(y == 0, 0.0, -y / p) * share,
            **_tempered(tau, lambda t: (p - y) * share / t),
            **_label_slips(given, y, lambda other: (p - other) * share / tau),
            **({"did not divide by the number of samples": lambda: (p - y) / tau} if share != 1 else {}),
        },
    )  # fmt: skip


def _tempered(tau: float, value: Any) -> dict[str, Any]:
    """The temperature forgotten, or put the wrong way round."""
    if tau == 1:
        return {}
    return {
        "left out the temperature": lambda: value(1.0),
        "multiplied by the temperature instead of dividing": lambda: value(1 / tau),
    }


def _label_slips(given: Softmax, y: Array, value: Any) -> dict[str, Any]:
    """The class counted from 1, where it is given as a number."""
    label = np.asarray(given.label)
    if label.ndim == y.ndim or label.min() < 1:
        return {}
    return {"counted the classes from 1": lambda: value(np.roll(y, -1, axis=-1))}


def _over(text: str, tau: float) -> str:
    return text if tau == 1 else f"({text}) / τ"


def _first(scaled: Array) -> str:
    """The arithmetic of the first probability."""
    row = [f"exp({show_number(float(value), 12).replace(',', '')})" for value in np.atleast_2d(scaled)[0]]
    return f"{row[0]} / ({' + '.join(row if len(row) <= MAX_SHOWN else [*row[:3], '…'])})"


# Labels and distributions, for the losses as well.


def distribution(label: float | Array, n: int, *, batch: bool, count: int, name: str = "label") -> Array:
    """Labels as the probability of each of n classes, one row a sample; a class is 1 and the others 0.

    Raises:
        Undefined: it is no class, or no distribution.
    """
    found = np.asarray(label, dtype=np.float64)
    if found.ndim == int(batch):  # classes
        if batch and len(found) != count:
            raise Undefined(f"`{name}` has {len(found)} entries, and there are {count} samples")
        for one in np.atleast_1d(found):
            if one != int(one) or not 0 <= one < n:
                raise Undefined(f"`{name}` is {one:g}, and the classes are 0 to {n - 1}")
        return np.asarray(np.eye(n)[found.astype(int)])
    shape = (count, n) if batch else (n,)
    if found.shape != shape:
        wanted, there = (" × ".join(map(str, size)) or "a number" for size in (shape, found.shape))
        raise Undefined(f"`{name}` is {there}, and {wanted} {'is' if batch else 'numbers are'} needed, or classes")
    check_distribution(found, name)
    return found


def check_distribution(p: Array, name: str) -> None:
    """Refuse what is no probability of each class, but for rounding to two decimals."""
    if (p < 0).any():
        raise Undefined(f"`{name}` has the probability {p.min():g}, and none is below 0")
    total = p.sum(axis=-1)
    worst = float(total.flat[np.abs(total - 1).argmax()])
    if abs(worst - 1) > ROUNDED * p.shape[-1] + 1e-9:
        raise Undefined(f"the probabilities in `{name}` sum to {worst:.6g}, not to 1")


def cross_entropy(p: Array, y: Array) -> Array:
    """-Σ y ln p of each row; 0 ln 0 is 0."""
    return np.asarray(-(y * np.log(np.where(y == 0, 1.0, p))).sum(axis=-1))


def shown_distribution(y: Array) -> str:
    """A distribution as a formula has it: its numbers where they are few, else its sign."""
    return f"[{', '.join(f'{value:.12g}' for value in y)}]" if y.ndim == 1 and len(y) <= MAX_SHOWN else "y"


def _one_hot(y: Array) -> bool:
    return bool(((y == 0) | (y == 1)).all())
