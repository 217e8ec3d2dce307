"""LSTM: against PyTorch's numbers, a published example by hand, and hand calculations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gated import agree, cases, joined, side_by_side, sizes, wrong_formulas, yaml
from marking import marks, verdicts
from solving import slip_of, solve, working_of

from hwcheck.errors import Missing, Undefined
from hwcheck.given import GivenError

CASES = cases("lstm.json")


@pytest.mark.parametrize("case", CASES)
def test_gates_states_and_gradients_are_those_of_pytorch(case):
    agree(solve("lstm", yaml(case["given"])), case["answers"])


@pytest.mark.parametrize("order", ["hx", "xh"])
@pytest.mark.parametrize("case", CASES)
def test_weights_over_state_and_input_together_are_the_same_network(case, order):
    expected = {name: value for name, value in case["answers"].items() if not name.startswith("grad_U")}
    for letter in "fico":
        slopes = (case["answers"][f"grad_{matrix}_{letter}"] for matrix in "UW")
        expected[f"grad_W_{letter}"] = side_by_side(*slopes, order)
    agree(solve("lstm", yaml(joined(case["given"], "fico", order))), expected)


@pytest.mark.parametrize("case", sizes("lstm.json"))
def test_numbers_of_parameters_are_those_of_pytorch(case):
    answers = solve("lstm", yaml({k: str(v).lower() if isinstance(v, bool) else v for k, v in case["given"].items()}))
    assert (answers["weights"], answers["params"]) == (case["weights"], case["params"])


# One cell of one unit and two inputs, two steps: A. Gomez, "Backpropogating an LSTM: A Numerical Example" (2016), whose
# state is its own output (W_y = 1). Printed there to five decimals, and rounded on the way.
GOMEZ = """{x: [[1, 2], [0.5, 3]], W_c: [0.45, 0.25], U_c: 0.15, b_c: 0.2, W_i: [0.95, 0.8], U_i: 0.8, b_i: 0.65,
    W_f: [0.7, 0.45], U_f: 0.1, b_f: 0.15, W_o: [0.6, 0.4], U_o: 0.25, b_o: 0.1,
    W_y: 1, outputs: every, target: [0.5, 1.25], loss: half_sum_squares, lr: 0.1}"""
PUBLISHED = {
    "g.1": 0.81775, "i.1": 0.96083, "f.1": 0.85195, "o.1": 0.81757, "c.1": 0.78572, "h.1": 0.53631,
    "g.2": 0.84980, "i.2": 0.98118, "f.2": 0.87030, "o.2": 0.84993, "c.2": 1.5176, "h.2": 0.77197,
    "grad_y.1": 0.03631, "grad_y.2": -0.47803, "grad_c.2": -0.07111, "grad_h.1": 0.01803, "grad_c.1": -0.05349,
    "grad_W_c": [-0.02672, -0.0922], "grad_W_i": [-0.00221, -0.00666], "grad_W_f": [-0.00316, -0.01893],
    "grad_W_o": [-0.02593, -0.16262], "grad_U_c": -0.01039, "grad_U_f": -0.00338, "grad_U_o": -0.0297,
    "grad_b_c": -0.03641, "grad_b_i": -0.00277, "grad_b_f": -0.00631, "grad_b_o": -0.05362,
    "new_W_c": [0.45267, 0.25922], "new_U_c": 0.15104, "new_b_c": 0.20364,
}  # fmt: skip


@pytest.mark.parametrize(("name", "expected"), PUBLISHED.items())
def test_a_published_example_by_hand_comes_out(name, expected):
    answer = solve("lstm", GOMEZ)[name]
    assert np.shape(answer) == np.shape(expected)
    np.testing.assert_allclose(answer, expected, atol=5e-5 if expected == 1.5176 else 3e-5)


# σ(ln 3) = 3/4, σ(ln 4) = 4/5, tanh(ln 2) = 3/5, σ(-ln 3) = 1/4
HAND = "{x: [1], c0: 0.4, U_f: 2, W_f: ln(3), U_i: 3, W_i: ln(4), U_c: 5, W_c: ln(2), U_o: 7, W_o: -ln(3)}"
HAND_BIAS = (
    "{x: [1], c0: 0.4, h0: 0, U_f: 2, W_f: 0, b_f: ln(3), U_i: 3, W_i: ln(4), U_c: 5, W_c: ln(2), U_o: 7, W_o: -ln(3)}"
)
# [h, x] = [1, 2, 3]: one unit, two inputs
ROW = "{x: [[2, 3]], h0: 1, W_f: [1, -2, 1], W_i: [0, 1, -1], W_c: [-2, 1, 0], W_o: [1, 0, 0], order: %s}"
VALUES = [
    (HAND, "f.1", 0.75, "by hand: σ(ln 3)"),
    (HAND, "i.1", 0.8, "by hand: σ(ln 4)"),
    (HAND, "g.1", 0.6, "by hand: tanh(ln 2) = (2 - 1/2)/(2 + 1/2)"),
    (HAND, "o.1", 0.25, "by hand: σ(-ln 3)"),
    (HAND, "c.1", 0.78, "by hand: 0.75·0.4 + 0.8·0.6"),
    (HAND, "h.1", 0.25 * math.tanh(0.78), "by hand: 0.25 tanh 0.78"),
    (HAND_BIAS, "f.1", 0.75, "by hand: the same from the bias"),
    (ROW % "hx", "f.1", 0.5, "by hand: 1·1 - 2·2 + 1·3 = 0"),
    (ROW % "hx", "o.1", 1 / (1 + math.exp(-1)), "by hand: 1·1 = 1"),
    (ROW % "xh", "f.1", 1 / (1 + math.exp(3)), "by hand: 1·2 - 2·3 + 1·1 = -3"),
    (ROW % "hx", "g.1", 0.0, "by hand: -2·1 + 1·2 = 0"),
    ("{x: [0.7], c0: 1, U_f: 3, W_f: 1, U_i: 0, W_i: 0, U_c: 0, W_c: 0, U_o: 0, W_o: 0}", "f.1", 0.668,
     "mistakes.md 73: σ(0.7) = 0.668"),
    ("{inputs: 3, hidden: 8}", "params", 384, "mistakes.md 27 (transtutors 11278346): 4 (3·8 + 8·8 + 8)"),
    ("{inputs: 1, hidden: 9}", "params", 396, "mistakes.md 28 (datascience.SE 128705): 4 (9 + 81 + 9)"),
    ("{inputs: 1, hidden: 9}", "gate.params", 99, "mistakes.md 28: one gate"),
    ("{inputs: 3, hidden: 8, bias_vectors: 2}", "params", 416, "by hand: 4 (3·8 + 8·8 + 2·8)"),
    ("{inputs: 3, hidden: 8, outputs_size: 5}", "params", 429, "by hand: 384 + 8·5 + 5"),
    ("{inputs: 3, hidden: 8, bias_vectors: 0, outputs_size: 5}", "params", 392, "by hand: 4 (3·8 + 8·8) + 8·5"),
    ("{inputs: 3, hidden: 8, outputs_size: 5}", "biases", 37, "by hand: 4·8 + 5"),
    ("{inputs: 3, hidden: 8, bidirectional: true, outputs_size: 5}", "weights", 784, "by hand: 2·4 (24 + 64) + 16·5"),
    ("{inputs: 3, hidden: 8, layers: 2}", "params", 928, "by hand: 384 + 4 (64 + 64 + 8)"),
    ("{inputs: 3, hidden: 8, layers: 2, bidirectional: true}", "params", 2368,
     "by hand: 2·384 + 2·4 (16·8 + 8·8 + 8)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "expected", "source"), VALUES, ids=[f"{r[1]} of {r[0]}"[:90] for r in VALUES]
)
def test_values_are_the_hand_made_ones(given, name, expected, source):
    answer = solve("lstm", given)[name]
    assert type(answer) is type(expected)
    tolerance = {"rel": 1e-3} if source.startswith("mistakes") else {"rel": 1e-12, "abs": 1e-15}
    assert answer == pytest.approx(expected, **tolerance)


# h0 = 1/2 changes every gate of one unit: σ(ln 3 + 2·½) …
STATE = HAND.replace("x: [1]", "x: [1], h0: 0.5")
# one step, one unit, slope 1 in h: σ' = f (1 - f)
BACK = HAND.replace("}", ", W_y: 1, target: -1, lr: 0.5, loss: half_mse, b_y: -1}").replace(
    "b_y: -1", f"b_y: {-0.25 * math.tanh(0.78)!r}"
)
SLIPS = [
    (HAND, "f.1", "exchanged the parameters of the forget and the input gate", 0.8, "by hand: that is i"),
    (HAND, "i.1", "exchanged the parameters of the forget and the input gate", 0.75, "by hand: that is f"),
    (HAND, "i.1", "exchanged the parameters of the input and the output gate", 0.25, "by hand: that is o"),
    (HAND, "o.1", "took the forget gate's parameters for every gate", 0.75, "by hand: that is f"),
    (HAND, "g.1", "took the forget gate's parameters for every gate", 0.8, "by hand: tanh(ln 3) = (3 - 1/3)/(3 + 1/3)"),
    (HAND, "g.1", "took the sigmoid for tanh", 2 / 3, "by hand: σ(ln 2)"),
    (HAND, "f.1", "took tanh for the sigmoid", 0.8, "by hand: tanh(ln 3)"),
    (HAND, "f.1", "left out the activation", math.log(3), "by hand"),
    (HAND, "f.1", "rounded the gate to 0 or 1", 1.0, "mistakes.md 73: a gate is open or shut"),
    (HAND, "o.1", "rounded the gate to 0 or 1", 0.0, "mistakes.md 73"),
    (STATE, "f.1", "left out the recurrent weights", 0.75, "by hand: σ(ln 3), without 2·½"),
    (STATE, "g.1", "left out the input", math.tanh(2.5), "by hand: tanh(5·½)"),
    (HAND_BIAS, "f.1", "left out the bias", 0.5, "by hand: σ(0)"),
    (HAND, "c.1", "exchanged the forget and the input gate", 0.77, "by hand: 0.8·0.4 + 0.75·0.6"),
    (HAND, "c.1", "tied the input gate to the forget gate, i = 1 - f", 0.45, "by hand: 0.75·0.4 + 0.25·0.6"),
    (HAND, "c.1", "tied the forget gate to the input gate, f = 1 - i", 0.56, "by hand: 0.2·0.4 + 0.8·0.6"),
    (HAND, "c.1", "left out the old cell", 0.48, "by hand: 0.8·0.6"),
    (HAND, "c.1", "left out the forget gate", 0.88, "by hand: 0.4 + 0.48"),
    (HAND, "c.1", "left out the input gate", 0.9, "by hand: 0.3 + 0.6"),
    (HAND, "h.1", "left out the tanh on the cell", 0.195, "by hand: 0.25·0.78"),
    (HAND, "h.1", "took the cell of the step before", 0.25 * math.tanh(0.4), "by hand"),
    (BACK, "grad_c.1", "left out the derivative of tanh", 0.25, "by hand: 1·0.25"),
    (BACK, "grad_o.1", "left out the tanh on the cell", 0.78, "by hand: 1·0.78"),
    (BACK, "grad_h.1", None, 1.0, "by hand: y = 0, y - t = 1"),
    (BACK, "loss", "left out the ½", 1.0, "by hand: (0 + 1)²"),
    (BACK, "new_W_y", "left the weight as it was", 1.0, "by hand"),
    (GOMEZ, "grad_b_i", "took the error of the forget gate", -0.00631, "mistakes.md 74, numbers of Gomez (2016)"),
    (GOMEZ, "grad_U_f", "took only the last step's gradient", -0.00338, "Gomez (2016): f_1 adds nothing, as c_0 is 0"),
    (GOMEZ, "grad_b_c", "took only the last step's gradient", -0.01938, "Gomez (2016): δ of step 2"),
    (GOMEZ, "grad_b_o", "took only the last step's gradient", -0.05538, "Gomez (2016): δ of step 2"),
    (GOMEZ, "grad_h.1", "left out the later steps", 0.03631, "Gomez (2016): Δ of step 1"),
    ("{inputs: 3, hidden: 8}", "params", "left out the recurrent weights of the gates, but not of the candidate", 192,
     "mistakes.md 27: 3 (3·8 + 8) + (3·8 + 8·8 + 8)"),
    ("{inputs: 3, hidden: 8}", "params", "left out the recurrent weights", 128, "by hand: 4 (3·8 + 8)"),
    ("{inputs: 1, hidden: 9}", "params", "counted one gate instead of four", 99, "mistakes.md 28"),
    ("{inputs: 1, hidden: 9, outputs_size: 2}", "params", "counted one gate instead of four", 119, "by hand: 99 + 20"),
    ("{inputs: 3, hidden: 8, layers: 2, bidirectional: true, bias_vectors: 2}", "params",
     "counted one gate instead of four", 624,
     "by hand: 2 (24 + 64 + 16) + 2 (128 + 64 + 16)"),
    ("{inputs: 3, hidden: 8, steps: 5}", "params", "multiplied by the number of steps", 1920, "mistakes.md 26: 5·384"),
    ("{inputs: 3, hidden: 8}", "params", "left out the biases", 352, "by hand: 4·88"),
    ("{inputs: 3, hidden: 8}", "gate.params", "counted one bias for the whole gate", 89, "by hand: 24 + 64 + 1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{r[1]}: {r[2]} of {r[0]}"[:110] for r in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    value = solve("lstm", given)[name] if label is None else slip_of("lstm", given, name, label)
    tolerance = {"abs": 3e-5} if "Gomez" in source else {"rel": 1e-12}
    assert value == pytest.approx(expected, **tolerance)


@pytest.mark.parametrize("case", CASES)
def test_formulas_give_their_values_on_arrays(case):
    assert wrong_formulas("lstm", yaml(case["given"])) == []
    for order in ("hx", "xh"):
        assert wrong_formulas("lstm", yaml(joined(case["given"], "fico", order))) == []


@pytest.mark.parametrize("given", [HAND, STATE, BACK, GOMEZ, ROW % "hx"])
def test_formulas_give_their_values_on_numbers(given):
    assert wrong_formulas("lstm", given) == []


def test_a_batch_is_its_sequences_one_by_one_and_its_gradients_their_sum():
    rng = np.random.default_rng(7)
    weights = {f"{matrix}_{x}": rng.uniform(-1, 1, size=s).round(2).tolist()
               for x in "fico" for matrix, s in (("U", (2, 2)), ("W", (2, 3)), ("b", (2,)))}  # fmt: skip
    weights |= {"W_y": [[0.5, -0.8]], "b_y": [0.2]}
    x, h0 = rng.uniform(-1, 1, size=(4, 3, 3)), rng.uniform(-1, 1, size=(4, 2))
    target = rng.uniform(-1, 1, size=(4, 1))
    more = {"c0": [0.3, -0.4], "reduction": "sum", "loss": "mse"}
    whole = solve("lstm", yaml({**weights, **more, "x": x.tolist(), "h0": h0.tolist(), "target": target.tolist()}))
    each = [
        solve("lstm", yaml({**weights, **more, "x": x[k].tolist(), "h0": h0[k].tolist(), "target": target[k].tolist()}))
        for k in range(4)
    ]
    for name in ("h.3", "c.1", "y", "grad_h.2", "grad_f.1", "grad_x"):
        np.testing.assert_allclose(whole[name], [one[name] for one in each], rtol=1e-12)
    for name in ("loss", "grad_W_f", "grad_U_c", "grad_b_o", "grad_W_y", "grad_b_y"):
        np.testing.assert_allclose(whole[name], sum(one[name] for one in each), rtol=1e-11)


def test_a_cell_of_one_unit_is_the_same_in_numbers_and_in_matrices():
    numbers = solve("lstm", GOMEZ)
    as_matrices = GOMEZ
    for name in "fico":
        as_matrices = as_matrices.replace(f"W_{name}: [", f"W_{name}: [[").replace(f"], U_{name}: ", f"]], U_{name}: ")
    for value in ("0.15", "0.8", "0.1", "0.25"):
        as_matrices = as_matrices.replace(f": {value}, b", f": [[{value}]], b")
    matrices = solve("lstm", as_matrices)
    assert matrices.keys() == numbers.keys()
    assert matrices["c.2"].shape == (1,)
    assert matrices["grad_W_f"].shape == (1, 2)
    for name, value in numbers.items():
        np.testing.assert_allclose(np.ravel(matrices[name]), np.ravel(value), rtol=1e-12)


def test_a_list_is_one_step_where_the_weights_take_so_many_inputs_and_steps_where_they_take_one():
    one = solve("lstm", "{x: [2, 3], h0: 1, W_f: [1, -2, 1], W_i: [0, 1, -1], W_c: [-2, 1, 0], W_o: [1, 0, 0]}")
    assert one == pytest.approx(solve("lstm", ROW % "hx"))
    several = solve("lstm", HAND.replace("[1]", "[1, 2, 3]"))
    assert [name for name in several if name.startswith("h.")] == ["h.1", "h.2", "h.3"]
    assert solve("lstm", HAND.replace("[1]", "1")) == solve("lstm", HAND)


def test_a_class_may_stand_for_its_distribution():
    given = """{x: [0.5], h0: [0.1, 0.2], U_f: [[1, 2], [3, 4]], W_f: [[1], [2]], U_i: [[1, 0], [2, 1]],
        W_i: [[1], [1]], U_c: [[1, 1], [0, 2]], W_c: [[2], [1]], U_o: [[1, 3], [1, 0]], W_o: [[0], [1]], W_y: [[1, 2], [0, 1], [3, 1]],
        output_activation: softmax, loss: cross_entropy, target: %s}"""
    by_class, by_vector = solve("lstm", given % "2"), solve("lstm", given % "[0, 0, 1]")
    assert by_class["loss"] == -math.log(by_class["y"][2])
    agree(by_class, by_vector)
    with pytest.raises(Undefined, match=r"^a class in `target` is a whole number from 0 to 2$"):
        solve("lstm", given % "3")


def test_whatever_comes_later_follows_from_a_wrong_gate():
    steps = working_of("lstm", HAND, carry={"f.1": 0.5, "c.1": 0.9}).steps
    assert steps["f.1"].computed == pytest.approx(0.75)
    assert steps["c.1"].computed == pytest.approx(0.5 * 0.4 + 0.48)
    assert steps["h.1"].computed == pytest.approx(0.25 * math.tanh(0.9))


def test_parameters_follow_from_a_gate_and_from_weights_and_biases():
    carried = working_of("lstm", "{inputs: 3, hidden: 8}", carry={"gate.params": 100}).steps
    assert carried["params"].computed == 400
    carried = working_of("lstm", "{inputs: 3, hidden: 8}", carry={"weights": 300}).steps
    assert carried["params"].computed == 332


def test_gates_are_known_as_far_as_weights_are_given():
    done = working_of("lstm", "{x: [1], U_f: 2, W_f: 3}")
    assert list(done.steps) == ["f.1"]
    assert isinstance(done.ended, Missing)
    assert done.ended.name == "W_i"


REFUSED = [
    (HAND.replace("W_i: ln(4)", "W_i: [1, 2]"), "`W_i` is a vector of 2, and 1 × 1 is needed for 1 unit and 1 input"),
    (HAND.replace("c0: 0.4", "c0: [1, 2]"), "`c0` is a vector of 2, and a vector of 1 is needed"),
    ("{x: [1], W_f: 3}", "`W_f` has 1 column: too few for [h, x], where h has 1; weights of x alone need `U_f` for h"),
    ("{x: [[1, 2, 3]], W_f: [1, 2, 3]}", "an input of `x` has 3 numbers, and the weights take 2"),
    (BACK.replace("target: -1", "target: [1, 2]"), "`target` is a vector of 2, and the outputs are a number"),
    (BACK.replace("W_y: 1", "W_y: [[1, 2]]"), "`W_y` is 1 × 2, and the state has 1 unit"),
    (
        "{x: [[1, 2]], h0: [1, 2], b_f: 3, W_f: [[1, 2, 3, 4], [5, 6, 7, 8]]}",
        "`b_f` is a number, and a vector of 2 is needed",
    ),
]


@pytest.mark.parametrize(("given", "message"), REFUSED, ids=[row[1] for row in REFUSED])
def test_sizes_that_do_not_fit_say_so(given, message):
    with pytest.raises(Undefined) as caught:
        solve("lstm", given)
    assert str(caught.value) == message


def test_axes_of_one_name_have_one_length():
    with pytest.raises(GivenError) as caught:
        solve("lstm", "{x: [[1, 2]], h0: [1, 2, 3], W_f: [[1, 2, 3, 4], [5, 6, 7, 8]]}")
    assert caught.value.message == "W_f: its axis m has length 2, but h0 has m = 3"


CELL = """
    kind: lstm
    symbols: {x_t: {shape: [3]}, h: {shape: [2]}, c: {shape: [2]}, W_f: {shape: [2, 5]}, W_i: {shape: [2, 5]},
              W_c: {shape: [2, 5]}, W_o: {shape: [2, 5]}, b_f: {shape: [2]}, b_i: {shape: [2]}, b_c: {shape: [2]},
              b_o: {shape: [2]}}
    names: {f.1: f_t, i.1: i_t, g.1: g_t, o.1: o_t, c.1: c_t, h.1: h_t}
    given: {x: x_t, h0: h, c0: c, W_f: W_f, W_i: W_i, W_c: W_c, W_o: W_o, b_f: b_f, b_i: b_i, b_c: b_c, b_o: b_o}
    parts: {f: {ask: f_t}, i: {ask: i_t}, g: {ask: g_t}, o: {ask: o_t}, c: {ask: c_t}, h: {ask: h_t}}
