"""Formulas as people write them: parse, evaluate, print. Nothing is ever handed to Python's own `eval`.

Precedence, from loose to tight:

    sum          a + b, a - b
    product      a * b, a / b, and a product without a sign: `2 c d` (all alike, from the left)
    sign         -a, +a
    power        a ^ b, a ** b, a², from the right: -2^2 is -4, 2^-1 is 0.5
    suffix       a!, and a% where a percentage is asked
    atom         number, name, f(x), √x, (a)

Names may have subscripts: `d_out`, `d_{out}`, `h_{t-1}`; underscores and braces do not count, letter case does. The
mathematics is exact (fractions) for + - * / and whole powers, in floating point otherwise. Length, depth, digits and
powers are bounded, so that a hostile text costs no time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import NamedTuple, NoReturn

from hwcheck.words import quoted, suggestion

MAX_LENGTH = 2_000
MAX_DEPTH = 40
MAX_DIGITS = 400
MAX_POWER = 10_000
MAX_BITS = 4_000

Scalar = int | float | Fraction
Binding = Scalar | Callable[..., Scalar]


class ExpressionError(Exception):
    """A text that is no formula: a sentence, and the place in the text (from 0)."""

    def __init__(self, message: str, text: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.position = position

    def pointed(self) -> str:
        """The text with a caret under the place, as two lines."""
        start = max(0, self.position - 30)
        shown = re.sub(r"\s", " ", self.text[start : start + 60])
        return f"{shown}\n{' ' * (self.position - start)}^"


class Number(NamedTuple):
    """A number as written."""

    value: Fraction
    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name; `key` is the name without underscores and braces."""

    key: str
    text: str
    position: int = field(default=0, compare=False)


class Sign(NamedTuple):
    """A sign before, `-a`."""

    sign: str
    inner: Tree


class Suffix(NamedTuple):
    """A sign behind, `a!` or `a%`."""

    sign: str
    inner: Tree


class Binary(NamedTuple):
    """Two sides and a sign between them; `bare` where a product was written without one."""

    sign: str
    left: Tree
    right: Tree
    bare: bool = False


class Call(NamedTuple):
    """A function and its arguments."""

    name: Name
    arguments: tuple[Tree, ...]


Tree = Number | Name | Sign | Suffix | Binary | Call


def key(name: str) -> str:
    """A name as it is compared: `C_1`, `C1`, `C_{1}` and `C.1` are one."""
    return re.sub(r"[_{}.\s]", "", name)


FUNCTIONS: dict[str, Callable[..., Scalar]] = {
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "ln": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x)),
    "relu": lambda x: x if x > 0 else 0,
    "floor": math.floor,
    "ceil": math.ceil,
    "abs": abs,
    "min": lambda *x: min(x),
    "max": lambda *x: max(x),
}
CONSTANTS: dict[str, Scalar] = {"π": math.pi, "pi": math.pi, "e": math.e}

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SIGNS = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/"})
_LETTER = "A-Za-zα-ωΑ-Ωϕφℓ∂"


@cache
def _token() -> re.Pattern[str]:
    """The pattern of one token; made when the first formula is read, for most answers are plain numbers."""
    return re.compile(
        rf"""(?P<space>[\s\u00a0\u2009\u202f]+)
        |(?P<number>(?:[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+(?![0-9])|[1-9][0-9]{{0,2}}(?:[ \u00a0\u2009\u202f][0-9]{{3}})+(?![0-9])|[0-9]+)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{{1,4}}(?![0-9A-Za-z_.]))?
                  |\.[0-9]+(?:[eE][+-]?[0-9]{{1,4}}(?![0-9A-Za-z_.]))?)
        |(?P<name>[{_LETTER}][{_LETTER}0-9]*(?:_(?:\{{[^{{}}]*\}}|[{_LETTER}0-9]+))*(?:\.[0-9]+)?)
        |(?P<super>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)
        |(?P<sign>\*\*|[-+*/^(),!%√])""",
        re.VERBOSE,
    )


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


