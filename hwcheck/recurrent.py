"""What the cells with gates (kinds `lstm` and `gru`) have in common: their weights, the output, its loss, and the sizes.

The inside of a cell stands in its own kind. Here are the matrices of a gate, given over [h, x] or split; the numbers or
vectors that a working shows; the output after the last step or after every step; and the sums over the steps that make the
gradients of the parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.given import Givens, array, integer, option, real
from hwcheck.kernels import losses
from hwcheck.kernels.activations import FUNCTIONS, SLOPES
from hwcheck.kernels.types import Array
from hwcheck.working import Slip, Working

MAX_TERMS = 12
"""How many steps a sum over the steps is written out for."""


def weight(what: str) -> Any:
    """The field of a matrix W: over [h, x], or for x alone where there is a matrix U for h."""
    return array("m n|m+n", "n", "", doc=f"{what}: weights over [h, x], or of x alone where there is a U of that name")


def recurrent_weight(what: str) -> Any:
    """The field of a matrix U."""
    return array("m m", "", doc=f"{what}: weights of the state, where W holds those of the input only")


def bias(what: str) -> Any:
    """The field of a bias."""
    return array("m", "", default=0.0, doc=f"{what}: the bias")


class Gated(Givens):
    """What LSTM and GRU are given alike. The fields of a cell come after x, h0 and `order`."""

    x: float | Array = array(
        "T n", "T", "", "N T n",
        doc="the inputs x_1, x_2, …, one row a step (numbers where an input is a number); with an axis before them, a batch",
    )  # fmt: skip
    h0: float | Array = array(
        "m", "", "N m", default=0.0, sign="h_0", doc="the state before the first step", misread={"took h_0 as 0": 0.0}
    )
    order: str = option(
        "hx", "xh", doc="what comes first in [h, x], for weights that are not split",
        others={"hx": "put the state before the input", "xh": "put the input before the state"},
    )  # fmt: skip
    W_y: float | Array = array("o m", "m", "", doc="weights of the output")
    b_y: float | Array = array("o", "", default=0.0, doc="bias of the output")
    output_activation: str = option("identity", "sigmoid", "softmax", doc="ψ, applied to the output")
    target: float | Array = array(
        "T|o", "", "T|N o|T", "N T o", sign="t",
        doc="what the output should be; one row a step with `outputs: every`; for cross_entropy it may be the class, from 0",
    )  # fmt: skip
    outputs: str = option("last", "every", doc="whether only the last step has an output")
    loss: str = option(*losses.NAMES, doc="the loss of one output")
    over_time: str = option(
        "sum", "mean", doc="how the losses of the steps are joined",
        others={"sum": "summed the losses over the steps", "mean": "averaged the losses over the steps"},
    )  # fmt: skip
    reduction: str = option(
        "mean", "sum", doc="whether a loss is averaged over its entries (squares) and over a batch",
        others={"mean": "averaged the loss over its entries", "sum": "summed the loss over its entries"},
    )  # fmt: skip
    lr: float = real(above=0, sign="η", doc="the learning rate of one gradient step")
    inputs: int = integer(doc="sizes only: the length n of an input")
    hidden: int = integer(doc="sizes only: the length m of the state")
    outputs_size: int = integer(0, default=0, doc="sizes only: the length of an output")
    steps: int = integer(default=1, doc="sizes only: the number of steps T")
    layers: int = integer(default=1, high=1000, doc="sizes only: how many layers are stacked")
    bidirectional: bool = option(False, True, doc="sizes only: a second network reads backwards")
    bias_vectors: int = option(
        1, 2, 0, doc="sizes only: bias vectors a gate",
        others={1: "counted one bias vector", 2: "counted two bias vectors", 0: "left out the biases"},
    )  # fmt: skip

    def __init_subclass__(cls) -> None:
        first = ("x", "h0", "order")
        own = [name for name in cls.fields if name not in Gated.fields]
        cls.fields = {name: cls.fields[name] for name in (*first, *own, *Gated.fields)}


def by_step() -> dict[int, Array]:
    """Values of a quantity by step; the start is 0."""
    return {}


# The parameters of a gate.


class Gate(NamedTuple):
    """The parameters of one gate: U (m × m) for the state, W (m × n) for the input, and the bias b (m).

    `letter` is what its givens are called by: W_f.
    """

    letter: str
    U: Array
    W: Array
    b: Array

    def of(self, h: Array, x: Array) -> Array:
        """U h + W x + b, also for rows of a batch."""
        return h @ self.U.T + x @ self.W.T + self.b


class Cell:
    """One network of gates as it is given: how many units and inputs, the steps of x, and how its values are shown.

    Inside, a state is a vector or rows of a batch; to the working it is a number where it is given as one.
    """

    def __init__(self, given: Gated, letter: str) -> None:
        self.given = given
        self.split = any(name.startswith("U_") for name in given.values)
        """whether W holds the weights of the input only, and U those of the state"""
        W = self._weight("W", letter)
        main = self._weight("U", letter) if self.split else W
        self.number = max(W.ndim, main.ndim) < 2
        """whether the state is a number"""
        self.m = main.shape[0] if main.ndim == 2 else 1
        columns = W.shape[-1] if W.ndim else 1
        self.n = columns if self.split else columns - self.m
        if self.n < 1:
            raise Undefined(
                f"`W_{letter}` has {_counted(columns, 'column')}: too few for [h, x], where h has {self.m}; "
                f"weights of x alone need `U_{letter}` for h"
            )
        self._steps()
        self._gates: dict[str, Gate] = {}

    def _weight(self, matrix: str, letter: str) -> Array:
        return np.array(getattr(self.given, f"{matrix}_{letter}"), dtype=np.float64, order="C")

    def _steps(self) -> None:
        x = np.asarray(self.given.x, dtype=np.float64)
        self.x_shape = x.shape
        self.x_number = x.ndim < 2 and self.n == 1
        """whether an input is a number"""
        if self.x_number:
            x = x.reshape(-1, 1)
        elif x.ndim < 2:
            x = x.reshape(1, -1)  # a single step
        if x.shape[-1] != self.n:
            raise Undefined(f"an input of `x` has {_counted(x.shape[-1], 'number')}, and the weights take {self.n}")
        self.batch = x.shape[:-2]
        """the axis before the steps, if there is one"""
        self.x = [np.ascontiguousarray(x[..., t, :]) for t in range(x.shape[-2])]

    def gate(self, letter: str) -> Gate:
        """The parameters of a gate.

        Raises:
            Undefined: they have other sizes than those of the first gate.
        """
        if letter not in self._gates:
            self._gates[letter] = self._read(letter)
        return self._gates[letter]

    def _read(self, letter: str) -> Gate:
        W = self._weight("W", letter)
        shown, wanted = (self.m, self.n), (self.m, self.n if self.split else self.m + self.n)
        if W.size != wanted[0] * wanted[1] or (W.ndim == 2 and W.shape != wanted):
            raise Undefined(f"`W_{letter}` is {_size(W.shape)}, and {_size(wanted)} is needed for {_units(*shown)}")
        W = W.reshape(wanted)
        if self.split:
            U = self._weight("U", letter)
            if U.size != self.m**2:
                raise Undefined(f"`U_{letter}` is {_size(U.shape)}, and {_size((self.m, self.m))} is needed")
            U = U.reshape(self.m, self.m)
        elif self.given.order == "hx":
            U, W = W[:, : self.m], W[:, self.m :]
        else:
            U, W = W[:, self.n :], W[:, : self.n]
        return Gate(letter, np.ascontiguousarray(U), np.ascontiguousarray(W), self.vector(f"b_{letter}"))

    def vector(self, name: str) -> Array:
        """A bias as a vector."""
        return _vector(name, getattr(self.given, name), (self.m,))

    def state(self, name: str) -> Array:
        """h0 or c0 as a vector, or as rows of the batch."""
        value = np.asarray(getattr(self.given, name), dtype=np.float64)
        if self.number and self.batch and value.shape == self.batch:
            value = value[:, None]
        return _vector(name, value, (*self.batch, self.m) if value.ndim == 2 else (self.m,)) + np.zeros(
            (*self.batch, self.m)
        )

    def has(self, *letters: str) -> bool:
        """Whether the parameters of these gates are given."""
        return all(f"W_{one}" in self.given and (not self.split or f"U_{one}" in self.given) for one in letters)

    # What the working shows.

    def shown(self, value: Array) -> Any:
        """A state or gate as the working shows it."""
        return value[..., 0] if self.number else value

    def shown_input(self, x: Array) -> Any:
        """An input as the working shows it."""
        return _plain(x[..., 0]) if self.x_number else x

    def step(
        self, work: Working, name: str, value: Array, *, formula: str = "", names: Mapping[str, Any] | None = None,
        slips: Mapping[str, Slip] | None = None,
    ) -> Array:  # fmt: skip
        """Record a state, a gate, or the slope in one, and return what to go on with."""
        handed = work(
            name, self.shown(value), formula=formula, names=names or {},
            slips={label: lambda slip=slip: self.shown(slip()) for label, slip in (slips or {}).items()},
        )  # fmt: skip
        array_ = np.asarray(handed, dtype=np.float64)
        return array_[..., None] if self.number else array_

    def formula(self, letter: str, state: str = "h_{t-1}") -> str:
        """What stands inside the activation of a gate, for what its state is called."""
        added = f" + b_{letter}" if f"b_{letter}" in self.given else ""
        if self.split:
            product = f"U_{letter} ({state})" if " " in state else f"U_{letter} {state}"
            return f"{product} + W_{letter} x_t{added}"
        both = f"{state}, x_t" if self.given.order == "hx" else f"x_t, {state}"
        return f"W_{letter} concat({both}){added}"

    def names(self, gate: Gate, h: Array, x: Array) -> dict[str, Any]:
        """What the names in such a formula stand for."""
        names = {"h_{t-1}": _plain(self.shown(h)), "x_t": self.shown_input(x)}
        if np.ndim(getattr(self.given, f"W_{gate.letter}")) == 1:  # a row, which by itself would be read as a column
            names[f"W_{gate.letter}"] = gate.W if self.split else self._joined(gate.U, gate.W)
        return names

    @property
    def turned(self) -> str:
        """How a matrix U stands before a slope: transposed, unless it is a number."""
        return "" if self.number else "^T"

    def recurrent_names(self, letters: str) -> dict[str, Any]:
        """The matrices U by name, where the givens do not have them."""
        if self.split:
            return {}
        return {
            f"U_{letter}": self.gate(letter).U if not self.number else float(self.gate(letter).U[0, 0])
            for letter in letters
        }

    def _joined(self, of_h: Array, of_x: Array) -> Array:
        return np.concatenate([of_h, of_x] if self.given.order == "hx" else [of_x, of_h], axis=-1)

    # Slips of a gate.

    def gate_slips(
        self, gate: Gate, phi: Callable[[Array], Array], h: Array, x: Array
    ) -> dict[str, Callable[[], Array]]:
        """What goes wrong in any gate: something left out."""
        slips: dict[str, Callable[[], Array]] = {
            "left out the recurrent weights": lambda: phi(x @ gate.W.T + gate.b + 0.0 * h),
            "left out the input": lambda: phi(h @ gate.U.T + gate.b),
            "left out the activation": lambda: gate.of(h, x),
        }
        if f"b_{gate.letter}" in self.given:
            slips["left out the bias"] = lambda: phi(h @ gate.U.T + x @ gate.W.T)
        return slips

    # The gradients of the parameters.

    def gradients(
        self, work: Working, gate: Gate, delta: Sequence[Array], h: Sequence[Array], slopes: str, before: str = "h_{0}",
        *, weighed: Sequence[Array] | None = None, by: str = "", slips: Mapping[str, Sequence[Array]] | None = None,
        other: Mapping[str, Sequence[Array]] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Record the gradients of U, W and b of a gate, and return them by the names of their givens.

        Args:
            work: the working.
            gate: the gate.
            delta: the slope of the loss in what stands inside its activation, step by step.
            h: what U is multiplied by, step by step.
            slopes: that slope as a formula; {0} is the step.
            before: what U is multiplied by, as a formula; {0} is the step before, {1} the step.
            weighed: what the product of U is multiplied by, step by step, where it is; `by` is it as a formula.
            slips: label → other slopes, step by step.
            other: label → other values that U is multiplied by, step by step.
        """
        if len(delta) > 1:
            slips = {
                "took only the last step's gradient": [*(0.0 * one for one in delta[:-1]), delta[-1]],
                **(slips or {}),
            }

        def of_state(slopes: Sequence[Array], h: Sequence[Array]) -> Array:
            return _summed(slopes if weighed is None else [d * w for d, w in zip(slopes, weighed, strict=True)], h)

        def of_input(slopes: Sequence[Array], h: Sequence[Array]) -> Array:
            return _summed(slopes, self.x)

        def of_both(slopes: Sequence[Array], h: Sequence[Array]) -> Array:
            return self._joined(of_state(slopes, h), of_input(slopes, h))

        def of_bias(slopes: Sequence[Array], h: Sequence[Array]) -> Array:
            return summed_up(slopes)

        def recorded(
            name: str, of: Callable[[Sequence[Array], Sequence[Array]], Array], slopes: str, factor: str
        ) -> Any:
            shape = np.shape(getattr(self.given, name)) if name in self.given else () if self.number else (self.m,)
            wrong = {label: (other_slopes, h) for label, other_slopes in (slips or {}).items()}
            if of in (of_state, of_both):
                wrong |= {label: (delta, values) for label, values in (other or {}).items()}
            return work(
                f"grad_{name}", of(delta, h).reshape(shape), formula=self.over_steps(slopes, factor), names=self._inputs(),
                slips={label: lambda with_=with_: of(*with_).reshape(shape) for label, with_ in wrong.items()},
            )  # fmt: skip

        letter = gate.letter
        found = {}
        if self.split:
            turned = "" if self.number else "^T"
            of_U = f"({slopes}) * {by}" if by else slopes
            found[f"U_{letter}"] = recorded(f"U_{letter}", of_state, of_U, f" {_bracketed(before)}{turned}")
            turned = "" if self.number and self.x_number else "^T"
            found[f"W_{letter}"] = recorded(f"W_{letter}", of_input, slopes, f" x_{{1}}{turned}")
        else:
            both = f"{before}, x_{{1}}" if self.given.order == "hx" else f"x_{{1}}, {before}"
            found[f"W_{letter}"] = recorded(f"W_{letter}", of_both, "" if by else slopes, f" concat({both})^T")
        found[f"b_{letter}"] = recorded(f"b_{letter}", of_bias, slopes, "")
        return found

    def _inputs(self) -> dict[str, Any]:
        if len(self.x) > MAX_TERMS:
            return {}
        return {
            "h_0": _plain(self.shown(self.state("h0"))),
            **{f"x_{t}": self.shown_input(x_t) for t, x_t in enumerate(self.x, 1)},
        }

    def over_steps(self, slopes: str, factor: str) -> str:
        """A sum over the steps, written out."""
        if self.batch or not slopes or len(self.x) > MAX_TERMS:
            return ""
        return " + ".join(_times(slopes.format(t), factor.format(t - 1, t)) for t in range(1, len(self.x) + 1))

    def input_gradient(self, work: Working, slopes: Sequence[tuple[Gate, Sequence[Array]]]) -> None:
        """Record the gradient of x, from the slopes inside every gate."""
        steps = [sum(delta[t] @ gate.W for gate, delta in slopes) for t in range(len(self.x))]
        work("grad_x", np.stack(steps, axis=-2).reshape(self.x_shape))


