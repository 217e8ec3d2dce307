"""From answers to marks: verdict, points, and a sentence for the student.

A mark keeps what each level of `--reveal` may show apart; nothing is left out here, and one place (`reports.redact`)
leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hwcheck import answers, compare, expressions
from hwcheck.answers import Answer, Unreadable
from hwcheck.compare import Agreement, Level
from hwcheck.errors import Fault
from hwcheck.expressions import key
from hwcheck.formulas import Vocabulary, vocabulary
from hwcheck.given import Givens
from hwcheck.hypotheses import Finding, Item, Search
from hwcheck.kernels.types import Array
from hwcheck.problems import Part, Problem, ProblemFile
from hwcheck.settings import Cell, Setting
from hwcheck.submissions import Submission, Written
from hwcheck.values import Choice, Drawn, Value, describe, same
from hwcheck.words import count, joined, quoted
from hwcheck.yamltree import Mapping as MappingNode
from hwcheck.yamltree import Node, Scalar, Sequence

if TYPE_CHECKING:
    from hwcheck.growth import GrowthAnswer


class Entry(NamedTuple):
    """One cell that is not right: where ("row 1, column 2", "h.2"), and what was written there."""

    at: str
    written: str


class Shown(NamedTuple):
    """One cell for the eye: what was written, what is right, and which entries differ."""

    at: str
    verdict: str
    written: str
    numbers: tuple[str, ...] | None
    shape: tuple[int, ...]
    levels: tuple[Level, ...]
    right: Value


class Mark(NamedTuple):
    """Verdict and points of one part.

    Attributes:
        message: what anybody may read who may see the verdict.
        hint: what says more: the cause, without the value.
        expected: the right value, in words.
        cause: the label of the mistake.
        entries: the cells that are not right, or None where there is only one.
        read_as: how the answer was understood, where that may surprise.
        line: where it stands in the submission; 0 where it does not.
    """

    part: str
    ask: str
    verdict: str
    points: Fraction | None
    of: Fraction
    message: str = ""
    hint: str = ""
    expected: str = ""
    cause: str | None = None
    entries: tuple[Entry, ...] | None = None
    read_as: str | None = None
    line: int = 0
    shown: tuple[Shown, ...] = ()


class Report(NamedTuple):
    """All marks of a submission. `points` and `of` count what a program can judge; `by_hand` is what a person marks."""

    problem: str
    title: str
    file: ProblemFile
    student: str
    path: str
    marks: tuple[Mark, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def points(self) -> Fraction:
        """The points earned."""
        return sum((mark.points for mark in self.marks if mark.points is not None), Fraction(0))

    @property
    def of(self) -> Fraction:
        """The points that a program can judge."""
        return sum((mark.of for mark in self.marks if mark.points is not None), Fraction(0))

    @property
    def by_hand(self) -> Fraction:
        """The points that a person marks."""
        return sum((mark.of for mark in self.marks if mark.points is None), Fraction(0))


@dataclass
class _Read:
    """One cell with what was made of its text."""

    part: Part
    cell: Cell
    right: Value
    node: Node | None = None
    answer: Answer | None = None
    unreadable: str = ""
    note: str = ""
    item: Item | None = None
    finding: Finding | None = None
    growth: GrowthAnswer | None = None


def grade(file: ProblemFile, submission: Submission) -> Report:
    """Mark a submission."""
    cells: dict[str, list[_Read]] = {}
    for problem in file.problems:
        words = _Words(problem)
        for part in problem.parts:
            cells[part.name] = [*_read(part, submission.answers.get(part.name), words)]
            words.after(part, cells[part.name])
    _Grader(file, cells).go()
    said: dict[tuple[str, ...], str] = {}
    marks = tuple(
        _mark(problem, part, cells[part.name], submission, said) for problem in file.problems for part in problem.parts
    )
    return Report(file.id, file.title, file, submission.student, submission.path, marks, submission.faults)


# Reading.


class _Words:
    """The names that the answers of one problem may use, part by part: those of earlier parts, and those they define."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.earlier: list[str] = []
        self.defined: dict[str, str] = {}

    def of(self, part: Part, cell: Cell) -> Vocabulary | None:
        """The names for the answer to one cell; None where no formula is asked."""
        step = part.setting.right.steps[cell.ask.name]
        if part.form == "big-o" or (not step.variables and not isinstance(part.right(cell), Drawn)):
            return None
        made = part.setting.vocabularies
        before = [other.ask.name for other in part.cells[: part.cells.index(cell)]]
        earlier = (*self.earlier, *before)
        at = (cell.ask.name, *earlier)
        if at not in made:
            made[at] = vocabulary(part.setting, cell.ask.name, earlier, self.problem.shown)
        words: Vocabulary = made[at]
        return words.also(self.defined)

    def after(self, part: Part, reads: list[_Read]) -> None:
        """Go on to the next part."""
        for read in reads:
            self.earlier.append(read.cell.ask.name)
            formula = read.answer.formula if read.answer is not None else None
            function = part.setting.right.steps[read.cell.ask.name].variables
            if formula is not None and formula.left and read.cell.ask.whole and not function:
                self.defined.setdefault(formula.left, read.cell.ask.name)


