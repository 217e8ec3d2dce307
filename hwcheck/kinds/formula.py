"""A quantity of the author's own: a formula in names of his choice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from hwcheck import evaluation, expressions
from hwcheck.derivatives import derivative, slope_arguments
from hwcheck.errors import Undefined
from hwcheck.expressions import Call, ExpressionError, Name, Names, Tree, key
from hwcheck.formulas import matrix
from hwcheck.given import GivenError, Givens, Reader, kind_of, special
from hwcheck.kinds import kind
from hwcheck.words import quoted, suggestion
from hwcheck.working import Working
from hwcheck.yamltree import Mapping as MappingNode
from hwcheck.yamltree import Node, Scalar

Texts = dict[str, str]


def _text(node: Node) -> str:
    if not isinstance(node, Scalar) or node.blank:
        raise GivenError(node, f"expected a formula, found {kind_of(node)}")
    return node.text.strip()


def _formulas(_reader: Reader, node: Node) -> Texts:
    if isinstance(node, MappingNode):
        texts = {}
        for name, value in node:
            if not expressions.key(name.text).isidentifier():
                raise GivenError(name, f"expected a name such as loss, found {quoted(name.text)}")
            texts[name.text] = _text(value)
        if not texts:
            raise GivenError(node, "expected `name: formula` lines, found none")
        return texts
    return {"formula": _text(node)}


def _slips(_reader: Reader, node: Node) -> dict[str, Texts]:
    if not isinstance(node, MappingNode):
        raise GivenError(node, f"expected `name: {{label: formula}}`, found {kind_of(node)}")
    slips: dict[str, Texts] = {}
    for name, labels in node:
        if isinstance(labels, MappingNode):
            slips[name.text] = {label.text: _text(text) for label, text in labels}
        else:
            slips.setdefault("formula", {})[name.text] = _text(labels)
    return slips


class Formula(Givens):
    """What is given: numbers, arrays and symbols under any names, and the formulas in them."""

    open = True
    formula: Texts = special(
        _formulas, expects="a formula, or `name: formula` lines",
        doc="what is asked, as a formula in the names given beside it; or several, each of which may use those above it. "
        "`d(f, x)` is the derivative of f in x",
    )  # fmt: skip
    slips: dict[str, Texts] = special(
        _slips, default={}, expects="`name: {label: formula}`",
        doc="typical mistakes: for the name of a formula, what completes \"You …\", and the formula that was used instead",
    )  # fmt: skip


@kind(
    source="the author of the problem",
    quantities={
        "formula": "the value of the formula, where there is one without a name",
        "NAME": "the value of the formula NAME",
    },
    examples=(
        """
        given:
          mlp: 13_002
          cnn: 8_497
          formula: {reduction: 100 * (mlp - cnn) / mlp, share: 1 - reduction/100}
          slips: {reduction: {took the percentage of the wrong base: 100 * (mlp - cnn) / cnn}}
        parts: {a: {ask: reduction, unit: percent}, b: {ask: share}}
        """.replace("_", ""),
        """
        given:
          x: [0.5, -1, 2]
          w: [0.3, 0.8, -0.4]
          y: 1
          formula: {p: sigmoid(w^T x), loss: -ln(p), slope: "d(loss, w)"}
          slips: {slope: {took target minus output: "(y - p) x"}}
        parts: {a: {ask: p}, b: {ask: loss}, c: {ask: slope}}
        """,
        """
        given: {x: 1.5, k: 3, formula: "x^k / (1 + x)", slips: {left out the 1: "x^k / x"}}
        parts: {a: {ask: formula}}
        """,
    ),
)
def formula(given: Formula, work: Working) -> None:
    """Formulas of the author's own, worked out for the numbers given.

    Every name beside `formula` and `slips` is a given: a number, an array, a symbol, or the value of another part. A
    formula is written as students write theirs; a vector is a column, `A x` and `A @ x` are products of matrices, `*` goes
    entry by entry. `d(f, x)` is the derivative of f in x, where f may depend on x through formulas above; in an array x it
    is the gradient, with the axes of x. Whole numbers and fractions stay exact.
    """
    _check_names(given)
    bound: dict[str, Any] = {key(name): matrix(value) for name, value in given.own.items()}
    shapes = {key(name): np.shape(value) for name, value in given.own.items()}
    defined: dict[str, Tree] = {}
    local = {name: value for name, value in given.own.items() if isinstance(value, int | float)}
    for name, text in given.formula.items():
        solved = _Solved(dict(bound), dict(defined), dict(shapes))
        tree = solved.parsed(text, name)
        handed = work(
            name, solved.value(text, name), formula="" if _has_slope(tree) else text, names=local,
            slips={
                label: lambda label=label, wrong=wrong, solved=solved: solved.value(wrong, f"slips: {label}")
                for label, wrong in given.slips.get(name, {}).items()
            },
        )  # fmt: skip
        defined[key(name)] = tree
        shapes[key(name)] = np.shape(handed)
        bound[key(name)] = matrix(handed)


def _check_names(given: Formula) -> None:
    """Every name has one meaning, and every formula and slip can be read, also those that come after what is asked."""
    known = {key(name): name for name in given.own}
    arrays = {key(name) for name, value in given.own.items() if np.ndim(value)}
    for name in given.slips:
        if name not in given.formula:
            if name == "formula":  # `slips: {label: formula}`
                label, first = next(iter(given.slips[name])), next(iter(given.formula))
                raise Undefined(f"slips: for which formula is {quoted(label)}? write {{{first}: {{{label}: …}}}}")
            raise Undefined(f"slips: there is no formula {quoted(name)}{suggestion(name, given.formula)}")
    for name, text in given.formula.items():
        if key(name) in known:
            there = known[key(name)]
            what = "is given, and has a formula" if there in given.own else f"and {quoted(there)} are the same name"
            raise Undefined(f"{quoted(name)} {what}; rename one of them")
        for wrong in (text, *given.slips.get(name, {}).values()):
            _parsed(
                wrong,
                name if wrong == text else f"{name}: slips",
                frozenset(known),
                frozenset(arrays),
                tuple(known.values()),
            )
        known[key(name)] = name
        arrays.add(key(name))  # which may turn out to be a number


class _Solved(NamedTuple):
    """What stands above a formula: values, formulas and shapes by key."""

    bound: Mapping[str, Any]
    defined: Mapping[str, Tree]
    shapes: Mapping[str, tuple[int, ...]]

    def parsed(self, text: str, name: str) -> Tree:
        arrays = frozenset(one for one, value in self.bound.items() if isinstance(value, np.ndarray))
        return _parsed(text, name, frozenset(self.bound), arrays, tuple(self.bound))

    def value(self, text: str, name: str) -> Any:
        """What a formula is worth: exact where it is whole; a column as a vector."""
        names, shapes = dict(self.bound), dict(self.shapes)
        try:
            tree = _without_slopes(self.parsed(text, name), names, self.defined, shapes)
            value = evaluation.evaluate(tree, names, text=text)
        except ExpressionError as error:
            raise Undefined(_where(name, text, error.message)) from None
        if isinstance(value, np.ndarray):
            return value.ravel() if 1 in value.shape and not _like_a_matrix(tree, shapes) else value
        used = {one.key for one in expressions.names_in(tree)}
        if any(isinstance(names.get(one), float) for one in used) and not _rounds(tree):
            return float(value)
        if isinstance(value, Fraction):
            return int(value) if value.denominator == 1 else float(value)
        return value


@lru_cache(maxsize=1024)
def _parsed(text: str, name: str, known: frozenset[str], arrays: frozenset[str], shown: tuple[str, ...]) -> Tree:
    functions = frozenset() if "d" in known else frozenset("d")
    try:
        return expressions.parse(text, names=Names(known, arrays, functions, shown))
    except ExpressionError as error:
        message = error.message
    if "d" in known and re.search(r"(?<!\w)d\s*\(", text):
        message = "'d' is a name here, so d(f, x) is no derivative; rename it"
    raise Undefined(_where(name, text, message))


def _where(name: str, text: str, message: str) -> str:
    return f"{name}: {quoted(text)}: {message}"


def _rounds(tree: Tree) -> bool:
    """Whether a formula ends in a whole number, whatever goes in."""
    return isinstance(tree, Call) and tree.name.key in ("floor", "ceil", "round", "sign")


def _like_a_matrix(tree: Tree, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    return isinstance(tree, Name) and len(shapes.get(tree.key, ())) == 2


# Derivatives.

SEED = "the change"
"""Stands for the change of what is varied; as no name of an author can, for it has a blank."""


def _is_slope(tree: Tree) -> bool:
    return isinstance(tree, Call) and tree.name.key == "d"


def _has_slope(part: Any) -> bool:
    return _is_slope(part) or (isinstance(part, tuple) and any(map(_has_slope, part)))


def _without_slopes(
    tree: Tree, names: dict[str, Any], defined: Mapping[str, Tree], shapes: dict[str, tuple[int, ...]]
) -> Tree:
    """The tree with a name in the place of every d(f, x), which is worked out and bound."""

    def inside(part: Any) -> Any:
        if isinstance(part, Call) and _is_slope(part):
            function, variable = slope_arguments(part)
            place = f"slope {len(names)}"
            value = _slope(function, variable, names, defined, shapes)
            names[place] = value
            shapes[place] = shapes.get(variable.key, ()) if np.ndim(names[variable.key]) else ()
            return Name(place, place)
        if isinstance(part, tuple) and hasattr(part, "_fields"):  # trees are named tuples
            return type(part)(*map(inside, part))
        return tuple(map(inside, part)) if isinstance(part, tuple) else part

    found: Tree = inside(tree)
    return found


def _slope(
    function: Tree,
    variable: Name,
    names: dict[str, Any],
    defined: Mapping[str, Tree],
    shapes: dict[str, tuple[int, ...]],
) -> Any:
    at = names[variable.key]
    plain = {name: value for name, value in names.items() if " " not in name}
    if not isinstance(at, np.ndarray):
        slope = _without_slopes(derivative(function, variable.key, defined, values=plain), names, defined, shapes)
        return evaluation.evaluate(slope, names)
    slope = derivative(function, variable.key, defined, seed=Name(SEED, SEED), values=plain)
    slope = _without_slopes(slope, names, defined, shapes)
    entries = []
    for seed in _units(at):
        one = evaluation.evaluate(slope, {**names, SEED: seed})
        if isinstance(one, np.ndarray):
            raise ExpressionError(
                f"the gradient in the array {quoted(variable.text)} is that of a number; take the sum, or one entry",
                "",
                0,
            )
        entries.append(float(one))
    return np.array(entries).reshape(at.shape)


def _units(like: np.ndarray) -> Iterator[np.ndarray]:
    for place in range(like.size):
        unit = np.zeros(like.size)
        unit[place] = 1.0
        yield unit.reshape(like.shape)
