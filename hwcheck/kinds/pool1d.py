"""Pooling of a sequence: size, output, gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.given import Givens, Reader, array, integer, option, special
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
from hwcheck.kinds.conv1d import MAX_WRITTEN, read_sequence
from hwcheck.kinds.conv2d import MAX_CELLS, SHOWN, refuse_many, term, times
from hwcheck.working import Working
from hwcheck.yamltree import Node, Scalar


def _read_window(reader: Reader, node: Node) -> int | str:
    if isinstance(node, Scalar) and node.text.strip().casefold() == "global":
        return "global"
    return reader.integer(node, 1, expected="a whole number of at least 1, or global")


class Pool1D(Givens):
    """What is given: a sequence, in numbers or its sizes only, and the window."""

    input: Array | dict[str, Any] = special(
        read_sequence, axes=("n", "C n", "N C n"), expects="n, C × n or N × C × n numbers, or sizes",
        doc="the sequence, or sizes only: {size: 40, channels: 3}",
    )  # fmt: skip
    window: int | str = special(
        _read_window, expects="a number, or global",
        doc="the length of the window; `global` is the whole sequence and leaves one number a channel",
    )  # fmt: skip
    stride: int | None = integer(
        default=None, doc="how far the window moves at a time; the window's length where not given"
    )
    padding: int = integer(0, default=0, doc="cells added per side")
    dilation: int = integer(
        default=1, doc="distance of the window's cells; 1 is dense", misread={"left out the dilation": 1}
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
        "", "C|o", "C|N o|C", "N C o", doc="slope of the objective in each entry of the output"
    )


@kind(
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), section 9.3",
    quantities={
        "size": "the length of the output",
        "params": "the number of parameters, which is none",
        "output": "the output",
        "grad_input": "slope of the objective sum(upstream · output) in the input",
    },
    examples=(
        """
        given: {input: [1, 5, 2, 0, 3, -1, 4, 6, -2], window: 3, stride: 2, padding: 1, upstream: [1, -2, 3, 0.5, 2]}
        parts: {a: {ask: size}, b: {ask: output}, c: {ask: grad_input}, d: {ask: params}}
        """,
        """
        given: {input: [[1, 5, 2, 0, 3, 7, 4, 2, 9], [2, 1, 8, 3, 0, -3, 5, 6, 4]], window: 3, method: average,
                incomplete: ceil, count_padding: false, padding: 1, upstream: [[1, 2, 4, -1], [4, 0, -2, 3]]}
        parts: {a: {ask: size}, b: {ask: output}, c: {ask: grad_input}}
        """,
        """
        given: {input: [[1, 5, 2], [3, -1, 7]], window: global, method: average, upstream: [6, -3]}
        parts: {a: {ask: output}, b: {ask: grad_input}}
        """,
        """
        given: {input: [0, 1, 3, 2, 4], window: 2}
        parts: {a: {ask: size}, b: {ask: output}}
        """,
        """
        given: {input: [3, 6, -3, 9, 12, 0], window: 2, dilation: 3, padding: 1, stride: 1, method: average}
        parts: {a: {ask: output}}
        """,
    ),
)
def pool1d(given: Pool1D, work: Working) -> None:
    """Pooling in one dimension: the largest or the mean entry of every window, and the way back.

    Windows start s cells apart, from the padding before the sequence on. Padding never wins a maximum. On the way back
    the largest entry gets the slope, on ties the first; a mean spreads it evenly.
    """
    sequence, whole = given.input, given.window == "global"
    n: int = sequence["size"] if isinstance(sequence, dict) else sequence.shape[-1]
    k = n if isinstance(given.window, str) else given.window
    s = n if whole else given.stride or k
    p, d = (0, 1) if whole else (given.padding, given.dilation)
    incomplete, averaged = given.incomplete, given.method == "average"
    reach = d * (k - 1) + 1

    def size(s: int = s, p: int = p) -> int:
        windows = pool_size(n, k, s, padding=p, dilation=d, incomplete=incomplete)
        if windows < 1:
            what = "padded input" if p else "input"
            raise Undefined(f"the window ({reach}) is longer than the {what} ({n + 2 * p})")
        return windows

    o = size()
    dropped = incomplete == "ceil" and o * s < n + 2 * p - reach + s
    """whether a last window is left out because it starts beyond the sequence"""
    work(
        "size", o, formula="" if dropped else f"{incomplete}((n + 2p - k)/s) + 1",
        names={"n": n, "k": reach, "s": s, "p": p},
        slips={
            "left out the + 1": lambda: o - 1,
            **({"took stride 1": lambda: size(s=1)} if s > 1 else {}),
            **({"left out the padding": lambda: size(p=0)} if p else {}),
        },
    )  # fmt: skip
    work("params", 0, formula="0", slips={"counted weights in the window": lambda: k})
    if isinstance(sequence, dict):
        return

    refuse_many(sequence.size // n * (n + 2 * p), MAX_CELLS)
    rows = sequence[..., None, :]
    """one dimension is a row of height 1"""
    settings: dict[str, Any] = {"padding": (0, p), "dilation": (1, d), "incomplete": incomplete}
    counted: dict[str, Any] = {**settings, "count_padding": given.count_padding}

    def pooled(average: bool, stride: int = s) -> Array:
        pool, more = (average_pool2d, counted) if average else (max_pool2d, settings)
        return pool(rows, (1, k), (1, stride), **more)[..., 0, :]

    def shaped(y: Array) -> Array:
        return y[..., 0] if whole else y

    y = pooled(averaged)
    if not np.isfinite(y).all():
        raise Undefined(f"a window ({k}) lies in the padding alone; pad by less than the window")
    other = "took the maximum instead of averaging" if averaged else "averaged instead of taking the maximum"
    work(
        "output", shaped(y), first=_entry(given, k, p, d), **_written(given, k, s, p, d, o),
        slips={
            other: lambda: shaped(pooled(not averaged)),
            **({"took stride 1": lambda: pooled(averaged, stride=1)} if s > 1 and not whole else {}),
        },
    )  # fmt: skip

    upstream = np.asarray(given.upstream, dtype=np.float64)
    if upstream.shape != shaped(y).shape and not upstream.size == y.size == 1:
        raise Undefined(f"`upstream` has the shape {times(upstream.shape)}, and the output {times(shaped(y).shape)}")
    upstream = upstream.reshape((*y.shape[:-1], 1, y.shape[-1]))

    def spread(upstream: Array) -> Array:
        return average_pool2d_grad(rows, upstream, (1, k), (1, s), **counted)[..., 0, :]

    if averaged:
        work(
            "grad_input", spread(upstream),
            slips={"did not divide by the size of the window":
                   lambda: spread(upstream * window_counts(rows, (1, k), (1, s), **counted))},
        )  # fmt: skip
    else:
        work(
            "grad_input", max_pool2d_grad(rows, upstream, (1, k), (1, s), **settings)[..., 0, :],
            slips={"spread the gradient over the window": lambda: spread(upstream)},
        )  # fmt: skip


def _cells(n: int, k: int, p: int, d: int, start: int) -> tuple[list[int], int]:
    """The cells of the input under a window that starts there, and how many there are with those of the padding."""
    cells = [start + u * d - p for u in range(k) if start + u * d - p < n + p]
    return [cell for cell in cells if 0 <= cell < n], len(cells)


def _entry(given: Pool1D, k: int, p: int, d: int) -> Callable[[], str]:
    """The arithmetic of the first entry of the output."""

    def text() -> str:
        first = np.asarray(given.input).reshape(-1, np.asarray(given.input).shape[-1])[0]
        cells, padded = _cells(first.size, k, p, d, 0)
        terms = [term(float(first[cell])) for cell in cells]
        shown = terms if len(terms) <= SHOWN else [*terms[:11], "…"]
        if given.method == "max":
            return f"max({', '.join(shown)})"
        return f"({' + '.join(shown)})/{padded if given.count_padding else len(cells)}"

    return text


def _written(given: Pool1D, k: int, s: int, p: int, d: int, o: int) -> dict[str, Any]:
    """The formula of the output, entry by entry, counted from 1, and its names; none where that is long."""
    sequence = np.asarray(given.input)
    if sequence.ndim > 1:
        return {}
    if given.window == "global":
        return {"formula": "max(input)" if given.method == "max" else "mean(input)"}
    if o * k > MAX_WRITTEN:
        return {}
    entries = []
    for i in range(o):
        cells, padded = _cells(sequence.size, k, p, d, i * s)
        terms = [f"input[{cell + 1}]" for cell in cells]
        number = padded if given.count_padding else len(cells)
        entries.append(
            f"max({', '.join(terms)})" if given.method == "max" else f"({' + '.join(terms) or '0'})/{number}"
        )
    return {"formula": f"[{', '.join(entries)}]", "names": {"input": sequence}}
