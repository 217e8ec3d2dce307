"""Simulated students: what do the marks say where it is known what each of them did?

    python tests/benchmarks/students.py [--problems 100] [--seed 1] [--kind rnn] [--show "not named"]

Problems are the examples of every kind with other numbers, a random choice of what is asked, and parts with other givens.
Every student solves them with the kind's own function: right, rounding in some way, with one mistake and everything after
it consistent, with a mistake made everywhere, with a given misread, with an error of arithmetic, or with numbers out of
the air. One table shows how often the marks miss; `--show` prints the cases behind one of its rows.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import statistics
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from hwcheck import grade, kinds, problems, submissions
from hwcheck.errors import ProblemError
from hwcheck.grade import Mark, Report
from hwcheck.problems import Part, ProblemFile
from hwcheck.reports.manual import example_text
from hwcheck.settings import Hypothesis, Setting
from hwcheck.values import Value, same
from hwcheck.working import STUMBLES, Working

KINDS = ("conv2d", "pool2d", "cnn", "mlp", "rnn", "newton_schulz", "fir")

# Problems: the examples with other numbers.

VALUES = {"input", "x", "h", "upstream", "W", "weight", "bias", "h0", "W_x", "W_h", "W_y", "b", "b_y", "target", "lr"}
SIZES = {"filters", "units", "size", "channels", "layers", "dense", "d_out", "d_in", "inputs", "hidden", "steps"}
TOKEN = re.compile(
    r"(?P<key>[A-Za-z_]\w*)(?=:)|(?P<size>\b\d+(?:x\d+)+\b)|(?P<number>(?<![\w.^/(-])-?\d+(?:\.\d+)?(?![\w.^/):]))"
)
OTHERS = {
    "conv2d": ["stride: 1", "stride: 2", "padding: 1", "padding: 0", "bias: 2"],
    "pool2d": ["method: average", "method: max", "stride: 1", "padding: 0"],
    "cnn": ["bias: false", "bias: true"],
    "mlp": ["bias: false", "bias: true"],
    "rnn": ["activation: identity", "lr: 0.03", "h0: 0.7", "steps: 3"],
    "newton_schulz": ["c: 3", "steps: 3"],
    "fir": ["shift: 2", "shift: 1"],
}
"""Givens of the parts that have others than the problem."""


def other_numbers(text: str, kind: str, rng: random.Random) -> str:
    """The givens of an example with other numbers of the same sort."""
    key = ""

    def change(match: re.Match[str]) -> str:
        nonlocal key
        if match["key"]:
            key = match["key"]
            return match["key"]
        if match["size"]:
            return "x".join(str(_near(int(size), rng)) if int(size) > 5 else size for size in match["size"].split("x"))
        if key in VALUES or (key == "kernel" and kind == "conv2d"):
            return _value(match["number"], key, rng)
        if key in SIZES:
            return str(_near(int(match["number"]), rng))
        return match["number"] if rng.random() < 0.8 or "." in match["number"] else str(abs(int(match["number"])) + 1)

    return TOKEN.sub(change, text)


def _near(size: int, rng: random.Random) -> int:
    return max(1, size + rng.randint(-(size // 3) - 1, size // 3 + 1))


def _value(number: str, key: str, rng: random.Random) -> str:
    if "." not in number:
        return str(rng.randint(0, 1) if key == "target" else rng.randint(-4, 9))
    places = len(number.partition(".")[2])
    value = round(abs(float(number)) * rng.uniform(0.3, 1.8), places) or 10.0**-places
    return f"{value if key == 'lr' or rng.random() < 0.7 else -value:.{places}f}"


def draw(kind_name: str, rng: random.Random) -> ProblemFile:
    """A random problem of a kind; numbers that make no sense are drawn again."""
    kind = kinds.load(kind_name)
    while True:
        given = rng.choice(kind.examples).partition("parts:")[0].rstrip()
        text = example_text(kind, other_numbers(given, kind_name, rng))
        try:
            asked = _asks(
                problems.parse(f"{text}parts: {{p: {{ask: {_any_quantity(text, kind_name)}}}}}".encode(), "p", "p"), rng
            )
            lines = [f'  p{n}: {{ask: "{ask}"}}' for n, ask in enumerate(asked)]
            file = problems.parse(f"{text}parts:\n{chr(10).join(lines)}\n".encode(), "p.yaml", "p")
        except ProblemError:
            continue
        for n, ask in enumerate(rng.sample(asked, min(3, len(asked)))):
            other = f'  o{n}: {{ask: "{ask}", given: {{{rng.choice(OTHERS[kind_name])}}}}}'
            try:
                file = problems.parse(f"{text}parts:\n{chr(10).join([*lines, other])}\n".encode(), "p.yaml", "p")
                lines.append(other)
            except ProblemError:
                continue
        return file


def _any_quantity(text: str, kind_name: str) -> str:
    """Something that can be asked of these givens, to get hold of everything else that can."""
    for name in kinds.load(kind_name).quantities:
        plain = re.sub(r"\.[a-zA-Z]$", ".1", name)
        try:
            problems.parse(f"{text}parts: {{p: {{ask: {plain}}}}}".encode(), "p", "p")
        except ProblemError:
            continue
        return plain
    raise ProblemError([])


def _asks(file: ProblemFile, rng: random.Random) -> list[str]:
    """Some quantities, whole, and an entry, a row, a shape or a family of some of them."""
    steps = file.parts[0].setting.right.steps
    names = [
        name for name, step in steps.items() if not isinstance(step.computed, np.ndarray) or step.computed.size <= 400
    ]
    some = rng.sample(names, min(len(names), rng.randint(3, 10)))
    asked = dict.fromkeys(some)
    for name in rng.sample(names, min(3, len(names))):
        value = steps[name].computed
        if isinstance(value, np.ndarray):
            origin = (steps[name].origin or 0) if value.ndim == 1 else 0
            entry = ", ".join(str(rng.randrange(size) + origin) for size in value.shape)
            asked[rng.choice([f"{name}[{entry}]", f"{name}[{entry.split(',')[0]}]", f"{name}.shape"])] = None
        elif re.search(r"\.\d+$", name) and (family := name.rsplit(".", 1)[0]) not in steps:
            asked[family] = None
    return [*asked]


# Students: the kind's function, with what they do at every step.

Change = Callable[[str, Value], Value]


class Student(Working):
    """A run in which every value is changed by `change` and noted, and gone on with as `rounding` leaves it."""

    def __init__(self, change: Change, rounding: Change, slip: Callable[[str, str], bool] | None = None) -> None:
        super().__init__(slip=slip)
        self.change = change
        self.rounding = rounding
        self.noted: dict[str, Value] = {}

    def __call__(self, name, value, **more):
        self.noted[name] = self.change(name, super().__call__(name, value, **more))
        return self.rounding(name, self.noted[name])


def keep(_name: str, value: Value) -> Value:
    return value


def every_real(rounding: Callable[[float], float]) -> Change:
    def one(x: float) -> float:
        return x if x == int(x) or rounding(x) == 0 else rounding(x)

    def change(_name: str, value: Value) -> Value:
        if isinstance(value, float):
            return one(value)
        return np.vectorize(one, otypes=[float])(value) if isinstance(value, np.ndarray) else value

    return change


HABITS: dict[str, tuple[Change, int]] = {
    "exact": (keep, 12),
    "3 digits at every step": (every_real(lambda x: float(f"{x:.3g}")), 3),
    "3 decimals at every step": (every_real(lambda x: round(x, 3)), 3),
    "3 digits in what is written": (keep, 3),
}
"""How a student goes on with what came out, and to how many digits it is written."""


def solve(
    setting: Setting, change: Change = keep, made: Hypothesis | None = None, rounding: Change = keep
) -> dict[str, Value]:
    """What a student would write under every name; nothing after a step that makes no sense."""
    givens, slip = setting.givens, None
    if made is not None and made.how == "slip":
        slip = lambda name, label: (name, label) == (made.name, made.label)  # noqa: E731
    elif made is not None and made.how == "habit":
        slip = lambda _name, label: label == made.label  # noqa: E731
    elif made is not None:
        givens = givens.replaced(made.name, made.value)
    student = Student(change, rounding, slip)
    try:
        with np.errstate(all="ignore"):
            setting.kind.function(givens, student)
    except (*STUMBLES, problems.Missing):
        pass
    return student.noted


def wrong_value(value: Value, rng: random.Random) -> Value | None:
    """Something else of the same sort, as an error of arithmetic makes it."""
    if isinstance(value, float):
        return float(f"{(value or 1.0) * (1 + rng.choice((-1, 1)) * rng.uniform(0.05, 0.6)):.4g}")
    if isinstance(value, int):
        return value + rng.choice((-1, 1)) * rng.randint(1, max(3, abs(value) // 5))
    if isinstance(value, tuple):
        at = rng.randrange(len(value))
        return tuple(max(1, size + rng.choice((-2, -1, 1, 2, 3))) if i == at else size for i, size in enumerate(value))
    if isinstance(value, np.ndarray):
        changed = np.array(value)
        for _ in range(rng.randint(1, 3)):
            changed.flat[rng.randrange(changed.size)] += rng.choice((-1, 1)) * rng.randint(1, 5)
        return changed
    return None


Answers = Mapping[int, Mapping[str, Value]]
"""What a student would write, by the id of the setting and by name."""


def of_part(part: Part, answers: Answers) -> list[tuple[str, Value | None]]:
    """The cells of a part with what the student has for them."""
    own = answers[id(part.setting)]
    found = []
    for cell in part.cells:
        value = own.get(cell.ask.name)
        picked = None if value is None else cell.ask.pick(value, part.setting.right.steps[cell.ask.name].origin)
        found.append((cell.at, picked))
    return found


def written(value: Value, digits: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    if isinstance(value, np.ndarray):
        return "[" + ", ".join(written(piece, digits) for piece in value) + "]"
    if isinstance(value, int):
        return str(value)
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:#.{digits}g}"


def submission(file: ProblemFile, answers: Answers, digits: int) -> str:
    lines = ["answers:"]
    for part in file.parts:
        cells = [(at, written(value, digits)) for at, value in of_part(part, answers) if value is not None]
        if part.family and cells:
            lines.append(f"  {part.name}: {{{', '.join(f'{at}: {text}' for at, text in cells)}}}")
        elif cells:
            lines.append(f"  {part.name}: {cells[0][1]}")
    return "\n".join(lines) + "\n"


# What the marks make of them.


@dataclass
class Count:
    """How many of how many, and what they were."""

    missed: int = 0
    of: int = 0
    cases: list[str] = field(default_factory=list)

    def add(self, missed: bool, case: str) -> None:
        self.of += 1
        self.missed += missed
        if missed:
            self.cases.append(case)


@dataclass
class Tally:
    """All counts of one kind, and the time every submission took."""

    counts: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    times: list[float] = field(default_factory=list)

    def graded(self, file: ProblemFile, text: str, what: str) -> Report | None:
        """A submission's marks; None where grading it raised something, which is counted."""
        try:
            start = time.perf_counter()
            report = grade.grade(file, submissions.match(submissions.parse(text.encode(), "a.yaml"), file))
            self.times.append(1000 * (time.perf_counter() - start))
        except Exception:  # whatever it is, it is what this row counts
            self.counts["exceptions"].add(True, f"{what}\n{_both(file, text)}{traceback.format_exc()}")
            return None
        self.counts["exceptions"].add(False, "")
        return report


