"""Networks layer by layer, against published numbers."""

import textwrap
import time

import numpy as np
import pytest

from hwcheck import evaluation, expressions, kinds, yamltree
from hwcheck.errors import Undefined
from hwcheck.given import GivenError, Reader, read_givens
from hwcheck.layers import layer_names, override_layers, read_layers
from hwcheck.values import same
from hwcheck.working import run

CNN = kinds.load("cnn")


def no_links(part, node):
    raise GivenError(node, f"no part {part!r}")


READER = Reader(no_links)


def read(text):
    tree = yamltree.parse(textwrap.dedent(text))
    nodes = tree.get("given") or tree
    return read_givens(CNN.givens, {key.text: node for key, node in nodes}, READER)


def solve(text, **options):
    given, errors = read(text)
    assert [error.message for error in errors] == []
    return run(CNN.function, given, **options)


def values(text, **options):
    result = solve(text, **options)
    assert result.ended is None
    return {name: step.computed for name, step in result.steps.items()}


def conv(filters, kernel, **fields):
    return f"{{conv: {{filters: {filters}, kernel: {kernel}, {', '.join(f'{k}: {v}' for k, v in fields.items())}}}}}"


def net(size, *layers, **givens):
    extra = "".join(f"\n{name}: {value}" for name, value in givens.items())
    return f"input: {size}\nlayers: [{', '.join(layers)}]{extra}"


# Published networks.

LENET = net(
    "28x28x1", conv(6, 5, padding=2), "relu", "{max_pool: 2}", conv(16, 5), "relu", "{max_pool: 2}",
    "flatten", "{dense: 120}", "relu", "{dense: 84}", "relu", "{dense: 10}",
)  # fmt: skip

ALEXNET = net(
    "227x227x3", conv(96, 11, stride=4), "{max_pool: {window: 3, stride: 2}}", conv(256, 5, padding=2),
    "{max_pool: {window: 3, stride: 2}}", conv(384, 3, padding=1), conv(384, 3, padding=1), conv(256, 3, padding=1),
    "{max_pool: {window: 3, stride: 2}}", "flatten", "{dense: 4096}", "{dense: 4096}", "{dense: 1000}",
)  # fmt: skip

VGG16 = net(
    "224x224x3",
    *(layer for filters, times in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
      for layer in (f"{{repeat: {{times: {times}, layers: [{conv(filters, 3, padding=1)}, relu]}}}}", "{max_pool: 2}")),
    "flatten", "{dense: 4096}", "relu", "{dense: 4096}", "relu", "{dense: 1000}",
)  # fmt: skip


def basic(filters, stride=1):
    body = f"{conv(filters, 3, padding=1, stride=stride)}, batch_norm, relu, {conv(filters, 3, padding=1)}, batch_norm"
    shortcut = f", shortcut: [{conv(filters, 1, stride=stride)}, batch_norm]" if stride > 1 else ""
    return f"{{residual: {{body: [{body}]{shortcut}}}}}, relu"


def bottleneck(filters, stride=1, project=False):
    body = ", batch_norm, relu, ".join(
        (conv(filters, 1, stride=stride), conv(filters, 3, padding=1), conv(4 * filters, 1))
    )
    shortcut = f", shortcut: [{conv(4 * filters, 1, stride=stride)}, batch_norm]" if project else ""
    return f"{{residual: {{body: [{body}, batch_norm]{shortcut}}}}}, relu"


STEM = (
    conv(64, 7, padding=3, stride=2, bias="false"),
    "batch_norm",
    "relu",
    "{max_pool: {window: 3, stride: 2, padding: 1}}",
)

RESNET18 = net(
    "224x224x3", *STEM,
    *(block for i, filters in enumerate((64, 128, 256, 512)) for block in (basic(filters, 2 if i else 1), basic(filters))),
    "global_avg_pool", "{dense: {units: 1000, bias: true}}", bias="false",
)  # fmt: skip

RESNET50 = net(
    "224x224x3", *STEM,
    *(block for i, (filters, times) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3)))
      for block in (bottleneck(filters, 2 if i else 1, project=True), *[bottleneck(filters)] * (times - 1))),
    "global_avg_pool", "{dense: {units: 1000, bias: true}}", bias="false",
)  # fmt: skip


def mobilenet(norm="batch_norm"):
    layers, channels = [conv(32, 3, padding=1, stride=2), norm, "relu"], 32
    wider = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    for filters, stride in wider:
        layers += [conv(channels, 3, padding=1, stride=stride, groups=channels), norm, "relu"]
        layers += [conv(filters, 1), norm, "relu"]
        channels = filters
    return net("224x224x3", *layers, "global_avg_pool", "{dense: {units: 1000, bias: true}}", bias="false")


