"""Pooling in one dimension: PyTorch's numbers, published ones, and hand calculations."""

import json
from pathlib import Path

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import evaluation, expressions, grade, kinds, problems, submissions
from hwcheck.errors import Undefined
from hwcheck.given import GivenError
from hwcheck.working import run

CASES = json.loads((Path(__file__).parent / "data" / "pooling1d.json").read_text(encoding="utf-8"))["cases"]


def plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("case", CASES, ids=[f"{c['method']} {c['window']} {c['settings']}" for c in CASES])
def test_output_and_gradient_are_those_of_pytorch(case):
    numbers = {name: np.array(case[name], dtype=float) for name in ("input", "upstream", "output", "grad_input")}
    givens = {name: numbers[name] for name in ("input", "upstream")}
    kind = kinds.load("pool1d")
    done = run(
        kind.function, kind.givens({**givens, **case["settings"], "method": case["method"], "window": case["window"]})
    )
    assert done.ended is None
    for name in ("output", "grad_input"):
        assert done.steps[name].computed.shape == numbers[name].shape
        np.testing.assert_allclose(done.steps[name].computed, numbers[name], rtol=1e-12, atol=1e-12)
    assert done.steps["size"].computed == numbers["output"].shape[-1]


def test_all_cases_are_read():
    assert len(CASES) == 21


FIVE = "{input: [0, 1, 3, 2, 4], window: 2"
ROWS = [
    (f"{FIVE}}}", "output", [1, 3], "ml-entropy 11"),
    (f"{FIVE}, incomplete: ceil}}", "output", [1, 3, 4], "ml-entropy 11, the partial window kept"),
    (f"{FIVE}}}", "size", 2, "by hand: ⌊(5 - 2)/2⌋ + 1"),
    (f"{FIVE}, incomplete: ceil}}", "size", 3, "by hand: ⌈(5 - 2)/2⌉ + 1"),
    (f"{FIVE}, method: average, incomplete: ceil}}", "output", [0.5, 2.5, 4], "by hand: cells beyond the end never count"),
    (f"{FIVE}, method: average, padding: 1, stride: 3}}", "output", [0, 2.5], "by hand: (0 + 0)/2, (3 + 2)/2"),
    (f"{FIVE}, method: average, padding: 1}}", "output", [0, 2, 3], "by hand: the padding counts"),
    ("{input: [4, 1], window: 2, method: average, padding: 1}", "output", [2, 0.5], "by hand: (0 + 4)/2, (1 + 0)/2"),
    ("{input: [4, 1], window: 2, method: average, padding: 1, count_padding: false}", "output", [4, 1], "by hand"),
    ("{input: [-4, -1], window: 2, padding: 1}", "output", [-4, -1], "by hand: padding never wins"),
    ("{input: [1, 9, 2, 8, 3], window: 2, dilation: 2, stride: 1}", "output", [2, 9, 3], "by hand: x[i], x[i + 2]"),
    ("{input: [1, 9, 2], window: global}", "output", 9.0, "by hand"),
    ("{input: [1, 9, 2], window: global, method: average}", "output", 4.0, "by hand"),
    ("{input: [[1, 9, 2], [4, 6, 5]], window: global, method: average}", "output", [4, 5], "by hand"),
    ("{input: [1, 9, 2], window: global}", "size", 1, "by hand"),
    ("{input: [2, 7, 7, 1], window: 3, stride: 1, upstream: [1, 10]}", "grad_input", [0, 11, 0, 0],
     "by hand: on ties the first"),
    ("{input: [1, 5, 2, 4], window: 2, method: average, upstream: [6, 8]}", "grad_input", [3, 3, 4, 4], "by hand"),
    ("{input: [[1, 9, 2], [4, 6, 5]], window: global, method: average, upstream: [3, 6]}", "grad_input",
     [[1, 1, 1], [2, 2, 2]], "by hand"),
    ("{input: {size: 28, channels: 3}, window: 3, stride: 2}", "size", 13, "by hand: ⌊25/2⌋ + 1"),
    ("{input: {size: 28}, window: 3}", "params", 0, "by hand"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[1]} of {row[0]}" for row in ROWS])
def test_hand_made_numbers_come_out(row):
    given, name, value, source = row
    assert source
    found = solve("pool1d", given)[name]
    assert plain(found) == value
    assert type(plain(found)) is type(value)


MISTAKES = [
    (f"{FIVE}}}", "output", "took stride 1", [1, 3, 3, 4], "by hand, after Study-mate: stride 1 assumed"),
    (f"{FIVE}}}", "output", "averaged instead of taking the maximum", [0.5, 2.5], "by hand"),
    (f"{FIVE}, method: average}}", "output", "took the maximum instead of averaging", [1, 3], "by hand"),
    (f"{FIVE}}}", "size", "took stride 1", 4, "by hand"),
    (f"{FIVE}}}", "size", "left out the + 1", 1, "by hand"),
    (f"{FIVE}, padding: 1}}", "size", "left out the padding", 2, "by hand: ⌊3/2⌋ + 1 for ⌊5/2⌋ + 1"),
    (f"{FIVE}}}", "params", "counted weights in the window", 2, "by hand"),
    ("{input: [1, 5], window: 2, upstream: 4}", "grad_input", "spread the gradient over the window", [2, 2], "by hand"),
    ("{input: [1, 5], window: 2, method: average, upstream: 4}", "grad_input", "did not divide by the size of the window",
     [4, 4], "by hand"),
]  # fmt: skip


@pytest.mark.parametrize("row", MISTAKES, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in MISTAKES])
def test_typical_mistakes_give_the_values_people_hand_in(row):
    given, name, label, value, source = row
    assert source
    assert plain(slip_of("pool1d", given, name, label)) == value