"""


def test_the_equations_of_the_notes_are_right():
    """Seed 002: f_t = σ(W_f [h_{t-1}, x_t] + b_f), …, C_t = f_t ⊙ C_{t-1} + i_t ⊙ C̃_t, h_t = o_t ⊙ tanh(C_t)."""
    answers = r"""
        f: \sigma(W_f \cdot [h, x_t] + b_f)
        i: σ(W_i [h, x_t] + b_i)
        g: tanh(W_c concat(h, x_t) + b_c)
        o: sigmoid(W_o @ concat(h, x_t) + b_o)
        c: f_t ⊙ c + i_t ⊙ g_t
        h: o_t * tanh(c_t)
    """
    assert set(verdicts(CELL, answers).values()) == {"right"}


def test_wrong_equations_are_told_what_is_wrong():
    found = marks(CELL, "g: W_c [h, x_t] + b_c\nc: i_t * c + f_t * g_t\nh: o_t * c_t")
    assert {part: found[part].cause for part in ("g", "c", "h")} == {
        "g": "left out the activation",
        "c": "exchanged the forget and the input gate",
        "h": "left out the tanh on the cell",
    }


def test_the_input_before_the_state_is_another_convention():
    mark = marks(CELL, "f: sigmoid(W_f [x_t, h] + b_f)")["f"]
    assert (mark.verdict, mark.cause) == ("convention", "put the input before the state")


def test_a_cell_over_time_may_be_asked_as_a_function_of_the_step():
    given = "x: [x_1, x_2, x_3], h0: h0, c0: c0, " + ", ".join(f"U_{x}: U_{x}, W_{x}: W_{x}" for x in "fico")
    text = f"kind: lstm\nsymbols: [x_1, x_2, x_3]\ngiven: {{{given}}}\nparts: {{a: {{ask: f.t}}, b: {{ask: c.t}}}}"
    gates = [f"U_{x} h_{{t-1}} + W_{x} x_t" for x in "fic"]
    right = "σ({}) c_{{t-1}} + σ({}) tanh({})".format(*gates)
    assert verdicts(text, f'a: "σ({gates[0]})"\nb: "{right}"') == {"a": "right", "b": "right"}
    wrong = "σ({1}) c_{{t-1}} + σ({0}) tanh({2})".format(*gates)
    assert marks(text, f'b: "{wrong}"')["b"].cause == "exchanged the forget and the input gate"


def test_growth_of_the_parameters_is_that_of_the_square_of_the_units():
    text = """
        kind: lstm
        symbols: [n, m]
        given: {inputs: n, hidden: m}
        parts: {a: {ask: params}, b: {ask: params, as: big-o}}
    """
    assert verdicts(text, "a: 4 m (n + m + 1)\nb: O(m n + m^2)") == {"a": "right", "b": "right"}
    assert verdicts(text, "a: 4 m (n + 1)\nb: O(m n)") == {"a": "wrong", "b": "wrong"}
