r"""Formulas as people write them: text → tree → text. Nothing is ever handed to Python's own `eval`.

Precedence, from loose to tight:

    sum          a + b, a - b
    product      a * b, a / b, a // b, a @ b, and a product without a sign: `2 c d` (all alike, from the left)
    sign         -a, +a
    power        a ^ b, a ** b, a², a^T, from the right: -2^2 is -4, 2^-1 is 0.5
    suffix       a!, and a% where a percentage is asked
    atom         number, name, f(x), log n, √x, (a), [a, b], |a|, ⌊a⌋, w[n-i+1], \frac{a}{b}

How names and signs are written is in `tokens`. Where the names are known, glued letters are split if there is exactly one
way (`lmn` is l m n), and a known name before a bracket multiplies. A function without brackets takes the factors up to the
next sign or function: `n log n m` is n log(n m). LaTeX is read as what it prints. Of an equation the right side counts, of
`\boxed{…}` what is in it; a condition behind a formula is left out, and `a if x > 0 else b` has cases. Length, depth and
digits are bounded, so that a hostile text costs no time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, NoReturn, TypeVar

from hwcheck.tokens import (
    BARE_FUNCTIONS,
    CLOSE,
    CONSTANTS,
    FUNCTIONS,
    MANY_ARGUMENTS,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_LENGTH,
    OPEN,
    RELATIONS,
    SUPERSCRIPTS,
    ExpressionError,
    Lexer,
    Names,
    Token,
    function_key,
    key,
    unwrapped,
    without_commands,
)
from hwcheck.words import quoted, suggestion

__all__ = [
    "CONSTANTS", "FUNCTIONS", "MAX_DIGITS", "MAX_LENGTH", "SUPERSCRIPTS", "Binary", "Call", "Cases", "Condition",
    "ExpressionError", "Index", "List", "Name", "Names", "Number", "Parsed", "Sign", "Suffix", "Tree", "key", "names_in",
    "parse", "read", "read_axes", "read_conditions", "render",
]  # fmt: skip

MAX_GLUED = 60
"""How long a name may be that is taken apart."""
MAX_TRIES = 10_000
"""How many pieces of names are tried in one formula."""

# Trees.


class Number(NamedTuple):
    """A number as written."""

    value: Fraction
    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name; `key` is the name as it is compared."""

    key: str
    text: str
    position: int = field(default=0, compare=False)


class Sign(NamedTuple):
    """A sign before, `-a`."""

    sign: str
    inner: Tree


class Suffix(NamedTuple):
    """A sign behind, `a!` or `a%`, or `^T`."""

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


class Index(NamedTuple):
    """An entry of an array, counted from 1: `w[n-i+1]`."""

    name: Name
    places: tuple[Tree, ...]


class List(NamedTuple):
    """Entries in brackets, `[a, b]`; a matrix is a list of lists."""

    items: tuple[Tree, ...]


class Condition(NamedTuple):
    """A chain of comparisons, `0 <= n <= 6`; several conditions hold together, or one of them (`either`)."""

    sides: tuple[Tree, ...]
    signs: tuple[str, ...]


class Cases(NamedTuple):
    """Formulas, each under conditions that must all hold; none at all stands for `otherwise`."""

    branches: tuple[tuple[tuple[Condition, ...], Tree], ...]


Tree = Number | Name | Sign | Suffix | Binary | Call | Index | List | Cases


# Parsing.


class Parsed(NamedTuple):
    """A formula that was read.

    `left` is the key of what stands before the equals sign, where that is one name; `split` whether some people read it
    the other way: a product without a sign follows a division (`1/2x`), or `ln` is the product of two names; `dropped` is
    the condition that was left out.
    """

    tree: Tree
    left: str = ""
    split: bool = False
    dropped: str = ""


_CONDITIONAL = frozenset(["for", "where", "when", "with", "if", "assuming", "since", "provided"])
"""Words that begin a condition behind a formula."""
_JOINING = _CONDITIONAL | {"and", "or", "else", "otherwise", "elsewhere"}


_COMMA = "a comma cannot stand here; write a decimal number with a point"
_EQUALS = frozenset("=≈≤⇒∈")
"""Signs whose right side is the formula."""
_AXIS_SIGNS = ((",", ";"), ("×", "x", "X", "\\times"), ("*", "·", "⋅", "\\cdot"))
"""Signs between the axes of a shape, each row tried before the next."""
_INEQUALITY = "an inequality cannot stand here; write the formula alone"
_UNEXPECTED = {
    "end": "the formula ends too early",
    "word": "words cannot stand here; write the formula alone",
    "_": "an underscore cannot stand here; write a number without it",
    "%": "a percent sign where no percentage is asked",
    "∞": "infinity is no number that can be compared",
    "<": _INEQUALITY, ">": _INEQUALITY, "≥": _INEQUALITY, "≤": _INEQUALITY, "≠": _INEQUALITY,
    "⊤": "the sign of the transpose stands behind ^",
}  # fmt: skip


