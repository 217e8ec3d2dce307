"""GRU: against PyTorch's numbers under every convention, published examples, and hand calculations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gated import agree, cases, joined, side_by_side, sizes, wrong_formulas, yaml
from marking import marks, verdicts
from solving import slip_of, solve, working_of

from hwcheck.errors import Missing, Undefined

CASES = cases("gru.json")


@pytest.mark.parametrize("case", CASES)
def test_gates_states_and_gradients_are_those_of_pytorch(case):
    agree(solve("gru", yaml(case["given"])), case["answers"])


@pytest.mark.parametrize("order", ["hx", "xh"])
@pytest.mark.parametrize("case", CASES)
def test_weights_over_state_and_input_together_are_the_same_network(case, order):
    expected = {name: value for name, value in case["answers"].items() if not name.startswith("grad_U")}
    for letter in "rzh":
        slopes = (case["answers"][f"grad_{matrix}_{letter}"] for matrix in "UW")
        expected[f"grad_W_{letter}"] = side_by_side(*slopes, order)
    agree(solve("gru", yaml(joined(case["given"], "rzh", order))), expected)


@pytest.mark.parametrize("case", sizes("gru.json"))
def test_numbers_of_parameters_are_those_of_pytorch(case):
    answers = solve("gru", yaml({k: str(v).lower() if isinstance(v, bool) else v for k, v in case["given"].items()}))
    assert (answers["weights"], answers["params"]) == (case["weights"], case["params"])


# click4ai, "GRU Cell": weights over [x, h], h0 = 0, so that the reset gate changes nothing. Printed there to three decimals.
CLICK = """{x: [[1, 0.5]], h0: [0, 0], order: xh, W_z: [[0.3, 0.2, 0.1, 0.4], [0.1, 0.5, 0.3, 0.2]],
    W_r: [[0.2, 0.4, 0.3, 0.1], [0.4, 0.1, 0.2, 0.3]], W_h: [[0.5, 0.1, 0.2, 0.3], [0.2, 0.3, 0.4, 0.1]]}"""
PUBLISHED = [
    (CLICK, "z.1", [0.599, 0.587], "click4ai: σ of 0.40 and 0.35"),
    (CLICK, "r.1", [0.599, 0.611], "click4ai: σ of 0.40 and 0.45"),
    (CLICK, "cand.1", [0.500, 0.336], "click4ai: tanh of 0.55 and 0.35 (printed there as 0.337)"),
    (CLICK, "h.1", [0.300, 0.197], "click4ai: z times the candidate (0.198 there, from 0.337)"),
    (
        CLICK.replace("order", "update: keep, order"),
        "h.1",
        [0.201, 0.139],
        "mistakes.md 72: (1 - z) times the candidate",
    ),
]


@pytest.mark.parametrize(("given", "name", "expected", "source"), PUBLISHED, ids=[row[3] for row in PUBLISHED])
def test_published_examples_come_out(given, name, expected, source):
    assert source
    np.testing.assert_allclose(solve("gru", given)[name], expected, atol=6e-4)


# σ(ln 3) = 3/4, σ(-ln 4) = 1/5, tanh(ln 2) = 3/5. With h0 = 1: r = 3/4, z = 1/5, and the candidate is made so that
# its inside is ln 2: 4 · 3/4 + (ln 2 - 3) · 1 before; after, with c_h = 1: 3/4 · (4 + 1) + (ln 2 - 3.75) · 1.
BEFORE = "{x: [1], h0: 1, U_r: ln(3) - 2, W_r: 2, U_z: -ln(4) + 5, W_z: -5, U_h: 4, W_h: ln(2) - 3}"
AFTER = BEFORE.replace("ln(2) - 3}", "ln(2) - 3.75, c_h: 1, reset: after}")
KEEP = BEFORE.replace("}", ", update: keep}")
# z = 1/2, candidate 1/5, h0 = 1/2 and y - t = 1: mistakes.md 55
BACK = f"{{x: [1], h0: 0.5, U_r: 0, W_r: 0, U_z: 0, W_z: 0, U_h: 0, W_h: {math.atanh(0.2)!r}, W_y: 1, target: -0.65, lr: 0.5}}"
VALUES = [
    (BEFORE, "r.1", 0.75, "by hand: σ(ln 3)"),
    (BEFORE, "z.1", 0.2, "by hand: σ(-ln 4)"),
    (BEFORE, "cand.1", 0.6, "by hand: tanh(4·0.75·1 + ln 2 - 3)"),
    (BEFORE, "h.1", 0.92, "by hand: 0.8·1 + 0.2·0.6"),
    (KEEP, "h.1", 0.68, "by hand: 0.2·1 + 0.8·0.6"),
    (AFTER, "cand.1", 0.6, "by hand: tanh(0.75·(4·1 + 1) + ln 2 - 3.75)"),
    (BEFORE.replace("}", ", c_h: 2, b_h: -2}"), "cand.1", 0.6, "by hand: the second bias beside the first"),
    (BACK, "grad_z.1", -0.3, "mistakes.md 55: 0.2 - 0.5"),
    (BACK, "grad_cand.1", 0.5, "by hand: 1·z"),
    (BACK.replace("x: [1]", "x: [1], update: keep"), "grad_z.1", 0.3, "by hand: 0.5 - 0.2"),
    ("{inputs: 13, hidden: 20}", "params", 2040, "mistakes.md 29 (Keras, reset before): 3 (13·20 + 20·20 + 20)"),
    ("{inputs: 13, hidden: 20, bias_vectors: 2}", "params", 2100, "mistakes.md 29 (PyTorch): 3 (13·20 + 20·20 + 2·20)"),
    ("{inputs: 13, hidden: 20}", "gate.params", 680, "by hand: 260 + 400 + 20"),
    ("{inputs: 13, hidden: 20, outputs_size: 4}", "weights", 2060, "by hand: 3·660 + 80"),
    ("{inputs: 3, hidden: 8, layers: 2, bidirectional: true}", "params", 1776, "by hand: 2·288 + 2·3 (128 + 64 + 8)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "expected", "source"), VALUES, ids=[f"{r[1]} of {r[0]}"[:90] for r in VALUES]
)
def test_values_are_the_hand_made_ones(given, name, expected, source):
    assert source
    answer = solve("gru", given)[name]
    assert type(answer) is type(expected)
    assert answer == pytest.approx(expected, rel=1e-12)


SLIPS = [
    (BEFORE, "r.1", "exchanged the parameters of the reset and the update gate", 0.2, "by hand: that is z"),
    (BEFORE, "z.1", "exchanged the parameters of the reset and the update gate", 0.75, "by hand: that is r"),
    (BEFORE, "z.1", "took the reset gate's parameters for every gate", 0.75, "by hand: that is r"),
    (BEFORE, "r.1", "left out the recurrent weights", 1 / (1 + math.exp(-2)), "by hand: σ(2)"),
    (BEFORE, "r.1", "left out the input", 3 / (3 + math.exp(2)), "by hand: σ(ln 3 - 2) = 3/(3 + e²)"),
    (BEFORE, "r.1", "left out the activation", math.log(3), "by hand"),
    (BEFORE, "z.1", "rounded the gate to 0 or 1", 0.0, "by hand: 0.2"),
    (BEFORE, "cand.1", "left out the reset gate", math.tanh(1 + math.log(2)), "by hand: 4·1 + ln 2 - 3"),
    (BEFORE, "cand.1", "took the update gate for the reset gate", math.tanh(math.log(2) - 2.2), "by hand: 4·0.2 + ln 2 - 3"),
    (BEFORE, "cand.1", "took 1 - r for r", math.tanh(math.log(2) - 2), "by hand: 4·0.25 + ln 2 - 3"),
    (BEFORE, "cand.1", "left out the recurrent weights", math.tanh(math.log(2) - 3), "by hand"),
    (BEFORE, "cand.1", "left out the input", math.tanh(3), "by hand: 4·0.75"),
    (BEFORE, "cand.1", "left out the activation", math.log(2), "by hand"),
    (AFTER, "cand.1", "left out the reset gate", math.tanh(1.25 + math.log(2)), "by hand: 4 + 1 + ln 2 - 3.75"),
    (BEFORE, "h.1", "took the reset gate for the update gate", 0.7, "by hand: 0.25·1 + 0.75·0.6"),
    (BEFORE, "h.1", "left out the old state", 0.12, "by hand: 0.2·0.6"),
    (BEFORE, "h.1", "weighed both with z", 0.32, "by hand: 0.2·1 + 0.2·0.6"),
    (KEEP, "h.1", "left out the old state", 0.48, "by hand: 0.8·0.6"),
    (BACK, "grad_z.1", "left out the minus of 1 - z", 0.7, "mistakes.md 55: 0.2 + 0.5"),
    (BACK, "grad_b_z", "left out the derivative of the activation", -0.3, "by hand: the slope in z itself"),
    (BACK, "new_W_y", "left out the learning rate", 0.65, "by hand: 1 - 1·0.35"),
    ("{inputs: 13, hidden: 20}", "params", "counted one gate instead of three", 680, "by hand"),
    ("{inputs: 13, hidden: 20}", "params", "left out the recurrent weights", 840, "by hand: 3 (260 + 20)"),
    ("{inputs: 13, hidden: 20}", "params", "left out the recurrent weights of the gates, but not of the candidate", 1240,
     "by hand: 2 (260 + 20) + 680"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{r[1]}: {r[2]} of {r[0]}"[:110] for r in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    assert slip_of("gru", given, name, label) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_formulas_give_their_values_on_arrays(case):
    assert wrong_formulas("gru", yaml(case["given"])) == []
    for order in ("hx", "xh"):
        assert wrong_formulas("gru", yaml(joined(case["given"], "rzh", order))) == []


@pytest.mark.parametrize("given", [BEFORE, AFTER, KEEP, BACK])
def test_formulas_give_their_values_on_numbers(given):
    assert wrong_formulas("gru", given) == []


def test_conventions_of_the_update_and_the_reset_gate_are_told_apart():
    text = f"kind: gru\ngiven: {BEFORE}\nparts: {{a: {{ask: h.1}}}}"
    mark = marks(text, "a: 0.68")["a"]
    assert (mark.verdict, mark.cause) == ("convention", "let z weigh the old state")
    text = f"kind: gru\ngiven: {CLICK.replace('h0: [0, 0]', 'h0: [0.6, -0.9]')}\nparts: {{a: {{ask: cand.1}}}}"
    other = solve("gru", CLICK.replace("h0: [0, 0]", "h0: [0.6, -0.9], reset: after"))["cand.1"]
    mark = marks(text, f"a: {other.tolist()}")["a"]
    assert (mark.verdict, mark.cause) == ("convention", "applied the reset gate after the product with the weights")


def test_with_one_unit_and_no_second_bias_the_reset_gate_commutes():
    """By hand: U (r h) = r (U h) for numbers."""
    before = solve("gru", BEFORE)
    assert solve("gru", BEFORE.replace("}", ", reset: after}")) == pytest.approx(before, rel=1e-14)


def test_a_batch_is_its_sequences_one_by_one_and_its_gradients_their_sum():
    rng = np.random.default_rng(11)
    weights = {f"{matrix}_{x}": rng.uniform(-1, 1, size=s).round(2).tolist()
               for x in "rzh" for matrix, s in (("U", (2, 2)), ("W", (2, 3)), ("b", (2,)))}  # fmt: skip
    weights |= {"c_h": [0.4, -0.3], "W_y": [[0.5, -0.8]], "reset": "after", "reduction": "sum", "loss": "mse"}
    x, h0, target = (rng.uniform(-1, 1, size=size) for size in ((4, 3, 3), (4, 2), (4, 1)))
    whole = solve("gru", yaml({**weights, "x": x.tolist(), "h0": h0.tolist(), "target": target.tolist()}))
    each = [
        solve("gru", yaml({**weights, "x": x[k].tolist(), "h0": h0[k].tolist(), "target": target[k].tolist()}))
        for k in range(4)
    ]
    for name in ("h.3", "cand.1", "y", "grad_h.2", "grad_r.1", "grad_x"):
        np.testing.assert_allclose(whole[name], [one[name] for one in each], rtol=1e-12)
    for name in ("loss", "grad_W_r", "grad_U_h", "grad_b_z", "grad_c_h", "grad_W_y", "grad_b_y"):
        np.testing.assert_allclose(whole[name], sum(one[name] for one in each), rtol=1e-11)


def test_whatever_comes_later_follows_from_a_wrong_gate():
    steps = working_of("gru", BEFORE, carry={"r.1": 0.5, "z.1": 0.4}).steps
    assert steps["r.1"].computed == pytest.approx(0.75)
    assert steps["cand.1"].computed == pytest.approx(math.tanh(math.log(2) - 1))
    assert steps["h.1"].computed == pytest.approx(0.6 + 0.4 * math.tanh(math.log(2) - 1))


def test_gates_are_known_as_far_as_weights_are_given():
    done = working_of("gru", "{x: [1], U_r: 2, W_r: 3}")
    assert list(done.steps) == ["r.1"]
    assert isinstance(done.ended, Missing)
    assert done.ended.name == "W_z"


def test_sizes_that_do_not_fit_say_so():
    with pytest.raises(Undefined, match=r"^`U_z` is 2 × 2, and 1 × 1 is needed$"):
        solve("gru", BEFORE.replace("U_z: -ln(4) + 5", "U_z: [[1, 2], [3, 4]]"))


CELL = """
    kind: gru
    symbols: {x_t: {shape: [3], real: [-1, 1]}, h: {shape: [2]}, W_r: {shape: [2, 5], real: [-1, 1]},
              W_z: {shape: [2, 5], real: [-1, 1]}, W_h: {shape: [2, 5], real: [-1, 1]}}
    names: {r.1: r_t, z.1: z_t, cand.1: cand_t, h.1: h_t}
    given: {x: x_t, h0: h, W_r: W_r, W_z: W_z, W_h: W_h}
    parts: {r: {ask: r_t}, z: {ask: z_t}, c: {ask: cand_t}, h: {ask: h_t}}
