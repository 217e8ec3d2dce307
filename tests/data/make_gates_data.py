"""Write `lstm.json` and `gru.json`: every gate, state and gradient as PyTorch 2.13.0 computes them, in float64.

PyTorch is not needed to run the tests, only to make these files again: `python make_gates_data.py`, with torch installed.
The cells are written out here, so that their gates and the slopes in them can be kept; what comes out is held against
`torch.nn.LSTM` and `torch.nn.GRU` (which knows only `update: keep` with `reset: after`), and against the same cells in NumPy.
PyTorch stacks its matrices in the order i, f, g, o and r, z, n.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
RNG = np.random.default_rng(20)

# units, inputs, steps, outputs, whether every step has one, loss
SEQUENCES = [
    (2, 3, 1, 2, "last", "half_mse"),
    (3, 2, 3, 2, "last", "mse"),
    (2, 4, 4, 3, "every", "sum_squares"),
    (4, 1, 2, 2, "every", "mse"),
    (1, 2, 3, 3, "last", "half_sum_squares"),
    (3, 2, 2, 3, "last", "cross_entropy"),
]
# inputs, units, layers, both ways, bias vectors
SIZES = [
    (3, 8, 1, False, 2),
    (3, 8, 1, False, 0),
    (13, 20, 1, False, 2),
    (5, 4, 3, False, 2),
    (5, 4, 1, True, 2),
    (6, 3, 2, True, 2),
    (7, 5, 4, True, 0),
]


def numbers(*shape: int) -> torch.Tensor:
    """Numbers with two decimals, so that the files stay short."""
    return torch.tensor(np.round(RNG.uniform(-1.2, 1.2, size=shape), 2), dtype=torch.float64)


def givens(letters: str, m: int, n: int, steps: int, outputs: int, every: str, loss: str) -> dict[str, torch.Tensor]:
    """Weights, inputs and targets, by the names of the kinds."""
    given = {"x": numbers(steps, n), "h0": numbers(m), "W_y": numbers(outputs, m), "b_y": numbers(outputs)}
    for letter in letters:
        given |= {f"U_{letter}": numbers(m, m), f"W_{letter}": numbers(m, n), f"b_{letter}": numbers(m)}
    count = steps if every == "every" else 1
    target = numbers(count, outputs)
    given["target"] = torch.softmax(target, -1) if loss == "cross_entropy" else target
    return given


def lstm_step(p: dict, x, h, c, xp) -> dict:
    """One step, in PyTorch or in NumPy."""
    sigmoid = torch.sigmoid if xp is torch else (lambda z: 1 / (1 + np.exp(-z)))
    f = sigmoid(p["U_f"] @ h + p["W_f"] @ x + p["b_f"])
    i = sigmoid(p["U_i"] @ h + p["W_i"] @ x + p["b_i"])
    g = xp.tanh(p["U_c"] @ h + p["W_c"] @ x + p["b_c"])
    o = sigmoid(p["U_o"] @ h + p["W_o"] @ x + p["b_o"])
    new = f * c + i * g
    return {"f": f, "i": i, "g": g, "o": o, "c": new, "h": o * xp.tanh(new)}


def gru_step(p: dict, x, h, update: str, reset: str, xp) -> dict:
    """One step, in PyTorch or in NumPy."""
    sigmoid = torch.sigmoid if xp is torch else (lambda z: 1 / (1 + np.exp(-z)))
    r = sigmoid(p["U_r"] @ h + p["W_r"] @ x + p["b_r"])
    z = sigmoid(p["U_z"] @ h + p["W_z"] @ x + p["b_z"])
    if reset == "after":
        cand = xp.tanh(r * (p["U_h"] @ h + p["c_h"]) + p["W_h"] @ x + p["b_h"])
    else:
        cand = xp.tanh(p["U_h"] @ (r * h) + p["W_h"] @ x + p["b_h"])
    new = z * h + (1 - z) * cand if update == "keep" else (1 - z) * h + z * cand
    return {"r": r, "z": z, "cand": cand, "h": new}


def loss_of(name: str, outputs: list[torch.Tensor], targets: torch.Tensor) -> torch.Tensor:
    """The sum of the steps' losses."""
    total = torch.zeros((), dtype=torch.float64)
    for y, t in zip(outputs, targets, strict=True):
        if name == "cross_entropy":
            total = total - (t * torch.log(y)).sum()
        else:
            squares = ((y - t) ** 2).mean() if name.endswith("mse") else ((y - t) ** 2).sum()
            total = total + (0.5 if name.startswith("half") else 1.0) * squares
    return total


def solved(given: dict[str, torch.Tensor], advance, every: str, loss: str) -> dict:
    """All quantities, and the slopes of the loss in them and in the parameters."""
    for tensor in given.values():
        tensor.requires_grad_()
    state = {name: given[f"{name}0"] for name in ("h", "c") if f"{name}0" in given}
    steps, outputs = [], []
    for x in given["x"]:
        state = advance(given, x, state)
        for value in state.values():
            value.retain_grad()
        steps.append(state)
    for state in steps if every == "every" else steps[-1:]:
        y = given["W_y"] @ state["h"] + given["b_y"]
        y = torch.softmax(y, -1) if loss == "cross_entropy" else y
        y.retain_grad()
        outputs.append(y)
    total = loss_of(loss, outputs, given["target"].detach())
    total.backward()
    answers = {f"{name}.{t}": value for t, state in enumerate(steps, 1) for name, value in state.items()}
    answers |= {f"y.{t}": y for t, y in enumerate(outputs, 1)} if every == "every" else {"y": outputs[0]}
    slopes = {f"grad_{name}": value.grad for name, value in answers.items()}
    slopes |= {f"grad_{name}": value.grad for name, value in given.items() if name not in ("h0", "c0", "target")}
    return {name: value.tolist() for name, value in {**answers, "loss": total, **slopes}.items() if value is not None}


