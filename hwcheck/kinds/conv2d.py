"""Convolution layer of an image: sizes, output, counts, gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from hwcheck.errors import Undefined
from hwcheck.given import GivenError, Givens, Reader, array, integer, kind_of, option, pair, read_pair, real, special
from hwcheck.kernels.convolution import (
    MODES,
    correlate2d,
    correlate2d_grad_input,
    correlate2d_grad_kernel,
    output_size,
    pad2d,
    pad2d_grad,
    pads,
)
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.values import products, show_number
from hwcheck.words import count, suggestion
from hwcheck.working import Working
from hwcheck.yamltree import Mapping, Node, Scalar

Pair = tuple[int, int]
MAX_CELLS, MAX_PRODUCTS = 10**7, 10**8
"""Cells of a padded input, and entries of all windows, that are worked out; beyond lies a misprint."""
SHOWN = 60
"""Terms of an entry's arithmetic that are written out."""
WORDS = ("valid", "same", "full")


def read_input(reader: Reader, node: Node) -> Array | dict[str, Any]:
    """An image (H W), with channels (C H W) and a batch axis (N C H W), or its sizes: {size: [28, 28], channels: 3}."""
    if isinstance(node, Mapping) and node.get("from") is None:
        return _sized(reader, node, "channels")
    value = reader.array(node)
    if not 2 <= value.ndim <= 4:
        raise GivenError(node, f"expected an array (H × W, C × H × W or N × C × H × W), found {_axes(value)}")
    return value


def _read_kernel(reader: Reader, node: Node) -> Array | dict[str, Any]:
    if isinstance(node, Mapping) and node.get("from") is None:
        return _sized(reader, node, "filters")
    value = reader.array(node)
    if not 2 <= value.ndim <= 4:
        raise GivenError(node, f"expected an array (kh × kw, C × kh × kw or F × C × kh × kw), found {_axes(value)}")
    return value


def _sized(reader: Reader, node: Mapping, depth: str) -> dict[str, Any]:
    fields = {"size": lambda n: read_pair(reader, n, 1), depth: lambda n: reader.integer(n, 1)}
    values = reader.fields(node, fields, f"sizes {{size: …, {depth}: …}}")
    if "size" not in values:
        raise GivenError(node, f"give `size`, as in {{size: [28, 20], {depth}: 3}}")
    return {depth: 1, **values}


def _axes(value: Array) -> str:
    return {0: "a number", 1: "a list of numbers"}.get(value.ndim, f"an array of {value.ndim} axes")


def read_padding(reader: Reader, node: Node) -> Pair | str:
    """A number per side, [vertical, horizontal], or a word."""
    if isinstance(node, Scalar) and node.text.strip().casefold() in WORDS:
        return node.text.strip().casefold()
    try:
        return read_pair(reader, node, 0)
    except GivenError as error:
        if isinstance(node, Scalar) and node.text.strip().isalpha():
            raise GivenError(node, f"found {kind_of(node)}{suggestion(node.text.strip(), WORDS)}") from None
        raise error from None


def _read_bias(reader: Reader, node: Node) -> Any:
    if isinstance(node, Scalar) and node.text.strip().casefold() in ("true", "false"):
        return node.text.strip().casefold() == "true"
    value = reader.array(node)
    if value.ndim > 1:
        raise GivenError(node, f"expected one number a filter, found {_axes(value)}")
    return value if value.ndim else float(value)


