"""The printed key of problems with symbols: it is there, it is right, and it is the formula that a person finds by hand."""

from __future__ import annotations

import json
import math
import re
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from marking import graded_key, key, problem

from hwcheck import evaluation, expressions
from hwcheck.closedform import formula_tree
from hwcheck.formulas import matrix, read_formula, vocabulary
from hwcheck.yamltree import Scalar

POINTS = 20


def printed(text: str) -> str:
    """The formula in the key, which earns full marks."""
    found = key(text)["a"]
    assert found, "nothing is printed"
    assert graded_key(text) == {"a": "right"}
    return json.loads(found)


def drawn(points: str, random: Random) -> dict[str, Any]:
    """`n=8:60` is a whole number, `x~` a real one of both signs, `p~0:1` one between, `A~2x3` an array."""
    values: dict[str, Any] = {}
    for point in points.split():
        name, sign, what = re.fullmatch(r"(\w+)([=~])(.*)", point).groups()
        if "x" in what:
            shape = tuple(map(int, what.split("x")))
            values[name] = np.array([random.uniform(-2, 2) for _ in range(math.prod(shape))]).reshape(shape)
        elif sign == "=":
            values[name] = random.randint(*map(int, what.split(":")))
        else:
            values[name] = random.uniform(*(map(float, what.split(":")) if what else (-2, 2)))
    return values


def worth(text: str, values: dict[str, Any]) -> Any:
    """What a printed formula is worth, by the grammar: a number, a shape, an array."""
    names = {expressions.key(name): matrix(value) for name, value in values.items()}
    arrays = frozenset(name for name, value in names.items() if isinstance(value, np.ndarray))
    known = expressions.Names(frozenset(names), arrays)

    def one(part: str) -> Any:
        return evaluation.evaluate(expressions.parse(part, names=known), names)

    return tuple(map(one, text.split(" × "))) if " × " in text else one(text)


def by_hand(text: str, values: dict[str, Any]) -> Any:
    mine = {
        "F": Fraction, "sig": lambda x: 1 / (1 + math.exp(-x)), "tanh": math.tanh, "sqrt": math.sqrt, "exp": math.exp, "log": math.log,
        "np": np, "col": lambda v: np.reshape(v, (len(v), 1)),
    }  # fmt: skip
    return eval(text, {**mine, **values})


CUBIC, TALL = "{d_out: d_out, d_in: d_in, c: c}", "d_out=1:40 d_in=1:40 c~0.1:3"
EECS, IFT = "EECS 182 homework 4", "IFT6135 assignment 1"
COSTS = [
    ("newton_schulz", CUBIC, "", "cost.naive.1", TALL, "c*d_out**2*d_in", f"{EECS}, Q1(a)"),
    ("newton_schulz", CUBIC, "", "cost.naive", TALL, "2*c*d_out**2*d_in", f"{EECS}, Q1(a)"),
    ("newton_schulz", CUBIC, "", "cost.gram", TALL, "2*c*d_out*d_in**2", f"{EECS}, Q1(b)"),
    ("newton_schulz", CUBIC, "", "speedup", TALL, "d_out/d_in", f"{EECS}, Q1(b)"),
    ("newton_schulz", "{d_out: d_out, d_in: d_in, coefficients: quintic}", "", "cost.naive", TALL,
     "d_out**2*d_in + d_out**3 + d_out**2*d_in", "by hand: three products"),
    ("newton_schulz", "{d_out: d_out, d_in: d_in, coefficients: quintic}", "", "cost.gram", TALL,
     "2*d_out*d_in**2 + d_in**3", "by hand: three products"),
    ("newton_schulz", "{d_out: d_out, d_in: d_in, steps: 5}", "", "cost.gram", TALL, "10*d_out*d_in**2", "by hand: five steps"),
    ("chain_cost", "{dims: [l, m, n, o]}", "[l, m, n, o]", "forward", "l=1:9 m=1:9 n=1:9 o=1:9", "l*m*n + l*n*o", f"{IFT}, Q3.3"),
    ("chain_cost", "{dims: [l, m, n, o]}", "[l, m, n, o]", "reverse", "l=1:9 m=1:9 n=1:9 o=1:9", "m*n*o + l*m*o", f"{IFT}, Q3.3"),
    ("chain_cost", "{dims: [l, m, n, o]}", "[l, m, n, o]", "best", "l=1:9 m=1:9 n=1:9 o=1:9",
     "min(l*m*n + l*n*o, m*n*o + l*m*o)", f"{IFT}, Q3.3"),
    ("chain_cost", "{dims: [k, l, m, n, o]}", "[k, l, m, n, o]", "forward", "k=1:9 l=1:9 m=1:9 n=1:9 o=1:9",
     "k*(l*m + m*n + n*o)", "by hand: a fifth size"),
    ("gradient_bound", "{rho: rho, gamma: gamma, steps: 5}", "", "bound", "rho~0.1:2 gamma~0.1:2", "(gamma*rho)**5", "by hand"),
    ("mlp", "{layers: [n, m, o]}", "[n, m, o]", "params", "n=1:99 m=1:99 o=1:99", "n*m + m + m*o + o", "by hand"),
]  # fmt: skip

