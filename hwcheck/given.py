"""How a kind declares its givens, and how they are read from a problem file.

    class RNN(Givens):
        "What is given."
        x = array("T n", doc="the inputs, one row a step")
        h0 = array("m", "", default=0.0, doc="the state before the first step", misread={"took h0 as 0": 0.0})
        lr = real(above=0, sign="η", doc="the learning rate")
        flip = option(False, True, convention=True, doc="…")

A shape is a text of axis names; the same name is the same length in all givens of a kind, and a clash names both. A
given without a default is required when an asked quantity needs it: reading it raises `Missing`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from hwcheck import evaluation, expressions
from hwcheck.errors import Missing
from hwcheck.expressions import ExpressionError
from hwcheck.kernels.types import Array
from hwcheck.symbols import Domain, assign_lengths
from hwcheck.values import Value
from hwcheck.words import quoted, suggestion
from hwcheck.yamltree import Mapping as MappingNode
from hwcheck.yamltree import Node, Scalar, Sequence

MAX_COUNT = 10**9
MAX_ENTRIES = 10**6
FEW = 5
"""At how many draws a mistake is looked for first."""
MAX_MAGNITUDE = 10**300

_REQUIRED: Any = object()
_PLAIN = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
"""The numbers that most problem files are full of, read without a parser."""


class GivenError(Exception):
    """A given that cannot be read: the node where it stands, and a sentence."""

    def __init__(self, node: Node, message: str) -> None:
        super().__init__(message)
        self.node = node
        self.message = message


class Reader:
    """Reads nodes of a problem file as values.

    `part_value` gives the value of another part, for `{from: q3.e}`. `declared` are the symbols that the file lists, and
    `drawn` the numbers that stand for symbols in this reading; without them the symbols that are met are noted in
    `found`, and something that their domain allows stands for them. `arrays` lets a symbol be an array where its given
    may be a number or an array.
    """

    def __init__(
        self,
        part_value: Callable[[str, Node], Value],
        declared: Mapping[str, Domain] = MappingProxyType({}),
        drawn: Mapping[str, Any] | None = None,
        found: dict[str, Domain] | None = None,
        *,
        arrays: bool = False,
        lengths: Mapping[str, int] | None = None,
    ) -> None:
        self.part_value = part_value
        self.declared = declared
        self.drawn = drawn
        self.found = {} if found is None else found
        self.own: frozenset[str] = frozenset()
        self.axes: tuple[str, ...] = ()
        self.arrays = arrays
        self.lengths = dict(lengths or {})
        """axis → its length, where arrays fix it"""

    def symbol(self, node: Node, domain: Callable[[], Domain]) -> Any:
        """What stands for a symbol, or for a formula of symbols; None where the node is neither."""
        if not isinstance(node, Scalar):
            return None
        if not node.text[:1].isalpha() and not (self.drawn or self.declared or self.found):
            return None
        text = node.text.strip()
        name = expressions.key(text)
        if name in self.own or name in self.declared:
            met = domain()._replace(text=text)
            before = self.found.get(name)
            if self.drawn is None:
                met = met if before is None else before.meet(met)
                domain_here = self.found[name] = met.meet(self.declared.get(name, Domain()))
                for axis, length in zip(domain_here.axes, domain_here.shape, strict=False):
                    self.lengths.setdefault(axis, length)
                assign_lengths(domain_here, self.lengths)
                return domain_here.placeholder(self.lengths)
            return self.drawn.get(name)
        return self._of_symbols(text, domain)

    def _of_symbols(self, text: str, domain: Callable[[], Domain]) -> Any:
        """A formula whose names are symbols, such as `1/sqrt(d_in)`."""
        known = frozenset((*self.declared, *self.found, *self.own))
        if not known:
            return None
        try:
            tree = expressions.parse(text, names=expressions.Names(known))
            used = {name.key for name in expressions.names_in(tree)} & known
            if not used:
                return None
            if self.drawn is None:
                for name in used - set(self.found):
                    whole = Domain(whole=True, low=1, text=name) if domain().whole else Domain(text=name)
                    self.found[name] = self.declared.get(name, Domain()).meet(whole)
            values = self.drawn or {name: self.found[name].placeholder(self.lengths) for name in used}
            value = evaluation.evaluate(tree, {name: values[name] for name in used}, text=text)
        except ExpressionError:
            return None
        return value if isinstance(value, np.ndarray) else _exact(Fraction(value))

    def linked(self, node: Node) -> Value | None:
        """The value behind `{from: q3.e}`, or None where the node is no link."""
        if isinstance(node, MappingNode) and len(node.pairs) == 1 and node.pairs[0][0].text == "from":
            target = node.pairs[0][1]
            if isinstance(target, Scalar):
                return self.part_value(target.text.strip(), target)
        return None

    def number(self, node: Node, expected: str = "a number", above: float | None = None) -> int | float:
        """One number, written as students may write it: `1e-5`, `1/3`, `(1/2)^3`."""
        if isinstance(node, Scalar) and _PLAIN.fullmatch(node.text):
            plain = float(node.text)
            return int(plain) if plain.is_integer() else plain
        value = self.symbol(node, lambda: Domain(above=above))
        if value is None:
            value = self.linked(node)
        if isinstance(value, int | float):
            return value
        if isinstance(value, np.ndarray) and self.linked(node) is None:
            raise GivenError(
                node,
                f"expected {expected}, and {quoted(node.text) if isinstance(node, Scalar) else 'this'} is an array",
            )
        if value is not None:
            raise GivenError(node, f"expected {expected}, and that part asks something else")
        return _exact(self.fraction(node, expected))

    def fraction(self, node: Node, expected: str = "a number") -> Fraction:
        """One number, exactly."""
        if not isinstance(node, Scalar):
            raise GivenError(node, f"expected {expected}, found {kind_of(node)}")
        text = node.text.strip().replace("−", "-")
        if not text:
            raise GivenError(node, f"expected {expected}, found nothing")
        try:
            value = Fraction(evaluation.evaluate(expressions.parse(text, grouping=True), text=text))
        except ExpressionError as error:
            raise GivenError(node, f"expected {expected}, found {quoted(text)} ({error.message})") from None
        if abs(value) > MAX_MAGNITUDE:
            raise GivenError(node, f"expected {expected} of at most 10^300, found {quoted(text)}")
        return value

    def integer(
        self, node: Node, low: int, high: int = MAX_COUNT, expected: str = "", drawn_to: int | None = None
    ) -> int:
        """A whole number from `low` to `high`; a symbol is drawn up to `drawn_to`."""
        expected = expected or f"a whole number of at least {low}"
        domain = Domain(whole=True, low=low, high=drawn_to or (None if high >= MAX_COUNT else high))
        value = self.symbol(node, lambda: domain)
        if isinstance(value, int):
            high = max(high, value)  # where growth is asked, sizes are beyond all bounds
        else:
            value = self.number(node, expected)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or value < low:
            raise GivenError(node, f"expected {expected}, found {value:g}")
        if value > high:
            raise GivenError(node, f"expected at most {high:,}, found {value:g}")
        return value

    def array(self, node: Node) -> Array:
        """A number or nested lists of numbers of equal length, as an array of any rank."""
        value = self.symbol(node, lambda: Domain(axes=self.axes))
        if value is None:
            value = self.linked(node)
        if value is not None:
            return np.asarray(value, dtype=np.float64)
        flat: list[float] = []
        shape = self._into(node, flat)
        return np.array(flat, dtype=np.float64).reshape(shape)

    def _into(self, node: Node, flat: list[float]) -> tuple[int, ...]:
        if not isinstance(node, Sequence):
            value = self.symbol(node, Domain)
            if isinstance(value, np.ndarray):  # a row that is a symbol
                flat.extend(value.flat)
                return tuple(value.shape)
            flat.append(float(self.number(node)))
            return ()
        if not node.items:
            raise GivenError(node, "expected numbers, found an empty list")
        shapes = [self._into(item, flat) for item in node.items]
        if len(flat) > MAX_ENTRIES:
            raise GivenError(node, f"more than {MAX_ENTRIES:,} numbers")
        for item, shape in zip(node.items, shapes, strict=True):
            if shape != shapes[0]:
                found, wanted = " × ".join(map(str, shape)) or "a number", " × ".join(map(str, shapes[0])) or "a number"
                raise GivenError(item, f"expected {wanted} like the entry before, found {found}")
        return (len(node.items), *shapes[0])

    def fields(self, node: Node, allowed: Mapping[str, Callable[[Node], Any]], what: str) -> dict[str, Any]:
        """A mapping with known keys, each read by its own function."""
        if not isinstance(node, MappingNode):
            raise GivenError(node, f"expected {what} as a mapping, found {kind_of(node)}")
        values = {}
        for name, value in node:
            if name.text not in allowed:
                raise GivenError(name, f"{what} has no {quoted(name.text)}{suggestion(name.text, allowed)}")
            values[name.text] = allowed[name.text](value)
        return values

    def word(self, node: Node, allowed: tuple[str, ...]) -> str:
        """One of a few words."""
        if not isinstance(node, Scalar):
            raise GivenError(node, f"expected one of {', '.join(allowed)}, found {kind_of(node)}")
        text = node.text.strip()
        if text not in allowed and text.casefold() not in allowed:
            raise GivenError(node, f"found {quoted(text)}{suggestion(text, allowed)}")
        return text if text in allowed else text.casefold()


def _exact(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def kind_of(node: Node) -> str:
    """A node in words, for "expected …, found …"."""
    if isinstance(node, Sequence):
        return f"a list of {len(node.items)}"
    if isinstance(node, MappingNode):
        return "a mapping"
    return quoted(node.text) if node.text.strip() else "nothing"


class Field:
    """One given: how it is read, its default, its sign in formulas, and how people misread it."""

    name = ""

    def __init__(
        self,
        read: Callable[[Reader, Node], Any],
        *,
        doc: str,
        expects: str,
        default: Any = _REQUIRED,
        sign: str = "",
        misread: Mapping[str, Any] | None = None,
        axes: tuple[str, ...] = (),
        others: Mapping[str, Any] | None = None,
        free: bool = False,
        turns: bool = False,
    ) -> None:
        self.turns = turns
        """Whether its axes are the other way round under `vectors: row`."""
        self.read = read
        self.doc = doc
        self.expects = expects
        self.default = default
        self.sign = sign
        self.misread: Mapping[str, Any] = misread or {}
        self.axes = axes
        self.free = free
        """Whether it is a symbol where the problem file does not give it."""
        self.others = others
        """For a convention: label of the other choice ("flipped the kernel") → its value; None for plain givens."""

    def __set_name__(self, owner: type[Givens], name: str) -> None:
        self.name = name
        owner.fields = {**owner.fields, name: self}

    def __get__(self, instance: Givens | None, owner: type[Givens]) -> Any:
        if instance is None:
            return self
        value = instance.values.get(self.name, self.default)
        if value is _REQUIRED:
            raise Missing(self.name)
        return value

    @property
    def required(self) -> bool:
        """Whether it has no default."""
        return self.default is _REQUIRED


class Givens:
    """The givens of one problem. A subclass declares them; an instance holds the values that were read."""

    fields: ClassVar[dict[str, Field]] = {}
    open: ClassVar[bool] = False
    """Whether other names may be given too: numbers, arrays and symbols of the author's own."""

    def __init__(self, values: Mapping[str, Any], written: Mapping[str, Any] | None = None) -> None:
        self.values = dict(values)
        self.written: Mapping[str, Any] = self.values if written is None else written
        """What the problem file says, also where a hypothesis reads a given otherwise."""
        self.draws: tuple[Givens, ...] = ()
        """Where givens are symbols: the givens at every draw; this is then the first of them."""
        self._few: Givens | None = None
        self.symbols: Mapping[str, Any] = MappingProxyType({})
        """What stands for each symbol, by key."""

    def __contains__(self, name: str) -> bool:
        return name in self.values

    @property
    def few(self) -> Givens:
        """The same givens at the first draws only, for a first look; themselves where there are no symbols."""
        if len(self.draws) <= FEW:
            return self
        if self._few is None:
            self._few = type(self)(self.values, self.written)
            self._few.symbols, self._few.draws = self.symbols, self.draws[:FEW]
        return self._few

    @property
    def own(self) -> dict[str, Any]:
        """The givens that the author named himself."""
        return {name: value for name, value in self.values.items() if name not in self.fields}

    def replaced(self, name: str, value: Any) -> Givens:
        """The same givens with one changed."""
        new = type(self)({**self.values, name: value}, self.written)
        new.symbols = self.symbols
        new.draws = tuple(drawn.replaced(name, value) for drawn in self.draws)
        return new

    @property
    def signs(self) -> dict[str, Any]:
        """Name and sign of every given that is a number, with its value, for formulas."""
        bound: dict[str, Any] = {}
        for name, field in self.fields.items():
            value = self.values.get(name, None if field.required else field.default)
            if isinstance(value, int | float) and not isinstance(value, bool):
                bound[expressions.key(name)] = value
                if field.sign:
                    bound[expressions.key(field.sign)] = value
        bound.update(
            (expressions.key(name), value) for name, value in self.own.items() if isinstance(value, int | float)
        )
        return bound


