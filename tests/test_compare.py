"""When is a number right? Every row's verdict is decided by hand, in decimal."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcheck import answers, compare, values
from hwcheck.compare import DEFAULT, Agreement, Level, Tolerance
from hwcheck.values import Value
from hwcheck.yamltree import Scalar

WRONG, SHORT, RIGHT = Level.WRONG, Level.IMPRECISE, Level.RIGHT


def agreement(
    text: str, value: Value, tolerance: Tolerance = DEFAULT, *, zero: float = 0.0, strict_axes: bool = False
) -> Agreement:
    read = answers.read(Scalar(text, 1, 1), value)
    return compare.agree(read, value, tolerance, zero=zero, strict_axes=strict_axes)


def level(text: str, value: Value, tolerance: Tolerance = DEFAULT, *, zero: float = 0.0) -> Level:
    (found,) = agreement(text, value, tolerance, zero=zero).levels
    return found


INTEGERS = [
    ("1 000 000 000 000 000 000 000 000 000 000", 10**30, RIGHT, "hand"),
    ("10^30", 10**30, RIGHT, "hand"),
    ("10^30 + 1", 10**30, WRONG, "hand: one too many"),
    ("1e30", 10**30, RIGHT, "hand"),
    (str(2**100), 2**100, RIGHT, "hand"),
    (str(2**100 + 1), 2**100, WRONG, "hand: a float could not tell"),
    ("9007199254740993", 9007199254740993, RIGHT, "hand: 2^53 + 1"),
    ("9007199254740992", 9007199254740993, WRONG, "hand: the float next to it"),
    ("7.0", 7, RIGHT, "hand"),
    ("14/2", 7, RIGHT, "hand"),
    ("7.0001", 7, WRONG, "hand: not whole"),
    ("6.9999999999999999999", 7, WRONG, "hand: not whole"),
    ("-0", 0, RIGHT, "hand"),
    ("62.4M", 62_423_050, WRONG, "hand: an integer is not rounded"),
]


@pytest.mark.parametrize(("text", "value", "expected", "source"), INTEGERS)
def test_an_integer_is_right_exactly_at_any_size(text, value, expected, source):
    assert source
    assert level(text, value) == expected


REALS = [
    ("0.16", 0.16, RIGHT, "hand"),
    ("0.160", 0.16, RIGHT, "hand"),
    ("4/25", 0.16, RIGHT, "hand"),
    ("0.1605", 0.16, RIGHT, "hand: half a unit of 0.001, the edge inside"),
    ("0.1595", 0.16, RIGHT, "hand: the edge below"),
    ("0.16050001", 0.16, WRONG, "hand: past the edge"),
    ("0.15949999", 0.16, WRONG, "hand: past the edge below"),
    ("0.3005", 0.1 + 0.2, RIGHT, "hand: 0.3 in decimal, whatever the float is"),
    ("0.30050000000001", 0.1 + 0.2, WRONG, "hand: past the edge of 0.3"),
    ("2.675", 2.67, RIGHT, "hand: the edge, though the float 2.675 is below it"),
    ("1.00", 0.9996, RIGHT, "hand: 0.0004 off, half a unit is 0.0005"),
    ("1.001", 0.9996, WRONG, "hand: 0.0014 off"),
    ("9.995", 10.0, RIGHT, "hand: half a unit of 0.1 is 0.05"),
    ("9.94", 9.995, WRONG, "hand: half a unit of 0.01 is 0.005"),
    ("123,456", 123456.0, RIGHT, "hand"),
    ("123,000", 123456.0, RIGHT, "hand: 456 off, half a unit is 500"),
    ("122,956", 123456.0, RIGHT, "hand: the edge"),
    ("122,955", 123456.0, WRONG, "hand: past the edge"),
    ("-0.112", 0.112, WRONG, "hand: the sign"),
    ("0.11", 0.112, SHORT, "hand: two digits, right as far as they go"),
    ("0.1", 0.112, SHORT, "hand: one digit"),
    ("0.12", 0.112, WRONG, "hand: two digits, 0.008 off"),
    ("0.12", 0.115, SHORT, "hand: two digits, the edge"),
    ("0.110", 0.112, WRONG, "hand: three digits, 0.002 off"),
    ("1.00", 0.9954, WRONG, "hand: three digits, 0.0046 off, half a unit is 0.0005"),
    ("11%", 0.112, WRONG, "hand: whoever asks for a percentage divides"),
    ("1e-1", 0.112, SHORT, "hand: one digit"),
    ("1/9", 0.112, WRONG, "hand: exact, 0.0009 off"),
    ("0", 0.112, WRONG, "hand: no digits at all"),
    ("0", 0.0004, WRONG, "hand: zero is not a small number"),
    ("5e-10", 5.004e-10, RIGHT, "hand: 0.004e-10 off, half a unit is 0.005e-10"),
    ("4.99e-10", 5.004e-10, WRONG, "hand: 0.014e-10 off"),
    ("1e300", 1.02e300, SHORT, "hand: one digit, 0.02 off"),
    ("10^1000", 1e300, WRONG, "hand: larger than any float"),
]


@pytest.mark.parametrize(("text", "value", "expected", "source"), REALS)
def test_a_real_is_right_to_three_significant_digits_decided_in_decimal(text, value, expected, source):
    assert source
    assert level(text, value) == expected


ZEROS = [
    ("0", 5.0, RIGHT, "hand"),
    ("5e-6", 5.0, RIGHT, "hand: a millionth of the scale, the edge inside"),
    ("-5e-6", 5.0, RIGHT, "hand"),
    ("5.1e-6", 5.0, WRONG, "hand: past the edge"),
    ("0.0", 0.0, RIGHT, "hand: exactly zero without a scale"),
    ("1e-300", 0.0, WRONG, "hand: without a scale only zero is zero"),
]


@pytest.mark.parametrize(("text", "zero", "expected", "source"), ZEROS)
def test_a_zero_is_judged_by_the_scale_of_what_is_around_it(text, zero, expected, source):
    assert source
    assert level(text, 0.0, zero=zero) == expected


TOLERANCES = [
    ("101", 100.0, Tolerance(rel=Fraction(1, 100)), RIGHT, "hand: 1 % of 100, the edge inside"),
    ("101.01", 100.0, Tolerance(rel=Fraction(1, 100)), WRONG, "hand: past the edge"),
    ("99", 100, Tolerance(rel=Fraction(1, 100)), RIGHT, "hand: on an integer too"),
    ("98", 100, Tolerance(rel=Fraction(1, 100)), WRONG, "hand: on an integer too"),
    ("1.05", 1.0, Tolerance(abs=Fraction(1, 20)), RIGHT, "hand: the edge inside"),
    ("1.051", 1.0, Tolerance(abs=Fraction(1, 20)), WRONG, "hand: past the edge"),
    ("102", 100.0, Tolerance(rel=Fraction(1, 100), abs=Fraction(2)), RIGHT, "hand: the wider of both counts"),
    ("0.11", 0.112, Tolerance(rel=Fraction(1, 100)), WRONG, "hand: short answers are judged alike"),
    ("0.01", 0.0, Tolerance(abs=Fraction(1, 100)), RIGHT, "hand: absolute, so zero has no scale"),
    ("0.02", 0.0, Tolerance(abs=Fraction(1, 100)), WRONG, "hand: past the edge"),
    ("1e-9", 0.0, Tolerance(abs=Fraction(0)), WRONG, "hand: nothing is allowed"),
    ("0.1234", 0.12344, Tolerance(digits=4), RIGHT, "hand: 0.00004 off, half a unit is 0.00005"),
    ("0.12345", 0.12344, Tolerance(digits=4), RIGHT, "hand: 0.00001 off"),
    ("0.1235", 0.12344, Tolerance(digits=4), WRONG, "hand: 0.00006 off"),
    ("0.123", 0.12344, Tolerance(digits=4), SHORT, "hand: three digits of four"),
    ("0.12", 0.1234, Tolerance(digits=2), RIGHT, "hand: two are asked"),
    ("12300", 12344, Tolerance(digits=3), RIGHT, "hand: 44 off, half a unit is 50"),
    ("12200", 12344, Tolerance(digits=3), WRONG, "hand: 144 off"),
    ("34.66", 34.657, Tolerance(decimals=2), RIGHT, "hand: 0.003 off, half a unit is 0.005"),
    ("34.662", 34.657, Tolerance(decimals=2), RIGHT, "hand: the edge inside"),
    ("34.6621", 34.657, Tolerance(decimals=2), WRONG, "hand: past the edge"),
    ("34.7", 34.657, Tolerance(decimals=2), SHORT, "hand: one decimal of two"),
    ("0", 0.3, Tolerance(decimals=2), WRONG, "hand: zero is not a short 0.3"),
    ("35", 34.657, Tolerance(decimals=0), RIGHT, "hand: no decimals are asked"),
    ("0.004", 0.0, Tolerance(decimals=2), RIGHT, "hand: rounds to 0.00"),
    ("0.006", 0.0, Tolerance(decimals=2), WRONG, "hand: rounds to 0.01"),
]


@pytest.mark.parametrize(("text", "value", "tolerance", "expected", "source"), TOLERANCES)
def test_an_authors_tolerance_replaces_the_default(text, value, tolerance, expected, source):
    assert source
    assert level(text, value, tolerance) == expected


def test_an_absolute_tolerance_of_zero_allows_nothing_whatever_the_scale():
    assert level("1e-9", 0.0, Tolerance(abs=Fraction(0)), zero=5.0) == WRONG
    assert level("0", 0.0, Tolerance(abs=Fraction(0)), zero=5.0) == RIGHT


def test_an_array_of_zeros_is_judged_by_the_scale_of_what_is_around_it():
    assert list(agreement("0 1e-6 -2e-6", np.zeros(3), zero=1.0).levels) == [RIGHT, RIGHT, WRONG]


@pytest.mark.parametrize(
    ("tolerance", "words"),
    [
        (DEFAULT, "three digits"),
        (Tolerance(digits=4), "four digits"),
        (Tolerance(digits=9), "9 digits"),
        (Tolerance(decimals=2), "2 decimals"),
    ],
)
def test_a_tolerance_says_what_it_asks_for(tolerance, words):
    assert tolerance.words == words
    assert tolerance.default is (tolerance == DEFAULT)


ARRAYS = [
    ("100 0.2 -3", [100, 0.21, -3.4], [RIGHT, RIGHT, RIGHT], "hand: half a unit of the largest entry is 0.5"),
    ("100.5 0.71 -3", [100, 0.21, -3.4], [RIGHT, RIGHT, RIGHT], "hand: two edges, inside"),
    ("100.6 0.72 -4", [100, 0.21, -3.4], [WRONG, WRONG, WRONG], "hand: past the edges"),
    ("-340 3 0", [-341, 3.2, 0.4], [WRONG, RIGHT, RIGHT], "hand: the largest by magnitude; half a unit is 0.5"),
    ("-340 3 0", [-34100, 3.2, 0.4], [WRONG, RIGHT, RIGHT], "hand: half a unit is 50"),
    ("0.00001 2 1e-5", [0, 10, 0], [RIGHT, WRONG, RIGHT], "hand: zeros by a millionth of the largest entry"),
    ("0.00002 10 0", [0, 10, 0], [WRONG, RIGHT, RIGHT], "hand: zeros by a millionth of the largest entry"),
    ("0 0 0.1", [0, 0, 0], [RIGHT, RIGHT, WRONG], "hand: all zero, so exactly"),
    ("0.11 0.4", [0.112, 0.358], [SHORT, SHORT], "hand: 0.002 and 0.042 off, half a unit of the last digit is 0.005 and 0.05"),
    ("0.11 0.9", [0.112, 0.358], [SHORT, WRONG], "hand: 0.542 off"),
    ("1 ? 3", [1, 2, 3], [RIGHT, WRONG, RIGHT], "hand: a blank cell is not right"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "expected", "source"), ARRAYS)
def test_an_array_is_judged_entry_by_entry_at_the_scale_of_its_largest(text, value, expected, source):
    assert source
    found = agreement(text, np.array(value, dtype=float))
    assert list(found.levels) == expected
    assert found.right is (min(expected) == RIGHT)
    assert found.imprecise is (min(expected) == SHORT)


FITS = [
    ("9", (1, 1), True),
    ("[9]", (1, 1), True),
    ("[[9]]", (1, 1), True),
    ("[[[9]]]", (1, 1), True),
    ("[[9]]", (1,), True),
    ("9 9", (1, 1), False),
    ("9 9 9", (3, 1), True),
    ("9 9 9", (1, 3), True),
    ("9; 9; 9", (3,), True),
    ("9; 9; 9", (1, 3), True),
    ("[[[9, 9, 9]]]", (3,), True),
    ("9 9; 9 9; 9 9", (3, 1, 2), True),
    ("9 9; 9 9; 9 9", (2, 3), False),
    ("9 9 9 9 9 9", (2, 3), False),
    ("9 9 9", (2,), False),
    ("9 9; 9 9", (2, 2, 2), False),
]


@pytest.mark.parametrize(("text", "shape", "fits"), FITS)
def test_axes_of_length_one_do_not_count_in_arrays(text, shape, fits):
    found = agreement(text, np.full(shape, 9.0))
    assert found.right is fits
    assert len(found.levels) == (np.prod(shape) if fits else 0)
    assert not found.imprecise


SHAPES = [
    ("64x58x58", (64, 58, 58), False, [RIGHT, RIGHT, RIGHT]),
    ("64x58x57", (64, 58, 58), False, [RIGHT, RIGHT, WRONG]),
    ("58x58x64", (64, 58, 58), False, [WRONG, RIGHT, WRONG]),
    ("64x58", (64, 58, 58), False, []),
    ("30976", (1, 1, 30976), False, [RIGHT, RIGHT, RIGHT]),
    ("1×1×30,976", (30976,), False, [RIGHT]),
    ("64x58x1x58", (64, 58, 58), False, [RIGHT, RIGHT, RIGHT]),
    ("1x5x3", (5, 3, 1), False, [RIGHT, RIGHT, RIGHT]),
    ("1x5x3", (5, 3, 1), True, [WRONG, WRONG, WRONG]),
    ("5x3", (5, 3, 1), True, []),
    ("5x3x1", (5, 3, 1), True, [RIGHT, RIGHT, RIGHT]),
    ("1", (1, 1), False, [RIGHT, RIGHT]),
    ("2x1", (1, 1), False, [WRONG, RIGHT]),
    ("64.5x58", (64, 58), False, [WRONG, RIGHT]),
    ("10^30 x 2", (10**30, 2), False, [RIGHT, RIGHT]),
]


@pytest.mark.parametrize(("text", "value", "strict", "expected"), SHAPES)
def test_a_shape_is_right_exactly_and_axes_of_length_one_count_only_where_they_must(text, value, strict, expected):
    assert list(agreement(text, value, strict_axes=strict).levels) == expected


@pytest.mark.parametrize(("text", "expected"), [("naive", RIGHT), (" NAIVE ", RIGHT), ("gram", WRONG)])
def test_a_word_is_right_whatever_its_case(text, expected):
    assert level(text, "naive") == expected
    assert level(text, "Naive") == expected


def test_an_array_for_a_number_does_not_agree():
    three = answers.read(Scalar("1 2 3", 1, 1), np.zeros(3))
    assert compare.agree(three, 2.0, DEFAULT).levels == ()
    assert not compare.agree(three, 2, DEFAULT).right


def test_a_computed_number_is_taken_in_decimal_to_twelve_digits():
    assert compare.decimal(0.1 + 0.2) == Fraction(3, 10)
    assert compare.decimal(-1e-20) == Fraction(-1, 10**20)
    assert compare.decimal(2**100 + 1) == 2**100 + 1


SLIPS = [  # what was written, a slip's value, whether it names the slip
    ("0.2", 0.2, True),
    ("0.20", 0.2, True),
    ("1/5", 0.2, True),
    ("0.202", 0.2019, True),
    ("0.2", 0.2019, False),
    ("0.20", 0.2019, False),
    ("0.20", 0.2003, False),
    ("0.2005", 0.2, True),
    ("0.2006", 0.2, False),
    ("0.203", 0.2019, False),
    ("0", 0.0, True),
    ("0.000", 0.0001, False),
    ("1e-9", 0.0, False),
]


@pytest.mark.parametrize(("text", "slip", "expected"), SLIPS)
def test_a_slip_is_named_by_its_exact_value_or_by_three_digits(text, slip, expected):
    assert compare.to_three_digits(answers.read_number(text), slip) is expected


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [("0.2", "0.249", True), ("0.25", "0.255", True), ("0.25", "0.256", False), ("1/4", "0.251", False)],
)
def test_a_number_is_another_rounded_at_its_last_place(text, value, expected):
    assert compare.rounds_to(answers.read_number(text), Fraction(value)) is expected


def test_the_largest_of_nothing_is_zero():
    assert values.magnitude([]) == 0.0
    assert values.magnitude([1.0, -3.0, 2.0]) == 3.0


@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(st.floats(min_value=1e-9, max_value=1e12) | st.floats(min_value=-1e12, max_value=-1e-9))
def test_every_number_written_to_three_digits_is_right_and_to_two_at_least_imprecise(value):
    assert level(f"{value:.2e}", value) == RIGHT
    assert level(f"{value:.1e}", value) >= SHORT