def _read(part: Part, written: Written | None, words: _Words) -> Iterator[_Read]:
    if part.by_hand:
        return
    reads = [_Read(part, cell, part.right(cell)) for cell in part.cells]
    if written is not None and not answers.blank(written.node):
        try:
            if written.unreadable:
                raise Unreadable(written.unreadable)
            nodes = _spread(part, written.node) if part.family else [written.node]
        except Unreadable as error:
            for read in reads:
                read.unreadable, read.node = str(error), written.node
        else:
            for read, node in zip(reads, nodes, strict=True):
                _read_cell(read, node, written.note, words)
    yield from reads


def _read_cell(read: _Read, node: Node | None, note: str, words: _Words) -> None:
    if node is None or answers.blank(node):
        return
    read.node, read.note = node, note
    origin = read.part.setting.right.steps[read.cell.ask.name].origin
    known = words.of(read.part, read.cell)
    try:
        if read.part.form == "big-o":
            from hwcheck.growth import growth_of, read_growth  # noqa: PLC0415  only growth needs it

            read.growth = read_growth(node, growth_of(read.part.setting, read.cell.ask.name))
            return
        answer = answers.read(node, read.right, origin=origin or 0, words=known)
    except Unreadable as error:
        read.unreadable = str(error)
        return
    if not read.part.percent:
        answer = answer._replace(entries=tuple(n and _hundredth(n) for n in answer.entries))
    read.answer = answer
    read.item = Item(read.part, read.cell, read.right, answer, known)


def _hundredth(number: answers.Number) -> answers.Number:
    """Where no percentage is asked, a percent sign divides by 100."""
    if not number.percent:
        return number
    return number._replace(value=number.value / 100, unit=number.unit and number.unit / 100, percent=False)


def _spread(part: Part, node: Node) -> list[Node | None]:
    """The answer to a family or table, cell by cell."""
    names = [cell.at for cell in part.cells]
    if isinstance(node, MappingNode):
        return _spread_mapping(part, node, names)
    if isinstance(node, Scalar):
        pieces: list[Node] = [Scalar(piece, node.line, node.column) for piece in _pieces(node.text)]
    else:
        pieces = [*node.items]
    columns = len({name.rsplit(".", 1)[1] for name in names}) if part.ask.name in part.setting.kind.tables else 1
    if columns > 1 and len(pieces) * columns == len(names):
        pieces = [cell for piece in pieces for cell in _columns(piece, columns)]
    if len(pieces) != len(names):
        raise Unreadable(f"expected {count(len(names), 'value')} ({names[0]} to {names[-1]}), found {len(pieces)}")
    return [*pieces]


