"""The working: a kind solves a problem the way a person would on paper, and names each quantity as it computes it.

`work(name, value, …)` records the value and returns the value to go on with. Usually that is the value itself; in
other runs of the same function it is the student's own value, a slip's, or a rounded one. That is all that follow-through,
named mistakes and tolerance for early rounding need from a kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np

from hwcheck.errors import Missing, Undefined
from hwcheck.kernels.types import Array
from hwcheck.values import Drawn, Value, finite, form, most, plain, same

T = TypeVar("T", int, float, tuple[int, ...], Any)
Slip = Callable[..., Any]

STUMBLES = (ArithmeticError, ValueError, IndexError, TypeError, Undefined)
"""What numbers that make no sense may raise inside a kind."""

MAX_NESTED = 4
"""Over how many quantities on the way a formula is written out."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Step(Protocol):
    """One quantity of one run: what was computed, what was handed back, and how (see `Working.__call__`).

    `variables` names those of a quantity that is a function (n of y(n)), each with its first value; the quantity is then
    an array over them.
    """

    @property
    def name(self) -> str:
        """Its name in `ask`."""

    @property
    def computed(self) -> Value:
        """What came out."""

    @property
    def handed(self) -> Value:
        """What the kind went on with."""

    @property
    def formula(self) -> str:
        """What a person would write."""

    @property
    def names(self) -> Mapping[str, Any]:
        """What the local names of the formula stand for."""

    @property
    def slips(self) -> Mapping[str, Slip]:
        """Label → the wrong value."""

    @property
    def first(self) -> Callable[..., str] | None:
        """For an array, the arithmetic of its first entry."""

    @property
    def origin(self) -> int | None:
        """For a signal, the index of its first entry."""

    @property
    def variables(self) -> Mapping[str, int]:
        """For a function, its variables with their first values."""

    def slip_value(self, label: str) -> Value | None:
        """What the slip gives on the values of this run, or None where it does not exist for these numbers."""


class PlainStep(NamedTuple):
    """A step of a run with numbers."""

    name: str
    computed: Value
    handed: Value
    formula: str
    names: Mapping[str, Any]
    slips: Mapping[str, Slip]
    first: Callable[..., str] | None
    origin: int | None
    variables: Mapping[str, int]

    def slip_value(self, label: str) -> Value | None:
        """What the slip gives on the values of this run, or None where it does not exist for these numbers."""
        try:
            with np.errstate(all="ignore"):
                value = plain(self.slips[label]())
        except STUMBLES:
            return None
        if isinstance(self.computed, float) and isinstance(value, int) and abs(value) < 10**300:
            value = float(value)  # a mistake may come out whole
        if form(value) != form(self.computed) or not finite(value):
            return None
        return value


