"""One problem with one set of givens, and the runs of its kind that do not depend on any student.

Parts with equal givens share a setting. Its runs are made once, and only when an answer first needs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from hwcheck import expressions
from hwcheck.errors import Missing, Undefined
from hwcheck.given import GivenError, Givens, Reader, axes_of, in_rows, read_givens
from hwcheck.kinds import Kind
from hwcheck.symbols import DRAWS, MAX_TRIED, Domain, draws
from hwcheck.values import Drawn, Value, magnitude, same
from hwcheck.words import quoted, suggestion
from hwcheck.working import DrawnStep, Run, Step, gathered, recurrence, run
from hwcheck.yamltree import Node, Scalar, Sequence


class Ask(NamedTuple):
    """What a part asks: a quantity, and perhaps an entry, a row or a slice of it, or its shape.

    `entry` counts from 0, except for signals, where it is the signal's own index.
    """

    name: str
    entry: tuple[int | slice, ...] = ()
    shape: bool = False

    @property
    def whole(self) -> bool:
        """Whether the quantity itself is asked, so that an answer can be carried."""
        return not self.entry and not self.shape

    def pick(self, value: Value, origin: int | None = None) -> Value | None:
        """The asked piece of a quantity's value, or None where there is no such piece."""
        if self.whole:
            return value
        if isinstance(value, Drawn):
            picked = tuple(None if each is None else self.pick(each, origin) for each in value.values)
            return Drawn(picked) if any(each is not None for each in picked) else None
        if not isinstance(value, np.ndarray):
            return None
        if self.shape:
            return tuple(value.shape)
        first = origin or 0
        if len(self.entry) > value.ndim:
            return None
        index = tuple(
            i - first if isinstance(i, int) else slice(_less(i.start, first), _less(i.stop, first)) for i in self.entry
        )
        for position, size in zip(index, value.shape, strict=False):
            if isinstance(position, int) and not 0 <= position < size:
                return None
            if isinstance(position, slice) and (
                min(position.start or 0, position.stop or 0) < 0 or (position.stop or 0) > size
            ):
                return None
        piece = value[index]
        return None if piece.size == 0 else piece if piece.ndim else float(piece)


def _less(bound: int | None, origin: int) -> int | None:
    return None if bound is None else bound - origin


def read_ask(text: str) -> Ask | None:
    """`output[0, 1]`, `h.2`, `output.shape`, `weights[0:2, :]`; None where it is none of these."""
    match = re.fullmatch(r"\s*([A-Za-z_][\w.\-]*(?:\([a-z]\))?)\s*(?:\[([^\[\]]*)\])?\s*", text)
    if match is None:
        return None
    index: list[int | slice] = []
    for piece in match[2].split(",") if match[2] is not None else []:
        one = re.fullmatch(r"\s*([+-]?\d{1,9})\s*", piece)
        many = re.fullmatch(r"\s*([+-]?\d{1,9})?\s*:\s*([+-]?\d{1,9})?\s*", piece)
        if one:
            index.append(int(one[1]))
        elif many:
            index.append(slice(*(int(bound) if bound else None for bound in many.groups())))
        else:
            return None
    return Ask(match[1], tuple(index))


class Cell(NamedTuple):
    """One value that is asked: a part's own, or one cell of a family or table.

    `at` names the cell within its part ("h.2"); it is empty where the part is the cell.
    """

    ask: Ask
    at: str = ""


class Hypothesis(NamedTuple):
    """One way a student may have solved it otherwise than right.

    Attributes:
        how: a slip at one name, the same slip everywhere, a misread given, or another convention.
        label: completes "You …".
        name: where the slip was made, or which given was read otherwise; empty for a habit.
        value: what the given was read as.
    """

    how: Literal["slip", "habit", "misread", "convention"]
    label: str
    name: str = ""
    value: Any = None


Rounding = Callable[[float], float]


def _significant(digits: int) -> Rounding:
    def rounding(x: float) -> float:
        if x == 0 or x == int(x):
            return x
        exact = Decimal(repr(x))
        return float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), rounding=ROUND_HALF_UP))

    return rounding


def _decimals(places: int) -> Rounding:
    def rounding(x: float) -> float:
        return (
            x if x == int(x) else float(Decimal(repr(x)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))
        )

    return rounding


ROUNDINGS: tuple[Rounding, ...] = (_significant(3), _significant(4), _decimals(3), _decimals(4))
MAX_SLIPS = 300


