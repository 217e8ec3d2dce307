"""Formulas as answers: which names they may use, how they are read, and what they are worth at every draw.

A formula is judged by trying it: at 64 draws of the symbols the kind is run and the student's formula is evaluated on the
same numbers. It may use the symbols, the givens, and quantities asked in earlier parts of the same problem. A quantity
that is a function (y(n)) is tried at the values of its variables as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from hwcheck import evaluation, expressions
from hwcheck.evaluation import Evaluator
from hwcheck.expressions import Binary, Call, Cases, ExpressionError, Name, Parsed, Tree, key
from hwcheck.given import Givens
from hwcheck.kernels.types import Array
from hwcheck.settings import Setting
from hwcheck.values import Drawn, Value, at_draws
from hwcheck.words import quoted
from hwcheck.working import Step
from hwcheck.yamltree import Mapping as MappingNode
from hwcheck.yamltree import Node, Scalar, Sequence

EXACT = 1e-9
"""How far, relatively, a formula worked out in floating point may be from the value."""
MOST = 1e-4
"""How far it may be from any value, but for what floating point itself leaves."""
MAX_POINTS = 12
"""How many values of its variables a function is tried at, at each draw."""
MAX_CELLS = 400


class FormulaError(Exception):
    """An answer that is no formula: one sentence, and perhaps a caret under the place."""


# Names.


@dataclass(frozen=True)
class Vocabulary:
    """The names that the answer to one part may use.

    Attributes:
        names: what the grammar knows.
        base: the givens and symbols by key, at every draw.
        quantities: key → the quantity asked before.
        index: the variables of the quantity, with their first values.
        local: names that the step itself binds, by key.
        rows: whether vectors are rows.
    """

    names: expressions.Names
    base: tuple[Mapping[str, Any], ...]
    quantities: Mapping[str, str]
    index: Mapping[str, int]
    local: frozenset[str] = frozenset()
    rows: bool = False

    def also(self, defined: Mapping[str, str]) -> Vocabulary:
        """With names that the student has defined: key → the quantity."""
        new = {name: quantity for name, quantity in defined.items() if name not in self.names.known and len(name) < 40}
        if not new:
            return self
        names = self.names._replace(known=self.names.known | set(new))
        return Vocabulary(names, self.base, {**self.quantities, **new}, self.index, self.local, self.rows)


def vocabulary(setting: Setting, asked: str, earlier: Iterable[str], shown: Callable[[str], str]) -> Vocabulary:
    """The names for an answer to `asked`, after parts that asked for the quantities `earlier`."""
    steps = setting.right.steps
    own = steps[asked].variables if asked in steps else {}
    earlier = [
        name for name in dict.fromkeys(earlier)
        if name != asked and name in steps and (not steps[name].variables or [*steps[name].variables] == [*own])
    ]  # fmt: skip
    step = setting.right.steps.get(asked)
    index: Mapping[str, int] = {} if step is None else step.variables
    base = base_names(setting)
    quantities: dict[str, str] = {}
    for name in earlier:
        for called in (name, shown(name), setting.kind.sign(name)):
            if called and key(called) not in base[0]:
                quantities.setdefault(key(called), name)
    local = frozenset() if step is None else _local(step)
    known = frozenset((*base[0], *quantities, *index, *local))
    bound = {} if step is None else {key(name): value for name, value in step.names.items()}
    arrays = {name for name, value in base[0].items() if isinstance(value, np.ndarray)}
    arrays |= {name for name in local if isinstance(bound[name], np.ndarray)}
    arrays |= {name for name, asked in quantities.items() if _is_array(setting.right.steps[asked].computed)}
    functions = frozenset(name for name in local if callable(bound[name]))
    names = expressions.Names(
        known - functions,
        frozenset(arrays),
        functions,
        _shown(setting, asked, earlier, index, shown),
        _hidden(setting, asked, known, shown),
    )
    rows = getattr(setting.givens, "vectors", "column") == "row"
    return Vocabulary(names, base, quantities, index, local, rows)


def _is_array(value: Value) -> bool:
    return isinstance(value.like if isinstance(value, Drawn) else value, np.ndarray)


def _local(step: Step) -> frozenset[str]:
    """The names that a step binds for its formula and that an answer may use: functions; all where it is a function itself."""
    return frozenset(key(name) for name, value in step.names.items() if step.variables or callable(value))


def _shown(
    setting: Setting, asked: str, earlier: list[str], index: Mapping[str, int], shown: Callable[[str], str]
) -> tuple[str, ...]:
    symbols = [domain.text for domain in setting.domains.values()]
    given = [
        shown(name) for name, value in setting.givens.values.items()
        if isinstance(value, int | float | np.ndarray) and not isinstance(value, bool)
    ]  # fmt: skip
    step = setting.right.steps[asked]
    local = [name for name in step.names if step.variables and not callable(step.names[name])]
    names = (*index, *symbols, *local, *given, *map(shown, earlier))
    return tuple({key(name): name for name in reversed(names)}.values())[::-1]


def _hidden(setting: Setting, asked: str, known: frozenset[str], shown: Callable[[str], str]) -> dict[str, str]:
    """Why quantities that are there may not be used."""
    hidden = {}
    for name, step in setting.right.steps.items():
        called = shown(name)
        reason = "is what is asked here" if name == asked else "is not asked before this part; write it out"
        if step.variables and name != asked:
            reason = f"is a function of {', '.join(step.variables)}; write its value out"
        for one in (name, called):
            if key(one) not in known:
                hidden[key(one)] = f"{quoted(called)} {reason}"
    return hidden


def base_names(setting: Setting) -> tuple[Mapping[str, Any], ...]:
    """The givens and symbols by key, at every draw (once where there are no symbols); made once per setting."""
    if setting.names_at_draws is None:
        rows = getattr(setting.givens, "vectors", "column") == "row"
        setting.names_at_draws = tuple(
            _bound(givens, setting.renamed, rows) for givens in setting.givens.draws or (setting.givens,)
        )
    return setting.names_at_draws


def _bound(givens: Givens, renamed: Mapping[str, str], rows: bool) -> dict[str, Any]:
    bound: dict[str, Any] = {}
    for name, field in givens.fields.items():
        value = givens.values.get(name, None if field.required else field.default)
        if isinstance(value, bool) or not isinstance(value, int | float | np.ndarray):
            continue
        for called in (name, field.sign, renamed.get(name, "")):
            if called:
                bound[key(called)] = matrix(value, rows)
        for called, row in step_rows(givens, name).items():
            bound[key(called)] = matrix(row, rows)
    bound.update((key(name), matrix(value, rows)) for name, value in givens.own.items())
    bound.update((name, matrix(value, rows)) for name, value in givens.symbols.items())
    return bound


def step_rows(givens: Givens, name: str) -> dict[str, Array]:
    """The rows of a given that has one a step, by what a student calls them: x_1, x_2, …"""
    value = givens.values.get(name)
    field = givens.fields.get(name)
    if field is None or not isinstance(value, np.ndarray) or value.ndim != 2:
        return {}
    if not any(axes.split()[:1] == ["T"] and len(axes.split()) == 2 for axes in field.axes):
        return {}
    return {f"{name}_{t}": row for t, row in enumerate(value, 1)}


def matrix(value: Any, rows: bool = False) -> Any:
    """A value as formulas work with it: arrays have two axes, vectors are columns (or rows)."""
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return value.reshape(1, -1) if rows else value.reshape(-1, 1)
    return value


# Reading.


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula that was read: one, one for each axis of a shape, or one for each cell of an array.

    `shape` is None for a single formula. `used` are the keys of its names, `left` what it was given as (`W_out = …`).
    """

    functions: tuple[Evaluator, ...]
    trees: tuple[Tree, ...]
    shape: tuple[int, ...] | None
    used: frozenset[str]
    left: str = ""
    read_as: str = ""

    def at(self, names: Mapping[str, Any]) -> Any:
        """What it is worth for these names.

        Raises:
            ExpressionError: it has no value.
        """
        if self.shape is None:
            return evaluation.value_of(self.functions[0], names)
        values = [evaluation.value_of(function, names) for function in self.functions]
        if len(self.shape) == 1:
            return tuple(values)
        return np.array([float(value) for value in values]).reshape(self.shape)


