"""Tables for a terminal. Text from files is never markup, and a table is never wider than the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hwcheck.compare import Level
from hwcheck.grade import Shown
from hwcheck.problems import Part, Problem, ProblemFile
from hwcheck.reports.safe import safe
from hwcheck.reports.steps import worked
from hwcheck.reports.view import MarkView, View
from hwcheck.settings import Cell as Asked
from hwcheck.values import Value, show, show_number

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
GRADED_ROWS, GRADED_ENTRIES = 12, 14
SOLVED_ROWS, SOLVED_ENTRIES = 60, 400
"""How many rows of a matrix and entries of a vector are shown: a report is read at a glance, a key is copied."""
MAX_TEXT = 160
MIN_COLUMN = 12


def points(value: Fraction) -> str:
    """Points for the eye: 2, 0.92. What is not whole never looks whole.

    >>> points(Fraction(2, 3)), points(Fraction(999, 1000)), points(Fraction(1, 1000))
    ('0.67', '0.99', '0.01')
    """
    if value.denominator == 1:
        return str(int(value))
    floor = math.floor(value)
    hundredths = min(max(round(100 * (value - floor)), 1), 99)
    return f"{floor}.{hundredths:02}".rstrip("0")


def share(part: Fraction, whole: Fraction) -> str:
    """A percentage, rounded down, so that it never looks like a pass mark it is below.

    >>> share(Fraction(9, 2), Fraction(6)), share(Fraction(2), Fraction(3))
    ('75 %', '66.6 %')
    """
    tenths = math.floor(1000 * part / whole)
    return f"{tenths // 10}.{tenths % 10} %" if tenths % 10 else f"{tenths // 10} %"


def score(view: View) -> str:
    """The last line of a report."""
    hand = (
        f"{points(view.by_hand)} {'point' if view.by_hand == 1 else 'points'} marked by a person"
        if view.by_hand
        else ""
    )
    if not view.of:
        return hand or "0 of 0 points"
    more = f"; {points(view.by_hand)} more marked by a person" if hand else ""
    return f"{points(view.points)} of {points(view.of)} points ({share(view.points, view.of)}){more}"


def wrong_places(mark: MarkView) -> str:
    """Where the entries stand that are not right, as a sentence; empty where that is not to be shown, or said already."""
    if len(mark.cells) > 1:
        wrong = [cell.at for cell in mark.cells if cell.verdict not in ("right", "follows")]
        places = [] if any(f"{at}: " in (mark.said or "") for at in wrong) else wrong
    else:
        places = [entry.at for entry in mark.entries or () if entry.at]
    if not mark.marked or not places or mark.verdict in ("blank", "unreadable"):
        return ""
    return f"Not right: {'; '.join(places[:6])}{'; …' if len(places) > 6 else ''}."


def read_as(mark: MarkView) -> str:
    """How the answer was understood, as a sentence."""
    text = (mark.read_as or "").removeprefix("read as ")
    return f"Read as {text}." if text else ""


def grade(view: View, file: ProblemFile, console: Console, named: bool = False) -> None:
    """Print the report of one submission; `named` says from which file, where there are several."""
    if named:
        console.print(Text(safe(view.path), style="bold"), soft_wrap=True)
    console.print(Text(_heading(view.title, view.problem, view.student), style="bold"))
    marks = {mark.part: mark for mark in view.marks}
    if view.level != "nothing":
        for problem in file.problems:
            console.print()
            _problem(problem, [marks[part.name] for part in problem.parts], console)
    console.print()
    console.print(Text(score(view), style="bold"))


def _heading(*texts: str) -> str:
    return " · ".join(safe(text) for text in texts if text)


def _problem(problem: Problem, marks: list[MarkView], console: Console) -> None:
    key = any(mark.key for mark in marks)
    table = _marks_table(problem, marks, "beside" if key else "")
    if key and table.cuts(console.width):
        below = _marks_table(problem, marks, "below")
        table = below if below.cuts(console.width) < table.cuts(console.width) else table
    cut = table.cuts(console.width) > 0
    table.print(console)
    for mark in marks:
        if mark.said and mark.verdict != "blank":
            _remark(
                _short(mark.part, problem), mark, cut or any(_answer(cell, True).long for cell in mark.cells), console
            )
    judged = [(mark.points, mark.of) for mark in marks if mark.points is not None]
    if judged:
        earned, of = (sum(values, Fraction(0)) for values in zip(*judged, strict=True))
        console.print(Padding(Text(f"{points(earned)} of {points(of)} points", style="bold"), (0, 0, 0, 2)))


def _marks_table(problem: Problem, marks: list[MarkView], key: str) -> _Table:
    """The table of some marks, with the right values "beside" the answers, or "below" them, or not at all."""
    table = _Table(
        problem, ["part", "asked", "verdict", "your answer", *(["expected"] if key == "beside" else []), "points"]
    )
    for mark in marks:
        sign, style = SIGNS[mark.verdict or "blank"]
        earned = f"{points(mark.points)} / {points(mark.of)}" if mark.points is not None else f"– / {points(mark.of)}"
        front = [Text(_short(mark.part, problem)), Text(safe(mark.ask)), Text(f"{sign} {mark.verdict}", style=style)]
        answers = [_answer(cell, mark.marked) for cell in mark.cells]
        if len(answers) > 1 and mark.verdict == "unreadable" and len({cell.written for cell in mark.cells}) == 1:
            answers = [_Cell(_written(mark.cells[0].written)), *(_Cell() for _ in answers[1:])]
        for i, (cell, answer) in enumerate(zip(mark.cells, answers, strict=True)):
            values = [answer, _expected(cell)] if key == "beside" else [answer]
            table.add(*(front if i == 0 else [Text()] * 3), *values, Text(earned if i == 0 else ""))
            if key == "below" and cell.verdict not in ("right", "manual"):
                table.add(*[Text()] * 3, _expected(cell, "expected: "), Text())
    return table


def _remark(part: str, mark: MarkView, cut: bool, console: Console) -> None:
    first, *rest = (mark.said or "").split("\n")
    body = Text(safe(first))
    if cut and wrong_places(mark) and len(mark.cells) == 1:
        body.append(" " + wrong_places(mark))
    for more in rest:
        body.append("\n" + safe(more))
    if mark.read_as:
        body.append("\n" + safe(read_as(mark)), style="dim")
    line = Table.grid(padding=(0, 1))
    line.add_column(no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(Text(part, style=SIGNS[mark.verdict or "blank"][1]), body)
    console.print(Padding(line, (0, 0, 0, 2), expand=False))


def _short(part: str, problem: Problem) -> str:
    return part.removeprefix(f"{problem.id}.") if problem.id else part


def _written(text: str) -> Text:
    return Text(safe(text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…") or "–")


def _answer(cell: Shown, marked: bool) -> _Cell:
    """What was written, with the entries that differ marked by a sign and a colour."""
    name = f"{cell.at}: " if cell.at else ""
    if cell.at and marked and cell.verdict in SIGNS and cell.verdict != "right":
        name = f"{SIGNS[cell.verdict][0]} {name}"
    if cell.numbers is not None and isinstance(cell.right, np.ndarray):
        return _Cell(
            Text(name), _Grid(cell.numbers, cell.shape, cell.levels if marked else (), GRADED_ROWS, GRADED_ENTRIES)
        )
    text = _written(cell.written)
    if cell.verdict == "wrong":
        text.stylize(SIGNS["wrong"][1])
    return _Cell(Text(name).append_text(text))


def _expected(cell: Shown, label: str = "") -> _Cell:
    if cell.verdict == "manual":
        return _Cell(Text("–"))
    return _value(cell.right, label + (f"{cell.at}: " if cell.at else ""), GRADED_ROWS, GRADED_ENTRIES)


def _value(right: Value, name: str, rows: int, entries: int) -> _Cell:
    """A computed value; matrices as matrices."""
    if isinstance(right, np.ndarray):
        return _Cell(
            Text(name), _Grid(tuple(show_number(float(x)) for x in right.flat), right.shape, (), rows, entries)
        )
    return _Cell(Text(name + show(right)))


# Arrays and tables that fit.


@dataclass
class _Grid:
    """Numbers as rows and columns, a stack of matrices one below the other; as many as there is room for."""

    numbers: tuple[str, ...]
    shape: tuple[int, ...]
    levels: tuple[Level, ...]
    rows: int
    entries: int

    def __post_init__(self) -> None:
        sign = {Level.RIGHT: "", Level.IMPRECISE: "≈"}
        self.marks = [sign.get(level, "✗") for level in self.levels] or [""] * len(self.numbers)
        self.cells = [mark + number for mark, number in zip(self.marks, self.numbers, strict=True)]

    @property
    def long(self) -> bool:
        """Whether it is too long to be shown whole, however wide the terminal."""
        return len(self.cells) > self.entries if len(self.shape) <= 1 else len(self.cells) > self.rows * self.shape[-1]

    @property
    def widths(self) -> list[int]:
        """The widths of the columns that a matrix has, in the rows that are shown."""
        columns = self.shape[-1]
        shown = range(0, min(len(self.cells), self.rows * columns), columns)
        return [max((len(self.cells[row + c]) for row in shown), default=0) for c in range(columns)]

    def fitting(self, room: int) -> int:
        """How many columns fit."""
        widths = self.widths
        if sum(widths) + len(widths) - 1 <= room:
            return len(widths)
        used, count = 2, 0  # the last column says that there are more
        while count < len(widths) and used + widths[count] + (count > 0) <= room:
            used += widths[count] + (count > 0)
            count += 1
        return max(count, 1)

    def text(self, room: int) -> Text:
        """The numbers in at most `room` signs a line."""
        if len(self.shape) <= 1:
            return self._line()
        widths, columns, count = self.widths, self.shape[-1], self.fitting(room)
        text = Text()
        rows = range(0, len(self.cells), columns) if columns else range(0)
        for at, row in enumerate(rows[: self.rows]):
            if at:
                text.append("\n\n" if at % self.shape[-2] == 0 else "\n")
            for c in range(count):
                text.append(" " * (c > 0))
                text.append(self.cells[row + c].rjust(widths[c]), style=self._style(row + c))
            if count < columns:
                text.append(" …")
        if count < columns or len(rows) > self.rows:
            text.append(f"\n… {'×'.join(map(str, self.shape))}", style="dim")
        return text

    def _line(self) -> Text:
        text = Text("[")
        for i, cell in enumerate(self.cells[: self.entries]):
            text.append(", " if i else "")
            text.append(cell, style=self._style(i))
        return text.append(f", … {len(self.cells)} entries]" if self.long else "]")

    def _style(self, at: int) -> str:
        return {"✗": "red", "≈": "yellow"}.get(self.marks[at], "")


@dataclass
class _Cell:
    """What stands in a column of values: a text, and perhaps numbers behind it."""

    lead: Text = field(default_factory=Text)
    grid: _Grid | None = None

    @property
    def long(self) -> bool:
        """Whether it is too long to be shown whole, however wide the terminal."""
        return self.grid is not None and self.grid.long

    def cut(self, room: int) -> int:
        """How many columns of a matrix do not fit."""
        if self.grid is None or len(self.grid.shape) <= 1:
            return 0
        return self.grid.shape[-1] - self.grid.fitting(room)

    def text(self, room: int) -> Text:
        """The cell in at most `room` signs a line; a matrix with a name starts below it."""
        if self.grid is None:
            return self.lead
        named = bool(self.lead) and len(self.grid.shape) > 1
        return self.lead + Text("\n" if named else "") + self.grid.text(room)


class _Table:
    """Rows that are laid out once all are known: short columns as they are, values in the room that is left."""

    def __init__(self, problem: Problem, heads: list[str]) -> None:
        self.title = _heading(problem.id, problem.title)
        self.heads = heads
        self.rows: list[tuple[Text | _Cell, ...]] = []

    def add(self, *cells: Text | _Cell) -> None:
        """Add a row."""
        self.rows.append(cells)

    def cuts(self, width: int) -> int:
        """How many columns of matrices are left out at that width."""
        widths = self._widths(width)
        return sum(
            cell.cut(room)
            for row in self.rows
            for cell, room in zip(row, widths, strict=True)
            if isinstance(cell, _Cell)
        )

    def print(self, console: Console) -> None:
        """Lay the table out and print it."""
        widths = self._widths(console.width)
        table = Table(box=box.SIMPLE_HEAD, header_style="dim", pad_edge=False, padding=(0, 1))
        for head, width in zip(self.heads, widths, strict=True):
            table.add_column(head, width=width, overflow="fold", justify="right" if head == "points" else "left")
        for row in self.rows:
            table.add_row(
                *(_laid_out(cell, head, room) for cell, head, room in zip(row, self.heads, widths, strict=True))
            )
        if self.title:
            console.print(Text(self.title, style="bold"))
        console.print(table)

    def _widths(self, width: int) -> list[int]:
        room = width - 2 - 3 * (len(self.heads) - 1)
        natural = [max(cell_len(head), *(_width(row[i]) for row in self.rows)) for i, head in enumerate(self.heads)]
        values = [i for i, head in enumerate(self.heads) if any(isinstance(row[i], _Cell) for row in self.rows)]
        names = [i for i, head in enumerate(self.heads) if head in ("asked", "part")]
        for i in reversed(names):  # names give way before numbers do
            excess = sum(natural) - room
            natural[i] = min(natural[i], max(natural[i] - excess, MIN_COLUMN))
        left = room - sum(width for i, width in enumerate(natural) if i not in values)
        for rank, i in enumerate(sorted(values, key=lambda i: natural[i])):
            natural[i] = max(
                min(natural[i], left // (len(values) - rank)), MIN_COLUMN if natural[i] > MIN_COLUMN else natural[i]
            )
            left -= natural[i]
        return natural


def _laid_out(cell: Text | _Cell, head: str, room: int) -> Text:
    if isinstance(cell, _Cell):
        return cell.text(room)
    return Text("\n".join(_pieces(cell.plain, room))) if head in ("part", "asked") else cell


def _width(cell: Text | _Cell) -> int:
    """The width that a cell would like to have."""
    text = cell if isinstance(cell, Text) else cell.text(10**6)
    return max(cell_len(line) for line in text.plain.split("\n"))


def _pieces(name: str, width: int) -> Iterator[str]:
    """A name in lines of at most `width` signs, broken behind a dot or an underscore where there is one.

    >>> [*_pieces("conv1.weights_per_filter", 16)]
    ['conv1.weights_', 'per_filter']
    """
    while cell_len(name) > width:
        end = max(name.rfind(sign, 1, width) for sign in "._-") + 1
        while not end or cell_len(name[:end]) > width:
            end = (end or width + 1) - 1
        yield name[:end]
        name = name[end:]
    yield name


# Solutions.


def solution(file: ProblemFile, parts: Sequence[Part], steps: bool, console: Console) -> None:
    """Print the key, and the working where it is asked for."""
    console.print(Text(_heading(file.title, file.id), style="bold"))
    for problem in file.problems:
        chosen = [part for part in problem.parts if part in parts]
        if not chosen:
            continue
        console.print()
        table = _Table(problem, ["part", "asked", "answer", "points"])
        for part in chosen:
            cells = [_Cell(Text("marked by a person"))] if part.by_hand else [
                _solved(part, cell, f"{problem.shown(cell.at)}: " if cell.at else "")
                for cell in part.cells
            ]  # fmt: skip
            for i, cell in enumerate(cells):
                first = i == 0
                table.add(
                    Text(part.id if first else ""),
                    Text(safe(part.asked) if first else ""),
                    cell,
                    Text(points(part.points) if first else ""),
                )
        table.print(console)
        if steps:
            _steps(problem, chosen, console)


def _solved(part: Part, cell: Asked, name: str) -> _Cell:
    if part.asks_formula(cell):
        return _Cell(Text(name + part.right_text(cell)))
    return _value(part.right(cell), name, SOLVED_ROWS, SOLVED_ENTRIES)


def _steps(problem: Problem, parts: list[Part], console: Console) -> None:
    for group, lines in worked(problem, parts):
        console.print(Padding(Text(f"working for {', '.join(part.id for part in group)}", style="dim"), (0, 0, 0, 2)))
        for line in lines:
            grid = Table.grid(padding=(0, 1))
            grid.add_column(no_wrap=True)
            grid.add_column(no_wrap=True)
            grid.add_column(overflow="fold")
            rows = [text for text in (line.formula, line.numbers) if text]
            rows = rows[:1] if len(rows) == 2 and rows[0] == rows[1] else rows
            said = [Text(row) for row in rows]
            if line.array is not None:
                room = console.width - cell_len(line.name) - 8
                said.append(
                    _Grid(
                        tuple(show_number(float(x)) for x in line.array.flat), line.array.shape, (), GRADED_ROWS, 60
                    ).text(room)
                )
            elif not rows or rows[-1] != line.value:
                said.append(Text(line.value))
            for i, text in enumerate(said):
                grid.add_row(
                    Text(line.name if i == 0 else ""), Text("" if text.plain.startswith("first entry") else "="), text
                )
            console.print(Padding(grid, (0, 0, 0, 4)))
        console.print()
