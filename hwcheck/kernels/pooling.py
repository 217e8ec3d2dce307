"""Pooling of images, and its gradients.

Windows slide over the last two axes; all axes before them are kept. Sizes are pairs: vertical, horizontal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from hwcheck.kernels.types import Array

Pair = tuple[int, int]


def pool_size(
    n: int, window: int, stride: int, *, padding: int = 0, dilation: int = 1, incomplete: str = "floor"
) -> int:
    """How many windows an axis of length n has: ⌊(n + 2 padding - dilation (window - 1) - 1) / stride⌋ + 1.

    With `incomplete="ceil"` a last window that hangs over the end counts as well, as long as it starts inside the input
    or the padding before it. Below 1 where there is no window.

    Source: the documentation of `torch.nn.MaxPool2d`, shape and `ceil_mode`.

    >>> pool_size(5, 2, 2), pool_size(5, 2, 2, incomplete="ceil"), pool_size(3, 1, 3, incomplete="ceil")
    (2, 3, 1)
    """
    room = n + 2 * padding - dilation * (window - 1) - 1
    if incomplete == "floor":
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= n + padding else windows


def max_pool2d(
    x: Array, window: Pair, stride: Pair, *,
    padding: Pair = (0, 0), dilation: Pair = (1, 1), incomplete: str = "floor",
) -> Array:  # fmt: skip
    """The largest cell of each window: (…, H, W) → (…, oh, ow). Padding never wins: its cells are -∞.

    A maximum over a window is the maximum of its rows' maxima, so each axis is done by itself. A window that lies in
    the padding alone gives -∞.

    Source: Goodfellow, Bengio and Courville, Deep Learning (2016), section 9.3.

    Raises:
        ValueError: the window is larger than the padded input.

    >>> max_pool2d(np.array([[1.0, 5.0, 2.0], [3.0, 0.0, 4.0]]), (2, 2), (1, 1)).tolist()
    [[5.0, 5.0]]
    """
    vertical, horizontal = _axes(x, window, stride, padding=padding, dilation=dilation, incomplete=incomplete)
    cells = _extended(x, vertical, horizontal, -np.inf)
    return _reduced(np.maximum, cells, vertical, horizontal)


def average_pool2d(
    x: Array, window: Pair, stride: Pair, *,
    padding: Pair = (0, 0), dilation: Pair = (1, 1), incomplete: str = "floor", count_padding: bool = True,
) -> Array:  # fmt: skip
    """The mean of each window: (…, H, W) → (…, oh, ow). Padding cells are 0.

    They count in the divisor if `count_padding`; cells beyond the padded input, under a window that hangs over the end,
    never do. A window without any cell that counts gives a value that is not a number.

    Source: the documentation of `torch.nn.AvgPool2d`, `count_include_pad`.

    Raises:
        ValueError: the window is larger than the padded input.

    >>> average_pool2d(np.array([[1.0, 5.0, 2.0], [3.0, -1.0, 4.0]]), (2, 2), (1, 1)).tolist()
    [[2.0, 2.5]]
    """
    vertical, horizontal = _axes(x, window, stride, padding=padding, dilation=dilation, incomplete=incomplete)
    cells = _extended(x, vertical, horizontal, 0.0)
    sums = _reduced(np.add, cells, vertical, horizontal)
    with np.errstate(invalid="ignore"):
        sums /= _counts(vertical, horizontal, count_padding)
    return sums


def max_pool2d_grad(
    x: Array, upstream: Array, window: Pair, stride: Pair, *,
    padding: Pair = (0, 0), dilation: Pair = (1, 1), incomplete: str = "floor",
) -> Array:  # fmt: skip
    """The slope of Σ upstream · output in x: each window hands its slope to its largest cell.

    Shapes: x (…, H, W), upstream (…, oh, ow) → (…, H, W). On ties the first cell in row order gets all of it, as in
    PyTorch; others share it.

    Raises:
        ValueError: upstream has not the shape of the output.

    >>> max_pool2d_grad(np.array([[1.0, 5.0, 5.0], [3.0, 0.0, 4.0]]), np.array([[1.0, 10.0]]), (2, 2), (1, 1)).tolist()
    [[0.0, 11.0, 0.0], [0.0, 0.0, 0.0]]
    """
    vertical, horizontal = _axes(x, window, stride, padding=padding, dilation=dilation, incomplete=incomplete)
    _check(upstream, (*x.shape[:-2], vertical.size, horizontal.size))
    cells = _extended(x, vertical, horizontal, -np.inf)
    windows = sliding_window_view(cells, (vertical.reach, horizontal.reach), axis=(-2, -1))
    windows = windows[..., :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
    windows = windows[..., : vertical.size, : horizontal.size, :, :]
    u, v = np.divmod(windows.reshape(*upstream.shape, -1).argmax(axis=-1), window[1])
    rows = np.arange(vertical.size)[:, None] * stride[0] + u * dilation[0]
    columns = np.arange(horizontal.size) * stride[1] + v * dilation[1]
    images = int(np.prod(x.shape[:-2]))
    flat = np.zeros((images, vertical.length * horizontal.length))
    places = (rows * horizontal.length + columns).reshape(images, -1)
    np.add.at(flat, (np.arange(images)[:, None], places), upstream.reshape(images, -1))
    return _inside(flat.reshape(cells.shape), vertical, horizontal)


def average_pool2d_grad(
    x: Array, upstream: Array, window: Pair, stride: Pair, *,
    padding: Pair = (0, 0), dilation: Pair = (1, 1), incomplete: str = "floor", count_padding: bool = True,
) -> Array:  # fmt: skip
    """The slope of Σ upstream · output in x: each window spreads its slope evenly over the cells it counts.

    Shapes: x (…, H, W), of which only the shape matters, upstream (…, oh, ow) → (…, H, W).

    Raises:
        ValueError: upstream has not the shape of the output.

    >>> average_pool2d_grad(np.zeros((2, 3)), np.array([[4.0, 8.0]]), (2, 2), (1, 1)).tolist()
    [[1.0, 3.0, 2.0], [1.0, 3.0, 2.0]]
    """
    vertical, horizontal = _axes(x, window, stride, padding=padding, dilation=dilation, incomplete=incomplete)
    _check(upstream, (*x.shape[:-2], vertical.size, horizontal.size))
    shares = upstream / _counts(vertical, horizontal, count_padding)
    rows = np.zeros((*x.shape[:-2], vertical.length, horizontal.size))
    for tap in vertical.taps:
        rows[..., tap, :] += shares
    grad = np.zeros((*x.shape[:-2], vertical.length, horizontal.length))
    for tap in horizontal.taps:
        grad[..., tap] += rows
    return _inside(grad, vertical, horizontal)


def window_counts(
    x: Array, window: Pair, stride: Pair, *,
    padding: Pair = (0, 0), dilation: Pair = (1, 1), incomplete: str = "floor", count_padding: bool = True,
) -> Array:  # fmt: skip
    """By how many cells `average_pool2d` divides each window's sum: x (…, H, W) → (oh, ow); only x's shape matters.

    >>> window_counts(np.zeros((3, 4)), (2, 2), (2, 2), incomplete="ceil").tolist()
    [[4.0, 4.0], [2.0, 2.0]]
    """
    axes = _axes(x, window, stride, padding=padding, dilation=dilation, incomplete=incomplete)
    return _counts(*axes, count_padding)


@dataclass(frozen=True)
class _Axis:
    """The windows along one axis: `size` of them, over n cells with padding on both sides."""

    n: int
    size: int
    window: int
    stride: int
    padding: int
    dilation: int

    @property
    def reach(self) -> int:
        """From the first cell of a window to its last, both included."""
        return self.dilation * (self.window - 1) + 1

    @property
    def length(self) -> int:
        """With the padding and, at the end, what an incomplete window hangs over."""
        return max(self.n + 2 * self.padding, (self.size - 1) * self.stride + self.reach)

    @property
    def inside(self) -> slice:
        """Where the input lies."""
        return slice(self.padding, self.padding + self.n)

    @property
    def taps(self) -> list[slice]:
        """For each cell of a window, its places in all windows."""
        last = (self.size - 1) * self.stride + 1
        return [slice(u * self.dilation, u * self.dilation + last, self.stride) for u in range(self.window)]

    def counts(self, count_padding: bool) -> Array:
        """How many cells of each window lie over the input, or over the padded input."""
        starts = np.arange(self.size)[:, None] * self.stride - self.padding
        cells = starts + np.arange(self.window) * self.dilation
        margin = self.padding if count_padding else 0
        return np.asarray(((cells >= -margin) & (cells < self.n + margin)).sum(axis=1), dtype=np.float64)


def _axes(
    x: Array, window: Pair, stride: Pair, *, padding: Pair, dilation: Pair, incomplete: str
) -> tuple[_Axis, _Axis]:
    def axis(i: int) -> _Axis:
        n = x.shape[i - 2]
        size = pool_size(n, window[i], stride[i], padding=padding[i], dilation=dilation[i], incomplete=incomplete)
        if size < 1:
            raise ValueError(f"a window of {window[i]} is larger than an axis of {n} cells")
        return _Axis(n, size, window[i], stride[i], padding[i], dilation[i])

    return axis(0), axis(1)


def _extended(x: Array, vertical: _Axis, horizontal: _Axis, fill: float) -> Array:
    """The input with padding and overhang of one value; itself where there is neither."""
    if (vertical.length, horizontal.length) == x.shape[-2:]:
        return np.asarray(x, dtype=np.float64)
    cells = np.full((*x.shape[:-2], vertical.length, horizontal.length), fill)
    cells[..., vertical.inside, horizontal.inside] = x
    return cells


def _reduced(function: np.ufunc, cells: Array, vertical: _Axis, horizontal: _Axis) -> Array:
    """A function of two arrays over all cells of each window, first down the columns, then along the rows."""
    columns = np.array(cells[..., vertical.taps[0], :], order="C")
    for tap in vertical.taps[1:]:
        function(columns, cells[..., tap, :], out=columns)
    windows = np.array(columns[..., horizontal.taps[0]], order="C")
    for tap in horizontal.taps[1:]:
        function(windows, columns[..., tap], out=windows)
    return windows


def _inside(cells: Array, vertical: _Axis, horizontal: _Axis) -> Array:
    return np.array(cells[..., vertical.inside, horizontal.inside], order="C")


def _counts(vertical: _Axis, horizontal: _Axis, count_padding: bool) -> Array:
    """By how many cells each window's sum is divided: (oh, ow)."""
    return np.asarray(np.multiply.outer(vertical.counts(count_padding), horizontal.counts(count_padding)))


def _check(upstream: Array, shape: tuple[int, ...]) -> None:
    if upstream.shape != shape:
        raise ValueError(f"upstream has the shape {upstream.shape}, and the output {shape}")
