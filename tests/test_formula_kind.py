"""A quantity of the author's own: values, order, links, follow-through, slips, derivatives, symbols, and errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from marking import faults, graded_key, key, marks, verdicts
from solving import givens_of, slip_of, solve, working_of

from hwcheck import kinds
from hwcheck.errors import Undefined

# Values.

NUMBERS = [
    ("{x: 3, y: 4, formula: x^2 + y^2}", 25, "by hand: 9 + 16"),
    ("{x: 7, formula: x/2 + x/2}", 7, "by hand: halves that add up to a whole number"),
    ("{n: 20, formula: n!/(18! * 2!)}", 190, "by hand: 20·19/2"),
    ("{n: 1000003, formula: n^3}", 1000009000027000027, "by hand: the cube of a sum, beyond the digits of a float"),
    ("{x: 7.9, formula: floor(x)}", 7, "by hand"),
    ("{x: 7.9, formula: ceil(x)}", 8, "by hand"),
    ("{x: 2.5, formula: round(x)}", 3, "by hand: halves go up"),
    ("{x: -7.9, formula: sign(x)}", -1, "by hand"),
]
REALS = [
    ("{mlp: 23512, cnn: 12801, formula: 100 * (mlp - cnn) / mlp}", 45.55546103, "by hand: 1071100/23512"),
    ("{x: 1, formula: x/3}", 1 / 3, "by hand"),
    ("{x: 0.5, formula: 2 x}", 1.0, "by hand: real because x is, though it is whole"),
    ("{x: -0.5, formula: 'max(0, x)'}", 0.0, "by hand: real because x is, though 0 is whole"),
    ("{x: 3, formula: sqrt(x)}", 1.7320508075688772, "√3"),
    ("{x: [3, 4], formula: norm(x)}", 5.0, "by hand: 3-4-5"),
    ("{x: [1, 2, 3], w: [0.5, -1, 2], formula: w^T x}", 4.5, "by hand: 0.5 - 2 + 6"),
    ("{A: [[1, 2], [3, 5]], formula: det(A)}", -1.0, "by hand: 5 - 6"),
    ("{p: [0.2, 0.3, 0.5], formula: -sum(p * log2(p))}", 1.485475297, "by hand: 0.2·2.3219281 + 0.3·1.7369656 + 0.5"),
]


@pytest.mark.parametrize(("given", "expected", "source"), NUMBERS, ids=[row[0] for row in NUMBERS])
def test_a_whole_number_stays_exact(given, expected, source):
    assert source
    answer = solve("formula", given)["formula"]
    assert type(answer) is int
    assert answer == expected


@pytest.mark.parametrize(("given", "expected", "source"), REALS, ids=[row[0] for row in REALS])
def test_a_real_number_is_the_one_by_hand(given, expected, source):
    assert source
    answer = solve("formula", given)["formula"]
    assert type(answer) is float
    assert answer == pytest.approx(expected, rel=1e-9)


ARRAYS = [
    ("{A: [[1, 2, 3], [4, 5, 6]], x: [1, 0, -1], formula: A x}", [-2, -2], "by hand"),
    ("{A: [[1, 2, 3], [4, 5, 6]], x: [1, 0, -1], formula: A @ x}", [-2, -2], "the same"),
    ("{A: [[1, 2, 3], [4, 5, 6]], formula: A A^T}", [[14, 32], [32, 77]], "by hand"),
    ("{A: [[1, 2, 3], [4, 5, 6]], formula: A * A}", [[1, 4, 9], [16, 25, 36]], "by hand: entry by entry"),
    ("{A: [[1, 2, 3]], formula: A}", [[1, 2, 3]], "a matrix of one row stays one"),
    ("{x: [5, 2], y: [1, 2, 3], formula: x y^T}", [[5, 10, 15], [2, 4, 6]], "by hand"),
    ("{x: [5, 2], y: [1, 2, 3], formula: 'outer(x, y)'}", [[5, 10, 15], [2, 4, 6]], "by hand"),
    ("{x: [5, 2], y: [1, 2, 3], formula: 'concat(x, y)'}", [5, 2, 1, 2, 3], "by hand"),
    ("{x: [5, 2], formula: diag(x)}", [[5, 0], [0, 2]], "by hand"),
    ("{x: [0, 1.0986122886681098], formula: softmax(x)}", [0.25, 0.75], "by hand: 1 and e^(ln 3)"),
    ("{A: [[2, 1], [1, 1]], formula: inv(A)}", [[1, -1], [-1, 2]], "by hand"),
    ("{x: [-1, 2], formula: 'max(0, x)'}", [0, 2], "by hand"),
    ("{x: 3, formula: '[x, x^2]'}", [3, 9], "by hand"),
    ("{A: [[1, 2, 3], [4, 5, 6]], formula: 'A[2, 1]'}", 4, "by hand: entries count from 1"),
]


@pytest.mark.parametrize(("given", "expected", "source"), ARRAYS, ids=[row[0] for row in ARRAYS])
def test_arrays_are_worked_out_as_on_paper_and_a_column_is_a_vector(given, expected, source):
    assert source
    answer = solve("formula", given)["formula"]
    assert np.shape(answer) == np.shape(expected)
    np.testing.assert_allclose(answer, expected, atol=1e-12)


def test_several_formulas_are_worked_out_in_order_and_may_use_those_above():
    answers = solve("formula", "{x: 3, formula: {u: x + 1, v: u^2, w_1: v - u, total: u + v + w1}}")
    assert answers == {"u": 4, "v": 16, "w_1": 12, "total": 32}
    assert list(answers) == ["u", "v", "w_1", "total"]


def test_an_array_above_has_entries():
    """By hand: 4² + 1, and 17 (2 + 1)."""
    answers = solve("formula", "{x: [3, 4], formula: {u: x^2, v: 'u[2] + 1', w: 'v [2 + 1]'}}")
    assert (answers["v"], answers["w"]) == (17, 51)


def test_an_entry_of_an_array_above_may_be_written_with_an_underscore():
    assert solve("formula", "{x: [3, 4], formula: {u: x^2, v: u_2 + 1}}")["v"] == 17


def test_a_formula_may_not_use_one_below():
    text = "kind: formula\ngiven: {x: 3, formula: {u: v + 1, v: x}}\nparts: {a: {ask: v}}"
    assert faults(text) == ["2: given: u: 'v + 1': unknown name 'v'; expected x"]


FUNCTIONS = [  # x = (2.5, -2, 1), y = -1.5
    ("sum(x)", 1.5), ("mean(x)", 0.5), ("prod(x)", -5), ("abs(y)", 1.5), ("sign(y)", -1), ("sqrt(4)", 2), ("exp(0)", 1),
    ("log(1)", 0), ("log2(8)", 3), ("log10(1000)", 3), ("sin(0)", 0), ("cos(0)", 1), ("tan(0)", 0), ("tanh(0)", 0),
    ("floor(y)", -2), ("ceil(y)", -1), ("round(y)", -1), ("min(x)", -2), ("max(x)", 2.5), ("norm([3, 4])", 5),
    ("det([[1, 2], [3, 5]])", -1), ("sum(inv([[1, 2], [3, 5]]))", -1), ("sum(diag(x))", 1.5), ("sum(outer(x, x))", 2.25),
    ("sum(concat(x, x))", 3), ("sum(softmax(x))", 1), ("heaviside(0)", 0.5), ("step(0)", 1), ("sigmoid(0)", 0.5), ("relu(y)", 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FUNCTIONS, ids=[row[0] for row in FUNCTIONS])
def test_every_function_that_is_promised_can_be_used(text, expected):
    """By hand; the functions that kinds.md lists."""
    answer = solve("formula", f"{{x: [2.5, -2, 1], y: -1.5, formula: '{text}'}}")["formula"]
    assert answer == pytest.approx(expected, abs=1e-12)


# Asking, answering, following.

PERCENT = """
    kind: formula
    given:
      mlp: 23512
      cnn: 12801
      formula: {saved: mlp - cnn, reduction: 100 * saved / mlp, left: 100 - reduction}
      slips: {reduction: {took the percentage of the wrong base: 100 * saved / cnn}}
    parts: {s: {ask: saved}, r: {ask: reduction, unit: percent}, l: {ask: left, unit: percent}}
