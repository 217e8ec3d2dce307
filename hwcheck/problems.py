"""Problem files: text → problems and parts, with every error of a file at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hwcheck import kinds, tokens, yamltree
from hwcheck.compare import DEFAULT, Tolerance
from hwcheck.errors import Fault, Missing, ProblemError, Undefined
from hwcheck.given import GivenError, Reader, kind_of
from hwcheck.settings import Ask, Cell, Setting, read_ask, why_not
from hwcheck.symbols import Domain
from hwcheck.values import Drawn, Value, form, show
from hwcheck.words import joined, quoted, suggestion
from hwcheck.yamltree import Mapping as MappingNode
from hwcheck.yamltree import Node, Scalar, Sequence, TreeError

ID = re.compile(r"[A-Za-z0-9_-]+")
FILE_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Part(NamedTuple):
    """One thing asked: a quantity, its points, and how it is compared.

    `form` is how it is to be answered, where the quantity alone does not decide; `earlier` are the quantities asked in earlier
    parts of its problem, and how that calls them.
    """

    id: str
    name: str
    problem: str
    asked: str
    ask: Ask
    cells: tuple[Cell, ...]
    setting: Setting
    line: int
    points: Fraction = Fraction(1)
    title: str = ""
    prompt: str = ""
    tolerance: Tolerance = DEFAULT
    credit: str = "whole"
    follow_through: Fraction = Fraction(1)
    convention: Fraction = Fraction(0)
    imprecise: Fraction = Fraction(1, 2)
    percent: bool = False
    form: str = ""
    earlier: tuple[tuple[str, str], ...] = ()
    strict_axes: bool = False

    @property
    def by_hand(self) -> bool:
        """Whether a person marks it."""
        return self.setting.kind.by_hand

    @property
    def family(self) -> bool:
        """Whether it asks several values at once, each a cell of its own."""
        return bool(self.cells) and bool(self.cells[0].at)

    def right(self, cell: Cell) -> Value:
        """The right value of one of its cells."""
        value = self.setting.value(cell.ask)
        assert value is not None, "a part's cells are found in the right run"
        return value

    def asks_formula(self, cell: Cell) -> bool:
        """Whether the right answer to one of its cells is a formula or a growth rather than a number."""
        step = self.setting.right.steps[cell.ask.name]
        return self.form == "big-o" or bool(step.variables) or isinstance(self.right(cell), Drawn)

    def formula(self, cell: Cell) -> str:
        """What a student could write for a cell that asks a formula or a growth; empty where none is found."""
        from hwcheck import closedform  # noqa: PLC0415  only symbols need it, and it costs start-up time

        return closedform.formula_text(self, cell)

    def right_text(self, cell: Cell) -> str:
        """The right answer to a cell, for a reader."""
        if not self.asks_formula(cell):
            return show(self.right(cell))
        from hwcheck import closedform  # noqa: PLC0415  only symbols need it, and it costs start-up time

        return closedform.described(self, cell)


class Problem(NamedTuple):
    """Parts about one situation. `id` is empty for a file that is one problem."""

    id: str
    kind: str
    title: str
    prompt: str
    parts: tuple[Part, ...]
    renamed: Mapping[str, str]
    given: Mapping[str, Node]

    def shown(self, name: str) -> str:
        """A given's or quantity's name as this problem calls it."""
        return rename(name, self.renamed)

    def shown_formula(self, formula: str) -> str:
        """A formula with the names of this problem."""
        return re.sub(r"[A-Za-z]\w*", lambda match: rename(match.group(), self.renamed), formula)


class ProblemFile(NamedTuple):
    """A file of problems, and its bytes."""

    id: str
    title: str
    path: str
    data: bytes
    problems: tuple[Problem, ...]

    @property
    def digest(self) -> str:
        """The SHA-256 of the file, which identifies its text."""
        import hashlib  # noqa: PLC0415  only a machine-readable report needs it

        return hashlib.sha256(self.data).hexdigest()

    @property
    def parts(self) -> list[Part]:
        """All parts, in the order of the file."""
        return [part for problem in self.problems for part in problem.parts]

    def part(self, name: str) -> Part | None:
        """The part with that full id ("q1.a")."""
        return next((part for part in self.parts if part.name == name), None)


def rename(name: str, renamed: Mapping[str, str]) -> str:
    """A name with its given renamed: `grad_W_x` → `grad_w_in` under W_x: w_in."""
    if name in renamed:
        return renamed[name]
    first, dot, rest = name.partition(".")
    for prefix in ("", "grad_", "new_"):
        base = first.removeprefix(prefix)
        if first.startswith(prefix) and base in renamed:
            return f"{prefix}{renamed[base]}{dot}{rest}"
    return name


def shipped() -> Path:
    """The folder of the problem files that come with the package."""
    inside = Path(__file__).parent / "shipped"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "problems"


def find(name: str, beside: Path | None = None) -> Path | None:
    """The problem file with an id: beside another file, else among those that come with the package."""
    folders = [shipped()] if beside is None else [beside, shipped()]
    for folder in folders:
        for suffix in (".yaml", ".yml"):
            path = folder / f"{name}{suffix}"
            if path.is_file():
                return path
    return None


def load(path: Path | str, shown: str | None = None) -> ProblemFile:
    """The problem file at a path; `shown` is how messages call it.

    Raises:
        ProblemError: with all faults of the file.
        OSError: the file cannot be read.
    """
    return parse(yamltree.read_bytes(Path(path)), shown or str(path), Path(path).stem)


def parse(data: bytes, path: str, default_id: str) -> ProblemFile:
    """The problem file with these bytes."""
    twice: list[TreeError] = []
    try:
        tree = yamltree.parse(yamltree.decode(data), twice)
    except TreeError as error:
        hint = '; an ask with brackets needs quotes: "output[0, 1]"' if _bare_brackets(data, error.line) else ""
        raise ProblemError([Fault(path, error.line, error.column, error.message + hint)]) from None
    builder = _Builder(path)
    builder.faults += [Fault(path, error.line, error.column, error.message) for error in twice]
    file = builder.file(tree, default_id, data)
    if builder.faults:
        raise ProblemError(builder.faults)
    assert file is not None
    return file


_PART_FIELDS = (
    "ask", "given", "points", "title", "prompt", "tolerance", "credit", "follow_through", "convention", "imprecise",
    "as", "unit",
)  # fmt: skip
_PROBLEM_FIELDS = ("kind", "title", "prompt", "given", "symbols", "names", "parts")
_FORMS = ("big-o", "formula", "set", "percent")
_LATER = {
    "slips": "an author's own slips are not read by this version",
}


@dataclass
class _Draft:
    """A part whose fields are read, and whose ask is not looked up yet."""

    part: str
    name: str
    problem: str
    node: Scalar
    asked: str
    line: int
    setting: Setting
    fields: dict[str, Any]


@dataclass
class _Group:
    """A problem that is being read."""

    id: str
    node: MappingNode
    kind: kinds.Kind
    fields: dict[str, Node]
    renamed: dict[str, str]
    given: dict[str, Node]
    declared: dict[str, Domain] = field(default_factory=dict)
    drafts: list[_Draft] = field(default_factory=list)


class _Builder:
    """Reads one file; collects faults and goes on, so that the author sees all of them at once."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.faults: list[Fault] = []
        self.drafts: dict[str, _Draft] = {}
        self.reader = Reader(self._no_link)

    def fault(self, node: Node, message: str) -> None:
        self.faults.append(Fault(self.path, node.line, node.column, message))

    def _no_link(self, target: str, node: Node) -> Value:
        raise GivenError(node, "the value of another part can stand in `given:` only")

    # The file.

    def file(self, tree: MappingNode, default_id: str, data: bytes) -> ProblemFile | None:
        keys = {key.text for key, _ in tree}
        several = "problems" in keys
        allowed = ("id", "title", "defaults", "problems") if several else ("id", "defaults", *_PROBLEM_FIELDS)
        fields = self._fields(tree, allowed, "a problem file")
        if not several and "kind" not in keys:
            if not (keys & {"given", "parts"}):
                self.fault(tree, f"expected `kind:` (one problem) or `problems:` (several){_answers_hint(keys)}")
                return None
            self.fault(tree, f"`kind:` is missing; expected one of {', '.join(kinds.names())}")
            return None
        identity = self._text(fields.get("id")) or default_id.lower().replace(" ", "-")
        if "id" in fields and not FILE_ID.fullmatch(identity):
            self.fault(
                fields["id"], f"id: expected lower-case letters, digits, `-`, `_`, `.`, found {quoted(identity)}"
            )
        defaults = self._part_fields(fields["defaults"], "defaults") if "defaults" in fields else {}
        groups = []
        if several:
            for key, node in self._entries(fields["problems"], "problems"):
                groups.append(self._group(key.text, node, defaults))
        else:
            pairs = tuple(pair for pair in tree if pair[0].text in _PROBLEM_FIELDS)  # others are reported already
            groups.append(self._group("", MappingNode(pairs, tree.line, tree.column, ""), defaults))
        broken = self._check_givens()
        problems = tuple(self._finish(group, broken) for group in groups if group is not None)
        if not self.faults:
            problems = tuple(map(_strict_axes, problems))
        title = self._text(fields.get("title")) if several else problems[0].title if problems else ""
        if not several:
            problems = tuple(problem._replace(title="") for problem in problems)
        return ProblemFile(identity, title, self.path, data, problems)

    def _entries(self, node: Node, what: str) -> list[tuple[Scalar, Node]]:
        if not isinstance(node, MappingNode) or not node.pairs:
            self.fault(node, f"{what}: expected `id: {{…}}` lines, found {kind_of(node)}")
            return []
        for key, _ in node:
            if not ID.fullmatch(key.text):
                self.fault(key, f"{what}: an id has letters, digits, `_` and `-`, found {quoted(key.text)}")
        return [(key, value) for key, value in node if ID.fullmatch(key.text)]

    def _fields(self, node: Node, allowed: tuple[str, ...], what: str) -> dict[str, Node]:
        if not isinstance(node, MappingNode):
            self.fault(node, f"{what}: expected `name: value` lines, found {kind_of(node)}")
            return {}
        fields = {}
        for key, value in node:
            if key.text in allowed:
                fields[key.text] = value
            elif key.text in _LATER:
                self.fault(key, f"{key.text}: {_LATER[key.text]}")
            else:
                self.fault(key, f"{what} has no field {quoted(key.text)}{suggestion(key.text, allowed)}")
        return fields

    def _text(self, node: Node | None) -> str:
        if node is None:
            return ""
        if not isinstance(node, Scalar):
            self.fault(node, f"expected a text, found {kind_of(node)}")
            return ""
        return " ".join(node.text.split())

    # One problem.

    def _group(self, identity: str, node: Node, defaults: dict[str, Any]) -> _Group | None:
        fields = self._fields(node, _PROBLEM_FIELDS, f"problem {quoted(identity)}" if identity else "a problem")
        if not isinstance(node, MappingNode):
            return None
        kind = self._kind(fields, node)
        if kind is None:
            return None
        renamed = self._names(fields.get("names"), kind)
        group = _Group(identity, node, kind, fields, renamed, {}, self._symbols(fields.get("symbols")))
        if "given" in fields:
            group.given = self._given(fields["given"], group)
        if "parts" not in fields:
            self.fault(node, "`parts:` is missing: what is asked, such as `parts: {a: {ask: …}}`")
            return group
        settings: dict[str, Setting] = {}
        for key, part in self._entries(fields["parts"], "parts"):
            self._draft(group, key, part, defaults, settings)
        return group

    def _kind(self, fields: dict[str, Node], node: MappingNode) -> kinds.Kind | None:
        if "kind" not in fields:
            self.fault(node, f"`kind:` is missing; expected one of {', '.join(kinds.names())}")
            return None
        name = self._text(fields["kind"])
        try:
            return kinds.load(name)
        except KeyError:
            self.fault(fields["kind"], f"kind: no kind {quoted(name)}{suggestion(name, kinds.names())}")
            return None

    def _names(self, node: Node | None, kind: kinds.Kind) -> dict[str, str]:
        renamed: dict[str, str] = {}
        if node is None:
            return renamed
        if not isinstance(node, MappingNode):
            self.fault(node, f"names: expected `name: value` lines, found {kind_of(node)}")
            return renamed
        for name, value in node:
            key = name.text
            if key not in kind.givens.fields and not kind.has(key):
                self.fault(name, f"names has no field {quoted(key)}{suggestion(key, kind.givens.fields)}")
                continue
            new = self._text(value)
            if not re.fullmatch(r"[A-Za-z]\w*", new):
                self.fault(value, f"names: expected a name of letters, digits and `_`, found {quoted(new)}")
            elif new in renamed.values():
                self.fault(value, f"names: {quoted(new)} is used for two givens")
            elif new in kind.givens.fields and new != key:
                self.fault(value, f"names: {quoted(new)} is a given of its own")
            else:
                renamed[key] = new
        return renamed

    def _symbols(self, node: Node | None) -> dict[str, Domain]:
        """The symbols that the author lists, by key, with what he says of them."""
        if node is None:
            return {}
        pairs: list[tuple[Scalar, Node]] = []
        if isinstance(node, Sequence):
            pairs = [
                (item, MappingNode((), item.line, item.column, "")) for item in node.items if isinstance(item, Scalar)
            ]
        elif isinstance(node, MappingNode):
            pairs = [*node.pairs]
        if not pairs or (isinstance(node, Sequence) and len(pairs) != len(node.items)):
            self.fault(node, f"symbols: expected names, as [W, K] or {{K: {{integer: [1, 7]}}}}, found {kind_of(node)}")
            return {}
        declared: dict[str, Domain] = {}
        for name, value in pairs:
            text = name.text.strip()
            if not re.fullmatch(r"[^\W\d_][\w']*(?:_?\{[^{}]*\})?", text):
                self.fault(name, f"symbols: expected a name such as d_out, found {quoted(text)}")
            elif isinstance(value, Scalar) and value.blank:
                declared[tokens.key(text)] = Domain(text=text)
            else:
                try:
                    declared[tokens.key(text)] = self._domain(value)._replace(text=text)
                except GivenError as error:
                    self.fault(error.node, f"symbols: {text}: {error.message}")
        return declared

    def _domain(self, node: Node) -> Domain:
        """What an author says of a symbol: `{integer: [1, 7], odd: true}`."""
        values = self.reader.fields(
            node,
            {
                "integer": lambda value: self._bounds(value, whole=True),
                "real": lambda value: self._bounds(value, whole=False),
                **{
                    name: lambda value: self.reader.word(value, ("true", "false")) == "true"
                    for name in ("odd", "even", "grows")
                },
                "shape": self._lengths,
            },
            "a symbol",
        )
        if "integer" in values and "real" in values:
            raise GivenError(node, "expected `integer` or `real`, found both")
        if values.get("odd") and values.get("even"):
            raise GivenError(node, "no number is both odd and even")
        low, high = values.get("integer", values.get("real", (None, None)))
        parity = "odd" if values.get("odd") else "even" if values.get("even") else ""
        return Domain(
            "integer" in values or bool(parity),
            low,
            high,
            None,
            parity,
            (),
            values.get("shape", ()),
            values.get("grows"),
        )

    def _bounds(self, node: Node, *, whole: bool) -> tuple[float, float]:
        if not isinstance(node, Sequence) or len(node.items) != 2:
            raise GivenError(node, f"expected [smallest, largest], found {kind_of(node)}")
        low, high = (
            self.reader.integer(item, -(10**12), 10**12, "a whole number") if whole else self.reader.number(item)
            for item in node.items
        )
        if low > high or (not whole and low == high):
            raise GivenError(node, f"expected the smaller number first, found {low:g} and {high:g}")
        return low, high

    def _lengths(self, node: Node) -> tuple[int, ...]:
        if not isinstance(node, Sequence) or not 1 <= len(node.items) <= 4:
            raise GivenError(node, f"expected from one to four lengths, such as [3, 4], found {kind_of(node)}")
        return tuple(self.reader.integer(item, 1, 64) for item in node.items)

    def _given(self, node: Node, group: _Group) -> dict[str, Node]:
        """The nodes of givens under their own names, with any that a part says of a single layer set in."""
        if not isinstance(node, MappingNode):
            self.fault(node, f"given: expected `name: value` lines, found {kind_of(node)}")
            return {}
        fields = group.kind.givens.fields
        back = {new: old for old, new in group.renamed.items()}
        nodes = dict(group.given)
        for key, value in node:
            name = back.get(key.text, key.text)
            if name in fields or (group.kind.givens.open and key.text.strip("_").isidentifier()):
                nodes[name] = value
                continue
            if "layers" in nodes and group.kind.name == "cnn" and isinstance(value, MappingNode):
                from hwcheck.layers import override_layers  # noqa: PLC0415  only a network has layers to change

                try:
                    nodes["layers"] = override_layers(nodes["layers"], key.text, value)
                except GivenError as error:
                    self.fault(key, f"given: {error.message}")
                continue
            known = [group.renamed.get(field, field) for field in fields]
            self.fault(
                key, f"given: kind {group.kind.name} has no given {quoted(key.text)}{suggestion(key.text, known)}"
            )
        return nodes

    # One part.

    def _draft(
        self, group: _Group, key: Scalar, node: Node, defaults: dict[str, Any], settings: dict[str, Setting]
    ) -> None:
        name = f"{group.id}.{key.text}" if group.id else key.text
        if isinstance(node, Scalar) and not node.blank:
            self.fault(node, f"part {quoted(name)}: write `{{ask: {quoted(node.text)[1:-1]}}}`")
            return
        values = {**defaults, **self._part_fields(node, f"part {quoted(name)}")}
        if "ask" not in values and group.kind.by_hand:
            values["ask"] = Scalar("work", key.line, key.column)
        if not isinstance(node, MappingNode):
            return
        if "ask" not in values:
            self.fault(key, f"part {quoted(name)}: `ask:` is missing; it names a quantity of kind {group.kind.name}")
            return
        own = values.pop("given", None)
        nodes = dict(group.given) if own is None else self._given(own, group)
        identity = repr(sorted((given, repr(_written(value))) for given, value in nodes.items()))
        place = group.fields.get("given", group.node) if own is None else own
        setting = settings.setdefault(
            identity, Setting(group.id, group.kind, nodes, self._right_value, place, group.renamed, group.declared)
        )
        ask = values.pop("ask")
        quantity, bracket, index = ask.text.strip().partition("[")
        back = {new: old for old, new in group.renamed.items()}
        asked = rename(quantity.strip(), back) + bracket + index
        draft = _Draft(key.text, name, group.id, ask, asked, key.line, setting, values)
        self.drafts[name] = draft
        group.drafts.append(draft)

    def _part_fields(self, node: Node, what: str) -> dict[str, Any]:
        """The fields of a part that are given, each read as what it is."""
        values: dict[str, Any] = {}
        for name, value in self._fields(node, _PART_FIELDS, what).items():
            try:
                values.update(self._part_field(name, value))
            except GivenError as error:
                self.fault(error.node, f"{name}: {error.message}")
        return values

    def _part_field(self, name: str, node: Node) -> dict[str, Any]:
        if name == "ask":
            if not isinstance(node, Scalar) or node.blank:
                raise GivenError(
                    node, f"expected the name of a quantity, found {kind_of(node)}; an ask with brackets needs quotes"
                )
            return {name: node}
        if name == "given":
            return {name: node}
        if name in ("title", "prompt"):
            return {name: self._text(node)}
        if name in ("points", "follow_through", "convention", "imprecise"):
            value = self.reader.fraction(node)
            if value < 0 or (name != "points" and value > 1) or value > 10**6:
                raise GivenError(
                    node,
                    f"expected {'points from 0' if name == 'points' else 'a share from 0 to 1'}, found {float(value):g}",
                )
            return {name: value}
        if name == "credit":
            return {name: self.reader.word(node, ("entries", "whole"))}
        if name == "tolerance":
            return {name: self._tolerance(node)}
        if name == "as":
            form = self.reader.word(node, _FORMS)
            return {"percent": True} if form == "percent" else {"form": form}
        self.reader.word(node, ("percent",))
        return {"percent": True}

    def _tolerance(self, node: Node) -> Tolerance:
        def bound(value: Node) -> Fraction:
            found = self.reader.fraction(value)
            if found < 0:
                raise GivenError(value, f"expected a number from 0, found {float(found):g}")
            return found

        values = self.reader.fields(
            node,
            {
                "rel": bound,
                "abs": bound,
                "digits": lambda value: self.reader.integer(value, 1, 15),
                "decimals": lambda value: self.reader.integer(value, 0, 15),
            },
            "tolerance",
        )
        if not values or (len(values) > 1 and set(values) != {"rel", "abs"}):
            raise GivenError(node, "expected `rel` and `abs`, or `digits`, or `decimals`")
        return Tolerance(**values)

    # What is asked, looked up in the right run.

    def _right_value(self, target: str, node: Node) -> Value:
        """The right value of a part, for `{from: q3.e}`."""
        draft = self.drafts.get(target)
        if draft is None:
            raise GivenError(node, f"from: no part {quoted(target)}{suggestion(target, self.drafts)}")
        _, errors = draft.setting.checked
        ask = read_ask(draft.asked)
        value = None if errors or ask is None or draft.setting.kind.by_hand else draft.setting.value(ask)
        if value is None or isinstance(value, str):
            raise GivenError(node, f"from: part {quoted(target)} has no value that can be used here")
        return value

    def _check_givens(self) -> set[int]:
        """Read the givens of every setting once, so that errors are reported at their place; which have errors."""
        broken = self._circles()
        for setting in {id(draft.setting): draft.setting for draft in self.drafts.values()}.values():
            if id(setting) in broken:
                continue
            _, errors = setting.checked
            if errors:
                broken.add(id(setting))
            for error in errors:
                fault = Fault(self.path, error.node.line, error.node.column, f"given: {error.message}")
                if fault not in self.faults:
                    self.faults.append(fault)
        return broken

    def _circles(self) -> set[int]:
        """Parts that are made from each other in a circle, reported once each; the settings that cannot be read for it."""
        broken: set[int] = set()

        def follow(draft: _Draft, path: list[str]) -> None:
            for node in draft.setting.nodes.values():
                for target in _links(node):
                    name = target.text.strip()
                    if name in path:
                        if not {id(self.drafts[part].setting) for part in path} & broken:
                            circle = [*path[path.index(name) :], name]
                            self.fault(target, f"given: from: {joined(map(quoted, circle))} lead back to themselves")
                        broken.update(id(self.drafts[part].setting) for part in path)
                    elif name in self.drafts and id(draft.setting) not in broken:
                        follow(self.drafts[name], [*path, name])

        for name, draft in self.drafts.items():
            follow(draft, [name])
        return broken

    def _finish(self, group: _Group, broken: set[int]) -> Problem:
        parts = [self._part(draft, group) for draft in group.drafts if id(draft.setting) not in broken]
        title, prompt = (self._text(group.fields.get(name)) for name in ("title", "prompt"))
        return Problem(
            group.id, group.kind.name, title, prompt,
            _with_earlier([part for part in parts if part is not None], group.renamed), group.renamed, group.given,
        )  # fmt: skip

    def _part(self, draft: _Draft, group: _Group) -> Part | None:
        asked = draft.node.text.strip()
        ask = read_ask(draft.asked)
        if ask is None:
            self.fault(draft.node, f'ask: expected a quantity such as `h.2` or "output[0, 1]", found {quoted(asked)}')
            return None
        cells = draft.setting.cells(ask)
        if not cells:
            self._no_cells(draft, group, ask, asked)
            return None
        first = draft.setting.value(cells[0].ask)
        values = draft.fields
        if "credit" not in values:
            array = first is not None and form(first)[0] == "array" and not self._index(draft, ask)
            values["credit"] = "entries" if cells[0].at or array else "whole"
        self._check_form(draft, values.get("form", ""), asked, [draft.setting.value(cell.ask) for cell in cells])
        if values.get("percent") and (isinstance(first, tuple | str) or first is None):
            self.fault(draft.node, f"unit: {quoted(asked)} is no number, so it cannot be a percentage")
        return Part(draft.part, draft.name, draft.problem, asked, ask, cells, draft.setting, draft.line, **values)

    def _index(self, draft: _Draft, ask: Ask | None) -> Mapping[str, int]:
        """The variables of what is asked, where it is a function."""
        step = None if ask is None else draft.setting.right.steps.get(ask.name)
        return {} if step is None else step.variables

    def _check_form(self, draft: _Draft, wanted: str, asked: str, values: list[Value | None]) -> None:
        """Whether what is asked can be answered in the form that is wanted."""
        drawn = [value for value in values if isinstance(value, Drawn)]
        words = [value for value in drawn if isinstance(value.like, str)]
        ask = read_ask(draft.asked)
        if ask is not None and ask.entry and self._index(draft, ask):
            self.fault(draft.node, f"ask: {quoted(asked)} is an entry of a function; ask the function whole")
        elif words:
            self.fault(
                draft.node, f"ask: {quoted(asked)} depends on the symbols, so it is no one word; ask it with numbers"
            )
        elif wanted == "formula" and not drawn and not self._index(draft, ask):
            self.fault(draft.node, f"as: {quoted(asked)} depends on no symbol, so it is a number and no formula")
        elif wanted == "set" and any(value is not None and form(value) != ("array", 1) for value in values):
            self.fault(draft.node, f"as: {quoted(asked)} is no list, so it cannot be a set")
        elif wanted == "big-o" and (
            len(values) != 1
            or not isinstance(values[0], int | float | Drawn)
            or form(values[0])[0] not in ("int", "float")
        ):
            self.fault(draft.node, f"as: {quoted(asked)} is no number, so it has no growth")
        elif wanted == "big-o" and not any(domain.growing for domain in draft.setting.domains.values()):
            self.fault(draft.node, "as: nothing grows here; give a size as a symbol")

    def _no_cells(self, draft: _Draft, group: _Group, ask: Ask, asked: str) -> None:
        def shown(name: str) -> str:
            return rename(name, group.renamed)

        base = draft.setting.right.steps.get(ask.name)
        if base is not None:
            value = base.computed
            if not isinstance(value, np.ndarray):
                message = f"{quoted(shown(ask.name))} has no entries; ask it whole"
            else:
                origin = base.origin or 0
                spans = joined(f"{origin} to {origin + size - 1}" for size in value.shape)
                message = f"no entry {quoted(asked)}; its indices run from {spans}"
            self.fault(draft.node, f"ask: {message}")
            return
        ended = draft.setting.right.ended
        message = why_not(asked, ask.name, draft.setting, shown)
        if isinstance(ended, Undefined) and message == str(ended):
            self.fault(draft.setting.place, f"given: {message}")
        else:
            prefix = "" if isinstance(ended, Missing) and message.startswith("give ") else "ask: "
            self.fault(draft.node, prefix + message)


