"""Two published documents as problem files: what they print is graded, statement by statement.

`data/statements_notes.json` has one row a statement: the part that asks for it (and others that do), what the printed
answer is graded as, and a reason where that is not right. The documents: a worked exercise on a convolution and vanishing
gradients, and a set of course notes, "Neural Networks & Deep Learning".
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from marking import verdicts

from hwcheck import grade, problems, submissions
from hwcheck.grade import Mark, Report
from hwcheck.problems import ProblemFile

DOCUMENTS = {"vanishing-gradients": 19, "dl-notes": 106}
"""How many statements each has."""
ROWS = json.loads((Path(__file__).parent / "data" / "statements_notes.json").read_text(encoding="utf-8"))


@cache
def file_of(name: str) -> ProblemFile:
    return problems.load(problems.shipped() / f"{name}.yaml")


def graded(name: str, kind: str = "printed") -> Report:
    path = problems.shipped() / "answers" / f"{name}.{kind}.yaml"
    return grade.grade(file_of(name), submissions.match(submissions.parse(path.read_bytes(), path.name), file_of(name)))


@cache
def marks(name: str) -> dict[str, Mark]:
    report = graded(name)
    assert report.faults == ()
    return {mark.part: mark for mark in report.marks}


# What is printed.

BIASES = "left out the biases"
ROWS_FOR_COLUMNS = "took the shape for vectors that are rows"
NOT_RIGHT = [  # everything else is right, or for a person
    ("vanishing-gradients", "q3-words.remedies", "wrong", None, "gradient clipping helps against exploding ones only"),
    ("dl-notes", "vanishing.slope", "wrong", "left out the slope of the first layer", "σ'(z_1) belongs to the product"),
    ("dl-notes", "first-layer.small", "wrong", BIASES, "307,300 with its 100 biases"),
    ("dl-notes", "first-layer.large", "wrong", BIASES, "15,052,900 with its 100 biases"),
    ("dl-notes", "field.RF_2", "wrong", None, "the kernel of the layer before is taken"),
    ("dl-notes", "field.RF_3", "wrong", None, "the same, one layer on"),
    ("dl-notes", "field-numbers.pool1", "wrong", "counted this layer's own stride", "3 + (3-1)·1 = 5 for 3 + (2-1)·1 = 4"),
    ("dl-notes", "field-numbers.conv2", "wrong", None, "5 + (2-1)·2 = 7 for 4 + (3-1)·2 = 8"),
    ("dl-notes", "field-numbers.pool2", "wrong", "counted this layer's own stride", "7 + (3-1)·2 = 11 for 8 + (2-1)·2 = 10"),
    ("dl-notes", "saving.reduction", "wrong", "took the percentage of the wrong base and rounded it", "142,496 of 411,146 is 34.66 %"),
    ("dl-notes", "rnn-shapes.W_xh", "wrong", ROWS_FOR_COLUMNS, "W_xh x_t needs as many columns as x_t has rows"),
    ("dl-notes", "rnn-shapes.W_hy", "wrong", ROWS_FOR_COLUMNS, "the same for W_hy h_t"),
    ("dl-notes", "eigenvalue.criterion", "wrong", None, "the norm of a product is bounded by singular values"),
]  # fmt: skip
BY_HAND = {
    "vanishing-gradients": {"q3-derivation.proof"},
    "dl-notes": {"uat.work", "lstm-essay.work", "remedies.work", "order-rest.work"},
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_printed_is_right_but_for_the_known_errors(name):
    found = {part: (mark.verdict, mark.cause) for part, mark in marks(name).items()}
    wrong = {part: verdict for part, verdict in found.items() if verdict[0] not in ("right", "manual")}
    assert wrong == {part: (verdict, cause) for file, part, verdict, cause, why in NOT_RIGHT if file == name and why}
    assert {part for part, verdict in found.items() if verdict[0] == "manual"} == BY_HAND[name]


def test_counts_without_biases_are_right_where_there_are_none():
    """By hand: 3,072·100 and 150,528·100."""
    found = marks("dl-notes")
    assert [found[f"first-layer.{part}"].verdict for part in ("small-unbiased", "large-unbiased")] == ["right", "right"]


def test_the_receptive_fields_are_those_by_hand():
    """3, 3 + 1·1, 4 + 2·2, 8 + 1·2: each kernel less one, times the strides before it."""
    parts = {part.name: part.right(part.cells[0]) for part in file_of("dl-notes").parts}
    names = [f"field-numbers.{layer}" for layer in ("conv1", "pool1", "conv2", "pool2")]
    assert [parts[name] for name in names] == [3, 4, 8, 10]


def test_the_saving_is_the_one_by_hand():
    """(411,146 - 268,650)/411,146 = 0.346582479…"""
    (part,) = (part for part in file_of("dl-notes").parts if part.name == "saving.reduction")
    assert part.right(part.cells[0]) == pytest.approx(34.6582479, abs=1e-7)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_right_answers_earn_everything_and_mistakes_little(name):
    right, mistakes = graded(name, "right"), graded(name, "mistakes")
    assert right.faults == mistakes.faults == ()
    assert right.points == right.of == len(file_of(name).parts) - len(BY_HAND[name])
    assert mistakes.points < mistakes.of / 4
    assert "unreadable" not in {mark.verdict for mark in mistakes.marks}


# The statements.


def test_every_statement_occurs_once():
    assert Counter(row["problem"] for row in ROWS) == DOCUMENTS
    assert len({row["id"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_statement_is_graded_as_its_row_says(row):
    if row["part"] is None:
        assert row["graded"] == "left out"
    else:
        assert marks(row["problem"])[row["part"]].verdict == row["graded"]
        assert {*row.get("also", ())} <= {*marks(row["problem"])} - {row["part"]}
    assert row["graded"] == "right" or row["reason"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_error_that_is_found_stands_in_a_row(name):
    rows = [row for row in ROWS if row["problem"] == name and row["graded"] not in ("right", "manual", "left out")]
    told = {part for row in rows for part in (row["part"], *row.get("also", ()))}
    assert {part for file, part, *_ in NOT_RIGHT if file == name} <= told


# The formulas of the problem files are what other kinds work out, or the derivatives that hwcheck finds by itself.

CONV = "kind: conv2d\nsymbols: {I: {shape: [4, 5]}, K: {shape: [2, 2]}}\nnames: {input: I, kernel: K}\ngiven: {I: I, K: K}\n"
BACK = """
    kind: conv2d
    symbols: {X: {shape: [3, 4]}, W: {shape: [2, 2]}, dY: {shape: [2, 3]}}
    names: {input: X, kernel: W, upstream: dY}
    given: {X: X, W: W, dY: dY}
