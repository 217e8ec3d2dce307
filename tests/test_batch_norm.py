"""Batch and layer normalisation: against PyTorch, hand calculations, and the mistakes that people make."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import evaluation, expressions, grade, problems, submissions
from hwcheck.errors import Missing, Undefined
from hwcheck.given import GivenError
from hwcheck.reports import as_yaml

CASES = json.loads((Path(__file__).parent / "data" / "batch_norm.json").read_text(encoding="utf-8"))["cases"]


def label(case):
    given = case["given"]
    rest = {name: given[name] for name in ("axis", "variance", "mode", "eps") if name in given}
    return f"{len(given['x'])}x{len(given['x'][0])} {rest}"


@pytest.mark.parametrize("case", CASES, ids=map(label, CASES))
def test_outputs_and_gradients_are_those_of_pytorch(case):
    found = solve("batch_norm", json.dumps(case["given"]))
    for name in ("output", "grad_x", "grad_gamma", "grad_beta"):
        assert np.shape(found[name]) == np.shape(case[name])
        np.testing.assert_allclose(found[name], case[name], rtol=1e-9, atol=1e-9)


LECTURE = "{x: [[1, 2, 3], [0, 2, 5], [6, 9, 2]]}"
PAIR = "{x: [1, 3], eps: 0}"
FOUR = "{x: [0, 0, 3, 5], eps: 4.5, gamma: 6, beta: 1, upstream: [3, 0, 0, 9]}"
"""mean 2, squares 4 + 4 + 1 + 9 = 18, variance 4.5, root 3"""
SCALED = "{x: [[1, 0], [3, 8]], eps: 3, gamma: [4, 10], beta: [0.5, -1], upstream: [[1, 2], [5, 0]]}"
"""means 2 and 4, variances 1 and 16, roots 2 and √19"""
LAYER = "{x: [[1, 3], [0, 8]], eps: 0, axis: features, gamma: [4, 10], beta: [0.5, -1]}"
RUNNING = "{x: [[1, 4], [3, 10]], mode: infer, running_mean: [5, 2], running_var: [3, 15], eps: 1, gamma: [2, 6], upstream: [[1, 2], [3, 4]]}"

VALUES = [
    (LECTURE, "mean", [7 / 3, 13 / 3, 10 / 3], "NPTEL 850879107, as the published key has it: (2.33, 4.33, 3.33)"),
    (LECTURE, "params", 6, "by hand: a scale and a shift for each of 3 features"),
    (PAIR, "normalized", [-1, 1], "by hand: mean 2, variance 1"),
    ("{x: [1, 3], eps: 0, variance: sample}", "normalized", [-(0.5**0.5), 0.5**0.5], "by hand: mean 2, variance 2"),
    (PAIR, "params", 2, "by hand: one feature"),
    ("{x: [1, 3], axis: features}", "params", 4, "by hand: two features"),
    ("{features: 512}", "params", 1024, "Keras, summary of a model: 1,024 of 2,048 are trainable"),
    (FOUR, "mean", 2.0, "by hand: 8/4"),
    (FOUR, "variance", 4.5, "by hand: 18/4"),
    ("{x: [0, 0, 3, 5], variance: sample}", "variance", 6.0, "by hand: 18/3"),
    (FOUR, "normalized", [-2 / 3, -2 / 3, 1 / 3, 1], "by hand: (x - 2)/3"),
    (FOUR, "output", [-3, -3, 3, 7], "by hand: 6 normalized + 1"),
    (FOUR, "grad_beta", 12.0, "by hand: 3 + 9"),
    (FOUR, "grad_gamma", 7.0, "by hand: -3·2/3 + 9"),
    (FOUR, "grad_normalized", [18, 0, 0, 54], "by hand: 6 upstream"),
    (FOUR, "grad_variance", -7 / 3, "by hand: -½ (18·(-2) + 54·3)/27"),
    (FOUR, "grad_mean", -24.0, "by hand: -(18 + 54)/3"),
    (FOUR, "grad_x", [6 + 7 / 3 - 6, 7 / 3 - 6, -7 / 6 - 6, 18 - 3.5 - 6],
     "by hand: grad_normalized/3 - 7/3·2 (x - 2)/4 - 24/4"),
    (SCALED, "mean", [2, 4], "by hand"),
    (SCALED, "variance", [1, 16], "by hand"),
    (SCALED, "grad_beta", [6, 2], "by hand: summed over the rows"),
    (SCALED, "grad_gamma", [2, -8 / 19**0.5], "by hand: -½ + 5·½ and 2·(-4/√19)"),
    (LAYER, "mean", [2, 4], "by hand: of each row"),
    (LAYER, "variance", [1, 16], "by hand: of each row"),
    (LAYER, "output", [[-3.5, 9], [-3.5, 9]], "by hand: -1 and 1 in each row, scaled and shifted"),
    (RUNNING, "mean", [5, 2], "by hand: the running mean"),
    (RUNNING, "output", [[-4, 3], [-2, 12]], "by hand: 2 (x - 5)/2 and 6 (x - 2)/4"),
    (RUNNING, "grad_x", [[1, 3], [3, 6]], "by hand: upstream times γ/root, 1 and 1.5"),
    ("{x: [[1, 4], [3, 10]], mode: infer, running_mean: 2, running_var: 3, eps: 1}", "normalized",
     [[-0.5, 1], [0.5, 4]], "by hand: one number for both features"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "expected", "source"), VALUES, ids=[f"{row[1]} of {row[0]}" for row in VALUES]
)
def test_values_are_the_published_and_hand_made_ones(given, name, expected, source):
    assert source
    answer = solve("batch_norm", given)[name]
    assert np.shape(answer) == np.shape(expected)
    np.testing.assert_allclose(answer, expected, rtol=1e-12, atol=1e-14)


def test_a_number_of_parameters_is_whole():
    assert type(solve("batch_norm", LECTURE)["params"]) is int


@pytest.mark.parametrize("seed", range(20))
def test_features_are_normalised_to_mean_0_and_variance_1(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(3, 5, size=(4, 3))
    axis, kept = ("features", 1) if seed % 2 else ("batch", 0)
    found = solve("batch_norm", f"{{x: {x.tolist()}, eps: 0, axis: {axis}}}")["normalized"]
    np.testing.assert_allclose(found.mean(axis=kept), 0, atol=1e-12)
    np.testing.assert_allclose((found**2).mean(axis=kept), 1, rtol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_the_gradient_in_x_is_blind_to_what_normalisation_takes_away(seed):
    """Shifting and stretching x changes nothing where ε is 0, so the gradient is at right angles to both."""
    rng = np.random.default_rng(seed)
    x, upstream = rng.normal(size=(2, 5, 3))
    shared = f"eps: 0, variance: {['population', 'sample'][seed % 2]}"
    slope = solve("batch_norm", f"{{x: {x.tolist()}, upstream: {upstream.tolist()}, {shared}}}")["grad_x"]
    np.testing.assert_allclose(slope.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose((slope * x).sum(axis=0), 0, atol=1e-12)


SLIPS = [
    (LECTURE, "mean", "did not divide by the number of values", [7, 13, 10], "by hand"),
    (LECTURE, "params", "counted the running mean and variance, which are not trained", 12, "by hand: 4·3"),
    ("{features: 512}", "params", "counted the running mean and variance, which are not trained", 2048,
     "Keras, summary of a model: all of them"),
    (LECTURE, "params", "left out the shifts", 3, "by hand"),
    ("{x: [[1, 2, 3], [0, 2, 5]]}", "params", "counted the samples instead of the features", 4, "by hand: 2·2"),
    (FOUR, "variance", "did not divide by the number of values", 18.0, "by hand"),
    (FOUR, "variance", "did not take away the mean", 8.5, "by hand: (9 + 25)/4"),
    (FOUR, "variance", "took the standard deviation for the variance", 4.5**0.5, "by hand"),
    (FOUR, "variance", "took the distances for their squares", 2.0, "by hand: (2 + 2 + 1 + 3)/4"),
    (FOUR, "normalized", "left out the root", [-2 / 9, -2 / 9, 1 / 9, 1 / 3], "by hand: (x - 2)/9"),
    (FOUR, "normalized", "did not take away the mean", [0, 0, 1, 5 / 3], "by hand: x/3"),
    ("{x: [1, 5], eps: 5}", "normalized", "left out ε", [-1, 1], "by hand: mean 3, root 2"),
    ("{x: [1, 5], eps: 5}", "normalized", "added ε outside the root", [-2 / 7, 2 / 7], "by hand: 2 + 5"),
    (FOUR, "output", "left out γ", [1 / 3, 1 / 3, 4 / 3, 2], "by hand"),
    (FOUR, "output", "left out β", [-4, -4, 2, 6], "by hand"),
    (FOUR, "output", "exchanged γ and β", [16 / 3, 16 / 3, 19 / 3, 7], "by hand: normalized + 6"),
    (FOUR, "grad_beta", "averaged over the samples instead of summing", 3.0, "by hand: 12/4"),
    (FOUR, "grad_gamma", "averaged over the samples instead of summing", 1.75, "by hand: 7/4"),
    (FOUR, "grad_gamma", "took x for the normalised x", 45.0, "by hand: 9·5"),
    (FOUR, "grad_gamma", "took the slope of the shift", 12.0, "by hand"),
    (FOUR, "grad_normalized", "left out γ", [3, 0, 0, 9], "by hand"),
    (FOUR, "grad_variance", "lost the minus sign", 7 / 3, "by hand"),
    (FOUR, "grad_variance", "left out the ½", -14 / 3, "by hand"),
    (FOUR, "grad_variance", "took the root for its third power", -21.0, "by hand: -½·126/3"),
    (FOUR, "grad_mean", "lost the minus sign", 24.0, "by hand"),
    (FOUR, "grad_mean", "left out the root of the variance", -72.0, "by hand"),
    (FOUR, "grad_x", "took mean and variance for constants", [6, 0, 0, 18], "by hand: grad_normalized/3"),
    (FOUR, "grad_x", "left out the slope through the variance", [0, -6, -6, 12], "by hand: less 24/4"),
    (FOUR, "grad_x", "left out the slope through the mean", [25 / 3, 7 / 3, -7 / 6, 14.5], "by hand"),
    (RUNNING, "mean", "took the mean and variance of the batch instead of the running ones", [2, 7], "by hand"),
    (RUNNING, "variance", "took the mean and variance of the batch instead of the running ones", [1, 9], "by hand"),
    (RUNNING, "grad_x", "multiplied by the root instead of dividing", [[4, 48], [12, 96]],
     "by hand: upstream γ root, 2·2 and 6·4 times"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    value = slip_of("batch_norm", given, name, label)
    assert np.shape(value) == np.shape(expected)
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-14)


def marks(problem, answers):
    file = problems.parse(problem.encode(), "b.yaml", "b")
    text = "answers:\n" + "".join(f"  {name}: {answer}\n" for name, answer in answers.items())
    report = grade.grade(file, submissions.match(submissions.parse(text.encode(), "answers.yaml"), file))
    return {mark.part: mark for mark in report.marks}


def test_a_mean_over_the_wrong_axis_is_named():
    """NPTEL 850879107: (2, 2.33, 5.67) for (2.33, 4.33, 3.33)."""
    problem = f"{{kind: batch_norm, given: {LECTURE}, parts: {{a: {{ask: mean}}}}}}"
    mark = marks(problem, {"a": "[2, 2.333, 5.667]"})["a"]
    assert mark.verdict == "wrong"
    assert mark.cause == "normalised each sample over its features instead of each feature over the batch"


def test_a_sample_variance_is_another_convention():
    problem = f"{{kind: batch_norm, given: {PAIR}, parts: {{a: {{ask: normalized}}}}}}"
    mark = marks(problem, {"a": "[-0.7071, 0.7071]"})["a"]
    assert mark.verdict == "convention"
    assert mark.cause == "took the sample variance, which divides by one less than the number of values"


SYMBOLS = """
kind: batch_norm
symbols: {x: {shape: [4]}, u: {shape: [4]}}
given: {x: x, gamma: γ, beta: β, eps: ε, upstream: u}
parts: {a: {ask: mean}, b: {ask: variance}, c: {ask: normalized}, d: {ask: output}, e: {ask: grad_gamma}, f: {ask: grad_x}}
"""
SYMBOLIC = [
    ({"a": "sum(x)/4", "b": "sum((x - μ)^2)/4", "c": "(x - μ)/sqrt(variance + ε)", "d": "γ x̂ + β", "e": "sum(u * x̂)",
      "f": "γ/(4 sqrt(variance + ε)) (4 u - sum(u) - x̂ * sum(u * x̂))"}, "right"),
    ({"a": "sum(x)", "b": "sum((x - μ)^2)", "c": "(x - μ)/(variance + ε)", "d": "x̂ + β", "e": "sum(u)",
      "f": "γ u/sqrt(variance + ε)"}, "wrong"),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "verdict"), SYMBOLIC, ids=["right", "wrong"])
def test_formulas_of_a_list_of_numbers_are_judged(answers, verdict):
    assert {name: mark.verdict for name, mark in marks(SYMBOLS, answers).items()} == dict.fromkeys("abcdef", verdict)


KEYS = """
kind: batch_norm
symbols: {x: {shape: [4]}, u: {shape: [4]}}
given: {x: x, gamma: γ, beta: β, eps: ε, variance: VARIANCE, upstream: u}
parts:
  a: {ask: variance}
  b: {ask: normalized}
  c: {ask: output}
  d: {ask: grad_gamma}
  e: {ask: grad_beta}
  f: {ask: grad_normalized}
  g: {ask: grad_variance}
  h: {ask: grad_mean}
  i: {ask: grad_x}
