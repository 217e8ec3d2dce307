"""Convolution in one dimension: PyTorch's and NumPy's numbers, published ones, and hand calculations."""

import json
from pathlib import Path

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import evaluation, expressions, grade, kinds, problems, submissions
from hwcheck.errors import Missing, Undefined
from hwcheck.given import GivenError
from hwcheck.reports import as_yaml
from hwcheck.working import run

CASES = json.loads((Path(__file__).parent / "data" / "convolution1d.json").read_text(encoding="utf-8"))["cases"]


def plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("case", CASES, ids=[f"{np.shape(c['input'])} {c['settings']}" for c in CASES])
def test_output_and_gradients_are_those_of_pytorch(case):
    names = ("input", "kernel", "bias", "upstream", "output", "grad_input", "grad_kernel", "grad_bias")
    numbers = {name: np.array(case[name], dtype=float) for name in names}
    padding = case["settings"].get("padding", 0)
    settings = {**case["settings"], "padding": padding if isinstance(padding, str) else (padding, padding)}
    kind = kinds.load("conv1d")
    givens = {name: numbers[name] for name in names[:4]}
    done = run(kind.function, kind.givens({**givens, **settings, "lr": 0.5}))
    assert done.ended is None
    for name in names[4:]:
        assert done.steps[name].computed.shape == numbers[name].shape
        np.testing.assert_allclose(done.steps[name].computed, numbers[name], rtol=1e-12, atol=1e-12)
    new_kernel = numbers["kernel"] - 0.5 * numbers["grad_kernel"]
    np.testing.assert_allclose(done.steps["new_kernel"].computed, new_kernel, rtol=1e-12)
    assert done.steps["size"].computed == numbers["output"].shape[-1]
    assert done.steps["neurons"].computed == numbers["output"][0].size
    assert done.steps["params"].computed == numbers["kernel"].size + numbers["bias"].size


def test_all_cases_are_read():
    assert len(CASES) == 24


