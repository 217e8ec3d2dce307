"""Convolution and pooling against PyTorch's numbers, against published ones, and against hand calculations."""

import json
from pathlib import Path

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import kinds
from hwcheck.errors import Undefined
from hwcheck.given import GivenError
from hwcheck.kernels import convolution, pooling
from hwcheck.kernels.convolution import correlate2d, correlate2d_grad_input, correlate2d_grad_kernel, pad2d, pad2d_grad
from hwcheck.working import run

DATA = Path(__file__).parent / "data"


def cases(name):
    """The cases of a file made by `data/make_torch_data.py`, arrays as arrays."""
    read = json.loads((DATA / name).read_text(encoding="utf-8"))["cases"]
    assert len(read) > 20
    rows = []
    for case in read:
        settings = {key: tuple(v) if isinstance(v, list) else v for key, v in case["settings"].items()}
        numbers = {
            key: np.array(v, dtype=float) for key, v in case.items() if key not in ("settings", "method", "window")
        }
        shapes = "x".join(map(str, numbers["input"].shape))
        label = f"{case.get('method', '')} {shapes} {settings}".strip()
        rows.append(pytest.param({**case, **numbers, "settings": settings}, id=label))
    return rows


CONVOLUTIONS, POOLINGS = cases("convolution.json"), cases("pooling.json")


def agree(ours, theirs):
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


def convolved(case, x, w):
    """Forward and all gradients of a case, with bias and padding."""
    settings = dict(case["settings"])
    p, q = settings.pop("padding", (0, 0))
    padded = pad2d(x, (p, p), (q, q))
    y = correlate2d(padded, w, **settings) + case["bias"][:, None, None]
    on_padded = correlate2d_grad_input(case["upstream"], w, padded.shape, **settings)
    grad_kernel = correlate2d_grad_kernel(padded, case["upstream"], w.shape, **settings)
    return y, pad2d_grad(on_padded, (p, p), (q, q)), grad_kernel


@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_cross_correlation_and_its_gradients_are_those_of_pytorch(case):
    y, grad_input, grad_kernel = convolved(case, case["input"], case["kernel"])
    agree(y, case["output"])
    agree(grad_input, case["grad_input"])
    agree(grad_kernel, case["grad_kernel"])


@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_the_memory_order_of_the_inputs_does_not_change_a_bit(case):
    x, w = case["input"] / 7, case["kernel"] / 3
    plain = convolved(case, x, w)
    for order in (np.asfortranarray, lambda a: np.repeat(a, 2, axis=-1)[..., ::2], lambda a: a[::-1].copy()[::-1]):
        for ours, again in zip(plain, convolved(case, order(x), order(w)), strict=True):
            assert np.array_equal(ours, again)


@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_the_kind_conv2d_solves_what_pytorch_solves(case):
    function, given = kinds.load("conv2d").function, kinds.load("conv2d").givens
    numbers = {name: case[name] for name in ("input", "kernel", "bias", "upstream")}
    done = run(function, given({**numbers, **case["settings"], "lr": 0.5}))
    assert done.ended is None
    for name in ("output", "grad_input", "grad_kernel"):
        agree(done.steps[name].computed, case[name])
    agree(np.ravel(done.steps["grad_bias"].computed), case["grad_bias"])
    agree(done.steps["new_kernel"].computed, case["kernel"] - 0.5 * case["grad_kernel"])
    assert done.steps["size"].computed == case["output"].shape[2:]
    assert done.steps["neurons"].computed == case["output"][0].size
    assert done.steps["params"].computed == case["kernel"].size + case["bias"].size


def pooled(case, x, upstream):
    settings = dict(case["settings"])
    stride, window = settings.pop("stride"), tuple(case["window"])
    if case["method"] == "max":
        forward, backward = pooling.max_pool2d, pooling.max_pool2d_grad
    else:
        forward, backward = pooling.average_pool2d, pooling.average_pool2d_grad
    return forward(x, window, stride, **settings), backward(x, upstream, window, stride, **settings)