def _both(file: ProblemFile, text: str) -> str:
    return f"{file.data.decode()}---\n{text}"


def cells_of(part: Part, mark: Mark) -> Iterator[tuple[str, str]]:
    """The verdict of every cell of a part."""
    if part.family:
        yield from ((shown.at, shown.verdict) for shown in mark.shown)
    else:
        yield "", mark.verdict


def right_students(file: ProblemFile, tally: Tally) -> None:
    for habit, (rounding, digits) in HABITS.items():
        answers = {id(part.setting): solve(part.setting, rounding=rounding) for part in file.parts}
        text = submission(file, answers, digits)
        report = tally.graded(file, text, habit)
        for part, mark in zip(file.parts, report.marks if report else (), strict=False):
            for at, verdict in cells_of(part, mark):
                if verdict == "blank":
                    continue  # a sigmoid rounded to 1 has no logarithm of 1 - p, and nothing after that can be answered
                case = f"{part.name} {part.asked} {at}: {verdict} {mark.cause or ''}\n{_both(file, text)}"
                tally.counts[f"right, not marked right: {habit}"].add(verdict not in ("right", "imprecise"), case)
                tally.counts[f"right, too near a slip to tell: {habit}"].add(verdict == "imprecise", case)


def mistaken(file: ProblemFile, setting: Setting, made: Hypothesis, what: str, tally: Tally) -> None:
    """A student with one mistake in the parts of one setting."""
    right = {id(part.setting): solve(part.setting) for part in file.parts}
    answers = {**right, id(setting): solve(setting, made=made)}
    changed = changed_cells(file, setting, answers)
    if not changed:
        return
    text = submission(file, answers, 12)
    report = tally.graded(file, text, f"{made}")
    if report is None:
        return
    marks = {mark.part: mark for mark in report.marks}
    verdicts = {(part.name, at): v for part in file.parts for at, v in cells_of(part, marks[part.name])}
    causes = [marks[name].cause for name, _ in changed if marks[name].cause]
    case = f"{made.how}: {made.label} {made.name} -> {[(c, verdicts[c], marks[c[0]].hint) for c in changed]}\n{_both(file, text)}"
    tally.counts[f"{what}: not named"].add(not any(made.label in cause for cause in causes), case)
    tally.counts[f"{what}: another is named"].add(
        bool(causes) and not any(made.label in cause for cause in causes), case
    )
    if what == "one slip":
        names = {(part.name, cell.at): cell.ask.name for part in file.parts for cell in part.cells}
        for cell in changed[1:]:
            verdict = verdicts[cell]
            if names[cell] in (made.name, names[changed[0]]):
                continue  # the same quantity asked again is wrong again
            note = f"{cell}: {verdict} {marks[cell[0]].hint}\n{case}"
            trivial = "nothing is left" in marks[cell[0]].hint
            tally.counts[f"{what}: follower takes nothing"].add(trivial, note)
            tally.counts[f"{what}: follower not marked follows"].add(
                verdict not in ("follows", "right") and not trivial, note
            )
    unharmed(file, answers, right, verdicts, what, tally, case)


