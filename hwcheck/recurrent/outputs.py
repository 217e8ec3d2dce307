"""The output of a cell after its last step or after every step, its loss, and one gradient step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.kernels import losses
from hwcheck.kernels.activations import FUNCTIONS, SLOPES
from hwcheck.kernels.types import Array
from hwcheck.recurrent.cells import (
    MAX_TERMS,
    Cell,
    as_vector,
    counted,
    plain,
    size_of,
    summed_products,
    summed_up,
    times,
)
from hwcheck.recurrent.givens import Gated
from hwcheck.working import Slip, Working


class Outputs:
    """The outputs y, recorded with their loss and its slopes.

    `inner` are the slopes in each output before its activation, by step; `through` those in the state.
    """

    def __init__(self, cell: Cell, work: Working, h: Mapping[int, Array]) -> None:
        self.cell, self.h = cell, h
        given = self.given = cell.given
        self.W, self.b = self._parameters()
        self.psi = FUNCTIONS[given.output_activation]
        last = len(h) - 1
        self.asked = range(1, last + 1) if given.outputs == "every" else [last]
        self.y = {t: self._output(work, t) for t in self.asked}
        target = self._target()
        share = 1 / len(self.asked) if given.over_time == "mean" else 1.0

        def total(name: str, reduction: str = given.reduction) -> float:
            return share * sum(losses.loss(name, self.y[t], target[t], reduction) for t in self.asked)

        work(
            "loss", total(given.loss), formula=self._loss_formula() if len(self.asked) == 1 else "",
            names={"t": self.shown(target[last]), "o": self.W.shape[0]}, slips=_other_squares(given.loss, total),
        )  # fmt: skip
        self.grad = {t: self._slope(work, t, target[t], share) for t in self.asked}
        self.inner = {t: self._before_activation(t) for t in self.asked}
        self.through = {t: self.inner[t] @ self.W for t in self.asked}

    def _parameters(self) -> tuple[Array, Array]:
        W = np.asarray(self.given.W_y, dtype=np.float64)
        self.number = W.ndim < 2
        """whether an output is a number"""
        if W.size % self.cell.m or W.shape[-1:] not in ((), (self.cell.m,)):
            raise Undefined(f"`W_y` is {size_of(W.shape)}, and the state has {counted(self.cell.m, 'unit')}")
        W = np.ascontiguousarray(W).reshape(-1, self.cell.m)
        return W, as_vector("b_y", self.given.b_y, W.shape[:1])

    def shown(self, value: Array) -> Any:
        """An output as the working shows it."""
        return plain(value[..., 0]) if self.number else value

    def _back(self, value: Any) -> Array:
        array_ = np.asarray(value, dtype=np.float64)
        return array_[..., None] if self.number else array_

    def _at(self, name: str, t: int) -> str:
        return f"{name}.{t}" if self.given.outputs == "every" else name

    def _output(self, work: Working, t: int) -> Array:
        h, activation = self.h[t], self.given.output_activation
        product = "W_y^T h_t" if np.ndim(self.given.W_y) == 1 else "W_y h_t"
        inside = f"{product}{' + b_y' if 'b_y' in self.given else ''}"
        return self._back(
            work(
                self._at("y", t), self.shown(np.asarray(self.psi(h @ self.W.T + self.b))),
                formula=inside if activation == "identity" else f"{activation}({inside})",
                names={"h_t": self.cell.shown(h)},
                slips={
                    **({"left out the bias": lambda: self.shown(np.asarray(self.psi(h @ self.W.T)))}
                       if "b_y" in self.given else {}),
                    **({"left out the output activation": lambda: self.shown(h @ self.W.T + self.b)}
                       if activation != "identity" else {}),
                },
            )
        )  # fmt: skip

    def _target(self) -> dict[int, Array]:
        """The target of every output, in its shape."""
        target = np.asarray(self.given.target, dtype=np.float64)
        count, outputs = len(self.asked), self.W.shape[0]
        every = (*self.cell.batch, count, outputs)
        """the shape of all targets"""
        axes = (*self.cell.batch, *((count,) if self.given.outputs == "every" else ()))
        whole = (*axes, *(() if self.number else (outputs,)))
        if self.given.loss == "cross_entropy" and not self.number and target.shape == axes:
            if not np.isin(target, np.arange(outputs)).all():
                raise Undefined(f"a class in `target` is a whole number from 0 to {outputs - 1}")
            target = np.eye(outputs)[target.astype(int)]
        if target.shape != whole and not target.size == np.prod(every) == 1:
            raise Undefined(f"`target` is {size_of(target.shape)}, and the outputs are {size_of(whole)}")
        target = np.ascontiguousarray(target).reshape(every)
        return {t: np.ascontiguousarray(target[..., place, :]) for place, t in enumerate(self.asked)}

    def _slope(self, work: Working, t: int, target: Array, share: float) -> Array:
        y, name, reduction = self.y[t], self.given.loss, self.given.reduction

        def slope(name: str) -> Any:
            return self.shown(share * losses.slope(name, y, target, reduction))

        return self._back(
            work(
                self._at("grad_y", t), slope(name), formula=self._slope_formula() if share == 1 else "",
                names={"t": self.shown(target), "y": self.shown(y), "o": self.W.shape[0]},
                slips={
                    "took target minus output": lambda: -slope(name),
                    **_other_squares(name, slope),
                },
            )
        )  # fmt: skip

    def _loss_formula(self) -> str:
        """The loss of one output y with the target t."""
        name = self.given.loss
        if self.cell.batch or name == "rmse":
            return ""
        joined = "sum" if "sum" in name or self.given.reduction == "sum" else "mean"
        if name in losses.SQUARES:
            half = "1/2 " if name.startswith("half") else ""
            return f"{half}(y - t)^2" if self.number else f"{half}{joined}((y - t)^2)"
        if name == "mae":
            return "|y - t|" if self.number else f"{joined}(abs(y - t))"
        entries = "t * ln(y) + (1 - t) * ln(1 - y)" if name == "bce" else "t * ln(y)"
        return f"-({entries})" if self.number else f"-sum({entries})"

    def _slope_formula(self) -> str:
        """Its slope in y."""
        name = self.given.loss
        if self.cell.batch or name in ("rmse", "mae"):
            return ""
        if name in losses.SQUARES:
            shared = "" if self.number or "sum" in name or self.given.reduction == "sum" else " / o"
            two = "" if name.startswith("half") else "2 "
            return f"{two}(y - t){shared}" if two or shared else "y - t"
        return "(y - t) / (y * (1 - y))" if name == "bce" else "-t / y"

    def _before_activation(self, t: int) -> Array:
        y, slope = self.y[t], self.grad[t]
        if self.given.output_activation == "softmax":
            return np.asarray(y * (slope - (slope * y).sum(axis=-1, keepdims=True)))
        return np.asarray(slope * SLOPES[self.given.output_activation](y))

    def formula(self, t: int) -> str:
        """The slope in an output before its activation."""
        at = f"_{t}" if self.given.outputs == "every" else ""
        return {
            "identity": f"grad_y{at}",
            "sigmoid": f"grad_y{at} * y{at} * (1 - y{at})",
            "softmax": f"(diag(y{at}) - y{at} y{at}^T) grad_y{at}",
        }[self.given.output_activation]

    def formula_through(self, t: int) -> str:
        """The slope in a state by its own output; empty where the step has none."""
        if t not in self.inner:
            return ""
        W = "W_y^T" if np.ndim(self.given.W_y) == 2 else "W_y"
        inside = self.formula(t)
        return f"{W} {inside}" if self.given.output_activation == "identity" else f"{W} ({inside})"

    def gradients(self, work: Working) -> dict[str, Any]:
        """Record the gradients of the weights and the bias of the output, and return them by name."""
        last, turned = self.asked[-1], "" if self.cell.number else "^T"
        written = not self.cell.batch and len(self.asked) <= MAX_TERMS
        found = {}

        def summed(steps: Sequence[int]) -> Array:
            return summed_products([self.inner[t] for t in steps], [self.h[t] for t in steps])

        def summed_bias(steps: Sequence[int]) -> Array:
            return summed_up([self.inner[t] for t in steps])

        for name, of in (("W_y", summed), ("b_y", summed_bias)):
            shape = np.shape(getattr(self.given, name))
            if name not in self.given:
                shape = () if self.number else self.W.shape[:1]
            # A vector W_y is a column beside a state that is one: its gradient is that state, times a number.
            factors = {
                t: f" h_{t}{'' if np.ndim(self.given.W_y) < 2 else turned}" if name == "W_y" else "" for t in self.asked
            }
            found[name] = work(
                f"grad_{name}", of(self.asked).reshape(shape),
                formula=" + ".join(times(self.formula(t), factors[t]) for t in self.asked) if written else "",
                slips={"took only the last step's gradient": lambda of=of, shape=shape: of([last]).reshape(shape)}
                if len(self.asked) > 1 else {},
            )  # fmt: skip
        return found


def _other_squares(name: str, value: Callable[[str], Any]) -> dict[str, Slip]:
    """The ½ of a squared loss, or its derivative's 2, forgotten or added."""
    if name not in losses.SQUARES:
        return {}
    if name.startswith("half_"):
        return {"left out the ½": lambda: value(name.removeprefix("half_"))}
    return {"put in a ½": lambda: value(f"half_{name}")}


def moved(given: Gated, work: Working, gradients: Mapping[str, Any]) -> None:
    """Record every parameter after one gradient step."""
    for name, gradient in gradients.items():
        old = getattr(given, name)
        shape = np.shape(gradient)
        weight = np.broadcast_to(old, shape) if shape else float(np.reshape(old, ()))
        work(
            f"new_{name}", weight - given.lr * gradient, formula=f"{name} - η grad_{name}",
            slips={
                "moved up the gradient": lambda w=weight, g=gradient: w + given.lr * g,
                "left the weight as it was": lambda w=weight: w,
                "left out the learning rate": lambda w=weight, g=gradient: w - g,
            },
        )  # fmt: skip
