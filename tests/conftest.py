"""What several tests need: solving one problem text, grading one submission text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from hwcheck import grade, problems, submissions
from hwcheck.grade import Report
from hwcheck.problems import ProblemFile

Grade = Callable[[ProblemFile | str, str], Report]


def load(text: ProblemFile | str) -> ProblemFile:
    """A problem file from its text, or a shipped one by its id."""
    if isinstance(text, ProblemFile):
        return text
    if "\n" not in text and ":" not in text:
        path = problems.find(text)
        assert path is not None, text
        return problems.load(path)
    return problems.parse(textwrap.dedent(text).encode(), "problem.yaml", "problem")


@pytest.fixture
def read_problem() -> Callable[[ProblemFile | str], ProblemFile]:
    return load


@pytest.fixture
def marked() -> Grade:
    """Grade a submission's text against a problem file's text or id."""

    def mark(problem: ProblemFile | str, answers: str) -> Report:
        draft = submissions.parse(textwrap.dedent(answers).encode(), "answers.yaml")
        return grade.grade(load(problem), submissions.match(draft, load(problem)))

    return mark
