"""A quantity of the author's own: a formula in names of his choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from hwcheck import evaluation, expressions
from hwcheck.derivatives import derivative
from hwcheck.errors import Undefined
from hwcheck.expressions import Call, ExpressionError, Name, Names, Tree, key
from hwcheck.formulas import matrix
from hwcheck.given import GivenError, Givens, Reader, kind_of, special
from hwcheck.kinds import kind
from hwcheck.words import quoted
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
    quantities={"formula": "the value of the formula, where there is one without a name", "NAME": "the value of the formula NAME"},
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
    bound: dict[str, Any] = {key(name): matrix(value) for name, value in given.own.items()}
    shapes = {key(name): np.shape(value) for name, value in given.own.items()}
    defined: dict[str, Tree] = {}
    for name, text in given.formula.items():
        if key(name) in bound:
            raise Undefined(f"{quoted(name)} is given and has a formula")
        tree = _parsed(text, name, bound)
        value = _value(tree, text, name, bound, defined, shapes)
        labels = given.slips.get(name, {})
        local = {one: other for one, other in given.own.items() if isinstance(other, int | float)}
        used = dict(bound)
        handed = work(
            name, value, formula="" if "d(" in text else text, names=local,
            slips={
                label: lambda wrong=wrong, name=name, used=used: _value(
                    _parsed(wrong, name, used), wrong, name, used, dict(defined), shapes
                )
                for label, wrong in labels.items()
            },
        )  # fmt: skip
        for label, wrong in labels.items():
            _parsed(wrong, f"slips: {label}", used)
        defined[key(name)] = tree
        shapes[key(name)] = np.shape(handed)
        bound[key(name)] = matrix(handed)
    for name in given.slips:
        if name not in given.formula:
            raise Undefined(f"slips: there is no formula {quoted(name)}")


def _parsed(text: str, name: str, bound: Mapping[str, Any]) -> Tree:
    known = frozenset(bound)
    arrays = frozenset(one for one, value in bound.items() if isinstance(value, np.ndarray))
    functions = frozenset() if "d" in known else frozenset("d")
    try:
        return expressions.parse(text, names=Names(known, arrays, functions, tuple(bound)))
    except ExpressionError as error:
        raise Undefined(f"{name}: {error.message} in {quoted(text)}") from None


def _value(
    tree: Tree, text: str, name: str, bound: Mapping[str, Any], defined: Mapping[str, Tree], shapes: Mapping[str, tuple[int, ...]]
) -> Any:
    """What a formula is worth: exact where it is whole; a column as a vector."""
    try:
        names = dict(bound)
        tree = _without_slopes(tree, names, defined)
        value = evaluation.evaluate(tree, names, text=text)
    except ExpressionError as error:
        raise Undefined(f"{name}: {error.message} in {quoted(text)}") from None
    if isinstance(value, np.ndarray):
        return value.ravel() if 1 in value.shape and not _like_a_matrix(tree, shapes) else value
    used = {one.key for one in expressions.names_in(tree)}
    if any(isinstance(bound.get(one), float) for one in used) and not _rounds(tree):
        return float(value)
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return value


def _rounds(tree: Tree) -> bool:
    """Whether a formula ends in a whole number, whatever goes in."""
    return isinstance(tree, Call) and tree.name.key in ("floor", "ceil", "round", "sign")


def _like_a_matrix(tree: Tree, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    return isinstance(tree, Name) and len(shapes.get(tree.key, ())) == 2


def _without_slopes(tree: Tree, names: dict[str, Any], defined: Mapping[str, Tree]) -> Tree:
    """The tree with a name in the place of every d(f, x), which is worked out and bound."""

    def inside(part: Any) -> Any:
        if isinstance(part, Call) and part.name.key == "d":
            return slope(part)
        if isinstance(part, tuple) and hasattr(part, "_fields"):  # trees are named tuples
            return type(part)(*map(inside, part))
        return tuple(map(inside, part)) if isinstance(part, tuple) else part

    def slope(call: Call) -> Name:
        if len(call.arguments) != 2 or not isinstance(call.arguments[1], Name):
            raise ExpressionError("d takes a formula and a name, d(f, x)", "", 0)
        place = f"slope{len(names)}"
        names[place] = _slope(inside(call.arguments[0]), call.arguments[1].key, names, defined)
        return Name(place, place)

    found: Tree = inside(tree)
    return found


def _slope(function: Tree, variable: str, names: Mapping[str, Any], defined: Mapping[str, Tree]) -> Any:
    if variable not in names:
        raise ExpressionError(f"unknown name {quoted(variable)}", "", 0)
    others = {name: tree for name, tree in defined.items() if name != variable}
    slope = derivative(function, variable, "seed", others)
    at = names[variable]
    if not isinstance(at, np.ndarray):
        return evaluation.evaluate(slope, {**names, "seed": 1})
    entries = []
    for seed in _units(at):
        one = evaluation.evaluate(slope, {**names, "seed": seed})
        if isinstance(one, np.ndarray):
            raise ExpressionError("the gradient in an array is that of a number; ask the sum, or one entry", "", 0)
        entries.append(float(one))
    return np.array(entries).reshape(at.shape)


def _units(like: np.ndarray) -> Iterator[np.ndarray]:
    for place in range(like.size):
        unit = np.zeros(like.size)
        unit[place] = 1.0
        yield unit.reshape(like.shape)
