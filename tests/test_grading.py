"""Whole submissions against whole problem files: verdicts, points, causes, follow-through.

The numbers of `comp433-a3` are those that the assignment's own solution prints (COMP433, assignment 3, theory part);
others are worked out by hand in the comments beside them.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from hwcheck import grade, problems, submissions
from hwcheck.grade import Mark, Report

SHIPPED = sorted(path.stem for path in problems.shipped().glob("*.yaml"))
SUBMISSIONS = sorted(problems.shipped().glob("answers/*.yaml"))


def by_part(report: Report) -> dict[str, Mark]:
    return {mark.part: mark for mark in report.marks}


def verdicts(report: Report) -> dict[str, str]:
    return {mark.part: mark.verdict for mark in report.marks if mark.verdict != "blank"}


def graded(path: Path) -> Report:
    draft = submissions.parse(path.read_bytes(), path.name)
    found = problems.find(draft.problem)
    assert found is not None
    file = problems.load(found)
    return grade.grade(file, submissions.match(draft, file))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_problems_own_solution_earns_full_marks(name, read_problem, marked):
    from hwcheck.reports import as_yaml

    file = read_problem(name)
    report = marked(file, as_yaml.solution(file, None))
    assert report.points == report.of > 0
    assert {mark.verdict for mark in report.marks} <= {"right", "manual"}
    assert report.faults == ()


@pytest.mark.parametrize("path", SUBMISSIONS, ids=lambda path: path.stem)
def test_the_shipped_submissions_are_what_their_names_say(path):
    report = graded(path)
    assert report.faults == ()
    if not path.stem.endswith(".printed"):  # what a document prints has errors, or has none
        assert (report.points == report.of) == path.stem.endswith(".right")


def test_the_answers_the_assignment_prints_are_all_right():
    report = graded(problems.shipped() / "answers" / "comp433-a3.right.yaml")
    assert [mark for mark in report.marks if mark.verdict not in ("right", "manual")] == []
    asked = sum(part.points for part in report.file.parts)
    assert (report.points, report.of, report.by_hand) == (asked - 1, asked - 1, 1)


# h1 = 0.2·0.3 = 0.06 without the previous state; then by hand h2 = 0.08 + 0.2·0.06 = 0.092, h3 = 0.04 + 0.2·0.092 = 0.0584,
# y = 0.2·0.0584 = 0.01168, y − 0.4 = −0.38832; going back g3 = −0.077664, g2 = −0.0155328, g1 = −0.00310656;
# grad_w_in = 0.3 g1 + 0.4 g2 + 0.2 g3 = −0.022677888, grad_w_hh = 0.5 g1 + 0.06 g2 + 0.092 g3 = −0.009630336,
# grad_w_hy = −0.38832·0.0584 = −0.022677888; new = 0.2 − 0.15 grad.
FROM_WRONG_H1 = """
problem: comp433-a3
answers:
  q6: {h1: 0.06, h2: 0.092, h3: 0.0584, y: 0.01168, grad_w_in: -0.022677888, grad_w_hh: -0.009630336,
       grad_w_hy: -0.022677888, new_w_in: 0.2034016832, new_w_hh: 0.2014445504, new_w_hy: 0.2034016832}
"""


def test_one_slip_in_an_rnn_costs_one_part_and_the_rest_follows(marked):
    report = marked("comp433-a3", FROM_WRONG_H1)
    marks = by_part(report)
    assert marks["q6.h1"].verdict == "wrong"
    assert marks["q6.h1"].cause == "left out the previous state"
    assert marks["q6.h1"].hint == "You left out the previous state at z.1."
    rest = {part: verdict for part, verdict in verdicts(report).items() if part not in ("q6.h1", "q3-essay.f")}
    # grad_w_in, new_w_in and new_w_hh agree with the right ones to three digits anyway.
    assert set(rest.values()) <= {"follows", "right"}
    assert [rest[f"q6.{name}"] for name in ("h2", "h3", "y", "grad_w_hh", "grad_w_hy")] == ["follows"] * 5
    assert report.points == 9


def test_taking_the_start_as_zero_everywhere_is_one_misread_given(marked):
    # As above, but with h0 = 0 in grad_w_hh too: 0 g1 + 0.06 g2 + 0.092 g3 = −0.008077056.
    answers = FROM_WRONG_H1.replace("-0.009630336", "-0.008077056").replace("0.2014445504", "0.2012115584")
    marks = by_part(marked("comp433-a3", answers))
    assert marks["q6.grad_w_hh"].verdict == "wrong"
    assert marks["q6.grad_w_hh"].cause == "took h_0 as 0"
    assert marks["q6.h1"].cause == "took h_0 as 0"
    assert marks["q6.h2"].verdict == "follows"


WITHOUT_PADDING = """
problem: comp433-a3
answers:
  q2: {conv1: 62×62×32, conv2: 56×56×64, pool1: 28×28×64, conv3: 28×28×128, conv4: 22×22×256, pool2: 11×11×256,
       flatten: 1×1×30976, dense: 1×1×10}
  q3: {a: 14400, c: 12544, e: 3136}
  q4: {a: 3136}