def read_formula(node: Node, like: Value, words: Vocabulary) -> Formula:
    """The formula in an answer to a question whose right value has the type and rank of `like`.

    Raises:
        FormulaError: with one sentence, and a caret under the place where there is one.
    """
    one = like.like if isinstance(like, Drawn) else like
    if words.index:
        one = 0.0
    while isinstance(node, Sequence) and len(node.items) == 1 and not isinstance(one, np.ndarray):
        node = node.items[0]
    try:
        if isinstance(node, MappingNode):
            return _one([_branch(name, value, words) for name, value in node], words)
        if isinstance(one, tuple) and len(one) > 1:
            return _axes(node, len(one), words)
        if isinstance(node, Scalar):
            return _text(node.text, words)
        if isinstance(one, np.ndarray):
            return _cells(node, words)
    except ExpressionError as error:
        raise FormulaError(f"{error.message}\n{error.pointed()}") from None
    raise FormulaError("expected a formula, found a list")


def _text(text: str, words: Vocabulary) -> Formula:
    lines = _cases_in_words(text)
    if lines is not None:
        return _one([(condition, piece) for condition, piece in lines], words)
    parsed = expressions.read(text, words.names)
    return _formula((parsed,), None, _noted(text, parsed))


def _one(branches: list[tuple[str, str]], words: Vocabulary) -> Formula:
    """A piecewise formula from pairs of condition and formula."""
    cases, parsed = [], []
    for condition, text in branches:
        inner = expressions.read(text, words.names)
        cases.append((expressions.read_conditions(condition, words.names), inner.tree))
        parsed.append(inner)
    cases.sort(key=lambda case: not case[0])  # otherwise comes last, wherever it stands
    return _formula((Parsed(Cases(tuple(cases))),), None, "")


