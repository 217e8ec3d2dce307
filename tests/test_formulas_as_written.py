r"""Formulas as people write them: in plain text, in Unicode, in LaTeX from papers, editors and chat windows.

Each row is a text, the names that are known, and the value worked out by hand as Python. Names are numbers unless a shape
stands behind them (`W:3x2`); a vector `x:3` is a column.
"""

from __future__ import annotations

import math
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
    (r"\left\lfloor \frac{W - K + 2P}{S} \right\rfloor + 1", "W K P S", lambda W, K, P, S: floor((W - K + 2 * P) / S) + 1),
    (r"$\left\lfloor\frac{W-K+2P}{S}\right\rfloor+1$", "W K P S", lambda W, K, P, S: floor((W - K + 2 * P) / S) + 1),
    (r"\Big\lfloor \tfrac{W - K}{S} \Big\rfloor + 1", "W K S", lambda W, K, S: floor((W - K) / S) + 1),
    (r"\left\lceil \dfrac{n}{s} \right\rceil", "n s", lambda n, s: ceil(n / s)),
    (r"\lceil n/s \rceil", "n s", lambda n, s: ceil(n / s)),
    (r"\dfrac12 x", "x", lambda x: x / 2),
    (r"\frac12x", "x", lambda x: x / 2),
    (r"\tfrac{1}{2} x", "x", lambda x: x / 2),
    (r"\frac1n", "n", lambda n: 1 / n),
    (r"\frac ab", "a b", lambda a, b: a / b),
    (r"\frac{1}{\sqrt{d_{in}}}", "d_in", lambda d: 1 / sqrt(d)),
    (r"\frac{1}{1 + e^{-x}}", "x", lambda x: 1 / (1 + exp(-x))),
    (r"\frac{1}{1+\exp(-x)}", "x", lambda x: 1 / (1 + exp(-x))),
    (r"\frac{x^{2}}{2}", "x", lambda x: x**2 / 2),
    (r"\frac{n(n+1)}{2}", "n", lambda n: n * (n + 1) / 2),
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
    (r"f(x) = \begin{cases} x & \text{if } x > 5 \\ 2x & \text{else} \end{cases}", "x", lambda x: x if x > 5 else 2 * x),
    (r"\left\{ \begin{array}{ll} x & x > 5 \\ 2x & x \leq 5 \end{array} \right.", "x", lambda x: x if x > 5 else 2 * x),
    (r"\begin{cases} 1 & 3 \le x < 5 \\ 2 & x \ge 5 \\ 3 & \text{otherwise} \end{cases}", "x", lambda x: 2 if x >= 5 else 1 if x >= 3 else 3),
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
    (r"\tanh(W_{xh}x_t + W_{hh}h_{t-1} + b_h)", "W_xh:3x2 x_t:2 W_hh:3x3 h_{t-1}:3 b_h:3", lambda U, x, W, h, b: np.tanh(U @ x + W @ h + b)),
    (r"\sigma\left(W_f \cdot [h_{t-1}, x_t] + b_f\right)", "W_f:3x5 h_{t-1}:3 x_t:2 b_f:3", lambda W, h, x, b: sigmoid(W @ below(h, x) + b)),
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
