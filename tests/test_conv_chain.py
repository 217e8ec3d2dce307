"""Two convolutions in a row: sizes, the derivative between the layers, and the convolution that takes gradients back."""

from __future__ import annotations

import numpy as np
import pytest
from marking import faults, graded_key, key, marks
from solving import givens_of, slip_of, solve, working_of

from hwcheck.errors import Missing
from hwcheck.given import GivenError

VALID = "{d: 5, k1: 2, k2: 3}"
FULL = "{d: 5, k1: 2, k2: 3, mode: full}"
IFT = "IFT6135 assignment 1, question 6"

SIZES = [
    (VALID, 4, 2, f"{IFT}.2: d - k1 + 1 and d - k1 - k2 + 2"),
    (FULL, 6, 8, f"{IFT}.5: d + k1 - 1 and d + k1 + k2 - 2"),
    ("{d: 28, k1: 5, k2: 3}", 24, 22, "by hand"),
    ("{d: 28, k1: 5, k2: 3, mode: full}", 32, 34, "by hand"),
    ("{d: 7, k1: 1, k2: 1}", 7, 7, "by hand: kernels of one entry keep the length"),
    ("{d: 7, k1: 4, k2: 4}", 4, 1, "by hand: one entry is left"),
    ("{d: 1, k1: 6, k2: 2, mode: full}", 6, 7, "by hand: full takes kernels longer than the input"),
    ("{d: 100000, k1: 20, k2: 3}", 99981, 99979, "by hand"),
]


@pytest.mark.parametrize(("given", "first", "second", "source"), SIZES, ids=[row[0] for row in SIZES])
def test_sizes_are_those_of_the_formulas(given, first, second, source):
    assert source
    answers = solve("conv_chain", given)
    assert (answers["a1.size"], answers["a2.size"]) == (first, second)


@pytest.mark.parametrize("mode", ["valid", "full"])
@pytest.mark.parametrize(("d", "k1", "k2"), [(5, 2, 3), (9, 4, 2), (12, 5, 8), (6, 6, 1)])
def test_sizes_are_those_of_numpy(d, k1, k2, mode):
    a1 = np.correlate(np.ones(d), np.ones(k1), mode)
    a2 = np.correlate(a1, np.ones(k2), mode)
    answers = solve("conv_chain", f"{{d: {d}, k1: {k1}, k2: {k2}, mode: {mode}}}")
    assert (answers["a1.size"], answers["a2.size"]) == (a1.size, a2.size)


# The derivative.

JACOBIANS = [
    (VALID, [[1, 2, 3, 0],
             [0, 1, 2, 3]], f"{IFT}.3 by hand: a²_i = w₁ h_i + w₂ h_{{i+1}} + w₃ h_{{i+2}}"),
    (FULL, [[3, 0, 0, 0, 0, 0],
            [2, 3, 0, 0, 0, 0],
            [1, 2, 3, 0, 0, 0],
            [0, 1, 2, 3, 0, 0],
            [0, 0, 1, 2, 3, 0],
            [0, 0, 0, 1, 2, 3],
            [0, 0, 0, 0, 1, 2],
            [0, 0, 0, 0, 0, 1]], f"{IFT}.6 by hand: a²_i = w₁ h_{{i-2}} + w₂ h_{{i-1}} + w₃ h_i"),
    ("{d: 3, k1: 2, k2: 1}", [[1, 0], [0, 1]], "by hand: w₁ times h"),
    ("{d: 2, k1: 1, k2: 2, mode: full}", [[2, 0], [1, 2], [0, 1]], "by hand"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "places", "source"), JACOBIANS, ids=[row[0] for row in JACOBIANS])
def test_the_derivative_has_the_entries_of_the_kernel_where_they_stand_by_hand(given, places, source):
    """Row i, column n: which entry of w, 0 for none."""
    assert source
    step = working_of("conv_chain", given).steps["da2_dh1"]
    w = step.names["w"]
    assert len({*w, 0.0}) == w.size + 1
    np.testing.assert_array_equal(step.computed, np.array([0.0, *w])[np.array(places)])


@pytest.mark.parametrize("given", [VALID, FULL, "{d: 9, k1: 3, k2: 4}", "{d: 4, k1: 3, k2: 5, mode: full}"])
def test_the_derivative_is_the_difference_quotient_of_the_convolution(given):
    givens = givens_of("conv_chain", given)
    step = working_of("conv_chain", given).steps["da2_dh1"]
    h = np.linspace(-1, 1, solve("conv_chain", given)["a1.size"])
    columns = []
    for n in range(h.size):
        up, down = h.copy(), h.copy()
        up[n], down[n] = up[n] + 0.5, down[n] - 0.5
        columns.append(
            np.correlate(up, step.names["w"], givens.mode) - np.correlate(down, step.names["w"], givens.mode)
        )
    np.testing.assert_allclose(step.computed, np.array(columns).T, atol=1e-12)


