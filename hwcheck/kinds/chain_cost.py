"""What it costs to multiply the Jacobians of a composition, from the input on or from the output back."""

from __future__ import annotations

from math import prod
from typing import Any

from hwcheck.given import GivenError, Givens, Reader, kind_of, special
from hwcheck.kinds import kind
from hwcheck.working import Working
from hwcheck.yamltree import Node, Sequence

MAX_SIZES = 100


def _sizes(reader: Reader, node: Node) -> tuple[int, ...]:
    if not isinstance(node, Sequence):
        raise GivenError(node, f"expected a list of sizes, found {kind_of(node)}")
    if not 3 <= len(node.items) <= MAX_SIZES:
        raise GivenError(node, f"expected from 3 to {MAX_SIZES} sizes, found {len(node.items)}")
    return tuple(reader.integer(item, 1) for item in node.items)


class ChainCost(Givens):
    """What is given: the sizes on the way from the input to the output."""

    dims: tuple[int, ...] = special(
        _sizes, expects="a list of at least 3 whole numbers of at least 1",
        doc="d_1, d_2, …: the size of the input, then of the output of each function",
    )  # fmt: skip


@kind(
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), section 6.5.9; Griewank and Walther, Evaluating Derivatives (2008)",
    quantities={
        "forward.k": "multiplications of the k-th product, from the input on",
        "forward": "multiplications of all products, from the input on",
        "reverse.k": "multiplications of the k-th product, from the output back",
        "reverse": "multiplications of all products, from the output back",
        "best": "the smaller of the two",
        "order": "the cheaper way: forward | reverse | equal",
    },
    examples=(
        """
        given: {dims: [20, 30, 7, 4]}
        parts: {a: {ask: forward}, b: {ask: reverse}, c: {ask: best}, d: {ask: order}}
        """,
        """
        given: {dims: [2, 9, 5, 6, 8]}
        parts: {a: {ask: forward}, b: {ask: forward.3}, c: {ask: reverse.2}, d: {ask: order}}
        """,
        """
        given: {dims: [4, 2, 3]}
        parts: {a: {ask: forward}, b: {ask: order}}
        """,
    ),
)
def chain_cost(given: ChainCost, work: Working) -> None:
    """The cost of the Jacobian of a composition, accumulated forward or in reverse.

    The first function takes d_1 numbers to d_2, the second d_2 to d_3, and so on; the Jacobian of the k-th is
    d_{k+1} × d_k. Forward mode multiplies from the input on: what it has so far always has d_1 columns. Reverse mode
    multiplies from the output back: what it has so far always has as many rows as the output. Only products of matrices
    are counted, and a × b times b × c costs a b c multiplications. `best` is the smaller of these two; with four or more
    functions a third order can be cheaper still.
    """
    from_input = [(1, k, k + 1) for k in range(2, len(given.dims))]
    from_output = [(len(given.dims), k, k - 1) for k in range(len(given.dims) - 1, 1, -1)]

    forward = _cost(given, work, "forward", from_input, from_output)
    reverse = _cost(given, work, "reverse", from_output, from_input)
    work(
        "best", min(forward, reverse), formula="min(forward, reverse)",
        slips={"took the dearer way": lambda: max(forward, reverse)},
    )  # fmt: skip
    work("order", _cheaper(forward, reverse), slips={"took the dearer way": lambda: _cheaper(reverse, forward)})


Product = tuple[int, int, int]
"""Which sizes a product multiplies, counted from 1: of the end that stays, then of the next Jacobian."""


def _cost(given: ChainCost, work: Working, way: str, products: list[Product], others: list[Product]) -> int:
    """The products of one way, then all of them."""
    d = dict(enumerate(given.dims, start=1))
    side = "columns" if way == "forward" else "rows"
    each: list[int] = []
    for number, (end, inner, outer) in enumerate(products, start=1):
        other = others[number - 1]
        slips: dict[str, Any] = {
            "added the sizes instead of multiplying them": lambda i=(end, inner, outer): sum(d[k] for k in i),
            "left out the size of the end that stays": lambda i=(inner, outer): d[i[0]] * d[i[1]],
            "exchanged forward and reverse": lambda i=other: prod(d[k] for k in i),
        }
        if number > 1:
            before = products[number - 2][1]
            slips[f"took the {side} of the Jacobian before for those of the product so far"] = (
                lambda i=(before, inner, outer): prod(d[k] for k in i)
            )
        each.append(
            work(
                f"{way}.{number}", d[end] * d[inner] * d[outer],
                formula=f"d_{end} d_{inner} d_{outer}", names={f"d_{k}": d[k] for k in (end, inner, outer)},
                slips=slips,
            )
        )  # fmt: skip
    total: int = work(
        way, sum(each), formula=" + ".join(f"{way}_{number}" for number in range(1, len(each) + 1)),
        slips={
            "exchanged forward and reverse": lambda: sum(d[a] * d[b] * d[c] for a, b, c in others),
            **({
                "left out the last product": lambda: sum(each[:-1]),
                "multiplied the costs of the products instead of adding them": lambda: prod(each),
                "multiplied all sizes": lambda: prod(given.dims),
            } if len(each) > 1 else {}),
        },
    )  # fmt: skip
    return total


def _cheaper(forward: int, reverse: int) -> str:
    return "equal" if forward == reverse else "forward" if forward < reverse else "reverse"
