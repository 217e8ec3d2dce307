"""What a student wrote, as numbers: text → number, shape, array, word.

How a text is read depends only on what was asked for. Four outcomes are never mixed up: an answer, unreadable (with the
place and what would have been readable), or blank; whether an answer is right is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from hwcheck import evaluation, expressions, tokens
from hwcheck.formulas import Formula, FormulaError, Vocabulary, read_formula
from hwcheck.tokens import ExpressionError
from hwcheck.values import Choice, Value, describe
from hwcheck.words import quoted, visible
from hwcheck.yamltree import Mapping, Node, Scalar, Sequence

MAX_ENTRIES = 100_000
MIN_ENTRIES = 4_000
"""How many numbers are read at least, however few are asked."""
MAX_CARRIED = 10**12
MAX_AXIS = 10**6


class Unreadable(Exception):
    """An answer that cannot be read: one sentence that says where, and what would have been readable."""


class Number(NamedTuple):
    """A number as written.

    `unit` is one unit of its last written place (0.01 for 0.25), `digits` how many significant digits were written;
    both are None where the number is exact: a fraction, or arithmetic.
    """

    value: Fraction
    unit: Fraction | None = None
    digits: int | None = None
    percent: bool = False


class Answer(NamedTuple):
    """What was read: entries in row order with their shape (`()` for a single number), or a word.

    A formula has no entries, and its shape is unknown until it is tried. An entry is None where a cell was left blank. `text` is what was written, on one line, safe to print; `read_as` says
    how it was understood where that may surprise.
    """

    entries: tuple[Number | None, ...]
    shape: tuple[int, ...]
    text: str
    word: str = ""
    read_as: str | None = None
    formula: Formula | None = None


_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?:[ \u00a0\u2009\u202f'][0-9]{3})+)(?:\.[0-9]+)?")
_TIMES_TEN = re.compile(r"([+-]?[0-9.]+)\s*[*×xX·]\s*10\s*(?:\^|\*\*)\s*\(?\s*([+-]?[0-9]{1,4})\s*\)?")
_MAGNITUDE = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*([kKMG])")
_MAGNITUDES = {"k": 3, "K": 3, "M": 6, "G": 9}
_SUPERSCRIPTED = re.compile("[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")


def read_number(text: str, *, alone: bool = True) -> Number:
    """One number: decimal, with separators (only where it stands `alone`), a fraction, or arithmetic.

    Raises:
        Unreadable: with a caret under the place.
    """
    written = text.strip()
    body = _right_side(written.strip("$ ")).replace("−", "-").replace("–", "-")
    if "{,}" in body or "\\," in body:  # LaTeX's own separators of thousands
        body = re.sub(r"(?<=[0-9])(?:\{,\}|\\,)(?=[0-9]{3})", ",", body)
    percent = body.endswith("%")
    if percent:
        body = body[:-1].rstrip()
    number = _plain_number(body, alone)
    if number is None:
        if not alone and re.fullmatch(r"[+-]?0[0-9]+", body):
            raise Unreadable(f"{quoted(body)} in a list: write thousands without separators there, 1000 for 1,000")
        number = _arithmetic(body, alone)
    return number._replace(percent=True) if percent else number


def _right_side(text: str) -> str:
    """What stands behind the last equals sign: `h_1 = 0.06 + 0.1 = 0.16` answers 0.16."""
    return re.split(r"[=≈]|\\approx(?![a-z])", text)[-1].strip()


def _plain_number(body: str, alone: bool) -> Number | None:
    if len(body) > tokens.MAX_DIGITS:
        return None
    times_ten = _TIMES_TEN.fullmatch(_SUPERSCRIPTED.sub(lambda m: "^" + m.group().translate(tokens.SUPERSCRIPTS), body))
    magnitude = _MAGNITUDE.fullmatch(body)
    if times_ten:
        body = f"{times_ten[1]}e{times_ten[2]}"
    elif magnitude:
        body = f"{magnitude[1]}e{_MAGNITUDES[magnitude[2]]}"
    elif alone and _GROUPED.fullmatch(body):
        body = re.sub(r"[, \u00a0\u2009\u202f']", "", body)
    if not _DECIMAL.fullmatch(body) or (not alone and re.fullmatch(r"[+-]?0[0-9]+", body)):
        return None
    try:
        decimal = Decimal(body)
    except InvalidOperation:
        return None
    _, digits, exponent = decimal.as_tuple()
    if not isinstance(exponent, int) or abs(exponent) > tokens.MAX_DIGITS:
        return None
    significant = 0 if decimal == 0 else len(digits)
    return Number(Fraction(decimal), Fraction(10) ** exponent, significant)


def _arithmetic(body: str, alone: bool) -> Number:
    try:
        tree = expressions.parse(body, grouping=alone)
        return Number(Fraction(evaluation.evaluate(tree, text=body)))
    except ExpressionError as error:
        raise Unreadable(_explained(error)) from None


def _explained(error: ExpressionError) -> str:
    return f"{error.message}\n{visible_lines(error.pointed())}"


def visible_lines(text: str) -> str:
    """Text of several lines, each made safe to print."""
    return "\n".join(visible(line) for line in text.split("\n"))


# What stands in a file: a scalar, a list, a mapping.


def blank(node: Node | None) -> bool:
    """Whether nothing was answered: no text, an empty list, or a question mark."""
    if node is None:
        return True
    if isinstance(node, Scalar):
        return node.blank or node.text.strip() in ("?", "…", "...")
    if isinstance(node, Sequence):
        return all(blank(item) for item in node.items)
    return not node.pairs


def written(node: Node) -> str:
    """What stands in the file, on one line, cut short, safe to print."""
    if isinstance(node, Scalar):
        text = "; ".join(line.strip() for line in node.text.strip().splitlines())
    elif isinstance(node, Sequence):
        text = "[" + ", ".join(written(item) for item in node.items) + "]"
    else:
        text = "{" + ", ".join(f"{key.text}: {written(value)}" for key, value in node.pairs) + "}"
    return visible(text if len(text) <= 400 else text[:399] + "…")


def read(node: Node, like: Value, *, origin: int = 0, words: Vocabulary | None = None) -> Answer:
    """An answer to a question whose right value has the type and rank of `like`.

    `origin` is the index of the first entry of a signal, for answers that map an index to a value; `words` are the names
    that a formula may use, where one is asked.

    Raises:
        Unreadable: with one sentence (and, for a formula, a caret under the place).
    """
    if words is not None:
        return _read_formula(node, like, words)
    if isinstance(like, Choice):
        return _read_choice(node, like)
    if isinstance(like, str):
        return _read_word(node)
    if isinstance(like, tuple):
        return _read_shape(node, like)
    if isinstance(like, np.ndarray):
        return _read_array(node, like, origin)
    return _read_single(node, like)


def _read_formula(node: Node, like: Value, words: Vocabulary) -> Answer:
    try:
        formula = read_formula(node, like, words)
    except FormulaError as error:
        raise Unreadable(visible_lines(str(error))) from None
    if not formula.used and words.names.known:
        try:
            formula.at({})
        except ExpressionError as error:
            raise Unreadable(error.message) from None
    read_as = visible(formula.read_as[:200]) if formula.read_as else None
    return Answer((), (), written(node), read_as=read_as, formula=formula)


def _read_word(node: Node) -> Answer:
    if not isinstance(node, Scalar):
        raise Unreadable("expected a word")
    return Answer((), (), written(node), word=" ".join(node.text.split()).casefold())


def _read_single(node: Node, like: Value) -> Answer:
    text = written(node)
    while isinstance(node, Sequence) and len(node.items) == 1:
        node = node.items[0]
    if isinstance(node, Sequence):
        raise Unreadable(f"expected {describe(like)}, found a list; write the number alone")
    if isinstance(node, Mapping):
        raise Unreadable(f"expected {describe(like)}, found {quoted(text)}; put quotes around it")
    body = node.text.strip()
    if re.fullmatch(r"\[[^\[\],;]*\]", body) or re.fullmatch(r"\[\[[^\[\],;]*\]\]", body):
        body = body.strip("[] ")
    number = read_number(body)
    if number.unit is not None:
        return Answer((number,), (), text)
    value = number.value
    shown = str(value) if value.denominator == 1 else f"{float(value):.6g}" if abs(value) <= MAX_CARRIED else ""
    return Answer((number,), (), text, read_as=shown if 0 < len(shown) <= 24 else None)


def _read_choice(node: Node, like: Choice) -> Answer:
    """The options that were chosen: by key in either case, with or without brackets, or by text; several as a list."""
    if isinstance(node, Mapping):
        raise Unreadable("expected an option, found a mapping; put quotes around it")
    by_words = {_folded(text): option for option, text in like.options.items()}
    by_words |= {_folded(word): option for word, option in like.also.items()}
    by_words |= {_folded(option): option for option in like.options}
    texts = [written(item) for item in node.items] if isinstance(node, Sequence) else [node.text]
    chosen: list[str] = []
    for text in texts:
        pieces = [text] if _folded(text) in by_words else re.split(r"[,;&+\n]|\band\b|(?<=\))\s+", text)
        if len(pieces) == 1 and _folded(text) not in by_words:
            pieces = text.split()
        for piece in pieces:
            if not piece.strip():
                continue
            option = by_words.get(_folded(piece))
            if option is None:
                raise Unreadable(f"{quoted(piece.strip())} is none of the options {', '.join(like.options)}")
            chosen.append(option)
    return Answer((), (), written(node), word=Choice(chosen, like.options))


def _folded(text: str) -> str:
    """A text as options are compared: without brackets, full stop, blanks and case."""
    text = " ".join(text.split()).casefold().rstrip(".")
    return re.sub(r"^[(\[]?\s*([^()\[\]]*?)\s*[)\]]?$", r"\1", text)


def _read_shape(node: Node, like: tuple[int, ...]) -> Answer:
    text = written(node)
    if isinstance(node, Mapping):
        raise Unreadable("expected a shape such as 4x4x5, found a mapping; put quotes around it")
    if isinstance(node, Sequence):
        while len(node.items) == 1 and isinstance(node.items[0], Sequence):
            node = node.items[0]
        if any(isinstance(item, Sequence) and len(item.items) != 1 for item in node.items):
            raise Unreadable("expected a shape such as 4x4x5, found lists in a list")
        parts = [item.text if isinstance(item, Scalar) else "" for item in _flat(node)]
    else:
        body = re.sub(r"^(?:[a-z]+\.)?(?:Size|shape)\((.*)\)$", r"\1", node.text.strip().strip("$"))
        if "," in body and body.count("=") > 1:
            raise Unreadable("expected a shape such as 4x4x5; write the sizes alone, without their names")
        body = _right_side(body).strip().strip("()[]").strip()
        body = re.sub(r"\\times|\\cdot|\bby\b", "×", body)
        if re.search(r"[×xX]", body):
            parts = re.split(r"[×xX]", body)
        elif re.search(r"[*·]", body):  # sizes, or the product that is the one size asked
            parts = re.split(r"[*·]", body) if sum(size != 1 for size in like) > 1 else [body]
        elif _GROUPED.fullmatch(body):
            parts = [body]
        else:
            parts = re.split(r"\s*[,;]\s*|\s+", body)
    if not 1 <= len(parts) <= 8:
        raise Unreadable("expected a shape such as 4x4x5")
    sizes = []
    for part in parts:
        try:
            sizes.append(read_number(part))
        except Unreadable:
            shown = quoted(part.strip()) if part.strip() else "nothing"
            raise Unreadable(f"expected a shape such as 4x4x5; one of its sizes is {shown}, not a number") from None
    return Answer(tuple(sizes), (len(sizes),), text)


def _flat(node: Sequence) -> Iterator[Node]:
    for item in node.items:
        if isinstance(item, Sequence):
            yield from _flat(item)
        else:
            yield item


def _read_array(node: Node, like: np.ndarray, origin: int) -> Answer:
    text = written(node)
    if isinstance(node, Mapping):
        return _read_signal(node, like, origin, text)
    rows = _nested(node.text) if isinstance(node, Scalar) else _cells(node)
    entries: list[Number | None] = []
    most = min(MAX_ENTRIES, max(MIN_ENTRIES, 4 * like.size))
    for cell in _leaves(rows):
        if len(entries) >= most:
            raise Unreadable(f"more than {most:,} numbers")
        try:
            entries.append(_cell(cell))
        except Unreadable as error:
            raise Unreadable(f"{_place(rows, len(entries))}{error}") from None
    shape = _shape(rows)
    if not entries:
        raise Unreadable(f"expected {describe(like)} such as 1 2; 3 4")
    return Answer(tuple(entries), shape, text)


Nested = str | list["Nested"]


def _cell(cell: str) -> Number | None:
    return None if cell.strip() in ("", "?") else read_number(cell, alone=False)


def _place(rows: Nested, index: int) -> str:
    """Where a cell stands in its array, "row 2, column 1: "; nothing for the only one."""
    if isinstance(rows, str) or not any(True for _ in _leaves(rows[1:])):
        return ""
    if all(isinstance(row, str) for row in rows):
        return f"entry {index + 1}: "
    for number, row in enumerate(rows, 1):
        count = sum(1 for _ in _leaves(row))
        if index < count:
            return f"row {number}, column {index + 1}: "
        index -= count
    return ""


def _cells(node: Node) -> Nested:
    """Nested lists of text; a list of texts that are rows themselves (`- 1 2 3`) is a matrix."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Mapping):
        raise Unreadable(f"expected a number, found {quoted(written(node))}; put quotes around it")
    items = [_cells(item) for item in node.items]
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) == len(items) and len(items) > 0:
        rows = [_row(item) for item in texts]
        if any(len(row) > 1 for row in rows) and len({len(row) for row in rows}) == 1:
            return [[*row] for row in rows]
    return items