def _pieces(text: str) -> list[str]:
    body = text.strip().strip("[]()")
    for separator in (";", "\n", ","):
        if separator in body.strip(separator):
            return [piece.strip() for piece in body.strip(separator).split(separator)]
    return body.split()


def _columns(node: Node, columns: int) -> list[Node]:
    """One row of a table: a list, or text set apart by commas with a blank behind, or semicolons."""
    if isinstance(node, Sequence):
        cells: list[Node] = [*node.items]
    elif isinstance(node, Scalar):
        separator = ";" if ";" in node.text else ", "
        cells = [Scalar(piece.strip(), node.line, node.column) for piece in node.text.split(separator)]
    else:
        cells = [value for _, value in node.pairs]
    if len(cells) != columns:
        raise Unreadable(f"expected {columns} cells a row, found {len(cells)}")
    return cells


def _spread_mapping(part: Part, node: MappingNode, names: list[str]) -> list[Node | None]:
    by_key = {key(name): place for place, name in enumerate(names)} | {
        name.rsplit(".", 1)[1]: place for place, name in enumerate(names) if name.rsplit(".", 1)[1].isdigit()
    }
    spread: list[Node | None] = [None] * len(names)
    rows: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        rows.setdefault(key(name.rsplit(".", 1)[0]), []).append(place)
    for name_node, value in node:
        at_name = by_key.get(key(name_node.text.strip()))
        row = rows.get(key(name_node.text.strip()))
        if at_name is not None:
            spread[at_name] = value
        elif row is not None and isinstance(value, MappingNode):
            _spread_row(value, names, row, spread)
        elif row is not None and len(row) > 1:
            for at, cell in zip(row, _columns(value, len(row)), strict=True):
                spread[at] = cell
        else:
            raise Unreadable(
                f"{quoted(name_node.text)} is none of {joined(names[:6])}{', …' if len(names) > 6 else ''}"
            )
    return spread


def _spread_row(node: MappingNode, names: list[str], row: list[int], spread: list[Node | None]) -> None:
    columns = {names[at].rsplit(".", 1)[1]: at for at in row}
    for column, value in node:
        if column.text.strip() not in columns:
            raise Unreadable(f"{quoted(column.text)} is none of {joined(columns)}")
        spread[columns[column.text.strip()]] = value


# Searching, setting by setting.


