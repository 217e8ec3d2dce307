"""Newton-Schulz iteration: what it costs, and what it does to singular values. And the kind that a person marks."""

from __future__ import annotations

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import evaluation, expressions, kinds
from hwcheck.errors import Missing, Undefined
from hwcheck.given import GivenError

TALL = "{d_out: 7, d_in: 3, c: 2}"
QUINTIC = "{d_out: 7, d_in: 3, coefficients: quintic}"

COSTS = [
    (TALL, "cost.naive.1", 294, "EECS 182 homework 4, Q1(a): c d_out² d_in = 2·49·3"),
    (TALL, "cost.naive.2", 294, "EECS 182 homework 4, Q1(a): c d_out² d_in"),
    (TALL, "cost.naive", 588, "EECS 182 homework 4, Q1(a): 2 c d_out² d_in"),
    (TALL, "cost.gram.1", 126, "EECS 182 homework 4, Q1(b): c d_out d_in² = 2·7·9"),
    (TALL, "cost.gram.2", 126, "EECS 182 homework 4, Q1(b): c d_out d_in²"),
    (TALL, "cost.gram", 252, "EECS 182 homework 4, Q1(b): 2 c d_out d_in²"),
    ("{d_out: 7, d_in: 3, steps: 4}", "cost.gram", 504, "by hand: 4 · 126"),
    ("{d_out: 7, d_in: 3, steps: 4}", "cost.gram.1", 63, "by hand: one step"),
    ("{d_out: 1000000, d_in: 999999}", "cost.naive.1", 999999000000000000, "by hand: 10¹² · 999,999"),
    (QUINTIC, "cost.naive.1", 147, "by hand: 7·3·7"),
    (QUINTIC, "cost.naive.2", 343, "by hand: 7·7·7"),
    (QUINTIC, "cost.naive.3", 147, "by hand: 7·7·3"),
    (QUINTIC, "cost.naive", 637, "by hand: 147 + 343 + 147"),
    (QUINTIC, "cost.gram.2", 27, "by hand: 3·3·3"),
    (QUINTIC, "cost.gram", 153, "by hand: 63 + 27 + 63"),
    ("{W: [[1, 2, 3], [4, 5, 6]]}", "cost.naive", 24, "by hand: 2 · 2²·3"),
    (TALL, "cheaper", "gram", "EECS 182 homework 4, Q1(b): with W^T W where d_out is larger"),
    ("{d_out: 3, d_in: 7}", "cheaper", "naive", "the same, exchanged"),
    ("{d_out: 3, d_in: 3}", "cheaper", "equal", "the same"),
]


@pytest.mark.parametrize(("given", "name", "expected", "source"), COSTS, ids=[f"{row[1]} of {row[0]}" for row in COSTS])
def test_costs_count_the_products_of_matrices(given, name, expected, source):
    assert source
    answer = solve("newton_schulz", given)[name]
    assert answer == expected
    assert type(answer) is type(expected)


def test_the_speedup_of_the_cubic_is_the_ratio_of_the_sizes():
    """EECS 182 homework 4, Q1(b): d_out / d_in."""
    assert solve("newton_schulz", TALL)["speedup"] == pytest.approx(7 / 3, rel=1e-15)


def test_a_cost_stays_whole_only_with_a_whole_c():
    assert type(solve("newton_schulz", TALL)["cost.naive"]) is int
    assert solve("newton_schulz", "{d_out: 7, d_in: 3, c: 0.5}")["cost.naive"] == 147.0


