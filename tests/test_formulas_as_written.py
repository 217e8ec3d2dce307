r"""Formulas as people write them: in plain text, in Unicode, in LaTeX from papers, editors and chat windows.

Each row is a text, the names that are known, and the value worked out by hand as Python. Names are numbers unless a shape
stands behind them (`W:3x2`); a vector `x:3` is a column.
"""

# ruff: noqa: PLW0108  # every row is a lambda of its names, also where that is one call

from __future__ import annotations

import cProfile
import math
import time
from contextlib import suppress
from fractions import Fraction
from random import Random

import numpy as np
import pytest

from hwcheck import evaluation, expressions
from hwcheck.expressions import ExpressionError, Names, key

exp, log, sqrt, floor, ceil = math.exp, math.log, math.sqrt, math.floor, math.ceil


def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, dtype=float)))


def softmax(x):
    return np.exp(x) / np.exp(x).sum()


def below(*arrays):
    return np.vstack(arrays)


def drawn(names: str, random: Random) -> list:
    """A value for each of some names: a whole number or a fraction, or an array of the shape behind the name."""
    values: list = []
    for name in names.split():
        _, _, shape = name.partition(":")
        if shape:
            sizes = [int(size) for size in shape.split("x")]
            rows, columns = sizes if len(sizes) == 2 else (sizes[0], 1)
            values.append(np.array([[random.uniform(-2, 2) for _ in range(columns)] for _ in range(rows)]))
        else:
            values.append(random.choice([random.randint(1, 9), Fraction(random.randint(1, 40), 7)]))
    return values


def known(names: str, values: list) -> Names:
    called = [name.partition(":")[0] for name in names.split()]
    arrays = {key(name) for name, value in zip(called, values, strict=True) if isinstance(value, np.ndarray)}
    return Names(frozenset(map(key, called)), frozenset(arrays), shown=tuple(called))


def worth(text: str, names: str, values: list):
    vocabulary = known(names, values)
    bound = dict(zip((key(name.partition(":")[0]) for name in names.split()), values, strict=True))
    return evaluation.evaluate(expressions.read(text, vocabulary).tree, bound, text=text)


def is_worth(text: str, names: str, expected) -> None:
    random = Random(text)
    for _ in range(3):
        values = drawn(names, random)
        wanted = np.asarray(expected(*values), dtype=float)
        found = np.asarray(worth(text, names, values), dtype=float)
        assert found.shape in (wanted.shape, ()) or found.size == wanted.size == 1, (found.shape, wanted.shape)
        np.testing.assert_allclose(found.ravel(), wanted.ravel(), rtol=1e-12, atol=1e-12, err_msg=text)


