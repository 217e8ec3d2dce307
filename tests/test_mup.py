"""A dense layer at unit scale: the factor before its weights, bounds of its updates, its gradients."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import evaluation, expressions
from hwcheck.errors import Missing
from hwcheck.given import GivenError
from hwcheck.settings import bound_names

WIDE = "{d_in: 16, d_out: 9, c: 0.2, v_x: 2}"
TALL = "{d_in: 4, d_out: 9, c: 0.5}"
TALL_RMS = "{d_in: 4, d_out: 9, c: 0.5, norm: rms}"

VALUES = [
    (WIDE, "variance", 1.28, "EECS 182 homework 4, Q2(b): c² d_in v_x = 0.04·16·2"),
    (TALL, "variance", 1.0, "EECS 182 homework 4, Q2(b): 0.25·4·1"),
    (WIDE, "scale", 0.25, "EECS 182 homework 4, Q2(b): 1/√16"),
    (TALL, "scale", 0.5, "EECS 182 homework 4, Q2(b): 1/√4"),
    (WIDE, "sign_norm", 12.0, "EECS 182 homework 4, Q2(d): √(16·9)"),
    (WIDE, "spectral_bound", 3.75, "EECS 182 homework 4, Q2(c): √(9/16)/0.2"),
    (TALL, "spectral_bound", 3.0, "EECS 182 homework 4, Q2(c): √(9/4)/0.5"),
    (WIDE, "lr.sign", 0.3125, "EECS 182 homework 4, Q2(d): 1/(0.2·16)"),
    (TALL, "lr.sign", 0.5, "EECS 182 homework 4, Q2(d): 1/(0.5·4)"),
    (WIDE, "lr.muon", 3.75, "EECS 182 homework 4, Q2(e): √(9/16)/0.2"),
    (TALL, "backprop_factor", 3.0, "EECS 182 homework 4, Q2(g): √d_out where c = 1/√d_in"),
    (TALL, "renormaliser", 1 / 3, "EECS 182 homework 4, Q2(g): 1/√d_out where c = 1/√d_in"),
    (WIDE, "backprop_factor", 2.4, "EECS 182 homework 4, Q2(g): 0.2·√(16·9)"),
    (TALL_RMS, "backprop_factor", 4.5, "by hand: c √(d_in d_out) √d_out / √d_in = c d_out = 0.5·9"),
    (TALL_RMS, "renormaliser", 2 / 9, "by hand: 1/4.5"),
    (TALL_RMS, "spectral_bound", 3.0, "by hand: as with l2, for this bound always has RMS norms"),
    (TALL, "regime", "explodes", "EECS 182 homework 4, Q2(g): √d_out > 1"),
    ("{d_in: 5, d_out: 20, c: 0.04}", "backprop_factor", 0.4, "by hand: 0.04·√100"),
    ("{d_in: 5, d_out: 20, c: 0.04}", "regime", "vanishes", "by hand: 0.4 < 1"),
    ("{d_in: 5, d_out: 20, c: 0.1}", "regime", "constant", "by hand: 0.1·√100 = 1"),
    ("{d_in: 3, d_out: 5, c: 1/sqrt(15)}", "regime", "constant", "by hand: √15/√15 = 1, whatever the last digit is"),
    ("{d_in: 5, d_out: 20, c: 0.07, norm: rms}", "regime", "explodes", "by hand: 0.07·20 = 1.4"),
    ("{d_in: 5, d_out: 20, c: 0.07}", "regime", "vanishes", "by hand: 0.07·10 = 0.7"),
]


@pytest.mark.parametrize(
    ("given", "name", "expected", "source"), VALUES, ids=[f"{row[1]} of {row[0]}" for row in VALUES]
)
def test_values_are_the_hand_made_ones(given, name, expected, source):
    assert source
    answer = solve("mup", given)[name]
    assert type(answer) is type(expected)
    assert answer == (expected if isinstance(expected, str) else pytest.approx(expected, rel=1e-12))


def test_the_variance_is_that_of_all_equally_likely_signs():
    """Weights of ±1 and inputs of ±√2 have the variances 1 and 2; the mean of y² over all of them is exact."""
    squares = []
    for signs in product((-1, 1), repeat=6):
        weights, x = np.array(signs[:3]), np.sqrt(2) * np.array(signs[3:])
        squares.append((0.7 * weights @ x) ** 2)
    assert solve("mup", "{d_in: 3, d_out: 5, c: 0.7, v_x: 2}")["variance"] == pytest.approx(np.mean(squares), rel=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_a_matrix_of_signs_meets_the_bound_exactly_with_its_learning_rate(seed):
    """Yang, Simon and Bernstein (2023), section 2: the worst x of RMS norm 1 moves y by an RMS norm of 1."""
    rng = np.random.default_rng(seed)
    d_in, d_out = int(rng.integers(1, 9)), int(rng.integers(1, 9))
    answers = solve("mup", f"{{d_in: {d_in}, d_out: {d_out}, c: 0.3}}")
    a, b = rng.choice([-1.0, 1.0], size=d_out), rng.choice([-1.0, 1.0], size=d_in)
    signs = np.outer(a, b)
    assert np.linalg.svd(signs, compute_uv=False)[0] == pytest.approx(answers["sign_norm"], rel=1e-9)
    moved = 0.3 * answers["lr.sign"] * signs @ b
    assert np.sqrt(np.mean(moved**2)) == pytest.approx(1, rel=1e-9)
    orthogonal = np.outer(a, b) / np.sqrt(d_in * d_out)
    moved = 0.3 * answers["lr.muon"] * orthogonal @ b
    assert np.sqrt(np.mean(moved**2)) == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize("norm", ["l2", "rms"])
def test_the_factor_is_how_far_a_matrix_of_signs_stretches_a_gradient(norm):
    a, b = np.array([1.0, -1, -1, 1, 1]), np.array([-1.0, 1, -1])
    before = 0.2 * np.outer(a, b).T @ a

    def size(v):
        return np.sqrt(np.sum(v**2)) if norm == "l2" else np.sqrt(np.mean(v**2))

    answers = solve("mup", f"{{d_in: 3, d_out: 5, c: 0.2, norm: {norm}}}")
    assert answers["backprop_factor"] == pytest.approx(size(before) / size(a), rel=1e-12)
    assert size(answers["renormaliser"] * before) == pytest.approx(size(a), rel=1e-12)


SLIPS = [
    (WIDE, "scale", "left out the root", 1 / 16, "by hand"),
    (WIDE, "scale", "turned the ratio upside down", 4.0, "by hand: √16"),
    (WIDE, "scale", "took d_out for d_in", 1 / 3, "by hand: 1/√9"),
    (WIDE, "variance", "left the factor c without its square", 6.4, "by hand: 0.2·16·2"),
    (WIDE, "variance", "left out the sum over the inputs", 0.08, "by hand: 0.04·2"),
    (WIDE, "variance", "left out the variance of x", 0.64, "by hand: 0.04·16"),
    (WIDE, "variance", "took d_out for d_in", 0.72, "by hand: 0.04·9·2"),
    (WIDE, "sign_norm", "left out the root", 144.0, "by hand: 16·9"),
    (WIDE, "sign_norm", "took d_out for d_in", 9.0, "by hand: √(9·9)"),
    (WIDE, "sign_norm", "added the sizes instead of multiplying them", 5.0, "by hand: √(16 + 9)"),
    (WIDE, "spectral_bound", "turned the ratio upside down", 20 / 3, "by hand: √(16/9)/0.2"),
    (WIDE, "spectral_bound", "left out the root", 2.8125, "by hand: (9/16)/0.2"),
    (WIDE, "spectral_bound", "left out c", 0.75, "by hand: √(9/16)"),
    (WIDE, "spectral_bound", "multiplied by c instead of dividing", 0.15, "by hand: √(9/16)·0.2"),
    (WIDE, "spectral_bound", "took the l2 norm for the RMS norm", 5.0, "by hand: 1/0.2"),
    (WIDE, "lr.sign", "took d_out for d_in", 5 / 9, "by hand: 1/(0.2·9)"),
    (WIDE, "lr.sign", "left out c", 0.0625, "by hand: 1/16"),
    (WIDE, "lr.sign", "left out the norm of the signs", 3.75, "by hand: the bound itself"),
    (WIDE, "lr.sign", "multiplied by the norm of the signs instead of dividing", 45.0, "by hand: 3.75·12"),
    (WIDE, "lr.muon", "turned the ratio upside down", 20 / 3, "by hand: √(16/9)/0.2"),
    (WIDE, "lr.muon", "took the learning rate of the signs", 0.3125, "by hand: 1/(0.2·16)"),
    (WIDE, "backprop_factor", "left out c", 12.0, "by hand: √(16·9)"),
    (WIDE, "backprop_factor", "took d_in for d_out", 3.2, "by hand: 0.2·√(16·16)"),
    (WIDE, "backprop_factor", "left out the root", 28.8, "by hand: 0.2·16·9"),
    (TALL_RMS, "backprop_factor", "left out c", 9.0, "by hand: d_out"),
    (TALL_RMS, "backprop_factor", "took d_in for d_out", 2.0, "by hand: 0.5·4"),
    (WIDE, "renormaliser", "turned the ratio upside down", 2.4, "by hand"),
    (WIDE, "regime", "exchanged vanishing and exploding", "vanishes", "by hand"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    value = slip_of("mup", given, name, label)
    assert value == (expected if isinstance(expected, str) else pytest.approx(expected, rel=1e-12))


def test_the_norm_is_a_convention():
    assert givens_of("mup", TALL).fields["norm"].others == {
        "took the l2 norm for the RMS norm": "l2",
        "took the RMS norm for the l2 norm": "rms",
    }


def test_learning_rates_follow_from_a_wrong_bound():
    steps = working_of("mup", WIDE, carry={"spectral_bound": 6.0, "backprop_factor": 0.5}).steps
    assert steps["lr.sign"].computed == 0.5
    assert steps["lr.muon"].computed == 6.0
    assert steps["renormaliser"].computed == 2.0
    assert steps["regime"].computed == "vanishes"


def test_the_norm_of_the_signs_is_carried_into_the_rates_and_the_factor():
    steps = working_of("mup", TALL, carry={"sign_norm": 10.0}).steps
    assert steps["lr.sign"].computed == pytest.approx(0.3)
    assert steps["backprop_factor"].computed == 5.0


@pytest.mark.parametrize("given", [WIDE, TALL, TALL_RMS])
def test_formulas_give_their_values(given):
    steps = working_of("mup", given).steps
    for name, step in steps.items():
        if name != "regime":
            known = bound_names(step, steps, givens_of("mup", given))
            assert evaluation.evaluate(expressions.parse(step.formula), known) == pytest.approx(step.computed), name


def test_the_forward_pass_needs_no_length_of_the_output():
    done = working_of("mup", "{d_in: 16, c: 0.5}")
    assert {name: step.computed for name, step in done.steps.items()} == {"scale": 0.25, "variance": 4.0}
    assert "took d_out for d_in" not in {**done.steps["scale"].slips, **done.steps["variance"].slips}
    assert isinstance(done.ended, Missing)
    assert done.ended.name == "d_out"


def test_the_scale_does_not_need_the_factor_that_it_replaces():
    assert solve("mup", "{d_in: 25}") == {"scale": 0.2}


def test_the_factor_before_the_weights_may_be_left_free():
    assert givens_of("mup", "{d_in: 25}").fields["c"].free


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{c: 0}", "c: expected a number above 0, found 0"),
        ("{v_x: -1}", "v_x: expected a number above 0, found -1"),
        ("{d_in: 1.5}", "d_in: expected a whole number of at least 1, found 1.5"),
        ("{norm: l_2}", "norm: found 'l_2'; did you mean 'l2'?"),
    ],
)
def test_a_given_that_cannot_be_read_says_what_was_found_and_expected(given, message):
    with pytest.raises(GivenError) as caught:
        givens_of("mup", given)
    assert caught.value.message == message
