r"""Published answers that are formulas, as they are printed, and ten near misses of each.

Every question is one of a published assignment. Its answers are texts as the document prints them, LaTeX pasted included
(the boxed form, the equation they end a chain of, …); in IFT6135 Q6.2 and Q6.5 k₂ stands for the printed k², and the
superscript of the layer, which reads as a square, is left out. A near miss is a real mistake: no algebra makes it equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

import pytest

from hwcheck import grade, problems, submissions
from hwcheck.grade import Mark, Report
from hwcheck.problems import ProblemFile
from hwcheck.reports import as_yaml


class Question(NamedTuple):
    """One part of a problem, what was published as its answer, and what is almost that.

    Attributes:
        published: texts as printed.
        misses: what is wrong → the text.
        causes: what is wrong → the label of the slip that the mark names.
        unreadable: what is wrong → what the message names; such a near miss need not be read.
        before: right answers to earlier parts, which may define names.
    """

    source: str
    problem: str
    part: str
    published: tuple[str, ...]
    misses: Mapping[str, str]
    causes: Mapping[str, str] = {}
    unreadable: Mapping[str, str] = {}
    before: Mapping[str, str] = {}


NEWTON_SCHULZ = """
kind: newton_schulz
given: {d_out: d_out, d_in: d_in, c: c}
parts:
  naive: {ask: cost.naive}
  naive-growth: {ask: cost.naive, as: big-o}
  gram: {ask: cost.gram}
  gram-growth: {ask: cost.gram, as: big-o}
  speedup: {ask: speedup}
"""

MUP = """
kind: mup
given: {d_in: d_in, d_out: d_out, v_x: v_x}
parts:
  variance: {ask: variance}
  scale: {ask: scale}
  bound: {ask: spectral_bound}
  sign-norm: {ask: sign_norm}
  sign: {ask: lr.sign}
  muon: {ask: lr.muon}
"""

MUP_BACK = """
kind: mup
symbols: [c_n]
given: {d_in: d_in, d_out: d_out, c: c_n}
parts: {factor: {ask: backprop_factor}, beta: {ask: renormaliser}}
"""

MUP_BACK_SCALED = """
kind: mup
given: {d_in: d_in, d_out: d_out, c: 1/sqrt(d_in)}
parts: {factor: {ask: backprop_factor}, beta: {ask: renormaliser}}
"""

BOXCAR = """
kind: fir
given: {x: {formula: 1, from: 0, to: 6}, h: {formula: (1/2)^n, from: 0}, n: [-6, 12]}
parts: {y: {ask: y(n)}}
"""

CONVOLUTION = """
kind: cnn
symbols: [W, H, C, K, P, S, F]
names: {conv1.height: W_out, conv1.width: H_out}
given: {input: [W, H, C], layers: [{conv: {filters: F, kernel: K, padding: P, stride: S}}]}
parts: {params: {ask: conv1.params}, width: {ask: W_out}, height: {ask: H_out}, shape: {ask: conv1.shape}}
"""

POOLING = """
kind: cnn
symbols: [W, H, C, K, S]
names: {pool1.height: W_out, pool1.width: H_out}
given: {input: [W, H, C], layers: [{max_pool: {window: K, stride: S}}]}
parts: {width: {ask: W_out}, height: {ask: H_out}, shape: {ask: pool1.shape}}
"""

DEEP = """
kind: cnn
symbols: [L, K]
given: {input: "?x?x1", layers: [{repeat: {times: L, layers: [{conv: {filters: 1, kernel: K}}]}}]}
parts: {field: {ask: receptive_field}}
"""

CHAIN = """
kind: chain_cost
symbols: [l, m, n, o]
given: {dims: [l, m, n, o]}
parts: {forward: {ask: forward, as: big-o}, reverse: {ask: reverse, as: big-o}}
"""

VALID = """
kind: conv_chain
given: {d: d, k1: k_1, k2: k_2}
parts: {size: {ask: a2.size}, slope: {ask: da2_dh1}}
"""

FULL = """
kind: conv_chain
given: {d: d, k1: k_1, k2: k_2, mode: full}
parts: {size: {ask: a2.size}, slope: {ask: da2_dh1}}
"""

RNN = """
kind: rnn
symbols: [x_1, x_2, x_3]
names: {W_x: w_in, W_h: w_hh, W_y: w_hy, target: y_r}
given: {x: [x_1, x_2, x_3], h0: h_0, w_in: w_in, w_hh: w_hh, w_hy: w_hy, y_r: y_r, activation: identity}
parts:
  recurrence: {ask: h.t}
  h3: {ask: h.3}
  y: {ask: y}
  in: {ask: grad_w_in}
  hh: {ask: grad_w_hh}
  hy: {ask: grad_w_hy}
"""

W_OUT = r"W_{\text{out}} = \left\lfloor \frac{W - K + 2P}{S} \right\rfloor + 1."
H_OUT = r"H_{\text{out}} = \left\lfloor \frac{H - K + 2P}{S} \right\rfloor + 1."
POOLED = (
    r"W_{\text{out}} = \left\lfloor \frac{W - K}{S} \right\rfloor + 1, "
    r"\quad H_{\text{out}} = \left\lfloor \frac{H - K}{S} \right\rfloor + 1,"
)
POOLED_W = r"W_{\text{out}} = \left\lfloor \frac{W - K}{S} \right\rfloor + 1"
POOLED_H = r"H_{\text{out}} = \left\lfloor \frac{H - K}{S} \right\rfloor + 1,"

QUESTIONS = {
    "cost of the naive step": Question(
        source="EECS 182 homework 4, Q1(a)",
        problem=NEWTON_SCHULZ,
        part="naive",
        published=(
            r"$$T_{\text{naive}} = c d_{\text{out}}^2 d_{\text{in}} + c d_{\text{out}}^2 d_{\text{in}} = 2c d_{\text{out}}^2 d_{\text{in}}.$$",
            r"2c d_{\text{out}}^2 d_{\text{in}}",
        ),
        misses={
            "one of the two products": r"c d_{\text{out}}^2 d_{\text{in}}",
            "d_out and d_in exchanged": r"2c d_{\text{out}} d_{\text{in}}^2",
            "without the square": r"2c d_{\text{out}} d_{\text{in}}",
            "without c": r"2 d_{\text{out}}^2 d_{\text{in}}",
            "cubed": r"2c d_{\text{out}}^3",
            "multiply-adds doubled": r"4c d_{\text{out}}^2 d_{\text{in}}",
            "both squared": r"2c d_{\text{out}}^2 d_{\text{in}}^2",
            "with the identity subtracted too": r"2c d_{\text{out}}^2 d_{\text{in}} + d_{\text{out}}^2",
            "sizes added": r"2c (d_{\text{out}}^2 + d_{\text{in}})",
            "halved by the 1/2 in front": r"\frac{1}{2} \cdot 2c d_{\text{out}}^2 d_{\text{in}}",
            "c squared": r"c d_{\text{out}}^2 d_{\text{in}} \cdot c d_{\text{out}}^2 d_{\text{in}}",
        },
        causes={
            "one of the two products": "left out one of the two products",
            "d_out and d_in exchanged": "exchanged d_out and d_in",
            "without c": "left out c",
            "multiply-adds doubled": "doubled the multiply-adds",
            "halved by the 1/2 in front": "left out one of the two products",
        },
    ),
    "growth of the naive step": Question(
        source="EECS 182 homework 4, Q1(b)",
        problem=NEWTON_SCHULZ,
        part="naive-growth",
        published=(r"$O(d_{\text{out}}^2 d_{\text{in}})$", r"O(d_{\text{out}}^2 d_{\text{in}})"),
        misses={
            "exchanged": r"O(d_{\text{out}} d_{\text{in}}^2)",
            "without the square": r"O(d_{\text{out}} d_{\text{in}})",
            "cubed": r"O(d_{\text{out}}^3)",
            "without d_in": r"O(d_{\text{out}}^2)",
            "both squared": r"O(d_{\text{out}}^2 d_{\text{in}}^2)",
            "sizes added": r"O(d_{\text{out}}^2 + d_{\text{in}})",
            "both ways": r"O(d_{\text{out}}^2 d_{\text{in}} + d_{\text{out}} d_{\text{in}}^2)",
            "with a logarithm": r"O(d_{\text{out}}^2 \log d_{\text{in}})",
            "with a logarithm too many": r"O(d_{\text{out}}^2 d_{\text{in}} \log d_{\text{in}})",
            "a constant": "O(1)",
            "root of d_in": r"O(d_{\text{out}}^2 \sqrt{d_{\text{in}}})",
        },
        causes={"exchanged": "exchanged d_out and d_in"},
    ),
    "cost with the Gram matrix": Question(
        source="EECS 182 homework 4, Q1(b)",
        problem=NEWTON_SCHULZ,
        part="gram",
        published=(
            r"$$T_{\text{Gram}} = 2c d_{\text{out}} d_{\text{in}}^2.$$",
            r"T_{\text{Gram}} = 2c d_{\text{out}} d_{\text{in}}^2.",
        ),
        misses={
            "one of the two products": r"c d_{\text{out}} d_{\text{in}}^2",
            "d_out and d_in exchanged": r"T_{\text{Gram}} = 2c d_{\text{out}}^2 d_{\text{in}}.",
            "without the square": r"2c d_{\text{out}} d_{\text{in}}",
            "without c": r"2 d_{\text{out}} d_{\text{in}}^2",
            "only d_in, cubed": r"2c d_{\text{in}}^3",
            "multiply-adds doubled": r"4c d_{\text{out}} d_{\text{in}}^2",
            "second product as in the naive way": r"c d_{\text{out}} d_{\text{in}}^2 + c d_{\text{out}}^2 d_{\text{in}}",
            "one product too many": r"3c d_{\text{out}} d_{\text{in}}^2",
            "c squared": r"2c^2 d_{\text{out}} d_{\text{in}}^2",
            "square around the product": r"2c (d_{\text{out}} d_{\text{in}})^2",
            "minus": r"-2c d_{\text{out}} d_{\text{in}}^2",
        },
        causes={
            "one of the two products": "left out one of the two products",
            "d_out and d_in exchanged": "exchanged d_out and d_in",
            "without c": "left out c",
            "multiply-adds doubled": "doubled the multiply-adds",
        },
    ),
    "growth with the Gram matrix": Question(
        source="EECS 182 homework 4, Q1(b)",
        problem=NEWTON_SCHULZ,
        part="gram-growth",
        published=(r"$O(d_{\text{out}} d_{\text{in}}^2)$",),
        misses={
            "exchanged": r"O(d_{\text{out}}^2 d_{\text{in}})",
            "without the square": r"O(d_{\text{out}} d_{\text{in}})",
            "cubed": r"O(d_{\text{in}}^3)",
            "without d_out": r"O(d_{\text{in}}^2)",
            "both squared": r"O(d_{\text{out}}^2 d_{\text{in}}^2)",
            "sizes added": r"O(d_{\text{out}} + d_{\text{in}}^2)",
            "the larger of both ways": r"O(\max(d_{\text{out}}^2 d_{\text{in}}, d_{\text{out}} d_{\text{in}}^2))",
            "the smaller of both ways": r"O(\min(d_{\text{out}}^2 d_{\text{in}}, d_{\text{out}} d_{\text{in}}^2))",
            "with a logarithm": r"O(d_{\text{out}} d_{\text{in}} \log d_{\text{in}})",
            "linear": r"O(d_{\text{in}})",
        },
        causes={"exchanged": "exchanged d_out and d_in"},
    ),
    "speedup": Question(
        source="EECS 182 homework 4, Q1(b)",
        problem=NEWTON_SCHULZ,
        part="speedup",
        published=(
            r"$$\frac{T_{\text{naive}}}{T_{\text{Gram}}} = \frac{2c d_{\text{out}}^2 d_{\text{in}}}{2c d_{\text{out}} d_{\text{in}}^2} = \frac{d_{\text{out}}}{d_{\text{in}}}.$$",
            r"\frac{d_{\text{out}}}{d_{\text{in}}}",
        ),
        misses={
            "upside down": r"\frac{d_{\text{in}}}{d_{\text{out}}}",
            "squared": r"\frac{d_{\text{out}}^2}{d_{\text{in}}^2}",
            "c not cancelled": r"\frac{c d_{\text{out}}}{d_{\text{in}}}",
            "2 not cancelled": r"\frac{2 d_{\text{out}}}{d_{\text{in}}}",
            "d_in not cancelled": r"d_{\text{out}}",
            "difference": r"d_{\text{out}} - d_{\text{in}}",
            "plus 1": r"\frac{d_{\text{out}}}{d_{\text{in}}} + 1",
            "one product of one, two of the other": r"\frac{d_{\text{out}}}{2 d_{\text{in}}}",
            "root": r"\sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}",
            "rounded down": r"\left\lfloor \frac{d_{\text{out}}}{d_{\text{in}}} \right\rfloor",
            "product": r"d_{\text{out}} d_{\text{in}}",
        },
        causes={"upside down": "turned the ratio upside down"},
    ),
    "variance of y": Question(
        source="EECS 182 homework 4, Q2(b)",
        problem=MUP,
        part="variance",
        published=(
            r"= c^2 \sum_{i=1}^{d_{\text{in}}} (1) v_x = c^2 d_{\text{in}} v_x.",
            r"""\begin{aligned} \text{Var}(y_j) &= c^2 \text{Var}\left(\sum_{i=1}^{d_{\text{in}}} w_{ji} x_i\right) \\
