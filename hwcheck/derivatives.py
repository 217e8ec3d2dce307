"""The derivative of a formula, as a formula: the rules of calculus on its tree.

It holds for numbers and for arrays that depend on one number: a product keeps its order. The name of what is varied, by
itself, becomes `seed`, so that a gradient in an array is one evaluation for each of its entries. A name with a formula of
its own stays a name where its value occurs: with p = sigmoid(x), the slope of p in x is p (1 - p).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from hwcheck import evaluation
from hwcheck.expressions import (
    Binary,
    Call,
    Cases,
    ExpressionError,
    Index,
    List,
    Name,
    Number,
    Sign,
    Suffix,
    Tree,
    names_in,
)
from hwcheck.words import quoted

ZERO = Number(Fraction(0), "0")
ONE = Number(Fraction(1), "1")
TWO = Number(Fraction(2), "2")


MAX_MATRIX_POWER = 20


def derivative(
    tree: Tree, name: str, defined: Mapping[str, Tree], *, seed: Tree = ONE, values: Mapping[str, Any] | None = None
) -> Tree:
    """The derivative of a formula in the quantity with the key `name`.

    `defined` are names that have a formula of their own, which may depend on it too (a total derivative); `seed` stands
    for the change of the quantity itself. `values` are what all names are worth: from them it is known what is a matrix.

    Raises:
        ExpressionError: a function whose derivative is not known here.
    """
    try:
        return _Differentiator(name, seed, defined, values or {}).of(tree)
    except RecursionError:
        raise ExpressionError("a formula this long has no derivative here", "", 0) from None


class _Differentiator:
    def __init__(self, name: str, seed: Tree, defined: Mapping[str, Tree], values: Mapping[str, Any]) -> None:
        self.name = name
        self.seed = seed
        self.defined = defined
        self.values = values
        self.known: dict[str, Tree] = {}

    def of(self, tree: Tree, called: Tree | None = None) -> Tree:
        """The derivative of a formula; `called` is the name of what it is worth, if it has one."""
        if isinstance(tree, Number):
            return ZERO
        if isinstance(tree, Name):
            return self._name(tree.key)
        if isinstance(tree, Sign):
            return _negative(self.of(tree.inner)) if tree.sign == "-" else self.of(tree.inner)
        if isinstance(tree, Suffix):
            if tree.sign == "!":
                return self._constant(tree.inner, "a factorial")
            inner = self.of(tree.inner)
            return inner if inner == ZERO else Suffix(tree.sign, inner)
        if isinstance(tree, Binary):
            return self._binary(tree, called)
        if isinstance(tree, Call):
            return self._gradient(tree) if tree.name.key == "d" else self._call(tree, called or tree)
        if isinstance(tree, List):
            return List(self._side_by_side(tree.items))
        if isinstance(tree, Cases):
            return Cases(tuple((conditions, self.of(inner)) for conditions, inner in tree.branches))
        return self._entry(tree)

    def _name(self, key: str) -> Tree:
        if key == self.name:
            return self.seed
        if key not in self.defined:
            return ZERO
        if key not in self.known:
            self.known[key] = ZERO
            self.known[key] = self.of(self.defined[key], Name(key, key))
        return self.known[key]

    def _entry(self, tree: Index) -> Tree:
        name = tree.name.key
        if any(isinstance(self._worth(place), np.ndarray) for place in tree.places):
            return self.of(Binary("*", tree.name, List(tree.places), bare=True))  # a matrix before a list: W [h, x]
        if name == self.name and isinstance(self.seed, Name):
            return Index(self.seed, tree.places)
        change = self._name(name)
        if change == ZERO:
            return ZERO
        array = self.values.get(name)
        if not isinstance(array, np.ndarray):
            raise ExpressionError(f"the derivative of an entry of {quoted(tree.name.text)} is not known here", "", 0)
        numbered = np.arange(1.0, array.size + 1).reshape(array.shape)
        place = evaluation.evaluate(tree, {**self.values, name: numbered})
        return _called("sum", _times(change, _rows(np.where(numbered == place, 1, 0)))) if place else ZERO

    def _gradient(self, tree: Call) -> Tree:
        """The derivative of a derivative."""
        function, variable = slope_arguments(tree)
        if isinstance(self.values.get(variable.key), np.ndarray):
            return self._constant(function, "a gradient")
        return self.of(_Differentiator(variable.key, ONE, self.defined, self.values).of(function))

    def _side_by_side(self, arguments: tuple[Tree, ...]) -> tuple[Tree, ...]:
        """The changes of what is put together: what stands still has a change of its size."""
        changes = map(self.of, arguments)
        return tuple(
            Binary("*", ZERO, one) if change == ZERO and not isinstance(one, Number) else change
            for one, change in zip(arguments, changes, strict=True)
        )

    def _constant(self, tree: Tree, what: str) -> Tree:
        depends = {self.name, *self.defined}
        if any(name.key in depends and self._name(name.key) != ZERO for name in names_in(tree)):
            raise ExpressionError(f"the derivative of {what} is not known here", "", 0)
        return ZERO

    def _binary(self, tree: Binary, called: Tree | None) -> Tree:
        u, v = tree.left, tree.right
        du, dv = self.of(u), self.of(v)
        if tree.sign in "+-":
            return _sum(du, _negative(dv) if tree.sign == "-" else dv)
        if tree.sign in "*@":
            return _sum(_product(du, v, tree), _product(u, dv, tree))
        if tree.sign == "/":
            top = _sum(du, _negative(_times(called or tree, dv)))
            return ZERO if top == ZERO else Binary("/", top, v)
        if dv == ZERO:
            return ZERO if du == ZERO else self._power(u, v, du)
        growth = _sum(_times(dv, Call(Name("ln", "ln"), (u,))), _times(v, ZERO if du == ZERO else Binary("/", du, u)))
        return _times(called or tree, growth)

    def _worth(self, tree: Tree) -> Any:
        """What a part of the formula is worth; None where that is not known."""
        try:
            return evaluation.evaluate(tree, self.values) if self.values else None
        except ExpressionError:
            return None

    def _power(self, u: Tree, v: Tree, du: Tree) -> Tree:
        """The change of a power whose exponent stands still."""
        base = self._worth(u)
        if isinstance(base, np.ndarray) and base.shape[0] == base.shape[1]:
            return self._matrix_power(u, self._worth(v), du)
        if not isinstance(v, Number):
            return _times(_times(v, Binary("^", u, Binary("-", v, ONE))), du)
        return _times(_times(v, _raised(u, v.value - 1)), du)

    def _matrix_power(self, u: Tree, exponent: Any, du: Tree) -> Tree:
        """Every factor of a product of equal matrices changes in turn."""
        if not isinstance(exponent, int) or abs(exponent) > MAX_MATRIX_POWER:
            raise ExpressionError(f"the derivative of such a power of a matrix is not known here: {exponent}", "", 0)
        total: Tree = ZERO
        for left in range(min(exponent, 0), max(exponent, 0)):
            right = exponent - 1 - left
            term = Binary("@", Binary("^", u, _integer(left)), du) if left else du
            term = Binary("@", term, Binary("^", u, _integer(right))) if right else term
            total = _sum(total, term if exponent > 0 else _negative(term))
        return total

    def _call(self, tree: Call, whole: Tree) -> Tree:
        key = tree.name.key
        arguments = tree.arguments
        changes = [self.of(argument) for argument in arguments]
        if all(change == ZERO for change in changes) or key in _FLAT:
            return ZERO
        if key == "concat":
            return Call(tree.name, self._side_by_side(arguments))
        if key in _LINEAR:
            return Call(tree.name, tuple(changes))
        if key in _SLOPES and len(arguments) == 1:
            return _times(_SLOPES[key](arguments[0], whole), changes[0])
        if key == "norm2" and 1 in np.shape(self._worth(arguments[0])):
            key = "norm"  # of a vector they are one
        if key in _WHOLES and len(arguments) == 1:
            return _WHOLES[key](arguments[0], changes[0], whole)
        if key in ("max", "min") and len(arguments) == 2:
            return _chosen(key, arguments, changes)
        if key in ("max", "min") and len(arguments) > 2:
            return self.of(Call(tree.name, (Call(tree.name, arguments[:-1]), arguments[-1])))
        if key == "outer" and len(arguments) == 2:
            (u, v), (du, dv) = arguments, changes
            return _sum(_called("outer", du, v), _called("outer", u, dv))
        if key == "prod" and len(arguments) > 1:
            product: Tree = arguments[0]
            for argument in arguments[1:]:
                product = Binary("*", product, argument)
            return self.of(product)
        what = "the spectral norm of a matrix" if key == "norm2" else quoted(tree.name.text)
        raise ExpressionError(f"the derivative of {what} is not known here", "", 0)


def slope_arguments(tree: Call) -> tuple[Tree, Name]:
    """What is derived in d(f, x), and in what.

    Raises:
        ExpressionError: it is not written so.
    """
    if len(tree.arguments) != 2 or not isinstance(tree.arguments[1], Name):
        raise ExpressionError("d takes a formula and the name that varies, as in d(x^2, x)", "", 0)
    return tree.arguments[0], tree.arguments[1]


def _integer(n: int) -> Tree:
    return Number(Fraction(n), str(n)) if n >= 0 else Sign("-", Number(Fraction(-n), str(-n)))


def _raised(u: Tree, exponent: Fraction) -> Tree:
    if exponent == 0:
        return ONE
    number = Number(abs(exponent), str(abs(exponent)))
    return u if exponent == 1 else Binary("^", u, number if exponent > 0 else Sign("-", number))


def _rows(array: Any) -> Tree:
    """An array of two axes as it is written."""
    rows = [tuple(_integer(int(entry)) for entry in row) for row in array]
    return List(tuple(row[0] for row in rows)) if array.shape[1] == 1 else List(tuple(map(List, rows)))


def _negative(tree: Tree) -> Tree:
    return tree if tree == ZERO else Sign("-", tree)


def _sum(a: Tree, b: Tree) -> Tree:
    return b if a == ZERO else a if b == ZERO else Binary("+", a, b)


def _times(a: Tree, b: Tree) -> Tree:
    """A product entry by entry."""
    if ZERO in (a, b):
        return ZERO
    return b if a == ONE else a if b == ONE else Binary("*", a, b)


def _product(a: Tree, b: Tree, like: Binary) -> Tree:
    return ZERO if ZERO in (a, b) else Binary(like.sign, a, b, like.bare)


def _called(name: str, *arguments: Tree) -> Tree:
    return ZERO if ZERO in arguments else Call(Name(name, name), arguments)


def _chosen(key: str, arguments: tuple[Tree, ...], changes: list[Tree]) -> Tree:
    """Of the larger (or smaller) of two, its own change; half of both where they are equal."""
    first, second = arguments if key == "max" else arguments[::-1]
    share = Call(Name("H", "H"), (Binary("-", first, second),))
    return _sum(_times(share, changes[0]), _times(Binary("-", ONE, share), changes[1]))


_FLAT = frozenset(("floor", "ceil", "round", "sign", "H", "heaviside", "step"))
_LINEAR = frozenset(("sum", "mean", "transpose", "diag"))
_SLOPES: Mapping[str, Callable[[Tree, Tree], Tree]] = {
    "exp": lambda u, whole: whole,
    "log": lambda u, whole: Binary("/", ONE, u),
    "ln": lambda u, whole: Binary("/", ONE, u),
    "log2": lambda u, whole: Binary("/", ONE, Binary("*", u, _called("ln", TWO))),
    "log10": lambda u, whole: Binary("/", ONE, Binary("*", u, _called("ln", Number(Fraction(10), "10")))),
    "sqrt": lambda u, whole: Binary("/", ONE, Binary("*", TWO, whole)),
    "sin": lambda u, whole: _called("cos", u),
    "cos": lambda u, whole: Sign("-", _called("sin", u)),
    "tan": lambda u, whole: Binary("+", ONE, Binary("^", whole, TWO)),
    "sinh": lambda u, whole: _called("cosh", u),
    "cosh": lambda u, whole: _called("sinh", u),
    "tanh": lambda u, whole: Binary("-", ONE, Binary("*", whole, whole)),
    "arctan": lambda u, whole: Binary("/", ONE, Binary("+", ONE, Binary("*", u, u))),
    "sigmoid": lambda u, whole: Binary("*", whole, Binary("-", ONE, whole)),
    "σ": lambda u, whole: Binary("*", whole, Binary("-", ONE, whole)),
    "relu": lambda u, whole: _called("H", u),
    "abs": lambda u, whole: _called("sign", u),
}
_WHOLES: Mapping[str, Callable[[Tree, Tree, Tree], Tree]] = {
    "norm": lambda u, du, whole: Binary("/", _called("sum", _times(u, du)), whole),
    "rms": lambda u, du, whole: Binary("/", _called("mean", _times(u, du)), whole),
    "softmax": lambda u, du, whole: _times(whole, Binary("-", du, _called("sum", _times(whole, du)))),
    "inv": lambda u, du, whole: _negative(Binary("@", Binary("@", whole, du), whole)),
    "det": lambda u, du, whole: _times(whole, _called("sum", _times(Suffix("T", _called("inv", u)), du))),
    "prod": lambda u, du, whole: _times(whole, _called("sum", Binary("/", du, u))),
}
"""Functions of an array, from its change as a whole."""
