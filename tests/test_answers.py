"""What a student wrote, as numbers: everything that is read, and why the rest is not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcheck import answers, yamltree
from hwcheck.answers import Answer, Unreadable
from hwcheck.values import Value
from hwcheck.yamltree import Node, Scalar

MATRIX = np.zeros((2, 2))
SIGNAL = np.zeros(4)
SHAPE = (64, 58, 58)


def typed(text: str) -> Node:
    """A node as YAML makes it of `text`."""
    node = yamltree.parse(f"a: {text}").get("a")
    assert node is not None
    return node


def read(what: str | Node, like: Value, **options: int) -> Answer:
    return answers.read(Scalar(what, 1, 1) if isinstance(what, str) else what, like, **options)


def number(text: str) -> Fraction:
    (entry,) = read(text, 1.0).entries
    assert entry is not None
    return entry.value


def rows(answer: Answer) -> object:
    """The entries as nested lists of floats, None where nothing was written."""
    flat = [None if entry is None else float(entry.value) for entry in answer.entries]
    return np.array(flat, dtype=object).reshape(answer.shape).tolist()


def refusal(what: str | Node, like: Value) -> str:
    with pytest.raises(Unreadable) as caught:
        read(what, like)
    return str(caught.value)


# Numbers.

NUMBERS = [
    pytest.param("5146011", "5146011", id="digits"),
    pytest.param("5,146,011", "5146011", id="commas between thousands"),
    pytest.param("5 146 011", "5146011", id="blanks between thousands"),
    pytest.param("5\u202f146\u00a0011", "5146011", id="narrow and hard blanks between thousands"),
    pytest.param("5'146'011", "5146011", id="apostrophes between thousands"),
    pytest.param("1,234.5", "1234.5", id="thousands and decimals"),
    pytest.param("1,234 * 2", "2468", id="thousands in arithmetic"),
    pytest.param("010", "10", id="a zero in front"),
    pytest.param("1" + "0" * 30, str(10**30), id="31 digits"),
    pytest.param("1" * 400, "1" * 400, id="400 digits"),
    pytest.param("0.160", "0.16", id="decimal"),
    pytest.param("-.5", "-0.5", id="decimal without a zero in front"),
    pytest.param("7.", "7", id="decimal without digits behind the point"),
    pytest.param("1.2e-3", "0.0012", id="e-notation"),
    pytest.param("1E5", "100000", id="E-notation"),
    pytest.param("1.2×10^-3", "0.0012", id="times ten to the power"),
    pytest.param("1.2 x 10**(-3)", "0.0012", id="times ten in ASCII"),
    pytest.param("1.2·10⁻³", "0.0012", id="times ten with superscripts"),
    pytest.param("62.4M", "62400000", id="million"),
    pytest.param("3 k", "3000", id="thousand"),
    pytest.param("2G", "2000000000", id="billion"),
    pytest.param("−3", "-3", id="Unicode minus"),
    pytest.param("–3", "-3", id="dash for minus"),
    pytest.param("- 3", "-3", id="minus and a blank"),
    pytest.param("+3", "3", id="plus"),
    pytest.param("-1/3", "-1/3", id="fraction"),
    pytest.param("2^-7", "1/128", id="power"),
    pytest.param("2**10", "1024", id="power in Python"),
    pytest.param("2³", "8", id="superscript"),
    pytest.param("27*27*3", "2187", id="product"),
    pytest.param("27×27·3", "2187", id="product with its own signs"),
    pytest.param("4x4x5", "80", id="product with the letter x"),
    pytest.param("(1/2)^3 − 2(3 + 4)/7", "-15/8", id="brackets"),
    pytest.param("5!", "120", id="factorial"),
    pytest.param("max(1, 5/2, 2)", "5/2", id="largest of three"),
    pytest.param("max(3)", "3", id="largest of one"),
    pytest.param("h_1 = 0.06 + 0.1 = 0.16", "0.16", id="the right-hand side counts"),
    pytest.param("≈ 3", "3", id="about"),
    pytest.param("$3$", "3", id="LaTeX dollars"),
    pytest.param("[5]", "5", id="brackets around one number"),
    pytest.param("[[ 5 ]]", "5", id="two brackets around one number"),
    pytest.param("0^0", "1", id="zero to the zero"),
]


@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_a_number_is_read_as_it_was_meant(text, value):
    assert number(text) == Fraction(value)


@pytest.mark.parametrize(
    ("text", "value"), [("√2", 2**0.5), ("π", np.pi), ("2π", 2 * np.pi), ("e^2", np.e**2), ("ln(2)", np.log(2))]
)
def test_an_irrational_number_is_read_in_floating_point(text, value):
    assert float(number(text)) == pytest.approx(value, rel=1e-15)


WRITTEN = [  # text, one unit of the last place, significant digits
    ("0.25", "1/100", 2),
    ("0.160", "1/1000", 3),
    ("-12.50", "1/100", 4),
    ("160", "1", 3),
    ("−3.5", "1/10", 2),
    ("–3.5", "1/10", 2),
    ("1,600", "1", 4),
    ("1.2e-3", "1/10000", 2),
    ("1.2×10^4", "1000", 2),
    ("62.4M", "100000", 3),
    ("007", "1", 1),
    ("0.0", "1/10", 0),
    ("25%", "1", 2),
    ("h = 0.1 + 0.06 = 0.16", "1/100", 2),
    ("[0.5]", "1/10", 1),
]


@pytest.mark.parametrize(("text", "unit", "digits"), WRITTEN)
def test_a_decimal_knows_how_precisely_it_was_written(text, unit, digits):
    (entry,) = read(text, 1.0).entries
    assert (entry.unit, entry.digits) == (Fraction(unit), digits)


@pytest.mark.parametrize(
    ("text", "shown"), [("1/3", "0.333333"), ("27*27*3", "2187"), ("2e", "5.43656"), ("10^30", None), ("10^30/7", None)]
)
def test_arithmetic_is_exact_and_shown_as_it_was_understood(text, shown):
    answer = read(text, 1.0)
    assert (answer.entries[0].unit, answer.entries[0].digits, answer.read_as) == (None, None, shown)


@pytest.mark.parametrize(
    ("text", "value", "percent"),
    [("25%", "25", True), ("25.5 %", "25.5", True), ("1/3%", "1/3", True), ("25", "25", False)],
)
def test_a_percent_sign_is_kept_for_whoever_asks(text, value, percent):
    (entry,) = read(text, 1.0).entries
    assert (entry.value, entry.percent) == (Fraction(value), percent)


THOUSANDS = "a comma cannot stand here; write a decimal number with a point, thousands in groups of three"
UNDERSCORE = "an underscore cannot stand here; write a number without it"
LENGTH = "longer than 2,000 characters"
POWER = "a power too large to work with"
DIGITS = "only the digits 0 to 9 are read"

UNREADABLE = [
    pytest.param("1,5", f"{THOUSANDS}\n1,5\n ^", id="decimal comma"),
    pytest.param("0,160", f"{THOUSANDS}\n0,160\n ^", id="decimal comma with three digits"),
    pytest.param("5,146,01", f"{THOUSANDS}\n5,146,01\n     ^", id="a group of two"),
    pytest.param("12 34", "two numbers side by side; write the sign between them\n12 34\n   ^", id="two numbers"),
    pytest.param("0x10", "hexadecimal numbers are not read; write the number in decimal\n0x10\n^", id="hexadecimal"),
    pytest.param("1.2 e-3", "a blank inside a number; write it together, such as 1.2e-3\n1.2 e-3\n    ^", id="a cut exponent"),
    pytest.param("1_000", f"{UNDERSCORE}\n1_000\n ^", id="underscore between digits"),
    pytest.param("__import__('os')", f"{UNDERSCORE}\n__import__('os')\n^", id="a call of Python"),
    pytest.param("os.system('x')", "a point without a digit\nos.system('x')\n  ^", id="an attribute"),
    pytest.param("９", f"{DIGITS}\n９\n^", id="full-width digit"),
    pytest.param("3 + ٣", f"{DIGITS}\n3 + ٣\n    ^", id="Arabic digit"),
    pytest.param("\u200f3", "'\\u200f' cannot stand here\n\\u200f3\n^", id="right-to-left mark"),
    pytest.param("3\x1b[31m", "'\\x1b' cannot stand here\n3\\x1b[31m\n ^", id="terminal escape"),
    pytest.param("1\u00a0000 $ 3", "'$' cannot stand here\n1 000 $ 3\n      ^", id="the caret stands right behind a hard blank"),
    pytest.param("nan", "unknown name 'nan'; a number is expected here\nnan\n^", id="nan"),
    pytest.param("-inf", "unknown name 'inf'; a number is expected here\n-inf\n ^", id="inf"),
    pytest.param("infinity", "unknown name 'infinity'; a number is expected here\ninfinity\n^", id="infinity"),
    pytest.param("True", "unknown name 'True'; a number is expected here\nTrue\n^", id="truth value"),
    pytest.param("3 + 5 cm", "unknown name 'cm'; a number is expected here\n3 + 5 cm\n      ^", id="unit"),
    pytest.param("9^9^9^9", f"{POWER}\n9^9^9^9\n^", id="tower of powers"),
    pytest.param("10^9999", f"{POWER}\n10^9999\n^", id="a power of 10,000 digits"),
    pytest.param("0.5^-9999", f"{POWER}\n0.5^-9999\n^", id="a negative power"),
    pytest.param("500!*500!*500!", "a number too large to work with\n500!*500!*500!\n^", id="product of factorials"),
    pytest.param("1e9999", "a power of ten too large to work with\n1e9999\n^", id="power of ten"),
    pytest.param("(" * 100_000, f"{LENGTH}\n{'(' * 60}\n^", id="100,000 opening brackets"),
    pytest.param("(" * 100_000 + "1" + ")" * 100_000, f"{LENGTH}\n{'(' * 60}\n^", id="100,000 brackets"),
    pytest.param("1" * 100_000, f"{LENGTH}\n{'1' * 60}\n^", id="100,000 digits"),
    pytest.param("1" * 401, f"a number of 401 digits\n{'1' * 60}\n^", id="401 digits"),
    pytest.param("(" * 41 + "1" + ")" * 41, f"brackets nested more than 40 deep\n{'(' * 31}1{')' * 28}\n{' ' * 30}^", id="41 brackets"),
    pytest.param("√" * 1999 + "4", f"roots nested more than 40 deep\n{'√' * 60}\n{' ' * 30}^", id="2,000 roots"),
    pytest.param("3" + "!" * 1990, f"too many signs in a row\n{'!' * 30}\n{' ' * 30}^", id="2,000 factorials"),
    pytest.param("-" * 1990 + "1", f"too many signs in a row\n{'-' * 30}1\n{' ' * 30}^", id="2,000 signs"),
    pytest.param("2^" * 50 + "1", f"powers nested more than 40 deep\n{'2^' * 25}1\n{' ' * 30}^", id="50 powers"),
    pytest.param("501!", "a factorial is read for whole numbers from 0 to 500\n501!\n^", id="a large factorial"),
    pytest.param("1/0", "a division by zero\n1/0\n^", id="division by zero"),
    pytest.param("0^-1", "a division by zero\n0^-1\n^", id="zero to a negative power"),
    pytest.param("√(-1)", "no real value\n√(-1)\n^", id="root of a negative number"),
    pytest.param("(-8)^(1/3)", "no real value\n(-8)^(1/3)\n^", id="broken power of a negative number"),
    pytest.param("e^700 * e^700", "no finite value\ne^700 * e^700\n^", id="overflow"),
    pytest.param("3 +", "the formula ends too early\n3 +\n   ^", id="nothing behind a sign"),
    pytest.param("2 * (3 + 4", "this bracket is not closed\n2 * (3 + 4\n    ^", id="open bracket"),
    pytest.param("3 + 4)", "this bracket closes nothing\n3 + 4)\n     ^", id="closing bracket"),
    pytest.param("50% + 1", "a percent sign where no percentage is asked\n50% + 1\n  ^", id="percent sign in the middle"),
    pytest.param("1;2", "';' cannot stand here\n1;2\n ^", id="semicolon"),
    pytest.param("1 + " * 20 + ";", f"';' cannot stand here\n{(' + 1' * 20)[-27:]} + ;\n{' ' * 30}^", id="a place far to the right"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), UNREADABLE)
def test_what_is_no_number_is_unreadable_with_a_caret_under_the_place(text, message):
    assert refusal(text, 1.0) == message


def test_a_sum_of_a_thousand_terms_is_read():
    assert number("1+" * 999 + "1") == 1000


@pytest.mark.parametrize(
    ("text", "like", "message"),
    [
        ("[1, 2]", 1.0, "expected a number, found a list; write the number alone"),
        ("[1, 2]", 1, "expected a whole number, found a list; write the number alone"),
        ("{x: 1}", 1, "expected a whole number, found '{x: 1}'; put quotes around it"),
        ("[naive]", "naive", "expected a word"),
    ],
)
def test_a_list_where_one_answer_is_asked_is_unreadable(text, like, message):
    assert refusal(typed(text), like) == message


@pytest.mark.parametrize("text", ["[5]", "[[5]]", "'5'"])
def test_one_number_may_stand_in_a_list(text):
    answer = read(typed(text), 5)
    assert (answer.entries[0].value, answer.shape) == (5, ())


def test_a_word_is_read_without_case_and_spare_blanks():
    assert read(" Naive \n", "naive").word == "naive"


def test_what_was_written_is_kept_on_one_line_safe_to_print():
    assert read("1 2\n 3 4\n", MATRIX).text == "1 2; 3 4"
    assert read(typed("[[1, 2], [3, '4']]"), MATRIX).text == "[[1, 2], [3, 4]]"
    assert answers.written(Scalar("a\x1b[31m" + "x" * 500, 1, 1)) == "a\\x1b[31m" + "x" * 393 + "…"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("''", True),
        ("' '", True),
        ("'?'", True),
        ("…", True),
        ("[]", True),
        ("['', '?']", True),
        ("{}", True),
        ("0", False),
        ("['', 0]", False),
    ],
)
def test_nothing_written_is_blank(text, expected):
    assert answers.blank(typed(text)) is expected


def test_a_missing_answer_is_blank():
    assert answers.blank(None)


# Shapes.


@pytest.mark.parametrize(
    "text",
    ["64x58x58", "64X58X58", "64 × 58 × 58", "64*58*58", "64·58·58", "(64, 58, 58)", "[64, 58, 58]", "64, 58, 58", "64 58 58", "64;58;58",
     r"$64 \times 58 \times 58$", "64 by 58 by 58", "shape = (64, 58, 58)", "128/2 x 58 x 60-2"],
)  # fmt: skip
def test_a_shape_is_read_however_its_sizes_are_set_apart(text):
    answer = read(text, SHAPE)
    assert [entry.value for entry in answer.entries] == [64, 58, 58]
    assert answer.shape == (3,)


@pytest.mark.parametrize(
    ("what", "sizes"),
    [
        ("1×1×30,976", [1, 1, 30976]),
        ("30,976", [30976]),
        ("1 024 x 3", [1024, 3]),
        (typed("[[64], [58], [58]]"), [64, 58, 58]),
        ("-3x4.5", [-3, Fraction(9, 2)]),
    ],
)
def test_the_sizes_of_a_shape_are_numbers_like_others(what, sizes):
    assert [entry.value for entry in read(what, SHAPE).entries] == sizes


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("64x58xa", "expected a shape such as 4x4x5; one of its sizes is 'a', not a number"),
        ("64x", "expected a shape such as 4x4x5; one of its sizes is nothing, not a number"),
        ("1x2x3x4x5x6x7x8x9", "expected a shape such as 4x4x5"),
        ("4x" * 50_000, "expected a shape such as 4x4x5"),
        (typed("{64, 58}"), "expected a shape such as 4x4x5, found a mapping; put quotes around it"),
        (typed("[64, b]"), "expected a shape such as 4x4x5; one of its sizes is 'b', not a number"),
    ],
)
def test_what_is_no_shape_is_unreadable(what, message):
    assert refusal(what, SHAPE) == message


# Arrays.

SAME = [[7, 9], [8, 5]]


@pytest.mark.parametrize(
    "what",
    [
        pytest.param("7 9; 8 5", id="semicolon between rows"),
        pytest.param("7 9 ; 8 5 ;\n", id="semicolon behind every row"),
        pytest.param("7, 9; 8, 5", id="commas between numbers"),
        pytest.param("7 9\n8 5\n", id="lines"),
        pytest.param("7\t9\n8\t5", id="pasted from a spreadsheet"),
        pytest.param("[[7, 9], [8, 5]]", id="list as text"),
        pytest.param("[[7, 9],\n [8, 5],\n]", id="list over lines"),
        pytest.param("[7, 9], [8, 5]", id="lists side by side"),
        pytest.param("[7 9; 8 5]", id="MATLAB"),
        pytest.param("[[7 9]\n [8 5]]", id="NumPy's print"),
        pytest.param("[[7. 9.]\n [8. 5.]]", id="NumPy's print of reals"),
        pytest.param("array([[7, 9],\n       [8, 5]])", id="NumPy's repr"),
        pytest.param("np.array([[7., 9.], [8., 5.]], dtype=float32)", id="NumPy's repr with a type"),
        pytest.param(r"\begin{bmatrix} 7 & 9 \\ 8 & 5 \end{bmatrix}", id="LaTeX"),
        pytest.param(r"$\begin{pmatrix}7&9\\8&5\\\end{pmatrix}$", id="LaTeX in dollars"),
        pytest.param(r"\begin{array}{cc} 7 & 9 \\ 8 & 5 \end{array}", id="LaTeX array"),
        pytest.param("output = [[7, 9], [8, 5]]", id="behind an equals sign"),
        pytest.param("14/2 3^2; 2 * 4 (2+3)", id="arithmetic in the cells"),
        pytest.param("max(7, 1), 9; 8, 5", id="a comma inside brackets"),
        pytest.param(typed("[[7, 9], [8, 5]]"), id="list of YAML"),
        pytest.param(typed("[7 9, 8 5]"), id="list of rows"),
        pytest.param(typed("['7, 9', '8, 5']"), id="list of rows with commas"),
        pytest.param(typed("\n- [7, 9]\n- [8, 5]"), id="dashes"),
    ],
)
def test_a_matrix_is_read_however_it_is_written(what):
    answer = read(what, MATRIX)
    assert rows(answer) == SAME
    assert answer.shape == (2, 2)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        pytest.param("1, 2, 3", [1, 2, 3], id="commas"),
        pytest.param("1 2 3", [1, 2, 3], id="blanks"),
        pytest.param("(4, -4)", [4, -4], id="round brackets"),
        pytest.param("array([1., 2.], dtype=float64)", [1, 2], id="NumPy"),
        pytest.param("[1.e+00 2.e-01]", [1, 0.2], id="NumPy with exponents"),
        pytest.param("[ 1 -2]", [1, -2], id="minus glued to a number is a sign"),
        pytest.param("1 −2", [1, -2], id="Unicode minus glued to a number is a sign"),
        pytest.param("1 - 2 3", [-1, 3], id="minus between blanks takes away"),
        pytest.param("- 1 2", [-1, 2], id="minus in front"),
        pytest.param("1 / 2 3", [0.5, 3], id="fraction with blanks"),
        pytest.param("1/2 3/4", [0.5, 0.75], id="fractions"),
        pytest.param("2* 3 4", [6, 4], id="a sign waits for the next number"),
        pytest.param("2 (3 + 4) 5", [2, 7, 5], id="blanks inside brackets"),
        pytest.param("(3 √4) 5", [6, 5], id="a product inside brackets"),
        pytest.param("5%, 6%", [5, 6], id="percent"),
        pytest.param("1 ? 3", [1, None, 3], id="a blank cell"),
        pytest.param("1,, 3", [1, None, 3], id="nothing between commas"),
        pytest.param("5", [5], id="one number"),
        pytest.param("1; 2; 3", [[1], [2], [3]], id="a column"),
        pytest.param("1\n2\n3", [[1], [2], [3]], id="a column in lines"),
        pytest.param(r"\begin{bmatrix}1\\2\end{bmatrix}", [[1], [2]], id="a column of LaTeX"),
        pytest.param("[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]", [[[1, 2], [3, 4]], [[5, 6], [7, 8]]], id="two matrices"),
        pytest.param(typed("[1, '', 3]"), [1, None, 3], id="a blank cell in a list"),
        pytest.param(typed("[1/2, 2^-1, 1e5]"), [0.5, 0.5, 1e5], id="arithmetic in a list"),
        pytest.param(typed("[[[1]]]"), [[[1]]], id="three brackets"),
        pytest.param(r"g_3 = g_2 = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}.", [[1, 2], [3, 4]], id="the end of a chain in LaTeX"),
        pytest.param("tensor([[1., 2.],\n        [3., 4.]])", [[1, 2], [3, 4]], id="PyTorch"),
        pytest.param("Matrix([[1, 2], [3, 4]])", [[1, 2], [3, 4]], id="SymPy"),
        pytest.param("y = np.array([[1, 2]], dtype=float32)", [[1, 2]], id="an assignment"),
        pytest.param("((1, 2), (3, 4))", [[1, 2], [3, 4]], id="tuples"),
        pytest.param("{{1, 2}, {3, 4}}", [[1, 2], [3, 4]], id="braces"),
        pytest.param("| 1 | 2 |\n| - | - |\n| 3 | 4 |", [[1, 2], [3, 4]], id="a Markdown table"),
        pytest.param("[1, 2, 3]^T", [1, 2, 3], id="a row turned into a column"),
        pytest.param("(1 2 3)^T", [1, 2, 3], id="the same in round brackets"),
        pytest.param(r"(1 2; 3 4)^{\top}", [[1, 3], [2, 4]], id="a transpose"),
    ],
)  # fmt: skip
def test_an_array_is_read_with_its_own_shape(what, expected):
    assert rows(read(what, MATRIX)) == expected


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("7 9; 8", "rows of different length: 2, 1"),
        ("1 2\n" * 7 + "1", "rows of different length: 2, 2, 2, 2, 2, 2, …"),
        (typed("[[1, 2], [3]]"), "rows of different length: 2, 1"),
        (typed("[[[1], [2]], [[1, 2], [3, 4]]]"), "rows of different length: 2×1, 2×2"),
        ("[1, [2]]", "numbers and rows in one list"),
        (typed("[[1, 2], 3]"), "numbers and rows in one list"),
        ("[1, 2", "a bracket [ that is not closed"),
        ("[[1]]]", "a bracket ] that closes nothing"),
        ("[" * 10 + "1" + "]" * 10, "brackets nested more than 8 deep"),
        ("{1, 2}", "expected numbers in rows such as 1 2; 3 4, found braces"),
        ("[" + "1," * 100_001 + "]", "more than 4,000 numbers"),
        ("; ;", "expected a matrix such as 1 2; 3 4"),
        ("[[], []]", "expected a matrix such as 1 2; 3 4"),
        ("7 9; 8 x", "row 2, column 2: unknown name 'x'; a number is expected here\nx\n^"),
        ("1 2)", "entry 2: this bracket closes nothing\n2)\n ^"),
        ("1 ٣", f"entry 2: {DIGITS}\n٣\n^"),
        (typed("[5,146,011]"), "entry 3: '011' in a list: write thousands without separators there, 1000 for 1,000"),
        ("[1,000, 2]", "entry 2: '000' in a list: write thousands without separators there, 1000 for 1,000"),
        (typed("[1, {a: 2}]"), "expected a number, found '{a: 2}'; put quotes around it"),
        (typed("{1: 2}"), "expected a matrix, found '{1: 2}'; put quotes around it, or write a list"),
    ],
)
def test_what_is_no_array_is_unreadable(what, message):
    assert refusal(what, MATRIX) == message


@pytest.mark.parametrize(
    ("text", "origin", "expected"),
    [
        ("{1: -3, 2: 2}", 0, [0, -3, 2, 0]),
        ("{-1: 4, 2: 1/2}", -1, [4, 0, 0, 0.5]),
        ("{'y[0]': 1, 'y[3]': 2}", 0, [1, 0, 0, 2]),
        ("{'−1': 5}", -2, [0, 5, 0, 0]),
        ("{0: 1, 9: 0}", 0, [1, 0, 0, 0]),
        ("{0: '', 1: 2}", 0, [None, 2, 0, 0]),
    ],
)
def test_a_signal_may_map_an_index_to_a_value_and_is_zero_elsewhere(text, origin, expected):
    assert rows(read(typed(text), SIGNAL, origin=origin)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{a: 1}", "expected an index, found 'a'"),
        ("{7: 1}", "the index 7 is not among those asked"),
        ("{0: [1]}", "expected a number at 0, found a list"),
    ],
)
def test_what_is_no_signal_is_unreadable(text, message):
    assert refusal(typed(text), SIGNAL) == message


# Hostile text costs no time.

HOSTILE = [
    pytest.param("1" + " " * 500_000 + "2", id="blanks"),
    pytest.param("1" + " " * 500_000 + "dtype", id="blanks before dtype"),
    pytest.param("1," * 90_000, id="commas"),
    pytest.param("1," * 200_000 + ")", id="commas and a bracket"),
    pytest.param("(" + "1 " * 200_000, id="words inside a bracket"),
    pytest.param("1 " + "+ " * 200_000, id="signs"),
    pytest.param("[1]" * 90_000, id="brackets"),
    pytest.param("1e9999 " * 90_000, id="powers of ten"),
    pytest.param(r"\begin{bmatrix}" * 50_000, id="LaTeX"),
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("like", [MATRIX, SHAPE, 1.0, "word"], ids=["matrix", "shape", "number", "word"])
def test_a_long_text_is_read_or_refused_in_one_pass(text, like):
    try:
        read(text, like)
    except Unreadable as error:
        assert len(str(error)) < 500


PIECES = st.sampled_from(
    [*"0123456789+-*/^()[]{},;:.=%!?_&|~'\" \t\n\\$x×−√π", "1e5", "e9", "max(", "sqrt", "array(", r"\begin{bmatrix}", r"\end{bmatrix}", "dtype=f",
     "10^", "٣", "９", "\u200f", "\x1b", "²", "⁻", "nan", "\u00a0", "500!", "[["]
)  # fmt: skip


@settings(derandomize=True, database=None, deadline=None, max_examples=500)
@given(st.lists(PIECES, max_size=25).map("".join), st.sampled_from([1, 1.0, MATRIX, SIGNAL, SHAPE, "word"]))
def test_text_of_any_kind_is_an_answer_or_unreadable(text, like):
    try:
        answer = read(text, like)
    except Unreadable as error:
        assert all(char.isprintable() or char == "\n" for char in str(error))
    else:
        assert len(answer.entries) == np.prod(answer.shape, dtype=int) or isinstance(like, str)
        assert answer.text.isprintable()


# What is carried on with.


@pytest.mark.parametrize(
    ("what", "like", "expected"),
    [
        ("12", 7, 12),
        ("3.5", 7, None),
        ("12", 0.5, 12.0),
        ("1/4", 0.5, 0.25),
        (str(10**12), 7, 10**12),
        (str(10**12 + 1), 7, None),
        ("3x4", (5, 6), (3, 4)),
        ("3x4x5", (5, 6), None),
        ("0x4", (5, 6), None),
        ("3x1000001", (5, 6), None),
        ("naive", "gram", None),
        ("1 ? 3", np.zeros(3), None),
        ("1 2 3", np.zeros((2, 2)), None),
    ],
)
def test_an_answer_is_carried_only_if_it_fits(what, like, expected):
    value = answers.carried(read(what, like), like)
    assert value == expected
    assert type(value) is (type(like) if expected is not None else type(None))


@pytest.mark.parametrize(
    ("what", "like", "expected"),
    [
        ("1 2; 3 4", np.zeros((2, 2)), [[1, 2], [3, 4]]),
        ("1 2 3; 4 5 6", np.zeros((2, 2)), [[1, 2, 3], [4, 5, 6]]),
        ("1 2 3", np.zeros((3, 1)), [[1], [2], [3]]),
        ("1; 2; 3", np.zeros((1, 3)), [[1, 2, 3]]),
        ("9", np.zeros((1, 1)), [[9]]),
        ("[[9]]", np.zeros(1), [9]),
    ],
)
def test_an_array_is_carried_in_the_rank_that_was_asked(what, like, expected):
    value = answers.carried(read(what, like), like)
    assert value.tolist() == expected
    assert value.dtype == np.float64
