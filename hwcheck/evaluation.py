"""What a formula is worth: trees are turned into functions of the names in them.

The mathematics is exact (whole numbers and fractions) for + - * / and whole powers, floor, ceil, abs, min, max, and in
floating point otherwise. Arrays have two axes: a vector is a column (or a row). A product of two arrays without a sign, or
with @, is the product of matrices; `*` and `/` go entry by entry (`*` of two arrays of other shapes that fit is the product
of matrices, too: `W · x`). Powers and sizes are bounded, so that a hostile text
costs no time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from hwcheck.expressions import (
    Binary,
    Call,
    Cases,
    Condition,
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
from hwcheck.kernels.types import Array
from hwcheck.words import joined, quoted, suggestion

MAX_POWER = 10_000
MAX_BITS = 4_000
MAX_FACTORIAL = 500

Scalar: TypeAlias = int | float | Fraction
Result: TypeAlias = int | float | Fraction | Array
Binding: TypeAlias = Any
"""A number, an array, or a function of them."""
Names: TypeAlias = Mapping[str, Binding]
Evaluator: TypeAlias = Callable[[Names], Any]

_EXACT = (int, Fraction)


class Valueless(Exception):
    """A formula that has no value for these numbers: a sentence."""


def evaluate(tree: Tree, names: Names | None = None, *, text: str = "") -> Any:
    """The value of a formula; `names` binds names (by `key`) to numbers, arrays and functions.

    Raises:
        ExpressionError: an unknown name, a division by zero, a power or a size out of bounds, no real value.
    """
    return value_of(compiled(tree, text), names or {}, text)


def value_of(function: Evaluator, names: Names, text: str = "") -> Any:
    """What a compiled formula is worth for these names.

    Raises:
        ExpressionError: it has no finite real value.
    """
    try:
        value = function(names)
    except ExpressionError:
        raise
    except ZeroDivisionError:
        raise ExpressionError("a division by zero", text, 0) from None
    except Valueless as error:
        raise ExpressionError(str(error), text, 0) from None
    except (ArithmeticError, ValueError, TypeError, np.linalg.LinAlgError):
        raise ExpressionError("no real value", text, 0) from None
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionError("no finite value", text, 0)
    if isinstance(value, np.ndarray) and not np.isfinite(value).all():
        raise ExpressionError("no finite value", text, 0)
    return value


def compiled(tree: Tree, text: str = "") -> Evaluator:
    """A function from names to the value of a formula."""
    if isinstance(tree, Number):
        value = int(tree.value) if tree.value.denominator == 1 else tree.value
        return lambda names: value
    if isinstance(tree, Name):
        return _named(tree, text)
    if isinstance(tree, Sign):
        inner = compiled(tree.inner, text)
        return inner if tree.sign == "+" else lambda names: -inner(names)
    if isinstance(tree, Suffix):
        inner = compiled(tree.inner, text)
        suffix = _SUFFIXES[tree.sign]
        return lambda names: suffix(inner(names))
    if isinstance(tree, Binary):
        return _chained(tree, text)
    if isinstance(tree, Call):
        return _called(tree, text)
    if isinstance(tree, Index):
        return _indexed(tree, text)
    if isinstance(tree, List):
        return _listed(tree, text)
    return _piecewise(tree, text)


def _listed(tree: List, text: str) -> Evaluator:
    rows = [item.items for item in tree.items if isinstance(item, List)]
    if rows and len(rows) == len(tree.items):
        cells = [[compiled(item, text) for item in row] for row in rows]
        return lambda names: _matrix([[cell(names) for cell in row] for row in cells])
    items = [compiled(item, text) for item in tree.items]
    return lambda names: _column([item(names) for item in items])


def _named(name: Name, text: str) -> Evaluator:
    constant = CONSTANTS.get(name.key)

    def get(names: Names) -> Any:
        value = names.get(name.key, constant)
        if value is None:
            known = [*names] if names else []
            near = suggestion(name.text, known) if names else "; a number is expected here"
            raise ExpressionError(f"unknown name {quoted(name.text)}{near}", text, name.position)
        if callable(value):
            raise ExpressionError(
                f"{quoted(name.text)} is a function; write its argument in brackets", text, name.position
            )
        return value

    return get


class _Step(NamedTuple):
    """One operator of a chain, and what stands on its right."""

    operator: Callable[[Any, Any], Any]
    right: Evaluator
    position: int


def _chained(tree: Binary, text: str) -> Evaluator:
    """A chain of operators that leans to the left, which may be deeper than Python may call."""
    chain = [tree]
    while isinstance(left := chain[-1].left, Binary):
        chain.append(left)
    first = compiled(left, text)
    steps = [_Step(_operator(one), compiled(one.right, text), _place(one.right, text)) for one in reversed(chain)]
    if any(a.operator is _multiply and b.operator is _bare_product for a, b in pairwise(steps)):
        return lambda names: _grouped(first(names), steps, [step.right(names) for step in steps], text)

    def run(names: Names) -> Any:
        value = first(names)
        for operator, right, position in steps:
            other = right(names)
            try:
                value = operator(value, other)
            except Valueless as error:
                raise ExpressionError(str(error), text, position) from None
        return value

    return run


def _place(tree: Tree, text: str) -> int:
    """Where the first name of an operand stands; not worked out where there is no text to show it in."""
    return min((name.position for name in names_in(tree)), default=0) if text else 0


def _grouped(first: Any, steps: list[_Step], values: list[Any], text: str) -> Any:
    """A chain with both kinds of product in it, worked out from the left; if arrays do not fit so, by groups.

    `δ ⊙ s x^T` is (δ ⊙ s) x^T, and `s ⊙ W^T δ` is s ⊙ (W^T δ).
    """
    value = first
    for (operator, _, position), other in zip(steps, values, strict=True):
        try:
            value = operator(value, other)
        except Valueless as error:
            try:
                return _by_groups(first, steps, values)
            except Valueless:
                raise ExpressionError(str(error), text, position) from None
    return value


def _by_groups(first: Any, steps: list[_Step], values: list[Any]) -> Any:
    """A chain in which products without a sign come before those with `*` or ⊙."""
    done, waiting = first, None
    for (operator, _, _), value in zip(steps, values, strict=True):
        if waiting is not None and operator is _bare_product:
            waiting = operator(waiting, value)
            continue
        if waiting is not None:
            done, waiting = _multiply(done, waiting), None
        if operator is _multiply:
            waiting = value
        else:
            done = operator(done, value)
    return done if waiting is None else _multiply(done, waiting)


def _operator(tree: Binary) -> Callable[[Any, Any], Any]:
    if tree.sign == "*" and tree.bare:
        return _bare_product
    return _OPERATORS[tree.sign]


def _called(tree: Call, text: str) -> Evaluator:
    arguments = [compiled(argument, text) for argument in tree.arguments]
    name, standard = tree.name, FUNCTIONS.get(tree.name.key)

    def call(names: Names) -> Any:
        function = names.get(name.key, standard)
        values = [argument(names) for argument in arguments]
        if callable(function):
            try:
                return _plain(function(*values))
            except TypeError:
                raise ExpressionError(
                    f"{quoted(name.text)} does not take {len(values)} {'arguments' if len(values) != 1 else 'such argument'}",
                    text,
                    name.position,
                ) from None
        if len(values) == 1 and (function is not None or name.key in CONSTANTS):  # a number before a bracket multiplies
            return _bare_product(CONSTANTS[name.key] if function is None else function, values[0])
        if len(values) == 1:
            _named(name, text)(names) if names else None
        raise ExpressionError(f"no function {quoted(name.text)}{suggestion(name.text, FUNCTIONS)}", text, name.position)

    return call


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return float(value) if value.ndim == 0 else value
    return float(value) if isinstance(value, np.generic) else value


def _indexed(tree: Index, text: str) -> Evaluator:
    name = tree.name
    places = [compiled(place, text) for place in tree.places]
    parted = _parted(tree.places[0]) if len(tree.places) == 1 else ()
    pair = [compiled(place, text) for place in parted]

    def get(names: Names) -> Any:
        array = names.get(name.key)
        if not isinstance(array, np.ndarray):
            raise ExpressionError(f"{quoted(name.text)} has no entries", text, name.position)
        flat = array.ravel() if len(places) == 1 and 1 in array.shape else array
        found = [place(names) for place in (pair if flat.ndim == len(pair) else places)]
        if any(isinstance(place, np.ndarray) for place in found):  # a matrix before a list: W [h, x]
            return _bare_product(array, _column(found))
        if len(found) != flat.ndim:
            raise ExpressionError(
                f"{quoted(name.text)} is a matrix; an entry of it has a row and a column", text, name.position
            )
        index = []
        for place in found:
            if place != int(place):
                raise ExpressionError("an index is a whole number", text, name.position)
            index.append(int(place) - 1)
        if not all(0 <= i < size for i, size in zip(index, flat.shape, strict=True)):
            return 0  # outside is zero
        return float(flat[tuple(index)])

    return get


def _parted(place: Tree) -> tuple[Tree, ...]:
    """Row and column in an index without a comma, `A_{ij}` or `A_{12}`; nothing where it is not two."""
    if isinstance(place, Binary) and place.bare:
        return (place.left, place.right)
    if isinstance(place, Number) and len(place.text) == 2 and place.text.isdigit():
        return tuple(Number(Fraction(digit), digit) for digit in place.text)
    return ()


def _piecewise(tree: Cases, text: str) -> Evaluator:
    branches = [
        ([_condition(condition, text) for condition in conditions], compiled(inner, text))
        for conditions, inner in tree.branches
    ]

    def pick(names: Names) -> Any:
        for conditions, inner in branches:
            if all(holds(names) for holds in conditions):
                return inner(names)
        return 0  # points that no case covers

    return pick


def _condition(condition: Condition, text: str) -> Callable[[Names], bool]:
    sides = [compiled(side, text) for side in condition.sides]

    def holds(names: Names) -> bool:
        values = [side(names) for side in sides]
        return all(_COMPARISONS[sign](a, b) for sign, a, b in zip(condition.signs, values, values[1:], strict=False))

    return holds


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b), "≠": lambda a, b: bool(a != b), "<": lambda a, b: bool(a < b),
    ">": lambda a, b: bool(a > b), "≤": lambda a, b: bool(a <= b), "≥": lambda a, b: bool(a >= b),
}  # fmt: skip


# Arithmetic.


def _bounded(value: Any) -> Any:
    if type(value) is int:
        if value.bit_length() > MAX_BITS:
            raise Valueless("a number too large to work with")
    elif isinstance(value, Fraction) and max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise Valueless("a number too large to work with")
    return value


def _by_entry(operation: Callable[..., Any], a: Any, b: Any) -> Any:
    """An operation on two arrays of one shape, or on an array and a number."""
    if not isinstance(a, np.ndarray):
        a = float(a)
    elif not isinstance(b, np.ndarray):
        b = float(b)
    elif a.shape != b.shape:
        raise Valueless(f"arrays of {_size(a)} and {_size(b)} do not go together entry by entry")
    with np.errstate(all="ignore"):
        return operation(a, b)


def _size(a: Array) -> str:
    return "×".join(map(str, a.shape))


def _add(a: Any, b: Any) -> Any:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return _by_entry(np.add, a, b)
    total = a + b
    return _bounded(total) if type(total) is Fraction else total


def _subtract(a: Any, b: Any) -> Any:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return _by_entry(np.subtract, a, b)
    difference = a - b
    return _bounded(difference) if type(difference) is Fraction else difference


def _multiply(a: Any, b: Any) -> Any:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.shape != b.shape and a.shape[1] == b.shape[0]:
        return _matrix_product(a, b)  # W · x
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return _by_entry(np.multiply, a, b)
    return _bounded(a * b)


def _bare_product(a: Any, b: Any) -> Any:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return _matrix_product(a, b)
    return _multiply(a, b)


def _matrix_product(a: Any, b: Any) -> Any:
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return _multiply(a, b)
    if a.shape[1] != b.shape[0]:
        raise Valueless(f"a product of {_size(a)} and {_size(b)} does not exist")
    with np.errstate(all="ignore"):
        product = a @ b
    return float(product[0, 0]) if product.shape == (1, 1) else product


def _divide(a: Any, b: Any) -> Any:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        if np.any(b == 0):
            raise ZeroDivisionError
        return _by_entry(np.divide, a, b)
    if isinstance(a, int) and isinstance(b, int):
        whole, rest = divmod(a, b)
        return Fraction(a, b) if rest else whole
    return _bounded(a / b)


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(exponent, Fraction) and exponent.denominator == 1:
        exponent = int(exponent)
    if isinstance(base, np.ndarray):
        return _array_power(base, exponent)
    if isinstance(exponent, np.ndarray):
        return _by_entry(np.power, base, exponent)
    if isinstance(exponent, int) and isinstance(base, _EXACT):
        size = max(base.numerator.bit_length(), base.denominator.bit_length())
        if abs(exponent) > MAX_POWER or (base not in (0, 1, -1) and size * abs(exponent) > MAX_BITS):
            raise Valueless("a power too large to work with")
        if exponent < 0:
            return _divide(1, base**-exponent)
        return base**exponent
    if not isinstance(base, int | float | Fraction) or not isinstance(exponent, int | float | Fraction):
        return base**exponent  # numbers of another make, with powers of their own
    return math.pow(float(base), float(exponent))


def _array_power(base: Array, exponent: Any) -> Any:
    if isinstance(exponent, int) and base.shape[0] == base.shape[1]:
        if abs(exponent) > 100:
            raise Valueless("a power too large to work with")
        with np.errstate(all="ignore"):
            return np.linalg.matrix_power(base, exponent)
    return _by_entry(np.power, base, exponent)


def _factorial(value: Any) -> int:
    if isinstance(value, np.ndarray) or value != int(value) or not 0 <= value <= MAX_FACTORIAL:
        raise Valueless(f"a factorial is read for whole numbers from 0 to {MAX_FACTORIAL}")
    return math.factorial(int(value))


def _column(items: list[Any]) -> Any:
    """A list of entries as a column, of arrays one below the other."""
    if not items:
        raise Valueless("an empty list")
    if any(isinstance(item, np.ndarray) for item in items):
        return _concat(*items)
    return np.array([[float(item)] for item in items])


def _matrix(rows: list[list[Any]]) -> Any:
    """Rows of entries as a matrix, of arrays as a matrix in blocks."""
    if any(isinstance(item, np.ndarray) for row in rows for item in row):
        return _below([_beside(row) for row in rows])
    if len({len(row) for row in rows}) != 1:
        raise Valueless("rows of different length")
    return np.array([[float(item) for item in row] for row in rows])


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": _add, "-": _subtract, "*": _multiply, "/": _divide, "^": _power, "@": _matrix_product,
}  # fmt: skip
_SUFFIXES: dict[str, Callable[[Any], Any]] = {
    "!": _factorial,
    "%": lambda value: _divide(value, 100),
    "T": lambda value: value.T if isinstance(value, np.ndarray) else value,
}


# Functions.


def _each(function: Callable[[float], float], whole: Callable[[Array], Array]) -> Callable[[Any], Any]:
    """A function of a number, entry by entry of an array."""

    def apply(x: Any) -> Any:
        if isinstance(x, np.ndarray):
            with np.errstate(all="ignore"):
                return whole(x)
        return function(x)

    return apply


def _sigmoid(x: Any) -> float:
    x = float(x)
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _sigmoid_each(x: Array) -> Array:
    return np.asarray(np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x)))))


def _root(x: Any) -> Any:
    if isinstance(x, _EXACT) and x >= 0:
        top, bottom = math.isqrt(x.numerator), math.isqrt(x.denominator)
        if top * top == x.numerator and bottom * bottom == x.denominator:
            return _divide(top, bottom)
    return math.sqrt(x)


def _logarithm(*values: Any) -> Any:
    if len(values) == 1:
        return _LOG(values[0])
    raise Valueless("write the base of a logarithm as log_2(x) or log2(x)")


def _round(x: Any) -> Any:
    return math.floor(x + Fraction(1, 2)) if isinstance(x, _EXACT) else math.floor(x + 0.5)


def _heaviside(x: Any) -> Any:
    return 1 if x > 0 else Fraction(1, 2) if x == 0 else 0


def _extreme(
    choose: Callable[..., Any], each: Callable[[Any, Any], Any], whole: Callable[[Array], Any]
) -> Callable[..., Any]:
    def apply(*values: Any) -> Any:
        if not any(isinstance(value, np.ndarray) for value in values):
            return choose(values)
        if len(values) == 1:
            return float(whole(values[0]))
        result = values[0]
        for value in values[1:]:
            result = _by_entry(each, result, value)
        return result

    return apply


def _over(whole: Callable[[Array], Any], numbers: Callable[[tuple[Any, ...]], Any]) -> Callable[..., Any]:
    """A function of all entries of an array, or of several numbers."""

    def apply(*values: Any) -> Any:
        if len(values) == 1 and isinstance(values[0], np.ndarray):
            return float(whole(values[0]))
        if any(isinstance(value, np.ndarray) for value in values):
            raise Valueless("one array is expected here, or numbers")
        return numbers(values)

    return apply


def _total(values: tuple[Any, ...]) -> Any:
    result = values[0]
    for value in values[1:]:
        result = _add(result, value)
    return result


def _product(values: tuple[Any, ...]) -> Any:
    result = values[0]
    for value in values[1:]:
        result = _multiply(result, value)
    return result


def _arrays(values: Sequence[Any]) -> list[Array]:
    return [value if isinstance(value, np.ndarray) else np.array([[float(value)]]) for value in values]


def _concat(*values: Any) -> Any:
    """Arrays one below the other; rows one beside the other."""
    arrays = _arrays(values)
    rows = all(array.shape[0] == 1 for array in arrays) and any(array.shape[1] > 1 for array in arrays)
    return _beside(arrays) if rows else _below(arrays)


def _below(arrays: list[Array]) -> Array:
    if len({array.shape[1] for array in arrays}) != 1:
        raise Valueless(f"arrays of {joined(map(_size, arrays))} do not go below each other")
    return np.vstack(arrays)


def _beside(values: Sequence[Any]) -> Array:
    arrays = _arrays(values)
    if len({array.shape[0] for array in arrays}) != 1:
        raise Valueless(f"arrays of {joined(map(_size, arrays))} do not go beside each other")
    return np.hstack(arrays)


def _diag(x: Any) -> Any:
    if not isinstance(x, np.ndarray):
        return x
    return np.diag(x.ravel()) if 1 in x.shape else np.diag(x).reshape(-1, 1)


def _outer(a: Any, b: Any) -> Any:
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return _multiply(a, b)
    return np.outer(a.ravel(), b.ravel())


def _softmax(x: Any) -> Any:
    if not isinstance(x, np.ndarray):
        return 1
    rows = min(x.shape) > 1  # of a matrix, each row by itself
    with np.errstate(all="ignore"):
        powers = np.exp(x - x.max(axis=1, keepdims=True) if rows else x - x.max())
    return powers / (powers.sum(axis=1, keepdims=True) if rows else powers.sum())


def _spectral(x: Array) -> float:
    return float(np.linalg.norm(x, 2))


def _square(x: Any) -> Array:
    if not isinstance(x, np.ndarray) or x.shape[0] != x.shape[1]:
        raise Valueless("a square matrix is expected here")
    return x


_LOG = _each(math.log, np.log)

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": _each(_root, np.sqrt),
    "exp": _each(math.exp, np.exp),
    "log": _logarithm,
    "ln": _LOG,
    "log2": _each(math.log2, np.log2),
    "log10": _each(math.log10, np.log10),
    "sin": _each(math.sin, np.sin),
    "cos": _each(math.cos, np.cos),
    "tan": _each(math.tan, np.tan),
    "sinh": _each(math.sinh, np.sinh),
    "cosh": _each(math.cosh, np.cosh),
    "tanh": _each(math.tanh, np.tanh),
    "arctan": _each(math.atan, np.arctan),
    "sigmoid": _each(_sigmoid, _sigmoid_each),
    "σ": _each(_sigmoid, _sigmoid_each),
    "relu": _each(lambda x: x if x > 0 else 0, lambda x: np.maximum(x, 0)),
    "floor": _each(math.floor, np.floor),
    "ceil": _each(math.ceil, np.ceil),
    "round": _each(_round, lambda x: np.floor(x + 0.5)),
    "abs": _each(abs, np.abs),
    "sign": _each(lambda x: (x > 0) - (x < 0), np.sign),
    "H": _each(_heaviside, lambda x: np.heaviside(x, 0.5)),
    "heaviside": _each(_heaviside, lambda x: np.heaviside(x, 0.5)),
    "step": _each(lambda x: 1 if x >= 0 else 0, lambda x: np.heaviside(x, 1.0)),
    "min": _extreme(min, np.minimum, np.min),
    "max": _extreme(max, np.maximum, np.max),
    "sum": _over(np.sum, _total),
    "mean": _over(np.mean, lambda values: _divide(_total(values), len(values))),
    "prod": _over(np.prod, _product),
    "norm": _over(np.linalg.norm, lambda values: _root(_total(tuple(_multiply(v, v) for v in values)))),
    "norm2": _over(_spectral, lambda values: abs(values[0])),
    "rms": _over(lambda x: np.sqrt(np.mean(x**2)), lambda values: abs(values[0])),
    "diag": _diag,
    "transpose": _SUFFIXES["T"],
    "concat": _concat,
    "outer": _outer,
    "softmax": _softmax,
    "inv": lambda x: np.linalg.inv(_square(x)) if isinstance(x, np.ndarray) else _divide(1, x),
    "det": lambda x: float(np.linalg.det(_square(x))) if isinstance(x, np.ndarray) else x,
}
CONSTANTS: dict[str, float] = {"π": math.pi, "e": math.e}
