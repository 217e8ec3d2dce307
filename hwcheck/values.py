"""The values that a working computes and that answers are held against, and how they are shown.

A value is an int, a float, a tuple of ints (a shape), a float64 array, or a word; where givens are symbols it is one of
these at every draw. Rounding happens here, for reports only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from hwcheck.kernels.types import Array


def most(draws: int) -> int:
    """At how many of so many draws two things must be comparable to be judged: 48 of 64."""
    return max(1, 3 * draws // 4)


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """The values of one quantity at all draws of the symbols, None where it is undefined."""

    values: tuple[Any, ...]

    @property
    def like(self) -> Any:
        """One of them, for its type and rank."""
        return next(value for value in self.values if value is not None)

    @property
    def enough(self) -> bool:
        """Whether it is defined at enough draws to be judged."""
        return sum(value is not None for value in self.values) >= most(len(self.values))


class Choice(str):
    """One or several of a few options, as their keys: "b", or "A, C".

    `options` maps each key to its text, `also` other words to a key; `each` says whether every option counts by itself.
    """

    options: Mapping[str, str]
    also: Mapping[str, str]
    each: bool

    def __new__(
        cls,
        chosen: Iterable[str],
        options: Mapping[str, str],
        *,
        also: Mapping[str, str] | None = None,
        each: bool = False,
    ) -> Choice:
        """The options with these keys, in the order of `options`."""
        wanted = set(chosen)
        new = super().__new__(cls, ", ".join(option for option in options if option in wanted))
        new.options, new.also, new.each = options, also or {}, each
        return new

    @property
    def chosen(self) -> list[str]:
        """The keys that were chosen."""
        return self.split(", ") if self else []


Value: TypeAlias = int | float | tuple[int, ...] | Array | str | Drawn


def plain(value: Any) -> Value:
    """A computed value as exactly one of the types above; arrays are fresh, float64, read-only.

    Raises:
        TypeError: anything else.
    """
    if isinstance(value, np.ndarray) and value.ndim:
        array = np.array(value, dtype=np.float64, order="C")
        array.setflags(write=False)
        return array
    if isinstance(value, np.generic | np.ndarray):
        value = value.item()
    if isinstance(value, bool):
        raise TypeError("a quantity is not a truth value; use a word")
    if isinstance(value, tuple) and all(isinstance(size, int | np.integer) for size in value):
        return tuple(int(size) for size in value)
    if isinstance(value, int | float | str):
        return value
    if isinstance(value, Fraction):
        return float(value)
    raise TypeError(f"{type(value).__name__} is not a quantity")


def form(value: Value) -> tuple[str, int]:
    """Type and rank: what an answer must share to be carried, and a slip to exist."""
    if isinstance(value, Drawn):
        return form(value.like)
    if isinstance(value, np.ndarray):
        return "array", value.ndim
    if isinstance(value, tuple):
        return "shape", len(value)
    return type(value).__name__, 0


def finite(value: Value) -> bool:
    """Whether every number in the value is finite."""
    if isinstance(value, np.ndarray):
        return bool(np.isfinite(value).all())
    return not isinstance(value, float) or math.isfinite(value)


def same(a: Value, b: Value) -> bool:
    """Whether two values cannot be told apart: equal, or equal to twelve digits for reals."""
    if isinstance(a, Drawn) or isinstance(b, Drawn):
        return _same_drawn(a, b)
    if form(a) != form(b):
        return False
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        if a.shape != b.shape:
            return False
        scale = max(float(np.abs(a).max(initial=0)), float(np.abs(b).max(initial=0)))
        return bool((np.abs(a - b) <= 1e-12 * scale).all())
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 1e-12 * max(abs(a), abs(b))
    return bool(a == b)


def _same_drawn(a: Value, b: Value) -> bool:
    """Whether two values are equal at every draw where both are defined, and these are enough.

    One may stand for the first few draws only.
    """
    count = min(len(one.values) for one in (a, b) if isinstance(one, Drawn))
    pairs = [
        (x, y) for x, y in zip(at_draws(a, count), at_draws(b, count), strict=True) if not (x is None or y is None)
    ]
    return len(pairs) >= most(count) and all(same(x, y) for x, y in pairs)


def at_draws(value: Value | None, count: int) -> tuple[Any, ...]:
    """A value at each of the first so many draws."""
    return value.values[:count] if isinstance(value, Drawn) else (value,) * count


def magnitude(values: Iterable[object]) -> float:
    """The largest magnitude among numbers and arrays, 0 for none; a whole number beyond floats counts as 10^300."""
    largest = 0.0
    for value in values:
        if isinstance(value, np.ndarray):
            largest = max(largest, float(np.abs(value).max(initial=0)))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            largest = max(largest, float(min(abs(value), 10**300)))
    return largest


def show_number(x: int | float, digits: int = 6) -> str:
    """A number for a reader: whole numbers with thousands separators, reals to `digits` significant digits.

    >>> show_number(5146011), show_number(-0.0226311682), show_number(7.0)
    ('5,146,011', '-0.0226312', '7')
    """
    if isinstance(x, int):
        return f"{x:,}"
    if x == 0:
        return "0"
    if x == int(x) and abs(x) < 1e15:
        return f"{int(x):,}" if abs(x) >= 1e4 else str(int(x))
    return f"{x:.{digits}g}"


def show(value: Value, digits: int = 6) -> str:
    """A value on one line; a matrix as rows set apart by semicolons."""
    if isinstance(value, str):
        return value
    if isinstance(value, Drawn):
        return f"such as {show(value.like, digits)}"
    if isinstance(value, tuple):
        return "×".join(map(str, value)) if len(value) != 1 else str(value[0])
    if isinstance(value, np.ndarray):
        if value.ndim == 1:
            return "[" + ", ".join(show_number(float(x), digits) for x in value) + "]"
        if value.ndim == 2:
            return "[" + "; ".join(", ".join(show_number(float(x), digits) for x in row) for row in value) + "]"
        return "[" + "; ".join(show(part, digits) for part in value) + "]"
    return show_number(value, digits)


RANKS = {0: "a number", 1: "a vector", 2: "a matrix", 3: "a stack of matrices"}


def describe(value: Value) -> str:
    """What has to be written, without its sizes: "a matrix"."""
    kind, rank = form(value)
    if isinstance(value, Drawn):
        return {"shape": "a shape of formulas such as W x H x F", "array": "an array of formulas"}.get(
            kind, "a formula"
        )
    if kind == "array":
        return RANKS.get(rank, f"an array of {rank} axes")
    return {
        "int": "a whole number",
        "float": "a number",
        "shape": "a shape such as 4x4x5",
        "str": "a word",
        "Choice": "one of the options",
    }[kind]


def products(a: Array, b: Array, most: int = 12) -> str:
    """The sum of the products of two arrays' entries, as a person writes it; cut off with … after `most` terms.

    >>> products(np.array([1.0, -2.0]), np.array([3.0, 4.0]))
    '1·3 + (-2)·4'
    """
    terms = [f"{_factor(x)}·{_factor(y)}" for x, y in zip(a.flat, b.flat, strict=True)]
    return " + ".join(terms if len(terms) <= most else [*terms[: most - 1], "…"])


def _factor(x: float) -> str:
    text = show_number(float(x), 12).replace(",", "")
    return f"({text})" if x < 0 else text
