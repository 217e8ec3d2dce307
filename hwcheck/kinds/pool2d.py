"""Pooling of an image: sizes, output, gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.given import Givens, Reader, array, option, pair, read_pair, special
from hwcheck.kernels.pooling import (
    average_pool2d,
    average_pool2d_grad,
    max_pool2d,
    max_pool2d_grad,
    pool_size,
    window_counts,
)
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.kinds.conv2d import Pair, each, read_input, refuse_many, term, times
from hwcheck.working import Working
from hwcheck.yamltree import Node, Scalar

MAX_CELLS = 10**7
"""Cells of a padded input that are worked out; beyond lies a misprint."""
SHOWN = 60
"""Terms of an entry's arithmetic that are written out."""


def _read_window(reader: Reader, node: Node) -> Pair | str:
    if isinstance(node, Scalar) and node.text.strip().casefold() == "global":
        return "global"
    return read_pair(reader, node, 1)


class Pool2D(Givens):
    """What is given: an image, in numbers or its sizes only, and the window."""

    input: Array | dict[str, Any] = special(
        read_input, axes=("H W", "C H W", "N C H W"), expects="H × W, C × H × W or N × C × H × W numbers, or sizes",
        doc="the image, or sizes only: {size: [28, 20], channels: 3}",
    )  # fmt: skip
    window: Pair | str = special(
        _read_window, expects="a number, [vertical, horizontal], or global",
        doc="the size of the window; `global` is the whole image and leaves one number a channel",
    )  # fmt: skip
    stride: Pair | None = pair(
        1, default=None, doc="how far the window moves at a time; the window's size where not given"
    )
    padding: Pair = pair(0, default=(0, 0), doc="cells added per side")
    dilation: Pair = pair(
        1, default=(1, 1), doc="distance of the window's cells; 1 is dense", misread={"left out the dilation": (1, 1)}
    )
    method: str = option("max", "average", doc="what is taken from a window")
    incomplete: str = option(
        "floor", "ceil", doc="whether a last window that hangs over the end is dropped (floor) or kept (ceil)",
        others={"floor": "dropped the incomplete window", "ceil": "kept the incomplete window"},
    )  # fmt: skip
    count_padding: bool = option(
        True, False, doc="whether an average counts the padding cells; it never counts cells beyond them",
        others={True: "counted the padding in the average", False: "left the padding out of the average"},
    )  # fmt: skip
    upstream: float | Array = array(
        "", "C", "oh|N ow|C", "C oh ow", "N C oh ow", doc="slope of the objective in each entry of the output"
    )


