"""Reports: their layout against golden files, and what each level keeps to itself.

The golden files fix the layout; their numbers are also rows with a source in the tests of grading and of the kinds.
HWCHECK_WRITE_GOLDEN=1 writes them anew.
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from hwcheck import __version__, grade, problems, submissions
from hwcheck.grade import Report
from hwcheck.problems import Part, ProblemFile
from hwcheck.reports import LEVELS, as_json, as_yaml, manual, markdown, redact, table
from hwcheck.values import Choice, Drawn, Value, show, show_number

GOLDEN = Path(__file__).parent / "golden"
SHIPPED = sorted(path.stem for path in problems.shipped().glob("*.yaml"))
FORMATS = ("table", "json", "markdown")


def graded(problem: str | ProblemFile, text: str | None = None) -> Report:
    """The report of a text, or of the shipped submission with mistakes."""
    file = problem
    if isinstance(file, str):
        path = problems.find(file)
        assert path is not None
        file = problems.load(path)
        text = (
            text
            if text is not None
            else (path.parent / "answers" / f"{path.stem}.mistakes.yaml").read_text(encoding="utf-8")
        )
    assert text is not None
    return grade.grade(file, submissions.match(submissions.parse(text.encode(), "answers.yaml"), file))


def console(width: int) -> Console:
    return Console(file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False, no_color=True)


def printed(paper: Console) -> str:
    assert isinstance(paper.file, io.StringIO)
    return re.sub("[ ]+$", "", paper.file.getvalue(), flags=re.MULTILINE)


def written(report: Report, form: str, level: str, width: int = 80) -> str:
    view = redact(report, level)
    if form == "json":
        return as_json.reports([view])
    if form == "markdown":
        return markdown.grade(view, report.file)
    paper = console(width)
    table.grade(view, report.file, paper)
    return printed(paper)


def solved(file: ProblemFile, steps: bool, width: int = 80) -> str:
    paper = console(width)
    table.solution(file, file.parts, steps, paper)
    return printed(paper)


# Golden files.


def same_as(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("HWCHECK_WRITE_GOLDEN") == "1":
        path.write_bytes(text.encode())
    assert path.is_file(), f"the golden file {name} is missing; HWCHECK_WRITE_GOLDEN=1 writes it"
    assert text == path.read_bytes().decode()


@pytest.mark.parametrize("level", ["all", "hints"])
def test_the_table_of_a_whole_homework(level):
    same_as(f"comp433-a3.mistakes.{level}.txt", written(graded("comp433-a3"), "table", level))


def test_the_table_on_a_wide_terminal():
    same_as("comp433-a3.mistakes.all.120.txt", written(graded("comp433-a3"), "table", "all", 120))


@pytest.mark.parametrize("name", ["rnn_update", "conv2d"])
def test_the_worked_steps(name):
    path = problems.find(name)
    assert path is not None
    same_as(f"{name}.steps.txt", solved(problems.load(path), steps=True))


def test_the_markdown_of_a_submission():
    same_as("rnn_update.mistakes.hints.md", written(graded("rnn_update"), "markdown", "hints"))


def test_the_json_of_a_submission():
    text = written(graded("conv2d"), "json", "all")
    data = json.loads(text)
    assert data["version"] == __version__
    assert re.fullmatch("[0-9a-f]{64}", data["digest"])
    same_as("conv2d.mistakes.all.json", text.replace(data["digest"], "DIGEST").replace(f'"{__version__}"', '"VERSION"'))


# Redaction.


def wrong(part: Part, place: int) -> str:
    """An answer that is readable and wrong in every number, has none of the right digits, and follows from no other."""
    texts = [
        f"{7_000 + place}" if part.setting.right.steps[cell.ask.name].variables else _wrong(part.right(cell), place)
        for cell in part.cells
    ]
    return (
        texts[0]
        if not part.family
        else "{" + ", ".join(f"{cell.at}: {text}" for cell, text in zip(part.cells, texts, strict=True)) + "}"
    )


def _wrong(value: Value, place: int) -> str:
    if isinstance(value, Choice):
        return next((option for option in value.options if option not in value.chosen), "")
    if isinstance(value, str):
        return "dearer"
    if isinstance(value, Drawn):
        return " x ".join(
            f"{7_000 + place + i}" for i in range(len(value.like) if isinstance(value.like, tuple) else 1)
        )
    if isinstance(value, tuple):
        return "x".join(str(7_000 + place + i) for i in range(len(value)))
    if isinstance(value, np.ndarray):
        return "[" + ", ".join(_wrong(row, place) for row in value) + "]"
    return f"-777{place:03}" if isinstance(value, int) else f"{abs(float(value)) * 3.1 + 5000.5 + 137 * place:.3f}"


def submission(file: ProblemFile, how: str) -> str:
    lines = ["answers:"]
    for place, part in enumerate(file.parts):
        text = {
            "wrong": "" if part.by_hand else wrong(part, place),
            "unreadable": "'1 +* (('",
            "another shape": f"[[{8111 + place}, {8222 + place}], [{8333 + place}]]",
            "blank": "",
        }[how]
        lines.append(f"  {part.name}: {text}")
    return "\n".join(lines) + "\n"


NUMBER = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?(?:[x×]\d+)*")


def numbers(text: str) -> set[str]:
    """The numbers in a text, without thousands separators; those of three signs or more, as others stand for much else."""
    return {
        found.group().replace(",", "").replace("x", "×") for found in NUMBER.finditer(text) if len(found.group()) > 2
    }


def rows(text: str) -> list[list[str]]:
    return [re.findall(r"-?\d+(?:\.\d+)?", line) for line in text.splitlines()]


def secrets(part: Part) -> Iterator[str]:
    """The right values of a part, as a report would write them."""
    for cell in [] if part.by_hand else part.cells:
        value = part.right(cell)
        if part.asks_formula(cell):
            yield from numbers(part.formula(cell))
        elif isinstance(value, np.ndarray):
            for x in value.flat:
                yield from numbers(show_number(float(x)) + " " + as_yaml.written(float(x)))
        elif not isinstance(value, str):
            yield from numbers(
                as_yaml.written(value) + " " + (show_number(value) if not isinstance(value, tuple) else "")
            )


def secret_formulas(part: Part) -> Iterator[str]:
    """The right formulas of a part."""
    for cell in [] if part.by_hand else part.cells:
        if part.asks_formula(cell):
            yield part.formula(cell)


def secret_rows(part: Part) -> Iterator[list[str]]:
    """The longer rows of the right matrices of a part: short numbers, but telling together."""
    for cell in [] if part.by_hand else part.cells:
        value = part.right(cell)
        if isinstance(value, np.ndarray) and not part.asks_formula(cell):
            for row in value.reshape(-1, value.shape[-1]):
                if len(row) > 2:
                    yield [show_number(float(x)).replace(",", "") for x in row]


def point_numbers(file: ProblemFile) -> set[str]:
    """The points that a report may show."""
    return {f"{float(points):g}" for part in file.parts for points in (part.points, part.points / 2)}


def long_arrays(file: ProblemFile) -> str:
    """The arrays that a table cuts short."""
    values = [part.right(cell) for part in file.parts if not part.by_hand for cell in part.cells]
    return " ".join(show(value) for value in values if isinstance(value, np.ndarray) and value.size > 14)


def has_run(row: list[str], run: list[str]) -> bool:
    return any(row[i : i + len(run)] == run for i in range(len(row) - len(run) + 1))


@cache
def shipped_file(name: str) -> ProblemFile:
    """A shipped problem file, read once: its keys take longer than its reports."""
    path = problems.find(name)
    assert path is not None
    return problems.load(path)


@pytest.mark.parametrize("how", ["wrong", "unreadable", "another shape", "blank"])
@pytest.mark.parametrize("name", SHIPPED)
def test_no_right_value_shows_below_all(name, how):
    file = shipped_file(name)
    text = submission(file, how)
    report = graded(file, text)
    assert report.points == 0
    titles = " ".join(
        [file.title, file.id, *(problem.title for problem in file.problems), *(part.asked for part in file.parts)]
    )
    known = numbers(text) | numbers(titles) | numbers(file.data.decode()) | point_numbers(file)
    key = {secret for part in file.parts for secret in secrets(part)} - known
    key_rows = [row for part in file.parts for row in secret_rows(part) if len("".join(row)) > 4]
    formulas = [formula for part in file.parts for formula in secret_formulas(part)]
    assert all(formulas)
    formulas = [formula for formula in formulas if formula not in titles]
    for form in FORMATS:
        for level in LEVELS[:-1] if how == "wrong" else ("verdicts", "hints"):
            shown = written(report, form, level)
            if form == "json":
                shown = shown.replace(file.digest, "")
            assert not numbers(shown) & key, (form, level)
            assert not [formula for formula in formulas if formula in " ".join(shown.split())], (form, level)
            assert not [run for run in key_rows if any(has_run(row, run) for row in rows(shown))], (form, level)
    if how == "wrong":
        everything = written(report, "table", "all", 400) + as_yaml.solution(file, None) + long_arrays(file)
        assert key <= numbers(everything), "otherwise this test looks for what no report would say"
        assert all(any(has_run(row, run) for row in rows(everything.replace(",", ""))) for run in key_rows)


def test_the_shipped_mistakes_show_no_right_value_below_all():
    """Here causes are found and values follow, and sentences say so."""
    searched = 0
    for name in SHIPPED:
        report = graded(name)
        own = numbers((problems.shipped() / "answers" / f"{name}.mistakes.yaml").read_text(encoding="utf-8"))
        own |= {f"{float(number):.6g}" for number in own if "×" not in number}
        known = numbers(report.file.data.decode()) | point_numbers(report.file)
        known |= numbers(" ".join([report.title, *(problem.title for problem in report.file.problems)])) | own
        right = {mark.part for mark in report.marks if mark.verdict == "right"}
        keys = {part.name: {*secrets(part)} for part in report.file.parts}
        known |= {secret for part in right for secret in keys[part]}
        key = {secret for part in keys if part not in right for secret in keys[part]} - known
        searched += len(key)
        for form in FORMATS:
            for level in LEVELS[:-1]:
                shown = written(report, form, level).replace(report.file.digest, "")
                assert not numbers(shown) & key, (name, form, level)
        everything = written(report, "table", "all", 400) + as_yaml.solution(report.file, None)
        assert key <= numbers(everything + long_arrays(report.file))
    assert searched > 20


@pytest.mark.parametrize("name", SHIPPED)
def test_json_has_the_same_keys_at_every_level(name):
    report = graded(name)
    shapes = []
    for level in LEVELS:
        data = json.loads(written(report, "json", level))
        shapes.append((list(data), [list(mark) for mark in data["marks"]], [mark["part"] for mark in data["marks"]]))
    assert all(shape == shapes[0] for shape in shapes)


def test_each_level_shows_what_it_says():
    report = graded("rnn_update")
    marks = {level: json.loads(written(report, "json", level))["marks"] for level in LEVELS}
    a, e = ({level: marks[level][i] for level in LEVELS} for i in (0, 4))
    assert {key for key, value in e["nothing"].items() if value is not None} == {"part", "ask", "of", "line"}
    assert (e["verdicts"]["verdict"], e["verdicts"]["points"], e["verdicts"]["message"]) == ("wrong", 0, "Not right.")
    assert redact(report, "nothing").marks[4].cells == ()
    assert a["verdicts"]["entries"] is None
    assert [entry["at"] for entry in a["entries"]["entries"]] == ["h.1", "h.2"]
    assert (e["entries"]["cause"], e["entries"]["message"]) == (None, "Not right.")
    assert (e["hints"]["cause"], e["hints"]["message"]) == ("moved up the gradient", "You moved up the gradient.")
    assert e["all"]["message"] == "You moved up the gradient. Expected 0.631152."


def test_the_table_marks_entries_only_where_they_may_be_seen():
    report = graded("rnn_update")
    assert "✗ h.1: 0.2" in written(report, "table", "entries")
    assert "✗ h.1" not in written(report, "table", "verdicts")
    assert (
        written(report, "table", "nothing")
        == "One gradient step for a recurrent network · rnn_update · s-1042\n\n4.5 of 6 points (75 %)\n"
    )


def test_markdown_names_wrong_cells_once_and_never_one_that_follows():
    report = graded("rnn_update")
    rows = {
        level: next(row for row in written(report, "markdown", level).splitlines() if "| a |" in row)
        for level in LEVELS[1:]
    }
    assert rows["entries"].endswith("| 0 of 2 cells right. Not right&#58; h.1. |")
    assert "Not right" not in rows["hints"]
    assert "Not right" not in rows["verdicts"]


# Layout.

WIDE = """
title: A title that is longer than any terminal that this test knows, so that it has to go on in the line below it
problems:
  net:
    kind: conv2d
    title: "[red]Ein 日本語 title[/b] ::error::x ##[error]y"
    given:
      input: [[{row}], [{row}], [{row}]]
      kernel: [[1001.5, 2]]
    parts:
      out: {{ask: output}}
      first: {{ask: "output[0]"}}
      a_part_with_a_name_that_is_rather_long: {{ask: effective_kernel, points: 2}}
  hand: {{kind: manual, given: {{rubric: a reason}}, parts: {{why: {{points: 3}}}}}}
