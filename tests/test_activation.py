"""Activation functions, against PyTorch's numbers and hand calculations."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import evaluation, expressions
from hwcheck.errors import Missing, Undefined
from hwcheck.expressions import key
from hwcheck.given import GivenError
from hwcheck.kernels import curves
from hwcheck.kinds.activation import CURVES, PARAMETERS

CASES = json.loads((Path(__file__).parent / "data/activations.json").read_text(encoding="utf-8"))["cases"]


def close(found, expected):
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("case", CASES, ids=[str({**c["given"], "x": "…"}) for c in CASES])
def test_values_and_derivatives_are_those_of_pytorch(case):
    answers = solve("activation", json.dumps(case["given"]))
    close(answers["value"], case["value"])
    close(answers["derivative"], case["derivative"])


@pytest.mark.parametrize("case", CASES, ids=[str({**c["given"], "x": "…"}) for c in CASES])
def test_a_number_is_an_array_of_one_entry(case):
    for x, value, derivative in zip(case["given"]["x"], case["value"], case["derivative"], strict=True):
        answers = solve("activation", json.dumps({**case["given"], "x": x}))
        assert type(answers["value"]) is type(answers["derivative"]) is float
        close(answers["value"], value)
        close(answers["derivative"], derivative)


AT_ZERO = [
    ("relu", "derivative", "1/2", 0.5, "IFT6135, assignment 1, Q1.1: H(0) = ½"),
    ("relu", "derivative", "½", 0.5, "the same, as one sign"),
    ("relu", "derivative", "0", 0.0, "PyTorch; BITS Pilani, end of term 2024"),
    ("relu", "derivative", "1", 1.0, "by hand: max(0, x) written with x ≥ 0"),
    ("relu", "value", "1", 0.0, "by hand: there is no jump"),
    ("leaky_relu", "derivative", "1/2", 0.505, "by hand: half way from 0.01 to 1"),
    ("leaky_relu", "derivative", "0", 0.01, "PyTorch: the slope from the left"),
    ("elu", "derivative", "1/2", 1.0, "by hand: no kink where α = 1"),
    ("heaviside", "value", "1/2", 0.5, "IFT6135, assignment 1, Q1: H(0) = ½"),
    ("heaviside", "value", "1", 1.0, "numpy.heaviside(0, 1)"),
    ("step", "value", "0", 0.0, "by hand"),
]


@pytest.mark.parametrize(
    ("function", "name", "at_zero", "expected", "source"), AT_ZERO, ids=[f"{r[1]} of {r[0]}, {r[2]}" for r in AT_ZERO]
)
def test_what_is_taken_at_0_is_a_convention(function, name, at_zero, expected, source):
    assert source
    done = working_of_jump("activation", f"{{function: {function}, x: 0, at_zero: {at_zero}}}")
    assert done[name] == pytest.approx(expected, rel=1e-14)


def working_of_jump(kind, given):
    """The quantities of a run, also of one that ends where a derivative does not exist."""
    from hwcheck import kinds
    from hwcheck.working import run

    steps = run(kinds.load(kind).function, givens_of(kind, given)).steps
    return {name: step.computed for name, step in steps.items()}


def test_at_zero_is_a_half_and_for_the_step_one_where_nothing_is_said():
    """hardlim(0) = 1: Hagan et al., Neural Network Design, table 2.1."""
    assert working_of_jump("activation", "{function: relu, x: 0}")["derivative"] == 0.5
    assert working_of_jump("activation", "{function: heaviside, x: 0}")["value"] == 0.5
    assert working_of_jump("activation", "{function: step, x: 0}")["value"] == 1.0


def test_elu_with_a_kink_has_the_share_between_both_derivatives():
    """By hand: α = 3 from the left and 1 from the right."""
    for at_zero, expected in (("0", 3.0), ("1/2", 2.0), ("1", 1.0)):
        answers = solve("activation", f"{{function: elu, x: 0, alpha: 3, at_zero: {at_zero}}}")
        assert answers["derivative"] == expected


LARGEST = [
    ("{function: sigmoid}", 0.25, "by hand: ½ (1 - ½) at 0"),
    ("{function: sigmoid, k: 3}", 0.75, "by hand: 3/4"),
    ("{function: tanh}", 1.0, "by hand: 1 - tanh² is 1 at 0"),
    ("{function: tanh, k: 0.5}", 0.5, "by hand"),
    ("{function: relu}", 1.0, "by hand"),
    ("{function: leaky_relu, slope: 0.2}", 1.0, "by hand"),
    ("{function: leaky_relu, slope: 1.5}", 1.5, "by hand"),
    ("{function: elu}", 1.0, "by hand"),
    ("{function: elu, alpha: 2}", 2.0, "by hand: 2 e^x just below 0"),
    ("{function: softplus, k: 4}", 1.0, "by hand: a sigmoid, which comes near 1"),
    ("{function: gelu}", 1.1289041451904, "by hand: Φ(√2) + √2 φ(√2), Φ(√2) = 0.9213503965, φ(√2) = e⁻¹/√(2π)"),
    ("{function: swish}", 1.0998393201289, "by hand: at the root 2.39935728 of x tanh(x/2) = 2, by bisection"),
    ("{function: swish, k: 7}", 1.0998393201289, "the same: the slope of x σ(kx) is that of u σ(u) at u = kx"),
]


@pytest.mark.parametrize(("given", "expected", "source"), LARGEST, ids=[row[0] for row in LARGEST])
def test_the_largest_derivative_needs_no_x(given, expected, source):
    assert source
    done = working_of("activation", given)
    assert done.steps["max_derivative"].computed == pytest.approx(expected, rel=1e-10)
    assert isinstance(done.ended, Missing)
    assert done.ended.name == "x"


@pytest.mark.parametrize("case", CASES, ids=[str({**c["given"], "x": "…"}) for c in CASES])
def test_no_derivative_is_larger_than_the_largest(case):
    x = np.linspace(-9, 9, 3601) + 1e-4
    answers = solve("activation", json.dumps({**case["given"], "x": x.tolist()}))
    if "max_derivative" in answers:
        assert answers["derivative"].max() <= answers["max_derivative"] * (1 + 1e-12)
        assert answers["derivative"].max() >= answers["max_derivative"] * 0.99


def test_a_steep_sigmoid_comes_near_the_heaviside_function():
    """IFT6135, assignment 1, Q1.3: the limit for large k."""
    x = "[-0.5, 0, 0.5]"
    steep = solve("activation", f"{{function: sigmoid, k: 200, x: {x}}}")["value"]
    np.testing.assert_allclose(
        steep, working_of_jump("activation", f"{{function: heaviside, x: {x}}}")["value"], atol=1e-12
    )


def test_nothing_overflows():
    """By hand: far out every function is one of its two asymptotes."""
    for function, value, derivative in (
        ("sigmoid", [0, 1], [0, 0]), ("softplus", [0, 800], [0, 1]), ("elu", [-1, 800], [0, 1]),
        ("swish", [0, 800], [0, 1]), ("gelu", [0, 800], [0, 1]), ("tanh", [-1, 1], [0, 0]),
    ):  # fmt: skip
        with np.errstate(over="raise", invalid="raise"):
            answers = solve("activation", f"{{function: {function}, x: [-800, 800]}}")
        np.testing.assert_allclose(answers["value"], value, atol=1e-300)
        np.testing.assert_allclose(answers["derivative"], derivative, atol=1e-300)


def test_the_normal_distribution_is_the_tabulated_one():
    """Abramowitz and Stegun, Handbook of Mathematical Functions (1964), table 26.1."""
    assert float(curves.normal_distribution(1.0)) == pytest.approx(0.841344746068543, abs=1e-14)
    assert float(curves.normal_density(1.0)) == pytest.approx(0.241970724519143, abs=1e-14)


SLIPS = [
    ("{function: sigmoid, x: 3}", "derivative", "took the derivative of 1/u at its value instead of at u",
     0.0548680, "BITS Pilani, make-up 2023 (printed .0548): e⁻³/σ(3)² = 0.0497871·1.0497871², where .0452 is right"),
    ("{function: sigmoid, x: 0}", "derivative", "took the sigmoid of its value once more", 0.2350037,
     "by hand: σ(½)(1 - σ(½)) with σ(½) = 0.6224593"),
    ("{function: sigmoid, x: 0, k: 3}", "derivative", "left out the derivative of the inner function", 0.25, "by hand"),
    ("{function: sigmoid, x: 0}", "derivative", "took the value for its derivative", 0.5, "by hand"),
    ("{function: sigmoid, x: 1}", "value", "left out the minus sign in the exponent", 0.2689414, "by hand: 1/(1 + e)"),
    ("{function: sigmoid, x: 1, k: 2}", "value", "left out the steepness", 0.7310586, "by hand: 1/(1 + e⁻¹)"),
    ("{function: sigmoid, k: 2}", "max_derivative", "took the sigmoid at 0 for its derivative there", 1.0, "by hand: 2·½"),
    ("{function: sigmoid, k: 2}", "max_derivative", "took 1 for the largest derivative of the sigmoid", 2.0, "by hand: 2·1"),
    ("{function: sigmoid, k: 2}", "max_derivative", "left out the steepness", 0.25, "by hand"),
    ("{function: tanh, k: 2}", "max_derivative", "left out the steepness", 1.0, "by hand"),
    ("{function: tanh}", "max_derivative", "took the largest derivative of the sigmoid", 0.25, "by hand"),
    ("{function: tanh, x: 1}", "value", "took the sigmoid", 0.7310586, "by hand: 1/(1 + e⁻¹)"),
    ("{function: tanh, x: 1}", "derivative", "left out the square", 0.2384058, "by hand: 1 - 0.7615942"),
    ("{function: tanh, x: 1}", "derivative", "took the tanh of its value once more", 0.5878168,
     "by hand: 1 - tanh(0.7615942)², with 0.6420150"),
    ("{function: tanh, x: 0, k: 2}", "derivative", "left out the derivative of the inner function", 1.0, "by hand"),
    ("{function: relu, x: [-2, 3]}", "value", "took the absolute value", [2, 3], "by hand"),
    ("{function: relu, x: [-2, 3]}", "value", "left negative numbers as they are", [-2, 3], "by hand"),
    ("{function: relu, x: [-2, 3]}", "derivative", "took 1 below 0 as well", [1, 1], "by hand"),
    ("{function: leaky_relu, x: [-2, 3]}", "value", "took 0 below 0", [0, 3], "by hand"),
    ("{function: leaky_relu, x: [-2, 3]}", "derivative", "took 0 below 0", [0, 1], "by hand"),
    ("{function: elu, x: [-1, 3], alpha: 2}", "value", "left out α", [-0.6321206, 3], "by hand: e⁻¹ - 1"),
    ("{function: elu, x: [-1, 3], alpha: 2}", "value", "left out the - 1", [0.7357589, 3], "by hand: 2 e⁻¹"),
    ("{function: elu, x: [-1, 3], alpha: 2}", "derivative", "left out α", [0.3678794, 1], "by hand: e⁻¹"),
    ("{function: elu, alpha: 2}", "max_derivative", "left out α", 1.0, "by hand"),
    ("{function: softplus, x: 1, k: 2}", "value", "left out the division by k", 2.1269280, "by hand: ln(1 + e²)"),
    ("{function: softplus, x: 1, k: 2}", "value", "left out the 1", 1.0, "by hand: ln(e²)/2"),
    ("{function: softplus, x: 1}", "derivative", "took the derivative of the sigmoid", 0.1966119,
     "by hand: 0.7310586·0.2689414"),
    ("{function: softplus, x: 1}", "derivative", "left out the minus sign in the exponent", 0.2689414, "by hand"),
    ("{function: softplus}", "max_derivative", "took the largest derivative of the sigmoid", 0.25, "by hand"),
    ("{function: gelu, x: 1}", "value", "left out the factor x", 0.8413447, "table: Φ(1)"),
    ("{function: gelu, x: 1}", "derivative", "left out the second term of the product rule", 0.8413447, "table: Φ(1)"),
    ("{function: gelu}", "max_derivative", "took 1 for the largest derivative", 1.0, "by hand"),
    ("{function: swish, x: -1}", "value", "left out the factor x", 0.2689414, "by hand: 1/(1 + e)"),
    ("{function: swish, x: -1}", "derivative", "left out the second term of the product rule", 0.2689414, "by hand"),
    ("{function: swish}", "max_derivative", "took 1 for the largest derivative", 1.0, "by hand"),
    ("{function: square, x: 3}", "value", "doubled x instead of squaring it", 6.0, "by hand"),
    ("{function: square, x: 3}", "derivative", "left out the factor 2", 3.0, "by hand"),
    ("{function: heaviside, x: [-2, 3]}", "value", "exchanged the two sides", [1, 0], "by hand"),
    ("{function: step, x: [-2, 3]}", "value", "exchanged the two sides", [1, 0], "by hand"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    np.testing.assert_allclose(slip_of("activation", given, name, label), expected, rtol=2e-6, atol=1e-12)


def test_the_derivative_of_a_sigmoid_follows_from_a_wrong_value():
    """By hand: 0.8·0.2, and 1 - 0.8²."""
    for function, expected in (("sigmoid", 0.16), ("tanh", 0.36)):
        steps = working_of("activation", f"{{function: {function}, x: 1}}", carry={"value": 0.8}).steps
        assert steps["derivative"].computed == pytest.approx(expected)


IMPOSSIBLE = [
    ("{function: relu, x: 1, k: 2}", "relu has no `k`; that belongs to sigmoid and tanh and softplus and swish"),
    ("{function: sigmoid, x: 1, slope: 0.1}", "sigmoid has no `slope`; that belongs to leaky_relu"),
    ("{function: step, x: [1, 0]}", "step has no derivative at 0, where it jumps"),
    ("{function: square}", "square has no largest derivative"),
]


@pytest.mark.parametrize(("given", "message"), IMPOSSIBLE, ids=[row[0] for row in IMPOSSIBLE])
def test_what_makes_no_sense_is_said(given, message):
    with pytest.raises(Undefined) as caught:
        working_of("activation", given)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{at_zero: 0.3}", "at_zero: expected 1/2, 0 or 1, found '0.3'"),
        ("{at_zero: [1]}", "at_zero: expected 1/2, 0 or 1, found a list of 1"),
        ("{k: 0}", "k: expected a number above 0, found 0"),
        ("{function: rellu}", "function: found 'rellu'; did you mean 'relu'?"),
    ],
)
def test_a_given_that_cannot_be_read_says_what_was_found_and_expected(given, message):
    with pytest.raises(GivenError) as caught:
        givens_of("activation", given)
    assert caught.value.message == message


SYMBOLS = """
    id: curves
    problems:
      relu:
        kind: activation
        given: {function: relu, x: x}
        parts: {value: {ask: value}, derivative: {ask: derivative}}
      sigmoid:
        kind: activation
        given: {function: sigmoid, x: x, k: k}
        parts: {value: {ask: value}, derivative: {ask: derivative}, largest: {ask: max_derivative}}
      leaky:
        kind: activation
        symbols: [a]
        given: {function: leaky_relu, x: x, slope: a}
        parts: {value: {ask: value}, derivative: {ask: derivative}}
      vector:
        kind: activation
        symbols: {x: {shape: [3]}}
        given: {function: tanh, x: x}
        parts: {derivative: {ask: derivative}}
      gelu:
        kind: activation
        given: {function: gelu, x: x}
        parts: {derivative: {ask: derivative}}
