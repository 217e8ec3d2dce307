"""Write `convolution1d.json` and `pooling1d.json`: outputs and gradients as PyTorch 2.13.0 computes them, in float64.

PyTorch is not needed to run the tests, only to make these files again: `python make_one_dimension_data.py`, with torch
installed. Inputs are small whole numbers from a fixed seed, so that the files stay short and ties occur.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812  # its usual name

HERE = Path(__file__).parent
RNG = torch.Generator().manual_seed(21)

# input shape, kernel shape, then what is not the default
CONVOLUTIONS = [
    ((1, 1, 5), (1, 1, 3), {}),
    ((1, 1, 6), (1, 1, 2), {}),
    ((1, 1, 4), (1, 1, 1), {}),
    ((1, 1, 4), (1, 1, 4), {}),
    ((1, 1, 8), (1, 1, 4), {"stride": 2}),
    ((1, 1, 9), (1, 1, 2), {"stride": 3}),
    ((1, 1, 5), (1, 1, 3), {"padding": 1}),
    ((1, 1, 4), (1, 1, 2), {"padding": 3}),
    ((1, 1, 7), (1, 1, 3), {"padding": 2, "stride": 2}),
    ((1, 1, 7), (1, 1, 3), {"dilation": 2}),
    ((1, 1, 9), (1, 1, 2), {"dilation": 3, "stride": 2, "padding": 1}),
    ((1, 1, 5), (1, 1, 3), {"padding": "same"}),
    ((1, 1, 5), (1, 1, 4), {"padding": "same"}),
    ((1, 1, 6), (1, 1, 2), {"padding": "same", "dilation": 3}),
    ((1, 1, 6), (1, 1, 3), {"padding": "valid", "stride": 2}),
    ((1, 2, 6), (1, 2, 3), {}),
    ((1, 3, 5), (2, 3, 2), {}),
    ((1, 2, 7), (3, 2, 3), {"stride": 2, "padding": 1}),
    ((2, 1, 5), (1, 1, 3), {}),
    ((3, 2, 6), (2, 2, 3), {"padding": 1, "stride": 2}),
    ((1, 4, 5), (2, 2, 3), {"groups": 2}),
    ((1, 3, 6), (3, 1, 2), {"groups": 3, "padding": 1}),
    ((2, 4, 8), (6, 2, 3), {"groups": 2, "stride": 3, "padding": 2, "dilation": 2}),
    ((2, 3, 9), (4, 3, 3), {"stride": 2, "padding": 1}),
]

# input shape, window, then what is not the default
POOLINGS = [
    ("max", (1, 6), 2, {}),
    ("max", (1, 7), 3, {}),
    ("max", (1, 5), 2, {"incomplete": "ceil"}),
    ("max", (1, 7), 3, {"stride": 2}),
    ("max", (1, 5), 3, {"stride": 1}),
    ("max", (1, 6), 3, {"stride": 2, "padding": 1}),
    ("max", (1, 8), 3, {"stride": 3, "padding": 1, "incomplete": "ceil"}),
    ("max", (1, 9), 3, {"stride": 1, "dilation": 3}),
    ("max", (1, 9), 2, {"stride": 3, "dilation": 2, "padding": 1, "incomplete": "ceil"}),
    ("max", (1, 4), 1, {"stride": 3, "incomplete": "ceil"}),
    ("max", (3, 7), 2, {"stride": 1}),
    ("max", (2, 3, 8), 3, {"stride": 2, "padding": 1, "incomplete": "ceil"}),
    ("average", (1, 6), 2, {}),
    ("average", (1, 7), 3, {}),
    ("average", (1, 5), 2, {"incomplete": "ceil"}),
    ("average", (1, 5), 3, {"stride": 1}),
    ("average", (1, 6), 3, {"stride": 2, "padding": 1}),
    ("average", (1, 6), 3, {"stride": 2, "padding": 1, "count_padding": False}),
    ("average", (1, 7), 4, {"stride": 2, "padding": 1, "incomplete": "ceil"}),
    ("average", (1, 7), 4, {"stride": 2, "padding": 1, "incomplete": "ceil", "count_padding": False}),
    ("average", (2, 3, 6), 3, {"stride": 2, "incomplete": "ceil"}),
]


def whole_numbers(shape: tuple[int, ...]) -> torch.Tensor:
    """Whole numbers from -5 to 5."""
    return torch.randint(-5, 6, shape, generator=RNG).double()


def convolution(input_shape: tuple[int, ...], kernel_shape: tuple[int, ...], settings: dict) -> dict:
    """One case of `torch.nn.functional.conv1d`."""
    x, w, b = whole_numbers(input_shape), whole_numbers(kernel_shape), whole_numbers(kernel_shape[:1])
    leaves = [tensor.requires_grad_() for tensor in (x, w, b)]
    y = F.conv1d(x, w, b, **settings)
    upstream = whole_numbers(tuple(y.shape))
    (y * upstream).sum().backward()
    grads = dict(zip(("grad_input", "grad_kernel", "grad_bias"), (t.grad.tolist() for t in leaves), strict=True))
    given = {"input": x.tolist(), "kernel": w.tolist(), "bias": b.tolist(), "upstream": upstream.tolist()}
    return {"settings": settings, **given, "output": y.tolist(), **grads}


def pooling(method: str, input_shape: tuple[int, ...], window: int, settings: dict) -> dict:
    """One case of `torch.nn.functional.max_pool1d` or `avg_pool1d`."""
    x = whole_numbers(input_shape).requires_grad_()
    stride, padding = settings.get("stride", window), settings.get("padding", 0)
    ceil = settings.get("incomplete") == "ceil"
    if method == "max":
        y = F.max_pool1d(x, window, stride, padding, settings.get("dilation", 1), ceil)
    else:
        y = F.avg_pool1d(x, window, stride, padding, ceil, settings.get("count_padding", True))
    upstream = whole_numbers(tuple(y.shape))
    (y * upstream).sum().backward()
    values = {"input": x, "upstream": upstream, "output": y, "grad_input": x.grad}
    given = {"method": method, "window": window, "settings": {**settings, "stride": stride}}
    return {**given, **{name: tensor.tolist() for name, tensor in values.items()}}


def write(name: str, cases: list[dict]) -> None:
    """One case a line; whole numbers without a decimal point."""
    lines = ",\n".join(
        json.dumps(case, separators=(",", ":")).replace(".0,", ",").replace(".0]", "]") for case in cases
    )
    made_by = json.dumps(f"PyTorch {torch.__version__.split('+')[0]}, float64")
    (HERE / name).write_text(f'{{"made_by": {made_by}, "cases": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    write("convolution1d.json", [convolution(*case) for case in CONVOLUTIONS])
    write("pooling1d.json", [pooling(*case) for case in POOLINGS])