"""


def test_a_forgotten_padding_costs_one_shape_and_the_later_layers_follow(marked):
    # (64 − 3)/1 + 1 = 62, 62 − 6 = 56, 56/2 = 28, 28 − 6 = 22, 22/2 = 11: the two ways meet again at pool2.
    marks = by_part(marked("comp433-a3", WITHOUT_PADDING))
    assert (marks["q2.conv1"].verdict, marks["q2.conv1"].cause) == ("wrong", "left out the padding")
    assert [marks[f"q2.{name}"].verdict for name in ("conv2", "pool1", "conv3", "conv4")] == ["follows"] * 4
    assert [marks[f"q2.{name}"].verdict for name in ("pool2", "flatten", "dense")] == ["right"] * 3


def test_the_same_mistake_is_named_where_only_neurons_are_asked(marked):
    # 30·30·16 = 14,400; 28·28·16 = 12,544; 14·14·16 = 3,136. None of the shapes is asked.
    marks = by_part(marked("comp433-a3", WITHOUT_PADDING))
    assert (marks["q3.a"].verdict, marks["q3.a"].cause) == ("wrong", "left out the padding")
    assert (marks["q3.c"].verdict, marks["q3.e"].verdict) == ("follows", "follows")
    assert marks["q3.a"].hint == "You left out the padding at conv1.shape, as in q2.conv1."
    assert (marks["q4.a"].verdict, marks["q4.a"].hint) == ("follows", "Right, given your answer to q3.e.")


def test_rounding_every_intermediate_to_three_digits_is_right(marked):
    # h2 = 0.08 + 0.2·0.16; y = 0.2·0.0624 → 0.0125; y − 0.4 = −0.3875 → −0.388; g3 = −0.0776, g2 = −0.0155, g1 = −0.0031;
    # grad_w_in = −0.00093 − 0.0062 − 0.01552 = −0.0227; grad_w_hh = −0.00155 − 0.00248 − 0.00869 = −0.0127;
    # grad_w_hy = −0.388·0.0624 = −0.0242; 0.2 + 0.15·0.0227 = 0.203, 0.2 + 0.15·0.0127 = 0.202, 0.2 + 0.15·0.0242 = 0.204.
    report = marked(
        "comp433-a3",
        """
        answers:
          q6: {h1: 0.16, h2: 0.112, h3: 0.0624, y: 0.0125, grad_w_in: -0.0227, grad_w_hh: -0.0127, grad_w_hy: -0.0242,
               new_w_in: 0.203, new_w_hh: 0.202, new_w_hy: 0.204}
        """,
    )
    assert set(verdicts(report).values()) == {"right", "manual"}
    assert report.points == 10


def test_two_wrong_cells_of_25_cost_two_25ths(marked):
    answers = "answers: {q1: {c: 3 5 9 10 6; 5 7 9 8 3; 6 7 9 10 7; 9 8 5 8 6; 8 7 3 8 4}}"
    mark = by_part(marked("comp433-a3", answers))["q1.c"]
    assert (mark.verdict, mark.points) == ("partial", Fraction(23, 25))
    assert mark.entries is not None
    assert [(entry.at, entry.written) for entry in mark.entries] == [("row 5, column 4", "8"), ("row 5, column 5", "4")]
    assert mark.hint == "23 of 25 entries right."


@pytest.mark.parametrize("value", ["0", "7", "8"])
def test_the_same_value_in_all_cells_earns_nothing(value, marked):
    rows = "; ".join([" ".join([value] * 5)] * 5)
    assert by_part(marked("comp433-a3", f"answers: {{q1: {{c: {rows}}}}}"))["q1.c"].points == 0


def test_a_copy_of_a_given_earns_nothing(marked):
    answers = "answers: {q1: {c: [[1,1,1,1,0],[0,0,1,1,1],[0,0,0,0,0],[1,1,0,1,0],[1,1,0,1,1]]}}"
    assert by_part(marked("comp433-a3", answers))["q1.c"].points == 0


@pytest.mark.parametrize("answer", ["0x0x0", "64x58", "10^30", "64x64x32x1x2", "-64x64x32", "1000000000x1000000000x2"])
def test_an_absurd_shape_in_the_middle_gets_a_mark_and_the_rest_is_marked_still(answer, marked):
    answers = f"answers: {{q2: {{conv1: {answer}, conv2: 58x58x64, pool1: 29x29x64, dense: 10}}}}"
    report = marked("comp433-a3", answers)
    found = verdicts(report)
    assert found["q2.conv1"] == "wrong"
    assert [found[f"q2.{name}"] for name in ("conv2", "pool1", "dense")] == ["right"] * 3


def test_a_wrong_stride_1_output_is_followed_at_stride_2(marked):
    # Rule 10: the output at stride 2 picks every second entry of the output at stride 1.
    answers = "answers: {q1: {a: [[6, 9, 8], [7, 9, 10], [8, 5, 9]], b: [[6, 8], [8, 9]]}}"
    marks = by_part(marked("comp433-a3", answers))
    assert (marks["q1.a"].verdict, marks["q1.a"].points) == ("partial", Fraction(7, 9))
    assert (marks["q1.b"].verdict, marks["q1.b"].hint) == ("follows", "Right, given your answer to q1.a.")


def test_a_link_to_another_part_is_followed_and_judged_with_the_right_value_where_it_does_not_fit(marked):
    assert verdicts(marked("comp433-a3", "answers: {q3: {e: 3600.5}, q4: {a: 3600}}"))["q4.a"] == "right"
    assert verdicts(marked("comp433-a3", "answers: {q3: {e: 900}, q4: {a: 900}}"))["q4.a"] == "follows"
    assert verdicts(marked("comp433-a3", "answers: {q3: {e: -5}, q4: {a: -5}}"))["q4.a"] == "wrong"


def test_following_earns_nothing_where_nothing_is_left_to_work_out(marked):
    # With h_1 = 0 the recurrent term vanishes, so leaving it out no longer shows.
    problem = """
    kind: rnn
    given: {x: [1, 2], h0: 1, W_x: 0.5, W_h: 0.25, activation: identity}
    parts: {a: {ask: h.1}, b: {ask: h.2}}
    """
    marks = by_part(marked(problem, "answers: {a: 0, b: 1}"))
    assert (marks["b"].verdict, marks["b"].points) == ("wrong", 0)
    assert (
        marks["b"].hint == "This follows from your answer to a, but with that value nothing is left to work out here."
    )


def test_all_zeros_earn_nothing_also_by_following(marked, read_problem):
    file = read_problem("comp433-a3")
    answers = "answers:\n" + "".join(f"  {part.name}: 0\n" for part in file.parts)
    assert marked(file, answers).points == 0


CONVENTIONS = """
kind: conv2d
given: {input: [[1, 2, 0], [0, 1, 3], [4, 0, 1]], kernel: [[1, 2], [0, -1]], flip: true}
parts: {a: {ask: output}}
"""


def test_a_kernel_that_was_not_flipped_is_a_convention(marked):
    # By hand, flipped kernel [[−1, 0], [2, 1]]: −1 + 0 + 1 = 0, −2 + 2 + 3 = 3; 0 + 8 + 0 = 8, −1 + 0 + 1 = 0.
    assert by_part(marked(CONVENTIONS, "answers: {a: 0 3; 8 0}"))["a"].verdict == "right"
    # Not flipped: 1 + 4 − 1 = 4, 2 + 0 − 3 = −1; 0 + 2 − 0 = 2, 1 + 6 − 1 = 6.
    mark = by_part(marked(CONVENTIONS, "answers: {a: 4 -1; 2 6}"))["a"]
    assert (mark.verdict, mark.points, mark.cause) == ("convention", 0, "did not flip the kernel")


def test_one_mistake_by_habit_is_said_once(marked):
    answers = "answers: {b: 600, e: 1152, g: 5760}"  # 5·5·3·8, 3·3·8·16, 6·6·16·10, each without biases
    marks = by_part(marked("parameter_counts", answers))
    assert [marks[part].cause for part in "beg"] == ["left out the biases"] * 3
    assert marks["b"].hint == "You left out the biases."
    assert marks["e"].hint == "You left out the biases, as in b."


TOLERANCE = """
kind: rnn
given: {x: [0.3], h0: 0.5, W_x: 0.2, W_h: 0.2, activation: identity, W_y: 0.2, target: 0.212, lr: 0.001}
parts: {a: {ask: new_W_y}}
"""


@pytest.mark.parametrize(
    ("answer", "verdict", "cause"),
    [
        # By hand: h = 0.16, y = 0.032, y − t = −0.18, new_W_y = 0.2 + 0.001·0.18·0.16 = 0.2000288.
        pytest.param("0.2000288", "right", None, id="enough digits to tell"),
        pytest.param("0.20003", "right", None, id="just enough digits"),
        pytest.param("0.200", "imprecise", "left the weight as it was", id="could be either"),
        pytest.param("0.2000000", "wrong", "left the weight as it was", id="the slip to more digits"),
        pytest.param("0.1999712", "wrong", "moved up the gradient", id="the other slip"),
    ],
)
def test_a_tolerance_does_not_swallow_a_slip(answer, verdict, cause, marked):
    mark = by_part(marked(TOLERANCE, f"answers: {{a: {answer}}}"))["a"]
    assert (mark.verdict, mark.cause) == (verdict, cause)


def test_an_authors_tolerance_overrides_the_guard_against_slips(marked):
    loose = TOLERANCE.replace("{ask: new_W_y}", "{ask: new_W_y, tolerance: {abs: 0.01}}")
    assert by_part(marked(loose, "answers: {a: 0.2}"))["a"].verdict == "right"


def test_fewer_digits_that_agree_are_imprecise_and_earn_half(marked):
    mark = by_part(marked("comp433-a3", "answers: {q6: {h2: 0.11}}"))["q6.h2"]
    assert (mark.verdict, mark.points, mark.message) == (
        "imprecise",
        Fraction(1, 2),
        "Right so far; give three digits.",
    )


FAMILY = """
kind: rnn
given: {x: [1, 2, 3], h0: 0.5, W_x: 0.5, W_h: 0.2, activation: identity}
parts: {a: {ask: h, points: 3}}
"""  # by hand: 0.6, 1.12, 1.724


@pytest.mark.parametrize(
    ("answer", "points", "verdict"),
    [
        ("[0.6, 1.12, 1.724]", 3, "right"),
        ("0.6, 1.12, 1.724", 3, "right"),
        ("{1: 0.6, 2: 1.12, 3: 1.724}", 3, "right"),
        ("{h_1: 0.6, h_2: 1.12, h_3: 1.724}", 3, "right"),
        ("[0.5, 1.1, 1.72]", 2, "partial"),  # the first without the previous state, the others follow from it
        ("{2: 1.12}", 1, "partial"),
        ("[?, 1.12, ?]", 1, "partial"),
        ("[0.6, 1.12]", 0, "unreadable"),
        ("", 0, "blank"),
    ],
)
def test_a_family_is_a_list_of_cells(answer, points, verdict, marked):
    mark = by_part(marked(FAMILY, f"answers:\n  a: {answer}\n"))["a"]
    assert (mark.verdict, mark.points) == (verdict, points)


def test_a_family_of_the_wrong_length_says_what_was_expected(marked):
    mark = by_part(marked(FAMILY, "answers: {a: [0.6, 1.12]}"))["a"]
    assert mark.message == "Unreadable: expected 3 values (h.1 to h.3), found 2"


def test_what_a_person_marks_is_kept_apart(marked):
    report = marked("comp433-a3", "answers: {q3-essay: {f: fewer parameters}}")
    asked = sum(part.points for part in report.file.parts)
    assert (report.points, report.of, report.by_hand) == (0, asked - 1, 1)
    assert by_part(report)["q3-essay.f"].verdict == "manual"
    assert by_part(report)["q3-essay.f"].points is None


PERCENT = """
kind: rnn
given: {x: [0.5], W_x: 0.5, W_h: 0, activation: identity}
parts: {a: {ask: h.1}}
"""


def test_a_percent_sign_divides_by_100_where_no_percentage_is_asked(marked):
    assert by_part(marked(PERCENT, "answers: {a: 25.0%}"))["a"].verdict == "right"


def test_a_percentage_may_have_its_sign_and_a_fraction_is_named(marked):
    asked = PERCENT.replace("{ask: h.1}", "{ask: h.1, unit: percent}")
    assert by_part(marked(asked, "answers: {a: 0.250%}"))["a"].verdict == "right"
    assert by_part(marked(asked, "answers: {a: 0.250}"))["a"].verdict == "right"
    mark = by_part(marked(asked, "answers: {a: 0.00250}"))["a"]
    assert (mark.cause, mark.hint) == ("gave a fraction", "You gave a fraction; a percentage is asked.")


TABLE = """
kind: cnn
given:
  input: 8x8x1
  layers: [{conv: {filters: 2, kernel: 3}}, {max_pool: 2}]
