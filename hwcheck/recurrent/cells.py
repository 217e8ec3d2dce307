"""The matrices of gates, given over [h, x] or split, and the numbers or vectors that a working of them shows.

The gradients of the parameters of a gate are here too: sums over the steps, alike for every gate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.kernels.activations import SLOPES
from hwcheck.kernels.types import Array
from hwcheck.recurrent.givens import Gated
from hwcheck.working import Slip, Working

MAX_TERMS = 12
"""How many steps a sum over the steps is written out for."""


def by_step() -> dict[int, Array]:
    """Values of a quantity by step; the start is 0."""
    return {}


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
                f"`W_{letter}` has {counted(columns, 'column')}: too few for [h, x], where h has {self.m}; "
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
            raise Undefined(f"an input of `x` has {counted(x.shape[-1], 'number')}, and the weights take {self.n}")
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
            raise Undefined(f"`W_{letter}` is {size_of(W.shape)}, and {size_of(wanted)} is needed for {_units(*shown)}")
        W = W.reshape(wanted)
        if self.split:
            U = self._weight("U", letter)
            if U.size != self.m**2:
                raise Undefined(f"`U_{letter}` is {size_of(U.shape)}, and {size_of((self.m, self.m))} is needed")
            U = U.reshape(self.m, self.m)
        elif self.given.order == "hx":
            U, W = W[:, : self.m], W[:, self.m :]
        else:
            U, W = W[:, self.n :], W[:, : self.n]
        return Gate(letter, np.ascontiguousarray(U), np.ascontiguousarray(W), self.vector(f"b_{letter}"))

    def vector(self, name: str) -> Array:
        """A bias as a vector."""
        return as_vector(name, getattr(self.given, name), (self.m,))

    def state(self, name: str) -> Array:
        """h0 or c0 as a vector, or as rows of the batch."""
        value = np.asarray(getattr(self.given, name), dtype=np.float64)
        if self.number and self.batch and value.shape == self.batch:
            value = value[:, None]
        return as_vector(name, value, (*self.batch, self.m) if value.ndim == 2 else (self.m,)) + np.zeros(
            (*self.batch, self.m)
        )

    def has(self, *letters: str) -> bool:
        """Whether the parameters of these gates are given."""
        return all(f"W_{one}" in self.given and (not self.split or f"U_{one}" in self.given) for one in letters)

    # What the working shows.

    def shown(self, value: Array) -> Any:
        """A state or gate as the working shows it."""
        return plain(value[..., 0]) if self.number else value

    def shown_input(self, x: Array) -> Any:
        """An input as the working shows it."""
        return plain(x[..., 0]) if self.x_number else x

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
        names = self.before(h, x)
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

    def before(self, h: Array, x: Array) -> dict[str, Any]:
        """What there is before a step, by name."""
        return {"h_{t-1}": self.shown(h), "x_t": self.shown_input(x)}

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
            return summed_products(
                slopes if weighed is None else [d * w for d, w in zip(slopes, weighed, strict=True)], h
            )

        def of_input(slopes: Sequence[Array], h: Sequence[Array]) -> Array:
            return summed_products(slopes, self.x)

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
                f"grad_{name}", of(delta, h).reshape(shape), formula=self.over_steps(slopes, factor),
                names=self._inputs(),
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
            "h_0": self.shown(self.state("h0")),
            **{f"x_{t}": self.shown_input(x_t) for t, x_t in enumerate(self.x, 1)},
        }

    def over_steps(self, slopes: str, factor: str) -> str:
        """A sum over the steps, written out."""
        if self.batch or not slopes or len(self.x) > MAX_TERMS:
            return ""
        return " + ".join(times(slopes.format(t), factor.format(t - 1, t)) for t in range(1, len(self.x) + 1))

    def input_gradient(self, work: Working, slopes: Sequence[tuple[Gate, Sequence[Array]]]) -> None:
        """Record the gradient of x, from the slopes inside every gate."""
        steps = [sum(delta[t] @ gate.W for gate, delta in slopes) for t in range(len(self.x))]
        work("grad_x", np.stack(steps, axis=-2).reshape(self.x_shape))


def as_vector(name: str, value: float | Array, shape: tuple[int, ...]) -> Array:
    """A given as a vector, or as rows of a batch; the number 0 stands for zeros.

    Raises:
        Undefined: it has another size.
    """
    value = np.asarray(value, dtype=np.float64)
    if value.ndim == 0 and value == 0:
        return np.zeros(shape)
    if value.size != np.prod(shape) or (value.ndim == len(shape) and value.shape != shape):
        raise Undefined(f"`{name}` is {size_of(value.shape)}, and {size_of(shape)} is needed")
    return np.ascontiguousarray(value).reshape(shape)


def plain(value: Any) -> Any:
    """A number as a float; arrays as they are."""
    return float(value) if np.ndim(value) == 0 else value


def size_of(shape: tuple[int, ...]) -> str:
    """A shape in words."""
    if not shape:
        return "a number"
    return f"a vector of {shape[0]}" if len(shape) == 1 else " × ".join(map(str, shape))


def counted(count: int, what: str) -> str:
    """A count in words: "2 columns"."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _units(m: int, n: int) -> str:
    return f"{counted(m, 'unit')} and {counted(n, 'input')}"


def times(slope: str, factor: str) -> str:
    """A product as a formula; the factor begins with a blank."""
    return f"{_bracketed(slope) if factor else slope}{factor}"


def _bracketed(formula: str) -> str:
    return f"({formula})" if " " in formula else formula


def summed_products(slopes: Sequence[Array], values: Sequence[Array]) -> Array:
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