def fire(squeeze, expand):
    one, three = conv(expand, 1), conv(expand, 3, padding=1)
    return f"{conv(squeeze, 1)}, relu, {{branch: [[{one}, relu], [{three}, relu]]}}"


CEIL_POOL = "{max_pool: {window: 3, stride: 2}}"
SQUEEZENET = net(
    "224x224x3", conv(96, 7, stride=2), "relu", CEIL_POOL, fire(16, 64), fire(16, 64), fire(32, 128), CEIL_POOL,
    fire(32, 128), fire(48, 192), fire(48, 192), fire(64, 256), CEIL_POOL, fire(64, 256), conv(1000, 1), "relu",
    "global_avg_pool", incomplete="ceil",
)  # fmt: skip


PARAMETERS = {
    "LeNet-5 with full connections": (LENET, 61_706, "by hand: 156 + 2,416 + 48,120 + 10,164 + 850"),
    "AlexNet without groups": (ALEXNET, 62_378_344, "Prince, Understanding Deep Learning (2023)"),
    "VGG-16": (VGG16, 138_357_544, "torchvision, VGG16_Weights, num_params"),
    "ResNet-18": (RESNET18, 11_689_512, "torchvision, ResNet18_Weights, num_params"),
    "ResNet-50": (RESNET50, 25_557_032, "torchvision, ResNet50_Weights, num_params"),
    "SqueezeNet 1.0": (SQUEEZENET, 1_248_424, "torchvision, SqueezeNet1_0_Weights, num_params"),
    "MobileNet, depthwise": (mobilenet(), 4_231_976, "Keras, MobileNet().summary(), trainable params"),
    "MobileNet with moving statistics": (
        mobilenet("{batch_norm: all}"), 4_253_864, "Keras, MobileNet().summary(), total params",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "source"), PARAMETERS.values(), ids=PARAMETERS)
def test_parameters_of_published_networks(text, expected, source):
    assert values(text)["params"] == expected, source


@pytest.mark.parametrize(
    ("text", "name", "expected", "source"),
    [
        (VGG16, "conv13.receptive_field", 196, "Araujo et al. (2019), recurrence by hand: 196 at conv5_3"),
        (VGG16, "receptive_field", 212, "Araujo, Norris and Sim, Computing Receptive Fields, Distill (2019), table"),
        (ALEXNET, "receptive_field", 195, "Araujo et al. (2019), table"),
        (RESNET50, "receptive_field", 483, "Araujo et al. (2019), table: resnet_v1_50"),
        (mobilenet(), "receptive_field", 315, "Araujo et al. (2019), table: mobilenet_v1"),
        (RESNET50, "jump", 32, "He et al. (2016), table 1: 224 to 7"),
    ],
)
def test_receptive_fields_of_published_networks(text, name, expected, source):
    assert values(text)[name] == expected, source


def test_multiply_adds_of_published_networks():
    assert round(values(mobilenet())["macs"] / 1e6) == 569, "Howard et al., MobileNets (2017), table 8"
    assert round(values(RESNET18)["macs"] / 1e9, 1) == 1.8, "He et al. (2016), table 1"


# Homework with published answers.

QUESTION_2 = net(
    "64x64x3", conv(32, 3, padding=1), conv(64, 7), "{max_pool: 2}", conv(128, 3, padding=1), conv(256, 7),
    "{max_pool: 2}", "flatten", "{dense: 10}",
)  # fmt: skip
QUESTION_3 = net("32x32x3", conv(16, 3, padding=1), conv(16, 3), "{avg_pool: 2}", "{dense: 1}", "relu")
QUESTION_5 = """
    input: [[-1, 0, 1], [2, 3, 4], [5, 6, 7], [8, 9, 10]]
    layers: [{conv: {weight: [[2, 1], [0, -1]]}}, relu, {avg_pool: 2}]
"""


def test_shapes_layer_by_layer():
    """Source: COMP433, assignment 3, question 2."""
    found = values(QUESTION_2)
    shapes = [
        found[f"{name}.shape"] for name in ("conv1", "conv2", "pool1", "conv3", "conv4", "pool2", "flatten1", "fc1")
    ]
    assert shapes == [
        (64, 64, 32), (58, 58, 64), (29, 29, 64), (29, 29, 128), (23, 23, 256), (11, 11, 256), (30_976,), (10,),
    ]  # fmt: skip
    assert found["shape"] == (10,)


def test_the_neurons_of_a_net_are_those_of_its_convolutions_and_dense_layers():
    """Source: COMP433, assignment 3, question 3: 16,384 and 14,400 neurons; one dense unit."""
    assert values(QUESTION_3)["neurons"] == 16_384 + 14_400 + 1