class _Grader:
    """Runs the search over all settings of a file, those first whose parts others are made from."""

    def __init__(self, file: ProblemFile, cells: Mapping[str, list[_Read]]) -> None:
        self.file = file
        self.cells = cells
        self.done: set[int] = set()

    def go(self) -> None:
        for part in self.file.parts:
            self._search(part.setting)

    def _search(self, setting: Setting) -> None:
        if id(setting) in self.done or setting.kind.by_hand:
            return
        self.done.add(id(setting))
        for target in sorted(setting.links):
            source = self.file.part(target)
            if source is not None:
                self._search(source.setting)
        reads = [read for part in self.file.parts if part.setting is setting for read in self.cells[part.name]]
        items = {read.item: read for read in reads if read.item is not None}
        if not items:
            return
        own, linked = self._own_givens(setting)
        asked = {item.name for item in items}
        pool, trusted = self._pool(setting, asked, right=False), self._pool(setting, asked, right=True)
        trusted_values = {name: value for name, (value, _) in trusted.items()}
        search = Search(setting, [*items], pool=pool, trusted=trusted_values, own_givens=own, linked=linked)
        for item, finding in search.go().items():
            items[item].finding = finding

    def _own_givens(self, setting: Setting) -> tuple[Givens | None, str]:
        """The givens with the student's own wrong values where other parts are used, if they fit."""
        used: list[str] = []
        refused: set[str] = set()

        def link(target: str, node: Node) -> Value:
            reads = self.cells.get(target, [])
            read = reads[0] if len(reads) == 1 else None
            source = self.file.part(target)
            assert source is not None, "links are checked when the file is read"
            right = source.right(source.cells[0])
            if read is None or read.answer is None or (read.finding is not None and read.finding.verdict == "right"):
                return right
            value = answers.carried(read.answer, right)
            if value is None or same(value, right) or target in refused:
                return right
            used.append(target)
            return value

        if not setting.links:
            return None, ""
        while True:
            used.clear()
            givens, errors = setting.read(link)
            if not errors:
                return (givens, used[0]) if used else (None, "")
            if not used:
                return None, ""
            refused.add(used[-1])  # what does not fit is judged with the right value; the others still follow

    def _pool(self, setting: Setting, asked: set[str], *, right: bool) -> dict[str, tuple[Value, str]]:
        """Wrong answers to other parts of the same problem that stand for names that are not asked here."""
        pool: dict[str, tuple[Value, str]] = {}
        for name, step in setting.right.steps.items():
            if name in asked:
                continue
            for part in self.file.parts:
                if part.problem != setting.problem or part.setting is setting or part.setting.kind is not setting.kind:
                    continue
                value = self._stands_for(part, name, step.computed, right)
                if value is not None:
                    pool.setdefault(name, (value, part.name))
        return pool

    def _is_right(self, read: _Read) -> bool:
        if read.finding is not None:
            return read.finding.verdict == "right"
        return read.item is not None and read.item.agree(read.item.right).right

    def _stands_for(self, part: Part, name: str, computed: Value, right: bool) -> Value | None:
        for read in self.cells[part.name]:
            item = read.item
            if item is None or item.carried is None or not same(item.right, computed) or self._is_right(read) != right:
                continue
            alike = isinstance(computed, np.ndarray) and computed.size >= 4
            if item.name == name or alike:
                return item.carried
        return None


# Marks.


def _mark(
    problem: Problem, part: Part, reads: list[_Read], submission: Submission, said: dict[tuple[str, ...], str]
) -> Mark:
    asked = part.asked
    written = submission.answers.get(part.name)
    line = written.node.line if written is not None else 0
    if part.by_hand:
        return Mark(
            part.name, asked, "manual", None, part.points, "A person marks this.", line=line, shown=_essay(written)
        )
    judged = [_judge(problem, read, said) for read in reads]
    if any(one.verdict == "manual" for one in judged):
        undecided = next(one for one in judged if one.verdict == "manual")
        return Mark(
            part.name, asked, "manual", None, part.points, f"{undecided.message} A person marks this.", line=line,
            read_as=next(filter(None, map(_read_as, reads)), None), shown=tuple(one.shown for one in judged),
        )  # fmt: skip
    share = _share(part, judged)
    verdict = _verdict(part, judged)
    expected = "" if verdict == "right" else ", ".join(
        f"{_shown_name(problem, read)}{part.right_text(read.cell)}" for read in reads
    )  # fmt: skip
    note = next((read.note for read in reads if read.note), "")
    read_as = note or next(filter(None, map(_read_as, reads)), None)
    if not part.family:
        one = judged[0]
        return Mark(
            part.name, asked, verdict, share * part.points, part.points, one.message, one.hint, expected,
            one.cause, one.entries, read_as, line, (one.shown,),
        )  # fmt: skip
    entries = tuple(Entry(j.shown.at, j.shown.written) for j in judged if j.verdict != "right")
    hint = " ".join(f"{j.shown.at}: {j.hint or j.message}" for j in judged if j.verdict != "right")
    message = (
        ""
        if verdict == "right"
        else f"{sum(j.verdict == 'right' for j in judged)} of {count(len(judged), 'cell')} right."
    )
    if verdict == "blank":
        message = hint = "Not answered."
    elif len({j.message for j in judged}) == 1 and verdict == "unreadable":
        message = hint = judged[0].message
    cause = next((j.cause for j in judged if j.cause), None)
    return Mark(
        part.name, asked, verdict, share * part.points, part.points, message, hint, expected,
        cause, entries or None, read_as, line, tuple(j.shown for j in judged),
    )  # fmt: skip


