"""Submissions: a student's `answers.yaml` as raw text per part.

The file is hostile input and is read with guards. What YAML itself trips over in an answer (`*x`, `|a| log 2`, `@`) is
taken as the raw rest of its line, and said so. An answer to a part that does not exist is an error, and the rest stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from hwcheck import yamltree
from hwcheck.errors import Fault, SubmissionError
from hwcheck.given import kind_of
from hwcheck.problems import ProblemFile
from hwcheck.words import quoted, suggestion
from hwcheck.yamltree import Mapping as MappingNode
from hwcheck.yamltree import Node, Scalar, TreeError

MAX_REPAIRS = 60
MAX_REREAD = 3_000_000
"""How many characters are read again at most, over all repairs of a file."""
MAX_LINE = 10_000


class Written(NamedTuple):
    """What stands in the file for one part. `unreadable` says why it cannot be what the student meant."""

    node: Node
    unreadable: str = ""
    note: str = ""


class Draft(NamedTuple):
    """A submission whose text is read, and whose answers are not matched to a problem file yet."""

    path: str
    tree: MappingNode
    repaired: Mapping[int, TreeError]
    faults: tuple[Fault, ...]
    problem: str
    student: str


class Submission(NamedTuple):
    """The answers of one student by full part id, and the faults of the file that do not stop the grading."""

    path: str
    student: str
    answers: Mapping[str, Written]
    faults: tuple[Fault, ...] = ()


def parse(data: bytes, path: str) -> Draft:
    """The text of a submission as a tree.

    Raises:
        SubmissionError: it cannot be read as a file at all.
    """
    twice: list[TreeError] = []
    try:
        text = yamltree.decode(data)
        tree, repaired = _tree(text, twice)
    except TreeError as error:
        hint = "; expected `problem: …` and `answers: {…}`" if error.message == "the file is empty" else ""
        raise SubmissionError([Fault(path, error.line, error.column, error.message + hint)]) from None
    faults = [Fault(path, error.line, error.column, error.message) for error in twice]
    labels = {}
    for key, node in tree:
        if key.text in ("problem", "student"):
            if isinstance(node, Scalar):
                labels[key.text] = " ".join(node.text.split())
            else:
                faults.append(
                    Fault(path, node.line, node.column, f"{key.text}: expected a name, found {kind_of(node)}")
                )
        elif key.text != "answers":
            near = suggestion(key.text, ("problem", "student", "answers"))
            faults.append(Fault(path, key.line, key.column, f"a submission has no field {quoted(key.text)}{near}"))
    return Draft(path, tree, repaired, tuple(faults), labels.get("problem", ""), labels.get("student", ""))


def match(draft: Draft, file: ProblemFile) -> Submission:
    """The answers of a draft, by the full ids of the parts they answer.

    Raises:
        SubmissionError: there are no answers at all.
    """
    node = draft.tree.get("answers")
    if node is None:
        fault = Fault(
            draft.path, draft.tree.line, draft.tree.column, "`answers:` is missing; expected `answers: {part: answer}`"
        )
        raise SubmissionError([*draft.faults, fault])
    matcher = _Matcher(draft, file)
    if isinstance(node, MappingNode):
        matcher.all(node, "")
    elif not (isinstance(node, Scalar) and node.blank):
        matcher.no_answers(node, f"answers: expected `part: answer` lines, found {kind_of(node)}")
    faults = [fault for fault in draft.faults if not matcher.inside_a_text(fault)]
    return Submission(draft.path, draft.student, matcher.answers, (*faults, *matcher.faults))


class _Matcher:
    def __init__(self, draft: Draft, file: ProblemFile) -> None:
        self.draft = draft
        self.answers: dict[str, Written] = {}
        self.faults: list[Fault] = []
        self.texts: list[tuple[int, int, int]] = []
        """line, first and last column of braces that are one text, in which nothing is given twice"""
        self.parts = {part.name.casefold(): part.name for part in file.parts}
        self.problems = {problem.id.casefold(): problem.id for problem in file.problems if problem.id}
        if len(file.problems) == 1 and file.problems[0].id:
            self.parts |= {part.id.casefold(): part.name for part in file.parts}

    def fault(self, node: Node, message: str) -> None:
        self.faults.append(Fault(self.draft.path, node.line, node.column, message))

    def no_answers(self, node: Node, message: str) -> None:
        """Report what should be a mapping; where it is only raw text because YAML tripped, that says more."""
        error = self.draft.repaired.get(node.line)
        if error is None:
            self.fault(node, message)
        else:
            self.faults.append(Fault(self.draft.path, error.line, error.column, error.message))

    def inside_a_text(self, fault: Fault) -> bool:
        """Whether a fault is about keys where no keys were meant: `{1, 1}`, `{a: 1,000,000}`."""
        return any(line == fault.line and first < fault.column <= last for line, first, last in self.texts)

    def all(self, node: MappingNode, prefix: str) -> None:
        """Match the pairs of `answers:`, or of one problem in it."""
        cut = False
        for key, value in node:
            name = f"{prefix}{key.text}".strip().casefold()
            if not prefix and name in self.problems and not isinstance(value, MappingNode):
                if not (isinstance(value, Scalar) and value.blank):
                    self.no_answers(
                        value, f"{quoted(key.text)} is a problem; write its answers as `{key.text}: {{part: answer}}`"
                    )
            elif not prefix and name in self.problems and isinstance(value, MappingNode):
                self.all(value, f"{self.problems[name]}.")
            elif name in self.parts:
                part = self.parts[name]
                number = _cut(value, node)
                cut = bool(number)
                if part in self.answers:
                    self.fault(key, f"part {quoted(part)} is answered twice; the first answer counts")
                elif cut:
                    self.texts.append((value.line, value.column, value.column + len(number) - 1))
                    message = f"{quoted(number)} inside braces is cut at its commas; put quotes around the number"
                    self.answers[part] = Written(Scalar(number, value.line, value.column), unreadable=message)
                else:
                    self.answers[part] = self._written(value)
            elif not (cut and isinstance(value, Scalar) and value.blank and re.fullmatch(_GROUP, key.text.strip())):
                whole = f"{prefix}{key.text}"
                known = [part for part in self.parts.values() if part.startswith(prefix)] + (
                    [] if prefix else [*self.problems.values()]
                )
                self.fault(key, f"answers: there is no part {quoted(whole)}{suggestion(whole, known)}")

    def _written(self, node: Node) -> Written:
        if (
            isinstance(node, MappingNode)
            and node.raw
            and node.pairs
            and all(isinstance(v, Scalar) and v.blank for _, v in node)
        ):
            self.texts.append((node.line, node.column, node.column + len(node.raw) - 1))
            node = Scalar(node.raw, node.line, node.column)
        note = "read as the whole rest of its line" if node.line in self.draft.repaired else ""
        return Written(node, note=note)


_GROUP = r"\d{1,3}(?:\.\d+)?"


def _cut(value: Node, around: MappingNode) -> str:
    """The number that `{a: 5,146,011}` was meant to hold, which YAML cuts at its commas; empty where none was cut."""
    if not around.raw or not isinstance(value, Scalar) or not re.fullmatch(r"[-+−]?\d+", value.text):
        return ""
    lines = around.raw.split("\n")
    before = value.line - around.line
    start = value.column - (around.column if before == 0 else 1)
    if before >= len(lines):
        return ""
    number = re.match(rf"{re.escape(value.text)}(?:, *{_GROUP})+(?= *(?:[,}}\r]|$))", lines[before][start:])
    return number.group() if number else ""


# Answers that YAML trips over. The patterns are compiled when a file needs them.

_LINE = r"^(\s*(?:- +)?(?:\"[^\"]*\"\s*|'[^']*'\s*|[^\s:#\[\]{},\"'][^:#]*):[ \t]+|\s*- +)(\S.*)$"
_TRIPS = r"[|>](?![-+0-9]*\s*(?:#.*)?$)|[-?]\s|[*&@`%!?\\,\]}\[{(\"']"
_KEY = r"\s*(?:- |[^\s\[\]{},:\"'][^:]*:(?:\s|$))"
_BREAK = "\r\n|[\n\r\x85\u2028\u2029]"


def _tree(text: str, twice: list[TreeError]) -> tuple[MappingNode, dict[int, TreeError]]:
    """The tree of a text, with lines that YAML trips over put in quotes, and what it tripped over in them."""
    try:
        return yamltree.parse(text, twice), {}
    except TreeError:
        lines = re.split(_BREAK, text)
    repaired: dict[int, TreeError] = {}
    for _ in range(min(MAX_REPAIRS, 2 + MAX_REREAD // (len(text) + 1))):
        try:
            twice.clear()
            return yamltree.parse("\n".join(lines), twice), repaired
        except TreeError as error:
            at = _culprit(lines, error, repaired)
            if at is None or (error.message.startswith(("the anchor", "the alias")) and _has_aliases(text)):
                raise
            start, value = _halves(lines[at - 1])
            lines[at - 1] = start + "'" + value.replace("'", "''") + "'"
            repaired[at] = error
    raise TreeError(0, 0, f"more than {len(repaired) - 1} lines that are not YAML; put the answers in quotes")


def _has_aliases(text: str) -> bool:
    """Whether an anchor of the text is used in it: that is YAML's own way to repeat a value, and no answer with a star."""
    named = {sign: set(re.findall(rf"(?<!\S)[{sign}]([^\s,\[\]{{}}]+)", text)) for sign in "&*"}
    return bool(named["&"] & named["*"])


