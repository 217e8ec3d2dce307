"""Solving a problem of one kind straight from the text of its givens, for tests."""

from __future__ import annotations

from collections.abc import Mapping

from hwcheck import kinds
from hwcheck.errors import Missing
from hwcheck.given import Givens, Reader, read_givens
from hwcheck.values import Value
from hwcheck.working import Run, run
from hwcheck.yamltree import Node, parse


def givens_of(kind_name: str, given_yaml: str) -> Givens:
    """The givens behind `{x: [1, 2], …}`; the first error among them is raised."""
    tree = parse(given_yaml)
    givens, errors = read_givens(kinds.load(kind_name).givens, {key.text: node for key, node in tree}, Reader(_no_link))
    for error in errors:
        raise error
    return givens


def working_of(kind_name: str, given_yaml: str, carry: Mapping[str, Value] | None = None) -> Run:
    """One run; whatever ends it early is raised, except a given that is not there."""
    done = run(kinds.load(kind_name).function, givens_of(kind_name, given_yaml), carry=carry or {})
    if done.ended is not None and not isinstance(done.ended, Missing):
        raise done.ended
    return done


def solve(kind_name: str, given_yaml: str) -> dict[str, Value]:
    """Every quantity that the givens allow."""
    return {name: step.computed for name, step in working_of(kind_name, given_yaml).steps.items()}


def slip_of(kind_name: str, given_yaml: str, name: str, label: str) -> Value | None:
    """What a slip gives at a quantity."""
    return working_of(kind_name, given_yaml).steps[name].slip_value(label)


def _no_link(target: str, _node: Node) -> Value:
    raise AssertionError(f"these tests have no other part {target}")
