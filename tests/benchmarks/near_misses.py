r"""Near misses: formulas that look different and are equal, and formulas that look alike and are not.

    python tests/benchmarks/near_misses.py 10000 --seed 1 --jobs 2

`manual` is what hwcheck cannot decide: the changed formula has no value at more than a quarter of the points.

Some forty formulas of several kinds are rewritten by algebra (commuted, distributed, multiplied and divided by the same,
floor as ceil, max as |x|, …), which must stay right, and changed (another sign, ± 1, another letter, a term or a factor
dropped, ceil for floor, another exponent, …), then perhaps rewritten, which must not be right. Each is written in plain text, in
Unicode or in LaTeX, and goes the whole way from an answers file to a mark. What it is worth is worked out here a second time, in
fractions, from Python's own syntax trees, at points that hwcheck does not draw.
"""

from __future__ import annotations

import argparse
import ast
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any, NamedTuple

from hwcheck import grade, problems, submissions
from hwcheck.problems import ProblemFile

Tree = tuple[Any, ...]
"""("number", n), ("name", x), or an operator or a function and its arguments."""


class Base(NamedTuple):
    """A problem, the part asked in it, its answer in Python, and the least and largest value of each name."""

    problem: str
    part: str
    answer: str
    domain: dict[str, tuple[int, int] | tuple[float, float]]


SIZES = {"W": (8, 40), "H": (8, 40), "K": (1, 7), "P": (0, 3), "S": (1, 4), "C": (1, 9), "F": (1, 9)}
CONV = """
kind: cnn
symbols: {W: {integer: [8, 40]}, H: {integer: [8, 40]}, K: {integer: [1, 7]}, P: {integer: [0, 3]}, S: {integer: [1, 4]}, C: {integer: [1, 9]}, F: {integer: [1, 9]}}
given: {input: [W, H, C], layers: [{conv: {filters: F, kernel: K, padding: P, stride: S}}]}
parts: {w: {ask: conv1.width}, h: {ask: conv1.height}, p: {ask: conv1.params}, q: {ask: conv1.weights}, n: {ask: conv1.neurons}, m: {ask: conv1.macs}}
"""
POOL = """
kind: cnn
symbols: {W: {integer: [8, 40]}, H: {integer: [8, 40]}, K: {integer: [1, 7]}, S: {integer: [1, 4]}, C: {integer: [1, 9]}}
given: {input: [W, H, C], layers: [{max_pool: {window: K, stride: S}}]}
parts: {w: {ask: pool1.width}, h: {ask: pool1.height}, n: {ask: pool1.neurons}}
"""
DEEP = """
kind: cnn
symbols: {L: {integer: [1, 8]}, K: {integer: [1, 9]}}
given: {input: "?x?x1", layers: [{repeat: {times: L, layers: [{conv: {filters: 1, kernel: K}}]}}]}
parts: {r: {ask: receptive_field}}
"""
COSTS = "kind: newton_schulz\ngiven: {d_out: d_out, d_in: d_in, c: c}\nparts: {n: {ask: cost.naive}, g: {ask: cost.gram}, s: {ask: speedup}}"
CHAIN = "kind: chain_cost\nsymbols: [l, m, n, o]\ngiven: {dims: [l, m, n, o]}\nparts: {f: {ask: forward}, r: {ask: reverse}, b: {ask: best}}"
MUP = "kind: mup\ngiven: {d_in: d_in, d_out: d_out, v_x: v_x, c: c}\nparts: {v: {ask: variance}, s: {ask: scale}, b: {ask: spectral_bound}, n: {ask: sign_norm}, l: {ask: lr.sign}}"
VALID = "kind: conv_chain\nsymbols: {d: {integer: [20, 60]}, k_1: {integer: [1, 7]}, k_2: {integer: [1, 7]}}\ngiven: {d: d, k1: k_1, k2: k_2}\nparts: {s: {ask: a2.size}}"
FULL = VALID.replace("k2: k_2}", "k2: k_2, mode: full}")
RNN = """
kind: rnn
symbols: [x_1, x_2]
names: {W_x: u, W_h: w, W_y: v}
given: {x: [x_1, x_2], h0: h_0, u: u, w: w, v: v, target: t, activation: identity}
parts: {h: {ask: h.2}, y: {ask: y}}
"""
OWN = """
kind: formula
symbols: {%s}
given: {formula: "%s", %s}
parts: {a: {ask: formula}}
"""
INTEGERS = {"n": (1, 60), "s": (1, 9), "k": (1, 9), "g": (1, 9)}
REALS = {"x": (-3.0, 3.0), "y": (-3.0, 3.0), "a": (0.2, 3.0), "b": (0.2, 3.0)}
DIMS = {"d_out": (1, 60), "d_in": (1, 60), "c": (1, 60)}
WIDTHS = {"d_out": (1, 60), "d_in": (1, 60), "c": (0.2, 4.0), "v_x": (0.2, 4.0)}
OWN_FORMULAS = [
    "floor(n/s)", "ceil(n/s)", "floor((n + k - 1)/s)", "ceil((n - k + 1)/s)", "n*(n - 1)/2", "floor(n/s)*s", "n - s*floor(n/s)",
    "floor((n + 2*k - g)/s) + 1", "max(0, x)", "abs(x)", "max(x, y)", "min(x, y)", "x*max(0, y)", "max(0, x) - max(0, y)",
    "1/(1 + exp(-x))", "exp(-x*x/2)", "x*y + a/b", "(x - y)**2", "a*x**2 + b*x + 1", "sqrt(a*b)", "a*log(a/b)", "(x - y)/sqrt(a)",
    "abs(x - y)/(a + b)", "2*a*b/(a + b)",
]  # fmt: skip


