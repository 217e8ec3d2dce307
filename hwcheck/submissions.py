"""Submissions: a student's `answers.yaml` as raw text per part.

The file is hostile input and is read with guards. What YAML itself trips over in an answer (`*x`, `|a| log 2`, `@`) is
taken as the raw rest of its line, and said so. An answer to a part that does not exist is an error, and the rest stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hwcheck import yamltree
from hwcheck.errors import Fault, SubmissionError
from hwcheck.given import kind_of
from hwcheck.problems import ProblemFile
from hwcheck.words import quoted, suggestion
from hwcheck.yamltree import Mapping as MappingNode
from hwcheck.yamltree import Node, Scalar, TreeError

MAX_REPAIRS = 60


@dataclass(frozen=True)
class Written:
    """What stands in the file for one part. `unreadable` says why it cannot be what the student meant."""

    node: Node
    unreadable: str = ""
    note: str = ""


@dataclass(frozen=True)
class Draft:
    """A submission whose text is read, and whose answers are not matched to a problem file yet."""

    path: str
    tree: MappingNode
    repaired: frozenset[int]
    faults: tuple[Fault, ...]
    problem: str
    student: str


@dataclass(frozen=True)
class Submission:
    """The answers of one student by full part id, and the faults of the file that do not stop the grading."""

    path: str
    student: str
    answers: Mapping[str, Written]
    faults: tuple[Fault, ...] = field(default=())


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
                faults.append(Fault(path, node.line, node.column, f"{key.text}: expected a name, found {kind_of(node)}"))
        elif key.text != "answers":
            near = suggestion(key.text, ("problem", "student", "answers"))
            faults.append(Fault(path, key.line, key.column, f"a submission has no field {quoted(key.text)}{near}"))
    return Draft(path, tree, frozenset(repaired), tuple(faults), labels.get("problem", ""), labels.get("student", ""))


def match(draft: Draft, file: ProblemFile) -> Submission:
    """The answers of a draft, by the full ids of the parts they answer.

    Raises:
        SubmissionError: there are no answers at all.
    """
    node = draft.tree.get("answers")
    if node is None:
        fault = Fault(draft.path, draft.tree.line, draft.tree.column, "`answers:` is missing; expected `answers: {part: answer}`")
        raise SubmissionError([*draft.faults, fault])
    matcher = _Matcher(draft, file)
    if isinstance(node, MappingNode):
        matcher.all(node, "")
    elif not (isinstance(node, Scalar) and node.blank):
        matcher.fault(node, f"answers: expected `part: answer` lines, found {kind_of(node)}")
    return Submission(draft.path, draft.student, matcher.answers, (*draft.faults, *matcher.faults))


class _Matcher:
    def __init__(self, draft: Draft, file: ProblemFile) -> None:
        self.draft = draft
        self.answers: dict[str, Written] = {}
        self.faults: list[Fault] = []
        self.parts = {part.name.casefold(): part.name for part in file.parts}
        self.problems = {problem.id.casefold(): problem.id for problem in file.problems if problem.id}
        if len(file.problems) == 1 and file.problems[0].id:
            self.parts |= {part.id.casefold(): part.name for part in file.parts}

    def fault(self, node: Node, message: str) -> None:
        self.faults.append(Fault(self.draft.path, node.line, node.column, message))

    def all(self, node: MappingNode, prefix: str) -> None:
        """Match the pairs of `answers:`, or of one problem in it."""
        last = ""
        for key, value in node:
            name = f"{prefix}{key.text}".strip().casefold()
            if not prefix and name in self.problems and not isinstance(value, MappingNode):
                if not (isinstance(value, Scalar) and value.blank):
                    self.fault(value, f"{quoted(key.text)} is a problem; write its answers as `{key.text}: {{part: answer}}`")
            elif not prefix and name in self.problems and isinstance(value, MappingNode):
                self.all(value, f"{self.problems[name]}.")
            elif name in self.parts:
                last = self.parts[name]
                if last in self.answers:
                    self.fault(key, f"part {quoted(last)} is answered twice; the first answer counts")
                else:
                    self.answers[last] = self._written(value)
            elif last and node.raw and _continues(key, value, self.answers[last].node):
                shown = f"{getattr(self.answers[last].node, 'text', '')},{key.text}, …"
                message = f"{quoted(shown)} inside braces is cut at the comma; put quotes around the number"
                self.answers[last] = Written(self.answers[last].node, unreadable=message)
            else:
                whole = f"{prefix}{key.text}"
                known = [part for part in self.parts.values() if part.startswith(prefix)] + ([] if prefix else [*self.problems.values()])
                self.fault(key, f"answers: there is no part {quoted(whole)}{suggestion(whole, known)}")

    def _written(self, node: Node) -> Written:
        if isinstance(node, MappingNode) and node.raw and all(isinstance(v, Scalar) and v.blank for _, v in node):
            node = Scalar(node.raw, node.line, node.column)
        note = "read as the whole rest of its line" if node.line in self.draft.repaired else ""
        return Written(node, note=note)


def _continues(key: Scalar, value: Node, before: Node) -> bool:
    """Whether `{a: 5,146,011}` was cut at its commas: a group of digits without a value, after a number."""
    return (
        re.fullmatch(r"\d{1,3}(\.\d+)?", key.text.strip()) is not None
        and isinstance(value, Scalar)
        and value.blank
        and isinstance(before, Scalar)
        and re.fullmatch(r"[-+−]?\d+", before.text.strip()) is not None
    )


# Answers that YAML trips over.

_LINE = re.compile(r"^(\s*(?:- +)?(?:\"[^\"]*\"|'[^']*'|[^\s:#\[\]{},\"'][^:#]*?)\s*:[ \t]+|\s*- +)(\S.*?)\s*$")
_TRIPS = re.compile(r"[|>][^\s+\-0-9]|[*&@`%!?\\]|[\[{(\"']")


def _tree(text: str, twice: list[TreeError]) -> tuple[MappingNode, set[int]]:
    """The tree of a text, with lines that YAML trips over put in quotes, and which lines those were."""
    lines = text.split("\n")
    repaired: set[int] = set()
    for _ in range(MAX_REPAIRS):
        try:
            twice.clear()
            return yamltree.parse("\n".join(lines), twice), repaired
        except TreeError as error:
            at = _culprit(lines, error.line, repaired)
            if at is None:
                raise
            match = _LINE.match(lines[at - 1])
            assert match is not None
            lines[at - 1] = match[1] + "'" + match[2].replace("'", "''") + "'"
            repaired.add(at)
    raise TreeError(0, 0, f"more than {MAX_REPAIRS} lines that are not YAML; put the answers in quotes")


def _culprit(lines: list[str], line: int, repaired: set[int]) -> int | None:
    """The line whose value is to be taken raw: the one of the error, or an unclosed bracket a few lines above it."""
    for at in range(min(line, len(lines)), max(0, line - 12), -1):
        match = _LINE.match(lines[at - 1].rstrip("\r"))
        if match is None or at in repaired or len(lines[at - 1]) > 10_000:
            continue
        value = match[2]
        if value[0] in "[{(":
            if value.count("[") + value.count("{") == value.count("]") + value.count("}"):
                if at == line and value[-1] not in "]}":
                    return at
                continue
            if at == line or not lines[at : at + 1] or not lines[at].strip() or _LINE.match(lines[at]):
                return at
        elif at == line and (_TRIPS.match(value) or ": " in value or value.endswith(":")):
            return at
        elif at == line - 1 and _TRIPS.match(value) and value[0] in "\"'|>":
            return at
    return None
