"""Measures of predictions, against scikit-learn's numbers and hand calculations."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck.errors import Missing, Undefined
from hwcheck.given import GivenError
from hwcheck.kernels.metrics import confusion_matrix

CASES = json.loads((Path(__file__).parent / "data/metrics.json").read_text(encoding="utf-8"))["cases"]
LN = np.log


def close(found, expected):
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("case", "name"), [(c, name) for c in CASES for name in c["found"]],
    ids=[f"{name} of case {i}" for i, c in enumerate(CASES) for name in c["found"]],
)  # fmt: skip
def test_measures_are_those_of_scikit_learn(case, name):
    close(solve("metrics", json.dumps(case["given"]))[name], case["found"][name])


COUNTS = "{tp: 30, fp: 10, fn: 20, tn: 140}"
TABLE = "{matrix: [[140, 10], [20, 30]]}"
THREE = "{matrix: [[8, 1, 1], [2, 15, 3], [0, 4, 6]]}"
MASKS = "{y_true: [[1, 1, 0], [1, 0, 0]], y_pred: [[1, 0, 0], [1, 1, 0]]}"
UNIFORM = "[[0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125]]"
VALUES = [
    (COUNTS, "accuracy", 0.85, "by hand: 170/200"),
    (COUNTS, "precision", 0.75, "by hand: 30/40"),
    (COUNTS, "recall", 0.6, "by hand: 30/50"),
    (COUNTS, "specificity", 14 / 15, "by hand: 140/150"),
    (COUNTS, "f1", 2 / 3, "by hand: 2·0.75·0.6/1.35"),
    (COUNTS, "dice", 2 / 3, "by hand: 60/90"),
    (COUNTS, "iou", 0.5, "by hand: 30/60"),
    (TABLE, "tp", 30, "by hand: true class 1, predicted 1"),
    (TABLE, "fp", 10, "by hand: true class 0, predicted 1"),
    (TABLE, "fn", 20, "by hand: true class 1, predicted 0"),
    (TABLE, "tn", 140, "by hand"),
    (TABLE, "precision", 0.75, "by hand: 30/40"),
    (TABLE, "precision.0", 0.875, "by hand: 140/160"),
    ("{matrix: [[140, 10], [20, 30]], rows: predicted}", "precision", 0.6, "by hand: 30/50, rows and columns exchanged"),
    ("{matrix: [[140, 10], [20, 30]], positive: 0}", "precision", 0.875, "by hand: 140/160"),
    ("{matrix: [[140, 10], [20, 30]], positive: 0}", "tp", 140, "by hand"),
    ("{matrix: [[140, 10], [20, 30]], positive: 0}", "fn", 10, "by hand"),
    (THREE, "accuracy", 29 / 40, "by hand: 29 on the diagonal"),
    (THREE, "precision.1", 0.75, "by hand: 15/20, down the column"),
    (THREE, "recall.2", 0.6, "by hand: 6/10, along the row"),
    (THREE, "specificity.0", 28 / 30, "by hand: 2 false alarms among 30 others"),
    (THREE, "f1.0", 0.8, "by hand: 8/10 and 8/10"),
    (THREE, "micro_f1", 29 / 40, "by hand: the accuracy"),
    (THREE, "macro_f1", (0.8 + 0.75 + 0.6) / 3, "by hand: 0.8, 0.75 and 0.6"),
    ("{matrix: [[90, 5, 5, 10, 10], [2, 190, 1, 3, 4], [7, 3, 180, 6, 4], [12, 8, 5, 210, 5], [6, 14, 12, 18, 190]]}",
     "accuracy", 0.86, "BITS Pilani, mid-term 2025: a trace of 860 among 1,000"),
    (MASKS, "dice", 2 / 3, "by hand: an overlap of 2 between 3 and 3 pixels"),
    (MASKS, "iou", 0.5, "by hand: an overlap of 2, a union of 4"),
    ("{y_true: [1, -1, 1, 1], y_pred: [1, 1, -1, 1]}", "matrix", [[0, 1], [1, 2]], "by hand: -1 is class 0"),
    ("{y_true: [1, -1, 1, 1], y_pred: [1, 1, -1, 1]}", "recall", 2 / 3, "by hand"),
    ("{y_true: [3, 7, 7], y_pred: [7, 7, 3]}", "recall.7", 0.5, "by hand: one of two sevens"),
    ("{y_true: [1, 1, 1], y_pred: [1, 1, 0]}", "precision.0", 0.0, "by hand: 0 of 1"),
    ("{y_true: [1, 0, 1, 0, 0], y_pred: [1, 1, 1, 0, 1], rows: predicted}", "matrix", [[1, 0], [2, 2]], "by hand"),
    ("{y_true: [0, 0], y_pred: [0, 0]}", "precision", 0.0, "0/0, as scikit-learn with zero_division=0"),
    ("{tp: 0, fp: 0, fn: 0}", "dice", 0.0, "0/0"),
    ("{tp: 0, fp: 0, fn: 3}", "f1", 0.0, "0/0 twice"),
    ("{y_true: [1, 2, 3], y_pred: [1, 2, 6]}", "mse", 3.0, "by hand: 9/3"),
    ("{y_true: [1, 2, 3], y_pred: [1, 2, 6]}", "mae", 1.0, "by hand"),
    ("{y_true: [1, 2, 3], y_pred: [1, 2, 6]}", "rmse", 3**0.5, "by hand"),
    ("{y_true: [1, 2, 3], y_pred: [1, 2, 6]}", "r2", -3.5, "by hand: 1 - 9/2"),
    ("{y_true: [0.5, 0.25, 0.25], y_pred: [0.25, 0.5, 0.25], log_base: 2}", "cross_entropy", 1.75, "by hand: 1 + ¼ + ½ bits"),
    ("{y_true: [0.5, 0.25, 0.25], y_pred: [0.25, 0.5, 0.25], log_base: 2}", "perplexity", 2**1.75, "by hand"),
    ("{y_true: [0.5, 0.25, 0.25], y_pred: [0.25, 0.5, 0.25]}", "cross_entropy", 1.75 * LN(2), "by hand, in nats"),
    ("{y_true: [0.5, 0.25, 0.25], y_pred: [0.25, 0.5, 0.25]}", "perplexity", 2**1.75, "by hand: the same in any base"),
    (f"{{y_true: [5], y_pred: {UNIFORM}, log_base: 2}}", "cross_entropy", 3.0, "by hand: one of eight is 3 bits"),
    (f"{{y_true: [5], y_pred: {UNIFORM}, log_base: 2}}", "perplexity", 8.0, "by hand: 2³"),
    ("{y_true: [[0, 1], [1, 0]], y_pred: [[0.25, 0.75], [0.5, 0.5]], log_base: 2}", "cross_entropy", 0.70751875,
     "by hand: (log2(4/3) + 1)/2"),
    ("{y_true: [[0, 1], [1, 0]], y_pred: [[0.25, 0.75], [0.4, 0.6]]}", "accuracy", 0.5, "by hand: the likelier class"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "expected", "source"), VALUES, ids=[f"{row[1]} of {row[0]}" for row in VALUES]
)
def test_values_are_the_hand_made_ones(given, name, expected, source):
    assert source
    found = solve("metrics", given)[name]
    assert isinstance(
        found, np.ndarray if isinstance(expected, list) else type(expected) if isinstance(expected, int) else float
    )
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-14)


SLIPS = [
    (COUNTS, "accuracy", "gave the share of errors", 0.15, "by hand"),
    (COUNTS, "accuracy", "left out the true negatives", 0.15, "by hand: 30/200"),
    (COUNTS, "precision", "exchanged precision and recall", 0.6, "by hand"),
    (COUNTS, "precision", "left the true positives out of the sum", 3.0, "by hand: 30/10"),
    (COUNTS, "recall", "exchanged precision and recall", 0.75, "by hand"),
    (COUNTS, "recall", "left the true positives out of the sum", 1.5, "by hand: 30/20"),
    (COUNTS, "specificity", "gave the share of false alarms", 1 / 15, "by hand: 10/150"),
    (COUNTS, "specificity", "divided by the negatives that were predicted", 0.875, "by hand: 140/160"),
    (COUNTS, "f1", "took the arithmetic mean", 0.675, "by hand"),
    (COUNTS, "f1", "left out the factor 2", 1 / 3, "by hand"),
    (COUNTS, "dice", "took the IoU", 0.5, "by hand"),
    (COUNTS, "dice", "left out the factor 2 above", 1 / 3, "by hand: 30/90"),
    (COUNTS, "iou", "took the Dice coefficient", 2 / 3, "by hand"),
    (COUNTS, "iou", "counted the overlap twice in the union", 1 / 3, "by hand: 30/90"),
    (TABLE, "fp", "exchanged false positives and false negatives", 20, "by hand"),
    (TABLE, "tp", "exchanged the two classes", 140, "by hand"),
    (THREE, "accuracy", "gave the share of errors", 11 / 40, "by hand"),
    (THREE, "accuracy", "averaged the recalls", (0.8 + 0.75 + 0.6) / 3, "by hand"),
    ("{matrix: [[8, 2, 0], [1, 15, 4], [1, 1, 8]]}", "precision.2", "exchanged precision and recall", 0.8, "by hand: 8/10"),
    ("{matrix: [[8, 2, 0], [1, 15, 4], [1, 1, 8]]}", "recall.2", "exchanged precision and recall", 2 / 3, "by hand: 8/12"),
    (THREE, "specificity.0", "took the recall", 0.8, "by hand"),
    (THREE, "macro_f1", "took the accuracy", 29 / 40, "by hand"),
    (THREE, "macro_f1", "weighted the classes by their size", (8 + 15 + 6) / 40, "by hand: (10·0.8 + 20·0.75 + 10·0.6)/40"),
    ("{matrix: [[6, 2, 0], [2, 2, 0], [0, 0, 4]]}", "macro_f1", "took F1 of the mean precision and the mean recall", 0.75,
     "by hand: both means are (0.75 + 0.5 + 1)/3"),
    ("{matrix: [[2, 0], [6, 12]]}", "macro_f1", "took F1 of the mean precision and the mean recall",
     2 * 0.625 * (5 / 6) / (0.625 + 5 / 6), "by hand: precisions ¼ and 1, recalls 1 and ⅔"),
    (THREE, "micro_f1", "averaged F1 over the classes", (0.8 + 0.75 + 0.6) / 3, "by hand"),
    (THREE, "micro_f1", "took the IoU of all classes together", 29 / 51, "by hand: 29/(29 + 11 + 11)"),
    ("{y_true: [1, 0], y_pred: [1, 1]}", "matrix", "divided by the number of samples", [[0, 0.5], [0, 0.5]], "by hand"),
    ("{y_true: [1, 2, 3], y_pred: [1, 4, 6]}", "mse", "summed instead of averaging", 13.0, "by hand"),
    ("{y_true: [1, 2, 3], y_pred: [1, 4, 6]}", "mse", "put in a ½", 13 / 6, "by hand"),
    ("{y_true: [1, 2, 3], y_pred: [1, 4, 6]}", "mse", "left out the square", -5 / 3, "by hand"),
    ("{y_true: [1, 2, 3], y_pred: [1, 4, 6]}", "mae", "summed instead of averaging", 5.0, "by hand"),
    ("{y_true: [1, 2, 3], y_pred: [1, 4, 6]}", "mae", "left out the absolute value", -5 / 3, "by hand"),
    ("{y_true: [1, 2, 3], y_pred: [1, 4, 6]}", "rmse", "left out the root", 13 / 3, "by hand"),
    ("{y_true: [1, 2, 3], y_pred: [1, 4, 6]}", "rmse", "took the roots before the mean", 5 / 3, "by hand: the mean distance"),
    ("{y_true: [1, 2, 3], y_pred: [1, 4, 6]}", "rmse", "summed instead of averaging", 13**0.5, "by hand"),
    ("{y_true: [1, 2, 3], y_pred: [1, 4, 6]}", "r2", "left out the 1 -", 6.5, "by hand: 13/2"),
    ("{y_true: [1, 2, 3], y_pred: [1, 4, 6]}", "r2", "took the spread about 0 instead of the mean", 1 / 14, "by hand: 1 - 13/14"),
    ("{y_true: [1, 2, 3], y_pred: [0, 4, 5]}", "r2", "took the spread of the predictions", 1 - 9 / 14, "by hand: 9 + 1 + 4"),
    ("{y_true: [0.5, 0.5], y_pred: [0.25, 0.75]}", "cross_entropy", "left out the minus sign", -0.8369882, "by hand: ½ ln(3/16)"),
    ("{y_true: [0.5, 0.5], y_pred: [0.25, 0.75]}", "cross_entropy", "exchanged what is true and what was predicted", LN(2),
     "by hand"),
    ("{y_true: [0.5, 0.5], y_pred: [0.25, 0.75]}", "cross_entropy", "divided by the number of classes", 0.4184941, "by hand"),
    ("{y_true: [0.5, 0.5], y_pred: [0.1, 0.9]}", "cross_entropy", "took the logarithm to base 10", 0.5228787,
     "table: ½ (1 + 0.0457575)"),
    ("{y_true: [0, 1], y_pred: [[0.5, 0.5], [0.75, 0.25]], log_base: 2}", "cross_entropy", "summed over the samples", 3.0,
     "by hand: 1 + 2"),
    (f"{{y_true: [5], y_pred: {UNIFORM}, log_base: 2}}", "perplexity", "took e for the base of the power", 20.0855369,
     "Nemotron, page on perplexity: 20.09 for 8"),
    ("{y_true: [0.5, 0.5], y_pred: [0.5, 0.5]}", "perplexity", "took 2 for the base of the power", 1.6168067, "by hand: 2^0.6931472"),
    (f"{{y_true: [5], y_pred: {UNIFORM}, log_base: 2}}", "perplexity", "left out the power", 3.0, "by hand"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    np.testing.assert_allclose(slip_of("metrics", given, name, label), expected, rtol=1e-6, atol=1e-12)


def test_counts_stay_whole_and_shares_follow_from_a_wrong_one():
    """By hand: 30/45, and F1 from 2/3 and 0.6."""
    steps = working_of("metrics", TABLE, carry={"fp": 15}).steps
    assert type(steps["tp"].computed) is int
    assert steps["precision"].computed == pytest.approx(2 / 3)
    assert steps["f1"].computed == pytest.approx(0.8 / (2 / 3 + 0.6))


def test_counts_follow_from_a_wrong_table():
    steps = working_of(
        "metrics", "{y_true: [1, 0, 1], y_pred: [1, 1, 0]}", carry={"matrix": np.array([[3.0, 1.0], [0.0, 4.0]])}
    ).steps
    assert [steps[name].computed for name in ("tp", "fp", "fn", "tn")] == [4, 1, 0, 3]


def test_a_table_of_another_size_ends_the_working():
    with pytest.raises(Undefined, match=r"^there are 2 classes, and here is a confusion matrix of 3 × 3$"):
        working_of("metrics", "{y_true: [1, 0], y_pred: [1, 1]}", carry={"matrix": np.zeros((3, 3))})


def test_only_the_counts_that_are_needed_have_to_be_given():
    done = working_of("metrics", "{tp: 3, fp: 1}")
    assert done.steps["precision"].computed == 0.75
    assert isinstance(done.ended, Missing)
    assert done.ended.name == "fn"
    assert working_of("metrics", "{}").ended.name == "y_true"


def test_many_different_numbers_are_no_classes():
    y = list(range(60))
    answers = solve("metrics", f"{{y_true: {y}, y_pred: {y[::-1]}}}")
    assert "mse" in answers
    assert "matrix" not in answers


def test_numbers_that_are_not_whole_are_no_classes():
    assert "accuracy" not in solve("metrics", "{y_true: [1, 0, 2], y_pred: [1, 0.5, 2]}")


def test_a_class_that_is_no_label_is_refused():
    with pytest.raises(ValueError, match="not among the labels"):
        confusion_matrix(np.array([0.0, 3.0]), np.array([0.0, 1.0]), [0, 1])
    with pytest.raises(ValueError, match="differ"):
        confusion_matrix(np.array([0.0, 1.0]), np.array([0.0]), [0, 1])


IMPOSSIBLE = [
    ("{y_true: [[1, 2], [3, 4]], y_pred: [1, 2]}", "`y_true` is 2 × 2, and `y_pred` 2"),
    ("{y_true: [2.5, 2.5], y_pred: [1, 2]}", "r2 needs numbers in `y_true` that differ"),
    ("{y_true: [0, 1, 0], y_pred: [0.44, 0.39, 0.19]}", "the probabilities in `y_pred` sum to 1.02, not to 1"),
    ("{y_true: [0, 2], y_pred: [[0.5, 0.5], [0.25, 0.75]]}", "`y_true` is 2, and the classes are 0 to 1"),
    ("{y_true: [0, 1], y_pred: [[0.5, 0.5], [1, 0]]}",
     "the cross-entropy is infinite: what is true was given the probability 0"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), IMPOSSIBLE, ids=[row[0] for row in IMPOSSIBLE])
def test_what_makes_no_sense_is_said(given, message):
    with pytest.raises(Undefined) as caught:
        working_of("metrics", given)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{matrix: [[1, 2, 3], [4, 5, 6]]}", "matrix: expected a row and a column for each class, found 2 × 3"),
        ("{matrix: [[1, 0.5], [4, 5]]}", "matrix: expected whole numbers of at least 0"),
        ("{tp: -1}", "tp: expected a whole number of at least 0, found -1"),
        ("{tp: 1.5}", "tp: expected a whole number of at least 0, found 1.5"),
        ("{y_true: 3}", "y_true: expected an array (N) or an array (N × n), found a number"),
    ],
)
def test_a_given_that_cannot_be_read_says_what_was_found_and_expected(given, message):
    with pytest.raises(GivenError) as caught:
        givens_of("metrics", given)
    assert caught.value.message == message


def verdicts(report):
    return {mark.part: (mark.verdict, mark.cause) for mark in report.marks if mark.verdict != "blank"}


def test_a_table_read_the_other_way_round_is_a_convention(marked):
    """By hand: 30/50 for 30/40."""
    report = marked(f"kind: metrics\ngiven: {TABLE}\nparts: {{a: {{ask: precision}}}}\n", "answers: {a: 0.600}")
    assert verdicts(report) == {"a": ("convention", "took the rows for the predicted classes")}


def test_a_share_may_be_a_percentage(marked):
    report = marked(f"kind: metrics\ngiven: {TABLE}\nparts: {{a: {{ask: accuracy}}}}\n", "answers: {a: 85.0%}")
    assert verdicts(report) == {"a": ("right", None)}


SYMBOLS = """
    id: measures
    problems:
      counts:
        kind: metrics
        given: {tp: TP, fp: FP, fn: FN, tn: TN}
        parts:
          accuracy: {ask: accuracy}
          precision: {ask: precision}
          recall: {ask: recall}
          f1: {ask: f1}
          dice: {ask: dice}
          iou: {ask: iou}
      numbers:
        kind: metrics
        symbols: {y: {shape: [4]}, p: {shape: [4]}}
        given: {y_true: y, y_pred: p}
        parts: {mse: {ask: mse}, mae: {ask: mae}, rmse: {ask: rmse}, r2: {ask: r2}}
