"""Optimisers: steps against PyTorch's, against published ones and hand calculations, and the mistakes that people make."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import grade, problems, submissions
from hwcheck.errors import Missing, Undefined
from hwcheck.given import GivenError
from hwcheck.reports import as_yaml

CASES = json.loads((Path(__file__).parent / "data" / "optimizer.json").read_text(encoding="utf-8"))["cases"]
SHORT = [f"{c['given']['method']} {i}" for i, c in enumerate(CASES)]


@pytest.mark.parametrize("case", CASES, ids=SHORT)
def test_steps_are_those_of_pytorch(case):
    found = solve("optimizer", json.dumps(case["given"]))
    before = case["given"]["w"]
    for t, step in enumerate(case["steps"], start=1):
        for name, value in step.items():
            np.testing.assert_allclose(found[f"{name}.{t}"], value, rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(found[f"update.{t}"], np.subtract(step["w"], before), rtol=1e-10, atol=1e-13)
        before = step["w"]


def test_pytorch_was_asked_for_every_method_that_it_has_and_for_numbers_and_arrays():
    methods = {case["given"]["method"] for case in CASES}
    assert methods == {"sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "adagrad"}
    assert {np.ndim(case["given"]["w"]) for case in CASES} == {0, 1, 2}


HAGAN = "{w: [0, 0], grads: [[4, -4], [0, 0]], method: momentum, momentum: 0.75, momentum_form: averaged, lr: 1}"
MOVING = "{w: 1, grads: [0], method: momentum, momentum: 0.75, v0: -0.2, lr: 1}"
PLAIN = "{w: 1, grads: [2, -1], method: momentum, momentum: 0.5, lr: 0.1}"
AVERAGED = "{w: 4, grads: [2], method: momentum, momentum: 0.75, momentum_form: averaged, v0: 8, lr: 0.5}"
LOOKING = "{w: 1, grads: [2, -1], method: nesterov, momentum: 0.5, lr: 0.1}"
ONES = "{w: 0, grads: [1, 1], method: adam, lr: 1, eps: 0}"
ADAM = "{w: 1, grads: [3, 0], method: adam, lr: 0.5, beta1: 0.5, beta2: 0.75, eps: 1}"
ADAMW = "{w: 2, grads: [3], method: adamw, lr: 0.5, eps: 1, weight_decay: 0.1}"
RMSPROP = "{w: 1, grads: [2], method: rmsprop, lr: 0.5, rho: 0.75, eps: 1, v0: 4}"
ADAGRAD = "{w: 1, grads: [3, 4], method: adagrad, lr: 2, eps: 1}"
DECAYED = "{w: [2, -1], grads: [[1, 3]], lr: 0.5, weight_decay: 0.2}"

VALUES = [
    ("{w: 0.2, grads: [-0.022631168], lr: 0.15}", "w.1", 0.2033946752, "COMP 433 assignment 3, Q6(d): 0.2033947"),
    ("{w: 0.2, grads: [-0.012710656], lr: 0.15}", "w.1", 0.2019065984, "COMP 433 assignment 3, Q6(d): 0.2019066"),
    ("{w: 0.2, grads: [-0.024181248], lr: 0.15}", "w.1", 0.2036271872, "COMP 433 assignment 3, Q6(d): 0.2036272"),
    ("{w: [[1, 2, 3], [0, -1, 4]], grads: [[10, 0, -5], [20, 5, 1]], lr: 0.1}", "w.1", [[0, 2, 3.5], [-2, -1.5, 3.9]],
     "EECS 182 homework 4, Q7(a): w - η dw; a single gradient need not be a list"),
    ("{w: 3, grads: 2, lr: 0.5}", "w.1", 2.0, "by hand; a single gradient, a number"),
    ("{w: [3, 1], grads: [2, -4], lr: 0.5}", "w.1", [2, 3], "by hand; a single gradient like w"),
    ("{w: [0, 0], grads: [4, -4], lr: 1}", "w.1", [-4, 4], "Hagan, Neural Network Design, E12.9: downhill"),
    (HAGAN, "w.1", [-1, 1], "Hagan, Neural Network Design, E12.4"),
    (HAGAN, "w.2", [-1.75, 1.75], "Hagan, Neural Network Design, E12.4: it moves on where the gradient is zero"),
    (MOVING, "update.1", 0.15, "Hagan, Neural Network Design, E12.4: 0.75 · 0.2"),
    (PLAIN, "v.1", 2.0, "by hand"),
    (PLAIN, "v.2", 0.0, "by hand: 0.5·2 - 1"),
    (PLAIN, "w.2", 0.8, "by hand: 1 - 0.1·2 - 0.1·0"),
    (LOOKING, "update.1", -0.3, "by hand: -0.1 (2 + 0.5·2)"),
    (LOOKING, "update.2", 0.1, "by hand: -0.1 (-1 + 0.5·0)"),
    ("{w: 1, grads: [2], method: nesterov, momentum: 0.5, momentum_form: averaged, lr: 0.1}", "update.1", -0.25,
     "by hand: v = 0.5·2, -0.1 (2 + 0.5·1)"),
    (ONES, "m.2", 0.19, "by hand: 0.9·0.1 + 0.1"),
    (ONES, "m_hat.2", 1.0, "by hand: 0.19/(1 - 0.81)"),
    (ONES, "w.2", -2.0, "Kingma and Ba (2015), section 2.1: a constant gradient moves by η, whatever its size"),
    (ADAM, "m.2", 0.75, "by hand: 0.5·1.5"),
    (ADAM, "v.2", 1.6875, "by hand: 0.75·(0.25·9)"),
    (ADAM, "m_hat.2", 1.0, "by hand: 0.75/(1 - 0.25)"),
    (ADAM, "v_hat.2", 27 / 7, "by hand: 1.6875/(1 - 0.5625)"),
    (ADAM, "update.1", -0.375, "by hand: -0.5·3/(√9 + 1)"),
    (ADAM, "w.1", 0.625, "by hand: 1 - 0.375"),
    (ADAMW, "update.1", -0.475, "by hand: -0.5·0.1·2 - 0.5·3/4"),
    (RMSPROP, "v.1", 4.0, "by hand: 0.75·4 + 0.25·4"),
    (RMSPROP, "update.1", -1 / 3, "by hand: -0.5·2/(√4 + 1)"),
    (ADAGRAD, "v.2", 25.0, "by hand: 9 + 16"),
    (ADAGRAD, "update.2", -4 / 3, "by hand: -2·4/(√25 + 1)"),
    (DECAYED, "slope.1", [1.4, 2.8], "by hand: 1 + 0.2·2 and 3 - 0.2"),
    (DECAYED, "w.1", [1.3, -2.4], "by hand: 2 - 0.7 and -1 - 1.4"),
    ("{w: [1, 2, 3], grads: [[0.3, -7, 0]], method: sign, lr: 0.25}", "w.1", [0.75, 2.25, 3],
     "by hand; the sign of 0 is 0"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "expected", "source"), VALUES, ids=[f"{row[1]} of {row[0]}" for row in VALUES]
)
def test_values_are_the_published_and_hand_made_ones(given, name, expected, source):
    assert source
    answer = solve("optimizer", given)[name]
    assert np.shape(answer) == np.shape(expected)
    np.testing.assert_allclose(answer, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("form", "multiplier"), [("plain", 10), ("averaged", 1)])
def test_under_a_constant_gradient_the_two_forms_differ_by_one_over_one_minus_beta(form, multiplier):
    """Goodfellow et al. (2016), section 8.3.2: the terminal velocity of the plain form is g / (1 - β)."""
    answers = solve(
        "optimizer", f"{{w: 0, grads: {[1] * 400}, method: momentum, momentum: 0.9, momentum_form: {form}, lr: 1}}"
    )
    assert answers["update.400"] == pytest.approx(-multiplier, rel=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_entries_of_an_array_go_their_own_ways(seed):
    rng = np.random.default_rng(seed)
    method = ["sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "adagrad", "sign"][seed % 8]
    w, grads = rng.normal(size=(2, 3)), rng.normal(size=(3, 2, 3))
    shared = f"method: {method}, lr: 0.1, weight_decay: 0.2"
    whole = solve("optimizer", f"{{w: {w.tolist()}, grads: {grads.tolist()}, {shared}}}")
    for i in np.ndindex(w.shape):
        one = solve("optimizer", f"{{w: {w[i]}, grads: {[float(g[i]) for g in grads]}, {shared}}}")
        assert set(one) == set(whole)
        for name, value in one.items():
            assert whole[name][i] == pytest.approx(value, rel=1e-12), name


SLIPS = [
    ("{w: [0, 0], grads: [4, -4], lr: 1}", "update.1", "moved up the gradient", [4, -4],
     "Hagan, Neural Network Design, E12.4, E12.9: plus for minus"),
    ("{w: 3, grads: 2, lr: 0.5}", "update.1", "left out the learning rate", -2.0, "by hand"),
    ("{w: 3, grads: 2, lr: 0.5}", "w.1", "left the weight as it was", 3.0, "by hand"),
    ("{w: 3, grads: 2, lr: 0.5}", "w.1", "gave the change of the weight for the weight", -1.0, "by hand: -0.5·2"),
    (HAGAN, "v.2", "left out the velocity so far", [0, 0], "Hagan, E12.4: stops where the gradient is zero"),
    (MOVING, "update.1", "applied the momentum to the weight instead of its last change", 0.75,
     "Hagan, Neural Network Design, E12.4: 0.75 · 1"),
    (PLAIN, "v.2", "left out the factor of the velocity", 1.0, "by hand: 2 - 1"),
    (PLAIN, "v.2", "left out the gradient", 1.0, "by hand: 0.5·2"),
    (PLAIN, "v.1", "put the learning rate into the velocity", 0.2, "by hand: 0.1·2"),
    (PLAIN, "v.2", "took the gradient away from the velocity", 2.0, "by hand: 0.5·2 + 1"),
    (AVERAGED, "v.1", "left out the factor of the velocity", 8.5, "by hand: 8 + 0.25·2"),
    (AVERAGED, "v.1", "put the learning rate into the velocity", 6.25, "by hand: 0.75·8 + 0.5·0.25·2"),
    (AVERAGED, "v.1", "took the gradient away from the velocity", 5.5, "by hand: 0.75·8 - 0.25·2"),
    (AVERAGED, "update.1", "applied the momentum to the weight instead of its last change", 2.75,
     "by hand: 0.75·4 - 0.5·0.25·2"),
    (PLAIN, "update.2", "left out the velocity", 0.1, "by hand: -0.1·(-1)"),
    (LOOKING, "update.1", "left out the look ahead", -0.2, "by hand: -0.1·2"),
    (LOOKING, "update.2", "took the velocity before the step for the one after it", 0.0, "by hand: -0.1 (-1 + 0.5·2)"),
    (LOOKING, "update.1", "left out the factor of the velocity", -0.4, "by hand: -0.1 (2 + 2)"),
    (ONES, "m_hat.2", "left out the power t of the bias correction", 1.9, "by hand: 0.19/0.1"),
    (ONES, "m_hat.2", "left out the bias correction", 0.19, "by hand"),
    (ONES, "m_hat.2", "multiplied by the bias correction instead of dividing", 0.0361, "by hand: 0.19·0.19"),
    (ADAM, "m.1", "exchanged β_1 and 1 - β_1", 1.5, "by hand: the same, for β_1 is ½"),
    (ADAM, "v.1", "exchanged β_2 and 1 - β_2", 6.75, "by hand: 0.75·9"),
    (ADAM, "v.2", "left out the factor 1 - β_2", 1.6875, "by hand: the same, for g is 0"),
    (ADAM, "v.1", "left out the factor 1 - β_2", 9.0, "by hand"),
    (ADAM, "m.2", "left out the mean so far", 0.0, "by hand: 0.5·0"),
    (ADAM, "m.1", "took β_2 for β_1", 0.75, "by hand: 0.25·3"),
    (ADAM, "v.1", "took β_1 for β_2", 4.5, "by hand: 0.5·9"),
    (ADAM, "v.1", "left out the square of the gradient", 0.75, "by hand: 0.25·3"),
    (ADAM, "update.1", "left out the bias correction", -0.3, "by hand: -0.5·1.5/(√2.25 + 1)"),
    (ADAM, "update.2", "took the gradient for its mean", 0.0, "by hand: g is 0"),
    (ADAM.replace("[3, 0]", "[3, 1]"), "update.2", "took the gradient for its mean", -0.5 / ((31 / 7) ** 0.5 + 1),
     "by hand: v is 0.75·2.25 + 0.25, over 0.4375"),
    (ADAM, "update.1", "left out the root", -0.15, "by hand: -0.5·3/(9 + 1)"),
    (ADAM, "update.1", "put ε inside the root", -1.5 / np.sqrt(10), "by hand: -0.5·3/√(9 + 1)"),
    (ADAM, "update.1", "left out ε", -0.5, "by hand: -0.5·3/√9"),
    (ADAMW, "update.1", "left out the weight decay", -0.375, "by hand: -0.5·3/4"),
    (ADAMW, "update.1", "left the learning rate out of the weight decay", -0.575, "by hand: -0.375 - 0.1·2"),
    (ADAMW, "update.1", "left out the root", -0.25, "by hand: -0.5·3/(9 + 1) - 0.5·0.1·2"),
    (RMSPROP, "v.1", "exchanged ρ and 1 - ρ", 4.0, "by hand: the same, for g² is v"),
    (RMSPROP, "v.1", "left out the mean so far", 1.0, "by hand: 0.25·4"),
    (RMSPROP, "update.1", "did not divide by the root of the squares", -1.0, "by hand: -0.5·2"),
    (ADAGRAD, "v.2", "left out the squares so far", 16.0, "by hand"),
    (ADAGRAD, "v.2", "left out the square of the gradient", 13.0, "by hand: 9 + 4"),
    (ADAGRAD, "update.2", "took the squares before the step", -2.0, "by hand: -2·4/(√9 + 1)"),
    (DECAYED, "slope.1", "left out the weight decay", [1, 3], "by hand"),
    (DECAYED, "slope.1", "left out the gradient", [0.4, -0.2], "by hand"),
    (DECAYED, "slope.1", "took the weight decay away from the gradient", [0.6, 3.2], "by hand"),
    (DECAYED, "slope.1", "doubled the weight decay", [1.8, 2.6], "by hand: the slope of λ w² for that of ½ λ w²"),
    ("{w: [1, 2], grads: [[0.5, -8]], method: sign, lr: 0.5}", "update.1", "left out the sign", [-0.25, 4], "by hand"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    value = slip_of("optimizer", given, name, label)
    assert np.shape(value) == np.shape(expected)
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-14)


def test_a_step_follows_from_a_wrong_velocity():
    steps = working_of("optimizer", PLAIN, carry={"v.1": 4.0}).steps
    assert steps["w.1"].computed == pytest.approx(0.6)  # 1 - 0.1·4
    assert steps["v.2"].computed == pytest.approx(1.0)  # 0.5·4 - 1
    assert steps["w.2"].computed == pytest.approx(0.5)


def test_a_step_follows_from_a_wrong_bias_correction():
    steps = working_of("optimizer", ADAM, carry={"m_hat.1": 6.0}).steps
    assert steps["update.1"].computed == pytest.approx(-0.75)  # -0.5·6/(√9 + 1)
    assert steps["m.2"].computed == 0.75  # from m.1, which was right


QUANTITIES = [
    ("sgd", {"update", "w"}),
    ("sign", {"update", "w"}),
    ("momentum", {"v", "update", "w"}),
    ("nesterov", {"v", "update", "w"}),
    ("adam", {"m", "v", "m_hat", "v_hat", "update", "w"}),
    ("adamw", {"m", "v", "m_hat", "v_hat", "update", "w"}),
    ("rmsprop", {"v", "update", "w"}),
    ("adagrad", {"v", "update", "w"}),
]


@pytest.mark.parametrize(("method", "expected"), QUANTITIES, ids=[row[0] for row in QUANTITIES])
def test_a_method_has_the_quantities_that_it_keeps(method, expected):
    given = f"{{w: 1, grads: [2, 3], lr: 0.1, method: {method}}}"
    assert set(solve("optimizer", given)) == {f"{name}.{t}" for name in expected for t in (1, 2)}


UNDEFINED = [
    ("{w: [1, 2], grads: [[1, 2, 3]], lr: 1}", "a gradient is a list of 3, and w is a list of 2"),
    ("{w: 1, grads: [[1, 2, 3]], lr: 1}", "a gradient is a list of 3, and w is a number"),
    ("{w: [[1, 2]], grads: 3, lr: 1}", "a gradient is a number, and w is 1 × 2"),
    ("{w: [[1, 2]], grads: [[1, 2]], method: adam, m0: [1, 2], lr: 1}", "`m0` is a list of 2, and w is 1 × 2"),
    ("{w: 1, grads: 2, method: adam, beta1: 1, lr: 1}", "β_1 is 1, so that there is no dividing by 1 - β_1^t"),
    ("{w: 1, grads: 2, method: adam, eps: -1, lr: 1}", "`eps` is -1, and may not be below 0"),
    ("{w: 1, grads: 0, method: adagrad, eps: 0, lr: 1}",
     "the squares and `eps` are 0, so that there is no dividing by their root"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), UNDEFINED, ids=[row[0] for row in UNDEFINED])
def test_impossible_numbers_are_refused_in_a_sentence(given, message):
    with pytest.raises(Undefined) as caught:
        solve("optimizer", given)
    assert str(caught.value) == message


UNREADABLE = [
    ("{grads: [[1, 2], [3]]}", "grads: expected a list of 2 like the gradient before, found a list of 1"),
    ("{grads: [1, [3]]}", "grads: expected a number like the gradient before, found a list of 1"),
    ("{grads: []}", "grads: expected numbers, found an empty list"),
    (f"{{grads: {[1] * 1001}}}", "grads: expected at most 1,000 gradients, found 1,001"),
    ("{lr: 0}", "lr: expected a number above 0, found 0"),
    ("{method: adma}", "method: found 'adma'; did you mean 'adam'?"),
]


@pytest.mark.parametrize(("given", "message"), UNREADABLE, ids=[row[1] for row in UNREADABLE])
def test_a_given_that_cannot_be_read_says_what_was_found_and_expected(given, message):
    with pytest.raises(GivenError) as caught:
        givens_of("optimizer", given)
    assert caught.value.message == message


def test_a_step_without_a_learning_rate_asks_for_it():
    done = working_of("optimizer", "{w: 1, grads: 2, method: momentum}")
    assert set(done.steps) == {"v.1"}
    assert isinstance(done.ended, Missing)
    assert done.ended.name == "lr"


def marks(problem, answers):
    file = problems.parse(problem.encode(), "o.yaml", "o")
    text = "answers:\n" + "".join(f"  {name}: {answer}\n" for name, answer in answers.items())
    report = grade.grade(file, submissions.match(submissions.parse(text.encode(), "answers.yaml"), file))
    return {mark.part: mark for mark in report.marks}


MATRICES = """
kind: optimizer
symbols: {w: {shape: [3, 2]}, dw: {shape: [3, 2]}, du: {shape: [3, 2]}}
given: {w: w, grads: [dw, du], lr: η, method: momentum, momentum: β}
parts: {a: {ask: w.1}, b: {ask: v.2}, c: {ask: w.2}}
"""
NUMBERS = """
kind: optimizer
symbols: [g, β_1, β_2]
given: {w: w, grads: [g], lr: η, method: adam, beta1: β_1, beta2: β_2, eps: 0}
parts: {a: {ask: m.1}, b: {ask: m_hat.1}, c: {ask: w.1}}
"""
STEPS = """
kind: optimizer
given: {w: 1, grads: [3, 0.5, -2], lr: η, method: momentum, momentum: 0.8}
parts: {a: {ask: v.t}, b: {ask: w.t}}
"""
SYMBOLIC = [
    (MATRICES, {"a": "w - η dw", "b": "β dw + du", "c": "w - η dw - η(du + β dw)"}, ["right"] * 3),
    (MATRICES, {"a": "w + η dw", "b": "dw + du", "c": "w - η(dw + du)"}, ["wrong"] * 3),
    (NUMBERS, {"a": "(1 - β_1) g", "b": "g", "c": "w - η g/|g|"}, ["right"] * 3),
    (NUMBERS, {"a": "β_1 g", "b": "(1 - β_1) g", "c": "w - η g"}, ["wrong"] * 3),
    (STEPS, {"a": '"0.8 v_{t-1} + g_t"', "b": '"w_{t-1} - η (0.8 v_{t-1} + g_t)"'}, ["right"] * 2),
    (STEPS, {"a": '"v_{t-1} + g_t"', "b": '"w_{t-1} + η (0.8 v_{t-1} + g_t)"'}, ["wrong"] * 2),
]


@pytest.mark.parametrize(("problem", "answers", "verdicts"), SYMBOLIC, ids=[str(row[1]) for row in SYMBOLIC])
def test_steps_in_symbols_are_judged(problem, answers, verdicts):
    assert [mark.verdict for mark in marks(problem, answers).values()] == verdicts


@pytest.mark.parametrize("problem", [MATRICES, NUMBERS, STEPS])
def test_the_key_of_steps_in_symbols_is_a_formula_for_each(problem):
    file = problems.parse(problem.encode(), "o.yaml", "o")
    text = as_yaml.solution(file, None)
    draft = submissions.parse(text.encode(), "answers.yaml")
    assert {mark.verdict for mark in grade.grade(file, submissions.match(draft, file)).marks} == {"right"}


@pytest.mark.parametrize(("shape", "key"), [("[3]", "g^2"), ("[2, 2]", "g · g")])
def test_squares_of_a_square_matrix_are_written_entry_by_entry(shape, key):
    problem = f"""
