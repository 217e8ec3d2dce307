"""A solution as a submission: graded, it gives full marks on everything a program can judge."""

from __future__ import annotations

import json
from collections.abc import Collection

import numpy as np

from hwcheck.problems import Part, ProblemFile
from hwcheck.settings import Cell
from hwcheck.values import Choice, Value


def solution(file: ProblemFile, only: Collection[str] | None) -> str:
    """The key of a problem file, or of the parts with those names, as `answers.yaml`."""
    lines = [f"problem: {file.id}", "answers:"]
    for problem in file.problems:
        indent = "  "
        parts = [part for part in problem.parts if only is None or part.name in only]
        if not parts:
            continue
        if problem.id:
            lines.append(f"  {_key(problem.id)}:")
            indent = "    "
        lines += [f"{indent}{_key(part.id)}: {_part(part)}".rstrip() for part in parts]
    return "\n".join(lines) + "\n"


def _part(part: Part) -> str:
    if part.by_hand:
        return "# marked by a person"
    if not part.family:
        return _cell(part, part.cells[0])
    return "{" + ", ".join(f"{cell.at}: {_cell(part, cell)}" for cell in part.cells) + "}"


def _cell(part: Part, cell: Cell) -> str:
    if not part.asks_formula(cell):
        return written(part.right(cell))
    text = part.formula(cell)
    return json.dumps(text, ensure_ascii=False) if text else ""


def _key(identity: str) -> str:
    return identity if identity[0].isalpha() else json.dumps(identity)


def written(value: Value) -> str:
    """A value as a person may write it, with all the digits that answers are held against."""
    if isinstance(value, Choice):
        return f"[{value}]" if len(value.chosen) > 1 else json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    if isinstance(value, np.ndarray):
        return "[" + ", ".join(written(part) for part in value) + "]"
    if isinstance(value, float | np.floating):
        value = float(value)
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.12g}"
    return str(value)