def test_neurons_weights_and_biases():
    """Source: COMP433, assignment 3, question 3."""
    found = values(QUESTION_3)
    asked = {
        "conv1.neurons": 16_384, "conv1.weights_per_filter": 27, "conv1.weights": 432, "conv1.biases": 16,
        "conv2.neurons": 14_400, "conv2.weights_per_filter": 144, "conv2.weights": 2_304, "conv2.biases": 16,
        "pool1.shape": (15, 15, 16), "pool1.neurons": 3_600,
    }  # fmt: skip
    assert {name: found[name] for name in asked} == asked


def test_values_through_convolution_relu_and_pool():
    """Source: COMP433, assignment 3, question 5."""
    found = values(QUESTION_5)
    assert found["conv1.output"].tolist() == [[-5, -3], [1, 3], [7, 9]]
    assert found["relu1.output"].tolist() == [[0, 0], [1, 3], [7, 9]]
    assert found["pool1.output"].tolist() == [[1]]
    assert found["conv1.shape"] == (3, 2, 1)


def test_the_dense_layer_that_replaces_a_convolution():
    """Source: by hand: 28·28·3 = 2,352 inputs, 27·27·3 = 2,187 units, 2,352·2,187 weights."""
    found = values(net("28x28x3", conv(3, 2, padding="valid")))
    asked = {
        "conv1.params": 39, "conv1.fc_inputs": 2_352, "conv1.fc_outputs": 2_187, "conv1.fc_weights": 5_143_824,
        "conv1.fc_biases": 2_187, "conv1.fc_params": 5_146_011,
    }  # fmt: skip
    assert {name: found[name] for name in asked} == asked


def test_values_with_two_channels_bias_and_dense():
    """Source: by hand."""
    found = values("""
        input: [[[1, 2], [3, 4], [5, 6]], [[0, 1], [1, 0], [2, 2]]]
        layers:
          - conv: {weight: [[[[1, 0]], [[0, 2]]], [[[1, 1]], [[-1, 0]]]], bias: [0.5, -1]}
          - max_pool: {window: [2, 1], stride: 1}
          - flatten
          - dense: {weight: [[1, 0, 2, 0], [0, 1, 0, -1]], bias: [0, 10]}
    """)
    assert found["conv1.output"].tolist() == [[[3.5], [3.5], [9.5]], [[2], [5], [8]]]
    assert found["pool1.output"].tolist() == [[[3.5], [9.5]], [[5], [8]]]
    assert found["flatten1.output"].tolist() == [3.5, 9.5, 5, 8]
    assert found["fc1.output"].tolist() == [13.5, 11.5]


def test_values_keep_a_leading_axis_of_samples():
    found = values("""
        input: [[[[1, 2, 4]]], [[[0, -1, 3]]]]
        layers: [{conv: {weight: [[[[1, -1]]]]}}, relu]
    """)
    assert found["conv1.output"].tolist() == [[[[-1, -2]]], [[[1, -4]]]]
    assert found["relu1.output"].shape == (2, 1, 1, 2)


def test_a_branch_joins_values_over_channels_and_a_residual_adds_them():
    """Source: by hand."""
    found = values("""
        input: [[1, -2, 3]]
        layers: [{branch: [[relu], []]}, {residual: [{conv: {weight: [[[[0]], [[1]]], [[[2]], [[0]]]]}}]}, global_avg_pool]
    """)
    assert found["cat1.output"].tolist() == [[[1, 0, 3]], [[1, -2, 3]]]
    assert found["add1.output"].tolist() == [[[2, -2, 6]], [[3, -2, 9]]]
    assert found["gap1.output"].tolist() == [2, 10 / 3]


@pytest.mark.parametrize("shift", ["[0, 3]", "[2, 0]", "[-1, 5]"])
def test_circular_padding_makes_the_average_blind_to_shifts(shift):
    image = (np.arange(24.0).reshape(4, 6) ** 2 % 7).tolist()
    weight = "weight: [[1, 2, 0], [0, -1, 3], [-2, 1, -3]]"
    layers = f"[{{conv: {{{weight}, padding: 1, padding_mode: circular}}}}, relu, global_avg_pool]"
    still, moved = (values(f"input: {image}\nlayers: {layers}\nshift: {by}") for by in ("[0, 0]", shift))
    assert not same(moved["conv1.output"], still["conv1.output"])
    assert same(moved["gap1.output"], still["gap1.output"])
    valid = values(f"input: {image}\nlayers: [{{conv: {{{weight}}}}}]")
    assert same(valid["conv1.output"], still["conv1.output"][1:-1, 1:-1])


# Typical mistakes.

