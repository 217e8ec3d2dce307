"""What can go wrong, by who can mend it: the author of a problem file, the student, or a kind's numbers."""

from __future__ import annotations

from typing import NamedTuple


class Undefined(Exception):
    """The numbers of a problem have no answer: "the kernel is larger than the padded input"."""


class Missing(Exception):
    """A kind asked for a given that the problem does not give."""

    def __init__(self, name: str) -> None:
        super().__init__(f"give `{name}`")
        self.name = name


class Fault(NamedTuple):
    """One error of a file: where it is and what would have worked. Line and column count from 1; 0 is the whole file."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}" if self.line else f"{self.file}: {self.message}"


class FileError(Exception):
    """A file that cannot be used, with all of its faults at once."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults, key=lambda fault: (fault.line, fault.column))
        super().__init__("\n".join(map(str, self.faults)))


class ProblemError(FileError):
    """A problem file with errors: its author can mend it."""


class SubmissionError(FileError):
    """A submission that cannot be read as a file: the student can mend it."""
