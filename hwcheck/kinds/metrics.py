"""How good predictions are: errors of numbers, shares of right classes, cross-entropy."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Any

import numpy as np

from hwcheck.errors import Missing, Undefined
from hwcheck.given import Field, GivenError, Givens, Reader, array, option, special
from hwcheck.kernels.metrics import confusion_matrix, share
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.kinds.softmax import check_distribution, cross_entropy, distribution
from hwcheck.symbols import Domain
from hwcheck.working import Working
from hwcheck.yamltree import Node

MAX_CLASSES = 50
"""How many different whole numbers are taken for classes."""
COUNTS = ("tp", "fp", "fn", "tn")


def _count(reader: Reader, node: Node) -> int:
    # A symbol is drawn from 1 on, so that no share of it is 0/0.
    value = reader.symbol(node, lambda: Domain(whole=True, low=1))
    return value if isinstance(value, int) else reader.integer(node, 0)


def _counted(sign: str, what: str) -> Any:
    return Field(_count, doc=f"how many {what} there are", expects="a whole number of at least 0", sign=sign)


def _matrix(reader: Reader, node: Node) -> Array:
    value = reader.array(node)
    if value.ndim != 2 or value.shape[0] != value.shape[1] or value.shape[0] < 2:
        found = " × ".join(map(str, value.shape)) or "a number"
        raise GivenError(node, f"expected a row and a column for each class, found {found}")
    if (value < 0).any() or (value != np.floor(value)).any():
        raise GivenError(node, "expected whole numbers of at least 0")
    return value


class Metrics(Givens):
    """What is given: what is true and what was predicted, or the confusion matrix, or counts from it."""

    y_true: Array = array(
        "N", "N n",
        doc="what is true: numbers, classes, a mask of 0 and 1, or the probability of each class; rows are samples",
    )  # fmt: skip
    y_pred: Array = array("N", "N n", doc="what was predicted, in the same form; for classes also their probabilities")
    matrix: Array = special(
        _matrix, expects="a square array of whole numbers", doc="the confusion matrix, in the order of classes 0, 1, …"
    )  # fmt: skip
    rows: str = option(
        "actual", "predicted", doc="what the rows of the confusion matrix are: the true or the predicted classes",
        others={"actual": "took the rows for the true classes", "predicted": "took the rows for the predicted classes"},
    )  # fmt: skip
    positive: int = option(1, 0, doc="which of two classes is the positive one")
    tp: int = _counted("TP", "true positives")
    fp: int = _counted("FP", "false positives")
    fn: int = _counted("FN", "false negatives")
    tn: int = _counted("TN", "true negatives")
    log_base: str = option(
        "e", "2", doc="the base of the logarithm in cross_entropy, and of the power in perplexity",
        others={"e": "took the natural logarithm", "2": "took the logarithm to base 2"},
    )  # fmt: skip


@kind(
    source="Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), section 8.3; "
    "Goodfellow, Bengio and Courville, Deep Learning (2016), section 3.13",
    quantities={
        "mse": "the mean of the squared errors",
        "mae": "the mean of the distances",
        "rmse": "the root of mse",
        "r2": "1 minus the squared errors over the squared distances from the mean of y_true",
        "matrix": "the confusion matrix",
        "tp": "true positives",
        "fp": "false positives",
        "fn": "false negatives",
        "tn": "true negatives",
        "accuracy": "the share of right answers",
        "precision": "the share of right ones among those predicted positive (0 where none is)",
        "recall": "the share of the positive ones that were found (0 where there is none)",
        "specificity": "the share of the negative ones that were found (0 where there is none)",
        "f1": "the harmonic mean of precision and recall (0 where both are)",
        "dice": "twice the overlap over the sum of both sizes (0 where both are empty)",
        "iou": "the overlap over the union (0 where both are empty)",
        "precision.K": "the precision of class K",
        "recall.K": "the recall of class K",
        "specificity.K": "the specificity of class K",
        "f1.K": "F1 of class K",
        "macro_f1": "the mean of F1 over the classes",
        "micro_f1": "F1 from the counts of all classes together",
        "cross_entropy": "the mean cross-entropy of the samples",
        "perplexity": "the base of the logarithm to the power of the cross-entropy",
    },
    signs={"precision": "Precision", "recall": "Recall"},
    examples=(
        """
        given: {y_true: [3, -0.5, 2, 7.5], y_pred: [2.5, 0.1, 2, 8]}
        parts: {a: {ask: mse}, b: {ask: mae}, c: {ask: rmse}, d: {ask: r2}}
        """,
        """
        given: {y_true: [[1.5, 2], [0.5, -1], [2.5, 4]], y_pred: [[1, 2.2], [0.9, -1.1], [2.6, 3]]}
        parts: {a: {ask: mse}, b: {ask: r2}}
        """,
        """
        given: {y_true: [1, 0, 1, 1, 0, 1, 0, 0, 1, 1], y_pred: [1, 0, 0, 1, 1, 1, 0, 0, 0, 1]}
        parts: {a: {ask: matrix}, b: {ask: accuracy}, c: {ask: precision}, d: {ask: recall}, e: {ask: f1},
                f: {ask: specificity}, g: {ask: dice}, h: {ask: iou}, i: {ask: tp}, j: {ask: fn}}
        """,
        """
        given: {matrix: [[50, 3, 7], [4, 31, 5], [2, 6, 22]]}
        parts: {a: {ask: accuracy}, b: {ask: precision.0}, c: {ask: recall}, d: {ask: f1.2}, e: {ask: macro_f1},
                f: {ask: micro_f1}, g: {ask: specificity.1}}
        """,
        """
        given: {matrix: [[40, 12], [5, 93]], rows: predicted, positive: 0}
        parts: {a: {ask: precision}, b: {ask: recall}, c: {ask: specificity}, d: {ask: f1.1}}
        """,
        """
        given: {tp: 37, fp: 8, fn: 15, tn: 90}
        parts: {a: {ask: accuracy}, b: {ask: f1}, c: {ask: iou}}
        """,
        """
        given: {y_true: [2, 0, 1], y_pred: [[0.2, 0.1, 0.7], [0.5, 0.3, 0.2], [0.6, 0.3, 0.1]]}
        parts: {a: {ask: cross_entropy}, b: {ask: perplexity}, c: {ask: accuracy}}
        """,
        """
        given: {y_true: [0.5, 0.25, 0.25], y_pred: [0.6, 0.3, 0.1], log_base: 2}
        parts: {a: {ask: cross_entropy}, b: {ask: perplexity}}
        """,
    ),
)
def metrics(given: Metrics, work: Working) -> None:
    """Measures of predictions: of numbers, of classes, of probabilities. What the givens allow can be asked.

    Numbers have mse, mae, rmse and r2, over all entries. Whole numbers that are few are classes as well: their confusion
    matrix has the true classes in its rows (`rows: predicted` turns that around). With two classes, 0 and 1 (or -1 and 1),
    class 1 is the positive one unless `positive: 0` is given, and precision, recall, specificity, F1, Dice and IoU are its
    own; `precision.K`, `recall.K`, `specificity.K` and `f1.K` are those of class K against all others. 0/0 is 0: the precision of a class
    that was never predicted, the recall of one that never occurs. Probabilities of classes have the cross-entropy
    -Σ y ln p (mean over the samples) and the perplexity; the class with the largest is the one predicted.
    """
    if "y_true" in given:
        _of_samples(given, work)
    elif "matrix" in given:
        labels = range(len(given.matrix))
        _of_classes(given, work, given.matrix, labels)
    elif any(name in given for name in COUNTS):
        _of_counts(work, {name: getattr(given, name) for name in COUNTS if name in given})
        for name in COUNTS:
            getattr(given, name)  # what is not given is asked for, after all that can do without it
    else:
        raise Missing("y_true")


def _of_samples(given: Metrics, work: Working) -> None:
    true, predicted = given.y_true, given.y_pred
    if true.shape != predicted.shape and not (true.ndim == 1 and predicted.ndim == 2 and len(true) == len(predicted)):
        raise Undefined(f"`y_true` is {_size(true)}, and `y_pred` {_size(predicted)}")
    if true.shape == predicted.shape:
        _of_numbers(given, work)

    probable = _are_probabilities(true, predicted)
    if probable and predicted.ndim == 2:
        _classes_of_samples(given, work, _likeliest(true) if true.ndim == 2 else true, _likeliest(predicted))
    elif not probable and true.shape == predicted.shape:
        _classes_of_samples(given, work, true, predicted)

    if probable:
        _of_probabilities(given, work)
    if not probable and "matrix" not in work.steps and "r2" not in work.steps:
        raise Undefined("r2 needs numbers in `y_true` that differ")


def _likeliest(p: Array) -> Array:
    return np.asarray(p.argmax(axis=-1), dtype=np.float64)


def _size(value: Array) -> str:
    return " × ".join(map(str, value.shape))


# Numbers.


def _of_numbers(given: Metrics, work: Working) -> None:
    true, predicted = given.y_true, given.y_pred
    error = true - predicted
    squared = "({0})^2" if true.ndim == 1 else "({0}) * ({0})"
    squares = squared.format("y_true - y_pred")
    mse = work(
        "mse", float(np.mean(np.square(error))), formula=f"mean({squares})",
        slips={
            "summed instead of averaging": lambda: float(np.sum(np.square(error))),
            "put in a ½": lambda: float(np.mean(np.square(error))) / 2,
            "left out the square": lambda: float(np.mean(error)),
        },
    )  # fmt: skip
    mae = work(
        "mae", float(np.mean(np.abs(error))), formula="mean(abs(y_true - y_pred))",
        slips={
            "summed instead of averaging": lambda: float(np.sum(np.abs(error))),
            "left out the absolute value": lambda: float(np.mean(error)),
        },
    )  # fmt: skip
    work(
        "rmse", float(np.sqrt(mse)), formula="sqrt(mse)",
        slips={
            "left out the root": lambda: mse,
            "took the roots before the mean": lambda: mae,
            "summed instead of averaging": lambda: float(np.sqrt(error.size * mse)),
        },
    )  # fmt: skip
    spread = float(np.sum(np.square(true - true.mean())))
    if spread == 0:
        return
    work(
        "r2", 1 - error.size * mse / spread,
        formula=f"1 - {error.size} mse / sum({squared.format('y_true - mean(y_true)')})",
        slips={
            "left out the 1 -": lambda: error.size * mse / spread,
            "took the spread about 0 instead of the mean": lambda: 1 - error.size * mse / float(np.sum(np.square(true))),
            "took the spread of the predictions":
                lambda: 1 - error.size * mse / float(np.sum(np.square(predicted - predicted.mean()))),
        },
    )  # fmt: skip


# Classes.


def _classes_of_samples(given: Metrics, work: Working, true: Array, predicted: Array) -> None:
    labels = _labels(true, predicted)
    if not labels:
        return
    if labels[0] == -1:  # classes -1 and 1 are 0 and 1
        labels, true, predicted = [0, 1], (true + 1) / 2, (predicted + 1) / 2
    counts = confusion_matrix(true, predicted, labels)
    counts = counts if given.rows == "actual" else counts.T
    matrix = work("matrix", counts, slips={"divided by the number of samples": lambda: counts / true.size})
    _of_classes(given, work, matrix, labels)


def _labels(true: Array, predicted: Array) -> list[int]:
    """The classes there are, in order; none where these are no classes."""
    found = np.unique(np.concatenate([true.ravel(), predicted.ravel()]))
    if len(found) > MAX_CLASSES or (found != np.floor(found)).any():
        return []
    if set(found) <= {-1.0, 1.0}:
        return [-1, 1]
    if found[0] < 0:
        return []
    return [0, 1] if set(found) <= {0.0, 1.0} else [int(label) for label in found]


def _of_classes(given: Metrics, work: Working, matrix: Array, labels: Sequence[int]) -> None:
    size = len(labels)
    if matrix.shape != (size, size):
        raise Undefined(f"there are {size} classes, and here is a confusion matrix of {_size(matrix)}")
    counts = matrix if given.rows == "actual" else matrix.T
    """true classes in the rows"""
    diagonal, in_class, as_class = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    total = float(counts.sum())
    right = float(diagonal.sum())
    if list(labels) == [0, 1]:
        positive = given.positive
        found = {
            "tp": counts[positive, positive], "fp": counts[1 - positive, positive],
            "fn": counts[positive, 1 - positive], "tn": counts[1 - positive, 1 - positive],
        }  # fmt: skip
        handed = {}
        for name, value in found.items():
            other = found[{"tp": "tn", "tn": "tp", "fp": "fn", "fn": "fp"}[name]]
            label = "exchanged the two classes" if name[0] == "t" else "exchanged false positives and false negatives"
            handed[name] = work(name, int(value), slips={label: lambda other=other: int(other)})
        _of_counts(work, handed)
    else:
        work(
            "accuracy", share(right, total),
            formula="right / all", names={"right": right, "all": total},
            slips={
                "gave the share of errors": lambda: 1 - share(right, total),
                "averaged the recalls": lambda: float(np.mean([share(d, n) for d, n in zip(diagonal, in_class, strict=True)])),
            },
        )  # fmt: skip

    precisions, recalls, scores = [], [], []
    for place, K in enumerate(labels):
        tp, fp, fn = (
            float(diagonal[place]),
            float(as_class[place] - diagonal[place]),
            float(in_class[place] - diagonal[place]),
        )
        tn = total - tp - fp - fn
        names = {"tp": tp, "fp": fp, "fn": fn, "tn": tn}
        exchanged = "exchanged precision and recall"
        precisions.append(
            work(f"precision.{K}", share(tp, tp + fp), formula="tp / (tp + fp)", names=names,
                 slips={exchanged: lambda tp=tp, fn=fn: share(tp, tp + fn)})
        )  # fmt: skip
        recalls.append(
            work(f"recall.{K}", share(tp, tp + fn), formula="tp / (tp + fn)", names=names,
                 slips={exchanged: lambda tp=tp, fp=fp: share(tp, tp + fp)})
        )  # fmt: skip
        work(
            f"specificity.{K}", share(tn, tn + fp), formula="tn / (tn + fp)", names=names,
            slips={"took the recall": lambda tp=tp, fn=fn: share(tp, tp + fn)},
        )  # fmt: skip
        scores.append(_f1(work, f".{K}", precisions[-1], recalls[-1]))
    work(
        "macro_f1", float(np.mean(scores)), formula=_mean_of([f"f1_{K}" for K in labels]),
        slips={
            "took F1 of the mean precision and the mean recall":
                lambda: _harmonic(float(np.mean(precisions)), float(np.mean(recalls))),
            "weighted the classes by their size": lambda: share(float(np.dot(scores, in_class)), total),
            "took the accuracy": lambda: share(right, total),
        },
    )  # fmt: skip
    # Each error is a false positive of one class and a false negative of another.
    wrong = total - right
    work(
        "micro_f1", share(2 * right, 2 * right + 2 * wrong),
        formula="2 tp / (2 tp + fp + fn)", names={"tp": right, "fp": wrong, "fn": wrong},
        slips={
            "averaged F1 over the classes": lambda: float(np.mean(scores)),
            "took the IoU of all classes together": lambda: share(right, right + 2 * wrong),
        },
    )  # fmt: skip


def _of_counts(work: Working, counts: dict[str, int]) -> None:
    """All that the counts at hand allow."""
    tp, fp, fn, tn = (counts.get(name) for name in COUNTS)
    if tp is not None and tn is not None and fp is not None and fn is not None:
        total = tp + tn + fp + fn
        work(
            "accuracy", share(tp + tn, total), formula="(tp + tn) / (tp + tn + fp + fn)",
            slips={
                "gave the share of errors": lambda: share(fp + fn, total),
                "left out the true negatives": lambda: share(tp, total),
            },
        )  # fmt: skip
    exchanged = "exchanged precision and recall"
    precision = recall = None
    if tp is not None and fp is not None:
        precision = work(
            "precision", share(tp, tp + fp), formula="tp / (tp + fp)",
            slips={
                **({exchanged: lambda: share(tp, tp + fn)} if fn is not None else {}),
                "left the true positives out of the sum": lambda: tp / fp,
            },
        )  # fmt: skip
    if tp is not None and fn is not None:
        recall = work(
            "recall", share(tp, tp + fn), formula="tp / (tp + fn)",
            slips={
                **({exchanged: lambda: share(tp, tp + fp)} if fp is not None else {}),
                "left the true positives out of the sum": lambda: tp / fn,
            },
        )  # fmt: skip
    if tn is not None and fp is not None:
        work(
            "specificity", share(tn, tn + fp), formula="tn / (tn + fp)",
            slips={
                "gave the share of false alarms": lambda: share(fp, tn + fp),
                **({"divided by the negatives that were predicted": lambda: share(tn, tn + fn)} if fn is not None else {}),
            },
        )  # fmt: skip
    if precision is not None and recall is not None:
        _f1(work, "", precision, recall)
    if tp is not None and fp is not None and fn is not None:
        both = 2 * tp + fp + fn
        work(
            "dice", share(2 * tp, both), formula="2 tp / (2 tp + fp + fn)",
            slips={
                "took the IoU": lambda: share(tp, tp + fp + fn),
                "left out the factor 2 above": lambda: share(tp, both),
            },
        )  # fmt: skip
        work(
            "iou", share(tp, tp + fp + fn), formula="tp / (tp + fp + fn)",
            slips={
                "took the Dice coefficient": lambda: share(2 * tp, both),
                "counted the overlap twice in the union": lambda: share(tp, both),
            },
        )  # fmt: skip


def _f1(work: Working, of: str, precision: float, recall: float) -> float:
    at = of.replace(".", "_")
    f1: float = work(
        f"f1{of}", _harmonic(precision, recall),
        formula=f"2 precision{at} recall{at} / (precision{at} + recall{at})",
        slips={
            "took the arithmetic mean": lambda: (precision + recall) / 2,
            "left out the factor 2": lambda: _harmonic(precision, recall) / 2,
        },
    )  # fmt: skip
    return f1


def _harmonic(a: float, b: float) -> float:
    return share(2 * a * b, a + b)


def _mean_of(names: list[str]) -> str:
    return f"({' + '.join(names)}) / {len(names)}" if len(names) <= 8 else ""


# Probabilities.


def _are_probabilities(true: Array, predicted: Array) -> bool:
    """Whether the predictions are the probabilities of classes, and what is true a class or such probabilities."""
    if (predicted < 0).any() or (predicted > 1).any() or (predicted == np.floor(predicted)).all():
        return False
    if true.ndim < predicted.ndim:
        return True
    return bool((true >= 0).all() and (np.abs(true.sum(axis=-1) - 1) < 1e-6).all())


def _of_probabilities(given: Metrics, work: Working) -> None:
    p = given.y_pred
    check_distribution(p, "y_pred")
    y = distribution(given.y_true, p.shape[-1], batch=p.ndim == 2, count=len(p), name="y_true")
    if ((p == 0) & (y > 0)).any():
        raise Undefined("the cross-entropy is infinite: what is true was given the probability 0")
    base = log(2) if given.log_base == "2" else 1.0
    each = cross_entropy(p, y) / base
    ln = "log2" if base != 1 else "ln"
    entropy = work(
        "cross_entropy", float(np.mean(each)), formula="" if p.ndim == 2 else f"-sum(y_true * {ln}(y_pred))",
        slips={
            "left out the minus sign": lambda: -float(np.mean(each)),
            "took the logarithm to base 10": lambda: float(np.mean(each)) * base / log(10),
            "exchanged what is true and what was predicted": lambda: float(np.mean(cross_entropy(y, p))) / base,
            "divided by the number of classes": lambda: float(np.mean(each)) / p.shape[-1],
            **({"summed over the samples": lambda: float(np.sum(each))} if p.ndim == 2 else {}),
        },
    )  # fmt: skip
    power, other = (2.0, np.e) if base != 1 else (np.e, 2.0)
    work(
        "perplexity", float(power**entropy), formula="2^cross_entropy" if base != 1 else "exp(cross_entropy)",
        slips={
            f"took {'e' if base != 1 else '2'} for the base of the power": lambda: float(other**entropy),
            "left out the power": lambda: entropy,
        },
    )  # fmt: skip
