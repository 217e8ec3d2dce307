"""Attention: PyTorch's numbers, published ones, hand calculations, and what must hold for any numbers."""

import json
from pathlib import Path

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import grade, kinds, problems, submissions
from hwcheck.errors import Missing, Undefined
from hwcheck.given import GivenError
from hwcheck.working import run

CASES = json.loads((Path(__file__).parent / "data" / "attention.json").read_text(encoding="utf-8"))["cases"]


def stacked(solved, family):
    """The members of a family, one below the other."""
    return np.array([value for name, value in solved.items() if name.startswith(f"{family}.")])


def from_arrays(**given):
    kind = kinds.load("attention")
    arrays = {name: np.array(value, dtype=float) if isinstance(value, list) else value for name, value in given.items()}
    done = run(kind.function, kind.givens(arrays))
    assert done.ended is None
    return {name: step.computed for name, step in done.steps.items()}


@pytest.mark.parametrize("case", CASES, ids=[" ".join(case["given"]) for case in CASES])
def test_weights_and_outputs_are_those_of_pytorch(case):
    solved = from_arrays(**case["given"])
    np.testing.assert_allclose(solved["output"], case["output"], rtol=1e-12, atol=1e-12)
    if "weights" in case:
        theirs = case["weights"] if case["given"]["heads"] > 1 else case["weights"][0]
        np.testing.assert_allclose(solved["weights"], theirs, rtol=1e-12, atol=1e-12)


def test_all_cases_are_read():
    assert len(CASES) == 15


