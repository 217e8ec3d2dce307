"""Write `batch_norm.json`: batch and layer normalisation with their gradients, as PyTorch 2.13.0 has them, in float64.

PyTorch is not needed to run the tests, only to make this file again: `python make_batch_norm_data.py`, with torch
installed. Its layers have no sample variance; there the definition is written out, and only the gradients are PyTorch's.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812  # its usual name

HERE = Path(__file__).parent
RNG = torch.Generator().manual_seed(12)

# shape of x, then what is not the default
CASES = [
    ((4, 3), {}),
    ((2, 5), {"eps": 0.5}),
    ((5, 2), {"eps": 0.01}),
    ((6, 1), {}),
    ((4, 3), {"variance": "sample", "eps": 0.1}),
    ((3, 4), {"axis": "features"}),
    ((2, 5), {"axis": "features", "eps": 0.5}),
    ((1, 6), {"axis": "features"}),
    ((3, 4), {"axis": "features", "variance": "sample", "eps": 0.2}),
    ((4, 3), {"mode": "infer", "eps": 0.25}),
    ((2, 5), {"mode": "infer"}),
]


def halves(shape: tuple[int, ...]) -> torch.Tensor:
    """Halves from -5 to 5."""
    return torch.randint(-10, 11, shape, generator=RNG).double() / 2


def output(x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, settings: dict, running: dict) -> torch.Tensor:
    """What PyTorch makes of one case."""
    eps = settings.get("eps", 1e-5)
    axis = 1 if settings.get("axis") == "features" else 0
    if settings.get("variance") == "sample":
        variance = x.var(axis, unbiased=True, keepdim=True)
        return gamma * (x - x.mean(axis, keepdim=True)) / torch.sqrt(variance + eps) + beta
    if axis == 1:
        return F.layer_norm(x, x.shape[1:], gamma, beta, eps)
    if running:
        return F.batch_norm(x, running["running_mean"], running["running_var"], gamma, beta, training=False, eps=eps)
    return F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)


def case(shape: tuple[int, int], settings: dict) -> dict:
    """One batch, there and back."""
    n = shape[1:]
    x, gamma, beta, upstream = halves(shape), halves(n), halves(n), halves(shape)
    running = {}
    if settings.get("mode") == "infer":
        running = {"running_mean": halves(n), "running_var": halves(n).abs() + 0.5}
    leaves = [tensor.requires_grad_() for tensor in (x, gamma, beta)]
    y = output(x, gamma, beta, settings, running)
    (y * upstream).sum().backward()
    given = {"x": x, "gamma": gamma, "beta": beta, "upstream": upstream, **running}
    found = {"output": y, **dict(zip(("grad_x", "grad_gamma", "grad_beta"), (t.grad for t in leaves), strict=True))}
    return {
        "given": {**{name: tensor.tolist() for name, tensor in given.items()}, **settings},
        **{name: tensor.tolist() for name, tensor in found.items()},
    }


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(case(*one), separators=(",", ":")) for one in CASES)
    made_by = json.dumps(f"PyTorch {torch.__version__.split('+')[0]}, float64")
    (HERE / "batch_norm.json").write_text(f'{{"made_by": {made_by}, "cases": [\n{lines}\n]}}\n', encoding="utf-8")