PLAIN = [
    # Sums, products, powers.
    ("floor((W-K+2P)/S)+1", "W K P S", lambda W, K, P, S: floor((W - K + 2 * P) / S) + 1),
    ("floor((W - K + 2*P) / S) + 1", "W K P S", lambda W, K, P, S: floor((W - K + 2 * P) / S) + 1),
    ("(W-K+2P)//S + 1", "W K P S", lambda W, K, P, S: (W - K + 2 * P) // S + 1),
    ("⌊(W−K+2P)/S⌋+1", "W K P S", lambda W, K, P, S: floor((W - K + 2 * P) / S) + 1),
    ("⌈n/s⌉", "n s", lambda n, s: ceil(n / s)),
    ("ceil(n/s)", "n s", lambda n, s: ceil(n / s)),
    ("ceiling(n/s)", "n s", lambda n, s: ceil(n / s)),
    ("2c d_out^2 d_in", "c d_out d_in", lambda c, o, i: 2 * c * o**2 * i),
    ("2c*d_out*d_in", "c d_out d_in", lambda c, o, i: 2 * c * o * i),
    ("2 c d_{out} d_{in}", "c d_out d_in", lambda c, o, i: 2 * c * o * i),
    ("2c·dout·din", "c d_out d_in", lambda c, o, i: 2 * c * o * i),
    ("3(x+1)", "x", lambda x: 3 * (x + 1)),
    ("3 (x + 1)(x - 1)", "x", lambda x: 3 * (x + 1) * (x - 1)),
    ("(x+1)²", "x", lambda x: (x + 1) ** 2),
    ("x(x+1)/2", "x", lambda x: x * (x + 1) / 2),
    ("x (x+1) / 2", "x", lambda x: x * (x + 1) / 2),
    ("n*(n-1)/2", "n", lambda n: n * (n - 1) / 2),
    ("1/2x", "x", lambda x: x / 2),
    ("1/2 x", "x", lambda x: x / 2),
    ("1/(2x)", "x", lambda x: 1 / (2 * x)),
    ("a/b/c", "a b c", lambda a, b, c: a / b / c),
    ("a ÷ b × c", "a b c", lambda a, b, c: a / b * c),
    ("a⋅b∗c•a", "a b c", lambda a, b, c: a * b * c * a),
    ("a – b − c", "a b c", lambda a, b, c: a - b - c),
    ("-x^2", "x", lambda x: -(x**2)),
    ("-x²", "x", lambda x: -(x**2)),
    ("(-x)^2", "x", lambda x: x**2),
    ("2**k", "k", lambda k: 2 ** float(k)),
    ("2^-k", "k", lambda k: 2 ** -float(k)),
    ("2^(-k)", "k", lambda k: 2 ** -float(k)),
    ("2^{-k}", "k", lambda k: 2 ** -float(k)),
    ("x^2y", "x y", lambda x, y: x**2 * y),
    ("x^2 y^3", "x y", lambda x, y: x**2 * y**3),
    ("x²y³", "x y", lambda x, y: x**2 * y**3),
    ("x⁻¹ + x⁰", "x", lambda x: 1 / x + 1),
    ("x^y^2", "x y", lambda x, y: float(x) ** float(y**2)),
    ("xⁿ", "x n", lambda x, n: float(x) ** float(n)),
    ("2ⁿ⁻¹", "n", lambda n: 2 ** float(n - 1)),
    ("eˣ + e⁻ˣ", "x", lambda x: exp(x) + exp(-x)),
    ("3!", "", lambda: 6),
    ("2·3! x", "x", lambda x: 12 * x),
    ("1.5e-3 x", "x", lambda x: 0.0015 * x),
    ("3*10^-4 x", "x", lambda x: 0.0003 * x),
    (".5x + 2.", "x", lambda x: x / 2 + 2),
    # Names.
    ("lmn", "l m n", lambda l, m, n: l * m * n),  # noqa: E741
    ("2Vd", "V d", lambda V, d: 2 * V * d),
    ("lmn + lno", "l m n o", lambda l, m, n, o: l * m * n + l * n * o),  # noqa: E741
    ("K^2CF + F", "K C F", lambda K, C, F: K**2 * C * F + F),
    ("K²CF+F", "K C F", lambda K, C, F: K**2 * C * F + F),
    ("KKCF", "K C F", lambda K, C, F: K * K * C * F),
    ("F(K²C+1)", "K C F", lambda K, C, F: F * (K**2 * C + 1)),
    ("(K^2C+1)F", "K C F", lambda K, C, F: (K**2 * C + 1) * F),
    ("4(nh + n² + n)", "n h", lambda n, h: 4 * (n * h + n**2 + n)),
    ("d_ind_out", "d_in d_out", lambda i, o: i * o),
    ("nd_k", "n d_k", lambda n, d: n * d),
    ("3nd_model", "n d_model", lambda n, d: 3 * n * d),
    ("σ_x^2 + sigma_y^2", "σ_x σ_y", lambda x, y: x**2 + y**2),
    ("sigma_x sigma_y", "σ_x σ_y", lambda x, y: x * y),
    ("σ_xσ_y", "σ_x σ_y", lambda x, y: x * y),
    ("αβ", "α β", lambda a, b: a * b),
    ("alpha*beta", "α β", lambda a, b: a * b),
    ("λ‖x‖", "lambda x", lambda a, x: a * abs(x)),
    ("x₁ + x₂", "x_1 x_2", lambda a, b: a + b),
    ("x1 + x_2 + x_{1}", "x_1 x_2", lambda a, b: 2 * a + b),
    ("x₁x₂", "x_1 x_2", lambda a, b: a * b),
    ("x1x2", "x_1 x_2", lambda a, b: a * b),
    ("hₜ₋₁ + xₜ", "h_{t-1} x_t", lambda h, x: h + x),
    ("W_hh h_{t-1}", "W_hh h_{t-1}", lambda w, h: w * h),
    ("W_{hh}h_{t-1}", "W_hh h_{t-1}", lambda w, h: w * h),
    ("ln(m + n)", "l m n", lambda l, m, n: l * n * (m + n)),  # noqa: E741
    ("wx + b", "w x b", lambda w, x, b: w * x + b),
    ("2πr", "r", lambda r: 2 * math.pi * r),
    ("2 pi r", "r", lambda r: 2 * math.pi * r),
    ("2pir", "r", lambda r: 2 * math.pi * r),
    ("π r²", "r", lambda r: math.pi * r**2),
    ("𝑊𝑥 + 𝑏", "W x b", lambda W, x, b: W * x + b),
    ("ϵ + ε", "ε", lambda e: 2 * e),
    ("H W C", "H W C", lambda H, W, C: H * W * C),
    ("H(W + C)", "H W C", lambda H, W, C: H * (W + C)),
    ("e(x + 1)", "x", lambda x: math.e * (x + 1)),
    # Functions.
    ("|x|", "x", lambda x: abs(x)),
    ("2|x|", "x", lambda x: 2 * abs(x)),
    ("|x||y|", "x y", lambda x, y: abs(x) * abs(y)),
    ("|x| |y|", "x y", lambda x, y: abs(x) * abs(y)),
    ("|x - y| + |y|", "x y", lambda x, y: abs(x - y) + abs(y)),
    ("|x - |y||", "x y", lambda x, y: abs(x - abs(y))),
    ("||x| - |y||", "x y", lambda x, y: abs(abs(x) - abs(y))),
    ("|x|/2", "x", lambda x: abs(x) / 2),
    ("|-x|^2", "x", lambda x: x**2),
    ("(x + |x|)/2", "x", lambda x: (x + abs(x)) / 2),
    ("abs(x - y)", "x y", lambda x, y: abs(x - y)),
    ("sqrt(x)", "x", lambda x: sqrt(x)),
    ("√x", "x", lambda x: sqrt(x)),
    ("√(x + 1)", "x", lambda x: sqrt(x + 1)),
    ("2√x", "x", lambda x: 2 * sqrt(x)),
    ("1/√d_k", "d_k", lambda d: 1 / sqrt(d)),
    ("x^(1/2)", "x", lambda x: sqrt(x)),
    ("sqrt x", "x", lambda x: sqrt(x)),
    ("ln 2", "", lambda: log(2)),
    ("ln x", "x", lambda x: log(x)),
    ("ln(2)x", "x", lambda x: log(2) * x),
    ("log(x)", "x", lambda x: log(x)),
    ("n log n", "n", lambda n: n * log(n)),
    ("n log2 n", "n", lambda n: n * math.log2(n)),
    ("n log_2 n", "n", lambda n: n * math.log2(n)),
    ("n log₂ n", "n", lambda n: n * math.log2(n)),
    ("n log_2(n)", "n", lambda n: n * math.log2(n)),
    ("log_10(x)", "x", lambda x: math.log10(x)),
    ("log10 x", "x", lambda x: math.log10(x)),
    ("log_3 x", "x", lambda x: log(x) / log(3)),
    ("lg n", "n", lambda n: math.log2(n)),
    ("log^2 n", "n", lambda n: log(n) ** 2),
    ("x ln x + y ln y", "x y", lambda x, y: x * log(x) + y * log(y)),
    ("-p log p - (1-p) log(1+p)", "p", lambda p: -p * log(p) - (1 - p) * log(1 + p)),
    ("sin x", "x", lambda x: math.sin(x)),
    ("sin 2x", "x", lambda x: math.sin(2 * x)),
    ("sin^2 x", "x", lambda x: math.sin(x) ** 2),
    ("sin²(x) + cos²(x)", "x", lambda x: 1),
    ("2 sin x cos x", "x", lambda x: math.sin(2 * x)),
    ("sin(x)cos(x)", "x", lambda x: math.sin(x) * math.cos(x)),
    ("sin(x)/x", "x", lambda x: math.sin(x) / x),
    ("tan x", "x", lambda x: math.tan(x)),
    ("1 - tanh²(x)", "x", lambda x: 1 - math.tanh(x) ** 2),
    ("1 - tanh(x)^2", "x", lambda x: 1 - math.tanh(x) ** 2),
    ("exp(-x)", "x", lambda x: exp(-x)),
    ("e^-x", "x", lambda x: exp(-x)),
    ("e^{-x}", "x", lambda x: exp(-x)),
    ("e^(-x^2/2)", "x", lambda x: exp(-(x**2) / 2)),
    ("1/(1+e^{-kx})", "k x", lambda k, x: 1 / (1 + exp(-k * x))),
    ("(1 + e^-x)^-1", "x", lambda x: 1 / (1 + exp(-x))),
    ("σ(z)", "z", lambda z: sigmoid(z)),
    ("sigmoid(z)", "z", lambda z: sigmoid(z)),
    ("sigma(z)", "z", lambda z: sigmoid(z)),
    ("σ(z)(1 - σ(z))", "z", lambda z: sigmoid(z) * (1 - sigmoid(z))),
    ("σ(z)·(1−σ(z))", "z", lambda z: sigmoid(z) * (1 - sigmoid(z))),
    ("relu(x - 5)", "x", lambda x: max(0, x - 5)),
    ("ReLU(x - 5)", "x", lambda x: max(0, x - 5)),
    ("max(0, x - 5)", "x", lambda x: max(0, x - 5)),
    ("max(0,x-5)", "x", lambda x: max(0, x - 5)),
    ("max{0, x - 5}", "x", lambda x: max(0, x - 5)),
    ("max(x; y)", "x y", lambda x, y: max(x, y)),
    ("min(a, b, c)", "a b c", lambda a, b, c: min(a, b, c)),
    ("Max(a, b)", "a b", lambda a, b: max(a, b)),
    ("sign(x - 5)", "x", lambda x: (x > 5) - (x < 5)),
    ("sgn(5 - x)", "x", lambda x: (x < 5) - (x > 5)),
    ("x H(x - 5)", "x", lambda x: x * ((x > 5) + (x == 5) / 2)),
    ("x.H(x)", "x", lambda x: x),
    ("x·H(-x)", "x", lambda x: 0),
    ("round(x/2)", "x", lambda x: floor(Fraction(x) / 2 + Fraction(1, 2))),
    ("sum(a, b, c)/3", "a b c", lambda a, b, c: (a + b + c) / 3),
    ("mean(a, b)", "a b", lambda a, b: (a + b) / 2),
    # Equations, and what stands around a formula.
    ("y = 2x", "x", lambda x: 2 * x),
    ("y := 2x", "x", lambda x: 2 * x),
    ("y ≈ 2x", "x", lambda x: 2 * x),
    ("f(x) = 2x", "x", lambda x: 2 * x),
    ("f(x) = x + x = 2x", "x", lambda x: 2 * x),
    ("y = a + a = 2a = b", "a b", lambda a, b: b),
    ("y → 2x", "x", lambda x: 2 * x),
    ("=> y = 2x", "x", lambda x: 2 * x),
    ("∴ y = 2x", "x", lambda x: 2 * x),
    ("= 2x", "x", lambda x: 2 * x),
    ("dL/dx = 2x", "x", lambda x: 2 * x),
    ("∂L/∂x = 2x", "x", lambda x: 2 * x),
    ("Σ x_i = 2x", "x", lambda x: 2 * x),
    ("2x.", "x", lambda x: 2 * x),
    ("2x,", "x", lambda x: 2 * x),
    ("2x;", "x", lambda x: 2 * x),
    ("2x + 1.", "x", lambda x: 2 * x + 1),
    ("`2x`", "x", lambda x: 2 * x),
    ("**2x**", "x", lambda x: 2 * x),
    ("$2x$", "x", lambda x: 2 * x),
    ("$2x$.", "x", lambda x: 2 * x),
    ("$$ 2x $$", "x", lambda x: 2 * x),
    ("2x  for x > 0", "x", lambda x: 2 * x),
    ("2x, for x > 0", "x", lambda x: 2 * x),
    ("2x, where x ≥ 0", "x", lambda x: 2 * x),
    ("2x, x ∈ ℝ", "x", lambda x: 2 * x),
    ("2\u00a0x\u200b + \u20611", "x", lambda x: 2 * x + 1),
    ("2x\n+ 1", "x", lambda x: 2 * x + 1),
]

LATEX = [
    (
        r"\left\lfloor \frac{W - K + 2P}{S} \right\rfloor + 1",
        "W K P S",
        lambda W, K, P, S: floor((W - K + 2 * P) / S) + 1,
    ),
    (r"$\left\lfloor\frac{W-K+2P}{S}\right\rfloor+1$", "W K P S", lambda W, K, P, S: floor((W - K + 2 * P) / S) + 1),
    (r"\Big\lfloor \tfrac{W - K}{S} \Big\rfloor + 1", "W K S", lambda W, K, S: floor((W - K) / S) + 1),
    (r"\left\lceil \dfrac{n}{s} \right\rceil", "n s", lambda n, s: ceil(n / s)),
    (r"\lceil n/s \rceil", "n s", lambda n, s: ceil(n / s)),
    (r"\dfrac12 x", "x", lambda x: x / 2),
    (r"\frac12x", "x", lambda x: x / 2),
    (r"\tfrac{1}{2} x", "x", lambda x: x / 2),
    (r"\frac1n", "n", lambda n: 1 / n),
    (r"\frac0.5x", "x", lambda x: 0.5 / x),
    (r"\frac ab", "a b", lambda a, b: a / b),
    (r"\frac{1}{\sqrt{d_{in}}}", "d_in", lambda d: 1 / sqrt(d)),
    (r"\frac{1}{1 + e^{-x}}", "x", lambda x: 1 / (1 + exp(-x))),
    (r"\frac{1}{1+\exp(-x)}", "x", lambda x: 1 / (1 + exp(-x))),
    (r"\frac{x^{2}}{2}", "x", lambda x: x**2 / 2),
    (r"\frac{n(n+1)}{2}", "n", lambda n: n * (n + 1) / 2),
    (r"\left. \frac{a}{b} \right. c", "a b c", lambda a, b, c: a / b * c),
    (r"\left.\frac{a}{b}\right.c", "a b c", lambda a, b, c: a / b * c),
    (r"\frac{a}{b}\frac{c}{a}", "a b c", lambda a, b, c: c / b),
    (r"2\frac{a}{b}", "a b", lambda a, b: 2 * a / b),
    (r"\sqrt2", "", lambda: sqrt(2)),
    (r"\sqrt{d_k}", "d_k", lambda d: sqrt(d)),
    (r"\sqrt{x^2 + y^2}", "x y", lambda x, y: sqrt(x**2 + y**2)),
    (r"\sqrt[3]{x}", "x", lambda x: float(x) ** (1 / 3)),
    (r"2\sqrt{x}y", "x y", lambda x, y: 2 * sqrt(x) * y),
    (r"a \cdot b \times c", "a b c", lambda a, b, c: a * b * c),
    (r"a\cdot{b}", "a b", lambda a, b: a * b),
    (r"a \div b", "a b", lambda a, b: a / b),
    (r"\left( a + b \right) c", "a b c", lambda a, b, c: (a + b) * c),
    (r"\bigl(a + b\bigr)^{2}", "a b", lambda a, b: (a + b) ** 2),
    (r"\left[ a + b \right] c", "a b c", lambda a, b, c: (a + b) * c),
    (r"2\,c\,d_{\text{out}}\,d_{\text{in}}", "c d_out d_in", lambda c, o, i: 2 * c * o * i),
    (r"2c\; d_{\mathrm{out}}^{2} d_\text{in}", "c d_out d_in", lambda c, o, i: 2 * c * o**2 * i),
    (r"d\_in + \text{d\_out}", "d_in d_out", lambda i, o: i + o),
    (r"\mathrm{d_{in}} \, \mathit{d}_{out}", "d_in d_out", lambda i, o: i * o),
    (r"C_{\text{in}} K^{2} C_{\text{out}} + C_{\text{out}}", "C_in K C_out", lambda i, k, o: i * k**2 * o + o),
    (r"\alpha\beta_1", "α β_1", lambda a, b: a * b),
    (r"\sigma_x^2", "σ_x", lambda s: s**2),
    (r"\varepsilon + \epsilon", "ε", lambda e: 2 * e),
    (r"\lambda w^2", "λ w", lambda a, w: a * w**2),
    (r"w - \eta\,g", "w η g", lambda w, e, g: w - e * g),
    (r"\log_2 n", "n", lambda n: math.log2(n)),
    (r"\log_{2}(n)", "n", lambda n: math.log2(n)),
    (r"\log_{10} n", "n", lambda n: math.log10(n)),
    (r"n \log n", "n", lambda n: n * log(n)),
    (r"n\log n", "n", lambda n: n * log(n)),
    (r"\ln\left(x\right)", "x", lambda x: log(x)),
    (r"\ln \frac{x}{y}", "x y", lambda x, y: log(x / y)),
    (r"-\log\frac{1}{p}", "p", lambda p: log(p)),
    (r"\exp\left(-\frac{x^2}{2\sigma^2}\right)", "x σ", lambda x, s: exp(-(x**2) / (2 * s**2))),
    (r"\sin^2 x", "x", lambda x: math.sin(x) ** 2),
    (r"\sin^{2}(x)", "x", lambda x: math.sin(x) ** 2),
    (r"\cos 2x", "x", lambda x: math.cos(2 * x)),
    (r"1-\tanh^2(x)", "x", lambda x: 1 - math.tanh(x) ** 2),
    (r"\max(0, x - 5)", "x", lambda x: max(0, x - 5)),
    (r"\max\{a, b\}", "a b", lambda a, b: max(a, b)),
    (r"\max\left\{a, b\right\}", "a b", lambda a, b: max(a, b)),
    (r"\min\left(a, b\right)", "a b", lambda a, b: min(a, b)),
    (r"\sigma(z)\left(1 - \sigma(z)\right)", "z", lambda z: sigmoid(z) * (1 - sigmoid(z))),
    (r"\operatorname{ReLU}(x - 5)", "x", lambda x: max(0, x - 5)),
    (r"\mathrm{ReLU}(x - 5)", "x", lambda x: max(0, x - 5)),
    (r"\text{sigmoid}(x)", "x", lambda x: sigmoid(x)),
    (r"\operatorname{sign}(x - 5)", "x", lambda x: (x > 5) - (x < 5)),
    (r"\lvert x \rvert", "x", lambda x: abs(x)),
    (r"\left|x - y\right|", "x y", lambda x, y: abs(x - y)),
    (r"2\left|x\right|\left|y\right|", "x y", lambda x, y: 2 * abs(x * y)),
    (r"\vert x \vert", "x", lambda x: abs(x)),
    (r"2^{-k}", "k", lambda k: 2 ** -float(k)),
    (r"10^{-3}x", "x", lambda x: x / 1000),
    (r"3 \times 10^{-4}\, x", "x", lambda x: 0.0003 * x),
    (r"\pi r^2", "r", lambda r: math.pi * r**2),
    (r"\hat{y} - y", "ŷ y", lambda a, b: a - b),
    (r"\hat y - y", "ŷ y", lambda a, b: a - b),
    ("ŷ - y", "y_hat y", lambda a, b: a - b),
    (r"\boxed{2x}", "x", lambda x: 2 * x),
    (r"$\boxed{2x + 1}$", "x", lambda x: 2 * x + 1),
    (r"\boxed{y = 2x}", "x", lambda x: 2 * x),
    (r"y = \boxed{2x}.", "x", lambda x: 2 * x),
    (r"$$\boxed{y = 2x.}$$", "x", lambda x: 2 * x),
    (r"\(2x\)", "x", lambda x: 2 * x),
    (r"\[ 2x \]", "x", lambda x: 2 * x),
    ("\\[\n\\boxed{K^2 C F + F}\n\\]", "K C F", lambda K, C, F: K**2 * C * F + F),
    (r"\therefore y = 2x", "x", lambda x: 2 * x),
    (r"\Rightarrow y = 2x", "x", lambda x: 2 * x),
    (r"y \approx 2x", "x", lambda x: 2 * x),
    (r"\frac{\partial L}{\partial x} = 2x", "x", lambda x: 2 * x),
    (r"\sum_i x_i = 2x", "x", lambda x: 2 * x),
    (r"y &= x + x \\ &= 2x", "x", lambda x: 2 * x),
    (r"\begin{aligned} y &= x + x \\ &= 2x \end{aligned}", "x", lambda x: 2 * x),
    ("\\begin{align*}\ny &= x + x \\\\[4pt]\n  &= 2x\n\\end{align*}", "x", lambda x: 2 * x),
    (r"\begin{equation} y = 2x \tag{1} \end{equation}", "x", lambda x: 2 * x),
    (r"\begin{split} 2x &+ 1 \\ &+ y \end{split}", "x y", lambda x, y: 2 * x + 1 + y),
    (r"2x \quad \text{for } x > 0", "x", lambda x: 2 * x),
    (r"2x, \quad \text{for } x > 0", "x", lambda x: 2 * x),
    (r"2x, \qquad x \in \mathbb{R}", "x", lambda x: 2 * x),
    (r"\underbrace{a + b}_{\text{two}} c", "a b c", lambda a, b, c: (a + b) * c),
    (r"\displaystyle \frac{a}{b}", "a b", lambda a, b: a / b),
    (r"{a}{b} + {{c}}", "a b c", lambda a, b, c: a * b + c),
    (r"x_{1}^{2} + x_{2}^{2}", "x_1 x_2", lambda a, b: a**2 + b**2),
    (r"x_1^2x_2", "x_1 x_2", lambda a, b: a**2 * b),
    (r"\ell^2", "l", lambda l: l**2),  # noqa: E741
    # Cases.
    (r"\begin{cases} 0 & x < 5 \\ x & x \ge 5 \end{cases}", "x", lambda x: x if x >= 5 else 0),
    (r"\begin{cases} x, & \text{if } x > 5, \\ 0, & \text{otherwise.} \end{cases}", "x", lambda x: x if x > 5 else 0),
    (
        r"f(x) = \begin{cases} x & \text{if } x > 5 \\ 2x & \text{else} \end{cases}",
        "x",
        lambda x: x if x > 5 else 2 * x,
    ),
    (r"\left\{ \begin{array}{ll} x & x > 5 \\ 2x & x \leq 5 \end{array} \right.", "x", lambda x: x if x > 5 else 2 * x),
    (
        r"\begin{cases} 1 & 3 \le x < 5 \\ 2 & x \ge 5 \\ 3 & \text{otherwise} \end{cases}",
        "x",
        lambda x: 2 if x >= 5 else 1 if x >= 3 else 3,
    ),
]

ARRAYS = [
    ("W x + b", "W:3x2 x:2 b:3", lambda W, x, b: W @ x + b),
    ("Wx+b", "W:3x2 x:2 b:3", lambda W, x, b: W @ x + b),
    ("W @ x + b", "W:3x2 x:2 b:3", lambda W, x, b: W @ x + b),
    ("W · x + b", "W:3x2 x:2 b:3", lambda W, x, b: W @ x + b),
    ("W(x + y)", "W:3x2 x:2 y:2", lambda W, x, y: W @ (x + y)),
    ("x ⊙ y", "x:3 y:3", lambda x, y: x * y),
    ("x * y", "x:3 y:3", lambda x, y: x * y),
    ("x ∘ y / y", "x:3 y:3", lambda x, y: x),
    ("2x - y/3", "x:3 y:3", lambda x, y: 2 * x - y / 3),
    ("x^T y", "x:3 y:3", lambda x, y: x.T @ y),
    ("xᵀy", "x:3 y:3", lambda x, y: x.T @ y),
    ("x.T @ y", "x:3 y:3", lambda x, y: x.T @ y),
    ("x^T A x", "x:3 A:3x3", lambda x, A: x.T @ A @ x),
    ("x^{T} A x", "x:3 A:3x3", lambda x, A: x.T @ A @ x),
    ("x^T A x", "x:3 A:3x3 T", lambda x, A, T: x.T @ A @ x),
    ("transpose(W) y", "W:3x2 y:3", lambda W, y: W.T @ y),
    ("diag(p) - p p^T", "p:3", lambda p: np.diag(p.ravel()) - p @ p.T),
    ("diag(p) − ppᵀ", "p:3", lambda p: np.diag(p.ravel()) - p @ p.T),
    ("(p - y) x^T", "p:3 y:3 x:2", lambda p, y, x: (p - y) @ x.T),
    ("outer(p - y, x)", "p:3 y:3 x:2", lambda p, y, x: (p - y) @ x.T),
    ("p ⊙ (1 - p)", "p:3", lambda p: p * (1 - p)),
    ("s ⊙ W^T d", "s:3 W:2x3 d:2", lambda s, W, d: s * (W.T @ d)),
    ("s ⊙ W^T d / 2 + s", "s:3 W:2x3 d:2", lambda s, W, d: s * (W.T @ d) / 2 + s),
    ("2 * s ⊙ (W^T d) x^T", "s:3 W:2x3 d:2 x:4", lambda s, W, d, x: 2 * (s * (W.T @ d)) @ x.T),
    ("d ⊙ s x^T", "d:3 s:3 x:2", lambda d, s, x: (d * s) @ x.T),
    ("(1 - h²) ⊙ W^T d", "h:3 W:2x3 d:2", lambda h, W, d: (1 - h**2) * (W.T @ d)),
    ("W_f @ concat(h, x) + b_f", "W_f:3x5 h:3 x:2 b_f:3", lambda W, h, x, b: W @ below(h, x) + b),
    ("W_f [h; x] + b_f", "W_f:3x5 h:3 x:2 b_f:3", lambda W, h, x, b: W @ below(h, x) + b),
    ("W_f [h, x] + b_f", "W_f:3x5 h:3 x:2 b_f:3", lambda W, h, x, b: W @ below(h, x) + b),
    ("W_f · [h, x] + b_f", "W_f:3x5 h:3 x:2 b_f:3", lambda W, h, x, b: W @ below(h, x) + b),
    ("W_f·[h_{t−1}, x_t] + b_f", "W_f:3x5 h_{t-1}:3 x_t:2 b_f:3", lambda W, h, x, b: W @ below(h, x) + b),
    ("[h, x]", "h:3 x:2", lambda h, x: below(h, x)),
    ("[h; x]", "h:3 x:2", lambda h, x: below(h, x)),
    ("concat(h, x)", "h:3 x:2", lambda h, x: below(h, x)),
    ("σ(W x)", "W:3x2 x:2", lambda W, x: sigmoid(W @ x)),
    ("tanh(W_x x + W_h h + b)", "W_x:3x2 x:2 W_h:3x3 h:3 b:3", lambda U, x, W, h, b: np.tanh(U @ x + W @ h + b)),
    ("relu(W x)", "W:3x2 x:2", lambda W, x: np.maximum(W @ x, 0)),
    ("max(0, W x)", "W:3x2 x:2", lambda W, x: np.maximum(W @ x, 0)),
    ("softmax(W x)", "W:3x2 x:2", lambda W, x: softmax(W @ x)),
    ("exp(z)/sum(exp(z))", "z:3", lambda z: softmax(z)),
    ("f ⊙ c + i ⊙ g", "f:3 c:3 i:3 g:3", lambda f, c, i, g: f * c + i * g),
    ("A^{-1}", "A:3x3", lambda A: np.linalg.inv(A)),
    ("A^-1 b", "A:3x3 b:3", lambda A, b: np.linalg.inv(A) @ b),
    ("A⁻¹ b", "A:3x3 b:3", lambda A, b: np.linalg.inv(A) @ b),
    ("inv(A) b", "A:3x3 b:3", lambda A, b: np.linalg.inv(A) @ b),
    ("A^2", "A:3x3", lambda A: A @ A),
    ("x^2", "x:3", lambda x: x**2),
    ("||x||", "x:3", lambda x: np.linalg.norm(x)),
    ("‖x‖²", "x:3", lambda x: (x**2).sum()),
    ("||x - y||_2", "x:3 y:3", lambda x, y: np.linalg.norm(x - y)),
    ("norm(x)", "x:3", lambda x: np.linalg.norm(x)),
    ("sum(x)", "x:3", lambda x: x.sum()),
    ("mean(x)", "x:3", lambda x: x.mean()),
    ("max(x) - min(x)", "x:3", lambda x: x.max() - x.min()),
    ("|x|", "x:3", lambda x: abs(x)),
    ("sign(x)", "x:3", lambda x: np.sign(x)),
    ("w[1] + w[3]", "w:3", lambda w: w[0, 0] + w[2, 0]),
    ("w_1 + w_3", "w:3", lambda w: w[0, 0] + w[2, 0]),
    ("w₁ + w₃", "w:3", lambda w: w[0, 0] + w[2, 0]),
    ("w1 + w_{3}", "w:3", lambda w: w[0, 0] + w[2, 0]),
    ("w[4] + w[0]", "w:3", lambda w: 0),
    ("A[1, 3] + A_{2,1}", "A:2x3", lambda A: A[0, 2] + A[1, 0]),
    ("A_{13} + A_{21}", "A:2x3", lambda A: A[0, 2] + A[1, 0]),
    ("[1, 2; 3, 4] x", "x:2", lambda x: np.array([[1, 2], [3, 4]]) @ x),
    ("[[1, 2], [3, 4]] x", "x:2", lambda x: np.array([[1, 2], [3, 4]]) @ x),
    ("[A, b; x^T, 1]", "A:3x3 b:3 x:3", lambda A, b, x: np.block([[A, b], [x.T, np.ones((1, 1))]])),
    ("[a, b; 0, 1]", "a b", lambda a, b: [[a, b], [0, 1]]),
    (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix} x", "x:2", lambda x: np.array([[1, 2], [3, 4]]) @ x),
    (r"\begin{bmatrix} a \\ -b \end{bmatrix}", "a b", lambda a, b: [[a], [-b]]),
    (r"\begin{pmatrix} a & b \\ 0 & 1 \\ \end{pmatrix}", "a b", lambda a, b: [[a, b], [0, 1]]),
    (r"W_f \begin{bmatrix} h \\ x \end{bmatrix}", "W_f:3x5 h:3 x:2", lambda W, h, x: W @ below(h, x)),
    (r"\left[\begin{array}{cc} a & b \\ 0 & 1 \end{array}\right]", "a b", lambda a, b: [[a, b], [0, 1]]),
    (r"\mathbf{W}^{\top} \mathbf{x}", "W:3x2 x:3", lambda W, x: W.T @ x),
    (r"\mathbf{W}^\top\mathbf{x} + \mathbf{b}", "W:3x2 x:3 b:2", lambda W, x, b: W.T @ x + b),
    (r"W^\intercal x", "W:3x2 x:3", lambda W, x: W.T @ x),
    (r"W^{\mathsf{T}} x", "W:3x2 x:3", lambda W, x: W.T @ x),
    (r"\boldsymbol{x}^T A \boldsymbol{x}", "x:3 A:3x3", lambda x, A: x.T @ A @ x),
    (
        r"\tanh(W_{xh}x_t + W_{hh}h_{t-1} + b_h)",
        "W_xh:3x2 x_t:2 W_hh:3x3 h_{t-1}:3 b_h:3",
        lambda U, x, W, h, b: np.tanh(U @ x + W @ h + b),
    ),
    (
        r"\sigma\left(W_f \cdot [h_{t-1}, x_t] + b_f\right)",
        "W_f:3x5 h_{t-1}:3 x_t:2 b_f:3",
        lambda W, h, x, b: sigmoid(W @ below(h, x) + b),
    ),
    (r"f_t \odot c_{t-1} + i_t \odot \tilde{c}_t", "f_t:3 c_{t-1}:3 i_t:3 c̃_t:3", lambda f, c, i, g: f * c + i * g),
    (r"\operatorname{softmax}(z)", "z:3", lambda z: softmax(z)),
    (r"\mathrm{softmax}(W x + b)", "W:3x2 x:2 b:3", lambda W, x, b: softmax(W @ x + b)),
    (r"\operatorname{diag}(p) - p p^{\top}", "p:3", lambda p: np.diag(p.ravel()) - p @ p.T),
    (r"\|x\|_2", "x:3", lambda x: np.linalg.norm(x)),
    (r"\lVert x \rVert_2^2", "x:3", lambda x: (x**2).sum()),
    (r"\left\| x - y \right\|_2^2", "x:3 y:3", lambda x, y: ((x - y) ** 2).sum()),
    (r"\|W\|_F", "W:3x2", lambda W: sqrt((W**2).sum())),
    (r"\hat{\mathbf{y}} - \mathbf{y}", "ŷ:3 y:3", lambda a, b: a - b),
]

ROWS = [row for row in (*PLAIN, *LATEX, *ARRAYS) if row[2] is not None]


@pytest.mark.parametrize(("text", "names", "expected"), ROWS, ids=[f"{text} [{names}]" for text, names, _ in ROWS])
def test_a_formula_is_worth_what_it_says_on_paper(text, names, expected):
    is_worth(text, names, expected)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("y = 2x", "y"),
        ("y := x = 2x", "y"),
        (r"y_1 \approx 2x", "y1"),
        ("f(x) = 2x", ""),
        ("2x", ""),
        (r"\boxed{y = 2x}", "y"),
    ],
)
def test_the_name_before_the_equals_sign_is_kept(text, left):
    assert expressions.read(text, Names(frozenset("x"))).left == left


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("1/2x", True),
        ("1/2 (x + 1)", True),
        ("a/b c", True),
        ("1/2 * x", False),
        ("(1/2)x", False),
        ("x/2", False),
        (r"\frac12x", False),
    ],
)
def test_a_product_behind_a_division_that_some_read_the_other_way_is_noted(text, split):
    assert expressions.read(text, Names(frozenset("abcx"))).split is split


