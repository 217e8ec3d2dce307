"""Convolution layer of a sequence: size, output, counts, gradients."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from hwcheck.errors import Undefined
from hwcheck.given import GivenError, Givens, Reader, array, integer, kind_of, option, real, special
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
from hwcheck.kinds.conv2d import MAX_CELLS, MAX_PRODUCTS, SHOWN, WORDS, refuse_many, term, times
from hwcheck.values import products
from hwcheck.words import count, suggestion
from hwcheck.working import Working
from hwcheck.yamltree import Mapping, Node, Scalar, Sequence

Edges = tuple[int, int]
"""Cells before and after."""
MAX_WRITTEN = 8
"""Products of an array's entries that are written out as a formula."""


def read_sequence(reader: Reader, node: Node) -> Array | dict[str, Any]:
    """A sequence (n), with channels (C n) and a batch axis (N C n), or its sizes: {size: 40, channels: 3}."""
    if isinstance(node, Mapping) and node.get("from") is None:
        return _sized(reader, node, "channels")
    value = reader.array(node)
    if not 1 <= value.ndim <= 3:
        raise GivenError(
            node, f"expected a list of n numbers, or an array (C × n or N × C × n), found {axes_of(value)}"
        )
    return value


def _read_kernel(reader: Reader, node: Node) -> Array | dict[str, Any]:
    if isinstance(node, Mapping) and node.get("from") is None:
        return _sized(reader, node, "filters")
    value = reader.array(node)
    if not 1 <= value.ndim <= 3:
        raise GivenError(
            node, f"expected a list of k numbers, or an array (C × k or F × C × k), found {axes_of(value)}"
        )
    return value


def _sized(reader: Reader, node: Mapping, depth: str) -> dict[str, Any]:
    fields = {"size": lambda n: reader.integer(n, 1), depth: lambda n: reader.integer(n, 1)}
    values = reader.fields(node, fields, f"sizes {{size: …, {depth}: …}}")
    if "size" not in values:
        raise GivenError(node, f"give `size`, as in {{size: 40, {depth}: 3}}")
    return {depth: 1, **values}


def axes_of(value: Array) -> str:
    """What was found instead of a sequence."""
    return "a number" if value.ndim == 0 else f"an array of {count(value.ndim, 'axis', 'axes')}"


def _read_padding(reader: Reader, node: Node) -> Edges | str:
    if isinstance(node, Sequence):
        if len(node.items) != 2:
            raise GivenError(node, f"expected a number per side, or [before, after], found a list of {len(node.items)}")
        return reader.integer(node.items[0], 0), reader.integer(node.items[1], 0)
    word = node.text.strip().casefold() if isinstance(node, Scalar) else ""
    if word in WORDS:
        return word
    try:
        number = reader.integer(node, 0)
    except GivenError as error:
        if word.isalpha():
            raise GivenError(node, f"found {kind_of(node)}{suggestion(word, WORDS)}") from None
        raise error from None
    return number, number


def _read_bias(reader: Reader, node: Node) -> Any:
    if isinstance(node, Scalar) and node.text.strip().casefold() in ("true", "false"):
        return node.text.strip().casefold() == "true"
    value = reader.array(node)
    if value.ndim > 1:
        raise GivenError(node, f"expected one number a filter, found {axes_of(value)}")
    return value if value.ndim else float(value)


class Conv1D(Givens):
    """What is given: a sequence and a kernel in numbers, or their sizes only."""

    input: Array | dict[str, Any] = special(
        read_sequence, axes=("n", "C n", "N C n"), expects="n, C × n or N × C × n numbers, or sizes",
        doc="the sequence, or sizes only: {size: 40, channels: 3}",
    )  # fmt: skip
    kernel: Array | dict[str, Any] = special(
        _read_kernel, axes=("k", "C/g k", "F C/g k"), expects="k, C × k or F × C/groups × k numbers, or sizes",
        doc="the kernel, with an axis F where there are several filters; or sizes only: {size: 3, filters: 16}",
    )  # fmt: skip
    bias: float | Array | bool | None = special(
        _read_bias, default=None, axes=("", "F"), expects="a number, one number a filter, or true",
        doc="one number a filter; true where sizes only are given",
    )  # fmt: skip
    stride: int = integer(default=1, sign="s", doc="how far the kernel moves at a time")
    dilation: int = integer(
        default=1, doc="distance of the kernel's cells; 1 is dense", misread={"left out the dilation": 1}
    )
    padding: Edges | str = special(
        _read_padding, default=(0, 0), expects="a number per side, [before, after], valid, same or full",
        doc="cells added per side; `same` gives ⌈n/s⌉ windows, the odd cell at the end",
    )  # fmt: skip
    padding_mode: str = option(*MODES, doc="what the added cells hold")
    groups: int = integer(default=1, sign="g", doc="the channels are dealt out to this many groups of filters")
    flip: bool = option(
        False, True, doc="whether the kernel is reversed first, as in signal processing",
        others={False: "did not flip the kernel", True: "flipped the kernel"},
    )  # fmt: skip
    upstream: float | Array = array("", "o", "F|N o", "N F o", doc="slope of the objective in each entry of the output")
    lr: float = real(above=0, sign="η", doc="the learning rate of one gradient step")