def _vector(name: str, value: float | Array, shape: tuple[int, ...]) -> Array:
    value = np.asarray(value, dtype=np.float64)
    if value.ndim == 0 and value == 0:
        return np.zeros(shape)
    if value.size != np.prod(shape) or (value.ndim == len(shape) and value.shape != shape):
        raise Undefined(f"`{name}` is {_size(value.shape)}, and {_size(shape)} is needed")
    return np.ascontiguousarray(value).reshape(shape)


def _plain(value: Any) -> Any:
    return float(value) if np.ndim(value) == 0 else value


def _size(shape: tuple[int, ...]) -> str:
    if not shape:
        return "a number"
    return f"a vector of {shape[0]}" if len(shape) == 1 else " × ".join(map(str, shape))


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _units(m: int, n: int) -> str:
    return f"{_counted(m, 'unit')} and {_counted(n, 'input')}"


def _times(slope: str, factor: str) -> str:
    return f"{_bracketed(slope) if factor else slope}{factor}"


def _bracketed(formula: str) -> str:
    return f"({formula})" if " " in formula else formula


def _summed(slopes: Sequence[Array], values: Sequence[Array]) -> Array:
    """The sum over steps and samples of slope times value, m × n."""
    return np.asarray(sum(np.atleast_2d(d).T @ np.atleast_2d(v) for d, v in zip(slopes, values, strict=True)))