"""


def test_a_percentage_is_answered_with_or_without_its_sign():
    """By hand: 10,711 of 23,512 is 45.555…; of 12,801 it is 83.67…."""
    assert verdicts(PERCENT, "{s: 10711, r: 45.6%, l: 54.4}") == {"s": "right", "r": "right", "l": "right"}
    assert verdicts(PERCENT, "{s: 10711, r: 45.5554610, l: 54.44}") == {"s": "right", "r": "right", "l": "right"}


def test_the_mistake_that_the_author_expects_is_named_and_followed():
    found = marks(PERCENT, "{s: 10711, r: 83.7%, l: 16.3}")
    assert (found["r"].verdict, found["r"].cause) == ("wrong", "took the percentage of the wrong base")
    assert found["l"].verdict == "follows"


def test_what_follows_from_a_wrong_value_above_earns_its_points():
    """By hand: 100·20000/23512 = 85.06, 100 - 85.06 = 14.94."""
    found = marks(PERCENT, "{s: 20000, r: 85.06, l: 14.94}")
    assert {part: mark.verdict for part, mark in found.items()} == {"s": "wrong", "r": "follows", "l": "follows"}
    assert [mark.points for mark in found.values()] == [0, 1, 1]


def test_a_slip_of_the_only_formula_needs_no_name():
    given = "{x: 1.5, k: 3, formula: x^k/(1 + x), slips: {left out the 1: x^k/x}}"
    assert slip_of("formula", given, "formula", "left out the 1") == pytest.approx(2.25)
    text = f"kind: formula\ngiven: {given}\nparts: {{a: {{ask: formula}}}}"
    assert marks(text, "a: 2.25")["a"].cause == "left out the 1"
    assert marks(text, "a: 1.35")["a"].verdict == "right"


def test_a_slip_without_a_value_does_not_exist():
    done = working_of("formula", "{x: 2, y: 2, formula: x + y, slips: {took the quotient of nothing: x/(x - y)}}")
    assert done.steps["formula"].slip_value("took the quotient of nothing") is None


def test_a_slip_may_use_what_stands_above_its_formula():
    given = "{x: 3, formula: {u: x + 1, v: 2 u}, slips: {v: {took x for u: 2 x, left u as it was: u}}}"
    assert slip_of("formula", given, "v", "took x for u") == 6
    assert slip_of("formula", given, "v", "left u as it was") == 4


LINKED = """
problems:
  one: {kind: formula, given: {x: 4, formula: x^2 - x}, parts: {a: {ask: formula}}}
  two: {kind: formula, given: {y: {from: one.a}, formula: {z: y + 1, w: z/2}}, parts: {a: {ask: z}, b: {ask: w}}}
