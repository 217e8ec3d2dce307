"""How far a recurrent network can stretch a gradient: its bound, and the Jacobians of single steps."""

from __future__ import annotations

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import evaluation, expressions
from hwcheck.errors import Missing, Undefined
from hwcheck.given import GivenError
from hwcheck.settings import bound_names

NUMBERS = "{rho: 1.2, gamma: 0.25, steps: 5}"
MATRIX = "{W_h: [[3, 0], [4, 5]], activation: sigmoid, steps: 2}"
DECEIVING = "{W_h: [[0.54, 0], [0.72, 0.9]], steps: 4}"
STATES = "{W_h: [[1, 2], [-3, 0.5]], h: [[0.5, -0.2], [0.3, 0.8], [-0.6, 0.1]]}"
ONE_WEIGHT = "{W_h: -2.5, activation: sigmoid, steps: 3, h: [0.4, 0.7]}"

VALUES = [
    (NUMBERS, "factor", 0.3, "by hand: 0.25·1.2"),
    (NUMBERS, "bound", 0.00243, "by hand: 0.3⁵"),
    (NUMBERS, "regime", "vanishes", "by hand: 0.3 < 1"),
    ("{rho: 3.9, activation: sigmoid}", "regime", "vanishes", "Pascanu et al. (2013), section 2.1: γ = ¼, so ρ < 4"),
    ("{rho: 4, activation: sigmoid}", "regime", "constant", "by hand: 4·¼ = 1"),
    ("{rho: 4.1, activation: sigmoid}", "regime", "may explode", "Pascanu et al. (2013), section 2.1: ρ > 4"),
    ("{rho: 0.9}", "factor", 0.9, "Pascanu et al. (2013), section 2.1: γ = 1 for tanh"),
    ("{rho: 1.5, activation: relu}", "max_derivative", 1.0, "by hand: the slope of relu is 0 or 1"),
    ("{rho: 1.5, activation: identity}", "max_derivative", 1.0, "by hand"),
    ("{rho: 1.5, activation: tanh}", "max_derivative", 1.0, "by hand: 1 - tanh² is 1 at 0"),
    ("{rho: 1.5, activation: sigmoid}", "max_derivative", 0.25, "by hand: ½ (1 - ½) at 0"),
    (MATRIX, "spectral_norm", 6.708203932499369,
     "Strang, Linear Algebra and Learning from Data (2019), section I.8: A = [[3, 0], [4, 5]] has σ₁ = √45"),
    (MATRIX, "factor", 1.6770509831248424, "by hand: √45/4"),
    (MATRIX, "bound", 2.8125, "by hand: 45/16"),
    (DECEIVING, "spectral_norm", 1.2074767078498863, "0.18 times Strang's matrix: 0.18·√45"),
    (DECEIVING, "bound", 2.125764, "by hand: 1.458², for 0.18²·45 = 1.458"),
    (DECEIVING, "regime", "may explode", "by hand: 1.2 > 1, though both eigenvalues, 0.54 and 0.9, are below 1"),
    ("{W_h: [[0.6, -0.8], [0.8, 0.6]]}", "regime", "constant", "by hand: a rotation"),
    ("{W_h: [[5/13, -12/13], [12/13, 5/13]]}", "regime", "constant", "by hand: a rotation, whatever the last digit is"),
    ("{W_h: [[0, 3, 0], [0, 0, 0.5], [2, 0, 0]]}", "spectral_norm", 3.0,
     "by hand: W Wᵀ has 9, 0.25 and 4 on its diagonal and 0 elsewhere"),
    (ONE_WEIGHT, "spectral_norm", 2.5, "by hand: |-2.5|"),
    (ONE_WEIGHT, "bound", 0.244140625, "by hand: (2.5/4)³ = 0.625³"),
    (ONE_WEIGHT, "jacobian.1", -0.6, "by hand: 0.4·0.6·(-2.5)"),
    (ONE_WEIGHT, "jacobian.2", -0.525, "by hand: 0.7·0.3·(-2.5)"),
    (STATES, "jacobian.1", [[0.75, 1.5], [-2.88, 0.48]], "by hand: rows times 1 - 0.5² = 0.75 and 1 - 0.2² = 0.96"),
    (STATES, "jacobian.3", [[0.64, 1.28], [-2.97, 0.495]], "by hand: rows times 1 - 0.6² = 0.64 and 1 - 0.1² = 0.99"),
    ("{W_h: [[1, 2], [-3, 0.5]], activation: sigmoid, h: [[0.5, 0.2]]}", "jacobian.1", [[0.25, 0.5], [-0.48, 0.08]],
     "by hand: rows times 0.5·0.5 and 0.2·0.8"),
    ("{W_h: [[1, 2], [-3, 0.5]], activation: relu, h: [[0, 7]]}", "jacobian.1", [[0, 0], [-3, 0.5]],
     "by hand: the first unit is off"),
    ("{W_h: [[1, 2], [-3, 0.5]], activation: identity, h: [[4, 7]]}", "jacobian.1", [[1, 2], [-3, 0.5]], "by hand"),
    ("{W_h: [[0.5]], h: [0.2]}", "jacobian.1", [[0.48]], "by hand: 0.96·0.5, as a matrix because W_h is one"),
    ("{W_h: 0.5, h: [[0.2]]}", "jacobian.1", 0.48, "by hand: the same, as a number because W_h is one"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "expected", "source"), VALUES, ids=[f"{row[1]} of {row[0]}" for row in VALUES]
)
def test_values_are_the_hand_made_ones(given, name, expected, source):
    assert source
    answer = solve("gradient_bound", given)[name]
    if isinstance(expected, str):
        assert answer == expected
    else:
        assert np.shape(answer) == np.shape(expected)
        np.testing.assert_allclose(answer, expected, rtol=1e-12, atol=1e-15)


