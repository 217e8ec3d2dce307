"""Problems with symbols: domains, draws, names that a formula may use, follow-through, mistakes, what cannot be decided."""

from __future__ import annotations

import textwrap

import pytest

from hwcheck import grade, problems, submissions
from hwcheck.errors import ProblemError
from hwcheck.formulas import base_names
from hwcheck.problems import ProblemFile
from hwcheck.reports import as_yaml
from hwcheck.symbols import DRAWS, Domain, draws


def problem(text: str) -> ProblemFile:
    return problems.parse(textwrap.dedent(text).encode(), "p.yaml", "p")


def marks(file: ProblemFile, answers: str) -> dict[str, grade.Mark]:
    text = f"answers:\n{textwrap.indent(textwrap.dedent(answers), '  ')}\n"
    report = grade.grade(file, submissions.match(submissions.parse(text.encode(), "answers.yaml"), file))
    assert not report.faults
    return {mark.part: mark for mark in report.marks}


def verdict(text: str, answer: str, part: str = "a") -> str:
    return marks(problem(text), f"{part}: {answer!r}")[part].verdict


def faults(text: str) -> list[str]:
    with pytest.raises(ProblemError) as caught:
        problem(text)
    return [f"{fault.line}: {fault.message}" for fault in caught.value.faults]


COSTS = """
    kind: newton_schulz
    given: {d_out: d_out, d_in: d_in, c: c}
    parts: {a: {ask: cost.naive.1}, b: {ask: cost.naive}, c: {ask: speedup}}
"""
CONV = """
    kind: cnn
    symbols: {n: {integer: [8, 40]}, K: {integer: [1, 7], odd: true}, S: {integer: [1, 4]}, C: , F: }
    given: {input: [n, n, C], layers: [{conv: {filters: F, kernel: K, stride: S}}]}
    parts: {h: {ask: conv1.height}, w: {ask: conv1.width}, s: {ask: conv1.shape}, p: {ask: conv1.params}}
"""


# Domains and draws.


def test_a_symbol_is_drawn_from_the_domain_of_its_given_narrowed_by_the_author():
    file = problem(CONV)
    at = base_names(file.parts[0].setting)
    assert len(at) == DRAWS
    assert {names["K"] for names in at} == {1, 3, 5, 7}
    assert all(8 <= names["n"] <= 40 and 1 <= names["S"] <= 4 and names["C"] >= 1 for names in at)
    assert all(type(names["n"]) is int for names in at)


def test_draws_see_every_residue_of_a_size_by_small_divisors():
    at = base_names(problem(CONV).parts[0].setting)
    for divisor in (2, 3, 4):
        seen = {(names["n"] - names["K"]) % divisor for names in at if names["S"] == divisor}
        assert seen == set(range(divisor)) or len([1 for names in at if names["S"] == divisor]) < 3 * divisor


def test_reals_are_drawn_with_both_signs_unless_their_domain_says_otherwise():
    domains = {"x": Domain(), "c": Domain(above=0), "p": Domain(low=0.1, high=0.9)}
    drawn = [one for one, _ in zip(draws(domains, {}), range(64), strict=False)]
    assert {one["x"] > 0 for one in drawn} == {True, False}
    assert all(one["c"] > 0 and 0.1 <= one["p"] <= 0.9 for one in drawn)


def test_drawn_arrays_have_axes_of_different_length_and_share_those_of_one_name():
    domains = {
        "A": Domain(axes=("m", "n")),
        "b": Domain(axes=("m",)),
        "x": Domain(axes=("n",)),
        "M": Domain(shape=(2, 5)),
    }
    one = next(draws(domains, {}))
    assert one["A"].shape[0] != one["A"].shape[1]
    assert one["b"].shape == (one["A"].shape[0],)
    assert one["x"].shape == (one["A"].shape[1],)
    assert one["M"].shape == (2, 5)


def test_the_same_problem_is_drawn_the_same_way_every_time():
    one, two = (base_names(problem(CONV).parts[0].setting) for _ in range(2))
    assert one == two