MISTAKES = [
    ("rounded up", net("256x256x1", conv(4, 7, stride=2)), "conv1.height", 125, "conv1.height", 126, "NPTEL 850879107"),
    ("left out the + 1", net("5x9x1", conv(1, 3, stride=2)), "conv1.height", 2, "conv1.height", 1, "d2l-zh, PR 1345"),
    ("took any padding as same", net("5x5x1", conv(1, 3, padding=2)), "conv1.shape", (7, 7, 1), "conv1.shape", (5, 5, 1),
     "by hand: 5 + 4 - 3 + 1"),
    ("took any padding as same", net("32x32x3", conv(2, 5)), "conv1.shape", (28, 28, 2), "conv1.shape", (32, 32, 2),
     "ISLRv2-solutions, issue 16"),
    ("took the last stride for the product of all strides",
     net("99x99x1", conv(1, 3, stride=2), conv(1, 3, stride=2), conv(1, 3)), "receptive_field", 15,
     "conv3.receptive_field", 11, "recurrence by hand: 3, 7, 15 and 3, 7, 11"),
    ("left out a layer",
     net("300x300x3", f"{{repeat: {{times: 2, layers: [{conv(8, 3, padding=1)}]}}}}", "{max_pool: 2}",
         f"{{repeat: {{times: 2, layers: [{conv(8, 3, padding=1)}]}}}}", "{max_pool: 2}",
         f"{{repeat: {{times: 4, layers: [{conv(8, 3, padding=1)}]}}}}"),
     "receptive_field", 48, "conv8.receptive_field", 40, "SFD, issue 69"),
    ("left out the input channels", net("9x9x64", conv(128, 3)), "conv1.params", 73_856, "conv1.weights_per_filter", 1_280,
     "by hand: 3·3·64·128 + 128"),
    ("added the sides of the kernel instead of multiplying", net("9x9x1", conv(10, 5)), "conv1.params", 260,
     "conv1.weights_per_filter", 110, "by hand: 10·(25 + 1) and 10·(5 + 5 + 1)"),
    ("left out the biases", net("28x28x1", "flatten", "{dense: 16}", "{dense: 10}"), "params", 12_730, "fc1.params", 12_714,
     "BITS, module 5"),
    ("counted the moving statistics too", net("7x7x512", "batch_norm"), "params", 1_024, "bn1.params", 2_048,
     "Keras, BatchNormalization over 512 channels"),
    ("left out the channels", net("8x8x64", "relu"), "relu1.flops", 4_096, "relu1.flops", 64, "Technion, exam"),
    ("left out the input channels", net("8x8x32", conv(64, 3, padding=1)), "macs", 1_179_648, "conv1.macs", 36_864,
     "by hand: 8·8·64·9·32"),
    ("halved the multiply-adds", net("65x65x8", conv(64, 3)), "flops", 36_578_304, "conv1.flops", 9_144_576,
     "thop, issue 15: 18,289,152 multiply-adds"),
    ("left out the padding", net("32x30x3", conv(16, 3, padding=1)), "conv1.shape", (32, 30, 16), "conv1.shape", (30, 28, 16),
     "by hand"),
    ("counted the padding for both sides together", net("32x30x3", conv(16, 3, padding=1)), "conv1.shape", (32, 30, 16),
     "conv1.shape", (31, 29, 16), "by hand"),
    ("left out the stride", net("9x11x3", conv(4, 3, stride=2)), "conv1.shape", (4, 5, 4), "conv1.shape", (7, 9, 4), "by hand"),
    ("left out the dilation", net("9x11x3", conv(4, 3, dilation=2)), "conv1.shape", (5, 7, 4), "conv1.shape", (7, 9, 4),
     "by hand"),
    ("counted the dilation as inserted zeros", net("9x11x3", conv(4, 3, dilation=2)), "conv1.shape", (5, 7, 4),
     "conv1.shape", (3, 5, 4), "by hand"),
    ("took the inputs of another layer", net("8x1", "{dense: 5}", "{dense: 3}"), "params", 45 + 18, "fc2.weights", 45 + 27,
     "by hand: 8·5 + 5, 5·3 + 3, wrongly 8·3 + 3"),
    ("took stride 1", net("3x3x1", "{max_pool: 2}"), "pool1.shape", (1, 1, 1), "pool1.shape", (2, 2, 1), "by hand"),
    ("left out the dense layers", LENET, "params", 61_706, "params", 2_572, "by hand: 156 + 2,416"),
    ("counted the units of pools too", QUESTION_3, "neurons", 30_785, "neurons", 34_385, "by hand: and 3,600"),
    ("left out all but convolutions and dense layers", net("9x8x2", conv(3, 2), "relu", "{max_pool: 2}"), "flops",
     168 * 16 + 168 + 36 * 4, "flops", 168 * 16, "by hand: 8·7·3 = 168 units of 8 multiply-adds, 4·3·3 windows of 4 cells"),
]  # fmt: skip


