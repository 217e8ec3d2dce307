"""The manual of a kind, from its file: what it is, givens, quantities, slips, an example that runs."""

from __future__ import annotations

import re
import textwrap

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hwcheck import problems
from hwcheck.given import Field
from hwcheck.kinds import Kind, matches
from hwcheck.working import Step


def overview(kinds: list[Kind], console: Console) -> None:
    """One line a kind."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for kind in kinds:
        table.add_row(Text(kind.name), Text(kind.doc.split("\n")[0]))
    console.print(table)
    console.print(Text("\nhwcheck kinds KIND shows givens, quantities, slips and an example.", style="dim"))


def page(kind: Kind, console: Console) -> None:
    """The page of one kind."""
    console.print(Text(kind.name, style="bold"))
    console.print(Text("\n\n".join(" ".join(paragraph.split()) for paragraph in kind.doc.split("\n\n"))))
    console.print(Text(f"Source: {kind.source}", style="dim"))
    _givens(kind, console)
    steps = _example_steps(kind)
    _quantities(kind, steps, console)
    _slips(kind, steps, console)
    for example in kind.examples[:1]:
        console.print(Text("\nExample", style="bold"))
        # A line that is broken here would not be the same YAML any more.
        console.print(Text(textwrap.indent(example_text(kind, example), "  ")), soft_wrap=True)


def example_text(kind: Kind, example: str) -> str:
    """An example as a whole problem file."""
    return f"kind: {kind.name}\n{textwrap.dedent(example).strip()}\n"


def _givens(kind: Kind, console: Console) -> None:
    table = _table("Givens (* has a default)")
    for name, field in kind.givens.fields.items():
        text = Text(f"{field.doc}; {field.expects}")
        if not field.required and field.default not in (None, ""):
            text.append(f"; default {_default(field)}", style="dim")
        if field.free:
            text.append("; a symbol where it is not given", style="dim")
        if field.others is not None:
            text.append("; a convention", style="dim")
        sign = f" ({field.sign})" if field.sign else ""
        table.add_row(Text(f"{name}{'' if field.required and not field.free else '*'}{sign}"), text)
    if kind.givens.open:
        table.add_row(Text("any name"), Text("a number, an array, a symbol, or {from: part}"))
    console.print(table)


def _default(field: Field) -> str:
    value = field.default
    if isinstance(value, tuple):
        return _number(value[0]) if len(set(value)) == 1 else f"[{', '.join(map(_number, value))}]"
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _quantities(kind: Kind, steps: dict[str, Step], console: Console) -> None:
    table = _table("Quantities")
    for name, doc in kind.quantities.items():
        step = next((step for step in steps.values() if matches(step.name, name) and step.formula), None)
        text = Text(doc)
        if kind.signs.get(name):
            text.append(f" ({kind.signs[name]})")
        if step is not None:
            text.append(f"\n= {step.formula}", style="dim")
        table.add_row(Text(name), text)
    for name in kind.tables:
        table.add_row(Text(name), Text(f"a table with the columns {', '.join(kind.tables[name])}"))
    console.print(table)


def _slips(kind: Kind, steps: dict[str, Step], console: Console) -> None:
    table = _table("Mistakes it knows (You …)")
    where: dict[str, list[str]] = {}
    for step in steps.values():
        pattern = next((name for name in kind.quantities if matches(step.name, name)), step.name)
        for label in step.slips:
            places = where.setdefault(label, [])
            if pattern not in places:
                places.append(pattern)
    for name, field in kind.givens.fields.items():
        for label in (*field.misread, *(field.others or {})):
            where.setdefault(label, []).append(f"given {name}")
    for label, places in where.items():
        table.add_row(Text(label), Text(", ".join(places), style="dim"))
    if where:
        console.print(table)


def _example_steps(kind: Kind) -> dict[str, Step]:
    """The steps of all examples together, by name; the first that has a formula counts."""
    steps: dict[str, Step] = {}
    for example in kind.examples:
        file = problems.parse(example_text(kind, example).encode(), kind.name, kind.name)
        for part in file.parts:
            for name, step in part.setting.right.steps.items():
                generic = re.sub(r"\d+", "1", name)
                known = steps.get(generic)
                if known is None or (not known.formula and step.formula):
                    steps[generic] = step
                elif step.slips:
                    steps[f"{generic} {len(steps)}"] = step
    return steps


def _table(title: str) -> Table:
    table = Table(
        title=Text(f"\n{title}", style="bold"), title_justify="left", box=box.SIMPLE, show_header=False,
        pad_edge=False, padding=(0, 1),
    )  # fmt: skip
    table.add_column(no_wrap=False, overflow="fold", min_width=12)
    table.add_column(overflow="fold")
    return table