def test_draws_that_make_no_sense_are_drawn_again():
    file = problem("""
        kind: cnn
        symbols: [n, K]
        given: {input: [n, n, 1], layers: [{conv: {filters: 1, kernel: K}}]}
        parts: {a: {ask: conv1.height}}
    """)
    assert all(names["K"] <= names["n"] for names in base_names(file.parts[0].setting))


SYMBOL_FAULTS = [
    ("symbols: 3", "3: symbols: expected names, as [W, K] or {K: {integer: [1, 7]}}, found '3'"),
    ("symbols: [1a]", "3: symbols: expected a name such as d_out, found '1a'"),
    (
        "symbols: {c: {whole: [1, 2]}}",
        "3: symbols: c: a symbol has no 'whole'; expected one of integer, real, odd, even, grows, shape",
    ),
    ("symbols: {c: {integer: [5, 2]}}", "3: symbols: c: expected the smaller number first, found 5 and 2"),
    ("symbols: {c: {integer: 3}}", "3: symbols: c: expected [smallest, largest], found '3'"),
    ("symbols: {c: {integer: [1, 2], real: [1, 2]}}", "3: symbols: c: expected `integer` or `real`, found both"),
    ("symbols: {c: {odd: true, even: true}}", "3: symbols: c: no number is both odd and even"),
]


@pytest.mark.parametrize(("line", "message"), SYMBOL_FAULTS, ids=[line for line, _ in SYMBOL_FAULTS])
def test_a_symbol_that_makes_no_sense_is_reported_at_its_place(line, message):
    assert faults(
        f"kind: newton_schulz\ngiven: {{d_out: d_out, d_in: 4}}\n{line}\nparts: {{a: {{ask: cost.naive}}}}"
    ) == [message]


def test_a_word_that_is_no_symbol_is_an_error_with_what_was_expected():
    text = "kind: newton_schulz\ngiven: {d_out: q, d_in: 4}\nparts: {a: {ask: cost.naive}}"
    assert faults(text) == [
        "2: given: d_out: expected a whole number of at least 1, found 'q' (unknown name 'q'; a number is expected here)"
    ]


def test_symbols_that_hardly_ever_make_sense_are_an_error_that_says_what_to_do():
    text = """\
kind: cnn
symbols: {K: {integer: [30, 40]}}
given: {input: [9, 9, 1], layers: [{conv: {filters: 1, kernel: K}}]}
parts: {a: {ask: conv1.height}}
"""
    (message,) = faults(text)
    assert message.startswith("3: given: at fewer than 64 of 1,000 drawn numbers the symbols make sense (")
    assert message.endswith("narrow them with `symbols:`")


def test_a_word_that_depends_on_symbols_cannot_be_asked():
    text = "kind: newton_schulz\ngiven: {d_out: d_out, d_in: d_in}\nparts: {a: {ask: cheaper}}"
    assert faults(text) == ["3: ask: 'cheaper' depends on the symbols, so it is no one word; ask it with numbers"]


def test_a_link_to_a_part_with_symbols_is_refused():
    text = """
problems:
  one: {kind: newton_schulz, given: {d_out: d_out, d_in: 3}, parts: {a: {ask: cost.naive}}}
  two: {kind: mlp, given: {layers: [{from: one.a}, 1]}, parts: {a: {ask: inputs}}}
"""
    assert faults(text) == [
        "4: given: layers: from: part 'one.a' depends on symbols, so it has no value that can be used here"
    ]


# What may be written.

RIGHT = [
    (COSTS, "c d_out^2 d_in", "EECS 182 homework 4, Q1(a)"),
    (COSTS, "d_in c d_{out}²", "the same, in another order"),
    (COSTS, "W = c·d_out·d_out·d_in", "the same, as an equation"),
    ("kind: mup\ngiven: {d_in: d_in}\nparts: {a: {ask: scale}}", "d_in^(-1/2)", "1/√d_in, another way"),
    ("kind: formula\ngiven: {a: a, b: b, formula: a^2 - b^2}\nparts: {a: {ask: formula}}", "(a-b)(a+b)", "by hand"),
    ("kind: formula\ngiven: {x: x, formula: sigmoid(x)}\nparts: {a: {ask: formula}}", "1/(1+e^{-x})", "by hand"),
    ("kind: formula\ngiven: {x: x, formula: tanh(x)}\nparts: {a: {ask: formula}}", "2σ(2x) - 1", "by hand"),
    ("kind: formula\nsymbols: {n: {integer: [1, 30]}}\ngiven: {n: n, formula: n (n+1)/2}\nparts: {a: {ask: formula}}", "sum(n^2, n)/2", "by hand"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "answer", "source"), RIGHT, ids=[row[1] for row in RIGHT])
