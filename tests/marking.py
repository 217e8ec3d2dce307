"""Problems and answers as text, for tests: marks, faults and keys."""

from __future__ import annotations

import textwrap

import pytest

from hwcheck import grade, problems, submissions
from hwcheck.errors import ProblemError
from hwcheck.problems import ProblemFile
from hwcheck.reports import as_yaml


def problem(text: str) -> ProblemFile:
    """A problem file from its text."""
    return problems.parse(textwrap.dedent(text).encode(), "p.yaml", "p")


def report(file: ProblemFile | str, answers: str) -> grade.Report:
    """The report on the lines below `answers:`."""
    file = problem(file) if isinstance(file, str) else file
    text = f"answers:\n{textwrap.indent(textwrap.dedent(answers), '  ')}\n"
    return grade.grade(file, submissions.match(submissions.parse(text.encode(), "answers.yaml"), file))


def marks(file: ProblemFile | str, answers: str) -> dict[str, grade.Mark]:
    """The marks by part; the answers' file itself must be in order."""
    found = report(file, answers)
    assert not found.faults
    return {mark.part: mark for mark in found.marks}


def verdicts(file: ProblemFile | str, answers: str) -> dict[str, str]:
    """The verdicts by part."""
    return {part: mark.verdict for part, mark in marks(file, answers).items()}


def faults(text: str) -> list[str]:
    """What is wrong with a problem file, with its lines."""
    with pytest.raises(ProblemError) as caught:
        problem(text)
    return [f"{fault.line}: {fault.message}" for fault in caught.value.faults]


def key(file: ProblemFile | str) -> dict[str, str]:
    """The lines of the printed solution of a file with one problem, by part."""
    lines = as_yaml.solution(problem(file) if isinstance(file, str) else file, None).splitlines()
    return {part.strip(): answer.strip() for part, _, answer in (line.partition(":") for line in lines[2:])}


def graded_key(file: ProblemFile | str) -> dict[str, str]:
    """The verdicts on the printed solution."""
    file = problem(file) if isinstance(file, str) else file
    text = as_yaml.solution(file, None)
    found = grade.grade(file, submissions.match(submissions.parse(text.encode(), "key.yaml"), file))
    assert not found.faults
    return {mark.part: mark.verdict for mark in found.marks}
