"""The cost of the Jacobian of a composition, forward and in reverse."""

from __future__ import annotations

from itertools import pairwise
from math import prod

import numpy as np
import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck import evaluation, expressions, kinds
from hwcheck.given import GivenError
from hwcheck.working import run

THREE = "{dims: [2, 3, 4, 5]}"
FOUR = "{dims: [2, 9, 5, 6, 8]}"

COSTS = [
    (THREE, "forward.1", 24, "IFT6135 assignment 1, Q3.4: l m n = 2·3·4"),
    (THREE, "forward.2", 40, "IFT6135 assignment 1, Q3.4: l n o = 2·4·5"),
    (THREE, "forward", 64, "IFT6135 assignment 1, Q3.4: l m n + l n o"),
    (THREE, "reverse.1", 60, "IFT6135 assignment 1, Q3.4: o n m = 5·4·3"),
    (THREE, "reverse.2", 30, "IFT6135 assignment 1, Q3.4: o m l = 5·3·2"),
    (THREE, "reverse", 90, "IFT6135 assignment 1, Q3.4: o m n + o m l"),
    (THREE, "best", 64, "by hand: the smaller of 64 and 90"),
    (THREE, "order", "forward", "by hand: 64 < 90"),
    ("{dims: [1000, 100, 10, 1]}", "forward", 1_010_000, "by hand: 1000·100·10 + 1000·10·1"),
    ("{dims: [1000, 100, 10, 1]}", "reverse", 101_000, "by hand: 1·10·100 + 1·100·1000"),
    ("{dims: [1000, 100, 10, 1]}", "best", 101_000, "by hand: the smaller of the two"),
    ("{dims: [1000, 100, 10, 1]}", "order", "reverse",
     "Goodfellow et al. (2016), section 6.5.9: reverse where there are fewer outputs than inputs"),
    ("{dims: [2, 3, 4]}", "forward", 24, "by hand: a single product"),
    ("{dims: [2, 3, 4]}", "reverse", 24, "by hand: the same product"),
    ("{dims: [2, 3, 4]}", "order", "equal", "by hand: 24 and 24"),
    (FOUR, "forward.3", 96, "by hand: 8×6 times 6×2"),
    (FOUR, "reverse.1", 240, "by hand: 8×6 times 6×5"),
    (FOUR, "reverse.2", 360, "by hand: 8×5 times 5×9"),
    (FOUR, "reverse.3", 144, "by hand: 8×9 times 9×2"),
    (FOUR, "forward", 246, "by hand: 90 + 60 + 96"),
    ("{dims: [10, 1, 10, 1, 10]}", "best", 300,
     "by hand: 3·100 both ways; the third order, which starts in the middle, takes 10 + 10 + 100 and does not count"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "name", "expected", "source"), COSTS, ids=[f"{row[1]} of {row[0]}" for row in COSTS])
def test_costs_are_the_hand_made_ones(given, name, expected, source):
    assert source
    answer = solve("chain_cost", given)[name]
    assert answer == expected
    assert type(answer) is type(expected)


@pytest.mark.parametrize("seed", range(20))
def test_costs_count_what_multiplying_real_matrices_takes(seed):
    """The product so far is multiplied out entry by entry, as in the pseudo code of IFT6135 assignment 1, Q3.2 and Q3.3."""
    rng = np.random.default_rng(seed)
    dims = rng.integers(1, 6, size=int(rng.integers(3, 7))).tolist()
    jacobians = [np.ones((rows, columns)) for columns, rows in pairwise(dims)]
    answers = solve("chain_cost", f"{{dims: {dims}}}")

    so_far, forward = jacobians[0], []
    for jacobian in jacobians[1:]:
        so_far, count = multiplied(jacobian, so_far)
        forward.append(count)
    so_far, reverse = jacobians[-1], []
    for jacobian in jacobians[-2::-1]:
        so_far, count = multiplied(so_far, jacobian)
        reverse.append(count)

    assert [answers[f"forward.{k}"] for k in range(1, len(forward) + 1)] == forward
    assert [answers[f"reverse.{k}"] for k in range(1, len(reverse) + 1)] == reverse
    assert (answers["forward"], answers["reverse"]) == (sum(forward), sum(reverse))