parts: {a: {ask: table, points: 4}}
"""  # by hand: conv1 3·3·1·2 + 2 = 20 parameters, 6×6×2; pool1 none, 3×3×2


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        ("{conv1: {params: 20, shape: 6x6x2}, pool1: {params: 0, shape: 3x3x2}}", 4),
        ("{conv1: [20, 6x6x2], pool1: [0, 3x3x2]}", 4),
        ("{conv1: {params: 18, shape: 6x6x2}, pool1: {shape: 3x3x2}}", 2),
        ("[[20, 6x6x2], [0, 3x3x2]]", 4),
    ],
)
def test_a_table_is_answered_row_by_row(answer, points, marked):
    assert by_part(marked(TABLE, f"answers: {{a: {answer}}}"))["a"].points == points


def test_an_answer_to_an_unknown_part_is_a_fault_and_the_rest_is_graded(marked):
    report = marked("comp433-a3", "problem: comp433-a3\nanswers: {q6: {h1: 0.16, hh2: 3}}")
    assert report.points == 1
    assert [str(fault) for fault in report.faults] == [
        "answers.yaml:2:26: answers: there is no part 'q6.hh2'; did you mean 'q6.h2'?"
    ]


def test_axes_of_length_1_count_where_two_asked_shapes_differ_only_in_them(marked):
    problem = """
    kind: cnn
    given: {input: 5x5x1, layers: [{conv: {filters: 3, kernel: [5, 1]}}, {conv: {filters: 3, kernel: [1, 5]}}]}
    parts: {a: {ask: conv1.shape}, b: {ask: conv1.shape, given: {layers: [{conv: {filters: 3, kernel: [1, 5]}}]}}}
    """  # 1×5×3 and 5×1×3
    assert verdicts(marked(problem, "answers: {a: 1x5x3, b: 5x1x3}")) == {"a": "right", "b": "right"}
    assert verdicts(marked(problem, "answers: {a: 5x3, b: 5x3}")) == {"a": "wrong", "b": "wrong"}


def test_entries_of_a_signal_are_named_by_their_index_and_those_of_a_vector_by_their_place(marked):
    # By hand: (2, 1) * (1, 3) = (2, 7, 3).
    signal = "kind: fir\ngiven: {x: [2, 1], h: [1, 3]}\nparts: {a: {ask: y}}\n"
    mark = by_part(marked(signal, "answers: {a: [2, 6, 3]}"))["a"]
    assert mark.entries is not None
    assert [entry.at for entry in mark.entries] == ["index 1"]
    assert grade.place(1, (3,)) == "entry 2"
    assert grade.place(3, (2, 2)) == "row 2, column 2"


# Cases that a search for causes gets wrong easily. Values by hand, in the comments beside them.


def one_mark(marked, problem: str, answers: str, part: str) -> Mark:
    return by_part(marked(problem, answers))[part]


BIASED = """
kind: conv2d
given: {input: [[10, 20, 30], [40, 50, 60], [70, 80, 90]], kernel: [[1, 2], [3, -1]], bias: 0.4}
parts: {a: {ask: output}}
"""  # 10 + 40 + 120 - 50 = 120, 20 + 60 + 150 - 60 = 170; 40 + 100 + 210 - 80 = 270, 50 + 120 + 240 - 90 = 320; and 0.4


@pytest.mark.parametrize(
    ("answer", "verdict", "cause", "points"),
    [
        ("[[120.4, 170.4], [270.4, 320.4]]", "right", None, 1),
        ("[[120.0, 170.0], [270.0, 320.0]]", "wrong", "left out the bias", 0),
        ("[[120, 170], [270, 320]]", "imprecise", "left out the bias", Fraction(1, 2)),
    ],
)
def test_a_tolerance_does_not_swallow_a_slip_in_an_array(answer, verdict, cause, points, marked):
    mark = one_mark(marked, BIASED, f"answers: {{a: {answer}}}", "a")
    assert (mark.verdict, mark.cause, mark.points) == (verdict, cause, points)


STEP = """
kind: rnn
given: {x: [0.3], h0: 0.5, W_x: 0.2, W_h: 0.2, activation: identity, W_y: 0.2, target: 1, lr: 0.15}
parts: {h: {ask: h.1}, a: {ask: new_W_y}}
"""


def test_a_slip_on_a_carried_value_does_not_follow(marked):
    # From h = 0.0001: y = 0.00002, new_W_y = 0.2 + 0.15·0.99998·0.0001 = 0.2000150; 0.2000000 is the weight as it was.
    mark = one_mark(marked, STEP, "answers: {h: 0.0001, a: 0.2000000}", "a")
    assert (mark.verdict, mark.cause) == ("wrong", "left the weight as it was")
    assert one_mark(marked, STEP, "answers: {h: 0.0001, a: 0.2000150}", "a").verdict == "follows"


def test_a_dilation_read_as_1_is_named(marked):
    # 3 rows of 4, kernel 2×2: without dilation 2×3 entries; the first is 1 + 4 - 3 = 2.
    problem = """
    kind: conv2d
    given: {input: [[1, 2, 0, 1], [0, 3, 1, 2], [4, 0, 1, 5]], kernel: [[1, 2], [0, -1]], dilation: 2}
    parts: {a: {ask: output}}
    """
    mark = one_mark(marked, problem, "answers: {a: 2 1 0; 6 4 0}", "a")
    assert mark.verdict == "wrong"
    assert mark.cause is not None
    assert "dilation" in mark.cause


GRADIENT = """
kind: conv2d
given: {input: [[1, 2, 0], [0, 1, 3], [4, 0, 1]], kernel: [[1, 2], [0, -1]], upstream: [[1, 2], [-1, 3]]}
parts: {a: {ask: output}, b: {ask: grad_input}}
"""  # output 4 -1; 2 6. grad_input sums upstream · kernel at its place: [[1, 4, 4], [-1, 0, 4], [0, 1, -3]]; with the
# kernel turned by 180° first: [[-1, -2, 0], [3, 2, 2], [-2, 5, 3]]


def test_a_convention_must_not_contradict_what_is_right(marked):
    answers = "answers: {a: 4 -1; 2 6, b: -1 -2 0; 3 2 2; -2 5 3}"
    marks = by_part(marked(GRADIENT, answers))
    assert marks["a"].verdict == "right"
    assert (marks["b"].verdict, marks["b"].cause) == ("wrong", "did not turn the kernel")


def test_an_answer_is_right_by_any_number_of_right_ones_before_it(marked):
    # Each is right from the rounded one before it: 0.11449 → 0.1141 is not; the chain starts inside the tolerance.
    problem = """
    kind: rnn
    given: {x: [0.11449, 0, -7.4], W_x: 1, W_h: 8.06, activation: identity}
    parts: {a: {ask: h.1}, b: {ask: h.2}, c: {ask: h.3}}
    """  # 8.06 · 0.1141 = 0.919646 → 0.9196; 8.06 · 0.9196 - 7.4 = 0.011976 → 0.01198
    found = verdicts(marked(problem, "answers: {a: 0.1141, b: 0.9196, c: 0.01198}"))
    assert found == {"a": "right", "b": "right", "c": "right"}


def test_zeros_that_are_only_rounding_are_zeros(marked):
    problem = """
    kind: conv2d
    given: {input: [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]], kernel: [[0.1, 0.2, -0.3]]}
    parts: {a: {ask: output}, b: {ask: "output[0, 1]"}}
    """  # 0.1 + 0.2 - 0.3
    assert verdicts(marked(problem, "answers: {a: 0 0; 0 0; 0 0, b: 0}")) == {"a": "right", "b": "right"}


def test_the_fewest_causes_win(marked):
    # With h0 = 0 throughout: z.1 = 0.1, z.2 = 0.08 + 0.05 = 0.13, y = 0.091, slope -0.109 · 0.7 = -0.0763;
    # grad_W_h = -0.0763 · 0.1 + 0 = -0.00763, which is the last step's gradient too.
    problem = """
    kind: rnn
    given: {x: [0.5, 0.4], h0: 0.3, W_x: 0.2, W_h: 0.5, W_y: 0.7, target: 0.2, activation: identity}
    parts: {a: {ask: z.1}, b: {ask: grad_W_h}}
    """
    marks = by_part(marked(problem, "answers: {a: 0.100, b: -0.00763}"))
    assert [marks[part].cause for part in "ab"] == ["took h_0 as 0"] * 2


def test_a_shape_is_carried_without_its_axes_of_length_1(marked):
    problem = """
    kind: cnn
    given: {input: 8x8x1, layers: [{conv: {filters: 2, kernel: 3}}, flatten, {dense: 10}]}
    parts: {a: {ask: flatten1.shape}, b: {ask: fc1.params}}
    """  # 61·10 + 10
    assert verdicts(marked(problem, "answers: {a: 1x1x61, b: 620}")) == {"a": "wrong", "b": "follows"}


def test_a_link_that_does_not_fit_keeps_no_other_from_being_followed(marked):
    problem = """
    problems:
      q1:
        kind: rnn
        given: {inputs: 3, hidden: 4, outputs_size: 2}
        parts: {a: {ask: params}, b: {ask: weights}}
      q2:
        kind: newton_schulz
        given: {d_out: {from: q1.a}, d_in: {from: q1.b}}
        parts: {a: {ask: cost.naive.1}}
    """  # 36 weights; 40 · 40 · 36 = 57,600
    mark = one_mark(marked, problem, "answers: {q1: {a: 40, b: -5}, q2: {a: 57600}}", "q2.a")
    assert mark.verdict == "follows"


def test_a_family_that_counts_as_a_whole_earns_what_its_worst_cell_earns(marked):
    whole = FAMILY.replace("points: 3", "points: 3, credit: whole")
    mark = one_mark(marked, whole, "answers: {a: [0.6, 1.1, 1.724]}", "a")
    assert (mark.verdict, mark.points) == ("imprecise", Fraction(3, 2))


def test_one_number_given_twice_is_one_witness(marked):
    problem = """
    kind: mlp
    given: {layers: [5, 7, 4, 3]}
    parts: {a: {ask: params.1}, b: {ask: params.1}}
    """  # 42; 35 without biases is among the 16 whole numbers within 20 %
    assert [mark.cause for mark in marked(problem, "answers: {a: 35, b: 35}").marks] == [None, None]


def test_an_empty_mapping_is_blank(marked):
    assert one_mark(marked, FAMILY, "answers: {a: {}}", "a").verdict == "blank"


@pytest.mark.parametrize("answers", ["{a: 5, b: 10}", "{a: 1e12, b: 2e12}", "{a: 0, b: 0, c: 3}"])
def test_whole_numbers_beyond_floats_are_graded_like_any_other(answers, marked):
    # 10^300 · (9·10^8)² · 8·10^8 is about 6·10^326
    problem = """
    kind: newton_schulz
    given: {d_out: 900000000, d_in: 800000000, c: 10^300}
    parts: {a: {ask: cost.naive.1}, b: {ask: cost.naive}, c: {ask: speedup}}
    """
    assert {mark.verdict for mark in marked(problem, f"answers: {answers}").marks} <= {"wrong", "follows", "blank"}
