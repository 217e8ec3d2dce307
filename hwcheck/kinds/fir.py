"""Discrete convolution of signals that have an index: the response of a filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hwcheck import evaluation, expressions
from hwcheck.errors import Undefined
from hwcheck.expressions import ExpressionError, Tree
from hwcheck.given import GivenError, Givens, Reader, integer, kind_of, special
from hwcheck.kernels import signals
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.values import products
from hwcheck.words import quoted
from hwcheck.working import Working
from hwcheck.yamltree import Mapping, Node, Scalar, Sequence

MAX_SAMPLES = 10_000
MAX_INDEX = 10**6
MAX_CASES = 40
BEYOND = 8
"""How far beyond both ends of the output a formula for it is tried."""


@dataclass(frozen=True)
class Signal:
    """A signal from index `start` on: its samples, or, where it never ends, a formula in n."""

    start: int
    samples: tuple[float, ...] = ()
    formula: str = ""

    @property
    def last(self) -> int | None:
        """The last index of the support, None where the signal never ends."""
        return None if self.formula else self.start + len(self.samples) - 1

    def between(self, first: int, last: int) -> Array:
        """The samples with index `first` to `last`, zero outside the support."""
        if not self.formula:
            return signals.window(np.array(self.samples), self.start, first, last)
        low = max(first, self.start)
        if last - low >= 2 * MAX_SAMPLES:
            raise Undefined(f"more than {2 * MAX_SAMPLES:,} samples of {self.formula} are needed")
        try:
            values = evaluated(self.formula, low, last)
        except ExpressionError as error:
            raise Undefined(f"{self.formula} cannot be worked out at every n from {low} to {last}: {error}") from None
        return signals.window(np.array(values), low, first, last)

    def until(self, last: int) -> Signal:
        """The signal with everything after index `last` cut off."""
        return Signal(self.start, tuple(self.between(self.start, last).tolist()))

    def turned(self) -> Signal:
        """The samples of a finite signal in reverse order, on the same indices."""
        return Signal(self.start, self.samples[::-1])


def evaluated(formula: str, first: int, last: int) -> list[float]:
    """A formula in n at n = first … last: exactly, then as floats.

    Raises:
        ExpressionError: it is no formula, or has no finite value at one of them.
    """
    tree = expressions.parse(formula)
    values = []
    for n in range(first, last + 1):
        try:
            values.append(float(evaluation.evaluate(tree, {"n": n}, text=formula)))
        except OverflowError:
            raise ExpressionError("a number too large to work with", formula, 0) from None
    return values


_SIGNAL = "a list of samples, a mapping from index to sample, or {formula: …, from: …, to: …}"
_INDEX = "an index (a whole number)"


def _index(reader: Reader, node: Node) -> int:
    return reader.integer(node, -MAX_INDEX, MAX_INDEX, _INDEX)


def _signal(reader: Reader, node: Node) -> Signal:
    linked = reader.linked(node)
    if isinstance(node, Mapping) and linked is None:
        if any(key.text in ("formula", "from", "to") for key, _ in node):
            return _by_formula(reader, node)
        return _by_index(reader, node)
    if isinstance(node, Scalar) and linked is None:
        return Signal(0, (float(reader.number(node, _SIGNAL)),))
    values = reader.array(node)
    if values.ndim > 1:
        raise GivenError(node, f"expected {_SIGNAL}, found lists inside a list")
    if values.size > MAX_SAMPLES:
        raise GivenError(node, f"expected at most {MAX_SAMPLES:,} samples, found {values.size:,}")
    return Signal(0, tuple(values.ravel().tolist()))


def _by_index(reader: Reader, node: Mapping) -> Signal:
    samples: dict[int, float] = {}
    for key, value in node:
        index = _index(reader, key)
        if index in samples:
            raise GivenError(key, f"expected every index once, found {index} twice")
        samples[index] = float(reader.number(value))
    if not samples:
        raise GivenError(node, f"expected {_SIGNAL}, found an empty mapping")
    first, last = min(samples), max(samples)
    if last - first >= MAX_SAMPLES:
        raise GivenError(node, f"expected at most {MAX_SAMPLES:,} samples, found indices from {first} to {last}")
    return Signal(first, tuple(samples.get(index, 0.0) for index in range(first, last + 1)))


def _by_formula(reader: Reader, node: Mapping) -> Signal:
    def index(node: Node) -> int:
        return _index(reader, node)

    fields = reader.fields(node, {"formula": lambda node: node, "from": index, "to": index}, "a signal")
    formula, start, last = fields.get("formula"), fields.get("from", 0), fields.get("to")
    if formula is None:
        raise GivenError(node, "expected `formula` beside `from` and `to`, found none")
    if not isinstance(formula, Scalar) or formula.blank:
        raise GivenError(formula, f"expected a formula in n, found {kind_of(formula)}")
    if last is not None and not 0 <= last - start < MAX_SAMPLES:
        raise GivenError(node, f"expected `to` from {start} to {start + MAX_SAMPLES - 1}, found {last}")
    text = formula.text.strip()
    try:
        samples = evaluated(text, start, start if last is None else last)
    except ExpressionError as error:
        raise GivenError(formula, f"expected a formula in n, found {quoted(text)} ({error.message})") from None
    return Signal(start, formula=text) if last is None else Signal(start, tuple(samples))


def _range(reader: Reader, node: Node) -> tuple[int, int]:
    if isinstance(node, Sequence) and len(node.items) == 2:
        first, last = (_index(reader, item) for item in node.items)
    elif isinstance(node, Mapping) and {key.text for key, _ in node} == {"from", "to"}:
        fields = reader.fields(node, dict.fromkeys(("from", "to"), lambda node: _index(reader, node)), "a range")
        first, last = fields["from"], fields["to"]
    else:
        raise GivenError(node, f"expected [first, last] or {{from: first, to: last}}, found {kind_of(node)}")
    if not 0 <= last - first < MAX_SAMPLES:
        raise GivenError(node, f"expected a last index from {first} to {first + MAX_SAMPLES - 1}, found {last}")
    return first, last


class FIR(Givens):
    """What is given: two signals, and which part of the output is wanted."""

    x: Signal = special(_signal, expects=_SIGNAL, doc="the input; a list starts at index 0, no `to` means without end")
    h: Signal = special(_signal, expects=_SIGNAL, doc="the impulse response, written like the input")
    n: tuple[int, int] = special(
        _range, expects="[first, last] or {from: first, to: last}",
        doc="first and last index of the output, both included; the support of y where that is finite",
    )  # fmt: skip
    shift: int = integer(-MAX_INDEX, high=MAX_INDEX, default=0, sign="n_0", doc="by how much the input is delayed")
    circular: int = integer(high=MAX_SAMPLES, sign="N", doc="the period of a circular convolution; linear without it")


@kind(
    source="Oppenheim and Schafer, Discrete-Time Signal Processing (3rd ed., 2010), sections 2.3, 2.4 and 8.6.5",
    quantities={
        "start": "the first index of the output's support",
        "length": "the length of the output's support, where both signals end",
        "y": "the output over the range n; `y[7]` is index 7",
        "y(n)": "the output as a formula in n, with cases; u(n) is the unit step, and what no case covers is 0",
        "shifted": "the response to x(n - shift) over the same range, where `shift` is given",
    },
    examples=(
        """
        given: {x: {formula: 1, from: 0, to: 6}, h: {formula: (1/2)^n, from: 0}, n: [-6, 12], shift: 5}
        parts: {a: {ask: y}, b: {ask: shifted}, c: {ask: start}, d: {ask: y(n)}}
        """,
        """
        given: {x: {-1: 2, 0: -1, 2: 3}, h: {2: 1, 3: 4, 4: -2, 5: 0.5}}
        parts: {a: {ask: start}, b: {ask: length}, c: {ask: y}, d: {ask: "y[2]"}}
        """,
        """
        given: {x: [2, 1, 2, 3], h: [1, 2, 4], circular: 4, shift: 1}
        parts: {a: {ask: y}, b: {ask: shifted}}
        """,
    ),
)
def fir(given: FIR, work: Working) -> None:
    """Response of a filter, y(n) = Σ_k x(k) h(n - k): the kernel is turned around.

    With `circular: N` both signals repeat with period N; what is longer than a period is wrapped around and added up.
    Samples outside the support are 0. The response to a shifted input is the shifted response.
    """
    x, h = given.x, given.h
    finite = x.last is not None and h.last is not None
    period = given.circular if "circular" in given else None
    if period is not None and not finite:
        raise Undefined("a circular convolution needs two signals that end, and one has no last index")

    begins = x.start + h.start
    ends = begins + len(x.samples) + len(h.samples) - 2
    moved = 0
    if period is None:
        start = work(
            "start", begins, formula="s_x + s_h", names={"s_x": x.start, "s_h": h.start},
            slips={"took the start of the input": lambda: x.start, "started at index 0": lambda: 0},
        )  # fmt: skip
        moved = start - begins
    if period is None and finite:
        work(
            "length", len(x.samples) + len(h.samples) - 1,
            formula="N_x + N_h - 1", names={"N_x": len(x.samples), "N_h": len(h.samples)},
            slips={
                "left out the − 1": lambda: len(x.samples) + len(h.samples),
                "took the length of the input": lambda: len(x.samples),
            },
        )  # fmt: skip

    if "n" in given or not finite:
        first, last = given.n
    else:
        first, last = (begins, ends) if period is None else (0, period - 1)

    def output(first: int, last: int) -> Array:
        if period is None:
            return _response(x, h, first - moved, last - moved)
        return _circular(x, h, period)[np.arange(first, last + 1) % period]

    y = work(
        "y", output(first, last), origin=first,
        first=lambda: _sum(x, h, first - moved) if period is None else _circular_sum(x, h, period, first),
        slips=_linear_slips(given, first - moved, last - moved) if period is None
        else _circular_slips(given, first, last),
    )  # fmt: skip

    if period is None:
        low, high = begins - BEYOND, (ends if finite else max(begins, last) + len(x.samples) + len(h.samples)) + BEYOND
        tail = {} if x.last is None or finite else {"left out what comes after the input has ended": x.last + moved}
        work(
            "y(n)", output(low, high), variables={"n": low}, names={"u": _unit_step},
            formula=_in_cases(x, h, output(begins, min(high, begins + MAX_CASES)), begins) if not moved else "",
            slips={
                **_linear_slips(given, low - moved, high - moved, signal=False),
                **{
                    label: lambda end=end: np.where(np.arange(low, high + 1) <= end, output(low, high), 0.0)
                    for label, end in tail.items()
                },
            },
        )  # fmt: skip
    if "shift" not in given:
        return

    def delayed(shift: int) -> Array:
        """y(n - shift): from the table of y where it has that index, else from the signals."""
        place = np.arange(last - first + 1) - shift
        if period is not None:
            place %= period
        inside = (place >= 0) & (place < y.size)
        return np.where(inside, y[np.clip(place, 0, y.size - 1)], output(first - shift, last - shift))

    work(
        "shifted", delayed(given.shift), origin=first,
        slips={
            "shifted in the wrong direction": lambda: delayed(-given.shift),
            "did not shift": lambda: delayed(0),
        },
    )  # fmt: skip


def _in_cases(x: Signal, h: Signal, y: Array, begins: int) -> str:
    """The output as a formula in n: one case for each index while a signal begins or ends, and a sum beyond."""
    if not x.formula and not h.formula:
        cases = [(f"{value:.15g}", f"n = {begins + i}") for i, value in enumerate(y) if value]
    else:
        finite, endless = (x, h) if h.formula else (h, x)
        if finite.last is None:
            return ""
        settled = finite.last + endless.start
        cases = [(f"{value:.15g}", f"n = {begins + i}") for i, value in enumerate(y[: settled - begins]) if value]
        tree = expressions.parse(endless.formula)
        terms = [
            f"{sample:.15g} ({_delayed(tree, k)})" for k, sample in enumerate(finite.samples, finite.start) if sample
        ]
        cases.append((" + ".join(terms) or "0", rf"n \ge {settled}"))
    if not 0 < len(cases) <= MAX_CASES:
        return ""
    return r"\begin{cases}" + r" \\ ".join(f"{value}, & {condition}" for value, condition in cases) + r"\end{cases}"


def _delayed(tree: Tree, k: int) -> str:
    """A formula in n with n - k in its place."""
    return expressions.render(tree, lambda name, _: f"(n - {k})" if name == "n" else None)


def _unit_step(n: float) -> int:
    return 1 if n >= 0 else 0


def _linear_slips(given: FIR, first: int, last: int, *, signal: bool = True) -> dict[str, Any]:
    """Slips of the output at first … last; `signal` also those that are one by their length."""
    x, h = given.x, given.h
    slips: dict[str, Any] = {}
    if x.last is not None and x.last >= h.start:
        input_ends = x.last
        slips["cut the impulse response where the input ends"] = lambda: _response(x, h.until(input_ends), first, last)
    if h.last is not None:
        slips["did not turn the kernel around"] = lambda: _response(x, h.turned(), first, last)
    if x.last is not None and h.last is not None and signal:
        slips["took circular for linear convolution"] = lambda: _folded(given, first, last)
    return slips


def _folded(given: FIR, first: int, last: int) -> Array:
    """The circular convolution over the longer signal's length: one period, or where `n` is given, zero beyond it."""
    x, h = given.x, given.h
    values = signals.circular(np.array(x.samples), np.array(h.samples), max(len(x.samples), len(h.samples)))
    return signals.window(values, x.start + h.start, first, last) if "n" in given else values