@pytest.mark.parametrize(("label", "text", "asked", "right", "at", "wrong", "source"), MISTAKES)
def test_a_mistake_gives_the_value_people_report(label, text, asked, right, at, wrong, source):
    assert values(text)[asked] == right, source
    result = solve(text, slip=lambda name, found: (name, found) == (at, label))
    assert result.steps[asked].handed == wrong, source


def test_operations_counted_as_weights_in_every_layer():
    """Source: Technion, exam: two convolutions 3×3 with 256 channels have 1,179,648 weights."""
    text = net("8x6x256", conv(256, 3, padding=1), conv(256, 3, padding=1))
    assert values(text)["macs"] == 1_179_648 * 8 * 6
    steps = solve(text, slip=lambda _, label: label == "left out the spatial size").steps
    assert steps["macs"].handed == 1_179_648
    assert (
        solve(text, slip=lambda *slip: slip == ("conv1.flops", "left out the spatial size")).steps["conv1.flops"].handed
        == 2 * 9 * 256 * 256
    )


def test_three_dense_layers():
    """Source: BITS, module 5: 784-64-32-10."""
    assert values(net("784x1", "{dense: 64}", "{dense: 32}", "{dense: 10}"))["params"] == 52_650


# Follow-through.


def test_a_wrong_shape_carries_on():
    found = values(QUESTION_2, carry={"conv1.shape": (62, 62, 32)})
    assert found["conv1.neurons"] == 62 * 62 * 32
    assert found["conv2.shape"] == (56, 56, 64)
    assert found["conv2.weights_per_filter"] == 7 * 7 * 32


def test_a_wrong_number_of_neurons_carries_into_the_dense_layer():
    assert values(QUESTION_3, carry={"pool1.neurons": 3_500})["fc1.params"] == 3_501
    assert values(QUESTION_2, carry={"pool2.neurons": 30_000})["flatten1.shape"] == (30_000,)


def test_a_wrong_side_carries_into_the_shape():
    found = values(QUESTION_2, carry={"conv2.height": 60})
    assert found["conv2.shape"] == (60, 58, 64)
    assert found["pool1.shape"] == (30, 29, 64)


# Other conventions, other inputs.


def test_layout_changes_the_order_of_shapes_only():
    last, first = values(QUESTION_2), values(QUESTION_2.replace("64x64x3", "3x64x64") + "\nlayout: CHW")
    assert first["conv2.shape"] == (64, 58, 58)
    assert first["params"] == last["params"]
    assert first["flatten1.shape"] == last["flatten1.shape"] == (30_976,)


def test_pools_keep_incomplete_windows_if_told_so():
    text = net("7x10x2", "{max_pool: 2}")
    assert values(text)["pool1.shape"] == (3, 5, 2)
    assert values(f"{text}\nincomplete: ceil")["pool1.shape"] == (4, 5, 2)


def test_convolutions_round_down_whatever_pools_do():
    assert values(net("224x224x3", conv(64, 7, padding=3, stride=2), incomplete="ceil"))["conv1.height"] == 112


def test_a_multiply_add_is_one_or_two_operations():
    text = net("8x8x32", conv(64, 3, padding=1))
    assert values(text)["flops"] == 2 * 1_179_648
    assert values(f"{text}\nflops_per_mac: 1")["flops"] == 1_179_648


def test_one_dimension_has_a_length_and_no_width():
    found = values(net("40x2", conv(6, 5, stride=2, padding=1), "{max_pool: 2}", conv(4, "3x1")))
    assert (found["conv1.height"], found["conv1.shape"]) == (19, (19, 6))
    assert "conv1.width" not in found
    assert found["conv1.weights_per_filter"] == 10
    assert found["conv2.shape"] == (7, 4)
    assert found["receptive_field"] == 15


def test_receptive_field_is_a_pair_where_its_sides_differ():
    found = values(net("20x30x1", conv(1, "1x5", stride="[1, 2]"), conv(1, "3x3")))
    assert (found["conv1.receptive_field"], found["conv1.jump"]) == ((1, 5), (1, 2))
    assert found["conv2.receptive_field"] == (3, 9)


def test_an_unknown_side_matters_only_to_what_needs_it():
    found = values(net("?x?x64", conv(128, 3), "batch_norm", "{max_pool: 2}", conv(10, 1)))
    assert (found["conv1.channels"], found["conv1.params"], found["params"]) == (128, 73_856, 73_856 + 256 + 1_290)
    assert found["receptive_field"] == 4
    assert {"conv1.height", "conv1.shape", "conv1.macs", "macs", "shape"} & set(found) == set()