"""


def test_the_equations_of_the_notes_are_right():
    """Seed 002: h̃_t = tanh(W_h [r_t ⊙ h_{t-1}, x_t] + b_h), h_t = (1 - z_t) ⊙ h_{t-1} + z_t ⊙ h̃_t."""
    answers = r"""
        r: \sigma(W_r \cdot [h, x_t])
        z: σ(W_z [h, x_t])
        c: tanh(W_h [r_t ⊙ h, x_t])
        h: (1 - z_t) ⊙ h + z_t ⊙ cand_t
    """
    assert set(verdicts(CELL, answers).values()) == {"right"}


def test_wrong_equations_are_told_what_is_wrong():
    found = marks(CELL, "c: tanh(W_h [h, x_t])\nh: z_t * h + (1 - z_t) * cand_t")
    assert found["c"].cause == "left out the reset gate"
    assert (found["h"].verdict, found["h"].cause) == ("convention", "let z weigh the old state")


def test_a_state_over_time_may_be_asked_as_a_function_of_the_step():
    given = "x: [x_1, x_2, x_3], h0: h0, " + ", ".join(f"U_{x}: U_{x}, W_{x}: W_{x}" for x in "rzh")
    text = f"kind: gru\nsymbols: [x_1, x_2, x_3]\ngiven: {{{given}}}\nparts: {{a: {{ask: z.t}}, b: {{ask: h.t}}}}"
    r, z = (f"σ(U_{x} h_{{t-1}} + W_{x} x_t)" for x in "rz")
    state = f"(1 - {z}) h_{{t-1}} + {z} tanh(U_h ({r} h_{{t-1}}) + W_h x_t)"
    assert verdicts(text, f'a: "{z}"\nb: "{state}"') == {"a": "right", "b": "right"}
    assert verdicts(text, f'b: "{state.replace(f"{r} ", "")}"')["b"] == "wrong"