&= c^2 \sum_{i=1}^{d_{\text{in}}} \text{Var}(w_{ji} x_i) \quad (\text{cross-terms vanish by independence and zero mean}) \\
&= c^2 \sum_{i=1}^{d_{\text{in}}} \mathbb{E}[w_{ji}^2 x_i^2] \\
&= c^2 \sum_{i=1}^{d_{\text{in}}} \mathbb{E}[w_{ji}^2] \mathbb{E}[x_i^2] \quad (\text{independent}) \\
&= c^2 \sum_{i=1}^{d_{\text{in}}} (1) v_x = c^2 d_{\text{in}} v_x. \end{aligned}""",
            r"\text{Var}(y_j) = c^2 d_{\text{in}} v_x.",
        ),
        misses={
            "c without its square": r"c d_{\text{in}} v_x",
            "no sum over the inputs": r"c^2 v_x",
            "without v_x": r"c^2 d_{\text{in}}",
            "d_out for d_in": r"c^2 d_{\text{out}} v_x",
            "standard deviation": r"c \sqrt{d_{\text{in}} v_x}",
            "mean instead of sum": r"\frac{c^2 v_x}{d_{\text{in}}}",
            "sizes squared": r"c^2 d_{\text{in}}^2 v_x",
            "v_x squared": r"c^2 d_{\text{in}} v_x^2",
            "both sizes": r"c^2 d_{\text{in}} d_{\text{out}} v_x",
            "variances added": r"c^2 d_{\text{in}} (1 + v_x)",
            "square around the product": r"(c d_{\text{in}})^2 v_x",
        },
        causes={
            "c without its square": "left the factor c without its square",
            "no sum over the inputs": "left out the sum over the inputs",
            "without v_x": "left out the variance of x",
            "d_out for d_in": "took d_out for d_in",
        },
    ),
    "scale": Question(
        source="EECS 182 homework 4, Q2(b)",
        problem=MUP,
        part="scale",
        published=(
            r"$$c = \frac{1}{\sqrt{d_{\text{in}}}}.$$",
            r"$$c^2 d_{\text{in}} v_x = v_x \quad \Rightarrow \quad c^2 d_{\text{in}} = 1 \quad \Rightarrow \quad c = \frac{1}{\sqrt{d_{\text{in}}}}$$",
            r"c_n = 1/\sqrt{d_{\text{in}}}",
        ),
        misses={
            "root left out": r"c = \frac{1}{d_{\text{in}}}",
            "upside down": r"c = \sqrt{d_{\text{in}}}",
            "d_out for d_in": r"c = \frac{1}{\sqrt{d_{\text{out}}}}",
            "minus": r"c = -\frac{1}{\sqrt{d_{\text{in}}}}",
            "plus 1": r"c = \frac{1}{\sqrt{d_{\text{in}} + 1}}",
            "He": r"c = \sqrt{\frac{2}{d_{\text{in}}}}",
            "Glorot": r"c = \sqrt{\frac{2}{d_{\text{in}} + d_{\text{out}}}}",
            "cube root": r"c = \frac{1}{d_{\text{in}}^{1/3}}",
            "v_x not cancelled": r"c = \frac{1}{\sqrt{d_{\text{in}} v_x}}",
            "both sizes": r"c = \frac{1}{\sqrt{d_{\text{in}} d_{\text{out}}}}",
            "squared": r"c = \frac{1}{d_{\text{in}}^2}",
            "only the equation before": r"c^2 d_{\text{in}} = 1",
        },
        causes={
            "root left out": "left out the root",
            "upside down": "turned the ratio upside down",
            "d_out for d_in": "took d_out for d_in",
        },
    ),
    "spectral bound": Question(
        source="EECS 182 homework 4, Q2(c)",
        problem=MUP,
        part="bound",
        published=(
            r"$$|c| \|\Delta W\|_2 \sqrt{\frac{d_{\text{in}}}{d_{\text{out}}}} \leq 1 \quad \Rightarrow \quad \|\Delta W\|_2 \leq \frac{1}{|c|} \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}.$$",
            r"\|\Delta W\|_2 \leq \frac{1}{|c|} \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}",
            r"\frac{1}{|c|} \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}",
        ),
        misses={
            "upside down": r"\frac{1}{|c|} \sqrt{\frac{d_{\text{in}}}{d_{\text{out}}}}",
            "root left out": r"\frac{1}{|c|} \frac{d_{\text{out}}}{d_{\text{in}}}",
            "without c": r"\|\Delta W\|_2 \leq \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}",
            "times c": r"|c| \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}",
            "l2 norms": r"\frac{1}{|c|}",
            "minus": r"-\frac{1}{|c|} \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}",
            "d_in on both sides": r"\frac{1}{|c|} \sqrt{\frac{d_{\text{in}}}{d_{\text{in}}}}",
            "product": r"\frac{1}{|c|} \sqrt{d_{\text{out}} d_{\text{in}}}",
            "c under the root": r"\sqrt{\frac{d_{\text{out}}}{c d_{\text{in}}}}",
            "the quotient inverted": r"\frac{1}{|c| \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}}",
            "only d_out": r"\frac{\sqrt{d_{\text{out}}}}{|c|}",
            "c squared": r"\frac{1}{c^2} \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}",
        },
        causes={
            "upside down": "turned the ratio upside down",
            "root left out": "left out the root",
            "without c": "left out c",
            "times c": "multiplied by c instead of dividing",
            "l2 norms": "took the l2 norm for the RMS norm",
            "the quotient inverted": "turned the ratio upside down",
        },
    ),
    "norm of a matrix of signs": Question(
        source="EECS 182 homework 4, Q2(d)",
        problem=MUP,
        part="sign-norm",
        published=(
            r"$$\|\text{sign}(\nabla_W L)\|_2 = \sqrt{d_{\text{out}}} \sqrt{d_{\text{in}}} = \sqrt{d_{\text{out}} d_{\text{in}}}.$$",
            r"\sqrt{d_{\text{out}}} \sqrt{d_{\text{in}}}",
        ),
        misses={
            "root left out": r"d_{\text{out}} d_{\text{in}}",
            "added": r"\sqrt{d_{\text{out}} + d_{\text{in}}}",
            "roots added": r"\sqrt{d_{\text{out}}} + \sqrt{d_{\text{in}}}",
            "only d_out": r"\sqrt{d_{\text{out}}}",
            "only d_in": r"\sqrt{d_{\text{in}}}",
            "d_out for d_in": r"\sqrt{d_{\text{out}} d_{\text{out}}}",
            "quotient": r"\sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}",
            "orthogonal": "1",
            "squares": r"\sqrt{d_{\text{out}}^2 + d_{\text{in}}^2}",
            "root of one": r"\sqrt{d_{\text{out}}} d_{\text{in}}",
            "plus 1": r"\sqrt{d_{\text{out}} d_{\text{in}} + 1}",
        },
        causes={
            "root left out": "left out the root",
            "added": "added the sizes instead of multiplying them",
            "d_out for d_in": "took d_out for d_in",
        },
    ),
    "learning rate of SignSGD": Question(
        source="EECS 182 homework 4, Q2(d)",
        problem=MUP,
        part="sign",
        published=(
            r"$$|\alpha| \leq \frac{1}{|c| d_{\text{in}}}.$$",
            r"$$\alpha = \frac{1}{c d_{\text{in}}}$$",
            r"|\alpha| \leq \frac{1}{|c|} \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}} \cdot \frac{1}{\sqrt{d_{\text{out}} d_{\text{in}}}}.",
        ),
        misses={
            "d_out for d_in": r"\alpha = \frac{1}{c d_{\text{out}}}",
            "without c": r"\alpha = \frac{1}{d_{\text{in}}}",
            "norm of the signs left out": r"\alpha = \frac{1}{c} \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}",
            "norm of the signs multiplied": r"\alpha = \frac{d_{\text{out}}}{c}",
            "root of d_in": r"\alpha = \frac{1}{c \sqrt{d_{\text{in}}}}",
            "times c": r"\alpha = \frac{c}{d_{\text{in}}}",
            "upside down": r"\alpha = c d_{\text{in}}",
            "both sizes": r"\alpha = \frac{1}{c d_{\text{in}} d_{\text{out}}}",
            "minus": r"\alpha = -\frac{1}{c d_{\text{in}}}",
            "plus 1": r"\alpha = \frac{1}{c d_{\text{in}} + 1}",
            "norm without its root": r"\frac{1}{|c|} \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}} \cdot \frac{1}{d_{\text{out}} d_{\text{in}}}",
        },
        causes={
            "d_out for d_in": "took d_out for d_in",
            "without c": "left out c",
            "norm of the signs left out": "left out the norm of the signs",
            "norm of the signs multiplied": "multiplied by the norm of the signs instead of dividing",
        },
    ),
    "learning rate of Muon": Question(
        source="EECS 182 homework 4, Q2(e)",
        problem=MUP,
        part="muon",
        published=(
            r"$$\alpha = \frac{1}{c} \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}.$$",
            r"$$|\alpha| \leq \frac{1}{|c|} \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}.$$",
        ),
        misses={
            "upside down": r"\alpha = \frac{1}{c} \sqrt{\frac{d_{\text{in}}}{d_{\text{out}}}}",
            "root left out": r"\alpha = \frac{1}{c} \frac{d_{\text{out}}}{d_{\text{in}}}",
            "without c": r"\alpha = \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}",
            "times c": r"\alpha = c \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}",
            "that of the signs": r"\alpha = \frac{1}{c d_{\text{in}}}",
            "l2 norms": r"\alpha = \frac{1}{c}",
            "divided by the rank too": r"\alpha = \frac{1}{c} \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}} \cdot \frac{1}{d_{\text{out}}}",
            "Frobenius norm": r"\alpha = \frac{1}{c \sqrt{d_{\text{in}}}}",
            "root over d_out only": r"\alpha = \frac{\sqrt{d_{\text{out}}}}{c d_{\text{in}}}",
            "minus": r"\alpha = -\frac{1}{c} \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}",
            "difference under the root": r"\alpha = \frac{1}{c} \sqrt{|d_{\text{out}} - d_{\text{in}}|}",
        },
        causes={
            "upside down": "turned the ratio upside down",
            "root left out": "left out the root",
            "without c": "left out c",
            "times c": "multiplied by c instead of dividing",
            "that of the signs": "took the learning rate of the signs",
            "l2 norms": "took the l2 norm for the RMS norm",
        },
    ),
    "factor going back": Question(
        source="EECS 182 homework 4, Q2(g)",
        problem=MUP_BACK,
        part="factor",
        published=(
            r"$$\text{factor}_n \approx c_n \|W_n\|_2 \approx c_n \sqrt{d_{\text{out}} d_{\text{in}}}.$$",
            r"c_n \sqrt{d_{\text{out}} d_{\text{in}}}",
        ),
        misses={
            "without c_n": r"\sqrt{d_{\text{out}} d_{\text{in}}}",
            "root left out": r"c_n d_{\text{out}} d_{\text{in}}",
            "only d_in": r"c_n d_{\text{in}}",
            "only d_out": r"c_n d_{\text{out}}",
            "root of d_out": r"c_n \sqrt{d_{\text{out}}}",
            "divided by c_n": r"\frac{\sqrt{d_{\text{out}} d_{\text{in}}}}{c_n}",
            "upside down": r"\frac{1}{c_n \sqrt{d_{\text{out}} d_{\text{in}}}}",
            "c_n squared": r"c_n^2 \sqrt{d_{\text{out}} d_{\text{in}}}",
            "sizes added": r"c_n \sqrt{d_{\text{out}} + d_{\text{in}}}",
            "quotient": r"c_n \sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}",
            "minus": r"-c_n \sqrt{d_{\text{out}} d_{\text{in}}}",
        },
        causes={
            "without c_n": "left out c",
            "root left out": "left out the root",
            "only d_in": "took d_in for d_out",
            "only d_out": "took the RMS norm for the l2 norm",
        },
    ),
    "what keeps the gradient": Question(
        source="EECS 182 homework 4, Q2(g)",
        problem=MUP_BACK,
        part="beta",
        published=(
            r"$$\beta_n = \frac{1}{c_n \|W_n\|_2} \approx \frac{1}{c_n \sqrt{d_{\text{out}} d_{\text{in}}}}.$$",
            r"\frac{1}{c_n \sqrt{d_{\text{out}} d_{\text{in}}}}",
        ),
        misses={
            "upside down": r"c_n \sqrt{d_{\text{out}} d_{\text{in}}}",
            "without c_n": r"\frac{1}{\sqrt{d_{\text{out}} d_{\text{in}}}}",
            "root left out": r"\frac{1}{c_n d_{\text{out}} d_{\text{in}}}",
            "c_n above": r"\frac{c_n}{\sqrt{d_{\text{out}} d_{\text{in}}}}",
            "only d_out": r"\frac{1}{c_n \sqrt{d_{\text{out}}}}",
            "only d_in": r"\frac{1}{c_n \sqrt{d_{\text{in}}}}",
            "sizes added": r"\frac{1}{c_n \sqrt{d_{\text{out}} + d_{\text{in}}}}",
            "plus 1": r"\frac{1}{1 + c_n \sqrt{d_{\text{out}} d_{\text{in}}}}",
            "minus": r"-\frac{1}{c_n \sqrt{d_{\text{out}} d_{\text{in}}}}",
            "squared": r"\frac{1}{c_n^2 d_{\text{out}} d_{\text{in}}}",
        },
        causes={
            "upside down": "turned the ratio upside down",
            "without c_n": "left out c",
            "root left out": "left out the root",
        },
    ),
    "factor going back at that scale": Question(
        source="EECS 182 homework 4, Q2(g)",
        problem=MUP_BACK_SCALED,
        part="factor",
        published=(
            r"$$\text{factor}_n \approx \frac{1}{\sqrt{d_{\text{in}}}} \sqrt{d_{\text{out}} d_{\text{in}}} = \sqrt{d_{\text{out}}}.$$",
            r"\sqrt{d_{\text{out}}}",
        ),
        misses={
            "d_in for d_out": r"\sqrt{d_{\text{in}}}",
            "root left out": r"d_{\text{out}}",
            "upside down": r"\frac{1}{\sqrt{d_{\text{out}}}}",
            "without c": r"\sqrt{d_{\text{out}} d_{\text{in}}}",
            "quotient": r"\sqrt{\frac{d_{\text{out}}}{d_{\text{in}}}}",
            "constant": "1",
            "root of c too": r"\frac{1}{d_{\text{in}}} \sqrt{d_{\text{out}} d_{\text{in}}}",
            "minus": r"-\sqrt{d_{\text{out}}}",
            "plus 1": r"\sqrt{d_{\text{out}} + 1}",
            "cube root": r"d_{\text{out}}^{1/3}",
            "squared": r"d_{\text{out}}^2",
        },
        causes={"without c": "left out c", "d_in for d_out": "took d_in for d_out"},
    ),
    "what keeps the gradient at that scale": Question(
        source="EECS 182 homework 4, Q2(g)",
        problem=MUP_BACK_SCALED,
        part="beta",
        published=(
            r"$$\beta_n \approx \frac{1}{(1/\sqrt{d_{\text{in}}})\sqrt{d_{\text{out}} d_{\text{in}}}} = \frac{1}{\sqrt{d_{\text{out}}}}.$$",
            r"\frac{1}{\sqrt{d_{\text{out}}}}",
        ),
        misses={
            "upside down": r"\sqrt{d_{\text{out}}}",
            "d_in for d_out": r"\frac{1}{\sqrt{d_{\text{in}}}}",
            "root left out": r"\frac{1}{d_{\text{out}}}",
            "without c": r"\frac{1}{\sqrt{d_{\text{out}} d_{\text{in}}}}",
            "quotient": r"\sqrt{\frac{d_{\text{in}}}{d_{\text{out}}}}",
            "constant": "1",
            "minus": r"-\frac{1}{\sqrt{d_{\text{out}}}}",
            "plus 1": r"\frac{1}{\sqrt{d_{\text{out}}} + 1}",
            "squared": r"\frac{1}{d_{\text{out}}^2}",
            "two": r"\frac{2}{\sqrt{d_{\text{out}}}}",
        },
        causes={
            "upside down": "turned the ratio upside down",
            "d_in for d_out": "took d_in for d_out",
            "without c": "left out c",
        },
    ),
    "filtered boxcar": Question(
        source="EECS 182 homework 4, Q3(a)",
        problem=BOXCAR,
        part="y",
        published=(
            r"y(n) = \begin{cases} 0, & n < 0, \\ 2 \left(1 - \left(\frac{1}{2}\right)^{n+1}\right), & 0 \leq n \leq 6, \\ 2 \left(1 - \left(\frac{1}{2}\right)^7\right) \left(\frac{1}{2}\right)^{n-6}, & n \geq 7. \end{cases}",
            r"""$$y(n) = \begin{cases} 0, & n < 0, \\
