"""The kinds of problem: one file each, found by its name."""

from __future__ import annotations

import importlib
import inspect
import re
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
        signs: quantity → its printed sign, which a student may use in later formulas.
    """

    name: str
    function: Callable[[Any, Working], None]
    givens: type[Givens]
    source: str
    quantities: Mapping[str, str]
    examples: tuple[str, ...]
    by_hand: bool = False
    tables: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    signs: Mapping[str, str] = MappingProxyType({})

    def sign(self, quantity: str) -> str:
        """The printed sign of a quantity, by its own name or the last word of it (`conv1.width` is W_out); empty for none."""
        return self.signs.get(quantity) or self.signs.get(f"NAME.{quantity.rpartition('.')[2]}", "")

    def has(self, quantity: str) -> bool:
        """Whether a quantity of that name is documented."""
        return any(matches(quantity, pattern) for pattern in self.quantities)

    @property
    def doc(self) -> str:
        """What the kind is, from its docstring."""
        return inspect.getdoc(self.function) or ""


def matches(name: str, pattern: str) -> bool:
    """Whether a name is of a documented family: `h.2` of `h.t`, `conv1.params` of `NAME.params`."""
    words: list[str] = []
    for word in pattern.split("."):
        if len(word) == 1 and words:
            words.append(r"\d+")
        elif len(word) > 1 and word.isupper():
            words.append(r"[A-Za-z]\w*")
        else:
            words.append(re.escape(word))
    return re.fullmatch(r"\.".join(words), name) is not None or name == re.sub(r"\.[A-Za-z]$", "", pattern)


_declared: dict[str, Kind] = {}


def kind(
    *,
    source: str,
    quantities: Mapping[str, str],
    examples: tuple[str, ...],
    by_hand: bool = False,
    tables: Mapping[str, tuple[str, ...]] | None = None,
    signs: Mapping[str, str] | None = None,
) -> Callable[[Function], Function]:
    """Declare a function `name(given, work)` as the kind of that name; the function is returned unchanged."""

    def declare(function: Function) -> Function:
        annotation = next(iter(inspect.get_annotations(function, eval_str=True).values()))
        _declared[function.__name__] = Kind(
            function.__name__, function, annotation, source, quantities, examples, by_hand, tables or {}, signs or {}
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