WIDTHS = "d_in=1:99 d_out=1:99 c~0.1:3 v_x~0.1:3"
MUP = [
    ("mup", "{d_in: d_in, d_out: d_out, v_x: v_x}", "", "variance", WIDTHS, "c**2*d_in*v_x", f"{EECS}, Q2(a)"),
    ("mup", "{d_in: d_in, d_out: d_out}", "", "scale", WIDTHS, "1/sqrt(d_in)", f"{EECS}, Q2(a)"),
    ("mup", "{d_in: d_in, d_out: d_out}", "", "spectral_bound", WIDTHS, "sqrt(d_out/d_in)/c", f"{EECS}, Q2(b)"),
    ("mup", "{d_in: d_in, d_out: d_out}", "", "sign_norm", WIDTHS, "sqrt(d_in*d_out)", f"{EECS}, Q2(c)"),
    ("mup", "{d_in: d_in, d_out: d_out}", "", "lr.sign", WIDTHS, "1/(c*d_in)", f"{EECS}, Q2(d)"),
    ("mup", "{d_in: d_in, d_out: d_out}", "", "lr.muon", WIDTHS, "sqrt(d_out/d_in)/c", f"{EECS}, Q2(e)"),
    ("mup", "{d_in: d_in, d_out: d_out}", "", "backprop_factor", WIDTHS, "c*sqrt(d_in*d_out)", "by hand: norm √(d_in d_out)"),
    ("mup", "{d_in: d_in, d_out: d_out, norm: rms}", "", "backprop_factor", WIDTHS, "c*d_out", "by hand: times √(d_out/d_in)"),
    ("mup", "{d_in: d_in, d_out: d_out, norm: rms}", "", "renormaliser", WIDTHS, "1/(c*d_out)", "by hand: the inverse"),
]  # fmt: skip

CHAIN = [
    ("conv_chain", "{d: d, k1: k1, k2: k2}", "", "a1.size", "d=20:40 k1=1:9 k2=1:9", "d - k1 + 1", f"{IFT}, Q6.2"),
    ("conv_chain", "{d: d, k1: k1, k2: k2}", "", "a2.size", "d=20:40 k1=1:9 k2=1:9", "d - k1 - k2 + 2", f"{IFT}, Q6.2"),
    ("conv_chain", "{d: d, k1: k1, k2: k2, mode: full}", "", "a2.size", "d=20:40 k1=1:9 k2=1:9", "d + k1 + k2 - 2", f"{IFT}, Q6.5"),
    ("conv_chain", "{d: d, k1: 4, k2: k2, mode: full}", "", "a2.size", "d=20:40 k2=1:9", "d + k2 + 2", "by hand: k1 = 4"),
    ("conv_noise", "{n: n, k: k, sigma_x: sigma_x, sigma_g: sigma_g}", "", "variance", "n=9:40 k=1:9 sigma_x~0.1:2 sigma_g~0.1:2",
     "(n-k+1)**2 * sigma_x**2 * sigma_g**2", f"{EECS}, Q7(b)"),
]  # fmt: skip

