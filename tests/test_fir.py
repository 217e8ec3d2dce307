"""Discrete convolution: signals with an index, in one line or around a circle."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import evaluation, expressions, kinds
from hwcheck.errors import Missing, Undefined
from hwcheck.given import GivenError
from hwcheck.kernels import signals
from hwcheck.values import form
from hwcheck.working import run

DATA = json.loads((Path(__file__).parent / "data" / "signals.json").read_text(encoding="utf-8"))

BOX = "x: {formula: 1, from: 0, to: 6}, h: {formula: (1/2)^n, from: 0}"
BOX_RESPONSE = [0, 0, 0, 0, 0, 0, 1, 1.5, 1.75, 1.875, 1.9375, 1.96875, 1.984375, 0.9921875, 0.49609375, 0.248046875,
                0.1240234375, 0.06201171875, 0.031005859375]  # fmt: skip


ROWS = [
    (f"{{{BOX}, n: [-6, 12]}}", "y", BOX_RESPONSE, "EECS 182 homework 4, Q3(a), printed table for n = -6 to 12"),
    (f"{{{BOX}, n: [-6, 12], shift: 5}}", "shifted", [0] * 5 + BOX_RESPONSE[:14], "EECS 182 homework 4, Q3(b)"),
    (f"{{{BOX}, n: {{from: 6, to: 8}}, shift: 5}}", "shifted", [1.5, 1.75, 1.875], "EECS 182 homework 4, Q3(a)"),
    (f"{{{BOX}, n: [8, 9], shift: -2}}", "shifted", [0.1240234375, 0.06201171875], "EECS 182 homework 4, Q3(a)"),
    ("{x: [2, 1, 2, 1], h: [1, 2, 3, 4]}", "y", [2, 5, 10, 16, 12, 11, 4], "vlabs circular convolution, post-test"),
    ("{x: [2, 1, 2, 1], h: [1, 2, 3, 4], circular: 4}", "y", [14, 16, 14, 16], "vlabs circular convolution, post-test"),
    ("{x: [3, 2, 1, 7], h: [0.5, 0.75, 1, 0.25], n: [3, 3]}", "y", [7], "Raschka, Python Machine Learning, issue 132"),
    ("{x: {-3: 1}, h: [4, 5, 6], n: [-3, 0]}", "y", [4, 5, 6, 0], "by hand: δ(n+3) gives h(n+3)"),
    ("{x: {-1: 2, 0: -1, 2: 3}, h: {2: 1, 3: 4}}", "y", [2, 7, -4, 3, 12], "by hand: 2·1; 2·4 - 1·1; -1·4; 3·1; 3·4"),
    ("{x: {-1: 2, 0: -1, 2: 3}, h: {2: 1, 3: 4}}", "start", 1, "by hand: -1 + 2"),
    ("{x: {-1: 2, 0: -1, 2: 3}, h: {2: 1, 3: 4}}", "length", 5, "by hand: 4 + 2 - 1, the zero at index 1 counts"),
    ("{x: {-1: 2, 0: -1}, h: {-1: 3, 1: 5}, circular: 3}", "y", [10, 1, -3],
     "by hand: 6 and 10 at -2 and 0, -3 and -5 at -1 and 1, which wrap to 1, 0, 2 and 1"),
    ("{x: {formula: n, from: 1}, h: {formula: 1, from: 0}, n: [0, 4]}", "y", [0, 1, 3, 6, 10], "by hand: 1 + … + n"),
    ("{x: {formula: 1, from: 0}, h: [1, -1], n: [0, 3]}", "y", [1, 0, 0, 0], "by hand: steps become a pulse"),
    ("{x: 3, h: [1, -2]}", "y", [3, -6], "by hand"),
    ("{x: [2, 1, 0, 3], h: [1, 2, 3, 5], circular: 4, n: [-1, 4]}", "y", [16, 13, 14, 23, 16, 13], "by hand"),
    ("{x: [2, 1, 0, 3], h: [1, 2, 3, 5], circular: 4, shift: 1}", "shifted", [16, 13, 14, 23], "by hand, turned"),
    ("{x: [2, 1, 0, 3], h: [1, 2, 3, 5], circular: 4, n: [0, 1], shift: 2}", "shifted", [23, 16], "by hand, turned"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "name", "expected", "source"), ROWS, ids=[f"{row[1]} of {row[0]}" for row in ROWS])
def test_the_response_is_the_published_or_hand_made_one(given, name, expected, source):
    assert source
    np.testing.assert_array_equal(solve("fir", given)[name], expected)


@pytest.mark.parametrize("case", DATA["linear"], ids=lambda case: case["name"])
def test_linear_convolution_agrees_with_scipy(case):
    answers = solve("fir", f"{{x: {case['x']}, h: {case['h']}}}")
    np.testing.assert_allclose(answers["y"], case["y"], rtol=0, atol=1e-12)
    assert answers["length"] == len(case["by fft"])


@pytest.mark.parametrize("case", DATA["circular"], ids=lambda case: f"{case['name']}, period {case['period']}")
def test_circular_convolution_agrees_with_the_sum_over_all_pairs(case):
    answers = solve("fir", f"{{x: {case['x']}, h: {case['h']}, circular: {case['period']}}}")
    np.testing.assert_allclose(answers["y"], case["y"], rtol=0, atol=1e-12)


def test_long_signals_agree_with_scipy():
    case = DATA["long"]
    x, h = (
        np.array(
            [case[name]["step"] * k % case[name]["modulus"] + case[name]["offset"] for k in range(case[name]["length"])]
        )
        for name in "xh"
    )
    assert min(x.size, h.size) > signals.DIRECT
    y = signals.convolve(x.astype(float), h.astype(float))
    assert y.size == case["length"]
    np.testing.assert_allclose(y[:: case["every"]], case["y"], rtol=0, atol=1e-8)
    assert y.sum() == pytest.approx(case["sum"], abs=1e-6)


def test_smooth_lengths_are_the_next_without_a_prime_factor_above_five():
    products = sorted(2**i * 3**j * 5**k for i in range(13) for j in range(9) for k in range(7))
    for length in range(1, 4097):
        assert signals.smooth(length) == next(number for number in products if number >= length)


SLIPS = [
    (f"{{{BOX}, n: [6, 8]}}", "y", "cut the impulse response where the input ends", [127 / 64, 63 / 64, 31 / 64],
     "by hand: without h(7) and h(8), 1/2 + … + 1/64 and 1/4 + … + 1/64"),
    ("{x: [3, 2, 1, 7], h: [0.5, 0.75, 1, 0.25], n: [3, 3]}", "y", "did not turn the kernel around", [5.75],
     "Raschka, Python Machine Learning, issue 132"),
    ("{x: [2, 1, 2, 1], h: [1, 2, 3, 4]}", "y", "took circular for linear convolution", [14, 16, 14, 16],
     "vlabs circular convolution, post-test"),
    ("{x: [2, 1, 2, 1], h: [1, 2, 3, 4], n: [-1, 5]}", "y", "took circular for linear convolution",
     [0, 14, 16, 14, 16, 0, 0], "vlabs circular convolution, post-test"),
    ("{x: [2, 1, 2, 1], h: [1, 2, 3, 4], circular: 4}", "y", "took linear for circular convolution",
     [2, 5, 10, 16, 12, 11, 4], "vlabs circular convolution, post-test"),
    ("{x: [2, 1, 2, 1], h: [1, 2, 3, 4], circular: 4}", "y",
     "cut the linear convolution off instead of wrapping it around", [2, 5, 10, 16],
     "vlabs circular convolution, post-test"),
    ("{x: [2, 1, 0, 3], h: [1, 2, 3, 5], circular: 4}", "y", "did not turn the kernel around", [19, 20, 17, 10],
     "by hand: 2·1 + 1·2 + 0·3 + 3·5, then the kernel one to the right"),
    ("{x: {-3: 1}, h: [4, 5, 6], n: [-6, 6], shift: 3}", "shifted", "shifted in the wrong direction",
     [4, 5, 6, *[0] * 10], "by hand: δ(n+3) shifted by 3 is δ(n); the wrong way it is δ(n+6)"),
    ("{x: {-3: 1}, h: [4, 5, 6], n: [-3, 0], shift: 3}", "shifted", "did not shift", [4, 5, 6, 0], "by hand"),
    ("{x: [1, 2, 3], h: [1, 4]}", "length", "left out the − 1", 5, "by hand: 3 + 2"),
    ("{x: [1, 2, 3], h: [1, 4]}", "length", "took the length of the input", 3, "by hand"),
    ("{x: {-1: 2, 0: 1}, h: {3: 1}}", "start", "took the start of the input", -1, "by hand"),
    ("{x: {-1: 2, 0: 1}, h: {3: 1}}", "start", "started at index 0", 0, "by hand"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    np.testing.assert_allclose(slip_of("fir", given, name, label), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("{x: [3, -2], h: [0.5, 4], n: [1, 1]}", "3·4 + (-2)·0.5"),
        (f"{{{BOX}, n: [2, 3]}}", "1·0.25 + 1·0.5 + 1·1"),
        ("{x: [3, -2], h: [0.5, 4], n: [-1, 1]}", "0"),
        ("{x: [3, 0, -2], h: [0.5, 4], circular: 3}", "3·0.5 + (-2)·4"),
    ],
)
def test_the_arithmetic_of_the_first_entry_is_its_sum_and_gives_its_value(given, text):
    step = working_of("fir", given).steps["y"]
    assert step.first() == text
    assert evaluation.evaluate(expressions.parse(text)) == step.computed[0]


def test_the_table_starts_at_the_first_index_asked():
    assert working_of("fir", f"{{{BOX}, n: [-6, 12]}}").steps["y"].origin == -6
    assert working_of("fir", "{x: {-1: 2, 0: -1}, h: {4: 1}}").steps["y"].origin == 3
    assert working_of("fir", "{x: {-1: 2, 0: -1}, h: {4: 1}, circular: 5}").steps["y"].origin == 0


def test_without_an_end_the_range_has_to_be_given():
    done = working_of("fir", f"{{{BOX}}}")
    assert isinstance(done.ended, Missing)
    assert done.ended.name == "n"
    assert [*done.steps] == ["start"]


def test_the_shifted_response_follows_from_a_wrong_table_where_the_table_reaches():
    given = f"{{{BOX}, n: [0, 4], shift: 2}}"
    done = working_of("fir", given, carry={"y": np.array([9.0, 8.0, 7.0, 6.0, 5.0])})
    assert done.steps["shifted"].computed.tolist() == [0, 0, 9, 8, 7]
    given = f"{{{BOX}, n: [0, 4], shift: -2}}"
    done = working_of("fir", given, carry={"y": np.array([9.0, 8.0, 7.0, 6.0, 5.0])})
    assert done.steps["shifted"].computed.tolist() == [7, 6, 5, 1.96875, 1.984375]


def test_around_the_circle_the_shifted_response_follows_wholly():
    given = "{x: [2, 1, 0, 3], h: [1, 2], circular: 4, shift: 1}"
    done = working_of("fir", given, carry={"y": np.array([9.0, 8.0, 7.0, 6.0])})
    assert done.steps["shifted"].computed.tolist() == [6, 9, 8, 7]


def test_a_table_of_another_length_is_used_as_far_as_it_goes():
    done = working_of("fir", f"{{{BOX}, n: [0, 4], shift: 1}}", carry={"y": np.array([9.0, 8.0])})
    assert done.steps["shifted"].computed.tolist() == [0, 9, 8, 1.75, 1.875]


def test_a_wrong_start_moves_the_response():
    done = working_of("fir", "{x: [1, 2], h: {1: 3, 2: 4}, n: [0, 4]}", carry={"start": 0})
    assert done.steps["y"].computed.tolist() == [3, 10, 8, 0, 0]


@pytest.mark.parametrize(
    "given",
    [
        f"{{{BOX}, n: [-2, 8], shift: 3}}",
        "{x: [1, 2, 4], h: [3, 1], shift: 1}",
        "{x: [1, 2], h: [3, 5, 4], circular: 3, shift: 1}",
    ],
)
def test_no_value_that_is_handed_back_costs_time(given):
    import time

    odd = (0, -1, 10**6, 10**12, np.zeros(1), np.full(1000, 1e12))
    for name, step in working_of("fir", given).steps.items():
        for value in (value for value in odd if form(value) == form(step.computed)):
            begin = time.process_time()
            done = run(kinds.load("fir").function, givens_of("fir", given), carry={name: value})
            assert name in done.steps
            assert time.process_time() - begin < 0.5


SIGNAL = "a list of samples, a mapping from index to sample, or {formula: …, from: …, to: …}"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{x: abc}", f"x: expected {SIGNAL}, found 'abc' (unknown name 'abc'; a number is expected here)"),
        ("{x: [[1, 2], [3, 4]]}", f"x: expected {SIGNAL}, found lists inside a list"),
        ("{h: {}}", f"h: expected {SIGNAL}, found an empty mapping"),
        ("{x: {from: 0, to: 6}}", "x: expected `formula` beside `from` and `to`, found none"),
        ("{x: {formula: 1, form: 0}}", "x: a signal has no 'form'; did you mean 'from'?"),
        ("{x: {formula: [1]}}", "x: expected a formula in n, found a list of 1"),
        ("{x: {formula: 1/n}}", "x: expected a formula in n, found '1/n' (a division by zero)"),
        (
            "{x: {formula: 2^n, from: 2000}}",
            "x: expected a formula in n, found '2^n' (a number too large to work with)",
        ),
        ("{x: {formula: 1, from: 3, to: 1}}", "x: expected `to` from 3 to 10002, found 1"),
        ("{x: {1.5: 2}}", "x: expected an index (a whole number), found 1.5"),
        ("{x: {1: 1, 01: 2}}", "x: expected every index once, found 1 twice"),
        ("{x: {0: 1, 20000: 1}}", "x: expected at most 10,000 samples, found indices from 0 to 20000"),
        ("{n: 3}", "n: expected [first, last] or {from: first, to: last}, found '3'"),
        ("{n: [1, 2, 3]}", "n: expected [first, last] or {from: first, to: last}, found a list of 3"),
        ("{n: {from: 1}}", "n: expected [first, last] or {from: first, to: last}, found a mapping"),
        ("{n: [4, 2]}", "n: expected a last index from 4 to 10003, found 2"),
    ],
)
def test_a_given_that_cannot_be_read_says_what_was_found_and_expected(given, message):
    with pytest.raises(GivenError) as caught:
        givens_of("fir", given)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{x: [1, 2], h: {formula: 1}, circular: 5}",
         "a circular convolution needs two signals that end, and one has no last index"),
        ("{x: [1, 2], h: {formula: 1/(n-5)}, n: [0, 6]}",
         "1/(n-5) cannot be worked out at every n from 0 to 6: a division by zero"),
        ("{x: {formula: 1}, h: {formula: 1, from: -1000000}, n: [0, 2]}", "more than 20,000 samples of 1 are needed"),
    ],
)  # fmt: skip
def test_signals_without_a_response_are_undefined(given, message):
    with pytest.raises(Undefined) as caught:
        solve("fir", given)
    assert str(caught.value) == message