def _read_as(read: _Read) -> str | None:
    if read.growth is not None:
        return read.growth.read_as
    return read.answer.read_as if read.answer is not None else None


def _essay(written: Written | None) -> tuple[Shown, ...]:
    text = answers.written(written.node) if written is not None else ""
    return (Shown("", "manual", text, None, (), (), ""),)


def _shown_name(problem: Problem, read: _Read) -> str:
    return f"{problem.shown(read.cell.at)} = " if read.cell.at else ""


class _Judged(NamedTuple):
    """One cell, judged. `share` is the part of its points that it earns."""

    verdict: str
    share: Fraction
    shown: Shown
    message: str = ""
    hint: str = ""
    cause: str | None = None
    entries: tuple[Entry, ...] | None = None


def _judge(problem: Problem, read: _Read, said: dict[tuple[str, ...], str]) -> _Judged:
    judged = _judged(problem, read, said)
    if read.part.asks_formula(read.cell):
        return judged._replace(shown=judged.shown._replace(right=read.part.right_text(read.cell)))
    return judged


def _judged(problem: Problem, read: _Read, said: dict[tuple[str, ...], str]) -> _Judged:
    at = problem.shown(read.cell.at)
    if read.unreadable:
        text = answers.written(read.node) if read.node is not None else ""
        shown = Shown(at, "unreadable", text, None, (), (), read.right)
        return _Judged("unreadable", Fraction(0), shown, f"Unreadable: {read.unreadable}")
    if read.growth is not None:
        grown = read.growth
        shown = Shown(at, grown.verdict, grown.text, None, (), (), read.right)
        hint = f"You {grown.cause}. {grown.hint}" if grown.cause else grown.hint
        share = Fraction(grown.verdict == "right")
        message = {"right": "", "manual": grown.hint}.get(grown.verdict, "Not right.")
        return _Judged(grown.verdict, share, shown, message, hint if grown.verdict == "wrong" else "", grown.cause)
    if read.item is None:
        return _Judged("blank", Fraction(0), Shown(at, "blank", "", None, (), (), read.right), "Not answered.")
    item, finding = read.item, read.finding
    agreement = item.agree(item.right)
    verdict, cause, message, hint = _explained(problem, item, finding, agreement, said)
    share = _earned(item, verdict, agreement, finding)
    wrong_levels = () if verdict == "right" else agreement.levels
    numbers = None
    if item.answer.shape:
        numbers = tuple("?" if n is None else _number_text(n) for n in item.answer.entries)
    shape = (
        answers.fitted_shape(item.answer.shape, np.shape(item.right))
        if isinstance(item.right, np.ndarray)
        else item.answer.shape
    )
    shown = Shown(at, verdict, item.answer.text, numbers, shape, wrong_levels, item.right)
    entries = None
    if verdict != "right" and isinstance(item.right, np.ndarray) and agreement.levels and numbers is not None:
        origin = read.part.setting.right.steps[item.name].origin
        entries = tuple(
            Entry(place(index, item.right.shape, origin), numbers[index])
            for index, level in enumerate(agreement.levels)
            if level != Level.RIGHT
        )
    return _Judged(verdict, share, shown, message, hint, cause, entries)


def _number_text(number: answers.Number) -> str:
    value = number.value
    if abs(value) > answers.MAX_CARRIED:  # a float may not hold it
        return f"{Decimal(value.numerator) / Decimal(value.denominator):.6g}"
    return f"{float(value):.6g}"


def place(index: int, shape: tuple[int, ...], origin: int | None = None) -> str:
    """Where the entry with that number in row order stands, counted from 1; a signal's index as it is.

    >>> place(3, (2, 2))
    'row 2, column 2'
    """
    at = [int(i) for i in np.unravel_index(index, shape)]
    if len(at) == 1:
        return f"entry {at[0] + 1}" if origin is None else f"index {at[0] + origin}"
    *outer, row, column = (i + 1 for i in at)
    return ", ".join([*(f"block {i}" for i in outer), f"row {row}, column {column}"])


