"""What LSTM and GRU are given alike, and what is recorded of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwcheck.given import Givens, array, integer, option, real
from hwcheck.kernels import losses
from hwcheck.kernels.types import Array


def weight(what: str) -> Any:
    """The field of a matrix W: over [h, x], or for x alone where there is a matrix U for h."""
    return array("m n|m+n", "n|m+n", "", doc=f"{what}: weights over [h, x], or of x alone beside a U of that name")


def recurrent_weight(what: str) -> Any:
    """The field of a matrix U."""
    return array("m m", "", doc=f"{what}: weights of the state, where W holds those of the input only")


def bias(what: str) -> Any:
    """The field of a bias."""
    return array("m", "", default=0.0, doc=f"{what}: the bias")


class Gated(Givens):
    """What LSTM and GRU are given alike. The fields of a cell come after x, h0 and `order`."""

    x: float | Array = array(
        "T n", "T", "", "N T n",
        doc="the inputs x_1, x_2, …, one row a step; numbers where an input is one; with an axis before them a batch",
    )  # fmt: skip
    h0: float | Array = array(
        "m", "", "N m", default=0.0, sign="h_0", doc="the state before the first step", misread={"took h_0 as 0": 0.0}
    )
    order: str = option(
        "hx", "xh", doc="what comes first in [h, x], for weights that are not split",
        others={"hx": "put the state before the input", "xh": "put the input before the state"},
    )  # fmt: skip
    W_y: float | Array = array("o m", "m", "", doc="weights of the output")
    b_y: float | Array = array("o", "", default=0.0, doc="bias of the output")
    output_activation: str = option("identity", "sigmoid", "softmax", doc="ψ, applied to the output")
    target: float | Array = array(
        "T|o", "", "T|N o|T", "N T o", sign="t",
        doc="what the output should be, or its class (from 0); one row a step with `outputs: every`",
    )  # fmt: skip
    outputs: str = option("last", "every", doc="whether only the last step has an output")
    loss: str = option(*losses.NAMES, doc="the loss of one output")
    over_time: str = option(
        "sum", "mean", doc="how the losses of the steps are joined",
        others={"sum": "summed the losses over the steps", "mean": "averaged the losses over the steps"},
    )  # fmt: skip
    reduction: str = option(
        "mean", "sum", doc="whether a loss is averaged over its entries (squares) and over a batch",
        others={"mean": "averaged the loss over its entries", "sum": "summed the loss over its entries"},
    )  # fmt: skip
    lr: float = real(above=0, sign="η", doc="the learning rate of one gradient step")
    inputs: int = integer(doc="sizes only: the length n of an input")
    hidden: int = integer(doc="sizes only: the length m of the state")
    outputs_size: int = integer(0, default=0, doc="sizes only: the length of an output")
    steps: int = integer(default=1, doc="sizes only: the number of steps T")
    layers: int = integer(default=1, high=1000, doc="sizes only: how many layers are stacked")
    bidirectional: bool = option(False, True, doc="sizes only: a second network reads backwards")
    bias_vectors: int = option(
        1, 2, 0, doc="sizes only: bias vectors a gate",
        others={1: "counted one bias vector", 2: "counted two bias vectors", 0: "left out the biases"},
    )  # fmt: skip

    def __init_subclass__(cls) -> None:
        first = ("x", "h0", "order")
        own = [name for name in cls.fields if name not in Gated.fields]
        cls.fields = {name: cls.fields[name] for name in (*first, *own, *Gated.fields)}


def quantities(gates: Mapping[str, str]) -> dict[str, str]:
    """What is recorded of the output, the gradients and the sizes of a cell with these gates: letter → what it is."""
    matrices = {"W": "weights", "U": "weights of the state", "b": "bias"}
    parameters = {
        f"{matrix}_{letter}": f"{of}, {gate}" for letter, gate in gates.items() for matrix, of in matrices.items()
    }
    parameters |= {"W_y": "weights of the output", "b_y": "bias of the output"}
    return {
        "y": "the output after the last step",
        "y.t": "the output of step t, with `outputs: every`",
        "loss": "the loss",
        "grad_y": "slope of the loss in the output",
        "grad_y.t": "slope of the loss in the output of step t",
        "grad_h.t": "slope of the loss in the state after step t, through all later steps",
        **{f"grad_{name}": f"slope of the loss, summed over the steps: {what}" for name, what in parameters.items()},
        "grad_x": "slope of the loss in the inputs",
        **{f"new_{name}": f"after one gradient step: {what}" for name, what in parameters.items()},
        "gate.params": "sizes only: the number of parameters of one gate of the first layer",
        "weights": "sizes only: the number of weights",
        "biases": "sizes only: the number of biases",
        "params": "sizes only: the number of parameters",
    }