class _Parser:
    def __init__(self, text: str, *, percent: bool, grouping: bool) -> None:
        self.text = text
        self.percent = percent
        self.tokens = self._tokens(text, grouping)
        self.at = 0
        self.depth = 0

    def fail(self, message: str, position: int) -> NoReturn:
        raise ExpressionError(message, self.text, position)

    def _tokens(self, text: str, grouping: bool) -> list[_Token]:
        if len(text) > MAX_LENGTH:
            self.fail(f"longer than {MAX_LENGTH:,} characters", 0)
        plain = text.translate(_SIGNS)
        pattern = _token()
        tokens: list[_Token] = []
        at = 0
        while at < len(plain):
            match = pattern.match(plain, at)
            if match is None:
                self._refuse(plain, at)
            kind, word = str(match.lastgroup), match.group()
            if kind == "number" and not grouping and ("," in word or " " in word):
                word = re.match("[0-9]+", word)[0]  # type: ignore[index]  # a grouped number starts with digits
            digits = sum(map(str.isdigit, word))
            if kind == "number" and digits > MAX_DIGITS:
                self.fail(f"a number of {digits:,} digits", at)
            if kind == "number" and abs(int(word.lower().partition("e")[2] or 0)) > MAX_DIGITS:
                self.fail("a power of ten too large to work with", at)
            if kind == "name" and tokens and tokens[-1].kind == "number":
                kind, word = self._after_number(tokens[-1], word, plain, at)
            if kind != "space":
                tokens.append(_Token(kind, word, at))
            at += len(word)
        tokens.append(_Token("end", "", len(text)))
        return tokens

    def _after_number(self, number: _Token, word: str, plain: str, at: int) -> tuple[str, str]:
        """`4x4` is a product; `0x10` and `1_000` are refused rather than guessed."""
        glued = number.position + len(number.text) == at
        rest = plain[at + 1 : at + 2]
        if word[0] in "xX" and (word[1:2].isdigit() or (len(word) == 1 and plain[at + 1 :].lstrip()[:1].isdigit())):
            if number.text == "0" and glued and rest.isdigit():
                self.fail("hexadecimal numbers are not read; write the number in decimal", number.position)
            return "sign", "x"
        if word in ("e", "E") and not glued and re.match("[-+]?[0-9]", plain[at + 1 :]):
            self.fail("a blank inside a number; write it together, such as 1.2e-3", at)
        return "name", word

    def _refuse(self, plain: str, at: int) -> NoReturn:
        char = plain[at]
        if char == "_":
            self.fail("an underscore cannot stand here; write a number without it", at)
        if char.isdigit():
            self.fail("only the digits 0 to 9 are read", at)
        if char == ".":
            self.fail("a point without a digit", at)
        self.fail(f"{quoted(char)} cannot stand here", at)

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def take(self, *signs: str) -> str | None:
        token = self.token
        if token.kind == "sign" and token.text in signs:
            self.at += 1
            return token.text
        return None

    def whole(self) -> Tree:
        tree = self.sum()
        if self.token.kind != "end":
            self._unexpected()
        return tree

    def _unexpected(self) -> NoReturn:
        token = self.token
        if token.kind == "end":
            self.fail("the formula ends too early", token.position)
        if token.text == ",":
            self.fail(
                "a comma cannot stand here; write a decimal number with a point, thousands in groups of three",
                token.position,
            )
        if token.text == ")":
            self.fail("this bracket closes nothing", token.position)
        if token.text == "%":
            self.fail("a percent sign where no percentage is asked", token.position)
        if token.kind == "number":
            self.fail("two numbers side by side; write the sign between them", token.position)
        self.fail(f"{quoted(token.text)} cannot stand here", token.position)

    def sum(self) -> Tree:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"brackets nested more than {MAX_DEPTH} deep", self.token.position)
        tree = self.product()
        while sign := self.take("+", "-"):
            tree = Binary(sign, tree, self.product())
        self.depth -= 1
        return tree

    def product(self) -> Tree:
        tree = self.signed()
        while True:
            if sign := self.take("*", "/", "x"):
                tree = Binary("/" if sign == "/" else "*", tree, self.signed())
            elif self.token.kind == "name" or self.token.text in ("(", "√"):
                tree = Binary("*", tree, self.power(), bare=True)
            else:
                return tree

    def signed(self) -> Tree:
        signs = []
        while sign := self.take("+", "-"):
            signs.append(sign)
        if len(signs) > MAX_DEPTH:
            self.fail("too many signs in a row", self.token.position)
        tree = self.power()
        for sign in reversed(signs):
            tree = Sign(sign, tree)
        return tree

    def power(self) -> Tree:
        base = self.suffixed()
        if self.token.kind == "super":
            text = self.token.text.translate(SUPERSCRIPTS)
            self.at += 1
            exponent: Tree = Number(Fraction(text.lstrip("+-")), text.lstrip("+-"))
            return Binary("^", base, Sign("-", exponent) if text[0] == "-" else exponent)
        if self.take("^", "**"):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                self.fail("too many powers", self.token.position)
            right = self.signed()
            self.depth -= 1
            return Binary("^", base, right)
        return base

    def suffixed(self) -> Tree:
        tree = self.atom()
        start = self.at
        while self.token.text == "!" or (self.percent and self.token.text == "%"):
            tree = Suffix(self.token.text, tree)
            self.at += 1
        if self.at - start > MAX_DEPTH:
            self.fail("too many signs in a row", self.token.position)
        return tree

    def atom(self) -> Tree:
        token = self.token
        self.at += 1
        if token.kind == "number":
            return Number(_literal(token.text), token.text)
        if token.kind == "name":
            name = Name(key(token.text), token.text, token.position)
            if self.token.text == "(" and self.token.kind == "sign":
                return Call(name, self._arguments())
            return name
        if token.text == "√":
            self.depth += 1
            if self.depth > MAX_DEPTH:
                self.fail("too many roots", token.position)
            inner = self.atom()
            self.depth -= 1
            return Call(Name("sqrt", "√", token.position), (inner,))
        if token.text == "(":
            tree = self.sum()
            if not self.take(")"):
                if self.token.kind == "end":
                    self.fail("this bracket is not closed", token.position)
                self._unexpected()
            return tree
        self.at -= 1
        return self._unexpected()

    def _arguments(self) -> tuple[Tree, ...]:
        opened = self.token.position
        self.at += 1
        arguments = [self.sum()]
        while self.take(","):
            arguments.append(self.sum())
        if not self.take(")"):
            if self.token.kind == "end":
                self.fail("this bracket is not closed", opened)
            self._unexpected()
        return tuple(arguments)