@pytest.mark.parametrize("sides", [(1, 1), (2, 3)])
def test_the_memory_order_of_large_inputs_does_not_change_a_bit(sides):
    rng = np.random.default_rng(5)
    x, w = rng.normal(size=(2, 37, 13, 11)), rng.normal(size=(9, 37, *sides))
    plain = correlate2d(x, w)
    for order in (np.asfortranarray, lambda a: a.transpose(0, 2, 3, 1).copy().transpose(0, 3, 1, 2)):
        assert np.array_equal(correlate2d(order(x), w), plain)
        assert np.array_equal(correlate2d(x, order(w)), plain)


@pytest.mark.parametrize("case", POOLINGS)
def test_pooling_and_its_gradient_are_those_of_pytorch(case):
    y, grad = pooled(case, case["input"], case["upstream"])
    agree(y, case["output"])
    agree(grad, case["grad_input"])


@pytest.mark.parametrize("case", POOLINGS)
def test_pooling_does_not_depend_on_memory_order(case):
    plain = pooled(case, case["input"] / 7, case["upstream"])
    again = pooled(case, np.asfortranarray(case["input"] / 7), np.asfortranarray(case["upstream"]))
    assert all(np.array_equal(a, b) for a, b in zip(plain, again, strict=True))


@pytest.mark.parametrize("case", POOLINGS)
def test_the_kind_pool2d_solves_what_pytorch_solves(case):
    numbers = {"input": case["input"], "upstream": case["upstream"]}
    given = {**numbers, **case["settings"], "method": case["method"], "window": tuple(case["window"])}
    done = run(kinds.load("pool2d").function, kinds.load("pool2d").givens(given))
    assert done.ended is None
    agree(done.steps["output"].computed, case["output"])
    agree(done.steps["grad_input"].computed, case["grad_input"])
    assert done.steps["size"].computed == case["output"].shape[-2:]


@pytest.mark.parametrize("mode", [mode for mode in convolution.MODES if mode != "zeros"])
@pytest.mark.parametrize("seed", range(20))
def test_padding_is_that_of_numpy(mode, seed):
    rng = np.random.default_rng(seed)
    height, width = rng.integers(2, 6, size=2)
    x = rng.normal(size=(*rng.integers(1, 4, size=seed % 3), height, width))
    vertical, horizontal = (tuple(map(int, rng.integers(0, 4, size=2))) for _ in range(2))
    edges = [(0, 0)] * (x.ndim - 2) + [vertical, horizontal]
    theirs = np.pad(x, edges, mode={"circular": "wrap", "reflect": "reflect", "replicate": "edge"}[mode])
    ours = pad2d(x, vertical, horizontal, mode)
    assert np.array_equal(ours, theirs)
    weights = rng.normal(size=ours.shape)
    nudge = rng.normal(size=x.shape)
    slope = pad2d_grad(weights, vertical, horizontal, mode)
    assert (slope * nudge).sum() == pytest.approx((weights * pad2d(nudge, vertical, horizontal, mode)).sum())


IMAGE = "[[1,1,1,1,0], [0,0,1,1,1], [0,0,0,0,0], [1,1,0,1,0], [1,1,0,1,1]]"
FILTER = "[[1,4,1], [0,2,1], [2,4,2]]"
SOBEL = "[[-1,-2,-1], [0,0,0], [1,2,1]]"
COUNTED = "[[1,2,3,4,5], [6,7,8,9,10], [11,12,13,14,15], [16,17,18,19,20], [21,22,23,24,25]]"
TALL = "[[-1,0,1], [2,3,4], [5,6,7], [8,9,10]]"
COMP433, COMP433_5 = "COMP433 assignment 3, Q1", "COMP433 assignment 3, Q5"
OPPENHEIM = "theory assignment on convolution, problem 3: y[m, n] = Σ x[m-i, n-j] h[i, j]"