@pytest.mark.parametrize("case", CASES[9:])
def test_rows_with_all_matrices_turned_give_what_columns_give(case):
    given = case["given"]
    turned = {name: np.array(given[name]).T.tolist() for name in ("W_Q", "W_K", "W_V", "W_O")}
    solved = from_arrays(**{**given, **turned, "vectors": "row"})
    np.testing.assert_allclose(solved["output"], case["output"], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_an_output_without_a_last_matrix_lies_among_the_values(seed):
    """A mixture with weights that are positive and add up to 1 stays in the hull of what it mixes."""
    rng = np.random.default_rng(seed)
    Q, K, V = rng.normal(size=(3, 2)), rng.normal(size=(4, 2)), rng.normal(size=(4, 5))
    solved = from_arrays(Q=Q, K=K, V=V, causal=bool(seed % 2))
    np.testing.assert_allclose(solved["weights"].sum(axis=1), 1, rtol=1e-12)
    assert (solved["output"] >= V.min(axis=0) - 1e-12).all()
    assert (solved["output"] <= V.max(axis=0) + 1e-12).all()


@pytest.mark.parametrize("seed", range(20))
def test_several_heads_are_as_many_attentions_side_by_side(seed):
    rng = np.random.default_rng(seed)
    Q, K, V = rng.normal(size=(3, 6)), rng.normal(size=(4, 6)), rng.normal(size=(4, 9))
    solved = from_arrays(Q=Q, K=K, V=V, heads=3)
    each = [
        from_arrays(Q=Q[:, 2 * i : 2 * i + 2], K=K[:, 2 * i : 2 * i + 2], V=V[:, 3 * i : 3 * i + 3]) for i in range(3)
    ]
    np.testing.assert_allclose(solved["weights"], [one["weights"] for one in each], rtol=1e-12)
    np.testing.assert_allclose(solved["output"], np.hstack([one["output"] for one in each]), rtol=1e-12)


DOT = "Q: [[1, 0]], K: [[1, 0], [0, 1]], V: [[10, 0], [0, 20]]"
THIRDS = "Q: [[1], [2]], K: [[0], [ln(3)]], V: [[10], [20]], scale: none"
"""Raw scores 0, ln 3 and 0, 2 ln 3: weights 1/4, 3/4 and 1/10, 9/10."""
MEMORY = (
    "X: [[1, 2], [3, 5]], memory: [[4, 3], [0, 1], [6, 0]], W_Q: [[1, 0], [2, 9]], W_K: [[0, 1], [2, 0]], W_V: [[1, 1]]"
)
LOGS = "Q: [[1], [2]], K: [[0], [ln(3)], [ln(2)]], V: [[1], [2], [3]], scale: none"
"""Exponentials of the scores: 1, 3, 2 and 1, 9, 4."""
WIDE = "tokens: 10, d_model: 8, heads: 2"

ROWS = [
    (f"{{{DOT}}}", "output", [[6.70, 6.60]], 5e-3, "leyaa 13"),
    (f"{{{DOT}, scale: none}}", "output", [[7.31, 5.38]], 5e-3, "leyaa 13, unscaled"),
    ("{Q: [[1, 2], [3, 4]], K: [[5, 6], [7, 8]], V: [[9, 10], [11, 12]]}", "z.1", [10.97, 11.97], 5e-3, "click4ai, attention"),
    ("{X: [[4, 3]], W_Q: [[1, 0], [2, 9]], W_K: [[1, 2], [3, 4]]}", "q.1", [4, 35], 0, "EECS 182 discussion 9"),
    ("{X: [[4, 3]], W_Q: [[1, 0], [2, 9]], W_K: [[1, 2], [3, 4]], vectors: row}", "q.1", [10, 27], 0, "the same as a row"),
    (f"{{{MEMORY}}}", "k.1", [3, 8], 0, "by hand"),
    (f"{{{MEMORY}}}", "v.3", [6], 0, "by hand"),
    (f"{{{MEMORY}}}", "q.2", [3, 51], 0, "by hand"),
    (f"{{{MEMORY}}}", "raw_scores", [[163, 1, 240], [417, 3, 612]], 0, "by hand: q_1 = (1, 20)"),
    ("{X: [2, 5], W_Q: 3, W_K: -1, W_V: 4, b_Q: 1}", "q.2", [16], 0, "by hand: numbers as tokens"),
    ("{X: [2, 5], W_Q: 3, W_K: -1, W_V: 4, b_Q: 1}", "raw_scores", [[-14, -35], [-32, -80]], 0, "by hand"),
    (f"{{{THIRDS}}}", "weights", [[0.25, 0.75], [0.1, 0.9]], 1e-12, "by hand"),
    (f"{{{THIRDS}}}", "output", [[17.5], [19]], 1e-12, "by hand"),
    (f"{{{THIRDS}, causal: true}}", "weights", [[1, 0], [0.1, 0.9]], 1e-12, "by hand"),
    (f"{{{THIRDS}, mask: [[0, 1], [1, 1]]}}", "weights", [[0, 1], [0.1, 0.9]], 1e-12, "by hand"),
    (f"{{{THIRDS}, mask: [[-inf, 0], [0, 0]]}}", "weights", [[0, 1], [0.1, 0.9]], 1e-12, "the same, as numbers to add"),
    (f"{{{THIRDS}, mask: [[0, 0], [0, -1e9]]}}", "weights", [[0.25, 0.75], [1, 0]], 1e-12, "the same"),
    (f"{{{THIRDS}, mask: [[0, ln(2)], [ln(3), 0]]}}", "weights", [[1 / 7, 6 / 7], [0.25, 0.75]], 1e-12, "by hand: 1, 6; 3, 9"),
    (f"{{{THIRDS}, mask: [[0, ln(2)], [ln(3), 0]], causal: true}}", "weights", [[1, 0], [0.25, 0.75]], 1e-12, "by hand"),
    (f"{{{LOGS}, causal: true}}", "weights", [[1, 0, 0], [0.1, 0.9, 0]], 1e-12,
     "by hand: aligned at the first key, as is_causal of PyTorch's scaled_dot_product_attention"),
    ("{Q: [[2], [1], [3]], K: [[0], [ln(3)]], V: [[10], [20]], scale: none, causal: true}", "weights",
     [[1, 0], [0.25, 0.75], [1 / 28, 27 / 28]], 1e-12, "by hand: more queries than keys"),
    ("{Q: [[3, 1, 1, 1]], K: [[1, 3, 3, 3]], V: [[5]]}", "scores", [[6]], 0, "by hand: 12/√4"),
    ("{Q: [[3, 1, 1, 1]], K: [[1, 3, 3, 3]], V: [[5]], scale: 3}", "scores", [[4]], 0, "by hand: 12/3"),
    ("{Q: [[3, 1, 1, 1, 0, 0, 0, 1]], K: [[1, 3, 3, 3, 0, 0, 0, 8]], V: [[5, 7]], heads: 2}", "scores", [[[6]], [[4]]], 0,
     "by hand: 12/√4, 8/√4"),
    ("{X: [[1, 2]], W_Q: [[1, 0]], W_K: [[1, 0]], W_V: [[1, 1], [2, 0]], W_O: [[1, 10], [0, 1]], b_O: [0.5, 1]}", "output",
     [[23.5, 3]], 0, "by hand: v = (3, 2)"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[1]} of {row[0]}" for row in ROWS])
def test_published_and_hand_made_numbers_come_out(row):
    given, name, value, within, source = row
    assert source
    found = working_of("attention", given).steps[name].computed
    assert np.shape(found) == np.shape(value)
    np.testing.assert_allclose(found, value, rtol=0, atol=within)


MULTI = "{tokens: 10, d_model: 512, heads: 8, W_O: true"
COUNTS = [
    (f"{{{WIDE}}}", "macs.query", 640, "EECS 182 discussion 10: 10·8·4·2"),
    (f"{{{WIDE}}}", "macs.projections", 1_920, "by hand: 3·640"),
    (f"{{{WIDE}}}", "macs.scores", 800, "by hand: 2·10·10·4"),
    (f"{{{WIDE}}}", "macs.mix", 800, "by hand: 2·10·10·4"),
    (f"{{{WIDE}}}", "macs", 3_520, "by hand"),
    (f"{{{WIDE}}}", "params", 192, "by hand: 3·8·8"),
    (f"{MULTI}}}", "params", 1_048_576, "Vaswani et al. (2017): 4 d_model²"),
    (f"{MULTI}, bias: true}}", "params", 1_050_624, "torch.nn.MultiheadAttention(512, 8)"),
    (f"{MULTI}, d_k: 32, d_v: 16}}", "params.keys", 131_072, "by hand: 512·8·32"),
    (f"{MULTI}, d_k: 32, d_v: 16}}", "params.values", 65_536, "by hand: 512·8·16"),
    (f"{MULTI}, d_k: 32, d_v: 16}}", "params.output", 65_536, "by hand: 8·16·512"),
    (f"{MULTI}, d_k: 32, d_v: 16}}", "macs.mix", 12_800, "by hand: 8·10·10·16"),
    (f"{MULTI}, memory_tokens: 7}}", "macs.scores", 35_840, "by hand: 8·10·7·64"),
    (f"{MULTI}, memory_tokens: 7}}", "macs.keys", 1_835_008, "by hand: 7·512·512"),
    (f"{{{MEMORY}}}", "params", 10, "by hand: 4 + 4 + 2"),
    (f"{{{MEMORY}}}", "macs.values", 6, "by hand: 3·2·1"),
    (f"{{{MEMORY}}}", "macs.scores", 12, "by hand: 2·3·2"),
    (f"{{{MEMORY}, b_Q: [1, 2]}}", "params", 12, "by hand"),
    (f"{{{DOT}}}", "params", 0, "by hand: no matrices"),
    (f"{{{DOT}}}", "macs.projections", 0, "by hand: no matrices"),
]


@pytest.mark.parametrize("row", COUNTS, ids=[f"{row[1]} of {row[0]}" for row in COUNTS])
def test_counts_of_parameters_and_multiply_adds(row):
    given, name, value, source = row
    assert source
    found = solve("attention", given)[name]
    assert found == value
    assert type(found) is int


def test_parameters_need_no_number_of_tokens():
    done = working_of("attention", "{d_model: 8}")
    assert done.steps["params"].computed == 192
    assert isinstance(done.ended, Missing)
    assert done.ended.name == "tokens"


CAUSAL = f"{{{THIRDS}, causal: true}}"
OUTPUT = "{X: [[1, 2]], W_Q: [[1, 0]], W_K: [[1, 0]], W_V: [[1, 1], [2, 0]], W_O: [[1, 10], [0, 1]], b_O: [0.5, 1]}"
TWO_HEADS = "{Q: [[1, 2, 3, 4]], K: [[5, 1, 2, 0]], V: [[1, 10, 100, 1000]], heads: 2}"
ln3 = float(np.log(3))
MISTAKES = [
    (f"{{{MEMORY}, b_Q: [1, 2]}}", "q.1", "left out the bias", [1, 20], "by hand"),
    (f"{{{MEMORY}}}", "q.1", "took the matrix of the keys", [2, 2], "by hand"),
    (f"{{{MEMORY}}}", "k.1", "took the matrix of the queries", [4, 35], "by hand"),
    (f"{{{MEMORY}}}", "k.2", "took the token of X for that of the memory", [5, 6], "by hand: x_2 = (3, 5)"),
    (f"{{{MEMORY}}}", "v.1", "took the matrix of the keys", [3, 8], "by hand"),
    ("{Q: [[1, 2]], K: [[3, 4]], V: [[5, 7]]}", "raw_scores", "took the values for the keys", [[19]], "by hand"),
    ("{Q: [[3, 1, 1, 1]], K: [[1, 3, 3, 3]]}", "scores", "divided by d_k instead of its root", [[3]], "by hand"),
    ("{Q: [[3, 1, 1, 1]], K: [[1, 3, 3, 3]]}", "scores", "multiplied by √d_k instead of dividing", [[24]], "by hand"),
    ("{Q: [[3, 1, 1, 1]], K: [[1, 3, 3, 3]], scale: 3}", "scores", "multiplied by the scale instead of dividing", [[36]],
     "by hand"),
    ("{X: [[1, 2, 2, 1, 5, 0, 0, 0, 0]], W_Q: [[1, 0, 0, 0, 0, 0, 0, 0, 0]], W_K: [[0, 1, 1, 1, 1, 0, 0, 0, 2]]}", "scores",
     "divided by √d_model instead of √d_k", [[10 / 3]], "by hand: 10/√9"),
    (TWO_HEADS, "scores", "divided by √d_model instead of √d_k", [[[3.5]], [[3]]], "by hand: 7/√4, 6/√4"),
    (f"{{{THIRDS}}}", "weights", "took the softmax over the queries instead of the keys", [[0.5, 0.25], [0.5, 0.75]],
     "by hand"),
    (f"{{{THIRDS}}}", "weights", "took the softmax over all scores at once", [[1 / 14, 3 / 14], [1 / 14, 9 / 14]], "by hand"),
    (f"{{{THIRDS}}}", "weights", "left out the normalisation", [[1, 3], [1, 9]], "by hand"),
    (CAUSAL, "weights", "left out the mask", [[0.25, 0.75], [0.1, 0.9]], "by hand"),
    (CAUSAL, "weights", "set hidden scores to 0 instead of -∞", [[0.5, 0.5], [0.1, 0.9]], "by hand"),
    (CAUSAL, "weights", "hid keys after the softmax without normalising again", [[0.25, 0], [0.1, 0.9]], "by hand"),
    (CAUSAL, "weights", "let every query see one key too many", [[0.25, 0.75], [0.1, 0.9]], "by hand"),
    (CAUSAL, "weights", "hid the query's own key as well", [[0, 0], [1, 0]], "by hand"),
    (CAUSAL, "weights", "let queries see later keys instead of earlier ones", [[0.25, 0.75], [0, 1]], "by hand"),
    (f"{{{LOGS}, causal: true}}", "weights", "aligned the mask at the last key", [[0.25, 0.75, 0], [1 / 14, 9 / 14, 4 / 14]],
     "by hand: 1, 3 and 1, 9, 4"),
    (f"{{{THIRDS}, mask: [[1, 0], [0, 1]]}}", "weights", "took 1 as hidden", [[0, 1], [1, 0]], "by hand"),
    (f"{{{THIRDS}, mask: [[0, ln(2)], [ln(3), 0]]}}", "weights", "left out the mask", [[0.25, 0.75], [0.1, 0.9]], "by hand"),
    (f"{{{THIRDS}}}", "z.1", "took the keys for the values", [0.75 * ln3], "by hand"),
    (f"{{{THIRDS}}}", "z.1", "took the column of the weights for the row", [4.5], "by hand: 10/4 + 20/10"),
    (f"{{{THIRDS}}}", "z.1", "mixed the values with the scores instead of the weights", [20 * ln3],
     "by hand: outside of the values 10 and 20"),
    (f"{{{THIRDS}}}", "z.1", "added the values without weighting them", [30], "by hand"),
    (TWO_HEADS, "z.1", "added the heads instead of joining them", [101, 1010], "by hand"),
    (OUTPUT, "output", "left out the output matrix", [[3, 2]], "by hand"),
    (OUTPUT, "output", "multiplied the output by the transpose of W_O", [[3.5, 33]], "by hand"),
    (OUTPUT, "output", "left out the bias", [[23, 2]], "by hand"),
    (f"{{{WIDE}}}", "macs.query", "took d_k numbers for a token instead of d_model", 320, "EECS 182 discussion 10"),
    (f"{{{WIDE}}}", "macs.query", "counted one head only", 320, "by hand: 10·8·4"),
    (f"{{{WIDE}}}", "macs.query", "counted one token only", 64, "by hand"),
    (f"{{{WIDE}}}", "macs.projections", "counted the queries only", 640, "by hand"),
    (f"{{{WIDE}}}", "macs.scores", "counted one query only", 80, "by hand"),
    (f"{{{WIDE}}}", "macs.scores", "counted one head only", 400, "by hand"),
    (f"{{{WIDE}}}", "macs.mix", "gave every head the whole width", 1_600, "by hand: 2·10·10·8"),
    (f"{{{WIDE}}}", "macs", "left out the projections", 1_600, "by hand"),
    (f"{{{WIDE}}}", "params.query", "took d_k numbers for a token instead of d_model", 32, "by hand: 2·4·4"),
    (f"{{{WIDE}}}", "params.query", "counted one head only", 32, "by hand: 8·4"),
    (f"{{{WIDE}, bias: true}}", "params", "left out the biases", 192, "by hand"),
    (f"{{{WIDE}, bias: true}}", "params.query", "left out the biases", 64, "by hand"),
    (f"{{{WIDE}, W_O: true}}", "params", "left out the output matrix", 192, "by hand"),
    (f"{{{WIDE}, W_O: true}}", "params", "counted the matrix of the queries only", 64, "by hand"),
]  # fmt: skip


@pytest.mark.parametrize("row", MISTAKES, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in MISTAKES])
def test_typical_mistakes_give_the_values_people_hand_in(row):
    given, name, label, value, source = row
    assert source
    found = slip_of("attention", given, name, label)
    assert np.shape(found) == np.shape(value)
    np.testing.assert_allclose(found, value, rtol=1e-12, atol=1e-15)


def test_a_mask_that_hides_all_keys_of_a_query_is_no_slip():
    assert slip_of("attention", f"{{{THIRDS}, mask: [[1, 0], [1, 1]]}}", "weights", "took 1 as hidden") is None


def test_a_mask_of_zeros_and_minus_infinity_hides_keys():
    step = working_of("attention", f"{{{THIRDS}, mask: [[0, -inf], [0, 0]]}}").steps["weights"]
    np.testing.assert_allclose(
        step.slip_value("set hidden scores to 0 instead of -∞"), [[0.5, 0.5], [0.1, 0.9]], rtol=1e-12
    )
    assert step.formula == ""


def test_later_steps_go_on_with_the_students_values():
    """By hand: raw scores (2, 4), weights (1, 0) and values 10, 40."""
    given = "{X: [1, 2], W_Q: 1, W_K: 2, W_V: 10, scale: 2}"
    carry = {"k.2": np.array([4.0]), "weights": np.array([[1.0, 0.0], [0.5, 0.5]]), "v.2": np.array([40.0])}
    steps = working_of("attention", given, carry=carry).steps
    assert steps["raw_scores"].computed.tolist() == [[2, 4], [4, 8]]
    assert steps["scores"].computed.tolist() == [[1, 2], [2, 4]]
    assert steps["z.2"].computed.tolist() == [25]
    assert steps["output"].computed.tolist() == [[10], [25]]


def test_scores_of_another_size_end_the_working():
    with pytest.raises(ValueError, match="shape"):
        working_of("attention", CAUSAL, carry={"scores": np.ones((3, 4))})


def test_scores_can_be_asked_without_values():
    done = working_of("attention", "{Q: [[3, 1, 1, 1]], K: [[1, 3, 3, 3]]}")
    assert list(done.steps) == ["raw_scores", "scores", "weights"]
    assert done.ended.name == "W_V"


def test_the_arithmetic_of_first_entries():
    steps = working_of("attention", "{X: [[1, 2], [3, 5]], W_Q: [[4, -1]], W_K: [[1, 0]], W_V: [[2, 3]], b_Q: 7}").steps
    assert steps["q.1"].first() == "4·1 + (-1)·2 + 7"
    assert steps["raw_scores"].first() == "9·1"
    assert steps["weights"].first() == "exp(9)/(exp(9) + exp(27))"
    assert steps["z.1"].first() == "1.52299795128e-08·8 + 0.99999998477·21"
    hidden = working_of("attention", f"{{{THIRDS}, mask: [[0, 1], [1, 1]]}}").steps["weights"]
    assert hidden.first() == "0"


def test_a_key_that_is_hidden_is_in_no_formula():
    steps = working_of("attention", "{X: [1, 2], W_Q: 1, W_K: 2, W_V: 10, causal: true}").steps
    assert steps["z.1"].formula == "[[v_1]] softmax([q_1^T k_1] / sqrt(d_k))"
    assert steps["z.2"].formula == "[[v_1, v_2]] softmax([q_2^T k_1, q_2^T k_2] / sqrt(d_k))"
    assert working_of("attention", CAUSAL).steps["z.1"].formula == "α_11 v_1"


STEPS = """
id: steps
kind: attention
title: COMP433 assignment 3, Q7
symbols: {x_1: {shape: [3]}, x_2: {shape: [3]}, x_3: {shape: [3]},
          W_Q: {shape: [2, 3]}, W_K: {shape: [2, 3]}, W_V: {shape: [4, 3]}}
given: {X: [x_1, x_2, x_3], W_Q: W_Q, W_K: W_K, W_V: W_V}
parts:
  q: {ask: q.1}
  k: {ask: k}
  v: {ask: v}
  e: {ask: "scores[0]"}
  a: {ask: "weights[0]"}
  z: {ask: z.1}
"""
IN_STEPS = """
answers:
  q: W_Q x_1
  k: {k.1: W_K x_1, k.2: W_K x_2, k.3: W_K x_3}
  v: {v.1: W_V x_1, v.2: W_V x_2, v.3: W_V x_3}
  e: "[q_1^T k_1, q_1^T k_2, q_1^T k_3] / sqrt(2)"
  a: "softmax([q_1^T k_1, q_1^T k_2, q_1^T k_3] / sqrt(2))"
  z: "[[v_1, v_2, v_3]] softmax([q_1^T k_1, q_1^T k_2, q_1^T k_3] / sqrt(2))"
"""
WHOLE = """
id: whole
kind: attention
symbols: {X: {shape: [3, 2]}, W_Q: {shape: [2, 4]}, W_K: {shape: [2, 4]}, W_V: {shape: [2, 5]}, W_O: {shape: [5, 2]}}
given: {X: X, W_Q: W_Q, W_K: W_K, W_V: W_V, W_O: W_O, vectors: row}
parts: {e: {ask: scores}, w: {ask: weights}, y: {ask: output}}
"""
IN_MATRICES = """
answers:
  e: X W_Q (X W_K)^T / 2
  w: softmax(X W_Q W_K^T X^T / 2)
  y: softmax(X W_Q W_K^T X^T / 2) X W_V W_O
"""


def verdicts(problem, answers):
    file = problems.parse(problem.encode(), "a.yaml", "a")
    report = grade.grade(file, submissions.match(submissions.parse(answers.encode(), "b.yaml"), file))
    return {mark.part: mark.verdict for mark in report.marks}


@pytest.mark.parametrize(("problem", "answers"), [(STEPS, IN_STEPS), (WHOLE, IN_MATRICES)])
def test_formulas_in_vectors_and_in_matrices_are_right(problem, answers):
    assert set(verdicts(problem, answers).values()) == {"right"}


@pytest.mark.parametrize(
    ("problem", "right", "wrong", "part"),
    [(STEPS, "W_Q x_1", "W_K x_1", "q"), (STEPS, "v.3: W_V x_3", "v.3: W_V x_2", "v"),
     (STEPS, "a: \"softmax([q_1^T k_1, q_1^T k_2, q_1^T k_3] / sqrt(2))", "a: \"softmax([q_1^T k_1, q_1^T k_2, q_1^T k_3] / 2)", "a"),
     (WHOLE, "y: softmax(X W_Q W_K^T X^T / 2) X W_V W_O", "y: softmax(X W_Q W_K^T X^T / 2) X W_V", "y"),
     (WHOLE, "w: softmax(X W_Q W_K^T X^T / 2)", "w: softmax(X W_Q W_K^T X^T)", "w"),
     (WHOLE, "w: softmax(X W_Q W_K^T X^T / 2)", "w: softmax(X W_K W_Q^T X^T / 2)", "w")],
)  # fmt: skip
def test_a_wrong_formula_is_not_right(problem, right, wrong, part):
    answers = IN_STEPS if problem is STEPS else IN_MATRICES
    assert right in answers
    assert verdicts(problem, answers.replace(right, wrong))[part] in ("wrong", "partial")


def test_unscaled_scores_are_another_convention():
    assert verdicts(WHOLE, "answers: {e: X W_Q (X W_K)^T}")["e"] == "convention"


GROWTH = """
id: growth
kind: attention
symbols: [T, d]
given: {tokens: T, d_model: d, W_O: true}
parts: {p: {ask: params}, m: {ask: macs}, s: {ask: macs.scores, as: big-o}, g: {ask: macs, as: big-o}}
"""


def test_counts_are_formulas_of_the_sizes_and_grow():
    assert set(
        verdicts(GROWTH, "answers: {p: 4d^2, m: 4 T d^2 + 2 T^2 d, s: O(T^2 d), g: O(T d^2 + T^2 d)}").values()
    ) == {"right"}
    found = verdicts(GROWTH, "answers: {p: 3d^2, m: 4 T d^2 + T^2 d, s: O(T^2), g: O(T^2 d)}")
    assert set(found.values()) == {"wrong"}


UNDEFINED = [
    ("{X: [[1, 2, 3]], W_Q: [[1, 2, 3], [4, 5, 6]], W_K: [[1], [2]]}",
     "`W_K` is made for tokens of 1 number (`vectors: column`), and those of `X` have 3"),
    ("{X: [[1, 2]], memory: [[1, 2, 3]], W_Q: [[1, 2]], W_K: [[1, 2]]}",
     "`W_K` is made for tokens of 2 numbers (`vectors: column`), and those of `memory` have 3"),
    ("{X: [[1, 2]], W_Q: [[1, 2], [3, 4]], W_K: [[1, 2], [3, 4]], W_V: [[1, 2]], W_O: [[1, 2]]}",
     "`W_O` is made for vectors of 2 numbers (`vectors: column`), and the joined heads have 1"),
    ("{X: [1, 2], W_Q: 3, K: [[1, 2]]}", "a query has 1 number, and a key 2"),
    ("{X: [1, 2], W_Q: 3, W_K: 2, b_K: [1, 2]}", "`b_K` has 2 numbers, and `W_K` makes vectors of 1"),
    ("{X: [[1, 2]], K: [[1], [2]], W_Q: [[1, 2]], W_V: [[1, 2]]}", "there are 2 keys, and 1 value"),
    ("{Q: [[1, 2, 3]], K: [[1, 2, 3]], heads: 2}", "the 3 numbers of a query cannot be dealt out to 2 heads"),
    ("{Q: [[1, 2]], K: [[1, 2]], V: [[1, 2, 3]], heads: 2}", "the 3 numbers of a value cannot be dealt out to 2 heads"),
    ("{X: [1], W_Q: 3, W_K: 2, mask: [[1, 0]]}", "`mask` is 1×2, and there are 1 query and 1 key"),
    (f"{{{THIRDS}, mask: [[1, 1], [0, 0]]}}", "query 2 sees no key"),
    (f"{{{THIRDS}, W_O: true}}", "`W_O: true` is for sizes only; give the numbers of the matrix"),
    ("{tokens: 3, d_model: 10, heads: 4}", "tokens of 10 cannot be dealt out to 4 heads; give `d_k`"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "sentence"), UNDEFINED)
def test_impossible_numbers_are_refused_with_their_sizes(given, sentence):
    with pytest.raises((Undefined, GivenError)) as raised:
        working_of("attention", given)
    assert str(raised.value) == sentence


UNREADABLE = [
    ("{scale: sqrt}", "scale: expected sqrt_dk, none or a number, found 'sqrt'"),
    ("{scale: 0}", "scale: expected sqrt_dk, none or a number other than 0, found 0"),
    ("{mask: [1, 0]}", "mask: expected one row a query, with a number for each key"),
    ("{W_O: [1, 2]}", "W_O: expected a number or a matrix; or true where sizes only are given"),
    ("{Q: [[1, 2]], K: [[1, 2, 3]]}", "K: its axis d_k has length 3, but Q has d_k = 2"),
]


@pytest.mark.parametrize(("given", "sentence"), UNREADABLE)
def test_givens_that_cannot_be_read_say_what_was_expected(given, sentence):
    with pytest.raises(GivenError) as raised:
        givens_of("attention", given)
    assert raised.value.message.startswith(sentence)
