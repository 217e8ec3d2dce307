"""A network as a list of layers: what each layer is, and how `layers` of a problem file is read.

An item is a word (`relu`), a word with its main value (`dense: 10`), or a word with fields (`conv: {filters: 16,
kernel: 3}`). Every layer has a name: its own, or its word and a number (`conv1`, `pool2`), counted per word over the
whole network in the order in which a person computes it. `repeat` is written out first: each repetition has its names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, NoReturn, TypeAlias, TypeVar

from hwcheck.given import GivenError, Reader, kind_of, read_pair
from hwcheck.kernels.types import Array
from hwcheck.values import Value
from hwcheck.words import quoted, suggestion
from hwcheck.yamltree import Mapping, Node, Scalar, Sequence

_EXAMPLES = {"conv": "filters: 16, kernel: 3", "dense": "units: 10"}
"""The fields that a layer cannot do without, as an author writes them."""

MAX_LAYERS = 2_000

Pair: TypeAlias = tuple[int, int]
X = TypeVar("X")

ACTIVATIONS = ("relu", "sigmoid", "tanh", "softmax", "leaky_relu", "gelu")
NAMED = {
    "conv": "conv",
    **{word: word for word in ACTIVATIONS},
    "max_pool": "pool",
    "avg_pool": "pool",
    "global_avg_pool": "gap",
    "batch_norm": "bn",
    "dropout": "drop",
    "flatten": "flatten",
    "dense": "fc",
    "residual": "add",
    "branch": "cat",
}
"""word in the file → how its layers are called"""

WORDS = (*NAMED, "repeat")
MAIN = {
    "max_pool": "window",
    "avg_pool": "window",
    "leaky_relu": "slope",
    "batch_norm": "count",
    "dropout": "rate",
    "dense": "units",
    "residual": "body",
    "branch": "paths",
}
"""the field that `word: value` gives"""

MAX_DRAWN = 7
"""How often a part is repeated at most where the number is a symbol."""
PADDINGS = ("valid", "same", "full")
MODES = ("zeros", "circular", "reflect", "replicate")


class Conv(NamedTuple):
    """A convolution layer; pairs are (vertical, horizontal).

    `padding` is cells per side or a word. `weight` is (filters, channels a group, rows, columns); `stacked` is whether
    it was written with an axis of filters, so that its output has an axis of channels. `bias` None leaves it to the
    network.
    """

    name: str
    filters: int
    kernel: Pair
    padding: Pair | str = (0, 0)
    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    groups: int = 1
    padding_mode: str = "zeros"
    bias: bool | None = None
    bias_values: Array | None = None
    weight: Array | None = None
    stacked: bool = True


class Activation(NamedTuple):
    """A function of each element (softmax: of all channels at one place)."""

    name: str
    function: str
    slope: float = 0.01


class Pool(NamedTuple):
    """Max or average pooling."""

    name: str
    method: str
    window: Pair
    stride: Pair
    padding: Pair = (0, 0)


class GlobalPool(NamedTuple):
    """The average of each channel."""

    name: str


class BatchNorm(NamedTuple):
    """Batch normalisation; `every` counts the moving mean and variance as parameters too."""

    name: str
    every: bool = False


class Dropout(NamedTuple):
    """Dropout; it changes no shape and has no parameters."""

    name: str
    rate: float = 0.5


class Flatten(NamedTuple):
    """All elements as one vector."""

    name: str


class Dense(NamedTuple):
    """A fully connected layer; `weight` is (units, inputs)."""

    name: str
    units: int
    bias: bool | None = None
    bias_values: Array | None = None
    weight: Array | None = None


class Residual(NamedTuple):
    """body(x) + shortcut(x); an empty shortcut passes x. The name is that of the addition."""

    name: str
    body: tuple[Layer, ...]
    shortcut: tuple[Layer, ...] = ()


class Branch(NamedTuple):
    """Several paths from one input, joined over channels. The name is that of the joining."""

    name: str
    paths: tuple[tuple[Layer, ...], ...]


Layer: TypeAlias = Conv | Activation | Pool | GlobalPool | BatchNorm | Dropout | Flatten | Dense | Residual | Branch


def read_layers(reader: Reader, node: Node) -> tuple[Layer, ...]:
    """The layers of a network, named, with every `repeat` written out.

    Raises:
        GivenError: at the node that cannot be read, with what was found and what would have worked.
    """
    return tuple(_visit(_unrolled(node, reader), _Namer(), partial(_read, reader)))


def layer_names(node: Node, reader: Reader | None = None) -> list[str]:
    """The names of all layers, in the order of computing; options are not looked at."""

    def visit(name: str, _item: _Item, inner: list[list[list[str]]]) -> list[str]:
        return [*(n for path in inner for names in path for n in names), name]

    return [name for names in _visit(_unrolled(node, reader or _PLAIN), _Namer(), visit) for name in names]


def override_layers(node: Node, name: str, override: Node, reader: Reader | None = None) -> Node:
    """The same `layers` with some fields of one layer replaced, for a part's `given: {conv1: {dilation: 2}}`.

    `repeat` is written out where there is one, so that one repetition can be changed alone; names stay as they are.

    Raises:
        GivenError: there is no layer of that name, or the override is no mapping.
    """
    layers, plain = _unrolled(node, reader or _PLAIN), reader or _PLAIN
    names = layer_names(layers, plain)
    if name not in names:
        raise GivenError(override, f"no layer {quoted(name)}{suggestion(name, names)}")
    if not isinstance(override, Mapping):
        expected = f"{name}: expected the fields to replace, `{{field: value}}`"
        raise GivenError(override, f"{expected}, found {kind_of(override)}")

    def visit(found: str, item: _Item, inner: list[list[Node]]) -> Node:
        fields = _with_inner(item, inner)
        if found == name:
            new = {key.text: (key, value) for key, value in override}
            kept = tuple(pair for pair in fields.pairs if pair[0].text not in new)
            fields = Mapping((*kept, *new.values()), fields.line, fields.column, "")
        return Mapping(((item.word, fields),), item.word.line, item.word.column, "")

    return Sequence(tuple(_visit(layers, _Namer(), visit)), layers.line, layers.column, "")


# The list as it is written: words, fields, names.


class _Item(NamedTuple):
    """One item of the list: its word, and its fields with the main value among them."""

    word: Scalar
    fields: Mapping

    def inner(self) -> list[Sequence]:
        """The lists of layers inside, in the order of computing."""
        if self.word.text == "residual":
            body = self.fields.get("body")
            if body is None:
                raise GivenError(self.word, "residual: give `body`, a list of layers")
            shortcut = self.fields.get("shortcut") or Sequence((), body.line, body.column, "")
            return [_list(body, "residual: body"), _list(shortcut, "residual: shortcut")]
        if self.word.text == "branch":
            paths = self.fields.get("paths")
            if paths is None:
                raise GivenError(self.word, "branch: give its paths, `branch: [[…], […]]`")
            if not isinstance(paths, Sequence) or len(paths.items) < 2:
                found = "one path" if isinstance(paths, Sequence) and paths.items else kind_of(paths)
                raise GivenError(paths, f"branch: expected at least two lists of layers, `[[…], […]]`, found {found}")
            return [_list(path, "branch") for path in paths.items]
        return []


def _item(node: Node) -> _Item:
    if isinstance(node, Scalar):
        word, value = node, None
    elif isinstance(node, Mapping) and len(node.pairs) == 1:
        word, value = node.pairs[0]
    else:
        found = " and ".join(quoted(key.text) for key, _ in node) if isinstance(node, Mapping) else kind_of(node)
        expected = "expected one layer, as `relu`, `dense: 10` or `conv: {filters: 16, kernel: 3}`"
        raise GivenError(node, f"{expected}, found {found}")
    text = word.text.strip()
    if text not in WORDS:
        raise GivenError(word, f"no layer {quoted(text)}{suggestion(text, WORDS)}")
    word = Scalar(text, word.line, word.column)
    if value is None or (isinstance(value, Scalar) and value.blank):
        return _Item(word, Mapping((), word.line, word.column, ""))
    if isinstance(value, Mapping) and [key.text for key, _ in value] != ["from"]:
        return _Item(word, value)
    if text not in MAIN:
        raise GivenError(
            value, f"{text}: expected `{text}: {{{_EXAMPLES.get(text, 'field: value')}}}`, found {kind_of(value)}"
        )
    return _Item(word, Mapping(((Scalar(MAIN[text], value.line, value.column), value),), value.line, value.column, ""))


def _list(node: Node, what: str = "") -> Sequence:
    if isinstance(node, Sequence):
        return node
    raise GivenError(node, f"{what}{': ' if what else ''}expected a list of layers, found {kind_of(node)}")


def _unrolled(node: Node, reader: Reader) -> Sequence:
    """The list with every `repeat` written out."""
    layers = _list(node)
    items: list[Node] = []
    for each in layers.items:
        item = _item(each)
        if item.word.text == "repeat":
            times, body = _repeat(item, reader)
            if len(items) + times * len(body.items) > MAX_LAYERS:
                raise GivenError(each, f"repeat: more than {MAX_LAYERS:,} layers")
            items += body.items * times
        else:
            inner = [_unrolled(path, reader) for path in item.inner()]
            fields = _with_inner(item, [list(path.items) for path in inner])
            items.append(Mapping(((item.word, fields),), each.line, each.column, "") if inner else each)
    return Sequence(tuple(items), layers.line, layers.column, "")


def _repeat(item: _Item, reader: Reader) -> tuple[int, Sequence]:
    for key, _ in item.fields:
        if key.text not in ("times", "layers"):
            raise GivenError(key, f"repeat has no {quoted(key.text)}{suggestion(key.text, ('times', 'layers'))}")
    times, layers = item.fields.get("times"), item.fields.get("layers")
    if times is None or layers is None:
        raise GivenError(item.word, f"repeat: give `{'times' if times is None else 'layers'}`")
    body = _unrolled(_list(layers, "repeat: layers"), reader)
    return _field("repeat: times", times, lambda n: reader.integer(n, 1, drawn_to=MAX_DRAWN)), body


def _with_inner(item: _Item, inner: list[list[Node]]) -> Mapping:
    """The item's fields with the lists of layers inside replaced."""
    if not inner:
        return item.fields
    new = [Sequence(tuple(items), old.line, old.column, "") for items, old in zip(inner, item.inner(), strict=True)]
    if item.word.text == "residual":
        lists: dict[str, Node] = {"body": new[0], "shortcut": new[1]}
    else:
        lists = {"paths": Sequence(tuple(new), item.word.line, item.word.column, "")}
    pairs = [(key, lists.pop(key.text, value)) for key, value in item.fields]
    return Mapping(tuple(pairs), item.fields.line, item.fields.column, "")