def bases() -> Iterator[Base]:
    side = "floor((%s - K + 2*P)/S) + 1"
    width, height = side % "W", side % "H"
    for part, answer in {
        "h": width, "w": height, "p": "K**2*C*F + F", "q": "K**2*C*F", "n": f"({width})*({height})*F",
        "m": f"({width})*({height})*F*K**2*C",
    }.items():  # fmt: skip
        yield Base(CONV, part, answer, SIZES)
    pooled = "floor((%s - K)/S) + 1"
    for part, answer in {"h": pooled % "W", "w": pooled % "H", "n": f"({pooled % 'W'})*({pooled % 'H'})*C"}.items():
        yield Base(POOL, part, answer, {name: SIZES[name] for name in "WHKSC"})
    yield Base(DEEP, "r", "L*(K - 1) + 1", {"L": (1, 8), "K": (1, 9)})
    for part, answer in {"n": "2*c*d_out**2*d_in", "g": "2*c*d_out*d_in**2", "s": "d_out/d_in"}.items():
        yield Base(COSTS, part, answer, DIMS)
    ways = ("l*m*n + l*n*o", "o*n*m + o*m*l")
    for part, answer in {"f": ways[0], "r": ways[1], "b": f"min({ways[0]}, {ways[1]})"}.items():
        yield Base(CHAIN, part, answer, dict.fromkeys("lmno", (1, 60)))
    bound = "sqrt(d_out/d_in)/c"
    for part, answer in {
        "v": "c**2*d_in*v_x", "s": "1/sqrt(d_in)", "b": bound, "n": "sqrt(d_in*d_out)", "l": "1/(c*d_in)",
    }.items():  # fmt: skip
        yield Base(MUP, part, answer, WIDTHS)
    sizes = {"d": (20, 60), "k_1": (1, 7), "k_2": (1, 7)}
    yield Base(VALID, "s", "d - k_1 - k_2 + 2", sizes)
    yield Base(FULL, "s", "d + k_1 + k_2 - 2", sizes)
    reals = dict.fromkeys(("x_1", "x_2", "h_0", "u", "w", "v"), (-3.0, 3.0))
    state = "w**2*h_0 + w*u*x_1 + u*x_2"
    yield Base(RNN, "h", state, reals)
    yield Base(RNN, "y", f"v*({state})", reals)
    for answer in OWN_FORMULAS:
        names = {
            name: bounds for name, bounds in (INTEGERS | REALS).items() if ("name", name) in parts_of(tree_of(answer))
        }
        kinds = (
            f"{name}: {{{'integer' if isinstance(low, int) else 'real'}: [{low}, {high}]}}"
            for name, (low, high) in names.items()
        )
        own = ", ".join(f"{name}: {name}" for name in names)
        yield Base(OWN % (", ".join(kinds), answer, own), "a", answer, names)


