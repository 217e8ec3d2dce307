"""Write `networks.json`: fully connected and recurrent networks as PyTorch 2.13.0 computes them, in float64.

Values, losses, and gradients by autograd. PyTorch is not needed to run the tests, only to make the file again:
`python make_networks_data.py`, with torch installed. Numbers are rounded to two decimals, so that the file stays short.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812  # its usual name

HERE = Path(__file__).parent
RNG = torch.Generator().manual_seed(7)
PHI = {
    "identity": lambda z: z, "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid,
    "softmax": lambda z: torch.softmax(z, -1), "elu": F.elu, "softplus": F.softplus, "gelu": F.gelu, "swish": F.silu,
    "leaky_relu": lambda z: F.leaky_relu(z, 0.01), "square": lambda z: z * z,
}  # fmt: skip


def draw(*shape: int) -> torch.Tensor:
    return (torch.randn(*shape, generator=RNG, dtype=torch.float64) * 100).round() / 100


def loss_of(name: str, p: torch.Tensor, y: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    join = torch.mean if reduction == "mean" else torch.sum
    if name in ("mse", "half_mse"):
        return join((p - y) ** 2) * (0.5 if name == "half_mse" else 1)
    if name in ("sum_squares", "half_sum_squares"):
        return torch.sum((p - y) ** 2) * (0.5 if name == "half_sum_squares" else 1)
    if name == "mae":
        return join((p - y).abs())
    if name == "rmse":
        return torch.sqrt(torch.mean((p - y) ** 2))
    entries = -(y * torch.log(p)) if name == "cross_entropy" else -(y * torch.log(p) + (1 - y) * torch.log(1 - p))
    return join(entries.sum(-1))


# sizes, samples (0: one without an axis), activations, loss, reduction
NETWORKS = [
    ((3, 4, 2), 0, ["tanh", "identity"], "mse", "mean"),
    ((2, 3, 4), 3, ["sigmoid", "softmax"], "cross_entropy", "mean"),
    ((2, 3, 4), 3, ["gelu", "softmax"], "cross_entropy", "sum"),
    ((4, 2, 3, 1), 2, ["swish", "elu", "sigmoid"], "bce", "mean"),
    ((3, 5, 2), 4, ["softplus", "identity"], "half_mse", "sum"),
    ((3, 2), 2, ["leaky_relu"], "mae", "mean"),
    ((2, 4, 3), 3, ["square", "tanh"], "rmse", "mean"),
    ((2, 2, 3), 0, ["relu", "identity"], "half_sum_squares", "mean"),
]
# steps, inputs, states, outputs, activation, output activation, every, loss
RECURRENT = [
    (3, 2, 4, 3, "tanh", "softmax", False, "cross_entropy"),
    (2, 3, 2, 2, "sigmoid", "identity", True, "mse"),
    (4, 1, 3, 2, "relu", "sigmoid", True, "bce"),
    (3, 2, 3, 1, "identity", "identity", False, "half_mse"),
]


def network(sizes, samples, activations, loss, reduction):
    x = draw(*((samples, sizes[0]) if samples else (sizes[0],))).requires_grad_()
    W = [draw(n, m).requires_grad_() for n, m in pairwise(sizes)]
    b = [draw(m).requires_grad_() for m in sizes[1:]]
    a = x
    for weights, bias, name in zip(W, b, activations, strict=True):
        a = PHI[name](a @ weights + bias)
    if loss == "cross_entropy":
        labels = torch.randint(0, sizes[-1], (max(1, samples),), generator=RNG)
        y = F.one_hot(labels, sizes[-1]).double().reshape(a.shape)
    elif loss == "bce":
        y = torch.randint(0, 2, tuple(a.shape), generator=RNG).double()
    else:
        y = draw(*a.shape)
    value = loss_of(loss, a, y, reduction)
    value.backward()
    return {
        "given": {"x": x.tolist(), "W": [w.tolist() for w in W], "b": [v.tolist() for v in b], "y": y.tolist(),
                  "activation": activations, "loss": loss, "reduction": reduction},
        "p": a.tolist(), "loss": value.item(), "grad_x": x.grad.tolist(),
        **{f"grad_W.{i}": w.grad.tolist() for i, w in enumerate(W, 1)},
        **{f"grad_b.{i}": v.grad.tolist() for i, v in enumerate(b, 1)},
    }  # fmt: skip


def recurrent(T, n, m, o, activation, output, every, loss):
    given = {
        "x": draw(T, n),
        "h0": draw(m),
        "W_x": draw(m, n),
        "W_h": draw(m, m),
        "b": draw(m),
        "W_y": draw(o, m),
        "b_y": draw(o),
    }
    given = {name: value.requires_grad_() for name, value in given.items()}
    h, states = given["h0"], []
    for x_t in given["x"]:
        h = PHI[activation](given["W_x"] @ x_t + given["W_h"] @ h + given["b"])
        h.retain_grad()
        states.append(h)
    ys = [PHI[output](given["W_y"] @ h + given["b_y"]) for h in (states if every else states[-1:])]
    if loss == "cross_entropy":
        targets = [F.one_hot(torch.randint(0, o, (), generator=RNG), o).double() for _ in ys]
    elif loss == "bce":
        targets = [torch.randint(0, 2, (o,), generator=RNG).double() for _ in ys]
    else:
        targets = [draw(o) for _ in ys]
    value = sum(loss_of(loss, y, t) for y, t in zip(ys, targets, strict=True))
    value.backward()
    target = [t.tolist() for t in targets] if every else targets[0].tolist()
    return {
        "given": {**{name: v.tolist() for name, v in given.items()}, "target": target, "activation": activation,
                  "output_activation": output, "outputs": "every" if every else "last", "loss": loss},
        "loss": value.item(),
        **{f"h.{t}": s.tolist() for t, s in enumerate(states, 1)},
        **{f"grad_h.{t}": s.grad.tolist() for t, s in enumerate(states, 1)},
        **{(f"y.{t}" if every else "y"): y.tolist() for t, y in enumerate(ys, 1)},
        **{f"grad_{name}": given[name].grad.tolist() for name in ("W_x", "W_h", "b", "W_y", "b_y")},
    }  # fmt: skip


data = {"mlp": [network(*row) for row in NETWORKS], "rnn": [recurrent(*row) for row in RECURRENT]}
(HERE / "networks.json").write_text(json.dumps(data).replace('}, {"given"', '},\n{"given"') + "\n")