PUBLISHED = [
    ("conv2d", f"{{input: {IMAGE}, kernel: {FILTER}}}", "output", [[7, 9, 8], [7, 9, 10], [8, 5, 8]], COMP433),
    ("conv2d", f"{{input: {IMAGE}, kernel: {FILTER}, stride: 2}}", "output", [[7, 8], [8, 8]], COMP433),
    ("conv2d", f"{{input: {IMAGE}, kernel: {FILTER}, padding: 1}}", "output",
     [[3, 5, 9, 10, 6], [5, 7, 9, 8, 3], [6, 7, 9, 10, 7], [9, 8, 5, 8, 6], [8, 7, 3, 7, 3]], COMP433),
    ("conv2d", f"{{input: {IMAGE}, kernel: {FILTER}, dilation: 2}}", "output", [[9]], COMP433),
    ("conv2d", f"{{input: {IMAGE}, kernel: {FILTER}, dilation: 2}}", "effective_kernel", 5, COMP433),
    ("conv2d", f"{{input: {IMAGE}, kernel: {FILTER}, padding: 1}}", "size", (5, 5), COMP433),
    ("pool2d", f"{{input: {IMAGE}, window: 2}}", "output", [[1, 1], [1, 1]], COMP433),
    ("conv2d", f"{{input: {TALL}, kernel: [[2, 1], [0, -1]]}}", "output", [[-5, -3], [1, 3], [7, 9]], COMP433_5),
    ("pool2d", "{input: [[0, 0], [1, 3], [7, 9]], window: 2, method: average}", "output", [[1]], COMP433_5),
    ("conv2d", f"{{input: {COUNTED}, kernel: {SOBEL}, flip: true}}", "output", [[-40] * 3] * 3, OPPENHEIM),
    ("conv2d", f"{{input: {COUNTED}, kernel: {SOBEL}, flip: true, padding: 1}}", "output",
     [[-19, -28, -32, -36, -29], [-30, -40, -40, -40, -30], [-30, -40, -40, -40, -30], [-30, -40, -40, -40, -30],
      [49, 68, 72, 76, 59]], "hand calculation; the printed solution has −29 for the second entry"),
    ("conv2d", "{input: {size: 256}, kernel: {size: 7}, stride: 2}", "size", (125, 125), "NPTEL 850879107"),
    ("conv2d", "{input: {size: [1, 5]}, kernel: {size: [1, 3]}, stride: 2}", "size", (1, 2), "d2l-zh pull request 1345"),
    ("conv2d", "{input: {size: 5}, kernel: {size: 3}, padding: 2}", "size", (7, 7), "CS231n midterm, padding 2"),
    ("conv2d", "{input: {size: [1, 8]}, kernel: {size: [1, 4]}, stride: 2}", "size", (1, 3), "rasbt, 2nd ed., issue 132"),
    ("conv2d", "{input: {size: 6}, kernel: {size: 3}, stride: 2}", "size", (2, 2), "mlpack/examples pull request 60"),
    ("conv2d", "{input: {size: 32}, kernel: {size: 5}, padding: valid}", "size", (28, 28), "ISLRv2-solutions issue 16"),
    ("conv2d", "{input: [[3, 2, 1, 7]], kernel: [[0.5, 0.75, 1, 0.25]], flip: true}", "output", [[7]],
     "rasbt, 2nd ed., issue 132: x = (3, 2, 1, 7), w = (.5, .75, 1, .25)"),
    ("conv2d", "{input: [[3, 2, 1, 7]], kernel: [[0.5, 0.75, 1, 0.25]]}", "output", [[5.75]], "the same, not flipped"),
    ("conv2d", "{input: [[1, 2], [3, 4]], kernel: [[5, 6], [7, 8]]}", "output", [[70]], "click4ai, depthwise convolution"),
    ("conv2d", "{input: {size: 56, channels: 64}, kernel: {size: 3, filters: 128}, bias: true}", "params", 73_856,
     "CNN note: 3×3, 64 to 128 channels"),
    ("conv2d", "{input: {size: 28}, kernel: {size: 5, filters: 10}, bias: true}", "params", 260, "CS7643 note: N(K² + 1)"),
    ("conv2d", "{input: {size: 8, channels: 32}, kernel: {size: 3, filters: 64}, padding: same}", "macs", 1_179_648,
     "CNN note: 3×3, 32 to 64 channels on 8×8"),
    ("pool2d", "{input: [[1, 2], [2, 3]], window: 2}", "output", [[3]], "BITS module 6"),
    ("pool2d", "{input: [[0, 1, 3, 2, 4]], window: [1, 2]}", "output", [[1, 3]], "ml-entropy 11"),
    ("pool2d", "{input: [[0, 1, 3, 2, 4]], window: [1, 2], incomplete: ceil}", "output", [[1, 3, 4]], "ml-entropy 11"),
    ("pool2d", "{input: [[1, 3, 2], [0, 2, 4], [9, 5, 6]], window: 2}", "output", [[3]], "Study-mate: 2×2 on 3×3"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "given", "name", "value", "source"), PUBLISHED, ids=[f"{row[2]}, {row[4]}" for row in PUBLISHED]
)
def test_published_results_come_out(kind, given, name, value, source):
    assert source
    found = solve(kind, given)[name]
    assert (found.tolist() if isinstance(found, np.ndarray) else found) == value