def read_givens(
    kind: type[Givens], nodes: Mapping[str, Node], reader: Reader, renamed: Mapping[str, str] = MappingProxyType({})
) -> tuple[Givens, list[GivenError]]:
    """All givens of a problem, with every error among them; `renamed` is how this problem calls some of them."""
    values: dict[str, Any] = {}
    errors: list[GivenError] = []
    rows = in_rows(kind, nodes)
    for name, node in nodes.items():
        field = kind.fields.get(name, _ANY)
        reader.own = frozenset(expressions.key(own) for own in (name, field.sign, renamed.get(name, "")) if own)
        axes = next((tuple(axes.replace("?", "").split()) for axes in field.axes if axes), ())
        reader.axes = () if "" in field.axes and not reader.arrays else axes[::-1] if field.turns and rows else axes
        try:
            values[name] = field.read(reader, node)
        except GivenError as error:
            errors.append(GivenError(error.node, f"{name}: {error.message}"))
    errors += _clashes(kind, values, nodes)
    return kind(values), errors


def _anything(reader: Reader, node: Node) -> Any:
    """A number, an array, a symbol, or the value of another part."""
    value = reader.symbol(node, Domain)
    if value is None:
        value = reader.linked(node)
    if value is None:
        value = reader.array(node) if isinstance(node, Sequence) else reader.number(node)
    if isinstance(value, tuple | str):
        raise GivenError(node, "expected a number or an array, and that part asks something else")
    if isinstance(value, np.ndarray) and value.ndim > 2:
        raise GivenError(node, f"expected at most rows and columns, found an array of {value.ndim} axes")
    return value


