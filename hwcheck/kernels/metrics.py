"""Counts behind the measures of a classifier, and shares in which 0/0 is 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwcheck.kernels.types import Array


def confusion_matrix(true: Array, predicted: Array, labels: Sequence[int]) -> Array:
    """How many samples of each true class (rows) were given each class (columns), in the order of `labels`.

    C[i, j] = |{s : true_s = labels_i, predicted_s = labels_j}| (Manning, Raghavan and Schütze, Introduction to Information
    Retrieval (2008), section 13.6).

    Args:
        true: the class of each sample, any shape.
        predicted: the class it was given, the same shape.
        labels: the classes, each once.

    Raises:
        ValueError: a class that is not among the labels, or arrays of different shape.

    >>> confusion_matrix(np.array([0.0, 0, 1]), np.array([0.0, 1, 1]), [0, 1]).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    if true.shape != predicted.shape:
        raise ValueError(f"shapes {true.shape} and {predicted.shape} differ")
    counts = np.array(
        [[np.sum((true == row) & (predicted == column)) for column in labels] for row in labels], dtype=np.float64
    )
    if counts.sum() != true.size:
        raise ValueError("a class that is not among the labels")
    return counts


def share(part: float, whole: float) -> float:
    """part / whole, and 0 where both are 0, as for the precision of a class that was never predicted.

    >>> share(3, 4), share(0, 0)
    (0.75, 0.0)
    """
    return 0.0 if part == 0 and whole == 0 else part / whole
