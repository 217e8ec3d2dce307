"""Two convolutions in a row, in one dimension and without a flip: sizes, and how gradients go back."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.given import Givens, integer, option
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.values import Choice
from hwcheck.working import Working

SEEN = 100
"""How many rows and columns of the derivative are looked at."""
MAX_KERNEL = 10_000
MODES = {"valid": "valid convolution", "full": "full convolution"}
FLIPS = {"flip": "with the kernel flipped", "no flip": "without a flip"}
SAID = {"yes": "flip", "true": "flip", "flipped": "flip", "with flip": "flip", "no": "no flip", "false": "no flip",
        "none": "no flip", "not flipped": "no flip", "without flip": "no flip"}  # fmt: skip


class ConvChain(Givens):
    """What is given: sizes only."""

    d: int = integer(doc="length of the input x")
    k1: int = integer(sign="k_1", doc="length of the first kernel w¹")
    k2: int = integer(sign="k_2", doc="length of the second kernel w²")
    mode: str = option("valid", "full", doc="which convolution both layers are")


@kind(
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), section 9.5; Dumoulin and Visin (2016), A guide to "
    "convolution arithmetic, section 4",
    quantities={
        "a1.size": "length of a¹ and h¹",
        "a2.size": "length of a²",
        "da2_dh1": "∂a²_i/∂h¹_n as a function of i and n, an entry of w: `w[n-i+1]`; outside of w is 0",
        "backward.mode": "valid | full: the convolution that takes the gradient in a² to the gradient in h¹",
        "backward.flip": "flip | no flip: whether it takes the kernel flipped",
    },
    examples=(
        """
        given: {d: 9, k1: 4, k2: 3}
        parts: {a: {ask: a1.size}, b: {ask: a2.size}, c: {ask: backward.mode}, d: {ask: da2_dh1}}
        """,
        """
        given: {d: 7, k1: 2, k2: 4, mode: full}
        parts: {a: {ask: a2.size}, b: {ask: backward.mode}, c: {ask: backward.flip}, d: {ask: da2_dh1}}
        """,
    ),
)
def conv_chain(given: ConvChain, work: Working) -> None:
    """Two convolution layers in one dimension: a¹ = x * w¹, h¹ = ReLU(a¹), a² = h¹ * w², without flipping kernels.

    Indices count from 1, and what is outside of a vector is 0. Valid: (x * w)_n = Σ_j x_{n+j-1} w_j; full:
    (x * w)_n = Σ_j x_{n+j-k} w_j. So ∂a²_i/∂h¹_n is w_{n-i+1}, or w_{n-i+k₂} where both are full; the gradient goes back by
    the convolution of the other mode with the flipped kernel. `w` is the second kernel.
    """
    full = given.mode == "full"
    inner = _size(given.d, given.k1, full)
    if inner < 1:
        raise Undefined(f"a kernel of length {given.k1} does not fit into an input of length {given.d}")
    first = work(
        "a1.size", inner,
        formula="d + k1 - 1" if full else "d - k1 + 1",
        slips={
            "left out the 1": lambda: given.d + given.k1 if full else given.d - given.k1,
            "took the sizes of the other convolution": lambda: _size(given.d, given.k1, not full),
            "kept the length of the input": lambda: given.d,
        },
    )  # fmt: skip
    outer = _size(inner, given.k2, full)
    if outer < 1:
        raise Undefined(f"a kernel of length {given.k2} does not fit into a¹, which has length {inner}")
    work(
        "a2.size", _size(first, given.k2, full),
        formula="a + k2 - 1" if full else "a - k2 + 1", names={"a": first},
        slips={
            "left out the 1": lambda: first + given.k2 if full else first - given.k2,
            "took the sizes of the other convolution": lambda: _size(_size(given.d, given.k1, not full), given.k2, not full),
            "left out the second layer": lambda: first,
        },
    )  # fmt: skip
    if given.k2 <= MAX_KERNEL:
        w = _kernel(given.k2)
        right, other = (given.k2, 1) if full else (1, given.k2)
        i, n = np.arange(1, min(outer, SEEN) + 1)[:, None], np.arange(1, min(inner, SEEN) + 1)[None, :]
        work(
            "da2_dh1", _entries(w, n - i + right), formula="w[n - i + k2]" if full else "w[n - i + 1]",
            names={"w": w, "w2": w, "k2": given.k2}, variables={"i": 1, "n": 1},
            slips={
                "took the derivative of the other convolution": lambda: _entries(w, n - i + other),
                "exchanged i and n": lambda: _entries(w, i - n + right),
                **({"read the subscript of k as a power": lambda: _entries(w, n - i + given.k2**2)} if full else {}),
                "flipped the kernel": lambda: _entries(w[::-1], n - i + right),
                "left out the 1": lambda: _entries(w, n - i + right - 1),
            },
        )  # fmt: skip
    mode = "valid" if full else "full"
    work(
        "backward.mode", Choice([mode], MODES),
        slips={"took the operator of the other direction": lambda: Choice([given.mode], MODES)},
    )  # fmt: skip
    work(
        "backward.flip", Choice(["flip"], FLIPS, also=SAID),
        slips={"left out the flip": lambda: Choice(["no flip"], FLIPS, also=SAID)},
    )  # fmt: skip


def _size(n: int, k: int, full: bool) -> int:
    return n + k - 1 if full else n - k + 1


def _kernel(k: int) -> Array:
    """Entries that stand for those of w: no two alike, none 0."""
    entries: Array = np.sqrt(np.arange(2.0, k + 2.0)) - 0.5
    return entries


def _entries(w: Array, place: Any) -> Array:
    """w at places counted from 1, zero outside."""
    inside = (place >= 1) & (place <= w.size)
    found: Array = np.where(inside, w[np.clip(place - 1, 0, w.size - 1)], 0.0)
    return found