# Trees from Python's own parser, and what they are worth.

SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^"}


def tree_of(text: str) -> Tree:
    def walk(node: ast.AST) -> Tree:
        if isinstance(node, ast.Constant):
            return ("number", node.value)
        if isinstance(node, ast.Name):
            return ("name", node.id)
        if isinstance(node, ast.UnaryOp):
            return ("neg", walk(node.operand))
        if isinstance(node, ast.BinOp):
            return (SIGNS[type(node.op)], walk(node.left), walk(node.right))
        assert isinstance(node, ast.Call)
        return (node.func.id, *map(walk, node.args))

    return walk(ast.parse(text, mode="eval").body)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "floor": math.floor, "ceil": math.ceil, "abs": abs, "max": max, "min": min, "sqrt": math.sqrt, "exp": math.exp, "log": math.log,
    "neg": lambda a: -a, "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    "^": lambda a, b: a**b if b == int(b) else math.pow(a, b),
}  # fmt: skip


def worth(tree: Tree, at: dict[str, Fraction]) -> Any:
    if tree[0] == "number":
        return Fraction(tree[1])
    if tree[0] == "name":
        return at[tree[1]]
    value = FUNCTIONS[tree[0]](*(worth(part, at) for part in tree[1:]))
    return Fraction(value) if isinstance(value, int) else value


def differ(one: Tree, other: Tree, base: Base, random: Random, points: int) -> bool:
    """Whether the second is worth something else anywhere, or nothing where the first has a value."""
    for _ in range(points):
        at = {name: drawn(random, *bounds) for name, bounds in base.domain.items()}
        try:
            a = worth(one, at)
        except (ArithmeticError, ValueError):
            continue
        try:
            b = worth(other, at)
        except (ArithmeticError, ValueError, TypeError):
            return True
        exact = isinstance(a, Fraction) and isinstance(b, Fraction)
        if (a != b) if exact else not math.isclose(a, b, rel_tol=1e-7, abs_tol=1e-10):
            return True
    return False


def drawn(random: Random, low: float, high: float) -> Fraction:
    if isinstance(low, int):
        return Fraction(random.randint(low, int(high)))
    return Fraction(round(random.uniform(low, high) * 1000), 1000)


def parts_of(tree: Tree) -> list[Tree]:
    if tree[0] in ("number", "name"):
        return [tree]
    return [tree, *(inner for part in tree[1:] for inner in parts_of(part))]


# Changes.


def changed(tree: Tree, random: Random, change: Callable[[Tree, Random], Tree | None]) -> Tree | None:
    """The tree with a change at one place of it, where the change is possible at that place."""
    places = list(paths(tree))
    random.shuffle(places)
    for path in places:
        new = change(reach(tree, path), random)
        if new is not None:
            return replaced(tree, path, new)
    return None


def paths(tree: Tree) -> Iterator[tuple[int, ...]]:
    yield ()
    if tree[0] not in ("number", "name"):
        for i, part in enumerate(tree[1:], 1):
            yield from ((i, *rest) for rest in paths(part))


def reach(tree: Tree, path: tuple[int, ...]) -> Tree:
    for i in path:
        tree = tree[i]
    return tree


def replaced(tree: Tree, path: tuple[int, ...], new: Tree) -> Tree:
    if not path:
        return new
    return (*tree[: path[0]], replaced(tree[path[0]], path[1:], new), *tree[path[0] + 1 :])


ONE, TWO = ("number", 1), ("number", 2)
Rule = Callable[[Tree, Random], Tree | None]


def whole(tree: Tree) -> bool:
    """Whether it is a whole number wherever its names are."""
    return all(
        part[0] in ("number", "+", "-", "*", "neg", "floor", "ceil")
        or (part[0] == "name" and part[1] not in {"x", "y", "a", "b", "c"})
        for part in parts_of(tree)
    )