_ANY = Field(_anything, doc="a number, an array, or a symbol", expects="a number, an array, or a symbol")


def in_rows(kind: type[Givens], nodes: Mapping[str, Node]) -> bool:
    """Whether vectors are rows, which turns the axes of weights around."""
    declared = kind.fields.get("vectors")
    node = nodes.get("vectors")
    chosen = node.text.strip() if isinstance(node, Scalar) else None if declared is None else declared.default
    return chosen == "row"


def axes_of(field: Field, rank: int, *, rows: bool) -> list[str]:
    """The names of the axes of a given of that rank; none where it has no such rank."""
    names = next((axes.split() for axes in field.axes if len(axes.split()) == rank), [])
    return names[::-1] if field.turns and rows else names


def _clashes(kind: type[Givens], values: Mapping[str, Any], nodes: Mapping[str, Node]) -> list[GivenError]:
    """Axes of one name and different lengths, each naming both culprits."""
    errors = []
    seen: dict[str, tuple[int, str]] = {}
    for name, value in values.items():
        if not isinstance(value, np.ndarray):
            continue
        names = axes_of(kind.fields.get(name, _ANY), value.ndim, rows=in_rows(kind, nodes))
        for axis, length in zip(names, value.shape, strict=False):
            if not re.fullmatch(r"[A-Za-z]\w*", axis):
                continue
            known, other = seen.setdefault(axis, (length, name))
            if known != length:
                errors.append(
                    GivenError(
                        nodes[name], f"{name}: its axis {axis} has length {length}, but {other} has {axis} = {known}"
                    )
                )
    return errors