_ARRAYS = "array|tensor|matrix|Matrix|asarray|Tensor"
"""What programs print before the brackets of an array."""


def _nested(text: str) -> Nested:
    """Text as nested lists: brackets, rows set apart by semicolons or lines, LaTeX matrices, NumPy's own print."""
    body = text.strip().strip("$").strip()
    if "\\begin" in body:
        body = re.sub(r"(?s)^[^&]*=\s*(?=\\begin)", "", body).rstrip(" .")
    turned = re.fullmatch(r"(?s)(.*[\])}])\s*(?:\^\s*(?:T|\{T\}|\\top|\{\\top\})|ᵀ|\.T)", body)
    if turned:
        return _transposed(_nested(turned[1]))
    matrix = re.fullmatch(r"(?s)\\begin\{([bpvB]?matrix|array)\}(?:\{[lcr|]*\})?(.*)\\end\{\1\}", body)
    if matrix:
        return [[*row] for row in ([c.strip() for c in r.split("&")] for r in matrix[2].split(r"\\")) if any(row)]
    body = re.sub(rf"(?s)^(?:[^=(\[{{]*=\s*)?(?:[a-z]+\.)?(?:{_ARRAYS})\((.*)\)$", r"\1", body).strip()
    head, dtype, name = body.rpartition("dtype=")
    if dtype and re.fullmatch(r"[\w.']+", name):
        body = head.rstrip(" ,\n")
    body = _right_side(body)
    if re.fullmatch(r"(?s)\(\s*\(.*\)\s*,?\s*\)|\{\s*\{.*\}\s*\}", body) and not re.search(r"[A-Za-z√]", body):
        body = body.translate(_TO_SQUARE)
    if re.fullmatch(r"(?s)\|.*\|", body):
        lines = [line.strip().strip("|") for line in body.splitlines() if re.search(r"[^\s|:-]", line)]
        return [[*_row(line.replace("|", "&"))] for line in lines]
    if "[" in body:
        return _brackets(body)
    if re.fullmatch(r"\([^()]*[,;][^()]*\)|\(\s*[-+.\d]+(?:\s+[-+.\d]+)+\s*\)", body):
        body = body[1:-1]
    if body.startswith("{") and body.endswith("}"):
        raise Unreadable("expected numbers in rows such as 1 2; 3 4, found braces")
    rows = [_row(row) for row in re.split(r"[;\n]", body) if row.strip()]
    if len(rows) == 1:
        return [*rows[0]]
    return [[*row] for row in rows]