2 \left(1 - \left(\frac{1}{2}\right)^{n+1}\right), & 0 \leq n \leq 6, \\
2 \left(1 - \left(\frac{1}{2}\right)^7\right) \left(\frac{1}{2}\right)^{n-6}, & n \geq 7. \end{cases}$$""",
        ),
        misses={
            "tail left out": r"\begin{cases} 2 (1 - (\frac{1}{2})^{n+1}), & 0 \leq n \leq 6, \\ 0, & \text{otherwise.} \end{cases}",
            "impulse response cut at 6": r"\begin{cases} 2 (1 - (\frac{1}{2})^{n+1}), & 0 \leq n \leq 6, \\ 2 ((\frac{1}{2})^{n-6} - (\frac{1}{2})^7), & 7 \leq n \leq 12, \\ 0, & \text{otherwise} \end{cases}",
            "n for n + 1": r"\begin{cases} 0, & n < 0, \\ 2 (1 - (\frac{1}{2})^{n}), & 0 \leq n \leq 6, \\ 2 (1 - (\frac{1}{2})^7) (\frac{1}{2})^{n-6}, & n \geq 7. \end{cases}",
            "n - 7 for n - 6": r"\begin{cases} 0, & n < 0, \\ 2 (1 - (\frac{1}{2})^{n+1}), & 0 \leq n \leq 6, \\ 2 (1 - (\frac{1}{2})^7) (\frac{1}{2})^{n-7}, & n \geq 7. \end{cases}",
            "6 for 7": r"\begin{cases} 0, & n < 0, \\ 2 (1 - (\frac{1}{2})^{n+1}), & 0 \leq n \leq 6, \\ 2 (1 - (\frac{1}{2})^6) (\frac{1}{2})^{n-6}, & n \geq 7. \end{cases}",
            "factor 2 left out": r"\begin{cases} 0, & n < 0, \\ 1 - (\frac{1}{2})^{n+1}, & 0 \leq n \leq 6, \\ (1 - (\frac{1}{2})^7) (\frac{1}{2})^{n-6}, & n \geq 7. \end{cases}",
            "plus for minus": r"\begin{cases} 0, & n < 0, \\ 2 (1 + (\frac{1}{2})^{n+1}), & 0 \leq n \leq 6, \\ 2 (1 - (\frac{1}{2})^7) (\frac{1}{2})^{n-6}, & n \geq 7. \end{cases}",
            "not zero before the input": r"\begin{cases} 2 (1 - (\frac{1}{2})^{n+1}), & n \leq 6, \\ 2 (1 - (\frac{1}{2})^7) (\frac{1}{2})^{n-6}, & n \geq 7. \end{cases}",
            "one step too long": r"\begin{cases} 0, & n < 0, \\ 2 (1 - (\frac{1}{2})^{n+1}), & 0 \leq n \leq 7, \\ 2 (1 - (\frac{1}{2})^7) (\frac{1}{2})^{n-6}, & n > 7. \end{cases}",
            "0 not included": r"\begin{cases} 0, & n \leq 0, \\ 2 (1 - (\frac{1}{2})^{n+1}), & 0 < n \leq 6, \\ 2 (1 - (\frac{1}{2})^7) (\frac{1}{2})^{n-6}, & n \geq 7. \end{cases}",
            "constant tail": r"\begin{cases} 0, & n < 0, \\ 2 (1 - (\frac{1}{2})^{n+1}), & 0 \leq n \leq 6, \\ 2 (1 - (\frac{1}{2})^7), & n \geq 7. \end{cases}",
            "growing tail": r"\begin{cases} 0, & n < 0, \\ 2 (1 - (\frac{1}{2})^{n+1}), & 0 \leq n \leq 6, \\ 2 (1 - (\frac{1}{2})^7) \cdot 2^{n-6}, & n \geq 7. \end{cases}",
            "tail to 12 only": r"\begin{cases} 2 (1 - (\frac{1}{2})^{n+1}), & 0 \leq n \leq 6, \\ 2 (1 - (\frac{1}{2})^7) (\frac{1}{2})^{n-6}, & 7 \leq n \leq 12, \\ 0, & \text{otherwise} \end{cases}",
            "the impulse response": r"\left(\frac{1}{2}\right)^n u(n)",
            "input never ends": r"2 \left(1 - \left(\frac{1}{2}\right)^{n+1}\right) u(n)",
        },
        causes={
            "tail left out": "left out what comes after the input has ended",
            "impulse response cut at 6": "cut the impulse response where the input ends",
        },
    ),
    "parameters of a convolution": Question(
        source="EECS 182 homework 4, Q4(a)",
        problem=CONVOLUTION,
        part="params",
        published=("$$K^2CF + F.$$", "K^2CF + F."),
        misses={
            "biases left out": "K^2CF",
            "one bias in all": "K^2CF + 1",
            "one bias for every output": r"K^2CF + (\lfloor \frac{W-K+2P}{S} \rfloor + 1) (\lfloor \frac{H-K+2P}{S} \rfloor + 1) F",
            "input channels left out": "K^2F + F",
            "K without its square": "KCF + F",
            "2K for K^2": "2KCF + F",
            "bias for every input channel": "K^2CF + C",
            "minus": "K^2CF - F",
            "sum for product": "K^2 C + F",
            "square around the product": "(KCF)^2 + F",
            "F for C": "K^2F^2 + F",
            "small k": "k^2CF + F",
            "bias multiplied": "K^2CF * F",
            "plus 1 per filter and 1": "(K^2C + 1)F + 1",
        },
        causes={
            "biases left out": "left out the biases",
            "one bias in all": "counted one bias in all",
            "one bias for every output": "counted one bias for every output",
            "input channels left out": "left out the input channels",
            "2K for K^2": "added the sides of the kernel instead of multiplying",
            "F for C": "took the filters for the input channels",
        },
        unreadable={"small k": "K"},
    ),
    "width of a convolution": Question(
        source="EECS 182 homework 4, Q4(a)",
        problem=CONVOLUTION,
        part="width",
        published=(f"$${W_OUT}$$", W_OUT, r"\left\lfloor \frac{W - K + 2P}{S} \right\rfloor + 1"),
        misses={
            "without floor": r"W_{\text{out}} = \frac{W - K + 2P}{S} + 1",
            "ceiling": r"W_{\text{out}} = \left\lceil \frac{W - K + 2P}{S} \right\rceil + 1",
            "plus 1 left out": r"W_{\text{out}} = \left\lfloor \frac{W - K + 2P}{S} \right\rfloor",
            "plus 1 above": r"W_{\text{out}} = \left\lfloor \frac{W - K + 2P + 1}{S} \right\rfloor",
            "padding once": r"W_{\text{out}} = \left\lfloor \frac{W - K + P}{S} \right\rfloor + 1",
            "padding left out": r"W_{\text{out}} = \left\lfloor \frac{W - K}{S} \right\rfloor + 1",
            "padding taken away": r"W_{\text{out}} = \left\lfloor \frac{W - K - 2P}{S} \right\rfloor + 1",
            "stride left out": r"W_{\text{out}} = W - K + 2P + 1",
            "height": r"W_{\text{out}} = \left\lfloor \frac{H - K + 2P}{S} \right\rfloor + 1",
            "kernel added": r"W_{\text{out}} = \left\lfloor \frac{W + K + 2P}{S} \right\rfloor + 1",
            "minus 1": r"W_{\text{out}} = \left\lfloor \frac{W - K + 2P}{S} \right\rfloor - 1",
            "floor around half": r"W_{\text{out}} = \frac{\lfloor W - K + 2P \rfloor}{S} + 1",
            "kernel minus 1": r"W_{\text{out}} = \left\lfloor \frac{W - (K - 1) + 2P}{S} \right\rfloor + 1",
            "same padding": r"W_{\text{out}} = \left\lceil \frac{W}{S} \right\rceil",
        },
        causes={
            "ceiling": "rounded up",
            "plus 1 left out": "left out the + 1",
            "padding once": "counted the padding for both sides together",
            "padding left out": "left out the padding",
            "stride left out": "left out the stride",
            "same padding": "took any padding as same",
        },
    ),
    "height of a convolution": Question(
        source="EECS 182 homework 4, Q4(a)",
        problem=CONVOLUTION,
        part="height",
        published=(f"$${H_OUT}$$", H_OUT),
        before={"width": W_OUT},
        misses={
            "without floor": r"\frac{H - K + 2P}{S} + 1",
            "ceiling": r"\left\lceil \frac{H - K + 2P}{S} \right\rceil + 1",
            "plus 1 left out": r"\left\lfloor \frac{H - K + 2P}{S} \right\rfloor",
            "padding once": r"\left\lfloor \frac{H - K + P}{S} \right\rfloor + 1",
            "padding left out": r"\left\lfloor \frac{H - K}{S} \right\rfloor + 1",
            "the width again": W_OUT,
            "the width by its name": r"W_{\text{out}}",
            "plus 2": r"\left\lfloor \frac{H - K + 2P}{S} \right\rfloor + 2",
            "stride under one term only": r"\left\lfloor H - K + \frac{2P}{S} \right\rfloor + 1",
            "stride multiplied": r"S (H - K + 2P) + 1",
            "kernel twice": r"\left\lfloor \frac{H - 2K + 2P}{S} \right\rfloor + 1",
            "padding squared": r"\left\lfloor \frac{H - K + P^2}{S} \right\rfloor + 1",
        },
        causes={
            "ceiling": "rounded up",
            "plus 1 left out": "left out the + 1",
            "padding once": "counted the padding for both sides together",
            "padding left out": "left out the padding",
        },
    ),
    "shape of a convolution": Question(
        source="EECS 182 homework 4, Q4(a)",
        problem=CONVOLUTION,
        part="shape",
        published=(
            r"$$W_{\text{out}} \times H_{\text{out}} \times F.$$",
            r"W_{\text{out}} \times H_{\text{out}} \times F.",
            "W_out × H_out × F",
        ),
        before={"width": W_OUT, "height": H_OUT},
        misses={
            "input channels": r"W_{\text{out}} \times H_{\text{out}} \times C",
            "H before W": r"H_{\text{out}} \times W_{\text{out}} \times F",
            "channels first": r"F \times W_{\text{out}} \times H_{\text{out}}",
            "the width twice": r"W_{\text{out}} \times W_{\text{out}} \times F",
            "size of the input": r"W \times H \times F",
            "channels times filters": r"W_{\text{out}} \times H_{\text{out}} \times CF",
            "plus 1": r"(W_{\text{out}} + 1) \times H_{\text{out}} \times F",
            "one channel": r"W_{\text{out}} \times H_{\text{out}} \times 1",
            "without floor": r"(\frac{W - K + 2P}{S} + 1) \times (\frac{H - K + 2P}{S} + 1) \times F",
            "padding once": r"(\lfloor \frac{W - K + P}{S} \rfloor + 1) \times (\lfloor \frac{H - K + P}{S} \rfloor + 1) \times F",
            "padding left out": r"(\lfloor \frac{W - K}{S} \rfloor + 1) \times (\lfloor \frac{H - K}{S} \rfloor + 1) \times F",
            "a sum": r"W_{\text{out}} \times H_{\text{out}} \times (C + F)",
        },
        causes={
            "padding once": "counted the padding for both sides together",
            "padding left out": "left out the padding",
            "input channels": "kept the input channels",
            "channels first": "wrote the channels first",
        },
    ),
    "width of a pooling": Question(
        source="EECS 182 homework 4, Q4(b)",
        problem=POOLING,
        part="width",
        published=(POOLED_W, POOLED, f"$${POOLED_W},$$"),
        misses={
            "without floor": r"W_{\text{out}} = \frac{W - K}{S} + 1",
            "ceiling": r"W_{\text{out}} = \left\lceil \frac{W - K}{S} \right\rceil + 1",
            "plus 1 left out": r"W_{\text{out}} = \left\lfloor \frac{W - K}{S} \right\rfloor",
            "plus 1 above": r"W_{\text{out}} = \left\lfloor \frac{W - K + 1}{S} \right\rfloor",
            "window as stride": r"W_{\text{out}} = \left\lfloor \frac{W - K}{K} \right\rfloor + 1",
            "divided only": r"W_{\text{out}} = \left\lfloor \frac{W}{S} \right\rfloor",
            "stride left out": r"W_{\text{out}} = W - K + 1",
            "height": r"W_{\text{out}} = \left\lfloor \frac{H - K}{S} \right\rfloor + 1",
            "plus for minus": r"W_{\text{out}} = \left\lfloor \frac{W + K}{S} \right\rfloor + 1",
            "stride taken away": r"W_{\text{out}} = \left\lfloor \frac{W - S}{K} \right\rfloor + 1",
            "channels": r"W_{\text{out}} = \left\lfloor \frac{W - K}{S} \right\rfloor + C",
        },
        causes={"window as stride": "took the window for the stride"},
    ),
    "shape of a pooling": Question(
        source="EECS 182 homework 4, Q4(b)",
        problem=POOLING,
        part="shape",
        published=(
            r"$$W_{\text{out}} \times H_{\text{out}} \times C.$$",
            r"W_{\text{out}} \times H_{\text{out}} \times C.",
        ),
        before={"width": POOLED_W, "height": POOLED_H},
        misses={
            "one channel": r"W_{\text{out}} \times H_{\text{out}} \times 1",
            "channels left out": r"W_{\text{out}} \times H_{\text{out}}",
            "H before W": r"H_{\text{out}} \times W_{\text{out}} \times C",
            "channels first": r"C \times W_{\text{out}} \times H_{\text{out}}",
            "size of the input": r"W \times H \times C",
            "stride for window": r"\lfloor W/S \rfloor \times \lfloor H/S \rfloor \times C",
            "the height twice": r"H_{\text{out}} \times H_{\text{out}} \times C",
            "channels pooled": r"W_{\text{out}} \times H_{\text{out}} \times \lfloor C/S \rfloor",
            "minus 1": r"(W_{\text{out}} - 1) \times (H_{\text{out}} - 1) \times C",
            "without floor": r"(\frac{W - K}{S} + 1) \times (\frac{H - K}{S} + 1) \times C",
            "window multiplied": r"K W_{\text{out}} \times K H_{\text{out}} \times C",
        },
        causes={"channels first": "wrote the channels first"},
        unreadable={"channels left out": "3"},
    ),
    "receptive field": Question(
        source="EECS 182 homework 4, Q4(c)",
        problem=DEEP,
        part="field",
        published=(
            "$$R_L = (K - 1)L + 1.$$",
            "R_L = (K - 1)L + 1.",
            r"$$\begin{aligned} R_L &= R_1 + (L - 1)(K - 1) \\ &= K + (L - 1)(K - 1) \\ &= (K - 1)L + 1. \end{aligned}$$",
            "K + (L - 1)(K - 1)",
        ),
        misses={
            "plus 1 left out": "R_L = (K - 1)L",
            "a layer too few": "R_L = (K - 1)(L - 1) + 1",
            "a layer too many": "R_L = (K - 1)(L + 1) + 1",
            "kernel without its minus 1": "R_L = KL + 1",
            "product": "R_L = KL",
            "power": "R_L = K^L",
            "L for K": "R_L = (L - 1)K + 1",
            "minus for plus": "R_L = (K - 1)L - 1",
            "both minus 1": "R_L = K + (L - 1)(K + 1)",
            "two-dimensional": "R_L = ((K - 1)L + 1)^2",
            "stride 2": "R_L = (K - 1)(2^L - 1) + 1",
            "brackets forgotten": "R_L = K - 1 L + 1",
        },
        causes={"a layer too few": "left out a layer"},
    ),
    "forward mode": Question(
        source="IFT6135 assignment, Q3.4",
        problem=CHAIN,
        part="forward",
        published=(
            r"$O(lmn) + O(lno) = \max\{O(lmn), O(lno)\}$",
            r"O(lmn) + O(lno) = \max\{O(lmn), O(lno)\}",
            "O(lmn) + O(lno)",
            r"\max\{O(lmn), O(lno)\}",
        ),
        misses={
            "reverse mode": r"O(omn) + O(oml)",
            "first product only": "O(lmn)",
            "second product only": "O(lno)",
            "all sizes": "O(lmno)",
            "product of the costs": "O(lmn) O(lno)",
            "wrong index in the second": "O(lmn) + O(lmo)",
            "columns of the Jacobian before": "O(lmn) + O(mno)",
            "size that stays left out": "O(mn + no)",
            "sizes added": "O(l + m + n + o)",
            "smaller one": r"\min\{O(lmn), O(lno)\}",
            "cubed": "O(n^3)",
        },
        causes={
            "reverse mode": "exchanged forward and reverse",
            "first product only": "left out the last product",
            "all sizes": "multiplied all sizes",
            "product of the costs": "multiplied the costs of the products instead of adding them",
        },
    ),
    "reverse mode": Question(
        source="IFT6135 assignment, Q3.4",
        problem=CHAIN,
        part="reverse",
        published=(
            r"$O(omn) + O(oml) = \max\{O(omn), O(oml)\}$",
            "O(omn) + O(oml)",
            r"\max\{O(omn), O(oml)\}",
        ),
        misses={
            "forward mode": "O(lmn) + O(lno)",
            "first product only": "O(omn)",
            "second product only": "O(oml)",
            "all sizes": "O(lmno)",
            "product of the costs": "O(omn) * O(oml)",
            "wrong index in the second": "O(omn) + O(onl)",
            "rows of the Jacobian before": "O(omn) + O(nml)",
            "size that stays left out": "O(mn) + O(ml)",
            "smaller one": r"\min\{O(omn), O(oml)\}",
            "both ways": "O(omn + oml + lmn + lno)",
            "smaller way": r"O(\min(omn + oml, lmn + lno))",
        },
        causes={
            "forward mode": "exchanged forward and reverse",
            "first product only": "left out the last product",
            "all sizes": "multiplied all sizes",
            "product of the costs": "multiplied the costs of the products instead of adding them",
        },
    ),
    "size after two valid convolutions": Question(
        source="IFT6135 assignment, Q6.1",
        problem=VALID,
        part="size",
        published=(
            r"$$|\mathbf{a}^2| = d - k_1 - k_2 + 2$$",
            r"|\mathbf{a}^2| = d - k_1 - k_2 + 2",
            "d - k_1 + 1 - k_2 + 1",
            "(d - k_1 + 1 - k_2 + 1) * 1 = (d - k_1 - k_2 + 2) * 1",
        ),
        misses={
            "1 only once": r"|\mathbf{a}^2| = d - k_1 - k_2 + 1",
            "no 1 at all": r"|\mathbf{a}^2| = d - k_1 - k_2",
            "minus 2": r"|\mathbf{a}^2| = d - k_1 - k_2 - 2",
            "the other convolution": r"|\mathbf{a}^2| = d + k_1 + k_2 - 2",
            "one layer only": r"|\mathbf{a}^2| = d - k_1 + 1",
            "same kernel twice": r"|\mathbf{a}^2| = d - 2 k_1 + 2",
            "sign of k_2": r"|\mathbf{a}^2| = d - k_1 + k_2 + 2",
            "product of kernels": r"|\mathbf{a}^2| = d - k_1 k_2 + 2",
            "product of the layers": r"|\mathbf{a}^2| = (d - k_1 + 1)(d - k_2 + 1)",
            "superscript": r"|\mathbf{a}^2| = d - k_1 - k^2 + 2",
            "input twice": r"|\mathbf{a}^2| = 2d - k_1 - k_2 + 2",
            "kernels exchanged with the input": r"|\mathbf{a}^2| = k_1 + k_2 - d + 2",
        },
        causes={
            "1 only once": "left out the 1",
            "the other convolution": "took the sizes of the other convolution",
            "one layer only": "left out the second layer",
        },
        unreadable={"superscript": "k_2"},
    ),
    "slope of a valid convolution": Question(
        source="IFT6135 assignment, Q6.2",
        problem=VALID,
        part="slope",
        published=(
            r"$$\frac{\partial a_i^2}{\partial h_n^1} = w_{n-i+1}$$",
            r"\frac{\partial a_i^2}{\partial h_n^1} = w_{n-i+1}",
            "w_{n-i+1}",
            "w[n-i+1]",
        ),
        misses={
            "i and n exchanged": "w_{i-n+1}",
            "1 left out": "w_{n-i}",
            "minus 1": "w_{n-i-1}",
            "plus 2": "w_{n-i+2}",
            "the other convolution": "w_{n-i+k_2}",
            "superscript": "w_{n-i+k^2}",
            "flipped": "w_{k_2-n+i}",
            "sum of the indices": "w_{n+i-1}",
            "index n": "w_n",
            "index i": "w_i",
            "minus": "-w_{n-i+1}",
            "doubled": "2 w_{n-i+1}",
            "square": "w_{n-i+1}^2",
            "the kernel's length": "w_{n-i+k_1}",
        },
        causes={
            "i and n exchanged": "exchanged i and n",
            "1 left out": "left out the 1",
            "the other convolution": "took the derivative of the other convolution",
            "flipped": "flipped the kernel",
        },
        unreadable={"superscript": "k_2"},
    ),
    "size after two full convolutions": Question(
        source="IFT6135 assignment, Q6.4",
        problem=FULL,
        part="size",
        published=(
            r"$$|\mathbf{a}^2| = d + k_1 + k_2 - 2$$",
            r"|\mathbf{a}^2| = d + k_1 + k_2 - 2",
            "(d + k_1 + k_2 - 2) * 1",
        ),
        misses={
            "1 only once": "d + k_1 + k_2 - 1",
            "no 1 at all": "d + k_1 + k_2",
            "plus 2": "d + k_1 + k_2 + 2",
            "the other convolution": "d - k_1 - k_2 + 2",
            "one layer only": "d + k_1 - 1",
            "same kernel twice": "d + 2k_2 - 2",
            "padding on both sides": "d + 2(k_1 - 1) + 2(k_2 - 1)",
            "sign of k_2": "d + k_1 - k_2 - 2",
            "product of kernels": "d + k_1 k_2 - 2",
            "superscript": "d + k_1 + k^2 - 2",
            "second valid": "d + k_1 - k_2",
        },
        causes={
            "1 only once": "left out the 1",
            "the other convolution": "took the sizes of the other convolution",
            "one layer only": "left out the second layer",
        },
        unreadable={"superscript": "k_2"},
    ),
    "slope of a full convolution": Question(
        source="IFT6135 assignment, Q6.5",
        problem=FULL,
        part="slope",
        published=(
            r"$$\frac{\partial a_i^2}{\partial h_n^1} = w_{n-i+k_2}$$",
            r"\frac{\partial a_i^2}{\partial h_n^1} = w_{n-i+k_2}",
            "w_{n-i+k₂}",
        ),
        misses={
            "superscript": "w_{n-i+k^2}",
            "superscript of k_2": "w_{n-i+k_2^2}",
            "the other convolution": "w_{n-i+1}",
            "i and n exchanged": "w_{i-n+k_2}",
            "flipped": "w_{i-n+1}",
            "1 too many": "w_{n-i+k_2+1}",
            "1 too few": "w_{n-i+k_2-1}",
            "the first kernel's length": "w_{n-i+k_1}",
            "minus k_2": "w_{n-i-k_2}",
            "sum of the indices": "w_{n+i-k_2}",
            "index n": "w_n",
            "minus": "-w_{n-i+k_2}",
        },
        causes={
            "superscript of k_2": "read the subscript of k as a power",
            "the other convolution": "took the derivative of the other convolution",
            "i and n exchanged": "exchanged i and n",
            "flipped": "flipped the kernel",
            "1 too few": "left out the 1",
        },
        unreadable={"superscript": "k_2"},
    ),
    "recurrence": Question(
        source="COMP433 assignment 3, Q6(a)",
        problem=RNN,
        part="recurrence",
        published=(
            r"$$h_t = w_{\text{in}}x_t + w_{\text{hh}}h_{t-1}, \quad t = 1, \dots, L.$$",
            r"h_t = w_{\text{in}}x_t + w_{\text{hh}}h_{t-1}, \quad t = 1, \dots, L.",
            r"h_t = w_{\text{in}} x_t + w_{\text{hh}} h_{t-1}",
        ),
        misses={
            "previous state left out": r"h_t = w_{\text{in}}x_t",
            "input left out": r"h_t = w_{\text{hh}}h_{t-1}",
            "weights exchanged": r"h_t = w_{\text{hh}}x_t + w_{\text{in}}h_{t-1}",
            "earlier input": r"h_t = w_{\text{in}}x_{t-1} + w_{\text{hh}}h_{t-1}",
            "minus": r"h_t = w_{\text{in}}x_t - w_{\text{hh}}h_{t-1}",
            "output weight": r"h_t = w_{\text{in}}x_t + w_{\text{hy}}h_{t-1}",
            "always the start": r"h_t = w_{\text{in}}x_t + w_{\text{hh}}h_0",
            "activation": r"h_t = \tanh(w_{\text{in}}x_t + w_{\text{hh}}h_{t-1})",
            "product": r"h_t = w_{\text{in}}x_t w_{\text{hh}}h_{t-1}",
            "plus 1": r"h_t = w_{\text{in}}x_t + w_{\text{hh}}h_{t-1} + 1",
            "one weight": r"h_t = w_{\text{in}}(x_t + h_{t-1})",
            "state of the step itself": r"h_t = w_{\text{in}}x_t + w_{\text{hh}}h_t",
            "state of two steps before": r"h_t = w_{\text{in}}x_t + w_{\text{hh}}h_{t-2}",
        },
        causes={
            "previous state left out": "left out the previous state",
            "input left out": "left out the input",
            "weights exchanged": "exchanged the weights of input and state",
        },
        unreadable={
            "state of the step itself": "h_t",
            "state of two steps before": "h_{t-2}",
        },
    ),
    "third state": Question(
        source="COMP433 assignment 3, Q6(c)",
        problem=RNN,
        part="h3",
        published=(
            r"$$h_3 = h_0w_{\text{hh}}^3 + w_{\text{in}}w_{\text{hh}}^2x_1 + w_{\text{in}}w_{\text{hh}}x_2 + w_{\text{in}}x_3.$$",
            r"h_3 = w_{\text{in}}x_3 + w_{\text{hh}}h_2 = w_{\text{in}}x_3 + w_{\text{hh}}[w_{\text{in}}x_2 + w_{\text{hh}}(w_{\text{in}}x_1 + w_{\text{hh}}h_0)].",
        ),
        misses={
            "start left out": r"w_{\text{in}}w_{\text{hh}}^2x_1 + w_{\text{in}}w_{\text{hh}}x_2 + w_{\text{in}}x_3",
            "start squared only": r"h_0w_{\text{hh}}^2 + w_{\text{in}}w_{\text{hh}}^2x_1 + w_{\text{in}}w_{\text{hh}}x_2 + w_{\text{in}}x_3",
            "inputs in reverse": r"h_0w_{\text{hh}}^3 + w_{\text{in}}w_{\text{hh}}^2x_3 + w_{\text{in}}w_{\text{hh}}x_2 + w_{\text{in}}x_1",
            "weights exchanged": r"h_0w_{\text{in}}^3 + w_{\text{hh}}w_{\text{in}}^2x_1 + w_{\text{hh}}w_{\text{in}}x_2 + w_{\text{hh}}x_3",
            "minus": r"h_0w_{\text{hh}}^3 - w_{\text{in}}w_{\text{hh}}^2x_1 + w_{\text{in}}w_{\text{hh}}x_2 + w_{\text{in}}x_3",
            "last step only": r"w_{\text{in}}x_3",
            "input weight left out once": r"h_0w_{\text{hh}}^3 + w_{\text{hh}}^2x_1 + w_{\text{in}}w_{\text{hh}}x_2 + w_{\text{in}}x_3",
            "square left out": r"h_0w_{\text{hh}}^3 + w_{\text{in}}w_{\text{hh}}x_1 + w_{\text{in}}w_{\text{hh}}x_2 + w_{\text{in}}x_3",
            "the second state": r"h_0w_{\text{hh}}^2 + w_{\text{in}}w_{\text{hh}}x_1 + w_{\text{in}}x_2",
            "with the output weight": r"w_{\text{hy}}(h_0w_{\text{hh}}^3 + w_{\text{in}}w_{\text{hh}}^2x_1 + w_{\text{in}}w_{\text{hh}}x_2 + w_{\text{in}}x_3)",
            "powers as products": r"3h_0w_{\text{hh}} + 2w_{\text{in}}w_{\text{hh}}x_1 + w_{\text{in}}w_{\text{hh}}x_2 + w_{\text{in}}x_3",
        },
        causes={
            "start left out": "took h_0 as 0",
            "last step only": "left out the previous state",
            "weights exchanged": "exchanged the weights of input and state",
        },
    ),
    "output": Question(
        source="COMP433 assignment 3, Q6(c)",
        problem=RNN,
        part="y",
        published=(
            r"$$y = w_{\text{hy}}h_3 = w_{\text{hy}}(h_0w_{\text{hh}}^3 + w_{\text{in}}w_{\text{hh}}^2x_1 + w_{\text{in}}w_{\text{hh}}x_2 + w_{\text{in}}x_3).$$",
            r"y = w_{\text{hy}} (h_0 w_{\text{hh}}^3 + w_{\text{in}} w_{\text{hh}}^2 x_1 + w_{\text{in}} w_{\text{hh}} x_2 + w_{\text{in}} x_3).",
            r"y = w_{\text{hy}}h_3",
        ),
        misses={
            "output weight left out": r"y = h_3",
            "recurrent weight": r"y = w_{\text{hh}}h_3",
            "minus the target": r"y = w_{\text{hy}}h_3 - y_r",
            "start left out": r"w_{\text{hy}}(w_{\text{in}}w_{\text{hh}}^2x_1 + w_{\text{in}}w_{\text{hh}}x_2 + w_{\text{in}}x_3)",
            "bracket forgotten": r"w_{\text{hy}} h_0w_{\text{hh}}^3 + w_{\text{in}}w_{\text{hh}}^2x_1 + w_{\text{in}}w_{\text{hh}}x_2 + w_{\text{in}}x_3",
            "squared": r"w_{\text{hy}}^2 h_3",
            "minus": r"-w_{\text{hy}}h_3",
            "plus for times": r"w_{\text{hy}} + h_3",
            "start by the wrong power": r"w_{\text{hy}} (h_0 w_{\text{hh}}^2 + w_{\text{in}} w_{\text{hh}}^2 x_1 + w_{\text{in}} w_{\text{hh}} x_2 + w_{\text{in}} x_3)",
            "wrong index": r"w_{\text{hy}} (h_0 w_{\text{hh}}^3 + w_{\text{in}} w_{\text{hh}}^2 x_1 + w_{\text{in}} w_{\text{hh}} x_1 + w_{\text{in}} x_3)",
            "with one more input": r"w_{\text{hy}} h_3 + w_{\text{in}} x_3",
        },
        causes={"start left out": "took h_0 as 0", "wrong index": "took the input of the step before"},
    ),
    "gradient of the input weight": Question(
        source="COMP433 assignment 3, Q6(c)",
        problem=RNN,
        part="in",
        published=(
            r"$$\boxed{\frac{\partial \ell}{\partial w_{\text{in}}} = (y - y_r) w_{\text{hy}} (w_{\text{hh}}^2 x_1 + w_{\text{hh}} x_2 + x_3)}$$",
            r"\boxed{\frac{\partial \ell}{\partial w_{\text{in}}} = (y - y_r) w_{\text{hy}} (w_{\text{hh}}^2 x_1 + w_{\text{hh}} x_2 + x_3)}",
            r"(y - y_r) w_{\text{hy}} (w_{\text{hh}}^2 x_1 + w_{\text{hh}} x_2 + x_3)",
        ),
        misses={
            "last step only": r"(y - y_r) w_{\text{hy}} x_3",
            "target minus output": r"(y_r - y) w_{\text{hy}} (w_{\text{hh}}^2 x_1 + w_{\text{hh}} x_2 + x_3)",
            "twice": r"2 (y - y_r) w_{\text{hy}} (w_{\text{hh}}^2 x_1 + w_{\text{hh}} x_2 + x_3)",
            "halved": r"\frac{1}{2} (y - y_r) w_{\text{hy}} (w_{\text{hh}}^2 x_1 + w_{\text{hh}} x_2 + x_3)",
            "output weight left out": r"(y - y_r) (w_{\text{hh}}^2 x_1 + w_{\text{hh}} x_2 + x_3)",
            "recurrent weight left out": r"(y - y_r) w_{\text{hy}} (x_1 + x_2 + x_3)",
            "inputs in reverse": r"(y - y_r) w_{\text{hy}} (w_{\text{hh}}^2 x_3 + w_{\text{hh}} x_2 + x_1)",
            "input weight for recurrent weight": r"(y - y_r) w_{\text{hy}} (w_{\text{in}}^2 x_1 + w_{\text{in}} x_2 + x_3)",
            "target left out": r"y w_{\text{hy}} (w_{\text{hh}}^2 x_1 + w_{\text{hh}} x_2 + x_3)",
            "square left out": r"(y - y_r) w_{\text{hy}} (w_{\text{hh}} x_1 + w_{\text{hh}} x_2 + x_3)",
            "first step left out": r"(y - y_r) w_{\text{hy}} (w_{\text{hh}} x_2 + x_3)",
            "start as an input": r"(y - y_r) w_{\text{hy}} (w_{\text{hh}}^3 h_0 + w_{\text{hh}}^2 x_1 + w_{\text{hh}} x_2 + x_3)",
            "error squared": r"(y - y_r)^2 w_{\text{hy}} (w_{\text{hh}}^2 x_1 + w_{\text{hh}} x_2 + x_3)",
        },
        causes={
            "last step only": "took only the last step's gradient",
            "target minus output": "took target minus output",
            "twice": "left out the ½",
        },
    ),
    "gradient of the recurrent weight": Question(
        source="COMP433 assignment 3, Q6(c)",
        problem=RNN,
        part="hh",
        published=(
            r"$$\boxed{\frac{\partial \ell}{\partial w_{\text{hh}}} = (y - y_r) w_{\text{hy}} (3h_0 w_{\text{hh}}^2 + 2w_{\text{hh}} w_{\text{in}} x_1 + w_{\text{in}} x_2)}$$",
            r"(y - y_r) w_{\text{hy}} (3h_0 w_{\text{hh}}^2 + 2w_{\text{hh}} w_{\text{in}} x_1 + w_{\text{in}} x_2)",
        ),
        misses={
            "target minus output": r"(y_r - y) w_{\text{hy}} (3h_0 w_{\text{hh}}^2 + 2w_{\text{hh}} w_{\text{in}} x_1 + w_{\text{in}} x_2)",
            "start left out": r"(y - y_r) w_{\text{hy}} (2w_{\text{hh}} w_{\text{in}} x_1 + w_{\text{in}} x_2)",
            "last step only": r"(y - y_r) w_{\text{hy}} (h_0 w_{\text{hh}}^2 + w_{\text{hh}} w_{\text{in}} x_1 + w_{\text{in}} x_2)",
            "power not lowered": r"(y - y_r) w_{\text{hy}} (3h_0 w_{\text{hh}}^3 + 2w_{\text{hh}}^2 w_{\text{in}} x_1 + w_{\text{hh}} w_{\text{in}} x_2)",
            "wrong factor": r"(y - y_r) w_{\text{hy}} (2h_0 w_{\text{hh}}^2 + 2w_{\text{hh}} w_{\text{in}} x_1 + w_{\text{in}} x_2)",
            "wrong index": r"(y - y_r) w_{\text{hy}} (3h_0 w_{\text{hh}}^2 + 2w_{\text{hh}} w_{\text{in}} x_1 + w_{\text{in}} x_3)",
            "output weight left out": r"(y - y_r) (3h_0 w_{\text{hh}}^2 + 2w_{\text{hh}} w_{\text{in}} x_1 + w_{\text{in}} x_2)",
            "last input too": r"(y - y_r) w_{\text{hy}} (3h_0 w_{\text{hh}}^2 + 2w_{\text{hh}} w_{\text{in}} x_1 + w_{\text{in}} x_2 + w_{\text{in}} x_3)",
            "plus for minus": r"(y + y_r) w_{\text{hy}} (3h_0 w_{\text{hh}}^2 + 2w_{\text{hh}} w_{\text{in}} x_1 + w_{\text{in}} x_2)",
            "last state": r"(y - y_r) w_{\text{hy}} h_3",
            "target forgotten": r"y w_{\text{hy}} (3h_0 w_{\text{hh}}^2 + 2w_{\text{hh}} w_{\text{in}} x_1 + w_{\text{in}} x_2)",
        },
        causes={
            "target minus output": "took target minus output",
            "last step only": "took only the last step's gradient",
        },
    ),
    "gradient of the output weight": Question(
        source="COMP433 assignment 3, Q6(c)",
        problem=RNN,
        part="hy",
        published=(
            r"$$\boxed{\frac{\partial \ell}{\partial w_{\text{hy}}} = (y - y_r) (h_0 w_{\text{hh}}^3 + w_{\text{in}} w_{\text{hh}}^2 x_1 + w_{\text{in}} w_{\text{hh}} x_2 + w_{\text{in}} x_3)}$$",
            r"$$\frac{\partial \ell}{\partial w_{\text{hy}}} = (y - y_r)h_3,$$",
            r"\frac{\partial \ell}{\partial w_{\text{hy}}} = (y - y_r)h_3",
        ),
        misses={
            "target minus output": r"(y_r - y) h_3",
            "with the output weight": r"(y - y_r) w_{\text{hy}} h_3",
            "earlier state": r"(y - y_r) (h_0 w_{\text{hh}}^2 + w_{\text{in}} w_{\text{hh}} x_1 + w_{\text{in}} x_2)",
            "start left out": r"(y - y_r) (w_{\text{in}} w_{\text{hh}}^2 x_1 + w_{\text{in}} w_{\text{hh}} x_2 + w_{\text{in}} x_3)",
            "twice": r"2 (y - y_r) h_3",
            "halved": r"\frac{1}{2} (y - y_r) h_3",
            "error left out": r"h_3",
            "state left out": r"y - y_r",
            "error squared": r"(y - y_r)^2 h_3",
            "output for state": r"(y - y_r) y",
            "output for error": r"y h_3",
            "bracket forgotten": r"y - y_r h_3",
        },
        causes={"target minus output": "took target minus output", "twice": "left out the ½"},
    ),
}


@cache
def read(text: str) -> ProblemFile:
    return problems.parse(text.encode(), "problem.yaml", "problem")


def literal(text: str) -> str:
    """A text as a YAML literal, which changes nothing in it."""
    return "|\n" + "".join(f"    {line}\n" for line in text.split("\n"))


def plain(text: str) -> str:
    """A text as somebody pastes it behind the name of a part, without a thought of YAML."""
    return " ".join(text.split("\n")) + "\n"


def mark(file: ProblemFile, answers: Mapping[str, str], written: Callable[[str], str] = literal) -> Report:
    text = "answers:\n" + "".join(f"  {part}: {written(answer)}" for part, answer in answers.items())
    return grade.grade(file, submissions.match(submissions.parse(text.encode(), "answers.yaml"), file))


def marked(question: Question, answer: str, written: Callable[[str], str] = literal) -> Mark:
    report = mark(read(question.problem), {**question.before, question.part: answer}, written)
    assert report.faults == ()
    marks = {one.part.rpartition(".")[2]: one for one in report.marks}
    assert all(marks[part].verdict == "right" for part in question.before)
    return marks[question.part]


PUBLISHED = [(name, answer) for name, question in QUESTIONS.items() for answer in question.published]
MISSES = [(name, miss) for name, question in QUESTIONS.items() for miss in question.misses]


@pytest.mark.parametrize(("name", "answer"), PUBLISHED)
def test_a_published_answer_is_right(name, answer):
    question = QUESTIONS[name]
    assert question.source
    found = marked(question, answer)
    assert (found.verdict, found.points) == ("right", found.of), found


@pytest.mark.parametrize(("name", "answer"), PUBLISHED)
def test_a_published_answer_may_be_pasted_without_quotes(name, answer):
    found = marked(QUESTIONS[name], answer, plain)
    assert (found.verdict, found.points) == ("right", found.of), found


@pytest.mark.parametrize(("name", "miss"), MISSES, ids=[f"{name}: {miss}" for name, miss in MISSES])
def test_a_near_miss_is_wrong(name, miss):
    question = QUESTIONS[name]
    found = marked(question, question.misses[miss])
    assert found.points == 0
    if found.verdict == "unreadable" and miss in question.unreadable:
        assert question.unreadable[miss] in found.message
        return
    assert found.verdict in ("wrong", "convention"), found
    if miss in question.causes:
        assert found.cause is not None, found
        assert question.causes[miss] in found.cause


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_ten_near_misses_and_no_cause_without_one(name):
    question = QUESTIONS[name]
    assert len(question.misses) >= 10
    assert {*question.causes, *question.unreadable} <= {*question.misses}
    assert len({*question.misses.values()} | {*question.published}) >= len(question.published) + 10


class Formula(NamedTuple):
    """A formula of an author, other ways to write it, and formulas that differ from it somewhere."""

    source: str
    problem: str
    equal: tuple[str, ...]
    unequal: tuple[str, ...]


FORMULAS = {
    "windows": Formula(
        source="Graham, Knuth and Patashnik, Concrete Mathematics (2nd ed., 1994), exercise 3.12: ⌈n/m⌉ = ⌊(n + m - 1)/m⌋",
        problem="""
