"""The right answer as a formula, where givens are symbols: from the formulas of the working, checked before it is shown.

A formula of the working names what stands before it. Each of these names is replaced by what it stands for: a symbol, a
number, the formula of another quantity, or, where only numbers are known, a polynomial in the symbols that has these
values. The result is evaluated at every draw, and shown only if it is right at all of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from hwcheck import evaluation, expressions
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
    key,
)
from hwcheck.formulas import agrees, base_names, equal_at, matrix, points, step_rows
from hwcheck.growth import growth_of, read_growth
from hwcheck.problems import Part
from hwcheck.settings import Ask, Cell, Setting
from hwcheck.values import Drawn, Value, at_draws, same, show
from hwcheck.working import DrawnStep, Step
from hwcheck.yamltree import Scalar

MAX_DEPTH = 30
MAX_TEXT = 1_500
MAX_MONOMIALS = 56
MAX_TERMS = 8
MAX_NAME = 5
"""How long the name of an earlier quantity may be to stand for itself: y, h.3, W_out."""
DEGREES = (1, 2, 3, 4, 5)


def formula_text(part: Part, cell: Cell) -> str:
    """What a student could write for a cell whose right answer is a formula or a growth; empty where none is found."""
    asked = (part.form, repr(cell.ask), repr(part.earlier))
    setting = part.setting
    if asked not in setting.formulas:
        finder = _Finder(setting, {} if part.form == "big-o" else dict(part.earlier), cell.ask.name)
        try:
            found = finder.growth(cell.ask.name) if part.form == "big-o" else finder.answer(cell.ask)
        except RecursionError:  # a formula that is far too long to be read
            found = ""
        setting.formulas[asked] = found
    return setting.formulas[asked]


def formula_tree(setting: Setting, name: str) -> Tree | None:
    """A formula for a quantity in symbols alone, right at every draw, if one is found."""
    return _Finder(setting, {}, name).of_step(setting.right.steps[name], 0)


def described(part: Part, cell: Cell) -> str:
    """The right formula for a reader, or where none was found, its value at some numbers."""
    text = formula_text(part, cell)
    if text or part.setting.right.steps[cell.ask.name].variables:
        return text or "a function of " + ", ".join(part.setting.right.steps[cell.ask.name].variables)
    if part.form == "big-o":
        return "a growth"
    symbols = part.setting.givens.symbols
    at = ", ".join(
        f"{domain.text} = {show(symbols[name])}" for name, domain in part.setting.domains.items()
        if not isinstance(symbols[name], np.ndarray)
    )  # fmt: skip
    value = part.right(cell)
    return f"{show(value.values[0]) if isinstance(value, Drawn) else show(value)} at {at}"


class _Finder:
    def __init__(self, setting: Setting, earlier: Mapping[str, str], asked: str) -> None:
        self.setting = setting
        self.steps = setting.right.steps
        self.count = len(base_names(setting))
        self.symbols: dict[str, Tree] = {}
        self.values: dict[str, tuple[Any, ...]] = {}
        for given in setting.givens.values:
            for called in step_rows(setting.givens, given):
                self.symbols[key(called)] = Name(key(called), called)
                self.values[key(called)] = tuple(step_rows(one, given)[called] for one in setting.givens.draws)
        self.index: list[Tree] = []
        self.arrays = frozenset(name for name, value in base_names(setting)[0].items() if isinstance(value, np.ndarray))
        """names whose products do not commute"""
        self.rows = getattr(setting.givens, "vectors", "column") == "row"
        self.leaves: dict[str, Tree] = {}
        """quantities that were asked before, and may stand for themselves"""
        self.names = [dict(names) for names in base_names(setting)]
        for name, called in earlier.items():
            if name != asked and len(called) <= MAX_NAME and re.fullmatch(r"[A-Za-z]\w*(\.\d+)?", called):
                self._leaf(name, called)
        for symbol, domain in setting.domains.items():
            self.symbols[symbol] = Name(symbol, domain.text)
            self.values[symbol] = tuple(givens.symbols[symbol] for givens in setting.givens.draws)

    def _leaf(self, name: str, called: str) -> None:
        step = self.steps.get(name)
        if (
            step is None
            or step.variables
            or not isinstance(step.handed, Drawn)
            or isinstance(step.handed.like, tuple | str)
        ):
            return
        self.leaves[name] = Name(key(called), called.replace(".", "_"))
        for names, value in zip(self.names, step.handed.values, strict=True):
            if value is not None:
                names.setdefault(key(called), matrix(value, self.rows))

    # What is asked.

    def answer(self, ask: Ask) -> str:
        step = self.steps[ask.name]
        value = ask.pick(step.computed, step.origin)
        if step.variables:
            self.index = [Name(name, name) for name in step.variables]
            tree = self._function(step)
            return "" if tree is None else expressions.render(tree, bare=True)
        if not isinstance(value, Drawn):
            return ""
        if isinstance(value.like, tuple):
            return self._shape(value)
        tree = self.of_step(step, 0) if ask.whole else None
        if tree in self.leaves.values():  # the name of another answer says nothing
            self.leaves = {name: leaf for name, leaf in self.leaves.items() if leaf != tree}
            tree = self.of_step(step, 0)
        if tree is None:
            tree = self.of_values(value, 0, ask.name)
        if tree is None and isinstance(value.like, np.ndarray):
            return self._entries(value)
        return "" if tree is None else self._written(tree)

    def growth(self, name: str) -> str:
        """A growth that is right: the terms that no other dominates, else the whole formula."""
        growth = growth_of(self.setting, name)
        tree = self.of_step(self.steps[name], 0)
        for text in (*self._single(growth.changes(), growth.symbols), *self._leading(tree, growth.symbols)):
            if read_growth(Scalar(text, 0, 0), growth).verdict == "right":
                return text
        return ""

    def _single(self, changes: Mapping[tuple[int, ...], float], symbols: tuple[str, ...]) -> list[str]:
        """One product of powers, from the growth along each symbol alone."""
        powers = []
        for place, symbol in enumerate(symbols):
            lone = tuple(int(i == place) for i in range(len(symbols)))
            if lone not in changes:
                return []
            powers.append((symbol, Fraction(changes[lone] / 256).limit_denominator(4)))
        above = [self._power(symbol, power) for symbol, power in powers if power > 0]
        below = [self._power(symbol, -power) for symbol, power in powers if power < 0]
        text = " ".join(above) or "1"
        if below:
            text += f" / ({' '.join(below)})" if len(below) > 1 else f" / {below[0]}"
        return [f"O({text})"]

    def _power(self, symbol: str, power: Fraction) -> str:
        text = expressions.render(self.symbols[symbol])
        if power == 1:
            return text
        return f"{text}^{power}" if power.denominator == 1 else f"{text}^({power})"

    def _leading(self, tree: Tree | None, symbols: tuple[str, ...]) -> list[str]:
        """The terms of a sum that no other term dominates, and the whole formula."""
        if tree is None:
            return []
        texts = []
        terms = _expanded(tree, set(symbols))
        if terms:
            leading = [
                m for m in terms if not any(m != n and all(m.get(s, 0) <= n.get(s, 0) for s in symbols) for n in terms)
            ]
            sums = [" ".join(self._power(s, Fraction(m[s])) for s in symbols if m.get(s)) or "1" for m in leading]
            texts.append(f"O({' + '.join(dict.fromkeys(sums))})")
        return [*texts, f"O({self._written(tree)})"]

    # Trees.

    def of_step(self, step: Step, depth: int) -> Tree | None:
        """The formula of a step in symbols alone, if it is right at every draw."""
        if depth > MAX_DEPTH:
            return None
        if depth and step.name in self.leaves:
            return self.leaves[step.name]
        if not isinstance(step.computed, Drawn):
            return _literal(step.computed)
        tree = self._by_formula(step, depth)
        if tree is not None and not self._is(tree, step.computed):
            tree = None
        product = None if tree is not None and _terms(tree) is not None else self._product(step.computed)
        if product is not None and (tree is None or len(expressions.render(product)) < len(expressions.render(tree))):
            return product
        return tree or self._polynomial(step.computed) or self._exponential(step.computed)

    def _product(self, value: Drawn) -> Tree | None:
        """A product of powers of the symbols, halves among them, that has these values."""
        symbols = [
            name for name, values in self.values.items() if all(isinstance(x, int | float) and x > 0 for x in values)
        ]
        found = [one for one in value.values if isinstance(one, int | float) and one > 0]
        if not symbols or len(found) < self.count:
            return None
        table = np.array([[1.0] * self.count, *([math.log(x) for x in self.values[name]] for name in symbols)]).T
        solved = np.linalg.lstsq(table, np.log(np.array(found, dtype=float)), rcond=None)[0]
        factor = Fraction(math.exp(solved[0])).limit_denominator(24)
        powers = [Fraction(float(power)).limit_denominator(2) for power in solved[1:]]
        if factor == 0 or max(map(abs, powers)) > 6:
            return None
        tree = self._of_powers(symbols, powers, factor)
        return tree if self._is(tree, value) else None

    def _of_powers(self, symbols: list[str], powers: list[Fraction], factor: Fraction) -> Tree:
        def side(sign: int, number: int) -> Tree | None:
            whole = [
                name for name, p in zip(symbols, powers, strict=True) for _ in range(int(sign * p)) if sign * p >= 1
            ]
            half = [name for name, p in zip(symbols, powers, strict=True) if sign * p > 0 and p.denominator == 2]
            tree = _monomial([self.symbols[name] for name in whole], Fraction(number)) if whole or number != 1 else None
            if half:
                root = Call(Name("sqrt", "sqrt"), (_monomial([self.symbols[name] for name in half], Fraction(1)),))
                tree = root if tree is None else Binary("*", tree, root, bare=True)
            return tree

        above, below = side(1, factor.numerator), side(-1, factor.denominator)
        above = above or Number(Fraction(1), "1")
        if below is None:
            return above
        if isinstance(above, Call) and isinstance(below, Call):
            return Call(above.name, (Binary("/", above.arguments[0], below.arguments[0]),))
        return Binary("/", above, below)

    def _by_formula(self, step: Step, depth: int) -> Tree | None:
        if not step.formula:
            return None
        try:
            tree = expressions.parse(step.formula, names=self._names(step) if step.variables or self.arrays else None)
            return self._replaced(tree, step, depth)
        except (ExpressionError, _Unknown):
            return None

    def _names(self, step: Step) -> expressions.Names:
        """The names in the formula of a function."""
        own = {key(name): value for name, value in step.names.items()}
        functions = frozenset(name for name, value in own.items() if callable(value))
        given = base_names(self.setting)[0]
        arrays = frozenset(name for name, value in {**given, **own}.items() if isinstance(value, np.ndarray))
        quantities = map(key, self.steps)
        known = frozenset((*own, *self.symbols, *step.variables, *base_names(self.setting)[0], *quantities)) - functions
        return expressions.Names(known, arrays, functions)

    def _replaced(self, tree: Tree, step: Step, depth: int) -> Tree:
        """The tree with every name replaced by what it stands for."""

        def inside(one: Tree) -> Tree:
            return self._replaced(one, step, depth)

        def compared(condition: Condition) -> Condition:
            return Condition(tuple(map(inside, condition.sides)), condition.signs)

        if isinstance(tree, Number):
            return tree
        if isinstance(tree, Name):
            return self._named(tree, step, depth)
        if isinstance(tree, Sign):
            return Sign(tree.sign, inside(tree.inner))
        if isinstance(tree, Suffix):
            return Suffix(tree.sign, inside(tree.inner))
        if isinstance(tree, Binary):
            return _tidied(Binary(tree.sign, inside(tree.left), inside(tree.right), tree.bare))
        if isinstance(tree, Call):
            return self._called(tree, step, depth, inside)
        if isinstance(tree, Index):
            return Index(tree.name, tuple(_folded(inside(place)) for place in tree.places))
        if isinstance(tree, List):
            return List(tuple(map(inside, tree.items)))
        return Cases(tuple((tuple(map(compared, conditions)), inside(inner)) for conditions, inner in tree.branches))

    def _called(self, tree: Call, step: Step, depth: int, inside: Callable[[Tree], Tree]) -> Tree:
        bound = next((value for name, value in step.names.items() if key(name) == tree.name.key), None)
        arguments = tuple(map(inside, tree.arguments))
        if callable(bound):
            name = getattr(bound, "__name__", "")
            if name == "identity":
                return arguments[0]
            if step.variables and name not in expressions.FUNCTIONS:
                return Call(tree.name, arguments)
            if name not in expressions.FUNCTIONS:
                raise _Unknown
            return Call(Name(name, name), arguments)
        if tree.name.key in evaluation.FUNCTIONS and tree.name.key not in self.symbols:
            return Call(tree.name, arguments)
        return _tidied(Binary("*", self._named(tree.name, step, depth), arguments[0], bare=True))

    def _named(self, name: Name, step: Step, depth: int) -> Tree:
        if name.key in step.variables or any(
            key(own) == name.key for own, value in step.names.items() if isinstance(value, list)
        ):
            return name
        values = self._bound(name.key, step)
        if values is None:
            if name.key in self.symbols:
                return self.symbols[name.key]
            raise _Unknown
        if name.key in self.symbols and _alike(values, self.values[name.key]):
            return self.symbols[name.key]
        tree = self.of_values(Drawn(values), depth + 1, step.name, name.key)
        if tree is None and _alike(values, tuple(names.get(name.key) for names in self.names)):
            return name  # a given whose entries are symbols
        if tree is None:
            raise _Unknown
        return tree

    def _bound(self, name: str, step: Step) -> tuple[Any, ...] | None:
        """What a name of a step's formula stands for at every draw."""
        draws = step.draws if isinstance(step, DrawnStep) else (step,) * self.count
        if any(key(own) == name for own in step.names):
            found = [
                next((value for own, value in one.names.items() if key(own) == name), None) if one is not None else None
                for one in draws
            ]
            return tuple(found)
        for other in self.steps.values():
            if key(other.name) == name and other.name != step.name:
                return at_draws(other.handed, self.count)
        givens = self.setting.givens.draws or (self.setting.givens,)
        found = [base.get(name) for base in base_names(self.setting)]
        return tuple(found) if len(found) == len(givens) and found[0] is not None else None

    def of_values(self, value: Drawn, depth: int, before: str, hint: str = "") -> Tree | None:
        """A formula for values: a number, a symbol, the quantity of that name, another quantity, or a polynomial."""
        first = value.values[0]
        if first is None or isinstance(first, str | tuple):
            return None
        if not isinstance(first, np.ndarray) and all(v == first for v in value.values):
            return _literal(first)
        for symbol, values in self.values.items():
            if _alike(values, value.values):
                return self.symbols[symbol]
        place = self.setting.order[before]
        steps = [step for step in self.steps.values() if self.setting.order[step.name] < place]
        named = [step for step in steps if key(step.name) == hint]
        for step in (*named, *reversed(steps)):
            if isinstance(step.handed, Drawn) and _alike(step.handed.values, value.values):
                tree = self.of_step(step, depth + 1)
                if tree is not None:  # else another of the same value: the width for the height
                    return tree
        return self._polynomial(value)

    def _function(self, step: Step) -> Tree | None:
        """A function of an index, from its formula."""
        tree = self._by_formula(step, 0)
        if tree is None:
            return None
        function = evaluation.compiled(tree)
        draws = step.draws if isinstance(step, DrawnStep) else (step,)
        for names, one in zip(self.names, draws, strict=True):
            if one is None:
                continue
            bound = {
                **names,
                **{key(name): matrix(value, self.rows) for name, value in one.names.items() if value is not None},
            }
            for place in points(one):
                listed = {
                    key(name): matrix(value[place[0]], self.rows)
                    for name, value in one.names.items()
                    if isinstance(value, list)
                }
                bound.update(listed)
                bound.update({name: first + at for (name, first), at in zip(one.variables.items(), place, strict=True)})
                assert isinstance(one.computed, np.ndarray)
                try:
                    if not equal_at(function(bound), one.computed[place], 1.0):
                        return None
                except (ExpressionError, ArithmeticError, ValueError, TypeError, evaluation.Valueless):
                    return None
        return tree

    def _is(self, tree: Tree, value: Value) -> bool:
        """Whether a formula has these values at every draw."""
        function = evaluation.compiled(tree)
        for names, right in zip(self.names, at_draws(value, self.count), strict=True):
            if right is None:
                continue
            try:
                found = evaluation.value_of(function, names)
            except ExpressionError:
                return False
            levels = agrees(found, right, None, self.setting.magnitude)
            if not levels or not all(levels):
                return False
        return True

    # Shapes, arrays, polynomials.

    def _shape(self, value: Drawn) -> str:
        if any(one is not None and not isinstance(one, tuple) for one in value.values):
            return ""  # a pair where sides differ, else one number: no one formula
        axes = []
        for place in range(len(value.like)):
            axis = Drawn(tuple(None if one is None else one[place] for one in value.values))
            last = max(self.setting.order, key=lambda name: self.setting.order[name])
            tree = self.of_values(axis, 0, last)
            if tree is None:
                return ""
            text = self._written(tree)
            axes.append(f"({text})" if isinstance(tree, Binary | Sign) else text)
        return " × ".join(axes)

    def _entries(self, value: Drawn) -> str:
        """An array of one size, entry by entry."""
        shapes = {one.shape for one in value.values if one is not None}
        if len(shapes) != 1 or value.like.size > 100:
            return ""

        def at(place: tuple[int, ...]) -> str | None:
            entry = Drawn(tuple(None if one is None else float(one[place]) for one in value.values))
            tree = self.of_values(entry, 0, max(self.setting.order, key=lambda name: self.setting.order[name]))
            return None if tree is None else self._written(tree)

        shape = value.like.shape
        texts = {place: at(place) for place in np.ndindex(shape)}
        if None in texts.values():
            return ""

        def listed(start: tuple[int, ...]) -> str:
            if len(start) == len(shape):
                return str(texts[start])
            return "[" + ", ".join(listed((*start, i)) for i in range(shape[len(start)])) + "]"

        return listed(())

    def _polynomial(self, value: Value) -> Tree | None:
        """A polynomial in the symbols that has these values; whole numbers only, so that it is exact."""
        if not isinstance(value, Drawn) or not all(isinstance(one, int | float) for one in value.values):
            return None
        symbols = [name for name, values in self.values.items() if all(isinstance(x, int | float) for x in values)]
        wanted = np.array([float(one) for one in value.values])
        columns = {name: np.array([float(x) for x in self.values[name]]) for name in symbols}
        for degree in DEGREES:
            monomials = [m for d in range(degree + 1) for m in combinations_with_replacement(symbols, d)]
            if len(monomials) > min(MAX_MONOMIALS, self.count - 6):
                return None
            table = np.array(
                [np.prod([columns[name] for name in m], axis=0) if m else np.ones(len(wanted)) for m in monomials]
            ).T
            scale = np.abs(table).max(axis=0)
            found = np.linalg.lstsq(table / scale, wanted, rcond=None)[0] / scale
            exact = [Fraction(float(c)).limit_denominator(24) if abs(c) < 1e6 else Fraction(0) for c in found]
            if max(exact, key=abs, default=Fraction(0)) == 0:
                continue
            tree = self._sum(monomials, exact)
            if tree is not None and self._is(tree, value):
                return tree
        return None

    def _exponential(self, value: Value) -> Tree | None:
        """c₀ + c₁ b^s in a whole symbol s, with a small number or a symbol as b: what repeated layers with strides do."""
        if not isinstance(value, Drawn) or not all(isinstance(one, int) for one in value.values):
            return None
        wanted = np.array([float(one) for one in value.values])
        whole = {s: values for s, values in self.values.items() if all(isinstance(x, int) for x in values)}
        numbers = {str(b): (Number(Fraction(b), str(b)), (b,) * self.count) for b in (2, 3, 4)}
        bases = {**numbers, **{s: (self.symbols[s], values) for s, values in whole.items()}}
        for exponent, steps in whole.items():
            for name, (base, values) in bases.items():
                if name == exponent or max(abs(b) ** s for b, s in zip(values, steps, strict=True)) > 10**15:
                    continue
                power = np.array([float(b**s) for b, s in zip(values, steps, strict=True)])
                table = np.array([np.ones(len(wanted)), power]).T
                found = np.linalg.lstsq(table, wanted, rcond=None)[0]
                shift, factor = (Fraction(float(c)).limit_denominator(24) for c in found)
                if factor == 0:
                    continue
                tree: Tree = Binary("^", base, self.symbols[exponent])
                if abs(factor) != 1:
                    tree = Binary("*", Number(abs(factor), str(abs(factor))), tree)
                tree = Sign("-", tree) if factor < 0 else tree
                if shift != 0:
                    tree = Binary("+" if shift > 0 else "-", tree, Number(abs(shift), str(abs(shift))))
                if self._is(tree, value):
                    return tree
        return None

    def _sum(self, monomials: Iterable[tuple[str, ...]], coefficients: Iterable[Fraction]) -> Tree | None:
        tree: Tree | None = None
        terms = [(m, c) for m, c in zip(monomials, coefficients, strict=True) if c != 0]
        for monomial, coefficient in sorted(terms, key=lambda term: (-len(term[0]), term[1] < 0)):
            term = _monomial([self.symbols[name] for name in monomial], abs(coefficient))
            if tree is None:
                tree = Sign("-", term) if coefficient < 0 else term
            else:
                tree = Binary("-" if coefficient < 0 else "+", tree, term)
        return tree

    def _written(self, tree: Tree) -> str:
        text = expressions.render(tree if self._has_arrays(tree) else self._simpler(tree), bare=True)
        return text if len(text) <= MAX_TEXT else ""

    def _has_arrays(self, tree: Tree) -> bool:
        leaves = {
            leaf.key
            for name, leaf in self.leaves.items()
            if isinstance(leaf, Name) and _is_array(self.steps[name].handed)
        }
        return any(name.key in self.arrays or name.key in leaves for name in expressions.names_in(tree))

    def _simpler(self, tree: Tree) -> Tree:
        """The same formula with like terms and factors gathered, where that makes it no longer."""
        terms = _terms(tree)
        if terms is not None and len(terms) <= MAX_TERMS:
            found = self._gathered(terms)
            if len(expressions.render(found, bare=True)) <= len(expressions.render(tree, bare=True)):
                return found
        if isinstance(tree, Binary):
            if tree.sign == "/" and (quotient := self._quotient(tree)) is not None:
                return quotient
            left, right = self._simpler(tree.left), self._simpler(tree.right)
            if tree.sign == "*" and left == right and not isinstance(left, Number):
                return Binary("^", left, Number(Fraction(2), "2"))
            return _tidied(Binary(tree.sign, left, right, tree.bare))
        if isinstance(tree, Sign):
            return Sign(tree.sign, self._simpler(tree.inner))
        if isinstance(tree, Call):
            inner = tuple(map(self._simpler, tree.arguments))
            return inner[0] if tree.name.key in ("floor", "ceil") and self._whole(inner[0]) else Call(tree.name, inner)
        if isinstance(tree, Index):
            return Index(tree.name, tuple(map(self._simpler, tree.places)))
        return tree

    def _whole(self, tree: Tree) -> bool:
        """Whether a formula is a whole number by the look of it."""
        if isinstance(tree, Number):
            return tree.value.denominator == 1
        if isinstance(tree, Name):
            return all(isinstance(value, int) for value in self.values.get(tree.key, (None,)))
        if isinstance(tree, Sign):
            return self._whole(tree.inner)
        if isinstance(tree, Binary):
            return tree.sign in "+-*" and self._whole(tree.left) and self._whole(tree.right)
        return isinstance(tree, Call) and tree.name.key in ("floor", "ceil", "round")

    def _gathered(self, terms: Mapping[Powers, Fraction]) -> Tree:
        leaves = (*self.symbols.values(), *self.index, *self.leaves.values())
        names = {name.key: name for name in leaves if isinstance(name, Name)}
        pairs = [(tuple(s for s, n in powers for _ in range(n)), c) for powers, c in terms.items() if c != 0]
        tree: Tree | None = None
        for monomial, coefficient in sorted(pairs, key=lambda pair: (not pair[0], pair[1] < 0)):
            term = _monomial([names.get(s, Name(s, s)) for s in monomial], abs(coefficient))
            if tree is None:
                tree = Sign("-", term) if coefficient < 0 else term
            else:
                tree = Binary("-" if coefficient < 0 else "+", tree, term)
        return tree or Number(Fraction(0), "0")

    def _quotient(self, tree: Binary) -> Tree | None:
        """A quotient of two products, cancelled."""
        above, below = _terms(tree.left), _terms(tree.right)
        if above is None or below is None or len(above) != 1 or len(below) != 1:
            return None
        (top, a), (bottom, b) = next(iter(above.items())), next(iter(below.items()))
        if a == 0 or b == 0:
            return None
        counts = dict(top)
        for symbol, power in bottom:
            counts[symbol] = counts.get(symbol, 0) - power
        share = a / b
        up = tuple((s, n) for s, n in counts.items() if n > 0)
        down = tuple((s, -n) for s, n in counts.items() if n < 0)
        numerator = self._gathered({up: Fraction(share.numerator)})
        if not down and share.denominator == 1:
            return numerator
        return Binary("/", numerator, self._gathered({down: Fraction(share.denominator)}))