"""


@pytest.fixture
def wide() -> ProblemFile:
    row = ", ".join(f"{n * n - 150}.25" for n in range(30))
    return problems.parse(WIDE.format(row=row).encode(), "wide.yaml", "wide")


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("level", LEVELS)
def test_no_line_is_wider_than_the_terminal(wide, width, level):
    answers = as_yaml.solution(wide, None).replace("why:", "why: " + "because " * 200)
    for text in (answers, submission(wide, "wrong"), submission(wide, "unreadable")):
        assert max(map(cell_len, written(graded(wide, text), "table", level, width).splitlines())) <= width
    assert max(map(cell_len, solved(wide, True, width).splitlines())) <= width


def test_a_matrix_is_cut_and_never_wrapped(wide):
    text = solved(wide, False)
    rows = [line for line in text.splitlines() if line.endswith(" …") or " … " in line]
    assert [len(re.findall(r"-?\d[\d,.]*", row)) for row in rows if not row.strip().startswith("…")] == [5, 4, 4], (
        "one has the points"
    )
    assert "… 3×29" in text


def test_where_entries_are_hidden_the_remark_says_which_are_wrong(wide):
    answers = as_yaml.solution(wide, None)
    key = answers.split("out: ")[1].split("\n")[0]
    cells = key.strip("[]").split("], [")
    cells[1] = ", ".join([*cells[1].split(", ")[:27], "0", "1"])
    report = graded(wide, answers.replace(key, "[[" + "], [".join(cells) + "]]"))
    assert "85 of 87 entries right. Not right: row 2, column 28; row 2, column 29." in " ".join(
        written(report, "table", "hints").split()
    )
    assert "Not right: row" not in written(report, "table", "verdicts")


def test_where_two_matrices_do_not_fit_side_by_side_they_stand_one_below_the_other():
    file = problems.parse(
        b"kind: conv2d\ngiven: {input: [[1.23456, 2.34567, 3.45678, 4.56789, 5.67891]], kernel: [[100]]}\nparts: {a: {ask: output}}\n",
        "p.yaml", "p",
    )  # fmt: skip
    report = graded(file, "answers: {a: [[123.456, 234.567, 345.678, 456.789, 500.001]]}\n")
    narrow = [line.strip() for line in written(report, "table", "all", 80).splitlines()]
    at = narrow.index("expected:")
    assert narrow[at - 1].endswith("123.456 234.567 345.678 456.789 ✗500.001   0.8 / 1")
    assert narrow[at + 1] == "123.456 234.567 345.678 456.789 567.891"
    beside = written(report, "table", "all", 130)
    assert "123.456 234.567 345.678 456.789 ✗500.001   123.456 234.567 345.678 456.789 567.891" in beside


def test_a_name_is_broken_where_a_reader_would():
    assert [*table._pieces("conv1.weights_per_filter", 16)] == ["conv1.weights_", "per_filter"]
    assert [*table._pieces("receptivefield", 6)] == ["recept", "ivefie", "ld"]
    assert [*table._pieces("", 6)] == [""]


@pytest.mark.parametrize(
    ("points", "of", "text"),
    [
        (9, 12, "75 %"),
        (2, 3, "66.6 %"),
        (999, 1000, "99.9 %"),
        (9999, 10000, "99.9 %"),
        (0, 3, "0 %"),
        (3, 3, "100 %"),
        (1, 10**6, "0 %"),
    ],
)
def test_a_share_never_looks_better_than_it_is(points, of, text):
    assert table.share(Fraction(points), Fraction(of)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2", "2"),
        ("23/25", "0.92"),
        ("1/2", "0.5"),
        ("2/3", "0.67"),
        ("299/300", "0.99"),
        ("1/300", "0.01"),
        ("599/300", "1.99"),
    ],
)
def test_points_that_are_not_whole_never_look_whole(value, text):
    assert table.points(Fraction(value)) == text


def test_what_a_person_marks_is_not_said_to_be_lost():
    file = problems.parse(b"kind: manual\ngiven: {rubric: a reason}\nparts: {a: {points: 3}}\n", "p.yaml", "p")
    assert written(graded(file, "answers: {a: since}\n"), "table", "hints").endswith(
        "\n\n3 points marked by a person\n"
    )


def test_lines_that_point_at_a_place_stay_below_the_sentence_with_the_key():
    report = graded("rnn_update", "answers: {b: 0.5 +* 1}\n")
    message = redact(report, "all").marks[1].message
    assert message is not None
    first, text, caret = message.split("\n")
    assert first.startswith("Unreadable: ")
    assert first.endswith(". Expected 0.528.")
    assert (text, caret.strip()) == ("0.5 +* 1", "^")


def test_json_knows_no_nan_and_escapes_what_would_be_obeyed():
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json.dump(float("nan"))
    data = {"a": "\x1b[31m \u202e ##[error] é 🙂 ###[x"}
    text = as_json.dump(data)
    assert json.loads(text) == data
    assert "é 🙂" in text
    assert not re.search("[\x1b\u202e]|##\\[", text)


def test_an_example_on_a_manual_page_is_yaml_that_solves():
    from hwcheck import kinds

    for name in kinds.names():
        paper = console(60)
        manual.page(kinds.load(name), paper)
        example = printed(paper).split("\nExample\n")[1]
        file = problems.parse("\n".join(line[2:] for line in example.splitlines()).encode(), "example.yaml", "example")
        assert file.parts