def _branch(name: Scalar, value: Node, words: Vocabulary) -> tuple[str, str]:
    if not isinstance(value, Scalar):
        raise FormulaError(f"expected a formula for {quoted(name.text)}, found a list")
    return name.text, value.text


def _cases_in_words(text: str) -> list[tuple[str, str]] | None:
    """`2n if n < 3; 0 otherwise`, line by line, as pairs of condition and formula; None where it is nothing like that."""
    if len(text) > expressions.MAX_LENGTH or "\\begin" in text:
        return None
    pieces = [piece.strip(" ,.") for piece in re.split(r"[;\n]", text) if piece.strip(" ,.")]
    pairs = []
    for piece in pieces:
        match = re.fullmatch(r"(?s)(.+?),?\s+(?:(?:if|for|when|where)\s+(.+)|(otherwise|else|elsewhere))", piece)
        if match is None:
            return None
        pairs.append((match[2] or "otherwise", match[1]))
    return pairs if len(pairs) > 1 else None


def _axes(node: Node, count: int, words: Vocabulary) -> Formula:
    """A shape: a list of formulas, or one text with × or commas between."""
    if isinstance(node, Sequence):
        texts = [item.text if isinstance(item, Scalar) else "" for item in node.items]
        parsed = [expressions.read(text, words.names) for text in texts]
    elif isinstance(node, Scalar):
        texts = [node.text]
        parsed = expressions.read_axes(node.text, count, words.names)
    else:
        raise FormulaError("expected a shape such as W x H x F, found a mapping")
    surprising = any("\\" in text for text in texts) or any(one.split or one.dropped for one in parsed)
    shown = " × ".join(expressions.render(one.tree, bare=True) for one in parsed)
    return _formula(tuple(parsed), (len(parsed),), shown if surprising else "")


def _cells(node: Node, words: Vocabulary) -> Formula:
    """Nested lists of formulas."""
    cells: list[Parsed] = []

    def walk(item: Node) -> tuple[int, ...]:
        if isinstance(item, Scalar):
            cells.append(expressions.read(item.text, words.names))
            if len(cells) > MAX_CELLS:
                raise FormulaError(f"more than {MAX_CELLS} formulas")
            return ()
        if not isinstance(item, Sequence):
            raise FormulaError("expected a formula, found a mapping; put quotes around it")
        shapes = [walk(inner) for inner in item.items]
        if len(set(shapes)) > 1:
            raise FormulaError("rows of different length")
        return (len(shapes), *(shapes[0] if shapes else ()))

    shape = walk(node)
    if not cells:
        raise FormulaError("expected formulas in rows")
    return _formula(tuple(cells), (shape[0], 1) if len(shape) == 1 else shape, "")


