r"""Random text for the grammar: no crash, no hang, and no exception but ExpressionError.

    python tests/benchmarks/fuzz.py 1000000 --seed 1 --jobs 2

Every text goes through `parse`, `read`, `read_axes` and `read_conditions`, with and without names; what is read is printed
and worked out with numbers and with arrays. A third of the texts is token soup, a third are real formulas with mistakes in
them, a sixth is one token repeated, and a sixth is random Unicode. Texts are short, save for every 20th, which is as long
as is allowed. The time of one text is that of the processor, for all of these readings together.
"""

from __future__ import annotations

import argparse
import runpy
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np

from hwcheck import evaluation, expressions
from hwcheck.expressions import Cases, ExpressionError, Name, Names, key

WRITTEN = Path(__file__).parents[1] / "test_formulas_as_written.py"
FORMULAS = [row[0] for row in runpy.run_path(str(WRITTEN))["ROWS"]]
TOKENS = [
    *"0123456789abcdefnxyzWKSPTHlm()[]{}+-*/^!%,;.=<>&|_'\"\\$`:?~ \n\tπσαηλΔ∂·×÷−⊙√²³⁻¹ⁿᵀ₁₂ₜ⌊⌋⌈⌉‖≤≥≠≈⇒→∈∀∑∞½⊤ŷ𝑥٣９\u200b\u200f",
    "**", "//", "<=", ">=", "!=", "==", ":=", "=>", "->", "||", "&&", "...", "\\\\", "\\{", "\\}", "\\|", "\\,", "\\%", "\\_",
    "1e3", "1e99999", "0x10", "1,000", "1 000", "0.5", "99999", "500!", "9^9", "x_1", "x_{n-1}", "d_out", "d_{in}", "h_{t-1}",
    "W_hh", "sqrt(", "√(", "exp ", "log_2 ", "ln ", "sin^2 ", "max(", "min{", "abs(", "relu(", "σ(", "softmax(", "diag(",
    "concat(", "outer(", "inv(", "det(", "sum(", "norm(", "H(", "floor(", "round(", "w[", "A[1,2]", "A_{12}", "x.T", "^T", "^{-1}",
    "\\frac", "\\frac{", "}{", "\\sqrt", "\\sqrt[3]{", "\\left(", "\\right)", "\\left|", "\\right|", "\\left\\{", "\\right.",
    "\\lfloor ", "\\rfloor ", "\\cdot ", "\\times ", "\\mathbf{", "\\text{if }", "\\text{otherwise}", "\\mathrm{", "\\operatorname{",
    "\\hat{", "\\hat ", "\\tilde{", "\\overline{", "\\underbrace{", "\\boxed{", "\\sigma", "\\alpha ", "\\Delta ", "\\log_2", "\\max",
    "\\begin{cases}", "\\end{cases}", "\\begin{bmatrix}", "\\end{bmatrix}", "\\begin{array}{cc}", "\\end{array}",
    "\\begin{aligned}", "\\end{aligned}", "\\begin{", "\\end{", "\\foo", "\\sum_{i=1}^n ", "\\tag{1}", "\\\\[2pt]", "\\top",
    " if ", " else ", " otherwise", " for ", " and ", " or ", " where ", "nan", "inf", "True", "__import__", "lambda ",
]  # fmt: skip


def array(*shape: int) -> np.ndarray:
    return np.linspace(-2, 3, int(np.prod(shape))).reshape(shape)


NUMBERS = {name: Fraction(i + 1, 3) if i % 3 == 0 else i - 5 for i, name in enumerate("abcdnxyKSPlm")}
NUMBERS |= {
    key(name): value for name, value in {"d_out": 6, "d_in": 10**9, "x_1": 0.3, "h_{t-1}": -1, "η": 0.1}.items()
}
ARRAYS = {
    "W": array(3, 2),
    "x": array(2, 1),
    "w": array(4, 1),
    "A": array(3, 3),
    "h": array(3, 1),
    "b": array(3, 1),
    "y": array(1, 3),
}
NUMERIC = Names(frozenset(NUMBERS) | {"l", "ll"}, shown=tuple(NUMBERS))
MIXED = Names(
    frozenset(NUMBERS) | frozenset(ARRAYS), frozenset(ARRAYS), frozenset({"φ"}), tuple(NUMBERS), {"z": "z is hidden"}
)
BOUND = {**NUMBERS, **ARRAYS, "φ": lambda value: value}