def multiplied(left, right):
    count = 0
    result = np.zeros((len(left), right.shape[1]))
    for i in range(len(left)):
        for j in range(right.shape[1]):
            for k in range(len(right)):
                result[i, j] += left[i, k] * right[k, j]
                count += 1
    return result, count


def test_costs_stay_whole_at_any_size():
    huge = 2**1500
    kind = kinds.load("chain_cost")
    steps = run(kind.function, kind.givens({"dims": (huge, 3, huge, 5)})).steps
    assert steps["forward"].computed == 3 * 2**3000 + 5 * 2**3000
    assert steps["reverse"].computed == 15 * huge + 15 * huge
    assert steps["best"].computed == 30 * huge
    assert {type(step.computed) for name, step in steps.items() if name != "order"} == {int}


SLIPS = [
    (THREE, "forward.2", "added the sizes instead of multiplying them", 11, "by hand: 2 + 4 + 5"),
    (THREE, "forward.2", "left out the size of the end that stays", 20, "by hand: 4·5"),
    (THREE, "reverse.2", "left out the size of the end that stays", 6, "by hand: 3·2"),
    (THREE, "forward.2", "exchanged forward and reverse", 30, "by hand: 5·3·2"),
    (THREE, "forward.2", "took the columns of the Jacobian before for those of the product so far", 60,
     "by hand: 5×4 times 4×3"),
    (THREE, "reverse.2", "took the rows of the Jacobian before for those of the product so far", 24,
     "by hand: 4×3 times 3×2"),
    (FOUR, "forward.3", "took the columns of the Jacobian before for those of the product so far", 240,
     "by hand: 8×6 times 6×5"),
    (FOUR, "reverse.3", "took the rows of the Jacobian before for those of the product so far", 90,
     "by hand: 5×9 times 9×2"),
    (THREE, "forward", "exchanged forward and reverse", 90, "by hand: the cost of reverse"),
    (THREE, "reverse", "exchanged forward and reverse", 64, "by hand: the cost of forward"),
    (THREE, "forward", "left out the last product", 24, "by hand"),
    (THREE, "forward", "multiplied the costs of the products instead of adding them", 960, "by hand: 24·40"),
    (THREE, "reverse", "multiplied all sizes", 120, "by hand: 2·3·4·5"),
    (THREE, "best", "took the dearer way", 90, "by hand"),
    (THREE, "order", "took the dearer way", "reverse", "by hand"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    assert slip_of("chain_cost", given, name, label) == expected


def test_a_single_product_cannot_be_added_up_wrongly():
    steps = working_of("chain_cost", "{dims: [2, 3, 4]}").steps
    assert list(steps["forward"].slips) == ["exchanged forward and reverse"]


def test_costs_follow_from_a_wrong_product():
    steps = working_of("chain_cost", THREE, carry={"forward.2": 100, "reverse": 200}).steps
    assert steps["forward"].computed == 124
    assert steps["best"].computed == 124
    assert steps["order"].computed == "forward"


@pytest.mark.parametrize("given", [THREE, FOUR, "{dims: [6, 5, 4]}"])
def test_formulas_give_their_values_and_name_their_sizes(given):
    steps = working_of("chain_cost", given).steps
    quantities = {expressions.key(name): step.computed for name, step in steps.items()}
    for name, step in steps.items():
        if name == "order":
            continue
        own = {expressions.key(size): value for size, value in step.names.items()}
        assert evaluation.evaluate(expressions.parse(step.formula), {**quantities, **own}) == step.computed, name
    assert steps["reverse.1"].formula.split()[0] == f"d_{len(givens_of('chain_cost', given).dims)}"
    assert prod(steps["forward.1"].names.values()) == steps["forward.1"].computed


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{dims: [2, 3]}", "dims: expected from 3 to 100 sizes, found 2"),
        ("{dims: 7}", "dims: expected a list of sizes, found '7'"),
        ("{dims: [2, 0, 3]}", "dims: expected a whole number of at least 1, found 0"),
        ("{dims: [2, 1.5, 3]}", "dims: expected a whole number of at least 1, found 1.5"),
    ],
)
def test_sizes_that_cannot_be_read_say_what_was_found_and_expected(given, message):
    with pytest.raises(GivenError) as caught:
        givens_of("chain_cost", given)
    assert caught.value.message == message