"""


@pytest.mark.parametrize(("variance", "divisor"), [("population", "4"), ("sample", "(4 - 1)")])
def test_there_is_a_key_for_every_quantity_of_a_list_of_symbols(variance, divisor):
    file = problems.parse(KEYS.replace("VARIANCE", variance).encode(), "b.yaml", "b")
    text = as_yaml.solution(file, None)
    assert f'a: "sum((x - sum(x)/4)^2)/{divisor}"' in text
    draft = submissions.parse(text.encode(), "answers.yaml")
    found = {mark.part: mark.verdict for mark in grade.grade(file, submissions.match(draft, file)).marks}
    assert found == dict.fromkeys("abcdefghi", "right")


def test_everything_after_a_wrong_mean_follows_from_it():
    steps = working_of("batch_norm", FOUR, carry={"mean": 1.0}).steps
    assert steps["variance"].computed == pytest.approx(5.5)  # (1 + 1 + 4 + 16)/4
    np.testing.assert_allclose(steps["normalized"].computed, np.array([-1, -1, 2, 4]) / 10**0.5)


def test_the_slope_of_a_wrong_mean_counts_what_it_does_to_the_variance():
    """With mean 1 the root is √10; -72/√10, and -½·198/10√10 times -2·4/4."""
    steps = working_of("batch_norm", FOUR, carry={"mean": 1.0}).steps
    assert steps["grad_mean"].computed == pytest.approx((-72 + 19.8) / 10**0.5)


def test_the_gradient_in_x_follows_from_a_wrong_slope_of_the_variance():
    steps = working_of("batch_norm", FOUR, carry={"grad_variance": 0.0}).steps
    np.testing.assert_allclose(steps["grad_x"].computed, [0, -6, -6, 12])


@pytest.mark.parametrize("given", [LECTURE, FOUR, LAYER, "{x: [[3, 1], [-2, 7]], variance: sample}"])
def test_the_arithmetic_of_first_entries_gives_their_values(given):
    steps = working_of("batch_norm", given).steps
    shown = [step for step in steps.values() if step.first is not None]
    assert {step.name for step in shown} == {"mean", "variance", "normalized", "output"}
    for step in shown:
        value = evaluation.evaluate(expressions.parse(step.first()))
        assert float(value) == pytest.approx(np.ravel(step.computed)[0], rel=1e-9)


def test_the_arithmetic_of_first_entries_is_written_as_people_write_it():
    steps = working_of("batch_norm", "{x: [[3, 1], [-2, 7]], gamma: [-2, 3], variance: sample}").steps
    assert steps["mean"].first() == "(3 + (-2))/2"
    assert steps["variance"].first() == "((3 - 0.5)^2 + ((-2) - 0.5)^2)/1"
    assert steps["output"].first().startswith("(-2)·0.7071")
    long = working_of("batch_norm", f"{{x: {list(range(20))}}}").steps["mean"]
    assert long.first() == "(0 + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10 + …)/20"


UNDEFINED = [
    ("{x: [2, 2, 2], eps: 0}", "a variance is 0 and `eps` too, so that there is no dividing by its root"),
    ("{x: [[2, 3]], variance: sample}", "a sample variance takes at least two numbers, and here it is of one"),
    ("{x: [2, 3], eps: -1}", "`eps` is -1, and may not be below 0"),
    ("{x: [2, 3], gamma: [1, 2]}", "`gamma` has 2 numbers, and there is 1 feature"),
    ("{x: [2, 3, 4], axis: features, beta: [1, 2]}", "`beta` has 2 numbers, and there are 3 features"),
    ("{x: [[2, 3]], axis: features, mode: infer, running_mean: 0, running_var: 1}",
     "a layer normalisation keeps no running mean and variance; `mode: infer` needs `axis: batch`"),
    ("{x: [[2, 3], [4, 6]], upstream: [1, 2]}", "`upstream` has the shape 2, and x 2 × 2"),
    ("{x: [[2, 3], [4, 6]], features: 3}", "x has 2 features, and `features` is 3"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), UNDEFINED, ids=[row[0] for row in UNDEFINED])
def test_impossible_numbers_are_refused_in_a_sentence(given, message):
    with pytest.raises(Undefined) as caught:
        solve("batch_norm", given)
    assert str(caught.value) == message


def test_givens_that_do_not_fit_are_named():
    with pytest.raises(GivenError) as caught:
        givens_of("batch_norm", "{x: [[1, 2, 3], [4, 5, 6]], gamma: [1, 2]}")
    assert caught.value.message == "gamma: its axis n has length 2, but x has n = 3"
    with pytest.raises(GivenError) as caught:
        givens_of("batch_norm", "{axis: feature}")
    assert caught.value.message == "axis: found 'feature'; did you mean 'features'?"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("{gamma: 2}", "x"),
        ("{x: [1, 3]}", "upstream"),
        ("{x: [1, 3], mode: infer}", "running_mean"),
    ],
)
def test_what_is_missing_is_asked_for(given, missing):
    done = working_of("batch_norm", given)
    assert isinstance(done.ended, Missing)
    assert done.ended.name == missing