PHI = {
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "relu": lambda z: np.maximum(z, 0),
    "identity": lambda z: z,
}


@pytest.mark.parametrize("activation", PHI)
@pytest.mark.parametrize("seed", range(5))
def test_a_jacobian_is_what_nudging_the_state_before_gives(activation, seed):
    rng = np.random.default_rng(seed)
    W, before, bias = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)
    phi = PHI[activation]
    answers = solve(
        "gradient_bound", f"{{W_h: {W.tolist()}, activation: {activation}, h: [{phi(W @ before + bias).tolist()}]}}"
    )
    columns = [
        (phi(W @ (before + nudge) + bias) - phi(W @ (before - nudge) + bias)) / 2e-6 for nudge in 1e-6 * np.eye(3)
    ]
    np.testing.assert_allclose(answers["jacobian.1"], np.array(columns).T, atol=1e-7)


@pytest.mark.parametrize("seed", range(20))
def test_no_gradient_is_stretched_further_than_the_bound(seed):
    """Pascanu et al. (2013), section 2.1, inequality (7)."""
    rng = np.random.default_rng(seed)
    activation = ("tanh", "sigmoid")[seed % 2]
    W = rng.normal(size=(3, 3))
    state, states = rng.normal(size=3), []
    for _ in range(4):
        state = PHI[activation](W @ state + rng.normal(size=3))
        states.append(state.tolist())
    answers = solve("gradient_bound", f"{{W_h: {W.tolist()}, activation: {activation}, h: {states}, steps: 4}}")
    whole = np.eye(3)
    for t in range(4, 0, -1):
        whole = whole @ answers[f"jacobian.{t}"]
    gradient = rng.normal(size=3)
    assert np.linalg.norm(gradient @ whole) <= np.linalg.norm(gradient) * answers["bound"] * (1 + 1e-12)