@dataclass(eq=False)
class Setting:
    """A kind with the nodes of its givens, and all runs that need no answer of a student.

    `link` gives the right value of another part. `problem` is the id of the problem it belongs to, `place` the node
    that an error of the numbers as a whole is reported at.
    """

    problem: str
    kind: Kind
    nodes: Mapping[str, Node]
    link: Callable[[str, Node], Value]
    place: Node
    renamed: Mapping[str, str] = field(default_factory=dict)
    declared: Mapping[str, Domain] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    domains: Mapping[str, Domain] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    _reading: Callable[[Mapping[str, Any]], tuple[Givens, list[GivenError]]] | None = None
    recurrences: list[str] = field(default_factory=list)
    names_at_draws: tuple[Mapping[str, Any], ...] | None = None
    vocabularies: dict[tuple[str, ...], Any] = field(default_factory=dict)
    growths: dict[str, Any] = field(default_factory=dict)
    formulas: dict[tuple[str, ...], str] = field(default_factory=dict)

    def read(self, link: Callable[[str, Node], Value]) -> tuple[Givens, list[GivenError]]:
        """The givens, with links to other parts filled in by `link`, and at every draw where some are symbols."""

        def noted(target: str, node: Node) -> Value:
            self.links.add(target)
            value = link(target, node)
            if isinstance(value, Drawn):
                raise GivenError(
                    node, f"from: part {quoted(target)} depends on symbols, so it has no value that can be used here"
                )
            return value

        def reading(reader: Reader) -> tuple[Givens, list[GivenError]]:
            return read_givens(self.kind.givens, self.all_nodes, reader, self.renamed)

        for arrays in (False, True):  # numbers where numbers make sense
            reader = Reader(noted, self.declared, arrays=arrays, lengths=self._lengths)
            givens, errors = reading(reader)
            if reader.found:  # a second look, for formulas of symbols that come later
                reader = Reader(noted, self.declared, found=reader.found, arrays=arrays, lengths=reader.lengths)
                givens, errors = reading(reader)
            if not reader.found or (errors and arrays):
                break
            if errors:
                continue
            self.domains = reader.found
            self._reading = lambda drawn, reader=reader: reading(Reader(noted, self.declared, drawn, reader.found))
            givens, errors = self._at_draws()
            if not errors or not any(domain.axes for domain in self._as_arrays(reading, noted).values()):
                break
        return givens, errors

    def _as_arrays(
        self, reading: Callable[[Reader], tuple[Givens, list[GivenError]]], noted: Callable[[str, Node], Value]
    ) -> Mapping[str, Domain]:
        """The domains of the symbols where those that may be arrays are."""
        reader = Reader(noted, self.declared, arrays=True, lengths=self._lengths)
        reading(reader)
        return reader.found

    def at(self, drawn: Mapping[str, Any]) -> tuple[Givens, list[GivenError]]:
        """The givens with these numbers for the symbols."""
        assert self._reading is not None
        return self._reading(drawn)

    @cached_property
    def all_nodes(self) -> Mapping[str, Node]:
        """The nodes of the givens, with those that are symbols where they are not given."""
        free = {
            name: Scalar(name, self.place.line, self.place.column)
            for name, field in self.kind.givens.fields.items()
            if field.free and name not in self.nodes
        }
        return {**self.nodes, **free}

    @property
    def _lengths(self) -> dict[str, int]:
        """The lengths of axes that arrays among the givens fix."""
        lengths: dict[str, int] = {}
        for name, node in self.nodes.items():
            field = self.kind.givens.fields.get(name)
            if field is None or not field.axes or not isinstance(node, Sequence):
                continue
            shape = _shape_of(node, self.declared)
            names = axes_of(field, len(shape), rows=in_rows(self.kind.givens, self.nodes))
            lengths.update((axis, size) for axis, size in zip(names, shape, strict=False) if axis.isidentifier())
        return lengths

    def _at_draws(self) -> tuple[Givens, list[GivenError]]:
        """The givens at draws where the right run is defined; those runs are kept."""
        taken: list[Givens] = []
        runs: list[Run] = []
        refused = ""
        for drawn in draws(self.domains, self._lengths):
            givens, errors = self.at(drawn)
            if errors:
                refused = refused or errors[0].message
                continue
            done = run(self.kind.function, givens)
            if done.ended is not None and not isinstance(done.ended, Missing):
                if not isinstance(done.ended, Undefined):
                    raise done.ended
                refused = refused or str(done.ended)
                continue
            givens.symbols = drawn
            taken.append(givens)
            runs.append(done)
            if len(taken) == DRAWS:
                break
        else:
            message = f"at fewer than {DRAWS} of {MAX_TRIED:,} drawn numbers the symbols make sense"
            raise_at = f"{message} ({refused}); narrow them with `symbols:`" if refused else message
            return self.kind.givens({}), [GivenError(self.place, raise_at)]
        first = self.kind.givens(taken[0].values, taken[0].written)
        first.draws = tuple(taken)
        first.symbols = taken[0].symbols
        self.runs = runs
        return first, []

    @cached_property
    def checked(self) -> tuple[Givens, list[GivenError]]:
        """The givens with right values everywhere, and the errors among them."""
        return self.read(self.link)

    @property
    def givens(self) -> Givens:
        """The givens with right values everywhere."""
        return self.checked[0]

    @cached_property
    def right(self) -> Run:
        """The run as it is: the reference answers."""
        if self.givens.draws:
            return gathered(self.runs)
        done = run(self.kind.function, self.givens)
        if done.ended is not None and not isinstance(done.ended, Missing | Undefined):
            raise done.ended
        return done

    @cached_property
    def magnitude(self) -> float:
        """The largest number among the givens."""
        return magnitude(self.givens.values.values())

    @cached_property
    def noise(self) -> float:
        """What floating point may leave of a zero: sums of products of real givens; whole numbers are exact."""
        return 1e-13 * magnitude(value for value in self.givens.values.values() if not isinstance(value, int))

    @cached_property
    def order(self) -> dict[str, int]:
        """Each quantity's place in the order of the working."""
        return {name: place for place, name in enumerate(self.right.steps)}

    @cached_property
    def rounded(self) -> list[Run]:
        """Runs of people who round every real number as they go."""
        if not any(isinstance(step.computed, float | np.ndarray) for step in self.right.steps.values()):
            return []
        return [run(self.kind.function, self.givens, rounding=rounding) for rounding in ROUNDINGS]

    @cached_property
    def hypotheses(self) -> list[Hypothesis]:
        """All that may have gone otherwise: slips in the order of the working, habits, misread givens, conventions."""
        slips = [
            Hypothesis("slip", label, step.name)
            for step in self.right.steps.values()
            for label in step.slips
            if (value := step.slip_value(label)) is not None and not same(value, step.computed)
        ]
        labels = dict.fromkeys(slip.label for slip in slips)
        repeated = [label for label in labels if sum(slip.label == label for slip in slips) > 1]
        habits = [Hypothesis("habit", label) for label in repeated]
        return [*self._readings(), *slips, *habits]

    def before(self, name: str) -> list[Hypothesis]:
        """The hypotheses that may change a quantity: all but slips after it, and of those the nearest only."""
        place = self.order[name]
        slips = [h for h in self.hypotheses if h.how == "slip" and self.order[h.name] <= place]
        slips.sort(key=lambda h: -self.order[h.name])
        return [*slips[:MAX_SLIPS], *(h for h in self.hypotheses if h.how != "slip")]

    def _readings(self) -> Iterator[Hypothesis]:
        for name, declared in self.kind.givens.fields.items():
            current = self.givens.values.get(name, None if declared.required else declared.default)
            for label, value in (declared.others or {}).items():
                if value != current:
                    yield Hypothesis("convention", label, name, value)
            for label, value in declared.misread.items():
                if isinstance(current, int | float | tuple | np.ndarray) and np.any(np.not_equal(current, value)):
                    yield Hypothesis("misread", label, name, value)

    def under(self, hypothesis: Hypothesis) -> Run:
        """The run under one hypothesis, without any student's values; with symbols, at the first draws only."""
        if hypothesis not in self._under:
            self._under[hypothesis] = self.run((hypothesis,), {}, self.givens.few)
        return self._under[hypothesis]

    @cached_property
    def _under(self) -> dict[Hypothesis, Run]:
        return {}

    def run(self, hypotheses: Iterable[Hypothesis], carry: Mapping[str, Value], givens: Givens) -> Run:
        """One run with hypotheses made and values carried."""
        at: set[tuple[str, str]] = set()
        everywhere: set[str] = set()
        for hypothesis in hypotheses:
            if hypothesis.how == "slip":
                at.add((hypothesis.name, hypothesis.label))
            elif hypothesis.how == "habit":
                everywhere.add(hypothesis.label)
            else:
                givens = givens.replaced(hypothesis.name, hypothesis.value)
        slip = (lambda name, label: (name, label) in at or label in everywhere) if at or everywhere else None
        return run(self.kind.function, givens, carry=carry, slip=slip, recurrences=self.recurrences)

    # What can be asked.

    def cells(self, ask: Ask) -> tuple[Cell, ...]:
        """The cells that an ask stands for in the right run; none where there is no such quantity."""
        if ask.whole and ask.name not in self.right.steps and ask.name in self.kind.quantities and self.givens.draws:
            self._add_recurrence(ask.name)
        return tuple(find_cells(ask, self.right.steps, self.kind.tables))

    def _add_recurrence(self, name: str) -> None:
        """Let a family be asked as a function of its index, `h.t`, in this and all other runs."""
        found = [recurrence(done.steps, name) for done in self.runs]
        if all(step is not None for step in found):
            self.recurrences.append(name)
            self.right = Run({**self.right.steps, name: DrawnStep(tuple(found))}, self.right.ended)
            self.__dict__.pop("order", None)

    def value(self, ask: Ask) -> Value | None:
        """The right value of an ask."""
        return asked_value(ask, self.right)

    def names(self) -> list[str]:
        """All names that can be asked of this setting, for suggestions."""
        steps = self.right.steps
        families = dict.fromkeys(re.sub(r"\.\d+$", "", name) for name in steps if re.search(r"\.\d+$", name))
        return [*steps, *(name for name in families if name not in steps), *self.kind.tables]