ONE = "{input: [n, n, C], layers: [{conv: {filters: F, kernel: K, stride: S, padding: P}}, relu, {max_pool: 2}]}"
ONE_S = "{n: {integer: [8, 60]}, K: {integer: [1, 7]}, S: {integer: [1, 4]}, P: {integer: [0, 3]}, C: , F: }"
ONE_P = "n=8:60 K=1:7 S=1:4 P=0:3 C=1:9 F=1:9"
SIDE = "((n + 2*P - K)//S + 1)"
HALF = f"(({SIDE} - 2)//2 + 1)"
NET = "{input: [H, W, C], layers: [{conv: {filters: F, kernel: [a, b], bias: false}}, flatten, {dense: U}]}"
NET_S = "{H: {integer: [8, 40]}, W: {integer: [8, 40]}, a: {integer: [1, 5]}, b: {integer: [1, 5]}, C: , F: , U: }"
NET_P = "H=8:40 W=8:40 a=1:5 b=1:5 C=1:9 F=1:9 U=1:9"
FLAT = "((H-a+1)*(W-b+1)*F)"
REPEAT = "{input: '?x?x1', layers: [{repeat: {times: L, layers: [{conv: {filters: 1, kernel: K, padding: 1}}]}}]}"
STRIDES = "{input: '?x?x1', layers: [{repeat: {times: L, layers: [{conv: {filters: 1, kernel: 3, stride: 2}}]}}]}"
DEPTHWISE = "{input: [n, n, C], layers: [{conv: {filters: C, kernel: K, groups: C, padding: P}}, {conv: {filters: F, kernel: 1}}]}"
DEPTHWISE_S = "{n: {integer: [9, 40]}, C: , F: , K: {integer: [1, 5]}, P: {integer: [0, 2]}}"
DEPTHWISE_P = "n=9:40 C=1:9 F=1:9 K=1:5 P=0:2"
BLOCK = (
    "{input: [n, n, C], layers: [{residual: {body: [{conv: {filters: C, kernel: 3, padding: 1}}, relu, "
    "{conv: {filters: C, kernel: 3, padding: 1}}]}}]}"
)
BRANCH = "{input: [n, n, C], layers: [{branch: [[{conv: {filters: F, kernel: 1}}], [{conv: {filters: G, kernel: 3, padding: 1}}]]}]}"
HEAD = "{input: [n, n, C], layers: [{conv: {filters: F, kernel: 3, padding: same}}, batch_norm, global_avg_pool, {dense: U}]}"
CNN = [
    ("cnn", ONE, ONE_S, "conv1.height", ONE_P, SIDE, "Dumoulin and Visin (2016), relationship 6"),
    ("cnn", ONE, ONE_S, "conv1.shape", ONE_P, f"({SIDE}, {SIDE}, F)", "Dumoulin and Visin (2016), relationship 6"),
    ("cnn", ONE, ONE_S, "conv1.neurons", ONE_P, f"{SIDE}**2*F", "by hand"),
    ("cnn", ONE, ONE_S, "conv1.params", ONE_P, "K**2*C*F + F", "by hand"),
    ("cnn", ONE, ONE_S, "conv1.macs", ONE_P, f"{SIDE}**2*F*K**2*C", "by hand"),
    ("cnn", ONE, ONE_S, "conv1.flops", ONE_P, f"2*{SIDE}**2*F*K**2*C", "by hand: two a multiply-add"),
    ("cnn", ONE, ONE_S, "pool1.height", ONE_P, HALF, "by hand: window 2, stride 2"),
    ("cnn", ONE, ONE_S, "pool1.shape", ONE_P, f"({HALF}, {HALF}, F)", "by hand"),
    ("cnn", ONE, ONE_S, "pool1.flops", ONE_P, f"4*{HALF}**2*F", "by hand: elements times window"),
    ("cnn", ONE, ONE_S, "flops", ONE_P, f"2*{SIDE}**2*F*K**2*C + {SIDE}**2*F + 4*{HALF}**2*F", "by hand: the three layers"),
    ("cnn", ONE, ONE_S, "receptive_field", ONE_P, "K + S", "by hand: K + (2 - 1) S"),
    ("cnn", ONE, ONE_S, "jump", ONE_P, "2*S", "by hand"),
    ("cnn", ONE, ONE_S, "conv1.fc_params", ONE_P, f"n**2*C*{SIDE}**2*F + {SIDE}**2*F", "by hand: inputs · outputs + outputs"),
    ("cnn", NET, NET_S, "conv1.shape", NET_P, "(H-a+1, W-b+1, F)", "by hand"),
    ("cnn", NET, NET_S, "fc1.weights", NET_P, f"{FLAT}*U", "by hand: a dense layer after flatten"),
    ("cnn", NET, NET_S, "fc1.params", NET_P, f"{FLAT}*U + U", "by hand"),
    ("cnn", NET, NET_S, "params", NET_P, f"a*b*C*F + {FLAT}*U + U", "by hand: two layers"),
    ("cnn", NET, NET_S, "macs", NET_P, f"{FLAT}*a*b*C + {FLAT}*U", "by hand: two layers"),
    ("cnn", NET, NET_S, "biases", NET_P, "U", "by hand"),
    ("cnn", REPEAT, "{K: {integer: [1, 7]}, L: }", "receptive_field", "K=1:9 L=1:9", "1 + L*(K-1)", "by hand"),
    ("cnn", REPEAT, "{K: {integer: [1, 7]}, L: }", "params", "K=1:9 L=1:9", "L*(K**2 + 1)", "by hand"),
    ("cnn", STRIDES, "{L: {integer: [1, 6]}}", "receptive_field", "L=1:9", "2**(L+1) - 1", "by hand: 1 + 2(1 + 2 + … + 2^(L-1))"),
    ("cnn", STRIDES, "{L: {integer: [1, 6]}}", "jump", "L=1:9", "2**L", "by hand"),
    ("cnn", DEPTHWISE, DEPTHWISE_S, "params", DEPTHWISE_P, "C*K**2 + C + C*F + F", "by hand: separable convolution"),
    ("cnn", DEPTHWISE, DEPTHWISE_S, "macs", DEPTHWISE_P, "(n+2*P-K+1)**2*C*(K**2 + F)", "by hand: separable convolution"),
    ("cnn", BLOCK, "[n, C]", "params", "n=3:40 C=1:9", "2*(9*C*C + C)", "by hand"),
    ("cnn", BLOCK, "[n, C]", "shape", "n=3:40 C=1:9", "(n, n, C)", "by hand"),
    ("cnn", BRANCH, "[n, C, F, G]", "shape", "n=3:40 C=1:9 F=1:9 G=1:9", "(n, n, F + G)", "by hand"),
    ("cnn", BRANCH, "[n, C, F, G]", "params", "n=3:40 C=1:9 F=1:9 G=1:9", "C*F + F + 9*C*G + G", "by hand"),
    ("cnn", HEAD, "[n, C, F, U]", "params", "n=3:40 C=1:9 F=1:9 U=1:9", "9*C*F + F + 2*F + F*U + U", "by hand"),
    ("cnn", HEAD, "[n, C, F, U]", "macs", "n=3:40 C=1:9 F=1:9 U=1:9", "n*n*9*C*F + F*U", "by hand"),
]  # fmt: skip