SLIPS = [
    (MATRIX, "spectral_norm", "took an eigenvalue for the singular value", 5.0, "by hand: eigenvalues 3 and 5"),
    ("{W_h: [[1, 2], [-2, 0.5]]}", "spectral_norm", "took an eigenvalue for the singular value", 2.1213203435596424,
     "by hand: a pair of complex eigenvalues has the root of the determinant, √4.5, as modulus"),
    (MATRIX, "spectral_norm", "left out the root", 45.0, "Strang (2019), section I.8: σ₁² = 45"),
    (MATRIX, "spectral_norm", "took the smallest singular value", 2.23606797749979, "Strang (2019): σ₂ = √5"),
    (MATRIX, "spectral_norm", "took the root of the sum of all squares", 7.0710678118654755, "by hand: √(9 + 16 + 25)"),
    (ONE_WEIGHT, "spectral_norm", "kept the sign of the weight", -2.5, "by hand"),
    (MATRIX, "max_derivative", "took 1 for the largest derivative of the sigmoid", 1.0, "by hand"),
    (MATRIX, "max_derivative", "took the sigmoid at 0 for its derivative there", 0.5, "by hand: σ(0) = ½"),
    (NUMBERS, "factor", "left out γ", 1.2, "by hand"),
    (NUMBERS, "factor", "left out ρ", 0.25, "by hand"),
    (NUMBERS, "factor", "added γ and ρ instead of multiplying them", 1.45, "by hand"),
    (NUMBERS, "regime", "exchanged vanishing and exploding", "may explode", "by hand"),
    (NUMBERS, "bound", "took L − 1 factors", 0.0081, "by hand: 0.3⁴"),
    (NUMBERS, "bound", "took L + 1 factors", 0.000729, "by hand: 0.3⁶"),
    (NUMBERS, "bound", "multiplied by L instead of taking the power", 1.5, "by hand: 5·0.3"),
    (NUMBERS, "bound", "raised only ρ to the power", 0.62208, "by hand: 0.25·1.2⁵"),
    (STATES, "jacobian.1", "left out the derivative of the activation", [[1, 2], [-3, 0.5]], "by hand: W_h"),
    (STATES, "jacobian.1", "scaled the columns instead of the rows", [[0.75, 1.92], [-2.25, 0.48]],
     "by hand: columns times 0.75 and 0.96"),
    (STATES, "jacobian.1", "took the activation for its derivative", [[0.5, 1], [0.6, -0.1]],
     "by hand: rows times 0.5 and -0.2"),
    (STATES, "jacobian.3", "took the state before the step", [[0.91, 1.82], [-1.08, 0.18]],
     "by hand: rows times 1 - 0.3² = 0.91 and 1 - 0.8² = 0.36"),
    (ONE_WEIGHT, "jacobian.2", "took the state before the step", -0.6, "by hand: 0.4·0.6·(-2.5)"),
    (ONE_WEIGHT, "jacobian.2", "left out the derivative of the activation", -2.5, "by hand"),
    (ONE_WEIGHT, "jacobian.2", "took the activation for its derivative", -1.75, "by hand: 0.7·(-2.5)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    value = slip_of("gradient_bound", given, name, label)
    if isinstance(expected, str):
        assert value == expected
    else:
        assert np.shape(value) == np.shape(expected)
        np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-15)


def test_what_is_given_is_not_worked_out_again():
    assert list(solve("gradient_bound", NUMBERS)) == ["factor", "regime", "bound"]
    assert list(solve("gradient_bound", DECEIVING)) == ["spectral_norm", "max_derivative", "factor", "regime", "bound"]


def test_a_largest_derivative_that_is_given_wins_over_the_activation():
    assert solve("gradient_bound", "{rho: 2, gamma: 0.3, activation: sigmoid}")["factor"] == pytest.approx(0.6)


def test_only_a_sigmoid_is_taken_for_one_of_slope_one():
    assert not working_of("gradient_bound", DECEIVING).steps["max_derivative"].slips
    assert "left out γ" not in working_of("gradient_bound", MATRIX).steps["factor"].slips


def test_a_slope_of_one_leaves_nothing_to_forget():
    slips = working_of("gradient_bound", "{W_h: [[1, 2], [3, 4]], activation: identity, h: [[1, 2]]}").steps
    assert list(slips["jacobian.1"].slips) == ["took the activation for its derivative"]


def test_the_bound_follows_from_a_wrong_norm_or_factor():
    steps = working_of("gradient_bound", MATRIX, carry={"spectral_norm": 5.0}).steps
    assert steps["factor"].computed == 1.25
    steps = working_of("gradient_bound", MATRIX, carry={"factor": 0.5}).steps
    assert steps["bound"].computed == 0.25
    assert steps["regime"].computed == "vanishes"


@pytest.mark.parametrize(
    "given",
    [
        NUMBERS,
        MATRIX,
        ONE_WEIGHT,
        "{W_h: 0.3, h: [0.5, -0.2], steps: 2}",
        "{W_h: 0.3, activation: relu, h: [0, 2], steps: 2}",
        "{W_h: 0.3, activation: identity, h: [0.5], steps: 2}",
    ],
)
def test_formulas_give_their_values(given):
    steps = working_of("gradient_bound", given).steps
    found = []
    for name, step in steps.items():
        if step.formula:
            known = bound_names(step, steps, givens_of("gradient_bound", given))
            assert evaluation.evaluate(expressions.parse(step.formula), known) == pytest.approx(step.computed), name
            found.append(name)
    assert {"factor", "bound"} <= set(found)
    assert all(name in found for name in steps if name.startswith("jacobian"))


def test_the_arithmetic_of_the_first_entry_gives_its_value():
    steps = working_of("gradient_bound", STATES).steps
    assert steps["jacobian.1"].first() == "0.75·1"
    assert steps["jacobian.3"].first() == "0.64·1"
    assert steps["jacobian.1"].formula == "diag(1 - h_t^2) W_h"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("{steps: 3}", "rho"),
        ("{rho: 2}", "steps"),
        ("{rho: 2, steps: 3}", "h"),
        ("{rho: 2, h: [0.5]}", "W_h"),
        ("{W_h: 2, h: [0.5]}", "steps"),
    ],
)
def test_the_first_given_that_is_needed_and_not_there_is_named(given, missing):
    done = working_of("gradient_bound", given)
    assert isinstance(done.ended, Missing)
    assert done.ended.name == missing


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{rho: 2, steps: 5000}", "2 to the power 5,000 is too large to work with"),
        ("{rho: 0.5, steps: 5000}", "0.5 to the power 5,000 is too small to work with"),
        ("{rho: 5, W_h: [[3, 0], [4, 5]]}", "the largest singular value of W_h is 6.708, and `rho` is 5"),
        ("{W_h: [[1, 2], [3, 4]], h: [0.5, 0.2]}", "a state has length 1, and W_h is 2 × 2"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(given, message):
    with pytest.raises(Undefined) as caught:
        solve("gradient_bound", given)
    assert str(caught.value) == message


def test_a_norm_that_was_rounded_may_stand_beside_its_matrix():
    assert solve("gradient_bound", "{rho: 6.71, W_h: [[3, 0], [4, 5]], activation: sigmoid}") == {
        "max_derivative": 0.25, "factor": 1.6775, "regime": "may explode",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{gamma: 0}", "gamma: expected a number above 0, found 0"),
        ("{steps: 0}", "steps: expected a whole number of at least 1, found 0"),
        ("{W_h: [1, 2]}", "W_h: expected a number or an array (m × m), found an array of 2"),
        ("{W_h: [[1, 2, 3], [4, 5, 6]]}", "W_h: its axis m has length 3, but W_h has m = 2"),
        ("{W_h: [[1, 2], [3, 4]], h: [[1, 2, 3]]}", "h: its axis m has length 3, but W_h has m = 2"),
    ],
)
def test_a_given_that_cannot_be_read_says_what_was_found_and_expected(given, message):
    with pytest.raises(GivenError) as caught:
        givens_of("gradient_bound", given)
    assert caught.value.message == message
