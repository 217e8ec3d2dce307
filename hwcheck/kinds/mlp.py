"""Fully connected network, for now from its sizes alone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hwcheck.given import GivenError, Givens, Reader, kind_of, option, special
from hwcheck.kinds import kind
from hwcheck.working import Working
from hwcheck.yamltree import Node, Sequence

MAX_LAYERS = 1_000


def _sizes(reader: Reader, node: Node) -> tuple[int, ...]:
    if not isinstance(node, Sequence):
        raise GivenError(node, f"expected a list of sizes, found {kind_of(node)}")
    if not 2 <= len(node.items) <= MAX_LAYERS:
        raise GivenError(node, f"expected from 2 to {MAX_LAYERS:,} sizes, inputs first, found {len(node.items):,}")
    return tuple(reader.integer(item, 1) for item in node.items)


class MLP(Givens):
    """What is given: the sizes of the layers."""

    layers: tuple[int, ...] = special(
        _sizes, expects="a list of sizes", doc="the number of inputs, of every hidden layer's units, and of outputs"
    )
    bias: bool = option(True, False, doc="whether every unit has a bias")


@kind(
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), chapter 6",
    quantities={
        "inputs": "the number of inputs",
        "outputs": "the number of outputs",
        "params.L": "the number of parameters of layer L; layer 1 comes after the inputs",
        "weights": "the number of weights of the whole network",
        "biases": "the number of biases of the whole network",
        "params": "the number of parameters of the whole network",
    },
    examples=(
        """
        given: {layers: [784, 16, 10]}
        parts: {a: {ask: inputs}, b: {ask: params.1}, c: {ask: params}}
        """,
        """
        given: {layers: [5, 7, 4, 3]}
        parts: {a: {ask: outputs}, b: {ask: params.3}, c: {ask: weights}, d: {ask: biases}, e: {ask: params}}
        """,
        """
        given: {layers: [6, 5, 2], bias: false}
        parts: {a: {ask: params.2}, b: {ask: params}}
        """,
    ),
)
def mlp(given: MLP, work: Working) -> None:
    """Fully connected network: its numbers of weights, biases and parameters.

    Each of the n_L units of layer L has a weight for each of its n_{L-1} inputs and, with `bias`, one bias.
    """
    sizes = list(given.layers)
    exchanged = "exchanged inputs and outputs"
    sizes[0] = work("inputs", given.layers[0], slips={exchanged: lambda: given.layers[-1]})
    sizes[-1] = work("outputs", given.layers[-1], slips={exchanged: lambda: given.layers[0]})

    last = len(sizes) - 1
    each = 1 if given.bias else 0
    """biases of a unit"""
    layers = []
    for L in range(1, last + 1):
        n, m = sizes[L - 1], sizes[L]
        layers.append(
            work(f"params.{L}", n * m + each * m, formula="n m + m" if given.bias else "n m", names={"n": n, "m": m},
                 slips=_layer_slips(sizes, L, each))
        )  # fmt: skip

    fan_in = [sizes[max(L - 2, 0)] for L in range(1, last + 1)]
    """the number of inputs as somebody takes it who is one layer too early"""
    counted = sum(n * m for n, m in pairwise(sizes))
    weights = work(
        "weights", counted,
        formula=_joined([f"n_{L - 1} n_{L}" for L in range(1, last + 1)]), names=_named(sizes),
        slips={
            "added the sizes instead of multiplying": lambda: sum(sizes[:-1]) + sum(sizes[1:]),
            **({"took the fan-in of another layer": lambda: sum(n * m for n, m in zip(fan_in, sizes[1:], strict=True))}
               if last > 1 else {}),
        },
    )  # fmt: skip
    units = each * sum(sizes[1:])
    biases = work(
        "biases", units,
        formula=_joined([f"n_{L}" for L in range(1, last + 1)]) if given.bias else "", names=_named(sizes),
        slips=_bias_slips(sizes, last, each),
    )  # fmt: skip

    # On paper the total is the sum of the layers, or that of weights and biases where somebody counted those himself.
    by_layer = (weights, biases) == (counted, units)
    work(
        "params", sum(layers) if by_layer else weights + biases,
        formula=_joined([f"params_{L}" for L in range(1, last + 1)]) if by_layer else "weights + biases",
        slips={
            **({"left out the biases": lambda: weights} if given.bias else {}),
            **({"left out the hidden biases": lambda: weights + sizes[-1]} if given.bias and last > 1 else {}),
        },
    )  # fmt: skip


def _layer_slips(sizes: list[int], L: int, each: int) -> dict[str, Any]:
    n, m = sizes[L - 1], sizes[L]
    slips: dict[str, Any] = {"added the sizes instead of multiplying": lambda: n + m + each * m}
    if each:
        slips["left out the biases"] = lambda: n * m
        slips["counted one bias for the whole layer"] = lambda: n * m + 1
    else:
        slips["counted biases where there are none"] = lambda: n * m + m
    if L > 1:
        slips["took the fan-in of another layer"] = lambda: sizes[L - 2] * m + each * m
    return slips


def _bias_slips(sizes: list[int], last: int, each: int) -> dict[str, Any]:
    if not each:
        return {"counted biases where there are none": lambda: sum(sizes[1:])}
    slips: dict[str, Any] = {
        "counted one bias for the whole layer": lambda: last,
        "counted a bias for every input too": lambda: sum(sizes),
    }
    if last > 1:
        slips["left out the hidden biases"] = lambda: sizes[-1]
    return slips


def _named(sizes: list[int]) -> dict[str, int]:
    return {f"n_{L}": size for L, size in enumerate(sizes)}


def _joined(terms: list[str]) -> str:
    """A sum of a few terms; a long one is not written out."""
    return " + ".join(terms) if len(terms) <= 8 else ""