@kind(
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), equations 9.3 and 9.6; Dumoulin and Visin, A guide "
    "to convolution arithmetic for deep learning (2016)",
    quantities={
        "effective_kernel": "the length of the kernel with its gaps",
        "padded": "the input with its padding",
        "size": "the length of the output",
        "every": "the output at stride 1, where the stride is larger",
        "output": "the output",
        "neurons": "the number of entries of the output of one sequence",
        "weights": "the number of weights",
        "biases": "the number of biases",
        "params": "the number of parameters",
        "macs": "multiply-adds for one sequence",
        "grad_kernel": "slope of the objective sum(upstream · output) in the kernel",
        "grad_bias": "slope of the objective in the bias",
        "grad_input": "slope of the objective in the input",
        "new_kernel": "the kernel after one gradient step",
        "new_bias": "the bias after one gradient step",
    },
    examples=(
        """
        given: {input: [5, 6, 7, 8], kernel: [3, 0, 1], flip: true}
        parts:
          a: {ask: output, given: {padding: full}}
          b: {ask: output, given: {padding: valid}}
          c: {ask: output, given: {padding: same}}
        """,
        """
        given: {input: [3, 2, 1, 7, 1, 2, 5, 4], kernel: [0.5, -2, 1, 0.25], bias: 0.5, padding: 1, stride: 2,
                upstream: [1, -1, 2, 0.5], lr: 0.1}
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
        given: {input: [[1, 2, 0, 4, 3, -2, 5], [3, -1, 5, 2, 1, 0, 6], [2, 0, 1, -1, 3, 4, 1], [0, 3, 2, 1, -4, 5, 2]],
                kernel: [[[1, 2, -1], [3, 0, 1]], [[2, -1, 0], [1, 5, -2]]], bias: [1, -2], groups: 2, dilation: 2,
                flip: true, padding: [3, 1], padding_mode: circular}
        parts: {a: {ask: effective_kernel}, b: {ask: padded}, c: {ask: output}, d: {ask: params}}
        """,
        """
        given: {input: [1, 4, 2, 8, 5], kernel: [1, -3, 2, 10], padding: same, upstream: [1, 2, -1, 3, 0.5], lr: 0.5}
        parts: {a: {ask: padded}, b: {ask: output}, c: {ask: grad_input}}
        """,
        """
        given: {input: {size: 30, channels: 4}, kernel: {size: 5, filters: 16}, bias: true, groups: 2, stride: 3}
        parts: {a: {ask: size}, b: {ask: neurons}, c: {ask: weights}, d: {ask: biases}, e: {ask: params}, f: {ask: macs}}
        """,
    ),
)
def conv1d(given: Conv1D, work: Working) -> None:
    """Convolution layer in one dimension: size, output, counts, gradients, one gradient step.

    y[f, i] = Σ x[c, i s + u d] w[f, c, u] + b[f], a cross-correlation: the kernel is reversed only where `flip` says so,
    which makes it the convolution of textbooks and of signal processing. `same` gives ⌈n/s⌉ outputs and, where an odd
    number of cells is missing, adds one more at the end than at the beginning; `full` adds k - 1 cells on both sides.
    `grad_X` is the slope of sum(upstream · output) in X.
    """
    sequence, kernel = given.input, given.kernel
    s, d, groups = given.stride, given.dilation, given.groups
    n, channels = _sequence_sizes(sequence)
    k, filters = _kernel_sizes(kernel)
    depth = channels // groups
    """channels that one filter sees"""
    _refuse_clashes(given, channels, filters)

    spread = d * (k - 1) + 1
    effective = work(
        "effective_kernel", spread, formula="d (k - 1) + 1", names={"d": d, "k": k},
        slips={"counted the dilation as inserted zeros": lambda: k + d * (k - 1)} if "dilation" in given else {},
    )  # fmt: skip

    edges = _edges(given, n, spread)
    padded = None
    if isinstance(sequence, np.ndarray):
        refuse_many(math.prod(sequence.shape[:-1]) * (n + sum(edges)), MAX_CELLS)
        padded = work("padded", pad(sequence, edges, given.padding_mode), slips=_padded_slips(given, sequence, edges))

    cells, added = n, _edges(given, n, effective)
    """what the padding is added to, and the padding"""
    if padded is not None and padded.shape[-1] != n + sum(edges):
        cells, added = padded.shape[-1], (0, 0)
    o = work(
        "size", _size(cells, added, effective, s),
        formula=_size_formula(given, added),
        names={"n": cells, "k": effective, "s": s, "p": added[0], "p_1": added[0], "p_2": added[1]},
        slips=_size_slips(given, n, added, effective, s),
    )  # fmt: skip

    output = None
    if padded is not None and isinstance(kernel, np.ndarray):
        output = _forward(given, work, padded, edges)

    work(
        "neurons", o * filters, formula="size F", names={"F": filters},
        slips={"left out the filters": lambda: o},
    )  # fmt: skip
    weights = work(
        "weights", k * depth * filters,
        formula="k C F" if groups == 1 else "k C/g F", names={"k": k, "C": channels, "F": filters, "g": groups},
        slips={
            "left out the input channels": lambda: k * filters,
            "left out the groups": lambda: k * channels * filters,
        },
    )  # fmt: skip
    biased = given.bias is True or _numbers(given.bias) is not None
    biases = work(
        "biases", filters if biased else 0, formula="F" if biased else "0", names={"F": filters},
        slips={"counted a bias for every entry of the output": lambda: o * filters} if biased else {},
    )  # fmt: skip
    work(
        "params", weights + biases, formula="weights + biases",
        slips={"left out the biases": lambda: weights} if biased else {},
    )  # fmt: skip
    work(
        "macs", weights * o, formula="weights size",
        slips={
            "left out the length of the output": lambda: weights,
            "left out the input channels": lambda: k * filters * o,
        },
    )  # fmt: skip

    if output is not None and padded is not None:
        _backward(given, work, padded, edges)