def summed_up(slopes: Sequence[Array]) -> Array:
    """The sum of vectors over steps and samples."""
    return np.asarray(sum(map(over_batch, slopes)))


def over_batch(slope: Array) -> Array:
    """The sum of rows over the samples of a batch."""
    return slope.sum(axis=0) if slope.ndim > 1 else slope


def through_sigmoid(slope: Array, a: Array) -> Array:
    """The slope inside a sigmoid from the slope in its value a."""
    return np.asarray(slope * SLOPES["sigmoid"](a))


def through_tanh(slope: Array, a: Array) -> Array:
    """The slope inside a tanh from the slope in its value a."""
    return np.asarray(slope * SLOPES["tanh"](a))


def inside_sigmoid(name: str) -> str:
    """The same as a formula: {0} is the step."""
    return f"grad_{name}_{{0}} * {name}_{{0}} * (1 - {name}_{{0}})"


def inside_tanh(name: str) -> str:
    """The same for tanh."""
    return f"grad_{name}_{{0}} * (1 - {name}_{{0}}^2)"


# The output and its loss.


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

        numbers = self.number and not cell.batch
        work(
            "loss", total(given.loss), formula=_LOSS.get(given.loss, "") if len(self.asked) == 1 and numbers else "",
            names={"t": _plain(self.shown(target[last]))}, slips=_other_squares(given.loss, total),
        )  # fmt: skip
        self.grad = {t: self._slope(work, t, target[t], share) for t in self.asked}
        self.inner = {t: self._before_activation(t) for t in self.asked}
        self.through = {t: self.inner[t] @ self.W for t in self.asked}

    def _parameters(self) -> tuple[Array, Array]:
        W = np.asarray(self.given.W_y, dtype=np.float64)
        self.number = W.ndim < 2
        """whether an output is a number"""
        if W.size % self.cell.m or W.shape[-1:] not in ((), (self.cell.m,)):
            raise Undefined(f"`W_y` is {_size(W.shape)}, and the state has {_counted(self.cell.m, 'unit')}")
        W = np.ascontiguousarray(W).reshape(-1, self.cell.m)
        return W, _vector("b_y", self.given.b_y, W.shape[:1])

    def shown(self, value: Array) -> Any:
        """An output as the working shows it."""
        return value[..., 0] if self.number else value

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
                names={"h_t": _plain(self.cell.shown(h))},
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
            raise Undefined(f"`target` is {_size(target.shape)}, and the outputs are {_size(whole)}")
        target = np.ascontiguousarray(target).reshape(every)
        return {t: np.ascontiguousarray(target[..., place, :]) for place, t in enumerate(self.asked)}

    def _slope(self, work: Working, t: int, target: Array, share: float) -> Array:
        y, name, reduction = self.y[t], self.given.loss, self.given.reduction

        def slope(name: str) -> Any:
            return self.shown(share * losses.slope(name, y, target, reduction))

        numbers = self.number and not self.cell.batch
        return self._back(
            work(
                self._at("grad_y", t), slope(name), formula=_SLOPE.get(name, "") if share == 1 and numbers else "",
                names={"t": _plain(self.shown(target)), "y": _plain(self.shown(y))},
                slips={
                    "took target minus output": lambda: -slope(name),
                    **_other_squares(name, slope),
                },
            )
        )  # fmt: skip

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
            return _summed([self.inner[t] for t in steps], [self.h[t] for t in steps])

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
                formula=" + ".join(_times(self.formula(t), factors[t]) for t in self.asked) if written else "",
                slips={"took only the last step's gradient": lambda of=of, shape=shape: of([last]).reshape(shape)}
                if len(self.asked) > 1 else {},
            )  # fmt: skip
        return found


