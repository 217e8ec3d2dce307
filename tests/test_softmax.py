"""Softmax, its Jacobian and the cross-entropy behind it, against PyTorch's numbers and hand calculations."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import evaluation, expressions
from hwcheck.errors import Missing, Undefined
from hwcheck.given import GivenError

CASES = json.loads((Path(__file__).parent / "data/softmax.json").read_text(encoding="utf-8"))["cases"]
IDS = [f"{np.shape(c['given']['x'])} with the label {np.shape(c['given']['label'])}" for c in CASES]
LN = np.log
SIXTHS = "[0, 0.6931471805599453, 1.0986122886681098]"
"""0, ln 2, ln 3, so that p is [1/6, 2/6, 3/6]"""


def close(found, expected):
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["p", "jacobian", "loss", "grad_x"])
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_everything_is_as_in_pytorch(case, name):
    close(solve("softmax", json.dumps(case["given"]))[name], case[name])


VALUES = [
    (f"{{x: {SIXTHS}}}", "p", [1 / 6, 1 / 3, 1 / 2], "by hand: 1, 2, 3 over their sum"),
    (f"{{x: {SIXTHS}}}", "jacobian",
     [[5 / 36, -2 / 36, -3 / 36], [-2 / 36, 8 / 36, -6 / 36], [-3 / 36, -6 / 36, 9 / 36]],
     "by hand: p_i (1 - p_i) and -p_i p_j in 36ths"),
    (f"{{x: {SIXTHS}, temperature: 0.5}}", "p", [1 / 14, 4 / 14, 9 / 14], "by hand: the squares 1, 4, 9"),
    (f"{{x: {SIXTHS}, temperature: 0.5}}", "jacobian",
     [[26 / 196, -8 / 196, -18 / 196], [-8 / 196, 80 / 196, -72 / 196], [-18 / 196, -72 / 196, 90 / 196]],
     "by hand: twice 13, 40, 45 and -4, -9, -36 over 196"),
    (f"{{x: {SIXTHS}, label: 1}}", "loss", LN(3), "by hand: -ln(1/3)"),
    (f"{{x: {SIXTHS}, label: 1}}", "grad_x", [1 / 6, -2 / 3, 1 / 2], "by hand: p - [0, 1, 0]"),
    (f"{{x: {SIXTHS}, label: [0.5, 0.25, 0.25]}}", "grad_x", [-1 / 3, 1 / 12, 1 / 4], "by hand: p - y"),
    ("{x: [1.2, -0.3]}", "z", 1.5, "IFT6135, assignment 1, Q2.2: z = x_1 - x_2"),
    ("{x: [1.2, -0.3], temperature: 2}", "z", 0.75, "by hand: 1.5/2"),
    ("{x: [[1, 3], [0.5, 0.25]]}", "z", [-2, 0.25], "by hand, one a row"),
    ("{x: [0.5, 2, -1]}", "logit.1", 1.5, "IFT6135, assignment 1, Q2.3: x_i - x_0"),
    ("{x: [0.5, 2, -1]}", "logit.2", -1.5, "IFT6135, assignment 1, Q2.3: x_i - x_0"),
    ("{x: [0.5, 2, -1], temperature: 3}", "logit.2", -0.5, "by hand: -1.5/3"),
    ("{x: [[0.5, 2, -1], [1, 0, 5]]}", "logit.1", [1.5, -1], "by hand, one a row"),
    ("{x: [5]}", "p", [1], "by hand: a single class"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "expected", "source"), VALUES, ids=[f"{row[1]} of {row[0]}" for row in VALUES]
)
def test_values_are_the_hand_made_ones(given, name, expected, source):
    assert source
    close(solve("softmax", given)[name], expected)


@pytest.mark.parametrize("seed", range(20))
def test_softmax_does_not_change_when_a_number_is_added(seed):
    """IFT6135, assignment 1, Q2.1 to Q2.4, on random numbers."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 3, size=5)
    answers = solve("softmax", f"{{x: {x.tolist()}}}")
    np.testing.assert_allclose(solve("softmax", f"{{x: {(x + 700).tolist()}}}")["p"], answers["p"], rtol=1e-9)
    y = [0, *(answers[f"logit.{i}"] for i in range(1, 5))]
    np.testing.assert_allclose(np.exp(y) / np.exp(y).sum(), answers["p"], rtol=1e-12)
    np.testing.assert_allclose(answers["jacobian"].sum(axis=0), 0, atol=1e-15)
    two = solve("softmax", f"{{x: {x[:2].tolist()}}}")
    sigmoid = 1 / (1 + np.exp(-two["z"]))
    np.testing.assert_allclose(two["p"], [sigmoid, 1 - sigmoid], rtol=1e-12, atol=1e-15)