def test_one_unknown_side_leaves_the_other():
    found = values(net("?x9x3", conv(5, 3)))
    assert found["conv1.width"] == 7
    assert "conv1.height" not in found


def test_global_average_pooling_does_not_need_the_sides():
    found = values(net("?x?x64", "global_avg_pool", "{dense: 10}"))
    assert (found["gap1.shape"], found["params"], found["shape"]) == ((64,), 650, (10,))


# Names.


def names(text):
    return layer_names(yamltree.parse(textwrap.dedent(text)).get("layers"))


def test_layers_are_numbered_by_word():
    text = """
        layers:
          - conv: {filters: 2, kernel: 3, name: stem}
          - relu
          - conv: {filters: 2, kernel: 3}
          - batch_norm
          - relu
          - max_pool: 2
          - avg_pool: 2
          - dropout: 0.5
          - global_avg_pool
          - flatten
          - dense: 4
          - leaky_relu
          - softmax
    """
    assert names(text) == [
        "stem", "relu1", "conv2", "bn1", "relu2", "pool1", "pool2", "drop1", "gap1", "flatten1", "fc1", "leaky_relu1",
        "softmax1",
    ]  # fmt: skip


def test_layers_inside_layers_are_named_in_the_order_of_computing():
    text = """
        layers:
          - conv: {filters: 4, kernel: 3}
          - residual: {body: [relu, {conv: {filters: 4, kernel: 1}}], shortcut: [batch_norm], name: skip}
          - branch: [[{conv: {filters: 2, kernel: 1}}], [{residual: [tanh]}], []]
          - residual: [relu]
    """
    assert names(text) == ["conv1", "relu1", "conv2", "bn1", "skip", "conv3", "tanh1", "add2", "cat1", "relu2", "add3"]


def test_every_repetition_has_names_of_its_own():
    text = """
        layers:
          - repeat: {times: 2, layers: [{conv: {filters: 2, kernel: 3}}, {repeat: {times: 2, layers: [relu]}}]}
          - conv: {filters: 2, kernel: 3}
    """
    assert names(text) == ["conv1", "relu1", "relu2", "conv2", "relu3", "relu4", "conv3"]
    layers = yamltree.parse(textwrap.dedent(text)).get("layers")
    assert [layer.name for layer in read_layers(READER, layers)] == names(text)


# A part that changes one layer.


def overridden(text, name, fields):
    layers = yamltree.parse(textwrap.dedent(text)).get("layers")
    return override_layers(layers, name, yamltree.parse(f"x: {fields}").get("x"))


def test_a_part_changes_one_field_of_one_layer():
    text = "layers: [{conv: {filters: 4, kernel: 3, stride: 2}}, {max_pool: 3}]"
    changed = overridden(text, "conv1", "{dilation: 2, stride: [1, 3]}")
    first, second = read_layers(READER, changed)
    assert (first.filters, first.kernel, first.stride, first.dilation) == (4, (3, 3), (1, 3), (2, 2))
    assert (second.window, second.stride) == (((3, 3)), (3, 3))
    first, second = read_layers(READER, overridden(text, "pool1", "{stride: 2}"))
    assert (second.window, second.stride) == ((3, 3), (2, 2))


def test_a_part_changes_a_layer_inside_others_and_one_repetition_alone():
    text = """
        layers:
          - repeat: {times: 2, layers: [{residual: [{conv: {filters: 4, kernel: 3, padding: 1}}]}]}
          - branch: [[relu], [{conv: {filters: 5, kernel: 1}}]]
    """
    one, two, three = read_layers(READER, overridden(text, "conv2", "{kernel: 5, padding: 2}"))
    assert [layer.kernel for layer in (one.body[0], two.body[0], three.paths[1][0])] == [(3, 3), (5, 5), (1, 1)]
    *_, three = read_layers(READER, overridden(text, "conv3", "{filters: 6}"))
    assert three.paths[1][0].filters == 6
    assert [layer.name for layer in (one, two, three)] == ["add1", "add2", "cat1"]


@pytest.mark.parametrize(
    ("name", "fields", "message"),
    [
        ("conv9", "{stride: 2}", "no layer 'conv9'; did you mean 'conv1'?"),
        ("conv1", "2", "conv1: expected the fields to replace, `{field: value}`, found '2'"),
    ],
)
def test_a_part_that_changes_no_layer_is_an_error(name, fields, message):
    with pytest.raises(GivenError) as caught:
        overridden("layers: [{conv: {filters: 4, kernel: 3}}, relu]", name, fields)
    assert caught.value.message == message