_TO_SQUARE = str.maketrans("(){}", "[][]")


def _transposed(rows: Nested) -> Nested:
    """A matrix written as the transpose of another; a row of numbers stays a list."""
    if isinstance(rows, str) or any(isinstance(row, str) for row in rows):
        return rows
    if len({len(row) for row in rows}) != 1:
        return rows
    return [list(column) for column in zip(*rows, strict=True)]


def _brackets(body: str) -> Nested:
    """Bracketed lists, with or without commas: `[[1, 2], [3, 4]]`, `[[1. 2.] [3. 4.]]`, `[1, 2; 3, 4]`."""
    stack: list[list[Nested]] = [[]]
    pieces = re.split(r"([\[\]])", body)
    for piece in pieces:
        if piece == "[":
            if len(stack) > 8:
                raise Unreadable("brackets nested more than 8 deep")
            stack.append([])
        elif piece == "]":
            if len(stack) == 1:
                raise Unreadable("a bracket ] that closes nothing")
            done = stack.pop()
            stack[-1].append(done)
        else:
            rows = [_row(row) for row in re.split(r"[;\n]", piece.strip().strip(",")) if row.strip(" ,")]
            if len(rows) > 1 and ";" in piece:
                stack[-1].extend([*row] for row in rows)
            else:
                stack[-1].extend(cell for row in rows for cell in row)
    if len(stack) != 1:
        raise Unreadable("a bracket [ that is not closed")
    return stack[0][0] if len(stack[0]) == 1 and isinstance(stack[0][0], list) else stack[0]


