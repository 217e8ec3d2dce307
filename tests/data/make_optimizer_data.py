"""Write `optimizer.json`: steps of the optimisers of PyTorch 2.13.0, in float64.

PyTorch is not needed to run the tests, only to make this file again: `python make_optimizer_data.py`, with torch
installed. The gradients are given, and not those of a function, so that a step does not depend on the weights.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch

HERE = Path(__file__).parent
RNG = torch.Generator().manual_seed(11)
STEPS = 4

# method, shape of w, givens of the kind, optimiser of PyTorch with its own settings
CASES = [
    ("sgd", (), {"lr": 0.3}, "SGD", {}),
    ("sgd", (3,), {"lr": 0.1, "weight_decay": 0.2}, "SGD", {"weight_decay": 0.2}),
    ("momentum", (), {"lr": 0.1}, "SGD", {"momentum": 0.9}),
    ("momentum", (2, 3), {"lr": 0.05, "momentum": 0.7, "weight_decay": 0.3}, "SGD",
     {"momentum": 0.7, "weight_decay": 0.3}),
    ("momentum", (3,), {"lr": 0.2, "momentum": 0.8, "momentum_form": "averaged"}, "SGD",
     {"momentum": 0.8, "dampening": 0.8}),
    ("momentum", (3,), {"lr": 0.2, "momentum": 0.8, "v0": [0.5, -1, 2]}, "SGD", {"momentum": 0.8}),
    ("nesterov", (), {"lr": 0.1, "momentum": 0.6}, "SGD", {"momentum": 0.6, "nesterov": True}),
    ("nesterov", (3, 2), {"lr": 0.2, "weight_decay": 0.1}, "SGD",
     {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("adam", (), {"lr": 0.1}, "Adam", {}),
    ("adam", (3,), {"lr": 0.02, "beta1": 0.8, "beta2": 0.95, "eps": 0.1}, "Adam", {"betas": (0.8, 0.95), "eps": 0.1}),
    ("adam", (2, 3), {"lr": 0.1, "weight_decay": 0.4, "eps": 0.01}, "Adam", {"weight_decay": 0.4, "eps": 0.01}),
    ("adam", (3,), {"lr": 0.1, "m0": [0.3, -1, 0.5], "v0": [1, 2, 0.5]}, "Adam", {}),
    ("adamw", (), {"lr": 0.1, "weight_decay": 0.01}, "AdamW", {"weight_decay": 0.01}),
    ("adamw", (2, 3), {"lr": 0.05, "weight_decay": 0.5, "eps": 0.2}, "AdamW", {"weight_decay": 0.5, "eps": 0.2}),
    ("rmsprop", (), {"lr": 0.1}, "RMSprop", {}),
    ("rmsprop", (3,), {"lr": 0.05, "rho": 0.8, "eps": 0.3, "weight_decay": 0.2}, "RMSprop",
     {"alpha": 0.8, "eps": 0.3, "weight_decay": 0.2}),
    ("rmsprop", (3,), {"lr": 0.05, "v0": [1, 2, 0.5]}, "RMSprop", {}),
    ("adagrad", (), {"lr": 0.4}, "Adagrad", {"eps": 1e-8}),
    ("adagrad", (3, 2), {"lr": 0.3, "eps": 0.2, "weight_decay": 0.1}, "Adagrad", {"eps": 0.2, "weight_decay": 0.1}),
    ("adagrad", (3,), {"lr": 0.3, "v0": 0.25}, "Adagrad", {"eps": 1e-8, "initial_accumulator_value": 0.25}),
]  # fmt: skip
STATES = {"momentum_buffer": "v", "exp_avg": "m", "exp_avg_sq": "v", "square_avg": "v", "sum": "v"}
"""What PyTorch calls m and v."""


def tenths(shape: tuple[int, ...]) -> torch.Tensor:
    """Numbers from -3 to 3 with one decimal, none of them zero."""
    numbers = torch.randint(1, 31, shape, generator=RNG).double() / 10
    return numbers * (2 * torch.randint(0, 2, shape, generator=RNG) - 1)


def start(optimiser: torch.optim.Optimizer, w: torch.Tensor, given: dict) -> None:
    """Set what is remembered before the first step: m0 and v0, and a velocity of 0, which is PyTorch's only without dampening."""
    m0, v0 = (torch.tensor(given.get(name, 0.0), dtype=torch.float64).expand(w.shape).clone() for name in ("m0", "v0"))
    group = optimiser.param_groups[0]
    if isinstance(optimiser, torch.optim.SGD) and group["momentum"]:
        optimiser.state[w] = {"momentum_buffer": v0}
    elif "m0" in given:
        optimiser.state[w] = {"step": torch.tensor(0.0), "exp_avg": m0, "exp_avg_sq": v0}
    elif isinstance(optimiser, torch.optim.RMSprop) and "v0" in given:
        optimiser.state[w] = {"step": torch.tensor(0.0), "square_avg": v0}


def case(method: str, shape: tuple[int, ...], given: dict, name: str, settings: dict) -> dict:
    """All steps of one optimiser."""
    w = tenths(shape).requires_grad_()
    first = w.tolist()
    optimiser = getattr(torch.optim, name)([w], lr=given["lr"], **settings)
    start(optimiser, w, given)
    grads, steps = [], []
    for _ in range(STEPS):
        w.grad = tenths(shape)
        grads.append(w.grad.tolist())
        optimiser.step()
        state = {
            STATES[key]: value.tolist()
            for key, value in optimiser.state[w].items()
            if key in STATES and value is not None
        }
        steps.append({"w": w.tolist(), **state})
    return {"given": {"method": method, "w": first, "grads": grads, **given}, "steps": steps}


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(case(*one), separators=(",", ":")) for one in CASES)
    made_by = json.dumps(f"PyTorch {torch.__version__.split('+')[0]}, float64")
    (HERE / "optimizer.json").write_text(f'{{"made_by": {made_by}, "cases": [\n{lines}\n]}}\n', encoding="utf-8")