kind: formula
symbols: {n: {integer: [1, 40]}, k: {integer: [1, 9]}, s: {integer: [1, 5]}, p: {integer: [0, 3]}}
given: {n: n, k: k, s: s, p: p, formula: floor((n+2p-k)/s)+1}
parts: {a: {ask: formula}}
""",
        equal=(
            "floor((n+2p-k)/s)+1",
            "ceil((n+2p-k+1)/s)",
            "⌊(n+2p−k)/s⌋ + 1",
            "⌈(n+2p−k+1)/s⌉",
            r"\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1",
            r"\left\lceil \frac{n + 2p - k + 1}{s} \right\rceil",
            "floor((n + 2p - k + s)/s)",
            "1 - ceil((k - n - 2p)/s)",
        ),
        unequal=(
            "(n+2p-k)/s + 1",
            "ceil((n+2p-k)/s) + 1",
            "ceil((n+2p-k)/s)",
            "floor((n+2p-k)/s)",
            "floor((n+2p-k+1)/s)",
            "floor((n+2p-k)/s + 1/2) + 1",
            "round((n+2p-k)/s) + 1",
            "floor((n+p-k)/s) + 1",
            "floor((n-k)/s) + 1",
            "n + 2p - k + 1",
            "ceil((n+2p-k+1)/s) + 1",
        ),
    ),
    "rectifier": Formula(
        source="IFT6135 assignment, Q1.2: max{0, x} by the Heaviside step, and by hand: (x + |x|)/2",
        problem="""