def _literal(text: str) -> Fraction:
    return Fraction(re.sub(r"[,\s\u00a0\u2009\u202f]", "", text).removesuffix("."))


def parse(text: str, *, percent: bool = False, grouping: bool = False) -> Tree:
    """The tree of a formula.

    `percent` reads a percent sign behind a number as a hundredth; `grouping` reads `5,146,011` and `5 146 011` as one number.

    Raises:
        ExpressionError: with the place and one sentence.
    """
    return _Parser(text, percent=percent, grouping=grouping).whole()


def evaluate(tree: Tree, names: Mapping[str, Binding] | None = None, *, text: str = "") -> Scalar:
    """The value of a formula; `names` binds names (by `key`) to numbers and functions.

    Raises:
        ExpressionError: an unknown name, a division by zero, a power or a size out of bounds, no real value.
    """
    bound = names or {}
    try:
        value = _value(tree, bound, text)
    except ExpressionError:
        raise
    except ZeroDivisionError:
        raise ExpressionError("a division by zero", text, 0) from None
    except (ArithmeticError, ValueError, TypeError):
        raise ExpressionError("no real value", text, 0) from None
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionError("no finite value", text, 0)
    return value


def _value(tree: Tree, names: Mapping[str, Binding], text: str) -> Scalar:
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Name):
        return _named(tree, names, text)
    if isinstance(tree, Sign):
        value = _value(tree.inner, names, text)
        return -value if tree.sign == "-" else value
    if isinstance(tree, Suffix):
        value = _value(tree.inner, names, text)
        return value / Fraction(100) if tree.sign == "%" else _factorial(value, text)
    if isinstance(tree, Binary):  # a long sum leans to the left, deeper than Python may call
        chain = [tree]
        while isinstance(left := chain[-1].left, Binary):
            chain.append(left)
        value = _value(left, names, text)
        for binary in reversed(chain):
            value = _binary(binary.sign, value, _value(binary.right, names, text), text)
        return value
    function = names.get(tree.name.key, FUNCTIONS.get(tree.name.key))
    arguments = [_value(argument, names, text) for argument in tree.arguments]
    if callable(function):
        value = function(*arguments)
        return value if isinstance(value, int | Fraction) else float(value)
    if len(arguments) == 1:  # a name before a bracket multiplies when it is a number
        return _binary("*", _named(tree.name, names, text), arguments[0], text)
    raise ExpressionError(
        f"no function {quoted(tree.name.text)}{suggestion(tree.name.text, FUNCTIONS)}", text, tree.name.position
    )