def unharmed(
    file: ProblemFile, answers: Answers, right: Answers, verdicts: Mapping, what: str, tally: Tally, case: str
) -> None:
    """What the mistake does not touch is right."""
    for part in file.parts:
        for (at, value), (_, true) in zip(of_part(part, answers), of_part(part, right), strict=True):
            if value is not None and true is not None and same(value, true):
                missed = verdicts[part.name, at] != "right"
                tally.counts[f"{what}: right, not marked right"].add(missed, f"{part.name} {at} {case}")


def changed_cells(file: ProblemFile, setting: Setting, answers: Answers) -> list[tuple[str, str]]:
    """The cells whose answer is none that would pass for right, in the order of the working."""
    found = []
    for part in file.parts:
        if part.setting is setting:
            for (at, value), cell in zip(of_part(part, answers), part.cells, strict=True):
                if value is not None and not _close(value, part.right(cell)):
                    found.append((setting.order[cell.ask.name], part.name, at))
    return [(name, at) for _, name, at in sorted(found, key=lambda one: one[0])]


def _close(value: Value, right: Value) -> bool:
    if isinstance(value, float) and isinstance(right, float):
        return math.isclose(value, right, rel_tol=0.005)
    if isinstance(value, np.ndarray) and isinstance(right, np.ndarray):
        return value.shape == right.shape and bool((abs(value - right) <= 0.005 * abs(right).max()).all())
    return same(value, right)


