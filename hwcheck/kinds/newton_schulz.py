"""Newton-Schulz iteration, which drives the singular values of a matrix towards 1: its cost, and its steps."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from hwcheck.errors import Undefined
from hwcheck.given import GivenError, Givens, Reader, array, integer, kind_of, number, special
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.values import products
from hwcheck.working import Working
from hwcheck.yamltree import Node, Scalar, Sequence

NAMED = {"cubic": (1.5, -0.5), "quintic": (3.4445, -4.7750, 2.0315)}
MAX_COEFFICIENTS = 10


def _coefficients(reader: Reader, node: Node) -> tuple[float, ...]:
    if isinstance(node, Scalar):
        return NAMED[reader.word(node, tuple(NAMED))]
    if not isinstance(node, Sequence):
        raise GivenError(node, f"expected cubic, quintic or a list of numbers, found {kind_of(node)}")
    if not 2 <= len(node.items) <= MAX_COEFFICIENTS:
        raise GivenError(node, f"expected from 2 to {MAX_COEFFICIENTS} numbers, found {len(node.items)}")
    return tuple(float(reader.number(item)) for item in node.items)


class NewtonSchulz(Givens):
    """What is given: the sizes of the matrix for the cost, or the matrix itself."""

    d_out: int = integer(doc="rows of W")
    d_in: int = integer(doc="columns of W")
    W: float | Array = array("", "d_out d_in", doc="the matrix at the start, where its steps are asked")
    c: int | float = number(default=1, above=0, doc="the cost of one multiply-add")
    steps: int = integer(default=1, high=100, doc="how often the polynomial is applied")
    coefficients: tuple[float, ...] = special(
        _coefficients, expects="cubic, quintic or a list of numbers", default=NAMED["cubic"],
        doc="a, b, … of p(W) = a W + b (W Wᵀ) W + …: cubic is 1.5, -0.5; quintic 3.4445, -4.7750, 2.0315",
    )  # fmt: skip


@kind(
    source="Higham, Functions of Matrices (2008), section 8.3; the quintic: Jordan et al., Muon (2024)",
    quantities={
        "cost.naive.k": "cost of the k-th product of one step with W Wᵀ",
        "cost.naive": "cost of all steps with W Wᵀ",
        "cost.gram.k": "cost of the k-th product of one step with Wᵀ W",
        "cost.gram": "cost of all steps with Wᵀ W",
        "speedup": "cost with W Wᵀ over cost with Wᵀ W",
        "cheaper": "naive | gram | equal",
        "iterate.k": "the matrix after step k",
        "singular_values.k": "its singular values, the largest first; singular_values.0 are those of W",
    },
    examples=(
        """
        given: {d_out: 1024, d_in: 96, c: 2}
        parts: {a: {ask: cost.naive}, b: {ask: cost.gram.1}, c: {ask: speedup}, d: {ask: cheaper}}
        """,
        """
        given: {W: [[0.6, -0.2, 0.9], [0.1, 0.7, 0.3]], steps: 2}
        parts: {a: {ask: iterate.1}, b: {ask: singular_values.2}, c: {ask: cheaper}}
        """,
        """
        given: {W: [[0.5, 0.8], [-0.1, 0.4]], coefficients: quintic}
        parts: {a: {ask: iterate.1}, b: {ask: cost.naive.3}, c: {ask: singular_values.0}}
        """,
        """
        given: {d_out: 6, d_in: 4, c: 0.5, coefficients: quintic, steps: 5}
        parts: {a: {ask: cost.naive.2}, b: {ask: cost.gram}, c: {ask: cost.gram.3}}
        """,
    ),
)
def newton_schulz(given: NewtonSchulz, work: Working) -> None:
    """Newton-Schulz iteration, p(W) = ½(3I - W Wᵀ)W, or another odd polynomial, with W as given (not normalised).

    Only products of matrices are counted: n × m times m × p costs c n m p. Naive, a step multiplies W Wᵀ, then (the sum
    of its powers) W; with the Gram matrix Wᵀ W, then W (the sum of its powers). Every power above the first is one more
    product between those two: the quintic squares W Wᵀ (c d_out³) or Wᵀ W (c d_in³). `cost.naive.k` and `cost.gram.k`
    are for one step, `cost.naive` and `cost.gram` for all steps.
    """
    W = np.atleast_2d(np.asarray(given.W, dtype=np.float64)) if "W" in given else None
    d_out, d_in = _sizes(given, W)

    naive = _cost(given, work, "naive", d_out, d_in)
    gram = _cost(given, work, "gram", d_in, d_out)
    work(
        "speedup", float(naive / gram), formula="cost_naive / cost_gram",
        slips={"turned the ratio upside down": lambda: float(gram / naive)},
    )  # fmt: skip
    work("cheaper", _cheaper(naive, gram), slips={"took the dearer way": lambda: _cheaper(gram, naive)})
    if W is None:
        return

    _singular_values(work, 0, W)
    X = W
    for k in range(1, given.steps + 1):
        terms = _terms(X, len(given.coefficients), X @ X.T)
        X = work(
            f"iterate.{k}", _combined(given.coefficients, terms),
            first=partial(_first_entry, given.coefficients, terms),
            slips=_iterate_slips(given.coefficients, terms, X),
        )  # fmt: skip
        if X.shape != W.shape:
            raise Undefined(f"W is {d_out} × {d_in}, and so is every iterate; here is another size")
        _singular_values(work, k, X)


def _sizes(given: NewtonSchulz, W: Array | None) -> tuple[int, int]:
    if W is None:
        return given.d_out, given.d_in
    for name, size in zip(("d_out", "d_in"), W.shape, strict=True):
        if name in given and getattr(given, name) != size:
            raise Undefined(f"W is {W.shape[0]} × {W.shape[1]}, and `{name}` is {getattr(given, name)}")
    return W.shape[0], W.shape[1]


def _product_slips(cost: int | float, exchanged: int | float, c: int | float) -> dict[str, Any]:
    return {
        "exchanged d_out and d_in": lambda: exchanged,
        "doubled the multiply-adds": lambda: 2 * cost,
        "left out c": lambda: cost // c if isinstance(c, int) else cost / c,
    }


def _cost(given: NewtonSchulz, work: Working, way: str, near: int, far: int) -> int | float:
    """The products of one step, then all steps: matrices of side `near` are formed by sums over `far`."""
    c, count = given.c, len(given.coefficients)
    side = "d_out" if way == "naive" else "d_in"
    outer = "c d_out^2 d_in" if way == "naive" else "c d_out d_in^2"
    each: list[int | float] = []
    others: list[int | float] = []
    for k in range(1, count + 1):
        middle = 1 < k < count
        cost, exchanged = (c * near**3, c * far**3) if middle else (c * near**2 * far, c * far**2 * near)
        others.append(exchanged)
        each.append(
            work(
                f"cost.{way}.{k}", cost,
                formula=f"c {side}^3" if middle else outer, names=_names(way, near, far),
                slips=_product_slips(cost, exchanged, c),
            )
        )  # fmt: skip
    terms = " + ".join(f"cost_{way}_{k}" for k in range(1, count + 1))
    left_out = "left out one of the two products" if count == 2 else "left out the last product"
    total: int | float = work(
        f"cost.{way}", given.steps * sum(each),
        formula=terms if given.steps == 1 else f"steps ({terms})", names={"steps": given.steps},
        slips={
            left_out: lambda: given.steps * sum(each[:-1]),
            "exchanged d_out and d_in": lambda: given.steps * sum(others),
            **({"counted a single step": lambda: sum(each)} if given.steps > 1 else {}),
        },
    )  # fmt: skip
    return total


def _names(way: str, near: int, far: int) -> dict[str, int]:
    return {"d_out": near, "d_in": far} if way == "naive" else {"d_out": far, "d_in": near}


def _cheaper(naive: float, gram: float) -> str:
    return "equal" if naive == gram else "naive" if naive < gram else "gram"


def _terms(X: Array, count: int, square: Array) -> list[Array]:
    """X, S X, S² X, … with S = X Xᵀ."""
    terms = [X]
    while len(terms) < count:
        terms.append(square @ terms[-1])
    return terms


def _combined(coefficients: tuple[float, ...], terms: list[Array]) -> Array:
    return np.asarray(sum(a * term for a, term in zip(coefficients, terms, strict=True)))


def _first_entry(coefficients: tuple[float, ...], terms: list[Array]) -> str:
    return products(np.array(coefficients), np.array([term[0, 0] for term in terms]))


def _iterate_slips(coefficients: tuple[float, ...], terms: list[Array], X: Array) -> dict[str, Any]:
    a, b = coefficients[:2]
    slips: dict[str, Any] = {
        "added the cubic term instead of taking it away":
            lambda: _combined((a, -b, *coefficients[2:]), terms),
    }  # fmt: skip
    if coefficients == NAMED["cubic"]:
        slips["left out the factor ½"] = lambda: 3 * terms[0] - terms[1]
    if len(coefficients) > 2:
        slips["left out the last term"] = lambda: _combined(coefficients[:-1], terms[:-1])
    if X.shape[0] == X.shape[1]:
        slips["took Wᵀ W for W Wᵀ"] = lambda: _combined(coefficients, _terms(X, len(coefficients), X.T @ X))
    return slips


def _singular_values(work: Working, k: int, X: Array) -> None:
    values = np.linalg.svd(X, compute_uv=False)
    work(f"singular_values.{k}", values, slips={"left out the root of the eigenvalues": lambda: values**2})