def _shape_of(node: Node, declared: Mapping[str, Domain]) -> tuple[int, ...]:
    """The lengths of nested lists, looking at the first of each; a row may be a symbol."""
    if isinstance(node, Scalar):
        return declared.get(expressions.key(node.text.strip()), Domain()).shape
    if not isinstance(node, Sequence):
        return ()
    return (len(node.items), *(_shape_of(node.items[0], declared) if node.items else ()))


def bound_names(step: Step, steps: Mapping[str, Step], givens: Givens) -> dict[str, Any]:
    """What the names in a step's formula stand for: its own, the givens and their signs, the other quantities of the run."""
    quantities = {expressions.key(name): other.handed for name, other in steps.items() if name != step.name}
    return {**quantities, **givens.signs, **{expressions.key(name): bound for name, bound in step.names.items()}}


def asked_value(ask: Ask, done: Run) -> Value | None:
    """What a run computed for an ask, or None where it did not reach it."""
    step = done.steps.get(ask.name)
    return None if step is None else ask.pick(step.computed, step.origin)


def find_cells(ask: Ask, steps: Mapping[str, Step], tables: Mapping[str, tuple[str, ...]]) -> Iterator[Cell]:
    """The cells of an ask among the steps of a run."""
    if ask.name in steps:
        if ask.pick(steps[ask.name].computed, steps[ask.name].origin) is not None:
            yield Cell(ask)
        return
    base = ask.name.removesuffix(".shape")
    if base != ask.name and base in steps and isinstance(steps[base].computed, np.ndarray) and not ask.entry:
        yield Cell(Ask(base, shape=True))
        return
    if ask.entry:
        return
    if ask.name in tables:
        columns = tables[ask.name]
        rows = [name.removesuffix(f".{columns[0]}") for name in steps if name.endswith(f".{columns[0]}")]
        for row in rows:
            for column in columns:
                if f"{row}.{column}" in steps:
                    yield Cell(Ask(f"{row}.{column}"), at=f"{row}.{column}")
        return
    family = [name for name in steps if re.fullmatch(re.escape(ask.name) + r"\.\d+", name)]
    for name in sorted(family, key=lambda name: int(name.rsplit(".", 1)[1])):
        yield Cell(Ask(name), at=name)


def why_not(asked: str, name: str, setting: Setting, shown: Callable[[str], str]) -> str:
    """Why a quantity cannot be asked of a setting, and what would help.

    `asked` is what the author wrote, `name` the quantity's own name, and `shown` how the problem calls a name.
    """
    family = asked_family(name, setting.right.steps)
    if family:
        base = shown(family[0].rsplit(".", 1)[0])
        return f"no quantity {quoted(asked)}; there are {shown(family[0])} to {shown(family[-1])}, and {base} for all of them"
    ended = setting.right.ended
    known = [shown(other) for other in setting.names()]
    documented = setting.kind.has(name)
    if isinstance(ended, Undefined) and (documented or not known):
        return str(ended)
    if isinstance(ended, Missing) and (documented or not known):
        return f"give `{shown(ended.name)}`: {quoted(asked)} needs it"
    return f"no quantity {quoted(asked)}{suggestion(asked, known)}"


def asked_family(ask: str, steps: Mapping[str, Step]) -> list[str]:
    """The members of the family that `h.9` means, or `h` where an entry of it is asked; none where there is none."""
    base = re.sub(r"\.\d+$", "", ask)
    return [cell.ask.name for cell in find_cells(Ask(base), steps, {}) if cell.at]