class _Parser:
    def __init__(self, text: str, *, percent: bool, grouping: bool, names: Names | None, depth: int = 0) -> None:
        self.text = text
        self.percent = percent
        self.names = names
        self.tokens: list[Token] = Lexer(text, grouping, names).run()
        self.at = 0
        self.depth = depth
        self.closers: list[str] = []
        self.split = False
        self.glued = 0

    def fail(self, message: str, position: int) -> NoReturn:
        raise ExpressionError(message, self.text, position)

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def deeper(self, what: str = "brackets nested") -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"{what} more than {MAX_DEPTH} deep", self.token.position)

    def take(self, *signs: str) -> str | None:
        token = self.tokens[self.at]
        if token.kind != "sign" or token.text not in signs:
            return None
        self.at += 1
        return token.text

    def whole(self) -> Tree:
        tree = self.sum()
        if self.token.kind != "end":
            self._unexpected()
        return tree

    # Equations.

    def equation(self) -> Parsed:
        """A formula, or the right side of an equation; a condition behind a comma is left out."""
        last = self._trim()
        cuts, condition, cases = self._outline(last)
        dropped = ""
        if condition is not None:
            otherwise = self._otherwise(condition, last)
            if otherwise is not None:
                return self._either(cuts, condition, otherwise, last)
            start = self.tokens[condition + (self.tokens[condition].text == ",")].position
            dropped = self.text[start : self.tokens[last].position].strip(" ,.$")
            last = condition
            cuts = [cut for cut in cuts if cut < last]
        if cases is not None:  # relations inside cases are conditions
            cuts = [cut for cut in cuts if cut < cases]
        left = ""
        if cuts:
            first = self.tokens[: cuts[0]]
            left = key(first[0].text) if len(first) == 1 and first[0].kind == "name" else ""
        self._keep(cuts[-1] + 1 if cuts else 0, last)
        if self._boxed():
            inner = self.equation()
            return inner._replace(left=left or inner.left, dropped=dropped or inner.dropped)
        return Parsed(self.whole(), left, self.split, dropped)

    def _otherwise(self, condition: int, last: int) -> int | None:
        """Where `else` stands, in `a if x > 0 else b`.

        Raises:
            ExpressionError: there are several cases in another form.
        """
        comma = self.tokens[condition].text == ","
        for place in range(condition + 1 + comma, last):
            token = self.tokens[place]
            if token.kind not in ("name", "word"):
                continue
            words = {*re.findall("[a-z]+", _called(token.text).casefold())}
            if "else" in words and self.tokens[condition].text == "if":
                return place
            if words & {"else", "otherwise", "if", "for", "when"}:
                self.fail("several cases; write each on a line of its own, such as 2n if n < 3", token.position)
        return None

    def _either(self, cuts: list[int], condition: int, otherwise: int, last: int) -> Parsed:
        """`a if x > 0 else b`, as in Python."""
        self.deeper("cases nested")
        tokens, start = self.tokens, cuts[-1] + 1 if cuts else 0
        parts = ((start, condition), (condition + 1, otherwise), (otherwise + 1, last))
        first, between, rest = ([*tokens[a:b], Token("end", "", tokens[b].position)] for a, b in parts)
        self.tokens = first
        tree = self.whole()
        self.tokens, self.at = between, 0
        conditions = self.conditions()
        if self.token.kind != "end" or not conditions:
            self._unexpected()
        self.tokens, self.at = rest, 0
        return Parsed(Cases(((conditions, tree), ((), self.equation().tree))), split=self.split)

    def _keep(self, start: int, last: int) -> None:
        """Go on with some of the tokens only, without what says how equations stand below each other."""
        depth = 0
        kept = []
        for token in self.tokens[start:last]:
            if token.kind == "command" and token.text in ("begin", "end"):
                depth += 1 if token.text == "begin" else -1
            if depth or token.text not in ("&", "\\\\"):
                kept.append(token)
        self.tokens = [*kept, Token("end", "", self.tokens[last].position)]

    def _boxed(self) -> bool:
        r"""Whether all that is left stands in one `\boxed{…}`; go on with what is inside then."""
        tokens = self.tokens
        if len(tokens) < 4 or tokens[0].text not in ("boxed", "fbox") or tokens[0].kind != "command":
            return False
        if tokens[1].text != "{" or not self._one_bracket(tokens[1:-1]):
            return False
        self.deeper("boxes nested")
        self.tokens = [*tokens[2:-2], Token("end", "", tokens[-2].position)]
        return True

    def axes(self, count: int) -> list[tuple[int, int]]:
        """Where in the text each axis of a shape stands."""
        last = self._trim()
        cuts, _, _ = self._outline(last)
        self._keep(cuts[-1] + 1 if cuts else 0, last)
        while self._boxed() or self._bracketed():
            pass
        start, end = self.tokens[0].position, self.tokens[-1].position
        best = [(start, end)]
        for signs in _AXIS_SIGNS:
            between = self._outside([token for token in self.tokens[:-1] if self._written(token) in signs])
            starts = [start, *(token.position + len(self._written(token)) for token in between)]
            found = list(zip(starts, [*(token.position for token in between), end], strict=True))
            if len(found) == count:
                return found
            if len(found) > 1 and len(best) == 1 and "*" not in signs:
                best = found
        return best

    def _bracketed(self) -> bool:
        """Whether all that is left stands in one bracket; go on with what is inside then."""
        tokens = self.tokens
        if (
            tokens[0].text not in ("(", "[")
            or tokens[-2].text != OPEN[tokens[0].text]
            or not self._one_bracket(tokens[:-1])
        ):
            return False
        self.deeper()
        self.tokens = [*tokens[1:-2], Token("end", "", tokens[-2].position)]
        return True

    def _written(self, token: Token) -> str:
        """A sign as it stands in the text: `×`, or `\\times`."""
        if token.kind != "sign":
            return ""
        command = re.match(r"\\[A-Za-z]+", self.text[token.position : token.position + 20])
        return command[0] if command is not None else self.text[token.position]

    def _one_bracket(self, tokens: list[Token]) -> bool:
        """Whether the first bracket closes with the last token."""
        depth = 0
        for place, token in enumerate(tokens):
            if token.kind == "sign":
                depth += (token.text in OPEN) - (token.text in CLOSE)
            if depth == 0:
                return place == len(tokens) - 1
        return False

    def _outside(self, wanted: list[Token]) -> list[Token]:
        """Those of some tokens that stand outside all brackets."""
        depth = 0
        found = []
        places = {token.position for token in wanted}
        for token in self.tokens:
            if token.kind == "sign":
                depth += (token.text in OPEN) - (token.text in CLOSE)
                if depth == 0 and token.position in places:
                    found.append(token)
        return found

    def _trim(self) -> int:
        """How many tokens there are without a comma, a semicolon or a full stop at the end."""
        last = len(self.tokens) - 1
        while last and self._ends_sentence(self.tokens[last - 1]):
            last -= 1
        return last

    def _ends_sentence(self, token: Token) -> bool:
        if token.kind == "bad":
            return self.text[token.position] == "."
        return token.kind == "sign" and token.text in (",", ";")

    def _outline(self, last: int) -> tuple[list[int], int | None, int | None]:
        """The relations outside all brackets, where a condition behind the formula begins, and where cases begin."""
        depth = 0
        cuts: list[int] = []
        condition = cases = None
        for place, token in enumerate(self.tokens[:last]):
            if token.kind == "command" and token.text in ("begin", "end"):
                depth += 1 if token.text == "begin" else -1
                cases = place if cases is None else cases
            elif token.kind == "sign" and token.text in OPEN:
                depth += 1
            elif token.kind == "sign" and token.text in CLOSE:
                depth -= 1
            elif depth == 0 and place and self._qualifies(place, last):
                condition = place
                break
            elif depth == 0 and token.kind == "sign" and token.text in _EQUALS:
                cuts.append(place)
        return cuts, condition, cases

    def _qualifies(self, place: int, last: int) -> bool:
        """Whether a condition begins here (`, t = 1, …, L`, `for n ≥ 0`) that is no part of the formula."""
        token = self.tokens[place]
        if token.kind in ("name", "word"):
            return self._conditional(token, _CONDITIONAL)
        if token.kind != "sign" or token.text != "," or place + 2 >= last:
            return False
        first, second = self.tokens[place + 1 : place + 3]
        if first.kind == "name" and second.kind == "sign":
            return second.text in RELATIONS - {"⇒"} or second.text == "∈"
        return first.text == "∀" or (first.kind in ("name", "word") and self._conditional(first, _CONDITIONAL))

    def _conditional(self, token: Token, words: frozenset[str]) -> bool:
        """Whether a name is one of these words: no name that is known, and none glued together of letters that are."""
        if len(token.text) < 2 or self.names is None:
            return False
        word = re.sub(r"\\[A-Za-z]+|[{}_,:]", "", token.text) if "\\" in token.text else token.text
        if word.strip().casefold().partition(" ")[0] not in words:
            return False
        return not (key(token.text) in self.names.known or set(word.strip()) <= self.names.known)

    # Grammar.

    def _unexpected(self) -> NoReturn:
        token = self.token
        if token.kind == "sign" and token.text in CLOSE:
            self.fail(
                "this bracket closes nothing" if not self.closers else "something is missing before this bracket",
                token.position,
            )
        if token.kind == "sign" and token.text == ",":
            self.fail(self._comma(), token.position)
        if token.kind == "number":
            behind = self.at and self.tokens[self.at - 1].kind == "number"
            what = "two numbers side by side" if behind else "a number cannot stand behind this without a sign"
            self.fail(f"{what}; write the sign between them", token.position)
        if token.kind == "command" and token.text == "end":
            self.fail(r"\end without its \begin", token.position)
        message = (
            token.text if token.kind == "bad" else _UNEXPECTED.get(token.text if token.kind == "sign" else token.kind)
        )
        self.fail(message or f"{quoted(_shown(token))} cannot stand here", token.position)

    def _comma(self) -> str:
        if self.names is None:
            return f"{_COMMA}, thousands in groups of three"
        numbers = self.at and {self.tokens[self.at - 1].kind, self.tokens[self.at + 1].kind} == {"number"}
        return (
            f"{_COMMA}, thousands without commas" if numbers else "a comma cannot stand here; one formula is expected"
        )

    def sum(self) -> Tree:
        self.deeper()
        tree = self.product()
        while sign := self.take("+", "-"):
            tree = Binary(sign, tree, self.product())
        self.depth -= 1
        return tree

    def product(self) -> Tree:
        tree = self.signed()
        divided = False
        floors = 0
        while True:
            if sign := self.take("*", "/", "x", "@", "//"):
                divided = sign == "/"
                if sign == "//":  # as in Python, floor of the quotient
                    floors += 1
                    if floors > MAX_DEPTH:
                        self.fail("too many divisions in a row", self.token.position)
                    name = Name("floor", "floor", self.token.position)
                    tree = Call(name, (Binary("/", tree, self.signed()),))
                else:
                    tree = Binary("*" if sign == "x" else sign, tree, self.signed())
            elif self._starts():
                self.split = self.split or divided
                tree = Binary("*", tree, self.power(), bare=True)
            else:
                return tree

    def _starts(self) -> bool:
        """Whether a factor without a sign before it starts here."""
        token = self.token
        if token.kind == "name":
            return not self._conditional(token, _JOINING)
        if token.kind == "command":
            return token.text not in ("end",)
        if token.kind != "sign":
            return False
        if token.text in ("|", "‖"):
            self._part_bars()
            return not self.closers or self.closers[-1] != self.token.text
        return token.text in ("(", "√", "[", "{", "⌊", "⌈")

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
        return self.raised(self.suffixed())

    def raised(self, base: Tree) -> Tree:
        """The base with the exponents that follow it, if any do."""
        start = self.at
        while True:
            token = self.token
            if self.at - start > MAX_DEPTH:
                self.fail("too many signs in a row", token.position)
            if token.kind == "super":
                self.at += 1
                base = Suffix("T", base) if token.text == "ᵀ" else Binary("^", base, self._superscript(token))
            elif not self.take("^", "**"):
                return base
            elif self._transposes(base):
                base = Suffix("T", base)
            else:
                self.deeper("powers nested")
                right = self.signed()
                self.depth -= 1
                return Binary("^", base, right)

    def _superscript(self, token: Token) -> Tree:
        """What small raised signs say: `⁻¹`, `ⁿ⁻¹`."""
        text = token.text.translate(SUPERSCRIPTS)
        if text.isdigit() and len(text) <= MAX_DIGITS:
            return Number(Fraction(text), text)
        (inner,) = self._apart(text, token.position)
        return inner

    def _apart(self, text: str, position: int) -> list[Tree]:
        """Formulas inside an index or an exponent, with commas between."""
        try:
            parser = _Parser(text, percent=False, grouping=False, names=self.names, depth=self.depth)
            found = [parser.sum()]
            while parser.take(","):
                found.append(parser.sum())
            if parser.token.kind != "end":
                parser._unexpected()
        except ExpressionError as error:
            self.fail(error.message, position + error.position)
        return found

    def _transposes(self, base: Tree) -> bool:
        """Whether the exponent here is the sign of the transpose, and step over it."""
        following = self.tokens[self.at : self.at + 3]
        braced = len(following) == 3 and (following[0].text, following[2].text) == ("{", "}")
        token = following[1] if braced else following[0]
        if token.text != "⊤" and not (token.kind == "name" and self._is_transpose(token, base)):
            return False
        self.at += 3 if braced else 1
        return True

    def _is_transpose(self, token: Token, base: Tree) -> bool:
        """Whether `^T` is the transpose: T is no known name, or its base is an array."""
        if self.names is None or key(token.text) != "T":
            return False
        return "T" not in self.names.known or any(name.key in self.names.arrays for name in names_in(base))

    def suffixed(self) -> Tree:
        tree = self.atom()
        start = self.at
        while self.token.kind == "sign" and (self.token.text == "!" or (self.percent and self.token.text == "%")):
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
            return self._resolved(token)
        if token.kind == "command":
            return self._commanded(token)
        if token.kind == "sign":
            if token.text == "√":
                self.deeper("roots nested")
                inner = self.atom()
                self.depth -= 1
                return Call(Name("sqrt", "√", token.position), (inner,))
            if token.text in ("(", "{"):
                if self.token.text == "begin" and self.text.startswith(("\\{", "\\lbrace"), token.position):
                    return self._braced_cases()
                return self._closed(token, OPEN[token.text])
            if token.text == "[":
                return self._list(token)
            if token.text in ("⌊", "⌈"):
                name = "floor" if token.text == "⌊" else "ceil"
                return Call(Name(name, name, token.position), (self._closed(token, OPEN[token.text]),))
            if token.text == "|":
                return Call(Name("abs", "abs", token.position), (self._closed(token, "|"),))
            if token.text == "‖" and self._two_bars(token):
                return self.atom()
            if token.text == "‖":
                inner = self._closed(token, "‖")
                return Call(Name(self._norm(), "norm", token.position), (inner,))
        self.at -= 1
        return self._unexpected()

    def _closed(self, opened: Token, closer: str) -> Tree:
        """What stands up to the closing bracket."""
        if self.token.kind == "sign" and self.token.text == closer and closer not in "|‖":
            self.fail("nothing stands between these brackets", self.token.position)
        self.closers.append(closer)
        tree = self.sum()
        self._close(opened, closer)
        return tree

    def _two_bars(self, token: Token) -> bool:
        """Take `||` as two bars where a single bar closes behind it: `||x| - |y||`."""
        if self.text[token.position : token.position + 2] != "||":
            return False
        for place in range(self.at, len(self.tokens)):
            if self.tokens[place].text == "|":
                before = self.tokens[place - 1]
                closes = before.kind in ("name", "number", "super") or before.text in (*CLOSE, "!")
                break
            if self.tokens[place].text == "‖":
                return False
        else:
            return False
        if closes:
            self.at -= 1
            self.tokens[self.at : self.at + 1] = [Token("sign", "|", token.position + i) for i in (0, 1)]
        return closes

    def _part_bars(self) -> None:
        """Take `||` as two bars where one is open: `|x||y|`."""
        token = self.token
        if token.text == "‖" and self.closers[-1:] == ["|"] and self.text[token.position : token.position + 2] == "||":
            self.tokens[self.at : self.at + 1] = [Token("sign", "|", token.position + i) for i in (0, 1)]

    def _close(self, opened: Token, closer: str) -> None:
        self._part_bars()
        if not self.take(closer):
            if self.token.kind == "end":
                self.fail(f"this {'bar' if closer in '|‖' else 'bracket'} is not closed", opened.position)
            if self.token.kind == "sign" and self.token.text in CLOSE:
                self.fail(f"expected {quoted(closer)} to close {quoted(opened.text)}", self.token.position)
            self._unexpected()
        self.closers.pop()

    def _norm(self) -> str:
        """Which norm a subscript behind the closing bars names."""
        if self.token.text != "_":
            return "norm"
        self.at += 1
        text = self.token.text
        if self.token.text == "{":
            self.at += 1
            text = self.token.text
            while not self.take("}"):
                if self.token.kind == "end":
                    self.fail("this brace is not closed", self.token.position)
                self.at += 1
        else:
            self.at += 1
        kinds = {"2": "norm2", "F": "norm", "RMS": "rms", "rms": "rms"}
        if key(text) not in kinds:
            self.fail("no such norm; expected 2, F or RMS", self.tokens[self.at - 1].position)
        return kinds[key(text)]

    def _list(self, opened: Token) -> Tree:
        """`[a, b]`, `[a, b; c, d]`; a single entry in square brackets is that entry."""
        if self.token.text == "]":
            self.fail("nothing stands between these brackets", self.token.position)
        self.deeper()
        self.closers.append("]")
        rows: list[list[Tree]] = [[]]
        while True:
            rows[-1].append(self.sum())
            if sign := self.take(",", ";"):
                if sign == ";":
                    rows.append([])
                continue
            break
        self._close(opened, "]")
        self.depth -= 1
        if len(rows) > 1:
            column = all(len(row) == 1 for row in rows)
            return List(tuple(row[0] if column else List(tuple(row)) for row in rows))
        if len(rows[0]) == 1 and not _is_row(rows[0][0]):
            return rows[0][0]
        return List(tuple(rows[0]))

    # LaTeX.

    def _commanded(self, token: Token) -> Tree:
        self.deeper("commands nested")
        tree = self._command(token, token.text)
        self.depth -= 1
        return tree

    def _command(self, token: Token, name: str) -> Tree:
        if name.endswith("frac"):
            return Binary("/", self._group(), self._group())
        if name == "sqrt":
            root: Tree | None = None
            if self.token.text == "[":
                opened = self.token
                self.at += 1
                root = self._closed(opened, "]")
            inner = self._group()
            if root is None:
                return Call(Name("sqrt", "√", token.position), (inner,))
            return Binary("^", inner, Binary("/", Number(Fraction(1), "1"), root))
        if name == "begin":
            return self._environment(token)
        if name == "end":
            self.at -= 1
            self._unexpected()
        tree = self._group()
        if name in ("underbrace", "overbrace") and self.take("_", "^"):  # what is written below or above it
            self._skip_group()
        return tree

    def _skip_group(self) -> None:
        opened = self.token
        self.at += opened.kind != "end"
        depth = int(opened.text == "{")
        while depth:
            if self.token.kind == "end":
                self.fail("this brace is not closed", opened.position)
            depth += (self.token.text == "{") - (self.token.text == "}")
            self.at += 1

    def _group(self) -> Tree:
        r"""One argument of a command: a group in braces, or a single sign (`\frac12`)."""
        token = self.token
        if token.text == "{" and token.kind == "sign":
            self.at += 1
            self.deeper()
            tree = self._closed(token, "}")
            self.depth -= 1
            return tree
        if token.kind == "number" and token.text.isdigit():
            self.at += 1
            if len(token.text) > 1:
                self.at -= 1
                self.tokens[self.at] = Token("number", token.text[1:], token.position + 1)
            return Number(Fraction(token.text[0]), token.text[0])
        return self.atom()

    def _braced_cases(self) -> Tree:
        r"""Cases as an array behind a brace that is not closed: `\left\{ \begin{array}{ll} … \end{array} \right.`."""
        token = self.token
        self.at += 1
        name = self._environment_name()
        if name == "array":
            self._columns(token)
        tree = self._cases(token, name)
        self.take(")")
        return tree

    def _columns(self, token: Token) -> None:
        """Step over the columns of an array, `{ll}`."""
        if self.token.text == "{":
            while not self.take("}"):
                if self.token.kind == "end":
                    self.fail("this brace is not closed", token.position)
                self.at += 1

    def _environment(self, token: Token) -> Tree:
        name = self._environment_name()
        if name in ("cases", "dcases", "rcases"):
            return self._cases(token, name)
        if not re.fullmatch("[bpvBV]?matrix|array|smallmatrix", name):
            self.fail(f"the environment {quoted(name)} is not read here; write it out in plain signs", token.position)
        if name == "array":
            self._columns(token)
        self.deeper()
        self.closers.append("end")
        rows: list[list[Tree]] = [[]]
        while not self._ends(name, token):
            if self.take("\\\\"):
                rows.append([])
            elif not self.take("&"):
                rows[-1].append(self.sum())
        self.closers.pop()
        self.depth -= 1
        rows = [row for row in rows if row]
        if not rows:
            self.fail("an empty matrix", token.position)
        return List(tuple(List(tuple(row)) for row in rows))

    def _environment_name(self) -> str:
        letters = ""
        if not self.take("{"):
            self.fail("expected the name of an environment in braces", self.token.position)
        while not self.take("}"):
            if self.token.kind == "end":
                self.fail("this brace is not closed", self.token.position)
            letters += self.token.text
            self.at += 1
        return letters

    def _ends(self, name: str, opened: Token) -> bool:
        if self.token.kind == "end":
            self.fail(rf"\end{{{name}}} is missing", opened.position)
        if self.token.kind != "command" or self.token.text != "end":
            return False
        self.at += 1
        if self._environment_name() != name:
            self.fail(rf"expected \end{{{name}}}", self.tokens[self.at - 1].position)
        return True

    def _cases(self, token: Token, name: str) -> Tree:
        self.deeper()
        self.closers.append("end")
        branches: list[tuple[tuple[Condition, ...], Tree]] = []
        while not self._ends(name, token):
            if self.take("\\\\"):
                continue
            tree = self.sum()
            while self.take(",", "&", ";"):
                pass
            conditions = self.conditions()
            while self.take(",", "&", ";"):
                pass
            branches.append((conditions, tree))
        self.closers.pop()
        self.depth -= 1
        if not branches:
            self.fail("no case at all", token.position)
        return Cases(tuple(branches))

    # Conditions.

    def conditions(self) -> tuple[Condition, ...]:
        """`0 <= n <= 6`, `n >= 7 and n < 9`, `n = 0, 1, …, 6`; nothing for `otherwise`."""
        begun = self._words("if", "for", "when", "where", "and")
        if self._words("otherwise", "else", "elsewhere", "default", "otherwise.") or (not begun and self._case_ends()):
            return ()
        found = [self._condition()]
        while self.take("∧", ",") or self._words("and"):
            if self._case_ends():
                break
            if self._listed(found):
                continue
            found.append(self._condition())
        if self._words("or") or self.take("∨"):
            self.fail("write one line for each case instead of joining them with or", self.tokens[self.at - 1].position)
        return tuple(found)

    def _case_ends(self) -> bool:
        token = self.token
        return token.kind == "end" or token.text == "\\\\" or (token.kind == "command" and token.text == "end")

    def _listed(self, found: list[Condition]) -> bool:
        """`n = 0, 1, …, 6` is 0 ≤ n ≤ 6: take the last of the numbers that are listed behind the equals sign."""
        tail = [token.text for token in self.tokens[self.at :]]
        last = found[-1]
        dots = "…" in tail[:12] or last.signs[-1] == "…"
        if last.signs[-1] not in ("=", "…") or not dots:
            return False
        if self.take("…"):
            self.take(",")
            if self.token.kind == "end" or self.token.text == "\\\\":
                found[-1] = Condition((last.sides[0], last.sides[1]), ("≥",))
                return True
            end = self.sum()
            found[-1] = Condition((last.sides[1], last.sides[0], end), ("≤", "≤"))
            return True
        self.sum()
        return True

    def _words(self, *words: str) -> bool:
        taken = False
        while self.token.kind in ("name", "word"):
            text = re.sub(r"\\[a-z]+|[{}]", "", self.token.text).strip(" .,:").casefold()
            if text not in words or (self.names is not None and key(self.token.text) in self.names.known):
                break
            self.at += 1
            taken = True
        return taken

    def _condition(self) -> Condition:
        sides = [self.sum()]
        signs: list[str] = []
        while sign := self.take("≤", "≥", "<", ">", "=", "≠", "≈"):
            signs.append("=" if sign == "≈" else sign)
            sides.append(self.sum())
        if not signs:
            self.fail("expected a condition such as 0 <= n <= 6", self.token.position)
        return Condition(tuple(sides), tuple(signs))

    # Names.

    def _resolved(self, token: Token) -> Tree:
        """A name: a function with its argument, an entry of an array, one name, or several glued together."""
        whole = key(token.text)
        name = Name(whole, token.text, token.position)
        bracket = self.token.text if self.token.kind == "sign" else ""
        if self.names is None:
            if bracket == "(":
                return Call(name, self._arguments())
            return (self._function(whole, token) if self._bare_function(whole, token) else None) or name
        if whole in self.names.functions:
            if bracket == "(":
                return Call(name, self._arguments())
            return Call(name, (self._argument(),))
        if whole in self.names.known:
            if bracket == "[" and whole in self.names.arrays:
                return self._indexed(name)
            return name
        if whole in ("ln", "lg") and set(whole) <= self.names.known:  # l n (m + o), where l and n are sizes
            self.split = True
            return self._unglued(token) or name
        function = self._function(whole, token)
        if function is not None:
            return function
        if whole in CONSTANTS:
            return name
        return self._unglued(token) or self._entry(token) or self._unknown(token, whole)

    def _bare_function(self, whole: str, token: Token) -> bool:
        """Whether a name that is not looked up is a function with its argument behind it: `ln 2`."""
        if function_key(whole) not in BARE_FUNCTIONS or not token.text.isascii():
            return False
        return self.token.kind in ("name", "number", "super", "command") or self.token.text in ("√", "^", "**")

    def _unknown(self, token: Token, whole: str) -> NoReturn:
        assert self.names is not None
        text = _called(token.text)
        if whole in self.names.hidden:
            self.fail(self.names.hidden[whole], token.position)
        base = re.split(r"[_.{]", text)[0]
        if text.endswith("'") and function_key(key(text.rstrip("'"))):
            self.fail(f"the derivative {quoted(text)} is not read here; write it out", token.position)
        if function_key(key(base)) and base != text:
            self.fail(f"no function {quoted(text)}", token.position)
        if not self.names.shown:
            self.fail(f"unknown name {quoted(text)}; a number is expected here", token.position)
        if self.token.text == "(" and self.token.kind == "sign" and len(whole) > 1:
            near = suggestion(text, [*sorted(FUNCTIONS), *self.names.shown])
            self.fail(f"no function {quoted(text)}{near if 'mean' in near else ''}", token.position)
        self.fail(
            f"unknown name {quoted(text)}{suggestion(re.sub('[{}]', '', without_commands(text)), self.names.shown)}",
            token.position,
        )

    def _function(self, whole: str, token: Token) -> Tree | None:
        """A function that every formula may use, with its argument."""
        base = function_key(whole)
        logarithm = re.fullmatch(r"(?:log|lg)_?\{?([0-9]+|[A-Za-z])\}?", token.text) if not base else None
        radix: Tree | None = None
        if logarithm is not None:
            base = {"2": "log2", "10": "log10", "e": "ln"}.get(logarithm[1], "log")
            if base == "log":
                radix = Number(Fraction(logarithm[1]), logarithm[1]) if logarithm[1].isdigit() else None
                if radix is None:
                    return None
        if not base:
            return None
        name = Name(base, token.text if radix is None else "log", token.position)
        exponent = None
        if self.token.kind == "super" or (self.token.kind == "sign" and self.token.text in ("^", "**")):
            marked = self.raised(Number(Fraction(0), "0"))
            exponent = marked.right if isinstance(marked, Binary) else None
            if isinstance(exponent, Sign) or exponent is None:
                self.fail("write the inverse of a function out", token.position)
        if self.token.kind == "sign" and self.token.text in ("(", "[", "{"):
            arguments = self._arguments()
            self._counted(base, len(arguments), token)
            call: Tree = Call(name, arguments)
        elif base in BARE_FUNCTIONS and (self.token.kind == "number" or self._starts()):
            call = Call(name, (self._argument(),))
        else:
            self.fail(f"{quoted(_called(token.text))} is a function; write its argument in brackets", token.position)
        if radix is not None:
            call = Binary("/", call, Call(Name("log", "log", token.position), (radix,)))
        return call if exponent is None else Binary("^", call, exponent)

    def _counted(self, base: str, count: int, token: Token) -> None:
        """Refuse a function that every formula may use where it has too few or too many arguments."""
        wanted = 2 if base == "outer" else 1
        if count == wanted or base in MANY_ARGUMENTS:
            return
        if base == "log":
            self.fail("write the base of a logarithm as log_2(x) or log2(x)", token.position)
        takes = "one argument" if wanted == 1 else "two arguments"
        self.fail(f"{quoted(_called(token.text))} takes {takes}, not {count}", token.position)

    def _argument(self) -> Tree:
        """An argument without brackets: factors side by side, up to a sign or another function (`n log n`, `ln 2x`)."""
        self.deeper("functions nested")
        tree = self.power()
        while self._starts() and not (self.token.kind == "name" and function_key(key(self.token.text))):
            tree = Binary("*", tree, self.power(), bare=True)
        self.depth -= 1
        return tree

    def _arguments(self) -> tuple[Tree, ...]:
        opened = self.token
        closer = OPEN[opened.text]
        self.at += 1
        self.closers.append(closer)
        if self.token.text == closer and self.token.kind == "sign":
            self.fail("nothing stands between these brackets", self.token.position)
        arguments = [self.sum()]
        while self.take(",", ";"):
            arguments.append(self.sum())
        self._close(opened, closer)
        return tuple(arguments)

    def _indexed(self, name: Name) -> Tree:
        places = self._arguments()
        return Index(name, places)

    def _entry(self, token: Token) -> Tree | None:
        """`w_{n-i+1}` and `x_1` where w and x are arrays."""
        assert self.names is not None
        match = re.fullmatch(r"(?s)([^_]+)_(?:\{(.*)\}|([^{}]*))", token.text)
        base = key(match[1]) if match is not None else ""
        digits = re.fullmatch(r"(\D+)(\d+)", key(token.text)) if match is None else None
        if digits is not None and digits[1] in self.names.arrays:
            base, inner, offset = digits[1], digits[2], len(token.text) - len(digits[2])
        elif match is not None and base in self.names.arrays:
            inner = match[2] if match[2] is not None else match[3]
            offset = match.start(2) if match[2] is not None else match.start(3)
        else:
            return None
        places = self._apart(inner, token.position + offset)
        return Index(Name(base, token.text, token.position), tuple(places))

    def _unglued(self, token: Token) -> Tree | None:
        """Known names glued together, where there is exactly one way to take them apart."""
        assert self.names is not None
        text = token.text
        if not 2 <= len(text) <= MAX_GLUED:
            return None
        power = self.token.kind == "super" or self.token.text in ("^", "**")
        ways = self._ways(text, frozenset("π"), power) or self._ways(text, BARE_FUNCTIONS | {"π"}, power)
        if not ways:
            return None
        if len(ways) > 1:
            one, other = (" ".join(text[a:b] for a, b in pairwise(way)) for way in ways[:2])
            self.fail(f"{quoted(text)} can be read as {one} or as {other}; put blanks between", token.position)
        pieces = [Token("name", text[a:b], token.position + a) for a, b in pairwise(ways[0])]
        self.tokens[self.at - 1 : self.at] = pieces  # each goes on as if it had been written apart
        return self._resolved(pieces[0])

    def _ways(self, text: str, more: Set[str], power: bool) -> list[tuple[int, ...]]:
        """Where to cut a text into two or more names, in up to two ways; e only where a power follows it."""
        end = len(text)
        inside = {
            place
            for command in re.finditer(r"\\[A-Za-z]+", text)
            for place in range(command.start() + 1, command.end())
        }
        ways: dict[int, list[tuple[int, ...]]] = {end: [(end,)]}
        for start in range(end - 1, -1, -1):
            if text[start] in "_.'{}" or start in inside:
                continue
            found: list[tuple[int, ...]] = []
            for stop in sorted(ways):
                if start == 0 and stop == end:
                    continue
                piece = text[start:stop]
                if self._is_piece(piece, more) or (piece == "e" and stop == end and power):
                    found += [(start, *way) for way in ways[stop]]
            if found:
                ways[start] = found[:2]
        return ways.get(0, [])

    def _is_piece(self, piece: str, more: Set[str]) -> bool:
        assert self.names is not None
        self.glued += 1
        if self.glued > MAX_TRIES:
            self.fail("too many letters glued together; put blanks between the names", self.token.position)
        if piece[-1] == "_" or piece.count("{") != piece.count("}"):
            return False
        whole = key(piece)
        if whole in self.names.known or whole in more:
            return True
        return whole[-1:].isdigit() and whole.rstrip("0123456789") in self.names.arrays


