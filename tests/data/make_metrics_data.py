"""Write `metrics.json`: measures of predictions as scikit-learn computes them.

scikit-learn is not needed to run the tests, only to make this file again: `python make_metrics_data.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics

HERE = Path(__file__).parent
BINARY = ([1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0], [1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0])
SEVERAL = ([0, 2, 1, 4, 2, 2, 0, 4, 1, 1, 2, 0, 4, 4, 2], [0, 2, 1, 4, 1, 2, 2, 4, 1, 0, 2, 0, 2, 4, 2])
NEVER = ([0, 1, 2, 1, 0, 2], [0, 1, 1, 1, 0, 0])
NUMBERS = ([3.0, -0.5, 2.0, 7.5, 4.25], [2.5, 0.0, 2.1, 8.0, 3.5])
TABLE = ([[0.5, 1.0], [-1.0, 1.5], [7.0, -6.0]], [[0.0, 2.0], [-1.0, 2.0], [8.0, -5.0]])
PROBABLE = ([2, 0, 1, 1], [[0.2, 0.1, 0.7], [0.5, 0.3, 0.2], [0.6, 0.3, 0.1], [0.05, 0.9, 0.05]])


def classes(true: list[int], predicted: list[int]) -> dict[str, object]:
    labels = sorted({*true, *predicted})
    found: dict[str, object] = {
        "matrix": metrics.confusion_matrix(true, predicted).astype(float).tolist(),
        "accuracy": metrics.accuracy_score(true, predicted),
        "macro_f1": metrics.f1_score(true, predicted, average="macro", zero_division=0),
        "micro_f1": metrics.f1_score(true, predicted, average="micro", zero_division=0),
    }
    for name, function in (
        ("precision", metrics.precision_score),
        ("recall", metrics.recall_score),
        ("f1", metrics.f1_score),
    ):
        each = function(true, predicted, average=None, zero_division=0)
        found |= {f"{name}.{label}": float(value) for label, value in zip(labels, each, strict=True)}
    for label in labels:  # the recall of all others
        others = [[int(one != label) for one in side] for side in (true, predicted)]
        found[f"specificity.{label}"] = float(metrics.recall_score(*others, zero_division=0))
    if labels == [0, 1]:
        found |= {
            "precision": metrics.precision_score(true, predicted),
            "recall": metrics.recall_score(true, predicted),
            "f1": metrics.f1_score(true, predicted),
            "dice": metrics.f1_score(true, predicted),
            "iou": metrics.jaccard_score(true, predicted),
        }
    return found


def numbers(true: list[object], predicted: list[object]) -> dict[str, object]:
    a, b = np.ravel(true), np.ravel(predicted)
    return {
        "mse": metrics.mean_squared_error(a, b),
        "mae": metrics.mean_absolute_error(a, b),
        "rmse": metrics.root_mean_squared_error(a, b),
        "r2": metrics.r2_score(a, b),
    }


def main() -> None:
    cases = [{"given": {"y_true": a, "y_pred": b}, "found": classes(a, b)} for a, b in (BINARY, SEVERAL, NEVER)]
    cases += [{"given": {"y_true": a, "y_pred": b}, "found": numbers(a, b)} for a, b in (NUMBERS, TABLE)]
    true, p = PROBABLE
    entropy = metrics.log_loss(true, p)
    found = {"cross_entropy": entropy, "accuracy": metrics.accuracy_score(true, np.argmax(p, axis=1))}
    cases.append({"given": {"y_true": true, "y_pred": p}, "found": found})
    data = {"made by": f"scikit-learn {sklearn.__version__}", "cases": cases}
    (HERE / "metrics.json").write_text(json.dumps(data, indent=1, default=float) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
