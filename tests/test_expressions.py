"""Formulas: how they are grouped, what they are worth, where they are wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcheck import evaluation, expressions
from hwcheck.expressions import Binary, Call, ExpressionError, Index, List, Name, Number, Sign, Suffix, Tree

steady = settings(derandomize=True, database=None, deadline=None, max_examples=500)


def value(text: str, names: dict[str, evaluation.Binding] | None = None, **options: bool) -> int | float | Fraction:
    return evaluation.evaluate(expressions.parse(text, **options), names, text=text)


def grouped(tree: Tree) -> str:
    """A tree with all of its brackets."""
    if isinstance(tree, Number | Name):
        return tree.text
    if isinstance(tree, Sign):
        return f"({tree.sign}{grouped(tree.inner)})"
    if isinstance(tree, Suffix):
        return f"({grouped(tree.inner)}{tree.sign})"
    if isinstance(tree, Call):
        return f"{tree.name.text}({', '.join(map(grouped, tree.arguments))})"
    return f"({grouped(tree.left)} {tree.sign} {grouped(tree.right)})"


PRECEDENCE = [
    ("a + b - c", "((a + b) - c)"),
    ("a - b + c", "((a - b) + c)"),
    ("a - (b - c)", "(a - (b - c))"),
    ("a + b c", "(a + (b * c))"),
    ("a / b * c", "((a / b) * c)"),
    ("a / b c", "((a / b) * c)"),
    ("a / b / c", "((a / b) / c)"),
    ("2 c d_out", "((2 * c) * d_out)"),
    ("2c", "(2 * c)"),
    ("2(a + b)", "(2 * (a + b))"),
    ("(a)(b)", "(a * b)"),
    ("-a^2", "(-(a ^ 2))"),
    ("a^-b", "(a ^ (-b))"),
    ("a^b^c", "(a ^ (b ^ c))"),
    ("a**b**c", "(a ^ (b ^ c))"),
    ("-a b", "((-a) * b)"),
    ("a * -b", "(a * (-b))"),
    ("a - -b", "(a - (-b))"),
    ("2 a^2 b", "((2 * (a ^ 2)) * b)"),
    ("a²b³", "((a ^ 2) * (b ^ 3))"),
    ("a⁻¹", "(a ^ (-1))"),
    ("a!^2", "((a!) ^ 2)"),
    ("2 a!", "(2 * (a!))"),
    ("√a b", "(√(a) * b)"),
    ("√2^3", "(√(2) ^ 3)"),
    ("√a!", "(√(a)!)"),
    ("√(a b)", "√((a * b))"),
    ("f(a, b + c)", "f(a, (b + c))"),
    ("2 f(a)^2", "(2 * (f(a) ^ 2))"),
    ("a × b ÷ c − d", "(((a * b) / c) - d)"),
    ("a·b⋅c∗d⁄e", "((((a * b) * c) * d) / e)"),
    ("4x4x5", "((4 * 4) * 5)"),
    ("4 x 5", "(4 * 5)"),
    ("4 x + 5", "((4 * x) + 5)"),
    ("W_h h_{t-1} + b", "((W_h * h_{t-1}) + b)"),
    ("h.2 + 2", "(h.2 + 2)"),
    ("Δx^2", "(Δx ^ 2)"),
]


@pytest.mark.parametrize(("text", "expected"), PRECEDENCE)
def test_signs_bind_as_on_paper(text, expected):
    assert grouped(expressions.parse(text)) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("C_1", "C1", True),
        ("C_{1}", "C1", True),
        ("h_{t-1}", "h_{t - 1}", True),
        ("d_out", "dout", True),
        ("h.2", "h_2", True),
        ("C_1", "c_1", False),
        ("W_x", "W_h", False),
    ],
)
def test_underscores_and_braces_in_names_do_not_count_and_case_does(one, other, same):
    assert (expressions.key(one) == expressions.key(other)) is same
    assert (expressions.parse(one).key == expressions.parse(other).key) is same


VALUES = [
    ("2 + 3 * 4", "14"),
    ("2 - 3 - 4", "-5"),
    ("1/3 + 1/6", "1/2"),
    ("-2^2", "-4"),
    ("(-2)^2", "4"),
    ("2^-1", "1/2"),
    ("2^3^2", "512"),
    ("0.1 + 0.2", "3/10"),
    ("1e3 - 1e-3", "999.999"),
    ("(1/2)^3", "1/8"),
    ("5! / 3!", "20"),
    ("floor((7 - 2)/2) + 1", "3"),
    ("ceil(5/2)", "3"),
    ("abs(-3/4)", "3/4"),
    ("relu(-2) + relu(1/2)", "1/2"),
    ("min(3, 1/2) max(1, 2)", "1"),
    ("10^30 + 1", str(10**30 + 1)),
]


@pytest.mark.parametrize(("text", "expected"), VALUES)
def test_arithmetic_is_exact(text, expected):
    assert value(text) == Fraction(expected)
    assert not isinstance(value(text), float)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("√2", math.sqrt(2)),
        ("sqrt(2)^2", 2.0),
        ("2^(1/2)", math.sqrt(2)),
        ("e", math.e),
        ("exp(1)", math.e),
        ("log(2)", math.log(2)),
        ("ln(2)", math.log(2)),
        ("log2(8)", 3.0),
        ("log10(1000)", 3.0),
        ("sin(π/6) + cos(π/3)", 1.0),
        ("tan(pi/4)", 1.0),
        ("tanh(0.5)", math.tanh(0.5)),
        ("sigmoid(0.5) + sigmoid(-0.5)", 1.0),
        ("sigmoid(-1000)", 0.0),
    ],
)
def test_other_functions_are_worked_out_in_floating_point(text, expected):
    assert value(text) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("2 c d_out", {"c": 2, "dout": 5}, 20),
        ("φ(z)", {"φ": lambda x: x + 1, "z": 3}, 4),
        ("a(b + 1)", {"a": 3, "b": 1}, 6),
        ("e + π", {"e": 1, "π": 2}, 3),
        ("log(2)", {"log": lambda x: 7 * x}, 14),
        ("a / b", {"a": 1, "b": 3}, Fraction(1, 3)),
    ],
)
def test_names_are_bound_by_whoever_evaluates(text, names, expected):
    assert value(text, names) == expected


def test_a_percent_sign_and_groups_of_thousands_are_read_where_they_are_asked():
    assert value("34.5% + 1", percent=True) == Fraction(1345, 1000)
    assert value("5,146,011 + 1 000", grouping=True) == 5147011
    assert value("max(1,200)") == 200


ERRORS = [  # text, message, place
    ("", "the formula ends too early", 0),
    ("a +", "the formula ends too early", 3),
    ("(a + b", "this bracket is not closed", 0),
    ("a + f(b, c", "this bracket is not closed", 5),
    ("a + b)", "this bracket closes nothing", 5),
    ("a + * b", "'*' cannot stand here", 4),
    ("2 + 3 4", "two numbers side by side; write the sign between them", 6),
    ("1,5", "a comma cannot stand here; write a decimal number with a point, thousands in groups of three", 1),
    ("1,234", "a comma cannot stand here; write a decimal number with a point, thousands in groups of three", 1),
    ("3 % 4", "a percent sign where no percentage is asked", 2),
    ("a + ;", "';' cannot stand here", 4),
    ("a\x1b[31m", "'\\x1b' cannot stand here", 1),
    ("2 + ½", "'½' cannot stand here", 4),
    ("2 + ٣", "only the digits 0 to 9 are read", 4),
    ("2 + .", "a point without a digit", 4),
    ("_a", "an underscore cannot stand here; write a number without it", 0),
    ("2 + 0x1F", "hexadecimal numbers are not read; write the number in decimal", 4),
    ("a" * 2001, "longer than 2,000 characters", 0),
    ("2 + " + "9" * 401, "a number of 401 digits", 4),
    ("2 + 1e-401", "a power of ten too large to work with", 4),
]


@pytest.mark.parametrize(("text", "message", "place"), ERRORS, ids=[error[0][:20] or "nothing" for error in ERRORS])
def test_an_error_knows_its_place(text, message, place):
    with pytest.raises(ExpressionError) as caught:
        expressions.parse(text)
    assert (caught.value.message, caught.value.position) == (message, place)


@pytest.mark.parametrize(
    ("text", "names", "message", "place"),
    [
        ("2 + d_uot", {"d_out": 1}, "unknown name 'd_uot'; did you mean 'd_out'?", 4),
        ("2 + z", {"a": 1, "b": 2}, "unknown name 'z'; expected one of a, b", 4),
        ("2 + z", {}, "unknown name 'z'; a number is expected here", 4),
        ("2 + sqr(3, 4)", {}, "no function 'sqr'; did you mean 'sqrt'?", 4),
        ("2 + φ", {"φ": abs}, "'φ' is a function; write its argument in brackets", 4),
    ],
)
def test_a_name_that_is_not_known_is_refused_at_its_place(text, names, message, place):
    with pytest.raises(ExpressionError) as caught:
        value(text, names)
    assert (caught.value.message, caught.value.position) == (message, place)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 / (1/3 - 1/3)", "a division by zero"),
        ("log(0)", "no real value"),
        ("(-1)^0.5", "no real value"),
        ("(1/2)!", "a factorial is read for whole numbers from 0 to 500"),
        ("501!", "a factorial is read for whole numbers from 0 to 500"),
        ("(-1)!", "a factorial is read for whole numbers from 0 to 500"),
        ("9^9^9", "a power too large to work with"),
        ("500! * 500!", "a number too large to work with"),
        ("floor(9^1000) floor(9^1000)", "a number too large to work with"),
        ("e^700 e^700", "no finite value"),
    ],
)
def test_what_has_no_value_says_why(text, message):
    with pytest.raises(ExpressionError) as caught:
        value(text)
    assert caught.value.message == message


def test_the_caret_stands_under_the_place():
    with pytest.raises(ExpressionError) as caught:
        expressions.parse("1 + 2\u00a0\n+ ; 4")
    assert caught.value.pointed() == "1 + 2  + ; 4\n         ^"


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("2*a*b", "2 · a · b"),
        ("2 a b", "2 · a · b"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("a / (b c)", "a/(b · c)"),
        ("a + (b + c)", "a + (b + c)"),
        ("a * (b c)", "a · (b · c)"),
        ("(a^b)^c", "(a^b)^c"),
        ("a^(b^c)", "a^b^c"),
        ("(-a)^2", "(-a)^2"),
        ("-a^2", "-a^2"),
        ("a * (-b)", "a · (-b)"),
        ("(a + b)!", "(a + b)!"),
        ("√(a + b)", "√(a + b)"),
        ("f(a,b)", "f(a, b)"),
    ],
)
def test_a_tree_is_printed_with_no_more_brackets_than_it_needs(text, rendered):
    assert expressions.render(expressions.parse(text)) == rendered


def test_a_printed_tree_may_have_values_in_the_place_of_names():
    tree = expressions.parse("φ(W x) - b^2 + I(b)")
    shown = {"W": "2", "x": "-3", "b": "-1", "I": ""}
    assert expressions.render(tree, lambda key, _: shown.get(key)) == "φ(2 · (-3)) - (-1)^2 + (-1)"


# Random trees.

NUMBERS = st.builds(lambda n: Number(Fraction(n), n), st.sampled_from(["0", "1", "2", "3", "7", "10", "0.5", "12.25"]))
NAMES = st.builds(lambda n: Name(expressions.key(n), n), st.sampled_from(["a", "b_1", "d_{out}", "W"]))


def branches(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    binary = st.builds(Binary, st.sampled_from("+-*/^"), inner, inner, st.just(False))
    return (
        binary
        | binary.flatmap(lambda tree: st.builds(Binary, st.sampled_from("+-*/^"), inner, st.just(tree), st.just(False)))
        | st.builds(Sign, st.sampled_from("+-"), inner)
        | st.builds(Suffix, st.just("!"), inner)
        | st.builds(lambda argument: Call(Name("f", "f"), (argument,)), inner)
        | st.builds(lambda one, two: Call(Name("max", "max"), (one, two)), inner, inner)
        | st.builds(lambda argument: Call(Name("sqrt", "√"), (argument,)), inner)
    )


TREES = st.recursive(NUMBERS | NAMES, branches, max_leaves=20)


@steady
@given(TREES)
def test_a_printed_tree_is_read_back_as_the_same_tree(tree):
    assert expressions.parse(expressions.render(tree)) == tree


# The same with names that are known, and with arrays.

KNOWN = expressions.Names(
    frozenset(["a", "b1", "dout", "W", "w"]), frozenset(["W", "w"]), shown=("a", "b_1", "d_out", "W", "w")
)


def side_by_side(left: Tree, right: Tree) -> Tree:
    """A product without a sign, where one can be written: not before a number, nor a list, which may be an index."""
    return Binary("*", left, right, bare=expressions.render(right, bare=True)[0] not in "0123456789.[")


def more_branches(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    lists = st.lists(inner, min_size=2, max_size=3).map(lambda items: List(tuple(items)))
    rows = st.lists(lists, min_size=2, max_size=2).map(lambda items: List(tuple(items)))
    index = st.lists(inner, min_size=1, max_size=2).map(lambda places: Index(Name("w", "w"), tuple(places)))
    calls = st.builds(
        lambda name, tree: Call(Name(name, name), (tree,)), st.sampled_from(["relu", "floor", "ln", "softmax"]), inner
    )
    return (
        st.builds(Binary, st.sampled_from("+-*/^@"), inner, inner, st.just(False))
        | st.builds(side_by_side, inner, inner)
        | st.builds(Sign, st.sampled_from("+-"), inner)
        | st.builds(Suffix, st.sampled_from("!T"), inner)
        | st.builds(lambda one, two: Call(Name("max", "max"), (one, two)), inner, inner)
        | calls
        | lists
        | rows
        | index
    )


@settings(steady, max_examples=1500)
@given(st.recursive(NUMBERS | NAMES | st.just(Name("w", "w")), more_branches, max_leaves=12))
def test_a_tree_with_arrays_is_printed_and_read_back_as_the_same_tree(tree):
    assert expressions.parse(expressions.render(tree, bare=True), names=KNOWN) == tree


Rows = list[list[Fraction]]
SHAPES = {"w": (3, 1), "v": (1, 3), "W": (2, 3), "V": (3, 2), "A": (3, 3), "a": (1, 1), "b": (1, 1)}
FILLED: dict[str, Rows] = {
    name: [[Fraction((7 * i + 3 * j + 5 * n) % 11 - 4) for j in range(columns)] for i in range(rows)]
    for n, (name, (rows, columns)) in enumerate(SHAPES.items())
}
BOUND = {
    name: rows[0][0] if SHAPES[name] == (1, 1) else np.array([[float(x) for x in row] for row in rows])
    for name, rows in FILLED.items()
}
ARRAY_NAMES = expressions.Names(frozenset(SHAPES), frozenset(set(SHAPES) - {"a", "b"}))


@st.composite
def arrays(draw: st.DrawFn, shape: tuple[int, int], depth: int) -> tuple[str, Rows]:
    """A formula that is an array of some shape, written out, and its entries worked out by loops."""
    rows, columns = shape
    names = [name for name in SHAPES if SHAPES[name] == shape]
    ways = ["name"] * bool(names) + (
        ["sum", "difference", "scaled", "divided", "by entry", "transposed", "product", "joined"] if depth else []
    )
    if shape == (1, 1):
        ways += ["number", "entry"] + (["total", "largest"] if depth else [])
    if not names and shape != (1, 1) and not depth:
        ways = ["written"]
    way = draw(st.sampled_from(ways))

    def inner(*of: int) -> tuple[str, Rows]:
        return draw(arrays((of[0], of[1]), depth - 1))

    def by_entry(sign: str, function: Callable[[Fraction, Fraction], Fraction]) -> tuple[str, Rows]:
        (left, one), (right, two) = inner(*shape), inner(*shape)
        return f"({left} {sign} {right})", [
            [function(x, y) for x, y in zip(*pair, strict=True)] for pair in zip(one, two, strict=True)
        ]

    if way == "name":
        name = draw(st.sampled_from(names))
        return name, FILLED[name]
    if way == "number":
        number = draw(st.integers(0, 9))
        return str(number), [[Fraction(number)]]
    if way == "entry":
        place = draw(st.integers(0, 4))
        return f"w[{place}]", [[FILLED["w"][place - 1][0] if 1 <= place <= 3 else Fraction(0)]]
    if way in ("written", "joined"):
        if way == "written" or rows == 1 or columns > 1:
            cells = [[Fraction(draw(st.integers(-5, 5))) for _ in range(columns)] for _ in range(rows)]
            lines = [", ".join(map(str, row)) for row in cells]
            return f"[{'; '.join(lines)}]" if rows > 1 else f"[[{lines[0]}]]", cells
        (left, one), (right, two) = inner(rows - 1, 1), inner(1, 1)
        return f"[{left}; {right}]", one + two
    if way == "sum":
        return by_entry("+", lambda x, y: x + y)
    if way == "difference":
        return by_entry("-", lambda x, y: x - y)
    if way == "by entry":
        return by_entry(draw(st.sampled_from("*⊙")), lambda x, y: x * y)
    if way == "scaled":
        (left, one), (right, two) = inner(1, 1), inner(*shape)
        return f"(({left}) ({right}))", [[one[0][0] * x for x in row] for row in two]
    if way == "divided":
        divisor = draw(st.integers(1, 5))
        left, one = inner(*shape)
        return f"{left}/{divisor}" if left[0] != "-" else f"({left})/{divisor}", [
            [x / divisor for x in row] for row in one
        ]
    if way == "transposed":
        left, one = inner(columns, rows)
        return f"({left})^T", [list(column) for column in zip(*one, strict=True)]
    if way == "product":
        middle = draw(st.sampled_from([2, 3]))
        (left, one), (right, two) = inner(rows, middle), inner(middle, columns)
        sign = draw(st.sampled_from([" ", " @ "]))
        cells = [
            [sum((one[i][k] * two[k][j] for k in range(middle)), Fraction(0)) for j in range(columns)]
            for i in range(rows)
        ]
        return f"(({left}){sign}({right}))", cells
    left, one = inner(3, 1)
    entries = [row[0] for row in one]
    return (f"sum({left})", [[sum(entries, Fraction(0))]]) if way == "total" else (f"max({left})", [[max(entries)]])


@settings(steady, max_examples=1500)
@given(st.sampled_from(sorted(set(SHAPES.values()))).flatmap(lambda shape: arrays(shape, 3)))
def test_arrays_are_worth_what_plain_loops_make_of_them(drawn):
    text, cells = drawn
    tree = expressions.read(text, ARRAY_NAMES).tree
    found = evaluation.evaluate(tree, BOUND, text=text)
    expected = np.array([[float(x) for x in row] for row in cells])
    assert np.size(found) == expected.size and (np.ndim(found) == 0 or np.shape(found) == expected.shape)
    np.testing.assert_allclose(
        np.reshape(np.asarray(found, dtype=float), expected.shape),
        expected,
        rtol=1e-9,
        atol=1e-9 * (1 + abs(expected).max()),
    )


SIGNED = st.recursive(
    NUMBERS,
    lambda inner: (
        st.builds(Binary, st.sampled_from("+-*/^"), inner, inner, st.just(False))
        | st.builds(Sign, st.sampled_from("+-"), inner)
    ),
    max_leaves=20,
)


class Hopeless(Exception):
    """No value, or one that is not worked out exactly."""


def reference(tree: Tree) -> Fraction:
    """The same arithmetic once more, the plain way."""
    if isinstance(tree, Number):
        return Fraction(tree.text)
    if isinstance(tree, Sign):
        return reference(tree.inner) * (-1 if tree.sign == "-" else 1)
    assert isinstance(tree, Binary)
    left, right = reference(tree.left), reference(tree.right)
    if tree.sign == "/" and right == 0:
        raise Hopeless
    if tree.sign == "^":
        if (
            right.denominator != 1
            or abs(right) > 60
            or (left == 0 and right < 0)
            or max(left.as_integer_ratio()) > 2**40
        ):
            raise Hopeless
        power = Fraction(1)
        for _ in range(abs(right.numerator)):
            power *= left
        return 1 / power if right < 0 else power
    return {"+": left + right, "-": left - right, "*": left * right, "/": left / (right or 1)}[tree.sign]


@steady
@given(SIGNED)
def test_the_value_is_that_of_a_second_evaluator(tree):
    try:
        expected = reference(tree)
    except Hopeless:
        return
    if max(abs(expected.numerator), expected.denominator).bit_length() < 1000:
        assert evaluation.evaluate(tree) == expected
        assert value(expressions.render(tree)) == expected


PIECES = st.sampled_from(
    [*"0123456789abcxeEπφ+-*/^()[]{},;:.=%!?_&|~'\" \t\n\\$×·−–÷√²³⁻₂½٣９∑∞\u00a0\u200f\x00\x1b\ud800", "sqrt", "max(", "floor", "log(", "h_{t-1}", "1e9",
     "e-", "**", "10^", "d_", "500!", "1,234", "1 234", ".5", "5."]
)  # fmt: skip


@steady
@given(st.lists(PIECES, max_size=30).map("".join), st.booleans(), st.booleans())
def test_text_of_any_kind_is_a_formula_or_an_error(text, percent, grouping):
    names = {"a": 2, "b": Fraction(-1, 3), "c": 0.5, "x": 10**6, "φ": lambda z: z * z}
    try:
        result = value(text, names, percent=percent, grouping=grouping)
    except ExpressionError as error:
        assert 0 <= error.position <= len(text)
        assert error.pointed().count("\n") == 1
    else:
        assert math.isfinite(result) if isinstance(result, float) else isinstance(result, int | Fraction)


@pytest.mark.parametrize(
    "text",
    ["1+" * 999 + "1", "1-" * 999 + "1", "1" + "(1)" * 600, "a" + " a" * 900, "1/" * 999 + "1", "√" * 39 + "1", "-" * 40 + "1", "1" + "!" * 40,
     "(" * 39 + "1" + ")" * 39, "1^" * 39 + "1"],
)  # fmt: skip
def test_a_long_formula_does_not_run_out_of_stack(text):
    assert value(text, {"a": 1}) in (1, 1000, -998)


@pytest.mark.parametrize(
    "text",
    [
        "√" * 1000 + "1",
        "1" + "!" * 1000,
        "-" * 1000 + "1",
        "(" * 900 + "1" + ")" * 900,
        "1^" * 900 + "1",
        "max(" * 400 + "1" + ",1)" * 400,
    ],
)
def test_a_deep_formula_is_refused_before_it_runs_out_of_stack(text):
    with pytest.raises(ExpressionError):
        value(text)