def test_a_formula_that_is_equal_is_right_however_it_is_written(text, answer, source):
    assert source
    assert verdict(text, answer) == "right"


WRONG = [
    (COSTS, "c d_out d_in"),
    (COSTS, "c d_out^2 d_in + 1"),
    ("kind: formula\nsymbols: {n: {integer: [1000, 9999]}}\ngiven: {n: n, formula: n^9}\nparts: {a: {ask: formula}}", "n^9 + 1"),
    ("kind: formula\ngiven: {x: x, formula: relu(x)}\nparts: {a: {ask: formula}}", "x"),
    ("kind: formula\ngiven: {x: x, formula: abs(x)}\nparts: {a: {ask: formula}}", "x"),
    ("kind: formula\ngiven: {a: a, formula: a/3}\nparts: {a: {ask: formula}}", "0.33333 a"),
    ("kind: formula\nsymbols: {p: {integer: [0, 5]}, n: {integer: [4, 9]}}\ngiven: {n: n, p: p, formula: n+2p}\nparts: {a: {ask: formula}}", "n+p"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "answer"), WRONG, ids=[row[1] for row in WRONG])
def test_a_formula_that_differs_anywhere_is_wrong(text, answer):
    assert verdict(text, answer) == "wrong"


def test_a_quantity_asked_before_may_be_used_and_no_other():
    file = problem(COSTS)
    found = marks(file, "{a: c d_out^2 d_in, b: 2 cost.naive.1, c: cost.naive / cost.gram}")
    assert [found[part].verdict for part in "abc"] == ["right", "right", "unreadable"]
    assert found["c"].message.startswith("Unreadable: 'cost.gram' is not asked before this part; write it out")


def test_what_is_asked_may_not_be_its_own_answer():
    found = marks(problem(COSTS), "{b: cost.naive}")["b"]
    assert found.verdict == "unreadable"
    assert found.message.startswith("Unreadable: 'cost.naive' is what is asked here")


def test_a_name_that_an_earlier_answer_was_given_under_may_be_used():
    found = marks(problem(CONV), "{h: 'o = ⌊(n-K)/S⌋ + 1', s: o x o x F}")
    assert (found["h"].verdict, found["s"].verdict) == ("right", "right")


def test_a_given_may_be_used_by_its_sign():
    text = "kind: conv_chain\ngiven: {d: d, k1: k1, k2: 3}\nparts: {a: {ask: a1.size}}"
    assert verdict(text, "d - k_1 + 1") == "right"


def test_names_rename_quantities_too():
    text = CONV.replace("parts:", "names: {conv1.height: H_out}\n    parts:").replace("ask: conv1.height", "ask: H_out")
    found = marks(problem(text), "{h: floor((n-K)/S)+1, s: H_out x H_out x F}")
    assert (found["h"].verdict, found["s"].verdict) == ("right", "right")


def test_a_shape_is_judged_axis_by_axis_and_ones_do_not_count():
    file = problem(CONV)
    size = "(floor((n-K)/S)+1)"
    assert marks(file, f"s: '{size} × {size} × F'")["s"].verdict == "right"
    assert marks(file, f"s: '{size} × {size} × F × 1'")["s"].verdict == "right"
    assert marks(file, f"s: ['{size}', '{size}', F]")["s"].verdict == "right"
    assert marks(file, f"s: '{size} × {size} × C'")["s"].verdict == "wrong"
    assert marks(file, f"s: '{size} × {size}'")["s"].verdict == "wrong"


