"""The parameters of a cell from its sizes alone."""

from __future__ import annotations

from hwcheck.recurrent.givens import Gated
from hwcheck.working import Working


def count(given: Gated, work: Working, gates: int, called: str) -> None:
    """Record the numbers of parameters; the cell has so many matrices over [h, x], `called` as in "four"."""
    n, m, o, each = given.inputs, given.hidden, given.outputs_size, given.bias_vectors
    directions = 2 if given.bidirectional else 1
    names = {"n": n, "m": m, "o": o, "gates": gates, "b": each}
    added = {0: "", 1: " + m", 2: " + 2 m"}[each]
    gate = work(
        "gate.params", n * m + m * m + each * m, formula=f"n m + m m{added}", names=names,
        slips={
            "left out the recurrent weights": lambda: n * m + each * m,
            **({"left out the biases": lambda: n * m + m * m,
                "counted one bias for the whole gate": lambda: n * m + m * m + each} if each else {}),
        },
    )  # fmt: skip

    deeper = (given.layers - 1) * (directions * m * m + m * m)
    recurrent_weights = gates * directions * given.layers * m * m
    output = directions * m * o
    one_gate = directions * (n * m + m * m + deeper)
    single = directions == given.layers == 1
    biases_of_gate = each * directions * given.layers * m
    counted = gates * one_gate + output
    weights = work(
        "weights", counted, formula=f"{gates} (n m + m m){' + m o' if o else ''}" if single else "", names=names,
        slips={
            f"counted one gate instead of {called}": lambda: one_gate + output,
            "left out the recurrent weights": lambda: counted - recurrent_weights,
            **({"left out the output layer": lambda: counted - output} if o else {}),
        },
    )  # fmt: skip
    of_output = o if each else 0
    units = gates * biases_of_gate + of_output
    biases = work(
        "biases", units, formula=f"{gates * each} m{' + o' if o else ''}" if single and each else "", names=names,
        slips={
            **({f"counted one gate instead of {called}": lambda: biases_of_gate + of_output}
               if each else {}),
            **({"left out the bias of the output": lambda: units - of_output} if of_output else {}),
        },
    )  # fmt: skip

    # On paper the total is so many gates and the output, or weights and biases where somebody counted those himself.
    by_gate = single and (weights, biases) == (counted, units)
    total = gates * gate + output + of_output if by_gate else weights + biases
    in_gate = f"{gates} gate_params{' + m o + o' if of_output else ' + m o' if o else ''}"
    work(
        "params", total, formula=in_gate if by_gate else "weights + biases", names=names,
        slips={
            f"counted one gate instead of {called}": lambda: total - (gates - 1) * (one_gate + biases_of_gate),
            "left out the recurrent weights": lambda: total - recurrent_weights,
            "left out the recurrent weights of the gates, but not of the candidate":
                lambda: total - recurrent_weights // gates * (gates - 1),
            "multiplied by the number of steps": lambda: given.steps * total,
            **({"left out the biases": lambda: weights} if each else {}),
            **({"left out the output layer": lambda: total - output - of_output} if o else {}),
        },
    )  # fmt: skip