# The fields that kinds use.


def real(
    *,
    doc: str,
    default: Any = _REQUIRED,
    sign: str = "",
    above: float | None = None,
    misread: Mapping[str, Any] | None = None,
    free: bool = False,
) -> Any:
    """A real number; `free` makes it a symbol where the problem file does not give it."""
    expects = "a number" if above is None else f"a number above {above:g}"

    def read(reader: Reader, node: Node) -> float:
        value = reader.number(node, expects, above)
        if above is not None and value <= above:
            raise GivenError(node, f"expected {expects}, found {value:g}")
        return float(value)

    return Field(read, doc=doc, expects=expects, default=default, sign=sign, misread=misread, free=free)


def number(*, doc: str, default: Any = _REQUIRED, sign: str = "", above: float | None = None) -> Any:
    """A number that stays whole where it is written whole."""
    expects = "a number" if above is None else f"a number above {above:g}"

    def read(reader: Reader, node: Node) -> int | float:
        value = reader.number(node, expects, above)
        if above is not None and value <= above:
            raise GivenError(node, f"expected {expects}, found {value:g}")
        return value

    return Field(read, doc=doc, expects=expects, default=default, sign=sign)


def integer(
    low: int = 1,
    *,
    doc: str,
    default: Any = _REQUIRED,
    sign: str = "",
    high: int = MAX_COUNT,
    misread: Mapping[str, Any] | None = None,
) -> Any:
    """A whole number from `low` to `high`."""
    expects = f"a whole number of at least {low}"
    return Field(
        lambda reader, node: reader.integer(node, low, high, expects),
        doc=doc, expects=expects, default=default, sign=sign, misread=misread,
    )  # fmt: skip