def _is_row(tree: Tree) -> bool:
    return isinstance(tree, List) and not all(isinstance(item, List) for item in tree.items)


def _called(text: str) -> str:
    r"""A name as a message calls it: what stands in `\text{…}` alone."""
    match = re.fullmatch(r"\\(?:text|mathrm|mathbf|operatorname)\*?\s*\{\s*([^{}]*?)\s*\}", text)
    return match[1] if match is not None else text


def _shown(token: Token) -> str:
    return "\\" + token.text if token.kind == "command" else token.text


def _literal(text: str) -> Fraction:
    return Fraction(re.sub(r"[,\s\u00a0\u2009\u202f]", "", text).removesuffix("."))


def parse(text: str, *, percent: bool = False, grouping: bool = False, names: Names | None = None) -> Tree:
    """The tree of a formula.

    `percent` reads a percent sign behind a number as a hundredth; `grouping` reads `5,146,011` and `5 146 011` as one
    number. `names` are those that are known; without them every name stands for itself.

    Raises:
        ExpressionError: with the place and one sentence.
    """
    return _Parser(text, percent=percent, grouping=grouping, names=names).whole()


def read(text: str, names: Names, *, percent: bool = False) -> Parsed:
    """The formula that a person wrote: alone, or as the right side of an equation, in plain text or LaTeX.

    Raises:
        ExpressionError: with the place and one sentence.
    """
    return _located(text, lambda plain: _Parser(plain, percent=percent, grouping=False, names=names).equation())


