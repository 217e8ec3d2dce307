"""Losses and their slopes, against PyTorch's numbers and hand calculations."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck.errors import Missing, Undefined
from hwcheck.given import GivenError
from hwcheck.kinds.loss import SQUARES

CASES = json.loads((Path(__file__).parent / "data/losses.json").read_text(encoding="utf-8"))["cases"]
IDS = [
    f"{c['given']['loss']} of {np.shape(c['given']['prediction'])} for {np.shape(c['given']['y'])}"
    f"{' from logits' if 'from_logits' in c['given'] else ''}, {c['given'].get('reduction', 'mean')}"
    for c in CASES
]
LN = np.log


def close(found, expected):
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_values_and_gradients_are_those_of_pytorch(case):
    answers = solve("loss", json.dumps(case["given"]))
    close(answers["value"], case["value"])
    close(answers["grad_prediction"], case["grad_prediction"])


@pytest.mark.parametrize("case", [case for case in CASES if "from_logits" in case["given"]])
def test_probabilities_have_the_gradient_of_their_logits(case):
    """By hand: the same prediction, told as probabilities."""
    given = case["given"]
    p = solve("loss", json.dumps(given))["p"]
    told = solve("loss", json.dumps({**given, "prediction": p.tolist(), "from_logits": False}))
    close(told["value"], case["value"])
    close(told["grad_z"], case["grad_prediction"])


VALUES = [
    ("{loss: mse, y: 5, prediction: 7}", "value", 4.0, "BITS Pilani, mid-term 2024: (7 - 5)²"),
    ("{loss: half_mse, y: 5, prediction: 7}", "value", 2.0, "by hand"),
    ("{loss: half_mse, y: 5, prediction: 7}", "grad_prediction", 2.0, "by hand"),
    ("{loss: mse, y: [1, 2, 4], prediction: [2, 0, 4]}", "per_sample", [1, 4, 0], "by hand"),
    ("{loss: mse, y: [1, 2, 4], prediction: [2, 0, 4]}", "value", 5 / 3, "by hand"),
    ("{loss: mse, y: [1, 2, 4], prediction: [2, 0, 4], reduction: sum}", "value", 5.0, "by hand"),
    ("{loss: half_mse, y: [1, 2, 4], prediction: [2, 0, 4]}", "value", 5 / 6, "by hand"),
    ("{loss: sum_squares, y: [1, 2, 4], prediction: [2, 0, 4]}", "value", 5.0, "by hand"),
    ("{loss: sum_squares, y: [1, 2, 4], prediction: [2, 0, 4]}", "grad_prediction", [2, -4, 0], "by hand"),
    ("{loss: half_sum_squares, y: [1, 2, 4], prediction: [2, 0, 4]}", "value", 2.5, "by hand"),
    ("{loss: half_sum_squares, y: [1, 2, 4], prediction: [2, 0, 4]}", "grad_prediction", [1, -2, 0], "by hand"),
    ("{loss: mse, y: [[1, 2, 4], [0, 0, 0]], prediction: [[2, 0, 4], [1, 1, 2]]}", "per_sample", [5 / 3, 2],
     "by hand: the mean of each row"),
    ("{loss: mse, y: [[1, 2, 4], [0, 0, 0]], prediction: [[2, 0, 4], [1, 1, 2]], reduction: sum}", "per_sample", [5, 6],
     "by hand: the sum of each row"),
    ("{loss: half_mse, y: [[1, 2, 4], [0, 0, 0]], prediction: [[2, 0, 4], [1, 1, 2]]}", "value", 11 / 12, "by hand"),
    ("{loss: sum_squares, y: [[1, 2, 4], [0, 0, 0]], prediction: [[2, 0, 4], [1, 1, 2]]}", "value", 11.0, "by hand"),
    ("{loss: half_mse, y: [0.5, 0.75], prediction: [0.146, 0.8]}", "grad_prediction", [-0.177, 0.025],
     "BITS Pilani, module 5: δ_1 = -.177 for two outputs"),
    ("{loss: mae, y: [1, 2, 4], prediction: [2, 0, 4]}", "value", 1.0, "by hand"),
    ("{loss: mae, y: [1, 2, 4], prediction: [2, 0, 4]}", "grad_prediction", [1 / 3, -1 / 3, 0], "by hand, 0 at the kink"),
    ("{loss: rmse, y: [1, 2, 4], prediction: [2, 0, 4]}", "per_sample", [1, 4, 0], "by hand: squares"),
    ("{loss: rmse, y: [1, 2, 4, 0], prediction: [2, 0, 4, 2]}", "value", 1.5, "by hand: √(9/4)"),
    ("{loss: rmse, y: [1, 2, 4, 0], prediction: [2, 0, 4, 2], reduction: sum}", "value", 1.5,
     "by hand: the root of a mean, whatever joins other losses"),
    ("{loss: rmse, y: [1, 2, 4, 0], prediction: [2, 0, 4, 2]}", "grad_prediction", [1 / 6, -1 / 3, 0, 1 / 3],
     "by hand: distance over 4·1.5"),
    ("{loss: rmse, y: [1, 2], prediction: [1, 2]}", "grad_prediction", [0, 0], "by hand, 0 at the kink"),
    ("{loss: bce, y: 1, prediction: 0.7}", "grad_z", -0.3, "Brainscape: p - y"),
    ("{loss: bce, y: 1, prediction: 0.7}", "grad_prediction", -1 / 0.7, "by hand"),
    ("{loss: bce, y: [1, 0, 0.5], prediction: [0.25, 0.5, 0.5]}", "per_sample", [LN(4), LN(2), LN(2)], "by hand"),
    ("{loss: bce, y: [1, 0, 0.5], prediction: [0.25, 0.5, 0.5], log_base: 2}", "per_sample", [2, 1, 1], "by hand, in bits"),
    ("{loss: bce, y: [1, 0, 0.5], prediction: [0.25, 0.5, 0.5], log_base: 2}", "value", 4 / 3, "by hand"),
    ("{loss: bce, y: [1, 0, 0.5], prediction: [0.25, 0.5, 0.5], log_base: 2, reduction: sum}", "value", 4.0, "by hand"),
    ("{loss: bce, y: [[1, 0]], prediction: [[0.25, 0.5]], log_base: 2}", "per_sample", [3], "by hand, both outputs"),
    ("{loss: bce, y: 1, prediction: 0.25, log_base: 2}", "grad_prediction", -4 / LN(2), "by hand: -1/(p ln 2)"),
    ("{loss: bce, y: 1, prediction: 1}", "value", 0.0, "by hand: 0 ln 0 is 0"),
    ("{loss: bce, y: 1, prediction: 0.75, from_logits: false}", "z", LN(3), "by hand: ln(0.75/0.25)"),
    ("{loss: bce, y: 0, prediction: 1.0986122886681098, from_logits: true}", "p", 0.75, "by hand: 3/(1 + 3)"),
    ("{loss: bce, y: 0, prediction: 1.0986122886681098, from_logits: true}", "value", LN(4), "by hand: -ln ¼"),
    ("{loss: cross_entropy, y: 1, prediction: [0.2, 0.5, 0.3]}", "value", LN(2), "by hand"),
    ("{loss: cross_entropy, y: 1, prediction: [0.2, 0.5, 0.3]}", "grad_z", [0.2, -0.5, 0.3],
     "BITS Pilani, make-up 2023: dL/dz_1 = .2"),
    ("{loss: cross_entropy, y: 1, prediction: [0.2, 0.5, 0.3]}", "grad_prediction", [0, -2, 0], "by hand: -1/p"),
    ("{loss: cross_entropy, y: [0, 1, 0], prediction: [0.2, 0.5, 0.3], log_base: 2}", "value", 1.0, "by hand, in bits"),
    ("{loss: cross_entropy, y: [2, 0], prediction: [[0.25, 0.5, 0.25], [0.5, 0.3, 0.2]], log_base: 2}", "per_sample", [2, 1],
     "by hand"),
    ("{loss: cross_entropy, y: [2, 0], prediction: [[0.25, 0.5, 0.25], [0.5, 0.3, 0.2]], log_base: 2}", "value", 1.5,
     "by hand"),
    ("{loss: cross_entropy, y: 0, prediction: [0.693147180559945309, 0, 0], from_logits: true}", "p", [0.5, 0.25, 0.25],
     "by hand: 2, 1, 1 over 4"),
    ("{loss: cross_entropy, y: 1, prediction: [0, 1, 0]}", "value", 0.0, "by hand: 0 ln 0 is 0"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "expected", "source"), VALUES, ids=[f"{row[1]} of {row[0]}" for row in VALUES]
)
def test_values_are_the_hand_made_ones(given, name, expected, source):
    assert source
    close(solve("loss", given)[name], expected)


def test_smoothed_labels_have_the_sum_of_logarithms():
    """Prince, Understanding Deep Learning (2023), problem 9.4: .635."""
    given = "{loss: cross_entropy, y: [0.9, 0.05, 0.05], prediction: [0.6, 0.3, 0.1]}"
    assert solve("loss", given)["value"] == pytest.approx(0.635, abs=5e-4)


PAIR = "{loss: mse, y: [1, 2, 4], prediction: [2, 0, 4]}"
ROWS = "{loss: mse, y: [[1, 2], [4, 0]], prediction: [[2, 0], [4, 2]]}"
ROOT = "{loss: rmse, y: [1, 2, 4, 0], prediction: [2, 0, 4, 2]}"
BITS = "{loss: bce, y: [1, 0], prediction: [0.25, 0.5]}"
CROSS = "{loss: cross_entropy, y: 1, prediction: [0.2, 0.5, 0.3]}"
TWO = "{loss: cross_entropy, y: [2, 0], prediction: [[0.25, 0.5, 0.25], [0.5, 0.3, 0.2]]}"
SOFT = "{loss: cross_entropy, y: [0.9, 0.05, 0.05], prediction: [0.6, 0.3, 0.1]}"
SLIPS = [
    ("{loss: mse, y: 5, prediction: 7}", "value", "put in a ½", 2.0, "BITS Pilani, mid-term 2024"),
    ("{loss: half_mse, y: 5, prediction: 7}", "value", "left out the ½", 4.0, "by hand"),
    ("{loss: half_sum_squares, y: [5, 1], prediction: [7, 0]}", "value", "left out the ½", 5.0, "by hand"),
    ("{loss: sum_squares, y: [5, 1], prediction: [7, 0]}", "per_sample", "put in a ½", [2, 0.5], "by hand"),
    (PAIR, "per_sample", "left out the square", [1, -2, 0], "by hand"),
    (ROWS, "per_sample", "left out the square", [-0.5, 1], "by hand"),
    ("{loss: mae, y: [1, 2, 4], prediction: [2, 0, 4]}", "per_sample", "left out the absolute value", [1, -2, 0], "by hand"),
    ("{loss: half_mse, y: [0.5, 0.75], prediction: [0.146, 0.8]}", "grad_prediction", "took the gradient of the sum",
     [-0.354, 0.05], "BITS Pilani, module 5: -.354 for -.177"),
    (PAIR, "grad_prediction", "took target minus prediction", [-2 / 3, 4 / 3, 0], "by hand"),
    (PAIR, "grad_prediction", "left out the derivative's 2", [1 / 3, -2 / 3, 0], "by hand"),
    ("{loss: half_mse, y: 5, prediction: 7}", "grad_prediction", "kept the 2 of the square", 4.0, "by hand"),
    ("{loss: mae, y: [1, 2], prediction: [2, 0]}", "grad_prediction", "took the distance itself", [0.5, -1], "by hand"),
    (ROOT, "value", "left out the root", 2.25, "by hand"),
    (ROOT, "value", "averaged the distances", 1.25, "by hand"),
    (ROOT, "grad_prediction", "left out the derivative of the root", [0.5, -1, 0, 1], "by hand: 2·distance/4"),
    (BITS, "per_sample", "left out the term with 1 - y", [LN(4), 0], "by hand"),
    (BITS, "per_sample", "left out the minus sign", [-LN(4), -LN(2)], "by hand"),
    (BITS, "per_sample", "took the logarithm to base 10", [0.6020599913, 0.3010299957], "table"),
    (BITS, "per_sample", "put probabilities through the sigmoid again", [0.5759394, 0.9740770],
     "by hand: ln(1 + e^-0.25) and ln(1 + e^0.5)"),
    (BITS, "grad_prediction", "left out the minus sign", [2, -1], "by hand: the other sign of -4/2 and 2/2"),
    (BITS, "grad_prediction", "took the slope in the numbers before the probabilities", [-0.375, 0.25], "by hand: (p - y)/2"),
    (BITS, "grad_prediction", "took the gradient of the sum", [-4, 2], "by hand"),
    (BITS.replace("loss", "log_base: 2, loss"), "grad_prediction", "left out the 1/ln 2", [-2, 1], "by hand"),
    ("{loss: bce, y: 1, prediction: 0.7}", "grad_z", "took y - p for p - y", 0.3, "Brainscape: +.3 for -.3"),
    ("{loss: bce, y: 1, prediction: 0.7}", "grad_z", "took the slope in the probabilities", -1 / 0.7, "by hand"),
    ("{loss: bce, y: 1, prediction: 0.7, log_base: 2}", "grad_z", "left out the 1/ln 2", -0.3, "by hand"),
    ("{loss: bce, y: 1, prediction: 0.75}", "z", "took the probabilities", 0.75, "by hand"),
    ("{loss: bce, y: 1, prediction: 1.0986122886681098, from_logits: true}", "p", "left out the minus sign in the exponent",
     0.25, "by hand: 1/(1 + 3)"),
    ("{loss: cross_entropy, y: 1, prediction: [0, 1.0986122886681098], from_logits: true}", "p", "did not normalise", [1, 3],
     "by hand"),
    (CROSS, "grad_z", "took the Jacobian of softmax as diagonal", [0, -0.5, 0], "BITS Pilani, make-up 2023: 0 for .2"),
    (CROSS, "grad_z", "took y - p for p - y", [-0.2, 0.5, -0.3], "by hand"),
    (CROSS, "per_sample", "counted the classes from 1", -LN(0.2), "by hand: p of class 0"),
    (SOFT, "per_sample", "took the logarithm of the sum", 0.5798184952529422,
     "Prince, Understanding Deep Learning, problem 9.4 (.580): -ln 0.56"),
    (CROSS, "per_sample", "put probabilities through softmax again", 0.9398308,
     "by hand: ln(e^0.2 + e^0.5 + e^0.3) - 0.5 = ln 4.2199828 - 0.5"),
    (TWO, "grad_z", "took the gradient of the sum", [[0.25, 0.5, -0.75], [-0.5, 0.3, 0.2]], "by hand"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    np.testing.assert_allclose(slip_of("loss", given, name, label), expected, rtol=1e-6, atol=1e-12)


def test_the_loss_follows_from_a_wrong_sample_and_the_gradient_from_wrong_probabilities():
    """By hand: (1 + 4 + 1)/3, and [0.1, -0.4, 0.3]."""
    steps = working_of("loss", PAIR, carry={"per_sample": np.array([1.0, 4.0, 1.0])}).steps
    assert steps["value"].computed == pytest.approx(2)
    logits = "{loss: cross_entropy, y: 1, prediction: [1, 2, 3], from_logits: true}"
    steps = working_of("loss", logits, carry={"p": np.array([0.1, 0.6, 0.3])}).steps
    close(steps["grad_z"].computed, [0.1, -0.4, 0.3])
    assert steps["value"].computed == pytest.approx(-LN(0.6))


def test_the_slope_of_the_root_follows_from_a_wrong_loss():
    """By hand: distance over 4·2."""
    close(working_of("loss", ROOT, carry={"value": 2.0}).steps["grad_prediction"].computed, [1 / 8, -1 / 4, 0, 1 / 4])


def test_certain_predictions_have_no_logits():
    """By hand: ln 0 is no number, and the loss is fine without it."""
    answers = solve("loss", "{loss: cross_entropy, y: 1, prediction: [0, 0.75, 0.25]}")
    assert "z" not in answers
    assert "grad_z" not in answers
    close(answers["grad_prediction"], [0, -4 / 3, 0])


def test_the_loss_has_to_be_said():
    done = working_of("loss", "{y: 1, prediction: 2}")
    assert isinstance(done.ended, Missing)
    assert done.ended.name == "loss"


IMPOSSIBLE = [
    ("{loss: mse, y: [1, 2], prediction: 3}", "`y` is 2, and `prediction` a number"),
    ("{loss: bce, y: [1, 0], prediction: 0.5}", "`y` is 2, and `prediction` a number"),
    ("{loss: mae, y: 1, prediction: 3, from_logits: true}", "`from_logits` is for bce and cross_entropy, not for mae"),
    ("{loss: bce, y: 1, prediction: 1.5}",
     "`prediction` is 1.5, no probability; give `from_logits: true` if it comes before one"),
    ("{loss: bce, y: [1, 0], prediction: [-0.5, 0.5]}",
     "`prediction` is -0.5, no probability; give `from_logits: true` if it comes before one"),
    ("{loss: bce, y: 2, prediction: 0.5}", "`y` is 2, and for bce it is from 0 to 1"),
    ("{loss: cross_entropy, y: 0, prediction: [0.44, 0.39, 0.19]}", "the probabilities in `prediction` sum to 1.02, not to 1"),
    ("{loss: cross_entropy, y: 3, prediction: [0.2, 0.5, 0.3]}", "`y` is 3, and the classes are 0 to 2"),
    ("{loss: cross_entropy, y: 0, prediction: 0.5}",
     "`prediction` is a number; cross_entropy needs one for each class (for two, use bce)"),
    ("{loss: cross_entropy, y: 0, prediction: [0, 1]}", "per_sample is not a finite number"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), IMPOSSIBLE, ids=[row[0] for row in IMPOSSIBLE])
def test_what_makes_no_sense_is_said(given, message):
    with pytest.raises(Undefined) as caught:
        working_of("loss", given)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{loss: msee}", "loss: found 'msee'; did you mean 'mse'?"),
        ("{log_base: 10}", "log_base: found '10'; expected one of e, 2"),
        ("{y: [[[1]]]}", "y: expected a number or an array (N) or an array (N × n), found an array of 1 × 1 × 1"),
        ("{y: [1, 2, 3], prediction: [1, 2]}", "prediction: its axis N has length 2, but y has N = 3"),
    ],
)
def test_a_given_that_cannot_be_read_says_what_was_found_and_expected(given, message):
    with pytest.raises(GivenError) as caught:
        givens_of("loss", given)
    assert caught.value.message == message


def verdicts(report):
    return {mark.part: (mark.verdict, mark.cause) for mark in report.marks if mark.verdict != "blank"}


CONVENTIONS = [
    ("{loss: mse, y: [1, 2, 4], prediction: [2, 0, 4.5]}", "0.875", "took half the mean of the squares"),
    ("{loss: mse, y: [1, 2, 4], prediction: [2, 0, 4.5]}", "5.25", "took the sum"),
    ("{loss: bce, y: [1, 0], prediction: [0.25, 0.6]}", "1.66", "took the logarithm to base 2"),
    ("{loss: bce, y: [1, 0], prediction: [0.25, 0.6]}", "2.303", "took the sum"),
]


@pytest.mark.parametrize(("given", "answer", "cause"), CONVENTIONS, ids=[f"{r[2]} in {r[0]}" for r in CONVENTIONS])
def test_another_convention_is_told_apart_from_a_mistake(marked, given, answer, cause):
    """By hand: half of 1.75, 3·1.75, (2 + 1.3219)/2, and 1.3863 + 0.9163."""
    report = marked(f"kind: loss\ngiven: {given}\nparts: {{a: {{ask: value}}}}\n", f"answers: {{a: {answer}}}")
    ((verdict, found),) = verdicts(report).values()
    assert verdict == "convention"
    assert cause in found


def test_only_squares_can_be_meant_as_other_squares(marked):
    """By hand: the mean of squares between [0, 1] and [0.3, 0.7] is 0.09; the mean distance is 0.3."""
    for loss in ("cross_entropy", "mae"):
        report = marked(
            f"kind: loss\ngiven: {{loss: {loss}, y: [0, 1], prediction: [0.3, 0.7]}}\nparts: {{a: {{ask: value}}}}\n",
            "answers: {a: 0.09}",
        )
        assert verdicts(report)["a"][0] == "wrong"


SYMBOLS = """
    id: losses
    problems:
      logit:
        kind: loss
        symbols: {z: {real: [-3, 3]}, y: {real: [0, 1]}}
        given: {loss: bce, y: y, prediction: z, from_logits: true}
        parts: {value: {ask: value}, grad: {ask: grad_z}}
      probability:
        kind: loss
        symbols: {p: {real: [0.1, 0.9]}, y: {real: [0, 1]}}
        given: {loss: bce, y: y, prediction: p}
        parts: {value: {ask: value}, grad: {ask: grad_prediction}, inner: {ask: grad_z}}
      squares:
        kind: loss
        symbols: {y: {shape: [4]}, p: {shape: [4]}}
        given: {loss: mse, y: y, prediction: p}
        parts: {each: {ask: per_sample}, value: {ask: value}, grad: {ask: grad_prediction}}
      classes:
        kind: loss
        symbols: {z: {shape: [3]}}
        given: {loss: cross_entropy, y: 2, prediction: z, from_logits: true}
        parts: {p: {ask: p}, value: {ask: value}, grad: {ask: grad_z}}
