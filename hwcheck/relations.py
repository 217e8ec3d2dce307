"""Wrong in a way that has a name, where no mistake in the working explains it: transposed, turned, off by a factor."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from hwcheck import compare
from hwcheck.answers import Answer, Number
from hwcheck.values import Drawn, Value


def relation(answer: Answer, value: Value, agrees: Callable[[Value], bool]) -> str:
    """How an answer relates to the value it should be, as the end of "You …"; empty where it does not."""
    if isinstance(value, Drawn):
        return _drawn_relation(value, agrees)
    if isinstance(value, np.ndarray):
        return _array_relation(value, agrees)
    if isinstance(value, str | tuple) or answer.shape != () or not answer.entries:
        return ""
    number = answer.entries[0]
    if number is None or value == 0 or number.value == 0 or (isinstance(value, int) and abs(value) < 10):
        return ""
    for label, factor in _FACTORS.items():
        if _is_multiple(number, value, factor):
            return label
    return ""


_FACTORS = {
    "turned the sign around": Fraction(-1),
    "are off by a factor of 2": Fraction(2),
    "are off by a factor of ½": Fraction(1, 2),
    **{
        f"moved the decimal point by {abs(n)} place{'s' if abs(n) > 1 else ''}": Fraction(10) ** n
        for n in (1, -1, 2, -2, 3, -3)
    },
}


def _is_multiple(number: Number, value: int | float, factor: Fraction) -> bool:
    wanted = compare.decimal(value) * factor
    return number.value == wanted if isinstance(value, int) else compare.to_three_digits(number, wanted)


ROOT = "left out the root"


def _drawn_relation(value: Drawn, agrees: Callable[[Value], bool]) -> str:
    """How a formula relates to the one it should be."""
    like = value.like
    if isinstance(like, str | tuple):
        return ""

    def each(change: Callable[[Any], Any]) -> Drawn:
        return Drawn(tuple(None if one is None else change(one) for one in value.values))

    tried = [
        ("turned the sign around", lambda x: -x),
        ("are off by a factor of 2", lambda x: 2 * x),
        ("are off by a factor of ½", lambda x: x / 2),
        ("are off by 1", lambda x: x + 1),
        ("are off by 1", lambda x: x - 1),
    ]
    if isinstance(like, np.ndarray):
        tried = [*tried[:3], ("wrote the transpose", lambda x: np.swapaxes(x, -1, -2))] if like.ndim >= 2 else tried[:3]
    else:
        tried.append(("turned the fraction upside down", lambda x: 1 / x if x else None))
        tried.append((ROOT, lambda x: x * x))
    return next((label for label, change in tried if agrees(each(change))), "")


def _array_relation(value: np.ndarray, agrees: Callable[[Value], bool]) -> str:
    if len(set(value.flat)) < 4:
        return ""
    turned = []
    if value.ndim >= 2:
        turned = [
            ("wrote the transpose", np.swapaxes(value, -1, -2)),
            ("wrote it upside down", np.flip(value, -2)),
            ("turned it by 180°", np.flip(value, (-1, -2))),
        ]
    tried = [
        ("turned the sign around", -value),
        ("are off by a factor of 2", 2 * value),
        ("are off by a factor of ½", value / 2),
        *turned,
        ("wrote it back to front", np.flip(value, -1)),
        ("shifted it by one place", np.roll(value, 1, -1)),
        ("shifted it by one place", np.roll(value, -1, -1)),
    ]
    return next((label for label, other in tried if agrees(other)), "")
