"""What the tests of LSTM and GRU share: PyTorch's cases, weights joined over [h, x], formulas tried on arrays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from solving import givens_of, working_of

from hwcheck import evaluation, expressions
from hwcheck.expressions import ExpressionError
from hwcheck.formulas import matrix
from hwcheck.settings import bound_names

DATA = Path(__file__).parent / "data"


def read(name: str) -> dict[str, list[dict[str, Any]]]:
    """A file made by `data/make_gates_data.py`."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def cases(name: str) -> list[Any]:
    """Its cases, as parameters of a test."""
    found = read(name)["cases"]
    assert len(found) > 5
    return [pytest.param(case, id=_label(case["given"])) for case in found]


def sizes(name: str) -> list[Any]:
    """Its numbers of parameters, as parameters of a test."""
    return [pytest.param(case, id=str(case["given"])) for case in read(name)["sizes"]]


def _label(given: dict[str, Any]) -> str:
    steps, m = np.shape(given["x"]), len(given["h0"])
    ways = " ".join(given[one] for one in ("update", "reset", "outputs", "loss") if one in given)
    return f"{m} units, {steps[1]} inputs, {steps[0]} steps, {ways}"


def yaml(given: dict[str, Any]) -> str:
    """Givens as the text of a problem file."""
    return json.dumps(given)


def joined(given: dict[str, Any], letters: str, order: str) -> dict[str, Any]:
    """The same with weights over [h, x] or [x, h]."""
    same = {name: value for name, value in given.items() if not name.startswith(("U_", *(f"W_{x}" for x in letters)))}
    both = {f"W_{x}": side_by_side(given[f"U_{x}"], given[f"W_{x}"], order) for x in letters}
    return {**same, **both, "order": order}


def side_by_side(U: list[list[float]], W: list[list[float]], order: str) -> list[list[float]]:
    """Two matrices as one."""
    return np.hstack([U, W] if order == "hx" else [W, U]).tolist()


def agree(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Every expected quantity is there, in its shape and to ten digits."""
    for name, value in expected.items():
        assert name in found, name
        assert np.shape(found[name]) == np.shape(value), name
        np.testing.assert_allclose(found[name], value, rtol=1e-10, atol=1e-13, err_msg=name)


def wrong_formulas(kind: str, given: str) -> list[str]:
    """The quantities whose formula, on arrays as students write them, does not give their value; all that have one."""
    done = working_of(kind, given)
    wrong, tried = [], 0
    for step in done.steps.values():
        if not step.formula:
            continue
        bound = {**arrays_of(kind, given), **bound_names(step, done.steps, givens_of(kind, given))}
        names = {name: matrix(value) for name, value in bound.items()}
        try:
            value = evaluation.evaluate(
                expressions.parse(step.formula, names=expressions.Names(frozenset(names))), names
            )
        except ExpressionError as error:
            wrong.append(f"{step.name}: {error.message}")
            continue
        tried += 1
        if not np.allclose(np.ravel(value), np.ravel(step.computed), rtol=1e-10, atol=1e-13):
            wrong.append(step.name)
    assert tried > 3
    return wrong


def arrays_of(kind: str, given: str) -> dict[str, Any]:
    """The givens that are arrays, by key."""
    values = givens_of(kind, given).values
    return {expressions.key(name): value for name, value in values.items() if isinstance(value, np.ndarray)}
