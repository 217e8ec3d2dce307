"""Tables for a terminal. Text from files is never markup."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hwcheck.compare import Level
from hwcheck.grade import Shown
from hwcheck.problems import Part, Problem, ProblemFile
from hwcheck.reports.steps import worked
from hwcheck.reports.view import MarkView, View
from hwcheck.values import Value, show, show_number
from hwcheck.words import visible

SIGNS = {
    "right": ("✓", "green"),
    "follows": ("↳", "green"),
    "convention": ("⇄", "yellow"),
    "partial": ("◐", "yellow"),
    "imprecise": ("≈", "yellow"),
    "wrong": ("✗", "red"),
    "unreadable": ("?", "red"),
    "blank": ("·", "dim"),
    "manual": ("✎", "cyan"),
}
MAX_ROWS = 12
MAX_COLUMNS = 10
MAX_LINE = 14


def points(value: Fraction) -> str:
    """Points for the eye: 2, 0.92."""
    return str(int(value)) if value.denominator == 1 else f"{float(value):.2f}".rstrip("0")


def score(view: View) -> str:
    """The last line of a report."""
    share = f" ({float(100 * view.points / view.of):.0f} %)" if view.of else ""
    hand = f"; {points(view.by_hand)} more marked by a person" if view.by_hand else ""
    return f"{points(view.points)} of {points(view.of)} points{share}{hand}"


def grade(view: View, file: ProblemFile, console: Console) -> None:
    """Print the report of one submission."""
    head = " · ".join(visible(text) for text in (view.title, view.problem, view.student) if text)
    console.print(Text(head, style="bold"))
    marks = {mark.part: mark for mark in view.marks}
    if view.level != "nothing":
        for problem in file.problems:
            console.print()
            _problem(problem, [marks[part.name] for part in problem.parts], view.level == "all", console)
    console.print()
    console.print(Text(score(view), style="bold"))


def _problem(problem: Problem, marks: list[MarkView], key: bool, console: Console) -> None:
    table = _table(problem.title, problem.id)
    table.add_column("part", no_wrap=True)
    table.add_column("asked", overflow="fold")
    table.add_column("verdict", no_wrap=True)
    table.add_column("your answer", overflow="fold")
    if key:
        table.add_column("expected", overflow="fold")
    table.add_column("points", justify="right", no_wrap=True)
    for mark in marks:
        sign, style = SIGNS[mark.verdict or "blank"]
        earned = f"{points(mark.points)} / {points(mark.of)}" if mark.points is not None else f"– / {points(mark.of)}"
        cells: list[RenderableType] = [
            Text(_short(mark.part, problem)),
            Text(visible(mark.ask)),
            Text(f"{sign} {mark.verdict}", style=style),
            _joined([answer(cell, mark.marked) for cell in mark.cells]),
        ]
        if key:
            cells.append(_joined([_expected(cell) for cell in mark.cells]))
        table.add_row(*cells, Text(earned))
    console.print(table)
    for mark in marks:
        if mark.message and mark.verdict != "blank":
            _remark(_short(mark.part, problem), _said(mark), mark, console)
    total = sum((mark.points for mark in marks if mark.points is not None), Fraction(0))
    of = sum((mark.of for mark in marks if mark.points is not None), Fraction(0))
    console.print(Padding(Text(f"{points(total)} of {points(of)} points", style="bold"), (0, 0, 0, 2)))


def _said(mark: MarkView) -> str:
    """The message; the key is in its own column already."""
    message = mark.message or ""
    return message.rsplit(" Expected ", 1)[0].strip() if mark.key else message


def _remark(part: str, message: str, mark: MarkView, console: Console) -> None:
    if not message:
        return
    first, *rest = message.split("\n")
    line = Table.grid(padding=(0, 1))
    line.add_column(no_wrap=True)
    line.add_column(overflow="fold")
    style = SIGNS[mark.verdict or "blank"][1]
    body = Text(first)
    for more in rest:
        body.append("\n" + more)
    if mark.read_as:
        body.append(f"\nread as: {mark.read_as}", style="dim")
    line.add_row(Text(part, style=style), body)
    console.print(Padding(line, (0, 0, 0, 2), expand=False))


def _table(title: str, identity: str) -> Table:
    name = " · ".join(visible(text) for text in (identity, title) if text)
    return Table(
        title=Text(name, style="bold") if name else None, title_justify="left", box=box.SIMPLE_HEAD,
        header_style="dim", pad_edge=False, padding=(0, 1), expand=False,
    )  # fmt: skip


def _short(part: str, problem: Problem) -> str:
    return part.removeprefix(f"{problem.id}.") if problem.id else part


def _joined(pieces: Sequence[Text]) -> RenderableType:
    return pieces[0] if len(pieces) == 1 else Group(*pieces)


def answer(cell: Shown, marked: bool) -> Text:
    """What was written, with the entries that differ marked by a sign and a colour."""
    name = f"{cell.at}: " if cell.at else ""
    if cell.at and marked and cell.verdict in SIGNS and cell.verdict != "right":
        name = f"{SIGNS[cell.verdict][0]} {name}"
    text = Text(name)
    levels = cell.levels if marked else ()
    if cell.numbers is not None and isinstance(cell.right, np.ndarray):
        text.append_text(_numbers(cell.numbers, cell.shape, levels))
    else:
        text.append(cell.written or "–", style=SIGNS[cell.verdict][1] if cell.verdict == "wrong" else "")
    return text


def _expected(cell: Shown) -> Text:
    if cell.verdict == "manual":
        return Text("–")
    return Text(f"{cell.at}: " if cell.at else "").append_text(value(cell.right))


def value(right: Value) -> Text:
    """A computed value; matrices as matrices."""
    if isinstance(right, np.ndarray):
        return _numbers(tuple(show_number(float(x)) for x in right.flat), right.shape, ())
    return Text(show(right))


def _numbers(numbers: tuple[str, ...], shape: tuple[int, ...], levels: tuple[Level, ...]) -> Text:
    """Numbers as rows and columns; a stack of matrices one below the other; cut where they are too many."""
    marks = ["" if not levels or levels[i] == Level.RIGHT else "≈" if levels[i] == Level.IMPRECISE else "✗" for i in range(len(numbers))]
    cells = [mark + number for mark, number in zip(marks, numbers, strict=True)]
    if len(shape) <= 1:
        return _line(cells, marks)
    columns = shape[-1]
    shown = min(columns, MAX_COLUMNS)
    rows = [range(start, start + columns) for start in range(0, len(cells), columns)]
    visible_rows = rows[:MAX_ROWS]
    widths = [max(len(cells[row[c]]) for row in visible_rows) for c in range(shown)]
    text = Text()
    for at, row in enumerate(visible_rows):
        if at:
            text.append("\n\n" if at % shape[-2] == 0 else "\n")
        for c in range(shown):
            i = row[c]
            text.append(" " * (c > 0) + cells[i].rjust(widths[c]), style="red" if marks[i] == "✗" else "yellow" if marks[i] else "")
        if columns > shown:
            text.append(" …")
    if len(rows) > MAX_ROWS:
        text.append(f"\n… {len(rows)} rows")
    return text


def _line(cells: list[str], marks: list[str]) -> Text:
    text = Text("[")
    for i, cell in enumerate(cells[:MAX_LINE]):
        text.append(", " if i else "")
        text.append(cell, style="red" if marks[i] == "✗" else "yellow" if marks[i] else "")
    return text.append(f", … {len(cells)} entries]" if len(cells) > MAX_LINE else "]")


# Solutions.


def solution(file: ProblemFile, parts: list[Part], steps: bool, console: Console) -> None:
    """Print the key, and the working where it is asked for."""
    console.print(Text(" · ".join(visible(text) for text in (file.title, file.id) if text), style="bold"))
    for problem in file.problems:
        chosen = [part for part in problem.parts if part in parts]
        if not chosen:
            continue
        console.print()
        table = _table(problem.title, problem.id)
        table.add_column("part", no_wrap=True)
        table.add_column("asked", overflow="fold")
        table.add_column("answer", overflow="fold")
        table.add_column("points", justify="right", no_wrap=True)
        for part in chosen:
            cells = [Text("marked by a person")] if part.by_hand else [
                Text(f"{problem.shown(cell.at)}: " if cell.at else "").append_text(value(part.right(cell))) for cell in part.cells
            ]  # fmt: skip
            table.add_row(Text(part.id), Text(visible(part.asked)), _joined(cells), Text(points(part.points)))
        console.print(table)
        if steps:
            _steps(problem, chosen, console)


def _steps(problem: Problem, parts: list[Part], console: Console) -> None:
    for group, lines in worked(problem, parts):
        console.print(Padding(Text(f"working for {', '.join(part.id for part in group)}", style="dim"), (0, 0, 0, 2)))
        for line in lines:
            grid = Table.grid(padding=(0, 1))
            grid.add_column(no_wrap=True)
            grid.add_column(overflow="fold")
            rows = [text for text in (line.formula, line.numbers) if text]
            rows = rows[:1] if len(rows) == 2 and rows[0] == rows[1] else rows
            for i, row in enumerate([*rows, line.value] if not rows or rows[-1] != line.value else rows):
                grid.add_row(Text(line.name if i == 0 else ""), Text(f"= {row}" if not row.startswith("first entry") else row))
            console.print(Padding(grid, (0, 0, 0, 4)))
        console.print()