def same_value(tree: Tree, random: Random) -> Tree | None:
    """One step of algebra; None where it does not apply."""
    sign = tree[0]
    a, b = (*tree[1:], None, None)[:2] if sign not in ("number", "name") else (None, None)
    number = ("number", random.randint(2, 7))
    names = [part for part in parts_of(tree) if part[0] == "name"]
    other = random.choice(names or [number])
    options: list[Tree] = [
        ("/", ("*", number, tree), number), ("-", ("+", tree, number), number), ("+", ("-", tree, other), other), ("-", ("*", TWO, tree), tree),
        ("/", ("+", tree, tree), TWO), ("neg", ("neg", tree)),
    ]  # fmt: skip
    if sign in "+*":
        options += [(sign, b, a)] * 4
        if a[0] == sign:
            options += [(sign, a[1], (sign, a[2], b)), (sign, (sign, a[1], b), a[2])] * 2
    if sign == "*" and b[0] in ("+", "-"):
        options += [(b[0], ("*", a, b[1]), ("*", a, b[2]))] * 4
    if sign == "*" and a[0] in ("+", "-"):
        options += [(a[0], ("*", a[1], b), ("*", a[2], b))] * 4
    if sign == "+" and a[0] == "*" == b[0] and a[1] == b[1]:
        options += [("*", a[1], ("+", a[2], b[2]))] * 4
    if sign == "-":
        options += [("neg", ("-", b, a)), ("+", a, ("neg", b)), ("+", ("neg", b), a)] * 2
    if sign == "/":
        options += [
            ("*", a, ("/", ONE, b)),
            ("*", ("/", ONE, b), a),
            ("/", ("*", number, a), ("*", number, b)),
            ("*", a, ("^", b, ("number", -1))),
        ] * 2
    if sign == "/" and a[0] in ("+", "-"):
        options += [(a[0], ("/", a[1], b), ("/", a[2], b))] * 2
    if sign == "^" and b == TWO:
        options += [("*", a, a)] * 4
    if sign == "*" and a == b:
        options += [("^", a, TWO)] * 4
    if sign in ("floor", "ceil"):
        options += [("neg", ("ceil" if sign == "floor" else "floor", ("neg", a)))] * 4
        options += [("-", (sign, ("+", a, number)), number)] * 2
        if a[0] == "/" and whole(a[1]) and whole(a[2]):
            top = ("+", ("-", a[1], a[2]), ONE) if sign == "floor" else ("-", ("+", a[1], a[2]), ONE)
            options += [("ceil" if sign == "floor" else "floor", ("/", top, a[2]))] * 6
    if sign in ("max", "min"):
        gap = ("abs", ("-", a, b))
        options += [
            ("/", ("+" if sign == "max" else "-", ("+", a, b), gap), TWO),
            (sign, b, a),
            ("neg", ("min" if sign == "max" else "max", ("neg", a), ("neg", b))),
        ] * 3
    if sign == "abs":
        options += [
            ("max", a, ("neg", a)),
            ("sqrt", ("*", a, a)),
            ("-", ("max", ("number", 0), ("*", TWO, a)), a),
            ("abs", ("neg", a)),
        ] * 2
    if sign == "sqrt":
        options += [("^", a, ("/", ONE, TWO)), ("/", a, tree)]
        if a[0] in "*/":
            options += [(a[0], ("sqrt", a[1]), ("sqrt", a[2]))] * 4
    if sign == "exp":
        options += [("/", ONE, ("exp", ("neg", a))), ("^", ("exp", ("/", a, TWO)), TWO)] * 2
    if sign == "log":
        options += [("neg", ("log", ("/", ONE, a)))] * 2
        if a[0] == "/":
            options += [("-", ("log", a[1]), ("log", a[2]))] * 4
    return random.choice(options)


