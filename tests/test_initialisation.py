"""Random weights at the start: the variances of four schemes, and what people take for them."""

from __future__ import annotations

import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import grade, problems, submissions
from hwcheck.errors import Missing
from hwcheck.given import GivenError

XAVIER = "{fan_in: 25, fan_out: 7}"
GLOROT = "{fan_in: 25, fan_out: 7, scheme: glorot}"
HE = "{fan_in: 50, fan_out: 32, scheme: he}"
LECUN = "{fan_in: 75, scheme: lecun}"

VALUES = [
    (XAVIER, "variance", 0.04, "Xavier as courses write it, N(0, 1/n_in): 1/25"),
    (XAVIER, "std", 0.2, "by hand: 1/5"),
    (XAVIER, "limit", 0.12**0.5, "by hand: √(3/25)"),
    (GLOROT, "variance", 0.0625, "Glorot and Bengio (2010), equation 12: 2/(25 + 7)"),
    (GLOROT, "std", 0.25, "by hand: √0.0625"),
    (GLOROT, "limit", (6 / 32) ** 0.5, "Glorot and Bengio (2010), equation 16: √6/√(25 + 7)"),
    (HE, "variance", 0.04, "He et al. (2015), equation 10: 2/50"),
    (HE, "std", 0.2, "He et al. (2015), equation 10: √(2/50)"),
    (HE, "limit", 0.12**0.5, "torch.nn.init.kaiming_uniform_, documentation: √2 · √(3/50)"),
    (LECUN, "variance", 1 / 75, "LeCun et al. (1998), equation 16: 1/m"),
    (LECUN, "std", 75**-0.5, "LeCun et al. (1998), equation 16: m^(-1/2)"),
    (LECUN, "limit", 0.2, "by hand: √(3/75)"),
    ("{fan_in: 147, scheme: he}", "std", 0.11664236870396087, "by hand: √(2/147), of 7·7·3 connections"),
]


@pytest.mark.parametrize(
    ("given", "name", "expected", "source"), VALUES, ids=[f"{row[1]} of {row[0]}" for row in VALUES]
)
def test_values_are_those_of_the_papers(given, name, expected, source):
    assert source
    answer = solve("initialisation", given)[name]
    assert type(answer) is float
    assert answer == pytest.approx(expected, rel=1e-12)


SLIPS = [
    (XAVIER, "variance", "took the outputs for the inputs", 1 / 7, "by hand"),
    (XAVIER, "variance", "took the variance of Glorot and Bengio", 0.0625, "by hand: 2/32"),
    (XAVIER, "variance", "took the variance of He, which is for ReLU", 0.08, "by hand: 2/25"),
    (XAVIER, "variance", "took the standard deviation for the variance", 0.2, "by hand"),
    (GLOROT, "variance", "left out the 2", 1 / 32, "by hand"),
    (GLOROT, "variance", "took the inputs alone", 0.04, "by hand: 1/25"),
    (GLOROT, "variance", "took the standard deviation for the variance", 0.25, "by hand"),
    (HE, "variance", "left out the 2, which makes up for the half that ReLU cuts off", 0.02, "by hand: 1/50"),
    (HE, "variance", "took the outputs for the inputs", 0.0625, "by hand: 2/32"),
    (LECUN, "variance", "took the variance of He, which is for ReLU", 2 / 75, "by hand"),
    (HE, "std", "left out the root", 0.04, "by hand"),
    (GLOROT, "limit", "took the standard deviation for the limit", 0.25, "by hand"),
    (GLOROT, "limit", "left out the root", 0.1875, "by hand: 3·0.0625"),
    (GLOROT, "limit", "took the limit for the whole width of the interval", 0.75**0.5, "by hand: √(12·0.0625)"),
    (LECUN, "limit", "divided by 3 instead of multiplying", 1 / 15, "by hand: √(1/225)"),
]


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    assert slip_of("initialisation", given, name, label) == pytest.approx(expected, rel=1e-12)


def test_outputs_that_are_not_given_cannot_be_taken_for_the_inputs():
    slips = working_of("initialisation", LECUN).steps["variance"].slips
    assert set(slips) == {"took the variance of He, which is for ReLU", "took the standard deviation for the variance"}


def test_spread_and_limit_follow_from_a_wrong_variance():
    steps = working_of("initialisation", HE, carry={"variance": 0.01}).steps
    assert steps["std"].computed == pytest.approx(0.1)
    assert steps["limit"].computed == pytest.approx(0.03**0.5)


def test_glorot_asks_for_the_outputs():
    done = working_of("initialisation", "{fan_in: 25, scheme: glorot}")
    assert isinstance(done.ended, Missing)
    assert done.ended.name == "fan_out"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{fan_in: 0}", "fan_in: expected a whole number of at least 1, found 0"),
        ("{scheme: glorott}", "scheme: found 'glorott'; did you mean 'glorot'?"),
    ],
)
def test_a_given_that_cannot_be_read_says_what_was_found_and_expected(given, message):
    with pytest.raises(GivenError) as caught:
        givens_of("initialisation", given)
    assert caught.value.message == message


SYMBOLS = """
kind: initialisation
given: {fan_in: n_in, fan_out: n_out, scheme: glorot}
parts: {a: {ask: variance}, b: {ask: std}, c: {ask: limit}, d: {ask: variance, as: big-o}}
"""
SYMBOLIC = [
    ({"a": "2/(n_in + n_out)", "b": "sqrt(2/(n_in + n_out))", "c": "sqrt(6)/sqrt(n_in + n_out)", "d": "O(1/(n_in + n_out))"},
     "right"),
    ({"a": "1/n_in", "b": "2/(n_in + n_out)", "c": "6/(n_in + n_out)", "d": "O(1/sqrt(n_in + n_out))"}, "wrong"),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "verdict"), SYMBOLIC, ids=["right", "wrong"])
def test_formulas_of_the_connections_are_judged(answers, verdict):
    file = problems.parse(SYMBOLS.encode(), "i.yaml", "i")
    text = "answers:\n" + "".join(f"  {name}: {answer}\n" for name, answer in answers.items())
    report = grade.grade(file, submissions.match(submissions.parse(text.encode(), "answers.yaml"), file))
    assert {mark.part: mark.verdict for mark in report.marks} == dict.fromkeys("abcd", verdict)
