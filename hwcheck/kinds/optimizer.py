"""Gradient descent and its relatives: some steps by hand, from gradients that are given."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.given import GivenError, Givens, Reader, array, option, real, special
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.working import Working
from hwcheck.yamltree import Node, Sequence

MAX_STEPS = 1_000


def _read_grads(reader: Reader, node: Node) -> Array:
    """A number, or an array with or without an axis for the steps, or a list of symbols."""
    if not isinstance(node, Sequence) or not node.items:
        return reader.array(node)
    steps = [reader.array(item) for item in node.items]
    for item, step in zip(node.items, steps, strict=True):
        if step.shape != steps[0].shape:
            raise GivenError(item, f"expected {_size(steps[0])} like the gradient before, found {_size(step)}")
    if len(steps) > MAX_STEPS:
        raise GivenError(node, f"expected at most {MAX_STEPS:,} gradients, found {len(steps):,}")
    return np.stack(steps)


class Optimizer(Givens):
    """What is given: where the weights start, the gradient at each step, and the method."""

    w: float | Array = array("", "n", "k n", sign="w_0", doc="the weights at the start, a number or an array")
    grads: Array = special(
        _read_grads, expects="a list of gradients, one a step; each a number, or an array like w",
        doc="the gradients g_1, g_2, …, one a step; a single one need not be a list",
    )  # fmt: skip
    method: str = option(
        "sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "adagrad", "sign", doc="which method makes the steps"
    )
    lr: float = real(above=0, sign="η", doc="the learning rate")
    momentum: float = real(default=0.9, sign="β", doc="momentum, nesterov: how much of the velocity is kept")
    beta1: float = real(default=0.9, sign="β_1", doc="adam: how much of the mean of the gradients is kept")
    beta2: float = real(default=0.999, sign="β_2", doc="adam: how much of the mean of their squares is kept")
    rho: float = real(default=0.99, sign="ρ", doc="rmsprop: how much of the mean of the squares is kept")
    eps: float = real(default=1e-8, sign="ε", doc="adam, rmsprop, adagrad: what is added to the root")
    momentum_form: str = option(
        "plain", "averaged", doc="the velocity: v = β v + g (plain) or v = β v + (1 - β) g (averaged)",
        others={"plain": "took v = β v + g for the velocity", "averaged": "took v = β v + (1 - β) g for the velocity"},
    )  # fmt: skip
    weight_decay: float = real(default=0.0, sign="λ", doc="λ of the weight decay; λ w is added to the gradient")
    m0: float | Array = array(
        "", "n", "k n", default=0.0, sign="m_0", doc="adam: the mean of the gradients at the start",
        misread={"took m_0 as 0": 0.0},
    )  # fmt: skip
    v0: float | Array = array(
        "", "n", "k n", default=0.0, sign="v_0", doc="the velocity, or the mean or sum of squares, at the start",
        misread={"took v_0 as 0": 0.0},
    )  # fmt: skip


@kind(
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), sections 8.3 and 8.5; Kingma and Ba, Adam (2015); "
    "Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019)",
    quantities={
        "slope.t": "the gradient of step t with its weight decay, g + λ w; where there is one",
        "m.t": "adam: the mean of the gradients after step t",
        "v.t": "the velocity after step t; or the mean (adam, rmsprop) or sum (adagrad) of the squares",
        "m_hat.t": "adam: m.t without the bias of its start",
        "v_hat.t": "adam: v.t without the bias of its start",
        "update.t": "what step t adds to the weights, w_t - w_{t-1}",
        "w.t": "the weights after step t",
    },
    examples=(
        """
        given: {w: 0.2, grads: [-0.0226, 0.5, -0.3], lr: 0.15, weight_decay: 0.4}
        parts: {a: {ask: w.1}, b: {ask: w.3}, c: {ask: update.2}, d: {ask: slope.2}}
        """,
        """
        given: {w: [1, -2, 0.5], grads: [[0.3, 0.1, -0.7], [0.2, -0.4, 0.6]], method: momentum, lr: 0.1, momentum: 0.7,
                v0: [0.5, 0.25, -0.1]}
        parts: {a: {ask: v.1}, b: {ask: v.2}, c: {ask: w.2}, d: {ask: update.2}}
        """,
        """
        given: {w: [[1, -2, 3], [0.5, 2, -1]], grads: [[[0.3, 1, -2], [0.7, -0.4, 0.9]], [[1.2, 0.4, 0.3], [-1, 2, 0.8]]],
                method: nesterov, lr: 0.2, momentum: 0.8, momentum_form: averaged}
        parts: {a: {ask: v.2}, b: {ask: update.2}, c: {ask: w.2}}
        """,
        """
        given: {w: 1.5, grads: [0.6, -0.2, 0.9], method: adam, lr: 0.05, beta1: 0.8, beta2: 0.9, eps: 0.1, m0: 0.3,
                v0: 0.2}
        parts:
          a: {ask: m.2}
          b: {ask: v.2}
          c: {ask: m_hat.2}
          d: {ask: v_hat.2}
          e: {ask: update.2}
          f: {ask: w.3}
        """,
        """
        given: {w: [3, -1.2], grads: [[0.6, -0.2], [0.1, 0.5]], method: adamw, lr: 0.05, eps: 0.25, weight_decay: 0.3}
        parts: {a: {ask: update.1}, b: {ask: w.2}}
        """,
        """
        given: {w: 1.5, grads: [0.6, -0.2], method: rmsprop, lr: 0.5, rho: 0.8, eps: 0.2, v0: 0.4, weight_decay: 0.1}
        parts: {a: {ask: v.1}, b: {ask: update.2}, c: {ask: w.2}}
        """,
        """
        given: {w: [1.5, 2, -4], grads: [[0.6, -0.2, 3], [1, 0.7, -2]], method: adagrad, lr: 0.5, eps: 0.2}
        parts: {a: {ask: v.2}, b: {ask: update.2}, c: {ask: w.2}}
        """,
        """
        given: {w: [0.3, -0.2], grads: [[0.5, -3]], method: sign, lr: 0.01}
        parts: {a: {ask: update.1}, b: {ask: w.1}}
        """,
    ),
)
def optimizer(given: Optimizer, work: Working) -> None:
    """Steps of an optimiser along given gradients: w_t = w_{t-1} + update_t.

    `sgd` moves by -η g, and `sign` by -η sign(g).

    `momentum` keeps a velocity, v = β v + g, or β v + (1 - β) g with `momentum_form: averaged`, and moves by -η v.
    PyTorch averages with `dampening`, but not at its first step; here all steps are alike. `nesterov` has the same v and
    moves by -η (g + β v), in both forms, as PyTorch does in the plain one; books that move before they take the gradient
    follow another point.

    `adam` keeps m = β_1 m + (1 - β_1) g and v = β_2 v + (1 - β_2) g², divides them by 1 - β_1^t and 1 - β_2^t, and moves
    by -η m_hat / (√v_hat + ε). `rmsprop` keeps v = ρ v + (1 - ρ) g² and `adagrad` v = v + g²; both move by
    -η g / (√v + ε).

    ε is outside the root, as in the paper on Adam and in PyTorch (whose ε for adagrad is smaller); other books have it
    inside. Weight decay adds λ w_{t-1} to the gradient before anything else is done with it (`slope.t`); adamw takes
    η λ w_{t-1} off the weights instead. Squares, roots and signs are taken entry by entry.
    """
    w, m, v = given.w, given.m0, given.v0
    _check(given)
    for t, g in enumerate(_each(given), start=1):
        names = {"t": t, "g_t": g, "w_{t-1}": w, "m_{t-1}": m, "v_{t-1}": v}
        slope, sign = _slope(given, work, t, g, w, names)
        m, v, update, formula = METHODS[given.method](given, work, _State(t, w, slope, m, v, sign, names))
        w = work(
            f"w.{t}", w + update, formula=formula, names=names,
            slips={
                "left the weight as it was": lambda w=w: w,
                "gave the change of the weight for the weight": lambda update=update: update,
            },
        )  # fmt: skip


class _State(NamedTuple):
    """Where a step begins: its gradient `g` is called `sign` in formulas."""

    t: int
    w: Any
    g: Any
    m: Any
    v: Any
    sign: str
    names: dict[str, Any]


Moved: TypeAlias = tuple[Any, Any, Any, str]
"""m, v and the update of a step, and the formula of the weight after it."""


def _check(given: Optimizer) -> None:
    for name in ("m0", "v0"):
        value = getattr(given, name)
        if np.ndim(value) and np.shape(value) != np.shape(given.w):
            raise Undefined(f"`{name}` is {_size(value)}, and w is {_size(given.w)}")
    if given.eps < 0:
        raise Undefined(f"`eps` is {given.eps:g}, and may not be below 0")


def _each(given: Optimizer) -> list[Any]:
    """The gradients, one a step."""
    shape, grads = np.shape(given.w), np.asarray(given.grads)
    if grads.shape == shape:
        grads = grads[None]
    if grads.shape[1:] != shape:
        raise Undefined(f"a gradient is {_size(grads[0] if grads.ndim else grads)}, and w is {_size(given.w)}")
    return list(grads) if shape else [float(g) for g in grads]


def _size(value: Any) -> str:
    shape = np.shape(value)
    return f"a list of {shape[0]}" if len(shape) == 1 else " × ".join(map(str, shape)) or "a number"


def _slope(given: Optimizer, work: Working, t: int, g: Any, w: Any, names: dict[str, Any]) -> tuple[Any, str]:
    """The gradient with the slope of the weight decay, and what it is called in formulas."""
    decay = given.weight_decay
    if decay == 0 or given.method == "adamw":
        return g, "g_t"
    slope = work(
        f"slope.{t}", g + decay * w, formula="g_t + λ w_{t-1}", names=names,
        slips={
            "left out the weight decay": lambda: g,
            "left out the gradient": lambda: decay * w,
            "took the weight decay away from the gradient": lambda: g - decay * w,
            "doubled the weight decay": lambda: g + 2 * decay * w,
        },
    )  # fmt: skip
    names["slope_t"] = slope
    return slope, "slope_t"


def _update(
    given: Optimizer, work: Working, state: _State, direction: Any, formula: str, slips: dict[str, Callable[[], Any]]
) -> tuple[Any, str]:
    """-η times a direction, and the formula of the weight after it; the slips are other directions."""
    lr = given.lr
    update = work(
        f"update.{state.t}", 0 - lr * direction, formula=f"-η {formula}", names=state.names,
        slips={
            "moved up the gradient": lambda: lr * direction,
            "left out the learning rate": lambda: -direction,
            **{label: lambda slip=slip: -lr * slip() for label, slip in slips.items()},
        },
    )  # fmt: skip
    return update, f"w_{{t-1}} - η {formula}"


def _sgd(given: Optimizer, work: Working, state: _State) -> Moved:
    return state.m, state.v, *_update(given, work, state, state.g, state.sign, {})


def _by_sign(given: Optimizer, work: Working, state: _State) -> Moved:
    slips = {"left out the sign": lambda: state.g}
    return state.m, state.v, *_update(given, work, state, np.sign(state.g), f"sign({state.sign})", slips)


def _momentum(given: Optimizer, work: Working, state: _State) -> Moved:
    beta, g, before = given.momentum, state.g, state.v
    share = 1 - beta if given.momentum_form == "averaged" else 1.0
    new = f"(1 - β) {state.sign}" if given.momentum_form == "averaged" else state.sign
    v = work(
        f"v.{state.t}", beta * before + share * g, formula=f"β v_{{t-1}} + {new}", names=state.names,
        slips={
            "left out the velocity so far": lambda: share * g,
            "left out the factor of the velocity": lambda: before + share * g,
            "left out the gradient": lambda: beta * before,
            "put the learning rate into the velocity": lambda: beta * before + given.lr * share * g,
            "took the gradient away from the velocity": lambda: beta * before - share * g,
        },
    )  # fmt: skip
    state.names["v_t"] = v
    if given.method == "nesterov":
        update = _update(
            given, work, state, g + beta * v, f"({state.sign} + β v_t)",
            {
                "left out the look ahead": lambda: v,
                "took the velocity before the step for the one after it": lambda: g + beta * before,
                "left out the factor of the velocity": lambda: g + v,
            },
        )  # fmt: skip
    else:
        slips = {
            "left out the velocity": lambda: g,
            # β w_{t-1} - η g in place of β (w_{t-1} - w_{t-2}) - η g
            "applied the momentum to the weight instead of its last change":
                lambda: share * g - beta * state.w / given.lr,
        }  # fmt: skip
        update = _update(given, work, state, v, "v_t", slips)
    return state.m, v, *update


def _adam(given: Optimizer, work: Working, state: _State) -> Moved:
    t, g = state.t, state.g
    m = _average(work, "m", state, given.beta1, "β_1", g, state.sign, {"took β_2 for β_1": given.beta2})
    v = _average(work, "v", state, given.beta2, "β_2", g * g, _square(state), {"took β_1 for β_2": given.beta1})
    m_hat = _unbiased(work, "m", t, m, given.beta1, "β_1", state.names)
    v_hat = _unbiased(work, "v", t, v, given.beta2, "β_2", state.names)
    state.names.update({"m_t": m, "v_t": v, "m_hat_t": m_hat, "v_hat_t": v_hat})
    root = _root(v_hat, given.eps)
    direction, formula = m_hat / root, "m_hat_t / (sqrt(v_hat_t) + ε)"
    slips = {
        "left out the bias correction": lambda: m / _root(v, given.eps),
        "took the gradient for its mean": lambda: g / root,
        **_root_slips(m_hat, v_hat, given.eps),
    }
    if given.method == "adamw" and given.weight_decay:
        shrinking, adam = given.weight_decay * state.w, direction
        slips = {
            **{label: partial(_added, slip, shrinking) for label, slip in slips.items()},
            "left out the weight decay": lambda: adam,
            "left the learning rate out of the weight decay": lambda: adam + shrinking / given.lr,
        }
        direction, formula = adam + shrinking, f"({formula} + λ w_{{t-1}})"
    return m, v, *_update(given, work, state, direction, formula, slips)


def _by_squares(given: Optimizer, work: Working, state: _State) -> Moved:
    """rmsprop and adagrad: a step is divided by the root of what squares there were."""
    g, before = state.g, state.v
    if given.method == "rmsprop":
        v = _average(work, "v", state, given.rho, "ρ", g * g, _square(state), {})
    else:
        v = work(
            f"v.{state.t}", before + g * g, formula=f"v_{{t-1}} + {_square(state)}", names=state.names,
            slips={
                "left out the squares so far": lambda: g * g,
                "left out the square of the gradient": lambda: before + g,
            },
        )  # fmt: skip
    state.names["v_t"] = v
    slips = {
        "did not divide by the root of the squares": lambda: g,
        "took the squares before the step": lambda: g / _root(before, given.eps),
        **_root_slips(g, v, given.eps),
    }
    return state.m, v, *_update(given, work, state, g / _root(v, given.eps), f"{state.sign} / (sqrt(v_t) + ε)", slips)


METHODS: dict[str, Callable[[Optimizer, Working, _State], Moved]] = {
    "sgd": _sgd, "sign": _by_sign, "momentum": _momentum, "nesterov": _momentum, "adam": _adam, "adamw": _adam,
    "rmsprop": _by_squares, "adagrad": _by_squares,
}  # fmt: skip
"""Method → mean of gradients, velocity or squares, and update of one step."""


def _average(
    work: Working, name: str, state: _State, kept: float, sign: str, new: Any, written: str, others: dict[str, float]
) -> Any:
    """A running mean of gradients or squares; `others` are factors that somebody may take for the right one."""
    before = getattr(state, name)
    slips: dict[str, Callable[[], Any]] = {
        f"exchanged {sign} and 1 - {sign}": lambda: _mixed(1 - kept, before, new),
        f"left out the factor 1 - {sign}": lambda: kept * before + new,
        "left out the mean so far": lambda: (1 - kept) * new,
        **{label: partial(_mixed, other, before, new) for label, other in others.items()},
    }
    if name == "v":
        slips["left out the square of the gradient"] = lambda: _mixed(kept, before, state.g)
    return work(
        f"{name}.{state.t}", _mixed(kept, before, new),
        formula=f"{sign} {name}_{{t-1}} + (1 - {sign}) {written}", names=state.names, slips=slips,
    )  # fmt: skip


def _mixed(kept: float, before: Any, new: Any) -> Any:
    return kept * before + (1 - kept) * new


def _added(slip: Callable[[], Any], other: Any) -> Any:
    return slip() + other


def _unbiased(work: Working, name: str, t: int, mean: Any, kept: float, sign: str, names: dict[str, Any]) -> Any:
    if kept**t == 1:
        raise Undefined(f"{sign} is {kept:g}, so that there is no dividing by 1 - {sign}^t")
    return work(
        f"{name}_hat.{t}", mean / (1 - kept**t), formula=f"{name}_t / (1 - {sign}^t)", names={**names, f"{name}_t": mean},
        slips={
            "left out the bias correction": lambda: mean,
            "left out the power t of the bias correction": lambda: mean / (1 - kept),
            "multiplied by the bias correction instead of dividing": lambda: mean * (1 - kept**t),
        },
    )  # fmt: skip


def _root(v: Any, eps: float) -> Any:
    root = np.sqrt(v) + eps
    if not np.all(root):
        raise Undefined("the squares and `eps` are 0, so that there is no dividing by their root")
    return root


def _root_slips(above: Any, v: Any, eps: float) -> dict[str, Callable[[], Any]]:
    return {
        "left out the root": lambda: above / (v + eps),
        "put ε inside the root": lambda: above / np.sqrt(v + eps),
        "left out ε": lambda: above / np.sqrt(v),
    }


def _square(state: _State) -> str:
    """The gradient's square as it is written; of a square matrix ^2 would be the product with itself."""
    sign = state.sign
    return f"{sign} * {sign}" if np.ndim(state.g) == 2 else f"{sign}^2"