def _circular_slips(given: FIR, first: int, last: int) -> dict[str, Any]:
    x, h, period = given.x, given.h, given.circular
    ends = x.start + len(x.samples) + h.start + len(h.samples) - 2
    kernel = signals.wrapped(np.array(h.samples), h.start, period)
    turned = Signal(0, tuple(kernel[-np.arange(period) % period].tolist()))
    n = np.arange(first, last + 1) % period
    return {
        "took linear for circular convolution":
            lambda: _response(x, h, first, last if "n" in given else max(last, ends)),
        "cut the linear convolution off instead of wrapping it around": lambda: _response(x, h, first, last),
        "did not turn the kernel around": lambda: _circular(x, turned, period)[n],
    }  # fmt: skip


def _response(x: Signal, h: Signal, first: int, last: int) -> Array:
    """Linear convolution at n = first … last, with no more samples of either signal than that takes."""
    x_low, x_high = _needed(x, h, first, last)
    h_low, h_high = _needed(h, x, first, last)
    if x_low > x_high or h_low > h_high:
        return np.zeros(last - first + 1)
    whole = signals.convolve(x.between(x_low, x_high), h.between(h_low, h_high))
    return signals.window(whole, x_low + h_low, first, last)


def _needed(signal: Signal, other: Signal, first: int, last: int) -> tuple[int, int]:
    """First and last index of a signal that meet the other one in the output at first … last."""
    low = signal.start if other.last is None else max(signal.start, first - other.last)
    high = last - other.start
    return low, high if signal.last is None else min(signal.last, high)


def _circular(x: Signal, h: Signal, period: int) -> Array:
    """One period of the circular convolution, n = 0 … period - 1."""
    return signals.circular(
        signals.wrapped(np.array(x.samples), x.start, period),
        signals.wrapped(np.array(h.samples), h.start, period),
        period,
    )


def _sum(x: Signal, h: Signal, n: int) -> str:
    """The sum behind y(n)."""
    low, high = _needed(x, h, n, n)
    return products(x.between(low, high), h.between(n - high, n - low)[::-1]) if low <= high else "0"


def _circular_sum(x: Signal, h: Signal, period: int, n: int) -> str:
    """The sum behind y(n) of a circular convolution, without the terms where the input is 0."""
    values = signals.wrapped(np.array(x.samples), x.start, period)
    kernel = signals.wrapped(np.array(h.samples), h.start, period)[(n - np.arange(period)) % period]
    return products(values[values != 0], kernel[values != 0]) or "0"