def _formula(parsed: tuple[Parsed, ...], shape: tuple[int, ...] | None, note: str) -> Formula:
    trees = tuple(one.tree for one in parsed)
    used = frozenset(name.key for tree in trees for name in expressions.names_in(tree))
    functions = tuple(evaluation.compiled(tree) for tree in trees)
    return Formula(functions, trees, shape, used, parsed[0].left if len(parsed) == 1 else "", note)


def _noted(text: str, parsed: Parsed) -> str:
    """How a formula was understood, where that may surprise: LaTeX, 1/2x, a condition that was left out."""
    if "\\" not in text and not parsed.split and not parsed.dropped:
        return ""
    shown = expressions.render(_with_brackets(parsed.tree) if parsed.split else parsed.tree, bare=True)
    return f"{shown}, without {quoted(parsed.dropped)}" if parsed.dropped else shown


def _with_brackets(tree: Tree) -> Tree:
    """The tree with brackets around a quotient that a product without a sign follows."""
    chain: list[Binary] = []
    while isinstance(tree, Binary):  # a long sum leans to the left, deeper than Python may call
        chain.append(tree)
        tree = tree.left
    for binary in reversed(chain):
        quotient = binary.bare and isinstance(tree, Binary) and tree.sign == "/"
        left = Call(Name("", ""), (tree,)) if quotient else tree
        tree = Binary(binary.sign, left, _with_brackets(binary.right), binary.bare)
    return tree


# What it is worth.


def evaluated(
    formula: Formula, words: Vocabulary, steps: Mapping[str, Step], asked: Step, count: int
) -> tuple[list[Any], str]:
    """What a formula is worth at every draw, None where it has no value, and why the first of those has none.

    For a quantity that is a function, the values are lists over its points (see `points`).
    """
    steps_at = getattr(asked, "draws", (asked,) * count)
    count = min(count, len(steps_at))
    used = [(name, quantity) for name, quantity in words.quantities.items() if name in formula.used]
    rows = words.rows
    handed = [(name, at_draws(steps[quantity].handed, count)) for name, quantity in used if quantity in steps]
    missing = len(handed) < len(used)
    local = [name for name in words.local if name in formula.used]
    values: list[Any] = []
    why = ""
    for draw in range(count):
        names = dict(words.base[draw])
        step = steps_at[draw]
        if missing or step is None:
            values.append(None)
            continue
        for name, at in handed:
            if at[draw] is not None:
                table = bool(steps[words.quantities[name]].variables)  # a function of the same index: its value there
                names[name] = [*at[draw]] if table else matrix(at[draw], rows)
        for name, bound in step.names.items() if local else ():
            names[key(name)] = matrix(bound, rows)
        try:
            if words.index:
                values.append(_over_points(formula, names, step, rows))
            else:
                values.append(formula.at(names))
        except ExpressionError as error:
            why = why or error.message
            values.append(None)
    return values, why


def points(step: Step) -> list[tuple[int, ...]]:
    """The places of a function's array at which it is tried: all of a signal, some of a larger table."""
    assert isinstance(step.computed, np.ndarray)
    shape = step.computed.shape[: len(step.variables)]
    places = list(product(*map(range, shape)))
    if len(shape) == 1 or len(places) <= MAX_POINTS:
        return places
    stride = len(places) / MAX_POINTS
    inside = [places[int(i * stride)] for i in range(MAX_POINTS)]
    corners = [places[0], places[-1], *(place for place in places if np.any(step.computed[place]))][: MAX_POINTS + 2]
    return list(dict.fromkeys((*inside, *corners)))


def _over_points(formula: Formula, names: dict[str, Any], step: Step, rows: bool) -> list[Any]:
    found = []
    listed = {name: value for name, value in names.items() if isinstance(value, list)}
    for place in points(step):
        names.update((name, matrix(values[place[0]], rows)) for name, values in listed.items())
        for (name, first), at in zip(step.variables.items(), place, strict=True):
            names[name] = first + at
        found.append(formula.at(names))
    return found


