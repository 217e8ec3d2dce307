"""Questions with options: how a choice is written, what it earns, and what an author may get wrong."""

from __future__ import annotations

from fractions import Fraction

import pytest
from marking import faults, graded_key, key, marks, problem
from solving import solve

REMEDIES = "options: {a: gated units, b: gradient clipping, c: residual connections, d: a larger learning rate}"


def asked(given: str) -> str:
    return f"kind: choice\ngiven: {given}\nparts: {{a: {{ask: choice, points: 6}}}}"


SINGLE = asked(f"{{{REMEDIES}, correct: b}}")
SEVERAL = asked(f"{{{REMEDIES}, correct: [a, c]}}")
EACH = asked(f"{{{REMEDIES}, correct: [a, c], scoring: each}}")
LISTED = asked("{options: [full, valid, same], correct: valid}")


# What may be written.


@pytest.mark.parametrize(
    "answer",
    ["b", "B", "(b)", "(B)", "b)", "b.", "[b]", "'[B]'", "' b '", "gradient clipping", "Gradient  Clipping.", "b, b",
     "(b) gradient clipping"],
)  # fmt: skip
def test_one_option_is_answered_by_its_letter_or_its_text(answer):
    assert marks(SINGLE, f"a: {answer}")["a"].verdict == "right"


@pytest.mark.parametrize(
    "answer",
    ["A, C", "c, a", "[a, c]", "'[a, c]'", "a and c", "(a) (c)", "(a), (c)", "a c", "A & C", "a; c", "a + c", "a, c, c",
     "gated units, residual connections", "gated units and residual connections", "a, residual connections",
     "[gated units, c]", "[gated units, residual connections]", "|\n  a\n  c\n"],
)  # fmt: skip
def test_several_options_are_answered_in_any_order_and_form(answer):
    assert marks(SEVERAL, f"a: {answer}")["a"].verdict == "right"


@pytest.mark.parametrize("answer", ["a", "c", "a, b, c", "b, d", "a, b", "a, b, c, d"])
def test_another_choice_is_wrong_as_a_whole(answer):
    mark = marks(SEVERAL, f"a: {answer}")["a"]
    assert (mark.verdict, mark.points) == ("wrong", 0)


@pytest.mark.parametrize(
    ("answer", "expected"), [("B", "right"), ("b", "right"), ("valid", "right"), ("a", "wrong"), ("full", "wrong")]
)
def test_a_list_of_texts_gets_letters(answer, expected):
    assert solve("choice", "{options: [full, valid, same], correct: valid}") == {"choice": "B"}
    assert marks(LISTED, f"a: {answer}")["a"].verdict == expected


@pytest.mark.parametrize("answer", ["", "'?'", "[]", "' '"])
def test_no_choice_is_blank(answer):
    assert marks(SEVERAL, f"a: {answer}")["a"].verdict == "blank"
    assert marks(EACH, f"a: {answer}")["a"].verdict == "blank"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("e", "Unreadable: 'e' is none of the options a, b, c, d"),
        ("a, e", "Unreadable: 'e' is none of the options a, b, c, d"),
        ("a or c", "Unreadable: 'or' is none of the options a, b, c, d"),
        ("clipping", "Unreadable: 'clipping' is none of the options a, b, c, d"),
        ("{a: 1}", "Unreadable: expected an option, found a mapping; put quotes around it"),
    ],
)
def test_what_is_no_option_is_unreadable_and_says_which_there_are(answer, message):
    mark = marks(SEVERAL, f"a: {answer}")["a"]
    assert (mark.verdict, mark.message, mark.points) == ("unreadable", message, 0)


# Texts that are hard to read.


@pytest.mark.parametrize(
    ("given", "answer", "expected"),
    [
        ("{options: ['O(n, m)', f(x), '[0, 1]', a and b], correct: ['O(n, m)', '[0, 1]']}", "['O(n, m)', '[0, 1]']", "right"),
        ("{options: ['O(n, m)', f(x), '[0, 1]', a and b], correct: ['O(n, m)', '[0, 1]']}", "A, C", "right"),
        ("{options: ['O(n, m)', f(x), '[0, 1]', a and b], correct: ['O(n, m)']}", "O(n, m)", "right"),
        ("{options: ['O(n, m)', f(x), '[0, 1]', a and b], correct: ['[0, 1]']}", "'[0, 1]'", "right"),
        ("{options: ['O(n, m)', f(x), '[0, 1]', a and b], correct: a and b}", "a and b", "right"),
        ("{options: ['O(n, m)', f(x), '[0, 1]', a and b], correct: f(x)}", "f(x)", "right"),
        ("{options: [yes, no], correct: yes}", "yes", "right"),
        ("{options: [yes, no], correct: yes}", "Yes", "right"),
        ("{options: [yes, no], correct: yes}", "no", "wrong"),
        ("{options: [true, false], correct: false}", "False", "right"),
        ("{options: [true, false], correct: false}", "true", "wrong"),
        ("{options: {yes: it shrinks, no: it grows}, correct: no}", "no", "right"),
        ("{options: {yes: it shrinks, no: it grows}, correct: no}", "it grows", "right"),
        ("{options: [1, 2, 4], correct: 2}", "2", "right"),
        ("{options: [1, 2, 4], correct: 2}", "b", "right"),
        ("{options: [1, 2, 4], correct: 2}", "1", "wrong"),
        ("{options: [1, 2, 4], correct: 2}", "3", "unreadable"),
        ("{options: {1: one, 2: two}, correct: 2}", "2", "right"),
        ("{options: {1: one, 2: two}, correct: 2}", "two", "right"),
        ("{options: [010, 10], correct: 10}", "B", "right"),
        ("{options: [010, 10], correct: 10}", "010", "wrong"),
    ],
)  # fmt: skip
def test_options_are_texts_whatever_they_look_like(given, answer, expected):
    assert marks(asked(given), f"a: {answer}")["a"].verdict == expected


