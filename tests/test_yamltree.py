"""YAML text as a tree of raw text, and every guard on the way."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwcheck import yamltree
from hwcheck.yamltree import Mapping, Node, Scalar, TreeError

steady = settings(derandomize=True, database=None, deadline=None, max_examples=300)


def tree(data: bytes | str) -> Mapping:
    return yamltree.parse(yamltree.decode(data.encode() if isinstance(data, str) else data))


def plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node}
    return [plain(item) for item in node.items]


def refusal(data: bytes | str) -> str:
    with pytest.raises(TreeError) as caught:
        tree(data)
    assert str(caught.value) == caught.value.message
    return f"{caught.value.line}:{caught.value.column}: {caught.value.message}"


EMPTY = "0:0: the file is empty"
DEEP = "nested more than 20 deep"
TWICE = "is given twice; keep one"
INDENT = "expected a `name: value` line at this depth; check the indentation above"
WRITE = "write the value out, or put it in quotes"
TAG = "tags are not read; put the text in quotes"

REFUSED = [
    pytest.param("", EMPTY, id="nothing"),
    pytest.param("  \n\n", EMPTY, id="blank lines"),
    pytest.param("# for later\n", EMPTY, id="a comment only"),
    pytest.param("---\n", EMPTY, id="an empty document"),
    pytest.param("- a\n- b\n", "1:1: expected `name: value` lines, found a list", id="a list"),
    pytest.param("\n[1, 2]", "2:1: expected `name: value` lines, found a list", id="a list in brackets"),
    pytest.param("hello", "1:1: expected `name: value` lines, found the text 'hello'", id="a word"),
    pytest.param(
        "a:1\nb:2\n",
        "1:1: expected `name: value` lines, found the text 'a:1 b:2'; put a space after the colon",
        id="no space after the colon",
    ),
    pytest.param("[" * 25_000, f"1:21: {DEEP}", id="25 KB of opening brackets"),
    pytest.param("[" * 25_000 + "]" * 25_000, f"1:21: {DEEP}", id="brackets that are closed"),
    pytest.param("{a: " * 100_000, f"1:81: {DEEP}", id="mappings in braces"),
    pytest.param("- " * 100_000, f"1:41: {DEEP}", id="dashes"),
    pytest.param("? " * 100_000, f"1:41: {DEEP}", id="question marks"),
    pytest.param("\n".join(" " * n + "a:" for n in range(1000)), f"21:21: {DEEP}", id="mappings by indentation"),
    pytest.param("a: " + "[" * 20 + "]" * 20, f"1:23: {DEEP}", id="one too deep"),
    pytest.param("a: *x", f"1:4: the alias '*x': {WRITE}", id="alias"),
    pytest.param("*x : 1", f"1:1: the alias '*x': {WRITE}", id="alias for a key"),
    pytest.param("a: &x 1\nb: *x", f"1:4: the anchor '&x': {WRITE}", id="anchor"),
    pytest.param("a:\n  b: &x [1]", f"2:6: the anchor '&x': {WRITE}", id="anchor on a list"),
    pytest.param("a: &b {c: 1}\nd: {<<: *b}", f"1:4: the anchor '&b': {WRITE}", id="merge key"),
    pytest.param("a: !foo [1]", f"1:4: the tag '!foo': {TAG}", id="tag"),
    pytest.param("a: ! 3", f"1:4: the tag '!': {TAG}", id="tag without a name"),
    pytest.param("a: !!int 3", f"1:4: the tag 'tag:yaml.org,2002:int': {TAG}", id="tag of YAML's own"),
    pytest.param(
        "a: !!python/object/apply:os.system ['x']",
        f"1:4: the tag 'tag:yaml.org,2002:python/object/apply:os…': {TAG}",
        id="tag that would run a command",
    ),
    pytest.param("a: 1\nb: 2\na: 3\n", f"3:1: 'a' {TWICE}", id="duplicate key"),
    pytest.param('a: {1: x, "1": y}', f"1:11: '1' {TWICE}", id="duplicate key, once in quotes"),
    pytest.param("a: 1\n---\nb: 2\n", "2:1: a second document starts here; one file holds one", id="two documents"),
    pytest.param("[a]: 1", "1:1: a list or a mapping cannot be a key; put the text in quotes", id="a list as key"),
    pytest.param("{a: 1}: 1", "1:1: a list or a mapping cannot be a key; put the text in quotes", id="a mapping as key"),
    pytest.param(b"a: 1\nb: x\0y", "2:5: the character U+0000 cannot stand in a YAML file; remove it", id="NUL byte"),
    pytest.param("a: \x1b[31m", "1:4: the character U+001B cannot stand in a YAML file; remove it", id="terminal escape"),
    pytest.param(
        "a: 1\nb: Größe".encode("latin-1"),
        "2:6: 0xF6 is not UTF-8 text; save the file with the encoding UTF-8",
        id="Latin-1",
    ),
    pytest.param(
        b"\xef\xbb\xbfa: 1\nb: \xfc",
        "2:4: 0xFC is not UTF-8 text; save the file with the encoding UTF-8",
        id="Latin-1 behind a byte order mark",
    ),
    pytest.param(b"a: \xc3", "1:4: 0xC3 is not UTF-8 text; save the file with the encoding UTF-8", id="cut in a letter"),
    pytest.param(
        "a: 1".encode("utf-16") + b"x",
        "1:5: 0x78 is not UTF-16 text; save the file with the encoding UTF-8",
        id="UTF-16 with half a letter",
    ),
    pytest.param(
        "a: 1".encode("utf-16-le"),
        "1:2: the character U+0000 cannot stand in a YAML file; remove it",
        id="UTF-16 without a mark",
    ),
    pytest.param("a:\n\tb: 1", "2:1: a tab at the start of a line; indent with blanks", id="tab for indentation"),
    pytest.param("a: @", "1:4: this character cannot start a value; put the value in quotes", id="at sign"),
    pytest.param(
        "a: b: c", "1:5: a second `: ` in one line; put the value in quotes, or check the indentation", id="two colons"
    ),
    pytest.param("a: 1\nb\nc: 2", "2:1: expected `name: value`, and no `: ` was found", id="no colon"),
    pytest.param("x: 1\na: [1, 2\nb: 3", "2:4: a list that opens with [ is not closed with ]", id="open bracket"),
    pytest.param("x: 1\na: {x: 1\n", "2:4: a mapping that opens with { is not closed with }", id="open brace"),
    pytest.param("x: 1\na: 'x\nb: 2\n", "2:4: a quote is not closed", id="open quote"),
    pytest.param("a: |x| log 2", "1:5: expected the end of the line; put the value in quotes", id="bars"),
    pytest.param("a:\n    b: 1\n  c: 2\n", f"3:3: {INDENT}", id="indented between two depths"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "message"), REFUSED)
def test_what_is_not_read_is_refused_at_its_place(data, message):
    assert refusal(data) == message


def test_a_file_larger_than_two_megabytes_is_refused_before_it_is_read_whole(tmp_path):
    (tmp_path / "large.yaml").write_bytes(b"a: " + b"x" * 10_000_000)
    data = yamltree.read_bytes(tmp_path / "large.yaml")
    assert len(data) == 2_000_001
    assert refusal(data) == "0:0: the file is larger than 2 MB; a file of answers has a few kilobytes"


def test_a_file_of_two_megabytes_is_read():
    assert len(plain(tree(b"a: " + b"x" * 1_999_997))["a"]) == 1_999_997


def test_more_than_200_000_values_are_refused():
    assert refusal("a: [" + "1," * 250_000 + "]").endswith(": more than 200,000 values in one file")


def test_a_list_as_deep_as_allowed_is_read():
    assert tree("a: " + "[" * 19 + "]" * 19).get("a") is not None


@pytest.mark.parametrize(
    "text", ["010", "no", "12:30", "1e5", "=", "<<", "~", "null", "2024-01-05", "1_000", "0x10", "-.5", "1.10"]
)
def test_raw_text_stays_raw(text):
    assert plain(tree(f"a: {text}\n{text}: [{text}, {text}]")) == {"a": text, text: [text, text]}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"\xef\xbb\xbfa: 1", {"a": "1"}, id="UTF-8 with a byte order mark"),
        pytest.param("a: ½".encode("utf-16"), {"a": "½"}, id="UTF-16 with a byte order mark"),
        pytest.param(b"\xfe\xff" + "a: ½".encode("utf-16-be"), {"a": "½"}, id="UTF-16, the other way round"),
        pytest.param("a: 1\r\nb:\r\n  c: 2\r\n", {"a": "1", "b": {"c": "2"}}, id="line ends of Windows"),
        pytest.param("a:\t1", {"a": "1"}, id="a tab after the colon"),
        pytest.param("1.10: a\n1.1: b\n1: c", {"1.10": "a", "1.1": "b", "1": "c"}, id="keys that are equal as numbers"),
        pytest.param("a:\nb: ''", {"a": "", "b": ""}, id="nothing after the colon"),
        pytest.param("a: |\n  1 2\n  3 4\nb: 5", {"a": "1 2\n3 4\n", "b": "5"}, id="a block of lines"),
        pytest.param("%YAML 1.1\n---\na: 1", {"a": "1"}, id="a directive"),
    ],
)
def test_what_is_read(data, expected):
    assert plain(tree(data)) == expected


def test_nodes_know_their_place_and_whether_they_were_in_quotes():
    root = tree("é: [1,\r\n 'ü', {x: 𝑥}]\r\nb: 2")
    pairs = dict(root.pairs)
    first, second, braces = next(iter(pairs.values())).items
    assert [(node.line, node.column, node.plain) for node in (first, second)] == [(1, 5, True), (2, 2, False)]
    assert (braces.line, braces.column, braces.raw) == (2, 7, "{x: 𝑥}")
    assert root.get("é").raw == "[1,\r\n 'ü', {x: 𝑥}]"
    assert (root.get("b").line, root.get("b").column) == (3, 4)
    assert root.raw == ""
    assert root.get("c") is None


def test_a_byte_order_mark_shifts_nothing():
    root = tree("\ufeffa: {b: 1}")
    assert (root.column, root.get("a").column, root.get("a").raw) == (1, 4, "{b: 1}")


def test_keys_given_twice_can_be_collected_and_the_first_counts():
    twice: list[TreeError] = []
    root = yamltree.parse("a: 1\nb: {c: 1, c: [2, {d: 3}], e: 4}\na: 5", twice)
    assert plain(root) == {"a": "1", "b": {"c": "1", "e": "4"}}
    assert [(error.line, error.column, error.message) for error in twice] == [
        (2, 11, f"'c' {TWICE}"),
        (3, 1, f"'a' {TWICE}"),
    ]


PIECES = st.sampled_from(
    [*"abc019:,-?!&*#|>%@`'\"[]{}()=.~ \t\n\r\\\x00\x1b\x85", "\n  ", "a: ", "- ", "<<: ", "---\n", "...\n", "!!int ", "&a ", "*a ",
     "\u2028", "\ufeff", "é", "𝑥", "\ud7ff", "\\u0000", "%TAG ! x\n"]
)  # fmt: skip


@steady
@given(st.lists(PIECES, max_size=40).map("".join))
def test_text_of_any_kind_is_read_or_refused(text):
    try:
        plain(tree(text))
    except TreeError as error:
        assert error.line <= len(text) + 1
        assert error.message


@steady
@given(st.binary(max_size=60) | st.binary(max_size=20).map(lambda data: b"\xff\xfe" + data))
def test_bytes_of_any_kind_are_read_or_refused(data):
    try:
        tree(data)
    except TreeError as error:
        assert error.message
