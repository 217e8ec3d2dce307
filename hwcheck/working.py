"""The working: a kind solves a problem the way a person would on paper, and names each quantity as it computes it.

`work(name, value, …)` records the value and returns the value to go on with. Usually that is the value itself; in
other runs of the same function it is the student's own value, a slip's, or a rounded one. That is all that follow-through,
named mistakes and tolerance for early rounding need from a kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import numpy as np

from hwcheck.errors import Missing, Undefined
from hwcheck.values import Value, finite, form, plain, same

T = TypeVar("T", int, float, tuple[int, ...], Any)
Slip = Callable[..., Any]

STUMBLES = (ArithmeticError, ValueError, IndexError, TypeError, Undefined)
"""What numbers that make no sense may raise inside a kind."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Step(NamedTuple):
    """One quantity of one run: what was computed, what was handed back, and how."""

    name: str
    computed: Value
    handed: Value
    formula: str
    names: Mapping[str, Any]
    slips: Mapping[str, Slip]
    first: Callable[..., str] | None
    origin: int | None

    def slip_value(self, label: str) -> Value | None:
        """What the slip gives on the values of this run, or None where it does not exist for these numbers."""
        try:
            with np.errstate(all="ignore"):
                value = plain(self.slips[label]())
        except STUMBLES:
            return None
        if form(value) != form(self.computed) or not finite(value):
            return None
        return value


class Working:
    """One run of a kind.

    `carry` maps names to values that are handed back in place of what is computed. `slip` decides, for a name and a
    label, whether that slip is made there. `rounding` rounds one real number; it is applied to everything handed back.
    """

    def __init__(
        self,
        *,
        carry: Mapping[str, Value] = _NOTHING,
        slip: Callable[[str, str], bool] | None = None,
        rounding: Callable[[float], float] | None = None,
    ) -> None:
        self.steps: dict[str, Step] = {}
        self._carry = carry
        self._slip = slip
        self._rounding = rounding

    def __call__(
        self,
        name: str,
        value: T,
        *,
        formula: str = "",
        names: Mapping[str, Any] = _NOTHING,
        slips: Mapping[str, Slip] = _NOTHING,
        first: Callable[..., str] | None = None,
        origin: int | None = None,
    ) -> T:
        """Record a quantity and return the value to go on with.

        Args:
            name: what it is called in `ask`.
            value: an int, a float, a tuple of ints (a shape), an array, or a word.
            formula: what a person would write, in the grammar students write in.
            names: what local names in the formula stand for (givens and earlier quantities are known).
            slips: label ("left out the biases") → the wrong value, computed only when a hypothesis needs it.
            first: for an array, the arithmetic of its first entry, as text.
            origin: for a signal, the index of its first entry.

        Raises:
            Undefined: the value is not finite.
        """
        if name in self.steps:
            raise RuntimeError(f"{name} is recorded twice")
        computed = plain(value)
        if not finite(computed):
            raise Undefined(f"{name} is not a finite number")
        step = Step(name, computed, computed, formula, names, slips, first, origin)
        if self._slip is not None:
            for label in slips:
                if self._slip(name, label):
                    slipped = step.slip_value(label)
                    computed = computed if slipped is None else slipped
                    break
        handed = computed
        if name in self._carry and form(carried := plain(self._carry[name])) == form(computed):
            handed = carried
        elif self._rounding is not None:
            handed = self._rounded(step)
        self.steps[name] = Step(name, computed, handed, formula, names, slips, first, origin)
        return handed  # type: ignore[return-value]  # same type as `value`, see `plain`

    def _rounded(self, step: Step) -> Value:
        """The value as somebody who rounds on the way goes on with it; never to zero, nor onto a slip's value."""
        assert self._rounding is not None
        value = step.computed
        if isinstance(value, float):
            rounded = self._rounding(value)
            if (rounded == 0) != (value == 0):
                return value
            slipped = (step.slip_value(label) for label in step.slips)
            return value if any(s is not None and same(rounded, s) for s in slipped) else rounded
        if isinstance(value, np.ndarray):
            entries = [self._rounding(float(x)) for x in value.flat]
            kept = [x if (r == 0) != (x == 0) else r for x, r in zip(value.flat, entries, strict=True)]
            return plain(np.array(kept).reshape(value.shape))
        return value


class Run(NamedTuple):
    """The steps of one run, in order, and what ended it early, if anything did."""

    steps: Mapping[str, Step]
    ended: Missing | Exception | None = None

    def computed(self, name: str) -> Value | None:
        """What was computed under a name, or None where the run did not reach it."""
        step = self.steps.get(name)
        return None if step is None else step.computed


def run(
    function: Callable[[Any, Working], None],
    given: Any,
    *,
    carry: Mapping[str, Value] = _NOTHING,
    slip: Callable[[str, str], bool] | None = None,
    rounding: Callable[[float], float] | None = None,
) -> Run:
    """Run a kind once. Numbers that make no sense end the run; what came before stands."""
    work = Working(carry=carry, slip=slip, rounding=rounding)
    ended: Exception | None = None
    try:
        with np.errstate(all="ignore"):
            function(given, work)
    except (Missing, *STUMBLES) as error:
        ended = error
    return Run(work.steps, ended)