def checked(answers: dict, states: list[torch.Tensor], plain: list[dict]) -> None:
    """What came out is what PyTorch's own network says, and NumPy."""
    for t, state in enumerate(states, 1):
        np.testing.assert_allclose(answers[f"h.{t}"], state.tolist(), rtol=1e-12)
    for t, step in enumerate(plain, 1):
        for name, value in step.items():
            np.testing.assert_allclose(answers[f"{name}.{t}"], value, rtol=1e-12)


def in_numpy(given: dict[str, torch.Tensor], advance) -> list[dict]:
    """The steps again, without PyTorch."""
    plain = {name: tensor.detach().numpy() for name, tensor in given.items()}
    state = {name: plain[f"{name}0"] for name in ("h", "c") if f"{name}0" in plain}
    steps = []
    for x in plain["x"]:
        state = advance(plain, x, state)
        steps.append(state)
    return steps


def lstm(*sequence) -> dict:
    """One case."""
    given = givens("fico", *sequence)
    m, n = sequence[:2]
    given["c0"] = numbers(m)
    answers = solved(given, lambda p, x, s: lstm_step(p, x, s["h"], s["c"], torch), *sequence[4:])
    network = torch.nn.LSTM(n, m, dtype=torch.float64)
    load(network, given, "ifco")
    with torch.no_grad():
        states, _ = network(given["x"], (given["h0"][None], given["c0"][None]))
    checked(answers, list(states), in_numpy(given, lambda p, x, s: lstm_step(p, x, s["h"], s["c"], np)))
    return written(given, {"outputs": sequence[4], "loss": sequence[5]}, answers)


def gru(update: str, reset: str, *sequence) -> dict:
    """One case."""
    given = givens("rzh", *sequence)
    m, n = sequence[:2]
    if reset == "after":
        given["c_h"] = numbers(m)
    answers = solved(given, lambda p, x, s: gru_step(p, x, s["h"], update, reset, torch), *sequence[4:])
    states = []
    if (update, reset) == ("keep", "after"):
        network = torch.nn.GRU(n, m, dtype=torch.float64)
        load(network, given, "rzh")
        with torch.no_grad():
            network.bias_hh_l0[2 * m :] = given["c_h"]
            states = list(network(given["x"], given["h0"][None])[0])
    checked(answers, states, in_numpy(given, lambda p, x, s: gru_step(p, x, s["h"], update, reset, np)))
    return written(given, {"update": update, "reset": reset, "outputs": sequence[4], "loss": sequence[5]}, answers)


def load(network: torch.nn.Module, given: dict[str, torch.Tensor], letters: str) -> None:
    """Our weights in PyTorch's order; its second bias vector stays zero."""
    with torch.no_grad():
        network.weight_ih_l0[:] = torch.cat([given[f"W_{letter}"] for letter in letters])
        network.weight_hh_l0[:] = torch.cat([given[f"U_{letter}"] for letter in letters])
        network.bias_ih_l0[:] = torch.cat([given[f"b_{letter}"] for letter in letters])
        network.bias_hh_l0[:] = 0


def written(given: dict[str, torch.Tensor], options: dict, answers: dict) -> dict:
    """A case as it is stored."""
    plain = {name: tensor.detach().tolist() for name, tensor in given.items()}
    if options["outputs"] == "last":
        plain["target"] = plain["target"][0]
    if options["loss"] == "cross_entropy":
        options = {**options, "output_activation": "softmax"}
    return {"given": {**options, **plain}, "answers": answers}


def sizes(network: type[torch.nn.Module], n: int, m: int, layers: int, both: bool, biases: int) -> dict:
    """How many parameters PyTorch's own network has."""
    made = network(n, m, num_layers=layers, bias=biases > 0, bidirectional=both)
    given = {"inputs": n, "hidden": m, "layers": layers, "bidirectional": both, "bias_vectors": biases}
    weights = sum(p.numel() for name, p in made.named_parameters() if name.startswith("weight"))
    return {"given": given, "weights": weights, "params": sum(p.numel() for p in made.parameters())}


def write(name: str, cases: list[dict], counts: list[dict]) -> None:
    """One case a line."""
    lines, small = (",\n".join(json.dumps(one, separators=(",", ":")) for one in some) for some in (cases, counts))
    made_by = json.dumps(f"PyTorch {torch.__version__.split('+')[0]}, float64")
    text = f'{{"made_by": {made_by}, "cases": [\n{lines}\n], "sizes": [\n{small}\n]}}\n'
    (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    ways = [("new", "before"), ("keep", "after"), ("new", "after"), ("keep", "before")]
    write("lstm.json", [lstm(*one) for one in SEQUENCES], [sizes(torch.nn.LSTM, *one) for one in SIZES])
    write(
        "gru.json",
        [gru(*way, *one) for way in ways for one in SEQUENCES[:: 1 if way == ("keep", "after") else 2]],
        [sizes(torch.nn.GRU, *one) for one in SIZES],
    )