LINEAR = "{x: [x1, x2, x3], h0: h0, W_x: W_x, W_h: W_h, W_y: W_y, target: t, activation: identity, lr: eta}"
LINEAR_P = "x1~ x2~ x3~ h0~ W_x~ W_h~ W_y~ t~ eta~0:1"
H1 = "(W_x*x1 + W_h*h0)"
H2 = f"(W_x*x2 + W_h*{H1})"
H3 = f"(W_x*x3 + W_h*{H2})"
E3 = f"(W_y*{H3} - t)"
TANH = "{x: [x1, x2], h0: h0, W_x: W_x, W_h: W_h, W_y: W_y, b: b, b_y: b_y, target: t, activation: tanh, lr: eta}"
TANH_P = "x1~ x2~ h0~ W_x~ W_h~ W_y~ b~ b_y~ t~ eta~0:1"
T1 = "tanh(W_x*x1 + W_h*h0 + b)"
T2 = f"tanh(W_x*x2 + W_h*{T1} + b)"
ET = f"(W_y*{T2} + b_y - t)"
SIGMOID = TANH.replace("tanh", "sigmoid")
S1 = T1.replace("tanh", "sig")
S2 = T2.replace("tanh", "sig")
ES = ET.replace("tanh", "sig")
NETS_S, NETS_T = "[x1, x2, x3, t, eta]", "[x1, x2, t, eta]"
ELMAN = "by hand: back-propagation through time, Goodfellow et al. (2016), section 10.2.2"
RNN = [
    ("rnn", LINEAR, NETS_S, "h.3", LINEAR_P, H3, "COMP 433 assignment 3, Q6(a)"),
    ("rnn", LINEAR, NETS_S, "y", LINEAR_P, f"W_y*{H3}", "COMP 433 assignment 3, Q6(a)"),
    ("rnn", LINEAR, NETS_S, "loss", LINEAR_P, f"{E3}**2/2", "by hand: half_mse"),
    ("rnn", LINEAR, NETS_S, "grad_h.1", LINEAR_P, f"{E3}*W_y*W_h**2", ELMAN),
    ("rnn", LINEAR, NETS_S, "grad_W_x", LINEAR_P, f"{E3}*W_y*(x3 + W_h*x2 + W_h**2*x1)", ELMAN),
    ("rnn", LINEAR, NETS_S, "grad_W_h", LINEAR_P, f"{E3}*W_y*({H2} + W_h*{H1} + W_h**2*h0)", ELMAN),
    ("rnn", LINEAR, NETS_S, "new_W_y", LINEAR_P, f"W_y - eta*{E3}*{H3}", ELMAN),
    ("rnn", TANH, NETS_T, "h.2", TANH_P, T2, ELMAN),
    ("rnn", TANH, NETS_T, "grad_h.1", TANH_P, f"{ET}*W_y*(1-{T2}**2)*W_h", ELMAN),
    ("rnn", TANH, NETS_T, "grad_W_x", TANH_P, f"{ET}*W_y*(1-{T2}**2)*(x2 + W_h*(1-{T1}**2)*x1)", ELMAN),
    ("rnn", TANH, NETS_T, "grad_W_h", TANH_P, f"{ET}*W_y*(1-{T2}**2)*({T1} + W_h*(1-{T1}**2)*h0)", ELMAN),
    ("rnn", TANH, NETS_T, "grad_b", TANH_P, f"{ET}*W_y*(1-{T2}**2)*(1 + W_h*(1-{T1}**2))", ELMAN),
    ("rnn", TANH, NETS_T, "jacobian.2", TANH_P, f"(1-{T2}**2)*W_h", ELMAN),
    ("rnn", SIGMOID, NETS_T, "h.2", TANH_P, S2, ELMAN),
    ("rnn", SIGMOID, NETS_T, "grad_W_x", TANH_P, f"{ES}*W_y*{S2}*(1-{S2})*(x2 + W_h*{S1}*(1-{S1})*x1)", ELMAN),
    ("rnn", SIGMOID, NETS_T, "grad_W_h", TANH_P, f"{ES}*W_y*{S2}*(1-{S2})*({S1} + W_h*{S1}*(1-{S1})*h0)", ELMAN),
    ("rnn", "{inputs: n, hidden: m, outputs_size: o}", "[n, m, o]", "params", "n=1:9 m=1:9 o=1:9", "m*(n+m+1) + o*(m+1)", "by hand"),
]  # fmt: skip

