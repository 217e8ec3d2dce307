"""Cross-correlation of images, its padding and its gradients.

Networks slide the kernel over the image as it stands: cross-correlation; no flip. Signal processing turns the kernel by
180° first; whoever wants that passes `w[..., ::-1, ::-1]`. Images are (N, C, H, W): batch, channels, height, width.

The sums are one matrix product over copies of all windows, whatever the memory order of the inputs, so that equal
numbers give equal bits.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from hwcheck.kernels.types import Array

Pair = tuple[int, int]
"""Vertical and horizontal; of one axis: before and after."""

MODES = ("zeros", "circular", "reflect", "replicate")


def output_size(n: int, effective: int, before: int, after: int, stride: int) -> int:
    """How many windows fit: ⌊(n + before + after - effective) / stride⌋ + 1; below 1 where none does.

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016), relationship 6.

    >>> output_size(5, 3, 1, 1, 2)
    3
    """
    return (n + before + after - effective) // stride + 1


def pads(padding: int | str, n: int, effective: int, stride: int) -> Pair:
    """Cells before and after along one axis of length n.

    A number counts per side. "valid" is none, "full" is effective - 1 per side, "same" gives ⌈n / stride⌉
    windows with the odd cell at the end (TensorFlow and Keras; other libraries allow "same" at stride 1 only).

    Source: Dumoulin and Visin (2016), sections 2.2 and 2.3; the documentation of `tf.nn.convolution` for "same".

    Raises:
        ValueError: another word.

    >>> pads("same", 5, 4, 1), pads("same", 6, 3, 2), pads("full", 5, 3, 1), pads(2, 5, 3, 1)
    ((1, 2), (0, 1), (2, 2), (2, 2))
    """
    if not isinstance(padding, str):
        return padding, padding
    if padding == "valid":
        return 0, 0
    if padding == "full":
        return effective - 1, effective - 1
    if padding != "same":
        raise ValueError(f"no padding is called {padding!r}")
    total = max((-(-n // stride) - 1) * stride + effective - n, 0)
    return total // 2, total - total // 2


def pad2d(x: Array, vertical: Pair, horizontal: Pair, mode: str = "zeros") -> Array:
    """A border of cells around the last two axes: (…, H, W) → (…, H + top + bottom, W + left + right).

    Modes: `zeros`; `circular` continues at the opposite side; `reflect` mirrors without repeating the border;
    `replicate` repeats the border.

    >>> x = np.array([[1.0, 2.0, 3.0]])
    >>> pad2d(x, (0, 1), (1, 0)).tolist()
    [[0.0, 1.0, 2.0, 3.0], [0.0, 0.0, 0.0, 0.0]]
    >>> [pad2d(x, (0, 0), (1, 2), mode).tolist()[0] for mode in ("circular", "reflect", "replicate")]
    [[3.0, 1.0, 2.0, 3.0, 1.0, 2.0], [2.0, 1.0, 2.0, 3.0, 2.0, 1.0], [1.0, 1.0, 2.0, 3.0, 3.0, 3.0]]
    """
    height, width = x.shape[-2:]
    if mode == "zeros":
        (top, bottom), (left, right) = vertical, horizontal
        padded = np.zeros((*x.shape[:-2], top + height + bottom, left + width + right))
        padded[..., top : top + height, left : left + width] = x
        return padded
    rows = np.take(np.asarray(x, dtype=np.float64), _origins(height, vertical, mode), axis=-2)
    return np.take(rows, _origins(width, horizontal, mode), axis=-1)


def pad2d_grad(upstream: Array, vertical: Pair, horizontal: Pair, mode: str = "zeros") -> Array:
    """The slope in the input of `pad2d`: every cell of the border hands its slope to the cell it was taken from.

    Shapes: (…, H + top + bottom, W + left + right) → (…, H, W).

    >>> pad2d_grad(np.array([[1.0, 2.0, 4.0, 8.0]]), (0, 0), (1, 1)).tolist()
    [[2.0, 4.0]]
    >>> pad2d_grad(np.array([[1.0, 2.0, 4.0, 8.0]]), (0, 0), (1, 1), "replicate").tolist()
    [[3.0, 12.0]]
    """
    height, width = upstream.shape[-2] - sum(vertical), upstream.shape[-1] - sum(horizontal)
    if mode == "zeros":
        return np.array(upstream[..., vertical[0] : vertical[0] + height, horizontal[0] : horizontal[0] + width])
    rows = np.zeros((*upstream.shape[:-2], height, upstream.shape[-1]))
    for i, origin in enumerate(_origins(height, vertical, mode)):
        rows[..., origin, :] += upstream[..., i, :]
    grad = np.zeros((*upstream.shape[:-2], height, width))
    for j, origin in enumerate(_origins(width, horizontal, mode)):
        grad[..., origin] += rows[..., j]
    return grad


def _origins(n: int, sides: Pair, mode: str) -> np.typing.NDArray[np.intp]:
    """For each cell along a padded axis, the cell of the axis it is a copy of."""
    places = np.arange(-sides[0], n + sides[1])
    if mode == "circular":
        return places % n
    if mode == "reflect":
        period = max(2 * (n - 1), 1)
        return np.minimum(places % period, -places % period)
    if mode == "replicate":
        return places.clip(0, n - 1)
    raise ValueError(f"no padding mode is called {mode!r}")


def correlate2d(x: Array, w: Array, *, stride: Pair = (1, 1), dilation: Pair = (1, 1), groups: int = 1) -> Array:
    """y[n, f, i, j] = Σ_{c, u, v} x[n, c, i s + u d, j s + v d] w[f, c, u, v]: cross-correlation; no flip, no padding.

    Shapes: x (N, C, H, W), w (F, C/groups, kh, kw) → (N, F, oh, ow), with oh = ⌊(H - d (kh - 1) - 1) / s⌋ + 1. Filter f
    sees the channels of its group only: f // (F/groups).

    Source: Goodfellow, Bengio and Courville, Deep Learning (2016), equation 9.6; groups after Krizhevsky et al. (2012).

    Raises:
        ValueError: the channels do not match, or the kernel is larger than the image.

    >>> x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])[None, None]
    >>> correlate2d(x, np.array([[1.0, -1.0], [0.0, 2.0]])[None, None]).tolist()
    [[[[9.0, 11.0]]]]
    """
    filters = _rows(w, groups)
    columns, (oh, ow) = _columns(x, w.shape, stride, dilation, groups)
    return np.asarray(np.matmul(filters, columns)).reshape(x.shape[0], w.shape[0], oh, ow)


def correlate2d_grad_kernel(
    x: Array, upstream: Array, kernel_shape: tuple[int, int, int, int], *,
    stride: Pair = (1, 1), dilation: Pair = (1, 1), groups: int = 1,
) -> Array:  # fmt: skip
    """The slope of Σ upstream · y in w: g[f, c, u, v] = Σ_{n, i, j} upstream[n, f, i, j] x[n, c, i s + u d, j s + v d].

    Shapes: x (N, C, H, W), upstream (N, F, oh, ow) → kernel_shape (F, C/groups, kh, kw); summed over the batch.
    Here the stride spreads the entries of upstream apart. Cross-correlation; no flip.

    Source: Dumoulin and Visin (2016), chapter 4; Goodfellow et al. (2016), equation 9.11.

    Raises:
        ValueError: upstream has not the shape of the output.

    >>> x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])[None, None]
    >>> correlate2d_grad_kernel(x, np.array([[1.0, 10.0]])[None, None], (1, 1, 2, 2)).tolist()
    [[[[21.0, 32.0], [54.0, 65.0]]]]
    """
    columns, sides = _columns(x, kernel_shape, stride, dilation, groups)
    ups = _grouped(upstream, (x.shape[0], kernel_shape[0], *sides), groups)
    return np.asarray(np.matmul(ups, columns.swapaxes(-1, -2)).sum(axis=0)).reshape(kernel_shape)


def correlate2d_grad_input(
    upstream: Array, w: Array, input_shape: tuple[int, int, int, int], *,
    stride: Pair = (1, 1), dilation: Pair = (1, 1), groups: int = 1,
) -> Array:  # fmt: skip
    """The slope of Σ upstream · y in x: every entry of upstream adds its multiple of w at the window it came from.

    Shapes: upstream (N, F, oh, ow), w (F, C/groups, kh, kw) → input_shape (N, C, H, W). At stride 1 this is the full
    cross-correlation of upstream with w turned by 180°.

    Source: Dumoulin and Visin (2016), chapter 4 (transposed convolution); Goodfellow et al. (2016), equation 9.13.

    Raises:
        ValueError: upstream has not the shape of the output.

    >>> w = np.array([[1.0, -1.0], [0.0, 2.0]])[None, None]
    >>> correlate2d_grad_input(np.array([[1.0, 10.0]])[None, None], w, (1, 1, 2, 3)).tolist()
    [[[[1.0, 9.0, -10.0], [0.0, 2.0, 20.0]]]]
    """
    batch, channels, height, width = input_shape
    f, _, kh, kw = w.shape
    oh = output_size(height, dilation[0] * (kh - 1) + 1, 0, 0, stride[0])
    ow = output_size(width, dilation[1] * (kw - 1) + 1, 0, 0, stride[1])
    ups = _grouped(upstream, (batch, f, oh, ow), groups)
    shares = np.matmul(_rows(w, groups).swapaxes(-1, -2), ups).reshape(batch, channels, kh, kw, oh, ow)
    grad = np.zeros(input_shape)
    for u in range(kh):
        for v in range(kw):
            grad[:, :, _tap(u, oh, stride[0], dilation[0]), _tap(v, ow, stride[1], dilation[1])] += shares[:, :, u, v]
    return grad


def _tap(u: int, size: int, stride: int, dilation: int) -> slice:
    """The cells that tap u of the kernel touches, window after window."""
    return slice(u * dilation, u * dilation + (size - 1) * stride + 1, stride)


def _rows(w: Array, groups: int) -> Array:
    """The kernel as (groups, F/groups, C/groups · kh · kw), always a fresh copy in row order."""
    if w.shape[0] % groups:
        raise ValueError(f"{w.shape[0]} filters do not divide into {groups} groups")
    return np.array(w, dtype=np.float64, order="C").reshape(groups, w.shape[0] // groups, -1)


def _grouped(upstream: Array, shape: tuple[int, int, int, int], groups: int) -> Array:
    """Upstream as (N, groups, F/groups, oh · ow), always a fresh copy in row order."""
    if upstream.shape != shape:
        raise ValueError(f"upstream has the shape {upstream.shape}, and the output {shape}")
    return np.array(upstream, dtype=np.float64, order="C").reshape(shape[0], groups, shape[1] // groups, -1)


def _columns(x: Array, kernel_shape: tuple[int, ...], stride: Pair, dilation: Pair, groups: int) -> tuple[Array, Pair]:
    """All windows as the columns of (N, groups, C/groups · kh · kw, oh · ow), and (oh, ow).

    One copy into memory of its own: it feeds the fastest product, and its layout never depends on that of x.
    """
    batch, channels, height, width = x.shape
    _, depth, kh, kw = kernel_shape
    if channels != groups * depth:
        raise ValueError(f"the image has {channels} channels, and the kernel {depth} in each of {groups} groups")
    reach = dilation[0] * (kh - 1) + 1, dilation[1] * (kw - 1) + 1
    if reach[0] > height or reach[1] > width:
        raise ValueError(f"a kernel of {reach[0]}×{reach[1]} is larger than an image of {height}×{width}")
    windows = sliding_window_view(x, reach, axis=(2, 3))
    windows = windows[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
    oh, ow = windows.shape[2:4]
    columns = np.empty((batch, channels, kh, kw, oh, ow))
    columns[...] = windows.transpose(0, 1, 4, 5, 2, 3)
    return columns.reshape(batch, groups, depth * kh * kw, oh * ow), (oh, ow)