def read_axes(text: str, count: int, names: Names) -> list[Parsed]:
    """The formulas of a shape, `W_out × H_out × F` or `(W, H, F)`; `count` is how many axes are asked.

    Signs of multiplication part the axes, also behind a sum that has no brackets (`⌊…⌋+1 × ⌊…⌋+1 × F`); a `*` only where
    that makes as many axes as are asked.
    """

    def axes(plain: str) -> list[Parsed]:
        if "x" not in names.known:
            plain = re.sub(r"(?<=[\s)\]}⌋⌉0-9])[xX](?=[\s(\[{\\⌊⌈0-9])", "×", plain)
        parser = _Parser(plain, percent=False, grouping=False, names=names)
        pieces = parser.axes(count)
        return [
            _Parser(" " * start + plain[start:end], percent=False, grouping=False, names=names).equation()
            for start, end in pieces
        ]

    return _located(text, axes)


def read_conditions(text: str, names: Names) -> tuple[Condition, ...]:
    """A condition of a piecewise answer, `0 <= n <= 6`; nothing for `otherwise`."""

    def conditions(plain: str) -> tuple[Condition, ...]:
        parser = _Parser(plain, percent=False, grouping=False, names=names)
        found = parser.conditions()
        if parser.token.kind != "end":
            parser._unexpected()
        return found

    return _located(text, conditions)


