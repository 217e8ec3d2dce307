"""Convolutional network, layer by layer: shapes, parameters, operations, receptive fields, values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from math import prod
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.expressions import key
from hwcheck.given import GivenError, Givens, Reader, kind_of, option, special
from hwcheck.kernels import activations
from hwcheck.kernels.convolution import correlate2d, output_size, pad2d, pads
from hwcheck.kernels.pooling import average_pool2d, max_pool2d, pool_size
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.layers import (
    Activation,
    BatchNorm,
    Branch,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    Layer,
    Pair,
    Pool,
    Residual,
    read_layers,
)
from hwcheck.values import products, show_number
from hwcheck.working import Slip, Working
from hwcheck.yamltree import Node, Scalar, Sequence

Sizes: TypeAlias = tuple[int | None, ...]
Slips: TypeAlias = Mapping[str, Slip]

_SIZES = "32x32x3, 40x1 in one dimension, [H, W, channels] with ? for a side that does not matter, or the values"


def _read_input(reader: Reader, node: Node) -> Sizes | Array:
    """Sizes in the order they are written in, None where unknown; or values, H W, C H W or N C H W."""
    if isinstance(node, Sequence) and not any(isinstance(item, Sequence) for item in node.items):
        if len(node.items) not in (2, 3):
            raise GivenError(node, f"expected {_SIZES}, found {kind_of(node)}")
        return tuple(_read_size(reader, item) for item in node.items)
    if isinstance(node, Scalar):
        parts = re.split("[x×]", re.sub(r"\s", "", node.text))
        if len(parts) not in (2, 3) or not all(re.fullmatch(r"\?|[1-9]\d{0,8}", part) for part in parts):
            raise GivenError(node, f"expected {_SIZES}, found {kind_of(node)}")
        return tuple(None if part == "?" else int(part) for part in parts)
    linked = reader.linked(node)
    if isinstance(linked, tuple) and len(linked) in (2, 3):
        return linked
    values = reader.array(node)
    if values.ndim not in (2, 3, 4):
        raise GivenError(node, f"expected {_SIZES}, found an array of {values.ndim} axes")
    return values


def _read_size(reader: Reader, node: Node) -> int | None:
    unknown = isinstance(node, Scalar) and node.text.strip() == "?"
    return None if unknown else reader.integer(node, 1, expected="a size, or ?")


def _read_shift(reader: Reader, node: Node) -> Pair:
    if not isinstance(node, Sequence) or len(node.items) != 2:
        raise GivenError(node, f"expected [down, right], found {kind_of(node)}")
    low, expected = -(10**6), "a whole number of cells"
    return reader.integer(node.items[0], low, expected=expected), reader.integer(node.items[1], low, expected=expected)


LAYERS = (
    "the layers from the input on, each a word, `word: main value` or `word: {…}`, with a `name` if wanted: "
    "conv {filters, kernel, stride, padding, dilation, groups, bias, padding_mode, weight}; relu, sigmoid, tanh, "
    "softmax, leaky_relu, gelu; max_pool, avg_pool {window, stride, padding}; global_avg_pool; batch_norm {count: "
    "trainable | all}; dropout; flatten; dense {units, bias, weight}; residual {body: […], shortcut: […]}; "
    "branch [[…], […]]; repeat {times, layers: […]}"
)


class CNN(Givens):
    """What is given: the size or the values of the input, and the layers."""

    input: Sizes | Array = special(
        _read_input, expects=_SIZES,
        doc="the input, in the order of `layout`; values are H W, C H W or N C H W",
    )  # fmt: skip
    layout: str = option(
        "HWC", "CHW", doc="in which order shapes are written",
        others={"HWC": "wrote the channels last", "CHW": "wrote the channels first"},
    )  # fmt: skip
    bias: bool = option(True, False, doc="whether layers with weights have biases, unless a layer says so itself")
    incomplete: str = option(
        "floor", "ceil", "strict",
        doc="a last pooling window that hangs over the edge is dropped or kept; strict: every stride must divide",
        others={"floor": "dropped the incomplete window", "ceil": "kept the incomplete window"},
    )  # fmt: skip
    flops_per_mac: int = option(
        2, 1, doc="operations in a multiply-add",
        others={1: "counted a multiply-add as one operation", 2: "counted a multiply-add as two operations"},
    )  # fmt: skip
    shift: Pair = special(
        _read_shift, default=(0, 0), expects="[down, right]",
        doc="by how many cells the values are shifted in a circle before the first layer",
    )  # fmt: skip
    layers: tuple[Layer, ...] = special(read_layers, expects="a list of layers", doc=LAYERS)


@kind(
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), chapter 9; Dumoulin and Visin (2016), A guide to "
    "convolution arithmetic; Araujo, Norris and Sim (2019), Computing receptive fields, Distill",
    quantities={
        "NAME.height": "height after the layer (the length, in one dimension)",
        "NAME.width": "width after the layer",
        "NAME.channels": "channels after the layer",
        "NAME.shape": "shape after the layer, in the order of `layout`; of a vector its length",
        "NAME.neurons": "number of units after the layer",
        "NAME.weights_per_filter": "weights of one filter of a convolution",
        "NAME.weights": "weights of a convolution or dense layer",
        "NAME.biases": "biases of a convolution or dense layer",
        "NAME.params": "parameters of the layer",
        "NAME.macs": "multiply-adds of a convolution or dense layer, without the biases",
        "NAME.flops": "operations of the layer: those of its multiply-adds; for a pool, the cells of all windows; for "
        "an activation, a normalisation or an addition, one a unit",
        "NAME.receptive_field": "side of the part of the input that a unit sees (two numbers where they differ)",
        "NAME.jump": "distance in the input between neighbouring units (two numbers where they differ)",
        "NAME.output": "the values after the layer",
        "NAME.fc_inputs": "inputs of the dense layer that would do the same as a convolution",
        "NAME.fc_outputs": "units of that dense layer",
        "NAME.fc_weights": "weights of that dense layer",
        "NAME.fc_biases": "biases of that dense layer, one for every unit",
        "NAME.fc_params": "parameters of that dense layer",
        "shape": "shape after the last layer",
        "neurons": "units of all convolutions and dense layers",
        "weights": "weights of all convolutions and dense layers",
        "biases": "biases of all convolutions and dense layers",
        "params": "parameters of all layers",
        "macs": "multiply-adds of all layers",
        "flops": "operations of all layers",
        "receptive_field": "receptive field after the last layer before the net becomes a vector",
        "jump": "distance in the input between neighbouring units there",
    },
    tables={"table": ("params", "shape")},
    examples=(
        """
        given:
          input: 37x29x3
          layers:
            - conv: {filters: 5, kernel: 3x5, padding: [1, 2], stride: [2, 3]}
            - batch_norm
            - relu
            - max_pool: {window: 3, stride: 2, padding: 1}
            - conv: {filters: 7, kernel: [5, 3], padding: 2, dilation: [2, 1], name: wide}
            - sigmoid
            - avg_pool: 2
            - flatten
            - dropout: 0.25
            - dense: 11
            - dense: {units: 4, bias: false}
        parts:
          a: {ask: conv1.shape}
          b: {ask: wide.params}
          c: {ask: params}
          d: {ask: receptive_field}
        """,
        """
        given:
          input: 6x30x41
          layout: CHW
          bias: false
          flops_per_mac: 1
          layers:
            - conv: {filters: 8, kernel: 3, padding: same, stride: 2, bias: true}
            - residual:
                body:
                  - conv: {filters: 12, kernel: 3, padding: 2, stride: 2}
                  - batch_norm: {count: all}
                  - conv: {filters: 12, kernel: 2, groups: 4}
                shortcut:
                  - conv: {filters: 12, kernel: 1, stride: 2}
            - branch:
                - [{conv: {filters: 3, kernel: 5, padding: same}}, tanh]
                - [{max_pool: {window: 2, stride: 1, padding: 1}}, {conv: {filters: 9, kernel: 2}}]
                - []
            - avg_pool: {window: 2, stride: 3}
            - global_avg_pool
            - dense: 10
            - softmax
        parts: {a: {ask: add1.shape}, b: {ask: conv3.weights}, c: {ask: cat1.shape}, d: {ask: flops}}
        """,
        """
        given:
          input:
            - [[-1, 0, 1, 2, 0.5], [2, 0.3, 0.4, -2, 1], [0.5, 0.6, 0.7, 1, 3], [0.8, 0.9, 1, 0, -2]]
            - [[0.5, 1, -1, 3, 1], [1, 0, 2, 2, -1], [0.4, 1, 1, -3, 0], [2, -2, 0, 1, 0.2]]
          shift: [1, 0]
          layers:
            - conv:
                padding: [1, 0]
                stride: [2, 1]
                weight: [[[[0.2, 1], [0, -1]], [[1, 0], [-1, 0.3]]], [[[0.5, -1], [1, 0]], [[0, 0.2], [1, -2]]]]
                bias: [0.5, -0.3]
            - leaky_relu: 0.1
            - residual: [{conv: {weight: [[[[1]], [[-0.2]]], [[[0.5]], [[1]]]]}}, gelu]
            - max_pool: {window: [2, 1], stride: [1, 2]}
            - avg_pool: {window: [1, 2], stride: 1, padding: [0, 1]}
            - softmax
            - flatten
            - dense:
                weight: [[1, 2, -1, 0, 3, 1, -2, 1, 0.5, 1, 2, -1], [0, 1, 1, -1, 2, 0, 1, 1, -3, 2, 1, 1]]
                bias: [1, -1]
        parts: {a: {ask: conv1.output}, b: {ask: pool1.output}, c: {ask: fc1.output}}
        """,
        """
        given:
          input: [[1, 2, -3, 4], [0, 1, 5, -6], [7, 8, 2, 1]]
          layers:
            - conv: {weight: [[1, -2], [3, 4]], stride: [1, 2]}
            - branch: [[relu], [tanh]]
            - global_avg_pool
        parts: {a: {ask: conv1.output}, b: {ask: gap1.output}}
        """,
        """
        given:
          input: 40x2
          layers:
            - conv: {filters: 6, kernel: 5, stride: 2, padding: 1}
            - max_pool: 2
            - conv: {filters: 4, kernel: 3}
            - flatten
        parts: {a: {ask: conv1.height}, b: {ask: pool1.shape}, c: {ask: receptive_field}}
        """,
    ),
)
def cnn(given: CNN, work: Working) -> None:
    """Convolutional network: shapes, parameters, multiply-adds, receptive fields, and values, layer by layer.

    A window fits ⌊(n + 2p - k)/s⌋ + 1 times; a convolution has k_h k_w c weights a filter and one bias a filter. The
    `neurons` of the whole net are the units of its convolutions and dense layers; pools and activations are not counted
    again. The receptive field grows by (k - 1) times the product of all strides before; it ends where the net becomes a
    vector. Convolution is cross-correlation, without a flip. `incomplete` decides on pools; a convolution drops what
    does not fill a window (an error under strict). Flatten and dense read values in the order channel, row, column.
    """
    net = _Net(given, work)
    last = net.through(given.layers, _start(given))
    shape = net.shape_of(last)
    if shape is not None:
        work("shape", shape)
    net.total("neurons", (Conv, Dense), {"counted the units of pools too": (Conv, Dense, Pool, GlobalPool)})
    for quantity in ("weights", "biases", "params", "macs"):
        net.total(quantity, _EVERY, {"left out the dense layers": tuple(kind for kind in _EVERY if kind is not Dense)})
    net.total("flops", _EVERY, {"left out all but convolutions and dense layers": (Conv, Dense)})
    if last.reach:
        work("receptive_field", _pair(last.reach))
        work("jump", _pair(last.jump))


class _Signal(NamedTuple):
    """What one layer hands to the next.

    Attributes:
        sides: height and width; the length in one dimension; nothing for a vector. None is unknown.
        channels: or the length of a vector.
        units: how many numbers it has.
        reach: receptive field, a number a side.
        jump: product of the strides before, a number a side.
        stride: of the last convolution or pool.
        vector: whether units have no place any more, so that the field has ended.
        x: values (N, C, H, W), or (N, length) of a vector.
        batched: whether values are shown with the axis N.
        stacked: whether values are shown with the axis C.
        strided: how many convolutions and pools there were with a stride above 1.
    """

    sides: Sizes
    channels: int | None
    units: int | None
    reach: tuple[int, ...]
    jump: tuple[int, ...]
    stride: tuple[int, ...]
    vector: bool = False
    x: Array | None = None
    batched: bool = False
    stacked: bool = True
    strided: int = 0

    @property
    def product(self) -> int | None:
        """How many numbers its sizes make."""
        sizes = (*self.sides, self.channels)
        return None if None in sizes else prod(size for size in sizes if size is not None)


def _start(given: CNN) -> _Signal:
    if not isinstance(given.input, np.ndarray):
        if given.written.get("layout") == "CHW":
            channels, *sides = given.input
        else:
            *sides, channels = given.input
        ones = (1,) * len(sides)
        signal = _Signal(tuple(sides), channels, None, ones, ones, ones)
        return signal._replace(units=signal.product)
    axes = given.input.ndim
    x = given.input.reshape((1,) * (4 - axes) + given.input.shape)
    x = np.roll(x, given.shift, axis=(2, 3))
    signal = _Signal(x.shape[2:], x.shape[1], prod(x.shape[1:]), (1, 1), (1, 1), (1, 1), x=x)
    return signal._replace(batched=axes == 4, stacked=axes > 2)


class _Net:
    """One network being worked through: the counts of every layer, for the totals."""

    def __init__(self, given: CNN, work: Working) -> None:
        self.given = given
        self.work = work
        self.counts: dict[str, dict[str, int | None]] = {
            quantity: {} for quantity in ("neurons", "weights", "biases", "params", "macs", "flops")
        }
        self.kinds: dict[str, type[Layer]] = {}
        self.conv_channels: int | None = None
        """channels that the convolution before had as input"""
        self.dense_inputs: int | None = None
        """inputs of the dense layer before"""

    def through(self, layers: tuple[Layer, ...], signal: _Signal) -> _Signal:
        """Work through some layers, one after the other."""
        for layer in layers:
            self.kinds[layer.name] = type(layer)
            signal = _LAYERS[type(layer)](self, layer, signal)
        return signal

    # Counting.

    def count(
        self,
        layer: Layer,
        quantity: str,
        value: int | None,
        *,
        formula: str = "",
        names: Mapping[str, Any] | None = None,
        slips: Slips | None = None,
    ) -> int | None:
        """Record a count of one layer, None where a size is unknown."""
        if value is not None:
            value = self.work(f"{layer.name}.{quantity}", value, formula=formula, names=names or {}, slips=slips or {})
        if quantity in self.counts:
            self.counts[quantity][layer.name] = value
        return value

    def total(
        self, quantity: str, counted: tuple[type[Layer], ...], others: dict[str, tuple[type[Layer], ...]]
    ) -> None:
        """Record the sum of one count over some kinds of layers, unless one is unknown; slips sum over other kinds."""

        def over(kinds: tuple[type[Layer], ...]) -> dict[str, int | None]:
            return {name: n for name, n in self.counts[quantity].items() if n != 0 and self.kinds[name] in kinds}

        def summed(kinds: tuple[type[Layer], ...]) -> int:
            return sum(n or 0 for n in over(kinds).values())

        counts = over(counted)
        if None in counts.values():
            return
        readable = 0 < len(counts) <= 8 and len({key(name) for name in counts}) == len(counts)
        self.work(
            quantity, summed(counted), formula=" + ".join(counts) if readable else "", names=counts if readable else {},
            slips={label: partial(summed, kinds) for label, kinds in others.items() if over(kinds).keys() != counts.keys()},
        )  # fmt: skip

    # Shapes.

    def ordered(self, sides: tuple[int, ...], channels: int) -> tuple[int, ...]:
        """A shape as the course writes it."""
        return (channels, *sides) if self.given.layout == "CHW" else (*sides, channels)

    def shape_of(self, signal: _Signal) -> tuple[int, ...] | None:
        """The shape of a signal, if it is known."""
        sides = tuple(side for side in signal.sides if side is not None)
        if signal.channels is None or len(sides) < len(signal.sides):
            return None
        return self.ordered(sides, signal.channels)

    def shown(self, signal: _Signal) -> str:
        """The shape of a signal in a sentence."""
        first = self.given.layout == "CHW"
        return _times((signal.channels, *signal.sides) if first else (*signal.sides, signal.channels))

    def volume(
        self,
        layer: Layer,
        signal: _Signal,
        *,
        formulas: list[tuple[str, Mapping[str, Any]]] | None = None,
        slips: list[dict[str, Callable[[], int]]] | None = None,
        channels: tuple[str, Mapping[str, Any], Slips] = ("", {}, {}),
    ) -> _Signal:
        """Record height, width, channels, the shape made of them, and the number of units.

        `slips` are those of each side; at the shape, a slip is made on both sides.
        """
        if not signal.sides:
            return self.vector(layer, signal)
        work, name = self.work, layer.name
        slips = slips or [{} for _ in signal.sides]
        sides: list[int | None] = []
        for i, (word, side) in enumerate(zip(("height", "width"), signal.sides, strict=False)):
            formula, names = formulas[i] if formulas else ("", {})
            known = None if side is None else work(f"{name}.{word}", side, formula=formula, names=names, slips=slips[i])
            sides.append(known)
        depth = signal.channels
        if depth is not None:
            formula, names, wrong = channels
            depth = work(f"{name}.channels", depth, formula=formula, names=names, slips=wrong)
        shape = self.shape_of(signal._replace(sides=tuple(sides), channels=depth))
        if shape is None:
            signal = signal._replace(sides=tuple(sides), channels=depth)
        else:
            shape = work(f"{name}.shape", shape, slips=self._shape_slips(slips, shape) if len(sides) > 1 else {})
            first = 1 if self.given.layout == "CHW" else 0
            signal = signal._replace(sides=shape[first : first + len(sides)], channels=shape[0] if first else shape[-1])
        return self._units(layer, signal)

    def _shape_slips(self, slips: list[dict[str, Callable[[], int]]], shape: tuple[int, ...]) -> Slips:
        """The slips of the sides, each made on both."""

        def made(label: str) -> tuple[int, ...]:
            first = 1 if self.given.layout == "CHW" else 0
            wrong = list(shape)
            for i, side in enumerate(slips):
                if label in side:
                    wrong[first + i] = side[label]()
            return tuple(wrong)

        return {label: partial(made, label) for side in slips for label in side}

    def vector(
        self, layer: Layer, signal: _Signal, *, formula: str = "", names: Mapping[str, Any] | None = None,
        slips: Slips | None = None,
    ) -> _Signal:  # fmt: skip
        """Record the shape of a vector, and its number of units."""
        length = signal.channels
        if length is not None:
            (length,) = self.work(
                f"{layer.name}.shape", (length,), formula=formula, names=names or {}, slips=slips or {}
            )
        return self._units(layer, signal._replace(sides=(), channels=length))

    def _units(self, layer: Layer, signal: _Signal) -> _Signal:
        sides = tuple(side for side in signal.sides if side is not None)
        units = self.count(
            layer, "neurons", signal.product,
            formula=_WHOLE[len(signal.sides)], names=_whole(signal) if signal.sides else {},
            slips={"left out the channels": lambda: prod(sides)} if sides else {},
        )  # fmt: skip
        return signal._replace(units=units)

    # Receptive field, and values.

    def field(self, layer: Layer, signal: _Signal, kernel: tuple[int, ...], stride: tuple[int, ...]) -> _Signal:
        """Record the receptive field and the jump after a layer; `kernel` with its dilation."""
        if signal.vector:
            return signal
        r, j, before = signal.reach, signal.jump, signal.stride

        def grown(jump: tuple[int, ...]) -> Any:
            return _pair(tuple(r + (k - 1) * j for r, k, j in zip(r, kernel, jump, strict=True)))

        own = tuple(j * s for j, s in zip(j, stride, strict=True))
        wide, moved = any(k > 1 for k in kernel), any(s > 1 for s in stride)
        product = "took the last stride for the product of all strides"
        reach = self.work(
            f"{layer.name}.receptive_field", grown(j),
            formula="r + (k - 1) j", names={"r": r[0], "k": kernel[0], "j": j[0]},
            slips={
                **({product: lambda: grown(before)} if wide and signal.strided > 1 else {}),
                **({"counted this layer's own stride": lambda: grown(own)} if wide and moved else {}),
                **({"left out a layer": lambda: _pair(r)} if wide else {}),
            },
        )  # fmt: skip
        jump = self.work(
            f"{layer.name}.jump", _pair(own), formula="j s", names={"j": j[0], "s": stride[0]},
            slips={
                **({"left out this layer's stride": lambda: _pair(j)} if moved else {}),
                **({product: lambda: _pair(stride)} if moved and signal.strided else {}),
            },
        )  # fmt: skip
        return signal._replace(
            reach=_each(reach, len(r)), jump=_each(jump, len(r)), stride=stride, strided=signal.strided + moved
        )

    def union(self, layer: Layer, signal: _Signal, paths: list[_Signal]) -> _Signal:
        """Record the receptive field where paths meet: the largest, all of them being centred."""
        if signal.vector:
            return signal
        reaches = [path.reach for path in paths]
        reach = self.work(
            f"{layer.name}.receptive_field", _pair(tuple(map(max, *reaches))),
            slips={"took the path with the smaller field": lambda: _pair(tuple(map(min, *reaches)))},
        )  # fmt: skip
        jump = self.work(f"{layer.name}.jump", _pair(tuple(map(max, *(path.jump for path in paths)))))
        longest = max(paths, key=lambda path: path.strided)
        return signal._replace(reach=_each(reach, len(signal.reach)), jump=_each(jump, len(signal.reach)),
            stride=longest.stride, strided=longest.strided,
        )  # fmt: skip

    def output(
        self,
        layer: Layer,
        signal: _Signal,
        x: Array | None,
        *,
        slips: Mapping[str, Callable[[], Array]] | None = None,
        first: Callable[[], str] | None = None,
    ) -> _Signal:
        """Record the values after a layer, in the form in which the input was given, and go on with them."""
        if x is None:
            return signal._replace(x=None)

        def plain(y: Array) -> Array:
            y = y if signal.batched else y[0]
            return y if signal.stacked or not signal.sides else y[..., 0, :, :]

        shown = {label: partial(lambda slip: plain(slip()), slip) for label, slip in (slips or {}).items()}
        y = self.work(f"{layer.name}.output", plain(x), slips=shown, first=first)
        y = y if signal.batched else y[None]
        return signal._replace(x=y if signal.stacked or not signal.sides else y[..., None, :, :])


_WHOLE = ("", "length channels", "height width channels")


def _whole(signal: _Signal) -> dict[str, Any]:
    """What the words of `_WHOLE` stand for."""
    return dict(zip(_WHOLE[len(signal.sides)].split(), (*signal.sides, signal.channels), strict=True))


def _pair(sides: tuple[int, ...]) -> Any:
    """One number where the sides agree, else both."""
    return sides[0] if len(set(sides)) == 1 else sides


def _each(value: Any, sides: int = 2) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,) * sides


def _along(layer: Conv | Pool, pair: Pair, sides: int, neutral: int = 1) -> tuple[int, ...]:
    """A pair for as many sides as the input has; in one dimension `3x1` and `1x3` are `3`."""
    if sides == 2:
        return pair
    if pair[0] != pair[1] and neutral not in pair:
        raise Undefined(f"{layer.name}: its input has one dimension, and {pair[0]}×{pair[1]} has two")
    return (pair[0] if pair[1] in (neutral, pair[0]) else pair[1],)


def _placed(signal: _Signal) -> _Signal:
    """A vector as 1 × 1 × channels, for a convolution or pool that follows it."""
    if signal.sides:
        return signal
    x = None if signal.x is None else signal.x[:, :, None, None]
    return signal._replace(sides=(1, 1), x=x, stacked=True)


def _times(sizes: Sizes) -> str:
    return "×".join("?" if size is None else str(size) for size in sizes)


def _real(size: int) -> int:
    """A size that can be; a slip without one does not exist."""
    if size < 1:
        raise Undefined("nothing is left")
    return size


def _fits(layer: Conv | Pool, what: str, kernel: tuple[int, ...], padded: Sizes) -> None:
    if any(n is not None and k > n for k, n in zip(kernel, padded, strict=True)):
        size = f"{what} ({_times(kernel)})"
        raise Undefined(f"{layer.name}: the {size} is larger than its padded input ({_times(padded)})")


def _divides(net: _Net, layer: Conv | Pool, room: int, stride: int) -> None:
    if net.given.incomplete == "strict" and room % stride:
        raise Undefined(f"{layer.name}: its stride {stride} does not divide the {room} cells beside the first window")


# Convolution.


def _conv(net: _Net, layer: Conv, signal: _Signal) -> _Signal:
    signal = _placed(signal)
    sides = len(signal.sides)
    kernel, stride = _along(layer, layer.kernel, sides), _along(layer, layer.stride, sides)
    dilation = _along(layer, layer.dilation, sides)
    reach = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
    padding: tuple[int | str, ...] = (
        (layer.padding,) * sides if isinstance(layer.padding, str) else _along(layer, layer.padding, sides, 0)
    )
    axes = [_Axis(*axis) for axis in zip(signal.sides, kernel, dilation, stride, padding, strict=True)]
    _fits(layer, "dilated kernel" if reach != kernel else "kernel", reach, tuple(axis.padded for axis in axes))
    for axis in axes:
        if axis.n is not None and layer.padding != "same":
            _divides(net, layer, axis.n + sum(axis.pads) - axis.reach, axis.stride)
    c, F, g = signal.channels, layer.filters, layer.groups
    if c is not None and c % g:
        raise Undefined(f"{layer.name}: {c} input channels cannot be split into {g} groups")
    if F % g:
        raise Undefined(f"{layer.name}: {F} filters cannot be split into {g} groups")

    after = net.volume(
        layer, signal._replace(sides=tuple(axis.size() for axis in axes), channels=F),
        formulas=[axis.formula() for axis in axes], slips=[axis.slips() for axis in axes],
        channels=("F", {"F": F}, {"kept the input channels": lambda: c} if c is not None else {}),
    )  # fmt: skip
    one, units = _conv_weights(net, layer, c, kernel), net.counts["neurons"][layer.name]
    _biases(net, layer, F, "F", {"counted one bias for every output": lambda: units} if units is not None else {})
    _conv_operations(net, layer, c, prod(kernel), one)
    after = net.field(layer, after, reach, stride)
    _as_dense(net, layer, signal, after)
    return _conv_output(net, layer, signal, after)


class _Axis(NamedTuple):
    """One side of a convolution."""

    n: int | None
    kernel: int
    dilation: int
    stride: int
    padding: int | str

    @property
    def reach(self) -> int:
        """The cells from the first to the last that the kernel touches."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def pads(self) -> Pair:
        """Cells before and after."""
        return pads(self.padding, self.n or 1, self.reach, self.stride)

    @property
    def padded(self) -> int | None:
        """The length with its padding."""
        return None if self.n is None else self.n + sum(self.pads)

    def size(self) -> int | None:
        """How many windows fit."""
        return None if self.n is None else output_size(self.n, self.reach, *self.pads, self.stride)

    def formula(self) -> tuple[str, dict[str, Any]]:
        """The size as a person writes it."""
        n, k, s, d = self.n, self.kernel, self.stride, self.dilation
        if self.padding == "same":
            return "ceil(n/s)", {"n": n, "s": s}
        p = self.pads[0]
        if d == 1:
            return "floor((n + 2p - k)/s) + 1", {"n": n, "p": p, "k": k, "s": s}
        return "floor((n + 2p - d (k - 1) - 1)/s) + 1", {"n": n, "p": p, "k": k, "s": s, "d": d}

    def slips(self) -> dict[str, Callable[[], int]]:
        """How people get the size wrong."""
        if self.n is None:
            return {}
        n, k, s, d, reach = self.n, self.kernel, self.stride, self.dilation, self.reach
        before, after = self.pads

        def size(*, reach: int = reach, before: int = before, after: int = after, s: int = s) -> int:
            return _real(output_size(n, reach, before, after, s))

        slips: dict[str, Callable[[], int]] = {}
        if before + after:
            slips["left out the padding"] = lambda: size(before=0, after=0)
        if self.padding != "same":
            slips["left out the + 1"] = lambda: _real(size() - 1)
            slips["took any padding as same"] = lambda: -(-n // s)
            if before:
                slips["counted the padding for both sides together"] = lambda: size(after=0)
            if s > 1:
                slips["rounded up"] = lambda: -(-(n + before + after - reach) // s) + 1
        if s > 1:
            slips["left out the stride"] = (lambda: n) if self.padding == "same" else lambda: size(s=1)
        if d > 1 and self.padding != "same":
            slips["left out the dilation"] = lambda: size(reach=k)
            slips["counted the dilation as inserted zeros"] = lambda: size(reach=(d + 1) * (k - 1) + 1)
        return slips


def _conv_weights(net: _Net, layer: Conv, c: int | None, kernel: tuple[int, ...]) -> int | None:
    """Record the weights of one filter and of all, and return those of one."""
    area, F, g = prod(kernel), layer.filters, layer.groups
    words = ("k_h", "k_w") if len(kernel) > 1 else ("k",)
    earlier, net.conv_channels = net.conv_channels, c
    one = net.count(
        layer, "weights_per_filter", None if c is None else area * c // g,
        formula=f"{' '.join(words)} c{'/g' if g > 1 else ''}",
        names={**dict(zip(words, kernel, strict=True)), "c": c, "g": g},
        slips={
            **({"left out the input channels": lambda: area} if c != g else {}),
            **({"took the channels of another layer": lambda: area * earlier} if earlier is not None else {}),
            "took the filters for the input channels": lambda: area * F,
            "added the sides of the kernel instead of multiplying": lambda: sum(kernel) * (c or 1) // g,
            **({"left out the groups": lambda: area * (c or 1)} if g > 1 else {}),
        },
    )  # fmt: skip
    net.count(
        layer, "weights", None if one is None else F * one,
        formula="F weights_per_filter", names={"F": F, "weights_per_filter": one},
        slips={"counted a single filter": lambda: one},
    )  # fmt: skip
    return one


def _has_biases(net: _Net, layer: Conv | Dense) -> bool:
    return net.given.bias if layer.bias is None else layer.bias


def _biases(net: _Net, layer: Conv | Dense, count: int, sign: str, slips: Slips) -> None:
    """Record the biases, and the parameters with them."""
    one = "counted one bias in all"
    if _has_biases(net, layer):
        slips = {one: lambda: 1, **slips}
        biases = net.count(layer, "biases", count, formula=sign, names={sign: count}, slips=slips)
    else:
        slips = {"counted biases where there are none": lambda: count}
        biases = net.count(layer, "biases", 0, formula="0", slips=slips)
    weights = net.counts["weights"][layer.name]
    if weights is None or biases is None:
        net.count(layer, "params", None)
        return

    def with_biases(slip: Slip) -> Slip:
        return lambda: weights + slip()

    net.count(
        layer, "params", weights + biases, formula="weights + biases", names={"weights": weights, "biases": biases},
        slips={
            **({"left out the biases": lambda: weights} if one in slips else {}),
            **{label: with_biases(slip) for label, slip in slips.items()},
        },
    )  # fmt: skip


def _conv_operations(net: _Net, layer: Conv, c: int | None, area: int, one: int | None) -> None:
    """Record multiply-adds and operations; `one` is the weights of one filter."""
    units, weights = net.counts["neurons"][layer.name], net.counts["weights"][layer.name]
    if units is None or one is None or weights is None:
        net.count(layer, "macs", None)
        net.count(layer, "flops", None)
        return
    macs = net.count(
        layer, "macs", units * one,
        formula="neurons weights_per_filter", names={"neurons": units, "weights_per_filter": one},
        slips={
            "left out the spatial size": lambda: weights,
            **({"left out the input channels": lambda: units * area} if c != layer.groups else {}),
            **({"counted the biases too": lambda: units * (one + 1)} if _has_biases(net, layer) else {}),
        },
    )  # fmt: skip
    _operations(net, layer, macs, {"left out the spatial size": lambda: net.given.flops_per_mac * weights})


def _operations(net: _Net, layer: Layer, macs: int | None, slips: Slips) -> None:
    """Record the operations of the multiply-adds."""
    if macs is None:
        net.count(layer, "flops", None)
        return
    two = net.given.flops_per_mac == 2
    net.count(
        layer, "flops", net.given.flops_per_mac * macs, formula="2 macs" if two else "macs", names={"macs": macs},
        slips={**slips, **({"halved the multiply-adds": lambda: macs // 2} if two else {})},
    )  # fmt: skip


def _as_dense(net: _Net, layer: Conv, before: _Signal, after: _Signal) -> None:
    """Record the dense layer that would do the same."""
    inputs, outputs, has = before.units, after.units, _has_biases(net, layer)
    if inputs is None or outputs is None:
        return
    work, name, F = net.work, layer.name, layer.filters
    inputs = work(
        f"{name}.fc_inputs", inputs, formula=_WHOLE[len(before.sides)], names=_whole(before),
        slips={"left out the input channels": lambda: prod(side or 1 for side in before.sides)},
    )  # fmt: skip
    outputs = work(
        f"{name}.fc_outputs", outputs, formula=_WHOLE[len(after.sides)], names=_whole(after),
        slips={"left out the channels": lambda: prod(side or 1 for side in after.sides),
               "took one unit for each filter": lambda: F},
    )  # fmt: skip
    weights = work(
        f"{name}.fc_weights", inputs * outputs,
        formula="n m", names={"n": inputs, "m": outputs},
        slips={"counted the weights of the convolution": lambda: net.counts["weights"][name],
               "added inputs and outputs instead of multiplying": lambda: inputs + outputs},
    )  # fmt: skip
    biases = work(
        f"{name}.fc_biases", outputs if has else 0, formula="m" if has else "0", names={"m": outputs},
        slips={"counted one bias for each filter": lambda: F, "counted one bias in all": lambda: 1} if has
        else {"counted biases where there are none": lambda: outputs},
    )  # fmt: skip
    work(
        f"{name}.fc_params", weights + biases,
        formula="weights + biases", names={"weights": weights, "biases": biases},
        slips={"left out the biases": lambda: weights, "counted one bias for each filter": lambda: weights + F} if has
        else {"counted biases where there are none": lambda: weights + outputs},
    )  # fmt: skip


def _conv_output(net: _Net, layer: Conv, before: _Signal, after: _Signal) -> _Signal:
    x, w = before.x, layer.weight
    if w is None:
        return after._replace(x=None)
    depth = w.shape[1] * layer.groups
    found = before.channels if x is None else x.shape[1]
    if found is not None and depth != found:
        raise Undefined(f"{layer.name}: its `weight` is made for {depth} input channels, and there are {found}")
    if x is None:
        return after
    b = np.zeros(layer.filters) if layer.bias_values is None else layer.bias_values
    padding: tuple[int | str, ...] = (layer.padding,) * 2 if isinstance(layer.padding, str) else layer.padding
    vertical, horizontal = (
        _Axis(*axis) for axis in zip(x.shape[2:], layer.kernel, layer.dilation, layer.stride, padding, strict=True)
    )
    padded = pad2d(x, vertical.pads, horizontal.pads, layer.padding_mode)

    def correlated(image: Array = padded, kernel: Array = w, stride: Pair = layer.stride) -> Array:
        return correlate2d(image, kernel, stride=stride, dilation=layer.dilation, groups=layer.groups)

    def first() -> str:
        (down, right), (rows, columns) = layer.dilation, layer.kernel
        window = padded[0, : w.shape[1], : down * (rows - 1) + 1 : down, : right * (columns - 1) + 1 : right]
        return products(window, w[0]) + _plus(layer.bias_values)

    after = after._replace(batched=before.batched, stacked=layer.stacked)
    return net.output(
        layer, after, correlated() + b[:, None, None], first=first,
        slips={
            **({"flipped the kernel": lambda: correlated(kernel=w[..., ::-1, ::-1]) + b[:, None, None]}
               if layer.kernel != (1, 1) else {}),
            **({"left out the bias": correlated} if b.any() else {}),
            **({"left out the padding": lambda: correlated(x) + b[:, None, None]} if padded.shape != x.shape else {}),
            **({"left out the stride": lambda: correlated(stride=(1, 1)) + b[:, None, None]}
               if layer.stride != (1, 1) else {}),
        },
    )  # fmt: skip


# Pooling.


def _pool(net: _Net, layer: Pool, signal: _Signal) -> _Signal:
    signal = _placed(signal)
    sides = len(signal.sides)
    window, stride = _along(layer, layer.window, sides), _along(layer, layer.stride, sides)
    padding = _along(layer, layer.padding, sides, 0)
    if any(2 * p > k for p, k in zip(padding, window, strict=True)):
        half = f"half of its window ({_times(window)})"
        raise Undefined(f"{layer.name}: its padding ({_times(padding)}) is more than {half}")
    padded = tuple(None if n is None else n + 2 * p for n, p in zip(signal.sides, padding, strict=True))
    _fits(layer, "window", window, padded)
    for n, k, s in zip(padded, window, stride, strict=True):
        if n is not None:
            _divides(net, layer, n - k, s)
    incomplete = "ceil" if net.given.incomplete == "ceil" else "floor"
    axes = list(zip(signal.sides, window, stride, padding, strict=True))
    after = net.volume(
        layer,
        signal._replace(sides=tuple(None if n is None else _fitting(n, k, s, p, incomplete) for n, k, s, p in axes)),
        formulas=[_pool_formula(*axis, incomplete) for axis in axes],
        slips=[_pool_slips(*axis, incomplete) for axis in axes],
    )  # fmt: skip
    area, units = prod(window), net.counts["neurons"][layer.name]
    net.count(layer, "params", 0, formula="0", slips={"counted the window as parameters": lambda: area})
    net.count(
        layer, "flops", None if units is None else units * area,
        formula="neurons window", names={"neurons": units, "window": area},
        slips={"left out the window": lambda: units},
    )  # fmt: skip
    after = net.field(layer, after, window, stride)
    return _pool_output(net, layer, signal, after, incomplete)


def _fitting(n: int, k: int, s: int, p: int, incomplete: str) -> int:
    return pool_size(n, k, s, padding=p, incomplete=incomplete)


def _pool_formula(n: int | None, k: int, s: int, p: int, incomplete: str) -> tuple[str, dict[str, Any]]:
    names = {"n": n, "p": p, "k": k, "s": s}
    if incomplete == "floor":
        return "floor((n + 2p - k)/s) + 1", names
    dropped = n is not None and _fitting(n, k, s, p, "ceil") != -(-(n + 2 * p - k) // s) + 1
    return ("" if dropped else "ceil((n + 2p - k)/s) + 1"), names


def _pool_slips(n: int | None, k: int, s: int, p: int, incomplete: str) -> dict[str, Callable[[], int]]:
    if n is None:
        return {}
    slips: dict[str, Callable[[], int]] = {
        "left out the + 1": lambda: _real(_fitting(n, k, s, p, incomplete) - 1),
    }
    if s > 1:
        slips["took stride 1"] = lambda: _real(_fitting(n, k, 1, p, incomplete))
    if s != k:
        slips["took the window for the stride"] = lambda: _real(_fitting(n, k, k, p, incomplete))
    if p:
        slips["left out the padding"] = lambda: _real(_fitting(n, k, s, 0, incomplete))
        slips["counted the padding for both sides together"] = lambda: _real(_fitting(n + p, k, s, 0, incomplete))
    return slips


def _pool_output(net: _Net, layer: Pool, before: _Signal, after: _Signal, incomplete: str) -> _Signal:
    x = before.x
    if x is None:
        return after
    methods: dict[str, Callable[..., Array]] = {"max": max_pool2d, "avg": average_pool2d}
    other = "avg" if layer.method == "max" else "max"

    def pooled(method: str = layer.method, window: Pair = layer.window, stride: Pair = layer.stride) -> Array:
        padding = layer.padding if window == layer.window else (0, layer.padding[1])
        return methods[method](x, window, stride, padding=padding, incomplete=incomplete)

    swapped = "took the average for the maximum" if layer.method == "max" else "took the maximum for the average"
    row = (1, layer.window[1])
    return net.output(
        layer, after._replace(batched=before.batched, stacked=before.stacked), pooled(),
        slips={
            swapped: lambda: pooled(other),
            **({"took stride 1": lambda: pooled(stride=(1, 1))} if layer.stride != (1, 1) else {}),
            **({"took one row of the window only": lambda: pooled(window=row)} if layer.window != row else {}),
            **({"left out the division": lambda: pooled() * prod(layer.window)} if layer.method == "avg" else {}),
        },
    )  # fmt: skip


def _global_pool(net: _Net, layer: GlobalPool, signal: _Signal) -> _Signal:
    x, units = signal.x, signal.units
    after = net.vector(
        layer, signal._replace(sides=(), vector=True), formula="c", names={"c": signal.channels},
    )  # fmt: skip
    net.count(layer, "params", 0, formula="0", slips={"counted the cells as parameters": lambda: units})
    net.count(layer, "flops", units, formula=_WHOLE[len(signal.sides)], names=_whole(signal) if signal.sides else {})
    if x is None or x.ndim == 2:
        return net.output(layer, after, x)
    return net.output(
        layer, after, x.mean(axis=(2, 3)),
        slips={"took the sum for the average": lambda: x.sum(axis=(2, 3)),
               "took the maximum for the average": lambda: x.max(axis=(2, 3))},
    )  # fmt: skip


# Layers that keep the shape, and those that make a vector.


def _activation(net: _Net, layer: Activation, signal: _Signal) -> _Signal:
    after = _elementwise(net, layer, signal)
    x = signal.x
    if x is None:
        return after
    function: Callable[[Array], Array] = {
        **activations.FUNCTIONS,
        "leaky_relu": lambda z: activations.leaky_relu(z, layer.slope),
        "softmax": lambda z: activations.softmax(z, axis=1),
    }[layer.function]
    slips: dict[str, Callable[[], Array]] = {"left out the activation": lambda: x}
    if layer.function == "relu":
        slips["took the absolute value"] = lambda: np.abs(x)
    if layer.function == "softmax":
        slips["left out the division by the sum"] = lambda: np.exp(x)
    return net.output(layer, after, np.asarray(function(x)), slips=slips)


def _elementwise(net: _Net, layer: Layer, signal: _Signal) -> _Signal:
    """Record a layer without parameters that does one operation on every unit."""
    after = net.volume(layer, signal)
    net.count(layer, "params", 0, formula="0")
    _unit_flops(net, layer, after)
    return _same_field(net, layer, after)


def _unit_flops(net: _Net, layer: Layer, after: _Signal) -> None:
    units, sides = net.counts["neurons"][layer.name], after.sides
    net.count(
        layer, "flops", units, formula="neurons", names={"neurons": units},
        slips={"left out the channels": lambda: prod(side or 1 for side in sides)} if sides else {},
    )  # fmt: skip


def _same_field(net: _Net, layer: Layer, signal: _Signal) -> _Signal:
    if signal.vector:
        return signal
    reach = net.work(f"{layer.name}.receptive_field", _pair(signal.reach))
    jump = net.work(f"{layer.name}.jump", _pair(signal.jump))
    sides = len(signal.reach)
    return signal._replace(reach=_each(reach, sides), jump=_each(jump, sides))


def _batch_norm(net: _Net, layer: BatchNorm, signal: _Signal) -> _Signal:
    after = net.volume(layer, signal)
    c, each = after.channels, 4 if layer.every else 2
    net.count(
        layer, "params", None if c is None else each * c, formula=f"{each} c", names={"c": c},
        slips={
            **({"left out the moving statistics": lambda: 2 * (c or 0)} if layer.every
               else {"counted the moving statistics too": lambda: 4 * (c or 0)}),
            "counted one set for all channels": lambda: each,
        },
    )  # fmt: skip
    _unit_flops(net, layer, after)
    return _same_field(net, layer, after)._replace(x=None)


def _dropout(net: _Net, layer: Dropout, signal: _Signal) -> _Signal:
    after = net.volume(layer, signal)
    net.count(layer, "params", 0, formula="0")
    net.count(layer, "flops", 0, formula="0")
    return _same_field(net, layer, after)._replace(x=None)


def _flatten(net: _Net, layer: Flatten, signal: _Signal) -> _Signal:
    sides, c, x = signal.sides, signal.channels, signal.x
    after = net.vector(
        layer, signal._replace(sides=(), channels=signal.units, vector=True),
        formula=_WHOLE[len(sides)], names=_whole(signal) if sides else {},
        slips={"left out the channels": lambda: (prod(side or 1 for side in sides),),
               "left out the spatial size": lambda: (c,)} if sides else {},
    )  # fmt: skip
    net.count(layer, "params", 0, formula="0")
    net.count(layer, "flops", 0, formula="0")
    if x is None or x.ndim == 2:
        return net.output(layer, after, x)
    return net.output(
        layer, after, x.reshape(len(x), -1),
        slips={"read column by column": lambda: x.swapaxes(2, 3).reshape(len(x), -1)},
    )  # fmt: skip


def _dense(net: _Net, layer: Dense, signal: _Signal) -> _Signal:
    n, m, sides, c = signal.units, layer.units, signal.sides, signal.channels
    after = net.vector(layer, signal._replace(sides=(), channels=m, vector=True), formula="m", names={"m": m})
    earlier, net.dense_inputs = net.dense_inputs, n
    spatial: Slips = (
        {"left out the spatial size": lambda: (c or 0) * m,
         "left out the input channels": lambda: prod(side or 1 for side in sides) * m} if sides else {}
    )  # fmt: skip
    weights = net.count(
        layer, "weights", None if n is None else n * m, formula="n m", names={"n": n, "m": m},
        slips={
            **spatial,
            **({"took the inputs of another layer": lambda: earlier * m} if earlier is not None else {}),
            "added inputs and outputs instead of multiplying": lambda: (n or 0) + m,
        },
    )  # fmt: skip
    _biases(net, layer, m, "m", {} if n is None else {"counted one bias for every input": lambda: n})
    macs = net.count(
        layer, "macs", weights, formula="weights", names={"weights": weights},
        slips={"counted the biases too": lambda: (weights or 0) + m} if _has_biases(net, layer) else {},
    )  # fmt: skip
    _operations(net, layer, macs, {})
    return _dense_output(net, layer, signal, after)


def _plus(bias: Array | None) -> str:
    return "" if bias is None else f" + {show_number(float(bias[0]), 12)}"


def _dense_output(net: _Net, layer: Dense, before: _Signal, after: _Signal) -> _Signal:
    w = layer.weight
    found = before.units if before.x is None else prod(before.x.shape[1:])
    if w is None:
        return after._replace(x=None)
    if found is not None and w.shape[1] != found:
        raise Undefined(f"{layer.name}: its `weight` is made for {w.shape[1]} inputs, and there are {found}")
    if before.x is None:
        return after
    x = before.x.reshape(len(before.x), -1)
    b = np.zeros(layer.units) if layer.bias_values is None else layer.bias_values
    return net.output(
        layer, after, x @ w.T + b,
        first=lambda: products(w[0], x[0]) + _plus(layer.bias_values),
        slips={"left out the bias": lambda: x @ w.T} if b.any() else {},
    )  # fmt: skip


# Layers made of layers.


def _residual(net: _Net, layer: Residual, signal: _Signal) -> _Signal:
    body, shortcut = net.through(layer.body, signal), net.through(layer.shortcut, signal)
    if not _agree((*body.sides, body.channels), (*shortcut.sides, shortcut.channels)):
        raise Undefined(f"{layer.name}: the body gives {net.shown(body)}, and the shortcut {net.shown(shortcut)}")
    after = net.volume(layer, _known(body, shortcut))
    net.count(layer, "params", 0, formula="0")
    _unit_flops(net, layer, after)
    after = net.union(layer, after, [body, shortcut])
    x, y = body.x, shortcut.x
    if x is None or y is None:
        return after._replace(x=None)
    return net.output(
        layer, after._replace(stacked=body.stacked or shortcut.stacked), x + y,
        slips={"left out the shortcut": lambda: x, "left out the body": lambda: y},
    )  # fmt: skip


def _branch(net: _Net, layer: Branch, signal: _Signal) -> _Signal:
    paths = [net.through(path, signal) for path in layer.paths]
    if not all(_agree(path.sides, paths[0].sides) for path in paths):
        sizes = ", ".join(net.shown(path) for path in paths[:-1])
        raise Undefined(f"{layer.name}: its paths give {sizes} and {net.shown(paths[-1])}; height and width must agree")
    depths = [path.channels for path in paths]
    joined = paths[0]
    for path in paths[1:]:
        joined = _known(joined, path)
    words = [f"c_{i}" for i in range(1, len(depths) + 1)]
    after = net.volume(
        layer, joined._replace(channels=None if None in depths else sum(depth or 0 for depth in depths)),
        channels=(" + ".join(words), dict(zip(words, depths, strict=True)),
                  {"took the channels of one path": lambda: max(depth or 0 for depth in depths)}),
    )  # fmt: skip
    net.count(layer, "params", 0, formula="0")
    net.count(layer, "flops", 0, formula="0")
    after = net.union(layer, after, paths)
    arrays = [path.x for path in paths if path.x is not None]
    if len(arrays) < len(paths):
        return after._replace(x=None)
    return net.output(
        layer, after._replace(stacked=True), np.concatenate(arrays, axis=1),
        slips={"joined the paths in reverse order": lambda: np.concatenate(arrays[::-1], axis=1)},
    )  # fmt: skip


def _agree(a: Sizes, b: Sizes) -> bool:
    return len(a) == len(b) and all(x == y for x, y in zip(a, b, strict=True) if x is not None and y is not None)


def _known(a: _Signal, b: _Signal) -> _Signal:
    """One of two signals that agree, with the sizes that either of them knows."""
    sides = tuple(y if x is None else x for x, y in zip(a.sides, b.sides, strict=True))
    return a._replace(sides=sides, channels=b.channels if a.channels is None else a.channels)


_LAYERS: dict[type[Layer], Callable[[_Net, Any, _Signal], _Signal]] = {
    Conv: _conv,
    Activation: _activation,
    Pool: _pool,
    GlobalPool: _global_pool,
    BatchNorm: _batch_norm,
    Dropout: _dropout,
    Flatten: _flatten,
    Dense: _dense,
    Residual: _residual,
    Branch: _branch,
}

_EVERY = tuple(_LAYERS)