ITERATES = [
    ("{W: [[2.2]]}", "iterate.1", [[-2.024]], "EECS 182 discussion 4: 1.5·2.2 - 0.5·2.2³, past 0"),
    ("{W: 2.2}", "iterate.1", [[-2.024]], "the same; a number stands for a 1×1 matrix"),
    ("{W: [[2.2]]}", "singular_values.1", [2.024], "EECS 182 discussion 4"),
    ("{W: [[0, 0.5], [2.2, 0], [0, 0]]}", "iterate.1", [[0, 0.6875], [-2.024, 0], [0, 0]],
     "by hand: 1.5·0.5 - 0.5·0.5³ and 1.5·2.2 - 0.5·2.2³"),
    ("{W: [[0, 0.5], [2.2, 0], [0, 0]]}", "singular_values.0", [2.2, 0.5], "by hand, the largest first"),
    ("{W: [[0, 0.5], [2.2, 0], [0, 0]]}", "singular_values.1", [2.024, 0.6875], "by hand"),
    ("{W: [[0, 0.5], [2.2, 0], [0, 0]], steps: 2}", "iterate.2", [[0, 0.8687744140625], [1.109734912, 0], [0, 0]],
     "by hand: 1.5·0.6875 - 0.5·0.6875³ and -1.5·2.024 + 0.5·2.024³"),
    ("{W: [[1, 2, 0], [0, 1, 1]]}", "iterate.1", [[-1, -3, -1], [-1, -1.5, 0.5]],
     "by hand: W Wᵀ = [[5, 2], [2, 2]], half of [[-2, -2], [-2, 1]] W"),
    ("{W: [[0.5, 0]], coefficients: quintic}", "iterate.1", [[1.188859375, 0]],
     "by hand: 3.4445·0.5 - 4.7750·0.125 + 2.0315·0.03125"),
    ("{W: [[0.5, 0]], coefficients: [2, -1.5, 0.5, 1]}", "iterate.1", [[0.8359375, 0]],
     "by hand: 2·0.5 - 1.5·0.125 + 0.5·0.03125 + 0.0078125"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "expected", "source"), ITERATES, ids=[f"{row[1]} of {row[0]}" for row in ITERATES]
)
def test_steps_are_the_hand_made_ones(given, name, expected, source):
    assert source
    answer = solve("newton_schulz", given)[name]
    assert np.shape(answer) == np.shape(expected)
    np.testing.assert_allclose(answer, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("seed", range(20))
def test_every_singular_value_goes_through_the_polynomial_on_its_own(seed):
    """Higham, Functions of Matrices (2008), section 8.3: with W = U S Vᵀ, p(W) = U p(S) Vᵀ."""
    rng = np.random.default_rng(seed)
    W = rng.uniform(-0.5, 0.5, size=(4, 3))
    answers = solve("newton_schulz", f"{{W: {W.tolist()}, steps: 2, coefficients: quintic}}")
    sigma = answers["singular_values.0"]
    for k in (1, 2):
        sigma = np.abs(3.4445 * sigma - 4.7750 * sigma**3 + 2.0315 * sigma**5)
        np.testing.assert_allclose(answers[f"singular_values.{k}"], np.sort(sigma)[::-1], atol=1e-12)


SLIPS = [
    (TALL, "cost.naive.1", "exchanged d_out and d_in", 126, "by hand: 2·9·7"),
    (TALL, "cost.naive.1", "doubled the multiply-adds", 588, "by hand"),
    (TALL, "cost.naive.2", "left out c", 147, "by hand: 49·3"),
    (TALL, "cost.naive", "left out one of the two products", 294, "by hand"),
    (TALL, "speedup", "turned the ratio upside down", 3 / 7, "by hand"),
    (TALL, "cheaper", "took the dearer way", "naive", "by hand"),
    (QUINTIC, "cost.naive", "left out the last product", 490, "by hand: 147 + 343"),
    (QUINTIC, "cost.naive.2", "exchanged d_out and d_in", 27, "by hand: 3·3·3"),
    ("{d_out: 7, d_in: 3, steps: 4}", "cost.gram", "counted a single step", 126, "by hand"),
    ("{W: [[2.2, 0]]}", "iterate.1", "left out the factor ½", [[-4.048, 0]], "by hand: 3·2.2 - 2.2³"),
    ("{W: [[2.2, 0]]}", "iterate.1", "added the cubic term instead of taking it away", [[8.624, 0]],
     "by hand: 3.3 + 5.324"),
    ("{W: [[1, 2], [0, 1]]}", "iterate.1", "took Wᵀ W for W Wᵀ", [[1, 1], [-1, -3]],
     "by hand: WᵀW = [[1, 2], [2, 5]], half of [[2, -2], [-2, -2]] W"),
    ("{W: [[0.5, 0]], coefficients: quintic}", "iterate.1", "left out the last term", [[1.125375, 0]],
     "by hand: 3.4445·0.5 - 4.7750·0.125"),
    ("{W: [[0, 0.5], [3, 0]]}", "singular_values.0", "left out the root of the eigenvalues", [9, 0.25], "by hand"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    value = slip_of("newton_schulz", given, name, label)
    if isinstance(expected, str):
        assert value == expected
    else:
        np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-15)


def test_the_two_products_can_be_confused_only_where_the_matrix_is_square():
    slips = working_of("newton_schulz", "{W: [[1, 2, 0], [0, 1, 1]]}").steps["iterate.1"].slips
    assert "took Wᵀ W for W Wᵀ" not in slips


def test_costs_follow_from_a_wrong_product():
    steps = working_of("newton_schulz", TALL, carry={"cost.naive.1": 300, "cost.gram": 297}).steps
    assert steps["cost.naive"].computed == 594
    assert steps["speedup"].computed == 2.0


def test_a_step_follows_from_a_wrong_one():
    steps = working_of(
        "newton_schulz", "{W: [[1, 2, 0]], steps: 2}", carry={"iterate.1": np.array([[2.0, 0.0, 0.0]])}
    ).steps
    assert steps["singular_values.1"].computed.tolist() == [2.0]
    assert steps["iterate.2"].computed.tolist() == [[-1.0, 0.0, 0.0]]


def test_an_iterate_of_another_size_ends_the_working():
    with pytest.raises(Undefined, match=r"^W is 1 × 3, and so is every iterate; here is another size$"):
        working_of("newton_schulz", "{W: [[1, 2, 0]]}", carry={"iterate.1": np.zeros((400, 500))})


def test_the_arithmetic_of_the_first_entry_gives_its_value():
    step = working_of("newton_schulz", "{W: [[2.2]]}").steps["iterate.1"]
    assert step.first() == "1.5·2.2 + (-0.5)·10.648"
    assert float(evaluation.evaluate(expressions.parse(step.first()))) == pytest.approx(step.computed[0, 0])
    assert working_of("newton_schulz", "{W: [[1, 2, 0], [0, 1, 1]]}").steps["iterate.1"].first() == "1.5·1 + (-0.5)·5"


@pytest.mark.parametrize("given", [TALL, QUINTIC, "{d_out: 5, d_in: 6, steps: 3}", "{W: [[1, 2, 0]]}"])
def test_formulas_of_costs_give_their_values(given):
    done = working_of("newton_schulz", given)
    quantities = {
        expressions.key(name): step.computed for name, step in done.steps.items() if not name.startswith("iter")
    }
    for name, step in done.steps.items():
        if step.formula:
            names = {
                "c": givens_of("newton_schulz", given).c,
                **quantities,
                **{expressions.key(k): v for k, v in step.names.items()},
            }
            assert evaluation.evaluate(expressions.parse(step.formula), names) == pytest.approx(step.computed), name


def test_the_given_sizes_have_to_be_those_of_the_matrix():
    with pytest.raises(Undefined, match=r"^W is 2 × 3, and `d_out` is 4$"):
        solve("newton_schulz", "{W: [[1, 2, 3], [4, 5, 6]], d_out: 4}")


def test_a_cost_without_a_size_asks_for_it():
    done = working_of("newton_schulz", "{d_out: 4}")
    assert isinstance(done.ended, Missing)
    assert done.ended.name == "d_in"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{coefficients: cubik}", "coefficients: found 'cubik'; did you mean 'cubic'?"),
        ("{coefficients: [1]}", "coefficients: expected from 2 to 10 numbers, found 1"),
        ("{coefficients: {a: 1}}", "coefficients: expected cubic, quintic or a list of numbers, found a mapping"),
        ("{c: 0}", "c: expected a number above 0, found 0"),
        ("{W: [1, 2]}", "W: expected a number or an array (d_out × d_in), found an array of 2"),
    ],
)
def test_a_given_that_cannot_be_read_says_what_was_found_and_expected(given, message):
    with pytest.raises(GivenError) as caught:
        givens_of("newton_schulz", given)
    assert caught.value.message == message


def test_a_question_for_a_person_keeps_its_rubric():
    assert kinds.load("manual").by_hand
    assert solve("manual", "{rubric: two points for the induction step}") == {
        "work": "two points for the induction step"
    }
    with pytest.raises(GivenError) as caught:
        givens_of("manual", "{rubric: [1]}")
    assert caught.value.message == "rubric: expected a text, found a list of 1"
