"""Symbols: givens without a number. A problem with symbols is solved at many numbers drawn for them.

The domain of a symbol is that of the given it stands for, narrowed by `symbols:`. Sizes are drawn small, so that a floor,
a bias or a `+ 1` shows; reals of both signs, so that x is not relu(x); arrays with axes of different length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hwcheck.kernels.types import Array

if TYPE_CHECKING:
    from random import Random

DRAWS = 64
MAX_TRIED = 1_000
SEED = 20_161_017
LENGTHS = (3, 4, 2, 5, 6, 7, 8, 9)
"""Lengths for the axes of drawn arrays, no two alike."""


class Domain(NamedTuple):
    """What a symbol may stand for.

    Attributes:
        whole: a whole number rather than a real one.
        low, high: the bounds, both included; `above` is a bound that is not.
        step: 2 where only odd or only even numbers are meant, which `low` then is.
        parity: "odd", "even", or nothing.
        axes: names of the axes of an array; empty for a number.
        shape: the lengths of the axes, where they are given.
        grows: whether it counts for growth.
        text: how the file writes it.
    """

    whole: bool = False
    low: float | None = None
    high: float | None = None
    above: float | None = None
    parity: str = ""
    axes: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    grows: bool | None = None
    text: str = ""

    @property
    def growing(self) -> bool:
        """Whether it grows where growth is asked: whole numbers do, unless the author says otherwise."""
        return self.whole and not self.shape and not self.axes if self.grows is None else self.grows

    def meet(self, other: Domain) -> Domain:
        """What both allow."""
        lows = [x for x in (self.low, other.low) if x is not None]
        highs = [x for x in (self.high, other.high) if x is not None]
        aboves = [x for x in (self.above, other.above) if x is not None]
        return Domain(
            self.whole or other.whole, max(lows, default=None), min(highs, default=None), max(aboves, default=None),
            self.parity or other.parity, self.axes or other.axes, self.shape or other.shape,
            other.grows if self.grows is None else self.grows, self.text or other.text,
        )  # fmt: skip

    def placeholder(self, lengths: Mapping[str, int]) -> Any:
        """A value that is probably allowed, to find out what else is there."""
        return self.draw(_random(), lengths)

    def draw(self, random: Random, lengths: Mapping[str, int]) -> Any:
        """One value."""
        shape = self.shape or tuple(lengths.get(axis, LENGTHS[i]) for i, axis in enumerate(self.axes))
        if shape:
            return _array(random, shape, self)
        return _whole(random, self) if self.whole else _real(random, self)


def _random() -> Random:
    from random import Random  # noqa: PLC0415  only symbols need it, and it costs start-up time

    return Random(SEED)


def _whole(random: Random, domain: Domain) -> int:
    low = 1 if domain.low is None else int(domain.low)
    low = max(low, -8) if domain.high is None or domain.high >= 8 else low
    if domain.above is not None:
        low = max(low, int(domain.above) + 1)
    high = low + 60 if domain.high is None else int(domain.high)
    if domain.parity and low % 2 != (domain.parity == "odd"):
        low += 1
    step = 2 if domain.parity else 1
    share = random.random()
    reach = 5 if share < 0.5 else 11 if share < 0.85 else 60
    if domain.high is not None and share >= 0.7:
        reach = high - low
    return low + step * random.randint(0, max(0, min(reach, high - low) // step))


def _real(random: Random, domain: Domain) -> float:
    low = domain.low if domain.above is None else domain.above
    if low is None and domain.high is None:
        return random.choice((-1, 1)) * random.uniform(0.2, 3)
    if low is None:
        assert domain.high is not None
        return domain.high - random.uniform(0, 3)
    if domain.high is None:
        return low + (random.uniform(0.2, 1.0) if random.random() < 0.3 else random.uniform(0.2, 4.0))
    span = domain.high - low
    return low + span * random.uniform(1e-3 if domain.above is not None else 0, 1)


def _array(random: Random, shape: tuple[int, ...], domain: Domain) -> Array:
    one = domain._replace(shape=(), axes=())
    count = 1
    for size in shape:
        count *= size
    draw = _whole if domain.whole else _real
    return np.array([float(draw(random, one)) for _ in range(count)]).reshape(shape)


def assign_lengths(domain: Domain, lengths: dict[str, int]) -> None:
    """Give every axis of a domain that has no length yet one that no other axis has."""
    for axis in domain.axes if not domain.shape else ():
        if axis not in lengths:
            lengths[axis] = next(n for n in (*LENGTHS, *range(10, 60)) if n not in lengths.values())


def draws(domains: Mapping[str, Domain], lengths: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Values for all symbols, again and again; the same for the same domains."""
    random = _random()
    axes = dict(lengths)
    for domain in domains.values():
        axes |= {axis: length for axis, length in zip(domain.axes, domain.shape, strict=False) if axis not in axes}
    for domain in domains.values():
        assign_lengths(domain, axes)
    for _ in range(MAX_TRIED):
        yield {name: domain.draw(random, axes) for name, domain in domains.items()}