"""


def verdicts(report):
    return {mark.part: (mark.verdict, mark.cause) for mark in report.marks if mark.verdict != "blank"}


def test_formulas_in_x_are_judged(marked):
    report = marked(
        SYMBOLS,
        """
        problem: curves
        answers:
          relu: {value: x H(x), derivative: {x > 0: 1, x < 0: 0}}
          sigmoid: {value: 1/(1+e^{-kx}), derivative: k σ(kx)(1-σ(kx)), largest: k/4}
          leaky: {value: "max(a x, x)", derivative: {x > 0: 1, otherwise: a}}
          vector: {derivative: 1 - tanh(x) * tanh(x)}
          gelu: {derivative: Φ(x) + x φ(x)}
        """,
    )
    assert set(verdicts(report).values()) == {("right", None)}
    assert len(report.marks) == 9


def test_wrong_formulas_in_x_are_named(marked):
    report = marked(
        SYMBOLS,
        """
        problem: curves
        answers:
          relu: {value: abs(x), derivative: 1}
          sigmoid: {value: σ(x), derivative: σ(x)(1-σ(x)), largest: 1/4}
          leaky: {value: "max(0, x)", derivative: H(x)}
          vector: {derivative: 1 - tanh(x)}
          gelu: {derivative: Φ(x)}
        """,
    )
    assert verdicts(report) == {
        "relu.value": ("wrong", "took the absolute value"),
        "relu.derivative": ("wrong", "took 1 below 0 as well"),
        "sigmoid.value": ("wrong", "left out the steepness"),
        "sigmoid.derivative": ("wrong", "left out the derivative of the inner function"),
        "sigmoid.largest": ("wrong", "left out the steepness"),
        "leaky.value": ("wrong", "took 0 below 0"),
        "leaky.derivative": ("wrong", "took 0 below 0"),
        "vector.derivative": ("wrong", "left out the square"),
        "gelu.derivative": ("wrong", "left out the second term of the product rule"),
    }


@pytest.mark.parametrize("symbols", ["[x]", "{x: {shape: [3]}}"])
@pytest.mark.parametrize("steep", [False, True], ids=["", "steep"])
@pytest.mark.parametrize("function", [name for name in CURVES if name != "gelu"])
def test_the_key_of_a_symbolic_problem_is_right_itself(marked, read_problem, function, steep, symbols):
    """gelu has no key: the grammar has no Φ."""
    from hwcheck.reports import as_yaml

    if steep and function not in PARAMETERS["k"]:
        pytest.skip("has no steepness")
    parts = "{value: {ask: value}, derivative: {ask: derivative}}"
    problem = f"kind: activation\nsymbols: {symbols}\n"
    problem += f"given: {{function: {function}, x: x{', k: k' if steep else ''}}}\nparts: {parts}\n"
    found = verdicts(marked(problem, as_yaml.solution(read_problem(problem), None)))
    assert found == {"value": ("right", None), "derivative": ("right", None)}


@pytest.mark.parametrize("at_zero", ["0", "1/2", "1"])
@pytest.mark.parametrize("given", ["function: relu", "function: leaky_relu, slope: 0.1", "function: elu, alpha: 3"])
def test_formulas_hold_at_0_too(given, at_zero):
    step = working_of("activation", f"{{{given}, x: 0, at_zero: {at_zero}}}").steps["derivative"]
    names = {key(name): value for name, value in {"x": 0.0, "slope": 0.1, "α": 3.0}.items()}
    assert float(evaluation.evaluate(expressions.parse(step.formula), names)) == pytest.approx(step.computed)


def test_another_value_at_0_is_a_convention(marked):
    report = marked(
        """
        kind: activation
        given: {function: relu, x: [-1, 0, 2]}
        parts: {a: {ask: derivative}}
        """,
        "answers: {a: '[0, 0, 1]'}",
    )
    assert verdicts(report) == {"a": ("convention", "took 0 at 0")}
