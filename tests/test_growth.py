"""Growth: exact numbers of any length, and answers such as O(n log n) held against the growth of a quantity."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marking import faults, graded_key, key, marks, problem

from hwcheck import evaluation
from hwcheck.growth import MAX_BITS, Growth, Huge, _log2, growth_of

# Numbers.

WHOLE = st.integers(-(10**30), 10**30)
FRACTIONS = st.fractions(-(10**6), 10**6, max_denominator=1000)


@given(WHOLE | FRACTIONS, WHOLE | FRACTIONS)
def test_huge_numbers_are_added_multiplied_and_compared_like_fractions(a, b):
    x, y = Huge(Fraction(a)), Huge(Fraction(b))
    assert (x + y).value == (x + b).value == (a + y).value == Fraction(a) + Fraction(b)
    assert (x - y).value == (x - b).value == (a - y).value == Fraction(a) - Fraction(b)
    assert (x * y).value == (x * b).value == (a * y).value == Fraction(a) * Fraction(b)
    assert (x > y, x < y, x >= y, x <= y, x == y) == (a > b, a < b, a >= b, a <= b, a == b)
    assert (x > b, x < b, x >= b, x <= b, x == b) == (a > b, a < b, a >= b, a <= b, a == b)
    assert (-x).value == -Fraction(a)
    assert abs(x).value == abs(Fraction(a))
    assert math.floor(x).value == math.floor(Fraction(a))
    assert math.ceil(x).value == math.ceil(Fraction(a))
    assert hash(x) == hash(Huge(Fraction(a)))
    if b:
        assert (x / y).value == (x / b).value == (a / y).value == Fraction(a) / Fraction(b)


@given(st.integers(1, 10**6), st.integers(-40, 40))
def test_whole_powers_of_huge_numbers_are_exact(base, exponent):
    expected = Fraction(base) ** exponent
    assert (Huge(Fraction(base)) ** exponent).value == expected
    assert (Huge(Fraction(base)) ** Huge(Fraction(exponent))).value == expected
    assert (base ** Huge(Fraction(exponent))).value == expected


@pytest.mark.parametrize(
    ("base", "exponent", "expected"), [(2**1000, Fraction(1, 2), 500), (2**900, Fraction(2, 3), 600), (8, 1.5, 4.5)]
)
def test_roots_of_huge_numbers_are_good_to_twelve_digits(base, exponent, expected):
    """By hand: powers of two."""
    assert _log2((Huge(Fraction(base)) ** exponent).value) == pytest.approx(expected, abs=1e-12)


def test_a_power_that_vanishes_is_zero_and_one_that_explodes_is_beyond():
    huge = Huge(Fraction(2**600))
    assert (Huge(Fraction(1, 2)) ** huge).value == 0
    assert (huge**-huge).value == 0
    assert (Huge(Fraction(1)) ** huge).value == 1
    for explode in (
        lambda: huge**huge,
        lambda: 2 ** Huge(Fraction(1_000_000)),
        lambda: 2**huge,
        lambda: huge**1_000_000,
        lambda: Huge(Fraction(1, 3)) ** -huge,
    ):
        with pytest.raises(evaluation.Valueless, match=r"^a growth beyond every power$"):
            explode()


def test_arithmetic_is_bounded_in_length():
    long = Huge(Fraction(2 ** (MAX_BITS - 2)))
    with pytest.raises(evaluation.Valueless):
        long * long
    with pytest.raises(evaluation.Valueless):
        Huge(1 / long.value) / long


@pytest.mark.parametrize(("base", "exponent"), [(0, Fraction(1, 2)), (-4, Fraction(1, 2)), (-2, 10**9)])
def test_a_root_of_what_is_not_positive_has_no_value(base, exponent):
    with pytest.raises(ArithmeticError):
        Huge(Fraction(base)) ** exponent


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, 0), (8, 3), (Fraction(1, 8), -3), (2**5000, 5000), (Fraction(2**5000, 3), 5000 - 1.584962500721156),
     (10**1000, 3321.928094887362), (0.25, -2), (0, None), (-3, None), (math.inf, None), ("word", None)],
)  # fmt: skip
def test_logarithms_of_numbers_of_any_length_are_those_by_hand(value, expected):
    """log₂ 3 = 1.584962500721156, log₂ 10 = 3.321928094887362."""
    assert _log2(value) == (None if expected is None else pytest.approx(expected, rel=1e-14))


@given(st.integers(1, 10**300), st.integers(1, 10**300))
def test_the_logarithm_of_a_fraction_agrees_with_floats(a, b):
    assert _log2(Fraction(a, b)) == pytest.approx(math.log2(a) - math.log2(b), abs=1e-9)


# Verdicts.


def asked(
    formula: str, symbols: str = "{n: {integer: [1, 60]}, m: {integer: [1, 60]}}", own: str = "n: n, m: m"
) -> str:
    return (
        f"kind: formula\nsymbols: {symbols}\ngiven: {{{own}, formula: '{formula}'}}\n"
        "parts: {a: {ask: formula, as: big-o}}"
    )


def judged(text: str, answer: str) -> tuple[str, str]:
    mark = marks(text, f"a: {answer}")["a"]
    return mark.verdict, mark.hint or mark.message


SMALL = "Your growth is too small."
LARGE = "Your growth is too large."
BEYOND = "Your growth is too large: it grows faster than any power."
BOTH = "Your growth is too small for some sizes and too large for others."

RIGHT = [
    ("n^2 + 3n", ["O(n^2)", "n^2", "Θ(n^2)", "Ω(n^2)", r"\mathcal{O}(n^2)", r"\Theta(n^{2})", "$O(n^2)$", "O(n²)", "O(n n)",
                  "O(n**2)", "O[n^2]", "(n^2)", "'[n^2]'", "[O(n^2)]", "T(n) = O(n^2)", r"O(\frac{n^2}{2})", "7 n^2",
                  r"\Omega\left(n^2\right)"], "one term, however it is written"),
    ("n^2 + 3n", ["O(n^2 - n)", "O(n^2 + n^(3/2))", "O(max(n^2, n))", "O(n^2) + O(n)", "O(n) O(n)", "O(n)^2", "O(|n|^2)",
                  "O(⌈n^2/2⌉)", "O(floor(n)^2)", "O(sqrt(n)^4)", "O(n^2 + 5)", "O(n^2 + log n)"], "lower terms do not count"),
    ("n^2 + 3n", ["O(4^{log2 n})", "O(n^{log2(4)})", "n log(2^n)", "O(log(e^n) n)", "O(log(exp(n)) n)", "O(n^2/2^{-1})", "O(n^2 + 2^-n)"],
     "by hand: 4^(log₂ n) = n²; log 2ⁿ = n log 2"),
    ("n log(n)", ["O(n log n)", "O(n log2 n)", "O(n ln n)", "O(n lg n)", "O(n log(n^3))", "O(log(n!))", "O(log n^n)", "O(n log(n/3))",
                  "O(n log(2n))"], "Stirling: log n! ~ n log n; the base does not count"),
    ("log(n)", ["O(log n)", "O(log(n^2))", "O(log sqrt(n))", "O(log(n) + 5)"], "by hand: log n² = 2 log n"),
    ("log(n m)", ["O(log(n) + log(m))", "O(log(n m))", "O(max(log n, log m))"], "by hand"),
    ("n + m", ["O(n + m)", "O(max(n, m))", "O(m) + O(n)", "O(n + m + min(n, m))"], "by hand: the larger is at least half"),
    ("min(n, m)", ["O(min(n, m))", "O(n m/(n + m))"], "by hand: at least half of the smaller"),
    ("max(n, m)", ["O(n + m)", "O(max(n, m))"], "by hand"),
    ("sqrt(n m)", ["O(sqrt(n m))", "O(√n √m)", "O(n^(1/2) m^(1/2))", "O(n^0.5 m^0.5)"], "by hand"),
    ("n/m", ["O(n/m)", "O(n m^-1)", r"O(\frac{n}{m})"], "by hand, as d_out/d_in"),
    ("n (n-1)/2", ["O(n^2)"], "by hand"),
    ("floor(n/2) + 5", ["O(n)"], "by hand"),
    ("n^2 - n", ["O(n^2)"], "by hand: a term taken away"),
    ("3n/n", ["O(1)", "1", "O(5)", "O(n^0)", "O(n/n)"], "by hand: a constant"),
    ("n^1.5", ["O(n^1.5)", "O(n sqrt(n))", "O(n^{3/2})"], "by hand"),
]  # fmt: skip
OTHERS = [
    ("n^2 + 3n", [("O(n)", SMALL), ("O(n^3)", LARGE), ("O(n^1.9)", SMALL), ("O(n^2.1)", LARGE), ("O(1)", SMALL), ("5", SMALL),
                  ("O(n^2 log n)", LARGE), ("O(n^2/log n)", SMALL), ("O(min(n^2, n))", SMALL), ("O(n^2 + m)", LARGE),
                  ("O(m^2)", BOTH), ("O(2^n)", BEYOND), ("O(e^n)", BEYOND), ("O(exp(n))", BEYOND), ("O(n^n)", BEYOND),
                  ("O(n!)", BEYOND), ("O(2^m)", BEYOND), ("O(-n^2)", "A growth is positive."), ("O(0)", SMALL),
                  ("O(log(n^2))", SMALL)]),
    ("n log(n)", [("O(n)", SMALL), ("O(n log^2 n)", LARGE), ("O(n log(n)^2)", LARGE), ("O(n^1.01)", LARGE),
                  ("O(n log log n)", SMALL), ("O(n log(n) log(log(n)))", LARGE), ("O(n sqrt(n))", LARGE), ("O(log n)", SMALL)]),
    ("log(n)", [("O(log^2 n)", LARGE), ("O(1)", SMALL), ("O(log log n)", SMALL), ("O(n^0.01)", LARGE), ("O(n)", LARGE)]),
    ("n + m", [("O(n)", SMALL), ("O(m)", SMALL), ("O(n m)", LARGE), ("O(min(n, m))", SMALL), ("O(sqrt(n^2 + m^3))", LARGE)]),
    ("min(n, m)", [("O(n)", LARGE), ("O(n m)", LARGE), ("O(n + m)", LARGE)]),
    ("sqrt(n m)", [("O(n m)", LARGE), ("O(sqrt(n + m))", SMALL), ("O(sqrt(n))", SMALL)]),
    ("n/m", [("O(n)", LARGE), ("O(m/n)", BOTH), ("O(1)", BOTH), ("O(n m)", LARGE)]),
    ("3n/n", [("O(log n)", LARGE), ("O(n)", LARGE), ("O(1/n)", SMALL)]),
    ("n^2 m + n m^2", [("O(n^2 m)", SMALL), ("O(n^2 m^2)", LARGE), ("O(n^3 + m^3)", LARGE), ("O(n m)", SMALL)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "answer", "source"),
    [(f, a, s) for f, answers, s in RIGHT for a in answers],
    ids=lambda value: str(value)[:30],
)
def test_a_growth_that_is_as_fast_is_right(formula, answer, source):
    assert source
    assert judged(asked(formula), answer)[0] == "right"


@pytest.mark.parametrize(
    ("formula", "answer", "hint"),
    [(f, a, h) for f, answers in OTHERS for a, h in answers],
    ids=lambda value: str(value)[:30],
)
def test_a_growth_that_is_slower_or_faster_is_wrong_and_says_which(formula, answer, hint):
    """By hand: the limit of the ratio is 0, infinite, or depends on the direction."""
    assert judged(asked(formula), answer) == ("wrong", hint)


UNREADABLE = [
    ("O(q)", "Unreadable: unknown name 'q'; expected one of n, m\nO(q)\n  ^"),
    ("O(N^2)", "Unreadable: unknown name 'N'; did you mean 'n'?\nO(N^2)\n  ^"),
    ("O()", "Unreadable: nothing stands between these brackets\nO()\n  ^"),
    ("O", "Unreadable: 'O' is a function; write its argument in brackets\nO\n^"),
    ("'O(n^2, n)'", "Unreadable: 'O' takes one argument, not 2\nO(n^2, n)\n^"),
    ("[n, m]", "Unreadable: expected a growth such as O(n log n), found a list"),
    ("{n: 1}", None),
    ("quadratic", "Unreadable: unknown name 'quadratic'; expected one of n, m\nquadratic\n^"),
]


@pytest.mark.parametrize(("answer", "message"), UNREADABLE, ids=[row[0] for row in UNREADABLE])
def test_what_is_no_growth_is_unreadable_and_says_where(answer, message):
    mark = marks(asked("n^2 + 3n"), f"a: {answer}")["a"]
    assert mark.verdict == "unreadable"
    if message is not None:
        assert mark.message == message


@pytest.mark.parametrize("answer", ["", "'?'"])
def test_no_growth_is_blank(answer):
    assert judged(asked("n^2"), answer)[0] == "blank"


@pytest.mark.parametrize("answer", ["O(tanh(n) n^2)", "O(n^2 sin(n))"])
def test_a_growth_that_cannot_be_worked_out_goes_to_a_person(answer):
    assert judged(asked("n^2"), answer) == (
        "manual",
        "Your growth has no value at most of the sizes tried. A person marks this.",
    )


@pytest.mark.parametrize("formula", ["2^n", "n!", "n + 2^m", "-n", "0 n", "exp(n) m"])
def test_a_quantity_whose_growth_is_not_known_accepts_nothing(formula):
    """Beyond every power, or nowhere positive: at the sizes tried it has no value wherever a symbol grows."""
    text = asked(formula)
    for answer in ("O(n)", "O(n^2)", "O(2^n)", "O(m)"):
        assert judged(text, answer) == ("manual", "The right growth is not known here. A person marks this.")
    assert key(text) == {"a": ""}


# What grows, and what stands for what.


def test_symbols_that_do_not_grow_are_constants():
    text = asked(
        "n^2 k + x", symbols="{n: {integer: [1, 60]}, k: {integer: [1, 9], grows: false}}", own="n: n, k: k, x: x"
    )  # fmt: skip
    for answer in ("O(n^2)", "O(n^2 k)", "O(n^2 k!)", "O(n^2 + x)", "O(n^2 log k)", "O(k n^2)"):
        assert judged(text, answer)[0] == "right"
    assert judged(text, "O(n k)") == ("wrong", SMALL)


def test_a_real_symbol_grows_where_the_author_says_so():
    symbols = "{n: {integer: [1, 60]}, x: {real: [1, 9], grows: true}}"
    assert judged(asked("n x", symbols, "n: n, x: x"), "O(n)") == ("wrong", SMALL)
    assert judged(asked("n x", symbols, "n: n, x: x"), "O(n x)")[0] == "right"


def test_a_given_number_is_that_number():
    """By hand: n³ is O(n^k) with k = 3, and not with 2."""
    text = asked("n^3", "{n: {integer: [1, 60]}}", "n: n, k: 3, j: 2")
    assert judged(text, "O(n^k)")[0] == "right"
    assert judged(text, "O(n^j)") == ("wrong", SMALL)


def test_a_given_may_be_called_by_its_own_name_where_it_is_a_symbol_of_another():
    text = "kind: newton_schulz\nsymbols: [p, q]\ngiven: {d_out: p, d_in: q}\nparts: {a: {ask: cost.gram, as: big-o}}"
    assert judged(text, "O(p q^2)")[0] == "right"
    assert judged(text, "O(d_out d_in^2)")[0] == "right"
    assert judged(text, "O(d_out^2 d_in)")[0] == "wrong"


def test_odd_sizes_stay_odd():
    growth = growth_of(problem(asked("n", "{n: {integer: [1, 61], odd: true}}", "n: n")).parts[0].setting, "formula")
    assert {growth.sizes((d,), t)["n"] % 2 for d in range(4) for t in (256, 512)} == {1}


def test_sizes_grow_along_every_direction():
    """Design, rule 13: x = 2^(t d), for d in {0 … 3}, here times 16."""
    growth = growth_of(problem(asked("n m")).parts[0].setting, "formula")
    assert len(growth.directions) == 15
    assert growth.sizes((0, 3), 256) == {"n": 16, "m": 2**772}
    assert growth.defined
    assert not growth_of(problem(asked("2^n")).parts[0].setting, "formula").defined


def test_with_many_symbols_some_directions_are_drawn_and_always_the_same():
    names = list("abcdefg")
    text = asked(
        "*".join(names),
        "{" + ", ".join(f"{n}: {{integer: [1, 60]}}" for n in names) + "}",
        ", ".join(f"{n}: {n}" for n in names),
    )
    one, two = (growth_of(problem(text).parts[0].setting, "formula") for _ in range(2))
    assert isinstance(one, Growth)
    assert one.directions == two.directions
    assert {tuple(int(i == j) for j in range(7)) for i in range(7)} <= set(one.directions)
    assert judged(text, "O(a b c d e f g)")[0] == "right"
    assert judged(text, "O(a b c d e f)") == ("wrong", SMALL)


# Where some sizes make no sense.

WINDOWS = """
kind: cnn
symbols: {n: {integer: [8, 40]}, K: {integer: [1, 7]}, F: , C: }
given: {input: [n, n, C], layers: [{conv: {filters: F, kernel: K}}]}
parts: {a: {ask: conv1.macs, as: big-o}}
"""
FIXED = WINDOWS.replace("[1, 7]}", "[1, 7], grows: false}")
FIELD = """
kind: cnn
symbols: {K: , L: }
given: {input: "?x?x1", layers: [{repeat: {times: L, layers: [{conv: {filters: 1, kernel: K}}]}}]}
parts: {a: {ask: receptive_field, as: big-o}}
"""


def test_sizes_that_make_no_sense_are_left_out():
    """By hand: (n - K + 1)² K² C F multiply-adds, where K is at most n."""
    assert judged(WINDOWS, "O((n-K+1)^2 K^2 C F)")[0] == "right"
    assert judged(WINDOWS, "O(n^2 K^2 C F)") == ("wrong", LARGE)
    assert judged(WINDOWS, "O((n-K+1)^2 K C F)") == ("wrong", SMALL)


def test_a_kernel_that_does_not_grow_is_no_part_of_the_growth():
    """By hand: n² C F."""
    assert judged(FIXED, "O(n^2 C F)")[0] == "right"
    assert judged(FIXED, "O(n^2 K^2 C F)")[0] == "right"
    assert judged(FIXED, "O(n C F)") == ("wrong", SMALL)


def test_the_growth_of_a_field_needs_no_size_of_the_input():
    """By hand: 1 + L (K - 1)."""
    assert judged(FIELD, "O(L K)")[0] == "right"
    assert judged(FIELD, "O(1 + L(K-1))")[0] == "right"
    assert judged(FIELD, "O(L + K)") == ("wrong", SMALL)
    assert judged(FIELD, "O(K^L)") == ("wrong", BEYOND)


# What is printed.


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("n^2 + 3n", "O(n^2)"),
        ("n^2 m + n m^2 + 5 n m", "O(n^2 m + n m^2)"),
        ("n/m", "O(n / m)"),
        ("sqrt(n m)", "O(n^(1/2) m^(1/2))"),
        ("n log(n)", "O(n log(n))"),
        ("min(n, m)", "O(min(n, m))"),
        ("(n + m)^2", "O((n + m)^2)"),
        ("3n/n", "O(1)"),
    ],
)
def test_the_key_is_a_growth_that_earns_full_marks(formula, expected):
    """By hand."""
    text = asked(formula)
    assert graded_key(text) == {"a": "right"}
    assert key(text)["a"] == f'"{expected}"'


def test_only_numbers_grow():
    text = (
        "kind: formula\nsymbols: {v: {shape: [3]}}\ngiven: {v: v, formula: 2 v}\nparts: {a: {ask: formula, as: big-o}}"
    )
    assert faults(text) == ["4: as: 'formula' is no number, so it has no growth"]