def test_a_number_that_no_symbol_changes_is_read_as_a_number():
    text = """
        kind: cnn
        symbols: [n]
        given: {input: [n, n, 3], layers: [{conv: {filters: 16, kernel: 3, padding: 1}}]}
        parts: {a: {ask: conv1.params}, b: {ask: conv1.height}}
    """
    found = marks(problem(text), "{a: 448, b: n}")
    assert (found["a"].verdict, found["b"].verdict) == ("right", "right")


# Arrays.

ARRAYS = """
    kind: formula
    symbols: {p: {shape: [3]}, A: {shape: [2, 3]}, b: {shape: [2]}}
    given: {p: p, A: A, b: b, formula: {J: diag(p) - p p^T, z: A p + b, s: softmax(p), q: b^T A p, o: "outer(b, p)"}}
    parts: {J: {ask: J}, z: {ask: z}, s: {ask: s}, q: {ask: q}, o: {ask: o}, n: {ask: J}}
"""


def test_matrix_formulas_are_tried_on_drawn_arrays():
    found = marks(problem(ARRAYS), r"""
        J: '\mathrm{diag}(p) - p p^\top'
        z: A @ p + b
        s: exp(p)/sum(exp(p))
        q: p^T A^T b
        o: b p^T
        n: diag(p) - p^T p
    """)  # fmt: skip
    assert {part: mark.verdict for part, mark in found.items()} == {
        "J": "right", "z": "right", "s": "right", "q": "right", "o": "right", "n": "wrong"
    }  # fmt: skip


def test_a_transposed_matrix_formula_is_named():
    mark = marks(problem(ARRAYS), "o: p b^T")["o"]
    assert mark.verdict == "wrong"


# Follow-through and mistakes.


def test_a_formula_that_follows_from_a_wrong_one_earns_its_points():
    found = marks(problem(COSTS), "{a: c d_out d_in, b: c d_out d_in + c d_out^2 d_in}")
    assert (found["a"].verdict, found["b"].verdict) == ("wrong", "follows")
    assert found["b"].points == 1


def test_a_formula_in_terms_of_an_earlier_quantity_is_right_even_where_that_was_wrong():
    found = marks(problem(COSTS), "{a: c d_out d_in, b: 2 cost.naive.1}")
    assert (found["a"].verdict, found["b"].verdict) == ("wrong", "right")


CAUSES = [
    (COSTS, "a", "c d_in^2 d_out", "exchanged d_out and d_in"),
    (COSTS, "b", "c d_out^2 d_in", "left out one of the two products"),
    (COSTS, "c", "d_in/d_out", "turned the ratio upside down"),
    (COSTS, "b", "-2 c d_out^2 d_in", "turned the sign around"),
    (CONV, "p", "K^2 C F", "left out the biases"),
    (CONV, "p", "K^2 F + F", "left out the input channels"),
    (CONV, "h", "(n-K)/S + 1", "did not round down to a whole number"),
]


@pytest.mark.parametrize(("text", "part", "answer", "cause"), CAUSES, ids=[f"{row[2]}: {row[3]}" for row in CAUSES])
def test_the_mistake_behind_a_wrong_formula_is_named(text, part, answer, cause):
    mark = marks(problem(text), f"{part}: {answer!r}")[part]
    assert (mark.verdict, mark.cause) == ("wrong", cause)


def test_one_mistake_at_every_step_of_a_recurrence_is_named():
    text = """
        kind: rnn
        symbols: [x_1, x_2]
        given: {x: [x_1, x_2], h0: h_0, W_x: W_x, W_h: W_h, activation: identity}
        parts: {a: {ask: h.t}}
    """
    assert verdict(text, "W_x x_t + W_h h_{t-1}") == "right"
    assert verdict(text, "W_h x_t + W_x h_{t-1}") == "wrong"
    assert marks(problem(text), "a: W_x x_t")["a"].cause == "left out the previous state"


# What cannot be decided.