def option(*choices: Any, doc: str, others: Mapping[Any, str] | None = None) -> Any:
    """One of a few words, or true and false; the first is the default.

    `others` makes it a convention: each choice → how somebody who chose it is told, "flipped the kernel".
    """
    words = {str(choice).lower() if isinstance(choice, bool) else str(choice): choice for choice in choices}

    def read(reader: Reader, node: Node) -> Any:
        return words[reader.word(node, tuple(words))]

    expects = " | ".join(words)
    labels = None if others is None else {label: choice for choice, label in others.items()}
    return Field(read, doc=doc, expects=expects, default=choices[0], others=labels)


def array(
    *axes: str,
    doc: str,
    default: Any = _REQUIRED,
    sign: str = "",
    misread: Mapping[str, Any] | None = None,
    turns: bool = False,
) -> Any:
    """An array; each of `axes` is a text of axis names, one for every rank that is accepted ("" for a number).

    The first of them with axes is what a symbol is drawn with. An axis with a question mark is not compared with others of
    its name.
    `turns` means that the axes are the other way round under `vectors: row`.
    """
    ranks = {len(a.split()): a for a in axes}
    expects = " or ".join(f"an array ({' × '.join(a.replace('?', '').split())})" if a else "a number" for a in axes)

    def read(reader: Reader, node: Node) -> Any:
        value = reader.array(node)
        if value.ndim not in ranks:
            raise GivenError(node, f"expected {expects}, found {_size(value)}")
        return value if value.ndim else float(value)

    return Field(read, doc=doc, expects=expects, default=default, sign=sign, misread=misread, axes=axes, turns=turns)


def _size(value: Array) -> str:
    return "a number" if value.ndim == 0 else f"an array of {' × '.join(map(str, value.shape))}"


def special(
    read: Callable[[Reader, Node], Any],
    *,
    doc: str,
    expects: str,
    default: Any = _REQUIRED,
    axes: tuple[str, ...] = (),
    misread: Mapping[str, Any] | None = None,
) -> Any:
    """A given that is read by a function of its own."""
    return Field(read, doc=doc, expects=expects, default=default, axes=axes, misread=misread)


def pair(low: int, *, doc: str, default: Any = _REQUIRED, misread: Mapping[str, Any] | None = None) -> Any:
    """A number for both directions, or [vertical, horizontal]."""
    return Field(
        lambda reader, node: read_pair(reader, node, low),
        doc=doc, expects="a number, or [vertical, horizontal]", default=default, misread=misread,
    )  # fmt: skip


def read_pair(reader: Reader, node: Node, low: int) -> tuple[int, int]:
    """A number for both directions, `[vertical, horizontal]`, or `1x3`."""
    if isinstance(node, Sequence):
        if len(node.items) != 2:
            raise GivenError(node, f"expected a number, or [vertical, horizontal], found a list of {len(node.items)}")
        return reader.integer(node.items[0], low), reader.integer(node.items[1], low)
    if isinstance(node, Scalar) and re.fullmatch(r"\s*\d+\s*[x×]\s*\d+\s*", node.text):
        vertical, horizontal = (int(side) for side in re.split("[x×]", node.text))
        if min(vertical, horizontal) < low:
            raise GivenError(node, f"expected sizes of at least {low}, found {quoted(node.text)}")
        return vertical, horizontal
    size = reader.integer(node, low)
    return size, size
