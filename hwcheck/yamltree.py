"""YAML text as a tree of raw text with line and column.

No value is ever guessed: `010`, `no` and `12:30` stay text until somebody who knows what was asked reads them. The tree
is built from PyYAML's C events, without recursion; size, depth and number of nodes are bounded, and aliases, anchors,
tags, duplicate keys and second documents are errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from hwcheck.words import quoted

MAX_BYTES = 2_000_000
MAX_DEPTH = 20
MAX_NODES = 200_000

_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BREAKS = {ord(c): None for c in "\t\n\r"}
_FORBIDDEN = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


class TreeError(Exception):
    """Text that is not the YAML that is read here: line, column (from 1) and a sentence."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message


@dataclass(frozen=True, slots=True)
class Scalar:
    """Raw text. `plain` is False where it was written in quotes or as a block."""

    text: str
    line: int
    column: int
    plain: bool = True

    @property
    def blank(self) -> bool:
        """Whether nothing was written."""
        return not self.text.strip()


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes; `raw` is the source text of one written in brackets."""

    items: tuple[Node, ...]
    line: int
    column: int
    raw: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """Pairs of key and node, in the order of the file; `raw` is the source text of one written in braces."""

    pairs: tuple[tuple[Scalar, Node], ...]
    line: int
    column: int
    raw: str

    def __iter__(self) -> Iterator[tuple[Scalar, Node]]:
        return iter(self.pairs)

    def get(self, key: str) -> Node | None:
        """The node under a key."""
        return next((node for name, node in self.pairs if name.text == key), None)


Node = Scalar | Sequence | Mapping


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, at most one more than is accepted (so that a huge file is never read whole)."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def decode(data: bytes) -> str:
    """Bytes as text: UTF-8, with or without a mark, or UTF-16 with one.

    Raises:
        TreeError: too large, another encoding, or a character YAML does not allow.
    """
    if len(data) > MAX_BYTES:
        raise TreeError(
            0, 0, f"the file is larger than {MAX_BYTES // 1_000_000} MB; a file of answers has a few kilobytes"
        )
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode(encoding, "replace")
        line, column = _place(before, len(before))
        name = "UTF-16" if encoding == "utf-16" else "UTF-8"
        message = f"0x{error.object[error.start]:02X} is not {name} text; save the file with the encoding UTF-8"
        raise TreeError(line, column, message) from None
    if text.translate(_BREAKS).isprintable():
        return text
    bad = re.search(_FORBIDDEN, text)
    if bad:
        line, column = _place(text, bad.start())
        raise TreeError(line, column, f"the character U+{ord(bad.group()):04X} cannot stand in a YAML file; remove it")
    return text


def parse(text: str, twice: list[TreeError] | None = None) -> Mapping:
    """The tree of a file whose root is a mapping.

    Keys that are given twice are collected in `twice` where it is given (the first one counts), else raised.

    Raises:
        TreeError: at the first place where the text is not YAML, or not the part of YAML that is read here.
    """
    root = _build(text, twice)
    if root is None or (isinstance(root, Scalar) and root.plain and root.blank):
        raise TreeError(0, 0, "the file is empty")
    if isinstance(root, Sequence):
        raise TreeError(root.line, root.column, "expected `name: value` lines, found a list")
    if isinstance(root, Scalar):
        hint = "; put a space after the colon" if ":" in root.text else ""
        raise TreeError(
            root.line, root.column, f"expected `name: value` lines, found the text {quoted(root.text)}{hint}"
        )
    return root


class _Open:
    """A collection that is not closed yet."""

    __slots__ = ("items", "key", "keys", "mapping", "place", "spare", "start")

    def __init__(self, mapping: bool, event: yaml.CollectionStartEvent) -> None:
        self.mapping = mapping
        self.start: int = event.start_mark.index  # type: ignore[union-attr]  # a parsed event has its marks
        self.place = _start(event)
        self.items: list[tuple[Scalar, Node]] | list[Node] = []
        self.key: Scalar | None = None
        self.keys: set[str] = set()
        self.spare = False


def _build(text: str, twice: list[TreeError] | None) -> Node | None:
    stack: list[_Open] = []
    root: Node | None = None
    nodes = documents = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.ScalarEvent):
                _refuse_extras(event)
                nodes += 1
                done: Node = Scalar(event.value, *_start(event), plain=not event.style)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                _refuse_extras(event)
                nodes += 1
                if len(stack) >= MAX_DEPTH:
                    raise TreeError(*_start(event), f"nested more than {MAX_DEPTH} deep")
                stack.append(_Open(isinstance(event, yaml.MappingStartEvent), event))
                continue
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                done = _close(stack.pop(), text, event.end_mark.index)  # type: ignore[union-attr]
            elif isinstance(event, yaml.AliasEvent):
                raise TreeError(
                    *_start(event), f"the alias {quoted(f'*{event.anchor}')}: write the value out, or put it in quotes"
                )
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise TreeError(*_start(event), "a second document starts here; one file holds one")
                continue
            else:
                continue
            if nodes > MAX_NODES:
                raise TreeError(*_start(event), f"more than {MAX_NODES:,} values in one file")
            if not stack:
                root = done
            else:
                _add(stack[-1], done, twice)
    except yaml.MarkedYAMLError as error:
        opened = error.context_mark if (error.problem or "").startswith(_NOT_CLOSED) else None
        mark = opened or error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise TreeError(line, column, _syntax(error, text[mark.index : mark.index + 1] if mark else "")) from None
    except yaml.YAMLError as error:
        raise TreeError(0, 0, f"not YAML: {quoted(str(error), 120)}") from None
    return root


def _close(opened: _Open, text: str, end: int) -> Node:
    raw = text[opened.start : end] if text[opened.start : opened.start + 1] in ("{", "[") else ""
    if opened.mapping:
        return Mapping(tuple(opened.items), *opened.place, raw)  # type: ignore[arg-type]  # a mapping holds pairs
    return Sequence(tuple(opened.items), *opened.place, raw)  # type: ignore[arg-type]  # a sequence holds nodes


def _add(parent: _Open, node: Node, twice: list[TreeError] | None) -> None:
    if not parent.mapping:
        parent.items.append(node)  # type: ignore[arg-type]
    elif parent.key is None:
        if not isinstance(node, Scalar):
            raise TreeError(node.line, node.column, "a list or a mapping cannot be a key; put the text in quotes")
        if node.text in parent.keys:
            error = TreeError(node.line, node.column, f"{quoted(node.text)} is given twice; keep one")
            if twice is None:
                raise error
            twice.append(error)
            parent.spare = True
        parent.keys.add(node.text)
        parent.key = node
    else:
        if not parent.spare:
            parent.items.append((parent.key, node))  # type: ignore[arg-type]
        parent.key, parent.spare = None, False


def _refuse_extras(event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
    if event.anchor is not None:
        raise TreeError(
            *_start(event), f"the anchor {quoted(f'&{event.anchor}')}: write the value out, or put it in quotes"
        )
    if event.tag is not None:
        raise TreeError(*_start(event), f"the tag {quoted(event.tag)}: tags are not read; put the text in quotes")


def _start(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _place(text: str, index: int) -> tuple[int, int]:
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


_SYNTAX = {
    "found character that cannot start any token": "this character cannot start a value; put the value in quotes",
    "mapping values are not allowed in this context": "a second `: ` in one line; put the value in quotes, or check the indentation",
    "could not find expected ':'": "expected `name: value`, and no `: ` was found",
    "did not find expected ',' or ']'": "a list that opens with [ is not closed with ]",
    "did not find expected ',' or '}'": "a mapping that opens with { is not closed with }",
    "did not find expected key": "expected a `name: value` line at this depth; check the indentation above",
    "did not find expected comment or line break": "expected the end of the line; put the value in quotes",
    "found a tab character that violates indentation": "a tab at the start of a line; indent with blanks",
    "found unexpected end of stream": "a quote is not closed",
}


_NOT_CLOSED = ("did not find expected ','", "found unexpected end of stream", "could not find expected ':'")
"""Errors that are reported where the thing was opened, not where the reader gave up."""


def _syntax(error: yaml.MarkedYAMLError, char: str) -> str:
    problem = error.problem or "not YAML"
    if char == "\t" and problem.startswith("found character that cannot start any token"):
        problem = "found a tab character that violates indentation"
    known = next((sentence for start, sentence in _SYNTAX.items() if problem.startswith(start)), None)
    return known or f"not YAML here: {quoted(problem, 120)}"