def test_a_formula_without_a_value_at_most_draws_goes_to_a_person():
    text = "kind: formula\ngiven: {x: x, formula: abs(x)}\nparts: {a: {ask: formula}}"
    mark = marks(problem(text), "a: sqrt(x)^2")["a"]
    assert mark.verdict == "manual"
    assert mark.points is None
    assert mark.message == (
        "Cannot be decided: at most of the numbers tried your formula has no value (no real value). A person marks this."
    )


def test_an_answer_that_has_no_value_at_a_few_draws_is_judged_at_the_others():
    text = "kind: formula\nsymbols: {n: {integer: [0, 9]}}\ngiven: {n: n, formula: n + 1}\nparts: {a: {ask: formula}}"
    assert verdict(text, "n (n+1)/n") == "right"


# Functions of an index.

PULSE = "kind: fir\ngiven: {x: [2, -1], h: {formula: (1/3)^n, from: 0}, n: [0, 4]}\nparts: {a: {ask: y(n)}}"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("{n = 0: 2, n >= 1: 2 (1/3)^n - (1/3)^(n-1)}", "right"),
        ("{n < 0: 0, n = 0: 2, otherwise: -(1/3)^n}", "right"),
        ("2 (1/3)^n u(n) - (1/3)^(n-1) u(n-1)", "right"),
        (r"'\begin{cases} 2 & n = 0 \\ -3^{-n} & n \ge 1 \end{cases}'", "right"),
        ("2 if n = 0; -(1/3)^n if n >= 1", "right"),
        ("2 (1/3)^n - (1/3)^(n-1)", "wrong"),
        ("{0 <= n <= 4: 2 (1/3)^n - (1/3)^(n-1)}", "wrong"),
        ("{n >= 0: 2 (1/3)^n - (1/3)^(n-1)}", "wrong"),
    ],
)
def test_a_signal_as_a_formula_is_tried_inside_and_outside_of_what_is_tabled(answer, expected):
    """By hand: y(0) = 2, and y(n) = 2 (1/3)^n - (1/3)^(n-1) = -(1/3)^n from n = 1 on."""
    file = problem(PULSE)
    assert marks(file, f"a: {answer}")["a"].verdict == expected


# Growth.

CHAIN = """
    kind: chain_cost
    symbols: [l, m, n, o]
    given: {dims: [l, m, n, o]}
    parts: {f: {ask: forward, as: big-o}, r: {ask: reverse, as: big-o}, b: {ask: best, as: big-o}}
"""
GROWTH = [
    ("f", "O(lmn + lno)", "right", ""),
    ("f", "O(ln(m+o))", "right", ""),
    ("f", "Θ(max(lmn, lno))", "right", ""),
    ("f", "5 l m n + 3 l n o + l m + 7", "right", ""),
    ("f", "lmn + lno", "right", ""),
    ("f", "O(lmn)", "wrong", "You left out the last product. Your growth is too small."),
    ("f", "O(lmno)", "wrong", "You multiplied all sizes. Your growth is too large."),
    ("f", "O(lmn log n + lno)", "wrong", "Your growth is too large."),
    ("f", "O(omn + oml)", "wrong", "You exchanged forward and reverse. Your growth is too small for some sizes and too large for others."),
    ("f", "O(2^n)", "wrong", "Your growth is too large: it grows faster than any power."),
    ("r", "O(omn + oml)", "right", ""),
    ("b", "min(lmn + lno, omn + oml)", "right", ""),
]  # fmt: skip


@pytest.mark.parametrize(("part", "answer", "expected", "hint"), GROWTH, ids=[f"{row[0]}: {row[1]}" for row in GROWTH])
def test_growth_is_tight_in_every_direction(part, answer, expected, hint):
    """IFT6135, assignment 1, question 3.4: forward O(lmn + lno), reverse O(omn + oml)."""
    mark = marks(problem(CHAIN), f"{part}: {answer!r}")[part]
    assert mark.verdict == expected
    if "You " not in hint:
        assert mark.hint == hint
    else:
        assert mark.hint.endswith(hint.split(". ")[1])