@pytest.mark.parametrize("window", ["global", "1", "5"])
def test_stride_one_is_no_mistake_where_it_is_the_stride_or_one_window_is_all(window):
    slips = working_of("pool1d", f"{{input: [0, 1, 3, 2, 4], window: {window}, stride: 1}}").steps["output"].slips
    assert "took stride 1" not in slips


WRITTEN = [
    f"{FIVE}}}",
    f"{FIVE}, incomplete: ceil}}",
    f"{FIVE}, padding: 1, stride: 3}}",
    "{input: [6, 1, 3, 2], window: 2, method: average, padding: 1, stride: 3, incomplete: ceil}",
    "{input: [6, 1, 3, 2], window: 2, method: average, padding: 1, stride: 3, incomplete: ceil, count_padding: false}",
]


@pytest.mark.parametrize("given", WRITTEN)
def test_formulas_entry_by_entry_have_the_values_of_the_output(given):
    step = working_of("pool1d", given).steps["output"]
    arrays = {name: value.reshape(-1, 1) for name, value in step.names.items()}
    tree = expressions.parse(step.formula, names=expressions.Names(frozenset(arrays), frozenset(arrays)))
    assert evaluation.evaluate(tree, arrays).ravel().tolist() == step.computed.tolist()


def test_the_formula_of_a_size_is_left_out_where_a_window_beyond_the_input_is():
    given = "{input: {size: 4}, window: 2, stride: 4, padding: 1, incomplete: ceil}"
    step = working_of("pool1d", given).steps["size"]
    assert (step.computed, step.formula) == (2, "ceil((n + 2p - k)/s) + 1")
    step = working_of("pool1d", "{input: {size: 3}, window: 1, stride: 3, incomplete: ceil}").steps["size"]
    assert (step.computed, step.formula) == (1, "")


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [("[max(x[1], x[2]), max(x[3], x[4])]", "right"), ("[max(x[1], x[2]), max(x[2], x[3])]", "wrong"),
     ("[(x[1] + x[2])/2, (x[3] + x[4])/2]", "wrong")],
)  # fmt: skip
def test_formulas_of_arrays_are_judged(answer, verdict):
    text = """
    id: symbols
    kind: pool1d
    symbols: {x: {shape: [4]}}
    given: {input: x, window: 2}
    parts: {y: {ask: output}}
    """
    file = problems.parse(text.encode(), "a.yaml", "a")
    draft = submissions.parse(f'answers: {{y: "{answer}"}}'.encode(), "b.yaml")
    report = grade.grade(file, submissions.match(draft, file))
    assert report.marks[0].verdict == verdict


UNDEFINED = [
    ("{input: {size: 3}, window: 5}", "the window (5) is longer than the input (3)"),
    ("{input: [1, 2, 3], window: 3, dilation: 3, padding: 1}", "the window (7) is longer than the padded input (5)"),
    ("{input: [1, 2], window: 2, padding: 2}", "a window (2) lies in the padding alone; pad by less than the window"),
    ("{input: [1, 2, 3], window: 2, upstream: [1, 2]}", "`upstream` has the shape 2, and the output 1"),
    ("{input: [1, 2], window: 1, padding: 10000000}",
     "20,000,002 numbers are too many to work out one by one; give sizes only"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "sentence"), UNDEFINED)
def test_impossible_numbers_are_refused_with_their_sizes(given, sentence):
    with pytest.raises(Undefined) as raised:
        working_of("pool1d", given)
    assert str(raised.value) == sentence


UNREADABLE = [
    ("{window: 0}", "window: expected a whole number of at least 1, or global, found 0"),
    ("{input: 5}", "input: expected a list of n numbers, or an array (C × n or N × C × n), found a number"),
    ("{method: mean}", "method: found 'mean'; expected one of max, average"),
]


@pytest.mark.parametrize(("given", "sentence"), UNREADABLE)
def test_givens_that_cannot_be_read_say_what_was_expected(given, sentence):
    with pytest.raises(GivenError) as raised:
        givens_of("pool1d", given)
    assert raised.value.message == sentence