ARRAYS = "{A: {shape: [2, 3]}, x: {shape: [3]}, b: {shape: [2]}}"
ARRAYS_P = "A~2x3 x~3x1 b~2x1"


def formula(text: str) -> str:
    return f"{{A: A, x: x, b: b, formula: '{text}'}}"


FORMULAS = [
    ("formula", formula("A x + b"), ARRAYS, "formula", ARRAYS_P, "A @ x + b", "numpy"),
    ("formula", formula("A^T (A x - b)"), ARRAYS, "formula", ARRAYS_P, "A.T @ (A @ x - b)", "numpy"),
    ("formula", formula("b^T A x"), ARRAYS, "formula", ARRAYS_P, "(b.T @ A @ x).item()", "numpy"),
    ("formula", formula("outer(b, x)"), ARRAYS, "formula", ARRAYS_P, "b @ x.T", "numpy"),
    ("formula", formula("softmax(A x)"), ARRAYS, "formula", ARRAYS_P, "np.exp(A @ x)/np.exp(A @ x).sum()", "numpy"),
    ("formula", formula("max(0, A x + b)"), ARRAYS, "formula", ARRAYS_P, "np.maximum(A @ x + b, 0)", "numpy"),
    ("formula", formula("norm(A x - b)^2"), ARRAYS, "formula", ARRAYS_P, "((A @ x - b)**2).sum()", "numpy"),
    ("formula", "{x: x, a: a, formula: {f: a x^3 - x, s: 'd(f, x)'}}", "", "s", "a~ x~", "3*a*x**2 - 1", "by hand"),
    ("formula", "{x: x, a: a, formula: '[x, a x]'}", "", "formula", "a~ x~", "col([x, a*x])", "by hand"),
    ("formula", "{x: x, a: a, formula: round(3 a) + floor(x)}", "", "formula", "a~ x~", "math_floor(3*a + 0.5) + math_floor(x)", "by hand"),
    ("newton_schulz", "{W: [[a, b]]}", "[a, b]", "iterate.1", "a~ b~", "np.array([[a, b]])*(3 - a*a - b*b)/2", "by hand: (3I - W Wᵀ) W/2"),
    ("fir", "{x: [a, b], h: [c, d, e]}", "[a, b, c, d, e]", "y", "a~ b~ c~ d~ e~", "col(np.convolve([a, b], [c, d, e]))", "numpy"),
]  # fmt: skip