# Points.


@pytest.mark.parametrize(
    ("answer", "verdict", "points", "source"),
    [
        ("a, c", "right", 6, "both"),
        ("a", "partial", 3, "one of two"),
        ("a, b", "wrong", 0, "one of two, and one wrong takes a share away"),
        ("a, b, c", "partial", 3, "two of two, less one"),
        ("a, b, c, d", "wrong", 0, "two of two, less two: everything earns nothing"),
        ("a, b, d", "wrong", 0, "one of two, less two, but not below 0"),
        ("b, d", "wrong", 0, "none"),
    ],
)
def test_each_option_earns_its_share_and_a_wrong_one_takes_one_away(answer, verdict, points, source):
    """By hand, 6 points over the two that are right."""
    assert source
    mark = marks(EACH, f"a: {answer}")["a"]
    assert (mark.verdict, mark.points) == (verdict, points)


def test_shares_of_points_are_fractions():
    """By hand: two of three options that are right."""
    text = "kind: choice\ngiven: {options: [p, q, r, s], correct: [p, q, r], scoring: each}\nparts: {a: {ask: choice}}"
    assert marks(text, "a: p, q")["a"].points == Fraction(2, 3)


# Authors.

FAULTS = [
    ("{options: [full, valid, same], correct: vaild}", "correct: 'vaild' is none of the options; did you mean 'valid'?"),
    ("{options: [full, valid], correct: sometimes}",
     "correct: 'sometimes' is none of the options; expected one of A, B, full, valid"),
    ("{options: [full, valid], correct: [full, C]}", "correct: 'C' is none of the options; expected one of A, B, full, valid"),
    ("{options: [full], correct: full}", "options: expected at least two options, found 1"),
    ("{options: [], correct: full}", "options: expected at least two options, found 0"),
    ("{options: {}, correct: full}", "options: expected at least two options, found 0"),
    ("{options: full, correct: full}", "options: expected `letter: text` lines or a list of texts, found 'full'"),
    ("{options: [full, [same]], correct: full}", "options: expected a text, found a list of 1"),
    ("{options: {a: full, b: }, correct: a}", "options: expected a text, found nothing"),
    ("{options: {a: full, A: same}, correct: a}", "options: 'a' and 'A' are one letter, for case does not count"),
    ("{options: {'a, b': full, c: same}, correct: c}", "options: expected a letter or a word without commas, found 'a, b'"),
    ("{options: {'': full, c: same}, correct: c}", "options: expected a letter or a word without commas, found ''"),
    ("{options: [full, same, Full], correct: B}", "options: options A and C have the same text 'Full'"),
    ("{options: {1: 2, 2: 1}, correct: 1}",
     "options: the text '2' of option 1 is the letter of another; use other letters, `p: 2`"),
    ("{options: [B, A], correct: A}", "options: the text 'B' of option A is the letter of another; use other letters, `p: B`"),
    ("{options: [x, y], correct: []}", "correct: expected at least one option that is right, found none"),
    ("{options: [x, y], correct: }", "correct: expected a text, found nothing"),
    ("{options: [x, y], correct: {a: x}}", "correct: expected a text, found a mapping"),
    ("{options: [x, y], correct: x, scoring: some}", "scoring: found 'some'; expected one of all, each"),
    (f"{{options: [{', '.join(f't{i}' for i in range(27))}], correct: t1}}", "options: expected at most 26 options, found 27"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), FAULTS, ids=[row[1] for row in FAULTS])
def test_an_error_of_the_author_says_what_was_found_and_what_would_work(given, message):
    assert faults(asked(given)) == [f"2: given: {message}"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{options: [x, y]}", "3: give `correct`: 'choice' needs it"),
        ("{correct: x}", "3: give `options`: 'choice' needs it"),
    ],
)
def test_options_and_what_is_right_have_to_be_given(given, message):
    assert faults(asked(given)) == [message]


def test_an_option_may_have_its_own_letter_as_its_text():
    assert marks(asked("{options: {a: a, b: both}, correct: a}"), "a: A")["a"].verdict == "right"


# What is printed.


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (f"{{{REMEDIES}, correct: [c, a]}}", "[a, c]"),
        (f"{{{REMEDIES}, correct: a larger learning rate}}", '"d"'),
        ("{options: [yes, no], correct: no}", '"B"'),
        ("{options: {yes: it shrinks, no: it grows}, correct: no}", '"no"'),
        ("{options: {yes: it shrinks, no: it grows}, correct: [no, yes]}", "[yes, no]"),
        ("{options: {1: one, 2: two, 3: three}, correct: [3, 1]}", "[1, 3]"),
        ("{options: {'(i)': one, '(ii)': two, '(iii)': three}, correct: ['(iii)', '(i)']}", "[(i), (iii)]"),
        ("{options: [x, y, z], correct: [A, y], scoring: each}", "[A, B]"),
    ],
)
def test_the_key_is_the_letters_and_earns_full_marks(given, expected):
    assert key(asked(given)) == {"a": expected}
    assert graded_key(asked(given)) == {"a": "right"}


def test_a_file_with_many_faults_tells_them_all():
    assert len(faults(asked("{options: [x], correct: [], scoring: some}"))) == 3
    assert problem(asked("{options: [x, y], correct: x}"))