def agrees(found: Any, value: Value, step: Step | None, scale: float) -> list[bool]:
    """How what a formula is worth agrees with a value at one draw, entry by entry; empty where the shapes differ."""
    if step is not None and step.variables and isinstance(value, np.ndarray):
        assert isinstance(step.computed, np.ndarray)
        if value.shape != step.computed.shape:
            return []
        wanted = [value[place] for place in points(step)]
        return [all(equal_at(a, b, scale) for a, b in zip(found, wanted, strict=True))]
    if isinstance(value, tuple):
        return _equal_shapes(found, value)
    if isinstance(value, np.ndarray):
        return _equal_arrays(found, value, scale)
    if isinstance(found, np.ndarray) and found.size == 1:
        found = float(found.flat[0])
    if isinstance(found, tuple) and len(found) == 1:
        found = found[0]
    if isinstance(found, np.ndarray | tuple | list) or isinstance(value, str | Drawn):
        return []
    return [equal(found, value, scale)]


def equal_at(found: Any, value: Any, scale: float) -> bool:
    """Whether what a function is worth at one point is right: a number, or a vector."""
    if isinstance(value, np.ndarray) and value.ndim:
        levels = _equal_arrays(found, value, scale)
        return bool(levels) and all(levels)
    if isinstance(found, np.ndarray) and found.size == 1:
        found = float(found.flat[0])
    return equal(found, float(value), scale)


def _equal_shapes(found: Any, value: tuple[int, ...]) -> list[bool]:
    sizes = list(found) if isinstance(found, tuple) else [found]
    if any(isinstance(size, np.ndarray) for size in sizes):
        return []
    if len(sizes) != len(value):
        sizes, value = [size for size in sizes if size != 1], tuple(size for size in value if size != 1)
    if len(sizes) != len(value):
        return []
    return [equal(a, b, 0.0) for a, b in zip(sizes, value, strict=True)]


def _equal_arrays(found: Any, value: Array, scale: float) -> list[bool]:
    if isinstance(found, int | float | Fraction):
        found = np.full((1, 1), float(found))
    if not isinstance(found, np.ndarray):
        return []
    if found.shape != value.shape:
        if [n for n in found.shape if n != 1] != [n for n in value.shape if n != 1]:
            return []
        found = found.reshape(value.shape)
    bound = EXACT * np.maximum(np.abs(value), 1e-3 * np.max(np.abs(value), initial=0)) + 1e-12 * scale
    return [bool(ok) for ok in (np.abs(found - value) <= bound).flat]


def equal(found: Any, value: Any, scale: float) -> bool:
    """Whether a formula's value is a computed one: exactly for whole numbers and fractions, else to 1e-9."""
    if isinstance(found, np.ndarray | tuple):
        return False
    if isinstance(value, int) and not isinstance(found, float):
        return bool(found == value)
    try:
        return bool(abs(float(found) - float(value)) <= _allowed(value) + 1e-13 * scale)
    except OverflowError:  # a fraction beyond floats
        return False


def _allowed(value: float) -> float:
    """How far a formula worked out in floating point may be from a value: never so far that a 1 could hide."""
    return max(min(EXACT * abs(value), MOST), 1e-13 * abs(value))


def fitting(found: Any, like: Value) -> Any:
    """What a formula is worth in exactly the type of `like`, to be carried on with; None where it does not fit."""
    if isinstance(like, tuple):
        sizes = list(found) if isinstance(found, tuple) else [found]
        if len(sizes) != len(like) or any(isinstance(size, np.ndarray) for size in sizes):
            return None
        whole = [int(size) for size in sizes if size == int(size) and 1 <= size <= 10**6]
        return tuple(whole) if len(whole) == len(like) else None
    if isinstance(like, np.ndarray):
        if not isinstance(found, np.ndarray) or [n for n in found.shape if n != 1] != [n for n in like.shape if n != 1]:
            return None
        return np.array(found, dtype=np.float64).reshape(like.shape)
    if isinstance(found, np.ndarray) and found.size == 1:
        found = float(found.flat[0])
    if isinstance(found, np.ndarray | tuple | list) or isinstance(like, str) or abs(found) > 10**12:
        return None
    if isinstance(like, int):
        return int(found) if found == int(found) else None
    return float(found)