class _Namer:
    """Counts the layers of each word and hands out their names, each once."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._taken: dict[str, bool] = {}

    def __call__(self, item: _Item) -> str:
        word = NAMED[item.word.text]
        number = self._counts[word] = self._counts.get(word, 0) + 1
        own = item.fields.get("name")
        name = f"{word}{number}" if own is None else _own_name(own)
        if name in self._taken:
            raise GivenError(own or item.word, f"two layers are called {quoted(name)}; give each a name of its own")
        if len(self._taken) >= MAX_LAYERS:
            raise GivenError(item.word, f"more than {MAX_LAYERS:,} layers")
        self._taken[name] = True
        return name


def _own_name(node: Node) -> str:
    text = node.text.strip() if isinstance(node, Scalar) else ""
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_]*", text):
        raise GivenError(node, f"name: expected letters, digits and _, found {kind_of(node)}")
    return text


def _visit(layers: Sequence, namer: _Namer, visit: Callable[[str, _Item, list[list[X]]], X]) -> list[X]:
    """What `visit` makes of each layer, given its name and what it made of the layers inside."""
    made = []
    for each in layers.items:
        item = _item(each)
        inner = [_visit(path, namer, visit) for path in item.inner()]
        made.append(visit(namer(item), item, inner))
    return made


def _no_links(_part: str, node: Node) -> Value:
    raise GivenError(node, "the value of another part cannot stand here")


_PLAIN = Reader(_no_links)


# Reading one layer.


def _read(reader: Reader, name: str, item: _Item, inner: list[list[Layer]]) -> Layer:
    word = item.word.text
    if word == "residual":
        _fields(name, item, {"body": _kept, "shortcut": _kept})
        return Residual(name, tuple(inner[0]), tuple(inner[1]))
    if word == "branch":
        _fields(name, item, {"paths": _kept})
        return Branch(name, tuple(map(tuple, inner)))
    if word in ACTIVATIONS:
        slopes = {"slope": lambda n: float(reader.number(n))} if word == "leaky_relu" else {}
        return Activation(name, word, **_fields(name, item, slopes))
    return _READ[word](reader, name, item)


def _conv(reader: Reader, name: str, item: _Item) -> Conv:
    given = _fields(
        name, item,
        {
            "filters": lambda n: reader.integer(n, 1), "kernel": lambda n: read_pair(reader, n, 1),
            "padding": lambda n: _padding(reader, n), "stride": lambda n: read_pair(reader, n, 1),
            "dilation": lambda n: read_pair(reader, n, 1), "groups": lambda n: reader.integer(n, 1),
            "padding_mode": lambda n: reader.word(n, MODES), "bias": lambda n: _bias(reader, n), "weight": reader.array,
        },
    )  # fmt: skip
    weight: Array | None = given.pop("weight", None)
    if weight is not None:
        if weight.ndim not in (2, 3, 4):
            expected = "expected rows × columns, with channels and filters before them where there are several"
            _refuse(name, item, "weight", expected, weight)
        given["stacked"] = weight.ndim == 4
        weight = weight.reshape((1,) * (4 - weight.ndim) + weight.shape)
        for field, found, there in (("filters", given.get("filters"), weight.shape[0]),
                                    ("kernel", given.get("kernel"), weight.shape[2:])):  # fmt: skip
            if found not in (None, there):
                _refuse(name, item, field, f"`weight` has {_sizes(there)}, found {_sizes(found)}")
        given |= {"filters": weight.shape[0], "kernel": (weight.shape[2], weight.shape[3]), "weight": weight}
    _required(name, item, given, "filters", "kernel")
    return Conv(name, **_bias_fields(name, item, given, given["filters"], "filters"))


def _dense(reader: Reader, name: str, item: _Item) -> Dense:
    readers = {"units": lambda n: reader.integer(n, 1), "bias": lambda n: _bias(reader, n), "weight": reader.array}
    given = _fields(name, item, readers)
    weight: Array | None = given.get("weight")
    if weight is not None:
        if weight.ndim != 2:
            _refuse(name, item, "weight", "expected units × inputs", weight)
        if given.setdefault("units", weight.shape[0]) != weight.shape[0]:
            _refuse(name, item, "units", f"`weight` has {weight.shape[0]} rows, found {given['units']}")
    _required(name, item, given, "units")
    return Dense(name, **_bias_fields(name, item, given, given["units"], "units"))


def _pool(reader: Reader, name: str, item: _Item) -> Pool:
    given = _fields(
        name, item,
        {"window": lambda n: read_pair(reader, n, 1), "stride": lambda n: read_pair(reader, n, 1),
         "padding": lambda n: read_pair(reader, n, 0)},
    )  # fmt: skip
    _required(name, item, given, "window")
    return Pool(name, item.word.text.removesuffix("_pool"), **{"stride": given["window"], **given})


def _batch_norm(reader: Reader, name: str, item: _Item) -> BatchNorm:
    given = _fields(name, item, {"count": lambda n: reader.word(n, ("trainable", "all"))})
    return BatchNorm(name, given.get("count") == "all")


def _dropout(reader: Reader, name: str, item: _Item) -> Dropout:
    given = _fields(name, item, {"rate": lambda n: float(reader.number(n, "a share from 0 to 1"))})
    if not 0 <= given.get("rate", 0.5) <= 1:
        _refuse(name, item, "rate", f"expected a share from 0 to 1, found {given['rate']:g}")
    return Dropout(name, **given)


_READ: dict[str, Callable[[Reader, str, _Item], Layer]] = {
    "conv": _conv,
    "max_pool": _pool,
    "avg_pool": _pool,
    "global_avg_pool": lambda _reader, name, item: GlobalPool(name, **_fields(name, item, {})),
    "batch_norm": _batch_norm,
    "dropout": _dropout,
    "flatten": lambda _reader, name, item: Flatten(name, **_fields(name, item, {})),
    "dense": _dense,
}


def _fields(name: str, item: _Item, readers: dict[str, Callable[[Node], Any]]) -> dict[str, Any]:
    """The fields of one layer, each read by its own function; `name` has been read before."""
    values = {}
    for key, node in item.fields:
        if key.text == "name":
            continue
        if key.text not in readers:
            known = (*readers, "name")
            raise GivenError(key, f"{name}: {item.word.text} has no {quoted(key.text)}{suggestion(key.text, known)}")
        values[key.text] = _field(f"{name}: {key.text}", node, readers[key.text])
    return values


def _field(what: str, node: Node, read: Callable[[Node], X]) -> X:
    try:
        return read(node)
    except GivenError as error:
        raise GivenError(error.node, f"{what}: {error.message}") from None


def _kept(node: Node) -> Node:
    return node


def _required(name: str, item: _Item, given: dict[str, Any], *fields: str) -> None:
    missing = [f"`{field}`" for field in fields if field not in given]
    if missing:
        raise GivenError(item.word, f"{name}: give {' and '.join(missing)}")


def _refuse(name: str, item: _Item, field: str, message: str, found: Array | None = None) -> NoReturn:
    shown = "" if found is None else f", found {_sizes(found.shape)}" if found.ndim else ", found a number"
    raise GivenError(item.fields.get(field) or item.word, f"{name}: {field}: {message}{shown}")


def _sizes(value: int | tuple[int, ...]) -> str:
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _padding(reader: Reader, node: Node) -> Pair | str:
    text = node.text.strip() if isinstance(node, Scalar) else ""
    if text in PADDINGS:
        return text
    try:
        return read_pair(reader, node, 0)
    except GivenError:
        if not text.isidentifier():
            raise
        expected = "expected a number, [vertical, horizontal], valid, same or full"
        raise GivenError(node, f"{expected}, found {quoted(text)}{suggestion(text, PADDINGS)}") from None


def _bias(reader: Reader, node: Node) -> bool | Array:
    """Whether there are biases, or their values."""
    words = {"true": True, "false": False}
    if isinstance(node, Scalar) and node.text.strip().casefold() in words:
        return words[node.text.strip().casefold()]
    return reader.array(node).reshape(-1)


def _bias_fields(name: str, item: _Item, given: dict[str, Any], count: int, what: str) -> dict[str, Any]:
    """The fields with a bias given as numbers taken apart: there is one, and its values."""
    bias = given.get("bias")
    if bias is None or isinstance(bias, bool):
        return given
    if len(bias) != count:
        _refuse(name, item, "bias", f"expected one number for each of {count} {what}, found {len(bias)}")
    return {**given, "bias": True, "bias_values": bias}