kind: optimizer
symbols: {{w: {{shape: {shape}}}, g: {{shape: {shape}}}}}
given: {{w: w, grads: [g], lr: η, method: adagrad, eps: ε}}
parts: {{a: {{ask: v.1}}}}
"""
    assert f'a: "{key}"' in as_yaml.solution(problems.parse(problem.encode(), "o.yaml", "o"), None)


def test_who_moves_up_the_gradient_is_told_so_though_only_the_weight_is_asked():
    problem = "{kind: optimizer, given: {w: 0.2, grads: -0.022631168, lr: 0.15}, parts: {a: {ask: w.1}}}"
    mark = marks(problem, {"a": "0.1966053"})["a"]
    assert mark.verdict == "wrong"
    assert "moved up the gradient" in mark.cause


def test_the_other_form_of_the_velocity_is_a_convention():
    problem = f"{{kind: optimizer, given: {PLAIN}, parts: {{a: {{ask: v.1}}, b: {{ask: w.1}}}}}}"
    mark = marks(problem, {"a": 1})["a"]
    assert (mark.verdict, mark.cause) == ("convention", "took v = β v + (1 - β) g for the velocity")
    assert marks(problem, {"b": 0.9})["b"].verdict == "convention"


def test_a_step_that_does_not_move_is_zero_without_a_sign():
    assert str(solve("optimizer", "{w: 1, grads: 0, lr: 1}")["update.1"]) == "0.0"
