"""Discrete convolution of sampled signals.

Convolution turns one signal around, y(n) = Σ_k x(k) h(n - k). The cross-correlation of neural networks does not.
"""

from __future__ import annotations

import numpy as np

from hwcheck.kernels.types import Array

DIRECT = 250
"""Up to this length of the shorter signal summing directly was measured to be faster than the Fourier transform."""


def convolve(x: Array, h: Array) -> Array:
    """Full linear convolution, y(n) = Σ_k x(k) h(n - k): shapes (N,), (K,) → (N + K - 1,).

    Long signals are multiplied in the frequency domain, which leaves an error of about 1e-15 of the largest products.

    Source: Oppenheim and Schafer, Discrete-Time Signal Processing (3rd ed., 2010), sections 2.3 and 8.7.

    Raises:
        ValueError: a signal is empty.

    >>> convolve(np.array([1.0, 2.0, 3.0]), np.array([1.0, -1.0])).tolist()
    [1.0, 1.0, 1.0, -3.0]
    """
    if min(x.size, h.size) <= DIRECT:
        return np.convolve(x, h)
    length = x.size + h.size - 1
    padded = smooth(length)
    return np.asarray(np.fft.irfft(np.fft.rfft(x, padded) * np.fft.rfft(h, padded), padded)[:length])


def circular(x: Array, h: Array, period: int) -> Array:
    """Circular convolution, y(n) = Σ_k x̃(k) h̃(n - k) over one period: shapes (N,), (K,) → (period,).

    x̃ and h̃ repeat with the period; a signal longer than the period is wrapped around and added up, so the result is the
    linear convolution wrapped around.

    Source: Oppenheim and Schafer, Discrete-Time Signal Processing (3rd ed., 2010), sections 8.6.5 and 8.7.2.

    Raises:
        ValueError: a signal is empty.

    >>> circular(np.array([2.0, 1.0, 2.0, 1.0]), np.array([1.0, 2.0, 3.0, 4.0]), 4).tolist()
    [14.0, 16.0, 14.0, 16.0]
    """
    return wrapped(convolve(x, h), 0, period)


def wrapped(values: Array, start: int, period: int) -> Array:
    """One period of x̃(n) = Σ_j x(n + j N), n = 0 … N-1, where `values` are x(start), x(start + 1), …: (L,) → (period,).

    Source: Oppenheim and Schafer, Discrete-Time Signal Processing (3rd ed., 2010), section 8.4.

    >>> wrapped(np.array([1.0, 2.0, 3.0]), -1, 2).tolist()
    [2.0, 4.0]
    """
    places = (np.arange(values.size) + start % period) % period
    return np.bincount(places, weights=values, minlength=period).astype(np.float64)


def window(values: Array, start: int, first: int, last: int) -> Array:
    """The samples with index `first` to `last`, zero outside: (L,) → (last - first + 1,).

    `values` are x(start), x(start + 1), … Source: the definition of a signal of finite support.

    >>> window(np.array([5.0, 6.0, 7.0]), 2, 0, 3).tolist()
    [0.0, 0.0, 5.0, 6.0]
    """
    taken = np.zeros(max(0, last - first + 1))
    low, high = max(first, start), min(last, start + values.size - 1)
    if low <= high:
        taken[low - first : high - first + 1] = values[low - start : high - start + 1]
    return taken


def smooth(length: int) -> int:
    """The smallest number of at least `length` without a prime factor above 5: fast Fourier transforms like it.

    Source: Cooley and Tukey (1965).

    >>> [smooth(length) for length in (1, 7, 97, 1009)]
    [1, 8, 100, 1024]
    """
    best = 1 << (length - 1).bit_length()
    fives = 1
    while fives < best:
        odd = fives
        while odd < best:
            twos = odd << (-(-length // odd) - 1).bit_length()
            best = min(best, twos)
            odd *= 3
        fives *= 5
    return best