class Conv2D(Givens):
    """What is given: an image and a kernel in numbers, or their sizes only."""

    input: Array | dict[str, Any] = special(
        read_input, axes=("H W", "C H W", "N C H W"), expects="H × W, C × H × W or N × C × H × W numbers, or sizes",
        doc="the image, or sizes only: {size: [28, 20], channels: 3}",
    )  # fmt: skip
    kernel: Array | dict[str, Any] = special(
        _read_kernel, axes=("kh kw", "C/g kh kw", "F C/g kh kw"),
        expects="kh × kw, C × kh × kw or F × C/groups × kh × kw numbers, or sizes",
        doc="the kernel, with an axis F where there are several filters; or sizes only: {size: 3, filters: 16}",
    )  # fmt: skip
    bias: float | Array | bool | None = special(
        _read_bias, default=None, axes=("", "F"), expects="a number, one number a filter, or true",
        doc="one number a filter; true where sizes only are given",
    )  # fmt: skip
    stride: Pair = pair(1, default=(1, 1), doc="how far the kernel moves at a time")
    dilation: Pair = pair(
        1, default=(1, 1), doc="distance of the kernel's cells; 1 is dense", misread={"left out the dilation": (1, 1)}
    )
    padding: Pair | str = special(
        read_padding, default=(0, 0), expects="a number per side, [vertical, horizontal], valid, same or full",
        doc="cells added per side; `same` gives ⌈n/s⌉ windows, the odd cell at the end",
    )  # fmt: skip
    padding_mode: str = option(*MODES, doc="what the added cells hold")
    groups: int = integer(default=1, sign="g", doc="the channels are dealt out to this many groups of filters")
    flip: bool = option(
        False, True, doc="whether the kernel is turned by 180° first, as in signal processing",
        others={False: "did not flip the kernel", True: "flipped the kernel"},
    )  # fmt: skip
    upstream: float | Array = array(
        "", "oh ow", "F|N oh ow", "N F oh ow", doc="slope of the objective in each entry of the output"
    )
    lr: float = real(above=0, sign="η", doc="the learning rate of one gradient step")


