"""The kinds of problem: one file each, found by its name."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from hwcheck.given import Givens
from hwcheck.working import Working

Function = TypeVar("Function", bound=Callable[[Any, Working], None])


class Kind(NamedTuple):
    """A kind as the rest of the program sees it.

    Attributes:
        name: the file's name.
        function: solves one problem, naming each quantity to the working.
        givens: the class that declares the givens.
        source: where the definitions come from.
        quantities: name (with `.t` or `NAME.` for families) → what it is.
        examples: problem texts in YAML that together reach every quantity.
        by_hand: whether a person marks it.
        tables: name of a table → what stands in its columns, for every NAME that has them all.
    """

    name: str
    function: Callable[[Any, Working], None]
    givens: type[Givens]
    source: str
    quantities: Mapping[str, str]
    examples: tuple[str, ...]
    by_hand: bool = False
    tables: Mapping[str, tuple[str, ...]] = MappingProxyType({})

    @property
    def doc(self) -> str:
        """What the kind is, from its docstring."""
        return inspect.getdoc(self.function) or ""


_declared: dict[str, Kind] = {}


def kind(
    *,
    source: str,
    quantities: Mapping[str, str],
    examples: tuple[str, ...],
    by_hand: bool = False,
    tables: Mapping[str, tuple[str, ...]] | None = None,
) -> Callable[[Function], Function]:
    """Declare a function `name(given, work)` as the kind of that name; the function is returned unchanged."""

    def declare(function: Function) -> Function:
        annotation = next(iter(inspect.get_annotations(function, eval_str=True).values()))
        _declared[function.__name__] = Kind(
            function.__name__, function, annotation, source, quantities, examples, by_hand, tables or {}
        )
        return function

    return declare


def names() -> list[str]:
    """All kinds there are."""
    return sorted(file.stem for file in Path(__file__).parent.glob("[a-z]*.py"))


@cache
def load(name: str) -> Kind:
    """The kind of that name.

    Raises:
        KeyError: there is none.
    """
    if name not in names():
        raise KeyError(name)
    importlib.import_module(f"hwcheck.kinds.{name}")
    return _declared[name]