_LOSS = {
    "half_mse": "1/2 (y - t)^2",
    "half_sum_squares": "1/2 (y - t)^2",
    "mse": "(y - t)^2",
    "sum_squares": "(y - t)^2",
}
_SLOPE = {"half_mse": "y - t", "half_sum_squares": "y - t", "mse": "2 (y - t)", "sum_squares": "2 (y - t)"}


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


def quantities(gates: Mapping[str, str]) -> dict[str, str]:
    """What is recorded of the output, the gradients and the sizes of a cell with these gates: letter → what it is."""
    matrices = {"W": "weights", "U": "weights of the state", "b": "bias"}
    parameters = {
        f"{matrix}_{letter}": f"{of}, {gate}" for letter, gate in gates.items() for matrix, of in matrices.items()
    }
    parameters |= {"W_y": "weights of the output", "b_y": "bias of the output"}
    return {
        "y": "the output after the last step",
        "y.t": "the output of step t, with `outputs: every`",
        "loss": "the loss",
        "grad_y": "slope of the loss in the output",
        "grad_y.t": "slope of the loss in the output of step t",
        "grad_h.t": "slope of the loss in the state after step t, through all later steps",
        **{f"grad_{name}": f"slope of the loss, summed over the steps: {what}" for name, what in parameters.items()},
        "grad_x": "slope of the loss in the inputs",
        **{f"new_{name}": f"after one gradient step: {what}" for name, what in parameters.items()},
        "gate.params": "sizes only: the number of parameters of one gate of the first layer",
        "weights": "sizes only: the number of weights",
        "biases": "sizes only: the number of biases",
        "params": "sizes only: the number of parameters",
    }