@kind(
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), section 9.3",
    quantities={
        "size": "height and width of the output",
        "params": "the number of parameters, which is none",
        "output": "the output",
        "grad_input": "slope of the objective sum(upstream · output) in the input",
    },
    examples=(
        """
        given: {input: [[1, 5, 2, 0], [3, -1, 4, 2], [0, 6, 1, 7], [2, 1, 8, 3], [9, 2, 5, 4]], window: [3, 2],
                stride: 2, padding: [1, 0], upstream: [[1, -2], [3, 0.5], [2, 4]]}
        parts: {a: {ask: size}, b: {ask: output}, c: {ask: grad_input}, d: {ask: params}}
        """,
        """
        given: {input: [[[1, 5, 2, 0, 3], [3, -1, 4, 2, 6], [0, 6, 1, 7, -2]],
                        [[2, 1, 8, 3, 0], [9, 2, 5, 4, 1], [-3, 4, 2, 6, 5]]], window: 2, method: average,
                incomplete: ceil, count_padding: false, padding: [0, 1], stride: [2, 1],
                upstream: [[[1, 2, 0, 3, 1, -1], [4, 0, 2, 1, 5, 3]], [[2, 1, -2, 0, 3, 1], [1, 6, 2, 3, 0, 4]]]}
        parts: {a: {ask: size}, b: {ask: output}, c: {ask: grad_input}}
        """,
        """
        given: {input: [[[1, 5, 2], [3, -1, 4]], [[2, 1, 8], [9, 2, 5]]], window: global, method: average,
                upstream: [6, -3]}
        parts: {a: {ask: output}, b: {ask: grad_input}}
        """,
        """
        given: {input: [[1, 2, 5, 3, 4], [2, 0, 6, 7, 1], [3, 8, 1, 2, 9], [4, 1, 2, 0, 5]], window: 2, dilation: 2}
        parts: {a: {ask: size}, b: {ask: output}}
        """,
        """
        given: {input: [[3, 6, -3], [9, 0, 12]], window: 2, method: average, padding: [0, 1]}
        parts: {a: {ask: output}}
        """,
    ),
)
def pool2d(given: Pool2D, work: Working) -> None:
    """Pooling: the largest or the mean entry of every window, and the way back.

    Windows start s cells apart, from the padding before the image on. Padding never wins a maximum. On the way back the
    largest entry gets the slope, on ties the first in row order; a mean spreads it evenly.
    """
    image, whole = given.input, given.window == "global"
    n: Pair = image["size"] if isinstance(image, dict) else (image.shape[-2], image.shape[-1])
    k: Pair = n if isinstance(given.window, str) else given.window
    s: Pair = n if whole else given.stride or k
    p, d = ((0, 0), (1, 1)) if whole else (given.padding, given.dilation)
    incomplete, averaged = given.incomplete, given.method == "average"

    def size(s: Pair = s, p: Pair = p) -> Pair:
        sides: Pair = each(
            lambda n, k, s, p, d: pool_size(n, k, s, padding=p, dilation=d, incomplete=incomplete), n, k, s, p, d
        )
        if min(sides) < 1:
            bordered, what = each(lambda n, p: n + 2 * p, n, p), "padded input" if any(p) else "input"
            raise Undefined(f"the window ({times(reach)}) is larger than the {what} ({times(bordered)})")
        return sides

    reach = each(lambda k, d: d * (k - 1) + 1, k, d)
    dropped = size()[0] * s[0] < n[0] + 2 * p[0] - reach[0] + s[0] and incomplete == "ceil"
    """whether a last window is left out because it starts beyond the image"""
    work(
        "size", size(), formula="" if dropped else f"{incomplete}((n + 2p - k)/s) + 1",
        names={"n": n[0], "k": reach[0], "s": s[0], "p": p[0]},
        slips={
            "left out the + 1": lambda: each(lambda side: side - 1, size()),
            **({"took stride 1": lambda: size(s=(1, 1))} if s != (1, 1) else {}),
            **({"left out the padding": lambda: size(p=(0, 0))} if any(p) else {}),
        },
    )  # fmt: skip
    work("params", 0, formula="0", slips={"counted weights in the window": lambda: k[0] * k[1]})
    if isinstance(image, dict):
        return

    refuse_many(image.size // (n[0] * n[1]) * (n[0] + 2 * p[0]) * (n[1] + 2 * p[1]), MAX_CELLS)
    settings: dict[str, Any] = {"padding": p, "dilation": d, "incomplete": incomplete}
    counted: dict[str, Any] = {**settings, "count_padding": given.count_padding}

    def pooled(average: bool, window: Pair = k, stride: Pair = s) -> Array:
        if average:
            return average_pool2d(image, window, stride, **counted)
        return max_pool2d(image, window, stride, **settings)

    def shaped(y: Array) -> Array:
        return y.reshape(y.shape[:-2]) if whole else y

    y = pooled(averaged)
    if not np.isfinite(y).all():
        raise Undefined(f"a window ({times(k)}) lies in the padding alone; pad by less than the window")
    other = "took the maximum instead of averaging" if averaged else "averaged instead of taking the maximum"
    work(
        "output", shaped(y), first=_entry(given, k, p, d),
        slips={
            other: lambda: shaped(pooled(not averaged)),
            "took one row of the window only": lambda: shaped(pooled(averaged, (1, k[1]))[..., : y.shape[-2], :]),
            **({"took stride 1": lambda: pooled(averaged, stride=(1, 1))} if s != (1, 1) and not whole else {}),
        },
    )  # fmt: skip

    upstream = np.asarray(given.upstream, dtype=np.float64)
    if upstream.shape != shaped(y).shape and not upstream.size == y.size == 1:
        raise Undefined(f"`upstream` has the shape {times(upstream.shape)}, and the output {times(shaped(y).shape)}")
    upstream = upstream.reshape(y.shape)
    spread = average_pool2d_grad(image, upstream, k, s, **counted)
    if averaged:
        counts = window_counts(image, k, s, **counted)
        work(
            "grad_input", spread,
            slips={"did not divide by the size of the window":
                   lambda: average_pool2d_grad(image, upstream * counts, k, s, **counted)},
        )  # fmt: skip
    else:
        work(
            "grad_input", max_pool2d_grad(image, upstream, k, s, **settings),
            slips={"spread the gradient over the window": lambda: spread},
        )  # fmt: skip


def _entry(given: Pool2D, k: Pair, p: Pair, d: Pair) -> Callable[[], str]:
    """The arithmetic of the first entry of the output."""

    def text() -> str:
        image = np.asarray(given.input)
        image = image.reshape(-1, *image.shape[-2:])[0]
        padded = each(lambda n, p: n + p, image.shape, p)
        rows, columns = each(lambda k, p, d, n: [u * d - p for u in range(k) if u * d - p < n], k, p, d, padded)
        cells = [
            float(image[i, j]) for i in rows for j in columns if 0 <= i < image.shape[0] and 0 <= j < image.shape[1]
        ]
        terms = [term(cell) for cell in cells]
        shown = terms if len(terms) <= SHOWN else [*terms[:11], "…"]
        if given.method == "max":
            return f"max({', '.join(shown)})"
        number = len(rows) * len(columns) if given.count_padding else len(cells)
        return f"({' + '.join(shown)})/{number}"

    return text