FIRST_ROW = "{input: [[1, 3, 2], [0, 2, 4], [9, 5, 6]], window: 2}"
MISTAKES = [
    ("conv2d", "{input: {size: 256}, kernel: {size: 7}, stride: 2}", "size", "rounded up", (126, 126), "NPTEL 850879107"),
    ("conv2d", "{input: {size: [1, 5]}, kernel: {size: [1, 3]}, stride: 2}", "size", "left out the + 1", (0, 1),
     "d2l-zh pull request 1345"),
    ("conv2d", "{input: {size: 5}, kernel: {size: 3}, padding: 2}", "size", "took any padding as same", (5, 5),
     "CS231n midterm, padding 2"),
    ("conv2d", "{input: {size: 32}, kernel: {size: 5}}", "size", "kept the size of the input", (32, 32),
     "ISLRv2-solutions issue 16"),
    ("conv2d", "{input: {size: 9}, kernel: {size: 3}, dilation: 1}", "effective_kernel", "counted the dilation as inserted zeros", 5,
     "errata of Understanding Deep Learning, figure 10.3"),
    ("conv2d", "{input: {size: 7}, kernel: {size: 3}, padding: 1, stride: 2}", "size", "left out the padding", (3, 3), "hand"),
    ("conv2d", "{input: {size: 6}, kernel: {size: 3}, padding: 2}", "size", "counted the padding for both sides together",
     (6, 6), "d2l: floor((n - k + p + s)/s) with p rows in total"),
    ("conv2d", "{input: {size: 7}, kernel: {size: 3}, stride: 2}", "size", "left out the stride", (5, 5), "hand"),
    ("conv2d", "{input: {size: 8}, kernel: {size: 3}, stride: 3}", "size", "took n/s windows", (2, 2), "hand"),
    ("conv2d", "{input: [[1, 2], [3, 4]], kernel: [[5, 6], [7, 8]]}", "output", "multiplied without summing",
     [[5, 12], [21, 32]], "click4ai, depthwise convolution"),
    ("conv2d", "{input: [[1000, 100], [10, 1]], kernel: [[1, 2], [3, 4]], flip: true}", "output", "transposed the kernel",
     [[1324]], "mlpack pull request 3376: [[1, 3], [2, 4]] for [[4, 3], [2, 1]]"),
    ("conv2d", "{input: [[1000, 100], [10, 1]], kernel: [[1, 2], [3, 4]]}", "output", "turned the kernel by 90°", [[3142]],
     "hand: clockwise [[3, 1], [4, 2]]"),
    ("conv2d", "{input: [[1000, 100], [10, 1]], kernel: [[1, 2], [3, 4]]}", "output",
     "turned the kernel by 90° to the left", [[2413]], "hand: [[2, 4], [1, 3]]"),
    ("conv2d", "{input: [[1, 2, 4]], kernel: [[1, 10]], bias: 100}", "output", "left out the bias", [[21, 42]], "hand"),
    ("conv2d", "{input: [[1, 2]], kernel: [[1]], padding: 1}", "padded", "repeated the border instead of padding with zeros",
     [[1, 1, 2, 2]] * 3, "hand"),
    ("conv2d", "{input: [[1, 2]], kernel: [[1]], padding: [0, 1]}", "padded", "counted the padding for both sides together",
     [[1, 2, 0]], "hand"),
    ("conv2d", "{input: [[1, 2, 3, 4, 5]], kernel: [[1, 1]], stride: 2, upstream: [[1, 10]], lr: 1}", "grad_kernel",
     "lost the stride", [[21, 32]], "NYU homework 2: the second tap of output 1 touches x[2], not x[1]"),
    ("conv2d", "{input: [[1, 2, 3, 4, 5]], kernel: [[1, 2]], stride: 2, upstream: [[1, 10]], lr: 1}", "grad_input",
     "lost the stride", [[1, 12, 20, 0, 0]], "hand"),
    ("conv2d", "{input: [[0, 0, 0], [0, 0, 0], [0, 0, 0]], kernel: [[1, 2], [3, 4]], upstream: [[0, 0], [0, 1]], lr: 1}",
     "grad_input", "did not turn the kernel", [[0, 0, 0], [0, 4, 3], [0, 2, 1]], "namrapatel, conv-backprop"),
    ("conv2d", "{input: {size: 56, channels: 64}, kernel: {size: 3, filters: 128}}", "weights",
     "left out the input channels", 1_152, "CNN note: 1,280 with the 128 biases"),
    ("conv2d", "{input: {size: 28}, kernel: {size: 5, filters: 10}}", "weights",
     "added the kernel's sides instead of multiplying them", 100, "CS7643 note: 110 with the 10 biases"),
    ("conv2d", "{input: {size: 8, channels: 32}, kernel: {size: 3, filters: 64}, padding: same}", "macs",
     "left out the input channels", 36_864, "CNN note: 3×3, 32 to 64 channels on 8×8"),
    ("pool2d", "{input: [[1, 2], [2, 3]], window: 2}", "output", "took one row of the window only", [[2]], "BITS module 6"),
    ("pool2d", "{input: [[1, 2], [4, 3]], window: 2}", "output", "took one row of the window only", [[2]], "hand"),
    ("pool2d", FIRST_ROW, "output", "took stride 1", [[3, 4], [9, 6]], "hand, after Study-mate: 2×2 on 3×3"),
    ("pool2d", FIRST_ROW, "output", "averaged instead of taking the maximum", [[1.5]], "hand"),
    ("pool2d", "{input: [[1, 5]], window: [1, 2], upstream: 4}", "grad_input", "spread the gradient over the window",
     [[2, 2]], "hand"),
    ("pool2d", "{input: [[1, 5]], window: [1, 2], method: average, upstream: 4}", "grad_input",
     "did not divide by the size of the window", [[4, 4]], "hand"),
]  # fmt: skip


