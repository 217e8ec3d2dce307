"""Three published homeworks with answers, as problem files: what their answers are worth, statement by statement.

`data/statements_homework.json` has one row a statement: the part that asks for it, what the printed answer is graded as, and
a reason where that is not simply right. The documents: IFT6135 assignment 1, COMP433 assignment 3, EECS 182 homework 4.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from solving import solve

from hwcheck import grade, problems, submissions
from hwcheck.grade import Mark, Report

DOCUMENTS = {"ift6135-a1": 42, "comp433-a3": 67, "eecs182-hw4": 105}
"""How many statements each has."""
ROWS = json.loads((Path(__file__).parent / "data" / "statements_homework.json").read_text(encoding="utf-8"))


def graded(name: str, *changes: tuple[str, str]) -> Report:
    """The report on what a document prints, perhaps with other text in one place."""
    path = problems.shipped() / "answers" / f"{name}.printed.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    file = problems.load(problems.shipped() / f"{name}.yaml")
    return grade.grade(file, submissions.match(submissions.parse(text.encode(), path.name), file))


@cache
def marks(name: str) -> dict[str, Mark]:
    report = graded(name)
    assert report.faults == ()
    return {mark.part: mark for mark in report.marks}


# What is printed.

NOT_RIGHT = [  # everything else is right, or for a person
    ("ift6135-a1", "q1-below.3_below", "wrong", None, "k goes to minus infinity, where x should be below 0"),
    ("ift6135-a1", "q2.3", "wrong", "took probabilities for logits", "1 minus the other probabilities"),
    ("ift6135-a1", "q6-valid-sum.3_sum", "wrong", "read the subscript of k as a power", "k² for k_2"),
    ("ift6135-a1", "q6-valid-sum.3_flipped", "wrong", "read the subscript of k as a power", "k² for k_2"),
    ("ift6135-a1", "q6-full.5", "wrong", "read the subscript of k as a power", "k² for k_2"),
    ("ift6135-a1", "q6-full.6", "wrong", None, "full, where the valid convolution goes back"),
    ("ift6135-a1", "q6-full-sum.6", "wrong", "read the subscript of k as a power", "k² for k_2"),
    ("eecs182-hw4", "q3-response.a", "wrong", "cut it at n = 6", "the response goes on for all n"),
    ("eecs182-hw4", "q3-image.d1", "partial", None, "4 of 25 entries are those of the convolution"),
    ("eecs182-hw4", "q3-image.d2", "follows", None, "every second entry of the wrong ones"),
]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_printed_is_right_but_for_the_known_errors(name):
    verdicts = {part: (mark.verdict, mark.cause) for part, mark in marks(name).items()}
    wrong = {part: found for part, found in verdicts.items() if found[0] not in ("right", "manual")}
    assert wrong == {part: (verdict, cause) for file, part, verdict, cause, why in NOT_RIGHT if file == name and why}


def test_four_entries_of_the_padded_image_are_right_and_stride_two_follows_from_all_of_them():
    """By hand: the first entry, and the three of row 2 that touch no padding."""
    first, second = marks("eecs182-hw4")["q3-image.d1"], marks("eecs182-hw4")["q3-image.d2"]
    assert first.points == pytest.approx(4 / 25)
    assert (second.verdict, second.points) == ("follows", 1)
    printed = [[-19, -29, -39, -49, -31], [-34, -40, -40, -40, -46], [-59, -60, -60, -60, -61],
               [-84, -80, -80, -80, -74], [-49, -51, -53, -55, -41]]  # fmt: skip
    assert np.array_equal(np.array(printed)[::2, ::2], [[-19, -39, -31], [-59, -60, -61], [-49, -53, -41]])


@pytest.mark.parametrize("entry", ["-19 & -39", "-49 & -53 & -41"])
def test_stride_two_no_longer_follows_if_one_entry_is_another(entry):
    other = entry.replace("39", "38").replace("53", "52")
    line = "d2: \\begin{bmatrix} -19 & -39 & -31 \\\\ -59 & -60 & -61 \\\\ -49 & -53 & -41 \\end{bmatrix}"
    report = graded("eecs182-hw4", (line, line.replace(entry, other)))
    assert next(mark.verdict for mark in report.marks if mark.part == "q3-image.d2") != "follows"


@pytest.mark.parametrize(
    ("printed", "verdict"),
    [
        (r"(\tfrac{1}{2})^n, & n \geq 0", "right"),
        (r"\left\lfloor \tfrac{1}{2} \right\rfloor^n, & n = 0, 1, 2, \dots, 6", "wrong"),
        (r"\left\lfloor \tfrac{1}{2} \right\rfloor^n, & n \geq 0", "wrong"),
    ],
)
def test_an_impulse_response_in_floor_brackets_is_wrong_too(printed, verdict):
    report = graded("eecs182-hw4", (r"(\tfrac{1}{2})^n, & n = 0, 1, 2, \dots, 6", printed))
    assert next(mark.verdict for mark in report.marks if mark.part == "q3-response.a") == verdict


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("w_{n-i+k^2}", "w_{n-i+k_2}", "q6-full.5"),
        ("[k^2, n+j-k^2, k^2-j+1]", "[k_2, n+j-k_2, k_2-j+1]", "q6-valid-sum.3_sum"),
        ("[k^2, n+j-k^2, j]", "[k_2, n+j-k_2, j]", "q6-valid-sum.3_flipped"),
        ("[k^2, n+j-1, k^2-j+1]", "[k_2, n+j-1, k_2-j+1]", "q6-full-sum.6"),
        ('"6": full', '"6": valid', "q6-full.6"),
        ("1 - (p_1 + p_2 + p_3)", "x_4 - x_1", "q2.3"),
        ('"3_below": B', '"3_below": A', "q1-below.3_below"),
    ],
)
def test_what_is_wrong_in_the_theory_homework_is_right_once_it_is_mended(old, new, part):
    report = graded("ift6135-a1", (old, new))
    assert next(mark.verdict for mark in report.marks if mark.part == part) == "right"


def test_the_points_are_those_printed_with_the_theory_homework():
    """Source: its headings: (4-4-4), (3-4-4-4), (2-6-6-4), (5), (5-5), (1-4-5-1-4-5)."""
    file = problems.load(problems.shipped() / "ift6135-a1.yaml")
    points: Counter[str] = Counter()
    for part in file.parts:
        question, own = part.name.split(".")
        number = question.split("-")[0][1:]
        points[number if number == "4" else f"{number}.{own[0] if own[0].isdigit() else 4}"] += part.points
    assert points == {
        "1.1": 4, "1.2": 4, "1.3": 4, "2.1": 3, "2.2": 4, "2.3": 4, "2.4": 4, "3.1": 2, "3.2": 6, "3.3": 6, "3.4": 4,
        "4": 5, "5.1": 5, "5.2": 5, "6.1": 1, "6.2": 4, "6.3": 5, "6.4": 1, "6.5": 4, "6.6": 5,
    }  # fmt: skip
    assert sum(points.values()) == 80


# Statement by statement.


def test_every_statement_has_one_row():
    assert [name for name, times in Counter(row["id"] for row in ROWS).items() if times > 1] == []
    assert Counter(row["problem"] for row in ROWS) == DOCUMENTS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_statement_is_graded_as_its_row_says(row):
    if row["graded"] == "left out":
        assert row["part"] is None
        assert row["reason"]
        return
    found = [marks(row["problem"])[part].verdict for part in (row["part"], *row.get("also", ()))]
    assert found == [row["graded"]] * len(found)
    assert row["graded"] == "right" or row["reason"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_part_is_asked_for_by_a_statement_or_marked_by_a_person(name):
    asked = {part for row in ROWS if row["problem"] == name for part in (row["part"], *row.get("also", ()))}
    rest = {part: mark.verdict for part, mark in marks(name).items() if part not in asked}
    assert {part for part, verdict in rest.items() if verdict != "manual"} <= {"q6-full.6_flip"}


# Formulas that the problem files write out, against the sums, slopes and networks that they stand for.


@cache
def _problem(name: str, question: str) -> Any:
    return yaml.safe_load((problems.shipped() / f"{name}.yaml").read_text(encoding="utf-8"))["problems"][question]


def worked(name: str, question: str, **numbers: Any) -> dict[str, Any]:
    """The formulas of a question, worked out for these numbers instead of its symbols."""
    given = {**_problem(name, question)["given"], **numbers}
    return solve("formula", yaml.safe_dump(given, width=10_000, allow_unicode=True))


def slope(function: Any, at: np.ndarray) -> np.ndarray:
    """Central differences."""
    slopes = np.zeros(at.size)
    for i in range(at.size):
        step = np.zeros(at.size)
        step[i] = 1e-6
        slopes[i] = (function(at + step) - function(at - step)) / 2e-6
    return slopes


@pytest.mark.parametrize("seed", range(5))
def test_the_entries_of_the_softmax_jacobian_are_its_slopes(seed):
    x = np.random.default_rng(seed).normal(size=4)

    def softmax(x: np.ndarray) -> np.ndarray:
        return np.exp(x) / np.exp(x).sum()

    for i, j in ((1, 3), (0, 2)):
        slopes = slope(lambda x, i=i: softmax(x)[i], x)
        S_i, S_j = map(float, softmax(x)[[i, j]])
        found = worked("ift6135-a1", "q2-entries", S_i=S_i, S_j=S_j, delta=0)
        assert found["diagonal"] == pytest.approx(slopes[i], abs=1e-8)
        assert found["other"] == found["all"] == pytest.approx(slopes[j], abs=1e-8)
        assert worked("ift6135-a1", "q2-entries", S_i=S_i, S_j=S_i, delta=1)["all"] == pytest.approx(
            slopes[i], abs=1e-8
        )


@pytest.mark.parametrize("mode", ["valid", "full"])
@pytest.mark.parametrize("size", [2, 3, 5])
def test_the_gradient_through_a_convolution_is_the_sum_with_these_indices(mode, size):
    """Both sums against the slopes, with zeros outside as the assignment defines them; indices from 1."""
    rng = np.random.default_rng(size)
    h, w = rng.normal(size=8), rng.normal(size=size)
    g = rng.normal(size=8 - size + 1 if mode == "valid" else 8 + size - 1)

    def entry(x: np.ndarray, i: int) -> float:
        return float(x[i - 1]) if 1 <= i <= x.size else 0.0

    def layer(h: np.ndarray) -> np.ndarray:
        start = 1 if mode == "valid" else size
        return np.array(
            [sum(entry(h, i + j - start) * entry(w, j) for j in range(1, size + 1)) for i in range(1, g.size + 1)]
        )

    slopes = slope(lambda h: float(g @ layer(h)), h)
    question = "q6-valid-sum" if mode == "valid" else "q6-full-sum"
    for n in range(1, 9):
        total = flipped = 0.0
        for j in range(1, size + 1):
            found = worked("ift6135-a1", question, k_2=size, k=size, n=n, j=j)
            last, at_g, at_w = map(int, found["entries"])
            assert last == size
            total += entry(g, at_g) * entry(w, at_w)
            if mode == "valid":
                flipped += entry(g, int(found["flipped"][1])) * entry(w[::-1], int(found["flipped"][2]))
                assert found["i"] + j - 1 == n
        assert total == pytest.approx(slopes[n - 1], abs=1e-8)
        assert mode == "full" or flipped == pytest.approx(slopes[n - 1], abs=1e-8)


def test_the_slopes_of_the_last_state_are_those_of_the_recurrence():
    x, h_0 = [0.3, -0.7, 1.1], 0.6

    def last(weights: np.ndarray) -> float:
        h = h_0
        for x_t in x:
            h = weights[0] * x_t + weights[1] * h
        return h

    found = worked("comp433-a3", "q6-slopes", x_1=x[0], x_2=x[1], x_3=x[2], h_0=h_0, w_in=0.4, w_hh=-0.9)
    slopes = slope(last, np.array([0.4, -0.9]))
    assert found["h_3"] == pytest.approx(last(np.array([0.4, -0.9])))
    assert (found["slope_in"], found["slope_hh"]) == pytest.approx(tuple(slopes), abs=1e-8)


def test_the_gradients_of_a_linear_layer_are_its_slopes():
    rng = np.random.default_rng(4)
    W, x, g, c = rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=3), 0.7
    found = worked("eecs182-hw4", "q2-back", W=W.tolist(), x=x.tolist(), g=g.tolist(), c=c)
    np.testing.assert_allclose(found["grad_x"], slope(lambda x: g @ (c * W @ x), x), atol=1e-8)
    np.testing.assert_allclose(
        found["grad_W"], slope(lambda w: g @ (c * w.reshape(3, 2) @ x), W.ravel()).reshape(3, 2), atol=1e-8
    )


def test_the_gradient_of_a_kernel_is_the_sum_with_these_indices():
    rng = np.random.default_rng(7)
    n, k = 6, 3
    x, dy = rng.normal(size=(n, n)), rng.normal(size=(n - k + 1, n - k + 1))

    def loss(w: np.ndarray) -> float:
        windows = np.lib.stride_tricks.sliding_window_view(x, (k, k))
        return float((dy * np.einsum("ijhl,hl->ij", windows, w.reshape(k, k))).sum())

    slopes = slope(loss, np.zeros(k * k)).reshape(k, k)
    for h, l in ((1, 1), (2, 3), (3, 1)):  # noqa: E741  named as in the question
        total, m = 0.0, n - k + 1
        for i in range(1, m + 1):
            for j in range(1, m + 1):
                found = worked("eecs182-hw4", "q7a", n=n, k=k, i=i, j=j, h=h, l=l)
                last, row, column = map(int, found["sum"])
                assert last == m
                assert found["slope"].tolist() == [row, column]
                total += dy[i - 1, j - 1] * x[row - 1, column - 1]
        assert total == pytest.approx(slopes[h - 1, l - 1], abs=1e-8)


def test_the_step_with_the_gram_matrix_is_the_same_step():
    W = np.random.default_rng(1).normal(size=(4, 3))
    found = worked("eecs182-hw4", "q1-identity", W=W.tolist())["p"]
    np.testing.assert_allclose(found, (3 * np.eye(4) - W @ W.T) @ W / 2, atol=1e-12)


@pytest.mark.parametrize(("part", "expected"), [("3", [0, 0.8, 0]), ("4", [0.8, 0, 0])])
@pytest.mark.parametrize("shift", [(0, 0), (0, 3), (4, 0), (2, 5)])
def test_the_network_on_a_torus_gives_the_published_outputs_for_every_shift(part, expected, shift):
    """The layers worked out with rolled images; the outputs are those of EECS 182, homework 4, Q4(f)."""
    problem = _problem("eecs182-hw4", "q4f")
    given = problem["given"] | problem["parts"][part]["given"]
    first, _, second, _, _, dense = given["layers"]
    maps = np.roll(np.array(given["input"], dtype=float), shift, (0, 1))[None]
    for layer in (first, second):
        weight = np.array(layer["conv"]["weight"], dtype=float)
        maps = np.maximum(0, sum(
            weight[:, :, u, v, None, None] * np.roll(maps, (-u, -v), (1, 2))[None]
            for u in range(2) for v in range(2)
        ).sum(axis=1))  # fmt: skip
    assert np.array(dense["dense"]["weight"]) @ maps.mean(axis=(1, 2)) == pytest.approx(expected)