def near_miss(base: Base) -> Rule:
    """A change of the kind that students make."""
    names = list(base.domain)

    def change(tree: Tree, random: Random) -> Tree | None:
        sign = tree[0]
        a, b = (*tree[1:], None, None)[:2] if sign not in ("number", "name") else (None, None)
        options: list[Tree] = [("+", tree, ONE), ("-", tree, ONE), ("*", TWO, tree), ("neg", tree)]
        if sign == "number":
            options = [("number", tree[1] + 1), ("number", tree[1] - 1), ("number", 2 * tree[1]), ("number", -tree[1])]
        if sign == "name":
            options += [("name", random.choice(names)) for _ in range(4)] + [
                ("*", TWO, tree),
                ("^", tree, TWO),
                ("sqrt", ("abs", tree)),
            ]
        if sign in ("+", "-"):
            options += [("-" if sign == "+" else "+", a, b), a, b, ("-", b, a), ("*", a, b)] * 2
        if sign == "*":
            options += [a, b, ("+", a, b), ("/", a, b)] * 2
        if sign == "/":
            options += [a, ("/", b, a), ("*", a, b), ("/", a, ("*", TWO, b)), ("floor", tree)] * 2
        if sign == "^":
            options += [a, ("*", a, b), ("^", a, ("number", 3)), ("^", b, a)] * 2
        if sign in ("floor", "ceil"):
            options += [
                a,
                ("ceil" if sign == "floor" else "floor", a),
                ("floor", ("+", a, ("/", ONE, TWO))),
                ("floor", ("+", a, ONE)),
            ] * 3
        if sign in ("max", "min"):
            options += [a, b, ("min" if sign == "max" else "max", a, b), ("abs", b)] * 2
        if sign in ("abs", "sqrt", "exp", "log"):
            options += [a, ("neg", tree), (sign, ("*", TWO, a)), ("*", a, a)] * 2
        return random.choice(options)

    return change


# Writing.


def written(tree: Tree, random: Random) -> str:
    """The tree as a person writes it, with more brackets than needed here and there."""
    return Writer(random.choice(("plain", "unicode", "latex")), random).text(tree, 0)


class Writer(NamedTuple):
    style: str
    random: Random

    def text(self, tree: Tree, around: int) -> str:
        sign = tree[0]
        if sign == "number":
            return str(tree[1]) if tree[1] >= 0 else self.bracket(str(tree[1]))
        if sign == "name":
            return self.name(tree[1])
        if sign in FUNCTIONS and sign.isalpha() and sign != "neg":
            return self.call(sign, tree[1:])
        tight = {"+": 1, "-": 1, "neg": 2, "*": 3, "/": 3, "^": 5}[sign]
        if sign == "neg":
            text = "-" + self.text(tree[1], 4)
        elif sign in "+-":
            text = f"{self.text(tree[1], 1)} {'−' if sign == '-' and self.style == 'unicode' else sign} {self.text(tree[2], 2)}"
        elif sign == "*":
            text = self.product(tree)
        elif sign == "/":
            if self.style == "latex":
                return rf"\frac{{{self.text(tree[1], 0)}}}{{{self.text(tree[2], 0)}}}"
            text = f"{self.text(tree[1], 3)}{'÷' if self.style == 'unicode' else '/'}{self.text(tree[2], 4)}"
        else:
            text = self.power(tree)
        return self.bracket(text) if tight < around or self.random.random() < 0.05 else text

    def bracket(self, text: str) -> str:
        return rf"\left({text}\right)" if self.style == "latex" else f"({text})"

    def name(self, name: str) -> str:
        first, _, second = name.partition("_")
        if not second:
            return name
        if self.style == "latex":
            return (
                rf"{first}_{{\text{{{second}}}}}" if second.isalpha() and len(second) > 1 else f"{first}_{{{second}}}"
            )
        return self.random.choice((name, f"{first}{second}"))

    def product(self, tree: Tree) -> str:
        left, right = self.text(tree[1], 3), self.text(tree[2], 4)
        signs = {"plain": ["*"], "unicode": ["·", " × "], "latex": [r" \cdot ", r" \times "]}[self.style]
        if not (right[0].isdigit() or right.startswith(("-", "−"))) and self.random.random() < 0.6:
            return f"{left} {right}"
        return f"{left}{self.random.choice(signs)}{right}"

    def power(self, tree: Tree) -> str:
        base, exponent = self.text(tree[1], 6), tree[2]
        if base.startswith("e^"):
            base = self.bracket(base)
        if exponent[0] == "number" and exponent[1] in (2, 3, -1) and self.style == "unicode":
            return base + {2: "²", 3: "³", -1: "⁻¹"}[exponent[1]]
        if self.style == "latex":
            return f"{base}^{{{self.text(exponent, 0)}}}"
        return f"{base}{self.random.choice(('^', '**'))}{self.text(exponent, 5)}"

    def call(self, name: str, arguments: tuple[Tree, ...]) -> str:
        inner = [self.text(argument, 0) for argument in arguments]
        if self.style == "unicode" and name in ("floor", "ceil", "abs", "sqrt"):
            start, end = {"floor": "⌊⌋", "ceil": "⌈⌉", "abs": "||", "sqrt": ("√(", ")")}[name]
            return f"{start}{inner[0]}{end}" if "|" not in inner[0] or name != "abs" else f"abs({inner[0]})"
        if self.style == "latex":
            around = {
                "floor": (r"\left\lfloor ", r" \right\rfloor"),
                "ceil": (r"\lceil ", r" \rceil"),
                "sqrt": (r"\sqrt{", "}"),
                "exp": ("e^{", "}"),
            }
            start, end = around.get(
                name,
                (rf"\{name}\left(" if name != "abs" else r"\operatorname{abs}(", r"\right)" if name != "abs" else ")"),
            )
            return start + ", ".join(inner) + end
        return f"{name}({', '.join(inner)})"