"""
POOL = "kind: pool2d\nsymbols: {X: {shape: [5, 6]}}\nnames: {input: X}\ngiven: {X: X, window: 2}\n"
PERCEPTRON = """
    kind: formula
    symbols:
      {X: {shape: [6, 2]}, W1: {shape: [2, 3]}, c1: {shape: [1, 3]}, W2: {shape: [3, 4]}, c2: {shape: [1, 4]},
       W3: {shape: [4, 5]}, c3: {shape: [1, 5]}, G: {shape: [6, 5]}}
    given:
      X: X
      W1: W1
      c1: c1
      W2: W2
      c2: c2
      W3: W3
      c3: c3
      dZ3: G
      ones: [1, 1, 1, 1, 1, 1]
      formula:
        A1: tanh(X W1 + ones c1)
        A2: tanh(A1 W2 + ones c2)
        L: sum(dZ3 * (A2 W3 + ones c3))
        slope: d(L, VARIABLE)
"""
CHAIN = """
    kind: formula
    symbols: {g: {shape: [1, 3]}, h_1: {shape: [1, 3]}, J_2: {shape: [3, 3]}, J_3: {shape: [3, 3]}, J_4: {shape: [3, 3]}}
    given: {g: g, h_1: h_1, J_2: J_2, J_3: J_3, J_4: J_4, formula: {L: sum(g J_4 J_3 J_2 h_1^T), slope: "d(L, h_1)"}}
