"""The spread of a kernel's gradient over an image of independent pixels, and how it grows."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import grade, problems, submissions
from hwcheck.errors import Undefined
from hwcheck.given import GivenError
from hwcheck.kinds import load
from hwcheck.working import run

IMAGE = "{n: 28, k: 5, sigma_x: 2, sigma_g: 0.5}"
WHOLE = "{n: 9, k: 3, sigma_x: 3, sigma_g: 5}"

VALUES = [
    (IMAGE, "outputs", 24, "EECS 182 homework 4, Q7(b): n - k + 1"),
    (IMAGE, "mean", 0.0, "EECS 182 homework 4, Q7(b)"),
    (IMAGE, "variance", 576.0, "EECS 182 homework 4, Q7(b): 24² · 4 · 0.25"),
    (IMAGE, "std", 24.0, "EECS 182 homework 4, Q7(b): 24 · 2 · 0.5"),
    (WHOLE, "outputs", 7, "by hand"),
    (WHOLE, "variance", 11025, "EECS 182 homework 4, Q7(b): 49 · 9 · 25"),
    (WHOLE, "std", 105, "EECS 182 homework 4, Q7(b): 7 · 3 · 5"),
    ("{n: 4, k: 4, sigma_x: 2, sigma_g: 3}", "outputs", 1, "by hand: a kernel as large as the image"),
    ("{n: 10, k: 1, sigma_x: 0.1, sigma_g: 0.3}", "variance", 0.09, "by hand: 100 · 0.01 · 0.09"),
    ("{n: 10, k: 1, sigma_x: 0.1, sigma_g: 0.3}", "std", 0.3, "by hand: 10 · 0.1 · 0.3"),
]


@pytest.mark.parametrize(
    ("given", "name", "expected", "source"), VALUES, ids=[f"{row[1]} of {row[0]}" for row in VALUES]
)
def test_values_are_the_hand_made_ones(given, name, expected, source):
    assert source
    answer = solve("conv_noise", given)[name]
    assert type(answer) is type(expected)
    assert answer == pytest.approx(expected, rel=1e-14)


def test_the_moments_are_those_of_all_equally_likely_signs():
    """Pixels of ±2 and slopes of ±3 in a 2 × 3 piece of the output: the mean of the squares over all of them is exact."""
    sums = [
        sum(2 * x * 3 * g for x, g in zip(signs[:4], signs[4:], strict=True)) for signs in product((-1, 1), repeat=8)
    ]
    answers = solve("conv_noise", "{n: 3, k: 2, sigma_x: 2, sigma_g: 3}")  # 2 × 2 outputs
    assert np.mean(sums) == answers["mean"]
    assert np.mean(np.square(sums)) == answers["variance"]


@pytest.mark.parametrize("sigma", [2, 0.5, 0.1])
def test_sizes_beyond_all_floats_are_worked_out(sigma):
    n = 2**1500
    kind = load("conv_noise")
    done = run(kind.function, kind.givens({"n": n, "k": 3, "sigma_x": sigma, "sigma_g": 7}))
    assert done.ended is None
    assert done.steps["outputs"].computed == n - 2
    for name, value in (("std", 7 * sigma), ("variance", (7 * sigma) ** 2)):
        power = 1 if name == "std" else 2
        assert done.steps[name].computed * 10**6 // (n - 2) ** power == pytest.approx(value * 10**6, abs=1)


SLIPS = [
    (IMAGE, "outputs", "left out the + 1", 23, "by hand"),
    (IMAGE, "outputs", "took the side of the image", 28, "by hand"),
    (IMAGE, "outputs", "added the kernel instead of taking it away", 32, "by hand: 28 + 5 - 1"),
    (IMAGE, "mean", "took the product of the standard deviations for the mean of a product", 576.0, "by hand: 24² · 2 · 0.5"),
    (WHOLE, "variance", "left out the sum over the outputs", 225, "by hand: 9 · 25"),
    (WHOLE, "variance", "counted the outputs along one side only", 1575, "by hand: 7 · 225"),
    (WHOLE, "variance", "left the standard deviations without their squares", 735, "by hand: 49 · 15"),
    (WHOLE, "variance", "added the standard deviations of the terms instead of their variances", 540225,
     "by hand: 49² · 225"),
    (WHOLE, "variance", "summed over the entries of the kernel instead of the outputs", 2025, "by hand: 9 · 225"),
    (WHOLE, "std", "left out the root", 11025, "by hand"),
    (WHOLE, "std", "added the standard deviations of the terms instead of their variances", 735, "by hand: 49 · 15"),
    (WHOLE, "std", "left out the sum over the outputs", 15, "by hand"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    value = slip_of("conv_noise", given, name, label)
    assert type(value) is type(expected)
    assert value == pytest.approx(expected, rel=1e-14)


def test_spreads_follow_from_a_wrong_number_of_outputs():
    steps = working_of("conv_noise", WHOLE, carry={"outputs": 6}).steps
    assert steps["variance"].computed == 8100  # 36 · 225
    assert steps["std"].computed == 90


def test_the_standard_deviation_is_the_root_of_a_wrong_variance():
    assert working_of("conv_noise", WHOLE, carry={"variance": 225}).steps["std"].computed == 15
    assert working_of("conv_noise", WHOLE, carry={"variance": 2}).steps["std"].computed == pytest.approx(2**0.5)
    assert working_of("conv_noise", IMAGE, carry={"variance": 2.25}).steps["std"].computed == 1.5


def test_a_kernel_larger_than_the_image_is_refused():
    with pytest.raises(Undefined, match=r"^the kernel \(5 × 5\) is larger than the image \(3 × 3\)$"):
        solve("conv_noise", "{n: 3, k: 5, sigma_x: 1, sigma_g: 1}")


def test_a_spread_has_to_be_positive():
    with pytest.raises(GivenError) as caught:
        givens_of("conv_noise", "{sigma_x: -1}")
    assert caught.value.message == "sigma_x: expected a number above 0, found -1"


SYMBOLS = """
kind: conv_noise
symbols: {k: {grows: false}}
given: {n: n, k: k, sigma_x: σ_x, sigma_g: σ_g}
parts: {a: {ask: outputs}, b: {ask: mean}, c: {ask: variance}, d: {ask: std}, e: {ask: std, as: big-o}, f: {ask: variance, as: big-o}}
"""
NUMBERS = """
kind: conv_noise
given: {n: n, k: 3, sigma_x: 0.5, sigma_g: 1.7}
parts: {e: {ask: std, as: big-o}, f: {ask: variance, as: big-o}}
"""
SYMBOLIC = [
    (SYMBOLS, {"a": "n - k + 1", "b": "0", "c": "(n - k + 1)^2 σ_x^2 σ_g^2", "d": "(n - k + 1) σ_x σ_g", "e": "Θ(n)",
               "f": "Θ(n^2)"}, "right"),
    (SYMBOLS, {"a": "n", "b": "1", "c": "n^2 σ_x σ_g", "d": "σ_x σ_g", "e": "Θ(n^2)", "f": "Θ(n)"}, "wrong"),
    (NUMBERS, {"e": "O(n)", "f": "O(n^2)"}, "right"),
    (NUMBERS, {"e": "O(sqrt(n))", "f": "O(n^4)"}, "wrong"),
]  # fmt: skip


@pytest.mark.parametrize(("problem", "answers", "verdict"), SYMBOLIC, ids=[str(row[1]) for row in SYMBOLIC])
def test_formulas_and_growth_are_judged(problem, answers, verdict):
    file = problems.parse(problem.encode(), "c.yaml", "c")
    text = "answers:\n" + "".join(f"  {name}: {answer}\n" for name, answer in answers.items())
    report = grade.grade(file, submissions.match(submissions.parse(text.encode(), "answers.yaml"), file))
    assert {mark.part: mark.verdict for mark in report.marks} == dict.fromkeys(answers, verdict)