def _explained(
    problem: Problem, item: Item, finding: Finding | None, agreement: Agreement, said: dict[tuple[str, ...], str]
) -> tuple[str, str | None, str, str]:
    """Verdict, cause, the plain message and the hint of an answer."""
    if finding is not None and finding.verdict == "right":
        return "right", None, "", ""
    if finding is not None and finding.verdict == "manual":
        return (
            "manual",
            None,
            f"Cannot be decided: at most of the numbers tried your formula has no value ({item.tried[1]}).",
            "",
        )
    if finding is not None and finding.verdict == "follows":
        after = f"your answer to {finding.after}" if finding.after else "your own earlier answer"
        if finding.earns:
            return "follows", None, "Follows from an earlier answer.", f"Right, given {after}."
        return (
            "wrong",
            None,
            "Not right.",
            f"This follows from {after}, but with that value nothing is left to work out here.",
        )
    if item.part.percent and (finding is None or finding.how == "relation") and _fraction_given(item):
        return "wrong", "gave a fraction", "Not right.", "You gave a fraction; a percentage is asked."
    wanted = item.part.tolerance.words
    if finding is not None and finding.verdict == "imprecise":
        return "imprecise", joined(finding.causes, "or"), f"Too few digits to tell; give more than {wanted}.", (
            f"{item.answer.text} could also be what comes out if you {joined(finding.causes, 'or')}; give more digits."
        )  # fmt: skip
    if finding is not None:
        cause = joined(finding.causes, "or")
        verdict = "convention" if finding.verdict == "convention" else "wrong"
        return verdict, cause, "Not right.", _sentence(problem, item, finding, cause, said)
    if agreement.imprecise:
        return "imprecise", None, f"Right so far; give {wanted}.", ""
    return _plainly_wrong(item, agreement)


def _plainly_wrong(item: Item, agreement: Agreement) -> tuple[str, str | None, str, str]:
    right = sum(level == Level.RIGHT for level in agreement.levels)
    if isinstance(item.right, Choice) and item.right.each and _choice_share(item.answer.word, item.right) > 0:
        return "partial", None, "Partly right.", f"{right} of {count(len(agreement.levels), 'option')} right."
    if isinstance(item.right, np.ndarray):
        if not agreement.levels:
            return "wrong", None, "Not right.", f"Expected {describe(item.right)} of another size."
        share = _entries_share(item, agreement)
        if share > 0 and item.part.credit == "entries":
            return (
                "partial",
                None,
                "Partly right.",
                f"{right} of {count(len(agreement.levels), 'entry', 'entries')} right.",
            )
        return "wrong", None, "Not right.", ""
    if isinstance(item.right, tuple) and not agreement.levels:
        return "wrong", None, "Not right.", "Expected a shape with another number of axes."
    lone = item.answer.formula is not None or isinstance(item.right, str) or not item.cell.ask.whole
    follow = "" if lone or item.carried is not None else _NOT_CARRIED
    return "wrong", None, "Not right.", follow


_NOT_CARRIED = "Not right, and it cannot be carried on; what comes after is judged with the right value."


def _fraction_given(item: Item) -> bool:
    entries = tuple(n and n._replace(value=n.value * 100, unit=n.unit and n.unit * 100) for n in item.answer.entries)
    whole = item.answer._replace(entries=entries)
    return compare.agree(whole, item.right, item.part.tolerance).right


def _sentence(problem: Problem, item: Item, finding: Finding, cause: str, said: dict[tuple[str, ...], str]) -> str:
    ties = len(finding.causes) > 1
    where = f" at {problem.shown(finding.at)}" if "." in finding.at and not ties else ""
    sentence = f"You {'either ' if ties else ''}{cause}{where}."
    if finding.how == "convention":
        sentence = f"You {cause}; this problem does it the other way."
    first = said.setdefault(finding.causes, item.shown)
    return sentence if first == item.shown else f"{sentence[:-1]}, as in {first}."