kind: formula
given: {x: x, formula: "max(0,x)"}
parts: {a: {ask: formula}}
""",
        equal=(
            "max(0,x)",
            "max(x, 0)",
            "x H(x)",
            "(x+|x|)/2",
            "relu(x)",
            "x * heaviside(x)",
            "-min(0, -x)",
            r"\frac{x + |x|}{2}",
            r"\max(0, x)",
            r"\max\{0, x\}",
            r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}",
        ),
        unequal=(
            "x",
            "|x|",
            "-x",
            "0",
            "min(0, x)",
            "H(x)",
            "(x-|x|)/2",
            "x+|x|",
            "max(0,-x)",
            "max(1,x)",
            "max(0.01x, x)",
            "-max(0, x)",
            "ln(1 + e^x)",
            "x sigmoid(x)",
        ),
    ),
    "large product": Formula(
        source="by hand: 1000³ = 10⁹",
        problem="""
kind: formula
symbols: {a: {integer: [1000, 2000]}, b: {integer: [1000, 2000]}, c: {integer: [1000, 2000]}}
given: {a: a, b: b, c: c, formula: a b c}
parts: {a: {ask: formula}}
""",
        equal=("a b c", "c b a", "a (b c + 1) - a", "abc"),
        unequal=("a b c + 1", "a b c - 1", "(a b + 1) c", "a b (c - 1)", "a b c (1 + 1/10^9)", "a^2 b"),
    ),
    "large fraction": Formula(
        source="by hand: 10⁹/b",
        problem="""