"""


def test_a_given_may_be_the_answer_to_another_part():
    """By hand: 16 - 4, 13, 6.5; with 10 for 12: 11 and 5.5."""
    assert verdicts(LINKED, "one: {a: 12}\ntwo: {a: 13, b: 6.5}") == {
        "one.a": "right",
        "two.a": "right",
        "two.b": "right",
    }
    assert verdicts(LINKED, "one: {a: 10}\ntwo: {a: 11, b: 5.5}") == {
        "one.a": "wrong",
        "two.a": "follows",
        "two.b": "follows",
    }
    assert verdicts(LINKED, "one: {a: 10}\ntwo: {a: 13, b: 8}") == {
        "one.a": "wrong",
        "two.a": "right",
        "two.b": "wrong",
    }


def test_an_array_may_be_linked_too():
    text = """
    problems:
      one: {kind: formula, given: {x: [1, 2, 4], formula: x^2}, parts: {a: {ask: formula}}}
      two: {kind: formula, given: {y: {from: one.a}, formula: sum(y)}, parts: {a: {ask: formula}}}
    """
    assert verdicts(text, "one: {a: [1, 4, 16]}\ntwo: {a: 21}") == {"one.a": "right", "two.a": "right"}
    assert verdicts(text, "one: {a: [1, 4, 8]}\ntwo: {a: 13}") == {"one.a": "partial", "two.a": "follows"}


def test_an_array_of_formulas_is_asked_by_entry_as_well():
    text = """
    kind: formula
    given: {A: [[1, 2, 3], [4, 5, 6]], x: [1, 0, -2], formula: {z: A x, M: A^T A}}
    parts: {z: {ask: z}, one: {ask: "z[1]"}, row: {ask: "M[0]"}, shape: {ask: M.shape}}
    """
    found = verdicts(text, "{z: [-5, -8], one: -8, row: [17, 22, 27], shape: 3x3}")
    assert set(found.values()) == {"right"}


# Derivatives.

SLOPES = [
    ("{x: 3, formula: 'd(x^2, x)'}", 6, "by hand: 2x"),
    ("{x: 3, a: 2, formula: 'a + 10 d(a x^2, x)'}", 122, "by hand: 2 + 10·2·2·3"),
    ("{x: 3, formula: {f: x^2, g: f^2 + x, s: 'd(g, x)'}}", 109, "by hand: 4x³ + 1"),
    ("{x: 3, formula: {f: x^2, g: f^2 + x, s: 'd(g, f)'}}", 18, "by hand: 2f, an earlier name"),
    ("{x: 3, formula: {f: x^2, g: f^2 + x, s: 'd(f, g)'}}", 0, "by hand: f does not depend on g"),
    ("{x: 3, formula: {f: x^4, g: 'd(f, x)', s: 'd(g, x)'}}", 108, "by hand: 12x²"),
    ("{x: 3, formula: {s: 'd(d(x^4, x), x)'}}", 108, "by hand: 12x²"),
    ("{x: 3, formula: {s: 'd(x d(x^3, x), x)'}}", 81, "by hand: x·3x² has the slope 9x²"),
    ("{x: 3, seed: 5, formula: {s: 'd(seed x, x)'}}", 5, "by hand: a given may have any name"),
    ("{x: 0.5, formula: {p: sigmoid(x), loss: -ln(p), s: 'd(loss, x)'}}", -1 / (1 + math.exp(0.5)), "by hand: p - 1"),
    ("{x: [3, 4], t: 2, formula: {s: 'd(t x, t)'}}", [3, 4], "by hand: an array that depends on one number"),
    ("{x: [1, -2, 4], formula: {s: 'd(sum(x^2), x)'}}", [2, -4, 8], "by hand: 2x"),
    ("{x: [3, 4], seed: 5, formula: {s: 'd(seed sum(x), x)'}}", [5, 5], "by hand: a given may have any name"),
    ("{W: [[1, -2, 4]], formula: {M: W, s: 'd(sum(M * M), M)'}}", [[2, -4, 8]], "by hand: so has that in an earlier name"),
    ("{W: [[1, -2, 4]], formula: {s: 'd(sum(W * W), W)'}}", [[2, -4, 8]], "by hand: the gradient has the axes of W"),
    ("{W: [[1, -2], [0, 3], [5, 4]], x: [2, 1], formula: {s: 'd(sum(W x), W)'}}", [[2, 1]] * 3, "by hand: 1 xᵀ"),
    ("{x: [2], formula: {s: 'd(sum(x^3), x)'}}", [12], "by hand: a list of one stays one"),
    ("{z: [0, 1.0986122886681098], formula: {p: softmax(z), loss: '-ln(p[1])', s: 'd(loss, z)'}}", [-0.75, 0.75],
     "by hand: p - y with p = (1/4, 3/4)"),
    ("{x: [0.5, -1, 2], w: [0.3, 0.8, -0.4], y: 1, b: 0.5, "
     "formula: {p: sigmoid(w^T x + b), loss: -y ln(p) - (1 - y) ln(1 - p), s: 'd(loss, w)'}}",
     [-0.3605576, 0.7211152, -1.4422304],
     "logistic regression by hand: z = 0.15 - 0.8 - 0.8 + 0.5 = -0.95, p - 1 = -1/(1 + e^-0.95) = -0.7211152, times x"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected", "source"), SLOPES, ids=[row[0] for row in SLOPES])
def test_d_is_the_slope_by_hand(given, expected, source):
    assert source
    answers = solve("formula", given)
    answer = answers["formula"] if "formula" in answers else answers["s"]
    assert np.shape(answer) == np.shape(expected)
    expected_type = type(expected) if not isinstance(expected, list) else np.ndarray
    assert isinstance(answer, expected_type)
    np.testing.assert_allclose(answer, expected, rtol=0, atol=1e-7 if "0.3605576" in str(expected) else 1e-12)


def test_a_slope_follows_from_a_wrong_value_above():
    """Logistic regression by hand: (p - y) x with p = 0.6, so -0.4 (0.5, -1, 2)."""
    text = """
    kind: formula
    given: {x: [0.5, -1, 2], w: [0.3, 0.8, -0.4], y: 1, formula: {p: sigmoid(w^T x), loss: -ln(p), slope: "d(loss, w)"}}
    parts: {p: {ask: p}, g: {ask: slope}}
    """
    assert verdicts(text, "{p: 0.6, g: [-0.2, 0.4, -0.8]}") == {"p": "wrong", "g": "follows"}


def test_a_formula_named_d_is_an_ordinary_name():
    assert solve("formula", "{x: 3, formula: {d: x + 1, e_1: d^2, f: d (x + 2)}}") == {"d": 4, "e_1": 16, "f": 20}


# Symbols.


def test_a_real_symbol_has_both_signs_and_a_whole_one_its_bounds():
    """By hand: |x| is neither x nor √x; C(n, 2) = n (n-1)/2."""
    text = """
    kind: formula
    symbols: {n: {integer: [2, 30]}}
    given: {x: x, n: n, formula: {a: abs(x), pairs: n (n - 1)/2}}
    parts: {a: {ask: a}, pairs: {ask: pairs}}
    """
    assert verdicts(text, "{a: sqrt(x^2), pairs: n!/(2 (n-2)!)}") == {"a": "right", "pairs": "right"}
    assert verdicts(text, "{a: x, pairs: n^2/2}") == {"a": "wrong", "pairs": "wrong"}


def test_a_slope_in_symbols_is_answered_by_a_formula():
    """By hand: 3 a x² - 1; (p - y) x."""
    text = """
    kind: formula
    symbols: {v: {shape: [3]}, w: {shape: [3]}, y: {real: [0, 1]}}
    given:
      {x: x, a: a, v: v, w: w, y: y,
       formula: {f: a x^3 - x, slope: "d(f, x)", p: sigmoid(w^T v), loss: -y ln(p) - (1-y) ln(1-p), g: "d(loss, w)"}}
    parts: {s: {ask: slope}, p: {ask: p}, g: {ask: g}}
    """
    found = verdicts(text, r"{s: 3a x^2 - 1, p: '1/(1 + e^{-w^T v})', g: (p - y) v}")
    assert found == {"s": "right", "p": "right", "g": "right"}
    assert verdicts(text, "{s: 3a x^2, p: sigmoid(v^T w), g: (y - p) v}") == {"s": "wrong", "p": "right", "g": "wrong"}


def test_a_formula_in_symbols_follows_from_a_wrong_one():
    """By hand, with u = x for u = x + 1: 2 u."""
    text = "kind: formula\ngiven: {x: x, formula: {u: x + 1, v: 2 u + x}}\nparts: {u: {ask: u}, v: {ask: v}}"
    assert verdicts(text, "{u: 5 x, v: 11 x}") == {"u": "wrong", "v": "follows"}
    assert verdicts(text, "{u: 5 x, v: 2 u + x}") == {"u": "wrong", "v": "right"}
    assert verdicts(text, "{u: 5 x, v: 3 x + 2}") == {"u": "wrong", "v": "right"}


def test_an_expected_mistake_in_symbols_is_named():
    text = """
    kind: formula
    given: {x: x, k: k, formula: x^2/(1 + k^2), slips: {left out the 1: x^2/k^2}}
    parts: {a: {ask: formula}}
    """
    assert marks(text, "a: (x/k)^2")["a"].cause == "left out the 1"


# Errors: where, what was found, what would work.

X = "{x: 3, mlp: 7, "
FAULTS = [
    (X + "formula: x + q}", "given: formula: 'x + q': unknown name 'q'; expected one of x, mlp"),
    (X + "formula: mpl + 1}", "given: formula: 'mpl + 1': unknown name 'mpl'; did you mean 'mlp'?"),
    (X + "formula: {u: x, v: u + mpl}}", "given: v: 'u + mpl': unknown name 'mpl'; did you mean 'mlp'?"),
    (X + "formula: x +}", "given: formula: 'x +': the formula ends too early"),
    (X + "formula: (x + 1}", "given: formula: '(x + 1': this bracket is not closed"),
    (X + "formula: {x: mlp + 1}}", "given: 'x' is given, and has a formula; rename one of them"),
    (X + "formula: {y_1: x, y1: x}}", "given: 'y1' and 'y_1' are the same name; rename one of them"),
    (X + "formula: {1a: x}}", "given: formula: expected a name such as loss, found '1a'"),
    (X + "formula: {}}", "given: formula: expected `name: formula` lines, found none"),
    (X + "formula: {u: }}", "given: formula: expected a formula, found nothing"),
    (X + "formula: [1, 2]}", "given: formula: expected a formula, found a list of 2"),
    (X + "formula: {u: {v: x}}}", "given: formula: expected a formula, found a mapping"),
    (X + "formula: 1/(x - 3)}", "given: formula: '1/(x - 3)': a division by zero"),
    (X + "formula: ln(-x)}", "given: formula: 'ln(-x)': no real value"),
    (X + "formula: (x mlp/2)!}", "given: formula: '(x mlp/2)!': a factorial is read for whole numbers from 0 to 500"),
    (X + "formula: d(x^2)}", "given: formula: 'd(x^2)': d takes a formula and the name that varies, as in d(x^2, x)"),
    (X + "formula: 'd(x^2, 2x)'}",
     "given: formula: 'd(x^2, 2x)': d takes a formula and the name that varies, as in d(x^2, x)"),
    (X + "formula: 'd(x^2, y)'}", "given: formula: 'd(x^2, y)': unknown name 'y'; expected one of x, mlp"),
    (X + "formula: 'd(x!, x)'}", "given: formula: 'd(x!, x)': the derivative of a factorial is not known here"),
    (X + "d: 5, formula: 'd(x^2, x)'}",
     "given: formula: 'd(x^2, x)': 'd' is a name here, so d(f, x) is no derivative; rename it"),
    ("{x: [1, 2], formula: 'd(x^2, x)'}",
     "given: formula: 'd(x^2, x)': the gradient in the array 'x' is that of a number; take the sum, or one entry"),
    ("{A: [[1, 2], [3, 4]], x: [1, 2, 3], formula: A x}", "given: formula: 'A x': a product of 2×2 and 3×1 does not exist"),
    (X + "formula: {u: x}, slips: {v: {left out 1: x}}}", "given: slips: there is no formula 'v'; expected u"),
    (X + "formula: {loss: x}, slips: {los: {left out 1: x}}}",
     "given: slips: there is no formula 'los'; did you mean 'loss'?"),
    (X + "formula: {loss: x}, slips: {left out 1: x}}",
     "given: slips: for which formula is 'left out 1'? write {loss: {left out 1: …}}"),
    (X + "formula: x, slips: {left out 1: x + q}}", "given: formula: slips: 'x + q': unknown name 'q'; expected one of x, mlp"),
    (X + "formula: x, slips: 4}", "given: slips: expected `name: {label: formula}`, found '4'"),
    (X + "formula: x, slips: {left out 1: }}", "given: slips: expected a formula, found nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), FAULTS, ids=[row[0] for row in FAULTS])
def test_an_error_says_which_formula_what_was_found_and_what_would_work(given, message):
    text = f"kind: formula\ngiven: {given}\nparts: {{a: {{ask: formula}}}}"
    assert message in [fault.removeprefix("2: ") for fault in faults(text)]


def test_an_error_in_a_formula_that_nobody_asks_for_is_an_error_too():
    text = "kind: formula\ngiven: {x: 3, formula: {u: x, v: x + q}}\nparts: {a: {ask: u}}"
    assert faults(text) == ["2: given: v: 'x + q': unknown name 'q'; expected one of x, u"]


def test_a_name_that_is_given_twice_is_an_error_of_the_file():
    text = "kind: formula\ngiven: {x: 3, formula: {u: x, u: x + 1}}\nparts: {a: {ask: u}}"
    assert faults(text) == ["2: 'u' is given twice; keep one"]


def test_a_problem_without_a_formula_asks_for_one():
    assert faults("kind: formula\ngiven: {x: 3}\nparts: {a: {ask: formula}}") == [
        "3: give `formula`: 'formula' needs it"
    ]


def test_asking_for_a_formula_without_its_name_says_which_there_are():
    text = "kind: formula\ngiven: {x: 3, formula: {u: x, v: u + 1}}\nparts: {a: {ask: formula}, b: {ask: w}}"
    assert faults(text) == [
        "3: ask: no quantity 'formula'; expected one of u, v",
        "3: ask: no quantity 'w'; expected one of u, v",
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            "{x: abc, formula: x}",
            "2: given: x: expected a number, found 'abc' (unknown name 'abc'; a number is expected here)",
        ),
        ("{x: {y: 2}, formula: x}", "2: given: x: expected a number, found a mapping"),
        ("{x: , formula: x}", "2: given: x: expected a number, found nothing"),
    ],
)
def test_a_given_that_is_no_number_is_an_error(given, message):
    (found,) = faults(f"kind: formula\ngiven: {given}\nparts: {{a: {{ask: formula}}}}")
    assert found == message


def test_a_value_that_only_a_carried_answer_takes_away_ends_the_working_there():
    with pytest.raises(Undefined, match=r"^v: '1/u': a division by zero$"):
        working_of("formula", "{x: 3, formula: {u: x, v: 1/u}}", carry={"u": 0})


# What is printed.


def test_the_key_of_formulas_is_their_value_and_earns_full_marks():
    assert key(PERCENT) == {"s": "10711", "r": "45.5554610412", "l": "54.4445389588"}
    assert set(graded_key(PERCENT).values()) == {"right"}
    assert set(graded_key(LINKED).values()) == {"right"}


@pytest.mark.parametrize("text", ["round(x/3)", "x^2 + 1", "d(x^3, x)"])
def test_the_formula_of_a_step_is_the_text_of_the_author_unless_it_derives(text):
    step = working_of("formula", f"{{x: 7, formula: '{text}'}}").steps["formula"]
    assert step.formula == ("" if text.startswith("d(") else text)


def test_the_page_of_the_kind_tells_of_derivatives_and_slips():
    kind = kinds.load("formula")
    assert "d(f, x)" in kind.function.__doc__
    assert {name: bool(field.doc) for name, field in kind.givens.fields.items()} == {"formula": True, "slips": True}
    assert givens_of("formula", "{x: 3, formula: x}").own == {"x": 3}
