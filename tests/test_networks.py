"""Networks with values: fully connected and recurrent, against PyTorch, by hand, and turned around."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck.errors import Undefined
from hwcheck.given import GivenError

DATA = json.loads((Path(__file__).parent / "data" / "networks.json").read_text())


def rows(kind: str) -> list:
    return [pytest.param(row, id=f"{kind} {i}: {row['given']['loss']}") for i, row in enumerate(DATA[kind])]


@pytest.mark.parametrize("row", rows("mlp"))
def test_a_fully_connected_network_is_that_of_pytorch(row):
    """Source: PyTorch 2.13.0, float64, autograd (data/make_networks_data.py)."""
    found = solve("mlp", json.dumps(row["given"]))
    for name, expected in row.items():
        if name != "given":
            np.testing.assert_allclose(found[name], expected, rtol=1e-11, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("row", rows("mlp"))
def test_columns_are_rows_turned_around(row):
    given = {**row["given"], "vectors": "column", "W": [np.transpose(W).tolist() for W in row["given"]["W"]]}
    found = solve("mlp", json.dumps(given))
    for name, expected in row.items():
        if name.startswith("grad_W"):
            np.testing.assert_allclose(found[name], np.transpose(expected), rtol=1e-11, atol=1e-13)
        elif name != "given":
            np.testing.assert_allclose(found[name], expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("row", rows("rnn"))
def test_a_recurrent_network_is_that_of_pytorch(row):
    """Source: PyTorch 2.13.0, float64, autograd (data/make_networks_data.py)."""
    found = solve("rnn", json.dumps(row["given"]))
    for name, expected in row.items():
        if name != "given":
            np.testing.assert_allclose(found[name], expected, rtol=1e-11, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("row", rows("rnn"))
def test_a_recurrent_network_in_rows_is_the_one_in_columns(row):
    given = {**row["given"], "vectors": "row"}
    given |= {name: np.transpose(given[name]).tolist() for name in ("W_x", "W_h", "W_y")}
    found = solve("rnn", json.dumps(given))
    for name, expected in row.items():
        turned = name in ("grad_W_x", "grad_W_h", "grad_W_y")
        if name != "given":
            np.testing.assert_allclose(
                found[name], np.transpose(expected) if turned else expected, rtol=1e-11, atol=1e-13
            )


def test_numbers_stand_for_vectors_of_length_one():
    """The assignment of COMP433, question 6, once with numbers and once with vectors: h_3 = 0.0624, y = 0.01248."""
    numbers = "{x: [0.3, 0.4, 0.2], h0: 0.5, W_x: 0.2, W_h: 0.2, W_y: 0.2, activation: identity, target: 0.4}"
    vectors = "{x: [[0.3], [0.4], [0.2]], h0: [0.5], W_x: [[0.2]], W_h: [[0.2]], W_y: [[0.2]], activation: identity, target: [0.4]}"
    one, other = solve("rnn", numbers), solve("rnn", vectors)
    assert one["h.3"] == pytest.approx(0.0624)
    assert one["y"] == pytest.approx(0.01248)
    assert isinstance(one["h.3"], float)
    for name in ("h.3", "y", "loss", "grad_W_h"):
        np.testing.assert_allclose(np.ravel(other[name]), one[name])


HAND = [
    # x W + b = [1, -1] + [0.5, 0.5]; relu; p = 1.5·2 - 3 = 0; loss ½(0 - 4)² = 8; slope -4; grad_W.2 = [1.5, 0]ᵀ(-4)
    ("{x: [1, 1], W: [[[1, -2], [0, 1]], [[2], [1]]], b: [[0.5, 0.5], [-3]], activation: [relu, identity], y: [4], loss: half_mse}",
     {"z.1": [1.5, -0.5], "a.1": [1.5, 0], "p": [0], "loss": 8.0, "grad_z.2": [-4], "grad_W.2": [[-6], [0]],
      "grad_a.1": [-8, -4], "grad_z.1": [-8, 0], "grad_W.1": [[-8, 0], [-8, 0]], "grad_b.1": [-8, 0], "grad_x": [-8, 0]}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), HAND)
def test_a_network_worked_out_by_hand(given, expected):
    found = solve("mlp", given)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, err_msg=name)


def test_a_class_index_is_the_distribution_with_a_single_one():
    given = "{x: [1, 2], W: [[[0.1, -0.2, 0.4], [0.3, 0.5, -0.6]]], activation: softmax, loss: cross_entropy, y: %s}"
    one, other = solve("mlp", given % "1"), solve("mlp", given % "[0, 1, 0]")
    np.testing.assert_allclose(one["grad_z.1"], other["grad_z.1"])
    np.testing.assert_allclose(one["grad_z.1"], one["p"] - np.array([0, 1, 0]), atol=1e-15)  # p - y


def test_the_slope_of_the_output_itself_and_an_upstream_slope():
    given = "{x: [1, 2], W: [[[3], [4]]], %s}"
    np.testing.assert_allclose(solve("mlp", given % "loss: output")["grad_x"], [3, 4])
    np.testing.assert_allclose(solve("mlp", given % "upstream: [2]")["grad_x"], [6, 8])


SLIPS = [
    ("mlp", "{x: [1, 2], W: [[[3], [4]]], b: [[5]]}", "z.1", "left out the bias", [11]),
    ("mlp", "{x: [1, 2], W: [[[3], [4]]], y: [10], loss: half_mse}", "grad_a.1", "took target minus output", [-1]),
    ("mlp", "{x: [[1], [2]], W: [[[3]]], y: [[4], [4]], loss: mse}", "grad_a.1", "averaged the loss but summed the gradient", [[-2], [4]]),
    ("rnn", "{x: [[1, 0]], W_x: [[1, 2], [3, 4]], W_h: [[5, 6], [7, 8]], h0: [1, 2], activation: identity}", "z.1",
     "took only the diagonal of the recurrent weights", [6, 19]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "name", "label", "expected"), SLIPS, ids=[row[3] for row in SLIPS])
def test_slips_give_what_they_say(kind, given, name, label, expected):
    """By hand: 3 + 8 = 11; 11 - 10 turned around; 2(3 - 4) and 2(6 - 4) without the half; [1, 3] + [5·1, 8·2]."""
    np.testing.assert_allclose(slip_of(kind, given, name, label), expected)


REFUSED = [
    ("mlp", "{x: [1, 2], W: [[[1], [2], [3]]]}", "W: the matrix of layer 1 is 3 × 1, and the layer has 2 inputs (vectors: row)"),
    ("mlp", "{x: [1], W: [[[1]]], b: [[1, 2]]}", "b: the vector of layer 1 has length 2, and the layer has 1 units"),
    ("mlp", "{x: [1], W: [[[1]]], activation: [relu, relu]}", "`activation` has 2 entries, and there are 1 layers"),
    ("mlp", "{x: [1], W: [[[1, 2]]], y: 5, loss: cross_entropy, activation: softmax}", "`y` has classes, which count from 0 to 1"),
    ("mlp", "{x: [1], W: [[[1, 2]]], y: [1, 2, 3]}", "`y` has 3 numbers, and the output has 2"),
    ("rnn", "{x: [[1, 2]], W_x: [[1, 2]], W_y: [[1]], target: [1, 2]}", "`target` has 2 numbers, and there are 1 outputs"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "message"), REFUSED, ids=[row[2] for row in REFUSED])
def test_numbers_that_do_not_fit_are_refused(kind, given, message):
    with pytest.raises(Undefined) as caught:
        working_of(kind, given)
    assert str(caught.value) == message


def test_axes_of_one_name_are_compared_the_way_vectors_are_written():
    givens_of("rnn", "{x: [[1, 2]], W_x: [[1, 2], [3, 4], [5, 6]], b: [1, 2, 3]}")
    givens_of("rnn", "{x: [[1, 2]], W_x: [[1, 2, 3], [4, 5, 6]], b: [1, 2, 3], vectors: row}")
    with pytest.raises(GivenError, match="its axis m has length 3, but W_x has m = 2"):
        givens_of("rnn", "{x: [[1, 2, 3]], W_x: [[1, 2, 3], [4, 5, 6]], b: [1, 2, 3]}")
