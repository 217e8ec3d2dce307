"""Derivatives of formulas: every rule against slopes worked out by hand, and all of them against difference quotients."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hwcheck import evaluation, expressions
from hwcheck.derivatives import derivative, slope_arguments
from hwcheck.expressions import Call, ExpressionError, Name, Names, Tree, key
from hwcheck.formulas import matrix


def tree_of(text: str, values: dict[str, object]) -> Tree:
    known = frozenset(map(key, values))
    arrays = frozenset(key(name) for name, value in values.items() if isinstance(value, np.ndarray))
    return expressions.parse(text, names=Names(known, arrays, frozenset("d")), percent=True)


def slope(text: str, values: dict[str, object], name: str, defined: dict[str, str] | None = None):
    """The derivative in a number, or the gradient in an array entry by entry."""
    values = {one: np.array(value, float) if isinstance(value, list) else value for one, value in values.items()}
    bound = {key(one): matrix(value) for one, value in values.items()}
    formulas: dict[str, Tree] = {}
    for one, formula in (defined or {}).items():
        formulas[key(one)] = tree_of(formula, values)
        values[one] = evaluation.evaluate(formulas[key(one)], bound)
        bound[key(one)] = values[one]
    tree = tree_of(text, values)
    at = bound[key(name)]
    if not isinstance(at, np.ndarray):
        return evaluation.evaluate(derivative(tree, key(name), formulas, values=bound), bound)
    change = derivative(tree, key(name), formulas, seed=Name("seed", "seed"), values=bound)
    found = np.zeros(at.size)
    for place in range(at.size):
        unit = np.zeros(at.size)
        unit[place] = 1
        found[place] = evaluation.evaluate(change, bound | {"seed": unit.reshape(at.shape)})
    return found.reshape(at.shape)


# Numbers.

RULES = [
    ("7", {"x": 2}, "0", "a number"),
    ("a", {"a": 3, "x": 2}, "0", "another name"),
    ("x", {"x": 2}, "1", "the name itself"),
    ("-x", {"x": 2}, "-1", "a sign"),
    ("+x", {"x": 2}, "1", "a sign"),
    ("3x + 5", {"x": 2}, "3", "a sum"),
    ("5 - x", {"x": 2}, "-1", "a difference"),
    ("x - 5 - 2x", {"x": 2}, "-1", "a difference"),
    ("a x b", {"a": 3, "b": 5, "x": 2}, "a*b", "a product"),
    ("x * (x + a)", {"a": 3, "x": 2}, "2*x + a", "a product of two that change"),
    ("2π(x + 1)", {"x": 2}, "2*pi", "a constant before a bracket"),
    ("x/a", {"a": 3, "x": 2}, "1/a", "a quotient"),
    ("a/x", {"a": 3, "x": 2}, "-a/x**2", "a quotient"),
    ("(x + 1)/(x^2 + a)", {"a": 3, "x": 2}, "(x**2 + a - 2*x*(x+1))/(x**2 + a)**2", "the quotient rule"),
    ("x^3", {"x": 2}, "3*x**2", "a power"),
    ("x^0", {"x": 0}, "0", "a power that is always 1"),
    ("x^1", {"x": 0}, "1", "a power"),
    ("x^2", {"x": 0}, "0", "a power"),
    ("x^-2", {"x": 2}, "-2*x**-3", "a power below 0"),
    ("x^(1/3)", {"x": 2}, "x**(-2/3)/3", "a power that is not whole"),
    ("x^a", {"a": 3.5, "x": 2}, "a*x**(a-1)", "a power with a name"),
    ("(2x + 1)^4", {"x": 0.5}, "8*(2*x+1)**3", "the chain rule"),
    ("2^x", {"x": 1.5}, "log(2)*2**x", "an exponential"),
    ("e^(-x^2)", {"x": 0.7}, "-2*x*exp(-x**2)", "an exponential, the chain rule"),
    ("x^x", {"x": 1.5}, "x**x*(log(x) + 1)", "base and exponent"),
    ("x%", {"x": 3}, "1/100", "a percentage"),
    ("x a!", {"a": 4, "x": 2}, "24", "a factorial that stands still"),
    ("x^T a", {"a": 4, "x": 2}, "4", "a number, transposed"),
    ("exp(2x)", {"x": 0.3}, "2*exp(2*x)", "exp"),
    ("log(3x)", {"x": 0.3}, "1/x", "log"),
    ("ln(3x)", {"x": 0.3}, "1/x", "ln"),
    ("log2(3x)", {"x": 0.3}, "1/(x*log(2))", "log2"),
    ("log10(3x)", {"x": 0.3}, "1/(x*log(10))", "log10"),
    ("log_3(x)", {"x": 0.3}, "1/(x*log(3))", "a logarithm to another base"),
    ("sqrt(x + 3)", {"x": 1.5}, "1/(2*sqrt(x + 3))", "sqrt"),
    ("sin(2x)", {"x": 0.3}, "2*cos(2*x)", "sin"),
    ("cos(2x)", {"x": 0.3}, "-2*sin(2*x)", "cos"),
    ("tan(2x)", {"x": 0.3}, "2/cos(2*x)**2", "tan"),
    ("sinh(2x)", {"x": 0.3}, "2*cosh(2*x)", "sinh"),
    ("cosh(2x)", {"x": 0.3}, "2*sinh(2*x)", "cosh"),
    ("tanh(2x)", {"x": 0.3}, "2/cosh(2*x)**2", "tanh"),
    ("a tanh(x)^2", {"a": 3, "x": 0.3}, "2*a*tanh(x)*(1-tanh(x)**2)", "the chain rule"),
    ("arctan(2x)", {"x": 0.3}, "2/(1 + 4*x**2)", "arctan"),
    ("sigmoid(2x)", {"x": 0.3}, "2*exp(-2*x)/(1+exp(-2*x))**2", "sigmoid"),
    ("σ(2x)", {"x": 0.3}, "2*exp(-2*x)/(1+exp(-2*x))**2", "σ"),
    ("relu(2x)", {"x": 0.3}, "2", "relu above 0"),
    ("relu(2x)", {"x": -0.3}, "0", "relu below 0"),
    ("relu(2x)", {"x": 0}, "1", "relu at 0: half of 2"),
    ("|2x - 3|", {"x": 0.3}, "-2", "abs below 0"),
    ("abs(2x - 3)", {"x": 2}, "2", "abs above 0"),
    ("floor(2x) + ceil(2x) + round(2x)", {"x": 0.3}, "0", "steps are flat"),
    ("sign(x) + H(x) + step(x) + heaviside(x)", {"x": 0.3}, "0", "steps are flat"),
    ("x floor(2x)", {"x": 0.7}, "1", "a step times x"),
    ("max(x, a)", {"a": 1, "x": 2}, "1", "max, the first"),
    ("max(x, a)", {"a": 3, "x": 2}, "0", "max, the other"),
    ("max(a, x^2)", {"a": 1, "x": 2}, "4", "max, the second"),
    ("max(x, 2)", {"x": 2}, "1/2", "max where both are equal: half of each"),
    ("min(x^2, a)", {"a": 5, "x": 2}, "4", "min, the first"),
    ("min(a, x^2)", {"a": 3, "x": 2}, "0", "min, the other"),
    ("max(a, x^2, x)", {"a": 1, "x": 2}, "4", "max of three"),
    ("min(5x, x^3, x + 3)", {"x": 2}, "1", "min of three"),
    ("sum(x, x^2, a)", {"a": 1, "x": 2}, "1 + 2*x", "sum of numbers"),
    ("mean(x, x^2, a)", {"a": 1, "x": 2}, "(1 + 2*x)/3", "mean of numbers"),
    ("prod(x, x + 1, a)", {"a": 3, "x": 2}, "a*(2*x + 1)", "prod of numbers"),
    ("norm(x)", {"x": -4}, "-1", "norm of a number"),
    ("inv(x)", {"x": 4}, "-1/16", "inv of a number"),
    ("det(3x)", {"x": 4}, "3", "det of a number"),
    ("softmax(x)", {"x": 4}, "0", "softmax of a single number is 1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "values", "expected", "source"), RULES, ids=[f"{row[0]} at {row[1]['x']}" for row in RULES]
)
def test_the_slope_in_a_number_is_the_one_by_hand(text, values, expected, source):
    """Stewart, Calculus, table of differentiation rules; where a kink is met, the mean of both sides."""
    assert source
    right = eval(expected, dict(vars(math)), dict(values))
    assert float(slope(text, values, "x")) == pytest.approx(right, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(("text", "point", "expected"), [("x^3 - 5x", 4, 43), ("(x^2 + 1)/x", 2, 0.75), ("7", 2, 0)])
def test_slopes_of_whole_numbers_stay_exact(text, point, expected):
    """By hand: 3·16 - 5; 1 - 1/4."""
    found = slope(text, {"x": point}, "x")
    assert not isinstance(found, float)
    assert found == expected


def test_every_function_of_a_number_that_has_a_slope_stands_among_the_rules():
    """O and its kin are growths; the others take arrays, and stand below."""
    arrays = {"transpose", "diag", "concat", "outer", "rms", "norm2"}
    growths = {"O", "Θ", "Ω"}
    told = {name for row in RULES for name in evaluation.FUNCTIONS if f"{name}(" in row[0]}
    assert {*evaluation.FUNCTIONS} - told <= arrays | growths


# Names that have a formula of their own.

TOTAL = [
    ("u^2", "x", {"u": "3x"}, "18*x", "2u·3"),
    ("u + v", "x", {"u": "x^2", "v": "u^3"}, "2*x + 6*x**5", "2x + 3u²·2x"),
    ("u v", "x", {"u": "x^2", "v": "a + 1"}, "2*x*(a+1)", "v stands still"),
    ("u v", "u", {"u": "x^2", "v": "u + x"}, "2*x**2 + x", "2u + x: in u, which stands for itself"),
    ("v", "x", {"u": "x^2", "v": "sigmoid(u)", "w": "exp(u)"}, "2*x*exp(-x**2)/(1+exp(-x**2))**2", "σ'(u)·2x"),
    ("x u", "a", {"u": "x + 1"}, "0", "nothing depends on a"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name", "defined", "expected", "source"), TOTAL, ids=[f"{row[0]} in {row[1]}" for row in TOTAL]
)
def test_the_slope_goes_through_the_formulas_of_other_names(text, name, defined, expected, source):
    assert source
    right = eval(expected, dict(vars(math)), {"x": 0.5, "a": 2})
    assert float(slope(text, {"x": 0.5, "a": 2}, name, defined)) == pytest.approx(right, rel=1e-12)


def test_what_is_worth_a_name_is_written_with_the_name():
    """So that p (1 - p) follows a p that somebody got wrong: by hand, -1/p · p (1 - p) at p = 0.9 is -0.1."""
    p, loss = (tree_of(text, {"x": 1.0, "p": 0.5}) for text in ("sigmoid(x)", "-ln(p)"))
    found = derivative(loss, "x", {"p": p})
    assert float(evaluation.evaluate(found, {"x": 1.0, "p": 0.9})) == pytest.approx(-0.1)


SECOND = [
    ("d(x^4, x)", "x", "12*x**2", "12x²"),
    ("d(d(x^4, x), x)", "x", "24*x", "24x"),
    ("x d(sin(x), x)", "x", "cos(x) - x*sin(x)", "the product rule"),
    ("d(x^3, x)^2", "x", "36*x**3", "9x⁴"),
    ("d(x^2 a^3, x)", "a", "6*x*a**2", "2x·3a²"),
    ("d(x^2, x)", "a", "0", "a is not in it"),
]


@pytest.mark.parametrize(
    ("text", "name", "expected", "source"), SECOND, ids=[f"{row[0]} in {row[1]}" for row in SECOND]
)
def test_a_slope_may_be_derived_again(text, name, expected, source):
    assert source
    values = {"x": 0.7, "a": 2}
    tree = derivative(tree_of(text, values), name, {}, values=values)
    while any(one.key == "d" for one in _functions(tree)):
        tree = _without_slopes(tree)
    right = eval(expected, dict(vars(math)), values)
    assert float(evaluation.evaluate(tree, values)) == pytest.approx(right, rel=1e-12)


def _functions(tree):
    if isinstance(tree, Call):
        yield tree.name
    for part in tree if isinstance(tree, tuple) else ():
        yield from _functions(part)


def _without_slopes(tree):
    if isinstance(tree, Call) and tree.name.key == "d":
        function, variable = slope_arguments(tree)
        return derivative(function, variable.key, {})
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*map(_without_slopes, tree))
    return tuple(map(_without_slopes, tree)) if isinstance(tree, tuple) else tree


# Cases.

CASES = r"\begin{cases} x^2 & x < 1 \\ a x & 1 \le x \le 2 \\ 5 & \text{otherwise} \end{cases}"


@pytest.mark.parametrize(("point", "expected"), [(0.5, 1), (1.5, 3), (4, 0)])
def test_each_case_is_derived_on_its_own(point, expected):
    """By hand: 2x, a and 0."""
    assert slope(CASES, {"x": point, "a": 3}, "x") == expected


# Arrays.

X = [0.5, -1.5, 2.0]
A = [[2.0, -1.0, 0.5], [0.25, 3.0, 1.0], [-2.0, 1.5, 0.75]]
B = [[1.0, -2.0, 0.5], [0.25, 3.0, 1.0]]
C = [0.5, -2.0]
VALUES = {"x": X, "A": A, "B": B, "c": C, "k": 2.5, "h": [0.3, 0.8]}

GRADIENTS = [
    ("c^T B x", "x", "B.T @ c", "Petersen and Pedersen, The Matrix Cookbook (2012), (69)"),
    ("c^T B x", "c", "B @ x", "the same"),
    ("c^T B x", "B", "c @ x.T", "Matrix Cookbook, (70)"),
    ("x^T A x", "x", "(A + A.T) @ x", "Matrix Cookbook, (81)"),
    ("x^T A x", "A", "x @ x.T", "Matrix Cookbook, (70)"),
    ("x^T A^T A x", "x", "2 * A.T @ A @ x", "Matrix Cookbook, (81)"),
    ("norm(B x - c)^2", "x", "2 * B.T @ (B @ x - c)", "least squares, Matrix Cookbook (84)"),
    ("norm(B x - c)^2", "B", "2 * (B @ x - c) @ x.T", "least squares, Matrix Cookbook (88)"),
    ("norm(x)", "x", "x / np.sqrt((x**2).sum())", "Matrix Cookbook, (129)"),
    ("‖B x‖", "x", "B.T @ B @ x / np.sqrt(((B @ x)**2).sum())", "Matrix Cookbook, (129)"),
    ("‖B x‖_2", "x", "B.T @ B @ x / np.sqrt(((B @ x)**2).sum())", "Matrix Cookbook, (129); of a vector they are one"),
    ("‖B‖_F", "B", "B / np.sqrt((B**2).sum())", "Matrix Cookbook, (131)"),
    ("sum(A^2)", "A", "(np.ones((3, 3)) @ A.T + A.T @ np.ones((3, 3)))", "by hand: ΣᵢⱼΣₖ AᵢₖAₖⱼ"),
    ("sum(A^3)", "A", "sum(np.linalg.matrix_power(A.T, k) @ np.ones((3, 3)) @ np.linalg.matrix_power(A.T, 2 - k) for k in range(3))",
     "Matrix Cookbook, (90)"),
    ("sum(A^-1)", "A", "-inv(A).T @ np.ones((3, 3)) @ inv(A).T", "Matrix Cookbook, (59)"),
    ("sum(inv(A))", "A", "-inv(A).T @ np.ones((3, 3)) @ inv(A).T", "Matrix Cookbook, (59)"),
    ("x^T A^-2 x", "A", "-(inv(A).T @ x @ x.T @ inv(A @ A).T + inv(A @ A).T @ x @ x.T @ inv(A).T)", "Matrix Cookbook, (61)"),
    ("det(A)", "A", "np.linalg.det(A) * inv(A).T", "Matrix Cookbook, (49)"),
    ("ln(det(A))", "A", "inv(A).T", "Matrix Cookbook, (57)"),
    ("sum(x^2)", "x", "2 * x", "by hand"),
    ("sum(x ⊙ x ⊙ x)", "x", "3 * x**2", "by hand"),
    ("sum(B ⊙ B)", "B", "2 * B", "by hand"),
    ("sum(1/B)", "B", "-1 / B**2", "by hand"),
    ("sum(1/A)", "A", "-1 / A**2", "by hand: entry by entry, also where the matrix is square"),
    ("sum(A/k)", "k", "-A.sum() / k**2", "by hand"),
    ("sum(k^x)", "x", "np.log(k) * k**x", "by hand"),
    ("mean(x^3)", "x", "x**2", "by hand: 3x²/3"),
    ("prod(x)", "x", "x.prod() / x", "by hand"),
    ("‖x‖_{RMS}", "x", "x / (3 * np.sqrt((x**2).mean()))", "by hand"),
    ("sum(tanh(x))", "x", "1 / np.cosh(x)**2", "by hand"),
    ("sum(sigmoid(B x))", "x", "B.T @ (np.exp(-B @ x) / (1 + np.exp(-B @ x))**2)", "by hand: Wᵀ σ'"),
    ("sum(relu(x))", "x", "(x > 0) * 1.0", "by hand"),
    ("sum(max(0, x) + min(k, x))", "x", "(x > 0) + (x < k) * 1.0", "by hand"),
    ("sum(abs(x))", "x", "np.sign(x)", "by hand"),
    ("-ln(sum(exp(x)))", "x", "-np.exp(x) / np.exp(x).sum()", "by hand: the softmax"),
    ("c^T softmax(h)", "h", "p(h) * (c - (p(h) * c).sum())", "by hand: (diag(p) - p pᵀ) c"),
    ("x^T diag(x) x", "x", "3 * x**2", "by hand: Σ xᵢ³"),
    ("sum(diag(A))", "A", "np.eye(3)", "by hand: the trace"),
    ("c^T transpose(x c^T) x", "x", "2 * (c**2).sum() * x", "by hand: cᵀc xᵀx"),
    ("c^T outer(c, x) x", "x", "2 * (c**2).sum() * x", "by hand: cᵀc xᵀx"),
    ("sum(outer(h, h))", "h", "2 * h.sum() * np.ones((2, 1))", "by hand: (Σ hᵢ)²"),
    ("c^T [k, k^2]", "k", "c[0, 0] + 2 * c[1, 0] * k", "by hand"),
    ("c^T [[k, 1], [2, k]] h", "k", "(c.T @ h)[0, 0]", "by hand"),
    ("norm(concat(x, h))^2", "x", "2 * x", "by hand: the part that moves"),
    ("norm(concat(x, h))^2", "h", "2 * h", "by hand: the part that moves"),
    ("norm([x, h])^2", "h", "2 * h", "by hand: the part that moves"),
    ("sum(A [k, h])", "h", "A[:, 1:].T @ np.ones((3, 1))", "by hand: a matrix before a list"),
    ("sum(A [k, h])", "A", "np.ones((3, 1)) @ np.vstack([[[k]], h]).T", "by hand: a matrix before a list"),
    ("x[2]", "x", "[[0], [1], [0]]", "by hand: entries count from 1"),
    ("x_1 x_3^2", "x", "[[x[2, 0]**2], [0], [2 * x[0, 0] * x[2, 0]]]", "by hand"),
    ("x[4]", "x", "np.zeros((3, 1))", "by hand: outside is 0"),
    ("B[1, 3] k", "B", "[[0, 0, k], [0, 0, 0]]", "by hand"),
    ("B_{21}", "B", "[[0, 0, 0], [1, 0, 0]]", "by hand"),
    ("k", "x", "np.zeros((3, 1))", "by hand: nothing depends on it"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name", "expected", "source"), GRADIENTS, ids=[f"{row[0]} in {row[1]}" for row in GRADIENTS]
)
def test_the_gradient_in_an_array_is_the_one_by_hand(text, name, expected, source):
    assert source
    inv = np.linalg.inv
    columns = {
        one: np.reshape(value, (len(value), -1)) if isinstance(value, list) else value for one, value in VALUES.items()
    }
    names = {"np": np, "inv": inv, "p": lambda v: np.exp(v) / np.exp(v).sum(), **columns}
    right = np.asarray(eval(expected, names), float)
    np.testing.assert_allclose(slope(text, dict(VALUES), name), right, rtol=1e-9, atol=1e-12)


def test_the_gradient_of_a_cross_entropy_through_a_softmax_is_p_minus_y():
    """Goodfellow, Bengio and Courville, Deep Learning (2016), section 6.2.2.3; the label is the second."""
    found = slope("-ln(p[2])", {"z": [0.1, -0.4, 1.2]}, "z", {"p": "softmax(z)"})
    p = np.exp([0.1, -0.4, 1.2]) / np.exp([0.1, -0.4, 1.2]).sum()
    np.testing.assert_allclose(found.ravel(), p - [0, 1, 0], rtol=1e-12)


def test_entries_of_a_defined_matrix_carry_their_gradient():
    """By hand: M = z zᵀ, and M₁₂ + M₂₁ = 2 z₁ z₂."""
    found = slope("M[1, 2] + M_{21}", {"z": [3.0, 5.0, 7.0]}, "z", {"M": "outer(z, z)"})
    assert found.ravel().tolist() == [10, 6, 0]


# What is not known.

FAULTS = [
    ("x!", {"x": 3}, "the derivative of a factorial is not known here"),
    ("2 (x + 1)!", {"x": 3}, "the derivative of a factorial is not known here"),
    ("‖x M‖_2", {"x": 3, "M": [[1.0, 2.0], [3.0, 5.0]]}, "the derivative of the spectral norm of a matrix is not known here"),
    ("max(x a)", {"x": 3, "a": [1.0, 2.0]}, "the derivative of 'max' is not known here"),
    ("d(x^2)", {"x": 3}, "d takes a formula and the name that varies, as in d(x^2, x)"),
    ("d(x^2, x + 1)", {"x": 3}, "d takes a formula and the name that varies, as in d(x^2, x)"),
    ("sum(d(x sum(a), a))", {"x": 3, "a": [1.0, 2.0]}, "the derivative of a gradient is not known here"),
    ("sum(M^k)", {"x": 3, "M": [[1.0, 2.0], [3.0, 5.0]], "k": 0.5}, None),
    ("sum((x M)^k)", {"x": 3, "M": [[1.0, 2.0], [3.0, 5.0]], "k": 0.5},
     "the derivative of such a power of a matrix is not known here: 0.5"),
    ("sum((x M)^40)", {"x": 3, "M": [[1.0, 2.0], [3.0, 5.0]]},
     "the derivative of such a power of a matrix is not known here: 40"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "values", "message"), FAULTS, ids=[row[0] for row in FAULTS])
def test_what_has_no_rule_is_an_error_unless_it_stands_still(text, values, message):
    values = {name: np.array(value) if isinstance(value, list) else value for name, value in values.items()}
    bound = {name: matrix(value) for name, value in values.items()}
    tree = tree_of(text, values)
    if message is None:
        assert evaluation.evaluate(derivative(tree, "x", {}, values=bound)) == 0
        return
    with pytest.raises(ExpressionError) as caught:
        derivative(tree, "x", {}, values=bound)
    assert caught.value.message == message


def test_an_entry_of_something_of_unknown_size_is_an_error():
    with pytest.raises(ExpressionError) as caught:
        derivative(tree_of("p[1]", {"p": np.ones(2)}), "x", {"p": tree_of("x [1, 2]", {"x": 3})})
    assert caught.value.message == "the derivative of an entry of 'p' is not known here"


# Difference quotients.

LEAVES = st.sampled_from(["x", "x", "x", "a", "2", "0.5"])
SMOOTH = ["exp", "sin", "cos", "tanh", "sinh", "cosh", "arctan", "sigmoid", "relu", "abs", "norm"]
POSITIVE = ["ln", "log2", "log10", "sqrt"]


def _grown(inner):
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(SMOOTH), inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(st.sampled_from(POSITIVE), inner).map(lambda t: f"{t[0]}(1 + ({t[1]})^2)"),
        st.tuples(st.sampled_from(["max", "min"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        st.tuples(inner, st.sampled_from(["2", "3", "-1", "a"])).map(lambda t: f"(1.5 + {t[0]}^2)^({t[1]})"),
        inner.map(lambda one: f"2^(0.3 * {one})"),
        inner.map(lambda one: f"-{one}"),
    )


TEXTS = st.recursive(LEAVES, _grown, max_leaves=8)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TEXTS, st.integers(-40, 40).map(lambda n: n / 20 + 0.013), st.sampled_from([0.7, -1.3, 2.1]))
def test_the_slope_of_any_formula_is_that_of_its_difference_quotient(text, x, a):
    tree = tree_of(text, {"x": x, "a": a})
    function = evaluation.compiled(tree)

    def quotient(h: float) -> float:
        up, down = (float(evaluation.value_of(function, {"x": x + s, "a": a})) for s in (h, -h))
        assume(max(abs(up), abs(down)) < 1e6)
        return (up - down) / (2 * h)

    try:
        numeric, coarse = quotient(1e-6), quotient(1e-4)
        halves = [
            (
                float(evaluation.value_of(function, {"x": x + s, "a": a}))
                - float(evaluation.value_of(function, {"x": x, "a": a}))
            )
            / s
            for s in (1e-5, -1e-5)
        ]
    except ExpressionError:
        assume(False)
        return
    scale = max(1.0, abs(numeric))
    assume(abs(numeric - coarse) < 1e-6 * scale)  # smooth, and well enough conditioned
    assume(abs(halves[0] - halves[1]) < 1e-2 * scale)  # no kink within reach
    found = float(evaluation.evaluate(derivative(tree, "x", {}), {"x": x, "a": a}))
    assert found == pytest.approx(numeric, abs=1e-5 * scale)
