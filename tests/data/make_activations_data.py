"""Write `activations.json`: activation functions and their derivatives as PyTorch 2.13.0 computes them, in float64.

PyTorch is not needed to run the tests, only to make this file again: `python make_activations_data.py`, with torch installed.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812  # its usual name

HERE = Path(__file__).parent
X = [-3.2, -1.1, -0.4, 0.3, 0.9, 2.7]

CASES = [
    ({"function": "relu"}, F.relu),
    ({"function": "leaky_relu"}, F.leaky_relu),
    ({"function": "leaky_relu", "slope": 0.1}, lambda x: F.leaky_relu(x, 0.1)),
    ({"function": "elu"}, F.elu),
    ({"function": "elu", "alpha": 1.7}, lambda x: F.elu(x, 1.7)),
    ({"function": "sigmoid"}, torch.sigmoid),
    ({"function": "sigmoid", "k": 3}, lambda x: torch.sigmoid(3 * x)),
    ({"function": "tanh"}, torch.tanh),
    ({"function": "tanh", "k": 0.5}, lambda x: torch.tanh(0.5 * x)),
    ({"function": "softplus"}, F.softplus),
    ({"function": "softplus", "k": 2.5}, lambda x: F.softplus(x, beta=2.5)),
    ({"function": "gelu"}, F.gelu),
    ({"function": "swish"}, F.silu),
    ({"function": "swish", "k": 1.3}, lambda x: x * torch.sigmoid(1.3 * x)),
    ({"function": "square"}, torch.square),
    ({"function": "heaviside"}, lambda x: torch.heaviside(x.detach(), torch.tensor(0.5, dtype=x.dtype)) + 0 * x),
]


def main() -> None:
    cases = []
    for given, function in CASES:
        x = torch.tensor(X, dtype=torch.float64, requires_grad=True)
        value = function(x)
        (derivative,) = torch.autograd.grad(value.sum(), x)
        cases.append({"given": {**given, "x": X}, "value": value.tolist(), "derivative": derivative.tolist()})
    data = {"made by": f"torch {torch.__version__}", "cases": cases}
    (HERE / "activations.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