ROWS = [*COSTS, *MUP, *CHAIN, *CNN, *RNN, *FORMULAS]


@pytest.mark.parametrize(("kind", "given", "symbols", "ask", "points", "expected", "source"), ROWS,
                         ids=[f"{row[0]} {row[3]} of {row[1][:60]}" for row in ROWS])  # fmt: skip
def test_the_printed_formula_is_the_one_by_hand(kind, given, symbols, ask, points, expected, source):
    assert source
    text = (
        f"kind: {kind}\n"
        + (f"symbols: {symbols}\n" if symbols else "")
        + f"given: {given}\nparts: {{a: {{ask: {ask}}}}}"
    )
    answer = printed(text)
    random = Random(ask + given)
    for _ in range(POINTS):
        values = drawn(points, random)
        right = by_hand(expected, {**values, "math_floor": math.floor})
        found = worth(answer, values)
        if isinstance(right, int | tuple):
            assert found == right
        else:
            np.testing.assert_allclose(np.asarray(found, float), right, rtol=1e-9, atol=1e-9)


SIGNALS = [
    ("{x: {formula: 1, from: 0, to: 6}, h: {formula: (1/2)^n, from: 0}, n: [-6, 12]}",
     "0 if n < 0 else 2 - 2.0**-n if n <= 6 else 2.0**-n * (2**7 - 1)", "EECS 182 homework 4, Q3(a): a geometric sum"),
    ("{x: [2, -1], h: {formula: (1/3)^n, from: 0}, n: [0, 4]}", "0 if n < 0 else 2 if n == 0 else -(3.0**-n)",
     "by hand: 2 (1/3)^n - (1/3)^(n-1)"),
    ("{x: {formula: n, from: 0, to: 3}, h: [1, -1], n: [-1, 6]}", "{1: 1, 2: 1, 3: 1, 4: -3}.get(n, 0)",
     "by hand: differences of 0, 1, 2, 3, 0"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected", "source"), SIGNALS, ids=[row[0] for row in SIGNALS])
def test_the_printed_formula_of_a_signal_is_the_one_by_hand(given, expected, source):
    """At every index, also where it is not tabled."""
    assert source
    text = f"kind: fir\ngiven: {given}\nparts: {{a: {{ask: y(n)}}}}"
    answer = printed(text)
    setting = problem(text).parts[0].setting
    words = vocabulary(setting, "y(n)", (), str)
    formula = read_formula(Scalar(answer, 0, 0), setting.right.steps["y(n)"].computed, words)
    for n in range(-10, 25):
        assert float(formula.at({"n": n})) == pytest.approx(eval(expected, {"n": n}), abs=1e-12)


def test_a_recurrence_is_printed_as_one():
    """Elman (1990)."""
    text = "kind: rnn\nsymbols: [x_1, x_2]\ngiven: {x: [x_1, x_2], h0: h_0, W_x: W_x, W_h: W_h, b: b}\nparts: {a: {ask: h.t}}"
    assert printed(text) == "tanh(W_x x_t + W_h h_{t-1} + b)"


THEN_ONE = "{input: [n, n, 1], layers: [{conv: {filters: 1, kernel: K, stride: S}}, {conv: {filters: 1, kernel: 1}}]}"
PRINTED = [
    (
        THEN_ONE,
        "{n: {integer: [8, 60]}, K: {integer: [1, 7]}, S: {integer: [1, 4]}}",
        "conv2.height",
        "floor((n - K)/S) + 1",
    ),
    (ONE, ONE_S, "pool1.height", "floor((floor((n + 2 P - K)/S) - 1)/2) + 1"),
    (ONE, ONE_S, "conv1.neurons", "(floor((n + 2 P - K)/S) + 1)^2 F"),
    (NET, NET_S, "conv1.shape", "(H - a + 1) × (W - b + 1) × F"),
    (DEPTHWISE, DEPTHWISE_S, "conv2.height", "n + 2 P - K + 1"),
    (STRIDES, "{L: {integer: [1, 6]}}", "jump", "2^L"),
]


@pytest.mark.parametrize(("given", "symbols", "ask", "expected"), PRINTED, ids=[row[3] for row in PRINTED])
def test_a_formula_is_printed_without_what_a_person_would_leave_out(given, symbols, ask, expected):
    """By hand: no floor of a whole number, u + 1 - 2 as u - 1, equal factors as a square."""
    assert printed(f"kind: cnn\nsymbols: {symbols}\ngiven: {given}\nparts: {{a: {{ask: {ask}}}}}") == expected


def test_earlier_answers_stand_for_themselves_in_later_ones():
    text = f"kind: rnn\nsymbols: {NETS_S}\ngiven: {LINEAR}\nparts: {{y: {{ask: y}}, l: {{ask: loss}}, g: {{ask: grad_W_y}}}}"
    found = key(text)
    assert found["l"] == '"1/2 (y - t)^2"'
    assert "(y - t)" in found["g"]
    assert set(graded_key(text).values()) == {"right"}


def test_the_tree_of_a_formula_uses_symbols_alone():
    setting = (
        problem(f"kind: cnn\nsymbols: {ONE_S}\ngiven: {ONE}\nparts: {{a: {{ask: conv1.params}}}}").parts[0].setting
    )
    tree = formula_tree(setting, "conv1.params")
    assert {name.key for name in expressions.names_in(tree)} == {"K", "C", "F"}


UNKNOWN = [
    ("newton_schulz", "{W: [[a, b]]}", "[a, b]", "singular_values.1", "an eigenvalue"),
    ("formula", "{W: W, x: x, formula: {L: norm(W x)^2, G: 'd(L, W)'}}", "{W: {shape: [2, 3]}, x: {shape: [3]}}", "G",
     "a gradient in an array is only worked out entry by entry"),
    ("cnn", "{input: '?x?x1', layers: [{conv: {filters: 1, kernel: [a, b]}}]}", "[a, b]", "receptive_field",
     "one number where both sides are equal, else a pair"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "symbols", "ask", "why"), UNKNOWN, ids=[row[3] for row in UNKNOWN])
def test_where_no_formula_is_found_the_key_is_empty_rather_than_wrong(kind, given, symbols, ask, why):
    assert why
    text = f"kind: {kind}\nsymbols: {symbols}\ngiven: {given}\nparts: {{a: {{ask: {ask}}}}}"
    assert key(text) == {"a": ""}
    assert graded_key(text) == {"a": "blank"}
