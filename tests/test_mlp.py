"""Sizes of fully connected networks."""

from __future__ import annotations

import pytest
from solving import givens_of, slip_of, solve, working_of

from hwcheck.given import GivenError

DIGITS = "{layers: [784, 16, 10]}"

ROWS = [
    (DIGITS, "params", 12730, "BITS Pilani deep learning, module 5, network 784-16-10"),
    (DIGITS, "params.1", 12560, "by hand: 784·16 + 16"),
    (DIGITS, "params.2", 170, "by hand: 16·10 + 10"),
    (DIGITS, "weights", 12704, "by hand: 784·16 + 16·10"),
    (DIGITS, "biases", 26, "by hand: 16 + 10"),
    (DIGITS, "inputs", 784, "given"),
    (DIGITS, "outputs", 10, "given"),
    ("{layers: [784, 64, 32, 10]}", "params", 52650, "BITS Pilani deep learning, module 5, network 784-64-32-10"),
    ("{layers: [784, 64, 32, 10]}", "params.3", 330, "by hand: 32·10 + 10"),
    ("{layers: [5, 3], bias: false}", "params", 15, "by hand: 5·3"),
    ("{layers: [5, 3], bias: false}", "biases", 0, "by hand"),
    ("{layers: [5, 3], bias: false}", "params.1", 15, "by hand"),
]


@pytest.mark.parametrize(("given", "name", "expected", "source"), ROWS, ids=[f"{row[1]} of {row[0]}" for row in ROWS])
def test_counts_are_the_published_or_hand_made_ones(given, name, expected, source):
    assert source
    answer = solve("mlp", given)[name]
    assert answer == expected
    assert type(answer) is int


SLIPS = [
    (DIGITS, "params", "left out the hidden biases", 12714, "BITS Pilani deep learning, module 5: a student's count"),
    (DIGITS, "params", "left out the biases", 12704, "by hand: the weights"),
    (DIGITS, "biases", "left out the hidden biases", 10, "by hand: the output's"),
    (DIGITS, "biases", "counted one bias for the whole layer", 2, "by hand: two layers"),
    (DIGITS, "biases", "counted a bias for every input too", 810, "by hand: 784 + 16 + 10"),
    (DIGITS, "params.1", "left out the biases", 12544, "by hand: 784·16"),
    (DIGITS, "params.1", "counted one bias for the whole layer", 12545, "by hand: 784·16 + 1"),
    (DIGITS, "params.1", "added the sizes instead of multiplying", 816, "by hand: 784 + 16 + 16"),
    (DIGITS, "params.2", "took the fan-in of another layer", 7850, "by hand: 784·10 + 10"),
    (DIGITS, "weights", "took the fan-in of another layer", 20384, "by hand: 784·16 + 784·10"),
    (DIGITS, "weights", "added the sizes instead of multiplying", 826, "by hand: 784 + 16 + 16 + 10"),
    (DIGITS, "inputs", "exchanged inputs and outputs", 10, "given"),
    (DIGITS, "outputs", "exchanged inputs and outputs", 784, "given"),
    ("{layers: [5, 4, 3], bias: false}", "params.2", "counted biases where there are none", 15, "by hand: 4·3 + 3"),
    ("{layers: [5, 4, 3], bias: false}", "biases", "counted biases where there are none", 7, "by hand: 4 + 3"),
]


@pytest.mark.parametrize(
    ("given", "name", "label", "expected", "source"), SLIPS, ids=[f"{row[2]}, {row[1]} of {row[0]}" for row in SLIPS]
)
def test_a_slip_gives_what_somebody_who_makes_it_writes(given, name, label, expected, source):
    assert source
    assert slip_of("mlp", given, name, label) == expected


@pytest.mark.parametrize(
    ("carry", "name", "expected"),
    [
        ({"inputs": 783}, "params.1", 783 * 16 + 16),
        ({"outputs": 11}, "params.2", 16 * 11 + 11),
        ({"params.1": 12544}, "params", 12544 + 170),
        ({"weights": 12000}, "params", 12026),
        ({"biases": 10}, "params", 12714),
        ({"params.2": 7850, "weights": 20384}, "params", 20384 + 26),
    ],
)
def test_the_total_follows_from_a_wrong_part_whichever_way_it_was_added_up(carry, name, expected):
    assert working_of("mlp", DIGITS, carry=carry).steps[name].computed == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{layers: [3]}", "layers: expected from 2 to 1,000 sizes, inputs first, found 1"),
        ("{layers: 3}", "layers: expected a list of sizes, found '3'"),
        ("{layers: [3, 0]}", "layers: expected a whole number of at least 1, found 0"),
        ("{layers: [3, 2.5]}", "layers: expected a whole number of at least 1, found 2.5"),
        ("{bias: maybe}", "bias: found 'maybe'; expected one of true, false"),
    ],
)
def test_a_given_that_cannot_be_read_says_what_was_found_and_expected(given, message):
    with pytest.raises(GivenError) as caught:
        givens_of("mlp", given)
    assert caught.value.message == message