@pytest.mark.parametrize(
    ("text", "dropped"),
    [("2x", ""), ("2x, for x > 0", "for x > 0"), ("2x for x > 0.", "for x > 0"), (r"2x, \quad x \in \mathbb{R}", r"x \in \mathbb{R}"), ("2x, t = 1, …, L", "t = 1, …, L")],
)  # fmt: skip
def test_the_condition_behind_a_formula_is_left_out_and_said_to_be(text, dropped):
    assert expressions.read(text, Names(frozenset("xL"))).dropped == dropped


def test_a_choice_as_in_python_has_cases():
    names = "x"
    is_worth("x if x > 3 else 0", names, lambda x: x if x > 3 else 0)
    is_worth("y = 2x if x > 5 else x if x > 3 else 1", names, lambda x: 2 * x if x > 5 else x if x > 3 else 1)


CONDITIONS = [
    ("0 <= n <= 6", range(7)),
    ("0 ≤ n ≤ 6", range(7)),
    (r"0 \le n \leq 6", range(7)),
    (r"$0 \leqslant n < 7$", range(7)),
    ("n >= 0 and n < 7", range(7)),
    ("n ≥ 0 ∧ n ≤ 6", range(7)),
    ("n >= 0 && n < 7", range(7)),
    ("n >= 0, n < 7", range(7)),
    ("if n > 6", range(7, 12)),
    ("for n = 3", range(3, 4)),
    ("n == 3", range(3, 4)),
    ("n = 0, 1, …, 6", range(7)),
    ("n = 0, ..., 6", range(7)),
    (r"n = 0, 1, \dots, 6", range(7)),
    ("n = 7, 8, …", range(7, 12)),
    ("n != 3", [n for n in range(-3, 12) if n != 3]),
    (r"\text{if } n > 6", range(7, 12)),
    (r"\text{for } n > 6.", range(7, 12)),
    ("-1 < n < k + 1", range(7)),
    ("otherwise", range(-3, 12)),
    ("else", range(-3, 12)),
    (r"\text{otherwise.}", range(-3, 12)),
]