Found = TypeVar("Found")


def _located(text: str, parser: Callable[[str], Found]) -> Found:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"longer than {MAX_LENGTH:,} characters", text, 0)
    try:
        return parser(unwrapped(text))
    except ExpressionError as error:
        raise ExpressionError(error.message, text, error.position) from None


def names_in(tree: Tree) -> Iterator[Name]:
    """Every name of a formula, also those of functions and arrays."""
    if isinstance(tree, Name):
        yield tree
    elif isinstance(tree, Sign | Suffix):
        yield from names_in(tree.inner)
    elif isinstance(tree, Binary):
        while isinstance(tree, Binary):  # a long sum leans to the left, deeper than Python may call
            yield from names_in(tree.right)
            tree = tree.left
        yield from names_in(tree)
    elif isinstance(tree, Call):
        yield tree.name
        for argument in tree.arguments:
            yield from names_in(argument)
    elif isinstance(tree, Index):
        yield tree.name
        for place in tree.places:
            yield from names_in(place)
    elif isinstance(tree, List):
        for item in tree.items:
            yield from names_in(item)
    elif isinstance(tree, Cases):
        for conditions, inner in tree.branches:
            for condition in conditions:
                for side in condition.sides:
                    yield from names_in(side)
            yield from names_in(inner)


