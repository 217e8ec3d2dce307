r"""Formulas as people write them: text → tree → text. Nothing is ever handed to Python's own `eval`.

Precedence, from loose to tight:

    sum          a + b, a - b
    product      a * b, a / b, a @ b, and a product without a sign: `2 c d` (all alike, from the left)
    sign         -a, +a
    power        a ^ b, a ** b, a², a^T, from the right: -2^2 is -4, 2^-1 is 0.5
    suffix       a!, and a% where a percentage is asked
    atom         number, name, f(x), log n, √x, (a), [a, b], |a|, ⌊a⌋, w[n-i+1], \frac{a}{b}

Names may have subscripts: `d_out`, `d_{out}`, `h_{t-1}`; underscores and braces do not count, letter case does, and a
Greek letter is its name (`sigma_x` is `σ_x`). Where the names are known, glued letters are split if there is exactly one
way (`lmn` is l m n), and a known name before a bracket multiplies. LaTeX is read as what it prints. Of an equation the
right side counts. Length, depth and digits are bounded, so that a hostile text costs no time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple, NoReturn, TypeVar

from hwcheck.words import quoted, suggestion

MAX_LENGTH = 2_000
MAX_DEPTH = 40
MAX_DIGITS = 400


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


# Names.

GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi "
        "chi psi omega".split(),
        "αβγδεζηθικλμνξοπρστυφχψω",
        strict=True,
    )
)
GREEK |= {name.capitalize(): sign.upper() for name, sign in GREEK.items()}
_VARIANTS = str.maketrans("ϕϵϑϱµℓ₀₁₂₃₄₅₆₇₈₉₊₋", "φεθρμl0123456789+-")
_FONTS = (
    "text", "mathrm", "mathbf", "mathit", "mathsf", "mathcal", "mathbb", "operatorname", "boldsymbol", "bm", "vec", "rm", "bf",
    "textbf", "textit", "textrm", "hat", "bar", "tilde", "mathop", "ensuremath",
)  # fmt: skip


@lru_cache(maxsize=4096)
def key(name: str) -> str:
    r"""A name as it is compared: `C_1`, `C1`, `C_{1}` and `C.1` are one, and so are `sigma_x`, `\sigma_x` and `σ_x`.

    >>> key("d_{\\text{out}}"), key("sigma_x") == key("σ_x")
    ('dout', True)
    """
    if "\\" in name:
        name = re.sub(rf"\\(?:{'|'.join(_FONTS)})(?![A-Za-z])\s*", "", name)
        name = re.sub(r"\\(?:var)?([A-Za-z]+)", r"\1", name)
    pieces = re.split(r"([A-Za-z]+)", name)
    letters = "".join(GREEK.get(piece, piece) for piece in pieces)
    return re.sub(r"[_{}.\s]", "", letters.translate(_VARIANTS))


class Names(NamedTuple):
    """The names that a formula may use, by key.

    `arrays` may be followed by an index, `functions` by arguments in brackets; `shown` is how suggestions call each name,
    and `hidden` why a name that exists may not be used here.
    """

    known: Set[str]
    arrays: Set[str] = frozenset()
    functions: Set[str] = frozenset()
    shown: tuple[str, ...] = ()
    hidden: Mapping[str, str] = {}


FUNCTIONS = frozenset(
    "sqrt exp log ln log2 log10 sin cos tan tanh sinh cosh arctan sigmoid relu floor ceil round abs min max sign sum "
    "mean norm prod H heaviside step diag transpose concat outer softmax inv det O Θ Ω".split()
)
"""The functions that every formula may use."""
_BARE_FUNCTIONS = frozenset("sqrt exp log ln log2 log10 sin cos tan tanh sinh cosh arctan sigmoid relu".split())
"""Those whose argument may stand without brackets."""
_SAME = {"σ": "sigmoid", "ReLU": "relu", "lg": "log2", "ceiling": "ceil", "sgn": "sign", "Diag": "diag", "atan": "arctan", "Heaviside": "heaviside", "vstack": "concat", "Sigmoid": "sigmoid",
         "Softmax": "softmax", "Log": "log", "Max": "max", "Min": "min"}  # fmt: skip
CONSTANTS = frozenset(("π", "e"))


def function_key(name: str) -> str:
    """The function that a key stands for where it is no known name; empty where it is none."""
    found = _SAME.get(name, name)
    return found if found in FUNCTIONS else ""


# Tokens.

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SIGNS = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/", "⊙": "*",
                        "∘": "*", "•": "*", "≤": "≤", "⩽": "≤", "⩾": "≥", "′": "'", "’": "'", "⟨": "(", "⟩": ")", "＝": "="})  # fmt: skip
_LETTER = "A-Za-zα-ωΑ-Ωϕϵϑϱµℓ∂∇"
_COMMANDS = {
    "cdot": "*", "times": "*", "ast": "*", "odot": "*", "circ": "*", "div": "/", "le": "≤", "leq": "≤", "leqslant": "≤",
    "lt": "<", "ge": "≥", "geq": "≥", "geqslant": "≥", "gt": ">", "ne": "≠", "neq": "≠", "approx": "≈", "equiv": "=",
    "coloneqq": "=", "sim": "≈", "propto": "≈", "Rightarrow": "⇒", "implies": "⇒", "to": "⇒", "rightarrow": "⇒",
    "therefore": "⇒", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "lvert": "|", "rvert": "|", "mid": "|",
    "vert": "|", "lVert": "‖", "rVert": "‖", "Vert": "‖", "lbrace": "(", "rbrace": ")", "langle": "(", "rangle": ")",
    "top": "⊤", "intercal": "⊤", "lbrack": "[", "rbrack": "]", "dots": "…", "ldots": "…", "cdots": "…", "infty": "∞",
    "{": "(", "}": ")", "|": "‖", "%": "%", "land": "∧", "wedge": "∧", "lor": "∨", "vee": "∨",
}  # fmt: skip
_SPACES = frozenset(
    "left right big Big bigl bigr Bigl Bigr bigg Bigg quad qquad displaystyle textstyle limits nolimits , ; : !".split()
    + [" "]
)
RELATIONS = frozenset("= ≈ ≤ ≥ < > ≠ ⇒".split())
_OPEN = {"(": ")", "[": "]", "{": "}", "⌊": "⌋", "⌈": "⌉"}


@cache
def _token() -> re.Pattern[str]:
    """The pattern of one token; made when the first formula is read, for most answers are plain numbers."""
    return re.compile(
        rf"""(?P<space>[\s\u00a0\u2009\u202f\u2061\u2062~]+)
        |(?P<command>\\(?:[A-Za-z]+|[^A-Za-z\s]|\ ))
        |(?P<number>(?:[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+(?![0-9])|[1-9][0-9]{{0,2}}(?:[ \u00a0\u2009\u202f][0-9]{{3}})+(?![0-9])|[0-9]+)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{{1,4}}(?![0-9A-Za-z_.]))?
                  |\.[0-9]+(?:[eE][+-]?[0-9]{{1,4}}(?![0-9A-Za-z_.]))?)
        |(?P<name>[{_LETTER}][{_LETTER}0-9₀-₉]*'*)
        |(?P<super>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|ᵀ|ⁿ)
        |(?P<sign>\.\.\.|\*\*|<=|>=|!=|==|:=|=>|->|\|\||&&|[-+*/^(),!%√\[\]{{}}|‖⌊⌋⌈⌉@=≈≤≥<>≠⇒→∧∨⊤;…∞_&])""",
        re.VERBOSE,
    )


_SPELLED = {"...": "…", "<=": "≤", ">=": "≥", "!=": "≠", "==": "=", ":=": "=", "=>": "⇒", "->": "⇒", "→": "⇒", "||": "‖", "&&": "∧"}


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


def _balanced(text: str, at: int) -> int:
    """The place behind the brace group that opens at `at`; -1 where it is not closed."""
    depth = 0
    for place in range(at, len(text)):
        if text[place] == "{":
            depth += 1
        elif text[place] == "}":
            depth -= 1
            if depth == 0:
                return place + 1
    return -1


class _Lexer:
    def __init__(self, text: str, grouping: bool, names: Names | None) -> None:
        self.text = text
        self.grouping = grouping
        self.names = names
        self.tokens: list[_Token] = []

    def fail(self, message: str, position: int) -> NoReturn:
        raise ExpressionError(message, self.text, position)

    def run(self) -> list[_Token]:
        if len(self.text) > MAX_LENGTH:
            self.fail(f"longer than {MAX_LENGTH:,} characters", 0)
        plain = self.text.translate(_SIGNS)
        pattern = _token()
        at = 0
        while at < len(plain):
            match = pattern.match(plain, at)
            if match is None:
                if not self._dot(plain, at):
                    self._refuse(plain, at)
                at += 1
                continue
            kind, word = str(match.lastgroup), match.group()
            end = match.end()
            if kind == "number":
                end = at + len(self._number(word, at))
                self.tokens.append(_Token(kind, plain[at:end], at))
            elif kind == "name":
                end = self._name(word, plain, at)
            elif kind == "command":
                end = self._command(word, plain, at)
            elif kind != "space":
                self.tokens.append(_Token(kind, _SPELLED.get(word, word), at))
            at = end
        self.tokens.append(_Token("end", "", len(self.text)))
        return self.tokens

    def _number(self, word: str, at: int) -> str:
        if not self.grouping and ("," in word or " " in word or "\u00a0" in word or "\u2009" in word or "\u202f" in word):
            word = re.match("[0-9]+", word)[0]  # type: ignore[index]  # a grouped number starts with digits
        digits = sum(map(str.isdigit, word))
        if digits > MAX_DIGITS:
            self.fail(f"a number of {digits:,} digits", at)
        if abs(int(word.lower().partition("e")[2] or 0)) > MAX_DIGITS:
            self.fail("a power of ten too large to work with", at)
        return word

    def _name(self, word: str, plain: str, at: int) -> int:
        """A name with its subscripts, or the product sign of `4x4`."""
        if self.tokens and self.tokens[-1].kind == "number":
            number = self.tokens[-1]
            glued = number.position + len(number.text) == at
            rest = plain[at + 1 :]
            times = word[0] in "xX" and (word[1:2].isdigit() or (len(word) == 1 and rest.lstrip()[:1].isdigit()))
            if times and number.text == "0" and glued and rest[:1].isdigit():
                self.fail("hexadecimal numbers are not read; write the number in decimal", number.position)
            if times and not (self.names is not None and word[0] in self.names.known):
                self.tokens.append(_Token("sign", "x", at))
                return at + 1
            if word in ("e", "E") and not glued and re.match("[-+]?[0-9]", rest):
                self.fail("a blank inside a number; write it together, such as 1.2e-3", at)
        end = self._subscripts(plain, at + len(word))
        self.tokens.append(_Token("name", plain[at:end], at))
        return end

    def _subscripts(self, plain: str, at: int) -> int:
        """The place behind the subscripts that start at `at`, `_out` or `_{n-i+1}`, and `.2` or `.shape`."""
        while at < len(plain) and plain[at] == "_":
            if plain[at + 1 : at + 2] == "{":
                end = _balanced(plain, at + 1)
                if end < 0:
                    self.fail("this brace is not closed", at + 1)
                at = end
                continue
            command = re.compile(r"_\\([A-Za-z]+)\s*").match(plain, at)
            run = re.compile(rf"_\s*[{_LETTER}0-9]+").match(plain, at)
            if command is not None:
                at = command.end()
                if command[1] in _FONTS and plain[at : at + 1] == "{":
                    at = _balanced(plain, at)
                    if at < 0:
                        self.fail("this brace is not closed", command.end())
            elif run is not None:
                at = run.end()
            else:
                break
        dotted = re.compile(r"\.[0-9]+(?![0-9])").match(plain, at)
        if dotted is not None:
            return dotted.end()
        if self.names is not None:
            long = re.compile(r"(?:\.[A-Za-z0-9_]+)+").match(plain, at)
            start = at
            while start > 0 and re.match(rf"[{_LETTER}0-9_.{{}}]", plain[start - 1]):
                start -= 1
            if long is not None and key(plain[start : long.end()]) in self.names.known:
                return long.end()
        return at

    def _command(self, word: str, plain: str, at: int) -> int:
        name = word[1:]
        end = at + len(word)
        if name in _SPACES:
            if name in ("left", "right") and plain[end : end + 1] == ".":
                return end + 1
            return end
        if name in _COMMANDS:
            self.tokens.append(_Token("sign", _COMMANDS[name], at))
            return end
        if name == "\\":
            self.tokens.append(_Token("sign", "\\\\", at))
            return end
        bare = name.removeprefix("var")
        if bare in GREEK or name in ("partial", "nabla", "ell"):
            end = self._subscripts(plain, end)
            self.tokens.append(_Token("name", plain[at:end], at))
            return end
        if name in _FONTS:
            group = re.compile(r"\s*\{").match(plain, end)
            stop = _balanced(plain, group.end() - 1) if group is not None else -1
            if group is None:
                return end
            if stop < 0:
                self.fail("this brace is not closed", group.end() - 1)
            content = plain[group.end() : stop - 1]
            if re.fullmatch(rf"\s*[{_LETTER}0-9 '.,:-]*\s*", content):
                stop = self._subscripts(plain, stop)
                self.tokens.append(_Token("word" if " " in content.strip() else "name", plain[at:stop], at))
                return stop
            return end  # \mathbf{W h}: what stands inside is read as it is
        if function_key(name) or name in ("operatorname", "lg", "arg"):
            self.tokens.append(_Token("name", name + plain[end : (sub := self._subscripts(plain, end))], at))
            return sub
        if name in ("frac", "tfrac", "dfrac", "cfrac", "sqrt", "begin", "end", "boxed", "overline", "underline", "underbrace"):
            self.tokens.append(_Token("command", name, at))
            return end
        self.fail(f"the command {quoted(word)} is not read here; write it out in plain signs", at)

    def _dot(self, plain: str, at: int) -> bool:
        """Whether the point here is a sign of multiplication, `x.H(x)`; it is taken as one then."""
        before = self.tokens[-1] if self.tokens else None
        if plain[at] != "." or before is None or (before.kind not in ("name", "number") and before.text != ")"):
            return False
        if not re.match(rf"\.\s*[{_LETTER}(\\]", plain[at:]):
            return False
        self.tokens.append(_Token("sign", "*", at))
        return True

    def _refuse(self, plain: str, at: int) -> NoReturn:
        char = plain[at]
        if char.isdigit():
            self.fail("only the digits 0 to 9 are read", at)
        if char == ".":
            self.fail("a point without a digit", at)
        self.fail(f"{quoted(char)} cannot stand here", at)


# Parsing.


class Parsed(NamedTuple):
    """A formula that was read.

    `left` is the key of what stands before the equals sign, where that is one name; `split` whether a product without a
    sign follows a division (`1/2x`), which some people read the other way; `dropped` the condition that was left out.
    """

    tree: Tree
    left: str = ""
    split: bool = False
    dropped: str = ""


class _Parser:
    def __init__(self, text: str, *, percent: bool, grouping: bool, names: Names | None, depth: int = 0) -> None:
        self.text = text
        self.percent = percent
        self.names = names
        self.tokens = _Lexer(text, grouping, names).run()
        self.at = 0
        self.depth = depth
        self.closers: list[str] = []
        self.split = False

    def fail(self, message: str, position: int) -> NoReturn:
        raise ExpressionError(message, self.text, position)

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def deeper(self, what: str = "brackets nested") -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"{what} more than {MAX_DEPTH} deep", self.token.position)

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

    # Equations.

    def equation(self) -> Parsed:
        """A formula, or the right side of an equation; a condition behind a comma is left out."""
        last = self._trim()
        cuts, commas, cases = self._outline(last)
        dropped = ""
        for comma in commas:
            if self._qualifies(comma + 1, last):
                dropped = self.text[self.tokens[comma].position + 1 : self.tokens[last].position].strip()
                last = comma
                break
        self.tokens = [*self.tokens[:last], _Token("end", "", self.tokens[last].position)]
        cuts = [cut for cut in cuts if cut < last]
        if cases is not None and cases < last:  # relations inside cases are conditions
            cuts = [cut for cut in cuts if cut < cases]
        left = ""
        if cuts:
            first = self.tokens[: cuts[0]]
            left = key(first[0].text) if len(first) == 1 and first[0].kind == "name" else ""
            self.at = cuts[-1] + 1
        return Parsed(self.whole(), left, self.split, dropped)

    def axes(self, count: int) -> list[tuple[int, int]]:
        """Where in the text each axis of a shape stands."""
        last = self._trim()
        cuts, _, _ = self._outline(last)
        first = cuts[-1] + 1 if cuts else 0
        tokens = self.tokens[first:last]
        if tokens and tokens[0].text in ("(", "[") and tokens[-1].text == _OPEN[tokens[0].text] and self._one_bracket(tokens):
            tokens = tokens[1:-1]
        best: list[tuple[int, int]] = []
        for signs in ((",", ";"), ("×", "x", "\\times", "\\"), ("*", "·", "⋅", "\\cdot")):
            cut = [token for token in tokens if self._parts(token, signs)]
            inside = self._outside(tokens, cut)
            starts = [tokens[0].position if tokens else 0, *(token.position + self._width(token) for token in inside)]
            ends = [*(token.position for token in inside), self.tokens[last].position if tokens == self.tokens[first:last] else self.tokens[last - 1].position]
            found = list(zip(starts, ends, strict=True))
            if len(found) == count:
                return found
            if len(found) > 1 and not best and signs[0] != "*":
                best = found
        return best or [(tokens[0].position if tokens else 0, self.tokens[last].position)]

    def _parts(self, token: _Token, signs: tuple[str, ...]) -> bool:
        written = self.text[token.position : token.position + self._width(token)]
        return token.kind == "sign" and written in signs

    def _width(self, token: _Token) -> int:
        command = re.compile(r"\\[A-Za-z]+").match(self.text, token.position)
        return len(command[0]) if command is not None else 1

    def _one_bracket(self, tokens: list[_Token]) -> bool:
        """Whether the first bracket closes with the last token."""
        depth = 0
        for place, token in enumerate(tokens):
            if token.kind == "sign":
                depth += (token.text in _OPEN) - (token.text in _OPEN.values())
            if depth == 0:
                return place == len(tokens) - 1
        return False

    def _outside(self, tokens: list[_Token], wanted: list[_Token]) -> list[_Token]:
        """Those of some tokens that stand outside all brackets."""
        depth = 0
        found = []
        for token in tokens:
            if token.kind == "sign":
                if token.text in _OPEN:
                    depth += 1
                elif token.text in _OPEN.values():
                    depth -= 1
                elif depth == 0 and token in wanted:
                    found.append(token)
        return found

    def _trim(self) -> int:
        """How many tokens there are without a comma, semicolon or question mark at the end."""
        last = len(self.tokens) - 1
        while last and self.tokens[last - 1].kind == "sign" and self.tokens[last - 1].text in (",", ";"):
            last -= 1
        return last

    def _outline(self, last: int) -> tuple[list[int], list[int], int | None]:
        """The relations and the commas outside all brackets, and where cases begin."""
        depth = 0
        cuts, commas = [], []
        cases = None
        for place, token in enumerate(self.tokens[:last]):
            if token.kind == "command" and token.text == "begin":
                depth += 1
                cases = place if cases is None else cases
            elif token.kind == "command" and token.text == "end":
                depth -= 1
            elif token.kind == "sign":
                if token.text in _OPEN:
                    depth += 1
                elif token.text in _OPEN.values():
                    depth -= 1
                elif depth == 0 and token.text in RELATIONS:
                    cuts.append(place)
                elif depth == 0 and token.text == ",":
                    commas.append(place)
        return cuts, commas, cases

    def _qualifies(self, start: int, last: int) -> bool:
        """Whether what follows a comma is a condition (`t = 1, …, L`, `for n ≥ 0`) rather than part of the formula."""
        if start >= last:
            return False
        first = self.tokens[start]
        word = re.sub(r"[\\{}_ ]|text|mathrm", "", first.text).casefold()
        if first.kind in ("name", "word") and word.startswith(("for", "where", "when", "with", "if", "assuming", "since", "provided")):
            return self.names is None or key(first.text) not in self.names.known
        return (
            first.kind == "name"
            and start + 1 < last
            and self.tokens[start + 1].text in RELATIONS
            and self.tokens[start + 1].text != "⇒"
        )

    # Grammar.

    def _unexpected(self) -> NoReturn:
        token = self.token
        if token.kind == "end":
            self.fail("the formula ends too early", token.position)
        if token.text == "," and token.kind == "sign":
            self.fail(
                "a comma cannot stand here; write a decimal number with a point, thousands in groups of three",
                token.position,
            )
        if token.text == "_":
            self.fail("an underscore cannot stand here; write a number without it", token.position)
        if token.kind == "sign" and token.text in _OPEN.values():
            self.fail("this bracket closes nothing", token.position)
        if token.text == "%":
            self.fail("a percent sign where no percentage is asked", token.position)
        if token.kind == "number":
            before = self.tokens[self.at - 1] if self.at else token
            if before.kind == "number":
                self.fail("two numbers side by side; write the sign between them", token.position)
            self.fail("a number cannot stand behind this without a sign; write the sign between them", token.position)
        if token.text == "∞":
            self.fail("infinity is no number that can be compared", token.position)
        self.fail(f"{quoted(_shown(token))} cannot stand here", token.position)

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
        while True:
            if sign := self.take("*", "/", "x", "@"):
                divided = sign == "/"
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
            return True
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
        """The base with the exponent that follows it, if one does."""
        if self.token.kind == "super":
            text = self.token.text
            self.at += 1
            if text == "ᵀ":
                return self.raised(Suffix("T", base))
            if text == "ⁿ":
                return Binary("^", base, self._resolved(_Token("name", "n", self.tokens[self.at - 1].position)))
            text = text.translate(SUPERSCRIPTS)
            exponent: Tree = Number(Fraction(text.lstrip("+-")), text.lstrip("+-"))
            return Binary("^", base, Sign("-", exponent) if text[0] == "-" else exponent)
        if self.take("^", "**"):
            if self._transposes():
                return self.raised(Suffix("T", base))
            self.deeper("powers nested")
            right = self.signed()
            self.depth -= 1
            return Binary("^", base, right)
        return base

    def _transposes(self) -> bool:
        """Whether the exponent here is the sign of the transpose, and step over it."""
        tokens = [token.text for token in self.tokens[self.at : self.at + 3]]
        if tokens[:1] == ["⊤"]:
            self.at += 1
            return True
        known = self.names is not None and "T" in self.names.known
        braced = tokens[:1] == ["{"] and tokens[2:] == ["}"]
        sign = tokens[1] if braced else tokens[0]
        if sign == "⊤" or (not known and self.names is not None and key(sign) == "T"):
            self.at += 3 if braced else 1
            return True
        return False

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
                return self._closed(token, _OPEN[token.text])
            if token.text == "[":
                return self._list(token)
            if token.text in ("⌊", "⌈"):
                name = "floor" if token.text == "⌊" else "ceil"
                return Call(Name(name, name, token.position), (self._closed(token, _OPEN[token.text]),))
            if token.text == "|":
                return Call(Name("abs", "abs", token.position), (self._closed(token, "|"),))
            if token.text == "‖":
                inner = self._closed(token, "‖")
                return Call(Name(self._norm(), "norm", token.position), (inner,))
        self.at -= 1
        return self._unexpected()

    def _closed(self, opened: _Token, closer: str) -> Tree:
        """What stands up to the closing bracket."""
        self.closers.append(closer)
        tree = self.sum()
        self._close(opened, closer)
        return tree

    def _part_bars(self) -> None:
        """Take `||` as two bars where one is open: `|x||y|`."""
        token = self.token
        if token.text == "‖" and self.closers[-1:] == ["|"] and self.text[token.position : token.position + 2] == "||":
            self.tokens[self.at : self.at + 1] = [_Token("sign", "|", token.position + i) for i in (0, 1)]

    def _close(self, opened: _Token, closer: str) -> None:
        self._part_bars()
        if not self.take(closer):
            if self.token.kind == "end":
                self.fail("this bracket is not closed", opened.position)
            if self.token.kind == "sign" and self.token.text in _OPEN.values():
                self.fail(f"expected {quoted(closer)} to close the bracket {quoted(opened.text)}", self.token.position)
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

    def _list(self, opened: _Token) -> Tree:
        """`[a, b]`, `[a, b; c, d]`; a single entry in square brackets is that entry."""
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
            return List(tuple(List(tuple(row)) if len(row) > 1 else row[0] for row in rows))
        if len(rows[0]) == 1 and not isinstance(rows[0][0], List):
            return rows[0][0]
        return List(tuple(rows[0]))

    # LaTeX.

    def _commanded(self, token: _Token) -> Tree:
        name = token.text
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
        if name in ("boxed", "overline", "underline", "underbrace"):
            return self._group()
        if name == "begin":
            return self._environment(token)
        self.fail(rf"\{name} cannot stand here", token.position)

    def _group(self) -> Tree:
        r"""One argument of a command: a group in braces, or a single sign (`\frac12`)."""
        token = self.token
        if token.text == "{" and token.kind == "sign":
            self.at += 1
            self.deeper()
            tree = self._closed(token, "}")
            self.depth -= 1
            return tree
        if token.kind == "number":
            digit = Number(Fraction(token.text[0]), token.text[0])
            rest = token.text[1:]
            self.at += 1
            if rest:
                self.at -= 1
                self.tokens[self.at] = _Token("number", rest, token.position + 1)
            return digit
        return self.atom()

    def _environment(self, token: _Token) -> Tree:
        name = self._environment_name()
        if name == "cases":
            return self._cases(token)
        if not re.fullmatch("[bpvBV]?matrix|array|smallmatrix", name):
            self.fail(f"the environment {quoted(name)} is not read here; write it out in plain signs", token.position)
        if name == "array" and self.token.text == "{":
            while not self.take("}"):
                if self.token.kind == "end":
                    self.fail("this brace is not closed", token.position)
                self.at += 1
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

    def _ends(self, name: str, opened: _Token) -> bool:
        if self.token.kind == "end":
            self.fail(rf"\end{{{name}}} is missing", opened.position)
        if self.token.kind != "command" or self.token.text != "end":
            return False
        self.at += 1
        if self._environment_name() != name:
            self.fail(rf"expected \end{{{name}}}", self.tokens[self.at - 1].position)
        return True

    def _cases(self, token: _Token) -> Tree:
        self.deeper()
        self.closers.append("end")
        branches: list[tuple[tuple[Condition, ...], Tree]] = []
        while not self._ends("cases", token):
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
        self._words("if", "for", "when", "where", "and")
        if self._words("otherwise", "else", "elsewhere", "default", "otherwise."):
            return ()
        if self.token.kind == "end" or self.token.text in ("\\\\",) or (self.token.kind == "command" and self.token.text == "end"):
            return ()
        found = [self._condition()]
        while self.take("∧", ",") or self._words("and"):
            if self.token.kind == "end" or self.token.text == "\\\\" or (self.token.kind == "command" and self.token.text == "end"):
                break
            if self._listed(found):
                continue
            found.append(self._condition())
        if self._words("or") or self.take("∨"):
            self.fail("write one line for each case instead of joining them with or", self.tokens[self.at - 1].position)
        return tuple(found)

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

    def _resolved(self, token: _Token) -> Tree:
        """A name: a function with its argument, an entry of an array, one name, or several glued together."""
        whole = key(token.text)
        name = Name(whole, token.text, token.position)
        bracket = self.token.text if self.token.kind == "sign" else ""
        if self.names is None:
            return Call(name, self._arguments()) if bracket == "(" else name
        if whole in self.names.functions:
            if bracket == "(":
                return Call(name, self._arguments())
            return Call(name, (self._argument(),))
        if whole in self.names.known:
            if bracket == "[" and whole in self.names.arrays:
                return self._indexed(name)
            return name
        function = self._function(whole, token)
        if function is not None:
            return function
        if whole in CONSTANTS:
            return name
        pieces = self._entry(token) or self._unglued(token)
        if pieces is not None:
            return pieces
        self._unknown(token, whole)

    def _unknown(self, token: _Token, whole: str) -> NoReturn:
        assert self.names is not None
        if whole in self.names.hidden:
            self.fail(self.names.hidden[whole], token.position)
        base = re.split(r"[_.{]", token.text)[0]
        if function_key(key(base)) and base != token.text:
            self.fail(f"no function {quoted(token.text)}", token.position)
        if not self.names.shown:
            self.fail(f"unknown name {quoted(token.text)}; a number is expected here", token.position)
        if self.token.text == "(" and self.token.kind == "sign" and len(whole) > 1:
            near = suggestion(token.text, [*sorted(FUNCTIONS), *self.names.shown])
            self.fail(f"no function {quoted(token.text)}{near if 'mean' in near else ''}", token.position)
        self.fail(f"unknown name {quoted(token.text)}{suggestion(token.text, self.names.shown)}", token.position)

    def _function(self, whole: str, token: _Token) -> Tree | None:
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
            call: Tree = Call(name, self._arguments())
        elif base in _BARE_FUNCTIONS or (self.token.text == "|" and base in ("max", "min", "sign", "abs")):
            call = Call(name, (self._argument(),))
        else:
            self.fail(f"{quoted(token.text)} is a function; write its argument in brackets", token.position)
        if radix is not None:
            call = Binary("/", call, Call(Name("log", "log", token.position), (radix,)))
        return call if exponent is None else Binary("^", call, exponent)

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
        closer = _OPEN[opened.text]
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

    def _entry(self, token: _Token) -> Tree | None:
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
        parser = _Parser(inner, percent=False, grouping=False, names=self.names, depth=self.depth)
        try:
            places = [parser.sum()]
            while parser.take(","):
                places.append(parser.sum())
            if parser.token.kind != "end":
                parser._unexpected()
        except ExpressionError as error:
            self.fail(error.message, token.position + offset + error.position)
        return Index(Name(base, token.text, token.position), tuple(places))

    def _unglued(self, token: _Token) -> Tree | None:
        """Known names glued together, where there is exactly one way to take them apart."""
        assert self.names is not None
        text = token.text
        if len(text) > 60:
            return None
        names = self.names.known | CONSTANTS
        ways: list[list[tuple[int, int]]] = []

        def walk(start: int, taken: list[tuple[int, int]]) -> None:
            if len(ways) > 1:
                return
            if start == len(text):
                ways.append(taken)
                return
            if text[start] in "_.'" or len(taken) > 12:
                return
            for end in range(start + 1, len(text) + 1):
                piece = text[start:end]
                if piece.count("{") == piece.count("}") and piece[-1] != "_" and key(piece) in names:
                    walk(end, [*taken, (start, end)])

        walk(0, [])
        if len(ways) > 1:
            readings = [" ".join(text[a:b] for a, b in way) for way in ways[:2]]
            self.fail(
                f"{quoted(text)} can be read as {readings[0]} or as {readings[1]}; put blanks between", token.position
            )
        if not ways or len(ways[0]) < 2:
            return None
        pieces = [_Token("name", text[a:b], token.position + a) for a, b in ways[0]]
        self.tokens[self.at - 1 : self.at] = pieces  # each goes on as if it had been written apart
        return self._resolved(pieces[0])


def _shown(token: _Token) -> str:
    return "\\" + token.text if token.kind == "command" else token.text


def _literal(text: str) -> Fraction:
    return Fraction(re.sub(r"[,\s\u00a0\u2009\u202f]", "", text).removesuffix("."))


_WRAPPED = re.compile(r"(?s)\s*(?:\$\$(.*)\$\$|\$(.*)\$|\\\((.*)\\\)|\\\[(.*)\\\]|`(.*)`)\s*")


def unwrapped(text: str) -> str:
    r"""Text without `$…$`, `\[…\]` and backquotes around it, full stops and citation marks at its end.

    The length stays as it is, so that carets stand where they should: what is left out becomes blanks.
    """
    text = re.sub(r":\s*contentReference\s*\[[^\]]*\]\s*(?:index\s*=\s*\d+|\{[^}]*\})?", _blanks, text)
    for _ in range(3):
        match = _WRAPPED.fullmatch(text)
        if match is None:
            break
        group = next(n for n in range(1, 6) if match[n] is not None)
        if group <= 2 and "$" in match[group]:
            break
        text = " " * match.start(group) + match[group] + " " * (len(text) - match.end(group))
    return re.sub(r"(?<=[^\s.…])[.]\s*$", _blanks, text) if re.search(r"[^0-9.]\.\s*$", text) else text


def _blanks(match: re.Match[str]) -> str:
    return " " * len(match.group())


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
        return [_Parser(" " * start + plain[start:end], percent=False, grouping=False, names=names).equation() for start, end in pieces]

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
            return f"{_rendered(tree.inner, show, bare, 5)}^T"
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
            f"{_rendered(inner, show, bare, 0)} if {_condition_text(conditions, show, bare)}" for conditions, inner in tree.branches
        )
    tight = _TIGHTNESS[tree.sign]
    left = _rendered(tree.left, show, bare, tight + (tree.sign == "^"))
    right = _rendered(tree.right, show, bare, tight + 1 if tree.sign != "^" else 3)
    glued = tree.bare and bare and not re.match(r"[-+0-9.]", right)
    sign = {"*": " " if glued else " · ", "/": "/", "^": "^"}.get(tree.sign, f" {tree.sign} ")
    text = f"{left}{sign}{right}"
    return f"({text})" if tight < around else text


def _condition_text(conditions: tuple[Condition, ...], show: Show, bare: bool) -> str:
    def one(condition: Condition) -> str:
        text = _rendered(condition.sides[0], show, bare, 0)
        for sign, side in zip(condition.signs, condition.sides[1:], strict=True):
            text += f" {sign} {_rendered(side, show, bare, 0)}"
        return text

    return " and ".join(map(one, conditions)) or "otherwise"