def _is_array(value: Value) -> bool:
    return isinstance(value.like if isinstance(value, Drawn) else value, np.ndarray)


class _Unknown(Exception):
    """A name that stands for nothing that can be written."""


def _alike(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    """Whether two things are the same at every draw."""
    for x, y in zip(a, b, strict=True):
        if x is None or y is None:
            return False
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            if not (isinstance(x, np.ndarray) and isinstance(y, np.ndarray) and x.size == y.size):
                return False
            if not np.array_equal(x.ravel(), y.ravel()):
                return False
        elif (
            isinstance(x, str | tuple)
            or isinstance(y, str | tuple)
            or callable(x)
            or callable(y)
            or not (x == y or (isinstance(x, float | int) and isinstance(y, float | int) and same(float(x), float(y))))
        ):
            return False
    return True


def _literal(value: Any) -> Tree | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    exact = Fraction(value) if isinstance(value, int) else Fraction(repr(value))
    text = str(abs(int(exact))) if exact.denominator == 1 else repr(abs(value))
    number = Number(abs(exact), text)
    return Sign("-", number) if exact < 0 else number


def _monomial(names: list[Tree], coefficient: Fraction) -> Tree:
    factors: list[Tree] = []
    for name in dict.fromkeys(names):
        power = names.count(name)
        factors.append(name if power == 1 else Binary("^", name, Number(Fraction(power), str(power))))
    if coefficient.numerator != 1 or not factors:
        factors.insert(0, Number(Fraction(coefficient.numerator), str(coefficient.numerator)))
    tree = factors[0]
    for factor in factors[1:]:
        tree = Binary("*", tree, factor, bare=True)
    if coefficient.denominator != 1:
        tree = Binary("/", tree, Number(Fraction(coefficient.denominator), str(coefficient.denominator)))
    return tree


def _tidied(tree: Binary) -> Tree:
    """Without products by 1 and sums with 0."""
    left, right = tree.left, tree.right
    one, zero = Number(Fraction(1), "1"), Number(Fraction(0), "0")
    if tree.sign == "+" and zero in (left, right):
        return right if left == zero else left
    if tree.sign == "-" and right == zero:
        return left
    if tree.sign in "+-" and isinstance(left, Binary) and left.sign in "+-":
        first = left.right
        if isinstance(first, Number) and isinstance(right, Number):  # u + 1 - 2 is u - 1
            shift = _signed(left.sign) * first.value + _signed(tree.sign) * right.value
            if shift == 0:
                return left.left
            return Binary("+" if shift > 0 else "-", left.left, Number(abs(shift), str(abs(shift))))
    if tree.sign == "*" and (_is_one(left, one) or _is_one(right, one)):
        return right if _is_one(left, one) else left
    if tree.sign in "*" and zero in (left, right):
        return zero
    if tree.sign == "/" and right == one:
        return left
    return tree


def _signed(sign: str) -> int:
    return 1 if sign == "+" else -1


Powers = tuple[tuple[str, int], ...]


def _terms(tree: Tree) -> dict[Powers, Fraction] | None:
    """The terms of a polynomial, from the powers of the names in it to coefficients; None where it is none."""
    if isinstance(tree, Number):
        return {(): tree.value}
    if isinstance(tree, Name):
        return {((tree.key, 1),): Fraction(1)}
    if isinstance(tree, Sign):
        inner = _terms(tree.inner)
        return inner if inner is None or tree.sign == "+" else {powers: -c for powers, c in inner.items()}
    if not isinstance(tree, Binary):
        return None
    left, right = _terms(tree.left), _terms(tree.right)
    if left is None or right is None:
        return None
    if tree.sign in "+-":
        total = dict(left)
        for powers, c in right.items():
            total[powers] = total.get(powers, Fraction(0)) + (c if tree.sign == "+" else -c)
        return total
    if tree.sign == "*":
        return _times(left, right)
    if tree.sign == "/" and set(right) == {()} and right[()] != 0:
        return {powers: c / right[()] for powers, c in left.items()}
    if tree.sign == "^" and set(right) == {()} and right[()].denominator == 1 and 0 < right[()] <= 6:
        product: dict[Powers, Fraction] | None = left
        for _ in range(int(right[()]) - 1):
            product = None if product is None else _times(product, left)
        return product
    return None


def _times(a: Mapping[Powers, Fraction], b: Mapping[Powers, Fraction]) -> dict[Powers, Fraction] | None:
    if len(a) * len(b) > 4 * MAX_TERMS:
        return None
    total: dict[Powers, Fraction] = {}
    for left, c in a.items():
        for right, d in b.items():
            counts = dict(left)
            for symbol, power in right:
                counts[symbol] = counts.get(symbol, 0) + power
            powers = tuple(counts.items())
            same_powers = next((known for known in total if dict(known) == counts), powers)
            total[same_powers] = total.get(same_powers, Fraction(0)) + c * d
    return total


def _folded(tree: Tree) -> Tree:
    """The number behind arithmetic of numbers; other trees as they are."""
    terms = _terms(tree)
    return (
        (_literal(int(terms[()])) or tree)
        if terms is not None and set(terms) == {()} and terms[()].denominator == 1
        else tree
    )


def _is_one(tree: Tree, one: Number) -> bool:
    return isinstance(tree, Number) and tree.value == one.value


def _expanded(tree: Tree, symbols: set[str]) -> list[dict[str, int]]:
    """The products of powers in a sum of products, without their coefficients; nothing where it is no such sum."""
    if isinstance(tree, Number):
        return [{}]
    if isinstance(tree, Name):
        return [{tree.key: 1} if tree.key in symbols else {}]
    if isinstance(tree, Sign):
        return _expanded(tree.inner, symbols)
    if isinstance(tree, Binary) and tree.sign in "+-":
        left, right = _expanded(tree.left, symbols), _expanded(tree.right, symbols)
        return [*left, *right] if left and right else []
    if isinstance(tree, Binary) and tree.sign == "*":
        left, right = _expanded(tree.left, symbols), _expanded(tree.right, symbols)
        return [{s: a.get(s, 0) + b.get(s, 0) for s in {*a, *b}} for a in left for b in right][:200]
    if (
        isinstance(tree, Binary)
        and tree.sign == "^"
        and isinstance(tree.right, Number)
        and tree.right.value in (2, 3, 4)
    ):
        base = _expanded(tree.left, symbols)
        return [{s: n * int(tree.right.value) for s, n in m.items()} for m in base] if len(base) == 1 else []
    return []