def test_a_symbol_that_the_author_does_not_let_grow_is_a_constant():
    text = COSTS.replace("parts:", "symbols: {d_in: {grows: false}}\n    parts:").replace(
        "ask: cost.naive.1", "ask: cost.naive, as: big-o"
    )
    assert verdict(text, "O(d_out^2)") == "right"
    assert verdict(text, "O(c d_out^2 d_in)") == "right"
    assert verdict(text, "O(d_out)") == "wrong"


def test_an_entry_of_a_function_cannot_be_asked():
    text = 'kind: conv_chain\ngiven: {d: d, k1: 2, k2: 3}\nparts: {a: {ask: "da2_dh1[0, 1]"}}'
    assert faults(text) == ["3: ask: 'da2_dh1[0, 1]' is an entry of a function; ask the function whole"]


def test_growth_needs_something_that_grows():
    text = "kind: newton_schulz\ngiven: {d_out: 4, d_in: 3}\nparts: {a: {ask: cost.naive, as: big-o}}"
    assert faults(text) == ["3: as: nothing grows here; give a size as a symbol"]


def test_a_growth_that_is_none_is_unreadable_with_a_caret():
    mark = marks(problem(CHAIN), "f: O(lmn + q)")["f"]
    assert mark.verdict == "unreadable"
    assert "unknown name 'q'" in mark.message


# Other forms.


def test_a_set_may_stand_in_any_order():
    text = (
        "kind: newton_schulz\ngiven: {W: [[0, 0.5], [2.2, 0], [0, 0]]}\nparts: {a: {ask: singular_values.0, as: set}}"
    )
    assert verdict(text, "0.5, 2.2") == "right"
    assert verdict(text.replace(", as: set", ""), "0.5, 2.2") == "wrong"


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("as: formula", "3: as: 'cost.naive' depends on no symbol, so it is a number and no formula"),
        ("as: set", "3: as: 'cost.naive' is no list, so it cannot be a set"),
        ("as: big-oh", "3: as: found 'big-oh'; did you mean 'big-o'?"),
    ],
)
def test_a_form_that_does_not_fit_is_an_error(form, message):
    text = f"kind: newton_schulz\ngiven: {{d_out: 4, d_in: 3}}\nparts: {{a: {{ask: cost.naive, {form}}}}}"
    assert faults(text) == [message]


# The key.

SYMBOLIC = {"costs": COSTS, "convolution": CONV, "arrays": ARRAYS, "pulse": PULSE, "growth": CHAIN}


@pytest.mark.parametrize("name", SYMBOLIC)
def test_the_printed_key_of_a_symbolic_problem_earns_full_marks(name):
    file = problem(SYMBOLIC[name])
    text = as_yaml.solution(file, None)
    report = grade.grade(file, submissions.match(submissions.parse(text.encode(), "key.yaml"), file))
    assert [mark.part for mark in report.marks if mark.verdict != "right"] == []


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        (COSTS, "b", "2 c d_out^2 d_in"),
        (COSTS, "c", "d_out/d_in"),
        (CONV, "h", "floor((n - K)/S) + 1"),
        (CHAIN, "f", "O(l m n + l n o)"),
        ("kind: mup\ngiven: {d_in: d_in, d_out: d_out}\nparts: {a: {ask: lr.sign}}", "a", "1/(d_in c)"),
    ],
)
def test_the_key_is_printed_as_a_person_would_write_it(text, part, expected):
    """EECS 182 homework 4, Q1, Q2(d), Q4(a); IFT6135, assignment 1, Q3.4."""
    lines = as_yaml.solution(problem(text), None).splitlines()
    assert next(line for line in lines if line.startswith(f"  {part}:")) == f'  {part}: "{expected}"'


def test_the_cells_of_a_family_may_use_those_before_them():
    text = """
        kind: rnn
        symbols: [x_1, x_2]
        given: {x: [x_1, x_2], h0: h_0, W_x: W_x, W_h: W_h}
        parts: {a: {ask: h}}
    """
    assert verdict(text, ["tanh(W_x x_1 + W_h h_0)", "tanh(W_x x_2 + W_h h_1)"]) == "right"
    assert verdict(text, ["tanh(W_x x_1 + W_h h_2)", "tanh(W_x x_2 + W_h h_1)"]) == "partial"