def _forward(given: Conv1D, work: Working, padded: Array, edges: Edges) -> Array:
    """The output; with a stride above 1 by way of the output at stride 1."""
    kernel = np.asarray(given.kernel)
    used = kernel[..., ::-1] if given.flip else kernel
    d, s, bias = given.dilation, given.stride, _numbers(given.bias)
    axes = (np.asarray(given.input).ndim == 3, kernel.ndim == 3)
    ones = output_size(np.asarray(given.input).shape[-1], d * (kernel.shape[-1] - 1) + 1, *edges, 1)
    """entries of the output at stride 1"""

    def with_bias(y: Array) -> Array:
        return _dropped(y if bias is None else y + bias[:, None], *axes)

    def slid(stride: int = 1, dilation: int = d) -> Array:
        x, w = _rows(padded), _rows(used)
        refuse_many(math.prod((*x.shape[:2], w.shape[-1], x.shape[-1] // stride + 1)), MAX_PRODUCTS)
        return correlate2d(x, w, stride=(1, stride), dilation=(1, dilation), groups=given.groups)[:, :, 0]

    def slips(stride: int) -> dict[str, Callable[[], Array]]:
        wrong = {"multiplied without summing": lambda: _dropped(_tiled(_rows(padded), _rows(used), stride, d), *axes)}
        if "dilation" in given:
            wrong["counted the dilation as inserted zeros"] = lambda: with_bias(slid(stride, d + 1))
        if bias is not None:
            wrong["left out the bias"] = lambda: _dropped(slid(stride), *axes)
        return wrong

    name = "output" if s == 1 else "every"
    y: Array = work(
        name, with_bias(slid()), first=_entry(padded, used, d, bias), slips=slips(1),
        **_written(given, edges, ones, 1, "output"),
    )  # fmt: skip
    if name == "every":
        every = y
        y = work(
            "output", every[..., ::s], **_written(given, edges, -(-ones // s), s, "output"),
            slips={
                **slips(s),
                "left out the stride": lambda: every,
                "moved the kernel over the first n/s cells only":
                    lambda: every[..., : np.asarray(given.input).shape[-1] // s : s],
            },
        )  # fmt: skip
    return y


def _backward(given: Conv1D, work: Working, padded: Array, edges: Edges) -> None:
    """Gradients of sum(upstream · output), and one step against them."""
    sequence, kernel = np.asarray(given.input), np.asarray(given.kernel)
    flipped = slice(None, None, -1 if given.flip else 1)
    used = _rows(kernel)[..., flipped]
    bias, s = _numbers(given.bias), given.stride
    settings: dict[str, Any] = {"dilation": (1, given.dilation), "groups": given.groups}
    reach = given.dilation * (kernel.shape[-1] - 1) + 1
    length = sequence.shape[-1] + sum(edges)
    o = output_size(length, reach, 0, 0, s)
    upstream = _upstream(given, sequence, used, o)

    def kernel_slope(x: Array, stride: int) -> Array:
        slope = correlate2d_grad_kernel(_rows(x), upstream, used.shape, stride=(1, stride), **settings)
        return slope[..., flipped].reshape(kernel.shape)

    def input_slope(kernel: Array, stride: int, length: int = length) -> Array:
        shape = (*_rows(sequence).shape[:3], length)
        slope = correlate2d_grad_input(upstream, kernel, shape, stride=(1, stride), **settings)
        beyond = edges[0] + sequence.shape[-1] + edges[1] - length
        return pad2d_grad(pad(slope, (0, beyond)), (0, 0), edges, given.padding_mode).reshape(sequence.shape)

    met = o + reach - 1
    """the cells that upstream meets when it moves by one cell at a time"""
    grad_kernel = work(
        "grad_kernel", kernel_slope(padded, s),
        first=_kernel_entry(padded, upstream, given), **_written(given, edges, o, s, "kernel"),
        slips={"lost the stride": lambda: kernel_slope(padded[..., :met], 1)} if s > 1 else {},
    )  # fmt: skip
    if bias is not None:
        as_given = np.shape(given.bias)  # type: ignore[arg-type]  # numbers, see `_numbers`
        slope = upstream.sum(axis=(0, 2, 3)).reshape(as_given)
        grad_bias = work(
            "grad_bias", slope, formula="sum(upstream)" if bias.size == 1 else "",
            first=lambda: _sum(upstream[:, 0]),
            slips={"averaged the upstream slopes instead of adding them": lambda: slope / upstream[:, 0].size},
        )  # fmt: skip
    work(
        "grad_input", input_slope(used, s),
        first=_input_entry(upstream, used, given, edges), **_written(given, edges, o, s, "input"),
        slips={
            "did not reverse the kernel": lambda: input_slope(used[..., ::-1], s),
            **({"lost the stride": lambda: input_slope(used, 1, met)} if s > 1 else {}),
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


# One dimension is a row of height 1.


def pad(x: Array, edges: Edges, mode: str = "zeros") -> Array:
    """Cells before and after the last axis."""
    return np.asarray(pad2d(x[..., None, :], (0, 0), edges, mode)[..., 0, :])


def _rows(x: Array) -> Array:
    """A sequence or a kernel with four axes."""
    return x.reshape((1,) * (3 - x.ndim) + x.shape)[..., None, :]


def _dropped(y: Array, batch: bool, filters: bool) -> Array:
    """An output (N F o) without the axes that input and kernel do not have."""
    return y.reshape((*y.shape[:1] * batch, *y.shape[1:2] * filters, *y.shape[2:]))


def _tiled(padded: Array, kernel: Array, stride: int, d: int) -> Array:
    """The products of every window with the kernel, window beside window; only for one channel and one filter."""
    if padded.shape[:2] != (1, 1) or kernel.shape[:2] != (1, 1):
        raise Undefined("the products of several channels have no place beside each other")
    windows = sliding_window_view(padded[0, 0, 0], d * (kernel.shape[-1] - 1) + 1)[::stride, ::d]
    refuse_many(windows.size, MAX_CELLS)
    return np.asarray(windows * kernel[0, 0, 0]).reshape(1, 1, -1)


# Sizes.


def _sequence_sizes(sequence: Array | dict[str, Any]) -> tuple[int, int]:
    if isinstance(sequence, dict):
        return sequence["size"], sequence["channels"]
    return sequence.shape[-1], sequence.shape[-2] if sequence.ndim > 1 else 1


def _kernel_sizes(kernel: Array | dict[str, Any]) -> tuple[int, int]:
    if isinstance(kernel, dict):
        return kernel["size"], kernel["filters"]
    return kernel.shape[-1], kernel.shape[0] if kernel.ndim == 3 else 1


def _refuse_clashes(given: Conv1D, channels: int, filters: int) -> None:
    """Channels, groups and filters that do not fit."""
    kernel, groups = given.kernel, given.groups
    for number, what in ((channels, "channel"), (filters, "filter")):
        if number % groups:
            raise Undefined(f"{count(number, what)} cannot be dealt out to {groups} groups")
    if isinstance(kernel, np.ndarray):
        depth = kernel.shape[-2] if kernel.ndim > 1 else 1
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


def _edges(given: Conv1D, n: int, effective: int) -> Edges:
    """Cells before and after."""
    return given.padding if isinstance(given.padding, tuple) else pads(given.padding, n, effective, given.stride)


def _per_side(given: Conv1D) -> bool:
    """Whether the padding is one number that counts for each side."""
    return isinstance(given.padding, tuple) and given.padding[0] == given.padding[1]


def _halved(edges: Edges) -> Edges:
    """Padding that somebody deals out to both sides, with the odd cell at the end."""
    return edges[0] // 2, edges[0] - edges[0] // 2


def _padded_slips(given: Conv1D, sequence: Array, edges: Edges) -> dict[str, Callable[[], Array]]:
    if not any(edges):
        return {}
    mode = given.padding_mode
    wrong = {"left out the padding": lambda: sequence}
    if _per_side(given):
        wrong["counted the padding for both sides together"] = lambda: pad(sequence, _halved(edges), mode)
    elif edges[0] != edges[1]:
        wrong["exchanged the padding before and after"] = lambda: pad(sequence, edges[::-1], mode)
    if mode == "zeros":
        wrong["repeated the border instead of padding with zeros"] = lambda: pad(sequence, edges, "replicate")
    else:
        wrong["padded with zeros"] = lambda: pad(sequence, edges)
    return wrong


def _size(n: int, edges: Edges, effective: int, s: int) -> int:
    size = output_size(n, effective, *edges, s)
    if size < 1:
        what = "padded input" if any(edges) else "input"
        raise Undefined(f"the kernel ({effective}) is longer than the {what} ({n + sum(edges)})")
    return size


def _size_formula(given: Conv1D, edges: Edges) -> str:
    if given.padding == "same":
        return "ceil(n/s)"
    return "floor((n + 2p - k)/s) + 1" if edges[0] == edges[1] else "floor((n + p_1 + p_2 - k)/s) + 1"


def _size_slips(given: Conv1D, n: int, edges: Edges, effective: int, s: int) -> dict[str, Callable[[], int]]:
    bordered = n + sum(edges)
    wrong: dict[str, Callable[[], int]] = {"left out the + 1": lambda: (bordered - effective) // s}
    if s > 1:
        wrong["left out the stride"] = lambda: _size(n, edges, effective, 1)
        wrong["rounded up"] = lambda: -((effective - bordered) // s) + 1
        wrong["took n/s windows"] = lambda: n // s
        wrong["moved the kernel over the first n/s cells only"] = lambda: -(-(n // s) // s)
    if not any(edges):
        wrong["kept the size of the input"] = lambda: n
        return wrong
    wrong["left out the padding"] = lambda: _size(n, (0, 0), effective, s)
    if _per_side(given):
        wrong["counted the padding for both sides together"] = lambda: _size(n, _halved(edges), effective, s)
    if given.padding != "same":
        wrong["took any padding as same"] = lambda: -(-n // s)
    return wrong


def _upstream(given: Conv1D, sequence: Array, used: Array, o: int) -> Array:
    """Upstream with all four axes, checked against the output."""
    whole = (sequence.shape[0] if sequence.ndim == 3 else 1, used.shape[0], o)
    shape = (*whole[:1] * (sequence.ndim == 3), *whole[1:2] * (np.ndim(given.kernel) == 3), o)  # type: ignore[arg-type]  # an array here
    upstream = np.asarray(given.upstream, dtype=np.float64)
    if upstream.shape != shape and not upstream.size == math.prod(shape) == 1:
        raise Undefined(f"`upstream` has the shape {times(upstream.shape) or 1}, and the output {times(shape)}")
    return upstream.reshape((*whole[:2], 1, o))


# What is written out.


def _entry(padded: Array, kernel: Array, d: int, bias: Array | None) -> Callable[[], str]:
    """The arithmetic of the first entry of the output."""

    def text() -> str:
        w = _rows(kernel)[0]
        window = _rows(padded)[0, : w.shape[0], :, ::d][..., : w.shape[-1]]
        return _products(window, w) + ("" if bias is None else f" + {term(float(bias[0]))}")

    return text


def _kernel_entry(padded: Array, upstream: Array, given: Conv1D) -> Callable[[], str]:
    """The arithmetic of the first entry of the kernel's slope."""

    def text() -> str:
        last = np.asarray(given.kernel).shape[-1] - 1 if given.flip else 0
        cells = _rows(padded)[:, 0, :, last * given.dilation :: given.stride][..., : upstream.shape[-1]]
        return _products(upstream[:, 0], cells)

    return text


def _input_entry(upstream: Array, used: Array, given: Conv1D, edges: Edges) -> Callable[[], str] | None:
    """The arithmetic of the first entry of the input's slope: every kernel cell that met it, times upstream there."""
    if given.padding_mode != "zeros" and any(edges):
        return None

    def text() -> str:
        met = [(i, tap) for i, cell, tap in _meetings(given, edges, upstream.shape[-1], given.stride) if cell == 0]
        filters = range(used.shape[0] // given.groups)
        pairs = [(upstream[0, f, 0, i], used[f, 0, 0, tap]) for f in filters for i, tap in met]
        return _products(*np.array(pairs).T) if pairs else "0"

    return text


def _products(a: Array, b: Array) -> str:
    return products(a, b, a.size) if a.size <= SHOWN else products(a, b)


def _sum(x: Array) -> str:
    terms = [term(float(value)) for value in x.flat]
    return " + ".join(terms if len(terms) <= SHOWN else [*terms[:11], "…"])


def _meetings(given: Conv1D, edges: Edges, o: int, s: int) -> Iterator[tuple[int, int, int]]:
    """Every output, cell of the input and tap of the sliding kernel that belong together, from 0; none in the padding."""
    n, k = np.asarray(given.input).shape[-1], np.asarray(given.kernel).shape[-1]
    for tap in range(k):
        for i in range(o):
            cell = i * s + tap * given.dilation - edges[0]
            if 0 <= cell < n:
                yield i, cell, tap


def _written(given: Conv1D, edges: Edges, o: int, s: int, of: str) -> dict[str, Any]:
    """The formula, and its names, of the output or a slope entry by entry, counted from 1.

    None where that is long: only for one channel, one filter, zeros around, and a few products.
    """
    sequence, kernel = np.asarray(given.input), np.asarray(given.kernel)
    if (
        sequence.ndim * kernel.ndim > 1
        or (given.padding_mode != "zeros" and any(edges))
        or o * kernel.size > MAX_WRITTEN
    ):
        return {}
    sums: dict[str, list[list[str]]] = {
        "output": [[] for _ in range(o)], "kernel": [[] for _ in kernel], "input": [[] for _ in sequence],
    }  # fmt: skip
    for i, cell, tap in _meetings(given, edges, o, s):
        place = kernel.size - 1 - tap if given.flip else tap
        sums["output"][i].append(f"input[{cell + 1}] kernel[{place + 1}]")
        sums["kernel"][place].append(f"upstream[{i + 1}] input[{cell + 1}]")
        sums["input"][cell].append(f"upstream[{i + 1}] kernel[{place + 1}]")
    forward = of == "output"
    bias = " + bias" if forward and given.bias is not None else ""
    return {
        "formula": f"[{', '.join((' + '.join(terms) or '0') + bias for terms in sums[of])}]",
        "names": {
            "input": sequence,
            "kernel": kernel,
            **({} if forward else {"upstream": np.atleast_1d(given.upstream)}),
        },
    }
