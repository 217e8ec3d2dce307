"""Writes signals.json beside this file: convolutions by SciPy, and circular ones summed term by term.

    python tests/data/make_scipy_data.py

SciPy is needed here only; the tests read the file.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

SMALL = {
    "short kernel": ([3.0, 2.0, 1.0, 7.0], [0.5, -0.75, 1.0]),
    "kernel longer than the input": ([1.5, -2.0], [0.25, 4.0, -1.0, 3.0, 2.5]),
    "a single sample": ([-2.5], [1.0, 0.0, 3.0]),
    "with zeros inside": ([0.0, 2.0, 0.0, -1.0, 5.0], [1.0, 0.0, -3.0, 0.5]),
}
LONG = {
    "x": {"length": 700, "step": 7, "modulus": 23, "offset": -11},
    "h": {"length": 260, "step": 5, "modulus": 17, "offset": -6},
}
PERIODS = (1, 3, 4, 6, 9)


def ramp(length: int, step: int, modulus: int, offset: int) -> list[float]:
    """A long signal of small whole numbers from four numbers: (step · k mod modulus) + offset."""
    return [float(step * k % modulus + offset) for k in range(length)]


def circular(x: list[float], h: list[float], period: int) -> list[float]:
    """Every product of a sample of x and one of h, added where the sum of their indices falls within the period."""
    y = [0.0] * period
    for i, a in enumerate(x):
        for k, b in enumerate(h):
            y[(i + k) % period] += a * b
    return y


def main() -> None:
    import scipy
    from scipy import signal

    x, h = (np.array(ramp(**LONG[name])) for name in "xh")
    long = signal.convolve(x, h, method="direct")
    assert np.allclose(long, signal.fftconvolve(x, h))
    data = {
        "made by": f"scipy {scipy.__version__}, scipy.signal.convolve and fftconvolve",
        "linear": [
            {"name": name, "x": x, "h": h,
             "y": signal.convolve(x, h).tolist(), "by fft": signal.fftconvolve(x, h).tolist()}
            for name, (x, h) in SMALL.items()
        ],
        "circular": [
            {"name": name, "x": x, "h": h, "period": period, "y": circular(x, h, period)}
            for name, (x, h) in SMALL.items()
            for period in PERIODS
        ],
        "long": {**LONG, "length": long.size, "sum": long.sum(), "every": 60, "y": long[::60].tolist()},
    }  # fmt: skip
    Path(__file__).with_name("signals.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