# Printing.

_TIGHTNESS = {"+": 1, "-": 1, "*": 2, "/": 2, "@": 2, "^": 4}


Show = Callable[[str, str], str | None]


def render(tree: Tree, show: Show = lambda _key, _text: None, *, bare: bool = False) -> str:
    """A tree as text, with products written `·`; `bare` keeps products without a sign as they are.

    `show` may put text in the place of a name, given its key and its text; "" in the place of a function drops it and
    keeps its argument (the identity is not written).
    """
    return _rendered(tree, show, bare, 0)


def _rendered(tree: Tree, show: Show, bare: bool, around: int) -> str:
    if isinstance(tree, Number):
        return tree.text
    if isinstance(tree, Name):
        shown = show(tree.key, tree.text)
        if shown is None:
            return tree.text
        return f"({shown})" if shown[:1] in "-−" and around else shown
    if isinstance(tree, Suffix):
        if tree.sign == "T":
            text = f"{_rendered(tree.inner, show, bare, 5)}^T"
            return f"({text})" if around == 5 else text
        return f"{_rendered(tree.inner, show, bare, 5)}{tree.sign}"
    if isinstance(tree, Sign):
        text = tree.sign + _rendered(tree.inner, show, bare, 3)
        return f"({text})" if around >= 2 else text
    if isinstance(tree, Call):
        name = tree.name.text
        shown = show(tree.name.key, name)
        inner = ", ".join(_rendered(argument, show, bare, 0) for argument in tree.arguments)
        if shown == "":
            return f"({inner})" if around else inner
        sign = " · " if shown and not shown[-1].isalpha() else ""
        return f"{shown or name}{sign}({inner})"
    if isinstance(tree, Index):
        places = ", ".join(_rendered(place, show, bare, 0) for place in tree.places)
        return f"{tree.name.text if '_' not in tree.name.text else tree.name.key}[{places}]"
    if isinstance(tree, List):
        return "[" + ", ".join(_rendered(item, show, bare, 0) for item in tree.items) + "]"
    if isinstance(tree, Cases):
        return "; ".join(
            f"{_rendered(inner, show, bare, 0)} {_condition_text(conditions, show, bare)}"
            for conditions, inner in tree.branches
        )
    return _rendered_chain(tree, show, bare, around)