@kind(
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), equation 9.6 and section 9.5; Dumoulin and Visin, "
    "A guide to convolution arithmetic for deep learning (2016)",
    quantities={
        "effective_kernel": "the side of the kernel with its gaps, [vertical, horizontal] where they differ",
        "padded": "the input with its padding",
        "size": "height and width of the output",
        "every": "the output at stride 1, where the stride is larger",
        "output": "the output",
        "neurons": "the number of entries of the output of one image",
        "weights": "the number of weights",
        "biases": "the number of biases",
        "params": "the number of parameters",
        "macs": "multiply-adds for one image",
        "grad_kernel": "slope of the objective sum(upstream · output) in the kernel",
        "grad_bias": "slope of the objective in the bias",
        "grad_input": "slope of the objective in the input",
        "new_kernel": "the kernel after one gradient step",
        "new_bias": "the bias after one gradient step",
    },
    examples=(
        """
        given: {input: [[1, 2, 0, 4], [3, -1, 5, 2], [0, 6, 1, -2], [2, 1, 3, 7], [4, -3, 2, 1]],
                kernel: [[1, -2, 3], [0, 2, -1]], bias: 0.5, padding: 1, stride: 2,
                upstream: [[1, -1], [2, 0.5], [-3, 4]], lr: 0.1}
        parts:
          a: {ask: padded}
          b: {ask: size}
          c: {ask: every}
          d: {ask: output}
          e: {ask: grad_kernel}
          f: {ask: grad_bias}
          g: {ask: grad_input}
          h: {ask: new_kernel}
          i: {ask: new_bias}
        """,
        """
        given: {input: [[[1, 2, 0, 4, 3], [3, -1, 5, 2, 1], [0, 6, 1, -2, 5], [2, 7, 3, 1, 4]],
                        [[2, 0, 1, -1, 3], [1, 4, 2, 5, 0], [3, 1, -2, 0, 6], [5, 2, 1, 3, -3]]],
                kernel: [[[[1, 2, -1], [3, 0, 1]]], [[[2, -1, 0], [1, 5, -2]]], [[[0, 1, 4], [-3, 1, 2]]],
                         [[[1, 1, -2], [0, 2, 3]]]],
                bias: [1, -2, 0.5, 3], groups: 2, dilation: 2, flip: true, padding: [2, 1], padding_mode: circular}
        parts: {a: {ask: effective_kernel}, b: {ask: padded}, c: {ask: output}, d: {ask: params}}
        """,
        """
        given: {input: {size: [28, 20], channels: 4}, kernel: {size: [3, 5], filters: 16}, bias: true,
                groups: 2, stride: 3}
        parts:
          a: {ask: size}
          b: {ask: neurons}
          c: {ask: weights}
          d: {ask: biases}
          e: {ask: params}
          f: {ask: macs}
        """,
    ),
)
def conv2d(given: Conv2D, work: Working) -> None:
    """Convolution layer: size, output, counts, gradients, one gradient step.

    y[f, i, j] = Σ x[c, i s + u d, j s + v d] w[f, c, u, v] + b[f], a cross-correlation: the kernel is flipped only
    where `flip` says so. `grad_X` is the slope of sum(upstream · output) in X.
    """
    image, kernel = given.input, given.kernel
    s, d, groups = given.stride, given.dilation, given.groups
    n, channels = _image_sizes(image)
    k, filters = _kernel_sizes(kernel)
    depth = channels // groups
    """channels that one filter sees"""
    _refuse_clashes(given, channels, filters)

    spread = each(lambda k, d: d * (k - 1) + 1, k, d)
    handed = work(
        "effective_kernel", _one_if_equal(spread), formula="d (k - 1) + 1", names={"d": d[0], "k": k[0]},
        slips={"counted the dilation as inserted zeros":
               lambda: _one_if_equal(each(lambda k, d: k + d * (k - 1), k, d))} if "dilation" in given else {},
    )  # fmt: skip
    effective: Pair = handed if isinstance(handed, tuple) else (handed, handed)

    edges = _edges(given, n, spread)
    padded = None
    if isinstance(image, np.ndarray):
        bordered = _bordered(image, edges)
        refuse_many(math.prod(bordered), MAX_CELLS)
        padded = work("padded", pad2d(image, *edges, given.padding_mode), slips=_padded_slips(given, image, edges))

    before_after = _edges(given, n, effective)
    cells = n
    """what the padding is added to"""
    if padded is not None and padded.shape[-2:] != bordered[-2:]:
        cells, before_after = padded.shape[-2:], ((0, 0), (0, 0))
    sides = _size(cells, before_after, effective, s)
    oh, ow = work(
        "size", sides,
        formula=_size_formula(given, before_after),
        names={"n": cells[0], "k": effective[0], "s": s[0], "p": before_after[0][0],
               "p_1": before_after[0][0], "p_2": before_after[0][1]},
        slips=_size_slips(given, n, before_after, effective, s),
    )  # fmt: skip

    output = None
    if padded is not None and isinstance(kernel, np.ndarray):
        output = _forward(given, work, padded)

    work(
        "neurons", oh * ow * filters, formula="o_h o_w F", names={"o_h": oh, "o_w": ow, "F": filters},
        slips={"left out the filters": lambda: oh * ow},
    )  # fmt: skip
    weights = work(
        "weights", k[0] * k[1] * depth * filters,
        formula="k_h k_w C F" if groups == 1 else "k_h k_w C/g F",
        names={"k_h": k[0], "k_w": k[1], "C": channels, "F": filters, "g": groups},
        slips={
            "left out the input channels": lambda: k[0] * k[1] * filters,
            "left out the groups": lambda: k[0] * k[1] * channels * filters,
            "added the kernel's sides instead of multiplying them": lambda: (k[0] + k[1]) * depth * filters,
        },
    )  # fmt: skip
    biased = given.bias is True or _numbers(given.bias) is not None
    biases = work(
        "biases", filters if biased else 0, formula="F" if biased else "0", names={"F": filters},
        slips={"counted a bias for every entry of the output": lambda: oh * ow * filters} if biased else {},
    )  # fmt: skip
    work(
        "params", weights + biases, formula="weights + biases",
        slips={"left out the biases": lambda: weights} if biased else {},
    )  # fmt: skip
    work(
        "macs", weights * oh * ow, formula="weights o_h o_w", names={"o_h": oh, "o_w": ow},
        slips={
            "left out the spatial size": lambda: weights,
            "left out the input channels": lambda: k[0] * k[1] * filters * oh * ow,
        },
    )  # fmt: skip

    if output is not None and padded is not None:
        _backward(given, work, padded, edges)