"""
BPTT = """
    kind: formula
    symbols: {g_y: {shape: [1, 2]}, g_next: {shape: [1, 3]}, Y: {shape: [2, 3]}, N: {shape: [3, 3]}, h: {shape: [1, 3]}}
    given: {g_y: g_y, g_next: g_next, Y: Y, N: N, h: h, formula: {L: sum(g_y Y h^T) + sum(g_next N h^T), slope: "d(L, h)"}}
"""
SIGMOIDS = """
    kind: formula
    symbols: {s_1: {real: [0.01, 0.25]}, s_2: {real: [0.01, 0.25]}, s_3: {real: [0.01, 0.25]}, W_1: , W_2: , W_3: , x: }
    given:
      {s_1: s_1, s_2: s_2, s_3: s_3, W_1: W_1, W_2: W_2, W_3: W_3, x: x,
       formula: {a_1: s_1 W_1 x, a_2: s_2 W_2 a_1, a_3: s_3 W_3 a_2, slope: "abs(d(a_3, W_1)) / abs(x)"}}
"""


LAYER_3 = {"dA2": "dZ3 W3^T"}
LAYER_2 = {**LAYER_3, "dZ2": "(dA2 * (1 - A2 * A2))"}
LAYER_1 = {**LAYER_2, "dA1": "(dZ2 W2^T)", "dZ1": "(dA1 * (1 - A1 * A1))"}


def parts(ask: str, given: str = "{}") -> str:
    return f"parts: {{a: {{ask: {ask}, given: {given}}}}}\n"


WORKED_OUT = [
    ("convolution.flipped", CONV + parts('"output[1, 0]"', "{flip: true}")),
    ("convolution.plain", CONV + parts('"output[1, 0]"')),
    ("pooling.max", POOL + parts('"output[1, 2]"')),
    ("pooling.average", POOL + parts('"output[1, 2]"', "{method: average}")),
    ("pooling.general", POOL + parts('"output[1, 0]"', "{window: 3, stride: 2}")),
    ("conv-back.kernel", BACK + "    " + parts('"grad_kernel[0, 1]"')),
    ("conv-back.input", BACK + "    " + parts('"grad_input[1, 1]"')),
    ("bptt.slope", BPTT + "    " + parts("slope")),
    ("vanishing.slope", SIGMOIDS + "    " + parts("slope")),
]
LAYERS = [  # the slope of the objective by hwcheck's own derivatives, and how the key is written without earlier parts
    ("backward.dW3", "W3", {}), ("backward.db3", "c3", {}), ("backward.dA2", "A2", {}),
    ("backward.dW2", "W2", LAYER_2), ("backward.db2", "c2", LAYER_2), ("backward.dA1", "A1", LAYER_2),
    ("backward.dW1", "W1", LAYER_1), ("backward.db1", "c1", LAYER_1),
]  # fmt: skip


def written(part: str, earlier: dict[str, str], name: str = "dl-notes") -> str:
    """The key of a part, with what stands for earlier parts written out."""
    (found,) = (one for one in file_of(name).parts if one.name == part)
    text = found.formula(found.cells[0])
    for short, long in reversed(earlier.items()):
        text = text.replace(short, long)
    return text


@pytest.mark.parametrize(("part", "other"), WORKED_OUT, ids=[row[0] for row in WORKED_OUT])
def test_a_formula_of_the_file_is_what_another_kind_or_the_derivative_says(part, other):
    assert verdicts(other, f"a: {json.dumps(written(part, {}))}") == {"a": "right"}


def test_a_formula_of_the_file_on_gradients_is_the_derivative():
    text = written("q3-chain.chain", {}, "vanishing-gradients")
    assert verdicts(CHAIN + "    " + parts("slope"), f"a: {text}") == {"a": "right"}


@pytest.mark.parametrize(("part", "variable", "earlier"), LAYERS, ids=[row[0] for row in LAYERS])
def test_a_slope_of_the_perceptron_is_the_derivative(part, variable, earlier):
    text = PERCEPTRON.replace("VARIABLE", variable)
    asked = "    parts: {A1: {ask: A1}, A2: {ask: A2}, a: {ask: slope}}\n"
    assert verdicts(text + asked, f"a: {json.dumps(written(part, earlier))}")["a"] == "right"