def _named(name: Name, names: Mapping[str, Binding], text: str) -> Scalar:
    value = names.get(name.key, CONSTANTS.get(name.key))
    if value is None:
        known = [*names, *(FUNCTIONS if not names else ())]
        near = suggestion(name.text, known) if names else "; a number is expected here"
        raise ExpressionError(f"unknown name {quoted(name.text)}{near}", text, name.position)
    if callable(value):
        raise ExpressionError(f"{quoted(name.text)} is a function; write its argument in brackets", text, name.position)
    return value


def _binary(sign: str, left: Scalar, right: Scalar, text: str) -> Scalar:
    if sign == "+":
        value = left + right
    elif sign == "-":
        value = left - right
    elif sign == "*":
        value = left * right
    elif sign == "/":
        value = Fraction(left, right) if isinstance(left, int) and isinstance(right, int) else left / right
    else:
        value = _power(left, right, text)
    if (
        isinstance(value, int | Fraction)
        and max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS
    ):
        raise ExpressionError("a number too large to work with", text, 0)
    return value


def _power(base: Scalar, exponent: Scalar, text: str) -> Scalar:
    if isinstance(exponent, Fraction) and exponent.denominator == 1:
        exponent = int(exponent)
    if isinstance(exponent, int) and isinstance(base, int | Fraction):
        base = Fraction(base)
        size = max(base.numerator.bit_length(), base.denominator.bit_length())
        if abs(exponent) > MAX_POWER or (base not in (0, 1, -1) and size * abs(exponent) > MAX_BITS):
            raise ExpressionError("a power too large to work with", text, 0)
        return base**exponent
    return math.pow(float(base), float(exponent))


def _factorial(value: Scalar, text: str) -> Scalar:
    if value != int(value) or not 0 <= value <= 500:
        raise ExpressionError("a factorial is read for whole numbers from 0 to 500", text, 0)
    return math.factorial(int(value))


_TIGHTNESS = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}


def render(tree: Tree, show: Callable[[str, str], str | None] = lambda _key, _text: None) -> str:
    """A tree as text, with products written `·`.

    `show` may put text in the place of a name, given its key and its text; "" in the place of a function drops it and
    keeps its argument (the identity is not written).
    """
    return _rendered(tree, show, 0)


def _rendered(tree: Tree, show: Callable[[str, str], str | None], around: int) -> str:
    if isinstance(tree, Number):
        return tree.text
    if isinstance(tree, Name):
        shown = show(tree.key, tree.text)
        if shown is None:
            return tree.text
        return f"({shown})" if shown[:1] in "-−" and around else shown
    if isinstance(tree, Suffix):
        return f"{_rendered(tree.inner, show, 5)}{tree.sign}"
    if isinstance(tree, Sign):
        text = tree.sign + _rendered(tree.inner, show, 3)
        return f"({text})" if around >= 2 else text
    if isinstance(tree, Call):
        name = tree.name.text
        shown = show(tree.name.key, name)
        inner = ", ".join(_rendered(argument, show, 0) for argument in tree.arguments)
        if shown == "":
            return f"({inner})" if around else inner
        sign = " · " if shown and not shown[-1].isalpha() else ""
        return f"{shown or name}{sign}({inner})"
    tight = _TIGHTNESS[tree.sign]
    left = _rendered(tree.left, show, tight + (tree.sign == "^"))
    right = _rendered(tree.right, show, tight + 1 if tree.sign != "^" else 3)
    sign = {"*": " · ", "/": "/", "^": "^"}.get(tree.sign, f" {tree.sign} ")
    text = f"{left}{sign}{right}"
    return f"({text})" if tight < around else text
