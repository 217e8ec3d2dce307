"""What a reader may see: the one place that leaves out, for every format alike."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from hwcheck.errors import Fault
from hwcheck.grade import Entry, Mark, Report, Shown
from hwcheck.problems import ProblemFile

LEVELS = ("nothing", "verdicts", "entries", "hints", "all")
"""From the score alone to the key; each shows what those before it show."""


class MarkView(NamedTuple):
    """A mark as a reader may see it; None where that is left out.

    `said` is the message without the right value, for formats that show the value apart. `cells` show what was written;
    `marked` says whether the entries that differ may be marked, `key` whether the right values may be shown.
    """

    part: str
    ask: str
    verdict: str | None
    points: Fraction | None
    of: Fraction
    message: str | None
    said: str | None
    cause: str | None
    entries: tuple[Entry, ...] | None
    read_as: str | None
    line: int
    cells: tuple[Shown, ...]
    marked: bool
    key: bool


class View(NamedTuple):
    """A report as a reader may see it."""

    problem: str
    title: str
    file: ProblemFile
    path: str
    student: str
    points: Fraction
    of: Fraction
    by_hand: Fraction
    marks: tuple[MarkView, ...]
    faults: tuple[Fault, ...]
    level: str


def redact(report: Report, level: str) -> View:
    """A report with everything left out that `level` does not show."""
    return View(
        report.problem, report.title, report.file, report.path, report.student, report.points, report.of, report.by_hand,
        tuple(_mark(mark, LEVELS.index(level)) for mark in report.marks), report.faults, level,
    )  # fmt: skip


def _mark(mark: Mark, level: int) -> MarkView:
    verdicts, entries, hints, everything = (level >= at for at in range(1, 5))
    said = (mark.hint if hints else "") or mark.message
    message = said
    if everything and mark.expected and mark.verdict != "right":
        message = _with_key(said, mark.expected)
    return MarkView(
        part=mark.part,
        ask=mark.ask,
        verdict=mark.verdict if verdicts else None,
        points=mark.points if verdicts else None,
        of=mark.of,
        message=(message or None) if verdicts else None,
        said=(said or None) if verdicts else None,
        cause=mark.cause if hints else None,
        entries=mark.entries if entries else None,
        read_as=mark.read_as if verdicts else None,
        line=mark.line,
        cells=mark.shown if verdicts else (),
        marked=entries,
        key=everything,
    )


def _with_key(message: str, expected: str) -> str:
    """A message and the right value as sentences; lines that point at a place in the answer stay below them.

    >>> _with_key("Unreadable: unknown name", "7")
    'Unreadable: unknown name. Expected 7.'
    """
    first, line, rest = message.partition("\n")
    stop = "." if first and first[-1] not in ".?!" else ""
    return f"{first}{stop} Expected {expected}.".strip() + line + rest