@pytest.mark.parametrize(("text", "expected"), CONDITIONS, ids=[text for text, _ in CONDITIONS])
def test_a_condition_holds_where_it_says(text, expected):
    conditions = expressions.read_conditions(text, Names(frozenset(("n", "k"))))
    cases = expressions.Cases(((conditions, expressions.Number(Fraction(1), "1")),))
    assert [n for n in range(-3, 12) if evaluation.evaluate(cases, {"n": n, "k": 6}) == 1] == list(expected)


AXES = [
    ("W_out × H_out × F", ["W_out", "H_out", "F"]),
    ("W_out x H_out x F", ["W_out", "H_out", "F"]),
    ("W_out X H_out X F", ["W_out", "H_out", "F"]),
    ("(W_out, H_out, F)", ["W_out", "H_out", "F"]),
    ("[W_out, H_out, F].", ["W_out", "H_out", "F"]),
    ("W_out * H_out * F", ["W_out", "H_out", "F"]),
    (r"W_{out} \times H_{out} \times F", ["W_{out}", "H_{out}", "F"]),
    (r"$W_{out} \cdot H_{out} \cdot F$", ["W_{out}", "H_{out}", "F"]),
    (r"\boxed{W_{out} \times H_{out} \times F}", ["W_{out}", "H_{out}", "F"]),
    (r"\left( F, H_{out}, W_{out} \right)", ["F", "H_{out}", "W_{out}"]),
    ("shape = F × 4 × 5", ["F", "4", "5"]),
    ("F×4x5", ["F", "4", "5"]),
    ("64 x 58 x 58", ["64", "58", "58"]),
    ("⌊(W-K)/S⌋+1 × ⌊(H-K)/S⌋+1 × 2F", ["floor((W - K)/S) + 1", "floor((H - K)/S) + 1", "2 F"]),
    ("(W-K)/S+1 x (H-K)/S+1 x F", ["(W - K)/S + 1", "(H - K)/S + 1", "F"]),
    ("(W × K) × H × F", ["W K", "H", "F"]),
    ("W × H", ["W", "H"]),
    ("W H F", ["W H F"]),
]