@pytest.mark.parametrize("mode", ["full", "valid", "same"])
@pytest.mark.parametrize("seed", range(20))
def test_with_a_flip_it_is_the_convolution_of_numpy(seed, mode):
    rng = np.random.default_rng(seed)
    k = 2 * int(rng.integers(0, 3)) + 1 if mode == "same" else int(rng.integers(1, 6))
    x, w = rng.normal(size=k + int(rng.integers(0, 5))), rng.normal(size=k)
    found = solve("conv1d", f"{{input: {x.tolist()}, kernel: {w.tolist()}, flip: true, padding: {mode}}}")["output"]
    np.testing.assert_allclose(found, np.convolve(x, w, mode), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("k", [2, 4])
def test_same_with_an_even_kernel_begins_one_entry_after_that_of_numpy(k):
    """The odd cell stands at the end, as in TensorFlow and PyTorch; NumPy and SciPy put it at the beginning."""
    x, w = np.array([1.0, 4.0, 2.0, 8.0, 5.0, 7.0]), np.array([1.0, -3.0, 2.0, 10.0])[:k]
    given = f"{{input: {x.tolist()}, kernel: {w.tolist()}, flip: true, padding: same}}"
    assert solve("conv1d", given)["output"].tolist() == np.convolve(x, w, "full")[k // 2 :][:6].tolist()
    exchanged = slip_of("conv1d", given, "padded", "exchanged the padding before and after")
    followed = working_of("conv1d", given, carry={"padded": exchanged}).steps["output"].computed
    assert followed.tolist() == np.convolve(x, w, "same").tolist()


SEED = "{input: [5, 6, 7, 8], kernel: [3, 0, 1], flip: true"
RASCHKA = "{input: [3, 2, 1, 7, 1, 2, 5, 4], kernel: [0.5, 0.75, 1, 0.25], flip: true"
IFT6135 = "IFT6135 assignment 1, Q4"
PML = "Raschka and Mirjalili, Python Machine Learning, 2nd edition (2017), chapter 15"

PUBLISHED = [
    (f"{SEED}, padding: full}}", "output", [15, 18, 26, 30, 7, 8], IFT6135),
    (f"{SEED}, padding: valid}}", "output", [26, 30], IFT6135),
    (f"{SEED}, padding: same}}", "output", [18, 26, 30, 7], IFT6135),
    (f"{RASCHKA}, stride: 2}}", "output", [7, 9, 8], PML),
    (f"{RASCHKA}, stride: 2}}", "size", 3, PML),
    ("{input: [1, 3, 2, 4, 5, 6, 1, 3], kernel: [1, 0, 3, 1, 2], flip: true, padding: 2}", "output",
     [5, 14, 16, 26, 24, 34, 19, 22], PML),
    ("{input: {size: 256}, kernel: {size: 7}, stride: 2}", "size", 125, "NPTEL 850879107"),
    ("{input: {size: 5}, kernel: {size: 3}, stride: 2}", "size", 2, "d2l-zh pull request 1345"),
    ("{input: {size: 6}, kernel: {size: 3}, stride: 2}", "size", 2, "mlpack/examples pull request 60"),
    ("{input: {size: 5}, kernel: {size: 3}, padding: 2}", "size", 7, "CS231n midterm, padding 2"),
    ("{input: {size: 32}, kernel: {size: 5}}", "size", 28, "ISLRv2-solutions issue 16"),
    ("{input: [1, 2, 3], kernel: [1, 10], padding: [1, 0]}", "output", [10, 21, 32], "hand: a causal layer"),
    ("{input: [1, 2, 3], kernel: [1, 10], padding: [0, 1], padding_mode: circular}", "output", [21, 32, 13], "hand"),
    ("{input: [1, 2, 3, 4, 5], kernel: [1, 10], dilation: 3}", "output", [41, 52], "hand"),
    ("{input: [1, 2, 3, 4, 5], kernel: [1, 10], dilation: 3}", "effective_kernel", 4, "hand: 3·1 + 1"),
    ("{input: [[1, 2, 3], [4, 5, 6]], kernel: [[1, 10], [100, 1000]], bias: 0.5}", "output", [5421.5, 6532.5], "hand"),
    ("{input: [[1, 2, 3], [4, 5, 6]], kernel: [[[1, 10]], [[2, 1]]], groups: 2}", "output", [[21, 32], [13, 16]], "hand"),
    ("{input: {size: 40, channels: 3}, kernel: {size: 5, filters: 8}, bias: true}", "params", 128, "hand: 5·3·8 + 8"),
    ("{input: {size: 40, channels: 3}, kernel: {size: 5, filters: 8}, bias: true}", "macs", 4_320, "hand: 120·36"),
    ("{input: {size: 40, channels: 3}, kernel: {size: 5, filters: 8}, bias: true}", "neurons", 288, "hand: 8·36"),
    ("{input: {size: 40, channels: 4}, kernel: {size: 5, filters: 8}, groups: 2}", "weights", 80, "hand: 5·2·8"),
    ("{input: {size: 10}, kernel: {size: 3}, padding: same, stride: 4}", "size", 3, "hand: ⌈10/4⌉"),
]  # fmt: skip


@pytest.mark.parametrize("row", PUBLISHED, ids=[f"{row[1]} of {row[0]}" for row in PUBLISHED])
def test_published_numbers_come_out(row):
    given, name, value, source = row
    assert source
    found = solve("conv1d", given)[name]
    assert plain(found) == value
    assert type(plain(found)) is type(value)


STRIDED = "{input: [1, 2, 3, 4, 5], kernel: [1, 1], stride: 2, upstream: [1, 10], lr: 1}"
MISTAKES = [
    ("{input: {size: 256}, kernel: {size: 7}, stride: 2}", "size", "rounded up", 126, "NPTEL 850879107"),
    ("{input: {size: 5}, kernel: {size: 3}, stride: 2}", "size", "left out the + 1", 1, "d2l-zh pull request 1345"),
    ("{input: {size: 5}, kernel: {size: 3}, padding: 2}", "size", "took any padding as same", 5, "CS231n midterm"),
    ("{input: {size: 32}, kernel: {size: 5}}", "size", "kept the size of the input", 32, "ISLRv2-solutions issue 16"),
    ("{input: {size: 9}, kernel: {size: 3}, dilation: 1}", "effective_kernel", "counted the dilation as inserted zeros", 5,
     "errata of Understanding Deep Learning, figure 10.3"),
    ("{input: {size: 7}, kernel: {size: 3}, padding: 1, stride: 2}", "size", "left out the padding", 3, "hand"),
    ("{input: {size: 6}, kernel: {size: 3}, padding: 2}", "size", "counted the padding for both sides together", 6,
     "d2l: floor((n - k + p + s)/s) with p cells in total"),
    ("{input: {size: 7}, kernel: {size: 3}, stride: 2}", "size", "left out the stride", 5, "hand"),
    ("{input: {size: 8}, kernel: {size: 3}, stride: 3}", "size", "took n/s windows", 2, "hand"),
    (f"{RASCHKA}, stride: 2}}", "output", "moved the kernel over the first n/s cells only", [7, 9],
     "rasbt/python-machine-learning-book-2nd-edition issue 132"),
    (f"{RASCHKA}, stride: 2}}", "size", "moved the kernel over the first n/s cells only", 2, "the same"),
    ("{input: [1, 2, 3], kernel: [5, 6]}", "output", "multiplied without summing", [5, 12, 10, 18], "hand"),
    ("{input: [1, 2, 4], kernel: [1, 10], bias: 100}", "output", "left out the bias", [21, 42], "hand"),
    ("{input: [1, 2, 3, 4], kernel: [1, 10], dilation: 2}", "output", "counted the dilation as inserted zeros", [41], "hand"),
    ("{input: [1, 2], kernel: [1], padding: 2}", "padded", "repeated the border instead of padding with zeros",
     [1, 1, 1, 2, 2, 2], "hand"),
    ("{input: [1, 2], kernel: [1], padding: 1}", "padded", "counted the padding for both sides together", [1, 2, 0], "hand"),
    ("{input: [1, 2], kernel: [1], padding: 1, padding_mode: circular}", "padded", "padded with zeros", [0, 1, 2, 0], "hand"),
    ("{input: [1, 2], kernel: [1], padding: [2, 0]}", "padded", "exchanged the padding before and after", [1, 2, 0, 0], "hand"),
    ("{input: [1, 2, 3, 4], kernel: [1, 10], stride: 2}", "output", "left out the stride", [21, 32, 43], "hand"),
    (STRIDED, "grad_kernel", "lost the stride", [21, 32], "NYU homework 2: x[1] for x[2] at the first tap of output 1"),
    (STRIDED.replace("[1, 1]", "[1, 2]"), "grad_input", "lost the stride", [1, 12, 20, 0, 0], "hand"),
    ("{input: [0, 0, 0], kernel: [1, 2], upstream: [0, 1], lr: 1}", "grad_input", "did not reverse the kernel", [0, 2, 1],
     "hand, after namrapatel, conv-backprop"),
    ("{input: [1, 2], kernel: [1], bias: 3, upstream: [5, 7], lr: 1}", "grad_bias",
     "averaged the upstream slopes instead of adding them", 6, "hand"),
    ("{input: [1, 2], kernel: [3], upstream: [5, 7], lr: 0.5}", "new_kernel", "moved up the gradient", [12.5], "hand"),
    ("{input: [1, 2], kernel: [3], upstream: [5, 7], lr: 0.5}", "new_kernel", "left out the learning rate", [-16], "hand"),
    ("{input: {size: 56, channels: 64}, kernel: {size: 3, filters: 128}}", "weights", "left out the input channels", 384,
     "hand: 3·128"),
    ("{input: {size: 8, channels: 32}, kernel: {size: 3, filters: 64}, padding: same}", "macs", "left out the input channels",
     1_536, "hand: 3·64·8"),
    ("{input: {size: 8, channels: 32}, kernel: {size: 3, filters: 64}, padding: same}", "macs",
     "left out the length of the output", 6_144, "Technion student answer: operations as weights"),
    ("{input: {size: 8}, kernel: {size: 3, filters: 4}, bias: true}", "biases", "counted a bias for every entry of the output",
     24, "hand: 6·4"),
]  # fmt: skip


@pytest.mark.parametrize("row", MISTAKES, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in MISTAKES])
def test_typical_mistakes_give_the_values_people_hand_in(row):
    given, name, label, value, source = row
    assert source
    assert plain(slip_of("conv1d", given, name, label)) == value


def test_a_kernel_that_was_not_flipped_gives_another_first_entry():
    """rasbt/python-machine-learning-book-2nd-edition issue 132: 7 with the flip, 5.75 without."""
    four = "input: [3, 2, 1, 7], kernel: [0.5, 0.75, 1, 0.25]"
    assert solve("conv1d", f"{{{four}, flip: true}}")["output"].tolist() == [7]
    assert solve("conv1d", f"{{{four}}}")["output"].tolist() == [5.75]


def test_an_upstream_at_one_output_lays_the_kernel_itself_into_the_gradient():
    given = "{input: [0, 0, 0, 0], kernel: [1, 2, 3], upstream: [0, 1], lr: 1}"
    assert solve("conv1d", given)["grad_input"].tolist() == [0, 1, 2, 3]


def test_the_gradient_of_a_flipped_kernel_is_flipped_back():
    """By hand: y = (1·10 + 2, 2·10 + 3), so the first weight meets x = 2 and 3, the second x = 1 and 2."""
    solved = solve("conv1d", "{input: [1, 2, 3], kernel: [1, 10], flip: true, upstream: [1, 100], lr: 1}")
    assert solved["output"].tolist() == [12, 23]
    assert solved["grad_kernel"].tolist() == [302, 201]
    assert solved["grad_input"].tolist() == [10, 1001, 100]


def test_later_steps_go_on_with_the_padded_input_of_the_student():
    given = "{input: [1, 2, 3], kernel: [1, 10], padding: 1, stride: 2}"
    done = working_of("conv1d", given, carry={"padded": np.array([1.0, 2.0, 3.0])})
    assert done.steps["size"].computed == 1
    assert done.steps["every"].computed.tolist() == [21, 32]
    assert done.steps["output"].computed.tolist() == [21]


def test_the_strided_output_is_taken_from_the_students_output_at_stride_one():
    given = "{input: [1, 2, 3, 4], kernel: [1, 10], stride: 2}"
    assert working_of("conv1d", given, carry={"every": np.array([7.0, 8.0, 9.0])}).steps[
        "output"
    ].computed.tolist() == [7, 9]


def test_counts_go_on_with_the_students_size():
    given = "{input: {size: 6, channels: 2}, kernel: {size: 3, filters: 4}, bias: true}"
    steps = working_of("conv1d", given, carry={"size": 6}).steps
    assert (steps["neurons"].computed, steps["macs"].computed) == (24, 144)


def test_a_new_kernel_goes_on_with_the_students_gradient():
    given = "{input: [1, 2], kernel: [3], bias: 1, upstream: [5, 7], lr: 0.5}"
    steps = working_of("conv1d", given, carry={"grad_kernel": np.array([2.0]), "grad_bias": 4.0}).steps
    assert steps["new_kernel"].computed.tolist() == [2.0]
    assert steps["new_bias"].computed == -1.0


@pytest.mark.parametrize(
    ("shape_in", "shape_kernel", "shape_out"),
    [((5,), (3,), (3,)), ((2, 5), (2, 3), (3,)), ((5,), (6, 1, 3), (6, 3)), ((7, 2, 5), (2, 3), (7, 3)),
     ((7, 2, 5), (6, 2, 3), (7, 6, 3))],
)  # fmt: skip
def test_the_output_has_an_axis_of_filters_if_the_kernel_has_and_of_sequences_if_the_input_has(
    shape_in, shape_kernel, shape_out
):
    given = kinds.load("conv1d").givens({"input": np.ones(shape_in), "kernel": np.ones(shape_kernel)})
    assert run(kinds.load("conv1d").function, given).steps["output"].computed.shape == shape_out


def test_gradients_are_asked_for_what_they_need():
    done = working_of("conv1d", "{input: [1, 2], kernel: [3]}")
    assert isinstance(done.ended, Missing)
    assert done.ended.name == "upstream"
    done = working_of("conv1d", "{input: [1, 2], kernel: [3], upstream: [1, 2]}")
    assert done.ended.name == "lr"
    assert done.steps["grad_input"].computed.tolist() == [3, 6]


WRITTEN = [
    "{input: [1, 2, 4], kernel: [1, 10], bias: 0.5, upstream: [3, 5], lr: 1}",
    "{input: [1, 2, 4], kernel: [1, 10], flip: true, upstream: [3, 5], lr: 1}",
    "{input: [1, 2, 4], kernel: [1, 10], padding: [0, 2], stride: 2, upstream: [3, 5], lr: 1}",
    "{input: [1, 2, 4, 7], kernel: [1, 10], dilation: 2, padding: 1, flip: true, upstream: [3, 5, 2, 6], lr: 1}",
]


@pytest.mark.parametrize("given", WRITTEN)
def test_formulas_entry_by_entry_have_the_values_of_the_arrays(given):
    done = working_of("conv1d", given)
    givens = givens_of("conv1d", given)
    for name in ("output", "grad_kernel", "grad_input"):
        step = done.steps[name]
        arrays = {key: value.reshape(-1, 1) for key, value in step.names.items()}
        tree = expressions.parse(step.formula, names=expressions.Names(frozenset(arrays) | {"bias"}, frozenset(arrays)))
        value = evaluation.evaluate(tree, {**arrays, "bias": givens.bias or 0})
        assert value.ravel().tolist() == step.computed.tolist(), name


def test_a_long_output_has_no_formula_but_the_arithmetic_of_its_first_entry():
    step = working_of("conv1d", "{input: [5, 6, 7, 8], kernel: [3, 0, 1], flip: true, padding: full}").steps["output"]
    assert step.formula == ""
    assert step.first() == "0·1 + 0·0 + 5·3"


SYMBOLS = """
id: symbols
kind: conv1d
symbols: {x: {shape: [4]}, w: {shape: [3]}, g: {shape: [2]}}
names: {input: x, kernel: w, upstream: g}
given: {x: x, w: w, g: g, lr: 0.1, flip: true}
parts: {y: {ask: output}, gw: {ask: grad_kernel}, nw: {ask: new_kernel}}
"""
RIGHT = {
    "y": "[x[1] w[3] + x[2] w[2] + x[3] w[1], x[2] w[3] + x[3] w[2] + x[4] w[1]]",
    "gw": "[g[1] x[3] + g[2] x[4], g[1] x[2] + g[2] x[3], g[1] x[1] + g[2] x[2]]",
    "nw": "w - 0.1 grad_kernel",
}


def verdicts(text, answers):
    file = problems.parse(text.encode(), "a.yaml", "a")
    lines = "".join(f'  {part}: "{answer}"\n' for part, answer in answers.items())
    report = grade.grade(file, submissions.match(submissions.parse(f"answers:\n{lines}".encode(), "b.yaml"), file))
    return {mark.part: mark.verdict for mark in report.marks}


def test_formulas_of_arrays_are_judged():
    assert verdicts(SYMBOLS, RIGHT) == {"y": "right", "gw": "right", "nw": "right"}
    not_flipped = {**RIGHT, "y": "[x[1] w[1] + x[2] w[2] + x[3] w[3], x[2] w[1] + x[3] w[2] + x[4] w[3]]"}
    assert verdicts(SYMBOLS, not_flipped)["y"] != "right"
    assert verdicts(SYMBOLS, {**RIGHT, "nw": "w + 0.1 grad_kernel"})["nw"] == "wrong"


def test_the_key_of_a_problem_in_symbols_is_written_as_formulas():
    text = as_yaml.solution(problems.parse(SYMBOLS.encode(), "a.yaml", "a"), None)
    file = problems.parse(SYMBOLS.encode(), "a.yaml", "a")
    report = grade.grade(file, submissions.match(submissions.parse(text.encode(), "b.yaml"), file))
    assert [mark.verdict for mark in report.marks] == ["right"] * 3


UNDEFINED = [
    ("{input: {size: 3}, kernel: {size: 5}}", "the kernel (5) is longer than the input (3)"),
    ("{input: [1, 2, 3], kernel: [1, 2, 3], dilation: 3, padding: 1}", "the kernel (7) is longer than the padded input (5)"),
    ("{input: [1, 2], kernel: [[1, 2], [3, 4]]}", "the kernel has 2 channels, and the input 1"),
    ("{input: {size: 5, channels: 3}, kernel: {size: 3, filters: 4}, groups: 2}",
     "3 channels cannot be dealt out to 2 groups"),
    ("{input: {size: 5, channels: 4}, kernel: {size: 3}, groups: 2}", "1 filter cannot be dealt out to 2 groups"),
    ("{input: [[1, 2], [1, 2], [1, 2], [3, 4]], kernel: [[[1], [2], [3]], [[1], [2], [3]]], groups: 2}",
     "the kernel has 3 channels, and the input 2 in each of 2 groups"),
    ("{input: [1, 2], kernel: [1], bias: [1, 2]}", "`bias` has 2 numbers, and the kernel 1 filter"),
    ("{input: [1, 2], kernel: [1], bias: true}", "`bias: true` is for sizes only; give the numbers of the bias"),
    ("{input: [1, 2, 3], kernel: [1, 2], upstream: [1, 2, 3], lr: 1}", "`upstream` has the shape 3, and the output 2"),
    ("{input: [1, 2], kernel: [1], padding: 10000000}",
     "20,000,002 numbers are too many to work out one by one; give sizes only"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "sentence"), UNDEFINED)
def test_impossible_numbers_are_refused_with_their_sizes(given, sentence):
    with pytest.raises(Undefined) as raised:
        working_of("conv1d", given)
    assert str(raised.value) == sentence


UNREADABLE = [
    ("{padding: vaild}", "padding: found 'vaild'; did you mean 'valid'?"),
    ("{padding: -1}", "padding: expected a whole number of at least 0, found -1"),
    ("{padding: [1, 2, 3]}", "padding: expected a number per side, or [before, after], found a list of 3"),
    ("{input: 5}", "input: expected a list of n numbers, or an array (C × n or N × C × n), found a number"),
    ("{kernel: [[[[1]]]]}", "kernel: expected a list of k numbers, or an array (C × k or F × C × k), found an array of 4 axes"),
    ("{kernel: {filters: 3}}", "kernel: give `size`, as in {size: 40, filters: 3}"),
    ("{input: {size: 3, chanels: 2}}", "input: sizes {size: …, channels: …} has no 'chanels'; did you mean 'channels'?"),
    ("{bias: [[1, 2]]}", "bias: expected one number a filter, found an array of 2 axes"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "sentence"), UNREADABLE)
def test_givens_that_cannot_be_read_say_what_was_expected(given, sentence):
    with pytest.raises(GivenError) as raised:
        givens_of("conv1d", given)
    assert raised.value.message == sentence