"""


def test_formulas_are_judged(marked):
    report = marked(
        SYMBOLS,
        r"""
        problem: measures
        answers:
          counts:
            accuracy: \frac{TP + TN}{TP + TN + FP + FN}
            precision: TP/(TP+FP)
            recall: TP/(TP+FN)
            f1: \frac{2 \times \text{Precision} \times \text{Recall}}{\text{Precision} + \text{Recall}}
            dice: 2TP/(2TP+FP+FN)
            iou: TP/(TP+FP+FN)
          numbers:
            mse: 1/4 sum((y - p)^2)
            mae: 1/4 sum(|y - p|)
            rmse: sqrt(mse)
            r2: 1 - sum((y-p)^2)/sum((y - mean(y))^2)
        """,
    )
    assert set(verdicts(report).values()) == {("right", None)}
    assert len(report.marks) == 10


def test_wrong_formulas_are_named(marked):
    report = marked(
        SYMBOLS,
        """
        problem: measures
        answers:
          counts:
            accuracy: (FP + FN)/(TP + TN + FP + FN)
            precision: TP/(TP+FN)
            recall: TP/FN
            f1: (precision + recall)/2
            dice: TP/(TP+FP+FN)
            iou: 2TP/(2TP+FP+FN)
          numbers: {mse: sum((y - p)^2), mae: mean(y - p), r2: sum((y-p)^2)/sum((y - mean(y))^2)}
        """,
    )
    assert verdicts(report) == {
        "counts.accuracy": ("wrong", "gave the share of errors"),
        "counts.precision": ("wrong", "exchanged precision and recall"),
        "counts.recall": ("wrong", "left the true positives out of the sum"),
        "counts.f1": ("wrong", "took the arithmetic mean"),
        "counts.dice": ("wrong", "took the IoU"),
        "counts.iou": ("wrong", "took the Dice coefficient"),
        "numbers.mse": ("wrong", "summed instead of averaging"),
        "numbers.mae": ("wrong", "left out the absolute value"),
        "numbers.r2": ("wrong", "left out the 1 -"),
    }


def test_the_keys_of_symbolic_problems_are_right_themselves(marked, read_problem):
    from hwcheck.reports import as_yaml

    found = verdicts(marked(SYMBOLS, as_yaml.solution(read_problem(SYMBOLS), None)))
    assert len(found) == 10
    assert set(found.values()) == {("right", None)}