def arithmetic_errors(file: ProblemFile, rng: random.Random, tally: Tally) -> None:
    """One error at an asked quantity, and everything after it consistent."""
    whole = [part for part in file.parts if part.cells[0].ask.whole and not part.family]
    if not whole:
        return
    at = rng.choice(whole)
    name, setting = at.cells[0].ask.name, at.setting
    right = {id(part.setting): solve(part.setting) for part in file.parts}
    error = wrong_value(right[id(setting)][name], rng)
    if error is None:
        return
    answers = {**right, id(setting): solve(setting, lambda n, value: error if n == name else value)}
    changed = changed_cells(file, setting, answers)
    text = submission(file, answers, 12)
    report = tally.graded(file, text, f"error at {name}")
    if report is None:
        return
    marks = {mark.part: mark for mark in report.marks}
    verdicts = {(part.name, cell): v for part in file.parts for cell, v in cells_of(part, marks[part.name])}
    names = {(part.name, cell.at): cell.ask.name for part in file.parts for cell in part.cells}
    for cell in changed:
        if names[cell] != name:
            note = f"{cell}: {verdicts[cell]} {marks[cell[0]].hint} after {name} = {written(error, 6)}\n{_both(file, text)}"
            trivial = "nothing is left" in marks[cell[0]].hint
            tally.counts["an error: follower takes nothing"].add(trivial, note)
            tally.counts["an error: follower not marked follows"].add(
                verdicts[cell] not in ("follows", "right") and not trivial, note
            )
    unharmed(file, answers, right, verdicts, "an error", tally, f"{name}\n{_both(file, text)}")


