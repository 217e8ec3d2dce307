"""Growth as an answer: O(l m n + l n o), Θ(n log n), or bare n^2, held against the growth of a quantity.

The kind is run at sizes x = 2^(t d + 4) for directions d, in whole numbers of any length (16 where a size stands still:
its logarithm, and that of its logarithm, are not 0; and square roots stay whole). The growth is right if the ratio of
quantity and answer stays the same, within 0.1 in the logarithm, from t = 256 to t = 512 in every direction. So constants
and terms of lower order do not count, and O is taken as tight.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import product
from random import Random
from typing import Any, NamedTuple

import numpy as np

from hwcheck import evaluation, expressions
from hwcheck.answers import Unreadable, visible_lines, written
from hwcheck.expressions import Binary, Call, ExpressionError, Suffix, Tree
from hwcheck.formulas import base_names
from hwcheck.settings import Setting
from hwcheck.symbols import SEED
from hwcheck.working import Step, run
from hwcheck.yamltree import Node, Scalar, Sequence

NEAR, FAR = 256, 512
MAY_CHANGE = 0.1
MAX_DIRECTIONS = 255
MAX_BITS = 400_000
STILL = 4
"""The logarithm of a size that stands still."""
CONSTANT = 2
"""What stands for symbols that do not grow."""


class GrowthAnswer(NamedTuple):
    """What a growth that was read comes to: right or wrong (or manual), the mistake behind it, and what is said."""

    verdict: str
    text: str
    cause: str | None = None
    hint: str = ""
    read_as: str | None = None


def growth_of(setting: Setting, name: str) -> Growth:
    """The growth of a quantity, worked out once per setting."""
    if name not in setting.growths:
        setting.growths[name] = Growth(setting, name)
    found: Growth = setting.growths[name]
    return found


@dataclass(eq=False)
class Growth:
    """How a quantity grows: its logarithm at the near and the far point of every direction where it is defined."""

    setting: Setting
    name: str
    symbols: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.symbols = tuple(name for name, domain in self.setting.domains.items() if domain.growing)

    @cached_property
    def directions(self) -> list[tuple[int, ...]]:
        """Exponents for all symbols that grow."""
        count = len(self.symbols)
        if 4**count - 1 <= MAX_DIRECTIONS:
            return [d for d in product(range(4), repeat=count) if any(d)]
        random = Random(SEED)
        lone = [tuple(int(i == j) for j in range(count)) for i in range(count)]
        return [
            *lone,
            (1,) * count,
            *(tuple(random.randint(0, 3) for _ in range(count)) for _ in range(MAX_DIRECTIONS)),
        ]

    def sizes(self, direction: tuple[int, ...], t: int) -> dict[str, Any]:
        """What stands for every symbol."""
        fixed = {name: CONSTANT for name, domain in self.setting.domains.items() if not domain.growing}
        sizes = {name: 2 ** (t * d + STILL) for name, d in zip(self.symbols, direction, strict=True)}
        return fixed | {name: size + (self.setting.domains[name].parity == "odd") for name, size in sizes.items()}

    @cached_property
    def steps(self) -> list[tuple[tuple[int, ...], Step, Step]]:
        """The step of the quantity at the near and the far point, for every direction where both are defined."""
        found = []
        for direction in self.directions:
            near, far = (self._step(self.sizes(direction, t)) for t in (NEAR, FAR))
            if near is not None and far is not None:
                found.append((direction, near, far))
        return found

    def _step(self, sizes: Mapping[str, Any]) -> Step | None:
        givens, errors = self.setting.at(sizes)
        if errors:
            return None
        return run(self.setting.kind.function, givens).steps.get(self.name)

    def changes(self, label: str = "") -> Mapping[tuple[int, ...], float]:
        """By how much the logarithm grows between the two points, in every direction; under a slip where it is named."""
        return self._worked_out(label) if label else self._right

    @cached_property
    def _right(self) -> Mapping[tuple[int, ...], float]:
        """From the working; or from the formula that the working has at small sizes, where no size may be large: layers."""
        changes = self._worked_out("")
        if self._moves(changes):
            return changes
        from hwcheck.closedform import formula_tree  # noqa: PLC0415  it needs growths itself

        tree = formula_tree(self.setting, self.name)
        if tree is None:
            return changes
        function = evaluation.compiled(_logarithms_parted(tree))
        found, hint = _answer_changes(function, self, self.directions, "")
        return changes if hint else found

    def _worked_out(self, label: str) -> dict[tuple[int, ...], float]:
        changes = {}
        for direction, near, far in self.steps:
            values = [
                step.slip_value(label) if label else step.computed
                for step in (near, far)
                if not label or label in step.slips
            ]
            logarithms = [found for value in values if (found := _log2(value)) is not None]
            if len(logarithms) == 2:
                changes[direction] = logarithms[1] - logarithms[0]
        return changes

    def _moves(self, changes: Iterable[tuple[int, ...]]) -> bool:
        """Whether every symbol grows in some of these directions."""
        changes = list(changes)
        return all(any(direction[place] for direction in changes) for place in range(len(self.symbols)))

    @cached_property
    def defined(self) -> bool:
        """Whether it can be judged: every symbol grows in some direction in which there is a value."""
        return self._moves(self.changes())

    @cached_property
    def others(self) -> Mapping[str, int | float | str]:
        """What the other names that an answer may use stand for: a symbol (by its name), or a number."""
        found: dict[str, int | float | str] = {}
        for name, value in base_names(self.setting)[0].items():
            if name in self.setting.domains:
                continue
            values = [names.get(name) for names in base_names(self.setting)]
            if all(isinstance(one, int | float) and one == value for one in values):
                found[name] = value
                continue
            alike = [
                symbol for symbol in self.setting.domains
                if not isinstance(value, np.ndarray) and values == [names[symbol] for names in base_names(self.setting)]
            ]  # fmt: skip
            found[name] = alike[0] if alike else CONSTANT
        return found

    def values(self, direction: tuple[int, ...], t: int) -> dict[str, Any]:
        """What the names in an answer stand for."""
        sizes: dict[str, Any] = {name: Huge(Fraction(size)) for name, size in self.sizes(direction, t).items()}
        others = {
            name: sizes[value] if isinstance(value, str) else Huge(Fraction(value))
            for name, value in self.others.items()
        }
        return {**others, **sizes, **_FUNCTIONS}


def read_growth(node: Node, growth: Growth) -> GrowthAnswer:
    """Hold what was written against the growth of a quantity.

    Raises:
        Unreadable: with a caret under the place.
    """
    text = written(node)
    while isinstance(node, Sequence) and len(node.items) == 1:
        node = node.items[0]
    if not isinstance(node, Scalar):
        raise Unreadable("expected a growth such as O(n log n), found a list")
    base = base_names(growth.setting)[0]
    shown = tuple(domain.text for domain in growth.setting.domains.values())
    names = expressions.Names(frozenset(base), shown=shown)
    right = growth.changes()
    try:
        parsed = expressions.read(node.text, names)
        function = evaluation.compiled(_logarithms_parted(parsed.tree), node.text)
        changes, hint = _answer_changes(function, growth, right, node.text)
    except ExpressionError as error:
        raise Unreadable(visible_lines(f"{error.message}\n{error.pointed()}")) from None
    read_as = expressions.render(parsed.tree) if "\\" in node.text or parsed.split else None
    if not growth.defined:
        return GrowthAnswer("manual", text, None, "The right growth is not known here.", read_as)
    if hint:
        return GrowthAnswer("wrong", text, None, hint, read_as)
    shared = [direction for direction in right if direction in changes]
    if 4 * len(shared) < 3 * len(right):
        return GrowthAnswer("manual", text, None, "Your growth has no value at most of the sizes tried.", read_as)
    small = any(right[d] - changes[d] > MAY_CHANGE for d in shared)
    large = any(changes[d] - right[d] > MAY_CHANGE for d in shared)
    if not small and not large:
        return GrowthAnswer("right", text, read_as=read_as)
    cause = _cause(growth, changes, right)
    way = (
        "too small for some sizes and too large for others"
        if small and large
        else "too small"
        if small
        else "too large"
    )
    return GrowthAnswer("wrong", text, cause, f"Your growth is {way}.", read_as)


def _answer_changes(
    function: evaluation.Evaluator, growth: Growth, directions: Iterable[tuple[int, ...]], text: str
) -> tuple[dict[tuple[int, ...], float], str]:
    """By how much the logarithm of an answer grows in every direction; or what to say where it is no growth to compare."""
    changes: dict[tuple[int, ...], float] = {}
    signs = set()
    for direction in directions:
        logarithms = []
        for t in (NEAR, FAR):
            try:
                value = evaluation.value_of(function, growth.values(direction, t), text)
            except ExpressionError as error:
                if error.message == _BEYOND or error.message.startswith("a factorial"):
                    return {}, "Your growth is too large: it grows faster than any power."
                if error.message.startswith(("unknown name", "no function")):
                    raise
                break
            value = value.value if isinstance(value, Huge) else value
            found = _log2(value)
            if found is not None:
                logarithms.append(found)
            elif isinstance(value, int | float | Fraction):
                signs.add(value < 0)
        if len(logarithms) == 2:
            changes[direction] = logarithms[1] - logarithms[0]
    if signs and not changes:
        return {}, "A growth is positive." if True in signs else "Your growth is too small."
    return changes, ""


def _logarithms_parted(tree: Tree) -> Tree:
    """The formula with the logarithms of powers, exponentials and factorials worked out, for these have no value here.

    log(n!) grows as n log n.
    """
    if isinstance(tree, Call) and len(tree.arguments) == 1 and tree.name.key in _LOGARITHMS:
        inner = _logarithms_parted(tree.arguments[0])
        if isinstance(inner, Binary) and inner.sign == "^":
            return Binary("*", inner.right, _logarithms_parted(Call(tree.name, (inner.left,))))
        if isinstance(inner, Binary) and inner.sign in "*/":
            left, right = (_logarithms_parted(Call(tree.name, (side,))) for side in (inner.left, inner.right))
            return Binary("+" if inner.sign == "*" else "-", left, right)
        if isinstance(inner, Call) and inner.name.key == "exp":
            return inner.arguments[0]
        if isinstance(inner, Suffix) and inner.sign == "!":
            return Binary("*", inner.inner, _logarithms_parted(Call(tree.name, (inner.inner,))))
        return Call(tree.name, (inner,))
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):  # trees are named tuples
        return type(tree)(*map(_logarithms_parted, tree))  # type: ignore[arg-type]
    return tuple(map(_logarithms_parted, tree)) if isinstance(tree, tuple) else tree  # type: ignore[arg-type, return-value]


def _cause(
    growth: Growth, changes: Mapping[tuple[int, ...], float], right: Mapping[tuple[int, ...], float]
) -> str | None:
    """The slip that has the growth of an answer, where its own is another than the right one."""
    labels = dict.fromkeys(label for _, near, _ in growth.steps for label in near.slips)
    for label in labels:
        slipped = growth.changes(label)
        if len(slipped) < len(right) or all(abs(slipped[d] - right[d]) <= MAY_CHANGE for d in right):
            continue
        if all(d in changes and abs(slipped[d] - changes[d]) <= MAY_CHANGE for d in slipped):
            return label
    return None


def _log2(value: Any) -> float | None:
    """The logarithm of a positive number of any length; None for others."""
    if isinstance(value, float):
        value = Fraction(value) if math.isfinite(value) else Fraction(0)
    if not isinstance(value, int | Fraction) or value <= 0:
        return None
    top, bottom = value.numerator, value.denominator
    return _log2_whole(top) - _log2_whole(bottom)


def _log2_whole(n: int) -> float:
    shift = max(0, n.bit_length() - 60)
    return math.log2(n >> shift) + shift


_BEYOND = "a growth beyond every power"


@dataclass(frozen=True, eq=False)
class Huge:
    """An exact number of any length, for formulas at huge sizes."""

    value: Fraction

    def _with(self, other: Any, combine: Any) -> Huge:
        if isinstance(other, Huge):
            other = other.value
        if not isinstance(other, int | float | Fraction):
            raise TypeError
        value = combine(self.value, Fraction(other))
        if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
            raise evaluation.Valueless(_BEYOND)
        return Huge(value)

    def __add__(self, other: Any) -> Huge:
        return self._with(other, lambda a, b: a + b)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Huge:
        return self._with(other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Huge:
        return self._with(other, lambda a, b: b - a)

    def __mul__(self, other: Any) -> Huge:
        return self._with(other, lambda a, b: a * b)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Huge:
        return self._with(other, lambda a, b: a / b)

    def __rtruediv__(self, other: Any) -> Huge:
        return self._with(other, lambda a, b: b / a)

    def __neg__(self) -> Huge:
        return Huge(-self.value)

    def __abs__(self) -> Huge:
        return Huge(abs(self.value))

    def __pow__(self, exponent: Any) -> Huge:
        if isinstance(exponent, Huge):
            exponent = exponent.value
        exponent = Fraction(exponent)
        bits = max(self.value.numerator.bit_length(), self.value.denominator.bit_length())
        if exponent.denominator == 1 and bits * abs(exponent) <= MAX_BITS:
            return self._with(0, lambda a, _: a ** int(exponent))
        if self.value <= 0:
            raise ArithmeticError
        return _power_of_two(Fraction(_log2(self.value) or 0) * exponent)

    def __rpow__(self, base: Any) -> Huge:
        return Huge(Fraction(base)) ** self.value

    def __eq__(self, other: object) -> bool:
        return bool(self.value == (other.value if isinstance(other, Huge) else other))

    def __hash__(self) -> int:
        return hash(self.value)

    def __int__(self) -> int:
        return int(self.value)

    def __ge__(self, other: Any) -> bool:
        return not self < other

    def __le__(self, other: Any) -> bool:
        return not self > other

    def __gt__(self, other: Any) -> bool:
        return self.value > (other.value if isinstance(other, Huge) else other)

    def __lt__(self, other: Any) -> bool:
        return self.value < (other.value if isinstance(other, Huge) else other)

    def __floor__(self) -> Huge:
        return Huge(Fraction(math.floor(self.value)))

    def __ceil__(self) -> Huge:
        return Huge(Fraction(math.ceil(self.value)))


def _power_of_two(exponent: Fraction) -> Huge:
    """2 to a power that need not be whole, to 50 bits."""
    if exponent > MAX_BITS:
        raise evaluation.Valueless(_BEYOND)
    if exponent < -MAX_BITS:
        return Huge(Fraction(0))
    whole = math.floor(exponent)
    part = Fraction(2.0 ** float(exponent - whole))
    return Huge(part * Fraction(2) ** whole)


def _huge(x: Any) -> Huge:
    return x if isinstance(x, Huge) else Huge(Fraction(x))


def _logarithm(x: Any) -> Huge:
    found = _log2(_huge(x).value)
    if found is None:
        raise ArithmeticError
    return Huge(Fraction(found))


def _exponential(x: Any) -> Huge:
    """e to a power."""
    return _power_of_two(_huge(x).value * Fraction(math.log2(math.e)))


_LOGARITHMS = ("log", "ln", "log2", "log10")
_FUNCTIONS: dict[str, Any] = {
    **dict.fromkeys(("O", "Θ", "Ω"), _huge),
    **dict.fromkeys(_LOGARITHMS, _logarithm),
    "sqrt": lambda x: _huge(x) ** Fraction(1, 2),
    "exp": _exponential,
    "max": lambda *values: max(map(_huge, values)),
    "min": lambda *values: min(map(_huge, values)),
}