# Judging.


@cache
def problem_of(text: str) -> ProblemFile:
    return problems.parse(text.encode(), "p.yaml", "p")


def verdict(base: Base, text: str) -> str:
    file = problem_of(base.problem)
    quoted = text.replace("'", "''")
    report = grade.grade(
        file, submissions.match(submissions.parse(f"answers:\n  {base.part}: '{quoted}'\n".encode(), "a.yaml"), file)
    )
    return next(mark.verdict for mark in report.marks if mark.part == base.part)


class Found(NamedTuple):
    """What came of a batch: how many were tried, and those that were judged otherwise than they should have been."""

    tried: Counter[str]
    wrongly: list[str]
    seconds: float


def batch(task: tuple[int, int]) -> Found:
    count, seed = task
    random = Random(seed)
    tried: Counter[str] = Counter()
    wrongly: list[str] = []
    seconds = 0.0
    every = list(bases())
    while min(tried["equal"], tried["other"]) < count:
        base = random.choice(every)
        tree = tree_of(base.answer)
        equal = tried["equal"] <= tried["other"]
        new = tree if equal else changed(tree, random, near_miss(base))
        for _ in range(random.randint(1, 4) if equal else random.randint(0, 2)):
            new = new and changed(new, random, same_value)
        if new is None:
            continue
        other = differ(tree, new, base, random, 40 if equal else 400)
        text = written(new, random)
        if other == equal or len(text) > 1500:
            continue
        start = time.perf_counter()
        judged = verdict(base, text)
        seconds += time.perf_counter() - start
        tried["equal" if equal else "other"] += 1
        tried[f"{'equal' if equal else 'other'}: {judged}"] += 1
        if (judged == "right") != equal or judged == "unreadable":
            wrongly.append(f"{'equal' if equal else 'other'}, judged {judged}: {base.answer} [{base.part}] as {text}")
    return Found(tried, wrongly, seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=500, help="how many of each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    for base in bases():
        if (judged := verdict(base, written(tree_of(base.answer), Random(0)))) != "right":
            raise SystemExit(f"{base.answer} [{base.part}] is judged {judged}:\n{base.problem}")
    size = min(500, options.count)
    tasks = [(size, options.seed * 10**6 + i) for i in range(-(-options.count // size))]
    tried: Counter[str] = Counter()
    wrongly: list[str] = []
    seconds = 0.0
    with ProcessPoolExecutor(options.jobs) as pool:
        for found in pool.map(batch, tasks):
            tried += found.tried
            wrongly += found.wrongly
            seconds += found.seconds
    print(
        f"{len(list(bases()))} formulas, seed {options.seed}: {tried['equal']:,} rewritten and {tried['other']:,} changed"
    )
    for label in sorted(tried):
        if ":" in label:
            print(f"  {label}: {tried[label]:,}")
    print(f"{1000 * seconds / (tried['equal'] + tried['other']):.1f} ms an answer, from its text to its mark")
    print(*wrongly[:40], sep="\n")
    return 1 if wrongly else 0


if __name__ == "__main__":
    raise SystemExit(main())
