"""Write `convolution.json` and `pooling.json`: outputs and gradients as PyTorch 2.13.0 computes them, in float64.

PyTorch is not needed to run the tests, only to make these files again: `python make_torch_data.py`, with torch installed.
Inputs are small whole numbers from a fixed seed, so that the files stay short and ties occur.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812  # its usual name

HERE = Path(__file__).parent
RNG = torch.Generator().manual_seed(20)

# input shape, kernel shape, then what is not the default
CONVOLUTIONS = [
    ((1, 1, 5, 5), (1, 1, 3, 3), {}),
    ((1, 1, 4, 6), (1, 1, 2, 3), {}),
    ((1, 1, 6, 4), (1, 1, 3, 2), {}),
    ((1, 1, 3, 5), (1, 1, 1, 1), {}),
    ((1, 1, 3, 4), (1, 1, 3, 4), {}),
    ((1, 1, 5, 7), (1, 1, 3, 2), {"stride": (2, 2)}),
    ((1, 1, 6, 7), (1, 1, 2, 3), {"stride": (1, 3)}),
    ((1, 1, 8, 5), (1, 1, 3, 3), {"stride": (3, 1)}),
    ((1, 1, 5, 4), (1, 1, 2, 3), {"padding": (1, 1)}),
    ((1, 1, 4, 3), (1, 1, 3, 2), {"padding": (0, 2)}),
    ((1, 1, 3, 4), (1, 1, 2, 3), {"padding": (3, 1)}),
    ((1, 1, 6, 5), (1, 1, 3, 2), {"padding": (1, 1), "stride": (2, 2)}),
    ((1, 1, 5, 6), (1, 1, 3, 3), {"dilation": (2, 2)}),
    ((1, 1, 7, 5), (1, 1, 2, 3), {"dilation": (3, 1)}),
    ((1, 1, 6, 8), (1, 1, 2, 2), {"dilation": (2, 3), "stride": (2, 2), "padding": (1, 2)}),
    ((1, 2, 4, 5), (1, 2, 2, 3), {}),
    ((1, 3, 5, 4), (2, 3, 3, 2), {}),
    ((1, 2, 6, 5), (3, 2, 2, 3), {"stride": (2, 1), "padding": (0, 1)}),
    ((2, 1, 4, 5), (1, 1, 3, 2), {}),
    ((3, 2, 4, 5), (2, 2, 2, 3), {"padding": (1, 0), "stride": (2, 2)}),
    ((1, 4, 4, 3), (2, 2, 2, 3), {"groups": 2}),
    ((1, 3, 5, 4), (3, 1, 3, 2), {"groups": 3}),
    ((1, 2, 4, 5), (4, 1, 2, 2), {"groups": 2, "padding": (1, 1)}),
    ((2, 4, 5, 6), (6, 2, 3, 2), {"groups": 2, "stride": (2, 3), "padding": (2, 1), "dilation": (1, 2)}),
    ((2, 6, 4, 4), (3, 2, 2, 2), {"groups": 3, "dilation": (2, 1)}),
    ((2, 3, 7, 6), (4, 3, 3, 3), {"stride": (2, 2), "padding": (1, 1)}),
]

# input shape, window, then what is not the default
POOLINGS = [
    ("max", (1, 4, 6), (2, 2), {}),
    ("max", (1, 5, 7), (2, 3), {}),
    ("max", (1, 5, 5), (2, 2), {"incomplete": "ceil"}),
    ("max", (1, 5, 6), (3, 2), {"stride": (2, 2)}),
    ("max", (1, 4, 5), (2, 3), {"stride": (1, 1)}),
    ("max", (1, 5, 4), (3, 3), {"stride": (2, 2), "padding": (1, 1)}),
    ("max", (1, 6, 7), (2, 3), {"stride": (2, 3), "padding": (1, 1), "incomplete": "ceil"}),
    ("max", (1, 7, 6), (3, 2), {"stride": (1, 1), "dilation": (2, 3)}),
    ("max", (1, 8, 7), (2, 3), {"stride": (3, 2), "dilation": (2, 1), "padding": (0, 1), "incomplete": "ceil"}),
    ("max", (1, 3, 4), (1, 1), {"stride": (3, 2), "incomplete": "ceil"}),
    ("max", (3, 5, 4), (2, 2), {"stride": (2, 1)}),
    ("max", (2, 3, 6, 5), (3, 2), {"stride": (2, 2), "padding": (1, 0), "incomplete": "ceil"}),
    ("average", (1, 4, 6), (2, 2), {}),
    ("average", (1, 5, 7), (2, 3), {}),
    ("average", (1, 5, 5), (2, 2), {"incomplete": "ceil"}),
    ("average", (1, 5, 4), (2, 3), {"stride": (1, 1)}),
    ("average", (1, 5, 6), (3, 2), {"stride": (2, 2), "padding": (1, 1)}),
    ("average", (1, 5, 6), (3, 2), {"stride": (2, 2), "padding": (1, 1), "count_padding": False}),
    ("average", (1, 6, 7), (3, 2), {"stride": (2, 2), "padding": (1, 1), "incomplete": "ceil"}),
    ("average", (1, 6, 7), (3, 2), {"stride": (2, 2), "padding": (1, 1), "incomplete": "ceil", "count_padding": False}),
    ("average", (1, 4, 8), (2, 2), {"stride": (3, 3), "padding": (0, 1), "incomplete": "ceil"}),
    ("average", (2, 3, 5, 6), (2, 3), {"stride": (2, 2), "incomplete": "ceil"}),
]


def whole_numbers(shape: tuple[int, ...]) -> torch.Tensor:
    """Whole numbers from -5 to 5."""
    return torch.randint(-5, 6, shape, generator=RNG).double()


def convolution(input_shape: tuple[int, ...], kernel_shape: tuple[int, ...], settings: dict) -> dict:
    """One case of `torch.nn.functional.conv2d`."""
    x, w, b = whole_numbers(input_shape), whole_numbers(kernel_shape), whole_numbers(kernel_shape[:1])
    leaves = [tensor.requires_grad_() for tensor in (x, w, b)]
    y = F.conv2d(x, w, b, **settings)
    upstream = whole_numbers(tuple(y.shape))
    (y * upstream).sum().backward()
    grads = dict(zip(("grad_input", "grad_kernel", "grad_bias"), (t.grad.tolist() for t in leaves), strict=True))
    given = {"input": x.tolist(), "kernel": w.tolist(), "bias": b.tolist(), "upstream": upstream.tolist()}
    return {"settings": settings, **given, "output": y.tolist(), **grads}


def pooling(method: str, input_shape: tuple[int, ...], window: tuple[int, int], settings: dict) -> dict:
    """One case of `torch.nn.functional.max_pool2d` or `avg_pool2d`."""
    x = whole_numbers(input_shape).requires_grad_()
    stride, padding = settings.get("stride", window), settings.get("padding", (0, 0))
    ceil = settings.get("incomplete") == "ceil"
    if method == "max":
        y = F.max_pool2d(x, window, stride, padding, settings.get("dilation", (1, 1)), ceil)
    else:
        y = F.avg_pool2d(x, window, stride, padding, ceil, settings.get("count_padding", True))
    upstream = whole_numbers(tuple(y.shape))
    (y * upstream).sum().backward()
    given = {"method": method, "window": window, "settings": {**settings, "stride": stride}}
    values = {"input": x, "upstream": upstream, "output": y, "grad_input": x.grad}
    return {**given, **{name: tensor.tolist() for name, tensor in values.items()}}


def write(name: str, cases: list[dict]) -> None:
    """One case a line; whole numbers without a decimal point."""
    lines = ",\n".join(
        json.dumps(case, separators=(",", ":")).replace(".0,", ",").replace(".0]", "]") for case in cases
    )
    made_by = json.dumps(f"PyTorch {torch.__version__.split('+')[0]}, float64")
    (HERE / name).write_text(f'{{"made_by": {made_by}, "cases": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    write("convolution.json", [convolution(*case) for case in CONVOLUTIONS])
    write("pooling.json", [pooling(*case) for case in POOLINGS])