kind: formula
symbols: {a: {integer: [1000000000, 2000000000]}, b: {integer: [2, 9]}}
given: {a: a, b: b, formula: a/b}
parts: {a: {ask: formula}}
""",
        equal=("a/b", r"\frac{a}{b}", "(a + b)/b - 1"),
        unequal=("a/b + 1", "a/b - 1", "floor(a/b)", "(a + 1)/b", "a/b + 1/10"),
    ),
    "large and irrational": Formula(
        source="by hand: 10⁹ √n",
        problem="""
kind: formula
symbols: {n: {integer: [1, 9]}}
given: {n: n, formula: 10^9 sqrt(n) + n}
parts: {a: {ask: formula}}
""",
        equal=("10^9 sqrt(n) + n", r"n + 10^9 \sqrt{n}", "sqrt(n) (10^9 + sqrt(n))"),
        unequal=("10^9 sqrt(n) + n + 1", "10^9 sqrt(n) + n - 1", "10^9 sqrt(n)"),
    ),
    "large root": Formula(
        source="by hand: a < √(a² + a) < a + 1/2",
        problem="""
kind: formula
symbols: {a: {integer: [1000000000, 2000000000]}}
given: {a: a, formula: sqrt(a^2 + a)}
parts: {a: {ask: formula}}
""",
        equal=("sqrt(a^2 + a)", r"\sqrt{a (a + 1)}", "a sqrt(1 + 1/a)"),
        unequal=("sqrt(a^2 + a) + 1", "sqrt(a^2 + a) - 1"),
    ),
    "large real number": Formula(
        source="by hand: from 10⁹ to 2·10⁹",
        problem="""
