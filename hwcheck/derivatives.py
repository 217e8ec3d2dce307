"""The derivative of a formula, as a formula: the rules of calculus on its tree.

It holds for numbers and for arrays that depend on one number: a product keeps its order. The name of what is varied, by
itself, becomes `seed`, so that a gradient in an array is one evaluation for each of its entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

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


def derivative(tree: Tree, name: str, seed: str, defined: Mapping[str, Tree]) -> Tree:
    """The derivative of a formula in the quantity with the key `name`.

    `defined` are names that have a formula of their own, which may depend on it too (a total derivative); `seed` is the
    key that stands for the change of the quantity itself.

    Raises:
        ExpressionError: a function whose derivative is not known here.
    """
    return _Differentiator(name, seed, defined).of(tree)


class _Differentiator:
    def __init__(self, name: str, seed: str, defined: Mapping[str, Tree]) -> None:
        self.name = name
        self.seed = Name(seed, seed)
        self.defined = defined
        self.known: dict[str, Tree] = {}

    def of(self, tree: Tree) -> Tree:
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
            return self._binary(tree)
        if isinstance(tree, Call):
            return self._call(tree)
        if isinstance(tree, List):
            return List(tuple(map(self.of, tree.items)))
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
            self.known[key] = self.of(self.defined[key])
        return self.known[key]

    def _entry(self, tree: Index) -> Tree:
        if tree.name.key == self.name:
            return Index(self.seed, tree.places)
        if self._name(tree.name.key) == ZERO:
            return ZERO
        raise ExpressionError(f"the derivative of an entry of {quoted(tree.name.text)} is not known here", "", 0)

    def _constant(self, tree: Tree, what: str) -> Tree:
        depends = {self.name, *self.defined}
        if any(name.key in depends and self._name(name.key) != ZERO for name in names_in(tree)):
            raise ExpressionError(f"the derivative of {what} is not known here", "", 0)
        return ZERO

    def _binary(self, tree: Binary) -> Tree:
        u, v = tree.left, tree.right
        du, dv = self.of(u), self.of(v)
        if tree.sign in "+-":
            return _sum(du, _negative(dv) if tree.sign == "-" else dv)
        if tree.sign in "*@":
            return _sum(_product(du, v, tree), _product(u, dv, tree))
        if tree.sign == "/":
            top = _sum(_times(du, v), _negative(_times(u, dv)))
            return ZERO if top == ZERO else Binary("/", top, Binary("^", v, TWO))
        if dv == ZERO:
            lower = Binary("^", u, Binary("-", v, ONE))
            return _times(_times(v, lower), du)
        growth = _sum(_times(dv, Call(Name("ln", "ln"), (u,))), _times(v, ZERO if du == ZERO else Binary("/", du, u)))
        return _times(tree, growth)

    def _call(self, tree: Call) -> Tree:
        key = tree.name.key
        arguments = tree.arguments
        changes = [self.of(argument) for argument in arguments]
        if all(change == ZERO for change in changes) or key in _FLAT:
            return ZERO
        if key in _LINEAR:
            return Call(tree.name, tuple(changes))
        if key in _SLOPES and len(arguments) == 1:
            return _times(_SLOPES[key](arguments[0], tree), changes[0])
        if key in ("max", "min") and len(arguments) == 2:
            return _chosen(key, arguments, changes)
        if key == "outer" and len(arguments) == 2:
            (u, v), (du, dv) = arguments, changes
            return _sum(_called("outer", du, v), _called("outer", u, dv))
        if key == "norm" and len(arguments) == 1:
            return Binary("/", _called("sum", _times(arguments[0], changes[0])), tree)
        if key == "softmax" and len(arguments) == 1:
            return _times(tree, Binary("-", changes[0], _called("sum", _times(tree, changes[0]))))
        if key == "inv" and len(arguments) == 1:
            return _negative(Binary("@", Binary("@", tree, changes[0]), tree))
        if key == "prod" and len(arguments) > 1:
            product: Tree = arguments[0]
            for argument in arguments[1:]:
                product = Binary("*", product, argument)
            return self.of(product)
        raise ExpressionError(f"the derivative of {quoted(tree.name.text)} is not known here", "", 0)


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
_LINEAR = frozenset(("sum", "mean", "transpose", "diag", "concat"))
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