def _forward(given: Conv2D, work: Working, padded: Array) -> Array:
    """The output; with a stride above 1 by way of the output at stride 1."""
    kernel = np.asarray(given.kernel)
    used = kernel[..., ::-1, ::-1] if given.flip else kernel
    d, s, bias = given.dilation, given.stride, _numbers(given.bias)
    axes = (np.asarray(given.input).ndim == 4, kernel.ndim == 4)

    def with_bias(y: Array) -> Array:
        return _dropped(y if bias is None else y + bias[:, None, None], *axes)

    def slid(kernel: Array, stride: Pair = (1, 1), dilation: Pair = d) -> Array:
        image, w = _stacked(padded), _stacked(kernel)
        sides = each(lambda n, s: n // s + 1, _pair(image.shape), stride)
        refuse_many(math.prod((*image.shape[:2], *w.shape[2:], *sides)), MAX_PRODUCTS)
        return correlate2d(image, w, stride=stride, dilation=dilation, groups=given.groups)

    def slips(stride: Pair) -> dict[str, Callable[[], Array]]:
        wrong = {
            "transposed the kernel": lambda: with_bias(slid(kernel.swapaxes(-1, -2), stride)),
            "turned the kernel by 90°": lambda: with_bias(slid(np.rot90(kernel, -1, (-2, -1)), stride)),
            "turned the kernel by 90° to the left": lambda: with_bias(slid(np.rot90(kernel, 1, (-2, -1)), stride)),
            "multiplied without summing": lambda: _dropped(_tiled(_stacked(padded), _stacked(used), stride, d), *axes),
        }
        if "dilation" in given:
            wrong["counted the dilation as inserted zeros"] = lambda: with_bias(
                slid(used, stride, (d[0] + 1, d[1] + 1))
            )
        if bias is not None:
            wrong["left out the bias"] = lambda: _dropped(slid(used, stride), *axes)
        return wrong

    first = _entry(padded, used, d, bias)
    name = "output" if s == (1, 1) else "every"
    y: Array = work(name, with_bias(slid(used)), slips=slips((1, 1)), first=first)
    if name == "every":
        every = y
        y = work(
            "output", every[..., :: s[0], :: s[1]],
            slips={**slips(s), "left out the stride": lambda: every},
        )  # fmt: skip
    return y


def _backward(given: Conv2D, work: Working, padded: Array, edges: tuple[Pair, Pair]) -> None:
    """Gradients of sum(upstream · output), and one step against them."""
    image, kernel = np.asarray(given.input), np.asarray(given.kernel)
    flipped = slice(None, None, -1 if given.flip else 1)
    used = _stacked(kernel)[..., flipped, flipped]
    bias = _numbers(given.bias)
    settings: dict[str, Any] = {"dilation": given.dilation, "groups": given.groups}
    s = given.stride
    bordered = _bordered(image, edges)
    reach = each(lambda k, d: d * (k - 1) + 1, _pair(kernel.shape), given.dilation)
    sides = each(lambda n, reach, s: output_size(n, reach, 0, 0, s), _pair(bordered), reach, s)
    upstream = _upstream(given, image, used, sides)

    def kernel_slope(x: Array, stride: Pair) -> Array:
        slope = correlate2d_grad_kernel(_stacked(x), upstream, used.shape, stride=stride, **settings)
        return slope[..., flipped, flipped].reshape(kernel.shape)

    def input_slope(kernel: Array, stride: Pair, shape: tuple[int, ...] = bordered) -> Array:
        shape = (1,) * (4 - len(shape)) + shape
        slope = correlate2d_grad_input(upstream, kernel, shape, stride=stride, **settings)  # type: ignore[arg-type]  # four axes
        if shape[-2:] != bordered[-2:]:
            slope = pad2d(slope, (0, bordered[-2] - shape[-2]), (0, bordered[-1] - shape[-1]))
        return pad2d_grad(slope, *edges, given.padding_mode).reshape(image.shape)

    met = each(lambda side, reach: side + reach - 1, sides, reach)
    """the cells that upstream meets when it moves by one cell at a time"""
    strided = s != (1, 1)
    grad_kernel = work(
        "grad_kernel", kernel_slope(padded, s), first=_kernel_entry(padded, upstream, used, given),
        slips={"lost the stride": lambda: kernel_slope(padded[..., : met[0], : met[1]], (1, 1))} if strided else {},
    )  # fmt: skip
    if bias is not None:
        as_given = np.shape(given.bias)  # type: ignore[arg-type]  # numbers, see `_numbers`
        slope = upstream.sum(axis=(0, 2, 3)).reshape(as_given)
        grad_bias = work(
            "grad_bias", slope, first=lambda: _sum(upstream[:, 0]),
            slips={"averaged the upstream slopes instead of adding them": lambda: slope / upstream[:, 0].size},
        )  # fmt: skip
    work(
        "grad_input", input_slope(used, s), first=_input_entry(upstream, used, given, edges),
        slips={
            "did not turn the kernel": lambda: input_slope(used[..., ::-1, ::-1], s),
            **({"lost the stride": lambda: input_slope(used, (1, 1), (*bordered[:-2], *met))} if strided else {}),
        },
    )  # fmt: skip

    work(
        "new_kernel", kernel - given.lr * grad_kernel, formula="kernel - η grad_kernel",
        slips={
            "moved up the gradient": lambda: kernel + given.lr * grad_kernel,
            "left the weight as it was": lambda: kernel,
            "left out the learning rate": lambda: kernel - grad_kernel,
        },
    )  # fmt: skip
    if bias is not None:
        old = bias.reshape(as_given)
        work(
            "new_bias", old - given.lr * grad_bias, formula="bias - η grad_bias",
            slips={
                "moved up the gradient": lambda: old + given.lr * grad_bias,
                "left the weight as it was": lambda: old,
                "left out the learning rate": lambda: old - grad_bias,
            },
        )  # fmt: skip


def each(function: Callable[..., Any], *pairs: Any) -> tuple[Any, Any]:
    """A function of both directions: of all vertical entries, of all horizontal ones."""
    return function(*(pair[0] for pair in pairs)), function(*(pair[1] for pair in pairs))


def _pair(shape: tuple[int, ...]) -> Pair:
    return shape[-2], shape[-1]


def _one_if_equal(sides: Pair) -> int | Pair:
    return sides[0] if sides[0] == sides[1] else sides


def times(sides: Any) -> str:
    """Sizes as a reader writes them: 2×3."""
    return "×".join(map(str, sides))


def _image_sizes(image: Array | dict[str, Any]) -> tuple[Pair, int]:
    if isinstance(image, dict):
        return image["size"], image["channels"]
    return _pair(image.shape), image.shape[-3] if image.ndim > 2 else 1


def _kernel_sizes(kernel: Array | dict[str, Any]) -> tuple[Pair, int]:
    if isinstance(kernel, dict):
        return kernel["size"], kernel["filters"]
    return _pair(kernel.shape), kernel.shape[0] if kernel.ndim == 4 else 1


def _refuse_clashes(given: Conv2D, channels: int, filters: int) -> None:
    """Channels, groups and filters that do not fit."""
    kernel, groups = given.kernel, given.groups
    for number, what in ((channels, "channel"), (filters, "filter")):
        if number % groups:
            raise Undefined(f"{count(number, what)} cannot be dealt out to {groups} groups")
    if isinstance(kernel, np.ndarray):
        depth = kernel.shape[-3] if kernel.ndim > 2 else 1
        if depth != channels // groups:
            each = f" in each of {groups} groups" if groups > 1 else ""
            raise Undefined(f"the kernel has {count(depth, 'channel')}, and the input {channels // groups}{each}")
        if given.bias is True and isinstance(given.input, np.ndarray):
            raise Undefined("`bias: true` is for sizes only; give the numbers of the bias")
    bias = _numbers(given.bias)
    if bias is not None and bias.size != filters:
        raise Undefined(f"`bias` has {count(bias.size, 'number')}, and the kernel {count(filters, 'filter')}")


def _numbers(bias: float | Array | bool | None) -> Array | None:
    """The bias as one number a filter, where it is given in numbers."""
    return None if bias is None or isinstance(bias, bool) else np.atleast_1d(np.asarray(bias, dtype=np.float64))


def refuse_many(number: int, most: int) -> None:
    """Refuse what would take too long or too much memory."""
    if number > most:
        raise Undefined(f"{number:,} numbers are too many to work out one by one; give sizes only")


def _bordered(image: Array, edges: tuple[Pair, Pair]) -> tuple[int, ...]:
    """The shape of an image with its padding."""
    return (*image.shape[:-2], *(n + sum(edge) for n, edge in zip(image.shape[-2:], edges, strict=True)))


def _edges(given: Conv2D, n: Pair, effective: Pair) -> tuple[Pair, Pair]:
    """Cells before and after, vertically and horizontally."""
    words = given.padding if isinstance(given.padding, tuple) else (given.padding, given.padding)
    return each(pads, words, n, effective, given.stride)


def _padded_slips(given: Conv2D, image: Array, edges: tuple[Pair, Pair]) -> dict[str, Callable[[], Array]]:
    if not any(map(any, edges)):
        return {}
    mode = given.padding_mode
    wrong = {"left out the padding": lambda: image}
    if isinstance(given.padding, tuple):
        wrong["counted the padding for both sides together"] = lambda: pad2d(image, *_halved(edges), mode)
    if mode == "zeros":
        wrong["repeated the border instead of padding with zeros"] = lambda: pad2d(image, *edges, "replicate")
    else:
        wrong["padded with zeros"] = lambda: pad2d(image, *edges)
    return wrong


def _halved(edges: tuple[Pair, Pair]) -> tuple[Pair, Pair]:
    """Padding that somebody deals out to both sides, with the odd cell at the end."""
    return each(lambda edge: (edge[0] // 2, edge[0] - edge[0] // 2), edges)


def _size(n: Pair, edges: tuple[Pair, Pair], effective: Pair, s: Pair) -> Pair:
    sides: Pair = each(lambda n, edge, k, s: output_size(n, k, edge[0], edge[1], s), n, edges, effective, s)
    if min(sides) < 1:
        bordered = each(lambda n, edge: n + sum(edge), n, edges)
        what = "padded input" if any(map(any, edges)) else "input"
        raise Undefined(f"the kernel ({times(effective)}) is larger than the {what} ({times(bordered)})")
    return sides


def _size_formula(given: Conv2D, edges: tuple[Pair, Pair]) -> str:
    if given.padding == "same":
        return "ceil(n/s)"
    return "floor((n + 2p - k)/s) + 1" if edges[0][0] == edges[0][1] else "floor((n + p_1 + p_2 - k)/s) + 1"


def _size_slips(
    given: Conv2D, n: Pair, edges: tuple[Pair, Pair], effective: Pair, s: Pair
) -> dict[str, Callable[[], Pair]]:
    bordered = each(lambda n, edge: n + sum(edge), n, edges)
    wrong: dict[str, Callable[[], Pair]] = {
        "left out the + 1": lambda: each(lambda n, k, s: (n - k) // s, bordered, effective, s),
    }
    if s != (1, 1):
        wrong["left out the stride"] = lambda: _size(n, edges, effective, (1, 1))
        wrong["rounded up"] = lambda: each(lambda n, k, s: -((k - n) // s) + 1, bordered, effective, s)
        wrong["took n/s windows"] = lambda: each(lambda n, s: n // s, n, s)
    if not any(map(any, edges)):
        wrong["kept the size of the input"] = lambda: n
        return wrong
    wrong["left out the padding"] = lambda: _size(n, ((0, 0), (0, 0)), effective, s)
    if isinstance(given.padding, tuple):
        wrong["counted the padding for both sides together"] = lambda: _size(n, _halved(edges), effective, s)
    if given.padding != "same":
        wrong["took any padding as same"] = lambda: each(lambda n, s: -(-n // s), n, s)
    return wrong


def _stacked(x: Array) -> Array:
    """An image or a kernel with all four axes."""
    return x.reshape((1,) * (4 - x.ndim) + x.shape)


def _dropped(y: Array, batch: bool, filters: bool) -> Array:
    """An output without the axes that input and kernel do not have."""
    return y.reshape((*y.shape[:1] * batch, *y.shape[1:2] * filters, *y.shape[2:]))


def _tiled(padded: Array, kernel: Array, stride: Pair, d: Pair) -> Array:
    """The products of every window with the kernel, window beside window; only for one channel and one filter."""
    kh, kw = kernel.shape[-2:]
    if padded.shape[:2] != (1, 1) or kernel.shape[:2] != (1, 1):
        raise Undefined("the products of several channels have no place beside each other")
    reach = d[0] * (kh - 1) + 1, d[1] * (kw - 1) + 1
    windows = sliding_window_view(padded[0, 0], reach)[:: stride[0], :: stride[1], :: d[0], :: d[1]]
    refuse_many(windows.size, MAX_CELLS)
    tiles = np.transpose(windows * kernel[0, 0], (0, 2, 1, 3))
    return tiles.reshape(1, 1, tiles.shape[0] * kh, -1)


def _entry(padded: Array, kernel: Array, d: Pair, bias: Array | None) -> Callable[[], str]:
    """The arithmetic of the first entry of the output."""

    def text() -> str:
        w = _stacked(kernel)[0]
        window = _stacked(padded)[0, : w.shape[0], :: d[0], :: d[1]][:, : w.shape[1], : w.shape[2]]
        added = "" if bias is None else f" + {term(float(bias[0]))}"
        return _products(window, w) + added

    return text


def _kernel_entry(padded: Array, upstream: Array, used: Array, given: Conv2D) -> Callable[[], str]:
    """The arithmetic of the first entry of the kernel's slope."""

    def text() -> str:
        _, _, oh, ow = upstream.shape
        last = (used.shape[2] - 1, used.shape[3] - 1) if given.flip else (0, 0)
        top, left = each(lambda tap, d: tap * d, last, given.dilation)
        cells = _stacked(padded)[:, 0, top :: given.stride[0], left :: given.stride[1]][:, :oh, :ow]
        return _products(upstream[:, 0], cells)

    return text


def _input_entry(upstream: Array, used: Array, given: Conv2D, edges: tuple[Pair, Pair]) -> Callable[[], str] | None:
    """The arithmetic of the first entry of the input's slope: every kernel cell that met it, times upstream there."""
    if given.padding_mode != "zeros" and any(map(any, edges)):
        return None

    def meetings(axis: int) -> list[tuple[int, int]]:
        """Place in the output and in the kernel of each meeting along one axis."""
        place, s, d = edges[axis][0], given.stride[axis], given.dilation[axis]
        found = []
        for tap in range(used.shape[2 + axis]):
            at, rest = divmod(place - tap * d, s)
            if rest == 0 and 0 <= at < upstream.shape[2 + axis]:
                found.append((at, tap))
        return found

    def text() -> str:
        filters = range(used.shape[0] // given.groups)
        pairs = [
            (upstream[0, f, i, j], used[f, 0, u, v]) for f in filters for i, u in meetings(0) for j, v in meetings(1)
        ]
        return _products(*np.array(pairs).T) if pairs else "0"

    return text


def _upstream(given: Conv2D, image: Array, used: Array, sides: Pair) -> Array:
    """Upstream with all four axes, checked against the output."""
    whole = (image.shape[0] if image.ndim == 4 else 1, used.shape[0], *sides)
    shape = _dropped(np.empty(whole), image.ndim == 4, np.asarray(given.kernel).ndim == 4).shape
    upstream = np.asarray(given.upstream, dtype=np.float64)
    if upstream.shape != shape and not upstream.size == int(np.prod(shape)) == 1:
        raise Undefined(f"`upstream` has the shape {times(upstream.shape) or 1}, and the output {times(shape)}")
    return upstream.reshape(whole)


def _products(a: Array, b: Array) -> str:
    return products(a, b, a.size) if a.size <= SHOWN else products(a, b)


def _sum(x: Array) -> str:
    terms = [term(float(value)) for value in x.flat]
    return " + ".join(terms if len(terms) <= SHOWN else [*terms[:11], "…"])


def term(x: float) -> str:
    """A number as a term of a sum."""
    text = show_number(x, 12).replace(",", "")
    return f"({text})" if x < 0 else text