# Sizes alone.


def count(given: Gated, work: Working, gates: int, called: str) -> None:
    """Record the numbers of parameters; the cell has so many matrices over [h, x], `called` as in "four"."""
    n, m, o, each = given.inputs, given.hidden, given.outputs_size, given.bias_vectors
    directions = 2 if given.bidirectional else 1
    names = {"n": n, "m": m, "o": o, "gates": gates, "b": each}
    added = {0: "", 1: " + m", 2: " + 2 m"}[each]
    gate = work(
        "gate.params", n * m + m * m + each * m, formula=f"n m + m m{added}", names=names,
        slips={
            "left out the recurrent weights": lambda: n * m + each * m,
            **({"left out the biases": lambda: n * m + m * m,
                "counted one bias for the whole gate": lambda: n * m + m * m + each} if each else {}),
        },
    )  # fmt: skip

    deeper = (given.layers - 1) * (directions * m * m + m * m)
    recurrent_weights = gates * directions * given.layers * m * m
    output = directions * m * o
    one_gate = directions * (n * m + m * m + deeper)
    single = directions == given.layers == 1
    counted = gates * one_gate + output
    weights = work(
        "weights", counted, formula=f"{gates} (n m + m m){' + m o' if o else ''}" if single else "", names=names,
        slips={
            f"counted one gate instead of {called}": lambda: one_gate + output,
            "left out the recurrent weights": lambda: counted - recurrent_weights,
            **({"left out the output layer": lambda: counted - output} if o else {}),
        },
    )  # fmt: skip
    of_output = o if each else 0
    units = gates * each * directions * given.layers * m + of_output
    biases = work(
        "biases", units, formula=f"{gates * each} m{' + o' if o else ''}" if single and each else "", names=names,
        slips={
            **({f"counted one gate instead of {called}": lambda: each * directions * given.layers * m + of_output}
               if each else {}),
            **({"left out the bias of the output": lambda: units - of_output} if of_output else {}),
        },
    )  # fmt: skip

    # On paper the total is so many gates and the output, or weights and biases where somebody counted those himself.
    by_gate = single and (weights, biases) == (counted, units)
    total = gates * gate + output + of_output if by_gate else weights + biases
    in_gate = f"{gates} gate_params{' + m o + o' if of_output else ' + m o' if o else ''}"
    work(
        "params", total, formula=in_gate if by_gate else "weights + biases", names=names,
        slips={
            f"counted one gate instead of {called}": lambda: total - (gates - 1) * (one_gate + each * directions * given.layers * m),
            "left out the recurrent weights": lambda: total - recurrent_weights,
            "left out the recurrent weights of the gates, but not of the candidate":
                lambda: total - recurrent_weights // gates * (gates - 1),
            "multiplied by the number of steps": lambda: given.steps * total,
            **({"left out the biases": lambda: weights} if each else {}),
            **({"left out the output layer": lambda: total - output - of_output} if o else {}),
        },
    )  # fmt: skip
