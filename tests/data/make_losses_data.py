"""Write `softmax.json` and `losses.json`: values and gradients as PyTorch 2.13.0 computes them, in float64.

PyTorch is not needed to run the tests, only to make these files again: `python make_losses_data.py`, with torch installed.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812  # its usual name

HERE = Path(__file__).parent
RNG = torch.Generator().manual_seed(20)

# x: its shape; the label: a class, classes, or "soft"
SOFTMAXES = [
    ((3,), 2, {}),
    ((2,), 0, {"temperature": 0.5}),
    ((4,), "soft", {"temperature": 3}),
    ((5,), "soft", {}),
    ((2, 3), [1, 0], {}),
    ((3, 2), [1, 0, 1], {"reduction": "sum"}),
    ((3, 4), "soft", {"temperature": 2}),
]

# prediction: its shape; y: "values", "bits", "shares" from 0 to 1, a class, classes, or "soft"
LOSSES = [
    ("mse", (), "values", {}),
    ("mse", (4,), "values", {}),
    ("mse", (2, 3), "values", {}),
    ("mse", (2, 3), "values", {"reduction": "sum"}),
    ("mae", (4,), "values", {}),
    ("mae", (3, 2), "values", {"reduction": "sum"}),
    ("rmse", (5,), "values", {}),
    ("rmse", (2, 3), "values", {}),
    ("bce", (), "bits", {}),
    ("bce", (4,), "bits", {}),
    ("bce", (4,), "shares", {"reduction": "sum"}),
    ("bce", (3, 2), "bits", {}),
    ("bce", (4,), "bits", {"from_logits": True}),
    ("bce", (2, 3), "shares", {"from_logits": True}),
    ("cross_entropy", (3,), 1, {}),
    ("cross_entropy", (4,), "soft", {}),
    ("cross_entropy", (2, 3), [2, 0], {}),
    ("cross_entropy", (3, 4), "soft", {"reduction": "sum"}),
    ("cross_entropy", (3,), 0, {"from_logits": True}),
    ("cross_entropy", (2, 4), [3, 1], {"from_logits": True}),
    ("cross_entropy", (3, 2), "soft", {"from_logits": True}),
]


def numbers(shape: tuple[int, ...]) -> torch.Tensor:
    """Numbers with two decimals, both signs."""
    return (torch.rand(shape, generator=RNG, dtype=torch.float64) * 400 - 200).round() / 100


def soft(shape: tuple[int, ...]) -> torch.Tensor:
    """Distributions with three decimals."""
    parts = (torch.softmax(numbers(shape), dim=-1) * 1000).round() / 1000
    parts[..., -1] = ((1 - parts[..., :-1].sum(dim=-1)) * 1000).round() / 1000
    return parts


def target(what: object, shape: tuple[int, ...]) -> torch.Tensor:
    if what == "values":
        return numbers(shape)
    if what == "bits":
        return torch.randint(2, shape, generator=RNG).to(torch.float64)
    if what == "shares":
        return (torch.rand(shape, generator=RNG, dtype=torch.float64) * 100).round() / 100
    return soft(shape) if what == "soft" else torch.tensor(what)


def softmax_case(shape: tuple[int, ...], label: object, settings: dict[str, object]) -> dict[str, object]:
    x, y = numbers(shape).requires_grad_(), target(label, shape)
    t, reduction = settings.get("temperature", 1), settings.get("reduction", "mean")

    def function(row: torch.Tensor) -> torch.Tensor:
        return torch.softmax(row / t, dim=-1)

    rows = x.detach().reshape(-1, shape[-1])
    jacobians = torch.stack([torch.autograd.functional.jacobian(function, row) for row in rows])
    loss = F.cross_entropy(x / t, y, reduction=reduction)
    (grad,) = torch.autograd.grad(loss, x)
    return {
        "given": {"x": x.tolist(), "label": y.tolist(), **settings},
        "p": function(x).tolist(),
        "jacobian": (jacobians if len(shape) > 1 else jacobians[0]).tolist(),
        "loss": loss.item(),
        "grad_x": grad.tolist(),
    }


def loss_case(name: str, shape: tuple[int, ...], what: object, settings: dict[str, object]) -> dict[str, object]:
    logits, y, reduction = bool(settings.get("from_logits")), target(what, shape), settings.get("reduction", "mean")
    if name == "bce":
        prediction = (
            numbers(shape)
            if logits
            else (torch.rand(shape, generator=RNG, dtype=torch.float64) * 80 + 10).round() / 100
        )
    elif name == "cross_entropy":
        prediction = numbers(shape) if logits else soft(shape)
    else:
        prediction = numbers(shape)
    prediction.requires_grad_()
    if name in ("mse", "mae"):
        value = (F.mse_loss if name == "mse" else F.l1_loss)(prediction, y, reduction=reduction)
    elif name == "rmse":
        value = F.mse_loss(prediction, y).sqrt()
    elif name == "bce":
        # summed over the outputs of a sample, then joined over samples; a plain list has one output a sample
        each = (F.binary_cross_entropy_with_logits if logits else F.binary_cross_entropy)(
            prediction, y, reduction="none"
        )
        each = each.sum(dim=-1) if len(shape) > 1 else each
        value = each.mean() if reduction == "mean" else each.sum()
    elif logits:
        value = F.cross_entropy(prediction, y, reduction=reduction)
    elif y.is_floating_point():
        each = -(y * prediction.log()).sum(dim=-1)
        value = each.mean() if reduction == "mean" else each.sum()
    else:
        value = F.nll_loss(prediction.log(), y, reduction=reduction)
    (grad,) = torch.autograd.grad(value, prediction)
    return {
        "given": {"loss": name, "y": y.tolist(), "prediction": prediction.tolist(), **settings},
        "value": value.item(),
        "grad_prediction": grad.tolist(),
    }


def write(name: str, cases: list[dict[str, object]]) -> None:
    data = {"made by": f"torch {torch.__version__}", "cases": cases}
    (HERE / name).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    write("softmax.json", [softmax_case(*case) for case in SOFTMAXES])
    write("losses.json", [loss_case(*case) for case in LOSSES])


if __name__ == "__main__":
    main()