@pytest.mark.parametrize("row", MISTAKES, ids=[f"{row[2]}, {row[3]}" for row in MISTAKES])
def test_typical_mistakes_give_the_values_people_hand_in(row):
    kind, given, name, label, value, source = row
    assert source
    found = slip_of(kind, given, name, label)
    assert (found.tolist() if isinstance(found, np.ndarray) else found) == value


def test_an_upstream_at_one_output_lays_the_kernel_itself_into_the_gradient():
    """Source: namrapatel, conv-backprop."""
    given = "{input: [[0,0,0],[0,0,0],[0,0,0]], kernel: [[1,2],[3,4]], upstream: [[0,0],[0,1]], lr: 1}"
    assert solve("conv2d", given)["grad_input"].tolist() == [[0, 0, 0], [0, 1, 2], [0, 3, 4]]


def test_the_gradient_of_a_flipped_kernel_is_flipped_back():
    """By hand: y = (1·10 + 2, 2·10 + 3), so the first weight meets x = 2 and 3, the second x = 1 and 2."""
    solved = solve("conv2d", "{input: [[1, 2, 3]], kernel: [[1, 10]], flip: true, upstream: [[1, 100]], lr: 1}")
    assert solved["output"].tolist() == [[12, 23]]
    assert solved["grad_kernel"].tolist() == [[302, 201]]
    assert solved["grad_input"].tolist() == [[10, 1001, 100]]