def _halves(line: str) -> tuple[str, str]:
    """A line up to its value, and the value; both empty where it has none, or is too long to be mended."""
    match = re.match(_LINE, line.rstrip()) if len(line) <= MAX_LINE else None
    return (match[1], match[2]) if match else ("", "")


def _culprit(lines: list[str], error: TreeError, repaired: Mapping[int, TreeError]) -> int | None:
    """The line whose value is to be taken raw: an open quote, the line of the error, or an open bracket."""
    above = [at for at in range(min(error.line, len(lines)), max(0, error.line - 12), -1) if at not in repaired]
    for at in above:
        if _unclosed(lines, at, "\"'"):
            return at
    if error.line in above:
        start, value = _halves(lines[error.line - 1])
        if error.column > len(start) and (re.match(_TRIPS, value) or ": " in value or value.endswith(":")):
            return error.line
    return next((at for at in above if _unclosed(lines, at, "[{")), None)


def _unclosed(lines: list[str], at: int, signs: str) -> bool:
    """Whether a quote or bracket opens this line's value that is still open in the next, which answers something else."""
    value = _halves(lines[at - 1])[1]
    if not value or value[0] not in signs:
        return False
    closed = (
        value.count(value[0]) % 2 == 0
        if value[0] in "\"'"
        else value.count("[") + value.count("{") <= value.count("]") + value.count("}")
    )
    if closed:
        return False
    return at == len(lines) or not lines[at].strip() or re.match(_KEY, lines[at]) is not None