kind: formula
symbols: {x: {real: [1000000000, 2000000000]}}
given: {x: x, formula: x}
parts: {a: {ask: formula}}
""",
        equal=("x", "2x/2"),
        unequal=("x + 1", "x - 1"),
    ),
}
WAYS = [(name, answer) for name, formula in FORMULAS.items() for answer in formula.equal]
OTHERS = [(name, answer) for name, formula in FORMULAS.items() for answer in formula.unequal]


@pytest.mark.parametrize(("name", "answer"), WAYS)
def test_another_way_to_write_a_formula_is_right(name, answer):
    assert FORMULAS[name].source
    assert mark(read(FORMULAS[name].problem), {"a": answer}).marks[0].verdict == "right"


@pytest.mark.parametrize(("name", "answer"), OTHERS)
def test_a_formula_that_differs_somewhere_is_wrong(name, answer):
    assert mark(read(FORMULAS[name].problem), {"a": answer}).marks[0].verdict == "wrong"


PROBLEMS = {one.problem: name for name, one in reversed([*QUESTIONS.items(), *FORMULAS.items()])}
"""Each problem once, with the first question about it."""


@pytest.mark.parametrize("nth", [0, -1])
@pytest.mark.parametrize("problem", dict.fromkeys(one.problem for one in QUESTIONS.values()), ids=PROBLEMS.get)
def test_the_published_answers_of_one_problem_are_right_together(problem, nth):
    questions = [one for one in QUESTIONS.values() if one.problem == problem]
    answers = {part: text for one in questions for part, text in one.before.items()}
    answers |= {one.part: one.published[nth] for one in questions}
    report = mark(read(problem), answers)
    assert [one for one in report.marks if one.verdict not in ("right", "blank")] == []
    assert report.points == len(answers)


@pytest.mark.parametrize("problem", PROBLEMS, ids=PROBLEMS.get)
def test_what_solve_writes_earns_full_marks(problem):
    file = read(problem)
    draft = submissions.parse(as_yaml.solution(file, None).encode(), "answers.yaml")
    report = grade.grade(file, submissions.match(draft, file))
    assert [one for one in report.marks if one.verdict != "right"] == []
    assert report.points == report.of > 0
