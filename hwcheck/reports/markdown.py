"""Reports and solutions as Markdown, for a job's summary or a comment. Text from files is escaped, sign by sign."""

from __future__ import annotations

from hwcheck.problems import Part, Problem, ProblemFile
from hwcheck.reports.steps import worked
from hwcheck.reports.table import SIGNS, points, read_as, score, wrong_places
from hwcheck.reports.view import MarkView, View
from hwcheck.words import visible

_SPECIAL = frozenset("\\`*_{}[]()#!|<>$~@:&")


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line; no sign in it can start a table cell, a tag, or mathematics.

    >>> escaped("a|b <c>")
    'a&#124;b &#60;c&#62;'
    """
    return "".join(f"&#{ord(c)};" if c in _SPECIAL else c for c in visible(" ".join(text.split())))


def grade(view: View, file: ProblemFile, named: bool = False) -> str:
    """One report; `named` says from which file, where there are several."""
    head = _titles(view.path if named else "", view.title, view.problem, view.student)
    lines = [f"### {head}: {score(view)}", ""]
    if view.level == "nothing":
        return "\n".join(lines[:1]) + "\n"
    marks = {mark.part: mark for mark in view.marks}
    for problem in file.problems:
        lines += _heading(problem)
        lines += ["| | part | asked | your answer | points | |", "| :-: | :- | :- | :- | -: | :- |"]
        lines += [_row(marks[part.name]) for part in problem.parts]
        lines.append("")
    return "\n".join(lines)


def _titles(*texts: str) -> str:
    return escaped(" · ".join(text for text in texts if text))


def _heading(problem: Problem) -> list[str]:
    return [f"#### {_titles(problem.id, problem.title)}", ""] if problem.id or problem.title else []


def _row(mark: MarkView) -> str:
    written = "; ".join((f"{cell.at}: " if cell.at else "") + (cell.written or "–") for cell in mark.cells)
    earned = f"{points(mark.points)} / {points(mark.of)}" if mark.points is not None else f"– / {points(mark.of)}"
    said = [(mark.message or "").split("\n")[0], wrong_places(mark), read_as(mark)]
    message = " ".join(sentence for sentence in said if sentence)
    sign = SIGNS[mark.verdict or "blank"][0]
    return f"| {sign} {mark.verdict} | {escaped(mark.part)} | {escaped(mark.ask)} | {escaped(written)} | {earned} | {escaped(message)} |"


def solution(file: ProblemFile, parts: list[Part], steps: bool) -> str:
    """The key."""
    lines = [f"### {_titles(file.title, file.id)}", ""]
    for problem in file.problems:
        chosen = [part for part in problem.parts if part in parts]
        if not chosen:
            continue
        lines += _heading(problem)
        lines += ["| part | asked | answer | points |", "| :- | :- | :- | -: |"]
        for part in chosen:
            values = [
                (f"{problem.shown(cell.at)} = " if cell.at else "") + part.right_text(cell) for cell in part.cells
            ]
            text = "marked by a person" if part.by_hand else ", ".join(values)
            lines.append(f"| {escaped(part.id)} | {escaped(part.asked)} | {escaped(text)} | {points(part.points)} |")
        lines.append("")
        if steps:
            for _, worked_lines in worked(problem, chosen):
                for line in worked_lines:
                    rows = " = ".join(
                        dict.fromkeys(t for t in (line.name, line.formula, line.numbers, line.value) if t)
                    )
                    lines.append(f"- {escaped(rows)}")
                lines.append("")
    return "\n".join(lines)
