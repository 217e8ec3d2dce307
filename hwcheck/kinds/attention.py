"""Attention: queries, keys and values, scores, weights, outputs; or its counts from sizes alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwcheck.errors import Missing, Undefined
from hwcheck.given import Field, GivenError, Givens, Reader, array, integer, option
from hwcheck.kernels import activations
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.kinds.conv2d import refuse_many
from hwcheck.values import products, show_number
from hwcheck.words import count
from hwcheck.working import Working
from hwcheck.yamltree import Node, Scalar, Sequence

Mask = NDArray[np.bool_]
"""Which keys (columns) each query (row) sees."""
MAX_SCORES = 10**6
MAX_WRITTEN = 6
"""Keys of a query that are written out in a formula."""
HIDDEN = -1e9
"""What is added to a score to hide its key, as it is usually written; e^HIDDEN is 0."""
INFINITE = ("-inf", "-.inf", "-infinity", "-∞", "−∞")


def _read_mask(reader: Reader, node: Node) -> Array:
    """Rows of 0 and 1, or numbers that are added to the scores; with -inf and 0 only, 0 is visible."""
    value = reader.array(_without_infinity(node))
    if value.ndim != 2:
        raise GivenError(node, "expected one row a query, with a number for each key")
    hidden = value <= HIDDEN
    return np.where(hidden, 0.0, 1.0) if hidden.any() and (hidden | (value == 0)).all() else value


def _without_infinity(node: Node) -> Node:
    if isinstance(node, Sequence):
        return Sequence(tuple(map(_without_infinity, node.items)), node.line, node.column, node.raw)
    if isinstance(node, Scalar) and node.text.strip().casefold() in INFINITE:
        return Scalar(str(int(HIDDEN)), node.line, node.column)
    return node


def _read_scale(reader: Reader, node: Node) -> str | float:
    if isinstance(node, Scalar) and node.text.strip().casefold() in ("sqrt_dk", "none"):
        return node.text.strip().casefold()
    value = float(reader.number(node, "sqrt_dk, none or a number"))
    if value == 0:
        raise GivenError(node, "expected sqrt_dk, none or a number other than 0, found 0")
    return value


def _read_output_matrix(reader: Reader, node: Node) -> Any:
    if isinstance(node, Scalar) and node.text.strip().casefold() in ("true", "false"):
        return node.text.strip().casefold() == "true"
    value = reader.array(node)
    if value.ndim not in (0, 2):
        raise GivenError(node, "expected a number or a matrix; or true where sizes only are given")
    return value if value.ndim else float(value)


class Attention(Givens):
    """What is given: tokens with their matrices, or queries, keys and values; or sizes only."""

    X: Array = array("T d", "T", doc="the tokens, one a row; a list of numbers where a token is a number")
    memory: Array = array(
        "S d?", "S", doc="the tokens that keys and values are made from, where they are others (cross-attention)"
    )
    W_Q: float | Array = array("", "d_k d", turns=True, doc="matrix of the queries; d × d_k under `vectors: row`")
    W_K: float | Array = array("", "d_k d?", turns=True, doc="matrix of the keys")
    W_V: float | Array = array("", "d_v d?", turns=True, doc="matrix of the values")
    W_O: float | Array | bool | None = Field(
        _read_output_matrix,
        default=None,
        axes=("", "d_o d_v?"),
        turns=True,
        expects="a number, an array (d_o × d_v), or true",
        doc="matrix of the output, after the heads are joined; true where sizes only are given",
    )  # type: ignore[assignment]  # a field is its value
    Q: Array = array("T d_k", doc="the queries themselves, one a row")
    K: Array = array("S d_k", doc="the keys themselves, one a row")
    V: Array = array("S d_v", doc="the values themselves, one a row")
    b_Q: float | Array = array("", "d_k", default=0.0, doc="bias of the queries")
    b_K: float | Array = array("", "d_k", default=0.0, doc="bias of the keys")
    b_V: float | Array = array("", "d_v", default=0.0, doc="bias of the values")
    b_O: float | Array = array("", "d_o", default=0.0, doc="bias of the output")
    heads: int = integer(
        default=1, doc="the columns of queries, keys and values are dealt out to this many heads, in order",
        misread={"left the heads together": 1},
    )  # fmt: skip
    scale: str | float = Field(
        _read_scale,
        default="sqrt_dk",
        expects="sqrt_dk, none or a number",
        doc="what the scores are divided by: √d_k with the d_k of one head, nothing, or a number",
        others={"divided the scores by √d_k": "sqrt_dk", "left the scores unscaled": "none"},
    )  # type: ignore[assignment]  # a field is its value
    causal: bool = option(False, True, doc="whether query i sees the keys 1 to i only, both counted from the first")
    mask: Array = Field(
        _read_mask,
        axes=("T S",),
        expects="one row a query: 0 and 1, or numbers",
        doc="one row a query, one column a key: 1 is visible, 0 is not; other numbers are added to the scores, and "
        "with 0 and -inf only, 0 is visible",
    )  # type: ignore[assignment]  # a field is its value
    vectors: str = option(
        "column", "row", doc="column: q = W x; row: q = x W, with every matrix the other way round",
        others={"column": "took vectors as columns", "row": "took vectors as rows"},
    )  # fmt: skip
    tokens: int = integer(doc="sizes only: the number of tokens T")
    memory_tokens: int | None = integer(default=None, doc="sizes only: the number of keys, where there are not T")
    d_model: int = integer(doc="sizes only: the length of a token")
    d_k: int | None = integer(
        default=None, doc="sizes only: the length of a query of one head; d_model / heads if not given"
    )
    d_v: int | None = integer(default=None, doc="sizes only: the length of a value of one head; d_k if not given")
    bias: bool = option(False, True, doc="sizes only: whether every matrix has a bias")


@kind(
    source="Vaswani et al., Attention Is All You Need (2017), section 3.2",
    quantities={
        "q.i": "the query of token i",
        "k.i": "the key of token i",
        "v.i": "the value of token i",
        "raw_scores": "`raw_scores[i, j]` is q_i · k_j; with several heads, heads × queries × keys",
        "scores": "the scores after scaling, before any mask",
        "weights": "the softmax of every row of the visible scores",
        "z.i": "the mixture of the values for query i, its heads joined",
        "output": "the outputs, one a row: the z_i, or with W_O what it makes of them",
        "params.query": "the number of parameters of W_Q and its bias",
        "params.keys": "the number of parameters of W_K and its bias",
        "params.values": "the number of parameters of W_V and its bias",
        "params.output": "the number of parameters of W_O and its bias",
        "params": "the number of parameters",
        "macs.query": "multiply-adds of all queries",
        "macs.keys": "multiply-adds of all keys",
        "macs.values": "multiply-adds of all values",
        "macs.output": "multiply-adds of W_O for all tokens",
        "macs.projections": "multiply-adds of all matrices with all tokens",
        "macs.scores": "multiply-adds of all scores, hidden ones too",
        "macs.mix": "multiply-adds of the mixtures of the values",
        "macs": "multiply-adds of projections, scores and mixtures",
    },
    signs={"weights": "α"},
    examples=(
        """
        given: {X: [[1, 0, 2], [-1, 3, 1], [0.5, 1, -2]], W_Q: [[1, 0, -1], [2, 1, 0]], W_K: [[0, 1, 1], [-1, 0, 2]],
                W_V: [[3, 0, 1], [1, -2, 0]], b_Q: [0.5, -1], b_K: [0.2, 0.3], b_V: [1, 0], W_O: [[1, 2], [0, -1], [3, 1]],
                b_O: [0.1, 0.2, -0.3]}
        parts:
          a: {ask: q.1}
          b: {ask: k.2}
          c: {ask: v.3}
          d: {ask: raw_scores}
          e: {ask: scores}
          f: {ask: weights}
          g: {ask: z.1}
          h: {ask: output}
        """,
        """
        given: {Q: [[1, 0.2], [0.3, 0.4], [-1, 0.5]], K: [[0.5, 0.6], [0.7, -0.4], [0.2, -1]], causal: true, scale: none,
                V: [[9, 10], [11, 12], [-3, 1]]}
        parts: {a: {ask: weights}, b: {ask: z.2}, c: {ask: output}}
        """,
        """
        given: {X: [[1, 0.5], [-1, 2]], memory: [[0.3, 1], [1, -1], [0.4, 2]], W_Q: [[1, -0.5, 2, 0.1], [0.5, 1, 0, -1]],
                W_K: [[0.2, 1, -1, 0.7], [1, 0.4, 0.6, 2]], W_V: [[2, 1, 0, 1], [-1, 3, 1, 0.5]], heads: 2, vectors: row,
                mask: [[1, 1, 0], [0, 1, 1]], scale: 2}
        parts: {a: {ask: k.1}, b: {ask: v.2}, c: {ask: scores}, d: {ask: weights}, e: {ask: z.2}, f: {ask: params}}
        """,
        """
        given: {Q: [[1, 0], [0.5, 2]], K: [[0, 1], [1, 1], [2, -1]], V: [[1, 2, 3], [0, -1, 4], [2, 2, 0]],
                mask: [[0, -0.5, -1], [-1, 0.5, 0.2]], scale: sqrt_dk}
        parts: {a: {ask: weights}, b: {ask: output}}
        """,
        """
        given: {Q: [[1, 0], [0.5, 2]], K: [[0, 1], [1, 1], [2, -1]], V: [[1, 2], [0, -1], [2, 2]], causal: true}
        parts: {a: {ask: weights}, b: {ask: z.1}}
        """,
        """
        given: {X: [[1, 2], [0.5, -1]], W_Q: [[1, 0.5], [-1, 2]], W_K: [[2, 1], [0, 1]], W_V: [[1, -1], [3, 2]],
                W_O: [[1, 2], [-1, 0.5]]}
        parts: {a: {ask: weights}, b: {ask: output}}
        """,
        """
        given: {tokens: 10, d_model: 12, d_k: 5, heads: 3, W_O: true, bias: true}
        parts:
          a: {ask: params.query}
          b: {ask: params}
          c: {ask: macs.query}
          d: {ask: macs.projections}
          e: {ask: macs.scores}
          f: {ask: macs.mix}
        """,
        """
        given: {tokens: 7, memory_tokens: 9, d_model: 12, heads: 3, d_v: 2}
        parts: {a: {ask: params.values}, b: {ask: params}, c: {ask: macs.keys}, d: {ask: macs.scores}, e: {ask: macs}}
        """,
    ),
)
def attention(given: Attention, work: Working) -> None:
    """Scaled dot-product attention, with one head or several: z_i = Σ_j α_ij v_j, α_i = softmax(q_i · k_j / √d_k).

    Tokens, queries, keys, values, scores and weights stand in rows, one a token, whether `vectors` are columns (q = W x)
    or rows (q = x W). A head's d_k counts for the scale. A causal mask is aligned at the first token, also where there are
    more or fewer keys than queries: query i sees key j if j ≤ i. Hidden keys get the weight 0.
    """
    if "tokens" in given or "d_model" in given:
        _count_sizes(given, work)
        return
    Q = _projected(given, work, "Q")
    K = _projected(given, work, "K")
    V = _projected(given, work, "V") if "V" in given or "W_V" in given else None
    h = given.heads
    _refuse_clashes(Q, K, V, h)
    d_k = Q.shape[1] // h
    """of one head"""

    queries, keys = _heads(Q, h), _heads(K, h)
    raw = work(
        "raw_scores", queries @ keys.swapaxes(-1, -2),
        formula=_raw_formula(given),
        first=lambda: products(queries[..., 0, :].ravel()[:d_k], keys[..., 0, :].ravel()[:d_k]),
        slips={"took the values for the keys": lambda: queries @ _heads(V, h).swapaxes(-1, -2)} if V is not None else {},
    )  # fmt: skip

    scores: Array = work(
        "scores", raw / _divisor(given, d_k),
        formula=f"raw_scores{_divided(given)}", names={"d_k": d_k}, slips=_scale_slips(given, raw, d_k),
    )  # fmt: skip

    visible, added = _masks(given, (Q.shape[0], K.shape[0]))
    alpha: Array = work(
        "weights", activations.softmax(np.where(visible, scores + added, -np.inf)),
        formula="" if not visible.all() else "softmax(scores + mask)" if added.any() else "softmax(scores)",
        names={"softmax": softmax}, first=_first_weight(scores + added, visible),
        slips=_weight_slips(given, scores, visible, added),
    )  # fmt: skip

    if V is None:
        raise Missing("W_V")
    values = _heads(V, h)
    z: list[Array] = []
    for i in range(Q.shape[0]):
        mixed = {
            "took the keys for the values": lambda i=i: _mix(alpha, keys, i),
            "took the column of the weights for the row": lambda i=i: _mix(alpha.swapaxes(-1, -2), values, i),
            "mixed the values with the scores instead of the weights": lambda i=i: _mix(scores, values, i),
            "added the values without weighting them": lambda i=i: _mix(np.where(alpha > 0, 1.0, 0.0), values, i),
        }
        if h > 1:
            mixed["added the heads instead of joining them"] = lambda i=i: (alpha[:, i : i + 1, :] @ values).sum(
                axis=(0, 1)
            )
        z.append(
            work(f"z.{i + 1}", _mix(alpha, values, i), first=_first_mixture(alpha, values, i), slips=mixed,
                 **_mixture(given, alpha, visible, added, i, d_k))
        )  # fmt: skip

    _output(given, work, np.stack(z))
    _count_values(given, work, Q, K, V)


def softmax(x: Any) -> Any:
    """The softmax of every row of a matrix; of all entries where it is one row or one column."""
    if not isinstance(x, np.ndarray):
        return 1.0
    return activations.softmax(x, -1) if 1 not in x.shape else activations.softmax(x.ravel()).reshape(x.shape)


def _heads(x: Array, heads: int) -> Array:
    """Rows of all heads as one matrix a head; one matrix where there is one head."""
    if heads == 1:
        return x
    return np.ascontiguousarray(x.reshape(x.shape[0], heads, -1).transpose(1, 0, 2))


def _mix(weights: Array, values: Array, i: int) -> Array:
    """The values mixed with row i of the weights, the heads joined."""
    return np.asarray(weights[..., i : i + 1, :] @ values).ravel()


# Queries, keys and values.


def _given(given: Attention, name: str) -> Array:
    """Tokens as rows; nothing where they are not given."""
    if name not in given:
        return np.zeros((0, 0))
    value = np.array(getattr(given, name), dtype=np.float64, order="C")
    return value[:, None] if value.ndim == 1 else value


def _matrix(given: Attention, name: str) -> Array:
    """A matrix as it stands before a column, whichever way the vectors are."""
    value = np.atleast_2d(np.asarray(getattr(given, name), dtype=np.float64))
    return np.array(value.T if given.vectors == "row" and np.ndim(getattr(given, name)) else value, order="C")


def _source(given: Attention, what: str) -> str:
    """What queries, keys or values are made from."""
    return "memory" if what != "Q" and "memory" in given else "X"


_OTHERS = {"Q": ("K", "keys"), "K": ("Q", "queries"), "V": ("K", "keys")}
"""Whose matrix is taken by mistake."""


def _projected(given: Attention, work: Working, what: str) -> Array:
    """Queries, keys or values, one a row, as given or made from the tokens."""
    if what in given:
        return np.array(getattr(given, what), order="C")
    source = _source(given, what)
    if source not in given:
        raise Missing(what if any(name in given for name in "QKV") else source)
    M = _matrix(given, f"W_{what}")
    tokens = _given(given, source)
    if M.shape[1] != tokens.shape[1]:
        raise Undefined(
            f"`W_{what}` is made for tokens of {count(M.shape[1], 'number')} (`vectors: {given.vectors}`), "
            f"and those of `{source}` have {tokens.shape[1]}"
        )
    b = _bias(given, what, M.shape[0])
    x, letter = "x" if source == "X" else "m", what.lower()
    rows = []
    for i, token in enumerate(tokens, start=1):
        rows.append(
            work(
                f"{letter}.{i}", M @ token + b,
                formula=f"{_times(given, f'W_{what}', f'{x}_{i}')}{f' + b_{what}' if b.any() else ''}",
                names={f"{x}_{i}": token},
                first=lambda token=token: products(M[0], token) + (f" + {show_number(float(b[0]), 12)}" if b.any() else ""),
                slips=_projection_slips(given, what, M, b, token, i),
            )
        )  # fmt: skip
    return np.stack(rows)


def _times(given: Attention, matrix: str, vector: str) -> str:
    return f"{matrix} {vector}" if given.vectors == "column" else f"{vector} {matrix}"


def _bias(given: Attention, what: str, length: int) -> Array:
    b = np.atleast_1d(np.asarray(getattr(given, f"b_{what}"), dtype=np.float64))
    if b.size not in (1, length):
        raise Undefined(f"`b_{what}` has {count(b.size, 'number')}, and `W_{what}` makes vectors of {length}")
    return b if b.size == length else np.full(length, b[0])


def _projection_slips(
    given: Attention, what: str, M: Array, b: Array, token: Array, i: int
) -> dict[str, Callable[[], Array]]:
    wrong: dict[str, Callable[[], Array]] = {}
    if b.any():
        wrong["left out the bias"] = lambda: M @ token
    other, others = _OTHERS[what]
    if f"W_{other}" in given:
        wrong[f"took the matrix of the {others}"] = lambda: _matrix(given, f"W_{other}") @ token + b
    if _source(given, what) == "memory" and "X" in given and i <= len(given.X):
        wrong["took the token of X for that of the memory"] = lambda: M @ _given(given, "X")[i - 1] + b
    return wrong


def _refuse_clashes(Q: Array, K: Array, V: Array | None, heads: int) -> None:
    """Queries, keys, values and heads that do not fit."""
    if Q.shape[1] != K.shape[1]:
        raise Undefined(f"a query has {count(Q.shape[1], 'number')}, and a key {K.shape[1]}")
    if V is not None and V.shape[0] != K.shape[0]:
        raise Undefined(f"there are {count(K.shape[0], 'key')}, and {count(V.shape[0], 'value')}")
    for rows, name in ((Q, "query"), *(((V, "value"),) if V is not None else ())):
        if rows.shape[1] % heads:
            raise Undefined(f"the {count(rows.shape[1], 'number')} of a {name} cannot be dealt out to {heads} heads")
    refuse_many(heads * Q.shape[0] * K.shape[0], MAX_SCORES)


# Scores and weights.


def _projection(given: Attention, what: str) -> str:
    """Queries, keys or values as a matrix of what is given; nothing where there is a bias."""
    if what in given:
        return what
    if np.any(getattr(given, f"b_{what}")):
        return ""
    return f"{_source(given, what)} W_{what}{'^T' if given.vectors == 'column' else ''}"


def _raw_formula(given: Attention) -> str:
    q, k = _projection(given, "Q"), _projection(given, "K")
    if given.heads > 1 or not q or not k:
        return ""
    return f"{q} {k if k == 'K' else f'({k})'}^T"


def _divisor(given: Attention, d_k: int) -> float:
    if isinstance(given.scale, str):
        return math.sqrt(d_k) if given.scale == "sqrt_dk" else 1.0
    return given.scale


def _divided(given: Attention) -> str:
    """What follows the scores in a formula."""
    return {"sqrt_dk": " / sqrt(d_k)", "none": ""}.get(str(given.scale), " / scale")


def _scale_slips(given: Attention, raw: Array, d_k: int) -> dict[str, Callable[[], Array]]:
    divisor = _divisor(given, d_k)
    if given.scale == "none":
        return {}
    if given.scale != "sqrt_dk":
        return {"multiplied by the scale instead of dividing": lambda: raw * divisor}
    d_model = _given(given, "X").shape[1] if "X" in given else d_k * given.heads
    wrong: dict[str, Callable[[], Array]] = {
        "divided by d_k instead of its root": lambda: raw / d_k,
        "multiplied by √d_k instead of dividing": lambda: raw * divisor,
    }
    if d_model != d_k:
        wrong["divided by √d_model instead of √d_k"] = lambda: raw / math.sqrt(d_model)
    return wrong


def _masks(given: Attention, shape: tuple[int, int]) -> tuple[Mask, Array]:
    """Which keys each query sees, and what is added to the scores."""
    visible, added = np.ones(shape, dtype=bool), np.zeros(shape)
    if given.causal:
        visible &= _lower(*shape)
    if "mask" in given:
        if given.mask.shape != shape:
            found = "×".join(map(str, given.mask.shape))
            raise Undefined(
                f"`mask` is {found}, and there are {count(shape[0], 'query', 'queries')} and {count(shape[1], 'key')}"
            )
        if np.isin(given.mask, (0, 1)).all():
            visible &= given.mask == 1
        else:
            added = given.mask
    blind = np.flatnonzero(~visible.any(axis=1))
    if blind.size:
        raise Undefined(f"query {blind[0] + 1} sees no key")
    return visible, added


def _lower(queries: int, keys: int, later: int = 0) -> Mask:
    """Query i sees the keys up to i, and so many more."""
    return np.tri(queries, keys, later, dtype=np.bool_)


def _weight_slips(given: Attention, scores: Array, visible: Mask, added: Array) -> dict[str, Callable[[], Array]]:
    total = scores + added
    hidden = np.where(visible, total, -np.inf)

    def over_all() -> Array:
        each = hidden.reshape(*hidden.shape[:-2], -1)
        return activations.softmax(each).reshape(hidden.shape)

    def under(mask: Mask) -> Array:
        return activations.softmax(np.where(mask, total, -np.inf))

    wrong: dict[str, Callable[[], Array]] = {
        "took the softmax over the queries instead of the keys": lambda: activations.softmax(hidden, -2),
        "left out the normalisation": lambda: np.exp(hidden),
    }
    if scores.shape[-2] > 1:
        wrong["took the softmax over all scores at once"] = over_all
    if added.any():
        wrong["left out the mask"] = lambda: activations.softmax(np.where(visible, scores, -np.inf))
    if visible.all():
        return wrong
    wrong["left out the mask"] = lambda: activations.softmax(scores)
    wrong["set hidden scores to 0 instead of -∞"] = lambda: activations.softmax(np.where(visible, total, 0.0))
    wrong["hid keys after the softmax without normalising again"] = lambda: activations.softmax(total) * visible
    if given.causal:
        T, S = scores.shape[-2:]
        wrong["let every query see one key too many"] = lambda: under(_lower(T, S, 1))
        wrong["hid the query's own key as well"] = lambda: np.nan_to_num(under(_lower(T, S, -1)))
        wrong["let queries see later keys instead of earlier ones"] = lambda: under(_lower(S, T).T)
        if T != S:
            wrong["aligned the mask at the last key"] = lambda: under(_lower(T, S, S - T))
    else:
        wrong["took 1 as hidden"] = lambda: under(~visible)
    return wrong


def _first_weight(total: Array, visible: Mask) -> Callable[[], str]:
    """The arithmetic of the first weight."""

    def text() -> str:
        if not visible[0, 0]:
            return "0"
        row = total.reshape(-1, total.shape[-1])[0][visible[0]]
        terms = [f"exp({show_number(float(x), 12)})".replace(",", "") for x in row]
        return f"{terms[0]}/({' + '.join(terms if len(terms) <= 2 * MAX_WRITTEN else [*terms[:3], '…'])})"

    return text


def _first_mixture(alpha: Array, values: Array, i: int) -> Callable[[], str]:
    """The arithmetic of the first entry of a mixture."""
    S = alpha.shape[-1]
    return lambda: products(alpha[..., i, :].ravel()[:S], values[..., 0].ravel()[:S])


def _mixture(given: Attention, alpha: Array, visible: Mask, added: Array, i: int, d_k: int) -> dict[str, Any]:
    """The formula of z_i, and its names: from queries, keys and values that are quantities, else from the weights."""
    seen = [j + 1 for j in np.flatnonzero(visible[i])]
    if given.heads > 1 or len(seen) > MAX_WRITTEN:
        return {}
    if any(name in given for name in "QKV") or added.any():
        weights = {f"α_{i + 1}{j}": float(alpha[i, j - 1]) for j in seen}
        values = {} if "V" not in given else {f"v_{j}": given.V[j - 1] for j in seen}
        return {"formula": " + ".join(f"α_{i + 1}{j} v_{j}" for j in seen), "names": {**weights, **values}}
    scale = _divided(given)
    if given.vectors == "column":
        scores = ", ".join(f"q_{i + 1}^T k_{j}" for j in seen)
        formula = f"[[{', '.join(f'v_{j}' for j in seen)}]] softmax([{scores}]{scale})"
    else:
        scores = ", ".join(f"q_{i + 1} k_{j}^T" for j in seen)
        formula = f"softmax([{scores}]{scale})^T [{', '.join(f'[v_{j}]' for j in seen)}]"
    return {"formula": formula, "names": {"d_k": d_k, "softmax": softmax}}


# The output.


def _output(given: Attention, work: Working, Z: Array) -> None:
    v = _projection(given, "V")
    plain = given.heads == 1 and bool(v)
    if given.W_O is None:
        work("output", Z, formula=f"weights {v}" if plain else "", names={"softmax": softmax})
        return
    if given.W_O is True or given.W_O is False:
        raise Undefined("`W_O: true` is for sizes only; give the numbers of the matrix")
    M = _matrix(given, "W_O")
    if M.shape[1] != Z.shape[1]:
        raise Undefined(
            f"`W_O` is made for vectors of {count(M.shape[1], 'number')} (`vectors: {given.vectors}`), "
            f"and the joined heads have {Z.shape[1]}"
        )
    b = _bias(given, "O", M.shape[0])
    W_O = "W_O" if given.vectors == "row" else "W_O^T"
    work(
        "output", Z @ np.ascontiguousarray(M.T) + b, formula=f"weights {v} {W_O}" if plain and not b.any() else "",
        names={"softmax": softmax},
        first=lambda: products(Z[0], M[0]) + (f" + {show_number(float(b[0]), 12)}" if b.any() else ""),
        slips={
            "left out the output matrix": lambda: Z,
            "multiplied the output by the transpose of W_O": lambda: Z @ M + b,
            **({"left out the bias": lambda: Z @ M.T} if b.any() else {}),
        },
    )  # fmt: skip


# Counts.


class _Matrix(NamedTuple):
    """A matrix that is counted: how many tokens it meets, what goes in and comes out of all heads, and its bias."""

    name: str
    tokens: int
    inputs: int
    outputs: int
    biased: bool
    size: str
    """how an output of one head is called"""


def _count_values(given: Attention, work: Working, Q: Array, K: Array, V: Array) -> None:
    """Counts of what is given in numbers."""
    T, S = Q.shape[0], K.shape[0]
    parts = (
        ("Q", "query", T, "d_k"),
        ("K", "keys", S, "d_k"),
        ("V", "values", S, "d_v"),
        ("O", "output", T, "d_model"),
    )
    matrices = []
    for what, name, tokens, size in parts:
        W = given.W_O if what == "O" else getattr(given, f"W_{what}") if f"W_{what}" in given else None
        if W is None or isinstance(W, bool) or (what != "O" and what in given):
            continue
        outputs, inputs = _matrix(given, f"W_{what}").shape
        matrices.append(_Matrix(name, tokens, inputs, outputs, f"b_{what}" in given, size))
    _count(work, matrices, given.heads, T, S, Q.shape[1] // given.heads, V.shape[1] // given.heads)


def _count_sizes(given: Attention, work: Working) -> None:
    """Counts from sizes alone."""
    h, d = given.heads, given.d_model
    if given.d_k is None and d % h:
        raise Undefined(f"tokens of {d} cannot be dealt out to {h} heads; give `d_k`")
    d_k = given.d_k or d // h
    d_v = given.d_v or d_k
    T = given.tokens if "tokens" in given else 0
    S = given.memory_tokens or T
    matrices = [
        _Matrix("query", T, d, h * d_k, given.bias, "d_k"),
        _Matrix("keys", S, d, h * d_k, given.bias, "d_k"),
        _Matrix("values", S, d, h * d_v, given.bias, "d_v" if given.d_v else "d_k"),
    ]
    if given.W_O is not None and given.W_O is not False:
        matrices.append(_Matrix("output", T, h * d_v, d, given.bias, "d_model"))
    _count(work, matrices, h, T, S, d_k, d_v)


def _count(work: Working, matrices: list[_Matrix], h: int, T: int, S: int, d_k: int, d_v: int) -> None:
    names = {"heads": h, "d_k": d_k, "d_v": d_v, "T": T, "S": S}
    joined = "heads " if h > 1 else ""
    parts: dict[str, int] = {}
    for one in matrices:
        last = one.name == "output"
        d_model, head = (one.outputs, one.inputs // h) if last else (one.inputs, one.outputs // h)
        size = "d_v" if last else one.size
        bias = one.outputs if one.biased else 0
        plus = "" if not one.biased else " + d_model" if last else f" + {joined}{size}"
        parts[one.name] = work(
            f"params.{one.name}", one.inputs * one.outputs + bias,
            formula=f"d_model {joined}{size}{plus}", names={**names, "d_model": d_model, size: head},
            slips={
                **({"left out the biases": lambda one=one: one.inputs * one.outputs} if one.biased else {}),
                **({"counted one head only": lambda d=d_model, head=head, one=one: d * head + (one.outputs if one.biased else 0),
                    "took d_k numbers for a token instead of d_model":
                        lambda head=head, bias=bias: h * head * head + bias} if h > 1 and not last else {}),
            },
        )  # fmt: skip
    biases = sum(one.outputs for one in matrices if one.biased)
    total = sum(parts.values())
    work(
        "params", total, formula=" + ".join(f"params_{name}" for name in parts) or "0",
        slips={
            **({"left out the biases": lambda: total - biases} if biases else {}),
            **({"left out the output matrix": lambda: total - parts["output"]} if "output" in parts else {}),
            **({"counted the matrix of the queries only": lambda: parts["query"]} if "query" in parts else {}),
        },
    )  # fmt: skip

    if not T:
        raise Missing("tokens")
    projections: dict[str, int] = {}
    for one in matrices:
        last = one.name == "output"
        d_model, head = (one.outputs, one.inputs // h) if last else (one.inputs, one.outputs // h)
        size = "d_v" if last else one.size
        rows = "S" if one.name in ("keys", "values") and S != T else "T"
        projections[one.name] = work(
            f"macs.{one.name}", one.tokens * one.inputs * one.outputs,
            formula=f"{rows} d_model {joined}{size}", names={**names, "d_model": d_model, size: head},
            slips={
                "counted one token only": lambda one=one: one.inputs * one.outputs,
                **({"counted one head only": lambda one=one, d=d_model, head=head: one.tokens * d * head} if h > 1 else {}),
                **({"took d_k numbers for a token instead of d_model":
                    lambda one=one, head=head: one.tokens * h * head * head} if h > 1 and not last else {}),
            },
        )  # fmt: skip
    projected = work(
        "macs.projections", sum(projections.values()),
        formula=" + ".join(f"macs_{name}" for name in projections) or "0",
        slips={
            **({"left out the output matrix": lambda: sum(projections.values()) - projections["output"]}
               if "output" in projections else {}),
            **({"counted the queries only": lambda: projections["query"]} if "query" in projections else {}),
        },
    )  # fmt: skip
    pairs = "T^2" if S == T else "T S"
    scores = work("macs.scores", h * T * S * d_k, formula=f"{joined}{pairs} d_k", names=names,
                  slips=_pair_slips(h, T, S, d_k))  # fmt: skip
    mix = work("macs.mix", h * T * S * d_v, formula=f"{joined}{pairs} d_v", names=names,
               slips=_pair_slips(h, T, S, d_v))  # fmt: skip
    work(
        "macs", projected + scores + mix, formula="macs_projections + macs_scores + macs_mix",
        slips={"left out the projections": lambda: scores + mix, "left out the mixtures": lambda: projected + scores},
    )  # fmt: skip


def _pair_slips(h: int, T: int, S: int, d: int) -> dict[str, Callable[[], int]]:
    return {
        "counted one query only": lambda: h * S * d,
        **({"counted one head only": lambda: T * S * d, "gave every head the whole width": lambda: h * T * S * h * d}
           if h > 1 else {}),
    }  # fmt: skip