"""


def test_formulas_are_judged(marked):
    report = marked(
        SYMBOLS,
        r"""
        problem: losses
        answers:
          logit: {value: -y ln(σ(z)) - (1-y) ln(1-σ(z)), grad: σ(z) - y}
          probability: {value: -y ln p - (1-y) ln(1-p), grad: \frac{p - y}{p(1-p)}, inner: p - y}
          squares: {each: (y-p)^2, value: 1/4 sum((y-p)^2), grad: (p-y)/2}
          classes: {p: softmax(z), value: -ln(p_3), grad: "p - [0; 0; 1]"}
        """,
    )
    assert set(verdicts(report).values()) == {("right", None)}
    assert len(report.marks) == 11


def test_wrong_formulas_are_named(marked):
    report = marked(
        SYMBOLS,
        """
        problem: losses
        answers:
          logit: {value: -y ln(σ(z)), grad: y - σ(z)}
          probability: {value: y ln p + (1-y) ln(1-p), grad: y/p - (1-y)/(1-p), inner: y - p}
          squares: {each: y - p, value: 1/8 sum((y-p)^2), grad: 2(p-y)}
          classes: {p: exp(z), value: -z_3, grad: "[0; 0; 1] - softmax(z)"}
        """,
    )
    found = verdicts(report)
    assert {part: verdict for part, (verdict, _) in found.items() if verdict in ("right", "manual")} == {}
    assert found["logit.grad"] == ("wrong", "took y - p for p - y")
    assert found["probability.grad"] == ("wrong", "left out the minus sign")
    assert found["probability.inner"] == ("wrong", "took y - p for p - y")
    assert found["squares.value"] == ("wrong", "put in a ½")
    assert found["squares.grad"] == ("wrong", "took the gradient of the sum")
    assert found["classes.p"] == ("wrong", "did not normalise")
    assert found["classes.grad"] == ("wrong", "took y - p for p - y")


def test_the_keys_of_symbolic_problems_are_right_themselves(marked, read_problem):
    from hwcheck.reports import as_yaml

    found = verdicts(marked(SYMBOLS, as_yaml.solution(read_problem(SYMBOLS), None)))
    assert len(found) == 11
    assert set(found.values()) == {("right", None)}


@pytest.mark.parametrize("shape", ["", "y: {shape: [3]}, p: {shape: [3]}", "y: {shape: [2, 3]}, p: {shape: [2, 3]}"])
@pytest.mark.parametrize("loss", [*SQUARES, "mae", "rmse"])
def test_the_keys_of_all_distances_are_right_themselves(marked, read_problem, loss, shape):
    from hwcheck.reports import as_yaml

    problem = f"kind: loss\nsymbols: {{{shape or 'p: {}'}}}\ngiven: {{loss: {loss}, y: y, prediction: p}}\n"
    problem += "parts: {value: {ask: value}, grad: {ask: grad_prediction}}\n"
    found = verdicts(marked(problem, as_yaml.solution(read_problem(problem), None)))
    assert found == {"value": ("right", None), "grad": ("right", None)}
