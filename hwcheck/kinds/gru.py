"""Gated recurrent unit: its gates step by step, back through time, or its parameters from sizes alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hwcheck.given import array, option
from hwcheck.kernels.activations import sigmoid
from hwcheck.kernels.types import Array
from hwcheck.kinds import kind
from hwcheck.recurrent.cells import (
    Cell,
    Gate,
    by_step,
    inside_sigmoid,
    inside_tanh,
    over_batch,
    summed_up,
    through_sigmoid,
    through_tanh,
)
from hwcheck.recurrent.givens import Gated, bias, quantities, recurrent_weight, weight
from hwcheck.recurrent.outputs import Outputs, moved
from hwcheck.recurrent.sizes import count
from hwcheck.working import Working

RESET, UPDATE, CANDIDATE = "the reset gate", "the update gate", "the candidate"


class GRU(Gated):
    """What is given: inputs and weights for a working by hand, or sizes only for counting parameters."""

    update: str = option(
        "new", "keep", doc="what z weighs: new is h = (1 - z) h_before + z cand, keep is h = z h_before + (1 - z) cand",
        others={"new": "let z weigh the candidate", "keep": "let z weigh the old state"},
    )  # fmt: skip
    reset: str = option(
        "before", "after", doc="whether r weighs the old state before the product with its weights, or that product",
        others={"before": "applied the reset gate before the product with the weights",
                "after": "applied the reset gate after the product with the weights"},
    )  # fmt: skip
    W_r: float | Array = weight(RESET)
    W_z: float | Array = weight(UPDATE)
    W_h: float | Array = weight(CANDIDATE)
    U_r: float | Array = recurrent_weight(RESET)
    U_z: float | Array = recurrent_weight(UPDATE)
    U_h: float | Array = recurrent_weight(CANDIDATE)
    b_r: float | Array = bias(RESET)
    b_z: float | Array = bias(UPDATE)
    b_h: float | Array = bias(CANDIDATE)
    c_h: float | Array = array(
        "m", "", default=0.0, doc="a second bias of the candidate, beside the weights of the state"
    )


@kind(
    source="Cho et al. (2014); Chung et al. (2014), whose update is the default here; PyTorch's torch.nn.GRU is "
    "`update: keep` with `reset: after`",
    quantities={
        "r.t": "the reset gate of step t",
        "z.t": "the update gate of step t",
        "cand.t": "the candidate of step t",
        "h.t": "the state after step t",
        "grad_cand.t": "slope of the loss in the candidate of step t",
        "grad_z.t": "slope of the loss in the update gate of step t",
        "grad_r.t": "slope of the loss in the reset gate of step t",
        "grad_c_h": "slope of the loss, summed over the steps: second bias, the candidate",
        "new_c_h": "after one gradient step: second bias, the candidate",
        **quantities({"r": RESET, "z": UPDATE, "h": CANDIDATE}),
    },
    examples=(
        """
        title: Two units, two inputs, two steps
        given:
          x: [[0.5, -1.2], [0.8, 0.3]]
          h0: [0.2, -0.4]
          W_r: [[0.3, -0.5, 0.7, 0.2], [-0.6, 0.4, 0.1, -0.8]]
          W_z: [[-0.2, 0.6, 0.5, -0.3], [0.9, -0.1, -0.4, 0.7]]
          W_h: [[0.8, 0.3, -0.6, 0.4], [0.2, -0.7, 0.5, 0.9]]
          b_r: [0.6, 0.9]
          b_z: [-0.2, 0.1]
          b_h: [0.3, -0.1]
        parts: {a: {ask: r.1}, b: {ask: z.1}, c: {ask: cand.1}, d: {ask: h.1}, e: {ask: h.2}}
        """,
        """
        title: One unit, back through time
        given: {x: [0.5, -0.8, 1.1], h0: 0.3, U_r: 0.7, W_r: 0.4, b_r: 0.9, U_z: -0.5, W_z: 0.8, b_z: 0.1,
                U_h: 0.6, W_h: -0.9, b_h: 0.2, W_y: 1.4, b_y: 0.25, target: 0.5, lr: 0.1}
        parts:
          a: {ask: h}
          b: {ask: y}
          c: {ask: grad_z.1}
          d: {ask: grad_U_h}
          e: {ask: new_U_h}
        """,
        """
        title: Three inputs, two units, two outputs at every step, in PyTorch's way
        given:
          x: [[0.5, -1.2, 0.7], [0.8, 0.3, -0.6]]
          h0: [0.25, -0.15]
          order: xh
          update: keep
          reset: after
          W_r: [[0.3, -0.5, 0.7, 0.2, 0.6], [-0.6, 0.4, 0.1, -0.8, 0.5]]
          W_z: [[-0.2, 0.6, 0.5, -0.3, 0.4], [0.9, -0.1, -0.4, 0.7, 0.3]]
          W_h: [[0.8, 0.3, -0.6, 0.4, -0.7], [0.2, -0.7, 0.5, 0.9, 0.1]]
          b_r: [0.6, 0.9]
          b_z: [-0.2, 0.1]
          b_h: [0.3, -0.1]
          c_h: [0.5, -0.4]
          W_y: [[0.7, -1.1], [0.4, 0.6]]
          b_y: [0.1, -0.2]
          outputs: every
          target: [[0.5, 0.2], [-0.3, 0.8]]
          loss: mse
          over_time: mean
          lr: 0.1
        parts: {a: {ask: loss}, b: {ask: grad_h.1}, c: {ask: grad_W_z}, d: {ask: grad_c_h}, e: {ask: "grad_W_h[0, 4]"}}
        """,
        """
        title: Two units and a class
        given: {x: [0.4, -0.7], h0: [0.3, -0.2],
                U_r: [[0.3, -0.5], [0.2, 0.7]], W_r: [[0.7], [0.4]], b_r: [0.5, 0.6],
                U_z: [[0.1, 0.6], [-0.4, 0.3]], W_z: [[-0.5], [0.9]], b_z: [0.2, -0.3],
                U_h: [[-0.8, 0.2], [0.5, 0.4]], W_h: [[1.1], [-0.6]], b_h: [0.1, 0.4],
                W_y: [[0.5, -0.9], [1.2, 0.3], [-0.4, 0.8]], b_y: [0.1, -0.2, 0.3], output_activation: softmax,
                loss: cross_entropy, outputs: every, target: [2, 0], lr: 0.2}
        parts: {a: {ask: y.2}, b: {ask: loss}, c: {ask: grad_U_z}, d: {ask: new_W_y}}
        """,
        """
        title: Parameters
        given: {inputs: 13, hidden: 20}
        parts: {a: {ask: gate.params}, b: {ask: params}}
        """,
        """
        title: Parameters of two layers that read both ways, with an output
        given: {inputs: 5, hidden: 4, layers: 2, bidirectional: true, bias_vectors: 2, outputs_size: 3, steps: 6}
        parts: {a: {ask: weights}, b: {ask: biases}, c: {ask: params}}
        """,
    ),
)
def gru(given: GRU, work: Working) -> None:
    """Gated recurrent unit: forward, loss, back-propagation through time, one gradient step.

    r = σ(W_r [h, x] + b_r), z = σ(W_z [h, x] + b_z) from the state h before the step and its input x; the candidate is
    tanh(W_h [r * h, x] + b_h), or with `reset: after` tanh(r * (U_h h + c_h) + W_h x + b_h). Then the new state is
    (1 - z) * h + z * cand, or with `update: keep` z * h + (1 - z) * cand, entry by entry. Weights stand over [h, x]
    (`order`), or are split into `U_r` for h and `W_r` for x. A cell of one unit may be given in numbers.
    y = ψ(W_y h_T + b_y); `grad_X` is the slope of the loss in X.
    """
    if "hidden" in given:
        count(given, work, 3, "three")
        return
    cell = Cell(given, "r")
    after, keep = given.reset == "after", given.update == "keep"
    h = {0: cell.state("h0")}
    r, z, cand, share = by_step(), by_step(), by_step(), by_step()
    for t, x_t in enumerate(cell.x, start=1):
        r[t] = _gate(cell, work, t, "r", h[t - 1], x_t)
        z[t] = _gate(cell, work, t, "z", h[t - 1], x_t)
        cand[t] = _candidate(cell, work, t, after, r[t], z[t], h[t - 1], x_t)
        share[t] = 1 - z[t] if keep else z[t]  # of the candidate in the new state
        h[t] = _state(cell, work, t, keep, z[t], h[t - 1], cand[t], r[t], cell.before(h[t - 1], x_t))

    out = Outputs(cell, work, h)

    last = len(cell.x)
    R, Z, H = (cell.gate(letter) for letter in "rzh")
    extra = cell.vector("c_h")
    grad_r, grad_z, grad_cand, grad_h = by_step(), by_step(), by_step(), by_step()
    inside: dict[str, dict[int, Array]] = {"r": {}, "z": {}, "h": {}}
    """slope inside the activation of each gate, by step"""
    for t in range(last, 0, -1):
        later = []
        if t < last:
            of_candidate = inside["h"][t + 1]
            back = (of_candidate * r[t + 1]) @ H.U if after else (of_candidate @ H.U) * r[t + 1]
            later = [grad_h[t + 1] * (1 - share[t + 1]), inside["z"][t + 1] @ Z.U, inside["r"][t + 1] @ R.U, back]
        grad_h[t] = _grad_h(cell, work, t, out, later, after, keep)
        grad_cand[t] = cell.step(
            work, f"grad_cand.{t}", grad_h[t] * share[t],
            formula=f"grad_h_{t} * {f'(1 - z_{t})' if keep else f'z_{t}'}",
            slips={"exchanged z and 1 - z": lambda t=t: grad_h[t] * (1 - share[t])},
        )  # fmt: skip
        sign = -1.0 if keep else 1.0
        first, second = (f"h_{t - 1}", f"cand_{t}") if keep else (f"cand_{t}", f"h_{t - 1}")
        grad_z[t] = cell.step(
            work, f"grad_z.{t}", sign * grad_h[t] * (cand[t] - h[t - 1]),
            formula=f"grad_h_{t} * ({first} - {second})", names={"h_0": cell.shown(h[0])},
            slips={
                "left out the minus of 1 - z": lambda t=t: grad_h[t] * (cand[t] + h[t - 1]),
                "left out the old state": lambda t=t, sign=sign: sign * grad_h[t] * cand[t],
            },
        )  # fmt: skip
        inside["h"][t] = through_tanh(grad_cand[t], cand[t])
        grad_r[t] = _grad_r(cell, work, t, H, inside["h"][t], grad_cand[t], h[t - 1], extra, after)
        inside["z"][t] = through_sigmoid(grad_z[t], z[t])
        inside["r"][t] = through_sigmoid(grad_r[t], r[t])

    steps = range(1, last + 1)
    delta = {letter: [slopes[t] for t in steps] for letter, slopes in inside.items()}
    gradients: dict[str, Any] = {}
    for gate, slopes, another, called in ((R, grad_r, "z", UPDATE), (Z, grad_z, "r", RESET)):
        gradients |= cell.gradients(
            work, gate, delta[gate.letter], [h[t - 1] for t in steps], inside_sigmoid(gate.letter),
            slips={
                f"took the error of {called}": delta[another],
                "left out the derivative of the activation": [slopes[t] for t in steps],
            },
            other={"took the state of the step itself for the one before": [h[t] for t in steps]},
        )  # fmt: skip
    gradients |= cell.gradients(
        work, H, delta["h"], [h[t - 1] if after else r[t] * h[t - 1] for t in steps], inside_tanh("cand"),
        "h_{0}" if after else "r_{1} * h_{0}",
        weighed=[r[t] for t in steps] if after else None, by="r_{0}" if after else "",
        slips={
            f"took the error of {UPDATE}": delta["z"],
            "left out the derivative of the activation": [grad_cand[t] for t in steps],
        },
        other={} if after else {"left out the reset gate": [h[t - 1] for t in steps]},
    )  # fmt: skip
    if after or "c_h" in given:
        gradients |= _grad_c_h(cell, work, delta["h"], [r[t] for t in steps] if after else None)
    gradients |= out.gradients(work)
    cell.input_gradient(work, [(gate, delta[gate.letter]) for gate in (R, Z, H)])
    moved(given, work, gradients)


def _gate(cell: Cell, work: Working, t: int, letter: str, h: Array, x: Array) -> Array:
    """The reset or the update gate of one step."""
    gate, other = cell.gate(letter), "z" if letter == "r" else "r"
    z = gate.of(h, x)
    slips: dict[str, Callable[[], Array]] = {
        **cell.gate_slips(gate, sigmoid, h, x),
        "took tanh for the sigmoid": lambda: np.tanh(z),
        "rounded the gate to 0 or 1": lambda: np.where(z > 0, 1.0, 0.0),
    }
    if cell.has("r", "z"):
        label = "exchanged the parameters of the reset and the update gate"
        slips[label] = lambda: sigmoid(cell.gate(other).of(h, x))
    if letter == "z":
        slips["took the reset gate's parameters for every gate"] = lambda: sigmoid(cell.gate("r").of(h, x))
    return cell.step(
        work, f"{letter}.{t}", sigmoid(z), formula=f"sigmoid({cell.formula(letter)})", names=cell.names(gate, h, x),
        slips=slips,
    )  # fmt: skip


def _candidate(cell: Cell, work: Working, t: int, after: bool, r: Array, z: Array, h: Array, x: Array) -> Array:
    """The candidate of one step."""
    gate, extra = cell.gate("h"), cell.vector("c_h")

    def inside(gate: Gate, r: Array) -> Array:
        product = r * (h @ gate.U.T + extra) if after else (r * h) @ gate.U.T + extra
        return np.asarray(product + x @ gate.W.T + gate.b)

    added = " + c_h" if "c_h" in cell.given else ""
    if after:
        state = f"(U_h h_{{t-1}}{added})" if added else "(U_h h_{t-1})"
        formula = f"r_t * {state} + {'W_h' if cell.split else 'W_hx'} x_t{' + b_h' if 'b_h' in cell.given else ''}"
    else:
        formula = cell.formula("h", "r_t * h_{t-1}") + added
    names = {**cell.names(gate, h, x), "r_t": cell.shown(r)}
    if after and not cell.split:
        names |= {**cell.recurrent_names("h"), "W_hx": gate.W}
    one = np.ones_like(r)
    return cell.step(
        work, f"cand.{t}", np.tanh(inside(gate, r)), formula=f"tanh({formula})", names=names,
        slips={
            "left out the reset gate": lambda: np.tanh(inside(gate, one)),
            "took the update gate for the reset gate": lambda: np.tanh(inside(gate, z)),
            "took 1 - r for r": lambda: np.tanh(inside(gate, 1 - r)),
            "left out the recurrent weights": lambda: np.tanh(x @ gate.W.T + gate.b + 0.0 * h),
            "left out the input": lambda: np.tanh(inside(gate._replace(W=0.0 * gate.W), r)),
            "left out the activation": lambda: inside(gate, r),
            "took the sigmoid for tanh": lambda: sigmoid(inside(gate, r)),
            "took the reset gate's parameters for every gate": lambda: np.tanh(inside(cell.gate("r"), r)),
            **({"left out the bias": lambda: np.tanh(inside(gate._replace(b=0.0 * gate.b), r))}
               if "b_h" in cell.given else {}),
        },
    )  # fmt: skip


def _state(
    cell: Cell, work: Working, t: int, keep: bool, z: Array, before: Array, cand: Array, r: Array, names: dict[str, Any]
) -> Array:
    """The state after one step."""

    def mixed(z: Array) -> Array:
        return z * before + (1 - z) * cand if keep else (1 - z) * before + z * cand

    shown = cell.shown
    return cell.step(
        work, f"h.{t}", mixed(z),
        formula="z_t * h_{t-1} + (1 - z_t) * cand_t" if keep else "(1 - z_t) * h_{t-1} + z_t * cand_t",
        names={**names, "z_t": shown(z), "cand_t": shown(cand)},
        slips={
            "took the reset gate for the update gate": lambda: mixed(r),
            "left out the old state": lambda: mixed(z) - (z if keep else 1 - z) * before,
            "took the candidate for the state": lambda: cand,
            "weighed both with z": lambda: z * before + z * cand,
        },
    )  # fmt: skip


def _grad_h(cell: Cell, work: Working, t: int, out: Outputs, later: list[Array], after: bool, keep: bool) -> Array:
    """The slope in a state: by its own output, and by the next state, directly and through its gates."""
    own = out.through.get(t, np.zeros_like(out.h[0]))
    turned, n = cell.turned, t + 1
    candidate = inside_tanh("cand").format(n)
    terms = [
        f"grad_h_{n} * {f'z_{n}' if keep else f'(1 - z_{n})'}",
        f"U_z{turned} ({inside_sigmoid('z').format(n)})",
        f"U_r{turned} ({inside_sigmoid('r').format(n)})",
        f"U_h{turned} ({candidate} * r_{n})" if after else f"r_{n} * (U_h{turned} ({candidate}))",
    ]
    return cell.step(
        work, f"grad_h.{t}", own + sum(later),
        formula=" + ".join(filter(None, [out.formula_through(t), *(terms if later else ())])),
        names=cell.recurrent_names("rzh"),
        slips={
            **({"left out the later steps": lambda: own} if later and t in out.through else {}),
            **({"left out the path past the gates": lambda: own + sum(later[1:]),
                "left out the path through the gates": lambda: own + later[0]} if later else {}),
        },
    )  # fmt: skip


def _grad_r(
    cell: Cell,
    work: Working,
    t: int,
    gate: Gate,
    delta: Array,
    grad_cand: Array,
    before: Array,
    extra: Array,
    after: bool,
) -> Array:
    """The slope in a reset gate."""

    def by(delta: Array) -> Array:
        return np.asarray(delta * (before @ gate.U.T + extra) if after else (delta @ gate.U) * before)

    slope = inside_tanh("cand").format(t)
    state = f"h_{t - 1}"
    if after:
        formula = f"{slope} * (U_h {state}{' + c_h' if 'c_h' in cell.given else ''})"
    else:
        formula = f"(U_h{cell.turned} ({slope})) * {state}"
    return cell.step(
        work, f"grad_r.{t}", by(delta), formula=formula,
        names={"h_0": cell.shown(before), **cell.recurrent_names("h")} if t == 1 else cell.recurrent_names("h"),
        slips={"left out the derivative of the activation": lambda: by(grad_cand)},
    )  # fmt: skip


def _grad_c_h(cell: Cell, work: Working, delta: list[Array], r: list[Array] | None) -> dict[str, Array]:
    """The slope in the second bias of the candidate."""
    terms = delta if r is None else [d * weight for d, weight in zip(delta, r, strict=True)]
    shape = np.shape(cell.given.values["c_h"]) if "c_h" in cell.given else () if cell.number else (cell.m,)
    slips = {"took only the last step's gradient": lambda: over_batch(terms[-1]).reshape(shape)} if terms[1:] else {}
    if r is not None:
        slips["left out the reset gate"] = lambda: summed_up(delta).reshape(shape)
    formula = inside_tanh("cand") + (" * r_{0}" if r is not None else "")
    return {"c_h": work("grad_c_h", summed_up(terms).reshape(shape), formula=cell.over_steps(formula, ""), slips=slips)}