def test_later_steps_go_on_with_the_padded_input_of_the_student():
    given = "{input: [[1, 2, 3], [4, 5, 6]], kernel: [[1, 10]], padding: [0, 1], stride: [1, 2]}"
    done = working_of("conv2d", given, carry={"padded": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])})
    assert done.steps["size"].computed == (2, 1)
    assert done.steps["every"].computed.tolist() == [[21, 32], [54, 65]]
    assert done.steps["output"].computed.tolist() == [[21], [54]]


def test_the_strided_output_is_taken_from_the_students_output_at_stride_one():
    given = "{input: [[1, 2, 3, 4]], kernel: [[1, 10]], stride: [1, 2]}"
    done = working_of("conv2d", given, carry={"every": np.array([[7.0, 8.0, 9.0]])})
    assert done.steps["output"].computed.tolist() == [[7, 9]]


def test_counts_go_on_with_the_students_size():
    given = "{input: {size: [6, 5], channels: 2}, kernel: {size: [2, 3], filters: 4}, bias: true}"
    assert solve("conv2d", given)["neurons"] == 60
    steps = working_of("conv2d", given, carry={"size": (6, 5)}).steps
    assert (steps["neurons"].computed, steps["macs"].computed) == (120, 48 * 30)


@pytest.mark.parametrize(
    ("shape_in", "shape_kernel", "shape_out"),
    [((4, 5), (2, 3), (3, 3)), ((2, 4, 5), (2, 2, 3), (3, 3)), ((4, 5), (6, 1, 2, 3), (6, 3, 3)),
     ((7, 2, 4, 5), (2, 2, 3), (7, 3, 3)), ((7, 2, 4, 5), (6, 2, 2, 3), (7, 6, 3, 3))],
)  # fmt: skip
def test_the_output_has_an_axis_of_filters_if_the_kernel_has_and_of_images_if_the_input_has(
    shape_in, shape_kernel, shape_out
):
    given = kinds.load("conv2d").givens({"input": np.ones(shape_in), "kernel": np.ones(shape_kernel)})
    assert run(kinds.load("conv2d").function, given).steps["output"].computed.shape == shape_out


@pytest.mark.parametrize(("padding", "stride", "size"), [("same", 1, (5, 6)), ("same", 2, (3, 3)), ("full", 1, (6, 8))])
def test_padding_in_words_gives_the_sizes_the_words_promise(padding, stride, size):
    numbers = "[[1,2,3,4,5,6], [1,0,1,0,1,0], [2,3,4,5,6,7], [0,0,1,2,0,0], [1,1,1,1,1,2]]"
    solved = solve("conv2d", f"{{input: {numbers}, kernel: [[1,2,3], [4,5,6]], padding: {padding}, stride: {stride}}}")
    assert solved["size"] == size == solved["output"].shape


@pytest.mark.parametrize(("window", "value"), [("global", 7.0), ("[2, 3]", [[7.0]])])
def test_global_pooling_leaves_one_number_a_channel(window, value):
    found = solve("pool2d", f"{{input: [[1, 7, 2], [3, 0, 4]], window: {window}}}")["output"]
    assert (found.tolist() if isinstance(found, np.ndarray) else found) == value


