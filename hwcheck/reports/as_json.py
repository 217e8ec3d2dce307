"""Reports and solutions as JSON: the same keys at every level, null where something is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from fractions import Fraction
from typing import Any

import numpy as np

from hwcheck import __version__
from hwcheck.problems import ProblemFile
from hwcheck.reports.view import View
from hwcheck.values import Value

SCHEMA = "hwcheck-report-1"
SOLUTION_SCHEMA = "hwcheck-solution-1"

_COMMAND = re.compile(r"##(?=\[)")


def number(value: Fraction | None) -> int | float | None:
    """Points as a JSON number."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else round(float(value), 6)


def report(view: View, several: bool) -> dict[str, Any]:
    """One report as plain data. Among several, a student is known by the name of the file, which labels cannot forge."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "problem": view.problem,
        "digest": view.file.digest,
        "student": view.path if several else view.student or None,
        "points": number(view.points),
        "of": number(view.of),
        "marks": [
            {
                "part": mark.part,
                "ask": mark.ask,
                "verdict": mark.verdict,
                "points": number(mark.points),
                "of": number(mark.of),
                "message": mark.message,
                "cause": mark.cause,
                "entries": None if mark.entries is None else [{"at": e.at, "is": e.written} for e in mark.entries],
                "read_as": mark.read_as,
                "line": mark.line or None,
            }
            for mark in view.marks
        ],
    }


def reports(views: list[View], several: bool = False) -> str:
    """One report as an object; where several files are graded a list, however many of them could be read."""
    data = [report(view, several) for view in views]
    return dump(data if several else data[0])


def dump(data: Any) -> str:
    """JSON text that ends in a new line; never NaN. What a terminal or a runner would obey is written as \\u escapes."""
    text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)
    text = "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
    return _COMMAND.sub(r"#\\u0023", text) + "\n"


def plain(value: Value) -> Any:
    """A computed value as JSON data: shapes and arrays as lists."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def solution(file: ProblemFile, only: Collection[str] | None) -> str:
    """The key of a problem file, or of the parts with those names."""
    parts = []
    for part in file.parts:
        if only is None or part.name in only:
            values = {
                cell.at: part.formula(cell) or None if part.asks_formula(cell) else plain(part.right(cell))
                for cell in part.cells
            }
            parts.append({
                "part": part.name,
                "ask": part.asked,
                "points": number(part.points),
                "value": None if part.by_hand else values if part.family else values[""],
            })  # fmt: skip
    data = {"schema": SOLUTION_SCHEMA, "problem": file.id, "digest": file.digest, "parts": parts}
    return dump(data)
