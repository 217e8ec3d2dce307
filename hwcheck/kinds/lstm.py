"""Long short-term memory: its gates step by step, back through time, or its parameters from sizes alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hwcheck.given import array
from hwcheck.kernels.activations import sigmoid, tanh
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.recurrent.cells import (
    Cell,
    Gate,
    by_step,
    inside_sigmoid,
    inside_tanh,
    through_sigmoid,
    through_tanh,
)
from hwcheck.recurrent.givens import Gated, bias, quantities, recurrent_weight, weight
from hwcheck.recurrent.outputs import Outputs, moved
from hwcheck.recurrent.sizes import count
from hwcheck.working import Working

FORGET, INPUT, CANDIDATE, OUTPUT = "the forget gate", "the input gate", "the candidate g", "the output gate"


class LSTM(Gated):
    """What is given: inputs and weights for a working by hand, or sizes only for counting parameters."""

    c0: float | Array = array(
        "m", "", "N m", default=0.0, sign="c_0", doc="the cell before the first step", misread={"took c_0 as 0": 0.0}
    )
    W_f: float | Array = weight(FORGET)
    W_i: float | Array = weight(INPUT)
    W_c: float | Array = weight(CANDIDATE)
    W_o: float | Array = weight(OUTPUT)
    U_f: float | Array = recurrent_weight(FORGET)
    U_i: float | Array = recurrent_weight(INPUT)
    U_c: float | Array = recurrent_weight(CANDIDATE)
    U_o: float | Array = recurrent_weight(OUTPUT)
    b_f: float | Array = bias(FORGET)
    b_i: float | Array = bias(INPUT)
    b_c: float | Array = bias(CANDIDATE)
    b_o: float | Array = bias(OUTPUT)


@kind(
    source="Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000); Goodfellow et al. (2016), "
    "section 10.10.1",
    quantities={
        "f.t": "the forget gate of step t",
        "i.t": "the input gate of step t",
        "g.t": "the candidate of step t: what the input gate may let in",
        "o.t": "the output gate of step t",
        "c.t": "the cell after step t",
        "h.t": "the state after step t",
        "grad_c.t": "slope of the loss in the cell after step t, through all later steps",
        "grad_f.t": "slope of the loss in the forget gate of step t",
        "grad_i.t": "slope of the loss in the input gate of step t",
        "grad_g.t": "slope of the loss in the candidate of step t",
        "grad_o.t": "slope of the loss in the output gate of step t",
        **quantities({"f": FORGET, "i": INPUT, "c": CANDIDATE, "o": OUTPUT}),
    },
    examples=(
        """
        title: Two units, two inputs, two steps
        given:
          x: [[0.5, -1.2], [0.8, 0.3]]
          h0: [0.2, -0.4]
          c0: [0.5, 0.9]
          W_f: [[0.3, -0.5, 0.7, 0.2], [-0.6, 0.4, 0.1, -0.8]]
          W_i: [[-0.2, 0.6, 0.5, -0.3], [0.9, -0.1, -0.4, 0.7]]
          W_c: [[0.8, 0.3, -0.6, 0.4], [0.2, -0.7, 0.5, 0.9]]
          W_o: [[0.1, -0.4, 0.6, 0.3], [-0.5, 0.8, 0.2, -0.9]]
          b_f: [1, 0.9]
          b_i: [-0.2, 0.1]
          b_c: [0.3, -0.1]
          b_o: [0.4, 0.2]
        parts: {a: {ask: f.1}, b: {ask: i.1}, c: {ask: g.1}, d: {ask: o.1}, e: {ask: c.1}, f: {ask: h.1}, g: {ask: h.2}}
        """,
        """
        title: One unit, back through time
        given: {x: [0.5, -0.8, 1.1], h0: 0.3, c0: -1.6, U_f: 0.7, W_f: 0.4, b_f: 0.9, U_i: -0.5, W_i: 0.8, b_i: 0.1,
                U_c: 0.6, W_c: -0.9, b_c: 0.2, U_o: 0.3, W_o: 0.5, b_o: -0.3, W_y: 1.4, b_y: 0.25, target: 0.5, lr: 0.1}
        parts:
          a: {ask: c}
          b: {ask: y}
          c: {ask: grad_c.1}
          d: {ask: grad_U_f}
          e: {ask: new_U_f}
        """,
        """
        title: Three inputs, two units, two outputs at every step
        given:
          x: [[0.5, -1.2, 0.7], [0.8, 0.3, -0.6]]
          h0: [0.25, -0.15]
          c0: [0.2, 0.6]
          order: xh
          W_f: [[0.3, -0.5, 0.7, 0.2, 0.6], [-0.6, 0.4, 0.1, -0.8, 0.5]]
          W_i: [[-0.2, 0.6, 0.5, -0.3, 0.4], [0.9, -0.1, -0.4, 0.7, 0.3]]
          W_c: [[0.8, 0.3, -0.6, 0.4, -0.7], [0.2, -0.7, 0.5, 0.9, 0.1]]
          W_o: [[0.1, -0.4, 0.6, 0.3, 0.2], [-0.5, 0.8, 0.2, -0.9, 0.7]]
          b_f: [1, 0.9]
          b_i: [-0.2, 0.1]
          b_c: [0.3, -0.1]
          b_o: [0.4, 0.2]
          W_y: [[0.7, -1.1], [0.4, 0.6]]
          b_y: [0.1, -0.2]
          outputs: every
          target: [[0.5, 0.2], [-0.3, 0.8]]
          loss: mse
          over_time: mean
        parts: {a: {ask: loss}, b: {ask: grad_h.1}, c: {ask: grad_W_i}, d: {ask: grad_b_y}, e: {ask: "grad_W_c[0, 4]"}}
        """,
        """
        title: Two units and a class
        given: {x: [0.4, -0.7], h0: [0.3, -0.2], c0: [0.1, 0.5],
                U_f: [[0.3, -0.5], [0.2, 0.7]], W_f: [[0.7], [0.4]], b_f: [0.5, 0.6],
                U_i: [[0.1, 0.6], [-0.4, 0.3]], W_i: [[-0.5], [0.9]], b_i: [0.2, -0.3],
                U_c: [[-0.8, 0.2], [0.5, 0.4]], W_c: [[1.1], [-0.6]], b_c: [0.1, 0.4],
                U_o: [[0.9, -0.1], [0.3, 0.6]], W_o: [[0.2], [0.8]], b_o: [-0.2, 0.3],
                W_y: [[0.5, -0.9], [1.2, 0.3], [-0.4, 0.8]], b_y: [0.1, -0.2, 0.3], output_activation: softmax,
                loss: cross_entropy, outputs: every, target: [2, 0], lr: 0.2}
        parts: {a: {ask: y.2}, b: {ask: loss}, c: {ask: grad_U_o}, d: {ask: new_W_y}}
        """,
        """
        title: One unit and a batch of three sequences
        given: {x: [[[0.4, 1.1], [-0.7, 0.2]], [[1.2, -0.3], [0.5, 0.9]], [[-0.6, 0.8], [0.1, -1.4]]],
                h0: [[0.2], [0.5], [-0.4]], c0: [0.6],
                U_f: [[0.3]], W_f: [[0.7, -0.2]], U_i: [[-0.4]], W_i: [[0.5, 0.6]], U_c: [[0.9]], W_c: [[-0.8, 0.3]],
                U_o: [[0.1]], W_o: [[0.4, -0.5]], b_f: [1], b_i: [0.2], b_c: [-0.1], b_o: [0.3], W_y: [[1.5], [-0.7]],
                b_y: [0.2, 0.4], target: [[1, 0], [0.5, -1], [0, 0.3]], reduction: sum, loss: mse}
        parts: {a: {ask: h.2}, b: {ask: y}, c: {ask: loss}, d: {ask: grad_W_i}}
        """,
        """
        title: Parameters
        given: {inputs: 3, hidden: 8}
        parts: {a: {ask: gate.params}, b: {ask: params}}
        """,
        """
        title: Parameters of two layers that read both ways, with an output
        given: {inputs: 5, hidden: 4, layers: 2, bidirectional: true, bias_vectors: 2, outputs_size: 3, steps: 6}
        parts: {a: {ask: weights}, b: {ask: biases}, c: {ask: params}}
        """,
    ),
)
def lstm(given: LSTM, work: Working) -> None:
    """Long short-term memory: forward, loss, back-propagation through time, one gradient step.

    f = σ(W_f [h, x] + b_f), i and o alike, g = tanh(W_c [h, x] + b_c), all from the state h before the step and its
    input x; then c_t = f * c_{t-1} + i * g and h_t = o * tanh(c_t), entry by entry. Weights stand over [h, x]
    (`order`), or are split into `U_f` for h and `W_f` for x. A cell of one unit may be given in numbers. y = ψ(W_y h_T + b_y);
    `grad_X` is the slope of the loss in X.
    """
    if "hidden" in given:
        count(given, work, 4, "four")
        return
    cell = Cell(given, "f")
    h, c = {0: cell.state("h0")}, {0: cell.state("c0")}
    f, i, g, o = by_step(), by_step(), by_step(), by_step()
    for t, x_t in enumerate(cell.x, start=1):
        f[t] = _gate(cell, work, t, "f", h[t - 1], x_t)
        i[t] = _gate(cell, work, t, "i", h[t - 1], x_t)
        g[t] = _gate(cell, work, t, "c", h[t - 1], x_t)
        o[t] = _gate(cell, work, t, "o", h[t - 1], x_t)
        before = {**cell.before(h[t - 1], x_t), "c_{t-1}": cell.shown(c[t - 1])}
        c[t] = _cell(cell, work, t, f[t], c[t - 1], i[t], g[t], before)
        h[t] = _state(cell, work, t, o[t], c[t], c[t - 1], before)

    out = Outputs(cell, work, h)

    last, nothing = len(cell.x), np.zeros_like(h[0])
    F, I, G, O = (cell.gate(letter) for letter in "fico")  # noqa: E741  the input and output gates
    grad_f, grad_i, grad_g, grad_o = by_step(), by_step(), by_step(), by_step()
    inside: dict[str, dict[int, Array]] = {letter: {} for letter in "fico"}
    """slope inside the activation of each gate, by step"""
    grad_c = {last + 1: nothing}
    f[last + 1] = nothing  # after the last step nothing comes back
    for t in range(last, 0, -1):
        later = [(gate, inside[gate.letter][t + 1]) for gate in (F, I, G, O)] if t < last else []
        grad_h = _grad_h(cell, work, t, out, later)
        grad_o[t] = cell.step(
            work, f"grad_o.{t}", grad_h * np.tanh(c[t]), formula=f"grad_h_{t} * tanh(c_{t})",
            slips={"left out the tanh on the cell": lambda t=t, slope=grad_h: slope * c[t]},
        )  # fmt: skip
        grad_c[t] = _grad_c(cell, work, t, grad_h * o[t], 1 - np.tanh(c[t]) ** 2, grad_c[t + 1], f[t + 1], t < last)
        grad_f[t] = cell.step(
            work, f"grad_f.{t}", grad_c[t] * c[t - 1],
            formula=f"grad_c_{t} * c_{t - 1}", names={"c_0": cell.shown(c[0])},
            slips={"took the cell of the step itself for the one before": lambda t=t: grad_c[t] * c[t]},
        )  # fmt: skip
        grad_i[t] = cell.step(
            work, f"grad_i.{t}", grad_c[t] * g[t], formula=f"grad_c_{t} * g_{t}",
            slips={"exchanged the input gate and the candidate": lambda t=t: grad_c[t] * i[t]},
        )  # fmt: skip
        grad_g[t] = cell.step(
            work, f"grad_g.{t}", grad_c[t] * i[t], formula=f"grad_c_{t} * i_{t}",
            slips={"exchanged the input gate and the candidate": lambda t=t: grad_c[t] * g[t]},
        )  # fmt: skip
        inside["f"][t] = through_sigmoid(grad_f[t], f[t])
        inside["i"][t] = through_sigmoid(grad_i[t], i[t])
        inside["c"][t] = through_tanh(grad_g[t], g[t])
        inside["o"][t] = through_sigmoid(grad_o[t], o[t])

    steps = range(1, last + 1)
    delta = {letter: [slopes[t] for t in steps] for letter, slopes in inside.items()}
    gradients: dict[str, Any] = {}
    for gate, slopes, name in ((F, grad_f, "f"), (I, grad_i, "i"), (G, grad_g, "g"), (O, grad_o, "o")):
        another = "i" if gate.letter == "f" else "f"
        gradients |= cell.gradients(
            work, gate, delta[gate.letter], [h[t - 1] for t in steps],
            inside_tanh(name) if name == "g" else inside_sigmoid(name),
            slips={
                f"took the error of {INPUT if another == 'i' else FORGET}": delta[another],
                "left out the derivative of the activation": [slopes[t] for t in steps],
            },
            other={"took the state of the step itself for the one before": [h[t] for t in steps]},
        )  # fmt: skip
    gradients |= out.gradients(work)
    cell.input_gradient(work, [(gate, delta[gate.letter]) for gate in (F, I, G, O)])
    moved(given, work, gradients)


def _gate(cell: Cell, work: Working, t: int, letter: str, h: Array, x: Array) -> Array:
    """One gate, or the candidate, of one step."""
    gate, phi, other = cell.gate(letter), tanh if letter == "c" else sigmoid, sigmoid if letter == "c" else tanh
    z = gate.of(h, x)

    def by(letter: str) -> Callable[[], Array]:
        return lambda: phi(cell.gate(letter).of(h, x))

    slips = cell.gate_slips(gate, phi, h, x)
    if letter == "c":
        slips["took the sigmoid for tanh"] = lambda: other(z)
    else:
        slips["took tanh for the sigmoid"] = lambda: other(z)
        slips["rounded the gate to 0 or 1"] = lambda: np.where(z > 0, 1.0, 0.0)
    if letter != "f":
        slips["took the forget gate's parameters for every gate"] = by("f")
    if letter in "fi" and cell.has("f", "i"):
        slips["exchanged the parameters of the forget and the input gate"] = by("i" if letter == "f" else "f")
    if letter in "io" and cell.has("i", "o"):
        slips["exchanged the parameters of the input and the output gate"] = by("o" if letter == "i" else "i")
    name = "g" if letter == "c" else letter
    function = "tanh" if letter == "c" else "sigmoid"
    return cell.step(
        work,
        f"{name}.{t}",
        phi(z),
        formula=f"{function}({cell.formula(letter)})",
        names=cell.names(gate, h, x),
        slips=slips,
    )


def _cell(
    cell: Cell, work: Working, t: int, f: Array, before: Array, i: Array, g: Array, names: dict[str, Any]
) -> Array:
    """The cell after one step."""
    shown = cell.shown
    return cell.step(
        work, f"c.{t}", f * before + i * g, formula="f_t * c_{t-1} + i_t * g_t",
        names={**names, "f_t": shown(f), "i_t": shown(i), "g_t": shown(g)},
        slips={
            "exchanged the forget and the input gate": lambda: i * before + f * g,
            "tied the input gate to the forget gate, i = 1 - f": lambda: f * before + (1 - f) * g,
            "tied the forget gate to the input gate, f = 1 - i": lambda: (1 - i) * before + i * g,
            "left out the forget gate": lambda: before + i * g,
            "left out the input gate": lambda: f * before + g,
            "left out the old cell": lambda: i * g,
            "put tanh around the cell": lambda: np.tanh(f * before + i * g),
        },
    )  # fmt: skip


def _state(cell: Cell, work: Working, t: int, o: Array, c: Array, before: Array, names: dict[str, Any]) -> Array:
    """The state after one step."""
    return cell.step(
        work, f"h.{t}", o * np.tanh(c), formula="o_t * tanh(c_t)",
        names={**names, "o_t": cell.shown(o), "c_t": cell.shown(c)},
        slips={
            "left out the tanh on the cell": lambda: o * c,
            "took tanh of the whole product": lambda: np.tanh(o * c),
            "left out the output gate": lambda: np.tanh(c),
            "took the cell of the step before": lambda: o * np.tanh(before),
        },
    )  # fmt: skip


def _grad_h(cell: Cell, work: Working, t: int, out: Outputs, later: list[tuple[Gate, Array]]) -> Array:
    """The slope in a state: by its own output, and by all four gates of the next step."""
    own = out.through.get(t, np.zeros_like(out.h[0]))
    gates = [delta @ gate.U for gate, delta in later]
    slopes = {"f": inside_sigmoid("f"), "i": inside_sigmoid("i"), "c": inside_tanh("g"), "o": inside_sigmoid("o")}
    terms = [f"U_{gate.letter}{cell.turned} ({slopes[gate.letter].format(t + 1)})" for gate, _ in later]
    return cell.step(
        work, f"grad_h.{t}", own + sum(gates), formula=" + ".join(filter(None, [out.formula_through(t), *terms])),
        names=cell.recurrent_names("fico"),
        slips={
            **({"took the weights for their transpose": lambda: own + sum(delta @ gate.U.T for gate, delta in later)}
               if later and cell.m > 1 else {}),
            **({"left out the later steps": lambda: own} if gates and t in out.through else {}),
            **({"went back through the forget gate only": lambda: own + gates[0],
                "left out the output gate": lambda: own + sum(gates[:3])} if gates else {}),
        },
    )  # fmt: skip


def _grad_c(
    cell: Cell, work: Working, t: int, at_tanh: Array, slope: Array, later: Array, forget: Array, follows: bool
) -> Array:
    """The slope in a cell: by its state, and by the next cell."""
    return cell.step(
        work, f"grad_c.{t}", at_tanh * slope + later * forget,
        formula=f"grad_h_{t} * o_{t} * (1 - tanh(c_{t})^2){f' + grad_c_{t + 1} * f_{t + 1}' if follows else ''}",
        slips={
            "left out the derivative of tanh": lambda: at_tanh + later * forget,
            **({"left out the path through the next cell": lambda: at_tanh * slope,
                "left out the path through the state": lambda: later * forget,
                "left out the forget gate": lambda: at_tanh * slope + later} if follows else {}),
        },
    )  # fmt: skip