@pytest.mark.parametrize(("text", "expected"), AXES, ids=[text for text, _ in AXES])
def test_signs_of_multiplication_part_the_axes_of_a_shape(text, expected):
    names = Names(frozenset(["W", "H", "K", "S", "F", "Wout", "Hout"]))
    found = [
        expressions.render(axis.tree, bare=True).replace(" · ", " ") for axis in expressions.read_axes(text, 3, names)
    ]
    assert found == expected


MISTAKES = [  # text, names, message, place
    ("d_uot + 1", "d_out d_in", "unknown name 'd_uot'; did you mean 'd_out'?", 0),
    ("2 + D_out", "d_out d_in", "unknown name 'D_out'; did you mean 'd_out'?", 4),
    (r"2 \mathrm{d}_{uot}", "d_out d_in", r"unknown name '\mathrm{d}_{uot}'; did you mean 'd_out'?", 2),
    ("12 neurons", "n m", "unknown name 'neurons'; expected one of n, m", 3),
    (r"12 \text{ neurons}", "n m", "unknown name 'neurons'; expected one of n, m", 3),
    (r"12 \text{ neurons in all}", "n m", "words cannot stand here; write the formula alone", 3),
    ("I don't know", "n m", "unknown name 'I'; expected one of n, m", 0),
    ("f(x)", "x", "unknown name 'f'; expected x", 0),
    ("1 + sofmax(x)", "x", "no function 'sofmax'; did you mean 'softmax'?", 4),
    ("σ'(x)", "x", "the derivative 'σ'' is not read here; write it out", 0),
    ("2 + True", "x", "unknown name 'True'; expected x", 4),
    ("nan", "x", "unknown name 'nan'; expected x", 0),
    (r"2 \lambda", "l a m b d", r"unknown name '\lambda'; expected one of l, a, m, b, d", 2),
    ("∞", "x", "infinity is no number that can be compared", 0),
    (r"2\infty", "x", "infinity is no number that can be compared", 1),
    ("abc", "a b c ab bc", "'abc' can be read as a b c or as a bc; put blanks between", 0),
    ("2 + bab", "a b ab ba", "'bab' can be read as b a b or as b ab; put blanks between", 4),
    # Brackets.
    ("2 (x + 1", "x", "this bracket is not closed", 2),
    ("2 [x + 1", "x", "this bracket is not closed", 2),
    ("2 {x + 1", "x", "this bracket is not closed", 2),
    ("2 ⌊x / 3", "x", "this bracket is not closed", 2),
    ("2 ⌈x / 3", "x", "this bracket is not closed", 2),
    ("2 |x + 1", "x", "this bar is not closed", 2),
    ("2 ‖x + 1", "x", "this bar is not closed", 2),
    (r"2 \left\lfloor x", "x", "this bracket is not closed", 7),
    (r"\frac{1}{2 + x", "x", "this bracket is not closed", 8),
    ("x_{1 + 2", "x", "this brace is not closed", 2),
    (r"\mathbf{x", "x", "this brace is not closed", 7),
    ("x + 1)", "x", "this bracket closes nothing", 5),
    ("x + 1]", "x", "this bracket closes nothing", 5),
    ("x + 1}", "x", "this bracket closes nothing", 5),
    ("x⌋", "x", "this bracket closes nothing", 1),
    ("(x + 1]", "x", "expected ')' to close '('", 6),
    ("⌊x + 1)", "x", "expected '⌋' to close '⌊'", 6),
    ("(|x + 1)", "x", "expected '|' to close '|'", 7),
    ("(x + )", "x", "something is missing before this bracket", 5),
    ("()", "x", "nothing stands between these brackets", 1),
    ("[] x", "x", "nothing stands between these brackets", 1),
    ("max()", "x", "nothing stands between these brackets", 4),
    (r"\frac{}{2}", "x", "nothing stands between these brackets", 6),
    (r"\sqrt{ }", "x", "nothing stands between these brackets", 7),
    # Numbers.
    ("0,5 x", "x", "a comma cannot stand here; write a decimal number with a point, thousands without commas", 1),
    ("1,000 x", "x", "a comma cannot stand here; write a decimal number with a point, thousands without commas", 1),
    ("x, y", "x y", "a comma cannot stand here; one formula is expected", 1),
    ("2 3", "x", "two numbers side by side; write the sign between them", 2),
    ("1 000 x", "x", "two numbers side by side; write the sign between them", 2),
    ("x 2", "x", "a number cannot stand behind this without a sign; write the sign between them", 2),
    ("(x + 1)2", "x", "a number cannot stand behind this without a sign; write the sign between them", 7),
    ("2 + 1e99999", "x", "a power of ten too large to work with", 4),
    ("1_000 x", "x", "an underscore cannot stand here; write a number without it", 1),
    ("0x10 x", "y", "hexadecimal numbers are not read; write the number in decimal", 0),
    ("1.2 e-3", "x", "a blank inside a number; write it together, such as 1.2e-3", 4),
    ("２x", "x", "only the digits 0 to 9 are read", 0),
    ("𝟐x", "x", "only the digits 0 to 9 are read", 0),
    ("2x%", "x", "a percent sign where no percentage is asked", 2),
    # Functions.
    ("2 + sqrt(1, 2)", "x", "'sqrt' takes one argument, not 2", 4),
    ("outer(x)", "x", "'outer' takes two arguments, not 1", 0),
    (r"\operatorname{softmax}(x, x)", "x", "'softmax' takes one argument, not 2", 0),
    ("log(8, 2)", "x", "write the base of a logarithm as log_2(x) or log2(x)", 0),
    ("ln", "x", "'ln' is a function; write its argument in brackets", 0),
    ("x ln + 2", "x", "'ln' is a function; write its argument in brackets", 2),
    ("exp -x", "x", "'exp' is a function; write its argument in brackets", 0),
    ("max 3", "x", "'max' is a function; write its argument in brackets", 0),
    (r"\sin^{-1} x", "x", "write the inverse of a function out", 0),
    ("2 + ", "x", "the formula ends too early", 4),
    ("x^", "x", "the formula ends too early", 2),
    ("x =", "x", "the formula ends too early", 3),
    ("y = 2 * / x", "x", "'/' cannot stand here", 8),
    ("x > 2", "x", "an inequality cannot stand here; write the formula alone", 2),
    ("x && x", "x", "'∧' cannot stand here", 2),
    ("x if x > 0, 0 otherwise", "x", "several cases; write each on a line of its own, such as 2n if n < 3", 14),
    # LaTeX.
    (r"2 \foo{x}", "x", r"the command '\foo' is not read here; write it out in plain signs", 2),
    (r"\sum_{i=1}^n x", "x n", "a sum or a product with limits is not read here; write it out", 0),
    ("Σ_i x_i + ∑ x", "x", "unknown name 'Σ_i'; expected x", 0),
    (r"\begin{cases} 1 & x > 2 \\ 3", "x", r"\end{cases} is missing", 0),
    (r"\begin{cases} 1 & x > 2 \end{case}", "x", r"expected \end{cases}", 33),
    (r"\begin{cases} \end{cases}", "x", "no case at all", 0),
    (r"\begin{tikzpicture} x \end{tikzpicture}", "x", "the environment 'tikzpicture' is not read here; write it out in plain signs", 0),
    (r"\begin{bmatrix} \end{bmatrix}", "x", "an empty matrix", 0),
    (r"x \end{cases}", "x", r"\end without its \begin", 2),
    (r"\hat + 2", "x", "nothing stands below this hat", 0),
    ("x$", "x", "'$' cannot stand here", 1),
    ('"x"', "x", "a quotation mark cannot stand here", 0),
    ("__import__('os')", "x", "an underscore cannot stand here; write a number without it", 0),
    ("x.real", "x", "unknown name 'real'; expected x", 2),
    ("x\u200f + 1", "x", r"'\u200f' cannot stand here", 1),
    ("x ∈ ", "x", "the formula ends too early", 4),
    # What has no value.
    ("2 (W + x)", "W:3x2 x:2", "arrays of 3×2 and 2×1 do not go together entry by entry", 7),
    ("x + W W", "W:3x2 x:2", "a product of 3×2 and 3×2 does not exist", 6),
    ("W * V", "W:3x2 V:3x3", "arrays of 3×2 and 3×3 do not go together entry by entry", 4),
    ("W @ y", "W:3x2 y:3", "a product of 3×2 and 3×1 does not exist", 4),
    ("[W; x]", "W:3x2 x:2", "arrays of 3×2 and 2×1 do not go below each other", 0),
    ("[1, 2; 3]", "x", "rows of different length", 0),
    ("2 + W[1]", "W:3x2", "'W' is a matrix; an entry of it has a row and a column", 4),
    ("2 + w[1/2]", "w:3", "an index is a whole number", 4),
    ("2 + det(W)", "W:3x2", "a square matrix is expected here", 0),
    ("W^-1", "W:3x2", "a division by zero", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names", "message", "place"),
    [row for row in MISTAKES if row[3] is not None],
    ids=[row[0] for row in MISTAKES if row[3] is not None],
)
def test_a_mistake_is_said_in_one_sentence_at_its_place(text, names, message, place):
    with pytest.raises(ExpressionError) as caught:
        worth(text, names, drawn(names, Random(text)))
    assert (caught.value.message, caught.value.position) == (message, place)


HOSTILE = [  # text, the sentence
    ("9^9^9^9", "a power too large to work with"),
    ("x^9^9^9", "a power too large to work with"),
    ("(" * 1000 + "x" + ")" * 999, "brackets nested more than 40 deep"),
    ("(" * 100_000, "longer than 2,000 characters"),
    ("9" * 100_000, "longer than 2,000 characters"),
    ("9" * 2000, "a number of 2,000 digits"),
    ("1e" + "9" * 300, "a power of ten too large to work with"),
    ("__import__('os').system('x')", "an underscore cannot stand here; write a number without it"),
    ("９ + x", "only the digits 0 to 9 are read"),
    ("x\u202e + 1", r"'\u202e' cannot stand here"),
    ("nan", "unknown name 'nan'; expected one of n, x, y, A"),
    ("-inf", "unknown name 'inf'; expected one of n, x, y, A"),
    ("1_000", "an underscore cannot stand here; write a number without it"),
    ("0x10", "hexadecimal numbers are not read; write the number in decimal"),
    ("True", "unknown name 'True'; expected one of n, x, y, A"),
    ("x" + "^T" * 900, "too many signs in a row"),
    ("x" + "ᵀ" * 1900, "too many signs in a row"),
    ("x" + "²" * 1900, "a number of 1,900 digits"),
    ("x" + "⁹" * 300, "a power too large to work with"),
    ("x" + "!" * 1900, "too many signs in a row"),
    ("-" * 1999 + "x", "too many signs in a row"),
    ("\\frac" * 390 + "x", "commands nested more than 40 deep"),
    ("x" + "//x" * 600, "too many divisions in a row"),
    ("\\sqrt" * 390 + "x", "commands nested more than 40 deep"),
    ("\\boxed{" * 280, "commands nested more than 40 deep"),
    ("\\mathbf{" * 200 + "x + 1" + "}" * 200, "brackets nested more than 40 deep"),
    ("\\hat{" * 100 + "x" + "}" * 100, "unknown name"),
    ("x_{" * 600, "this brace is not closed"),
    ("x_{" * 400 + "}" * 400, "unknown name"),
    ("sin " * 490 + "x", "functions nested more than 40 deep"),
    ("|" * 1999, "brackets nested more than 40 deep"),
    ("|x" * 999, "this bar is not closed"),
    ("[" * 999 + "]" * 999, "brackets nested more than 40 deep"),
    ("A[" * 600 + "1" + "]" * 600, "brackets nested more than 40 deep"),
    ("\\begin{cases}" * 140, "commands nested more than 40 deep"),
    ("x if x > 0 else " * 120 + "1", "brackets nested more than 40 deep"),
    ("xy" * 999, "unknown name"),
    ("xyn" * 19 + "q", "unknown name"),
    (" ".join(["xyxyxyxyxyxynnnyxyxyxyxyxyxynnnyxyxyxyxyx"] * 45) + " q", "too many letters glued together; put blanks between the names"),
    ("500!" + "*500!" * 390, "a number too large to work with"),
    ("+".join(f"1/(3^2000+{k})" for k in range(120)), "a number too large to work with"),
    ("2^1999 * 2^1999 * 2^1999", "a number too large to work with"),
    ("A^101", "a power too large to work with"),
    ("exp(exp(exp(10)))", "no real value"),
    ("A" + "^9" * 3, "a power too large to work with"),
    ("$" * 2000, "'$' cannot stand here"),
    ("\\" * 1999, "'\\' cannot stand here"),
    (" " * 2000, "the formula ends too early"),
    ("{" * 2000, "brackets nested more than 40 deep"),
    ("x\\text{" + " " * 1900 + "!}", "'!' cannot stand here"),
    (":contentReference" * 110, "':' cannot stand here"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), HOSTILE, ids=[row[0][:30] for row in HOSTILE])
def test_hostile_text_is_refused_with_a_reason_and_at_once(text, message):
    names = Names(frozenset("nxyA"), frozenset("A"), shown=("n", "x", "y", "A"))
    bound = {"n": 3, "x": Fraction(7, 3), "y": -2, "A": np.array([[1.0, 2.0], [3.0, 5.0]])}
    start = time.process_time()
    with pytest.raises(ExpressionError) as caught:
        evaluation.evaluate(expressions.read(text, names).tree, bound, text=text)
    assert caught.value.message.startswith(message)
    assert time.process_time() - start < 2, "50 ms are meant; slow machines are forgiven"


def test_long_text_takes_time_in_proportion_to_its_length():
    """The calls are counted, for clocks are not to be trusted: ten times the text, about ten times the work."""
    names = Names(frozenset(["x", "y", "ab", "h1"]), frozenset(["h"]), shown=("x", "y"))
    pieces = [
        "x + ",
        "x y ",
        "xy",
        "|x||y| ",
        "ln x ",
        "\\frac{x}{y} ",
        "x_{1+2} + ",
        "h_1x + ",
        "x^2 + ",
        "x.T",
        "(x) ",
        "\\mathbf{x} ",
        "ab.x ",
    ]
    for piece in pieces:
        short, long = (calls_for((piece * (size // len(piece))) + "x", names) for size in (190, 1900))
        assert long < 15 * short, piece


def calls_for(text: str, names: Names) -> int:
    profile = cProfile.Profile()
    profile.enable()
    with suppress(ExpressionError):
        expressions.read(text, names)
    profile.disable()
    return sum(entry.callcount for entry in profile.getstats())