@pytest.mark.parametrize("given", [VALID, FULL, "{d: 9, k1: 3, k2: 4}", "{d: 4, k1: 3, k2: 5, mode: full}"])
def test_the_gradient_goes_back_by_the_other_convolution_with_the_flipped_kernel(given):
    """IFT6135 assignment 1, question 6.4 and 6.7: Σ_i g_i ∂a²_i/∂h_n."""
    answers = solve("conv_chain", given)
    w = working_of("conv_chain", given).steps["da2_dh1"].names["w"]
    g = np.random.default_rng(1).normal(size=answers["a2.size"])
    assert answers["backward.flip"] == "flip"
    if g.size >= w.size or answers["backward.mode"] == "full":
        back = np.correlate(g, w[::-1], str(answers["backward.mode"]))
        np.testing.assert_allclose(back, answers["da2_dh1"].T @ g, atol=1e-12)


def test_the_mode_of_the_way_back_is_the_other_one():
    """IFT6135 assignment 1, question 6.4: full; 6.7: valid."""
    assert solve("conv_chain", VALID)["backward.mode"] == "full"
    assert solve("conv_chain", FULL)["backward.mode"] == "valid"


def test_of_a_long_input_a_corner_of_the_derivative_is_looked_at():
    given = "{d: 100000, k1: 2, k2: 3}"
    assert solve("conv_chain", given)["da2_dh1"].shape == (100, 100)
    assert slope_marks(given, "w[n-i+1]") == ("right", None)
    assert "da2_dh1" not in solve("conv_chain", "{d: 100000, k1: 2, k2: 20000}")


# Answers.


def slope_marks(given: str, answer: str) -> tuple[str, str | None]:
    mark = marks(f"kind: conv_chain\ngiven: {given}\nparts: {{a: {{ask: da2_dh1}}}}", f"a: {answer!r}")["a"]
    return mark.verdict, mark.cause


@pytest.mark.parametrize(
    "answer",
    ["w[n-i+1]", "w_{n-i+1}", "w[1 + n - i]", "w2_{n-i+1}", "w_2[n - i + 1]", "w[n-i+1] if 1 <= n-i+1 <= k2", "w[n-i+k2-2]",
     r"\frac{\partial a_i}{\partial h_n} = w_{n-i+1}"],
)  # fmt: skip
def test_the_derivative_of_a_valid_convolution_is_a_formula_in_i_and_n(answer):
    assert slope_marks(VALID, answer)[0] == "right"


@pytest.mark.parametrize("answer", ["w[n-i+3]", "w[n-i+k2]", "w_{n-i+k_2}", "w2[n + k2 - i]"])
def test_the_derivative_of_a_full_convolution_is_a_formula_in_i_and_n_and_the_size(answer):
    assert slope_marks(FULL, answer)[0] == "right"


OTHERS = [
    (VALID, "w[n-i+k2]", "took the derivative of the other convolution"),
    (VALID, "w[i-n+1]", "exchanged i and n"),
    (VALID, "w[4-(n-i+1)]", "flipped the kernel"),
    (VALID, "w[n-i]", "left out the 1"),
    (VALID, "w[n-i+2]", None),
    (VALID, "w[1]", None),
    (VALID, "0", None),
    (FULL, "w[n-i+1]", "took the derivative of the other convolution"),
    (FULL, "w[i-n+k2]", "exchanged i and n"),
    (FULL, "w[n-i+k2^2]", "read the subscript of k as a power"),
    (FULL, "w[n-i+9]", "read the subscript of k as a power"),
    (FULL, "w[i-n+1]", "flipped the kernel"),
    (FULL, "w[n-i+k2-1]", "left out the 1"),
]


@pytest.mark.parametrize(("given", "answer", "cause"), OTHERS, ids=[f"{row[1]} of {row[0]}" for row in OTHERS])
def test_a_wrong_derivative_is_told_by_its_mistake(given, answer, cause):
    assert slope_marks(given, answer) == ("wrong", cause)


def test_a_name_that_is_not_there_is_unreadable():
    text = f"kind: conv_chain\ngiven: {VALID}\nparts: {{a: {{ask: da2_dh1}}}}"
    mark = marks(text, "a: 'v[n-i+1]'")["a"]
    assert mark.message == "Unreadable: unknown name 'v'; expected one of i, n, w, w2, d, k1, k2\nv[n-i+1]\n^"


BACK = "kind: conv_chain\ngiven: {given}\nparts: {{m: {{ask: backward.mode}}, f: {{ask: backward.flip}}}}"


@pytest.mark.parametrize("yes", ["flip", "yes", "true", "flipped", "with flip", "With the kernel flipped"])
@pytest.mark.parametrize("mode", ["full", "Full", "full convolution"])
def test_the_way_back_is_answered_in_words(mode, yes):
    found = marks(BACK.format(given=VALID), f"{{m: {mode}, f: {yes}}}")
    assert [mark.verdict for mark in found.values()] == ["right", "right"]