def out_of_the_air(file: ProblemFile, rng: random.Random, tally: Tally) -> None:
    """One or two answers that nothing leads to; everything else is right."""
    right = {id(part.setting): solve(part.setting) for part in file.parts}
    text = submission(file, right, 12).splitlines()
    chosen = {}
    for part in rng.sample(file.parts, min(len(file.parts), rng.randint(1, 2))):
        value = part.right(part.cells[0])
        wrong = None if part.family else wrong_value(value, rng)
        if wrong is None or _close(wrong, value):
            continue
        chosen[part.name] = next((n for t, n in TYPES.items() if isinstance(value, t)), "")
        text = [f"  {part.name}: {written(wrong, 4)}" if line.startswith(f"  {part.name}:") else line for line in text]
    report = tally.graded(file, "\n".join(text) + "\n", "out of the air")
    for mark in report.marks if report else ():
        if mark.part in chosen:
            case = f"{mark.part} {mark.ask}: {mark.verdict} {mark.cause} {mark.hint}\n{_both(file, chr(10).join(text))}"
            tally.counts[f"out of the air: a cause for {chosen[mark.part]}"].add(mark.cause is not None, case)
            tally.counts["out of the air: earns as if right"].add(mark.verdict in ("right", "follows"), case)
        else:
            tally.counts["out of the air: the rest not marked right"].add(
                mark.verdict != "right", f"{mark}\n{_both(file, chr(10).join(text))}"
            )


TYPES = {float: "a real", int: "a whole number", tuple: "a shape", np.ndarray: "an array"}
MADE = {
    "slip": "one slip",
    "habit": "a slip everywhere",
    "misread": "a misread given",
    "convention": "another convention",
}


def study(kind_name: str, number: int, seed: int) -> Tally:
    """All students over some problems of one kind."""
    rng = random.Random(f"{seed} {kind_name}")
    tally = Tally()
    for _ in range(number):
        file = draw(kind_name, rng)
        right_students(file, tally)
        settings = list({id(part.setting): part.setting for part in file.parts}.values())
        for how, most in (("slip", 8), ("habit", 3), ("misread", 2), ("convention", 2)):
            every = [(setting, made) for setting in settings for made in setting.hypotheses if made.how == how]
            for setting, made in rng.sample(every, min(most, len(every))):
                mistaken(file, setting, made, MADE[how], tally)
        for _ in range(5):
            arithmetic_errors(file, rng, tally)
            out_of_the_air(file, rng, tally)
    return tally


def table(tallies: Mapping[str, Tally]) -> None:
    """Every row how many were missed, of how many, for every kind."""
    rows = sorted({row for tally in tallies.values() for row in tally.counts})
    print(f"{'missed of all':58}" + "".join(f"{name:>15}" for name in tallies))
    for row in rows:
        counts = [tally.counts.get(row, Count()) for tally in tallies.values()]
        print(f"{row:58}" + "".join(f"{f'{c.missed}/{c.of}' if c.of else '':>15}" for c in counts))
    for name, value in (
        ("median", statistics.median),
        ("95 %", lambda t: statistics.quantiles(t, n=20)[-1]),
        ("most", max),
    ):
        print(
            f"{f'milliseconds a submission, {name}':58}" + "".join(f"{value(t.times):15.1f}" for t in tallies.values())
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Simulated students against the marks they get.")
    parser.add_argument("--problems", type=int, default=100, help="how many problems of every kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=KINDS, action="append", help="these kinds only")
    parser.add_argument("--show", default="", help="print the cases of the rows that hold these words")
    parser.add_argument("--most", type=int, default=3, help="how many cases of every row")
    options = parser.parse_args()
    tallies = {name: study(name, options.problems, options.seed) for name in options.kind or KINDS}
    table(tallies)
    for name, tally in tallies.items():
        for row, count in tally.counts.items():
            if options.show and options.show in row:
                for case in count.cases[: options.most]:
                    print(f"\n=== {name}: {row}\n{case}")


if __name__ == "__main__":
    main()