def _rendered_chain(tree: Binary, show: Show, bare: bool, around: int) -> str:
    """A chain of operators that leans to the left, which may be deeper than Python may call."""
    chain = [(tree, around)]
    while isinstance(left := (last := chain[-1][0]).left, Binary):
        chain.append((left, _TIGHTNESS[last.sign] + (last.sign == "^")))
    text = _rendered(last.left, show, bare, _TIGHTNESS[last.sign] + (last.sign == "^"))
    for binary, outside in reversed(chain):
        tight = _TIGHTNESS[binary.sign]
        right = _rendered(binary.right, show, bare, tight + 1 if binary.sign != "^" else 3)
        glued = binary.bare and bare and not re.match(r"[-+0-9.]", right)
        sign = {"*": " " if glued else " · ", "/": "/", "^": "^"}.get(binary.sign, f" {binary.sign} ")
        text = f"{text}{sign}{right}"
        if tight < outside:
            text = f"({text})"
    return text


def _condition_text(conditions: tuple[Condition, ...], show: Show, bare: bool) -> str:
    def one(condition: Condition) -> str:
        text = _rendered(condition.sides[0], show, bare, 0)
        for sign, side in zip(condition.signs, condition.sides[1:], strict=True):
            text += f" {sign} {_rendered(side, show, bare, 0)}"
        return text

    return f"if {' and '.join(map(one, conditions))}" if conditions else "otherwise"