def _row(text: str) -> list[str]:
    """The cells of one row: set apart by commas, else by blanks outside brackets; `1 -2` is two cells, `1 - 2` one."""
    text = text.strip().strip(",")
    cells: list[list[str]] = [[]]
    if "," in text or "&" in text:
        inside = 0
        for piece in re.split(r"([(),&])", text):
            inside = max(0, inside + (piece == "(") - (piece == ")"))
            if piece in (",", "&") and not inside:
                cells.append([])
            else:
                cells[-1].append(piece)
        return ["".join(cell).strip() for cell in cells]
    depth = 0
    join = False
    for word in re.findall(r"\S+", text):
        operator = re.fullmatch(r"[-+*/×·÷−^]", word) is not None
        if join or operator or depth > 0 or not cells[-1]:
            cells[-1].append(word)
        else:
            cells.append([word])
        depth += word.count("(") - word.count(")")
        join = operator or bool(re.search(r"[*/×·÷^]$", word))
    return [" ".join(cell) for cell in cells if cell]


def _shape(rows: Nested) -> tuple[int, ...]:
    if isinstance(rows, str):
        return ()
    shapes = {_shape(row) for row in rows}
    if len(shapes) > 1:
        if any(isinstance(row, str) for row in rows):
            raise Unreadable("numbers and rows in one list")
        lengths = ["×".join(map(str, _shape(row))) for row in rows[:7]]
        listed = ", ".join(lengths[:6]) + (", …" if len(lengths) > 6 else "")
        raise Unreadable(f"rows of different length: {listed}")
    return (len(rows), *(shapes.pop() if shapes else ()))