def test_nothing_overflows():
    close(solve("softmax", "{x: [1000, 0, -1000], label: 0}")["p"], [1, 0, 0])
    assert solve("softmax", "{x: [1000, 0, -1000], label: 0}")["loss"] == 0
    with pytest.raises(Undefined, match=r"^loss is not a finite number$"):
        working_of("softmax", "{x: [1000, 0, -1000], label: 2}")


T2 = f"{{x: {SIXTHS}, temperature: 2, label: 2}}"
ROWS = f"{{x: [{SIXTHS}, [0, 0, 0]], label: [2, 0]}}"
SOFT = "{x: [-0.5108256237659907, -1.2039728043259361, -2.3025850929940455], label: [0.9, 0.05, 0.05]}"
SLIPS = [
    (f"{{x: {SIXTHS}}}", "p", "did not normalise", [1, 2, 3], "by hand"),
    ("{x: [1, 2, 5]}", "p", "divided the logits by their sum", [0.125, 0.25, 0.625], "by hand"),
    (T2, "p", "left out the temperature", [1 / 6, 1 / 3, 1 / 2], "by hand"),
    (T2, "p", "multiplied by the temperature instead of dividing", [1 / 14, 4 / 14, 9 / 14], "by hand"),
    (ROWS, "p", "normalised over the samples", [[1 / 2, 2 / 3, 3 / 4], [1 / 2, 1 / 3, 1 / 4]], "by hand, by column"),
    (f"{{x: {SIXTHS}}}", "jacobian", "took the Jacobian as diagonal", np.diag([5 / 36, 8 / 36, 9 / 36]), "by hand"),
    ("{x: [0, 1.0986122886681098]}", "jacobian", "left out the diagonal matrix", [[-1 / 16, -3 / 16], [-3 / 16, -9 / 16]],
     "by hand: p = [1/4, 3/4]"),
    ("{x: [0, 1.0986122886681098]}", "jacobian", "added p pᵀ instead of taking it away", [[5 / 16, 3 / 16], [3 / 16, 21 / 16]],
     "by hand"),
    ("{x: [0, 2.1972245773362196], temperature: 2}", "jacobian", "left out the temperature",
     [[3 / 16, -3 / 16], [-3 / 16, 3 / 16]], "by hand: p = [1/4, 3/4], without the half"),
    ("{x: [1.2, -0.3]}", "z", "exchanged the two classes", -1.5, "by hand"),
    ("{x: [0, 1.0986122886681098]}", "z", "took the probability for the logit", 0.25, "by hand"),
    ("{x: [1.2, -0.3], temperature: 2}", "z", "left out the temperature", 1.5, "by hand"),
    (f"{{x: {SIXTHS}}}", "logit.2", "took probabilities for logits", 0.5, "IFT6135, assignment 1, Q2.3 as published"),
    ("{x: [0.5, 2, -1]}", "logit.2", "took x_0 - x_i for x_i - x_0", 1.5, "by hand"),
    ("{x: [0.5, 2, -1]}", "logit.2", "left out x_0", -1.0, "by hand"),
    (f"{{x: {SIXTHS}, label: 2}}", "loss", "left out the minus sign", -LN(2), "by hand: ln ½"),
    (f"{{x: {SIXTHS}, label: 2}}", "loss", "took the logarithm to base 2", 1.0, "by hand"),
    (f"{{x: {SIXTHS}, label: 2}}", "loss", "took the logarithm to base 10", 0.30102999566398120, "table: log10 2"),
    (f"{{x: {SIXTHS}, label: 2}}", "loss", "counted the classes from 1", LN(3), "by hand: -ln(1/3)"),
    (f"{{x: {SIXTHS}, label: 2}}", "loss", "took logits for probabilities", -LN(3), "by hand"),
    (SOFT, "loss", "took the logarithm of the sum", 0.5798184952529422,
     "Prince, Understanding Deep Learning, problem 9.4 (.580): -ln 0.56, where .635 is right"),
    (f"{{x: {SIXTHS}, label: 1}}", "grad_x", "took y - p for p - y", [-1 / 6, 2 / 3, -1 / 2], "by hand"),
    (f"{{x: {SIXTHS}, label: 1}}", "grad_x", "took the Jacobian as diagonal", [0, -2 / 3, 0],
     "BITS Pilani, make-up 2023: 0 where p_1 is right"),
    (f"{{x: {SIXTHS}, label: 1}}", "grad_x", "took the slope in the probabilities", [0, -3, 0], "by hand: -1/p"),
    (f"{{x: {SIXTHS}, label: 1}}", "grad_x", "counted the classes from 1", [-5 / 6, 1 / 3, 1 / 2], "by hand"),
    (T2, "grad_x", "left out the temperature",
     [0.2411809548974793, 0.3410814, -0.5822623], "by hand: 1, √2, √3 over 4.1462644, less [0, 0, 1]"),
    (ROWS, "grad_x", "did not divide by the number of samples",
     [[1 / 6, 1 / 3, -1 / 2], [-2 / 3, 1 / 3, 1 / 3]], "by hand"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    np.testing.assert_allclose(slip_of("softmax", given, name, label), expected, rtol=1e-6, atol=1e-12)


def test_smoothed_labels_have_the_sum_of_logarithms():
    """Prince, Understanding Deep Learning (2023), problem 9.4: .635."""
    assert solve("softmax", SOFT)["loss"] == pytest.approx(0.635, abs=5e-4)


def test_only_classes_that_are_given_as_numbers_can_be_counted_from_1():
    assert "counted the classes from 1" not in working_of("softmax", SOFT).steps["loss"].slips
    assert "counted the classes from 1" not in working_of("softmax", "{x: [1, 2, 3], label: 0}").steps["loss"].slips


def test_losses_of_samples_are_averaged_or_summed():
    """By hand: ln 2 and ln 3."""
    assert solve("softmax", ROWS)["loss"] == pytest.approx((LN(2) + LN(3)) / 2)
    assert solve("softmax", ROWS.replace("label", "reduction: sum, label"))["loss"] == pytest.approx(LN(2) + LN(3))


def test_everything_follows_from_wrong_probabilities():
    """By hand: p = [0.2, 0.5, 0.3]."""
    steps = working_of("softmax", f"{{x: {SIXTHS}, label: 1}}", carry={"p": np.array([0.2, 0.5, 0.3])}).steps
    close(steps["jacobian"].computed, [[0.16, -0.1, -0.06], [-0.1, 0.25, -0.15], [-0.06, -0.15, 0.21]])
    assert steps["loss"].computed == pytest.approx(LN(2))
    close(steps["grad_x"].computed, [0.2, -0.5, 0.3])


def test_the_arithmetic_of_the_first_entry_gives_its_value():
    step = working_of("softmax", "{x: [0.5, -2], temperature: 2}").steps["p"]
    assert step.first() == "exp(0.25) / (exp(0.25) + exp(-1))"
    assert float(evaluation.evaluate(expressions.parse(step.first()))) == pytest.approx(step.computed[0])


def test_the_loss_asks_for_a_label():
    done = working_of("softmax", "{x: [1, 2]}")
    assert isinstance(done.ended, Missing)
    assert done.ended.name == "label"


IMPOSSIBLE = [
    ("{x: [1, 2, 3], label: 3}", "`label` is 3, and the classes are 0 to 2"),
    ("{x: [1, 2, 3], label: 0.5}", "`label` is 0.5, and the classes are 0 to 2"),
    ("{x: [1, 2, 3], label: [0.5, 0.5]}", "`label` is 2, and 3 numbers are needed, or classes"),
    ("{x: [1, 2, 3], label: [0.44, 0.39, 0.19]}", "the probabilities in `label` sum to 1.02, not to 1"),
    ("{x: [1, 2, 3], label: [1.2, -0.2, 0]}", "`label` has the probability -0.2, and none is below 0"),
    ("{x: [[1, 2], [3, 4]], label: [0, 1, 1]}", "`label` has 3 entries, and there are 2 samples"),
]


@pytest.mark.parametrize(("given", "message"), IMPOSSIBLE, ids=[row[0] for row in IMPOSSIBLE])
def test_a_label_that_is_none_is_refused(given, message):
    with pytest.raises(Undefined) as caught:
        working_of("softmax", given)
    assert str(caught.value) == message


def test_thirds_rounded_to_two_decimals_are_a_distribution():
    assert "loss" in solve("softmax", "{x: [1, 2, 5], label: [0.33, 0.33, 0.33]}")


def test_a_number_has_no_softmax():
    with pytest.raises(GivenError) as caught:
        givens_of("softmax", "{x: 3}")
    assert caught.value.message == "x: expected an array (n) or an array (N × n), found a number"


SYMBOLS = """
    id: softmax
    problems:
      all:
        kind: softmax
        symbols: {x: {shape: [3]}}
        given: {x: x, label: 1}
        parts:
          p: {ask: p}
          jacobian: {ask: jacobian}
          loss: {ask: loss}
          grad: {ask: grad_x}
          logit: {ask: logit.2}
      two:
        kind: softmax
        symbols: [x_1, x_2]
        given: {x: [x_1, x_2]}
        parts: {z: {ask: z}}
      fewer:
        kind: softmax
        symbols: {x: {shape: [4]}}
        given: {x: x}
        parts: {y: {ask: logit.i}}
      cold:
        kind: softmax
        symbols: [T]
        given: {x: x, temperature: T}
        parts: {jacobian: {ask: jacobian}}
"""


def verdicts(report):
    return {mark.part: (mark.verdict, mark.cause) for mark in report.marks if mark.verdict != "blank"}


def test_formulas_of_matrices_are_judged(marked):
    report = marked(
        SYMBOLS,
        r"""
        problem: softmax
        answers:
          all:
            p: e^x / sum(e^x)
            jacobian: \operatorname{diag}(\mathbf{p}) - \mathbf{p}\mathbf{p}^\top
            loss: ln(sum(exp(x))) - x_2
            grad: p - [0; 1; 0]
            logit: x_3 - x_1
          two: {z: x_1 - x_2}
          fewer: {y: "x_{i+1} - x_1"}
          cold: {jacobian: 1/T (diag(softmax(x/T)) - softmax(x/T) softmax(x/T)^T)}
        """,
    )
    assert set(verdicts(report).values()) == {("right", None)}
    assert len(report.marks) == 8


def test_wrong_formulas_of_matrices_are_named(marked):
    report = marked(
        SYMBOLS,
        """
        problem: softmax
        answers:
          all: {p: exp(x), jacobian: diag(softmax(x) * (1 - softmax(x))), loss: ln(p_2), grad: "[0; 1; 0] - softmax(x)"}
          two: {z: x_2 - x_1}
          fewer: {y: "x_1 - x_{i+1}"}
          cold: {jacobian: diag(softmax(x/T)) - softmax(x/T) softmax(x/T)^T}
        """,
    )
    found = verdicts(report)
    assert found["all.p"] == ("wrong", "did not normalise")
    assert found["all.jacobian"][0] != "right"
    assert found["all.jacobian"][1] == "took the Jacobian as diagonal"
    assert found["all.loss"][0] != "right"
    assert found["all.grad"] == ("wrong", "took y - p for p - y")
    assert found["two.z"] == ("wrong", "exchanged the two classes")
    assert found["fewer.y"] == ("wrong", "took x_0 - x_i for x_i - x_0")
    assert found["cold.jacobian"] == ("wrong", "left out the temperature")


def test_the_keys_of_symbolic_problems_are_right_themselves(marked, read_problem):
    from hwcheck.reports import as_yaml

    key = as_yaml.solution(read_problem(SYMBOLS), None)
    found = verdicts(marked(SYMBOLS, key))
    assert len(found) == 8
    assert set(found.values()) == {("right", None)}