# Errors of the author.

LAYER = "expected one layer, as `relu`, `dense: 10` or `conv: {filters: 16, kernel: 3}`"
MESSAGES = [
    ("[{conv: {filters: 4, kernal: 3}}]", 22, "conv1: conv has no 'kernal'; did you mean 'kernel'?"),
    ("[{conv: {filters: 4}}]", 3, "conv1: give `kernel`"),
    ("[{conv: 16}]", 9, "conv: expected `conv: {filters: 16, kernel: 3}`, found '16'"),
    ("[{conv: {filters: 0, kernel: 3}}]", 19, "conv1: filters: expected a whole number of at least 1, found 0"),
    ("[{conv: {filters: 4, kernel: 3, padding: vaild}}]", 42,
     "conv1: padding: expected a number, [vertical, horizontal], valid, same or full, found 'vaild'; did you mean 'valid'?"),
    ("[{conv: {filters: 4, kernel: [3, 3, 3]}}]", 30,
     "conv1: kernel: expected a number, or [vertical, horizontal], found a list of 3"),
    ("[{conv: {filters: 4, kernel: 3, padding_mode: mirror}}]", 47,
     "conv1: padding_mode: found 'mirror'; expected one of zeros, circular, reflect, replicate"),
    ("[{conv: {filters: 3, weight: [[1, 2]]}}]", 19, "conv1: filters: `weight` has 1, found 3"),
    ("[{conv: {kernel: 2, weight: [[1, 2]]}}]", 18, "conv1: kernel: `weight` has 1×2, found 2×2"),
    ("[{conv: {weight: [1, 2]}}]", 18,
     "conv1: weight: expected rows × columns, with channels and filters before them where there are several, found 2"),
    ("[{conv: {weight: [[1, 2]], bias: [1, 2]}}]", 34, "conv1: bias: expected one number for each of 1 filters, found 2"),
    ("[rellu]", 2, "no layer 'rellu'; did you mean 'relu'?"),
    ("[[relu]]", 2, f"{LAYER}, found a list of 1"),
    ("[{conv: {filters: 4, kernel: 3}, name: stem}]", 2, f"{LAYER}, found 'conv' and 'name'"),
    ("relu", 1, "expected a list of layers, found 'relu'"),
    ("[{flatten: 3}]", 12, "flatten: expected `flatten: {field: value}`, found '3'"),
    ("[{dense: {bias: false}}]", 3, "fc1: give `units`"),
    ("[{dropout: 3}]", 12, "drop1: rate: expected a share from 0 to 1, found 3"),
    ("[{batch_norm: every}]", 15, "bn1: count: found 'every'; expected one of trainable, all"),
    ("[{max_pool: {stride: 2}}]", 3, "pool1: give `window`"),
    ("[{residual: {shortcut: [relu]}}]", 3, "residual: give `body`, a list of layers"),
    ("[{residual: {body: relu}}]", 20, "residual: body: expected a list of layers, found 'relu'"),
    ("[{branch: [[relu]]}]", 11, "branch: expected at least two lists of layers, `[[…], […]]`, found one path"),
    ("[branch]", 2, "branch: give its paths, `branch: [[…], […]]`"),
    ("[{repeat: {times: L, layers: [relu]}}]", 19,
     "repeat: times: expected a whole number of at least 1, found 'L' (unknown name 'L'; a number is expected here)"),
    ("[{repeat: {times: 2}}]", 3, "repeat: give `layers`"),
    ("[{repeat: {time: 2, layers: [relu]}}]", 12, "repeat has no 'time'; did you mean 'times'?"),
    ("[{repeat: {times: 3000, layers: [relu]}}]", 2, "repeat: more than 2,000 layers"),
    ("[{repeat: {times: 2, layers: [{relu: {name: a}}]}}]", 45, "two layers are called 'a'; give each a name of its own"),
    ("[{relu: {name: conv.1}}]", 16, "name: expected letters, digits and _, found 'conv.1'"),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "column", "message"), MESSAGES)
def test_layers_that_cannot_be_read(layers, column, message):
    _, errors = read(f"input: 9x9x1\nlayers:\n {layers}")
    assert [(error.message, error.node.line, error.node.column) for error in errors] == [
        (f"layers: {message}", 3, column + 1)
    ]


