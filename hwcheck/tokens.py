r"""The signs and names of a formula: text → tokens. What the tokens mean together is in `expressions`.

Names may have subscripts: `d_out`, `d_{out}`, `h_{t-1}`, `x₁`; underscores and braces do not count, letter case does, and a
Greek letter is its name (`sigma_x` is `σ_x`, `\hat{y}` is `ŷ` is `y_hat`). LaTeX is read as what it prints. A sign or a
command that is not known only fails where it would count: the left side of an equation may hold anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Set
from functools import cache, lru_cache
from typing import NamedTuple, NoReturn

from hwcheck.words import quoted

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


# Names.


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


GREEK = dict(
    zip(
        _words(
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi "
            "psi omega"
        ),
        "αβγδεζηθικλμνξοπρστυφχψω",
        strict=True,
    )
)
GREEK |= {name.capitalize(): sign.upper() for name, sign in GREEK.items()}
_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉₊₋ₐₑᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
_VARIANTS = str.maketrans(f"ϕϵϑϱµℓ{_SUBSCRIPTS}", "φεθρμl0123456789+-aeijklmnoprstuvx")
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", "0123456789+-()abcdefghijklmnoprstuvwxyz")
_TEXT_FONTS = ("text", "textrm", "textit", "textbf", "textsf", "mbox", "mathrm", "operatorname", "rm", "mathop")
_FONTS = (
    *_TEXT_FONTS, "mathbf", "mathit", "mathsf", "mathtt", "mathcal", "mathbb", "mathscr", "boldsymbol", "bm", "bold", "bf",
    "vec", "ensuremath", "pmb",
)  # fmt: skip
_ACCENTS = {
    "hat": "hat",
    "widehat": "hat",
    "tilde": "tilde",
    "widetilde": "tilde",
    "bar": "bar",
    "overline": "bar",
    "dot": "dot",
}
_MARKS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u0307": "dot"}


@lru_cache(maxsize=4096)
def key(name: str) -> str:
    r"""A name as it is compared: `C_1`, `C1`, `C_{1}` and `C.1` are one, and so are `sigma_x`, `\sigma_x` and `σ_x`.

    >>> key("d_{\\text{out}}"), key("sigma_x") == key("σ_x"), key("\\hat{y}_1") == key("ŷ_1") == key("y_hat_1")
    ('dout', True, True)
    """
    if "\\" in name:
        name = without_commands(name)
    if not name.isascii():
        name = _without_marks(name)
    pieces = re.split(r"([A-Za-z]+)", name)
    letters = "".join(GREEK.get(piece, piece) for piece in pieces)
    return re.sub(r"[_{}.\s\\]", "", letters.translate(_VARIANTS))


def without_commands(name: str) -> str:
    """A name from LaTeX without its fonts, accents and Greek letters as words."""
    if "\\" not in name:
        return name
    name = _font_command().sub("", name)
    name = _accent_command().sub(lambda m: f"{m[2] or m[3]}_{_ACCENTS[m[1]]}_", name)
    return re.sub(r"\\(?:var)?([A-Za-z]+)", r"\1", name.replace("\\ell", "l"))


def _without_marks(name: str) -> str:
    """Accents as words: `ŷ` is y_hat."""
    marked = unicodedata.normalize("NFD", name)
    return "".join(f"_{_MARKS[c]}_" if c in _MARKS else c for c in marked)


@cache
def _font_command() -> re.Pattern[str]:
    return re.compile(rf"\\(?:{'|'.join(_FONTS)})(?![A-Za-z])\*?\s*")


@cache
def _accent_command() -> re.Pattern[str]:
    return re.compile(rf"\\({'|'.join(_ACCENTS)})(?![A-Za-z])\s*(?:\{{+([^{{}}]*)\}}+|(\\?[^\W\d_]+))")


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


FUNCTIONS = _set(
    "sqrt exp log ln log2 log10 sin cos tan tanh sinh cosh arctan sigmoid relu floor ceil round abs min max sign sum "
    "mean norm prod H heaviside step diag transpose concat outer softmax inv det O Θ Ω"
)
"""The functions that every formula may use."""
BARE_FUNCTIONS = _set("sqrt exp log ln log2 log10 sin cos tan tanh sinh cosh arctan sigmoid relu")
"""Those whose argument may stand without brackets."""
MANY_ARGUMENTS = _set("min max sum mean prod concat")
_SAME = {
    "σ": "sigmoid", "ReLU": "relu", "lg": "log2", "ceiling": "ceil", "sgn": "sign", "Diag": "diag", "atan": "arctan",
    "Heaviside": "heaviside", "vstack": "concat", "Sigmoid": "sigmoid", "Softmax": "softmax", "Log": "log", "Max": "max",
    "Min": "min",
}  # fmt: skip
CONSTANTS = frozenset(("π", "e"))


def function_key(name: str) -> str:
    """The function that a key stands for where it is no known name; empty where it is none."""
    found = _SAME.get(name, name)
    return found if found in FUNCTIONS else ""


# Signs.

_SIGNS = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/", "⊙": "*",
                        "∘": "*", "•": "*", "∙": "*", "⩽": "≤", "⩾": "≥", "′": "'", "’": "'", "＝": "=", "∣": "|", "∥": "‖",
                        "∴": "⇒", "ℎ": "h", "⟹": "⇒", "⟶": "⇒", "↦": "⇒", "≔": "=", "≡": "=", "≃": "≈", "∼": "≈"})  # fmt: skip
_LETTER = "A-Za-zÀ-ÖØ-öø-žα-ωΑ-Ωϕϵϑϱµℓ∂∇\u0302-\u0305\u0307"
_COMMANDS = {
    "cdot": "*", "times": "*", "ast": "*", "star": "*", "odot": "*", "circ": "*", "bullet": "*", "div": "/", "le": "≤",
    "leq": "≤", "leqslant": "≤", "lt": "<", "ge": "≥", "geq": "≥", "geqslant": "≥", "gt": ">", "ne": "≠", "neq": "≠",
    "approx": "≈", "equiv": "=", "coloneqq": "=", "sim": "≈", "simeq": "≈", "propto": "≈", "Rightarrow": "⇒",
    "implies": "⇒", "iff": "⇒", "to": "⇒", "rightarrow": "⇒", "longrightarrow": "⇒", "Longrightarrow": "⇒", "mapsto": "⇒",
    "therefore": "⇒", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "lvert": "|", "rvert": "|", "mid": "|",
    "vert": "|", "lVert": "‖", "rVert": "‖", "Vert": "‖", "lbrace": "(", "rbrace": ")", "lparen": "(", "rparen": ")",
    "top": "⊤", "intercal": "⊤", "lbrack": "[", "rbrack": "]", "dots": "…", "ldots": "…", "cdots": "…", "infty": "∞",
    "{": "(", "}": ")", "|": "‖", "%": "%", "land": "∧", "wedge": "∧", "lor": "∨", "vee": "∨", "in": "∈", "forall": "∀",
}  # fmt: skip
_SPACES = _set(
    "left right middle big Big bigl bigr Bigl Bigr bigg Bigg biggl biggr quad qquad enspace displaystyle textstyle limits "
    "nolimits notag nonumber , ; : ! >"
) | {" "}
_NOTES = _set("tag label hspace vspace color phantom")
"""Commands that are left out together with their argument."""
_LAYOUTS = "aligned|align|alignat|equation|split|gather|gathered|multline|eqnarray"
"""Environments that only say how equations stand on the page."""
_READ = _set("frac tfrac dfrac cfrac sqrt begin end boxed fbox overline underline underbrace overbrace")
"""Commands that the parser knows."""
RELATIONS = frozenset("=≈≤≥<>≠⇒")
OPEN = {"(": ")", "[": "]", "{": "}", "⌊": "⌋", "⌈": "⌉"}
CLOSE = frozenset(OPEN.values())
_SPELLED = {
    "...": "…", "<=": "≤", ">=": "≥", "!=": "≠", "==": "=", ":=": "=", "=>": "⇒", "->": "⇒", "→": "⇒", "||": "‖",
    "&&": "∧",
}  # fmt: skip


_LIMITS = "a sum or a product with limits is not read here; write it out"


@cache
def _token() -> re.Pattern[str]:
    """The pattern of one token; made when the first formula is read, for most answers are plain numbers."""
    raised = "".join(re.escape(chr(c)) for c in SUPERSCRIPTS)
    return re.compile(
        rf"""(?P<space>[\s\u00a0\u2009\u202f\u2061\u2062\u200b\u2060\ufeff~]+)
        |(?P<command>\\(?:[A-Za-z]+|[^A-Za-z\s]|\ ))
        |(?P<number>(?:[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+(?![0-9])|[1-9][0-9]{{0,2}}(?:[ \u00a0\u2009\u202f][0-9]{{3}})+(?![0-9])|[0-9]+)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+(?![0-9A-Za-z_.]))?
                  |\.[0-9]+(?:[eE][+-]?[0-9]+(?![0-9A-Za-z_.]))?)
        |(?P<name>[{_LETTER}][{_LETTER}0-9{_SUBSCRIPTS}]*'*)
        |(?P<super>ᵀ|[{raised}]+)
        |(?P<sign>\.\.\.|\*\*|//|<=|>=|!=|==|:=|=>|->|\|\||&&|[-+*/^(),!%√\[\]{{}}|‖⌊⌋⌈⌉@=≈≤≥<>≠⇒→∧∨⊤;…∞_&∈∀])""",
        re.VERBOSE,
    )


@cache
def _subscript() -> re.Pattern[str]:
    """A subscript without braces: `_out`, `_\\text`, `_\\theta`."""
    return re.compile(rf"_+\s*(?:\\(?P<command>[A-Za-z]+)\s*|[{_LETTER}0-9]+)")


@cache
def _word() -> re.Pattern[str]:
    return re.compile(rf"[{_LETTER}][{_LETTER}0-9_'.,:{{}}]*")


class Token(NamedTuple):
    r"""A number, a name, a sign, a command, words in `\text{}`, a raised sign, or what cannot be read (`bad`: why)."""

    kind: str
    text: str
    position: int


def _balanced(text: str, at: int) -> int:
    """The place behind the brace group that opens at `at`; -1 where it is not closed."""
    depth = 0
    for match in re.compile("[{}]").finditer(text, at):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.end()
    return -1


def _folded(text: str) -> str:
    """Letters from an equation editor (𝑊) as plain ones; digits of other scripts stay what they are."""
    return "".join(
        unicodedata.normalize("NFKC", c) if c >= "\U0001d400" and unicodedata.category(c)[0] == "L" else c for c in text
    )


class Lexer:
    """Takes a text apart; `grouping` reads `5,146,011` as one number."""

    def __init__(self, text: str, grouping: bool, names: Names | None) -> None:
        self.text = text
        self.grouping = grouping
        self.names = names
        self.tokens: list[Token] = []

    def fail(self, message: str, position: int) -> NoReturn:
        """Refuse the text."""
        raise ExpressionError(message, self.text, position)

    def add(self, kind: str, text: str, position: int) -> None:
        """One more token."""
        self.tokens.append(Token(kind, text, position))

    def run(self) -> list[Token]:
        """The tokens of the text, and one behind its end."""
        if len(self.text) > MAX_LENGTH:
            self.fail(f"longer than {MAX_LENGTH:,} characters", 0)
        plain = self.text
        if not plain.isascii():
            plain = plain.translate(_SIGNS)
            if max(plain) >= "\U0001d400":
                plain = _folded(plain)
        if "\\" in plain:
            plain = plain.replace("\\_", "__")
        match_at = _token().match
        at = 0
        while at < len(plain):
            match = match_at(plain, at)
            if match is None:
                at += self._dot(plain, at) or self._refuse(plain, at)
                continue
            kind, word = str(match.lastgroup), match.group()
            end = match.end()
            if kind == "number":
                word = self._number(word, at)
                end = at + len(word)
                self.add(kind, word, at)
            elif kind == "name":
                end = self._name(word, plain, at)
            elif kind == "command":
                end = self._command(word, plain, at)
            elif kind != "space":
                self.add(kind, _SPELLED.get(word, word), at)
            at = end
        self.add("end", "", len(self.text))
        return self.tokens

    def _number(self, word: str, at: int) -> str:
        if not self.grouping and not word.isdigit():
            digits = re.match("[0-9]+(?=[, \u00a0\u2009\u202f])", word)
            word = word if digits is None else digits[0]
        digits_in = sum(map(str.isdigit, word))
        if digits_in > MAX_DIGITS:
            self.fail(f"a number of {digits_in:,} digits", at)
        if abs(int(word.lower().partition("e")[2] or 0)) > MAX_DIGITS:
            self.fail("a power of ten too large to work with", at)
        return word

    def _name(self, word: str, plain: str, at: int) -> int:
        """A name with its subscripts, or the product sign of `4x4`."""
        if self.tokens and self.tokens[-1].kind == "number":
            number = self.tokens[-1]
            glued = number.position + len(number.text) == at
            rest = plain[at + 1 : at + 40]
            times = word[0] in "xX" and (word[1:2].isdigit() or (len(word) == 1 and rest.lstrip()[:1].isdigit()))
            if times and number.text == "0" and glued and rest[:1].isdigit():
                self.fail("hexadecimal numbers are not read; write the number in decimal", number.position)
            if times and not (self.names is not None and word[0] in self.names.known):
                self.add("sign", "x", at)
                return at + 1
            if word in ("e", "E") and not glued and re.match("[-+]?[0-9]", rest):
                self.fail("a blank inside a number; write it together, such as 1.2e-3", at)
        end = self._subscripts(plain, at, at + len(word))
        self.add("name", plain[at:end], at)
        return end

    def _subscripts(self, plain: str, start: int, at: int) -> int:
        """The place behind the subscripts at `at` of the name from `start`: `_out`, `_{n-i+1}`, `.2`, `.shape`."""
        while plain[at : at + 1] == "_":
            brace = re.compile(r"_+\{").match(plain, at)
            if brace is not None:
                at = self._group(plain, brace.end() - 1)
                continue
            run = _subscript().match(plain, at)
            if run is None:
                break
            at = run.end()
            if run["command"] in _FONTS and plain[at : at + 1] == "{":
                at = self._group(plain, at)
        if plain[at : at + 1] != ".":
            return at
        dotted = re.compile(r"\.[0-9]+(?![0-9])").match(plain, at)
        if dotted is not None:
            return dotted.end()
        return self._dotted(plain, start, at)

    def _dotted(self, plain: str, start: int, at: int) -> int:
        """The place behind a known name with points in it, `conv1.params`; `at` where there is none."""
        long = re.compile(r"(?:\.[A-Za-z0-9_]{1,40}){1,3}").match(plain, at) if self.names is not None else None
        end = at if long is None else long.end()
        while end > at and not self._is_shown(key(plain[start:end])):
            end = plain.rindex(".", at, end)
        return end

    def _is_shown(self, name: str) -> bool:
        return self.names is not None and (name in self.names.known or name in self.names.hidden)

    def _group(self, plain: str, at: int) -> int:
        """The place behind the group in braces that opens here."""
        end = _balanced(plain, at)
        if end < 0:
            self.fail("this brace is not closed", at)
        return end

    # LaTeX.

    def _command(self, word: str, plain: str, at: int) -> int:
        name = word[1:]
        end = at + len(word)
        if name in _SPACES:
            return end + 1 if name in ("left", "right") and plain[end : end + 1] == "." else end
        if name in _COMMANDS:
            self.add("sign", _COMMANDS[name], at)
            return end
        if name == "\\":
            self.add("sign", "\\\\", at)
            gap = re.compile(r"\*?\s*\[[0-9.\s]*[a-z]{2}\]").match(plain, end)
            return end if gap is None else gap.end()
        if name in _ACCENTS:
            return self._accented(name, plain, at, end)
        if name in _READ:
            layout = re.compile(rf"\s*\{{\s*(?:{_LAYOUTS})\*?\s*\}}").match(plain, end)
            if name in ("begin", "end") and layout is not None:
                return layout.end()
            self.add("command", name, at)
            return end
        if name in _FONTS:
            return self._font(name, plain, at, end)
        if name.removeprefix("var") in GREEK or name in ("partial", "nabla", "ell"):
            return self._greek(name, plain, at, end)
        if name in ("sum", "prod") and re.compile(r"(?:\\limits)?\s*[_^]").match(plain, end):
            self.add("bad", _LIMITS, at)
            return end
        if function_key(name) or name in ("lg", "arg"):
            stop = self._logarithm_base(name, plain, end) or self._subscripts(plain, at, end)
            self.add("name", name + plain[end:stop], at)
            return stop
        if name in _NOTES:
            group = re.compile(r"\*?\s*\{").match(plain, end)
            return end if group is None else self._group(plain, group.end() - 1)
        self.add("bad", f"the command {quoted(word)} is not read here; write it out in plain signs", at)
        return end

    def _logarithm_base(self, name: str, plain: str, at: int) -> int:
        r"""In LaTeX a subscript without braces is a single sign: `\log_2n` is log_2 n."""
        match = re.compile(r"\s*_\s*[0-9]").match(plain, at) if name in ("log", "lg") else None
        return 0 if match is None else match.end()

    def _greek(self, name: str, plain: str, at: int, end: int) -> int:
        if self.names is not None and name in ("Delta", "delta", "partial", "nabla"):
            whole = re.compile(rf"\s*[{_LETTER}][{_LETTER}0-9]*").match(plain, end)
            if whole is not None:
                stop = self._subscripts(plain, at, whole.end())
                if key(plain[at:stop]) in self.names.known:
                    self.add("name", plain[at:stop], at)
                    return stop
        stop = self._subscripts(plain, at, end)
        self.add("name", plain[at:stop], at)
        return stop

    def _accented(self, name: str, plain: str, at: int, end: int) -> int:
        r"""`\hat{y}_t` is a name; a bar over anything longer is a bracket."""
        match = re.compile(rf"\s*(?:(\{{)|\\[A-Za-z]+|[{_LETTER}])").match(plain, end)
        if match is None:
            self.add("bad", f"nothing stands below this {_ACCENTS[name]}", at)
            return end
        stop = match.end()
        if match[1]:
            stop = self._group(plain, match.end() - 1)
            if _word().fullmatch(_plain_letters(plain[match.end() : stop - 1])) is None:
                self.add("command", name, at)
                return end
        stop = self._subscripts(plain, at, stop)
        self.add("name", plain[at:stop], at)
        return stop

    def _font(self, name: str, plain: str, at: int, end: int) -> int:
        """A name or words set in a font; longer mathematics is read as if it stood there without the font."""
        group = re.compile(r"\*?\s*\{").match(plain, end)
        if group is None:
            return end
        stop = self._group(plain, group.end() - 1)
        content = plain[group.end() : stop - 1].strip()
        if _word().fullmatch(_plain_letters(content)):
            stop = self._subscripts(plain, at, stop)
            if name in _TEXT_FONTS or self._is_name(plain[at:stop], content):
                self.add("name", plain[at:stop], at)
                return stop
        elif name in _TEXT_FONTS and re.fullmatch(rf"[{_LETTER}0-9 _'.,:;-]*", content):
            if content.strip(",;. "):
                self.add("word", plain[at:stop], at)
            return stop
        return end

    def _is_name(self, text: str, content: str) -> bool:
        if self.names is None or len(content) == 1 or key(text) in self.names.known | self.names.functions:
            return True
        return bool(function_key(key(text)))

    # What is not read.

    def _dot(self, plain: str, at: int) -> int:
        """How much of the text a point takes that is a sign here: of multiplication, `x.H(x)`, or of `x.T`."""
        before = self.tokens[-1] if self.tokens else None
        if plain[at] != "." or before is None or self.names is None:
            return 0
        if before.kind not in ("name", "number", "super") and before.text not in (")", "]"):
            return 0
        if re.compile(r"\.T(?![A-Za-z0-9_])").match(plain, at) and self._transposable(before):
            self.add("sign", "^", at)
            self.add("sign", "⊤", at + 1)
            return 2
        if re.compile(rf"\.\s*(?:[{_LETTER}(]|\\(?!end|q?quad|[^A-Za-z]))").match(plain, at):
            self.add("sign", "*", at)
            return 1
        return 0

    def _transposable(self, before: Token) -> bool:
        assert self.names is not None
        return "T" not in self.names.known or (before.kind == "name" and key(before.text) in self.names.arrays)

    def _refuse(self, plain: str, at: int) -> int:
        char = plain[at]
        if char.isdigit():
            message = "only the digits 0 to 9 are read"
        elif char == ".":
            message = "a point without a digit"
        elif char in "∑∏":
            message = _LIMITS
        elif char in "'\"“”‘`":
            message = "a quotation mark cannot stand here"
        else:
            message = f"{quoted(char)} cannot stand here"
        self.add("bad", message, at)
        return 1


def _plain_letters(content: str) -> str:
    r"""What a font is set around, with every command in it as one letter: `\mathbf{y}_{hh}`."""
    return re.sub(r"\\[A-Za-z]+\s*\{?", "a", content) if "\\" in content else content


# What stands around a formula.


@cache
def _wrapped() -> re.Pattern[str]:
    return re.compile(r"(?s)\s*(?:\$\$(.*)\$\$|\$([^$]*)\$|\\\((.*)\\\)|\\\[(.*)\\\]|`+([^`]*)`+|\*\*(.*)\*\*)\s*")


def unwrapped(text: str) -> str:
    r"""Text without `$…$`, `\[…\]` and backquotes around it, full stops and citation marks at its end.

    The length stays as it is, so that carets stand where they should: what is left out becomes blanks.
    """
    if ":" in text:
        text = re.sub(r":\s*contentReference\s*\[[^\]]*\]\s*(?:index\s*=\s*\d+|\{[^}]*\})?", _blanks, text)
    for _ in range(4):
        text = _without_stop(text)
        match = _wrapped().fullmatch(text) if text[:1] in "$\\`* \n\t" else None
        if match is None:
            break
        group = next(n for n in range(1, 7) if match[n] is not None)
        text = " " * match.start(group) + match[group] + " " * (len(text) - match.end(group))
    return text


def _without_stop(text: str) -> str:
    """Without the full stop at the end of a sentence."""
    body = text.rstrip()
    if body.endswith(".") and not body.endswith("..") and body[-2:-1].strip() and not body[-2].isdigit():
        return body[:-1] + " " * (len(text) - len(body) + 1)
    return text


def _blanks(match: re.Match[str]) -> str:
    return " " * len(match.group())
