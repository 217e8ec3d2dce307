"""The working as text: each quantity with its formula, the numbers in it, and its value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from hwcheck import expressions
from hwcheck.expressions import ExpressionError
from hwcheck.given import Givens
from hwcheck.kernels.types import Array
from hwcheck.problems import Part, Problem
from hwcheck.settings import Ask, Cell, bound_names
from hwcheck.values import Drawn, show, show_number
from hwcheck.working import DrawnStep, Step

MAX_FORMULA = 200


class Line(NamedTuple):
    """One step of the working. `numbers` is the formula with the numbers in it, or a first entry worked out.

    `array` is the value where it is one, for those who can show it as rows and columns.
    """

    name: str
    formula: str
    numbers: str
    value: str
    array: Array | None


def worked(problem: Problem, parts: list[Part]) -> Iterator[tuple[list[Part], list[Line]]]:
    """For every group of parts with equal givens, the steps up to the last one asked."""
    groups: dict[int, list[Part]] = {}
    for part in parts:
        if not part.by_hand:
            groups.setdefault(id(part.setting), []).append(part)
    for group in groups.values():
        setting = group[0].setting
        last = max(setting.order[cell.ask.name] for part in group for cell in part.cells)
        steps = [step for step in setting.right.steps.values() if setting.order[step.name] <= last]

        def symbolic(name: str, part: Part = group[0]) -> str:
            return part._replace(form="").right_text(Cell(Ask(name)))

        yield group, [line(problem, step, setting.right.steps, setting.givens, symbolic) for step in steps]


def line(
    problem: Problem,
    step: Step,
    steps: Mapping[str, Step],
    givens: Givens,
    symbolic: Callable[[str], str] = lambda _: "",
) -> Line:
    """One step, in the problem's own names; `symbolic` gives the formula of a quantity in symbols alone."""
    value = step.computed
    if isinstance(value, Drawn) or step.variables:
        formula = "" if isinstance(step, DrawnStep) and len(step.formula) > MAX_FORMULA else step.formula
        return Line(problem.shown(step.name), problem.shown_formula(formula), "", symbolic(step.name), None)
    shown = _array(value) if isinstance(value, np.ndarray) else show(value, 9)
    array = value if isinstance(value, np.ndarray) else None
    return Line(
        problem.shown(step.name), problem.shown_formula(_tidy(step)), _numbers(step, steps, givens), shown, array
    )


def _array(value: np.ndarray) -> str:
    text = show(value)
    return text if len(text) <= 400 else f"an array of {' × '.join(map(str, value.shape))}, {text[:60]} …"


def _tidy(step: Step) -> str:
    """The formula without functions that do nothing (an activation that is the identity)."""
    try:
        tree = expressions.parse(step.formula)
    except ExpressionError:
        return step.formula
    idle = {expressions.key(name) for name, bound in step.names.items() if _name_of(bound) == "identity"}
    return expressions.render(tree, lambda key, _: "" if key in idle else None) if idle else step.formula


def _numbers(step: Step, steps: Mapping[str, Step], givens: Givens) -> str:
    if step.first is not None:
        text = step.first()
        return (
            f"first entry: {text} = {show_number(float(step.computed.flat[0]))}"
            if isinstance(step.computed, np.ndarray)
            else text
        )
    if not step.formula:
        return ""
    try:
        tree = expressions.parse(step.formula)
    except ExpressionError:
        return ""
    bound = bound_names(step, steps, givens)
    replaced = []

    def put(key: str, text: str) -> str | None:
        value = bound.get(key)
        if callable(value):
            return "" if _name_of(value) == "identity" else _name_of(value)
        if isinstance(value, int | float):
            replaced.append(text)
            return show_number(value).replace(",", "")
        return None

    text = expressions.render(tree, put)
    return text if replaced else ""


def _name_of(function: object) -> str:
    return getattr(function, "__name__", "")