UNDEFINED = [
    ("conv2d", "{input: {size: 3}, kernel: {size: 5}}", "the kernel (5×5) is larger than the input (3×3)"),
    ("conv2d", "{input: {size: [3, 4]}, kernel: {size: [7, 2]}, padding: 1}",
     "the kernel (7×2) is larger than the padded input (5×6)"),
    ("conv2d", "{input: [[1, 2]], kernel: [[[1, 2]], [[3, 4]]]}", "the kernel has 2 channels, and the input 1"),
    ("conv2d", "{input: {size: 5, channels: 3}, kernel: {size: 3, filters: 4}, groups: 2}",
     "3 channels cannot be dealt out to 2 groups"),
    ("conv2d", "{input: {size: 5, channels: 4}, kernel: {size: 3}, groups: 2}", "1 filter cannot be dealt out to 2 groups"),
    ("conv2d", "{input: [[1, 2]], kernel: [[1]], bias: [1, 2]}", "`bias` has 2 numbers, and the kernel 1 filter"),
    ("conv2d", "{input: [[1, 2]], kernel: [[1]], bias: true}", "`bias: true` is for sizes only; give the numbers of the bias"),
    ("conv2d", "{input: [[1, 2, 3]], kernel: [[1, 2]], upstream: [[1, 2, 3]], lr: 1}",
     "`upstream` has the shape 1×3, and the output 1×2"),
    ("conv2d", "{input: [[1, 2]], kernel: [[1]], padding: 100000}",
     "40,000,600,002 numbers are too many to work out one by one; give sizes only"),
    ("pool2d", "{input: {size: [3, 4]}, window: 5, padding: [0, 1]}",
     "the window (5×5) is larger than the padded input (3×6)"),
    ("pool2d", "{input: [[1, 2]], window: [1, 2], padding: [0, 2]}",
     "a window (1×2) lies in the padding alone; pad by less than the window"),
    ("pool2d", "{input: [[1, 2], [3, 4]], window: 2, upstream: [[1, 2]]}",
     "`upstream` has the shape 1×2, and the output 1×1"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "sentence"), UNDEFINED)
def test_impossible_numbers_are_refused_with_their_sizes(kind, given, sentence):
    with pytest.raises(Undefined) as raised:
        working_of(kind, given)
    assert str(raised.value) == sentence


UNREADABLE = [
    ("conv2d", "{padding: vaild}", "padding: found 'vaild'; did you mean 'valid'?"),
    ("conv2d", "{padding: -1}", "padding: expected a whole number of at least 0, found -1"),
    ("conv2d", "{input: [1, 2]}",
     "input: expected an array (H × W, C × H × W or N × C × H × W), found a list of numbers"),
    ("conv2d", "{kernel: 3}", "kernel: expected an array (kh × kw, C × kh × kw or F × C × kh × kw), found a number"),
    ("conv2d", "{kernel: {filters: 3}}", "kernel: give `size`, as in {size: [28, 20], filters: 3}"),
    ("conv2d", "{input: {size: 3, chanels: 2}}",
     "input: sizes {size: …, channels: …} has no 'chanels'; did you mean 'channels'?"),
    ("conv2d", "{bias: [[1, 2]]}", "bias: expected one number a filter, found an array of 2 axes"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "sentence"), UNREADABLE)
def test_givens_that_cannot_be_read_say_what_was_expected(kind, given, sentence):
    with pytest.raises(GivenError) as raised:
        givens_of(kind, given)
    assert raised.value.message == sentence


@pytest.mark.parametrize(
    ("call", "message"),
    [(lambda: correlate2d(np.ones((1, 3, 4, 5)), np.ones((1, 2, 2, 2))), "3 channels"),
     (lambda: correlate2d(np.ones((1, 1, 2, 5)), np.ones((1, 1, 3, 2))), "3×2 is larger than an image of 2×5"),
     (lambda: correlate2d_grad_kernel(np.ones((1, 1, 4, 5)), np.ones((1, 1, 4, 5)), (1, 1, 2, 3)), "upstream has"),
     (lambda: correlate2d_grad_input(np.ones((1, 1, 4, 5)), np.ones((1, 1, 2, 3)), (1, 1, 4, 5)), "upstream has"),
     (lambda: convolution.pads("vaild", 5, 3, 1), "vaild"),
     (lambda: pad2d(np.ones((2, 3)), (1, 1), (1, 1), "mirror"), "mirror"),
     (lambda: pooling.max_pool2d(np.ones((2, 3)), (3, 2), (1, 1)), "a window of 3 is larger"),
     (lambda: pooling.max_pool2d_grad(np.ones((2, 3)), np.ones((2, 3)), (2, 2), (1, 1)), "upstream has")],
)  # fmt: skip
def test_kernels_refuse_shapes_that_do_not_fit(call, message):
    with pytest.raises(ValueError, match=message):
        call()