class DrawnStep:
    """The same step of the runs at all draws of the symbols; None where a run did not reach it."""

    def __init__(self, draws: tuple[Step | None, ...]) -> None:
        self.draws = draws
        one = next(step for step in draws if step is not None)
        self.name, self.formula, self.first, self.origin = one.name, one.formula, None, one.origin
        self.variables, self.names = one.variables, one.names

    @cached_property
    def computed(self) -> Value:
        """The values that were computed; a plain value where it is the same at all draws."""
        return _gathered([None if step is None else step.computed for step in self.draws])

    @cached_property
    def handed(self) -> Value:
        """The values that were handed back."""
        return _gathered([None if step is None else step.handed for step in self.draws])

    @cached_property
    def slips(self) -> Mapping[str, Slip]:
        """The slips that exist at any draw."""
        return {label: slip for step in self.draws if step is not None for label, slip in step.slips.items()}

    def slip_value(self, label: str) -> Value | None:
        """What the slip gives at every draw, or None where it does not exist at enough of them.

        Where numbers leave no room for it (no padding to leave out) it changes nothing.
        """
        if label not in self._slipped:
            found = [
                None if step is None else step.slip_value(label) if label in step.slips else step.computed
                for step in self.draws
            ]
            enough = sum(value is not None for value in found) >= max(1, 3 * len(found) // 8)
            self._slipped[label] = _gathered(found) if enough else None
        return self._slipped[label]

    @cached_property
    def _slipped(self) -> dict[str, Value | None]:
        return {}


def _gathered(values: list[Value | None]) -> Value:
    """Values at all draws as one; a plain value where it is always the same and always there."""
    first = values[0]
    if first is not None and all(
        value is first or (value is not None and _identical(value, first)) for value in values
    ):
        return first
    return Drawn(tuple(values))


def _identical(a: Value, b: Value) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and np.array_equal(a, b)
    return type(a) is type(b) and a == b


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
        variables: Mapping[str, int] = _NOTHING,
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
            variables: for a function, given as an array over its variables: their names and first values, axis by axis.

        Raises:
            Undefined: the value is not finite.
        """
        if name in self.steps:
            raise RuntimeError(f"{name} is recorded twice")
        computed = plain(value)
        if not finite(computed):
            raise Undefined(f"{name} is not a finite number")
        step = PlainStep(name, computed, computed, formula, names, slips, first, origin, variables)
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
        self.steps[name] = PlainStep(name, computed, handed, formula, names, slips, first, origin, variables)
        return handed  # type: ignore[return-value]  # same type as `value`, see `plain`

    def _rounded(self, step: PlainStep) -> Value:
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
    recurrences: Iterable[str] = (),
) -> Run:
    """Run a kind once, or where givens are symbols, once at every draw.

    Numbers that make no sense end a run; what came before stands. `recurrences` are families (`h.t`) that are wanted as
    one function of their index.
    """
    draws = given.draws
    if not draws:
        return _with(recurrences, _run(function, given, carry, slip, rounding))
    runs = []
    for place, at in enumerate(draws):
        own = {name: value.values[place] if isinstance(value, Drawn) else value for name, value in carry.items()}
        undefined = any(value is None for value in own.values())
        runs.append(Run({}) if undefined else _with(recurrences, _run(function, at, own, slip, None)))
    return gathered(runs)


def _with(recurrences: Iterable[str], done: Run) -> Run:
    """A run with families as functions of their index added."""
    found = [recurrence(done.steps, name) for name in recurrences]
    return Run({**done.steps, **{step.name: step for step in found if step is not None}}, done.ended) if found else done


def recurrence(steps: Mapping[str, Step], name: str) -> Step | None:
    """The members of a family (`h.1`, `h.2`, … for `h.t`) as one function of t, in what stands before each; None without any.

    Its names are those of the members that have the index in them (`x_t`, `h_{t-1}`), as lists over t, but for quantities of
    the same index, which are steps on the way.
    """
    base, _, letter = name.rpartition(".")
    numbers = {int(other[len(base) + 1 :]): step for other, step in steps.items()
               if other.startswith(f"{base}.") and other[len(base) + 1 :].isdigit()}  # fmt: skip
    members = [numbers[number] for number in sorted(numbers) if number]
    if (
        not members
        or len({np.shape(np.asarray(step.computed)) for step in members}) != 1
        or isinstance(members[0].computed, str | tuple)
    ):
        return None
    indexed = re.compile(rf"_\{{?{letter}\b")
    names: dict[str, Any] = {}
    for local, value in members[-1].names.items():
        if callable(value):
            names[local] = value
        elif "{" in local or (indexed.search(local) and f"{indexed.split(local)[0]}.1" not in steps):
            names[local] = [step.names.get(local) for step in members]

    def slipped(label: str) -> Array:
        wrong = [step.slip_value(label) if label in step.slips else None for step in members]
        return np.array(
            [step.computed if value is None else value for step, value in zip(members, wrong, strict=True)], float
        )

    labels = dict.fromkeys(label for step in members for label in step.slips)
    values = np.array([step.computed for step in members], dtype=np.float64)
    slips = {label: lambda label=label: slipped(label) for label in labels}
    formula = _on_the_way(members[-1].formula, letter, steps, len(members))
    return PlainStep(name, values, values, formula, names, slips, None, None, {letter: 1})


def _on_the_way(formula: str, letter: str, steps: Mapping[str, Step], last: int) -> str:
    """A formula with quantities of the same index written out: φ(z_t) with the formula of z_t in its place."""

    def written(match: re.Match[str]) -> str:
        step = steps.get(f"{match[1]}.{last}")
        return f"({step.formula})" if step is not None and step.formula else match[0]

    for _ in range(MAX_NESTED):
        longer = re.sub(rf"([A-Za-z]\w*?)_{letter}\b", written, formula)
        if longer == formula:
            break
        formula = longer
    return formula


def gathered(runs: Sequence[Run]) -> Run:
    """The runs at all draws as one, with every step that enough of them have."""
    count: dict[str, int] = {}
    for done in runs:
        for name in done.steps:
            count[name] = count.get(name, 0) + 1
    needed = most(len(runs))
    steps: dict[str, Step] = {
        name: DrawnStep(tuple(done.steps.get(name) for done in runs))
        for name, found in count.items()
        if found >= needed
    }
    return Run(steps, next((done.ended for done in runs if done.ended is not None), None))


def _run(
    function: Callable[[Any, Working], None],
    given: Any,
    carry: Mapping[str, Value],
    slip: Callable[[str, str], bool] | None,
    rounding: Callable[[float], float] | None,
) -> Run:
    work = Working(carry=carry, slip=slip, rounding=rounding)
    ended: Exception | None = None
    try:
        with np.errstate(all="ignore"):
            function(given, work)
    except (Missing, *STUMBLES) as error:
        ended = error
    return Run(work.steps, ended)