def _leaves(rows: Nested) -> Iterator[str]:
    if isinstance(rows, str):
        yield rows
    else:
        for row in rows:
            yield from _leaves(row)


def _read_signal(node: Mapping, like: np.ndarray, origin: int, text: str) -> Answer:
    """Index → value; indices that are not written are 0, as a signal is outside its support."""
    if like.ndim != 1:
        raise Unreadable(f"expected {describe(like)}, found {quoted(text)}; put quotes around it, or write a list")
    entries: list[Number | None] = [Number(Fraction(0))] * len(like)
    for name, value in node.pairs:
        index = re.fullmatch(
            r"(?:[A-Za-z]\w*)?[\[(]?\s*([+-]?[0-9]{1,9})\s*[\])]?", name.text.replace("−", "-").strip()
        )
        if index is None:
            raise Unreadable(f"expected an index, found {quoted(name.text)}")
        if not isinstance(value, Scalar):
            raise Unreadable(f"expected a number at {name.text}, found a list")
        at = int(index[1]) - origin
        number = _cell(value.text)
        if 0 <= at < len(entries):
            entries[at] = number
        elif number is not None and number.value != 0:
            raise Unreadable(f"the index {name.text} is not among those asked")
    return Answer(tuple(entries), (len(entries),), text)


# What can be carried on with (the value handed back in place of the right one).


def carried(answer: Answer, like: Value) -> Value | None:
    """The answer in exactly the type of `like`, or None where it does not fit and cannot be followed."""
    numbers = [entry.value for entry in answer.entries if entry is not None]
    if isinstance(like, str) or len(numbers) != len(answer.entries):
        return None
    if isinstance(like, tuple):
        whole = [int(n) for n in numbers if n.denominator == 1 and 1 <= n <= MAX_AXIS]
        if len(whole) != len(numbers):
            return None
        if len(whole) != len(like):
            rest = iter([size for size in whole if size != 1])
            if sum(size != 1 for size in whole) != sum(size != 1 for size in like):
                return None
            whole = [1 if size == 1 else next(rest) for size in like]
        return tuple(whole)
    if any(abs(n) > MAX_CARRIED for n in numbers):
        return None
    if isinstance(like, np.ndarray):
        shape = fitted_shape(answer.shape, like.shape)
        return None if len(shape) != like.ndim else np.array([float(n) for n in numbers]).reshape(shape)
    if len(numbers) != 1:
        return None
    if isinstance(like, int):
        return int(numbers[0]) if numbers[0].denominator == 1 else None
    return float(numbers[0])


def fitted_shape(shape: tuple[int, ...], like: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of an answer as it was meant: `[9]` for 1×1, a list for a column, axes of length 1 left out."""
    if shape != like and [n for n in shape if n != 1] == [n for n in like if n != 1]:
        return like
    return shape
