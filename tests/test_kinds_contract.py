"""What every kind promises, tested on every kind that is there."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator

import numpy as np
import pytest

from hwcheck import evaluation, expressions, grade, kinds, problems, submissions
from hwcheck.errors import Missing, Undefined
from hwcheck.expressions import ExpressionError
from hwcheck.kinds import matches
from hwcheck.problems import ProblemFile
from hwcheck.reports import as_yaml
from hwcheck.reports.manual import example_text
from hwcheck.settings import Setting, bound_names
from hwcheck.values import Value, form, same
from hwcheck.working import STUMBLES, Working, run

KINDS = kinds.names()
EXAMPLES = [(name, number) for name in KINDS for number in range(len(kinds.load(name).examples))]


def example(name: str, number: int) -> ProblemFile:
    kind = kinds.load(name)
    return problems.parse(example_text(kind, kind.examples[number]).encode(), f"{name}.yaml", name.replace("_", "-"))


def settings(file: ProblemFile) -> list[Setting]:
    return list({id(part.setting): part.setting for part in file.parts}.values())


def all_settings(name: str) -> Iterator[Setting]:
    for number in range(len(kinds.load(name).examples)):
        yield from settings(example(name, number))


every_example = pytest.mark.parametrize(("name", "number"), EXAMPLES)
every_kind = pytest.mark.parametrize("name", KINDS)


@every_kind
def test_a_kind_says_what_it_is_and_where_from(name: str) -> None:
    kind = kinds.load(name)
    assert kind.name == name
    assert kind.doc.split("\n")[0].endswith(".")
    assert kind.source
    assert len(kind.examples) >= (1 if kind.by_hand else 2)
    for given, field in kind.givens.fields.items():
        assert field.doc, given
        assert field.expects, given
    for quantity, doc in kind.quantities.items():
        assert doc, quantity


@every_kind
def test_every_quantity_is_documented_and_every_documented_one_is_reached(name: str) -> None:
    kind = kinds.load(name)
    reached = {step for setting in all_settings(name) for step in setting.right.steps}
    for step in reached:
        assert any(matches(step, pattern) for pattern in kind.quantities), f"{step} is not documented"
    for pattern in kind.quantities:
        assert any(matches(step, pattern) for step in reached), f"{pattern} is in no example"


@every_example
def test_no_example_ends_by_accident(name: str, number: int) -> None:
    for setting in settings(example(name, number)):
        assert setting.right.ended is None or isinstance(setting.right.ended, Missing)


@every_kind
def test_every_slip_changes_something_in_an_example_and_keeps_its_type(name: str) -> None:
    changes: dict[tuple[str, str], bool] = {}
    for setting in all_settings(name):
        for step in setting.right.steps.values():
            for label in step.slips:
                slipped = step.slip_value(label)
                pattern = next(p for p in kinds.load(name).quantities if matches(step.name, p))
                differs = slipped is not None and not same(slipped, step.computed)
                changes[pattern, label] = changes.get((pattern, label), False) or differs
    assert [slip for slip, changed in changes.items() if not changed] == []


@every_example
def test_a_slip_gives_the_same_value_when_it_is_asked_late(name: str, number: int) -> None:
    # A lambda that closes over a loop variable would give the last one's value.
    for setting in settings(example(name, number)):
        noting = Noting()
        with contextlib.suppress(Missing, Undefined):
            setting.kind.function(setting.givens, noting)
        for (step_name, label), value in noting.early.items():
            late = noting.steps[step_name].slip_value(label)
            assert (value is None) == (late is None), (step_name, label)
            assert value is None or late is None or same(value, late), (step_name, label)


class Noting(Working):
    """A working that asks for every slip at once."""

    def __init__(self) -> None:
        super().__init__()
        self.early: dict[tuple[str, str], Value | None] = {}

    def __call__(self, name, value, **more):
        handed = super().__call__(name, value, **more)
        step = self.steps[name]
        self.early |= {(name, label): step.slip_value(label) for label in step.slips}
        return handed


@every_example
def test_an_answer_that_makes_no_sense_does_no_harm(name: str, number: int) -> None:
    """Rule 5: every name carried as 0, −1, ½, 10⁶, 10¹² or another size returns or raises, and quickly."""
    for setting in settings(example(name, number)):
        for step in setting.right.steps.values():
            for odd in odd_values(step.computed):
                before = time.process_time()
                done = run(setting.kind.function, setting.givens, carry={step.name: odd})
                assert done.ended is None or isinstance(done.ended, (Missing, *STUMBLES)), (step.name, odd)
                # A loop over 10⁶ or an array of 10¹² would take far longer, also on a busy machine.
                assert time.process_time() - before < 5.0, (step.name, odd)


def odd_values(value: Value) -> list[Value]:
    if isinstance(value, int):
        return [0, -1, 10**6, 10**12]
    if isinstance(value, float):
        return [0.0, -1.0, 0.5, 1e6, 1e12]
    if isinstance(value, tuple):
        return [tuple([1] * len(value)), tuple([10**6] * len(value)), tuple(range(1, len(value) + 1))]
    if isinstance(value, np.ndarray):
        other = np.ones([size + 1 for size in value.shape])
        return [
            np.zeros(value.shape),
            np.full(value.shape, 1e12),
            other,
            other[tuple(slice(0, 1) for _ in value.shape)],
        ]
    return []


@every_example
def test_a_carried_value_is_handed_back_and_what_was_computed_is_kept(name: str, number: int) -> None:
    for setting in settings(example(name, number)):
        for step in list(setting.right.steps.values())[:40]:
            if isinstance(step.computed, str):
                continue
            done = run(setting.kind.function, setting.givens, carry={step.name: step.computed})
            for other in setting.right.steps:
                assert same(done.steps[other].computed, setting.right.steps[other].computed), (step.name, other)


@every_example
def test_a_slip_made_alone_is_found_again(name: str, number: int) -> None:
    """A student who makes one slip at the asked step and nothing else is told of that slip, or of one that looks alike."""
    file = example(name, number)
    for part in file.parts:
        if part.by_hand or part.family:
            continue
        cell = part.cells[0]
        step = part.setting.right.steps[cell.ask.name]
        if step.variables:
            continue  # a slip's values are no formula
        for label in step.slips:
            slipped = step.slip_value(label)
            picked = None if slipped is None else cell.ask.pick(slipped, step.origin)
            if picked is None or same(picked, part.right(cell)):
                continue
            report = mark(file, {part.name: as_yaml.written(picked)})
            found = next(m for m in report.marks if m.part == part.name)
            assert found.verdict in ("wrong", "partial", "imprecise", "convention"), (part.name, label, found)
            if found.cause is None:
                continue  # a whole number that chance could explain
            alike = [other for other in step.slips if (v := step.slip_value(other)) is not None and same(v, slipped)]
            assert any(one in found.cause for one in alike) or found.verdict == "convention", (
                part.name,
                label,
                found.cause,
            )


def mark(file: ProblemFile, answers: dict[str, str]) -> grade.Report:
    text = "answers:\n" + "".join(f"  {name}: {answer}\n" for name, answer in answers.items())
    draft = submissions.parse(text.encode(), "answers.yaml")
    return grade.grade(file, submissions.match(draft, file))


@every_example
def test_results_do_not_depend_on_memory_order(name: str, number: int) -> None:
    for setting in settings(example(name, number)):
        values = {
            given: np.asfortranarray(value) if isinstance(value, np.ndarray) else value
            for given, value in setting.givens.values.items()
        }
        turned = run(setting.kind.function, type(setting.givens)(values))
        for step in setting.right.steps.values():
            assert form(turned.steps[step.name].computed) == form(step.computed)
            assert np.array_equal(turned.steps[step.name].computed, step.computed), step.name  # type: ignore[arg-type]


@every_example
def test_formulas_are_read_and_agree_with_the_value(name: str, number: int) -> None:
    for setting in settings(example(name, number)):
        steps = setting.right.steps
        for step in steps.values():
            if not step.formula or isinstance(step.computed, str):
                continue
            tree = expressions.parse(step.formula)
            known = bound_names(step, steps, setting.givens)
            scalars = {n: v for n, v in known.items() if isinstance(v, int | float) or callable(v)}
            try:
                value = evaluation.evaluate(tree, scalars)
            except ExpressionError:
                continue  # not plain arithmetic
            first = step.computed[0] if isinstance(step.computed, tuple) else np.ravel(step.computed)[0]  # type: ignore[arg-type]
            assert math.isclose(float(value), float(first), rel_tol=1e-9, abs_tol=1e-12), (step.name, step.formula)


@every_example
def test_a_first_entry_that_is_worked_out_agrees_with_the_value(name: str, number: int) -> None:
    for setting in settings(example(name, number)):
        for step in setting.right.steps.values():
            if step.first is None or "…" in (text := step.first()):
                continue
            value = evaluation.evaluate(expressions.parse(text))
            assert math.isclose(float(value), float(np.ravel(step.computed)[0]), rel_tol=1e-9, abs_tol=1e-9), step.name  # type: ignore[arg-type]


@every_example
def test_a_gradient_is_the_slope_of_the_objective(name: str, number: int) -> None:
    """Rule 14: `grad_X` against central differences; a quantity is nudged by carrying it."""
    for setting in settings(example(name, number)):
        for step in setting.right.steps.values():
            if not step.name.startswith("grad_"):
                continue
            what = step.name.removeprefix("grad_")
            value = nudged_from(setting, what)
            assert value is not None, f"{step.name}: there is no {what}"
            flat = np.atleast_1d(np.asarray(value, dtype=float)).ravel()
            found = np.atleast_1d(np.asarray(step.computed, dtype=float)).ravel()
            assert found.shape == flat.shape, step.name
            for i in range(min(flat.size, 40)):
                here = objective(setting, what, value, i, 0.0)
                right = (objective(setting, what, value, i, 1e-5) - here) / 1e-5
                left = (here - objective(setting, what, value, i, -1e-5)) / 1e-5
                slope = (left + right) / 2
                if abs(left - right) > 1e-2:  # a kink: any slope between the two is one
                    assert min(left, right) - 1e-6 <= found[i] <= max(left, right) + 1e-6, (step.name, i)
                    continue
                assert math.isclose(found[i], slope, rel_tol=2e-5, abs_tol=1e-7), (step.name, i, found[i], slope)


def nudged_from(setting: Setting, what: str) -> Value | None:
    step = setting.right.steps.get(what)
    if step is not None:
        return step.computed
    listed = entry_of(setting, what)
    if listed is not None:
        return listed[0][listed[1]]
    field = setting.kind.givens.fields.get(what)
    return None if field is None else setting.givens.values.get(what, None if field.required else field.default)


def entry_of(setting: Setting, what: str) -> tuple[tuple[Value, ...], int] | None:
    """The list behind `W.2`, a given with one entry a layer, and the place in it."""
    name, _, number = what.partition(".")
    values = setting.givens.values.get(name)
    return (values, int(number) - 1) if isinstance(values, tuple) and number.isdigit() else None


def objective(setting: Setting, what: str, value: Value, i: int, by: float) -> float:
    if isinstance(value, np.ndarray):
        moved: Value = value.copy()
        moved.flat[i] += by  # type: ignore[union-attr]
    else:
        moved = float(value) + by  # type: ignore[arg-type]
    if what in setting.right.steps:
        done = run(setting.kind.function, setting.givens, carry={what: moved})
        if "loss" not in done.steps and "value" not in done.steps and what == "output":
            return float(np.sum(setting.givens.values["upstream"] * moved))
    elif (listed := entry_of(setting, what)) is not None:
        values, place = listed
        changed = (*values[:place], moved, *values[place + 1 :])
        done = run(setting.kind.function, setting.givens.replaced(what.partition(".")[0], changed))
    else:
        done = run(setting.kind.function, setting.givens.replaced(what, moved))
    if "upstream" in setting.givens.values:
        output = done.steps.get("output") or done.steps["p"]
        return float(np.sum(setting.givens.values["upstream"] * output.computed))  # type: ignore[operator]
    found = done.steps["value" if setting.kind.name == "loss" else "loss"]
    return float(found.computed)  # type: ignore[arg-type]


@every_example
def test_an_examples_own_solution_earns_full_marks(name: str, number: int) -> None:
    file = example(name, number)
    draft = submissions.parse(as_yaml.solution(file, None).encode(), "answers.yaml")
    report = grade.grade(file, submissions.match(draft, file))
    assert [m for m in report.marks if m.verdict not in ("right", "manual")] == []
    assert report.points == report.of
    assert report.faults == ()


@every_example
def test_blank_and_nonsense_earn_nothing(name: str, number: int) -> None:
    file = example(name, number)
    for answer in ("", "what?", "∂∂∂", "[[[["):
        report = mark(file, {part.name: answer for part in file.parts})
        assert report.points == 0


@every_example
def test_zeros_earn_nothing_where_the_right_value_is_not_zero(name: str, number: int) -> None:
    file = example(name, number)
    answers = {}
    for part in file.parts:
        if part.by_hand:
            continue
        value = part.right(part.cells[0])
        zeros = {cell.at: as_yaml.written(zeroed(part.right(cell))) for cell in part.cells}
        answers[part.name] = (
            "{" + ", ".join(f"{at}: {z}" for at, z in zeros.items()) + "}"
            if part.family
            else as_yaml.written(zeroed(value))
        )
    report = mark(file, answers)
    for part, found in zip(file.parts, report.marks, strict=True):
        if not part.by_hand and all(np.any(part.right(cell)) for cell in part.cells):  # type: ignore[arg-type]
            assert found.points == 0, (part.name, found)


def zeroed(value: Value) -> Value:
    if isinstance(value, np.ndarray):
        return np.zeros(value.shape)
    if isinstance(value, tuple):
        return tuple(0 for _ in value)
    return "" if isinstance(value, str) else 0


@every_kind
def test_every_misread_given_and_convention_changes_something_in_an_example(name: str) -> None:
    changes: dict[tuple[str, str], bool] = {}
    for setting in all_settings(name):
        for hypothesis in setting.hypotheses:
            if hypothesis.how in ("misread", "convention"):
                steps = setting.under(hypothesis).steps
                right = setting.right.steps
                changed = any(n not in steps or not same(steps[n].computed, right[n].computed) for n in right)
                key = hypothesis.name, hypothesis.label
                changes[key] = changes.get(key, False) or changed
    assert [reading for reading, changed in changes.items() if not changed] == []


@every_example
def test_rounding_on_the_way_keeps_a_solution_right(name: str, number: int) -> None:
    """A student who rounds every real number to three digits, and goes on with that, is right everywhere."""
    file = example(name, number)
    for setting in settings(file):
        if setting.kind.by_hand:
            continue
        rounded = setting.rounded
        if not rounded:
            continue
        answers = {}
        for part in file.parts:
            if part.setting is setting and not part.family and isinstance(part.right(part.cells[0]), float):
                step = rounded[0].steps[part.cells[0].ask.name]
                picked = part.cells[0].ask.pick(step.computed, step.origin)
                answers[part.name] = f"{picked:.3g}"
        report = mark(file, answers)
        for found in report.marks:
            if found.part in answers:
                assert found.verdict == "right", (found, answers[found.part])


def test_a_name_is_matched_to_its_family() -> None:
    assert matches("h.2", "h.t")
    assert matches("conv1.params", "NAME.params")
    assert not matches("conv1.params", "NAME.param")
    assert not matches("h.x", "h.t")