@pytest.mark.parametrize("no", ["no flip", "no", "false", "none", "not flipped", "without flip", "without a flip"])
def test_the_way_back_without_a_flip_is_wrong(no):
    found = marks(BACK.format(given=FULL), f"{{m: full, f: {no}}}")
    assert [mark.verdict for mark in found.values()] == ["wrong", "wrong"]


def test_sizes_follow_from_a_wrong_one():
    """By hand: 23 for 28 - 5 + 1, so 23 - 3 + 1."""
    text = "kind: conv_chain\ngiven: {d: 28, k1: 5, k2: 3}\nparts: {a: {ask: a1.size}, b: {ask: a2.size}}"
    assert [mark.verdict for mark in marks(text, "{a: 23, b: 21}").values()] == ["wrong", "follows"]


SLIPS = [
    (VALID, "a1.size", "left out the 1", 3, "by hand: 5 - 2"),
    (VALID, "a1.size", "took the sizes of the other convolution", 6, "by hand: 5 + 2 - 1"),
    (VALID, "a1.size", "kept the length of the input", 5, "by hand"),
    (VALID, "a2.size", "left out the 1", 1, "by hand: 4 - 3"),
    (VALID, "a2.size", "took the sizes of the other convolution", 8, "by hand: 5 + 2 + 3 - 2"),
    (VALID, "a2.size", "left out the second layer", 4, "by hand"),
    (FULL, "a1.size", "left out the 1", 7, "by hand: 5 + 2"),
    (FULL, "a1.size", "took the sizes of the other convolution", 4, "by hand: 5 - 2 + 1"),
    (FULL, "a2.size", "left out the 1", 9, "by hand: 6 + 3"),
    (FULL, "a2.size", "took the sizes of the other convolution", 2, "by hand: 5 - 2 - 3 + 2"),
    (VALID, "backward.mode", "took the operator of the other direction", "valid", "by hand"),
    (VALID, "backward.flip", "left out the flip", "no flip", "by hand"),
]


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    assert slip_of("conv_chain", given, name, label) == expected


# Errors.


@pytest.mark.parametrize(
    ("given", "ask", "message"),
    [
        ("{d: 5, k1: 6, k2: 1}", "a1.size", "a kernel of length 6 does not fit into an input of length 5"),
        ("{d: 5, k1: 6, k2: 1}", "a2.size", "a kernel of length 6 does not fit into an input of length 5"),
        ("{d: 5, k1: 4, k2: 3}", "a2.size", "a kernel of length 3 does not fit into a¹, which has length 2"),
        ("{d: 5, k1: 4, k2: 3}", "da2_dh1", "a kernel of length 3 does not fit into a¹, which has length 2"),
        ("{d: 0, k1: 1, k2: 1}", "a1.size", "d: expected a whole number of at least 1, found 0"),
        ("{d: 5, k1: 2, k2: 3, mode: same}", "a1.size", "mode: found 'same'; expected one of valid, full"),
        ("{d: 5, k1: 2, k2: 3, mode: ful}", "a1.size", "mode: found 'ful'; did you mean 'full'?"),
    ],
)
def test_kernels_that_do_not_fit_are_an_error_of_the_author(given, ask, message):
    assert faults(f"kind: conv_chain\ngiven: {given}\nparts: {{a: {{ask: {ask}}}}}") == [f"2: given: {message}"]


def test_the_first_size_needs_no_second_kernel():
    done = working_of("conv_chain", "{d: 5, k1: 2}")
    assert done.steps["a1.size"].computed == 4
    assert isinstance(done.ended, Missing)
    assert done.ended.name == "k2"


def test_a_size_that_is_no_whole_number_is_an_error():
    with pytest.raises(GivenError) as caught:
        givens_of("conv_chain", "{d: 2.5, k1: 1, k2: 1}")
    assert caught.value.message == "d: expected a whole number of at least 1, found 2.5"


# What is printed.

ASKED = (
    "parts: {s: {ask: a1.size}, t: {ask: a2.size}, j: {ask: da2_dh1}, m: {ask: backward.mode}, f: {ask: backward.flip}}"
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (VALID, ["4", "2", '"w[n - i + 1]"', '"full"', '"flip"']),
        (FULL, ["6", "8", '"w[n - i + 3]"', '"valid"', '"flip"']),
        ("{d: d, k1: k_1, k2: k_2}", ['"d - k_1 + 1"', '"d - k_1 - k_2 + 2"', '"w[n - i + 1]"', '"full"', '"flip"']),
        ("{d: d, k1: k_1, k2: k_2, mode: full}",
         ['"d + k_1 - 1"', '"d + k_1 + k_2 - 2"', '"w[n - i + k_2]"', '"valid"', '"flip"']),
    ],
)  # fmt: skip
def test_the_key_is_as_in_the_course_and_earns_full_marks(given, expected):
    """IFT6135 assignment 1, question 6."""
    text = f"kind: conv_chain\ngiven: {given}\n{ASKED}"
    assert list(key(text).values()) == expected
    assert set(graded_key(text).values()) == {"right"}