SIZES = "32x32x3, 40x1 in one dimension, [H, W, channels] with ? for a side that does not matter, or the values"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("input: 32*32*3", f"input: expected {SIZES}, found '32*32*3'"),
        ("input: 0x3x3", f"input: expected {SIZES}, found '0x3x3'"),
        ("input: [1, 2, 3, 4]", f"input: expected {SIZES}, found a list of 4"),
        ("input: [0, 9, 3]", "input: expected a size, or ?, found 0"),
        ("input: [[1, 2], [3]]", "input: expected 2 like the entry before, found 1"),
        ("shift: 3", "shift: expected [down, right], found '3'"),
        ("shift: [1, 2, 3]", "shift: expected [down, right], found a list of 3"),
        ("shift: [1, 0.5]", "shift: expected a whole number of cells, found 0.5"),
    ],
)
def test_other_givens_that_cannot_be_read(given, message):
    _, errors = read(given)
    assert [error.message for error in errors] == [message]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (net("5x6x1", conv(1, 3), conv(1, 7, padding=1)),
         "conv2: the kernel (7×7) is larger than its padded input (5×6)"),
        (net("5x6x1", conv(1, 3, dilation=3)), "conv1: the dilated kernel (7×7) is larger than its padded input (5×6)"),
        (net("1x6x1", "{max_pool: 2}"), "pool1: the window (2×2) is larger than its padded input (1×6)"),
        (net("9x9x1", "{max_pool: {window: 3, padding: 2}}"),
         "pool1: its padding (2×2) is more than half of its window (3×3)"),
        (net("9x9x6", conv(8, 3, groups=4)), "conv1: 6 input channels cannot be split into 4 groups"),
        (net("9x9x8", conv(6, 3, groups=4)), "conv1: 6 filters cannot be split into 4 groups"),
        (net("8x9x1", conv(1, 3, stride=2), incomplete="strict"),
         "conv1: its stride 2 does not divide the 5 cells beside the first window"),
        (net("8x9x1", "{max_pool: 2}", incomplete="strict"),
         "pool1: its stride 2 does not divide the 7 cells beside the first window"),
        (net("8x9x4", f"{{residual: [{conv(5, 3, padding=1)}]}}"), "add1: the body gives 8×9×5, and the shortcut 8×9×4"),
        (net("4x8x9", f"{{branch: [[{conv(5, 3)}], [relu]]}}", layout="CHW"),
         "cat1: its paths give 5×6×7 and 4×8×9; height and width must agree"),
        (net("40x2", conv(3, "3x5")), "conv1: its input has one dimension, and 3×5 has two"),
        ("input: [[1, 2]]\nlayers: [{conv: {weight: [[[1]], [[2]]]}}]",
         "conv1: its `weight` is made for 2 input channels, and there are 1"),
        ("input: [[1, 2]]\nlayers: [{dense: {weight: [[1, 2, 3]]}}]",
         "fc1: its `weight` is made for 3 inputs, and there are 2"),
    ],
)  # fmt: skip
def test_numbers_without_an_answer(text, sentence):
    ended = solve(text).ended
    assert isinstance(ended, Undefined)
    assert str(ended) == sentence


# The examples.


def pattern(name):
    return f"NAME.{name.partition('.')[2]}" if "." in name else name


def test_the_examples_reach_every_quantity():
    found = {pattern(name) for text in CNN.examples for name in values(text)}
    assert found == set(CNN.quantities)


def test_every_slip_changes_something_in_the_examples():
    changes = {}
    for text in CNN.examples:
        for name, step in solve(text).steps.items():
            for label in step.slips:
                wrong = step.slip_value(label)
                alive = wrong is not None and not same(wrong, step.computed)
                changes[pattern(name), label] = changes.get((pattern(name), label), False) or alive
    assert [slip for slip, alive in changes.items() if not alive] == []


def test_formulas_agree_with_values():
    for text in CNN.examples:
        given, _ = read(text)
        for step in solve(text).steps.values():
            value = step.computed[0] if isinstance(step.computed, tuple) else step.computed
            names = {**given.signs, **{expressions.key(name): bound for name, bound in step.names.items()}}
            if step.formula:
                assert evaluation.evaluate(expressions.parse(step.formula), names) == value, step.name
            if step.first:
                assert float(evaluation.evaluate(expressions.parse(step.first()))) == pytest.approx(value.flat[0])


@pytest.mark.parametrize("text", CNN.examples)
def test_nonsense_that_is_carried_ends_soon(text):
    for name, step in solve(text).steps.items():
        if isinstance(step.computed, tuple):
            wrong = [(n,) * len(step.computed) for n in (0, -1, 10**6, 10**12)]
        elif isinstance(step.computed, np.ndarray):
            wrong = [step.computed * 0, step.computed + 1e12, np.ones([n + 1 for n in step.computed.shape])]
        else:
            wrong = [0, -1, 0.5, 10**6, 10**12]
        for value in wrong:
            start = time.process_time()
            solve(text, carry={name: value})
            assert time.process_time() - start < 3, (name, value)
