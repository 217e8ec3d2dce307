"""When is a number right? Answers against values, decided in decimal.

Whole numbers, shapes and words: exactly. Real numbers: to three significant digits of the value (in an array: of its
largest entry), the edge inside. An author's tolerance replaces that.
"""

from __future__ import annotations

import math
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from hwcheck.answers import Answer, Number, fitted_shape
from hwcheck.values import Choice, Drawn, Value

DIGITS = 3
ZERO_SCALE = Fraction(1, 10**6)


class Level(IntEnum):
    """How far one entry agrees. `IMPRECISE`: with fewer digits than asked, right as far as they go."""

    WRONG = 0
    IMPRECISE = 1
    RIGHT = 2


class Tolerance(NamedTuple):
    """An author's tolerance; the default is three significant digits.

    Attributes:
        rel: relative to the value's magnitude.
        abs: absolute.
        digits: half a unit of that significant digit.
        decimals: half a unit of that decimal place.
    """

    rel: Fraction | None = None
    abs: Fraction | None = None
    digits: int | None = None
    decimals: int | None = None

    @property
    def default(self) -> bool:
        """Whether the author said nothing."""
        return self == DEFAULT

    def half(self, scale: Fraction) -> Fraction:
        """How far from a value of magnitude `scale` an answer may be."""
        if self.rel is not None or self.abs is not None:
            return max((self.rel or Fraction(0)) * scale, self.abs or Fraction(0))
        if self.decimals is not None:
            return Fraction(10) ** -self.decimals / 2
        return Fraction(10) ** (_exponent(scale) - (self.digits or DIGITS) + 1) / 2

    @property
    def words(self) -> str:
        """What is asked for, as the end of "give …"."""
        if self.decimals is not None:
            return f"{self.decimals} decimal{'' if self.decimals == 1 else 's'}"
        names = {1: "one digit", 2: "two digits", 3: "three digits", 4: "four digits", 5: "five digits"}
        return names.get(self.digits or DIGITS, f"{self.digits} digits")

    def short(self, number: Number) -> bool:
        """Whether fewer digits were written than asked."""
        if self.rel is not None or self.abs is not None or number.digits is None or number.unit is None:
            return False
        if self.decimals is not None:
            return number.unit > Fraction(10) ** -self.decimals
        return 0 < number.digits < (self.digits or DIGITS)


DEFAULT = Tolerance()
"""Three significant digits."""


class Agreement(NamedTuple):
    """How an answer agrees with a value, entry by entry; `levels` is empty where the shapes differ."""

    levels: tuple[Level, ...]

    @property
    def right(self) -> bool:
        """Whether all entries agree."""
        return bool(self.levels) and min(self.levels) == Level.RIGHT

    @property
    def imprecise(self) -> bool:
        """Whether all entries agree as far as their digits go, and not all to the digits asked."""
        return bool(self.levels) and min(self.levels) == Level.IMPRECISE


def decimal(x: int | float) -> Fraction:
    """A computed number in decimal: reals to twelve significant digits, so that 0.30000000000000004 is 0.3."""
    return Fraction(x) if isinstance(x, int) else Fraction(Decimal(f"{x:.12g}"))


def _exponent(x: Fraction) -> int:
    """The e with 10^e ≤ |x| < 10^(e+1); 0 for zero."""
    if x == 0:
        return 0
    x = abs(x)
    guess = math.floor(math.log10(x.numerator) - math.log10(x.denominator))
    while Fraction(10) ** guess > x:
        guess -= 1
    while Fraction(10) ** (guess + 1) <= x:
        guess += 1
    return guess


def agree(
    answer: Answer, value: Value, tolerance: Tolerance, *, zero: float = 0.0, strict_axes: bool = False
) -> Agreement:
    """Hold an answer against a value.

    Args:
        answer: what was read.
        value: what it is compared with.
        tolerance: the author's, or the default.
        zero: the scale against which a zero is judged where the value offers none.
        strict_axes: whether axes of length 1 count in a shape.
    """
    if isinstance(value, Choice):
        return _agree_choice(answer, value)
    if isinstance(value, str):
        return Agreement((Level.RIGHT if answer.word == value.casefold() else Level.WRONG,))
    if isinstance(value, tuple):
        return _agree_shape(answer, value, strict_axes)
    if isinstance(value, np.ndarray):
        if fitted_shape(answer.shape, value.shape) != value.shape:
            return Agreement(())
        flat = [decimal(float(x)) for x in value.flat]
        scale = max(map(abs, flat), default=Fraction(0))
        fallback = Fraction(zero) if zero else scale
        half = tolerance.half(scale)
        return Agreement(
            tuple(_entry(n, r, half, fallback, tolerance) for n, r in zip(answer.entries, flat, strict=True))
        )
    if answer.shape != () or not answer.entries or isinstance(value, Drawn):
        return Agreement(())
    number = answer.entries[0]
    if isinstance(value, int) and tolerance.default:
        return Agreement((Level.RIGHT if number is not None and number.value == value else Level.WRONG,))
    reference = decimal(value)
    return Agreement((_entry(number, reference, tolerance.half(abs(reference)), Fraction(zero), tolerance),))


def _agree_choice(answer: Answer, value: Choice) -> Agreement:
    """All options together, or each by itself."""
    chosen = answer.word.chosen if isinstance(answer.word, Choice) else []
    if not value.each:
        return Agreement((Level.RIGHT if set(chosen) == set(value.chosen) else Level.WRONG,))
    return Agreement(
        tuple(Level.RIGHT if (one in chosen) == (one in value.chosen) else Level.WRONG for one in value.options)
    )


def _entry(number: Number | None, reference: Fraction, half: Fraction, scale: Fraction, tolerance: Tolerance) -> Level:
    if number is None:
        return Level.WRONG
    difference = abs(number.value - reference)
    if abs(reference) <= scale * Fraction(1, 10**12):
        allowed = ZERO_SCALE * scale if tolerance.abs is None else tolerance.abs
        if tolerance.decimals is not None:
            allowed = half
        return Level.RIGHT if difference <= allowed else Level.WRONG
    if difference <= half:
        return Level.RIGHT
    if tolerance.short(number) and number.value != 0 and number.unit is not None and difference <= number.unit / 2:
        return Level.IMPRECISE
    return Level.WRONG


def _agree_shape(answer: Answer, value: tuple[int, ...], strict_axes: bool) -> Agreement:
    sizes = [entry.value if entry is not None else None for entry in answer.entries]
    if not strict_axes and [s for s in sizes if s != 1] == [s for s in value if s != 1]:
        return Agreement((Level.RIGHT,) * len(value))
    if not strict_axes and len(sizes) != len(value):
        sizes, value = [s for s in sizes if s != 1], tuple(s for s in value if s != 1)
    if len(sizes) == len(value):
        return Agreement(tuple(Level.RIGHT if a == b else Level.WRONG for a, b in zip(sizes, value, strict=True)))
    return Agreement(())


def to_three_digits(number: Number, value: float | Fraction) -> bool:
    """Whether a number is that value exactly, or to three digits: what it takes to name a slip by its value."""
    reference = value if isinstance(value, Fraction) else decimal(value)
    if number.value == reference:
        return True
    if number.digits is not None and number.digits < DIGITS:
        return False
    return reference != 0 and abs(number.value - reference) <= Tolerance().half(abs(reference))


def rounds_to(number: Number, value: Fraction) -> bool:
    """Whether the number is the value rounded (or cut) at the last place written."""
    return number.value == value if number.unit is None else abs(number.value - value) <= number.unit / 2
