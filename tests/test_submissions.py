"""A student's file as raw text per part, whatever was written into it."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcheck import problems, submissions
from hwcheck.errors import SubmissionError
from hwcheck.problems import ProblemFile
from hwcheck.submissions import Submission
from hwcheck.yamltree import Mapping, Node, Scalar

SEVERAL = problems.parse(
    b"""
    problems:
      q1: {kind: mlp, given: {layers: [3, 4, 2]}, parts: {a: {ask: params}, b: {ask: weights}, c: {ask: biases}}}
      q6: {kind: mlp, given: {layers: [3, 2]}, parts: {a: {ask: params}, b: {ask: weights}}}
    """,
    "several.yaml",
    "several",
)
SINGLE = problems.parse(
    b"""
    kind: mlp
    given: {layers: [3, 4, 2]}
    parts: {a: {ask: params}, b: {ask: weights}, C: {ask: biases}}
    """,
    "single.yaml",
    "single",
)
RAW = "read as the whole rest of its line"


def read(text: str | bytes, file: ProblemFile = SEVERAL) -> Submission:
    data = text if isinstance(text, bytes) else textwrap.dedent(text).encode()
    return submissions.match(submissions.parse(data, "answers.yaml"), file)


def plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node}
    return [plain(item) for item in node.items]


def answers(submission: Submission) -> dict[str, object]:
    return {name: plain(written.node) for name, written in submission.answers.items()}


def faults(submission: Submission) -> list[str]:
    return [str(fault) for fault in submission.faults]


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        pytest.param(
            SEVERAL, "q1: {a: 1, c: 2}\n  q6: {b: 3}", {"q1.a": "1", "q1.c": "2", "q6.b": "3"}, id="by problem"
        ),
        pytest.param(SEVERAL, "q1.a: 1\n  q6.b: 3", {"q1.a": "1", "q6.b": "3"}, id="by full id"),
        pytest.param(SEVERAL, "q1: {b: 2}\n  q1.a: 1", {"q1.b": "2", "q1.a": "1"}, id="both ways"),
        pytest.param(SEVERAL, "Q1:\n    A: 1\n  q6.B: 2", {"q1.a": "1", "q6.b": "2"}, id="letter case does not count"),
        pytest.param(SINGLE, "a: 1\n  c: 2", {"a": "1", "C": "2"}, id="a file that is one problem"),
        pytest.param(
            SINGLE,
            "a: [1, [2, x]]\n  b:\n    - 1 2\n    - 3 4",
            {"a": ["1", ["2", "x"]], "b": ["1 2", "3 4"]},
            id="lists",
        ),
        pytest.param(SINGLE, "a:\n  b: ''", {"a": "", "b": ""}, id="nothing written"),
        pytest.param(
            SINGLE, "a: |\n    1 2\n    3 4\n  b: 5 # five", {"a": "1 2\n3 4\n", "b": "5"}, id="lines of numbers"
        ),
        pytest.param(
            SINGLE, "a: {1: 2, 3: 4}\n  b: {x: 1}", {"a": {"1": "2", "3": "4"}, "b": {"x": "1"}}, id="a mapping"
        ),
        pytest.param(SINGLE, "a: 010\n  b: 12:30\n  c: no", {"a": "010", "b": "12:30", "C": "no"}, id="raw text"),
        pytest.param(
            SINGLE, "a: 5,146,011\n  b: 1 2; 3 4", {"a": "5,146,011", "b": "1 2; 3 4"}, id="commas outside braces"
        ),
        pytest.param(SEVERAL, "q1:\n  q6:", {}, id="a blank form"),
    ],
)
def test_an_answer_is_found_by_the_id_of_its_part(file, text, expected):
    submission = read(f"answers:\n  {text}\n", file)
    assert answers(submission) == expected
    assert faults(submission) == []
    assert not any(written.note or written.unreadable for written in submission.answers.values())


def test_line_ends_of_windows_change_nothing():
    submission = read(b"student: s-1\r\nanswers:\r\n  a: *x\r\n  b: 3\r\n", SINGLE)
    assert answers(submission) == {"a": "*x", "b": "3"}
    assert submission.student == "s-1"


def test_labels_are_read_as_text_on_one_line():
    draft = submissions.parse(b"problem: comp433-a3\nstudent: >\n  010\n  x\nanswers: {}", "answers.yaml")
    assert (draft.problem, draft.student) == ("comp433-a3", "010 x")


FAULTS = [
    pytest.param("q1: {d: 2}", "2:8: answers: there is no part 'q1.d'; did you mean 'q1.c'?", id="unknown part, nearest name"),
    pytest.param("q6.c: *x", "2:3: answers: there is no part 'q6.c'; did you mean 'q6.b'?", id="unknown part that trips"),
    pytest.param("q6.c: 1", "2:3: answers: there is no part 'q6.c'; did you mean 'q6.b'?", id="unknown part by full id"),
    pytest.param(
        "q6: {zzz: 1}",
        "2:8: answers: there is no part 'q6.zzz'; did you mean 'q6.b'?",
        id="unknown part of a known problem",
    ),
    pytest.param(
        "q6: {in words: 1}",
        "2:8: answers: there is no part 'q6.in words'; expected one of q6.a, q6.b",
        id="unknown part unlike any other",
    ),
    pytest.param(
        "h: {a: 1}",
        "2:3: answers: there is no part 'h'; expected one of q1.a, q1.b, q1.c, q6.a, q6.b, q1, q6",
        id="unknown problem",
    ),
    pytest.param("q1: {a: 1}\n  q1.a: 2", "3:3: part 'q1.a' is answered twice; the first answer counts", id="answered twice"),
    pytest.param("q1: {a: 1, a: 2}", "2:14: 'a' is given twice; keep one", id="answered twice in braces"),
    pytest.param("q1: [1, 2]", "2:7: 'q1' is a problem; write its answers as `q1: {part: answer}`", id="a problem as a list"),
    pytest.param("q1: 5", "2:7: 'q1' is a problem; write its answers as `q1: {part: answer}`", id="a problem as a number"),
    pytest.param("q1: {a: *x, b: 2}", "2:11: the alias '*x': write the value out, or put it in quotes", id="alias in braces"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fault"), FAULTS)
def test_an_error_is_reported_and_the_rest_stands(text, fault):
    submission = read(f"answers:\n  {text}\n  q6.a: 7\n")
    assert faults(submission) == [f"answers.yaml:{fault}"]
    assert answers(submission)["q6.a"] == "7"
    assert answers(submission).get("q1.a") in (None, "1")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("answers: [1, 2]", "1:10: answers: expected `part: answer` lines, found a list of 2"),
        ("answers: 5", "1:10: answers: expected `part: answer` lines, found '5'"),
        ("answers: {a: *x}", "1:14: the alias '*x': write the value out, or put it in quotes"),
        ("answers: {q1: {a: 1}}", "1:11: answers: there is no part 'q1'; expected one of a, b, C"),
        ("studnet: x\nanswers: {}", "1:1: a submission has no field 'studnet'; did you mean 'student'?"),
        ("problem: [1]\nanswers: {}", "1:10: problem: expected a name, found a list of 1"),
    ],
)
def test_an_error_of_the_frame_is_reported_with_its_place(text, fault):
    submission = read(text, SINGLE)
    assert faults(submission) == [f"answers.yaml:{fault}"]
    assert answers(submission) == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "answers.yaml: the file is empty; expected `problem: …` and `answers: {…}`"),
        ("problem: x\n", "answers.yaml:1:1: `answers:` is missing; expected `answers: {part: answer}`"),
        ("- 1\n- 2", "answers.yaml:1:1: expected `name: value` lines, found a list"),
        (
            "a:1\nb:2",
            "answers.yaml:1:1: expected `name: value` lines, found the text 'a:1 b:2'; put a space after the colon",
        ),
        ("answers:\n\ta: 1", "answers.yaml:2:1: a tab at the start of a line; indent with blanks"),
        ("answers: " + "[" * 30_000, "answers.yaml:1:29: nested more than 20 deep"),
        (
            "answers:\n  a: &x 3\n  b: *x",
            "answers.yaml:2:6: the anchor '&x': write the value out, or put it in quotes",
        ),
    ],
)
def test_a_file_that_is_no_submission_cannot_be_read(text, fault):
    with pytest.raises(SubmissionError) as caught:
        read(text, SINGLE)
    assert str(caught.value) == fault


TRIPS = [
    "|a| log 2", "|x|", "*x", "&a b", "@", "`x`", "%x", "!x", "? x", "- 3", "> 3", ", 3", "]", "}", "W: 3", "W: 3 # about", "x:",
    "5 : 4", "'x", '"x', "'x' y", '"x" y', "don't: 'x", "[1, 2", "{x", "{x: 1", "[[1, 2], [3, 4]", "[1]]", "[1, 2] 3", "{a} b",
    "[1, 2]^T", "[*x, 2]", "[1, @]", "{y[0]: 1}", "{{1, 2}, {3, 4}}", "{[1]: 2}", "[" * 25, "[1,", r"\frac{1}{2}: x",
]  # fmt: skip


@pytest.mark.parametrize("written", TRIPS)
@pytest.mark.parametrize(
    "layout", ["  q1:\n    b: 6\n    a: {}\n    c: 7\n  q6: {{a: 8}}\n", "  q6.a: 8\n  q1.b: 6\n  q1.c: 7\n  q1.a: {}"]
)
def test_a_line_that_yaml_trips_over_is_taken_raw_and_the_rest_stands(layout, written):
    submission = read("answers:\n" + layout.format(written))
    assert answers(submission) == {"q1.a": written, "q1.b": "6", "q1.c": "7", "q6.a": "8"}
    assert faults(submission) == []
    assert {name for name, answer in submission.answers.items() if answer.note} == {"q1.a"}
    assert submission.answers["q1.a"].note == RAW


def test_several_lines_may_trip():
    submission = read("answers:\n  a: *x\n  b: [1, 2\n  c: |y|\n", SINGLE)
    assert answers(submission) == {"a": "*x", "b": "[1, 2", "C": "|y|"}


def test_items_of_a_list_that_trip_are_taken_raw():
    submission = read("answers:\n  a:\n    - *x\n    - 2\n    - [3, 4\n  b: 5\n", SINGLE)
    assert answers(submission) == {"a": ["*x", "2", "[3, 4"], "b": "5"}


def test_braces_around_bare_words_are_text():
    submission = read("answers:\n  a: {x}\n  b: {2, 2}\n", SINGLE)
    assert answers(submission) == {"a": "{x}", "b": "{2, 2}"}
    assert faults(submission) == []


def test_a_list_over_several_lines_is_no_open_bracket():
    submission = read("answers:\n  a: [[1, 2],\n      [3, 4]]\n  b: *x\n", SINGLE)
    assert answers(submission) == {"a": [["1", "2"], ["3", "4"]], "b": "*x"}


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_quote_that_is_not_closed_does_not_swallow_the_next_answer(quote):
    submission = read(f"answers:\n  a: {quote}5\n  b: {quote}7{quote}\n  c: 8\n", SINGLE)
    assert answers(submission) == {"a": f"{quote}5", "b": "7", "C": "8"}
    assert [name for name, answer in submission.answers.items() if answer.note] == ["a"]


def test_an_error_below_a_list_over_several_lines_is_not_blamed_on_it():
    with pytest.raises(SubmissionError) as caught:
        read("answers:\n  a: [[1, 2],\n      [3, 4]]\n   b: 3\n", SINGLE)
    assert str(caught.value).startswith("answers.yaml:4:4: ")


def test_a_key_given_twice_is_reported_once_though_a_later_line_trips():
    submission = read("answers:\n  a: 1\n  a: 2\n  b: *x\n", SINGLE)
    assert faults(submission) == ["answers.yaml:3:3: 'a' is given twice; keep one"]
    assert answers(submission) == {"a": "1", "b": "*x"}


def test_a_line_separator_inside_an_answer_does_not_shift_the_lines():
    submission = read("answers:\n  a: 'x\u2028 y'\n  b: *x\n  c: 3\n", SINGLE)
    assert (answers(submission)["b"], answers(submission)["C"]) == ("*x", "3")
    assert not submission.answers["C"].note


def test_more_than_59_lines_that_trip_are_too_many():
    form = "answers:\n" + "".join(f"  x{n}: *x\n" for n in range(70))
    with pytest.raises(SubmissionError) as caught:
        read(form)
    assert str(caught.value) == "answers.yaml: more than 59 lines that are not YAML; put the answers in quotes"


@pytest.mark.parametrize(
    ("text", "name", "number"),
    [
        ("q1: {a: 5,146,011}", "q1.a", "5,146,011"),
        ("q1: {b: 3, a: 5,146,011}", "q1.a", "5,146,011"),
        ("q1: {a: 1,000,000, b: 3}", "q1.a", "1,000,000"),
        ("q1: {a: -5, 146, b: 3}", "q1.a", "-5, 146"),
        ("q1: {b: 3, a: 1,234.5}", "q1.a", "1,234.5"),
        ("q1: {a: 0,5, b: 3}", "q1.a", "0,5"),
        ("q1: {\n    b: 3,\n    a: 5,146,011 }", "q1.a", "5,146,011"),
    ],
)
def test_a_number_that_braces_cut_at_its_commas_is_unreadable(text, name, number):
    submission = read(f"answers:\n  {text}\n")
    message = f"'{number}' inside braces is cut at its commas; put quotes around the number"
    assert submission.answers.pop(name).unreadable == message
    assert answers(submission) in ({}, {"q1.b": "3"})
    assert faults(submission) == []


def test_two_numbers_that_braces_cut_are_both_unreadable():
    submission = read("answers: {q1.a: 1,000, q1.b: 2,000, q1.c: 30}")
    assert [bool(answer.unreadable) for answer in submission.answers.values()] == [True, True, False]
    assert faults(submission) == []


@pytest.mark.parametrize(
    "text", ["q1: {a: 5, 1b: 6}", "q1: {a: x, 146}", "q1: {a: '5', 146}", "q1: {a: 5, 1460}", "q1: {a: 5, 146: 7}"]
)
def test_what_is_no_cut_number_is_an_unknown_part(text):
    submission = read(f"answers:\n  {text}\n")
    assert not submission.answers["q1.a"].unreadable
    assert len(submission.faults) == 1


LINES = st.sampled_from(
    ["answers:", "  a: 1", "  b: *x", "  c: [1, 2", "  q1:", "    a: {b: 2,", "    b: 'x", "   c: |", "  - 2", "\t", "a: b: c", "---", "  a: 5,146",
     "  b: {a: 5,146,146}", "]", "  b: &x", "#", "  c: \x85 ?", "  a: 3\r", "'", '"', "  ? {", "problem: [", "student: &y z", "  ? a", "  : b"]
)  # fmt: skip


@settings(derandomize=True, database=None, deadline=None, max_examples=400)
@given(st.lists(LINES, max_size=12), st.sampled_from([SEVERAL, SINGLE]))
def test_lines_of_any_kind_are_read_or_refused_with_a_place(lines, file):
    try:
        submission = read("\n".join(lines).encode(), file)
    except SubmissionError as error:
        assert error.faults
    else:
        assert set(submission.answers) <= {part.name for part in file.parts}