def _bare_brackets(data: bytes, line: int) -> bool:
    """Whether a line asks an entry without quotes inside braces, which YAML reads as a list."""
    lines = data.decode("utf-8", "replace").splitlines()
    return 0 < line <= len(lines) and re.search(r"ask: *[A-Za-z][\w.]*\[", lines[line - 1]) is not None


def _links(node: Node) -> Iterator[Scalar]:
    """The targets of every `{from: …}` below a node."""
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _links(item)
    elif isinstance(node, MappingNode):
        for key, value in node:
            if key.text == "from" and isinstance(value, Scalar):
                yield value
            else:
                yield from _links(value)


def _answers_hint(keys: set[str]) -> str:
    return "; this looks like a file of answers" if "answers" in keys else ""


def _written(node: Node) -> Any:
    """What a node says, wherever it stands, so that equal givens share their runs."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [_written(item) for item in node.items]
    return {key.text: _written(value) for key, value in node}


def _with_earlier(parts: list[Part], renamed: Mapping[str, str]) -> tuple[Part, ...]:
    """The parts, each with the quantities asked before it."""
    earlier: dict[str, str] = {}
    found = []
    for part in parts:
        found.append(part._replace(earlier=tuple(earlier.items())))
        earlier.update((cell.ask.name, rename(cell.ask.name, renamed)) for cell in part.cells)
    return tuple(found)


def _strict_axes(problem: Problem) -> Problem:
    """Let axes of length 1 count where two asked shapes differ only in them."""

    def bare(part: Part) -> tuple[int, ...] | None:
        value = part.setting.value(part.cells[0].ask)
        return tuple(size for size in value if size != 1) if isinstance(value, tuple) else None

    shapes = {part.id: (bare(part), part.setting.value(part.cells[0].ask)) for part in problem.parts}
    twins = {
        one
        for one, (stripped, value) in shapes.items()
        if stripped is not None
        and any(other != one and stripped == also and value != whole for other, (also, whole) in shapes.items())
    }
    parts = tuple(part._replace(strict_axes=part.id in twins) for part in problem.parts)
    return problem._replace(parts=parts) if twins else problem