# Points.


def _earned(item: Item, verdict: str, agreement: Agreement, finding: Finding | None) -> Fraction:
    part = item.part
    doubted = agreement.right and verdict in ("wrong", "imprecise")  # a slip's value within the tolerance
    by_entries = part.credit == "entries" or isinstance(item.right, Choice)
    entries = _entries_share(item, agreement) if by_entries and not doubted else Fraction(0)
    whole = {
        "right": Fraction(1),
        "follows": part.follow_through,
        "convention": part.convention,
        "imprecise": part.imprecise,
    }.get(verdict, Fraction(0))
    if verdict == "imprecise" and len(agreement.levels) > 1 and part.credit == "entries" and not doubted:
        right = Fraction(sum(level == Level.RIGHT for level in agreement.levels), len(agreement.levels))
        whole = right + (1 - right) * part.imprecise
    return max(whole, entries)


def _entries_share(item: Item, agreement: Agreement) -> Fraction:
    """The share of right entries; nothing for another shape, one repeated value, or a copy of a given."""
    if agreement.right:
        return Fraction(1)
    if isinstance(item.right, Choice):
        return _choice_share(item.answer.word, item.right)
    numbers = [n.value for n in item.answer.entries if n is not None]
    if item.answer.formula is not None:
        return _formula_share(item, agreement)
    if not agreement.levels or len(agreement.levels) < 2 or len(set(numbers)) < 2:
        return Fraction(0)
    levels = [*agreement.levels]
    if isinstance(item.right, np.ndarray):
        if any(
            isinstance(given, np.ndarray) and _is_copy(item, given)
            for given in item.part.setting.givens.values.values()
        ):
            return Fraction(0)
        flat = [float(x) for x in item.right.flat]
        if sum(x == 0 for x in flat) * 2 > len(flat):
            levels = [
                level
                for level, x, n in zip(levels, flat, item.answer.entries, strict=True)
                if x != 0 or n is None or n.value != 0
            ]
    return Fraction(sum(level == Level.RIGHT for level in levels), max(1, len(levels)))


def _choice_share(word: str, right: Choice) -> Fraction:
    """What the options chosen earn where each counts: a wrong one takes away what a right one gives."""
    chosen = word.chosen if isinstance(word, Choice) else []
    good = sum(1 if option in right.chosen else -1 for option in chosen)
    return Fraction(max(0, good), max(1, len(right.chosen))) if right.each else Fraction(0)


def _formula_share(item: Item, agreement: Agreement) -> Fraction:
    """The share of an array's entries whose formulas are right; nothing where all of them are one formula."""
    assert item.answer.formula is not None
    if len(agreement.levels) < 2 or len({expressions.render(tree) for tree in item.answer.formula.trees}) < 2:
        return Fraction(0)
    return Fraction(sum(level == Level.RIGHT for level in agreement.levels), len(agreement.levels))


def _is_copy(item: Item, given: Array) -> bool:
    numbers = item.answer.entries
    return len(numbers) == given.size and all(
        n is not None and n.value == compare.decimal(float(x)) for n, x in zip(numbers, given.flat, strict=True)
    )


def _share(part: Part, judged: list[_Judged]) -> Fraction:
    shares = [j.share for j in judged]
    return min(shares) if part.credit == "whole" else sum(shares, Fraction(0)) / len(shares)


def _verdict(part: Part, judged: list[_Judged]) -> str:
    """One verdict for a part: its cell's, or what all cells of a family come to."""
    verdicts = [j.verdict for j in judged]
    if len(set(verdicts)) == 1:
        return verdicts[0]
    if set(verdicts) <= {"right", "follows"}:
        return "follows"
    if part.credit == "whole":
        return min(judged, key=lambda j: j.share).verdict
    return "partial" if any(j.share > 0 for j in judged) else "wrong"