def texts(count: int, random: Random) -> Iterator[str]:
    for number in range(count):
        size = 2000 if number % 20 == 0 else random.choice((3, 8, 20, 40))
        kind = random.randrange(6)
        if kind < 2:
            yield "".join(random.choices(TOKENS, k=size))[:2000]
        elif kind < 4:
            yield mutated(random, random.choice(FORMULAS), size)
        elif kind < 5:
            piece = "".join(random.choices(TOKENS, k=random.randint(1, 3)))
            whole = piece * (size // len(piece)) + random.choice(("", "x", ")", "}", "|", "\\"))
            yield random.choice(("", "x", "(", "\\")) + whole[:1990]
        else:
            yield "".join(
                chr(random.choice((random.randrange(32, 127), random.randrange(0x3000), random.randrange(0x110000))))
                for _ in range(size)
            )


def mutated(random: Random, text: str, size: int) -> str:
    if size == 2000:
        return (text + random.choice(("+", "*", " ", "", ", ", "\\\\", "^"))) * (1990 // (len(text) + 2))
    for _ in range(random.randint(1, 4)):
        at = random.randint(0, len(text))
        end = random.randint(at, min(len(text), at + 6))
        middle = random.choice(("", random.choice(TOKENS), text[at:end] * 2, random.choice(FORMULAS)))
        text = text[:at] + middle + text[end:]
    return text[:2000]


def readings(text: str) -> Iterator[bool]:
    """Whether each way of reading a text succeeds."""
    for make in (
        lambda: [expressions.parse(text, percent=True, grouping=True)],
        lambda: [expressions.read(text, NUMERIC).tree],
        lambda: [expressions.read(text, MIXED).tree],
        lambda: [axis.tree for axis in expressions.read_axes(text, 3, MIXED)],
        lambda: [Cases(((expressions.read_conditions(text, NUMERIC), Name("a", "a")),))],
    ):
        try:
            trees = make()
        except ExpressionError as error:
            assert 0 <= error.position <= len(text), "a place outside the text"
            error.pointed()
            yield False
            continue
        yield True
        for tree in trees:
            expressions.render(tree)
            expressions.render(tree, bare=True)
            list(expressions.names_in(tree))
            run = evaluation.compiled(tree)
            for names in (NUMBERS, BOUND):
                with suppress(ExpressionError):
                    evaluation.value_of(run, names)


def batch(task: tuple[int, int]) -> tuple[Counter[str], float, str]:
    """How many texts were read, foreign exceptions with a text for each, and the slowest text."""
    count, seed = task
    warnings.simplefilter("error")
    found: Counter[str] = Counter()
    slowest, slow = 0.0, ""
    for text in texts(count, Random(seed)):
        start = time.process_time()
        try:
            found["read"] += any(list(readings(text)))
        except Exception as error:
            found[f"{type(error).__name__}: {error}"[:100] + f" for {text[:300]!r}"] += 1
        taken = time.process_time() - start
        if taken > slowest:
            slowest, slow = taken, text
    found["texts"] += count
    return found, slowest, slow


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    size = 2_000
    tasks = [(min(size, options.count - done), options.seed * 10**6 + done) for done in range(0, options.count, size)]
    found: Counter[str] = Counter()
    slowest, slow = 0.0, ""
    with ProcessPoolExecutor(options.jobs) as pool:
        for counted, taken, text in pool.map(batch, tasks):
            found += counted
            slowest, slow = max((slowest, slow), (taken, text))
    total, read = found.pop("texts"), found.pop("read", 0)
    print(
        f"{total:,} texts, seed {options.seed}: {read:,} were read at least one way, {sum(found.values())} foreign exceptions"
    )
    print(f"slowest: {1000 * slowest:.0f} ms for all readings of {slow[:200]!r} ({len(slow)} characters)")
    for message, times in found.most_common(20):
        print(f"  {times} × {message}")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
